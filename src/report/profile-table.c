/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rates and shares of a profile, families first, then what has a number. */
#include "config.h"

#include "report/profile-table.h"

#include <inttypes.h>

#include <glib/gi18n.h>

#include "base/text.h"
#include "model/metric.h"
#include "report/report-words.h"
#include "report/table.h"

char *vt_profile_table_sample(const VtProfile *profile)
{
    g_autofree char *duration = vt_text_format_duration(profile->duration_ns);
    g_autofree char *sources = vt_profile_sources_text(profile);

    return g_strdup_printf(g_dngettext(GETTEXT_PACKAGE, "%s in %u window by %s", "%s in %u windows by %s",
                                       profile->windows->len),
                           duration, profile->windows->len, sources);
}

/* Families, then MSRs, ports, addresses, interrupts, then statistics; most first. */
static int by_kind_and_rate(gconstpointer a, gconstpointer b)
{
    const VtMetric *left = *(const VtMetric *const *) a, *right = *(const VtMetric *const *) b;
    int kind = (int) vt_metric_kind(left->name) - (int) vt_metric_kind(right->name);

    if (kind != 0)
        return kind;
    if (left->rate != right->rate)
        return left->rate > right->rate ? -1 : 1;
    return g_strcmp0(left->name, right->name);
}

GPtrArray *vt_profile_table_metrics(const VtProfile *profile)
{
    GPtrArray *metrics = vt_profile_sorted(profile);

    g_ptr_array_sort(metrics, by_kind_and_rate);
    return metrics;
}

/* Columns; those of times only where times were measured. */
enum { COL_METRIC, COL_RATE, COL_WINDOWS, COL_SHARE, COL_TIME, COL_MEDIAN, COL_P99 };

static void set_quantile(struct libscols_line *line, gsize column, const VtMetric *metric, double q)
{
    g_autofree char *text = NULL;
    guint64 ns;

    if (!vt_metric_quantile(metric, q, &ns))
        return;
    text = vt_text_format_duration(ns);
    scols_line_set_data(line, column, text);
}

static void set_times(struct libscols_line *line, const VtProfile *profile, const VtMetric *metric)
{
    double vcpu_ns = 0;
    g_autofree char *share = NULL;

    if (!metric->has_time)
        return;
    for (guint i = 0; i < profile->windows->len; i++) {
        const VtWindow *window = &g_array_index(profile->windows, VtWindow, i);

        vcpu_ns += (double)window->duration_ns * window->vcpus;
    }
    share = g_strdup_printf("%.1f %%", 100 * (double)metric->time_ns / vcpu_ns);
    scols_line_set_data(line, COL_TIME, share);
    set_quantile(line, COL_MEDIAN, metric, 0.5);
    set_quantile(line, COL_P99, metric, 0.99);
}

static void add_row(struct libscols_table *table, const VtProfile *profile, const VtMetric *metric, double busy,
                    gboolean times)
{
    struct libscols_line *line = scols_table_new_line(table, NULL);
    VtMetricKind kind = vt_metric_kind(metric->name);
    g_autofree char *label = vt_report_words_metric(profile, metric->name);
    g_autofree char *rate = vt_text_format_count(metric->rate);
    g_autofree char *min = vt_text_format_count(metric->min);
    g_autofree char *max = vt_text_format_count(metric->max);
    g_autofree char *range = g_strdup_printf("%s–%s", min, max);

    scols_line_set_data(line, COL_METRIC, metric->name);
    scols_line_set_data(line, COL_RATE, rate);
    scols_line_set_data(line, COL_WINDOWS, range);
    if (kind == VT_METRIC_EXIT && busy > 0 && !g_str_equal(metric->name, "exit.hlt")) {
        g_autofree char *share = g_strdup_printf("%s%.1f %%", profile->exits_low ? "≤ " : "", 100 * metric->rate / busy);

        scols_line_set_data(line, COL_SHARE, share);
    }
    if (times)
        set_times(line, profile, metric);
    scols_line_set_data(line, times ? COL_P99 + 1 : COL_TIME, label ? label : "");
}

static gboolean has_times(GPtrArray *metrics)
{
    for (guint i = 0; i < metrics->len; i++)
        if (((const VtMetric *)g_ptr_array_index(metrics, i))->has_time)
            return TRUE;
    return FALSE;
}

void vt_profile_table_print(VtTerm *term, const char *name, const VtProfile *profile, const char *note)
{
    FILE *out = vt_term_out(term);
    g_autofree char *heading = vt_text_printable(name, FALSE);
    g_autofree char *sample = NULL;
    g_autoptr(GPtrArray) metrics = NULL;
    struct libscols_table *table;
    double busy = 0;
    gboolean times;

    if (!profile) {
        fprintf(out, "%s: %s\n", heading, note ? note : _("nothing was measured"));
        return;
    }
    sample = vt_profile_table_sample(profile);
    fprintf(out, "%s%s%s: %s\n", vt_term_style(term, VT_STYLE_BOLD), heading, vt_term_style(term, VT_STYLE_NONE),
            sample);
    for (guint i = 0; i < profile->notes->len; i++) {
        g_autofree char *text = vt_text_printable(g_ptr_array_index(profile->notes, i), FALSE);

        fprintf(out, "  %s\n", text);
    }
    if (profile->lost > 0)
        fprintf(out, _("  %" PRIu64 " updates were lost: counts are too low\n"), profile->lost);
    if (profile->exits_low)
        fprintf(out, "  %s\n", _("Not all exits are counted: there were more, and shares are at most as large."));
    vt_profile_busy_rate(profile, &busy);
    table = vt_table_new(term);
    scols_table_new_column(table, _("METRIC"), 0, 0);
    scols_table_new_column(table, _("PER VCPU/S"), 0, SCOLS_FL_RIGHT);
    scols_table_new_column(table, _("WINDOWS"), 0, SCOLS_FL_RIGHT);
    scols_table_new_column(table, _("OF NON-HLT"), 0, SCOLS_FL_RIGHT);
    metrics = vt_profile_table_metrics(profile);
    times = has_times(metrics);
    if (times) {
        scols_table_new_column(table, _("OF A VCPU"), 0, SCOLS_FL_RIGHT);
        scols_table_new_column(table, _("MEDIAN"), 0, SCOLS_FL_RIGHT);
        scols_table_new_column(table, _("P99"), 0, SCOLS_FL_RIGHT);
    }
    scols_table_new_column(table, _("WHAT"), 0.3, SCOLS_FL_TRUNC);
    for (guint i = 0; i < metrics->len; i++) {
        const VtMetric *metric = g_ptr_array_index(metrics, i);

        if (metric->count > 0)
            add_row(table, profile, metric, busy, times);
    }
    vt_table_print(term, table);
}
