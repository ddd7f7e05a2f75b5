/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all HTML pages have around their content: one file that needs nothing else, no script, no
 * font, no network, and says so in its content security policy. */
#pragma once

#include "report/html.h"

/* Up to <body>, which stays open. @title: what the page is about; NULL. @class: of the body; NULL.
 * The page's <main> must have the id "main". */
void vt_html_page_open(VtHtml *html, const char *title, const char *class);

/* Opens <header> with the heading; the caller closes it. */
void vt_html_page_header(VtHtml *html, const char *heading);

void vt_html_page_close(VtHtml *html, const char *footer);
