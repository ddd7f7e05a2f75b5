/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a change helped: the profile from before it beside one from after it. */
#pragma once

#include <glib.h>

#include "model/profile.h"
#include "rule/rule.h"

/* A difference counts where the ranges of the windows do not overlap and the medians differ by this
 * part of the larger one. */
#define VT_VERIFY_PART 0.1
/* The load is another where requests or packets differ by more than this factor. */
#define VT_VERIFY_LOAD 1.5

typedef enum {
    VT_VERIFY_WORKED,
    VT_VERIFY_NO_CHANGE,
    VT_VERIFY_WORSE,
    VT_VERIFY_UNKNOWN,
} VtVerifyVerdict;

/* One metric that is known on both sides, per vCPU-second. */
typedef struct {
    char *metric;
    double before, before_min, before_max;
    double after, after_min, after_max;
    int moved; /* -1: fewer, 1: more, 0: no difference that counts */
} VtVerifyRow;

/* All metrics that one source measured before and after, those that moved most first. Elements are
 * VtVerifyRow. */
GPtrArray *vt_verify_rows(const VtProfile *before, const VtProfile *after);

/* Why the two say nothing about a change: other load (requests, packets) or another number of vCPUs;
 * NULL where they do. The caller frees it. */
char *vt_verify_mismatch(const VtProfile *before, const VtProfile *after);

/* What the change of @rule did to the metric that its gain is about: of several gains the first that is
 * meant for @node (the device, or the domain, in the definition from before the change; NULL: unknown,
 * any) and was measured before. For a rule without gain the first metric of its symptoms that was
 * above its threshold before. @ret_reason: a sentence with both
 * figures, or why nothing can be told; the caller frees it. */
VtVerifyVerdict vt_verify_rule(const VtRule *rule, xmlNode *node, const VtProfile *before,
                               const VtProfile *after, char **ret_reason);

/* "worked", "no change", "worse", "cannot tell"; translated. */
const char *vt_verify_word(VtVerifyVerdict verdict);
