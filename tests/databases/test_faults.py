"""Databases and processes that fail under load: nothing acknowledged is lost, nothing is stored
twice, whoever asks meanwhile is told 503, and service comes back by itself."""
import time

import pytest
from cloud import Emplace, thawed_at_the_end
from load import Load
from relay import Relay
from sqlalchemy.engine import make_url

SYNC = {'placement_database': {'sync_on_startup': 'true'}}


@pytest.fixture(name='relay')
def made_relay(database):
    relay = Relay(database.server.port)
    yield relay
    relay.close()


def through(relay, database):
    return database.server.url(make_url(database.url).database, relay.port)


def test_a_server_that_is_killed_and_started_again(database, tmp_path):
    with Emplace(tmp_path, database.url, 2, SYNC) as cloud:
        with Load(cloud.clients) as load:
            for _ in range(2):
                load.wait_for_more()
                database.server.kill()
                time.sleep(1.5)
                database.server.start()
            load.wait_for_more()
        load.check()
        assert load.answers['write', 503] and load.answers['read', 503]


def test_a_server_that_is_restarted_in_an_orderly_way(database, tmp_path):
    with Emplace(tmp_path, database.url, 2, SYNC) as cloud:
        with Load(cloud.clients) as load:
            load.wait_for_more()
            database.server.stop()
            database.server.start()
            load.wait_for_more()
        load.check()


def test_a_server_that_freezes(database, tmp_path):
    with Emplace(tmp_path, database.url, 2, SYNC) as cloud:
        with Load(cloud.clients) as load:
            load.wait_for_more()
            with thawed_at_the_end(database.server):
                time.sleep(15)
            load.wait_for_more()
        load.check()
        assert load.answers['read', 503] and load.answers['write', 503]


@pytest.mark.parametrize('moment', ['before', 'after'])
def test_connections_that_are_cut_at_a_commit(database, relay, tmp_path, moment):
    with Emplace(tmp_path, through(relay, database), 2, SYNC) as cloud:
        with Load(cloud.clients) as load:
            load.wait_for_more()
            trap = relay.set_trap(b'COMMIT', moment, chance=0.3, count=25)
            for _ in range(5):
                load.wait_for_more()
            relay.clear_trap()
            load.wait_for_more()
        load.check()
        assert trap.sprung > 3
        # A cut connection is nothing that a client has to know of.
        assert load.answers['write', 503] <= load.answers['write', 204] / 10


def test_connections_that_are_cut_at_any_moment(database, relay, tmp_path):
    with Emplace(tmp_path, through(relay, database), 2, SYNC) as cloud:
        with Load(cloud.clients) as load:
            for _ in range(40):
                relay.cut()
                time.sleep(0.05)
            load.wait_for_more()
        load.check()


def test_a_network_that_swallows_everything_for_a_while(database, relay, tmp_path):
    with Emplace(tmp_path, through(relay, database), 2, SYNC) as cloud:
        with Load(cloud.clients) as load:
            load.wait_for_more()
            relay.swallow()
            time.sleep(12)
            relay.swallow(False)
            load.wait_for_more()
        load.check()


def test_a_process_that_is_killed(database, tmp_path):
    with Emplace(tmp_path, database.url, 2, SYNC) as cloud:
        with Load(cloud.clients) as load:
            for _ in range(3):
                load.wait_for_more()
                cloud.processes[1].kill()
                time.sleep(0.5)
                load.clients[1] = cloud.processes[1].start()
            load.wait_for_more()
        load.check(cloud.clients)


def test_a_process_that_freezes_with_the_lock_does_not_stop_the_others_for_ever(database, relay,
                                                                                tmp_path):
    with Emplace(tmp_path, [database.url, through(relay, database)], options=SYNC) as cloud:
        with Load(cloud.clients[:1], writers=2) as load:
            load.wait_for_more()
            trap = relay.set_trap(b'COMMIT', 'hold', count=1)
            held = cloud[1].provider  # makes a batch, whose COMMIT does not come through
            with pytest.raises(AssertionError):
                held(VCPU=1)
            assert trap.sprung
            load.wait_for_more(20)
            relay.clear_trap()
            load.wait_for_more()
        load.check(cloud.clients)
        cloud[1].provider(VCPU=1)


def test_rows_that_another_session_holds(database, tmp_path):
    """As upstream's transactions may: emplace gives way, and goes on when they are over."""
    with Emplace(tmp_path, database.url, 2, SYNC) as cloud:
        with Load(cloud.clients) as load:
            load.wait_for_more()
            session = database.server.session(database.url)
            for provider in load.providers * 3:
                with session.cursor() as cursor:
                    cursor.execute('SELECT id FROM resource_providers WHERE uuid = %s FOR UPDATE',
                                   [provider])
                    time.sleep(0.3)
                    cursor.execute('SELECT tick FROM emplace_clock WHERE id = 1 FOR UPDATE')
                session.rollback()
            session.close()
            load.wait_for_more()
        load.check()
        assert load.answers['write', 503] == 0


def test_privileges_that_are_taken_away_and_given_back(mariadb, tmp_path):
    url = mariadb.new_database()
    name = make_url(url).database
    with Emplace(tmp_path, url, 2, SYNC) as cloud:
        with Load(cloud.clients) as load:
            load.wait_for_more()
            mariadb.administer(f"REVOKE ALL ON {name}.* FROM {name}@'127.0.0.1'")
            time.sleep(2)
            mariadb.administer(f"GRANT ALL ON {name}.* TO {name}@'127.0.0.1'")
            load.wait_for_more()
        load.check()
