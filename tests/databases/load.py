"""Writers and readers at work while things break, and a ledger of what must be stored at the end.

Every request is acknowledged (200, 204), refused (409, or a 503 that says no more) or left open (a
503 that says that nobody knows, or no answer where that is allowed). What was acknowledged must be
there, and once; what was refused must not; what was left open may be either, but whole.
"""
import http.client
import random
import threading
import time

from harness import OWNER, Client, new_uuid, wait_for

ANSWER_SECONDS_MAX = 20
SHARED_PROVIDERS = 4
RESOURCES = {'VCPU': 1, 'MEMORY_MB': 256}
UNKNOWN = 'may or may not have stored it'


class Claim:
    """Consumers that one request has claimed for, and what is known of them."""

    def __init__(self, placed):
        self.placed = placed    # {consumer: providers}
        self.stored = None      # True, False; None: not known
        self.deleted = False

    def body_of(self, consumer):
        return {'allocations': {one: {'resources': RESOURCES} for one in self.placed[consumer]},
                'consumer_generation': None, **OWNER}


class Register:
    """A thing with a generation that one writer writes alone, each time with another value.

    `possible` are the generations that it may have now, each with the values it may have then:
    more than one if a write was left open.
    """

    def __init__(self, generation, value):
        self.possible = {generation: {value}}
        self.seen = {generation: {value}}  # the same of all time, for those who read meanwhile
        self.least = generation            # what a read must show at least

    def next(self):
        """The generation and the value to be sent."""
        generation, value = min(self.possible), random.randrange(2, 1000000)
        self.seen.setdefault(generation + 1, set()).add(value)
        return generation, value

    def settle(self, generation, value, stored, conflict):
        if stored:
            self.possible = {generation + 1: {value}}
        elif stored is None:
            self.possible.setdefault(generation + 1, set()).add(value)
        else:
            self.seen[generation + 1].discard(value)
            if conflict:  # then it is a write that was left open which has raised it
                del self.possible[generation]
                assert self.possible, f'generation {generation} is refused, and was the only one'
        self.least = min(self.possible)


