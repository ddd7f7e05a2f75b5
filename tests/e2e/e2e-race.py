#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Several programs change one domain at once: one wins, the others say why not and who is in the way."""

import re
import signal

import daemon
import e2e

EOI = ('apply', 'web1', '--rule', 'test-eoi', '--yes')
VCPUS = ('apply', 'web1', '--rule', 'test-vcpus', '--yes')


def locked(libvirtd):
    """The first one stands in the middle of its change."""
    old = libvirtd.fresh()
    first = libvirtd.begin(*EOI, fault='define:stop')
    daemon.wait_stopped(first)
    second = libvirtd.run(*VCPUS)
    match = re.search(r'web1: nothing was changed: another virt-tune \(process (\d+), since (\d{4}-\d\d-\d\dT[\d:]+Z)\)',
                      second.stderr)
    e2e.check(second.returncode == 1 and match is not None and int(match.group(1)) == first.pid,
              f'the second is refused, and says by which process and since when: {second.stderr.strip()}')
    e2e.check(libvirtd.definition() == old, 'it wrote nothing')
    other = daemon.DOMAIN.replace('web1', 'web2').replace('555555555555', '666666666666')
    libvirtd.define(other)
    e2e.check(libvirtd.run('apply', 'web2', *EOI[2:]).returncode == 0, 'another domain is not in the way')
    e2e.check(libvirtd.run('history', 'web1').returncode == 0, 'nor is a look at what was done')
    first.send_signal(signal.SIGCONT)
    e2e.check(first.wait(30) == 0 and "eoi='on'" in libvirtd.definition(), 'the first wins')
    again = libvirtd.run(*VCPUS)
    e2e.check(again.returncode == 0 and '>3</vcpu>' in libvirtd.definition() and "eoi='on'" in libvirtd.definition(),
              'then the second goes well, on top of it')

    first = libvirtd.begin('revert', 'web1', '--yes', fault='define:stop')
    daemon.wait_stopped(first)
    second = libvirtd.run('revert', 'web1', '--yes')
    e2e.check(second.returncode == 1 and f'process {first.pid}' in second.stderr, 'two reverts at once: one is refused')
    first.kill()
    first.wait()
    second = libvirtd.run('revert', 'web1', '--yes')
    e2e.check(second.returncode == 0, f'the lock ends with the process {second.stderr.strip()}')


def several(libvirtd):
    """One plan and one question for three domains, of which one is held by another program."""
    libvirtd.fresh()
    for name, number in (('web2', '6'), ('web3', '7'), ('web4', '8')):
        libvirtd.define(daemon.DOMAIN.replace('web1', name).replace('555555555555', number * 12))
    libvirtd.run('apply', 'web4', *EOI[2:])
    first = libvirtd.begin('apply', 'web2', '--rule', 'test-vcpus', '--yes', fault='define:stop')
    daemon.wait_stopped(first)
    all_of_them = libvirtd.terminal('apply', '--all', '--rule', 'test-eoi')
    all_of_them.wait_for('[y/N] ')
    e2e.check(all_of_them.seen.count('[y/N]') == 1 and '3 domains' in all_of_them.seen, 'one question for all of them')
    all_of_them.type('y\n')
    status, out, seen = all_of_them.end()
    e2e.check(status == 1 and [name for name in ('web1', 'web2', 'web3') if f'{name}: changed' in out] == ['web1', 'web3']
              and f'web2: nothing was changed: another virt-tune (process {first.pid}' in seen,
              f'one that fails does not stop the others, and the exit status says so ({status})')
    e2e.check('4 domains: 3 planned, 1 failed, 1 without anything to change' in out, 'nor the summary')
    now = [libvirtd.definition(name) for name in ('web1', 'web2', 'web3')]
    e2e.check(["eoi='on'" in text for text in now] == [True, False, True], 'which are changed')
    first.send_signal(signal.SIGCONT)
    e2e.check(first.wait(30) == 0 and '>3</vcpu>' in libvirtd.definition('web2'), 'and the other program wins its domain')
    run = libvirtd.run('apply', '--all', '--rule', 'test-eoi', '--yes')
    e2e.check(run.returncode == 0 and '4 domains: 1 planned, 0 failed, 3 without anything to change' in run.stdout,
              f'once more: only what is left {run.stderr.strip()}')
    # One that cannot even be planned, and nothing to do in the others.
    libvirtd.define(daemon.DOMAIN.replace('<memory', "<metadata><k xmlns='http://kubevirt.io'/></metadata><memory"))
    for more in ('--yes', '--dry-run'):
        run = libvirtd.run('apply', '--all', '--rule', 'test-eoi', more)
        e2e.check(run.returncode == 1 and 'web1: the domain belongs to KubeVirt' in run.stderr
                  and all(f'{name}: there is nothing to change.' in run.stdout for name in ('web2', 'web3', 'web4'))
                  and '4 domains: 0 planned, 1 failed, 3 without anything to change' in run.stdout,
                  f'{more}: one that is refused, and the others are named all the same')
    for name in ('web2', 'web3', 'web4'):
        libvirtd.virsh('undefine', name)


