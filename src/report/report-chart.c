/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bars and lines as SVG. Without a viewBox, lengths are per cent of the width or CSS pixels, so
 * that a narrow page makes the bars shorter and leaves the letters as they are. */
#include "config.h"

#include "report/report-chart.h"

#include <math.h>

#include "base/error.h"
#include "base/text.h"

/* CSS pixels. */
#define ROW 38
#define IDLE_GAP 10
#define PAIR_ROW 50
#define BAR_Y 20
#define LINE_TOP 20
#define LINE_HEIGHT 84
#define LINE_BOTTOM 18

/* Words that say what a bar is: as many columns where the chart is narrow, and where it is wide. */
#define WHAT_COLUMNS 44
#define WHAT_COLUMNS_WIDE 72

/* Points that are marked: more would touch each other. */
#define MARKS_MAX 60

/* The same whatever the locale. */
static char *number(double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];

    return g_strdup(g_ascii_formatd(buffer, sizeof(buffer), "%.2f", value));
}

static char *percent(double part)
{
    g_autofree char *digits = number(isfinite(part) ? 100 * CLAMP(part, 0, 1) : 0);

    return g_strconcat(digits, "%", NULL);
}

static char *pixels(double value)
{
    return g_strdup_printf("%d", (int)value);
}

/* Opens the picture with its text alternative; closed by closing twice. @rows: of bars, which a
 * narrow page makes higher; 0: none. */
static void open_picture(VtHtml *html, const char *caption, const char *description, int height,
                         gsize rows)
{
    guint serial = vt_html_serial(html);
    g_autofree char *title = g_strdup_printf("c%u-t", serial);
    g_autofree char *desc = g_strdup_printf("c%u-d", serial);
    g_autofree char *both = g_strdup_printf("%s %s", title, desc);
    g_autofree char *pixel_height = pixels(height);
    g_autofree char *style =
        rows > 0 ? g_strdup_printf("--height:%dpx;--rows:%" G_GSIZE_FORMAT, height, rows) : NULL;

    vt_html_open(html, "figure", "class", "chart", NULL);
    vt_html_element(html, "figcaption", caption, NULL);
    vt_html_open(html, "svg", "role", "img", "aria-labelledby", both, "width", "100%", "height",
                 pixel_height, "class", rows > 0 ? "rows" : NULL, "style", style, "focusable",
                 "false", NULL);
    vt_html_element(html, "title", caption, "id", title, NULL);
    vt_html_element(html, "desc", description, "id", desc, NULL);
}

static char *shorten(const char *text, guint columns)
{
    if (vt_text_columns(text) <= columns)
        return g_strdup(text);
    return g_strdup_printf("%.*s…", (int)vt_text_cut(text, columns - 1), text);
}

/* What the bar is stands beside its name, or below it where the chart is too narrow: the style
 * shows one of them. */
static void write_words(VtHtml *html, const char *name, const char *what, const char *value, int y)
{
    g_autofree char *text_y = pixels(y + 13), *below_y = pixels(y + 29);
    g_autofree char *near = what ? shorten(what, WHAT_COLUMNS) : NULL;
    g_autofree char *far = what ? shorten(what, WHAT_COLUMNS_WIDE) : NULL;
    const gboolean is_long = what && !g_str_equal(near, far);

    vt_html_open(html, "text", "x", "0", "y", text_y, NULL);
    vt_html_text(html, name);
    if (what)
        vt_html_element(html, "tspan", near, "class", is_long ? "what beside near" : "what beside",
                        "dx", "8", NULL);
    if (is_long)
        vt_html_element(html, "tspan", far, "class", "what beside far", "dx", "8", NULL);
    vt_html_close(html);
    if (what)
        vt_html_element(html, "text", near, "class", "what below", "x", "0", "y", below_y, NULL);
    vt_html_element(html, "text", value, "class", "value", "x", "100%", "y", text_y, NULL);
}

static void write_rect(VtHtml *html, const char *class, double part, int y)
{
    g_autofree char *bar_y = pixels(y), *width = percent(part);

    vt_html_empty(html, "rect", "class", "track", "y", bar_y, "width", "100%", "height", "8", "rx",
                  "4", NULL);
    vt_html_empty(html, "rect", "class", class, "y", bar_y, "width", width, "height", "8", "rx",
                  part > 0.01 ? "4" : "0", NULL);
}

