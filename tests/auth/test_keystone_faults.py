"""Tokens, as a Keystone knows them that is slow, away, wrong or of another mind than before."""
import concurrent.futures
import threading

import pytest

from fake_keystone import FakeKeystone
from harness import free_port, run_command, wait_for, write_configuration
from keystone_settings import keystone_options

LIST = '/resource_providers'
SPOOFED = {
    'X-Roles': 'admin', 'X-Role': 'admin', 'x_roles': 'admin', 'X-User-Id': 'root',
    'X_User_Id': 'root', 'X-User': 'root', 'X-User-Name': 'root', 'X-Project-Id': 'mine',
    'X-Tenant-Id': 'mine', 'X-TENANT': 'mine', 'X-Domain-Id': 'default',
    'X-Service-Roles': 'service', 'x-service_roles': 'service', 'X-Service-User-Id': 'root',
    'OpenStack-System-Scope': 'all', 'openstack_system_scope': 'all',
    'X-Identity-Status': 'Confirmed', 'X-Service-Identity-Status': 'Confirmed',
    'X-Is-Admin-Project': 'True', 'X-User-Domain-Id': 'default', 'X-Project-Domain-Id': 'default',
    'X-Service-Catalog': '[]', 'X-Storage-Token': 'admin'}


@pytest.fixture
def keystone():
    running = FakeKeystone()
    running.add('admin', 'admin')
    running.add('nova', 'service')
    running.add('stranger', 'member')
    yield running
    running.close()


@pytest.fixture
def make_client(keystone, make_server):
    """Starts emplace on the fake Keystone, with these options; a client of it."""
    def make(**changes):
        server = make_server(keystone_options(keystone.url, **changes))
        client = server.start()
        client.server = server
        return client
    return make


@pytest.fixture
def api(make_client):
    return make_client()


def status(api, token, **options):
    return api.get(LIST, token=token, **options).status


def becomes(api, token, wanted, **options):
    """Asks until that is the answer."""
    wait_for(lambda: status(api, token, **options) == wanted, f'{wanted}')


def test_the_roles_of_the_token_decide(api, keystone):
    assert status(api, 'admin') == 200
    assert status(api, 'nova') == 200
    assert status(api, 'stranger') == 403
    assert status(api, 'unknown') == 401
    assert ' user-of-admin project-of-admin ' in api.server.log()
    assert keystone.logins[0]['auth']['scope'] == {
        'project': {'name': 'service', 'domain': {'name': 'Default'}}}


def test_a_write_waits_for_its_token_and_keeps_its_body(api, keystone):
    keystone.gate.clear()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        made = pool.submit(api.post, LIST, {'name': 'late'}, token='admin')
        wait_for(lambda: keystone.lookups, 'the question')
        keystone.gate.set()
        assert made.result().json['name'] == 'late'


def test_a_refusal_says_where_tokens_are_to_be_had(make_client, keystone):
    api = make_client(www_authenticate_uri='https://public.example/identity')
    for token in (None, '', 'unknown', 'not a token', 'x' * 9000, 'a,b'):
        answer = api.get(LIST, token=token)
        assert answer.status == 401
        assert answer.header('WWW-Authenticate') == 'Keystone uri="https://public.example/identity"'
        assert answer.json['title'] == 'Unauthorized'
    assert [token for _, token in keystone.lookups] == ['unknown']
    assert api.get(LIST, token='stranger').header('WWW-Authenticate') is None
    assert api.get('/', token=None).status == 200


def test_without_a_uri_of_its_own_the_refusal_names_auth_url(api, keystone):
    assert api.get(LIST, token=None).header('WWW-Authenticate') == f'Keystone uri="{keystone.url}"'


def test_what_a_client_says_of_itself_is_not_read(api):
    assert status(api, 'stranger', headers=SPOOFED) == 403
    assert status(api, 'unknown', headers=SPOOFED) == 401
    assert status(api, None, headers=SPOOFED) == 401
    assert status(api, 'admin', headers={**SPOOFED, 'X-Roles': 'nobody'}) == 200
    for line in api.server.log().splitlines():
        assert ' root mine ' not in line


def test_two_tokens_in_a_request_are_refused(api, keystone):
    for first, second in (('admin', 'stranger'), ('stranger', 'admin'), ('admin', 'admin')):
        answer = api.raw(f'GET {LIST} HTTP/1.1\r\nHost: h\r\nX-Auth-Token: {first}\r\n'
                         f'x-auth-token: {second}\r\nConnection: close\r\n\r\n'.encode())
        assert answer.startswith(b'HTTP/1.1 401 ')
    assert not keystone.lookups


