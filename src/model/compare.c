/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Before and after. */
#include "config.h"

#include "model/compare.h"

#include <math.h>

#include "base/error.h"
#include "base/text.h"
#include "model/median.h"
#include "model/metric.h"
#include "model/rank-test.h"

/* Below this many a second for a vCPU a factor says nothing. */
#define LOAD_FLOOR 10.0
/* Lengths that differ by more than this part of the longer one are not the same. */
#define LENGTH_PART 0.1

const char *vt_compare_outcome_name(VtCompareOutcome outcome)
{
    static const char *const names[] = {
        [VT_COMPARE_SAME] = "same",
        [VT_COMPARE_FEWER] = "fewer",
        [VT_COMPARE_MORE] = "more",
        [VT_COMPARE_UNKNOWN] = "unknown",
    };

    return names[outcome];
}

void vt_compare_side_set(VtCompareSide *side, const double *rates, guint n)
{
    g_return_if_fail(n > 0);

    g_free(side->rates);
    side->rates = g_memdup2(rates, n * sizeof(double));
    side->known = TRUE;
    side->windows = n;
    side->median = vt_median(side->rates, n);
    side->min = side->rates[0];
    side->max = side->rates[n - 1];
}

void vt_compare_side_clear(VtCompareSide *side)
{
    g_clear_pointer(&side->rates, g_free);
}

/* The rates of a side; @ret_zeros owns them where there are none. */
static const double *rates_of(const VtCompareSide *side, double **ret_zeros)
{
    return side->rates ? side->rates : (*ret_zeros = g_new0(double, side->windows));
}

/* The pairs of a window before and one after that do not differ in the way that the medians do. */
static guint64 count_contrary(const VtCompareSide *before, const VtCompareSide *after)
{
    g_autofree double *no_before = NULL, *no_after = NULL;
    const double *old = rates_of(before, &no_before), *new = rates_of(after, &no_after);
    const guint64 pairs = (guint64)before->windows * after->windows;

    return pairs - (after->median < before->median
                        ? vt_rank_test_less(old, before->windows, new, after->windows)
                        : vt_rank_test_less(new, after->windows, old, before->windows));
}

VtCompareOutcome vt_compare_sides(const VtCompareSide *before, const VtCompareSide *after,
                                  double *ret_chance)
{
    const VtCompareOutcome way =
        after->median < before->median ? VT_COMPARE_FEWER : VT_COMPARE_MORE;
    const double larger = MAX(before->median, after->median);
    const double part = larger > 0 ? fabs(before->median - after->median) / larger : 0;
    guint64 contrary;
    double chance;
    gboolean mostly;

    if (ret_chance)
        *ret_chance = 1;
    if (!before->known || !after->known ||
        MIN(before->windows, after->windows) < VT_PROFILE_WINDOWS_MIN)
        return VT_COMPARE_UNKNOWN;
    if (larger < 1 || part < VT_COMPARE_PART)
        return VT_COMPARE_SAME;
    contrary = count_contrary(before, after);
    chance = vt_rank_test_chance(before->windows, after->windows, contrary);
    if (ret_chance)
        *ret_chance = chance;
    mostly = contrary * VT_COMPARE_CONTRARY <= (guint64)before->windows * after->windows;
    if ((mostly && chance <= VT_COMPARE_CHANCE) || (contrary == 0 && part >= VT_COMPARE_PART_FEW))
        return way;
    return mostly || part >= VT_COMPARE_PART_FEW ? VT_COMPARE_UNKNOWN : VT_COMPARE_SAME;
}

gboolean vt_compare_change(const VtCompareRow *row, double *ret_pct)
{
    if (!row->before.known || !row->after.known || row->before.median <= 0)
        return FALSE;
    *ret_pct = 100 * (row->after.median - row->before.median) / row->before.median;
    return TRUE;
}

static void row_free(gpointer data)
{
    VtCompareRow *row = data;

    g_free(row->metric);
    g_free(row->reason);
    vt_compare_side_clear(&row->before);
    vt_compare_side_clear(&row->after);
    g_free(row);
}

/* What a source covers and did not see is zero. */
static VtCompareSide side_of(const VtProfile *profile, const char *name)
{
    const VtMetric *metric = vt_profile_get(profile, name);
    VtCompareSide side = {.windows = profile->windows->len, .bound = vt_profile_bound(profile, name)};

    side.known = metric || vt_profile_covers(profile, name);
    if (!metric)
        return side;
    side.source = metric->source;
    if (metric->whole_ns > 0) {
        side.median = side.min = side.max = metric->rate;
    } else {
        g_autoptr(GArray) rates = vt_profile_rates(profile, metric);

        vt_compare_side_set(&side, (const double *)(gconstpointer)rates->data, rates->len);
    }
    return side;
}

