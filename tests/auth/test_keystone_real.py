"""Tokens of a real Keystone, in every scope, and the `openstack` command with a password."""
import json
import os
import shutil
import subprocess

import pytest

import real_keystone
from harness import HOST, Server, clean_environment, free_port, new_uuid, wait_for
from keystone_settings import keystone_options

pytestmark = pytest.mark.skipif(real_keystone.MANAGE is None,
                                reason='python3-keystone is not installed')
OPENSTACK = shutil.which('openstack')
KEYSTONE_SECONDS = 120
LIST = '/resource_providers'
PASSWORD = 'user-secret'
SERVICE, DEMO = real_keystone.project('service'), real_keystone.project('demo')
DOMAIN, SYSTEM = {'domain': {'id': 'default'}}, {'system': {'all': True}}


def start(keystone):
    keystone.start()
    wait_for(keystone.answers, 'Keystone', KEYSTONE_SECONDS)
    keystone.log_in_as_admin()


def populate(keystone):
    """Users: services, an operator, a reader, and one with no role that counts."""
    keystone.ids = ids = {'default': 'default'}
    for name in ('service', 'demo'):
        ids[name] = keystone.make('project', name=name, domain_id='default')
    ids['service_role'] = keystone.make('role', name='service')
    ids['reader_role'], ids['member_role'] = (keystone.find('role', name)
                                              for name in ('reader', 'member'))
    ids['admin_role'] = keystone.find('role', 'admin')
    for user, role, where in (('placement', 'service', 'projects/' + ids['service']),
                              ('nova', 'service', 'projects/' + ids['service']),
                              ('operator', 'admin', 'projects/' + ids['demo']),
                              ('operator', 'admin', 'domains/default'),
                              ('operator', 'admin', 'system'),
                              ('reader', 'reader', 'projects/' + ids['demo']),
                              ('stranger', 'member', 'projects/' + ids['demo'])):
        if user not in ids:
            password = 'own-secret' if user == 'placement' else PASSWORD
            ids[user] = keystone.make('user', name=user, domain_id='default', password=password)
        keystone.grant(ids[f'{role}_role'], ids[user], where)


@pytest.fixture(scope='module')
def keystone(tmp_path_factory):
    running = real_keystone.RealKeystone(tmp_path_factory.mktemp('keystone'), free_port())
    try:
        running.set_up()
        start(running)
        populate(running)
        yield running
    finally:
        running.stop()


@pytest.fixture(scope='module')
def server(keystone, tmp_path_factory):
    """An emplace that lets nobody wait for the cache, and stands in Keystone's catalog."""
    running = Server(tmp_path_factory.mktemp('emplace'), keystone_options(
        keystone.url, region_name=real_keystone.REGION, token_cache_time='-1',
        service_token_roles_required='true'))
    try:
        running.start()
        service = keystone.make('service', type='placement', name='placement')
        keystone.make('endpoint', service_id=service, interface='public',
                      region_id=real_keystone.REGION, url=f'http://{HOST}:{running.client.port}')
        yield running
        running.stop()
    finally:
        running.clean_up()


@pytest.fixture
def api(server):
    return server.client


def token_of(keystone, user, scope=None):
    return keystone.token(user, PASSWORD, scope)


def test_roles_in_the_project_decide(api, keystone):
    nova, operator = token_of(keystone, 'nova', SERVICE), token_of(keystone, 'operator', DEMO)
    stranger, reader = token_of(keystone, 'stranger', DEMO), token_of(keystone, 'reader', DEMO)
    made = {'name': 'by-nova', 'uuid': new_uuid()}
    assert api.post(LIST, made, token=nova).status == 200
    assert api.get(LIST, token=operator).status == 200
    for token in (stranger, reader):
        assert api.get(LIST, token=token).status == 403
        assert api.post(LIST, {'name': 'no'}, token=token).status == 403
    own = f'/usages?project_id={keystone.ids["demo"]}'
    assert api.get(own, token=reader).status == 200
    assert api.get(f'/usages?project_id={keystone.ids["service"]}', token=reader).status == 403
    assert api.get(own, token=token_of(keystone, 'stranger')).status == 403


def test_the_log_names_user_and_project(api, server, keystone):
    assert api.get('/traits', token=token_of(keystone, 'nova', SERVICE)).status == 200
    assert f' {keystone.ids["nova"]} {keystone.ids["service"]} ' in server.log()


def test_a_system_or_domain_token_is_out_of_scope(api, keystone):
    for scope in (SYSTEM, DOMAIN):
        assert api.get(LIST, token=token_of(keystone, 'operator', scope)).status == 403


def test_rules_see_the_scope(keystone, make_server):
    server = make_server({**keystone_options(keystone.url),
                          'oslo_policy': {'enforce_scope': 'false'}})
    with open(os.path.join(server.folder, 'policy.yaml'), 'w', encoding='utf-8') as out:
        json.dump({'placement:resource_providers:list': 'system_scope:all',
                   'placement:traits:list': 'domain_id:default',
                   'placement:resource_classes:list': f'project_id:{keystone.ids["demo"]} and '
                   f'user_domain_id:default and project_domain_id:default'}, out)
    api = server.start()
    wanted = {'system': (SYSTEM, [200, 403, 403]), 'domain': (DOMAIN, [403, 200, 403]),
              'project': (DEMO, [403, 403, 200])}
    for scope, statuses in wanted.values():
        token = token_of(keystone, 'operator', scope)
        assert [api.get(path, token=token).status
                for path in (LIST, '/traits', '/resource_classes')] == statuses


