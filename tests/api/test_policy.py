"""Who may do what: the defaults, and the operator's policy files."""
import os

import pytest

from harness import new_uuid, run_command, wait_for


def write(server, text, name='policy.yaml'):
    path = os.path.join(server.folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    # As a careful operator does it: the file is never seen half written.
    with open(path + '.new', 'w', encoding='utf-8') as out:
        out.write(text)
    os.rename(path + '.new', path)


def traits(server, token='someone', **options):
    return server.client.get('/traits', token=token, **options).status


@pytest.fixture
def lenient(make_server):
    """A server that reads a policy.yaml beside its configuration, which is not there yet."""
    return make_server({'oslo_policy': {'policy_file': 'policy.yaml'}})


@pytest.mark.parametrize('roles, status', [('admin', 200), ('service', 200), ('reader', 403),
                                           ('member', 403), ('', 403), ('ADMIN', 200)])
def test_by_default_admins_and_services_may_read_providers(api, roles, status):
    assert api.get('/resource_providers', token='someone', roles=roles).status == status


@pytest.mark.parametrize('roles, status', [('admin', 403), ('service', 400),
                                           ('admin,service', 400)])
def test_by_default_only_services_may_reshape(api, roles, status):
    assert api.post('/reshaper', {}, roles=roles).status == status


def test_a_reader_sees_the_usages_of_its_own_project_only(api):
    token = 'reader-user:reader-project'
    assert api.get('/usages?project_id=reader-project', token=token, roles='reader').status == 200
    assert api.get('/usages?project_id=other', token=token, roles='reader').status == 403
    assert api.get('/usages', token=token, roles='reader').status == 403
    assert api.get('/usages?project_id=other', roles='admin').status == 200


def test_a_system_scope_is_not_the_projects(api):
    answer = api.get('/resource_providers', roles='admin',
                     headers={'OpenStack-System-Scope': 'all'})
    assert answer.status == 403


def test_a_rule_of_the_file_goes_before_the_default(lenient):
    write(lenient, '# ours\n"placement:traits:list": "role:auditor"\n')
    lenient.start()
    assert traits(lenient) == 403
    assert traits(lenient, roles='auditor') == 200
    assert traits(lenient, token='admin') == 403
    assert lenient.client.get('/resource_providers', roles='auditor').status == 403


def test_a_changed_file_takes_effect_without_a_restart(lenient):
    lenient.start()
    assert traits(lenient) == 403
    write(lenient, '"placement:traits:list": "@"\n')
    wait_for(lambda: traits(lenient) == 200, 'the new rule')
    write(lenient, '"placement:traits:list": "!"\n')
    wait_for(lambda: traits(lenient, token='admin') == 403, 'the newer rule')
    os.remove(os.path.join(lenient.folder, 'policy.yaml'))
    wait_for(lambda: traits(lenient, token='admin') == 200, 'the default')


def test_a_broken_file_keeps_the_rules_as_they_were_and_is_told_once(lenient):
    write(lenient, '"placement:traits:list": "@"\n')
    lenient.start()
    for broken in ('"placement:traits:list": "role:admin and"\n', '{{{',
                   '"placement:traits:list": [\n'):
        before = len(lenient.log())
        write(lenient, broken)
        # The rules are looked at with each request, but at most once a second.
        wait_for(lambda: traits(lenient) and ' ERROR ' in lenient.log()[before:], 'the report')
        assert traits(lenient) == 200
        lines = [line for line in lenient.log()[before:].splitlines() if ' ERROR ' in line]
        assert len(lines) == 1
        assert 'policy.yaml' in lines[0]
    write(lenient, '"placement:traits:list": "!"\n')
    wait_for(lambda: traits(lenient, token='admin') == 403, 'the mended file')


def test_it_does_not_start_with_a_broken_file(lenient):
    write(lenient, '"placement:traits:list": "rule:placement:traits:list"\n')
    code, _, err = run_command(lenient.folder, *lenient.command[1:])
    assert code == 1
    assert 'placement:traits:list' in err
    write(lenient, '{{{')
    code, _, err = run_command(lenient.folder, *lenient.command[1:])
    assert code == 1
    assert 'policy.yaml' in err


def test_folders_of_policies_come_after_the_file_in_order(make_server):
    server = make_server({'oslo_policy': {'policy_file': 'policy.yaml', 'policy_dirs': 'policy.d'}})
    write(server, '"placement:traits:list": "role:a"\n"placement:usages": "role:a"\n')
    write(server, '"placement:traits:list": "role:b"\n', 'policy.d/10.yaml')
    write(server, '{"placement:traits:list": "role:c"}\n', 'policy.d/20.json')
    server.start()
    assert [traits(server, roles=role) for role in 'abc'] == [403, 403, 200]
    assert server.client.get('/usages?project_id=p', roles='a').status == 200
    write(server, '"placement:traits:list": "role:d"\n', 'policy.d/30.yaml')
    wait_for(lambda: traits(server, roles='d') == 200, 'the file that came later')


def test_a_rule_may_ask_for_the_project_of_the_usages(lenient):
    write(lenient, '"placement:usages": "project_id:%(project_id)s"\n')
    api = lenient.start()
    assert api.get('/usages?project_id=mine', token='me:mine').status == 200
    assert api.get('/usages?project_id=yours', token='me:mine').status == 403
    assert api.get('/usages?project_id=yours', token='admin').status == 403


def test_a_body_is_never_asked_who_someone_is(lenient):
    write(lenient, '"placement:allocations:update": "project_id:%(project_id)s"\n')
    api = lenient.start()
    made = api.provider(VCPU=1)
    body = {'allocations': {made: {'resources': {'VCPU': 1}}}, 'consumer_generation': None,
            'project_id': 'mine', 'user_id': 'me', 'consumer_type': 'INSTANCE'}
    assert api.put(f'/allocations/{new_uuid()}', body, token='me:mine').status == 404


def test_names_of_rules_may_be_used_by_others(lenient):
    write(lenient, '"admin_or_service_api": "role:boss"\n')
    lenient.start()
    assert traits(lenient, roles='boss') == 200
    assert traits(lenient, roles='admin') == 403


def test_old_defaults_count_again_if_told_so(make_server):
    server = make_server({'oslo_policy': {'enforce_new_defaults': 'false'}})
    server.start()
    assert server.client.post('/reshaper', {}, roles='admin').status == 400
    assert server.client.post('/reshaper', {}, roles='reader').status == 403


def test_without_scope_enforcement_the_system_may_do_as_its_roles_say(make_server):
    server = make_server({'oslo_policy': {'enforce_scope': 'false'}})
    server.start()
    assert traits(server, roles='admin', headers={'OpenStack-System-Scope': 'all'}) == 200
