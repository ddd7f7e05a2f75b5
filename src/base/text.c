/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strict numbers and units, and text made safe for a terminal. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* What a message shows of a text, in bytes. */
#define QUOTE_BYTES 60
#define NS_PER_US G_GUINT64_CONSTANT(1000)
#define NS_PER_MS G_GUINT64_CONSTANT(1000000)
#define NS_PER_S G_GUINT64_CONSTANT(1000000000)
#define DURATION_MAX (24 * 3600 * NS_PER_S)

/* Reads digits at *@cursor. FALSE without a digit or on overflow; *@cursor is behind the digits
 * then too. */
static gboolean scan_u64(const char **cursor, guint base, guint64 *ret_value)
{
    const char *p = *cursor;
    guint64 value = 0;
    gboolean fits = TRUE;

    for (; base == 16 ? g_ascii_isxdigit(*p) : g_ascii_isdigit(*p); p++)
        fits = fits && g_uint64_checked_mul(&value, value, base) &&
               g_uint64_checked_add(&value, value, (guint64)g_ascii_xdigit_value(*p));

    fits = fits && p != *cursor;
    *cursor = p;
    if (fits)
        *ret_value = value;
    return fits;
}

static gboolean set_bad(GError **error, const char *text, const char *reason)
{
    g_autofree char *quoted = vt_text_quote(text);

    g_set_error(error, VT_ERROR, VT_ERROR_INPUT, "%s: %s", quoted, reason);
    return FALSE;
}

static gboolean out_of_range(GError **error, const char *text, const char *min, const char *max)
{
    g_autofree char *quoted = vt_text_quote(text);

    g_set_error(error, VT_ERROR, VT_ERROR_INPUT, _("%s is out of range: it must be from %s to %s"),
                quoted, min, max);
    return FALSE;
}

gboolean vt_text_parse_u64(const char *text, guint64 min, guint64 max, guint64 *ret_value,
                           GError **error)
{
    gboolean hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = hexadecimal ? text + 2 : text;
    const char *end = digits;
    guint64 value = 0;
    gboolean fits = scan_u64(&end, hexadecimal ? 16 : 10, &value);

    if (end == digits || *end != '\0')
        return set_bad(error, text, _("this is not a whole number"));
    if (!fits || value < min || value > max) {
        g_autofree char *low = g_strdup_printf("%" G_GUINT64_FORMAT, min);
        g_autofree char *high = g_strdup_printf("%" G_GUINT64_FORMAT, max);

        return out_of_range(error, text, low, high);
    }

    *ret_value = value;
    return TRUE;
}

/* [-]digits[.digits][e[+-]digits]: what strtod() takes beyond that (inf, nan, 0x1p3, blanks) is
 * refused. */
static gboolean is_decimal(const char *p)
{
    if (*p == '-')
        p++;
    if (!g_ascii_isdigit(*p))
        return FALSE;
    while (g_ascii_isdigit(*p))
        p++;
    if (*p == '.') {
        if (!g_ascii_isdigit(*++p))
            return FALSE;
        while (g_ascii_isdigit(*p))
            p++;
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        if (*p == '+' || *p == '-')
            p++;
        if (!g_ascii_isdigit(*p))
            return FALSE;
        while (g_ascii_isdigit(*p))
            p++;
    }
    return *p == '\0';
}

gboolean vt_text_parse_double(const char *text, double min, double max, double *ret_value,
                              GError **error)
{
    double value;

    if (!is_decimal(text) || (text[0] == '-' && min >= 0))
        return set_bad(error, text, _("this is not a decimal number"));

    value = g_ascii_strtod(text, NULL);
    if (!isfinite(value) || value < min || value > max) {
        char low[G_ASCII_DTOSTR_BUF_SIZE], high[G_ASCII_DTOSTR_BUF_SIZE];

        return out_of_range(error, text, g_ascii_formatd(low, sizeof low, "%.15g", min),
                            g_ascii_formatd(high, sizeof high, "%.15g", max));
    }

    *ret_value = value;
    return TRUE;
}

