/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of condition: one table for the loader, the lint, the matcher, explain and the manual. */
#pragma once

#include "model/domain.h"
#include "model/host.h"
#include "model/profile.h"
#include "rule/rule.h"
#include "rule/rule-measure.h"

/* Answers of XPaths on one domain: many rules ask the same. */
typedef struct VtCondTests VtCondTests;
VtCondTests *vt_rule_cond_tests_new(void);
void vt_rule_cond_tests_free(VtCondTests *tests);

/* What the other rules say of the domain, as far as a rule asks for them. */
typedef struct VtCondVerdicts VtCondVerdicts;
VtCondVerdicts *vt_rule_cond_verdicts_new(void);
void vt_rule_cond_verdicts_free(VtCondVerdicts *verdicts);
/* @findings, borrowed, from @first on are those of @rule; it must have been begun, and is known
 * from here on. */
void vt_rule_cond_verdicts_enter(VtCondVerdicts *verdicts, const char *rule,
                                 const GPtrArray *findings, guint first);
/* FALSE where @rule was begun before. */
gboolean vt_rule_cond_verdicts_begin(VtCondVerdicts *verdicts, const char *rule);

/* What a condition is evaluated on. */
typedef struct {
    const VtDomain *domain;
    const VtProfile *profile; /* NULL: nothing was measured */
    VtRuleMeasure *measure;   /* of @profile */
    const VtHost *host;       /* NULL: nothing is known */
    VtCondTests *tests;       /* NULL: each XPath is evaluated */
    xmlNode *node;            /* where XPaths start: the each node, else the domain element */
    const VtHostIrq *irq;     /* the row of an each in="host-irqs-on-vcpus" */
    const char *device;       /* the key of the each node or row; NULL */
    const VtCondVerdicts *verdicts; /* NULL: no other rule was evaluated */
    gboolean assume_guest_drivers;
    const char *part;         /* "symptom", … copied into the evidence */
    GPtrArray *evidence;      /* VtEvidence of each leaf, in order of evaluation; NULL: not wanted */
    gboolean soft_guest;      /* an unknown guest passes <guest supports>, and is marked */
    /* Set by the evaluation. */
    guint measured;            /* measured leaves that were decided */
    gboolean any_measured_hit; /* a measured leaf hit: the outcome is not from the XML alone */
    gboolean any_specific_hit; /* a leaf that names the cause hit */
    guint few_windows;         /* how many, where a measured leaf was decided by fewer than a median needs; 0 */
    gboolean guest_unknown;    /* <guest supports> could not be decided */
} VtCondContext;

struct VtCondKind {
    const char *name;    /* the element */
    const char *summary; /* N_() */
    /* Attributes: names separated by spaces; "above|below" means at least one of them. */
    const char *required;
    const char *optional;
    gboolean group; /* has children instead of attributes */
    /* What is wrong with a condition that a grammar accepts; NULL: nothing. The caller frees it. */
    char *(*check)(const VtCond *cond);
    VtTri (*eval)(const VtCond *cond, VtCondContext *context, guint depth);
};

/* NULL-terminated: all any not rate share ratio measured domain host guest version rule row. */
const VtCondKind *const *vt_rule_cond_kinds(void);
const VtCondKind *vt_rule_cond_kind(const char *element);

/* What a leaf compares with its thresholds, as evidence and policies call it: "exits - exit.hlt",
 * "kvm.halt_poll_ns"; NULL where there is no name. The caller frees it. */
char *vt_rule_cond_subject(const VtCond *cond);

/* Whether all that it asks is of the definition where its XPaths are evaluated there: nothing that was measured, and no fact
 * of the running domain or of all that run. */
gboolean vt_rule_cond_is_of_definition(const VtCond *cond);

/* Evaluates a tree. Where evidence is wanted, all children are evaluated, also after the outcome is
 * certain, so that explain shows each; without, it stops there, and what is set by the evaluation is
 * of no use. @depth is that of the leaves directly in @cond: 0 at the top. */
VtTri vt_rule_cond_eval(const VtCond *cond, VtCondContext *context, guint depth);
