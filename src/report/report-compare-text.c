/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A comparison for people at a terminal. */
#include "config.h"

#include "report/report-compare.h"

#include "base/error.h"
#include "base/text.h"
#include "report/profile-table.h"
#include "report/report-page.h"
#include "report/table.h"

enum { COL_METRIC, COL_BEFORE, COL_BEFORE_RANGE, COL_AFTER, COL_AFTER_RANGE, COL_CHANGE, COL_CHANCE };

static gboolean is_moved(const VtCompareRow *row)
{
    return row->outcome == VT_COMPARE_FEWER || row->outcome == VT_COMPARE_MORE;
}

typedef struct {
    VtReportPage page;
    gboolean verbose;
    guint written;
} State;

static gpointer begin(VtTerm *term, gboolean verbose)
{
    static const char *const labels[] = {NULL};
    State *state = g_new0(State, 1);

    state->verbose = verbose;
    vt_report_page_init(&state->page, term, labels);
    return state;
}

static void write_heading(State *state, const VtReportCompare *compare)
{
    g_autofree char *then = vt_profile_table_sample(compare->before);
    g_autofree char *now = vt_profile_table_sample(compare->after);
    g_autofree char *heading =
        g_strdup_printf(_("%1$s: %2$s and %3$s, per second and vCPU"), compare->domain,
                        compare->before_is, compare->after_is);
    g_autofree char *before = g_strdup_printf(_("Before: %s."), then);
    g_autofree char *after = g_strdup_printf(_("After: %s."), now);

    vt_report_page_paragraph(&state->page, 0, 2, VT_STYLE_BOLD, heading);
    vt_report_page_paragraph(&state->page, 2, 0, VT_STYLE_NONE, before);
    vt_report_page_paragraph(&state->page, 2, 0, VT_STYLE_NONE, after);
    for (guint i = 0; i < compare->notes->len; i++)
        vt_report_page_paragraph(&state->page, 2, 0, VT_STYLE_YELLOW,
                                 g_ptr_array_index(compare->notes, i));
    vt_report_page_blank(&state->page);
}

static void add_row(struct libscols_table *table, const VtCompareRow *row, gboolean verbose)
{
    struct libscols_line *line = scols_table_new_line(table, NULL);
    g_autofree char *before = vt_report_compare_value(row, &row->before);
    g_autofree char *after = vt_report_compare_value(row, &row->after);
    g_autofree char *before_range = vt_report_compare_range(row, &row->before);
    g_autofree char *after_range = vt_report_compare_range(row, &row->after);
    g_autofree char *change = vt_report_compare_change(row);

    scols_line_set_data(line, COL_METRIC, vt_report_compare_metric(row));
    scols_line_set_data(line, COL_BEFORE, before);
    scols_line_set_data(line, COL_BEFORE_RANGE, before_range);
    scols_line_set_data(line, COL_AFTER, after);
    scols_line_set_data(line, COL_AFTER_RANGE, after_range);
    scols_line_set_data(line, COL_CHANGE,
                        *change || !is_moved(row) ? change : vt_report_compare_outcome(row));
    if (verbose) {
        g_autofree char *chance = vt_report_compare_chance(row);

        scols_line_set_data(line, COL_CHANCE, chance);
    }
}

/* Of which nothing can be told: their names by the reason. */
static void write_unknown(State *state, const VtReportCompare *compare)
{
    g_autoptr(GHashTable) done = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < compare->rows->len; i++) {
        const VtCompareRow *first = g_ptr_array_index(compare->rows, i);
        g_autoptr(GString) names = g_string_new(NULL);
        g_autofree char *text = NULL;

        if (first->outcome != VT_COMPARE_UNKNOWN || !g_hash_table_add(done, first->reason))
            continue;
        for (guint j = i; j < compare->rows->len; j++) {
            const VtCompareRow *row = g_ptr_array_index(compare->rows, j);

            if (row->outcome != VT_COMPARE_UNKNOWN || !g_str_equal(row->reason, first->reason))
                continue;
            g_string_append_printf(names, "%s%s", names->len ? ", " : "",
                                   vt_report_compare_metric(row));
        }
        text = g_strdup_printf(_("Nothing can be told (%1$s): %2$s."), first->reason, names->str);
        vt_report_page_paragraph(&state->page, 0, 2, VT_STYLE_DIM, text);
    }
}

