/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The narrow part of libvirt that the program uses. libvirt's own messages go to g_debug, never to
 * the report. */
#pragma once

#include <glib.h>
#include <libvirt/libvirt.h>

#include "base/tri.h"

typedef struct VtVirt VtVirt;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(virDomain, virDomainFree)

/* Opens @uri (NULL: LIBVIRT_DEFAULT_URI, else libvirt's choice). Credentials are asked for on the
 * terminal as virsh does, unless @interactive is FALSE. An embedded driver ("qemu:///embed?root=…")
 * gets libvirt's event loop in a thread of its own and is opened writable, because the driver has
 * no read-only mode. */
VtVirt *vt_virt_open(const char *uri, gboolean writable, gboolean interactive, GError **error);
void vt_virt_close(VtVirt *virt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtVirt, vt_virt_close)

virConnectPtr vt_virt_connection(VtVirt *virt);
/* The canonical URI as libvirt gives it. */
const char *vt_virt_uri(VtVirt *virt);
/* FALSE where the hypervisor runs on another machine, so that /sys and /proc here say nothing about
 * it; the test driver counts as another machine. */
gboolean vt_virt_is_local(VtVirt *virt);
/* The same for a canonical @uri. */
gboolean vt_virt_uri_is_local(const char *uri);
/* TRUE where a canonical @uri names another machine, or a way to one; what is neither remote nor
 * local is simulated (the test driver). */
gboolean vt_virt_uri_is_remote(const char *uri);
/* Versions as libvirt codes them: major * 1,000,000 + minor * 1,000 + release; 0 where unknown. */
gulong vt_virt_libvirt_version(VtVirt *virt);
gulong vt_virt_hypervisor_version(VtVirt *virt);

/* @key: a name, else an id, else a UUID, in the order virsh tries them (id, UUID, name). */
virDomainPtr vt_virt_lookup(VtVirt *virt, const char *key, GError **error);
/* All domains (VIR_CONNECT_LIST_DOMAINS_* flags), sorted by name. Elements are virDomainPtr, freed
 * with the array. */
GPtrArray *vt_virt_list(VtVirt *virt, guint flags, GError **error);

/* The ids (int) of the domains that run, in no order; the caller unrefs them. No two runs of
 * domains have the same one for as long as a connection lives. Much less work than vt_virt_list(). */
GArray *vt_virt_ids(VtVirt *virt, GError **error);

/* XML as libvirt prints it; the caller g_free()s it. */
char *vt_virt_xml(virDomainPtr domain, guint flags, GError **error);

/* Whether the domain moves to or from another host now; one call. */
VtTri vt_virt_is_migrating(virDomainPtr domain);
/* The same of a job: a virDomainJobType, and the virDomainJobOperation that libvirt names (UNKNOWN
 * where it names none). */
VtTri vt_virt_job_is_migration(int type, int operation);

/* Sets @error from virGetLastError(), with what was tried: "cannot do X: libvirt's message". Always
 * FALSE. */
gboolean vt_virt_set_error(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
