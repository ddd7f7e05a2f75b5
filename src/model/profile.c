/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The measured profile: windows, counts per window, and what follows from them. */
#include "config.h"

#include "model/profile.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "model/median.h"
#include "model/metric.h"
#include "model/profile-vcpu.h"

#define HLT "exit.hlt"
#define EXITS "exits"

static void metric_free(gpointer data)
{
    VtMetric *metric = data;

    g_ref_string_release(metric->name);
    g_clear_pointer(&metric->source, g_ref_string_release);
    g_free(metric->device);
    g_array_unref(metric->counts);
    g_free(metric->histogram);
    if (metric->vcpus)
        g_ptr_array_unref(metric->vcpus);
    g_free(metric);
}

VtProfile *vt_profile_new(void)
{
    VtProfile *profile = g_new0(VtProfile, 1);

    profile->refs = 1;
    profile->windows = g_array_new(FALSE, TRUE, sizeof(VtWindow));
    profile->sources = g_ptr_array_new_with_free_func(g_free);
    profile->metrics = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, metric_free);
    profile->covers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    profile->notes = g_ptr_array_new_with_free_func(g_free);
    profile->causes = g_array_new(FALSE, TRUE, sizeof(guint64));
    return profile;
}

VtProfile *vt_profile_ref(VtProfile *profile)
{
    g_atomic_int_inc(&profile->refs);
    return profile;
}

void vt_profile_unref(VtProfile *profile)
{
    if (!profile || !g_atomic_int_dec_and_test(&profile->refs))
        return;
    g_free(profile->name);
    g_free(profile->uuid);
    g_array_unref(profile->windows);
    g_ptr_array_unref(profile->sources);
    g_hash_table_unref(profile->metrics);
    g_hash_table_unref(profile->covers);
    if (profile->numbered)
        g_array_unref(profile->numbered);
    if (profile->regions)
        g_ptr_array_unref(profile->regions);
    g_ptr_array_unref(profile->notes);
    g_array_unref(profile->causes);
    g_free(profile);
}

guint vt_profile_add_window(VtProfile *profile, guint64 duration_ns, guint vcpus)
{
    VtWindow window = {duration_ns, vcpus};

    g_return_val_if_fail(duration_ns > 0 && vcpus > 0, 0);

    g_array_append_val(profile->windows, window);
    return profile->windows->len - 1;
}

guint64 vt_profile_sum(guint64 a, guint64 b)
{
    return a > G_MAXUINT64 - b ? G_MAXUINT64 : a + b;
}

static VtMetric *metric_new(VtProfile *profile, const char *name, const char *source)
{
    VtMetric *metric = g_new0(VtMetric, 1);

    metric->name = g_ref_string_new_intern(name);
    metric->kind = vt_metric_kind(name);
    metric->source = source ? g_ref_string_new_intern(source) : NULL;
    metric->counts = g_array_sized_new(FALSE, TRUE, sizeof(guint64), VT_PROFILE_WINDOWS_ROOM);
    g_hash_table_insert(profile->metrics, metric->name, metric);
    return metric;
}

/* Adds @n counts, of one window each. */
static void add_counts(VtProfile *profile, guint first, const char *name, const char *source,
                       const guint64 *counts, guint n)
{
    VtMetric *metric = g_hash_table_lookup(profile->metrics, name);

    g_return_if_fail(n <= profile->windows->len && first <= profile->windows->len - n);

    if (!metric)
        metric = metric_new(profile, name, source);
    else if (metric->whole_ns > 0 || g_strcmp0(metric->source, source) != 0)
        return;
    while (n > 0 && counts[n - 1] == 0)
        n--;
    if (n > 0 && metric->counts->len < first + n)
        g_array_set_size(metric->counts, first + n);
    for (guint i = 0; i < n; i++) {
        guint64 *sum = &g_array_index(metric->counts, guint64, first + i);

        *sum = vt_profile_sum(*sum, counts[i]);
    }
}

void vt_profile_add(VtProfile *profile, guint window, const char *name, const char *source,
                    guint64 count)
{
    add_counts(profile, window, name, source, &count, 1);
}

void vt_profile_add_counts(VtProfile *profile, guint first, const char *name, const char *source,
                           const GArray *counts)
{
    add_counts(profile, first, name, source, (const guint64 *)(const void *)counts->data, counts->len);
}

guint64 vt_profile_count_in(const VtMetric *metric, guint window)
{
    return window < metric->counts->len ? g_array_index(metric->counts, guint64, window) : 0;
}

