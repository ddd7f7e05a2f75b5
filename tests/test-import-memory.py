#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Importing a long recording takes no more memory than a short one: the text of a trace piped in, a little of it and many
times as much. "test-import-memory.py MIB" tells what so much takes."""

import os
import subprocess
import sys

BUILDDIR = os.environ.get('VT_BUILDDIR', '.')
SRCDIR = os.environ.get('VT_SRCDIR') or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MB = 1 << 20
SHORT, LONG = 2 * MB, 64 * MB
MORE = 4 * MB  # what the longer one may take beyond the other: lists of windows and the allocator's slack

TRACE = ('CPU 0/KVM  4711 [001] {:.6f}: kvm:kvm_exit: vcpu 0 reason EPT_MISCONFIG rip 0xffffffff81000000 info1 '
         '0x0000000000000000 info2 0x0000000000000000 intr_info 0x00000000 error_code 0x00000000\n'
         'CPU 0/KVM  4711 [001] {:.6f}: kvm:kvm_mmio: mmio read len 4 gpa 0xfed000f0 val 0x0\n'
         'CPU 0/KVM  4711 [001] {:.6f}: kvm:kvm_entry: vcpu 0, rip 0xffffffff81000000\n')


def perf_script(size):
    """Some seconds of events, as many as it takes."""
    one = len(TRACE.format(100.0, 100.0, 100.0))
    events = size // one
    for first in range(0, events, 4096):
        yield ''.join(TRACE.format(t, t + 1e-6, t + 2e-6) for t in (100 + i * 20 / events
                                                                   for i in range(first, min(first + 4096, events))))


def peak(make, size):
    """The most memory that the import of so much text takes, and what it said of it."""
    with subprocess.Popen([os.path.join(BUILDDIR, 'virt-tune'), 'import', '--duration', '20', '-'], text=True,
                          env=dict(os.environ, VIRT_TUNE_DATADIR=os.path.join(SRCDIR, 'data')), stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as child:
        for part in make(size):
            child.stdin.write(part)
        child.stdin.close()
        said = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        print(f'Bail out! {make.__name__}: exit status {child.returncode}')
        sys.exit(1)
    return used.ru_maxrss * 1024, said


def main():
    if len(sys.argv) == 2:
        print(f'{peak(perf_script, int(sys.argv[1]) * MB)[0] / MB:.1f} MiB')
        return 0
    (few, short), (many, long) = peak(perf_script, SHORT), peak(perf_script, LONG)
    right = many <= few + MORE and '"exit.mmio"' in short and '"exit.mmio"' in long
    print(f'1..1\n{"ok" if right else "not ok"} 1 - {LONG // MB} MiB of a trace take {many / MB:.1f} MiB of memory, '
          f'{SHORT // MB} MiB take {few / MB:.1f} MiB')
    return not right


sys.exit(main())
