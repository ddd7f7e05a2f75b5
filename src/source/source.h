/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of profile sources, and sampling by those that work here. */
#pragma once

#include "source/sample.h"

extern const VtSource vt_source_bpf;
extern const VtSource vt_source_debugfs;
extern const VtSource vt_source_libvirt;
extern const VtSource vt_source_interrupts;
extern const VtSource vt_source_schedstat;

/* The sources that can be chosen; NULL-terminated, best first. */
const VtSource *const *vt_source_table(void);
const VtSource *vt_source_find(const char *name);

/* Samples all @domains (VtDomain) together. @ret_profiles: VtProfile per domain in the same order;
 * NULL elements where nothing could be measured (the reason is in @ret_notes, one char* per domain
 * or NULL). A domain that stops, starts, or changes its number of vCPUs meanwhile is noted in its
 * profile and the touched window dropped. The duration is divided into windows of equal length, as
 * near to the interval as that allows; a sample that was ended early keeps a last window that is at
 * least half as long, or, where it is the only one, at least 100 ms.
 * @host (may be NULL) receives the attributes of the interrupts that were seen, and tells the pins
 * of the vCPUs and what KVM runs on. */
gboolean vt_source_sample(VtVirt *virt, const VtRoot *root, GPtrArray *domains, VtHost *host,
                          const VtSampleOptions *options, GPtrArray **ret_profiles,
                          GPtrArray **ret_notes, GError **error);

/* vt_sample_open() with the sources of @options->source. */
VtSample *vt_source_open(VtVirt *virt, const VtRoot *root, GPtrArray *domains, VtHost *host,
                         const VtSampleOptions *options, GError **error);
