/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The call and its thread share a counted block, so that either may go first. */
#include "config.h"

#include <libvirt/virterror.h>

#include "base/error.h"
#include "base/virt.h"
#include "source/rights.h"
#include "source/stats-call.h"

/* How often cancelling is looked for, and how long a cancelled call may still take. */
#define CANCEL_POLL_US (100 * 1000)
#define CANCEL_GRACE_US G_USEC_PER_SEC

typedef struct {
    gint refs; /* atomic */
    VtStatsFunc function;
    GPtrArray *domains;
    guint groups;
    guint flags;

    GMutex lock;
    GCond finished_cond;
    gboolean finished;
    VtStatsOutcome outcome;
    virDomainStatsRecordPtr *records;
    int n;
    gint64 when_us;
    GError *error;
} Call;

static Call *call_new(VtStatsFunc function, GPtrArray *domains, guint groups, guint flags)
{
    Call *call = g_new0(Call, 1);

    call->refs = 1;
    call->function = function;
    call->domains = g_ptr_array_ref(domains);
    call->groups = groups;
    call->flags = flags;
    g_mutex_init(&call->lock);
    g_cond_init(&call->finished_cond);
    return call;
}

static void call_unref(Call *call)
{
    if (!g_atomic_int_dec_and_test(&call->refs))
        return;
    if (call->records)
        virDomainStatsRecordListFree(call->records);
    g_clear_pointer(&call->domains, g_ptr_array_unref);
    g_clear_error(&call->error);
    g_mutex_clear(&call->lock);
    g_cond_clear(&call->finished_cond);
    g_free(call);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Call, call_unref)

static gboolean is_refusal(int code)
{
    return code == VIR_ERR_INVALID_ARG || code == VIR_ERR_ARGUMENT_UNSUPPORTED ||
           code == VIR_ERR_CONFIG_UNSUPPORTED || code == VIR_ERR_OPERATION_UNSUPPORTED ||
           code == VIR_ERR_NO_SUPPORT;
}

static gpointer run(gpointer data)
{
    g_autoptr(Call) call = data;
    virDomainStatsRecordPtr *records = NULL;
    VtStatsOutcome outcome = VT_STATS_DONE;
    GError *error = NULL;
    gint64 before_us, after_us;
    int n;

    vt_rights_drop();
    before_us = g_get_monotonic_time();
    n = call->function((virDomainPtr *)call->domains->pdata, call->groups, &records, call->flags);
    after_us = g_get_monotonic_time();
    if (n < 0) {
        outcome = is_refusal(virGetLastErrorCode()) ? VT_STATS_REFUSED : VT_STATS_FAILED;
        vt_virt_set_error(&error, _("cannot read the statistics of the domains"));
    }
    /* Who has the answer may close the connection at once. */
    g_clear_pointer(&call->domains, g_ptr_array_unref);
    g_mutex_lock(&call->lock);
    call->outcome = outcome;
    call->records = records;
    call->n = n;
    call->when_us = before_us + (after_us - before_us) / 2;
    call->error = error;
    call->finished = TRUE;
    g_cond_signal(&call->finished_cond);
    g_mutex_unlock(&call->lock);
    return NULL;
}

/* FALSE where it took too long. Called with the lock held. */
static gboolean wait_finished(Call *call, gint64 timeout_us, GCancellable *cancel)
{
    gint64 end_us = g_get_monotonic_time() + timeout_us;
    gboolean cancelled = FALSE;

    while (!call->finished) {
        gint64 now_us = g_get_monotonic_time();

        if (!cancelled && g_cancellable_is_cancelled(cancel)) {
            cancelled = TRUE;
            end_us = MIN(end_us, now_us + CANCEL_GRACE_US);
        }
        if (now_us >= end_us)
            return FALSE;
        g_cond_wait_until(&call->finished_cond, &call->lock, MIN(end_us, now_us + CANCEL_POLL_US));
    }
    return TRUE;
}

VtStatsOutcome vt_stats_call(VtStatsFunc function, GPtrArray *domains, guint groups, guint flags,
                             gint64 timeout_us, GCancellable *cancel,
                             virDomainStatsRecordPtr **ret_records, int *ret_n, gint64 *ret_when_us,
                             GError **error)
{
    g_autoptr(Call) call = call_new(function, domains, groups, flags);
    g_autoptr(GMutexLocker) locker = NULL;
    GThread *thread;

    g_atomic_int_inc(&call->refs);
    thread = g_thread_try_new("domain-stats", run, call, error);
    if (!thread) {
        g_atomic_int_add(&call->refs, -1);
        return VT_STATS_FAILED;
    }
    g_thread_unref(thread);

    locker = g_mutex_locker_new(&call->lock);
    if (!wait_finished(call, timeout_us, cancel))
        return VT_STATS_TIMEOUT;
    if (call->outcome == VT_STATS_FAILED) {
        g_propagate_error(error, g_steal_pointer(&call->error));
        return VT_STATS_FAILED;
    }
    if (call->outcome == VT_STATS_REFUSED)
        return VT_STATS_REFUSED;
    *ret_records = g_steal_pointer(&call->records);
    *ret_n = call->n;
    *ret_when_us = call->when_us;
    return VT_STATS_DONE;
}
