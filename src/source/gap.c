/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/gap.h"

#include <glib/gi18n.h>

static const char *const gap_reasons[VT_GAP_LAST] = {
    [VT_GAP_NONE] = N_("A source gave no figures."),
    [VT_GAP_STOPPED] = N_("The domain was not running."),
    [VT_GAP_RESTARTED] = N_("The domain was started anew during the sample."),
    [VT_GAP_PAUSED] = N_("The domain was paused."),
    [VT_GAP_VCPUS] = N_("The number of vCPUs changed during the sample."),
    [VT_GAP_UNEVEN] = N_("The sources did not answer at the same time."),
    [VT_GAP_DEVICES] = N_("Devices came or went during the sample."),
    [VT_GAP_BACK] = N_("A counter went back."),
    [VT_GAP_UNREADABLE] = N_("A counter could not be read."),
    [VT_GAP_BUSY] = N_(
        "QEMU's monitor did not answer in time, or the domain runs under a QEMU older than 7.1."),
    [VT_GAP_EMULATED] = N_("The domain does not use KVM, so it has no VM exits."),
    [VT_GAP_UNSUPPORTED] = N_("This connection gives no statistics of VM exits (they need KVM, "
                              "libvirt 8.9 and QEMU 7.1)."),
};

const char *vt_gap_reason(VtGap gap)
{
    return _(gap_reasons[gap]);
}
