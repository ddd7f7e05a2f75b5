#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""revert where somebody else changed the definition since: shown as three ways, and not overwritten without --force. And
what history says of it all, as text and as JSON."""

import json
import os
import subprocess
import sys

import daemon
import e2e

EOI = ('apply', 'web1', '--rule', 'test-eoi', '--yes')
VCPUS = ('apply', 'web1', '--rule', 'test-vcpus', '--yes')


def history(libvirtd, name='web1'):
    run = libvirtd.run('history', name, '-o', 'json')
    path = f'{libvirtd.dir}/history.json'
    with open(path, 'w') as f:
        f.write(run.stdout)
    schema = os.path.join(e2e.SRCDIR, 'data/schemas/history.schema.json')
    valid = subprocess.run([sys.executable, os.path.join(e2e.SRCDIR, 'tests/validate-json.py'), schema, path],
                           capture_output=True, text=True)
    if run.returncode != 0 or valid.returncode not in (0, 77):
        e2e.check(False, f'history is valid JSON: {run.stderr}{valid.stderr}')
    return json.loads(run.stdout)


def outcomes(libvirtd):
    return [change['outcome'] for change in history(libvirtd)['changes']]


def conflict(libvirtd):
    old = libvirtd.fresh()
    e2e.check(history(libvirtd)['changes'] == [], 'nothing was changed')
    libvirtd.run(*EOI)
    libvirtd.define(libvirtd.definition().replace('>2</vcpu>', '>1</vcpu>'))
    theirs = libvirtd.definition()
    e2e.check(outcomes(libvirtd) == ['changed-since'], 'history: changed since')
    for more in ((), ('--dry-run',)):
        run = libvirtd.run('revert', 'web1', *(more or ('--yes',)))
        parts = run.stdout.split('The definition was changed since:')
        since, rest = (parts[1].split('The change itself was:') + [''])[:2] if len(parts) == 2 else ('', '')
        ours, back = (rest.split('To go back loses what was changed since:') + [''])[:2]
        e2e.check('-  <vcpu placement="static">2</vcpu>' in since and '+  <vcpu placement="static">1</vcpu>' in since
                  and 'apic' not in since.replace('     <apic', ''), f'{more}: what somebody else changed')
        e2e.check('+    <apic eoi="on"/>' in ours and '<vcpu placement="static">1' not in ours, 'what the change was')
        e2e.check('+  <vcpu placement="static">2</vcpu>' in back and '+    <apic eoi="off"/>' in back,
                  'and what going back would do')
        e2e.check(run.returncode == (0 if more else 1) and libvirtd.definition() == theirs
                  and (more or 'somebody else changed the definition since' in run.stderr), 'nothing is written')
        e2e.check('sesame' not in run.stdout + run.stderr, 'no secret is shown')
    run = libvirtd.run('revert', 'web1', '--yes', '--force')
    e2e.check(run.returncode == 0 and libvirtd.definition() == old, 'with --force it goes back')
    e2e.check(outcomes(libvirtd) == ['reverted', 'applied'], 'history: reverted')
    run = libvirtd.run('revert', 'web1', '2', '--yes')
    e2e.check(run.returncode == 0 and libvirtd.definition() == theirs, 'and a revert can be undone: theirs is back')


def interrupted(libvirtd):
    """The change was killed, and then somebody else changed something: theirs is told from ours."""
    for point, made in (('defined', True), ('define', False)):
        old = libvirtd.fresh()
        libvirtd.run(*EOI, fault=f'{point}:kill')
        libvirtd.define(libvirtd.definition().replace('>2</vcpu>', '>1</vcpu>'))
        theirs = libvirtd.definition()
        e2e.check(outcomes(libvirtd) == ['interrupted'], f'killed at {point}, then changed: neither')
        run = libvirtd.run('revert', 'web1', '--yes')
        since, ours = run.stdout.split('The change itself ')[0], run.stdout.split('The change itself ')[-1].split('To go back')[0]
        e2e.check('+  <vcpu placement="static">1</vcpu>' in since and '-    <apic' not in since
                  and ('+    <apic eoi="on"/>' in ours) == made and ('seems not to have been made' in ours) != made,
                  'what is theirs and what is ours')
        e2e.check(run.returncode == 1 and libvirtd.definition() == theirs, 'nothing is written')
        run = libvirtd.run('revert', 'web1', '--yes', '--force')
        e2e.check(run.returncode == 0 and libvirtd.definition() == old, 'with --force it goes back')
        if not e2e.passed():
            e2e.note(since + ours + run.stderr)


def older(libvirtd):
    """An older change below a newer one of our own: the newer one is somebody else's to it."""
    old = libvirtd.fresh()
    libvirtd.run(*EOI)
    first = libvirtd.definition()
    libvirtd.run(*VCPUS)
    both = libvirtd.definition()
    run = libvirtd.run('revert', 'web1', '1', '--yes')
    e2e.check(run.returncode == 1 and 'change 2 was made on top of it' in run.stderr and libvirtd.definition() == both,
              'an older change is not undone over a newer one')
    run = libvirtd.run('revert', 'web1', '--yes')
    e2e.check(run.returncode == 0 and libvirtd.definition() == first, 'the newer one first')
    run = libvirtd.run('revert', 'web1', '--yes')
    e2e.check(run.returncode == 0 and libvirtd.definition() == old, 'then the older one')
    run = libvirtd.run('revert', 'web1', '--yes')
    e2e.check(run.returncode == 1 and 'no change of this domain is in effect' in run.stderr, 'then there is none left')


