/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a domain again, at little cost where nothing was changed. */
#include "config.h"

#include "cmd/acquire-again.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cmd/change.h"
#include "source/source-guest.h"

/* The id of a running domain is not in its XML once it has stopped: libvirt then gives its definition. */
static gboolean is_same_run(xmlDoc *live, const VtDomain *domain)
{
    g_autofree char *id = vt_xml_attr(xmlDocGetRootElement(live), "id");

    return id && g_ascii_strtoll(id, NULL, 10) == domain->id;
}

/* @live NULL: it does not run. */
static gboolean parse(VtDomain *domain, const char *live, const char *inactive, GError **error)
{
    g_autoptr(xmlDoc) now = NULL;
    g_autoptr(xmlDoc) defined = NULL;

    now = live ? vt_xml_parse(live, strlen(live), domain->name, error) : NULL;
    if (live && !now)
        return FALSE;
    if (now && !is_same_run(now, domain)) {
        g_set_error_literal(error, VT_ERROR, VT_ERROR_NOT_FOUND, _("The domain is not running any more."));
        return FALSE;
    }
    defined = vt_xml_parse(inactive, strlen(inactive), domain->name, error);
    if (!defined ||
        !vt_domain_set_xml(domain, g_steal_pointer(&now), g_steal_pointer(&defined), domain->name, error))
        return FALSE;
    vt_source_guest_fill(domain);
    return TRUE;
}

gboolean vt_acquire_again(VtAcquired *acquired, VtDomain *domain, char **digest, GError **error)
{
    g_autoptr(virDomain) handle = vt_virt_lookup(acquired->virt, domain->uuid, error);
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree char *live = NULL, *inactive = NULL;

    if (!handle)
        return FALSE;
    live = domain->active ? vt_virt_xml(handle, 0, error) : NULL;
    if (domain->active && !live)
        return FALSE;
    inactive = vt_virt_xml(handle, VIR_DOMAIN_XML_INACTIVE, error);
    if (!inactive)
        return FALSE;
    if (live)
        g_checksum_update(checksum, (const guchar *)live, (gssize)strlen(live));
    g_checksum_update(checksum, (const guchar *)inactive, (gssize)strlen(inactive));
    if (g_strcmp0(*digest, g_checksum_get_string(checksum)) != 0) {
        if (!parse(domain, live, inactive, error))
            return FALSE;
        g_free(*digest);
        *digest = g_strdup(g_checksum_get_string(checksum));
    }
    if (domain->active)
        domain->migrating = vt_virt_is_migrating(handle);
    /* Of unchanged XML, too: a change is kept before and after it is made. */
    vt_change_pending(acquired->virt, domain);
    return TRUE;
}