def test_one_question_serves_all_who_wait(api, keystone):
    keystone.gate.clear()
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = [pool.submit(status, api, 'admin') for _ in range(20)]
        wait_for(lambda: keystone.lookups, 'the question')
        keystone.gate.set()
        assert {answer.result() for answer in answers} == {200}
    assert keystone.lookups_of('admin') == 1
    assert len(keystone.logins) == 1


def test_many_tokens_at_a_time_are_each_asked_about_once(api, keystone):
    tokens = [keystone.add(f'many-{number}', 'admin') for number in range(60)]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert set(pool.map(lambda token: status(api, token), tokens * 3)) == {200}
    assert sorted(token for _, token in keystone.lookups) == sorted(tokens)
    assert len(keystone.logins) == 1


def test_answers_are_kept_the_good_and_the_bad(api, keystone):
    for _ in range(3):
        assert status(api, 'admin') == 200
        assert status(api, 'unknown') == 401
    assert keystone.lookups_of('admin') == 1
    assert keystone.lookups_of('unknown') == 1


def test_answers_are_not_kept_if_so_configured(make_client, keystone):
    api = make_client(token_cache_time='-1')
    for count in (1, 2, 3):
        assert status(api, 'admin') == 200
        assert keystone.lookups_of('admin') == count
    del keystone.tokens['admin']
    assert status(api, 'admin') == 401


def test_a_revocation_is_noticed_when_the_cache_time_is_over(make_client, keystone):
    api = make_client(token_cache_time='1')
    assert status(api, 'admin') == 200
    del keystone.tokens['admin']
    becomes(api, 'admin', 401)


def test_no_token_outlives_its_expiry_in_the_cache(api, keystone):
    keystone.add('short', 'admin', seconds=3)
    assert status(api, 'short') == 200
    becomes(api, 'short', 401)
    assert keystone.lookups_of('short') == 1


def test_a_service_token_lets_an_expired_token_pass(api, keystone):
    keystone.add('old', 'admin', seconds=-10)
    keystone.add('old-service', 'service', seconds=-10)
    assert status(api, 'old') == 401
    assert status(api, 'old', headers={'X-Service-Token': 'stranger'}) == 401
    assert status(api, 'old', headers={'X-Service-Token': 'old-service'}) == 401
    assert status(api, 'old', headers={'X-Service-Token': 'nova'}) == 200
    assert ('/identity/v3/auth/tokens?nocatalog&allow_expired=1', 'old') in keystone.lookups
    assert status(api, 'old') == 401
    assert status(api, 'stranger', headers={'X-Service-Token': 'nova'}) == 403


def test_a_service_token_must_be_accepted_and_may_have_to_have_a_role(make_client):
    lax, strict = make_client(), make_client(service_token_roles_required='true',
                                             service_token_roles='service,ops')
    for api, wanted in ((lax, 200), (strict, 401)):
        assert status(api, 'admin', headers={'X-Service-Token': 'unknown'}) == 401
        assert status(api, 'admin', headers={'X-Service-Token': 'stranger'}) == wanted
        assert status(api, 'admin', headers={'X-Service-Token': 'nova'}) == 200


def test_it_serves_when_keystone_comes_later(make_server):
    port = free_port()
    server = make_server(keystone_options(f'http://127.0.0.1:{port}/identity'))
    api = server.start()
    answer = api.get(LIST, token='admin')
    assert answer.status == 503
    assert answer.header('Retry-After') == '1'
    assert 'The Keystone service is temporarily unavailable.' in answer.error['detail']
    assert str(port) not in answer.error['detail']
    assert api.get('/', token=None).status == 200
    keystone = FakeKeystone(port)
    try:
        keystone.add('admin', 'admin')
        assert status(api, 'admin') == 200
    finally:
        keystone.close()
    assert 'Keystone answers again' in server.log()


def test_what_is_known_is_served_while_keystone_is_away(api, keystone):
    assert status(api, 'admin') == 200
    keystone.close()
    assert status(api, 'nova') == 503
    assert status(api, 'admin') == 200
    assert server_is_well(api)


def server_is_well(api):
    return api.server.process.poll() is None


def test_a_slow_keystone_is_given_up(make_client, keystone):
    api = make_client(http_connect_timeout='1')
    assert status(api, 'admin') == 200
    keystone.gate.clear()
    assert status(api, 'nova') == 503
    assert status(api, 'admin') == 200
    keystone.gate.set()
    assert status(api, 'nova') == 200


def test_the_faults_of_keystone_are_no_refusals(api, keystone):
    for fault in (500, 403, 502, 301):
        keystone.status = fault
        assert status(api, 'admin') == 503
    keystone.status = None
    assert status(api, 'admin') == 200


def test_it_logs_in_again_when_its_own_token_is_gone(api, keystone):
    assert status(api, 'admin') == 200
    keystone.own_tokens.clear()
    assert status(api, 'nova') == 200
    assert len(keystone.logins) == 2


