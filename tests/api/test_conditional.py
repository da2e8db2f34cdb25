"""ETags, preconditions and dates of change."""
import contextlib
import email.utils
import http.client
import socket
import sqlite3
import time

import pytest

from harness import HOST, OWNER, at_once, new_name, new_uuid, read_answer

WRITERS = 8
CODE = 'placement.concurrent_update'
OF_PROVIDER = ['', '/inventories', '/inventories/VCPU', '/usages', '/aggregates', '/traits',
               '/allocations']


def seconds(answer, name='Last-Modified'):
    return email.utils.parsedate_to_datetime(answer.header(name)).timestamp()


def conditional(api, method, path, body=None, version='1.39', **tags):
    """A request with if_match or if_none_match."""
    headers = {name.replace('_', '-'): value for name, value in tags.items()}
    return api.request(method, path, body, version=version, headers=headers)


@pytest.fixture
def thing(api):
    """A provider with something everywhere, and its consumer."""
    made, consumer = api.provider(VCPU=8, DISK_GB=10), new_uuid()
    api.put(f'/resource_providers/{made}/traits', {
        'traits': ['HW_CPU_X86_AVX'], 'resource_provider_generation': 1})
    api.put(f'/resource_providers/{made}/aggregates', {
        'aggregates': [new_uuid(), new_uuid()], 'resource_provider_generation': 2})
    assert api.claim(consumer, {made: {'VCPU': 1}}).status == 204
    return made, consumer


def paths_of(thing):
    made, consumer = thing
    return ([f'/resource_providers/{made}{one}' for one in OF_PROVIDER] +
            [f'/allocations/{consumer}', f'/allocations/{new_uuid()}', '/resource_classes/VCPU'])


@pytest.mark.parametrize('version', ['1.39', '1.14', '1.6'])
def test_every_get_of_one_thing_can_be_asked_for_news(api, thing, version):
    for path in paths_of(thing):
        full = api.get(path, version=version)
        tag = full.header('ETag')
        assert full.status == 200 and len(tag) == 34 and tag[0] == tag[-1] == '"', path
        same = conditional(api, 'GET', path, version=version, if_none_match=tag)
        assert (same.status, same.body) == (304, b''), path
        for name in ('ETag', 'Last-Modified', 'Cache-Control', 'Vary', 'OpenStack-API-Version'):
            assert same.header(name) == full.header(name), (path, name)
        assert (full.header('Last-Modified') is None) == (version != '1.39')
        assert same.header('X-Openstack-Request-Id').startswith('req-')
        assert same.header('Content-Type') is None
        assert same.header('Content-Length') in (None, full.header('Content-Length'))
        assert conditional(api, 'GET', path, version=version, if_none_match='"x"').status == 200


def test_other_answers_have_no_tag(api, thing):
    for path in ('/', '/resource_providers', '/traits', '/resource_classes', '/nowhere',
                 '/usages?project_id=p', '/allocation_candidates?resources=VCPU:1',
                 f'/resource_providers/{new_uuid()}/inventories'):
        assert conditional(api, 'GET', path, if_none_match='*').status in (200, 404)
        assert api.get(path).header('ETag') is None
    answer = api.put(f'/resource_providers/{thing[0]}', {'name': new_uuid()})
    assert (answer.status, answer.header('ETag')) == (200, None)


def test_a_tag_is_that_of_the_bytes(api, thing):
    path = f'/resource_providers/{thing[0]}/aggregates'
    by_version = {version: api.get(path, version=version) for version in ('1.1', '1.18', '1.19')}
    assert by_version['1.1'].header('ETag') == by_version['1.18'].header('ETag')
    assert by_version['1.1'].header('ETag') != by_version['1.19'].header('ETag')


def test_lists_weak_tags_and_stars_are_understood(api, thing):
    path = f'/resource_providers/{thing[0]}/inventories'
    tag = api.get(path).header('ETag')
    for known in (f'"a", {tag}', f'W/"a,b",,W/{tag} ,"c"', '*', f'\t{tag} '):
        assert conditional(api, 'GET', path, if_none_match=known).status == 304, known
    for known in ('"a"', tag[1:-1], f'{tag} x', f'*, {tag}', "'a'", ''):
        assert conditional(api, 'GET', path, if_none_match=known).status == 200, known
    lines = api.raw(f'GET {path} HTTP/1.1\r\nHost: a\r\nX-Auth-Token: admin\r\n'
                    f'OpenStack-API-Version: placement 1.39\r\nConnection: close\r\n'
                    f'If-None-Match: "a"\r\nIf-None-Match: {tag}\r\n\r\n'.encode())
    assert lines.startswith(b'HTTP/1.1 304 Not Modified\r\n')
    assert lines.endswith(b'\r\n\r\n') and lines.count(b'\r\n\r\n') == 1


