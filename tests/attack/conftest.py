"""What the attacks share: a server that they may write to, and one in which nothing may change."""
import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'api')]

from attacking import assert_clean_log  # noqa: E402
from fixtures import api, make_server, require_program  # noqa: E402,F401
from harness import Server  # noqa: E402
from operations import build_world  # noqa: E402


def pytest_configure():
    require_program()


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
