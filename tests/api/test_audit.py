"""The audit trail: a line of JSON for every write that is asked for."""
import concurrent.futures
import json
import os
import re
import signal

import pytest

from harness import OWNER, new_name, new_uuid, read_from, wait_for


class Trail:
    """A server with an audit file, and what is in it."""

    def __init__(self, make_server, tmp_path, options=None):
        self.path = str(tmp_path / 'audit.log')
        emplace = {'audit_file': self.path, **(options or {}).pop('emplace', {})}
        self.server = make_server({'emplace': emplace, **(options or {})})
        self.api = self.server.start()

    def lines(self):
        return [json.loads(line) for line in read_from(self.path).decode().splitlines()]

    def last(self):
        return self.lines()[-1]


@pytest.fixture
def trail(make_server, tmp_path):
    return Trail(make_server, tmp_path)


def test_a_claim_says_who_what_and_which_generations(trail):
    provider, consumer = trail.api.provider(VCPU=4), new_uuid()
    global_id = f'req-{new_uuid()}'
    answer = trail.api.claim(consumer, {provider: {'VCPU': 1}})
    assert answer.status == 204
    entry = trail.last()
    assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z', entry.pop('time'))
    assert entry == {
        'request_id': answer.header('x-openstack-request-id'), 'user_id': 'admin',
        'project_id': 'admin', 'roles': ['admin'], 'source': '127.0.0.1', 'method': 'PUT',
        'path': f'/allocations/{consumer}', 'microversion': '1.39',
        'operation': 'placement:allocations:update', 'status': 204, 'outcome': 'done',
        'changes': [
            {'provider': provider, 'generation_before': 1, 'generation_after': 2},
            {'consumer': consumer, 'generation_before': None, 'generation_after': 1}]}
    answer = trail.api.delete(f'/allocations/{consumer}', token='boss:hq', roles='admin,reader',
                              headers={'X-Openstack-Request-Id': global_id})
    assert answer.status == 204
    entry = trail.last()
    assert (entry['user_id'], entry['project_id']) == ('boss', 'hq')
    assert entry['roles'] == ['admin', 'reader']
    assert entry['global_request_id'] == global_id
    assert entry['changes'] == [
        {'consumer': consumer, 'generation_before': 1, 'generation_after': None}]


def test_a_provider_comes_from_nothing_and_goes_to_nothing(trail):
    made = trail.api.provider()
    assert trail.last()['changes'] == [
        {'provider': made, 'generation_before': None, 'generation_after': 0}]
    assert trail.api.delete(f'/resource_providers/{made}').status == 204
    assert trail.last()['changes'] == [
        {'provider': made, 'generation_before': 0, 'generation_after': None}]


def test_names_that_come_and_go_are_told(trail):
    trait, resource_class = new_name('CUSTOM_T'), new_name('CUSTOM_C')
    trail.api.put(f'/traits/{trait}')
    trail.api.put(f'/traits/{trait}')
    trail.api.delete(f'/traits/{trait}')
    trail.api.put(f'/resource_classes/{resource_class}')
    trail.api.delete(f'/resource_classes/{resource_class}')
    assert [entry['changes'] for entry in trail.lines()] == [
        [{'trait': trait, 'change': 'created'}], [], [{'trait': trait, 'change': 'deleted'}],
        [{'resource_class': resource_class, 'change': 'created'}],
        [{'resource_class': resource_class, 'change': 'deleted'}]]
    assert {entry['outcome'] for entry in trail.lines()} == {'done'}


def test_a_claim_for_many_names_them_all(trail):
    provider = trail.api.provider(VCPU=500)
    consumers = {new_uuid(): {'allocations': {provider: {'resources': {'VCPU': 1}}},
                              'consumer_generation': None, **OWNER} for _ in range(300)}
    assert trail.api.post('/allocations', consumers).status == 204
    named = [change['consumer'] for change in trail.last()['changes'] if 'consumer' in change]
    assert sorted(named) == sorted(consumers)


def test_refusals_are_told_with_their_reason_and_change_nothing(trail):
    api, provider = trail.api, trail.api.provider(VCPU=1)
    before = len(trail.lines())
    asked = [
        (api.put('/traits/CUSTOM_A', token=None), 401, None),
        (api.put('/traits/CUSTOM_A', token='someone'), 403, None),
        (api.delete(f'/resource_providers/{new_uuid()}'), 404, None),
        (api.post('/nowhere', {}), 404, None),
        (api.post('/traits', {}), 405, None),
        (api.put(f'/resource_providers/{provider}/inventories',
                 {'resource_provider_generation': 9, 'inventories': {}}), 409,
         'placement.concurrent_update'),
        (api.claim(new_uuid(), {provider: {'VCPU': 2}}), 409, None),
        (api.post('/resource_providers', b'no json'), 400, None),
        (api.post('/resource_providers', b'x', content_type='text/plain'), 415, None)]
    entries = trail.lines()[before:]
    assert len(entries) == len(asked)
    for entry, (answer, status, code) in zip(entries, asked):
        assert (answer.status, entry['status']) == (status, status)
        assert entry['request_id'] == answer.header('x-openstack-request-id')
        assert (entry['outcome'], entry['changes']) == ('refused', [])
        assert entry.get('error_code') == code
    assert entries[0]['user_id'] is None
    assert entries[1]['user_id'] == 'someone'
    assert 'placement:traits:update' in entries[1]['reason']
    assert [entry['operation'] for entry in entries[3:5]] == [None, None]


