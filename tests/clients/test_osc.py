"""A session of the real `openstack` command with its plugin osc-placement."""
import json
import shutil
import subprocess

import pytest

from harness import HOST, clean_environment, new_uuid

OPENSTACK = shutil.which('openstack')
pytestmark = pytest.mark.skipif(OPENSTACK is None,
                                reason='python3-openstackclient is not installed')
SESSION_SECONDS = 60

HOST_1, NUMA_0, DISK, INSTANCE = (f'{n}5c00000-0000-4000-8000-000000000000' for n in range(1, 5))
GROUP, PROJECT, USER = new_uuid(), new_uuid(), new_uuid()


def environment(server, version):
    return clean_environment(server.folder, {
        'OS_AUTH_TYPE': 'admin_token', 'OS_TOKEN': 'admin',
        'OS_ENDPOINT': f'http://{HOST}:{server.client.port}',
        'OS_PLACEMENT_API_VERSION': version, 'PYTHONWARNINGS': 'ignore'})


def documents(text):
    """The JSON values that stand one after another in a text."""
    decoder, found = json.JSONDecoder(), []
    while text := text.lstrip():
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:]
    return found


@pytest.fixture
def openstack(server):
    """Runs commands in one process of `openstack`; what those print that end in `-f json`."""

    def run(*commands, version='1.29'):
        done = subprocess.run([OPENSTACK], input='\n'.join(commands) + '\n', text=True,
                              capture_output=True, cwd=server.folder, timeout=SESSION_SECONDS,
                              env=environment(server, version), check=False)
        assert (done.returncode, done.stderr) == (0, '')
        found = documents(done.stdout)
        assert len(found) == sum(command.endswith('-f json') for command in commands), done.stdout
        return found

    return run


def by(rows, key, value):
    row, = (row for row in rows if row[key] == value)
    return row


