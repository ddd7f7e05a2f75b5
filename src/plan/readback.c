/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compares definitions node by node. */
#include "config.h"

#include "plan/readback.h"

#include <string.h>

#include "base/cpus.h"
#include "base/error.h"
#include "base/text.h"
#include "model/domain.h"

#define BRIEF_MAX 120

typedef struct {
    char *difference; /* the first that was found, which is the deepest; NULL */
} Compare;

static xmlNode *next_element(xmlNode *node)
{
    while (node && node->type != XML_ELEMENT_NODE)
        node = node->next;
    return node;
}

static gboolean same_name(const xmlNode *a, const xmlNode *b)
{
    return a->type == b->type && strcmp((const char *)a->name, (const char *)b->name) == 0 &&
           g_strcmp0(a->ns ? (const char *)a->ns->href : NULL,
                     b->ns ? (const char *)b->ns->href : NULL) == 0;
}

/* "/domain/devices/disk" */
static char *path_of(const xmlNode *node)
{
    GString *path = g_string_new(NULL);

    for (; node && node->type == XML_ELEMENT_NODE; node = node->parent) {
        g_string_prepend(path, (const char *)node->name);
        g_string_prepend_c(path, '/');
    }
    return g_string_free(path, FALSE);
}

static gboolean differ(Compare *compare, const xmlNode *node, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static gboolean differ(Compare *compare, const xmlNode *node, const char *format, ...)
{
    g_autofree char *path = path_of(node), *what = NULL, *line = NULL;
    va_list args;

    if (compare->difference)
        return FALSE;
    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    line = g_strdup_printf("%s: %s", path, what);
    compare->difference = vt_text_printable(line, FALSE);
    return FALSE;
}

static gboolean same_set(const char *a, const char *b)
{
    g_autoptr(VtCpus) x = vt_cpus_parse(a, NULL), y = vt_cpus_parse(b, NULL);

    return x && y && vt_cpus_equal(x, y);
}

static gboolean is_set_attribute(const char *name)
{
    static const char *const names[] = {"cpuset", "nodeset", "cpus", "vcpus", NULL};

    return g_strv_contains(names, name);
}

static xmlAttr *find_attribute(const xmlNode *node, const xmlAttr *like)
{
    return like->ns ? xmlHasNsProp(node, like->name, like->ns->href)
                    : xmlHasNsProp(node, like->name, NULL);
}

static char *attribute_value(const xmlAttr *attribute)
{
    xmlChar *value = xmlNodeListGetString(attribute->doc, attribute->children, 1);
    char *copy = g_strdup(value ? (const char *)value : "");

    xmlFree(value);
    return copy;
}

/* Whether libvirt says by this attribute what goes without saying: since 7.9 that features of <hyperv>
 * are chosen one by one. */
static gboolean is_default(const xmlNode *node, const xmlAttr *attribute, const char *value)
{
    return vt_xml_is(node, "hyperv") && g_str_equal(attribute->name, "mode") &&
           g_str_equal(value, "custom");
}

static gboolean same_attributes(Compare *compare, const xmlNode *wanted, const xmlNode *after)
{
    for (const xmlAttr *attribute = wanted->properties; attribute; attribute = attribute->next) {
        const xmlAttr *other = find_attribute(after, attribute);
        g_autofree char *value = attribute_value(attribute);
        g_autofree char *found = other ? attribute_value(other) : NULL;

        if (!found)
            return differ(compare, wanted, _("%s=\"%s\" is missing"), attribute->name, value);
        if (!g_str_equal(value, found) &&
            !(is_set_attribute((const char *)attribute->name) && same_set(value, found)))
            return differ(compare, wanted, _("%s is \"%s\" and not \"%s\""), attribute->name, found,
                          value);
    }
    for (const xmlAttr *attribute = after->properties; attribute; attribute = attribute->next) {
        g_autofree char *value = attribute_value(attribute);

        if (!find_attribute(wanted, attribute) && !is_default(after, attribute, value))
            return differ(compare, wanted, _("%s=\"%s\" was added"), attribute->name, value);
    }
    return TRUE;
}

/* The text of an element's own text nodes, without surrounding blanks. The caller frees it. */
static char *own_text(const xmlNode *node)
{
    GString *text = g_string_new(NULL);

    for (const xmlNode *child = node->children; child; child = child->next)
        if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE)
            g_string_append(text, (const char *)child->content);
    return g_strstrip(g_string_free(text, FALSE));
}

