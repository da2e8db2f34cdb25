"""A running emplace as the tests see it: a process, a folder of its own, and HTTP."""
import concurrent.futures
import contextlib
import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import threading
import time
import uuid

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get('EMPLACE_BINARY') or os.path.join(ROOT, 'build', 'release', 'emplace')
HOST = '127.0.0.1'
NEWEST = '1.39'
START_SECONDS = 20
ANSWER_SECONDS = 20
STOP_SECONDS = 10
OWNER = {'project_id': 'p', 'user_id': 'u', 'consumer_type': 'INSTANCE'}


def new_uuid():
    return str(uuid.uuid4())


def new_name(prefix):
    """A name that no other test has: in the letters that traits and classes may have."""
    return prefix + uuid.uuid4().hex.upper()


def spellings(canonical):
    """Other ways to write a UUID in lower-case letters and dashes."""
    plain = canonical.replace('-', '')
    return [canonical.upper(), plain, plain.upper(), '{' + canonical + '}', 'urn:uuid:' + canonical,
            '{urn:uuid:' + plain + '}']


class Answer:
    """One answer over HTTP."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        """The only header of that name; None if there is none."""
        values = self.headers.get_all(name) or [None]
        assert len(values) == 1, f'{name} came {len(values)} times'
        return values[0]

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        """The one error of the API's error object."""
        errors = self.json['errors']
        assert len(errors) == 1
        return errors[0]

    def __repr__(self):
        return f'<{self.status} {self.body[:2000]!r}>'


def read_answer(connection):
    response = connection.getresponse()
    return Answer(response.status, response.headers, response.read())


class Client:
    """Requests to one server, each over a connection of its own."""

    def __init__(self, port, timeout_seconds=ANSWER_SECONDS):
        self.port, self.timeout_seconds = port, timeout_seconds

    def request(self, method, path, body=None, *, version=NEWEST, token='admin', roles=None,
                headers=(), content_type='application/json'):
        """A body that is neither bytes nor None is sent as JSON."""
        sent = {}
        if version is not None:
            sent['OpenStack-API-Version'] = f'placement {version}'
        if token is not None:
            sent['X-Auth-Token'] = token
        if roles is not None:
            sent['X-Roles'] = roles
        if body is not None and content_type is not None:
            sent['Content-Type'] = content_type
        sent.update(headers)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        connection = http.client.HTTPConnection(HOST, self.port, timeout=self.timeout_seconds)
        with contextlib.closing(connection):
            connection.request(method, path, body, sent)
            return read_answer(connection)

    def get(self, path, **options):
        return self.request('GET', path, **options)

    def put(self, path, body=None, **options):
        return self.request('PUT', path, body, **options)

    def post(self, path, body=None, **options):
        return self.request('POST', path, body, **options)

    def delete(self, path, **options):
        return self.request('DELETE', path, **options)

    def raw(self, *pieces):
        """Sends bytes as they are, and returns all that comes back until the server closes."""
        with socket.create_connection((HOST, self.port), self.timeout_seconds) as connection:
            for piece in pieces:
                connection.sendall(piece)
            received = b''
            with contextlib.suppress(ConnectionResetError):
                while data := connection.recv(65536):
                    received += data
            return received

    def provider(self, parent=None, name=None, **totals):
        """Makes a provider with an inventory of these totals; its uuid."""
        made = new_uuid()
        body = {'uuid': made, 'name': name or made}
        if parent:
            body['parent_provider_uuid'] = parent
        answer = self.post('/resource_providers', body)
        assert answer.status == 200, answer
        if totals:
            answer = self.put(f'/resource_providers/{made}/inventories', {
                'resource_provider_generation': 0,
                'inventories': {name: {'total': total} for name, total in totals.items()}})
            assert answer.status == 200, answer
        return made

    def generation(self, provider):
        return self.get(f'/resource_providers/{provider}').json['generation']

    def claim(self, consumer, resources, generation=None, **changes):
        """Claims {provider: {class: amount}} for a consumer."""
        allocations = {one: {'resources': amounts} for one, amounts in resources.items()}
        return self.put(f'/allocations/{consumer}', {
            'allocations': allocations, 'consumer_generation': generation, **OWNER, **changes})

    def used(self, provider):
        return self.get(f'/resource_providers/{provider}/usages').json['usages']