static const struct {
    const char *suffix;
    guint64 ns;
} duration_units[] = {
    {"", NS_PER_S},  {"us", NS_PER_US},    {"ms", NS_PER_MS},
    {"s", NS_PER_S}, {"m", 60 * NS_PER_S}, {"h", 3600 * NS_PER_S},
};

gboolean vt_text_parse_duration(const char *text, guint64 *ret_ns, GError **error)
{
    const char *end = text;
    const char *fraction = NULL;
    guint64 value = 0;
    guint64 unit = 0;
    gboolean fits = scan_u64(&end, 10, &value);

    if (end == text)
        return set_bad(error, text,
                       _("this is not a duration; write for example 10s, 500ms or 2m"));
    if (*end == '.' && g_ascii_isdigit(end[1]))
        for (fraction = ++end; g_ascii_isdigit(*end);)
            end++;
    for (gsize i = 0; i < G_N_ELEMENTS(duration_units); i++)
        if (g_str_equal(end, duration_units[i].suffix))
            unit = duration_units[i].ns;
    if (unit == 0)
        return set_bad(error, text,
                       _("this is not a duration; write for example 10s, 500ms or 2m"));

    fits = fits && g_uint64_checked_mul(&value, value, unit);
    for (; fits && fraction && g_ascii_isdigit(*fraction); fraction++) {
        unit /= 10;
        fits = g_uint64_checked_add(&value, value, (guint64)g_ascii_digit_value(*fraction) * unit);
    }
    if (!fits || value > DURATION_MAX)
        return set_bad(error, text, _("a duration is not longer than 24 hours"));
    if (value == 0)
        return set_bad(error, text, _("a duration is more than zero"));

    *ret_ns = value;
    return TRUE;
}

char *vt_text_format_duration(guint64 ns)
{
    static const struct {
        const char *name;
        guint64 ns;
    } units[] = {
        {"h", 3600 * NS_PER_S}, {"min", 60 * NS_PER_S}, {"s", NS_PER_S},
        {"ms", NS_PER_MS},      {"us", NS_PER_US},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
        guint64 tenth = units[i].ns / 10;
        guint64 tenths;
        /* What rounds up to a whole unit is shown in that unit: 1 s, not 1000 ms. */
        guint64 rounding = i + 1 < G_N_ELEMENTS(units) ? units[i + 1].ns / 20 : 0;

        if (ns < units[i].ns - rounding)
            continue;
        tenths = ns / tenth + (ns % tenth >= tenth / 2);
        if (tenths % 10 == 0)
            return g_strdup_printf("%" G_GUINT64_FORMAT " %s", tenths / 10, units[i].name);
        return g_strdup_printf("%" G_GUINT64_FORMAT ".%u %s", tenths / 10, (guint)(tenths % 10),
                               units[i].name);
    }
    return g_strdup_printf("%" G_GUINT64_FORMAT " ns", ns);
}

char *vt_text_format_about(guint64 ns)
{
    g_autofree char *text = NULL;
    guint64 unit = 1;

    while (ns / unit >= 100)
        unit *= 10;
    text = vt_text_format_duration((ns / unit + (unit > 1 && ns % unit >= unit / 2)) * unit);
    return g_strconcat("~", text, NULL);
}

/* printf() is several times slower, and reports have thousands of such numbers. */
char *vt_text_format_count(double value)
{
    /* The digits of the largest double, a comma for every third, a sign. */
    char buffer[512];
    char *at = buffer + sizeof buffer;
    const double whole = rint(fabs(value));
    guint64 rest = (guint64)whole;
    guint digits = 0;

    if (!(whole < 1e18)) {
        g_autofree char *text = g_strdup_printf("%.0f", whole);

        for (gsize i = strlen(text); i-- > 0;) {
            if (digits > 0 && digits % 3 == 0)
                *--at = ',';
            *--at = text[i];
            digits++;
        }
    } else {
        do {
            if (digits > 0 && digits % 3 == 0)
                *--at = ',';
            *--at = (char)('0' + rest % 10);
            rest /= 10;
            digits++;
        } while (rest > 0);
    }
    if (value < 0 && whole > 0)
        *--at = '-';
    return g_strndup(at, (gsize)(buffer + sizeof buffer - at));
}