/* The @at-th row of a chart, which a narrow page moves down by as many lines. */
static void open_row(VtHtml *html, gsize at)
{
    g_autofree char *style = g_strdup_printf("--row:%" G_GSIZE_FORMAT, at);

    vt_html_open(html, "g", "class", "row", "style", style, NULL);
}

static void write_bar(VtHtml *html, const VtReportBar *bar, gsize at, int y)
{
    open_row(html, at);
    if (bar->idle) {
        g_autofree char *line_y = pixels(y - IDLE_GAP / 2.0);

        vt_html_empty(html, "line", "class", "apart", "x1", "0", "x2", "100%", "y1", line_y, "y2",
                      line_y, NULL);
    }
    write_words(html, bar->name, bar->what, bar->value, y);
    vt_html_open(html, "g", "class", "bars", NULL);
    write_rect(html, bar->idle ? "bar idle" : "bar", bar->part, y + BAR_Y);
    vt_html_close(html);
    vt_html_close(html);
}

static char *describe_bars(const char *scale, const VtReportBar *bars, gsize n)
{
    GString *text = g_string_new(scale);

    for (gsize i = 0; i < n; i++) {
        g_string_append_printf(text, " %s", bars[i].name);
        if (bars[i].what)
            g_string_append_printf(text, " (%s)", bars[i].what);
        g_string_append_printf(text, ": %s;", bars[i].value);
    }
    if (text->str[text->len - 1] == ';')
        text->str[text->len - 1] = '.';
    return g_string_free(text, FALSE);
}

void vt_report_chart_bars(VtHtml *html, const char *caption, const char *scale,
                          const VtReportBar *bars, gsize n)
{
    g_autofree char *description = describe_bars(scale, bars, n);
    int height = 0;

    for (gsize i = 0; i < n; i++)
        height += ROW + (bars[i].idle ? IDLE_GAP : 0);
    open_picture(html, caption, description, height, n);
    height = 0;
    for (gsize i = 0; i < n; i++) {
        height += bars[i].idle ? IDLE_GAP : 0;
        write_bar(html, &bars[i], i, height);
        height += ROW;
    }
    vt_html_close(html);
    vt_html_element(html, "p", scale, "class", "scale", NULL);
    vt_html_close(html);
}

void vt_report_chart_pairs(VtHtml *html, const char *caption, const char *scale,
                           const VtReportPair *pairs, gsize n)
{
    g_autoptr(GString) description = g_string_new(scale);

    for (gsize i = 0; i < n; i++)
        g_string_append_printf(description, " %s: %s%s", pairs[i].name, pairs[i].value,
                               i + 1 < n ? ";" : ".");
    open_picture(html, caption, description->str, (int)n * PAIR_ROW, n);
    for (gsize i = 0; i < n; i++) {
        const int y = (int)i * PAIR_ROW;

        open_row(html, i);
        write_words(html, pairs[i].name, pairs[i].what, pairs[i].value, y);
        vt_html_open(html, "g", "class", "bars", NULL);
        write_rect(html, "bar idle", pairs[i].before, y + BAR_Y);
        write_rect(html, "bar", pairs[i].after, y + BAR_Y + 11);
        vt_html_close(html);
        vt_html_close(html);
    }
    vt_html_close(html);
    vt_html_element(html, "p", scale, "class", "scale", NULL);
    vt_html_close(html);
}

static void write_axis(VtHtml *html, const VtReportLine *line, double top)
{
    g_autofree char *most = vt_text_format_count(top);
    g_autofree char *end = vt_text_format_duration(line->duration_ns);
    g_autofree char *top_y = pixels(LINE_TOP), *base_y = pixels(LINE_TOP + LINE_HEIGHT);
    g_autofree char *top_text = pixels(LINE_TOP - 6);
    g_autofree char *base_text = pixels(LINE_TOP + LINE_HEIGHT + 14);

    vt_html_empty(html, "line", "class", "grid", "x1", "0", "x2", "100%", "y1", top_y, "y2", top_y,
                  NULL);
    vt_html_empty(html, "line", "class", "base", "x1", "0", "x2", "100%", "y1", base_y, "y2",
                  base_y, NULL);
    vt_html_element(html, "text", most, "class", "axis", "x", "0", "y", top_text, NULL);
    vt_html_element(html, "text", "0", "class", "axis", "x", "0", "y", base_text, NULL);
    vt_html_element(html, "text", end, "class", "axis value", "x", "100%", "y", base_text, NULL);
}

