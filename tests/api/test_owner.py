"""Who owns a tree of providers: kept by the server, shown and changed by the command line."""
import contextlib
import importlib.util
import sqlite3

import pytest

from harness import new_uuid, run_command
from test_swap import Upstream

needs_upstream = pytest.mark.skipif(importlib.util.find_spec('placement') is None,
                                    reason='python3-placement is not installed')


def create(api, name, token='alice:p1', parent=None, headers=()):
    """Creates a provider in somebody's name; its uuid."""
    made = new_uuid()
    body = {'uuid': made, 'name': name}
    if parent:
        body['parent_provider_uuid'] = parent
    answer = api.post('/resource_providers', body, token=token, roles='admin', headers=headers)
    assert answer.status == 200, answer
    return made


def command(server, *words):
    return run_command(server.folder, 'provider', *words, '--config-file', server.config_file)


def shown(server, uuid):
    """What show-owner says."""
    code, out, err = command(server, 'show-owner', uuid)
    assert (code, err) == (0, ''), err
    return out


def sql(server, statement):
    with contextlib.closing(sqlite3.connect(server.database)) as database, database:
        return database.execute(statement).fetchall()


def test_a_tree_belongs_to_who_created_its_root(make_server):
    server = make_server()
    api = server.start()
    first = create(api, 'first')
    other = create(api, 'other', token='bob:p2')
    child = create(api, 'child', token='bob:p2', parent=first)
    without_project = create(api, 'without project', headers={'X-Project-Id': ''})
    by_nobody = create(api, 'by nobody', token=':')
    server.stop()
    assert shown(server, first) == (
        f'The tree of first ({first}) belongs to project p1, user alice.\n')
    assert shown(server, child) == shown(server, first)
    assert shown(server, other.upper()) == (
        f'The tree of other ({other}) belongs to project p2, user bob.\n')
    assert shown(server, without_project).endswith('belongs to no project, user alice.\n')
    assert shown(server, by_nobody).endswith('belongs to nobody.\n')

    api = server.start()
    moved = api.put(f'/resource_providers/{child}', {'name': 'child', 'parent_provider_uuid': None})
    assert moved.status == 200, moved
    server.stop()
    assert shown(server, child) == (
        f'The tree of child ({child}) belongs to project p2, user bob.\n')


def test_an_owner_survives_kill_9(make_server):
    server = make_server()
    api = server.start()
    made = create(api, 'made')
    server.process.kill()
    server.process.wait()
    assert 'project p1, user alice' in shown(server, made)


def test_a_tree_is_given_to_another_and_to_nobody(make_server):
    server = make_server()
    api = server.start()
    root = create(api, 'root')
    child = create(api, 'child', parent=root)
    before = api.get(f'/resource_providers/{root}')
    server.stop()
    given = command(server, 'set-owner', child, '--project', 'p2', '--user', 'bob')
    assert given == (0, f'The tree of root ({root}) belonged to project p1, user alice; '
                        'it now belongs to project p2, user bob.\n', '')
    again = command(server, 'set-owner', root, '--project', 'p2', '--user', 'bob')
    assert again == (0, f'The tree of root ({root}) belongs to project p2, user bob already.\n', '')
    assert shown(server, root).endswith('belongs to project p2, user bob.\n')
    after = server.start().get(f'/resource_providers/{root}')
    assert after.json == before.json
    assert after.header('Last-Modified') == before.header('Last-Modified')
    server.stop()
    freed = command(server, 'set-owner', root, '--none')
    assert freed == (0, f'The tree of root ({root}) belonged to project p2, user bob; '
                        'it now belongs to nobody.\n', '')
    assert sql(server, 'SELECT resource_provider_uuid FROM emplace_provider_owners') == [(child,)]


def test_nothing_is_changed_while_a_server_runs(make_server):
    server = make_server()
    made = create(server.start(), 'made')
    for words in (('set-owner', made, '--none'), ('show-owner', made)):
        code, out, err = command(server, *words)
        assert (code, out) == (1, '')
        assert 'is in use by another process' in err and 'stop it first' in err
    server.stop()
    assert 'project p1, user alice' in shown(server, made)


def test_what_cannot_be_done_is_said(make_server):
    server = make_server()
    missing = new_uuid()
    code, out, err = command(server, 'show-owner', missing)
    assert (code, out) == (1, '') and 'db sync' in err, 'no file is made by asking'
    made = create(server.start(), 'made')
    server.stop()
    for words in (('show-owner', missing), ('set-owner', missing, '--none')):
        assert command(server, *words) == (
            1, '', f'emplace: No resource provider with uuid {missing} found\n')
    for words in (('show-owner', 'made'), ('set-owner', made), ('set-owner', made, '--user', 'u'),
                  ('set-owner', made, '--none', '--project', 'p', '--user', 'u')):
        code, out, err = command(server, *words)
        assert (code, out) == (2, '') and err, words
    assert 'project p1, user alice' in shown(server, made)


def test_the_commands_print_no_control_characters(make_server):
    server = make_server()
    made = create(server.start(), 'made')
    server.stop()
    sql(server, "UPDATE resource_providers SET name = 'a' || char(27) || '[2J'")
    assert '\x1b' not in shown(server, made)


def test_without_the_table_nobody_owns_anything(make_server):
    """A database of an older emplace, and no leave to change it."""
    server = make_server({'placement_database': {'sync_on_startup': 'false'}})
    sync = ('db', 'sync', '--config-file', server.config_file)
    assert run_command(server.folder, *sync)[0] == 0
    sql(server, 'DROP TABLE emplace_provider_owners')
    made = create(server.start(), 'made')
    server.stop()
    assert server.log().count('has no table emplace_provider_owners') == 1
    assert sql(server, "SELECT name FROM sqlite_master WHERE name LIKE 'emplace%'") == []
    code, out, err = command(server, 'set-owner', made, '--project', 'p', '--user', 'u')
    assert (code, out) == (1, '') and 'emplace db sync' in err

    assert run_command(server.folder, *sync)[0] == 0
    assert 'belongs to nobody' in shown(server, made)
    assert command(server, 'set-owner', made, '--project', 'p', '--user', 'u')[0] == 0
    assert 'belongs to project p, user u' in shown(server, made)


@needs_upstream
def test_what_upstream_created_belongs_to_nobody(make_server, tmp_path):
    server = make_server()
    with Upstream(tmp_path / 'upstream', server.database, sync=True) as api:
        made = create(api, 'made')
    server.start()
    server.stop()
    assert shown(server, made).endswith('belongs to nobody.\n')


@needs_upstream
def test_an_owner_is_not_inherited_by_the_next_provider_with_the_id(make_server, tmp_path):
    server = make_server()
    api = server.start()
    kept, deleted = create(api, 'kept'), create(api, 'deleted')
    server.stop()
    row = sql(server, f"SELECT id FROM resource_providers WHERE uuid = '{deleted}'")
    with Upstream(tmp_path / 'upstream', server.database, sync=False) as api:
        assert api.delete(f'/resource_providers/{deleted}').status == 204
        made = create(api, 'made', token='eve:p3')
    assert sql(server, f"SELECT id FROM resource_providers WHERE uuid = '{made}'") == row
    assert shown(server, made).endswith('belongs to nobody.\n')
    assert shown(server, kept).endswith('belongs to project p1, user alice.\n')
    assert sql(server, 'SELECT resource_provider_uuid FROM emplace_provider_owners') == [(kept,)]
