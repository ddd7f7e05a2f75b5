#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The command line as a user meets it: wrong arguments, wrong files, hostile names.
. "$(dirname "$0")/tap.sh"

d=$tap_tmp
domain=$d/domain.xml
cat >"$domain" <<'X'
<domain type='kvm'><name>web01</name><uuid>11111111-2222-4333-8444-555555555555</uuid><memory>65536</memory><vcpu>2</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type></os><features><apic/></features><clock><timer name='hpet' present='no'/></clock>
<devices><interface type='user'><mac address='52:54:00:aa:bb:cc'/><model type='e1000'/></interface></devices></domain>
X
profile() { printf '{"format":"virt-tune-profile","version":1,"domain":{"name":"web01","uuid":null},"isa":"vmx","vcpus":2,"duration_ns":1000000000,"sources":["x"],"windows":1,"metrics":{%s},"lost":0}\n' "$1"; }
profile '"exits":{"count":100000},"exit.hlt":{"count":9000},"exit.mmio":{"count":61918}' >"$d/good.json"

# Usage
fails "no verb" 2 "verb is missing"
fails "unknown verb" 2 "no verb 'frobnicate'" frobnicate
fails "unknown option" 2 "bogus" list --bogus
fails "wrong unit" 2 "10 parsecs" sample --duration "10 parsecs" x
fails "zero duration" 2 "duration" sample --duration 0 x
fails "negative duration" 2 "duration" sample --duration=-1 x
fails "a limit that is no number" 2 "many" sample --limit many x
fails "negative limit" 2 "limit" sample --limit=-1 x
fails "unknown format of sample" 2 "text, json or csv" sample -o html x
fails "unknown format of list" 2 "text or csv" -c test:///default list -o json
fails "unknown format" 2 "xlsx" advise --xml "$domain" -o xlsx
fails "unknown severity" 2 "catastrophic" advise --xml "$domain" --fail-on catastrophic
fails "unknown rule" 1 "no rule 'nonsense'" advise --xml "$domain" --rule nonsense
fails "no domain named" 2 "--all" advise
fails "a domain and --all" 2 "exclude" advise --all x
fails "--xml and a domain" 2 "--xml" advise --xml "$domain" x
fails "--devices of a file" 2 "--devices asks running domains" advise --xml "$domain" --devices
fails "--devices of a recording" 2 "--devices asks running domains" -c test:///default advise test --devices --profile "$domain"
fails "no vCPUs" 2 "--vcpus" import --vcpus 0 "$domain"
fails "a negative number of updates" 2 "--iterations -1" top -n -1
fails "a number of updates that is none" 2 "many" top -n many
fails "too short a delay" 2 "at least 100ms" top -d 1ms
fails "a delay that is none" 2 "soon" top -d soon
fails "a value that looks like two options" 2 "--sort -n1: use exits" -ctest:///default top --sort -n1
fails "a short option without a value" 2 "Missing argument for -n" -c test:///default top -bn
fails "behind -- there are names" 1 "'-n1'" -ctest:///default top -bn1 -- -n1
run -ctest:///default top -bn1 -d100ms
if [ "$status" = 0 ] && [ "$(grep -c '^virt-tune top .*every 100 ms' "$out")" = 1 ]; then ok "values right behind short options"; else not_ok "values right behind short options" "$status $(cat "$out" "$err")"; fi
run -c test:///default -- list -a
if [ "$status" = 0 ] && grep -q ' test ' "$out"; then ok "-- before the verb"; else not_ok "-- before the verb" "$status $(cat "$out" "$err")"; fi
fails "-- before and behind it" 1 "'-a'" -c test:///default -- list -- -a
fails "-- twice before it" 2 "no verb '--'" -c test:///default -- -- list
LC_ALL=C run --help
if [ "$status" = 0 ] && grep -q 'VERB ?$' "$out" && ! grep -q '\\u' "$out"; then ok "help in a locale that lacks characters"; else not_ok "help in a locale that lacks characters" "$(head -3 "$out")"; fi
run list -qocsv -ctest:///default
if [ "$status" = 0 ] && grep -q '^test,\|,test,' "$out"; then ok "of any verb"; else not_ok "of any verb" "$status $(cat "$out" "$err")"; fi
fails "unknown order" 2 "exits, time, advice, name or id" top --sort size
# Without ncurses it is the program that cannot, and not the arguments that are wrong.
status=2
grep -q '^#define HAVE_NCURSES 1' "$VT_BUILDDIR/config.h" || status=1
fails "top without a terminal" $status "top -b" -c test:///default top
fails "unknown source" 2 "nonsense" -c test:///default sample --source nonsense test
fails "--root that is a file" 2 "not a directory" --root "$domain" host
fails "several domains to one file" 2 "directory" -c test:///default sample --all --save "$d/one.json"

sed 's/<uuid>[^<]*<.uuid>//' "$domain" >"$d/nameless.xml"
fails "a directory for a domain without a UUID" 2 "web01 has no UUID" sample --xml "$d/nameless.xml" --profile "$d/good.json" -o csv --save "$d"
fails "a bundle without a name" 2 "--bundle needs" sample --xml "$domain" --profile "$d/good.json" --bundle ""
fails "a bundle amid the sample" 2 "--bundle -: .*standard output" sample --xml "$domain" --profile "$d/good.json" --bundle -
fails "a bundle amid the report" 2 "--bundle -: .*standard output" advise --xml "$domain" --profile "$d/good.json" --bundle - -o json
fails "and where both are named so" 2 "--bundle -: .*standard output" advise --xml "$domain" --profile "$d/good.json" --bundle - --output-file -
fails "a profile amid the sample" 2 "--save -: .*standard output" sample --xml "$domain" --profile "$d/good.json" --save -
# untouched FILE: it is as it was when it was kept beside it.
untouched() { if cmp -s "$1" "$1.kept"; then ok "  and leaves it as it was"; else not_ok "  and leaves it as it was" "$(head -c 200 "$1")"; fi; }
own=$d/own.vtb
run sample --xml "$domain" --profile "$d/good.json" --bundle "$own"
cp "$own" "$own.kept"; ln -s own.vtb "$d/link.vtb"; ln "$own" "$d/hard.vtb"
for to in "$own" "$d/./own.vtb" "$d/link.vtb" "$d/hard.vtb"; do
    fails "a report over its own bundle by the name ${to#"$d"}" 2 "--output-file .*vtb: that is what is read" advise "$own" -o html --output-file "$to"
    untouched "$own"
done
fails "a bundle over the one that it is of" 2 "--bundle .*own.vtb: that is what is read" sample "$own" --bundle "$own" --redact
fails "a profile over a bundle" 2 "--save .*own.vtb: that is what is read" sample "$own" --save "$own"
fails "a comparison over the second file" 2 "own.vtb: that is what is read" compare "$d/good.json" "$own" --output-file "$own"
untouched "$own"
cp "$d/good.json" "$d/good.json.kept"; cp "$domain" "$domain.kept"
fails "a report over the profile" 2 "good.json: that is what is read" advise --xml "$domain" --profile "$d/good.json" --output-file "$d/good.json"
fails "a profile over itself" 2 "good.json: that is what is read" import "$d/good.json" --save "$d/good.json"
fails "profiles over those that are read" 2 "that is what is read" -c test:///default sample --all --profile "$d" --save "$d/."
untouched "$d/good.json"
recorded=$d/profiles/11111111-2222-4333-8444-555555555555.json
mkdir "$d/profiles"; cp "$d/good.json" "$recorded"; cp "$recorded" "$recorded.kept"; ln "$recorded" "$d/hard.json"
for to in "$recorded" "$d/hard.json"; do
    fails "a report over a profile of a directory by the name ${to#"$d"}" 2 "--output-file .*json: that is what is read" advise --xml "$domain" --profile "$d/profiles" --output-file "$to"
    untouched "$recorded"
    fails "a bundle over it" 2 "--bundle .*json: that is what is read" advise --xml "$domain" --profile "$d/profiles" --bundle "$to"
    fails "a profile over it" 2 "--save .*json: that is what is read" sample --xml "$domain" --profile "$d/profiles" --save "$to"
    untouched "$recorded"
