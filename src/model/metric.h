/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one vocabulary of metric names (see virt-tune-profile(5)), whatever the source. */
#pragma once

#include <glib.h>

typedef enum {
    VT_METRIC_INVALID,
    VT_METRIC_EXITS,     /* exits */
    VT_METRIC_EXIT,      /* exit.<family>, exit.vmx-91 */
    VT_METRIC_MSR_READ,  /* msr.read.0x… */
    VT_METRIC_MSR_WRITE, /* msr.write.0x… */
    VT_METRIC_PIO,       /* pio.0x1f7 */
    VT_METRIC_MMIO,      /* mmio.0xfee000b0 */
    VT_METRIC_IRQ,       /* irq.24, irq.LOC */
    VT_METRIC_KVM,       /* kvm.<stat> */
    VT_METRIC_BLOCK,     /* block.requests: block layer requests of all disks */
    VT_METRIC_NET,       /* net.packets: packets of all interfaces */
    VT_METRIC_SCHED,     /* sched.run-delay-ns: time that runnable vCPU threads waited */
    VT_METRIC_QEMU,      /* qemu.busy-ns: CPU time of the domain's threads that run no vCPU */
} VtMetricKind;

/* The kind of a well-formed name, VT_METRIC_INVALID otherwise (also for NULL). Families are the
 * known ones or <isa>-<number>; numbers are lower-case hexadecimal without leading zeros, of
 * interrupts decimal. */
VtMetricKind vt_metric_kind(const char *name);

/* The namespace a name belongs to, as it stands in a profile's "covers": "exits", "exit",
 * "msr.read", "msr.write", "pio", "mmio", "irq", "kvm", "block", "net", "sched", "qemu". */
const char *vt_metric_namespace(VtMetricKind kind);
gboolean vt_metric_namespace_is_known(const char *name_space);

/* HLT, which is sleep and no cost. */
gboolean vt_metric_is_idle(const char *name);

/* TRUE for MSR, port, address and IRQ metrics: they name a cause, not a class. */
gboolean vt_metric_is_specific(VtMetricKind kind);

/* The number in a specific name ("pio.0x1f7" -> 0x1f7). FALSE where there is none ("irq.LOC"). */
gboolean vt_metric_number(const char *name, guint64 *ret_number);

/* "pio.0x1f7" from (VT_METRIC_PIO, 0x1f7), for specific kinds. The caller frees it. */
char *vt_metric_name(VtMetricKind kind, guint64 number);

/* A rule's selection: names and ranges separated by spaces ("pio.0x1f0-0x1f7 pio.0x3f6",
 * "exit.mmio", "kvm.insn_emulation", "irq.*"). All parts are summed. Ranges and "*" are of specific
 * kinds and hold numbers only: irq.LOC is not in "irq.*". */
typedef struct VtMetricSet VtMetricSet;
VtMetricSet *vt_metric_set_parse(const char *text, GError **error);
void vt_metric_set_free(VtMetricSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtMetricSet, vt_metric_set_free)
const char *vt_metric_set_text(const VtMetricSet *set);
guint vt_metric_set_length(const VtMetricSet *set);
/* Part @i: its kind; a range and a "*" have @first..@last (both ends belong to it) and no @name; a
 * single name has @name, and where it is a number @first and @last are that. */
VtMetricKind vt_metric_set_part(const VtMetricSet *set, guint i, const char **name, guint64 *first,
                                guint64 *last);
gboolean vt_metric_set_is_specific(const VtMetricSet *set);
/* TRUE where every part counts nanoseconds in place of events: sched.run-delay-ns, kvm.halt_wait_ns. */
gboolean vt_metric_set_is_time(const VtMetricSet *set);

/* KVM statistics under their present name: "irq_window" -> "irq_window_exits", "largepages" ->
 * "pages_2m" …; a name that was never changed is returned as it is. */
const char *vt_metric_kvm_stat(const char *stat);
/* The exit family that a KVM statistic counts ("halt_exits" -> "exit.hlt"), "exits" for "exits",
 * NULL for none. */
const char *vt_metric_kvm_stat_family(const char *stat);
/* TRUE for a KVM statistic, by any name it ever had, that is no counter: the present or the greatest
 * value of something, or a histogram. */
gboolean vt_metric_kvm_stat_is_gauge(const char *stat);

/* A name for people: "pio.0x1f7" -> "IDE primary status/command", "msr.write.0x80b" -> "x2APIC
 * EOI"; NULL if nobody has named it. From fixed ranges of the PC (QEMU hw/i386) and the
 * architecture manuals. Marked N_(), untranslated. */
const char *vt_metric_label(const char *name);

/* TRUE where what is counted are nanoseconds: "sched.run-delay-ns", "kvm.halt_wait_ns". */
gboolean vt_metric_is_time(const char *name);
/* A rate as people read it, where "per second and vCPU" stands beside it: "30,959", and of what counts
 * nanoseconds the time in each second: "250 ms". The caller frees it. */
char *vt_metric_format_rate(const char *name, double rate);

/* Sources that can measure it, best first, as words for "unknown" ("the source bpf, or an import of a
 * SystemTap table of exits"). Marked N_(), untranslated. */
const char *vt_metric_who_measures(const char *name);
