/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was changed in a domain between two profiles of it, and what each change did to the exits
 * that it is about. */
#pragma once

#include <glib.h>

#include "model/domain.h"
#include "model/host.h"
#include "plan/store.h"
#include "plan/verify.h"

/* A domain at one of the two times. */
typedef struct {
    const VtDomain *domain; /* NULL: nothing is known of it */
    const VtHost *host;     /* NULL: the same */
    const VtProfile *profile;
} VtCauseSide;

typedef struct {
    char *rule;
    char *device;   /* the key; NULL: the whole domain */
    gboolean against; /* not its change was made, but the contrary of it */
    guint64 change; /* its number in the history; 0: the definitions alone tell it */
    VtVerifyVerdict verdict;
    char *reason; /* a sentence or two, translated */
} VtCause;

/* What the rules of @record did. @why_not: why the profiles say nothing about them; NULL. Elements
 * are VtCause. */
GPtrArray *vt_cause_of_record(const VtRuleSet *rules, const VtStore *store, const VtRecord *record,
                              const VtProfile *before, const VtProfile *after, const char *why_not);

/* The same of all @records (VtRecord, in their order; NULL: none are known) and of the rules
 * that ask for a change in the XML and host of @before but not in those of @after, or the other way
 * round. A device that was added counts for a rule where more of its exits were measured. Elements
 * are VtCause. */
GPtrArray *vt_cause_find(const VtRuleSet *rules, const VtCauseSide *before,
                         const VtCauseSide *after, const VtStore *store, const GPtrArray *records,
                         const char *why_not);

/* The changes of the history that lead from the definition of @before to that of @after, oldest
 * first: VtRecord, not owned; NULL where the history has no such way. @records: vt_store_list(). */
GPtrArray *vt_cause_trail(const VtStore *store, const GPtrArray *records, const VtDomain *before,
                          const VtDomain *after);

/* The facts that are known of both hosts and differ, but those that differ from minute to minute.
 * Elements are char *, sentences. */
GPtrArray *vt_cause_facts(const VtHost *before, const VtHost *after);
