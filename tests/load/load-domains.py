#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Many domains that run: every verb that measures has all of them, window by window."""

import json
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'e2e'))
import e2e  # noqa: E402

DOMAINS = int(os.environ.get('VT_LOAD_DOMAINS', '40'))
# Busy machines take a window now and then from a domain whose sources were not asked at the same time.
SECONDS, LEAST = 6, 2


def idle(lab, name):
    """A domain of 8 MiB whose guest waits."""
    return lab.xml('idle').replace('<name>idle<', f'<name>{name}<').replace('idle.img', f'{name}.img').replace(
        '>16<', '>8<')


def test_list(lab, names):
    out = e2e.virt_tune(lab, 'list')
    e2e.check(set(re.findall(r'^ *\d+ (\S+) ', out, re.MULTILINE)) == names, 'list has all of them')
    # One window, which a busy machine tears for a domain or two: list says so, and another one has them.
    counted = set()
    for _ in range(5):
        counted |= set(re.findall(r'^ *\d+ (\S+) +\S+ +1 +(?:≥ )?[\d,]+ ', out, re.MULTILINE))
        if counted == names:
            break
        out = e2e.virt_tune(lab, 'list')
    e2e.check(counted == names, f'with figures of {len(counted)}')


def test_sample(lab, names, source):
    directory = f'{lab.dir}/{source}'
    os.mkdir(directory)
    e2e.virt_tune(lab, 'sample', '--all', '--duration', str(SECONDS), '--source', source, '--save', directory)
    profiles = []
    for file in os.listdir(directory):
        with open(f'{directory}/{file}') as f:
            profiles.append(json.load(f))
    e2e.check({p['domain']['name'] for p in profiles} == names, f'sample --source {source}: {len(profiles)} profiles')
    windows = sorted(p['windows'] for p in profiles)
    e2e.check(windows[0] >= LEAST, f'of {windows[0]} to {windows[-1]} windows, {SECONDS} asked for')
    e2e.check(sum(p['lost'] for p in profiles) == 0, 'and nothing was lost')


def test_advise(lab, names):
    domains = e2e.virt_tune_json(lab, 'advise', '--all', '--duration', str(SECONDS), '-o', 'json')['domains']
    e2e.check({d['name'] for d in domains} == names, f'advise has {len(domains)} domains')
    e2e.check(all(d['sample']['windows'] >= LEAST and d['findings'] for d in domains), 'and has measured each')


def test_top(lab, names):
    tables = e2e.virt_tune(lab, 'top', '-b', '-n', '10', '-d', '1').strip().split('\n\n')
    e2e.check(len(tables) == 10, f'top shows {len(tables)} tables')
    e2e.check(all(set(re.findall(r'^ *\d+ (\S+) ', t, re.MULTILINE)) == names for t in tables), 'of all of them')
    for name in sorted(names):
        rows = re.findall(rf'^ *\d+ {name} +1 +(?:≥ )?[\d,]+ .* (\S+)$', '\n'.join(tables), re.MULTILINE)
        if not any(advice != '?' for advice in rows):
            e2e.check(False, f'top has figures and advice of {name}: {rows}')
            return
    e2e.check(True, 'with figures and advice of each')


def test(lab):
    names = {f'idle{i}' for i in range(DOMAINS)}
    lab.start(**{name: idle(lab, name) for name in sorted(names)})
    test_list(lab, names)
    for source in ('auto', 'libvirt', 'bpf'):
        test_sample(lab, names, source)
    test_advise(lab, names)
    test_top(lab, names)


e2e.main(test)
