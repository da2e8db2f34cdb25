"""Finding 8 (CWE-707): what a body may be: its size, depth, lists, numbers, text and names. Each
refusal is short, quick, and changes nothing. tests/api/test_bodies.py has the plain cases.

Upstream 8.0.0 has no limit on size and lists, takes the last of two equal keys and names that end
in a line feed, and answers 500 to NaN, lone surrogates and deep nesting.
"""
import json

import pytest

from attacking import Wire, assert_refused, nothing_changes, refused, request_bytes
from harness import new_uuid
from operations import GROUP, NOBODY, ROOT, SPARE, entry

MIB = 1 << 20
SPARE_PATH = f'/resource_providers/{SPARE}'
# Every path that takes a body, with its limit in bytes.
BODIES = [('POST', '/resource_providers', MIB), ('PUT', SPARE_PATH, MIB),
          ('POST', SPARE_PATH + '/inventories', MIB), ('PUT', SPARE_PATH + '/inventories', MIB),
          ('PUT', SPARE_PATH + '/inventories/VCPU', MIB), ('PUT', SPARE_PATH + '/aggregates', MIB),
          ('PUT', SPARE_PATH + '/traits', MIB), ('POST', '/resource_classes', MIB),
          ('PUT', f'/allocations/{NOBODY}', MIB), ('POST', '/allocations', 8 * MIB),
          ('POST', '/reshaper', 8 * MIB)]


def chunked(method, path, body, size):
    chunks = b''.join(b'%x\r\n%s\r\n' % (len(body[at:at + size]), body[at:at + size])
                      for at in range(0, len(body), size))
    head = request_bytes(method, path, b'', length=False,
                         headers={'Transfer-Encoding': 'chunked'})
    return head + chunks + b'0\r\n\r\n'


@pytest.mark.parametrize('method, path, bytes_max', BODIES, ids=lambda value: str(value)[-14:])
def test_a_body_may_have_just_so_many_bytes(victim, method, path, bytes_max):
    def padded(size):
        return b'{' + b' ' * (size - 2) + b'}'

    with nothing_changes(victim.port):
        for make in (lambda body: request_bytes(method, path, body),
                     lambda body: chunked(method, path, body, 60_000),
                     lambda body: chunked(method, path, body, bytes_max)):
            with Wire(victim.port) as wire:
                wire.send(make(padded(bytes_max)))
                answer = wire.answer()
                assert_refused(answer, (400,))
                assert 'does not validate' in answer.error['detail'], 'it was read'
            with Wire(victim.port) as wire:
                try:
                    wire.send(make(padded(bytes_max + 1)))
                except OSError:
                    pass  # it did not want to hear all of it
                assert_refused(wire.answer(), (413,))
                assert wire.answer() is None, 'the connection is closed'


def test_the_limit_of_a_path_is_not_had_by_another_spelling_or_method(victim):
    body = b'{' + b' ' * MIB + b'}'
    for method, path in (('PUT', '/allocations'), ('POST', '/allocations/'),
                         ('POST', '//allocations'),
                         ('POST', '/%61llocations'), ('POST', '/resource_providers?/reshaper'),
                         ('POST', '/traits'), ('GET', '/'), ('DELETE', SPARE_PATH),
                         ('post', '/reshaper')):
        with Wire(victim.port) as wire:
            try:
                wire.send(request_bytes(method, path, body))
            except OSError:
                pass
            assert_refused(wire.answer(), (413,))


def nested(depth, opening=b'[', closing=b']', inner=b''):
    return opening * depth + inner + closing * depth


@pytest.mark.parametrize('method, path, _', BODIES, ids=lambda value: str(value)[-14:])
def test_a_body_may_be_just_so_deep(victim, method, path, _):
    for opening, closing, inner in ((b'[', b']', b''), (b'{"a":', b'}', b'0')):
        answer = refused(victim.port, (400,), method, path, nested(32, opening, closing, inner))
        assert 'does not validate' in answer.error['detail']
        for depth in (33, 34, 1000, 100_000):
            answer = refused(victim.port, (400,), method, path,
                             nested(depth, opening, closing, inner))
            assert 'deep' in answer.error['detail']
    for unfinished in (b'[' * 900_000, b'{"a":' * 200_000, b'[{"a":' * 150_000):
        refused(victim.port, (400,), method, path, unfinished)


