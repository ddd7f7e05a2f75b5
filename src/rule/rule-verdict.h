/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of verdicts, and the sentence that gives the reason for each. */
#pragma once

#include "model/finding.h"
#include "rule/rule.h"

/* What the parts of a rule came to at one device, row or domain. */
typedef struct {
    const VtRule *rule;
    gboolean migrating;
    gboolean measured;     /* there is a profile */
    gboolean below_floor;  /* the whole domain is known to exit too seldom for anything to matter */
    double busy_per_s;     /* its exits per second without HLT; where below_floor */
    VtTri symptom;         /* UNKNOWN where the rule has none */
    VtTri require;
    gboolean satisfied;    /* by the live XML and the host */
    gboolean pending;      /* by the inactive XML */
    gboolean gone;         /* the device is not in the inactive XML any more */
    const VtGuard *guard_hit; /* the first; NULL */
    gboolean guard_defined;   /* it holds in the inactive XML, and in the live one not */
    gboolean guard_unknown;
} VtRuleOutcomes;

/* Sets verdict, reason and pending. The reasons quote the evidence of @finding where there is any. */
void vt_rule_verdict_decide(const VtRuleOutcomes *outcomes, VtFinding *finding);

/* Sets a verdict; @reason is taken. */
void vt_rule_verdict_set(VtFinding *finding, VtVerdict verdict, char *reason);
/* Whatever a rule would say: while a domain moves, its exits are those of the move. */
void vt_rule_verdict_set_migrating(VtFinding *finding);
