#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Reads the sources with cppcheck, clang-tidy (.clang-tidy has the checks) and gcc -fanalyzer: lint.sh SRCDIR, from the
# build directory. Prints what they find; exits with 1 where that is anything, and names the tools that are missing.
srcdir=${1:?SRCDIR}
status=0
missing=
flags="-I$srcdir/src -Isrc -I. -DHAVE_CONFIG_H -std=gnu11 -DVT_DATADIR=\"/\" -DLOCALEDIR=\"/\" -DVT_SYSCONFDIR=\"/\"
    -DG_LOG_DOMAIN=\"lint\" $(pkg-config --cflags libvirt libvirt-qemu libxml-2.0 glib-2.0 gio-unix-2.0 json-glib-1.0 smartcols)"
for optional in libbpf libosinfo-1.0 ncursesw; do
    pkg-config --exists $optional && flags="$flags $(pkg-config --cflags $optional)"
done
# BPF programs are for another machine and compiler; fault.c needs the macro of the tests' library.
files=$(find "$srcdir/src" -name '*.c' ! -name '*.bpf.c' ! -name fault.c | sort)

have() {
    command -v "$1" >/dev/null 2>&1 && return
    echo "lint: $1 is missing: not run"
    missing="$missing $1"
    return 1
}

if have cppcheck; then
    echo 'lint: cppcheck'
    cppcheck -q --error-exitcode=1 --enable=warning,performance,portability --std=c11 --library=gtk \
        --suppressions-list="$srcdir/tests/lint/cppcheck.txt" -I"$srcdir/src" -DHAVE_CONFIG_H '-DG_GNUC_PRINTF(a,b)=' \
        $files || status=1
fi
if have clang-tidy; then
    echo 'lint: clang-tidy'
    echo "$files" | xargs -P "$(nproc)" -n 4 sh -c 'flags=$1; config=$2; shift 2
        clang-tidy --quiet --config-file="$config" "$@" -- $flags -Wno-unknown-warning-option 2>/dev/null' \
        - "$flags" "$srcdir/.clang-tidy" >lint.out
    if grep -E '(warning|error): ' lint.out; then status=1; fi
fi
if have gcc; then
    echo 'lint: gcc -fanalyzer'
    for file in $files; do
        # Headers of GLib free what a function has not set where it returns early: the analyzer cannot know that
        # g_return_val_if_fail() is no way that is taken.
        # shellcheck disable=SC2086 # a list
        gcc -fanalyzer -O1 -g -c $flags "$file" -o lint.o 2>&1
    done >lint.out
    # What does not compile was not read.
    grep -E '^[^ ]*: (warning: .*-Wanalyzer|(fatal )?error: )' lint.out | grep -v '/glib-autocleanups\.h:' && status=1
    rm -f lint.o
fi
[ $status != 0 ] || echo "lint: nothing was found${missing:+; not run:$missing}"
exit $status
