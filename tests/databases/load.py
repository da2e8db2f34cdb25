"""A load of claims and reads on several processes, and a book of what each was told."""
import collections
import http.client
import threading
import time

from harness import Client, new_uuid

PAUSE_SECONDS = 0.05      # after anything but success
PATIENCE_SECONDS = 20     # no answer may take longer


class Load:
    """Writers and readers that go on until the end of the with statement.

    Each writer claims one VCPU after another from a provider of its own, through one process.
    """

    def __init__(self, clients, writers=4, readers=2):
        self.clients = list(clients)
        self.providers = [self.clients[0].provider(VCPU=1_000_000) for _ in range(writers)]
        self.acknowledged, self.refused, self.open = {}, {}, {}
        self.answers, self.faults = collections.Counter(), []
        self.longest = 0
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self.threads = [threading.Thread(target=self.write, args=[number], daemon=True)
                        for number in range(writers)]
        self.threads += [threading.Thread(target=self.read, args=[number], daemon=True)
                         for number in range(readers)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join(2 * PATIENCE_SECONDS)
            assert not thread.is_alive(), 'a request got no answer'

    def ask(self, kind, number, work):
        """The answer of one request; None if the connection broke."""
        start, answer = time.monotonic(), None
        client = Client(self.clients[number % len(self.clients)].port)
        try:
            answer = work(client)
        except (OSError, http.client.HTTPException):
            pass
        with self.lock:
            self.longest = max(self.longest, time.monotonic() - start)
            self.answers[kind, answer and answer.status] += 1
            if answer is not None and answer.status not in (200, 204, 503):
                self.faults.append(answer)
            if answer is not None and answer.status == 503 and not answer.header('Retry-After'):
                self.faults.append(answer)
        if answer is None or answer.status == 503:
            time.sleep(PAUSE_SECONDS)
        return answer

    def write(self, number):
        provider = self.providers[number]
        while not self.stopping.is_set():
            consumer = new_uuid()
            answer = self.ask('write', number,
                              lambda client, c=consumer: client.claim(c, {provider: {'VCPU': 1}}))
            if answer is not None and answer.status == 204:
                book = self.acknowledged
            elif answer is None or b'may or may not' in answer.body:
                book = self.open
            else:
                book = self.refused
            with self.lock:
                book[consumer] = provider

    def read(self, number):
        provider = self.providers[number % len(self.providers)]
        least = 0
        while not self.stopping.is_set():
            answer = self.ask('read', number,
                              lambda client: client.get(f'/resource_providers/{provider}/usages'))
            if answer is not None and answer.status == 200:
                used = answer.json['usages']['VCPU']
                if used < least:
                    self.faults.append(f'{used} used after {least}')
                least = used
            time.sleep(PAUSE_SECONDS / 5)

    def count(self):
        with self.lock:
            return len(self.acknowledged)

    def wait_for_more(self, seconds=30):
        """Until every writer has been told of a success again."""
        with self.lock:
            before = collections.Counter(self.acknowledged.values())
        end = time.monotonic() + seconds
        while True:
            with self.lock:
                now = collections.Counter(self.acknowledged.values())
            if all(now[provider] > before[provider] for provider in self.providers):
                return
            assert time.monotonic() < end, f'service did not come back: {self.answers}'
            time.sleep(0.05)

    def check(self, clients=None):
        """Every process shows all that was acknowledged, each once, and nothing that was refused."""
        assert not self.faults, self.faults[:3]
        assert self.longest < PATIENCE_SECONDS, self.longest
        assert self.acknowledged
        for client in clients or self.clients:
            for provider in self.providers:
                there = client.get(f'/resource_providers/{provider}/allocations').json['allocations']
                assert client.used(provider)['VCPU'] == len(there)
                of_provider = [{consumer for consumer, one in book.items() if one == provider}
                               for book in (self.acknowledged, self.refused, self.open)]
                acknowledged, refused, unclear = of_provider
                assert acknowledged <= set(there), 'lost'
                assert not refused & set(there), 'refused and stored'
                assert set(there) <= acknowledged | unclear, 'from nowhere'
                assert all(claim['resources'] == {'VCPU': 1} for claim in there.values())
