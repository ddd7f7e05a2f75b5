/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ports and addresses that belong to the PCI devices of a running domain, which only QEMU knows: the guest places
 * them. */
#pragma once

#include <glib.h>
#include <libvirt/libvirt.h>

#include "base/xml.h"
#include "model/region.h"

/* VtRegion in their order, from what QEMU answers to "query-pci" (qapi/pci.json). A device that has an alias in @live,
 * or is there at the same address of the first bus, gets its names from @live, any other one the kind that QEMU tells.
 * A BAR that the guest has not placed is left out. An answer that does not hold what it must, or holds an error, is a
 * VT_ERROR_INPUT or VT_ERROR_LIBVIRT. */
GPtrArray *vt_pci_parse(const char *answer, gsize length, xmlDoc *live, GError **error);

/* Asks QEMU. @domain must be of a writable connection; libvirt marks the domain as tainted ("custom-monitor") until it
 * ends. The call waits for other work on the domain, as libvirt does, up to 30 s. */
GPtrArray *vt_pci_query(virDomainPtr domain, xmlDoc *live, GError **error);
