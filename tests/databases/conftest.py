"""Database servers for all tests of this folder, started when the first test wants one."""
import contextlib
import os
import signal
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'api')]

from cloud import Emplace  # noqa: E402
from fixtures import require_program  # noqa: E402
from galera import Galera  # noqa: E402
from servers import Database, MariaDB, PostgreSQL  # noqa: E402


def pytest_configure():
    require_program()
    # Ended from outside, such as by a time limit, the servers are stopped and removed, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@contextlib.contextmanager
def started(kind):
    server = kind()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope='session')
def mariadb():
    with started(MariaDB) as server:
        yield server


@pytest.fixture(scope='session')
def postgresql():
    with started(PostgreSQL) as server:
        yield server


@pytest.fixture(scope='session')
def galera():
    with started(Galera) as cluster:
        yield cluster


@pytest.fixture(params=['mariadb', 'postgresql'])
def database(request):
    """A new database of each engine in turn; the server is put right after the test."""
    server = request.getfixturevalue(request.param)
    yield Database(server)
    server.revive()


@pytest.fixture
def cloud(database, tmp_path):
    """Three processes of emplace on a new database of each engine in turn."""
    with Emplace(tmp_path, database.url, 3) as running:
        running.database = database
        yield running
