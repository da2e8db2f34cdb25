"""The error object, its codes, and what must never be in it."""
import json
import re

import pytest

from harness import OWNER, new_name, new_uuid

REQUEST_ID = re.compile(r'^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')
EVERYONES_KEYS = {'status', 'title', 'detail', 'request_id'}


def test_a_missing_provider_is_told_in_the_error_object(api):
    answer = api.get(f'/resource_providers/{new_uuid()}')
    assert answer.status == 404
    assert answer.header('Content-Type') == 'application/json'
    assert set(answer.json) == {'errors'}
    error = answer.error
    assert set(error) == EVERYONES_KEYS | {'code'}
    assert error['status'] == 404
    assert error['title'] == 'Not Found'
    assert 'No resource provider with uuid' in error['detail']
    assert error['code'] == 'placement.undefined_code'


def test_the_request_id_of_the_error_is_that_of_the_header(api):
    answer = api.get('/nowhere')
    assert REQUEST_ID.match(answer.error['request_id'])
    assert answer.header('x-openstack-request-id') == answer.error['request_id']


@pytest.mark.parametrize('version, has_code', [('1.0', False), ('1.22', False), ('1.23', True),
                                               ('1.39', True)])
@pytest.mark.parametrize('method, path, status', [('GET', '/nowhere', 404), ('PATCH', '/', 405),
                                                  ('GET', '/resource_providers?junk=1', 400)])
def test_codes_come_with_1_23(api, method, path, status, version, has_code):
    answer = api.request(method, path, version=version)
    assert answer.status == status
    assert set(answer.error) == EVERYONES_KEYS | ({'code'} if has_code else set())


def test_without_a_token_nothing_but_the_root_answers(api):
    for path in ('/resource_providers', '/nowhere', f'/allocations/{new_uuid()}'):
        answer = api.get(path, token=None)
        assert answer.status == 401
        assert set(answer.json) == {'message', 'code', 'title', 'errors'}
        assert answer.error['status'] == 401
        assert answer.json['code'] == '401 Unauthorized'
        assert answer.header('openstack-api-version') is None
        assert REQUEST_ID.match(answer.header('x-openstack-request-id'))
    assert api.get('/', token=None).status == 200


def test_a_missing_token_goes_before_a_wrong_version(api):
    assert api.get('/resource_providers', token=None, version='9.9').status == 401


def test_a_user_without_a_role_is_forbidden_before_any_look_up(api):
    for path in ('/resource_providers', f'/resource_providers/{new_uuid()}', '/traits',
                 f'/allocations/{new_uuid()}', '/allocation_candidates?resources=VCPU:1'):
        answer = api.get(path, token='someone')
        assert answer.status == 403, path
        assert answer.error['title'] == 'Forbidden'
        assert 'Policy does not allow placement:' in answer.error['detail']


def test_an_empty_token_is_a_user_without_a_role(api):
    assert api.get('/resource_providers', token='').status == 403


def test_a_name_or_uuid_that_is_taken_is_a_duplicate(api):
    made = api.provider()
    for body in ({'name': made}, {'name': new_name('other'), 'uuid': made}):
        answer = api.post('/resource_providers', body)
        assert answer.status == 409
        assert answer.error['code'] == 'placement.duplicate_name'


def test_an_old_generation_is_a_concurrent_update(api):
    made = api.provider(VCPU=4)
    answer = api.put(f'/resource_providers/{made}/inventories',
                     {'resource_provider_generation': 0, 'inventories': {}})
    assert answer.status == 409
    assert answer.error['code'] == 'placement.concurrent_update'
    assert 'resource provider generation conflict' in answer.error['detail']


def test_what_is_in_use_cannot_be_taken_away(api):
    made, consumer = api.provider(VCPU=4), new_uuid()
    assert api.claim(consumer, {made: {'VCPU': 1}}).status == 204
    refused = {
        f'/resource_providers/{made}': 'placement.resource_provider.inuse',
        f'/resource_providers/{made}/inventories': 'placement.inventory.inuse',
        f'/resource_providers/{made}/inventories/VCPU': 'placement.concurrent_update',
    }
    for path, code in refused.items():
        answer = api.delete(path)
        assert (answer.status, answer.error['code']) == (409, code), path
    assert api.delete(f'/allocations/{consumer}').status == 204
    assert api.delete(f'/resource_providers/{made}').status == 204


def test_a_parent_cannot_be_deleted(api):
    parent = api.provider()
    api.provider(parent=parent)
    answer = api.delete(f'/resource_providers/{parent}')
    assert answer.status == 409
    assert answer.error['code'] == 'placement.resource_provider.cannot_delete_parent'


def test_a_claim_over_the_capacity_is_a_conflict_and_leaves_nothing(api):
    made, consumer = api.provider(VCPU=4), new_uuid()
    answer = api.claim(consumer, {made: {'VCPU': 5}})
    assert answer.status == 409
    assert answer.error['code'] == 'placement.undefined_code'
    assert 'Unable to allocate inventory' in answer.error['detail']
    assert api.get(f'/allocations/{consumer}').json == {'allocations': {}}
    assert api.claim(consumer, {made: {'VCPU': 4}}).status == 204


def test_a_claim_on_an_unknown_provider_leaves_no_consumer_behind(api):
    made, consumer = api.provider(VCPU=4), new_uuid()
    answer = api.claim(consumer, {new_uuid(): {'VCPU': 1}})
    assert answer.status == 400
    assert 'does not exist' in answer.error['detail']
    assert api.claim(consumer, {made: {'VCPU': 1}}).status == 204


