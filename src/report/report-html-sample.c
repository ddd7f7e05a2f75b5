/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Charts of a profile: families of exits, their time, the course of the windows, and the causes
 * that have a number. */
#include "config.h"

#include "report/report-html-sample.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/metric.h"
#include "model/profile-vcpu.h"
#include "report/profile-table.h"
#include "report/report-chart.h"
#include "report/report-words.h"
#include "report/report.h"

/* Bars of a chart, points of a line, rows of a table. */
#define BARS_MAX 8
#define VCPUS_MAX 32
#define POINTS_MAX 240
#define ROWS_MAX 400

static double vcpu_time_ns(const VtProfile *profile)
{
    double ns = 0;

    for (guint i = 0; i < profile->windows->len; i++) {
        const VtWindow *window = &g_array_index(profile->windows, VtWindow, i);

        ns += (double)window->duration_ns * window->vcpus;
    }
    return ns;
}

static gboolean is_idle(const VtMetric *metric)
{
    return g_str_equal(metric->name, "exit.hlt");
}

/* "12,345/s" or "12,345/s (34 %)"; @part negative: unknown. */
static char *rate_text(double rate, double part, gboolean at_most)
{
    g_autofree char *count = vt_text_format_count(rate);

    if (part < 0)
        return g_strdup_printf(_("%s/s"), count);
    return g_strdup_printf(_("%1$s/s (%2$s%3$.0f %%)"), count,
                           at_most       ? "≤ "
                           : part < 0.01 ? "< "
                                         : "",
                           MAX(100 * part, 1));
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

static char *time_text(double part)
{
    return part > 0 && part < 0.0005 ? g_strdup("< 0.1 %") : g_strdup_printf("%.1f %%", 100 * part);
}

/* The bars here own their words. */
static void clear_bar(gpointer data)
{
    VtReportBar *bar = data;

    g_free((gpointer)bar->name);
    g_free((gpointer)bar->what);
    g_free((gpointer)bar->value);
}

static GArray *new_bars(void)
{
    GArray *bars = g_array_new(FALSE, TRUE, sizeof(VtReportBar));

    g_array_set_clear_func(bars, clear_bar);
    return bars;
}

static void add_bar(GArray *bars, const VtProfile *profile, const VtMetric *metric, char *value,
                    double part)
{
    const gsize skip = g_str_has_prefix(metric->name, "exit.") ? strlen("exit.") : 0;
    VtReportBar bar = {
        .name = g_strdup(metric->name + skip),
        .what = vt_report_words_metric(profile, metric->name),
        .value = value,
        .part = part,
        .idle = is_idle(metric),
    };

    g_array_append_val(bars, bar);
}

static void write_bars(VtHtml *html, const char *caption, const char *scale, const GArray *bars)
{
    if (bars->len > 0)
        vt_report_chart_bars(html, caption, scale, (const VtReportBar *)(gpointer)bars->data,
                             bars->len);
}

/* What is left where families do not add up to the total. */
static void add_unnamed(GArray *bars, const VtProfile *profile, double busy)
{
    const double rest = vt_report_unnamed_rate(profile);
    VtReportBar bar = {0};

    if (rest <= 0 || bars->len == 0)
        return;
    bar.name = g_strdup(_("reason not measured"));
    bar.value = rate_text(rest, rest / busy, FALSE);
    bar.part = rest / busy;
    g_array_append_val(bars, bar);
}

/* Shares of all exits but HLT; of HLT itself that of all exits. Where the total is unknown the
 * largest one is the scale. */
static void write_families(VtHtml *html, const VtProfile *profile, const GPtrArray *metrics)
{
    g_autoptr(GArray) bars = new_bars();
    g_autofree char *scale = NULL, *all = NULL;
    const VtMetric *hlt = vt_profile_get(profile, "exit.hlt");
    double busy = 0, full;

    vt_profile_busy_rate(profile, &busy);
    full = busy;
    for (guint i = 0; i < metrics->len; i++) {
        const VtMetric *metric = g_ptr_array_index(metrics, i);

        if (vt_metric_kind(metric->name) != VT_METRIC_EXIT || is_idle(metric) || metric->rate < 1)
            continue;
        full = MAX(full, bars->len == 0 && busy <= 0 ? metric->rate : 0);
        if (bars->len < BARS_MAX)
            add_bar(bars, profile, metric,
                    rate_text(metric->rate, busy > 0 ? metric->rate / busy : -1,
                              profile->exits_low),
                    metric->rate / full);
    }
    add_unnamed(bars, profile, busy);
    if (hlt && hlt->rate > 0) {
        double part = hlt->rate / (hlt->rate + busy);

        add_bar(bars, profile, hlt, rate_text(hlt->rate, busy > 0 ? part : -1, FALSE), part);
    }
    all = vt_text_format_count(full);
    scale =
        busy > 0
            ? g_strdup_printf(_("Per second and vCPU; a full bar is %s, all exits but HLT. HLT is "
                                "idle time and no cost: its bar is its part of all exits."),
                              all)
            : g_strdup_printf(_("Per second and vCPU; a full bar is %s."), all);
    write_bars(html, _("Exits by family"), scale, bars);
}

/* The scale for a largest part of the whole. */
static double round_up(double part)
{
    static const double steps[] = {0.01, 0.02, 0.05, 0.1, 0.2, 0.5};

    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++)
        if (part <= steps[i])
            return steps[i];
    return 1;
}