/* The most arguments that a sentence has. */
#define FILL_MAX 8

/* The index of the argument that the conversion at @p takes, and its end; -1 for what is no string.
 * @next: the argument of a conversion without a number. */
static int parse_conversion(const char *p, guint *next, const char **ret_end)
{
    if (p[1] == 's') {
        *ret_end = p + 2;
        return (int)(*next)++;
    }
    if (p[1] >= '1' && p[1] <= '0' + FILL_MAX && p[2] == '$' && p[3] == 's') {
        *ret_end = p + 4;
        return p[1] - '1';
    }
    return -1;
}

/* Copies the next part of a format, text up to a conversion or what that stands for. */
static gsize copy_part(char *out, const char *part, gsize length)
{
    if (out)
        memcpy(out, part, length);
    return length;
}

/* Writes to @out (NULL: only counts) and gives the length; @words has as many as @format asks for. */
static gsize fill(char *out, const char *format, const char *const *words)
{
    gsize length = 0;
    guint next = 0;

    for (const char *p = format; *p;) {
        const char *percent = strchrnul(p, '%');

        length += copy_part(out ? out + length : NULL, p, (gsize)(percent - p));
        p = percent;
        if (p[0] == '%' && p[1] == '%') {
            length += copy_part(out ? out + length : NULL, p, 1);
            p += 2;
        } else if (*p) {
            const char *word = words[parse_conversion(p, &next, &p)];

            if (word)
                length += copy_part(out ? out + length : NULL, word, strlen(word));
        }
    }
    return length;
}

/* How many arguments @format takes; -1 where it is not for vt_text_fill() to fill. */
static int count_arguments(const char *format)
{
    guint next = 0;
    int count = 0;

    for (const char *p = strchr(format, '%'); p; p = strchr(p, '%')) {
        int index;

        if (p[1] == '%') {
            p += 2;
            continue;
        }
        index = parse_conversion(p, &next, &p);
        if (index < 0 || index >= FILL_MAX)
            return -1;
        count = MAX(count, index + 1);
    }
    return count;
}

char *vt_text_fill(const char *format, ...)
{
    const int count = count_arguments(format);
    const char *words[FILL_MAX] = {NULL};
    char *text;
    gsize length;
    va_list args;

    va_start(args, format);
    if (count < 0) {
        text = g_strdup_vprintf(format, args);
        va_end(args);
        return text;
    }
    for (int i = 0; i < count; i++)
        words[i] = va_arg(args, const char *);
    va_end(args);
    length = fill(NULL, format, words);
    text = g_malloc(length + 1);
    fill(text, format, words);
    text[length] = '\0';
    return text;
}

/* Characters that act on the terminal or on the order of others, and those that nobody sees. The
 * joiners are left alone: several scripts cannot be written without them. */
static gboolean is_hazard(gunichar c)
{
    switch (g_unichar_type(c)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_SURROGATE:
        return TRUE;
    case G_UNICODE_FORMAT:
        return c != 0x200c && c != 0x200d;
    default:
        return FALSE;
    }
}

/* The character at @text, or (gunichar)-1 for an invalid byte; *@ret_length is its length. */
static gunichar next_char(const char *text, gsize *ret_length)
{
    gunichar c = g_utf8_get_char_validated(text, -1);

    if (c == (gunichar)-1 || c == (gunichar)-2) {
        *ret_length = 1;
        return (gunichar)-1;
    }
    *ret_length = (gsize)(g_utf8_next_char(text) - text);
    return c;
}

