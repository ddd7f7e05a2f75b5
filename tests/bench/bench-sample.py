#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What sampling by BPF costs the guests and the host, beside bpftrace, on domains of its own.

Every figure is a ratio of two that were measured at the same time or in turn, with its spread; the null control
compares a thing with itself. The kernel's own measure of a program's time is used (run_time_ns/run_cnt), less what
an empty program shows. bpftrace one-liners that want the same knowledge run on the same events at the same time.
"""

import glob
import os
import shutil
import signal
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
SETTLE, WINDOW = 0.05, 0.1  # seconds of the alternation: short, so that other load hits both sides alike

PORT = 'tracepoint:kvm:kvm_pio { @[pid, tid, args->port] = count(); }'
ADDRESS = 'tracepoint:kvm:kvm_mmio /args->type != 0/ { @[pid, tid, args->gpa] = count(); }'
REGISTER = 'tracepoint:kvm:kvm_msr { @[pid, tid, args->ecx] = count(); }'
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
    """Mean time of a run between two statistics; None without runs."""
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


def print_cost(title, result, limit, peer='bpftrace'):
    ratios, nulls, figures = result
    if not ratios:
        print(f'{title}: no events were seen')
        return
    mine, other, base = (statistics.median(f[i] for f in figures) for i in range(3))
    print(f'{title}: {spread(ratios)} of {peer}{f" (at most {limit})" if limit else ""}; {mine:.0f} ns, {peer} {other:.0f} '
          f'ns, an empty program {base:.0f} ns; null control {spread(nulls)}')


def kvmexit():
    """bcc's kvmexit, or a sentence why it cannot run here."""
    program = shutil.which('kvmexit-bpfcc') or shutil.which('kvmexit')
    release = os.uname().release
    if not program:
        return None, 'it is not installed (bpfcc-tools)'
    if not os.path.exists(f'/lib/modules/{release}/build') and not os.path.exists('/sys/kernel/kheaders.tar.xz'):
        return None, f'there are no headers of the running kernel {release}, with which it compiles'
    if not os.path.exists('/sys/module/kvm_intel') and not os.path.exists('/sys/module/kvm_amd'):
        return None, 'this KVM never reports kvm_exit, which it counts'
    return program, None


