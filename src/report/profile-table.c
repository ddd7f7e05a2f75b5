/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rates and shares of a profile, families first, then what has a number. */
#include "config.h"

#include "report/profile-table.h"

#include <inttypes.h>

#include <glib/gi18n.h>

#include "base/text.h"
#include "model/metric.h"
#include "report/bars.h"
#include "report/report-words.h"
#include "report/table.h"
#include "report/vcpu-table.h"

/* What columns take of a terminal, the space before them included: a share, the three of times, and
 * words of which anything is left. */
#define WIDTH_SHARE 11
#define WIDTH_TIMES 27
#define WIDTH_WORDS 13

char *vt_profile_table_sample(const VtProfile *profile)
{
    g_autofree char *duration = vt_text_format_duration(profile->duration_ns);
    g_autofree char *sources = vt_profile_sources_text(profile);

    return g_strdup_printf(g_dngettext(GETTEXT_PACKAGE, "%s in %u window by %s",
                                       "%s in %u windows by %s", profile->windows->len),
                           duration, profile->windows->len, sources);
}

struct libscols_table *vt_profile_table_new(VtTerm *term)
{
    struct libscols_table *table = vt_table_new(term);

    if (!vt_term_is_bounded(term))
        scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
    return table;
}

static gboolean is_idle(const VtMetric *metric)
{
    return g_str_equal(metric->name, "exit.hlt");
}

