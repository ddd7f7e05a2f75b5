/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bounds of sums, differences and quotients of metrics over the windows of a profile. */
#include "config.h"

#include "rule/rule-measure.h"

#include <math.h>
#include <string.h>

#include "model/median.h"

#define EXITS "exits"
#define HLT "exit.hlt"

typedef struct {
    VtMetricKind kind;
    guint64 number;
    const VtMetric *metric;
} Numbered;

struct VtRuleMeasure {
    const VtProfile *profile; /* NULL: nothing is known */
    gboolean pooled;          /* all windows count as one */
    guint n;                  /* windows that decide */
    double *seconds;          /* vCPU-seconds of each */
    double *wall;             /* seconds of each */
    GArray *numbered;         /* Numbered, sorted; NULL until a range is asked for */
    /* Room for one measurement, @n each. */
    double *first, *second, *low, *high, *sorted, *most;
};

/* A sum over the parts of a set: at least @counts, exactly that where @complete. */
typedef struct {
    double *counts;
    gboolean complete;
    const VtMetric *metric; /* the first known part that is no mere zero; NULL */
    gboolean known;
    gboolean whole; /* a part was not counted window by window */
    guint unknown; /* of these kinds are the unknown parts: bit 1 << VtMetricKind */
} Sum;

/* Ports and MSRs are accessed by exits of one class: there are at most as many accesses. (Addresses
 * are not: the local APIC's are exits of other classes too.) */
static const struct {
    VtMetricKind kind;
    const char *exits;
} classes[] = {
    {VT_METRIC_PIO, "exit.io"},
    {VT_METRIC_MSR_READ, "exit.msr-read"},
    {VT_METRIC_MSR_WRITE, "exit.msr-write"},
};

VtRuleMeasure *vt_rule_measure_new(const VtProfile *profile)
{
    VtRuleMeasure *measure = g_new0(VtRuleMeasure, 1);
    guint windows = profile ? profile->windows->len : 0;

    measure->profile = profile;
    measure->pooled = windows < VT_RULE_MEASURE_WINDOWS;
    measure->n = measure->pooled ? 1 : windows;
    measure->seconds = g_new0(double, measure->n * 8);
    measure->first = measure->seconds + measure->n;
    measure->second = measure->first + measure->n;
    measure->low = measure->second + measure->n;
    measure->high = measure->low + measure->n;
    measure->sorted = measure->high + measure->n;
    measure->most = measure->sorted + measure->n;
    measure->wall = measure->most + measure->n;
    for (guint i = 0; i < windows; i++) {
        const VtWindow *window = &g_array_index(profile->windows, VtWindow, i);
        const double seconds = (double)window->duration_ns / 1e9;

        measure->wall[measure->pooled ? 0 : i] += seconds;
        measure->seconds[measure->pooled ? 0 : i] += seconds * window->vcpus;
    }
    return measure;
}

void vt_rule_measure_free(VtRuleMeasure *measure)
{
    if (!measure)
        return;
    if (measure->numbered)
        g_array_unref(measure->numbered);
    g_free(measure->seconds);
    g_free(measure);
}

guint vt_rule_measure_few_windows(const VtRuleMeasure *measure)
{
    return measure->pooled && measure->profile ? measure->profile->windows->len : 0;
}

void vt_rule_measure_clear(VtRuleBounds *bounds)
{
    g_clear_pointer(&bounds->missing, g_free);
}