def secrets(libvirtd):
    """A password in the definition is in no output, whatever is asked for."""
    libvirtd.fresh()
    seen = ''
    for args in (EOI[:-1] + ('--dry-run',), EOI[:-1] + ('--print-xml',), EOI, ('history', 'web1'),
                 ('history', 'web1', '-o', 'json'), ('advise', 'web1', '-o', 'json'), ('revert', 'web1', '--yes')):
        run = libvirtd.run('--debug', *args)
        seen += run.stdout + run.stderr
        e2e.check(run.returncode == 0 or run.stderr != '', f'--debug {args[0]} {args[-1]}')
    e2e.check('sesame' in libvirtd.definition() and 'sesame' not in seen, 'a password is never shown, not with --debug')

    # Somebody else gives another one between the change and the reading back.
    old = libvirtd.fresh()
    first = libvirtd.begin(*EOI, fault='read-back:stop')
    daemon.wait_stopped(first)
    libvirtd.define(libvirtd.definition().replace('sesame', 'openup'))
    first.send_signal(signal.SIGCONT)
    out, err = first.communicate(timeout=60)
    seen = out + err
    for args in (('history', 'web1'), ('history', 'web1', '-o', 'json'), ('revert', 'web1', '1', '--yes')):
        run = libvirtd.run('--debug', *args)
        seen += run.stdout + run.stderr
    with open(libvirtd.manifests()[0]) as f:
        seen += f.read()
    e2e.check(first.returncode == 1 and 'the old one is back' in err and libvirtd.definition() == old,
              f'another password while it is changed: the old definition is back ({err.strip()})')
    e2e.check('sesame' not in seen and 'openup' not in seen, 'and neither is shown')


def at_the_prompt(libvirtd):
    """The first one waits for an answer: it holds nothing, and changes nothing that it did not show."""
    libvirtd.fresh()
    first = libvirtd.terminal(*EOI[:-1])
    first.wait_for('[y/N] ')
    second = libvirtd.run(*VCPUS)
    now = libvirtd.definition()
    first.type('y\n')
    status, _, seen = first.end()
    e2e.check(second.returncode == 0 and '>3</vcpu>' in now, 'whoever only looks does not hold up the others')
    e2e.check(status == 1 and 'somebody else changed the definition since' in seen and libvirtd.definition() == now,
              'and is told that what was shown is not there any more')


def at_once(libvirtd, rounds=10):
    """Both begin at the same moment; the definition is what those who won made of it."""
    winners = {0: 0, 1: 0, 2: 0}
    for _ in range(rounds):
        libvirtd.fresh()
        both = [libvirtd.begin(*EOI), libvirtd.begin(*VCPUS)]
        said = [process.communicate(timeout=60)[1] for process in both]
        won = [process.returncode == 0 for process in both]
        now = libvirtd.definition()
        right = won == ["eoi='on'" in now, '>3</vcpu>' in now]
        why = all(w or re.search(r'another virt-tune|somebody else changed', s) for w, s in zip(won, said))
        kept = ''.join(open(path).read() for path in libvirtd.manifests())
        if not right or not why or not any(won) or kept.count('"state": "applied"') != sum(won):
            e2e.check(False, f'at once: won {won}, said {said}')
            e2e.note(now + kept)
        winners[sum(won)] += 1
    e2e.check(winners[0] == 0, f'{rounds} times at once: one won {winners[1]} times, one after the other {winners[2]} times')


def test(libvirtd):
    locked(libvirtd)
    several(libvirtd)
    secrets(libvirtd)
    at_the_prompt(libvirtd)
    at_once(libvirtd)


daemon.main(test)