def list_cases():
    """Bodies with one list of so many items, made by functions of the number."""
    def uuids(count):
        return [f'{number:08x}-1111-4111-8111-111111111111' for number in range(count)]

    def many(count):
        return {f'CUSTOM_{number}': 1 for number in range(count)}

    inventory = {'total': 1}
    spare = {'resource_provider_generation': 77}  # not its own, so that nothing is written
    return {
        'traits': ('PUT', SPARE_PATH + '/traits', lambda count: {**spare,
                                                                 'traits': list(many(count))}),
        'aggregates': ('PUT', SPARE_PATH + '/aggregates',
                       lambda count: {**spare, 'aggregates': uuids(count)}),
        'inventories': ('PUT', SPARE_PATH + '/inventories', lambda count: {
            **spare, 'inventories': {name: inventory for name in many(count)}}),
        'providers of a claim': ('PUT', f'/allocations/{NOBODY}', lambda count: entry(
            39, {uuid: {'VCPU': 1} for uuid in uuids(count)}, None)),
        'classes of a claim': ('PUT', f'/allocations/{NOBODY}', lambda count: entry(
            39, {SPARE: many(count)}, None)),
        'consumers': ('POST', '/allocations', lambda count: {
            uuid: entry(39, {new_uuid(): {'VCPU': 1}}, None) for uuid in uuids(count)}),
        'mappings': ('PUT', f'/allocations/{NOBODY}', lambda count: {
            **entry(39, {new_uuid(): {'VCPU': 1}}, None),
            'mappings': {f'g{number}': [ROOT] for number in range(count)}}),
        'providers of a mapping': ('PUT', f'/allocations/{NOBODY}', lambda count: {
            **entry(39, {new_uuid(): {'VCPU': 1}}, None), 'mappings': {'': uuids(count)}}),
        'reshaped providers': ('POST', '/reshaper', lambda count: {
            'inventories': {uuid: {**spare, 'inventories': {}} for uuid in uuids(count)},
            'allocations': {}}),
        'reshaped consumers': ('POST', '/reshaper', lambda count: {
            'inventories': {new_uuid(): {**spare, 'inventories': {}}},
            'allocations': {uuid: entry(39, {SPARE: {'VCPU': 1}}, None)
                            for uuid in uuids(count)}}),
        'keys that nobody knows': ('POST', '/resource_providers', many),
    }


@pytest.mark.parametrize('what', list_cases())
def test_a_list_may_have_just_so_many_items(victim, what):
    method, path, make = list_cases()[what]
    with nothing_changes(victim.port), Wire(victim.port) as wire:
        over = wire.ask(method, path, make(1001))
        assert_refused(over, (400,))
        assert 'too many members' in over.error['detail']
        full = wire.ask(method, path, make(1000))
        assert 'too many' not in full.error['detail'], full
        assert_refused(full, (400, 409))


@pytest.mark.parametrize('minor', [1, 11])
def test_lists_of_old_versions_are_limited_too(victim, minor):
    aggregates = [new_uuid() for _ in range(1001)]
    with nothing_changes(victim.port), Wire(victim.port) as wire:
        answer = wire.ask('PUT', SPARE_PATH + '/aggregates', aggregates, version=f'1.{minor}')
        assert_refused(answer, (400,))
        claims = [{'resource_provider': {'uuid': one},
                   'resources': {'VCPU': 1}} for one in aggregates]
        body = {'allocations': claims}
        if minor >= 8:
            body.update(project_id='p', user_id='u')
        answer = wire.ask('PUT', f'/allocations/{NOBODY}', body, version=f'1.{minor}')
        assert_refused(answer, (400,))


@pytest.mark.parametrize('body', [
    b'{"name": "a", "name": "a"}', b'{"name": "a", "n\\u0061me": "b"}', b'{"": 1, "": 1}',
    b'{"a": {"b": 1, "b": 1}}', b'[{"a": [{"b": 1, "c": 2, "b": 3}]}]',
    b'{"\\ud83d\\udc34": 1, "\xf0\x9f\x90\xb4": 1}',
    b'{' + b', '.join(b'"k%d": 1' % number for number in range(500)) + b', "k7": 1}'],
    ids=lambda body: repr(body[:40]))
def test_a_key_twice_is_refused_wherever_it_is(victim, body):
    for method, path, _ in BODIES:
        answer = refused(victim.port, (400,), method, path, body)
        assert 'twice' in answer.error['detail']


NO_NUMBERS = [b'NaN', b'-NaN', b'Infinity', b'-Infinity', b'nan', b'inf', b'1e999', b'-1e999',
              b'1E+400', b'01', b'-01',
              b'+1', b'.5', b'5.', b'1e', b'1e+', b'0x10', b'1_000', b'--1', b'1 000', b'\xd9\xa1',
              b'1f', b'1L', b'1n']
# Numbers and others that nothing can have; what is nearer to 0 than 5e-324 is 0, as in Python.
NO_AMOUNTS = [b'-1', b'-0.5', b'2147483648', b'4294967297', b'9223372036854775807',
              b'9223372036854775808',
              b'18446744073709551616', b'1' * 400, b'-' + b'1' * 400, b'1.5', b'1e-5', b'1e300',
              b'1e308',
              b'true', b'null', b'"1"', b'[]', b'{}', b'5e-324']