static VtCompareSide busy_side(const VtProfile *profile)
{
    g_autoptr(GArray) rates = vt_profile_busy_rates(profile);
    const VtMetric *exits = vt_profile_get(profile, "exits");
    VtCompareSide side = {.windows = profile->windows->len};

    side.source = exits ? exits->source : NULL;
    side.bound = vt_profile_bound(profile, "exits");
    if (rates)
        vt_compare_side_set(&side, (const double *)(gconstpointer)rates->data, rates->len);
    return side;
}

/* A zero of which only the coverage is known is one of the sources of its profile. */
static gboolean same_source(const VtCompareRow *row, const VtProfile *before,
                            const VtProfile *after)
{
    const char *old = row->before.source, *new = row->after.source;

    if (old && new)
        return g_str_equal(old, new);
    return (!old || after->sources->len == 0 || vt_profile_has_source(after, old)) &&
           (!new || before->sources->len == 0 || vt_profile_has_source(before, new));
}

static char *few_windows(guint n)
{
    return n == 1 ? g_strdup(_("measured in a single window"))
                  : g_strdup(_("measured in two windows only"));
}

static gboolean is_whole(const VtProfile *profile, const char *name)
{
    const VtMetric *metric = vt_profile_get(profile, name);

    return metric && metric->whole_ns > 0;
}

static gboolean has_bound(const VtCompareRow *row, VtBound bound)
{
    return row->before.bound == bound || row->after.bound == bound;
}

/* NULL where a difference can be told. */
static char *reason_of(const VtCompareRow *row, const VtProfile *before, const VtProfile *after)
{
    const guint windows = MIN(row->before.windows, row->after.windows);

    if (!row->before.known)
        return g_strdup(_("not measured before"));
    if (!row->after.known)
        return g_strdup(_("not measured after"));
    if (!same_source(row, before, after)) {
        g_autofree char *then = row->before.source ? g_strdup(row->before.source)
                                                   : vt_profile_sources_text(before);
        g_autofree char *now = row->after.source ? g_strdup(row->after.source)
                                                 : vt_profile_sources_text(after);

        return g_strdup_printf(_("measured by %1$s before and by %2$s after"), then, now);
    }
    if (has_bound(row, VT_BOUND_AT_LEAST))
        return g_strdup(_("not all exits were counted"));
    if (has_bound(row, VT_BOUND_AT_MOST))
        return g_strdup(_("counted on all CPUs on which the vCPUs may run"));
    if (is_whole(before, row->metric) || is_whole(after, row->metric))
        return g_strdup(_("measured over the whole sample only, not window by window"));
    return windows < VT_PROFILE_WINDOWS_MIN ? few_windows(windows) : NULL;
}

static void finish_row(VtCompareRow *row, const VtProfile *before, const VtProfile *after)
{
    row->reason = reason_of(row, before, after);
    row->chance = 1;
    row->outcome = row->reason ? VT_COMPARE_UNKNOWN
                               : vt_compare_sides(&row->before, &row->after, &row->chance);
    row->chance_left = row->outcome == VT_COMPARE_UNKNOWN && !row->reason;
    if (row->chance_left)
        row->reason = g_strdup(_("different, but the windows are too few or too varied to rule "
                                 "out chance"));
}

static void add_row(GPtrArray *rows, const VtProfile *before, const VtProfile *after,
                    const char *name)
{
    VtCompareRow *row = g_new0(VtCompareRow, 1);

    row->metric = g_strdup(name);
    row->before = side_of(before, name);
    row->after = side_of(after, name);
    finish_row(row, before, after);
    /* Nothing then and nothing now is nothing to look at. */
    if (row->before.max > 0 || row->after.max > 0)
        g_ptr_array_add(rows, row);
    else
        row_free(row);
}

static VtCompareRow *new_busy_row(const VtProfile *before, const VtProfile *after)
{
    VtCompareRow *row = g_new0(VtCompareRow, 1);

    row->metric = g_strdup(VT_COMPARE_BUSY);
    row->before = busy_side(before);
    row->after = busy_side(after);
    finish_row(row, before, after);
    return row;
}