def test_reads_and_what_http_refuses_have_no_line(trail):
    trail.api.get('/resource_providers')
    trail.api.request('OPTIONS', '/resource_providers')
    trail.api.request('HEAD', '/resource_providers')
    trail.api.raw(b'PUT /traits/CUSTOM_A HTTP/1.1\r\n\r\n')
    trail.api.raw(b'PUT /traits/CUSTOM_A HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n')
    assert trail.lines() == []


def test_no_input_can_break_a_line_or_forge_one(trail):
    trail.api.put('/traits/CUSTOM_%22%09%7b%22outcome%22:%22done%22%7d')
    trail.api.put('/traits/CUSTOM_A', token='a\tb"\\:\x85c', roles='admin"},{\t')
    trail.api.raw(b'PUT /traits/\xff\xe2\x80\xa8\xc2\x85 HTTP/1.1\r\nHost: x\r\n'
                  b'X-Auth-Token: \xff\xfe\r\nConnection: close\r\n\r\n')
    trail.api.put('/traits/' + 'x' * 20000)
    raw = read_from(trail.path)
    assert raw.count(b'\n') == 4 and raw.endswith(b'\n')
    assert len(raw.decode().splitlines()) == 4
    for line in raw.decode().splitlines():
        assert json.loads(line)['request_id'].startswith('req-')
        assert len(line) < 4096
    assert not re.search(rb'[\x00-\x09\x0b-\x1f\x7f]', raw)


def test_a_proxy_is_believed_only_if_so_configured(make_server, tmp_path):
    headers = {'Forwarded': 'for=198.51.100.7;proto=https'}
    doubted = Trail(make_server, tmp_path)
    doubted.api.put('/traits/CUSTOM_A', headers=headers)
    assert 'forwarded_for' not in doubted.last()
    doubted.server.stop()
    believed = Trail(make_server, tmp_path,
                     {'oslo_middleware': {'enable_proxy_headers_parsing': 'true'}})
    believed.api.put('/traits/CUSTOM_B', headers=headers)
    entry = believed.last()
    assert (entry['source'], entry['forwarded_for']) == ('127.0.0.1', '198.51.100.7')


def test_a_line_is_there_before_the_answer(trail):
    for _ in range(50):
        answer = trail.api.put(f'/traits/{new_name("CUSTOM_")}')
        assert trail.last()['request_id'] == answer.header('x-openstack-request-id')


def test_every_write_of_many_at_once_has_its_line(trail):
    names = [new_name('CUSTOM_') for _ in range(200)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda name: trail.api.put(f'/traits/{name}'), names))
    assert all(answer.status == 201 for answer in answers)
    told = {entry['request_id']: entry['changes'] for entry in trail.lines()}
    assert told == {answer.header('x-openstack-request-id'): [{'trait': name, 'change': 'created'}]
                    for name, answer in zip(names, answers)}


def test_sighup_opens_the_file_anew(trail):
    trail.api.put('/traits/CUSTOM_BEFORE')
    os.rename(trail.path, trail.path + '.1')
    trail.server.signal(signal.SIGHUP)
    wait_for(lambda: os.path.exists(trail.path), 'the new file')
    trail.api.put('/traits/CUSTOM_AFTER')
    assert b'CUSTOM_BEFORE' in read_from(trail.path + '.1')
    assert b'CUSTOM_AFTER' in read_from(trail.path)
    assert b'CUSTOM_AFTER' not in read_from(trail.path + '.1')


def test_a_trail_that_cannot_be_written_goes_to_stderr_and_the_service_goes_on(make_server):
    server = make_server({'emplace': {'audit_file': '/dev/full'}})
    api = server.start()
    for name in ('CUSTOM_A', 'CUSTOM_B'):
        assert api.put(f'/traits/{name}').status == 201
    lines = server.log().splitlines()
    told = [json.loads(line) for line in lines if line.startswith('{')]
    assert [entry['path'] for entry in told] == ['/traits/CUSTOM_A', '/traits/CUSTOM_B']
    errors = [line for line in lines if ' ERROR ' in line]
    assert len(errors) == 1 and 'The audit trail cannot be written' in errors[0]


def test_a_file_that_cannot_be_opened_keeps_it_from_starting(make_server, tmp_path):
    server = make_server({'emplace': {'audit_file': str(tmp_path / 'absent' / 'audit')}})
    with pytest.raises(AssertionError, match='it ended'):
        server.start()
    assert 'The audit file' in server.log()


def test_without_the_option_there_is_no_trail(server, api):
    name = new_name('CUSTOM_')
    assert api.put(f'/traits/{name}').status == 201
    assert not any(name in line and line.startswith('{') for line in server.log().splitlines())