def with_number(field, number):
    inventory = b'"total": 4, "reserved": 0, "min_unit": 1, "max_unit": 4, "step_size": 1'
    at = inventory.index(b'"' + field + b'"')
    colon = inventory.index(b':', at)
    end = inventory.find(b',', at)
    end = len(inventory) if end < 0 else end
    return b'{%s: %s%s}' % (inventory[:colon], number, inventory[end:])


@pytest.mark.parametrize('field', [b'total', b'reserved', b'min_unit', b'max_unit', b'step_size'])
def test_a_number_of_an_inventory_is_whole_and_has_31_bits(victim, field):
    with nothing_changes(victim.port), Wire(victim.port) as wire:
        for number in NO_NUMBERS + NO_AMOUNTS:
            inventory = with_number(field, number)
            one = inventory[:-1] + b', "resource_provider_generation": 3}'
            every = b'{"resource_provider_generation": 3, "inventories": {"VCPU": %s}}' % inventory
            added = inventory[:-1] + b', "resource_class": "DISK_GB"}'
            reshape = b'{"inventories": {"%s": %s}, "allocations": {}}' % (SPARE.encode(), every)
            for method, path, body in (('PUT', SPARE_PATH + '/inventories/VCPU', one),
                                       ('PUT', SPARE_PATH + '/inventories', every),
                                       ('POST', SPARE_PATH + '/inventories', added),
                                       ('POST', '/reshaper', reshape)):
                answer = wire.ask(method, path, body)
                assert answer.status == 400, (number, path, answer)
                assert_refused(answer, (400,))


@pytest.mark.parametrize('number', NO_NUMBERS + NO_AMOUNTS + [b'0', b'-0', b'0.0', b'-0.0'],
                         ids=lambda number: repr(number[:20]))
def test_an_amount_is_whole_and_can_be_had(victim, number):
    body = json.dumps(entry(39, {SPARE: {'VCPU': 987654321}}, None)).encode()
    body = body.replace(b'987654321', number)
    requests = [('PUT', f'/allocations/{NOBODY}', body),
                ('POST', '/allocations', b'{"%s": %s}' % (NOBODY.encode(), body))]
    with nothing_changes(victim.port), Wire(victim.port) as wire:
        for request in requests:
            assert_refused(wire.ask(*request), (400, 409))


@pytest.mark.parametrize('ratio', NO_NUMBERS + [b'-0.3', b'-1', b'3.5e38', b'1e300', b'1' * 400,
                                                b'true', b'"1"', b'null',
                                                b'[]'], ids=lambda number: repr(number[:20]))
def test_a_ratio_is_finite_and_fits(victim, ratio):
    for minor in (0, 25, 26, 39):
        body = b'{"resource_provider_generation": 3, "total": 4, "allocation_ratio": %s}' % ratio
        refused(victim.port, (400,), 'PUT', SPARE_PATH + '/inventories/VCPU', body,
                version=f'1.{minor}')


NO_TEXT = [b'\xff', b'\x80', b'\xc0\xaf', b'\xc1\x81', b'\xe0\x80\x80', b'\xed\xa0\x80',
           b'\xed\xbf\xbf', b'\xf0\x80\x80\x80',
           b'\xf4\x90\x80\x80', b'\xf8\x88\x80\x80\x80', b'\xfe', b'\xc3', b'\xe2\x82',
           b'\xf0\x9f\x90', b'\\ud800',
           b'\\udfff', b'\\ud800\\ud800', b'\\udc00\\ud800', b'\\ud83d', b'\\ud83dx', b'\\ud83d\\n',
           b'\\u12', b'\\u',
           b'\\x41', b'\\', b'\n', b'\t', b'\x00', b'\x1f', b'\r']


@pytest.mark.parametrize('text', NO_TEXT, ids=repr)
def test_a_text_is_utf_8_without_lone_surrogates(victim, text):
    with nothing_changes(victim.port), Wire(victim.port) as wire:
        for body in (b'{"name": "a%sb"}' % text, b'{"name": "%s"}' % text, b'{"a%s": 1}' % text,
                     b'["%s"]' % text, b'{"name": "a"%s}' % text.strip(b'\r\n\t') or b'\x00'):
            if body == b'{"name": "a"}':
                continue
            for method, path in (('POST', '/resource_providers'), ('PUT', SPARE_PATH + '/traits')):
                assert_refused(wire.ask(method, path, body), (400,))


@pytest.mark.parametrize('encoding', ['utf-8-sig', 'utf-16', 'utf-16-le', 'utf-32', 'utf-7',
                                      'cp500'])
