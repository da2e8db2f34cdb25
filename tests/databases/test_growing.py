"""What grows with time stays in bounds: the cost of catching up, the change log, unused rows."""
import threading
import time

import pytest

import story
from cloud import Emplace, thawed_at_the_end
from harness import OWNER, Client, new_name, new_uuid, wait_for

PROVIDERS, CLASSES = 1500, ('VCPU', 'MEMORY_MB', 'DISK_GB')
LOG_KEPT = 65536            # rows of emplace_changes
LOG_SLACK = 8192            # how many more there may be before some are removed
CHANGES = 40
ROWS_OF_A_CHANGE = 100      # at most, read by all processes together, for one write and its reading


def rows_read(database):
    """How many rows the server has read so far, of PostgreSQL those of the database's tables."""
    if database.engine == 'mariadb':
        return sum(int(value) for _, value in database.server.administer(
            "SHOW GLOBAL STATUS LIKE 'Handler_read%'"))
    (read,), = database.execute('SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) '
                                'FROM pg_stat_user_tables')
    return int(read)


def fill_tables(database):
    """Many providers with inventories, by SQL, before any process has loaded them."""
    session = database.server.session(database.url)
    cursor = session.cursor()
    for number in range(1, PROVIDERS + 1):
        uuid = f'{number:08d}-0000-4000-8000-000000000000'
        cursor.execute(
            'INSERT INTO resource_providers (id, uuid, name, generation, root_provider_id) '
            'VALUES (%s, %s, %s, 1, %s)', (number, uuid, f'host{number}', number))
        for resource_class in range(len(CLASSES)):
            cursor.execute(
                'INSERT INTO inventories (resource_provider_id, resource_class_id, total, reserved,'
                ' min_unit, max_unit, step_size, allocation_ratio) '
                'VALUES (%s, %s, 1000, 0, 1, 1000, 1, 1.0)', (number, resource_class))
    if database.engine == 'postgresql':
        cursor.execute("SELECT setval('resource_providers_id_seq', %s)", (PROVIDERS,))
    session.commit()
    session.close()


def test_catching_up_costs_what_has_changed(database, tmp_path):
    """However large the cloud: a write, and its reading elsewhere, read few rows."""
    with Emplace(tmp_path, database.url):
        pass  # makes the tables
    fill_tables(database)
    with Emplace(tmp_path, database.url, 2) as cloud:
        hosts = [f'{number:08d}-0000-4000-8000-000000000000' for number in range(1, CHANGES + 1)]

        def change():
            for host in hosts:
                consumer = new_uuid()
                assert cloud[0].claim(consumer, {host: {'VCPU': 1}}).status == 204
                assert cloud[1].get(f'/allocations/{consumer}').json['allocations']

        change()
        loaded = settled(database, cloud, hosts[0])
        change()
        cost = settled(database, cloud, hosts[0]) - loaded
        assert cost < CHANGES * ROWS_OF_A_CHANGE, f'{cost} rows for {CHANGES} claims'
        # To know that it is counted: to load all anew reads at least every row once.
        before = settled(database, cloud, hosts[0])
        cloud.processes[1].restart()
        again = settled(database, cloud, hosts[0]) - before
        assert again >= PROVIDERS * (1 + len(CLASSES)), f'only {again} rows to load all'


def settled(database, cloud, host):
    """The rows read, when PostgreSQL's sessions have told what they did: they do so each second."""
    if database.engine == 'postgresql':
        for _ in range(2):
            time.sleep(1.1)
            for writer, reader in ((cloud[0], cloud[1]), (cloud[1], cloud[0])):
                assert writer.claim(new_uuid(), {host: {'VCPU': 1}}).status == 204
                assert reader.used(host)
        time.sleep(0.2)
    return rows_read(database)


