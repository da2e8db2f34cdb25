"""The sessions with database servers, on real ones: the program store_server_test."""
import os
import subprocess

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EMPLACE = os.environ.get('EMPLACE_BINARY', os.path.join(ROOT, 'build', 'release', 'emplace'))
PROGRAM = os.path.join(os.path.dirname(os.path.abspath(EMPLACE)), 'store_server_test')


def run(url):
    environment = {**os.environ, 'EMPLACE_TEST_DATABASE': url}
    return subprocess.run([PROGRAM], env=environment, capture_output=True, text=True, check=False,
                          timeout=300)


@pytest.mark.parametrize('server', ['mariadb', 'postgresql'])
def test_sessions_do_what_their_headers_promise(server, request):
    database = request.getfixturevalue(server).new_database()
    done = run(database)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '[  PASSED  ]' in done.stdout


def test_the_program_says_what_it_lacks():
    done = run('')
    assert done.returncode != 0
    assert 'set EMPLACE_TEST_DATABASE' in done.stdout
