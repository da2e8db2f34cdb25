"""The commands beside serve, also under the names that upstream's have."""
import json
import os
import sqlite3

import pytest

from harness import BINARY, run_command, write_configuration

NEWEST_REVISION = 'a082b8bb98d0'


@pytest.fixture
def folder(tmp_path):
    """A folder with a placement.conf, and upstream's names for the program."""
    write_configuration(tmp_path / 'placement.conf', {'placement_database': {
        'connection': f'sqlite:///{tmp_path}/placement.db'}})
    for name in ('placement-manage', 'placement-status'):
        os.symlink(os.path.abspath(BINARY), tmp_path / name)
    return tmp_path


def emplace(folder, *arguments):
    return run_command(folder, *arguments, '--config-file', 'placement.conf')


def upstream(folder, program, *arguments):
    return run_command(folder, '--config-file', 'placement.conf', *arguments,
                       program=f'{folder}/{program}')


def sql(folder, *statements):
    with sqlite3.connect(folder / 'placement.db') as database:
        for statement in statements:
            rows = database.execute(statement).fetchall()
    database.close()
    return rows


def add_rows_of_an_older_release(folder):
    """A provider without a root, and an allocation without a consumer."""
    sql(folder,
        "INSERT INTO resource_providers (id, uuid, name, generation) VALUES "
        "(1, '11111111-1111-4111-8111-111111111111', 'old', 0)",
        'INSERT INTO allocations (resource_provider_id, consumer_id, resource_class_id, used) '
        "VALUES (1, '22222222-2222-4222-8222-222222222222', 0, 1)")


@pytest.mark.parametrize('call', [
    lambda folder, *words: emplace(folder, 'db', *words),
    lambda folder, *words: upstream(folder, 'placement-manage', 'db', *words)],
    ids=['emplace', 'placement-manage'])
