"""Slow clients and many connections: they cost little, are given up in time, and hold up nobody.

Debian's uWSGI with upstream is blocked by as many slow clients as it has threads.
"""
import contextlib
import os
import resource
import selectors
import socket
import statistics
import time

import pytest

from attacking import Wire, assert_refused, request_bytes, resident_bytes
from harness import ANSWER_SECONDS, HOST, wait_for
from operations import build_world

SLOW_CLIENTS = 1000
DRIP_SECONDS = 0.25       # each slow client sends a byte in each, so 4,000 bytes a second come in
REQUESTS = 2000           # of the honest client, in each round
ROUNDS = 3
GET = b'GET / HTTP/1.1\r\nHost: x\r\n'


@pytest.fixture(scope='module', autouse=True)
def many_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * SLOW_CLIENTS
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f'no more than {hard} descriptors here')
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class SlowClients:
    """Connections that each send the next byte of something endless when drip() is called."""

    def __init__(self, port, count, begin):
        self.connections = []
        self.begin = begin
        for nth in range(count):
            connection = socket.create_connection((HOST, port), timeout=ANSWER_SECONDS)
            connection.setblocking(False)
            connection.sendall(begin(nth))
            self.connections.append(connection)
        self.dripped = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for connection in self.connections:
            connection.close()

    def drip(self):
        """Sends from one connection after the other as much as the time that has passed asks for.
        """
        now = time.monotonic()
        count = int(len(self.connections) * (now - self.dripped) / DRIP_SECONDS)
        if count == 0:
            return
        self.dripped = now
        for _ in range(min(count, len(self.connections))):
            connection = self.connections.pop(0)
            self.connections.append(connection)
            with contextlib.suppress(OSError):
                connection.send(b'a')

    def alive(self):
        """How many of them the server has not given up."""
        count = 0
        for connection in self.connections:
            try:
                count += connection.recv(1, socket.MSG_PEEK) is None
            except BlockingIOError:
                count += 1
            except OSError:
                pass
        return count


def median_of_requests(wire, between):
    seconds = []
    for nth in range(REQUESTS):
        data = HONEST[nth % len(HONEST)]
        begin = time.monotonic()
        wire.send(data)
        status = wire.answer().status
        seconds.append(time.monotonic() - begin)
        assert status == 200
        between()
    return statistics.median(seconds)


HONEST = [request_bytes('GET', path) for path in (
    '/resource_providers', '/allocation_candidates?resources=VCPU:1,DISK_GB:5', '/traits',
    '/usages?project_id=p')]
KINDS = {
    'heads': lambda nth: GET + b'X-Slow: ',
    'bodies': lambda nth: (b'PUT /allocations/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n'
                           b'Content-Type: application/json\r\n\r\n"'),
    'chunks': lambda nth: (b'POST /reshaper HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n'
                           b'Content-Type: application/json\r\n\r\nfffff\r\n"'),
    'mixed': lambda nth: KINDS[['heads', 'bodies', 'chunks'][nth % 3]](nth),
}


@pytest.mark.parametrize('kind', ['heads', 'mixed'])
def test_an_honest_client_is_served_in_twice_its_time_while_a_thousand_drip(make_server, kind):
    """Quiet and busy rounds take turns, so that what else the machine does meets both alike. The
    best round of each kind counts."""
    # They shall drip for as long as the test takes.
    server = make_server({'emplace': {'header_timeout_s': '600'}})
    api = server.start()
    build_world(api)
    quiet, busy = [], []
    with Wire(api.port) as wire:
        median_of_requests(wire, lambda: None)  # warms up
        for _ in range(ROUNDS):
            quiet.append(median_of_requests(wire, lambda: None))
            with SlowClients(api.port, SLOW_CLIENTS, KINDS[kind]) as slow:
                busy.append(median_of_requests(wire, slow.drip))
                assert slow.alive() == SLOW_CLIENTS, 'all of them still drip'
    print(f'{kind}: quiet {min(quiet) * 1e3:.3f} ms, busy {min(busy) * 1e3:.3f} ms')
    assert min(busy) <= 2 * min(quiet) + 0.002
    server.stop()


