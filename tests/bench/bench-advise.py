#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What `advise --all` costs per domain, beside listing the domains and fetching their XML with the same library.

The peer is `virsh list --all` and a program that fetches the XML of each domain with the same library. All run on the
same test driver file, in turn, and the figures are ratios of the pairs. The profile is recorded, so
that nothing is sampled; the domains have an emulated NIC and disk, so that there is advice with a diff for each.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time

SIZES = [int(n) for n in os.environ.get("VT_BENCH_SIZES", "100 1000 10000").split()]
ROUNDS = int(os.environ.get("VT_BENCH_ROUNDS", "5"))
BUILD = os.environ.get("VT_BUILDDIR", ".")

DOMAIN = """<domain type='kvm'{run}><name>vm{n:05d}</name><uuid>00000000-0000-4000-8000-{n:012x}</uuid>
<memory unit='MiB'>64</memory><vcpu>2</vcpu><os><type arch='x86_64' machine='pc'>hvm</type><boot dev='hd'/></os>
<features><acpi/><apic/></features>
<devices>
<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/d/{n}.img'/><target dev='hda' bus='{bus}'/></disk>
<disk type='file' device='cdrom'><target dev='hdc' bus='ide'/><readonly/></disk>
<interface type='user'><mac address='52:54:00:{a:02x}:{b:02x}:{c:02x}'/><model type='{nic}'/></interface>
<input type='tablet' bus='usb'/><graphics type='vnc' port='-1'/><video><model type='vga'/></video>
</devices>{state}</domain>
"""

PROFILE = """{"format":"virt-tune-profile","version":1,"domain":{"name":null,"uuid":null},"isa":"vmx","vcpus":2,
"duration_ns":1000000000,"sources":["libvirt"],"windows":1,"covers":["exit"],
"metrics":{"exits":{"count":51000},"exit.hlt":{"count":9000},"exit.mmio":{"count":31000},"exit.io":{"count":11000}},"lost":0}
"""


def write_node(path, count):
    with open(path, "w") as out:
        out.write("<node xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>\n")
        for n in range(count):
            tuned = n % 2  # half of the fleet is well tuned
            out.write(DOMAIN.format(
                n=n, a=n >> 16 & 255, b=n >> 8 & 255, c=n & 255, run="",
                bus="virtio" if tuned else "ide", nic="virtio" if tuned else "e1000",
                state="<test:runstate xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>5</test:runstate>"))
        out.write("</node>\n")


def run(argv):
    start = time.monotonic()
    child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    message = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(argv)}: exit {child.returncode}: {message.decode(errors='replace')}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss


def spread(values):
    return f"{statistics.median(values):.3f} [{min(values):.3f}-{max(values):.3f}]"


def main():
    print(f"{'domains':>8} {'virsh cpu s':>12} {'fetch cpu s':>12} {'advise cpu s':>13} {'us a domain':>12} {'ratio':>22} {'memory KiB a domain':>20}")
    with tempfile.TemporaryDirectory() as tmp:
        profile = os.path.join(tmp, "profile.json")
        with open(profile, "w") as out:
            out.write(PROFILE)
        for size in SIZES:
            node = os.path.join(tmp, f"node-{size}.xml")
            write_node(node, size)
            uri = f"test://{node}"
            fetch = [os.path.join(BUILD, "tests/bench/fetch-all"), uri]
            advise = [os.path.join(BUILD, "virt-tune"), "-q", "-c", uri, "advise", "--all", "--profile", profile]
            rounds = 1 if size >= 10000 and ROUNDS > 3 else ROUNDS
            virsh = ["virsh", "-c", uri, "list", "--all"]
            run(fetch)
            sets = [(run(virsh), run(fetch), run(advise)) for _ in range(max(rounds, 3))]
            listing, base, own = (statistics.median(s[i][0] for s in sets) for i in range(3))
            ratios = [s[2][0] / (s[0][0] + s[1][0]) for s in sets]
            memory = statistics.median((s[2][2] - s[1][2]) / size for s in sets)
            print(f"{size:>8} {listing:>12.3f} {base:>12.3f} {own:>13.3f} {(own - base) / size * 1e6:>12.1f} "
                  f"{spread(ratios):>22} {memory:>20.2f}")


if __name__ == "__main__":
    main()
