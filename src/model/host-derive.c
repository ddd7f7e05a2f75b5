/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the host facts imply: overcommit, housekeeping CPUs, and how the vCPUs of each domain are
 * pinned. */
#include "config.h"

#include "model/host.h"

#include <string.h>

static void set_text(GHashTable *facts, const char *name, const char *value)
{
    if (value)
        g_hash_table_insert(facts, g_strdup(name), g_strdup(value));
}

static void set_tri(GHashTable *facts, const char *name, VtTri value)
{
    set_text(facts, name, value == VT_UNKNOWN ? NULL : value == VT_YES ? "Y" : "N");
}

/* NULL where the fact is absent or no CPU list. */
static VtCpus *fact_cpus(const VtHost *host, const char *fact)
{
    const char *list = vt_host_get(host, fact);

    return list ? vt_cpus_parse(list, NULL) : NULL;
}

static const VtCpus *pin_of(const VtHostDomain *domain, guint vcpu)
{
    return vcpu < domain->vcpu_pins->len ? g_ptr_array_index(domain->vcpu_pins, vcpu) : NULL;
}

static guint count_pinned(const VtHostDomain *domain)
{
    guint n = 0;

    for (guint i = 0; domain->pins_known && i < domain->vcpus; i++)
        n += pin_of(domain, i) != NULL;
    return n;
}

static gboolean all_pins_known(const VtHost *host)
{
    GHashTableIter iter;
    VtHostDomain *domain;

    g_hash_table_iter_init(&iter, host->domains);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&domain)) {
        if (!domain->pins_known)
            return FALSE;
    }
    return TRUE;
}

static guint64 count_vcpus(const VtHost *host)
{
    GHashTableIter iter;
    VtHostDomain *domain;
    guint64 n = 0;

    g_hash_table_iter_init(&iter, host->domains);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&domain))
        n += domain->vcpus;
    return n;
}

/* A matching of vCPUs to CPUs: each vCPU has the set of CPUs that it may use, each CPU at most one
 * vCPU. */
typedef struct {
    GPtrArray *allowed; /* VtCpus per vCPU */
    int *owner;         /* vCPU per CPU, -1: none */
    gboolean *tried;    /* CPUs that this round has been to */
} Matching;

/* Gives @vcpu a CPU, moving others where that helps. Depth is at most the number of CPUs. */
static gboolean matching_place(Matching *matching, int vcpu)
{
    const VtCpus *allowed = g_ptr_array_index(matching->allowed, (guint)vcpu);

    for (int cpu = vt_cpus_next(allowed, 0); cpu >= 0;
         cpu = vt_cpus_next(allowed, (guint)cpu + 1)) {
        if (matching->owner[cpu] < 0) {
            matching->owner[cpu] = vcpu;
            return TRUE;
        }
    }
    for (int cpu = vt_cpus_next(allowed, 0); cpu >= 0;
         cpu = vt_cpus_next(allowed, (guint)cpu + 1)) {
        if (matching->tried[cpu])
            continue;
        matching->tried[cpu] = TRUE;
        if (matching_place(matching, matching->owner[cpu])) {
            matching->owner[cpu] = vcpu;
            return TRUE;
        }
    }
    return FALSE;
}

static int compare_counts(gconstpointer a, gconstpointer b)
{
    guint x = vt_cpus_count(*(const VtCpus *const *)a),
          y = vt_cpus_count(*(const VtCpus *const *)b);

    return (x > y) - (x < y);
}

/* TRUE where every vCPU can have a CPU of its own. */
static gboolean matching_exists(GPtrArray *allowed)
{
    g_autofree int *owner = g_new(int, VT_CPUS_MAX);
    g_autofree gboolean *tried = g_new(gboolean, VT_CPUS_MAX);
    Matching matching = {allowed, owner, tried};

    for (guint i = 0; i < VT_CPUS_MAX; i++)
        owner[i] = -1;
    /* Those with the least choice first: then hardly any has to be moved. */
    g_ptr_array_sort(allowed, compare_counts);
    for (guint i = 0; i < allowed->len; i++) {
        for (guint cpu = 0; cpu < VT_CPUS_MAX; cpu++)
            tried[cpu] = FALSE;
        if (!matching_place(&matching, (int)i))
            return FALSE;
    }
    return TRUE;
}

