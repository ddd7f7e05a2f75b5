/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One piece of advice: what, why we think so, what it gains, what it risks, how to do it. */
#include "config.h"

#include "report/report-html-finding.h"

#include <string.h>

#include "base/error.h"
#include "report/report-advice-words.h"
#include "report/report-chart.h"

void vt_report_html_finding_badge(VtHtml *html, VtSeverity severity)
{
    g_autofree char *class = g_strdup_printf("badge %s", vt_severity_name(severity));

    vt_html_element(html, "span", vt_report_advice_words_severity(severity), "class", class, NULL);
}

static void open_field(VtHtml *html, const char *label)
{
    vt_html_element(html, "dt", label, NULL);
    vt_html_open(html, "dd", NULL);
}

static void write_field(VtHtml *html, const char *label, const char *text)
{
    open_field(html, label);
    vt_html_text(html, text);
    vt_html_close(html);
}

/* What is wider than the page is scrolled by keyboard, too, and has a name for that. */
static void open_lines(VtHtml *html, const char *class, const char *label)
{
    vt_html_open(html, "pre", "class", class, "tabindex", "0", "role", "region", "aria-label",
                 label, NULL);
}

static void write_heading(VtHtml *html, const VtFinding *finding, guint number, const char *id)
{
    g_autofree char *title =
        g_strdup_printf("%u. %s", number, finding->title ? finding->title : finding->rule);

    vt_html_element(html, "h4", title, "id", id, NULL);
    vt_html_open(html, "p", "class", "marks", NULL);
    vt_report_html_finding_badge(html, finding->severity);
    vt_html_text(html, " ");
    vt_html_element(html, "code", finding->rule, NULL);
    vt_html_text(html, " ");
    vt_html_element(html, "span", vt_report_advice_words_confidence(finding), NULL);
    vt_html_close(html);
}

static void write_device(VtHtml *html, const VtFinding *finding)
{
    g_autofree char *device =
        finding->device_element
            ? g_strdup_printf("%s %s", finding->device_element, finding->device)
            : g_strdup(finding->device);

    write_field(html, _("Device"), device);
}

static void write_gain(VtHtml *html, const VtFinding *finding)
{
    g_autofree char *gain = vt_report_advice_words_gain(finding);

    open_field(html, _("Gain"));
    vt_html_text(html, gain);
    if (finding->gain.high_pct > 0)
        vt_report_chart_meter(html, finding->gain.low_pct / 100, finding->gain.high_pct / 100);
    vt_html_close(html);
}

static void write_evidences(VtHtml *html, const GPtrArray *evidences, gboolean parts,
                            const char *few)
{
    vt_html_open(html, "ul", "class", parts ? NULL : "plain", NULL);
    for (guint i = 0; i < evidences->len; i++) {
        g_autofree char *text =
            vt_report_advice_words_evidence(g_ptr_array_index(evidences, i), parts);

        vt_html_element(html, "li", text, NULL);
    }
    if (few)
        vt_html_element(html, "li", few, NULL);
    vt_html_close(html);
}

static void write_evidence(VtHtml *html, const VtFinding *finding)
{
    g_autoptr(GPtrArray) shown = vt_report_advice_words_evidences(finding, FALSE);
    g_autoptr(GPtrArray) all = vt_report_advice_words_evidences(finding, TRUE);
    g_autofree char *few = vt_report_advice_words_few_windows(finding);

    if (all->len == 0 && !few)
        return;
    open_field(html, _("Evidence"));
    if (shown->len > 0 || few)
        write_evidences(html, shown, FALSE, few);
    if (all->len > shown->len) {
        vt_html_open(html, "details", NULL);
        vt_html_element(html, "summary", _("All conditions of the rule"), NULL);
        write_evidences(html, all, TRUE, NULL);
        vt_html_close(html);
    }
    vt_html_close(html);
}

static void write_why(VtHtml *html, const VtFinding *finding)
{
    open_field(html, _("Why"));
    vt_html_open(html, "details", NULL);
    vt_html_element(html, "summary", _("What these exits are and what they cost"), NULL);
    vt_html_element(html, "p", finding->why, NULL);
    vt_html_close(html);
    vt_html_close(html);
}

