"""HTTP itself: connections, framing, and requests that no client should send."""
import http.client
import socket

import pytest

from harness import ANSWER_SECONDS, HOST, Client, new_name, read_answer

GET = b'GET / HTTP/1.1\r\nHost: x\r\n'


def status_of(answer):
    return int(answer.split(b' ', 2)[1])


@pytest.mark.parametrize('request_bytes, status', [
    (b'GET / HTTP/1.1\r\n\r\n', 400),
    (b'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400),
    (b'GET / HTTP/1.1\r\nHost: a b\r\n\r\n', 400),
    (b'GET / HTTP/1.1\r\nHost : a\r\n\r\n', 400),
    (b'GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n', 400),
    (b'GET / HTTP/1.1\nHost: a\n\n', 400),
    (b'GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n', 400),
    (b'GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n', 400),
    (b'GET  / HTTP/1.1\r\nHost: a\r\n\r\n', 400),
    (b'GET / HTTP/3.0\r\nHost: a\r\n\r\n', 505),
    (b'GET nowhere HTTP/1.1\r\nHost: a\r\n\r\n', 400),
    (b'junk\r\n\r\n', 400),
    (b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400),
    (b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400),
    (b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400),
    (b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n', 400),
    (b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n', 400),
    (b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n', 400),
    (b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n', (400, 413)),
    (b'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n', 501),
    (b'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n', 400),
    (b'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n', 400),
], ids=lambda value: repr(value)[:60])
def test_a_request_that_can_be_read_in_two_ways_is_refused(api, request_bytes, status):
    answer = api.raw(request_bytes)
    assert status_of(answer) in (status if isinstance(status, tuple) else (status,))
    head, _, body = answer.partition(b'\r\n\r\n')
    assert b'\r\nconnection: close' in head.lower()
    assert b'"errors"' in body, 'the server itself refuses in the API\'s words, too'


@pytest.mark.parametrize('target', [b'/\xff', b'/traits/\xff', b'/traits/%ff',
                                    b'/resource_classes/%ff', b'/resource_providers/%ff',
                                    b'/resource_providers?name=%ff',
                                    b'/resource_providers?%ff', b'/traits?name=in:\xff',
                                    b'/allocation_candidates?resources=%ff:1'])
def test_a_target_that_is_not_utf_8_is_refused_in_utf_8(api, target):
    answer = api.raw(b'GET %s HTTP/1.1\r\nHost: x\r\nX-Auth-Token: admin\r\n'
                     b'OpenStack-API-Version: placement 1.39\r\nConnection: close\r\n\r\n' % target)
    assert status_of(answer) in (400, 404)
    answer.decode()


def test_a_connection_is_kept(api):
    connection = http.client.HTTPConnection(HOST, api.port, timeout=ANSWER_SECONDS)
    connection.connect()
    kept = connection.sock
    for _ in range(5):
        connection.request('GET', '/')
        assert read_answer(connection).status == 200
        assert connection.sock is kept
    connection.request('GET', '/nowhere', headers={'X-Auth-Token': 'admin'})
    assert read_answer(connection).status == 404
    assert connection.sock is kept, 'an error of the API is no reason to hang up'
    connection.close()


def test_requests_may_follow_each_other_without_waiting(api):
    answer = api.raw(GET + b'\r\n' + GET + b'\r\n' + GET + b'Connection: close\r\n\r\n')
    assert answer.count(b'HTTP/1.1 200 OK\r\n') == 3


def test_bytes_may_come_one_by_one(api):
    request = GET + b'Connection: close\r\n\r\n'
    answer = api.raw(*[bytes([byte]) for byte in request])
    assert status_of(answer) == 200


@pytest.mark.parametrize('size', [1, 7, 1000])
def test_a_body_may_come_in_chunks(api, size):
    body = b'{"name": "' + new_name('chunked').encode() + b'"}'
    chunks = [body[at:at + size] for at in range(0, len(body), size)]
    answer = api.raw(
        b'POST /resource_providers HTTP/1.1\r\nHost: x\r\nX-Auth-Token: admin\r\n'
        b'OpenStack-API-Version: placement 1.39\r\nContent-Type: application/json\r\n'
        b'Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n',
        *[b'%x\r\n%s\r\n' % (len(chunk), chunk) for chunk in chunks], b'0\r\n', b'X: trailer\r\n',
        b'\r\n')
    assert status_of(answer) == 200, answer


def test_a_trailer_may_come_byte_by_byte(api):
    pieces = [bytes([byte]) for byte in b'0\r\nTrailer: a\r\n\r\n']
    answer = api.raw(b'GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n'
                     b'Connection: close\r\n\r\n', *pieces)
    assert status_of(answer) == 200


def test_a_client_that_waits_for_100_is_told_to_go_on(api):
    body = b'{"name": "' + new_name('expect').encode() + b'"}'
    with socket.create_connection((HOST, api.port), timeout=ANSWER_SECONDS) as connection:
        connection.sendall(b'POST /resource_providers HTTP/1.1\r\nHost: x\r\n'
                           b'X-Auth-Token: admin\r\nContent-Type: application/json\r\n'
                           b'Expect: 100-continue\r\n'
                           b'Content-Length: %d\r\nConnection: close\r\n\r\n' % len(body))
        assert connection.recv(100) == b'HTTP/1.1 100 Continue\r\n\r\n'
        connection.sendall(body)
        assert connection.recv(100).startswith(b'HTTP/1.1 201 ')


def test_http_1_0_is_served_and_closed(api):
    answer = api.raw(b'GET / HTTP/1.0\r\n\r\n')
    assert status_of(answer) == 200


def test_a_client_that_goes_away_does_no_harm(api):
    for cut in (b'GET', GET,
                b'POST /resource_providers HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{'):
        with socket.create_connection((HOST, api.port)) as connection:
            connection.sendall(cut)
    assert api.get('/').status == 200


def test_slow_clients_hold_up_nobody(api):
    waiting = [socket.create_connection((HOST, api.port)) for _ in range(200)]
    try:
        for connection in waiting:
            connection.sendall(b'GET / HT')
        assert api.get('/').status == 200
        for connection in waiting:
            connection.sendall(b'TP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
        for connection in waiting:
            connection.settimeout(ANSWER_SECONDS)
            assert connection.recv(15) == b'HTTP/1.1 200 OK'
    finally:
        for connection in waiting:
            connection.close()


def test_a_head_that_does_not_come_is_given_up(make_server):
    api = make_server({'emplace': {'header_timeout_s': '1'}}).start()
    assert status_of(api.raw(b'GET / HT')) == 408


def test_connections_over_the_limit_are_refused(make_server):
    api = make_server({'emplace': {'connections_max': '2'}}).start()
    with socket.create_connection((HOST, api.port)) as one, \
            socket.create_connection((HOST, api.port)) as other:
        for connection in (one, other):
            connection.settimeout(ANSWER_SECONDS)
            connection.sendall(GET + b'\r\n')
            assert connection.recv(12) == b'HTTP/1.1 200'
        answer = api.raw(GET + b'\r\n')
        assert status_of(answer) == 503
        assert b'\r\nretry-after: ' in answer.lower()


def test_an_address_beyond_its_share_is_refused(make_server):
    api = make_server({'emplace': {'connections_per_address_max': '1'}}).start()
    with socket.create_connection((HOST, api.port)) as one:
        one.settimeout(ANSWER_SECONDS)
        one.sendall(GET + b'\r\n')
        assert one.recv(12) == b'HTTP/1.1 200'
        assert status_of(api.raw(GET + b'\r\n')) == 503


def test_ipv6_is_served(make_server):
    try:
        socket.create_server(('::1', 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip('no IPv6 here')
    server = make_server({'emplace': {'host': '::1'}})
    client = server.start()
    connection = http.client.HTTPConnection('::1', client.port, timeout=ANSWER_SECONDS)
    connection.request('GET', '/')
    assert read_answer(connection).status == 200
    connection.close()
    assert isinstance(client, Client)
