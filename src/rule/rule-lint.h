/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is wrong with a rule that can be read: conditions that exclude each other, and XPaths that
 * name what no domain has. */
#pragma once

#include "base/rng-names.h"
#include "rule/rule.h"

/* Appends "file:line: …" (char *) to @problems for every condition that contradicts one beside it, so
 * that the rule would never say anything. */
void vt_rule_lint_conditions(const VtRule *rule, GPtrArray *problems);

/* The same for every XPath of the rule that asks for an element or attribute that is not among
 * @names, those of libvirt's domains. */
void vt_rule_lint_names(const VtRule *rule, const VtRngNames *names, GPtrArray *problems);
