/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "report/vcpu-table.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/text.h"
#include "model/metric.h"
#include "model/profile-vcpu.h"
#include "report/fitted.h"
#include "report/profile-table.h"
#include "report/table.h"

#define HLT "exit.hlt"
#define RUN_DELAY "sched.run-delay-ns"
/* What a rate takes of a terminal, the space before it included. */
#define RATE_WIDTH 12

enum { COL_VCPU, COL_BUSY, COL_HLT, COL_TIME, COL_DELAY, COL_MOST, COL_OF_IT, N_COLUMNS };

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

static void set_share(VtFitted *table, guint column, const VtProfile *profile, guint64 ns)
{
    g_autofree char *text =
        g_strdup_printf("%.1f %%", 100 * (double)ns / (double)profile->duration_ns);

    vt_fitted_set(table, column, text);
}

static void set_rate(VtFitted *table, guint column, const char *prefix, const char *metric, double rate)
{
    g_autofree char *count = vt_metric_format_rate(metric, rate);
    g_autofree char *text = g_strconcat(prefix, count, NULL);

    vt_fitted_set(table, column, text);
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

static void add_vcpu(VtFitted *table, const VtProfile *profile, guint vcpu)
{
    g_autofree char *number = g_strdup_printf("%u", vcpu);
    const VtMetric *worst = vt_profile_vcpu_worst(profile, vcpu);
    const VtMetric *delay = vt_profile_get(profile, RUN_DELAY);
    double rate;
    guint64 ns;

    vt_fitted_row(table);
    vt_fitted_set(table, COL_VCPU, number);
    if (vt_profile_vcpu_busy_rate(profile, vcpu, &rate))
        set_rate(table, COL_BUSY, profile->exits_low ? vt_table_glyph("≥ ", ">= ") : "", "exits", rate);
    if (rate_of(vt_profile_get(profile, HLT), vcpu, &rate))
        set_rate(table, COL_HLT, "", HLT, rate);
    if (time_out(profile, vcpu, &ns))
        set_share(table, COL_TIME, profile, ns);
    if (delay && delay->vcpus) {
        const VtMetricVcpu *part = vt_profile_vcpu_get(delay, vcpu);

        set_share(table, COL_DELAY, profile, part ? part->count : 0);
    }
    if (!worst)
        return;
    vt_fitted_set(table, COL_MOST, worst->name);
    if (rate_of(worst, vcpu, &rate))
        set_rate(table, COL_OF_IT, "", worst->name, rate);
}

static void print_summary(VtTerm *term, const VtProfile *profile)
{
    const VtFittedColumn columns[N_COLUMNS] = {
        [COL_VCPU] = {_("VCPU"), TRUE, 0, 0, 0},       [COL_BUSY] = {_("NON-HLT/S"), TRUE, 0, 0, 0},
        [COL_HLT] = {_("HLT/S"), TRUE, 1, 0, 0},       [COL_TIME] = {_("TIME"), TRUE, 4, 0, 0},
        [COL_DELAY] = {_("RUN DELAY"), TRUE, 4, 0, 0}, [COL_MOST] = {_("MOST"), FALSE, 2, 0, 0},
        [COL_OF_IT] = {_("OF IT/S"), TRUE, 3, 0, 0},
    };
    g_autoptr(VtFitted) table = vt_fitted_new(columns, N_COLUMNS);

    for (guint i = 0; i < profile->numbered->len; i++)
        add_vcpu(table, profile, vcpu_at(profile, i));
    vt_fitted_print(table, term);
}

/* The vCPUs at @first to @end - 1 of the numbered ones, a column each. */
typedef struct {
    const VtProfile *profile;
    VtFitted *table;
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
    guint column = 0;

    vt_fitted_row(matrix->table);
    vt_fitted_set(matrix->table, column++, metric->name);
    for (guint i = matrix->first; i < matrix->end; i++, column++) {
        double rate;

        if (rate_of(metric, vcpu_at(matrix->profile, i), &rate))
            set_rate(matrix->table, column, "", metric->name, rate);
    }
    if (matrix->others)
        set_rate(matrix->table, column, "", metric->name,
                 per_second(matrix->profile, (double)others_of(metric)));
}

static void add_rest(const VtMetric *const *first, guint n, gpointer data)
{
    const Matrix *matrix = data;
    g_autofree char *name = vt_profile_table_rest(first[0], n);
    guint column = 0;

    vt_fitted_row(matrix->table);
    vt_fitted_set(matrix->table, column++, name);
    for (guint i = matrix->first; i < matrix->end; i++, column++) {
        double count = 0;

        for (guint j = 0; j < n; j++) {
            const VtMetricVcpu *part =
                vt_profile_vcpu_get(first[j], vcpu_at(matrix->profile, i));

            count += part ? (double)part->count : 0;
        }
        set_rate(matrix->table, column, "", first[0]->name, per_second(matrix->profile, count));
    }
}

static void print_matrix(VtTerm *term, const VtProfile *profile, GPtrArray *metrics, guint limit,
                         guint first, guint end, gboolean others)
{
    guint n = end - first + 1 + others;
    g_autofree VtFittedColumn *columns = g_new0(VtFittedColumn, n);
    g_autoptr(GPtrArray) headings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(VtFitted) table = NULL;
    Matrix matrix = {profile, NULL, first, end, others};

    columns[0].title = _("PER SECOND");
    for (guint i = first; i < end; i++) {
        g_ptr_array_add(headings, g_strdup_printf(_("VCPU %u"), vcpu_at(profile, i)));
        columns[1 + i - first] = (VtFittedColumn){headings->pdata[i - first], TRUE, 0, 0, 0};
    }
    if (others)
        columns[n - 1] = (VtFittedColumn){_("OTHERS"), TRUE, 0, 0, 0};
    matrix.table = table = vt_fitted_new(columns, n);
    vt_profile_table_each(metrics, limit, add_metric, add_rest, &matrix);
    vt_fitted_print(table, term);
}

/* How many vCPUs fit side by side: at least one, and all where there is no terminal. */
static guint columns_of(VtTerm *term, const VtProfile *profile, GPtrArray *metrics)
{
    guint width = vt_term_width(term), name = vt_text_columns(_("PER SECOND"));

    if (!vt_term_is_bounded(term))
        return profile->numbered->len + 1;
    for (guint i = 0; i < metrics->len; i++)
        name = MAX(name, vt_text_columns(((const VtMetric *)metrics->pdata[i])->name));
    return MAX(width > name ? (width - name) / RATE_WIDTH : 0, 1);
}

void vt_vcpu_table_print(VtTerm *term, const VtProfile *profile, guint limit)
{
    g_autoptr(GPtrArray) metrics = vt_profile_table_metrics(profile);
    gboolean others = FALSE;
    guint columns;

    if (!profile->numbered) {
        fprintf(vt_term_out(term), "\n%s\n",
                _("Which vCPU has how much is not in this profile: only a sample with --vcpu has it, or an import with --vcpu "
                  "of a recording that tells."));
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
    columns = columns_of(term, profile, metrics);
    for (guint first = 0, end; metrics->len > 0 && first < profile->numbered->len; first = end) {
        /* The others stand behind the last vCPU. */
        gboolean last = profile->numbered->len - first <= columns - others;

        end = last ? profile->numbered->len : MIN(first + columns, profile->numbered->len);
        fputc('\n', vt_term_out(term));
        print_matrix(term, profile, metrics, limit, first, end,
                     others && end == profile->numbered->len);
    }
}
