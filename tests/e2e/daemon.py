# SPDX-License-Identifier: GPL-2.0-or-later
"""A libvirtd of the test's own, for what one process with the driver inside cannot show: several programs at work on one
domain, and connections that break. It is a session daemon, as nobody where the test runs as root, so that it never
meets the system's; its domains are defined and, but for those that a load asks for, never started."""

import glob
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time

import e2e

UUID = '11111111-2222-4333-8444-555555555555'
NOBODY = 65534
DOMAIN = f'''<domain type='qemu'>
  <name>web1</name><uuid>{UUID}</uuid><memory unit='KiB'>65536</memory><vcpu>2</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type><boot dev='hd'/></os>
  <features><acpi/><apic eoi='off'/></features>
  <devices>
    <disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/d/a.img'/><target dev='hda' bus='ide'/></disk>
    <graphics type='vnc' port='-1' autoport='yes' passwd='sesame'/>
  </devices>
</domain>
'''
RULE = '''<rule format="1" id="{id}" severity="low" since="0.1" structural="yes">
<title>Change {id}</title><why>For a test.</why><risk>None.</risk>
<symptom><rate metric="exit.cpuid" above="1000000"/></symptom>
<require><domain test="/domain"/></require>
<satisfied test="{satisfied}"/>{gain}
<change target="domain" effect="power-cycle">{change}</change>
<reference href="https://example.org/">none</reference></rule>
'''
RULES = {
    'test-eoi': ("/domain/features/apic/@eoi = 'on'", '<replace sel="/domain/features/apic/@eoi">on</replace>'),
    'test-vcpus': ('/domain/vcpu = 3', '<replace sel="/domain/vcpu/text()">3</replace>'),
    'test-shares': ('/domain/cputune/shares = 256', '<replace sel="/domain/cputune/shares/text()">256</replace>'),
    'test-target': ("/domain/devices/disk/target/@dev = 'hdb'",
                    '<replace sel="/domain/devices/disk/target/@dev">hdb</replace>'),
    # libvirt refuses the one, and makes another of the second: KiB are its unit.
    'test-refused': ('/domain/no-such-thing', '<add sel="/domain"><no-such-thing/></add>'),
    'test-other': ("/domain/memory/@unit = 'MiB'", '<replace sel="/domain/memory/@unit">MiB</replace>'),
}


def write_rules(directory, rules):
    """A data directory with the project's schemas and these rules: {id: (satisfied, change, what verify looks at)}, of
    which the last may be left out."""
    data = os.path.join(e2e.SRCDIR, 'data')
    os.makedirs(f'{directory}/rules')
    shutil.copy(f'{data}/rules.rng', directory)
    for rule, (satisfied, change, *metric) in rules.items():
        gain = f'<gain metric="{metric[0]}" share="0.9" to="user" basis="For a test."/>' if metric else ''
        with open(f'{directory}/rules/{rule}.xml', 'w') as f:
            f.write(RULE.format(id=rule, satisfied=satisfied, change=change, gain=gain))


