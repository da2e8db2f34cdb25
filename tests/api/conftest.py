"""What the tests of this folder share: one server for most of them, and more for some."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from harness import BINARY, Server  # noqa: E402


def pytest_configure():
    if not os.access(BINARY, os.X_OK):
        raise pytest.UsageError(f'no program {BINARY}: build it, or name one in EMPLACE_BINARY')


@pytest.fixture(scope='session')
def server(tmp_path_factory):
    """The server that all tests share which do not need one of their own."""
    running = Server(tmp_path_factory.mktemp('emplace'))
    try:
        running.start()
        yield running
        running.stop()
    finally:
        running.clean_up()


@pytest.fixture
def api(server):
    """A client of the shared server, which must outlive the test."""
    yield server.client
    assert server.process.poll() is None, f'the server is gone:\n{server.log()}'


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
