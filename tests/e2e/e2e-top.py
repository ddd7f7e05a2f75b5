#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The live view in a terminal: what it shows of real domains, what keys do, and that it gives the terminal back."""

import os
import re
import shutil
import signal
import statistics
import subprocess
import time

import daemon
import e2e


class Terminal:
    """A terminal of tmux, of which the screen can be read; a context manager that leaves no server behind."""

    def __init__(self, directory, columns=100, lines=24):
        self.tmux = ['tmux', '-S', f'{directory}/tmux', '-f', '/dev/null']
        self.size = ['-x', str(columns), '-y', str(lines)]

    def run(self, *args):
        return subprocess.run([*self.tmux, *args], check=True, capture_output=True, text=True).stdout

    def __enter__(self):
        self.run('new-session', '-d', *self.size, 'exec sh')
        return self

    def __exit__(self, *exc):
        self.run('kill-server')

    def type(self, *keys):
        self.run('send-keys', *keys)

    def screen(self):
        return self.run('capture-pane', '-p')

    def wait(self, pattern, seconds=60, unlike=None):
        """The screen once it shows the pattern, and is another than @unlike, or what it shows at the end."""
        end = time.monotonic() + seconds
        while True:
            screen = self.screen()
            if (re.search(pattern, screen, re.MULTILINE) and screen != unlike) or time.monotonic() > end:
                return screen
            time.sleep(0.1)


def shows(terminal, pattern, what):
    screen = terminal.wait(pattern)
    found = re.search(pattern, screen, re.MULTILINE) is not None
    e2e.check(found, what)
    if not found:
        e2e.note(screen)
    return screen


def names(screen):
    """The domains of the list, from the first line to the last."""
    return re.findall(r'^ *\d+ (\S+) ', screen, re.MULTILINE)


def start(terminal, lab, *options, env=''):
    terminal.type('-l', ' '.join([f'{env} VIRT_TUNE_DATADIR={e2e.SRCDIR}/data', f'{e2e.BUILDDIR}/virt-tune', '-c',
                                  f"'{lab.uri}'", 'top', *options, '; echo status $?']))
    terminal.type('Enter')


def test_list(terminal, lab):
    start(terminal, lab)
    screen = shows(terminal, r'^ *\d+ e1000-ide .* [\d,]{4,} .*mmio', 'the exits of a busy domain')
    e2e.check(names(screen) == ['e1000-ide', 'idle'], f'the busiest one comes first: {names(screen)}')
    shows(terminal, r'^ *\d+ e1000-ide .* [1-9]\d*$', 'how much advice there is')
    terminal.type('r')
    shows(terminal, r'\bidle\b(.|\n)*e1000-ide', 'r reverses')
    terminal.type('r', 's', 's', 's')
    shows(terminal, 'by name', 's sorts by something else')
    terminal.type('/')
    terminal.type('-l', 'IDL')
    shows(terminal, r'^/IDL_', 'a filter is typed')
    terminal.type('Enter')
    screen = shows(terminal, r'^/IDL *$', 'and taken')
    e2e.check(names(screen) == ['idle'], f'which leaves out the others, whatever the case: {names(screen)}')
    terminal.type('-l', 'x')
    terminal.type('Escape')
    shows(terminal, 'e1000-ide', 'Esc shows all again')


def test_pages(terminal):
    terminal.type('g', 'Enter')
    shows(terminal, r'^exit\.hlt|^mmio\.0x', 'Enter shows the families and addresses of a domain')
    shows(terminal, r'^msr\.write\.0x80b .*EOI', 'and its MSRs by name')
    shows(terminal, r'^pio\.0x1f7 .*IDE', 'and ports')
    terminal.type('G')
    screen = shows(terminal, r'^PER SECOND +VCPU 0|^No times of single exits|^ *\[', 'its end its vCPUs and histograms')
    e2e.check('No times' not in screen or re.search(r'kvm_exit and\s+kvm_entry\.', screen) is not None,
              'whose last words fit')
    terminal.type('k', 'k', 'k', 'g')
    shows(terminal, r'^e1000-ide: ', 'g its beginning')
    terminal.type('a')
    screen = shows(terminal, r'virtio-(net|disk): severity', 'a shows its advice')
    terminal.type('NPage')
    shows(terminal, r'q back', 'which scrolls')
    e2e.check(terminal.wait('q back', unlike=screen) != screen, 'to other lines')
    terminal.type('G')
    shows(terminal, r'apply e1000-ide --all-rules(.|\n)* --dry-run *$', 'of a long command the end is in sight, too')
    terminal.type('?')
    shows(terminal, 'reverse the order', '? shows help')
    terminal.type('q')
    shows(terminal, r'\A(?!(.|\n)*reverse the order)(.|\n)*q back', 'q goes back to the advice')
    terminal.type('q')
    shows(terminal, r'EXITS/S', 'and to the list')


