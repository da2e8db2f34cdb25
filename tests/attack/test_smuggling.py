"""HTTP: no request can be read in two ways, and after one that could be the connection ends, so
that nothing hidden behind it is ever served. tests/api/test_http.py has more of single requests.

uWSGI, which serves upstream on Debian, takes requests without Host, with two, and with both
Content-Length and Transfer-Encoding; it resolves dot segments and decodes slashes in paths.
"""
import socket

import pytest

from attacking import Wire, all_answers, assert_refused, nothing_changes, request_bytes
from harness import HOST, Server, new_name
from operations import ROOT, SPARE

HEAD = b'Host: x\r\nX-Auth-Token: admin\r\nX-Roles: admin\r\n'
VERSION = b'OpenStack-API-Version: placement 1.39\r\n'
NEXT = b'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
# What a smuggler wants to have served. It would rename a provider.
HIDDEN = request_bytes('PUT', f'/resource_providers/{SPARE}', {'name': 'smuggled'})
CHUNKED_HIDDEN = b'%x\r\n%s\r\n0\r\n\r\n' % (len(HIDDEN), HIDDEN)


def post(*lines, body=b''):
    return (b'POST /resource_classes HTTP/1.1\r\n' + HEAD
            + b''.join(line + b'\r\n' for line in lines) + b'\r\n' + body)


LENGTHS = [b'-1', b'+1', b'+0', b'-0', b'0x1', b'0x10', b'1e1', b'1.0', b'1,1', b'1, 1', b'1,2',
           b'0,0', b'1 1', b'1;q=1', b'"1"',
           b'1_0', b'\xd9\xa1', b'\xb9', b'', b'a', b'1a', b'18446744073709551616',
           b'18446744073709551617', b'9' * 40, b'4294967296 ,',
           b'0b1', b'01x', b' -1', b'1\x0b', b'1\x0c', b'1\x00']
CODINGS = [b'Chunked ,', b',chunked', b'chunked,', b'chunked, chunked', b'chunked, identity',
           b'identity, chunked', b'identity', b'gzip',
           b'gzip, chunked', b'chunked, gzip', b'xchunked', b'chunkedx', b'x-chunked', b'"chunked"',
           b'chunked;q=1', b'chunked; foo', b'', b'c\xa0hunked',
           b'chunked\x0b', b'\x0bchunked', b'chunk ed', b'chun\x00ked', b'\xefchunked', b'cow',
           b'deflate', b'trailers']


@pytest.mark.parametrize('length', LENGTHS, ids=repr)
def test_a_length_that_is_none_ends_the_connection(victim, length):
    one_answer(victim, post(b'Content-Length: ' + length, body=HIDDEN), (400, 413))


@pytest.mark.parametrize('coding', CODINGS, ids=repr)
def test_a_coding_that_is_not_chunked_ends_the_connection(victim, coding):
    one_answer(victim, post(b'Transfer-Encoding: ' + coding, body=b'0\r\n\r\n' + HIDDEN),
               (400, 501))


def one_answer(victim, data, statuses):
    """There is one refusal, it says that the connection ends, which it does, and nothing of what
    came behind has been done."""
    with nothing_changes(victim.port):
        answers = all_answers(victim.port, data + HIDDEN)
        assert len(answers) == 1, answers
        assert_refused(answers[0], statuses)
        assert answers[0].header('Connection') == 'close'
        assert b'smuggled' not in answers[0].body


