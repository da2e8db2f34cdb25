"""Where options come from, and what is said about wrong ones."""
import os
import signal

import pytest

from harness import BINARY, clean_environment, new_uuid, run_command, write_configuration

SYSTEM_FOLDERS = ('/etc/placement', '/etc')


def refused(folder, *arguments, environment=()):
    """What stderr says of a start that must fail."""
    code, out, err = run_command(folder, 'serve', *arguments, environment=environment)
    assert code == 1
    assert out == ''
    assert err.startswith('emplace: ') and err.endswith('\n') and err.count('\n') == 1, err
    return err


def configuration(folder, groups, name='placement.conf'):
    path = os.path.join(folder, name)
    write_configuration(path, {'api': {'auth_strategy': 'noauth2'}, **groups})
    return path


def test_an_environment_variable_goes_before_the_file(make_server):
    server = make_server({'emplace': {'list_items_max': '5'}},
                         environment={'OS_EMPLACE__LIST_ITEMS_MAX': '2'})
    api = server.start()
    body = {'resource_provider_generation': 0, 'aggregates': [new_uuid() for _ in range(3)]}
    assert api.put(f'/resource_providers/{api.provider()}/aggregates', body).status == 400


def test_the_command_line_goes_before_the_environment(tmp_path, make_server):
    server = make_server({'emplace': {'port': 'not read'}}, arguments=['--port', '0'],
                         environment={'OS_EMPLACE__PORT': '1'})
    assert server.start().get('/').status == 200


def test_everything_may_come_from_the_environment(tmp_path, make_server):
    server = make_server(environment={
        'OS_API__AUTH_STRATEGY': 'noauth2', 'OS_EMPLACE__PORT': '0',
        'OS_PLACEMENT_DATABASE__CONNECTION': f'sqlite:///{tmp_path}/by_environment.db',
        'OS_PLACEMENT_DATABASE__SYNC_ON_STARTUP': 'true'})
    server.command = [BINARY, 'serve']
    os.remove(server.config_file)
    server.start().provider()
    server.stop()
    assert (tmp_path / 'by_environment.db').exists()


def test_files_of_a_folder_are_read_in_order_after_the_file(tmp_path, make_server):
    folder = tmp_path / 'placement.conf.d'
    folder.mkdir()
    write_configuration(folder / '10-first.conf', {'emplace': {'list_items_max': '1'}})
    write_configuration(folder / '20-second.conf', {'emplace': {'list_items_max': '2'}})
    write_configuration(folder / '30-not-read.txt', {'emplace': {'list_items_max': '1'}})
    server = make_server({'emplace': {'list_items_max': '1'}},
                         arguments=['--config-dir', str(folder)])
    api = server.start()
    path = f'/resource_providers/{api.provider()}/aggregates'
    for count, status in ((3, 400), (2, 200)):
        body = {'resource_provider_generation': 0, 'aggregates': [new_uuid() for _ in range(count)]}
        assert api.put(path, body).status == status


def test_a_folder_is_named_by_the_environment_as_upstream_has_it(tmp_path, make_server):
    server = make_server()
    folder = tmp_path / 'etc'
    folder.mkdir()
    os.rename(server.config_file, folder / 'placement.conf')
    server.command = [BINARY, 'serve']
    server.environment['OS_PLACEMENT_CONFIG_DIR'] = str(folder)
    assert server.start().get('/').status == 200


def test_references_between_options_are_followed(tmp_path, make_server):
    server = make_server({
        'DEFAULT': {'state_path': str(tmp_path)},
        'placement_database': {'connection': 'sqlite:///$DEFAULT.state_path/referred.db'}})
    server.start()
    server.stop()
    assert (tmp_path / 'referred.db').exists()


def test_unknown_options_are_named_in_the_log(make_server):
    server = make_server({'placement': {'junk_option': '1'}, 'no_such_group': {'a': 'b'}},
                         environment={'OS_PLACEMENT__JUNK_VARIABLE': '1'})
    server.start()
    for word in ('junk_option', 'no_such_group', 'JUNK_VARIABLE'):
        lines = [line for line in server.log().splitlines() if word.lower() in line.lower()]
        assert len(lines) == 1, server.log()
        assert ' WARNING ' in lines[0]


def test_options_without_effect_are_named_in_the_log(make_server):
    server = make_server({'placement_database': {'max_pool_size': '5'}})
    server.start()
    lines = [line for line in server.log().splitlines() if 'max_pool_size' in line]
    assert len(lines) == 1 and ' WARNING ' in lines[0]


def test_a_clean_file_gives_no_warning(make_server):
    server = make_server({'placement': {'randomize_allocation_candidates': 'true'}})
    server.start()
    server.stop()
    assert 'WARNING' not in server.log()


def test_log_options_shows_every_option_but_no_secret(make_server):
    server = make_server({'DEFAULT': {'log_options': 'true', 'debug': 'true'},
                          'keystone_authtoken': {'password': 'tell-nobody'}})
    server.start()
    log = server.log()
    assert 'randomize_allocation_candidates' in log
    assert 'tell-nobody' not in log


def test_a_missing_file_is_named(tmp_path):
    missing = tmp_path / 'nowhere.conf'
    assert str(missing) in refused(tmp_path, '--config-file', str(missing))


def test_a_missing_folder_is_named(tmp_path):
    missing = tmp_path / 'nowhere'
    assert str(missing) in refused(tmp_path, '--config-dir', str(missing))


