/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two profiles side by side, and which differences count: those that nearly all pairs of a window
 * before and one after show, and that chance hardly makes. Nothing is claimed of what was not
 * measured both times, by the same source, in enough windows. */
#pragma once

#include <glib.h>

#include "model/profile.h"

/* A difference counts where the medians differ by this part of the larger one, no more than one in so
 * many pairs of a window before and one after does not differ in the same way, */
#define VT_COMPARE_PART 0.1
#define VT_COMPARE_CONTRARY 5
/* and chance alone does the like no more often than this (the rank test of vt_rank_test_chance()). */
#define VT_COMPARE_CHANCE 0.01
/* Of fewer windows than this test needs, where all pairs differ in the same way and the medians by
 * this part. Medians that differ by so much are not said to be the same. */
#define VT_COMPARE_PART_FEW 0.5
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
    VtBound bound;      /* whether there was more, or less, than was counted */
    const char *source; /* owned by the profile; NULL: known to be zero */
    double median, min, max;
    guint windows;
    double *rates; /* of the windows, ascending; owned; NULL: all of them are zero */
} VtCompareSide;

/* Makes @side known by the rates of @n windows (not 0), which are copied. */
void vt_compare_side_set(VtCompareSide *side, const double *rates, guint n);
void vt_compare_side_clear(VtCompareSide *side);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VtCompareSide, vt_compare_side_clear)

/* SAME, FEWER, MORE, or UNKNOWN where a side is unknown or the windows are too few, or too varied, to tell.
 * @ret_chance (may be NULL): how likely the windows of one and the same load lie as these do or
 * further apart; 1 where that was not asked, since the medians hardly differ or a side is unknown. */
VtCompareOutcome vt_compare_sides(const VtCompareSide *before, const VtCompareSide *after,
                                  double *ret_chance);

typedef struct {
    char *metric; /* VT_COMPARE_BUSY: exits but HLT */
    VtCompareSide before, after;
    VtCompareOutcome outcome;
    double chance; /* as vt_compare_sides() has it */
    gboolean chance_left; /* UNKNOWN, since they differ and chance is not ruled out */
    char *reason; /* of UNKNOWN: a few words, translated; else NULL */
} VtCompareRow;
#define VT_COMPARE_BUSY "exits-hlt"

/* The change in per cent of what it was before. FALSE where a side is unknown or it was zero
 * before. */
gboolean vt_compare_change(const VtCompareRow *row, double *ret_pct);

/* All metrics of both that were not zero all the time, exits but HLT first, then those that moved,
 * then what did not move, then what nothing can be said of; of each, counts before times and the
 * largest difference first. Elements are VtCompareRow; the profiles must outlive them. */
GPtrArray *vt_compare_rows(const VtProfile *before, const VtProfile *after);

/* Why no difference between the two says anything about a change between them: another load
 * (requests, packets), number of vCPUs or kind of processor; NULL where there is no such reason.
 * The caller frees it. */
char *vt_compare_mismatch(const VtProfile *before, const VtProfile *after);

/* What else the reader must know: lengths, windows, lost updates. Elements are char *,
 * sentences. */
GPtrArray *vt_compare_notes(const VtProfile *before, const VtProfile *after);
