"""A Keystone with the faults that a test wants, which counts what it is asked."""
import contextlib
import http.server
import json
import socket
import socketserver
import ssl
import threading
import time
import urllib.parse

from harness import HOST


def in_seconds(seconds):
    """The time in so many seconds, as Keystone writes it."""
    return time.strftime('%Y-%m-%dT%H:%M:%S.000000Z', time.gmtime(time.time() + seconds))


class ThreadingServer(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, *arguments):
        self.connections = []
        super().__init__(*arguments)

    def process_request(self, request, client_address):
        self.connections.append(request)
        super().process_request(request, client_address)

    def server_close(self):
        """Ends what is kept alive as well."""
        super().server_close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request, client_address):
        """Clients that break a connection off, or do not like the certificate, are no news."""


class FakeKeystone:
    """Knows the tokens in `tokens` and the service's own ones, which it gives at each login."""

    def __init__(self, port=0, tls=None):
        self.tokens = {}
        self.lookups = []         # (path with query, token) of each question
        self.logins = []          # the bodies of the logins
        self.own_tokens = set()
        self.own_seconds = 3600   # how long those live
        self.catalog = []
        self.login_status = 201
        self.status = None        # of every answer about a token, if set
        self.gate = threading.Event()  # while it is not set, nobody gets an answer about a token
        self.gate.set()
        self.server = ThreadingServer((HOST, port), self._handler())
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True,
                                                 do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.scheme = 'https' if tls else 'http'
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f'{self.scheme}://{HOST}:{self.port}/identity'

    def add(self, token, *roles, seconds=3600, **scope):
        """A token of a user who has these roles in this scope (a project if none is named)."""
        self.tokens[token] = {
            'methods': ['password'], 'user': {'id': f'user-of-{token}', 'domain': {'id': 'ud'}},
            'roles': [{'id': role, 'name': role} for role in roles],
            'expires_at': in_seconds(seconds),
            **(scope or {'project': {'id': f'project-of-{token}', 'domain': {'id': 'pd'}}})}
        return token

    def lookups_of(self, token):
        return sum(asked == token for _, asked in self.lookups)

    def close(self):
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()

    def validate(self, path, own, token):
        self.lookups.append((path, token))
        self.gate.wait(30)
        if self.status:
            return self.status, {}
        if own not in self.own_tokens:
            return 401, {'error': {'message': 'The request you have made requires authentication.'}}
        found = self.tokens.get(token)
        allow_expired = 'allow_expired=1' in urllib.parse.urlsplit(path).query
        if not found or (found['expires_at'] <= in_seconds(0) and not allow_expired):
            return 404, {'error': {'message': f'Could not find token: {token}.'}}
        return 200, {'token': found}

    def log_in(self, body):
        self.logins.append(body)
        if self.login_status != 201:
            return self.login_status, {}, None
        own = f'own-token-{len(self.logins)}'
        self.own_tokens.add(own)
        return 201, {'token': {'expires_at': in_seconds(self.own_seconds), 'user': {'id': 'own'},
                               'catalog': self.catalog}}, own

    def _handler(keystone):  # pylint: disable=no-self-argument
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_GET(self):
                assert self.path.startswith('/identity/v3/auth/tokens'), self.path
                status, body = keystone.validate(self.path, self.headers['X-Auth-Token'],
                                                 self.headers['X-Subject-Token'])
                self.answer(status, body)

            def do_POST(self):
                assert self.path == '/identity/v3/auth/tokens', self.path
                body = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
                status, body, own = keystone.log_in(body)
                self.answer(status, body, own)

            def answer(self, status, body, own=None):
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header('Content-Type', 'application/json')
                self.send_header('Content-Length', str(len(data)))
                if own:
                    self.send_header('X-Subject-Token', own)
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(data)

            def log_message(self, *_):
                """Nothing: the test asks `lookups`."""

        return Handler


def server_tls(certificate, key, client_ca=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    return context
