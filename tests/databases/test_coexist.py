"""Upstream's Python server and emplace on one database: at the same time, and one after the other.

Each sees the other's writes at once. Upstream's own races are its own: where both write the same
thing here, what counts is that nothing emplace has acknowledged gets lost by its own doing.
"""
import importlib.util
import threading

import pytest

import story
from checks import allocated
from cloud import Emplace, Upstream, everywhere, manage_upstream
from harness import OWNER, at_once, new_uuid

pytestmark = pytest.mark.skipif(importlib.util.find_spec('placement') is None,
                                reason='python3-placement is not installed')
# Upstream answers /usages from 1.38 on with an error on PostgreSQL.
BROKEN_THERE = '/usages?project_id'
COMPARED = ('1.0', '1.19', '1.39')


@pytest.fixture
def both(database, tmp_path):
    """Two processes of emplace, with the triggers in place, and one of upstream's server."""
    with Emplace(tmp_path, database.url, 2) as ours:
        ours.processes[0].command_line('db', 'coexist', 'on')
        with Upstream(tmp_path, database.url) as theirs:
            yield ours, theirs


def meaning(client, postgresql, versions=COMPARED):
    seen = story.meaning(story.shown(client, versions))
    return {(path, version): said for (path, version), said in seen.items()
            if not (postgresql and BROKEN_THERE in path and version > '1.37')}


@pytest.mark.parametrize('writers', ['both in turns', 'upstream alone'])
def test_each_shows_at_once_what_the_other_has_written(both, database, writers):
    """Every kind of write, compared after each, in all versions at the end."""
    ours, theirs = both
    postgresql = database.engine == 'postgresql'
    clients = [ours[0], theirs[0], ours[1], theirs[0]]
    for number, one in enumerate(story.WRITES):
        story.send(clients[number % 4] if writers == 'both in turns' else theirs[0], one)
        seen = meaning(ours[number % 2], postgresql, [story.NEWEST])
        story.assert_same(seen, meaning(ours[1 - number % 2], postgresql, [story.NEWEST]))
        if number % 6 == 5:
            story.assert_same(meaning(theirs[0], postgresql, [story.NEWEST]), seen)
    whole = meaning(theirs[0], postgresql)
    for client in ours.clients:
        story.assert_same(whole, meaning(client, postgresql))
    story.assert_same(whole, meaning(ours.processes[0].restart(), postgresql))


def test_claims_through_both_are_all_kept(both, database):
    """On hosts of their own, at the same time, with upstream's retries where it needs them."""
    ours, theirs = both
    clients = [*ours.clients, *theirs.clients]
    hosts = [ours[0].provider(VCPU=1000) for _ in range(8)]

    def work(number, client):
        kept = []
        for _ in range(10):
            consumer = new_uuid()
            answer = client.claim(consumer, {hosts[number]: {'VCPU': 1}})
            if client in ours.clients:
                assert answer.status == 204, answer
            if answer.status == 204:
                kept.append(consumer)
                other = ours[number % 2]
                assert other.get(f'/allocations/{consumer}').json['allocations'], 'not seen at once'
        return kept

    kept = everywhere(clients, work, 2)
    for host, consumers in zip(hosts, kept):
        assert consumers
        for client in clients:
            there = client.get(f'/resource_providers/{host}/allocations').json['allocations']
            assert set(there) == set(consumers)
            assert client.used(host) == {'VCPU': len(consumers)}
    assert allocated(database)[0] == sum(map(len, kept))


def test_a_generation_that_both_write_loses_no_step(both):
    """Each raises one number by the generation it has read; a 409, or upstream's 500, is no step."""
    ours, theirs = both
    provider = ours[0].provider(VCPU=1)
    path = f'/resource_providers/{provider}/inventories/VCPU'

    def add(_, client):
        done = 0
        while done < 6:
            now = client.get(path).json
            answer = client.put(path, {
                'resource_provider_generation': now['resource_provider_generation'],
                'total': now['total'] + 1})
            assert answer.status in ((200, 409) if client in ours.clients else (200, 409, 500))
            done += answer.status == 200
        return done

    clients = [*ours.clients, *theirs.clients]
    steps = sum(everywhere(clients, add, 2))
    for client in clients:
        now = client.get(path).json
        assert (now['total'], now['resource_provider_generation']) == (1 + steps, 1 + steps)


