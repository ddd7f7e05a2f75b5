# SPDX-License-Identifier: GPL-2.0-or-later
"""End-to-end tests on real KVM: TAP, the program under test, and a guest's counters over time."""

import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time
import traceback

SRCDIR = os.environ.get('VT_SRCDIR') or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILDDIR = os.environ.get('VT_BUILDDIR') or os.path.join(SRCDIR, 'build')
sys.dont_write_bytecode = True  # a distributed source tree is read-only
sys.path.insert(0, os.path.join(SRCDIR, 'data/demo'))
import lab as labs  # noqa: E402

_count = 0
_failed = False


def check(passed, what):
    global _count, _failed
    _count += 1
    _failed = _failed or not passed
    print(f'{"ok" if passed else "not ok"} {_count} - {what}', flush=True)


def skip(what, why):
    global _count
    _count += 1
    print(f'ok {_count} - {what} # SKIP {why}', flush=True)


def passed():
    """Whether every check so far did."""
    return not _failed


def done():
    """Prints the plan and ends the test: well, since a failure has been counted already."""
    print(f'1..{_count}')
    sys.exit(0)


def note(text):
    for line in text.splitlines():
        print(f'# {line}', flush=True)


def virt_tune(lab, *args, expect=0):
    """Runs virt-tune on the lab's domains and returns its standard output."""
    env = dict(os.environ, VIRT_TUNE_DATADIR=os.path.join(SRCDIR, 'data'))
    run = subprocess.run([os.path.join(BUILDDIR, 'virt-tune'), '-c', lab.uri, *args], env=env, text=True,
                         stdin=subprocess.DEVNULL, capture_output=True)
    if run.stderr:
        note(run.stderr)
    if run.returncode != expect:
        raise labs.Failed(f'virt-tune {" ".join(args)}: exit status {run.returncode}, expected {expect}')
    return run.stdout


def virt_tune_json(lab, *args):
    return json.loads(virt_tune(lab, *args))


FEW = r'in fewer than three windows|[Nn]othing could be measured|Windows that are not counted: \d+ of \d+'


def measured(run, few=FEW):
    """Runs a command that measures, and once more, five times at most, where it says that other load on this machine
    left too few windows that count. The finished command, and what it said if that was so every time."""
    for _ in range(5):
        done = run()
        said = re.search(few, ' '.join((done.stdout + done.stderr).split()))
        if not said:
            break
    return done, said and said.group()


def check_measured(passed, what, few):
    """A check of what was measured; @few: from measured(). What failed for want of windows shows nothing."""
    if few and not passed:
        skip(what, f'other load on this machine left too little five times: {few}')
    else:
        check(passed, what)


def power_off(lab, name):
    """The end of the process can reach libvirt before the end of the call that kills it, which then fails."""
    try:
        lab.virsh(f'destroy {name}')
    except labs.Failed as why:
        if 'domain is not running' not in str(why):
            raise


def power_cycle(lab, name):
    power_off(lab, name)
    lab.virsh(f'start {name}')


class Watch:
    """Reads a guest's counters all the time, so that they can be compared over any interval later."""

    PERIOD = 0.01

    def __init__(self, guest):
        self.guest, self.times, self.counts = guest, [], []
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exc):
        self.done.set()
        self.thread.join()

    def _run(self):
        while not self.done.wait(self.PERIOD):
            self.times.append(time.monotonic())
            self.counts.append(self.guest.counts())

    def _at(self, work, when):
        """The count at a time between two readings."""
        after = next(i for i, t in enumerate(self.times) if t >= when)
        before = max(after - 1, 0)
        span = self.times[after] - self.times[before]
        part = (when - self.times[before]) / span if span else 0
        low, high = self.counts[before][work], self.counts[after][work]
        return low + part * (high - low)

    def median_rates(self, work, windows, seconds):
        """The least and the greatest median rate of that many consecutive windows, wherever in the watch they began:
        what was sampled meanwhile is between the two, or nearly so."""
        medians = []
        begin, length = self.times[0], windows * seconds
        while begin + length <= self.times[-1]:
            at = [self._at(work, begin + i * seconds) for i in range(windows + 1)]
            medians.append(statistics.median((b - a) / seconds for a, b in zip(at, at[1:])))
            begin += 0.05
        return min(medians), max(medians)


def report(error):
    """Counts an error that ended a test early as one of its failures."""
    note(str(error) if isinstance(error, labs.Failed) else traceback.format_exc())
    check(False, 'the test came to its end')


def main(test):
    """Runs a test in a lab of its own; skips only where there can be none."""
    labs.exit_on_signals()
    try:
        labs.require(BUILDDIR)
    except labs.Unusable as why:
        print(f'1..0 # SKIP {why}')
        return
    try:
        with labs.Lab(BUILDDIR) as lab:
            test(lab)
    except Exception as error:  # noqa: BLE001: whatever it was, the plan must be printed
        report(error)
    done()
