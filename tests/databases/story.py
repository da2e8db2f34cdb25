"""Every kind of write, one after another, and all that can be read of what they leave behind."""
import collections
import json
import re

OLD, NEWEST = '1.0', '1.39'
VERSIONS = ('1.0', '1.11', '1.19', '1.28', '1.36', '1.39')

HOST, NUMA, DEVICE, SHARE, SPARE, GONE = (f'{n}0000000-0000-4000-8000-00000000000{n}'
                                          for n in range(1, 7))
GROUPS = [f'a000000{n}-0000-4000-8000-000000000000' for n in range(3)]
CONSUMERS = [f'c000000{n}-0000-4000-8000-000000000000' for n in range(7)]
FIRST, SECOND, THIRD, LISTED, UNTYPED, MOVED, TYPED = CONSUMERS
PROJECTS = ('p', 'other', 'projet-é-🚀')

Write = collections.namedtuple('Write', 'method path body version status')


def write(method, path, body=None, status=200, version=NEWEST):
    return Write(method, path, body, version, status)


def provider(uuid, name, parent=None):
    return write('POST', '/resource_providers',
                 {'uuid': uuid, 'name': name, 'parent_provider_uuid': parent})


def rename(uuid, name, **parent):
    return write('PUT', f'/resource_providers/{uuid}', {'name': name, **parent})


def of(uuid, part, generation, contents, version=NEWEST):
    return write('PUT', f'/resource_providers/{uuid}/{part}',
                 {'resource_provider_generation': generation, part: contents}, version=version)


def entry(resources, generation=None, project='p', user='u', kind='INSTANCE'):
    """What a consumer shall have: {provider: {class: amount}}."""
    return {'allocations': {one: {'resources': amounts} for one, amounts in resources.items()},
            'consumer_generation': generation, 'project_id': project, 'user_id': user,
            'consumer_type': kind}


def claim(consumer, resources, generation=None, **owner):
    return write('PUT', f'/allocations/{consumer}', entry(resources, generation, **owner), 204)


FULL = {'total': 64, 'reserved': 2, 'min_unit': 1, 'max_unit': 32, 'step_size': 1,
        'allocation_ratio': 1.5}
