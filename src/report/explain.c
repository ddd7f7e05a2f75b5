/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules and their conditions as text. */
#include "config.h"

#include "report/explain.h"

#include <glib/gi18n.h>

#include "base/text.h"
#include "plan/value.h"
#include "rule/policy.h"

static void paragraph(VtTerm *term, const char *head, const char *text)
{
    g_autofree char *full = head ? g_strdup_printf("%s %s", head, text) : g_strdup(text);
    g_autofree char *wrapped = vt_text_wrap(full, vt_term_width(term) - 2, 2);

    fprintf(vt_term_out(term), "  %s\n", wrapped);
}

/* Rule texts are translated under their folded form; gettext("") would give the catalogue's header. */
static const char *translated(const char *text)
{
    return text && *text ? _(text) : "";
}

static void print_change(VtTerm *term, const VtChange *change)
{
    FILE *out = vt_term_out(term);

    fprintf(out, _("Change to the %s, effect: %s\n"), change->target, change->effect);
    if (change->text)
        paragraph(term, NULL, translated(change->text));
    for (guint i = 0; i < change->ops->len; i++) {
        const VtPatchOp *op = g_ptr_array_index(change->ops, i);
        g_autofree char *brief = vt_xml_brief(op->content, 400);

        fprintf(out, "    %s\n", brief);
    }
    for (guint i = 0; i < change->commands->len; i++) {
        const VtCommand *command = g_ptr_array_index(change->commands, i);

        fprintf(out, "    %s\n", command->text);
        if (command->undo)
            fprintf(out, _("      undo: %s\n"), command->undo);
    }
}

/* As a policy would set them. */
static void print_thresholds(VtTerm *term, const VtRule *rule)
{
    g_autoptr(GPtrArray) lines = vt_policy_thresholds(rule);

    for (guint i = 0; i < lines->len; i++)
        paragraph(term, i == 0 ? _("Thresholds:") : "", g_ptr_array_index(lines, i));
}

/* Where a rule of a site or user is from. */
static void print_origin(VtTerm *term, const VtRule *rule)
{
    if (rule->origin && (rule->replaces || !g_str_equal(rule->origin, "shipped")))
        paragraph(term, _("From:"), rule->file);
    if (rule->off)
        paragraph(term, NULL, _("This rule is off."));
}

/* A rule may have several gains with the same words, for what differs in what was measured. */
static gboolean said_before(const VtRule *rule, guint i)
{
    const VtRuleGain *gain = g_ptr_array_index(rule->gains, i);

    for (guint j = 0; j < i; j++)
        if (g_strcmp0(((const VtRuleGain *) g_ptr_array_index(rule->gains, j))->basis, gain->basis) == 0)
            return TRUE;
    return FALSE;
}

/* Of several the first that is meant for the device and was measured counts. */
static void print_gains(VtTerm *term, const VtRule *rule)
{
    for (guint i = 0; i < rule->gains->len; i++)
        if (!said_before(rule, i))
            paragraph(term, i == 0 ? _("Gain:") : _("Or:"),
                      translated(((const VtRuleGain *) g_ptr_array_index(rule->gains, i))->basis));
}

void vt_explain_rule(VtTerm *term, const VtRule *rule)
{
    FILE *out = vt_term_out(term);

    fprintf(out, "%s%s%s (%s)\n", vt_term_style(term, VT_STYLE_BOLD), rule->id, vt_term_style(term, VT_STYLE_NONE),
            vt_severity_name(rule->severity));
    paragraph(term, NULL, translated(rule->title));
    print_origin(term, rule);
    fputc('\n', out);
    paragraph(term, NULL, translated(rule->why));
    if (rule->risk)
        paragraph(term, _("Risk:"), translated(rule->risk));
    print_gains(term, rule);
    for (guint i = 0; i < rule->guards->len; i++) {
        const VtGuard *guard = g_ptr_array_index(rule->guards, i);

        paragraph(term, _("Not advised:"), translated(guard->why));
    }
    print_thresholds(term, rule);
    for (guint i = 0; i < rule->changes->len; i++) {
        fputc('\n', out);
        print_change(term, g_ptr_array_index(rule->changes, i));
    }
    if (rule->references->len)
        fputc('\n', out);
    for (guint i = 0; i < rule->references->len; i++) {
        const VtReference *reference = g_ptr_array_index(rule->references, i);

        fprintf(out, "  %s\n    %s\n", reference->text, reference->href);
    }
}