def test_upstream_is_not_disturbed_by_readers_and_writers_of_emplace(both):
    """Its writes succeed while emplace works on other things all the time."""
    ours, theirs = both
    mine, yours = ours[0].provider(VCPU=100000), theirs[0].provider(VCPU=100000)
    done = threading.Event()

    def act(number):
        if number == 0:
            try:
                for _ in range(25):
                    consumer = new_uuid()
                    answer = theirs[0].claim(consumer, {yours: {'VCPU': 1}})
                    assert answer.status == 204, answer
                    assert ours[1].get(f'/allocations/{consumer}').json['allocations']
                    answer = theirs[0].delete(f'/allocations/{consumer}')
                    assert answer.status == 204, answer
                    assert not ours[0].get(f'/allocations/{consumer}').json['allocations']
            finally:
                done.set()
            return 0
        claimed = 0
        while not done.is_set():
            answer = ours[number % 2].claim(new_uuid(), {mine: {'VCPU': 1}}, **OWNER)
            assert answer.status == 204, answer
            claimed += 1
        return claimed

    claimed = sum(at_once(4, act))
    assert claimed
    for client in (*ours.clients, theirs[0]):
        assert client.used(mine) == {'VCPU': claimed}
        assert client.used(yours) == {'VCPU': 0}


def test_the_switch(database, tmp_path):
    """`db coexist` shows and sets whether upstream's processes may write, too."""
    with Emplace(tmp_path, database.url) as cloud:
        line = cloud.processes[0].command_line
        for wanted in ('on', 'off', 'off', 'on', 'on'):
            line('db', 'coexist', wanted)
            assert wanted in line('db', 'coexist', 'show').lower().split()
            ticks = database.execute('SELECT coexist FROM emplace_clock WHERE id = 1')
            assert ticks == [(int(wanted == 'on'),)]
            assert bool(triggers(database)) == (wanted == 'on')
            made = cloud[0].provider(VCPU=1)
            assert cloud[0].claim(new_uuid(), {made: {'VCPU': 1}}).status == 204
        assert line('db', 'check') is not None


def triggers(database):
    schema = 'DATABASE()' if database.engine == 'mariadb' else "'public'"
    return database.execute('SELECT trigger_name FROM information_schema.triggers '
                            f'WHERE trigger_schema = {schema}')


def exact_names(seen):
    """Without the search for 'cn1', as whom upstream's own columns on MariaDB take 'cn1 ' too."""
    return {key: said for key, said in seen.items() if key[0] != '/resource_providers?name=cn1'}


def test_emplace_takes_over_what_upstream_has_made(database, tmp_path):
    """Upstream's own schema and data; then `emplace db sync`, and every answer is the same."""
    postgresql = database.engine == 'postgresql'
    manage_upstream(tmp_path, database.url, 'db', 'sync')
    with Upstream(tmp_path / 'first', database.url) as theirs:
        story.fill(theirs[0])
        made = exact_names(meaning(theirs[0], postgresql))
    cloud = Emplace(tmp_path, database.url, 2, {'placement_database': {'sync_on_startup': 'false'}})
    cloud.processes[0].command_line('db', 'sync')
    with cloud:
        for client in cloud.clients:
            story.assert_same(made, exact_names(meaning(client, postgresql)))
        host = cloud[0].provider(VCPU=10)
        assert cloud[1].claim(new_uuid(), {host: {'VCPU': 1}}).status == 204
        assert sum(said[0] == 200 for said in made.values()) > 100, 'compared nothing'


def test_upstream_takes_back_what_emplace_has_made(database, tmp_path):
    """emplace stops, the triggers go, and upstream alone shows the same, and goes on working."""
    postgresql = database.engine == 'postgresql'
    with Emplace(tmp_path, database.url, 2) as cloud:
        for number, one in enumerate(story.WRITES):
            story.send(cloud[number % 2], one)
        made = meaning(cloud[0], postgresql)
        process = cloud.processes[0]
        cloud.stop()
        process.command_line('db', 'coexist', 'off')
    assert not triggers(database)
    with Upstream(tmp_path / 'after', database.url) as theirs:
        story.assert_same(made, meaning(theirs[0], postgresql))
        host = theirs[0].provider(VCPU=10)
        assert theirs[0].claim(new_uuid(), {host: {'VCPU': 1}}).status == 204
        assert theirs[0].get(f'/allocations/{story.FIRST}').json['allocations']
