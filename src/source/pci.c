/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/pci.h"

#include <libvirt/libvirt-qemu.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "base/virt.h"

#define QUERY "{\"execute\": \"query-pci\"}"
/* A bus has 32 slots of 8 functions of 7 BARs, of which a machine fills few. */
#define REGIONS_MAX 65536

typedef struct {
    VtJson *json;
    xmlNode *devices; /* of the live XML; NULL: none */
    GPtrArray *regions;
} Reader;

static gboolean attr_is(const xmlNode *node, const char *attr, guint64 number)
{
    g_autofree char *text = vt_xml_attr(node, attr);
    guint64 value;

    return text && vt_text_parse_u64(text, 0, G_MAXUINT32, &value, NULL) && value == number;
}

/* Buses behind the first one are numbered by the guest, and in the XML by libvirt. */
static gboolean is_at(const xmlNode *device, guint64 bus, guint64 slot, guint64 function)
{
    const xmlNode *address = vt_xml_child(device, "address");
    g_autofree char *type = address ? vt_xml_attr(address, "type") : NULL;

    return bus == 0 && g_strcmp0(type, "pci") == 0 && attr_is(address, "domain", 0) && attr_is(address, "bus", 0) &&
           attr_is(address, "slot", slot) && attr_is(address, "function", function);
}

/* The element of a device, by its alias or, for want of one, its address; NULL where there is none. */
static xmlNode *find_device(const Reader *reader, const char *id, guint64 bus, guint64 slot, guint64 function)
{
    for (xmlNode *each = reader->devices ? reader->devices->children : NULL; each; each = each->next) {
        g_autofree char *alias = each->type == XML_ELEMENT_NODE ? vt_xml_child_attr(each, "alias", "name") : NULL;

        if (alias && (*id ? strcmp(alias, id) == 0 : is_at(each, bus, slot, function)))
            return each;
    }
    return NULL;
}

/* What people call the model of a device. The caller frees it. */
static char *model_of(const xmlNode *device)
{
    char *model = vt_xml_child_attr(device, "model", "type");

    if (!model)
        model = vt_xml_attr(device, "model");
    if (!model && vt_xml_is(device, "disk"))
        model = vt_xml_child_attr(device, "target", "bus");
    if (!model && vt_xml_is(device, "controller"))
        model = vt_xml_attr(device, "type");
    return model ? model : g_strdup((const char *)device->name);
}

/* Signed 64 bits, as QEMU writes them: -1 is a BAR that nobody placed. */
static gboolean get_address(const Reader *reader, JsonObject *object, gint64 *ret_address, GError **error)
{
    JsonNode *node = json_object_get_member(object, "address");

    if (!node || json_node_get_value_type(node) != G_TYPE_INT64)
        return vt_json_fail(reader->json, object, node ? "address" : NULL, error,
                            _("“address” of a BAR must be a whole number"));
    *ret_address = json_node_get_int(node);
    return TRUE;
}

static gboolean read_region(Reader *reader, JsonObject *object, const char *device, const char *model,
                            const char *pci, GError **error)
{
    const char *type;
    gint64 address = -1;
    guint64 size;
    gboolean io;

    if (!vt_json_get_string(reader->json, object, "type", TRUE, &type, error) ||
        !vt_json_get_u64(reader->json, object, "size", TRUE, 1, G_MAXINT64, &size, error) ||
        !get_address(reader, object, &address, error))
        return FALSE;
    io = strcmp(type, "io") == 0;
    if (!io && strcmp(type, "memory") != 0)
        return vt_json_fail(reader->json, object, "type", error, _("a BAR is of “io” or “memory”"));
    if (address < 0)
        return TRUE;
    if ((guint64)address + (size - 1) > (io ? G_MAXUINT16 : G_MAXINT64))
        return vt_json_fail(reader->json, object, "address", error, _("a BAR ends behind the last address"));
    if (reader->regions->len >= REGIONS_MAX)
        return vt_json_fail(reader->json, object, NULL, error, _("there are more than %d BARs"), REGIONS_MAX);
    g_ptr_array_add(reader->regions, vt_region_new(io, (guint64)address, (guint64)address + (size - 1), device, model,
                                                   pci));
    return TRUE;
}

static gboolean read_device(Reader *reader, JsonObject *object, GError **error);

static gboolean read_devices(Reader *reader, JsonObject *object, gboolean required, GError **error)
{
    g_autoptr(GPtrArray) devices = NULL;

    if (!vt_json_get_objects(reader->json, object, "devices", required, &devices, error))
        return FALSE;
    for (guint i = 0; devices && i < devices->len; i++)
        if (!read_device(reader, g_ptr_array_index(devices, i), error))
            return FALSE;
    return TRUE;
}

