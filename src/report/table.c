/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libsmartcols as this program uses it. */
#include "config.h"

#include "report/table.h"

#include <locale.h>

#include "base/text.h"

struct libscols_table *vt_table_new(VtTerm *term)
{
    struct libscols_table *table = scols_new_table();

    scols_table_set_termwidth(table, vt_term_width(term));
    scols_table_set_termforce(table, SCOLS_TERMFORCE_ALWAYS);
    scols_table_set_stream(table, vt_term_out(term));
    return table;
}

const char *vt_table_glyph(const char *utf8, const char *ascii)
{
    return g_get_charset(NULL) ? utf8 : ascii;
}

char *vt_table_cut(const char *text, guint columns)
{
    g_autofree char *kept = NULL;

    if (vt_text_columns(text) <= columns)
        return g_strdup(text);
    kept = g_strndup(text, vt_text_cut(text, columns > 0 ? columns - 1 : 0));
    return g_strconcat(g_strchomp(kept), columns > 0 ? vt_table_glyph("…", "~") : "", NULL);
}

void vt_table_add_wrapped(struct libscols_table *table, const char *name)
{
    struct libscols_column *column = scols_table_new_column(table, name, 0.5, SCOLS_FL_WRAP);

    /* libsmartcols wraps inside of words; the lines come wrapped. */
    scols_column_set_safechars(column, "\n");
    scols_column_set_wrapfunc(column, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, NULL);
}

void vt_table_set_wrapped(VtTerm *term, struct libscols_line *line, gsize n, const char *text, guint before)
{
    guint width = vt_term_width(term);
    g_autofree char *wrapped = vt_text_wrap(text, width > before + 20 ? width - before - 1 : 20, 0);

    scols_line_set_data(line, n, wrapped);
}

/* Reports are UTF-8 in all locales, but libsmartcols takes cells for text in the locale's encoding, and writes \x80 for what
 * is none there. In that of C nothing but ASCII is wanted. */
static locale_t new_encoding(void)
{
    const char *charset;

    if (g_get_charset(&charset) || g_str_equal(charset, "ANSI_X3.4-1968"))
        return NULL;
    return newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
}

void vt_table_print(VtTerm *term, struct libscols_table *table)
{
    locale_t encoding = new_encoding();

    if (encoding)
        uselocale(encoding);
    scols_print_table(table);
    scols_unref_table(table);
    if (encoding) {
        uselocale(LC_GLOBAL_LOCALE);
        freelocale(encoding);
    }
}
