/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names under which a profile holds what the BPF programs count. */
#pragma once

#include <glib.h>
#include <linux/types.h>

#include "model/exit-reason.h"
#include "source/vmexit.h"

/* The canonical metric of a counter ("pio.0x1f7", "exit.mmio-fast", "kvm.userspace_io"). The caller
 * frees it. NULL for what no profile holds: an instruction set that is not known. */
char *vt_bpf_metric_name(guint64 what);

/* A second metric that sums the counter up with its like: "exits", "kvm.userspace_exits"; NULL for
 * most. */
const char *vt_bpf_metric_total(guint64 what);

/* A second metric for why KVM turned APICv off, or on again ("kvm.apicv_inhibit_set_pit_reinj"). @reason: the running
 * kernel's name ("PIT_REINJ"), since the numbers differ between kernels; NULL where it does not tell, and its number
 * stands there. The caller frees it; NULL for other counters. */
char *vt_bpf_metric_inhibit(guint64 what, const char *reason);

/* The instruction set of a VT_VMEXIT_EXIT counter. */
VtIsa vt_bpf_metric_isa(guint64 what);

/* What a profile may say of metrics that never moved while a tracepoint was counted. */
typedef struct {
    const char *tracepoint;
    const char *covers[3]; /* namespaces that it measures whole; NULL-terminated */
    const char *zeros[8];  /* metrics that are then zero; NULL-terminated */
} VtBpfPromise;

const VtBpfPromise *vt_bpf_metric_promises(gsize *ret_n);
