/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several changes of one domain as one: rules are asked again after each, on the definition as it is
 * by then, so that none changes what another has just put right, and one that comes to apply joins. */
#pragma once

#include "model/finding.h"
#include "rule/rule-match.h"
#include "rule/rule.h"

/* What only the caller knows of what rules say after an earlier change. */
typedef struct {
    /* Does with @findings of @domain, as it is by then, what was done with those that it was chosen from: blocks what must
     * not be made and marks what is waived. */
    void (*settle)(const VtDomain *domain, GPtrArray *findings, gpointer data);
    gboolean (*wanted)(const VtFinding *finding, gpointer data); /* whether it is to be taken */
    gpointer data;                                               /* for both */
} VtComposeSite;

/* The advice in @chosen, in its order, without what an earlier change of it makes needless or
 * forbids, and with what it calls for: advice of other @rules on the changed device that had nothing
 * to say of it before, by the XML and by the packets and requests that were measured: exits were those
 * of the device as it was. What is wanted and waived, or gives way to what is
 * taken, does not join. @input: what the findings were made of. @findings owns them all and gets the new
 * ones, also those that do not join. @notes (char *) gets a sentence for each finding that was left out
 * or joined. Elements of the result are borrowed. */
GPtrArray *vt_compose(const VtRuleSet *rules, const VtMatchInput *input, const GPtrArray *chosen,
                      const VtComposeSite *site, GPtrArray *findings, GPtrArray *notes);
