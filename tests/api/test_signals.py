"""SIGTERM, SIGINT and SIGHUP."""
import os
import signal
import socket
import subprocess

import pytest

from harness import ANSWER_SECONDS, HOST, new_name, new_uuid, read_from, wait_for

SOON_SECONDS = 5


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_told_to(make_server, number):
    server = make_server()
    server.start().provider()
    server.signal(number)
    assert server.process.wait(SOON_SECONDS) == 0


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
def test_it_stops_while_it_waits_for_its_database(make_server, number):
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    server = make_server({'placement_database': {
        'connection': f'mysql+pymysql://u:p@{HOST}:{port}/placement', 'max_retries': '-1',
        'retry_interval': '60'}})
    with open(server.log_file, 'wb') as log:
        server.process = subprocess.Popen(server.command, stdin=subprocess.DEVNULL, stdout=log,
                                          stderr=log, cwd=server.folder, env=server.environment)
    wait_for(lambda: 'tried again in 60 s' in server.log(), 'it to wait')
    server.signal(number)
    assert server.process.wait(SOON_SECONDS) == 0
    assert 'stopped before it served' in server.log()


def test_it_stops_soon_though_connections_are_open(make_server):
    server = make_server()
    api = server.start()
    kept = [socket.create_connection((HOST, api.port)) for _ in range(20)]
    try:
        for connection in kept[:10]:
            connection.sendall(b'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
            connection.settimeout(ANSWER_SECONDS)
            assert connection.recv(12) == b'HTTP/1.1 200'
        assert server.stop() < SOON_SECONDS
    finally:
        for connection in kept:
            connection.close()


def test_a_request_under_way_is_answered_before_it_stops(make_server):
    server = make_server({'emplace': {'drain_timeout_s': '4'}})
    api = server.start()
    name = new_name('drained')
    body = b'{"name": "' + name.encode() + b'"}'
    with socket.create_connection((HOST, api.port), timeout=ANSWER_SECONDS) as connection:
        connection.sendall(b'POST /resource_providers HTTP/1.1\r\nHost: x\r\n'
                           b'X-Auth-Token: admin\r\nContent-Type: application/json\r\n'
                           b'Content-Length: %d\r\n\r\n%s'
                           % (len(body), body[:5]))
        assert api.get('/').status == 200, 'the other has been taken up by now'
        server.signal(signal.SIGTERM)
        wait_for(lambda: refuses(api.port), 'no new connection to be taken')
        connection.sendall(body[5:])
        assert connection.recv(12) == b'HTTP/1.1 201'
    assert server.process.wait(SOON_SECONDS) == 0
    found = server.start().get(f'/resource_providers?name={name}').json['resource_providers']
    assert len(found) == 1


def refuses(port):
    try:
        socket.create_connection((HOST, port), timeout=1).close()
        return False
    except OSError:
        return True


def test_what_was_written_is_there_after_a_restart(make_server):
    server = make_server()
    api = server.start()
    made, consumer = api.provider(VCPU=4), new_uuid()
    assert api.claim(consumer, {made: {'VCPU': 3}}).status == 204
    before = api.get(f'/allocations/{consumer}').json
    listed = api.get('/resource_providers').json
    server.stop()
    api = server.start()
    assert api.get(f'/allocations/{consumer}').json == before
    assert api.get('/resource_providers').json == listed
    assert api.used(made) == {'VCPU': 3}


def test_sighup_opens_the_log_anew(make_server, tmp_path):
    log = str(tmp_path / 'emplace.log')
    server = make_server({'DEFAULT': {'log_file': log}})
    api = server.start(log_file=log)
    os.rename(log, log + '.1')
    assert api.get('/?before').status == 200
    assert b'GET /?before' in read_from(log + '.1')
    server.signal(signal.SIGHUP)
    wait_for(lambda: os.path.exists(log), 'the new log')
    assert api.get('/?after').status == 200
    assert b'GET /?after' in read_from(log)
    assert b'GET /?after' not in read_from(log + '.1')


def test_sighup_reads_the_policy_at_once(make_server):
    server = make_server({'oslo_policy': {'policy_file': 'policy.yaml'}})
    policy = os.path.join(server.folder, 'policy.yaml')
    api = server.start()
    assert api.get('/traits', token='someone').status == 403
    with open(policy, 'w', encoding='utf-8') as out:
        out.write('"placement:traits:list": "@"\n')
    server.signal(signal.SIGHUP)
    wait_for(lambda: 'SIGHUP' in server.log(), 'the signal to be taken')
    assert api.get('/traits', token='someone').status == 200


def test_sighup_ends_no_connection(make_server):
    server = make_server()
    api = server.start()
    with socket.create_connection((HOST, api.port), timeout=ANSWER_SECONDS) as connection:
        connection.sendall(b'GET / HTTP/1.1\r\nHost: x\r\n')
        server.signal(signal.SIGHUP)
        wait_for(lambda: 'SIGHUP' in server.log(), 'the signal to be taken')
        connection.sendall(b'\r\n')
        assert connection.recv(12) == b'HTTP/1.1 200'
