/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which vCPU has how much of a metric. Nothing of it is kept unless a source was asked to tell them
 * apart, so that a fleet's profiles stay small. */
#pragma once

#include "model/profile.h"

/* vCPUs have numbers below this. */
#define VT_PROFILE_VCPUS_MAX 65536

/* The vCPU @vcpu is told apart: what it has not of a metric whose vCPUs are told apart is zero. */
void vt_profile_vcpu_number(VtProfile *profile, guint vcpu);

/* Says whose a part of a metric is, that vt_profile_add() has added or will add in the same window:
 * the metric exists. Ignored where another source gave the metric. A @count of zero says that its
 * vCPUs are told apart. */
void vt_profile_vcpu_add(VtProfile *profile, guint window, const char *metric, const char *source,
                         guint vcpu, guint64 count);
/* The same for what vt_profile_add_time() and vt_profile_add_histogram() add; @buckets may be
 * NULL. After vt_profile_vcpu_add() for the vCPU. */
void vt_profile_vcpu_add_time(VtProfile *profile, const char *metric, guint vcpu, guint64 time_ns);
void vt_profile_vcpu_add_histogram(VtProfile *profile, const char *metric, guint vcpu,
                                   const guint64 *buckets);

/* What @vcpu has of the metric; NULL where that is nothing, or not told apart. */
const VtMetricVcpu *vt_profile_vcpu_get(const VtMetric *metric, guint vcpu);

/* Exits per second of one vCPU without HLT, as vt_profile_busy_rate(). FALSE where its exits or HLT
 * are not told apart. */
gboolean vt_profile_vcpu_busy_rate(const VtProfile *profile, guint vcpu, double *ret_rate);

/* The family with most exits of the vCPU, but HLT, and where not all exits are counted the port,
 * address or MSR, where that has more; NULL where none is known or none had any. */
const VtMetric *vt_profile_vcpu_worst(const VtProfile *profile, guint vcpu);

/* For vt_profile_finish(): the sum "exits" of each vCPU, where "exits" is summed up from families;
 * then totals and rates, of which @rates is room for those of the windows (double). */
void vt_profile_vcpu_sum_exits(VtProfile *profile, VtMetric *exits);
void vt_profile_vcpu_finish(const VtProfile *profile, VtMetric *metric, GArray *rates);
/* GDestroyNotify of VtMetric.vcpus. */
void vt_profile_vcpu_free(gpointer vcpu);
