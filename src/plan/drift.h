/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a running domain is not as its definition says: what someone changed in one of the two only. */
#pragma once

#include "base/xml.h"

/* The sections and devices of @inactive that @live does not have as they are there, and the disks,
 * interfaces and hostdevs that only @live has: "vcpu", "disk vda", "interface 52:54:…". What libvirt
 * itself makes of a definition when a domain starts (names, addresses, the CPU model of the host, ports,
 * labels, the network behind an interface), removable media and what changes while a domain runs by
 * itself (the balloon, the clock) do not count. Owned by the caller; never NULL. */
GPtrArray *vt_drift_find(xmlDoc *inactive, xmlDoc *live);

/* Of an item its element alone. The caller frees it. */
char *vt_drift_element(const char *item);
