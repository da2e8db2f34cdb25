"""Finding 6 (CWE-697): what is exactly a version is served as that version and says so; all else is
400 or 406 and changes nothing. tests/api/test_microversions.py has the plain cases.

Upstream 8.0.0 takes "1.07" and "1 .3" for versions, and a 500 of it names none.
"""
import pytest

from attacking import assert_refused, nothing_changes, request_bytes, Wire
from operations import SPARE, operations

ODD = ['1.', '.1', '1', '1.1.1', '1..1', '1,1', '1.1.', 'v1.1', '1.1v', '+1.1', '1.+1', '1.-1',
       '1_1.1',
       '1.1_0', '1.1e1', '1.0x1', '0x1.1', '1 .1', '1. 1', '1.1 1.2', '01.1', '1.01', '1.010',
       '00.0',
       'LATEST', 'Latest', 'latest.', 'latest 1.1', '1.latest', 'none', 'null', 'true', '"1.1"',
       "'1.1'",
       '1.1;', '1.1%0a', '1.1\t1', '1.1\x80', '\u0661.\u0661', '1.\uff11', '1' * 400 + '.1',
       '1.' + '1' * 400,
       '1.99999999999999999999', '-', '--1.1', '1.1-', '=1.1', ':1.1', '*', '1.*', '%s%n', '${x}']
NOT_SERVED = ['1.40', '1.41', '1.400', '0.0', '0.39', '2.0', '2.1', '1.2147483647', '2147483647.1',
              '-1.1',
              '10.1', '1.390']


@pytest.mark.parametrize('text', ODD, ids=ascii)
def test_what_is_not_exactly_a_version_is_refused(victim, text):
    with nothing_changes(victim.port), Wire(victim.port) as wire:
        answer = wire.ask('PUT', f'/resource_providers/{SPARE}', {'name': 'x'}, version=text)
        assert_refused(answer, (400, 406))
        assert answer.status == 400 or '-' in text, 'a 406 is for what is a version'
        assert answer.header('OpenStack-API-Version') is None


@pytest.mark.parametrize('text', NOT_SERVED)
def test_a_version_that_is_not_served_is_not_acceptable(victim, text):
    with nothing_changes(victim.port), Wire(victim.port) as wire:
        answer = wire.ask('PUT', f'/resource_providers/{SPARE}', {'name': 'x'}, version=text)
        assert_refused(answer, (406,))
        assert (answer.error['min_version'], answer.error['max_version']) == ('1.0', '1.39')


@pytest.mark.parametrize('values, wanted', [
    (['placement 1.5', 'placement 1.40'], 406), (['placement 1.40', 'placement 1.5'], '1.5'),
    (['placement 1.5, placement x'], 400), (['placement x, placement 1.5'], '1.5'),
    (['compute 9.9', 'placement 1.5', 'volume 3.3'], '1.5'), ([',,,placement 1.5,,,'], '1.5'),
    (['placements 1.5'], '1.0'), (['xplacement 1.5'], '1.0'), (['placement1.5'], '1.0'),
    (['place\xadment 1.5'], '1.0'), (['PLACEMENT 1.5'], '1.5'), (['placement  \t 1.5'], '1.5'),
    (['0placement 1.5'], '1.0'), (['PLACEMEN\xd4 1.5'], '1.0'), (['placement, 1.5'], '1.0')])
def test_of_many_values_the_last_for_placement_counts_and_is_told(victim, values, wanted):
    lines = ''.join(f'OpenStack-API-Version: {value}\r\n' for value in values).encode()
    data = request_bytes('GET', '/resource_providers', version=None)
    with Wire(victim.port) as wire:
        wire.send(data[:-2] + lines + b'\r\n')
        answer = wire.answer()
    if isinstance(wanted, int):
        assert_refused(answer, (wanted,))
    else:
        assert (answer.status, answer.header('OpenStack-API-Version')) == (200,
                                                                           'placement ' + wanted)


def test_a_header_of_like_name_is_no_version(victim):
    for name in ('OpenStack_API_Version', 'OpenStack-API-Versions', 'X-OpenStack-API-Version',
                 'OpenStack-Nova-API-Version', 'X-OpenStack-Placement-API-Version'):
        answer = victim.get('/resource_providers', version=None, headers={name: 'placement 1.39'})
        assert answer.header('OpenStack-API-Version') == 'placement 1.0'


@pytest.mark.parametrize('minor', range(40))
def test_every_answer_says_which_version_served_it(victim, minor):
    """Of every operation: what it answers to nothing at all, to junk, and to a stranger."""
    version = f'1.{minor}'
    asked = {(one.method, one.path.partition('?')[0]) for one in operations()}
    with nothing_changes(victim.port), Wire(victim.port) as wire:
        for method, path in sorted(asked):
            if method == 'GET':
                options = [{}, {'headers': {'Accept': 'text/html'}},
                           {'token': 'nobody', 'roles': ''}]
            else:
                options = [{'token': 'nobody', 'roles': ''}, {'body': b'junk'},
                           {'body': b'junk', 'content_type': 'text/plain'},
                           {'body': b'junk', 'content_type': None}]
                if method == 'DELETE' or path.startswith(('/traits/', '/resource_classes/')):
                    options = options[:1]
            for option in options:
                answer = wire.ask(method, path + '?junk=1' * (method == 'GET'), version=version,
                                  **option)
                assert answer.status < 500 and answer.status not in (401,), (method, path, answer)
                assert answer.header('OpenStack-API-Version') == 'placement ' + version, (
                    method, path, option, answer)
