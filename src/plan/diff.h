/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unified differences by diff(1), many pairs in one run. */
#pragma once

#include <glib.h>

typedef struct {
    const char *before, *after; /* texts ending in a newline */
    const char *label; /* the header lines are "--- a/LABEL" and "+++ b/LABEL", made printable */
    char *diff;        /* out: unified; "" where both are equal. The caller frees it. */
} VtDiffPair;

/* One diff(1) process for all pairs that differ, none where none does. The texts stand meanwhile in
 * a directory of mode 0700 below $TMPDIR, or where that is not set below /dev/shm. On failure no
 * pair has a diff; VT_ERROR_UNSUPPORTED means that there is no diff(1). */
gboolean vt_diff_run(VtDiffPair *pairs, gsize n, GError **error);

/* The same with another program than the diff(1) that was found at build time. */
gboolean vt_diff_run_with(const char *program, VtDiffPair *pairs, gsize n, GError **error);
