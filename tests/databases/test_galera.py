"""Three nodes of Galera, with a process of emplace on each."""
import time

import pytest
from cloud import Emplace, everywhere, statuses, thawed_at_the_end
from harness import new_uuid
from load import Load


@pytest.fixture(name='cloud')
def processes_on_all_nodes(galera, tmp_path):
    urls = galera.new_database()
    with Emplace(tmp_path, urls, options={
            'placement_database': {'sync_on_startup': 'true'}}) as cloud:
        yield cloud
    galera.revive()


def test_what_one_node_acknowledged_all_show_at_once(cloud):
    provider = cloud[0].provider(VCPU=1000)
    for number in range(60):
        consumer = new_uuid()
        writer, reader = cloud[number % 3], cloud[(number + 1) % 3]
        assert writer.claim(consumer, {provider: {'VCPU': 1}}).status == 204
        assert reader.get(f'/allocations/{consumer}').json['allocations'], number
        assert reader.used(provider) == {'VCPU': number + 1}


def test_no_more_is_sold_than_there_is(cloud):
    provider = cloud[0].provider(VCPU=40)
    told = statuses(everywhere(
        cloud.clients, lambda _, client: client.claim(new_uuid(), {provider: {'VCPU': 1}}), 30))
    assert told == {204: 40, 409: 50}
    assert [client.used(provider) for client in cloud.clients] == [{'VCPU': 40}] * 3


def test_writes_that_have_nothing_in_common_are_never_refused(cloud):
    providers = [cloud[0].provider(VCPU=1000) for _ in range(9)]
    told = statuses(everywhere(
        cloud.clients,
        lambda number, client: client.claim(new_uuid(), {providers[number % 9]: {'VCPU': 1}}), 60))
    assert told == {204: 180}


def check_with(galera, cloud, work):
    """Does something to the last node under load from all."""
    with Load(cloud.clients, writers=3, readers=3) as load:
        load.wait_for_more()
        work(galera.nodes[2])
        load.wait_for_more(60)
    load.check()


def test_a_node_that_is_killed_and_comes_back(galera, cloud):
    def kill(node):
        node.kill()
        time.sleep(4)
        node.start()
    check_with(galera, cloud, kill)


def test_a_node_that_freezes(galera, cloud):
    def freeze(node):
        with thawed_at_the_end(node):
            time.sleep(8)
    check_with(galera, cloud, freeze)


def test_a_node_that_is_cut_off_answers_503_until_it_is_back(galera, cloud):
    provider = cloud[0].provider(VCPU=1000)

    def cut_off(node):
        node.isolate()
        time.sleep(6)
        answer = cloud[2].get(f'/resource_providers/{provider}')
        assert answer.status == 503 and answer.header('Retry-After')
        assert cloud[2].claim(new_uuid(), {provider: {'VCPU': 1}}).status == 503
        assert cloud[0].claim(new_uuid(), {provider: {'VCPU': 1}}).status == 204
        node.isolate(False)
    check_with(galera, cloud, cut_off)
    assert cloud[2].used(provider) == {'VCPU': 1}
