#!/usr/bin/python3
"""Run every check of the project: each a named step with its log in build/test-logs/.

With names, only those steps run; --list prints the names. The last line tells how many single
checks passed and failed; the exit code is 0 only when something passed and nothing failed.
"""
import argparse
import concurrent.futures
import glob
import os
import re
import shlex
import signal
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LOGS = os.path.join(ROOT, 'build', 'test-logs')
PYTHON = '/usr/bin/python3'
CONFORMANCE = os.path.join(ROOT, '..', 'shared', 'conformance')
SECONDS_MAX = 3600      # of one command
TAIL_LINES = 40         # of a failing step's log
FUZZ_SECONDS = 10       # for each fuzzer
FUZZED_REQUESTS = 100_000
CORES = os.cpu_count() or 1
CTEST_RESULT = r'Test +#(\d+): \S+ \.+ *(.*)'  # the number of a test, and what became of it
SANITIZER_SETTINGS = {
    'ASAN_OPTIONS': 'detect_leaks=1:strict_string_checks=1',
    'UBSAN_OPTIONS': 'print_stacktrace=1:halt_on_error=1',
    'TSAN_OPTIONS': 'halt_on_error=1:second_deadlock_stack=1',
}


class Step:
    """A named piece of work, what its log says, and how many checks of it passed and failed."""

    def __init__(self, name, work, needs=()):
        self.name, self.work, self.needs = name, work, needs
        self.passed = self.failed = 0
        self.skipped = ''
        self.log = None
        self.worst = ''  # what the last check that failed by itself has printed

    def run(self):
        """Do the work, its output in a log."""
        if os.path.exists(self.log_name):
            os.remove(self.log_name)
        # Appending, as the commands write to the same file.
        with open(self.log_name, 'a+', encoding='utf-8', errors='replace') as self.log:
            try:
                self.work(self)
            except (OSError, ValueError) as error:
                self.say(f'the step broke: {error}')
                self.failed += 1
        if not self.passed and not self.failed and not self.skipped:
            self.failed = 1  # a step that checks nothing is no success

    @property
    def log_name(self):
        return os.path.join(LOGS, self.name + '.log')

    def say(self, text):
        self.log.write(text + '\n')
        self.log.flush()

    def command(self, *words, environment=()):
        """Run a command; its exit code and its output, which is in the log as well."""
        self.say('$ ' + shlex.join(words))
        start = self.log.seek(0, os.SEEK_END)
        process = subprocess.Popen(words, cwd=ROOT, stdout=self.log, stderr=subprocess.STDOUT,
                                   stdin=subprocess.DEVNULL, start_new_session=True,
                                   env={**os.environ, **dict(environment)})
        try:
            code = process.wait(SECONDS_MAX)
            if code < 0:
                self.say(f'ended by signal {-code}')
        except subprocess.TimeoutExpired:
            code = 1
            self.say(f'stopped: it took more than {SECONDS_MAX} s')
        finally:
            stop_group(process)  # also what a command that ended has left behind
        self.log.seek(start)
        output = self.log.read()
        self.log.seek(0, os.SEEK_END)
        return code, output

    def check(self, *words, environment=()):
        """A command that is one check by itself."""
        code, output = self.command(*words, environment=environment)
        self.count(code == 0)
        if code:
            self.worst = f'$ {shlex.join(words)}\n{output}'
        return code == 0

    def count(self, good):
        self.passed += bool(good)
        self.failed += not good

    def add(self, passed, failed, code):
        """The counts that a command told; a bad exit code is a failure even if it told none."""
        self.passed += passed
        self.failed += max(failed, 1) if code else failed


def stop_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def last_counts(output):
    """The counts of a last line `N passed, N failed`."""
    found = re.findall(r'^(\d+) passed, (\d+) failed$', output, re.MULTILINE)
    return tuple(map(int, found[-1])) if found else (0, 0)


def pytest_counts(output):
    """The counts of pytest's last line, errors among the failures."""
    lines = [line for line in output.splitlines() if re.search(r' in [\d.]+s', line)]
    counts = {word: int(number) for number, word in
              re.findall(r'(\d+) (passed|failed|error)', lines[-1] if lines else '')}
    return counts.get('passed', 0), counts.get('failed', 0) + counts.get('error', 0)


