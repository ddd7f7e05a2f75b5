/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RFC 5261 operations on an XML document. */
#include "config.h"

#include "plan/patch.h"

#include <string.h>

#include "base/error.h"
#include "plan/patch-content.h"
#include "plan/patch-sel.h"

typedef struct {
    xmlDoc *doc;
    xmlNode *start; /* NULL once an operation has removed it */
    VtPatchValue value;
    gpointer data;
} Run;

char *vt_patch_expand(const char *text, VtPatchValue value, gpointer data, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);
    const char *p = text;

    if (!value)
        return g_strdup(text);

    while (*p) {
        g_autofree char *name = NULL, *replaced = NULL;
        char *argument;
        const char *end;

        if (p[0] != '{' || p[1] == '{') {
            g_string_append_c(out, *p);
            p += p[0] == '{' ? 2 : 1;
            continue;
        }
        end = strchr(p, '}');
        if (!end) {
            g_set_error(error, VT_ERROR, VT_ERROR_INPUT,
                        _("\"%s\" opens a value with \"{\" that no \"}\" ends; \"{{\" is a brace"),
                        text);
            return NULL;
        }
        name = g_strndup(p + 1, (gsize)(end - p - 1));
        argument = strchr(name, ':');
        if (argument)
            *argument++ = '\0';
        replaced = value(name, argument, data, error);
        if (!replaced)
            return NULL;
        g_string_append(out, replaced);
        p = end + 1;
    }
    return g_strdup(out->str);
}

static gboolean is_text(const xmlNode *node)
{
    return node && (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE);
}

static gboolean is_inside(const xmlNode *node, const xmlNode *ancestor)
{
    for (; node; node = node->parent)
        if (node == ancestor)
            return TRUE;
    return FALSE;
}

static gboolean is_blank(const char *text)
{
    return strspn(text, " \t\r\n") == strlen(text);
}

/* XPath's data model has no two text nodes side by side. */
static void join_texts(xmlNode *left, xmlNode *right)
{
    if (!left || !right || left->type != XML_TEXT_NODE || right->type != XML_TEXT_NODE)
        return;
    xmlNodeAddContent(left, right->content);
    xmlUnlinkNode(right);
    xmlFreeNode(right);
}

static void drop_node(Run *run, xmlNode *node)
{
    xmlNode *left = node->prev, *right = node->next;

    if (run->start && is_inside(run->start, node))
        run->start = NULL;
    xmlUnlinkNode(node);
    xmlFreeNode(node);
    join_texts(left, right);
}

/* Puts @list, which it takes, before @mark. */
static void insert_before(xmlNode *mark, xmlNode *list, const VtPatchOp *op)
{
    while (list) {
        xmlNode *node = list;

        list = node->next;
        xmlUnlinkNode(node);
        node = xmlAddPrevSibling(mark, node);
        vt_patch_content_settle(node, op);
        join_texts(node->prev, node);
    }
}

/* Beside the root element there can only be comments and processing instructions (5.1:
 * invalid-root-element-operation, invalid-xml-prolog-operation). */
static gboolean check_beside_root(const xmlNode *list, const VtPatchOp *op, GError **error)
{
    for (; list; list = list->next) {
        if (list->type == XML_ELEMENT_NODE)
            return vt_patch_sel_fail(error, op, "invalid-root-element-operation",
                                     _("a document cannot have a second root element"));
        if (is_text(list))
            return vt_patch_sel_fail(error, op, "invalid-xml-prolog-operation",
                                     _("text cannot stand beside the root element"));
    }
    return TRUE;
}

static gboolean add_nodes(Run *run, const VtPatchOp *op, xmlNode *target, GError **error)
{
    gboolean beside = op->pos && !g_str_equal(op->pos, "prepend");
    g_autoptr(GError) local = NULL;
    xmlNode *list, *mark;

    if (beside ? target->type == XML_ATTRIBUTE_NODE || target->type == XML_DOCUMENT_NODE
               : target->type != XML_ELEMENT_NODE)
        return vt_patch_sel_fail(error, op, "invalid-patch-directive",
                                 _("nodes cannot be added at what sel \"%s\" locates"), op->sel);

    list = vt_patch_content_nodes(op, run->doc, run->value, run->data, &local);
    if (local) {
        g_propagate_error(error, g_steal_pointer(&local));
        return FALSE;
    }
    if (beside && target->parent->type == XML_DOCUMENT_NODE &&
        !check_beside_root(list, op, error)) {
        xmlFreeNodeList(list);
        return FALSE;
    }

    mark = xmlNewDocComment(run->doc, BAD_CAST "");
    if (g_strcmp0(op->pos, "after") == 0)
        xmlAddNextSibling(target, mark);
    else if (g_strcmp0(op->pos, "before") == 0)
        xmlAddPrevSibling(target, mark);
    else if (op->pos && target->children)
        xmlAddPrevSibling(target->children, mark);
    else
        xmlAddChild(target, mark);
    insert_before(mark, list, op);
    drop_node(run, mark);
    return TRUE;
}

