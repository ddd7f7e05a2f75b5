/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rates and shares of a profile, families first, then what has a number. */
#include "config.h"

#include "report/profile-table.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

#include "base/text.h"
#include "model/metric.h"
#include "report/bars.h"
#include "report/fitted.h"
#include "report/report-words.h"
#include "report/table.h"
#include "report/vcpu-table.h"

/* Words of which less than so many columns are left say nothing; and of which so many are there, most. */
#define WORDS_LEAST 12
#define WORDS_ENOUGH 36

char *vt_profile_table_sample(const VtProfile *profile)
{
    g_autofree char *duration = vt_text_format_duration(profile->duration_ns);
    g_autofree char *sources = vt_profile_sources_text(profile);

    return g_strdup_printf(g_dngettext(GETTEXT_PACKAGE, "%s in %u window by %s",
                                       "%s in %u windows by %s", profile->windows->len),
                           duration, profile->windows->len, sources);
}

/* Families, then MSRs, ports, addresses, interrupts, then statistics; most first, and sleep last. */
static int by_kind_and_rate(gconstpointer a, gconstpointer b)
{
    const VtMetric *left = *(const VtMetric *const *)a, *right = *(const VtMetric *const *)b;
    int kind = (int)vt_metric_kind(left->name) - (int)vt_metric_kind(right->name);

    if (kind != 0)
        return kind;
    if (vt_metric_is_idle(left->name) != vt_metric_is_idle(right->name))
        return vt_metric_is_idle(left->name) - vt_metric_is_idle(right->name);
    if (left->rate != right->rate)
        return left->rate > right->rate ? -1 : 1;
    return g_strcmp0(left->name, right->name);
}

GPtrArray *vt_profile_table_metrics(const VtProfile *profile)
{
    GPtrArray *metrics = vt_profile_sorted(profile);

    for (guint i = metrics->len; i-- > 0;)
        if (((const VtMetric *)g_ptr_array_index(metrics, i))->count == 0)
            g_ptr_array_remove_index(metrics, i);
    g_ptr_array_sort(metrics, by_kind_and_rate);
    return metrics;
}

void vt_profile_table_each(GPtrArray *metrics, guint limit,
                           void (*row)(const VtMetric *metric, gpointer data),
                           void (*rest)(const VtMetric *const *first, guint n, gpointer data),
                           gpointer data)
{
    for (guint i = 0, end; i < metrics->len; i = end) {
        VtMetricKind kind = vt_metric_kind(((const VtMetric *)metrics->pdata[i])->name);
        guint shown;

        for (end = i; end < metrics->len; end++)
            if (vt_metric_kind(((const VtMetric *)metrics->pdata[end])->name) != kind)
                break;
        shown = limit > 0 && vt_metric_is_specific(kind) ? MIN(limit, end - i) : end - i;
        for (guint j = 0; j < shown; j++)
            row(g_ptr_array_index(metrics, i + j), data);
        if (rest && i + shown < end)
            rest((const VtMetric *const *)&metrics->pdata[i + shown], end - i - shown, data);
    }
}

char *vt_profile_table_rate(const VtProfile *profile, const VtMetric *metric)
{
    const VtMetric *hlt = vt_profile_get(profile, "exit.hlt");
    double busy = 0, rate = metric->rate;

    if (vt_profile_bound(profile, metric->name) == VT_BOUND_AT_LEAST && vt_profile_busy_rate(profile, &busy))
        rate = MAX(rate, busy + (hlt ? hlt->rate : 0));
    return vt_metric_format_rate(metric->name, rate);
}

char *vt_profile_table_rest(const VtMetric *first, guint n)
{
    return g_strdup_printf(_("%1$s: %2$u more"),
                           vt_metric_namespace(vt_metric_kind(first->name)), n);
}

enum {
    COL_METRIC,
    COL_RATE,
    COL_SHARE,
    COL_TIME,
    COL_MEDIAN,
    COL_P99,
    COL_RANGE,
    COL_WORDS,
    N_COLUMNS
};

/* What rows are made of. */
typedef struct {
    const VtProfile *profile;
    VtFitted *table;
    double busy;
} Rows;

