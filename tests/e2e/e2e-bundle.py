#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A bundle of real domains gives, without the connection, the report that was printed where it was made."""

import os
import re
import subprocess

import e2e


def replay(*args):
    """virt-tune without any connection."""
    env = dict(os.environ, VIRT_TUNE_DATADIR=os.path.join(e2e.SRCDIR, 'data'))
    return subprocess.run([os.path.join(e2e.BUILDDIR, 'virt-tune'), '-c', 'nonsense:///', *args], env=env, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, check=False).stdout


def test(lab):
    lab.start('e1000-ide', 'idle')
    path = os.path.join(lab.dir, 'both.vtb')
    common = ['--all', '--duration', '3', '--interval', '1']
    for options in (['-o', 'text'], ['-o', 'text', '-v'], ['-o', 'json']):
        live = e2e.virt_tune(lab, 'advise', *common, *options, '--bundle', path)
        e2e.check(len(live) > 500, f'there is a report ({len(live)} bytes)')
        e2e.check(replay('advise', path, *options) == live, f'{" ".join(options)}: the same, byte for byte')
    e2e.check(os.stat(path).st_mode & 0o777 == 0o600, 'only its owner reads it')

    e2e.virt_tune(lab, 'sample', *common, '--bundle', path, '--redact')
    with open(path, encoding='utf-8') as file:
        text = file.read()
    for private in ('e1000-ide', '52:54:00:76:74', lab.dir):
        e2e.check(private not in text, f'{private} is not in the redacted one')
    verdicts = re.findall('"rule":"([^"]*)","title":"[^"]*","verdict":"([^"]*)"', replay('advise', path, '-o', 'json'))
    e2e.check(('virtio-net', 'advise') in verdicts, f'virtio-net is advised all the same ({len(verdicts)} verdicts)')


e2e.main(test)
