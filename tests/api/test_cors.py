"""Cross-origin requests."""
import pytest

ORIGIN = 'https://horizon.example'


@pytest.fixture(scope='module')
def cors(tmp_path_factory):
    from harness import Server
    server = Server(tmp_path_factory.mktemp('cors'), {'cors': {'allowed_origin': ORIGIN}})
    try:
        yield server.start()
        server.stop()
    finally:
        server.clean_up()


def preflight(client, origin=ORIGIN, method='PUT', headers='x-auth-token, openstack-api-version'):
    return client.request('OPTIONS', '/resource_providers', token=None, version=None, headers={
        'Origin': origin, 'Access-Control-Request-Method': method,
        'Access-Control-Request-Headers': headers})


def test_it_is_off_unless_configured(api):
    answer = api.get('/', headers={'Origin': ORIGIN})
    assert answer.header('Access-Control-Allow-Origin') is None
    assert api.request('OPTIONS', '/resource_providers').status == 405


def test_a_known_origin_may_read_the_answer(cors):
    for path in ('/', '/resource_providers', '/nowhere'):
        answer = cors.get(path, headers={'Origin': ORIGIN})
        assert answer.header('Access-Control-Allow-Origin') == ORIGIN
        assert answer.header('Access-Control-Allow-Credentials') == 'true'
        assert any('origin' in value.lower() for value in answer.headers.get_all('Vary'))


@pytest.mark.parametrize('origin', ['https://evil.example', ORIGIN + '.evil.example', 'null',
                                    ORIGIN.upper(), ''])
def test_an_unknown_origin_may_not(cors, origin):
    answer = cors.get('/', headers={'Origin': origin})
    assert answer.status == 200
    assert answer.header('Access-Control-Allow-Origin') is None
    assert preflight(cors, origin).header('Access-Control-Allow-Origin') is None


def test_without_an_origin_nothing_is_added(cors):
    assert cors.get('/').header('Access-Control-Allow-Origin') is None


def test_a_preflight_needs_no_token(cors):
    answer = preflight(cors)
    assert answer.status == 200
    assert answer.header('Access-Control-Allow-Origin') == ORIGIN
    assert answer.header('Access-Control-Allow-Methods') == 'PUT'
    allowed = answer.header('Access-Control-Allow-Headers').lower()
    assert 'x-auth-token' in allowed and 'openstack-api-version' in allowed
    assert answer.header('Access-Control-Max-Age') == '3600'


@pytest.mark.parametrize('options', [{'method': 'TRACE'}, {'headers': 'x-evil'}, {'method': ''}])
def test_a_preflight_for_more_than_is_allowed_gets_nothing(cors, options):
    answer = preflight(cors, **options)
    assert answer.status == 200
    assert answer.header('Access-Control-Allow-Origin') is None


def test_any_origin_may_be_allowed(make_server):
    client = make_server({'cors': {'allowed_origin': '*', 'allow_credentials': 'false',
                                   'max_age': '0'}}).start()
    answer = client.get('/', headers={'Origin': 'https://any.example'})
    assert answer.header('Access-Control-Allow-Origin') == '*'
    assert answer.header('Access-Control-Allow-Credentials') is None
    assert preflight(client, 'https://any.example').header('Access-Control-Max-Age') is None