done
fails "a profile to the directory that it is from" 2 "--save .*profiles/1.*json: that is what is read" sample --xml "$domain" --profile "$recorded" --save "$d/profiles"
fails "a bundle over a profile that goes to a directory" 2 "--bundle .*json: something else" sample --xml "$domain" --profile "$d/good.json" --save "$d/profiles" --bundle "$recorded"
untouched "$recorded"
for i in 1 2; do run advise --xml "$domain" --profile "$d/profiles" --output-file "$d/profiles/web01.json"; done
if [ "$status" = 0 ] && grep -q web01 "$d/profiles/web01.json"; then ok "but a report may lie beside it"; else not_ok "but a report may lie beside it" "$status $(cat "$err")"; fi
sed 's|<uuid>[^<]*|<uuid>../good|' "$domain" >"$d/path.xml"
sed 's|<uuid>[^<]*|<uuid>../good|' "$d/own.vtb" >"$d/path.vtb"
fails "a path for a UUID" 1 "path.xml: .*no UUID" sample --xml "$d/path.xml" --profile "$d/good.json" --save "$d/profiles"
fails "a path for a UUID in a bundle" 1 "path.vtb.*no UUID" sample "$d/path.vtb" --save "$d/profiles"
untouched "$d/good.json"
fails "a bundle over the domain" 2 "domain.xml: that is what is read" sample --xml "$domain" --profile "$d/good.json" --bundle "$domain"
untouched "$domain"
echo '{"format":"virt-tune-host","version":1,"facts":{}}' >"$d/facts.json"
fails "facts over themselves" 2 "facts.json: that is what is read" host --host "$d/facts.json" --save "$d/facts.json"
fails "a report over the facts" 2 "facts.json: that is what is read" advise --xml "$domain" --host "$d/facts.json" --output-file "$d/facts.json"
fails "a report over the bundle beside it" 2 "--bundle .*both: something else" advise --xml "$domain" --profile "$d/good.json" --bundle "$d/both" --output-file "$d/./both"
fails "a bundle over the profile beside it" 2 "--bundle .*both: something else" sample --xml "$domain" --profile "$d/good.json" --bundle "$d/both" --save "$d/both"
run advise "$own" --output-file /dev/null
if [ "$status" = 0 ]; then ok "but a report may go nowhere"; else not_ok "but a report may go nowhere" "$(cat "$err")"; fi
( cd "$d" && : >test && run -c test:///default sample test --profile good.json --save test && printf '%s' "$status" >status ); status=$(cat "$d/status")
if [ "$status" = 0 ] && grep -q '"exits"' "$d/test"; then ok "and a profile to a file that is called as the domain"; else not_ok "and a profile to a file that is called as the domain" "$status $(cat "$d/test" "$err")"; fi
fails "facts amid the facts" 2 "--save -: .*standard output" --root "$d" host --save -
run advise --xml "$domain" --profile "$d/good.json" --bundle - --output-file "$d/report.json" -o json
if [ "$status" = 0 ] && grep -q '"virt-tune-bundle"' "$out" && ! grep -q '"virt-tune-report"' "$out" && grep -q '"virt-tune-report"' "$d/report.json"; then ok "a bundle on standard output beside a report in a file"; else not_ok "a bundle on standard output beside a report in a file" "$(head -c 400 "$out" "$err" "$d/report.json")"; fi
fails "a profile without a name" 2 "--save needs" sample --xml "$domain" --profile "$d/good.json" --save ""
run sample --xml "$d/nameless.xml" --profile "$d/good.json" --save "$d/saved.json"
if [ "$status" = 0 ] && grep -q '"exits"' "$d/saved.json"; then ok "but a file is welcome"; else not_ok "but a file is welcome" "$(cat "$err")"; fi
printf '[ EXIT_REASON_HLT] [12] count = 9617\n' >"$d/table.txt"
run import --vcpu "$d/table.txt"
if [ "$status" = 0 ] && grep -q 'does not tell which vCPU has how much' "$out"; then ok "import --vcpu of a recording without vCPUs says so"; else not_ok "import --vcpu of a recording without vCPUs says so" "$(cat "$out" "$err")"; fi
run sample --xml "$domain" --profile "$d/good.json" --vcpu
if [ "$status" = 0 ] && grep -q 'Which vCPU has how much is not in this profile' "$out"; then ok "and so does sample --vcpu"; else not_ok "and so does sample --vcpu" "$(cat "$out" "$err")"; fi

# libvirt
fails "missing domain" 1 "nosuch" -c test:///default advise nosuch
fails "unreachable URI" 1 "nonsense" -c nonsense:///x list
fails "unreachable socket" 1 "/nonexistent" -c "qemu+unix:///system?socket=/nonexistent" list

run -c test:///default list 1 1 test 6695eb01-f6a4-8304-79aa-97f2502e193f --duration 100ms --interval 100ms
if [ "$(grep -c ' test ' "$out")" = 1 ]; then ok "a domain named four times is one"; else not_ok "a domain named four times is one" "$(cat "$out" "$err")"; fi
run -c test:///default list -o csv
if [ "$(head -n 1 "$out" | tr -d '\r')" = id,domain,uuid,state,vcpus,exits_per_s,exits_at_least,most,advice,measured,pending_change,note ] &&
    grep -q '^1,test,6695eb01-f6a4-8304-79aa-97f2502e193f,running,2,,,,[0-9]*,no,,"*Nothing was measured' "$out"; then
    ok "list as CSV: what is not known is empty"; else not_ok "list as CSV: what is not known is empty" "$(cat "$out" "$err")"; fi
run -c test:///default sample -o csv test
if [ "$status" = 1 ] && [ "$(wc -l <"$out")" = 1 ] && grep -q '^virt-tune: test: ' "$err"; then ok "sample as CSV says what was not measured"; else not_ok "sample as CSV says what was not measured" "$(cat "$out" "$err")"; fi
# As wide as the terminal, and no wider.
if command -v script >/dev/null; then
    for width in 40 60 80 120; do
        script -qc "stty cols $width; LC_ALL=C '$VT_BUILDDIR/virt-tune' sample --xml '$VT_SRCDIR/tests/golden/sample-vcpu/domain.xml' --profile '$VT_SRCDIR/tests/golden/sample-vcpu/profile.json' --vcpu --histogram" /dev/null </dev/null 2>&1 |
            tr -d '\r' | sed 's/\x1b\[[0-9;]*m//g' | tail -n +2 >"$d/wide"
        longest=$(awk '{ sub(/ *$/, ""); if (length($0) > n) n = length($0) } END { print n + 0 }' "$d/wide")
        if [ "$longest" -le $width ] && grep -q '^exit.io' "$d/wide"; then ok "sample fits on $width columns"; else not_ok "sample fits on $width columns" "$(cat "$d/wide")"; fi
    done
else
    skip "sample fits on the terminal" "script is not installed"
fi
# Of what cannot be measured that is said, and at once; advice by the XML alone has a star.
{ echo '<node>'; cat "$domain"; echo '</node>'; } >"$d/node.xml"
begun=$(date +%s)
run -c "test://$d/node.xml" list --duration 60s
if [ $(($(date +%s) - begun)) -lt 30 ]; then ok "no sample where nothing can be measured"; else not_ok "no sample where nothing can be measured"; fi
if grep -q 'web01 running  *2  *? .*[1-9]\*$' "$out"; then ok "list: unknown exits, advice by the XML"; else not_ok "list: unknown exits, advice by the XML" "$(cat "$out" "$err")"; fi
if grep -q '^web01: .*no statistics of VM exits' "$out" && grep -q '^\* by the XML alone' "$out"; then ok "list says why"; else not_ok "list says why" "$(cat "$out")"; fi
run -c test:///default advise test
if grep -q 'does not use KVM' "$out"; then ok "no rule for a domain without KVM"; else not_ok "no rule for a domain without KVM" "$(cat "$out")"; fi
if grep -q 'another machine\|virt-tune there' "$out"; then not_ok "the test driver is no other machine" "$(cat "$out")"; else ok "the test driver is no other machine"; fi
# 30 columns
if script -qec "stty cols 30; $vt advise --xml $domain --profile $d/good.json" "$d/narrow" >"$out" 2>&1 && [ -s "$d/narrow" ]; then
    # Words may be longer, commands and diffs are as they are.
    long=$(sed 's/\x1b\[[0-9;]*m//g; s/\r//; /^Script /d; /^ *[-+@<]/d; /virt-tune /d; /--assume/d' "$d/narrow" | awk '{ text = $0; sub(/^ +/, "", text); if (length($0) > 30 && index(text, " ")) print }')
    if [ -z "$long" ]; then ok "a narrow terminal"; else not_ok "a narrow terminal" "$long"; fi
else
    skip "a narrow terminal" "script(1) makes no terminal here"
fi
for verb in "list 1s" "advise 10s" "verify as before the change"; do
    run ${verb%% *} --help
    if grep -q -- "--duration.*(${verb#* })\$" "$out"; then ok "--duration in the help of ${verb%% *}"; else not_ok "--duration in the help of ${verb%% *}" "$(cat "$out" "$err")"; fi
done
run -c test:///default list --name
if [ "$(cat "$out")" = test ]; then ok "list --name"; else not_ok "list --name" "$(cat "$out" "$err")"; fi
(unset VIRT_TUNE_DATADIR; "$vt" rules list --name >"$out" 2>"$err")
if [ ! -e "$VT_BUILDDIR/../data/rules.rng" ]; then skip "a program that was built finds its data" "it was not built in a directory of its sources"
elif grep -qx virtio-net "$out"; then ok "a program that was built finds its data"; else not_ok "a program that was built finds its data" "$(cat "$err")"; fi
saved=$VIRT_TUNE_DATADIR
VIRT_TUNE_DATADIR=$d/nowhere
fails "no data directory" 1 "$d/nowhere/rules.rng.*VIRT_TUNE_DATADIR" rules list
VIRT_TUNE_DATADIR=$saved

# Files
nic=$VT_SRCDIR/data/demo/recorded/e1000.xml
fails "apply without a rule" 2 "--rule ID, or --all-rules" apply x
fails "apply with too much" 2 "--rule ID, or --all-rules" apply x --rule pv-eoi --all-rules
fails "apply to a file" 2 "--print-xml" apply --xml "$nic" --rule virtio-net
fails "apply with an unknown confidence" 2 "--min-confidence sure" apply x --all-rules --min-confidence sure
fails "apply --device without a rule" 2 "--device goes with --rule" apply x --all-rules --device vda
fails "apply without a terminal" 1 "no terminal" -c test:///default apply test --rule virtio-net
fails "apply what is not advised" 1 "test: virtio-net is not advised" -c test:///default apply test --rule virtio-net --yes -d 100ms
fails "apply to an unknown device" 1 "device 'vdz'" apply --xml "$nic" --rule virtio-net --device vdz --print-xml
fails "apply without a known driver" 1 "--assume-guest-drivers" apply --xml "$nic" --rule virtio-net --print-xml
sed 's|<name>[^<]*</name>|<name>virtio</name>|' "$nic" >"$d/virtio.xml"
fails "apply to a domain that is called like a rule" 1 "virt-tune: virtio: virtio-net: whether the guest" apply --xml "$d/virtio.xml" --rule virtio-net --print-xml
fails "apply one rule to a device and another to the domain" 1 "pv-eoi has nothing to do with a device '52:54" \
    apply --xml "$nic" --rule pv-eoi --rule virtio-net --device 52:54:00:12:34:56 --assume-guest-drivers --print-xml
e1000=$VT_SRCDIR/tests/golden/table-e1000
run apply --xml "$e1000/domain.xml" --profile "$e1000/profile.txt" --host "$e1000/host.json" --all-rules --dry-run
if [ "$status" = 0 ] && grep -q 'nothing to change' "$out" && grep -q '^virt-tune: left out: virtio-net.*: only suspected; --min-confidence suspected takes it$' "$err"; then
    ok "apply --all-rules names what is not sure enough"; else not_ok "apply --all-rules names what is not sure enough" "$status $(cat "$out" "$err")"; fi
sed 's|<mac [^>]*>||; s|<interface.*</interface>|&&|' "$domain" >"$d/no-mac.xml"
fails "apply to two network cards without a MAC address" 1 "^virt-tune: web01: virtio-net: 2 network interfaces .*; give each of them a MAC address$" \
    apply --xml "$d/no-mac.xml" --rule virtio-net --profile "$d/good.json" --assume-guest-drivers --print-xml
# What the site has waived is not made, also where only another change makes it apply.
cat >"$d/card.xml" <<'X'
<domain type='kvm'><name>web01</name><uuid>11111111-2222-4333-8444-555555555555</uuid><memory>1048576</memory><vcpu>4</vcpu>
<os><type arch='x86_64' machine='q35'>hvm</type></os><devices><interface type='network'><mac address='52:54:00:aa:bb:cc'/>
<source network='default'/><model type='e1000'/></interface></devices></domain>
X
printf '{"format":"virt-tune-host","version":1,"facts":{"vhost-net":"Y","overcommit":"N"}}\n' >"$d/vhost.json"
# packets HOW: a profile of 60,000 MMIO exits and 300,000 packets a second, the latter counted so.
packets() { printf '{"format":"virt-tune-profile","version":1,"domain":{"name":"web01","uuid":null},"isa":"vmx","vcpus":4,"duration_ns":3000000000,"sources":["x"],"windows":3,"window_ns":[1000000000,1000000000,1000000000],"window_vcpus":[4,4,4],"covers":["exit"],"metrics":{"exit.mmio":{"count":180000,"source":"x","per_window":[60000,60000,60000]},"net.packets":{"count":900000,"source":"x",%s}},"notes":[],"lost":0}\n' "$1"; }
packets '"per_window":[300000,300000,300000]' >"$d/windows.json"
packets '"whole_ns":3000000000' >"$d/whole.json"
# planned NAME PLANNED PATTERN PROFILE ARGS...: with that profile of the card the rules of PLANNED, and no other of these, are
# planned, and a message matches.
planned() {
    name=$1 wanted=$2 pattern=$3 profile=$4; shift 4
    run apply --xml "$d/card.xml" --profile "$d/$profile.json" --host "$d/vhost.json" --assume-guest-drivers --dry-run "$@"
    plan=$(sed -n 's/^  [A-Z].* (\([a-z-]*\))$/\1/p' "$out" | grep 'net' | tr '\n' ' ')
    if [ "$status" = 0 ] && [ "$plan" = "$wanted" ] && { [ -z "$pattern" ] || grep -Eq -- "$pattern" "$err"; }; then ok "$name"; else not_ok "$name" "$status '$plan' $(cat "$out" "$err")"; fi
}
mkdir -p "$d/config/virt-tune"
own=${XDG_CONFIG_HOME:-}
export XDG_CONFIG_HOME="$d/config"
# waive LINE...: what of the first waiver there is.
waive() { printf '[waiver w]\nreason=of the site\n' >"$d/config/virt-tune/virt-tune.conf"; printf '%s\n' "$@" >>"$d/config/virt-tune/virt-tune.conf"; }
planned_all() { planned "$@" --all-rules --min-confidence structural; }
joins='^virt-tune: net-queues \(52:54:00:aa:bb:cc\) joins: it applies after virtio-net'
planned_all "a change joins" "virtio-net net-queues " "$joins" windows
planned_all "and so where packets were counted once over the sample" "virtio-net net-queues " "$joins" whole
planned "and one that is named" "virtio-net net-queues " "$joins" windows --rule virtio-net --rule net-queues
waive rule=net-queues 'domain=*'
planned_all "but no waived one" "virtio-net " '' windows
if grep -q net-queues "$out" "$err"; then not_ok "and nothing is said of it" "$(cat "$out" "$err")"; else ok "and nothing is said of it"; fi
fails "unless it is named" 1 '^virt-tune: web01: net-queues is waived \(w: of the site\); end the waiver' apply --xml "$d/card.xml" \
    --profile "$d/windows.json" --host "$d/vhost.json" --assume-guest-drivers --dry-run --rule virtio-net --rule net-queues
waive rule=net-queues 'domain=web??' 'device=52:54:00:AA:*' expires=9999-12-31
planned_all "by patterns of domain and device" "virtio-net " '' windows
waive rule=net-queues 'domain=web01' 'device=52:54:00:00:*'
planned_all "a waiver of another device" "virtio-net net-queues " "$joins" windows
waive rule=net-queues 'domain=db*'
planned_all "a waiver of another domain" "virtio-net net-queues " "$joins" windows
waive rule=net-queues 'domain=*' expires=2020-01-01
planned_all "a waiver that has expired" "virtio-net net-queues " 'waiver.*expired' windows
waive rule=virtio-net 'domain=*'
planned_all "a waiver of what makes it apply" "" '' windows
# is NAME GOT WANTED: the two are the same.
is() { if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "'$2', not '$3'"; fi; }
# Of two cards the one that is not waived is changed, whichever comes first.
sed 's|<interface.*|<interface type="network"><mac address="52:54:00:aa:bb:01"/><source network="default"/><model type="e1000"/></interface>&|' \
    "$d/card.xml" >"$d/cards.xml"
for last in 01 cc; do
    waive rule=virtio-net 'domain=*' "device=*:$last"
    run apply --xml "$d/cards.xml" --rule virtio-net --assume-guest-drivers --print-xml
    left=$(tr -d '\n' <"$out" | sed 's/.*52:54:00:aa:bb:\(..\)"[^m]*<source[^m]*<model type="e1000".*/\1/')
    if [ "$status" = 0 ] && [ "$(grep -c 'model type="virtio"' "$out")" = 1 ] && [ "$left" = $last ]; then
        ok "of two cards :$last, which is waived, stays"; else not_ok "of two cards :$last, which is waived, stays" "$status $left $(cat "$out" "$err")"; fi
    is "and is named" "$(cat "$err")" "virt-tune: left out: virtio-net 52:54:00:aa:bb:$last: waived (w: of the site)"
done
run apply --xml "$d/cards.xml" --rule virtio-net --rule virtio-net --assume-guest-drivers --dry-run
is "once, if the rule is named twice" "$(grep -c 'left out' "$err")" 1
# So does one that is to wait for other advice.
mkdir "$d/config/virt-tune/rules.d"
cat >"$d/config/virt-tune/rules.d/own-mtu.xml" <<'X'
<rule format='1' id='own-mtu' severity='medium' since='0.1' structural='yes'><title>T</title><why>W</why><risk>R</risk>
<each select="devices/interface[mac/@address='52:54:00:aa:bb:01']"/><satisfied test='mtu'/>
<change target='domain' effect='power-cycle'><add sel='.'><mtu size='9000'/></add></change>
<supersedes rule='virtio-net'>It is the first step.</supersedes><reference href='https://example.org/'>R</reference></rule>
X
rm "$d/config/virt-tune/virt-tune.conf"
run apply --xml "$d/cards.xml" --rule virtio-net --rule own-mtu --assume-guest-drivers --print-xml
is "a card whose other advice goes first is named" "$status $(cat "$err")" \
    "0 virt-tune: left out: virtio-net 52:54:00:aa:bb:01: it excludes own-mtu, or comes after it"
is "and gets that alone" "$(grep -o '<mtu size="9000"/>\|model type="[a-z0-9]*"' "$out" | tr '\n' ' ')" \
    'model type="e1000" <mtu size="9000"/> model type="virtio" '
rm -r "$d/config/virt-tune/rules.d"
if [ -n "$own" ]; then XDG_CONFIG_HOME=$own; else unset XDG_CONFIG_HOME; fi
fails "explain to a file and a domain" 2 "--xml" explain virtio-net --xml "$nic" x
fails "explain to an unknown domain" 1 "nosuch" -c test:///default explain virtio-net nosuch
fails "an interval that is longer than the sample" 2 "^virt-tune: --interval is longer than the whole sample" \
    -c test:///default advise test -d 1s -i 2s
fails "an interval that is longer than the default sample" 2 "^virt-tune: --interval is longer" -c test:///default sample test -i 11s
fails "history of nothing" 1 "nosuch" -c test:///default history nosuch
fails "history of two" 2 "one domain" -c test:///default history a b
fails "revert of a word" 2 "number of a change" -c test:///default revert test first --yes
fails "revert without a change" 1 "no change of this domain is in effect" -c test:///default revert test --yes
fails "verify without a change" 1 "no change of this domain is in effect" -c test:///default verify test
fails "revert without a terminal" 1 "no terminal" -c test:///default revert test

# Disks that are not to be touched are left as they are, and named; the others are changed.
cat >"$d/disks.xml" <<'X'
<domain type='kvm'><name>web01</name><uuid>11111111-2222-4333-8444-555555555555</uuid><memory>65536</memory><vcpu>2</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type></os><features><apic/></features><devices>
<disk type='file' device='disk'><source file='/v/a.img'/><target dev='hda' bus='ide'/><boot order='1'/><serial>S1</serial></disk>
<disk type='file' device='disk'><source file='/v/b.img'/><target dev='hdb' bus='ide'/><readonly/></disk>
<disk type='file' device='cdrom'><source file='/v/c.iso'/><target dev='hdc' bus='ide'/><readonly/></disk>
<disk type='file' device='disk'><source file='/v/web01-SEED.img'/><target dev='hdd' bus='ide'/></disk>
<disk type='file' device='disk'><source file='/v/d.img'/><target dev='sda' bus='sata'/><serial>cidata</serial></disk>
<disk type='file' device='floppy'><source file='/v/f.img'/><target dev='fda' bus='fdc'/></disk>
</devices></domain>
X
run apply --xml "$d/disks.xml" --all-rules --min-confidence structural --assume-guest-drivers --print-xml
if [ "$status" = 0 ] && grep -q '<target dev="vda" bus="virtio"/>' "$out" && [ "$(grep -c '<target dev="\(hdb\|hdc\|hdd\|sda\|fda\)"' "$out")" = 5 ] &&
    [ ! -s "$err" ] && grep -q '<serial>S1</serial>' "$out" && grep -q '<boot order="1"/>' "$out"; then
    ok "read-only disks, CD-ROMs, floppies and seeds are left out, and the rest is changed"
else
    not_ok "read-only disks, CD-ROMs, floppies and seeds are left out, and the rest is changed" "$status $(cat "$out" "$err")"
fi
run apply --xml "$d/disks.xml" --rule virtio-disk --rule virtio-disk --device hda --assume-guest-drivers --print-xml
if [ "$status" = 0 ] && grep -q '<target dev="vda" bus="virtio"/>' "$out" && ! grep -q vdb "$out"; then ok "a rule that is named twice is made once"; else not_ok "a rule that is named twice is made once" "$(cat "$out" "$err")"; fi
for target in hdb hdd sda; do
    fails "apply to $target alone" 1 "virtio-disk is not advised: The disk is read-only or holds the data of cloud-init" \
        apply --xml "$d/disks.xml" --rule virtio-disk --device $target --assume-guest-drivers --print-xml
done
for target in hdc fda; do
    fails "apply to $target alone" 1 "device '$target'" apply --xml "$d/disks.xml" --rule virtio-disk --device $target --assume-guest-drivers --print-xml
done
if grep -q '^#define HAVE_LIBOSINFO ' "$VT_BUILDDIR/config.h"; then
    windows='<metadata><libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0"><libosinfo:os id="http://microsoft.com/win/10"/></libosinfo:libosinfo></metadata><os>'
    sed "s|<os>|$windows|" "$d/disks.xml" >"$d/windows.xml"
    fails "Windows: a direct change is refused" 1 "attach a small virtio disk" apply --xml "$d/windows.xml" --rule virtio-disk --device hda --print-xml
    run apply --xml "$d/windows.xml" --rule virtio-disk --device hda --dry-run --assume-guest-drivers
    if [ "$status" = 0 ] && grep -q 'For Windows, first attach a second, small virtio disk' "$out"; then ok "Windows: two steps, in the risk too"; else not_ok "Windows: two steps, in the risk too" "$(cat "$out" "$err")"; fi
    sed "s|<os>|$windows|" "$nic" >"$d/windows-nic.xml"
    fails "Windows: a network card needs its driver" 1 "NetKVM" apply --xml "$d/windows-nic.xml" --rule virtio-net --print-xml
else
    skip "Windows: what is refused and why" "built without libosinfo, which knows the guest"
fi
nova='<metadata><nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1"/></metadata><os>'
sed "s|<os>|$nova|" "$nic" >"$d/nova.xml"
fails "a domain of OpenStack" 1 "belongs to OpenStack Nova.*--force" apply --xml "$d/nova.xml" --rule virtio-net --assume-guest-drivers --print-xml
run apply --xml "$d/nova.xml" --rule virtio-net --assume-guest-drivers --print-xml --force
if [ "$status" = 0 ] && grep -q 'model type="virtio"' "$out" && grep -q nova:instance "$out"; then ok "unless --force"; else not_ok "unless --force" "$(cat "$err")"; fi

# All that a disk has is kept but its bus, and what only the old one has.
cat >"$d/full.xml" <<'X'
<domain type='kvm'><name>web01</name><uuid>11111111-2222-4333-8444-555555555555</uuid><memory>65536</memory><vcpu>2</vcpu>
<iothreads>1</iothreads><os><type arch='x86_64' machine='pc'>hvm</type></os><devices>
<disk type='file' device='disk'><driver name='qemu' type='raw' cache='none' io='native' discard='unmap'/><source file='/v/a.img'/>
<target dev='hda' bus='ide' rotation_rate='7200'/><iotune><total_iops_sec>100</total_iops_sec></iotune><boot order='2'/>
<serial>S1</serial><alias name='ua-x'/><address type='drive' controller='0' bus='0' target='0' unit='0'/></disk>
<disk type='file' device='disk'><source file='/v/w.img'/><target dev='sda' bus='sata'/><wwn>5000c50015ea71ac</wwn></disk>
</devices></domain>
X
run apply --xml "$d/full.xml" --rule virtio-disk --device hda --assume-guest-drivers --dry-run
if [ "$status" = 0 ] && [ "$(grep -c '^ *[-+] ' "$out")" = 3 ] && grep -q '^ *+ *<target dev="vda" bus="virtio"/>' "$out" &&
    grep -q '^ *- *<target dev="hda" bus="ide" rotation_rate="7200"/>' "$out" && grep -q '^ *- *<address type="drive"' "$out" &&
    tr '\n' ' ' <"$out" | grep -q '/dev/disk/by-id'; then
    ok "a disk loses its drive address and rotation rate, gets no iothread, and the risk names /dev/disk/by-id"
else
    not_ok "a disk loses its drive address and rotation rate, gets no iothread, and the risk names /dev/disk/by-id" "$status $(cat "$out" "$err")"
fi
fails "a disk with a WWN" 1 "has a WWN" apply --xml "$d/full.xml" --rule virtio-disk --device sda --assume-guest-drivers --print-xml

# All that a network card has is kept but its model.
sed "s|<model type='e1000'/>|<target dev='tap7'/><model type='e1000'/><link state='down'/><filterref filter='clean-traffic'/><bandwidth><inbound average='1000'/></bandwidth><mtu size='9000'/><coalesce><rx><frames max='7'/></rx></coalesce><tune><sndbuf>1600</sndbuf></tune><rom bar='off'/><vlan><tag id='42'/></vlan><boot order='1'/><address type='pci' domain='0x0000' bus='0x00' slot='0x07' function='0x0'/>|" "$domain" >"$d/nic.xml"
run apply --xml "$d/nic.xml" --rule virtio-net --assume-guest-drivers --dry-run
if [ "$status" = 0 ] && [ "$(grep -c '^ *[-+] ' "$out")" = 2 ] && grep -q '^ *+ *<model type="virtio"/>' "$out" && grep -q 'tap7' "$d/nic.xml"; then
    ok "MAC, link, filter, bandwidth, MTU, coalescing, VLAN, boot order and address are kept"
else
    not_ok "MAC, link, filter, bandwidth, MTU, coalescing, VLAN, boot order and address are kept" "$status $(cat "$out" "$err")"
fi

run apply --xml "$nic" --rule virtio-net --assume-guest-drivers --print-xml
if [ "$status" = 0 ] && grep -q 'model type="virtio"' "$out" && ! [ -s "$err" ] && ! grep -v '^ *<' "$out"; then
    ok "--print-xml prints XML and nothing else"
else
    not_ok "--print-xml prints XML and nothing else" "$(cat "$out" "$err")"
fi

# Secrets come out nowhere, and do not get in the way of the change.
sed "s|<domain type='kvm'>|<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>|
s|</devices>|<graphics type='vnc' passwd='hunter2'/></devices><qemu:commandline><qemu:arg value='-object'/><qemu:arg value='secret,id=s,data=hunter3'/></qemu:commandline>|" "$nic" >"$d/secret.xml"
# no_secret NAME PATTERN ARGS...: standard output has the pattern and no secret.
no_secret() {
    name=$1 pattern=$2; shift 2
    run "$@"
    if [ "$status" = 0 ] && grep -q -- "$pattern" "$out" && ! grep -q hunter "$out" "$err"; then ok "$name"; else not_ok "$name" "$status $(cat "$out" "$err")"; fi
}
no_secret "apply --print-xml prints no secrets" 'passwd="removed"' apply --xml "$d/secret.xml" --rule virtio-net --assume-guest-drivers --print-xml
grep -q 'model type="virtio"' "$out" || not_ok "apply --print-xml of a domain with secrets makes the change" "$(cat "$out")"
no_secret "apply --dry-run prints no secrets" '+ *<model type="virtio"/>' apply --xml "$d/secret.xml" --rule virtio-net --assume-guest-drivers --dry-run
for format in text json html; do
    no_secret "advise -o $format prints no secrets" 'removed' advise --xml "$d/secret.xml" --assume-guest-drivers -o $format
done

fails "compare without files" 2 "two files" compare
fails "compare with one file" 2 "two files" compare "$d/good.json"
fails "compare with three files" 2 "two files" compare "$d/good.json" "$d/good.json" "$d/good.json"
fails "compare in an unknown format" 2 "xlsx" compare "$d/good.json" "$d/good.json" -o xlsx
fails "compare with a missing file" 1 "$d/none.json" compare "$d/good.json" "$d/none.json"
fails "compare with a missing bundle" 1 "$d/none.vtb" compare "$d/none.vtb" "$d/good.json"
fails "compare a domain that is not there" 1 "no domain 'nosuch'" compare "$VT_SRCDIR/tests/golden/compare-bundles/before.vtb" "$d/good.json" --domain nosuch

# of NAME UUID FILE: a profile that says whose it is; "" where it does not.
of() { sed "s/{\"name\":\"web01\",\"uuid\":null}/{\"name\":${1:+\"}${1:-null}${1:+\"},\"uuid\":${2:+\"}${2:-null}${2:+\"}}/" "$d/good.json" >"$3"; }
a=11111111-2222-4333-8444-555555555555
b=99999999-2222-4333-8444-555555555555
# two WHAT NAME UUID NAME UUID [NOTE]: what compare says of them.
two() {
    of "$2" "$3" "$d/one.json"; of "$4" "$5" "$d/other.json"
    run compare "$d/one.json" "$d/other.json"
    said=$(tr '\n' ' ' <"$out" | tr -s ' ' | grep -o 'These are two domains:[^.]*\.')
    if [ "$status" = 0 ] && [ "$said" = "$6" ]; then ok "$1"; else not_ok "$1" "$status $(cat "$out" "$err")"; fi
}
two "compare domains of two names" web1 "" db9 "" "These are two domains: web1 before and db9 after."
two "of two names of which one has a UUID" web1 $a db9 "" "These are two domains: web1 before and db9 after."
two "of one name and two UUIDs" web1 $a web1 $b "These are two domains: web1 before and web1 after."
two "of two UUIDs without names" "" $a "" $b "These are two domains: $a before and $b after."
two "a domain that was renamed" web1 $a web2 $a ""
two "a domain by its name" web1 "" web1 $a ""
two "what is of any domain" "" "" web1 $a ""

fails "missing file" 1 "$d/none.xml" advise --xml "$d/none.xml"
fails "missing profile" 1 "$d/none.json" advise --xml "$domain" --profile "$d/none.json"
fails "a directory as XML" 1 "$d" advise --xml "$d"
head -c 100 "$domain" >"$d/cut.xml"
fails "truncated XML" 1 "cut.xml:[0-9]+: " advise --xml "$d/cut.xml"
echo '<network/>' >"$d/network.xml"
fails "not a domain" 1 "network.xml" advise --xml "$d/network.xml"
{ echo '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">'; for i in 1 2 3 4 5 6 7 8 9; do echo "<!ENTITY a$i '&a$((i - 1));&a$((i - 1));&a$((i - 1));&a$((i - 1));&a$((i - 1));&a$((i - 1));&a$((i - 1));&a$((i - 1))'>"; done
  echo ']><domain><name>&a9;</name></domain>'; } | sed 's/&a0;/\&a;/g' >"$d/bomb.xml"
fails "XML bomb" 1 "bomb.xml" advise --xml "$d/bomb.xml"
printf '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><domain><name>&x;</name></domain>' >"$d/xxe.xml"
fails "external entity" 1 "xxe.xml" advise --xml "$d/xxe.xml"
head -c 20000 /dev/urandom >"$d/garbage"
fails "binary garbage as XML" 1 "garbage" advise --xml "$d/garbage"
other=00000000-2222-4333-8444-555555555555
own=11111111-2222-4333-8444-555555555555
mkdir "$d/owners"
profile '"exits":{"count":100000}' | sed "s/\"uuid\":null/\"uuid\":\"$other\"/;s/web01/db01/" >"$d/owners/$own.json"
for given in "$d/owners/$own.json" "$d/owners"; do
    fails "the profile of another domain, by ${given##*/}" 1 "owners/$own.json: .*of db01 .$other., and not of web01 .$own.;.*null" advise --xml "$domain" --profile "$given"
done
profile '"exits":{"count":100000}' | sed "s/\"uuid\":null/\"uuid\":\"$own\"/" >"$d/owners/own.json"
sed "s|<uuid>$own|<uuid>$(echo "$own" | tr -d -)|" "$domain" >"$d/hyphens.xml"
for given in "$domain" "$d/hyphens.xml" "$d/nameless.xml"; do
    run advise --xml "$given" --profile "$d/owners/own.json"
    if [ "$status" = 0 ]; then ok "a profile of ${given##*/}"; else not_ok "a profile of ${given##*/}" "$(cat "$err")"; fi
done
# A command can name neither what is taken for an option nor what looks like something else.
for name in -dash "$(printf 'x\342\200\256abc')"; do
    sed "s/web01/$name/" "$d/nameless.xml" >"$d/unnamed.xml"
    for format in text html; do
        run advise --xml "$d/unnamed.xml" --assume-guest-drivers -o $format
        said=$(tr '\n' ' ' <"$out" | tr -s ' ')
        case $said in
        *"virt-tune apply"*) not_ok "advice of $name without a command ($format)" "$said" ;;
        *"There is no command for it: the name of the domain cannot stand in one, and its definition has no UUID."*)
            ok "advice of $name without a command ($format)" ;;
        *) not_ok "advice of $name without a command ($format)" "$said" ;;
        esac
    done
    sed "s/web01/$name/" "$domain" >"$d/unnamed.xml"
    run advise --xml "$d/unnamed.xml" --assume-guest-drivers
    if grep -q "virt-tune apply $own --rule" "$out" && ! grep -q 'no command' "$out"; then ok "and by its UUID with one"; else not_ok "and by its UUID with one" "$(cat "$out")"; fi
