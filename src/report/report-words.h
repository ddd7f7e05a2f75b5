/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What reports for people say of a domain and of its sample, in the same words whatever the format.
 * All are translated; the caller frees those that are char *. */
#pragma once

#include "report/report.h"

/* "running, 2 vCPUs"; the state where it is known. */
char *vt_report_words_state(const VtDomain *domain);

/* "measured on 2026-11-22 10:00:00 UTC for 10 s in 10 windows by libvirt", or that it was not, and why. */
char *vt_report_words_sample(const VtReportDomain *domain);

/* That the running domain waits for change @id of its definition. */
char *vt_report_words_pending(guint64 id);
/* In what else the running domain differs from its definition; NULL where it does not. */
char *vt_report_words_pending_other(const VtDomain *domain);

/* Exits a second and vCPU, HLT apart. */
char *vt_report_words_rates(const VtProfile *profile);

/* The share of time that went to exits but HLT; NULL where no time was measured. */
char *vt_report_words_time(const VtProfile *profile);

/* That updates were lost; NULL where none was. */
char *vt_report_words_lost(const VtProfile *profile);

/* What a metric is; NULL where nobody has named it. */
char *vt_report_words_metric(const VtProfile *profile, const char *metric);

/* As above, and where a metric is of a port or an address, how many accesses were reads and whether
 * KVM or user space completed the accesses, if that was measured. */
char *vt_report_words_row(const VtProfile *profile, const VtMetric *metric);

/* What stands before a number that is a bound: "≥ ", "≤ "; else "". @utf8: ">= " and "<= " where it is FALSE. */
const char *vt_report_words_bound(VtBound bound, gboolean utf8);

/* Why there is no advice. */
const char *vt_report_words_no_advice(const VtReportDomain *domain);

/* That nothing is known of the host. */
const char *vt_report_words_no_host(void);

/* Which one of several hosts a domain is on; NULL where that is not known. */
char *vt_report_words_host(const VtReportContext *own);
