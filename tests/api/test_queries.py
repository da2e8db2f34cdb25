"""Query strings."""
import pytest

from harness import new_name, new_uuid

AVX, SSE = 'HW_CPU_X86_AVX', 'HW_CPU_X86_SSE'


def found(api, query, **options):
    answer = api.get(f'/resource_providers?{query}', **options)
    assert answer.status == 200, answer
    return sorted(one['uuid'] for one in answer.json['resource_providers'])


@pytest.mark.parametrize('query', [
    'junk=1', 'NAME=a', '%ff=1', 'name=%ff', 'name=%ed%a0%80', 'uuid=junk', 'uuid=', 'in_tree=junk',
    'resources=VCPU', 'resources=VCPU:', 'resources=VCPU:0', 'resources=VCPU:-1',
    'resources=VCPU:x',
    'resources=VCPU:1.5', 'resources=VCPU:1,', 'resources=,', 'resources=:1', 'resources=NONE:1',
    'resources=VCPU:1:2', 'resources=VCPU%20:1', 'resources=VCPU:99999999999999999999',
    'required=', 'required=NONE', 'required=,', 'required=!', 'required=in:', f'required={AVX},',
    'member_of=junk', 'member_of=', 'member_of=in:', 'member_of=in:junk', 'member_of=!'])
def test_a_provider_filter_that_makes_no_sense_is_refused(api, query):
    answer = api.get(f'/resource_providers?{query}')
    assert answer.status == 400
    assert answer.error['title'] == 'Bad Request'


@pytest.mark.parametrize('query', [
    '', 'junk=1', 'resources=', 'resources=VCPU:1&limit=0', 'resources=VCPU:1&limit=x',
    'resources=VCPU:1&limit=-1', 'resources=VCPU:1&limit=abc&limit=1',
    'resources=VCPU:1&group_policy=junk', 'resources1=VCPU:1&resources2=VCPU:1',
    'resources=VCPU:1&required1=HW_CPU_X86_AVX', 'resources=VCPU:1&member_of1=junk',
    'resources=VCPU:1&root_required=in:HW_CPU_X86_AVX,HW_CPU_X86_SSE',
    'resources=VCPU:1&resources%0A=VCPU:1', 'resources_%C3%A4=VCPU:1',
    'resources_' + 'A' * 65 + '=VCPU:1',
    'resources_A=VCPU:1&same_subtree=_A,_B&group_policy=none',
    'resources=VCPU:99999999999999999999', 'resources=VCPU:1&in_tree=junk',
    'resources=VCPU:1&required=HW_CPU_X86_AVX,!HW_CPU_X86_AVX'])
def test_a_candidates_query_that_makes_no_sense_is_refused(api, query):
    answer = api.get(f'/allocation_candidates?{query}')
    assert answer.status == 400, answer


@pytest.mark.parametrize('query', ['uuid=1', 'project_id=', 'project_id=' + 'x' * 256, '',
                                   'project_id=p&junk=1', 'project_id=p&consumer_type=unknown2',
                                   'project_id=p&consumer_type=lower', 'user_id=u'])
def test_a_usages_query_that_makes_no_sense_is_refused(api, query):
    assert api.get(f'/usages?{query}').status == 400


def test_a_semicolon_parts_parameters(api):
    made = api.provider()
    assert found(api, f'name={made};uuid={made}') == [made]


def test_the_last_of_a_repeated_name_counts(api):
    made = api.provider()
    assert found(api, f'name=other&name={made}') == [made]
    assert found(api, f'name={made}&name=other') == []


def test_a_plus_is_a_space_and_a_percent_sign_may_stand_alone(api):
    name = new_name('a b%z')
    made = api.provider(name=name)
    assert found(api, 'name=' + name.replace(' ', '+')) == [made]
    assert found(api, 'name=' + name.replace('%', '%25').replace(' ', '%20')) == [made]


def test_a_name_alone_is_no_filter(api):
    made = api.provider()
    assert made in found(api, 'name')
    assert made in found(api, 'name=')


def test_filters_add_up(api):
    aggregate = new_uuid()
    big, small = api.provider(VCPU=8), api.provider(VCPU=2)
    for one in (big, small):
        answer = api.put(f'/resource_providers/{one}/aggregates',
                         {'aggregates': [aggregate], 'resource_provider_generation': 1})
        assert answer.status == 200
    assert api.put(f'/resource_providers/{small}/traits',
                   {'traits': [AVX], 'resource_provider_generation': 2}).status == 200
    group = f'member_of={aggregate}'
    assert found(api, group) == sorted([big, small])
    assert found(api, f'{group}&resources=VCPU:4') == [big]
    assert found(api, f'{group}&resources=VCPU:1_0') == []
    assert found(api, f'{group}&resources=VCPU:%2B4') == [big]
    assert found(api, f'{group}&required={AVX}') == [small]
    assert found(api, f'{group}&required=!{AVX}') == [big]
    assert found(api, f'{group}&required=in:{AVX},{SSE}') == [small]
    assert found(api, f'{group}&required={AVX}&required={SSE}') == []
    assert found(api, f'{group}&required={SSE}&required={AVX}', version='1.38') == [small]
    assert found(api, f'{group}&resources=VCPU:4&required={AVX}') == []
    assert found(api, f'{group}&name={big}') == [big]
    assert found(api, f'{group}&in_tree={small}') == [small]
    assert found(api, f'{group}&member_of=!{aggregate}') == []
    assert found(api, f'member_of=in:{aggregate},{new_uuid()}') == sorted([big, small])


