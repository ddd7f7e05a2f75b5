#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# advise --emit=shell: scripts that a shell takes, that shellcheck has nothing against, that run nothing they should not
# whatever the domains and devices are called, and that may run twice.
. "$(dirname "$0")/tap.sh"

d=$tap_tmp
export LC_ALL=C.UTF-8
unset LANGUAGE

# lint NAME SCRIPT
lint() {
    if sh -n "$2" 2>"$err"; then ok "$1: sh -n"; else not_ok "$1: sh -n" "$(cat "$err")"; fi
    if ! command -v shellcheck >/dev/null; then skip "$1: shellcheck" "shellcheck is not installed"
    elif shellcheck -s sh "$2" >"$err"; then ok "$1: shellcheck"
    else not_ok "$1: shellcheck" "$(cat "$err")"; fi
}
active() { grep -v '^ *#' "$1" | grep -v '^ *$'; }

# Every report of the whole-command cases as a script
cases=0
for dir in "$VT_SRCDIR"/tests/golden/*/; do
    grep -q '^advise --xml' "$dir/cmd" && [ ! -e "$dir/status" ] || continue
    name=$(basename "$dir")
    cd "$dir" || exit 1
    eval "set -- $(sed -e 's/ -o [a-z]*//' -e 's/ --emit[= ]shell//' -e 's/ -v$//' cmd)"
    run "$@" --emit=shell
    [ "$status" = 0 ] || continue
    cp "$out" "$d/$name.sh"
    cases=$((cases + 1))
    if active "$d/$name.sh" | grep -E 'modprobe -r|rmmod|reboot|virt-tune [a-z]' >"$d/bad"; then
        not_ok "$name: nothing reloads, reboots or changes a domain" "$(cat "$d/bad")"
    fi
    lint "$name" "$d/$name.sh"
done
cd "$d" || exit 1
if [ "$cases" -gt 10 ]; then ok "$cases scripts"; else not_ok "$cases scripts"; fi

# Hostile names, of domains, devices and interrupts
hostile='$(touch PWNED)'
cat >"$d/node.xml" <<X
<node><domain type='kvm'><name>$hostile</name><uuid>2d9d1ac7-0c5a-4f0e-9d0b-6f1f5b8f0a01</uuid><memory>65536</memory><vcpu>2</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type></os><features><acpi/><apic/></features></domain>
<domain type='kvm'><name>'; touch PWNED #</name><uuid>2d9d1ac7-0c5a-4f0e-9d0b-6f1f5b8f0a02</uuid><memory>65536</memory><vcpu>2</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type></os><features><acpi/><apic/></features></domain></node>
X
sed -e "s/\"device\": \"[^\"]*\"/\"device\": \"\$(touch PWNED) '\`touch PWNED\`\"/" -e 's/"kvm.apicv": "N"/"kvm.apicv": "N", "kvm.halt_poll_ns": "0"/' \
    "$VT_SRCDIR/tests/rules/irq-affinity/host.json" >"$d/host.json"
mkdir "$d/profiles"
for n in 1 2; do
    sed "s/0a01/0a0$n/" "$VT_SRCDIR/tests/rules/irq-affinity/profile.json" >"$d/profiles/2d9d1ac7-0c5a-4f0e-9d0b-6f1f5b8f0a0$n.json"
done
run -c "test://$d/node.xml" advise --all --host "$d/host.json" --profile "$d/profiles" --emit=shell
cp "$out" "$d/hostile.sh"
if [ "$status" = 0 ] && grep -q '^# .*\$(touch PWNED)' "$d/hostile.sh" && grep -q '^{ irq_is 41 ' "$d/hostile.sh"; then ok "hostile names"; else not_ok "hostile names" "$status $(cat "$d/hostile.sh" "$err")"; fi
lint "hostile names" "$d/hostile.sh"
printf '<domain type="kvm"><name>a\ntouch PWNED\n# b</name><memory>65536</memory><vcpu>2</vcpu><os><type arch="x86_64">hvm</type></os><features><apic/></features><devices><interface type="user"><mac address="52:54:00:aa:bb:cc"/><model type="e1000&#10;touch PWNED"/></interface><disk><source file="/a"/><target dev="hda&#10;touch PWNED" bus="ide"/></disk></devices></domain>' >"$d/lines.xml"
run advise --xml "$d/lines.xml" --emit=shell
cp "$out" "$d/lines.sh"
if [ "$status" = 0 ] && grep -q 'touch PWNED' "$d/lines.sh" && ! active "$d/lines.sh" | grep PWNED; then ok "names of several lines stay in comments"; else not_ok "names of several lines stay in comments" "$(cat "$d/lines.sh" "$err")"; fi
lint "names of several lines" "$d/lines.sh"

