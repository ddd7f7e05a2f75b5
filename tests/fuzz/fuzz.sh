#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# fuzz.sh SOURCE [TARGET...]: builds all with clang's libFuzzer and sanitizers in the directory fuzz-build, and runs each
# target for $VT_FUZZ_SECONDS (60). What breaks a reader is in fuzz-build/found then; the kept corpus is only read.
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
for target; do
    echo "== $target"
    mkdir -p "corpus/$target" "found/$target"
    # Names of statistics are interned, and GLib never frees a table of interned strings that it has outgrown.
    [ "$target" = import-domstats ] && leaks=0 || leaks=1
    ASAN_OPTIONS=detect_leaks=$leaks VT_FUZZ_TARGET=$target tests/fuzz/fuzz -max_total_time="$seconds" \
        -dict="$source/tests/fuzz/dict/$target" -max_len=16384 -timeout=10 -rss_limit_mb=1024 -verbosity=0 -print_final_stats=1 \
        -artifact_prefix="found/$target/" "corpus/$target" "$source/tests/fuzz/corpus/$target" 2>&1 | grep -v '^INFO:' | tail -n 12
    [ -z "$(ls "found/$target")" ] || exit 1
done
