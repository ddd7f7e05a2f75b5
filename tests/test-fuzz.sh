#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# fuzz.sh with a stand-in for the fuzzer: what ends before it has read anything must not pass.
. "$(dirname "$0")/tap.sh"

cd "$tap_tmp" || exit 1
mkdir -p source/tests/fuzz/corpus/one source/tests/fuzz/corpus/two bin
cat >source/configure <<X
#!/bin/sh
mkdir -p tests/fuzz
touch config.status
X
# The fuzzer notes what target it was started for, and does what the file does-TARGET says.
cat >bin/make <<X
#!/bin/sh
cat >tests/fuzz/fuzz <<'Y'
#!/bin/sh
echo "\$VT_FUZZ_TARGET" >>'$tap_tmp/started'
for argument; do case \$argument in -artifact_prefix=*) found=\${argument#*=} ;; esac; done
echo 'INFO: Seed: 1'
. '$tap_tmp/does-'"\$VT_FUZZ_TARGET"
Y
chmod +x tests/fuzz/fuzz
X
chmod +x source/configure bin/make
good='echo "stat::number_of_executed_units: 4711"'
# fuzz ONE TWO TARGET...: runs the script where the fuzzer does that for the targets "one" and "two"; sets status, out.
fuzz() {
    echo "$1" >does-one
    echo "$2" >does-two
    shift 2
    rm -rf fuzz-build started
    touch started
    status=0; PATH=$tap_tmp/bin:$PATH sh "$VT_SRCDIR/tests/fuzz/fuzz.sh" source "$@" >"$out" 2>&1 </dev/null || status=$?
}
# ended NAME STATUS PATTERN STARTED: it ended so, says so, and these targets were started.
ended() {
    if [ "$status" = "$2" ] && grep -Eq -- "$3" "$out" && [ "$(tr '\n' ' ' <started)" = "$4" ]; then ok "$1"; else not_ok "$1" "$status, started $(cat started): $(cat "$out")"; fi
}

fuzz "$good" "$good"
ended "all that have a corpus" 0 '4711' "one two "
if grep -q INFO "$out"; then not_ok "without libFuzzer's own lines" "$(cat "$out")"; else ok "without libFuzzer's own lines"; fi
fuzz "$good" "$good" two
ended "or what is named" 0 '^== two$' "two "
fuzz 'echo "ParseDictionaryFile: error in line 1"; exit 1' "$good"
ended "a dictionary that cannot be read" 1 'one.* 1$' "one "
fuzz "$good" "$good; echo 'LeakSanitizer: detected memory leaks'; exit 23"
ended "a leak at its end" 1 'two.* 23$' "one two "
fuzz "$good; kill -SEGV \$\$" "$good"
ended "a crash without an input" 1 'one.* 139$' "one "
fuzz 'echo "== nothing"' "$good"
ended "a fuzzer that reads nothing" 1 'one.*no input' "one "
fuzz 'echo "stat::number_of_executed_units: 0"' "$good"
ended "not one input" 1 'one.*no input' "one "
fuzz "$good; : >\${found}crash-1; exit 77" "$good"
ended "an input that breaks a reader" 1 'found/one' "one "
fuzz 'echo "one: it is not built here"; exit 3' "$good"
ended "a target that is not built" 0 'one: it is not built here' "one two "
fuzz 'exit 3' "$good" one
ended "nothing else was asked for" 1 'no target' "one "
finish
