"""Real database servers in temporary folders, on free ports of 127.0.0.1, with durable settings."""
import concurrent.futures
import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile

import psycopg2
import pymysql
from sqlalchemy.engine import make_url

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'api'))

from harness import HOST, free_port, read_from, wait_for  # noqa: E402

START_SECONDS = 60
STOP_SECONDS = 30
POSTGRESQL = '/usr/lib/postgresql/15/bin'
PASSWORD = 'secret'
ADMIN = 'admin'  # of PostgreSQL and MariaDB, without a password
MARIADB_SETTINGS = (
    '--bind-address=127.0.0.1', '--skip-name-resolve', '--innodb-flush-log-at-trx-commit=1',
    '--innodb-buffer-pool-size=48M', '--innodb-log-file-size=32M', '--key-buffer-size=1M',
    '--aria-pagecache-buffer-size=1M', '--performance-schema=OFF', '--max-connections=200',
    '--innodb-fast-shutdown=1', '--innodb-lock-wait-timeout=5')
POSTGRESQL_SETTINGS = {
    'listen_addresses': HOST, 'fsync': 'on', 'synchronous_commit': 'on', 'shared_buffers': '32MB',
    'max_connections': '200', 'max_wal_size': '128MB', 'log_min_messages': 'warning',
    'autovacuum_naptime': '10s'}

# The kernel kills a server when the thread is gone that has started it: so one thread starts all,
# and lives for as long as we do. No server is left behind, however the tests end.
ENDS_WITH_US = ('setpriv', '--pdeathsig', 'KILL', '--')

starter = concurrent.futures.ThreadPoolExecutor(1)
numbers = itertools.count(1)


def descendants(pid):
    """The ids of a process's children and of theirs."""
    found = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for thread in os.listdir(f'/proc/{pid}/task'):
            with open(f'/proc/{pid}/task/{thread}/children', encoding='ascii') as file:
                for child in map(int, file.read().split()):
                    found += [child, *descendants(child)]
    return found


class DatabaseServer:
    """One server's process and folder. Subclasses say how to make, start and talk to it."""

    name = ''
    account = ''  # who runs it if we are root, which it refuses to be

    def __init__(self, parent=None):
        """`parent`: where its folder is made, such as a small file system of its own."""
        self.folder = tempfile.mkdtemp(prefix=f'emplace-{self.name}-', dir=parent)
        self.port = free_port()
        self.log_file = os.path.join(self.folder, 'log')
        self.process = None
        self.runs_as = {}
        if os.geteuid() == 0:
            account = pwd.getpwnam(self.account)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self.runs_as = {'user': account.pw_uid, 'group': account.pw_gid, 'extra_groups': []}

    def command(self):
        raise NotImplementedError

    def connect(self, user, password, database, port=None):
        """A new DBAPI connection, without autocommit."""
        raise NotImplementedError

    def set_up(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, check=False,
                              cwd=self.folder, **self.runs_as)
        assert done.returncode == 0, f'{command[0]}: {done.stdout}{done.stderr}'

    def begin(self):
        """Starts it and does not wait."""
        with open(self.log_file, 'ab') as log:
            self.process = starter.submit(
                subprocess.Popen, [*ENDS_WITH_US, *self.command()], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, cwd=self.folder, **self.runs_as).result()

    def start(self):
        self.begin()
        wait_for(self.ready, f'{self.name} in {self.folder}', START_SECONDS)

    def ready(self):
        assert self.process.poll() is None, self.log()
        with contextlib.suppress(pymysql.Error, psycopg2.Error):
            self.administer('SELECT 1')
            return True
        return False

    def log(self):
        return read_from(self.log_file)[-6000:].decode(errors='replace')

    def running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """Ends it in an orderly way; the connections are cut."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(STOP_SECONDS)

    def restart(self):
        """An orderly restart, or a start if it is not running."""
        if self.running():
            self.stop()
        self.start()

    def kill(self):
        """As a crash would end it."""
        everyone = [self.process.pid, *descendants(self.process.pid)]
        self.signal(signal.SIGKILL)
        self.process.wait()
        wait_for(lambda: not any(map(is_running, everyone)), 'killed processes to be gone')

    def freeze(self):
        """It keeps its connections, and answers nothing."""
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)

    def signal(self, number):
        """To it and its children; the first one first, so that it starts no more of them."""
        for pid in (self.process.pid, *descendants(self.process.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def revive(self):
        """It runs and answers, whatever a test has done to it."""
        def answers():
            if not self.running():
                self.begin()
            self.thaw()
            with contextlib.suppress(AssertionError):  # it may end once more as it recovers
                return self.ready()

        wait_for(answers, f'{self.name} in {self.folder}', START_SECONDS)

    def remove(self):
        if self.running():
            self.kill()
        shutil.rmtree(self.folder)

    def administer(self, sql, *parameters, database=None):
        """Runs one statement with every right; its rows."""
        return run(self.connect(ADMIN, '', database), sql, parameters)

    def session(self, url):
        """A connection as the user of a URL, to this server, without autocommit."""
        parts = make_url(url)
        return self.connect(parts.username, parts.password, parts.database, parts.port)

    def execute(self, url, sql, *parameters):
        """Runs one statement as the URL's user; its rows."""
        return run(self.session(url), sql, parameters)


