/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "report/vcpu-table.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/text.h"
#include "model/metric.h"
#include "model/profile-vcpu.h"
#include "report/profile-table.h"
#include "report/table.h"

#define HLT "exit.hlt"
#define RUN_DELAY "sched.run-delay-ns"
/* Columns of a terminal below which the lines leave out times, and the rate of what is most. */
#define WIDTH_TIMES 60
#define WIDTH_RATE 44
/* What the names of metrics and one rate take of a terminal. */
#define NAME_WIDTH 26
#define RATE_WIDTH 12

/* Columns of the line for each vCPU; those that nothing was measured for are left out. */
typedef struct {
    const VtProfile *profile;
    struct libscols_table *table;
    gboolean times, delay, rate;
} Summary;

static guint vcpu_at(const VtProfile *profile, guint i)
{
    return g_array_index(profile->numbered, guint, i);
}

/* In the families of exits but HLT. FALSE where no time was measured. */
static gboolean time_out(const VtProfile *profile, guint vcpu, guint64 *ret_ns)
{
    gboolean known = FALSE;
    GHashTableIter iter;
    gpointer value;

    *ret_ns = 0;
    g_hash_table_iter_init(&iter, profile->metrics);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const VtMetric *metric = value;
        const VtMetricVcpu *part = vt_profile_vcpu_get(metric, vcpu);

        if (!metric->has_time || vt_metric_kind(metric->name) != VT_METRIC_EXIT ||
            strcmp(metric->name, HLT) == 0)
            continue;
        known = TRUE;
        if (part)
            *ret_ns = vt_profile_sum(*ret_ns, part->time_ns);
    }
    return known;
}

static void set_share(struct libscols_line *line, gsize column, const VtProfile *profile,
                      guint64 ns)
{
    g_autofree char *text =
        g_strdup_printf("%.1f %%", 100 * (double)ns / (double)profile->duration_ns);

    scols_line_set_data(line, column, text);
}

static void set_rate(struct libscols_line *line, gsize column, const char *prefix, double rate)
{
    g_autofree char *count = vt_text_format_count(rate);
    g_autofree char *text = g_strconcat(prefix, count, NULL);

    scols_line_set_data(line, column, text);
}

/* The rate of a vCPU of a metric that is told apart; FALSE of any other. */
static gboolean rate_of(const VtMetric *metric, guint vcpu, double *ret_rate)
{
    const VtMetricVcpu *part = metric ? vt_profile_vcpu_get(metric, vcpu) : NULL;

    if (!metric || (!metric->vcpus && metric->count > 0))
        return FALSE;
    *ret_rate = part ? part->rate : 0;
    return TRUE;
}

static void add_vcpu(const Summary *summary, guint vcpu)
{
    const VtProfile *profile = summary->profile;
    struct libscols_line *line = scols_table_new_line(summary->table, NULL);
    g_autofree char *number = g_strdup_printf("%u", vcpu);
    const VtMetric *worst = vt_profile_vcpu_worst(profile, vcpu);
    gsize column = 0;
    double rate;
    guint64 ns;

    scols_line_set_data(line, column++, number);
    if (vt_profile_vcpu_busy_rate(profile, vcpu, &rate))
        set_rate(line, column, profile->exits_low ? vt_table_glyph("≥ ", ">= ") : "", rate);
    column++;
    if (rate_of(vt_profile_get(profile, HLT), vcpu, &rate))
        set_rate(line, column, "", rate);
    column++;
    if (summary->times && time_out(profile, vcpu, &ns))
        set_share(line, column, profile, ns);
    column += summary->times;
    if (summary->delay) {
        const VtMetricVcpu *delay = vt_profile_vcpu_get(vt_profile_get(profile, RUN_DELAY), vcpu);

        set_share(line, column++, profile, delay ? delay->count : 0);
    }
    if (!worst)
        return;
    scols_line_set_data(line, column, worst->name);
    if (summary->rate && rate_of(worst, vcpu, &rate))
        set_rate(line, column + 1, "", rate);
}

static void print_summary(VtTerm *term, const VtProfile *profile)
{
    const VtMetric *delay = vt_profile_get(profile, RUN_DELAY);
    guint width = vt_term_is_bounded(term) ? vt_term_width(term) : G_MAXUINT;
    guint64 ignored;
    Summary summary = {
        .profile = profile,
        .table = vt_profile_table_new(term),
        .times = width >= WIDTH_TIMES && time_out(profile, vcpu_at(profile, 0), &ignored),
        .delay = width >= WIDTH_TIMES && delay && delay->vcpus,
        .rate = width >= WIDTH_RATE,
    };

    scols_table_new_column(summary.table, _("VCPU"), 0, SCOLS_FL_RIGHT);
    scols_table_new_column(summary.table, _("NON-HLT/S"), 0, SCOLS_FL_RIGHT);
    scols_table_new_column(summary.table, _("HLT/S"), 0, SCOLS_FL_RIGHT);
    if (summary.times)
        scols_table_new_column(summary.table, _("TIME"), 0, SCOLS_FL_RIGHT);
    if (summary.delay)
        scols_table_new_column(summary.table, _("RUN DELAY"), 0, SCOLS_FL_RIGHT);
    scols_table_new_column(summary.table, _("MOST"), 0, width < G_MAXUINT ? SCOLS_FL_TRUNC : 0);
    if (summary.rate)
        scols_table_new_column(summary.table, _("OF IT/S"), 0, SCOLS_FL_RIGHT);
    for (guint i = 0; i < profile->numbered->len; i++)
        add_vcpu(&summary, vcpu_at(profile, i));
    vt_table_print(term, summary.table);
}

