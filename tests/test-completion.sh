#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The completion in a real bash: what is offered for a line with the cursor at its end.
. "$(dirname "$0")/tap.sh"

mkdir "$tap_tmp/bin"
ln -s "$vt" "$tap_tmp/bin/virt-tune"
PATH=$tap_tmp/bin:$PATH
cd "$tap_tmp" || exit 1
cat >node.xml <<'X'
<node><domain type='test'><name>web01</name><uuid>11111111-2222-4333-8444-555555555555</uuid><vcpu>2</vcpu><memory>1024</memory><os><type>hvm</type></os></domain>
<domain type='test'><name>db 1</name><uuid>11111111-2222-4333-8444-666666666666</uuid><vcpu>2</vcpu><memory>1024</memory><os><type>hvm</type></os></domain>
<domain type='test'><name>$(touch PWNED)</name><memory>1024</memory><os><type>hvm</type></os></domain></node>
X
uri=test://$tap_tmp/node.xml
export XDG_STATE_HOME=$tap_tmp/state
touch exits.txt

if "$vt" completion >script 2>"$err" && bash -n script; then ok "the script is valid bash"; else not_ok "the script is valid bash" "$(cat "$err")"; fi
if ! grep -q '@[a-z]*@' script; then ok "no placeholder is left"; else not_ok "no placeholder is left" "$(grep '@[a-z]*@' script)"; fi

# offers LINE: the words offered, sorted, on one line, separated by bars.
offers() {
    bash --norc -c '
        source ./script
        COMP_LINE=$1 COMP_POINT=${#1} COMPREPLY=()
        read -ra COMP_WORDS <<<"$1"
        [[ $1 == *" " ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _virt_tune virt-tune "${COMP_WORDS[COMP_CWORD]}" ""
        printf "%s\n" "${COMPREPLY[@]}"' - "$1" 2>"$err" | sort | paste -sd'|'
}
is() {
    got=$(offers "$1")
    if [ "$got" = "$2" ]; then ok "$1"; else not_ok "$1" "offered: $got $(cat "$err")"; fi
}
has() {
    got=$(offers "$1")
    case "|$got|" in *"|$2|"*) ok "$1 offers $2" ;; *) not_ok "$1 offers $2" "offered: $got $(cat "$err")" ;; esac
}

is 'virt-tune adv' 'advise'
is 'virt-tune -c test:///default ex' 'explain'
has 'virt-tune ' 'completion'
has 'virt-tune --' '--connect'
has 'virt-tune advise --' '--fail-on'
has 'virt-tune advise --' '--quiet'
is 'virt-tune advise --fail-on h' 'high'
is 'virt-tune advise --emit ' 'shell'
is 'virt-tune apply --min-confidence st' 'structural'
is 'virt-tune history -o ' 'json|text'
is 'virt-tune advise -o ' 'csv|html|json|text'
is 'virt-tune sample -o ' 'csv|json|text'
is 'virt-tune list -o ' 'csv|text'
is 'virt-tune top --sort n' 'name'
is 'virt-tune -q top -n 2 --sort n' 'name'
is 'virt-tune top -b --sort n' 'name'
is 'virt-tune sample --source a' 'auto'
is 'virt-tune advise --rule virtio-n' 'virtio-net'
is 'virt-tune explain pv-e' 'pv-eoi'
is 'virt-tune rules ch' 'check'
is 'virt-tune rules show pv-e' 'pv-eoi'
is 'virt-tune import ex' 'exits.txt'
is 'virt-tune advise --xml ex' 'exits.txt'
is "virt-tune -c $uri advise w" 'web01'
is "virt-tune --connect=$uri advise w" 'web01'
is "virt-tune -c '$uri' advise w" 'web01'
is "virt-tune -c $uri explain pv-eoi w" 'web01'
is "virt-tune -c $uri advise d" 'db\ 1'
is "virt-tune -c $uri advise \$" '\$\(touch\ PWNED\)'
offers "virt-tune -c $uri advise " >/dev/null
if [ ! -e PWNED ]; then ok "a name is never evaluated"; else not_ok "a name is never evaluated"; fi
is 'virt-tune advise --duration ' ''
# The numbers of changes, neither those of another domain nor names of domains once more.
mkdir -p data/rules && cp "$VIRT_TUNE_DATADIR/rules.rng" data
cat >data/rules/test-vcpus.xml <<'X'
<rule format="1" id="test-vcpus" severity="low" since="0.1" structural="yes">
<title>Another number of vCPUs</title><why>For a test.</why><risk>None.</risk>
<symptom><rate metric="exit.cpuid" above="1000000"/></symptom><require><domain test="/domain"/></require>
<satisfied test="/domain/vcpu = 3"/>
<change target="domain" effect="power-cycle"><replace sel="/domain/vcpu/text()">3</replace></change>
<reference href="https://example.org/">none</reference></rule>
X
for name in web01 web01 'db 1'; do
    VIRT_TUNE_DATADIR=$tap_tmp/data "$vt" -c "$uri" apply "$name" --rule test-vcpus --yes -d 100ms >"$out" 2>"$err" ||
        not_ok "a change of $name" "$(cat "$err")"
done
is "virt-tune -c $uri revert w" 'web01'
is "virt-tune -c $uri revert web01 " '1|2'
is "virt-tune -c $uri verify web01 2" '2'
is "virt-tune --connect=$uri revert --yes web01 " '1|2'
is "virt-tune -c $uri revert 'web01' " '1|2'
is "virt-tune -c $uri revert nosuch " ''
is "virt-tune -c $uri history web" 'web01'
run -c "$uri" history 'db 1' --id
if [ "$status" = 0 ] && [ "$(cat "$out")" = 1 ]; then ok "history --id"; else not_ok "history --id" "$(cat "$out" "$err")"; fi
fails "history --id in a format" 2 "--id and --output" -c "$uri" history web01 --id -o json
offers "virt-tune -c $uri revert \$(touch\${IFS}PWNED) " >/dev/null
if [ ! -e PWNED ]; then ok "nor is the name of the domain whose changes are asked for"; else not_ok "nor is the name of the domain whose changes are asked for"; fi
if command -v shellcheck >/dev/null; then
    if shellcheck -s bash -S warning -e SC2206,SC2086 script >"$out"; then ok "shellcheck"; else not_ok "shellcheck" "$(cat "$out")"; fi
else
    skip "shellcheck" "shellcheck is not installed"
fi
finish
