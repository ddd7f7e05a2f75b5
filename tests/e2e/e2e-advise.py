#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole way on real KVM: domains are sampled through libvirt and advised, and the guest's own counters say what is true."""

import csv
import io

import e2e


def rule(domain, name):
    found = [f for f in domain['findings'] if f['rule'] == name]
    e2e.check(len(found) == 1, f'{domain["name"]} has one {name} finding ({len(found)})')
    return found[0] if found else {}


def evidence(finding, metric):
    values = [e['value'] for e in finding.get('evidence', []) if e.get('kind') == 'rate' and e['metric'] == metric]
    return values[0] if values else None


def test(lab):
    lab.start('e1000-ide', 'idle', 'tuned')
    for attempt in range(5):
        with e2e.Watch(lab.guest('e1000-ide')) as watch:
            report = e2e.virt_tune_json(lab, 'advise', '-o', 'json', '--all', '--source', 'libvirt', '--duration', '6',
                                        '--interval', '2')
        low, high = watch.median_rates('e1000', windows=3, seconds=2.0)
        windows = min(d.get('sample', {}).get('windows', 0) for d in report['domains'])
        e2e.note(f'the guest made {low:.0f} to {high:.0f} reads a second, {windows} windows count')
        if high < low * 1.03 and windows == 3:
            break
    few = f'{windows} of 3 windows' if windows < 3 else None
    domains = {d['name']: d for d in report['domains']}
    e2e.check(sorted(domains) == ['e1000-ide', 'idle', 'tuned'], 'every domain is reported, once')

    noisy = domains['e1000-ide']
    nic = rule(noisy, 'virtio-net')
    e2e.check(nic.get('verdict') == 'advise', 'virtio-net is advised where the e1000 is busy')
    e2e.check_measured(nic.get('confidence') == 'confirmed', 'it is confirmed: no other device has registers in memory', few)
    e2e.check(nic.get('device') == '52:54:00:76:74:01', 'it names the NIC')
    value = evidence(nic, 'exit.mmio') or 0
    middle = (low + high) / 2  # at most 1.5 % off either
    if high < low * 1.03:
        e2e.check_measured(abs(value - middle) <= middle * 0.02, f'exit.mmio is within 2 % of that ({value:.0f}/s)', few)
    else:  # any rate between them would do
        e2e.skip('exit.mmio is within 2 % of what the guest did',
                 f'other load made the guest unsteady five times: {low:.0f} to {high:.0f} reads a second')
    eoi = rule(noisy, 'pv-eoi')
    e2e.check((eoi.get('verdict'), eoi.get('confidence')) == ('advise', 'structural'),
              f'EOI writes, which libvirt cannot count, are structural advice ({eoi.get("verdict")}, '
              f'{eoi.get("confidence")})')
    e2e.check(rule(noisy, 'healthy-idle').get('verdict') != 'note', 'a busy domain is not called idle')

    for name in ('idle', 'tuned'):
        domain = domains[name]
        e2e.check_measured(rule(domain, 'healthy-idle').get('verdict') == 'note', f'{name} is idle and healthy', few)
        advised = [f['rule'] for f in domain['findings'] if f['verdict'] == 'advise']
        e2e.check(not advised, f'nothing is advised for {name} ({", ".join(advised) or "nothing"})')

    listed = {row['domain']: float(row['exits_per_s'] or -1)
              for row in csv.DictReader(io.StringIO(e2e.virt_tune(lab, 'list', '-o', 'csv', '--source', 'libvirt')))}
    idle = e2e.virt_tune_json(lab, 'sample', 'idle', '-o', 'json', '--source', 'libvirt', '-d', '1s')
    hlt = idle['metrics']['exit.hlt']['rate_per_vcpu_s']
    e2e.check(0 <= listed['idle'] < hlt / 2, f'list leaves HLT out, as top does ({listed["idle"]:.0f} of {hlt:.0f}/s)')
    e2e.check(listed['e1000-ide'] > 100 * max(listed['idle'], 1), f'and nothing else ({listed["e1000-ide"]:.0f}/s)')


e2e.main(test)
