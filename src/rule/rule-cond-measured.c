/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions on what was measured: rates, shares and ratios of metrics. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "rule/rule-cond-private.h"

static const char *name_of(const VtMetricSet *set)
{
    return vt_metric_set_text(set);
}

/* The set's text, with what it is where that has a name: "msr.write.0x80b (x2APIC EOI)". */
static char *label_of(const VtCondContext *context, const char *text)
{
    g_autofree char *own = vt_rule_cond_own_label(context, text);
    const char *label = vt_metric_label(text);

    if (own)
        return g_strdup_printf("%s (%s)", text, own);
    if (strcmp(text, "exits - exit.hlt") == 0)
        return g_strdup(_("the rate of exits without HLT"));
    return label ? vt_text_fill("%s (%s)", text, _(label)) : g_strdup(text);
}

/* A row's rate has no set: it is of an interrupt. */
static gboolean is_time(const VtMetricSet *set)
{
    return set && vt_metric_set_is_time(set);
}

/* Nanoseconds where all of @set counts them, else a plain number. */
static char *format_of(const VtMetricSet *set, double value)
{
    return is_time(set) && value < (double)G_MAXINT64
               ? vt_text_format_duration((guint64)rint(MAX(value, 0)))
               : vt_rule_cond_number(value);
}

static char *format_rate(const VtCond *cond, double value)
{
    g_autofree char *text = format_of(cond->metric, value);

    return cond->per_domain ? vt_text_fill(_("%s/s of the whole domain"), text)
                            : vt_text_fill(_("%s/s per vCPU"), text);
}

static char *format_share(const VtCond *cond, double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];

    g_ascii_formatd(buffer, sizeof buffer, "%.1f", value * 100);
    if (cond->of)
        return vt_text_fill(_("%1$s %% of %2$s"), buffer, name_of(cond->of));
    return vt_text_fill(_("%s %% of the exits without HLT"), buffer);
}

static char *format_percent(const VtCond *cond, double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];

    return vt_text_fill("%s %%", g_ascii_formatd(buffer, sizeof buffer, "%.4g", value * 100));
}

static char *format_limit(const VtCond *cond, double value)
{
    g_autofree char *text = is_time(cond->metric) ? format_of(cond->metric, value) : NULL;

    return text ? vt_text_fill(_("%s/s"), text) : vt_rule_cond_number(value);
}

/* The time that each of the others took; of two times a plain number. */
static char *format_ratio(const VtCond *cond, double value)
{
    return is_time(cond->of) ? vt_rule_cond_number(value) : format_of(cond->metric, value);
}

/* The value as far as it is known: exactly, at least, or at most. */
static char *describe_bounds(const VtCond *cond, const VtRuleBounds *bounds,
                             char *(*format)(const VtCond *, double), double *ret_value)
{
    gboolean exact = bounds->low_median == bounds->high_median && !bounds->at_least;
    gboolean use_high = !exact && !bounds->at_least && isfinite(bounds->high_median) && bounds->low_median == 0;
    double value = use_high ? bounds->high_median : bounds->low_median;
    g_autofree char *text = format(cond, value);

    *ret_value = value;
    if (exact)
        return g_steal_pointer(&text);
    return use_high ? vt_text_fill(_("at most %s"), text)
                    : vt_text_fill(_("at least %s"), text);
}

static void describe_unknown(VtEvidence *evidence, const VtCondContext *context,
                             const VtRuleBounds *bounds, const char *what, const char *value)
{
    const char *missing = bounds->missing ? bounds->missing : evidence->subject;
    g_autofree char *label = label_of(context, missing);

    if (!bounds->missing && value) {
        /* No source that is there counts better. */
        evidence->detail = vt_text_fill(_("%1$s is %2$s, but not all exits were counted"), what,
                                           value);
        return;
    }

    if (value)
        evidence->detail = vt_text_fill(_("%1$s is %2$s, but %3$s was not measured"), what,
                                           value, label);
    else
        evidence->detail = vt_text_fill(_("%s was not measured"),
                                           bounds->missing_metric ? what : label);
    if (!context->profile)
        evidence->remedy = g_strdup(
            _("sample the domain while it runs, or give a recording of it with --profile"));
    else
        evidence->remedy = vt_text_fill(_("%s would tell"), _(vt_metric_who_measures(missing)));
}

static gboolean fails_in_windows(const VtCond *cond, const VtRuleBounds *bounds, VtTri outcome)
{
    return outcome == VT_NO && bounds->low_median == bounds->high_median &&
           (!cond->has_above || bounds->low_median > cond->above) &&
           (!cond->has_below || bounds->low_median < cond->below);
}

/* How a kind writes its values and thresholds. */
typedef struct {
    char *(*value)(const VtCond *cond, double value);
    char *(*threshold)(const VtCond *cond, double value);
} Words;

static const Words rate_words = {format_rate, format_limit};
static const Words share_words = {format_share, format_percent};
static const Words ratio_words = {format_ratio, format_ratio};

