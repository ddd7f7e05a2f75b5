/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How text stands on the page. */
#include "config.h"

#include "report/report-page.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* Spaces between a label and its text. */
#define GAP 2
/* The least room for text: a page that is indented further still gets it, beyond its width. */
#define TEXT_MIN 20

void vt_report_page_init(VtReportPage *page, VtTerm *term, const char *const *labels)
{
    *page = (VtReportPage){.term = term, .out = vt_term_out(term), .width = vt_term_width(term)};
    for (; *labels; labels++)
        page->label_width = MAX(page->label_width, vt_text_columns(_(*labels)));
}

static void put(VtReportPage *page, VtStyle style, const char *text)
{
    if (style == VT_STYLE_NONE || !*text)
        fputs(text, page->out);
    else
        fprintf(page->out, "%s%s%s", vt_term_style(page->term, style), text,
                vt_term_style(page->term, VT_STYLE_NONE));
}

/* Writes @text from column @column on; @indent is for the lines that follow. */
static void put_wrapped(VtReportPage *page, guint column, guint indent, VtStyle style,
                        const char *text)
{
    g_autofree char *printable = vt_text_printable(text, FALSE);
    guint room = MAX(page->width, MAX(column, indent) + TEXT_MIN) - MAX(column, indent);
    g_autofree char *wrapped = vt_text_wrap(printable, room, 0);
    g_auto(GStrv) lines = g_strsplit(wrapped, "\n", -1);

    for (char **line = lines; *line; line++) {
        if (line != lines)
            fprintf(page->out, "%*s", (int)indent, "");
        put(page, style, *line);
        fputc('\n', page->out);
    }
    if (!*lines)
        fputc('\n', page->out);
}

void vt_report_page_paragraph(VtReportPage *page, guint indent, guint hang, VtStyle style,
                              const char *text)
{
    fprintf(page->out, "%*s", (int)indent, "");
    put_wrapped(page, indent, indent + hang, style, text);
}

void vt_report_page_field(VtReportPage *page, guint indent, const char *label, VtStyle style,
                          const char *text)
{
    guint column = indent + page->label_width + GAP, columns = vt_text_columns(label);

    if (page->width < column + TEXT_MIN) {
        /* No room for two columns: the text goes below its label. */
        if (*label)
            vt_report_page_paragraph(page, indent, 0, VT_STYLE_DIM, label);
        vt_report_page_paragraph(page, indent + GAP, 0, style, text);
        return;
    }
    fprintf(page->out, "%*s", (int)indent, "");
    put(page, VT_STYLE_DIM, label);
    fprintf(page->out, "%*s", (int)(column - indent - MIN(columns, page->label_width + GAP)), "");
    put_wrapped(page, column, column, style, text);
}

static void put_line(VtReportPage *page, guint indent, VtStyle style, const char *line)
{
    fprintf(page->out, "%*s", (int)indent, "");
    put(page, style, line);
    fputc('\n', page->out);
}

void vt_report_page_verbatim(VtReportPage *page, guint indent, VtStyle style, const char *text)
{
    g_autofree char *printable = vt_text_printable(text, TRUE);
    g_auto(GStrv) lines = g_strsplit(printable, "\n", -1);

    for (char **line = lines; *line; line++)
        if (**line || line[1])
            put_line(page, indent, style, *line);
}

static VtStyle diff_style(const char *line)
{
    if (g_str_has_prefix(line, "---") || g_str_has_prefix(line, "+++"))
        return VT_STYLE_BOLD;
    switch (*line) {
    case '-':
        return VT_STYLE_RED;
    case '+':
        return VT_STYLE_GREEN;
    case '@':
        return VT_STYLE_CYAN;
    default:
        return VT_STYLE_NONE;
    }
}

void vt_report_page_diff(VtReportPage *page, guint indent, const char *diff)
{
    g_autofree char *printable = vt_text_printable(diff, TRUE);
    g_auto(GStrv) lines = g_strsplit(printable, "\n", -1);

    for (char **line = lines; *line; line++)
        if (**line || line[1])
            put_line(page, indent, diff_style(*line), *line);
}

void vt_report_page_blank(VtReportPage *page)
{
    fputc('\n', page->out);
}
