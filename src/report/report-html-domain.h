/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain's section of the HTML report. */
#pragma once

#include "report/html.h"
#include "report/report.h"

/* @id: of the section; those of its parts begin with it. */
void vt_report_html_domain_write(VtHtml *html, const VtReportContext *context,
                                 const VtReportDomain *domain, const char *id);
