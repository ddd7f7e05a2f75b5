/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes the native profile format. */
#include "config.h"

#include "source/native.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/sort.h"
#include "model/region.h"

/* At most six decimals, no exponent and no locale. Whole numbers have no point, except where a
 * reader would take them for an integer that it cannot hold. */
static void append_double(GString *out, double value)
{
    char
        text[G_ASCII_DTOSTR_BUF_SIZE * 16]; /* the largest number has 309 digits before the point */
    gsize n;

    g_ascii_formatd(text, sizeof(text), "%.6f", value);
    n = strlen(text);
    while (text[n - 1] == '0')
        n--;
    if (text[n - 1] == '.')
        n = value < (double)G_MAXINT64 ? n - 1 : n + 1;
    g_string_append_len(out, text, (gssize)n);
}

/* JSON readers have 63 bits for an integer. */
static void append_u64(GString *out, guint64 value)
{
    g_string_append_printf(out, "%" G_GUINT64_FORMAT, MIN(value, (guint64)G_MAXINT64));
}

static void append_string(GString *out, const char *text)
{
    g_autofree char *quoted = text ? vt_json_quote(text) : NULL;

    g_string_append(out, quoted ? quoted : "null");
}

static void append_some(GString *out, GPtrArray *strings, guint n)
{
    for (guint i = 0; i < n; i++) {
        g_string_append(out, i > 0 ? ", " : "");
        append_string(out, g_ptr_array_index(strings, i));
    }
}

static void append_strings(GString *out, GPtrArray *strings)
{
    append_some(out, strings, strings->len);
}

static const VtWindow *window_at(const VtProfile *profile, guint i)
{
    return &g_array_index(profile->windows, VtWindow, i);
}

static void append_windows(GString *out, const VtProfile *profile)
{
    g_string_append(out, "  \"window_ns\": [");
    for (guint i = 0; i < profile->windows->len; i++) {
        g_string_append(out, i > 0 ? ", " : "");
        append_u64(out, window_at(profile, i)->duration_ns);
    }
    g_string_append(out, "],\n  \"window_vcpus\": [");
    for (guint i = 0; i < profile->windows->len; i++)
        g_string_append_printf(out, "%s%u", i > 0 ? ", " : "", window_at(profile, i)->vcpus);
    g_string_append(out, "],\n");
}

/* Up to the last bucket that is not empty. */
static void append_histogram(GString *out, const guint64 *buckets)
{
    guint n = VT_HISTOGRAM_BUCKETS;

    while (n > 0 && buckets[n - 1] == 0)
        n--;
    g_string_append(out, ", \"histogram\": [");
    for (guint i = 0; i < n; i++) {
        g_string_append(out, i > 0 ? ", " : "");
        append_u64(out, buckets[i]);
    }
    g_string_append_c(out, ']');
}

/* What is known of a metric, or of a vCPU's part of it, beside the count. */
static void append_time(GString *out, gboolean has_time, guint64 time_ns, const guint64 *histogram)
{
    if (has_time) {
        g_string_append(out, ", \"time_ns\": ");
        append_u64(out, time_ns);
    }
    if (histogram)
        append_histogram(out, histogram);
}

/* Only of several windows. */
static void append_per_window(GString *out, const GArray *counts)
{
    if (counts->len < 2)
        return;
    g_string_append(out, ", \"per_window\": [");
    for (guint i = 0; i < counts->len; i++) {
        g_string_append(out, i > 0 ? ", " : "");
        append_u64(out, g_array_index(counts, guint64, i));
    }
    g_string_append_c(out, ']');
}

static void append_vcpus(GString *out, const GPtrArray *vcpus)
{
    g_string_append(out, ",\n      \"per_vcpu\": [");
    for (guint i = 0; i < vcpus->len; i++) {
        const VtMetricVcpu *part = g_ptr_array_index(vcpus, i);

        g_string_append_printf(out, "%s{\"vcpu\": %u, \"count\": ", i > 0 ? ",\n        " : "",
                               part->vcpu);
        append_u64(out, part->count);
        append_time(out, part->has_time, part->time_ns, part->histogram);
        append_per_window(out, part->counts);
        g_string_append_c(out, '}');
    }
    g_string_append_c(out, ']');
}

