#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The live demo shows its findings and leaves nothing behind, however it ends."""

import glob
import os
import re
import signal
import subprocess
import sys

import e2e


def start_demo():
    return subprocess.Popen([sys.executable, os.path.join(e2e.SRCDIR, 'data/demo/demo.py'), e2e.BUILDDIR],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def left(directory):
    """What is left of a lab: its directory, and processes that name it."""
    found = [directory] if os.path.exists(directory) else []
    for path in glob.glob('/proc/[0-9]*/cmdline'):
        try:
            with open(path, 'rb') as f:
                if directory.encode() in f.read():
                    found.append(path)
        except OSError:
            pass
    return found


def lab_of(line):
    match = re.search(r'root=(/tmp/virt-tune-lab-\w+)', line)
    return match.group(1) if match else None


def test(lab):
    demo = start_demo()
    output = demo.communicate(timeout=180)[0]
    directory = lab_of(output)
    e2e.check(demo.returncode == 0, f'the demo ends well ({demo.returncode})')
    e2e.check(directory is not None and not left(directory), 'and leaves nothing behind')
    e2e.check('virtio-net' in output and 'virtio-disk' in output, 'it shows what it found')
    if not e2e.passed():
        e2e.note(output)

    for number in (signal.SIGINT, signal.SIGTERM):
        demo = start_demo()
        directory = None
        for line in demo.stdout:
            directory = directory or lab_of(line)
            if ' advise ' in line:
                break
        e2e.check(directory is not None and len(left(directory)) > 3, 'domains run while it samples')
        demo.send_signal(number)
        demo.communicate(timeout=60)
        e2e.check(demo.returncode == 128 + number, f'{number.name} ends it ({demo.returncode})')
        e2e.check(directory is not None and not left(directory), 'and leaves nothing behind')


e2e.main(test)
