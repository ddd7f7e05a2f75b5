#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A bundle gives the advice of the evidence that went into it, byte for byte, and the same verdicts when it is redacted.
. "$(dirname "$0")/tap.sh"

golden=$VT_SRCDIR/tests/golden
d=$tap_tmp/work
mkdir "$d"

# verdicts FILE: what a report in JSON decides, without values that redaction replaces.
verdicts() {
    tr ',' '\n' <"$1" | grep -E '^(\{|"findings":\[\{)*"(rule|verdict|confidence|severity|gain_pct|outcome|threshold|value)":'
}

n=0
for case in table-e1000 table-ide table-idle table-msr table-vhost table-virtio-net-qemu overcommitted kvm-stat-history; do
    cd "$golden/$case" || exit 1
    set -- --xml domain.xml
    for profile in profile.txt profile.json; do [ ! -e $profile ] || set -- "$@" --profile $profile; done
    [ ! -e host.json ] || set -- "$@" --host host.json
    [ -e domain.xml ] || { not_ok "$case has a domain" "no domain.xml"; continue; }
    rm -f "$d"/*
    run sample "$@" --bundle "$d/one.vtb"
    [ "$status" = 0 ] || { not_ok "$case is bundled" "exit $status: $(cat "$err")"; continue; }
    run sample "$@" --bundle "$d/other.vtb" --redact
    [ "$status" = 0 ] || { not_ok "$case is bundled and redacted" "exit $status: $(cat "$err")"; continue; }
    differs=
    for format in "-o text" "-o text -v" "-o json"; do
        # shellcheck disable=SC2086 # options
        run advise "$@" $format; cp "$out" "$d/want"
        # shellcheck disable=SC2086
        run advise "$d/one.vtb" $format; cp "$out" "$d/have"
        [ -s "$d/want" ] || differs="$differs $format printed nothing"
        cmp -s "$d/want" "$d/have" || differs="$differs $format: $(diff "$d/want" "$d/have" | head -20)"
    done
    if [ -z "$differs" ]; then ok "$case: the bundle gives the same advice"; else not_ok "$case: the bundle gives the same advice" "$differs"; fi
    run advise "$d/other.vtb" -o json; cp "$out" "$d/redacted"
    verdicts "$d/want" >"$d/a"; verdicts "$d/redacted" >"$d/b"
    if [ "$(wc -l <"$d/a")" -gt 20 ] && cmp -s "$d/a" "$d/b"; then ok "$case: redacted, too"
    else not_ok "$case: redacted, too" "$(diff "$d/a" "$d/b" | head -20; cat "$err")"; fi
    n=$((n + 1))
done
[ "$n" -gt 5 ] && ok "cases were compared" || not_ok "cases were compared" "$n"

cd "$golden/table-e1000" || exit 1
rm -f "$d"/*
run sample --xml domain.xml --profile profile.txt --host host.json --bundle "$d/one.vtb"
mode=$(stat -c %a "$d/one.vtb")
if [ "$mode" = 600 ]; then ok "only its owner reads it"; else not_ok "only its owner reads it" "$mode"; fi
if [ "$(ls "$d")" = one.vtb ]; then ok "nothing lies beside it"; else not_ok "nothing lies beside it" "$(ls "$d")"; fi

run sample --xml domain.xml --profile profile.txt --host host.json --bundle "$d/two.vtb" --redact
mac=$(sed -n "s/.*<mac address=['\"]\([^'\"]*\).*/\1/p" domain.xml | head -1)
if [ -n "$mac" ] && ! grep -qi "$mac" "$d/two.vtb" && grep -qi "$mac" "$d/one.vtb"; then ok "MAC addresses are replaced"
else not_ok "MAC addresses are replaced" "$mac"; fi
run sample "$d/one.vtb" --bundle "$d/again.vtb"
if cmp -s "$d/one.vtb" "$d/again.vtb"; then ok "a bundle of a bundle is the same"; else not_ok "a bundle of a bundle is the same" "$(cat "$err")"; fi
run sample "$d/one.vtb" --bundle "$d/redacted.vtb" --redact
if cmp -s "$d/two.vtb" "$d/redacted.vtb"; then ok "a bundle is redacted later"; else not_ok "a bundle is redacted later" "$(cat "$err")"; fi

cp "$d/one.vtb" "$d/plain"
run advise "$d/plain" "$d/one.vtb" -o json
if [ "$status" = 0 ] && [ "$(grep -c '^{"name"' "$out")" = 2 ]; then ok "several at once, whatever they are called"
else not_ok "several at once, whatever they are called" "$(cat "$err")"; fi
one=$(grep -c '"host":{"uri":null,"known":true' "$out")
sed 's/"irqbalance": "[a-z]*"/"irqbalance": "unlike"/' "$d/one.vtb" >"$d/elsewhere.vtb"
run advise "$d/one.vtb" "$d/elsewhere.vtb" -o json
if [ "$one" = 1 ] && [ "$(grep -c '"known":false' "$out")" = 1 ] && [ "$(grep -c '^{"name".*"host":{"uri":null,"known":true' "$out")" = 2 ]; then
    ok "of several hosts each domain has its own"
