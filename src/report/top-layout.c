/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Columns that fit, in the order of what they are worth. */
#include "config.h"

#include "report/top-layout.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "report/table.h"

/* The name takes what the others leave, and this much before another column gets more than it needs. */
#define NAME_COLUMNS 12
/* Lines that a message may take. */
#define MESSAGE_LINES 6
/* Columns by which what continues a line is indented more than it. */
#define HANG 4
/* Ends a line that is continued, so that a command can be pasted into a shell as it stands; not on the narrowest terminals. */
#define CONTINUED " \\"
#define CONTINUED_WIDTH 20
/* The same amid a word: what follows has to stand at the very beginning of the next line. */
#define JOINED "\\"

/* Where a shell lets a command be continued. */
typedef enum { BREAK_NONE, BREAK_BLANK, BREAK_WORD } Break;

char *vt_top_layout_shown(const char *text)
{
    g_autofree char *local = NULL;
    const char *charset;
    char *shown;

    if (g_get_charset(&charset))
        return g_strdup(text);
    local = vt_text_local(text);
    shown = g_convert(local, -1, "UTF-8", charset, NULL, NULL, NULL);
    if (!shown)
        shown = g_str_to_ascii(text, "C");
    return shown;
}

char *vt_top_layout_fit(const char *text, guint width, gboolean right)
{
    g_autofree char *kept = g_strndup(text, vt_text_cut(text, width));
    guint used = vt_text_columns(kept);
    g_autofree char *blank = g_strnfill(width > used ? width - used : 0, ' ');

    return g_strconcat(right ? blank : kept, right ? kept : blank, NULL);
}

/* How many bytes of @line stand in @room columns: whole words, unless the first one takes more. */
static gsize break_at(const char *line, guint room)
{
    gsize most = MAX(vt_text_cut(line, room), (gsize)(g_utf8_next_char(line) - line));
    gsize cut = most;

    if (line[most] == ' ')
        return most;
    while (cut > 0 && line[cut - 1] != ' ')
        cut--;
    return strspn(line, " ") < cut ? cut : most;
}

static void wrap_line(GString *out, const char *line, guint width)
{
    guint indent = MIN((guint)strspn(line, " ") + HANG, width / 2), room = width;
    const char *mark = width >= CONTINUED_WIDTH ? CONTINUED : "";

    while (vt_text_columns(line) > room) {
        gsize cut = break_at(line, room - (guint)strlen(mark));

        g_string_append_len(out, line, (gssize)cut);
        while (out->len > 0 && out->str[out->len - 1] == ' ')
            g_string_truncate(out, out->len - 1);
        line += cut + strspn(line + cut, " ");
        if (!*line)
            return;
        g_string_append_printf(out, "%s\n%*s", mark, (int)indent, "");
        room = MAX(width - indent, 1);
    }
    g_string_append(out, line);
}

/* The quotes that @line is in behind its byte @i, which no backslash precedes: $ stands for $'…'. */
static char quote_behind(const char *line, gsize i, char quote)
{
    if (quote)
        return line[i] == (quote == '$' ? '\'' : quote) ? '\0' : quote;
    if (line[i] == '\'' && i > 0 && line[i - 1] == '$')
        return '$';
    return line[i] == '\'' || line[i] == '"' ? line[i] : '\0';
}

/* A Break for each byte of @line, in front of it; NULL where quotes stay open, as in no command. In a comment, which begins
 * at @ret_comment (the length of @line where there is none), quotes are like any other character. No Break at all where a
 * comment may end at a `, since what comes behind it is not read as a shell would. */
static char *shell_breaks(const char *line, gsize *ret_comment)
{
    g_autofree char *breaks = g_new0(char, strlen(line) + 1);
    gboolean blank = TRUE, begins = TRUE, escaped = FALSE, backquoted = FALSE;
    gsize length = strlen(line), comment = length;
    char quote = '\0';

    for (gsize i = 0; line[i]; i++) {
        gboolean between = line[i] == ' ' && !quote && !escaped;
        gboolean whole = escaped || quote == '\'' || quote == '$' || ((guchar)line[i] & 0xc0) == 0x80 ||
                         (i > 0 && line[i - 1] == '$');

        if (!blank && !whole)
            breaks[i] = between ? BREAK_BLANK : BREAK_WORD;
        blank = between;
        if (begins && line[i] == '#' && comment == length) {
            if (backquoted) {
                *ret_comment = length;
                return g_new0(char, length + 1);
            }
            comment = i;
        }
        begins = !quote && !escaped && strchr(" \t;&|()<>`", line[i]);
        if (i >= comment)
            continue;
        backquoted = backquoted || (line[i] == '`' && !escaped && quote != '\'' && quote != '$');
        if (escaped || (line[i] == '\\' && quote != '\''))
            escaped = !escaped;
        else
            quote = quote_behind(line, i, quote);
    }
    if (quote)
        return NULL;
    *ret_comment = comment;
    return g_steal_pointer(&breaks);
}