def test_a_body_is_utf_8_alone(victim, encoding):
    body = '{"name": "+AGE-ä"}'.encode(encoding)
    if encoding == 'utf-7':
        body = b'+AHs-"name": "x"}'
    for content_type in ('application/json', f'application/json; charset={encoding}'):
        refused(victim.port, (400,), 'POST', '/resource_providers', body, content_type=content_type)


CONTROLS = ['\x00', '\x01', '\x08', '\t', '\n', '\x0b', '\r', '\r\n', '\x1b', '\x1f', '\x7f',
            '\x80', '\x85', '\x9f']


@pytest.mark.parametrize('control', CONTROLS, ids=ascii)
def test_no_name_holds_a_control_character(victim, control):
    """At its end, where a pattern's $ would let a line feed through, at its begin and inside."""
    spare = {'resource_provider_generation': 3}
    with nothing_changes(victim.port), Wire(victim.port) as wire:
        for place in ('{0}{1}', '{1}{0}', '{0}{1}X'):
            def bad(name):
                return place.format(name, control)

            claims = entry(39, {SPARE: {'VCPU': 1}}, None)
            requests = [
                ('POST', '/resource_providers', {'name': bad('N')}),
                ('PUT', SPARE_PATH, {'name': bad('N')}),
                ('POST', '/resource_providers', {'name': 'N', 'uuid': bad(new_uuid())}),
                ('POST', '/resource_classes', {'name': bad('CUSTOM_N')}),
                ('PUT', SPARE_PATH + '/inventories', {**spare,
                                                      'inventories': {bad('VCPU'): {'total': 1}}}),
                ('POST', SPARE_PATH + '/inventories', {'resource_class': bad('VCPU'), 'total': 1}),
                ('PUT', SPARE_PATH + '/traits', {**spare, 'traits': [bad('CUSTOM_GOLD')]}),
                ('PUT', SPARE_PATH + '/aggregates', {**spare, 'aggregates': [bad(GROUP)]}),
                ('PUT', f'/allocations/{NOBODY}', {**claims, 'consumer_type': bad('INSTANCE')}),
                ('PUT', f'/allocations/{NOBODY}', {**claims, 'project_id': bad('p')}),
                ('PUT', f'/allocations/{NOBODY}', {**claims, 'user_id': bad('u')}),
                ('PUT', f'/allocations/{NOBODY}', entry(39, {bad(SPARE): {'VCPU': 1}}, None)),
                ('PUT', f'/allocations/{NOBODY}', entry(39, {SPARE: {bad('VCPU'): 1}}, None)),
                ('POST', '/allocations', {bad(NOBODY): claims}),
                ('POST', '/reshaper', {'inventories': {bad(SPARE): {**spare, 'inventories': {}}},
                                       'allocations': {}}),
                ('POST', '/reshaper', {'inventories': {SPARE: {**spare, 'inventories': {
                    bad('VCPU'): {'total': 1}}}}, 'allocations': {}})]
            for request in requests:
                answer = wire.ask(*request)
                assert answer.status == 400, (request, answer)
                assert_refused(answer, (400,))
            encoded = ''.join(f'%{byte:02x}' for byte in control.encode())
            for path, statuses in (('/traits/' + place.format('CUSTOM_N', encoded), (400,)),
                                   ('/resource_classes/' + place.format('CUSTOM_N', encoded),
                                    (400,)),
                                   ('/allocations/' + place.format(NOBODY, encoded), (400,))):
                body = claims if path.startswith('/allocations') else None
                with Wire(victim.port) as other:
                    assert_refused(other.ask('PUT', path, body), statuses)


@pytest.mark.parametrize('method, path, bytes_max', BODIES, ids=lambda value: str(value)[-14:])
def test_a_large_body_of_junk_is_refused_in_few_words(victim, method, path, bytes_max):
    room = bytes_max - 100
    bodies = [b'{"name": "%s"}' % (b'a' * (room - 50)), b'{"%s": 1}' % (b'a' * (room - 50)),
              b'"' + b'\\u0041' * (room // 6) + b'"', b'[' + b'1,' * (room // 2 - 2) + b'1]',
              b'1' * room, b'1e' + b'1' * (room - 2), b'0.' + b'0' * (room - 2), b'[' * room,
              b' ' * room, b'"' * room,
              b'{' + b','.join(b'"%d":1' % number for number in range(room // 12)) + b'}',
              b'{"a":' + b'[' + b'{"b":[]},' * (room // 11) + b'{}]}', b'\\' * room,
              b'"' + b'\xf0\x9f\x90\xb4' * (room // 4 - 1) + b'"',
              b'[' + b','.join([b'[%s1]' % (b'1,' * 400)] * (room // 810)) + b']']
    for body in bodies:
        assert len(body) <= bytes_max
        refused(victim.port, (400,), method, path, body)