# Where they run, they change files below a directory of the test's only. touch is not shadowed: it would be seen.
mkdir -p "$d/bin" "$d/root/proc/irq/41" "$d/root/run" "$d/root/etc/modprobe.d" "$d/root/etc/default" "$d/root/sys/module/kvm/parameters"
printf '#!/bin/sh\necho 0\n' >"$d/bin/id"
printf '#!/bin/sh\necho "$0 $*" >>"%s/called"\n' "$d" | tee "$d/bin/modprobe" "$d/bin/update-grub" >"$d/bin/reboot"
chmod +x "$d/bin"/*
inside() { sed "s#/\(proc\|run\|etc\|sys\)/#$d/root/\1/#g" "$1" >"$d/inside.sh"; PATH=$d/bin:/usr/bin:/bin sh "$d/inside.sh" >"$out" 2>"$err"; }

echo 0-7 >"$d/root/proc/irq/41/smp_affinity_list"
device=$(sed -n "s/.*\"device\": \"\(.*\)\", \"affinity.*/\1/p" "$d/host.json" | head -1)
printf ' 41:  1 2 PCI-MSI 5 %s\n' "$device" >"$d/root/proc/interrupts"
status=0; inside "$d/hostile.sh" || status=$?
if [ "$status" = 0 ] && [ "$(cat "$d/root/proc/irq/41/smp_affinity_list")" = 0-1,4-7 ] && [ "$(cat "$d/root/run/virt-tune-irq-41")" = 0-7 ]; then
    ok "the interrupt is moved, and where it was is kept"
else
    not_ok "the interrupt is moved, and where it was is kept" "$status $(cat "$out" "$err")"
fi
inside "$d/hostile.sh"
if grep -q 'has it already: 0-1,4-7' "$out" && [ "$(cat "$d/root/run/virt-tune-irq-41")" = 0-7 ]; then ok "a second time does nothing"; else not_ok "a second time does nothing" "$(cat "$out" "$err")"; fi
sh -c "$(sed -n 's/^#  *\(cat .* > .*smp_affinity_list\)$/\1/p' "$d/inside.sh" | head -1)"
if [ "$(cat "$d/root/proc/irq/41/smp_affinity_list")" = 0-7 ]; then ok "and what stands there undoes it"; else not_ok "and what stands there undoes it"; fi
echo ' 41:  1 2 PCI-MSI 5 nvme0q1' >"$d/root/proc/interrupts"
status=0; inside "$d/hostile.sh" || status=$?
if [ "$status" = 1 ] && grep -q 'is not that of' "$err" && [ "$(cat "$d/root/proc/irq/41/smp_affinity_list")" = 0-7 ]; then ok "another device's interrupt is left alone"; else not_ok "another device's interrupt is left alone" "$(cat "$err")"; fi
if [ -z "$(find "$d" "$VT_SRCDIR/tests/golden" -name 'PWNED*')" ] && [ ! -e PWNED ]; then ok "no name is ever run"; else not_ok "no name is ever run"; fi

inside "$d/table-msr.sh"
if [ "$(cat "$d/root/etc/modprobe.d/virt-tune-apicv.conf")" = 'options kvm_intel enable_apicv=1' ] && [ ! -e "$d/called" ]; then
    ok "an option of a module is written, and no module is reloaded"
else
    not_ok "an option of a module is written, and no module is reloaded" "$(cat "$out" "$err" "$d/called")"
fi
chmod a-w "$d/root/etc/modprobe.d/virt-tune-apicv.conf"
before=$(stat -c %Y.%i "$d/root/etc/modprobe.d/virt-tune-apicv.conf")
inside "$d/table-msr.sh"
if [ "$(stat -c %Y.%i "$d/root/etc/modprobe.d/virt-tune-apicv.conf")" = "$before" ] && grep -q 'already' "$out"; then ok "it is written only where it differs"; else not_ok "it is written only where it differs" "$(cat "$out")"; fi
rm -r "$d/root/etc/modprobe.d"
status=0; inside "$d/table-msr.sh" || status=$?
if [ "$status" = 1 ]; then ok "what cannot be written is a failure"; else not_ok "what cannot be written is a failure" "$status"; fi
printf '#!/bin/sh\necho 1000\n' >"$d/bin/id"
mkdir "$d/root/etc/modprobe.d"
status=0; inside "$d/table-msr.sh" || status=$?
if [ "$status" = 1 ] && grep -q 'as root' "$err" && [ -z "$(ls "$d/root/etc/modprobe.d")" ]; then ok "only root runs it"; else not_ok "only root runs it" "$(cat "$err")"; fi
printf '#!/bin/sh\necho 0\n' >"$d/bin/id"