/* How many bytes of @line stand in @room columns with the mark behind them: whole words, unless the first one takes more.
 * 0 where a shell would not take it for the same any more. */
static gsize shell_break_at(const char *line, const char *breaks, guint room)
{
    for (gsize cut = vt_text_cut(line, room - (guint)strlen(CONTINUED)); cut > 0; cut--)
        if (breaks[cut] == BREAK_BLANK)
            return cut;
    for (gsize cut = vt_text_cut(line, room - (guint)strlen(JOINED)); cut > 0; cut--)
        if (breaks[cut] == BREAK_WORD)
            return cut;
    return 0;
}

/* So that a shell takes what is pasted for the same command, and for the same @comment, which no backslash continues; else it
 * is cut, and looks so. */
static void wrap_command(GString *out, const char *line, const char *breaks, const char *comment, guint width)
{
    guint hang = MIN((guint)strspn(line, " ") + HANG, width / 2), used = 0;
    g_autofree char *cut_line = NULL;
    gsize cut;

    while (vt_text_columns(line) > width - used && (cut = shell_break_at(line, breaks, width - used)) > 0) {
        gboolean amid = breaks[cut] == BREAK_WORD;
        const char *lead;

        g_string_append_len(out, line, (gssize)cut);
        cut += amid ? 0 : strspn(line + cut, " ");
        line += cut;
        breaks += cut;
        if (!*line)
            return;
        lead = line > comment ? "#" : "";
        /* What is too wide for an indented line may fit without. */
        used = !amid && (vt_text_columns(line) <= width - hang || shell_break_at(line, breaks, width - hang) > 0)
                   ? hang
                   : (guint)strlen(lead);
        g_string_append_printf(out, "%s\n%s%*s", amid ? JOINED : CONTINUED, lead, (int)(used - strlen(lead)), "");
    }
    cut_line = vt_table_cut(line, width - used);
    g_string_append(out, cut_line);
}

/* Lines of a difference begin with their signs or, where nothing changes, with an element. */
static gboolean is_difference(const char *line)
{
    line += strspn(line, " ");
    return *line && strchr("+-@<", *line);
}

char *vt_top_layout_wrap(const char *text, guint width)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GString *out = g_string_new(NULL);

    for (char **line = lines; *line; line++) {
        gboolean continued = line > lines && g_str_has_suffix(line[-1], CONTINUED);
        gboolean command = width >= CONTINUED_WIDTH && (continued || !is_difference(*line));
        gsize comment;
        g_autofree char *breaks = command ? shell_breaks(*line, &comment) : NULL;

        if (breaks)
            wrap_command(out, *line, breaks, *line + comment, width);
        else
            wrap_line(out, *line, MAX(width, 1));
        if (line[1])
            g_string_append_c(out, '\n');
    }
    return g_string_free(out, FALSE);
}

static char *title(guint column)
{
    return vt_top_layout_shown(_(vt_top_columns()[column].title));
}

/* Columns of the terminal that all of @widths take, with the spaces between them. */
static guint total(const guint *widths)
{
    guint sum = 0;

    for (guint i = 0; i < VT_TOP_COLUMNS; i++)
        sum += widths[i] > 0 ? widths[i] + (sum > 0) : 0;
    return sum;
}

/* The column that is worth least of those there are; VT_TOP_COLUMNS where none can go. */
static guint least(const guint *widths)
{
    const VtTopColumn *columns = vt_top_columns();
    guint found = VT_TOP_COLUMNS;

    for (guint i = 0; i < VT_TOP_COLUMNS; i++)
        if (widths[i] > 0 && columns[i].worth > 0 &&
            (found == VT_TOP_COLUMNS || columns[i].worth < columns[found].worth))
            found = i;
    return found;
}

