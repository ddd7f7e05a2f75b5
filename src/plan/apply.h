/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Advice on one domain as one change of its definition: what is to be done, for a person to look at,
 * and doing it. */
#pragma once

#include "base/virt.h"
#include "model/domain.h"
#include "model/finding.h"
#include "model/host.h"
#include "plan/store.h"
#include "rule/rule.h"

typedef struct {
    gboolean assume_guest_drivers;
    gboolean force; /* also a domain that belongs to a manager */
} VtApplyOptions;

/* What one finding does to the definition. */
typedef struct {
    const VtRule *rule;
    const VtFinding *finding;
    char *diff; /* unified, without secrets, on top of the steps before it; "" where nothing is left
                   to change */
} VtApplyStep;

typedef struct {
    const VtDomain *domain; /* the caller's */
    GPtrArray *steps;       /* VtApplyStep */
    xmlDoc *before, *after; /* may hold secrets: vt_redact_pretty() shows them. Online without those that
                               libvirt knows */
    char *before_sha256;    /* of the definition with secrets; NULL offline */
    char *wanted;           /* with secrets; NULL offline */
    GPtrArray *notes;       /* char *: what else there is to know */
} VtApplyPlan;

/* Makes the domain changes of @findings (VtFinding, advised, in this order) on the definition that
 * libvirt has now. @virt NULL: offline, on domain->inactive, without a look at what only libvirt knows.
 * The findings, rules and the domain must outlive the plan. NULL with @error where one of them cannot
 * or must not be made, or none changes anything. */
VtApplyPlan *vt_apply_plan(VtVirt *virt, const VtRuleSet *rules, const VtDomain *domain,
                           const VtHost *host, GPtrArray *findings, const VtApplyOptions *options,
                           GError **error);
void vt_apply_plan_free(VtApplyPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtApplyPlan, vt_apply_plan_free)

/* Carries it out; see vt_define_run(). @record (from vt_record_new(), with the sample set) gets the rules
 * and how it ended. @profile: native JSON; NULL. */
gboolean vt_apply_run(VtVirt *virt, VtStore *store, const VtApplyPlan *plan, VtRecord *record,
                      const char *profile, GError **error);
