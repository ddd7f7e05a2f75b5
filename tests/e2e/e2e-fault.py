#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A change, and an undo, is killed, or fails, at every point there is, and meets every kind of trouble by name; one line
each. After every one the domain has the old or the new definition, the backup is there, history says what happened and
what to do, and the next command works."""

import collections
import hashlib
import json
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
BACK = ('revert', 'web1', '--yes')

# A command, and the definitions that it goes from and to.
Way = collections.namedtuple('Way', ('verb', 'command', 'old', 'new'))


def backups(libvirtd):
    """The definitions before each change that is kept, newest first."""
    paths = [path.replace('manifest.json', 'before.xml') for path in libvirtd.manifests()]
    return [open(path).read().strip() for path in reversed(paths)]


def states(history):
    """The state of every change, as history has it."""
    return re.findall(r'^ *\d+ \S+Z \S+ +(.*?)  *(?:test-|undo)', history.stdout, re.M)


def undone_state(libvirtd, history):
    """That of the change which the last undo is of."""
    with open(libvirtd.manifests()[-1]) as f:
        return states(history)[json.load(f)['undid'] - 1]


def stand_at(libvirtd, ways, definition):
    """Goes to where a way begins."""
    if libvirtd.definition() != definition:
        libvirtd.run(*next(way.command for way in ways if way.new == definition))
    if libvirtd.definition() != definition:
        raise e2e.labs.Failed('there is no way back')


def judge(libvirtd, way, name, run, kept, want=None, said=()):
    """One line for what a command that met trouble left behind. want: the definition it must be."""
    wrong = []
    now = libvirtd.definition()
    message = run.stderr.strip()
    if now not in (way.old, way.new):
        wrong.append('the definition is neither the old nor the new one')
    if want is not None and now != want:
        wrong.append('it is the other definition')
    if now == way.new and way.old.strip() not in backups(libvirtd)[:1]:
        wrong.append('there is no backup')
    if run.returncode == 1 and 'web1' not in message:
        wrong.append('the message does not name the domain')
    if run.returncode == 1 and 'nothing was changed' in message and now != way.old:
        wrong.append('it says that nothing was changed')
    if run.returncode == 0 and now != way.new:
        wrong.append('it says that all went well')
    wrong += [f'it does not say "{text}"' for text in said if text not in message]
    history = libvirtd.run('history', 'web1')
    if history.returncode != 0:
        wrong.append(f'history fails: {history.stderr.strip()}')
    state = states(history)[-1] if len(backups(libvirtd)) > kept else 'nothing kept'
    if now == way.new and not state.startswith(('applied', 'failed')):
        wrong.append(f'history calls the new definition "{state}"')
    if 'interrupted' in state and 'It was interrupted' not in history.stdout:
        wrong.append('history does not say what to do')
    if way.verb == 'revert' and state != 'nothing kept' and not state.startswith('failed'):
        undone = undone_state(libvirtd, history)
        if undone != ('reverted' if now == way.new else 'applied'):
            wrong.append(f'history calls the change that is to be undone "{undone}"')

    # The next command goes well, whatever was left.
    on = now == (way.new if way.verb == 'apply' else way.old)
    again = libvirtd.run(*(BACK if on else CHANGE))
    if again.returncode != 0 or libvirtd.definition() != (way.old if now == way.new else way.new):
        wrong.append(f'the next command fails: {again.stderr.strip()}')
    e2e.check(not wrong, f'{way.verb}, {name}: {"new" if now == way.new else "old"} definition, {state}'
              + ''.join(f'; {what}' for what in wrong))
    if wrong:
        e2e.note(f'{run.stdout}{run.stderr}{history.stdout}')


def points(libvirtd, ways):
    # Where an undo fails without being killed is in tests/test-define.
    for point in POINTS:
        for way, mode in zip((ways[0], ways[1], ways[0]), ('kill', 'kill', 'fail')):
            stand_at(libvirtd, ways, way.old)
            kept = len(backups(libvirtd))
            run = libvirtd.run(*way.command, fault=f'{FIRST.get(point, "")}{point}:{mode}')
            if mode == 'kill' and run.returncode != -signal.SIGKILL:
                e2e.check(False, f'{point}: it was not killed ({run.returncode})')
            judge(libvirtd, way, f'{point}:{mode}', run, kept)


def ended(process):
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def stopped_at(libvirtd, point, act, command):
    """Runs the command, does something while it stands at a point, and lets it go on."""
    process = libvirtd.begin(*command, fault=f'{point}:stop')
    daemon.wait_stopped(process)
    act()
    process.send_signal(signal.SIGCONT)
    return ended(process)


def connection(libvirtd, ways):
    def cut():
        libvirtd.stop(signal.SIGKILL)
    for way in ways:
        for point, name, want, said in (
                ('refetch', 'the connection drops before the define', way.old, 'nothing was changed'),
                ('define', 'the connection drops at the define', way.old, 'is not known'),
                ('defined', 'the connection drops after the define', way.new, 'is not known')):
            stand_at(libvirtd, ways, way.old)
            kept = len(backups(libvirtd))
            run = stopped_at(libvirtd, point, cut, way.command)
            libvirtd.start()
            judge(libvirtd, way, name, run, kept, want, (said,))


def fill_up(path):
    with open(path, 'wb', buffering=0) as ballast:
        try:
            while ballast.write(b'x' * 4096):
                pass
        except OSError:
            pass


def disk(libvirtd, ways):
    """A file system of its own that is full, or cannot be written."""
    os.makedirs(libvirtd.state, exist_ok=True)
    mount = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=512k,mode=700', 'none', libvirtd.state],
                           capture_output=True, text=True)
    if mount.returncode != 0:
        e2e.skip('the disk is full, the store is read-only', f'nothing can be mounted: {mount.stderr.strip()}')
        return
    try:
        for way in ways:
            stand_at(libvirtd, ways, way.old)
            kept = len(backups(libvirtd))
            fill_up(f'{libvirtd.state}/ballast')
            run = libvirtd.run(*way.command)
            os.remove(f'{libvirtd.state}/ballast')
            judge(libvirtd, way, 'the disk is full', run, kept, way.old,
                  ('nothing was changed', 'No space left', libvirtd.state))
            stand_at(libvirtd, ways, way.old)
            kept = len(backups(libvirtd))
            subprocess.run(['mount', '-o', 'remount,ro', libvirtd.state], check=True)
            run = libvirtd.run(*way.command)
            subprocess.run(['mount', '-o', 'remount,rw', libvirtd.state], check=True)
            judge(libvirtd, way, 'the store is read-only', run, kept, way.old,
                  ('nothing was changed', 'Read-only file system', libvirtd.state))
    finally:
        subprocess.run(['umount', libvirtd.state], check=True)


def forge(libvirtd, old, new):
    """Another definition to go back to, as one that libvirt took once; returns what puts it right again."""
    directory = os.path.dirname(libvirtd.manifests()[-1])
    kept = {}
    for name in ('before.xml', 'manifest.json'):
        with open(f'{directory}/{name}') as f:
            kept[name] = f.read()
    forged = kept['before.xml'].replace(old, new)
    sums = [hashlib.sha256(text.encode()).hexdigest() for text in (kept['before.xml'], forged)]

    def write(texts):
        for name, text in texts.items():
            with open(f'{directory}/{name}', 'w') as f:
                f.write(text)
    write({'before.xml': forged, 'manifest.json': kept['manifest.json'].replace(*sums)})
    return lambda: write(kept)


def refused(libvirtd, ways):
    rejected, differs = ('nothing was changed', 'no-such-thing'), ('/domain/memory', 'the old one is back')
    for rule, name, said in (('test-refused', 'libvirt rejects the XML', rejected),
                             ('test-other', 'what is read back differs', differs)):
        kept = len(backups(libvirtd))
        run = libvirtd.run('apply', 'web1', '--rule', rule, '--yes')
        judge(libvirtd, ways[0], name, run, kept, ways[0].old, said)
        stand_at(libvirtd, ways, ways[0].old)
    for old, new, name, said in (('<features>', '<no-such-thing/><features>', 'libvirt rejects the XML', rejected),
                                 ("<memory unit='KiB'>", "<memory unit='MiB'>", 'what is read back differs', differs)):
        stand_at(libvirtd, ways, ways[1].old)
        kept = len(backups(libvirtd))
        repair = forge(libvirtd, old, new)
        run = libvirtd.run(*BACK)
        repair()
        judge(libvirtd, ways[1], name, run, kept, ways[1].old, said)


MEANWHILE = (('fetch', 'before the backup'), ('refetch', 'before the define'), ('read-back', 'after it'))


def undefined(libvirtd, ways):
    for way in ways:
        for point, name in MEANWHILE:
            libvirtd.fresh()
            stand_at(libvirtd, ways, way.old)
            run = stopped_at(libvirtd, point, lambda: libvirtd.virsh('undefine', 'web1'), way.command)
            kept = backups(libvirtd)
            history = libvirtd.run('history', 'web1')
            gone = libvirtd.run(*BACK)
            wrong = []
            if run.returncode != 1 or 'web1' not in run.stderr or 'undefined the domain meanwhile' not in run.stderr:
                wrong.append('it does not say so')
            if (point != 'fetch' and way.old.strip() not in kept) or (way.verb == 'revert' and way.new.strip() not in kept):
                wrong.append('there is no backup')
            if kept and 'The domain is gone' not in history.stdout:
                wrong.append('history does not say so')
            if gone.returncode != 1 or libvirtd.virsh('list', '--all', '--name').strip():
                wrong.append('it came back by itself')
            # The way back that is named: define what is kept.
            if kept:
                libvirtd.define(kept[0])
                if libvirtd.definition().strip() != kept[0]:
                    wrong.append('what is kept is not what was there')
            e2e.check(not wrong, f'{way.verb}, the domain is undefined meanwhile, {name}: it stays so, '
                      f'{"the backup is there" if kept else "nothing kept"}' + ''.join(f'; {what}' for what in wrong))
            if wrong:
                e2e.note(run.stderr + history.stdout + history.stderr + gone.stderr)


def renamed(libvirtd, ways):
    for way in ways:
        for point, name in MEANWHILE:
            libvirtd.fresh()
            stand_at(libvirtd, ways, way.old)
            run = stopped_at(libvirtd, point, lambda: libvirtd.virsh('domrename', 'web1', 'web2'), way.command)
            now = libvirtd.definition('web2').replace('web2', 'web1')
            history = libvirtd.run('history', 'web2')
            changed = run.returncode == 0
            e2e.check(changed == (point == 'read-back') and now == (way.new if changed else way.old) and
                      (changed or 'web1: nothing was changed: somebody else' in run.stderr) and history.returncode == 0 and
                      (not changed or ' applied ' in history.stdout),
                      f'{way.verb}, the domain is renamed meanwhile, {name}: it keeps its name, '
                      f'{"new" if changed else "old"} definition')
            on = now == (way.new if way.verb == 'apply' else way.old)
            command = BACK if on else CHANGE
            again = libvirtd.run(command[0], 'web2', *command[2:])
            now = libvirtd.definition('web2').replace('web2', 'web1')
            e2e.check(again.returncode == 0 and now == (way.old if changed else way.new), 'and the next command goes well')
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
    back = libvirtd.run(*BACK)
    e2e.check(back.returncode == 0 and libvirtd.definition() == old, 'and changed back')
    ways = (Way('apply', CHANGE, old, new), Way('revert', BACK, new, old))
    points(libvirtd, ways)
    libvirtd.fresh()
    connection(libvirtd, ways)
    libvirtd.fresh()
    refused(libvirtd, ways)
    libvirtd.fresh()
    disk(libvirtd, ways)
    undefined(libvirtd, ways)
    renamed(libvirtd, ways)
    corrupt(libvirtd, old)
    with open(os.path.join(e2e.BUILDDIR, 'virt-tune'), 'rb') as f:
        e2e.check(b'fault injected' not in f.read(), 'the program that is installed knows no faults')


daemon.main(test)
