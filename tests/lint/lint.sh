#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# lint.sh SRCDIR [quick], from the build directory: reads the sources with cppcheck, clang-tidy (.clang-tidy has the
# checks) and gcc -fanalyzer, as many files at once as there are CPUs. "quick" leaves out what follows paths through
# functions, nine tenths of the time: clang-tidy's clang-analyzer-* and gcc -fanalyzer.
# Prints what they find; exits with 1 where that is anything. A tool that is missing is named and left out; with
# VT_LINT_ALL=1 it is a failure.
srcdir=${1:?SRCDIR}
quick=${2:-}
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

# each NAME PATTERN COMMAND: runs the command, a line of shell that reads the file "$1", for every file; all output goes to
# lint-NAME.out. Lines of it that the pattern matches are what was found. Where there are none, a command that fails is one
# that could not read its file.
each() {
    ended=0 output=lint-$1.out
    echo "$files" | flags=$flags srcdir=$srcdir checks=$checks xargs -P "$(nproc)" -n 1 sh -c "$3" - >"$output" 2>&1 || ended=$?
    # Headers of GLib free what a function has not set where it returns early: gcc cannot know that g_return_val_if_fail()
    # is no way that is taken.
    if grep -E "$2" "$output" | grep -v '/glib-autocleanups\.h:'; then
        status=1
    elif [ $ended != 0 ]; then
        tail -n 20 "$output"
        echo "lint: $1 failed (exit status $ended of xargs); its output is in $output"
        status=1
    fi
}

if have cppcheck; then
    echo 'lint: cppcheck'
    # shellcheck disable=SC2086 # a list
    cppcheck -q --error-exitcode=1 --enable=warning,performance,portability --std=c11 --library=gtk \
        --suppressions-list="$srcdir/tests/lint/cppcheck.txt" -I"$srcdir/src" -DHAVE_CONFIG_H '-DG_GNUC_PRINTF(a,b)=' \
        '-Dbpf_object__for_each_program(program,object)=while ((program = next(object)))' $files || status=1
fi
if have clang-tidy; then
    echo 'lint: clang-tidy'
    checks=
    [ "$quick" != quick ] || checks='--checks=-clang-analyzer-*'
    # shellcheck disable=SC2016 # for the shells that xargs starts
    each clang-tidy '(warning|error): ' \
        'exec clang-tidy --quiet --config-file="$srcdir/.clang-tidy" $checks "$1" -- $flags -Wno-unknown-warning-option'
fi
if [ "$quick" != quick ] && have gcc; then
    echo 'lint: gcc -fanalyzer'
    # What does not compile was not read.
    # shellcheck disable=SC2016
    each gcc '^[^ ]*: (warning: .*-Wanalyzer|(fatal )?error: )' \
        'exec gcc -fanalyzer -O1 -g -c $flags "$1" -o /dev/null'
fi
[ -z "$missing" ] || [ "${VT_LINT_ALL:-}" != 1 ] || status=1
[ $status != 0 ] || echo "lint: nothing was found${missing:+; not run:$missing}"
exit $status
