"""Three processes on one database: each shows at once, and in the same words, what all have done."""
import urllib.parse

import pytest

import story
from cloud import Emplace
from harness import Server, new_uuid

RATIOS = [1.1, 1.23456789, 3.4e38, 1e-10, 16.0, 0.1, 1 / 3, 1.0]


def names(client, provider):
    return client.get(f'/resource_providers/{provider}').json['name']


def found(client, query):
    """The uuids that a query for providers gives."""
    return [one['uuid'] for one in
            client.get(f'/resource_providers?{query}').json['resource_providers']]


def test_what_one_has_acknowledged_the_others_show_at_once(database, tmp_path):
    with Emplace(tmp_path, database.url, 3) as cloud:
        before = story.shown(cloud[0])
        for number, one in enumerate(story.WRITES):
            writer, reader = cloud[number % 3], cloud[(number + 1) % 3]
            story.send(writer, one)
            seen = story.shown(reader)
            assert seen != before or one.status == 204, one  # some write what there is already
            story.assert_same(story.shown(writer), seen)
            before = seen
        whole = story.shown(cloud[0], story.VERSIONS)
        for other in cloud.clients[1:]:
            story.assert_same(whole, story.shown(other, story.VERSIONS))


def test_who_starts_later_shows_the_same_and_restarts_lose_nothing(database, tmp_path):
    with Emplace(tmp_path, database.url, 3) as cloud:
        for number, one in enumerate(story.WRITES):
            story.send(cloud[number % 3], one)
        whole = story.shown(cloud[0], story.VERSIONS)
        story.assert_same(whole, story.shown(cloud.add(), story.VERSIONS))
        story.assert_same(whole, story.shown(cloud.processes[0].restart(), story.VERSIONS))
        cloud.stop()
        cloud.start()
        for client in cloud.clients:
            story.assert_same(whole, story.shown(client, story.VERSIONS))
    database.server.restart()
    with Emplace(tmp_path, database.url) as cloud:
        story.assert_same(whole, story.shown(cloud[0], story.VERSIONS))


def test_every_answer_is_the_one_that_sqlite_would_give(database, tmp_path):
    def answered(client, one):
        answer = story.send(client, one)
        location = answer.header('Location')
        return (one, answer.status, answer.body, answer.header('ETag'),
                location and urllib.parse.urlsplit(location).path)

    def told(clients):
        answers = [answered(clients[number % len(clients)], one)
                   for number, one in enumerate(story.WRITES)]
        seen = {key: value[:-1] for key, value in story.shown(clients[-1], story.VERSIONS).items()}
        return answers, seen

    alone = Server(tmp_path / 'alone')
    try:
        expected, everything = told([alone.start()])
        alone.stop()
    finally:
        alone.clean_up()
    with Emplace(tmp_path, database.url, 3) as cloud:
        answers, seen = told(cloud.clients)
    for answer, other in zip(expected, answers):
        assert answer == other
    story.assert_same(everything, seen)


def test_refusals_are_the_same_through_every_process(database, tmp_path):
    with Emplace(tmp_path, database.url, 3) as cloud:
        made = cloud[0].provider(VCPU=2)
        other = cloud[1].provider(parent=made, VCPU=2)
        consumer = new_uuid()
        assert cloud[2].claim(consumer, {other: {'VCPU': 1}}).status == 204
        for client in cloud.clients:
            refused = [
                (client.post('/resource_providers', {'name': made}), 409,
                 'placement.duplicate_name'),
                (client.delete(f'/resource_providers/{made}'), 409,
                 'placement.resource_provider.cannot_delete_parent'),
                (client.delete(f'/resource_providers/{other}'), 409,
                 'placement.resource_provider.inuse'),
                (client.claim(consumer, {other: {'VCPU': 1}}), 409, 'placement.concurrent_update'),
                (client.claim(new_uuid(), {other: {'VCPU': 2}}), 409, 'placement.undefined_code'),
                (client.put(f'/resource_providers/{made}/traits', {
                    'resource_provider_generation': 0, 'traits': []}), 409,
                 'placement.concurrent_update'),
                (client.delete(f'/allocations/{new_uuid()}'), 404, None)]
            for answer, status, code in refused:
                assert answer.status == status, answer
                assert code is None or answer.error['code'] == code, answer


