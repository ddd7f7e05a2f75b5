#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Whole commands, byte for byte. Each directory of tests/golden has
#     cmd           the arguments of virt-tune, one line, run in that directory
#     expected.txt  standard output      expected.err  standard error, where there is any
#     status        the exit status, where it is not 0
#     etc           the site's virt-tune.conf and rules.d, where there are any
#     needs         a macro of config.h without which the case is skipped
# run-golden.sh [CASE…] runs some of them; VT_REGENERATE=1 rewrites what they should be.
. "$(dirname "$0")/tap.sh"

export LC_ALL=C.UTF-8
unset LANGUAGE
golden=$VT_SRCDIR/tests/golden
# What a case configures, below the directory in which it runs.
export VIRT_TUNE_CONFDIR=etc

# same FILE OUTPUT: the output is what FILE holds; no file is an empty one.
same() {
    if [ -n "${VT_REGENERATE:-}" ]; then
        if [ -s "$2" ]; then cp "$2" "$1"; else rm -f "$1"; fi
    fi
    if [ -e "$1" ]; then diff -u "$1" "$2"; else diff -u /dev/null "$2"; fi
}

one() {
    dir=$golden/$1
    [ -f "$dir/cmd" ] || { not_ok "$1" "no $dir/cmd"; return; }
    if [ -f "$dir/needs" ] && ! grep -q "^#define $(cat "$dir/needs") " "$VT_BUILDDIR/config.h"; then
        skip "$1" "built without $(cat "$dir/needs")"
        return
    fi
    eval "set -- $(cat "$dir/cmd")"
    cd "$dir" || return
    run "$@"
    [ "$status" = 0 ] || echo "$status" >"$tap_tmp/status"
    [ "$status" != 0 ] || : >"$tap_tmp/status"
    differs=$(same status "$tap_tmp/status"; same expected.txt "$out"; same expected.err "$err")
    name=${dir##*/}
    if [ -z "$differs" ]; then ok "$name"; else not_ok "$name" "$differs"; fi
}

if [ $# -gt 0 ]; then
    for name; do one "$name"; done
else
    for path in "$golden"/*/; do
        path=${path%/}
        one "${path##*/}"
    done
fi
finish
