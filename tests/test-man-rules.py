#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""virt-tune-rules(7) has a section for every rule, with all that the rule says to people, and every rule that is there is
installed."""

import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

SRC = pathlib.Path(os.environ.get('VT_SRCDIR') or pathlib.Path(__file__).parent.parent)
count = 0


def check(passed, what):
    global count
    count += 1
    print(f'{"ok" if passed else "not ok"} {count} - {what}')


def plain(text):
    """Without markup and line breaks."""
    return ' '.join(re.sub(r'\\(.)', r'\1', text or '').replace('``', '').replace('**', '').split())


def said_by(rule):
    """What a reader of the section must find."""
    said = [rule.findtext('title'), rule.findtext('why'), rule.findtext('risk')]
    said += [guard.get('why') for guard in rule.findall('guard')]
    said += [text.text for text in rule.iter('text')]
    for command in rule.iter('command'):
        said += [command.text, command.get('undo')]
    for link in rule.findall('supersedes') + rule.findall('conflicts'):
        said += [link.get('rule'), link.text]
    for reference in rule.findall('reference'):
        said += [reference.text, reference.get('href')]
    # What a guard measures its reason says in words.
    for part in rule.findall('*'):
        said += [measured.get('metric') for measured in part.iter('rate') if part.tag != 'guard']
    if rule.find("change[@target='domain']") is not None:
        said.append('virt-tune revert')
    return [text for text in said if text]


def main():
    paths = sorted((SRC / 'data/rules').glob('*.xml'))
    page = subprocess.run([sys.executable, '-B', SRC / 'man/rules-man.py', *paths], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    sections = dict(re.findall(r'^([a-z0-9-]+)\n-+\n(.*?)(?=^[a-z0-9-]+\n-+\n|^SEE ALSO$)', page, re.M | re.S))
    for path in paths:
        rule = ET.parse(path).getroot()
        section = plain(sections.pop(path.stem, ''))
        missing = [text for text in said_by(rule) if plain(text) not in section]
        check(section and not missing, f'{path.stem} has its section')
        for text in missing:
            print(f'# missing: {text}')
    check(not sections, f'there are no other sections ({" ".join(sections) or "none"})')
    listed = re.findall(r'data/rules/([a-z0-9-]+)\.xml', (SRC / 'data/rules/local.mk').read_text())
    check(sorted(listed) == sorted(path.stem for path in paths), 'data/rules/local.mk names each rule once')
    print(f'1..{count}')


main()