def test_reads_without_changes_cost_one_row_each(database, tmp_path):
    with Emplace(tmp_path, database.url, 2) as cloud:
        provider = cloud[0].provider(VCPU=1000)
        cloud[1].used(provider)
        before = settled(database, cloud, provider)
        for _ in range(200):
            cloud[1].used(provider)
        assert settled(database, cloud, provider) - before < 200 * 10 + 1000


def test_the_change_log_keeps_to_its_length(database, tmp_path):
    with Emplace(tmp_path, database.url) as cloud:
        provider = cloud[0].provider(VCPU=100000)
    add_to_log(database, LOG_KEPT + 500)
    with Emplace(tmp_path, database.url, 2) as cloud:
        for number in range(200):
            assert cloud[number % 2].claim(new_uuid(), {provider: {'VCPU': 1}}).status == 204

        def short():
            (count, last), = database.execute('SELECT count(*), max(tick) FROM emplace_changes')
            assert count <= LOG_KEPT + LOG_SLACK, 'it only grows'
            (tick,), = database.execute('SELECT tick FROM emplace_clock WHERE id = 1')
            assert last == tick
            assert cloud[0].claim(new_uuid(), {provider: {'VCPU': 1}}).status == 204
            return count <= LOG_KEPT + 256

        wait_for(short, 'old changes to be removed', 60)
        assert cloud[0].used(provider) == cloud[1].used(provider)


def add_to_log(database, count):
    """So many ticks in which nothing was changed."""
    (tick,), = database.execute('SELECT tick FROM emplace_clock WHERE id = 1')
    numbers = ('seq_1_to_100000' if database.engine == 'mariadb'
               else 'generate_series(1, 100000) AS s(seq)')
    database.execute("INSERT INTO emplace_changes (tick, batch, touched) "
                     f"SELECT seq + {tick}, NULL, '' FROM {numbers} WHERE seq <= {count}")
    database.execute(f'UPDATE emplace_clock SET tick = {tick + count} WHERE id = 1')


def test_who_has_slept_longer_than_the_log_reaches_loads_all_anew(database, tmp_path):
    with Emplace(tmp_path, database.url, 2) as cloud:
        awake, asleep = cloud[0], cloud[1]
        provider, gone = awake.provider(VCPU=1000), awake.provider(VCPU=10)
        assert asleep.used(provider) == {'VCPU': 0}
        with thawed_at_the_end(cloud.processes[1]):
            for one in story.WRITES:
                story.send(awake, one)
            for _ in range(20):
                assert awake.claim(new_uuid(), {provider: {'VCPU': 1}}).status == 204
            assert awake.delete(f'/resource_providers/{gone}').status == 204
            database.execute('DELETE FROM emplace_changes')
            assert awake.claim(new_uuid(), {provider: {'VCPU': 1}}).status == 204
        assert asleep.used(provider) == {'VCPU': 21}
        assert asleep.get(f'/resource_providers/{gone}').status == 404
        story.assert_same(story.shown(awake, story.VERSIONS), story.shown(asleep, story.VERSIONS))
        assert asleep.claim(new_uuid(), {provider: {'VCPU': 1}}).status == 204
        assert awake.used(provider) == {'VCPU': 22}


def test_words_of_the_log_that_nobody_knows_do_no_harm(database, tmp_path):
    """A later release may write other words: then all is loaded anew."""
    with Emplace(tmp_path, database.url) as cloud:
        provider = cloud[0].provider(VCPU=8)
        session = database.server.session(database.url)
        cursor = session.cursor()
        cursor.execute('SELECT tick FROM emplace_clock WHERE id = 1 FOR UPDATE')
        (tick,) = cursor.fetchone()
        cursor.execute("UPDATE resource_providers SET name = 'changed' WHERE uuid = %s", (provider,))
        cursor.execute('DELETE FROM emplace_changes WHERE tick > %s', (tick,))  # of a trigger
        cursor.execute("INSERT INTO emplace_changes (tick, batch, touched) "
                       "VALUES (%s, NULL, 'Z1 what-is-that')", (tick + 1,))
        cursor.execute('UPDATE emplace_clock SET tick = %s WHERE id = 1', (tick + 1,))
        session.commit()
        session.close()
        assert cloud[0].get(f'/resource_providers/{provider}').json['name'] == 'changed'
        assert cloud[0].claim(new_uuid(), {provider: {'VCPU': 1}}).status == 204