static gboolean same_node(Compare *compare, xmlNode *wanted, xmlNode *after, gboolean new_address);

/* Whether an element that only @after has may be there. */
static gboolean may_be_added(const xmlNode *node, gboolean new_address)
{
    return (new_address && vt_xml_is(node, "address")) ||
           (vt_xml_is(node, "controller") && vt_xml_is(node->parent, "devices"));
}

/* Whether an equal node stands among the siblings that start at @first. */
static gboolean has_equal(xmlNode *first, xmlNode *node)
{
    for (xmlNode *other = next_element(first); other; other = next_element(other->next)) {
        Compare quiet = {NULL};
        gboolean same = same_name(node, other) && same_node(&quiet, node, other, FALSE);

        g_free(quiet.difference);
        if (same)
            return TRUE;
    }
    return FALSE;
}

/* Marks nodes by their _private member, which libxml2 leaves to the application. */
static char used, touched;

static void clear_marks(xmlNode *parent)
{
    for (xmlNode *child = parent->children; child; child = child->next)
        child->_private = child->_private == &used ? NULL : child->_private;
}

/* The element of @parent that matches @wanted. With @ordered the search starts at @from, and an element
 * of the same name that is not equal is passed over only where it may have been added. */
static xmlNode *find_match(Compare *compare, xmlNode *wanted, xmlNode *from, gboolean ordered)
{
    gboolean new_address = wanted->_private == &touched;

    for (xmlNode *node = next_element(from); node; node = next_element(node->next)) {
        Compare quiet = {NULL};
        gboolean same;

        if (node->_private == &used || !same_name(wanted, node))
            continue;
        same = same_node(&quiet, wanted, node, new_address);
        if (same)
            return node;
        if (ordered && !may_be_added(node, FALSE)) {
            if (!compare->difference)
                compare->difference = g_steal_pointer(&quiet.difference);
            g_free(quiet.difference);
            return NULL;
        }
        if (!compare->difference)
            compare->difference = g_steal_pointer(&quiet.difference);
        g_free(quiet.difference);
    }
    if (!compare->difference) {
        g_autofree char *brief = vt_xml_brief(wanted, BRIEF_MAX);

        differ(compare, wanted->parent, _("%s is missing"), brief);
    }
    return NULL;
}

/* Where the search for the next element of this name starts: behind the last one that was matched. */
static xmlNode *behind_last(xmlNode *parent, const xmlNode *like)
{
    xmlNode *from = parent->children;

    for (xmlNode *node = parent->children; node; node = node->next)
        if (node->_private == &used && same_name(node, like))
            from = node->next;
    return from;
}

static gboolean same_children(Compare *compare, xmlNode *wanted, xmlNode *after, gboolean new_address)
{
    gboolean ok = TRUE;

    for (xmlNode *child = next_element(wanted->children); ok && child;
         child = next_element(child->next)) {
        gboolean ordered = !vt_xml_is(child, "disk");
        Compare inner = {NULL};
        xmlNode *match = find_match(
            &inner, child, ordered ? behind_last(after, child) : after->children, ordered);

        if (match)
            match->_private = &used;
        else if (!compare->difference)
            compare->difference = g_steal_pointer(&inner.difference);
        g_free(inner.difference);
        ok = match != NULL;
    }
    for (xmlNode *child = next_element(after->children); ok && child;
         child = next_element(child->next)) {
        g_autofree char *brief = NULL;

        if (child->_private == &used || may_be_added(child, new_address))
            continue;
        brief = vt_xml_brief(child, BRIEF_MAX);
        ok = differ(compare, wanted, _("%s was added"), brief);
    }
    clear_marks(after);
    return ok;
}

static gboolean same_node(Compare *compare, xmlNode *wanted, xmlNode *after, gboolean new_address)
{
    g_autofree char *text = own_text(wanted), *found = own_text(after);

    if (!g_str_equal(text, found))
        return differ(compare, wanted, _("the text is \"%s\" and not \"%s\""), found, text);
    return same_attributes(compare, wanted, after) &&
           same_children(compare, wanted, after, new_address);
}

static xmlNode *devices_of(xmlDoc *doc)
{
    return vt_xml_child(xmlDocGetRootElement(doc), "devices");
}

/* Marks the devices of @wanted that @before does not have as they are. */
static void mark_touched(xmlDoc *before, xmlDoc *wanted)
{
    xmlNode *old = devices_of(before), *new = devices_of(wanted);

    for (xmlNode *node = next_element(new ? new->children : NULL); node;
         node = next_element(node->next))
        node->_private = old && has_equal(old->children, node) ? NULL : &touched;
}