LIST_KEYS = 'Enter domain  a advice  s sort  r reverse  / filter  ? help  q quit'
PAGE_KEYS = 'q back  arrows, PgUp, PgDn scroll'


def check_layout(terminal, columns, lines, second, keys):
    """The head stands in the first line, what begins a page in the second or third, the keys in the last one, each cut
    where the line ends. tmux joins lines that were wrapped."""
    terminal.run('resize-window', '-x', str(columns), '-y', str(lines))
    wanted = ['virt-tune top'[:columns]] + ([keys[:columns].rstrip()] if lines > 2 else [])
    until = time.monotonic() + 60
    while True:
        rows = [row.rstrip() for row in terminal.run('capture-pane', '-p', '-J').split('\n')[:-1]]
        good = len(rows) == lines and all(len(row) <= columns for row in rows) and rows[0].startswith(wanted[0]) and \
            (lines < 3 or rows[-1] == wanted[1] and any(re.search(second, row) for row in rows[1:3]))
        if good or time.monotonic() > until:
            break
        time.sleep(0.1)
    e2e.check(good, f'{columns} columns, {lines} lines: each part in its place')
    if not good:
        e2e.note('\n'.join(rows))


def test_size(terminal):
    terminal.type('g', 'Enter')
    for columns, lines in ((20, 5), (300, 100)):
        check_layout(terminal, columns, lines, '^e1000-ide: ', PAGE_KEYS)
    terminal.type('q')
    for columns, lines in ((60, 12), (20, 4), (2, 1), (200, 50)):
        check_layout(terminal, columns, lines, 'ADVICE', LIST_KEYS)
    shows(terminal, r'ADVICE', 'and all columns are there again')
    for columns, titles in ((100, 'ID +NAME +VCPUS +EXITS/S +HLT/S +TIME +MOST +ADVICE'),
                            (80, 'ID +NAME +VCPUS +EXITS/S +HLT/S +TIME +MOST +ADVICE'),
                            (40, 'NAME +EXITS/S +MOST +ADVICE'), (30, 'NAME +EXITS/S +ADVICE')):
        terminal.run('resize-window', '-x', str(columns), '-y', '24')
        shows(terminal, rf'^ *{titles} *$', f'columns that fit into {columns}')
        shows(terminal, r'^ *(\d+ )?e1000-\S+ .*[\d,]{4,} .*\b[1-9]\d*$', 'with the number of advice')
    terminal.run('resize-window', '-x', '100', '-y', '24')
    shows(terminal, r'HLT/S', 'as before')


def test_changes(terminal, lab):
    terminal.type('G', 'Enter')
    shows(terminal, r'^idle: ', 'the last domain is open')
    os.kill(lab.pid('idle'), signal.SIGKILL)
    shows(terminal, 'is not running any more', 'when it stops, its page says so')
    terminal.type('a')
    shows(terminal, 'is not running any more', 'and so does its advice')
    terminal.type('q')
    screen = terminal.wait(r'1 domain (.|\n)*EXITS/S')
    e2e.check(names(screen) == ['e1000-ide'], f'a domain that stopped goes: {names(screen)}')
    shows(terminal, r'e1000-ide .* [\d,]{4,} .* [1-9]\d*$', 'while the others go on')


def test_end(terminal, lab):
    terminal.type('q')
    screen = shows(terminal, r'^status 0', 'q ends it')
    e2e.check('EXITS/S' not in screen, 'and the terminal is as before')
    start(terminal, lab, '-d', '500ms')
    terminal.wait('EXITS/S')
    terminal.type('C-c')
    shows(terminal, r'^status 0(.|\n)*^status 0', 'so does Ctrl-C')
    start(terminal, lab, '-n', '2', '-d', '300ms')
    shows(terminal, r'(^status 0(.|\n)*){3}', 'and the number of updates')