static int by_time(gconstpointer a, gconstpointer b)
{
    const VtMetric *x = *(const VtMetric *const *)a, *y = *(const VtMetric *const *)b;

    if (is_idle(x) != is_idle(y))
        return is_idle(x) ? 1 : -1;
    if (x->time_ns != y->time_ns)
        return x->time_ns < y->time_ns ? 1 : -1;
    return g_strcmp0(x->name, y->name);
}

static void write_times(VtHtml *html, const VtProfile *profile, const GPtrArray *metrics)
{
    g_autoptr(GPtrArray) timed = g_ptr_array_new();
    g_autoptr(GArray) bars = new_bars();
    const double whole = vcpu_time_ns(profile);
    g_autofree char *scale = NULL;
    double most = 0, full;

    for (guint i = 0; i < metrics->len; i++) {
        VtMetric *metric = g_ptr_array_index(metrics, i);

        if (vt_metric_kind(metric->name) == VT_METRIC_EXIT && metric->has_time &&
            metric->time_ns > 0)
            g_ptr_array_add(timed, metric);
    }
    g_ptr_array_sort(timed, by_time);
    for (guint i = 0; i < timed->len; i++) {
        const VtMetric *metric = g_ptr_array_index(timed, i);

        if (!is_idle(metric))
            most = MAX(most, (double)metric->time_ns / whole);
    }
    full = round_up(most);
    for (guint i = 0; i < timed->len; i++) {
        const VtMetric *metric = g_ptr_array_index(timed, i);
        double part = (double)metric->time_ns / whole;

        if (bars->len < BARS_MAX || is_idle(metric))
            add_bar(bars, profile, metric, time_text(part), is_idle(metric) ? part : part / full);
    }
    scale =
        g_strdup_printf(_("A full bar is %.0f %% of the time of the vCPUs; that of HLT, which is "
                          "sleep and no cost, is all of it."),
                        100 * full);
    write_bars(html, _("Time in exits"), scale, bars);
}

/* Averages of as many windows as make at most POINTS_MAX points. */
static GArray *thin(const GArray *rates)
{
    const guint group = (rates->len + POINTS_MAX - 1) / POINTS_MAX;
    GArray *points = g_array_new(FALSE, FALSE, sizeof(double));

    for (guint i = 0; i < rates->len; i += group) {
        const guint end = MIN(i + group, rates->len);
        double sum = 0;

        for (guint j = i; j < end; j++)
            sum += g_array_index(rates, double, j);
        sum /= end - i;
        g_array_append_val(points, sum);
    }
    return points;
}

static void write_course(VtHtml *html, const VtProfile *profile, const GArray *rates,
                         const char *caption, double median, gboolean idle)
{
    g_autoptr(GArray) points = thin(rates);
    double min = g_array_index(rates, double, 0), max = min;
    g_autofree char *low = NULL, *middle = NULL, *high = NULL, *description = NULL;
    VtReportLine line = {
        .caption = caption,
        .values = (const double *)(gpointer)points->data,
        .n = points->len,
        .duration_ns = profile->duration_ns,
        .idle = idle,
    };

    for (guint i = 0; i < rates->len; i++) {
        min = MIN(min, g_array_index(rates, double, i));
        max = MAX(max, g_array_index(rates, double, i));
    }
    low = vt_text_format_count(min);
    middle = vt_text_format_count(median);
    high = vt_text_format_count(max);
    description = g_strdup_printf(
        _("Windows: %1$u. Per second and vCPU: median %2$s, from %3$s to %4$s."),
        rates->len, middle, low, high);
    line.description = description;
    vt_report_chart_line(html, &line);
}