def free_port():
    """A port below the ephemeral range, where no outgoing connection can take it first."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return port


def clean_environment(folder, additions=()):
    """This process's environment without what would configure emplace."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith('OS_')}
    return {**kept, 'HOME': folder, **dict(additions)}


def write_configuration(path, groups):
    with open(path, 'w', encoding='utf-8') as out:
        for group, options in groups.items():
            out.write(f'[{group}]\n')
            out.writelines(f'{name} = {value}\n' for name, value in options.items())


def run_command(folder, *arguments, environment=(), program=BINARY):
    """Runs a command of emplace to its end: its exit code, stdout and stderr."""
    done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True,
                          env=clean_environment(folder, environment), timeout=START_SECONDS,
                          stdin=subprocess.DEVNULL, check=False)
    return done.returncode, done.stdout, done.stderr


class Server:
    """One process of emplace in a folder of its own."""

    def __init__(self, folder, options=None, *, arguments=(), environment=()):
        self.folder = str(folder)
        os.makedirs(self.folder, exist_ok=True)
        self.database = os.path.join(self.folder, 'placement.db')
        self.config_file = os.path.join(self.folder, 'placement.conf')
        self.log_file = os.path.join(self.folder, 'stderr.log')
        groups = {
            'api': {'auth_strategy': 'noauth2'},
            'placement_database': {'connection': f'sqlite:///{self.database}',
                                   'sync_on_startup': 'true'},
            'emplace': {'port': '0'},
        }
        for group, values in (options or {}).items():
            groups.setdefault(group, {}).update(values)
        write_configuration(self.config_file, groups)
        self.command = [BINARY, 'serve', '--config-file', self.config_file, *arguments]
        self.environment = clean_environment(self.folder, environment)
        self.process = None
        self.client = None

    def start_quietly(self, port):
        """The same for one whose log does not tell its port."""
        with open(self.log_file, 'ab') as log:
            self.process = subprocess.Popen([*self.command, '--port', str(port)], stdout=log,
                                            stderr=log, cwd=self.folder, env=self.environment,
                                            stdin=subprocess.DEVNULL)
        self.client = Client(port)

        def answers():
            with contextlib.suppress(OSError):
                return self.client.get('/').status == 200

        wait_for(answers, 'the server')
        return self.client

    def start(self, log_file=None):
        """Starts it and waits until it serves; `log_file`: where its configuration says it logs."""
        log_file = log_file or self.log_file
        with open(self.log_file, 'ab') as log:
            begin = os.path.getsize(log_file) if os.path.exists(log_file) else 0
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, cwd=self.folder, env=self.environment)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            found = re.search(rb'serving on \S+ port (\d+) ', read_from(log_file, begin))
            if found:
                self.client = Client(int(found.group(1)))
                return self.client
            assert self.process.poll() is None, f'it ended:\n{self.log()}'
            time.sleep(0.01)
        raise AssertionError(f'it does not serve:\n{self.log()}')

    def log(self):
        return read_from(self.log_file).decode(errors='replace')

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        """Ends it by SIGTERM; how many seconds that took. It must end with 0."""
        begin = time.monotonic()
        self.signal(signal.SIGTERM)
        code = self.process.wait(STOP_SECONDS)
        assert code == 0, f'it ended with {code}:\n{self.log()}'
        return time.monotonic() - begin

    def clean_up(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def read_from(path, begin=0):
    """The bytes of a file, none if there is no such file."""
    try:
        with open(path, 'rb') as file:
            file.seek(begin)
            return file.read()
    except FileNotFoundError:
        return b''


def at_once(count, work):
    """The results of work(0) … work(count - 1), started together on threads of their own."""
    barrier = threading.Barrier(count)

    def run(number):
        barrier.wait(10)
        return work(number)

    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def wait_for(condition, what, seconds=START_SECONDS):
    """The first true value that `condition` gives."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f'waited in vain for {what}')
