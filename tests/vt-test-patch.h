/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes as RFC 5261 writes them, made to a text. */
#pragma once

#include <string.h>

#include "base/error.h"
#include "plan/patch.h"
#include "vt-test.h"

static inline xmlDoc *parse(const char *text)
{
    xmlDoc *doc = xmlReadMemory(text, (int)strlen(text), "patch.xml", NULL, XML_PARSE_NONET);

    assert_non_null(doc);
    return doc;
}

static inline void op_free(gpointer data)
{
    VtPatchOp *op = data;

    g_free(op->sel);
    g_free(op->type);
    g_free(op->pos);
    g_free(op->ws);
    vt_xpath_free(op->when);
    g_free(op);
}

/* The operations in the root element of @diff, which has to outlive them. */
static inline GPtrArray *read_ops(xmlDoc *diff)
{
    GPtrArray *ops = g_ptr_array_new_with_free_func(op_free);

    for (xmlNode *node = xmlDocGetRootElement(diff)->children; node; node = node->next) {
        g_autofree char *when = NULL;
        VtPatchOp *op;

        if (node->type != XML_ELEMENT_NODE)
            continue;
        op = g_new0(VtPatchOp, 1);
        op->kind = xmlStrEqual(node->name, BAD_CAST "add")       ? VT_PATCH_ADD
                   : xmlStrEqual(node->name, BAD_CAST "replace") ? VT_PATCH_REPLACE
                                                                 : VT_PATCH_REMOVE;
        op->line = (guint)xmlGetLineNo(node);
        op->sel = vt_xml_attr(node, "sel");
        op->type = vt_xml_attr(node, "type");
        op->pos = vt_xml_attr(node, "pos");
        op->ws = vt_xml_attr(node, "ws");
        op->content = node;
        when = vt_xml_attr(node, "if");
        if (when) {
            op->when = vt_xpath_new(when, NULL);
            assert_non_null(op->when);
        }
        g_ptr_array_add(ops, op);
    }
    return ops;
}

/* Every node but the declaration, byte for byte. */
static inline char *dump(xmlDoc *doc)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (xmlNode *node = doc->children; node; node = node->next) {
        xmlBuffer *buffer = xmlBufferCreate();

        xmlNodeDump(buffer, doc, node, 0, 0);
        g_string_append(text, (const char *)xmlBufferContent(buffer));
        xmlBufferFree(buffer);
    }
    return g_strdup(text->str);
}

static inline char *test_value(const char *name, const char *argument, gpointer data, GError **error)
{
    if (g_str_equal(name, "who"))
        return g_strdup("a<b & \"c\"");
    if (g_str_equal(name, "arg"))
        return g_strdup_printf("[%s]", argument ? argument : "none");
    g_set_error(error, VT_ERROR, VT_ERROR_NOT_FOUND, "no value %s", name);
    return NULL;
}

/* Applies @diff to @before. @start: an XPath for the node that relative paths start at; NULL: the
 * document node, as in the RFC. The result is the serialised document; @error is the caller's to
 * check. */
static inline char *apply(const char *before, const char *diff, const char *start, VtPatchValue value,
                   GError **error)
{
    g_autoptr(xmlDoc) doc = parse(before);
    g_autoptr(xmlDoc) diff_doc = parse(diff);
    g_autoptr(GPtrArray) ops = read_ops(diff_doc);
    xmlNode *node = (xmlNode *)doc;

    if (start) {
        g_autoptr(VtXPath) xpath = vt_xpath_new(start, NULL);
        g_autoptr(GPtrArray) nodes = NULL;

        assert_non_null(xpath);
        assert_true(vt_xpath_nodes(xpath, (xmlNode *)doc, &nodes, NULL));
        assert_int_equal(nodes->len, 1);
        node = g_ptr_array_index(nodes, 0);
    }
    vt_patch_apply(doc, node, ops, value, NULL, error);
    return dump(doc);
}

static inline void check(const char *before, const char *diff, const char *after)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *got = apply(before, diff, NULL, NULL, &error);

    if (error)
        fail_msg("%s", error->message);
    assert_string_equal(got, after);
}

/* The document must read as before, and the message name the place and the RFC's condition. */
static inline void check_fails(const char *before, const char *diff, const char *condition)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *got = apply(before, diff, NULL, test_value, &error);
    g_autoptr(xmlDoc) doc = parse(before);
    g_autofree char *same = dump(doc);
    g_autofree char *place = g_strdup_printf("patch.xml:1: %s: ", condition);

    assert_string_equal(got, same);
    if (!error)
        fail_msg("%s was accepted", diff);
    if (!g_str_has_prefix(error->message, place))
        fail_msg("\"%s\" does not start with \"%s\"", error->message, place);
}

