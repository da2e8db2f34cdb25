"""The database fails under load: nothing acknowledged is lost, nothing refused is there, every
request is answered in time, and service returns by itself."""
import contextlib
import os
import subprocess
import threading
import time

import pymysql
import pytest

from faulty import under_load
from harness import ANSWER_SECONDS, new_uuid
from servers import Database, MariaDB, PostgreSQL

DISK = 'size=200m'


def test_a_restart_of_the_database(database, tmp_path):
    with under_load(database, tmp_path):
        database.server.restart()


def test_a_crash_of_the_database(database, tmp_path):
    with under_load(database, tmp_path) as (_, load):
        for _ in range(2):
            database.server.kill()
            time.sleep(1)
            database.server.start()
            load.wait_until_back()
    assert load.counts.get(503), 'the crash was not noticed'


def test_a_database_that_is_away_for_a_while(database, tmp_path):
    """Meanwhile each request is refused at once, and told when to come again."""
    with under_load(database, tmp_path) as (cloud, _):
        database.server.kill()
        time.sleep(1)
        for client in cloud.clients:
            start = time.monotonic()
            for answer in (client.get('/resource_providers'),
                           client.post('/resource_providers', {'name': new_uuid()})):
                assert answer.status == 503, answer
                assert int(answer.header('Retry-After')) > 0
                assert 'secret' not in answer.error['detail']
            assert client.get('/').status == 200
            assert time.monotonic() - start < ANSWER_SECONDS / 2
        time.sleep(4)
        database.server.start()


def test_a_database_that_freezes(database, tmp_path):
    with under_load(database, tmp_path) as (_, load):
        database.server.freeze()
        time.sleep(15)
        database.server.thaw()
    assert load.counts.get(503), 'the frost was not noticed'


def test_all_connections_are_cut_by_the_server(database, tmp_path):
    """Again and again, as an operator or a proxy does."""
    with under_load(database, tmp_path):
        for _ in range(20):
            cut_all(database)
            time.sleep(0.1)


def cut_all(database):
    name = database.url.rpartition('/')[2].partition('?')[0]
    if database.engine == 'postgresql':
        database.server.administer('SELECT pg_terminate_backend(pid) FROM pg_stat_activity '
                                   'WHERE datname = %s', name)
        return
    for number, *_ in database.server.administer(
            'SELECT id FROM information_schema.processlist WHERE db = %s', name):
        with contextlib.suppress(pymysql.OperationalError):  # gone already
            database.server.administer(f'KILL CONNECTION {number}')


def test_rights_that_are_taken_and_given_back(database, tmp_path):
    name = database.url.rpartition('/')[2].partition('?')[0]
    if database.engine == 'mariadb':
        taken = f"REVOKE ALL PRIVILEGES ON {name}.* FROM {name}@'127.0.0.1'"
        given = f"GRANT ALL ON {name}.* TO {name}@'127.0.0.1'"
    else:
        taken = f'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}'
        given = f'GRANT ALL ON ALL TABLES IN SCHEMA public TO {name}'
    where = name if database.engine == 'postgresql' else None
    with under_load(database, tmp_path) as (cloud, load):
        try:
            database.server.administer(taken, database=where)
            cut_all(database)  # MariaDB looks at rights when a session begins
            time.sleep(1)
            for client in cloud.clients:
                answer = client.post('/resource_providers', {'name': new_uuid()})
                assert answer.status == 503, answer
        finally:
            database.server.administer(given, database=where)
    assert load.counts.get(503)


def test_another_session_holds_rows(database, tmp_path):
    """For longer than a lock is waited for; then it lets them go."""
    with under_load(database, tmp_path) as (_, load):
        session = database.server.session(database.url)
        with contextlib.closing(session), contextlib.closing(session.cursor()) as cursor:
            cursor.execute('SELECT id FROM resource_providers FOR UPDATE')
            time.sleep(8)
            session.rollback()
    assert load.counts.get(204)


def test_deadlocks_with_another_session(database, tmp_path):
    """It locks providers first and the clock then, which writers do the other way round."""
    broken = []
    with under_load(database, tmp_path) as (_, load):
        for _ in range(12):
            session = database.server.session(database.url)
            with contextlib.closing(session), contextlib.closing(session.cursor()) as cursor:
                try:
                    cursor.execute('SELECT id FROM resource_providers FOR UPDATE')
                    time.sleep(0.15)
                    cursor.execute('SELECT tick FROM emplace_clock FOR UPDATE')
                    session.rollback()
                except Exception as error:  # pylint: disable=broad-except
                    broken.append(error)
            time.sleep(0.1)
    print(f'the other session was the victim {len(broken)} times; {load.counts}')


@pytest.fixture(params=[MariaDB, PostgreSQL], ids=lambda kind: kind.name)
def small_disk(request, tmp_path_factory):
    """A server of its own on a file system that is soon full."""
    # Not below pytest's folders, where only we may look.
    place = f'/tmp/emplace-disk-{os.getpid()}-{request.param.name}'
    os.mkdir(place)
    mounted = subprocess.run(['mount', '-t', 'tmpfs', '-o', DISK, 'tmpfs', place],
                             capture_output=True, check=False)
    server = None
    try:
        if mounted.returncode:
            pytest.skip(f'may not mount a file system: {mounted.stderr}')
        server = request.param(parent=place)
        server.start()
        yield server, place
    finally:
        if server:
            server.remove()
        if not mounted.returncode:
            subprocess.run(['umount', place], check=True)
        os.rmdir(place)


class Filler:
    """A file that takes all the room there is, again as soon as some gets free."""

    def __init__(self, place):
        self.path = os.path.join(place, 'filler')
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.fill)

    def __enter__(self):
        self.thread.start()
        return self

    def fill(self):
        while not self.done.is_set():
            with contextlib.suppress(OSError), open(self.path, 'ab', buffering=0) as file:
                while file.write(b'x' * 4096):
                    pass
            self.done.wait(0.05)

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()
        os.remove(self.path)


def test_a_disk_that_is_full(small_disk, tmp_path):
    """The database may stop or even crash of it; once there is room it is started again."""
    server, place = small_disk
    database = Database(server)
    with under_load(database, tmp_path) as (_, load):
        with Filler(place):
            deadline = time.monotonic() + 20
            while not load.counts.get(503) and time.monotonic() < deadline:
                time.sleep(0.1)
            time.sleep(2)
        server.revive()
    assert load.counts.get(503), f'the disk was never full: {load.counts}'