def test_the_database_is_made_and_its_revision_told(folder, call):
    assert call(folder, 'version')[:2] == (0, 'None\n')
    assert call(folder, 'sync')[:2] == (0, '')
    assert call(folder, 'version')[:2] == (0, f'{NEWEST_REVISION}\n')
    assert call(folder, 'sync')[0] == 0, 'a second time changes nothing'
    tables = {name for name, in sql(folder, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {'resource_providers', 'inventories', 'allocations', 'consumers', 'alembic_version',
            'traits', 'placement_aggregates', 'consumer_types'} <= tables


def test_a_revision_can_be_stamped(folder):
    assert emplace(folder, 'db', 'sync')[0] == 0
    assert emplace(folder, 'db', 'stamp', 'b4ed3a175331')[0] == 0
    assert emplace(folder, 'db', 'version')[1] == 'b4ed3a175331\n'
    assert emplace(folder, 'db', 'stamp', 'head')[0] == 0
    assert emplace(folder, 'db', 'version')[1] == f'{NEWEST_REVISION}\n'


def test_a_revision_that_there_is_not_is_refused(folder):
    assert emplace(folder, 'db', 'sync')[0] == 0
    code, _, err = emplace(folder, 'db', 'stamp', 'feedface')
    assert code == 1
    assert 'feedface' in err
    assert emplace(folder, 'db', 'version')[1] == f'{NEWEST_REVISION}\n'


def test_a_database_of_a_newer_release_is_not_touched(folder):
    assert emplace(folder, 'db', 'sync')[0] == 0
    sql(folder, "UPDATE alembic_version SET version_num = 'ffffffffffff'")
    code, _, err = emplace(folder, 'db', 'sync')
    assert code == 1
    assert 'ffffffffffff' in err
    code, _, err = run_command(folder, 'serve', '--config-file', 'placement.conf', '--port', '0',
                               environment={'OS_API__AUTH_STRATEGY': 'noauth2'})
    assert code == 1
    assert 'ffffffffffff' in err


def test_a_check_tells_where_the_tables_are_not_as_they_should_be(folder):
    assert emplace(folder, 'db', 'sync')[0] == 0
    assert emplace(folder, 'db', 'check')[:2] == (0, 'The schema is as expected.\n')
    sql(folder, 'DROP INDEX allocations_consumer_id_idx')
    assert emplace(folder, 'db', 'check')[:2] == (
        1, 'The table allocations has no index allocations_consumer_id_idx (consumer_id).\n')


def test_a_purge_removes_what_nothing_refers_to(folder):
    assert emplace(folder, 'db', 'sync')[0] == 0
    sql(folder, "INSERT INTO projects (external_id) VALUES ('a'), ('b')")
    code, out, _ = emplace(folder, 'db', 'purge')
    assert code == 0
    assert '|    projects    |    2    |' in out
    assert sql(folder, 'SELECT count(*) FROM projects') == [(0,)]


def test_nobody_else_may_write_to_a_file(folder):
    assert emplace(folder, 'db', 'sync')[0] == 0
    code, out, _ = emplace(folder, 'db', 'coexist', 'show')
    assert (code, out.startswith('off ')) == (0, True)
    code, _, err = emplace(folder, 'db', 'coexist', 'on')
    assert (code, 'one process at a time' in err) == (1, True)


def test_an_upgrade_check_of_a_new_database_is_all_success(folder):
    emplace(folder, 'db', 'sync')
    for code, out, _ in (emplace(folder, 'status', 'upgrade', 'check'),
                         upstream(folder, 'placement-status', 'upgrade', 'check')):
        assert code == 0
        lines = out.splitlines()
        assert lines[1].strip('| ') == 'Upgrade Check Results'
        assert out.count('| Result: Success') == 3
        assert len({len(line) for line in lines}) == 1, 'a table is straight'
        for name in ('Missing Root Provider IDs', 'Incomplete Consumers',
                     'Policy File JSON to YAML Migration'):
            assert f'| Check: {name}' in out


def test_an_upgrade_check_tells_what_is_missing_until_it_is_mended(folder):
    emplace(folder, 'db', 'sync')
    add_rows_of_an_older_release(folder)
    code, out, _ = upstream(folder, 'placement-status', 'upgrade', 'check')
    assert code == 2
    assert '| Result: Failure' in out and '| Result: Warning' in out
    assert 'db online_data_migrations' in out

    code, out, _ = upstream(folder, 'placement-manage', 'db', 'online_data_migrations',
                            '--max-count', '1')
    assert code == 1, 'there is more to do'
    code, out, _ = upstream(folder, 'placement-manage', 'db', 'online_data_migrations')
    assert code == 0
    assert 'Running batches of 50 until complete' in out
    assert upstream(folder, 'placement-status', 'upgrade', 'check')[0] == 0
    assert sql(folder, 'SELECT root_provider_id FROM resource_providers') == [(1,)]
    assert sql(folder, 'SELECT uuid FROM consumers') == [('22222222-2222-4222-8222-222222222222',)]


def test_incomplete_consumers_alone_are_a_warning(folder):
    emplace(folder, 'db', 'sync')
    add_rows_of_an_older_release(folder)
    sql(folder, 'UPDATE resource_providers SET root_provider_id = id')
    assert emplace(folder, 'status', 'upgrade', 'check')[0] == 1


def test_a_json_policy_file_fails_the_check(folder):
    emplace(folder, 'db', 'sync')
    (folder / 'policy.json').write_text('{}', encoding='utf-8')
    code, out, _ = run_command(folder, 'status', 'upgrade', 'check', '--config-file',
                               'placement.conf',
                               environment={'OS_OSLO_POLICY__POLICY_FILE': 'policy.json'})
    assert code == 2
    assert 'policy.json' in out


def test_an_upgrade_check_can_be_read_by_a_program(folder):
    emplace(folder, 'db', 'sync')
    code, out, _ = emplace(folder, 'status', 'upgrade', 'check', '--json')
    assert code == 0
    assert [check['result'] for check in json.loads(out)['checks']] == [0, 0, 0]


def test_a_check_that_cannot_be_made_has_a_code_of_its_own(folder):
    (folder / 'placement.db').write_text('no database ' * 100, encoding='utf-8')
    assert emplace(folder, 'status', 'upgrade', 'check')[0] == 255


@pytest.mark.parametrize('count', ['0', '-1', 'x'])
def test_a_count_of_migrations_is_positive(folder, count):
    emplace(folder, 'db', 'sync')
    code, out, _ = upstream(folder, 'placement-manage', 'db', 'online_data_migrations',
                            f'--max-count={count}')
    assert (code, out) == (127, 'Must supply a positive value for max_count\n')


def test_upstreams_commands_do_not_invent_a_database(folder):
    os.remove(folder / 'placement.conf')
    write_configuration(folder / 'placement.conf', {'api': {'auth_strategy': 'noauth2'}})
    code, _, err = upstream(folder, 'placement-manage', 'db', 'sync')
    assert code == 1
    assert '[placement_database] connection' in err


def test_samples_are_whole_and_valid(folder):
    code, out, _ = run_command(folder, 'config', 'sample')
    assert code == 0
    for option in ('[placement_database]', '#connection', '#max_allocation_candidates',
                   '[emplace]'):
        assert option in out
    (folder / 'sample.conf').write_text(out, encoding='utf-8')
    code, out, _ = run_command(folder, 'config', 'validate', '--fatal-warnings', '--config-file',
                               'sample.conf')
    assert code == 0, out
    code, out, _ = run_command(folder, 'policy', 'sample')
    assert code == 0
    assert '#"placement:reshaper:reshape":' in out


def test_validating_tells_warnings_and_can_fail_for_them(folder):
    write_configuration(folder / 'odd.conf', {'placement': {'junk': '1'}})
    for words, wanted in (((), 0), (('--fatal-warnings',), 1)):
        code, out, _ = run_command(folder, 'config', 'validate', '--config-file', 'odd.conf',
                                   *words)
        assert code == wanted
        assert 'junk' in out


@pytest.mark.parametrize('words', [
    (), ('serve',), ('db',), ('db', 'sync'), ('db', 'stamp'), ('db', 'online_data_migrations'),
    ('status',), ('status', 'upgrade', 'check'), ('config', 'sample'), ('policy', 'sample'),
    ('provider', 'show-owner'), ('provider', 'set-owner')],
    ids=' '.join)
def test_every_command_explains_itself(folder, words):
    code, out, err = run_command(folder, *words, '--help')
    assert (code, err) == (0, '')
    assert '--config-file' in out or words in ((), ('db',), ('status',))
    assert 'Usage:' in out and 'Example' in out or words == ('status',)


@pytest.mark.parametrize('program', ['placement-manage', 'placement-status'])
def test_upstreams_names_explain_themselves(folder, program):
    code, out, _ = run_command(folder, '--help', program=f'{folder}/{program}')
    assert code == 0
    assert program in out


@pytest.mark.parametrize('words', [('junk',), ('serve', 'junk'), ('serve', '--junk'),
                                   ('db', 'junk'), (), ('status',), ('serve', '--port'),
                                   ('db', 'stamp')], ids=' '.join)
def test_a_wrong_command_line_is_refused(folder, words):
    code, out, err = run_command(folder, *words)
    assert code == 2
    assert out == ''
    assert err


def test_the_version_is_told(folder):
    code, out, _ = run_command(folder, '--version')
    assert code == 0
    assert out.startswith('emplace ')
