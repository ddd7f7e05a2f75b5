#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What sampling by BPF costs the guests and the host, beside bpftrace, on domains of its own.

Every figure is a ratio of two that were measured at the same time or in turn, with its spread; the null control
compares a thing with itself. The kernel's own measure of a program's time is used (run_time_ns/run_cnt), less what
an empty program shows. bpftrace one-liners that want the same knowledge run on the same events at the same time.
"""

import glob
import os
import statistics
import subprocess
import sys
import time

SRCDIR = os.environ.get('VT_SRCDIR') or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILDDIR = os.environ.get('VT_BUILDDIR', '.')
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(SRCDIR, 'data/demo'))
import lab as labs  # noqa: E402

ROUNDS = int(os.environ.get('VT_BENCH_ROUNDS', '10'))
SIZES = [int(n) for n in os.environ.get('VT_BENCH_SIZES', '1 10 40').split()]
SETTLE, WINDOW = 0.05, 0.25  # seconds of the alternation

PORT = 'tracepoint:kvm:kvm_pio { @[pid, tid, args->port] = count(); }'
PAIR = ('tracepoint:kvm:kvm_pio { @start[tid] = nsecs; } tracepoint:kvm:kvm_userspace_exit /@start[tid]/ '
        '{ @ns = hist(nsecs - @start[tid]); delete(@start[tid]); }')


def spread(values, digits=2):
    low, middle, high = min(values), statistics.median(values), max(values)
    return f'{middle:.{digits}f} [{low:.{digits}f}-{high:.{digits}f}]'


class Programs:
    """bpf-load: the sampler's programs under control."""

    def __init__(self, pid):
        self.process = subprocess.Popen([os.path.join(BUILDDIR, 'tests/bench/bpf-load'), str(pid)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.stdin.close()
        self.process.wait()

    def tell(self, command):
        self.process.stdin.write(command)
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.strip() in ('end', 'failed'):
                break
            lines.append(line.split())
        if not lines and (self.process.poll() is not None or line.strip() == 'failed'):
            raise labs.Failed(f'bpf-load: command {command} failed')
        return lines

    def stats(self):
        """(name, id) -> (runs, ns)"""
        return {(f[0], f[1]): (int(f[2]), int(f[3])) for f in self.tell('s') if len(f) == 4}


class Bpftrace:
    """A one-liner, in a mount namespace of its own that has tracefs where bpftrace looks for it."""

    def __init__(self, script):
        mount = 'mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing; exec bpftrace -q -e "$1"'
        self.process = subprocess.Popen(['unshare', '-m', 'sh', '-c', mount, 'sh', script], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)

    def __enter__(self):
        time.sleep(3)  # it compiles first
        if self.process.poll() is not None:
            raise labs.Failed('bpftrace did not start')
        return self

    def __exit__(self, *exc):
        self.process.terminate()
        self.process.wait()


def per_run(before, after, name):
    """Mean time of a run between two statistics; the longest where several programs have the name; None without runs."""
    times = []
    for key, (runs, ns) in after.items():
        base = before.get(key, (0, 0))
        if key[0] == name and runs - base[0] > 1000:
            times.append((ns - base[1]) / (runs - base[0]))
    return max(times) if times else None


def cost(programs, ours, theirs):
    """Ratios of the times of programs, less an empty one's, over some windows; and the null control."""
    ratios, nulls, figures = [], [], []
    for _ in range(ROUNDS):
        before = programs.stats()
        time.sleep(1)
        after = programs.stats()
        empty = [per_run(before, after, f'empty_{i}') for i in range(2)]
        mine = [per_run(before, after, name) for name in ours]
        other = [per_run(before, after, name) for name in theirs]
        if None in empty + mine + other:
            continue
        base = sum(empty) / 2
        figures.append((sum(t - base for t in mine), sum(t - base for t in other), base))
        ratios.append(figures[-1][0] / figures[-1][1])
        nulls.append(empty[0] / empty[1])
    return ratios, nulls, figures


def print_cost(title, result, limit):
    ratios, nulls, figures = result
    if not ratios:
        print(f'{title}: no events were seen')
        return
    mine, other, base = (statistics.median(f[i] for f in figures) for i in range(3))
    print(f'{title}: {spread(ratios)} of bpftrace (at most {limit}); {mine:.0f} ns, bpftrace {other:.0f} ns, an empty '
          f'program {base:.0f} ns; null control {spread(nulls)}')


def bench_events(lab):
    with Programs(lab.pid('ide')) as programs:
        programs.tell('e')
        programs.tell('1')
        with Bpftrace(PORT):
            print_cost('time of an event, counted by port', cost(programs, ['on_pio'], ['kvm_pio']), 0.6)
        programs.tell('0')
        programs.tell('p')
        with Bpftrace(PAIR):
            print_cost('time of an exit and an entry, with histogram',
                       cost(programs, ['on_exit_reason_', 'on_entry'], ['kvm_pio', 'kvm_userspace_e']), 0.5)


def rate(guest, work):
    begin, count = time.perf_counter(), guest.counts()[work]
    time.sleep(WINDOW)
    return (guest.counts()[work] - count) / (time.perf_counter() - begin)


def alternate(guest, work, on, off):
    """Ratios of the guest's rate with @on to that with @off, in pairs whose order changes."""
    ratios = []
    for i in range(4 * ROUNDS):
        rates = {}
        for turn in (on, off) if i % 2 else (off, on):
            turn()
            time.sleep(SETTLE)
            rates[turn] = rate(guest, work)
        ratios.append(rates[on] / rates[off])
    off()
    return ratios


def bench_guest(lab):
    guest = lab.guest('ide')
    with Programs(lab.pid('ide')) as programs:
        def on():
            programs.tell('1')

        def off():
            programs.tell('0')

        def nothing():
            off()

        begin = rate(guest, 'ide')
        quarters = [statistics.quantiles(r, n=4) for r in (alternate(guest, 'ide', on, off), alternate(guest, 'ide', nothing, off))]
    sampled, null = (f'{q[1]:.3f} [quartiles {q[0]:.3f}-{q[2]:.3f}]' for q in quarters)
    print(f'guest at {begin:,.0f} exits/s, sampled / not: {sampled} (at least 0.98); null control {null}')


def cpu_of(pid):
    """CPU seconds of all threads of a process so far."""
    total = 0
    for path in glob.glob(f'/proc/{pid}/task/*/schedstat'):
        with open(path) as f:
            total += int(f.read().split()[0])
    return total / 1e9


def shares_of(command, each_second=None):
    """What a program takes of one CPU, in per cent, over some stretches of five seconds. A line may be typed into it
    each second."""
    env = dict(os.environ, VIRT_TUNE_DATADIR=os.path.join(SRCDIR, 'data'))
    shares = []

    def seconds(count):
        for _ in range(count):
            if each_second:
                child.stdin.write(each_second)
                child.stdin.flush()
            time.sleep(1)

    with subprocess.Popen(command, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as child:
        seconds(15)  # the driver finds its domains again, and programs are loaded
        for _ in range(ROUNDS):
            begin, used = time.monotonic(), cpu_of(child.pid)
            seconds(5)
            shares.append((cpu_of(child.pid) - used) / (time.monotonic() - begin) * 100)
        if child.poll() is not None:
            raise labs.Failed(f'{" ".join(command)}: ended early')
        child.terminate()
    return shares


def virt_tune(lab, *args):
    return [os.path.join(BUILDDIR, 'virt-tune'), '-q', '-c', lab.uri, *args]


def shares_of_sample(lab, names, source):
    return shares_of(virt_tune(lab, 'sample', *names, '--source', source, '--duration', str(5 * ROUNDS + 60),
                               '--interval', '1', '-o', 'json'))


def bench_statistics(lab, size):
    """libvirt's statistics beside virsh, which asks for the same as often; the driver is in both processes."""
    ours = shares_of_sample(lab, lab.virsh('list --name').split(), 'libvirt')
    theirs = shares_of(['virsh', '-q', '-c', lab.uri], 'domstats --vcpu --state\n')
    again = shares_of(['virsh', '-q', '-c', lab.uri], 'domstats --vcpu --state\n')
    ratios, nulls = ([a / b for a, b in zip(left, theirs)] for left in (ours, again))
    print(f'CPU of sampling {size} domains by libvirt: {spread(ratios)} of virsh domstats --vcpu (at most 1.1), '
          f'{spread(ours)} % of one CPU; null control {spread(nulls)}')
    top = shares_of(virt_tune(lab, 'top', '-b', '-d', '1', '--source', 'libvirt'))
    print(f'CPU of top at one update a second, {size} domains by libvirt: {spread([a / b for a, b in zip(top, theirs)])} '
          f'of virsh domstats --vcpu, {spread(top)} % of one CPU')


def bench_host(lab):
    names = ['ide']
    for size in SIZES:
        more = {f'idle{i}': lab.xml('idle').replace('<name>idle<', f'<name>idle{i}<').replace('idle.img', f'idle{i}.img')
                for i in range(len(names), size)}
        for name, text in more.items():
            lab.start(**{name: text})
        names += more
        shares = shares_of_sample(lab, names, 'bpf')
        print(f'CPU of virt-tune at one window a second, {size} domains: {spread(shares, 3)} % of one CPU (at most 0.2)')
    bench_statistics(lab, len(names))


def main():
    labs.exit_on_signals()
    try:
        labs.require(BUILDDIR)
    except labs.Unusable as why:
        sys.exit(f'bench-sample: {why}')
    with labs.Lab(BUILDDIR) as lab:
        text = lab.xml('e1000-ide').replace('<name>e1000-ide<', '<name>ide<').replace('e1000-ide.img', 'ide.img')
        work = "<sysinfo type='fwcfg'><entry name='opt/virt-tune/work'>ide</entry></sysinfo>\n  <os>"
        lab.start(ide=text.replace('<os>', work, 1))
        lab.guest('ide')
        bench_events(lab)
        bench_guest(lab)
        bench_host(lab)


main()