def count_of(database, table):
    (count,), = database.execute(f'SELECT count(*) FROM {table}')
    return count


@pytest.mark.parametrize('running', [0, 2])
def test_purge_removes_what_nothing_refers_to(database, tmp_path, running):
    """With servers at work, too: what was purged may be used again at once, through each."""
    tables = {'projects': 'project_id', 'users': 'user_id', 'consumer_types': 'consumer_type'}
    with Emplace(tmp_path, database.url, max(running, 1)) as cloud:
        provider, kept = cloud[0].provider(VCPU=1000), new_uuid()
        owner = {'project_id': new_name('p'), 'user_id': new_name('u'),
                 'consumer_type': new_name('TYPE_')}
        assert cloud[0].claim(kept, {provider: {'VCPU': 1}}, **OWNER).status == 204
        for client in cloud.clients:
            consumer = new_uuid()
            assert client.claim(consumer, {provider: {'VCPU': 1}}, **owner).status == 204
            assert client.delete(f'/allocations/{consumer}').status == 204
        groups = [new_uuid() for _ in range(3)]
        path = f'/resource_providers/{provider}/aggregates'
        assert cloud[0].put(path, groups, version='1.1').status == 200
        assert cloud[0].put(path, groups[:1], version='1.1').status == 200
        before = {table: count_of(database, table) for table in tables}
        process = cloud.processes[0]
        if not running:
            cloud.stop()
        process.command_line('db', 'purge')
        for table in tables:
            assert count_of(database, table) < before[table], table
        assert count_of(database, 'placement_aggregates') == 1
        if not running:
            cloud.start()
        for client in cloud.clients:
            assert client.get(f'/allocations/{kept}').json['allocations']
            assert client.get(path, version='1.1').json['aggregates'] == groups[:1]
        for client in cloud.clients:
            assert client.claim(new_uuid(), {provider: {'VCPU': 1}}, **owner).status == 204
            assert client.put(path, groups, version='1.1').status == 200
        whole = [client.get(f'/usages?project_id={owner["project_id"]}').json['usages']
                 for client in cloud.clients]
        assert whole == [{owner['consumer_type']: {
            'VCPU': len(cloud), 'consumer_count': len(cloud)}}] * len(cloud)


def test_commands_do_their_work_while_others_write(database, tmp_path):
    """The clock passes from one writer to the next, and each command gets its turn."""
    with Emplace(tmp_path, database.url, 2) as cloud:
        provider = cloud[0].provider(VCPU=1000)
        ended, refused = threading.Event(), []

        def write(port):
            client = Client(port)
            while not ended.is_set():
                consumer = new_uuid()
                for answer in (client.claim(consumer, {provider: {'VCPU': 1}}),
                               client.delete(f'/allocations/{consumer}')):
                    if answer.status != 204:
                        refused.append(answer)

        writers = [threading.Thread(target=write, args=[client.port])
                   for client in cloud.clients for _ in range(3)]
        for writer in writers:
            writer.start()
        try:
            run = cloud.processes[0].command_line
            run('db', 'purge')
            run('db', 'sync')
            run('db', 'coexist', 'off')
            run('db', 'coexist', 'on')
            run('db', 'online_data_migrations')
            run('db', 'check')
            assert cloud.add().used(provider)  # it makes the tables, too, when it starts
        finally:
            ended.set()
            for writer in writers:
                writer.join()
        assert not refused, refused[0]
        assert [client.used(provider) for client in cloud.clients] == [{'VCPU': 0}] * 3
