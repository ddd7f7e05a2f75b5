#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A vCPU is plugged into a domain while it is sampled: the window in which it came is not counted, which is said, and from
the next one on rates are those of all vCPUs."""

import json
import re

import daemon
import e2e

LENGTH = ['--duration', '8', '--interval', '250ms']
WINDOWS = 32


def plug(libvirtd, vcpus):
    libvirtd.virsh('setvcpus', 'idle0', str(vcpus), '--live')


def test_sample(libvirtd, source, before):
    """The new vCPU waits for the guest to start it, so that KVM has nothing to tell of it."""
    file = f'{libvirtd.dir}/{source}.json'
    sample = libvirtd.terminal('sample', 'idle0', '--source', source, '--vcpu', '--save', file, *LENGTH)
    sample.wait_match(r'[1-9] of 8 s', 60)  # the next one where the first was too short to be drawn
    plug(libvirtd, before + 1)
    status, out, err = sample.end(60)
    e2e.note(re.sub(r'\r\033\[K', '\n', err))
    e2e.check(status == 0, f'{source}: exit status {status}')
    with open(file) as f:
        profile = json.load(f)
    vcpus, notes = profile['window_vcpus'], profile.get('notes', [])
    e2e.note(f'{vcpus} {notes}')
    e2e.check(profile['vcpus'] == before + 1 and set(vcpus) == {before, before + 1} and vcpus == sorted(vcpus),
              f'{source}: windows know how many vCPUs there were: {vcpus}')
    e2e.check(2 <= len(vcpus) < WINDOWS and any('number of vCPUs changed' in note for note in notes),
              f'those between do not count, and it says so: {len(vcpus)} of {WINDOWS}')
    e2e.check(profile['vcpu_ids'] == list(range(before + 1)), f'the new one is shown: {profile["vcpu_ids"]}')
    metric = profile['metrics'].get('sched.run-delay-ns')
    if not metric:
        e2e.skip('waiting for a CPU', 'this kernel does not count it')
        return
    e2e.check(metric['source'] == ('schedstat' if source == 'bpf' else 'libvirt')
              and {part['vcpu'] for part in metric['per_vcpu']} <= set(range(before + 1)),
              f'{source}: waiting for a CPU is known through it: {metric["count"]} ns')


def test_top(libvirtd, before):
    top = libvirtd.begin('top', 'idle0', '-b', '-n', '40', '-d', '250ms', '--source', 'auto')
    out = ''
    while ' idle0 ' not in out:
        line = top.stdout.readline()
        if not line:
            break
        out += line
    plug(libvirtd, before + 1)
    out += top.stdout.read()
    err = top.stderr.read()
    top.wait()
    seen = re.findall(r'^ *\d+ idle0 +(\d+) +(\S+)', out, re.MULTILINE)
    e2e.note(f'{seen} {err}')
    e2e.check(top.returncode == 0 and len(seen) > 1 and seen[0][0] == str(before) and seen[-1][0] == str(before + 1),
              f'top shows the new vCPU: {seen[:1]}, {seen[-1:]}')


def test(libvirtd):
    libvirtd.start_idle(1, vcpus=4)
    test_sample(libvirtd, 'libvirt', 1)
    test_sample(libvirtd, 'bpf', 2)
    test_top(libvirtd, 3)


try:
    e2e.labs.require(e2e.BUILDDIR)
except e2e.labs.Unusable as why:
    print(f'1..0 # SKIP {why}')
else:
    daemon.main(test, kvm=True)