# Arguments of the kernel, with and without grubby
nohz=$VT_SRCDIR/tests/rules/nohz-full
run advise --xml "$VT_SRCDIR/tests/rules/domain.xml" --host "$VT_SRCDIR/tests/rules/host.json" --profile "$nohz/profile.json" --rule nohz-full --emit=shell
cp "$out" "$d/nohz.sh"
lint "nohz-full" "$d/nohz.sh"
printf 'GRUB_CMDLINE_LINUX="quiet"\n' >"$d/root/etc/default/grub"
inside "$d/nohz.sh"; inside "$d/nohz.sh"
argument=$(. "$d/root/etc/default/grub"; echo "$GRUB_CMDLINE_LINUX")
if [ "$argument" = 'quiet nohz_full=2-3' ] && [ "$(wc -l <"$d/root/etc/default/grub")" = 2 ] && [ "$(grep -c update-grub "$d/called")" = 1 ]; then
    ok "an argument of the kernel, once"
else
    not_ok "an argument of the kernel, once" "$argument $(cat "$d/root/etc/default/grub" "$out" "$err" "$d/nohz.sh")"
fi
sed 's/nohz_full=2-3/nohz_full=4/' "$d/nohz.sh" >"$d/other.sh"
inside "$d/other.sh"
argument=$(. "$d/root/etc/default/grub"; echo "$GRUB_CMDLINE_LINUX")
if [ "$argument" = 'quiet nohz_full=4' ]; then ok "another value takes its place"; else not_ok "another value takes its place" "$argument"; fi
printf '#!/bin/sh\necho "grubby $*" >>"%s/called"\n' "$d" >"$d/bin/grubby"
chmod +x "$d/bin/grubby"
inside "$d/nohz.sh"
if grep -qx 'grubby --update-kernel=ALL --args=nohz_full=2-3' "$d/called"; then ok "by grubby where there is one"; else not_ok "by grubby where there is one" "$(cat "$d/called")"; fi
if ! grep -q 'reboot' "$d/called"; then ok "nothing reboots"; else not_ok "nothing reboots"; fi

# Two values for one setting are for a person to choose from.
sed 's|"domains": \[|"domains": [{"uuid": "2d9d1ac7-0c5a-4f0e-9d0b-6f1f5b8f0a02", "name": "other", "vcpus": 2, "vcpu_pins": ["4", "5"], "emulator_pin": "0-1", "facts": {}},|' \
    "$VT_SRCDIR/tests/rules/host.json" >"$d/two.json"
for n in 1 2; do sed "s/0a01/0a0$n/" "$nohz/profile.json" >"$d/profiles/2d9d1ac7-0c5a-4f0e-9d0b-6f1f5b8f0a0$n.json"; done
run -c "test://$d/node.xml" advise --all --host "$d/two.json" --profile "$d/profiles" --rule nohz-full --emit=shell
cp "$out" "$d/two.sh"
if [ "$(grep -c '^#     grubby --update-kernel=ALL --args=nohz_full=' "$d/two.sh")" = 2 ] && ! active "$d/two.sh" | grep -q nohz && grep -q 'several values for nohz_full' "$d/two.sh"; then
    ok "contradictory values are comments"
else
    not_ok "contradictory values are comments" "$(cat "$d/two.sh" "$err")"
fi
lint "contradictory values" "$d/two.sh"

# The command line
nic=$VT_SRCDIR/data/demo/recorded/e1000.xml
fails "emit something else" 2 "--emit perl" advise --xml "$nic" --emit perl
fails "emit a report" 2 "exclude each other" advise --xml "$nic" --emit=shell -o json
run advise --xml "$nic" --emit=shell --output-file "$d/file.sh"
if [ "$status" = 0 ] && [ ! -s "$out" ] && head -1 "$d/file.sh" | grep -qx '#!/bin/sh'; then ok "into a file"; else not_ok "into a file" "$(cat "$err")"; fi
if grep -q '^# *virt-tune apply .*--rule virtio-net --device ' "$d/file.sh" && [ -z "$(active "$d/file.sh")" ]; then ok "changes of domains are comments"; else not_ok "changes of domains are comments" "$(cat "$d/file.sh")"; fi
finish
