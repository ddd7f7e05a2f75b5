/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's OS by libosinfo's database. */
#include "config.h"

#include <string.h>
#ifdef HAVE_LIBOSINFO
#include <osinfo/osinfo.h>
#endif

#include "source/source-guest.h"

/* What virt-install and virt-manager write; the prefix is free, the namespace is not. */
#define OS_ID                                          \
    "/domain/metadata/*[local-name()='libosinfo' and " \
    "namespace-uri()='http://libosinfo.org/xmlns/libvirt/domain/1.0']/*[local-name()='os']/@id"

#ifdef HAVE_LIBOSINFO
#define VIRTIO_1 "virtio1.0-"

static OsinfoDb *load_database(void)
{
    static OsinfoLoader *loader;
    g_autoptr(GError) error = NULL;

    if (!loader) {
        loader = osinfo_loader_new();
        osinfo_loader_process_default_path(loader, &error);
        if (error)
            g_debug("the database of libosinfo is incomplete: %s", error->message);
    }
    return osinfo_loader_get_db(loader);
}

/* The family of the other releases of an OS ("http://debian.org/debian/…"), where they agree. */
static char *family_of_siblings(OsinfoDb *db, const char *id)
{
    const char *slash = strrchr(id, '/');
    g_autofree char *prefix = slash ? g_strndup(id, (gsize)(slash - id) + 1) : NULL;
    g_autoptr(OsinfoOsList) list = NULL;
    const char *family = NULL;

    /* "http://" itself says nothing. */
    if (!prefix || g_str_has_suffix(prefix, "//"))
        return NULL;
    list = osinfo_db_get_os_list(db);
    for (int i = 0; i < osinfo_list_get_length(OSINFO_LIST(list)); i++) {
        OsinfoEntity *os = osinfo_list_get_nth(OSINFO_LIST(list), i);
        const char *its = osinfo_os_get_family(OSINFO_OS(os));

        if (!its || !g_str_has_prefix(osinfo_entity_get_id(os), prefix))
            continue;
        if (family && strcmp(family, its) != 0)
            return NULL;
        family = its;
    }
    return g_strdup(family);
}

static void add_support(VtGuest *guest, const char *device)
{
    g_hash_table_add(guest->supports, g_strdup(device));
    if (g_str_has_prefix(device, VIRTIO_1))
        g_hash_table_add(guest->supports, g_strconcat("virtio-", device + strlen(VIRTIO_1), NULL));
}

static void fill_from_database(VtGuest *guest)
{
    OsinfoDb *db = load_database();
    OsinfoOs *os = osinfo_db_get_os(db, guest->os_id);
    g_autoptr(OsinfoDeviceList) devices = NULL;
    int n;

    if (!os) {
        guest->family = family_of_siblings(db, guest->os_id);
        return;
    }
    guest->os_name = g_strdup(osinfo_product_get_name(OSINFO_PRODUCT(os)));
    guest->family = g_strdup(osinfo_os_get_family(os));
    devices = osinfo_os_get_all_devices(os, NULL);
    n = osinfo_list_get_length(OSINFO_LIST(devices));
    for (int i = 0; i < n; i++) {
        const char *name = osinfo_device_get_name(
            OSINFO_DEVICE(osinfo_list_get_nth(OSINFO_LIST(devices), i)));

        if (name)
            add_support(guest, name);
    }
    guest->drivers_known = n > 0 && g_strcmp0(guest->family, "winnt") != 0;
}
#endif

void vt_source_guest_fill(VtDomain *domain)
{
    VtGuest *guest = &domain->guest;

    g_clear_pointer(&guest->os_id, g_free);
    g_clear_pointer(&guest->os_name, g_free);
    g_clear_pointer(&guest->family, g_free);
    guest->drivers_known = FALSE;
    g_hash_table_remove_all(guest->supports);
    if (domain->live)
        guest->os_id = vt_xml_get((xmlNode *)domain->live, OS_ID);
#ifdef HAVE_LIBOSINFO
    if (guest->os_id)
        fill_from_database(guest);
#endif
}
