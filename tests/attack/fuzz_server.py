#!/usr/bin/python3
"""Fuzz the running server from outside: valid requests of every operation, bent, in rows and in
pieces, over several connections at a time.

    fuzz_server.py [--requests N] [--seed S] [--processes P]

EMPLACE_BINARY names the program. It fails on an answer that is a 5xx (but a 503 with Retry-After,
and HTTP's own 501 and 505), on a connection that ends without the answer that is due, on a process
that dies, on a sanitizer that speaks, on memory that grows, and on state that contradicts itself.
The last line tells how many checks passed and failed.
"""
import argparse
import concurrent.futures
import contextlib
import os
import random
import re
import socket
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'api')]

from attacking import (INTERNALS, Wire, assert_clean_log, resident_bytes,  # noqa: E402
                       state_of)
from harness import HOST, Server  # noqa: E402
from mutations import Mutator  # noqa: E402
from operations import SERVER, SPARE, build_world  # noqa: E402

ANSWER_SECONDS = 30
ROW_MAX = 16              # requests that follow each other without waiting
RESTORE_EACH = 300        # answers, after which a worker mends the world
PHASES = (0.2, 0.4, 0.4)  # warming up; then memory is compared
GROWTH_FACTOR, GROWTH_BYTES = 1.1, 24 << 20
LENGTH = re.compile(rb'\r\ncontent-length: (\d+)\r\n', re.IGNORECASE)
CLOSES = re.compile(rb'\r\nconnection: close\r\n', re.IGNORECASE)
# A report of every leak at the end is wanted; memory held back to find uses after free is not.
SANITIZER_OPTIONS = 'quarantine_size_mb=8:malloc_context_size=10'


class Finding(Exception):
    """Something that must not be, told with what led to it."""