def test_head_is_no_method_even_with_a_tag(api, thing):
    path = f'/resource_providers/{thing[0]}'
    assert conditional(api, 'HEAD', path, if_none_match='*').status == 405


def test_a_connection_goes_on_after_304(api, thing):
    path = f'/resource_providers/{thing[0]}/inventories'
    full = api.get(path)
    headers = {'X-Auth-Token': 'admin', 'OpenStack-API-Version': 'placement 1.39'}
    connection = http.client.HTTPConnection(HOST, api.port, timeout=20)
    with contextlib.closing(connection):
        connection.request('GET', path, headers=headers)
        assert read_answer(connection).status == 200
        first_socket = connection.sock
        for _ in range(3):
            connection.request('GET', path,
                               headers={**headers, 'If-None-Match': full.header('ETag')})
            assert read_answer(connection).status == 304
        connection.request('GET', path, headers=headers)
        answer = read_answer(connection)
        assert (answer.status, answer.body) == (200, full.body)
        assert connection.sock is first_socket


def test_requests_in_a_row_are_answered_in_a_row(api, thing):
    path = f'/resource_providers/{thing[0]}/inventories'
    full = api.get(path)
    head = (f'GET {path} HTTP/1.1\r\nHost: a\r\nX-Auth-Token: admin\r\n'
            'OpenStack-API-Version: placement 1.39\r\n')
    with socket.create_connection((HOST, api.port), timeout=20) as connection:
        connection.sendall((f'{head}If-None-Match: {full.header("ETag")}\r\n\r\n' +
                            f'{head}Connection: close\r\n\r\n').encode())
        received = b''
        while data := connection.recv(65536):
            received += data
    first, rest = received.split(b'\r\n\r\n', 1)
    assert first.startswith(b'HTTP/1.1 304 ') and rest.startswith(b'HTTP/1.1 200 ')
    assert rest.endswith(b'\r\n\r\n' + full.body)


def test_large_answers_that_are_kept_are_304_too(api):
    made = api.provider()
    names = [new_name('CUSTOM_') for _ in range(60)]
    for name in names:
        assert api.put(f'/traits/{name}').status == 201
    path = f'/resource_providers/{made}/traits'
    api.put(path, {'traits': names, 'resource_provider_generation': 0})
    full = api.get(path)
    assert len(full.body) > 2048
    for _ in range(2):
        assert api.get(path).header('ETag') == full.header('ETag')
        assert conditional(api, 'GET', path, if_none_match=full.header('ETag')).status == 304
    assert api.get(path).body == full.body
    api.put(path, {'traits': names[1:], 'resource_provider_generation': 1})
    assert conditional(api, 'GET', path, if_none_match=full.header('ETag')).status == 200


def test_each_kind_of_write_changes_the_tags_of_what_it_changes(api, thing):
    made, consumer = thing
    paths = paths_of(thing)[:8]
    provider = f'/resource_providers/{made}'

    def changed_by(write):
        before = {path: api.get(path) for path in paths}
        begin = int(time.time())
        answer = write(before[provider].json['generation'])
        assert answer.status in (200, 201, 204), answer
        changed = set()
        for path in paths:
            now = conditional(api, 'GET', path, if_none_match=before[path].header('ETag'))
            assert seconds(now) <= seconds(now, 'Date')
            assert seconds(now) >= seconds(before[path])
            if now.status == 200:
                assert seconds(now) >= begin, f'{path} changed and says when it did not'
                changed.add(path)
                assert now.body != before[path].body
            else:
                assert now.status == 304
                assert before[path].body == api.get(path).body
        return changed

    everything = set(paths)
    assert changed_by(lambda generation: api.put(f'{provider}/inventories', {
        'resource_provider_generation': generation,
        'inventories': {'VCPU': {'total': 99}, 'DISK_GB': {'total': 10}}})) == everything
    assert changed_by(lambda generation: api.put(f'{provider}/traits', {
        'resource_provider_generation': generation, 'traits': []})) == everything
    assert changed_by(lambda generation: api.put(f'{provider}/aggregates', {
        'resource_provider_generation': generation, 'aggregates': []})) == everything
    assert changed_by(lambda _: api.put(f'{provider}/aggregates', [new_uuid()],
                                        version='1.18')) == {f'{provider}/aggregates'}
    assert changed_by(lambda _: api.delete(f'{provider}/inventories/DISK_GB')) == everything
    assert changed_by(lambda _: api.put(provider, {'name': new_uuid()})) == {provider}
    other = new_uuid()
    assert changed_by(lambda _: api.claim(other, {made: {'VCPU': 2}})) == everything
    of_claims = {f'{provider}/usages', f'{provider}/allocations'}
    assert changed_by(lambda _: api.delete(f'/allocations/{other}')) == of_claims
    assert changed_by(lambda _: api.post('/allocations', {consumer: {
        'allocations': {made: {'resources': {'VCPU': 3}}}, 'consumer_generation': 1,
        **OWNER}})) == everything
    assert changed_by(lambda _: api.delete(f'/allocations/{consumer}')) == of_claims | {paths[-1]}
    assert changed_by(lambda _: api.put(f'/traits/{new_name("CUSTOM_")}')) == set()