static void set_quantile(VtFitted *table, guint column, const VtMetric *metric, double q)
{
    g_autofree char *text = NULL;
    guint64 ns;

    if (!vt_metric_quantile(metric, q, &ns))
        return;
    text = vt_text_format_about(ns);
    vt_fitted_set(table, column, text);
}

static void set_share(const Rows *rows, const VtMetric *metric)
{
    g_autofree char *share = NULL;

    if (vt_metric_kind(metric->name) != VT_METRIC_EXIT || rows->busy <= 0 || vt_metric_is_idle(metric->name))
        return;
    share = g_strdup_printf("%s%.1f %%", rows->profile->exits_low ? vt_table_glyph("≤ ", "<= ") : "",
                            100 * metric->rate / rows->busy);
    vt_fitted_set(rows->table, COL_SHARE, share);
}

static void set_times(const Rows *rows, const VtMetric *metric)
{
    g_autofree char *share = NULL;

    if (!metric->has_time)
        return;
    share = g_strdup_printf("%.1f %%", 100 * (double)metric->time_ns /
                                           vt_profile_vcpu_ns(rows->profile));
    vt_fitted_set(rows->table, COL_TIME, share);
    set_quantile(rows->table, COL_MEDIAN, metric, 0.5);
    set_quantile(rows->table, COL_P99, metric, 0.99);
}

static const char *mark_of(const Rows *rows, const VtMetric *metric)
{
    return vt_report_words_bound(vt_profile_bound(rows->profile, metric->name), g_get_charset(NULL));
}

static void set_range(const Rows *rows, const VtMetric *metric)
{
    g_autofree char *min = vt_metric_format_rate(metric->name, metric->min);
    g_autofree char *max = vt_metric_format_rate(metric->name, metric->max);
    g_autofree char *text = g_strconcat(min, vt_table_glyph("–", "-"), max, NULL);

    vt_fitted_set(rows->table, COL_RANGE, text);
}

static void add_row(const VtMetric *metric, gpointer data)
{
    const Rows *rows = data;
    g_autofree char *label = vt_report_words_row(rows->profile, metric);
    g_autofree char *count = vt_profile_table_rate(rows->profile, metric);
    g_autofree char *rate = g_strconcat(mark_of(rows, metric), count, NULL);

    vt_fitted_row(rows->table);
    vt_fitted_set(rows->table, COL_METRIC, metric->name);
    vt_fitted_set(rows->table, COL_RATE, rate);
    set_share(rows, metric);
    set_times(rows, metric);
    if (metric->whole_ns == 0 && vt_profile_bound(rows->profile, metric->name) != VT_BOUND_AT_LEAST)
        set_range(rows, metric);
    if (label)
        vt_fitted_set(rows->table, COL_WORDS, label);
}

/* The sum of what has no row. */
static void add_rest(const VtMetric *const *first, guint n, gpointer data)
{
    const Rows *rows = data;
    g_autofree char *name = vt_profile_table_rest(first[0], n);
    g_autofree char *sum = NULL, *rate = NULL;
    double count = 0;

    for (guint i = 0; i < n; i++)
        count += (double)first[i]->count;
    sum = vt_text_format_count(count * 1e9 / vt_profile_vcpu_ns(rows->profile));
    rate = g_strconcat(mark_of(rows, first[0]), sum, NULL);
    vt_fitted_row(rows->table);
    vt_fitted_set(rows->table, COL_METRIC, name);
    vt_fitted_set(rows->table, COL_RATE, rate);
}

static void print_metrics(VtTerm *term, const VtProfile *profile, guint limit)
{
    const VtFittedColumn columns[N_COLUMNS] = {
        [COL_METRIC] = {_("METRIC"), FALSE, 0, 0, 0},
        [COL_RATE] = {_("PER VCPU/S"), TRUE, 0, 0, 0},
        [COL_SHARE] = {_("OF NON-HLT"), TRUE, 1, 0, 0},
        [COL_TIME] = {_("OF A VCPU"), TRUE, 2, 0, 0},
        [COL_MEDIAN] = {_("MEDIAN"), TRUE, 4, 0, 0},
        [COL_P99] = {_("P99"), TRUE, 4, 0, 0},
        [COL_RANGE] = {_("WINDOWS"), TRUE, 5, 0, 0},
        [COL_WORDS] = {_("WHAT"), FALSE, 3, WORDS_LEAST, WORDS_ENOUGH},
    };
    g_autoptr(GPtrArray) metrics = vt_profile_table_metrics(profile);
    g_autoptr(VtFitted) table = vt_fitted_new(columns, N_COLUMNS);
    Rows rows = {profile, table, 0};

    vt_profile_busy_rate(profile, &rows.busy);
    vt_profile_table_each(metrics, limit, add_row, add_rest, &rows);
    vt_fitted_print(table, term);
}