done
fails "binary garbage as a profile" 1 "garbage" advise --xml "$domain" --profile "$d/garbage"
fails "binary garbage as a recording" 1 "garbage" import "$d/garbage"
fails "binary garbage as host facts" 1 "garbage" advise --xml "$domain" --host "$d/garbage"
truncate -s 1G "$d/huge"
fails "1 GB of XML" 1 "huge" advise --xml "$d/huge"
fails "1 GB of profile" 1 "huge" advise --xml "$domain" --profile "$d/huge"
fails "1 GB of host facts" 1 "huge" advise --xml "$domain" --host "$d/huge"

# Profiles
head -c 150 "$d/good.json" >"$d/cut.json"
fails "truncated profile" 1 "cut.json" advise --xml "$domain" --profile "$d/cut.json"
profile '"exits":{"count":-1}' >"$d/negative.json"
fails "negative count" 1 "negative.json.*exits" advise --xml "$domain" --profile "$d/negative.json"
profile '"exits":{"count":99999999999999999999999}' >"$d/overflow.json"
fails "overflowing count" 1 "overflow.json" advise --xml "$domain" --profile "$d/overflow.json"
profile '"exit.bogus":{"count":1}' >"$d/metric.json"
fails "unknown metric" 1 "metric.json.*exit.bogus" advise --xml "$domain" --profile "$d/metric.json"
printf '[ EXIT_REASON_HLT] [12] count = 9617\n[ EXIT_REASON_CPUID] [10] cou' >"$d/cut.txt"
fails "truncated table" 1 "cut.txt:2: " import "$d/cut.txt"
printf '[ EXIT_REASON_HLT] [12] count = -3\n' >"$d/negative.txt"
fails "negative count in a table" 1 "negative.txt:1: " import "$d/negative.txt"
printf '[ EXIT_REASON_HLT] [12] count = 99999999999999999999999\n' >"$d/overflow.txt"
fails "overflowing count in a table" 1 "overflow.txt:1: " import "$d/overflow.txt"
: >"$d/empty"
fails "empty recording" 1 "empty" import "$d/empty"

