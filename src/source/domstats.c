/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names from libvirt's src/libvirt-domain.c, virConnectGetAllDomainStats(): "vcpu.<n>.<KVM
 * statistic>.sum|cur|max" since 8.9.0, where the part in the middle is whatever the host's kernel
 * calls it (KVM_GET_STATS_FD). */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "model/metric.h"
#include "model/profile-vcpu.h"
#include "source/domstats.h"

typedef struct {
    guint64 value;
    guint vcpu;         /* VT_DOMSTATS_NO_VCPU: of the whole domain */
    const char *metric; /* interned */
    const char *family; /* a second metric that it counts; NULL */
} Counter;

VtDomstats *vt_domstats_new(void)
{
    VtDomstats *self = g_new0(VtDomstats, 1);

    self->state = -1;
    self->counters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return self;
}

void vt_domstats_free(VtDomstats *stats)
{
    if (!stats)
        return;
    g_hash_table_unref(stats->counters);
    g_free(stats);
}

/* The number in "vcpu.<n>.…". */
static guint vcpu_of(const char *field)
{
    guint64 number;

    if (!g_str_has_prefix(field, "vcpu."))
        return VT_DOMSTATS_NO_VCPU;
    number = g_ascii_strtoull(field + strlen("vcpu."), NULL, 10);
    return number < VT_PROFILE_VCPUS_MAX ? (guint)number : VT_DOMSTATS_NO_VCPU;
}

static void add_counter(VtDomstats *self, const char *field, guint64 value, const char *metric,
                        const char *family)
{
    Counter *counter = g_new(Counter, 1);

    counter->value = value;
    counter->vcpu = vcpu_of(field);
    counter->metric = metric;
    counter->family = family;
    g_hash_table_replace(self->counters, g_strdup(field), counter);
}

/* The part behind "<n>." of an indexed field; NULL where there is no number. */
static const char *skip_index(const char *text)
{
    gsize digits = strspn(text, "0123456789");

    return digits > 0 && text[digits] == '.' ? text + digits + 1 : NULL;
}

/* @stat: "<name>.sum". FALSE for anything else. */
static gboolean add_kvm(VtDomstats *self, const char *field, const char *stat, guint64 value)
{
    const char *dot = strchr(stat, '.');
    g_autofree char *old_name = NULL;
    g_autofree char *metric = NULL;
    const char *name;

    if (!dot || dot == stat || strcmp(dot, ".sum") != 0)
        return FALSE;
    old_name = g_strndup(stat, (gsize)(dot - stat));
    name = vt_metric_kvm_stat(old_name);
    metric = g_strconcat("kvm.", name, NULL);
    if (vt_metric_kind(metric) != VT_METRIC_KVM)
        return FALSE;
    add_counter(self, field, value, g_intern_string(metric), vt_metric_kvm_stat_family(name));
    return TRUE;
}

static void add_vcpu_time(VtDomstats *self, guint64 ns)
{
    self->timed_vcpus++;
    self->vcpu_time += ns;
}

void vt_domstats_add(VtDomstats *stats, const char *field, guint64 value)
{
    const char *rest = NULL;

    if (strcmp(field, "state.state") == 0) {
        stats->state = value <= G_MAXINT ? (int)value : -1;
    } else if (strcmp(field, "vcpu.current") == 0) {
        stats->vcpus = value <= G_MAXUINT ? (guint)value : 0;
    } else if (strcmp(field, "block.count") == 0) {
        stats->has_block = TRUE;
    } else if (strcmp(field, "net.count") == 0) {
        stats->has_net = TRUE;
    } else if (strcmp(field, "cpu.time") == 0) {
        stats->has_time = TRUE;
        stats->time = value;
    } else if (g_str_has_prefix(field, "vm.")) {
        add_kvm(stats, field, field + strlen("vm."), value);
    } else if (g_str_has_prefix(field, "vcpu.") && (rest = skip_index(field + strlen("vcpu.")))) {
        if (strcmp(rest, "delay") == 0)
            add_counter(stats, field, value, "sched.run-delay-ns", NULL);
        else if (strcmp(rest, "time") == 0)
            add_vcpu_time(stats, value);
        else if (add_kvm(stats, field, rest, value))
            stats->has_kvm = TRUE;
    } else if (g_str_has_prefix(field, "block.") && (rest = skip_index(field + strlen("block.")))) {
        if (strcmp(rest, "rd.reqs") == 0 || strcmp(rest, "wr.reqs") == 0 ||
            strcmp(rest, "fl.reqs") == 0)
            add_counter(stats, field, value, "block.requests", NULL);
    } else if (g_str_has_prefix(field, "net.") && (rest = skip_index(field + strlen("net.")))) {
        if (strcmp(rest, "rx.pkts") == 0 || strcmp(rest, "tx.pkts") == 0)
            add_counter(stats, field, value, "net.packets", NULL);
    }
}