/* Writes the words of the evidence. */
static void describe(const VtCond *cond, const VtCondContext *context, const VtRuleBounds *bounds,
                     const Words *words, VtEvidence *evidence)
{
    g_autofree char *what = label_of(context, evidence->subject);
    g_autofree char *value = NULL, *above = NULL, *below = NULL;

    vt_rule_cond_set_threshold(evidence, cond);
    evidence->source = g_strdup(bounds->source);
    if (isnan(bounds->low_median) || isnan(bounds->high_median)) {
        evidence->detail = vt_text_fill(
            _("%1$s has no share in %2$s, which did not happen"), what,
            cond->of ? name_of(cond->of) : _("the exits without HLT"));
        return;
    }
    if ((bounds->known || bounds->bounded) &&
        (evidence->outcome != VT_UNKNOWN || bounds->low_median > 0 || bounds->low_total)) {
        value = describe_bounds(cond, bounds, words->value, &evidence->value);
        evidence->has_value = TRUE;
    }
    if (evidence->outcome == VT_UNKNOWN || !value) {
        describe_unknown(evidence, context, bounds, what, value);
        return;
    }
    if (fails_in_windows(cond, bounds, evidence->outcome)) {
        evidence->detail = vt_text_fill(
            _("%1$s is %2$s in the median, but not in two thirds of the windows"), what, value);
        return;
    }
    above = cond->has_above ? words->threshold(cond, cond->above) : NULL;
    below = cond->has_below ? words->threshold(cond, cond->below) : NULL;
    evidence->detail = vt_rule_cond_compare(cond, what, value, above, below, evidence->outcome);
}

/* Decides by @bounds. @subject: what the evidence names; NULL: the condition's metrics. */
static VtTri decide(const VtCond *cond, VtCondContext *context, guint depth,
                    const VtRuleBounds *bounds, const char *subject, gboolean specific,
                    const Words *words)
{
    VtTri outcome = VT_YES;

    if (cond->has_above)
        outcome = vt_tri_and(outcome, vt_rule_measure_above(bounds, cond->above));
    if (cond->has_below)
        outcome = vt_tri_and(outcome, vt_rule_measure_below(bounds, cond->below));
    if (outcome == VT_YES) {
        context->any_measured_hit = TRUE;
        context->any_specific_hit = context->any_specific_hit || specific;
    }
    if (outcome != VT_UNKNOWN) {
        context->measured++;
        context->few_windows = vt_rule_measure_few_windows(context->measure);
    }
    if (context->evidence) {
        g_autofree char *own = subject ? NULL : vt_rule_cond_subject(cond);

        describe(cond, context, bounds, words,
                 vt_rule_cond_witness(cond, context, depth, subject ? subject : own, outcome));
    }
    return outcome;
}

VtTri vt_rule_cond_measured_rate(const VtCond *cond, VtCondContext *context, guint depth)
{
    g_auto(VtRuleBounds) bounds = {0};
    g_autoptr(VtMetricSet) own = vt_rule_cond_own_metrics(cond, context);
    const VtMetricSet *metric = own ? own : cond->metric;

    if (cond->per_domain)
        vt_rule_measure_domain_rate(context->measure, metric, cond->minus, &bounds);
    else
        vt_rule_measure_rate(context->measure, metric, cond->minus, &bounds);
    return decide(cond, context, depth, &bounds, own ? vt_metric_set_text(own) : NULL,
                  cond->specific || own, &rate_words);
}

VtTri vt_rule_cond_measured_share(const VtCond *cond, VtCondContext *context, guint depth)
{
    g_auto(VtRuleBounds) bounds = {0};
    g_autoptr(VtMetricSet) own = vt_rule_cond_own_metrics(cond, context);

    vt_rule_measure_share(context->measure, own ? own : cond->metric, cond->of, &bounds);
    return decide(cond, context, depth, &bounds, own ? vt_metric_set_text(own) : NULL,
                  cond->specific || own, &share_words);
}

VtTri vt_rule_cond_measured_ratio(const VtCond *cond, VtCondContext *context, guint depth)
{
    g_auto(VtRuleBounds) bounds = {0};

    vt_rule_measure_ratio(context->measure, cond->metric, cond->of, &bounds);
    return decide(cond, context, depth, &bounds, NULL, FALSE, &ratio_words);
}

/* Never NO: what was not measured is not known. */
VtTri vt_rule_cond_measured_at_all(const VtCond *cond, VtCondContext *context, guint depth)
{
    g_auto(VtRuleBounds) bounds = {0};
    VtEvidence *evidence;
    VtTri outcome;

    vt_rule_measure_rate(context->measure, cond->metric, NULL, &bounds);
    outcome = bounds.missing_metric ? VT_UNKNOWN : VT_YES;
    evidence = vt_rule_cond_witness(cond, context, depth, name_of(cond->metric), outcome);
    if (evidence) {
        g_autofree char *what = label_of(context, evidence->subject);

        evidence->source = g_strdup(bounds.source);
        if (outcome == VT_YES)
            evidence->detail = vt_text_fill(_("%s was measured"), what);
        else
            describe_unknown(evidence, context, &bounds, what, NULL);
    }
    return outcome;
}

VtTri vt_rule_cond_measured_row_rate(const VtCond *cond, VtCondContext *context, guint depth)
{
    g_autofree char *name = g_strconcat("irq.", context->irq->irq, NULL);
    const VtMetric *metric = context->profile ? vt_profile_get(context->profile, name) : NULL;
    g_auto(VtRuleBounds) bounds = {0};

    if (metric) {
        vt_rule_measure_one(context->measure, metric, &bounds);
    } else {
        g_autoptr(VtMetricSet) set = vt_metric_set_parse(name, NULL);

        if (!set)
            return VT_UNKNOWN;
        vt_rule_measure_rate(context->measure, set, NULL, &bounds);
    }
    return decide(cond, context, depth, &bounds, name, TRUE, &rate_words);
}
