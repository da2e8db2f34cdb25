"""The headers of answers."""
import email.utils
import re
import time

import pytest

from harness import new_name, new_uuid


def check_date(text):
    """An HTTP date of the last minutes."""
    assert re.fullmatch(r'[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT', text)
    assert abs(email.utils.parsedate_to_datetime(text).timestamp() - time.time()) < 300


READS = ['/', '/resource_providers', '/resource_providers/{uuid}',
         '/resource_providers/{uuid}/inventories', '/resource_providers/{uuid}/inventories/VCPU',
         '/resource_providers/{uuid}/usages', '/resource_providers/{uuid}/aggregates',
         '/resource_providers/{uuid}/allocations', '/resource_providers/{uuid}/traits',
         '/allocations/{consumer}', '/allocation_candidates?resources=VCPU:1', '/resource_classes',
         '/resource_classes/VCPU', '/traits', '/usages?project_id=p']


@pytest.fixture(scope='module')
def names(server):
    """A provider and a consumer with something to show everywhere."""
    api = server.client
    made, consumer = api.provider(VCPU=8), new_uuid()
    generation = api.generation(made)
    api.put(f'/resource_providers/{made}/traits',
            {'traits': ['HW_CPU_X86_AVX'], 'resource_provider_generation': generation})
    api.put(f'/resource_providers/{made}/aggregates',
            {'aggregates': [new_uuid()], 'resource_provider_generation': generation + 1})
    assert api.claim(consumer, {made: {'VCPU': 1}}).status == 204
    return {'uuid': made, 'consumer': consumer}


@pytest.mark.parametrize('path', READS)
def test_reads_tell_when_they_changed_from_1_15_on(api, names, path):
    answer = api.get(path.format(**names))
    assert answer.status == 200
    check_date(answer.header('Last-Modified'))
    assert answer.header('Cache-Control') == 'no-cache'
    older = api.get(path.format(**names), version='1.14')
    assert older.status == 200
    assert older.header('Last-Modified') is None
    assert older.header('Cache-Control') is None


@pytest.mark.parametrize('path', READS)
def test_reads_have_all_the_usual_headers(api, names, path):
    answer = api.get(path.format(**names))
    assert answer.header('Content-Type') == 'application/json'
    assert int(answer.header('Content-Length')) == len(answer.body)
    assert answer.header('OpenStack-API-Version') == 'placement 1.39'
    assert answer.header('Vary').lower() == 'openstack-api-version'
    assert answer.header('X-Openstack-Request-Id').startswith('req-')
    check_date(answer.header('Date'))


def test_an_empty_inventory_has_no_last_modified(api):
    answer = api.get(f'/resource_providers/{api.provider()}/inventories')
    assert answer.status == 200
    assert answer.header('Last-Modified') is None


def test_every_answer_has_a_request_id_of_its_own(api):
    ids = {api.get('/').header('x-openstack-request-id') for _ in range(20)}
    assert len(ids) == 20


def test_a_request_id_from_outside_is_not_taken_for_our_own(api):
    given = f'req-{new_uuid()}'
    answer = api.get('/', headers={'X-Openstack-Request-Id': given})
    assert answer.header('x-openstack-request-id') != given


def test_no_content_has_no_type_and_a_length_of_nothing(api, names):
    consumer = new_uuid()
    answers = [api.claim(consumer, {names['uuid']: {'VCPU': 1}}),
               api.delete(f'/allocations/{consumer}'),
               api.delete(f'/resource_providers/{api.provider()}')]
    for answer in answers:
        assert answer.status == 204
        assert answer.body == b''
        assert answer.header('Content-Type') is None
        assert answer.header('Content-Length') in (None, '0')
        assert answer.header('Last-Modified') is None


def test_creating_says_where_it_is(api):
    host = f'http://127.0.0.1:{api.port}'
    made, name = new_uuid(), new_name('CUSTOM_')
    answer = api.post('/resource_providers', {'name': made, 'uuid': made})
    assert (answer.status, answer.header('Location')) == (200, f'{host}/resource_providers/{made}')
    check_date(answer.header('Last-Modified'))
    for path in (f'/traits/{name}', f'/resource_classes/{name}'):
        created, again = api.put(path), api.put(path)
        assert (created.status, created.header('Location')) == (201, host + path)
        assert (again.status, again.header('Location')) == (204, host + path)
        assert created.header('Content-Length') == '0'
        assert created.header('Content-Type') is None
    answer = api.post('/resource_classes', {'name': new_name('CUSTOM_')})
    assert answer.status == 201
    assert answer.header('Location').startswith(f'{host}/resource_classes/CUSTOM_')
    answer = api.post('/resource_providers', {'name': new_uuid()}, version='1.19')
    assert (answer.status, answer.body) == (201, b'')
    assert answer.header('Location').startswith(f'{host}/resource_providers/')
    answer = api.post(f'/resource_providers/{made}/inventories', {
        'resource_provider_generation': 0, 'resource_class': 'VCPU', 'total': 1})
    assert answer.status == 201
    assert answer.header('Location') == f'{host}/resource_providers/{made}/inventories/VCPU'


def test_a_trait_tells_when_it_was_made(api):
    name = new_name('CUSTOM_')
    check_date(api.put(f'/traits/{name}').header('Last-Modified'))
    answer = api.get(f'/traits/{name}')
    assert answer.status == 204
    check_date(answer.header('Last-Modified'))


def test_forwarding_headers_are_not_believed_unless_told_so(api):
    answer = api.put(f'/traits/{new_name("CUSTOM_")}', headers={
        'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'https',
        'X-Forwarded-Prefix': '/evil', 'Forwarded': 'host=evil.example;proto=https'})
    assert answer.header('Location').startswith(f'http://127.0.0.1:{api.port}/traits/')


def test_forwarding_headers_are_believed_if_told_so(make_server):
    api = make_server({'oslo_middleware': {'enable_proxy_headers_parsing': 'true'}}).start()
    answer = api.put('/traits/CUSTOM_A', headers={
        'X-Forwarded-Host': 'cloud.example', 'X-Forwarded-Proto': 'https'})
    assert answer.header('Location') == 'https://cloud.example/traits/CUSTOM_A'