/* FALSE for what is no whole number, or a negative one. */
static gboolean param_value(const virTypedParameter *param, guint64 *ret_value)
{
    switch (param->type) {
    case VIR_TYPED_PARAM_INT:
        *ret_value = (guint64)param->value.i;
        return param->value.i >= 0;
    case VIR_TYPED_PARAM_UINT:
        *ret_value = param->value.ui;
        return TRUE;
    case VIR_TYPED_PARAM_LLONG:
        *ret_value = (guint64)param->value.l;
        return param->value.l >= 0;
    case VIR_TYPED_PARAM_ULLONG:
        *ret_value = param->value.ul;
        return TRUE;
    default:
        return FALSE;
    }
}

VtDomstats *vt_domstats_from_params(const virTypedParameter *params, gsize n)
{
    g_autoptr(VtDomstats) self = vt_domstats_new();

    for (gsize i = 0; i < n; i++) {
        guint64 value;

        if (param_value(&params[i], &value))
            vt_domstats_add(self, params[i].field, value);
    }
    return g_steal_pointer(&self);
}

VtGap vt_domstats_compare(const VtDomstats *before, const VtDomstats *after)
{
    GHashTableIter iter;
    gpointer field;
    gpointer value;

    if (after->state == VIR_DOMAIN_SHUTOFF || after->state == VIR_DOMAIN_CRASHED ||
        before->state == VIR_DOMAIN_SHUTOFF || before->state == VIR_DOMAIN_CRASHED)
        return VT_GAP_STOPPED;
    if (after->state == VIR_DOMAIN_PAUSED || after->state == VIR_DOMAIN_PMSUSPENDED ||
        before->state == VIR_DOMAIN_PAUSED || before->state == VIR_DOMAIN_PMSUSPENDED)
        return VT_GAP_PAUSED;
    if (before->vcpus != after->vcpus)
        return VT_GAP_VCPUS;
    if (!before->has_kvm || !after->has_kvm)
        return VT_GAP_BUSY;
    if (g_hash_table_size(before->counters) != g_hash_table_size(after->counters))
        return VT_GAP_DEVICES;
    g_hash_table_iter_init(&iter, after->counters);
    while (g_hash_table_iter_next(&iter, &field, &value)) {
        const Counter *is = value;
        const Counter *was = g_hash_table_lookup(before->counters, field);

        if (!was)
            return VT_GAP_DEVICES;
        if (is->value < was->value)
            return VT_GAP_BACK;
    }
    return VT_GAP_NONE;
}

/* What all threads used beyond the vCPUs'. The vCPUs' times are those of /proc, in steps of 10 ms,
 * and may run ahead. */
static gboolean busy_ns(const VtDomstats *before, const VtDomstats *after, guint64 *ret_ns)
{
    guint64 whole, vcpus;

    if (!before->has_time || !after->has_time || after->timed_vcpus == 0 ||
        after->timed_vcpus != after->vcpus || before->timed_vcpus != after->timed_vcpus ||
        after->time < before->time || after->vcpu_time < before->vcpu_time)
        return FALSE;
    whole = after->time - before->time;
    vcpus = after->vcpu_time - before->vcpu_time;
    *ret_ns = whole > vcpus ? whole - vcpus : 0;
    return TRUE;
}