def test_traits_are_filtered(api):
    prefix = new_name('CUSTOM_')
    one, other = prefix + '_A', prefix + '_B'
    for name in (one, other):
        assert api.put(f'/traits/{name}').status == 201
    def traits(query):
        answer = api.get(f'/traits?{query}')
        assert answer.status == 200
        return sorted(answer.json['traits'])
    assert traits(f'name=startswith:{prefix}') == [one, other]
    assert traits(f'name=in:{one},NONE') == [one]
    assert traits(f'name=startswith:{prefix}&associated=true') == []
    assert traits(f'name=startswith:{prefix}&associated=false') == [one, other]
    made = api.provider()
    assert api.put(f'/resource_providers/{made}/traits',
                   {'traits': [one], 'resource_provider_generation': 0}).status == 200
    assert traits(f'name=startswith:{prefix}&associated=true') == [one]
    assert api.delete(f'/traits/{one}').status == 409
    assert api.delete(f'/traits/{other}').status == 204
    assert api.get('/traits?associated=maybe').status == 400


def test_usages_are_counted_by_project_user_and_type(api):
    made, project = api.provider(VCPU=8, DISK_GB=100), new_name('project')
    for kind, user, amounts in (('INSTANCE', 'a', {'VCPU': 1}), ('MIGRATION', 'a', {'VCPU': 2}),
                                ('INSTANCE', 'b', {'VCPU': 4, 'DISK_GB': 10})):
        assert api.claim(new_uuid(), {made: amounts}, project_id=project, user_id=user,
                         consumer_type=kind).status == 204
    path = f'/usages?project_id={project}'
    assert api.get(path, version='1.37').json == {'usages': {'VCPU': 7, 'DISK_GB': 10}}
    assert api.get(path).json == {'usages': {
        'INSTANCE': {'VCPU': 5, 'DISK_GB': 10, 'consumer_count': 2},
        'MIGRATION': {'VCPU': 2, 'consumer_count': 1}}}
    assert api.get(f'{path}&user_id=a').json == {'usages': {
        'INSTANCE': {'VCPU': 1, 'consumer_count': 1},
        'MIGRATION': {'VCPU': 2, 'consumer_count': 1}}}
    assert api.get(f'{path}&consumer_type=MIGRATION').json == {'usages': {
        'MIGRATION': {'VCPU': 2, 'consumer_count': 1}}}
    assert api.get(f'{path}&consumer_type=all').json == {'usages': {
        'all': {'VCPU': 7, 'DISK_GB': 10, 'consumer_count': 3}}}
    assert api.get(f'/usages?project_id={new_uuid()}').json == {'usages': {}}


def test_a_limit_limits_candidates(api):
    trait = new_name('CUSTOM_')
    assert api.put(f'/traits/{trait}').status == 201
    for _ in range(4):
        made = api.provider(VCPU=8)
        assert api.put(f'/resource_providers/{made}/traits',
                       {'traits': [trait], 'resource_provider_generation': 1}).status == 200
    path = f'/allocation_candidates?resources=VCPU:1&required={trait}'
    def counts(query):
        body = api.get(path + query).json
        return len(body['allocation_requests']), len(body['provider_summaries'])
    assert counts('') == (4, 4)
    assert counts('&limit=3') == (3, 3)
    assert counts('&limit=100') == (4, 4)


def test_a_very_long_target_is_told_so(api):
    answer = api.get('/resource_providers?name=' + 'x' * 70000)
    assert answer.status == 414
    assert answer.error['status'] == 414


def test_too_many_headers_are_told_so(api):
    answer = api.get('/', headers={f'X-{number}': 'x' for number in range(101)})
    assert answer.status == 431
    assert answer.error['status'] == 431


@pytest.mark.parametrize('query', ['required=in:' + ','.join(['HW_CPU_X86_AVX'] * 1001),
                                   'member_of=in:' + ','.join([new_uuid()] * 1001)],
                         ids=['traits', 'aggregates'])
def test_too_many_values_are_refused(api, query):
    assert api.get(f'/resource_providers?{query}').status == 400
    assert api.get(f'/allocation_candidates?resources=VCPU:1&{query}').status == 400
