"""A MariaDB that is interrupted while it reads a table's triggers goes on calling them wrong, and
refuses all writes to that table. emplace makes it read them again."""
import contextlib
import threading
import time

import pymysql
import pytest

from cloud import Emplace
from harness import new_uuid
from servers import Database

# Each session of the server's finds its own of several copies of a table in memory, and only one
# of these is broken.
ROUNDS = 12


@pytest.fixture
def cloud(mariadb, tmp_path):
    with Emplace(tmp_path, Database(mariadb).url) as running:
        yield running


def write_failure(session, table):
    """What the server says to a write that changes nothing; None if it takes it."""
    with contextlib.closing(session.cursor()) as cursor:
        try:
            cursor.execute(f'UPDATE {table} SET id = id')
            session.rollback()
            return None
        except pymysql.Error as error:
            return error.args


def break_triggers(server, url, table):
    """Interrupts the server while it reads the table's triggers, until it has misread them."""
    with contextlib.closing(server.session(url)) as session, \
            contextlib.closing(server.session(url)) as other, \
            contextlib.closing(other.cursor()) as cursor:
        for tries in range(1000):
            # So that it reads them again.
            cursor.execute(f"ALTER TABLE {table} COMMENT 'number {tries}'")
            writer = threading.Thread(target=write_failure, args=(session, table))
            writer.start()
            time.sleep(tries % 20 * 0.00005)
            cursor.execute(f'KILL QUERY {session.thread_id()}')
            writer.join()
            write_failure(session, table)  # the interruption may come as late as here
            failure = write_failure(session, table)
            if failure and failure[0] == 1064:
                return
            session.rollback()
    pytest.fail('the server was never interrupted at the right moment')


def test_writes_go_on(cloud, mariadb):
    provider = cloud[0].provider(VCPU=ROUNDS + 1)
    process = cloud.processes[0]
    assert cloud[0].claim(new_uuid(), {provider: {'VCPU': 1}}).status == 204
    for _ in range(ROUNDS):
        break_triggers(mariadb, process.url, 'allocations')
        assert cloud[0].claim(new_uuid(), {provider: {'VCPU': 1}}).status == 204
    assert cloud[0].used(provider) == {'VCPU': ROUNDS + 1}
    assert 'made to read its triggers again' in process.log()
    assert 'Storing a batch of writes failed' not in process.log()


def test_commands_go_on(cloud, mariadb):
    provider = cloud[0].provider(VCPU=1)
    for number in range(ROUNDS):
        consumer = new_uuid()
        claimed = cloud[0].claim(consumer, {provider: {'VCPU': 1}}, project_id=f'left {number}')
        assert claimed.status == 204
        assert cloud[0].delete(f'/allocations/{consumer}').status == 204
        break_triggers(mariadb, cloud.processes[0].url, 'projects')
        cloud.processes[0].command_line('db', 'purge')
        assert mariadb.execute(cloud.processes[0].url, 'SELECT count(*) FROM projects')[0][0] == 0