class Daemon:
    """libvirtd below a directory of its own; a context manager that leaves nothing behind."""

    def __init__(self, kvm=False):
        """Where domains are to run it needs /dev/kvm."""
        self.dir = tempfile.mkdtemp(prefix='virt-tune-d-', dir='/tmp')
        self.groups = [os.stat('/dev/kvm').st_gid] if kvm else []
        self.state = f'{self.dir}/state'
        self.uri = f'qemu+unix:///session?socket={self.dir}/run/libvirt/libvirt-sock'
        self.process = None
        write_rules(f'{self.dir}/data', RULES)
        for name in ('home', 'run'):
            os.mkdir(f'{self.dir}/{name}', 0o700)
            if os.geteuid() == 0:
                os.chown(f'{self.dir}/{name}', NOBODY, NOBODY)
        os.chmod(self.dir, 0o755)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc):
        if self.groups:
            self.kill_domains()
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    def start(self):
        env = {'PATH': os.environ['PATH'], 'HOME': f'{self.dir}/home', 'XDG_RUNTIME_DIR': f'{self.dir}/run'}
        user = {'user': NOBODY, 'group': NOBODY, 'extra_groups': self.groups} if os.geteuid() == 0 else {}
        # It ends by itself where the test was killed and nobody is connected any more.
        self.process = subprocess.Popen([shutil.which('libvirtd') or '/usr/sbin/libvirtd', '--timeout', '120'],
                                        env=env, cwd='/',
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        **user)
        until = time.monotonic() + 30
        while subprocess.run(['virsh', '-q', '-c', self.uri, 'uri'], capture_output=True).returncode != 0:
            if time.monotonic() > until or self.process.poll() is not None:
                raise e2e.labs.Failed('libvirtd did not come up')
            time.sleep(0.1)

    def stop(self, number=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def kill_domains(self):
        """Ends what start_idle() started, also where libvirtd does not answer."""
        for path in glob.glob(f'{self.dir}/run/libvirt/qemu/run/*.pid'):
            with open(path) as f:
                os.kill(int(f.read()), signal.SIGKILL)

    def pid(self, name):
        """The process of a running domain."""
        with open(f'{self.dir}/run/libvirt/qemu/run/{name}.pid') as f:
            return int(f.read())

    def start_idle(self, count, work='quiet', memory=8, vcpus=1):
        """Runs domains of so many MiB under a guest that has nothing to do, or does @work. Its counters are found where
        the memory is that of the lab's domains. They have one vCPU, and may get as many as @vcpus."""
        with open(os.path.join(e2e.labs.SRC, 'live/idle.xml.in')) as f:
            text = f.read().replace('@GUEST@', e2e.labs.guest_image(e2e.BUILDDIR)).replace('@DIR@', self.dir)
        commands = []
        for i in range(count):
            name = f'idle{i}'
            one = text.replace('<name>idle<', f'<name>{name}<').replace('idle.img', f'{name}.img').replace('>16<', f'>{memory}<')
            one = one.replace('>quiet<', f'>{work}<').replace('<vcpu>1<', f'<vcpu current="1">{vcpus}<')
            with open(f'{self.dir}/{name}.xml', 'w') as f:
                f.write(one.replace('52:54:00:76:74:02', f'52:54:00:77:{i >> 8:02x}:{i & 255:02x}'))
            with open(f'{self.dir}/{name}.img', 'wb') as f:
                f.truncate(1 << 20)
            os.chmod(f'{self.dir}/{name}.img', 0o666)
            commands += [f'define {self.dir}/{name}.xml', f'start {name}']
        self.virsh('; '.join(commands))

    def virsh(self, *args, expect=0):
        run = subprocess.run(['virsh', '-q', '-c', self.uri, *args], stdin=subprocess.DEVNULL, capture_output=True,
                             text=True)
        if run.returncode != expect:
            raise e2e.labs.Failed(f'virsh {" ".join(args)}: {run.stderr.strip()}')
        return run.stdout

    def define(self, text=DOMAIN):
        path = f'{self.dir}/domain.xml'
        with open(path, 'w') as f:
            f.write(text)
        self.virsh('define', path)

    def definition(self, name='web1'):
        return self.virsh('dumpxml', '--inactive', '--security-info', name)

    def fresh(self):
        """One domain that nothing was done to; its definition."""
        for name in self.virsh('list', '--all', '--name').split():
            self.virsh('undefine', name)
        shutil.rmtree(self.state, ignore_errors=True)
        self.define()
        return self.definition()

    def command(self, *args, fault=None):
        """(command line, environment) of the program."""
        env = dict(os.environ, VIRT_TUNE_DATADIR=f'{self.dir}/data', XDG_STATE_HOME=self.state, LC_ALL='C.UTF-8')
        if fault:
            env['VT_FAULT'] = fault
        program = 'tests/virt-tune-fault' if fault else 'virt-tune'
        return [os.path.join(e2e.BUILDDIR, program), '-c', self.uri, *args], env

    def begin(self, *args, fault=None, **more):
        """Starts the program."""
        command, env = self.command(*args, fault=fault)
        more = dict({'stdin': subprocess.DEVNULL, 'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE}, **more)
        return subprocess.Popen(command, env=env, text=True, **more)

    def run(self, *args, fault=None):
        command, env = self.command(*args, fault=fault)
        return subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)

    def terminal(self, *args, **more):
        """Starts the program with standard input and error on a terminal of its own."""
        master, slave = pty.openpty()
        process = self.begin(*args, **dict({'stdin': slave, 'stdout': subprocess.PIPE, 'stderr': slave,
                                            'preexec_fn': _own_terminal}, **more))
        os.close(slave)
        return Terminal(process, master)

    def manifests(self):
        """The paths of what is kept of each change, by number."""
        paths = glob.glob(f'{self.state}/virt-tune/*/{UUID}/[1-9]*/manifest.json')
        return sorted(paths, key=lambda path: int(path.split('/')[-2]))


def _own_terminal():
    import fcntl
    import termios
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """A program, and the person in front of it."""

    def __init__(self, process, master):
        self.process, self.master, self.seen = process, master, ''

    def wait_for(self, text, patience=30):
        self.wait_match(re.escape(text), patience)

    def wait_match(self, pattern, patience=30):
        until = time.monotonic() + patience
        while not re.search(pattern, self.seen):
            if not select.select([self.master], [], [], max(0, until - time.monotonic()))[0] or not self._read():
                raise e2e.labs.Failed(f'the terminal never shows "{pattern}": {self.seen}')

    def _read(self):
        try:
            data = os.read(self.master, 4096)
        except OSError:
            data = b''
        self.seen += data.decode()
        return data

    def type(self, text):
        os.write(self.master, text.encode())

    def end(self, patience=20):
        """(exit status, standard output, what the terminal showed)"""
        try:
            out, _ = self.process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            return 'hangs', '', self.seen
        while select.select([self.master], [], [], 0)[0] and self._read():
            pass
        os.close(self.master)
        return self.process.returncode, out, self.seen


def wait_stopped(process, patience=30):
    """Until a program that is to stop at a point has done so."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        with open(f'/proc/{process.pid}/stat') as f:
            if f.read().rsplit(')', 1)[1].split()[0] == 'T':
                return
        if process.poll() is not None:
            raise e2e.labs.Failed(f'it ended before it stopped: {process.communicate()}')
        time.sleep(0.02)
    raise e2e.labs.Failed('it did not stop')


def main(test, kvm=False):
    """Runs a test with a daemon of its own; skips only where there can be none."""
    e2e.labs.exit_on_signals()
    for program in ('libvirtd', 'virsh', e2e.labs.QEMU):
        if not shutil.which(program, path=f'{os.environ["PATH"]}:/usr/sbin'):
            print(f'1..0 # SKIP {program} is not installed')
            return
    try:
        with Daemon(kvm) as daemon:
            test(daemon)
    except Exception as error:  # noqa: BLE001: whatever it was, the plan must be printed
        e2e.report(error)
    e2e.done()