static gboolean add_attribute(Run *run, const VtPatchOp *op, xmlNode *target, const char *qname,
                              GError **error)
{
    g_autofree char *text = NULL, *prefix = NULL;
    const char *local = qname, *colon = strchr(qname, ':');
    xmlNs *ns = NULL;

    if (xmlValidateQName(BAD_CAST qname, 0) != 0)
        return vt_patch_sel_fail(error, op, "invalid-attribute-value",
                                 _("type \"%s\" is no attribute name"), op->type);
    if (target->type != XML_ELEMENT_NODE)
        return vt_patch_sel_fail(error, op, "invalid-patch-directive",
                                 _("an attribute cannot be added at what sel \"%s\" locates"),
                                 op->sel);
    text = vt_patch_content_text(op, run->value, run->data, error);
    if (!text)
        return FALSE;
    if (colon) {
        prefix = g_strndup(qname, (gsize)(colon - qname));
        local = colon + 1;
        ns = vt_patch_content_attribute_ns(target, op, prefix, error);
        if (!ns)
            return FALSE;
    }
    if (ns ? xmlHasNsProp(target, BAD_CAST local, ns->href)
           : xmlHasNsProp(target, BAD_CAST local, NULL))
        return vt_patch_sel_fail(
            error, op, "invalid-patch-directive",
            _("the element that sel \"%s\" locates already has the attribute \"%s\""), op->sel,
            qname);
    xmlNewNsProp(target, ns, BAD_CAST local, BAD_CAST text);
    return TRUE;
}

/* TRUE where @element or something in it has a name in @ns. */
static gboolean uses_ns(const xmlNode *element, const xmlNs *ns)
{
    if (element->type != XML_ELEMENT_NODE)
        return FALSE;
    if (element->ns == ns)
        return TRUE;
    for (const xmlAttr *attr = element->properties; attr; attr = attr->next)
        if (attr->ns == ns)
            return TRUE;
    for (const xmlNode *child = element->children; child; child = child->next)
        if (uses_ns(child, ns))
            return TRUE;
    return FALSE;
}

static char *namespace_uri(Run *run, const VtPatchOp *op, GError **error)
{
    g_autofree char *uri = vt_patch_content_text(op, run->value, run->data, error);

    if (uri && !*uri) {
        vt_patch_sel_fail(error, op, "invalid-namespace-uri",
                          _("a prefix cannot stand for an empty URI"));
        return NULL;
    }
    return g_steal_pointer(&uri);
}

/* "xml" and "xmlns" cannot be declared (Namespaces in XML 1.0, section 3). */
static gboolean is_free_prefix(Run *run, xmlNode *element, const char *prefix)
{
    const xmlNs *outer = xmlSearchNs(run->doc, element, BAD_CAST prefix);

    return !g_str_has_prefix(prefix, "xml") && (!outer || !uses_ns(element, outer));
}

static gboolean add_namespace(Run *run, const VtPatchOp *op, xmlNode *target, const char *prefix,
                              GError **error)
{
    g_autofree char *uri = NULL;

    if (xmlValidateNCName(BAD_CAST prefix, 0) != 0)
        return vt_patch_sel_fail(error, op, "invalid-attribute-value",
                                 _("type \"%s\" names no prefix"), op->type);
    if (target->type != XML_ELEMENT_NODE)
        return vt_patch_sel_fail(error, op, "invalid-patch-directive",
                                 _("a namespace cannot be declared at what sel \"%s\" locates"),
                                 op->sel);
    uri = namespace_uri(run, op, error);
    if (!uri)
        return FALSE;
    if (!is_free_prefix(run, target, prefix) || !xmlNewNs(target, BAD_CAST uri, BAD_CAST prefix))
        return vt_patch_sel_fail(
            error, op, "invalid-namespace-prefix",
            _("the prefix \"%s\" is already taken at the element that sel \"%s\" locates"), prefix,
            op->sel);
    return TRUE;
}

