"""What lies between emplace and its database fails, and emplace's own processes do."""
import contextlib
import random
import time

import pytest
from sqlalchemy.engine import make_url

from checks import allocated
from cloud import Emplace, thawed_at_the_end
from faulty import assert_all_well, under_load
from harness import OWNER, at_once, new_uuid, run_command, wait_for
from load import Load
from relay import Relay


@pytest.fixture
def relay(database):
    """Before the database's server; `relay.url` is the database through it."""
    made = Relay(database.server.port)
    made.url = database.server.url(make_url(database.url).database, made.port)
    yield made
    made.close()


@pytest.mark.parametrize('when', ['before', 'after'])
def test_connections_are_cut_at_commit(database, relay, tmp_path, when):
    """Each third COMMIT never arrives, or is done and nobody hears of it."""
    with under_load(database, tmp_path, [relay.url] * 2) as (_, load):
        trap = relay.set_trap(b'commit', when, chance=0.33)
        wait_for(lambda: trap.sprung >= 40, 'commits to be cut', 60)
        relay.clear_trap()
    print(f'{when}: {trap.sprung} cut, {load.counts}')


def test_an_open_write_is_answered_as_it_came_out(database, relay, tmp_path):
    """The answer to COMMIT is lost once: what was stored is a success, and what was not is not.

    Only where emplace cannot find out may it say that it does not know.
    """
    with Emplace(tmp_path, [relay.url, database.url]) as cloud:
        provider = cloud[1].provider(VCPU=1000)
        stored = 0
        for when in ('before', 'after') * 5:
            trap, consumer = relay.set_trap(b'commit', when, count=1), new_uuid()
            answer = cloud[0].claim(consumer, {provider: {'VCPU': 1}})
            relay.clear_trap()
            assert trap.sprung == 1
            there = bool(cloud[1].get(f'/allocations/{consumer}').json['allocations'])
            assert answer.status in (204, 503), answer
            assert there == (answer.status == 204), (when, answer)
            assert there or when == 'before'
            stored += there
        assert cloud[0].used(provider) == cloud[1].used(provider) == {'VCPU': stored}
        assert cloud[1].generation(provider) == 1 + stored


def test_connections_are_cut_at_any_moment(database, relay, tmp_path):
    with under_load(database, tmp_path, [relay.url, database.url]):
        for _ in range(40):
            relay.cut()
            time.sleep(random.uniform(0.01, 0.1))


def test_a_network_that_swallows_all_and_one_that_is_slow(database, relay, tmp_path):
    with under_load(database, tmp_path, [relay.url, database.url]) as (_, load):
        relay.swallow()
        time.sleep(12)
        relay.swallow(False)
        assert load.counts.get(503), 'nobody noticed'
        load.wait_until_back()
        relay.delay_seconds = 0.05
        time.sleep(2)
        relay.delay_seconds = 0


def test_a_server_that_refuses_connections(database, relay, tmp_path):
    with under_load(database, tmp_path, [relay.url, database.url]):
        for _ in range(3):
            relay.refuse()
            relay.cut()
            time.sleep(0.7)
            relay.accept()
            time.sleep(0.7)


def test_a_process_that_is_killed(database, tmp_path):
    """Its clients lose answers, and nothing else; the others notice nothing at all."""
    with Emplace(tmp_path, database.url, 3) as cloud:
        others = Load(cloud.clients[1:], writers=2, readers=1)
        victims = Load(cloud.clients[:1], writers=3, readers=1, cuts=True)
        with others, victims:
            for _ in range(4):
                time.sleep(random.uniform(0.5, 1))
                cloud.processes[0].kill()
                time.sleep(random.uniform(0, 0.3))
                cloud.processes[0].start()
            victims.wait_until_back(cloud.clients)
            time.sleep(0.5)
        assert victims.counts.get('cut'), 'nobody noticed'
        assert not others.counts.get(503), others.counts
        for load in (others, victims):
            load.check(cloud.clients)
    assert allocated(database)[1:] == (0, 0)


