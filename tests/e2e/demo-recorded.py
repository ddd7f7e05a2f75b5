#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Without KVM the demo says so and advises on recordings. Here it finds no emulator, as its search path is empty."""

import os
import re
import subprocess
import sys

import e2e

run = subprocess.run([sys.executable, os.path.join(e2e.SRCDIR, 'data/demo/demo.py'), e2e.BUILDDIR], text=True,
                     env=dict(os.environ, PATH='/nonexistent'), stdin=subprocess.DEVNULL, capture_output=True)
lines = run.stdout.splitlines() or ['']
e2e.check(run.returncode == 0, f'it ends well ({run.returncode})')
e2e.check(lines[0].startswith('No live demo: '), 'the first line says why there is no live demo')
e2e.check('Recorded exits' in run.stdout, 'the next one says what is used instead')

reports = run.stdout.split('\n$ virt-tune advise ')[1:]
e2e.check(len(reports) == 4, f'four recordings are advised on ({len(reports)})')
for report, name, advised in zip(reports, ('e1000', 'ide', 'vhost', 'idle'), ('virtio-net', 'virtio-disk', None, None)):
    for rule in ('virtio-net', 'virtio-disk'):
        e2e.check(bool(re.search(f'^ +{rule}: severity', report, re.M)) == (rule == advised),
                  f'{name}: {rule} is {"" if rule == advised else "not "}advised')
if not e2e.passed():
    e2e.note(run.stdout + run.stderr)
e2e.done()
