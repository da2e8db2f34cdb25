"""Several processes of emplace, or of upstream's Placement, on one database."""
import concurrent.futures
import contextlib
import os
import re
import signal
import subprocess
import sys

from harness import (ANSWER_SECONDS, Client, Server, at_once, clean_environment, free_port,
                     read_from, run_command, wait_for, write_configuration)

HERE = os.path.dirname(os.path.abspath(__file__))
UPSTREAM_APP = os.path.join(HERE, '..', 'api', 'upstream_app.py')


class Process(Server):
    """One emplace on a database that others use, too."""

    def __init__(self, folder, url, options=None):
        options = dict(options or {})
        options['placement_database'] = {'connection': url,
                                         **options.get('placement_database', {})}
        # A port that stays over restarts, as clients know it.
        options['emplace'] = {'port': free_port(), **options.get('emplace', {})}
        super().__init__(folder, options)
        self.url = url

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """As a crash would end it."""
        self.process.kill()
        self.process.wait()

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)

    def restart(self):
        self.stop()
        return self.start()

    def command_line(self, *words):
        """Runs a command of emplace with this process's configuration; its stdout."""
        code, out, err = run_command(self.folder, *words, '--config-file', self.config_file,
                                     program=self.command[0])
        assert code == 0, f'{words}: {code} {out}{err}'
        return out


class Emplace:
    """`count` processes of emplace on one database, or one on each of several URLs.

    To be used in a with statement, at the end of which every process must have stopped in an
    orderly way.
    """

    def __init__(self, folder, url, count=1, options=None):
        urls = [url] * count if isinstance(url, str) else list(url)
        self.processes = [Process(os.path.join(str(folder), f'emplace{number}'), one, options)
                          for number, one in enumerate(urls)]
        self.folder, self.options = str(folder), options

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.clean_up()
            raise
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self.stop()
        finally:
            self.clean_up()

    def __getitem__(self, number):
        """The client of a process."""
        return self.processes[number].client

    def __len__(self):
        return len(self.processes)

    @property
    def clients(self):
        return [process.client for process in self.processes]

    def start(self):
        """All at once, as they may be started on many machines."""
        with concurrent.futures.ThreadPoolExecutor(len(self)) as pool:
            list(pool.map(lambda process: process.start(), self.processes))

    def stop(self):
        for process in self.processes:
            if process.alive():
                process.stop()

    def clean_up(self):
        for process in self.processes:
            process.clean_up()

    def add(self, url=None):
        """Starts one more process; its client."""
        number = len(self)
        self.processes.append(Process(os.path.join(self.folder, f'emplace{number}'),
                                      url or self.processes[0].url, self.options))
        return self.processes[-1].start()

    def logs(self):
        return '\n'.join(f'--- process {number}\n{process.log()[-3000:]}'
                         for number, process in enumerate(self.processes))


class Upstream:
    """The same of upstream's Python server, which must find the tables made."""

    def __init__(self, folder, url, count=1, sync=False):
        self.processes, self.clients = [], []
        self.folders = []
        for number in range(count):
            folder_of_one = os.path.join(str(folder), f'upstream{number}')
            os.makedirs(folder_of_one, exist_ok=True)
            write_configuration(os.path.join(folder_of_one, 'placement.conf'), {
                'DEFAULT': {'log_file': os.path.join(folder_of_one, 'upstream.log')},
                'api': {'auth_strategy': 'noauth2'},
                'placement_database': {'connection': url, 'sync_on_startup': str(sync)}})
            self.folders.append(folder_of_one)

    def __enter__(self):
        try:
            for folder in self.folders:
                with open(os.path.join(folder, 'output'), 'wb') as out:
                    self.processes.append(subprocess.Popen(
                        [sys.executable, UPSTREAM_APP, folder], stdin=subprocess.DEVNULL,
                        stdout=out, stderr=out, cwd=folder, env=clean_environment(folder)))
            for folder, process in zip(self.folders, self.processes):
                port = wait_for(lambda f=folder, p=process: port_of(f, p), 'upstream')
                self.clients.append(Client(port))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
            process.wait()

    def __getitem__(self, number):
        return self.clients[number]


def port_of(folder, process):
    text = read_from(os.path.join(folder, 'output')).decode(errors='replace')
    assert process.poll() is None, text
    found = re.search(r'^(\d+)\n', text, re.MULTILINE)
    return found and int(found.group(1))


def manage_upstream(folder, url, *words):
    """Runs upstream's placement-manage on a database."""
    folder = os.path.join(str(folder), 'manage')
    os.makedirs(folder, exist_ok=True)
    write_configuration(os.path.join(folder, 'placement.conf'),
                        {'placement_database': {'connection': url}})
    done = subprocess.run(['placement-manage', *words], capture_output=True, text=True,
                          env=clean_environment(folder, {'OS_PLACEMENT_CONFIG_DIR': folder}.items()),
                          check=False, stdin=subprocess.DEVNULL, timeout=ANSWER_SECONDS * 3)
    assert done.returncode == 0, f'{words}: {done.stdout}{done.stderr}'


def everywhere(clients, work, times=1):
    """The results of work(number, client), at once, `times` of them through each client."""
    return at_once(len(clients) * times,
                   lambda number: work(number, clients[number % len(clients)]))


def statuses(answers):
    """How often each status came."""
    counts = {}
    for answer in answers:
        counts[answer.status] = counts.get(answer.status, 0) + 1
    return counts


@contextlib.contextmanager
def thawed_at_the_end(what):
    """Whatever happens, a frozen process or server goes on."""
    what.freeze()
    try:
        yield
    finally:
        what.thaw()