def test_a_reshape_of_an_unknown_provider_is_told_by_its_code(api):
    answer = api.post('/reshaper', {
        'inventories': {new_uuid(): {'inventories': {}, 'resource_provider_generation': 0}},
        'allocations': {}}, roles='admin,service')
    assert answer.status == 400
    assert answer.error['code'] == 'placement.resource_provider.not_found'


def test_a_reshape_checks_inventories_as_a_put_does(api):
    made = api.provider()
    inventories = {'VCPU': {'total': 1, 'reserved': 5}}
    body = {'resource_provider_generation': 0, 'inventories': inventories}
    assert api.put(f'/resource_providers/{made}/inventories', body).status == 400
    answer = api.post('/reshaper', {'inventories': {made: body}, 'allocations': {}},
                      roles='admin,service')
    assert answer.status == 400
    assert api.get(f'/resource_providers/{made}/inventories').json['inventories'] == {}


@pytest.mark.parametrize('path, code', [
    ('/allocation_candidates', 'placement.query.missing_value'),
    ('/allocation_candidates?resources=VCPU:1&root_required=HW_CPU_X86_AVX'
     '&root_required=HW_CPU_X86_SSE', 'placement.query.duplicate_key'),
    ('/allocation_candidates?resources=VCPU:1&same_subtree=_A', 'placement.query.bad_value'),
])
def test_wrong_candidate_queries_have_codes(api, path, code):
    answer = api.get(path)
    assert (answer.status, answer.error['code']) == (400, code)


def test_html_is_escaped_for_those_who_ask_for_it(api):
    answer = api.get('/resource_providers?%3Cscript%3E=1', headers={'Accept': 'text/html'})
    assert answer.header('Content-Type').startswith('text/html')
    assert b'<script>' not in answer.body


LONG = 'A' * 20000


@pytest.mark.parametrize('method, path, body', [
    ('GET', f'/resource_providers?name={LONG}&junk={LONG}', None),
    ('GET', f'/resource_providers?{LONG}=1', None),
    ('GET', f'/resource_providers?required={LONG}', None),
    ('GET', f'/resource_providers?resources={LONG}:1', None),
    ('GET', f'/resource_providers?resources=VCPU:{LONG}', None),
    ('GET', f'/resource_providers?member_of={LONG}', None),
    ('GET', f'/resource_providers?in_tree={LONG}', None),
    ('GET', f'/allocation_candidates?resources={LONG}:1', None),
    ('GET', f'/allocation_candidates?resources=VCPU:1&required={LONG}', None),
    ('GET', f'/allocation_candidates?resources=VCPU:1&limit={LONG}', None),
    ('GET', f'/allocation_candidates?resources=VCPU:1&same_subtree={LONG}', None),
    ('GET', f'/allocation_candidates?resources=VCPU:1&group_policy={LONG}', None),
    ('GET', f'/usages?project_id=p&consumer_type={LONG}', None),
    ('GET', f'/resource_providers/{LONG}', None),
    ('GET', f'/resource_classes/{LONG}', None),
    ('GET', f'/traits/{LONG}', None),
    ('GET', f'/traits?name={LONG}&junk=1', None),
    ('GET', '/resource_providers/{uuid}/inventories/' + LONG, None),
    ('PUT', f'/traits/CUSTOM_{LONG}', None),
    ('PUT', f'/resource_classes/CUSTOM_{LONG}', None),
    ('PUT', '/resource_providers/{uuid}', {'name': LONG}),
    ('PUT', '/resource_providers/{uuid}', {LONG: 1}),
    ('PUT', '/resource_providers/{uuid}/traits',
     {'traits': [LONG], 'resource_provider_generation': 0}),
    ('PUT', '/resource_providers/{uuid}/inventories',
     {'inventories': {LONG: {'total': 1}}, 'resource_provider_generation': 0}),
    ('PUT', '/resource_providers/{uuid}/inventories/' + LONG,
     {'total': 1, 'resource_provider_generation': 0}),
    ('POST', '/resource_classes', {'name': LONG}),
    ('PUT', f'/allocations/{LONG}', {'allocations': {}, 'consumer_generation': None, **OWNER}),
    ('DELETE', f'/allocations/{LONG}', None),
    ('PUT', f'/allocations/{new_uuid()}',
     {'allocations': {new_uuid(): {'resources': {LONG: 1}}}, 'consumer_generation': None, **OWNER}),
    ('FROB' + LONG[:5000], '/', None),
    ('GET', '/' + LONG, None),
], ids=lambda value: str(value).split('AAAA', maxsplit=1)[0])
def test_an_error_never_echoes_at_length(api, method, path, body):
    answer = api.request(method, path.replace('{uuid}', api.provider()), body)
    assert 400 <= answer.status < 500
    assert len(answer.body) < 2048


@pytest.mark.parametrize('headers', [
    {'OpenStack-API-Version': f'placement {LONG}'}, {'Accept': f'{LONG}/{LONG}'},
    {'Content-Type': LONG}], ids=lambda value: list(value)[0])
def test_an_error_never_echoes_a_header_at_length(api, headers):
    answer = api.post('/resource_providers', b'{}', headers=headers)
    assert 400 <= answer.status < 500
    assert len(answer.body) < 2048


def test_no_control_character_of_a_request_comes_back_in_a_header(api):
    answer = api.put('/traits/CUSTOM_%0d%0aX-Injected:1')
    assert answer.status == 400
    assert answer.header('X-Injected') is None


def test_every_error_has_exactly_one_content_length(api):
    for path in ('/nowhere', '/resource_providers?junk'):
        answer = api.get(path)
        assert int(answer.header('Content-Length')) == len(answer.body)
        json.loads(answer.body)
