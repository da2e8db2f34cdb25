"""Findings 2 and 4 (CWE-435, CWE-691): a generation is compared and set in one step, is one greater
after each change, and never ends.

Upstream 8.0.0 over SQLite answers some losers of the races with 500, and its aggregates in the
order in which they were sent; it has no rule for the end of the range.
"""
import sqlite3

import pytest

from attacking import at_one_moment, nothing_changes, request_bytes, state_of
from harness import new_name, new_uuid
from operations import GROUP, SERVER, SHARE, SPARE, entry

WRITERS = 24
LAST = 2147483647


def claim(provider, generation, amount):
    return entry(39, {provider: {'VCPU': amount}}, generation)


class Write:
    """A kind of write that carries a generation: `request(provider, consumer, generation, nth)`
    gives method, path and body; `step`: how much greater the generation is after it."""

    def __init__(self, request, step=1, of_consumer=False):
        self.request, self.step, self.of_consumer = request, step, of_consumer


def inventories(provider, consumer, generation, nth):
    return ('PUT', f'/resource_providers/{provider}/inventories', {
        'resource_provider_generation': generation,
        'inventories': {'VCPU': {'total': 100 + nth}}})


def inventory(provider, consumer, generation, nth):
    return ('PUT', f'/resource_providers/{provider}/inventories/VCPU', {
        'resource_provider_generation': generation, 'total': 100 + nth})


def aggregates(provider, consumer, generation, nth):
    return ('PUT', f'/resource_providers/{provider}/aggregates', {
        'resource_provider_generation': generation,
        'aggregates': [f'{nth:08x}-0000-4000-8000-000000000000', GROUP]})


def traits(provider, consumer, generation, nth):
    names = sorted(['HW_CPU_X86_AVX', 'HW_CPU_X86_SSE', 'HW_CPU_X86_VMX', 'HW_CPU_X86_SHA',
                    'HW_CPU_X86_BMI'])
    return ('PUT', f'/resource_providers/{provider}/traits', {
        'resource_provider_generation': generation,
        'traits': [name for bit, name in enumerate(names) if (nth + 1) >> bit & 1]})


def reshape(provider, consumer, generation, nth):
    body = inventories(provider, consumer, generation, nth)[2]
    return 'POST', '/reshaper', {'inventories': {provider: body}, 'allocations': {}}


def put_claim(provider, consumer, generation, nth):
    return 'PUT', f'/allocations/{consumer}', claim(provider, generation, nth + 1)


def post_claim(provider, consumer, generation, nth):
    return 'POST', '/allocations', {consumer: claim(provider, generation, nth + 1)}


WRITES = {
    'inventories': Write(inventories), 'inventory': Write(inventory),
    'aggregates': Write(aggregates), 'traits': Write(traits),
    # As upstream: once with the interim inventory, once with the final one.
    'reshape': Write(reshape, step=2),
    'claim': Write(put_claim, of_consumer=True), 'claims': Write(post_claim, of_consumer=True),
}


def shown(api, what, provider, consumer):
    """What a write of that kind has left behind: the generation, and the contents."""
    if WRITES[what].of_consumer:
        body = api.get(f'/allocations/{consumer}').json
        return body['consumer_generation'], body['allocations'][provider]['resources']['VCPU']
    part = what if what in ('aggregates', 'traits') else 'inventories'
    body = api.get(f'/resource_providers/{provider}/{part}').json
    contents = body[part]['VCPU']['total'] if part == 'inventories' else set(body[part])
    return body['resource_provider_generation'], contents


def contents_of(what, request):
    """The same of what was sent."""
    body = request[2]
    if what in ('aggregates', 'traits'):
        return set(body[what])
    if what == 'inventory':
        return body['total']
    if what in ('claim', 'claims'):
        body = body if what == 'claim' else next(iter(body.values()))
        return next(iter(body['allocations'].values()))['resources']['VCPU']
    body = body if what == 'inventories' else next(iter(body['inventories'].values()))
    return body['inventories']['VCPU']['total']


def prepared(api):
    """A provider and a consumer with a claim of it; their generations are 2 and 1."""
    provider, consumer = api.provider(VCPU=1000), new_uuid()
    assert api.claim(consumer, {provider: {'VCPU': 1}}).status == 204
    return provider, consumer


