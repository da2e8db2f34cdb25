"""Starts, kills and speaks to servers of the Placement API on this machine."""
import http.client
import json
import os
import socket
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get('EMPLACE_BINARY', os.path.join(ROOT, 'build', 'release', 'emplace'))
READY_SECONDS = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Client:
    """One keep-alive connection; raises OSError or HTTPException when the server is gone."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection('127.0.0.1', port, timeout=30)

    def call(self, method, path, body=None, version='1.39'):
        """The status and the decoded answer."""
        headers = {'X-Auth-Token': 'admin', 'Accept': 'application/json',
                   'OpenStack-API-Version': 'placement ' + version}
        data = None
        if body is not None:
            headers['Content-Type'] = 'application/json'
            data = json.dumps(body)
        self.connection.request(method, path, data, headers)
        response = self.connection.getresponse()
        text = response.read()
        return response.status, json.loads(text) if text else None

    def must(self, method, path, body=None):
        """The answer of a call that has to succeed."""
        status, answer = self.call(method, path, body)
        assert 200 <= status < 300, (method, path, status, answer)
        return answer

    def close(self):
        self.connection.close()


class Server:
    """A server on a database file in `directory`; `command` is what comes before `serve`."""

    def __init__(self, directory, command=(BINARY,), extra=''):
        self.command = list(command)
        assert os.path.exists(self.command[-1]), 'not built: ' + self.command[-1]
        self.database = os.path.join(directory, 'placement.db')
        self.config = os.path.join(directory, 'placement.conf')
        with open(self.config, 'w', encoding='utf-8') as file:
            file.write('[api]\nauth_strategy = noauth2\n[placement_database]\n'
                       f'connection = sqlite:///{self.database}\nsync_on_startup = true\n{extra}')
        self.log = os.path.join(directory, 'server.log')
        self.port, self.process = 0, None

    def start(self):
        """Starts it and waits until it answers."""
        self.port = free_port()
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen(
                [*self.command, 'serve', '--config-file', self.config, '--host', '127.0.0.1',
                 '--port', str(self.port)], stdout=log, stderr=log)
        deadline = time.monotonic() + READY_SECONDS
        while True:
            assert self.process.poll() is None, self.log_text()
            assert time.monotonic() < deadline, 'the server does not answer: ' + self.log_text()
            client = Client(self.port)
            try:
                if client.call('GET', '/')[0] == 200:
                    return self
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)
            finally:
                client.close()

    def log_text(self):
        with open(self.log, encoding='utf-8', errors='replace') as log:
            return log.read()[-4000:]

    def kill(self):
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Stops it in an orderly way."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
                raise

    def client(self):
        return Client(self.port)


def upstream(directory, script):
    """Upstream's server, run by the script that makes one of the python3-placement package."""
    return Server(directory, (sys.executable, script))
