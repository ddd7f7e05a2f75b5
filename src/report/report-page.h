/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How text stands on the page: wrapped, indented, coloured, and never with a control character in
 * it. */
#pragma once

#include <glib.h>
#include <stdio.h>

#include "base/term.h"

typedef struct {
    VtTerm *term;
    FILE *out;
    guint width;       /* columns */
    guint label_width; /* columns of the widest label of vt_report_page_field() */
} VtReportPage;

/* @labels: the msgids of all labels that will be used, NULL-terminated. */
void vt_report_page_init(VtReportPage *page, VtTerm *term, const char *const *labels);

/* A paragraph; lines but the first are indented by @hang more. */
void vt_report_page_paragraph(VtReportPage *page, guint indent, guint hang, VtStyle style,
                              const char *text);

/* "label  text", the text wrapped in its own column. The label is already translated; "" continues
 * the one above. */
void vt_report_page_field(VtReportPage *page, guint indent, const char *label, VtStyle style,
                          const char *text);

/* Lines as they are, for commands. */
void vt_report_page_verbatim(VtReportPage *page, guint indent, VtStyle style, const char *text);

/* A unified diff, its lines coloured by what they say. */
void vt_report_page_diff(VtReportPage *page, guint indent, const char *diff);

void vt_report_page_blank(VtReportPage *page);
