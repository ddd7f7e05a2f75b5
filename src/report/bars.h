/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Histograms of the time that exits took, as bars of text. */
#pragma once

#include "base/term.h"
#include "model/profile.h"

/* One for each metric that has times, of the families most exits first and HLT last; at most @limit
 * (0: all), and then how many are left out. @vcpus: of each vCPU, too, where they are told apart.
 * Where nothing was measured, a sentence that says who would. @utf8: bars of blocks, else of "@". */
void vt_bars_print(VtTerm *term, const VtProfile *profile, guint limit, gboolean vcpus,
                   gboolean utf8);
