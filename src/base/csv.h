/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records as RFC 4180 has them: a header, CRLF, and quotes only where they are needed. */
#pragma once

#include <glib.h>
#include <stdio.h>

/* Adds a field to the record @line; NULL is a field that is not known, and empty. Control characters
 * are shown as vt_text_printable() does, newlines stay. A text that a spreadsheet would take for a
 * formula gets an apostrophe before it, for it may be the work of whoever named a domain. */
void vt_csv_add(GString *line, const char *text);
/* Numbers; without an exponent, and with at most three decimals. */
void vt_csv_add_u64(GString *line, guint64 value);
void vt_csv_add_double(GString *line, double value);
/* Writes the record with its end and empties it. */
void vt_csv_end(GString *line, FILE *out);
/* A whole record of @names, up to NULL: the header. */
void vt_csv_head(const char *const *names, FILE *out);
