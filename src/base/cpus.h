/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of CPUs, and the list form that the kernel and libvirt write them in. */
#pragma once

#include <glib.h>

/* A set of CPU numbers (0..VT_CPUS_MAX-1). */
#define VT_CPUS_MAX 8192
typedef struct VtCpus VtCpus;
VtCpus *vt_cpus_new(void);
VtCpus *vt_cpus_copy(const VtCpus *cpus);
void vt_cpus_free(VtCpus *cpus);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtCpus, vt_cpus_free)
void vt_cpus_add(VtCpus *cpus, guint cpu);
gboolean vt_cpus_has(const VtCpus *cpus, guint cpu);
guint vt_cpus_count(const VtCpus *cpus);
/* The next member at or after @from, or -1. */
int vt_cpus_next(const VtCpus *cpus, guint from);
gboolean vt_cpus_equal(const VtCpus *a, const VtCpus *b);
gboolean vt_cpus_intersects(const VtCpus *a, const VtCpus *b);
void vt_cpus_union(VtCpus *into, const VtCpus *other);
void vt_cpus_subtract(VtCpus *from, const VtCpus *other);
/* The kernel's and libvirt's list form: "0-3,8", libvirt's exclusion "0-7,^3" too; empty text is
 * the empty set. NULL with @error for anything else. */
VtCpus *vt_cpus_parse(const char *list, GError **error);
/* "0-3,8"; "" when empty. The caller frees it. */
char *vt_cpus_format(const VtCpus *cpus);
