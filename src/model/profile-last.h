/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The exits of the last window of a profile that still grows, as far as a list of many domains shows them. */
#pragma once

#include "model/profile.h"

/* Rates are per second of the whole domain. */
typedef struct {
    guint vcpus; /* never 0 */
    gboolean has_busy;
    double busy_per_s; /* exits but HLT */
    gboolean at_least; /* there are more */
    gboolean has_hlt;
    double hlt_per_s;
    gboolean has_time; /* some exits but HLT were timed in this window */
    double time_pct;   /* of the vCPUs' time, exits but HLT; at most 100 */
    GRefString *worst; /* the most frequent of "exit.…" but HLT; NULL where none moved */
} VtProfileLast;

/* Of @profile, which has a window and need not be finished: the same figures that vt_profile_finish() and its readers give of
 * that window alone. What @ret_last held is not freed. */
void vt_profile_last(const VtProfile *profile, VtProfileLast *ret_last);
void vt_profile_last_clear(VtProfileLast *last);
