/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a running domain is not as its definition says. */
#include "config.h"

#include "plan/drift.h"

#include <string.h>

static xmlNode *next_element(xmlNode *node)
{
    while (node && node->type != XML_ELEMENT_NODE)
        node = node->next;
    return node;
}

/* libxml2 keeps the value of an attribute without entities as one text node, and libvirt prints no
 * others. */
static const char *attribute_text(const xmlAttr *attribute)
{
    return attribute->children && attribute->children->content
               ? (const char *)attribute->children->content
               : "";
}

static const char *attribute_of(const xmlNode *node, const char *name)
{
    const xmlAttr *attribute = node ? xmlHasProp(node, (const xmlChar *)name) : NULL;

    return attribute ? attribute_text(attribute) : NULL;
}

/* What does not count, by the element around it (NULL: any). */
typedef struct {
    const char *parent, *name;
} Place;

static gboolean is_listed(const Place *places, gsize n, const xmlNode *parent, const char *name)
{
    for (gsize i = 0; i < n; i++)
        if (strcmp(places[i].name, name) == 0 &&
            (!places[i].parent || vt_xml_is(parent, places[i].parent)))
            return TRUE;
    return FALSE;
}

static gboolean is_removable(const xmlNode *disk)
{
    const char *device = vt_xml_is(disk, "disk") ? attribute_of(disk, "device") : NULL;

    return device && (strcmp(device, "cdrom") == 0 || strcmp(device, "floppy") == 0);
}

static gboolean ignores_element(const xmlNode *node)
{
    static const Place places[] = {
        {NULL, "address"},       {NULL, "alias"},        {NULL, "seclabel"},
        {"domain", "title"},     {"domain", "metadata"}, {"domain", "description"},
        {"domain", "name"},      {"domain", "vcpus"},    {"domain", "currentMemory"},
        {"domain", "resource"},  {"devices", "graphics"}, {"disk", "backingStore"},
        {"os", "firmware"},      {"os", "loader"},       {"os", "nvram"},
        {"interface", "source"}, {"interface", "virtualport"}, {"interface", "vlan"},
        {"cpu", "feature"},      {"cpu", "vendor"},      {"cpu", "maxphysaddr"},
        {"cpu", "cache"},
    };
    const xmlNode *parent = node->parent;

    if (is_listed(places, G_N_ELEMENTS(places), parent, (const char *)node->name))
        return TRUE;
    /* The medium of a drive, which a guest ejects by itself, and its format. */
    if (is_removable(parent))
        return vt_xml_is(node, "source") || vt_xml_is(node, "driver");
    /* The host's model, which libvirt puts in its place, of one that is not custom. */
    return vt_xml_is(parent, "cpu") && vt_xml_is(node, "model") &&
           g_strcmp0(attribute_of(parent, "mode"), "custom") != 0;
}

static gboolean ignores_attribute(const xmlNode *node, const char *name)
{
    static const Place places[] = {
        {"vcpu", "current"},   {"clock", "adjustment"},   {"clock", "basis"},  {"interface", "type"},
        {"os", "firmware"},    {"hyperv", "mode"},        {"cpu", "check"},    {"cpu", "match"},
        {"cpu", "migratable"}, {"source", "startupPolicy"}, {"model", "fallback"},
    };

    if (is_listed(places, G_N_ELEMENTS(places), node, name) ||
        (is_removable(node) && strcmp(name, "type") == 0))
        return TRUE;
    return vt_xml_is(node, "cpu") && strcmp(name, "mode") == 0 &&
           g_strcmp0(attribute_of(node, "mode"), "host-model") == 0;
}

/* The text of a leaf; "" for an element with children. */
static const char *leaf_text(const xmlNode *node)
{
    return node->children && node->children->type == XML_TEXT_NODE && !node->children->next
               ? (const char *)node->children->content
               : "";
}

static gboolean is_within(const xmlNode *node, const xmlNode *live);

