/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A scanner over the tokens of a JSON text. */
#include "config.h"

#include "base/json-lex.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

typedef struct {
    const char *at, *end;
    const char *name;
    guint64 line;
    guint depth;
} Lexer;

static gboolean fail(const Lexer *lexer, GError **error, const char *message)
{
    return vt_error_set_input(error, lexer->name, lexer->line, "%s", message);
}

static char peek(const Lexer *lexer)
{
    return lexer->at < lexer->end ? *lexer->at : '\0';
}

static gboolean read_hex4(Lexer *lexer, guint *ret_value)
{
    guint value = 0;

    if (lexer->end - lexer->at < 4)
        return FALSE;
    for (int i = 0; i < 4; i++) {
        int digit = g_ascii_xdigit_value(lexer->at[i]);

        if (digit < 0)
            return FALSE;
        value = value * 16 + (guint)digit;
    }
    lexer->at += 4;
    *ret_value = value;
    return TRUE;
}

/* Behind "\u". */
static gboolean lex_unicode(Lexer *lexer, GError **error)
{
    guint unit, low;

    if (!read_hex4(lexer, &unit))
        return fail(lexer, error, _("“\\u” needs four hexadecimal digits"));
    if (unit == 0)
        return fail(lexer, error, _("a string must not hold the character NUL"));
    if (unit < 0xd800 || unit > 0xdfff)
        return TRUE;
    if (unit > 0xdbff || lexer->end - lexer->at < 6 || lexer->at[0] != '\\' || lexer->at[1] != 'u')
        return fail(lexer, error, _("half of a surrogate pair"));
    lexer->at += 2;
    if (!read_hex4(lexer, &low) || low < 0xdc00 || low > 0xdfff)
        return fail(lexer, error, _("half of a surrogate pair"));
    return TRUE;
}

/* Behind the opening quote. */
static gboolean lex_string(Lexer *lexer, GError **error)
{
    while (lexer->at < lexer->end) {
        char c = *lexer->at++;

        if (c == '"')
            return TRUE;
        if ((guchar)c < 0x20)
            return fail(lexer, error, _("a string holds a control character or is not closed"));
        if (c != '\\')
            continue;
        c = peek(lexer);
        if (c == '\0' || !strchr("\"\\/bfnrtu", c))
            return fail(lexer, error, _("an unknown escape sequence in a string"));
        lexer->at++;
        if (c == 'u' && !lex_unicode(lexer, error))
            return FALSE;
    }
    return fail(lexer, error, _("the file ends in the middle of a string; it is cut short"));
}

static gboolean skip_digits(Lexer *lexer)
{
    const char *start = lexer->at;

    while (g_ascii_isdigit(peek(lexer)))
        lexer->at++;
    return lexer->at > start;
}

static gboolean lex_number(Lexer *lexer, GError **error)
{
    const char *start = lexer->at;
    gboolean whole = TRUE;
    g_autofree char *text = NULL;
    guint64 value;

    if (peek(lexer) == '-')
        lexer->at++;
    if (peek(lexer) == '0' && lexer->end - lexer->at > 1 && g_ascii_isdigit(lexer->at[1]))
        return fail(lexer, error, _("a number must not start with zero"));
    if (!skip_digits(lexer))
        return fail(lexer, error, _("a number without digits"));
    if (peek(lexer) == '.') {
        whole = FALSE;
        lexer->at++;
        if (!skip_digits(lexer))
            return fail(lexer, error, _("a number without digits behind the point"));
    }
    if (peek(lexer) == 'e' || peek(lexer) == 'E') {
        whole = FALSE;
        lexer->at++;
        if (peek(lexer) == '+' || peek(lexer) == '-')
            lexer->at++;
        if (!skip_digits(lexer))
            return fail(lexer, error, _("a number without digits in its exponent"));
    }
    text = g_strndup(start, (gsize)(lexer->at - start));
    if (whole ? vt_text_parse_u64(*text == '-' ? text + 1 : text, 0, G_MAXINT64, &value, NULL)
              : isfinite(g_ascii_strtod(text, NULL)))
        return TRUE;
    return vt_error_set_input(error, lexer->name, lexer->line, _("the number %.40s is too large"),
                              text);
}

static gboolean lex_word(Lexer *lexer, GError **error)
{
    static const char *const words[] = {"true", "false", "null"};
    gsize left = (gsize)(lexer->end - lexer->at);
    g_autofree char *shown = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        gsize n = strlen(words[i]);

        if (left >= n && memcmp(lexer->at, words[i], n) == 0 &&
            (left == n || !g_ascii_isalnum(lexer->at[n]))) {
            lexer->at += n;
            return TRUE;
        }
    }
    shown = g_utf8_substring(lexer->at, 0, 1);
    return vt_error_set_input(error, lexer->name, lexer->line, _("“%s” does not belong into JSON"),
                              g_unichar_isprint(g_utf8_get_char(shown)) ? shown : "?");
}

static gboolean lex_token(Lexer *lexer, GError **error)
{
    char c = *lexer->at;

    switch (c) {
    case '{':
    case '[':
        lexer->at++;
        if (++lexer->depth > VT_JSON_DEPTH_MAX)
            return fail(lexer, error, _("objects and arrays stand too deep in one another"));
        return TRUE;
    case '}':
    case ']':
        lexer->at++;
        if (lexer->depth == 0)
            return fail(lexer, error, _("a closing bracket without an opening one"));
        lexer->depth--;
        return TRUE;
    case ',':
    case ':':
        lexer->at++;
        return TRUE;
    case '"':
        lexer->at++;
        return lex_string(lexer, error);
    default:
        return c == '-' || g_ascii_isdigit(c) ? lex_number(lexer, error) : lex_word(lexer, error);
    }
}

static void skip_space(Lexer *lexer)
{
    for (; lexer->at < lexer->end && memchr(" \t\r\n", *lexer->at, 4); lexer->at++)
        lexer->line += *lexer->at == '\n';
}

static gboolean check_utf8(Lexer *lexer, GError **error)
{
    const char *bad;

    if (g_utf8_validate_len(lexer->at, (gsize)(lexer->end - lexer->at), &bad))
        return TRUE;
    for (const char *p = lexer->at; p < bad; p++)
        lexer->line += *p == '\n';
    return fail(lexer, error, _("this is not text in UTF-8"));
}

gboolean vt_json_lex(const char *text, gsize length, const char *name, GError **error)
{
    Lexer lexer = {text, text + length, name, 1, 0};
    gboolean done = FALSE;

    if (!check_utf8(&lexer, error))
        return FALSE;
    for (skip_space(&lexer); lexer.at < lexer.end; skip_space(&lexer)) {
        if (done)
            return fail(&lexer, error, _("more text follows the end of the document"));
        if (!lex_token(&lexer, error))
            return FALSE;
        done = lexer.depth == 0;
    }
    if (lexer.depth > 0)
        return fail(&lexer, error,
                    _("the file ends before its last bracket is closed; it is cut short"));
    return done || fail(&lexer, error, _("the file is empty"));
}
