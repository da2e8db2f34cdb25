#!/usr/bin/python3
"""Serve the installed upstream Placement (python3-placement) on 127.0.0.1, for the swap tests.

    upstream_app.py FOLDER

The folder holds its placement.conf. The port is any free one; it is printed when it serves.
"""
import os
import signal
import socketserver
import sys
from wsgiref import simple_server


class Server(socketserver.ThreadingMixIn, simple_server.WSGIServer):
    daemon_threads = True

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)  # without asking a name server who we are
        self.server_name, self.server_port = self.server_address[:2]
        self.setup_environ()


class Handler(simple_server.WSGIRequestHandler):
    def get_environ(self):
        environ = super().get_environ()
        # The library says text/plain where nothing was said; Placement treats the two differently.
        if self.headers.get('content-type') is None:
            environ.pop('CONTENT_TYPE', None)
        return environ

    def address_string(self):
        return self.client_address[0]

    def log_message(self, *_):
        pass


def main():
    os.environ['OS_PLACEMENT_CONFIG_DIR'] = sys.argv[1]
    del sys.argv[1:]  # Placement would read them, too
    from placement.wsgi import init_application
    server = simple_server.make_server('127.0.0.1', 0, init_application(), Server, Handler)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == '__main__':
    main()
