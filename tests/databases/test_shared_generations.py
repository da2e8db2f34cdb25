"""Generations under many writers: each has one winner, what is read is whole, no step is lost."""
import pytest

from checks import assert_refused_well, meanwhile
from cloud import everywhere, statuses
from harness import at_once, new_name, new_uuid

TIMES = 8           # requests at once through each process


@pytest.mark.parametrize('what', ['inventories', 'traits', 'aggregates', 'one inventory'])
def test_each_generation_has_one_winner(cloud, what):
    provider = cloud[0].provider(VCPU=1)
    prefix, groups = new_name('CUSTOM_'), [new_uuid() for _ in range(3 * TIMES)]
    for word in [*range(3 * TIMES), *(f'ROUND{turn}' for turn in range(1, 6))]:
        cloud[0].put(f'/traits/{prefix}_{word}')
    kind = 'inventories' if what == 'one inventory' else what
    path = f'/resource_providers/{provider}/{kind}'

    def contents(number):
        return {'inventories': {'VCPU': {'total': number + 100}},
                # Something new in each round: to write what there is already is no change.
                'traits': [f'{prefix}_{number}', f'{prefix}_ROUND{generation}'],
                'aggregates': [groups[number]]}[kind]

    def put(number, client):
        if what == 'one inventory':
            return client.put(path + '/VCPU', {'resource_provider_generation': generation,
                                               'total': number + 100})
        return client.put(path, {'resource_provider_generation': generation,
                                 kind: contents(number)})

    for generation in range(1, 6):
        answers = everywhere(cloud.clients, put, TIMES)
        assert statuses(answers) == {200: 1, 409: 3 * TIMES - 1}
        assert_refused_well([one for one in answers if one.status != 200],
                            'placement.concurrent_update')
        winner = [one.status for one in answers].index(200)
        for client in cloud.clients:
            now = client.get(path).json
            assert now['resource_provider_generation'] == generation + 1
            if kind == 'inventories':
                assert now[kind]['VCPU']['total'] == winner + 100
            else:
                assert sorted(now[kind]) == sorted(contents(winner))


def test_aggregates_below_1_19_are_one_of_the_sets_sent(cloud):
    """They carry no generation: each is acknowledged, and the last one is whole."""
    provider = cloud[0].provider()
    path = f'/resource_providers/{provider}/aggregates'
    sets = [sorted(new_uuid() for _ in range(1 + number % 4)) for number in range(3 * TIMES)]
    for _ in range(3):
        answers = everywhere(cloud.clients, lambda number, client: client.put(
            path, sets[number], version='1.18'), TIMES)
        assert statuses(answers) == {200: 3 * TIMES}
        for number, answer in enumerate(answers):
            assert sorted(answer.json['aggregates']) == sets[number]
        last = [sorted(client.get(path).json['aggregates']) for client in cloud.clients]
        assert last[0] in sets and last == [last[0]] * 3


def test_a_provider_that_is_deleted_leaves_nothing_of_its_aggregates(cloud):
    for _ in range(6):
        provider = cloud[0].provider()
        path = f'/resource_providers/{provider}'

        def act(number, path=path):
            if number == 0:
                return cloud[0].delete(path)
            return cloud[number % 3].put(path + '/aggregates', [new_uuid()], version='1.1')

        deleted, *put = at_once(9, act)
        assert deleted.status == 204, deleted
        assert set(statuses(put)) <= {200, 404}, statuses(put)
    (dangling,), = cloud.database.execute(
        'SELECT count(*) FROM resource_provider_aggregates WHERE resource_provider_id NOT IN '
        '(SELECT id FROM resource_providers)')
    assert dangling == 0


def test_a_reader_sees_a_generation_with_its_contents(cloud):
    """One writes generation after generation through all processes; nobody sees two mixed."""
    provider = cloud[0].provider(VCPU=1)
    path = f'/resource_providers/{provider}'
    sets, latest = {}, [1]

    def check(client):
        def read():
            least = latest[0]
            seen = client.get(path + '/inventories').json
            generation = seen['resource_provider_generation']
            assert generation >= least, 'older than what was acknowledged before'
            if generation > 1:
                total = seen['inventories']['VCPU']['total']
                assert total == generation - generation % 2, seen
                assert set(seen['inventories']) == {'VCPU', 'DISK_GB'}
                assert seen['inventories']['DISK_GB']['total'] == total
            groups = client.get(path + '/aggregates').json
            expected = sets.get(groups['resource_provider_generation'])
            assert expected is None or sorted(groups['aggregates']) == expected, groups
        return read

    with meanwhile(*[check(client) for client in cloud.clients]):
        for generation in range(1, 61):
            client = cloud[generation % 3]
            if generation % 2:
                total = generation + 1
                answer = client.put(path + '/inventories', {
                    'resource_provider_generation': generation,
                    'inventories': {name: {'total': total} for name in ('VCPU', 'DISK_GB')}})
                sets[generation + 1] = sets.get(generation, [])
            else:
                sets[generation + 1] = sorted(new_uuid() for _ in range(3))
                answer = client.put(path + '/aggregates', {
                    'resource_provider_generation': generation,
                    'aggregates': sets[generation + 1]})
            assert answer.status == 200, answer
            latest[0] = generation + 1


def test_a_counter_counts_every_step(cloud):
    """Read, add one, write, and again after a 409: as clients do with generations."""
    provider, consumer = cloud[0].provider(VCPU=100000), new_uuid()
    path = f'/resource_providers/{provider}/inventories/DISK_GB'
    cloud[0].post(f'/resource_providers/{provider}/inventories', {
        'resource_provider_generation': 1, 'resource_class': 'DISK_GB', 'total': 1})
    assert cloud[0].claim(consumer, {provider: {'VCPU': 1}}).status == 204

    def add(number, client):
        added = 0
        while added < 6:
            now = client.get(path).json
            answer = cloud[(number + added) % 3].put(path, {
                'resource_provider_generation': now['resource_provider_generation'],
                'total': now['total'] + 1})
            assert answer.status in (200, 409), answer
            added += answer.status == 200
            seen = client.get(f'/allocations/{consumer}').json
            claimed = seen['allocations'][provider]['resources']['VCPU']
            answer = client.claim(consumer, {provider: {'VCPU': claimed + 1}},
                                  seen['consumer_generation'])
            assert answer.status in (204, 409), answer
            counts[number] += answer.status == 204
        return added

    counts = [0] * 12
    assert everywhere(cloud.clients, add, 4) == [6] * 12
    for client in cloud.clients:
        assert client.get(path).json['total'] == 1 + 12 * 6
        seen = client.get(f'/allocations/{consumer}').json
        assert seen['allocations'][provider]['resources'] == {'VCPU': 1 + sum(counts)}
        assert seen['consumer_generation'] == 1 + sum(counts)
    assert sum(counts) > 0
