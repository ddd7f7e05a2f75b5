#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What verify says of changes that did not help, on real KVM: no change, worse, and cannot tell, since the load is
another or the change is not in effect. What helps is in e2e-apply. What is looked at keeps its rate on a busy machine:
the guest sleeps 40 ms at a time, and reads an e1000, where there is one, in between. Another vCPU makes exits enough for
advice, and the disk is only read through QEMU's own monitor."""

import json
import os
import re
import socket
import subprocess
import threading

import daemon
import e2e

NAME = 'tuned'
SAMPLE = ('--source', 'libvirt', '--duration', '2.5', '--interval', '0.5')
RULES = {
    'test-title': ('/domain/title', '<add sel="/domain"><title>For a test</title></add>', 'exit.hlt'),
    'test-e1000': ("/domain/devices/interface/model/@type = 'e1000'",
                   '<replace sel="/domain/devices/interface/model/@type">e1000</replace>', 'exit.mmio'),
}


def with_monitor(lab):
    """The domain with a monitor beside libvirt's, which is the business of one process at a time."""
    text = lab.xml(NAME).replace("<domain type='kvm'>",
                                 "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>")
    text = text.replace('<vcpu>1<', '<vcpu>2<').replace(
        '<os>', "<sysinfo type='fwcfg'><entry name='opt/virt-tune/work'>e1000 quiet ap</entry></sysinfo><os>")
    return text.replace('</domain>', f"""<qemu:commandline><qemu:arg value='-qmp'/>
        <qemu:arg value='unix:{lab.dir}/{NAME}.qmp,server=on,wait=off'/></qemu:commandline></domain>""")


class Load:
    """Requests to the domain's disk, as long as it is open."""

    PERIOD = 0.01

    def __init__(self, lab):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(f'{lab.dir}/{NAME}.qmp')
        self.answers = self.socket.makefile()
        self.answers.readline()  # the greeting
        self._ask('qmp_capabilities')
        device = self._ask('query-block')['return'][0]['qdev']
        self.read = {'command-line': f'qemu-io -d {device} "aio_read 0 512"'}
        self.requests = 0
        self.end = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _ask(self, command, **arguments):
        self.socket.sendall(json.dumps({'execute': command, 'arguments': arguments}).encode())
        while True:
            answer = json.loads(self.answers.readline())
            if 'event' not in answer:
                return answer

    def _run(self):
        while not self.end.wait(self.PERIOD):
            self.requests += self._ask('human-monitor-command', **self.read) == {'return': ''}

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exc):
        self.end.set()
        self.thread.join()
        self.socket.close()


def run(lab, *args):
    env = dict(lab.env, VIRT_TUNE_DATADIR=f'{lab.dir}/data', XDG_STATE_HOME=f'{lab.dir}/state')
    return subprocess.run([os.path.join(e2e.BUILDDIR, 'virt-tune'), '-c', lab.uri, *args], env=env, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True)


def change(lab, *args):
    done = run(lab, *args)
    if done.returncode != 0:
        raise e2e.labs.Failed(f'{" ".join(args)} ends with {done.returncode}: {done.stderr.strip()}')


def verify(lab, *args):
    """What it printed, and as e2e.measured()."""
    done, few = e2e.measured(lambda: run(lab, 'verify', NAME, *args))
    if done.returncode != 0 and not few:
        raise e2e.labs.Failed(f'verify {" ".join(args)} ends with {done.returncode}: {done.stderr.strip()}')
    return done.stdout, few


def said(lab, rule, *args):
    """The verdict of a rule, and why, and as verify()."""
    out, few = verify(lab, *args, '-o', 'json')
    found = json.loads(out)['comparisons'][0]['causes'] if out else []
    cause = next((cause for cause in found if cause['rule'] == rule), {})
    return cause.get('verdict'), cause.get('reason', ''), few


def figures(reason, metric):
    """(before, after) of a metric, as the reason has them."""
    match = re.match(rf'{re.escape(metric)} was ([0-9,.]+) a second and vCPU \(.* to .*\) and is ([0-9,.]+) \(', reason)
    return [float(number.replace(',', '')) for number in match.groups()] if match else [-1, -1]


def nothing_else(lab):
    """A change that changes nothing. How often the guest wakes up is its own figure of that: on a machine that is busy
    at one of the two times it is not the same."""
    wakes = []
    with e2e.Watch(lab.guest(NAME)) as watch:
        change(lab, 'apply', NAME, '--rule', 'test-title', '--yes', *SAMPLE)
    wakes += watch.median_rates('quiet', windows=3, seconds=0.5)
    e2e.power_cycle(lab, NAME)
    with e2e.Watch(lab.guest(NAME)) as watch:
        out, few = verify(lab)
    wakes += watch.median_rates('quiet', windows=3, seconds=0.5)
    out = ' '.join(out.split())
    then, now = figures(out[out.find('exit.hlt was'):], 'exit.hlt')
    same = 'test-title: no change. exit.hlt was' in out and 4 < then < 20 and 4 < now < 20
    if not same and not few and min(wakes) < max(wakes) * 0.95:
        few = f'the guest woke up {min(wakes):.0f} to {max(wakes):.0f} times a second'
    e2e.check_measured(same, f'a change that changes nothing: no change, {then}/s before and {now}/s after', few)
    if not e2e.passed():
        e2e.note(out)


def test(lab):
    daemon.write_rules(f'{lab.dir}/data', RULES)
    lab.start(**{NAME: with_monitor(lab)})
    nothing_else(lab)

    with Load(lab) as load:
        verdict, reason, few = said(lab, 'test-title')
    e2e.check(load.requests > 20, f'{load.requests} requests meanwhile')
    match = re.match(r'The load is another: block\.requests was ([0-9,.]+) a second and vCPU, and is ([0-9,.]+) now\.', reason)
    e2e.check_measured(verdict == 'unknown' and match is not None and float(match.group(1)) == 0,
                       f'under another load: cannot tell ({verdict}). {reason}', few)

    change(lab, 'apply', NAME, '--rule', 'test-e1000', '--yes', *SAMPLE)
    e2e.power_cycle(lab, NAME)
    guest = lab.guest(NAME)
    before = guest.counts()['e1000']
    verdict, reason, few = said(lab, 'test-e1000')
    then, now = figures(reason, 'exit.mmio')
    e2e.check_measured(verdict == 'worse' and then == 0 and 4 < now < 20 and guest.counts()['e1000'] - before > now,
                       f'a change that makes exits: worse, {then}/s before and {now}/s after', few)

    change(lab, 'revert', NAME, '--yes')
    # Shorter than a window of the sample before: that is cut, too.
    verdict, reason, few = said(lab, 'test-e1000', '2', '--duration', '400ms')
    e2e.check_measured(verdict == 'unknown' and 'not in effect (reverted)' in reason,
                       f'undone: cannot tell ({verdict}). {reason}', few)


e2e.main(test)