# Output that cannot be written leaves nothing behind.
mkdir "$d/ro"
fails "output in a missing directory" 1 "$d/ro/none/r.txt" advise --xml "$domain" --output-file "$d/ro/none/r.txt"
if [ -z "$(ls -A "$d/ro")" ]; then ok "nothing written"; else not_ok "nothing written" "$(ls "$d/ro")"; fi
run advise --xml "$domain" --profile "$d/cut.json" --output-file "$d/ro/r.txt"
if [ "$status" = 1 ] && [ -z "$(ls -A "$d/ro")" ]; then ok "no report after an error"; else not_ok "no report after an error"; fi
# A file that a link names is replaced where it is; a descriptor, which /dev/stdout leads to, is written through.
ln -s ../real.txt "$d/ro/r.txt"
run advise --xml "$domain" --profile "$d/good.json" --output-file "$d/ro/r.txt"
if [ "$status" = 0 ] && [ -L "$d/ro/r.txt" ] && grep -q web01 "$d/real.txt"; then ok "a link to a file stays"; else not_ok "a link to a file stays" "$(ls -l "$d/ro") $(cat "$err")"; fi
ln -s /proc/self/fd/1 "$d/ro/stdout"
through() {
    name=$1 pattern=$2; shift 2
    run "$@" "$d/ro/stdout"
    if [ "$status" = 0 ] && grep -q -- "$pattern" "$out" && [ "$(readlink "$d/ro/stdout")" = /proc/self/fd/1 ]; then ok "$name written through"; else not_ok "$name written through" "$status $(head -c 400 "$out" "$err"; ls -l "$d/ro")"; fi
}
through "a report" web01 advise --xml "$domain" --profile "$d/good.json" --output-file
through "a profile" '"exit.mmio"' sample --xml "$domain" --profile "$d/good.json" --save
through "an import" '"exit.hlt"' import "$d/table.txt" --save
through "host facts" '"facts"' --root "$d" host --save
through "a bundle" '"virt-tune-bundle"' advise --xml "$domain" --profile "$d/good.json" --bundle
if [ "$(ls -A "$d/ro")" = "$(printf 'r.txt\nstdout')" ]; then ok "and nothing beside it"; else not_ok "and nothing beside it" "$(ls -A "$d/ro")"; fi
if [ -e /dev/full ]; then
    status=0; "$vt" rules list >/dev/full 2>"$err" || status=$?
    if [ "$status" = 1 ] && grep -q "standard output" "$err"; then ok "full disk on standard output"; else not_ok "full disk on standard output" "$status $(cat "$err")"; fi
    for words in --help --version "advise --help"; do
        # shellcheck disable=SC2086 # words
        status=0; "$vt" $words >/dev/full 2>"$err" || status=$?
        if [ "$status" = 1 ] && [ "$(grep -c "standard output" "$err")" = 1 ]; then ok "full disk under $words"; else not_ok "full disk under $words" "$status $(cat "$err")"; fi
    done
    fails "full disk under a page" 1 "/dev/full: cannot be written: No space" advise --xml "$domain" --profile "$d/good.json" -o html --output-file /dev/full
    fails "full disk under a page that compares" 1 "/dev/full: cannot be written: No space" compare "$d/good.json" "$d/good.json" -o html --output-file /dev/full