def test_terminals(terminal, lab):
    terminal.type('clear', 'Enter')
    start(terminal, lab, env='TERM=dumb')
    shows(terminal, r'TERM=dumb: .*use top -b\n+^status 2', 'a terminal that cannot place text is refused')
    start(terminal, lab, env='TERM=vt100 LC_ALL=C')
    screen = shows(terminal, r'^ *\d+ e1000-ide .* >= [\d,]{4,} ', 'an old terminal without UTF-8 shows the same')
    e2e.check(screen.isascii(), 'in ASCII')
    terminal.type('q')
    shows(terminal, r'^status 0$', 'and is given back without the last line')


def test_batch(lab):
    out = e2e.virt_tune(lab, 'top', '-b', '-n', '4', '-d', '500ms', '--sort', 'name')
    tables = out.strip().split('\n\n')
    e2e.check(len(tables) == 4, f'-b prints {len(tables)} tables into a pipe')
    e2e.check(re.search(r'e1000-ide +1 +(≥ )?[\d,]+ ', tables[-1]) is not None, 'with figures')
    e2e.check('\x1b' not in out, 'and nothing for a terminal')
    e2e.note(tables[-1])


def test_restart():
    """The daemon restarts while the view goes on."""
    with daemon.Daemon() as libvirtd:
        libvirtd.define()
        top = libvirtd.begin('top', 'web1', '-b', '-n', '40', '-d', '300ms')
        most = time.monotonic() + 9  # of the twelve seconds that it takes
        out = ''

        def shown(head):
            """Whether a table of that head comes before the view ends."""
            nonlocal out
            for line in top.stdout:
                out += line
                if re.match(f'virt-tune top .* {head}$', line):
                    return True
            return False
        with_domain = f'1 domain .* {re.escape(libvirtd.uri)}'
        before = shown(with_domain)
        libvirtd.stop()
        lost = shown('-') and shown('-') and shown('-')
        libvirtd.start()
        late = time.monotonic() > most
        found = shown(with_domain)
        out += top.stdout.read()
        err = top.stderr.read()
        top.wait()
        tables = out.split('virt-tune top')[1:]
        e2e.note(err)
        e2e.check(top.returncode == 0 and len(tables) == 40 and before and lost, f'a view outlives libvirtd: {len(tables)} tables')
        e2e.check('trying again' in err, f'it says so {err.count("trying again")} times')
        if late and not found:
            e2e.skip('and finds its connection again', 'libvirtd came back when the view was about to end')
        else:
            e2e.check(found and '1 domain ' in tables[-1], 'and finds its connection again')


def test_lost():
    """A view on the screen says so when its daemon has gone, whatever else it shows."""
    with daemon.Daemon(kvm=True) as libvirtd, Terminal(libvirtd.dir, 60, 16) as terminal:
        libvirtd.start_idle(2, memory=16)
        start(terminal, libvirtd)
        shows(terminal, r'2 domains', 'two domains of a daemon')
        terminal.type('/')
        terminal.type('-l', 'idle')
        terminal.type('Enter')
        shows(terminal, r'^/idle *$', 'and a filter')
        libvirtd.stop()
        lost = r'^Nothing is measured, trying again: cannot connect to(.|\n)*(refused|No\s+such\s+file)'
        shows(terminal, lost, 'when the daemon goes, the reason is in sight')
        terminal.type('a')
        shows(terminal, r'^There is no connection', 'which is why there is no advice either')
        terminal.type('q')
        libvirtd.start()
        shows(terminal, r'^/idle *$', 'until it is back')