/* A sentence below the heading, wrapped on a terminal. */
static void print_sentence(VtTerm *term, const char *sentence)
{
    g_autofree char *text = vt_text_printable(sentence, FALSE);
    g_autofree char *wrapped =
        vt_term_is_bounded(term) ? vt_text_wrap(text, vt_term_width(term), 2) : NULL;

    fprintf(vt_term_out(term), "  %s\n", wrapped ? wrapped : text);
}

static gboolean has_interrupts(const VtProfile *profile)
{
    GHashTableIter iter;
    gpointer name, metric;

    g_hash_table_iter_init(&iter, profile->metrics);
    while (g_hash_table_iter_next(&iter, &name, &metric))
        if (vt_metric_kind(name) == VT_METRIC_IRQ && ((const VtMetric *)metric)->count > 0)
            return TRUE;
    return FALSE;
}

static void print_title(VtTerm *term, const char *heading, const char *sample)
{
    g_autofree char *title = g_strdup_printf("%s: %s", heading, sample);
    g_autofree char *wrapped =
        vt_term_is_bounded(term) ? vt_text_wrap(title, vt_term_width(term), 2) : NULL;
    const char *text = wrapped ? wrapped : title;
    gsize bold = g_str_has_prefix(text, heading) ? strlen(heading) : 0;

    fprintf(vt_term_out(term), "%s%.*s%s%s\n", vt_term_style(term, VT_STYLE_BOLD), (int)bold, text,
            vt_term_style(term, VT_STYLE_NONE), text + bold);
}

/* What the numbers are of, and what they miss. */
static void print_head(VtTerm *term, const char *heading, const VtProfile *profile)
{
    g_autofree char *sample = vt_profile_table_sample(profile);
    double busy;

    print_title(term, heading, sample);
    if (vt_profile_busy_rate(profile, &busy)) {
        g_autofree char *rate = vt_text_format_count(busy);
        g_autofree char *sentence = g_strdup_printf(
            profile->exits_low ? _("At least %s exits per vCPU and second but HLT.")
                               : _("%s exits per vCPU and second but HLT."),
            rate);

        print_sentence(term, sentence);
    }
    for (guint i = 0; i < profile->notes->len; i++)
        print_sentence(term, g_ptr_array_index(profile->notes, i));
    if (profile->lost > 0) {
        g_autofree char *sentence = g_strdup_printf(
            _("%" PRIu64 " updates were lost: counts are too low."), profile->lost);

        print_sentence(term, sentence);
    }
    if (profile->irqs_at_most && has_interrupts(profile))
        print_sentence(term, _("Interrupts are those of all CPUs on which the vCPUs may run: a vCPU had at most "
                               "as many. Whose they are is known where each vCPU is pinned to a CPU of its own."));
    if (profile->exits_low)
        print_sentence(
            term,
            _("Not all exits are counted: there were more, and shares are at most as large."));
}

void vt_profile_table_print(VtTerm *term, const char *name, const VtProfile *profile,
                            const char *note, const VtProfileTableOptions *options)
{
    g_autofree char *heading = vt_text_printable(name, FALSE);

    if (!profile) {
        fprintf(vt_term_out(term), "%s: %s\n", heading, note ? note : _("nothing was measured"));
        return;
    }
    print_head(term, heading, profile);
    print_metrics(term, profile, options->limit);
    if (options->vcpus)
        vt_vcpu_table_print(term, profile, options->limit);
    if (options->histograms)
        vt_bars_print(term, profile, options->limit, options->vcpus, g_get_charset(NULL));
}
