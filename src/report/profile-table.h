/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile as tables for people. */
#pragma once

#include "base/term.h"
#include "model/profile.h"

typedef struct {
    guint limit;         /* MSRs, ports, addresses and interrupts of each kind; 0: all */
    gboolean vcpus;      /* also what each vCPU has */
    gboolean histograms; /* also how long exits took, as bars */
} VtProfileTableOptions;

/* @profile NULL: prints @note, the reason. Metrics that never moved are left out. On a terminal it
 * is as wide as that; elsewhere nothing is cut. */
void vt_profile_table_print(VtTerm *term, const char *name, const VtProfile *profile,
                            const char *note, const VtProfileTableOptions *options);

/* "10 s in 10 windows by libvirt". The caller frees it. */
char *vt_profile_table_sample(const VtProfile *profile);

/* The metrics that moved, in the order of the table: families, of them HLT last, then what has a
 * number, then statistics, most first. Does not own them. */
GPtrArray *vt_profile_table_metrics(const VtProfile *profile);
/* The rate of a row, without the mark of a bound. Where not all exits are counted, their sum is no less than what is known
 * of its parts. The caller frees it. */
char *vt_profile_table_rate(const VtProfile *profile, const VtMetric *metric);
/* Calls @row for all of @metrics but those of MSRs, ports, addresses and interrupts beyond the first
 * @limit of their kind (0: no limit), and @rest, where one is given, for how many of a kind were left
 * out: the first and the number of them, which stand side by side in @metrics. */
void vt_profile_table_each(GPtrArray *metrics, guint limit,
                           void (*row)(const VtMetric *metric, gpointer data),
                           void (*rest)(const VtMetric *const *first, guint n, gpointer data),
                           gpointer data);
/* "pio: 13 more". The caller frees it. */
char *vt_profile_table_rest(const VtMetric *first, guint n);
