#!/usr/bin/python3
"""Runs a database server (mariadb, postgresql or galera) until it is interrupted.

It prints the URL of a new database, of Galera one for each node.
"""
import contextlib
import signal
import sys

from galera import Galera
from servers import MariaDB, PostgreSQL


def main():
    kinds = {kind.name: kind for kind in (MariaDB, PostgreSQL, Galera)}
    if len(sys.argv) != 2 or sys.argv[1] not in kinds:
        sys.exit(f'usage: {sys.argv[0]} {"|".join(kinds)}')
    server = kinds[sys.argv[1]]()
    try:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):
            server.start()
            print(server.new_database(), flush=True)
            signal.pause()
    finally:
        server.remove()


if __name__ == '__main__':
    main()
