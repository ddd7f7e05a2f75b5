/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a patch operation brings along. */
#include "config.h"

#include "plan/patch-content.h"

#include "base/error.h"
#include "plan/patch-sel.h"

char *vt_patch_content_text(const VtPatchOp *op, VtPatchValue value, gpointer data, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (const xmlNode *node = op->content ? op->content->children : NULL; node;
         node = node->next) {
        if (node->type == XML_CDATA_SECTION_NODE) {
            vt_patch_sel_fail(error, op, "invalid-attribute-value",
                              _("a CDATA section cannot be a value"));
            return NULL;
        }
        if (node->type != XML_TEXT_NODE) {
            vt_patch_sel_fail(error, op, "invalid-node-types", _("the content must be text alone"));
            return NULL;
        }
        g_string_append(text, (const char *)node->content);
    }
    return vt_patch_expand(text->str, value, data, error);
}

static gboolean expand_attributes(xmlNode *element, VtPatchValue value, gpointer data,
                                  GError **error)
{
    for (xmlAttr *attr = element->properties; attr; attr = attr->next) {
        xmlChar *old = xmlNodeListGetString(element->doc, attr->children, 1);
        g_autofree char *text = vt_patch_expand(old ? (const char *)old : "", value, data, error);

        xmlFree(old);
        if (!text)
            return FALSE;
        xmlSetNsProp(element, attr->ns, attr->name, BAD_CAST text);
    }
    return TRUE;
}

/* The depth is that of a rule file, which the parser has bounded. */
static gboolean expand_nodes(xmlNode *list, VtPatchValue value, gpointer data, GError **error)
{
    for (xmlNode *node = list; node; node = node->next) {
        if (node->type == XML_ELEMENT_NODE) {
            if (!expand_attributes(node, value, data, error) ||
                !expand_nodes(node->children, value, data, error))
                return FALSE;
        } else if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
            g_autofree char *text =
                vt_patch_expand((const char *)node->content, value, data, error);

            if (!text)
                return FALSE;
            xmlNodeSetContent(node, BAD_CAST text);
        }
    }
    return TRUE;
}

xmlNode *vt_patch_content_nodes(const VtPatchOp *op, xmlDoc *doc, VtPatchValue value, gpointer data,
                                GError **error)
{
    xmlNode *list;

    if (!op->content || !op->content->children)
        return NULL;
    list = xmlDocCopyNodeList(doc, op->content->children);
    if (expand_nodes(list, value, data, error))
        return list;
    xmlFreeNodeList(list);
    return NULL;
}

/* The declaration that @node, or an attribute of it, can use for what the content called @wanted.
 */
static xmlNs *find_ns(xmlNode *node, const xmlNs *wanted, gboolean attribute)
{
    xmlNs *ns = xmlSearchNs(node->doc, node, wanted->prefix);
    xmlNs **list, *found = NULL;

    if (ns && xmlStrEqual(ns->href, wanted->href) && (!attribute || ns->prefix))
        return ns;
    /* The inner declaration comes first; one that a nearer one hides is not in the list. */
    list = xmlGetNsList(node->doc, node);
    for (xmlNs **i = list; i && *i && !found; i++)
        if (xmlStrEqual((*i)->href, wanted->href) && (!attribute || (*i)->prefix))
            found = *i;
    xmlFree(list);
    return found;
}

/* Uses other declarations instead of @old in the tree of @node; FALSE where that was not possible
 * everywhere. */
static gboolean rebind(xmlNode *node, xmlNs *old)
{
    gboolean all = TRUE;
    xmlNs *ns;

    if (node->type != XML_ELEMENT_NODE)
        return TRUE;
    if (node->ns == old) {
        ns = find_ns(node, old, FALSE);
        if (ns)
            node->ns = ns;
        all = all && ns;
    }
    for (xmlAttr *attr = node->properties; attr; attr = attr->next)
        if (attr->ns == old) {
            ns = find_ns(node, old, TRUE);
            if (ns)
                attr->ns = ns;
            all = all && ns;
        }
    for (xmlNode *child = node->children; child; child = child->next)
        all = rebind(child, old) && all;
    return all;
}

static gboolean declares(const xmlNode *element, const xmlChar *prefix)
{
    for (const xmlNs *ns = element->nsDef; ns; ns = ns->next)
        if (xmlStrEqual(ns->prefix, prefix))
            return TRUE;
    return FALSE;
}

void vt_patch_content_settle(xmlNode *node, const VtPatchOp *op)
{
    xmlNs **link = &node->nsDef;
    xmlNs *above;

    if (node->type != XML_ELEMENT_NODE)
        return;
    /* xmlDocCopyNodeList() declares at the top of each copy what the original has from outside of
     * itself: that is known by being in scope at the operation with the same URI. A declaration
     * that the content repeats word for word is thereby taken for one from outside, which changes
     * no name. */
    while (*link) {
        xmlNs *ns = *link;
        const xmlNs *outer = xmlSearchNs(op->content->doc, op->content, ns->prefix);

        if (!outer || !xmlStrEqual(outer->href, ns->href)) {
            link = &ns->next;
            continue;
        }
        *link = ns->next;
        ns->next = NULL;
        if (rebind(node, ns)) {
            xmlFreeNs(ns);
        } else {
            ns->next = *link;
            *link = ns;
            link = &ns->next;
        }
    }
    /* An element without a namespace stays without one below a default namespace. */
    above = node->parent ? xmlSearchNs(node->doc, node->parent, NULL) : NULL;
    if (!node->ns && above && above->href && *above->href && !declares(node, NULL))
        xmlNewNs(node, BAD_CAST "", NULL);
}

xmlNs *vt_patch_content_attribute_ns(xmlNode *element, const VtPatchOp *op, const char *prefix,
                                     GError **error)
{
    xmlNs *wanted = xmlSearchNs(op->content->doc, op->content, BAD_CAST prefix), *ns;

    if (!wanted) {
        vt_patch_sel_fail(error, op, "invalid-namespace-prefix",
                          _("the prefix \"%s\" is not declared in the rule"), prefix);
        return NULL;
    }
    ns = find_ns(element, wanted, TRUE);
    if (!ns)
        ns = xmlNewNs(element, wanted->href, wanted->prefix);
    if (!ns)
        vt_patch_sel_fail(error, op, "invalid-namespace-prefix",
                          _("the prefix \"%s\" means something else in the document"), prefix);
    return ns;
}
