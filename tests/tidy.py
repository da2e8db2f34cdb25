#!/usr/bin/python3
"""Check the repository against the rules of docs/style.md and the table of parts.

Prints one line for each finding, and at the end how many files passed and failed.
"""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Which part of src/ may include which; each may include itself and base.
CORE = {'model', 'candidates', 'changes', 'policy', 'json'}
MAY_INCLUDE = {
    'base': set(),
    'model': set(),
    'candidates': {'model'},
    'changes': {'model'},
    'policy': set(),
    'json': set(),
    'config': set(),
    'api': CORE,
    'store': {'model', 'changes', 'config'},
    'http': set(),
    'auth': {'http', 'json', 'config', 'policy'},
    'telemetry': set(),
    'service': CORE | {'config', 'api', 'store', 'http', 'auth', 'telemetry'},
    'cmd': {'service', 'config'},
}
LINES_MAX = 500
COLUMNS_MAX = 100
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
# Paths that exist on one machine only.
MACHINE_PATH = re.compile(r'(?<![\w.~-])/(work|root|home|tmp/build)(?=[/-])')


def files_of_the_repository():
    """What git knows or would add; without git, everything outside of build/."""
    listed = subprocess.run(['git', 'ls-files', '-coz', '--exclude-standard'], cwd=ROOT,
                            capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        names = sorted(set(listed.stdout.split('\0')) - {''})
        return [name for name in names if os.path.isfile(os.path.join(ROOT, name))]
    names = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in ('.git', 'build', '__pycache__')]
        names += [os.path.relpath(os.path.join(folder, name), ROOT) for name in files]
    return sorted(names)


def text_of(name):
    """The file's text, or None if it holds none, or is a sample of bad input for the fuzzers."""
    if name.startswith('tests/fuzz/corpus/'):
        return None
    with open(os.path.join(ROOT, name), 'rb') as file:
        data = file.read()
    try:
        return None if b'\0' in data else data.decode()
    except UnicodeDecodeError:
        return None


def include_findings(name, number, line):
    """What is wrong with a line's #include, if it has one."""
    match = INCLUDE.match(line)
    if not match:
        return
    part = name.split('/')[1]
    included = match.group(1)
    other = included.split('/')[0]
    if other not in MAY_INCLUDE:
        yield f'{name}:{number}: "{included}" is not written as "part/file.h"'
    elif other not in MAY_INCLUDE.get(part, set()) | {part, 'base'}:
        yield f'{name}:{number}: {part} must not include {other}'


def cpp_findings(name, lines):
    """The rules for src/*.h and src/*.cc."""
    if len(lines) > LINES_MAX:
        yield f'{name}: {len(lines)} lines, more than {LINES_MAX}'
    if name.endswith('.h') and '#pragma once' not in lines:
        yield f'{name}: no #pragma once'
    if name.split('/')[1] not in MAY_INCLUDE:
        yield f'{name}: is in no known part of src/'
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX:
            yield f'{name}:{number}: {len(line)} columns, more than {COLUMNS_MAX}'
        yield from include_findings(name, number, line)


def findings(name, text):
    """Everything that is wrong with one file."""
    lines = text.split('\n')
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield f'{name}:{number}: white space at the end of the line'
        if '\t' in line and not name.endswith(('.mk', 'Makefile')):
            yield f'{name}:{number}: a tab'
        if MACHINE_PATH.search(line):
            yield f'{name}:{number}: a path of one machine'
    if text and not text.endswith('\n'):
        yield f'{name}: no line feed at the end'
    if name.startswith('src/') and name.endswith(('.h', '.cc')):
        yield from cpp_findings(name, lines[:-1] if text.endswith('\n') else lines)


def main():
    passed = failed = 0
    for name in files_of_the_repository():
        text = text_of(name)
        if text is None:
            continue
        found = list(findings(name, text))
        print(*found, sep='\n', end='\n' if found else '')
        failed += bool(found)
        passed += not found
    print(f'{passed} passed, {failed} failed')
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
