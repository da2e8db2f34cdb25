"""What the tests of this folder share: a running emplace, as tests/api has it."""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'api'))

from harness import Server  # noqa: E402


@pytest.fixture(scope='module')
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp('emplace'))
    try:
        running.start()
        yield running
        running.stop()
    finally:
        running.clean_up()