def managed(libvirtd):
    """What a manager of domains would overwrite is neither changed nor changed back without --force."""
    libvirtd.fresh()
    libvirtd.define(daemon.DOMAIN.replace('<memory', "<metadata><nova:instance "
                                          "xmlns:nova='http://openstack.org/xmlns/libvirt/nova/1.1'/></metadata><memory"))
    old = libvirtd.definition()
    for command in (EOI, ('revert', 'web1', '--yes')):
        before = libvirtd.definition()
        for more in ((), ('--dry-run',)):
            run = libvirtd.run(*command, *more)
            e2e.check(run.returncode == 1 and 'web1: the domain belongs to OpenStack Nova' in run.stderr
                      and '--force' in run.stderr and libvirtd.definition() == before,
                      f'{" ".join((command[0], *more))} of a managed domain is refused')
        run = libvirtd.run(*command, '--force')
        e2e.check(run.returncode == 0 and libvirtd.definition() != before, f'{command[0]} --force is not')
    e2e.check(libvirtd.definition() == old, 'and it is as before')


def listing(libvirtd):
    found = history(libvirtd)
    e2e.check(found['domain'] == {'name': 'web1', 'uuid': daemon.UUID, 'defined': True}, 'JSON: the domain')
    first, last = found['changes'][0], found['changes'][-1]
    e2e.check(first['kind'] == 'apply' and first['outcome'] == 'reverted' and first['advice'] == 'Undone by change 4.'
              and [rule['rule'] for rule in first['rules']] == ['test-eoi'] and first['user'] and first['time'],
              'JSON: a change')
    e2e.check(last['kind'] == 'revert' and last['undid'] == 1 and last['rules'] == [], 'JSON: an undo')
    e2e.check(os.path.isdir(f'{found["directory"]}/{last["id"]}'), 'JSON: where it is kept')
    mode = [oct(os.stat(path).st_mode & 0o777) for path in (found['directory'], libvirtd.manifests()[0],
                                                            f'{found["directory"]}/1/before.xml')]
    e2e.check(mode == ['0o700', '0o600', '0o600'], f'for nobody else: {mode}')
    run = libvirtd.run('history', 'web1', '-o', 'xml')
    e2e.check(run.returncode == 2 and 'text or json' in run.stderr, 'another format is refused')
    libvirtd.virsh('undefine', 'web1')
    found = history(libvirtd)
    e2e.check(found['domain'] == {'name': 'web1', 'uuid': daemon.UUID, 'defined': False}, 'JSON: a domain that is gone')
    for verb in ('revert', 'verify'):
        run = libvirtd.run(verb, 'web1', *(('--yes',) if verb == 'revert' else ()))
        e2e.check(run.returncode == 1 and 'the domain is gone' in run.stderr and found['directory'] in run.stderr,
                  f'{verb} says so too, and where its definitions are')


def test(libvirtd):
    conflict(libvirtd)
    interrupted(libvirtd)
    older(libvirtd)
    listing(libvirtd)
    managed(libvirtd)


daemon.main(test)
