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
#include "report/report-html-figures.h"
#include "report/report-words.h"
#include "report/report.h"

/* Bars of a chart, points of a line. */
#define BARS_MAX 8
#define VCPUS_MAX 32
#define POINTS_MAX 240

/* "12,345/s" or "12,345/s (34 %)"; @part negative: unknown. @bound: before the rate ("≥ "), or "". */
static char *rate_text(const char *bound, double rate, double part, gboolean at_most)
{
    g_autofree char *number = vt_text_format_count(rate);
    g_autofree char *count = g_strconcat(bound, number, NULL);

    if (part < 0)
        return g_strdup_printf(_("%s/s"), count);
    return g_strdup_printf(_("%1$s/s (%2$s%3$.0f %%)"), count,
                           at_most       ? "≤ "
                           : part < 0.01 ? "< "
                                         : "",
                           MAX(100 * part, 1));
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
        .idle = vt_metric_is_idle(metric->name),
    };

    g_array_append_val(bars, bar);
}

static void write_bars(VtHtml *html, const char *caption, const char *scale, const GArray *bars)
{
    if (bars->len > 0)
        vt_report_chart_bars(html, caption, scale, (const VtReportBar *)(gpointer)bars->data,
                             bars->len);
}

/* Those of a kind that were seen, the most frequent first, and without HLT. */
static GPtrArray *metrics_of(const GPtrArray *metrics, VtMetricKind kind)
{
    GPtrArray *found = g_ptr_array_new();

    for (guint i = 0; i < metrics->len; i++) {
        VtMetric *metric = g_ptr_array_index(metrics, i);

        if (vt_metric_kind(metric->name) == kind && !vt_metric_is_idle(metric->name) && metric->rate >= 1)
            g_ptr_array_add(found, metric);
    }
    return found;
}

/* How many of @n have a bar of their own: what takes as much room as a bar for the rest, too. */
static guint count_bars(guint n, guint max)
{
    return n <= max + 1 ? n : max;
}

static double sum_rates(const GPtrArray *metrics, guint first)
{
    double sum = 0;

    for (guint i = first; i < metrics->len; i++)
        sum += ((const VtMetric *)g_ptr_array_index(metrics, i))->rate;
    return sum;
}

/* What has no bar of its own; nothing where @n is 0. */
static void add_rest(GArray *bars, guint n, char *value, double part)
{
    VtReportBar bar = {.value = value, .part = part};

    if (n == 0) {
        g_free(value);
        return;
    }
    bar.name = g_strdup_printf(_("%u more"), n);
    bar.what = g_strdup(_("together"));
    g_array_append_val(bars, bar);
}

/* What is left where families do not add up to the total. */
static void add_unnamed(GArray *bars, const VtProfile *profile, double busy)
{
    const double rest = vt_report_unnamed_rate(profile);
    VtReportBar bar = {0};

    if (rest <= 0 || bars->len == 0)
        return;
    bar.name = g_strdup(_("reason not measured"));
    bar.value = rate_text("", rest, rest / busy, FALSE);
    bar.part = rest / busy;
    g_array_append_val(bars, bar);
}

/* Shares of all exits but HLT; of HLT itself that of all exits. Where the total is unknown the
 * largest one is the scale. */
