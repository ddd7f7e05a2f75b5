/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a domain stands among those of a fleet: what its advice amounts to. */
#pragma once

#include "report/report.h"

typedef struct {
    char *name;
    char *first; /* the rule that its report starts with; NULL: no advice */
    guint advice;
    VtSeverity severity; /* the highest */
    gboolean measured;
    gboolean has_gain;
    double gain_pct; /* the highest */
    gboolean has_rate;
    double rate; /* exits a second and vCPU but HLT */
    gboolean at_least; /* there are more */
} VtReportRank;

VtReportRank *vt_report_rank_new(const VtReportDomain *domain);
void vt_report_rank_free(gpointer rank);
/* The rate as text, after @at_least where there are more; @unknown where there is none. The caller frees it. */
char *vt_report_rank_rate(const VtReportRank *rank, const char *at_least, const char *unknown);

/* The worst first: by recoverable gain, then severity, then exits, then name. For
 * g_ptr_array_sort(). */
int vt_report_rank_compare(gconstpointer a, gconstpointer b);
