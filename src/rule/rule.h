/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rule as a value: what is loaded from data/rules/<id>.xml, and sets of them. */
#pragma once

#include <glib.h>

#include "base/xml.h"
#include "model/cost.h"
#include "model/finding.h"
#include "model/metric.h"

typedef struct VtCondKind VtCondKind; /* rule-cond.h */

/* A node of a condition tree. */
typedef struct VtCond {
    const VtCondKind *kind;
    guint line;
    GPtrArray *children; /* VtCond; empty for a leaf */
    /* Attributes in the form the kind wants; what it has no use for is unset. */
    VtMetricSet *metric;  /* rate, share, ratio, measured */
    VtMetricSet *minus;   /* rate: subtracted, never below zero */
    VtMetricSet *of;      /* share, ratio: the whole; NULL: all exits but HLT */
    VtXPath *test;        /* domain */
    char *fact;           /* host, row: the name; version: of what; rule: the id */
    char *is;             /* host, row, guest os, rule: the word; alternatives separated by "|",
                           * "vfio*" for all that start so (not of rule) */
    char *has;            /* host: a word of a set */
    char *supports;       /* guest */
    gboolean has_above, has_below;
    double above, below;  /* exclusive; version: as in base/version.h */
    gboolean has_least;
    double least;         /* version: inclusive */
    gboolean per_domain;  /* rate: of all vCPUs together instead of each */
    gboolean own;         /* rate, share: only those of the device, where its addresses are known */
    gboolean specific;    /* the metric is the cause itself, so a hit confirms: MSRs, ports and
                           * addresses unless the rule says "no", others where it says "yes" */
} VtCond;
VtCond *vt_cond_new(const VtCondKind *kind, guint line);
void vt_cond_free(VtCond *cond);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtCond, vt_cond_free)

typedef enum { VT_PATCH_ADD, VT_PATCH_REPLACE, VT_PATCH_REMOVE } VtPatchKind;

/* One RFC 5261 operation, with the extensions of DESIGN: relative sel, if=, {value}. */
typedef struct {
    VtPatchKind kind;
    guint line;
    char *sel;
    char *type;      /* add: "@name" or "namespace::prefix"; NULL: children */
    char *pos;       /* add: "before", "after", "prepend"; NULL: append */
    char *ws;        /* remove: "before", "after", "both"; NULL */
    VtXPath *when;   /* if=; NULL: always */
    xmlNode *content; /* the operation's element in the rule's document, whose children are the content */
} VtPatchOp;

typedef struct {
    char *text; /* with {values} */
    char *undo; /* NULL where none is needed */
} VtCommand;

typedef struct {
    guint line;
    char *target; /* "domain", "host", "guest" */
    char *effect; /* "live", "power-cycle", "module-reload", "host-reboot", "guest-reboot" */
    char *text;   /* what a person does; NULL */
    GPtrArray *needs;    /* VtCond of kind host */
    GPtrArray *ops;      /* VtPatchOp; domain only */
    GPtrArray *commands; /* VtCommand; host and guest only */
} VtChange;
VtChange *vt_change_new(guint line);

typedef struct {
    char *why;
    VtCond *cond; /* an implicit <any> over the guard's children */
} VtGuard;

typedef struct {
    guint line;
    char *rule;
    char *why; /* NULL */
} VtRuleLink;

typedef struct {
    char *href;
    char *text;
} VtReference;

/* What a change removes at most: this part of these exits, which go there. */
typedef struct {
    VtXPath *when; /* if=, at the each node; NULL: always */
    VtMetricSet *metric;
    VtMetricSet *minus; /* subtracted, never below zero; NULL: nothing */
    double share; /* 0 to 1 */
    VtDestination to;
    char *basis;
} VtRuleGain;

typedef struct VtRule {
    char *id;
    char *file;
    guint line;
    char *since;
    VtSeverity severity;
    gboolean structural;
    gboolean off;        /* the site wants to hear nothing of it */
    const char *origin;   /* "shipped", "site", "user"; NULL: read alone */
    const char *replaces; /* the origin of the rule of the same id that it stands for; NULL */
    gboolean note;       /* no change: names a harmless pattern */
    char *title, *why, *risk; /* white space folded, untranslated; risk NULL for notes */
    VtXPath *each;       /* devices; NULL: the whole domain once */
    char *each_in;       /* "host-irqs-on-vcpus"; NULL */
    VtCond *symptom;     /* implicit <all>; NULL: none (structural rules may have none) */
    VtCond *require;     /* implicit <all>; NULL */
    GPtrArray *guards;   /* VtGuard */
    GPtrArray *satisfied; /* VtCond (implicit <all> each); any of them suffices */
    VtXPath *sole;       /* true where this is the only possible producer of its coarse metrics; NULL */
    GPtrArray *gains;    /* VtRuleGain, in the order of preference */
    GPtrArray *changes;  /* VtChange */
    GPtrArray *supersedes, *conflicts; /* VtRuleLink */
    GPtrArray *references; /* VtReference */
    GPtrArray *asks;     /* VtCond of the kind rule anywhere in it; not owned */
    xmlDoc *doc;         /* keeps the patch contents alive */
} VtRule;
/* Without an id it fits into no set. */
VtRule *vt_rule_new(void);
void vt_rule_free(VtRule *rule);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtRule, vt_rule_free)
/* The first of its changes whose target is the domain; NULL where there is none. */
const VtChange *vt_rule_domain_change(const VtRule *rule);

/* Rules by id, in the order of ids. */
typedef struct VtRuleSet {
    GPtrArray *rules;  /* VtRule */
    GPtrArray *silent; /* VtRule, which say nothing but are evaluated where a rule asks for them */
} VtRuleSet;
VtRuleSet *vt_rule_set_new(void);
void vt_rule_set_free(VtRuleSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtRuleSet, vt_rule_set_free)
/* Takes @rule; one of the same id is replaced. */
void vt_rule_set_add(VtRuleSet *set, VtRule *rule);
const VtRule *vt_rule_set_find(const VtRuleSet *set, const char *id);
/* Also a silent one. */
const VtRule *vt_rule_set_find_any(const VtRuleSet *set, const char *id);
/* Moves a rule to the silent ones; nothing where there is none of this id. */
void vt_rule_set_silence(VtRuleSet *set, const char *id);
