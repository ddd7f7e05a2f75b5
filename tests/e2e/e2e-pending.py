#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a running domain does not have yet, on real QEMU: by apply, by somebody else, and after a managed save. A domain
that was just started waits for nothing, however much libvirt adds to it."""

import json
import os
import re
import subprocess

import daemon
import e2e

NAME = 'rich'
MORE = '''
    <controller type='usb' model='qemu-xhci'/>
    <controller type='virtio-serial'/>
    <disk type='file' device='cdrom'><driver name='qemu' type='raw'/><target dev='hdc' bus='ide'/><readonly/></disk>
    <interface type='user'><model type='virtio'/></interface>
    <serial type='pty'/>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <input type='tablet' bus='usb'/>
    <graphics type='vnc' port='-1' autoport='yes'><listen type='address' address='127.0.0.1'/></graphics>
    <video><model type='vga'/></video>
    <watchdog model='i6300esb' action='reset'/>
    <memballoon model='virtio'><stats period='5'/></memballoon>
    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
  </devices>'''


def rich(lab):
    text = (lab.xml('e1000-ide').replace('>e1000-ide<', f'>{NAME}<').replace('e1000-ide.img', f'{NAME}.img')
            .replace('<vcpu>1</vcpu>', "<vcpu current='1'>2</vcpu><iothreads>1</iothreads>"
                     "<cputune><shares>512</shares><vcpupin vcpu='0' cpuset='0-1'/></cputune>")
            .replace("<clock offset='utc'>", "<clock offset='variable' adjustment='0'>"))
    text = re.sub(r"\s*<controller type='usb' model='none'/>|\s*<memballoon model='none'/>", '', text)
    return text.replace('\n  </devices>', MORE)


def run(lab, *args, expect=0):
    env = dict(lab.env, VIRT_TUNE_DATADIR=f'{lab.dir}/data', XDG_STATE_HOME=f'{lab.dir}/state')
    done = subprocess.run([os.path.join(e2e.BUILDDIR, 'virt-tune'), '-c', lab.uri, *args], env=env, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode != expect:
        e2e.check(False, f'{" ".join(args)} ends with {expect}, not {done.returncode}: {done.stderr.strip()}')
    return done.stdout + done.stderr


def pending(lab, change, other):
    """Whether list, advise and its JSON all say so of the domain."""
    listed = run(lab, 'list', '-d', '400ms', '-i', '200ms')
    report = ' '.join(run(lab, 'advise', NAME, '-d', '400ms', '-i', '200ms').split())
    entry = json.loads(run(lab, 'advise', NAME, '-d', '400ms', '-i', '200ms', '-o', 'json'))['domains'][0]
    words = f'differs from its definition ({", ".join(other)})'
    right = (entry['state'] == 'running' and entry.get('pending_change') == change and entry.get('pending_other', []) == other
             and (f'change {change} takes effect' in listed) == (change is not None)
             and (f'Change {change} of its definition' in report) == (change is not None)
             and (words in listed) == bool(other) and (words in report) == bool(other)
             and ('something else' in listed) == bool(other))
    if not right:
        e2e.note(f'{listed}\n{report[:600]}\n{entry.get("pending_change")} {entry.get("pending_other")}')
    return right


def somebody_else(lab):
    lab.start(**{NAME: rich(lab)})
    e2e.check(pending(lab, None, []), 'a domain that was just started waits for nothing')
    e2e.check(re.search(r'Nothing was changed', run(lab, 'history', NAME)) is not None, 'and nothing was changed')

    lab.virsh(f'setvcpus {NAME} 3 --maximum --config')
    e2e.check(pending(lab, None, ['vcpu']), 'more vCPUs by virsh: said, and that it was something else')
    with open(f'{lab.dir}/more.img', 'wb') as f:
        f.truncate(1 << 20)
    lab.virsh(f'attach-disk {NAME} {lab.dir}/more.img vdb --live')
    e2e.check(pending(lab, None, ['vcpu', 'disk']), 'a disk that only the running domain has')

    run(lab, 'apply', NAME, '--rule', 'test-eoi', '--yes', '-d', '400ms', '-i', '200ms')
    e2e.check(pending(lab, 1, ['vcpu', 'disk']), 'a change of our own is told from those')
    bundle = f'{lab.dir}/rich.vtb'
    run(lab, 'sample', NAME, '-d', '3s', '--bundle', bundle)
    entry = json.loads(run(lab, 'advise', bundle, '-o', 'json'))['domains'][0]
    e2e.check(entry['pending_change'] == 1 and entry['pending_other'] == ['vcpu', 'disk'], 'a bundle knows both')
    e2e.power_cycle(lab, NAME)
    e2e.check(pending(lab, None, []), 'after a power cycle nothing waits')


def managed_save(lab):
    """A saved state comes back with the devices that it was saved with, whatever the definition says."""
    run(lab, 'revert', NAME, '--yes')
    e2e.check(pending(lab, 2, []), 'an undo waits too')
    lab.virsh(f'managedsave {NAME}')
    old = lab.virsh(f'dumpxml --inactive {NAME}')
    said = run(lab, 'apply', NAME, '--rule', 'test-shares', '--yes', expect=1)
    e2e.check('saved state' in said and 'managedsave-remove' in said and lab.virsh(f'dumpxml --inactive {NAME}') == old,
              f'with a saved state nothing is changed: {said.splitlines()[-1]}')
    said = run(lab, 'revert', NAME, '2', '--yes', expect=1)
    e2e.check('saved state' in said and lab.virsh(f'dumpxml --inactive {NAME}') == old, 'nor by revert')
    lab.virsh(f'start {NAME}')
    e2e.check(pending(lab, 2, []), 'to save and restore is no power cycle: the change still waits')
    e2e.power_cycle(lab, NAME)
    e2e.check(pending(lab, None, []), 'until there is one')


def transient(lab):
    """A domain without a definition has none that could be changed."""
    path = f'{lab.dir}/brief.xml'
    with open(path, 'w') as f:
        f.write(lab.xml('e1000-ide').replace('>e1000-ide<', '>brief<').replace('e1000-ide.img', 'rich.img'))
    e2e.power_off(lab, NAME)
    lab.virsh(f'create {path}')
    before = lab.virsh('dumpxml brief')
    for rule in ('test-other', 'test-refused'):
        said = run(lab, 'apply', 'brief', '--rule', rule, '--yes', '-d', '400ms', '-i', '200ms', expect=1)
        e2e.check("'brief' is transient" in said and 'virsh define' in said, f'refused: {said.strip().splitlines()[-1]}')
    run(lab, 'apply', 'brief', '--all-rules', '--print-xml', '-d', '400ms', '-i', '200ms')
    e2e.check(lab.virsh('list --all --persistent --name').split() == [NAME], 'and it stays so')
    e2e.check('pending' not in json.loads(run(lab, 'advise', 'brief', '-d', '400ms', '-i', '200ms', '-o', 'json'))
              ['domains'][0], 'it waits for nothing')


def test(lab):
    daemon.write_rules(f'{lab.dir}/data', daemon.RULES)
    somebody_else(lab)
    managed_save(lab)
    transient(lab)


e2e.main(test)