fi
mkfifo "$d/fifo"
exec 3<>"$d/fifo" 4>"$d/fifo" 3<&-
for words in "advise --xml $domain --profile" "compare $d/good.json"; do
    # shellcheck disable=SC2086 # words
    status=0; "$vt" $words "$d/good.json" -o html >&4 2>"$err" || status=$?
    if [ "$status" = 141 ] && [ ! -s "$err" ]; then ok "a reader that went away: ${words%% *}"; else not_ok "a reader that went away: ${words%% *}" "$status $(cat "$err")"; fi
done
exec 4>&-

# A closed descriptor is nobody's: no file or socket that is opened later becomes standard output or takes its messages.
closed() {
    name=$1; shift
    status=0; "$vt" "$@" >&- 2>"$err" </dev/null || status=$?
    if [ "$status" = 1 ] && [ "$(wc -l <"$err")" = 1 ] && grep -q "standard output" "$err"; then ok "standard output closed: $name"; else not_ok "standard output closed: $name" "$status $(head -c 400 "$err")"; fi
}
closed list -q -c test:///default list
closed host host
closed advise advise --xml "$domain" --profile "$d/good.json" -o json
closed "advise as HTML" advise --xml "$domain" --profile "$d/good.json" -o html
closed sample sample --xml "$domain" --profile "$d/good.json" -o csv
closed top -c test:///default top -b -n 1 -d 100ms
closed --help --help
mkfifo "$d/wait"
run import "$d/table.txt"
for fds in 0 1 2 "0 1 2"; do
    closed=; for fd in $fds; do closed="$closed $fd>&-"; done
    eval '"$vt" import "$d/wait" >"$d/waited" 2>"$err"'"$closed &"
    pid=$! n=0
    exec 5<>"$d/wait"
    until readlink "/proc/$pid/fd/"* | grep -q '/wait$' || [ $n = 300 ]; do sleep 0.1; n=$((n + 1)); done
    nobodys=$(for fd in $fds; do readlink "/proc/$pid/fd/$fd"; done | grep -cx /dev/null)
    cat "$d/table.txt" >&5; exec 5>&-
    status=0; wait $pid || status=$?
    case $fds in *1*) want=1; cp "$out" "$d/waited" ;; *) want=0 ;; esac
    if [ "$nobodys" = "$(echo "$fds" | wc -w)" ] && [ $status = $want ] && cmp -s "$out" "$d/waited"; then ok "closed: $fds"; else not_ok "closed: $fds" "$nobodys nobody's, $status $(cat "$err" "$d/waited")"; fi