FRAMINGS = {
    'length and coding': [b'Content-Length: 5', b'Transfer-Encoding: chunked'],
    'coding and length': [b'Transfer-Encoding: chunked', b'Content-Length: 5'],
    'no length and coding': [b'Content-Length: 0', b'Transfer-Encoding: chunked'],
    'two lengths': [b'Content-Length: 0', b'Content-Length: 5'],
    'one length twice': [b'Content-Length: 5', b'Content-Length: 5'],
    'two codings': [b'Transfer-Encoding: chunked', b'Transfer-Encoding: identity'],
    'one coding twice': [b'Transfer-Encoding: chunked', b'Transfer-Encoding: chunked'],
    'two hosts': [b'Host: y'], 'one host twice': [b'Host: x'], 'a host that is none': [b'Host:'],
    'space before colon': [b'Content-Length : 0'], 'tab before colon': [b'Content-Length\t: 0'],
    'space before the coding\'s colon': [b'Transfer-Encoding : chunked'],
    'a name that begins with a space': [b' Content-Length: 0'],
    'a folded length': [b'Content-Length:', b' 5'], 'a folded coding': [b'Transfer-Encoding:',
                                                                        b'\tchunked'],
    'a folded line': [b'X: y', b' Content-Length: 5'], 'an empty name': [b': 5'],
    'no colon': [b'Content-Length'],
    'a NUL in a name': [b'Content-Length\x00: 5'], 'a NUL in a value': [b'X: \x00'],
    'an odd byte in a name': [b'Transfer-Encod\xefng: chunked'], 'a slash in a name': [b'X/Y: z'],
    'a bracket in a name': [b'X(Y): z'], 'a quote in a name': [b'"Content-Length": 5'],
    'a bare CR': [b'X: y\rContent-Length: 5'], 'a bare LF': [b'X: y\nContent-Length: 5'],
    'CR CR LF': [b'X: y\r'], 'an escape in a value': [b'X: \x1b[31m'], 'a DEL': [b'X: \x7f'],
    'a vertical tab': [b'X: \x0bTransfer-Encoding: chunked'],
    'a NEL that ends nothing, and a length': [b'X: \x85Y', b'Content-Length: 5',
                                              b'Content-Length: 6'],
}


@pytest.mark.parametrize('what', FRAMINGS)
def test_headers_that_can_be_read_in_two_ways_end_the_connection(victim, what):
    for body in (b'', b'0\r\n\r\n', b'{"a"}', CHUNKED_HIDDEN):
        one_answer(victim, post(*FRAMINGS[what], body=body), (400,))


@pytest.mark.parametrize('name', [b'Transfer_Encoding', b'Content_Length', b'Content-Length\xad',
                                  b'X-Content-Length', b'Transfer-Encoding2'])
def test_a_name_that_only_looks_like_one_frames_nothing(api, name):
    if name[-1] > 0x7f:
        statuses = {400}
    else:
        statuses = {200}
    answers = all_answers(api.port, b'GET /resource_classes HTTP/1.1\r\n' + HEAD
                          + b'OpenStack-API-Version: placement 1.39\r\n' + name
                          + b': 40\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n')
    assert [answer.status for answer in answers] == ([400] if statuses == {400} else [200, 200])


CHUNKS = {
    'negative': b'-1\r\n', 'signed': b'+5\r\nabcde\r\n', 'hex prefix': b'0x5\r\nabcde\r\n',
    'not hex': b'g\r\n', 'empty': b'\r\n', 'space before': b' 5\r\nabcde\r\n',
    'too short': b'4\r\nabcde\r\n0\r\n\r\n', 'too long': b'6\r\nabcde\r\n0\r\n\r\n',
    'no CR LF behind': b'5\r\nabcde0\r\n\r\n', 'LF alone': b'5\nabcde\n0\n\n',
    'CR alone': b'5\rabcde\r0\r\r',
    'LF in an extension': b'5;a\nb\r\nabcde\r\n0\r\n\r\n',
    'NUL in an extension': b'5;a=\x00\r\nabcde\r\n0\r\n\r\n',
    'LF in a quoted extension': b'5;a="\n"\r\nabcde\r\n0\r\n\r\n',
    '2^64': b'10000000000000000\r\n', '2^64+5': b'10000000000000005\r\nabcde\r\n0\r\n\r\n',
    'many digits': b'0' * 17 + b'5' * 40 + b'\r\n',
    '2^63': b'8000000000000000\r\n', '2^64-1': b'ffffffffffffffff\r\n',
    'endless extension': b'5;' + b'a' * 100_000 + b'\r\n',
    'endless trailer': b'0\r\nX: ' + b'a' * 100_000 + b'\r\n\r\n',
    'many trailers': b'0\r\n' + b'X: y\r\n' * 20_000 + b'\r\n',
    'folded trailer': b'0\r\nX: y\r\n z\r\n\r\n',
    'trailer folded by a tab': b'0\r\nX: y\r\n\tz\r\n\r\n',
    'trailer without colon': b'0\r\nX\r\n\r\n',
    'space in a trailer\'s name': b'0\r\nX : y\r\n\r\n',
    'LF in a trailer': b'0\r\nX: y\nZ: z\r\n\r\n',
    'underscore': b'1_0\r\n', 'wide digits': b'\xef\xbc\x95\r\nabcde\r\n0\r\n\r\n',
}


