#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# bootstrap where packages are missing: what it tells a user, and what it runs as root. Every program that could install
# or build anything is a stub here, in a PATH that has nothing else.
. "$(dirname "$0")/tap.sh"

cd "$tap_tmp" || exit 1
mkdir tree bin
cp "$VT_SRCDIR/bootstrap" tree
for tool in cat dirname env grep mkdir sh tail touch; do ln -s "$(command -v "$tool")" bin; done
# stub NAME LINE...: a program that notes how it was called, and does the lines.
stub() {
    name=$1; shift
    { echo '#!/bin/sh'; echo "echo $name \"\$@\" >>'$tap_tmp/called'"; printf '%s\n' "$@"; } >"bin/$name"
    chmod +x "bin/$name"
}
# bootstrap ARGS...: sets status; out and err as files, called as the stubs noted.
bootstrap() {
    : >called
    status=0
    PATH=$tap_tmp/bin "$tap_tmp/bin/sh" tree/bootstrap "$@" >"$out" 2>"$err" </dev/null || status=$?
}
# says NAME STATUS PATTERN...: it ended so, and standard error has the patterns.
says() {
    name=$1 want=$2; shift 2
    for pattern; do
        grep -Eq -- "$pattern" "$err" || { not_ok "$name" "/$pattern/ is not in: $(cat "$out" "$err")"; return; }
    done
    if [ "$status" = "$want" ]; then ok "$name"; else not_ok "$name" "$status $(cat "$out" "$err")"; fi
}
# called_not NAME WORD: no stub was called with it.
called_not() {
    if grep -q -- "$2" called; then not_ok "$1" "$(cat called)"; else ok "$1"; fi
}

stub id 'echo 1000'
stub nproc 'echo 1'
stub autoreconf 'exit 9'
stub make 'exit 9'
stub apt-get 'exit 0'
# Debian: all but two are installed.
stub dpkg-query 'case $* in *libxml2-utils|*bpftool) exit 1 ;; esac; echo installed'
bootstrap build
says "a user of Debian is told what to run as root" 1 'packages are missing; as root, run this' \
    '^    apt-get update && apt-get install -y --no-install-recommends bpftool libxml2-utils$'
called_not "and nothing is installed" '^apt-get'
called_not "nor built" '^make\|^autoreconf'
stub dpkg-query 'case $* in *busybox-static|*linux-image-amd64) exit 1 ;; esac; echo installed'
bootstrap nested
says "what only one verb needs is asked for with it" 1 'no-install-recommends busybox-static linux-image-amd64$'
stub dpkg-query 'case $* in *zsh) exit 1 ;; esac; echo installed'
bootstrap check
says "check needs zsh" 1 'no-install-recommends zsh$'
bootstrap build
says "build does not: it goes on without asking anybody" 1 'This failed: autoreconf -fi'
called_not "nor installing" '^apt-get'
stub id 'echo 0'
bootstrap check
if grep -qx 'apt-get update -q -o DPkg::Lock::Timeout=300' called && grep -q '^apt-get install -y --no-install-recommends zsh ' called; then
    ok "root: what is missing is installed, and no more"
else
    not_ok "root: what is missing is installed, and no more" "$(cat called "$err")"
fi
stub apt-get 'echo "no network" >&2; exit 100'
bootstrap check
says "root: where that fails, it ends there" 1 'no network' 'apt-get update failed'
called_not "and builds nothing" '^make\|^autoreconf'

# Fedora
rm bin/apt-get bin/dpkg-query
stub id 'echo 1000'
stub dnf 'exit 0'
stub rpm 'case $* in *libsmartcols-devel|*qemu-system-x86-core) exit 1 ;; esac'
bootstrap demo
says "a user of Fedora is told what to run as root" 1 'as root, run this' \
    '^    dnf install -y --setopt=install_weak_deps=False libsmartcols-devel qemu-system-x86-core$'
called_not "and nothing is installed there" '^dnf'

# Neither
rm bin/dnf bin/rpm
bootstrap build
says "elsewhere configure is left to say what it lacks" 1 'This failed: autoreconf -fi'
bootstrap
says "no verb: what there is" 2 'usage: ./bootstrap build'
bootstrap biuld
says "nor one that does not exist" 2 'usage: ./bootstrap build'
called_not "which does nothing" .

# As a user whom the tree does not belong to.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    chmod 755 "$tap_tmp" tree bin
    : >called && chmod 666 called
    status=0
    PATH=$tap_tmp/bin "$(command -v setpriv)" --reuid=65534 --regid=65534 --clear-groups \
        "$tap_tmp/bin/sh" tree/bootstrap build >"$out" 2>"$err" </dev/null || status=$?
    says "a tree of somebody else's" 1 'build/ cannot be written here; run this as its owner'
else
    skip "a tree of somebody else's" "it takes root and setpriv"
fi
finish
