/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The companion source "interrupts": host interrupts that landed on the CPUs of a domain's vCPUs, on all CPUs where not
 * every vCPU is pinned. Whose they are is known only where each vCPU has a CPU of its own. */
#include "config.h"

#include "base/clock.h"
#include "base/error.h"
#include "model/metric.h"
#include "model/profile-vcpu.h"
#include "source/interrupts.h"
#include "source/source.h"

typedef struct {
    VtInterrupts *before;
    VtInterrupts *after;
    GArray *anywhere; /* Came, on all CPUs; NULL: not looked at yet. It is the same for all domains that are not pinned. */
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

/* Which domains have a difference: where a counter began anew, those whose vCPUs may run on its CPU have none. */
static void compare(VtSample *sample, const State *self)
{
    GPtrArray *domains = vt_sample_domains(sample);
    VtHost *host = vt_sample_host(sample);
    gboolean any = vt_interrupts_went_back(self->before, self->after, NULL);

    for (guint i = 0; i < domains->len; i++) {
        VtSampleDomain *domain = g_ptr_array_index(domains, i);
        g_autoptr(VtCpus) cpus = any && host ? vt_host_vcpu_cpus(host, domain->domain->uuid) : NULL;

        if (any && vt_interrupts_went_back(self->before, self->after, cpus))
            vt_sample_gap(sample, domain, VT_GAP_BACK);
        else
            vt_sample_ready(sample, domain, 0);
    }
}

static gboolean snapshot(VtSample *sample, gpointer state, gint64 *ret_when_ns, GError **error)
{
    State *self = state;
    VtInterrupts *now = vt_interrupts_read(vt_sample_root(sample), error);

    if (!now)
        return FALSE;
    *ret_when_ns = vt_clock_now_us() * 1000;
    g_clear_pointer(&self->anywhere, g_array_unref);
    vt_interrupts_free(self->before);
    self->before = self->after;
    self->after = now;
    if (self->before)
        compare(sample, self);
    return TRUE;
}

/* An interrupt that came between the last two snapshots. */
typedef struct {
    char *metric;
    const char *device; /* of the snapshot after; NULL where not known */
    guint64 count;
} Came;

static void came_clear(gpointer data)
{
    g_free(((Came *)data)->metric);
}

static void take_came(const char *irq, const char *device, guint64 delta, gpointer data)
{
    Came came = {g_strconcat("irq.", irq, NULL), device, delta};

    if (vt_metric_kind(came.metric) == VT_METRIC_IRQ)
        g_array_append_val((GArray *)data, came);
    else
        came_clear(&came);
}

/* Those (Came) that came on @cpus; NULL: on any CPU. */
static GArray *came_on(const State *self, const VtCpus *cpus)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(Came));

    g_array_set_clear_func(all, came_clear);
    vt_interrupts_delta(self->before, self->after, cpus, take_came, all);
    return all;
}

/* TRUE where each vCPU is pinned to one CPU and no two to the same. */
static gboolean have_own_cpus(const VtHostDomain *place, const VtCpus *cpus, guint vcpus)
{
    if (!cpus || place->vcpus != vcpus || vt_cpus_count(cpus) != vcpus)
        return FALSE;
    for (guint i = 0; i < vcpus; i++)
        if (vt_cpus_count(g_ptr_array_index(place->vcpu_pins, i)) != 1)
            return FALSE;
    return TRUE;
}

static void add_to_domain(const VtSampleDomain *domain, const GArray *all)
{
    for (guint i = 0; i < all->len; i++) {
        const Came *came = &g_array_index(all, Came, i);

        vt_profile_add(domain->profile, domain->window, came->metric, vt_source_interrupts.name, came->count);
        if (came->device)
            vt_profile_set_device(domain->profile, came->metric, came->device);
    }
    vt_profile_set_covers(domain->profile, "irq");
}

static void add_to_vcpu(const VtSampleDomain *domain, guint vcpu, const GArray *all)
{
    for (guint i = 0; i < all->len; i++) {
        const Came *came = &g_array_index(all, Came, i);

        vt_profile_vcpu_add(domain->profile, domain->window, came->metric, vt_source_interrupts.name, vcpu,
                            came->count);
    }
}

static void collect(VtSample *sample, gpointer state, VtSampleDomain *domain)
{
    State *self = state;
    VtHost *host = vt_sample_host(sample);
    g_autoptr(VtCpus) cpus = host ? vt_host_vcpu_cpus(host, domain->domain->uuid) : NULL;
    const VtHostDomain *place = host ? vt_host_domain(host, domain->domain->uuid) : NULL;
    g_autoptr(GArray) on_cpus = cpus ? came_on(self, cpus) : NULL;

    if (!cpus && !self->anywhere)
        self->anywhere = came_on(self, NULL);
    add_to_domain(domain, cpus ? on_cpus : self->anywhere);
    if (!place || !have_own_cpus(place, cpus, domain->vcpus)) {
        domain->profile->irqs_at_most = TRUE;
        return;
    }
    for (guint i = 0; vt_sample_per_vcpu(sample) && i < domain->vcpus; i++) {
        g_autoptr(GArray) on_cpu = came_on(self, g_ptr_array_index(place->vcpu_pins, i));

        add_to_vcpu(domain, i, on_cpu);
    }
}

static void stop(VtSample *sample, gpointer state)
{
    State *self = state;
    VtHost *host = vt_sample_host(sample);

    if (host && self->after)
        vt_interrupts_describe(self->after, vt_sample_root(sample), host);
    g_clear_pointer(&self->anywhere, g_array_unref);
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
