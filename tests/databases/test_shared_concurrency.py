"""Many writers through three processes at one time: the defects that upstream has under load, each
of which must not be here."""
import time

import pytest

from checks import allocated, assert_refused_well
from cloud import everywhere, statuses
from harness import ANSWER_SECONDS, OWNER, at_once, new_name, new_uuid

TIMES = 8           # requests at once through each process


@pytest.mark.parametrize('amounts', [[1], [1, 2, 3]])
def test_forty_units_are_sold_once(cloud, amounts):
    provider = cloud[0].provider(VCPU=40)
    sold = []

    def buy(number, client):
        answers = []
        for turn in range(5):
            amount, consumer = amounts[(number + turn) % len(amounts)], new_uuid()
            answers.append(client.claim(consumer, {provider: {'VCPU': amount}}))
            if answers[-1].status == 204:
                sold.append((consumer, amount))
        return answers

    answers = [each for some in everywhere(cloud.clients, buy, TIMES) for each in some]
    refused = [answer for answer in answers if answer.status != 204]
    assert_refused_well(refused, 'placement.undefined_code')
    units = sum(amount for _, amount in sold)
    assert units == 40 if amounts == [1] else 38 <= units <= 40
    for client in cloud.clients:
        assert client.used(provider) == {'VCPU': units}
        there = client.get(f'/resource_providers/{provider}/allocations').json['allocations']
        assert {one: each['resources']['VCPU'] for one, each in there.items()} == dict(sold)
    assert allocated(cloud.database) == (units, 0, 0)


def test_a_new_consumer_is_made_by_one_of_sixteen(cloud):
    provider = cloud[0].provider(VCPU=10000)
    for _ in range(6):
        consumer = new_uuid()
        answers = at_once(16, lambda number, one=consumer: cloud[number % 3].claim(
            one, {provider: {'VCPU': number + 1}}))
        assert statuses(answers) == {204: 1, 409: 15}
        assert_refused_well([one for one in answers if one.status != 204],
                            'placement.concurrent_update')
        winner = [one.status for one in answers].index(204)
        for client in cloud.clients:
            there = client.get(f'/allocations/{consumer}').json
            assert there['allocations'][provider]['resources'] == {'VCPU': winner + 1}
            assert there['consumer_generation'] == 1
    _, loose, idle = allocated(cloud.database)
    assert (loose, idle) == (0, 0)


def test_re_parenting_makes_no_cycle(cloud):
    """Each of a ring of providers becomes the child of the next, all at once."""
    for _ in range(4):
        ring = [cloud[0].provider() for _ in range(6)]

        def adopt(number, ring=ring):
            child, parent = ring[number % 6], ring[(number + 1) % 6]
            return cloud[number % 3].put(f'/resource_providers/{child}', {
                'name': child, 'parent_provider_uuid': parent})

        answers = at_once(12, adopt)
        assert set(statuses(answers)) <= {200, 400}, statuses(answers)
        for client in cloud.clients:
            shown = {one: client.get(f'/resource_providers/{one}').json for one in ring}
            parents = {one: each['parent_provider_uuid'] for one, each in shown.items()}
            roots = [one for one in ring if parents[one] is None]
            assert len(roots) == 1 and list(parents.values()).count(None) == 1, parents
            for one in ring:
                walked, here = [], one
                while parents[here]:
                    walked.append(here)
                    here = parents[here]
                    assert here not in walked, f'a cycle: {parents}'
                assert shown[one]['root_provider_uuid'] == here == roots[0]
            in_tree = client.get(f'/resource_providers?in_tree={ring[0]}').json
            assert {one['uuid'] for one in in_tree['resource_providers']} == set(ring)


def test_who_shares_nothing_is_never_refused(cloud):
    """Each has a provider and consumers of its own, and whatever it sends is right."""
    shared = cloud[0].provider(VCPU=100000)

    def work(number, client):
        mine = client.provider(VCPU=100)
        for turn in range(8):
            consumer, other = new_uuid(), cloud[(number + turn) % 3]
            answers = [
                other.claim(consumer, {mine: {'VCPU': 1}, shared: {'VCPU': 1}}),
                client.claim(consumer, {mine: {'VCPU': 2}, shared: {'VCPU': 1}}, 1),
                other.put(f'/resource_providers/{mine}/aggregates', {
                    'resource_provider_generation': client.generation(mine),
                    'aggregates': [new_uuid()]}),
                client.put(f'/traits/{new_name("CUSTOM_")}'),
                other.post('/allocations', {
                    new_uuid(): {'allocations': {shared: {'resources': {'VCPU': 1}}},
                                 'consumer_generation': None, **OWNER}}),
                client.delete(f'/allocations/{consumer}')]
            assert [one.status for one in answers] == [204, 204, 200, 201, 204, 204], answers
        return True

    assert all(everywhere(cloud.clients, work, 4))
    assert cloud[1].used(shared) == {'VCPU': 12 * 8}


def test_writes_are_read_through_another_process_at_once(cloud):
    """Many pairs at one time, each writing through one process and reading through the next."""
    provider = cloud[0].provider(VCPU=100000)

    def work(number, writer):
        reader = cloud[(number + 1) % 3]
        for _ in range(12):
            consumer = new_uuid()
            assert writer.claim(consumer, {provider: {'VCPU': 1}}).status == 204
            assert reader.get(f'/allocations/{consumer}').json['allocations']
            assert reader.delete(f'/allocations/{consumer}').status == 204
            assert writer.get(f'/allocations/{consumer}').json['allocations'] == {}
        return True

    assert all(everywhere(cloud.clients, work, 4))
    assert cloud[2].used(provider) == {'VCPU': 0}


def test_the_type_of_a_consumer_changes_with_its_allocations(cloud):
    """An acknowledged change of type is kept, and refused ones leave nothing."""
    provider = cloud[0].provider(VCPU=100000)
    for _ in range(4):
        consumer, project = new_uuid(), new_name('project')
        owner = {**OWNER, 'project_id': project}
        assert cloud[0].claim(consumer, {provider: {'VCPU': 99}}, **owner).status == 204
        answers = everywhere(cloud.clients, lambda number, client, one=consumer, all_of=owner: (
            client.claim(one, {provider: {'VCPU': number + 1}}, 1,
                         **{**all_of, 'consumer_type': f'TYPE_{number}'})), 4)
        assert statuses(answers) == {204: 1, 409: 11}
        winner = [one.status for one in answers].index(204)
        for client in cloud.clients:
            usages = client.get(f'/usages?project_id={project}').json['usages']
            assert usages == {f'TYPE_{winner}': {'VCPU': winner + 1, 'consumer_count': 1}}


def test_thirty_two_claims_on_one_host_are_answered_in_time(cloud):
    """Of what nobody else wants, none is refused, and nobody waits long."""
    provider = cloud[0].provider(VCPU=32)
    start = time.monotonic()
    answers = at_once(32, lambda number: cloud[number % 3].claim(
        new_uuid(), {provider: {'VCPU': 1}}))
    assert statuses(answers) == {204: 32}
    assert time.monotonic() - start < ANSWER_SECONDS / 2
    assert allocated(cloud.database) == (32, 0, 0)
