#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Addresses of PCI devices by name: where the guest placed them, asked of QEMU only when that was wanted."""

import json
import re

import e2e

ADDRESS = 'mmio.0xfeb00008'


def messages(lab):
    """What libvirt says of the domain beside its state: that it is tainted."""
    return ' '.join(line for line in lab.virsh('dominfo e1000-ide').splitlines() if 'taint' in line)


def row(text):
    return next((' '.join(line.split()) for line in text.splitlines() if line.startswith(ADDRESS)), '')


def test(lab):
    lab.start('e1000-ide')
    lab.guest('e1000-ide')
    text = e2e.virt_tune(lab, 'sample', 'e1000-ide', '--source', 'bpf', '--duration', '1')
    e2e.check(row(text) != '' and 'net0' not in text, f'without the option nobody asks: {row(text)}')
    e2e.check('custom monitor' not in messages(lab), f'and the domain is not tainted by it: {messages(lab)}')

    file = f'{lab.dir}/profile.json'
    text = e2e.virt_tune(lab, 'sample', 'e1000-ide', '--source', 'bpf', '--duration', '1', '--devices', '--save', file)
    e2e.check('net0 (e1000)' in row(text), f'the register of the card is named in the table: {row(text)}')
    e2e.check('custom monitor' in messages(lab), f'the domain is marked: {messages(lab)}')
    with open(file) as f:
        profile = json.load(f)
    e2e.check([(r['space'], r['first'], r['device'], r['model']) for r in profile['regions']] ==
              [('memory', 0xfeb00000, 'net0', 'e1000')], f'the profile holds what is placed: {profile["regions"]}')

    bundle = f'{lab.dir}/devices.vtb'
    live = e2e.virt_tune(lab, 'advise', 'e1000-ide', '--source', 'bpf', '--duration', '3', '--devices', '--bundle', bundle)
    e2e.check(re.search(re.escape(ADDRESS) + r'[^;]*\(net0\s+\(e1000\)\)', live) is not None, 'the report names it, too')
    e2e.check(e2e.virt_tune(lab, 'advise', bundle) == live, 'and the bundle gives the same report again')
    report = json.loads(e2e.virt_tune(lab, 'advise', bundle, '-o', 'json'))
    found = [f for f in report['domains'][0]['findings'] if f['rule'] == 'virtio-net']
    metrics = [next(e['metric'] for e in f['evidence'] if 'metric' in e) for f in found]
    e2e.check([(f['verdict'], f['confidence']) for f in found] == [('advise', 'confirmed')]
              and metrics == ['mmio.0xfeb00000-0xfeb1ffff'], "advice on the card follows from its own accesses")


e2e.main(test)
