/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "model/profile-vcpu.h"

#include <string.h>

#include "model/metric.h"

void vt_profile_vcpu_free(gpointer data)
{
    VtMetricVcpu *vcpu = data;

    g_array_unref(vcpu->counts);
    g_free(vcpu->histogram);
    g_free(vcpu);
}

/* The place of the number @vcpu in the ascending @numbers, or where it would have to be. */
static guint place_of(const GArray *numbers, guint vcpu)
{
    guint low = 0, high = numbers->len;

    while (low < high) {
        guint middle = (low + high) / 2;

        if (g_array_index(numbers, guint, middle) < vcpu)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void vt_profile_vcpu_number(VtProfile *profile, guint vcpu)
{
    guint place;

    g_return_if_fail(vcpu < VT_PROFILE_VCPUS_MAX);

    if (!profile->numbered)
        profile->numbered = g_array_new(FALSE, FALSE, sizeof(guint));
    place = place_of(profile->numbered, vcpu);
    if (place == profile->numbered->len || g_array_index(profile->numbered, guint, place) != vcpu)
        g_array_insert_val(profile->numbered, place, vcpu);
}

/* As above, among the vCPUs of a metric. */
static guint place_in(const VtMetric *metric, guint vcpu)
{
    guint low = 0, high = metric->vcpus->len;

    while (low < high) {
        guint middle = (low + high) / 2;

        if (((const VtMetricVcpu *)g_ptr_array_index(metric->vcpus, middle))->vcpu < vcpu)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static VtMetricVcpu *find(const VtMetric *metric, guint vcpu)
{
    guint place = metric->vcpus ? place_in(metric, vcpu) : 0;
    VtMetricVcpu *found = metric->vcpus && place < metric->vcpus->len
                              ? g_ptr_array_index(metric->vcpus, place)
                              : NULL;

    return found && found->vcpu == vcpu ? found : NULL;
}

const VtMetricVcpu *vt_profile_vcpu_get(const VtMetric *metric, guint vcpu)
{
    return find(metric, vcpu);
}

static void add_count(VtMetric *metric, guint window, guint vcpu, guint64 count)
{
    VtMetricVcpu *part = find(metric, vcpu);
    guint64 *sum;

    if (!part) {
        part = g_new0(VtMetricVcpu, 1);
        part->vcpu = vcpu;
        part->counts = g_array_sized_new(FALSE, TRUE, sizeof(guint64), VT_PROFILE_WINDOWS_ROOM);
        g_ptr_array_insert(metric->vcpus, (int)place_in(metric, vcpu), part);
    }
    if (part->counts->len <= window)
        g_array_set_size(part->counts, window + 1);
    sum = &g_array_index(part->counts, guint64, window);
    *sum = vt_profile_sum(*sum, count);
}

void vt_profile_vcpu_add(VtProfile *profile, guint window, const char *name, const char *source,
                         guint vcpu, guint64 count)
{
    VtMetric *metric = g_hash_table_lookup(profile->metrics, name);

    g_return_if_fail(metric && window < profile->windows->len);

    if (g_strcmp0(metric->source, source) != 0)
        return;
    vt_profile_vcpu_number(profile, vcpu);
    if (!metric->vcpus)
        metric->vcpus = g_ptr_array_new_with_free_func(vt_profile_vcpu_free);
    if (count > 0)
        add_count(metric, window, vcpu, count);
}

void vt_profile_vcpu_add_time(VtProfile *profile, const char *name, guint vcpu, guint64 time_ns)
{
    const VtMetric *metric = g_hash_table_lookup(profile->metrics, name);
    VtMetricVcpu *part = metric ? find(metric, vcpu) : NULL;

    g_return_if_fail(part);

    part->has_time = TRUE;
    part->time_ns = vt_profile_sum(part->time_ns, time_ns);
}

void vt_profile_vcpu_add_histogram(VtProfile *profile, const char *name, guint vcpu,
                                   const guint64 *buckets)
{
    const VtMetric *metric = g_hash_table_lookup(profile->metrics, name);
    VtMetricVcpu *part = metric ? find(metric, vcpu) : NULL;

    g_return_if_fail(part);

    if (!part->histogram)
        part->histogram = g_new0(guint64, VT_HISTOGRAM_BUCKETS);
    for (guint i = 0; i < VT_HISTOGRAM_BUCKETS; i++)
        part->histogram[i] = vt_profile_sum(part->histogram[i], buckets[i]);
}

/* Of a metric that counted nothing, every vCPU is known to have nothing. */
static gboolean is_told_apart(const VtMetric *metric)
{
    if (metric->vcpus)
        return TRUE;
    for (guint i = 0; i < metric->counts->len; i++)
        if (g_array_index(metric->counts, guint64, i) > 0)
            return FALSE;
    return TRUE;
}

/* @metric's count of the vCPU in a window; zero where it has none. */
static guint64 count_in(const VtMetric *metric, guint vcpu, guint window)
{
    const VtMetricVcpu *part = metric ? find(metric, vcpu) : NULL;

    return part && window < part->counts->len ? g_array_index(part->counts, guint64, window) : 0;
}

static guint64 causes_in(const VtProfile *profile, guint vcpu, guint window)
{
    guint64 sum = 0;
    GHashTableIter iter;
    gpointer metric;

    g_hash_table_iter_init(&iter, profile->metrics);
    while (g_hash_table_iter_next(&iter, NULL, &metric))
        if (vt_profile_is_cause(metric))
            sum = vt_profile_sum(sum, count_in(metric, vcpu, window));
    return sum;
}

gboolean vt_profile_vcpu_busy_rate(const VtProfile *profile, guint vcpu, double *ret_rate)
{
    const VtMetric *exits = vt_profile_get(profile, "exits");
    const VtMetric *hlt = vt_profile_get(profile, "exit.hlt");
    g_autoptr(GArray) rates = g_array_new(FALSE, FALSE, sizeof(double));

    if (!profile->numbered || !exits || !is_told_apart(exits) ||
        (hlt ? !is_told_apart(hlt) : !vt_profile_covers(profile, "exit.hlt")))
        return FALSE;
    for (guint i = 0; i < profile->windows->len; i++) {
        const VtWindow *window = &g_array_index(profile->windows, VtWindow, i);
        guint64 all = count_in(exits, vcpu, i), idle = count_in(hlt, vcpu, i);
        guint64 busy = all > idle ? all - idle : 0;
        double rate;

        if (profile->exits_low)
            busy = MAX(busy, causes_in(profile, vcpu, i));
        rate = (double)busy * 1e9 / (double)window->duration_ns;
        g_array_append_val(rates, rate);
    }
    *ret_rate = vt_profile_median(rates);
    return TRUE;
}

const VtMetric *vt_profile_vcpu_worst(const VtProfile *profile, guint vcpu)
{
    const VtMetric *worst = NULL;
    double worst_rate = 0;
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, profile->metrics);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const VtMetric *metric = value;
        const VtMetricVcpu *part = find(metric, vcpu);

        if (!part || part->rate < worst_rate || part->rate == 0)
            continue;
        if (metric->kind == VT_METRIC_EXIT
                ? vt_metric_is_idle(metric->name)
                : !profile->exits_low || !vt_profile_is_cause(metric))
            continue;
        if (worst && part->rate == worst_rate && strcmp(metric->name, worst->name) > 0)
            continue;
        worst = metric;
        worst_rate = part->rate;
    }
    return worst;
}

void vt_profile_vcpu_sum_exits(VtProfile *profile, VtMetric *exits)
{
    GHashTableIter iter;
    gpointer value;

    g_clear_pointer(&exits->vcpus, g_ptr_array_unref);
    if (!profile->numbered)
        return;
    exits->vcpus = g_ptr_array_new_with_free_func(vt_profile_vcpu_free);
    g_hash_table_iter_init(&iter, profile->metrics);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const VtMetric *metric = value;

        if (metric->kind != VT_METRIC_EXIT)
            continue;
        if (!is_told_apart(metric)) {
            g_clear_pointer(&exits->vcpus, g_ptr_array_unref);
            return;
        }
        for (guint i = 0; metric->vcpus && i < metric->vcpus->len; i++) {
            const VtMetricVcpu *part = g_ptr_array_index(metric->vcpus, i);

            for (guint window = 0; window < part->counts->len; window++)
                if (g_array_index(part->counts, guint64, window) > 0)
                    add_count(exits, window, part->vcpu,
                              g_array_index(part->counts, guint64, window));
        }
    }
}

void vt_profile_vcpu_finish(const VtProfile *profile, VtMetric *metric, GArray *rates)
{
    for (guint i = 0; metric->vcpus && i < metric->vcpus->len; i++) {
        VtMetricVcpu *part = g_ptr_array_index(metric->vcpus, i);

        g_array_set_size(rates, 0);
        g_array_set_size(part->counts, profile->windows->len);
        part->count = 0;
        for (guint window = 0; window < profile->windows->len; window++) {
            guint64 count = g_array_index(part->counts, guint64, window);
            double rate =
                (double)count * 1e9 /
                (double)g_array_index(profile->windows, VtWindow, window).duration_ns;

            part->count = vt_profile_sum(part->count, count);
            g_array_append_val(rates, rate);
        }
        part->rate = vt_profile_median(rates);
    }
}