done
# unusable NAME STATUS: one message says so.
unusable() {
    if [ "$2" = 1 ] && [ ! -s "$out" ] && [ "$(wc -l <"$err")" = 1 ] && grep -q "Bad file descriptor" "$err"; then ok "$1"; else not_ok "$1" "$2 $(cat "$out" "$err")"; fi
}
for words in "import" "advise --xml $domain --profile"; do
    # shellcheck disable=SC2086 # words
    status=0; LC_ALL=C "$vt" $words - <&- >"$out" 2>"$err" || status=$?
    unusable "standard input closed: ${words%% *}" $status
done
: >"$out"
status=0; LC_ALL=C "$vt" advise --xml "$domain" --output-file /dev/stdout >&- 2>"$err" || status=$?
unusable "/dev/stdout closed" $status

# Rules of a user
rule() { printf '<rule format="1" id="%s" severity="low" since="0.1" structural="no">\n<title>t</title><why>w</why>\n%s\n<reference href="https://example.org/">r</reference></rule>\n' "$1" "$2"; }
lint() {
    name=$1 file=$2 pattern=$3
    run rules check "$file"
    if [ "$status" = 1 ] && grep -Eq -- "$pattern" "$out"; then ok "$name"; else not_ok "$name" "exit $status: $(cat "$out" "$err")"; fi
}
rule mine '<symptom><rate metric="exit.hlt" above="1"/></symptom>' >"$d/mine.xml"
run rules check "$d/mine.xml"
if [ "$status" = 0 ]; then ok "a good rule passes"; else not_ok "a good rule passes" "$(cat "$out" "$err")"; fi
rule bad '<symptom><rate metric="exit.bogus" above="1"/></symptom>' >"$d/bad.xml"
lint "unknown metric in a rule" "$d/bad.xml" "bad.xml:3: .*exit.bogus"
rule other '<symptom><rate metric="exit.hlt" above="1"/></symptom>' >"$d/wrong-name.xml"
lint "id is not the file's name" "$d/wrong-name.xml" "wrong-name.xml:1: .*other"
sed 's/id="mine"/id="mine" id="yours"/' "$d/mine.xml" >"$d/two-ids.xml"
lint "two ids" "$d/two-ids.xml" "two-ids.xml:1: "
rule xpath '<require><domain test="foo[["/></require><symptom><rate metric="exit.hlt" above="1"/></symptom>' >"$d/xpath.xml"
lint "invalid XPath" "$d/xpath.xml" "xpath.xml:3: "
rule value '<risk>r</risk><symptom><rate metric="exit.hlt" above="1"/></symptom><change target="host" effect="live"><command>echo {nothing}</command></change>' >"$d/value.xml"
lint "unknown value in a command" "$d/value.xml" "value.xml:3: .*[{]nothing[}]"
cp "$d/bomb.xml" "$d/bomb-rule.xml"
lint "a rule that is an XML bomb" "$d/bomb-rule.xml" "bomb-rule.xml"
lint "a rule that is not there" "$d/no-such-rule.xml" "no-such-rule.xml"

