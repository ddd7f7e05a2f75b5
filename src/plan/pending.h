/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes that a running domain does not have yet. */
#pragma once

#include "base/xml.h"
#include "plan/store.h"

/* Whether the running domain, whose XML is @live, still lacks what @record changed in its definition,
 * which is @inactive now. FALSE also where the change was not made, or was taken back since, or its
 * files cannot be read. */
gboolean vt_pending_is(const VtStore *store, const VtRecord *record, xmlDoc *inactive, xmlDoc *live);

/* @ret_change: the number of the last change in effect that @live does not have yet; 0. @ret_other: the
 * elements in which the two differ (see drift.h) by no change that is kept; NULL where there are none,
 * else the caller frees it. */
void vt_pending_find(const VtStore *store, xmlDoc *inactive, xmlDoc *live, guint64 *ret_change,
                     char ***ret_other);
