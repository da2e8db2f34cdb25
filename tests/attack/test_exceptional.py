"""Finding 7 (CWE-703): whatever is missing, broken or gone in the meantime has its status; no
answer is a 5xx but the 503 of a store that is away, and none shows how the server is made.

Upstream 8.0.0 answers some of the junk bodies and some of the races with 500 and the text of a
Python exception.
"""
import itertools
import os
import resource
import urllib.parse

import pytest

from attacking import (INTERNALS, Wire, assert_clean_log, at_one_moment, nothing_changes,
                       request_bytes, state_of)
from harness import OWNER, Server, new_name, new_uuid, wait_for
from operations import GROUP, ROOT, build_world, entry, operations

JUNK_BODIES = [
    b'', b'null', b'true', b'0', b'""', b'[]', b'{}', b'[null]', b'[[]]', b'[{}]', b'{"": ""}',
    b'{"name": null}', b'{"name": {}}', b'{"uuid": 0, "name": "x"}', b'{"allocations": null}',
    b'{"allocations": {"": {}}}', b'{"inventories": null, "allocations": null}', b'\x00', b'\xff',
    b'{"__proto__": {}, "constructor": 0}', b"' OR 1=1 --", b'{"name": "\x80"}', b'<xml/>',
    b'{"inventories": {"VCPU": null}, "resource_provider_generation": 0}',
    b'{"inventories": {"vcpu": {"total": NaN}}, "resource_provider_generation": 0}',
    b'{"aggregates": [null], "resource_provider_generation": 0}',
    b'{"traits": [{}], "resource_provider_generation": 0}']
JUNK_NAMES = ['x', '%00', '%ff', '%', '%%', '%2', "'", '"', '%22%27--', '*', '..%2e', '{}', '{0}',
              '%s%n',
              '$(id)', 'CUSTOM_' + 'A' * 300, '\u00e4', '%ed%a0%80', '-', '0', 'None', 'null', '~',
              '\\',
              new_uuid() + '%20', '%f0%9f%90%b4', "1'%20OR%20'1'='1", '%0a', '%c2%85', '%e2%80%a8']
JUNK_QUERIES = ['?', '?&', '?=', '?;', '?&=&', '?%00', '?%ff=%ff', '?x[]=1', '?uuid', '?uuid=%00',
                "?name='%20OR%201=1", '?resources=%00:1', '?resources=VCPU:%00', '?limit=%ff',
                '?in_tree=',
                '?member_of=in:,', '?required=!', '?required=in:', '?root_required=,',
                '?same_subtree=,',
                '?resources0=VCPU:1', '?resources-1=VCPU:1', '?group_policy=%00', '?project_id=%00',
                '?consumer_type=%00&project_id=p', '?name=in:%00', '?associated=%00',
                '?' + '&' * 5000]


def assert_decent(answer, request):
    assert answer is not None, f'no answer to {request!r}'
    assert answer.status < 500, (request, answer)
    assert not (answer.status >= 400 and INTERNALS.search(answer.body)), (request, answer)


def ask_all(api, requests):
    with nothing_changes(api.port), Wire(api.port) as wire:
        for request in requests:
            wire.send(request)
            answer = wire.answer()
            assert_decent(answer, request)
            if answer.status >= 400 and answer.header('Connection') == 'close':
                wire.close()
                wire.open()


MINORS = (0, 1, 7, 8, 11, 12, 13, 18, 19, 27, 28, 30, 34, 37, 38, 39)


@pytest.mark.parametrize('minor', MINORS)
def test_junk_for_a_body_is_refused(victim, minor):
    with_body = [one for one in operations() if one.body is not None]
    ask_all(victim, [request_bytes(one.method, one.path, junk, version=f'1.{minor}')
                     for one, junk in itertools.product(with_body, JUNK_BODIES)
                     if (junk, one.path[-11:]) != (b'[]', '/aggregates')])  # which means none


@pytest.fixture(scope='module')
def scratch(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp('scratch'))
    try:
        build_world(server.start())
        yield server.client
        server.stop()
        assert_clean_log(server.log())
    finally:
        server.clean_up()


