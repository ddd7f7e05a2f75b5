/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain and its two XML documents; how a device of one is found in the other. */
#include "config.h"

#include "model/domain.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* libvirt's own limit is far lower; this only keeps sums of vCPUs in range. */
#define VCPUS_MAX 65536
/* libvirt minds no hyphens among them. */
#define UUID_DIGITS 32

VtDomain *vt_domain_new(const char *name, const char *uuid)
{
    VtDomain *domain = g_new0(VtDomain, 1);

    domain->refs = 1;
    domain->name = g_strdup(name);
    domain->uuid = g_strdup(uuid);
    domain->id = -1;
    domain->persistent = VT_UNKNOWN;
    domain->migrating = VT_UNKNOWN;
    domain->guest.supports = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return domain;
}

VtDomain *vt_domain_ref(VtDomain *domain)
{
    g_atomic_int_inc(&domain->refs);
    return domain;
}

static void free_documents(xmlDoc *live, xmlDoc *inactive)
{
    if (live && live != inactive)
        xmlFreeDoc(live);
    if (inactive)
        xmlFreeDoc(inactive);
}

void vt_domain_unref(VtDomain *domain)
{
    if (!domain || !g_atomic_int_dec_and_test(&domain->refs))
        return;
    free_documents(domain->live, domain->inactive);
    g_free(domain->name);
    g_free(domain->uuid);
    g_free(domain->state);
    g_strfreev(domain->pending_other);
    g_strfreev(domain->seed_disks);
    g_free(domain->guest.os_id);
    g_free(domain->guest.os_name);
    g_free(domain->guest.family);
    g_hash_table_unref(domain->guest.supports);
    g_free(domain);
}

static char *non_empty(char *text)
{
    if (text && *text)
        return text;
    g_free(text);
    return NULL;
}

/* The current number of vCPUs: vcpu/@current, else vcpu; libvirt's default is one. */
static gboolean read_vcpus(xmlNode *root, const char *file, guint *ret_vcpus, GError **error)
{
    g_autofree char *current = non_empty(vt_xml_get(root, "string(vcpu/@current)"));
    g_autofree char *text = current ? g_steal_pointer(&current) : vt_xml_get(root, "string(vcpu)");
    g_autofree char *folded = text ? vt_text_fold(text) : NULL;
    guint64 vcpus = 1;

    if (folded && *folded && !vt_text_parse_u64(folded, 1, VCPUS_MAX, &vcpus, NULL)) {
        g_autofree char *shown = vt_text_printable(folded, FALSE);

        return vt_error_set_input(error, file, 0, _("“%s” is not a number of vCPUs (1 to %d)"),
                                  shown, VCPUS_MAX);
    }
    *ret_vcpus = (guint)vcpus;
    return TRUE;
}

typedef struct {
    char *name;
    char *uuid;
    guint vcpus;
} Identity;

static void identity_clear(Identity *identity)
{
    g_free(identity->name);
    g_free(identity->uuid);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Identity, identity_clear)

gboolean vt_domain_is_uuid(const char *text)
{
    guint digits = 0;

    for (; *text; text++) {
        if (g_ascii_isxdigit(*text))
            digits++;
        else if (*text != '-')
            return FALSE;
    }
    return digits == UUID_DIGITS;
}

static gboolean read_identity(xmlDoc *doc, const char *file, Identity *ret_identity, GError **error)
{
    xmlNode *root = xmlDocGetRootElement(doc);
    g_auto(Identity) identity = {NULL, NULL, 0};

    if (!vt_xml_is(root, "domain")) {
        g_autofree char *shown = vt_text_printable(root ? (const char *)root->name : "", FALSE);

        return vt_error_set_input(
            error, file, 0,
            _("this is no libvirt domain: its root element is <%s> and not <domain>; give what "
              "“virsh dumpxml” prints"),
            shown);
    }
    identity.name = non_empty(vt_xml_get(root, "string(name)"));
    if (!identity.name)
        return vt_error_set_input(error, file, 0,
                                  _("the domain has no <name>; give what “virsh dumpxml” prints"));
    identity.uuid = non_empty(vt_xml_get(root, "string(uuid)"));
    if (identity.uuid && !vt_domain_is_uuid(g_strstrip(identity.uuid)))
        return vt_error_set_input(error, file, 0,
                                  _("the <uuid> of the domain is no UUID; give what “virsh dumpxml” prints"));
    if (!read_vcpus(root, file, &identity.vcpus, error))
        return FALSE;
    *ret_identity = identity;
    identity = (Identity){NULL, NULL, 0};
    return TRUE;
}

