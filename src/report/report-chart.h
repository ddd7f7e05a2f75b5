/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Charts of HTML reports, as SVG that follows the width of the page and has all its figures as
 * words. */
#pragma once

#include "report/html.h"

/* A bar with its words. */
typedef struct {
    const char *name;
    const char *what;  /* what that is, for people; NULL */
    const char *value; /* as it stands at the bar */
    double part;       /* 0 to 1, of the full width; more is cut */
    gboolean idle;     /* stands apart, in grey */
} VtReportBar;

/* @scale: what the full width is. */
void vt_report_chart_bars(VtHtml *html, const char *caption, const char *scale,
                          const VtReportBar *bars, gsize n);

/* Two bars below each other with their words: what was before and what is after. */
typedef struct {
    const char *name;
    const char *what;  /* NULL */
    const char *value; /* of both */
    double before, after; /* parts, as above */
} VtReportPair;
void vt_report_chart_pairs(VtHtml *html, const char *caption, const char *scale,
                           const VtReportPair *pairs, gsize n);

/* What a line chart shows of one value over time. */
typedef struct {
    const char *caption;
    const char *description; /* the same in words */
    const double *values;    /* of intervals of equal length */
    gsize n;                 /* at least 2 */
    guint64 duration_ns;     /* of all of them */
    gboolean idle;           /* in grey */
} VtReportLine;
void vt_report_chart_line(VtHtml *html, const VtReportLine *line);

/* A part of a whole as a bar without words; @low to @high, both 0 to 1. */
void vt_report_chart_meter(VtHtml *html, double low, double high);
