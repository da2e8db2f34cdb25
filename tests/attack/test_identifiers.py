"""Finding 3 (CWE-664): spellings of one UUID are one UUID wherever it stands, and it is written in
one way. tests/api/test_uuids.py has the plain cases; here is every place.

Upstream 8.0.0 keeps aggregates as they are spelled (two spellings are two aggregates), and does not
find providers by other spellings in paths and queries.
"""
import uuid

import pytest

from attacking import nothing_changes, state_of
from harness import OWNER, new_uuid, spellings
from operations import GROUP, NOBODY, ROOT, SPARE, entry

PLACES = range(6)  # of harness.spellings
ARABIC = str.maketrans('0123456789', ''.join(chr(0x660 + digit) for digit in range(10)))
WIDE = {ord(digit): chr(ord(digit) + 0xfee0) for digit in '0123456789abcdef'}
NEARLY = ['', ' ', '{}', 'urn:uuid:', '0' * 31, '0' * 33, '-' * 36, '-' * 32, 'g' * 32,
          ROOT + '\n', '\n' + ROOT, ROOT + ' ', ROOT + '\x00', ROOT + '0', ROOT[:-1],
          '0x' + '0' * 30,
          ROOT.translate(ARABIC), ROOT.translate(WIDE), ROOT[:-1] + '\u0130', '+' + ROOT[1:],
          ROOT.replace('-', '_'), '1_0' + ROOT[3:], '[' + ROOT + ']', '(' + ROOT + ')',
          '{' + '{' * 40 + ROOT + '}' * 40 + '}']


@pytest.mark.parametrize('part', ['', '/inventories', '/inventories/VCPU', '/usages', '/aggregates',
                                  '/traits', '/allocations'])
@pytest.mark.parametrize('nth', PLACES)
def test_a_path_may_spell_a_provider_in_any_way(victim, part, nth):
    usual = victim.get(f'/resource_providers/{ROOT}{part}')
    for spelling in (spellings(ROOT)[nth], spellings(ROOT)[nth].replace('{', '%7B')):
        other = victim.get(f'/resource_providers/{spelling}{part}')
        assert (other.status, other.body) == (usual.status, usual.body)


@pytest.mark.parametrize('nth', PLACES)
def test_a_write_may_spell_its_path_in_any_way(api, nth):
    made = api.provider()
    path = f'/resource_providers/{spellings(made)[nth]}'
    for write, body in (('inventories', {'VCPU': {'total': 1}}), ('traits', ['HW_CPU_X86_AVX']),
                        ('aggregates', [new_uuid()])):
        generation = api.generation(made)
        answer = api.put(f'{path}/{write}', {'resource_provider_generation': generation,
                                             write: body})
        assert answer.status == 200, answer
        assert api.generation(made) == generation + 1
    assert api.put(path, {'name': 'spelled ' + made}).json['uuid'] == made
    assert api.delete(path).status == 204
    assert api.get(f'/resource_providers/{made}').status == 404


@pytest.mark.parametrize('query', [
    '/resource_providers?uuid={}', '/resource_providers?in_tree={}',
    '/allocation_candidates?resources=VCPU:1&in_tree={}',
    '/allocation_candidates?resources1=VCPU:1&in_tree1={}'])
@pytest.mark.parametrize('nth', PLACES)
def test_a_query_may_spell_a_provider_in_any_way(victim, query, nth):
    usual = victim.get(query.format(ROOT))
    assert ROOT.encode() in usual.body
    assert victim.get(query.format(spellings(ROOT)[nth])).body == usual.body


@pytest.mark.parametrize('query', [
    '/resource_providers?member_of={}', '/resource_providers?member_of=in:{},' + SPARE,
    '/resource_providers?member_of=!{}', '/allocation_candidates?resources=VCPU:1&member_of={}',
    '/allocation_candidates?resources=VCPU:1&member_of=!{}',
    '/allocation_candidates?resources1=VCPU:1&member_of1=in:{},{}'])
