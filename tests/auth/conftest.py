"""What the tests of this folder share: emplace with auth_strategy = keystone."""
import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, '..', 'api'))

from harness import BINARY, Server  # noqa: E402


def pytest_configure():
    if not os.access(BINARY, os.X_OK):
        raise pytest.UsageError(f'no program {BINARY}: build it, or name one in EMPLACE_BINARY')


@pytest.fixture
def make_server(tmp_path):
    """Makes servers of the test's own; they end with the test."""
    made = []

    def make(options, **settings):
        made.append(Server(tmp_path / f'server{len(made)}', options, **settings))
        return made[-1]

    yield make
    for running in made:
        running.clean_up()
