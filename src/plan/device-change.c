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

/* TRUE where @facts has everything (@has) or nothing of what is in @with and not in @without. */
static gboolean are_all(gboolean has, GHashTable *facts, GHashTable *with, GHashTable *without)
{
    GHashTableIter iter;
    gpointer fact;

    g_hash_table_iter_init(&iter, with);
    while (g_hash_table_iter_next(&iter, &fact, NULL))
        if (!g_hash_table_contains(without, fact) && g_hash_table_contains(facts, fact) != has)
            return FALSE;
    return TRUE;
}

/* TRUE where @facts is of a device that was changed as from @before to @wanted. */
static gboolean is_changed(GHashTable *facts, GHashTable *before, GHashTable *wanted)
{
    return are_all(TRUE, facts, wanted, before) && are_all(FALSE, facts, before, wanted);
}

static guint count_changed(const VtDomain *domain, const char *element, GHashTable *before,
                           GHashTable *wanted)
{
    g_autoptr(GPtrArray) devices = vt_domain_devices(domain->live, element);
    guint n = 0;

    for (guint i = 0; i < devices->len; i++) {
        g_autoptr(GHashTable) facts = facts_of(g_ptr_array_index(devices, i));

        n += is_changed(facts, before, wanted) ? 1 : 0;
    }
    return n;
}

gboolean vt_device_change_is_made(const VtRule *rule, const VtFinding *finding,
                                  const VtDomain *domain, const VtHost *host, const VtDomain *other)
{
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(GPtrArray) old = NULL, patched = NULL;
    g_autoptr(GHashTable) before = NULL, wanted = NULL;
    xmlNode *device = vt_domain_find_device(domain->live, finding->device_element, finding->device);
    guint at;

    if (!device)
        return FALSE;
    old = vt_domain_devices(domain->live, finding->device_element);
    doc = xmlCopyDoc(domain->live, 1);
    /* A change gives a device another key, but leaves it in its place. */
    if (!g_ptr_array_find(old, device, &at) ||
        !vt_plan_patch(rule, finding, NULL, domain, host, doc, NULL))
        return FALSE;
    patched = vt_domain_devices(doc, finding->device_element);
    if (at >= patched->len)
        return FALSE;
    before = facts_of(device);
    wanted = facts_of(g_ptr_array_index(patched, at));
    if (is_changed(before, before, wanted))
        return FALSE; /* it would make no difference */
    /* One more than before: a device that was such already was not changed. */
    return count_changed(other, finding->device_element, before, wanted) >
           count_changed(domain, finding->device_element, before, wanted);
}
