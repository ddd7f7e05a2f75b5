/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of elements and attributes in an XPath expression, by its lexical rules (XPath 1.0,
 * 3.7). */
#include "config.h"

#include <string.h>

#include "base/xpath.h"

/* Parentheses whose function is remembered; deeper ones count as functions. */
#define DEPTH_MAX 64

typedef struct {
    VtXPathNameFunc visit; /* NULL: only looks for alternatives */
    gpointer data;
    gboolean alternatives; /* "or" or "|" anywhere */
    /* What stood before a token decides what it is. */
    gboolean operand;  /* an operand: a name behind it is an operator, and so is "*" */
    gboolean special;  /* "@", "attribute::", "namespace::": a name behind it is not an element's */
    gboolean prefix;   /* a prefix and its colon */
    gboolean function; /* the name of a function, whose "(" comes next */
    guint64 functions; /* a bit for each open parenthesis: that of a function */
    guint depth;
} Scan;

static gboolean is_name(const char *p, gsize length, const char *name)
{
    return strlen(name) == length && memcmp(name, p, length) == 0;
}

static gboolean is_operator_name(const char *name, gsize length)
{
    static const char *const names[] = {"and", "or", "div", "mod"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (is_name(name, length, names[i]))
            return TRUE;
    return FALSE;
}

/* The name at @p, which is not an operator; the end of it and of what belongs to it. */
static const char *scan_name(Scan *scan, const char *p)
{
    const char *end = vt_xpath_skip_name(p);
    const char *after = vt_xpath_skip_blanks(end);
    VtXPathName name = {.start = p, .length = (gsize)(end - p)};

    if (after[0] == ':' && after[1] == ':') {
        scan->special = is_name(p, name.length, "attribute") ||
                        is_name(p, name.length, "namespace");
        scan->operand = FALSE;
        return after + 2;
    }
    if (after[0] == ':') {
        scan->prefix = TRUE;
        return after + 1;
    }
    name.is_element = !scan->special;
    name.has_prefix = scan->prefix;
    name.needed = !scan->alternatives && scan->functions == 0;
    scan->function = after[0] == '(';
    if (!scan->function && scan->visit)
        scan->visit(&name, scan->data);
    scan->operand = !scan->function;
    scan->special = scan->prefix = FALSE;
    return end;
}

static const char *scan_operator(Scan *scan, const char *p)
{
    scan->alternatives = scan->alternatives || strncmp(p, "or", 2) == 0;
    scan->operand = scan->special = scan->prefix = FALSE;
    return vt_xpath_skip_name(p);
}

static const char *scan_operand(Scan *scan, const char *end)
{
    scan->operand = TRUE;
    scan->special = scan->prefix = FALSE;
    return end;
}

static const char *scan_sign(Scan *scan, const char *p)
{
    if (*p == '(') {
        scan->functions |= scan->function || scan->depth >= DEPTH_MAX
                               ? G_GUINT64_CONSTANT(1) << MIN(scan->depth, DEPTH_MAX - 1)
                               : 0;
        scan->depth++;
    } else if (*p == ')' && scan->depth > 0) {
        scan->depth--;
        if (scan->depth < DEPTH_MAX)
            scan->functions &= ~(G_GUINT64_CONSTANT(1) << scan->depth);
    }
    scan->alternatives = scan->alternatives || *p == '|';
    scan->operand = *p == ')' || *p == ']' || *p == '.' || (*p == '*' && !scan->operand);
    scan->special = *p == '@';
    scan->prefix = scan->function = FALSE;
    return p + 1;
}

static void scan(Scan *scan, const char *expression)
{
    for (const char *p = vt_xpath_skip_blanks(expression); *p; p = vt_xpath_skip_blanks(p)) {
        if (vt_xpath_is_name_start(*p)) {
            const char *end = vt_xpath_skip_name(p);

            p = scan->operand && is_operator_name(p, (gsize)(end - p)) ? scan_operator(scan, p)
                                                                        : scan_name(scan, p);
        } else if (*p == '"' || *p == '\'') {
            const char *end = strchr(p + 1, *p);

            p = scan_operand(scan, end ? end + 1 : p + strlen(p));
        } else if (g_ascii_isdigit(*p) || (*p == '.' && g_ascii_isdigit(p[1]))) {
            p = scan_operand(scan, p + strspn(p, ".0123456789"));
        } else if (*p == '$') {
            p = scan_operand(scan, vt_xpath_skip_name(p + 1));
        } else {
            p = scan_sign(scan, p);
        }
    }
}

void vt_xpath_each_name(const char *expression, VtXPathNameFunc visit, gpointer data)
{
    Scan first = {0}, second = {.visit = visit, .data = data};

    scan(&first, expression);
    second.alternatives = first.alternatives;
    scan(&second, expression);
}
