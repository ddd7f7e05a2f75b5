/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each vCPU has of a profile, as tables for people. */
#pragma once

#include "base/term.h"
#include "model/profile.h"

/* A line for each vCPU, then a column for each, in as many tables as the terminal needs. Where the
 * profile does not tell them apart, a sentence that says so. @limit: as in VtProfileTableOptions. */
void vt_vcpu_table_print(VtTerm *term, const VtProfile *profile, guint limit);
