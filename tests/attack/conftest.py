"""What the attacks share: a server that they may write to, and one in which nothing may change."""
import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'api')]

from harness import BINARY, Server  # noqa: E402
from attacking import assert_clean_log  # noqa: E402
from operations import build_world  # noqa: E402


def pytest_configure():
    if not os.access(BINARY, os.X_OK):
        raise pytest.UsageError(f'no program {BINARY}: build it, or name one in EMPLACE_BINARY')


def running_server(folder):
    server = Server(folder)
    try:
        server.start()
        yield server
        server.stop()
        assert_clean_log(server.log())
    finally:
        server.clean_up()


@pytest.fixture(scope='session')
def server(tmp_path_factory):
    """The server that tests write to, each to providers and consumers of its own."""
    yield from running_server(tmp_path_factory.mktemp('emplace'))


@pytest.fixture
def api(server):
    """A client of that server, which must outlive the test."""
    yield server.client
    assert server.process.poll() is None, f'the server is gone:\n{server.log()}'


@pytest.fixture(scope='session')
def victim_server(tmp_path_factory):
    """A server with the world of operations.py, which refusals leave as it is."""
    for running in running_server(tmp_path_factory.mktemp('victim')):
        build_world(running.client)
        yield running


@pytest.fixture
def victim(victim_server):
    """A client of that server, which must outlive the test."""
    yield victim_server.client
    assert victim_server.process.poll() is None, f'the server is gone:\n{victim_server.log()}'


@pytest.fixture
def make_server(tmp_path):
    """Makes servers of the test's own, in one folder each; they end with the test."""
    made = []

    def make(options=None, *, folder='server', **settings):
        made.append(Server(tmp_path / folder, options, **settings))
        return made[-1]

    yield make
    for running in made:
        running.clean_up()
