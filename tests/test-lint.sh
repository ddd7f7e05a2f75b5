#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Rules that `rules check` must refuse, a file each in tests/lint: "expect: LINE: MESSAGE" in it says where and why, and
# nothing else may be wrong. "pair: FILE" is checked together with that one, which says what is wrong.
. "$(dirname "$0")/tap.sh"

export LC_ALL=C.UTF-8 VIRT_TUNE_CONFDIR="$tap_tmp"
unset LANGUAGE
cd "$VT_SRCDIR/tests/lint" || exit 1
schema=$(sed -n 's/^#define VT_LIBVIRT_SCHEMA "\(.*\)"/\1/p' "$VT_BUILDDIR/config.h")

for file in *.xml; do
    name=${file%.xml}
    pair=$(sed -n 's/.*<!-- pair: \(.*\) -->.*/\1/p' "$file")
    expect=$(sed -n 's/.*<!-- expect: \(.*\) -->.*/\1/p' "$file")
    case $expect in
    *"schema here"* | *"libvirt rejects"*) [ -e "$schema" ] || { skip "$name" "$schema is not installed"; continue; } ;;
    esac
    if [ -n "$pair" ]; then
        expect=$(sed -n 's/.*<!-- expect: \(.*\) -->.*/\1/p' "$pair")
        run rules check "$file" "$pair"
        said=$(grep -v ': no problem found$' "$out")
        file=$pair
    else
        # The other half of a pair is there all the same.
        run rules check "$file" $(grep -l "<!-- pair: $file -->" ./*.xml)
        said=$(grep -v ': no problem found$' "$out")
    fi
    if [ -z "$expect" ]; then
        if [ "$status" = 0 ] && [ -z "$said" ]; then ok "$name"; else not_ok "$name" "exit $status: $said"; fi
        continue
    fi
    if [ "$status" != 1 ]; then not_ok "$name" "exit $status, not 1: $said"
    elif [ "$(printf '%s\n' "$said" | wc -l)" != 1 ]; then not_ok "$name" "not one message: $said"
    else
        case $said in
        "$file:$expect"*) ok "$name" ;;
        *) not_ok "$name" "not \"$file:$expect\": $said" ;;
        esac
    fi
done
# The rules that are shipped.
run -q rules check "$VIRT_TUNE_DATADIR"/rules/*.xml
if [ "$status" = 0 ]; then ok "shipped rules"; else not_ok "shipped rules" "$(cat "$out")"; fi
finish
