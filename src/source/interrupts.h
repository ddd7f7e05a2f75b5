/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/interrupts: per CPU counts of each line, and the attributes of the lines. */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "model/host.h"

typedef struct VtInterrupts VtInterrupts;

/* NULL with @error where it cannot be read or is malformed. CPUs that are offline have no column. */
VtInterrupts *vt_interrupts_read(const VtRoot *root, GError **error);
VtInterrupts *vt_interrupts_parse(const char *text, const char *name, GError **error);
void vt_interrupts_free(VtInterrupts *interrupts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtInterrupts, vt_interrupts_free)

/* Calls @each for every line whose count on @cpus (NULL: all) grew from @before to @after, with the difference. A line
 * that is new in @after counts from zero; one that went back is skipped. */
void vt_interrupts_delta(const VtInterrupts *before, const VtInterrupts *after, const VtCpus *cpus,
                         void (*each)(const char *irq, const char *device, guint64 delta, gpointer data),
                         gpointer data);

/* Adds the lines of @interrupts to the host with affinity and, where the kernel tells, whether they are managed. */
void vt_interrupts_describe(const VtInterrupts *interrupts, const VtRoot *root, VtHost *host);