def bench_kvmexit(programs):
    program, why = kvmexit()
    if not program:
        print(f'bcc kvmexit beside it: not measured, {why}')
        return
    with subprocess.Popen([program, str(ROUNDS + 30)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        time.sleep(10)  # it compiles first
        print_cost('time of an exit and an entry, with histogram, beside kvmexit, which counts exits alone',
                   cost(programs, ['on_exit_reason_', 'on_entry'], ['raw_tracepoint_']), None, 'kvmexit')
        child.terminate()


def bench_orders(programs, beside):
    """Since Linux 5.17 kvm_exit has no reason among its arguments: the program reads it in the vCPU, once (VMX) or in two
    steps (SVM). No tracepoint that fires everywhere has a vCPU as its argument, so that the kernel runs the programs by
    themselves, on a made-up one; how much more they take than those of the old order is added to what those took beside
    bpftrace."""
    pairs = {'o': 'on_exit_reason_', 'v': 'on_exit', 'w': 'on_exit', 'O': 'on_exit_reason_'}
    times = {pair: [] for pair in pairs}
    programs.tell('0')
    for _ in range(ROUNDS):
        for pair, name in pairs.items():
            before = programs.stats()
            programs.tell(pair.lower())
            after = programs.stats()
            base, *taken = (per_run(before, after, each) for each in ('nothing', name, 'on_entry'))
            times[pair].append(sum(taken) - 2 * base)
    ratios = {pair: [new / old for new, old in zip(times[pair], times['o'])] for pair in pairs}
    figures = beside[2]
    for pair, isa in (('v', 'VMX'), ('w', 'SVM')):
        more = statistics.median(times[pair]) - statistics.median(times['o'])
        ours = f'{spread([(mine + more) / other for mine, other, _ in figures])} of bpftrace (at most 0.5)' if figures else \
            'no events were seen'
        print(f'time of an exit and an entry in the order since 5.17, {isa}: {ours}; run by itself '
              f'{spread(ratios[pair])} of the old order, {statistics.median(times[pair]):.0f} ns; null control '
              f'{spread(ratios["O"])}')


def bench_events(lab):
    with Programs(lab.pid('ide')) as programs:
        programs.tell('t')
        programs.tell('e')
        programs.tell('1')
        with Bpftrace(PORT):
            print_cost('time of an event, counted by port', cost(programs, ['on_pio'], ['kvm_pio']), 0.6)
        programs.tell('0')
        programs.tell('p')
        # Not every KVM fires kvm_exit and kvm_entry: two that always come in turn stand in for them, on both sides.
        with Bpftrace(PAIR):
            beside = cost(programs, ['on_exit_reason_', 'on_entry'], ['kvm_pio', 'kvm_userspace_e'])
            print_cost('time of an exit and an entry, with histogram (the programs of kvm_exit and kvm_entry, attached to '
                       'kvm_pio and kvm_userspace_exit in their place, and so is bpftrace)', beside, 0.5)
        bench_kvmexit(programs)
        bench_orders(programs, beside)


def bench_registers(lab):
    with Programs(lab.pid('eoi')) as programs:
        programs.tell('t')
        programs.tell('r')
        programs.tell('1')
        with Bpftrace(REGISTER):
            print_cost('time of an event, counted by MSR', cost(programs, ['on_msr'], ['kvm_msr']), 0.6)


def bench_addresses(lab):
    lab.start(mmio=domain(lab, 'mmio', 'e1000'))
    lab.guest('mmio')
    with Programs(lab.pid('mmio')) as programs:
        programs.tell('t')
        programs.tell('m')
        programs.tell('1')
        with Bpftrace(ADDRESS):
            print_cost('time of an event, counted by address and who completed it',
                       cost(programs, ['on_mmio'], ['kvm_mmio']), 0.6)
    os.kill(lab.pid('mmio'), signal.SIGTERM)


def used(pid):
    """CPU seconds of a process, up to now: time that others had the CPU is not in it."""
    return time.clock_gettime((~pid << 3) | 2)


def rates(guest, work, pid):
    """What the guest does in a second, and in a second of its process's CPU time."""
    begin, cpu, count = time.perf_counter(), used(pid), guest.counts()[work]
    time.sleep(WINDOW)
    done = guest.counts()[work] - count
    return done / (time.perf_counter() - begin), done / (used(pid) - cpu)


def median_spread(values):
    """The median, the quartiles, and where the median lies with 95 % confidence (by its rank, whatever the distribution)."""
    ordered, half = sorted(values), 0.98 * len(values) ** 0.5
    low, high = (ordered[min(max(round(len(values) / 2 + sign * half), 0), len(values) - 1)] for sign in (-1, 1))
    quarters = statistics.quantiles(values, n=4)
    return f'{quarters[1]:.3f} [{low:.3f}-{high:.3f}; quartiles {quarters[0]:.3f}-{quarters[2]:.3f}]'


def bench_guest(lab, work, what):
    """The guest's rate with the programs attached to that without, and that without to that without, in turn. The
    kernel's measure of their time is off, as it is while a sample runs."""
    guest, pid = lab.guest(work), lab.pid(work)
    turns, ratios = ['on', 'off', 'null'], {'on': ([], []), 'null': ([], [])}
    with Programs(pid) as programs:
        begin = rates(guest, work, pid)
        for i in range(16 * ROUNDS):
            seen = {}
            for turn in turns[i % 3:] + turns[:i % 3] if i % 2 else reversed(turns[i % 3:] + turns[:i % 3]):
                programs.tell('1' if turn == 'on' else '0')
                time.sleep(SETTLE)
                seen[turn] = rates(guest, work, pid)
                programs.tell('0')
            for turn, lists in ratios.items():
                for k, values in enumerate(lists):
                    values.append(seen[turn][k] / seen['off'][k])
    for k, how in enumerate((f'guest at {begin[0]:,.0f} exits/s, {what}', 'the same by CPU time of its process, which '
                             'other load does not touch')):
        print(f'{how}, sampled / not: {median_spread(ratios["on"][k])} (at least 0.98); null control '
              f'{median_spread(ratios["null"][k])}; {len(ratios["on"][k])} rounds of {WINDOW} s each')


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


def bench_statistics(lab, names):
    """libvirt's statistics beside virsh, which asks for the same as often; the driver is in both processes."""
    ours = shares_of_sample(lab, names, 'libvirt')
    theirs = shares_of(['virsh', '-q', '-c', lab.uri], f'domstats --vcpu {" ".join(names)}\n')
    again = shares_of(['virsh', '-q', '-c', lab.uri], f'domstats --vcpu {" ".join(names)}\n')
    ratios, nulls = ([a / b for a, b in zip(left, theirs)] for left in (ours, again))
    print(f'CPU of sampling {len(names)} domains by libvirt: {spread(ratios)} of virsh domstats --vcpu (at most 1.1), '
          f'{spread(ours)} % of one CPU; null control {spread(nulls)}')
    return ours, theirs


def bench_top(lab, size, theirs):
    top = shares_of(virt_tune(lab, 'top', '-b', '-d', '1', '--source', 'libvirt'))
    print(f'CPU of top at one update a second, {size} domains by libvirt: {spread([a / b for a, b in zip(top, theirs)])} '
          f'of virsh domstats --vcpu, {spread(top)} % of one CPU')


def exits(lab, name='ide'):
    guest = lab.guest(name)
    begin, count = time.perf_counter(), guest.counts()['ide']
    time.sleep(1)
    return (guest.counts()['ide'] - count) / (time.perf_counter() - begin)


def print_linear(what, by_size):
    """By how much the cost grew with the number of domains."""
    sizes = sorted(by_size)
    for few, many in zip(sizes, sizes[1:]):
        grown = statistics.median(by_size[many]) / statistics.median(by_size[few])
        print(f'{what}: {many} domains cost {grown:.1f} times what {few} cost (at most {many / few:.1f})')


def bench_host(lab):
    """The first domain makes all the exits; the others are idle."""
    names, bpf, libvirt = ['ide'], {}, {}
    for size in SIZES:
        more = {f'idle{i}': idle(lab, i) for i in range(len(names), size)}
        for name, text in more.items():
            lab.start(**{name: text})
        names += more
        bpf[size] = shares_of_sample(lab, names, 'bpf')
        print(f'CPU of virt-tune at one window a second, {size} domains by BPF, {exits(lab):,.0f} exits/s: '
              f'{spread(bpf[size], 3)} % of one CPU (at most 0.2)')
        libvirt[size], theirs = bench_statistics(lab, names)
    print_linear('CPU by BPF', bpf)
    print_linear('CPU by libvirt', libvirt)
    lab.start(**{f'idle{size}': idle(lab, size)})
    quiet = shares_of_sample(lab, [*names[1:], f'idle{size}'], 'bpf')
    print(f'the same, {size} domains by BPF without one that makes exits: {spread(quiet, 3)} % of one CPU; with / without: '
          f'{statistics.median(bpf[size]) / statistics.median(quiet):.2f} (1 where it does not depend on the rate)')
    bench_top(lab, size + 1, theirs)


def idle(lab, i):
    return lab.xml('idle').replace('<name>idle<', f'<name>idle{i}<').replace('idle.img', f'idle{i}.img')


def domain(lab, name, work):
    text = lab.xml('e1000-ide').replace('<name>e1000-ide<', f'<name>{name}<').replace('e1000-ide.img', f'{name}.img')
    return text.replace('<os>', "<sysinfo type='fwcfg'><entry name='opt/virt-tune/work'>" + work + '</entry></sysinfo>\n  <os>', 1)


def main():
    labs.exit_on_signals()
    try:
        labs.require(BUILDDIR)
    except labs.Unusable as why:
        sys.exit(f'bench-sample: {why}')
    with labs.Lab(BUILDDIR) as lab:
        lab.start(eoi=domain(lab, 'eoi', 'eoi'))
        bench_guest(lab, 'eoi', 'which the kernel handles')
        bench_registers(lab)
        os.kill(lab.pid('eoi'), signal.SIGTERM)
        lab.start(ide=domain(lab, 'ide', 'ide'))
        bench_guest(lab, 'ide', 'which QEMU handles')
        bench_events(lab)
        bench_addresses(lab)
        bench_host(lab)


main()