def ctest_counts(output):
    """The single tests of each program that ctest ran; a program without any counts as one."""
    passed = failed = 0
    for number, result in re.findall(CTEST_RESULT, output):
        bad = not result.startswith('Passed')
        own = '\n'.join(re.findall(rf'^{number}: (.*)$', output, re.MULTILINE))
        good_tests = sum(map(int, re.findall(r'\[  PASSED  \] (\d+) tests?\.', own)))
        bad_tests = sum(map(int, re.findall(r'\[  FAILED  \] (\d+) tests?, listed', own)))
        told = good_tests + bad_tests
        passed += good_tests if told else not bad
        failed += max(bad_tests, 1) if bad else bad_tests
    return passed, failed


def cpp_files(*folders):
    names = []
    for folder in folders:
        for suffix in ('.h', '.cc'):
            names += glob.glob(os.path.join(ROOT, folder, '**', '*' + suffix), recursive=True)
    return sorted(os.path.relpath(name, ROOT) for name in names)


def check_format(step):
    for name in cpp_files('src', 'tests'):
        step.check('clang-format', '--dry-run', '-Werror', name)


def check_tidy(step):
    code, output = step.command(PYTHON, 'tests/tidy.py')
    step.add(*last_counts(output), code)


def build(preset, *targets):
    def work(step):
        if step.check('cmake', '--preset', preset):
            step.check('cmake', '--build', f'build/{preset}',
                       *(['--target', *targets] if targets else []))
    return work


def unit_tests(preset):
    def work(step):
        code, output = step.command('ctest', '--test-dir', f'build/{preset}', '-V', '--no-tests=error',
                                    '-j', str(CORES), environment=SANITIZER_SETTINGS.items())
        step.add(*ctest_counts(output), code)
        # What a test that failed has printed, and nothing of those that passed beside it.
        bad = [number for number, result in re.findall(CTEST_RESULT, output)
               if not result.startswith('Passed')]
        step.worst = '\n'.join(line for line in output.splitlines() if '[       OK ]' not in line
                               and line.partition(':')[0] in bad)
    return work


def conformance(engine=None):
    """Upstream's suites on SQLite, or on a server of this engine."""
    def work(step):
        runner = os.path.join(CONFORMANCE, 'run_gabbits.py')
        if not os.path.exists(runner):
            step.skipped = 'no ../shared/conformance'
            return
        program = f'{ROOT}/build/release/emplace'
        if engine:
            words = ['tests/databases/conformance.py', engine]
        else:
            words = [runner, '--server', program]
        environment = {'EMPLACE_BINARY': program, 'PYTHONDONTWRITEBYTECODE': '1'}
        code, output = step.command(PYTHON, *words, '--jobs', str(CORES),
                                    environment=environment.items())
        step.add(*last_counts(output), code)
    return work


def http_tests(preset, *folders):
    """tests/api and the like, by pytest, on the program that EMPLACE_BINARY names."""
    def work(step):
        there = [name for name in folders if os.path.isdir(os.path.join(ROOT, name))]
        if not there:
            step.skipped = 'no ' + ' or '.join(folders)
            return
        environment = {**SANITIZER_SETTINGS, 'EMPLACE_BINARY': f'{ROOT}/build/{preset}/emplace',
                       'PYTHONDONTWRITEBYTECODE': '1'}
        code, output = step.command(PYTHON, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', *there,
                                    environment=environment.items())
        step.add(*pytest_counts(output), code)
    return work


def fuzz_server(step):
    """A hundred thousand bent requests to the program as the sanitizers watch it."""
    code, output = step.command(
        PYTHON, 'tests/attack/fuzz_server.py', '--requests', str(FUZZED_REQUESTS),
        environment={**SANITIZER_SETTINGS, 'EMPLACE_BINARY': f'{ROOT}/build/asan/emplace',
                     'PYTHONDONTWRITEBYTECODE': '1'}.items())
    step.add(*last_counts(output), code)


