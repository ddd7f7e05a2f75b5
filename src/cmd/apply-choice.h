/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of the findings of a domain apply is to carry out, and what it says of those that it leaves. */
#pragma once

#include "model/domain.h"
#include "model/finding.h"

typedef struct {
    char **rules;            /* those that were named; NULL */
    const char *device;      /* of those, only advice on this one; NULL: on any */
    gboolean all;            /* whatever is advised */
    VtConfidence confidence; /* as surely as this */
    gboolean assume_guest_drivers;
} VtApplyChoice;

/* Whether @finding is of @rule and of the device that was named. */
gboolean vt_apply_choice_means(const VtApplyChoice *choice, const VtFinding *finding, const char *rule);
/* Advice of @rule that is waived or gives way to other advice; NULL where there is none. */
const VtFinding *vt_apply_choice_closed(const VtApplyChoice *choice, const GPtrArray *findings, const char *rule);
/* Says so in @error; returns FALSE. */
gboolean vt_apply_choice_refuse(const VtFinding *finding, GError **error);
/* Adds the findings of one rule that was named to @chosen, and says which of them stay out. FALSE with @error where there
 * are none, for what is in the way. */
gboolean vt_apply_choose_rule(const VtApplyChoice *choice, const GPtrArray *findings, const char *rule, GPtrArray *chosen,
                              GError **error);
/* Adds all that is advised surely enough; what is not, or must not be made, is named and left out. */
void vt_apply_choose_all(const VtApplyChoice *choice, const VtDomain *domain, const GPtrArray *findings, GPtrArray *chosen);
/* Whether advice that comes to apply by another change is chosen, too. */
gboolean vt_apply_choice_wants(const VtApplyChoice *choice, const VtFinding *finding);