static void write_families(VtHtml *html, const VtProfile *profile, const GPtrArray *metrics)
{
    g_autoptr(GPtrArray) families = metrics_of(metrics, VT_METRIC_EXIT);
    g_autoptr(GArray) bars = new_bars();
    g_autofree char *scale = NULL, *all = NULL;
    const guint shown = count_bars(families->len, BARS_MAX);
    const VtMetric *hlt = vt_profile_get(profile, "exit.hlt");
    const double rest = sum_rates(families, shown);
    double busy = 0, full;

    vt_profile_busy_rate(profile, &busy);
    full = busy > 0           ? busy
           : families->len > 0 ? MAX(((const VtMetric *)families->pdata[0])->rate, rest)
                              : 0;
    for (guint i = 0; i < shown; i++) {
        const VtMetric *metric = g_ptr_array_index(families, i);

        add_bar(bars, profile, metric,
                rate_text("", metric->rate, busy > 0 ? metric->rate / busy : -1, profile->exits_low),
                metric->rate / full);
    }
    add_rest(bars, families->len - shown,
             rate_text("", rest, busy > 0 ? rest / busy : -1, profile->exits_low), rest / full);
    add_unnamed(bars, profile, busy);
    if (hlt && hlt->rate > 0) {
        double part = hlt->rate / (hlt->rate + busy);

        add_bar(bars, profile, hlt,
                rate_text("", hlt->rate, busy > 0 ? part : -1, profile->exits_low), part);
    }
    all = vt_text_format_count(full);
    scale = g_strdup_printf(
        busy <= 0            ? _("Per second and vCPU; a full bar is %s.")
        : profile->exits_low ? _("Per second and vCPU; a full bar is %s, the exits but HLT that "
                                 "were counted: there are more. HLT is idle time and no cost: its "
                                 "bar is its part of all that were counted.")
                             : _("Per second and vCPU; a full bar is %s, all exits but HLT. HLT is "
                                 "idle time and no cost: its bar is its part of all exits."),
        all);
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
    const gboolean idle = vt_metric_is_idle(x->name);

    if (idle != vt_metric_is_idle(y->name))
        return idle ? 1 : -1;
    if (x->time_ns != y->time_ns)
        return x->time_ns < y->time_ns ? 1 : -1;
    return g_strcmp0(x->name, y->name);
}

