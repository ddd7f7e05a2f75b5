/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What depends on a terminal: colour, width, a question. Nothing of it when there is none. */
#pragma once

#include <gio/gio.h>
#include <stdio.h>

typedef struct VtTerm VtTerm;

/* @out is where results go; colours need it to be a tty, NO_COLOR unset and TERM not "dumb". */
VtTerm *vt_term_new(FILE *out);
void vt_term_free(VtTerm *term);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtTerm, vt_term_free)

FILE *vt_term_out(VtTerm *term);
/* Columns of @out: the tty's, else 80, never below 24 or above 120. */
guint vt_term_width(VtTerm *term);
/* For a page that is not written to a terminal but shown on one. */
void vt_term_set_width(VtTerm *term, guint columns);
/* TRUE where lines have to fit: on a tty, and where the width was set. */
gboolean vt_term_is_bounded(VtTerm *term);
gboolean vt_term_is_tty(VtTerm *term);

typedef enum {
    VT_STYLE_NONE,
    VT_STYLE_BOLD,
    VT_STYLE_DIM,
    VT_STYLE_RED,
    VT_STYLE_YELLOW,
    VT_STYLE_GREEN,
    VT_STYLE_CYAN
} VtStyle;
/* The escape sequence that starts a style, "" without colour; VT_STYLE_NONE ends it. */
const char *vt_term_style(VtTerm *term, VtStyle style);

/* Asks on the terminal; FALSE for anything but yes, also where there is no terminal to ask on, and as
 * soon as @cancel (may be NULL) is cancelled. */
gboolean vt_term_confirm(VtTerm *term, const char *question, GCancellable *cancel);

/* Leaves the terminal, so that neither this program nor one that it starts (ssh) can ask anything on it, or in a window:
 * standard input is empty then. Standard output and error stay. */
void vt_term_leave(void);
