/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Undoes a change: the definition from before it, unless somebody else changed it since. */
#pragma once

#include "base/virt.h"
#include "plan/store.h"

typedef struct {
    VtRecord *undone;    /* the caller's list owns it */
    char *before_sha256; /* of the definition now, with secrets */
    char *wanted;        /* the one to go back to, with secrets */
    char *wanted_shown;  /* and without */
    char *diff;          /* from now to then, without secrets */
    char *since;         /* conflict: what somebody else changed, from after the change to now; NULL */
    char *ours;          /* and what the change changed; "" where it was hardly made */
    char *note;          /* what else there is to know; NULL */
} VtRevertPlan;

/* The change of @records (of vt_store_list()) to undo: @id, or with 0 the last that is applied. NULL
 * with @error where there is none, or it was not applied or is undone already. @current: the definition
 * with secrets, for changes whose end was not noted. */
VtRecord *vt_revert_choose(const VtStore *store, GPtrArray *records, guint64 id,
                           const char *current, GError **error);

/* A conflict is not an error: whoever carries the plan out decides. @force: also a domain that belongs to
 * a manager. */
VtRevertPlan *vt_revert_plan(VtVirt *virt, const VtStore *store, VtRecord *undone, gboolean force,
                             GError **error);
void vt_revert_plan_free(VtRevertPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtRevertPlan, vt_revert_plan_free)

/* See vt_define_run(). @record: of vt_record_new(). */
gboolean vt_revert_run(VtVirt *virt, VtStore *store, const VtRevertPlan *plan, VtRecord *record,
                       GError **error);
