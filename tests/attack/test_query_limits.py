"""Finding 8 (CWE-707) for query strings: so many groups, so many values, numbers of any length, and
work that ends. tests/api/test_queries.py has the plain cases.

Upstream 8.0.0 has none of these limits; it answers 500 to a number beyond 64 bits.
"""
import pytest

from attacking import Wire, assert_refused, nothing_changes, refused, request_bytes
from harness import new_uuid
from operations import GROUP, ROOT

HUGE = ['9223372036854775807', '9223372036854775808', '18446744073709551616',
        '18446744073709551617',
        '1' * 400, '9' * 20_000]
NO_COUNTS = ['0', '-1', '-9223372036854775809', '-' + '9' * 400, '1.5', '1e3', '0x10', '1__0', '_1',
             '1_', '+', '-',
             '%2B-1', 'NaN', 'inf', '%00', '1%00', '1%0a1', '%ff', '%d9', '\u00b2', '\u00bd']


def groups(count):
    return '&'.join(['group_policy=none'] + [f'resources_{number}=VCPU:1'
                                             for number in range(count)])


def test_a_query_may_have_just_so_many_groups(victim):
    assert victim.get('/allocation_candidates?' + groups(128)).status == 200
    for query in (groups(129), groups(128) + '&resources=VCPU:1',
                  groups(128) + '&required_x=CUSTOM_GOLD',
                  groups(2000), groups(128) + f'&in_tree_x={ROOT}',
                  groups(128) + f'&member_of_x={GROUP}'):
        answer = refused(victim.port, (400,), 'GET', '/allocation_candidates?' + query)
        assert 'more than 128 request groups' in answer.error['detail']


def values(count, make):
    return ','.join(make(number) for number in range(count))


LISTS = {
    'member_of': ('member_of=in:{}', lambda number: new_uuid()),
    'not member_of': ('member_of=!in:{}', lambda number: new_uuid()),
    'required': ('required={}', lambda number: f'CUSTOM_{number}'),
    'not required': ('required={}', lambda number: f'!CUSTOM_{number}'),
    'any required': ('required=in:{}', lambda number: f'CUSTOM_{number}'),
    'resources': ('resources={}', lambda number: f'CUSTOM_{number}:1'),
    'one class again and again': ('resources={}', lambda number: f'VCPU:{number + 1}'),
    'one trait again and again': ('required={}', lambda number: 'CUSTOM_GOLD'),
}


@pytest.mark.parametrize('path', ['/resource_providers?',
                                  '/allocation_candidates?resources=VCPU:1&'])
@pytest.mark.parametrize('what', LISTS)
def test_a_parameter_may_have_just_so_many_values(victim, path, what):
    text, make = LISTS[what]
    full = victim.get(path + text.format(values(1000, make)))
    assert full.status == 200 or 'more than' not in full.error['detail']
    for count in (1001, 1500):
        answer = refused(victim.port, (400,), 'GET', path + text.format(values(count, make)))
        assert 'more than 1000' in answer.error['detail']


@pytest.mark.parametrize('path, make', [
    ('/traits?name=in:{}', lambda number: f'T{number}'),
    ('/allocation_candidates?resources_A=VCPU:1&group_policy=none&same_subtree={}',
     lambda number: f'_{number}'),
    ('/allocation_candidates?resources=VCPU:1&root_required={}',
     lambda number: f'CUSTOM_{number}')])
def test_other_lists_are_limited_too(victim, path, make):
    answer = refused(victim.port, (400,), 'GET', path.format(values(1001, make)))
    assert 'more than 1000' in answer.error['detail']


@pytest.mark.parametrize('what, make', [
    ('member_of', lambda number: f'member_of={new_uuid()}'),
    ('required', lambda number: f'required=CUSTOM_{number}')])
def test_a_parameter_that_is_repeated_has_one_limit(victim, what, make):
    for path in ('/resource_providers?', '/allocation_candidates?resources=VCPU:1&'):
        query = '&'.join(make(number) for number in range(1001))
        answer = refused(victim.port, (400,), 'GET', path + query)
        assert 'more than 1000' in answer.error['detail']


@pytest.mark.parametrize('number', HUGE, ids=lambda number: number[:20])
def test_a_number_of_any_length_is_a_number(victim, number):
    """More than there can ever be is nothing found, or 400; as a limit it is none."""
    for path in ('/resource_providers?resources=VCPU:', '/allocation_candidates?resources=VCPU:',
                 '/allocation_candidates?resources=DISK_GB:1&resources1=VCPU:'):
        answer = victim.get(path + number)
        assert answer.status in (200, 400), answer
        if answer.status == 200:
            assert not any(answer.json.get(key) for key in ('resource_providers',
                                                            'allocation_requests'))
        assert len(answer.body) < 4096
    limited = victim.get('/allocation_candidates?resources=VCPU:1&limit=' + number)
    assert limited.body == victim.get('/allocation_candidates?resources=VCPU:1').body


