/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One profile of several that follow one another, and the last window of one. */
#pragma once

#include "model/profile.h"

/* The last of @profiles (VtProfile of one domain, oldest first) that were measured by the same
 * sources, as one profile with all their windows. NULL where @profiles is empty; the caller unrefs
 * it. Notes stand once each. None of them need be finished. @per_vcpu: also which vCPU has how much of each metric. */
VtProfile *vt_profile_join(GPtrArray *profiles, gboolean per_vcpu);

/* The last window of @profile, which has one and need not be finished, with the exits in it and nothing else: "exits" and
 * HLT, and of the families, MSRs, ports and addresses those that moved. The caller unrefs it. */
VtProfile *vt_profile_last_exits(const VtProfile *profile);
