#!/usr/bin/python3
"""Runs the conformance suites against emplace on a database server that it starts for them.

    conformance.py mariadb|postgresql [ARGUMENTS OF run_gabbits.py]

Each file of the suite gets an empty database of its own. The last line is the runner's.
"""
import os
import subprocess
import sys

from servers import HOST, PASSWORD, MariaDB, PostgreSQL
from harness import BINARY, ROOT

RUNNER = os.path.join(ROOT, '..', 'shared', 'conformance', 'run_gabbits.py')
USER = 'conformance'


def prepare(server):
    """A user who may make databases; the URL of one, and the command that makes it empty."""
    if server.name == 'mariadb':
        server.administer(f"CREATE USER {USER}@'{HOST}' IDENTIFIED BY '{PASSWORD}'")
        server.administer(f"GRANT ALL ON *.* TO {USER}@'{HOST}'")
        make = (f'mariadb --no-defaults --socket={server.socket} --user=root -e '
                '"DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name} CHARACTER SET utf8mb4"')
        scheme, parameters = 'mysql+pymysql', '?charset=utf8mb4'
    else:
        server.administer(f"CREATE USER {USER} PASSWORD '{PASSWORD}'")
        make = ('PGOPTIONS="-c client_min_messages=warning" '
                f'psql -q -h {HOST} -p {server.port} -U admin postgres '
                '-c "DROP DATABASE IF EXISTS {name}" -c "CREATE DATABASE {name} OWNER ' + USER + '"')
        scheme, parameters = 'postgresql+psycopg2', ''
    return f'{scheme}://{USER}:{PASSWORD}@{HOST}:{server.port}/{{name}}{parameters}', make


def main():
    kinds = {kind.name: kind for kind in (MariaDB, PostgreSQL)}
    if len(sys.argv) < 2 or sys.argv[1] not in kinds:
        sys.exit(f'usage: {sys.argv[0]} {"|".join(kinds)} [ARGUMENTS]')
    server = kinds[sys.argv[1]]()
    try:
        server.start()
        connection, make = prepare(server)
        done = subprocess.run([sys.executable, RUNNER, '--server', BINARY, '--connection',
                               connection, '--prepare', make, *sys.argv[2:]], check=False)
    finally:
        server.remove()
    sys.exit(done.returncode)


if __name__ == '__main__':
    main()