void vt_profile_add_whole(VtProfile *profile, const char *name, const char *source, guint64 count,
                          guint64 whole_ns)
{
    VtMetric *metric = g_hash_table_lookup(profile->metrics, name);

    g_return_if_fail(whole_ns > 0);

    if (!metric)
        metric = metric_new(profile, name, source);
    else if (metric->whole_ns == 0 || g_strcmp0(metric->source, source) != 0)
        return;
    metric->count = vt_profile_sum(metric->count, count);
    metric->whole_ns = vt_profile_sum(metric->whole_ns, whole_ns);
}

void vt_profile_add_user(VtProfile *profile, const char *name, const char *source, guint64 count)
{
    VtMetric *metric = g_hash_table_lookup(profile->metrics, name);

    g_return_if_fail(metric);

    if (g_strcmp0(metric->source, source) != 0)
        return;
    metric->has_user = TRUE;
    metric->user = vt_profile_sum(metric->user, count);
}

void vt_profile_add_writes(VtProfile *profile, const char *name, const char *source, guint64 count)
{
    VtMetric *metric = g_hash_table_lookup(profile->metrics, name);

    g_return_if_fail(metric);

    if (g_strcmp0(metric->source, source) != 0)
        return;
    metric->has_writes = TRUE;
    metric->writes = vt_profile_sum(metric->writes, count);
}

void vt_profile_set_device(VtProfile *profile, const char *name, const char *device)
{
    VtMetric *metric = g_hash_table_lookup(profile->metrics, name);

    g_return_if_fail(metric);

    if (metric->device && g_strcmp0(metric->device, device) != 0)
        device = "";
    if (g_strcmp0(metric->device, device) != 0) {
        g_free(metric->device);
        metric->device = g_strdup(device);
    }
}

void vt_profile_add_time(VtProfile *profile, const char *name, guint64 time_ns)
{
    VtMetric *metric = g_hash_table_lookup(profile->metrics, name);

    g_return_if_fail(metric);

    if (metric->timed_window != profile->windows->len - 1)
        metric->window_ns = 0;
    metric->timed_window = profile->windows->len - 1;
    metric->window_ns = vt_profile_sum(metric->window_ns, time_ns);
    metric->has_time = TRUE;
    metric->time_ns = vt_profile_sum(metric->time_ns, time_ns);
}

void vt_profile_add_histogram(VtProfile *profile, const char *name, const guint64 *buckets)
{
    VtMetric *metric = g_hash_table_lookup(profile->metrics, name);

    g_return_if_fail(metric);

    if (!metric->histogram)
        metric->histogram = g_new0(guint64, VT_HISTOGRAM_BUCKETS);
    for (guint i = 0; i < VT_HISTOGRAM_BUCKETS; i++)
        metric->histogram[i] = vt_profile_sum(metric->histogram[i], buckets[i]);
}

gboolean vt_profile_has_source(const VtProfile *profile, const char *source)
{
    return g_ptr_array_find_with_equal_func(profile->sources, source, g_str_equal, NULL);
}

void vt_profile_add_source(VtProfile *profile, const char *source)
{
    if (!vt_profile_has_source(profile, source))
        g_ptr_array_add(profile->sources, g_strdup(source));
}

void vt_profile_set_covers(VtProfile *profile, const char *name_space)
{
    if (!g_hash_table_contains(profile->covers, name_space))
        g_hash_table_add(profile->covers, g_strdup(name_space));
}

void vt_profile_note(VtProfile *profile, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(profile->notes, g_strdup_vprintf(format, args));
    va_end(args);
}

/* The families of a covered "exit" namespace are disjoint, so their sum is the number of exits. */
static void sum_exits(VtProfile *profile)
{
    VtMetric *exits = g_hash_table_lookup(profile->metrics, EXITS);
    const char *source = NULL;
    GHashTableIter iter;
    VtMetric *metric;

    if (!g_hash_table_contains(profile->covers, "exit") || (exits && !profile->exits_summed))
        return;
    g_hash_table_iter_init(&iter, profile->metrics);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&metric)) {
        if (metric->kind == VT_METRIC_EXIT && (!source || strcmp(metric->source, source) < 0))
            source = metric->source;
    }
    if (!exits)
        exits = metric_new(profile, EXITS, source);
    profile->exits_summed = TRUE;
    g_array_set_size(exits->counts, 0);
    g_array_set_size(exits->counts, profile->windows->len);
    g_hash_table_iter_init(&iter, profile->metrics);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&metric)) {
        if (metric->kind != VT_METRIC_EXIT)
            continue;
        for (guint i = 0; i < metric->counts->len; i++) {
            guint64 *sum = &g_array_index(exits->counts, guint64, i);

            *sum = vt_profile_sum(*sum, g_array_index(metric->counts, guint64, i));
        }
    }
    vt_profile_vcpu_sum_exits(profile, exits);
}