static void print_evidence(VtTerm *term, const VtEvidence *evidence)
{
    FILE *out = vt_term_out(term);
    const VtTri outcome = vt_evidence_counts(evidence);
    const char *word = outcome == VT_YES ? _("yes") : outcome == VT_NO ? _("no") : _("unknown");
    VtStyle style = outcome == VT_YES && !evidence->moot ? VT_STYLE_GREEN
                    : outcome == VT_UNKNOWN              ? VT_STYLE_YELLOW
                                                         : VT_STYLE_DIM;
    g_autofree char *detail = vt_text_printable(evidence->detail ? evidence->detail : evidence->subject, FALSE);

    fprintf(out, "  %-10s %s%s%s%*s %*s%s%s%s\n", evidence->part, vt_term_style(term, style), word,
            vt_term_style(term, VT_STYLE_NONE), MAX(8 - (int) vt_text_columns(word), 0), "",
            (int) evidence->depth * 2, "", evidence->negated ? _("not: ") : "", detail ? detail : "",
            evidence->moot ? _(" (makes no difference)") : "");
    if (evidence->outcome == VT_UNKNOWN && evidence->remedy) {
        g_autofree char *remedy = vt_text_printable(evidence->remedy, FALSE);

        fprintf(out, "  %-10s %-8s %*s→ %s\n", "", "", (int) evidence->depth * 2, "", remedy);
    }
}

static gboolean has_unknown(const VtFinding *finding)
{
    for (guint i = 0; i < finding->evidence->len; i++) {
        const VtEvidence *evidence = g_ptr_array_index(finding->evidence, i);

        /* Which OS the guest has no sample tells. */
        if (evidence->outcome == VT_UNKNOWN && !evidence->moot && !g_str_equal(evidence->kind, "guest"))
            return TRUE;
    }
    return FALSE;
}

/* The command that learns as much as there is to learn: root reads every source and the host. */
static void print_command(VtTerm *term, const VtDomain *domain, const VtFinding *finding)
{
    g_autofree char *word = vt_value_domain_word(domain);
    g_autofree char *command = NULL, *text = NULL;

    if (!word)
        return;
    command = g_strdup_printf("virt-tune explain %s %s", finding->rule, word);
    text = g_strdup_printf(_("To measure what is unknown, run as root on the domain's host while it "
                             "runs: %s"),
                           command);
    paragraph(term, NULL, text);
}

void vt_explain_findings(VtTerm *term, const VtDomain *domain, const char *note, const GPtrArray *findings)
{
    FILE *out = vt_term_out(term);
    g_autofree char *name = vt_text_printable(domain->name, FALSE);

    for (guint i = 0; i < findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(findings, i);
        g_autofree char *device = finding->device ? vt_text_printable(finding->device, FALSE) : NULL;

        fprintf(out, "\n%s%s%s%s%s: %s%s%s\n", vt_term_style(term, VT_STYLE_BOLD), name, device ? " " : "",
                device ? device : "", vt_term_style(term, VT_STYLE_NONE), vt_verdict_name(finding->verdict),
                finding->confidence == VT_CONFIDENCE_NONE ? "" : ", ",
                finding->confidence == VT_CONFIDENCE_NONE ? "" : vt_confidence_name(finding->confidence));
        if (finding->waived_by) {
            g_autofree char *waived = g_strdup_printf("%s: %s", finding->waived_by,
                                                      finding->waived_why);

            paragraph(term, _("Waived:"), waived);
        }
        if (note && *note)
            paragraph(term, _("Not measured:"), note);
        if (finding->reason)
            paragraph(term, NULL, finding->reason);
        for (guint k = 0; k < finding->evidence->len; k++)
            print_evidence(term, g_ptr_array_index(finding->evidence, k));
        if (has_unknown(finding))
            print_command(term, domain, finding);
    }
}