@pytest.mark.parametrize('minor', MINORS)
def test_each_part_of_a_body_may_be_of_any_type(scratch, minor):
    """Each value of each valid body, one at a time, becomes something else or goes away. Some of it
    stays valid, so this has a world of its own."""
    others = [None, True, -1, 2**63, 1.5, '', '\x00', [], {}, [[]], {'': {}}]

    def bent(value):
        if isinstance(value, dict):
            for name, one in value.items():
                yield {key: item for key, item in value.items() if key != name}
                for other in bent(one):
                    yield {**value, name: other}
            yield {**value, 'junk': 1}
        elif isinstance(value, list):
            for at, one in enumerate(value):
                yield value + [one]
                for other in bent(one):
                    yield value[:at] + [other] + value[at + 1:]
        yield from (other for other in others if other != value)

    with Wire(scratch.port) as wire:
        for one in operations():
            if one.body is None or not one.first <= minor <= one.last:
                continue
            for body in bent(one.body):
                answer = wire.ask(one.method, one.path, body, version=f'1.{minor}')
                assert_decent(answer, (one.method, one.path, body))
    state_of(scratch.port)


@pytest.mark.parametrize('minor', (0, 14, 39))
def test_junk_in_a_path_or_query_is_refused(victim, minor):
    paths = [f'/resource_providers/{junk}{part}' for junk in JUNK_NAMES for part in
             ('', '/inventories', '/inventories/VCPU', '/usages', '/aggregates', '/traits',
              '/allocations', '/junk')]
    paths += [f'{base}/{junk}' for junk in JUNK_NAMES for base in
              (f'/resource_providers/{ROOT}/inventories', '/resource_classes', '/traits',
               '/allocations', '', '/' + '/'.join(['x'] * 50))]
    requests = [request_bytes('GET', path, version=f'1.{minor}') for path in paths]
    requests += [request_bytes('DELETE', path, version=f'1.{minor}') for path in paths
                 if not path.endswith('/inventories/VCPU')]
    requests += [request_bytes('GET', path + query, version=f'1.{minor}')
                 for query in JUNK_QUERIES for path in
                 ('/', '/resource_providers', '/traits', '/usages', '/allocation_candidates',
                  '/resource_classes', f'/allocations/{ROOT}')]
    for request in requests:
        with Wire(victim.port) as wire:
            wire.send(request)
            assert_decent(wire.answer(), request)


@pytest.mark.parametrize('name, values', [
    ('Accept', ['', ',', ';', 'a', 'a/', '/', '*/*;q=x', 'text/html;q=9', 'x' * 5000, '*' * 5000,
                'a/b;' * 900,
                '\x80', 'application/json;q=0', 'text/plain,' * 800]),
    ('Content-Type', ['', ';', 'application/json;' + 'x' * 5000, 'application/json; charset=\x80',
                      'application/json, application/json', 'APPLICATION/JSON',
                      'multipart/form-data']),
    ('X-Auth-Token', ['', ':', '::', 'a' * 8000, '\x80\xff', 'admin\x80', ':' * 5000]),
    ('X-Roles', ['', ',', ',' * 5000, 'admin,' * 900, '\x80', '%(project_id)s', "admin' or '1"]),
    ('X-Project-Id', ['', '\x80', 'x' * 5000, '%(user_id)s', '../..']),
    ('X-Openstack-Request-Id', ['', 'req-', 'req-' + 'x' * 5000, 'req-' + ROOT + 'x', '\x80']),
    ('Expect', ['', 'x', '100-continue,100-continue', '200-ok']),
    ('Origin', ['', 'null', '\x80', 'http://' + 'x' * 5000]),
    ('If-Match', ['', '*', '"', 'W/"', '"\x80"', ',' * 5000]),
    ('If-None-Match', ['', '*', '"', 'W/"', '"\x80"', ',' * 5000]),
    ('Range', ['bytes=0-1', 'bytes=-1', 'bytes=' + '0-1,' * 1000]),
    ('Connection', ['', ',', 'upgrade', 'host', 'x' * 5000]), ('Upgrade', ['h2c', 'websocket']),
    ('HTTP2-Settings', ['AAMAAABkAAQAAP__']), ('Host', ['', '[', 'x' * 5000, '%', 'a:b',
                                                        '[::1]:1'])])
