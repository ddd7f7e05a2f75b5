/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the one node that a patch operation is about. */
#include "config.h"

#include "plan/patch-sel.h"

#include <libxml/xmlerror.h>
#include <libxml/xpathInternals.h>
#include <string.h>

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

static gboolean is_operator_name(const char *name, gsize length)
{
    static const char *const names[] = {"and", "or", "div", "mod"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
            return TRUE;
    return FALSE;
}

/* @expression with @prefix before every element name that has none. XPath 1.0 section 3.7 tells an
 * operator's name from an element's by the token before it. */
static char *qualify(const char *expression, const char *prefix)
{
    GString *out = g_string_new(NULL);
    gboolean operand = FALSE; /* the token before ends an operand */
    gboolean element = TRUE;  /* a name here is an element's, not an attribute's or a namespace's */
    const char *p = expression;

    while (*p) {
        const char *end = p + 1;

        if (g_ascii_isspace(*p)) {
            end = vt_xpath_skip_blanks(p);
        } else if (*p == '"' || *p == '\'') {
            end = strchr(p + 1, *p);
            end = end ? end + 1 : p + strlen(p);
            operand = TRUE;
        } else if (*p == '$') {
            end = vt_xpath_skip_name(p + 1);
            operand = TRUE;
        } else if (g_ascii_isdigit(*p)) {
            while (g_ascii_isdigit(*end) || *end == '.')
                end++;
            operand = TRUE;
        } else if (vt_xpath_is_name_start(*p)) {
            const char *next;

            end = vt_xpath_skip_name(p);
            next = vt_xpath_skip_blanks(end);
            if (g_str_has_prefix(next, "::")) {
                element = !g_str_has_prefix(p, "attribute") && !g_str_has_prefix(p, "namespace");
                end = next + 2;
                operand = FALSE;
            } else if (*next == '(' || (operand && is_operator_name(p, (gsize)(end - p)))) {
                operand = FALSE;
            } else {
                if (*end == ':')
                    end = end[1] == '*' ? end + 2 : vt_xpath_skip_name(end + 1);
                else if (element)
                    g_string_append_printf(out, "%s:", prefix);
                operand = TRUE;
                element = TRUE;
            }
        } else if (*p == '@') {
            element = FALSE;
            operand = FALSE;
        } else if (*p == '*') {
            operand = !operand;
            element = TRUE;
        } else {
            operand = *p == ')' || *p == ']' || *p == '.';
        }
        g_string_append_len(out, p, end - p);
        p = end;
    }
    return g_string_free(out, FALSE);
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
