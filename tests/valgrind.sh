#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# valgrind.sh SRCDIR TEST...: runs the tests that look at memory under valgrind, from the build directory, and says at the
# end which those were and which not, and why. What valgrind says is in tests/valgrind, a file a process, away from what
# the program prints; also of children that end without a test asking how. $VT_MAKE is the make to use.
srcdir=${1:?SRCDIR}
shift
logs=$PWD/tests/valgrind
status=0
run=
left=$(mktemp) || exit 1
trap 'rm -f "$left"' EXIT

command -v valgrind >/dev/null || { echo 'valgrind is missing'; exit 1; }
for t; do
    why=
    case $t in
    tests/e2e/*) why='times domains that run, or has its daemon killed' ;;
    tests/load/* | tests/test-import-memory.py) why='measures memory or counts calls' ;;
    tests/nested/*) why='has a machine emulated' ;;
    tests/chromium/*) why='looks at pages in a browser' ;;
    tests/test-completion*) why='tests a script in shells; the program prints it in tests/test-cli.sh' ;;
    tests/test-arm64.py | tests/test-healthy.py) why='runs advise many times with the same code as tests/run-golden.sh' ;;
    tests/test-analysers.sh | tests/test-bootstrap.sh | tests/test-fuzz.sh) why='runs no program of the project' ;;
    tests/test-man-options.py | tests/test-man-rules.py | tests/test-po.sh) why='reads texts' ;;
    tests/test-progress-line.py) why='watches a terminal by the clock' ;;
    esac
    if [ -n "$why" ]; then echo "  $t: $why" >>"$left"; else run="$run $t"; fi
done

rm -rf "$logs"
mkdir -p "$logs"
VT_FAST=16 VT_WRAPPER="valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite
    --show-leak-kinds=definite --log-file=$logs/%p --suppressions=$srcdir/tests/valgrind.supp" \
    "${VT_MAKE:-make}" check TESTS="$run" || status=1

# Of system calls that it does not know (pidfd_open() of GLib's, commands of bpf()) it only warns.
for log in "$logs"/*; do
    grep -q '^==' "$log" || continue
    echo "valgrind: $log"
    grep '^==' "$log" | head -n 20
    status=1
done
echo "valgrind has run $(echo "$run" | wc -w) tests:$run"
echo "It has left out $(wc -l <"$left"):"
cat "$left"
exit $status
