/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit reasons as tools print them, of a processor that the recording tells only by them. */
#pragma once

#include "model/profile.h"

/* The code of a reason that stands there as a name. The first name that only one architecture has
 * decides which one the recording is of, unless @profile has its isa already; FALSE where it is of
 * another, or of none. @ret_code is for @profile's isa then. */
gboolean vt_import_reason_find(VtProfile *profile, const char *name, guint64 *ret_code,
                               GError **error);
/* TRUE for a word that is the name of an exit reason of any architecture. */
gboolean vt_import_reason_is_name(const char *name);
/* Sets the isa of @profile. FALSE where it has another one. */
gboolean vt_import_reason_set_isa(VtProfile *profile, VtIsa isa, GError **error);

/* Says that all exits of @profile were counted by their codes: a family that is absent is zero.
 * That holds for Intel and arm64; of AMD's codes, msr tells no direction and npf is emulated memory
 * or not, so that of these families nothing is known where there was such an exit. Also adds the
 * sum "exits" where it is absent. */
void vt_import_reason_set_covers(VtProfile *profile, const char *source);
