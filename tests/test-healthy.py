#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""No false alarms: well-tuned domains as virt-install, OpenStack, oVirt and KubeVirt define them (tests/healthy), busy but
healthy, get no advice, measured or not, nor where their metadata names an OS, as virt-install and virt-manager do; nor does
a Windows guest with a graphics card of its own, from which the hypervisor is hidden, though its clock costs exits. That the
test would see one is shown by the same domains with an e1000."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import xml.etree.ElementTree as ET

SRC = pathlib.Path(os.environ.get('VT_SRCDIR') or pathlib.Path(__file__).resolve().parent.parent)
BUILD = pathlib.Path(os.environ.get('VT_BUILDDIR') or SRC / 'build')
HEALTHY = SRC / 'tests/healthy'
SCHEMA = '/usr/share/libvirt/schemas/domain.rng'
HAS_OSINFO = '#define HAVE_LIBOSINFO ' in (BUILD / 'config.h').read_text()
WINDOWS, NS = 5, 1000000000
count = 0


def check(passed, what, why=()):
    global count
    count += 1
    print(f'{"ok" if passed else "not ok"} {count} - {what}')
    for line in () if passed else why:
        print(f'# {line}')


def vcpus(domain):
    vcpu = domain.find('vcpu')
    return int(vcpu.get('current') or vcpu.text)


def host_json(facts, domain):
    """The host with this domain as the only one that runs."""
    pins = {int(pin.get('vcpu')): pin.get('cpuset') for pin in domain.iter('vcpupin')}
    emulator = domain.find('cputune/emulatorpin')
    taps = [nic for nic in domain.iter('interface') if nic.get('type') in ('network', 'bridge', 'ethernet')]
    place = {'uuid': domain.findtext('uuid'), 'name': domain.findtext('name'), 'vcpus': vcpus(domain),
             'vcpu_pins': [pins.get(i) for i in range(vcpus(domain))],
             'facts': {'vhost-threads': str(len(taps)), 'memory-kib': domain.findtext('memory')}}
    if emulator is not None:
        place['emulator_pin'] = emulator.get('cpuset')
    return {'format': 'virt-tune-host', 'version': 1, 'facts': facts, 'interrupts': [], 'domains_complete': True,
            'domains': [place], 'notes': []}


def profile_json(wanted, n):
    """Rates per vCPU as a profile of some seconds, all namespaces measured."""
    rates = {name: rate * n for name, rate in wanted['rates'].items()}
    rates['exits'] = sum(rate for name, rate in rates.items() if name.startswith('exit.'))
    return {'format': 'virt-tune-profile', 'version': 1, 'isa': wanted['isa'], 'vcpus': n, 'duration_ns': WINDOWS * NS,
            'sources': ['test'], 'windows': WINDOWS, 'window_ns': [NS] * WINDOWS, 'window_vcpus': [n] * WINDOWS,
            'covers': ['exit', 'msr.read', 'msr.write', 'pio', 'mmio', 'irq'],
            'metrics': {name: {'count': rate * WINDOWS, 'per_window': [rate] * WINDOWS} for name, rate in rates.items()},
            'lost': 0}


def advise(directory, xml, profile, host):
    """The findings of one domain."""
    files = {'domain.xml': xml, 'profile.json': json.dumps(profile), 'host.json': json.dumps(host)}
    for name, text in files.items():
        (directory / name).write_text(text)
    run = subprocess.run([BUILD / 'virt-tune', 'advise', '--xml', directory / 'domain.xml', '--host', directory / 'host.json',
                          *(['--profile', directory / 'profile.json'] if profile else []), '-o', 'json'],
                         stdout=subprocess.PIPE, text=True, check=True,
                         env=dict(os.environ, VIRT_TUNE_DATADIR=str(SRC / 'data')))
    return json.loads(run.stdout)['domains'][0]['findings']


def with_os(xml, os_id):
    """The domain with libosinfo's metadata, in place of what it has of it."""
    metadata = (f'<libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">'
                f'<libosinfo:os id="{os_id}"/></libosinfo:libosinfo>')
    xml = re.sub(r'\s*<libosinfo:libosinfo.*</libosinfo:libosinfo>', '', xml, flags=re.DOTALL)
    if '<metadata>' in xml:
        return xml.replace('<metadata>', f'<metadata>{metadata}', 1)
    return xml.replace('</uuid>', f'</uuid><metadata>{metadata}</metadata>', 1)


def advised(findings):
    return [f'{finding["rule"]}: {finding["reason"]}' for finding in findings if finding['verdict'] == 'advise']


def test_os(directory, name, xml, profile, host):
    measured = advise(directory, xml, profile, host)
    found = advised(measured) + advised(advise(directory, xml, None, host))
    check(not found, f'{name}: no advice', found)
    unknown = [f'{finding["rule"]}: {finding["reason"]}' for finding in measured
               if 'libosinfo' in (finding['reason'] or '') and finding['verdict'] == 'unknown']
    check(not unknown or not HAS_OSINFO, f'{name}: every rule knows its OS', unknown)


def test(directory, name, wanted, data):
    xml = (HEALTHY / f'{name}.xml').read_text()
    domain = ET.fromstring(xml)
    host = host_json(data['hosts'][wanted['host']], domain)
    profile = profile_json(data['profiles'][wanted['profile']], vcpus(domain))
    if os.path.exists(SCHEMA):
        valid = subprocess.run(['xmllint', '--noout', '--relaxng', SCHEMA, HEALTHY / f'{name}.xml'], text=True,
                               capture_output=True)
        check(valid.returncode == 0, f'{name} is a domain as libvirt has it', valid.stderr.splitlines()[:3])

    measured = advise(directory, xml, profile, host)
    check(not advised(measured), f'{name}: no advice for a busy, healthy domain', advised(measured))
    decided = [f for f in measured if f['verdict'] in ('quiet', 'satisfied', 'not-applicable', 'blocked', 'note')]
    check(len(decided) > 0.8 * len(measured), f'{name}: {len(decided)} of {len(measured)} were decided',
          [f'{f["rule"]}: {f["reason"]}' for f in measured if f not in decided])
    structural = advised(advise(directory, xml, None, host))
    check(not structural, f'{name}: none without a measurement', structural)
    for os_id in wanted['os']:
        test_os(directory, f'{name} of {os_id}', with_os(xml, os_id), profile, host)
    bad = re.sub(r"<model type='virtio[a-z-]*'/>\n(\s*)<", r"<model type='e1000'/>\n\1<", xml)
    found = advised(advise(directory, bad, None, host))
    check(any(reason.startswith('virtio-net: ') for reason in found), f'{name}: but for an e1000 in its place', found)


def main():
    data = json.loads((HEALTHY / 'healthy.json').read_text())
    check(sorted(data['domains']) == sorted(path.stem for path in HEALTHY.glob('*.xml')), 'every domain has its host')
    with tempfile.TemporaryDirectory(prefix='virt-tune-healthy-') as directory:
        for name, wanted in data['domains'].items():
            test(pathlib.Path(directory), name, wanted, data)
    print(f'1..{count}')


main()