def check_one_winner(answers):
    statuses = sorted(answer.status for answer in answers)
    assert statuses[0] in (200, 204) and statuses[1:] == [412] * (WRITERS - 1)
    for answer in answers:
        if answer.status == 412:
            assert answer.error['title'] == 'Precondition Failed'
            assert answer.error.get('code', CODE) == CODE
    return [answer.status != 412 for answer in answers].index(True)


def test_of_many_writers_with_one_tag_exactly_one_wins(api, thing):
    """Before 1.19 aggregates have no generation, so that only a tag keeps one from the other."""
    path = f'/resource_providers/{thing[0]}/aggregates'
    tag = api.get(path, version='1.18').header('ETag')
    groups = [new_uuid() for _ in range(WRITERS)]
    winner = check_one_winner(at_once(WRITERS, lambda number: conditional(
        api, 'PUT', path, [groups[number]], version='1.18', if_match=tag)))
    assert api.get(path).json['aggregates'] == [groups[winner]]


def test_of_many_claims_with_one_tag_exactly_one_wins(api, thing):
    """Before 1.28 the API sends no generation of a consumer."""
    made, consumer = thing
    path = f'/allocations/{consumer}'
    tag = api.get(path, version='1.27').header('ETag')
    winner = check_one_winner(at_once(WRITERS, lambda number: conditional(api, 'PUT', path, {
        'allocations': {made: {'resources': {'DISK_GB': number + 1}}}, 'project_id': 'p',
        'user_id': 'u'}, version='1.27', if_match=tag)))
    assert api.used(made) == {'VCPU': 0, 'DISK_GB': winner + 1}


def test_a_deletion_and_claims_with_one_tag_exclude_each_other(api, thing):
    made, consumer = thing
    path = f'/allocations/{consumer}'
    tag = api.get(path).header('ETag')
    body = {'allocations': {made: {'resources': {'VCPU': 4}}}, 'consumer_generation': 1, **OWNER}

    def work(number):
        if number == 0:
            return conditional(api, 'DELETE', path, if_match=tag)
        return conditional(api, 'PUT', path, body, if_match=tag)

    winner = check_one_winner(at_once(WRITERS, work))
    assert api.used(made)['VCPU'] == (4 if winner else 0)
    if winner == 0:
        assert conditional(api, 'DELETE', path, if_match=tag).status == 404


def test_a_stale_tag_changes_nothing(api, thing):
    path = f'/resource_providers/{thing[0]}/inventories'
    before = api.get(path)
    body = {'resource_provider_generation': before.json['resource_provider_generation'],
            'inventories': {'VCPU': {'total': 77}}}
    for tags in ('"x"', f'W/{before.header("ETag")}', ''):
        answer = conditional(api, 'PUT', path, body, if_match=tags)
        assert answer.status == 412, answer
        assert answer.header('Vary') == 'openstack-api-version'
    assert conditional(api, 'PUT', path, body, if_none_match='*').status == 412
    assert conditional(api, 'DELETE', path, if_match='"x"').status == 412
    for name in ('if_match', 'if_none_match'):
        answer = conditional(api, 'PUT', path, body, **{name: 'unquoted'})
        assert answer.status == 400 and 'malformed' in answer.error['detail']
    assert api.get(path).body == before.body
    older = conditional(api, 'PUT', path, body, version='1.22', if_match='"x"')
    assert (older.status, older.error.get('code')) == (412, None)
    tags = f'"y", {before.header("ETag")}'
    assert conditional(api, 'PUT', path, body, if_match=tags).status == 200


