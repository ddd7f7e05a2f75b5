#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""virt-tune-rules(7) from the rule files: prints reStructuredText. Usage: rules-man.py FILE..."""

import re
import sys
import xml.etree.ElementTree as ET

HEAD = '''\
===============
virt-tune-rules
===============

----------------------------------
what virt-tune(1) advises, and why
----------------------------------

:Manual section: 7
:Manual group: Virtualization

DESCRIPTION
===========

One section for each rule that **virt-tune**\\ (1) comes with: why it exists, the symptom with its thresholds, what else
must hold, when it is not advised and why, what to change and how to undo that, and where it can be read. Rates are per
vCPU and second. The names of metrics are those of **virt-tune-profile**\\ (5), host facts, XPaths and the order of
verdicts those of **virt-tune-rule**\\ (5) and **virt-tune**\\ (1). A rule without a change is a note: it says what a
pattern means. What applies to a domain at hand is shown by ``virt-tune explain RULE DOMAIN``.

RULES
=====

'''
TAIL = '''\
SEE ALSO
========

**virt-tune**\\ (1), **virt-tune-rule**\\ (5), **virt-tune-profile**\\ (5)
'''
EFFECTS = {'live': 'takes effect at once', 'power-cycle': 'takes effect after the domain was powered off and started',
           'module-reload': 'takes effect after the module was reloaded with all guests of the host stopped',
           'host-reboot': 'takes effect after a reboot of the host',
           'guest-reboot': 'takes effect after a reboot of the guest'}
TARGETS = {'domain': 'In the domain', 'host': 'On the host', 'guest': 'In the guest'}


def words(text):
    """One line of text, in which nothing is markup."""
    return re.sub(r'([\\*`|_])', r'\\\1', ' '.join((text or '').split()))


def literal(text):
    """Code within a line. Its end needs a character before it that is no blank or backslash, as code has."""
    return f'``{" ".join(text.split())}``'


def number(text):
    return f'{float(text):,.0f}' if float(text) >= 1000 else text


def bounds(cond, show=number):
    low, high = cond.get('above'), cond.get('below')
    if low is not None and high is not None:
        return f'between {show(low)} and {show(high)}'
    return f'above {show(low)}' if low is not None else f'below {show(high)}'


def percent(text):
    return f'{float(text) * 100:g} %'


def leaf(cond):
    """A condition in words."""
    metric = literal(cond.get('metric', ''))
    if cond.get('minus'):
        metric += f' without {literal(cond.get("minus"))}'
    if cond.tag == 'rate':
        return f'{metric}: {bounds(cond)} a second'
    if cond.tag == 'share':
        whole = literal(cond.get('of')) if cond.get('of') else 'all exits but HLT'
        return f'{metric}: {bounds(cond, percent)} of {whole}'
    if cond.tag == 'ratio':
        return f'{metric} divided by {literal(cond.get("of"))}: {bounds(cond)}'
    if cond.tag == 'measured':
        return f'{metric} was measured'
    if cond.tag == 'domain':
        return f'the XML matches {literal(cond.get("test"))}'
    if cond.tag == 'guest':
        return f'the guest has a driver for {cond.get("supports")}' if cond.get('supports') else \
            f'the guest\'s OS is {cond.get("os").replace("|", " or ")}'
    if cond.tag == 'version' or cond.get('version'):
        bound = ' and '.join(([f'{cond.get("at-least")} or later'] if cond.get('at-least') else []) +
                             ([f'before {cond.get("below")}'] if cond.get('below') else []))
        return f'{cond.get("of") or cond.get("version")} {bound}'
    if cond.tag == 'rule':
        return f'the rule **{cond.get("id")}** says {cond.get("verdict").replace("|", " or ")}'
    subject = f'its {cond.get("field")}' if cond.tag == 'row' else literal(cond.get('fact') or cond.get('host'))
    if cond.get('is') is not None:
        return f'{subject} is {words(cond.get("is").replace("|", " or ")) or "empty"}'
    if cond.get('has') is not None:
        return f'{subject} has {words(cond.get("has"))}'
    return f'{subject} is {bounds(cond)}'


