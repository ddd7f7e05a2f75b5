#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every source with messages is extracted, and zh_CN and ja translate all of them.
. "$(dirname "$0")/tap.sh"

for tool in xgettext msgmerge msgfmt; do
    command -v $tool >/dev/null || { echo "1..0 # SKIP $tool is missing"; exit 0; }
done
cd "$VT_SRCDIR" || exit 1

{ grep -lE '\b(_|N_|ngettext|g_dngettext)\(([^)]|$)' src/*.c src/*/*.[ch] | grep -v '^src/base/error.h$'; ls data/rules/*.xml; } | sort >"$tap_tmp/want"
grep -v '^#' po/POTFILES.in | grep . | sort >"$tap_tmp/have"
missing=$(comm -23 "$tap_tmp/want" "$tap_tmp/have")
if [ -z "$missing" ]; then ok "po/POTFILES.in names every file with messages"; else not_ok "po/POTFILES.in names every file with messages" "missing: $missing"; fi

options=$(sed -n 's/^XGETTEXT_OPTIONS = //p' po/Makevars)
# shellcheck disable=SC2086 # a list of options
if GETTEXTDATADIRS="$VT_SRCDIR/po" xgettext $options --files-from=po/POTFILES.in -o "$tap_tmp/all.pot" 2>"$tap_tmp/warnings"; then
    ok "xgettext reads all of them"
else
    not_ok "xgettext reads all of them" "$(cat "$tap_tmp/warnings")"
fi

# xgettext ends a message at GLib's format macros; it knows those of <inttypes.h>.
cut=$(grep -E '%([0-9]+\$)?"$' "$tap_tmp/all.pot" | grep -v '"GAIN %"$')
if [ -z "$cut" ]; then ok "no message ends within a directive"; else not_ok "no message ends within a directive" "$cut"; fi

for language in zh_CN ja; do
    msgmerge -q --no-fuzzy-matching -o "$tap_tmp/$language.po" "po/$language.po" "$tap_tmp/all.pot" 2>"$err"
    figures=$(LC_ALL=C msgfmt -c --statistics -o "$tap_tmp/$language.mo" "$tap_tmp/$language.po" 2>&1)
    case $figures in
        *untranslated*|*fuzzy*|*rror*) not_ok "$language is complete" "$figures
$(msgattrib --untranslated --no-obsolete "$tap_tmp/$language.po" | grep '^msgid' | head -5)" ;;
        *translated*) ok "$language is complete: $figures" ;;
        *) not_ok "$language is complete" "$figures" ;;
    esac
    if grep -qx "$language" po/LINGUAS || grep -qw "$language" po/LINGUAS; then ok "$language is in po/LINGUAS"; else not_ok "$language is in po/LINGUAS"; fi
    # The program looks rule texts up folded as xgettext writes them: one of them must come out translated.
    mkdir -p "$tap_tmp/locale/$language/LC_MESSAGES"
    cp "$tap_tmp/$language.mo" "$tap_tmp/locale/$language/LC_MESSAGES/virt-tune.mo"
    english=$("$vt" rules list | sed -n '/^virtio-net/p')
    other=$(LC_ALL=C.UTF-8 LANGUAGE=$language TEXTDOMAINDIR=$tap_tmp/locale "$vt" rules list | sed -n '/^virtio-net/p')
    if [ -n "$other" ] && [ "$other" != "$english" ]; then ok "$language shows the texts of rules"; else not_ok "$language shows the texts of rules" "$other"; fi
    # The help of top has a line for each column, which begins with its title.
    for title in EXITS/S HLT/S TIME MOST ADVICE; do
        word=$(sed -n "\\@^msgid \"$title\"\$@{n;s/^msgstr \"\(.*\)\"\$/\1/p}" "po/$language.po")
        if [ -n "$word" ] && grep -q "^\"$word  *[^ \"].*\\\\n\"\$" "po/$language.po"; then ok "$language: the help of top calls $title as its column"
        else not_ok "$language: the help of top calls $title as its column" "$word"; fi
    done
done

# Tables are drawn by a library that takes them for text in the locale's encoding; a report is UTF-8.
if command -v localedef >/dev/null && mkdir "$tap_tmp/encodings" &&
    localedef -i zh_CN -f GB18030 "$tap_tmp/encodings/zh_CN.GB18030" >/dev/null 2>&1; then
    printf '{"format":"virt-tune-profile","version":1,"vcpus":1,"duration_ns":1000000000,"sources":["x"],"windows":1,"metrics":{"exits":{"count":9000}},"lost":0}\n' >"$tap_tmp/p.json"
    LOCPATH=$tap_tmp/encodings LC_ALL=zh_CN.GB18030 LANGUAGE='' TEXTDOMAINDIR=$tap_tmp/locale run compare "$tap_tmp/p.json" "$tap_tmp/p.json"
    if [ "$status" = 0 ] && grep -q '之前' "$out" && ! grep -q '\\x' "$out" && iconv -f UTF-8 -t UTF-8 "$out" >/dev/null; then ok "tables in another encoding"
    else not_ok "tables in another encoding" "$status $(cat "$out" "$err")"; fi
else
    skip "tables in another encoding" "localedef cannot make zh_CN.GB18030"
fi
finish
