/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "report/bars.h"

#include <glib/gi18n.h>
#include <math.h>

#include "base/text.h"
#include "model/metric.h"
#include "model/profile-vcpu.h"
#include "report/profile-table.h"

/* Columns before the bar, of the bar where there is no terminal, and at least. */
#define BEFORE 28
#define WIDTH 52
#define WIDTH_LEAST 8

/* 2^@bit ns in powers of 1024, as bpftrace prints the bounds of its histograms. */
static char *bound(guint bit)
{
    static const char *const units[] = {"", "K", "M", "G"};

    return g_strdup_printf("%u%s", 1u << bit % 10, units[bit / 10]);
}

static char *range(guint bucket)
{
    g_autofree char *from = bucket == 0 ? g_strdup("0") : bound(bucket);
    g_autofree char *to = bucket == VT_HISTOGRAM_BUCKETS - 1 ? g_strdup("…") : bound(bucket + 1);

    return g_strdup_printf("[%s, %s)", from, to);
}

/* @share (0 to 1) of @width columns, to an eighth of one; what is more than nothing shows. */
static char *bar(double share, guint width, gboolean utf8)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    guint parts = utf8 ? 8 : 1;
    guint filled = share > 0 ? MAX((guint)lround(share * width * parts), 1) : 0;
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < filled / parts; i++)
        g_string_append(text, utf8 ? "█" : "@");
    g_string_append(text, eighths[filled % parts]);
    for (guint i = (filled + parts - 1) / parts; i < width; i++)
        g_string_append_c(text, ' ');
    return g_string_free(text, FALSE);
}

/* What follows its heading: from the first bucket that holds something to the last one. */
static void print_buckets(VtTerm *term, const guint64 *buckets, gboolean utf8)
{
    guint width = vt_term_is_bounded(term) && vt_term_width(term) < BEFORE + WIDTH + 2
                      ? MAX((int)vt_term_width(term) - BEFORE - 2, WIDTH_LEAST)
                      : WIDTH;
    guint first = 0, last = VT_HISTOGRAM_BUCKETS - 1;
    guint64 most = 0;

    while (buckets[first] == 0)
        first++;
    while (buckets[last] == 0)
        last--;
    for (guint i = first; i <= last; i++)
        most = MAX(most, buckets[i]);
    for (guint i = first; i <= last; i++) {
        g_autofree char *bounds = range(i);
        g_autofree char *count = vt_text_format_count((double)buckets[i]);
        g_autofree char *filled = bar((double)buckets[i] / (double)most, width, utf8);
        int pad = 12 - (int)vt_text_columns(bounds);

        fprintf(vt_term_out(term), "%s%*s %14s |%s|\n", bounds, MAX(pad, 0), "", count, filled);
    }
}

/* @sum_ns: of all in @buckets; NULL: not known. */
static void print_one(VtTerm *term, const char *heading, const guint64 *buckets,
                      const guint64 *sum_ns, gboolean utf8)
{
    g_autofree char *median = NULL, *p99 = NULL, *title = NULL;
    guint64 ns;

    if (!vt_histogram_quantile(buckets, sum_ns, 0.5, &ns))
        return;
    median = vt_text_format_about(ns);
    vt_histogram_quantile(buckets, sum_ns, 0.99, &ns);
    p99 = vt_text_format_about(ns);
    if (sum_ns && vt_histogram_mean(buckets, *sum_ns, 0, &ns)) {
        g_autofree char *mean = vt_text_format_duration(ns);

        title = g_strdup_printf(_("%1$s: ns out of the guest (mean %2$s, median %3$s, 99 %% within "
                                  "%4$s)"),
                                heading, mean, median, p99);
    } else {
        title = g_strdup_printf(_("%1$s: ns out of the guest (median %2$s, 99 %% within %3$s)"),
                                heading, median, p99);
    }
    if (vt_term_is_bounded(term)) {
        g_autofree char *wrapped = vt_text_wrap(title, vt_term_width(term), 2);

        fprintf(vt_term_out(term), "\n%s\n", wrapped);
    } else {
        fprintf(vt_term_out(term), "\n%s\n", title);
    }
    print_buckets(term, buckets, utf8);
}

static void print_metric(VtTerm *term, const VtProfile *profile, const VtMetric *metric,
                         gboolean vcpus, gboolean utf8)
{
    print_one(term, metric->name, metric->histogram, metric->has_time ? &metric->time_ns : NULL, utf8);
    for (guint i = 0; vcpus && profile->numbered && i < profile->numbered->len; i++) {
        guint vcpu = g_array_index(profile->numbered, guint, i);
        const VtMetricVcpu *part = vt_profile_vcpu_get(metric, vcpu);
        g_autofree char *heading = g_strdup_printf(_("%1$s of vCPU %2$u"), metric->name, vcpu);

        if (part && part->histogram)
            print_one(term, heading, part->histogram, part->has_time ? &part->time_ns : NULL, utf8);
    }
}

void vt_bars_print(VtTerm *term, const VtProfile *profile, guint limit, gboolean vcpus,
                   gboolean utf8)
{
    g_autoptr(GPtrArray) metrics = vt_profile_table_metrics(profile);
    guint n = 0;

    for (guint i = 0; i < metrics->len; i++) {
        const VtMetric *metric = g_ptr_array_index(metrics, i);
        guint64 ns;

        if (!vt_metric_quantile(metric, 0.5, &ns))
            continue;
        if (limit == 0 || n < limit)
            print_metric(term, profile, metric, vcpus, utf8);
        n++;
    }
    if (limit > 0 && n > limit)
        fprintf(vt_term_out(term), _("\nHistograms that are left out: %u (--limit).\n"), n - limit);
    if (n == 0) {
        const char *text = _("No times of single exits were measured: the source bpf does where KVM reports "
                             "exits by reason (kvm_exit), and so does a trace of kvm_exit and kvm_entry.");
        g_autofree char *wrapped = vt_term_is_bounded(term) ? vt_text_wrap(text, vt_term_width(term), 2) : g_strdup(text);

        fprintf(vt_term_out(term), "\n%s\n", wrapped);
    }
}
