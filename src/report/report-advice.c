/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One piece of advice as text. */
#include "config.h"

#include "report/report-advice.h"

#include "base/error.h"
#include "report/report-advice-words.h"

#define INDENT 5

const char *const vt_report_advice_labels[] = {
    N_("Device"), N_("Now"),    N_("Gain"), N_("Evidence"), N_("Why"), N_("Risk"),
    N_("Check"),  N_("Domain"), N_("Host"), N_("Guest"),    NULL,
};

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

static VtStyle outcome_style(const VtEvidence *evidence)
{
    return evidence->outcome == VT_UNKNOWN ? VT_STYLE_YELLOW
           : evidence->outcome == VT_NO    ? VT_STYLE_DIM
                                           : VT_STYLE_NONE;
}

static void print_evidence(VtReportPage *page, const VtFinding *finding, gboolean verbose)
{
    g_autoptr(GPtrArray) shown = vt_report_advice_words_evidences(finding, verbose);
    g_autofree char *few = vt_report_advice_words_few_windows(finding);
    const char *label = _("Evidence");

    for (guint i = 0; i < shown->len; i++) {
        const VtEvidence *evidence = g_ptr_array_index(shown, i);
        g_autofree char *text = vt_report_advice_words_evidence(evidence, verbose);

        vt_report_page_field(page, INDENT, label, outcome_style(evidence), text);
        label = "";
    }
    if (few)
        vt_report_page_field(page, INDENT, label, VT_STYLE_NONE, few);
}

static void print_how(VtReportPage *page, guint indent, const VtReportContext *context,
                      const VtDomain *domain, const VtFinding *finding)
{
    g_autofree char *command = vt_report_advice_words_command(context, domain, finding);

    vt_report_page_paragraph(page, indent, 0, VT_STYLE_NONE,
                             vt_report_advice_words_how(finding, command));
    if (command)
        vt_report_page_verbatim(page, indent + 2, VT_STYLE_BOLD, command);
}

static void print_needs(VtReportPage *page, guint indent, const VtFindingChange *change)
{
    for (guint i = 0; i < change->needs->len; i++) {
        g_autofree char *text = vt_report_advice_words_need(g_ptr_array_index(change->needs, i));

        if (text)
            vt_report_page_paragraph(page, indent, 0, VT_STYLE_YELLOW, text);
    }
}

/* The undo is a comment, so that the lines can be pasted into a shell as they are. */
static void print_commands(VtReportPage *page, guint indent, const VtFindingChange *change)
{
    for (guint i = 0; i < change->commands->len; i++) {
        g_autofree char *undo = vt_report_advice_words_undo(change, i);

        vt_report_page_verbatim(page, indent, VT_STYLE_BOLD,
                                g_ptr_array_index(change->commands, i));
        if (undo)
            vt_report_page_verbatim(page, indent, VT_STYLE_DIM, undo);
    }
}

static void print_change(VtReportPage *page, const VtReportContext *context, const VtDomain *domain,
                         const VtFinding *finding, const VtFindingChange *change)
{
    const guint indent = INDENT + 2;
    g_autofree char *text = vt_report_advice_words_change(change);
    g_autofree char *why_not = vt_report_advice_words_error(change);

    vt_report_page_field(page, INDENT, vt_report_advice_words_target(change->target),
                         VT_STYLE_NONE, text);
    print_needs(page, indent, change);
    if (why_not)
        vt_report_page_paragraph(page, indent, 0, VT_STYLE_YELLOW, why_not);
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
        g_strdup_printf(_("%1$s: %2$s, %3$s"), finding->rule,
                        vt_report_advice_words_severity(finding->severity),
                        vt_report_advice_words_confidence(finding));

    vt_report_page_paragraph(page, 2, INDENT - 2, VT_STYLE_BOLD, title);
    vt_report_page_paragraph(page, INDENT, 0, severity_style(finding->severity), about);
}

void vt_report_advice_print(VtReportPage *page, const VtReportContext *context,
                            const VtDomain *domain, const VtFinding *finding, guint number)
{
    g_autoptr(GPtrArray) changes = vt_report_advice_words_changes(finding);

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
        g_autofree char *gain = vt_report_advice_words_gain(finding);

        vt_report_page_field(page, INDENT, _("Gain"), VT_STYLE_NONE, gain);
    }
    print_evidence(page, finding, context->verbose);
    if (context->verbose && finding->why)
        vt_report_page_field(page, INDENT, _("Why"), VT_STYLE_NONE, finding->why);
    if (finding->risk)
        vt_report_page_field(page, INDENT, _("Risk"), VT_STYLE_NONE, finding->risk);
    if (finding->guest_driver_unknown)
        vt_report_page_field(page, INDENT, _("Check"), VT_STYLE_YELLOW,
                             vt_report_advice_words_driver());
    for (guint i = 0; i < changes->len; i++)
        print_change(page, context, domain, finding, g_ptr_array_index(changes, i));
}
