#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every kept input of every target, once; each target must have some, and a dictionary.
fuzz=${VT_SRCDIR:-.}/tests/fuzz
replay=${VT_BUILDDIR:-.}/tests/fuzz/fuzz-replay
for target in $("$replay"); do
    [ -d "$fuzz/corpus/$target" ] && [ -f "$fuzz/dict/$target" ] && continue
    echo "1..1"
    echo "not ok 1 - $target has inputs in tests/fuzz/corpus and words in tests/fuzz/dict"
    exit 1
done
# Leaks are looked for by fuzz.sh and valgrind, where those of libraries can be told apart.
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=0}"
# shellcheck disable=SC2086 # a command with its options
exec $VT_WRAPPER "$replay" "$fuzz"/corpus/*