class Load:
    """Threads that write and read through some clients, for the time of a with statement.

    `cuts`: whether a request may stay without an answer, as those do whose process is killed.
    """

    def __init__(self, clients, writers=4, readers=2, cuts=False, seconds_max=ANSWER_SECONDS_MAX):
        self.make = clients[0]
        # Clients of the load's own, by the port, wait longer than any answer may take.
        self.clients = [Client(one.port, seconds_max + 10) for one in clients]
        self.cuts, self.seconds_max = cuts, seconds_max
        self.done = threading.Event()
        self.lock = threading.Lock()
        self.shared = [self.make.provider(**{name: 2000000000 for name in RESOURCES})
                       for _ in range(SHARED_PROVIDERS)]
        self.tiny = self.make.provider(VCPU=1)
        self.owned = [self.make.provider(VCPU=1) for _ in range(writers)]
        self.inventories = [Register(1, 1) for _ in self.owned]
        self.claims, self.problems, self.counts = [], [], {}
        self.slowest = 0.0
        self.threads = [threading.Thread(target=self.guard, args=[self.write, number])
                        for number in range(writers)]
        self.threads += [threading.Thread(target=self.guard, args=[self.read, number])
                         for number in range(readers)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        for thread in self.threads:
            thread.join(self.seconds_max + 30)
            assert not thread.is_alive(), 'a request hangs'

    def guard(self, work, number):
        """An assertion that fails in a thread is a problem of the load."""
        try:
            while not self.done.is_set():
                work(number)
        except BaseException as error:  # pylint: disable=broad-except
            self.problems.append(repr(error))

    def client(self):
        return random.choice(self.clients)

    def ask(self, method, path, body=None):
        """The answer, None for none; and what is known: stored or not, or None for nobody knows."""
        start = time.monotonic()
        try:
            answer = self.client().request(method, path, body)
        except (OSError, http.client.HTTPException) as error:
            if not self.cuts:
                self.problems.append(f'{method} {path}: no answer after '
                                     f'{time.monotonic() - start:.1f} s: {error!r}')
            self.count('cut')
            time.sleep(0.1)
            return None, None
        seconds = time.monotonic() - start
        self.slowest = max(self.slowest, seconds)
        self.count(answer.status)
        if seconds > self.seconds_max:
            self.problems.append(f'{method} {path} took {seconds:.1f} s: {answer}')
        if answer.status not in (200, 204, 409, 503):
            self.problems.append(f'{method} {path}: {answer}')
        if answer.status == 503:
            if not (answer.header('Retry-After') or '').isdigit():
                self.problems.append(f'{method} {path}: 503 without Retry-After')
            time.sleep(0.05)
            return answer, None if UNKNOWN in answer.error['detail'] else False
        return answer, answer.status < 300

    def count(self, what):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1

    def write(self, number):
        chance = random.random()
        if chance < 0.4:
            self.claim(1)
        elif chance < 0.55:
            self.claim(3)
        elif chance < 0.65:
            self.claim_too_much()
        elif chance < 0.75:
            self.delete()
        else:
            self.put_inventory(number)
        time.sleep(0.002)

    def claim(self, count):
        claim = Claim({new_uuid(): random.sample(self.shared, random.randint(1, 2))
                       for _ in range(count)})
        with self.lock:
            self.claims.append(claim)
        if count == 1:
            consumer = next(iter(claim.placed))
            answer, claim.stored = self.ask('PUT', f'/allocations/{consumer}',
                                            claim.body_of(consumer))
        else:
            answer, claim.stored = self.ask('POST', '/allocations', {
                consumer: claim.body_of(consumer) for consumer in claim.placed})
        if answer is not None and answer.status == 409:
            self.problems.append(f'a claim that nobody disputes: {answer}')

    def claim_too_much(self):
        consumer = new_uuid()
        answer, stored = self.ask('PUT', f'/allocations/{consumer}', {
            'allocations': {self.tiny: {'resources': {'VCPU': 2}}}, 'consumer_generation': None,
            **OWNER})
        if stored:
            self.problems.append(f'sold what there is not: {answer}')

    def delete(self):
        with self.lock:
            there = [one for one in self.claims
                     if one.stored and one.deleted is False and len(one.placed) == 1]
            if not there:
                return
            claim = random.choice(there)
            claim.deleted = None
        answer, claim.deleted = self.ask('DELETE', f'/allocations/{next(iter(claim.placed))}')
        if answer is not None and answer.status == 409:
            self.problems.append(f'a deletion that nobody disputes: {answer}')
        if claim.deleted is False:
            claim.deleted = 'refused'  # it is there, and not deleted again

    def put_inventory(self, number):
        register = self.inventories[number]
        generation, value = register.next()
        answer, stored = self.ask('PUT', f'/resource_providers/{self.owned[number]}/inventories', {
            'resource_provider_generation': generation,
            'inventories': {'VCPU': {'total': value}, 'DISK_GB': {'total': value}}})
        register.settle(generation, value, stored, answer is not None and answer.status == 409)

    def read(self, _):
        number = random.randrange(len(self.owned))
        register = self.inventories[number]
        least = register.least
        answer, good = self.ask('GET', f'/resource_providers/{self.owned[number]}/inventories')
        if good:
            generation, values = contents(answer)
            assert generation >= least, f'{generation} is older than what was acknowledged: {least}'
            assert len(values) == 1 and values <= register.seen.get(generation, set()), (
                f'generation {generation} was never {values}')
        time.sleep(0.005)

    def wait_until_back(self, clients=None):
        """Service returns by itself, through each process."""
        for client in clients or self.clients:
            def works(client=client):
                answer = client.claim(new_uuid(), {self.tiny: {'VCPU': 2}})
                assert answer.status in (409, 503), answer
                return answer.status == 409 and client.get('/resource_providers').status == 200
            wait_for(works, 'service to return', ANSWER_SECONDS_MAX)

    def check(self, clients, acknowledged=50):
        """The ledger against what each of these shows; at least so many must be acknowledged."""
        assert not self.problems, '\n'.join([*self.problems[:8], str(self.counts)])
        good = sum(one.stored is True for one in self.claims)
        assert good >= acknowledged, f'there was hardly any load: {self.counts}'
        for client in clients:
            self.check_through(client)

    def check_through(self, client):
        found, raised = {}, dict.fromkeys(self.shared, 1)
        for provider in self.shared:
            there = client.get(f'/resource_providers/{provider}/allocations').json['allocations']
            for consumer, each in there.items():
                assert each['resources'] == RESOURCES, each
                found.setdefault(consumer, set()).add(provider)
        for claim in self.claims:
            whole = {consumer: found.pop(consumer, set()) for consumer in claim.placed}
            there = any(whole.values())
            if there:
                assert whole == {one: set(each) for one, each in claim.placed.items()}, 'half'
            if claim.stored is True:
                assert there or claim.deleted in (True, None), 'an acknowledged claim is lost'
                assert not there or claim.deleted is not True, 'an acknowledged deletion is lost'
            elif claim.stored is False:
                assert not there, 'a refused claim is there'
            if there or claim.stored:
                for provider in set().union(*claim.placed.values()):
                    raised[provider] += 1
        assert not found, f'nobody has claimed this: {found}'
        for provider, generation in raised.items():
            assert client.generation(provider) == generation, 'stored more or less than once'
            used = len(client.get(f'/resource_providers/{provider}/allocations')
                       .json['allocations'])
            assert client.used(provider) == {name: used * each
                                             for name, each in RESOURCES.items()}
        assert client.used(self.tiny) == {'VCPU': 0}
        for provider, register in zip(self.owned, self.inventories):
            generation, values = contents(client.get(f'/resource_providers/{provider}/inventories'))
            assert len(values) == 1 and values <= register.possible.get(generation, set()), (
                f'generation {generation} with {values}, but {register.possible}')


def contents(answer):
    """Generation and totals of an answer about inventories."""
    return (answer.json['resource_provider_generation'],
            {each['total'] for each in answer.json['inventories'].values()})