def is_running(pid):
    """Whether the process is there, and no zombie that waits for its parent."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        with open(f'/proc/{pid}/stat', encoding='utf-8') as file:
            return file.read().rpartition(')')[2].split()[0] != 'Z'
    return False


def run(connection, sql, parameters):
    with contextlib.closing(connection), contextlib.closing(connection.cursor()) as cursor:
        if isinstance(connection, pymysql.connections.Connection):
            connection.autocommit(True)
        else:
            connection.autocommit = True
        cursor.execute(sql, parameters or None)
        return list(cursor.fetchall()) if cursor.description else []


class MariaDB(DatabaseServer):
    name = 'mariadb'
    account = 'mysql'

    def __init__(self, parent=None, settings=()):
        super().__init__(parent)
        self.settings = list(settings)
        self.data = os.path.join(self.folder, 'data')
        self.socket = os.path.join(self.folder, 'socket')
        self.install()

    def install(self):
        self.set_up('mariadb-install-db', '--no-defaults', f'--datadir={self.data}',
                    '--skip-test-db', '--auth-root-authentication-method=normal',
                    '--innodb-log-file-size=32M')

    def command(self):
        return ['mariadbd', '--no-defaults', f'--datadir={self.data}', f'--port={self.port}',
                f'--socket={self.socket}', f'--pid-file={self.folder}/pid', *MARIADB_SETTINGS,
                *self.settings]

    def connect(self, user, password, database, port=None):
        if user == ADMIN:
            return pymysql.connect(unix_socket=self.socket, user='root', database=database,
                                   connect_timeout=10)
        return pymysql.connect(host=HOST, port=port or self.port, user=user, password=password,
                               database=database, charset='utf8mb4', connect_timeout=10)

    def new_database(self, charset='utf8mb4', collation=None):
        """The URL of an empty database and a user of its own."""
        name = f'placement{next(numbers)}'
        self.administer(f'CREATE DATABASE {name} CHARACTER SET {charset}'
                        + (f' COLLATE {collation}' if collation else ''))
        self.administer(f"CREATE USER {name}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'")
        self.administer(f"GRANT ALL ON {name}.* TO {name}@'127.0.0.1'")
        return self.url(name)

    def url(self, name, port=None):
        """Of a database that there is; `port`: such as that of a relay."""
        return (f'mysql+pymysql://{name}:{PASSWORD}@{HOST}:{port or self.port}/{name}'
                '?charset=utf8mb4')


class PostgreSQL(DatabaseServer):
    name = 'postgresql'
    account = 'postgres'

    def __init__(self, parent=None, settings=()):
        super().__init__(parent)
        self.data = os.path.join(self.folder, 'data')
        self.set_up(f'{POSTGRESQL}/initdb', '-D', self.data, '-U', ADMIN, '--auth=trust',
                    '--encoding=UTF8', '--locale=C.UTF-8')
        with open(os.path.join(self.data, 'postgresql.conf'), 'a', encoding='utf-8') as out:
            for name, value in {**POSTGRESQL_SETTINGS, **dict(settings), 'port': self.port,
                                'unix_socket_directories': self.folder}.items():
                out.write(f"{name} = '{value}'\n")
        with open(os.path.join(self.data, 'pg_hba.conf'), 'w', encoding='utf-8') as out:
            out.write(f'local all all trust\nhost all {ADMIN} {HOST}/32 trust\n'
                      f'host all all {HOST}/32 scram-sha-256\n')

    def command(self):
        return [f'{POSTGRESQL}/postgres', '-D', self.data]

    def stop(self):
        self.process.send_signal(signal.SIGINT)  # SIGTERM would wait for the clients to leave
        self.process.wait(STOP_SECONDS)

    def connect(self, user, password, database, port=None):
        return psycopg2.connect(host=HOST, port=port or self.port, user=user, password=password,
                                dbname=database or 'postgres', connect_timeout=10)

    def new_database(self, charset='UTF8', collation=None):
        """The URL of an empty database and a user of its own; the collation is a locale."""
        name = f'placement{next(numbers)}'
        self.administer(f"CREATE USER {name} PASSWORD '{PASSWORD}'")
        self.administer(f"CREATE DATABASE {name} OWNER {name} TEMPLATE template0 "
                        f"ENCODING '{charset}'" + (f" LOCALE '{collation}'" if collation else ''))
        return self.url(name)

    def url(self, name, port=None):
        return f'postgresql+psycopg2://{name}:{PASSWORD}@{HOST}:{port or self.port}/{name}'


class Database:
    """An empty database, and the server that has it."""

    def __init__(self, server):
        self.server, self.engine = server, server.name
        self.url = server.new_database()

    def execute(self, sql, *parameters):
        return self.server.execute(self.url, sql, *parameters)