void vt_domstats_delta(const VtDomstats *before, const VtDomstats *after, VtDomstatsEach each,
                       gpointer data)
{
    GHashTableIter iter;
    gpointer field;
    gpointer value;
    guint64 ns;

    if (busy_ns(before, after, &ns))
        each("qemu.busy-ns", VT_DOMSTATS_NO_VCPU, ns, data);
    g_hash_table_iter_init(&iter, after->counters);
    while (g_hash_table_iter_next(&iter, &field, &value)) {
        const Counter *is = value;
        const Counter *was = g_hash_table_lookup(before->counters, field);
        guint64 delta;

        /* A kernel without CONFIG_SCHED_INFO reports no delay at all; a vCPU that never waited does
         * not exist. */
        if (!was || is->value < was->value || (is->value == 0 && g_str_has_suffix(field, ".delay")))
            continue;
        delta = is->value - was->value;
        each(is->metric, is->vcpu, delta, data);
        if (is->family)
            each(is->family, is->vcpu, delta, data);
    }
}

gboolean vt_domstats_counts_io(VtSample *sample)
{
    VtHost *host = vt_sample_host(sample);
    const char *backend = host ? vt_host_get(host, "kvm.backend") : NULL;

    if (backend)
        return strcmp(backend, "pvm") != 0;
    return !vt_virt_is_local(vt_sample_virt(sample)) ||
           !vt_root_exists(vt_sample_root(sample), "/sys/module/kvm_pvm");
}

/* @data: metric -> guint64, the sum of its counters. */
static void add_whole(const char *metric, guint vcpu, guint64 delta, gpointer data)
{
    guint64 *sum = g_hash_table_lookup(data, metric);

    if (vcpu != VT_DOMSTATS_NO_VCPU)
        return;
    if (!sum) {
        sum = g_new0(guint64, 1);
        g_hash_table_insert(data, (gpointer)metric, sum);
    }
    *sum = vt_profile_sum(*sum, delta);
}

void vt_domstats_add_whole(const VtDomstats *before, const VtDomstats *after, VtProfile *profile,
                           const char *source, guint64 whole_ns)
{
    g_autoptr(GHashTable) sums = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    GHashTableIter iter;
    gpointer metric, sum;

    vt_domstats_delta(before, after, add_whole, sums);
    g_hash_table_iter_init(&iter, sums);
    while (g_hash_table_iter_next(&iter, &metric, &sum))
        vt_profile_add_whole(profile, metric, source, *(const guint64 *)sum, whole_ns);
}

typedef struct {
    VtSampleDomain *domain;
    const char *source;
    gboolean counts_io;
    gboolean per_vcpu;
} Collect;

static void collect_metric(const char *metric, guint vcpu, guint64 delta, gpointer data)
{
    const Collect *to = data;

    if (!to->counts_io && (strcmp(metric, "kvm.io_exits") == 0 || strcmp(metric, "exit.io") == 0))
        return;
    vt_profile_add(to->domain->profile, to->domain->window, metric, to->source, delta);
    if (to->per_vcpu && vcpu != VT_DOMSTATS_NO_VCPU)
        vt_profile_vcpu_add(to->domain->profile, to->domain->window, metric, to->source, vcpu,
                            delta);
}

void vt_domstats_collect(VtSample *sample, const VtDomstats *before, const VtDomstats *after,
                         VtSampleDomain *domain, const char *source, gboolean counts_io)
{
    Collect to = {domain, source, counts_io, vt_sample_per_vcpu(sample)};

    vt_domstats_delta(before, after, collect_metric, &to);
    if (counts_io)
        return;
    domain->profile->exits_low = TRUE;
    if (domain->window == 0)
        vt_profile_note(domain->profile, _("KVM runs here on its software back end (kvm_pvm), "
                                           "which does not count port I/O: exit.io is "
                                           "unknown."));
}
