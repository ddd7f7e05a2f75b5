#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Going back to a snapshot brings back the definition of its time: apply says so beforehand, history and revert
afterwards. With libvirt's test driver inside the daemon, which has snapshots without disk images."""

import re
import subprocess

import daemon
import e2e

CHANGE = ('apply', 'web1', '--rule', 'test-eoi', '--yes')


def test(libvirtd):
    libvirtd.uri = f'test+unix:///default?socket={libvirtd.dir}/run/libvirt/libvirt-sock'
    # The driver forgets all when its last connection ends.
    holder = subprocess.Popen(['virsh', '-q', '-c', libvirtd.uri], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True)
    holder.stdin.write('uri\n')
    holder.stdin.flush()
    holder.stdout.readline()
    try:
        snapshot(libvirtd)
    finally:
        holder.communicate('quit\n')


def renamed_disk(libvirtd):
    """A change of a disk's name, and its undo, are refused while a snapshot knows the disk by that name."""
    old = libvirtd.definition()
    target = ('apply', 'web1', '--rule', 'test-target', '--yes')
    libvirtd.virsh('snapshot-create-as', 'web1', 'hda')
    said = libvirtd.run(*target)
    e2e.check(said.returncode == 1 and 'know the disk hda' in said.stderr and libvirtd.definition() == old,
              f'another name for a disk: {said.stderr.strip()}')
    libvirtd.virsh('snapshot-delete', 'web1', 'hda')
    libvirtd.run(*target)
    new = libvirtd.definition()
    libvirtd.virsh('snapshot-create-as', 'web1', 'hdb')
    for force in ((), ('--force',)):
        said = libvirtd.run('revert', 'web1', '--yes', *force)
        e2e.check(said.returncode == 1 and 'web1: ' in said.stderr and 'know the disk hdb' in said.stderr
                  and "dev='hdb'" in new and libvirtd.definition() == new, f'nor back: {said.stderr.strip()}')
    libvirtd.virsh('snapshot-delete', 'web1', 'hdb')
    said = libvirtd.run('revert', 'web1', '--yes')
    e2e.check(said.returncode == 0 and libvirtd.definition() == old, f'without it, back {said.stderr.strip()}')


def snapshot(libvirtd):
    libvirtd.define(daemon.DOMAIN.replace("<domain type='qemu'", "<domain type='test'"))
    renamed_disk(libvirtd)
    libvirtd.virsh('snapshot-create-as', 'web1', 'before')
    old = libvirtd.definition()
    said = libvirtd.run(*CHANGE)
    new = libvirtd.definition()
    e2e.check(said.returncode == 0 and 'to revert to one of them also brings back the definition' in
              ' '.join(said.stdout.split()), 'apply says what a snapshot would bring back')
    e2e.check(re.search(r'^ *3 .* applied +test-eoi', libvirtd.run('history', 'web1').stdout, re.M) is not None,
              'history: applied')
    libvirtd.virsh('snapshot-revert', 'web1', 'before')
    now = libvirtd.definition()
    e2e.check("eoi='on'" in new and "eoi='off'" in now, 'libvirt brings the old definition back')
    history = libvirtd.run('history', 'web1').stdout
    e2e.check(re.search(r'^ *3 .* undone elsewhere +test-eoi', history, re.M) is not None,
              'history says that something else undid the change')
    said = libvirtd.run('revert', 'web1', '--yes')
    e2e.check(said.returncode == 1 and 'nothing to undo' in said.stderr and 'snapshot' in said.stderr
              and libvirtd.definition() == now, f'and so does revert: {said.stderr.strip()}')
    said = libvirtd.run(*CHANGE)
    e2e.check(said.returncode == 0 and libvirtd.definition() == new, f'it can be made once more {said.stderr.strip()}')
    said = libvirtd.run('revert', 'web1', '--yes')
    e2e.check(said.returncode == 0 and libvirtd.definition() == old and 'to revert to one of them' in
              ' '.join(said.stdout.split()), f'and undone, which a snapshot would bring back too {said.stderr.strip()}')

    libvirtd.run(*CHANGE)
    libvirtd.define(libvirtd.definition().replace('>2</vcpu>', '>1</vcpu>'))
    history = libvirtd.run('history', 'web1').stdout
    e2e.check(re.search(r'^ *\d .* applied, changed since +test-eoi', history, re.M) is not None,
              'history says where something else was changed since')
    if not e2e.passed():
        e2e.note(history)


daemon.main(test)
