/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a change helped: the profile from before it beside one from after it. */
#pragma once

#include <glib.h>

#include "model/compare.h"
#include "rule/rule.h"

typedef enum {
    VT_VERIFY_WORKED,
    VT_VERIFY_NO_CHANGE,
    VT_VERIFY_WORSE,
    VT_VERIFY_UNKNOWN,
} VtVerifyVerdict;

/* What the change of @rule did to the metric that its gain is about: of several gains the first
 * that is meant for @node (the device, or the domain, in the definition from before the change;
 * NULL: unknown, any) and was measured before. For a rule without gain the first metric of its
 * symptoms that was above its threshold before. @ret_reason: a sentence with both figures, or why
 * nothing can be told; the caller frees it.
 *
 * @against: the change is the contrary of what the rule advises, which is so before and no longer
 * after: then @node is of the definition from after it, and what is said of "before" is meant of
 * after. */
VtVerifyVerdict vt_verify_rule(const VtRule *rule, xmlNode *node, gboolean against,
                               const VtProfile *before, const VtProfile *after, char **ret_reason);

/* The words of the JSON report: "worked", "no-change", "worse", "unknown". */
const char *vt_verify_name(VtVerifyVerdict verdict);
/* "worked", "no change", "worse", "cannot tell"; translated. */
const char *vt_verify_word(VtVerifyVerdict verdict);
