#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A view that goes on for a thousand windows keeps nothing of them but the last ones: its memory and its descriptors
after the first hundred are those after the last. Domains of the test driver, domains that run under each source, and
a sample of a thousand windows, which keeps one number of each for every metric.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'e2e'))
import daemon  # noqa: E402
import e2e  # noqa: E402

ROUNDS = int(os.environ.get('VT_LOAD_ROUNDS', '1000'))
AT = [ROUNDS // 10, ROUNDS // 2, ROUNDS]
FLAT = 1 << 20  # what memory may differ by: 1 KiB in each of a thousand rounds would show
NODE = '''<node>{}</node>
'''
DOMAIN = '''<domain type='kvm'><name>vm{n}</name><memory unit='MiB'>64</memory><vcpu>2</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type></os></domain>
'''


def memory_of(pid):
    with open(f'/proc/{pid}/statm') as f:
        return int(f.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')


def state_of(pid):
    """(resident memory, descriptors, threads) as they are for the most of some rounds: what a wait or a read takes comes
    and goes."""
    states = []
    for _ in range(50):
        states.append((memory_of(pid), len(os.listdir(f'/proc/{pid}/fd')), len(os.listdir(f'/proc/{pid}/task'))))
        time.sleep(0.01)
    return tuple(statistics.mode(values) for values in zip(*states))


class View(threading.Thread):
    """top -b, and the state of its process at some of its rounds."""

    def __init__(self, what, command, env):
        super().__init__(daemon=True)
        self.what, self.states, self.rows = what, [], 0
        self.process = subprocess.Popen(command, env=env, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.start()

    def run(self):
        rounds = 0
        for line in self.process.stdout:
            self.rows += re.match(r' *\d+ \S+ +\d+ +(≥ )?[\d,]+ ', line) is not None
            if not line.startswith('virt-tune top'):
                continue
            rounds += 1
            if rounds in AT:
                self.states.append(state_of(self.process.pid))
            if rounds > ROUNDS + 5:
                break
        self.process.terminate()
        self.process.communicate()

    def check(self, measured):
        self.join()
        memory, files, threads = (list(values) for values in zip(*self.states))
        e2e.note(f'{self.what}: at rounds {AT}: {[m >> 10 for m in memory]} KiB, {files} descriptors, {threads} threads, '
                 f'{self.rows} rows with figures')
        e2e.check(len(self.states) == 3, f'{self.what}: {ROUNDS} rounds')
        e2e.check(abs(memory[2] - memory[0]) <= FLAT and abs(memory[2] - memory[1]) <= FLAT, 'its memory stays')
        e2e.check(files[0] == files[1] == files[2], 'and its descriptors')
        e2e.check(self.rows > ROUNDS / 2 if measured else self.rows == 0, f'{self.rows} rows have figures')


def view(what, uri, *options):
    env = dict(os.environ, VIRT_TUNE_DATADIR=os.path.join(e2e.SRCDIR, 'data'))
    command = [os.path.join(e2e.BUILDDIR, 'virt-tune'), '-c', uri, 'top', '-b', '-d', '100ms', *options]
    return View(f'top {" ".join([what, *options])}', command, env)


def test_sample(libvirtd):
    """As many windows in a sample: what it keeps of each is bounded."""
    memory = []
    counts = f'{libvirtd.dir}/counts'
    for windows in (ROUNDS // 10, ROUNDS):
        command, env = libvirtd.command('sample', 'idle0', '--source', 'libvirt', '--duration', f'{windows * 20}ms',
                                        '--interval', '20ms', '-o', 'json')
        env.update(VT_COUNT_CALLS=counts, LD_PRELOAD=os.path.join(e2e.BUILDDIR, 'tests/load/count-calls.so'))
        status = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode
        with open(counts) as f:
            memory.append(int(f.read().split()[0]) << 10)
        e2e.check(status == 0, f'sample of {windows} windows')
    each = (memory[1] - memory[0]) / (ROUNDS - ROUNDS // 10)
    e2e.check(each < 8192, f'takes {each:.0f} bytes of memory for a window')


def test(directory, libvirtd, lab):
    node = f'{directory}/node.xml'
    with open(node, 'w') as f:
        f.write(NODE.format(''.join(DOMAIN.format(n=n) for n in range(50))))
    libvirtd.start_idle(2)
    lab.start('idle')
    views = [(view('of the test driver', f'test://{node}'), False),
             (view('of a libvirtd', libvirtd.uri, '--source', 'libvirt'), True),
             (view('of a driver within', lab.uri, '--source', 'auto'), True)]
    for one, measured in views:
        one.check(measured)
    test_sample(libvirtd)


def main():
    e2e.labs.exit_on_signals()
    try:
        e2e.labs.require(e2e.BUILDDIR)
    except e2e.labs.Unusable as why:
        print(f'1..0 # SKIP {why}')
        return
    try:
        with tempfile.TemporaryDirectory() as directory, daemon.Daemon(kvm=True) as libvirtd, \
                e2e.labs.Lab(e2e.BUILDDIR) as lab:
            test(directory, libvirtd, lab)
    except Exception as error:  # noqa: BLE001: whatever it was, the plan must be printed
        e2e.report(error)
    e2e.done()


main()
