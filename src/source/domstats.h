/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libvirt's domain statistics by name: which of them are counters, and which metrics they count. No
 * I/O. */
#pragma once

#include <glib.h>
#include <libvirt/libvirt.h>

#include "source/source.h"

/* The fields of an answer, which are the same ones from one answer to the next. */
typedef struct VtDomstatsLayout VtDomstatsLayout;

/* One snapshot of one domain. */
typedef struct {
    int state;          /* virDomainState; -1 where it is not told */
    guint vcpus;        /* vcpu.current; 0 where it is not told */
    gboolean has_kvm;   /* there is at least one KVM statistic of a vCPU (libvirt 8.9, QEMU 7.1) */
    gboolean has_block; /* the group was answered, be it for no disk at all */
    gboolean has_net;
    gboolean has_time;  /* @time and @vcpu_time, in ns, are told: of the domain, of its vCPUs */
    guint64 time, vcpu_time;
    guint timed_vcpus;
    VtDomstatsLayout *layout;
    GArray *values; /* guint64, of each field of @layout */
    gboolean collected; /* vt_domstats_collect() has counted up to it */
} VtDomstats;

VtDomstats *vt_domstats_new(void);
void vt_domstats_free(VtDomstats *stats);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtDomstats, vt_domstats_free)

/* Takes one field of `virsh domstats`, e.g. "vcpu.0.halt_exits.sum". Fields that are no counter
 * (.cur, .max, booleans), that nobody needs, or that are malformed are ignored. */
void vt_domstats_add(VtDomstats *stats, const char *field, guint64 value);
/* @like: another answer to the same question, whose names need no second look where they are the same; or NULL. */
VtDomstats *vt_domstats_from_params(const virTypedParameter *params, gsize n, const VtDomstats *like);
/* How many of its fields are counters. */
guint vt_domstats_counters(const VtDomstats *stats);

/* What keeps the difference from @before to @after from being counted. VT_GAP_BUSY where the KVM
 * statistics are missing in one of them. */
VtGap vt_domstats_compare(const VtDomstats *before, const VtDomstats *after);

#define VT_DOMSTATS_NO_VCPU G_MAXUINT

/* Calls @each with the difference of every counter and with each metric that it counts, zero
 * differences included; one metric comes once per counter and is to be summed. @vcpu: whose it is,
 * or VT_DOMSTATS_NO_VCPU. Only after vt_domstats_compare() gave VT_GAP_NONE. */
typedef void (*VtDomstatsEach)(const char *metric, guint vcpu, guint64 delta, gpointer data);
void vt_domstats_delta(const VtDomstats *before, const VtDomstats *after, VtDomstatsEach each,
                       gpointer data);

/* FALSE where KVM completes port I/O without counting it: its software back end (kvm_pvm) leaves io_exits
 * at 0 at 100,000 port writes a second, so that its zero says nothing. */
gboolean vt_domstats_counts_io(VtSample *sample);

/* Adds what is of the domain and not of a vCPU, counted over @whole_ns. */
void vt_domstats_add_whole(const VtDomstats *before, const VtDomstats *after, VtProfile *profile,
                           const char *source, guint64 whole_ns);

/* Adds the difference, as vt_domstats_delta() gives it, to the window of @domain that is being filled. Where
 * not @counts_io, ports are left unknown and a note says so. */
void vt_domstats_collect(VtSample *sample, const VtDomstats *before, VtDomstats *after,
                         VtSampleDomain *domain, const char *source, gboolean counts_io);
