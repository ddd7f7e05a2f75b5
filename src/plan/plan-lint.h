/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the changes of a rule make of a domain, looked at before any domain has them. */
#pragma once

#include "base/xml.h"
#include "rule/rule.h"

/* Makes the domain changes of @rule in @doc, valid XML of a domain, for every device that the rule
 * would change there, and appends "file:line: …" (char *) to @problems where the result does not fit
 * @schema, libvirt's. @name stands for @doc in messages. A domain that the rule has nothing to do
 * with tells nothing. */
void vt_plan_lint(const VtRule *rule, xmlDoc *doc, const char *name, VtXmlSchema *schema,
                  GPtrArray *problems);
