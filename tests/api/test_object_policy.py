"""Rules about the object: what a caller may not reach does not exist for it, to the byte."""
import contextlib
import json
import re
import sqlite3

import pytest

from harness import ROOT, new_uuid

OWN = 'role:admin or user_id:%(resource_provider.owner_user_id)s'
OPERATIONS = ['list', 'create', 'show', 'update', 'delete', 'inventories:list',
              'inventories:create', 'inventories:show', 'inventories:update', 'inventories:delete',
              'aggregates:list', 'aggregates:update', 'traits:list', 'traits:update',
              'traits:delete', 'usages', 'allocations:list']


class Caller:
    """A client of one user."""

    def __init__(self, client, user, roles='service', project='service'):
        self.client, self.given = client, {'token': f'{user}:{project}', 'roles': roles}

    def __getattr__(self, method):
        def call(*arguments, **options):
            return getattr(self.client, method)(*arguments, **{**self.given, **options})
        return call

    def provider(self, parent=None, total=8):
        """A provider of this caller's own, with VCPU."""
        made = new_uuid()
        body = {'uuid': made, 'name': f'host {made}', 'parent_provider_uuid': parent}
        answer = self.post('/resource_providers', body)
        assert answer.status == 200, answer
        answer = self.put(f'/resource_providers/{made}/inventories', {
            'resource_provider_generation': 0, 'inventories': {'VCPU': {'total': total}}})
        assert answer.status == 200, answer
        return made


def start(make_server, text):
    server = make_server({'oslo_policy': {'policy_file': 'policy.yaml'}})
    with open(f'{server.folder}/policy.yaml', 'w', encoding='utf-8') as out:
        out.write(text)
    server.start()
    return server.client


@pytest.fixture
def scoped(make_server):
    """A server with the policy file that the project ships."""
    with open(f'{ROOT}/etc/policy-scoped.yaml', encoding='utf-8') as shipped:
        return start(make_server, shipped.read())


@pytest.fixture
def hosts(scoped):
    """Two hosts, and what each has made."""
    a, b = Caller(scoped, 'host-a'), Caller(scoped, 'host-b')
    return a, a.provider(), b, b.provider()


def claim_body(*providers, generation=None, **changes):
    return {'allocations': {one: {'resources': {'VCPU': 1}} for one in providers},
            'consumer_generation': generation, 'project_id': 'tenant', 'user_id': 'someone',
            'consumer_type': 'INSTANCE', **changes}


def told(answer, uuid):
    """All that an answer says, but for the object's name and the request's."""
    headers = sorted((name.lower(), value) for name, value in answer.headers.items()
                     if name.lower() not in ('x-openstack-request-id', 'date'))
    text = re.sub(r'req-[0-9a-f-]{36}', 'REQUEST', answer.body.decode())
    return answer.status, headers, text.replace(uuid, 'UUID')


def assert_missing(caller, method, path, body, hidden):
    """The call answers about a hidden object as it does about one that is not there."""
    nothing = new_uuid()

    def ask(uuid):
        sent = json.loads(json.dumps(body).replace('UUID', uuid)) if body is not None else None
        return told(caller.request(method, path.replace('UUID', uuid), sent), uuid)

    about_hidden = ask(hidden)
    assert about_hidden == ask(nothing)
    return about_hidden[0]


PROVIDER_CALLS = [
    ('GET', '', None),
    ('PUT', '', {'name': 'stolen'}),
    ('DELETE', '', None),
    ('GET', '/inventories', None),
    ('GET', '/inventories/VCPU', None),
    ('PUT', '/inventories', {'resource_provider_generation': 1, 'inventories': {}}),
    ('PUT', '/inventories', {'wrong': 1}),
    ('PUT', '/inventories/VCPU', {'resource_provider_generation': 1, 'total': 1}),
    ('POST', '/inventories', {'resource_class': 'DISK_GB', 'total': 1}),
    ('DELETE', '/inventories', None),
    ('DELETE', '/inventories/VCPU', None),
    ('GET', '/aggregates', None),
    ('PUT', '/aggregates', {'resource_provider_generation': 1, 'aggregates': []}),
    ('GET', '/traits', None),
    ('PUT', '/traits', {'resource_provider_generation': 1, 'traits': []}),
    ('DELETE', '/traits', None),
    ('GET', '/usages', None),
    ('GET', '/allocations', None),
]


