/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which drivers a guest OS has: libosinfo's answer about the OS that the domain's metadata names. */
#pragma once

#include "model/domain.h"

/* Fills domain->guest from <libosinfo:os id="…"/> in the XML. Without libosinfo, without metadata or with an id that the
 * database does not know the drivers stay unknown. The database is loaded once, on first need. */
void vt_source_guest_fill(VtDomain *domain);
