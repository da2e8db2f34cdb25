"""The tables on database servers: made as upstream makes them, mended, checked, and watched."""
import os
import random
import re
import subprocess
import sys
import textwrap
import time
import types

import pymysql
import pytest

from cloud import Upstream
from harness import BINARY, clean_environment, new_uuid, run_command, wait_for, write_configuration
from servers import MariaDB

NEWEST = 'a082b8bb98d0'
OF_UPSTREAM_8 = '422ece571366'  # the newest one that Debian's Placement knows
OLD = ['b4ed3a175331', '611cd6dffd7b', 'b5c396305c25', OF_UPSTREAM_8]
# Makes a database of an old revision by upstream's own migrations.
MIGRATE = textwrap.dedent('''
    import sys
    from oslo_config import cfg
    from placement import conf, db_api
    from placement.db.sqlalchemy import migration
    config = cfg.ConfigOpts()
    conf.register_opts(config)
    config([], default_config_files=[sys.argv[1]])
    db_api.configure(config)
    migration.upgrade(sys.argv[2])
''')
HOST, CHILD, RACK = (f'00000000-0000-4000-8000-00000000000{n}' for n in (1, 2, 3))
CONSUMER, ORPHAN = (f'00000000-0000-4000-8000-00000000000{n}' for n in ('a', 'b'))
WELL = 'The schema is as expected.\n'

needs_upstream = pytest.mark.skipif(
    not os.path.exists('/usr/lib/python3/dist-packages/placement'), reason='needs python3-placement')