def test_a_session_from_the_first_provider_to_the_last(openstack, server):
    created, child, shown, listed = openstack(
        f'resource provider create host-1 --uuid {HOST_1} -f json',
        f'resource provider create numa-0 --uuid {NUMA_0} --parent-provider {HOST_1} -f json',
        f'resource provider show {NUMA_0} -f json',
        f'resource provider list --in-tree {HOST_1} -f json')
    assert (created['uuid'], created['name'], created['generation']) == (HOST_1, 'host-1', 0)
    assert child['parent_provider_uuid'] == shown['root_provider_uuid'] == HOST_1
    assert {row['uuid'] for row in listed} == {HOST_1, NUMA_0}

    inventories, = openstack(
        f'resource provider inventory set {HOST_1} --resource VCPU=16 '
        '--resource VCPU:allocation_ratio=4.0 --resource MEMORY_MB=4096 '
        '--resource MEMORY_MB:reserved=512 -f json')
    assert by(inventories, 'resource_class', 'VCPU')['allocation_ratio'] == 4.0
    assert by(inventories, 'resource_class', 'MEMORY_MB')['reserved'] == 512

    _, changed, one, listed = openstack(
        f'resource provider inventory set {NUMA_0} --resource VCPU=2 -f json',
        f'resource provider inventory class set {NUMA_0} VCPU --total 4 -f json',
        f'resource provider inventory show {NUMA_0} VCPU -f json',
        f'resource provider inventory list {HOST_1} -f json')
    assert changed['total'] == one['total'] == 4
    assert {row['resource_class'] for row in listed} == {'VCPU', 'MEMORY_MB'}

    classes, traits, associated = openstack(
        'resource class create CUSTOM_OSC', 'resource class list -f json',
        'trait create CUSTOM_OSC_FAST',
        f'resource provider trait set {HOST_1} --trait CUSTOM_OSC_FAST '
        '--trait HW_CPU_X86_AVX2 -f json',
        'trait list --associated -f json')
    assert {'VCPU', 'CUSTOM_OSC'} <= {row['name'] for row in classes}
    assert {row['name'] for row in traits} == {'CUSTOM_OSC_FAST', 'HW_CPU_X86_AVX2'}
    assert 'CUSTOM_OSC_FAST' in {row['name'] for row in associated}

    generation = server.client.generation(HOST_1)
    groups, members, fast = openstack(
        f'resource provider aggregate set {HOST_1} --aggregate {GROUP} '
        f'--generation {generation} -f json',
        f'resource provider list --member-of {GROUP} -f json',
        'resource provider list --required CUSTOM_OSC_FAST --resource VCPU=1 -f json')
    assert [row['uuid'] for row in groups] == [GROUP]
    assert [row['uuid'] for row in members] == [row['uuid'] for row in fast] == [HOST_1]

    candidates, none = openstack(
        'allocation candidate list --resource VCPU=2 --resource MEMORY_MB=256 '
        '--required CUSTOM_OSC_FAST -f json',
        'allocation candidate list --resource VCPU=100000 -f json')
    assert candidates and none == []
    assert any(row['allocation'] == 'VCPU=2,MEMORY_MB=256' and row['resource provider'] == HOST_1
               for row in candidates), candidates

    claimed, shown, used, totals = openstack(
        f'resource provider allocation set {INSTANCE} --project-id {PROJECT} --user-id {USER} '
        f'--allocation rp={HOST_1},VCPU=2 --allocation rp={HOST_1},MEMORY_MB=256 '
        f'--allocation rp={NUMA_0},VCPU=1 -f json',
        f'resource provider allocation show {INSTANCE} -f json',
        f'resource provider usage show {HOST_1} -f json',
        f'resource usage show {PROJECT} -f json')
    assert by(shown, 'resource_provider', HOST_1)['resources'] == {'VCPU': 2, 'MEMORY_MB': 256}
    assert by(claimed, 'resource_provider', NUMA_0)['project_id'] == PROJECT
    assert by(used, 'resource_class', 'VCPU')['usage'] == 2
    assert by(totals, 'resource_class', 'VCPU')['usage'] == 3

    left, unset, gone = openstack(
        f'resource provider allocation unset {INSTANCE} --resource-class MEMORY_MB -f json',
        f'resource provider allocation unset {INSTANCE} --provider {NUMA_0} -f json',
        f'resource provider allocation delete {INSTANCE}',
        f'resource provider allocation show {INSTANCE} -f json')
    assert by(left, 'resource_provider', HOST_1)['resources'] == {'VCPU': 2}
    assert [row['resource_provider'] for row in unset] == [HOST_1]
    assert gone == []

    renamed, rest = openstack(
        f'resource provider set {NUMA_0} --name numa-zero --parent-provider {HOST_1} -f json',
        f'resource provider trait delete {HOST_1}',
        'trait delete CUSTOM_OSC_FAST', 'resource class delete CUSTOM_OSC',
        f'resource provider inventory delete {HOST_1} --resource-class VCPU',
        f'resource provider inventory delete {HOST_1}',
        f'resource provider delete {NUMA_0}', f'resource provider delete {HOST_1}',
        'resource provider list -f json')
    assert renamed['name'] == 'numa-zero'
    assert rest == []


def test_newer_versions_know_consumer_types_and_any_traits(openstack, server):
    made = server.client.provider(DISK_GB=100)
    server.client.put(f'/resource_providers/{made}/traits', {
        'traits': ['STORAGE_DISK_SSD'], 'resource_provider_generation': 1})
    found, _, shown, usages = openstack(
        'resource provider list --required STORAGE_DISK_SSD,STORAGE_DISK_HDD -f json',
        f'resource provider allocation set {DISK} --project-id {PROJECT} --user-id {USER} '
        f'--consumer-type VOLUME --allocation rp={made},DISK_GB=5 -f json',
        f'resource provider allocation show {DISK} -f json',
        f'resource usage show {PROJECT} -f json', version='1.39')
    assert [row['uuid'] for row in found] == [made]
    assert shown[0]['consumer_type'] == 'VOLUME'
    assert usages


@pytest.mark.parametrize('words, message', [
    (['resource', 'provider', 'show', new_uuid()], 'No resource provider with uuid'),
    (['resource', 'provider', 'create', ''], 'JSON does not validate'),
    (['trait', 'create', 'lower'], 'The trait is invalid')])
def test_a_refusal_is_shown_with_its_status_and_reason(server, words, message):
    done = subprocess.run([OPENSTACK, *words], text=True, capture_output=True, cwd=server.folder,
                          timeout=SESSION_SECONDS, env=environment(server, '1.29'), check=False)
    assert done.returncode == 1
    assert message in done.stderr
    assert '(HTTP 4' in done.stderr
