#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The completion in a real bash, which quotes what it is given and replaces a part of the word only."""

import sys

sys.dont_write_bytecode = True
import completion_shell

SETUP = [
    "PS1='' PS2=''; bind 'set enable-bracketed-paste off'; bind 'set bell-style none'",
    "show() { printf '<<%s>>\\n' \"$READLINE_LINE\"; READLINE_LINE=''; }; bind -x '\"\\C-t\":show'",
]
LINES = [
    ('virt-tune -c {uri} list w', 'virt-tune -c {uri} list web01 '),
    # Within quotes, and behind what was completed before.
    ('virt-tune -c {uri} advise "d', 'virt-tune -c {uri} advise "db 1" '),
    ("virt-tune -c {uri} advise 'd", "virt-tune -c {uri} advise 'db 1' "),
    ('virt-tune -c {uri} apply "db ', 'virt-tune -c {uri} apply "db 1" '),
    ('virt-tune -c {uri} apply db\\ ', 'virt-tune -c {uri} apply db\\ 1 '),
    ('virt-tune -c {uri} advise "i', 'virt-tune -c {uri} advise "it\'s" '),
    ("virt-tune -c {uri} advise 'it", "virt-tune -c {uri} advise 'it'\\''s' "),
    ('virt-tune -c {uri} advise "p', 'virt-tune -c {uri} advise "price\\$5" '),
    ('virt-tune -c {uri} advise p', 'virt-tune -c {uri} advise price\\$5 '),
    ('virt-tune -c {uri} advise a:', 'virt-tune -c {uri} advise a:b '),
    ('virt-tune -c {uri} advise $', 'virt-tune -c {uri} advise \\$\\(touch\\ PWNED\\) '),
    ('virt-tune -c {uri} advise \\$', 'virt-tune -c {uri} advise \\$\\(touch\\ PWNED\\) '),
    ("virt-tune --connect='{uri}' advise w", "virt-tune --connect='{uri}' advise web01 "),
    ('virt-tune -c{uri} advise w', 'virt-tune -c{uri} advise web01 '),
    # Files: those that a verb reads, before any other.
    ('virt-tune sample m', 'virt-tune sample my\\ bundle.vtb '),
    ('virt-tune sample "m', 'virt-tune sample "my bundle.vtb" '),
    ('virt-tune sample k', 'virt-tune sample kept\\ files/'),
    ('virt-tune sample kept\\ files/', 'virt-tune sample kept\\ files/one.vtb '),
    ('virt-tune compare m', 'virt-tune compare my\\ bundle.vtb '),
    ('virt-tune compare e', 'virt-tune compare exits.txt '),
    ('virt-tune compare r', 'virt-tune compare rates.dat '),
    ('virt-tune compare k', 'virt-tune compare kept\\ files/'),
    ('virt-tune compare ~/ex', 'virt-tune compare ~/exits.txt '),
    ('virt-tune rules check node', 'virt-tune rules check node.xml '),
    ('virt-tune import "my n', 'virt-tune import "my notes.md" '),
    ('virt-tune advise --xml=n', 'virt-tune advise --xml=node.xml '),
    ('virt-tune advise --xml=my\\ n', 'virt-tune advise --xml=my\\ notes.md '),
    ('virt-tune advise --output=ht', 'virt-tune advise --output=html '),
    ('virt-tune advise --duration=1', 'virt-tune advise --duration=1'),
]

if __name__ == '__main__':
    sys.exit(completion_shell.run(['bash', '--norc', '--noprofile', '-i'], SETUP, LINES))
