/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each thread of a trace has, until it is known which vCPU it is. */
#pragma once

#include "source/import.h"

typedef struct VtImportParts VtImportParts;

VtImportParts *vt_import_part_new(void);
void vt_import_part_free(VtImportParts *self);
void vt_import_part_clear(VtImportParts *self);

/* One more of @metric for @thread in @window. */
void vt_import_part_add(VtImportParts *self, guint64 thread, const char *metric, guint window);
/* The time of one that was or will be added. */
void vt_import_part_add_time(VtImportParts *self, guint64 thread, const char *metric, guint64 time_ns);
/* FALSE where there are so many that they would exhaust the memory. */
gboolean vt_import_part_check_size(const VtImportParts *self, GError **error);

/* Says in @profile, which has the sums, that @thread is @vcpu (below VT_PROFILE_VCPUS_MAX). Windows behind its last one
 * count as that. */
void vt_import_part_keep(const VtImportParts *self, VtProfile *profile, const char *source, guint64 thread, guint vcpu);