static gboolean run_add(Run *run, const VtPatchOp *op, const VtPatchTarget *target, GError **error)
{
    static const char *const positions[] = {"before", "after", "prepend", NULL};

    if (op->pos && !g_strv_contains(positions, op->pos))
        return vt_patch_sel_fail(error, op, "invalid-attribute-value",
                                 _("pos \"%s\" is neither before nor after nor prepend"), op->pos);
    if (target->ns || (op->pos && op->type))
        return vt_patch_sel_fail(error, op, "invalid-patch-directive",
                                 target->ns ? _("nothing can be added to a namespace")
                                            : _("pos and type exclude each other"));
    if (!op->type)
        return add_nodes(run, op, target->node, error);
    if (op->type[0] == '@')
        return add_attribute(run, op, target->node, op->type + 1, error);
    if (g_str_has_prefix(op->type, "namespace::"))
        return add_namespace(run, op, target->node, op->type + strlen("namespace::"), error);
    return vt_patch_sel_fail(error, op, "invalid-attribute-value",
                             _("type \"%s\" is neither @NAME nor namespace::PREFIX"), op->type);
}

/* The only node of @list but white space; NULL where there is none or a second one. */
static xmlNode *only_node(xmlNode *list)
{
    xmlNode *only = NULL;

    for (xmlNode *node = list; node; node = node->next) {
        if (is_text(node) && is_blank((const char *)node->content))
            continue;
        if (only)
            return NULL;
        only = node;
    }
    return only;
}

static gboolean replace_node(Run *run, const VtPatchOp *op, xmlNode *target, GError **error)
{
    gboolean is_start = run->start == target;
    g_autoptr(GError) local = NULL;
    xmlNode *list = vt_patch_content_nodes(op, run->doc, run->value, run->data, &local);
    xmlNode *only = only_node(list);

    if (local) {
        g_propagate_error(error, g_steal_pointer(&local));
        return FALSE;
    }
    if (!only || only->type != target->type) {
        xmlFreeNodeList(list);
        return vt_patch_sel_fail(
            error, op, "invalid-node-types",
            _("the content must be one node of the kind that sel \"%s\" locates"), op->sel);
    }
    if (only == list)
        list = only->next;
    xmlUnlinkNode(only);
    xmlFreeNodeList(list);
    insert_before(target, only, op);
    drop_node(run, target);
    if (is_start)
        run->start = only;
    return TRUE;
}

static gboolean replace_text(Run *run, const VtPatchOp *op, xmlNode *target, GError **error)
{
    g_autoptr(GError) local = NULL;
    xmlNode *list = vt_patch_content_nodes(op, run->doc, run->value, run->data, &local), *mark;

    if (local) {
        g_propagate_error(error, g_steal_pointer(&local));
        return FALSE;
    }
    for (const xmlNode *node = list; node; node = node->next)
        if (!is_text(node)) {
            xmlFreeNodeList(list);
            return vt_patch_sel_fail(error, op, "invalid-node-types",
                                     _("a text can only be replaced by text"));
        }
    /* Behind a comment: libxml2 would merge the new text with the one that goes. */
    mark = xmlAddPrevSibling(target, xmlNewDocComment(run->doc, BAD_CAST ""));
    insert_before(mark, list, op);
    drop_node(run, target);
    drop_node(run, mark);
    return TRUE;
}

static gboolean run_replace(Run *run, const VtPatchOp *op, const VtPatchTarget *target,
                            GError **error)
{
    g_autofree char *text = NULL;

    if (target->ns) {
        text = namespace_uri(run, op, error);
        if (!text)
            return FALSE;
        xmlFree((xmlChar *)target->ns->href);
        target->ns->href = xmlStrdup(BAD_CAST text);
        return TRUE;
    }
    switch (target->node->type) {
    case XML_ATTRIBUTE_NODE:
        text = vt_patch_content_text(op, run->value, run->data, error);
        if (!text)
            return FALSE;
        xmlSetNsProp(target->node->parent, target->node->ns, target->node->name, BAD_CAST text);
        return TRUE;
    case XML_TEXT_NODE:
    case XML_CDATA_SECTION_NODE:
        return replace_text(run, op, target->node, error);
    case XML_ELEMENT_NODE:
    case XML_COMMENT_NODE:
    case XML_PI_NODE:
        return replace_node(run, op, target->node, error);
    default:
        return vt_patch_sel_fail(error, op, "invalid-root-element-operation",
                                 _("the document cannot be replaced"));
    }
}

