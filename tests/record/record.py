#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""record.py BUILD-DIRECTORY: makes the recordings of tests/data/recordings anew with the tools that are installed.

What this machine can do itself, libvirt's statistics and counts of events, is recorded here; what needs kvm_exit is
recorded in a KVM host that is booted in QEMU, as for the tests in tests/nested."""

import importlib.util
import os
import pty
import re
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
OUT = f'{TOP}/tests/data/recordings'


def load(path):
    spec = importlib.util.spec_from_file_location(re.sub(r'\W', '_', os.path.basename(path)), path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def keep(name, text):
    print(f'{name}: {len(text)} bytes')
    with open(f'{OUT}/{name}', 'w') as f:
        f.write(text)


def record_domstats(build):
    """Three snapshots of two domains."""
    lab = load(f'{TOP}/data/demo/lab.py')
    with lab.Lab(build) as own:
        own.start('e1000-ide', 'idle')
        own.guest('e1000-ide')
        text = ''
        for _ in range(3):
            text += f'{time.time_ns() / 1e9:.9f}\n' + own.virsh('domstats --state --vcpu --block --interface')
        keep('domstats.txt', '\n'.join(line for line in text.splitlines() if not re.search(r'path=|mac=', line)) + '\n')


def record_perf_stat(build):
    """A guest that reads ports and ends interrupts; where this KVM does not fire kvm_exit, that is a zero."""
    lab = load(f'{TOP}/data/demo/lab.py')
    events = ','.join(f'kvm:kvm_{name}' for name in ('exit', 'userspace_exit', 'eoi', 'pv_eoi', 'pio', 'msr'))
    with lab.Lab(build) as own:
        own.start('e1000-ide')
        own.guest('e1000-ide')
        for name, options in (('perf-stat.txt', []), ('perf-stat-interval.txt', ['-I', '250'])):
            run = subprocess.run(['perf', 'stat', *options, '-e', events, '-p', str(own.pid('e1000-ide')), 'sleep', '1'],
                                 env=dict(os.environ, LC_ALL='en_US.UTF-8'), capture_output=True, text=True, check=True)
            keep(name, run.stderr)


def record_perf_live(build):
    """Screens of perf kvm stat live as a terminal has them; where this KVM does not fire kvm_exit, they are empty."""
    lab = load(f'{TOP}/data/demo/lab.py')
    with lab.Lab(build) as own:
        own.start('e1000-ide')
        own.guest('e1000-ide')
        ours, its = pty.openpty()
        perf = subprocess.Popen(['perf', 'kvm', 'stat', 'live', '-p', str(own.pid('e1000-ide'))], stdin=its, stdout=its,
                                stderr=its)
        os.close(its)
        time.sleep(3.5)
        os.write(ours, b'q')
        perf.wait(10)
        keep('perf-kvm-stat-live.txt', os.read(ours, 65536).decode().replace('\r', ''))


def record_bpftrace(build):
    """As for perf stat; where this KVM does not fire kvm_exit, its map is empty and bpftrace does not print it."""
    lab = load(f'{TOP}/data/demo/lab.py')
    with lab.Lab(build) as own:
        own.start('e1000-ide')
        own.guest('e1000-ide')
        mine = f'pid == {own.pid("e1000-ide")}'
        counts = (('exit', '', 'exit', 'exit_reason'), ('pio', '', 'pio', 'port'),
                  ('mmio', ' && args->type != 0', 'mmio', 'gpa'), ('msr', ' && args->write == 0', 'msr_read', 'ecx'),
                  ('msr', ' && args->write == 1', 'msr_write', 'ecx'))
        program = ''.join(f'tracepoint:kvm:kvm_{event} /{mine}{which}/ {{ @{name}[pid, tid, args->{key}] = count(); }} '
                          for event, which, name, key in counts) + 'interval:s:3 { exit(); }'
        run = subprocess.run(['bpftrace', '-e', program], capture_output=True, text=True, check=True)
        keep('bpftrace.txt', run.stdout)


def record_nested(build):
    nested = load(f'{TOP}/tests/nested/check-nested.py')
    kernel, modules = nested.find_kernel()
    guest = os.path.abspath(f'{build}/data/demo/guest/guest.rom')
    with tempfile.TemporaryDirectory(prefix='virt-tune-record-') as directory:
        program = f'{directory}/record'
        with open(program, 'w') as f:
            f.write(f'#!/bin/sh\nVT_GUEST={guest} exec {HERE}/in-nested.sh\n')
        os.chmod(program, 0o755)
        nested.make_initramfs(f'{directory}/initramfs', modules, [program])
        said = nested.boot(kernel, f'{directory}/initramfs')
    files = re.findall(r'^VT-FILE (\S+)\n(.*?)^VT-FILE-END$', said, re.MULTILINE | re.DOTALL)
    for name, text in files:
        if not text.strip():
            sys.exit(f'{name} is empty')
        keep(name, text)
    if not files:
        sys.exit(said)


# What is imported and has no recording, and why.
MISSING = {
    'kvm_stat': 'Debian packages it nowhere (it is in tools/kvm/kvm_stat of the kernel\'s source); the text that the tests '
                'import is written after its source',
    'kvmexit of bcc': 'it compiles with headers of the running kernel, which are not in the nested host; as kvm_stat',
    'kvm_service_time.stp': 'SystemTap compiles a module with those headers; as kvm_stat',
}


def main():
    build = sys.argv[1] if len(sys.argv) == 2 else sys.exit(__doc__)
    os.makedirs(OUT, exist_ok=True)
    record_domstats(build)
    record_perf_stat(build)
    record_perf_live(build)
    record_bpftrace(build)
    record_nested(build)
    for tool, why in MISSING.items():
        print(f'not recorded: {tool}: {why}')


main()
