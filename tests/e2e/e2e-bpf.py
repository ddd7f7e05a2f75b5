#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the kernel counts of a domain by port, address and register, against the guest's own counters; and what only
that can confirm."""

import json
import os
import shutil
import signal
import subprocess
import time

import e2e

SECONDS = 5
WORKS = ('e1000', 'ide', 'eoi', 'hpet', 'hlt')


def hpet(lab):
    """A domain whose guest reads the HPET, and sleeps between."""
    text = lab.xml('idle').replace('<name>idle<', '<name>hpet<').replace('idle.img', 'hpet.img')
    return text.replace('>quiet<', '>hpet hlt<').replace("'hpet' present='no'", "'hpet' present='yes'")


def sample(lab, name, source, steady):
    """The profile of a domain, and the least and the greatest rate of each work over as long a time meanwhile."""
    file = f'{lab.dir}/{name}.json'
    for attempt in range(5):
        with e2e.Watch(lab.guest(name)) as watch:
            e2e.virt_tune(lab, 'sample', name, '--source', source, '--duration', str(SECONDS), '--save', file)
        rates = {work: watch.median_rates(work, windows=1, seconds=SECONDS) for work in WORKS}
        low, high = rates[steady]
        if high < low * 1.01:  # else other load on this machine made it unsteady, and its rate is not one figure
            break
    with open(file) as f:
        return json.load(f), rates


def compare(profile, rates, work, metric):
    low, high = rates[work]
    if high >= low * 1.01:
        e2e.skip(f'{metric} is within 1 % of what the guest did',
                 f'other load on this machine made the guest unsteady five times: {low:.0f} to {high:.0f}/s')
        return
    counted = profile['metrics'].get(metric, {'count': -1})['count'] * 1e9 / profile['duration_ns']
    e2e.check(low * 0.99 <= counted <= high * 1.01,
              f'{metric} is within 1 % of what the guest did: {counted:.0f}/s, {low:.0f} to {high:.0f}/s')


def check_exact(lab, profile):
    """The guest does one after the other, so that they are the same number whatever the load: but for those that the
    end of a window came between. They are not read at one instant, so that a reader that had to wait for a CPU between
    two of them is asked again."""
    metrics = ('mmio.0xfeb00008', 'pio.0x1f7', 'msr.write.0x80b')
    file = f'{lab.dir}/exact.json'
    for attempt in range(5):
        counts = [profile['metrics'][m]['count'] for m in metrics]
        apart = max(counts) - min(counts)
        if apart <= 2 * len(profile['window_ns']):
            break
        e2e.note(f'{apart} of {max(counts)} apart')
        e2e.virt_tune(lab, 'sample', 'e1000-ide', '--source', 'bpf', '--duration', str(SECONDS), '--save', file)
        with open(file) as f:
            profile = json.load(f)
    e2e.check(apart <= 2 * len(profile['window_ns']), f'as many of each as the others: {counts}')


def check_vcpus(lab):
    """Three vCPUs, of which the others read a port of their own: what each has, and that nothing is missing."""
    text = lab.xml('idle').replace('<name>idle<', '<name>smp<').replace('idle.img', 'smp.img')
    lab.start(smp=text.replace('>quiet<', '>ide eoi hlt ap<').replace('<vcpu>1<', '<vcpu>3<'))
    guest, file = lab.guest('smp'), f'{lab.dir}/smp.json'
    before = guest.counts()
    e2e.virt_tune(lab, 'sample', 'smp', '--vcpu', '--duration', '3', '--save', file)
    after = guest.counts()
    with open(file) as f:
        profile = json.load(f)
    metrics = profile['metrics']
    e2e.check(profile['sources'][:2] == ['bpf', 'libvirt'] and profile['vcpu_ids'] == [0, 1, 2],
              'both sources tell three vCPUs apart')
    for name in ('pio.0x80', 'pio.0x1f7', 'msr.write.0x80b', 'exits', 'exit.hlt', 'kvm.exits', 'kvm.halt_exits'):
        parts = metrics[name]['per_vcpu']
        # Where load left one window only, its counts are the sums.
        windows = [sum(n) for n in zip(*(part.get('per_window', [part['count']]) for part in parts))]
        e2e.check(sum(part['count'] for part in parts) == metrics[name]['count'] > 0
                  and windows == metrics[name].get('per_window', [metrics[name]['count']]),
                  f'the vCPUs together have all of {name} ({metrics[name]["source"]}): {metrics[name]["count"]}')
    whose = {name: [part['vcpu'] for part in metrics[name]['per_vcpu']] for name in ('pio.0x80', 'pio.0x1f7', 'exit.hlt')}
    e2e.check(whose == {'pio.0x80': [1, 2], 'pio.0x1f7': [0], 'exit.hlt': [0]}, f'each has what it did: {whose}')
    most = after['ap'] - before['ap']
    e2e.check(0 < metrics['pio.0x80']['count'] <= most, f'and no more than that: {metrics["pio.0x80"]["count"]} of {most}')
    plain = f'{lab.dir}/plain.json'
    e2e.virt_tune(lab, 'sample', 'smp', '--source', 'libvirt', '--duration', '3', '--save', plain)
    with open(plain) as f:
        e2e.check('vcpu' not in f.read().replace('"vcpus"', '').replace('rate_per_vcpu_s', '').replace('window_vcpus', ''),
                  'nothing of it is kept unless it was asked for')
    short = ('advise', 'smp', '-o', 'html', '--source', 'libvirt', '--duration', '1s')
    page = e2e.virt_tune(lab, *short, '--vcpu')
    e2e.check('Exits by vCPU' in page and all(f'>vCPU {n}<' in page for n in range(3)), 'advise --vcpu: a chart of them')
    e2e.check('Exits by vCPU' not in e2e.virt_tune(lab, *short), 'and none without')
    # By its process: virsh would have to find the domain again first. Its vCPUs would disturb what follows.
    pid = lab.pid('smp')
    os.kill(pid, signal.SIGKILL)
    while os.path.exists(f'/proc/{pid}'):
        time.sleep(0.05)


def check_provenance(lab):
    """Each metric of a profile of two sources names its own, also after reading the profile again."""
    file = f'{lab.dir}/both.json'
    e2e.virt_tune(lab, 'sample', 'e1000-ide', '--duration', '2', '--save', file)
    with open(file) as f:
        sources = {name: metric['source'] for name, metric in json.load(f)['metrics'].items()}
    wanted = {'pio.0x1f7': 'bpf', 'msr.write.0x80b': 'bpf', 'mmio.0xfeb00008': 'bpf', 'kvm.mmio_exits': 'libvirt',
              'exit.hlt': 'libvirt', 'sched.run-delay-ns': 'libvirt', 'block.requests': 'libvirt'}
    e2e.check({name: sources.get(name) for name in wanted} == wanted, f'libvirt and BPF in one profile: {wanted}')
    rows = e2e.virt_tune_json(lab, 'compare', file, file, '-o', 'json')['comparisons'][0]['metrics']
    again = {row['metric']: row['before']['source'] for row in rows if row['metric'] in wanted and row['before']}
    e2e.check(again and all(wanted[name] == source for name, source in again.items()),
              f'and what reads the profile again knows them: {again}')


def test(lab):
    check_vcpus(lab)
    lab.start('e1000-ide', hpet=hpet(lab))
    profile, rates = sample(lab, 'e1000-ide', 'bpf', 'e1000')
    e2e.check(profile['sources'][0] == 'bpf' and 'libvirt' not in profile['sources'], 'it is alone when asked for')
    e2e.check(profile['vcpus'] == 1, 'it knows the number of vCPUs')
    compare(profile, rates, 'e1000', 'mmio.0xfeb00008')
    compare(profile, rates, 'ide', 'pio.0x1f7')
    compare(profile, rates, 'eoi', 'msr.write.0x80b')
    check_exact(lab, profile)
    mmio = profile['metrics']['mmio.0xfeb00008']
    # One may have been on its way to QEMU at either end of what is left between windows that do not count.
    e2e.check(abs(mmio['count'] - mmio['user_count']) <= len(profile['window_ns']),
              f'every read of the e1000 went to QEMU: {mmio["user_count"]}')
    said = e2e.virt_tune(lab, 'sample', 'e1000-ide', '--source', 'bpf', '--duration', '1')
    e2e.check('mmio.0xfeb00008' in said and 'completed in user space' in said, 'and the table says so')
    if os.path.exists('/proc/self/schedstat'):
        delay = profile['metrics'].get('sched.run-delay-ns', {})
        e2e.check(delay.get('source') == 'schedstat' and delay['count'] <= profile['duration_ns'],
                  'how long the vCPU waited for a CPU is known without libvirt, too')
    e2e.check({'pio', 'mmio', 'msr.read', 'msr.write'} <= set(profile['covers']), 'what was not seen there is zero')
    e2e.check(profile['lost'] == 0, 'nothing was lost')
    if not os.path.exists('/sys/module/kvm_intel') and not os.path.exists('/sys/module/kvm_amd'):
        e2e.check('exit' not in profile['covers'], 'without kvm_exit nothing is said of reasons that were not seen')

    profile, rates = sample(lab, 'hpet', 'bpf', 'hpet')
    compare(profile, rates, 'hpet', 'mmio.0xfed000f0')
    compare(profile, rates, 'eoi', 'msr.write.0x80b')
    profile, rates = sample(lab, 'hpet', 'libvirt', 'hpet')  # the statistics, by the same measure
    compare(profile, rates, 'hpet', 'kvm.mmio_exits')
    compare(profile, rates, 'hlt', 'kvm.halt_exits')

    check_provenance(lab)
    said = ' '.join(e2e.virt_tune(lab, 'sample', 'smp', 'e1000-ide', '--duration', '1').split())
    e2e.check('smp: Nothing was measured. The domain was not running. e1000-ide' in said,
              f'of a domain that is off nothing else is said beside one that runs: {said[:200]}')
    report = e2e.virt_tune_json(lab, 'advise', '-o', 'json', 'e1000-ide', '--duration', '4')
    domain = report['domains'][0]
    e2e.check(domain['sample']['sources'][:2] == ['bpf', 'libvirt'], 'both sources are used where none is asked for')
    told = {e['source'] for f in domain['findings'] for e in f.get('evidence', []) if e.get('source')}
    e2e.check({'bpf', 'libvirt'} <= told, f'evidence names the source of its figure: {sorted(told)}')
    for name in ('virtio-disk', 'pv-eoi', 'virtio-net'):
        found = [f for f in domain['findings'] if f['rule'] == name]
        e2e.check([(f['verdict'], f['confidence']) for f in found] == [('advise', 'confirmed')],
                  f'{name} is confirmed: its port, register or address was counted')


    if not shutil.which('setpriv'):
        e2e.note('setpriv is not installed: not tried without capabilities')
        return
    file = f'{lab.dir}/unprivileged.json'
    subprocess.run(['setpriv', '--bounding-set=-bpf,-perfmon,-sys_admin', os.path.join(e2e.BUILDDIR, 'virt-tune'), '-q',
                    '-c', lab.uri, 'sample', 'e1000-ide', '--duration', '2', '--save', file],
                   env=dict(os.environ, VIRT_TUNE_DATADIR=os.path.join(e2e.SRCDIR, 'data')), stdout=subprocess.DEVNULL)
    with open(file) as f:
        profile = json.load(f)
    e2e.check(profile['sources'][0] == 'libvirt', 'without the capabilities libvirt alone is used')
    e2e.check(any('bpf was not used' in n and 'CAP_BPF' in n for n in profile['notes']), 'and the profile says why')


e2e.main(test)
