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

/* Below this many a second for a vCPU a factor says nothing. */
#define LOAD_FLOOR 10.0

typedef struct {
    double median, min, max;
} Spread;

static int moved(const Spread *before, const Spread *after)
{
    double larger = MAX(before->median, after->median);

    if (larger < 1 || fabs(before->median - after->median) < VT_VERIFY_PART * larger)
        return 0;
    if (after->max < before->min)
        return -1;
    return after->min > before->max ? 1 : 0;
}

static void row_free(gpointer data)
{
    VtVerifyRow *row = data;

    g_free(row->metric);
    g_free(row);
}

/* FALSE where it was not measured; what a source covers and did not see is zero. */
static gboolean spread_of(const VtProfile *profile, const char *name, Spread *ret_spread,
                          const char **ret_source)
{
    const VtMetric *metric = vt_profile_get(profile, name);

    *ret_source = metric ? metric->source : NULL;
    *ret_spread = metric ? (Spread){metric->rate, metric->min, metric->max} : (Spread){0, 0, 0};
    return metric || vt_profile_covers(profile, name);
}

static void add_row(GPtrArray *rows, const VtProfile *before, const VtProfile *after,
                    const char *name)
{
    const char *old_source, *new_source;
    Spread old, new;
    VtVerifyRow *row;

    if (!spread_of(before, name, &old, &old_source) || !spread_of(after, name, &new, &new_source) ||
        (old_source && new_source && !g_str_equal(old_source, new_source)))
        return;
    row = g_new0(VtVerifyRow, 1);
    row->metric = g_strdup(name);
    row->before = old.median;
    row->before_min = old.min;
    row->before_max = old.max;
    row->after = new.median;
    row->after_min = new.min;
    row->after_max = new.max;
    row->moved = moved(&old, &new);
    g_ptr_array_add(rows, row);
}

static int compare_rows(gconstpointer a, gconstpointer b)
{
    const VtVerifyRow *x = *(VtVerifyRow *const *)a, *y = *(VtVerifyRow *const *)b;
    double p = fabs(x->before - x->after), q = fabs(y->before - y->after);

    if (!x->moved != !y->moved)
        return x->moved ? -1 : 1;
    if (p != q)
        return p > q ? -1 : 1;
    return g_strcmp0(x->metric, y->metric);
}

GPtrArray *vt_verify_rows(const VtProfile *before, const VtProfile *after)
{
    GPtrArray *rows = g_ptr_array_new_with_free_func(row_free);
    g_autoptr(GPtrArray) old = vt_profile_sorted(before), new = vt_profile_sorted(after);

    for (guint i = 0; i < old->len; i++)
        add_row(rows, before, after, ((const VtMetric *)g_ptr_array_index(old, i))->name);
    for (guint i = 0; i < new->len; i++) {
        const VtMetric *metric = g_ptr_array_index(new, i);

        if (!vt_profile_get(before, metric->name))
            add_row(rows, before, after, metric->name);
    }
    g_ptr_array_sort(rows, compare_rows);
    return rows;
}

char *vt_verify_mismatch(const VtProfile *before, const VtProfile *after)
{
    static const char *const loads[] = {"block.requests", "net.packets"};

    if (before->vcpus != after->vcpus)
        return g_strdup_printf(_("It had %1$u vCPUs then and has %2$u now."), before->vcpus,
                               after->vcpus);
    for (gsize i = 0; i < G_N_ELEMENTS(loads); i++) {
        const VtMetric *old = vt_profile_get(before, loads[i]);
        const VtMetric *new = vt_profile_get(after, loads[i]);
        g_autofree char *then = NULL, *now = NULL;

        if (!old || !new || MAX(old->rate, new->rate) < LOAD_FLOOR ||
            MAX(old->rate, new->rate) <= VT_VERIFY_LOAD * MIN(old->rate, new->rate))
            continue;
        then = vt_text_format_count(old->rate);
        now = vt_text_format_count(new->rate);
        return g_strdup_printf(_("The load is another: %1$s was %2$s a second and vCPU, and is "
                                 "%3$s now."),
                               loads[i], then, now);
    }
    return NULL;
}

/* FALSE where a part of the set is not known in each window. */
static gboolean measure_set(VtRuleMeasure *measure, const VtMetricSet *set, Spread *ret_spread,
                            const char **ret_source, char **ret_missing)
{
    g_auto(VtRuleBounds) bounds = {0};
    Spread spread = {.min = INFINITY, .max = -INFINITY};

    vt_rule_measure_rate(measure, set, NULL, &bounds);
    if (!bounds.known || bounds.missing || bounds.n == 0 || isnan(bounds.low_median)) {
        *ret_missing = g_strdup(bounds.missing ? bounds.missing : vt_metric_set_text(set));
        return FALSE;
    }
    spread.median = bounds.low_median;
    for (guint i = 0; i < bounds.n; i++) {
        spread.min = MIN(spread.min, bounds.low[i]);
        spread.max = MAX(spread.max, bounds.high[i]);
    }
    *ret_spread = spread;
    *ret_source = bounds.source;
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

static char *figures(const VtMetricSet *set, const Spread *before, const Spread *after)
{
    g_autofree char *old = vt_text_format_count(before->median);
    g_autofree char *old_min = vt_text_format_count(before->min);
    g_autofree char *old_max = vt_text_format_count(before->max);
    g_autofree char *new = vt_text_format_count(after->median);
    g_autofree char *new_min = vt_text_format_count(after->min);
    g_autofree char *new_max = vt_text_format_count(after->max);

    return g_strdup_printf(_("%1$s was %2$s a second and vCPU (%3$s to %4$s) and is %5$s (%6$s to "
                             "%7$s)."),
                           vt_metric_set_text(set), old, old_min, old_max, new, new_min, new_max);
}

VtVerifyVerdict vt_verify_rule(const VtRule *rule, xmlNode *node, const VtProfile *before,
                               const VtProfile *after, char **ret_reason)
{
    g_autoptr(VtRuleMeasure) old = vt_rule_measure_new(before), new = vt_rule_measure_new(after);
    const VtRuleGain *gain = find_gain(rule, node, old);
    const VtMetricSet *set = gain ? gain->metric : fired(rule->symptom, old);
    g_autofree char *missing = NULL;
    const char *old_source = NULL, *new_source = NULL;
    Spread then, now;
    int change;

    if (gain && gain->share <= 0) {
        *ret_reason = g_strdup(_("This change makes exits cheaper and not fewer, which their number "
                                 "does not show."));
        return VT_VERIFY_UNKNOWN;
    }
    if (!set) {
        *ret_reason = g_strdup(_("None of the metrics that this change is about was measured above "
                                 "its threshold before."));
        return VT_VERIFY_UNKNOWN;
    }
    if (!measure_set(old, set, &then, &old_source, &missing) ||
        !measure_set(new, set, &now, &new_source, &missing)) {
        *ret_reason = unmeasured(missing);
        return VT_VERIFY_UNKNOWN;
    }
    if (old_source && new_source && !g_str_equal(old_source, new_source)) {
        *ret_reason = g_strdup_printf(_("It was measured by %1$s then and by %2$s now."), old_source,
                                      new_source);
        return VT_VERIFY_UNKNOWN;
    }
    *ret_reason = figures(set, &then, &now);
    change = moved(&then, &now);
    return change < 0 ? VT_VERIFY_WORKED : change > 0 ? VT_VERIFY_WORSE : VT_VERIFY_NO_CHANGE;
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
