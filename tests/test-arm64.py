#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every rule on arm64: those of x86 stay quiet on a guest that does everything any rule looks for, and those that are of
both find what is wrong there, by the exits that KVM has on arm64, and nothing where it is not."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import xml.etree.ElementTree as ET

SRC = pathlib.Path(os.environ.get('VT_SRCDIR') or pathlib.Path(__file__).resolve().parent.parent)
BUILD = pathlib.Path(os.environ.get('VT_BUILDDIR') or SRC / 'build')
WINDOWS, NS = 5, 1000000000
count = 0


def check(passed, what, why=()):
    global count
    count += 1
    print(f'{"ok" if passed else "not ok"} {count} - {what}')
    for line in () if passed else why:
        print(f'# {line}')


def metrics_of_rules():
    """One name of each metric, or range of them, that a rule looks at."""
    names = set()
    for path in (SRC / 'data/rules').glob('*.xml'):
        for element in ET.parse(path).iter():
            for attribute in ('metric', 'of', 'minus'):
                names |= set((element.get(attribute) or '').split())
    names = {name.replace('irq.*', 'irq.40').replace('.*', '.0x10') for name in names}
    return {re.sub(r'-0x[0-9a-f]+$', '', name) for name in names}


class Host:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        healthy = json.loads((SRC / 'tests/healthy/healthy.json').read_text())
        self.facts = healthy['hosts']['arm']
        self.rates = healthy['profiles']['linux-arm']['rates']
        self.xml = (SRC / 'tests/healthy/virt-install-arm64.xml').read_text()

    def findings(self, xml, rates, facts, place=None):
        """{rule: finding}; rates are per vCPU, and all namespaces were measured whole."""
        domain = ET.fromstring(xml)
        n = int(domain.findtext('vcpu'))
        own = {'uuid': domain.findtext('uuid'), 'name': domain.findtext('name'), 'vcpus': n, 'vcpu_pins': [None] * n,
               'facts': {'vhost-threads': '1', 'memory-kib': '4194304'}}
        host = {'format': 'virt-tune-host', 'version': 1, 'facts': facts, 'domains_complete': True, 'notes': [],
                'interrupts': [{'irq': '40', 'device': 'nvme0q3', 'affinity': '0-3', 'managed': False}],
                'domains': [dict(own, **(place or {}))]}
        rates = {name: rate * n for name, rate in rates.items()}
        rates['exits'] = sum(rate for name, rate in rates.items() if name.startswith('exit.'))
        profile = {'format': 'virt-tune-profile', 'version': 1, 'isa': 'arm64', 'vcpus': n, 'duration_ns': WINDOWS * NS,
                   'sources': ['test'], 'windows': WINDOWS, 'window_ns': [NS] * WINDOWS, 'window_vcpus': [n] * WINDOWS,
                   'covers': ['exit', 'msr.read', 'msr.write', 'pio', 'mmio', 'irq'], 'lost': 0,
                   'metrics': {name: {'count': rate * WINDOWS, 'per_window': [rate] * WINDOWS}
                               for name, rate in rates.items()}}
        for name, text in (('domain.xml', xml), ('host.json', json.dumps(host)), ('profile.json', json.dumps(profile))):
            (self.directory / name).write_text(text)
        run = subprocess.run([BUILD / 'virt-tune', 'advise', '--xml', self.directory / 'domain.xml', '--host',
                              self.directory / 'host.json', '--profile', self.directory / 'profile.json', '-o', 'json'],
                             stdout=subprocess.PIPE, text=True, check=True,
                             env=dict(os.environ, VIRT_TUNE_DATADIR=str(SRC / 'data')))
        # Of a rule that goes through devices or interrupts, what says most.
        found = {}
        for finding in json.loads(run.stdout)['domains'][0]['findings']:
            if finding['rule'] not in found or finding['verdict'] == 'advise':
                found[finding['rule']] = finding
        return found


