#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the nested host: records a guest with the tools whose texts can be imported, and prints each recording behind a
# line "VT-FILE name". $VT_GUEST is the guest's image.
T=/sys/kernel/tracing
cd /run || exit 1
qemu-system-x86_64 -accel kvm -cpu host -machine pc -m 16 -smp 1 -nodefaults -display none -bios "$VT_GUEST" \
    -netdev hubport,id=n,hubid=0 -device e1000,netdev=n,addr=5 \
    -drive file=null-co://,if=ide,format=raw -fw_cfg name=opt/virt-tune/work,string='e1000 ide eoi hlt' \
    -daemonize -pidfile /run/qemu.pid || exit 1
sleep 3
pid=$(cat /run/qemu.pid)

show() {
    echo "VT-FILE $1"
    cat
    echo VT-FILE-END
}

perf kvm --host stat record -o /run/kvm.data -p "$pid" sleep 1 >/dev/null 2>&1
for event in vmexit mmio ioport; do
    perf kvm --host -i /run/kvm.data stat report --event=$event 2>&1 | show perf-kvm-stat-$event.txt
done
perf record -q -o /run/perf.data -e kvm:kvm_exit,kvm:kvm_entry,kvm:kvm_msr,kvm:kvm_pio,kvm:kvm_mmio -p "$pid" \
    sleep 0.02 >/dev/null 2>&1
perf script -i /run/perf.data 2>/dev/null | head -n 60 | show perf-script.txt
perf script --ns -F comm,pid,tid,cpu,time,event,trace -i /run/perf.data 2>/dev/null | head -n 20 | show perf-script-ns.txt

trace-cmd record -q -o /run/trace.dat -e kvm:kvm_exit -e kvm:kvm_entry -e kvm:kvm_msr -e kvm:kvm_pio -e kvm:kvm_mmio \
    sleep 0.05 >/dev/null 2>&1
trace-cmd report -i /run/trace.dat 2>/dev/null | head -n 60 | show trace-cmd.txt
trace-cmd report -N -i /run/trace.dat 2>/dev/null | head -n 30 | show trace-cmd-plain.txt
rm -f /run/trace.dat*

echo 0 >$T/tracing_on
echo >$T/trace
echo 'hist:keys=exit_reason,isa' >$T/events/kvm/kvm_exit/trigger
echo 1 >$T/tracing_on
sleep 1
cat $T/events/kvm/kvm_exit/hist | show hist.txt
echo '!hist:keys=exit_reason,isa' >$T/events/kvm/kvm_exit/trigger
echo 'hist:keys=exit_reason.hex,isa:sort=hitcount.descending' >$T/events/kvm/kvm_exit/trigger
sleep 1
cat $T/events/kvm/kvm_exit/hist | show hist-hex.txt
echo '!hist:keys=exit_reason.hex,isa:sort=hitcount.descending' >$T/events/kvm/kvm_exit/trigger

echo 16 >$T/buffer_size_kb
for event in kvm_exit kvm_entry kvm_msr kvm_pio kvm_mmio; do echo 1 >$T/events/kvm/$event/enable; done
sleep 0.2
echo 0 >$T/tracing_on
head -n 60 $T/trace | show ftrace.txt
for event in kvm_exit kvm_entry kvm_msr kvm_pio kvm_mmio; do echo 0 >$T/events/kvm/$event/enable; done
kill "$pid"