def items(conditions, depth=0):
    """Conditions as a nested list."""
    lines = []
    pad = '  ' * depth
    for cond in conditions:
        if not isinstance(cond.tag, str):
            continue
        if cond.tag in ('all', 'any', 'not'):
            said = {'all': 'all of these:', 'any': 'one of these:', 'not': 'not:'}[cond.tag]
            lines += [f'{pad}- {said}', ''] + items(cond, depth + 1) + ['']
        else:
            lines.append(f'{pad}- {leaf(cond)}')
    return lines


def operation(op):
    """A patch operation in words."""
    sel = literal(op.get('sel'))
    children = [ET.tostring(child, 'unicode').strip().replace(' />', '/>') for child in op]
    content = literal(''.join(children) or (op.text or '').strip() or '""')
    if op.tag == 'remove':
        text = f'removes {sel}'
    elif op.tag == 'replace':
        text = f'replaces {sel} by {content}'
    elif op.get('type'):
        text = f'sets {literal(op.get("type"))} of {sel} to {content}'
    else:
        text = f'adds {content} to {sel}'
    return f'- {text}' + (f', where {literal(op.get("if"))}' if op.get('if') else '')


def change(one):
    target = one.get('target')
    lines = [f'**{TARGETS[target]}**; {EFFECTS[one.get("effect")]}.']
    if one.find('text') is not None:
        lines[0] += f' {words(one.findtext("text"))}'
    lines.append('')
    for need in one.findall('needs'):
        lines.append(f'- needs: {leaf(need)}')
    for op in one:
        if op.tag in ('add', 'replace', 'remove'):
            lines.append(operation(op))
    commands = one.findall('command')
    if target == 'domain':
        lines += ['', 'Undone by ``virt-tune revert``.']
    for command in commands:
        lines += ['', '::', '', f'    {" ".join(command.text.split())}', '']
        if command.get('undo'):
            lines += ['Undone by:', '', '::', '', f'    {command.get("undo")}', '']
    return lines + ['']


def section(rule):
    title = rule.get('id')
    severity = rule.get('severity')
    lines = [title, '-' * len(title), '', f'**{words(rule.findtext("title"))}**', '', words(rule.findtext('why')), '',
             f'Severity: {severity}.' + (' Advised from the XML alone where nothing was measured.'
                                         if rule.get('structural') == 'yes' else ''), '']
    each = rule.find('each')
    if each is not None:
        lines += ['For each ' + (literal(each.get('select')) if each.get('select')
                                 else 'interrupt of the host that came to a CPU of a vCPU') + '.', '']
    for name, head in (('symptom', 'Symptom:'), ('require', 'Requires:')):
        part = rule.find(name)
        if part is not None:
            lines += [head, ''] + items(part) + ['']
    guards = rule.findall('guard')
    if guards:
        lines += ['Not advised:', ''] + [f'- {words(guard.get("why"))}' for guard in guards] + ['']
    for satisfied in rule.findall('satisfied'):
        lines += ['Fulfilled:', '']
        lines += [f'- the XML matches {literal(satisfied.get("test"))}', ''] if satisfied.get('test') else \
            items(satisfied) + ['']
    for gain in rule.findall('gain')[:1]:
        lines += [f'Gain: at most {percent(gain.get("share"))} of {literal(gain.get("metric"))}. '
                  f'{words(gain.get("basis"))}', '']
    for one in rule.findall('change'):
        lines += change(one)
    if rule.findtext('risk'):
        lines += [f'Risk: {words(rule.findtext("risk"))}', '']
    for name, said in (('supersedes', 'Goes before'), ('conflicts', 'Excludes')):
        for link in rule.findall(name):
            lines += [f'{said} **{link.get("rule")}**: {words(link.text)}', '']
    lines += ['References:', '']
    for reference in rule.findall('reference'):
        lines += [f'- {words(reference.text)}:', f'  {reference.get("href")}']
    return '\n'.join(lines + ['', ''])


def page(paths):
    rules = sorted((ET.parse(path).getroot() for path in paths), key=lambda rule: rule.get('id'))
    return HEAD + re.sub(r'\n{3,}', '\n\n', ''.join(section(rule) for rule in rules)) + TAIL


if __name__ == '__main__':
    sys.stdout.write(page(sys.argv[1:]))
