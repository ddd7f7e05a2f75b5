/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sentences about a finding and its changes. */
#include "config.h"

#include "report/report-advice-words.h"

#include "base/error.h"
#include "base/text.h"
#include "plan/value.h"

gboolean vt_report_advice_words_is(const VtFinding *finding)
{
    return vt_finding_is_open(finding);
}

char *vt_report_advice_words_name(const VtFinding *finding)
{
    return finding->device ? g_strdup_printf("%s (%s)", finding->rule, finding->device)
                           : g_strdup(finding->rule);
}

const char *vt_report_advice_words_severity(VtSeverity severity)
{
    switch (severity) {
    case VT_SEVERITY_HIGH:
        return _("severity high");
    case VT_SEVERITY_MEDIUM:
        return _("severity medium");
    case VT_SEVERITY_LOW:
        return _("severity low");
    default:
        return _("for information");
    }
}

const char *vt_report_advice_words_confidence(const VtFinding *finding)
{
    switch (finding->confidence) {
    case VT_CONFIDENCE_CONFIRMED:
        return _("confirmed by what was measured");
    case VT_CONFIDENCE_SUSPECTED:
        return _("suspected: what was measured could have other causes too");
    default:
        return _("structural: the XML alone says so, nothing was measured of it");
    }
}

char *vt_report_advice_words_gain(const VtFinding *finding)
{
    const VtGain *gain = &finding->gain;
    const char *basis = finding->gain_basis ? finding->gain_basis : "";

    if (gain->high_pct <= 0)
        return g_strdup(basis);
    if (gain->measured)
        return g_strdup_printf(_("Up to %1$.1f %% of a vCPU (measured). %2$s"), gain->high_pct,
                               basis);
    if (gain->high_pct < 0.1)
        return g_strdup_printf(_("Less than 0.1 %% of a vCPU (estimated). %s"), basis);
    return g_strdup_printf(_("Up to %1$.1f %% of a vCPU (estimated: %2$.1f to %1$.1f). %3$s"),
                           gain->high_pct, gain->low_pct, basis);
}

/* A structure of the XML that a rule looked for says nothing that the advice does not say; what was
 * measured and what is unknown does. */
static gboolean is_worth_showing(const VtEvidence *evidence, gboolean verbose)
{
    if (verbose)
        return TRUE;
    if (!g_str_equal(evidence->part, "symptom") || g_str_equal(evidence->kind, "domain"))
        return FALSE;
    return vt_evidence_counts(evidence) == VT_YES && !evidence->moot;
}

char *vt_report_advice_words_evidence(const VtEvidence *evidence, gboolean verbose)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (verbose)
        g_string_append_printf(text, "%s: ", evidence->part);
    if (evidence->source)
        g_string_append_printf(text, _("%1$s (by %2$s)"), evidence->detail, evidence->source);
    else
        g_string_append(text, evidence->detail);
    if (evidence->outcome == VT_UNKNOWN && evidence->remedy)
        g_string_append_printf(text, "; %s", evidence->remedy);
    return g_strdup(text->str);
}

GPtrArray *vt_report_advice_words_evidences(const VtFinding *finding, gboolean verbose)
{
    GPtrArray *shown = g_ptr_array_new();

    for (guint i = 0; i < finding->evidence->len; i++) {
        VtEvidence *evidence = g_ptr_array_index(finding->evidence, i);

        if (evidence->detail && is_worth_showing(evidence, verbose))
            g_ptr_array_add(shown, evidence);
    }
    return shown;
}

char *vt_report_advice_words_few_windows(const VtFinding *finding)
{
    if (finding->few_windows == 0)
        return NULL;
    return g_strdup_printf(
        ngettext("Measured in %u window only: a peak or a pause would look the same.",
                 "Measured in %u windows only: a peak or a pause would look the same.",
                 finding->few_windows),
        finding->few_windows);
}

/* When a change of @target with @effect is in force. */
static const char *effect_sentence(const char *effect)
{
    static const struct {
        const char *effect, *sentence;
    } sentences[] = {
        {"live", N_("Takes effect at once.")},
        {"power-cycle", N_("Takes effect after the domain is fully powered off and started again; "
                           "a reboot from inside "
                           "is not enough.")},
        {"module-reload", N_("Takes effect when the kernel module is reloaded, for which every "
                             "guest of this host has to "
                             "be off.")},
        {"host-reboot", N_("Takes effect when the host is rebooted.")},
        {"guest-reboot", N_("Takes effect when the guest is rebooted.")},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(sentences); i++)
        if (g_str_equal(sentences[i].effect, effect))
            return _(sentences[i].sentence);
    return effect;
}

char *vt_report_advice_words_change(const VtFindingChange *change)
{
    const char *effect = effect_sentence(change->effect);

    return change->text ? g_strdup_printf("%s %s", change->text, effect) : g_strdup(effect);
}

const char *vt_report_advice_words_target(const char *target)
{
    return g_str_equal(target, "domain") ? _("Domain")
           : g_str_equal(target, "host") ? _("Host")
                                         : _("Guest");
}