class Operator:
    """Somebody with a command line and one database."""

    def __init__(self, folder, database, url=None):
        self.folder, self.database = str(folder), database
        self.config = os.path.join(self.folder, 'placement.conf')
        self.url = url or database.url
        write_configuration(self.config, {'placement_database': {'connection': self.url},
                                          'api': {'auth_strategy': 'noauth2'}})
        self.mariadb = database.engine == 'mariadb'

    def call(self, *words):
        """The exit code, stdout and stderr of a command."""
        return run_command(self.folder, *words, '--config-file', self.config)

    def run(self, *words):
        code, out, err = self.call(*words)
        assert code == 0, f'{words}: {code} {out}{err}'
        return out

    def sync(self, *words):
        self.run('db', 'sync', *words)

    def check(self):
        code, out, err = self.call('db', 'check')
        assert code == (0 if out == WELL else 1), err
        return [] if out == WELL else out.splitlines()

    def begin_sync(self):
        return subprocess.Popen([BINARY, 'db', 'sync', '--config-file', self.config],
                                cwd=self.folder, env=clean_environment(self.folder),
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def migrate_as_upstream(self, revision):
        done = subprocess.run([sys.executable, '-c', MIGRATE, self.config, revision],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def execute(self, sql, *parameters):
        return self.database.server.execute(self.url, sql, *parameters)

    def one(self, sql, *parameters):
        return self.execute(sql, *parameters)[0][0]

    def as_emplace(self, *statements):
        """Runs statements in a session that the triggers take for emplace's."""
        session = self.database.server.session(self.url)
        cursor = session.cursor()
        cursor.execute('SET @emplace_writer = 1' if self.mariadb else "SET emplace.writer = 'on'")
        for statement in statements:
            cursor.execute(statement)
        session.commit()
        session.close()

    def tick(self):
        return self.one('SELECT tick FROM emplace_clock WHERE id = 1')

    def words_since(self, tick):
        """What the log says of everything after that tick; each tick must have its one row."""
        rows = self.execute('SELECT tick, batch, touched FROM emplace_changes WHERE tick > %s '
                            'ORDER BY tick', tick)
        assert [row[0] for row in rows] == list(range(tick + 1, self.tick() + 1))
        assert all(batch is None for _, batch, _ in rows)
        return [word for _, _, touched in rows for word in touched.split()]

    def schema(self, own=False):
        """All that the catalogue says of the tables, without charsets and names of no meaning."""
        schema = 'SCHEMA()' if self.mariadb else 'current_schema()'
        which = f"table_schema = {schema} AND table_name {'' if own else 'NOT '}LIKE 'emplace%'"
        said = [self.execute(
            'SELECT table_name, column_name, ordinal_position, column_default, is_nullable, '
            'data_type, character_maximum_length, numeric_precision, numeric_scale, '
            f'datetime_precision FROM information_schema.columns WHERE {which} '
            'ORDER BY table_name, ordinal_position')]
        if self.mariadb:
            said += [self.execute(
                'SELECT table_name, column_name, column_type, extra, column_key FROM '
                f'information_schema.columns WHERE {which} ORDER BY 1, 2')]
            said += [self.execute(
                'SELECT table_name, index_name, non_unique, seq_in_index, column_name, index_type '
                f'FROM information_schema.statistics WHERE {which} ORDER BY 1, 2, 4')]
            said += [self.execute(
                'SELECT table_name, constraint_name, column_name, referenced_table_name, '
                f'referenced_column_name FROM information_schema.key_column_usage WHERE {which} '
                'ORDER BY 1, 2, ordinal_position')]
            return said
        said += [self.execute(
            'SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = '
            "current_schema() AND tablename NOT LIKE 'emplace%' ORDER BY 1, 2")]
        said += [self.execute(
            'SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) '
            'FROM pg_constraint WHERE connamespace = current_schema()::regnamespace '
            "AND conrelid::regclass::text NOT LIKE 'emplace%' ORDER BY 1, 2")]
        said += [self.execute(
            'SELECT sequencename, data_type::text, start_value, increment_by, min_value, max_value '
            'FROM pg_sequences WHERE schemaname = current_schema() ORDER BY 1')]
        return said



def may_use(server, url):
    """Whether the URL's user has come to that node already, with all rights."""
    try:
        server.execute(url, 'SELECT 1')
    except pymysql.Error:
        return False
    return True


def of_mariadb(server, url):
    """What the fixture `database` is, for a test that wants MariaDB alone."""
    return types.SimpleNamespace(server=server, engine='mariadb', url=url)


@pytest.fixture
def operator(database, tmp_path):
    return Operator(tmp_path, database)


def another(operator, folder, **how):
    """The same on a new database of the same server."""
    folder.mkdir()
    return Operator(folder, operator.database, operator.database.server.new_database(**how))


def fill(operator, suffix=''):
    """Rows as upstream leaves them: a tree, a name of nobody's, a claim, one without a consumer."""
    operator.execute(
        'INSERT INTO resource_providers (uuid, name, generation, root_provider_id) '
        f"VALUES ('{HOST}', 'Höst{suffix}', 3, NULL)")
    host = operator.one('SELECT id FROM resource_providers')
    operator.execute(
        'INSERT INTO resource_providers (uuid, name, generation, parent_provider_id) '
        f"VALUES ('{CHILD}', 'child', 0, %s)", host)
    operator.execute("INSERT INTO resource_classes (id, name) VALUES (10000, 'CUSTOM_X')")
    operator.execute("INSERT INTO traits (name) VALUES ('CUSTOM_T')")
    operator.execute(
        'INSERT INTO inventories (resource_provider_id, resource_class_id, total, reserved, '
        'min_unit, max_unit, step_size, allocation_ratio) VALUES (%s, 10000, 9, 0, 1, 9, 1, 1.5)',
        host)
    operator.execute("INSERT INTO projects (external_id) VALUES ('p')")
    operator.execute("INSERT INTO users (external_id) VALUES ('u')")
    operator.execute(
        'INSERT INTO consumers (uuid, project_id, user_id, generation) '
        f"SELECT '{CONSUMER}', projects.id, users.id, 2 FROM projects, users")
    for consumer in (CONSUMER, ORPHAN):
        operator.execute(
            'INSERT INTO allocations (resource_provider_id, consumer_id, resource_class_id, used) '
            f"VALUES (%s, '{consumer}', 10000, 2)", host)


def rows(operator):
    return [operator.execute(sql) for sql in (
        'SELECT uuid, name, generation, parent_provider_id FROM resource_providers ORDER BY uuid',
        "SELECT id, name FROM resource_classes WHERE name LIKE 'CUSTOM%' ORDER BY id",
        "SELECT name FROM traits WHERE name LIKE 'CUSTOM%' ORDER BY id",
        'SELECT resource_class_id, total, allocation_ratio FROM inventories ORDER BY id',
        'SELECT consumer_id, resource_class_id, used FROM allocations ORDER BY consumer_id',
        f"SELECT uuid, generation FROM consumers WHERE uuid = '{CONSUMER}'")]


def test_the_tables_are_made_and_a_second_time_changes_nothing(operator):
    assert operator.run('db', 'version') == 'None\n'
    code, _, err = operator.call('db', 'check')
    assert (code, 'there are no tables yet' in err) == (1, True)
    operator.sync()
    assert operator.run('db', 'version') == f'{NEWEST}\n'
    assert operator.check() == []
    assert operator.execute('SELECT id, coexist FROM emplace_clock') == [(1, 1)]
    assert operator.one("SELECT id FROM resource_classes WHERE name = 'VCPU'") == 0
    assert operator.one("SELECT count(*) FROM traits WHERE name = 'HW_CPU_X86_AVX2'") == 1
    before = operator.schema(), operator.schema(own=True), operator.tick()
    operator.sync()
    assert (operator.schema(), operator.schema(own=True), operator.tick()) == before
    operator.run('db', 'purge')
    assert 'Success' in operator.run('status', 'upgrade', 'check')


@needs_upstream
def test_they_are_upstreams_to_the_name(operator, tmp_path):
    operator.migrate_as_upstream(OF_UPSTREAM_8)
    ours = another(operator, tmp_path / 'ours')
    ours.sync('--version', OF_UPSTREAM_8)
    assert ours.run('db', 'version') == f'{OF_UPSTREAM_8}\n'
    assert ours.schema() == operator.schema()
    ours.sync()
    operator.sync()
    assert ours.schema() == operator.schema()


@needs_upstream
@pytest.mark.parametrize('revision', OLD)
def test_every_old_revision_is_brought_up_with_its_rows(operator, revision, tmp_path):
    operator.migrate_as_upstream(revision)
    fill(operator)
    before = rows(operator)
    if revision != OLD[0]:
        operator.execute('UPDATE resource_providers SET root_provider_id = '
                         + str(operator.one('SELECT min(id) FROM resource_providers')))
    if revision in OLD[2:]:
        operator.execute('INSERT INTO consumers (uuid, project_id, user_id, generation) '
                         f"SELECT '{ORPHAN}', projects.id, users.id, 0 FROM projects, users")
    operator.sync()
    assert operator.run('db', 'version') == f'{NEWEST}\n'
    assert operator.check() == []
    assert rows(operator) == before
    assert operator.one('SELECT count(*) FROM resource_providers '
                        'WHERE root_provider_id IS NULL') == 0
    assert operator.one('SELECT count(*) FROM consumers') == 2
    fresh = another(operator, tmp_path / 'fresh')
    fresh.sync()
    assert operator.schema() == fresh.schema()


def test_many_may_make_the_tables_at_once(operator):
    for process in [operator.begin_sync() for _ in range(4)]:
        out, _ = process.communicate(timeout=120)
        assert (process.returncode, out) == (0, '')
    assert operator.check() == []
    assert operator.one('SELECT count(*) FROM emplace_clock') == 1
    assert operator.one('SELECT count(*) - count(DISTINCT name) FROM traits') == 0


@needs_upstream
@pytest.mark.parametrize('revision', [None, OLD[0]])
def test_whoever_is_killed_half_way_is_followed_by_one_who_ends_it(operator, tmp_path, revision):
    whole = another(operator, tmp_path / 'whole')
    began = time.monotonic()
    whole.sync()
    seconds = time.monotonic() - began
    if revision:
        operator.migrate_as_upstream(revision)
        fill(operator)
        before = rows(operator)
    chance = random.Random(revision or 'new')
    for _ in range(12):
        process = operator.begin_sync()
        time.sleep(chance.uniform(0, seconds))
        process.kill()
        process.communicate()
    operator.sync()
    assert operator.check() == []
    assert operator.schema() == whole.schema()
    assert operator.one('SELECT count(*) FROM emplace_clock') == 1
    if revision:
        assert rows(operator) == before


def test_unknown_revisions_and_ways_back_are_refused(operator):
    operator.sync()
    for words, sentence in [(('db', 'sync', '--version', OLD[1]), 'there is no way back'),
                            (('db', 'sync', '--version', 'nonsense'), 'There is no revision'),
                            (('db', 'stamp', 'nonsense'), 'There is no revision')]:
        code, _, err = operator.call(*words)
        assert (code, sentence in err) == (1, True), err
    operator.run('db', 'stamp', OLD[3])
    assert operator.run('db', 'version') == f'{OLD[3]}\n'
    assert operator.check() == [f'The tables are at revision {OLD[3]} instead of {NEWEST}.']
    operator.sync()
    assert operator.check() == []
    operator.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")
    code, _, err = operator.call('db', 'sync')
    assert (code, 'does not know' in err) == (1, True), err


@needs_upstream
@pytest.mark.parametrize('charset', ['utf8mb3', 'latin1'])
def test_text_compares_byte_by_byte_whatever_the_charset_was(mariadb, tmp_path, charset):
    operator = Operator(tmp_path, of_mariadb(mariadb, mariadb.new_database(charset)))
    operator.migrate_as_upstream(OF_UPSTREAM_8)
    fill(operator)
    before = rows(operator)
    columns = operator.schema()[0]
    operator.sync('--version', OF_UPSTREAM_8)
    assert rows(operator) == before
    assert operator.schema()[0] == columns
    made = operator.execute('SELECT table_name, create_time FROM information_schema.tables '
                            'WHERE table_schema = SCHEMA() ORDER BY 1')
    names = ['a', 'A', 'ä', 'a ', '\U0001f600', '\U0001f601']
    for name in names:
        operator.execute('INSERT INTO projects (external_id) VALUES (%s)', name)
    for name in names:
        assert operator.one('SELECT count(*) FROM projects WHERE external_id = %s', name) == 1
    time.sleep(1.1)  # times of tables are whole seconds
    operator.sync('--version', OF_UPSTREAM_8)
    assert made == operator.execute(
        'SELECT table_name, create_time FROM information_schema.tables '
        'WHERE table_schema = SCHEMA() ORDER BY 1')


def test_all_nodes_of_a_cluster_may_make_the_tables_at_once(galera, tmp_path):
    operators = []
    for number, (node, url) in enumerate(zip(galera.nodes, galera.new_database())):
        (tmp_path / str(number)).mkdir()
        node.administer('SET GLOBAL log_bin_trust_function_creators = 1')
        wait_for(lambda node=node, url=url: may_use(node, url), f'the rights on {url}')
        operators.append(Operator(tmp_path / str(number), of_mariadb(node, url)))
    for process in [operator.begin_sync() for operator in operators]:
        out, _ = process.communicate(timeout=120)
        assert (process.returncode, out) == (0, '')
    for operator in operators:
        assert operator.check() == []
    assert operators[0].one('SELECT count(*) - count(DISTINCT name) FROM traits') == 0


# --- triggers -----------------------------------------------------------------------------------


@needs_upstream
def test_what_upstream_writes_is_logged(operator, tmp_path):
    operator.sync()
    with Upstream(tmp_path, operator.url) as upstream:
        client = upstream.clients[0]

        def words_of(method, path, body=None, status=(200, 201, 204)):
            before = operator.tick()
            answer = client.request(method, path, body)
            assert answer.status in status, answer
            return set(operator.words_since(before))

        made = words_of('POST', '/resource_providers', {'name': 'host', 'uuid': HOST})
        host = operator.one(f"SELECT id FROM resource_providers WHERE uuid = '{HOST}'")
        assert made == {f'P{host}'}
        child = words_of('POST', '/resource_providers',
                         {'name': 'child', 'uuid': CHILD, 'parent_provider_uuid': HOST})
        assert child == {f'P{host + 1}', f'P{host}'} or child == {f'P{host + 1}'}
        assert words_of('PUT', f'/resource_providers/{HOST}/inventories', {
            'resource_provider_generation': 0, 'inventories': {'VCPU': {'total': 8}}}
        ) == {f'I{host}', f'P{host}'}
        trait = words_of('PUT', '/traits/CUSTOM_T')
        assert trait == {f't{operator.one("SELECT max(id) FROM traits")}'}
        assert words_of('PUT', '/resource_classes/CUSTOM_C') == {'c10000'}
        assert words_of('PUT', f'/resource_providers/{HOST}/traits', {
            'resource_provider_generation': 1, 'traits': ['CUSTOM_T']}
        ) == {f'T{host}', f'P{host}'}
        assert words_of('PUT', f'/resource_providers/{HOST}/aggregates', {
            'resource_provider_generation': 2, 'aggregates': [RACK]}
        ) == {f'A{host}', f'P{host}'}
        claim = {'allocations': {HOST: {'resources': {'VCPU': 2}}}, 'project_id': 'p',
                 'user_id': 'u', 'consumer_type': 'INSTANCE', 'consumer_generation': None}
        assert words_of('PUT', f'/allocations/{CONSUMER}', claim) == {f'C{CONSUMER}', f'P{host}'}
        # What is refused leaves no word behind.
        assert words_of('PUT', f'/allocations/{ORPHAN}', {
            **claim, 'allocations': {HOST: {'resources': {'VCPU': 99}}}}, status=[409]) <= {
                f'C{ORPHAN}'}
        assert f'C{CONSUMER}' in words_of('DELETE', f'/allocations/{CONSUMER}')
        assert f'I{host}' in words_of('DELETE', f'/resource_providers/{HOST}/inventories')
        gone = words_of('DELETE', f'/resource_providers/{CHILD}')
        assert f'P{host + 1}' in gone
        assert words_of('GET', '/resource_providers') == set()


def test_every_kind_of_change_says_its_word(operator):
    operator.sync()
    fill(operator)
    host = operator.one('SELECT min(id) FROM resource_providers')
    trait = operator.one("SELECT id FROM traits WHERE name = 'CUSTOM_T'")

    def words_of(sql):
        before = operator.tick()
        operator.execute(sql)
        return operator.words_since(before)

    assert words_of('UPDATE resource_providers SET generation = 9 ORDER BY id' if operator.mariadb
                    else 'UPDATE resource_providers SET generation = 9'
                    ) == [f'P{host}', f'P{host + 1}']
    assert words_of("UPDATE resource_classes SET name = 'CUSTOM_Y' WHERE id = 10000") == ['c10000']
    assert words_of('UPDATE resource_classes SET id = 10001 WHERE id = 10000'
                    ) == ['c10000', 'c10001']
    assert words_of(f'INSERT INTO resource_provider_traits (trait_id, resource_provider_id) '
                    f'VALUES ({trait}, {host})') == [f'T{host}']
    assert words_of(f'UPDATE resource_provider_traits SET resource_provider_id = {host + 1}'
                    ) == [f'T{host}', f'T{host + 1}']
    assert words_of('DELETE FROM resource_provider_traits') == [f'T{host + 1}']
    assert words_of(f'INSERT INTO resource_provider_aggregates (resource_provider_id, aggregate_id)'
                    f' VALUES ({host}, 7)') == [f'A{host}']
    assert words_of('DELETE FROM resource_provider_aggregates') == [f'A{host}']
    assert words_of('UPDATE inventories SET total = 10') == [f'I{host}']
    assert words_of(f"UPDATE allocations SET consumer_id = '{ORPHAN}' "
                    f"WHERE consumer_id = '{CONSUMER}'") == [f'C{CONSUMER}', f'C{ORPHAN}']
    assert words_of('DELETE FROM allocations') == [f'C{ORPHAN}'] * 2
    assert words_of('UPDATE consumers SET generation = 4') == [f'C{CONSUMER}']
    assert words_of('DELETE FROM consumers') == [f'C{CONSUMER}']
    assert words_of("INSERT INTO projects (external_id) VALUES ('other')") == []
    assert words_of("UPDATE projects SET external_id = 'another' WHERE external_id = 'other'"
                    ) == ['*']
    assert words_of('DELETE FROM projects') == ['*', '*']
    assert words_of('DELETE FROM users') == ['*']
    assert words_of("INSERT INTO consumer_types (name) VALUES ('T')") == []
    assert words_of('DELETE FROM consumer_types') == ['*']
    assert words_of(f"INSERT INTO placement_aggregates (uuid) VALUES ('{RACK}')") == []
    assert words_of('DELETE FROM placement_aggregates') == ['*']
    assert words_of(f'DELETE FROM traits WHERE id = {trait}') == [f't{trait}']
    assert words_of('DELETE FROM inventories') == [f'I{host}']
    assert words_of('DELETE FROM resource_classes WHERE id = 10001') == ['c10001']
    before = operator.tick()
    operator.as_emplace('UPDATE resource_providers SET generation = 5',
                        "INSERT INTO traits (name) VALUES ('CUSTOM_SILENT')")
    assert operator.tick() == before


def test_the_log_stays_short_also_when_upstream_alone_writes(operator):
    operator.sync()
    kept = 65536
    operator.as_emplace('DELETE FROM emplace_changes', f'UPDATE emplace_clock SET tick = {kept}',
                        "INSERT INTO emplace_changes (tick, touched) VALUES (1, 'X'), (2, 'X')")
    operator.execute("INSERT INTO traits (name) VALUES ('CUSTOM_T')")
    assert operator.execute('SELECT tick FROM emplace_changes ORDER BY tick') == [(2,), (kept + 1,)]


def test_triggers_leave_the_last_id_and_the_count_of_rows_alone(mariadb, tmp_path):
    operator = Operator(tmp_path, of_mariadb(mariadb, mariadb.new_database()))
    operator.sync()
    session = mariadb.session(operator.url)
    cursor = session.cursor()
    cursor.execute('INSERT INTO resource_providers (uuid, name, generation) '
                   f"VALUES ('{HOST}', 'h', 0)")
    cursor.execute('SELECT id, LAST_INSERT_ID() FROM resource_providers')
    assert len(set(cursor.fetchone())) == 1
    assert cursor.execute('UPDATE resource_providers SET generation = 1 WHERE generation = 0') == 1
    cursor.execute('SELECT ROW_COUNT()')
    assert cursor.execute('UPDATE resource_providers SET generation = 1 WHERE generation = 0') == 0
    cursor.execute('DELETE FROM resource_providers')
    assert cursor.rowcount == 1
    cursor.execute('SHOW WARNINGS')
    assert cursor.fetchall() == ()
    session.close()


def test_coexistence_is_switched_off_and_on(operator):
    operator.sync()
    assert operator.run('db', 'coexist', 'show').startswith('on')
    assert operator.run('db', 'coexist', 'off').startswith('off')
    before = operator.tick()
    operator.execute("INSERT INTO traits (name) VALUES ('CUSTOM_UNSEEN')")
    assert operator.tick() == before
    operator.sync()
    assert operator.run('db', 'coexist', 'show').startswith('off')
    assert operator.check() == []
    assert operator.run('db', 'coexist', 'on').startswith('on')
    # Whoever did not see what came in between must load all anew.
    assert operator.words_since(before) == ['*']
    assert operator.check() == []
    operator.execute("INSERT INTO traits (name) VALUES ('CUSTOM_SEEN')")
    assert len(operator.words_since(before)) == 2


def test_a_user_who_may_not_make_triggers_is_told_what_to_do(operator):
    if operator.mariadb:
        name = re.search('//(.*?):', operator.url).group(1)
        server = operator.database.server
        server.administer(f"REVOKE TRIGGER ON {name}.* FROM {name}@'127.0.0.1'")
        words = f"GRANT TRIGGER ON `{name}`.* TO '{name}'@'127.0.0.1'"
    else:
        operator.sync()
        operator.run('db', 'coexist', 'off')
        name = re.search('//(.*?):', operator.url).group(1)
        server = operator.database.server
        server.administer(f'ALTER TABLE traits OWNER TO admin', database=name)
        server.administer(f'GRANT SELECT, INSERT, UPDATE, DELETE ON traits TO {name}',
                          database=name)
        words = f'ALTER TABLE … OWNER TO {name}'
    code, _, err = operator.call(*(('db', 'sync') if operator.mariadb else ('db', 'coexist', 'on')))
    assert (code, words in err, 'emplace db coexist off' in err) == (1, True, True), err
    operator.run('db', 'coexist', 'off')
    operator.sync()
    assert operator.check() == []


@pytest.mark.parametrize('log_format', ['MIXED', 'ROW'])
def test_a_server_with_a_binary_log_must_trust_who_makes_triggers(tmp_path, log_format):
    server = MariaDB(settings=('--log-bin', f'--binlog-format={log_format}'))
    try:
        server.start()
        operator = Operator(tmp_path, of_mariadb(server, server.new_database()))
        code, _, err = operator.call('db', 'sync')
        assert (code, 'log_bin_trust_function_creators = 1' in err,
                'emplace db coexist off' in err) == (1, True, True), err
        server.administer('SET GLOBAL log_bin_trust_function_creators = 1')
        operator.sync()
        assert operator.check() == []
        session = server.session(operator.url)
        cursor = session.cursor()
        before = operator.tick()
        cursor.execute("INSERT INTO traits (name) VALUES ('CUSTOM_T')")
        cursor.execute('SHOW WARNINGS')
        assert cursor.fetchall() == ()
        session.commit()
        session.close()
        assert len(operator.words_since(before)) == 1
    finally:
        server.remove()


# --- rows and differences -----------------------------------------------------------------------


def test_mending_and_purging_say_in_the_log_what_they_touched(operator):
    operator.sync()
    operator.run('db', 'coexist', 'off')
    fill(operator)
    host = operator.one('SELECT min(id) FROM resource_providers')
    code, out, _ = operator.call('status', 'upgrade', 'check')
    assert (code, '2 resource providers' in out, '1 incomplete' in out) == (2, True, True)
    before = operator.tick()
    out = operator.run('db', 'online_data_migrations')
    assert [line.split('|')[2:4] for line in out.splitlines() if 'create_' in line or 'set_' in line
            ] == [['      2      ', '     2     '], ['      1      ', '     1     ']]
    assert operator.words_since(before) == [f'P{host}', f'P{host + 1}', f'C{ORPHAN}']
    assert operator.execute('SELECT root_provider_id FROM resource_providers') == [(host,)] * 2
    operator.execute(f"DELETE FROM allocations WHERE consumer_id = '{ORPHAN}'")
    operator.execute(f"DELETE FROM consumers WHERE uuid = '{ORPHAN}'")
    operator.execute("INSERT INTO consumer_types (name) VALUES ('UNUSED')")
    operator.execute(f"INSERT INTO placement_aggregates (uuid) VALUES ('{RACK}')")
    values = ', '.join(f"('{new_uuid()}')" for _ in range(1200))
    operator.execute(f'INSERT INTO users (external_id) VALUES {values}')
    before = operator.tick()
    out = operator.run('db', 'purge')
    removed = dict(re.findall(r'\| *(\w[\w ]*?) *\| *(\d+) *\|', out))
    assert removed == {'projects': '1', 'users': '1201', 'consumer types': '1', 'aggregates': '1'}
    assert set(operator.words_since(before)) == {'X'}
    assert operator.execute('SELECT external_id FROM users') == [('u',)]
    assert operator.execute('SELECT external_id FROM projects') == [('p',)]
    before = operator.tick()
    operator.run('db', 'purge')
    assert operator.tick() == before


def test_a_check_finds_what_is_not_as_it_should_be(operator):
    operator.sync()
    if operator.mariadb:
        changes = ['DROP INDEX allocations_consumer_id_idx ON allocations',
                   'ALTER TABLE traits MODIFY name varchar(200) NOT NULL',
                   'ALTER TABLE users CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
                   'DROP TRIGGER emplace_traits_update']
        trigger = 'emplace_traits_update'
    else:
        changes = ['DROP INDEX allocations_consumer_id_idx',
                   'ALTER TABLE traits ALTER name TYPE varchar(200)',
                   'DROP TRIGGER emplace_log ON traits',
                   'ALTER TABLE inventories DISABLE TRIGGER emplace_lock']
        trigger = 'emplace_log'
    changes += ['CREATE INDEX mine ON users (created_at)',
                'ALTER TABLE projects ADD COLUMN more int']
    for change in changes:
        operator.execute(change)
    found = '\n'.join(operator.check())
    for sentence in ['The table allocations has no index allocations_consumer_id_idx (consumer_id).',
                     'The column name of the table traits is ',
                     f'The trigger {trigger} of the table traits is missing.',
                     'The table users has an unexpected index mine (created_at).',
                     'The table projects has a column that is not expected: more.']:
        assert sentence in found, found
    if operator.mariadb:
        assert 'The column external_id of the table users has the collation utf8mb4_bin' in found
    else:
        assert 'The trigger emplace_lock of the table inventories is not what it should be' in found
    # What is missing is made anew; what is there otherwise is for its owner to judge.
    operator.sync()
    left = operator.check()  # the index, the column, and the length of names
    assert len(left) == 3 and not any('trigger' in sentence for sentence in left), left
