/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All figures of a profile as a table. */
#include "config.h"

#include "report/report-html-figures.h"

#include "base/error.h"
#include "base/text.h"
#include "model/metric.h"
#include "report/profile-table.h"
#include "report/report-words.h"

/* Rows of each kind of metric that has a number. */
#define ROWS_MAX 100

char *vt_report_html_figures_time(double part)
{
    return part > 0 && part < 0.0005 ? g_strdup("< 0.1 %") : g_strdup_printf("%.1f %%", 100 * part);
}

/* What is there is not "0.0 %". */
static char *share_text(double part, gboolean at_most)
{
    return g_strdup_printf("%s%.1f %%",
                           at_most                       ? "≤ "
                           : part > 0 && part < 0.0005 ? "< "
                                                       : "",
                           part > 0 ? MAX(100 * part, 0.1) : 0.0);
}

static void write_cell(VtHtml *html, const char *text)
{
    vt_html_element(html, "td", text, "class", "number", NULL);
}

static void write_quantile(VtHtml *html, const VtMetric *metric, double q)
{
    g_autofree char *text = NULL;
    guint64 ns;

    if (vt_metric_quantile(metric, q, &ns))
        text = vt_text_format_about(ns);
    write_cell(html, text ? text : "");
}

/* Which columns the table has. */
typedef struct {
    double busy; /* exits but HLT, a second and vCPU; 0: not known */
    gboolean times, quantiles;
} Columns;

typedef struct {
    VtHtml *html;
    const VtProfile *profile;
    Columns columns;
} Table;

static guint count_columns(const Columns *columns)
{
    return 8 - (columns->quantiles ? 0 : 2) - (columns->times ? 0 : 1);
}

static void write_row(const VtMetric *metric, gpointer data)
{
    const Table *table = data;
    VtHtml *html = table->html;
    const VtProfile *profile = table->profile;
    const Columns *columns = &table->columns;
    const VtBound bound = vt_profile_bound(profile, metric->name);
    g_autofree char *words = vt_report_words_row(profile, metric);
    g_autofree char *count = vt_profile_table_rate(profile, metric);
    g_autofree char *rate = g_strconcat(vt_report_words_bound(bound, TRUE), count, NULL);
    g_autofree char *min = vt_metric_format_rate(metric->name, metric->min);
    g_autofree char *max = vt_metric_format_rate(metric->name, metric->max);
    g_autofree char *range = g_strdup_printf("%s–%s", min, max);
    g_autofree char *share = NULL, *time = NULL;

    if (vt_metric_kind(metric->name) == VT_METRIC_EXIT && columns->busy > 0 && !vt_metric_is_idle(metric->name))
        share = share_text(metric->rate / columns->busy, profile->exits_low);
    if (metric->has_time)
        time = vt_report_html_figures_time((double)metric->time_ns / vt_profile_vcpu_ns(profile));
    vt_html_open(html, "tr", NULL);
    vt_html_open(html, "th", "scope", "row", NULL);
    vt_html_element(html, "code", metric->name, NULL);
    vt_html_close(html);
    vt_html_element(html, "td", words ? words : "", NULL);
    write_cell(html, rate);
    write_cell(html, metric->whole_ns > 0 || bound == VT_BOUND_AT_LEAST ? "" : range);
    write_cell(html, share ? share : "");
    if (columns->times)
        write_cell(html, time ? time : "");
    if (columns->quantiles) {
        write_quantile(html, metric, 0.5);
        write_quantile(html, metric, 0.99);
    }
    vt_html_close(html);
}

static void write_head(VtHtml *html, const Columns *columns)
{
    static const char *const headings[] = {
        N_("Metric"),
        N_("What"),
        N_("Per second and vCPU"),
        N_("Windows"),
        N_("Of exits but HLT"),
        N_("Of a vCPU"),
        N_("Median"),
        N_("99th percentile"),
    };
    const guint n = count_columns(columns);

    vt_html_open(html, "thead", NULL);
    vt_html_open(html, "tr", NULL);
    for (guint i = 0; i < n; i++)
        vt_html_element(html, "th", _(headings[i]), "scope", "col", "class",
                        i > 1 ? "number" : NULL, NULL);
    vt_html_close(html);
    vt_html_close(html);
}

/* What is beyond ROWS_MAX, as one row. */
static void write_rest(const VtMetric *const *first, guint n, gpointer data)
{
    const Table *table = data;
    const VtBound bound = vt_profile_bound(table->profile, first[0]->name);
    g_autofree char *name = vt_profile_table_rest(first[0], n);
    g_autofree char *count = NULL, *rate = NULL;
    double sum = 0;

    for (guint i = 0; i < n; i++)
        sum += (double)first[i]->count;
    count = vt_text_format_count(sum * 1e9 / vt_profile_vcpu_ns(table->profile));
    rate = g_strconcat(vt_report_words_bound(bound, TRUE), count, NULL);
    vt_html_open(table->html, "tr", NULL);
    vt_html_element(table->html, "th", name, "scope", "row", NULL);
    vt_html_element(table->html, "td", _("together"), NULL);
    write_cell(table->html, rate);
    for (guint i = 0; i < count_columns(&table->columns) - 3; i++)
        write_cell(table->html, "");
    vt_html_close(table->html);
}

void vt_report_html_figures_write(VtHtml *html, const VtProfile *profile, GPtrArray *metrics)
{
    Table table = {.html = html, .profile = profile};

    vt_profile_busy_rate(profile, &table.columns.busy);
    for (guint i = 0; i < metrics->len; i++) {
        const VtMetric *metric = g_ptr_array_index(metrics, i);
        Columns *columns = &table.columns;

        columns->quantiles = columns->quantiles || metric->histogram;
        columns->times = columns->times || metric->has_time || columns->quantiles;
    }
    vt_html_open(html, "details", NULL);
    vt_html_element(html, "summary", _("All figures as a table"), NULL);
    vt_html_open(html, "div", "class", "wide", "tabindex", "0", "role", "region", "aria-label",
                 _("All figures as a table"), NULL);
    vt_html_open(html, "table", NULL);
    write_head(html, &table.columns);
    vt_html_open(html, "tbody", NULL);
    vt_profile_table_each(metrics, ROWS_MAX, write_row, write_rest, &table);
    for (guint i = 0; i < 4; i++)
        vt_html_close(html);
}