@pytest.mark.parametrize('nth', PLACES)
def test_a_query_may_spell_an_aggregate_in_any_way(victim, query, nth):
    spelling = spellings(GROUP)[nth]
    usual = victim.get(query.format(GROUP, GROUP))
    assert usual.status == 200
    assert victim.get(query.format(spelling, GROUP)).body == usual.body


@pytest.mark.parametrize('nth', PLACES)
def test_a_consumer_is_one_in_every_place(api, nth):
    made, consumer = api.provider(VCPU=8), new_uuid()
    spelling = spellings(consumer)[nth]
    assert api.claim(spelling, {made: {'VCPU': 1}}).status == 204
    assert api.get(f'/allocations/{spelling}').body == api.get(f'/allocations/{consumer}').body
    # A key of POST /allocations must have 36 characters.
    body = {spelling: entry(39, {made: {'VCPU': 2}}, 1)}
    assert api.post('/allocations', body).status == (204 if len(spelling) == 36 else 400)
    shown = api.get(f'/resource_providers/{made}/allocations').json['allocations']
    assert list(shown) == [consumer]
    assert api.delete(f'/allocations/{spelling}').status == 204
    assert api.used(made) == {'VCPU': 0}


@pytest.mark.parametrize('nth', PLACES)
def test_a_parent_may_be_spelled_in_any_way(api, nth):
    parent, child = api.provider(), new_uuid()
    body = {'name': child, 'uuid': child, 'parent_provider_uuid': spellings(parent)[nth]}
    made = api.post('/resource_providers', body)
    assert (made.status, made.json['parent_provider_uuid']) == (200, parent)
    other = api.provider()
    moved = api.put(f'/resource_providers/{child}',
                    {'name': child, 'parent_provider_uuid': spellings(other)[nth]})
    assert moved.json['parent_provider_uuid'] == moved.json['root_provider_uuid'] == other


@pytest.mark.parametrize('nth', PLACES)
@pytest.mark.parametrize('minor', [1, 18, 19, 39])
def test_two_spellings_in_one_list_of_aggregates_are_a_duplicate(victim, minor, nth):
    group = 'abcdefab-cdef-4abc-8def-abcdefabcdef'
    groups = [group, new_uuid(), spellings(group)[nth]]
    body = groups if minor < 19 else {'resource_provider_generation': 3, 'aggregates': groups}
    with nothing_changes(victim.port):
        answer = victim.put(f'/resource_providers/{SPARE}/aggregates', body, version=f'1.{minor}')
        assert answer.status == 400
        assert 'non-unique' in answer.error['detail']


def test_two_spellings_of_one_key_are_a_duplicate(victim):
    spare = {'resource_provider_generation': 3, 'inventories': {'VCPU': {'total': 4}}}
    one = entry(39, {SPARE: {'VCPU': 1}}, None)
    both = entry(39, {SPARE: {'VCPU': 1}, SPARE.upper(): {'VCPU': 1}}, None)
    requests = [
        ('POST', '/reshaper', {'inventories': {SPARE: spare, SPARE.upper(): spare},
                               'allocations': {}}),
        ('POST', '/reshaper', {'inventories': {SPARE: spare},
                               'allocations': {NOBODY: one, NOBODY.upper(): one}}),
        ('POST', '/reshaper', {'inventories': {SPARE: spare}, 'allocations': {NOBODY: both}}),
        ('POST', '/allocations', {NOBODY: one, NOBODY.upper(): one}),
        ('POST', '/allocations', {NOBODY: both}), ('PUT', f'/allocations/{NOBODY}', both)]
    for request in requests:
        with nothing_changes(victim.port):
            answer = victim.request(*request, roles='admin,service')
            assert answer.status == 400, (request, answer)


