#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every kept input of every target, once.
exec "${VT_BUILDDIR:-.}/tests/fuzz/fuzz-replay" "${VT_SRCDIR:-.}"/tests/fuzz/corpus/*