def test_what_is_not_there_and_what_nobody_may_see(api, thing):
    missing = f'/resource_providers/{new_uuid()}'
    body = {'resource_provider_generation': 0, 'inventories': {}}
    assert conditional(api, 'PUT', f'{missing}/inventories', body, if_match='*').status == 404
    assert conditional(api, 'DELETE', missing, if_match='"x"').status == 404
    path = f'/resource_providers/{thing[0]}'
    answer = api.delete(path, token='nobody', roles='nobody', headers={'If-Match': '"x"'})
    assert answer.status == 403
    claim = {'allocations': {thing[0]: {'resources': {'VCPU': 1}}}, 'consumer_generation': None,
             **OWNER}
    path = f'/allocations/{new_uuid()}'
    assert conditional(api, 'PUT', path, claim, if_match='*').status == 412
    assert conditional(api, 'PUT', path, claim, if_none_match='*').status == 204
    claim['consumer_generation'] = 1
    assert conditional(api, 'PUT', path, claim, if_none_match='*').status == 412
    assert conditional(api, 'PUT', path, claim, if_match='*').status == 204
    claim['consumer_generation'] = None
    assert conditional(api, 'POST', '/allocations', {new_uuid(): claim}, if_match='*').status == 412


def test_an_unchanged_answer_keeps_its_tag_and_time_over_a_restart(make_server):
    server = make_server()
    api = server.start()
    name = new_name('CUSTOM_')
    assert api.put(f'/resource_classes/{name}').status == 201
    made = api.provider(VCPU=8, **{name: 3})
    child = api.provider(parent=made, VCPU=1)
    groups = sorted(new_uuid() for _ in range(5))
    for uuid, some in ((made, groups[::-1]), (child, groups[2:])):
        assert api.put(f'/resource_providers/{uuid}/aggregates', {
            'aggregates': some, 'resource_provider_generation': 1}).status == 200
    traits = [new_name('CUSTOM_') for _ in range(5)]
    for trait in traits:
        api.put(f'/traits/{trait}')
    assert api.put(f'/resource_providers/{made}/traits', {
        'traits': traits[::-1], 'resource_provider_generation': 2}).status == 200
    claims = [{made: {name: 1, 'VCPU': 1}}, {made: {'VCPU': 1, name: 1}}, {child: {'VCPU': 1}},
              {made: {'VCPU': 2}}]
    consumers = [new_uuid() for _ in claims]
    for consumer, claim in zip(consumers, claims):
        assert api.claim(consumer, claim).status == 204
    paths = [f'/resource_providers/{uuid}{one}' for uuid in (made, child) for one in OF_PROVIDER]
    paths += [f'/allocations/{consumer}' for consumer in consumers]
    before = {path: api.get(path) for path in paths}
    server.stop()
    api = server.start()
    for path in paths:
        now = api.get(path)
        assert now.header('ETag') == before[path].header('ETag'), (path, before[path], now)
        if path.endswith(('/usages', '/allocations')) and 'resource_providers' in path:
            assert seconds(now) >= seconds(before[path])
        else:
            assert now.header('Last-Modified') == before[path].header('Last-Modified'), path


def test_last_modified_stays_until_something_changes(api, thing):
    paths = paths_of(thing) + ['/', '/resource_providers', '/traits', '/resource_classes',
                               '/usages?project_id=p', '/allocation_candidates?resources=VCPU:1',
                               f'/resource_providers?name={new_uuid()}',
                               '/traits?name=startswith:CUSTOM_NONE']
    before = {path: api.get(path).header('Last-Modified') for path in paths}
    second = int(time.time())
    while int(time.time()) == second:
        time.sleep(0.01)
    for path in paths:
        assert api.get(path).header('Last-Modified') == before[path], path


def test_lists_do_not_grow_younger_when_their_newest_member_goes(api):
    for path, make, remove in (
            ('/traits', lambda name: api.put(f'/traits/{name}'), '/traits/'),
            ('/resource_classes', lambda name: api.put(f'/resource_classes/{name}'),
             '/resource_classes/'),
            ('/resource_providers', lambda name: api.post(
                '/resource_providers', {'name': name, 'uuid': name}), '/resource_providers/')):
        name = new_uuid() if 'providers' in path else new_name('CUSTOM_')
        assert make(name).status in (200, 201)
        made = seconds(api.get(path))
        begin = int(time.time())
        assert api.delete(remove + name).status == 204
        assert seconds(api.get(path)) >= max(made, begin)