/* In the middle of its interval, from the left, and from the top. */
static void place(const VtReportLine *line, gsize i, double top, double *ret_x, double *ret_y)
{
    *ret_x = ((double)i + 0.5) / (double)line->n;
    *ret_y = LINE_HEIGHT * (1 - CLAMP(line->values[i] / top, 0, 1));
}

/* The curve stretches with the width; its stroke does not. */
static void write_curve(VtHtml *html, const VtReportLine *line, double top)
{
    g_autoptr(GString) points = g_string_new(NULL);
    g_autoptr(GString) area = g_string_new(NULL);
    g_autofree char *y = pixels(LINE_TOP), *height = pixels(LINE_HEIGHT);
    g_autofree char *box = g_strdup_printf("0 0 1000 %d", LINE_HEIGHT);
    g_autofree char *first = NULL, *end = NULL;
    double x = 0;

    for (gsize i = 0; i < line->n; i++) {
        g_autofree char *px = NULL, *py = NULL;
        double at_y;

        place(line, i, top, &x, &at_y);
        px = number(1000 * x);
        if (i == 0)
            first = g_strdup(px);
        py = number(at_y);
        g_string_append_printf(points, "%s%s,%s", i ? " " : "", px, py);
    }
    end = number(1000 * x);
    g_string_printf(area, "%s,%d %s %s,%d", first, LINE_HEIGHT, points->str, end, LINE_HEIGHT);
    vt_html_open(html, "svg", "x", "0", "y", y, "width", "100%", "height", height, "viewBox", box,
                 "preserveAspectRatio", "none", NULL);
    vt_html_empty(html, "polygon", "class", line->idle ? "area idle" : "area", "points", area->str,
                  NULL);
    vt_html_empty(html, "polyline", "class", line->idle ? "line idle" : "line", "points",
                  points->str, "vector-effect", "non-scaling-stroke", NULL);
    vt_html_close(html);
}

static void write_marks(VtHtml *html, const VtReportLine *line, double top)
{
    for (gsize i = 0; i < line->n && line->n <= MARKS_MAX; i++) {
        g_autofree char *cx = NULL, *cy = NULL;
        double x, y;

        place(line, i, top, &x, &y);
        cx = percent(x);
        cy = number(LINE_TOP + y);
        vt_html_empty(html, "circle", "class", line->idle ? "mark idle" : "mark", "cx", cx, "cy",
                      cy, "r", "3", NULL);
    }
}

void vt_report_chart_line(VtHtml *html, const VtReportLine *line)
{
    double top = 1;

    for (gsize i = 0; i < line->n; i++)
        top = MAX(top, line->values[i]);
    open_picture(html, line->caption, line->description, LINE_TOP + LINE_HEIGHT + LINE_BOTTOM,
                 0);
    write_axis(html, line, top);
    write_curve(html, line, top);
    write_marks(html, line, top);
    vt_html_close(html);
    vt_html_element(html, "p", line->description, "class", "scale", NULL);
    vt_html_close(html);
}

void vt_report_chart_meter(VtHtml *html, double low, double high)
{
    g_autofree char *x = percent(low), *width = percent(high - low), *sure = percent(low);

    vt_html_open(html, "svg", "class", "meter", "width", "100%", "height", "8", "aria-hidden",
                 "true", "focusable", "false", NULL);
    vt_html_empty(html, "rect", "class", "track", "width", "100%", "height", "8", "rx", "4", NULL);
    vt_html_empty(html, "rect", "class", "bar", "width", sure, "height", "8", NULL);
    vt_html_empty(html, "rect", "class", "maybe", "x", x, "width", width, "height", "8", NULL);
    vt_html_close(html);
}
