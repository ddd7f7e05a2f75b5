/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which drivers a guest OS has: libosinfo's answer about the OS in the domain's metadata. */
#pragma once

#include "model/domain.h"

/* Fills domain->guest from <libosinfo:os id="…"/> in the XML. Without libosinfo, without metadata
 * or with an id that the database does not know the drivers stay unknown; of such an id the family
 * is that of the OS's other releases, where the database has any. So do those of an OS of which the
 * database lists no devices, and those of Windows, whose virtio drivers are installed separately.
 * The database is loaded once, on first need (some 0.4 s).
 *
 * domain->guest.supports gets libosinfo's device names, and for those of virtio 1.0
 * ("virtio1.0-net") also the name without the version ("virtio-net"). */
void vt_source_guest_fill(VtDomain *domain);
