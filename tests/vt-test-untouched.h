/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which nodes of a definition the changes of a rule name, and whether all others are as they were. */
#pragma once

#include <string.h>

#include "model/finding.h"
#include "plan/patch-sel.h"
#include "plan/patch.h"
#include "plan/value.h"
#include "vt-test.h"

/* Every node of the copy knows the one that it is a copy of. */
static inline void test_link(xmlNode *copy, xmlNode *node)
{
    copy->_private = node;
    if (node->type != XML_ELEMENT_NODE)
        return;
    for (xmlAttr *a = copy->properties, *b = node->properties; a; a = a->next, b = b->next)
        a->_private = b;
    for (xmlNode *a = copy->children, *b = node->children; a; a = a->next, b = b->next)
        test_link(a, b);
}

/* Where relative paths of the rule start. */
static inline xmlNode *test_start(const VtRule *rule, const VtFinding *finding, xmlDoc *doc)
{
    g_autoptr(GPtrArray) nodes = NULL;

    if (!rule->each)
        return xmlDocGetRootElement(doc);
    if (finding->device)
        return vt_domain_find_device(doc, finding->device_element, finding->device);
    return vt_xpath_nodes(rule->each, xmlDocGetRootElement(doc), &nodes, NULL) && nodes->len == 1
               ? g_ptr_array_index(nodes, 0)
               : NULL;
}

/* Makes one operation in a copy of the definition; what it takes away or replaces is named. */
static inline gboolean test_name(const VtPatchOp *op, xmlNode *start, VtValueContext *context,
                                 GHashTable *named)
{
    g_autoptr(GPtrArray) one = g_ptr_array_new();
    VtPatchTarget target = {0};
    gboolean runs = TRUE;

    if (op->when && (!vt_xpath_test(op->when, start, &runs, NULL) || !runs))
        return TRUE;
    if (op->kind != VT_PATCH_ADD && vt_patch_sel_locate(start, op, &target, NULL) && target.node->_private)
        g_hash_table_add(named, target.node->_private);
    g_ptr_array_add(one, (gpointer)op);
    return vt_patch_apply(context->doc, start, one, vt_value_lookup, context, NULL);
}

/* The nodes of @before that the rule's changes of the domain take away or replace. */
static inline GHashTable *test_named(const VtRule *rule, const VtFinding *finding, const VtDomain *of,
                                     const VtHost *host, xmlDoc *before)
{
    GHashTable *named = g_hash_table_new(NULL, NULL);
    g_autoptr(xmlDoc) doc = xmlCopyDoc(before, 1);
    VtValueContext context = {.domain = of, .host = host, .doc = doc};

    test_link(xmlDocGetRootElement(doc), xmlDocGetRootElement(before));
    for (guint i = 0; i < rule->changes->len; i++) {
        const VtChange *change = g_ptr_array_index(rule->changes, i);
        gboolean is_domains = g_str_equal(change->target, "domain");
        xmlNode *start = is_domains ? test_start(rule, finding, doc) : NULL;

        for (guint j = 0; start && j < change->ops->len; j++)
            if (!test_name(g_ptr_array_index(change->ops, j), start, &context, named))
                start = NULL;
    }
    return named;
}

static inline gboolean test_has_attribute(const xmlNode *node, const xmlAttr *attribute)
{
    g_autofree char *value = (char *)xmlNodeListGetString(node->doc, attribute->children, 1);
    xmlChar *other = xmlGetProp(node, attribute->name);
    gboolean same = g_strcmp0(value, (const char *)other) == 0;

    xmlFree(other);
    return same;
}

static inline gboolean test_is_kept(xmlNode *node, xmlNode *in, GHashTable *named, GHashTable *used);

/* Whether @after has all of @before, but for what is named; it may have more. */
static inline gboolean test_has_all(xmlNode *before, xmlNode *after, GHashTable *named)
{
    g_autoptr(GHashTable) used = g_hash_table_new(NULL, NULL);

    for (xmlAttr *a = before->properties; a; a = a->next)
        if (!g_hash_table_contains(named, a) && !test_has_attribute(after, a))
            return FALSE;
    for (xmlNode *child = before->children; child; child = child->next)
        if (!g_hash_table_contains(named, child) && !test_is_kept(child, after, named, used))
            return FALSE;
    return TRUE;
}

/* @used: children of @in that stand for others already. */
static inline gboolean test_is_kept(xmlNode *node, xmlNode *in, GHashTable *named, GHashTable *used)
{
    if (xmlIsBlankNode(node))
        return TRUE;
    for (xmlNode *child = in->children; child; child = child->next) {
        if (child->type != node->type || g_hash_table_contains(used, child))
            continue;
        if (node->type == XML_ELEMENT_NODE
                ? xmlStrEqual(child->name, node->name) && test_has_all(node, child, named)
                : xmlStrEqual(child->content, node->content)) {
            g_hash_table_add(used, child);
            return TRUE;
        }
    }
    return FALSE;
}
