/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about the host as rules see them: a map of names to words, interrupt attributes, and what
 * is known of each running domain's place on the host. An absent fact is unknown. The names are
 * listed in virt-tune-rule(5). */
#pragma once

#include <glib.h>

#include "base/text.h"
#include "base/tri.h"

/* An interrupt line of /proc/interrupts. */
typedef struct {
    char *irq;        /* "24", "LOC" */
    char *device;     /* the action names; NULL for architecture lines */
    VtCpus *affinity; /* effective_affinity_list, else smp_affinity_list; NULL where unknown */
    VtTri managed;    /* the kernel moves it itself and refuses writes to smp_affinity_list */
} VtHostIrq;

/* A running domain's place. */
typedef struct {
    char *uuid;
    char *name;
    guint vcpus;
    gboolean pins_known;  /* else nothing is known of @vcpu_pins and @emulator_pin */
    GPtrArray *vcpu_pins; /* VtCpus * per vCPU; NULL element: not pinned */
    VtCpus *emulator_pin; /* NULL: not pinned */
    GHashTable *facts;    /* "vhost-threads" -> "2", … under names without "domain." */
} VtHostDomain;

typedef struct VtHost {
    int refs;
    GHashTable *facts;   /* char * -> char * */
    GPtrArray *irqs;     /* VtHostIrq */
    GHashTable *domains; /* uuid -> VtHostDomain; every running domain, not only the chosen ones */
    gboolean domains_complete; /* @domains are all that run: overcommit can be decided */
    GPtrArray *notes;          /* char *: what could not be known and why */
} VtHost;

VtHost *vt_host_new(void);
VtHost *vt_host_ref(VtHost *host);
void vt_host_unref(VtHost *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtHost, vt_host_unref)

/* Booleans are "Y" and "N", CPU lists "0-3,8", numbers decimal. NULL @value is ignored. */
void vt_host_set(VtHost *host, const char *fact, const char *value);
/* NULL where unknown. */
const char *vt_host_get(const VtHost *host, const char *fact);
/* The fact as this domain sees it: names that start with "domain." are looked up for @uuid. */
const char *vt_host_get_for(const VtHost *host, const char *uuid, const char *fact);
/* TRUE where @fact is one that a rule may ask for (fixed names, and the prefixes kvm., kvm_intel.,
 * kvm_amd.). */
gboolean vt_host_fact_is_known(const char *fact);
/* TRUE where the value is a set of words and `has` may ask for one ("cpu.flags", "kernel.cmdline"). */
gboolean vt_host_fact_is_set(const char *fact);
/* All fact names, sorted; the array does not own them. */
GPtrArray *vt_host_fact_names(const VtHost *host);

/* Replaces a domain of the same @uuid. @vcpu_pins has @vcpus elements, all NULL. */
VtHostDomain *vt_host_add_domain(VtHost *host, const char *uuid, const char *name, guint vcpus);
VtHostDomain *vt_host_domain(const VtHost *host, const char *uuid);
/* The existing line, where there is one. */
VtHostIrq *vt_host_add_irq(VtHost *host, const char *irq, const char *device);
const VtHostIrq *vt_host_irq(const VtHost *host, const char *irq);

/* Computes from the rest:
 *   vcpus.running      of all running domains
 *   overcommit         Y where the vCPUs of all running domains cannot each have an online CPU of
 *                      their own that their pins allow (unpinned ones: any that is not isolated),
 *                      else N
 *   cpus.housekeeping  online, not isolated, not nohz_full, and no vCPU pinned to them; absent
 *                      where none is left
 *   domain.pinning     exclusive: each vCPU pinned to one CPU where no other vCPU may run; shared:
 *                      some pin, but not exclusive; none
 *   domain.vcpu-cpus   all CPUs of the pins, where every vCPU has one
 *   domain.nohz-full   Y where all of these CPUs are in cpus.nohz-full
 *   domain.emulator-pinned    Y, N
 *   domain.emulator-overlaps  Y where QEMU's emulator threads may run on a CPU on which a vCPU may
 *                             run, else N
 *   domain.whole-cores Y where these are whole cores of smt.cores, N where another thread of one is not
 *                      among them, or not every vCPU is pinned
 *   domain.exceeds-host       Y where it alone has more vCPUs than CPUs are online, else N
 *   domain.node        the NUMA node that all pinned CPUs are on; "several"
 *   domain.hugepages-fit      Y where free huge pages of the default size suffice for its memory
 * Where a needed fact is unknown, a result that is already there stays (a hand-made file may simply
 * state it), and one that is not stays unknown. */
void vt_host_derive(VtHost *host);

/* The CPUs a domain's vCPUs are pinned to; NULL where not pinned or unknown. The caller
 * frees it. */
VtCpus *vt_host_vcpu_cpus(const VtHost *host, const char *uuid);
