"""Accept and Content-Type."""
import pytest

from harness import new_name

JSON = 'application/json'


@pytest.mark.parametrize('accept', ['', '*/*', 'application/*', JSON, 'text/html, application/json',
                                    'text/html;q=0.5, */*;q=0.1', 'not a type', 'Application/JSON'])
def test_json_is_given_to_those_who_take_it(api, accept):
    answer = api.get('/resource_providers', headers={'Accept': accept})
    assert answer.status == 200
    assert answer.header('Content-Type') == JSON


@pytest.mark.parametrize('accept', ['text/html', 'text/plain', 'application/json;charset=utf-8',
                                    'application/json;q=0', 'image/*'])
def test_those_who_do_not_take_json_are_refused(api, accept):
    answer = api.get('/resource_providers', headers={'Accept': accept})
    assert answer.status == 406
    assert b'Only application/json is provided' in answer.body


@pytest.mark.parametrize('accept, given', [
    ('', JSON), ('*/*', JSON), (JSON, JSON), ('application/json, text/html;q=0.5', JSON),
    ('text/html', 'text/html; charset=UTF-8'),
    ('text/html, application/json', 'text/html; charset=UTF-8'),
    ('text/plain', 'text/plain; charset=UTF-8'), ('image/png', 'text/plain; charset=UTF-8')])
def test_an_error_follows_the_accept_header(api, accept, given):
    answer = api.get('/nowhere', headers={'Accept': accept})
    assert answer.status == 404
    assert answer.header('Content-Type') == given


def test_writes_answer_json_whatever_is_accepted(api):
    answer = api.post('/resource_providers', {'name': new_name('any')},
                      headers={'Accept': 'text/html'})
    assert answer.status == 200
    assert answer.header('Content-Type') == JSON


@pytest.mark.parametrize('content_type, status', [
    (JSON, 200), ('application/json; charset=latin-1', 200),
    ('application/json;charset=utf-8', 200),
    ('text/plain', 415), ('application/x-www-form-urlencoded', 415), ('application/jsonp', 415),
    ('application/json-patch+json', 415)])
def test_a_body_must_be_json(api, content_type, status):
    answer = api.post('/resource_providers', {'name': new_name('type')}, content_type=content_type)
    assert answer.status == status
    if status == 415:
        assert f'The media type {content_type} is not supported' in answer.error['detail']


def test_a_body_without_a_type_is_refused(api):
    answer = api.post('/resource_providers', {'name': new_name('type')}, content_type=None)
    assert answer.status == 400
    assert 'content-type header required when content-length > 0' in answer.error['detail']


def test_a_call_without_a_body_ignores_one_that_comes_anyway(api):
    name = new_name('CUSTOM_')
    assert api.put(f'/traits/{name}', b'junk', content_type='text/plain').status == 201
    assert api.put(f'/resource_classes/{name}', b'junk', content_type='text/plain').status == 201
    made = api.provider()
    answer = api.request('DELETE', f'/resource_providers/{made}', b'junk', content_type=JSON)
    assert answer.status == 204


def test_aggregates_check_their_headers_before_their_version(api):
    path = f'/resource_providers/{api.provider()}/aggregates'
    assert api.put(path, b'[]', content_type='text/plain', version='1.0').status == 415
    assert api.get(path, headers={'Accept': 'text/html'}, version='1.0').status == 406
