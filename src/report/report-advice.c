/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One piece of advice as text. */
#include "config.h"

#include "report/report-advice.h"

#include "base/error.h"
#include "base/text.h"
#include "plan/value.h"

#define INDENT 5

const char *const vt_report_advice_labels[] = {
    N_("Device"), N_("Now"),    N_("Gain"), N_("Evidence"), N_("Why"), N_("Risk"),
    N_("Check"),  N_("Domain"), N_("Host"), N_("Guest"),    NULL,
};

char *vt_report_advice_name(const VtFinding *finding)
{
    return finding->device ? g_strdup_printf("%s (%s)", finding->rule, finding->device)
                           : g_strdup(finding->rule);
}

static VtStyle severity_style(VtSeverity severity)
{
    switch (severity) {
    case VT_SEVERITY_HIGH:
        return VT_STYLE_RED;
    case VT_SEVERITY_MEDIUM:
        return VT_STYLE_YELLOW;
    default:
        return VT_STYLE_CYAN;
    }
}

static const char *severity_sentence(VtSeverity severity)
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

static const char *confidence_sentence(const VtFinding *finding)
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

static char *gain_sentence(const VtFinding *finding)
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
    return evidence->outcome == VT_YES && !evidence->moot;
}

static char *evidence_sentence(const VtEvidence *evidence, gboolean verbose)
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

static VtStyle outcome_style(const VtEvidence *evidence)
{
    return evidence->outcome == VT_UNKNOWN ? VT_STYLE_YELLOW
           : evidence->outcome == VT_NO    ? VT_STYLE_DIM
                                           : VT_STYLE_NONE;
}

