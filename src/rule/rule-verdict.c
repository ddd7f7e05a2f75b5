/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which verdict a rule comes to, and why. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "rule/rule-cond.h"
#include "rule/rule-match.h"
#include "rule/rule-verdict.h"

/* A note that a domain is idle holds where little happens: it has an upper bound on a rate. */
static gboolean bounds_a_rate(const VtCond *cond)
{
    if (!cond)
        return FALSE;
    if (strcmp(cond->kind->name, "rate") == 0 && cond->has_below && !cond->has_above)
        return TRUE;
    for (guint i = 0; i < cond->children->len; i++)
        if (bounds_a_rate(g_ptr_array_index(cond->children, i)))
            return TRUE;
    return FALSE;
}

/* The evidence of @part with @outcome that says most: what decided it before what is moot, numbers
 * before words, and the first of its kind; NULL where there is none. */
static const VtEvidence *find(const VtFinding *finding, const char *part, VtTri outcome)
{
    const VtEvidence *best = NULL;
    int best_rank = -1;

    for (guint i = 0; i < finding->evidence->len; i++) {
        const VtEvidence *evidence = g_ptr_array_index(finding->evidence, i);
        const int rank = (evidence->moot ? 0 : 2) + (evidence->has_value ? 1 : 0);

        if (vt_evidence_counts(evidence) != outcome || strcmp(evidence->part, part) != 0 || rank <= best_rank)
            continue;
        best = evidence;
        best_rank = rank;
    }
    return best;
}

void vt_rule_verdict_set(VtFinding *finding, VtVerdict verdict, char *reason)
{
    finding->verdict = verdict;
    g_free(finding->reason);
    finding->reason = reason;
}

void vt_rule_verdict_set_migrating(VtFinding *finding)
{
    vt_rule_verdict_set(finding, VT_VERDICT_BLOCKED,
                        g_strdup(_("The domain is being migrated, which makes exits of its own.")));
}

/* What that evidence says. */
static const char *detail(const VtFinding *finding, const char *part, VtTri outcome)
{
    const VtEvidence *evidence = find(finding, part, outcome);

    return evidence ? evidence->detail : NULL;
}

static char *unknown_reason(const VtFinding *finding, const char *part)
{
    const VtEvidence *evidence = find(finding, part, VT_UNKNOWN);

    if (!evidence)
        return g_strdup(_("This cannot be decided: nothing was measured."));
    if (!evidence->remedy)
        return vt_text_fill(_("This cannot be decided: %s."), evidence->detail);
    return vt_text_fill(_("This cannot be decided: %1$s (%2$s)."), evidence->detail,
                           evidence->remedy);
}

static void conclude_unknown(VtFinding *finding, const char *part)
{
    vt_rule_verdict_set(finding, VT_VERDICT_UNKNOWN, unknown_reason(finding, part));
}

static void conclude_note(VtFinding *finding)
{
    const char *words = detail(finding, "symptom", VT_YES);

    vt_rule_verdict_set(finding, VT_VERDICT_NOTE,
                        words ? vt_text_fill(_("Measured: %s."), words)
                              : g_strdup(_("It was measured.")));
}

static void conclude_advise(const VtRuleOutcomes *outcomes, VtFinding *finding)
{
    const char *words;

    if (outcomes->symptom == VT_YES) {
        words = detail(finding, "symptom", VT_YES);
        vt_rule_verdict_set(finding, VT_VERDICT_ADVISE,
                            words ? vt_text_fill(_("The symptom is there: %s."), words)
                                  : g_strdup(_("The symptom is there.")));
    } else {
        words = detail(finding, "symptom", VT_UNKNOWN);
        vt_rule_verdict_set(
            finding, VT_VERDICT_ADVISE,
            words ? vt_text_fill(_("Only the domain's XML says so: %s."), words)
                  : g_strdup(_("Only the domain's XML says so; nothing was measured.")));
    }
}

