/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a recording is of such a domain and such a host as it is used with. */
#pragma once

#include "model/domain.h"
#include "model/host.h"
#include "model/profile.h"

/* Adds a note to @profile for its number of vCPUs and for its instruction set where @domain and @host
 * (NULL: nothing is known of it) have another; where either is not known, none. Those of an earlier use go, and files have none of them. */
void vt_profile_fit(VtProfile *profile, const VtDomain *domain, const VtHost *host);
