"""A database goes from upstream's server to emplace and back, and says the same to both."""
import json
import os
import subprocess
import sys
import textwrap

import pytest

from server import ROOT, Server, upstream

UPSTREAM = os.path.join(ROOT, '..', 'shared', 'conformance', 'upstream_server.py')
# Creates a database of an old revision by upstream's own migrations.
MIGRATE = textwrap.dedent('''
    import sys
    from oslo_config import cfg
    from placement import conf, db_api
    from placement.db.sqlalchemy import migration
    config = cfg.ConfigOpts()
    conf.register_opts(config)
    config([], default_config_files=[sys.argv[1]])
    db_api.configure(config)
    migration.upgrade(sys.argv[2])
''')
REVISIONS = ['b4ed3a175331', '611cd6dffd7b', 'b5c396305c25', '422ece571366']
HOST = '00000000-0000-4000-8000-000000000001'
NUMA = '00000000-0000-4000-8000-000000000002'
VM = '00000000-0000-4000-8000-00000000000a'
RACK = '00000000-0000-4000-8000-00000000000f'

pytestmark = pytest.mark.skipif(
    not os.path.exists(UPSTREAM) or not os.path.exists('/usr/lib/python3/dist-packages/placement'),
    reason='needs python3-placement and the script that serves it')


def fill(client, mark):
    """One of everything; `mark` keeps two fillings apart."""
    host, numa, consumer = (each[:-2] + mark + each[-1] for each in (HOST, NUMA, VM))
    client.must('POST', '/resource_providers', {'name': 'host' + mark, 'uuid': host})
    client.must('POST', '/resource_providers',
                {'name': 'numa' + mark, 'uuid': numa, 'parent_provider_uuid': host})
    client.must('PUT', '/resource_classes/CUSTOM_THING' + mark.upper())
    client.must('PUT', '/traits/CUSTOM_TRAIT' + mark.upper())
    client.must('PUT', f'/resource_providers/{host}/inventories', {
        'resource_provider_generation': 0,
        'inventories': {'VCPU': {'total': 8, 'allocation_ratio': 1.5, 'reserved': 1},
                        'CUSTOM_THING' + mark.upper(): {'total': 3}}})
    client.must('PUT', f'/resource_providers/{host}/traits', {
        'resource_provider_generation': 1,
        'traits': ['CUSTOM_TRAIT' + mark.upper(), 'HW_CPU_X86_AVX2']})
    client.must('PUT', f'/resource_providers/{host}/aggregates',
                {'resource_provider_generation': 2, 'aggregates': [RACK]})
    client.must('PUT', '/allocations/' + consumer, {
        'allocations': {host: {'resources': {'VCPU': 2, 'CUSTOM_THING' + mark.upper(): 1}}},
        'consumer_generation': None, 'project_id': 'p', 'user_id': 'u',
        'consumer_type': 'INSTANCE'})


def everything(client, marks):
    """What a server says of all that fill() made."""
    paths = ['/resource_providers', '/usages?project_id=p']
    for mark in marks:
        host, numa, consumer = (each[:-2] + mark + each[-1] for each in (HOST, NUMA, VM))
        paths += [f'/resource_providers/{host}' + part for part in (
            '', '/inventories', '/traits', '/aggregates', '/usages', '/allocations')]
        paths += [f'/resource_providers/{numa}', '/allocations/' + consumer,
                  f'/resource_classes/CUSTOM_THING{mark.upper()}']
    answers = {path: client.must('GET', path) for path in paths}
    answers['/resource_providers']['resource_providers'].sort(key=lambda each: each['uuid'])
    for answer in answers.values():
        if 'traits' in answer:
            answer['traits'].sort()
    return answers


def say(server, work):
    """Runs the server for as long as `work` takes; its result."""
    server.start()
    client = server.client()
    try:
        return work(client)
    finally:
        client.close()
        server.stop()


def test_a_database_goes_to_emplace_and_back(tmp_path):
    old, new = upstream(str(tmp_path), UPSTREAM), Server(str(tmp_path))

    def fill_and_tell(mark, marks):
        def work(client):
            fill(client, mark)
            return everything(client, marks)
        return work

    told = say(old, fill_and_tell('a', ['a']))
    assert say(new, lambda client: everything(client, ['a'])) == told
    told = say(new, fill_and_tell('b', ['a', 'b']))
    # Upstream's 8.0.0 knows only the revision before the newest: as an operator who goes back
    # would, say so; the newest one only dropped indexes that were there twice.
    stamp(new.database, '422ece571366')
    assert say(old, lambda client: everything(client, ['a', 'b'])) == told
    told = say(old, fill_and_tell('c', ['a', 'b', 'c']))
    assert say(new, lambda client: everything(client, ['a', 'b', 'c'])) == told


def stamp(database, revision):
    subprocess.run([sys.executable, '-c', 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); '
                    'd.execute("UPDATE alembic_version SET version_num = ?", sys.argv[2:]); '
                    'd.commit()', database, revision], check=True)


@pytest.mark.parametrize('revision', REVISIONS)
def test_every_revision_that_upstream_made_is_taken(tmp_path, revision):
    server = Server(str(tmp_path))
    subprocess.run([sys.executable, '-c', MIGRATE, server.config, revision], check=True)

    def work(client):
        fill(client, 'a')
        return everything(client, ['a'])

    told = say(server, work)
    assert say(server, lambda client: everything(client, ['a'])) == told, json.dumps(told)