static void append_escape(GString *out, gunichar c)
{
    if (c < 0x80)
        g_string_append_printf(out, "\\x%02x", c);
    else if (c <= 0xffff)
        g_string_append_printf(out, "\\u%04x", c);
    else
        g_string_append_printf(out, "\\U%08x", c);
}

char *vt_text_printable(const char *text, gboolean keep_newlines)
{
    GString *out = g_string_sized_new(strlen(text));
    gsize length;

    for (const char *p = text; *p != '\0'; p += length) {
        gunichar c;

        /* Most text is plain ASCII: it goes over in one piece. */
        for (length = 0; p[length] >= ' ' && p[length] <= '~';)
            length++;
        if (length > 0) {
            g_string_append_len(out, p, (gssize)length);
            continue;
        }
        c = next_char(p, &length);
        if (c == (gunichar)-1)
            g_string_append_printf(out, "\\x%02x", (guint)(guchar)*p);
        else if (!is_hazard(c) || (keep_newlines && (c == '\n' || c == '\t')))
            g_string_append_len(out, p, (gssize)length);
        else
            append_escape(out, c);
    }
    return g_string_free(out, FALSE);
}

char *vt_text_escape(const char *text, void (*append)(GString *out, gunichar c))
{
    GString *out = g_string_sized_new(strlen(text));
    gsize length;

    for (const char *p = text; *p != '\0'; p += length) {
        gunichar c;

        for (length = 0; (p[length] >= ' ' && p[length] <= '~') || p[length] == '\n';)
            length++;
        c = length > 0 ? ' ' : next_char(p, &length);
        if (c != (gunichar)-1 && c != '\n' && c != '\t' && is_hazard(c))
            append(out, c);
        else
            g_string_append_len(out, p, (gssize)length);
    }
    return g_string_free(out, FALSE);
}

char *vt_text_quote(const char *text)
{
    gsize length = strnlen(text, QUOTE_BYTES + 1);
    gsize shown = MIN(length, QUOTE_BYTES);
    g_autofree char *start = NULL;
    g_autofree char *printable = NULL;

    /* A cut inside a character moves in front of it. */
    while (length > QUOTE_BYTES && shown > QUOTE_BYTES - 4 && ((guchar)text[shown] & 0xc0) == 0x80)
        shown--;
    start = g_strndup(text, shown);
    printable = vt_text_printable(start, FALSE);
    return g_strdup_printf("'%s%s'", printable, length > QUOTE_BYTES ? "…" : "");
}

char *vt_text_local(const char *text)
{
    const char *charset;
    char *local;

    if (g_get_charset(&charset))
        return g_strdup(text);
    local = g_convert_with_fallback(text, -1, charset, "UTF-8", "?", NULL, NULL, NULL);
    if (!local)
        local = g_str_to_ascii(text, "C");
    return local;
}

char *vt_text_fold(const char *text)
{
    GString *out = g_string_sized_new(strlen(text));

    for (const char *p = text; *p != '\0'; p++) {
        if (!g_ascii_isspace(*p))
            g_string_append_c(out, *p);
        else if (out->len > 0 && out->str[out->len - 1] != ' ')
            g_string_append_c(out, ' ');
    }
    if (out->len > 0 && out->str[out->len - 1] == ' ')
        g_string_truncate(out, out->len - 1);
    return g_string_free(out, FALSE);
}

static guint char_columns(gunichar c)
{
    if (c == (gunichar)-1 || (c >= ' ' && c <= '~'))
        return 1;
    if (g_unichar_iszerowidth(c))
        return 0;
    return g_unichar_iswide(c) ? 2 : 1;
}

static gboolean is_wide(gunichar c)
{
    /* Nothing below the Hangul letters is wide. */
    return c >= 0x1100 && c != (gunichar)-1 && g_unichar_iswide(c);
}