def test_names_are_compared_byte_by_byte(database, tmp_path):
    spellings = ['cn1', 'CN1', 'cn1 ', ' cn1', 'e', 'é', 'e\u0301', 'E', 'ß', 'ss', '🚀', '🛰', '𝕏 rack',
                 'a%b', 'a_b', "quote ' \" \\ \\' `", 'Ǆ', 'null', 'x' * 200, 'é' * 200, '🚀' * 200]
    with Emplace(tmp_path, database.url, 3) as cloud:
        made = {}
        for number, name in enumerate(spellings):
            made[name] = cloud[number % 3].provider(name=name, VCPU=1)
        cloud.processes[2].restart()
        for client in cloud.clients:
            for name, provider in made.items():
                assert names(client, provider) == name
                assert found(client, 'name=' + urllib.parse.quote(name)) == [provider]
                assert client.post('/resource_providers', {'name': name}).status == 409


def test_projects_and_users_are_compared_byte_by_byte(database, tmp_path):
    owners = ['p', 'P', 'p ', 'é', 'e', '🚀', '🛰', 'é' * 255, "' OR 1=1 --", '\\']
    with Emplace(tmp_path, database.url, 3) as cloud:
        provider = cloud[0].provider(VCPU=1000)
        for number, owner in enumerate(owners, 1):
            answer = cloud[number % 3].claim(new_uuid(), {provider: {'VCPU': number}},
                                             project_id=owner, user_id=owner)
            assert answer.status == 204, answer
        cloud.processes[1].restart()
        for client in cloud.clients:
            for number, owner in enumerate(owners, 1):
                word = urllib.parse.quote(owner)
                usages = client.get(f'/usages?project_id={word}&user_id={word}').json['usages']
                assert usages == {'INSTANCE': {'VCPU': number, 'consumer_count': 1}}, owner


def test_ratios_come_back_exactly(database, tmp_path):
    def ratios(client, providers):
        return [client.get(f'/resource_providers/{one}/inventories')
                .json['inventories']['VCPU']['allocation_ratio'] for one in providers]

    with Emplace(tmp_path, database.url, 3) as cloud:
        providers = [cloud[0].provider() for _ in RATIOS]
        for generation, given in enumerate((RATIOS[::-1], RATIOS)):
            for number, (provider, ratio) in enumerate(zip(providers, given)):
                answer = cloud[number % 3].put(f'/resource_providers/{provider}/inventories', {
                    'resource_provider_generation': generation,
                    'inventories': {'VCPU': {'total': 10, 'allocation_ratio': ratio}}})
                assert answer.status == 200, answer
            for client in cloud.clients:
                assert ratios(client, providers) == given
        # 10 * 1.1 is 11 and no more, wherever it is asked for.
        narrow = providers[RATIOS.index(1.1)]
        assert cloud[1].claim(new_uuid(), {narrow: {'VCPU': 10}}).status == 204
        assert cloud[2].claim(new_uuid(), {narrow: {'VCPU': 1}}).status == 204
        assert cloud[0].claim(new_uuid(), {narrow: {'VCPU': 1}}).status == 409
        for number in range(3):
            cloud.processes[number].restart()
            assert ratios(cloud[number], providers) == RATIOS


@pytest.mark.parametrize('charset, collation', [
    ('utf8mb4', 'utf8mb4_general_ci'), ('utf8mb4', 'utf8mb4_bin'),
    ('utf8mb3', 'utf8mb3_general_ci'), ('latin1', None)])
def test_no_default_of_the_database_blurs_names(mariadb, tmp_path, charset, collation):
    """Whatever the operator created the database with."""
    url = mariadb.new_database(charset=charset, collation=collation)
    with Emplace(tmp_path, url, 2) as cloud:
        made = {name: cloud[number % 2].provider(name=name)
                for number, name in enumerate(['cn1', 'CN1', 'cn1 ', 'e', 'é', '🚀'])}
        for process in cloud.processes:
            process.restart()
            for name, provider in made.items():
                assert names(process.client, provider) == name


@pytest.mark.parametrize('collation', ['C', 'C.UTF-8'])
def test_no_locale_of_the_database_blurs_names(postgresql, tmp_path, collation):
    url = postgresql.new_database(collation=collation)
    with Emplace(tmp_path, url, 2) as cloud:
        made = {name: cloud[0].provider(name=name) for name in ('cn1', 'CN1', 'cn1 ', 'é', '🚀')}
        for name, provider in made.items():
            assert names(cloud[1], provider) == name


def test_a_hundred_writes_are_read_through_another_process_each(database, tmp_path):
    with Emplace(tmp_path, database.url, 2) as cloud:
        provider = cloud[0].provider(VCPU=1000)
        for number in range(100):
            writer, reader = cloud[number % 2], cloud[1 - number % 2]
            consumer = new_uuid()
            assert writer.claim(consumer, {provider: {'VCPU': 1}}).status == 204
            assert reader.get(f'/allocations/{consumer}').json['allocations']
            assert reader.used(provider) == {'VCPU': number + 1}
