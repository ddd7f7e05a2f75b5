#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Captures what virt-tune reads of a host, for a test or for `virt-tune --root OUTDIR host`.
#
#   tests/capture-host.sh [-r ROOT] OUTDIR
#
# OUTDIR must not exist yet. ROOT (default /) may itself be a capture. Run it as root: otherwise some files are missing,
# which virt-tune takes as unknown. To make a test of it, move OUTDIR to tests/data/hosts/NAME, delete what the test does
# not need, and add NAME to tests/test-source-host.c.
#
# The capture holds the kernel's command line, CPU flags, names of devices that raise interrupts, and the command lines of
# QEMU processes, which name disks and may hold more: look at it before you hand it on. Of /proc/cpuinfo only the first
# CPU is kept, of the kernel's configuration only what is about ticks, RCU and KVM. Git does not keep file modes, by which
# virt-tune knows managed interrupts since Linux 6.12; a test that needs them sets them itself.
set -eu

root=
if [ "${1-}" = -r ]; then
    root=${2%/}
    shift 2
fi
if [ $# -ne 1 ] || [ -z "$1" ]; then
    echo "usage: $0 [-r ROOT] OUTDIR" >&2
    exit 2
fi
out=$1
if [ -e "$out" ]; then
    echo "$0: $out exists already" >&2
    exit 1
fi

# What cannot be read is left out. Files of /proc and /sys are read, not copied: their size is 0.
take() {
    for path; do
        [ -f "$root$path" ] && [ -r "$root$path" ] || continue
        mkdir -p "$out${path%/*}"
        if cat "$root$path" >"$out$path" 2>/dev/null; then
            chmod "$(stat -L -c %a "$root$path")" "$out$path"
        else
            rm -f "$out$path"
        fi
    done
}

# The paths below ROOT that match a pattern.
match() {
    for file in "$root"$1; do
        [ -e "$file" ] && printf '%s\n' "${file#"$root"}"
    done
    :
}

mkdir -p "$out/dev" "$out/sys/module"
take /proc/cmdline /proc/interrupts /proc/sys/kernel/osrelease /proc/sys/kernel/arch \
    /sys/devices/system/cpu/online /sys/devices/system/cpu/isolated /sys/devices/system/cpu/nohz_full \
    /proc/meminfo /proc/sys/kernel/numa_balancing /sys/kernel/mm/ksm/run /sys/kernel/mm/ksm/pages_sharing \
    /sys/devices/system/cpu/smt/control /sys/devices/system/cpu/smt/active /sys/devices/system/node/online
for pattern in '/sys/module/kvm*/parameters/*' '/sys/devices/system/node/node*/cpulist' '/sys/kernel/mm/hugepages/*/free_hugepages' \
    '/sys/devices/system/cpu/cpu*/topology/thread_siblings_list' '/proc/irq/*/effective_affinity_list' '/proc/irq/*/smp_affinity_list' '/sys/kernel/debug/irq/irqs/*'; do
    match "$pattern" | while IFS= read -r path; do take "$path"; done
done
match '/sys/module/kvm*' | while IFS= read -r path; do mkdir -p "$out$path"; done
for device in kvm vhost-net; do
    [ ! -e "$root/dev/$device" ] || : >"$out/dev/$device"
done
if [ -r "$root/proc/cpuinfo" ]; then
    sed '/^$/q' "$root/proc/cpuinfo" >"$out/proc/cpuinfo"
fi

release=$(cat "$root/proc/sys/kernel/osrelease" 2>/dev/null || :)
config=
for file in "$root/boot/config-$release" "$root/lib/modules/$release/config"; do
    if [ -n "$release" ] && [ -z "$config" ] && [ -r "$file" ]; then
        config=$(cat "$file")
    fi
done
if [ -z "$config" ] && [ -r "$root/proc/config.gz" ]; then
    config=$(gzip -dc "$root/proc/config.gz")
fi
if [ -n "$config" ]; then
    mkdir -p "$out/boot"
    printf '%s\n' "$config" | grep -E '^(# )?CONFIG_(HZ|NO_HZ|RCU_NOCB|KVM|SCHED|GENERIC_IRQ)' \
        >"$out/boot/config-$release" || :
fi

# Process 1, so that the list of processes is not empty, irqbalance, QEMU and vhost.
match '/proc/[0-9]*' | while IFS= read -r process; do
    name=$(cat "$root$process/comm" 2>/dev/null || :)
    case $process:$name in
    /proc/1:* | *:irqbalance | *:vhost-*)
        take "$process/comm"
        ;;
    *)
        { tr '\0' '\n' <"$root$process/cmdline"; } 2>/dev/null | grep -qx -e -uuid || continue
        take "$process/comm" "$process/cmdline"
        match "$process/task/*/comm" | while IFS= read -r path; do take "$path"; done
        ;;
    esac
done
