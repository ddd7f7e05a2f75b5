/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a site has decided about the rules: thresholds of its own, rules that are off, and findings
 * that it has agreed to live with. Read from virt-tune.conf, which virt-tune.conf(5) describes. */
#pragma once

#include <glib.h>

#include "model/domain.h"
#include "rule/rule.h"

typedef struct VtPolicy VtPolicy;
VtPolicy *vt_policy_new(void);
void vt_policy_free(VtPolicy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtPolicy, vt_policy_free)

/* Adds what the file says. What an earlier file said of the same threshold, rule or waiver is
 * forgotten. Errors are "file:line: …". */
gboolean vt_policy_read(VtPolicy *policy, const char *path, GError **error);

/* The thresholds of @rule as a policy writes them, "above.rate.exit.mmio=1000", each once and in the
 * order of the rule: char *, freed with the array. */
GPtrArray *vt_policy_thresholds(const VtRule *rule);

/* Gives the rules their thresholds and marks those that are off. A rule that is not in @rules, or a
 * threshold that a rule does not have, is an error of the file that names it. */
gboolean vt_policy_apply(const VtPolicy *policy, VtRuleSet *rules, GError **error);

/* Marks the findings (advice and notes) of @domain that are waived at @now_s, in seconds since
 * 1970. Of several waivers the first by name counts. */
void vt_policy_waive(const VtPolicy *policy, const VtDomain *domain, GPtrArray *findings,
                     gint64 now_s);

/* A sentence about each waiver that has expired at @now_s: char *, freed with the array. */
GPtrArray *vt_policy_expired(const VtPolicy *policy, gint64 now_s);