def test_a_new_root_is_a_change_of_all_below(api):
    top, other = api.provider(), api.provider()
    middle = api.provider(parent=top)
    leaf = api.provider(parent=middle)
    path = f'/resource_providers/{leaf}'
    before = api.get(path)
    begin = int(time.time())
    assert api.put(f'/resource_providers/{middle}', {
        'name': middle, 'parent_provider_uuid': other}).status == 200
    now = conditional(api, 'GET', path, if_none_match=before.header('ETag'))
    assert (now.status, now.json['root_provider_uuid']) == (200, other)
    assert seconds(now) >= begin


def test_a_database_of_a_clock_that_is_ahead_shows_no_future(make_server):
    server = make_server()
    api = server.start()
    made, consumer = api.provider(VCPU=8), new_uuid()
    assert api.claim(consumer, {made: {'VCPU': 1}}).status == 204
    server.stop()
    database = sqlite3.connect(server.database)
    with contextlib.closing(database):
        for table in ('resource_providers', 'inventories', 'allocations', 'consumers', 'traits',
                      'resource_classes'):
            database.execute(f"UPDATE {table} SET created_at = '2099-01-01 00:00:00.000000', "
                             "updated_at = '2099-01-01 00:00:00.000000'")
        database.commit()
    api = server.start()
    lists = ['/traits', '/resource_classes', '/resource_providers', '/traits/HW_CPU_X86_AVX']
    for path in paths_of((made, consumer)) + lists:
        answer = api.get(path)
        assert seconds(answer) <= seconds(answer, 'Date'), path
        assert 'Last-Modified' in answer.headers and '2099' not in answer.header('Last-Modified')


EVIL = ['a%0d%0aX-Evil:%201', 'a%0aX-Evil:%201', 'a%0dX-Evil:%201', 'a%00b', 'a%e2%80%a8b', 'a%7fb']


@pytest.mark.parametrize('evil', EVIL)
def test_no_path_can_break_a_line_of_the_head(api, evil):
    for method in ('GET', 'PUT', 'DELETE'):
        for path in ('/traits/', '/resource_classes/', '/resource_providers/', '/allocations/'):
            answer = api.request(method, path + evil, {} if method == 'PUT' else None)
            assert answer.status >= 400 or (method, path) == ('GET', '/allocations/')
            assert answer.header('X-Evil') is None
            for value in answer.headers.values():
                assert not any(ord(one) < 0x20 or one == '\x7f' for one in value)


def test_no_body_can_break_a_line_of_the_head(api):
    for evil in ('a\r\nX-Evil: 1', 'a\nX-Evil: 1', 'a\rX-Evil: 1', 'a\0b'):
        for path, body in (('/resource_providers', {'name': evil}),
                           ('/resource_classes', {'name': 'CUSTOM_' + evil})):
            answer = api.post(path, body)
            assert (answer.status, answer.header('X-Evil')) == (400, None)


def test_no_header_can_break_a_line_of_the_head(make_server):
    api = make_server({'cors': {'allowed_origin': '*'},
                       'oslo_middleware': {'enable_proxy_headers_parsing': 'true'}}).start()
    name = new_name('CUSTOM_')
    for header in ('Host', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'Forwarded', 'Origin',
                   'X-Openstack-Request-Id', 'If-None-Match', 'If-Match'):
        for evil in (b'a\rX-Evil: 1', b'a\nX-Evil: 1', b'a\0b', b'a\r X-Evil: 1', b'host=a\x0bb'):
            host = b'' if header == 'Host' else b'Host: a\r\n'
            received = api.raw(f'PUT /traits/{name} HTTP/1.1\r\nX-Auth-Token: admin\r\n'
                               'OpenStack-API-Version: placement 1.39\r\nConnection: close\r\n'
                               .encode() + host + header.encode() + b': ' + evil + b'\r\n\r\n')
            head = received.split(b'\r\n\r\n', 1)[0]
            assert head.startswith(b'HTTP/1.1 400 '), (header, evil, head)
            assert b'\nX-Evil' not in head and b'\rX-Evil' not in head and b'\0' not in head