static void write_courses(VtHtml *html, const VtProfile *profile)
{
    g_autoptr(GArray) busy = vt_profile_busy_rates(profile);
    const VtMetric *exits = vt_profile_get(profile, "exits");
    const VtMetric *hlt = vt_profile_get(profile, "exit.hlt");
    double median;

    if (profile->windows->len < 2)
        return;
    if (busy && vt_profile_busy_rate(profile, &median)) {
        write_course(html, profile, busy, _("Exits but HLT over time"), median, FALSE);
    } else if (exits) {
        g_autoptr(GArray) rates = vt_profile_rates(profile, exits);

        write_course(html, profile, rates, _("Exits over time, HLT among them"), exits->rate,
                     FALSE);
    }
    if (hlt && hlt->count > 0) {
        g_autoptr(GArray) rates = vt_profile_rates(profile, hlt);

        write_course(html, profile, rates, _("HLT over time (idle)"), hlt->rate, TRUE);
    }
}

/* Where vCPUs are told apart: whether one of them is worse than the others. */
static void write_vcpus(VtHtml *html, const VtProfile *profile)
{
    g_autoptr(GArray) bars = new_bars();
    g_autofree char *scale = NULL, *all = NULL;
    double full = 1;

    for (guint i = 0; profile->numbered && i < profile->numbered->len && bars->len < VCPUS_MAX;
         i++) {
        const guint vcpu = g_array_index(profile->numbered, guint, i);
        const VtMetric *worst = vt_profile_vcpu_worst(profile, vcpu);
        VtReportBar bar = {0};

        if (!vt_profile_vcpu_busy_rate(profile, vcpu, &bar.part))
            continue;
        bar.what = worst ? vt_report_words_metric(profile, worst->name) : NULL;
        bar.name = g_strdup_printf(_("vCPU %u"), vcpu);
        bar.value = rate_text(bar.part, -1, FALSE);
        full = MAX(full, bar.part);
        g_array_append_val(bars, bar);
    }
    if (bars->len < 2)
        return;
    for (guint i = 0; i < bars->len; i++)
        g_array_index(bars, VtReportBar, i).part /= full;
    all = vt_text_format_count(full);
    scale = g_strdup_printf(
        _("Exits but HLT per second of each vCPU, and what most of them are; a full bar "
          "is %s."),
        all);
    write_bars(html, _("Exits by vCPU"), scale, bars);
}

/* Causes that have a number, each kind a chart of its own. */
static void write_causes(VtHtml *html, const VtProfile *profile, const GPtrArray *metrics)
{
    static const struct {
        VtMetricKind kind;
        const char *caption;
    } kinds[] = {
        {VT_METRIC_MSR_WRITE, N_("Writes of model-specific registers")},
        {VT_METRIC_MSR_READ, N_("Reads of model-specific registers")},
        {VT_METRIC_PIO, N_("Ports")},
        {VT_METRIC_MMIO, N_("Addresses (memory-mapped I/O)")},
        {VT_METRIC_IRQ, N_("Interrupts of the host on the CPUs of the vCPUs")},
    };
    double busy = 0;

    vt_profile_busy_rate(profile, &busy);
    for (gsize k = 0; k < G_N_ELEMENTS(kinds); k++) {
        const gboolean exits = kinds[k].kind != VT_METRIC_IRQ && busy > 0;
        g_autoptr(GArray) bars = new_bars();
        g_autofree char *scale = NULL, *all = NULL;
        double full = exits ? busy : 0;

        for (guint i = 0; i < metrics->len && bars->len < BARS_MAX; i++) {
            const VtMetric *metric = g_ptr_array_index(metrics, i);

            if (vt_metric_kind(metric->name) != kinds[k].kind || metric->rate < 1)
                continue;
            full = MAX(full, metric->rate);
            add_bar(bars, profile, metric,
                    rate_text(metric->rate, exits ? metric->rate / full : -1, FALSE),
                    metric->rate / full);
        }
        all = vt_text_format_count(full);
        scale = exits ? g_strdup_printf(
                            _("Per second and vCPU; a full bar is %s, all exits but HLT."), all)
                      : g_strdup_printf(_("Per second and vCPU; a full bar is %s."), all);
        write_bars(html, _(kinds[k].caption), scale, bars);
    }
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
        text = vt_text_format_duration(ns);
    write_cell(html, text ? text : "");
}

/* Where not all exits are counted, their sum is no less than what is known of its parts; interrupts
 * may be at most as many. */