else not_ok "of several hosts each domain has its own" "$(head -c 600 "$out"; cat "$err")"; fi
if command -v python3 >/dev/null && python3 -c 'import jsonschema' 2>/dev/null; then
    differs=$(python3 "$VT_SRCDIR/tests/validate-json.py" "$VT_SRCDIR/data/schemas/report.schema.json" "$out" 2>&1)
    if [ -z "$differs" ]; then ok "that report is valid"; else not_ok "that report is valid" "$differs"; fi
    differs=$(python3 "$VT_SRCDIR/tests/validate-json.py" "$VT_SRCDIR/data/schemas/bundle.schema.json" "$d/one.vtb" "$d/two.vtb" 2>&1)
    if [ -z "$differs" ]; then ok "bundles are valid"; else not_ok "bundles are valid" "$differs"; fi
else
    skip "reports and bundles are valid" "python3's jsonschema module is not installed"
fi

run explain virtio-net "$d/one.vtb"
if [ "$status" = 0 ] && grep -q 'exit.mmio' "$out"; then ok "explain takes a bundle"; else not_ok "explain takes a bundle" "$(cat "$err")"; fi

head -c 3000 "$d/one.vtb" >"$d/cut.vtb"
echo '{"format": "virt-tune-bundle", "version": 2, "domains": []}' >"$d/new.vtb"
echo '{"format": "virt-tune-profile", "version": 1}' >"$d/profile.vtb"
# A seed by its name alone, which redaction takes.
sed 's|<source [^>]*>|<source file="/v/web-cidata.img"/>|' "$golden/table-ide/domain.xml" >"$d/seed.xml"
for redact in "" --redact; do
    # shellcheck disable=SC2086 # an option or none
    run sample --xml "$d/seed.xml" --profile "$golden/table-ide/profile.txt" --bundle "$d/seed.vtb" $redact
    run explain virtio-disk "$d/seed.vtb"
    if [ "$status" = 0 ] && grep -q ': blocked' "$out"; then ok "a disk of cloud-init stays one $redact"
    else not_ok "a disk of cloud-init stays one $redact" "$(cat "$out" "$err")"; fi
done

# What is said of a recording's use is said again, once, and is in no file.
cd "$golden/other-vcpus" || exit 1
run advise --xml ../fixed-disks/domain.xml --profile profile.json --host host.json; cp "$out" "$d/want"
run sample --xml ../fixed-disks/domain.xml --profile profile.json --host host.json --bundle "$d/one.vtb" --save "$d/saved.json"
run sample "$d/one.vtb" --bundle "$d/again.vtb"
run advise "$d/again.vtb"; cp "$out" "$d/have"
if [ "$(grep -c 'in the recording' "$d/want")" = 1 ] && cmp -s "$d/want" "$d/have"; then ok "another number of vCPUs is said once"
else not_ok "another number of vCPUs is said once" "$(diff "$d/want" "$d/have")"; fi
if [ -s "$d/saved.json" ] && ! grep -q 'in the recording' "$d/saved.json" "$d/again.vtb"; then ok "and is in no file"
else not_ok "and is in no file" "$(grep 'in the recording' "$d/saved.json" "$d/again.vtb")"; fi

fails "a bundle and --duration" 2 "--duration" sample "$d/one.vtb" --duration 3
fails "a bundle and --source" 2 "--source" advise "$d/one.vtb" --source bpf
fails "--redact alone" 2 "--bundle" sample --redact "$d/one.vtb"
fails "a bundle that is cut" 1 "cut.vtb" advise "$d/cut.vtb"
fails "a bundle that is not there" 1 "nothere.vtb" advise "$d/nothere.vtb"
fails "a bundle of a later version" 1 "version 2" advise "$d/new.vtb"
fails "a .vtb that is none" 1 "virt-tune-profile" advise "$d/profile.vtb"
fails "a bundle and a domain" 2 "no bundle" advise "$d/one.vtb" test
fails "a bundle and --xml" 2 "--xml" advise "$d/one.vtb" --xml domain.xml
fails "a bundle is not changed" 2 "not changed" apply "$d/one.vtb" --all-rules --dry-run
fails "a bundle of several hosts" 2 "several" advise "$d/one.vtb" "$d/elsewhere.vtb" --bundle "$d/x.vtb"
fails "a bundle to nowhere" 1 "/nonexistent" advise "$d/one.vtb" --bundle /nonexistent/x.vtb
finish