@pytest.mark.parametrize('number', NO_COUNTS, ids=ascii)
def test_what_is_no_count_is_refused(victim, number):
    with nothing_changes(victim.port), Wire(victim.port) as wire:
        for path in ('/resource_providers?resources=VCPU:',
                     '/allocation_candidates?resources=VCPU:',
                     '/allocation_candidates?resources=VCPU:1&limit='):
            answer = wire.ask('GET', path + number)
            if answer.status == 414:
                continue
            assert_refused(answer, (400,))


@pytest.mark.parametrize('key', [
    'resources', 'required', 'member_of', 'in_tree', 'resources1', 'resources_A', 'limit',
    'group_policy', 'root_required', 'same_subtree', 'name', 'uuid', 'project_id'])
def test_no_key_and_no_plain_value_may_end_in_a_line_feed(victim, key):
    with nothing_changes(victim.port), Wire(victim.port) as wire:
        for path in ('/resource_providers', '/allocation_candidates', '/usages', '/traits'):
            for end in ('%0a', '%0d', '%00', '%85', '%c2%85', '%e2%80%a8'):
                answer = wire.ask('GET', f'{path}?{key}{end}=VCPU:1')
                assert_refused(answer, (400,))
        for query in ('resources=VCPU:1&limit=1%0a', 'resources=VCPU:1&group_policy=none%0a',
                      'resources=VCPU%0a:1', 'resources=VCPU:1&required=CUSTOM_GOLD%00',
                      'resources_A%0a=VCPU:1', 'resources1%0a=VCPU:1'):
            assert_refused(wire.ask('GET', '/allocation_candidates?' + query), (400,))
        for query in ('project_id=p&consumer_type=INSTANCE%0a',
                      'project_id=p&consumer_type=all%0a'):
            answer = wire.ask('GET', '/usages?' + query)
            assert answer.status == 400 or answer.json == {'usages': {}}, answer


def wide_tree(api, children):
    root = api.provider()
    for _ in range(children):
        api.provider(parent=root, VCPU=100, MEMORY_MB=100, DISK_GB=100)
    return root


def hard_query(count):
    """Groups that isolate each other from ever more providers, the last of which cannot be had."""
    parts = [f'resources_{number}=VCPU:{number + 1},MEMORY_MB:{count - number},DISK_GB:{number + 7}'
             for number in range(count)]
    return '/allocation_candidates?' + '&'.join(parts) + '&group_policy=isolate'


def test_a_search_that_takes_too_long_is_given_up(make_server):
    api = make_server({'emplace': {'search_work_max': '20000'}}).start()
    wide_tree(api, 12)
    for _ in range(3):
        answer = api.get(hard_query(10))
        assert_refused(answer, (503,))
        assert answer.header('Retry-After')
        assert 'work' in answer.error['detail'] or 'search' in answer.error['detail']
    assert api.get('/allocation_candidates?resources=VCPU:1&limit=3').status == 200
    assert api.get(hard_query(1) + '&limit=3').status == 200


@pytest.mark.parametrize('query', [
    hard_query(10), hard_query(12) + '&limit=1000', hard_query(14),
    '/allocation_candidates?' + groups(5), '/allocation_candidates?' + groups(100)],
    ids=['isolated', 'limited', 'all', 'five', 'hundred'])
def test_with_the_usual_limits_no_search_takes_much_memory(make_server, query):
    """There are billions of candidates. The answer is some of them or 503, soon, and the process
    stays small; before, one such query took gigabytes."""
    server = make_server()
    api = server.start()
    wide_tree(api, 14)
    with Wire(api.port, seconds=60) as one, Wire(api.port, seconds=60) as other:
        for wire in (one, other):
            wire.send(request_bytes('GET', query))
        for wire in (one, other):
            answer = wire.answer()
            assert answer.status == 200 and '&limit=' in query or answer.status == 503, answer
    assert api.get('/').status == 200
    assert peak_bytes(server.process.pid) < 400 << 20
    server.stop()


def peak_bytes(pid):
    """The most memory that a process has had so far."""
    with open(f'/proc/{pid}/status', encoding='ascii') as file:
        kibibytes, = [line.split()[1] for line in file if line.startswith('VmHWM:')]
    return int(kibibytes) << 10
