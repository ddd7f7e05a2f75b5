#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole way of a change on real KVM: advised, applied, power-cycled, verified with both measured figures, reverted."""

import json
import os
import re
import subprocess

import e2e

NAME = 'e1000-ide'
SAMPLE = ('--source', 'libvirt', '--duration', '4', '--interval', '1')


def call(lab, *args):
    env = dict(lab.env, VIRT_TUNE_DATADIR=os.path.join(e2e.SRCDIR, 'data'), XDG_STATE_HOME=f'{lab.dir}/state')
    return subprocess.run([os.path.join(e2e.BUILDDIR, 'virt-tune'), '-c', lab.uri, *args], env=env, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True)


def ended(args, done, expect=0):
    """What a command printed, after the check of how it ended."""
    if done.returncode != expect:
        e2e.note(done.stdout)
    e2e.check(done.returncode == expect, f'{args[0]} ends with {expect} ({done.returncode}) {done.stderr.strip()}')
    return done.stdout


def run(lab, *args, expect=0):
    return ended(args, call(lab, *args), expect)


def measure(lab, *args, few=e2e.FEW):
    """As run(), and what e2e.measured() says."""
    done, said = e2e.measured(lambda: call(lab, *args), few)
    return ended(args, done), said


def definition(lab):
    return lab.virsh(f'dumpxml --inactive --security-info {NAME}')


def test(lab):
    lab.start(NAME)
    lab.guest(NAME)
    old = definition(lab)

    # What is not confirmed by a measurement is taken only where it is named; the driver is ours to know.
    out, few = measure(lab, 'apply', NAME, '--all-rules', '--assume-guest-drivers', '--dry-run', *SAMPLE,
                       few='left out: virtio-net .{0,40}only (suspected|structural)')
    e2e.check_measured('virtio-net' in out and 'pv-eoi' not in out, 'what is confirmed is advised', few)
    e2e.check(definition(lab) == old, 'a dry run changes nothing')
    bundles = [os.path.join(lab.dir, f'{when}.vtb') for when in ('before', 'after')]
    _, few_before = measure(lab, 'sample', NAME, *SAMPLE, '--bundle', bundles[0])
    out = run(lab, 'apply', NAME, '--rule', 'virtio-net', '--rule', 'virtio-disk', '--rule', 'pv-eoi',
              '--assume-guest-drivers', '--yes', *SAMPLE)
    new = definition(lab)
    for part in ("<model type='virtio'/>", "<target dev='vda' bus='virtio'/>", "<apic eoi='on'/>"):
        e2e.check(part in new, f'the definition has {part}')
    e2e.check('fully powered off' in out, 'it says when that takes effect')

    out = run(lab, 'verify', NAME)
    e2e.check('cannot tell' in out and 'powered off' in out and ': worked' not in out,
              'before a power cycle nothing can be told')

    waits = re.compile(r'change 1 takes effect after')
    e2e.check(waits.search(run(lab, 'list')) is not None, 'list shows that the change waits')
    report = run(lab, 'advise', NAME, '--duration', '1', '-o', 'json')
    e2e.check(json.loads(report)['domains'][0].get('pending_change') == 1, 'and so does advise')

    e2e.power_cycle(lab, NAME)
    e2e.check(waits.search(run(lab, 'list')) is None, 'until the domain was powered off and started')
    live = lab.virsh(f'dumpxml {NAME}')
    e2e.check("<model type='virtio'/>" in live and "<apic eoi='on'/>" in live, 'it starts with the new devices')
    out, few = measure(lab, 'verify', NAME)
    worked = re.search(r'virtio-net \([0-9a-f:]+\): worked\. exit\.mmio was ([0-9,]+) a\s+second and vCPU .* and is '
                       r'([0-9,]+)', re.sub(r'\s+', ' ', out))
    before, after = (int(n.replace(',', '')) for n in worked.groups()) if worked else (0, 0)
    e2e.check_measured(before > 1000 and after < before / 10,
                       f'verify: virtio-net worked, {before}/s before and {after}/s after', few)
    eoi = re.search(r'pv-eoi: ([a-z ]+)\.', re.sub(r'\s+', ' ', out))
    e2e.check(eoi is not None and eoi.group(1) == 'cannot tell', 'EOI writes, which libvirt cannot count, stay unknown')
    if not e2e.passed():
        e2e.note(out)
    out, few = measure(lab, 'verify', NAME, '-o', 'json')
    causes = {cause['rule']: cause['verdict'] for cause in json.loads(out)['comparisons'][0]['causes']}
    e2e.check_measured(causes.get('virtio-net') == 'worked' and causes.get('pv-eoi') == 'unknown', 'the same as JSON', few)
    page = os.path.join(lab.dir, 'verify.html')

    def write_page():
        done = call(lab, 'verify', NAME, '-o', 'html', '--output-file', page)
        with open(page, encoding='utf-8') as file:
            done.stdout = file.read()
        return done
    done, few = e2e.measured(write_page)
    out = ended(('verify',), done)
    e2e.check_measured(re.search('virtio-net</code>.*worked', out) is not None, 'and as a page', few)

    _, few = measure(lab, 'sample', NAME, *SAMPLE, '--bundle', bundles[1])
    found = json.loads(run(lab, 'compare', *bundles, '-o', 'json'))['comparisons'][0]
    causes = {cause['rule']: (cause['verdict'], cause.get('change')) for cause in found['causes']}
    e2e.check_measured(causes.get('virtio-net') == ('worked', 1) and causes.get('pv-eoi') == ('unknown', 1),
                       f'compare finds the change in the history: {causes}', few or few_before)
    e2e.check("+      <model type=\"virtio\"/>" in found['diff'], 'and in the definitions')

    run(lab, 'revert', NAME, '--yes')
    e2e.check(definition(lab) == old, 'after the revert the definition is the one from the start, byte for byte')
    history = run(lab, 'history', NAME)
    e2e.check(re.search(r'^ *1 .* reverted +virtio-', history, re.M) is not None, 'history shows both')
    e2e.power_cycle(lab, NAME)
    e2e.check("<model type='e1000'/>" in lab.virsh(f'dumpxml {NAME}'), 'and it starts as before')


e2e.main(test)
