/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of report formats, and what they have in common. */
#include "config.h"

#include "report/report.h"

#include <string.h>

#include "model/metric.h"

static const VtReportFormat *const formats[] = {&vt_report_text, &vt_report_json, &vt_report_csv,
                                                &vt_report_html, NULL};

const VtReportFormat *const *vt_report_formats(void)
{
    return formats;
}

const VtReportFormat *vt_report_format_find(const char *name)
{
    for (const VtReportFormat *const *format = formats; *format; format++)
        if (g_str_equal((*format)->name, name))
            return *format;
    return NULL;
}

VtReportContext vt_report_context_of(const VtReportContext *context, const VtReportDomain *domain)
{
    VtReportContext own = *context;

    if (context->several_hosts) {
        own.uri = domain->uri;
        own.host = domain->host;
    }
    return own;
}

double vt_report_unnamed_rate(const VtProfile *profile)
{
    GHashTableIter iter;
    gpointer value;
    double busy, rest;

    if (profile->exits_low || !vt_profile_busy_rate(profile, &busy))
        return 0;
    rest = busy;
    g_hash_table_iter_init(&iter, profile->metrics);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const VtMetric *metric = value;

        if (vt_metric_kind(metric->name) == VT_METRIC_EXIT && metric->rate >= 1 &&
            !vt_metric_is_idle(metric->name))
            rest -= metric->rate;
    }
    return rest > busy / 10 ? rest : 0;
}

gboolean vt_report_exit_time(const VtProfile *profile, double *ret_pct)
{
    double exit_ns = 0;
    gboolean known = FALSE;
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, profile->metrics);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const VtMetric *metric = value;

        if (!metric->has_time || !g_str_has_prefix(metric->name, "exit.") ||
            vt_metric_is_idle(metric->name))
            continue;
        exit_ns += (double)metric->time_ns;
        known = TRUE;
    }
    if (!known || profile->windows->len == 0)
        return FALSE;
    *ret_pct = MIN(100 * exit_ns / vt_profile_vcpu_ns(profile), 100);
    return TRUE;
}

const char *vt_report_worst_family(const VtProfile *profile)
{
    const VtMetric *worst = NULL, *metric;
    GHashTableIter iter;

    g_hash_table_iter_init(&iter, profile->metrics);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&metric)) {
        if (vt_metric_kind(metric->name) != VT_METRIC_EXIT || vt_metric_is_idle(metric->name) ||
            metric->count == 0)
            continue;
        if (!worst || metric->rate > worst->rate ||
            (metric->rate == worst->rate && strcmp(metric->name, worst->name) < 0))
            worst = metric;
    }
    return worst ? worst->name + strlen("exit.") : NULL;
}

static gboolean is_advice(const VtFinding *finding)
{
    return finding->verdict == VT_VERDICT_ADVISE && !finding->waived_by;
}

guint vt_report_count_advice(const GPtrArray *findings)
{
    guint n = 0;

    for (guint i = 0; i < findings->len; i++)
        n += is_advice(g_ptr_array_index(findings, i));
    return n;
}
