/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/interrupts: per CPU counts of each line, and the attributes of the lines. */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "model/host.h"

typedef struct VtInterrupts VtInterrupts;

/* NULL with @error where it cannot be read or is malformed. Offline CPUs have no column. */
VtInterrupts *vt_interrupts_read(const VtRoot *root, GError **error);
/* @name stands in messages. Lines with fewer counts than there are CPUs are the kernel's totals
 * ("ERR", "MIS"), which belong to no CPU and are left out; a numbered line that is short is an
 * error. */
VtInterrupts *vt_interrupts_parse(const char *text, const char *name, GError **error);
void vt_interrupts_free(VtInterrupts *interrupts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtInterrupts, vt_interrupts_free)

/* Calls @each for every line whose count on @cpus (NULL: all) grew from @before to @after, with the
 * difference, in the order of @after. @device is NULL for architecture lines and for interrupts
 * that nobody handles. The kernel's counters are 32 bits wide; one that wrapped goes on. A line that
 * is new in @after counts from zero; one that another device has taken over is skipped, and so are
 * counters that began anew. Only CPUs that are online in both snapshots count. */
void vt_interrupts_delta(const VtInterrupts *before, const VtInterrupts *after, const VtCpus *cpus,
                         void (*each)(const char *irq, const char *device, guint64 delta,
                                      gpointer data),
                         gpointer data);

/* TRUE where a counter on @cpus began anew, as with a device that was registered again under its
 * number: more than a sixteenth of its range was passed, which no interrupt does. What came meanwhile is
 * then not known. */
gboolean vt_interrupts_went_back(const VtInterrupts *before, const VtInterrupts *after, const VtCpus *cpus);

/* Adds the lines of @interrupts that @host does not have yet, numbered ones with affinity
 * (/proc/irq/N/effective_affinity_list, else smp_affinity_list) and with whether the kernel manages
 * them: debugfs (/sys/kernel/debug/irq/irqs/N) tells; since Linux 6.12 so does smp_affinity_list,
 * which is not writable then. */
void vt_interrupts_describe(const VtInterrupts *interrupts, const VtRoot *root, VtHost *host);