/* Families, then MSRs, ports, addresses, interrupts, then statistics; most first, and sleep last. */
static int by_kind_and_rate(gconstpointer a, gconstpointer b)
{
    const VtMetric *left = *(const VtMetric *const *)a, *right = *(const VtMetric *const *)b;
    int kind = (int)vt_metric_kind(left->name) - (int)vt_metric_kind(right->name);

    if (kind != 0)
        return kind;
    if (is_idle(left) != is_idle(right))
        return is_idle(left) - is_idle(right);
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

char *vt_profile_table_rest(const VtMetric *first, guint n)
{
    return g_strdup_printf(_("%1$s: %2$u more"),
                           vt_metric_namespace(vt_metric_kind(first->name)), n);
}

/* What rows are made of. */
typedef struct {
    const VtProfile *profile;
    struct libscols_table *table;
    double busy;
    gboolean share, times, range, words; /* which columns there are */
} Rows;

/* The columns behind the first two follow in the order of those that there are. */
enum { COL_METRIC, COL_RATE, COL_REST };

static void set_quantile(struct libscols_line *line, gsize at, const VtMetric *metric, double q)
{
    g_autofree char *text = NULL;
    guint64 ns;

    if (!vt_metric_quantile(metric, q, &ns))
        return;
    text = vt_text_format_duration(ns);
    scols_line_set_data(line, at, text);
}

static void set_share(struct libscols_line *line, gsize at, const Rows *rows,
                      const VtMetric *metric)
{
    g_autofree char *share = NULL;

    if (vt_metric_kind(metric->name) != VT_METRIC_EXIT || rows->busy <= 0 || is_idle(metric))
        return;
    share = g_strdup_printf("%s%.1f %%", rows->profile->exits_low ? vt_table_glyph("≤ ", "<= ") : "",
                            100 * metric->rate / rows->busy);
    scols_line_set_data(line, at, share);
}

static void set_times(struct libscols_line *line, gsize at, const Rows *rows,
                      const VtMetric *metric)
{
    g_autofree char *share = NULL;

    if (!metric->has_time)
        return;
    share = g_strdup_printf("%.1f %%", 100 * (double)metric->time_ns /
                                           vt_profile_vcpu_ns(rows->profile));
    scols_line_set_data(line, at, share);
    set_quantile(line, at + 1, metric, 0.5);
    set_quantile(line, at + 2, metric, 0.99);
}

static char *range_of(const VtMetric *metric)
{
    g_autofree char *min = vt_text_format_count(metric->min);
    g_autofree char *max = vt_text_format_count(metric->max);

    return g_strconcat(min, vt_table_glyph("–", "-"), max, NULL);
}

static void add_row(const VtMetric *metric, gpointer data)
{
    const Rows *rows = data;
    struct libscols_line *line = scols_table_new_line(rows->table, NULL);
    g_autofree char *label = vt_report_words_row(rows->profile, metric);
    g_autofree char *rate = vt_text_format_count(metric->rate);
    gsize at = COL_REST;

    scols_line_set_data(line, COL_METRIC, metric->name);
    scols_line_set_data(line, COL_RATE, rate);
    if (rows->share)
        set_share(line, at++, rows, metric);
    if (rows->times) {
        set_times(line, at, rows, metric);
        at += 3;
    }
    if (rows->range && metric->whole_ns > 0) {
        at++;
    } else if (rows->range) {
        g_autofree char *range = range_of(metric);

        scols_line_set_data(line, at++, range);
    }
    if (rows->words)
        scols_line_set_data(line, at, label ? label : "");
}

/* The sum of what has no row. */
static void add_rest(const VtMetric *const *first, guint n, gpointer data)
{
    const Rows *rows = data;
    struct libscols_line *line = scols_table_new_line(rows->table, NULL);
    g_autofree char *name = vt_profile_table_rest(first[0], n);
    g_autofree char *rate = NULL;
    double count = 0;

    for (guint i = 0; i < n; i++)
        count += (double)first[i]->count;
    rate = vt_text_format_count(count * 1e9 / vt_profile_vcpu_ns(rows->profile));
    scols_line_set_data(line, COL_METRIC, name);
    scols_line_set_data(line, COL_RATE, rate);
}

static gboolean has_times(GPtrArray *metrics)
{
    for (guint i = 0; i < metrics->len; i++)
        if (((const VtMetric *)g_ptr_array_index(metrics, i))->has_time)
            return TRUE;
    return FALSE;
}

/* Leaves out what does not fit on the terminal: the range first, then the words, times, shares. */
static void fit(Rows *rows, GPtrArray *metrics, guint width)
{
    guint name = 0, rate = vt_text_columns(_("PER VCPU/S")), range = 0, used;

    for (guint i = 0; i < metrics->len; i++) {
        const VtMetric *metric = g_ptr_array_index(metrics, i);
        g_autofree char *count = vt_text_format_count(metric->rate);
        g_autofree char *between = range_of(metric);

        name = MAX(name, vt_text_columns(metric->name));
        rate = MAX(rate, vt_text_columns(count));
        range = MAX(range, vt_text_columns(between));
    }
    used = name + 1 + rate;
    rows->share = used + WIDTH_SHARE <= width;
    used += rows->share ? WIDTH_SHARE : 0;
    rows->times = rows->times && used + WIDTH_TIMES <= width;
    used += rows->times ? WIDTH_TIMES : 0;
    rows->words = used + WIDTH_WORDS <= width;
    rows->range = used + 1 + range + (rows->words ? WIDTH_WORDS : 0) <= width;
}

static void print_metrics(VtTerm *term, const VtProfile *profile, guint limit)
{
    g_autoptr(GPtrArray) metrics = vt_profile_table_metrics(profile);
    gboolean tty = vt_term_is_bounded(term);
    Rows rows = {
        .profile = profile,
        .table = vt_profile_table_new(term),
        .share = TRUE,
        .times = has_times(metrics),
        .range = TRUE,
        .words = TRUE,
    };

    if (tty)
        fit(&rows, metrics, vt_term_width(term));
    vt_profile_busy_rate(profile, &rows.busy);
    scols_table_new_column(rows.table, _("METRIC"), 0, tty ? SCOLS_FL_TRUNC : 0);
    scols_table_new_column(rows.table, _("PER VCPU/S"), 0, SCOLS_FL_RIGHT);
    if (rows.share)
        scols_table_new_column(rows.table, _("OF NON-HLT"), 0, SCOLS_FL_RIGHT);
    if (rows.times) {
        scols_table_new_column(rows.table, _("OF A VCPU"), 0, SCOLS_FL_RIGHT);
        scols_table_new_column(rows.table, _("MEDIAN"), 0, SCOLS_FL_RIGHT);
        scols_table_new_column(rows.table, _("P99"), 0, SCOLS_FL_RIGHT);
    }
    if (rows.range)
        scols_table_new_column(rows.table, _("WINDOWS"), 0, SCOLS_FL_RIGHT);
    if (rows.words)
        scols_table_new_column(rows.table, _("WHAT"), 0.3, SCOLS_FL_TRUNC);
    vt_profile_table_each(metrics, limit, add_row, add_rest, &rows);
    vt_table_print(term, rows.table);
}

/* A sentence below the heading, wrapped on a terminal. */
static void print_sentence(VtTerm *term, const char *sentence)
{
    g_autofree char *text = vt_text_printable(sentence, FALSE);
    g_autofree char *wrapped =
        vt_term_is_bounded(term) ? vt_text_wrap(text, vt_term_width(term), 2) : NULL;

    fprintf(vt_term_out(term), "  %s\n", wrapped ? wrapped : text);
}

/* What the numbers are of, and what they miss. */
static void print_head(VtTerm *term, const char *heading, const VtProfile *profile)
{
    g_autofree char *sample = vt_profile_table_sample(profile);
    FILE *out = vt_term_out(term);
    double busy;

    fprintf(out, "%s%s%s: %s\n", vt_term_style(term, VT_STYLE_BOLD), heading,
            vt_term_style(term, VT_STYLE_NONE), sample);
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