def test_junk_in_a_header_does_no_harm(victim, name, values):
    with nothing_changes(victim.port):
        for value in values:
            for method, path in (('GET', f'/resource_providers/{ROOT}'), ('GET', '/traits'),
                                 ('POST', '/reshaper'), ('GET', '/nowhere')):
                lines = request_bytes(method, path, b'{}' if method == 'POST' else None)
                line = f'{name}: {value}\r\n'.encode('latin-1')
                if name in ('X-Auth-Token', 'X-Roles', 'Content-Type', 'Host'):
                    lines = b'\r\n'.join(one for one in lines.split(b'\r\n')
                                         if not one.startswith(name.encode() + b':'))
                with Wire(victim.port) as wire:
                    wire.send(lines.replace(b'\r\n', b'\r\n' + line, 1))
                    answer = wire.answer()
                    if answer and answer.status == 100:
                        answer = wire.answer()
                    assert_decent(answer, lines)


def race_of(api, number):
    """A deletion and all else that can be done to the same things: (deletion, others)."""
    made, child, consumer = api.provider(VCPU=8), new_uuid(), new_uuid()
    trait, klass = new_name('CUSTOM_'), new_name('CUSTOM_')
    assert api.put(f'/traits/{trait}').status == 201
    assert api.put(f'/resource_classes/{klass}').status == 201
    path = f'/resource_providers/{made}'
    others = [
        ('GET', path, None), ('GET', path + '/inventories', None), ('GET', path + '/usages', None),
        ('GET', path + '/allocations', None), ('GET', path + '/traits', None),
        ('GET', '/resource_providers?required=' + trait, None),
        ('GET', f'/allocation_candidates?resources={klass}:1&required={trait}', None),
        ('PUT', path, {'name': 'renamed ' + made}),
        ('POST', '/resource_providers', {'name': child, 'parent_provider_uuid': made}),
        ('PUT', path + '/inventories', {'resource_provider_generation': 1, 'inventories': {
            'VCPU': {'total': 8}, klass: {'total': 1}}}),
        ('POST', path + '/inventories', {'resource_class': klass, 'total': 1}),
        ('PUT', path + '/inventories/VCPU', {'resource_provider_generation': 1, 'total': 9}),
        ('DELETE', path + '/inventories', None), ('DELETE', path + '/inventories/VCPU', None),
        ('PUT', path + '/aggregates', {'resource_provider_generation': 1, 'aggregates': [GROUP]}),
        ('PUT', path + '/traits', {'resource_provider_generation': 1, 'traits': [trait]}),
        ('DELETE', path + '/traits', None), ('PUT', f'/traits/{trait}', None),
        ('PUT', f'/resource_classes/{klass}', None),
        ('PUT', f'/allocations/{consumer}', entry(39, {made: {'VCPU': 1}}, None)),
        ('POST', '/allocations', {consumer: entry(39, {made: {'VCPU': 1}}, None)}),
        ('DELETE', f'/allocations/{consumer}', None),
        ('POST', '/reshaper', {
            'inventories': {made: {'resource_provider_generation': 1,
                                   'inventories': {'VCPU': {'total': 8}}}},
            'allocations': {consumer: entry(39, {made: {'VCPU': 1}}, None)}})]
    deletions = [('DELETE', path, None), ('DELETE', f'/traits/{trait}', None),
                 ('DELETE', f'/resource_classes/{klass}', None),
                 ('DELETE', f'/allocations/{consumer}', None)]
    return deletions[number % len(deletions)], others


