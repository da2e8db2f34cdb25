"""Fixtures for every folder of tests over HTTP; a conftest.py imports those that it wants."""
import os

import pytest

from harness import BINARY, Server


def require_program():
    if not os.access(BINARY, os.X_OK):
        raise pytest.UsageError(f'no program {BINARY}: build it, or name one in EMPLACE_BINARY')


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