def test_a_list_that_names_a_provider_twice_claims_once(api):
    """Before 1.12 the last of several counts, also if they are spelled differently."""
    made, consumer = 'abcdef00' + new_uuid()[8:], new_uuid()
    api.post('/resource_providers', {'name': made, 'uuid': made})
    api.put(f'/resource_providers/{made}/inventories',
            {'resource_provider_generation': 0, 'inventories': {'VCPU': {'total': 9}}})
    body = {'allocations': [{'resource_provider': {'uuid': spelling}, 'resources': {'VCPU': amount}}
                            for spelling, amount in ((made, 1), (made.upper(), 2),
                                                     (made.replace('-', ''), 3))],
            'project_id': 'p', 'user_id': 'u'}
    answer = api.put(f'/allocations/{consumer}', body, version='1.11')
    assert answer.status in (204, 400), answer
    assert api.used(made) == {'VCPU': 3 if answer.status == 204 else 0}


@pytest.mark.parametrize('text', NEARLY, ids=ascii)
def test_what_is_nearly_a_uuid_is_none(victim, text):
    spare = {'resource_provider_generation': 3, 'inventories': {}}
    claim = entry(39, {text: {'VCPU': 1}}, None)
    old = {'allocations': [{'resource_provider': {'uuid': text}, 'resources': {'VCPU': 1}}],
           'project_id': 'p', 'user_id': 'u'}
    requests = [
        ('POST', '/resource_providers', {'name': 'n', 'uuid': text}, '1.39'),
        ('POST', '/resource_providers', {'name': 'n', 'parent_provider_uuid': text}, '1.39'),
        ('PUT', f'/resource_providers/{SPARE}/aggregates',
         {'resource_provider_generation': 3, 'aggregates': [text]}, '1.39'),
        ('PUT', f'/resource_providers/{SPARE}/aggregates', [text], '1.18'),
        ('PUT', f'/allocations/{NOBODY}', claim, '1.39'),
        ('PUT', f'/allocations/{NOBODY}', old, '1.11'),
        ('POST', '/allocations', {text: entry(39, {SPARE: {'VCPU': 1}}, None)}, '1.39'),
        ('POST', '/reshaper', {'inventories': {text: spare}, 'allocations': {}}, '1.39')]
    with nothing_changes(victim.port):
        for method, path, body, version in requests:
            answer = victim.request(method, path, body, version=version, roles='admin,service')
            assert answer.status == 400, (method, path, answer)


def strings_in(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield name
            yield from strings_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings_in(one)


def test_whatever_was_sent_every_uuid_comes_back_canonical(api):
    """A small cloud, made in odd spellings alone."""
    root, child, group, consumer = (f'ab{n}def00' + new_uuid()[8:] for n in range(4))
    odd = [spellings(one)[nth] for one, nth in ((root, 3), (child, 5), (group, 4), (consumer, 2))]
    api.post('/resource_providers', {'name': 'root ' + root, 'uuid': odd[0]})
    made = api.post('/resource_providers', {'name': 'child ' + child, 'uuid': odd[1],
                                            'parent_provider_uuid': root.upper()})
    assert made.header('Location').endswith(child)
    for spelling in (odd[0], child.upper()):
        path = f'/resource_providers/{spelling}'
        assert api.put(path + '/inventories', {
            'resource_provider_generation': 0, 'inventories': {'VCPU': {'total': 4}}}).status == 200
        assert api.put(path + '/aggregates', {'resource_provider_generation': 1,
                                              'aggregates': [odd[2]]}).status == 200
    answer = api.put(f'/allocations/{odd[3]}', {
        'allocations': {root.upper(): {'resources': {'VCPU': 1}}}, 'consumer_generation': None,
        **OWNER})
    assert answer.status == 204
    seen = set()
    for path, body in state_of(api.port).items():
        for text in strings_in([path.rsplit('/', maxsplit=1)[-1], body]):
            try:
                parsed = uuid.UUID(text)
            except ValueError:
                continue
            assert text == str(parsed), path
            seen.add(text)
    assert {root, child, group, consumer} <= seen
    candidates = api.get(f'/allocation_candidates?resources=VCPU:1&in_tree={odd[0]}').json
    assert set(candidates['provider_summaries']) == {root, child}
