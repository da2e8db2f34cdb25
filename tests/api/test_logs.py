"""The log: its lines, as text and as JSON."""
import json
import re

from harness import free_port, new_uuid, read_from

PREFIX = (r'^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \d+ (?P<level>[A-Z]+) (?P<logger>\S+) '
          r'\[(?P<context>[^\]]*)\] (?P<message>.*)$')
ACCESS = (r'^(?P<peer>\S+) "(?P<method>\S+) (?P<uri>.*)" status: (?P<status>\d+) '
          r'len: (?P<len>\d+) microversion: (?P<version>\S+)$')


def access_lines(text, word):
    """The parts of the access lines that have this word in their URI."""
    found = []
    for line in text.splitlines():
        prefix = re.match(PREFIX, line)
        assert prefix, line
        access = re.match(ACCESS, prefix['message'])
        if access and word in access['uri']:
            found.append({**prefix.groupdict(), **access.groupdict()})
    return found


def test_an_access_line_tells_what_was_asked_and_answered(server, api):
    word = new_uuid()
    answer = api.get(f'/resource_providers?name={word}', token='boss:hq', roles='admin')
    line, = access_lines(server.log(), word)
    assert line['peer'] == '127.0.0.1'
    assert line['level'] == 'INFO'
    assert line['logger'] == 'placement.requestlog'
    assert (line['method'], line['uri']) == ('GET', f'/resource_providers?name={word}')
    assert (line['status'], line['len'], line['version']) == ('200', str(len(answer.body)), '1.39')
    request_id, user, project = line['context'].split(' ')[1:4]
    assert request_id == answer.header('x-openstack-request-id')
    assert (user, project) == ('boss', 'hq')


def test_refusals_have_access_lines_too(server, api):
    for options, status, version in (({'token': None}, '401', '-'),
                                     ({'version': '1.40'}, '406', '-'),
                                     ({'token': 'someone'}, '403', '1.39')):
        word = new_uuid()
        api.get(f'/resource_providers/{word}', **options)
        line, = access_lines(server.log(), word)
        assert (line['status'], line['version']) == (status, version)


def test_a_global_request_id_is_logged_if_it_is_one(server, api):
    for given, logged in ((f'req-{new_uuid()}', True), ('req-junk', False), ('evil] [', False)):
        word = new_uuid()
        api.get(f'/resource_providers?name={word}', headers={'X-Openstack-Request-Id': given})
        line, = access_lines(server.log(), word)
        assert (given in line['context']) == logged


def test_a_token_is_never_logged(server, api):
    secret = new_uuid()
    api.get('/resource_providers', headers={'X-Service-Token': secret})
    assert secret not in server.log()


def test_nobody_can_start_a_line_of_the_log(server, api):
    word = new_uuid()
    api.get(f'/resource_providers?name={word}%0d%0a2026-01-01%20forged', token='a\tb')
    api.raw(b'GET /resource_providers?name=%s\x1b[31m\xe2\x80\xa8 HTTP/1.1\r\nHost: x\r\n'
            b'Connection: close\r\n\r\n' % word.encode())
    lines = server.log().splitlines()
    assert not any(line.startswith('2026-01-01 forged') for line in lines)
    assert all(re.match(PREFIX, line) for line in lines)
    assert '\x1b' not in server.log()


def test_a_very_long_target_does_not_fill_the_log(server, api):
    word = new_uuid()
    api.get(f'/resource_providers?name={word}' + 'x' * 20000)
    line, = access_lines(server.log(), word)
    assert len(line['uri']) < 4096


def test_lines_can_be_json(make_server, tmp_path):
    log = str(tmp_path / 'emplace.log')
    server = make_server({'DEFAULT': {'log_file': log, 'use_json': 'true'}})
    api = server.start(log_file=log)
    answer = api.get('/resource_providers?name=%0a"', token='boss:hq', roles='admin')
    server.stop()
    lines = [json.loads(line) for line in read_from(log).splitlines()]
    access, = [line for line in lines if line['name'] == 'placement.requestlog']
    assert access['levelname'] == 'INFO'
    assert access['process'] == server.process.pid
    assert 'status: 200' in access['message']
    assert access['context']['request_id'] == answer.header('x-openstack-request-id')
    assert {'asctime', 'levelno', 'hostname', 'created'} <= set(access)
    assert server.log() == '', 'with a file, stderr stays quiet'


def test_a_log_folder_gets_a_file(make_server, tmp_path):
    server = make_server({'DEFAULT': {'log_dir': str(tmp_path)}})
    server.start(log_file=str(tmp_path / 'emplace.log')).get('/')
    assert b'"GET /" status: 200' in read_from(tmp_path / 'emplace.log')


def test_a_level_can_hide_access_lines(make_server):
    server = make_server({'DEFAULT': {'default_log_levels': 'placement=WARN'}})
    server.start_quietly(free_port())
    server.stop()
    assert 'requestlog' not in server.log()
