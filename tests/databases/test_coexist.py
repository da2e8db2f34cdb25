"""emplace and upstream's Python server on one database: beside each other, in, and out again."""
import json
import time

import pytest

import story
from cloud import Emplace, Upstream, everywhere, manage_upstream, statuses
from harness import OWNER, new_uuid


@pytest.fixture(name='both')
def emplace_and_upstream(database, tmp_path):
    with Emplace(tmp_path, database.url, 2) as cloud, Upstream(tmp_path, database.url, 2) as upstream:
        yield cloud, upstream


def body(client, path, version='1.39'):
    answer = client.get(path, version=version)
    assert answer.status == 200, answer
    return json.loads(answer.body)


def test_each_shows_what_the_other_has_written_at_once(both):
    cloud, upstream = both
    for number, one in enumerate(story.WRITES):
        writer = (upstream if number % 2 else cloud)[number % 4 // 2]
        story.send(writer, one)
        reader = (cloud if number % 2 else upstream)[number % 3 % 2]
        for path in (f'/resource_providers/{story.HOST}', '/resource_providers', '/traits',
                     '/resource_classes'):
            if writer.get(path).status == 200:
                assert normal(body(writer, path)) == normal(body(reader, path)), (one, path)
        for provider in (story.HOST, story.NUMA, story.DEVICE, story.SHARE):
            for part in ('inventories', 'usages', 'aggregates', 'traits', 'allocations'):
                path = f'/resource_providers/{provider}/{part}'
                if writer.get(path).status == 200:
                    assert normal(body(writer, path)) == normal(body(reader, path)), (one, path)
        for consumer in story.CONSUMERS:
            path = f'/allocations/{consumer}'
            assert normal(body(writer, path)) == normal(body(reader, path)), (one, path)


def normal(value):
    """Lists have no order that anyone promises; links are of the server's own."""
    if isinstance(value, dict):
        return {name: normal(one) for name, one in value.items() if name != 'links'}
    if isinstance(value, list):
        return sorted((normal(one) for one in value), key=repr)
    return value


def test_claims_through_both_at_the_same_time_are_all_kept(both):
    cloud, upstream = both
    clients = [cloud[0], upstream[0], cloud[1], upstream[1]]
    providers = [cloud[0].provider(VCPU=1000) for _ in clients]
    kept = {provider: set() for provider in providers}

    def claim(number, client):
        told = []
        for _ in range(25):
            consumer = new_uuid()
            answer = client.claim(consumer, {providers[number]: {'VCPU': 1}})
            told.append(answer.status)
            if answer.status == 204:
                kept[providers[number]].add(consumer)
        return told
    told = everywhere(clients, claim)
    for number in (0, 2):
        assert told[number] == [204] * 25
    for client in clients:
        for provider in providers:
            assert set(body(client, f'/resource_providers/{provider}/allocations')[
                'allocations']) == kept[provider]


def test_no_update_is_lost_between_them(both):
    cloud, upstream = both
    provider = cloud[0].provider(VCPU=1)
    added = []

    def add(_, client):
        end = time.monotonic() + 30
        done = 0
        while done < 6 and time.monotonic() < end:
            shown = body(client, f'/resource_providers/{provider}/inventories')
            answer = client.put(f'/resource_providers/{provider}/inventories', {
                'resource_provider_generation': shown['resource_provider_generation'],
                'inventories': {'VCPU': {'total': shown['inventories']['VCPU']['total'] + 1}}})
            if answer.status == 200:
                done += 1
                added.append(1)
    everywhere([cloud[0], upstream[0], cloud[1], upstream[1]], add)
    assert len(added) >= 12
    for client in (cloud[0], cloud[1], upstream[0]):
        assert body(client, f'/resource_providers/{provider}/inventories')['inventories'][
            'VCPU']['total'] == 1 + len(added)


def test_the_triggers_can_be_removed_and_installed_again(database, tmp_path):
    with Emplace(tmp_path, database.url) as cloud, Upstream(tmp_path, database.url) as upstream:
        process = cloud.processes[0]
        assert process.command_line('db', 'coexist', 'show').startswith('on')
        assert process.command_line('db', 'coexist', 'off').startswith('off')
        consumer = new_uuid()
        provider = cloud[0].provider(VCPU=8)
        assert cloud[0].claim(consumer, {provider: {'VCPU': 1}}).status == 204
        assert body(upstream[0], f'/allocations/{consumer}')['allocations']
        hidden = upstream[0].provider(VCPU=8)  # nobody tells emplace
        assert cloud[0].get(f'/resource_providers/{hidden}').status == 404
        process.restart()
        assert process.command_line('db', 'coexist', 'show').startswith('off')
        assert process.command_line('db', 'coexist', 'on').startswith('on')
        assert cloud[0].get(f'/resource_providers/{hidden}').status == 200
        shown = upstream[0].provider(VCPU=8)
        assert cloud[0].get(f'/resource_providers/{shown}').status == 200


PATHS = ['/resource_providers', '/traits?name=startswith:CUSTOM_', '/resource_classes',
         *(f'/resource_providers/{provider}/{part}'
           for provider in (story.HOST, story.NUMA, story.DEVICE, story.SHARE)
           for part in ('inventories', 'usages', 'aggregates', 'traits', 'allocations')),
         *(f'/allocations/{consumer}' for consumer in story.CONSUMERS),
         '/allocation_candidates?resources=VCPU:1']


def everything(client):
    return {path: normal(body(client, path)) for path in PATHS if client.get(path).status == 200}


def test_swap_in_and_out(database, tmp_path):
    manage_upstream(tmp_path, database.url, 'db', 'sync')
    with Upstream(tmp_path, database.url) as upstream:
        for one in story.WRITES:
            answer = upstream[0].request(one.method, one.path, one.body, version=one.version)
            assert answer.status < 500, answer
        before = everything(upstream[0])
    with Emplace(tmp_path, database.url) as cloud:
        assert everything(cloud[0]) == before
        provider = cloud[0].provider(VCPU=8)
        assert cloud[0].put(f'/allocations/{new_uuid()}', {
            **OWNER, 'allocations': {provider: {'resources': {'VCPU': 2}}},
            'consumer_generation': None}).status == 204
        after = everything(cloud[0])
        assert cloud.processes[0].command_line('db', 'coexist', 'off').startswith('off')
    with Upstream(tmp_path, database.url) as upstream:
        assert everything(upstream[0]) == after
        assert upstream[0].claim(new_uuid(), {provider: {'VCPU': 1}}).status == 204
        assert statuses([upstream[0].delete(f'/resource_providers/{provider}')]) == {409: 1}