def test_an_unknown_token_is_refused(api, keystone):
    good = token_of(keystone, 'nova', SERVICE)
    for bad in (good[:-8], good[:20] + 'AAAA' + good[24:], new_uuid(), 'a' * 200):
        answer = api.get(LIST, token=bad)
        assert answer.status == 401
        assert answer.header('WWW-Authenticate') == f'Keystone uri="{keystone.url}"'


def test_a_revoked_token_is_refused(api, keystone):
    token = token_of(keystone, 'operator', DEMO)
    assert api.get(LIST, token=token).status == 200
    keystone.revoke(token)
    assert api.get(LIST, token=token).status == 401


def test_its_own_token_may_be_revoked(api, keystone):
    """As when the service's user gets a new role: all its tokens end."""
    assert api.get(LIST, token=token_of(keystone, 'nova', SERVICE)).status == 200
    path = f'/projects/{keystone.ids["service"]}/users/{keystone.ids["placement"]}/roles/'
    keystone.call('PUT', path + keystone.ids['reader_role'])
    keystone.call('DELETE', path + keystone.ids['reader_role'])
    assert api.get(LIST, token=token_of(keystone, 'nova', SERVICE)).status == 200


def test_a_service_token_is_verified_too(api, keystone):
    operator, nova = token_of(keystone, 'operator', DEMO), token_of(keystone, 'nova', SERVICE)
    stranger = token_of(keystone, 'stranger', DEMO)
    assert api.get(LIST, token=operator, headers={'X-Service-Token': nova}).status == 200
    assert api.get(LIST, token=operator, headers={'X-Service-Token': stranger}).status == 401
    assert api.get(LIST, token=operator, headers={'X-Service-Token': nova[:-8]}).status == 401
    assert api.get(LIST, token=stranger, headers={'X-Service-Token': nova}).status == 403


def test_an_expired_token_passes_with_a_service_token_only(api, keystone):
    hasty = real_keystone.RealKeystone(keystone.folder, free_port(), token_seconds=2)
    try:
        hasty.start()
        wait_for(hasty.answers, 'the second Keystone', KEYSTONE_SECONDS)
        token = token_of(hasty, 'operator', DEMO)
    finally:
        hasty.stop()
    wait_for(lambda: api.get(LIST, token=token).status == 401, 'its expiry')
    nova = token_of(keystone, 'nova', SERVICE)
    assert api.get(LIST, token=token, headers={'X-Service-Token': nova}).status == 200
    assert api.get(LIST, token=token).status == 401


def test_the_service_may_log_in_with_the_scope_of_the_system(keystone, make_server):
    server = make_server(keystone_options(
        keystone.url, username='operator', password=PASSWORD, system_scope='all',
        project_name=None, project_domain_name=None, user_domain_name=None,
        user_domain_id='default'))
    assert server.start().get(LIST, token=token_of(keystone, 'nova', SERVICE)).status == 200


def test_a_user_who_may_not_verify_tokens_is_found_out(keystone, make_server):
    server = make_server(keystone_options(keystone.url, username='stranger', password=PASSWORD,
                                          project_name='demo'))
    answer = server.start().get(LIST, token=token_of(keystone, 'nova', SERVICE))
    assert answer.status == 503
    assert 'answers 403' in server.log()
    assert 'must be allowed to validate tokens' in server.log()


def openstack(server, keystone, user, password, *words):
    environment = clean_environment(server.folder, {
        'OS_AUTH_TYPE': 'password', 'OS_AUTH_URL': keystone.url, 'OS_USERNAME': user,
        'OS_PASSWORD': password, 'OS_PROJECT_NAME': 'demo', 'OS_USER_DOMAIN_ID': 'default',
        'OS_PROJECT_DOMAIN_ID': 'default', 'OS_REGION_NAME': real_keystone.REGION,
        'OS_IDENTITY_API_VERSION': '3', 'OS_PLACEMENT_API_VERSION': '1.29',
        'PYTHONWARNINGS': 'ignore'})
    return subprocess.run([OPENSTACK, *words], text=True, capture_output=True, env=environment,
                          cwd=server.folder, timeout=120, check=False)


@pytest.mark.skipif(OPENSTACK is None, reason='python3-openstackclient is not installed')
def test_the_openstack_command_logs_in_by_password(server, keystone):
    done = openstack(server, keystone, 'operator', PASSWORD,
                     'resource', 'provider', 'create', 'by-operator', '-f', 'json')
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)['name'] == 'by-operator'
    done = openstack(server, keystone, 'stranger', PASSWORD, 'resource', 'provider', 'list')
    assert done.returncode != 0
    assert '403' in done.stderr


def test_no_secret_stands_in_the_log(api, server, keystone):
    token = token_of(keystone, 'operator', DEMO)
    assert api.get(LIST, token=token).status == 200
    for secret in (token, 'own-secret', PASSWORD, 'gAAAA'):
        assert secret not in server.log()
