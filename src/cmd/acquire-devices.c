/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/acquire-devices.h"

#include <string.h>

#include <glib/gi18n.h>

#include "base/progress.h"
#include "source/pci.h"

VtVirt *vt_acquire_devices_open(VtVirt *virt, GError **error)
{
    VtVirt *writable = vt_virt_open(vt_virt_uri(virt), TRUE, TRUE, error);

    if (!writable)
        g_prefix_error(error, "%s ", _("--devices asks QEMU's monitor, for which the connection must be writable:"));
    return writable;
}

/* NULL with @error where the domain is gone or its monitor does not answer. */
static GPtrArray *query(VtVirt *writable, const VtDomain *domain, GError **error)
{
    g_autoptr(virDomain) handle = vt_virt_lookup(writable, domain->uuid, error);
    g_autofree char *xml = handle ? vt_virt_xml(handle, 0, error) : NULL;
    g_autoptr(xmlDoc) live = xml ? vt_xml_parse(xml, strlen(xml), domain->name, error) : NULL;

    return live ? vt_pci_query(handle, live, error) : NULL;
}

void vt_acquire_devices_fill(VtVirt *writable, VtAcquired *acquired)
{
    vt_progress_begin(_("asking QEMU's monitors"));
    for (guint i = 0; i < acquired->domains->len; i++) {
        VtProfile *profile = g_ptr_array_index(acquired->profiles, i);
        g_autoptr(GError) error = NULL;

        vt_progress_count(i, acquired->domains->len);
        if (!profile)
            continue;
        profile->regions = query(writable, g_ptr_array_index(acquired->domains, i), &error);
        if (!profile->regions)
            vt_profile_note(profile, _("The addresses of devices are without names: %s."), error->message);
    }
}
