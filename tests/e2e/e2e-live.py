#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Pins of a running domain, on real QEMU: what the kernel says of the threads before and after apply and revert --live."""

import glob
import os
import re
import subprocess

import daemon
import e2e

NAME = 'pinned'
PINS = ('<add sel="/domain"><cputune><vcpupin vcpu="0" cpuset="1"/><emulatorpin cpuset="0"/>'
        '<iothreadpin iothread="1" cpuset="1"/></cputune></add>')
RULES = {'test-pins': ("/domain/cputune/vcpupin/@cpuset = '1'", PINS), 'test-eoi': daemon.RULES['test-eoi']}
ALL = '0-1'


def affinity(lab):
    """{thread: CPUs} of the vCPU, the emulator's main thread and the iothread, as the kernel has them."""
    pid = lab.pid(NAME)
    pins = {}
    for path in glob.glob(f'/proc/{pid}/task/*/status'):
        with open(path) as f:
            text = f.read()
        name = re.search(r'^Name:\s*(.*)$', text, re.M).group(1)
        tid = int(path.split('/')[4])
        thread = ('vcpu' if name.startswith('CPU 0') else 'iothread' if name.startswith('IO iothread')
                  else 'emulator' if tid == pid else None)
        if thread:
            pins[thread] = re.search(r'^Cpus_allowed_list:\s*(.*)$', text, re.M).group(1)
    return pins


def run(lab, *args, expect=0):
    env = dict(lab.env, VIRT_TUNE_DATADIR=f'{lab.dir}/data', XDG_STATE_HOME=f'{lab.dir}/state')
    done = subprocess.run([os.path.join(e2e.BUILDDIR, 'virt-tune'), '-c', lab.uri, *args], env=env, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True)
    e2e.check(done.returncode == expect, f'{" ".join(args[:1])} ends with {expect} {done.stderr.strip()}')
    return done.stdout


def change(rule, *more):
    return ('apply', NAME, '--rule', rule, '--yes', '-d', '1s', '-i', '200ms', *more)


def test(lab):
    online = open('/sys/devices/system/cpu/online').read().strip()
    if not {'0', '1'} <= set(re.split('[-,]', online)) or len(os.sched_getaffinity(0)) < 2:
        e2e.skip('pins', f'there are no CPUs 0 and 1 to pin to ({online})')
        return
    daemon.write_rules(f'{lab.dir}/data', RULES)
    xml = (lab.xml('e1000-ide').replace('>e1000-ide<', f'>{NAME}<').replace('e1000-ide.img', f'{NAME}.img')
           .replace('<vcpu>1</vcpu>', '<vcpu>1</vcpu><iothreads>1</iothreads>'))
    lab.start(**{NAME: xml})
    lab.guest(NAME)
    old = affinity(lab)
    wide = old.get('vcpu')
    e2e.check(set(old) == {'vcpu', 'emulator', 'iothread'} and len(set(old.values())) == 1, f'threads at first: {old}')

    out = run(lab, *change('test-pins'))
    e2e.check(affinity(lab) == old and '--live would also' in out, 'without --live the running domain stays as it is')
    e2e.check('change 1 takes effect after' in run(lab, 'list', '-d', '1s'), 'list: the pins are pending')
    out = run(lab, 'revert', NAME, '--yes')
    e2e.check('is like that already' in out, 'to go back to what still runs waits for nothing')

    out = run(lab, *change('test-pins', '--live'))
    e2e.check(affinity(lab) == {'vcpu': '1', 'emulator': '0', 'iothread': '1'}, f'--live pins all three: {affinity(lab)}')
    for what in ('vcpu 0: 1', 'emulator: 0', 'iothread 1: 1'):
        e2e.check(f'pinned in the running domain: {what}' in out, f'and says so: {what}')
    e2e.check('is like that already' in out and 'powered off' not in out.split('changed (change')[1],
              'nothing is left for a power cycle')
    live = lab.virsh(f'dumpxml {NAME}')
    e2e.check("<vcpupin vcpu='0' cpuset='1'/>" in live and "<emulatorpin cpuset='0'/>" in live
              and "<iothreadpin iothread='1' cpuset='1'/>" in live, 'libvirt shows the same of the running domain')
    e2e.check(re.search(r'0\s+1\b', lab.virsh(f'vcpupin {NAME}')) is not None, 'and virsh vcpupin')
    e2e.check('takes effect after' not in run(lab, 'list', '-d', '1s'), 'list: nothing is pending')

    # Both kinds in one change: the pins at once, the rest later.
    out = run(lab, 'revert', NAME, '--yes', '--live')
    e2e.check(set(affinity(lab).values()) == {wide}, f'revert --live frees them again: {affinity(lab)}')
    out = run(lab, 'apply', NAME, '--rule', 'test-pins', '--rule', 'test-eoi', '--yes', '--live', '-d', '1s')
    e2e.check(affinity(lab)['vcpu'] == '1' and 'powered off' in out.split('changed (change')[1],
              'pins at once, the rest after a power cycle')
    e2e.check('takes effect after' in run(lab, 'list', '-d', '1s'), 'list: that rest is pending')
    lab.virsh(f'destroy {NAME}', f'start {NAME}')
    e2e.check(affinity(lab) == {'vcpu': '1', 'emulator': '0', 'iothread': '1'}, f'after it all is there: {affinity(lab)}')
    e2e.check('takes effect after' not in run(lab, 'list', '-d', '1s'), 'list: and nothing pending')

    out = run(lab, 'revert', NAME, '--yes', '--live')
    e2e.check(set(affinity(lab).values()) == {wide} and 'powered off' in out, 'and all the way back')


e2e.main(test)
