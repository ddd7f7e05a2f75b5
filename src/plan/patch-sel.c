/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the one node that a patch operation is about. */
#include "config.h"

#include "plan/patch-sel.h"

#include <libxml/xmlerror.h>
#include <libxml/xpathInternals.h>

#include "base/error.h"

#if LIBXML_VERSION >= 21200
typedef const xmlError *XmlErrorPtr;
#else
typedef xmlError *XmlErrorPtr;
#endif

/* A domain has at most some thousand nodes; a selector that walks it more than a few hundred times
 * is a mistake. */
#define SEL_STEPS_MAX 1000000

gboolean vt_patch_sel_fail(GError **error, const VtPatchOp *op, const char *condition,
                           const char *format, ...)
{
    const xmlDoc *doc = op->content ? op->content->doc : NULL;
    g_autofree char *message = NULL;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    return vt_error_set_input(error, doc ? (const char *)doc->URL : NULL, op->line, "%s: %s",
                              condition, message);
}

/* An expression that is being written again, with a prefix before names that have none. */
typedef struct {
    GString *out;
    const char *rest; /* not yet written */
    const char *prefix;
} Qualifying;

static void qualify_name(const VtXPathName *name, gpointer data)
{
    Qualifying *qualifying = data;

    if (!name->is_element || name->has_prefix)
        return;
    g_string_append_len(qualifying->out, qualifying->rest, name->start - qualifying->rest);
    g_string_append_printf(qualifying->out, "%s:", qualifying->prefix);
    qualifying->rest = name->start;
}

/* @expression with @prefix before every element name that has none. */
static char *qualify(const char *expression, const char *prefix)
{
    Qualifying qualifying = {g_string_new(NULL), expression, prefix};

    vt_xpath_each_name(expression, qualify_name, &qualifying);
    g_string_append(qualifying.out, qualifying.rest);
    return g_string_free(qualifying.out, FALSE);
}

/* Makes the namespaces in scope at the operation known to @context. Gives the prefix that stands
 * for the default namespace, NULL where there is none. */
static char *register_namespaces(xmlXPathContext *context, const VtPatchOp *op)
{
    xmlNs **list = op->content ? xmlGetNsList(op->content->doc, op->content) : NULL;
    g_autoptr(GString) prefix = g_string_new("_");
    const xmlNs *by_default = NULL;

    xmlXPathRegisterNs(context, BAD_CAST "qemu", BAD_CAST VT_XPATH_QEMU_NAMESPACE);
    for (xmlNs **ns = list; ns && *ns; ns++) {
        if ((*ns)->prefix)
            xmlXPathRegisterNs(context, (*ns)->prefix, (*ns)->href);
        else if ((*ns)->href && *(*ns)->href)
            by_default = *ns;
    }
    if (by_default) {
        while (xmlXPathNsLookup(context, BAD_CAST prefix->str))
            g_string_append_c(prefix, '_');
        xmlXPathRegisterNs(context, BAD_CAST prefix->str, by_default->href);
    }
    xmlFree(list);
    return by_default ? g_strdup(prefix->str) : NULL;
}

static void keep_first_error(void *data, XmlErrorPtr xml_error)
{
    xmlError *kept = data;

    if (kept->code == XML_ERR_OK)
        xmlCopyError(xml_error, kept);
}

static gboolean set_xpath_error(GError **error, const VtPatchOp *op, const xmlError *why)
{
    g_autofree char *message = g_strdup(why->message ? why->message : "");

    if (why->code == XML_XPATH_UNDEF_PREFIX_ERROR)
        return vt_patch_sel_fail(error, op, "invalid-namespace-prefix",
                                 _("a prefix in sel \"%s\" is not declared in the rule"), op->sel);
    return vt_patch_sel_fail(error, op, "invalid-attribute-value",
                             _("sel \"%s\" cannot be evaluated: %s"), op->sel, g_strchomp(message));
}

static gboolean set_target(xmlNode *node, const VtPatchOp *op, VtPatchTarget *ret_target,
                           GError **error)
{
    const xmlNs *selected = (const xmlNs *)node;
    xmlNode *element;

    if (node->type != XML_NAMESPACE_DECL) {
        *ret_target = (VtPatchTarget){.node = node};
        return TRUE;
    }
    /* libxml2 hands out a copy of the declaration, whose next is the element in whose scope it was
     * found. */
    element = (xmlNode *)selected->next;
    for (xmlNs *ns = element->nsDef; ns; ns = ns->next)
        if (xmlStrEqual(ns->prefix, selected->prefix)) {
            *ret_target = (VtPatchTarget){.node = element, .ns = ns};
            return TRUE;
        }
    return vt_patch_sel_fail(
        error, op, "unlocated-node",
        _("the namespace in sel \"%s\" is not declared at that element but above it"), op->sel);
}

gboolean vt_patch_sel_locate(xmlNode *start, const VtPatchOp *op, VtPatchTarget *ret_target,
                             GError **error)
{
    g_autoptr(xmlXPathContext) context = xmlXPathNewContext(start->doc);
    g_autofree char *prefix = NULL, *expression = NULL;
    g_autoptr(xmlXPathObject) found = NULL;
    xmlError why = {.code = XML_ERR_OK};
    gboolean ok;

    if (!op->sel || !*op->sel)
        return vt_patch_sel_fail(error, op, "invalid-attribute-value",
                                 _("the operation has no sel"));

    context->opLimit = SEL_STEPS_MAX;
    context->error = keep_first_error;
    context->userData = &why;
    prefix = register_namespaces(context, op);
    expression = prefix ? qualify(op->sel, prefix) : g_strdup(op->sel);
    xmlXPathSetContextNode(start, context);
    found = xmlXPathEval(BAD_CAST expression, context);
    if (!found) {
        ok = set_xpath_error(error, op, &why);
        xmlResetError(&why);
        return ok;
    }
    xmlResetError(&why);
    if (found->type != XPATH_NODESET)
        return vt_patch_sel_fail(error, op, "invalid-attribute-value",
                                 _("sel \"%s\" does not select a node"), op->sel);
    if (xmlXPathNodeSetIsEmpty(found->nodesetval))
        return vt_patch_sel_fail(error, op, "unlocated-node", _("sel \"%s\" locates no node"),
                                 op->sel);
    if (found->nodesetval->nodeNr > 1)
        return vt_patch_sel_fail(error, op, "unlocated-node",
                                 _("sel \"%s\" locates %d nodes; an operation needs exactly one"),
                                 op->sel, found->nodesetval->nodeNr);
    return set_target(found->nodesetval->nodeTab[0], op, ret_target, error);
}
