/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compares devices by what stands in them: "model/@type=virtio", "source/@file=…". */
#include "config.h"

#include "plan/device-change.h"

#include <string.h>

#include "plan/plan.h"

static void add_facts(GHashTable *facts, const char *path, xmlNode *element)
{
    for (xmlAttr *attribute = element->properties; attribute; attribute = attribute->next) {
        xmlChar *value = xmlNodeGetContent((xmlNode *)attribute);

        g_hash_table_add(facts, g_strdup_printf("%s@%s=%s", path, (const char *)attribute->name,
                                                (const char *)value));
        xmlFree(value);
    }
    for (xmlNode *node = element->children; node; node = node->next) {
        if (node->type == XML_ELEMENT_NODE) {
            g_autofree char *below = g_strdup_printf("%s%s/", path, (const char *)node->name);

            /* libvirt gives a changed device an address of its own choice. */
            if (!xmlStrEqual(node->name, BAD_CAST "address"))
                add_facts(facts, below, node);
        } else if ((node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) &&
                   !xmlIsBlankNode(node)) {
            g_autofree char *text = g_strdup((const char *)node->content);

            g_hash_table_add(facts, g_strdup_printf("%s=%s", path, g_strstrip(text)));
        }
    }
}

static GHashTable *facts_of(xmlNode *device)
{
    GHashTable *facts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    add_facts(facts, "", device);
    return facts;
}

/* The devices of @doc that are called @element, in their order; not owned. */
static GPtrArray *devices_of(xmlDoc *doc, const char *element)
{
    GPtrArray *devices = g_ptr_array_new();

    for (xmlNode *part = xmlDocGetRootElement(doc)->children; part; part = part->next)
        for (xmlNode *device = part->children;
             device && xmlStrEqual(part->name, BAD_CAST "devices"); device = device->next)
            if (xmlStrEqual(device->name, BAD_CAST element))
                g_ptr_array_add(devices, device);
    return devices;
}

/* TRUE where @facts has all that is in @with and not in @without. */
static gboolean has_all(GHashTable *facts, GHashTable *with, GHashTable *without)
{
    GHashTableIter iter;
    gpointer fact;

    g_hash_table_iter_init(&iter, with);
    while (g_hash_table_iter_next(&iter, &fact, NULL))
        if (!g_hash_table_contains(without, fact) && !g_hash_table_contains(facts, fact))
            return FALSE;
    return TRUE;
}

/* TRUE where @facts has nothing that is in @with and not in @without. */
static gboolean has_none(GHashTable *facts, GHashTable *with, GHashTable *without)
{
    GHashTableIter iter;
    gpointer fact;

    g_hash_table_iter_init(&iter, with);
    while (g_hash_table_iter_next(&iter, &fact, NULL))
        if (!g_hash_table_contains(without, fact) && g_hash_table_contains(facts, fact))
            return FALSE;
    return TRUE;
}

gboolean vt_device_change_is_made(const VtRule *rule, const VtFinding *finding,
                                  const VtDomain *domain, const VtHost *host, const VtDomain *other)
{
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(GPtrArray) old = NULL, patched = NULL, candidates = NULL;
    g_autoptr(GHashTable) before = NULL, wanted = NULL;
    xmlNode *device = vt_domain_find_device(domain->live, finding->device_element, finding->device);
    guint at;

    if (!device)
        return FALSE;
    old = devices_of(domain->live, finding->device_element);
    doc = xmlCopyDoc(domain->live, 1);
    /* A change gives a device another key, but leaves it in its place. */
    if (!g_ptr_array_find(old, device, &at) ||
        !vt_plan_patch(rule, finding, NULL, domain, host, doc, NULL))
        return FALSE;
    patched = devices_of(doc, finding->device_element);
    if (at >= patched->len)
        return FALSE;
    before = facts_of(device);
    wanted = facts_of(g_ptr_array_index(patched, at));
    if (has_all(before, wanted, before) && has_none(wanted, before, wanted) &&
        g_hash_table_size(before) == g_hash_table_size(wanted))
        return FALSE;
    candidates = devices_of(other->live, finding->device_element);
    for (guint i = 0; i < candidates->len; i++) {
        g_autoptr(GHashTable) facts = facts_of(g_ptr_array_index(candidates, i));

        if (has_all(facts, wanted, before) && has_none(facts, before, wanted))
            return TRUE;
    }
    return FALSE;
}