static gboolean check_white_space(const xmlNode *node, const VtPatchOp *op, GError **error)
{
    if (node && node->type == XML_TEXT_NODE && is_blank((const char *)node->content))
        return TRUE;
    return vt_patch_sel_fail(
        error, op, "invalid-whitespace-directive",
        _("there is no white space beside what sel \"%s\" locates that ws=\"%s\" could remove"),
        op->sel, op->ws);
}

static gboolean remove_node(Run *run, const VtPatchOp *op, xmlNode *target, GError **error)
{
    gboolean before = op->ws && !g_str_equal(op->ws, "after"),
             after = op->ws && !g_str_equal(op->ws, "before");
    xmlNode *left = target->prev, *right = target->next;

    if (before && !check_white_space(left, op, error))
        return FALSE;
    if (after && !check_white_space(right, op, error))
        return FALSE;
    if (before)
        drop_node(run, left);
    if (after)
        drop_node(run, right);
    drop_node(run, target);
    return TRUE;
}

static gboolean remove_namespace(const VtPatchOp *op, const VtPatchTarget *target, GError **error)
{
    xmlNs **link = &target->node->nsDef;

    if (uses_ns(target->node, target->ns))
        return vt_patch_sel_fail(error, op, "invalid-namespace-prefix",
                                 _("the prefix that sel \"%s\" locates is still in use"), op->sel);
    while (*link != target->ns)
        link = &(*link)->next;
    *link = target->ns->next;
    xmlFreeNs(target->ns);
    return TRUE;
}

static gboolean run_remove(Run *run, const VtPatchOp *op, const VtPatchTarget *target,
                           GError **error)
{
    static const char *const sides[] = {"before", "after", "both", NULL};
    const xmlNode *node = target->node;

    if (op->ws && !g_strv_contains(sides, op->ws))
        return vt_patch_sel_fail(error, op, "invalid-attribute-value",
                                 _("ws \"%s\" is neither before nor after nor both"), op->ws);
    if (op->ws && (target->ns || node->type == XML_ATTRIBUTE_NODE || is_text(node)))
        return vt_patch_sel_fail(error, op, "invalid-patch-directive",
                                 _("ws is for elements, comments and processing instructions"));
    if (target->ns)
        return remove_namespace(op, target, error);
    if (node->type == XML_DOCUMENT_NODE || node == xmlDocGetRootElement(run->doc))
        return vt_patch_sel_fail(error, op, "invalid-root-element-operation",
                                 _("the root element cannot be removed"));
    if (node->type == XML_ATTRIBUTE_NODE) {
        xmlRemoveProp((xmlAttr *)target->node);
        return TRUE;
    }
    return remove_node(run, op, target->node, error);
}

static gboolean run_op(Run *run, const VtPatchOp *op, GError **error)
{
    xmlNode *start = run->start ? run->start : (xmlNode *)run->doc;
    VtPatchTarget target = {0};
    gboolean holds = TRUE;

    if (op->when && !vt_xpath_test(op->when, start, &holds, error))
        return FALSE;
    if (!holds)
        return TRUE;
    if (!run->start && op->sel && op->sel[0] != '/')
        return vt_patch_sel_fail(
            error, op, "unlocated-node",
            _("an operation before it removed the element that sel \"%s\" starts at"), op->sel);
    if (!vt_patch_sel_locate(start, op, &target, error))
        return FALSE;
    switch (op->kind) {
    case VT_PATCH_ADD:
        return run_add(run, op, &target, error);
    case VT_PATCH_REPLACE:
        return run_replace(run, op, &target, error);
    case VT_PATCH_REMOVE:
        return run_remove(run, op, &target, error);
    }
    g_return_val_if_reached(FALSE);
}

static void restore(xmlDoc *doc, const xmlDoc *backup)
{
    while (doc->children) {
        xmlNode *node = doc->children;

        xmlUnlinkNode(node);
        xmlFreeNode(node);
    }
    for (xmlNode *node = backup->children; node; node = node->next)
        xmlAddChild((xmlNode *)doc, xmlDocCopyNode(node, doc, 1));
}

gboolean vt_patch_apply(xmlDoc *doc, xmlNode *node, const GPtrArray *ops, VtPatchValue value,
                        gpointer data, GError **error)
{
    g_autoptr(xmlDoc) backup = xmlCopyDoc(doc, 1);
    Run run = {
        .doc = doc, .start = node ? node : xmlDocGetRootElement(doc), .value = value, .data = data};

    for (guint i = 0; i < ops->len; i++)
        if (!run_op(&run, g_ptr_array_index(ops, i), error)) {
            restore(doc, backup);
            return FALSE;
        }
    return TRUE;
}
