"""Debian's Keystone, in a folder of its own: SQLite, Fernet tokens, on a free port of 127.0.0.1.

As a program it serves what the environment OS_KEYSTONE_CONFIG_FILES configures, on the port given.
"""
import contextlib
import getpass
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import urllib.request
from urllib.error import HTTPError

HOST = '127.0.0.1'
PYTHON = '/usr/bin/python3'
MANAGE = shutil.which('keystone-manage')
REGION = 'RegionOne'
ADMIN_PASSWORD = 'admin-secret'
SETTINGS = '''[DEFAULT]
log_dir = {folder}
[database]
connection = sqlite:///{folder}/keystone.db
sqlite_synchronous = false
[token]
provider = fernet
expiration = {token_seconds}
[fernet_tokens]
key_repository = {folder}/fernet
[credential]
key_repository = {folder}/credential
[identity]
password_hash_rounds = 4
'''


class RealKeystone:
    """A process of Keystone, and the Identity API as its administrator uses it."""

    def __init__(self, folder, port, token_seconds=3600):
        self.folder, self.port = str(folder), port
        self.url = f'http://{HOST}:{port}'
        self.config_file = os.path.join(self.folder, f'keystone-{port}.conf')
        with open(self.config_file, 'w', encoding='utf-8') as out:
            out.write(SETTINGS.format(folder=self.folder, token_seconds=token_seconds))
        self.environment = {**os.environ, 'OS_KEYSTONE_CONFIG_FILES': self.config_file,
                            'HOME': self.folder, 'PYTHONWARNINGS': 'ignore'}
        self.process = None
        self.admin = None

    def set_up(self):
        user = getpass.getuser()
        self._manage('db_sync')
        # Keystone leaves readers open, which without a write-ahead log keep writers out.
        with contextlib.closing(sqlite3.connect(os.path.join(self.folder, 'keystone.db'))) as data:
            data.execute('PRAGMA journal_mode = WAL')
        for keys in ('fernet_setup', 'credential_setup'):
            self._manage(keys, '--keystone-user', user, '--keystone-group', user)
        self._manage('bootstrap', '--bootstrap-password', ADMIN_PASSWORD,
                     '--bootstrap-public-url', self.url, '--bootstrap-internal-url', self.url,
                     '--bootstrap-admin-url', self.url, '--bootstrap-region-id', REGION)

    def _manage(self, *words):
        done = subprocess.run([MANAGE, '--config-file', self.config_file, *words],
                              cwd=self.folder, env=self.environment, capture_output=True,
                              text=True, check=False)
        assert done.returncode == 0, f'keystone-manage {words[0]}: {done.stdout}{done.stderr}'

    def start(self):
        with open(os.path.join(self.folder, 'stderr.log'), 'ab') as log:
            self.process = subprocess.Popen([PYTHON, os.path.abspath(__file__), str(self.port)],
                                            cwd=self.folder, env=self.environment, stdout=log,
                                            stderr=log, stdin=subprocess.DEVNULL)

    def answers(self):
        assert self.process.poll() is None, f'Keystone ended: {self.folder}/stderr.log'
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(self.url + '/v3', timeout=5) as answer:
                return answer.status == 200
        return False

    def log_in_as_admin(self):
        self.admin = self.token('admin', ADMIN_PASSWORD, project('admin'))

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()

    def call(self, method, path, body=None, token=None):
        """One request as the administrator: (status, headers, JSON or None)."""
        request = urllib.request.Request(
            self.url + '/v3' + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={'Content-Type': 'application/json',
                     **({'X-Auth-Token': token or self.admin} if token or self.admin else {})})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
                return answer.status, answer.headers, json.loads(text) if text else None
        except HTTPError as error:
            raise AssertionError(f'{method} {path}: {error} {error.read()}') from error

    def token(self, user, password, scope=None):
        auth = {'identity': {'methods': ['password'], 'password': {'user': {
            'name': user, 'domain': {'id': 'default'}, 'password': password}}}}
        if scope:
            auth['scope'] = scope
        _, headers, _ = self.call('POST', '/auth/tokens', {'auth': auth})
        return headers['X-Subject-Token']

    def make(self, kind, **values):
        """Creates a user, project, role, service or endpoint; its id."""
        _, _, made = self.call('POST', f'/{kind}s', {kind: values})
        return made[kind]['id']

    def find(self, kind, name):
        _, _, found = self.call('GET', f'/{kind}s?name={name}')
        return found[f'{kind}s'][0]['id']

    def grant(self, role, user, where):
        """where: such as projects/ID, domains/default or system."""
        path = 'system' if where == 'system' else where
        self.call('PUT', f'/{path}/users/{user}/roles/{role}')

    def revoke(self, token):
        request = urllib.request.Request(self.url + '/v3/auth/tokens', method='DELETE', headers={
            'X-Auth-Token': self.admin, 'X-Subject-Token': token})
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 204


def project(name):
    return {'project': {'name': name, 'domain': {'id': 'default'}}}


def serve(port):
    from keystone.server import wsgi  # pylint: disable=import-outside-toplevel
    from werkzeug import serving  # pylint: disable=import-outside-toplevel
    serving.make_server(HOST, port, wsgi.initialize_public_application(),
                        threaded=True).serve_forever()


if __name__ == '__main__':
    serve(int(sys.argv.pop()))  # Keystone reads the command line as well
