"""No input makes a line of the log, ends one, or looks like another part of one.

Upstream 8.0.0 writes the path decoded: %0d%0a starts a line.
"""
import json
import re

import pytest

from attacking import Wire, request_bytes
from harness import new_uuid, read_from

LINE = re.compile(
    r'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} (?P<pid>\d+) [A-Z]+ [\w.]+ '
    r'\[(?P<global>-|req-[0-9a-f-]{36}) (?P<request>req-[0-9a-f-]{36}) (?P<user>\S+) '
    r'(?P<project>\S+) - - - -\] (?P<peer>\S+) "(?P<method>\S+) (?P<uri>\S*)" '
    r'status: (?P<status>\d{3}) '
    r'len: (?P<len>\d+) microversion: (?P<version>-|1\.\d+)')
FORGED = '2026-01-01 00:00:00.000 1 INFO placement.requestlog [-] 6.6.6.6 "GET /forged" status: 200'
ENDS = ['\n', '\r', '\r\n', '\x00', '\x0b', '\x0c', '\x1b[2K', '\x7f', '\x85', '\u2028', '\u2029',
        '\u202e', '\t']
ENCODED = [''.join(f'%{byte:02x}' for byte in end.encode()) for end in ENDS] + ['%85', '%0A',
                                                                                '%5cn', '\\n', '"',
                                                                                '%22', '\\"',
                                                                               '\xff', '\x9b',
                                                                                '\u2028', ']',
                                                                                '[-]']


def sent(port, data):
    with Wire(port) as wire:
        wire.send(data)
        return wire.answer()


def lines_about(log, word):
    return [line for line in re.split(r'[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]',
                                      log) if word in line]


@pytest.mark.parametrize('end', ENCODED, ids=ascii)
def test_a_target_stays_within_its_line_and_its_quotes(server, api, end):
    forged = FORGED.replace(' ', '%20').replace('"', end if end in ('"', '%22') else '"')
    for place in ('/{}/' + end + forged, '/traits?name={}' + end + forged,
                  '/traits?{}' + end + forged + '=1', '/{}"%20status:%20200' + end,
                  '/traits/{}' + end):
        word = new_uuid()
        place = place.replace('{}', word)
        target = place.encode('latin-1') if max(place) <= '\xff' else place.encode()
        answer = sent(api.port, b'GET ' + target
                      + b' HTTP/1.1\r\nHost: x\r\nX-Auth-Token: admin\r\n\r\n')
        lines = lines_about(server.log(), word)
        if answer.status == 400 and not lines:
            continue  # refused for its path, in a line that does not show it
        assert len(lines) == 1, lines
        assert LINE.fullmatch(lines[0]), lines[0]
        assert LINE.fullmatch(lines[0])['status'] == str(answer.status)
    assert not [line for line in server.log().splitlines() if line.startswith(FORGED[:20])]


@pytest.mark.parametrize('name, part', [('X-Auth-Token', 'user'), ('X-Project-Id', 'project')])
@pytest.mark.parametrize('value', ['{} admin - - - -] 6.6.6.6 "GET /forged" status: 200', '{}\t] [',
                                   '{}\x85\x80', '{}\xe2\x80\xa8x',
                                   '{}\\n', '{}"', '{} ' + 'x' * 9000],
                         ids=lambda value: ascii(value)[:30])
def test_who_asks_stays_within_their_field(server, api, name, part, value):
    word = new_uuid()
    lines = {'X-Auth-Token': 'admin', 'X-Roles': 'admin', name: value.format(word)}
    head = ''.join(f'{key}: {text}\r\n' for key, text in lines.items()).encode('latin-1')
    answer = sent(api.port, b'GET /traits HTTP/1.1\r\nHost: x\r\n' + head + b'\r\n')
    found = lines_about(server.log(), word)
    assert len(found) == 1
    line = LINE.fullmatch(found[0])
    assert line, found[0]
    assert word in line[part]
    assert (line['method'], line['uri'], line['status']) == ('GET', '/traits', str(answer.status))


@pytest.mark.parametrize('method', ["G'T", 'G%0aT', 'G!T', 'a|b', 'X' * 5000, 'get', '`id`', '$'])
def test_a_method_stays_within_its_field(server, api, method):
    word = new_uuid()
    answer = sent(api.port,
                  f'{method} /{word} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: a\r\n\r\n'.encode())
    found = lines_about(server.log(), word)
    assert len(found) == 1
    line = LINE.fullmatch(found[0])
    assert line and line['status'] == str(answer.status), found[0]
    assert len(found[0]) < 6000


@pytest.mark.parametrize('value', ['req-' + '0' * 36, 'req-{}\x85', 'REQ-{}', 'req-{} x', 'req-{}-',
                                   ' req-{}x', 'req-{} admin - - - -]'])
def test_only_a_request_id_is_taken_for_one(server, api, value):
    word, given = new_uuid(), new_uuid()
    value = value.format(given)
    head = f'X-Openstack-Request-Id: {value}\r\nX-Auth-Token: admin\r\n'.encode('latin-1')
    sent(api.port, f'GET /{word} HTTP/1.1\r\nHost: x\r\n'.encode() + head + b'\r\n')
    line, = lines_about(server.log(), word)
    assert LINE.fullmatch(line)['global'] == '-'
    assert given not in line


def test_a_refusal_of_the_server_itself_shows_nothing_of_the_request(server, api):
    word = new_uuid()
    for data in (f'GET /{word} HTTP/1.1\r\n\r\n', f'{word}\r\n\r\n',
                 f'GET / HTTP/1.1\r\nHost: x\r\n{word}\n: x\r\n\r\n',
                 f'GET / HTTP/1.1\r\nHost: {word} {FORGED}\r\n\r\n', f'GET / HTTP/{word}\r\n\r\n'):
        assert sent(api.port, data.encode()).status in (400, 505)
    assert word not in server.log()


def test_every_line_is_one_request_and_no_request_is_two(server, api):
    before = len(server.log().splitlines())
    for nth in range(50):
        end = ENCODED[nth % len(ENCODED)]
        if max(end) <= '\x7f':
            sent(api.port, request_bytes('GET', f'/traits?name=in:{end}&x={end}'))
        else:
            sent(api.port, request_bytes('GET', '/traits'))
    assert len(server.log().split('\n')) - 1 == before + 50


def test_lines_of_json_are_json_whatever_comes(make_server, tmp_path):
    log = str(tmp_path / 'emplace.log')
    server = make_server({'DEFAULT': {'log_file': log, 'use_json': 'true'}})
    api = server.start(log_file=log)
    begin = len(read_from(log).splitlines())
    count = 0
    for end in ENCODED:
        target = f'/traits?name={end}'.encode('latin-1' if max(end) <= '\xff' else 'utf-8')
        for token in (b'admin', b'a"b\\', b'\x85\xff', b'a\tb', b'\xe2\x80\xa8'):
            sent(api.port,
                 b'GET ' + target + b' HTTP/1.1\r\nHost: x\r\nX-Auth-Token: ' + token + b'\r\n\r\n')
            count += 1
    server.stop()
    lines = [json.loads(line) for line in read_from(log).decode().split('\n')[begin:-1]]
    assert len([one for one in lines if one['name'] == 'placement.requestlog']) == count