static void cpus_free(gpointer data)
{
    vt_cpus_free(data);
}

/* The online CPUs that each vCPU may use. A vCPU whose pin is unknown counts as unpinned. */
static GPtrArray *allowed_cpus(const VtHost *host, const VtCpus *online)
{
    GPtrArray *allowed = g_ptr_array_new_with_free_func(cpus_free);
    g_autoptr(VtCpus) isolated = fact_cpus(host, "cpus.isolated");
    g_autoptr(VtCpus) common = vt_cpus_copy(online);
    GHashTableIter iter;
    VtHostDomain *domain;

    if (isolated)
        vt_cpus_subtract(common, isolated);
    g_hash_table_iter_init(&iter, host->domains);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&domain)) {
        for (guint i = 0; i < domain->vcpus; i++) {
            const VtCpus *pin = domain->pins_known ? pin_of(domain, i) : NULL;
            /* A pin to CPUs that are all offline cannot hold: the kernel then lets the thread run
             * anywhere. */
            const VtCpus *from = pin && vt_cpus_intersects(pin, online) ? pin : common;
            VtCpus *cpus = vt_cpus_copy(online);
            g_autoptr(VtCpus) outside = vt_cpus_copy(online);

            vt_cpus_subtract(outside, from);
            vt_cpus_subtract(cpus, outside);
            g_ptr_array_add(allowed, cpus);
        }
    }
    return allowed;
}

/* More domains and more pins can only make it worse, so that a yes needs to know neither all of
 * them. */
static VtTri find_overcommit(const VtHost *host, const VtCpus *online)
{
    g_autoptr(GPtrArray) allowed = NULL;

    if (!online)
        return VT_UNKNOWN;
    if (count_vcpus(host) > vt_cpus_count(online))
        return VT_YES;
    allowed = allowed_cpus(host, online);
    if (!matching_exists(allowed))
        return VT_YES;
    return host->domains_complete && all_pins_known(host) ? VT_NO : VT_UNKNOWN;
}

static char *find_housekeeping(const VtHost *host, const VtCpus *online)
{
    g_autoptr(VtCpus) isolated = fact_cpus(host, "cpus.isolated");
    g_autoptr(VtCpus) nohz_full = fact_cpus(host, "cpus.nohz-full");
    g_autoptr(VtCpus) left = NULL;
    GHashTableIter iter;
    VtHostDomain *domain;

    if (!online || !host->domains_complete || !all_pins_known(host))
        return NULL;
    left = vt_cpus_copy(online);
    if (isolated)
        vt_cpus_subtract(left, isolated);
    if (nohz_full)
        vt_cpus_subtract(left, nohz_full);
    g_hash_table_iter_init(&iter, host->domains);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&domain)) {
        for (guint i = 0; i < domain->vcpus; i++) {
            if (pin_of(domain, i))
                vt_cpus_subtract(left, pin_of(domain, i));
        }
    }
    return vt_cpus_count(left) > 0 ? vt_cpus_format(left) : NULL;
}

/* @pin is one CPU. May a vCPU of @other (which is not @vcpu of @domain) run there too? An unpinned
 * one may, unless the CPU is isolated. */
static VtTri may_meet(const VtCpus *pin, const VtHostDomain *domain, guint vcpu,
                      const VtHostDomain *other, VtTri isolated)
{
    VtTri meet = VT_NO;

    if (!other->pins_known)
        return other->vcpus > 0 ? VT_UNKNOWN : VT_NO;
    for (guint i = 0; i < other->vcpus && meet != VT_YES; i++) {
        const VtCpus *theirs = pin_of(other, i);

        if (other == domain && i == vcpu)
            continue;
        meet = vt_tri_or(meet, !theirs                           ? vt_tri_not(isolated)
                               : vt_cpus_intersects(pin, theirs) ? VT_YES
                                                                 : VT_NO);
    }
    return meet;
}

