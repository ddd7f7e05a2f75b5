/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/csv.h"

#include <string.h>

#include "base/text.h"

static void separate(GString *line)
{
    if (line->len > 0)
        g_string_append_c(line, ',');
}

/* What begins a formula in the usual spreadsheets. */
static gboolean is_formula(const char *text)
{
    return *text && strchr("=+-@\t\r", *text);
}

static void add_field(GString *line, const char *text)
{
    separate(line);
    /* An empty first field must be seen when the second one comes. */
    if (!*text && line->len == 0) {
        g_string_append(line, "\"\"");
        return;
    }
    if (!strpbrk(text, ",\"\n\r")) {
        g_string_append(line, text);
        return;
    }
    g_string_append_c(line, '"');
    for (const char *p = text; *p; p++) {
        if (*p == '"')
            g_string_append_c(line, '"');
        g_string_append_c(line, *p);
    }
    g_string_append_c(line, '"');
}

void vt_csv_add(GString *line, const char *text)
{
    g_autofree char *printable = vt_text_printable(text ? text : "", TRUE);
    g_autofree char *safe = NULL;

    if (text && is_formula(text))
        safe = g_strconcat("'", printable, NULL);
    add_field(line, safe ? safe : printable);
}

void vt_csv_add_u64(GString *line, guint64 value)
{
    separate(line);
    g_string_append_printf(line, "%" G_GUINT64_FORMAT, value);
}

void vt_csv_add_double(GString *line, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE * 16]; /* the largest has 309 digits before the point */
    gsize n;

    g_ascii_formatd(text, sizeof(text), "%.3f", value);
    n = strlen(text);
    while (text[n - 1] == '0')
        n--;
    if (text[n - 1] == '.')
        n--;
    text[n] = '\0';
    separate(line);
    g_string_append(line, text);
}

void vt_csv_end(GString *line, FILE *out)
{
    g_string_append(line, "\r\n");
    fputs(line->str, out);
    g_string_truncate(line, 0);
}

void vt_csv_head(const char *const *names, FILE *out)
{
    g_autoptr(GString) line = g_string_new(NULL);

    for (; *names; names++)
        vt_csv_add(line, *names);
    vt_csv_end(line, out);
}
