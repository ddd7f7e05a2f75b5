/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All figures of a profile as a table, and how figures are written there and at bars. */
#pragma once

#include "model/metric.h"
#include "model/profile.h"
#include "report/html.h"

/* @metrics: those of @profile that were seen, as vt_profile_table_metrics() sorts them. */
void vt_report_html_figures_write(VtHtml *html, const VtProfile *profile, GPtrArray *metrics);

/* A share of time, 0 to 1, in per cent; what is there is not "0.0 %". The caller frees it. */
char *vt_report_html_figures_time(double part);
