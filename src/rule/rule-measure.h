/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much of a metric set a profile shows, window by window, as bounds: what was not measured
 * widens them. */
#pragma once

#include <glib.h>

#include "base/tri.h"
#include "model/metric.h"
#include "model/profile.h"

/* A median needs at least this many windows; fewer are taken together as a single one. */
#define VT_RULE_MEASURE_WINDOWS VT_PROFILE_WINDOWS_MIN

/* One profile, with its numbered metrics in order, so that a range of ports or addresses costs no
 * look-up by name. */
typedef struct VtRuleMeasure VtRuleMeasure;

/* @profile NULL: nothing is known. It must outlive the result. */
VtRuleMeasure *vt_rule_measure_new(const VtProfile *profile);
void vt_rule_measure_free(VtRuleMeasure *measure);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtRuleMeasure, vt_rule_measure_free)

/* How many windows there are where that is fewer than a median needs; 0 where it is not. */
guint vt_rule_measure_few_windows(const VtRuleMeasure *measure);

/* Values that lie between @low and @high in each of @n windows; a window in which the value is
 * undefined (a share of nothing) holds NAN. The arrays belong to the VtRuleMeasure and are valid
 * until it measures again. */
typedef struct {
    guint n;
    double *low, *high;
    double low_median, high_median; /* over the windows with a value; NAN where there is none */
    gboolean low_total; /* not all exits were counted, so that a share of them is at most @high */
    gboolean at_least;  /* the same of a rate: it is at least @low, which is @high too */
    gboolean known;          /* a part of what is measured is known, so that @low means something */
    gboolean missing_metric; /* a part of the metric itself is unknown, not only of what it is
                                compared with */
    gboolean bounded;        /* the exits of its class bound that part: @high is finite */
    gboolean whole;          /* a part was counted once over the sample: each window has its mean */
    const char *source;      /* who measured the first known part; NULL */
    char *missing;           /* the first metric that is unknown; NULL where all are known */
} VtRuleBounds;
void vt_rule_measure_clear(VtRuleBounds *bounds);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VtRuleBounds, vt_rule_measure_clear)

/* Per vCPU-second; @minus (may be NULL) is subtracted, never below zero. */
void vt_rule_measure_rate(VtRuleMeasure *measure, const VtMetricSet *set, const VtMetricSet *minus,
                          VtRuleBounds *ret_bounds);
/* Per second, of all vCPUs together. */
void vt_rule_measure_domain_rate(VtRuleMeasure *measure, const VtMetricSet *set,
                                 const VtMetricSet *minus, VtRuleBounds *ret_bounds);
/* The part of @of, 0 to 1; @of NULL: of all exits but HLT. */
void vt_rule_measure_share(VtRuleMeasure *measure, const VtMetricSet *set, const VtMetricSet *of,
                           VtRuleBounds *ret_bounds);
void vt_rule_measure_ratio(VtRuleMeasure *measure, const VtMetricSet *set, const VtMetricSet *of,
                           VtRuleBounds *ret_bounds);
/* The rate of one metric. */
void vt_rule_measure_one(VtRuleMeasure *measure, const VtMetric *metric, VtRuleBounds *ret_bounds);

/* Whether the value exceeds @threshold: the median does, and at least two thirds of the windows.
 * UNKNOWN where the bounds do not decide. */
VtTri vt_rule_measure_above(const VtRuleBounds *bounds, double threshold);
VtTri vt_rule_measure_below(const VtRuleBounds *bounds, double threshold);

/* The metrics of one numbered kind in the order of numbers. The array holds const VtMetric * and
 * does not own them. */
GPtrArray *vt_rule_measure_numbered(VtRuleMeasure *measure, VtMetricKind kind);
