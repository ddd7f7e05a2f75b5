/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a report says of a domain beside its advice: what comes later, what was left undecided and
 * why, each kind below a heading. */
#pragma once

#include <glib.h>

typedef struct {
    const char *heading; /* translated, ends in a colon */
    GPtrArray *lines;    /* char *, a sentence or two each; never empty */
} VtReportSection;

/* In the order of a report; elements are VtReportSection. @verbose: also of rules that have nothing
 * to say. */
GPtrArray *vt_report_section_list(const GPtrArray *findings, gboolean verbose);

/* What the site has waived: each finding and why, or, not to @show, how many. NULL where there is
 * nothing. */
VtReportSection *vt_report_section_waived(const GPtrArray *findings, gboolean show);
void vt_report_section_free(VtReportSection *section);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtReportSection, vt_report_section_free)
