/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables that leave out columns rather than cut names, until they fit on the terminal. */
#pragma once

#include "base/term.h"

typedef struct {
    const char *title;
    gboolean right; /* numbers */
    guint rank;     /* the highest is left out first; 0: never left out */
    guint least;    /* not 0: words, which are cut with a mark, but not below so many columns */
    guint enough;   /* words: so many are worth more than the columns of the highest rank */
} VtFittedColumn;

typedef struct VtFitted VtFitted;

/* An empty table. Columns that no row has anything for are left out, but those of rank 0; elsewhere
 * than on a terminal all others are there, and nothing is cut. */
VtFitted *vt_fitted_new(const VtFittedColumn *columns, guint n);
void vt_fitted_free(VtFitted *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtFitted, vt_fitted_free)

/* Begins a row; vt_fitted_set() fills it. */
void vt_fitted_row(VtFitted *table);
/* Sets the cell @column of the last row; @text may have anything in it. */
void vt_fitted_set(VtFitted *table, guint column, const char *text);

void vt_fitted_print(const VtFitted *table, VtTerm *term);
