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
