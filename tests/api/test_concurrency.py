"""Many writers at one time: one order of writes, nothing lost, nothing sold twice."""
import concurrent.futures
import threading

import pytest

from harness import OWNER, at_once, new_name, new_uuid

WRITERS = 24


def statuses(answers):
    counts = {}
    for answer in answers:
        counts[answer.status] = counts.get(answer.status, 0) + 1
    return counts


@pytest.mark.parametrize('what', ['inventories', 'traits', 'aggregates'])
def test_of_many_writers_with_one_generation_exactly_one_wins(api, what):
    made = api.provider(VCPU=1)
    path = f'/resource_providers/{made}/{what}'
    groups = [new_uuid() for _ in range(WRITERS)]
    prefix = new_name('CUSTOM_')
    for number in range(WRITERS):
        api.put(f'/traits/{prefix}_{number}')

    def contents(number):
        return {'inventories': {'VCPU': {'total': number + 100}},
                'traits': [f'{prefix}_{number}'], 'aggregates': [groups[number]]}[what]

    answers = at_once(WRITERS, lambda number: api.put(path, {
        'resource_provider_generation': 1, what: contents(number)}))
    assert statuses(answers) == {200: 1, 409: WRITERS - 1}
    winner = [answer.status for answer in answers].index(200)
    now = api.get(path).json
    assert now['resource_provider_generation'] == 2
    if what == 'inventories':
        assert now[what]['VCPU']['total'] == winner + 100
    else:
        assert now[what] == contents(winner)
    losers = [answer.error['code'] for answer in answers if answer.status == 409]
    assert set(losers) == {'placement.concurrent_update'}


def test_ten_seats_are_sold_ten_times(api):
    made = api.provider(VCPU=10)
    consumers = [new_uuid() for _ in range(WRITERS)]
    answers = at_once(WRITERS, lambda number: api.claim(consumers[number], {made: {'VCPU': 1}}))
    assert statuses(answers) == {204: 10, 409: WRITERS - 10}
    assert api.used(made) == {'VCPU': 10}
    for consumer, answer in zip(consumers, answers):
        has = api.get(f'/allocations/{consumer}').json['allocations']
        assert bool(has) == (answer.status == 204)


def test_of_many_first_claims_of_one_consumer_exactly_one_wins(api):
    made, consumer = api.provider(VCPU=100), new_uuid()
    answers = at_once(WRITERS, lambda number: api.claim(consumer, {made: {'VCPU': number + 1}}))
    assert statuses(answers) == {204: 1, 409: WRITERS - 1}
    winner = [answer.status for answer in answers].index(204)
    assert api.used(made) == {'VCPU': winner + 1}
    assert api.get(f'/allocations/{consumer}').json['consumer_generation'] == 1


def test_nothing_that_was_acknowledged_is_lost(api):
    made = api.provider(VCPU=1000)

    def write_and_read(number):
        for _ in range(10):
            consumer = new_uuid()
            assert api.claim(consumer, {made: {'VCPU': 1}}).status == 204
            seen = api.get(f'/allocations/{consumer}').json['allocations']
            assert seen[made]['resources'] == {'VCPU': 1}
            if number % 2:
                assert api.delete(f'/allocations/{consumer}').status == 204
                assert api.get(f'/allocations/{consumer}').json['allocations'] == {}
        return True

    assert all(at_once(8, write_and_read))
    assert api.used(made) == {'VCPU': 40}
    listed = api.get(f'/resource_providers/{made}/allocations').json['allocations']
    assert len(listed) == 40


def test_a_name_is_given_once(api):
    name = new_name('unique')
    answers = at_once(WRITERS, lambda _: api.post('/resource_providers', {'name': name}))
    assert statuses(answers) == {200: 1, 409: WRITERS - 1}
    assert len(api.get(f'/resource_providers?name={name}').json['resource_providers']) == 1


def test_a_trait_is_made_once(api):
    name = new_name('CUSTOM_')
    answers = at_once(WRITERS, lambda _: api.put(f'/traits/{name}'))
    assert statuses(answers) == {201: 1, 204: WRITERS - 1}


def test_opposite_re_parentings_make_no_circle(api):
    one, other = api.provider(), api.provider()

    def adopt(number):
        child, parent = ((one, other), (other, one))[number % 2]
        return api.put(f'/resource_providers/{child}',
                       {'name': child, 'parent_provider_uuid': parent})

    answers = at_once(8, adopt)
    assert set(statuses(answers)) == {200, 400}
    shown = [api.get(f'/resource_providers/{uuid}').json for uuid in (one, other)]
    assert len({one['root_provider_uuid'] for one in shown}) == 1
    assert sorted(one['parent_provider_uuid'] is None for one in shown) == [False, True]


def test_a_provider_is_deleted_or_claimed_but_not_both(api):
    for _ in range(5):
        made, consumer = api.provider(VCPU=1), new_uuid()

        def act(number):
            if number == 0:
                return api.delete(f'/resource_providers/{made}')
            return api.claim(consumer, {made: {'VCPU': 1}})

        deleted, claimed = at_once(2, act)
        assert sorted([deleted.status, claimed.status]) in ([204, 400], [204, 409])
        there = api.get(f'/resource_providers/{made}').status == 200
        assert there == (claimed.status == 204)


def test_a_move_is_seen_whole_or_not_at_all(api):
    source, target = api.provider(VCPU=1), api.provider(VCPU=1)
    instance, migration, project = new_uuid(), new_uuid(), new_name('moving')
    owner = {**OWNER, 'project_id': project}
    assert api.claim(instance, {source: {'VCPU': 1}}, **owner).status == 204
    done = threading.Event()

    def watch():
        while not done.is_set():
            usages = api.get(f'/usages?project_id={project}').json['usages']
            assert usages == {'INSTANCE': {'VCPU': 1, 'consumer_count': 1}}
        return True

    def entry(provider, generation):
        there = {provider: {'resources': {'VCPU': 1}}} if provider else {}
        return {'allocations': there, 'consumer_generation': generation, **owner}

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        watcher = pool.submit(watch)
        try:
            holder, free = instance, migration
            for _ in range(20):
                generation = api.get(f'/allocations/{holder}').json['consumer_generation']
                answer = api.post('/allocations', {
                    holder: entry(None, generation), free: entry(target, None)})
                assert answer.status == 204, answer
                holder, free, source, target = free, holder, target, source
        finally:
            done.set()
        assert watcher.result(20)
