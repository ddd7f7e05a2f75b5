/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables for people: libsmartcols with the width of the terminal, and a last column that wraps between words. */
#pragma once

#include <libsmartcols.h>

#include "base/term.h"

/* A table that is as wide as @term; print it with vt_table_print(). */
struct libscols_table *vt_table_new(VtTerm *term);

/* @utf8 where the locale can show it, else @ascii: libsmartcols spells out what it cannot. */
const char *vt_table_glyph(const char *utf8, const char *ascii);

/* @text in @columns of the terminal: where it is cut, a mark stands at its end. The caller frees it. */
char *vt_table_cut(const char *text, guint columns);

/* Adds the last column, whose texts vt_table_set_wrapped() wraps. */
void vt_table_add_wrapped(struct libscols_table *table, const char *name);

/* Sets the text of the wrapped column @n, where the columns before it take @before columns of the terminal. */
void vt_table_set_wrapped(VtTerm *term, struct libscols_line *line, gsize n, const char *text, guint before);

/* Prints and frees it; an empty table prints nothing. */
void vt_table_print(VtTerm *term, struct libscols_table *table);
