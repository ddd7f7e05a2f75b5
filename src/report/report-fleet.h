/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What remains of a fleet after its domains were printed: counts, and a line for each of the worst.
 */
#pragma once

#include "report/report.h"

/* As many domains as the table shows. */
#define VT_REPORT_FLEET_MAX 20

typedef struct VtReportFleet VtReportFleet;
VtReportFleet *vt_report_fleet_new(void);
void vt_report_fleet_free(VtReportFleet *fleet);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtReportFleet, vt_report_fleet_free)

void vt_report_fleet_add(VtReportFleet *fleet, const VtReportDomain *domain);
guint vt_report_fleet_count(const VtReportFleet *fleet);

/* The sentence that counts, e.g. "12 domains: 5 with advice, 7 without." The caller frees it. */
char *vt_report_fleet_sentence(const VtReportFleet *fleet);
/* The table of the worst, first by recoverable gain, then by severity, then by exits; NULL where no
 * domain has advice. The caller frees it. */
char *vt_report_fleet_table(const VtReportFleet *fleet, guint width);
