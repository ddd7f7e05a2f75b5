/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile as a table for people. */
#pragma once

#include "base/term.h"
#include "model/profile.h"

/* What was measured, HLT apart; @name stands in the heading, @note says why there is no profile (then @profile is
 * NULL). */
void vt_profile_table_print(VtTerm *term, const char *name, const VtProfile *profile, const char *note);

/* Its metrics in the order of the table: families, then what has a number, then statistics, most first. The array does
 * not own them. */
GPtrArray *vt_profile_table_metrics(const VtProfile *profile);

/* One line: "10 s in 10 windows by libvirt". The caller frees it. */
char *vt_profile_table_sample(const VtProfile *profile);
