#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A change is killed, or fails, at every point there is, and meets every kind of trouble by name; one line each. After
every one the domain has the old or the new definition, the backup is there, history says what happened, and the next
change works."""

import glob
import os
import re
import signal
import subprocess

import daemon
import e2e

# src/plan/fault.c; those that only a definition that went wrong passes come with what makes it go wrong.
POINTS = ('lock', 'fetch', 'validate', 'backup-dir', 'backup-definition', 'backup-wanted', 'backup-profile',
          'backup-manifest', 'backup-publish', 'backed-up', 'refetch', 'define', 'defined', 'read-back', 'compare',
          'restore', 'restored', 'save-after', 'save-undone', 'save-manifest', 'saved')
FIRST = {'restore': 'compare:fail,', 'restored': 'compare:fail,'}
CHANGE = ('apply', 'web1', '--rule', 'test-eoi', '--yes')


def backups(libvirtd):
    """The definitions before each change that is kept, newest first."""
    paths = [path.replace('manifest.json', 'before.xml') for path in libvirtd.manifests()]
    return [open(path).read().strip() for path in reversed(paths)]


def last_state(libvirtd, history, kept):
    states = re.findall(r'^ *\d+ \S+Z \S+ +(.*?)  *(?:test-|undo)', history.stdout, re.M)
    return states[-1] if len(backups(libvirtd)) > kept else 'nothing kept'


def judge(libvirtd, name, run, old, new, kept, want=None, said=()):
    """One line for what a command that met trouble left behind. want: the definition it must be."""
    wrong = []
    now = libvirtd.definition()
    message = run.stderr.strip()
    if now not in (old, new):
        wrong.append('the definition is neither the old nor the new one')
    if want is not None and now != want:
        wrong.append('it is the other definition')
    if now == new and old.strip() not in backups(libvirtd)[:1]:
        wrong.append('there is no backup')
    if run.returncode == 1 and 'web1' not in message:
        wrong.append('the message does not name the domain')
    if run.returncode == 1 and 'nothing was changed' in message and now != old:
        wrong.append('it says that nothing was changed')
    if run.returncode == 0 and now != new:
        wrong.append('it says that all went well')
    wrong += [f'it does not say "{text}"' for text in said if text not in message]
    history = libvirtd.run('history', 'web1')
    if history.returncode != 0:
        wrong.append(f'history fails: {history.stderr.strip()}')
    state = last_state(libvirtd, history, kept)
    if now == new and not state.startswith(('applied', 'failed')):
        wrong.append(f'history calls the new definition "{state}"')

    # The next command goes well, whatever was left.
    again = libvirtd.run('revert', 'web1', '--yes') if now == new else libvirtd.run(*CHANGE)
    if again.returncode != 0:
        wrong.append(f'the next command fails: {again.stderr.strip()}')
    if now == old:
        libvirtd.run('revert', 'web1', '--yes')
    if libvirtd.definition() != old:
        wrong.append('there is no way back')
    e2e.check(not wrong, f'{name}: {"new" if now == new else "old"} definition, {state}'
              + ''.join(f'; {what}' for what in wrong))
    if wrong:
        e2e.note(f'{run.stdout}{run.stderr}{history.stdout}')


def points(libvirtd, old, new):
    for point in POINTS:
        for mode in ('kill', 'fail'):
            kept = len(backups(libvirtd))
            run = libvirtd.run(*CHANGE, fault=f'{FIRST.get(point, "")}{point}:{mode}')
            if mode == 'kill' and run.returncode != -signal.SIGKILL:
                e2e.check(False, f'{point}: it was not killed ({run.returncode})')
            judge(libvirtd, f'{point}:{mode}', run, old, new, kept)


def ended(process):
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def stopped_at(libvirtd, point, act, *args):
    """Runs the change, does something while it stands at a point, and lets it go on."""
    process = libvirtd.begin(*(args or CHANGE), fault=f'{point}:stop')
    daemon.wait_stopped(process)
    act()
    process.send_signal(signal.SIGCONT)
    return ended(process)


def connection(libvirtd, old, new):
    def cut():
        libvirtd.stop(signal.SIGKILL)
    for point, name, want, said in (('refetch', 'the connection drops before the define', old, 'nothing was changed'),
                                    ('define', 'the connection drops at the define', old, 'is not known'),
                                    ('defined', 'the connection drops after the define', new, 'is not known')):
        kept = len(backups(libvirtd))
        run = stopped_at(libvirtd, point, cut)
        libvirtd.start()
        judge(libvirtd, name, run, old, new, kept, want, (said,))


def disk(libvirtd, old, new):
    """A file system of its own that is full, or cannot be written."""
    os.makedirs(libvirtd.state, exist_ok=True)
    mount = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=512k,mode=700', 'none', libvirtd.state],
                           capture_output=True, text=True)
    if mount.returncode != 0:
        e2e.skip('the disk is full, the store is read-only', f'nothing can be mounted: {mount.stderr.strip()}')
        return
    try:
        with open(f'{libvirtd.state}/ballast', 'wb', buffering=0) as ballast:
            try:
                while ballast.write(b'x' * 4096):
                    pass
            except OSError:
                pass
        run = libvirtd.run(*CHANGE)
        os.remove(f'{libvirtd.state}/ballast')
        judge(libvirtd, 'the disk is full', run, old, new, 0, old, ('nothing was changed', 'No space left', libvirtd.state))
        kept = len(backups(libvirtd))
        subprocess.run(['mount', '-o', 'remount,ro', libvirtd.state], check=True)
        run = libvirtd.run(*CHANGE)
        subprocess.run(['mount', '-o', 'remount,rw', libvirtd.state], check=True)
        judge(libvirtd, 'the store is read-only', run, old, new, kept, old,
              ('nothing was changed', 'Read-only file system', libvirtd.state))
    finally:
        subprocess.run(['umount', libvirtd.state], check=True)


def refused(libvirtd, old, new):
    kept = len(backups(libvirtd))
    run = libvirtd.run('apply', 'web1', '--rule', 'test-refused', '--yes')
    judge(libvirtd, 'libvirt rejects the XML', run, old, new, kept, old, ('nothing was changed', 'no-such-thing'))
    kept = len(backups(libvirtd))
    run = libvirtd.run('apply', 'web1', '--rule', 'test-other', '--yes')
    judge(libvirtd, 'what is read back differs', run, old, new, kept, old, ('/domain/memory', 'the old one is back'))


def meanwhile(libvirtd, old, new):
    """Somebody else at work on the domain."""
    for point, name in (('fetch', 'before the backup'), ('refetch', 'before the define'), ('read-back', 'after it')):
        def undefine():
            libvirtd.virsh('undefine', 'web1')
        run = stopped_at(libvirtd, point, undefine)
        kept = glob.glob(f'{libvirtd.state}/virt-tune/*/{daemon.UUID}/*/before.xml')
        history = libvirtd.run('history', 'web1')
        gone = libvirtd.run('revert', 'web1', '--yes')
        libvirtd.define()
        e2e.check(run.returncode == 1 and 'web1' in run.stderr and 'undefined the domain meanwhile' in run.stderr and
                  (point == 'fetch' or old in [open(path).read() for path in kept]) and
                  (not kept or 'The domain is gone' in history.stdout) and gone.returncode == 1,
                  f'the domain is undefined meanwhile, {name}: it stays so, '
                  f'{"the backup is there" if kept else "nothing kept"}')
        if not e2e.passed():
            e2e.note(run.stderr + history.stdout + history.stderr + gone.stderr)

    for point, name in (('fetch', 'before the backup'), ('refetch', 'before the define'), ('read-back', 'after it')):
        libvirtd.fresh()
        run = stopped_at(libvirtd, point, lambda: libvirtd.virsh('domrename', 'web1', 'web2'))
        now = libvirtd.definition('web2')
        history = libvirtd.run('history', 'web2')
        changed = run.returncode == 0
        e2e.check(changed == (point == 'read-back') and now.replace('web2', 'web1') == (new if changed else old) and
                  (changed or 'web1: nothing was changed: somebody else' in run.stderr) and history.returncode == 0 and
                  (not changed or ' applied ' in history.stdout),
                  f'the domain is renamed meanwhile, {name}: it keeps its name, {"new" if changed else "old"} definition')
        again = libvirtd.run(*(('revert', 'web2', '--yes') if changed else ('apply', 'web2', *CHANGE[2:])))
        now = libvirtd.definition('web2').replace('web2', 'web1')
        e2e.check(again.returncode == 0 and now == (old if changed else new), 'and the next command goes well')
        if not e2e.passed():
            e2e.note(run.stderr + history.stdout + again.stderr)
        libvirtd.virsh('undefine', 'web2')


def corrupt(libvirtd, old):
    libvirtd.fresh()
    libvirtd.run(*CHANGE)
    new = libvirtd.definition()
    path = libvirtd.manifests()[0].replace('manifest.json', 'before.xml')
    with open(path) as f:
        text = f.read()
    for content, name in ((text.replace('web1', 'web3'), 'another one'), (text[:100], 'cut short'), ('', 'empty')):
        with open(path, 'w') as f:
            f.write(content)
        run = libvirtd.run('revert', 'web1', '--yes')
        e2e.check(run.returncode == 1 and path in run.stderr and 'corrupt' in run.stderr and
                  libvirtd.definition() == new, f'the backup is corrupt, {name}: it is not used, new definition, applied')
        if not e2e.passed():
            e2e.note(run.stderr)
    os.remove(path)
    run = libvirtd.run('revert', 'web1', '--yes')
    e2e.check(run.returncode == 1 and path in run.stderr and libvirtd.definition() == new,
              'the backup is missing: new definition, applied')
    with open(path, 'w') as f:
        f.write(text)
    run = libvirtd.run('revert', 'web1', '--yes')
    e2e.check(run.returncode == 0 and libvirtd.definition() == old, 'put back, it serves')


def test(libvirtd):
    old = libvirtd.fresh()
    whole = libvirtd.run(*CHANGE)
    new = libvirtd.definition()
    e2e.check(whole.returncode == 0 and new != old and "eoi='on'" in new, 'without a fault it is changed')
    back = libvirtd.run('revert', 'web1', '--yes')
    e2e.check(back.returncode == 0 and libvirtd.definition() == old, 'and changed back')
    points(libvirtd, old, new)
    libvirtd.fresh()
    connection(libvirtd, old, new)
    refused(libvirtd, old, new)
    libvirtd.fresh()
    disk(libvirtd, old, new)
    libvirtd.fresh()
    meanwhile(libvirtd, old, new)
    corrupt(libvirtd, old)
    with open(os.path.join(e2e.BUILDDIR, 'virt-tune'), 'rb') as f:
        e2e.check(b'fault injected' not in f.read(), 'the program that is installed knows no faults')


daemon.main(test)
