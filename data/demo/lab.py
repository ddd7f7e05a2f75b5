# SPDX-License-Identifier: GPL-2.0-or-later
"""KVM domains under the bare-metal guest, in libvirt's in-process QEMU driver below a directory of their own.

The driver lives in whichever process has the URI open, one at a time; the domains go on running in between and the
next process finds them again. So they are started by virsh, measured by virt-tune, and ended here by their processes,
which works also when a start was cut short.
"""

import glob
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

SRC = os.path.dirname(os.path.abspath(__file__))
QEMU = 'qemu-system-x86_64'
MEMORY = 16 << 20  # of each domain in live/
WORKS = ('e1000', 'ide', 'eoi', 'hpet', 'hlt', 'quiet', 'ap')  # the order of the guest's counters


class Unusable(Exception):
    """Why there can be no lab here: one sentence for people."""


class Failed(Exception):
    """A command failed that should have worked: the command and what it said."""


def require(build):
    """Raises Unusable unless domains can run here; build is the build directory."""
    if os.uname().machine != 'x86_64':
        raise Unusable(f'The guest is for x86_64 and this is {os.uname().machine}.')
    if not os.path.exists('/dev/kvm'):
        raise Unusable('There is no /dev/kvm here.')
    if os.geteuid() != 0:
        raise Unusable('Starting domains in a private libvirt driver needs root.')
    for program in ('virsh', QEMU):
        if not shutil.which(program):
            raise Unusable(f'{program} is not installed.')
    if not os.path.exists(guest_image(build)):
        raise Unusable('The bare-metal guest was not built: the compiler or objcopy cannot do it.')
    probe = subprocess.run([QEMU, '-machine', 'none', '-accel', 'kvm', '-nodefaults', '-display', 'none', '-monitor',
                            'stdio'], input='quit\n', capture_output=True, text=True, timeout=60)
    if probe.returncode != 0:
        said = (probe.stderr.strip().splitlines() or [f'exit status {probe.returncode}'])[0]
        raise Unusable(f'/dev/kvm cannot be used: {said}')


def exit_on_signals():
    """Makes the signals that end a process unwind it instead, so that a lab is closed."""
    def stop(number, frame):
        sys.exit(128 + number)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def guest_image(build):
    return os.path.join(os.path.abspath(build), 'data/demo/guest/guest.rom')


class Lab:
    """One private driver with its domains; a context manager that leaves nothing behind."""

    def __init__(self, build):
        self.build = os.path.abspath(build)
        # Not $TMPDIR: the path of a monitor socket below it must fit into 108 bytes.
        self.dir = tempfile.mkdtemp(prefix='virt-tune-lab-', dir='/tmp')
        self.uri = f'qemu:///embed?root={self.dir}'
        self.env = dict(os.environ, LIBVIRT_LOG_OUTPUTS=f'3:file:{self.dir}/libvirt.log')
        os.mkdir(f'{self.dir}/etc')
        shutil.copy(f'{SRC}/live/qemu.conf', f'{self.dir}/etc')

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        """Ends every process of the lab and removes the directory; signals wait until that is done."""
        ignored = [(n, signal.signal(n, signal.SIG_IGN)) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
        begin = time.monotonic()
        while pids := self._pids():
            for pid in pids:
                _kill(pid, signal.SIGTERM if time.monotonic() - begin < 10 else signal.SIGKILL)
            time.sleep(0.05)
        shutil.rmtree(self.dir, ignore_errors=True)
        for n, handler in ignored:
            signal.signal(n, handler)

    def _pids(self):
        """Everything whose command line names the directory: domains, and what a command cut short left behind, as
        the emulator that libvirt asks for its capabilities, which is no child of anybody here."""
        pids = []
        for path in glob.glob('/proc/[0-9]*/cmdline'):
            try:
                with open(path, 'rb') as f:
                    if self.dir.encode() in f.read():
                        pids.append(int(path.split('/')[2]))
            except OSError:
                pass
        return pids

    def pid(self, name):
        """The process of a running domain."""
        try:
            with open(f'{self.dir}/run/qemu/{name}.pid') as f:
                return int(f.read())
        except FileNotFoundError:
            raise Failed(f'{name} is not running') from None

    def virsh(self, *commands):
        """Runs virsh commands, all in one process, and returns what they print."""
        run = subprocess.run(['virsh', '-q', '-c', self.uri, '; '.join(commands)], env=self.env,
                             stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if run.returncode != 0:
            raise Failed(f'virsh {"; ".join(commands)}: {run.stderr.strip()}')
        return run.stdout

    def xml(self, name):
        """The XML of a domain of live/, for this lab."""
        with open(f'{SRC}/live/{name}.xml.in') as f:
            return f.read().replace('@GUEST@', guest_image(self.build)).replace('@DIR@', self.dir)

    def start(self, *names, **xml):
        """Defines and starts domains of live/, and others given as name=XML, under the disk image NAME.img each."""
        commands = []
        for name, text in [(name, self.xml(name)) for name in names] + list(xml.items()):
            with open(f'{self.dir}/{name}.img', 'wb') as f:
                f.truncate(1 << 20)
            with open(f'{self.dir}/{name}.xml', 'w') as f:
                f.write(text)
            commands += [f'define --validate {self.dir}/{name}.xml', f'start {name}']
        self.virsh(*commands)

    def guest(self, name, patience=10):
        """The counters of a running guest, once it has set itself up."""
        until = time.monotonic() + patience
        while True:
            guest = Guest.find(self.pid(name))
            if guest:
                return guest
            if time.monotonic() > until:
                raise Failed(f'the guest in {name} has not come up')
            time.sleep(0.05)


class Guest:
    """What the guest counted, read from QEMU's memory, so that the vCPU is not disturbed."""

    REPORT = 0x5000
    COUNTS = 0x5040

    @classmethod
    def find(cls, pid):
        """None as long as the guest's mark is in no mapping of the size of its memory."""
        memory = os.open(f'/proc/{pid}/mem', os.O_RDONLY)
        with open(f'/proc/{pid}/maps') as maps:
            for line in maps:
                start, end = (int(x, 16) for x in re.match(r'(\w+)-(\w+)', line).groups())
                if end - start == MEMORY and os.pread(memory, 8, start + cls.REPORT) == b'VT-GUEST':
                    return cls(memory, start)
        os.close(memory)
        return None

    def __init__(self, memory, start):
        self.memory, self.start = memory, start

    def __del__(self):
        os.close(self.memory)

    def counts(self):
        """How often each kind of work was done so far."""
        data = os.pread(self.memory, 8 * len(WORKS), self.start + self.COUNTS)
        return dict(zip(WORKS, struct.unpack(f'<{len(WORKS)}Q', data)))


def _kill(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
