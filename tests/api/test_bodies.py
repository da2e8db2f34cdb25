"""Request bodies: their size, their JSON, and the names in them."""
import json

import pytest

from harness import OWNER, new_name, new_uuid


def nested(depth):
    return b'[' * depth + b']' * depth


@pytest.mark.parametrize('body', [
    b'', b' ', b'{', b'{"name": }', b'{"name": "a"} x', b'{"name": "a",}', b"{'name': 'a'}", b'nul',
    b'\xef\xbb\xbf{"name": "a"}', b'{"name": "\xff"}', b'{"name": "\xed\xa0\x80"}',
    b'{"name": "\\ud800"}', b'{"name": "\\udc00\\ud800"}', b'{"name": "a\nb"}',
    b'{"name": "\\x41"}',
    b'{"name": "a", "name": "b"}', b'{"name": NaN}', b'{"name": Infinity}', b'{"name": -Infinity}',
    b'{"name": 1e999}', b'{"name": 01}', b'{"name": +1}', b'{"name": .5}', nested(40),
    nested(5000)],
    ids=lambda body: repr(body[:30]))
def test_what_is_not_quite_json_is_refused(api, body):
    answer = api.post('/resource_providers', body)
    assert answer.status == 400
    assert 'JSON' in answer.error['detail']


@pytest.mark.parametrize('body', [b'[]', b'"a"', b'1', b'null', b'true', b'{}', b'{"name": 1}',
                                  b'{"name": ""}', b'{"name": "a", "junk": 1}', b'{"name": null}'])
def test_json_that_fits_no_schema_is_refused(api, body):
    answer = api.post('/resource_providers', body)
    assert answer.status == 400
    assert 'JSON does not validate' in answer.error['detail']


def test_a_surrogate_pair_is_a_character(api):
    name = new_name('horse')
    answer = api.post('/resource_providers', f'{{"name": "{name}\\ud83d\\udc34"}}'.encode())
    assert (answer.status, answer.json['name']) == (200, name + '\N{HORSE FACE}')


def test_a_name_in_any_script_comes_back_and_is_found(api):
    name = new_name('Größe 大きさ ')
    made = api.provider(name=name)
    assert api.get(f'/resource_providers/{made}').json['name'] == name
    from urllib.parse import quote
    found = api.get(f'/resource_providers?name={quote(name)}').json['resource_providers']
    assert [one['uuid'] for one in found] == [made]


@pytest.mark.parametrize('name', ['a\x00b', 'a\nb', '\x1b[31m', 'a\x7f', 'a\u0085b', 'x' * 201])
def test_a_name_with_control_characters_or_too_long_is_refused(api, name):
    made = api.provider()
    assert api.post('/resource_providers', {'name': name}).status == 400
    assert api.put(f'/resource_providers/{made}', {'name': name}).status == 400
    assert api.get(f'/resource_providers/{made}').json['name'] == made


def test_an_empty_name_is_refused_in_both_ways(api):
    made = api.provider()
    assert api.post('/resource_providers', {'name': ''}).status == 400
    assert api.put(f'/resource_providers/{made}', {'name': ''}).status == 400


@pytest.mark.parametrize('name', ['CUSTOM_A%0A', 'CUSTOM_%22', 'CUSTOM_a', 'CUSTOM_', 'custom_A',
                                  'A', 'CUSTOM_A%20', 'CUSTOM_%C3%84',
                                  'CUSTOM_Q%22,%20%22name%22:%22CUSTOM_B',
                                  'CUSTOM_' + 'A' * 249])
def test_traits_and_classes_have_only_plain_names(api, name):
    assert api.put(f'/traits/{name}').status == 400
    assert api.put(f'/resource_classes/{name}').status == 400


@pytest.mark.parametrize('name', ['CUSTOM_A\n', 'CUSTOM_\x00', 'VCPU\n', 'CUSTOM_' + 'A' * 249])
def test_a_class_from_a_body_has_only_a_plain_name(api, name):
    assert api.post('/resource_classes', {'name': name}).status == 400
    answer = api.put(f'/resource_providers/{api.provider()}/inventories', {
        'resource_provider_generation': 0, 'inventories': {name: {'total': 1}}})
    assert answer.status == 400


@pytest.mark.parametrize('kind', ['X\n', 'x', 'A B', '', 'A' * 256, None, 1])
def test_a_consumer_type_is_a_plain_name(api, kind):
    made = api.provider(VCPU=1)
    assert api.claim(new_uuid(), {made: {'VCPU': 1}}, consumer_type=kind).status == 400
    assert api.used(made) == {'VCPU': 0}


@pytest.mark.parametrize('changes', [{'project_id': ''}, {'user_id': ''}, {'project_id': 'x' * 256},
                                     {'user_id': 'x' * 256}, {'project_id': None}])
def test_an_owner_is_a_short_text(api, changes):
    made = api.provider(VCPU=1)
    assert api.claim(new_uuid(), {made: {'VCPU': 1}}, **changes).status == 400


@pytest.mark.parametrize('inventory', [
    {}, {'total': 0}, {'total': -1}, {'total': '1'}, {'total': True}, {'total': 1.5},
    {'total': None},
    {'total': 2**31}, {'total': 2**63}, {'total': 2**64}, {'total': 1, 'reserved': -1},
    {'total': 1, 'reserved': 2}, {'total': 1, 'min_unit': 0}, {'total': 1, 'max_unit': 0},
    {'total': 1, 'step_size': 0}, {'total': 4, 'allocation_ratio': -0.5},
    {'total': 1, 'allocation_ratio': 1e39}, {'total': 1, 'junk': 1}, 5, None, []])