static void write_rest(State *state, const VtReportCompare *compare, guint moved)
{
    const VtCompareRow *busy = g_ptr_array_index(compare->rows, 0);
    g_autofree char *rest = state->verbose ? NULL : vt_report_compare_rest(compare);

    if (moved == 0)
        vt_report_page_paragraph(&state->page, 0, 0, VT_STYLE_NONE,
                                 vt_report_compare_none_moved(compare));
    if (rest)
        vt_report_page_paragraph(&state->page, 0, 0, VT_STYLE_DIM, rest);
    if (state->verbose) {
        write_unknown(state, compare);
    } else if (busy->reason) {
        g_autofree char *text = g_strdup_printf(_("Nothing can be told (%1$s): %2$s."),
                                                busy->reason, vt_report_compare_metric(busy));

        vt_report_page_paragraph(&state->page, 0, 2, VT_STYLE_YELLOW, text);
    }
}

/* Exits but HLT, and what moved; --verbose: also what did not, and how likely chance is. */
static void write_rows(State *state, const VtReportCompare *compare)
{
    struct libscols_table *table = vt_table_new(state->page.term);
    guint moved = 0;

    scols_table_new_column(table, _("METRIC"), 0, 0);
    scols_table_new_column(table, _("BEFORE"), 0, SCOLS_FL_RIGHT);
    scols_table_new_column(table, _("(MIN TO MAX)"), 0, SCOLS_FL_RIGHT);
    scols_table_new_column(table, _("AFTER"), 0, SCOLS_FL_RIGHT);
    scols_table_new_column(table, _("(MIN TO MAX)"), 0, SCOLS_FL_RIGHT);
    scols_table_new_column(table, _("CHANGE"), 0, SCOLS_FL_RIGHT);
    if (state->verbose)
        scols_table_new_column(table, _("CHANCE"), 0, SCOLS_FL_RIGHT);
    for (guint i = 0; i < compare->rows->len; i++) {
        const VtCompareRow *row = g_ptr_array_index(compare->rows, i);

        if (i > 0 && row->outcome == VT_COMPARE_UNKNOWN)
            continue;
        if (i == 0 || state->verbose || is_moved(row))
            add_row(table, row, state->verbose);
        moved += is_moved(row);
    }
    vt_table_print(state->page.term, table);
    write_rest(state, compare, moved);
}

static VtStyle verdict_style(VtVerifyVerdict verdict)
{
    return verdict == VT_VERIFY_WORKED  ? VT_STYLE_GREEN
           : verdict == VT_VERIFY_WORSE ? VT_STYLE_RED
                                        : VT_STYLE_NONE;
}

static void write_causes(State *state, const VtReportCompare *compare)
{
    for (guint i = 0; compare->causes && i < compare->causes->len; i++) {
        const VtCause *cause = g_ptr_array_index(compare->causes, i);
        g_autofree char *text = vt_report_compare_cause(cause);

        vt_report_page_paragraph(&state->page, 0, 2, verdict_style(cause->verdict), text);
    }
    if (compare->causes_note)
        vt_report_page_paragraph(&state->page, 0, 2, VT_STYLE_NONE, compare->causes_note);
    if (compare->mismatch && (!compare->causes || compare->causes->len == 0))
        vt_report_page_paragraph(&state->page, 0, 2, VT_STYLE_YELLOW, compare->mismatch);
    for (guint i = 0; compare->facts && i < compare->facts->len; i++)
        vt_report_page_paragraph(&state->page, 0, 2, VT_STYLE_NONE,
                                 g_ptr_array_index(compare->facts, i));
    if (compare->diff && *compare->diff) {
        vt_report_page_blank(&state->page);
        vt_report_page_diff(&state->page, 0, compare->diff);
    }
}

static void write_compare(gpointer data, const VtReportCompare *compare)
{
    State *state = data;

    if (state->written++ > 0)
        vt_report_page_blank(&state->page);
    write_heading(state, compare);
    write_rows(state, compare);
    vt_report_page_blank(&state->page);
    write_causes(state, compare);
}

const VtReportCompareFormat vt_report_compare_text = {
    .name = "text",
    .begin = begin,
    .write = write_compare,
    .end = g_free,
};