def fuzz(step):
    """Builds every fuzzer of tests/fuzz and lets each run for a little while."""
    if not os.path.isdir(os.path.join(ROOT, 'tests', 'fuzz')):
        step.skipped = 'no tests/fuzz'
        return
    build('fuzz', 'tests/fuzz/all')(step)
    folder = os.path.join(ROOT, 'build', 'fuzz', 'tests', 'fuzz')
    programs = [name for name in sorted(glob.glob(folder + '/*'))
                if os.path.isfile(name) and os.access(name, os.X_OK)]
    if not programs:
        step.say('no fuzzer was built')
        step.count(False)
    for program in programs:
        name = os.path.basename(program)
        found = os.path.join(ROOT, 'build', 'fuzz', 'corpus', name)
        os.makedirs(found, exist_ok=True)
        given = os.path.join(ROOT, 'tests', 'fuzz', 'corpus', name)
        step.check(program, f'-max_total_time={FUZZ_SECONDS}', '-timeout=5',
                   f'-artifact_prefix={folder}/{name}-', found,
                   *([given] if os.path.isdir(given) else []),
                   environment=SANITIZER_SETTINGS.items())


def clang_tidy(step):
    """The naming rules of .clang-tidy, file by file, as many at a time as there are cores."""
    names = [name for name in cpp_files('src') if name.endswith('.cc')]

    def one(name):
        return subprocess.run(['clang-tidy', '--quiet', '-p', 'build/release',
                               '--extra-arg=-Wno-unknown-warning-option', name], cwd=ROOT,
                              capture_output=True, text=True, check=False, timeout=SECONDS_MAX)

    with concurrent.futures.ThreadPoolExecutor(CORES) as pool:
        for name, done in zip(names, pool.map(one, names)):
            if done.returncode:
                step.say(f'{name}:\n{done.stdout}{done.stderr}')
            step.count(done.returncode == 0)


STEPS = [
    Step('format', check_format),
    Step('tidy', check_tidy),
    Step('release-build', build('release')),
    Step('unit', unit_tests('release'), ['release-build']),
    Step('conformance', conformance(), ['release-build']),
    Step('conformance-mariadb', conformance('mariadb'), ['release-build']),
    Step('conformance-postgresql', conformance('postgresql'), ['release-build']),
    Step('http', http_tests('release', 'tests/api', 'tests/auth', 'tests/fault', 'tests/clients'),
         ['release-build']),
    Step('databases', http_tests('release', 'tests/databases'), ['release-build']),
    Step('attack', http_tests('release', 'tests/attack'), ['release-build']),
    Step('asan-build', build('asan')),
    Step('asan-unit', unit_tests('asan'), ['asan-build']),
    Step('asan-http', http_tests('asan', 'tests/api'), ['asan-build']),
    Step('fuzz-server', fuzz_server, ['asan-build']),
    Step('tsan-build', build('tsan')),
    Step('tsan-unit', unit_tests('tsan'), ['tsan-build']),
    Step('fuzz', fuzz),
    Step('clang-tidy', clang_tidy, ['release-build']),
]


def print_tail(step):
    with open(step.log_name, encoding='utf-8', errors='replace') as log:
        for line in (step.worst or log.read()).splitlines()[-TAIL_LINES:]:
            print('    | ' + line)


def run_step(step, broken):
    start = time.monotonic()
    needed = [name for name in step.needs if name in broken]
    if needed:
        step.failed = 1
        result = f'not run: {needed[0]} failed'
    else:
        step.run()
        result = step.skipped or f'{step.passed} passed, {step.failed} failed'
    print(f'{step.name:22} {result}  ({time.monotonic() - start:.0f} s)', flush=True)
    if step.failed:
        broken.add(step.name)
        if not needed:
            print_tail(step)
            print(f'    all of it: {os.path.relpath(step.log_name, ROOT)}', flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('names', nargs='*', metavar='STEP', help='run only these steps')
    parser.add_argument('--list', action='store_true', help='print the names of the steps')
    arguments = parser.parse_args()
    known = [step.name for step in STEPS]
    if arguments.list:
        print(*known, sep='\n')
        return 0
    unknown = set(arguments.names) - set(known)
    if unknown:
        parser.error(f'no step {", ".join(sorted(unknown))}; there are {", ".join(known)}')
    os.makedirs(LOGS, exist_ok=True)
    chosen = [step for step in STEPS if step.name in (arguments.names or known)]
    broken = set()
    for step in chosen:
        run_step(step, broken)
    passed, failed = sum(step.passed for step in chosen), sum(step.failed for step in chosen)
    print(f'{passed} passed, {failed} failed')
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
