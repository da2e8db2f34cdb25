"""A small world, and a valid request for every operation of the API at every microversion that
changed it. The attacks bend these; the names are the same in every run."""
from collections import namedtuple

ROOT, CHILD, SHARE, SPARE = (f'{n}{n}aaaaaa-0000-4000-8000-00000000000{n}' for n in 'abcd')
GROUP, OTHER_GROUP = (f'e{n}aaaaaa-0000-4000-8000-000000000000' for n in '12')
SERVER, VOLUME, NOBODY = (f'f{n}bbbbbb-0000-4000-8000-000000000000' for n in '123')
UNKNOWN = 'deadbeef-0000-4000-8000-000000000000'
OWNER = {'project_id': 'p', 'user_id': 'u'}
NEWEST = 39

# `body`: JSON, or None for none. `first`, `last`: the minor versions that it is valid at.
Operation = namedtuple('Operation', 'method path body first last')


def build_world(api):
    """Makes the world on a fresh server: a tree, a sharing provider, a spare one, two consumers."""
    def must(answer):
        assert answer.status in (200, 201, 204), answer
        return answer

    must(api.put('/traits/CUSTOM_GOLD'))
    must(api.put('/traits/CUSTOM_SPARE'))
    must(api.put('/resource_classes/CUSTOM_FPGA'))
    must(api.put('/resource_classes/CUSTOM_SPARE'))
    inventories = {ROOT: {'VCPU': {'total': 8}, 'MEMORY_MB': {'total': 4096, 'reserved': 512}},
                   CHILD: {'CUSTOM_FPGA': {'total': 4}}, SHARE: {'DISK_GB': {'total': 1000}},
                   SPARE: {'VCPU': {'total': 4}}}
    for name, items in inventories.items():
        parent = {'parent_provider_uuid': ROOT} if name == CHILD else {}
        must(api.post('/resource_providers', {'name': f'name-{name[:2]}', 'uuid': name, **parent}))
        path = f'/resource_providers/{name}'
        must(api.put(path + '/inventories',
                     {'resource_provider_generation': 0, 'inventories': items}))
        must(api.put(path + '/aggregates',
                     {'resource_provider_generation': 1, 'aggregates': [GROUP]}))
        traits = ['MISC_SHARES_VIA_AGGREGATE'] if name == SHARE else ['CUSTOM_GOLD']
        must(api.put(path + '/traits', {'resource_provider_generation': 2, 'traits': traits}))
    for consumer, claims in ((SERVER, {ROOT: {'VCPU': 1, 'MEMORY_MB': 64}}),
                             (VOLUME, {SHARE: {'DISK_GB': 10}})):
        must(api.claim(consumer, claims))


def entry(minor, resources, generation):
    """One consumer's part of a claim, in the form of that version. {provider: {class: amount}}"""
    if minor < 12:
        body = {'allocations': [{'resource_provider': {'uuid': provider}, 'resources': amounts}
                                for provider, amounts in resources.items()]}
    else:
        body = {'allocations': {provider: {'resources': amounts}
                                for provider, amounts in resources.items()}}
    if minor >= 8:
        body.update(OWNER)
    if minor >= 28:
        body['consumer_generation'] = generation
    if minor >= 34:
        body['mappings'] = {'': list(resources)}
    if minor >= 38:
        body['consumer_type'] = 'INSTANCE'
    return body


def reads():
    provider = f'/resource_providers/{ROOT}'
    since = [
        (0, '/'), (0, '/resource_providers'), (0, f'/resource_providers?uuid={ROOT}'),
        (0, '/resource_providers?name=name-aa'), (3, f'/resource_providers?member_of={GROUP}'),
        (4, '/resource_providers?resources=VCPU:1,MEMORY_MB:64'),
        (14, f'/resource_providers?in_tree={CHILD}'),
        (18, '/resource_providers?required=CUSTOM_GOLD'),
        (22, '/resource_providers?required=!CUSTOM_GOLD'),
        (32, f'/resource_providers?member_of=!in:{GROUP},{OTHER_GROUP}'),
        (39, '/resource_providers?required=in:CUSTOM_GOLD,HW_CPU_X86_AVX'),
        (0, provider), (0, provider + '/inventories'), (0, provider + '/inventories/VCPU'),
        (0, provider + '/usages'), (0, provider + '/allocations'), (1, provider + '/aggregates'),
        (6, provider + '/traits'), (0, f'/allocations/{SERVER}'), (0, f'/allocations/{NOBODY}'),
        (2, '/resource_classes'), (2, '/resource_classes/VCPU'), (6, '/traits'),
        (6, '/traits?name=startswith:CUSTOM_'), (6, '/traits?name=in:CUSTOM_GOLD,HW_CPU_X86_AVX'),
        (6, '/traits?associated=true'), (6, '/traits/CUSTOM_GOLD'), (9, '/usages?project_id=p'),
        (9, '/usages?project_id=p&user_id=u'), (38, '/usages?project_id=p&consumer_type=INSTANCE'),
        (10, '/allocation_candidates?resources=VCPU:1'),
        (16, '/allocation_candidates?resources=VCPU:1,DISK_GB:5&limit=3'),
        (17, '/allocation_candidates?resources=VCPU:1&required=CUSTOM_GOLD'),
        (21, f'/allocation_candidates?resources=VCPU:1&member_of=in:{GROUP},{OTHER_GROUP}'),
        (25, '/allocation_candidates?resources=VCPU:1&resources1=DISK_GB:5'
             '&resources2=CUSTOM_FPGA:1&group_policy=isolate'),
        (31, f'/allocation_candidates?resources=VCPU:1&in_tree={ROOT}'),
        (33, '/allocation_candidates?resources_A=VCPU:1&resources_B=CUSTOM_FPGA:1'
             '&required_A=CUSTOM_GOLD&group_policy=none'),
        (35, '/allocation_candidates?resources=VCPU:1&root_required=CUSTOM_GOLD'),
        (36, '/allocation_candidates?resources_A=VCPU:1&required_B=CUSTOM_GOLD'
             '&same_subtree=_A,_B&group_policy=none'),
        (39, '/allocation_candidates?resources=VCPU:1&required=in:CUSTOM_GOLD,HW_CPU_X86_AVX'
             '&required=!HW_CPU_X86_SSE'),
    ]
    return [Operation('GET', path, None, first, NEWEST) for first, path in since]


