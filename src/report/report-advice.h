/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One piece of advice as text: what, why we think so, what it gains, what it risks, how to do it.
 */
#pragma once

#include "report/report-page.h"
#include "report/report.h"

/* The msgids of the labels that vt_report_advice_print() uses, NULL-terminated. */
extern const char *const vt_report_advice_labels[];

/* @number: the rank, from 1. */
void vt_report_advice_print(VtReportPage *page, const VtReportContext *context,
                            const VtDomain *domain, const VtFinding *finding, guint number);