def test_gone():
    """Of two domains that were named one goes for good: the other one is measured all the same."""
    with daemon.Daemon(kvm=True) as libvirtd:
        libvirtd.start_idle(3, memory=16)
        libvirtd.virsh('undefine', 'idle1')
        top = libvirtd.begin('top', 'idle1', 'idle0', 'idle1', 'idle2', '-b', '-n', '200', '-d', '300ms')

        def shown(pattern):
            return any(re.match(pattern, line) for line in top.stdout)
        e2e.check(shown(r' *\d+ idle1 +1 +(≥ )?\d'), 'a transient domain that was named')
        libvirtd.virsh('destroy', 'idle1')
        e2e.check(shown(r' *- idle1 .*\(gone\)'), 'is shown as gone when it stops')
        e2e.check(shown(r' *\d+ idle0 +1 +(≥ )?\d'), 'and the other one goes on')
        libvirtd.virsh('define', f'{libvirtd.dir}/idle1.xml')
        e2e.check(shown(r' *- idle1 .*\(shut off\)'), 'one that is defined again is there again')
        libvirtd.virsh('destroy', 'idle2')
        e2e.check(shown(r' *- idle2 .*\(shut off\)'), 'one that stops is shut off')
        libvirtd.virsh('undefine', 'idle2')
        e2e.check(shown(r' *- idle2 +\? .*\(gone\) +-$'), 'and gone when it is undefined')
        top.terminate()
        top.communicate()


def test_definition():
    """Advice is for the definition as it is, and not as it was when the view began."""
    satisfied, change = daemon.RULES['test-eoi']
    with daemon.Daemon(kvm=True) as libvirtd:
        shutil.rmtree(f'{libvirtd.dir}/data')
        daemon.write_rules(f'{libvirtd.dir}/data', {'test-eoi': (satisfied, change)})
        path = f'{libvirtd.dir}/data/rules/test-eoi.xml'
        with open(path) as f:
            rule = f.read()
        with open(path, 'w') as f:
            f.write(rule.replace('metric="exit.cpuid" above="1000000"', 'metric="exit.mmio" above="1"')
                    .replace('test="/domain"', 'test="/domain/features/apic"'))
        libvirtd.start_idle(1, work='eoi ide e1000', memory=16)
        top = libvirtd.begin('top', '-b', '-n', '60', '-d', '300ms')

        def advised(count):
            return any(re.match(rf' *\d+ idle0 .* {count}$', line) for line in top.stdout)
        e2e.check(advised('1'), 'advice in a running view')
        with open(f'{libvirtd.dir}/idle0.xml', 'w') as f:
            f.write(re.sub("<apic[^>]*/>", "<apic eoi='on'/>", libvirtd.definition('idle0')))
        libvirtd.virsh('define', f'{libvirtd.dir}/idle0.xml')
        e2e.check(advised('-'), 'which goes when somebody else changes the definition')
        top.terminate()
        top.communicate()


def test_many():
    """Of many domains most are measured in brief: with the same figures as those whose turn it is, and without a window
    that has none."""
    count = 40
    with daemon.Daemon(kvm=True) as libvirtd:
        libvirtd.start_idle(count)
        out = libvirtd.run('top', '-b', '-n', '20', '-d', '500ms').stdout
        updates = [re.findall(r'^ *\d+ (idle\d+) +1 +(?:≥ )?([\d,]+) +([\d,]+) +\S+ +(\S+) +(\S+)$', table, re.MULTILINE)
                   for table in out.split('virt-tune top')[6:]]
        full = [len(rows) for rows in updates if len(rows) != count]
        e2e.check(len(full) <= len(updates) // 3, f'{count} domains have figures: all of them in {len(updates) - len(full)} of '
                  f'{len(updates)} updates')
        for what, column in (('exits', 1), ('HLT', 2)):
            rates = [sorted(float(row[column].replace(',', '')) for row in rows) for rows in updates]
            # In each update some are in brief and most are not.
            alike = [seen for seen in rates if seen and seen[0] > statistics.median(seen) / 2 > seen[-1] / 4]
            e2e.check(len(alike) >= len(updates) * 2 // 3,
                      f'guests that do the same have as many {what} in {len(alike)} of {len(updates)} updates')
            e2e.note(f'the last ones from {rates[-1][:1]} to {rates[-1][-1:]}')
        e2e.check(all(row[4] != '?' for rows in updates[4:] for row in rows), 'and advice is looked for in all')


def test(lab):
    test_restart()
    test_many()
    test_gone()
    test_definition()
    if not shutil.which('tmux'):
        e2e.skip('the live view', 'tmux is missing')
        return
    test_lost()
    lab.start('e1000-ide', 'idle')
    test_batch(lab)
    with Terminal(lab.dir) as terminal:
        test_list(terminal, lab)
        test_pages(terminal)
        test_size(terminal)
        test_changes(terminal, lab)
        test_end(terminal, lab)
        test_terminals(terminal, lab)


e2e.main(test)
