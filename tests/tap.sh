# SPDX-License-Identifier: GPL-2.0-or-later
# TAP for shell tests. Sourced; the test calls `ok`/`not_ok` or `check`, and `finish` at the end.

: "${VT_SRCDIR:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${VT_BUILDDIR:=$VT_SRCDIR/build}"
export VIRT_TUNE_DATADIR="${VIRT_TUNE_DATADIR:-$VT_SRCDIR/data}"
vt="$VT_BUILDDIR/virt-tune"
tap_n=0
tap_failed=0
tap_tmp=$(mktemp -d)
trap 'rm -rf "$tap_tmp"' EXIT

ok() { tap_n=$((tap_n + 1)); echo "ok $tap_n - $1"; }
not_ok() {
    tap_n=$((tap_n + 1)); tap_failed=$((tap_failed + 1))
    echo "not ok $tap_n - $1"
    [ -z "${2:-}" ] || printf '%s\n' "$2" | sed 's/^/# /'
}
skip() { tap_n=$((tap_n + 1)); echo "ok $tap_n - $1 # SKIP $2"; }
finish() { echo "1..$tap_n"; [ "$tap_failed" = 0 ]; }

# run ARGS...: the program; sets status, and out and err as files.
# Leaks are looked for by the unit tests, where those of libraries can be told apart.
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=0}"

out=$tap_tmp/out
err=$tap_tmp/err
# It runs under $VT_WRAPPER where that is set, and may take longer then.
# shellcheck disable=SC2086 # a command with its options
run() { status=0; timeout "${VT_WRAPPER:+9}60" $VT_WRAPPER "$vt" "$@" >"$out" 2>"$err" </dev/null || status=$?; }

# fails NAME STATUS PATTERN ARGS...: the program ends with STATUS, prints nothing on standard output, and one message
# that the extended regular expression matches and that holds no control character.
fails() {
    name=$1 want=$2 pattern=$3; shift 3
    run "$@"
    if [ "$status" != "$want" ]; then not_ok "$name" "exit $status, not $want: $(head -c 400 "$err")"
    elif [ -s "$out" ]; then not_ok "$name" "printed on standard output: $(head -c 400 "$out")"
    elif [ "$(wc -l <"$err")" != 1 ]; then not_ok "$name" "not one message: $(head -c 600 "$err")"
    elif ! grep -Eq -- "$pattern" "$err"; then not_ok "$name" "does not match /$pattern/: $(cat "$err")"
    elif LC_ALL=C tr -d '\n' <"$err" | LC_ALL=C grep -q '[[:cntrl:]]'; then not_ok "$name" "control characters in the message"
    else ok "$name"; fi
}
