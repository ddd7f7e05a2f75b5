#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# fuzz.sh SOURCE [TARGET...]: builds all with clang's libFuzzer and sanitizers in the directory fuzz-build, and runs each
# target for $VT_FUZZ_SECONDS (60). What breaks a reader is in fuzz-build/found then; the kept corpus is only read. Ends with
# 1 at the first target that fails, for whatever reason, or that has read nothing.
set -eu
source=$(cd "$1" && pwd)
shift
seconds=${VT_FUZZ_SECONDS:-60}
sanitize=-fsanitize=address,undefined
mkdir -p fuzz-build
cd fuzz-build
[ -f config.status ] || "$source/configure" CC=clang --disable-nls \
    CFLAGS="-O1 -g $sanitize -fno-sanitize-recover=undefined -fsanitize=fuzzer-no-link" >configure.out
make -s -j "$(nproc)" VT_FUZZ_LDFLAGS=-fsanitize=fuzzer tests/fuzz/fuzz
[ $# -gt 0 ] || set -- $(ls "$source/tests/fuzz/corpus")
VIRT_TUNE_DATADIR=$source/data
export VIRT_TUNE_DATADIR
# Some targets write files for every input: in memory that is ten times as fast.
[ -w /dev/shm ] && memory=/dev/shm || memory=${TMPDIR:-/tmp}
TMPDIR=$(mktemp -d "$memory/virt-tune-fuzz-XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 130' INT TERM HUP
count=0
for target; do
    echo "== $target"
    mkdir -p "corpus/$target" "found/$target"
    # Names of statistics are interned, and GLib never frees a table of interned strings that it has outgrown.
    [ "$target" = import-domstats ] && leaks=0 || leaks=1
    status=0
    ASAN_OPTIONS=detect_leaks=$leaks VT_FUZZ_TARGET=$target tests/fuzz/fuzz -max_total_time="$seconds" \
        -dict="$source/tests/fuzz/dict/$target" -max_len=16384 -timeout=10 -rss_limit_mb=1024 -verbosity=0 -print_final_stats=1 \
        -artifact_prefix="found/$target/" "corpus/$target" "$source/tests/fuzz/corpus/$target" >fuzz.out 2>&1 || status=$?
    grep -v '^INFO:' fuzz.out | tail -n 12
    [ $status != 3 ] || continue # not built, as it has said
    [ -z "$(ls "found/$target")" ] || { echo "fuzz: what breaks $target is in fuzz-build/found/$target" >&2; exit 1; }
    [ $status = 0 ] || { echo "fuzz: $target ended with exit status $status" >&2; exit 1; }
    grep -q '^stat::number_of_executed_units: *[1-9]' fuzz.out || { echo "fuzz: $target has read no input" >&2; exit 1; }
    count=$((count + 1))
done
[ $count != 0 ] || { echo 'fuzz: no target was run' >&2; exit 1; }
