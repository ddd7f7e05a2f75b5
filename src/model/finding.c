/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings: their words, their memory, their order. */
#include "config.h"

#include "model/finding.h"

#include <string.h>

static const char *const verdicts[] = {
    [VT_VERDICT_NOT_APPLICABLE] = "not-applicable",
    [VT_VERDICT_SATISFIED] = "satisfied",
    [VT_VERDICT_BLOCKED] = "blocked",
    [VT_VERDICT_QUIET] = "quiet",
    [VT_VERDICT_UNKNOWN] = "unknown",
    [VT_VERDICT_ADVISE] = "advise",
    [VT_VERDICT_NOTE] = "note",
};

static const char *const confidences[] = {
    [VT_CONFIDENCE_NONE] = "none",
    [VT_CONFIDENCE_STRUCTURAL] = "structural",
    [VT_CONFIDENCE_SUSPECTED] = "suspected",
    [VT_CONFIDENCE_CONFIRMED] = "confirmed",
};

static const char *const severities[] = {
    [VT_SEVERITY_INFO] = "info",
    [VT_SEVERITY_LOW] = "low",
    [VT_SEVERITY_MEDIUM] = "medium",
    [VT_SEVERITY_HIGH] = "high",
};

/* What a reader wants first: what to do, what to know, then what stands in the way. */
static const int verdict_order[] = {
    [VT_VERDICT_ADVISE] = 0,         [VT_VERDICT_NOTE] = 1,      [VT_VERDICT_BLOCKED] = 2,
    [VT_VERDICT_UNKNOWN] = 3,        [VT_VERDICT_SATISFIED] = 4, [VT_VERDICT_QUIET] = 5,
    [VT_VERDICT_NOT_APPLICABLE] = 6,
};

const char *vt_verdict_name(VtVerdict verdict)
{
    return verdicts[verdict];
}

const char *vt_confidence_name(VtConfidence confidence)
{
    return confidences[confidence];
}

const char *vt_severity_name(VtSeverity severity)
{
    return severities[severity];
}

static gboolean parse_word(const char *const *words, guint n, const char *name, guint *ret_index)
{
    for (guint i = 0; i < n; i++) {
        if (g_strcmp0(words[i], name) == 0) {
            *ret_index = i;
            return TRUE;
        }
    }
    return FALSE;
}

gboolean vt_confidence_parse(const char *name, VtConfidence *ret_confidence)
{
    guint i;

    if (!parse_word(confidences, G_N_ELEMENTS(confidences), name, &i))
        return FALSE;
    *ret_confidence = (VtConfidence)i;
    return TRUE;
}

gboolean vt_severity_parse(const char *name, VtSeverity *ret_severity)
{
    guint i;

    if (!parse_word(severities, G_N_ELEMENTS(severities), name, &i))
        return FALSE;
    *ret_severity = (VtSeverity)i;
    return TRUE;
}

VtTri vt_evidence_counts(const VtEvidence *evidence)
{
    return evidence->negated ? vt_tri_not(evidence->outcome) : evidence->outcome;
}

void vt_evidence_free(VtEvidence *evidence)
{
    if (!evidence)
        return;
    g_free(evidence->subject);
    g_free(evidence->detail);
    g_free(evidence->text_value);
    g_free(evidence->source);
    g_free(evidence->remedy);
    g_free(evidence);
}

static GPtrArray *new_evidence_array(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)vt_evidence_free);
}

static void change_free(gpointer data)
{
    VtFindingChange *change = data;

    g_free(change->target);
    g_free(change->effect);
    g_free(change->diff);
    g_free(change->error);
    g_free(change->text);
    g_ptr_array_unref(change->commands);
    g_ptr_array_unref(change->undo);
    g_ptr_array_unref(change->needs);
    g_free(change);
}

VtFinding *vt_finding_new(const char *rule)
{
    VtFinding *finding = g_new0(VtFinding, 1);

    finding->rule = g_strdup(rule);
    finding->verdict = VT_VERDICT_UNKNOWN;
    finding->evidence = new_evidence_array();
    finding->changes = g_ptr_array_new_with_free_func(change_free);
    return finding;
}

void vt_finding_free(VtFinding *finding)
{
    if (!finding)
        return;
    g_free(finding->rule);
    g_free(finding->title);
    g_free(finding->device);
    g_free(finding->device_element);
    g_free(finding->now);
    g_free(finding->gain_basis);
    g_free(finding->reason);
    g_free(finding->why);
    g_free(finding->risk);
    g_free(finding->superseded_by);
    g_free(finding->superseded_why);
    g_free(finding->waived_by);
    g_free(finding->waived_why);
    g_free(finding->waived_until);
    g_ptr_array_unref(finding->evidence);
    g_ptr_array_unref(finding->changes);
    g_free(finding);
}

gboolean vt_finding_is_open(const VtFinding *finding)
{
    return finding->verdict == VT_VERDICT_ADVISE && !finding->superseded_by && !finding->waived_by;
}

VtFindingChange *vt_finding_add_change(VtFinding *finding, const char *target, const char *effect)
{
    VtFindingChange *change = g_new0(VtFindingChange, 1);

    change->target = g_strdup(target);
    change->effect = g_strdup(effect);
    change->commands = g_ptr_array_new_with_free_func(g_free);
    change->undo = g_ptr_array_new_with_free_func(g_free);
    change->needs = new_evidence_array();
    g_ptr_array_add(finding->changes, change);
    return change;
}

const VtFindingChange *vt_finding_domain_change(const VtFinding *finding)
{
    for (guint i = 0; i < finding->changes->len; i++) {
        const VtFindingChange *change = g_ptr_array_index(finding->changes, i);

        if (g_str_equal(change->target, "domain"))
            return change;
    }
    return NULL;
}

static int compare_gain(const VtFinding *a, const VtFinding *b)
{
    double x = a->has_gain ? a->gain.high_pct : -1;
    double y = b->has_gain ? b->gain.high_pct : -1;

    return (x < y) - (x > y);
}

int vt_finding_compare(gconstpointer a, gconstpointer b)
{
    const VtFinding *x = *(const VtFinding *const *)a;
    const VtFinding *y = *(const VtFinding *const *)b;
    int order = verdict_order[x->verdict] - verdict_order[y->verdict];

    if (order == 0)
        order = compare_gain(x, y);
    if (order == 0)
        order = (int)y->severity - (int)x->severity;
    if (order == 0)
        order = (int)y->confidence - (int)x->confidence;
    if (order == 0)
        order = g_strcmp0(x->rule, y->rule);
    return order != 0 ? order : g_strcmp0(x->device, y->device);
}
