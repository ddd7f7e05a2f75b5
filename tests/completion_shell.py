# SPDX-License-Identifier: GPL-2.0-or-later
"""The completion in a real shell: words and a tab are typed on a terminal, and the line is looked at."""

import os
import pathlib
import pty
import select
import shutil
import tempfile
import time

BUILD = pathlib.Path(os.environ.get('VT_BUILDDIR') or pathlib.Path(__file__).parent.parent / 'build')
# What every shell makes of a line; the names of domains and files are below.
LINES = [
    ('virt-tune adv', 'virt-tune advise'),
    ('virt-tune -c test:///default ex', 'virt-tune -c test:///default explain'),
    ('virt-tune advise --fail-o', 'virt-tune advise --fail-on'),
    ('virt-tune advise --fail-on h', 'virt-tune advise --fail-on high'),
    ('virt-tune history -o js', 'virt-tune history -o json'),
    ('virt-tune advise --rule virtio-n', 'virt-tune advise --rule virtio-net'),
    ('virt-tune explain pv-e', 'virt-tune explain pv-eoi'),
    ('virt-tune rules ch', 'virt-tune rules check'),
    ('virt-tune import exi', 'virt-tune import exits.txt'),
    ('virt-tune advise --xml exi', 'virt-tune advise --xml exits.txt'),
    ('virt-tune sample --source=b', 'virt-tune sample --source=bpf'),
    ('virt-tune advise --rule=virtio-n', 'virt-tune advise --rule=virtio-net'),
    ('virt-tune --debug=mo', 'virt-tune --debug=model'),
    ('virt-tune -c {uri} advise w', 'virt-tune -c {uri} advise web01'),
    ('virt-tune -c {uri} explain pv-eoi w', 'virt-tune -c {uri} explain pv-eoi web01'),
    ('virt-tune -c {uri} advise d', 'virt-tune -c {uri} advise db\\ 1'),
    ('virt-tune -c {uri} apply d', 'virt-tune -c {uri} apply db\\ 1'),
    ('virt-tune -c {uri} sample i', "virt-tune -c {uri} sample it\\'s"),
    ('virt-tune -c {uri} advise q', 'virt-tune -c {uri} advise qa\\[1\\]'),
]
NODE = '<node>%s</node>' % ''.join(
    f"<domain type='test'><name>{name}</name><memory>1024</memory><os><type>hvm</type></os></domain>"
    for name in ('web01', 'db 1', 'qa[1]', 'it&apos;s', 'price$5', 'a:b', '$(touch PWNED)'))

# In the place of the real one, which asks for a password on the terminal, or in a window. libvirt leaves it few variables.
SSH = """#!/bin/sh
echo started >>"$HOME/ssh.log"
if (echo "Is a password wanted?" >/dev/tty) 2>/dev/null || [ -n "$DISPLAY" ]; then echo asked >>"$HOME/ssh.log"; fi
exit 255
"""


class Shell:
    """One that has nothing of the user's. Ctrl-T writes the line that is typed between marks, and begins a new one."""

    def __init__(self, directory, argv, setup):
        child, self.terminal = pty.fork()
        if child == 0:
            os.chdir(directory)
            os.environ.update(TERM='dumb', COLUMNS='200', PATH=f'{directory}/bin:{os.environ["PATH"]}', ZDOTDIR=directory,
                              HOME=directory, INPUTRC='/dev/null', DISPLAY=':99')
            os.execvp(argv[0], argv)
        self.child = child
        for line in setup:
            self.say(line + '\n')
        self.say('source ./script; echo rea""dy\n')
        self.wait('ready')

    def say(self, text):
        os.write(self.terminal, text.encode())

    def wait(self, end, seconds=20):
        """What the shell writes until @end does; all of it where that does not come."""
        seen, until = '', time.monotonic() + seconds
        while end not in seen and time.monotonic() < until:
            if select.select([self.terminal], [], [], 0.2)[0]:
                try:
                    seen += os.read(self.terminal, 4096).decode(errors='replace')
                except OSError:
                    break
        return seen

    def complete(self, line):
        self.say(line + '\t\x14')
        seen = self.wait('>>')
        return seen.rpartition('<<')[2].partition('>>')[0].replace('\r', '').replace('\n', '')

    def close(self):
        self.say('exit\n')
        os.close(self.terminal)
        os.waitpid(self.child, 0)


def ask(shell, log, number):
    """Completes names over ssh; how many of the two checks failed."""
    failed = 0
    uri = 'qemu+ssh://nobody@host.invalid/system'
    for line in (f'virt-tune -c {uri} list w', f'virt-tune -c {uri} revert web01 '):
        log.write_text('')
        got = shell.complete(line)
        seen = log.read_text().split()
        good = got == line and 'started' in seen and 'asked' not in seen
        failed += not good
        print(f'{"ok" if good else "not ok"} {number} - {line.split()[3]}: ssh does not ask')
        if not good:
            print(f'# {got!r}, {seen}')
        number += 1
    return failed


def run(argv, setup, more=()):
    """Types LINES and @more into the shell @argv, which @setup gives the key; the exit status of the test. A line ends as
    it stands, so that a blank after a whole word counts where one is wanted."""
    lines = [*LINES, *more]
    if not shutil.which(argv[0]):
        print(f'1..0 # SKIP {argv[0]} is not installed')
        return 0
    failed = 0
    with tempfile.TemporaryDirectory() as directory:
        (pathlib.Path(directory) / 'bin').mkdir()
        (pathlib.Path(directory) / 'bin' / 'virt-tune').symlink_to(BUILD / 'virt-tune')
        (pathlib.Path(directory) / 'node.xml').write_text(NODE)
        (pathlib.Path(directory) / 'kept files').mkdir()
        ssh = pathlib.Path(directory) / 'bin' / 'ssh'
        ssh.write_text(SSH)
        ssh.chmod(0o755)
        for name in ('exits.txt', 'my bundle.vtb', 'my notes.md', 'kept files/one.vtb', 'rates.dat'):
            (pathlib.Path(directory) / name).touch()
        if os.system(f"'{BUILD}/virt-tune' completion >'{directory}/script'") != 0:
            return 1
        shell = Shell(directory, argv, setup)
        print(f'1..{len(lines) + 3}')
        for number, (line, wanted) in enumerate(lines, 1):
            line, wanted = (text.replace('{uri}', f'test://{directory}/node.xml') for text in (line, wanted))
            got = shell.complete(line)
            good = got.rstrip() == wanted.rstrip() and (not wanted.endswith(' ') or got.endswith(' '))
            failed += not good
            print(f'{"ok" if good else "not ok"} {number} - {line.replace(directory, "DIR")}')
            if not good:
                print(f'# {got!r}, not {wanted!r}')
        asked = ask(shell, pathlib.Path(directory) / 'ssh.log', len(lines) + 1)
        failed += asked
        shell.close()
        good = not (pathlib.Path(directory) / 'PWNED').exists()
        failed += not good
        print(f'{"ok" if good else "not ok"} {len(lines) + 3} - no name is evaluated')
    return 1 if failed else 0