static void write_times(VtHtml *html, const VtProfile *profile, const GPtrArray *metrics)
{
    g_autoptr(GPtrArray) timed = g_ptr_array_new();
    g_autoptr(GArray) bars = new_bars();
    const double whole = vt_profile_vcpu_ns(profile);
    g_autofree char *scale = NULL;
    double most = 0, rest = 0, full;
    guint families = 0, shown;

    for (guint i = 0; i < metrics->len; i++) {
        VtMetric *metric = g_ptr_array_index(metrics, i);

        if (vt_metric_kind(metric->name) == VT_METRIC_EXIT && metric->has_time &&
            metric->time_ns > 0)
            g_ptr_array_add(timed, metric);
    }
    g_ptr_array_sort(timed, by_time);
    for (guint i = 0; i < timed->len; i++) {
        const VtMetric *metric = g_ptr_array_index(timed, i);

        families += !vt_metric_is_idle(metric->name);
    }
    shown = count_bars(families, BARS_MAX);
    for (guint i = shown; i < families; i++)
        rest += (double)((const VtMetric *)g_ptr_array_index(timed, i))->time_ns / whole;
    if (families > 0)
        most = (double)((const VtMetric *)timed->pdata[0])->time_ns / whole;
    full = round_up(MAX(most, rest));
    for (guint i = 0; i < timed->len; i++) {
        const VtMetric *metric = g_ptr_array_index(timed, i);
        const gboolean idle = vt_metric_is_idle(metric->name);
        double part = (double)metric->time_ns / whole;

        if (i == families) /* HLT is the last */
            add_rest(bars, families - shown, vt_report_html_figures_time(rest), rest / full);
        if (i < shown || idle)
            add_bar(bars, profile, metric, vt_report_html_figures_time(part), idle ? part : part / full);
    }
    if (families == timed->len)
        add_rest(bars, families - shown, vt_report_html_figures_time(rest), rest / full);
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
        profile->exits_low && !idle
            ? _("Windows: %1$u. Per second and vCPU, at least: median %2$s, from %3$s to %4$s.")
            : _("Windows: %1$u. Per second and vCPU: median %2$s, from %3$s to %4$s."),
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

static int by_part(gconstpointer a, gconstpointer b)
{
    const VtReportBar *x = a, *y = b;

    return (x->part < y->part) - (x->part > y->part);
}

/* The rates of those from @first on, which are cut off. */
static char *cut_vcpus(GArray *bars, guint first)
{
    g_autofree char *together = NULL, *each = NULL;
    const guint n = bars->len - first;
    double sum = 0;

    if (n == 0)
        return NULL;
    for (guint i = first; i < bars->len; i++)
        sum += g_array_index(bars, VtReportBar, i).part;
    together = vt_text_format_count(sum);
    each = vt_text_format_count(g_array_index(bars, VtReportBar, first).part);
    g_array_set_size(bars, first);
    return g_strdup_printf(_("vCPUs that are not shown: %1$u, with %2$s/s together and %3$s/s at "
                             "most."),
                           n, together, each);
}

/* Where vCPUs are told apart: whether one of them is worse than the others, the worst first. */
static void write_vcpus(VtHtml *html, const VtProfile *profile)
{
    g_autoptr(GArray) bars = new_bars();
    g_autofree char *scale = NULL, *all = NULL, *rest = NULL, *both = NULL;
    double full;

    for (guint i = 0; profile->numbered && i < profile->numbered->len; i++) {
        const guint vcpu = g_array_index(profile->numbered, guint, i);
        const VtMetric *worst = vt_profile_vcpu_worst(profile, vcpu);
        VtReportBar bar = {0};

        if (!vt_profile_vcpu_busy_rate(profile, vcpu, &bar.part))
            continue;
        bar.what = worst ? vt_report_words_metric(profile, worst->name) : NULL;
        bar.name = g_strdup_printf(_("vCPU %u"), vcpu);
        bar.value = rate_text(profile->exits_low ? "≥ " : "", bar.part, -1, FALSE);
        g_array_append_val(bars, bar);
    }
    if (bars->len < 2)
        return;
    g_array_sort(bars, by_part);
    rest = cut_vcpus(bars, count_bars(bars->len, VCPUS_MAX));
    full = MAX(g_array_index(bars, VtReportBar, 0).part, 1);
    for (guint i = 0; i < bars->len; i++)
        g_array_index(bars, VtReportBar, i).part /= full;
    all = vt_text_format_count(full);
    scale = g_strdup_printf(
        _("Exits but HLT per second of each vCPU, and what most of them are; a full bar "
          "is %s."),
        all);
    both = g_strdup_printf("%s %s", scale, rest ? rest : "");
    write_bars(html, _("Exits by vCPU"), g_strchomp(both), bars);
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
        g_autoptr(GPtrArray) causes = metrics_of(metrics, kinds[k].kind);
        g_autoptr(GArray) bars = new_bars();
        g_autofree char *scale = NULL, *all = NULL;
        const guint shown = count_bars(causes->len, BARS_MAX);
        const double rest = sum_rates(causes, shown);
        const VtMetric *most = causes->len > 0 ? g_ptr_array_index(causes, 0) : NULL;
        const char *bound =
            vt_report_words_bound(most ? vt_profile_bound(profile, most->name) : VT_BOUND_NONE, TRUE);
        double full = exits ? busy : rest;

        if (most)
            full = MAX(full, most->rate);
        for (guint i = 0; i < shown; i++) {
            const VtMetric *metric = g_ptr_array_index(causes, i);

            add_bar(bars, profile, metric,
                    rate_text(bound, metric->rate, exits ? metric->rate / full : -1,
                              profile->exits_low),
                    metric->rate / full);
        }
        add_rest(bars, causes->len - shown,
                 rate_text(bound, rest, exits ? rest / full : -1, profile->exits_low),
                 rest / full);
        all = vt_text_format_count(full);
        scale = g_strdup_printf(
            !exits               ? _("Per second and vCPU; a full bar is %s.")
            : profile->exits_low ? _("Per second and vCPU; a full bar is %s, the exits but HLT "
                                     "that were counted: there are more.")
                                 : _("Per second and vCPU; a full bar is %s, all exits but HLT."),
            all);
        write_bars(html, _(kinds[k].caption), scale, bars);
    }
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
    vt_report_html_figures_write(html, profile, metrics);
}
