"""A Galera cluster with one process of emplace on each node: reads are causal, certification
conflicts are nobody's concern, and nodes may die, freeze and fall out of the cluster."""
import time

import pytest
from sqlalchemy.engine import make_url

import story
from checks import allocated, assert_refused_well
from cloud import Emplace, everywhere, statuses, thawed_at_the_end
from harness import OWNER, at_once, new_uuid, wait_for
from load import Load

TIMES = 6


class ClusterDatabase:
    """A new database as the helpers want it, seen through the first node."""

    engine = 'mariadb'

    def __init__(self, cluster):
        self.cluster, self.urls = cluster, cluster.new_database()

    def execute(self, sql, *parameters, node=0):
        return self.cluster.nodes[node].execute(self.urls[node], sql, *parameters)


@pytest.fixture
def cloud(galera, tmp_path):
    """One process on each node; at the end the cluster is whole again."""
    database = ClusterDatabase(galera)
    try:
        with Emplace(tmp_path, database.urls) as running:
            running.database = database
            yield running
            galera.revive()
    finally:
        galera.revive()


def test_what_one_node_has_taken_the_others_show_at_once(cloud):
    for number, one in enumerate(story.WRITES):
        story.send(cloud[number % 3], one)
        story.assert_same(story.shown(cloud[number % 3]), story.shown(cloud[(number + 1) % 3]))
    whole = story.shown(cloud[0], story.VERSIONS)
    for other in cloud.clients[1:]:
        story.assert_same(whole, story.shown(other, story.VERSIONS))
    story.assert_same(whole, story.shown(cloud.processes[1].restart(), story.VERSIONS))


def test_reads_are_causal_under_load(cloud):
    provider = cloud[0].provider(VCPU=100000)

    def work(number, writer):
        reader = cloud[(number + 1) % 3]
        for _ in range(15):
            consumer = new_uuid()
            assert writer.claim(consumer, {provider: {'VCPU': 1}}).status == 204
            assert reader.get(f'/allocations/{consumer}').json['allocations']
            assert reader.delete(f'/allocations/{consumer}').status == 204
            assert writer.get(f'/allocations/{consumer}').json['allocations'] == {}
        return True

    assert all(everywhere(cloud.clients, work, 3))
    assert [one.used(provider) for one in cloud.clients] == [{'VCPU': 0}] * 3


def test_forty_units_are_sold_once_over_three_nodes(cloud):
    """Each node commits by itself; what certification undoes is done again, or refused in truth."""
    provider = cloud[0].provider(VCPU=40)
    answers = [answer for some in everywhere(cloud.clients, lambda _, client: [
        client.claim(new_uuid(), {provider: {'VCPU': 1}}) for _ in range(4)], TIMES)
        for answer in some]
    assert statuses(answers) == {204: 40, 409: 3 * TIMES * 4 - 40}
    assert_refused_well([one for one in answers if one.status == 409], 'placement.undefined_code')
    assert [one.used(provider) for one in cloud.clients] == [{'VCPU': 40}] * 3
    assert allocated(cloud.database) == (40, 0, 0)


def test_a_counter_is_exact_over_three_nodes(cloud):
    provider = cloud[0].provider(VCPU=1)
    path = f'/resource_providers/{provider}/inventories/VCPU'

    def add(_, client):
        added = 0
        while added < 8:
            now = client.get(path).json
            answer = client.put(path, {
                'resource_provider_generation': now['resource_provider_generation'],
                'total': now['total'] + 1})
            assert answer.status in (200, 409), answer
            added += answer.status == 200
        return added

    steps = sum(everywhere(cloud.clients, add, 2))
    for client in cloud.clients:
        now = client.get(path).json
        assert (now['total'], now['resource_provider_generation']) == (1 + steps, 1 + steps)


def test_a_consumer_is_made_once_over_three_nodes(cloud):
    provider = cloud[0].provider(VCPU=10000)
    for _ in range(5):
        consumer = new_uuid()
        answers = at_once(15, lambda number, one=consumer: cloud[number % 3].claim(
            one, {provider: {'VCPU': number + 1}}))
        assert statuses(answers) == {204: 1, 409: 14}
        winner = [one.status for one in answers].index(204)
        for client in cloud.clients:
            there = client.get(f'/allocations/{consumer}').json['allocations']
            assert there[provider]['resources'] == {'VCPU': winner + 1}


def test_who_shares_nothing_is_never_refused(cloud):
    hosts = [cloud[0].provider(VCPU=1000) for _ in range(9)]

    def work(number, client):
        return [client.claim(new_uuid(), {hosts[number]: {'VCPU': 1}}, **OWNER).status
                for _ in range(12)]

    for found in everywhere(cloud.clients, work, 3):
        assert found == [204] * 12


