/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XPath expressions of rules and of our own: compiled once, checked when compiled, evaluated within
 * bounds. */
#pragma once

#include <glib.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathContext, xmlXPathFreeContext)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathObject, xmlXPathFreeObject)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathCompExpr, xmlXPathFreeCompExpr)

/* What the prefix "qemu" stands for, in every expression. */
#define VT_XPATH_QEMU_NAMESPACE "http://libvirt.org/schemas/domain/qemu/1.0"

/* A compiled XPath expression, which may be evaluated on any document. */
typedef struct VtXPath VtXPath;
/* @error names the expression and libxml2's reason. Functions outside XPath's core, variables and
 * namespace prefixes other than "qemu" are refused here, not when an evaluation happens to reach
 * them. */
VtXPath *vt_xpath_new(const char *expression, GError **error);
void vt_xpath_free(VtXPath *xpath);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtXPath, vt_xpath_free)
const char *vt_xpath_text(const VtXPath *xpath);
/* g_str_hash() of the text. */
guint vt_xpath_hash(const VtXPath *xpath);
/* Evaluations at @node (not NULL; the document node for the whole). Each is bounded in steps: an
 * expression that takes more fails. TRUE on success. */
gboolean vt_xpath_test(const VtXPath *xpath, xmlNode *node, gboolean *ret_value, GError **error);
gboolean vt_xpath_string(const VtXPath *xpath, xmlNode *node, char **ret_value, GError **error);
/* Nodes in document order (elements, attributes, text); the array does not own them. An expression
 * that is no node set is an error. */
gboolean vt_xpath_nodes(const VtXPath *xpath, xmlNode *node, GPtrArray **ret_nodes, GError **error);

/* A name of an element, attribute or namespace in an expression; a prefix is no part of it. */
typedef struct {
    const char *start; /* in the expression; not terminated */
    gsize length;
    gboolean is_element; /* or an attribute, or of the namespace axis */
    gboolean has_prefix;
    gboolean needed; /* FALSE where the expression may be true although nothing has this name: inside
                        a function, and where there are alternatives */
} VtXPathName;

/* Calls @visit for each name in a well-formed @expression: no functions, axes, operators, variables
 * and "*". */
typedef void (*VtXPathNameFunc)(const VtXPathName *name, gpointer data);
void vt_xpath_each_name(const char *expression, VtXPathNameFunc visit, gpointer data);

/* Shorthands for fixed expressions of our own: NULL or FALSE where nothing matches; an invalid
 * expression aborts. */
char *vt_xml_get(xmlNode *node, const char *expression);
gboolean vt_xml_has(xmlNode *node, const char *expression);

/* The lexical part of XPath that its users share: names may hold "-" and "." behind their first letter. */
static inline gboolean vt_xpath_is_name_start(char c)
{
    return g_ascii_isalpha(c) || c == '_' || (guchar)c >= 0x80;
}

static inline const char *vt_xpath_skip_name(const char *p)
{
    while (vt_xpath_is_name_start(*p) || g_ascii_isdigit(*p) || *p == '-' || *p == '.')
        p++;
    return p;
}

static inline const char *vt_xpath_skip_blanks(const char *p)
{
    while (g_ascii_isspace(*p))
        p++;
    return p;
}
