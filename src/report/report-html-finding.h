/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One piece of advice as HTML. */
#pragma once

#include "report/html.h"
#include "report/report.h"

/* @number: the rank, from 1; @id: of the element. */
void vt_report_html_finding_write(VtHtml *html, const VtReportContext *context,
                                  const VtDomain *domain, const VtFinding *finding, guint number,
                                  const char *id);

/* A unified difference: lines that were added and removed are <ins> and <del>. @label: what it
 * is. */
void vt_report_html_finding_diff(VtHtml *html, const char *label, const char *diff);

/* A badge in the colour and the words of a severity. */
void vt_report_html_finding_badge(VtHtml *html, VtSeverity severity);
