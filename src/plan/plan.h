/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From findings to changed XML: which rule goes first, what each change does to the inactive XML.
 */
#pragma once

#include "model/domain.h"
#include "model/finding.h"
#include "model/host.h"
#include "rule/rule.h"

/* Marks advised findings of one domain that give way (superseded_by): to a rule that says it
 * supersedes theirs, then, where two conflict, the one that vt_finding_compare() ranks lower. Waived
 * findings neither give way nor are given way to. Only
 * findings about the same device, or of which one is about the whole domain, touch each other. */
void vt_plan_order(const VtRuleSet *rules, GPtrArray *findings);

/* Marks @finding, which is advised only after the changes of @taken, as giving way to the first of them
 * where one rule of the two supersedes the other, whichever, or they conflict: those are made, and it is
 * not to be made together with them. */
void vt_plan_order_after(const VtRuleSet *rules, VtFinding *finding, const GPtrArray *taken);

/* Makes the domain changes of @finding in @doc, a definition of @domain. @device: the key of the
 * finding's device there, where an earlier patch gave it another; NULL: finding->device. FALSE with
 * @error where it cannot be made (no such device in the definition, a value is unknown, a sel locates
 * nothing): then @doc reads as before, but for those of several changes that were made. */
gboolean vt_plan_patch(const VtRule *rule, const VtFinding *finding, const char *device,
                       const VtDomain *domain, const VtHost *host, xmlDoc *doc, GError **error);

/* The inactive XML of @domain with the domain changes of @finding made, as a new document. */
xmlDoc *vt_plan_apply(const VtRule *rule, const VtFinding *finding, const VtDomain *domain,
                      const VtHost *host, GError **error);

/* One domain's share of a report. */
typedef struct {
    const VtDomain *domain;
    const VtHost *host;
    GPtrArray *findings;
} VtPlanItem;

/* Fills diff, error, text, commands and undo of every advised change of all @items, with a single
 * run of diff(1). Of several domain changes of one rule each is shown on top of those before it. A
 * change that cannot be made gets its error and the finding stays; FALSE only where diff(1) could
 * not do its work. */
gboolean vt_plan_fill(const VtRuleSet *rules, VtPlanItem *items, gsize n, GError **error);
