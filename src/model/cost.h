/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an exit costs where its time was not measured: a range per destination. Base figures:
 * kvm-unit-tests vmexit in Linux commit b7ffc44d5b2e at 3 GHz (cpuid 1291, kernel I/O 1402-2435,
 * QEMU I/O 6209-6856 cycles); the upper end is three times that, for side-channel mitigations and
 * cache effects. */
#pragma once

#include <glib.h>

#include "model/profile.h"

typedef enum {
    VT_TO_KERNEL,    /* handled by KVM alone: 0.4 to 1.3 us */
    VT_TO_KERNEL_IO, /* in-kernel device, ioeventfd: 0.5 to 2.4 us */
    VT_TO_USER,      /* to QEMU and back: 2.1 to 6.9 us */
} VtDestination;

/* "kernel", "kernel-io", "user". FALSE for anything else. */
gboolean vt_cost_destination_parse(const char *name, VtDestination *ret_to);
void vt_cost_range(VtDestination to, double *ret_low_ns, double *ret_high_ns);

typedef struct {
    gboolean measured; /* from time, else estimated from a count */
    double low_pct;    /* of one vCPU; equal to high_pct where measured */
    double high_pct;
} VtGain;

/* What removing @share (0..1) of @rate exits per vCPU-second to @to gives at most, in per cent of a
 * vCPU. @metric (may be NULL) gives measured time instead, if it has any or counts nanoseconds
 * itself ("sched.run-delay-ns"). Never more than 100. */
VtGain vt_cost_gain(const VtProfile *profile, const VtMetric *metric, double rate, double share,
                    VtDestination to);
