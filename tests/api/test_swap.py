"""One database, swapped between upstream's Placement and emplace: both show the same.

Upstream is the installed package python3-placement, served by upstream_app.py.
"""
import contextlib
import email.utils
import importlib.util
import json
import os
import re
import sqlite3
import subprocess
import sys

import pytest

from harness import (OWNER, Client, Server, clean_environment, new_uuid, read_from, wait_for,
                     write_configuration)

pytestmark = pytest.mark.skipif(importlib.util.find_spec('placement') is None,
                                reason='python3-placement is not installed')

HERE = os.path.dirname(os.path.abspath(__file__))
VERSIONS = ('1.0', '1.19', '1.28', '1.39')
# The names of everything that the tests make.
ROOT, CHILD, GRANDCHILD, SHARE, EMPTY, LATER = (f'{n}0000000-0000-4000-8000-00000000000{n}'
                                                for n in range(1, 7))
GROUP, OTHER_GROUP = (f'a000000{n}-0000-4000-8000-000000000000' for n in (1, 2))
SERVER, VOLUME, PLAIN, OLD, NEW = (f'c000000{n}-0000-4000-8000-000000000000' for n in range(5))

PATHS = [
    '/', '/resource_providers', '/resource_classes', '/resource_classes/CUSTOM_FPGA',
    '/resource_classes/CUSTOM_NEW', '/traits?name=startswith:CUSTOM_',
    '/traits?associated=true', '/traits/CUSTOM_GOLD', '/traits/CUSTOM_NONE',
    '/usages?project_id=p', '/usages?project_id=p&user_id=u', '/usages?project_id=none',
    '/resource_providers?name=rack-%C3%A9', f'/resource_providers?uuid={CHILD}',
    f'/resource_providers?in_tree={GRANDCHILD}', f'/resource_providers?member_of={GROUP}',
    f'/resource_providers?member_of=in:{GROUP},{OTHER_GROUP}',
    '/resource_providers?resources=VCPU:2',
    '/resource_providers?required=CUSTOM_GOLD', '/resource_providers?required=!CUSTOM_GOLD',
    '/resource_providers?junk=1', '/nowhere',
    '/allocation_candidates?resources=VCPU:1,MEMORY_MB:64',
    '/allocation_candidates?resources=VCPU:1,DISK_GB:10',
    '/allocation_candidates?resources=VCPU:1&resources1=CUSTOM_FPGA:1&group_policy=isolate',
    '/allocation_candidates?resources=VCPU:1&required=CUSTOM_GOLD',
    f'/allocation_candidates?resources=VCPU:1&in_tree={CHILD}',
    '/allocation_candidates?resources=VCPU:9999',
    '/allocation_candidates?resources=CUSTOM_FPGA:1&member_of=!' + GROUP,
] + [f'/allocations/{one}' for one in (SERVER, VOLUME, PLAIN, OLD, NEW)] + [
    f'/resource_providers/{one}{part}'
    for one in (ROOT, CHILD, GRANDCHILD, SHARE, EMPTY, LATER)
    for part in ('', '/inventories', '/inventories/VCPU', '/usages', '/aggregates', '/traits',
                 '/allocations')]