@pytest.mark.parametrize('what', CHUNKS)
def test_chunks_that_are_none_end_the_connection(victim, what):
    one_answer(victim, post(b'Content-Type: application/json', b'Transfer-Encoding: chunked',
                            body=CHUNKS[what]),
               (400, 413))


REQUEST_LINES = [
    b'', b'GET', b'GET /', b'GET / HTTP/1.1 ', b' GET / HTTP/1.1', b'GET  / HTTP/1.1',
    b'GET /  HTTP/1.1', b'GET\t/\tHTTP/1.1', b'GET / HTTP/1.1\x00',
    b'GET /\x00 HTTP/1.1', b'GET /a b HTTP/1.1', b'GET /#a HTTP/1.1', b'GET http:// HTTP/1.1',
    b'GET http:///x HTTP/1.1', b'GET ftp://x/ HTTP/1.1',
    b'GET x HTTP/1.1', b'GET x:80 HTTP/1.1', b'GET ?a HTTP/1.1', b'GET \\ HTTP/1.1',
    b'GET http://a@b/ HTTP/1.1', b'GET http://a b/ HTTP/1.1',
    b'CONNECT x:80 HTTP/1.1', b'GET / http/1.1', b'GET / HTTP/1,1', b'GET / HTTP/11',
    b'GET / HTTP/1.', b'GET / HTTP/1.10', b'GET / HTTP/ 1.1', b'GET / HTTP/1.x',
    b'GET / HTTPS/1.1', b'GET / ICY/1.1', b'G\xcbT / HTTP/1.1', b'G(T / HTTP/1.1',
    b'GET: / HTTP/1.1', b'"GET" / HTTP/1.1', b'GET /%00 HTTP/1.1',
    b'GET /%2f HTTP/1.1', b'GET /%2F HTTP/1.1', b'GET /a%0a HTTP/1.1', b'GET /%0D%0A HTTP/1.1',
    b'GET /. HTTP/1.1', b'GET /.. HTTP/1.1', b'GET /./x HTTP/1.1',
    b'GET /x/../y HTTP/1.1', b'GET /x/.. HTTP/1.1', b'GET /%2e%2E/x HTTP/1.1',
    b'GET /.%2e/ HTTP/1.1', b'GET /x/%2e HTTP/1.1', b'GET http://x/../y HTTP/1.1',
    b'GET http://x/%2f HTTP/1.1', b'GET /resource_providers/../traits HTTP/1.1',
    b'GET /resource_providers%2f' + ROOT.encode() + b' HTTP/1.1',
    b'\x80.\x01\x03\x01', b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', b'\x00\x00\x00\x00']


@pytest.mark.parametrize('line', REQUEST_LINES, ids=repr)
def test_a_request_line_that_is_none_ends_the_connection(victim, line):
    data = line + b'\r\n' + HEAD + b'\r\n'
    if not line:
        data = b'\r\n' + HEAD + b'\r\n'
    one_answer(victim, data, (400,))


@pytest.mark.parametrize('version', [b'HTTP/0.9', b'HTTP/1.2', b'HTTP/2.0', b'HTTP/3.0',
                                     b'HTTP/9.9'])
def test_another_version_of_http_is_told_so(victim, version):
    one_answer(victim, b'GET / ' + version + b'\r\n' + HEAD + b'\r\n', (505,))


def test_http_0_9_and_2_are_refused(victim):
    one_answer(victim, b'GET /\r\n\r\n', (400,))
    one_answer(victim, b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', (505,))
    one_answer(victim, b'PRI * HTTP/2.0\r\n' + HEAD + b'\r\nSM\r\n\r\n', (505,))


@pytest.mark.parametrize('target, status', [
    (b'http://x/', 200), (b'HTTP://x:80/resource_classes', 200), (b'https://[::1]:1/', 200),
    (b'http://x', 200),
    (b'http://x?a=b', 200), (b'//', 404), (b'//resource_classes', 404),
    (b'/resource_classes/', 404),
    (b'/resource_classes//', 404), (b'*', 404), (b'/*', 404), (b'/resource_classes;a=b', 404),
    (b'/%72esource_classes', 404),
    (b'/RESOURCE_CLASSES', 404), (b'/resource_classes%3f', 404), (b'/resource_classes%20', 404),
    (b'/...', 404), (b'/.x', 404),
    (b'/resource_classes?a=/../%2f%00%0d', 200), (b'/\\..\\', 404), (b'/%5c..%5c', 404),
    (b'/%c0%ae%c0%ae/', 404),
    (b'/%252e%252e/', 404), (b'/%252f', 404)])
def test_other_targets_mean_one_thing(victim, target, status):
    answers = all_answers(victim.port, b'GET ' + target + b' HTTP/1.1\r\n' + HEAD
                          + b'OpenStack-API-Version: placement 1.39\r\n\r\n')
    assert [answer.status for answer in answers] == [status], answers


def test_the_host_of_an_absolute_target_counts(api):
    name = new_name('CUSTOM_').encode()
    answers = all_answers(api.port,
                          b'PUT http://real.example/traits/' + name + b' HTTP/1.1\r\n' + HEAD
                          + b'OpenStack-API-Version: placement 1.39\r\n\r\n')
    assert answers[0].header('Location') == f'http://real.example/traits/{name.decode()}'


@pytest.mark.parametrize('host', ['evil.example/path', 'a@b', 'a b', 'x%0d%0aX-Evil:1', '<script>',
                                  'a,b', "a'b", '\xff', 'a;b',
                                  'a\\b', '..', 'x:x', 'x:80:80', '[::1', 'x' * 300])
def test_no_host_makes_a_header_of_its_own(api, host):
    name = new_name('CUSTOM_').encode()
    answers = all_answers(api.port,
                          b'PUT /traits/' + name + b' HTTP/1.1\r\nHost: ' + host.encode('latin-1')
                          + b'\r\nX-Auth-Token: admin\r\n' + VERSION + b'\r\n')
    assert len(answers) == 1
    answer = answers[0]
    if answer.status == 201:
        path = f'/traits/{name.decode()}'
        plain = set(host) <= set('abcdefghijklmnopqrstuvwxyz.0123456789-:[]')
        assert answer.header('Location') in ((path, f'http://{host}{path}') if plain else (path,))
    else:
        assert_refused(answer, (400,))


@pytest.mark.parametrize('name, value', [
    ('X-Forwarded-Host', 'a%0d%0aX-Evil:1'), ('X-Forwarded-Host', 'a/../b'),
    ('X-Forwarded-Host', 'a@b'),
    ('X-Forwarded-Host', '\x85'), ('X-Forwarded-Host', 'x' * 300), ('X-Forwarded-Host', 'a, b'),
    ('Forwarded', 'host="a b"'), ('Forwarded', 'host="a'), ('Forwarded', 'host='),
    ('Forwarded', '=;;,'),
    ('Forwarded', 'proto=javascript;host=a/b'), ('X-Forwarded-Proto', 'javascript'),
    ('X-Forwarded-Proto', '')], ids=lambda value: ascii(value)[:24])
def test_no_forwarded_host_makes_a_header_of_its_own(trusting, name, value):
    """Also where proxies are believed: what is no plain host or scheme counts as none."""
    path = f'/traits/{new_name("CUSTOM_")}'
    data = request_bytes('PUT', path).replace(
        b'\r\n\r\n', f'\r\n{name}: {value}\r\n\r\n'.encode('latin-1'))
    answer, = all_answers(trusting.port, data)
    assert (answer.status, answer.header('Location')) == (201, f'http://x{path}')
    assert answer.header('X-Evil') is None


@pytest.fixture(scope='module')
def trusting(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp('trusting'),
                    {'oslo_middleware': {'enable_proxy_headers_parsing': 'true'}})
    try:
        yield server.start()
        server.stop()
    finally:
        server.clean_up()


def test_trailers_say_nothing(victim):
    """A token, a role or a length in a trailer is none."""
    body = b'{"name": "CUSTOM_TRAILED"}'
    chunk = b'%x;ext=1;other="quoted"\r\n%s\r\n' % (len(body), body)
    for trailer in (b'X-Auth-Token: admin\r\n', b'X-Roles: admin\r\n', b'Content-Length: 0\r\n',
                    b'Host: y\r\n',
                    b'Transfer-Encoding: chunked\r\n',
                    b'OpenStack-API-Version: placement 1.39\r\n'):
        with nothing_changes(victim.port):
            answers = all_answers(
                victim.port,
                b'POST /resource_classes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
                + VERSION + b'Transfer-Encoding: chunked\r\n\r\n' + chunk + b'0\r\n'
                + trailer + b'\r\n' + NEXT)
            assert [answer.status for answer in answers] in ([401, 200], [400]), answers


def test_an_error_of_the_api_does_not_confuse_what_follows(victim):
    """The body of a refused request is not taken for the next one."""
    for headers in ({'X-Auth-Token': 'stranger'}, {'OpenStack-API-Version': 'placement x'},
                    {'Content-Type': 'text/plain'}):
        data = request_bytes('POST', '/resource_classes', HIDDEN)
        for name, value in headers.items():
            lines = [line for line in data.split(b'\r\n\r\n')[0].split(b'\r\n')
                     if not line.lower().startswith(name.lower().encode() + b':')
                     and not (name == 'X-Auth-Token' and line.startswith(b'X-Roles'))]
            data = b'\r\n'.join(lines + [f'{name}: {value}'.encode()]) + b'\r\n\r\n' + HIDDEN
        with nothing_changes(victim.port):
            answers = all_answers(victim.port, data + NEXT)
            assert len(answers) == 2, answers
            assert answers[0].status in (400, 403, 415)
            assert answers[1].status == 200


def test_a_get_with_a_body_is_one_request(victim):
    for framing, body in ((b'Content-Length: %d' % len(HIDDEN), HIDDEN),
                          (b'Transfer-Encoding: chunked', CHUNKED_HIDDEN)):
        with nothing_changes(victim.port):
            answers = all_answers(victim.port,
                                  b'GET /resource_classes HTTP/1.1\r\n' + HEAD + VERSION
                                  + b'Content-Type: x/y\r\n' + framing + b'\r\n\r\n' + body
                                  + NEXT)
            assert [answer.status for answer in answers] == [200, 200]


@pytest.mark.parametrize('header, kept', [(b'', False), (b'Connection: keep-alive\r\n', True),
                                          (b'Connection: close\r\n', False),
                                          (b'Connection: keep-alive, close\r\n', False)])
def test_http_1_0_is_kept_only_if_asked(victim, header, kept):
    with Wire(victim.port) as wire:
        wire.send(b'GET / HTTP/1.0\r\n' + header + b'\r\n')
        assert wire.answer().status == 200
        if kept:
            wire.send(b'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
            assert wire.answer().status == 200
        assert wire.answer() is None


def test_heads_are_limited(victim):
    line = b'GET / HTTP/1.1\r\nHost: x\r\n'
    fits = line + b'X: y\r\n' * 99 + b'\r\n'
    assert [answer.status for answer in all_answers(victim.port, fits)] == [200]
    one_answer(victim, line + b'X: y\r\n' * 100 + b'\r\n', (431,))
    room = 65536 - len(line) - len(b'X: \r\n\r\n')
    largest = all_answers(victim.port, line + b'X: ' + b'y' * room + b'\r\n\r\n')
    assert [answer.status for answer in largest] == [200]
    one_answer(victim, line + b'X: ' + b'y' * (room + 1) + b'\r\n\r\n', (431,))
    one_answer(victim, line + b'y' * room * 2, (431,))
    one_answer(victim, b'GET /' + b'y' * 70_000 + b' HTTP/1.1\r\n' + HEAD + b'\r\n', (414,))
    one_answer(victim, b'y' * 70_000, (414,))
    one_answer(victim, line + b'X' * 60_000 + b': y\r\n' + b'X: y\r\n' * 2000, (431,))


def test_many_empty_lines_before_a_request_are_not_for_ever(victim):
    answers = all_answers(victim.port, b'\r\n' * 100_000 + b'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    assert [answer.status for answer in answers] in ([200], [400])


def test_requests_may_be_cut_anywhere(victim):
    """Four in a row, cut into two at each place: always the same four answers."""
    data = (request_bytes('GET', '/resource_classes')
            + request_bytes('POST', '/resource_classes', b'{"name": "VCPU"}')
            + b'GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'
            + b'3;x=y\r\nabc\r\n0\r\nA: b\r\n\r\n'
            + request_bytes('GET', '/', headers={'Connection': 'close'}))
    for at in range(1, len(data)):
        with socket.create_connection((HOST, victim.port), timeout=20) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(data[:at])
            connection.sendall(data[at:])
            received = b''
            while piece := connection.recv(65536):
                received += piece
        statuses = [int(part[:3]) for part in received.split(b'HTTP/1.1 ')[1:]]
        assert statuses == [200, 400, 400, 200], (at, statuses)
