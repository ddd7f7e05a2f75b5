#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""demo.py BUILD-DIRECTORY: the main job on real input, or on recordings where KVM cannot be used."""

import os
import shlex
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the source tree may be read-only
import lab  # noqa: E402

LIVE = ('e1000-ide', 'idle', 'tuned')
RECORDED = ('e1000', 'ide', 'vhost', 'idle')


def say(text):
    print(text, flush=True)


def virt_tune(build, *args, stdout=None):
    """Shows the command, with the program's name as it would be once installed, and runs it."""
    say('\n$ ' + shlex.join(('virt-tune',) + args) + (f' > {stdout.name}' if stdout else ''))
    env = dict(os.environ, VIRT_TUNE_DATADIR=os.path.dirname(lab.SRC))
    subprocess.run([f'{build}/virt-tune', *args], env=env, stdout=stdout, check=True)


def live(build):
    with lab.Lab(build) as own:
        say(f'Starting {len(LIVE)} KVM domains of 16 MiB under a bare-metal guest, in a private libvirt driver.')
        own.start(*LIVE)
        for name in LIVE:
            own.guest(name)
        virt_tune(build, '-c', own.uri, 'list')
        virt_tune(build, '-c', own.uri, 'advise', '--all', '--duration', '5')
    say('\nThe domains are stopped and their files removed; nothing was changed on this machine.')


def recorded(build):
    say('Recorded exits of other machines are used instead, with domains that fit them.')
    with tempfile.TemporaryDirectory(prefix='virt-tune-demo-') as directory:
        for name in RECORDED:
            recording = f'{lab.SRC}/recorded/{name}'
            with open(f'{directory}/{name}.json', 'w') as profile:
                virt_tune(build, 'import', f'{recording}.txt', '--vcpus', '2', '--duration', '1', stdout=profile)
            virt_tune(build, 'advise', '--xml', f'{recording}.xml', '--profile', profile.name)


def main():
    if len(sys.argv) != 2:
        sys.exit('usage: demo.py BUILD-DIRECTORY')
    build = os.path.abspath(sys.argv[1])
    try:
        lab.require(build)
    except lab.Unusable as why:
        say(f'No live demo: {why}')
        recorded(build)
    else:
        live(build)


if __name__ == '__main__':
    lab.exit_on_signals()
    try:
        main()
    except (lab.Failed, OSError) as error:
        sys.exit(f'demo: {error}')
    except subprocess.CalledProcessError as error:
        sys.exit(f'demo: virt-tune ended with status {error.returncode}')
