/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two profiles side by side, and which differences count: those of more than the windows differ
 * among themselves. Nothing is claimed of what was not measured both times, by the same source, in
 * enough windows. */
#pragma once

#include <glib.h>

#include "model/profile.h"

/* A difference counts where the ranges of the windows do not overlap and the medians differ by this
 * part of the larger one. */
#define VT_COMPARE_PART 0.1
/* The load is another where requests or packets differ by more than this factor. */
#define VT_COMPARE_LOAD 1.5

typedef enum {
    VT_COMPARE_SAME, /* no difference that counts */
    VT_COMPARE_FEWER,
    VT_COMPARE_MORE,
    VT_COMPARE_UNKNOWN,
} VtCompareOutcome;
/* "same", "fewer", "more", "unknown". */
const char *vt_compare_outcome_name(VtCompareOutcome outcome);

/* Of a metric in one of the profiles, per vCPU-second. */
typedef struct {
    gboolean known;     /* else it was not measured, and the rest means nothing */
    const char *source; /* owned by the profile; NULL: known to be zero */
    double median, min, max;
    guint windows;
} VtCompareSide;

/* SAME, FEWER, MORE, or UNKNOWN where a side is unknown or has too few windows. */
VtCompareOutcome vt_compare_sides(const VtCompareSide *before, const VtCompareSide *after);

typedef struct {
    char *metric; /* VT_COMPARE_BUSY: exits but HLT */
    VtCompareSide before, after;
    VtCompareOutcome outcome;
    char *reason; /* of UNKNOWN: a few words, translated; else NULL */
} VtCompareRow;
#define VT_COMPARE_BUSY "exits-hlt"

/* The change in per cent of what it was before. FALSE where a side is unknown or it was zero
 * before. */
gboolean vt_compare_change(const VtCompareRow *row, double *ret_pct);

/* All metrics of both that were not zero all the time, exits but HLT first, then those that moved
 * most, then what did not move, then what nothing can be said of. Elements are VtCompareRow; the
 * profiles must outlive them. */
GPtrArray *vt_compare_rows(const VtProfile *before, const VtProfile *after);

/* Why no difference between the two says anything about a change between them: another load
 * (requests, packets), number of vCPUs or kind of processor; NULL where there is no such reason.
 * The caller frees it. */
char *vt_compare_mismatch(const VtProfile *before, const VtProfile *after);

/* What else the reader must know: lengths, windows, lost updates. Elements are char *,
 * sentences. */
GPtrArray *vt_compare_notes(const VtProfile *before, const VtProfile *after);