class Upstream:
    """A process of upstream's Placement on a database."""

    def __init__(self, folder, database, sync):
        self.folder = str(folder)
        os.makedirs(self.folder, exist_ok=True)
        write_configuration(os.path.join(self.folder, 'placement.conf'), {
            'DEFAULT': {'log_file': os.path.join(self.folder, 'upstream.log')},
            'api': {'auth_strategy': 'noauth2'},
            'placement_database': {'connection': f'sqlite:///{database}',
                                   'sqlite_synchronous': 'false',
                                   'sync_on_startup': str(sync)}})
        self.output = os.path.join(self.folder, 'output')

    def __enter__(self):
        with open(self.output, 'wb') as out:
            self.process = subprocess.Popen(
                [sys.executable, os.path.join(HERE, 'upstream_app.py'), self.folder],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.folder,
                env=clean_environment(self.folder))
        try:
            return Client(int(wait_for(self._port, 'upstream')))
        except BaseException:
            self.process.kill()
            raise

    def _port(self):
        text = read_from(self.output).decode(errors='replace')
        assert self.process.poll() is None, text
        found = re.search(r'^(\d+)\n', text, re.MULTILINE)
        return found and found.group(1)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def tables(path):
    """The columns of all tables but our own."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        names = [name for name, in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
        return {name: database.execute(f'PRAGMA table_info({name})').fetchall()
                for name in names if not name.startswith('emplace_')}


@contextlib.contextmanager
def emplace(folder, database):
    server = Server(folder, {'placement_database': {'connection': f'sqlite:///{database}'}})
    try:
        yield server.start()
        server.stop()
    finally:
        server.clean_up()


def sorted_lists(value):
    """The same with all lists in one order: Placement promises none."""
    if isinstance(value, dict):
        return {key: sorted_lists(one) for key, one in value.items()}
    if isinstance(value, list):
        return sorted((sorted_lists(one) for one in value),
                      key=lambda one: json.dumps(one, sort_keys=True))
    return value


def contents(answer):
    """What an answer says, but not in which words it refuses."""
    if answer.status >= 400:
        return answer.status, answer.error.get('code')
    return answer.status, sorted_lists(answer.json) if answer.body else None


def everything(api):
    """All that can be read: status and JSON by path and version, and when it changed."""
    shown = {}
    for path in PATHS:
        for version in VERSIONS:
            answer = api.get(path, version=version)
            shown[path, version] = contents(answer)
        # Of lists, upstream says the time of the answer.
        if path in ('/traits/CUSTOM_GOLD', f'/resource_providers/{ROOT}', f'/allocations/{SERVER}'):
            shown[path, 'changed'] = (answer.status, answer.header('Last-Modified'))
    return shown


def is_same(key, one, other):
    if key[1] != 'changed' or 200 not in (one[0], other[0]):
        return one == other
    # Upstream writes the rows of one claim at several times, and a second may end between them.
    times = [email.utils.parsedate_to_datetime(each[1]).timestamp() for each in (one, other)]
    return one[0] == other[0] and abs(times[0] - times[1]) <= 1


def check_same(one, other):
    different = {key: (one[key], other[key]) for key in one
                 if not is_same(key, one[key], other[key])}
    assert not different, '\n'.join(f'{key}:\n  {a}\n  {b}' for key, (a, b) in different.items())


def must(answer, *statuses):
    assert answer.status in statuses, answer
    return answer


def fill(api):
    """Makes some of everything."""
    for uuid, name, parent in ((ROOT, 'rack-é', None), (CHILD, 'child', ROOT),
                               (GRANDCHILD, 'grandchild', CHILD), (SHARE, 'share', None),
                               (EMPTY, 'empty "name"', None)):
        body = {'uuid': uuid, 'name': name, 'parent_provider_uuid': parent}
        must(api.post('/resource_providers', body), 200)
    for name in ('GOLD', 'LONELY'):
        must(api.put(f'/traits/CUSTOM_{name}'), 201)
    must(api.put('/resource_classes/CUSTOM_FPGA'), 201)
    inventories = {
        ROOT: {'VCPU': {'total': 16, 'reserved': 2, 'min_unit': 1, 'max_unit': 8, 'step_size': 1,
                        'allocation_ratio': 4.5},
               'MEMORY_MB': {'total': 4096, 'step_size': 64, 'min_unit': 64}},
        CHILD: {'VCPU': {'total': 4, 'allocation_ratio': 1.0}, 'CUSTOM_FPGA': {'total': 2}},
        GRANDCHILD: {'CUSTOM_FPGA': {'total': 1}},
        SHARE: {'DISK_GB': {'total': 1000, 'allocation_ratio': 0.9}}}
    for uuid, one in inventories.items():
        must(api.put(f'/resource_providers/{uuid}/inventories',
                     {'resource_provider_generation': 0, 'inventories': one}), 200)
    for uuid, groups in ((ROOT, [GROUP]), (SHARE, [GROUP, OTHER_GROUP])):
        must(api.put(f'/resource_providers/{uuid}/aggregates',
                     {'resource_provider_generation': 1, 'aggregates': groups}), 200)
    for uuid, traits in ((ROOT, ['CUSTOM_GOLD', 'HW_CPU_X86_AVX2']),
                         (SHARE, ['MISC_SHARES_VIA_AGGREGATE'])):
        must(api.put(f'/resource_providers/{uuid}/traits',
                     {'resource_provider_generation': 2, 'traits': traits}), 200)
    must(api.claim(SERVER, {ROOT: {'VCPU': 2, 'MEMORY_MB': 128}, SHARE: {'DISK_GB': 20}}), 204)
    must(api.claim(VOLUME, {SHARE: {'DISK_GB': 5}}, consumer_type='VOLUME'), 204)
    plain = {'allocations': {CHILD: {'resources': {'CUSTOM_FPGA': 1}}}, 'project_id': 'p',
             'user_id': 'other', 'consumer_generation': None}
    must(api.put(f'/allocations/{PLAIN}', plain, version='1.37'), 204)
    old = {'allocations': [{'resource_provider': {'uuid': CHILD}, 'resources': {'VCPU': 1}}]}
    must(api.put(f'/allocations/{OLD}', old, version='1.7'), 204)


def change(api):
    """Changes some of everything that fill() has made."""
    must(api.post('/resource_providers', {'uuid': LATER, 'name': 'later'}), 200)
    must(api.put(f'/resource_providers/{EMPTY}', {'name': 'renamed',
                                                  'parent_provider_uuid': LATER}), 200)
    must(api.put('/resource_classes/CUSTOM_NEW'), 201)
    must(api.post(f'/resource_providers/{LATER}/inventories', {
        'resource_provider_generation': 0, 'resource_class': 'CUSTOM_NEW', 'total': 7}), 201)
    must(api.delete('/traits/CUSTOM_LONELY'), 204)
    must(api.put(f'/resource_providers/{LATER}/traits', {
        'resource_provider_generation': 1, 'traits': ['CUSTOM_GOLD', 'HW_CPU_X86_SSE']}), 200)
    must(api.put(f'/resource_providers/{LATER}/aggregates', {
        'resource_provider_generation': 2, 'aggregates': [new_uuid()]}), 200)
    must(api.claim(SERVER, {ROOT: {'VCPU': 4}}, generation=1), 204)
    must(api.delete(f'/allocations/{VOLUME}'), 204)
    must(api.claim(NEW, {LATER: {'CUSTOM_NEW': 3}}, consumer_type='FRESH', project_id='q'), 204)
    must(api.put(f'/resource_providers/{GRANDCHILD}/inventories', {
        'resource_provider_generation': 1, 'inventories': {'VCPU': {'total': 3}}}), 200)


@pytest.fixture(scope='module')
def swapped(tmp_path_factory):
    """What upstream, emplace, emplace after its changes, and upstream again have shown."""
    folder = tmp_path_factory.mktemp('swap')
    database = folder / 'placement.db'
    with Upstream(folder / 'first', database, sync=True) as api:
        fill(api)
        made = everything(api)
    upstreams_tables = tables(database)
    with emplace(folder / 'second', database) as api:
        taken_over = everything(api)
        change(api)
        changed = everything(api)
    with Upstream(folder / 'third', database, sync=False) as api:
        given_back = everything(api)
    return made, taken_over, changed, given_back, upstreams_tables


def test_emplace_shows_what_upstream_has_made(swapped):
    made, taken_over, *_ = swapped
    check_same(made, taken_over)


def test_upstream_shows_what_emplace_has_made(swapped):
    _, _, changed, given_back, _ = swapped
    check_same(changed, given_back)


def test_the_comparison_is_not_about_nothing(swapped):
    made, taken_over, changed, *_ = swapped
    assert len(made['/resource_providers', '1.39'][1]['resource_providers']) == 5
    assert made[f'/allocations/{SERVER}', '1.39'][1]['allocations']
    assert len(made['/allocation_candidates?resources=VCPU:1,DISK_GB:10', '1.39'][1]
               ['allocation_requests']) > 0
    assert sum(status == 200 for status, _ in made.values()) > 150
    assert changed != taken_over


def test_the_tables_that_both_know_are_the_same(swapped, tmp_path):
    """Columns and their types, table by table; of its own emplace may add only emplace_… tables."""
    *_, upstreams = swapped
    with emplace(tmp_path, tmp_path / 'placement.db'):
        pass
    ours = tables(tmp_path / 'placement.db')
    assert set(upstreams) == set(ours)
    for name, columns in upstreams.items():
        assert ours[name] == columns, name


def test_odd_rows_of_upstream_do_no_harm(tmp_path):
    """What upstream lets in and emplace does not: its database is opened all the same."""
    database = tmp_path / 'placement.db'
    odd_consumer = '-' * 36
    with Upstream(tmp_path / 'first', database, sync=True) as api:
        made = api.provider(VCPU=8)
        must(api.put('/traits/CUSTOM_NL%0A'), 201)
        must(api.put('/resource_classes/CUSTOM_Q%22,%20%22name%22:%22CUSTOM_B'), 201)
        must(api.put(f'/resource_providers/{made}/aggregates', {
            'resource_provider_generation': 1,
            'aggregates': [GROUP.replace('-', ''), OTHER_GROUP.upper()]}), 200)
        entry = {'allocations': {made: {'resources': {'VCPU': 1}}}, 'consumer_generation': None,
                 **OWNER}
        must(api.post('/allocations', {odd_consumer: entry, new_uuid(): entry}), 204)
        # A refused claim leaves a consumer without allocations.
        must(api.claim(NEW, {new_uuid(): {'VCPU': 1}}), 400)
    with emplace(tmp_path / 'second', database) as api:
        assert sorted(api.get(f'/resource_providers/{made}/aggregates').json['aggregates']) == [
            GROUP, OTHER_GROUP]
        assert [one['uuid'] for one in api.get(f'/resource_providers?member_of={GROUP}')
                .json['resource_providers']] == [made]
        assert api.used(made) == {'VCPU': 2}
        must(api.claim(NEW, {made: {'VCPU': 6}}), 204)
        must(api.claim(new_uuid(), {made: {'VCPU': 1}}), 409)
        must(api.get('/traits'), 200)
        must(api.get('/resource_classes'), 200)
    with Upstream(tmp_path / 'third', database, sync=False) as api:
        assert api.used(made) == {'VCPU': 8}
        assert api.get(f'/allocations/{NEW}').json['allocations'][made]['resources'] == {'VCPU': 6}
