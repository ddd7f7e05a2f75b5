/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the formats of kvm_stat have in common. */
#pragma once

#include "source/import.h"

/* TRUE for a word that can be the name of a statistic or a tracepoint. */
gboolean vt_import_kvm_stat_is_name(const char *word);
/* Adds what @stat, by any name it ever had, grew by in a window: kvm.<stat> and its family. */
void vt_import_kvm_stat_add(VtProfile *profile, guint window, const char *source, const char *stat,
                            guint64 growth);
void vt_import_kvm_stat_add_notes(VtProfile *profile, gboolean has_exits);
