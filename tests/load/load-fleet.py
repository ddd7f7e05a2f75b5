#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Thousands of domains of libvirt's test driver: every verb shows all of them, and the work grows as their number does.

What grows is told by counts of calls (count-calls.c), which are the same on any machine; times are only printed. As a
test it takes a small fleet; make check-load takes 10,000 domains (VT_LOAD_SIZES="1000 10000").
"""

import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'e2e'))
import e2e  # noqa: E402

SIZES = [int(n) for n in os.environ.get('VT_LOAD_SIZES', '50 500').split()]
SLACK = 1.2  # of what linear growth is; a scan of all domains for each of them shows as far more
MEMORY_BASE, MEMORY_DOMAIN = 300 << 10, 100  # KiB at most: libvirt's own 10,000 domains take 200 MiB in this process

DOMAIN = '''<domain type='kvm'><name>vm{n:05d}</name><uuid>00000000-0000-4000-8000-{n:012x}</uuid>
<memory unit='MiB'>64</memory><vcpu>2</vcpu><os><type arch='x86_64' machine='pc'>hvm</type><boot dev='hd'/></os>
<features><acpi/><apic/></features>
<devices>
<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/d/{n}.img'/><target dev='hda' bus='ide'/></disk>
<interface type='user'><mac address='52:54:00:{a:02x}:{b:02x}:{c:02x}'/><model type='e1000'/></interface>
<graphics type='vnc' port='-1'/>
</devices><test:runstate xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>{state}</test:runstate></domain>
'''
STATES = {'defined': 5, 'running': 1}


def write_node(path, count, state):
    with open(path, 'w') as out:
        out.write('<node>\n')
        for n in range(count):
            out.write(DOMAIN.format(n=n, a=n >> 16 & 255, b=n >> 8 & 255, c=n & 255, state=STATES[state]))
        out.write('</node>\n')


class Run:
    """One run of the program on a fleet, and what it took."""

    def __init__(self, directory, state, size, args):
        counts = f'{directory}/counts'
        env = dict(os.environ, VIRT_TUNE_DATADIR=os.path.join(e2e.SRCDIR, 'data'), VT_COUNT_CALLS=counts,
                   LD_PRELOAD=os.path.join(e2e.BUILDDIR, 'tests/load/count-calls.so'))
        command = [os.path.join(e2e.BUILDDIR, 'virt-tune'), '-c', f'test://{directory}/{state}-{size}.xml', *args]
        begin = time.monotonic()
        with open(f'{directory}/out', 'w+') as out, open(f'{directory}/err', 'w+') as err:
            child = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = self.status = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            self.out, self.err = out.read(), err.read()
        self.wall = time.monotonic() - begin
        self.cpu = usage.ru_utime + usage.ru_stime
        with open(counts) as f:
            self.memory, *self.calls = (int(n) for n in f.read().split())


def names(pattern, text):
    return len(set(re.findall(pattern, text, re.MULTILINE)))


def grows(runs):
    """By how much more than the number of domains the calls grew, at most of the kinds."""
    return max(b / a for a, b in zip(*(run.calls for run in runs))) / (SIZES[1] / SIZES[0])


def try_verb(directory, state, args, status, shown, stream='out'):
    """@shown matches the name of each domain once or more in what is printed."""
    what = f'{" ".join(args)}, {state}'
    runs = [Run(directory, state, size, args) for size in SIZES]
    for size, run in zip(SIZES, runs):
        e2e.note(f'{what}, {size} domains: {run.wall:.1f} s, CPU {run.cpu:.2f} s ({run.cpu / size * 1e6:.0f} us a domain), '
                 f'at most {run.memory >> 10} MiB, {run.calls[0]} allocations, {run.calls[1]} comparisons of strings')
        if shown is not None:
            found = names(shown, getattr(run, stream))
            e2e.check(run.status == status and found == size, f'{what}: exit status {run.status}, {found} of {size} domains')
        else:
            e2e.check(run.status == status, f'{what}: exit status {run.status}')
        e2e.check(run.memory < MEMORY_BASE + size * MEMORY_DOMAIN, f'{what}: {run.memory >> 10} MiB for {size} domains')
    e2e.note(f'{what}: CPU grew by {runs[1].cpu / runs[0].cpu:.1f} from {SIZES[0]} to {SIZES[1]} domains')
    e2e.check(grows(runs) <= SLACK, f'{what}: calls grew by {grows(runs):.2f} of the number of domains')
    return runs[1]


def test_progress(directory):
    """On a terminal, where looking at so many takes longer than a second on any machine."""
    reader, writer = pty.openpty()
    env = dict(os.environ, VIRT_TUNE_DATADIR=os.path.join(e2e.SRCDIR, 'data'), TERM='xterm')
    for options, wanted in ((['-q'], False), ([], True)):
        command = [os.path.join(e2e.BUILDDIR, 'virt-tune'), *options, '-c', f'test://{directory}/defined-{SIZES[1]}.xml',
                   'list', '--all']
        child = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=writer)
        shown = b''
        while child.poll() is None or select.select([reader], [], [], 0)[0]:
            if select.select([reader], [], [], 0.1)[0]:
                shown += os.read(reader, 4096)
        what = re.search(rb'looking at the domains: [\d,]+ of 10,000', shown)
        e2e.check(what is not None and shown.endswith(b'\r\x1b[K') if wanted else shown == b'',
                  f'list {" ".join(options)} on a terminal: {what and what.group().decode()}')


def test(directory):
    for state in STATES:
        for size in SIZES:
            write_node(f'{directory}/{state}-{size}.xml', size, state)
    try_verb(directory, 'defined', ['list', '--all'], 0, r'^ *- (vm\d+) ')
    try_verb(directory, 'defined', ['list', '--all', '-o', 'csv'], 0, r'^"",(vm\d+),')
    try_verb(directory, 'defined', ['advise', '--all'], 0, r'^(vm\d+)\b.*shut off')
    run = try_verb(directory, 'defined', ['sample', '--all'], 1, r'^(vm\d+)\b', 'out')
    e2e.check('no domain could be measured' in run.err, 'where nothing runs nothing is measured, and it is said')
    run = try_verb(directory, 'running', ['list'], 0, r'^ *\d+ (vm\d+) ')
    e2e.check(f'vm00000, vm00001, vm00002 and {SIZES[1] - 3} more: Nothing was measured.' in run.out,
              'which says once why nothing was measured of them')
    run = try_verb(directory, 'running', ['sample', '--all', '-d', '1'], 1, r'^(vm\d+)\b', 'out')
    e2e.check('gives no statistics' in run.out, 'and where there are no statistics')
    run = try_verb(directory, 'running', ['top', '-b', '-n', '4', '-d', '200ms'], 0, r'^ *\d+ (vm\d+) ')
    e2e.check(run.out.count('virt-tune top') == 4, 'top shows them four times')
    if SIZES[1] >= 10000:
        test_progress(directory)


def main():
    e2e.labs.exit_on_signals()
    try:
        with tempfile.TemporaryDirectory() as directory:
            test(directory)
    except Exception as error:  # noqa: BLE001: whatever it was, the plan must be printed
        e2e.report(error)
    e2e.done()


main()
