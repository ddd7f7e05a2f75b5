#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A change is killed, or fails, at every point there is; one line each. After every one the
domain has the old or the new definition, the backup is there, history says what happened, and the next change works."""

import fcntl
import glob
import os
import re
import subprocess

import e2e

# src/plan/fault.c; those that only a definition that went wrong passes come with what makes it go wrong.
POINTS = ('lock', 'fetch', 'validate', 'backup-dir', 'backup-definition', 'backup-wanted', 'backup-profile',
          'backup-manifest', 'backup-publish', 'backed-up', 'refetch', 'define', 'defined', 'read-back', 'compare',
          'restore', 'restored', 'save-after', 'save-manifest', 'saved')
FIRST = {'restore': 'compare:fail,', 'restored': 'compare:fail,'}
NAME = 'e1000-ide'
CHANGE = ('apply', NAME, '--rule', 'virtio-net', '--assume-guest-drivers', '--yes')


class Runner:
    def __init__(self, lab):
        self.lab = lab
        self.state = f'{lab.dir}/state'

    def run(self, *args, fault=None):
        env = dict(self.lab.env, VIRT_TUNE_DATADIR=os.path.join(e2e.SRCDIR, 'data'), XDG_STATE_HOME=self.state)
        if fault:
            env['VT_FAULT'] = fault
        return subprocess.run([os.path.join(e2e.BUILDDIR, 'tests/virt-tune-fault'), '-c', self.lab.uri, *args],
                              env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def definition(self):
        return self.lab.virsh(f'dumpxml --inactive --security-info {NAME}')

    def backups(self):
        """The definitions before each change that is kept, newest first."""
        paths = glob.glob(f'{self.state}/virt-tune/*/*/[1-9]*/before.xml')
        paths.sort(key=lambda path: -int(path.split('/')[-2]))
        return [open(path).read().strip() for path in paths]


def probe(runner, old, new, point, mode):
    """One failure; the reasons why it is not as it must be."""
    wrong = []
    kept = len(runner.backups())
    run = runner.run(*CHANGE, fault=f'{FIRST.get(point, "")}{point}:{mode}')
    if mode == 'kill' and run.returncode != -9:
        wrong.append(f'it was not killed ({run.returncode})')
    said = run.stderr.strip()
    if mode != 'kill' and run.returncode == 1 and NAME not in said:
        wrong.append('the message does not name the domain')
    now = runner.definition()
    if now not in (old, new):
        wrong.append('the definition is neither the old nor the new one')
    if now == new and old.strip() not in runner.backups()[:1]:
        wrong.append('there is no backup')
    if run.returncode == 1 and 'nothing was changed' in said and now != old:
        wrong.append('it says that nothing was changed')
    if run.returncode == 0 and now != new:
        wrong.append('it says that all went well')
    history = runner.run('history', NAME)
    if history.returncode != 0:
        wrong.append(f'history fails: {history.stderr.strip()}')
    state = re.findall(r'^ *\d+ \S+Z \S+ +(.*?)  *(?:virtio-net|undo)', history.stdout, re.M)
    state = state[-1] if len(runner.backups()) > kept else 'nothing kept'
    if now == new and not state.startswith(('applied', 'failed')):
        wrong.append(f'history calls the new definition "{state}"')

    # The next command goes well, whatever was left.
    again = runner.run('revert', NAME, '--yes') if now == new else runner.run(*CHANGE)
    if again.returncode != 0:
        wrong.append(f'the next command fails: {again.stderr.strip()}')
    if now == old:
        runner.run('revert', NAME, '--yes')
    if runner.definition() != old:
        wrong.append('there is no way back')
    e2e.check(not wrong, f'{point}:{mode}: {"new" if now == new else "old"} definition, {state}'
              + ''.join(f'; {what}' for what in wrong))
    if wrong:
        e2e.note(run.stdout + run.stderr + history.stdout)


def test(lab):
    runner = Runner(lab)
    with open(f'{lab.dir}/{NAME}.xml', 'w') as f:
        f.write(lab.xml(NAME))
    lab.virsh(f'define --validate {lab.dir}/{NAME}.xml')
    old = runner.definition()
    whole = runner.run(*CHANGE)
    new = runner.definition()
    e2e.check(whole.returncode == 0 and new != old and "model type='virtio'" in new, 'without a fault it is changed')
    back = runner.run('revert', NAME, '--yes')
    e2e.check(back.returncode == 0 and runner.definition() == old, 'and changed back')

    for point in POINTS:
        for mode in ('kill', 'fail'):
            probe(runner, old, new, point, mode)

    with open(glob.glob(f'{runner.state}/virt-tune/*/*/lock')[0]) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run = runner.run(*CHANGE)
        e2e.check(run.returncode == 1 and 'another virt-tune' in run.stderr and runner.definition() == old,
                  'while another one changes the domain, it is left alone')
    shipped = os.path.join(e2e.BUILDDIR, 'virt-tune')
    with open(shipped, 'rb') as f:
        e2e.check(b'fault injected' not in f.read(), 'the program that is installed knows no faults')


e2e.main(test)