/* Changed lines are elements that say so, and begin with the sign: colour only repeats it. */
void vt_report_html_finding_diff(VtHtml *html, const char *label, const char *diff)
{
    g_auto(GStrv) lines = g_strsplit(diff, "\n", -1);

    open_lines(html, "diff", label);
    for (char **line = lines; *line; line++) {
        const char *element = **line == '+' ? "ins" : **line == '-' ? "del" : "span";
        const char *class = g_str_has_prefix(*line, "@@") ? "hunk" : NULL;

        if (!line[1] && !**line)
            break;
        if (g_str_has_prefix(*line, "--- ") || g_str_has_prefix(*line, "+++ ")) {
            element = "span";
            class = "file";
        }
        vt_html_open(html, element, "class", class, NULL);
        vt_html_text(html, *line);
        vt_html_verbatim(html, "\n");
        vt_html_close(html);
    }
    vt_html_close(html);
}

static void write_how(VtHtml *html, const VtReportContext *context, const VtDomain *domain,
                      const VtFinding *finding)
{
    g_autofree char *command = vt_report_advice_words_command(context, domain, finding);

    vt_html_element(html, "p", vt_report_advice_words_how(finding, command), NULL);
    if (!command)
        return;
    open_lines(html, "command", _("Command"));
    vt_html_verbatim(html, command);
    vt_html_close(html);
}

static void write_commands(VtHtml *html, const VtFindingChange *change)
{
    if (change->commands->len == 0)
        return;
    open_lines(html, "command", _("Command"));
    for (guint i = 0; i < change->commands->len; i++) {
        g_autofree char *undo = vt_report_advice_words_undo(change, i);

        vt_html_verbatim(html, g_ptr_array_index(change->commands, i));
        vt_html_verbatim(html, "\n");
        if (!undo)
            continue;
        vt_html_open(html, "span", "class", "undo", NULL);
        vt_html_verbatim(html, undo);
        vt_html_close(html);
        vt_html_verbatim(html, "\n");
    }
    vt_html_close(html);
}

static void write_change(VtHtml *html, const VtReportContext *context, const VtDomain *domain,
                         const VtFinding *finding, const VtFindingChange *change)
{
    g_autofree char *text = vt_report_advice_words_change(change);
    g_autofree char *why_not = vt_report_advice_words_error(change);

    open_field(html, vt_report_advice_words_target(change->target));
    vt_html_element(html, "p", text, NULL);
    for (guint i = 0; i < change->needs->len; i++) {
        g_autofree char *need = vt_report_advice_words_need(g_ptr_array_index(change->needs, i));

        if (need)
            vt_html_element(html, "p", need, "class", "warn", NULL);
    }
    if (why_not)
        vt_html_element(html, "p", why_not, "class", "warn", NULL);
    if (change->diff && *change->diff) {
        vt_report_html_finding_diff(html, _("Change of the definition"), change->diff);
        write_how(html, context, domain, finding);
    }
    write_commands(html, change);
    vt_html_close(html);
}

static void write_fields(VtHtml *html, const VtReportContext *context, const VtDomain *domain,
                         const VtFinding *finding)
{
    g_autoptr(GPtrArray) changes = vt_report_advice_words_changes(finding);

    if (finding->has_gain)
        write_gain(html, finding);
    if (finding->device)
        write_device(html, finding);
    if (finding->now) {
        open_field(html, _("Now"));
        vt_html_element(html, "code", finding->now, NULL);
        vt_html_close(html);
    }
    write_evidence(html, finding);
    if (finding->why)
        write_why(html, finding);
    if (finding->risk)
        write_field(html, _("Risk"), finding->risk);
    if (finding->guest_driver_unknown)
        write_field(html, _("Check"), vt_report_advice_words_driver());
    for (guint i = 0; i < changes->len; i++)
        write_change(html, context, domain, finding, g_ptr_array_index(changes, i));
}

void vt_report_html_finding_write(VtHtml *html, const VtReportContext *context,
                                  const VtDomain *domain, const VtFinding *finding, guint number,
                                  const char *id)
{
    g_autofree char *class = g_strdup_printf("finding is-%s", vt_severity_name(finding->severity));

    vt_html_open(html, "article", "class", class, "aria-labelledby", id, NULL);
    write_heading(html, finding, number, id);
    vt_html_open(html, "dl", "class", "fields", NULL);
    write_fields(html, context, domain, finding);
    vt_html_close(html);
    vt_html_close(html);
}
