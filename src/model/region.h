/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports and addresses that the guest's firmware or OS gave to a PCI device of the domain: what no table of fixed
 * ranges can know. */
#pragma once

#include <glib.h>

#include "model/profile.h"

struct VtRegion {
    gboolean io;          /* ports; else guest-physical addresses */
    guint64 first, last;  /* both belong to it */
    char *device;         /* the alias in the live XML ("net0"); NULL for a device that has none there */
    char *model;          /* "e1000"; of what has no model the kind ("sata", "IDE controller") */
    char *pci;            /* "00:02.0", as the guest sees it: bus, slot and function */
};

/* Copies the texts. */
VtRegion *vt_region_new(gboolean io, guint64 first, guint64 last, const char *device, const char *model,
                        const char *pci);
void vt_region_free(VtRegion *region);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtRegion, vt_region_free)

/* By kind and number, so that a profile is written as it was read. */
int vt_region_compare(const VtRegion *a, const VtRegion *b);

/* The region of @profile that a port or an address ("mmio.0xfeb00008") lies in, the smallest where the guest let them
 * overlap; NULL for none, and for other metrics. */
const VtRegion *vt_region_find(const VtProfile *profile, const char *metric);

/* "net0 (e1000)"; "IDE controller (00:01.1)" where there is no alias. The caller frees it. */
char *vt_region_label(const VtRegion *region);

/* What a metric is, translated: its region, else its fixed name (vt_metric_label()), else NULL. @profile may be NULL.
 * The caller frees it. */
char *vt_region_describe(const VtProfile *profile, const char *metric);