static void conclude_miss(VtFinding *finding)
{
    const char *words = detail(finding, "require", VT_NO);

    vt_rule_verdict_set(finding, VT_VERDICT_NOT_APPLICABLE,
                        words ? vt_text_fill(_("A requirement is not met: %s."), words)
                              : g_strdup(_("A requirement is not met.")));
}

static void conclude_quiet(VtFinding *finding)
{
    const char *words = detail(finding, "symptom", VT_NO);

    vt_rule_verdict_set(finding, VT_VERDICT_QUIET,
                        words ? vt_text_fill(_("There is no symptom: %s."), words)
                              : g_strdup(_("There is no symptom.")));
}

static void conclude_floor(const VtRuleOutcomes *outcomes, VtFinding *finding)
{
    g_autofree char *rate = vt_text_format_count(floor(outcomes->busy_per_s));
    g_autofree char *least = vt_text_format_count(VT_MATCH_FLOOR_PER_S);

    vt_rule_verdict_set(
        finding, VT_VERDICT_QUIET,
        vt_text_fill(ngettext("The whole domain makes %1$s exit a second besides HLT; below "
                                 "%2$s nothing is worth changing.",
                                 "The whole domain makes %1$s exits a second besides HLT; below "
                                 "%2$s nothing is worth changing.",
                                 (gulong)outcomes->busy_per_s),
                        rate, least));
}

static void conclude_satisfied(const VtRuleOutcomes *outcomes, VtFinding *finding)
{
    finding->pending = !outcomes->satisfied;
    if (outcomes->satisfied)
        vt_rule_verdict_set(finding, VT_VERDICT_SATISFIED, g_strdup(_("It is already so.")));
    else if (outcomes->pending)
        vt_rule_verdict_set(
            finding, VT_VERDICT_SATISFIED,
            g_strdup(_("The domain's definition has it already; it takes effect at the next "
                       "power cycle.")));
    else
        vt_rule_verdict_set(
            finding, VT_VERDICT_SATISFIED,
            g_strdup(_("The domain's definition no longer has this device; it goes at the next "
                       "power cycle.")));
}

static void conclude_blocked(const VtRuleOutcomes *outcomes, VtFinding *finding)
{
    const char *why = _(outcomes->guard_hit->why);

    /* Separate sentences, so that the guard's stays whole. */
    vt_rule_verdict_set(finding, VT_VERDICT_BLOCKED,
                        outcomes->guard_defined
                            ? g_strdup_printf("%s %s", why, _("The domain's definition says so, not the running domain."))
                            : g_strdup(why));
}

static gboolean is_too_quiet(const VtRuleOutcomes *outcomes)
{
    return outcomes->below_floor &&
           !(outcomes->rule->note && bounds_a_rate(outcomes->rule->symptom));
}

/* The first that holds, in the order of virt-tune-rule(5). */
void vt_rule_verdict_decide(const VtRuleOutcomes *outcomes, VtFinding *finding)
{
    const gboolean too_quiet = is_too_quiet(outcomes);

    finding->no_symptom = outcomes->symptom == VT_NO || too_quiet;
    if (outcomes->migrating)
        vt_rule_verdict_set_migrating(finding);
    else if (outcomes->require == VT_NO)
        conclude_miss(finding);
    else if (outcomes->satisfied || outcomes->pending || outcomes->gone)
        conclude_satisfied(outcomes, finding);
    else if (outcomes->guard_hit)
        conclude_blocked(outcomes, finding);
    else if (outcomes->symptom == VT_NO)
        conclude_quiet(finding);
    else if (too_quiet)
        conclude_floor(outcomes, finding);
    else if (outcomes->require == VT_UNKNOWN)
        conclude_unknown(finding, "require");
    else if (outcomes->guard_unknown)
        conclude_unknown(finding, "guard");
    else if (!outcomes->rule->structural &&
             (outcomes->symptom == VT_UNKNOWN || !outcomes->measured))
        conclude_unknown(finding, "symptom");
    else if (outcomes->rule->note)
        conclude_note(finding);
    else
        conclude_advise(outcomes, finding);
}