/* What tells a disk from another where its target may change: its source. */
static char *first_disk(xmlDoc *doc)
{
    xmlNode *root = xmlDocGetRootElement(doc);
    g_autoptr(GPtrArray) sources = NULL;
    g_autoptr(VtXPath) xpath =
        vt_xpath_new("devices/disk[not(@device) or @device = 'disk'][1]/source", NULL);

    if (!vt_xml_has(root, "os/boot[@dev = 'hd']") || vt_xml_has(root, "devices/*/boot[@order]") ||
        !vt_xpath_nodes(xpath, root, &sources, NULL) || sources->len == 0)
        return NULL;
    return vt_xml_brief(g_ptr_array_index(sources, 0), 4096);
}

gboolean vt_readback_check(xmlDoc *before, xmlDoc *wanted, xmlDoc *after, char **ret_difference)
{
    xmlNode *root = xmlDocGetRootElement(wanted), *other = xmlDocGetRootElement(after);
    g_autofree char *boots = first_disk(before), *would_boot = first_disk(after);
    Compare compare = {NULL};

    mark_touched(before, wanted);
    if (!same_name(root, other))
        differ(&compare, root, _("the root element is <%s>"), (const char *)other->name);
    else
        same_node(&compare, root, other, FALSE);
    if (!compare.difference && g_strcmp0(boots, would_boot) != 0)
        differ(&compare, root,
               _("the domain would start from another disk; give its disks <boot order='…'/> "
                 "first"));
    if (!compare.difference)
        return TRUE;
    *ret_difference = compare.difference;
    return FALSE;
}

/* One step of a path, with what tells it from siblings of the same name. Attributes that only a running
 * domain has (the id of the domain, the index of a source) are not among it. */
static char *step_of(xmlNode *node)
{
    static const char *const keys[] = {"name", "vcpu", "iothread", NULL};
    g_autofree char *key = vt_xml_is(node->parent, "devices") ? vt_domain_device_key(node) : NULL;

    for (gsize i = 0; !key && keys[i]; i++)
        key = vt_xml_attr(node, keys[i]);
    return key ? g_strdup_printf("%s[%s]", (const char *)node->name, key)
               : g_strdup((const char *)node->name);
}

/* Every value below @node as "path=value", without addresses. */
static void flatten(xmlNode *node, const char *parent, GHashTable *values)
{
    g_autofree char *step = step_of(node), *text = own_text(node);
    g_autofree char *path = g_strconcat(parent, "/", step, NULL);

    if (vt_xml_is(node, "address"))
        return;
    g_hash_table_add(values, g_strconcat(path, "=", text, NULL));
    for (const xmlAttr *attribute = node->properties; attribute; attribute = attribute->next) {
        g_autofree char *value = attribute_value(attribute);
        g_autoptr(VtCpus) cpus = is_set_attribute((const char *)attribute->name)
                                     ? vt_cpus_parse(value, NULL)
                                     : NULL;
        g_autofree char *list = cpus ? vt_cpus_format(cpus) : NULL;

        g_hash_table_add(values, g_strdup_printf("%s/@%s=%s", path, (const char *)attribute->name,
                                                 list ? list : value));
    }
    for (xmlNode *child = next_element(node->children); child; child = next_element(child->next))
        flatten(child, path, values);
}

static GHashTable *values_of(xmlDoc *doc)
{
    GHashTable *values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    flatten(xmlDocGetRootElement(doc), "", values);
    return values;
}

/* Whether @live has (@present) or lacks one of the values that @in has and @out has not, and in which
 * @inactive is the other way round: a later change may have taken it back. */
static gboolean some_moved(GHashTable *in, GHashTable *out, GHashTable *inactive, GHashTable *live,
                           gboolean present)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, in);
    while (g_hash_table_iter_next(&iter, &value, NULL))
        if (!g_hash_table_contains(out, value) && g_hash_table_contains(live, value) == present &&
            g_hash_table_contains(inactive, value) != present)
            return TRUE;
    return FALSE;
}

gboolean vt_readback_pending(xmlDoc *before, xmlDoc *after, xmlDoc *inactive, xmlDoc *live)
{
    g_autoptr(GHashTable) old = values_of(before), new = values_of(after);
    g_autoptr(GHashTable) next = values_of(inactive), now = values_of(live);

    return some_moved(new, old, next, now, FALSE) || some_moved(old, new, next, now, TRUE);
}
