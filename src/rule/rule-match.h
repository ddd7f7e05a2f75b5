/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pure matcher: (rules, domain, profile, host) -> findings. No I/O, no clock, no libvirt. */
#pragma once

#include "model/domain.h"
#include "model/finding.h"
#include "model/host.h"
#include "model/profile.h"
#include "rule/rule.h"

/* Nothing fires below this many non-HLT exits per second of the whole domain. */
#define VT_MATCH_FLOOR_PER_S 1000.0

typedef struct {
    const VtDomain *domain;
    const VtProfile *profile; /* NULL: nothing was measured */
    const VtHost *host;       /* NULL: nothing is known */
    gboolean assume_guest_drivers;
    /* Evidence, changes and the words of a rule only for findings that are advised, noted or unknown; the others keep
     * their verdict, title and a reason without figures. For many domains at once. */
    gboolean brief;
    /* Nothing but verdicts and reasons without figures, of no finding more: where findings are only counted. */
    gboolean verdicts;
} VtMatchInput;

/* VtFinding for every rule (one per device where a rule looks at devices; a rule with no such
 * device gives one "not-applicable"), sorted by vt_finding_compare(). The changes of an "advise"
 * hold target, effect, commands and needs; diffs are the plan's work. The silent rules of the set
 * are evaluated where others ask for them, without a finding. */
GPtrArray *vt_rule_match(const VtRuleSet *rules, const VtMatchInput *input);

/* One rule. @rules: where the rules are that it asks for; NULL: nowhere. */
GPtrArray *vt_rule_match_one(const VtRuleSet *rules, const VtRule *rule, const VtMatchInput *input);