/* A device with its BARs and, where it is a bridge, those behind it. The depth of JSON bounds how deep. */
static gboolean read_device(Reader *reader, JsonObject *object, GError **error)
{
    g_autoptr(GPtrArray) regions = NULL;
    g_autofree char *alias = NULL, *model = NULL, *pci = NULL;
    const char *id = "", *kind = NULL;
    JsonObject *class = NULL, *bridge = NULL;
    guint64 bus, slot, function;
    xmlNode *device;

    if (!vt_json_get_u64(reader->json, object, "bus", TRUE, 0, 255, &bus, error) ||
        !vt_json_get_u64(reader->json, object, "slot", TRUE, 0, 31, &slot, error) ||
        !vt_json_get_u64(reader->json, object, "function", TRUE, 0, 7, &function, error) ||
        !vt_json_get_string(reader->json, object, "qdev_id", FALSE, &id, error) ||
        !vt_json_get_object(reader->json, object, "class_info", FALSE, &class, error) ||
        (class && !vt_json_get_string(reader->json, class, "desc", FALSE, &kind, error)) ||
        !vt_json_get_objects(reader->json, object, "regions", TRUE, &regions, error) ||
        !vt_json_get_object(reader->json, object, "pci_bridge", FALSE, &bridge, error))
        return FALSE;
    device = find_device(reader, id, bus, slot, function);
    alias = device ? vt_xml_child_attr(device, "alias", "name") : NULL;
    model = device ? model_of(device) : g_strdup(kind ? kind : "PCI device");
    pci = g_strdup_printf("%02x:%02x.%x", (guint)bus, (guint)slot, (guint)function);
    for (guint i = 0; i < regions->len; i++)
        if (!read_region(reader, g_ptr_array_index(regions, i), alias, model, pci, error))
            return FALSE;
    return !bridge || read_devices(reader, bridge, FALSE, error);
}

static int compare_regions(gconstpointer a, gconstpointer b)
{
    return vt_region_compare(*(const VtRegion *const *)a, *(const VtRegion *const *)b);
}

static void region_free(gpointer region)
{
    vt_region_free(region);
}

/* {"error": {"class": …, "desc": …}} */
static gboolean fail_as_told(const Reader *reader, JsonObject *told, GError **error)
{
    const char *why = NULL;
    g_autofree char *printable = NULL;

    if (!vt_json_get_string(reader->json, told, "desc", TRUE, &why, error))
        return FALSE;
    printable = vt_text_printable(why, FALSE);
    g_set_error(error, VT_ERROR, VT_ERROR_LIBVIRT, _("QEMU does not tell its PCI devices: %s"), printable);
    return FALSE;
}

GPtrArray *vt_pci_parse(const char *answer, gsize length, xmlDoc *live, GError **error)
{
    g_autoptr(VtJson) json = vt_json_parse(answer, length, "query-pci", error);
    g_autoptr(GPtrArray) regions = g_ptr_array_new_with_free_func(region_free);
    g_autoptr(GPtrArray) buses = NULL;
    Reader reader = {.json = json, .regions = regions};
    JsonObject *told = NULL;

    if (!json || !vt_json_get_object(json, vt_json_root(json), "error", FALSE, &told, error))
        return NULL;
    if (told) {
        fail_as_told(&reader, told, error);
        return NULL;
    }
    reader.devices = live ? vt_xml_child(xmlDocGetRootElement(live), "devices") : NULL;
    if (!vt_json_get_objects(json, vt_json_root(json), "return", TRUE, &buses, error))
        return NULL;
    for (guint i = 0; i < buses->len; i++)
        if (!read_devices(&reader, g_ptr_array_index(buses, i), TRUE, error))
            return NULL;
    g_ptr_array_sort(regions, compare_regions);
    return g_steal_pointer(&regions);
}

GPtrArray *vt_pci_query(virDomainPtr domain, xmlDoc *live, GError **error)
{
    char *answer = NULL;
    GPtrArray *regions;

    if (virDomainQemuMonitorCommand(domain, QUERY, &answer, VIR_DOMAIN_QEMU_MONITOR_COMMAND_DEFAULT) < 0) {
        vt_virt_set_error(error, _("QEMU cannot be asked for its PCI devices"));
        return NULL;
    }
    regions = vt_pci_parse(answer, strlen(answer), live, error);
    free(answer);
    return regions;
}
