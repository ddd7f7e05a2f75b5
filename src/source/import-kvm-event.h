/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts of KVM's tracepoints, which tell nothing else of their events. */
#pragma once

#include "source/import.h"

/* The metric of an event ("kvm_exit": "exits") that says the same whatever it was about; NULL for any other. kvm_mmio, for
 * example, counts reads by user space twice, kvm_msr reads and writes together. */
const char *vt_import_kvm_event_metric(const char *event);

/* Notes that events of these @names were left out. */
void vt_import_kvm_event_note_others(VtProfile *profile, GHashTable *names);

/* TRUE for what kvm_stat calls a tracepoint: "kvm_exit", "kvm_exit(HLT)". */
gboolean vt_import_kvm_event_is_name(const char *name);

/* The tracepoints in a recording of kvm_stat. */
typedef struct VtImportKvmEvents VtImportKvmEvents;
VtImportKvmEvents *vt_import_kvm_event_new(void);
void vt_import_kvm_event_free(VtImportKvmEvents *self);
/* FALSE where there are too many. */
gboolean vt_import_kvm_event_add(VtImportKvmEvents *self, guint window, const char *name, guint64 growth,
                                 GError **error);
/* Whether there is kvm_exit, the sum of all exits. */
gboolean vt_import_kvm_event_has_exits(const VtImportKvmEvents *self);
/* Adds to @profile, whose windows are there, what KVM's own statistics gave no metric of: exits by reason, and the events
 * that have a metric. FALSE where the reasons are of Intel and AMD alike and nothing tells which. */
gboolean vt_import_kvm_event_finish(const VtImportKvmEvents *self, VtProfile *profile, const char *source,
                                    GError **error);
