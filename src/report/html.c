/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTML by libxml2's text writer. */
#include "config.h"

#include "report/html.h"

#include <libxml/xmlwriter.h>
#include <stdarg.h>

#include "base/text.h"

struct VtHtml {
    xmlTextWriter *writer;
    FILE *out;
    GPtrArray *open; /* const char *: elements, for the newlines behind them */
    guint serial;
    gboolean failed;
};

VtHtml *vt_html_new(FILE *out)
{
    VtHtml *html = g_new0(VtHtml, 1);
    xmlOutputBuffer *buffer = xmlOutputBufferCreateFile(out, NULL);

    html->writer = buffer ? xmlNewTextWriter(buffer) : NULL;
    if (!html->writer)
        g_error("out of memory");
    html->out = out;
    html->open = g_ptr_array_new();
    return html;
}

static void check(VtHtml *html, int written)
{
    if (written < 0)
        html->failed = TRUE;
}

/* Elements that stand within a line, behind which a newline would be a blank. */
static gboolean is_inline(const char *element)
{
    static const char *const names[] = {"a",  "b",   "code",    "del",   "ins",  "span", "strong",
                                        "td", "th",  "summary", "small", "text", "tspan", NULL};

    return g_strv_contains(names, element);
}

static void end_line(VtHtml *html, const char *element)
{
    if (!is_inline(element))
        check(html, xmlTextWriterWriteRaw(html->writer, BAD_CAST "\n"));
}

static void write_attributes(VtHtml *html, va_list args)
{
    const char *name, *value;

    while ((name = va_arg(args, const char *))) {
        g_autofree char *printable = NULL;

        value = va_arg(args, const char *);
        if (!value)
            continue;
        printable = vt_text_printable(value, FALSE);
        check(html,
              xmlTextWriterWriteAttribute(html->writer, BAD_CAST name, BAD_CAST printable));
    }
}

static void start(VtHtml *html, const char *element, va_list args)
{
    check(html, xmlTextWriterStartElement(html->writer, BAD_CAST element));
    write_attributes(html, args);
    g_ptr_array_add(html->open, (gpointer)element);
}

void vt_html_open(VtHtml *html, const char *element, ...)
{
    va_list args;

    va_start(args, element);
    start(html, element, args);
    va_end(args);
}

void vt_html_close(VtHtml *html)
{
    const char *element = g_ptr_array_steal_index(html->open, html->open->len - 1);

    /* Not "<td/>": HTML takes that for a start tag. */
    check(html, xmlTextWriterFullEndElement(html->writer));
    end_line(html, element);
}

void vt_html_empty(VtHtml *html, const char *element, ...)
{
    va_list args;

    va_start(args, element);
    start(html, element, args);
    va_end(args);
    g_ptr_array_set_size(html->open, (gint)html->open->len - 1);
    check(html, xmlTextWriterEndElement(html->writer));
    end_line(html, element);
}

void vt_html_element(VtHtml *html, const char *element, const char *text, ...)
{
    va_list args;

    va_start(args, text);
    start(html, element, args);
    va_end(args);
    vt_html_text(html, text);
    vt_html_close(html);
}

void vt_html_text(VtHtml *html, const char *text)
{
    g_autofree char *printable = vt_text_printable(text, FALSE);

    check(html, xmlTextWriterWriteString(html->writer, BAD_CAST printable));
}

void vt_html_verbatim(VtHtml *html, const char *text)
{
    g_autofree char *printable = vt_text_printable(text, TRUE);

    check(html, xmlTextWriterWriteString(html->writer, BAD_CAST printable));
}

void vt_html_raw(VtHtml *html, const char *markup, gsize length)
{
    check(html, xmlTextWriterWriteRawLen(html->writer, BAD_CAST markup, (int)length));
}

gboolean vt_html_flush(VtHtml *html)
{
    check(html, xmlTextWriterFlush(html->writer));
    if (fflush(html->out) != 0 || ferror(html->out))
        html->failed = TRUE;
    return !html->failed;
}

guint vt_html_serial(VtHtml *html)
{
    return ++html->serial;
}

gboolean vt_html_free(VtHtml *html)
{
    gboolean ok;

    while (html->open->len > 0)
        vt_html_close(html);
    ok = vt_html_flush(html);
    xmlFreeTextWriter(html->writer);
    g_ptr_array_unref(html->open);
    g_free(html);
    return ok;
}