def test_it_renews_its_own_token_in_time(api, keystone):
    keystone.own_seconds = 4
    assert status(api, 'admin') == 200
    wait_for(lambda: status(api, 'nova') and keystone.add('nova', 'service') and
             status(api, f'other{len(keystone.lookups)}') and len(keystone.logins) > 1,
             'a second login')


def test_a_login_that_is_refused_is_not_repeated_at_once(api, keystone):
    keystone.login_status = 401
    for token in ('admin', 'nova', 'stranger'):
        assert status(api, token) == 503
    assert len(keystone.logins) == 1
    assert 'answers 401 when the user of [keystone_authtoken] logs in' in api.server.log()


def test_the_catalog_says_where_tokens_are_verified(make_client, keystone):
    other = FakeKeystone()
    try:
        other.own_tokens.add('own-token-1')
        other.add('admin', 'admin')
        keystone.catalog = [{'type': 'identity', 'endpoints': [
            {'interface': 'internal', 'region': 'one', 'region_id': 'one', 'url': keystone.url},
            {'interface': 'public', 'region': 'two', 'region_id': 'two', 'url': keystone.url},
            {'interface': 'internal', 'region': 'two', 'region_id': 'two', 'url': other.url}]}]
        assert status(make_client(region_name='two'), 'admin') == 200
        assert (len(keystone.lookups), len(other.lookups)) == (0, 1)
        assert status(make_client(region_name='two', interface='public'), 'admin') == 200
        assert (len(keystone.lookups), len(other.lookups)) == (1, 1)
        none = make_client(interface='admin')
        assert status(none, 'admin') == 200
        assert 'no identity endpoint for interface admin' in none.server.log()
    finally:
        other.close()


def test_the_login_may_stand_in_another_group(keystone, make_server):
    options = keystone_options(keystone.url)
    moved = options['keystone_authtoken']
    options['keystone_authtoken'] = {'auth_section': 'service_user', 'token_cache_time': '60'}
    options['service_user'] = moved
    server = make_server(options)
    assert status(server.start(), 'admin') == 200
    assert 'has no effect' not in server.log().replace(
        '[service_user] http_request_max_retries is unknown and has no effect', '')


def test_no_secret_stands_in_the_log(api, keystone):
    for token, role in (('secret-user-token', 'admin'), ('secret-service-token', 'service')):
        keystone.add(token, role, project={'id': 'p'})
        keystone.tokens[token]['user']['id'] = 'u'
    assert status(api, 'secret-user-token',
                  headers={'X-Service-Token': 'secret-service-token'}) == 200
    assert status(api, 'secret-unknown-token') == 401
    keystone.status = 500
    assert status(api, 'secret-other-token') == 503
    log = api.server.log()
    assert 'answers 500' in log
    for secret in ('own-secret', 'secret-', 'own-token-'):
        assert secret not in log


def test_it_ends_in_order_while_requests_wait_for_keystone(make_server, keystone):
    options = keystone_options(keystone.url)
    options['emplace'] = {'drain_timeout_s': '1'}
    server = make_server(options)
    api = server.start()
    keystone.gate.clear()
    waiting = [threading.Thread(target=lambda: pytest.raises(OSError, status, api, 'admin'))
               for _ in range(5)]
    for thread in waiting:
        thread.start()
    wait_for(lambda: keystone.lookups, 'the question')
    server.stop()
    keystone.gate.set()
    for thread in waiting:
        thread.join()


@pytest.mark.parametrize('changes, words', [
    ({'auth_url': None}, '[keystone_authtoken] auth_url must say'),
    ({'auth_url': 'keystone:5000'}, '[keystone_authtoken] auth_url can'),
    ({'username': None}, '[keystone_authtoken] username'),
    ({'password': None}, '[keystone_authtoken] password'),
    ({'user_domain_name': None}, '[keystone_authtoken] user_domain_name'),
    ({'auth_type': 'v3token'}, 'password or v3password'),
    ({'auth_type': None}, 'password or v3password'),
    ({'delay_auth_decision': 'true'}, 'delay_auth_decision = true'),
    ({'cafile': '/nowhere/ca.pem'}, 'CA file /nowhere/ca.pem'),
    ({'certfile': '/nowhere/cert.pem'}, 'client certificate file /nowhere/cert.pem')])
def test_what_cannot_work_is_refused_at_start(tmp_path, changes, words):
    options = keystone_options('http://127.0.0.1:9', **changes)
    options['placement_database'] = {'connection': f'sqlite:///{tmp_path}/p.db',
                                     'sync_on_startup': 'true'}
    write_configuration(tmp_path / 'placement.conf', options)
    code, _, told = run_command(str(tmp_path), 'serve', '--config-file',
                                str(tmp_path / 'placement.conf'), '--port', '0')
    assert code == 1
    assert words in told.splitlines()[-1]