static int compare_numbered(gconstpointer a, gconstpointer b)
{
    const Numbered *x = a, *y = b;

    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* Index of the first metric of @kind with a number not below @number. */
static guint numbered_from(VtRuleMeasure *measure, VtMetricKind kind, guint64 number)
{
    const Numbered key = {.kind = kind, .number = number};
    guint low = 0, high;

    if (!measure->numbered) {
        GHashTableIter iter;
        gpointer value;

        measure->numbered = g_array_new(FALSE, FALSE, sizeof(Numbered));
        if (measure->profile) {
            g_hash_table_iter_init(&iter, measure->profile->metrics);
            while (g_hash_table_iter_next(&iter, NULL, &value)) {
                const VtMetric *metric = value;
                Numbered item = {.metric = metric};

                /* Most metrics are of these two kinds, which have names. */
                if (g_str_has_prefix(metric->name, "kvm.") ||
                    g_str_has_prefix(metric->name, "exit.") ||
                    !vt_metric_number(metric->name, &item.number))
                    continue;
                item.kind = vt_metric_kind(metric->name);
                g_array_append_val(measure->numbered, item);
            }
            g_array_sort(measure->numbered, compare_numbered);
        }
    }
    high = measure->numbered->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;

        if (compare_numbered(&g_array_index(measure->numbered, Numbered, middle), &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

GPtrArray *vt_rule_measure_numbered(VtRuleMeasure *measure, VtMetricKind kind)
{
    GPtrArray *metrics = g_ptr_array_new();

    for (guint i = numbered_from(measure, kind, 0); i < measure->numbered->len; i++) {
        const Numbered *item = &g_array_index(measure->numbered, Numbered, i);

        if (item->kind != kind)
            break;
        g_ptr_array_add(metrics, (gpointer)item->metric);
    }
    return metrics;
}

static void add(const VtRuleMeasure *measure, Sum *sum, const VtMetric *metric)
{
    sum->known = TRUE;
    sum->whole = sum->whole || metric->whole_ns > 0;
    if (!sum->metric)
        sum->metric = metric;
    /* In no window more than in another, as far as is known. */
    for (guint i = 0; metric->whole_ns > 0 && i < measure->n; i++)
        sum->counts[i] += (double)metric->count * measure->wall[i] * 1e9 / (double)metric->whole_ns;
    for (guint i = 0; i < metric->counts->len; i++)
        sum->counts[measure->pooled ? 0 : MIN(i, measure->n - 1)] += (double)g_array_index(
            metric->counts, guint64, i);
}

static void add_range(VtRuleMeasure *measure, Sum *sum, VtMetricKind kind, guint64 first,
                      guint64 last)
{
    for (guint i = numbered_from(measure, kind, first); i < measure->numbered->len; i++) {
        const Numbered *item = &g_array_index(measure->numbered, Numbered, i);

        if (item->kind != kind || item->number > last)
            break;
        add(measure, sum, item->metric);
    }
}

/* Adds up @set into @counts; @missing gets the first part that is unknown, if it is still NULL. */
static Sum sum_set(VtRuleMeasure *measure, const VtMetricSet *set, double *counts, char **missing)
{
    Sum sum = {.counts = counts, .complete = TRUE};

    memset(counts, 0, sizeof(double) * measure->n);
    for (guint i = 0; i < vt_metric_set_length(set); i++) {
        const char *name = NULL;
        guint64 first = 0, last = 0;
        VtMetricKind kind = vt_metric_set_part(set, i, &name, &first, &last);
        const VtMetric *metric;

        if (measure->profile && name) {
            metric = vt_profile_get(measure->profile, name);
            if (metric) {
                add(measure, &sum, metric);
                continue;
            }
        } else if (measure->profile) {
            add_range(measure, &sum, kind, first, last);
        }
        if (measure->profile &&
            g_hash_table_contains(measure->profile->covers, vt_metric_namespace(kind))) {
            sum.known = TRUE;
            continue;
        }
        sum.complete = FALSE;
        sum.unknown |= 1u << kind;
        if (!*missing)
            *missing = name ? g_strdup(name) : vt_metric_name(kind, first);
    }
    return sum;
}

/* The most that @sum can be in each window; NULL where that is not known. */
static const double *most_of(VtRuleMeasure *measure, const Sum *sum)
{
    Sum of_class = {.counts = measure->most};
    guint left = sum->unknown;

    if (sum->complete)
        return sum->counts;
    if (!measure->profile || measure->profile->exits_low)
        return NULL;
    memcpy(measure->most, sum->counts, sizeof(double) * measure->n);
    for (guint i = 0; i < G_N_ELEMENTS(classes); i++) {
        const VtMetric *whole = vt_profile_get(measure->profile, classes[i].exits);

        if (!(left & 1u << classes[i].kind))
            continue;
        if (whole)
            add(measure, &of_class, whole);
        else if (!vt_profile_covers(measure->profile, classes[i].exits))
            return NULL;
        left &= ~(1u << classes[i].kind);
    }
    return left == 0 ? measure->most : NULL;
}

static double median(const VtRuleMeasure *measure, const double *values)
{
    guint n = 0;

    for (guint i = 0; i < measure->n; i++)
        if (!isnan(values[i]))
            measure->sorted[n++] = values[i];
    if (n == 0)
        return NAN;
    return vt_median(measure->sorted, n);
}

static void finish(VtRuleMeasure *measure, const Sum *sum, VtRuleBounds *bounds)
{
    bounds->n = measure->n;
    bounds->low = measure->low;
    bounds->high = measure->high;
    bounds->known = sum->known;
    bounds->missing_metric = !sum->complete;
    bounds->whole = sum->whole;
    bounds->source = sum->metric ? sum->metric->source : NULL;
    bounds->low_median = median(measure, measure->low);
    /* Where nothing is missing the bounds are the same. */
    bounds->high_median = bounds->missing || bounds->low_total ? median(measure, measure->high)
                                                               : bounds->low_median;
}

static double above_zero(double value)
{
    return value > 0 ? value : 0;
}

static gboolean is_set(const VtMetricSet *set, const char *text)
{
    return strcmp(vt_metric_set_text(set), text) == 0;
}

/* TRUE for a total that is known to be too low. */
static gboolean is_low_total(const VtRuleMeasure *measure, const VtMetricSet *set)
{
    return measure->profile && measure->profile->exits_low && is_set(set, EXITS);
}

/* The causes of exits that were counted in window @i, all windows where they are pooled. */
static double causes_in(const VtRuleMeasure *measure, guint i)
{
    const GArray *causes = measure->profile->causes;
    double sum = 0;

    if (!measure->pooled)
        return (double)g_array_index(causes, guint64, i);
    for (guint j = 0; j < causes->len; j++)
        sum += (double)g_array_index(causes, guint64, j);
    return sum;
}

/* What was counted is taken for the total, as nobody can say how much is missing; @ret_bounds says
 * that it is a lower bound. */
static void raise_to_causes(VtRuleMeasure *measure, VtRuleBounds *bounds)
{
    bounds->at_least = TRUE;
    for (guint i = 0; i < measure->n; i++) {
        double least = causes_in(measure, i) / measure->seconds[i];

        measure->low[i] = MAX(measure->low[i], least);
        measure->high[i] = MAX(measure->high[i], least);
    }
}

void vt_rule_measure_rate(VtRuleMeasure *measure, const VtMetricSet *set, const VtMetricSet *minus,
                          VtRuleBounds *ret_bounds)
{
    VtRuleBounds bounds = {0};
    Sum sum = sum_set(measure, set, measure->first, &bounds.missing);
    Sum less = {.complete = TRUE};
    const double *most = most_of(measure, &sum);

    bounds.bounded = most && !sum.complete;
    if (minus)
        less = sum_set(measure, minus, measure->second, &bounds.missing);
    for (guint i = 0; i < measure->n; i++) {
        const double subtracted = minus ? less.counts[i] : 0;
        const double known = sum.counts[i] - subtracted;

        measure->low[i] = less.complete && measure->seconds[i] > 0
                              ? above_zero(known) / measure->seconds[i]
                              : 0;
        measure->high[i] = most ? above_zero(most[i] - subtracted) / measure->seconds[i] : INFINITY;
    }
    if (is_low_total(measure, set) && (!minus || is_set(minus, HLT)))
        raise_to_causes(measure, &bounds);
    finish(measure, &sum, &bounds);
    *ret_bounds = bounds;
}

void vt_rule_measure_domain_rate(VtRuleMeasure *measure, const VtMetricSet *set,
                                 const VtMetricSet *minus, VtRuleBounds *ret_bounds)
{
    double *seconds = measure->seconds;

    measure->seconds = measure->wall;
    vt_rule_measure_rate(measure, set, minus, ret_bounds);
    measure->seconds = seconds;
}

void vt_rule_measure_one(VtRuleMeasure *measure, const VtMetric *metric, VtRuleBounds *ret_bounds)
{
    VtRuleBounds bounds = {0};
    Sum sum = {.counts = measure->first, .complete = TRUE};

    memset(sum.counts, 0, sizeof(double) * measure->n);
    add(measure, &sum, metric);
    for (guint i = 0; i < measure->n; i++)
        measure->low[i] = measure->high[i] = sum.counts[i] / measure->seconds[i];
    finish(measure, &sum, &bounds);
    *ret_bounds = bounds;
}

/* Bounds of the exits but HLT in window @i. */
typedef struct {
    Sum exits, halts;
    double *buffer;
} Busy;

static void busy_sums(VtRuleMeasure *measure, Busy *busy, char **missing)
{
    const char *const names[] = {EXITS, HLT};
    Sum *const sums[] = {&busy->exits, &busy->halts};

    busy->buffer = g_new0(double, measure->n * 2);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        const VtMetric *metric = measure->profile ? vt_profile_get(measure->profile, names[i])
                                                  : NULL;

        *sums[i] = (Sum){.counts = busy->buffer + i * measure->n, .complete = TRUE};
        if (metric)
            add(measure, sums[i], metric);
        else if (!measure->profile || !vt_profile_covers(measure->profile, names[i])) {
            sums[i]->complete = FALSE;
            if (!*missing)
                *missing = g_strdup(names[i]);
        }
    }
}

static void quotient(VtRuleMeasure *measure, const VtMetricSet *set, const VtMetricSet *of,
                     double most, VtRuleBounds *ret_bounds)
{
    VtRuleBounds bounds = {0};
    Sum sum = sum_set(measure, set, measure->first, &bounds.missing);
    Sum whole = {0};
    const double *parts = most_of(measure, &sum);
    Busy busy = {0};

    bounds.bounded = parts && !sum.complete;
    bounds.low_total = of ? is_low_total(measure, of)
                          : measure->profile && measure->profile->exits_low;
    if (of)
        whole = sum_set(measure, of, measure->second, &bounds.missing);
    else
        busy_sums(measure, &busy, &bounds.missing);
    for (guint i = 0; i < measure->n; i++) {
        double high = parts ? parts[i] : INFINITY;
        double whole_low, whole_high;

        if (of) {
            whole_low = whole.counts[i];
            whole_high = whole.complete && !bounds.low_total ? whole_low : INFINITY;
        } else {
            double without = above_zero(busy.exits.counts[i] - busy.halts.counts[i]);

            if (bounds.low_total)
                without = MAX(without, causes_in(measure, i));
            whole_low = busy.halts.complete ? without : 0;
            whole_high = busy.exits.complete && !bounds.low_total ? without : INFINITY;
        }
        /* A quotient of 0 and 0 is NAN by IEEE 754, as wanted; nothing is above or below it. */
        measure->low[i] = isinf(whole_high) ? 0 : sum.counts[i] / whole_high;
        measure->high[i] = high / whole_low;
        if (measure->low[i] > most)
            measure->low[i] = most;
        if (measure->high[i] > most)
            measure->high[i] = most;
    }
    g_free(busy.buffer);
    finish(measure, &sum, &bounds);
    *ret_bounds = bounds;
}

void vt_rule_measure_share(VtRuleMeasure *measure, const VtMetricSet *set, const VtMetricSet *of,
                           VtRuleBounds *ret_bounds)
{
    quotient(measure, set, of, 1, ret_bounds);
}

void vt_rule_measure_ratio(VtRuleMeasure *measure, const VtMetricSet *set, const VtMetricSet *of,
                           VtRuleBounds *ret_bounds)
{
    quotient(measure, set, of, INFINITY, ret_bounds);
}

/* @sign 1: above, -1: below. */
static gboolean holds(const double *values, guint n, double middle, double threshold, int sign)
{
    guint hits = 0;

    for (guint i = 0; i < n; i++)
        hits += sign * values[i] > sign * threshold;
    return sign * middle > sign * threshold && hits * 3 >= n * 2;
}

VtTri vt_rule_measure_above(const VtRuleBounds *bounds, double threshold)
{
    if (holds(bounds->low, bounds->n, bounds->low_median, threshold, 1))
        return VT_YES;
    return holds(bounds->high, bounds->n, bounds->high_median, threshold, 1) ? VT_UNKNOWN : VT_NO;
}

VtTri vt_rule_measure_below(const VtRuleBounds *bounds, double threshold)
{
    if (holds(bounds->high, bounds->n, bounds->high_median, threshold, -1))
        return VT_YES;
    return holds(bounds->low, bounds->n, bounds->low_median, threshold, -1) ? VT_UNKNOWN : VT_NO;
}