WRITES = [
    provider(HOST, 'cn1'), provider(NUMA, 'numa', HOST), provider(DEVICE, 'device', NUMA),
    provider(SHARE, 'Regal für Platten'), provider(SPARE, 'spare "quoted" \\ \' name'),
    provider(GONE, 'gone'),
    write('PUT', '/traits/CUSTOM_GOLD', status=201), write('PUT', '/traits/CUSTOM_LEAD', status=201),
    write('PUT', '/traits/CUSTOM_GOLD', status=204),
    write('PUT', '/resource_classes/CUSTOM_FPGA', status=201),
    write('POST', '/resource_classes', {'name': 'CUSTOM_OLD'}, 201),
    write('PUT', '/resource_classes/CUSTOM_OLD', {'name': 'CUSTOM_RENAMED'}, version='1.2'),
    write('PUT', '/resource_classes/CUSTOM_GONE', status=201),
    write('DELETE', '/resource_classes/CUSTOM_GONE', status=204),
    of(HOST, 'inventories', 0, {'VCPU': FULL, 'MEMORY_MB': {'total': 4096, 'step_size': 64,
                                                          'min_unit': 64}}),
    of(NUMA, 'inventories', 0, {'CUSTOM_FPGA': {'total': 4}, 'CUSTOM_RENAMED': {'total': 1},
                                'PCPU': {'total': 9}}),
    write('POST', f'/resource_providers/{DEVICE}/inventories',
          {'resource_class': 'VGPU', 'total': 8, 'resource_provider_generation': 0}, 201),
    of(SHARE, 'inventories', 0, {'DISK_GB': {'total': 1000, 'allocation_ratio': 0.9}}),
    write('PUT', f'/resource_providers/{HOST}/inventories/MEMORY_MB',
          {'resource_provider_generation': 1, 'total': 8192}),
    write('DELETE', f'/resource_providers/{NUMA}/inventories/CUSTOM_RENAMED', status=204),
    of(GONE, 'inventories', 0, {'VCPU': {'total': 1}}),
    write('DELETE', f'/resource_providers/{GONE}/inventories', status=204),
    of(HOST, 'traits', 2, ['CUSTOM_GOLD', 'HW_CPU_X86_AVX2']),
    of(SHARE, 'traits', 1, ['MISC_SHARES_VIA_AGGREGATE', 'CUSTOM_LEAD']),
    write('DELETE', f'/resource_providers/{SHARE}/traits', status=204),
    write('DELETE', '/traits/CUSTOM_LEAD', status=204),
    of(SHARE, 'traits', 3, ['MISC_SHARES_VIA_AGGREGATE']),
    of(HOST, 'aggregates', 3, GROUPS[:2]),
    write('PUT', f'/resource_providers/{SHARE}/aggregates', GROUPS[1:], version='1.1'),
    of(HOST, 'aggregates', 4, [GROUPS[1]]),
    rename(HOST, 'CN1'), rename(HOST, 'cn1 '), rename(SPARE, 'ordinary'),
    rename(GONE, 'gone', parent_provider_uuid=SPARE),
    rename(GONE, 'gone', parent_provider_uuid=HOST),
    rename(GONE, 'gone', parent_provider_uuid=None),
    rename(DEVICE, 'device', parent_provider_uuid=HOST),
    claim(FIRST, {HOST: {'VCPU': 2, 'MEMORY_MB': 512}, SHARE: {'DISK_GB': 20}}),
    claim(SECOND, {HOST: {'VCPU': 1}}, project='other', user='ü'),
    claim(TYPED, {HOST: {'VCPU': 3}}, kind='MIGRATION', project=PROJECTS[2]),
    write('PUT', f'/allocations/{LISTED}', {'allocations': [
        {'resource_provider': {'uuid': NUMA}, 'resources': {'CUSTOM_FPGA': 1}}]}, 204, OLD),
    write('PUT', f'/allocations/{UNTYPED}', {
        'allocations': {NUMA: {'resources': {'PCPU': 2}}}, 'consumer_generation': None,
        'project_id': 'p', 'user_id': 'u'}, 204, '1.28'),
    claim(FIRST, {HOST: {'VCPU': 4}}, 1),
    claim(SECOND, {HOST: {'VCPU': 1}}, 1, project='p', user='u', kind='VOLUME'),
    write('POST', '/allocations', {THIRD: entry({DEVICE: {'VGPU': 2}}),
                                   FIRST: entry({HOST: {'VCPU': 5}}, 2),
                                   SECOND: entry({}, 2)}, 204),
    claim(MOVED, {HOST: {'VCPU': 7}}),
    write('POST', '/allocations', {MOVED: entry({}, 1), SECOND: entry({HOST: {'VCPU': 7}})}, 204),
    write('DELETE', f'/allocations/{LISTED}', status=204),
    write('POST', '/reshaper', {
        'inventories': {
            HOST: {'resource_provider_generation': 13, 'inventories': {
                'VCPU': FULL, 'MEMORY_MB': {'total': 8192}}},
            NUMA: {'resource_provider_generation': 4, 'inventories': {
                'PCPU': {'total': 9}, 'VGPU': {'total': 8}}},
            DEVICE: {'resource_provider_generation': 2, 'inventories': {}}},
        'allocations': {THIRD: entry({NUMA: {'VGPU': 2}}, 1)}}, 204),
    write('DELETE', f'/resource_providers/{DEVICE}', status=204),
    write('DELETE', f'/resource_providers/{GONE}', status=204),
]
PATHS = [
    '/resource_providers', '/resource_classes', '/resource_classes/CUSTOM_FPGA',
    '/resource_classes/CUSTOM_RENAMED', '/resource_classes/CUSTOM_GONE',
    '/traits?name=startswith:CUSTOM_', '/traits?associated=true', '/traits/CUSTOM_GOLD',
    '/traits/CUSTOM_LEAD', '/usages?project_id=p', '/usages?project_id=other',
    '/usages?project_id=projet-%C3%A9-%F0%9F%9A%80', '/usages?project_id=p&user_id=u',
    '/resource_providers?name=cn1', '/resource_providers?name=cn1%20',
    f'/resource_providers?in_tree={NUMA}', f'/resource_providers?member_of={GROUPS[1]}',
    f'/resource_providers?member_of=!{GROUPS[1]}', '/resource_providers?required=CUSTOM_GOLD',
    '/resource_providers?resources=VCPU:2',
    '/allocation_candidates?resources=VCPU:1,DISK_GB:10',
    '/allocation_candidates?resources=VCPU:1&required=CUSTOM_GOLD',
    '/allocation_candidates?resources=VCPU:1&resources1=VGPU:1&group_policy=isolate',
] + [f'/allocations/{one}' for one in CONSUMERS] + [
    f'/resource_providers/{one}{part}' for one in (HOST, NUMA, DEVICE, SHARE, SPARE, GONE)
    for part in ('', '/inventories', '/usages', '/aggregates', '/traits', '/allocations')]
# Whose time is that of one row; lists, and what has no row, may be dated by who shows them.
DATED = re.compile(f'/resource_providers/{HOST}(/inventories|/traits)?|/allocations/{FIRST}|'
                   '/traits/CUSTOM_GOLD|/resource_classes/CUSTOM_FPGA')


def send(client, one):
    """Sends one of WRITES, which must succeed."""
    answer = client.request(one.method, one.path, one.body, version=one.version,
                            roles='admin,service')
    assert answer.status == one.status, (one, answer)
    return answer


def fill(client):
    """Makes all that WRITES make."""
    for one in WRITES:
        send(client, one)


def contents(answer):
    """What an answer says; of a refusal, not in which words."""
    if answer.status >= 400:
        return answer.status, answer.error.get('code')
    return answer.status, answer.body


def shown(client, versions=(NEWEST,)):
    """What a client sees at each path: status, body, ETag, and when a row was changed if it is one."""
    seen = {}
    for path in PATHS:
        for version in versions:
            answer = client.get(path, version=version)
            dated = DATED.fullmatch(path) and b'{}' not in answer.body and b'[]' not in answer.body
            seen[path, version] = (*contents(answer), answer.header('ETag'),
                                   answer.header('Last-Modified') if dated else None)
    return seen


def sorted_lists(value):
    """The same with all lists in one order: Placement promises none."""
    if isinstance(value, dict):
        return {key: sorted_lists(one) for key, one in value.items()}
    if isinstance(value, list):
        return sorted((sorted_lists(one) for one in value),
                      key=lambda one: json.dumps(one, sort_keys=True))
    return value


def meaning(seen):
    """What shown() saw, without the order of lists and keys: to compare with upstream's server."""
    return {key: (status, sorted_lists(json.loads(said)) if status < 300 and said else said)
            for key, (status, said, *_) in seen.items()}


def assert_same(one, other):
    different = {key: (one[key], other.get(key)) for key in one if one[key] != other.get(key)}
    assert not different, '\n'.join(f'{key}:\n  {a}\n  {b}' for key, (a, b) in different.items())
    assert len(one) == len(other)
