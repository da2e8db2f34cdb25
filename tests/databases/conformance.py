#!/usr/bin/python3
"""Runs ../shared/conformance against emplace on a database server that it starts.

usage: conformance.py mariadb|postgresql [the runner's options]; the last line is the runner's.
"""
import os
import subprocess
import sys

from servers import ADMIN, HOST, MariaDB, PostgreSQL

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
RUNNER = os.path.join(ROOT, '..', 'shared', 'conformance', 'run_gabbits.py')


def places(server):
    """--connection and --prepare for a server: a new database for each file of tests."""
    if server.name == 'mariadb':
        server.administer("CREATE USER placement@'127.0.0.1' IDENTIFIED BY 'secret'")
        server.administer("GRANT ALL ON *.* TO placement@'127.0.0.1'")
        return (f'mysql+pymysql://placement:secret@{HOST}:{server.port}/{{name}}?charset=utf8',
                f'mariadb --no-defaults -h {HOST} -P {server.port} -u placement -psecret -e '
                '"DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name} CHARACTER SET utf8"')
    psql = f'psql -q -h {HOST} -p {server.port} -U {ADMIN} -d postgres'
    return (f'postgresql+psycopg2://{ADMIN}@{HOST}:{server.port}/{{name}}',
            f'{psql} -c "SET client_min_messages = error" -c "DROP DATABASE IF EXISTS {{name}}" '
            f'-c "CREATE DATABASE {{name}}"')


def main():
    kinds = {kind.name: kind for kind in (MariaDB, PostgreSQL)}
    if len(sys.argv) < 2 or sys.argv[1] not in kinds:
        sys.exit(__doc__)
    program = os.environ.get('EMPLACE_BINARY') or f'{ROOT}/build/release/emplace'
    server = kinds[sys.argv[1]]()
    try:
        server.start()
        connection, prepare = places(server)
        return subprocess.run([sys.executable, RUNNER, '--server', program, '--connection', connection,
                               '--prepare', prepare, *sys.argv[2:]], check=False).returncode
    finally:
        server.remove()


if __name__ == '__main__':
    sys.exit(main())