/* May a line of East Asian text end between @before and @after? Closing signs do not start a line,
 * opening ones do not end it. */
static gboolean may_break(gunichar before, gunichar after)
{
    if (!is_wide(before) && !is_wide(after))
        return FALSE;
    if (after != (gunichar)-1)
        switch (g_unichar_break_type(after)) {
        case G_UNICODE_BREAK_CLOSE_PUNCTUATION:
        case G_UNICODE_BREAK_CLOSE_PARANTHESIS:
        case G_UNICODE_BREAK_EXCLAMATION:
        case G_UNICODE_BREAK_INFIX_SEPARATOR:
        case G_UNICODE_BREAK_NON_STARTER:
        case G_UNICODE_BREAK_CONDITIONAL_JAPANESE_STARTER:
        case G_UNICODE_BREAK_POSTFIX:
        case G_UNICODE_BREAK_QUOTATION:
        case G_UNICODE_BREAK_COMBINING_MARK:
            return FALSE;
        default:
            break;
        }
    if (before != (gunichar)-1)
        switch (g_unichar_break_type(before)) {
        case G_UNICODE_BREAK_OPEN_PUNCTUATION:
        case G_UNICODE_BREAK_PREFIX:
        case G_UNICODE_BREAK_QUOTATION:
            return FALSE;
        default:
            break;
        }
    return TRUE;
}

guint vt_text_columns(const char *text)
{
    guint columns = 0;

    for (gsize length; *text != '\0'; text += length)
        columns += char_columns(next_char(text, &length));
    return columns;
}

gsize vt_text_cut(const char *text, guint columns)
{
    const char *end = text;
    guint used = 0;

    for (gsize length; *end != '\0'; end += length) {
        used += char_columns(next_char(end, &length));
        if (used > columns)
            break;
    }
    return (gsize)(end - text);
}

char *vt_text_wrap(const char *text, guint width, guint indent)
{
    guint room = width > indent + 1 ? width - indent : 1;
    GString *out = g_string_sized_new(strlen(text) + 16);
    guint column = 0; /* columns of the present line that are used, without the indent */
    const char *p = text;

    for (;;) {
        const char *start;
        guint columns = 0;
        gboolean space = FALSE;
        gunichar before = 0;

        for (; g_ascii_isspace(*p); p++)
            space = TRUE;
        if (*p == '\0')
            break;

        /* The piece from @start to @p cannot be broken. */
        for (start = p; *p != '\0' && !g_ascii_isspace(*p);) {
            gsize length;
            gunichar c = next_char(p, &length);

            if (p != start && may_break(before, c))
                break;
            columns += char_columns(c);
            before = c;
            p += length;
        }

        space = space && out->len > 0;
        if (column > 0 && column + space + columns > room) {
            g_string_append_printf(out, "\n%*s", (int)indent, "");
            column = 0;
            space = FALSE;
        }
        if (space)
            g_string_append_c(out, ' ');
        g_string_append_len(out, start, p - start);
        column += columns + space;
    }
    return g_string_free(out, FALSE);
}

char *vt_text_shell(const char *text)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";
    g_autofree char *printable = vt_text_printable(text, FALSE);
    GString *out;

    if (*text != '\0' && *text != '=' && text[strspn(text, plain)] == '\0')
        return g_strdup(text);
    if (g_str_equal(printable, text))
        return g_shell_quote(text);

    /* A command is printed before it is run: $'…' keeps what acts on the terminal out of it. */
    out = g_string_new("$'");
    for (const guchar *p = (const guchar *)text; *p != '\0'; p++) {
        if (*p < 0x20 || *p >= 0x7f)
            g_string_append_printf(out, "\\%03o", (guint)*p);
        else if (*p == '\'' || *p == '\\')
            g_string_append_printf(out, "\\%c", *p);
        else
            g_string_append_c(out, (char)*p);
    }
    g_string_append_c(out, '\'');
    return g_string_free(out, FALSE);
}
