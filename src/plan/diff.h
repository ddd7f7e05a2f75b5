/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unified differences by diff(1), many pairs in one run. */
#pragma once

#include <glib.h>

typedef struct {
    const char *before, *after; /* texts ending in a newline */
    const char *label;          /* stands in the header lines */
    char *diff;                 /* out: unified; "" where both are equal. The caller frees it. */
} VtDiffPair;

/* One diff(1) process for all pairs. */
gboolean vt_diff_run(VtDiffPair *pairs, gsize n, GError **error);
