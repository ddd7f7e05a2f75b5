/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What became of the changes of a domain: how they ended, held against the definition as it is now. */
#pragma once

#include "plan/store.h"

/* The changes of one domain; whoever fills it owns it. */
typedef struct {
    const VtStore *store;
    GPtrArray *records; /* of vt_store_list() */
    char *current;      /* the definition now, without secrets; NULL: the domain is gone */
} VtHistory;

typedef enum {
    VT_HISTORY_APPLIED,
    VT_HISTORY_CHANGED_SINCE,           /* the last one in effect; somebody else changed the definition since */
    VT_HISTORY_UNDONE_ELSEWHERE,        /* the last one in effect; the definition from before it is back */
    VT_HISTORY_REVERTED,
    VT_HISTORY_REFUSED,
    VT_HISTORY_PUT_BACK,
    VT_HISTORY_FAILED,
    VT_HISTORY_INTERRUPTED,             /* and the definition is neither, or gone */
    VT_HISTORY_INTERRUPTED_APPLIED,
    VT_HISTORY_INTERRUPTED_NOT_APPLIED,
    VT_HISTORY_DAMAGED,                 /* the manifest cannot be read */
} VtHistoryOutcome;

VtHistoryOutcome vt_history_outcome(const VtHistory *history, const VtRecord *record);
/* The word of the JSON form ("undone-elsewhere"). */
const char *vt_history_word(VtHistoryOutcome outcome);
/* The same for people, translated. */
const char *vt_history_text(VtHistoryOutcome outcome);

/* What a change that did not go to its end asks for, and why it ended as it did; NULL where there is
 * nothing to say. The caller frees it. */
char *vt_history_advice(const VtHistory *history, const VtRecord *record);

/* The JSON form (data/schemas/history.schema.json), ending in a newline. @name and @uuid: of the domain,
 * or as it was last called. The caller frees it. */
char *vt_history_format(const VtHistory *history, const char *uri, const char *name,
                        const char *uuid);