char *vt_report_advice_words_command(const VtReportContext *context, const VtDomain *domain,
                                     const VtFinding *finding)
{
    g_autofree char *word = vt_value_domain_word(domain);
    g_autofree char *uri = context->uri ? vt_text_shell(context->uri) : NULL;
    g_autofree char *rule = vt_text_shell(finding->rule);
    g_autofree char *device = finding->device ? vt_text_shell(finding->device) : NULL;
    GString *command;

    if (!word)
        return NULL;
    command = g_string_new("virt-tune");
    if (uri)
        g_string_append_printf(command, " -c %s", uri);
    g_string_append_printf(command, " apply %s --rule %s", word, rule);
    if (device)
        g_string_append_printf(command, " --device %s", device);
    if (finding->guest_driver_unknown)
        g_string_append(command, " \\\n    --assume-guest-drivers");
    return g_string_free(command, FALSE);
}

static gboolean changes_definition(const VtFinding *finding)
{
    for (guint i = 0; i < finding->changes->len; i++) {
        const VtFindingChange *change = g_ptr_array_index(finding->changes, i);

        if (g_str_equal(change->target, "domain") && change->diff && *change->diff)
            return TRUE;
    }
    return FALSE;
}

char *vt_report_advice_words_together(const VtReportContext *context, const VtDomain *domain,
                                      const GPtrArray *findings)
{
    g_autofree char *word = vt_value_domain_word(domain);
    g_autofree char *uri = context->uri ? vt_text_shell(context->uri) : NULL;
    VtConfidence least = VT_CONFIDENCE_CONFIRMED;
    gboolean driver_unknown = FALSE;
    guint n = 0;

    for (guint i = 0; i < findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(findings, i);

        if (!vt_report_advice_words_is(finding) || !changes_definition(finding))
            continue;
        n++;
        least = MIN(least, finding->confidence);
        driver_unknown = driver_unknown || finding->guest_driver_unknown;
    }
    if (n < 2 || !word)
        return NULL;
    return g_strdup_printf("virt-tune%s%s apply %s --all-rules --min-confidence %s \\\n    %s--dry-run",
                           uri ? " -c " : "", uri ? uri : "", word, vt_confidence_name(least),
                           driver_unknown ? "--assume-guest-drivers " : "");
}

const char *vt_report_advice_words_how(const VtFinding *finding, const char *command)
{
    if (!command)
        return _("Nothing was changed. There is no command for it: the name of the domain cannot stand in one, and "
                 "its definition has no UUID.");
    return finding->guest_driver_unknown
               ? _("Nothing was changed. To make this change, once you know that the guest has the "
                   "driver, run:")
               : _("Nothing was changed. To make this change, run:");
}

const char *vt_report_advice_words_driver(void)
{
    return _("Guest driver not known: make sure that the guest has a driver for the new device "
             "before you change it.");
}

static gboolean lacks(const VtFindingChange *change)
{
    for (guint i = 0; i < change->needs->len; i++)
        if (((const VtEvidence *)g_ptr_array_index(change->needs, i))->outcome == VT_NO)
            return TRUE;
    return FALSE;
}

/* A change that is not for this host, or made already, is left out where there is one that
 * serves. */
static gboolean has_better_variant(const VtFinding *finding, const VtFindingChange *change)
{
    if (!lacks(change) && !change->done)
        return FALSE;
    for (guint i = 0; i < finding->changes->len; i++) {
        const VtFindingChange *other = g_ptr_array_index(finding->changes, i);

        if (other == change || other->error || lacks(other))
            continue;
        if (change->done || g_str_equal(other->target, change->target) ||
            g_str_equal(other->target, "domain"))
            return TRUE;
    }
    return FALSE;
}

GPtrArray *vt_report_advice_words_changes(const VtFinding *finding)
{
    GPtrArray *shown = g_ptr_array_new();

    for (guint i = 0; i < finding->changes->len; i++) {
        VtFindingChange *change = g_ptr_array_index(finding->changes, i);

        if (!has_better_variant(finding, change))
            g_ptr_array_add(shown, change);
    }
    return shown;
}

char *vt_report_advice_words_need(const VtEvidence *need)
{
    const char *detail = need->detail ? need->detail : need->subject;

    if (need->outcome == VT_YES)
        return NULL;
    return need->outcome == VT_NO
               ? g_strdup_printf(_("Not on this host as it is now: %s."), detail)
               : g_strdup_printf(
                     _("Only where the host has what it needs, which is not known here: %s."),
                     detail);
}

char *vt_report_advice_words_error(const VtFindingChange *change)
{
    if (!change->error)
        return NULL;
    return g_strdup_printf(_("This change cannot be made as it is: %s."), change->error);
}

char *vt_report_advice_words_undo(const VtFindingChange *change, guint i)
{
    const char *undo = i < change->undo->len ? g_ptr_array_index(change->undo, i) : NULL;

    return undo ? g_strdup_printf(_("# to undo: %s"), undo) : NULL;
}
