/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The condition on another rule: what that one says of the same domain or device. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "rule/rule-cond-private.h"

/* The findings of one rule, part of an array that others own. */
typedef struct {
    const GPtrArray *findings; /* NULL: its evaluation has begun and not ended */
    guint first, n;
} Range;

struct VtCondVerdicts {
    GHashTable *ranges; /* rule id -> Range */
};

VtCondVerdicts *vt_rule_cond_verdicts_new(void)
{
    VtCondVerdicts *verdicts = g_new(VtCondVerdicts, 1);

    verdicts->ranges = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    return verdicts;
}

void vt_rule_cond_verdicts_free(VtCondVerdicts *verdicts)
{
    if (!verdicts)
        return;
    g_hash_table_unref(verdicts->ranges);
    g_free(verdicts);
}

gboolean vt_rule_cond_verdicts_begin(VtCondVerdicts *verdicts, const char *rule)
{
    if (g_hash_table_contains(verdicts->ranges, rule))
        return FALSE;
    g_hash_table_insert(verdicts->ranges, (char *)rule, g_new0(Range, 1));
    return TRUE;
}

void vt_rule_cond_verdicts_enter(VtCondVerdicts *verdicts, const char *rule,
                                 const GPtrArray *findings, guint first)
{
    Range *range = g_hash_table_lookup(verdicts->ranges, rule);

    *range = (Range){findings, first, findings->len - first};
}

/* @words: verdicts separated by "|". */
static gboolean is_among(const char *words, const char *verdict)
{
    const size_t length = strlen(verdict);

    for (;;) {
        const size_t span = strcspn(words, "|");

        if (span == length && memcmp(words, verdict, length) == 0)
            return TRUE;
        words += span;
        if (*words++ == '\0')
            return FALSE;
    }
}

static gboolean is_verdict(const char *word)
{
    for (VtVerdict verdict = VT_VERDICT_NOT_APPLICABLE; verdict <= VT_VERDICT_NOTE; verdict++)
        if (strcmp(word, vt_verdict_name(verdict)) == 0)
            return TRUE;
    return FALSE;
}

char *vt_rule_cond_rule_check(const VtCond *cond)
{
    g_auto(GStrv) words = cond->is ? g_strsplit(cond->is, "|", -1) : NULL;

    for (char **word = words; word && *word; word++)
        if (!is_verdict(*word))
            return vt_text_fill(_("there is no verdict “%s”; a rule says not-applicable, "
                                     "satisfied, blocked, quiet, unknown, advise or note"),
                                   *word);
    return NULL;
}

static const VtFinding *finding_at(const Range *range, guint i)
{
    return g_ptr_array_index(range->findings, range->first + i);
}

/* Where the other rule looks at the same device, only what it says of that one counts. */
static gboolean is_about(const Range *range, const char *device)
{
    for (guint i = 0; device && i < range->n; i++)
        if (g_strcmp0(finding_at(range, i)->device, device) == 0)
            return TRUE;
    return FALSE;
}

/* @ret_finding: the one that decided, or a first one that did not; NULL where there is none. */
static VtTri look_up(const VtCond *cond, const VtCondContext *context,
                     const VtFinding **ret_finding)
{
    const Range *range = context->verdicts
                             ? g_hash_table_lookup(context->verdicts->ranges, cond->fact)
                             : NULL;
    VtTri outcome = VT_NO;
    gboolean same;

    *ret_finding = NULL;
    if (!range || !range->findings || range->n == 0)
        return VT_UNKNOWN;
    same = is_about(range, context->device);
    for (guint i = 0; i < range->n; i++) {
        const VtFinding *finding = finding_at(range, i);

        if (same && g_strcmp0(finding->device, context->device) != 0)
            continue;
        if (is_among(cond->is, vt_verdict_name(finding->verdict))) {
            *ret_finding = finding;
            return VT_YES;
        }
        if (!*ret_finding || (finding->verdict == VT_VERDICT_UNKNOWN && outcome != VT_UNKNOWN))
            *ret_finding = finding;
        if (finding->verdict == VT_VERDICT_UNKNOWN)
            outcome = VT_UNKNOWN;
    }
    return outcome;
}

VtTri vt_rule_cond_rule_eval(const VtCond *cond, VtCondContext *context, guint depth)
{
    const VtFinding *finding;
    const VtTri outcome = look_up(cond, context, &finding);
    VtEvidence *evidence = vt_rule_cond_witness(cond, context, depth, cond->fact, outcome);
    const char *verdict = finding ? vt_verdict_name(finding->verdict) : NULL;

    if (!evidence)
        return outcome;
    evidence->text_value = g_strdup(verdict);
    if (!finding) {
        evidence->detail = vt_text_fill(_("the rule %s was not evaluated"), cond->fact);
        evidence->remedy = g_strdup(_("correct the rule"));
    } else if (outcome == VT_UNKNOWN) {
        g_autofree char *rule = vt_text_shell(cond->fact);
        g_autofree char *domain = vt_text_shell(context->domain->name);

        evidence->detail = vt_text_fill(_("the rule %s cannot be decided"), cond->fact);
        evidence->remedy = vt_text_fill(_("`virt-tune explain %1$s %2$s` tells what is missing"),
                                           rule, domain);
    } else if (outcome == VT_YES) {
        evidence->detail = vt_text_fill(_("the rule %1$s says %2$s"), cond->fact, verdict);
    } else {
        evidence->detail = vt_text_fill(_("the rule %1$s says %2$s, not %3$s"), cond->fact,
                                           verdict, cond->is);
    }
    return outcome;
}