VtBound vt_profile_bound(const VtProfile *profile, const char *metric)
{
    const VtMetric *found = vt_profile_get(profile, metric);

    if (profile->exits_low && strcmp(metric, EXITS) == 0)
        return VT_BOUND_AT_LEAST;
    if (profile->irqs_at_most && found && found->kind == VT_METRIC_IRQ && found->count > 0)
        return VT_BOUND_AT_MOST;
    return VT_BOUND_NONE;
}

gboolean vt_profile_is_cause(const VtMetric *metric)
{
    switch (metric->kind) {
    case VT_METRIC_MSR_READ:
    case VT_METRIC_MSR_WRITE:
    case VT_METRIC_PIO:
    case VT_METRIC_MMIO:
        return TRUE;
    default:
        return FALSE;
    }
}

static void sum_causes(VtProfile *profile)
{
    GHashTableIter iter;
    VtMetric *metric;

    g_array_set_size(profile->causes, 0);
    g_array_set_size(profile->causes, profile->windows->len);
    g_hash_table_iter_init(&iter, profile->metrics);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&metric)) {
        if (!vt_profile_is_cause(metric))
            continue;
        for (guint i = 0; i < metric->counts->len; i++) {
            guint64 *sum = &g_array_index(profile->causes, guint64, i);

            *sum = vt_profile_sum(*sum, g_array_index(metric->counts, guint64, i));
        }
    }
}

static double window_rate(const VtProfile *profile, guint i, double count)
{
    const VtWindow *window = &g_array_index(profile->windows, VtWindow, i);

    return count * 1e9 / ((double)window->duration_ns * window->vcpus);
}

double vt_profile_median(GArray *values)
{
    return vt_median((double *)(gpointer)values->data, values->len);
}

/* @rates: room for those of the windows. */
static void finish_metric(const VtProfile *profile, VtMetric *metric, GArray *rates)
{
    if (metric->whole_ns > 0) {
        const double vcpus = vt_profile_vcpu_ns(profile) / (double)profile->duration_ns;

        metric->rate = (double)metric->count * 1e9 / ((double)metric->whole_ns * vcpus);
        metric->min = metric->max = metric->rate;
        return;
    }
    g_array_set_size(metric->counts, profile->windows->len);
    g_array_set_size(rates, 0);
    metric->count = 0;
    for (guint i = 0; i < profile->windows->len; i++) {
        guint64 count = g_array_index(metric->counts, guint64, i);
        double rate = window_rate(profile, i, (double)count);

        metric->count = vt_profile_sum(metric->count, count);
        g_array_append_val(rates, rate);
    }
    metric->rate = vt_profile_median(rates);
    metric->min = g_array_index(rates, double, 0);
    metric->max = g_array_index(rates, double, rates->len - 1);
    vt_profile_vcpu_finish(profile, metric, rates);
}

gboolean vt_profile_is_low(double busy, double causes)
{
    return causes > MAX(busy, 0) * 1.1;
}

static gboolean has_more_causes_than_exits(const VtProfile *profile)
{
    const VtMetric *exits = vt_profile_get(profile, EXITS);
    const VtMetric *hlt = vt_profile_get(profile, HLT);
    double causes = 0;

    if (!exits)
        return FALSE;
    for (guint i = 0; i < profile->causes->len; i++)
        causes += (double)g_array_index(profile->causes, guint64, i);
    return vt_profile_is_low((double)exits->count - (hlt ? (double)hlt->count : 0), causes);
}

gboolean vt_profile_finish(VtProfile *profile, GError **error)
{
    g_autoptr(GArray) rates = g_array_new(FALSE, FALSE, sizeof(double));
    GHashTableIter iter;
    VtMetric *metric;

    if (profile->windows->len == 0) {
        g_set_error_literal(
            error, VT_ERROR, VT_ERROR_FAILED,
            _("nothing was measured: there is not one complete window; sample for longer"));
        return FALSE;
    }
    profile->duration_ns = 0;
    for (guint i = 0; i < profile->windows->len; i++) {
        const VtWindow *window = &g_array_index(profile->windows, VtWindow, i);

        profile->duration_ns = vt_profile_sum(profile->duration_ns, window->duration_ns);
        profile->vcpus = window->vcpus;
    }
    sum_exits(profile);
    g_hash_table_iter_init(&iter, profile->metrics);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&metric))
        finish_metric(profile, metric, rates);
    sum_causes(profile);
    profile->exits_low = profile->exits_low || has_more_causes_than_exits(profile);
    return TRUE;
}

char *vt_profile_sources_text(const VtProfile *profile)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < profile->sources->len; i++)
        g_string_append_printf(text, "%s%s", i ? ", " : "",
                               (const char *)g_ptr_array_index(profile->sources, i));
    return g_string_free(text, FALSE);
}

