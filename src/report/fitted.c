/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libsmartcols shrinks every column that it may cut in proportion, and without a mark: what fits is
 * decided here, and it only draws. */
#include "config.h"

#include "report/fitted.h"

#include "base/text.h"
#include "report/table.h"

struct VtFitted {
    guint n;
    VtFittedColumn *columns;
    char **titles;
    GPtrArray *rows; /* char ** of @n cells, NULL where nothing was set */
};

/* What of a table is shown. */
typedef struct {
    guint *widths; /* of the widest cell */
    gboolean *shown;
    guint room; /* for the words */
} Fit;

VtFitted *vt_fitted_new(const VtFittedColumn *columns, guint n)
{
    VtFitted *table = g_new0(VtFitted, 1);

    table->n = n;
    table->columns = g_memdup2(columns, n * sizeof *columns);
    table->titles = g_new0(char *, n + 1);
    for (guint i = 0; i < n; i++)
        table->titles[i] = g_strdup(columns[i].title);
    table->rows = g_ptr_array_new_with_free_func(g_free);
    return table;
}

void vt_fitted_free(VtFitted *table)
{
    if (!table)
        return;
    for (guint i = 0; i < table->rows->len; i++)
        for (guint c = 0; c < table->n; c++)
            g_free(((char **)table->rows->pdata[i])[c]);
    g_ptr_array_unref(table->rows);
    g_strfreev(table->titles);
    g_free(table->columns);
    g_free(table);
}

void vt_fitted_row(VtFitted *table)
{
    g_ptr_array_add(table->rows, g_new0(char *, table->n));
}

void vt_fitted_set(VtFitted *table, guint column, const char *text)
{
    char **cells = table->rows->pdata[table->rows->len - 1];

    g_free(cells[column]);
    cells[column] = vt_text_printable(text, FALSE);
}

static void measure(const VtFitted *table, Fit *fit)
{
    for (guint c = 0; c < table->n; c++) {
        fit->shown[c] = table->columns[c].rank == 0;
        for (guint i = 0; i < table->rows->len; i++) {
            const char *cell = ((char **)table->rows->pdata[i])[c];

            if (!cell || !*cell)
                continue;
            fit->shown[c] = TRUE;
            fit->widths[c] = MAX(fit->widths[c], vt_text_columns(cell));
        }
        fit->widths[c] = MAX(fit->widths[c], vt_text_columns(table->titles[c]));
    }
}

/* The columns of the terminal that it takes with the words as narrow as they may be, or with enough
 * of them. */
static guint used(const VtFitted *table, const Fit *fit, gboolean enough)
{
    guint sum = 0;

    for (guint c = 0; c < table->n; c++) {
        const VtFittedColumn *column = &table->columns[c];
        guint least = enough ? MAX(column->least, column->enough) : column->least;

        if (fit->shown[c])
            sum += (sum > 0) + (least > 0 ? MIN(fit->widths[c], least) : fit->widths[c]);
    }
    return sum;
}

/* Leaves out what does not fit in @width, and finds the room for words. */
static void leave_out(const VtFitted *table, Fit *fit, guint width)
{
    guint highest = 0, sum;

    for (guint c = 0; c < table->n; c++)
        highest = MAX(highest, table->columns[c].rank);
    for (guint rank = highest; rank > 0 && used(table, fit, rank == highest) > width; rank--)
        for (guint c = 0; c < table->n; c++)
            fit->shown[c] = fit->shown[c] && table->columns[c].rank != rank;
    sum = used(table, fit, FALSE);
    for (guint c = 0; c < table->n; c++)
        if (fit->shown[c] && table->columns[c].least > 0)
            fit->room = MIN(fit->widths[c], table->columns[c].least) + (sum < width ? width - sum : 0);
}

static void draw(const VtFitted *table, const Fit *fit, gboolean bounded, VtTerm *term)
{
    struct libscols_table *drawn = vt_table_new(term);

    scols_table_set_termforce(drawn, SCOLS_TERMFORCE_NEVER);
    for (guint c = 0; c < table->n; c++)
        /* The cells are printable: it is not to escape their escapes. */
        if (fit->shown[c])
            scols_column_set_safechars(scols_table_new_column(drawn, table->titles[c], 0,
                                                              table->columns[c].right ? SCOLS_FL_RIGHT : 0),
                                       "\\");
    for (guint i = 0; i < table->rows->len; i++) {
        struct libscols_line *line = scols_table_new_line(drawn, NULL);
        char **cells = table->rows->pdata[i];
        gsize at = 0;

        for (guint c = 0; c < table->n; c++) {
            g_autofree char *text = NULL;

            if (!fit->shown[c])
                continue;
            if (cells[c] && bounded && table->columns[c].least > 0)
                text = vt_table_cut(cells[c], fit->room);
            scols_line_set_data(line, at++, text ? text : cells[c] ? cells[c] : "");
        }
    }
    vt_table_print(term, drawn);
}

void vt_fitted_print(const VtFitted *table, VtTerm *term)
{
    g_autofree guint *widths = g_new0(guint, table->n);
    g_autofree gboolean *shown = g_new0(gboolean, table->n);
    Fit fit = {widths, shown, 0};
    gboolean bounded = vt_term_is_bounded(term);

    measure(table, &fit);
    if (bounded)
        leave_out(table, &fit, vt_term_width(term));
    draw(table, &fit, bounded, term);
}
