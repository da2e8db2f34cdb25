"""Every path with every method."""
import pytest

from harness import new_uuid

METHODS = ('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS')
ROUTES = {
    '/': ['GET'],
    '/resource_classes': ['GET', 'POST'],
    '/resource_classes/VCPU': ['GET', 'PUT', 'DELETE'],
    '/resource_providers': ['GET', 'POST'],
    '/resource_providers/{uuid}': ['GET', 'DELETE', 'PUT'],
    '/resource_providers/{uuid}/inventories': ['GET', 'POST', 'PUT', 'DELETE'],
    '/resource_providers/{uuid}/inventories/VCPU': ['GET', 'PUT', 'DELETE'],
    '/resource_providers/{uuid}/usages': ['GET'],
    '/resource_providers/{uuid}/aggregates': ['GET', 'PUT'],
    '/resource_providers/{uuid}/allocations': ['GET'],
    '/resource_providers/{uuid}/traits': ['GET', 'PUT', 'DELETE'],
    '/allocations': ['POST'],
    '/allocations/{uuid}': ['GET', 'PUT', 'DELETE'],
    '/allocation_candidates': ['GET'],
    '/traits': ['GET'],
    '/traits/CUSTOM_NONE': ['GET', 'PUT', 'DELETE'],
    '/usages': ['GET'],
    '/reshaper': ['POST'],
}


@pytest.mark.parametrize('path', ROUTES)
def test_a_path_has_its_methods_and_no_other(api, path):
    url = path.format(uuid=new_uuid())
    for method in METHODS:
        answer = api.request(method, url)
        if method in ROUTES[path]:
            assert answer.status != 405, method
            assert answer.status < 500, method
            assert answer.header('Allow') is None
        else:
            assert answer.status == 405, method
            assert answer.header('Allow') == ', '.join(ROUTES[path])


@pytest.mark.parametrize('path', [
    '/nowhere', '/resource_providers/', '/resource_providers//inventories', '/traits/',
    '/traits/A/B',
    '//', '/resource_provider', '/RESOURCE_PROVIDERS', '/resource_providers/{uuid}/inventory',
    '/allocations/{uuid}/more', '/resource_providers/{uuid}/inventories/VCPU/x', '/usages/',
    '/allocation_candidates/x', '/placement', '/healthcheck'])
def test_other_paths_are_not_there_whatever_the_method(api, path):
    for method in METHODS:
        answer = api.request(method, path.format(uuid=new_uuid()))
        assert answer.status == 404, method
        assert answer.header('vary') is None
        assert answer.header('Allow') is None


def test_an_unprivileged_user_learns_of_paths_and_methods_too(api):
    assert api.get('/nowhere', token='someone').status == 404
    assert api.request('PATCH', '/traits', token='someone').status == 405


def test_made_up_methods_are_refused(api):
    assert api.request('FROB', '/resource_providers').status == 405


def test_a_percent_encoded_segment_is_the_same_segment(api):
    made = api.provider()
    encoded = made.replace('-', '%2d')
    assert api.get(f'/resource_providers/{encoded}').json['uuid'] == made


@pytest.mark.parametrize('path', ['/resource_providers%2fx', '/resource_providers/../traits',
                                  '/./traits', '/traits/%2e%2e', '/traits/%00', '/traits/%0a'])
def test_what_two_programs_could_read_differently_is_refused(api, path):
    answer = api.raw(f'GET {path} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: admin\r\n'
                     'Connection: close\r\n\r\n'.encode())
    assert answer.startswith(b'HTTP/1.1 400 ')
