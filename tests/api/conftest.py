"""What the tests of this folder share: one server for most of them, and more for some."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from fixtures import api, make_server, require_program  # noqa: E402,F401
from harness import Server  # noqa: E402


def pytest_configure():
    require_program()


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