/* The vCPUs at @first to @end - 1 of the numbered ones, a column each. */
typedef struct {
    const VtProfile *profile;
    struct libscols_table *table;
    guint first, end;
    gboolean others; /* a column for what no vCPU has */
} Matrix;

/* What other threads have of a metric that is told apart. */
static guint64 others_of(const VtMetric *metric)
{
    guint64 vcpus = 0;

    if (!metric->vcpus)
        return 0;
    for (guint i = 0; i < metric->vcpus->len; i++)
        vcpus = vt_profile_sum(vcpus, ((const VtMetricVcpu *)metric->vcpus->pdata[i])->count);
    return metric->count > vcpus ? metric->count - vcpus : 0;
}

static double per_second(const VtProfile *profile, double count)
{
    return count * 1e9 / (double)profile->duration_ns;
}

static void add_metric(const VtMetric *metric, gpointer data)
{
    const Matrix *matrix = data;
    struct libscols_line *line = scols_table_new_line(matrix->table, NULL);
    gsize column = 0;

    scols_line_set_data(line, column++, metric->name);
    for (guint i = matrix->first; i < matrix->end; i++, column++) {
        double rate;

        if (rate_of(metric, vcpu_at(matrix->profile, i), &rate))
            set_rate(line, column, "", rate);
    }
    if (matrix->others)
        set_rate(line, column, "", per_second(matrix->profile, (double)others_of(metric)));
}

static void add_rest(const VtMetric *const *first, guint n, gpointer data)
{
    const Matrix *matrix = data;
    struct libscols_line *line = scols_table_new_line(matrix->table, NULL);
    g_autofree char *name = vt_profile_table_rest(first[0], n);
    gsize column = 0;

    scols_line_set_data(line, column++, name);
    for (guint i = matrix->first; i < matrix->end; i++, column++) {
        double count = 0;

        for (guint j = 0; j < n; j++) {
            const VtMetricVcpu *part =
                vt_profile_vcpu_get(first[j], vcpu_at(matrix->profile, i));

            count += part ? (double)part->count : 0;
        }
        set_rate(line, column, "", per_second(matrix->profile, count));
    }
}

static void print_matrix(VtTerm *term, const VtProfile *profile, GPtrArray *metrics, guint limit,
                         guint first, guint end, gboolean others)
{
    Matrix matrix = {profile, vt_profile_table_new(term), first, end, others};

    scols_table_new_column(matrix.table, _("PER SECOND"), 0, 0);
    for (guint i = first; i < end; i++) {
        g_autofree char *heading = g_strdup_printf(_("VCPU %u"), vcpu_at(profile, i));

        scols_table_new_column(matrix.table, heading, 0, SCOLS_FL_RIGHT);
    }
    if (others)
        scols_table_new_column(matrix.table, _("OTHERS"), 0, SCOLS_FL_RIGHT);
    vt_profile_table_each(metrics, limit, add_metric, add_rest, &matrix);
    vt_table_print(term, matrix.table);
}

/* How many vCPUs fit side by side: at least one, and all where there is no terminal. */
static guint columns_of(VtTerm *term, const VtProfile *profile)
{
    guint width = vt_term_width(term);

    if (!vt_term_is_bounded(term))
        return profile->numbered->len + 1;
    return MAX(width > NAME_WIDTH ? (width - NAME_WIDTH) / RATE_WIDTH : 0, 1);
}

void vt_vcpu_table_print(VtTerm *term, const VtProfile *profile, guint limit)
{
    g_autoptr(GPtrArray) metrics = vt_profile_table_metrics(profile);
    gboolean others = FALSE;
    guint columns;

    if (!profile->numbered) {
        fprintf(vt_term_out(term), "\n%s\n",
                _("Which vCPU has how much was not kept: sample with --vcpu."));
        return;
    }
    for (guint i = metrics->len; i-- > 0;) {
        const VtMetric *metric = g_ptr_array_index(metrics, i);

        others = others || others_of(metric) > 0;
        if (!metric->vcpus)
            g_ptr_array_remove_index(metrics, i);
    }
    fputc('\n', vt_term_out(term));
    print_summary(term, profile);
    columns = columns_of(term, profile);
    for (guint first = 0, end; metrics->len > 0 && first < profile->numbered->len; first = end) {
        /* The others stand behind the last vCPU. */
        gboolean last = profile->numbered->len - first <= columns - others;

        end = last ? profile->numbered->len : MIN(first + columns, profile->numbered->len);
        fputc('\n', vt_term_out(term));
        print_matrix(term, profile, metrics, limit, first, end,
                     others && end == profile->numbered->len);
    }
}