def writes():
    spare = f'/resource_providers/{SPARE}'
    inventory = {'total': 16, 'reserved': 1, 'min_unit': 1, 'max_unit': 8, 'step_size': 1,
                 'allocation_ratio': 2.5}
    made = [
        Operation('POST', '/resource_providers', {'name': 'new', 'uuid': UNKNOWN}, 0, NEWEST),
        Operation('POST', '/resource_providers',
                  {'name': 'new', 'uuid': UNKNOWN, 'parent_provider_uuid': ROOT}, 14, NEWEST),
        Operation('PUT', spare, {'name': 'renamed'}, 0, NEWEST),
        Operation('PUT', spare, {'name': 'moved', 'parent_provider_uuid': ROOT}, 14, NEWEST),
        Operation('DELETE', spare, None, 0, NEWEST),
        Operation('POST', spare + '/inventories', {'resource_class': 'DISK_GB', **inventory}, 0,
                  NEWEST),
        Operation('PUT', spare + '/inventories',
                  {'resource_provider_generation': 3, 'inventories': {'VCPU': inventory}}, 0,
                  NEWEST),
        Operation('DELETE', spare + '/inventories', None, 5, NEWEST),
        Operation('PUT', spare + '/inventories/VCPU',
                  {'resource_provider_generation': 3, **inventory}, 0, NEWEST),
        Operation('DELETE', spare + '/inventories/VCPU', None, 0, NEWEST),
        Operation('PUT', spare + '/aggregates', [GROUP, OTHER_GROUP], 1, 18),
        Operation('PUT', spare + '/aggregates',
                  {'resource_provider_generation': 3, 'aggregates': [OTHER_GROUP]}, 19, NEWEST),
        Operation('PUT', spare + '/traits',
                  {'resource_provider_generation': 3, 'traits': ['CUSTOM_GOLD']}, 6, NEWEST),
        Operation('DELETE', spare + '/traits', None, 6, NEWEST),
        Operation('POST', '/resource_classes', {'name': 'CUSTOM_NEW'}, 2, NEWEST),
        Operation('PUT', '/resource_classes/CUSTOM_SPARE', {'name': 'CUSTOM_OTHER'}, 2, 6),
        Operation('PUT', '/resource_classes/CUSTOM_NEW', None, 7, NEWEST),
        Operation('DELETE', '/resource_classes/CUSTOM_SPARE', None, 2, NEWEST),
        Operation('PUT', '/traits/CUSTOM_NEW', None, 6, NEWEST),
        Operation('DELETE', '/traits/CUSTOM_SPARE', None, 6, NEWEST),
        Operation('DELETE', f'/allocations/{SERVER}', None, 0, NEWEST),
    ]
    for first, last in ((0, 7), (8, 11), (12, 27), (28, 33), (34, 37), (38, NEWEST)):
        made.append(Operation('PUT', f'/allocations/{NOBODY}',
                              entry(last, {SPARE: {'VCPU': 1}}, None), first, last))
    for first, last in ((13, 27), (28, 33), (34, 37), (38, NEWEST)):
        made.append(Operation('POST', '/allocations', {
            SERVER: entry(last, {ROOT: {'VCPU': 2}}, 1),
            NOBODY: entry(last, {SPARE: {'VCPU': 1}}, None)}, first, last))
    for first, last in ((30, 33), (34, 37), (38, NEWEST)):
        made.append(Operation('POST', '/reshaper', {
            'inventories': {SPARE: {'resource_provider_generation': 3,
                                    'inventories': {'VCPU': {'total': 4}}}},
            'allocations': {NOBODY: entry(last, {SPARE: {'VCPU': 1}}, None)}}, first, last))
    return made


def operations():
    return reads() + writes()
