#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Counting by BPF as a user who is not root, with the two capabilities that the program's file has, on a domain of a
session daemon; and what that user is told without them."""

import json
import os
import shutil
import subprocess
import time

import daemon
import e2e

SECONDS = 3
PORT = 'pio.0x1f7'


class Refused(Exception):
    """Why the file cannot have capabilities here."""


def install(libvirtd, name, capabilities=None):
    """A copy of the program that everybody may run."""
    path = f'{libvirtd.dir}/{name}'
    shutil.copy(os.path.join(e2e.BUILDDIR, 'virt-tune'), path)
    os.chmod(path, 0o755)
    if capabilities:
        setcap = shutil.which('setcap', path=f'{os.environ["PATH"]}:/usr/sbin:/sbin')
        if not setcap:
            raise Refused('setcap is not installed')
        if os.statvfs(path).f_flag & os.ST_NOSUID:
            raise Refused(f'{libvirtd.dir} is on a file system without capabilities (nosuid)')
        run = subprocess.run([setcap, capabilities, path], capture_output=True, text=True)
        if run.returncode != 0:
            raise Refused(f'setcap: {run.stderr.strip()}')
    return path


def sample(libvirtd, program, *args):
    """(exit status, profile, standard error) of a sample as the user nobody."""
    run = subprocess.run([program, '-q', '-c', libvirtd.uri, 'sample', 'idle0', '--duration', str(SECONDS), '-o', 'json', *args],
                         env={'PATH': os.environ['PATH'], 'LC_ALL': 'C.UTF-8', 'VIRT_TUNE_DATADIR': f'{libvirtd.dir}/data',
                              'HOME': f'{libvirtd.dir}/home'},
                         user=daemon.NOBODY, group=daemon.NOBODY, extra_groups=[], cwd='/', stdin=subprocess.DEVNULL,
                         capture_output=True, text=True, timeout=120)
    return run.returncode, json.loads(run.stdout) if run.returncode == 0 else None, run.stderr


def find_guest(pid):
    until = time.monotonic() + 30
    while True:
        guest = e2e.labs.Guest.find(pid)
        if guest:
            return guest
        if time.monotonic() > until:
            raise e2e.labs.Failed('the guest has not come up')
        time.sleep(0.05)


def test(libvirtd):
    if os.geteuid() != 0:
        e2e.skip('as another user', 'only root gives capabilities to a file')
        return
    libvirtd.start_idle(1, work='ide hlt', memory=e2e.labs.MEMORY >> 20)
    guest = find_guest(libvirtd.pid('idle0'))
    plain = install(libvirtd, 'plain')
    status, _, said = sample(libvirtd, plain, '--source', 'bpf')
    e2e.check(status == 1 and 'CAP_BPF and CAP_PERFMON' in said, f'without capabilities the reason is told: {said.strip()}')
    try:
        program = install(libvirtd, 'capable', 'cap_bpf,cap_perfmon=ep')
    except Refused as why:
        e2e.skip('with the capabilities of its file', str(why))
        return
    before = guest.counts()['ide']
    status, profile, said = sample(libvirtd, program, '--source', 'bpf')
    after = guest.counts()['ide']
    e2e.check(status == 0 and profile['sources'][0] == 'bpf', f'another user counts with the two alone: {said.strip()}')
    if status != 0:
        return
    counted = profile['metrics'].get(PORT, {}).get('count', 0)
    e2e.check(0 < counted <= after - before, f'as many port reads as the guest made, or fewer: {counted} of {after - before}')
    e2e.check(profile['lost'] == 0 and {'pio', 'msr.write'} <= set(profile['covers']), 'and nothing else was missed')
    status, profile, said = sample(libvirtd, program)
    e2e.check(status == 0 and profile['sources'][:2] == ['bpf', 'libvirt'], f'together with libvirt: {said.strip()}')


daemon.main(test, kvm=True)
