#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""KVM's counters in debugfs against the guest's own, where the kernel lets root read them; and what is said where it
does not. debugfs is mounted for the program alone, in a mount namespace of its own."""

import json
import os
import shutil
import subprocess

import e2e

SECONDS = 5
KVM = '/sys/kernel/debug/kvm'
MOUNTED = 'mount -t debugfs debugfs /sys/kernel/debug && '
UNMOUNTED = 'while umount -l /sys/kernel/debug 2>/dev/null; do :; done; '


def alone(setup, *command):
    """Runs a command in a mount namespace of its own, after a setup in the shell."""
    return subprocess.run(['unshare', '-m', '--propagation', 'private', 'sh', '-c', setup + 'exec "$@"', 'sh', *command],
                          env=dict(os.environ, VIRT_TUNE_DATADIR=os.path.join(e2e.SRCDIR, 'data')), text=True,
                          stdin=subprocess.DEVNULL, capture_output=True)


def sample(lab, setup, *args):
    return alone(setup, os.path.join(e2e.BUILDDIR, 'virt-tune'), '-q', '-c', lab.uri, 'sample', *args)


def compare(lab, name, work, metric):
    """Whether a metric is what the guest did, sampled until nothing else on this machine disturbed it."""
    file = f'{lab.dir}/debugfs.json'
    for _ in range(5):
        with e2e.Watch(lab.guest(name)) as watch:
            run = sample(lab, MOUNTED, name, '--source', 'debugfs', '--duration', str(SECONDS), '--save', file)
        e2e.note(run.stderr)
        low, high = watch.median_rates(work, windows=1, seconds=SECONDS)
        if high < low * 1.01:
            break
    else:
        e2e.skip(f'{metric} is within 1 % of what the guest did', f'the guest was unsteady: {low:.0f} to {high:.0f}/s')
        return
    with open(file) as f:
        profile = json.load(f)
    counted = profile['metrics'].get(metric, {'count': -1})['count'] * 1e9 / profile['duration_ns']
    e2e.check(low * 0.99 <= counted <= high * 1.01,
              f'{metric} is within 1 % of what the guest did: {counted:.0f}/s, {low:.0f} to {high:.0f}/s')
    e2e.check(profile['sources'][0] == 'debugfs' and profile['vcpus'] == 1, 'it is of that source, with its one vCPU')
    e2e.check('kvm.pages_4k' not in profile['metrics'], 'what is no counter is left out')


def test(lab):
    if not shutil.which('unshare') or alone(MOUNTED, 'true').returncode != 0:
        e2e.skip('debugfs', 'It cannot be mounted here.')
        return
    lab.start('e1000-ide')
    lab.guest('e1000-ide')

    run = sample(lab, UNMOUNTED, 'e1000-ide', '--source', 'debugfs', '--duration', '1')
    e2e.note(run.stderr)
    e2e.check(run.returncode == 1 and 'mount -t debugfs debugfs /sys/kernel/debug' in run.stderr,
              'where it is not mounted, the error says how to mount it')

    file = f'{lab.dir}/auto.json'
    run = sample(lab, UNMOUNTED, 'e1000-ide', '--duration', '1', '--save', file)
    e2e.note(run.stderr)
    with open(file) as f:
        profile = json.load(f)
    e2e.check('libvirt' in profile['sources'] and 'debugfs' not in profile['sources'],
              "libvirt's statistics need no help")
    e2e.check(not any('debugfs' in note for note in profile['notes']), 'and nothing is said of it then')

    if alone(MOUNTED, 'cat', f'{KVM}/exits').returncode == 0:
        compare(lab, 'e1000-ide', 'e1000', 'kvm.mmio_exits')
        return
    run = sample(lab, MOUNTED, 'e1000-ide', '--source', 'debugfs', '--duration', '1')
    e2e.note(run.stderr)
    e2e.check(run.returncode == 1 and f'the kernel lets nobody read the counters in {KVM}' in run.stderr,
              'where the kernel forbids it, the error says so')
    e2e.skip('the counters', 'This kernel lets nobody read them; check-nested compares them.')


e2e.main(test)
