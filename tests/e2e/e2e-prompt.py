#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The person in front of apply and revert: answers, Ctrl-C at the prompt and in the middle, pipes, no terminal."""

import os
import signal
import subprocess

import daemon
import e2e

CHANGE = ('apply', 'web1', '--rule', 'test-eoi')


def answers(libvirtd):
    for text, what, changed in (('y\n', 'yes', True), ('yes\n', 'yes in full', True), ('n\n', 'no', False),
                                ('\n', 'nothing', False), ('\x04', 'the end of input', False),
                                ('\x03', 'Ctrl-C', False), ('yep\n', 'another word', False)):
        old = libvirtd.fresh()
        terminal = libvirtd.terminal(*CHANGE)
        terminal.wait_for('[y/N] ')
        terminal.type(text)
        status, out, seen = terminal.end()
        e2e.check(status == (0 if changed else 1) and (libvirtd.definition() != old) == changed,
                  f'{what} at the prompt: {"changed" if changed else "nothing was changed"} ({status})')
        e2e.check('+    <apic eoi="on"/>' in out and ('nothing was changed' in seen) != changed,
                  'after the difference, and saying so')
        e2e.check(changed == bool(libvirtd.manifests()), 'something is kept only of a change')

    libvirtd.fresh()
    libvirtd.run(*CHANGE, '--yes')
    new = libvirtd.definition()
    terminal = libvirtd.terminal('revert', 'web1')
    terminal.wait_for('[y/N] ')
    terminal.type('\x03')
    status, out, seen = terminal.end()
    e2e.check(status == 1 and 'nothing was changed' in seen and libvirtd.definition() == new, 'Ctrl-C at revert')
    terminal = libvirtd.terminal('revert', 'web1')
    terminal.wait_for('[y/N] ')
    terminal.type('y\n')
    e2e.check(terminal.end()[0] == 0 and libvirtd.definition() != new, 'yes at revert')


def in_the_middle(libvirtd):
    """Ctrl-C while one of two domains is changed: that one is brought to its end, the other is left alone."""
    old = libvirtd.fresh()
    other = daemon.DOMAIN.replace('web1', 'web2').replace('555555555555', '666666666666')
    libvirtd.define(other)
    process = libvirtd.begin('apply', '--all', '--rule', 'test-eoi', '--yes', fault='defined:stop')
    daemon.wait_stopped(process)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGCONT)
    out, err = process.communicate(timeout=30)
    e2e.check(process.returncode == 1 and 'web1: changed' in out and libvirtd.definition() != old,
              f'Ctrl-C in the middle: the change at hand comes to its end ({process.returncode})')
    e2e.check("eoi='off'" in libvirtd.definition('web2') and 'web2: nothing was changed' in err,
              'and the next domain is left alone, which is said')
    e2e.check('"applied"' in open(libvirtd.manifests()[0]).read(), 'and what was done is noted')
    if not e2e.passed():
        e2e.note(out + err)


def without_a_terminal(libvirtd):
    old = libvirtd.fresh()
    run = libvirtd.run(*CHANGE)
    e2e.check(run.returncode == 1 and 'no terminal' in run.stderr and '--yes' in run.stderr and not run.stdout,
              'no terminal and no --yes: refused before anything else')
    pipe = libvirtd.begin(*CHANGE, stdin=subprocess.PIPE)
    out, err = pipe.communicate('y\n', timeout=30)
    e2e.check(pipe.returncode == 1 and 'no terminal' in err, 'a yes from a pipe is none')
    run = libvirtd.run('revert', 'web1')
    e2e.check(run.returncode == 1 and 'no terminal' in run.stderr, 'and so for revert')
    e2e.check(libvirtd.definition() == old and not os.path.exists(libvirtd.state), 'nothing was written anywhere')

    terminal = libvirtd.terminal(*CHANGE, stdout=open('/dev/null', 'w'))
    terminal.wait_for('[y/N] ')
    terminal.type('y\n')
    e2e.check(terminal.end()[0] == 0 and libvirtd.definition() != old, 'standard output may go elsewhere')

    libvirtd.fresh()
    run = libvirtd.run(*CHANGE, '--print-xml')
    e2e.check(run.returncode == 0 and run.stdout.startswith('<domain') and run.stdout.rstrip().endswith('</domain>') and
              '<apic eoi="on"/>' in run.stdout and 'sesame' not in run.stdout,
              '--print-xml: the XML alone on standard output, without secrets')
    run = libvirtd.run(*CHANGE, '--print-xml', '--yes')
    e2e.check('eoi=\'off\'' in libvirtd.definition(), 'and it never changes anything, not with --yes')
    run = libvirtd.run(*CHANGE, '--dry-run', '--yes')
    e2e.check('eoi=\'off\'' in libvirtd.definition(), 'nor does --dry-run')


def pipes(libvirtd):
    """The reader of a pipe went away: what was begun is brought to its end and noted all the same."""
    for args, changed in ((('--dry-run',), False), (('--yes',), True)):
        old = libvirtd.fresh()
        read, write = os.pipe()
        os.close(read)
        process = libvirtd.begin(*CHANGE, *args, stdout=write)
        os.close(write)
        err = process.communicate(timeout=30)[1]
        e2e.check((libvirtd.definition() != old) == changed and err == '' and process.returncode == -signal.SIGPIPE,
                  f'{args[0]} into a closed pipe: {"changed" if changed else "nothing was changed"}, and no message')
        applied = libvirtd.manifests() and '"applied"' in open(libvirtd.manifests()[0]).read()
        e2e.check(bool(applied) == changed, 'which is noted')
    libvirtd.fresh()
    full = libvirtd.begin(*CHANGE, '--yes', stdout=open('/dev/full', 'w'))
    err = full.communicate(timeout=30)[1]
    e2e.check(full.returncode == 1 and 'standard output' in err and "eoi='on'" in libvirtd.definition(),
              'onto a full disk: changed, and the failure to say so is one')


def test(libvirtd):
    answers(libvirtd)
    in_the_middle(libvirtd)
    without_a_terminal(libvirtd)
    pipes(libvirtd)


daemon.main(test)
