/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one rule says of one domain (or of one of its devices), with the evidence for it. */
#pragma once

#include <glib.h>

#include "base/tri.h"
#include "model/cost.h"

typedef enum {
    VT_VERDICT_NOT_APPLICABLE,
    VT_VERDICT_SATISFIED,
    VT_VERDICT_BLOCKED,
    VT_VERDICT_QUIET,
    VT_VERDICT_UNKNOWN,
    VT_VERDICT_ADVISE,
    VT_VERDICT_NOTE,
} VtVerdict;

typedef enum {
    VT_CONFIDENCE_NONE,
    VT_CONFIDENCE_STRUCTURAL,
    VT_CONFIDENCE_SUSPECTED,
    VT_CONFIDENCE_CONFIRMED
} VtConfidence;
typedef enum { VT_SEVERITY_INFO, VT_SEVERITY_LOW, VT_SEVERITY_MEDIUM, VT_SEVERITY_HIGH } VtSeverity;

/* The words of the JSON report ("not-applicable", "advise" …); the parsers accept exactly them. */
const char *vt_verdict_name(VtVerdict verdict);
const char *vt_confidence_name(VtConfidence confidence);
const char *vt_severity_name(VtSeverity severity);
gboolean vt_confidence_parse(const char *name, VtConfidence *ret_confidence);
gboolean vt_severity_parse(const char *name, VtSeverity *ret_severity);

/* One condition with its outcome. */
typedef struct {
    const char *part; /* "symptom", "require", "guard", "satisfied", "needs"; never freed */
    const char *kind; /* the element: "rate", "share", "domain", "host", "guest" …; never freed */
    char *subject; /* the metric, fact or XPath */
    char *detail;  /* for people, one line: "exit.mmio is 30,959/s per vCPU, …"; translated */
    VtTri outcome;
    gboolean negated; /* stands in a <not>: it counts the other way round */
    gboolean moot;   /* what it says does not matter: others in its group decided the group */
    gboolean has_value; /* @value and @threshold are numbers (rate, share, numeric facts) */
    double value;
    gboolean has_threshold;
    double threshold;
    char *text_value; /* otherwise: the word found; NULL where unknown */
    char *source;     /* who measured it; NULL */
    char *remedy;     /* for an unknown one: how to know it; NULL */
    guint depth;      /* nesting in <all> and <any>, for explain */
} VtEvidence;
void vt_evidence_free(VtEvidence *evidence);
/* The outcome as it counts for the part: that of a negated one is turned round. */
VtTri vt_evidence_counts(const VtEvidence *evidence);

typedef struct {
    char *target; /* "domain", "host", "guest" */
    char *effect; /* "live", "power-cycle", "module-reload", "host-reboot", "guest-reboot" */
    char *diff;   /* unified, of the inactive XML; NULL for host and guest, or where it failed */
    char *error;  /* why the change cannot be made here; NULL */
    gboolean done; /* the definition already reads as it would leave it; @error says so too */
    char *text;   /* for people: what is to be done; NULL */
    GPtrArray *commands; /* char *, values filled in */
    GPtrArray *undo;     /* char *, beside each command; NULL elements possible */
    GPtrArray *needs;    /* VtEvidence: what the host must have for the domain to start */
} VtFindingChange;

typedef struct VtFinding {
    char *rule;
    char *title; /* translated */
    VtVerdict verdict;
    VtConfidence confidence;
    VtSeverity severity;
    char *device;         /* the device key; NULL for the whole domain */
    char *device_element; /* "interface", "disk", …; NULL */
    char *now;            /* the element as it is, one line; NULL */
    gboolean has_gain;
    VtGain gain;
    char *gain_basis;
    char *reason;                  /* one sentence: why this verdict; translated */
    char *why;                     /* the rule's explanation, translated */
    char *risk;                    /* translated */
    gboolean guest_driver_unknown; /* "guest driver not known" */
    gboolean pending;              /* satisfied by the inactive XML only: needs a power cycle */
    gboolean no_symptom;           /* measured: there is nothing to cure, whatever the verdict */
    guint few_windows;             /* 1 or 2: decided by measuring so few; 0: by more, or by no
                                      measurement */
    char *superseded_by;           /* a rule that is to be tried first; NULL */
    char *superseded_why;          /* the words of that rule, translated; NULL */
    char *waived_by;               /* the name of the site's waiver; NULL */
    char *waived_why;              /* its reason */
    char *waived_until;            /* the date as the waiver writes it; NULL: for good */
    GPtrArray *evidence;           /* VtEvidence */
    GPtrArray *changes;            /* VtFindingChange */
} VtFinding;

VtFinding *vt_finding_new(const char *rule);
void vt_finding_free(VtFinding *finding);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtFinding, vt_finding_free)
VtFindingChange *vt_finding_add_change(VtFinding *finding, const char *target, const char *effect);
/* The first of its changes whose target is the domain; NULL where there is none. */
const VtFindingChange *vt_finding_domain_change(const VtFinding *finding);

/* Advice that is to be followed: neither waiting for other advice nor waived. */
gboolean vt_finding_is_open(const VtFinding *finding);

/* Order of a report: advice first by recoverable gain (upper end; unknown last), then severity,
 * confidence, rule id, device. For g_ptr_array_sort(). */
int vt_finding_compare(gconstpointer a, gconstpointer b);
