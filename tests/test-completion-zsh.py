#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The completion in a real zsh, which loads the script for bash: words and a tab are typed, the line is looked at."""

import os
import pathlib
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(os.environ.get('VT_BUILDDIR') or pathlib.Path(__file__).parent.parent / 'build')
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
    ('virt-tune -c {uri} advise w', 'virt-tune -c {uri} advise web01'),
    ('virt-tune -c {uri} explain pv-eoi w', 'virt-tune -c {uri} explain pv-eoi web01'),
    ('virt-tune -c {uri} advise d', 'virt-tune -c {uri} advise db\\ 1'),
    ('virt-tune -c {uri} revert w', 'virt-tune -c {uri} revert web01'),
    ('virt-tune -c {uri} revert web01 ', 'virt-tune -c {uri} revert web01 1'),
    ('virt-tune -c {uri} verify web01 ', 'virt-tune -c {uri} verify web01 1'),
]
NODE = """<node><domain type='test'><name>web01</name><uuid>11111111-2222-4333-8444-555555555555</uuid><vcpu>2</vcpu><memory>1024</memory><os><type>hvm</type></os></domain>
<domain type='test'><name>db 1</name><memory>1024</memory><os><type>hvm</type></os></domain></node>
"""
RULE = """<rule format="1" id="test-vcpus" severity="low" since="0.1" structural="yes">
<title>Another number of vCPUs</title><why>For a test.</why><risk>None.</risk>
<symptom><rate metric="exit.cpuid" above="1000000"/></symptom><require><domain test="/domain"/></require>
<satisfied test="/domain/vcpu = 3"/>
<change target="domain" effect="power-cycle"><replace sel="/domain/vcpu/text()">3</replace></change>
<reference href="https://example.org/">none</reference></rule>
"""


def change(directory):
    """Makes one change, number 1."""
    data = pathlib.Path(directory) / 'etc'
    (data / 'rules').mkdir(parents=True)
    shutil.copy(pathlib.Path(os.environ['VIRT_TUNE_DATADIR']) / 'rules.rng', data)
    (data / 'rules/test-vcpus.xml').write_text(RULE)
    subprocess.run([BUILD / 'virt-tune', '-q', '-c', f'test://{directory}/node.xml', 'apply', 'web01', '--rule', 'test-vcpus',
                    '--yes', '-d', '100ms'], env=dict(os.environ, VIRT_TUNE_DATADIR=str(data)), check=True,
                   stdout=subprocess.DEVNULL)


class Zsh:
    """One that has nothing of the user's, and shows the line that is typed when told."""

    def __init__(self, directory):
        child, self.terminal = pty.fork()
        if child == 0:
            os.chdir(directory)
            os.environ.update(TERM='dumb', COLUMNS='200', PATH=f'{directory}/bin:{os.environ["PATH"]}', ZDOTDIR=directory)
            os.execvp('zsh', ['zsh', '-f', '-i'])
        self.child = child
        self.say("PS1='' PS2='' PROMPT_EOL_MARK=''; unsetopt zle_bracketed_paste 2>/dev/null\n")
        # Ctrl-X writes the line between marks and begins a new one.
        self.say("show() { print -r -- \"<<$BUFFER>>\"; BUFFER=''; }; zle -N show; bindkey '^X' show; bindkey '^I' complete-word\n")
        self.say('autoload -Uz compinit bashcompinit && compinit -D -u && bashcompinit && source ./script; echo rea""dy\n')
        self.wait('ready')

    def say(self, text):
        os.write(self.terminal, text.encode())

    def wait(self, end, seconds=20):
        """What zsh writes until @end does; all of it where that does not come."""
        seen, until = '', time.monotonic() + seconds
        while end not in seen and time.monotonic() < until:
            if select.select([self.terminal], [], [], 0.2)[0]:
                try:
                    seen += os.read(self.terminal, 4096).decode(errors='replace')
                except OSError:
                    break
        return seen

    def complete(self, line):
        self.say(line + '\t\x18')
        seen = self.wait('>>')
        return seen.rpartition('<<')[2].partition('>>')[0].replace('\r', '').replace('\n', '')

    def close(self):
        self.say('exit\n')
        os.close(self.terminal)
        os.waitpid(self.child, 0)


def main():
    if not shutil.which('zsh'):
        print('1..0 # SKIP zsh is not installed')
        return 0
    failed = 0
    with tempfile.TemporaryDirectory() as directory:
        (pathlib.Path(directory) / 'bin').mkdir()
        (pathlib.Path(directory) / 'bin' / 'virt-tune').symlink_to(BUILD / 'virt-tune')
        (pathlib.Path(directory) / 'node.xml').write_text(NODE)
        (pathlib.Path(directory) / 'exits.txt').touch()
        if os.system(f"'{BUILD}/virt-tune' completion >'{directory}/script'") != 0:
            return 1
        os.environ['XDG_STATE_HOME'] = f'{directory}/state'
        change(directory)
        zsh = Zsh(directory)
        print(f'1..{len(LINES)}')
        for number, (line, wanted) in enumerate(LINES, 1):
            line, wanted = (text.format(uri=f'test://{directory}/node.xml') for text in (line, wanted))
            got = zsh.complete(line)
            good = got.rstrip() == wanted
            failed += not good
            print(f'{"ok" if good else "not ok"} {number} - {line.replace(directory, "DIR")}')
            if not good:
                print(f'# {got!r}, not {wanted!r}')
        zsh.close()
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
