/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was measured of a domain as HTML: charts, and all figures as a table. */
#pragma once

#include "model/profile.h"
#include "report/html.h"

void vt_report_html_sample_write(VtHtml *html, const VtProfile *profile);
