#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The progress line of whole commands that wait: on a terminal it comes and goes, elsewhere there is none.

They wait for the test: for a recording that it has not written yet, or for the answer of what looks like a libvirtd.
"""

import os
import pty
import select
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

    def __init__(self, *args, term='xterm', terminal=True, stdin=subprocess.DEVNULL):
        env = dict(os.environ, TERM=term, LC_ALL='C.UTF-8')
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


with tempfile.TemporaryDirectory() as directory:
    test_reading(directory)
    test_connecting(directory)
print(f'1..{count}')
