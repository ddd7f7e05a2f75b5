/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a change helped. */
#include "config.h"

#include "plan/verify.h"

#include <math.h>

#include "base/error.h"
#include "base/text.h"
#include "model/metric.h"
#include "rule/rule-cond.h"
#include "rule/rule-measure.h"

static gboolean has_irqs(const VtMetricSet *set)
{
    const char *name;
    guint64 first, last;

    for (guint i = 0; i < vt_metric_set_length(set); i++)
        if (vt_metric_set_part(set, i, &name, &first, &last) == VT_METRIC_IRQ)
            return TRUE;
    return FALSE;
}

/* FALSE where a part of the set is not known in each window. */
static gboolean measure_set(const VtProfile *profile, VtRuleMeasure *measure, const VtMetricSet *set,
                            VtCompareSide *ret_side, char **ret_missing)
{
    g_auto(VtRuleBounds) bounds = {0};
    VtCompareSide side = {0};

    vt_rule_measure_rate(measure, set, NULL, &bounds);
    if (!bounds.known || bounds.missing || bounds.n == 0 || isnan(bounds.low_median)) {
        *ret_missing = g_strdup(bounds.missing ? bounds.missing : vt_metric_set_text(set));
        return FALSE;
    }
    side.source = bounds.source;
    /* Nothing is missing: both bounds are the same. */
    vt_compare_side_set(&side, bounds.low, bounds.n);
    if (bounds.at_least)
        side.bound = VT_BOUND_AT_LEAST;
    else if (profile->irqs_at_most && has_irqs(set) && side.max > 0)
        side.bound = VT_BOUND_AT_MOST;
    if (bounds.whole)
        side.windows = 1;
    *ret_side = side;
    return TRUE;
}

/* The set of the first condition below @cond that was above its threshold in @measure. */
static const VtMetricSet *fired(const VtCond *cond, VtRuleMeasure *measure)
{
    if (!cond)
        return NULL;
    if (cond->metric && cond->has_above && g_str_equal(cond->kind->name, "rate")) {
        g_auto(VtRuleBounds) bounds = {0};

        if (cond->per_domain)
            vt_rule_measure_domain_rate(measure, cond->metric, cond->minus, &bounds);
        else
            vt_rule_measure_rate(measure, cond->metric, cond->minus, &bounds);
        if (vt_rule_measure_above(&bounds, cond->above) == VT_YES)
            return cond->metric;
    }
    for (guint i = 0; i < cond->children->len; i++) {
        const VtMetricSet *set = fired(g_ptr_array_index(cond->children, i), measure);

        if (set)
            return set;
    }
    return NULL;
}

/* The gain that counts; the first that is meant where none was measured. */
static const VtRuleGain *find_gain(const VtRule *rule, xmlNode *node, VtRuleMeasure *measure)
{
    const VtRuleGain *first = NULL;

    for (guint i = 0; i < rule->gains->len; i++) {
        const VtRuleGain *gain = g_ptr_array_index(rule->gains, i);
        g_auto(VtRuleBounds) bounds = {0};
        gboolean meant = TRUE;

        if (gain->when && node && (!vt_xpath_test(gain->when, node, &meant, NULL) || !meant))
            continue;
        vt_rule_measure_rate(measure, gain->metric, NULL, &bounds);
        if (bounds.known && !bounds.missing)
            return gain;
        if (!first)
            first = gain;
    }
    return first;
}

static char *unmeasured(const char *metric)
{
    const char *who = vt_metric_who_measures(metric);

    return who ? g_strdup_printf(_("%1$s was not measured both times; %2$s would tell."), metric,
                                 _(who))
               : g_strdup_printf(_("%s was not measured both times."), metric);
}

/* @chance: that it is none of the change's doing. */
static char *figures(const VtMetricSet *set, const VtCompareSide *before, const VtCompareSide *after,
                     VtCompareOutcome outcome, double chance)
{
    const char *name = vt_metric_set_text(set);
    /* A name that is no time has plain numbers. */
    const char *unit = vt_metric_set_is_time(set) ? name : "";
    g_autofree char *old = vt_metric_format_rate(unit, before->median);
    g_autofree char *old_min = vt_metric_format_rate(unit, before->min);
    g_autofree char *old_max = vt_metric_format_rate(unit, before->max);
    g_autofree char *new = vt_metric_format_rate(unit, after->median);
    g_autofree char *new_min = vt_metric_format_rate(unit, after->min);
    g_autofree char *new_max = vt_metric_format_rate(unit, after->max);

    if (MIN(before->windows, after->windows) < VT_PROFILE_WINDOWS_MIN)
        return g_strdup_printf(
            _("%1$s was %2$s a second and vCPU and is %3$s, in fewer than three windows: a "
              "peak or a pause would look the same."),
            name, old, new);
    if (outcome == VT_COMPARE_UNKNOWN)
        return g_strdup_printf(_("%1$s was %2$s a second and vCPU (%3$s to %4$s) and is %5$s (%6$s to "
                                 "%7$s), but the windows are too few or too varied to rule out chance; "
                                 "measure in more."),
                               name, old, old_min, old_max, new, new_min, new_max);
    if (outcome != VT_COMPARE_SAME && chance > VT_COMPARE_CHANCE)
        return g_strdup_printf(_("%1$s was %2$s a second and vCPU (%3$s to %4$s) and is %5$s (%6$s to "
                                 "%7$s); so few windows lie so by chance one time in %8$.0f."),
                               name, old, old_min, old_max, new, new_min, new_max, floor(1.001 / chance));
    return g_strdup_printf(_("%1$s was %2$s a second and vCPU (%3$s to %4$s) and is %5$s (%6$s to "
                             "%7$s)."),
                           name, old, old_min, old_max, new, new_min, new_max);
}

