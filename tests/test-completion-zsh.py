#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The completion in a real zsh, which loads the script for bash."""

import sys

sys.dont_write_bytecode = True
import completion_shell

SETUP = [
    "PS1='' PS2='' PROMPT_EOL_MARK=''; unsetopt zle_bracketed_paste 2>/dev/null",
    "show() { print -r -- \"<<$BUFFER>>\"; BUFFER=''; }; zle -N show; bindkey '^T' show; bindkey '^I' complete-word",
    'autoload -Uz compinit bashcompinit && compinit -D -u && bashcompinit',
]

if __name__ == '__main__':
    sys.exit(completion_shell.run(['zsh', '-f', '-i'], SETUP))
