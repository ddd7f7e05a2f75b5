/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The companion source "interrupts": host interrupts that landed on the CPUs of a domain's vCPUs,
 * on all CPUs where they are not pinned. */
#include "config.h"

#include "base/clock.h"
#include "base/error.h"
#include "model/metric.h"
#include "source/interrupts.h"
#include "source/source.h"

typedef struct {
    VtInterrupts *before;
    VtInterrupts *after;
} State;

static gboolean probe(VtVirt *virt, const VtRoot *root, char **ret_why)
{
    if (vt_virt_is_local(virt) && vt_root_exists(root, "/proc/interrupts"))
        return TRUE;
    *ret_why = g_strdup(_("The interrupts of the host are known only where virt-tune runs on it."));
    return FALSE;
}

static gboolean start(VtSample *sample, gpointer *ret_state, GError **error)
{
    *ret_state = g_new0(State, 1);
    return TRUE;
}

static gboolean snapshot(VtSample *sample, gpointer state, gint64 *ret_when_ns, GError **error)
{
    GPtrArray *domains = vt_sample_domains(sample);
    State *self = state;
    VtInterrupts *now = vt_interrupts_read(vt_sample_root(sample), error);

    if (!now)
        return FALSE;
    *ret_when_ns = vt_clock_now_us() * 1000;
    vt_interrupts_free(self->before);
    self->before = self->after;
    self->after = now;
    for (guint i = 0; self->before && i < domains->len; i++)
        vt_sample_ready(sample, g_ptr_array_index(domains, i), 0);
    return TRUE;
}

static void collect_interrupt(const char *irq, const char *device, guint64 delta, gpointer data)
{
    VtSampleDomain *domain = data;
    g_autofree char *metric = g_strconcat("irq.", irq, NULL);

    if (vt_metric_kind(metric) == VT_METRIC_IRQ)
        vt_profile_add(domain->profile, domain->window, metric, vt_source_interrupts.name, delta);
}

static void collect(VtSample *sample, gpointer state, VtSampleDomain *domain)
{
    State *self = state;
    VtHost *host = vt_sample_host(sample);
    g_autoptr(VtCpus) cpus = host ? vt_host_vcpu_cpus(host, domain->domain->uuid) : NULL;

    vt_interrupts_delta(self->before, self->after, cpus, collect_interrupt, domain);
    vt_profile_set_covers(domain->profile, "irq");
}

static void stop(VtSample *sample, gpointer state)
{
    State *self = state;
    VtHost *host = vt_sample_host(sample);

    if (host && self->after)
        vt_interrupts_describe(self->after, vt_sample_root(sample), host);
    vt_interrupts_free(self->before);
    vt_interrupts_free(self->after);
    g_free(self);
}

const VtSource vt_source_interrupts = {
    .name = "interrupts",
    .summary = N_("host interrupts on the CPUs of the vCPUs"),
    .companion = TRUE,
    .probe = probe,
    .start = start,
    .snapshot = snapshot,
    .collect = collect,
    .stop = stop,
};