# Hostile names never reach the terminal raw.
esc=$(printf '\033]0;owned\007')
sed "s#<name>web01</name>#<name>../../etc/\$(reboot)\&\#x202e;</name>#" "$domain" >"$d/hostile.xml"
run advise --xml "$d/hostile.xml" --profile "$d/good.json"
if [ "$status" = 0 ] && grep -q 'etc' "$out" && ! LC_ALL=C grep -q "$(printf '\342\200\256')" "$out"; then ok "a bidirectional override is shown as text"; else not_ok "a bidirectional override is shown as text" "$(head -5 "$out" "$err")"; fi
sed "s#<name>web01</name>#<name>w\&\#x9b;\&\#x85;\&\#x202e;\&\#x4e2d;</name>#" "$domain" >"$d/c1.xml"
raw=$(printf '\302\233|\302\205|\342\200\256')
# no_raw NAME PATTERN ARGS...: standard output has the pattern and none of these characters as it is.
no_raw() {
    name=$1 pattern=$2; shift 2
    run "$@"
    if [ "$status" = 0 ] && grep -qF -- "$pattern" "$out" && ! LC_ALL=C grep -Eq "$raw" "$out"; then ok "$name"; else not_ok "$name" "$status $(head -c 600 "$out" "$err")"; fi
}
no_raw "JSON escapes what acts on a terminal" 'w\u009b\u0085\u202e中' advise --xml "$d/c1.xml" --profile "$d/good.json" -o json
no_raw "XML has references to it" '<name>w&#x9b;&#x85;&#x202e;中</name>' apply --xml "$d/c1.xml" --rule virtio-net --assume-guest-drivers --print-xml
fails "an escape sequence as a domain" 1 'x1b' -c test:///default advise "$esc"
fails "a path as a domain" 1 '\.\./\.\./etc/passwd' -c test:///default advise ../../etc/passwd

