/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collects names from schemas. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/rng-names.h"
#include "base/xml.h"

struct VtRngNames {
    GHashTable *elements, *attributes; /* sets of char * */
    GHashTable *files;                 /* those that were read */
};

void vt_rng_names_free(VtRngNames *names)
{
    if (!names)
        return;
    g_hash_table_unref(names->elements);
    g_hash_table_unref(names->attributes);
    g_hash_table_unref(names->files);
    g_free(names);
}

gboolean vt_rng_names_has(const VtRngNames *names, const char *name, gboolean is_attribute)
{
    return g_hash_table_contains(is_attribute ? names->attributes : names->elements, name);
}

/* Takes @name, of which a prefix is dropped. */
static void add_name(GHashTable *set, char *name)
{
    const char *colon = name ? strchr(name, ':') : NULL;

    if (colon)
        memmove(name, colon + 1, strlen(colon));
    if (name)
        g_hash_table_add(set, name);
}

/* <name> in the place of a name="" attribute, also inside <choice>. */
static void add_name_class(GHashTable *set, const xmlNode *node)
{
    for (const xmlNode *child = node->children; child; child = child->next) {
        if (vt_xml_is(child, "name")) {
            xmlChar *text = xmlNodeGetContent(child);

            add_name(set, g_strstrip(g_strdup((const char *)text)));
            xmlFree(text);
        } else if (vt_xml_is(child, "choice")) {
            add_name_class(set, child);
        }
    }
}

static gboolean read_schema(VtRngNames *names, const char *path, GError **error);

static gboolean read_node(VtRngNames *names, const char *path, const xmlNode *node, GError **error)
{
    const gboolean element = vt_xml_is(node, "element");
    const gboolean attribute = vt_xml_is(node, "attribute");

    if (element || attribute) {
        GHashTable *set = element ? names->elements : names->attributes;
        char *name = vt_xml_attr(node, "name");

        if (!name)
            add_name_class(set, node);
        add_name(set, name);
    } else if (vt_xml_is(node, "include") || vt_xml_is(node, "externalRef")) {
        g_autofree char *href = vt_xml_attr(node, "href");
        g_autofree char *dir = g_path_get_dirname(path);
        g_autofree char *other = g_build_filename(dir, href ? href : "", NULL);

        if (!read_schema(names, other, error))
            return FALSE;
    }
    for (const xmlNode *child = node->children; child; child = child->next)
        if (child->type == XML_ELEMENT_NODE && !read_node(names, path, child, error))
            return FALSE;
    return TRUE;
}

static gboolean read_schema(VtRngNames *names, const char *path, GError **error)
{
    g_autoptr(xmlDoc) doc = NULL;

    if (!g_hash_table_add(names->files, g_strdup(path)))
        return TRUE;
    doc = vt_xml_parse_file(path, error);
    return doc && read_node(names, path, xmlDocGetRootElement(doc), error);
}

VtRngNames *vt_rng_names_load(const char *path, GError **error)
{
    g_autoptr(VtRngNames) names = g_new0(VtRngNames, 1);

    names->elements = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    names->attributes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    names->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return read_schema(names, path, error) ? g_steal_pointer(&names) : NULL;
}
