/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frame of HTML pages. */
#include "config.h"

#include "report/html-page.h"

#include <string.h>

#include "base/error.h"
#include "report/html-page-style.h"

static void write_head(VtHtml *html)
{
    static const char doctype[] = "<!DOCTYPE html>\n";

    vt_html_raw(html, doctype, strlen(doctype));
    /* Translators: the language of the translation as in the lang attribute of HTML, e.g.
     * "zh-CN". */
    vt_html_open(html, "html", "lang", _("en"), NULL);
    vt_html_open(html, "head", NULL);
    vt_html_empty(html, "meta", "charset", "utf-8", NULL);
    vt_html_empty(html, "meta", "http-equiv", "Content-Security-Policy", "content",
                  "default-src 'none'; style-src 'unsafe-inline'; img-src data:", NULL);
    vt_html_empty(html, "meta", "name", "viewport", "content",
                  "width=device-width, initial-scale=1", NULL);
    vt_html_empty(html, "meta", "name", "color-scheme", "content", "light dark", NULL);
    /* Without an icon of its own a browser would ask for one. */
    vt_html_empty(html, "link", "rel", "icon", "href", "data:,", NULL);
}

static void write_style(VtHtml *html)
{
    vt_html_open(html, "style", NULL);
    vt_html_raw(html, vt_html_page_style, strlen(vt_html_page_style));
    vt_html_close(html);
}

void vt_html_page_open(VtHtml *html, const char *title, const char *class)
{
    g_autofree char *whole =
        title ? g_strdup_printf("%s – virt-tune", title) : g_strdup("virt-tune");

    write_head(html);
    vt_html_element(html, "title", whole, NULL);
    write_style(html);
    vt_html_close(html);
    vt_html_open(html, "body", "class", class, NULL);
    vt_html_element(html, "a", _("Skip to the domains"), "class", "skip", "href", "#main", NULL);
}

void vt_html_page_header(VtHtml *html, const char *heading)
{
    vt_html_open(html, "header", "id", "top", NULL);
    vt_html_element(html, "p", "virt-tune", "class", "brand", NULL);
    vt_html_element(html, "h1", heading, NULL);
}

void vt_html_page_close(VtHtml *html, const char *footer)
{
    vt_html_element(html, "footer", footer, NULL);
    vt_html_close(html);
    vt_html_close(html);
}