const VtMetric *vt_profile_get(const VtProfile *profile, const char *metric)
{
    return g_hash_table_lookup(profile->metrics, metric);
}

gboolean vt_profile_covers(const VtProfile *profile, const char *metric)
{
    VtMetricKind kind = vt_metric_kind(metric);

    return kind != VT_METRIC_INVALID &&
           g_hash_table_contains(profile->covers, vt_metric_namespace(kind));
}

double vt_profile_vcpu_ns(const VtProfile *profile)
{
    double sum = 0;

    for (guint i = 0; i < profile->windows->len; i++) {
        const VtWindow *window = &g_array_index(profile->windows, VtWindow, i);

        sum += (double)window->duration_ns * window->vcpus;
    }
    return sum;
}

gboolean vt_metric_quantile(const VtMetric *metric, double q, guint64 *ret_ns)
{
    return vt_histogram_quantile(metric->histogram, metric->has_time ? &metric->time_ns : NULL, q,
                                 ret_ns);
}

static int compare_metrics(gconstpointer a, gconstpointer b)
{
    return strcmp((*(const VtMetric *const *)a)->name, (*(const VtMetric *const *)b)->name);
}

GPtrArray *vt_profile_sorted(const VtProfile *profile)
{
    GPtrArray *sorted = g_ptr_array_sized_new(g_hash_table_size(profile->metrics));
    GHashTableIter iter;
    gpointer metric;

    g_hash_table_iter_init(&iter, profile->metrics);
    while (g_hash_table_iter_next(&iter, NULL, &metric))
        g_ptr_array_add(sorted, metric);
    g_ptr_array_sort(sorted, compare_metrics);
    return sorted;
}

/* @ret_hlt is NULL where HLT is known to be zero. */
static gboolean find_busy(const VtProfile *profile, const VtMetric **ret_exits,
                          const VtMetric **ret_hlt)
{
    *ret_exits = vt_profile_get(profile, EXITS);
    *ret_hlt = vt_profile_get(profile, HLT);
    return *ret_exits && (*ret_hlt || vt_profile_covers(profile, HLT));
}

/* The two counters of one window are not read in one instant, so that HLT can be ahead by a few. */
static guint64 busy_in_window(const VtProfile *profile, const VtMetric *exits, const VtMetric *hlt,
                              guint i)
{
    guint64 all = g_array_index(exits->counts, guint64, i);
    guint64 idle = hlt ? g_array_index(hlt->counts, guint64, i) : 0;
    guint64 busy = all > idle ? all - idle : 0;

    return profile->exits_low ? MAX(busy, g_array_index(profile->causes, guint64, i)) : busy;
}

GArray *vt_profile_rates(const VtProfile *profile, const VtMetric *metric)
{
    GArray *rates = g_array_new(FALSE, FALSE, sizeof(double));

    for (guint i = 0; i < profile->windows->len; i++) {
        double count = (double)g_array_index(metric->counts, guint64, i);
        double rate = window_rate(profile, i, count);

        g_array_append_val(rates, rate);
    }
    return rates;
}

GArray *vt_profile_busy_rates(const VtProfile *profile)
{
    const VtMetric *exits, *hlt;
    GArray *rates;

    if (!find_busy(profile, &exits, &hlt))
        return NULL;
    rates = g_array_new(FALSE, FALSE, sizeof(double));
    for (guint i = 0; i < profile->windows->len; i++) {
        double rate = window_rate(profile, i, (double)busy_in_window(profile, exits, hlt, i));

        g_array_append_val(rates, rate);
    }
    return rates;
}

gboolean vt_profile_busy_rate(const VtProfile *profile, double *ret_rate)
{
    g_autoptr(GArray) rates = vt_profile_busy_rates(profile);

    if (!rates)
        return FALSE;
    *ret_rate = vt_profile_median(rates);
    return TRUE;
}

gboolean vt_profile_busy_count(const VtProfile *profile, guint64 *ret_count)
{
    const VtMetric *exits, *hlt;
    guint64 count = 0;

    if (!find_busy(profile, &exits, &hlt))
        return FALSE;
    for (guint i = 0; i < profile->windows->len; i++)
        count = vt_profile_sum(count, busy_in_window(profile, exits, hlt, i));
    *ret_count = count;
    return TRUE;
}

gboolean vt_profile_busy_domain_rate(const VtProfile *profile, double *ret_rate)
{
    guint64 count;

    if (!vt_profile_busy_count(profile, &count))
        return FALSE;
    *ret_rate = (double)count * 1e9 / (double)profile->duration_ns;
    return TRUE;
}
