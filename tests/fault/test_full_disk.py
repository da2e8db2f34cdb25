"""A disk that is full: writes are refused, reads go on, and service returns by itself."""
import os
import resource
import time
import uuid

import pytest

from server import Server

INVENTORY = {'VCPU': {'total': 2000000000}}
OWNER = {'project_id': 'p', 'user_id': 'u', 'consumer_type': 'INSTANCE'}
RETURN_SECONDS = 30
WRITES_MAX = 5000


@pytest.fixture
def server(tmp_path):
    running = Server(str(tmp_path)).start()
    yield running
    running.stop()


def limit_files(server, limit=resource.RLIM_INFINITY):
    """How many bytes a file may have that the server writes.

    That is as good as a full disk: a write gets EFBIG, and SIGXFSZ if that is not ignored.
    """
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))


def leave_room(server, more_bytes):
    """Lets the larger of the database's two files grow by so much and no more."""
    files = [server.database, server.database + '-wal']
    limit_files(server, more_bytes + max(os.path.getsize(file) for file in files))


def claim(client, provider):
    """The consumer and the answer's status and body."""
    consumer = str(uuid.uuid4())
    return consumer, *client.call('PUT', '/allocations/' + consumer, {
        'allocations': {provider: {'resources': {'VCPU': 1}}}, 'consumer_generation': None,
        **OWNER})


def make_provider(client):
    provider = str(uuid.uuid4())
    client.must('POST', '/resource_providers', {'name': provider, 'uuid': provider})
    client.must('PUT', f'/resource_providers/{provider}/inventories',
                {'resource_provider_generation': 0, 'inventories': INVENTORY})
    return provider


def fill(client, provider):
    """Claims until a write is refused: the consumers that were acknowledged, and the refusal."""
    acknowledged = []
    for _ in range(WRITES_MAX):
        consumer, status, answer = claim(client, provider)
        if status != 204:
            return acknowledged, consumer, status, answer
        acknowledged.append(consumer)
    raise AssertionError('the limit was never met')


def has_allocations(client, consumer):
    return bool(client.must('GET', '/allocations/' + consumer)['allocations'])


def wait_until_it_writes(client, provider):
    deadline = time.monotonic() + RETURN_SECONDS
    while time.monotonic() < deadline:
        consumer, status, _ = claim(client, provider)
        if status == 204:
            return consumer
        assert status == 503
        time.sleep(0.1)
    raise AssertionError('service does not return')


def test_writes_are_refused_reads_go_on_and_service_returns(server):
    client = server.client()
    provider = make_provider(client)
    leave_room(server, 128 * 1024)
    acknowledged, _, status, answer = fill(client, provider)
    assert acknowledged
    assert status == 503
    error, = answer['errors']
    assert error['request_id'] in server.log_text()
    under_its_id = [line for line in server.log_text().splitlines() if error['request_id'] in line]
    assert any('ERROR' in line and 'The store failed: ' in line for line in under_its_id)
    assert 'disk' not in error['detail'] and server.database not in error['detail']
    limit_files(server, 0)  # not even the log can be written
    for _ in range(5):
        assert claim(client, provider)[1] == 503
        assert has_allocations(client, acknowledged[-1])
    assert server.process.poll() is None
    limit_files(server)
    acknowledged.append(wait_until_it_writes(client, provider))
    assert all(has_allocations(client, consumer) for consumer in acknowledged)
    client.close()


def test_nothing_acknowledged_is_lost_by_a_kill_while_the_disk_is_full(server):
    client = server.client()
    provider = make_provider(client)
    leave_room(server, 128 * 1024)
    acknowledged, refused, _, _ = fill(client, provider)
    client.close()
    server.kill()
    server.start()
    client = server.client()
    assert all(has_allocations(client, consumer) for consumer in acknowledged)
    there = len(acknowledged) + has_allocations(client, refused)
    used = client.must('GET', f'/resource_providers/{provider}/usages')['usages']
    assert used == {'VCPU': there}
    client.close()


def test_a_disk_that_fills_up_again_and_again_loses_nothing(server):
    client = server.client()
    provider = make_provider(client)
    acknowledged, refused = [], []
    for _ in range(5):
        leave_room(server, 32 * 1024)
        more, last, status, _ = fill(client, provider)
        assert status == 503
        acknowledged += more
        refused.append(last)
        limit_files(server)
        acknowledged.append(wait_until_it_writes(client, provider))
    there = sum(has_allocations(client, consumer) for consumer in acknowledged)
    assert there == len(acknowledged)
    client.close()
