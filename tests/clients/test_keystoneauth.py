"""keystoneauth, through which nova, neutron, ironic and cyborg speak with Placement."""
import pytest

from harness import HOST, new_uuid

keystoneauth1 = pytest.importorskip('keystoneauth1')
from keystoneauth1 import adapter, exceptions, session, token_endpoint  # noqa: E402


@pytest.fixture
def placement(server):
    """An adapter as nova makes it, with a fixed token."""
    endpoint = f'http://{HOST}:{server.client.port}'
    auth = token_endpoint.Token(endpoint, 'admin')
    return adapter.Adapter(session.Session(auth=auth), service_type='placement',
                           endpoint_override=endpoint, raise_exc=False)


def test_the_versions_are_discovered(placement):
    data = placement.get_endpoint_data()
    assert data.min_microversion == (1, 0)
    assert data.max_microversion == (1, 39)
    assert placement.get_api_major_version() == (1, 0)


def test_a_microversion_is_asked_for_and_told_back(placement):
    answer = placement.get('/resource_providers', microversion='1.39')
    assert answer.status_code == 200
    assert answer.headers['openstack-api-version'] == 'placement 1.39'
    assert placement.get('/resource_providers', microversion='1.40').status_code == 406


def test_request_ids_go_both_ways(placement, server):
    given = f'req-{new_uuid()}'
    answer = placement.get('/traits', microversion='1.6', global_request_id=given)
    assert answer.headers['x-openstack-request-id'].startswith('req-')
    assert given in server.log()


def test_errors_are_raised_by_their_status(placement):
    with pytest.raises(exceptions.NotFound) as raised:
        placement.get(f'/resource_providers/{new_uuid()}', raise_exc=True, microversion='1.39')
    error, = raised.value.response.json()['errors']
    assert 'No resource provider with uuid' in error['detail']
    assert raised.value.request_id == error['request_id']
    with pytest.raises(exceptions.Conflict):
        body = {'name': new_uuid()}
        for _ in range(2):
            placement.post('/resource_providers', json=body, raise_exc=True, microversion='1.39')


def test_a_compute_node_reports_itself_and_is_claimed(placement):
    """What nova does for a new host and its first instance."""
    host, consumer = new_uuid(), new_uuid()
    made = placement.post('/resource_providers', json={'uuid': host, 'name': 'compute-1'},
                          microversion='1.20')
    assert (made.status_code, made.json()['generation']) == (200, 0)
    put = placement.put(f'/resource_providers/{host}/inventories', microversion='1.26', json={
        'resource_provider_generation': 0, 'inventories': {
            'VCPU': {'total': 8, 'reserved': 0, 'min_unit': 1, 'max_unit': 8, 'step_size': 1,
                     'allocation_ratio': 16.0},
            'PCPU': {'total': 2, 'reserved': 2, 'min_unit': 1, 'max_unit': 2, 'step_size': 1,
                     'allocation_ratio': 1.0}}})
    assert put.status_code == 200
    listed = placement.get('/allocation_candidates?limit=1000&resources=VCPU:1',
                           microversion='1.36')
    request, = listed.json()['allocation_requests']
    assert request['mappings'] == {'': [host]}
    claim = {**request, 'project_id': new_uuid(), 'user_id': new_uuid(),
             'consumer_generation': None,
             'consumer_type': 'INSTANCE'}
    put = placement.put(f'/allocations/{consumer}', json=claim, microversion='1.38')
    assert put.status_code == 204
    shown = placement.get(f'/resource_providers/{host}/allocations', microversion='1.28').json()
    assert shown['allocations'] == {consumer: {
        'resources': {'VCPU': 1}, 'consumer_generation': 1}}