static void print_evidence(VtReportPage *page, const VtFinding *finding, gboolean verbose)
{
    const char *label = _("Evidence");

    for (guint i = 0; i < finding->evidence->len; i++) {
        const VtEvidence *evidence = g_ptr_array_index(finding->evidence, i);
        g_autofree char *text = NULL;

        if (!evidence->detail || !is_worth_showing(evidence, verbose))
            continue;
        text = evidence_sentence(evidence, verbose);
        vt_report_page_field(page, INDENT, label, outcome_style(evidence), text);
        label = "";
    }
    if (finding->few_windows > 0) {
        g_autofree char *text = g_strdup_printf(
            ngettext("Measured in %u window only: a peak or a pause would look the same.",
                     "Measured in %u windows only: a peak or a pause would look the same.",
                     finding->few_windows),
            finding->few_windows);

        vt_report_page_field(page, INDENT, label, VT_STYLE_NONE, text);
    }
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

static const char *target_label(const char *target)
{
    return g_str_equal(target, "domain") ? _("Domain")
           : g_str_equal(target, "host") ? _("Host")
                                         : _("Guest");
}

/* The command that makes the change to the domain's definition. */
static char *apply_command(const VtReportContext *context, const VtDomain *domain,
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

static void print_how(VtReportPage *page, guint indent, const VtReportContext *context,
                      const VtDomain *domain, const VtFinding *finding)
{
    g_autofree char *command = apply_command(context, domain, finding);

    if (!command)
        return;
    vt_report_page_paragraph(page, indent, 0, VT_STYLE_NONE,
                             finding->guest_driver_unknown
                                 ? _("Nothing was changed. To make this change, once you know that "
                                     "the guest has the driver, run:")
                                 : _("Nothing was changed. To make this change, run:"));
    vt_report_page_verbatim(page, indent + 2, VT_STYLE_BOLD, command);
}

static gboolean lacks(const VtFindingChange *change)
{
    for (guint i = 0; i < change->needs->len; i++)
        if (((const VtEvidence *)g_ptr_array_index(change->needs, i))->outcome == VT_NO)
            return TRUE;
    return FALSE;
}

/* A change that is not for this host, or made already, is left out where there is one that serves. */
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

static void print_needs(VtReportPage *page, guint indent, const VtFindingChange *change)
{
    for (guint i = 0; i < change->needs->len; i++) {
        const VtEvidence *need = g_ptr_array_index(change->needs, i);
        const char *detail = need->detail ? need->detail : need->subject;
        g_autofree char *text = NULL;

        if (need->outcome == VT_YES)
            continue;
        text = need->outcome == VT_NO
                   ? g_strdup_printf(_("Not on this host as it is now: %s."), detail)
                   : g_strdup_printf(
                         _("Only where the host has what it needs, which is not known here: %s."),
                         detail);
        vt_report_page_paragraph(page, indent, 0, VT_STYLE_YELLOW, text);
    }
}

static void print_commands(VtReportPage *page, guint indent, const VtFindingChange *change)
{
    for (guint i = 0; i < change->commands->len; i++) {
        const char *undo = i < change->undo->len ? g_ptr_array_index(change->undo, i) : NULL;

        vt_report_page_verbatim(page, indent, VT_STYLE_BOLD,
                                g_ptr_array_index(change->commands, i));
        if (undo) {
            /* A comment, so that the lines can be pasted into a shell as they are. */
            g_autofree char *line = g_strdup_printf(_("# to undo: %s"), undo);

            vt_report_page_verbatim(page, indent, VT_STYLE_DIM, line);
        }
    }
}

static void print_change(VtReportPage *page, const VtReportContext *context, const VtDomain *domain,
                         const VtFinding *finding, const VtFindingChange *change)
{
    const guint indent = INDENT + 2;
    g_autofree char *text =
        change->text ? g_strdup_printf("%s %s", change->text, effect_sentence(change->effect))
                     : g_strdup(effect_sentence(change->effect));

    vt_report_page_field(page, INDENT, target_label(change->target), VT_STYLE_NONE, text);
    print_needs(page, indent, change);
    if (change->error) {
        g_autofree char *sentence =
            g_strdup_printf(_("This change cannot be made as it is: %s."), change->error);

        vt_report_page_paragraph(page, indent, 0, VT_STYLE_YELLOW, sentence);
    }
    if (change->diff && *change->diff) {
        vt_report_page_diff(page, indent, change->diff);
        print_how(page, indent, context, domain, finding);
    }
    print_commands(page, indent, change);
}

static void print_heading(VtReportPage *page, const VtFinding *finding, guint number)
{
    g_autofree char *title =
        g_strdup_printf("%u. %s", number, finding->title ? finding->title : finding->rule);
    g_autofree char *about =
        g_strdup_printf(_("%1$s: %2$s, %3$s"), finding->rule, severity_sentence(finding->severity),
                        confidence_sentence(finding));

    vt_report_page_paragraph(page, 2, INDENT - 2, VT_STYLE_BOLD, title);
    vt_report_page_paragraph(page, INDENT, 0, severity_style(finding->severity), about);
}

void vt_report_advice_print(VtReportPage *page, const VtReportContext *context,
                            const VtDomain *domain, const VtFinding *finding, guint number)
{
    print_heading(page, finding, number);
    if (finding->device) {
        g_autofree char *device =
            finding->device_element
                ? g_strdup_printf("%s %s", finding->device_element, finding->device)
                : g_strdup(finding->device);

        vt_report_page_field(page, INDENT, _("Device"), VT_STYLE_NONE, device);
    }
    if (finding->now)
        vt_report_page_field(page, INDENT, _("Now"), VT_STYLE_NONE, finding->now);
    if (finding->has_gain) {
        g_autofree char *gain = gain_sentence(finding);

        vt_report_page_field(page, INDENT, _("Gain"), VT_STYLE_NONE, gain);
    }
    print_evidence(page, finding, context->verbose);
    if (context->verbose && finding->why)
        vt_report_page_field(page, INDENT, _("Why"), VT_STYLE_NONE, finding->why);
    if (finding->risk)
        vt_report_page_field(page, INDENT, _("Risk"), VT_STYLE_NONE, finding->risk);
    if (finding->guest_driver_unknown)
        vt_report_page_field(page, INDENT, _("Check"), VT_STYLE_YELLOW,
                             _("Guest driver not known: make sure that the guest has a driver for "
                               "the new device before "
                               "you change it."));
    for (guint i = 0; i < finding->changes->len; i++) {
        const VtFindingChange *change = g_ptr_array_index(finding->changes, i);

        if (!has_better_variant(finding, change))
            print_change(page, context, domain, finding, change);
    }
}
