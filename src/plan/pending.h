/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes that a running domain does not have yet. */
#pragma once

#include "base/xml.h"
#include "plan/store.h"

/* Whether the running domain, whose XML is @live, still lacks what @record changed. FALSE also where
 * the change was not made or its files cannot be read. */
gboolean vt_pending_is(const VtStore *store, const VtRecord *record, xmlDoc *live);

/* The number of the last change in effect that @live does not have yet; 0 where there is none. */
guint64 vt_pending_last(const VtStore *store, xmlDoc *live);
