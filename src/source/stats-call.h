/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One virDomainListGetStats() call that can be given up. libvirt waits for QEMU's monitor without
 * an end; NOWAIT helps only where somebody else waits already. */
#pragma once

#include <gio/gio.h>
#include <libvirt/libvirt.h>

typedef int (*VtStatsFunc)(virDomainPtr *domains, unsigned int stats,
                           virDomainStatsRecordPtr **ret_records, unsigned int flags);

typedef enum {
    VT_STATS_DONE,
    VT_STATS_REFUSED, /* the daemon or the driver does not know a flag, a group, or the call */
    VT_STATS_FAILED,  /* with an error */
    VT_STATS_TIMEOUT, /* given up; the call goes on in its thread until libvirt returns */
} VtStatsOutcome;

/* Calls @function (virDomainListGetStats) with @domains (virDomainPtr, the last of them NULL, freed
 * with the array) in a thread of its own. Once @cancel (may be NULL) is cancelled, it waits for one
 * second at most. @ret_when_us: the middle of the call on the monotonic clock. @ret_records is
 * freed with virDomainStatsRecordListFree(). */
VtStatsOutcome vt_stats_call(VtStatsFunc function, GPtrArray *domains, guint groups, guint flags,
                             gint64 timeout_us, GCancellable *cancel,
                             virDomainStatsRecordPtr **ret_records, int *ret_n, gint64 *ret_when_us,
                             GError **error);