static gboolean check_same(const Identity *live, const Identity *inactive, const char *file,
                           GError **error)
{
    g_autofree char *a = NULL, *b = NULL;

    /* A running domain can have been renamed only while it was off: with a UUID on both sides, that
     * decides. */
    if (live->uuid && inactive->uuid ? strcmp(live->uuid, inactive->uuid) == 0
                                     : strcmp(live->name, inactive->name) == 0)
        return TRUE;
    a = vt_text_printable(live->name, FALSE);
    b = vt_text_printable(inactive->name, FALSE);
    return vt_error_set_input(
        error, file, 0, _("the live XML is of domain “%s” and the inactive XML of domain “%s”"), a,
        b);
}

gboolean vt_domain_set_xml(VtDomain *domain, xmlDoc *live, xmlDoc *inactive, const char *file,
                           GError **error)
{
    xmlDoc *effective = live ? live : inactive;
    xmlDoc *defined = inactive ? inactive : live;
    g_auto(Identity) identity = {NULL, NULL, 0};
    g_auto(Identity) other = {NULL, NULL, 0};

    g_return_val_if_fail(effective, FALSE);

    if (!read_identity(effective, file, &identity, error) ||
        (effective != defined && (!read_identity(defined, file, &other, error) ||
                                  !check_same(&identity, &other, file, error)))) {
        free_documents(effective, defined);
        return FALSE;
    }
    free_documents(domain->live, domain->inactive);
    domain->live = effective;
    domain->inactive = defined;
    domain->active = live != NULL;
    if (!domain->name)
        domain->name = g_steal_pointer(&identity.name);
    if (!domain->uuid)
        domain->uuid = g_steal_pointer(&identity.uuid);
    domain->vcpus = identity.vcpus;
    return TRUE;
}

VtDomain *vt_domain_from_xml(const char *xml, gsize length, const char *file, GError **error)
{
    g_autoptr(xmlDoc) doc = vt_xml_parse(xml, length, file, error);
    g_autoptr(VtDomain) domain = NULL;

    if (!doc)
        return NULL;
    domain = vt_domain_new(NULL, NULL);
    if (!vt_domain_set_xml(domain, NULL, g_steal_pointer(&doc), file, error))
        return NULL;
    return g_steal_pointer(&domain);
}

char *vt_domain_device_key(xmlNode *device)
{
    const char *element = (const char *)device->name;

    if (strcmp(element, "interface") == 0) {
        g_autofree char *mac = non_empty(vt_xml_child_attr(device, "mac", "address"));

        return mac ? g_ascii_strdown(mac, -1) : NULL;
    }
    if (strcmp(element, "disk") == 0)
        return non_empty(vt_xml_child_attr(device, "target", "dev"));
    if (strcmp(element, "controller") == 0) {
        g_autofree char *type = vt_xml_attr(device, "type");
        g_autofree char *index = vt_xml_attr(device, "index");

        return type && index ? g_strdup_printf("%s %s", type, index) : NULL;
    }
    return NULL;
}

static xmlNode *next_device(xmlNode *device, const char *element)
{
    do
        device = device->next;
    while (device && !vt_xml_is(device, element));
    return device;
}

static xmlNode *first_device(xmlDoc *doc, const char *element)
{
    return vt_xml_child(vt_xml_child(xmlDocGetRootElement(doc), "devices"), element);
}

xmlNode *vt_domain_find_device(xmlDoc *doc, const char *element, const char *key)
{
    for (xmlNode *device = first_device(doc, element); device; device = next_device(device, element)) {
        g_autofree char *found = vt_domain_device_key(device);

        if (g_strcmp0(found, key) == 0)
            return key ? device : NULL;
    }
    return NULL;
}

GPtrArray *vt_domain_devices(xmlDoc *doc, const char *element)
{
    GPtrArray *devices = g_ptr_array_new();

    for (xmlNode *device = first_device(doc, element); device; device = next_device(device, element))
        g_ptr_array_add(devices, device);
    return devices;
}