def test_an_inventory_that_makes_no_sense_is_refused(api, inventory):
    made = api.provider()
    path = f'/resource_providers/{made}/inventories'
    answer = api.put(path, {'resource_provider_generation': 0, 'inventories': {'VCPU': inventory}})
    assert answer.status == 400
    assert api.get(path).json['inventories'] == {}
    assert api.generation(made) == 0


@pytest.mark.parametrize('inventories', [{'vcpu': 5}, {'vcpu': {'foo': 1}}, {'vcpu': {'total': 4}},
                                         {'': {'total': 4}}, {'NONE': {'total': 4}}])
def test_an_inventory_of_no_class_is_refused(api, inventories):
    answer = api.put(f'/resource_providers/{api.provider()}/inventories',
                     {'resource_provider_generation': 0, 'inventories': inventories})
    assert answer.status == 400


@pytest.mark.parametrize('generation', [True, '0', None, 0.5, -1, 2**31, 2**63, 2**64, 1e300])
def test_a_generation_that_is_none_is_no_generation(api, generation):
    made = api.provider()
    answer = api.put(f'/resource_providers/{made}/inventories',
                     {'resource_provider_generation': generation, 'inventories': {}})
    assert answer.status in (400, 409)
    assert api.generation(made) == 0


def test_whole_numbers_may_be_written_as_floats(api):
    made = api.provider()
    answer = api.put(f'/resource_providers/{made}/inventories', {
        'resource_provider_generation': 0.0, 'inventories': {'VCPU': {'total': 4.0}}})
    assert answer.status == 200
    inventories = api.get(f'/resource_providers/{made}/inventories').json['inventories']
    assert inventories['VCPU']['total'] == 4


@pytest.mark.parametrize('amount', [0, -1, 1.5, '1', True, None, 2**31, 2**63, 2**64, 1e300])
def test_an_amount_that_cannot_be_had_is_refused(api, amount):
    made = api.provider(VCPU=4)
    answer = api.claim(new_uuid(), {made: {'VCPU': amount}})
    assert answer.status in (400, 409)
    assert api.used(made) == {'VCPU': 0}


def test_a_body_over_the_limit_is_refused_before_it_is_read(api):
    big = b'{"name": "' + b'a' * (1 << 20) + b'"}'
    answer = api.raw(b'POST /resource_providers HTTP/1.1\r\nHost: x\r\nX-Auth-Token: admin\r\n'
                     b'Content-Type: application/json\r\nContent-Length: %d\r\n\r\n' % len(big))
    head, _, body = answer.partition(b'\r\n\r\n')
    assert head.startswith(b'HTTP/1.1 413 ')
    assert json.loads(body)['errors'][0]['status'] == 413


def test_a_body_just_under_the_limit_is_read(api):
    padding = b' ' * ((1 << 20) - 100)
    name = new_name('padded').encode()
    answer = api.post('/resource_providers', b'{"name": "' + name + b'"' + padding + b'}')
    assert answer.status == 200


def test_bulk_writes_may_be_larger(api):
    padding = b' ' * (2 << 20)
    answer = api.post('/allocations', b'{' + padding + b'}')
    assert answer.status == 400
    assert 'JSON does not validate' in answer.error['detail']
    assert api.post('/reshaper', b'{' + padding + b'}', roles='admin,service').status == 400


def test_a_chunked_body_over_the_limit_is_refused(api):
    answer = api.raw(b'POST /resource_providers HTTP/1.1\r\nHost: x\r\nX-Auth-Token: admin\r\n'
                     b'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'
                     b'7fffffff\r\n')
    assert answer.startswith(b'HTTP/1.1 413 ')


def test_lists_over_the_limit_are_refused(api):
    made = api.provider()
    traits = {'resource_provider_generation': 0,
              'traits': [f'CUSTOM_{number}' for number in range(1001)]}
    assert api.put(f'/resource_providers/{made}/traits', traits).status == 400
    aggregates = {'resource_provider_generation': 0,
                  'aggregates': [new_uuid() for _ in range(1001)]}
    assert api.put(f'/resource_providers/{made}/aggregates', aggregates).status == 400
    aggregates['aggregates'].pop()
    assert api.put(f'/resource_providers/{made}/aggregates', aggregates).status == 200


def test_limits_can_be_set(make_server):
    api = make_server({'emplace': {'body_bytes_max': '200', 'json_depth_max': '3',
                                   'list_items_max': '2', 'query_groups_max': '2'}}).start()
    made = api.provider()
    path = f'/resource_providers/{made}/aggregates'
    def aggregates(count):
        return {'resource_provider_generation': 0, 'aggregates': [new_uuid() for _ in range(count)]}
    assert api.put(path, aggregates(3)).status == 400
    assert api.put(path, b' ' * 201).status == 413
    assert api.put(path, {'aggregates': [[[[]]]]}).status == 400
    assert api.put(path, aggregates(2)).status == 200
    query = '/allocation_candidates?group_policy=none&resources_A=VCPU:1&resources_B=VCPU:1'
    assert api.get(query).status == 200
    assert api.get(query + '&resources_C=VCPU:1').status == 400


def test_an_empty_claim_of_a_new_consumer_makes_none(api):
    consumer = new_uuid()
    body = {'allocations': {}, 'consumer_generation': None, **OWNER}
    assert api.put(f'/allocations/{consumer}', body).status == 204
    assert api.put(f'/allocations/{consumer}', body).status == 204