# Those that are of both. Every other one must be out of the question on arm64, whatever the guest does.
BOTH = {'disk-iothread', 'disk-native-io', 'emulator-pinning', 'halt-poll-down', 'halt-poll-up', 'healthy-idle',
        'healthy-kicks', 'hugepages', 'iothread-pinning', 'irq-affinity', 'managed-irq', 'net-queues', 'nohz-full',
        'numa-memory', 'page-merging', 'usb-disk', 'usb-tablet', 'vcpu-contention', 'vcpus-exceed-host', 'vhost-net',
        'virtio-disk', 'virtio-ioeventfd', 'virtio-net', 'virtio-scsi'}
PINNED = {'vcpu_pins': ['2', '3', '4', '5'], 'emulator_pin': '2-5'}
APART = {'vcpu_pins': ['2', '3', '4', '5'], 'emulator_pin': '8-9'}
# Of a rule: what is wrong in the definition (from, to), the rates, the facts, and the place.
HITS = {
    'virtio-net': (("<model type='virtio'/>\n    </interface>", "<model type='e1000'/>\n    </interface>"),
                   {'exit.mmio': 20000}, {}, None),
    'usb-disk': (("dev='vda' bus='virtio'", "dev='sda' bus='usb'"), {'exit.mmio': 20000}, {}, None),
    # WFx, which is idleness.
    'halt-poll-up': (None, {'exit.hlt': 16000, 'kvm.halt_attempted_poll': 0, 'kvm.halt_successful_poll': 0,
                            'kvm.halt_wait_ns': 960000000}, {'kvm.halt_poll_ns': '0'}, None),
    'halt-poll-down': (None, {'exit.hlt': 2000, 'kvm.halt_attempted_poll': 2000, 'kvm.halt_successful_poll': 200,
                              'kvm.halt_poll_fail_ns': 300000000}, {}, None),
    'vcpu-contention': (None, {'sched.run-delay-ns': 200000000}, {'cpus.count': '2', 'cpus.online': '0-1'}, None),
    'emulator-pinning': (None, {'sched.run-delay-ns': 20000000}, {}, PINNED),
    'irq-affinity': (None, {'irq.40': 3000, 'exit.external-interrupt': 4000}, {}, APART),
    'nohz-full': (None, {'exit.external-interrupt': 260}, {}, APART),
}


def test_x86(host):
    everything = {name: 50000 for name in metrics_of_rules() if name != 'exits'}
    known = {path.stem for path in (SRC / 'data/rules').glob('*.xml')}
    check(BOTH <= known, 'every rule of both exists', BOTH - known)
    for what, rates, place in (('that does everything', everything, None), ('on CPUs of its own', everything, APART),
                               ('that is healthy', host.rates, PINNED), ('that is idle', {}, None)):
        found = host.findings(host.xml, rates, host.facts, place)
        check(set(found) == known, f'a guest {what}: every rule has its say', known - set(found))
        wrong = [f'{rule}: {f["verdict"]}: {f["reason"]}' for rule, f in found.items()
                 if rule not in BOTH and f['verdict'] != 'not-applicable']
        check(not wrong, 'those of x86 are out of the question', wrong)


def test_both(host):
    healthy = host.findings(host.xml, host.rates, host.facts)
    for rule, (wrong, rates, facts, place) in HITS.items():
        xml = host.xml.replace(*wrong) if wrong else host.xml
        found = host.findings(xml, dict(host.rates, **rates), dict(host.facts, **facts), place)[rule]
        check(found['verdict'] in ('advise', 'note') and (not wrong or xml != host.xml), f'{rule} is found where it is wrong',
              [f'{found["verdict"]}: {found["reason"]}'])
        check(healthy[rule]['verdict'] in ('quiet', 'satisfied', 'not-applicable', 'blocked'), f'{rule} is not, else',
              [healthy[rule]['reason']])
    idle = host.findings(host.xml, {'exit.hlt': 30, 'exit.external-interrupt': 10}, host.facts)['healthy-idle']
    check(idle['verdict'] == 'note', 'an idle guest is called so', [idle['reason']])


def main():
    with tempfile.TemporaryDirectory(prefix='virt-tune-arm64-') as directory:
        host = Host(directory)
        test_x86(host)
        test_both(host)
    print(f'1..{count}')


main()
