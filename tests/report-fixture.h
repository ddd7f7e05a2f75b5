/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report with a bit of everything, for the tests of all formats. */
#pragma once

#include "report/report.h"

/* Writes the report with @format to a temporary file and gives its text. @domains: how many of the
 * fixture's three domains. The caller frees it. */
char *vt_report_fixture_write(const VtReportFormat *format, guint domains, gboolean verbose,
                              const char *uri, gboolean with_host);

/* The same of three hosts: nothing is known of the second domain's, no connection of the third's. */
char *vt_report_fixture_write_hosts(const VtReportFormat *format);

/* Fails unless @text is what the file @name below tests/report/ holds; with VT_REGENERATE=1 the
 * file is written instead. */
void vt_report_fixture_compare(const char *text, const char *name);
