/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What forbids changing a domain, or changing it in a certain way, whatever the advice is worth. Every
 * error says why and what to do. */
#pragma once

#include "base/virt.h"
#include "base/xml.h"
#include "model/domain.h"
#include "model/finding.h"

/* A domain without a persistent definition has none to change; one with a saved state would be restored
 * with the devices of that state, whatever the definition says. */
gboolean vt_gate_domain(virDomainPtr handle, GError **error);

/* Metadata of a manager (OpenStack Nova, oVirt, KubeVirt) that defines the domain anew from its own
 * database. */
gboolean vt_gate_managed(xmlDoc *definition, GError **error);

/* The definition must fit libvirt's schema before anything is changed in it: else a restored one would
 * be refused too. @ret_checked is FALSE where that cannot be told here: no schema is installed, or that
 * of an older libvirt than the hypervisor's. */
gboolean vt_gate_valid(VtVirt *virt, const char *definition, const char *name,
                       gboolean *ret_checked, GError **error);

/* CD-ROMs, floppies, read-only disks and those that cloud-init reads must be in @wanted as they are in
 * @before. @handle: the domain; NULL: its files are not here. */
gboolean vt_gate_disks(virDomainPtr handle, xmlDoc *before, xmlDoc *wanted, GError **error);

/* While @handle has snapshots or checkpoints, which call disks by their target and may have put a file on
 * top of a disk's, all disks of @before must be in @wanted with the same target and source. */
gboolean vt_gate_snapshots(virDomainPtr handle, xmlDoc *before, xmlDoc *wanted, GError **error);

/* Where the firmware starts the first hard disk (<boot dev='hd'/>, and no device has a boot order), that
 * must be the same one once libvirt has sorted the disks of @wanted. */
gboolean vt_gate_boot(xmlDoc *before, xmlDoc *wanted, GError **error);

/* The changes of an advised finding that are about the domain: whether the host has what the domain
 * then needs to start, and the guest the driver. */
gboolean vt_gate_finding(const VtDomain *domain, const VtFinding *finding, gboolean assume_drivers,
                         GError **error);

/* A sentence about snapshots that bring another definition back; NULL where there are none. The caller
 * frees it. */
char *vt_gate_snapshot_note(virDomainPtr handle);
