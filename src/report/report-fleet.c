/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What remains of a fleet after its domains were printed. */
#include "config.h"

#include "report/report-fleet.h"

#include <libsmartcols.h>

#include "base/error.h"
#include "base/text.h"
#include "report/report-rank.h"
#include "report/table.h"

struct VtReportFleet {
    GPtrArray *worst; /* VtReportRank, at most VT_REPORT_FLEET_MAX + 1, worst first */
    guint count, with_advice, not_measured;
};

VtReportFleet *vt_report_fleet_new(void)
{
    VtReportFleet *fleet = g_new0(VtReportFleet, 1);

    fleet->worst = g_ptr_array_new_with_free_func(vt_report_rank_free);
    return fleet;
}

void vt_report_fleet_free(VtReportFleet *fleet)
{
    if (!fleet)
        return;
    g_ptr_array_unref(fleet->worst);
    g_free(fleet);
}

void vt_report_fleet_add(VtReportFleet *fleet, const VtReportDomain *domain)
{
    VtReportRank *rank = vt_report_rank_new(domain);

    fleet->count++;
    fleet->not_measured += !domain->profile;
    if (rank->advice == 0) {
        vt_report_rank_free(rank);
        return;
    }
    fleet->with_advice++;
    g_ptr_array_add(fleet->worst, rank);
    g_ptr_array_sort(fleet->worst, vt_report_rank_compare);
    if (fleet->worst->len > VT_REPORT_FLEET_MAX)
        g_ptr_array_set_size(fleet->worst, VT_REPORT_FLEET_MAX);
}

guint vt_report_fleet_count(const VtReportFleet *fleet)
{
    return fleet->count;
}

char *vt_report_fleet_sentence(const VtReportFleet *fleet)
{
    g_autofree char *counts =
        g_strdup_printf(ngettext("%1$u domain: %2$u with advice, %3$u without.",
                                 "%1$u domains: %2$u with advice, %3$u without.", fleet->count),
                        fleet->count, fleet->with_advice, fleet->count - fleet->with_advice);
    g_autofree char *unmeasured = NULL;

    if (fleet->count == 0)
        return g_strdup(_("There is no domain to report on."));
    if (fleet->not_measured == 0)
        return g_steal_pointer(&counts);
    unmeasured = g_strdup_printf(ngettext("%u of them was not measured.",
                                          "%u of them were not measured.", fleet->not_measured),
                                 fleet->not_measured);
    return g_strconcat(counts, " ", unmeasured, NULL);
}

enum { COLUMN_DOMAIN, COLUMN_ADVICE, COLUMN_SEVERITY, COLUMN_GAIN, COLUMN_EXITS, COLUMN_FIRST };

static struct libscols_table *new_table(guint width)
{
    static const struct {
        const char *heading;
        double hint;
        int flags;
    } columns[] = {
        [COLUMN_DOMAIN] = {N_("DOMAIN"), 0.3, SCOLS_FL_TRUNC},
        [COLUMN_ADVICE] = {N_("ADVICE"), 6, SCOLS_FL_RIGHT},
        [COLUMN_SEVERITY] = {N_("SEVERITY"), 8, 0},
        [COLUMN_GAIN] = {N_("GAIN %"), 6, SCOLS_FL_RIGHT},
        [COLUMN_EXITS] = {N_("EXITS/S"), 7, SCOLS_FL_RIGHT},
        [COLUMN_FIRST] = {N_("FIRST"), 0.3, 0},
    };
    struct libscols_table *table = scols_new_table();

    if (!table)
        g_error("out of memory");
    scols_table_enable_noencoding(table, 1); /* the cells are printable already */
    scols_table_set_termwidth(table, width);
    scols_table_set_termforce(table, SCOLS_TERMFORCE_ALWAYS);
    for (gsize i = 0; i < G_N_ELEMENTS(columns); i++)
        if (!scols_table_new_column(table, _(columns[i].heading), columns[i].hint,
                                    columns[i].flags))
            g_error("out of memory");
    return table;
}

/* The table takes @text. */
static void set_cell(struct libscols_line *line, gsize column, char *text)
{
    if (scols_line_set_data(line, column, text) != 0)
        g_error("out of memory");
    g_free(text);
}

static void add_line(struct libscols_table *table, const VtReportRank *rank)
{
    struct libscols_line *line = scols_table_new_line(table, NULL);

    if (!line)
        g_error("out of memory");
    set_cell(line, COLUMN_DOMAIN, vt_text_printable(rank->name, FALSE));
    set_cell(line, COLUMN_ADVICE, g_strdup_printf("%u", rank->advice));
    set_cell(line, COLUMN_SEVERITY, g_strdup(vt_severity_name(rank->severity)));
    set_cell(line, COLUMN_GAIN,
             rank->has_gain ? g_strdup_printf("%.1f", rank->gain_pct) : g_strdup("-"));
    set_cell(line, COLUMN_EXITS, vt_report_rank_rate(rank, vt_table_glyph("≥ ", ">= "), "-"));
    set_cell(line, COLUMN_FIRST, g_strdup(rank->first));
}

char *vt_report_fleet_table(const VtReportFleet *fleet, guint width)
{
    struct libscols_table *table;
    char *printed = NULL, *text;

    if (fleet->worst->len == 0)
        return NULL;
    table = new_table(width);
    for (guint i = 0; i < fleet->worst->len; i++)
        add_line(table, g_ptr_array_index(fleet->worst, i));
    if (scols_print_table_to_string(table, &printed) != 0)
        g_error("out of memory");
    scols_unref_table(table);
    /* Not every version ends the last line. */
    text = g_strdup_printf("%s\n", g_strchomp(printed));
    free(printed);
    return text;
}
