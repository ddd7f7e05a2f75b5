#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The progress line of whole commands that wait: on a terminal it comes and goes, elsewhere there is none.

They wait for the test: for a recording that it has not written yet, for the answer of what looks like a libvirtd, or in
a call that it holds up (hold-calls.c).
"""

import json
import os
import pty
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time

SRCDIR, BUILDDIR = os.environ['VT_SRCDIR'], os.environ['VT_BUILDDIR']
ERASE = '\r\x1b[K'
PATIENCE = 60
count = 0


def check(passed, what):
    global count
    count += 1
    print(f'{"ok" if passed else "not ok"} {count} - {what}', flush=True)


class Command:
    """virt-tune with standard error on a terminal of its own, or in a pipe."""

    def __init__(self, *args, term='xterm', terminal=True, stdin=subprocess.DEVNULL, **environment):
        env = dict(os.environ, TERM=term, LC_ALL='C.UTF-8', **environment)
        env.pop('LIBVIRT_DEFAULT_URI', None)
        self.shown = ''
        self.reader, writer = pty.openpty() if terminal else os.pipe()
        self.process = subprocess.Popen([os.path.join(BUILDDIR, 'virt-tune'), *args], env=env, text=True, stdin=stdin,
                                        stdout=subprocess.PIPE, stderr=writer)
        os.close(writer)

    def read(self, patience):
        """FALSE where nothing more comes."""
        if not select.select([self.reader], [], [], patience)[0]:
            return False
        try:
            data = os.read(self.reader, 4096)
        except OSError:
            data = b''
        self.shown += data.decode()
        return len(data) > 0

    def wait_for(self, text):
        until = time.monotonic() + PATIENCE
        while text not in self.shown and time.monotonic() < until and self.read(until - time.monotonic()):
            pass
        return text in self.shown

    def end(self):
        """(exit status, standard output)"""
        out, _ = self.process.communicate(timeout=PATIENCE)
        while self.read(0):
            pass
        os.close(self.reader)
        return self.process.returncode, out


def test_reading(directory):
    """A recording that takes long to come."""
    with open(f'{SRCDIR}/tests/data/recordings/trace-cmd.txt') as f:
        recording = f.read()

    def begin(name, *more, **options):
        fifo = f'{directory}/{name}'
        os.mkfifo(fifo)
        return Command(*more, 'import', '--vcpus', '1', fifo, **options), fifo

    def feed(fifo):
        with open(fifo, 'w') as stream:
            stream.write(recording)

    command, fifo = begin('slow')
    silent = [('with -q', *begin('quiet', '-q')), ('on a dumb terminal', *begin('dumb', term='dumb')),
              ('in a pipe', *begin('pipe', terminal=False))]
    check(command.wait_for(f'{ERASE}reading {fifo}'), 'what is waited for is shown')
    feed(fifo)
    status, out = command.end()
    check(status == 0 and command.shown.endswith(ERASE), f'and taken away at the end: {command.shown!r}')
    check('\x1b' not in out and 'reading' not in out, 'standard output has nothing of it')
    time.sleep(1)  # they began with the one that has shown its line
    for what, command, fifo in silent:
        feed(fifo)
        status, out = command.end()
        check(status == 0 and command.shown == '', f'{what} there is none: {command.shown!r}')


def test_connecting(directory):
    """A libvirtd that does not answer, and then goes."""
    path = f'{directory}/socket'
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen(32)
        uri = f'qemu+unix:///session?socket={path}'
        verbs = (['list'], ['list', '--name'], ['sample', 'x'], ['advise', '--all'], ['explain', 'pv-eoi', 'x'],
                 ['apply', 'x', '--all-rules', '--dry-run'], ['history', 'x'], ['revert', 'x', '--yes'], ['verify', 'x'],
                 ['top'], ['top', '-b'], ['host'])
        commands = [(args, Command('-c', uri, *args)) for args in verbs]
        quiet = Command('-q', '-c', uri, 'list')
        shown = [command.wait_for(f'{ERASE}connecting to libvirt') for _, command in commands]
    # Closed: those that were not accepted, too.
    for (args, command), was_shown in zip(commands, shown):
        status, out = command.end()
        check(was_shown, f'{" ".join(args)} says that it connects')
        check(status == 1 and f'{ERASE}virt-tune: cannot connect' in command.shown and out.count('\x1b') == 0,
              f'and leaves nothing but its error: {command.shown!r}')
    status, out = quiet.end()
    check(status == 1 and ERASE not in quiet.shown, f'with -q there is only the error: {quiet.shown!r}')


def test_first_table():
    """What measures for long before it shows anything."""
    command = Command('-c', 'test:///default', 'top', '-b', '-n', '2', '-d', '2s')
    quiet = Command('-q', '-c', 'test:///default', 'top', '-b', '-n', '1', '-d', '2s')
    check(command.wait_for(f'{ERASE}sampling'), 'top -b says that it measures')
    status, out = command.end()
    check(status == 0 and command.shown.endswith(ERASE) and out.count('virt-tune top') == 2 and '\x1b' not in out,
          f'until the first table: {command.shown!r}')
    status, out = quiet.end()
    check(status == 0 and quiet.shown == '', f'but not with -q: {quiet.shown!r}')


NODE = '<node>' + ''.join(f"""<domain type='test'><name>web0{n}</name><uuid>{n * 8}-2222-4333-8444-555555555555</uuid>
<memory>1024</memory><vcpu>2</vcpu><os><type>hvm</type></os></domain>""" for n in '12') + '</node>'
RULE = """<rule format="1" id="test-vcpus" severity="low" since="0.1" structural="yes">
<title>Another number of vCPUs</title><why>For a test.</why><risk>None.</risk>
<symptom><rate metric="exit.cpuid" above="1000000"/></symptom><require><domain test="/domain"/></require>
<satisfied test="/domain/vcpu = 3"/>
<change target="domain" effect="power-cycle"><replace sel="/domain/vcpu/text()">3</replace></change>
<reference href="https://example.org/">none</reference></rule>
"""


def begin_held(directory, call, number, line, *args, **environment):
    """Starts a command, on a terminal, with -q, and in a pipe, that is held up in a call."""
    runs = []
    for what, more, options in (('', (), {}), ('with -q', ('-q',), {}), ('in a pipe', (), {'terminal': False})):
        own = tempfile.mkdtemp(dir=directory)
        os.mkfifo(f'{own}/fifo')
        runs.append((what, f'{own}/fifo', Command(*more, *(arg.format(n=len(runs)) for arg in args),
                                                  LD_PRELOAD=f'{BUILDDIR}/tests/hold-calls.so', XDG_STATE_HOME=own,
                                                  VT_HOLD=f'{call} {number} {own}/fifo', **environment, **options)))
    return line, runs


def end_held(directory, line, runs):
    """On the terminal it has shown a line, elsewhere and with -q nothing."""
    check(runs[0][2].wait_for(f'{ERASE}{line}'), f'{line.replace(directory, "DIR")}: {runs[0][2].shown!r}')
    time.sleep(0.3)  # the others began a moment later
    for what, fifo, command in runs:
        end = os.open(fifo, os.O_RDWR)  # which does not wait for the program
        os.write(end, b'.')
        status, out = command.end()
        os.close(end)
        if what:
            check(status == 0 and ERASE not in command.shown and line not in command.shown,
                  f'{what} there is no line: {command.shown!r}')
        else:
            check(status == 0 and command.shown.endswith(ERASE) and '\x1b' not in out,
                  f'which is taken away at the end: {status} {command.shown!r}')


def test_several(directory):
    """What goes from domain to domain, or from file to file."""
    os.makedirs(f'{directory}/data/rules')
    os.makedirs(f'{directory}/profiles')
    shutil.copy(f'{SRCDIR}/data/rules.rng', f'{directory}/data')
    for name, text in (('node.xml', NODE), ('data/rules/test-vcpus.xml', RULE)):
        with open(f'{directory}/{name}', 'w') as f:
            f.write(text)
    with open(f'{SRCDIR}/tests/rules/irq-affinity/profile.json') as f:
        profile = json.load(f)
    for n in '12':
        profile['domain'] = {'name': f'web0{n}', 'uuid': f'{n * 8}-2222-4333-8444-555555555555'}
        with open(f'{directory}/profiles/{n * 8}-2222-4333-8444-555555555555.json', 'w') as f:
            json.dump(profile, f)
    domains = ['-c', f'test://{directory}/node.xml']
    rule = f'{directory}/data/rules/test-vcpus.xml'

    end_held(directory, *begin_held(
        directory, 'fsync', 1, f'writing {directory}/0.vtb: 2 of 2', *domains, 'advise', '--all', '--host',
        f'{SRCDIR}/tests/rules/irq-affinity/host.json', '--profile', f'{directory}/profiles', '--bundle', f'{directory}/{{n}}.vtb'))
    with open(f'{directory}/0.vtb') as old, open(f'{directory}/other.vtb', 'w') as new:
        new.write(old.read().replace('>2</vcpu>', '>3</vcpu>'))

    one = {'VIRT_TUNE_DATADIR': f'{directory}/data'}
    apply = (*domains, 'apply', 'web01', 'web02', '--rule', 'test-vcpus', '--yes', '-d', '100ms')
    held = [begin_held(directory, *args, **one) for args in (
        ('g_mkdtemp', 2, 'comparing the domains: 1 of 2', 'compare', f'{directory}/0.vtb', f'{directory}/other.vtb'),
        ('xmlRelaxNGParse', 1, 'reading the schemas', 'rules', 'check', rule),
        ('xmlRelaxNGValidateDoc', 2, f'checking {rule}', 'rules', 'check', rule),
        ('g_mkdtemp', 2, 'planning the changes: 1 of 2', *apply),
        ('virDomainDefineXMLFlags', 2, 'changing the domains: 1 of 2', *apply))]
    for each in held:
        end_held(directory, *each)


with tempfile.TemporaryDirectory() as directory:
    test_several(directory)
    test_reading(directory)
    test_connecting(directory)
    test_first_table()
print(f'1..{count}')