VtVerifyVerdict vt_verify_rule(const VtRule *rule, xmlNode *node, gboolean against,
                               const VtProfile *before, const VtProfile *after, char **ret_reason)
{
    g_autoptr(VtRuleMeasure) old = vt_rule_measure_new(before), new = vt_rule_measure_new(after);
    VtRuleMeasure *worse = against ? new : old;
    const VtRuleGain *gain = find_gain(rule, node, worse);
    const VtMetricSet *set = gain ? gain->metric : fired(rule->symptom, worse);
    g_autofree char *missing = NULL;
    g_auto(VtCompareSide) then = {0}, now = {0};
    VtCompareOutcome outcome;
    double chance;

    if (gain && gain->share <= 0) {
        *ret_reason =
            g_strdup(against ? _("This change makes each exit cost more, and not more of them: their "
                                 "number does not show it.")
                             : _("This change makes each exit cost less, and not fewer of them: their "
                                 "number does not show it."));
        return VT_VERIFY_UNKNOWN;
    }
    if (!set) {
        *ret_reason =
            g_strdup(against ? _("None of the metrics that this change is about was measured above "
                                 "its threshold afterwards.")
                             : _("None of the metrics that this change is about was measured above "
                                 "its threshold before."));
        return VT_VERIFY_UNKNOWN;
    }
    if (!measure_set(before, old, set, &then, &missing) || !measure_set(after, new, set, &now, &missing)) {
        *ret_reason = unmeasured(missing);
        return VT_VERIFY_UNKNOWN;
    }
    if (then.source && now.source && !g_str_equal(then.source, now.source)) {
        *ret_reason = g_strdup_printf(_("It was measured by %1$s then and by %2$s now."), then.source,
                                      now.source);
        return VT_VERIFY_UNKNOWN;
    }
    if (then.bound == VT_BOUND_AT_LEAST || now.bound == VT_BOUND_AT_LEAST) {
        *ret_reason = g_strdup_printf(_("Not all exits were counted, so that %s cannot be compared."),
                                      vt_metric_set_text(set));
        return VT_VERIFY_UNKNOWN;
    }
    if (then.bound == VT_BOUND_AT_MOST || now.bound == VT_BOUND_AT_MOST) {
        *ret_reason = g_strdup_printf(_("Interrupts were counted on all CPUs on which the vCPUs may run, so that %s cannot "
                                        "be compared."),
                                      vt_metric_set_text(set));
        return VT_VERIFY_UNKNOWN;
    }
    outcome = vt_compare_sides(&then, &now, &chance);
    *ret_reason = figures(set, &then, &now, outcome, chance);
    switch (outcome) {
    case VT_COMPARE_FEWER:
        return VT_VERIFY_WORKED;
    case VT_COMPARE_MORE:
        return VT_VERIFY_WORSE;
    case VT_COMPARE_SAME:
        return VT_VERIFY_NO_CHANGE;
    case VT_COMPARE_UNKNOWN:
        break;
    }
    return VT_VERIFY_UNKNOWN;
}

const char *vt_verify_name(VtVerifyVerdict verdict)
{
    static const char *const names[] = {
        [VT_VERIFY_WORKED] = "worked",
        [VT_VERIFY_NO_CHANGE] = "no-change",
        [VT_VERIFY_WORSE] = "worse",
        [VT_VERIFY_UNKNOWN] = "unknown",
    };

    return names[verdict];
}

const char *vt_verify_word(VtVerifyVerdict verdict)
{
    switch (verdict) {
    case VT_VERIFY_WORKED:
        return _("worked");
    case VT_VERIFY_NO_CHANGE:
        return _("no change");
    case VT_VERIFY_WORSE:
        return _("worse");
    case VT_VERIFY_UNKNOWN:
        break;
    }
    return _("cannot tell");
}
