/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One profile of several that follow one another. */
#pragma once

#include "model/profile.h"

/* The last of @profiles (VtProfile of one domain, oldest first) that were measured by the same
 * sources, as one profile with all their windows. NULL where @profiles is empty; the caller unrefs
 * it. Notes stand once each. None of them need be finished. @per_vcpu: also which vCPU has how much of each metric. */
VtProfile *vt_profile_join(GPtrArray *profiles, gboolean per_vcpu);