def test_a_process_that_freezes_while_it_holds_the_clock(database, relay, tmp_path):
    """The others go on within about 15 s, and it does no harm when it wakes up."""
    with Emplace(tmp_path, [relay.url, database.url, database.url]) as cloud:
        provider, consumer = cloud[1].provider(VCPU=10), new_uuid()
        frozen = cloud.processes[0]
        trap = relay.set_trap(b'commit', 'hold', count=1)

        def act(number):
            if number == 0:
                frozen.client.timeout_seconds = 60
                return frozen.client.claim(consumer, {provider: {'VCPU': 3}})
            assert trap.held.wait(10), 'it never came to COMMIT'
            with thawed_at_the_end(frozen):
                begin = time.monotonic()
                with contextlib.closing(database.server.session(database.url)) as session:
                    assert_locked(session)
                def works():
                    answer = cloud[1].claim(new_uuid(), {provider: {'VCPU': 1}})
                    assert answer.status in (204, 503), answer
                    return answer.status == 204
                wait_for(works, 'the others to go on', 40)
                seconds = time.monotonic() - begin
                for other in cloud.clients[1:]:
                    assert other.claim(new_uuid(), {provider: {'VCPU': 1}}).status == 204
                trap.release()
                time.sleep(0.5)
            return seconds

        answer, seconds = at_once(2, act)
        assert seconds < 17, f'the others stood still for {seconds:.1f} s'
        assert answer.status in (204, 503), answer
        there = bool(cloud[1].get(f'/allocations/{consumer}').json['allocations'])
        assert there == (answer.status == 204)
        for client in cloud.clients:
            assert client.used(provider) == {'VCPU': 3 + 3 * there}
        assert cloud[0].claim(new_uuid(), {provider: {'VCPU': 1}}).status == 204
        assert cloud[2].used(provider) == {'VCPU': 4 + 3 * there}
    assert allocated(database)[1:] == (0, 0)


def assert_locked(session):
    """Another session must wait for the clock: so somebody holds it."""
    with contextlib.closing(session.cursor()) as cursor:
        with pytest.raises(Exception, match='(?i)could not obtain lock|lock wait|nowait'):
            cursor.execute('SELECT tick FROM emplace_clock WHERE id = 1 FOR UPDATE NOWAIT')


def test_frozen_under_load(database, tmp_path):
    """At whatever moment it is stopped: the others are served, and it goes on where it was."""
    with Emplace(tmp_path, database.url, 2) as cloud:
        others = Load(cloud.clients[1:], writers=3, readers=1)
        frozen = Load(cloud.clients[:1], writers=3, readers=1, seconds_max=60)
        with others, frozen:
            for seconds in (0.3, 0.3, 0.3, 3):
                time.sleep(random.uniform(0.3, 0.6))
                with thawed_at_the_end(cloud.processes[0]):
                    time.sleep(seconds)
            others.wait_until_back(cloud.clients)
        frozen.check(cloud.clients)
        assert_all_well(database, cloud, others)


def test_a_process_waits_for_its_database_to_start(database, tmp_path):
    options = {'placement_database': {'max_retries': '-1', 'retry_interval': '1'}}
    database.server.stop()
    with contextlib.ExitStack() as stack:
        cloud = Emplace(tmp_path, database.url, 1, options)
        stack.callback(cloud.clean_up)

        def act(number):
            if number == 0:
                return cloud.start()
            time.sleep(3)
            return database.server.start()

        at_once(2, act)
        assert cloud[0].provider()
        cloud.stop()


def test_a_process_gives_up_as_max_retries_says(database, tmp_path):
    options = {'placement_database': {'max_retries': '2', 'retry_interval': '1'}}
    cloud = Emplace(tmp_path, database.url, 1, options)
    database.server.stop()
    begin = time.monotonic()
    process = cloud.processes[0]
    code, out, err = run_command(process.folder, *process.command[1:])
    assert code not in (None, 0), (out, err)
    assert 1.5 < time.monotonic() - begin < 15
    told = out + err
    assert 'secret' not in told and str(database.server.port) in told


def test_sessions_are_recycled(database, tmp_path):
    """With connection_recycle_time no session grows much older, and no request notices."""
    options = {'placement_database': {'connection_recycle_time': '1'}}
    with Emplace(tmp_path, database.url, 1, options) as cloud:
        provider, seen = cloud[0].provider(VCPU=1000), []
        for _ in range(3):
            for _ in range(10):
                consumer = new_uuid()
                assert cloud[0].claim(consumer, {provider: {'VCPU': 1}}, **OWNER).status == 204
                assert cloud[0].get(f'/allocations/{consumer}').json['allocations']
            seen.append(sessions(database))
            time.sleep(1.5)
        assert seen[0] and not seen[0] & seen[2], 'the same sessions all the time'


def sessions(database):
    name = make_url(database.url).database
    sql = ('SELECT pid FROM pg_stat_activity WHERE datname = %s'
           if database.engine == 'postgresql'
           else 'SELECT id FROM information_schema.processlist WHERE db = %s')
    return {number for number, in database.server.administer(sql, name)}