static VtTri is_exclusive(const VtHost *host, const VtHostDomain *domain)
{
    g_autoptr(VtCpus) isolated = fact_cpus(host, "cpus.isolated");
    VtTri shared = host->domains_complete ? VT_NO : VT_UNKNOWN;

    for (guint i = 0; i < domain->vcpus && shared != VT_YES; i++) {
        const VtCpus *pin = pin_of(domain, i);
        GHashTableIter iter;
        VtHostDomain *other;
        VtTri pin_isolated;

        if (!pin || vt_cpus_count(pin) != 1)
            return VT_NO;
        pin_isolated = !isolated ? VT_UNKNOWN : vt_cpus_intersects(pin, isolated) ? VT_YES : VT_NO;
        g_hash_table_iter_init(&iter, host->domains);
        while (shared != VT_YES && g_hash_table_iter_next(&iter, NULL, (gpointer *)&other))
            shared = vt_tri_or(shared, may_meet(pin, domain, i, other, pin_isolated));
    }
    return vt_tri_not(shared);
}

static const char *find_pinning(const VtHost *host, const VtHostDomain *domain)
{
    if (!domain->pins_known || domain->vcpus == 0)
        return NULL;
    if (count_pinned(domain) == 0)
        return "none";
    switch (is_exclusive(host, domain)) {
    case VT_YES:
        return "exclusive";
    case VT_NO:
        return "shared";
    case VT_UNKNOWN:
        break;
    }
    return NULL;
}

/* Threads without a pin of their own may run on every CPU: libvirt gives QEMU all online ones. */
static VtTri find_overlap(const VtHostDomain *domain, const VtCpus *vcpu_cpus)
{
    if (!domain->pins_known)
        return VT_UNKNOWN;
    if (!domain->emulator_pin || !vcpu_cpus)
        return VT_YES;
    return vt_cpus_intersects(domain->emulator_pin, vcpu_cpus) ? VT_YES : VT_NO;
}

/* Whether the tick may stop on every CPU of the vCPUs. */
static VtTri find_nohz_full(const VtHost *host, const VtHostDomain *domain, const VtCpus *vcpu_cpus)
{
    g_autoptr(VtCpus) nohz_full = fact_cpus(host, "cpus.nohz-full");
    g_autoptr(VtCpus) rest = NULL;

    if (!domain->pins_known || !nohz_full)
        return VT_UNKNOWN;
    if (!vcpu_cpus)
        return VT_NO;
    rest = vt_cpus_copy(vcpu_cpus);
    vt_cpus_subtract(rest, nohz_full);
    return vt_cpus_count(rest) == 0 ? VT_YES : VT_NO;
}

/* "1" where all CPUs of the vCPUs are of node 1 in numa.cpus ("0=0-3 1=4-7"). */
static char *find_node(const VtHost *host, const VtCpus *vcpu_cpus)
{
    const char *known = vt_host_get(host, "numa.cpus");
    g_auto(GStrv) nodes = known ? g_strsplit(known, " ", -1) : NULL;
    char *found = NULL;

    for (gsize i = 0; vcpu_cpus && nodes && nodes[i]; i++) {
        char *list = strchr(nodes[i], '=');
        g_autoptr(VtCpus) cpus = list ? vt_cpus_parse(list + 1, NULL) : NULL;

        if (!cpus || !vt_cpus_intersects(cpus, vcpu_cpus))
            continue;
        if (found) {
            g_free(found);
            return g_strdup("several");
        }
        found = g_strndup(nodes[i], (gsize)(list - nodes[i]));
    }
    return found;
}

