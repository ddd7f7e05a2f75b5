/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rule in words, and each of its conditions for one domain. */
#pragma once

#include "base/term.h"
#include "model/domain.h"
#include "model/finding.h"
#include "rule/rule.h"

/* The rule: what the exit is, what it costs, what would be changed, the risk, the references. */
void vt_explain_rule(VtTerm *term, const VtRule *rule);

/* Every condition with value, outcome and, where unknown, how to know it. @note: why nothing was measured, or NULL. */
void vt_explain_findings(VtTerm *term, const VtDomain *domain, const char *note, const GPtrArray *findings);
