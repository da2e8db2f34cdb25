"""The OpenStack-API-Version header."""
import pytest

from harness import new_uuid


def versions(api, *values, path='/resource_providers'):
    """The answer to a request with these header values, in one header each."""
    lines = ''.join(f'OpenStack-API-Version: {value}\r\n' for value in values)
    return api.raw(f'GET {path} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: admin\r\n{lines}'
                   'Connection: close\r\n\r\n'.encode()).decode()


def version_of(text):
    for line in text.split('\r\n\r\n')[0].split('\r\n'):
        if line.lower().startswith('openstack-api-version:'):
            return line.split(': ')[1]
    return None


@pytest.mark.parametrize('asked, got', [
    ('placement 1.0', '1.0'), ('placement 1.39', '1.39'), ('placement latest', '1.39'),
    ('Placement 1.15', '1.15'), ('placement  1.15', '1.15'),
    ('compute 2.1', '1.0'), ('1.10', '1.0'), ('placement', '1.0'), ('', '1.0'),
    ('compute 2.1, placement 1.10', '1.10'), ('placement 1.10,placement 1.11', '1.11'),
])
def test_a_version_is_understood(api, asked, got):
    answer = versions(api, asked)
    assert answer.startswith('HTTP/1.1 200 ')
    assert version_of(answer) == f'placement {got}'


def test_without_the_header_the_oldest_counts(api):
    assert version_of(versions(api)) == 'placement 1.0'


def test_of_several_headers_the_last_counts(api):
    assert version_of(versions(api, 'placement 1.5', 'placement 1.6')) == 'placement 1.6'
    assert version_of(versions(api, 'placement 1.5', 'compute 2.1')) == 'placement 1.5'


@pytest.mark.parametrize('asked', ['1.40', '0.9', '2.0', '-1.0', '1.999999'])
def test_a_version_that_there_is_not_is_not_acceptable(api, asked):
    answer = api.get('/resource_providers', version=asked)
    assert answer.status == 406
    assert answer.error['min_version'] == '1.0'
    assert answer.error['max_version'] == '1.39'
    assert 'Unacceptable version header' in answer.error['detail']
    assert answer.header('openstack-api-version') is None


@pytest.mark.parametrize('asked', ['1.x', 'Latest', '1.2.3', '1', '.', '1.', '1e0',
                                   '1.99999999999'])
def test_what_is_no_version_is_a_bad_request(api, asked):
    answer = api.get('/resource_providers', version=asked)
    assert answer.status == 400
    assert 'invalid version string' in answer.error['detail']


def test_the_root_refuses_a_wrong_version_too(api):
    assert api.get('/', token=None, version='1.40').status == 406


def test_the_root_names_the_versions(api):
    versions_told = api.get('/', token=None).json['versions']
    assert [(one['id'], one['min_version'], one['max_version'], one['status'])
            for one in versions_told] == [('v1.0', '1.0', '1.39', 'CURRENT')]
    assert versions_told[0]['links'] == [{'rel': 'self', 'href': ''}]


def test_every_version_answers_and_says_which_it_is(api):
    for minor in range(40):
        answer = api.get('/resource_providers', version=f'1.{minor}')
        assert answer.status == 200
        assert answer.header('openstack-api-version') == f'placement 1.{minor}'
        assert answer.header('vary').lower() == 'openstack-api-version'


@pytest.mark.parametrize('since, method, path', [
    (1, 'GET', '/resource_providers/{uuid}/aggregates'), (2, 'GET', '/resource_classes'),
    (2, 'GET', '/resource_classes/VCPU'), (6, 'GET', '/traits'),
    (6, 'GET', '/traits/HW_CPU_X86_AVX'),
    (6, 'GET', '/resource_providers/{uuid}/traits'), (9, 'GET', '/usages?project_id=p'),
    (10, 'GET', '/allocation_candidates?resources=VCPU:1'), (13, 'POST', '/allocations'),
    (30, 'POST', '/reshaper'),
])
def test_a_path_is_there_from_its_version_on(api, since, method, path):
    path = path.format(uuid=api.provider())
    body = {} if method == 'POST' else None
    before = api.request(method, path, body, version=f'1.{since - 1}', roles='admin,service')
    assert before.status == 404
    after = api.request(method, path, body, version=f'1.{since}', roles='admin,service')
    assert after.status in ((200, 204) if method == 'GET' else (204, 400)), after


def test_deleting_all_inventories_came_with_1_5(api):
    made = api.provider(VCPU=1)
    assert api.delete(f'/resource_providers/{made}/inventories', version='1.4').status == 405
    assert api.delete(f'/resource_providers/{made}/inventories', version='1.5').status == 204


@pytest.mark.parametrize('parameter, since', [
    ('member_of={uuid}', 3), ('resources=VCPU:1', 4), ('in_tree={uuid}', 14),
    ('required=HW_CPU_X86_AVX', 18)])
def test_a_filter_of_providers_is_there_from_its_version_on(api, parameter, since):
    path = '/resource_providers?' + parameter.format(uuid=new_uuid())
    assert api.get(path, version=f'1.{since - 1}').status == 400
    assert api.get(path, version=f'1.{since}').status == 200


@pytest.mark.parametrize('parameter, since', [
    ('limit=1', 16), ('required=HW_CPU_X86_AVX', 17), ('member_of={uuid}', 21),
    ('required=!HW_CPU_X86_AVX', 22), ('member_of={uuid}&member_of={uuid}', 24),
    ('resources1=VCPU:1&group_policy=none', 25), ('in_tree={uuid}', 31), ('member_of=!{uuid}', 32),
    ('resources_A=VCPU:1&group_policy=none', 33), ('root_required=HW_CPU_X86_AVX', 35),
    ('required=in:HW_CPU_X86_AVX,HW_CPU_X86_SSE', 39)])
def test_a_part_of_candidate_queries_is_there_from_its_version_on(api, parameter, since):
    path = '/allocation_candidates?resources=VCPU:1&' + parameter.format(uuid=new_uuid())
    before, after = (api.get(path, version=f'1.{minor}') for minor in (since - 1, since))
    assert (before.status, after.status) == (400, 200), (before, after)


def test_parts_of_a_provider_come_with_their_versions(api):
    made = api.provider()
    def keys(version):
        return set(api.get(f'/resource_providers/{made}', version=version).json)
    assert keys('1.13') == {'uuid', 'name', 'generation', 'links'}
    assert keys('1.14') == keys('1.13') | {'parent_provider_uuid', 'root_provider_uuid'}
    def links(version):
        listed = api.get(f'/resource_providers/{made}', version=version).json['links']
        return {link['rel'] for link in listed}
    assert links('1.0') == {'self', 'inventories', 'usages'}
    assert links('1.1') == links('1.0') | {'aggregates'}
    assert links('1.6') == links('1.1') | {'traits'}
    assert links('1.11') == links('1.6') | {'allocations'}
