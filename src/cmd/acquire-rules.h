/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules a verb works with: those that are shipped, those of the site and of the user, and what
 * both have decided about them. */
#pragma once

#include "base/virt.h"
#include "model/domain.h"
#include "rule/policy.h"
#include "rule/rule.h"

/* With @ids (NULL or empty: all that are not off) the other rules are silent. @ret_policy (may be
 * NULL) is for vt_acquire_settle(); who asks for it hears of expired waivers. */
VtRuleSet *vt_acquire_rules(char **ids, VtPolicy **ret_policy, GError **error);
VtXmlSchema *vt_acquire_schema(GError **error);

/* What the matcher, which reads no clock and no file, leaves open: advice about disks that are never changed is blocked,
 * and what is waived now is marked, before vt_plan_order() decides what gives way to what. @images: where the labels of
 * local images may be read, which may wait for their file system; NULL: nowhere. */
void vt_acquire_settle(const VtPolicy *policy, const VtDomain *domain, VtVirt *images, GPtrArray *findings);
