"""Spellings of one UUID are one UUID, and it is shown in one way: lower-case and dashed."""
import uuid

import pytest

from harness import OWNER, new_uuid, spellings


@pytest.mark.parametrize('nth', range(6))
def test_a_provider_is_made_from_any_spelling(api, nth):
    wanted = new_uuid()
    body = {'name': wanted, 'uuid': spellings(wanted)[nth]}
    assert api.post('/resource_providers', body).json['uuid'] == wanted
    again = api.post('/resource_providers', {'name': new_uuid(), 'uuid': wanted})
    assert again.status == 409


def test_a_provider_is_found_by_upper_case(api):
    made = api.provider()
    assert api.get(f'/resource_providers/{made.upper()}').json['uuid'] == made


def test_a_parent_is_found_by_upper_case(api):
    parent, child = api.provider(), new_uuid()
    answer = api.post('/resource_providers', {
        'name': child, 'uuid': child, 'parent_provider_uuid': parent.upper()})
    assert (answer.status, answer.json['parent_provider_uuid']) == (200, parent)


@pytest.mark.parametrize('nth', range(2))
def test_a_consumer_has_one_claim_however_it_is_spelled(api, nth):
    made, consumer = api.provider(VCPU=4), new_uuid()
    other = spellings(consumer)[nth]
    assert api.claim(other, {made: {'VCPU': 1}}).status == 204
    assert made in api.get(f'/allocations/{consumer}').json['allocations']
    assert api.claim(consumer, {made: {'VCPU': 2}}).status == 409, 'it exists already'
    assert made in api.get(f'/allocations/{other}').json['allocations']
    assert api.delete(f'/allocations/{other}').status == 204
    assert api.used(made) == {'VCPU': 0}


def test_a_claim_names_its_provider_in_upper_case(api):
    made, consumer = api.provider(VCPU=4), new_uuid()
    assert api.claim(consumer, {made.upper(): {'VCPU': 1}}).status == 204
    assert api.used(made) == {'VCPU': 1}


def test_two_spellings_of_one_provider_in_a_claim_are_refused(api):
    made = 'abcdef00' + api.provider()[8:]
    api.post('/resource_providers', {'name': made, 'uuid': made})
    answer = api.claim(new_uuid(), {made: {'VCPU': 1}, made.upper(): {'VCPU': 1}})
    assert answer.status == 400


def test_two_spellings_of_one_consumer_in_a_post_are_refused(api):
    made, consumer = api.provider(VCPU=4), 'abcdef00' + new_uuid()[8:]
    entry = {'allocations': {made: {'resources': {'VCPU': 1}}}, 'consumer_generation': None,
             **OWNER}
    answer = api.post('/allocations', {consumer: entry, consumer.upper(): entry})
    assert answer.status == 400
    assert api.used(made) == {'VCPU': 0}


def test_an_aggregate_is_one_however_it_is_spelled(api):
    made, aggregate = api.provider(), new_uuid()
    path = f'/resource_providers/{made}/aggregates'
    for generation, spelling in enumerate(spellings(aggregate)):
        answer = api.put(path, {'aggregates': [spelling],
                                'resource_provider_generation': generation})
        assert answer.json['aggregates'] == [aggregate]
    for spelling in (aggregate, aggregate.upper()):
        found = api.get(f'/resource_providers?member_of={spelling}').json['resource_providers']
        assert [one['uuid'] for one in found] == [made]


@pytest.mark.parametrize('junk', ['junk', '-' * 36, 'g' * 32, '0' * 31, '0' * 33, ' ' + new_uuid(),
                                  new_uuid() + '%20', 'urn:uuid:', new_uuid()[:-1] + '%C3%A9'])
def test_junk_is_no_uuid(api, junk):
    assert api.get(f'/resource_providers/{junk}'.replace(' ', '%20')).status == 404
    assert api.delete(f'/resource_providers/{junk}'.replace(' ', '%20')).status == 404
    put = api.put(f'/allocations/{junk}'.replace(' ', '%20'),
                  {'allocations': {}, 'consumer_generation': None, **OWNER})
    assert put.status == 400


@pytest.mark.parametrize('junk', ['junk', '', 5, None, '0' * 31, '-' * 36])
def test_a_provider_is_not_made_from_junk(api, junk):
    answer = api.post('/resource_providers', {'name': new_uuid(), 'uuid': junk})
    assert answer.status == 400


def test_every_uuid_that_is_shown_is_canonical(api):
    made = api.provider(VCPU=1)
    shown = api.get('/resource_providers').json['resource_providers']
    assert made in [one['uuid'] for one in shown]
    for one in shown:
        assert str(uuid.UUID(one['uuid'])) == one['uuid']
        assert one['root_provider_uuid'] == str(uuid.UUID(one['root_provider_uuid']))
