"""kill -9 under write load: what was acknowledged is there after the restart, and nothing is half
there."""
import http.client
import random
import sqlite3
import threading
import uuid

import pytest

from server import Server

ROUNDS = 10
THREADS = 6
PROVIDERS = 12
LOAD_SECONDS = (0.2, 0.7)
RESOURCES = {'VCPU': 1, 'MEMORY_MB': 256, 'DISK_GB': 10}
OWNER = {'project_id': 'p', 'user_id': 'u', 'consumer_type': 'INSTANCE'}
INVENTORY = {name: {'total': 2000000000} for name in RESOURCES}


class Claim:
    """Consumers that were claimed for in one request, and what the client knows of them."""

    def __init__(self, placed):
        self.placed = placed      # consumer -> the providers of its allocations
        self.created = None       # True: acknowledged; None: not known
        self.deleted = False      # True: acknowledged; None: not known

    def body_of(self, consumer):
        return {'allocations': {provider: {'resources': RESOURCES}
                                for provider in self.placed[consumer]},
                'consumer_generation': None, **OWNER}

    def providers(self):
        return {provider for providers in self.placed.values() for provider in providers}


class Writer(threading.Thread):
    """Writes until the server is gone. Alone writes the inventory of `own`."""

    def __init__(self, client, seed, providers, own, generation):
        super().__init__()
        self.client, self.random, self.providers = client, random.Random(seed), providers
        self.own, self.generations, self.totals = own, {generation}, None
        self.claims, self.refused = [], []

    def run(self):
        try:
            while True:
                choice = self.random.random()
                if choice < 0.6:
                    self.claim(1)
                elif choice < 0.75:
                    self.claim(3)
                elif choice < 0.9:
                    self.put_inventory()
                else:
                    self.delete()
        except (OSError, http.client.HTTPException, ValueError):
            pass  # killed; an answer may have been cut off

    def claim(self, count):
        claim = Claim({str(uuid.UUID(int=self.random.getrandbits(128), version=4)):
                       self.random.sample(self.providers, self.random.randint(1, 2))
                       for _ in range(count)})
        self.claims.append(claim)
        if count == 1:
            consumer = next(iter(claim.placed))
            status, answer = self.client.call('PUT', '/allocations/' + consumer,
                                              claim.body_of(consumer))
        else:
            body = {consumer: claim.body_of(consumer) for consumer in claim.placed}
            status, answer = self.client.call('POST', '/allocations', body)
        claim.created = status == 204
        if status != 204:
            self.refused.append((status, answer))

    def delete(self):
        claims = [claim for claim in self.claims
                  if claim.created and claim.deleted is False and len(claim.placed) == 1]
        if not claims:
            return
        claim = self.random.choice(claims)
        claim.deleted = None
        status, answer = self.client.call('DELETE', '/allocations/' + next(iter(claim.placed)))
        claim.deleted = status == 204
        if status != 204:
            self.refused.append((status, answer))

    def put_inventory(self):
        generation = max(self.generations)
        total = generation + 1
        # Until it is answered, either may be the truth.
        self.generations = {generation, generation + 1}
        inventories = {name: {'total': total} for name in RESOURCES}
        status, answer = self.client.call(
            'PUT', f'/resource_providers/{self.own}/inventories',
            {'resource_provider_generation': generation, 'inventories': inventories})
        if status == 200:
            self.generations = {generation + 1}
        else:
            self.refused.append((status, answer))


class Books:
    """What must be in the server, over all rounds."""

    def __init__(self, client):
        self.used, self.generations, self.own = {}, {}, []
        for number in range(PROVIDERS + THREADS):
            provider = str(uuid.UUID(int=number + 1, version=4))
            client.must('POST', '/resource_providers', {'name': f'host{number}', 'uuid': provider})
            if number >= PROVIDERS:
                self.own.append(provider)
                continue
            client.must('PUT', f'/resource_providers/{provider}/inventories',
                        {'resource_provider_generation': 0, 'inventories': INVENTORY})
            self.used[provider], self.generations[provider] = 0, 1
        self.acknowledged = 0

    def check_claim(self, client, claim):
        """Finds out what became of a claim, and enters it."""
        found = {}
        for consumer in claim.placed:
            allocations = client.must('GET', '/allocations/' + consumer)['allocations']
            if allocations:
                assert set(allocations) == set(claim.placed[consumer]), 'half a consumer'
                assert all(each['resources'] == RESOURCES for each in allocations.values())
            found[consumer] = bool(allocations)
        assert len(set(found.values())) == 1, 'half a request'
        there = all(found.values())
        if claim.created:
            self.acknowledged += 1
            if claim.deleted is False:
                assert there, 'an acknowledged claim is lost'
            elif claim.deleted:
                assert not there, 'an acknowledged deletion is lost'
        if claim.created is False:
            assert not there, 'a refused claim is there'
        if there:
            for providers in claim.placed.values():
                for provider in providers:
                    self.used[provider] += 1
        if there or claim.created:
            for provider in claim.providers():
                self.generations[provider] += 1

    def check_sums(self, client):
        for provider, used in self.used.items():
            usages = client.must('GET', f'/resource_providers/{provider}/usages')
            assert usages['usages'] == {name: used * each for name, each in RESOURCES.items()}
            assert usages['resource_provider_generation'] == self.generations[provider]

    def check_inventory(self, client, writer):
        answer = client.must('GET', f'/resource_providers/{writer.own}/inventories')
        generation = answer['resource_provider_generation']
        assert generation in writer.generations, 'an acknowledged inventory is lost'
        if generation:
            totals = {name: each['total'] for name, each in answer['inventories'].items()}
            assert totals == dict.fromkeys(RESOURCES, generation), 'half an inventory'
        else:
            assert not answer['inventories']


@pytest.mark.parametrize('seed', [1])
def test_kill9_loses_nothing_acknowledged(tmp_path, seed):
    chance = random.Random(seed)
    server = Server(str(tmp_path)).start()
    client = server.client()
    books = Books(client)
    inventory_writes = 0
    try:
        for number in range(ROUNDS):
            writers = []
            for i, own in enumerate(books.own):
                generation = client.must(
                    'GET', '/resource_providers/' + own)['generation']
                writers.append(Writer(server.client(), f'{seed}/{number}/{i}',
                                      sorted(books.used), own, generation))
            client.close()
            for writer in writers:
                writer.start()
            threading.Event().wait(chance.uniform(*LOAD_SECONDS))
            server.kill()
            for writer in writers:
                writer.join(60)
                assert not writer.is_alive()
                assert not writer.refused, writer.refused[:3]
                inventory_writes += max(writer.generations)
            server.start()
            client = server.client()
            for writer in writers:
                for claim in writer.claims:
                    books.check_claim(client, claim)
                books.check_inventory(client, writer)
            books.check_sums(client)
    finally:
        client.close()
        server.stop()
    assert books.acknowledged > 20 * ROUNDS and inventory_writes > 0, 'there was no load'
    with sqlite3.connect(server.database) as database:
        assert database.execute('PRAGMA integrity_check').fetchone() == ('ok',)
        orphans = database.execute('SELECT count(*) FROM allocations WHERE consumer_id NOT IN '
                                   '(SELECT uuid FROM consumers)').fetchone()
        assert orphans == (0,)
