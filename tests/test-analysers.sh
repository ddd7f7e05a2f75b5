#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# lint.sh with stand-ins for the analysers: one that dies has found nothing, which must not pass for sources without faults.
. "$(dirname "$0")/tap.sh"

cd "$tap_tmp" || exit 1
mkdir -p source/src/one source/src/two bin
: >source/src/one/a.c
: >source/src/two/b.c
# stub NAME LINE...: a program that does that for a.c, and for all other files nothing.
stub() {
    name=$1; shift
    { echo '#!/bin/sh'; echo 'case "$*" in */a.c*) ;; *) exit 0 ;; esac'; printf '%s\n' "$@"; } >"bin/$name"
    chmod +x "bin/$name"
}
stub pkg-config 'exit 0'
# lint CPPCHECK TIDY GCC [quick]: runs the script with analysers that do that; sets status, out.
lint() {
    stub cppcheck "$1"
    stub clang-tidy "$2"
    stub gcc "$3"
    shift 3
    status=0; PATH=$tap_tmp/bin:$PATH sh "$VT_SRCDIR/tests/lint/lint.sh" source "$@" >"$out" 2>&1 </dev/null || status=$?
}
# ended NAME STATUS PATTERN: it ended so, and its last line matches.
ended() {
    if [ "$status" = "$2" ] && tail -n 1 "$out" | grep -Eq -- "$3"; then ok "$1"; else not_ok "$1" "$status: $(cat "$out")"; fi
}
warning='echo "$PWD/source/src/one/a.c:1:1: warning: this is wrong [check]"'

lint : : :
ended "nothing is wrong" 0 'nothing was found'
lint 'exit 1' : :
ended "a finding of cppcheck" 1 .
lint 'kill -SEGV $$' : :
ended "cppcheck dies" 1 .
lint : "$warning" :
ended "a warning of clang-tidy, which ends well" 1 'src/one/a\.c:1:1: warning|gcc'
lint : 'kill -SEGV $$' :
ended "clang-tidy dies" 1 'gcc'
if grep -q 'lint: clang-tidy .*fail' "$out"; then ok "and that is said"; else not_ok "and that is said" "$(cat "$out")"; fi
lint : 'kill -SEGV $$' : quick
ended "also where the paths are left out" 1 'lint: clang-tidy .*fail'
lint : 'echo "Error while processing a.c."; exit 1' :
if [ "$status" = 1 ] && grep -q '^Error while processing a.c.$' "$out"; then ok "clang-tidy fails without a message of its pattern"; else not_ok "clang-tidy fails without a message of its pattern" "$status: $(cat "$out")"; fi
lint : : 'echo "a.c:1:1: warning: leak of x [CWE-401] [-Wanalyzer-malloc-leak]"'
ended "a warning of gcc, which ends well" 1 'Wanalyzer-malloc-leak'
lint : : 'echo "/usr/include/glib-2.0/glib/glib-autocleanups.h:1:1: warning: use of x [-Wanalyzer-x]"'
ended "one of GLib's own headers is none" 0 'nothing was found'
lint : : 'echo "gcc: internal compiler error: Segmentation fault signal terminated program cc1"; exit 4'
ended "gcc breaks" 1 'lint: gcc .*fail'
if grep -q 'internal compiler error' "$out"; then ok "and what it said is shown"; else not_ok "and what it said is shown" "$(cat "$out")"; fi
lint : : 'echo "/usr/include/glib-2.0/glib/glib-autocleanups.h:1:1: warning: use of x [-Wanalyzer-x]"; exit 4'
ended "gcc breaks behind a warning that is none" 1 'lint: gcc .*fail'
finish