@pytest.mark.parametrize('what', WRITES)
def test_of_writers_at_one_moment_with_one_generation_exactly_one_wins(api, what):
    write = WRITES[what]
    provider, consumer = prepared(api)
    generation = 1 if write.of_consumer else 2
    requests = [write.request(provider, consumer, generation, nth) for nth in range(WRITERS)]
    answers = at_one_moment(api.port, [request_bytes(*request) for request in requests])
    won = [nth for nth, answer in enumerate(answers) if answer.status in (200, 204)]
    assert len(won) == 1, [answer.status for answer in answers]
    for answer in answers[:won[0]] + answers[won[0] + 1:]:
        assert (answer.status, answer.error['code']) == (409, 'placement.concurrent_update')
    assert shown(api, what, provider, consumer) == (generation + write.step,
                                                    contents_of(what, requests[won[0]]))


@pytest.mark.parametrize('what', ['inventories', 'inventory', 'aggregates', 'traits'])
def test_the_answer_shows_what_is_stored(api, what):
    provider, consumer = prepared(api)
    method, path, body = WRITES[what].request(provider, consumer, 2, 6)
    answer = api.request(method, path, body)
    assert answer.status == 200
    assert answer.json == api.get(path).json


@pytest.mark.parametrize('order', [1, -1])
def test_aggregates_are_answered_as_they_are_listed(api, order):
    path = f'/resource_providers/{api.provider()}/aggregates'
    groups = sorted(new_uuid() for _ in range(8))[::order]
    sent = [group.upper() for group in groups]
    for body, version in (({'aggregates': sent, 'resource_provider_generation': 0}, '1.39'),
                          (sent, '1.18')):
        answer = api.put(path, body, version=version)
        assert answer.json == api.get(path, version=version).json


@pytest.mark.parametrize('what', ['aggregates', 'traits'])
def test_a_change_is_counted_once_for_each_write(api, what):
    provider, consumer = prepared(api)
    for generation in range(2, 8):
        method, path, body = WRITES[what].request(provider, consumer, generation, generation)
        answer = api.request(method, path, body)
        assert answer.json['resource_provider_generation'] == generation + 1


WRONG = {
    'text': str, 'less': lambda right: right - 1, 'more': lambda right: right + 1,
    'half': lambda right: right + 0.5, 'list': lambda right: [right], 'object': lambda _: {},
    'null': lambda _: None, 'true': lambda _: True, 'negative': lambda right: -right,
    '2^31': lambda _: 2**31, '2^32': lambda right: 2**32 + right, '2^63': lambda _: 2**63,
    '2^64': lambda right: 2**64 + right, '1e300': lambda _: 1e300, '-1': lambda _: -1}


@pytest.mark.parametrize('what', WRITES)
@pytest.mark.parametrize('wrong', WRONG)
def test_what_is_not_the_generation_wins_nothing(victim, what, wrong):
    right = 1 if WRITES[what].of_consumer else 3
    method, path, body = WRITES[what].request(SPARE, SERVER, WRONG[wrong](right), 1)
    with nothing_changes(victim.port):
        answer = victim.request(method, path, body, roles='admin,service')
        assert answer.status in (400, 409), answer


@pytest.mark.parametrize('number', ['NaN', 'Infinity', '1e999', '03', '0x3', '3_0', '-', '.3'])
def test_what_is_no_number_is_no_generation(victim, number):
    for what, write in WRITES.items():
        method, path, body = write.request(SPARE, SERVER, 987654321, 1)
        text = request_bytes(method, path, body)
        body = text.partition(b'\r\n\r\n')[2].replace(b'987654321', number.encode())
        answer = victim.request(method, path, body, roles='admin,service')
        assert (what, answer.status) == (what, 400)


def test_one_wrong_generation_of_many_refuses_the_whole(victim):
    good, bad = claim(SPARE, None, 1), claim(SPARE, 5, 1)
    inventory_of = {provider: {'resource_provider_generation': generation,
                               'inventories': {'VCPU': {'total': 4}}}
                    for provider, generation in ((SPARE, 3), (SHARE, 1))}
    with nothing_changes(victim.port):
        assert victim.post('/allocations', {new_uuid(): good, new_uuid(): bad}).status == 409
        for inventories_, allocations in ((inventory_of, {}),
                                          ({SPARE: inventory_of[SPARE]}, {new_uuid(): bad})):
            answer = victim.post('/reshaper', {'inventories': inventories_,
                                               'allocations': allocations}, roles='admin,service')
            assert answer.status == 409, answer