@pytest.mark.parametrize('method, path, body', PROVIDER_CALLS)
def test_another_hosts_provider_is_not_there(hosts, method, path, body):
    a, _, b, of_b = hosts
    before = b.get(f'/resource_providers/{of_b}/inventories').body
    assert assert_missing(a, method, f'/resource_providers/UUID{path}', body, of_b) == 404
    assert b.get(f'/resource_providers/{of_b}/inventories').body == before


@pytest.mark.parametrize('method, path, body', [
    call for call in PROVIDER_CALLS if call[2] != {'wrong': 1}])
def test_its_own_provider_is_there(hosts, method, path, body):
    a, of_a, _, _ = hosts
    answer = a.request(method, f'/resource_providers/{of_a}{path}', body)
    assert answer.status in (200, 201, 204), answer


def test_lists_leave_out_what_the_caller_does_not_see(hosts, scoped):
    a, of_a, _, of_b = hosts
    admin = Caller(scoped, 'boss', 'admin')

    def listed(caller, query=''):
        answer = caller.get(f'/resource_providers{query}')
        return {one['uuid'] for one in answer.json['resource_providers']}

    assert listed(admin) == {of_a, of_b}
    assert listed(a) == {of_a}
    assert listed(a, '?resources=VCPU:1') == {of_a}
    assert listed(a, f'?uuid={of_b}') == listed(a, f'?in_tree={of_b}') == set()
    assert listed(a, f'?name=host%20{of_b}') == set()


def test_candidates_and_their_summaries_leave_it_out(hosts, scoped):
    a, of_a, b, of_b = hosts
    shared, path = new_uuid(), '/allocation_candidates?resources=VCPU:1'
    for caller, one in ((a, of_a), (b, of_b)):
        answer = caller.put(f'/resource_providers/{one}/aggregates', {
            'resource_provider_generation': 1, 'aggregates': [shared]})
        assert answer.status == 200
    for version in ('1.10', '1.28', '1.39'):
        everything = Caller(scoped, 'boss', 'admin').get(path, version=version).body.decode()
        own = a.get(path, version=version).body.decode()
        assert of_a in everything and of_b in everything
        assert of_a in own and of_b not in own, own
    assert a.get(f'{path}&in_tree={of_b}').json['allocation_requests'] == []
    assert a.get(f'{path}&member_of={shared}').body.decode().count(of_b) == 0


def test_a_parent_that_is_anothers_is_not_there(hosts):
    a, of_a, _, of_b = hosts
    body = {'name': new_uuid(), 'parent_provider_uuid': 'UUID', 'uuid': new_uuid()}
    assert assert_missing(a, 'POST', '/resource_providers', body, of_b) == 400
    body = {'name': 'moved', 'parent_provider_uuid': 'UUID'}
    assert assert_missing(a, 'PUT', f'/resource_providers/{of_a}', body, of_b) == 400
    assert a.get(f'/resource_providers/{of_a}').json['parent_provider_uuid'] is None


def test_a_child_belongs_to_whom_the_root_belongs(hosts, scoped):
    a, of_a, b, of_b = hosts
    child = Caller(scoped, 'boss', 'admin').provider(parent=of_b)
    assert b.get(f'/resource_providers/{child}').status == 200
    assert a.get(f'/resource_providers/{child}').status == 404
    assert a.put(f'/resource_providers/{child}', {
        'name': 'mine', 'parent_provider_uuid': of_a}).status == 404