@pytest.mark.parametrize('number', range(16))
def test_what_is_deleted_under_another_request_has_its_status(api, number):
    deletion, others = race_of(api, number)
    requests = [request_bytes(*one) for one in others]
    at = [0, len(requests) // 2, len(requests)][number % 3]
    requests.insert(at, request_bytes(*deletion))
    for request, answer in zip(requests, at_one_moment(api.port, requests)):
        assert_decent(answer, request)
    state_of(api.port)  # all of it can be read


@pytest.mark.parametrize('turn', range(4))
def test_a_deletion_and_one_other_write_both_have_a_sense(api, turn):
    """Of two: either the deletion came first and the other finds nothing, or the other is whole."""
    for index in range(len(race_of(api, 0)[1])):
        deletion, others = race_of(api, 0)
        pair = [request_bytes(*deletion), request_bytes(*others[index])]
        answers = at_one_moment(api.port, pair[::-1] if turn % 2 else pair)
        deleted, other = answers[::-1] if turn % 2 else answers
        for answer in (deleted, other):
            assert_decent(answer, others[index])
        there = api.get(deletion[1]).status == 200
        assert there == (deleted.status == 409), (others[index], deleted, other)


def limit_file_size(pid, bytes_max):
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (bytes_max, resource.RLIM_INFINITY))


def test_a_full_disk_is_a_503_that_says_when_to_come_back(make_server):
    """No file of the process may grow: to SQLite that is a disk without room."""
    server = make_server()
    # Without this the kernel ends the process, where a full disk would only give it an error.
    server.command = ['/bin/sh', '-c', 'trap "" XFSZ; exec "$@"', 'sh', *server.command]
    api = server.start()
    made = api.provider(VCPU=1000)
    before = state_of(api.port)
    log, wal = (os.path.getsize(name) for name in (server.log_file, server.database + '-wal'))
    limit_file_size(server.process.pid, max(wal, log + 100_000))
    refused = []
    for _ in range(400):
        answer = api.claim(new_uuid(), {made: {'VCPU': 1}})
        if answer.status != 204:
            refused.append(answer)
        if len(refused) > 5:
            break
    assert len(refused) > 5, 'the limit was not met'
    for answer in refused:
        assert answer.status == 503, answer
        assert answer.header('Retry-After')
        assert answer.header('X-Openstack-Request-Id') == answer.error['request_id']
        assert not INTERNALS.search(answer.body), answer
        assert len(answer.body) < 2048
    assert api.get(f'/resource_providers/{made}').status == 200, 'reads go on'
    shown = state_of(api.port)
    limit_file_size(server.process.pid, resource.RLIM_INFINITY)
    assert [line for line in server.log().splitlines() if ' ERROR ' in line], 'the log says why'

    def writes_again():
        return api.put(f'/resource_providers/{made}', {'name': 'again'}).status == 200

    wait_for(writes_again, 'writes to go on')
    after = state_of(api.port)
    assert set(after) == set(shown) and set(before) <= set(after)
    server.stop()


def test_names_that_other_languages_give_a_meaning_are_only_names(api):
    for name in ["'; DROP TABLE resource_providers; --", '%s%n%x', '{0}', '$(id)',
                 '../../etc/passwd', '\\', '"',
                 "'", '<script>alert(1)</script>', '\u202e\u2066', '\N{HORSE FACE}', '%', '_',
                 'NULL',
                 'a' * 200, '\ufeff', '\u2028', '\ufffd', ' ']:
        made = api.provider(name=name + new_name('')[:8] if len(name) < 100 else name)
        shown = api.get(f'/resource_providers/{made}').json['name']
        found = api.get('/resource_providers?name=' + urllib.parse.quote(shown)).json
        assert shown.startswith(name)
        assert [one['uuid'] for one in found['resource_providers']] == [made]
    consumer, provider = new_uuid(), api.provider(VCPU=1)
    owner = {**OWNER, 'project_id': "p' OR '1'='1", 'user_id': '%(user_id)s'}
    assert api.claim(consumer, {provider: {'VCPU': 1}}, **owner).status == 204
    assert api.get(f'/allocations/{consumer}').json['project_id'] == owner['project_id']
    assert api.get("/usages?project_id=p'%20OR%20'1'='1").json['usages'] != {}
    assert api.get("/usages?project_id=q'%20OR%20'1'='1").json['usages'] == {}


def test_nothing_of_this_left_a_fault_in_the_log(victim_server):
    assert_clean_log(victim_server.log())