@pytest.mark.skipif(any(os.path.exists(f'{folder}/placement.conf') for folder in SYSTEM_FOLDERS),
                    reason='this machine has a placement.conf')
def test_without_any_file_it_says_where_it_looked(tmp_path):
    message = refused(tmp_path)
    for folder in ('~', *SYSTEM_FOLDERS):
        assert folder in message
    assert '--dev' in message


@pytest.mark.parametrize('group, option, value', [
    ('emplace', 'port', 'many'), ('emplace', 'port', '65536'), ('emplace', 'threads', '-1'),
    ('placement', 'randomize_allocation_candidates', 'perhaps'),
    ('placement', 'max_allocation_candidates', 'x'),
    ('placement', 'allocation_candidates_generation_strategy', 'sideways'),
    ('api', 'auth_strategy', 'nothing')])
def test_a_wrong_value_is_named_with_its_place(tmp_path, group, option, value):
    path = configuration(tmp_path, {group: {option: value}})
    message = refused(tmp_path, '--config-file', path)
    for word in ('placement.conf', f'[{group}]', option, value):
        assert word in message


def test_a_wrong_line_is_named_with_its_number(tmp_path):
    path = tmp_path / 'placement.conf'
    path.write_text('[api]\nauth_strategy = noauth2\njust words\n', encoding='utf-8')
    assert 'placement.conf:3: ' in refused(tmp_path, '--config-file', str(path))


@pytest.mark.parametrize('connection', ['mysql+pymysql://u:hidden@h/', 'sqlite://', 'junk',
                                        'oracle://h'])
def test_a_database_that_it_cannot_use_is_refused_without_its_password(tmp_path, connection):
    path = configuration(tmp_path, {'placement_database': {'connection': connection}})
    message = refused(tmp_path, '--config-file', path)
    assert 'connection' in message
    assert 'hidden' not in message


def test_a_database_that_is_not_there_is_not_made_unasked(tmp_path):
    database = tmp_path / 'nowhere.db'
    path = configuration(tmp_path, {'emplace': {'port': '0'}, 'placement_database': {
        'connection': f'sqlite:///{database}', 'sync_on_startup': 'false'}})
    assert 'db sync' in refused(tmp_path, '--config-file', path)
    assert not database.exists()


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    database = tmp_path / 'letter.db'
    database.write_text('Dear operator, ' * 100, encoding='utf-8')
    path = configuration(tmp_path, {'emplace': {'port': '0'}, 'placement_database': {
        'connection': f'sqlite:///{database}', 'sync_on_startup': 'true'}})
    assert str(database) in refused(tmp_path, '--config-file', path)
    assert database.read_text(encoding='utf-8').startswith('Dear operator')


def test_a_port_that_is_taken_is_named(make_server, api, tmp_path):
    path = configuration(tmp_path, {
        'emplace': {'port': str(api.port)},
        'placement_database': {'connection': f'sqlite:///{tmp_path}/p.db',
                               'sync_on_startup': 'true'}})
    assert str(api.port) in refused(tmp_path, '--config-file', path)


def test_a_second_process_on_one_file_is_refused(make_server):
    first = make_server()
    api = first.start()
    made = api.provider()
    message = refused(first.folder, '--config-file', first.config_file)
    assert first.database in message
    assert 'another process' in message
    assert api.get(f'/resource_providers/{made}').status == 200
    first.stop()
    assert first.start().get(f'/resource_providers/{made}').status == 200


def test_after_a_kill_the_file_can_be_opened_again(make_server):
    server = make_server()
    made = server.start().provider(VCPU=1)
    server.signal(signal.SIGKILL)
    server.process.wait()
    assert server.start().get(f'/resource_providers/{made}/inventories').json['inventories']


def test_dev_mode_needs_nothing_and_listens_on_loopback_only(tmp_path, make_server):
    server = make_server()
    server.command = [BINARY, 'serve', '--dev', '--port', '0']
    server.environment = clean_environment(server.folder, {'XDG_DATA_HOME': server.folder})
    assert server.start().provider()
    assert 'curl' in server.log()
    assert 'loopback' in refused(tmp_path, '--dev', '--host', '0.0.0.0')


def test_incomplete_consumers_get_the_configured_owner(make_server):
    api = make_server({'placement': {'incomplete_consumer_project_id': 'nobody-project',
                                     'incomplete_consumer_user_id': 'nobody'}}).start()
    made, consumer = api.provider(VCPU=1), new_uuid()
    body = {'allocations': [{'resource_provider': {'uuid': made}, 'resources': {'VCPU': 1}}]}
    assert api.put(f'/allocations/{consumer}', body, version='1.7').status == 204
    shown = api.get(f'/allocations/{consumer}').json
    assert (shown['project_id'], shown['user_id']) == ('nobody-project', 'nobody')


def test_the_number_of_candidates_can_be_bounded(make_server):
    api = make_server({'placement': {'max_allocation_candidates': '2'}}).start()
    for _ in range(5):
        api.provider(VCPU=1)
    body = api.get('/allocation_candidates?resources=VCPU:1').json
    assert len(body['allocation_requests']) == 2


def test_a_search_that_works_too_long_is_given_up(make_server):
    api = make_server({'emplace': {'search_work_max': '10'}}).start()
    for _ in range(50):
        api.provider(VCPU=1)
    answer = api.get('/allocation_candidates?resources=VCPU:1')
    assert answer.status == 503
    assert answer.header('Retry-After')