def test_a_claim_on_anothers_provider_is_refused_whole(hosts):
    a, of_a, b, of_b = hosts
    for body in (claim_body('UUID'), claim_body(of_a, 'UUID')):
        consumer = new_uuid()
        assert assert_missing(a, 'PUT', f'/allocations/{consumer}', body, of_b) == 400
        several = {new_uuid(): claim_body(of_a), consumer: body}
        assert assert_missing(a, 'POST', '/allocations', several, of_b) == 400
    for caller, one in ((a, of_a), (b, of_b)):
        assert caller.get(f'/resource_providers/{one}/usages').json['usages'] == {'VCPU': 0}


def test_a_host_may_claim_from_itself_again_and_again(hosts):
    a, of_a, _, _ = hosts
    consumer = new_uuid()
    assert a.put(f'/allocations/{consumer}', claim_body(of_a)).status == 204
    assert a.put(f'/allocations/{consumer}', claim_body(of_a, generation=1)).status == 204
    assert a.get(f'/allocations/{consumer}').json['consumer_generation'] == 2
    assert a.delete(f'/allocations/{consumer}').status == 204


def test_a_consumer_on_anothers_provider_is_not_there(hosts):
    a, of_a, b, of_b = hosts
    consumer = new_uuid()
    assert b.put(f'/allocations/{consumer}', claim_body(of_b)).status == 204
    before = b.get(f'/allocations/{consumer}').body
    assert assert_missing(a, 'GET', '/allocations/UUID', None, consumer) == 200
    assert assert_missing(a, 'DELETE', '/allocations/UUID', None, consumer) == 404
    stolen = claim_body(of_a, generation=1)
    assert assert_missing(a, 'PUT', '/allocations/UUID', stolen, consumer) == 409
    for body in (claim_body(of_a), claim_body()):
        assert a.put(f'/allocations/{consumer}', body).status == 404
        assert a.post('/allocations', {consumer: body}).status == 404
        assert a.post('/reshaper', {
            'inventories': {of_a: {'resource_provider_generation': 1,
                                   'inventories': {'VCPU': {'total': 8}}}},
            'allocations': {consumer: body}}).status == 404
    assert b.get(f'/allocations/{consumer}').body == before


def test_what_a_consumer_has_elsewhere_is_left_out(hosts, scoped):
    a, of_a, _, of_b = hosts
    consumer, admin = new_uuid(), Caller(scoped, 'boss', 'admin')
    assert admin.put(f'/allocations/{consumer}', claim_body(of_a, of_b)).status == 204
    assert set(a.get(f'/allocations/{consumer}').json['allocations']) == {of_a}
    assert a.delete(f'/allocations/{consumer}').status == 404
    assert set(admin.get(f'/allocations/{consumer}').json['allocations']) == {of_a, of_b}


def test_a_reshape_of_anothers_provider_is_refused_whole(hosts):
    a, of_a, b, of_b = hosts
    inventories = {'VCPU': {'total': 99}}
    body = {'allocations': {}, 'inventories': {
        of_a: {'resource_provider_generation': 1, 'inventories': inventories},
        'UUID': {'resource_provider_generation': 1, 'inventories': inventories}}}
    assert assert_missing(a, 'POST', '/reshaper', body, of_b) == 400
    for caller, one in ((a, of_a), (b, of_b)):
        shown = caller.get(f'/resource_providers/{one}/inventories').json
        assert shown['inventories']['VCPU']['total'] == 8
        assert shown['resource_provider_generation'] == 1


def test_whoever_fails_the_rule_for_any_object_is_told_so_before_any_look_up(hosts, scoped):
    _, of_a, _, _ = hosts
    stranger = Caller(scoped, 'eve', 'member')
    for method, path, body in PROVIDER_CALLS:
        for one in (of_a, new_uuid(), 'junk'):
            answer = stranger.request(method, f'/resource_providers/{one}{path}', body)
            assert answer.status == 403, (method, path)