static gboolean some_child_is(const xmlNode *node, const xmlNode *live)
{
    for (xmlNode *other = next_element(live->children); other; other = next_element(other->next))
        if (vt_xml_is(other, (const char *)node->name) && is_within(node, other))
            return TRUE;
    return FALSE;
}

/* Whether @live has all that @node has and that counts. */
static gboolean is_within(const xmlNode *node, const xmlNode *live)
{
    if (strcmp(leaf_text(node), leaf_text(live)) != 0)
        return FALSE;
    for (const xmlAttr *attribute = node->properties; attribute; attribute = attribute->next) {
        const char *value = attribute_of(live, (const char *)attribute->name);

        if (!ignores_attribute(node, (const char *)attribute->name) &&
            g_strcmp0(value, attribute_text(attribute)) != 0)
            return FALSE;
    }
    for (xmlNode *child = next_element(node->children); child; child = next_element(child->next))
        if (!ignores_element(child) && !some_child_is(child, live))
            return FALSE;
    return TRUE;
}

/* What tells a device from others of its kind while a domain runs; NULL. */
static const char *key_of(const xmlNode *device)
{
    if (vt_xml_is(device, "disk"))
        return attribute_of(vt_xml_child(device, "target"), "dev");
    return vt_xml_is(device, "interface") ? attribute_of(vt_xml_child(device, "mac"), "address") : NULL;
}

static void add_item(GPtrArray *items, const xmlNode *node)
{
    const char *key = key_of(node);

    g_ptr_array_add(items, key ? g_strdup_printf("%s %s", (const char *)node->name, key)
                               : g_strdup((const char *)node->name));
}

/* Whether @devices has one that takes the place of @device. */
static gboolean has_counterpart(const xmlNode *device, const xmlNode *devices)
{
    const char *key = key_of(device);

    if (!key)
        return some_child_is(device, devices);
    for (xmlNode *other = next_element(devices->children); other; other = next_element(other->next))
        if (vt_xml_is(other, (const char *)device->name) && g_strcmp0(key_of(other), key) == 0)
            return TRUE;
    return FALSE;
}

/* A device that libvirt attaches to a running domain; others it adds by itself. */
static gboolean is_attached(const xmlNode *device)
{
    return vt_xml_is(device, "disk") || vt_xml_is(device, "interface") || vt_xml_is(device, "hostdev");
}

/* A hostdev in the XML of a running domain says more than in the definition: it is looked for the
 * other way round. */
static gboolean is_only_live(const xmlNode *device, const xmlNode *devices)
{
    if (key_of(device))
        return !has_counterpart(device, devices);
    for (xmlNode *other = next_element(devices->children); other; other = next_element(other->next))
        if (vt_xml_is(other, (const char *)device->name) && is_within(other, device))
            return FALSE;
    return TRUE;
}

GPtrArray *vt_drift_find(xmlDoc *inactive, xmlDoc *live)
{
    GPtrArray *items = g_ptr_array_new_with_free_func(g_free);
    xmlNode *root = xmlDocGetRootElement(inactive), *running = xmlDocGetRootElement(live);
    xmlNode *devices = vt_xml_child(root, "devices"), *attached = vt_xml_child(running, "devices");

    for (xmlNode *node = root ? next_element(root->children) : NULL; node; node = next_element(node->next))
        if (node != devices && !ignores_element(node) && !some_child_is(node, running))
            add_item(items, node);
    if (!devices || !attached)
        return items;
    for (xmlNode *node = next_element(devices->children); node; node = next_element(node->next))
        if (!ignores_element(node) && !some_child_is(node, attached))
            add_item(items, node);
    for (xmlNode *node = next_element(attached->children); node; node = next_element(node->next))
        if (is_attached(node) && is_only_live(node, devices))
            add_item(items, node);
    return items;
}

char *vt_drift_element(const char *item)
{
    return g_strndup(item, strcspn(item, " "));
}