static char *rate_cell(const VtProfile *profile, const VtMetric *metric)
{
    const VtMetric *hlt = vt_profile_get(profile, "exit.hlt");
    const gboolean most = profile->irqs_at_most && vt_metric_kind(metric->name) == VT_METRIC_IRQ;
    g_autofree char *count = NULL;
    double busy = 0;

    if (!profile->exits_low || !g_str_equal(metric->name, "exits")) {
        count = vt_metric_format_rate(metric->name, metric->rate);
        return g_strconcat(most ? "≤ " : "", count, NULL);
    }
    vt_profile_busy_rate(profile, &busy);
    count = vt_text_format_count(MAX(metric->rate, busy + (hlt ? hlt->rate : 0)));
    return g_strdup_printf("≥ %s", count);
}

/* Which columns the table has. */
typedef struct {
    double busy; /* exits but HLT, a second and vCPU; 0: not known */
    gboolean times, quantiles;
} Columns;

static void write_row(VtHtml *html, const VtProfile *profile, const VtMetric *metric,
                      const Columns *columns)
{
    const gboolean at_least = profile->exits_low && g_str_equal(metric->name, "exits");
    g_autofree char *words = vt_report_words_row(profile, metric);
    g_autofree char *rate = rate_cell(profile, metric);
    g_autofree char *min = vt_metric_format_rate(metric->name, metric->min);
    g_autofree char *max = vt_metric_format_rate(metric->name, metric->max);
    g_autofree char *range = g_strdup_printf("%s–%s", min, max);
    g_autofree char *share = NULL, *time = NULL;

    if (vt_metric_kind(metric->name) == VT_METRIC_EXIT && columns->busy > 0 && !is_idle(metric))
        share = share_text(metric->rate / columns->busy, profile->exits_low);
    if (metric->has_time)
        time = time_text((double)metric->time_ns / vcpu_time_ns(profile));
    vt_html_open(html, "tr", NULL);
    vt_html_open(html, "th", "scope", "row", NULL);
    vt_html_element(html, "code", metric->name, NULL);
    vt_html_close(html);
    vt_html_element(html, "td", words ? words : "", NULL);
    write_cell(html, rate);
    write_cell(html, metric->whole_ns > 0 || at_least ? "" : range);
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
    const gsize n = G_N_ELEMENTS(headings) - (columns->quantiles ? 0 : 2) - (columns->times ? 0 : 1);

    vt_html_open(html, "thead", NULL);
    vt_html_open(html, "tr", NULL);
    for (gsize i = 0; i < n; i++)
        vt_html_element(html, "th", _(headings[i]), "scope", "col", "class",
                        i > 1 ? "number" : NULL, NULL);
    vt_html_close(html);
    vt_html_close(html);
}

static void write_figures(VtHtml *html, const VtProfile *profile, const GPtrArray *metrics)
{
    Columns columns = {0};
    guint rows = 0;

    vt_profile_busy_rate(profile, &columns.busy);
    for (guint i = 0; i < metrics->len; i++) {
        const VtMetric *metric = g_ptr_array_index(metrics, i);

        columns.quantiles = columns.quantiles || metric->histogram;
        columns.times = columns.times || metric->has_time || columns.quantiles;
    }
    vt_html_open(html, "details", NULL);
    vt_html_element(html, "summary", _("All figures as a table"), NULL);
    vt_html_open(html, "div", "class", "wide", "tabindex", "0", "role", "region", "aria-label",
                 _("All figures as a table"), NULL);
    vt_html_open(html, "table", NULL);
    write_head(html, &columns);
    vt_html_open(html, "tbody", NULL);
    for (guint i = 0; i < metrics->len && rows < ROWS_MAX; i++) {
        const VtMetric *metric = g_ptr_array_index(metrics, i);

        if (metric->count == 0)
            continue;
        write_row(html, profile, metric, &columns);
        rows++;
    }
    for (guint i = 0; i < 4; i++)
        vt_html_close(html);
}

void vt_report_html_sample_write(VtHtml *html, const VtProfile *profile)
{
    g_autoptr(GPtrArray) metrics = vt_profile_table_metrics(profile);

    vt_html_open(html, "div", "class", "charts", NULL);
    write_families(html, profile, metrics);
    write_times(html, profile, metrics);
    write_courses(html, profile);
    write_vcpus(html, profile);
    write_causes(html, profile, metrics);
    vt_html_close(html);
    write_figures(html, profile, metrics);
}
