#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots a KVM host, with AMD's virtualization, in QEMU without KVM, and runs tests in it: on kvm_exit, which few
machines that build software have, and on another kernel than this one. Its files are this machine's, read-only."""

import glob
import os
import re
import selectors
import shutil
import subprocess
import sys
import tempfile
import time

BUILDDIR = os.environ.get('VT_BUILDDIR') or 'build'
PROGRAMS = ('tests/nested/nested-source', 'tests/nested/nested-vmexit', 'tests/test-vmexit', 'tests/test-bpf-meter')
QEMU = 'qemu-system-x86_64'
PATIENCE = 180  # seconds; it takes 15 to 30
ATTEMPTS = 2  # a guest without hardware support can hang, for reasons of its own
# What the nested host needs, in the order of loading; a kernel may have any of them built in.
MODULES = """
kernel/drivers/virtio/virtio_ring.ko kernel/drivers/virtio/virtio.ko
kernel/drivers/virtio/virtio_pci_modern_dev.ko kernel/drivers/virtio/virtio_pci_legacy_dev.ko
kernel/drivers/virtio/virtio_pci.ko kernel/net/9p/9pnet.ko kernel/net/9p/9pnet_virtio.ko
kernel/fs/netfs/netfs.ko kernel/fs/fscache/fscache.ko kernel/fs/9p/9p.ko kernel/virt/lib/irqbypass.ko
kernel/drivers/crypto/ccp/ccp.ko kernel/arch/x86/kvm/kvm.ko kernel/arch/x86/kvm/kvm-amd.ko
""".split()


class Unusable(Exception):
    """Why there can be no nested host here."""


def find_kernel():
    """The newest installed kernel that has kvm-amd as a module: its image and the directory of its modules."""
    for image in sorted(glob.glob('/boot/vmlinuz-*'), reverse=True):
        modules = '/lib/modules/' + os.path.basename(image).removeprefix('vmlinuz-')
        if os.path.exists(f'{modules}/kernel/arch/x86/kvm/kvm-amd.ko'):
            return image, modules
    raise Unusable('There is no /boot/vmlinuz-* with a kvm-amd.ko (Debian: linux-image-amd64).')


def archive(entries):
    """An initramfs (cpio, "newc") of (name, mode, data)."""
    out = bytearray()
    for i, (name, mode, data) in enumerate(entries + [('TRAILER!!!', 0, b'')]):
        fields = [i + 1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        out += b'070701' + b''.join(b'%08X' % f for f in fields) + name.encode() + b'\0'
        out += bytes(-len(out) % 4) + data
        out += bytes(-len(out) % 4)
    return bytes(out)


def make_initramfs(path, modules, programs):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'init'), 'rb') as f:
        init = f.read()
    busybox = shutil.which('busybox')
    if not busybox:
        raise Unusable('busybox is not installed.')
    with open(busybox, 'rb') as f:
        shell = f.read()
    present = [m for m in MODULES if os.path.exists(f'{modules}/{m}')]
    directory, program, text = 0o40755, 0o100755, 0o100644
    entries = [('bin', directory, b''), ('bin/busybox', program, shell), ('init', program, init),
               ('modules', text, '\n'.join(os.path.basename(m) for m in present).encode()),
               ('programs', text, '\n'.join(programs).encode())]
    for module in present:
        with open(f'{modules}/{module}', 'rb') as f:
            entries.append((os.path.basename(module), text, f.read()))
    with open(path, 'wb') as f:
        f.write(archive(entries))


def boot(kernel, initramfs):
    """What the nested host prints, until it ends or the time is up."""
    command = [QEMU, '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '1', '-m', '1024', '-nodefaults',
               '-display', 'none', '-no-reboot', '-serial', 'stdio', '-kernel', kernel, '-initrd', initramfs,
               '-virtfs', 'local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap',
               '-append', 'console=ttyS0 quiet mitigations=off tsc=reliable']
    out, until = b'', time.monotonic() + PATIENCE
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as qemu, selectors.DefaultSelector() as selector:
        selector.register(qemu.stdout, selectors.EVENT_READ)
        while time.monotonic() < until:
            if not selector.select(1):
                continue
            data = os.read(qemu.stdout.fileno(), 65536)
            if not data:
                break
            out += data
        qemu.kill()
    return out.decode(errors='replace').replace('\r', '')


def report(said):
    """Prints the tests of all programs as one TAP; returns whether all passed."""
    number = failed = 0
    for name, out, status in re.findall(r'^VT-BEGIN (.*)\n((?:.*\n)*?)^VT-END (\d+)$', said, re.MULTILINE):
        print(f'# {os.path.basename(name)}')
        results = 0
        for line in out.splitlines():
            result = re.match(r'(not )?ok (?:\d+)? ?-? ?(.*)', line)
            if result and not line.startswith('# '):
                number += 1
                results += 1
                skipped = '# SKIP' in line
                failed += bool(result[1]) and not skipped
                print(f'{"not " if result[1] and not skipped else ""}ok {number} - {result[2]}')
            elif not re.match(r'1\.\.\d+$|# (not )?ok', line):
                print(line if line.startswith('#') else f'# {line}')
        if results == 0 or (status != '0' and not failed):
            number += 1
            failed += 1
            print(f'not ok {number} - {os.path.basename(name)} ends well ({status})')
    print(f'1..{number}')
    return not failed


def main():
    programs = [os.path.join(os.path.abspath(BUILDDIR), p) for p in PROGRAMS]
    try:
        if not shutil.which(QEMU):
            raise Unusable(f'{QEMU} is not installed.')
        kernel, modules = find_kernel()
        with tempfile.TemporaryDirectory(prefix='virt-tune-nested-') as directory:
            initramfs = f'{directory}/initramfs'
            make_initramfs(initramfs, modules, programs)
            for _ in range(ATTEMPTS):
                said = boot(kernel, initramfs)
                if '\nVT-DONE\n' in said:
                    break
    except Unusable as why:
        print(f'1..0 # SKIP {why}')
        return
    if '\nVT-DONE\n' not in said:
        print('1..1\nnot ok 1 - the nested host comes to its end')
        print('\n'.join(f'# {line}' for line in said.splitlines()[-40:]))
        sys.exit(1)
    sys.exit(not report(said))


if __name__ == '__main__':
    main()