def test_what_is_only_announced_takes_no_memory(make_server):
    """A thousand bodies of a megabyte, of which one byte comes: less than 32 KiB for each."""
    server = make_server({'emplace': {'header_timeout_s': '600'}})
    api = server.start()
    build_world(api)
    before = resident_bytes(server.process.pid)
    for kind in ('heads', 'bodies', 'chunks'):
        with SlowClients(api.port, SLOW_CLIENTS, KINDS[kind]) as slow:
            assert api.get('/').status == 200
            assert slow.alive() == SLOW_CLIENTS
            grown = resident_bytes(server.process.pid) - before
            assert grown < SLOW_CLIENTS * 32 * 1024, f'{kind}: {grown} bytes'
    server.stop()


def test_a_thousand_slow_clients_are_given_up_in_time(make_server):
    server = make_server({'emplace': {'header_timeout_s': '2',
                                      'body_bytes_per_second_min': '1024'}})
    api = server.start()
    with SlowClients(api.port, SLOW_CLIENTS, KINDS['mixed']) as slow:
        def all_gone():
            slow.drip()
            assert api.get('/').status == 200
            return slow.alive() == 0

        wait_for(all_gone, 'the server to give up slow clients')
    server.stop()


@pytest.mark.parametrize('begin', [b'', b'G', b'GET / HTTP/1.1\r\n', GET, GET + b'X: ',
                                   b'\r\n' * 5 + b'GET'],
                         ids=repr)
def test_a_head_that_comes_too_slowly_is_told_so(make_server, begin):
    api = make_server({'emplace': {'header_timeout_s': '1'}}).start()
    with Wire(api.port) as wire:
        wire.send(begin)
        started = time.monotonic()
        answer = None
        while answer is None and time.monotonic() - started < ANSWER_SECONDS:
            with selectors.DefaultSelector() as selector:
                selector.register(wire.socket, selectors.EVENT_READ)
                if selector.select(0.2):
                    answer = wire.answer()
                    break
            if begin:  # each byte comes in time, the whole does not
                wire.send(b'a')
        assert_refused(answer, (408,))
        assert wire.answer() is None


def drip_body(wire, piece, seconds_max=ANSWER_SECONDS):
    """Sends a piece of the body in each tenth of a second until something comes back."""
    deadline = time.monotonic() + seconds_max
    with selectors.DefaultSelector() as selector:
        selector.register(wire.socket, selectors.EVENT_READ)
        while time.monotonic() < deadline:
            if selector.select(0.1):
                return wire.answer()
            with contextlib.suppress(OSError):
                wire.send(piece)
    raise AssertionError('no answer at all')


@pytest.mark.parametrize('framing, piece', [
    (b'Content-Length: 1000000', b'a'), (b'Transfer-Encoding: chunked', b'1\r\na\r\n'),
    (b'Transfer-Encoding: chunked', b'1;a=b\r\n \r\n')], ids=repr)
def test_a_body_that_comes_too_slowly_is_told_so(make_server, framing, piece):
    api = make_server({'emplace': {'header_timeout_s': '1',
                                   'body_bytes_per_second_min': '1000'}}).start()
    with Wire(api.port) as wire:
        wire.send(b'POST /reshaper HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
                  + framing + b'\r\n\r\n')
        assert_refused(drip_body(wire, piece), (408,))
        assert wire.answer() is None


def test_a_body_that_is_only_not_fast_is_taken(make_server):
    """Faster than the slowest allowed, over more than one window."""
    api = make_server({'emplace': {'header_timeout_s': '1',
                                   'body_bytes_per_second_min': '100'}}).start()
    body = b'{"name": "CUSTOM_SLOW"}' + b' ' * 9000
    with Wire(api.port) as wire:
        wire.send(request_bytes('POST', '/resource_classes', body)[:-9000])
        for _ in range(30):
            time.sleep(0.1)
            wire.send(b' ' * 300)
        assert wire.answer().status == 201


def test_an_idle_connection_is_closed_without_a_word(make_server):
    api = make_server({'emplace': {'idle_timeout_s': '1'}}).start()
    for begin in (b'', b'\r\n'):
        with Wire(api.port) as wire:
            wire.send(GET + b'\r\n' + begin)
            assert wire.answer().status == 200
            begin_time = time.monotonic()
            assert wire.answer() is None
            assert time.monotonic() - begin_time < ANSWER_SECONDS / 2


