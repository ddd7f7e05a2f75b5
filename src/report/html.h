/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes HTML 5 by libxml2's text writer: every text and every value of an attribute is escaped,
 * and what would act on a terminal or turn the direction of text is shown as it is in the other
 * reports. */
#pragma once

#include <glib.h>
#include <stdio.h>

typedef struct VtHtml VtHtml;

/* @out stays the caller's. */
VtHtml *vt_html_new(FILE *out);
/* Closes what is open and writes what is left. FALSE where something could not be written. */
gboolean vt_html_free(VtHtml *html);

/* Attributes are pairs of name and value up to a NULL name; one with a NULL value is left out. */
void vt_html_open(VtHtml *html, const char *element, ...) G_GNUC_NULL_TERMINATED;
void vt_html_close(VtHtml *html);
/* One that has no content: meta, rect, line. */
void vt_html_empty(VtHtml *html, const char *element, ...) G_GNUC_NULL_TERMINATED;
/* One that holds @text alone. */
void vt_html_element(VtHtml *html, const char *element, const char *text,
                     ...) G_GNUC_NULL_TERMINATED;

/* On one line. */
void vt_html_text(VtHtml *html, const char *text);
/* With its newlines, for <pre>. */
void vt_html_verbatim(VtHtml *html, const char *text);
/* HTML as it is; of this program only, never of what comes from outside. */
void vt_html_raw(VtHtml *html, const char *markup, gsize length);

/* Hands what was written to the file. FALSE where that failed, now or before. */
gboolean vt_html_flush(VtHtml *html);

/* A number that no other call gives, for ids. */
guint vt_html_serial(VtHtml *html);
