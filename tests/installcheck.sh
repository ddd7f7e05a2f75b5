#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# make installcheck: what was installed is whole, and the program finds it without being told where. The makefile gives
# the directories, $DESTDIR before them, and the names of what there must be.
set -eu

fail() {
    echo "installcheck: $*" >&2
    exit 1
}

: "${bindir:?}" "${completionsdir:?}" "${languages?}" "${localedir:?}" "${mandir:?}" "${pages?}" "${pkgdatadir:?}" "${rules:?}" "${schemas:?}"
vt=$bindir/virt-tune
unset VIRT_TUNE_DATADIR VIRT_TUNE_CONFDIR LANGUAGE TEXTDOMAINDIR
# Elsewhere the program finds its translations by itself.
[ -z "$DESTDIR" ] || export TEXTDOMAINDIR="$localedir"
export HOME=/nonexistent XDG_CONFIG_HOME=/nonexistent LC_ALL=C.UTF-8
cd /

wanted=$(for rule in $rules; do basename "$rule" .xml; done | LC_ALL=C sort)
found=$("$vt" rules list --name | LC_ALL=C sort)
[ "$found" = "$wanted" ] || fail "the rules that are found are not those of the sources: $found"
"$vt" rules check "$pkgdatadir/rules/virtio-net.xml" >/dev/null || fail "a rule cannot be checked: the schema is not found"
for schema in $schemas; do
    [ -s "$pkgdatadir/schemas/$(basename "$schema")" ] || fail "$schema is not installed"
done
"$vt" completion | cmp -s - "$completionsdir/virt-tune" || fail "the completion that is installed is not the program's"
for page in $pages; do
    name=$(basename "$page")
    [ -s "$mandir/man${name##*.}/$name" ] || fail "$name is not installed"
done
"$vt" --version | grep -q . || fail 'the program does not tell its version'
english=$("$vt" rules list | grep '^virtio-net ')
for language in $languages; do
    [ -s "$localedir/$language/LC_MESSAGES/virt-tune.mo" ] || fail "the translation $language is not installed"
    # Where the C library has no C.UTF-8 there is no translation to be seen.
    if locale -a 2>/dev/null | grep -qix 'c\.utf-\{0,1\}8'; then
        [ "$(LANGUAGE=$language "$vt" rules list | grep '^virtio-net ')" != "$english" ] ||
            fail "the translation $language is not found"
    fi
    # With a locale of its own, as a user has it.
    if locale -a 2>/dev/null | grep -qix "$language\.utf-\{0,1\}8"; then
        [ "$(LC_ALL=$language.UTF-8 "$vt" rules list | grep '^virtio-net ')" != "$english" ] ||
            fail "the translation $language is not found in its locale"
    fi
done
echo "installcheck: $(echo "$found" | wc -l) rules, the schemas, the completion, the manual and the translations are found"
