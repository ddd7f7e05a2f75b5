/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of the live view, for a terminal of any width. */
#pragma once

#include "report/top-view.h"

/* @text as the locale can show it: "?" for each character that it lacks. Whatever is padded has to go through it first,
 * since what stands for a character may be of another width. The caller frees it. */
char *vt_top_layout_shown(const char *text);

/* @text in exactly @width columns: cut at its end, or filled with spaces on the left or right. The caller frees it. */
char *vt_top_layout_fit(const char *text, guint width, gboolean right);

/* @text with each line that is wider than @width continued in further ones, which are indented more than its beginning:
 * after a space where there is one, else amid a word. A backslash marks the breaks where there is room for it (from 20
 * columns on). A shell takes the lines of a command for the same command: they break only where it lets them, amid a word
 * without an indent; those of a comment, which no backslash continues, begin with "#". One that cannot be broken so, for
 * what is in single quotes, ends in the mark of vt_table_cut(). Else nothing but the spaces at the breaks is lost. The caller frees it. */
char *vt_top_layout_wrap(const char *text, guint width);

/* The columns of the list on a terminal of @width columns: as many as fit, each as wide as its title and the widest
 * number in it at least; 0 for those that are left out. @cells: of vt_top_row_cells() for each row that is seen. */
void vt_top_layout_columns(const GPtrArray *cells, guint width, guint ret_widths[VT_TOP_COLUMNS]);

/* The titles, or the cells of a row, in columns of these widths. The caller frees it. */
char *vt_top_layout_titles(const guint widths[VT_TOP_COLUMNS]);
char *vt_top_layout_row(char **cells, const guint widths[VT_TOP_COLUMNS]);

/* The lines below a page, one or more: the filter that is being typed, else @message (may be NULL), else a filter that
 * is on, else @hint. The caller frees them. */
char **vt_top_layout_foot(const VtTopView *view, const char *message, const char *hint, guint width);
