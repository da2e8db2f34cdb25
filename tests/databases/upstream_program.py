#!/usr/bin/python3
"""Upstream's Placement behind as much of emplace's command line as the tests of this folder use.

With EMPLACE_BINARY naming this file they run on upstream's Python server, which shows that the
tests can fail: it breaks under concurrency wherever they look.
"""
import configparser
import fcntl
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'api'))


def configure(config_file):
    """Lets Placement read this file, under the one name that it takes."""
    folder = tempfile.mkdtemp(prefix='upstream-', dir=os.path.dirname(config_file))
    os.symlink(os.path.abspath(config_file), os.path.join(folder, 'placement.conf'))
    os.environ['OS_PLACEMENT_CONFIG_DIR'] = folder
    del sys.argv[1:]  # Placement would read them, too


def serve(config_file):
    from wsgiref import simple_server
    import upstream_app
    settings = configparser.RawConfigParser()
    settings.read(config_file)
    configure(config_file)
    from placement.wsgi import init_application
    with open(os.path.join(tempfile.gettempdir(), 'upstream-sync.lock'), 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two that make the tables at one time would both fail
        application = init_application()
    server = simple_server.make_server('127.0.0.1', settings.getint('emplace', 'port'),
                                       application, upstream_app.Server, upstream_app.Handler)
    print(f'serving on 127.0.0.1 port {server.server_port} ', file=sys.stderr, flush=True)
    upstream_app.signal.signal(upstream_app.signal.SIGTERM, lambda *_: os._exit(0))
    server.serve_forever()


def manage(config_file, words):
    from placement.cmd.manage import main
    configure(config_file)
    sys.argv[1:] = words
    sys.exit(main())


def main():
    words = sys.argv[1:]
    where = words.index('--config-file')
    config_file = words[where + 1]
    del words[where:where + 2]
    if words[0] == 'serve':
        serve(config_file)
    elif words[:2] == ['db', 'coexist']:
        print(words[2])  # it knows of no triggers
    else:
        manage(config_file, words)


if __name__ == '__main__':
    main()