@pytest.mark.parametrize('stored, following', [(LAST, 1), (2**31, 1), (2**40, 1), (-1, 1), (-7, 1)])
def test_at_the_end_of_its_range_a_generation_begins_anew(make_server, stored, following):
    """Values beyond the range are what upstream leaves in SQLite, whose columns have none."""
    server = make_server()
    api = server.start()
    objects = {what: prepared(api) for what in WRITES}
    server.stop()
    with sqlite3.connect(server.database) as database:
        database.execute('UPDATE resource_providers SET generation = ?', (stored,))
        database.execute('UPDATE consumers SET generation = ?', (stored,))
    database.close()
    api = server.start()
    for what, write in WRITES.items():
        provider, consumer = objects[what]
        request = write.request(provider, consumer, stored, 3)
        stale = api.request(*write.request(provider, consumer, 1, 4), roles='admin,service')
        assert (what, stale.status) == (what, 409)
        answer = api.request(*request, roles='admin,service')
        assert answer.status in (200, 204), (what, answer)
        now = following + write.step - 1
        assert shown(api, what, provider, consumer) == (now, contents_of(what, request))
        answer = api.request(*write.request(provider, consumer, now, 5), roles='admin,service')
        assert answer.status in (200, 204), (what, answer)
    before = state_of(api.port)
    server.stop()
    assert state_of(server.start().port) == before, 'it is stored so, too'
    server.stop()


def test_writes_without_a_generation_are_whole(api):
    """Before 1.19 the last writer wins, and all of what it wrote."""
    path = f'/resource_providers/{api.provider()}/aggregates'
    sets = [[new_uuid() for _ in range(5)] for _ in range(WRITERS)]
    answers = at_one_moment(api.port, [request_bytes('PUT', path, one, version='1.18')
                                       for one in sets])
    assert {answer.status for answer in answers} == {200}
    assert set(api.get(path).json['aggregates']) in [set(one) for one in sets]


def test_claims_without_a_generation_are_whole(api):
    providers = [api.provider(VCPU=1000) for _ in range(3)]
    consumer = new_uuid()
    answers = at_one_moment(api.port, [
        request_bytes('PUT', f'/allocations/{consumer}', entry(
            27, {provider: {'VCPU': nth + 1} for provider in providers}, None), version='1.27')
        for nth in range(WRITERS)])
    assert {answer.status for answer in answers} == {204}
    amounts = {api.used(provider)['VCPU'] for provider in providers}
    assert len(amounts) == 1 and amounts <= set(range(1, WRITERS + 1))
    assert api.get(f'/allocations/{consumer}').json['consumer_generation'] == WRITERS


def test_of_many_adders_of_one_inventory_exactly_one_wins(api):
    """POST …/inventories and DELETE …/inventories carry no generation."""
    path = f'/resource_providers/{api.provider()}/inventories'
    answers = at_one_moment(api.port, [
        request_bytes('POST', path, {'resource_class': 'VCPU', 'total': nth + 1})
        for nth in range(WRITERS)])
    statuses = [answer.status for answer in answers]
    assert sorted(statuses) == [201] + [409] * (WRITERS - 1)
    body = api.get(path).json
    assert body['inventories']['VCPU']['total'] == statuses.index(201) + 1
    assert body['resource_provider_generation'] == 1


def test_a_provider_that_is_made_again_has_nothing_of_the_first(api):
    made, trait = api.provider(VCPU=4), new_name('CUSTOM_')
    api.put(f'/traits/{trait}')
    api.put(f'/resource_providers/{made}/traits',
            {'resource_provider_generation': 1, 'traits': [trait]})
    api.put(f'/resource_providers/{made}/aggregates',
            {'resource_provider_generation': 2, 'aggregates': [new_uuid()]})
    assert api.delete(f'/resource_providers/{made}').status == 204
    assert api.post('/resource_providers', {'name': made, 'uuid': made}).status == 200
    for what, nothing in (('inventories', {}), ('traits', []), ('aggregates', [])):
        body = api.get(f'/resource_providers/{made}/{what}').json
        assert (body[what], body['resource_provider_generation']) == (nothing, 0)
