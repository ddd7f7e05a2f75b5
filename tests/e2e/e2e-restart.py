#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""libvirtd restarts, or goes for good, in the midst of a sample: what was measured until then is kept, and it is said."""

import json

import daemon
import e2e

LENGTH = ['--duration', '6', '--interval', '250ms']


def begin(libvirtd, *args):
    """The program once it has measured some windows, on a terminal that shows so."""
    terminal = libvirtd.terminal(*args, *LENGTH)
    terminal.wait_match(r'[1-9] of 6 s', 60)  # the next one where the first was too short to be drawn
    return terminal


def end(terminal):
    status, out, err = terminal.end(60)
    e2e.note(err.replace('\r\033[K', '\n'))
    return status, out, err


def check_profile(profile, what):
    e2e.check(2 <= profile['windows'] < 24, f'{what} keeps {profile["windows"]} of 24 windows')
    e2e.check(any('ended early' in note for note in profile.get('notes', [])), f'and says so: {profile.get("notes")}')


def test_sample(libvirtd):
    sample = begin(libvirtd, 'sample', 'idle0', '--source', 'libvirt', '-o', 'json')
    libvirtd.stop()
    libvirtd.start()
    status, out, err = end(sample)
    e2e.check(status == 0, f'sample while libvirtd restarts: exit status {status}')
    check_profile(json.loads(out), 'it')


def test_advise(libvirtd):
    advise = begin(libvirtd, 'advise', 'idle0', '--source', 'libvirt', '-o', 'json')
    libvirtd.stop()
    libvirtd.start()
    status, out, err = end(advise)
    e2e.check(status == 0, f'advise while libvirtd restarts: exit status {status}')
    domain = json.loads(out)['domains'][0]
    e2e.check(domain['name'] == 'idle0' and 2 <= domain['sample']['windows'] < 24 and domain['findings'],
              f'it tells {len(domain["findings"])} findings of {domain["sample"]["windows"]} windows')
    e2e.check('was lost' in err and 'connected again' in err, 'and says that it connected again')


def test_gone(libvirtd):
    """libvirtd does not come back while the program runs."""
    advise = begin(libvirtd, 'advise', 'idle0', '--source', 'libvirt')
    libvirtd.stop()
    status, out, err = end(advise)
    e2e.check(status == 1 and 'virt-tune: ' in err, f'without libvirtd advise fails: exit status {status}')
    e2e.check(libvirtd.uri in err, 'and names the connection')
    libvirtd.start()
    sample = begin(libvirtd, 'sample', 'idle0', '--source', 'libvirt', '-o', 'json')
    libvirtd.stop()
    status, out, err = end(sample)
    e2e.check(status == 0, f'and sample needs it no more: exit status {status}')
    check_profile(json.loads(out), 'it')
    libvirtd.start()


def test(libvirtd):
    libvirtd.start_idle(1)
    test_sample(libvirtd)
    test_advise(libvirtd)
    test_gone(libvirtd)


try:
    e2e.labs.require(e2e.BUILDDIR)
except e2e.labs.Unusable as why:
    print(f'1..0 # SKIP {why}')
else:
    daemon.main(test, kvm=True)
