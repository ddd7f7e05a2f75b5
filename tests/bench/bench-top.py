#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a view of many domains takes of one CPU, at one update a second.

The domains run under a libvirtd of the bench's own, so that only the client is measured: QEMU's answers (1.2 ms of a
domain) and the driver's work are in other processes. Beside it stands virsh, which asks for the same statistics as
often and does nothing with them. What is not spent while waiting for libvirtd's answer or in threads that have ended
is the view's own.
"""

import os
import re
import shutil
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'e2e'))
import daemon  # noqa: E402
import e2e  # noqa: E402

DOMAINS = int(os.environ.get('VT_BENCH_DOMAINS', '200'))
ROUNDS = int(os.environ.get('VT_BENCH_ROUNDS', '5'))
SECONDS = 10
# Rules see a domain for the first time after three windows, and some at each update; after that its definition has been
# read, what its rules look for in it has been found, and it takes as much as it does for the days that a view may stay.
BEGIN, LAST = 5, 90


def used_by(pid):
    """CPU seconds of a process so far, with those of its threads that have ended: its POSIX CPU-time clock."""
    return time.clock_gettime(~pid << 3 | 2)


def alive_in(pid):
    """CPU seconds of those of its threads that go on."""
    total = 0
    for task in os.listdir(f'/proc/{pid}/task'):
        with open(f'/proc/{pid}/task/{task}/schedstat') as f:
            total += int(f.read().split()[0])
    return total / 1e9


def ticks(pid):
    """(user, system) CPU seconds."""
    with open(f'/proc/{pid}/stat') as f:
        fields = f.read().rsplit(')', 1)[1].split()
    return [int(n) / os.sysconf('SC_CLK_TCK') for n in fields[11:13]]


def spread(values):
    return f'{statistics.median(values):.2f} [{min(values):.2f}-{max(values):.2f}]'


def watch(title, pid, each_second=lambda: None):
    def seconds(count):
        for _ in range(count):
            each_second()
            time.sleep(1)

    seconds(BEGIN)
    opened, start = used_by(pid), time.monotonic()
    seconds(LAST - BEGIN)
    print(f'{title}: {opened:.2f} s of CPU time in the first {BEGIN} s, then until {LAST} s '
          f'{(used_by(pid) - opened) / (time.monotonic() - start) * 100:.2f} % of one CPU', flush=True)
    all_of_it, calls, begin = [], [], ticks(pid)
    for _ in range(ROUNDS):
        start, used, alive = time.monotonic(), used_by(pid), alive_in(pid)
        seconds(SECONDS)
        passed = time.monotonic() - start
        all_of_it.append((used_by(pid) - used) / passed * 100)
        calls.append(all_of_it[-1] - (alive_in(pid) - alive) / passed * 100)
    user, system = (b - a for a, b in zip(begin, ticks(pid)))
    print(f'{title}: {spread(all_of_it)} % of one CPU, of it {spread(calls)} % in threads that ended (the calls of '
          f'libvirt); user {user:.2f} s, system {system:.2f} s in {ROUNDS * SECONDS} s', flush=True)


def bench_virsh(libvirtd):
    command = 'domstats --state --cpu-total --vcpu --interface --block --vm\n'
    with subprocess.Popen(['virsh', '-q', '-c', libvirtd.uri], text=True, stdin=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        def ask():
            child.stdin.write(command)
            child.stdin.flush()
        watch('virsh domstats each second', child.pid, ask)
        child.terminate()


def command_of(libvirtd, *args):
    """(command line, environment) with the rules that are shipped: those of the tests are few."""
    command, env = libvirtd.command(*args)
    return command, dict(env, VIRT_TUNE_DATADIR=f'{e2e.SRCDIR}/data')


def bench_batch(libvirtd):
    command, env = command_of(libvirtd, '-q', 'top', '-b')
    top = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    watch(f'top -b, {DOMAINS} domains', top.pid)
    top.terminate()
    top.wait()


def bench_screen(libvirtd):
    if not shutil.which('tmux'):
        print('top on a screen: tmux is missing')
        return
    tmux = ['tmux', '-S', f'{libvirtd.dir}/tmux', '-f', '/dev/null']
    command, env = command_of(libvirtd, 'top')
    subprocess.run([*tmux, 'new-session', '-d', '-x', '120', '-y', '50', *command], check=True, env=env)
    try:
        pid = subprocess.run([*tmux, 'display-message', '-p', '#{pane_pid}'], check=True, capture_output=True, text=True)
        watch(f'top on a screen of 120 columns and 50 lines, {DOMAINS} domains', int(pid.stdout))
        screen = subprocess.run([*tmux, 'capture-pane', '-p'], check=True, capture_output=True, text=True).stdout
        known = len(re.findall(r'^ *\d+ idle\d+ +1 +(?:≥ )?[\d,]+ ', screen, re.MULTILINE))
        print('\n'.join(screen.splitlines()[:5]) + f'\n… {known} lines of it have figures')
    finally:
        subprocess.run([*tmux, 'kill-server'], check=True)


def main():
    e2e.labs.exit_on_signals()
    try:
        e2e.labs.require(e2e.BUILDDIR)
    except e2e.labs.Unusable as why:
        sys.exit(f'bench-top: {why}')
    with daemon.Daemon(kvm=True) as libvirtd:
        libvirtd.start_idle(DOMAINS)
        bench_virsh(libvirtd)
        bench_batch(libvirtd)
        bench_screen(libvirtd)


main()
