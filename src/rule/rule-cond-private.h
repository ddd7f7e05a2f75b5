/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the condition kinds share. */
#pragma once

#include "rule/rule-cond.h"

/* Appends the outcome of a leaf to the evidence; NULL where nobody wants it. */
VtEvidence *vt_rule_cond_witness(const VtCond *cond, VtCondContext *context, guint depth,
                                 const char *subject, VtTri outcome);
/* A number for people: large and whole ones with separators, small ones with two digits. The caller
 * frees it. */
char *vt_rule_cond_number(double value);
/* The sentence that compares @value of @what with the thresholds of @cond. The caller frees it. */
char *vt_rule_cond_compare(const VtCond *cond, const char *what, const char *value,
                           const char *above, const char *below, VtTri outcome);
void vt_rule_cond_set_threshold(VtEvidence *evidence, const VtCond *cond);

/* rule-cond-measured.c */
VtTri vt_rule_cond_measured_rate(const VtCond *cond, VtCondContext *context, guint depth);
VtTri vt_rule_cond_measured_share(const VtCond *cond, VtCondContext *context, guint depth);
VtTri vt_rule_cond_measured_ratio(const VtCond *cond, VtCondContext *context, guint depth);
VtTri vt_rule_cond_measured_at_all(const VtCond *cond, VtCondContext *context, guint depth);
VtTri vt_rule_cond_measured_row_rate(const VtCond *cond, VtCondContext *context, guint depth);

/* rule-cond-fact.c */
VtTri vt_rule_cond_fact_host(const VtCond *cond, VtCondContext *context, guint depth);
VtTri vt_rule_cond_fact_row(const VtCond *cond, VtCondContext *context, guint depth);
VtTri vt_rule_cond_fact_domain(const VtCond *cond, VtCondContext *context, guint depth);
VtTri vt_rule_cond_fact_guest(const VtCond *cond, VtCondContext *context, guint depth);
VtTri vt_rule_cond_fact_version(const VtCond *cond, VtCondContext *context, guint depth);

/* rule-cond-own.c */
char *vt_rule_cond_own_check(const VtCond *cond);
/* The accesses of the device that @context looks at, in place of the class that @cond names; NULL where they are not
 * known, or not asked for. */
VtMetricSet *vt_rule_cond_own_metrics(const VtCond *cond, const VtCondContext *context);
/* Whose the metrics of such a set are ("net0 (e1000)"); NULL for any other. The caller frees it. */
char *vt_rule_cond_own_label(const VtCondContext *context, const char *text);

/* rule-cond-rule.c */
char *vt_rule_cond_rule_check(const VtCond *cond);
VtTri vt_rule_cond_rule_eval(const VtCond *cond, VtCondContext *context, guint depth);
