/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Host facts: the map, interrupts, the running domains. What follows from them is in
 * host-derive.c. */
#include "config.h"

#include "model/host.h"

#include <string.h>

#include "base/sort.h"

#define DOMAIN_PREFIX "domain."

static const char *const known_facts[] = {
    "arch",
    "cpu.flags",
    "cpu.vendor",
    "cpus.count",
    "cpus.housekeeping",
    "cpus.isolated",
    "cpus.nohz-full",
    "cpus.online",
    "domain.emulator-overlaps",
    "domain.emulator-pinned",
    "domain.exceeds-host",
    "domain.hugepages-fit",
    "domain.iothreads-overlap",
    "domain.memory-kib",
    "domain.node",
    "domain.nohz-full",
    "domain.pinning",
    "domain.vcpu-cpus",
    "domain.vhost-threads",
    "domain.whole-cores",
    "hugepages.free",
    "hugepages.free-kib",
    "irqbalance",
    "kernel.cmdline",
    "kernel.hz",
    "kernel.no-hz-full",
    "kernel.release",
    "kernel.version",
    "ksm",
    "ksm.pages-sharing",
    "libvirt.version",
    "memory.available-percent",
    "numa-balancing",
    "numa.cpus",
    "numa.nodes",
    "overcommit",
    "qemu.version",
    "smt",
    "smt.cores",
    "uri.remote",
    "vcpus.running",
    "vhost-net",
};

/* Module parameters, beside kvm.backend and kvm.apicv. */
static const char *const known_prefixes[] = {"kvm.", "kvm_amd.", "kvm_intel."};

static const char *const set_facts[] = {"cpu.flags", "kernel.cmdline", "numa.cpus", "smt.cores"};

static void irq_free(gpointer data)
{
    VtHostIrq *irq = data;

    g_free(irq->irq);
    g_free(irq->device);
    vt_cpus_free(irq->affinity);
    g_free(irq);
}

static void cpus_free(gpointer data)
{
    vt_cpus_free(data);
}

static void host_domain_free(gpointer data)
{
    VtHostDomain *domain = data;

    g_free(domain->uuid);
    g_free(domain->name);
    g_ptr_array_unref(domain->vcpu_pins);
    vt_cpus_free(domain->emulator_pin);
    g_hash_table_unref(domain->facts);
    g_free(domain);
}

VtHost *vt_host_new(void)
{
    VtHost *host = g_new0(VtHost, 1);

    host->refs = 1;
    host->facts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    host->irqs = g_ptr_array_new_with_free_func(irq_free);
    host->domains = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, host_domain_free);
    host->notes = g_ptr_array_new_with_free_func(g_free);
    return host;
}

VtHost *vt_host_ref(VtHost *host)
{
    g_atomic_int_inc(&host->refs);
    return host;
}

void vt_host_unref(VtHost *host)
{
    if (!host || !g_atomic_int_dec_and_test(&host->refs))
        return;
    g_hash_table_unref(host->facts);
    g_ptr_array_unref(host->irqs);
    g_hash_table_unref(host->domains);
    g_ptr_array_unref(host->notes);
    g_free(host);
}

void vt_host_set(VtHost *host, const char *fact, const char *value)
{
    if (value)
        g_hash_table_insert(host->facts, g_strdup(fact), g_strdup(value));
}

const char *vt_host_get(const VtHost *host, const char *fact)
{
    return g_hash_table_lookup(host->facts, fact);
}

const char *vt_host_get_for(const VtHost *host, const char *uuid, const char *fact)
{
    const VtHostDomain *domain;

    if (!g_str_has_prefix(fact, DOMAIN_PREFIX))
        return vt_host_get(host, fact);
    domain = vt_host_domain(host, uuid);
    return domain ? g_hash_table_lookup(domain->facts, fact + strlen(DOMAIN_PREFIX)) : NULL;
}

static gboolean is_parameter(const char *name)
{
    if (!*name)
        return FALSE;
    for (; *name; name++) {
        if (!g_ascii_isalnum(*name) && *name != '_')
            return FALSE;
    }
    return TRUE;
}

gboolean vt_host_fact_is_known(const char *fact)
{
    for (guint i = 0; i < G_N_ELEMENTS(known_facts); i++) {
        if (strcmp(known_facts[i], fact) == 0)
            return TRUE;
    }
    for (guint i = 0; i < G_N_ELEMENTS(known_prefixes); i++) {
        if (g_str_has_prefix(fact, known_prefixes[i]) &&
            is_parameter(fact + strlen(known_prefixes[i])))
            return TRUE;
    }
    return FALSE;
}

gboolean vt_host_fact_is_set(const char *fact)
{
    for (guint i = 0; i < G_N_ELEMENTS(set_facts); i++) {
        if (strcmp(set_facts[i], fact) == 0)
            return TRUE;
    }
    return FALSE;
}

GPtrArray *vt_host_fact_names(const VtHost *host)
{
    return vt_sort_keys(host->facts);
}

VtHostDomain *vt_host_add_domain(VtHost *host, const char *uuid, const char *name, guint vcpus)
{
    VtHostDomain *domain = g_new0(VtHostDomain, 1);

    domain->uuid = g_strdup(uuid);
    domain->name = g_strdup(name);
    domain->vcpus = vcpus;
    domain->vcpu_pins = g_ptr_array_new_with_free_func(cpus_free);
    g_ptr_array_set_size(domain->vcpu_pins, (int)vcpus);
    domain->facts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_hash_table_replace(host->domains, domain->uuid, domain);
    return domain;
}

VtHostDomain *vt_host_domain(const VtHost *host, const char *uuid)
{
    return uuid ? g_hash_table_lookup(host->domains, uuid) : NULL;
}

VtHostIrq *vt_host_add_irq(VtHost *host, const char *irq, const char *device)
{
    VtHostIrq *line = (VtHostIrq *)vt_host_irq(host, irq);

    if (!line) {
        line = g_new0(VtHostIrq, 1);
        line->irq = g_strdup(irq);
        line->managed = VT_UNKNOWN;
        g_ptr_array_add(host->irqs, line);
    }
    if (device && g_strcmp0(device, line->device) != 0) {
        g_free(line->device);
        line->device = g_strdup(device);
    }
    return line;
}

const VtHostIrq *vt_host_irq(const VtHost *host, const char *irq)
{
    for (guint i = 0; i < host->irqs->len; i++) {
        const VtHostIrq *line = g_ptr_array_index(host->irqs, i);

        if (g_strcmp0(line->irq, irq) == 0)
            return line;
    }
    return NULL;
}