# What every verb has
for verb in $("$vt" completion | sed -n 's/^    \([a-z]*\)) own=.*/\1/p'); do
    run "$verb" --help
    if [ "$status" = 0 ] && grep -q "virt-tune $verb" "$out"; then ok "$verb --help"; else not_ok "$verb --help"; fi
done

# What a merge leaves behind makes a manual that no reader of it complains about.
left=$(grep -nE '^(<<<<<<<|>>>>>>>) ' "$VT_SRCDIR"/man/*.rst "$VT_SRCDIR/README" "$VT_SRCDIR/HACKING" "$VT_SRCDIR/NEWS")
if [ -z "$left" ]; then ok "no marks of a merge in the documents"; else not_ok "no marks of a merge in the documents" "$left"; fi

# The sample in README is what the program prints of a recording, which run-golden holds against it.
sed -n '/^    e1000-ide (running/,/^         \[\.\.\.\]$/p' "$VT_SRCDIR/README" | sed -e '$d' -e 's/^    //' >"$d/sample"
if [ "$(wc -l <"$d/sample")" -gt 20 ] && head -n "$(wc -l <"$d/sample")" "$VT_SRCDIR/tests/golden/readme/expected.txt" | cmp -s - "$d/sample"; then
    ok "README shows what the program prints"
else
    not_ok "README shows what the program prints" "$(diff "$d/sample" "$VT_SRCDIR/tests/golden/readme/expected.txt")"
fi

# A pipe that closes early is no crash.
status=$( { "$vt" rules show virtio-net; echo $? >&3; } 3>&1 >/dev/full 2>/dev/null | tail -1)
if [ "$status" = 1 ]; then ok "an unwritable result is a failure"; else not_ok "an unwritable result is a failure" "$status"; fi
# Nor is it a reason to go on without an end.
status=$( { timeout 20 "$vt" -q -c test:///default top -b -d 100ms; echo $? >&3; } 3>&1 >/dev/full 2>"$err" | tail -1)
if [ "$status" = 1 ] && grep -q 'cannot write' "$err"; then ok "top -b ends where nothing can be written"; else not_ok "top -b ends where nothing can be written" "$status $(cat "$err")"; fi
status=$( { { timeout 20 "$vt" -q -c test:///default top -b -d 100ms; echo $? >&3; } | head -2 >"$out"; } 3>&1 2>"$err")
if [ "$status" = 141 ] && grep -q '^virt-tune top' "$out" && [ ! -s "$err" ]; then ok "and where its reader has gone"; else not_ok "and where its reader has gone" "$status $(cat "$out" "$err")"; fi

# Numbers are the same whatever the user's locale: with LC_NUMERIC the share of time would be "86,7 %".
commas() {
    localedef -i de_DE -f UTF-8 "$tap_tmp/de_DE.UTF-8" >"$tap_tmp/localedef" 2>&1 || true
    LOCPATH=$tap_tmp LC_ALL=de_DE.UTF-8 locale decimal_point 2>/dev/null | grep -qx ,
}
if commas; then
    sample="sample --xml $VT_SRCDIR/tests/golden/sample-vcpu/domain.xml --profile $VT_SRCDIR/tests/golden/sample-vcpu/profile.json"
    # shellcheck disable=SC2086 # options
    run $sample && cp "$out" "$tap_tmp/points"
    # shellcheck disable=SC2086
    LOCPATH=$tap_tmp LC_ALL=de_DE.UTF-8 LANGUAGE=C run $sample
    if grep -q '[0-9]\.[0-9] %' "$out" && cmp -s "$out" "$tap_tmp/points"; then ok "numbers do not depend on the locale"; else not_ok "numbers do not depend on the locale" "$(diff "$out" "$tap_tmp/points" | head -5)"; fi
else
    skip "numbers do not depend on the locale" "the German locale cannot be made here: $(head -c 200 "$tap_tmp/localedef")"
fi

finish