/* Whether no core of smt.cores ("0,16 1,17") is one of the vCPUs' in part only. */
static VtTri find_whole_cores(const VtHost *host, const VtHostDomain *domain,
                              const VtCpus *vcpu_cpus)
{
    const char *known = vt_host_get(host, "smt.cores");
    g_auto(GStrv) cores = known ? g_strsplit(known, " ", -1) : NULL;
    g_autoptr(VtCpus) left = NULL;

    if (!domain->pins_known)
        return VT_UNKNOWN;
    if (!vcpu_cpus)
        return VT_NO;
    left = vt_cpus_copy(vcpu_cpus);
    for (gsize i = 0; cores && cores[i]; i++) {
        g_autoptr(VtCpus) core = vt_cpus_parse(cores[i], NULL);

        if (!core || !vt_cpus_intersects(core, vcpu_cpus))
            continue;
        vt_cpus_subtract(left, core);
        vt_cpus_subtract(core, vcpu_cpus);
        if (vt_cpus_count(core) > 0)
            return VT_NO;
    }
    return vt_cpus_count(left) == 0 ? VT_YES : VT_UNKNOWN;
}

static VtTri find_hugepages_fit(const VtHost *host, const VtHostDomain *domain)
{
    const char *memory = g_hash_table_lookup(domain->facts, "memory-kib");
    const char *free_kib = vt_host_get(host, "hugepages.free-kib");

    if (!memory || !free_kib)
        return VT_UNKNOWN;
    return g_ascii_strtoull(free_kib, NULL, 10) >= g_ascii_strtoull(memory, NULL, 10) ? VT_YES
                                                                                       : VT_NO;
}

static void derive_domain(const VtHost *host, VtHostDomain *domain)
{
    g_autoptr(VtCpus) cpus = vt_host_vcpu_cpus(host, domain->uuid);
    g_autofree char *list = cpus ? vt_cpus_format(cpus) : NULL;
    g_autofree char *node = find_node(host, cpus);
    g_autoptr(VtCpus) online = fact_cpus(host, "cpus.online");

    set_tri(domain->facts, "exceeds-host",
            !online || domain->vcpus == 0               ? VT_UNKNOWN
            : domain->vcpus > vt_cpus_count(online) ? VT_YES
                                                    : VT_NO);
    set_text(domain->facts, "node", node);
    set_tri(domain->facts, "hugepages-fit", find_hugepages_fit(host, domain));
    set_text(domain->facts, "pinning", find_pinning(host, domain));
    set_text(domain->facts, "vcpu-cpus", list);
    set_tri(domain->facts, "emulator-pinned",
            !domain->pins_known    ? VT_UNKNOWN
            : domain->emulator_pin ? VT_YES
                                   : VT_NO);
    set_tri(domain->facts, "emulator-overlaps", find_overlap(domain, cpus));
    set_tri(domain->facts, "whole-cores", find_whole_cores(host, domain, cpus));
    set_tri(domain->facts, "nohz-full", find_nohz_full(host, domain, cpus));
}

void vt_host_derive(VtHost *host)
{
    g_autoptr(VtCpus) online = fact_cpus(host, "cpus.online");
    g_autofree char *housekeeping = find_housekeeping(host, online);
    g_autofree char *running =
        host->domains_complete ? g_strdup_printf("%" G_GUINT64_FORMAT, count_vcpus(host)) : NULL;
    GHashTableIter iter;
    VtHostDomain *domain;

    set_text(host->facts, "vcpus.running", running);
    set_text(host->facts, "cpus.housekeeping", housekeeping);
    set_tri(host->facts, "overcommit", find_overcommit(host, online));
    g_hash_table_iter_init(&iter, host->domains);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&domain))
        derive_domain(host, domain);
}

VtCpus *vt_host_vcpu_cpus(const VtHost *host, const char *uuid)
{
    const VtHostDomain *domain = vt_host_domain(host, uuid);
    g_autoptr(VtCpus) cpus = NULL;

    if (!domain || domain->vcpus == 0 || count_pinned(domain) != domain->vcpus)
        return NULL;
    cpus = vt_cpus_new();
    for (guint i = 0; i < domain->vcpus; i++)
        vt_cpus_union(cpus, pin_of(domain, i));
    return g_steal_pointer(&cpus);
}