static void append_metric(GString *out, const VtMetric *metric)
{
    append_string(out, metric->name);
    g_string_append(out, ": {\"count\": ");
    append_u64(out, metric->count);
    g_string_append(out, ", \"rate_per_vcpu_s\": ");
    append_double(out, metric->rate);
    g_string_append(out, ", \"min\": ");
    append_double(out, metric->min);
    g_string_append(out, ", \"max\": ");
    append_double(out, metric->max);
    if (metric->has_writes) {
        g_string_append(out, ", \"write_count\": ");
        append_u64(out, metric->writes);
    }
    if (metric->has_user) {
        g_string_append(out, ", \"user_count\": ");
        append_u64(out, metric->user);
    }
    append_time(out, metric->has_time, metric->time_ns, metric->histogram);
    g_string_append(out, ", \"source\": ");
    append_string(out, metric->source);
    if (metric->device && *metric->device) {
        g_string_append(out, ", \"device\": ");
        append_string(out, metric->device);
    }
    if (metric->whole_ns > 0) {
        g_string_append(out, ", \"whole_ns\": ");
        append_u64(out, metric->whole_ns);
    }
    append_per_window(out, metric->counts);
    if (metric->vcpus)
        append_vcpus(out, metric->vcpus);
    g_string_append_c(out, '}');
}

static void append_numbered(GString *out, const GArray *numbered)
{
    g_string_append(out, "  \"vcpu_ids\": [");
    for (guint i = 0; i < numbered->len; i++)
        g_string_append_printf(out, "%s%u", i > 0 ? ", " : "", g_array_index(numbered, guint, i));
    g_string_append(out, "],\n");
}

static void append_regions(GString *out, const GPtrArray *regions)
{
    g_string_append(out, "  \"regions\": [");
    for (guint i = 0; i < regions->len; i++) {
        const VtRegion *region = g_ptr_array_index(regions, i);

        g_string_append_printf(out, "%s\n    {\"space\": \"%s\", \"first\": ", i > 0 ? "," : "",
                               region->io ? "io" : "memory");
        append_u64(out, region->first);
        g_string_append(out, ", \"last\": ");
        append_u64(out, region->last);
        g_string_append(out, ", \"device\": ");
        append_string(out, region->device);
        g_string_append(out, ", \"model\": ");
        append_string(out, region->model);
        g_string_append(out, ", \"pci\": ");
        append_string(out, region->pci);
        g_string_append_c(out, '}');
    }
    g_string_append(out, regions->len > 0 ? "\n  ],\n" : "],\n");
}

char *vt_native_format(const VtProfile *profile)
{
    g_autoptr(GPtrArray) metrics = vt_profile_sorted(profile);
    g_autoptr(GPtrArray) covers = vt_sort_keys(profile->covers);
    GString *out = g_string_new("{\n  \"format\": \"" VT_NATIVE_FORMAT "\",\n");

    g_string_append_printf(out, "  \"version\": %d,\n  \"domain\": {\"name\": ", VT_NATIVE_VERSION);
    append_string(out, profile->name);
    g_string_append(out, ", \"uuid\": ");
    append_string(out, profile->uuid);
    g_string_append(out, "},\n");
    if (profile->started_s > 0) {
        g_autofree char *started = vt_clock_format(profile->started_s);

        g_string_append_printf(out, "  \"started\": \"%s\",\n", started);
    }
    g_string_append_printf(out, "  \"isa\": \"%s\",\n  \"vcpus\": %u,\n  \"duration_ns\": ",
                           vt_isa_name(profile->isa), profile->vcpus);
    append_u64(out, profile->duration_ns);
    g_string_append(out, ",\n  \"sources\": [");
    append_strings(out, profile->sources);
    g_string_append_printf(out, "],\n  \"windows\": %u,\n", profile->windows->len);
    if (profile->windows->len > 1)
        append_windows(out, profile);
    if (profile->numbered)
        append_numbered(out, profile->numbered);
    if (profile->regions)
        append_regions(out, profile->regions);
    g_string_append(out, "  \"covers\": [");
    append_strings(out, covers);
    g_string_append(out, "],\n  \"metrics\": {");
    for (guint i = 0; i < metrics->len; i++) {
        g_string_append(out, i > 0 ? ",\n    " : "\n    ");
        append_metric(out, g_ptr_array_index(metrics, i));
    }
    g_string_append(out, metrics->len > 0 ? "\n  },\n  \"notes\": [" : "},\n  \"notes\": [");
    append_some(out, profile->notes, profile->notes->len - profile->n_fit_notes);
    g_string_append(out, "],\n  \"lost\": ");
    append_u64(out, profile->lost);
    if (profile->exits_low)
        g_string_append(out, ",\n  \"exits_at_least\": true");
    if (profile->irqs_at_most)
        g_string_append(out, ",\n  \"irqs_at_most\": true");
    g_string_append(out, "\n}\n");
    return g_string_free(out, FALSE);
}
