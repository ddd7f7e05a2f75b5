#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""virt-tune(1) against the program: the section of each verb names all of its options, and none that it does not take."""

import os
import pathlib
import re
import subprocess

SRC = pathlib.Path(os.environ.get('VT_SRCDIR') or pathlib.Path(__file__).resolve().parent.parent)
BUILD = pathlib.Path(os.environ.get('VT_BUILDDIR') or SRC / 'build')
OPTION = r'(?<![\w-])(--?[a-zA-Z][a-z-]*)'
count = 0


def check(passed, what, why=''):
    global count
    count += 1
    print(f'{"ok" if passed else "not ok"} {count} - {what}')
    if not passed:
        print(f'# {why}')


def help_of(*verb):
    run = subprocess.run([BUILD / 'virt-tune', *verb], stdout=subprocess.PIPE, text=True, check=True,
                         env=dict(os.environ, LC_ALL='C.UTF-8'))
    return run.stdout


def options(text, heading):
    """[{'-o', '--output'}, ...] of one part of a help text."""
    part = (text.split(heading) + [''])[1].split('\n\n')[0]
    return [set(re.findall(r'(?:^  |, )(--?[a-zA-Z][a-z-]*)', line)) for line in part.splitlines()[1:]]


def sections():
    """{first word: text} of the manual."""
    parts = re.split(r'^(\S.*)\n[-=]{3,}\n', (SRC / 'man/virt-tune.1.rst').read_text(), flags=re.MULTILINE)
    return {parts[i].split()[0]: parts[i + 1] for i in range(1, len(parts) - 1, 2)}


def claims(verb, text):
    """(verb, option) for each that a section says a verb takes: bold, and not said to be one that it does not take."""
    # Terms stand at the beginning of a line, with the text indented below.
    text = re.sub(r'^(-\S.*)$', r'**\1**', text, flags=re.MULTILINE)
    text = re.sub(r'\s+', ' ', text)
    for before, bold in re.findall(r'([^\s*]*) ?\*\*([^*]+)\*\*', text):
        words = bold.split()
        whose = words[0] if re.fullmatch(r'[a-z]+', words[0]) else verb
        for option in re.findall(OPTION, bold):
            if before != 'not':
                yield whose, option


def main():
    verbs = re.findall(r'^ {12}([a-z]+)\) own=', help_of('completion'), re.MULTILINE)
    manual = sections()
    shared = set().union({'-h', '--help'}, *options(help_of('list', '--help-global'), 'Global options'),
                         *options(help_of('list', '--help-global'), 'the global options'))
    taken = {verb: options(help_of(verb, '--help'), 'Application Options:') for verb in verbs}
    check(len(verbs) > 10 and '--connect' in shared, f'{len(verbs)} verbs, {len(shared)} options of all of them', shared)
    for verb in verbs:
        check(verb in manual, f'{verb} has a section')
        said = list(claims(verb, manual.get(verb, '')))
        own = {option for whose, option in said if whose == verb}
        missing = [sorted(names)[0] for names in taken[verb] if not names & own]
        check(not missing, f'{verb}: its section names all of its options', missing)
        wrong = [f'{whose} {option}' for whose, option in said
                 if whose in taken and option not in shared.union(*taken[whose])]
        check(not wrong, f'{verb}: and none that there is not', wrong)
    print(f'1..{count}')


main()