void vt_top_layout_columns(const GPtrArray *cells, guint width, guint ret_widths[VT_TOP_COLUMNS])
{
    const VtTopColumn *columns = vt_top_columns();
    guint worst, left;

    for (guint i = 0; i < VT_TOP_COLUMNS; i++) {
        g_autofree char *text = title(i);

        ret_widths[i] = MAX(columns[i].least, vt_text_columns(text));
    }
    for (guint i = 0; i < cells->len; i++)
        for (guint j = 0; j < VT_TOP_COLUMNS; j++)
            if (columns[j].right)
                ret_widths[j] = MAX(ret_widths[j], vt_text_columns(((char **)cells->pdata[i])[j]));
    while (total(ret_widths) > width && (worst = least(ret_widths)) < VT_TOP_COLUMNS)
        ret_widths[worst] = 0;
    left = width > total(ret_widths) ? width - total(ret_widths) : 0;
    for (guint i = 0; i < VT_TOP_COLUMNS; i++) {
        guint wanted = columns[i].width > 0 ? columns[i].width : NAME_COLUMNS;
        guint more = ret_widths[i] > 0 && wanted > ret_widths[i] ? MIN(wanted - ret_widths[i], left) : 0;

        ret_widths[i] += more;
        left -= more;
    }
    for (guint i = 0; i < VT_TOP_COLUMNS; i++)
        if (columns[i].width == 0)
            ret_widths[i] += left;
}

static char *join(char **texts, const guint *widths)
{
    const VtTopColumn *columns = vt_top_columns();
    g_autoptr(GString) line = g_string_new(NULL);

    for (guint i = 0; i < VT_TOP_COLUMNS; i++) {
        g_autofree char *shown = NULL;
        g_autofree char *cut = NULL;
        g_autofree char *cell = NULL;

        if (widths[i] == 0)
            continue;
        shown = vt_top_layout_shown(texts[i]);
        cut = vt_table_cut(shown, widths[i]);
        cell = vt_top_layout_fit(cut, widths[i], columns[i].right);
        g_string_append_printf(line, "%s%s", line->len ? " " : "", cell);
    }
    return g_string_free(g_steal_pointer(&line), FALSE);
}

char *vt_top_layout_titles(const guint widths[VT_TOP_COLUMNS])
{
    char *titles[VT_TOP_COLUMNS];

    for (guint i = 0; i < VT_TOP_COLUMNS; i++)
        titles[i] = (char *)_(vt_top_columns()[i].title);
    return join(titles, widths);
}

char *vt_top_layout_row(char **cells, const guint widths[VT_TOP_COLUMNS])
{
    return join(cells, widths);
}

/* Of a filter that is longer than the line, the end is seen where it is typed, and else the beginning. */
static char *filter_line(const VtTopView *view, guint width)
{
    g_autofree char *printable = vt_text_printable(view->filter->str, FALSE);
    g_autofree char *filter = vt_top_layout_shown(printable);
    const char *end = filter;

    if (!view->editing)
        return g_strconcat("/", filter, NULL);
    while (*end && vt_text_columns(end) + 2 > width)
        end = g_utf8_next_char(end);
    return g_strconcat("/", end, "_", NULL);
}

/* Wrapped between words, and within those that are longer than a line, as a URI may be. */
static char **message_lines(const char *message, guint width)
{
    g_autofree char *printable = vt_text_printable(message, FALSE);
    g_autofree char *shown = vt_top_layout_shown(printable);
    g_autofree char *wrapped = vt_text_wrap(shown, width, 0);
    g_auto(GStrv) words = g_strsplit(wrapped, "\n", -1);
    GPtrArray *lines = g_ptr_array_new();

    for (char **word = words; *word; word++)
        for (const char *from = *word; *from && lines->len < MESSAGE_LINES;) {
            char *line = g_strndup(from, vt_text_cut(from, width));

            g_ptr_array_add(lines, line);
            from = *line ? from + strlen(line) : "";
        }
    g_ptr_array_add(lines, NULL);
    return (char **)g_ptr_array_free(lines, FALSE);
}

char **vt_top_layout_foot(const VtTopView *view, const char *message, const char *hint, guint width)
{
    char **lines;

    if (message && !view->editing)
        return message_lines(message, width);
    lines = g_new0(char *, 2);
    *lines = view->editing || (view->filter->len > 0 && view->page == VT_TOP_LIST) ? filter_line(view, width)
                                                                                   : g_strdup(hint);
    return lines;
}