def test_empty_lines_keep_no_connection(make_server):
    api = make_server({'emplace': {'idle_timeout_s': '2', 'header_timeout_s': '2'}}).start()
    with Wire(api.port) as wire:
        wire.send(GET + b'\r\n')
        assert wire.answer().status == 200
        deadline = time.monotonic() + ANSWER_SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(wire.socket, selectors.EVENT_READ)
            while not selector.select(0.1):
                assert time.monotonic() < deadline, 'it is kept for ever'
                with contextlib.suppress(OSError):
                    wire.send(b'\r\n')


def test_a_client_that_does_not_read_holds_up_nobody(victim):
    """Hundreds of requests for the longest answer there is, and none of them read."""
    request = request_bytes('GET', '/traits')
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            connection = socket.socket()
            stack.enter_context(connection)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect((HOST, victim.port))
            connection.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                connection.sendall(request * 2000)
        for _ in range(50):
            assert victim.get('/resource_providers').status == 200


def test_connections_in_all_are_limited(make_server):
    api = make_server({'emplace': {'connections_max': '50'}}).start()
    refused = cut = 0
    with contextlib.ExitStack() as stack:
        kept = [stack.enter_context(Wire(api.port)) for _ in range(50)]
        for wire in kept:
            assert wire.ask('GET', '/').status == 200
        for _ in range(400):  # at most 256 of them get to hear why
            wire = stack.enter_context(Wire(api.port))
            try:
                answer = wire.ask('GET', '/')
            except OSError:
                answer = None
            if answer is None:
                cut += 1
            else:
                assert_refused(answer, (503,))
                assert answer.header('Retry-After')
                refused += 1
        assert refused > 0, cut
        for wire in kept:
            assert wire.ask('GET', '/').status == 200, 'who was there first is served'
    wait_for(lambda: api.get('/').status == 200, 'a place to be free')


def test_connections_of_one_address_are_limited(make_server):
    api = make_server({'emplace': {'connections_per_address_max': '5', 'host': '0.0.0.0'}}).start()
    with contextlib.ExitStack() as stack:
        kept = [stack.enter_context(Wire(api.port)) for _ in range(5)]
        for wire in kept:
            assert wire.ask('GET', '/').status == 200
        with Wire(api.port) as one_more:
            assert_refused(one_more.ask('GET', '/'), (503,))
        # Another address of this machine has a share of its own.
        other = socket.create_connection((HOST, api.port), timeout=ANSWER_SECONDS,
                                         source_address=('127.0.0.2', 0))
        with contextlib.closing(other):
            other.sendall(GET + b'\r\n')
            assert other.recv(12) == b'HTTP/1.1 200'
    wait_for(lambda: api.get('/').status == 200, 'the share to be free again')


def test_without_free_descriptors_clients_wait_and_are_served_later(make_server):
    server = make_server()
    api = server.start()
    pid = server.process.pid
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (len(os.listdir(f'/proc/{pid}/fd')) + 20,) * 2)
    with contextlib.ExitStack() as stack:
        wires = [stack.enter_context(Wire(api.port)) for _ in range(60)]
        for wire in wires:
            wire.send(GET + b'Connection: close\r\n\r\n')
        for wire in wires:
            assert wire.answer().status == 200
    server.stop()


def test_connections_that_come_and_go_leave_nothing(make_server):
    server = make_server()
    api = server.start()

    def descriptors():

        return len(os.listdir(f'/proc/{server.process.pid}/fd'))

    assert api.get('/').status == 200
    wait_for(lambda: descriptors() > 0, 'the process')
    before = descriptors()
    for nth in range(1000):
        connection = socket.create_connection((HOST, api.port))
        if nth % 3:
            connection.sendall([GET, request_bytes('GET', '/traits')][nth % 2])
        if nth % 5 == 0:  # a reset in the midst of all
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\x01\0\0\0\0\0\0\0')
        connection.close()
    wait_for(lambda: descriptors() <= before, 'connections to be gone')
    server.stop()
