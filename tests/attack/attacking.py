"""How the attacks speak and what they look at: bytes on a wire, requests that arrive together, and
the whole state of a server."""
import contextlib
import http.client
import json
import os
import re
import socket
import time

from harness import ANSWER_SECONDS, HOST, NEWEST, Answer

ROLES = 'admin,service'
REFUSAL_BYTES_MAX = 4096
REFUSAL_SECONDS_MAX = 5  # on a machine that does much else; a refusal takes some milliseconds
# What would tell an attacker how the server is made, or that it stumbled.
INTERNALS = re.compile(
    rb'Traceback|\.py\b|\.cc\b|\.h:\d|std::|boost|terminate called|what\(\)|exception|Exception'
    rb'|KeyError|TypeError|ValueError|NoneType|sqlite|SQLite|SQLAlchemy|\bSELECT\b|\bINSERT\b'
    rb'|\bUPDATE\b \w+ SET|constraint failed|no such table|0x[0-9a-f]{8}|errno|Assertion')
SANITIZERS = re.compile(r'ERROR: \w+Sanitizer|runtime error:|SUMMARY: ')


def request_bytes(method, path, body=None, *, version=NEWEST, token='admin', roles=ROLES,
                  headers=(), content_type='application/json', length=True):
    """One request of HTTP/1.1 as bytes. Text and JSON become UTF-8; `length`: says how long it is.
    """
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    lines = [f'{method} {path} HTTP/1.1', 'Host: x']
    if version is not None:
        lines.append(f'OpenStack-API-Version: placement {version}')
    if token is not None:
        lines.append(f'X-Auth-Token: {token}')
    if roles is not None:
        lines.append(f'X-Roles: {roles}')
    if body is not None and content_type is not None:
        lines.append(f'Content-Type: {content_type}')
    lines += [f'{name}: {value}' for name, value in dict(headers).items()]
    if body is not None and length:
        lines.append(f'Content-Length: {len(body)}')
    return '\r\n'.join(lines).encode('utf-8', 'surrogateescape') + b'\r\n\r\n' + (body or b'')


class Wire:
    """One connection, kept: bytes out, answers in."""

    def __init__(self, port, seconds=ANSWER_SECONDS):
        self.port, self.seconds = port, seconds
        self.open()

    def open(self):
        self.socket = socket.create_connection((HOST, self.port), timeout=self.seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile('rb')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.file.close()
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def answer(self):
        """The next answer; None if the server has closed the connection."""
        try:
            line = self.file.readline(1000)
        except ConnectionResetError:
            return None
        if not line:
            return None
        assert re.fullmatch(rb'HTTP/1\.1 [1-5]\d\d [^\r\n]*\r\n', line), line
        status = int(line[9:12])
        headers = http.client.parse_headers(self.file)
        length = int(headers.get('Content-Length', 0))
        body = b'' if status in (204, 304) else self.file.read(length)
        assert status in (204, 304) or len(body) == length, 'the answer was cut off'
        return Answer(status, headers, body)

    def ask(self, method, path, body=None, **options):
        self.send(request_bytes(method, path, body, **options))
        return self.answer()


def all_answers(port, *pieces):
    """What a server says to these bytes until it closes, answer by answer."""
    answers = []
    with Wire(port) as wire:
        with contextlib.suppress(OSError):  # it need not listen to all of it
            for piece in pieces:
                wire.send(piece)
            wire.socket.shutdown(socket.SHUT_WR)
        while answer := wire.answer():
            answers.append(answer)
    return answers


def at_one_moment(port, requests):
    """The answers to requests that arrive as nearly together as can be: all but the last byte of
    each is there already when the last bytes follow, one right after the other."""
    with contextlib.ExitStack() as stack:
        wires = [stack.enter_context(Wire(port)) for _ in requests]
        for wire, data in zip(wires, requests):
            wire.send(data[:-1])
        time.sleep(0.005)  # so that the server has read all of it; if not, the race is only weaker
        for wire, data in zip(wires, requests):
            wire.send(data[-1:])
        return [wire.answer() for wire in wires]


PARTS_OF_A_PROVIDER = ('', '/inventories', '/usages', '/aggregates', '/traits', '/allocations')


def state_of(port):
    """Everything that the API shows: path → JSON. All of it must be readable."""
    with Wire(port) as wire:
        state = {}

        def show(path):
            answer = wire.ask('GET', path)
            assert answer.status == 200, (path, answer)
            state[path] = answer.json
            return answer.json

        show('/resource_classes')
        show('/traits?name=startswith:CUSTOM_')
        consumers, projects = set(), set()
        for provider in show('/resource_providers')['resource_providers']:
            for part in PARTS_OF_A_PROVIDER:
                shown = show(f'/resource_providers/{provider["uuid"]}{part}')
            consumers |= set(shown['allocations'])
        for consumer in sorted(consumers):
            projects.add(show(f'/allocations/{consumer}')['project_id'])
        for project in sorted(projects):
            if project.isalnum() and project.isascii():
                show(f'/usages?project_id={project}')
        return state


@contextlib.contextmanager
def nothing_changes(port):
    """The state of the server is the same after the block as before it, to the generation."""
    before = state_of(port)
    yield
    after = state_of(port)
    assert after == before


def assert_refused(answer, statuses, seconds=0.0):
    """A refusal: one of these statuses, the API's error object, short, quick, without internals."""
    assert answer is not None, 'the connection was closed without an answer'
    assert answer.status in statuses, answer
    size = len(answer.body) + len(str(answer.headers))
    assert size < REFUSAL_BYTES_MAX, f'{size} bytes'
    assert seconds < REFUSAL_SECONDS_MAX, f'{seconds:.1f} s'
    error = answer.error
    assert error['status'] == answer.status
    assert {'status', 'title', 'detail', 'request_id'} <= set(error)
    assert not INTERNALS.search(answer.body), answer


def refused(port, statuses, *request, **options):
    """Sends a request that must be refused with one of these statuses and change nothing."""
    with nothing_changes(port), Wire(port) as wire:
        begin = time.monotonic()
        answer = wire.ask(*request, **options)
        assert_refused(answer, statuses, time.monotonic() - begin)
    return answer


def resident_bytes(pid):
    with open(f'/proc/{pid}/statm', encoding='ascii') as file:
        return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')


def assert_clean_log(log):
    """No fault, no error and no sanitizer has anything to say."""
    bad = [line for line in log.splitlines()
           if ' ERROR ' in line[:60] or ' CRITICAL ' in line[:60] or SANITIZERS.search(line)]
    assert not bad, '\n'.join(bad[:20])