class Speaker:
    """A connection with as little parsing as will do."""

    def __init__(self, port):
        self.socket = socket.create_connection((HOST, port), timeout=ANSWER_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b''

    def close(self):
        self.socket.close()

    def send(self, data, chance):
        """In one to four pieces. The server may have hung up meanwhile, for a reason it has told.
        """
        cuts = sorted(chance.randrange(len(data) + 1) for _ in range(chance.choice((0, 0, 0, 1,
                                                                                    3))))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for begin, end in zip([0, *cuts], [*cuts, len(data)]):
                self.socket.sendall(data[begin:end])

    def more(self):
        try:
            piece = self.socket.recv(1 << 18)
        except ConnectionResetError:
            piece = b''
        self.buffer += piece
        return bool(piece)

    def answer(self, is_head):
        """(status, head, body), or None at the end of the connection; raises if it is cut off."""
        while (end := self.buffer.find(b'\r\n\r\n')) < 0:
            if not self.more():
                if self.buffer:
                    raise Finding(f'an answer was cut off: {self.buffer[:2000]!r}')
                return None
        head = self.buffer[:end + 4]
        if not head.startswith(b'HTTP/1.1 '):
            raise Finding(f'this is no answer: {head[:2000]!r}')
        status = int(head[9:12])
        if status == 100:
            self.buffer = self.buffer[end + 4:]
            return self.answer(is_head)
        found = LENGTH.search(head)
        # A server that refuses a head does not look for its method.
        bodiless = is_head and not CLOSES.search(head) or status in (204, 304)
        if not found and not bodiless:
            raise Finding(f'an answer without a length: {head!r}')
        total = end + 4 + (0 if bodiless else int(found.group(1)))
        while len(self.buffer) < total:
            if not self.more():
                if is_head and len(self.buffer) == end + 4:
                    self.buffer = b''
                    return status, head, b''
                raise Finding(f'the body of an answer was cut off: {head!r}')
        body, self.buffer = self.buffer[end + 4:total], self.buffer[total:]
        return status, head, body


def check(answer, request):
    status, head, body = answer
    if status < 500:
        found = INTERNALS.search(body)
        if status >= 400 and found and found.group() not in request.data:  # no mere echo
            raise Finding(f'internals are shown: {body!r}\nto {request.data[:4000]!r}')
        return
    if status == 503 and b'\r\nRetry-After: ' in head:
        return
    if status == 501 and b'ransfer-' in request.data or status == 505 and not request.well_framed:
        return
    raise Finding(f'{head + body!r}\nto {request.data[:4000]!r}')


class Worker:
    def __init__(self, port, seed):
        self.port = port
        self.chance = random.Random(seed)
        self.mutator = Mutator(self.chance.random())
        self.speaker = None
        self.statuses = {}

    def run(self, count):
        restored = 0
        while (done := sum(self.statuses.values())) < count:  # what was cut off does not count
            if done - restored >= RESTORE_EACH:
                restored = done
                self.restore()
            row = [self.mutator.request() for _ in range(self.chance.randint(1, ROW_MAX))]
            # One that may not end as it should ends its row.
            for at, request in enumerate(row):
                if not request.well_framed:
                    row = row[:at + 1]
                    break
            self.send_row(row)
        if self.speaker:
            self.speaker.close()
        return self.statuses

    def send_row(self, row):
        if not self.speaker:
            self.speaker = Speaker(self.port)
        last = row[-1]
        self.speaker.send(b''.join(request.data for request in row), self.chance)
        for request in row[:-1] if not last.well_framed else row:
            answer = self.speaker.answer(request.is_head)
            if answer is None:
                raise Finding(f'no answer to {request.data[:4000]!r}')
            check(answer, request)
            self.count(answer)
            if CLOSES.search(answer[1]):
                return self.hang_up()
        if not last.well_framed:
            with contextlib.suppress(OSError):
                self.speaker.socket.shutdown(socket.SHUT_WR)
            self.take_what_comes(last)
            self.hang_up()

    def take_what_comes(self, request):
        """The answers to something that may be no request, one, or several."""
        answers = 0
        while answer := self.speaker.answer(request.data.startswith(b'HEAD ')):
            check(answer, request)
            self.count(answer)
            answers += 1
        no_body = b'ontent-' not in request.data and b'ransfer-' not in request.data
        if not answers and no_body and b'\r\n\r\n' in request.data.lstrip(b'\r\n'):
            raise Finding(f'no answer to {request.data[:4000]!r}')

    def hang_up(self):
        self.speaker.close()
        self.speaker = None

    def count(self, answer):
        self.statuses[answer[0]] = self.statuses.get(answer[0], 0) + 1

    def restore(self):
        """Makes anew what was deleted, and looks how far generations are."""
        with Wire(self.port, ANSWER_SECONDS) as wire:
            wire.ask('POST', '/resource_providers', {'name': 'name-dd', 'uuid': SPARE})
            wire.ask('PUT', '/traits/CUSTOM_SPARE')
            wire.ask('PUT', '/resource_classes/CUSTOM_SPARE')
            shown = wire.ask('GET', f'/resource_providers/{SPARE}')
            if shown.status == 200:
                self.mutator.provider_generation = shown.json['generation']
            wire.ask('PUT', f'/resource_providers/{SPARE}/inventories', {
                'resource_provider_generation': self.mutator.provider_generation,
                'inventories': {'VCPU': {'total': 4}}})
            self.mutator.provider_generation += 1
            self.mutator.consumer_generation = wire.ask(
                'GET', f'/allocations/{SERVER}').json.get('consumer_generation')


def work(job):
    """What one process does: its statuses, and what it has found if it has."""
    port, seed, count = job
    worker = Worker(port, seed)
    try:
        worker.run(count)
    except Exception:  # whatever it is, it is to be told with the seed
        return worker.statuses, f'worker with seed {seed}: {traceback.format_exc()}'
    return worker.statuses, None


def fuzz(port, seeds, count):
    """The statuses that all processes saw, and what they found. Raises if a process dies."""
    jobs = [(port, seed, count // len(seeds)) for seed in seeds]
    statuses, findings = {}, []
    with concurrent.futures.ProcessPoolExecutor(len(seeds)) as pool:
        for counted, finding in pool.map(work, jobs):
            for status, number in counted.items():
                statuses[status] = statuses.get(status, 0) + number
            if finding:
                findings.append(finding)
    return statuses, findings


def sweep(port):
    """Deletes what fuzzing has added, so that memory is compared between like states."""
    with Wire(port, ANSWER_SECONDS) as wire:
        for _ in range(8):  # children before parents
            listed = wire.ask('GET', '/resource_providers').json['resource_providers']
            for provider in listed:
                path = f'/resource_providers/{provider["uuid"]}'
                for consumer in wire.ask('GET', path + '/allocations').json['allocations']:
                    wire.ask('DELETE', f'/allocations/{consumer}')
                wire.ask('DELETE', path)
            if not listed:
                break
        assert not listed, 'a provider cannot be deleted'
        for trait in wire.ask('GET', '/traits?name=startswith:CUSTOM_').json['traits']:
            wire.ask('DELETE', f'/traits/{trait}')
        for one in wire.ask('GET', '/resource_classes').json['resource_classes']:
            wire.ask('DELETE', f'/resource_classes/{one["name"]}')


def contradictions(state):
    """What cannot be, in all that the API shows."""
    listed = {one['uuid']: one for one in state['/resource_providers']['resource_providers']}
    for uuid, provider in listed.items():
        path = f'/resource_providers/{uuid}'
        parent = provider['parent_provider_uuid']
        root = listed[parent]['root_provider_uuid'] if parent else uuid
        if provider['root_provider_uuid'] != root:
            yield f'{uuid} has the root {provider["root_provider_uuid"]}, its parent {root}'
        if not 0 <= provider['generation'] <= 2147483647:
            yield f'{uuid} has the generation {provider["generation"]}'
        used = dict.fromkeys(state[path + '/inventories']['inventories'], 0)
        for allocation in state[path + '/allocations']['allocations'].values():
            for name, amount in allocation['resources'].items():
                used[name] = used.get(name, 0) + amount
        if used != state[path + '/usages']['usages']:
            yield f'{uuid}: allocations {used}, usages {state[path + "/usages"]["usages"]}'
        for part in ('inventories', 'aggregates', 'traits'):
            if state[f'{path}/{part}']['resource_provider_generation'] != provider['generation']:
                yield f'{uuid} has another generation in its {part}'


def run(server, arguments):
    """All phases on a started server; yields what is wrong."""
    port, memory, total = server.client.port, [], {}
    for phase, part in enumerate(PHASES):
        build_world(server.client)
        seeds = [f'{arguments.seed}-{phase}-{number}' for number in range(arguments.processes)]
        begin = time.monotonic()
        statuses, findings = fuzz(port, seeds, int(arguments.requests * part))
        seconds = time.monotonic() - begin
        yield from findings
        if server.process.poll() is not None:
            yield f'the server has ended with {server.process.returncode}:\n{server.log()[-8000:]}'
            return
        yield from contradictions(state_of(port))
        sweep(port)
        memory.append(resident_bytes(server.process.pid))
        for status, number in statuses.items():
            total[status] = total.get(status, 0) + number
        print(f'phase {phase}: {sum(statuses.values())} answers in {seconds:.0f} s, then '
              f'{memory[-1] / 2**20:.0f} MiB; {dict(sorted(statuses.items()))}', flush=True)
    if memory[2] > memory[1] * GROWTH_FACTOR + GROWTH_BYTES:
        yield f'memory grows: {memory} bytes after each phase'
    for status in (200, 201, 204, 400, 404, 409):
        if not total.get(status):
            yield f'not one answer was {status}: the requests do not reach what they should'


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--requests', type=int, default=100_000)
    parser.add_argument('--seed', type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument('--processes', type=int, default=4)
    arguments = parser.parse_args()
    print(f'--requests {arguments.requests} --seed {arguments.seed} '
          f'--processes {arguments.processes}', flush=True)
    for name in ('ASAN_OPTIONS',):
        os.environ[name] = ':'.join(filter(None, (os.environ.get(name), SANITIZER_OPTIONS)))
    with tempfile.TemporaryDirectory(prefix='emplace-fuzz-') as folder:
        server = Server(folder)
        try:
            server.start()
            wrong = list(run(server, arguments))
            if server.process.poll() is None:
                server.stop()
            assert_clean_log(server.log())
        except AssertionError as error:
            wrong = [*locals().get('wrong', []), f'{error}']
        finally:
            server.clean_up()
    for one in wrong:
        print(f'FOUND {one}', flush=True)
    print(f'{0 if wrong else 1} passed, {len(wrong)} failed')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