@pytest.mark.parametrize('fault', ['killed', 'frozen', 'cut off'])
def test_a_node_falls_out_and_comes_back(cloud, galera, fault):
    """The other nodes' processes go on; the one on that node answers 503 until it is back."""
    node = galera.nodes[2]
    load = Load(cloud.clients, writers=4, readers=2)
    with load:
        time.sleep(1)
        if fault == 'killed':
            node.kill()
            assert_goes_on(cloud, galera)
            node.start()
        elif fault == 'frozen':
            with thawed_at_the_end(node):
                assert_goes_on(cloud, galera)
        else:
            node.isolate()
            assert_goes_on(cloud, galera)
            assert_says_503(cloud[2])
            node.isolate(False)
        galera.revive()
        load.wait_until_back()
        time.sleep(1)
    assert load.counts.get(503), 'nobody noticed'
    load.check(cloud.clients)
    cloud.processes[2].restart()
    load.check(cloud.clients)
    for number in range(3):
        assert_whole(cloud.database, number)


def assert_goes_on(cloud, galera):
    """The two other nodes notice the loss, and their processes serve."""
    wait_for(lambda: galera.nodes[0].status('cluster_size') == '2', 'two nodes to be left')
    wait_for(lambda: galera.nodes[1].status('cluster_size') == '2', 'two nodes to be left')
    wait_for(lambda: try_provider(cloud[1]), 'the others to go on')
    provider = wait_for(lambda: try_provider(cloud[0]), 'the others to go on')
    for client in (cloud[0], cloud[1]) * 5:
        assert client.claim(new_uuid(), {provider: {'VCPU': 1}}).status == 204
    assert cloud[0].used(provider) == cloud[1].used(provider) == {'VCPU': 10}


def try_provider(client):
    provider = new_uuid()
    answer = client.post('/resource_providers', {'name': provider, 'uuid': provider})
    assert answer.status in (200, 503), answer
    if answer.status == 503:
        return None
    answer = client.put(f'/resource_providers/{provider}/inventories', {
        'resource_provider_generation': 0, 'inventories': {'VCPU': {'total': 100}}})
    return provider if answer.status == 200 else None


def assert_says_503(client):
    """It must not show what may be old by now, nor take what nobody else would know of."""
    for answer in (client.get('/resource_providers'), client.get('/traits'),
                   client.post('/resource_providers', {'name': new_uuid()})):
        assert answer.status == 503, answer
        assert answer.header('Retry-After')
    assert client.get('/').status == 200


def assert_whole(database, node):
    """The tables of a node are well."""
    (loose,), = database.execute('SELECT count(*) FROM allocations WHERE consumer_id NOT IN '
                                 '(SELECT uuid FROM consumers)', node=node)
    (clock,), = database.execute('SELECT tick FROM emplace_clock WHERE id = 1', node=node)
    (logged,), = database.execute('SELECT max(tick) FROM emplace_changes', node=node)
    assert (loose, logged) == (0, clock)


def test_the_cluster_loses_its_majority(cloud, galera):
    """All processes answer 503, none of them hangs, and all come back with it."""
    provider = cloud[0].provider(VCPU=100)
    assert cloud[0].claim(new_uuid(), {provider: {'VCPU': 1}}).status == 204
    galera.nodes[1].kill()
    galera.nodes[2].kill()
    wait_for(lambda: galera.nodes[0].status('cluster_status') != 'Primary', 'the majority to go')
    begin = time.monotonic()
    for client in cloud.clients:
        assert_says_503(client)
    assert time.monotonic() - begin < 20
    galera.nodes[0].administer("SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'")
    wait_for(lambda: cloud[0].claim(new_uuid(), {provider: {'VCPU': 1}}).status == 204,
             'the one that is left')
    galera.revive()
    for client in cloud.clients:
        wait_for(lambda one=client: one.get('/resource_providers').status == 200, 'all to be back')
        assert client.used(provider)['VCPU'] >= 2
    assert {make_url(one).port for one in cloud.database.urls} == {
        node.port for node in galera.nodes}


def test_nodes_die_one_after_another(cloud, galera):
    """A rolling restart, as for an upgrade, under load."""
    load = Load(cloud.clients, writers=3, readers=2)
    with load:
        for node in galera.nodes:
            time.sleep(0.5)
            node.restart()
            wait_for(galera.whole, 'the cluster to be whole')
        load.wait_until_back()
    load.check(cloud.clients)