def test_providers_made_before_are_nobodys(make_server):
    server = make_server({'oslo_policy': {'policy_file': 'policy.yaml'}})
    client = server.start()
    provider = client.provider(VCPU=8)
    server.stop()
    with contextlib.closing(sqlite3.connect(server.database)) as database:
        database.execute('DELETE FROM emplace_provider_owners')
        database.commit()
    with open(f'{server.folder}/policy.yaml', 'w', encoding='utf-8') as out:
        out.write(f'"placement:resource_providers:show": "{OWN}"\n')
    client = server.start()
    assert Caller(client, 'admin').get(f'/resource_providers/{provider}').status == 404
    # Who is nobody owns nothing, not even what is nobody's.
    assert Caller(client, '').get(f'/resource_providers/{provider}').status == 403
    assert client.get(f'/resource_providers/{provider}').status == 200


def test_the_callers_own_project_is_no_objects(make_server):
    """The rule that upstream answers with the caller's own project as the target."""
    natural = 'role:admin or (role:member and project_id:%(project_id)s)'
    rules = [f'placement:resource_providers:{name}' for name in OPERATIONS]
    rules += ['placement:allocations:list', 'placement:allocations:update',
              'placement:allocations:delete', 'placement:allocations:manage', 'placement:usages',
              'placement:allocation_candidates:list']
    client = start(make_server, ''.join(f'"{rule}": "{natural}"\n' for rule in rules))
    red = Caller(client, 'ann', 'member', 'red')
    provider, his, hers = client.provider(VCPU=8), new_uuid(), new_uuid()
    for consumer, project in ((his, 'blue'), (hers, 'red')):
        body = claim_body(provider, project_id=project)
        assert client.put(f'/allocations/{consumer}', body).status == 204
    assert red.get('/resource_providers').json['resource_providers'] == []
    assert red.get(f'/resource_providers/{provider}').status == 404
    assert red.get(f'/resource_providers/{provider}/allocations').status == 404
    assert red.get('/allocation_candidates?resources=VCPU:1').json['allocation_requests'] == []
    assert red.get(f'/allocations/{his}').json == {'allocations': {}}
    assert red.get(f'/allocations/{hers}').json['project_id'] == 'red'
    assert red.delete(f'/allocations/{his}').status == 404
    assert red.get('/usages?project_id=blue').status == 403
    assert red.get('/usages?project_id=red').status == 200
    # Neither the project that the body names nor the header makes it the caller's.
    body = claim_body(provider, project_id='red', generation=1)
    assert red.put(f'/allocations/{his}', body).status == 409
    assert red.put(f'/allocations/{new_uuid()}', claim_body(provider, project_id='red')).status == 404
    assert client.get(f'/allocations/{his}').json['project_id'] == 'blue'
    assert red.delete(f'/allocations/{hers}').status == 204


def test_usages_count_the_consumers_that_the_caller_may_know_of(make_server):
    rule = 'role:admin or user_id:%(consumer.user_id)s'
    client = start(make_server, f'"placement:usages": "{rule}"\n')
    provider = client.provider(VCPU=8)
    for user, amount in (('ann', 1), ('bob', 2)):
        client.put(f'/allocations/{new_uuid()}', {
            **claim_body(provider, user_id=user, project_id='red'),
            'allocations': {provider: {'resources': {'VCPU': amount}}}})
    path = '/usages?project_id=red'

    def used(caller):
        return caller.get(path).json['usages'].get('INSTANCE', {}).get('VCPU', 0)

    assert used(Caller(client, 'boss', 'admin')) == 3
    assert used(Caller(client, 'ann', 'member')) == 1
    assert used(Caller(client, 'bob', 'member')) == 2
    assert used(Caller(client, 'eve', 'member')) == 0


def test_the_default_rules_look_at_no_object(api):
    """An object's attributes change nothing for who may do everything or nothing."""
    provider = api.provider(VCPU=8)
    assert api.get(f'/resource_providers/{provider}', token='x', roles='service').status == 200
    assert api.get(f'/resource_providers/{provider}', token='x', roles='member').status == 403