static int rank(const VtCompareRow *row)
{
    return row->outcome == VT_COMPARE_UNKNOWN ? 2 : row->outcome == VT_COMPARE_SAME ? 1 : 0;
}

static double distance(const VtCompareRow *row)
{
    return fabs((row->before.known ? row->before.median : 0) -
                (row->after.known ? row->after.median : 0));
}

static int compare_rows(gconstpointer a, gconstpointer b)
{
    const VtCompareRow *x = *(VtCompareRow *const *)a, *y = *(VtCompareRow *const *)b;

    if (rank(x) != rank(y))
        return rank(x) - rank(y);
    if (vt_metric_is_time(x->metric) != vt_metric_is_time(y->metric))
        return vt_metric_is_time(x->metric) ? 1 : -1;
    if (distance(x) != distance(y))
        return distance(x) > distance(y) ? -1 : 1;
    return g_strcmp0(x->metric, y->metric);
}

GPtrArray *vt_compare_rows(const VtProfile *before, const VtProfile *after)
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
    g_ptr_array_insert(rows, 0, new_busy_row(before, after));
    return rows;
}

/* NULL where the load is alike or unknown. */
static char *load_mismatch(const VtProfile *before, const VtProfile *after, const char *name)
{
    const VtMetric *old = vt_profile_get(before, name), *new = vt_profile_get(after, name);
    g_autofree char *then = NULL, *now = NULL;

    if (!old || !new || MAX(old->rate, new->rate) < LOAD_FLOOR ||
        MAX(old->rate, new->rate) <= VT_COMPARE_LOAD * MIN(old->rate, new->rate))
        return NULL;
    then = vt_text_format_count(old->rate);
    now = vt_text_format_count(new->rate);
    return g_strdup_printf(
        _("The load is another: %1$s was %2$s a second and vCPU, and is %3$s now."), name, then,
        now);
}

char *vt_compare_mismatch(const VtProfile *before, const VtProfile *after)
{
    static const char *const loads[] = {"block.requests", "net.packets"};
    char *mismatch = NULL;

    if (before->isa != VT_ISA_UNKNOWN && after->isa != VT_ISA_UNKNOWN && before->isa != after->isa)
        return g_strdup_printf(
            _("The exits are those of another kind of processor: %1$s then, %2$s "
              "now."),
            vt_isa_name(before->isa), vt_isa_name(after->isa));
    if (before->vcpus != after->vcpus)
        return g_strdup_printf(_("It had %1$u vCPUs then and has %2$u now."), before->vcpus,
                               after->vcpus);
    for (gsize i = 0; i < G_N_ELEMENTS(loads) && !mismatch; i++)
        mismatch = load_mismatch(before, after, loads[i]);
    return mismatch;
}

/* Two samples of the same length are never the same to the nanosecond. */
static gboolean lengths_differ(guint64 a, guint64 b)
{
    return (double)(MAX(a, b) - MIN(a, b)) > LENGTH_PART * (double)MAX(a, b);
}

GPtrArray *vt_compare_notes(const VtProfile *before, const VtProfile *after)
{
    GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
    const guint windows = MIN(before->windows->len, after->windows->len);

    if (lengths_differ(before->duration_ns, after->duration_ns)) {
        g_autofree char *then = vt_text_format_duration(before->duration_ns);
        g_autofree char *now = vt_text_format_duration(after->duration_ns);

        g_ptr_array_add(notes,
                        g_strdup_printf(_("It was measured for %1$s before and for %2$s after; "
                                          "the figures are per second."),
                                        then, now));
    }
    if (windows < VT_PROFILE_WINDOWS_MIN)
        g_ptr_array_add(notes,
                        g_strdup(_("Where there are fewer than three windows nobody can tell a "
                                   "difference from a peak or a pause; measure in more.")));
    if (windows >= VT_PROFILE_WINDOWS_MIN) {
        const double chance =
            vt_rank_test_chance(before->windows->len, after->windows->len, 0);

        if (chance > VT_COMPARE_CHANCE)
            g_ptr_array_add(
                notes, g_strdup_printf(_("In %1$u and %2$u windows chance alone sets a metric apart in "
                                         "one of %3$.0f comparisons, so that a change is told only where "
                                         "the smaller median is at most half of the larger one; measure "
                                         "in more."),
                                       before->windows->len, after->windows->len, floor(1.001 / chance)));
    }
    if (before->lost > 0 || after->lost > 0)
        g_ptr_array_add(notes,
                        g_strdup(_("Updates of the counters were lost, so that some figures are "
                                   "too low.")));
    return notes;
}
