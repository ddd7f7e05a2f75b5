/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain: what it is, the figures that matter, what was measured, what to do, and what else is to
 * say. */
#include "config.h"

#include "report/report-html-domain.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "report/report-advice-words.h"
#include "report/report-chart.h"
#include "report/report-html-finding.h"
#include "report/report-html-sample.h"
#include "report/report-rank.h"
#include "report/report-section.h"
#include "report/report-words.h"

static void write_heading(VtHtml *html, const VtReportDomain *domain, const VtReportRank *rank,
                          const char *id)
{
    g_autofree char *what = vt_report_words_state(domain->domain);
    g_autofree char *sample = vt_report_words_sample(domain);
    g_autofree char *about = g_strdup_printf("%s · %s", what, sample);
    g_autofree char *other = vt_report_words_pending_other(domain->domain);

    vt_html_open(html, "div", "class", "top", NULL);
    vt_html_element(html, "h2", domain->domain->name, "id", id, NULL);
    if (rank->advice > 0)
        vt_report_html_finding_badge(html, rank->severity);
    else if (domain->profile)
        vt_html_element(html, "span", _("no advice"), "class", "badge none", NULL);
    else
        vt_html_element(html, "span", _("not measured"), "class", "badge info", NULL);
    vt_html_close(html);
    vt_html_element(html, "p", about, "class", "about", NULL);
    if (domain->pending > 0) {
        g_autofree char *pending = vt_report_words_pending(domain->pending);

        vt_html_element(html, "p", pending, "class", "warn", NULL);
    }
    if (other)
        vt_html_element(html, "p", other, "class", "warn", NULL);
}

/* @value NULL: it was not measured. */
static void open_tile(VtHtml *html, const char *label, const char *value, const char *unit)
{
    vt_html_open(html, "div", "class", "tile", NULL);
    vt_html_element(html, "dt", label, NULL);
    vt_html_open(html, "dd", NULL);
    vt_html_text(html, value ? value : "–");
    vt_html_text(html, " ");
    vt_html_element(html, "span", value ? unit : _("not measured"), "class", "unit", NULL);
}

static void close_tile(VtHtml *html)
{
    vt_html_close(html);
    vt_html_close(html);
}

static void write_tile(VtHtml *html, const char *label, const char *value, const char *unit)
{
    open_tile(html, label, value, unit);
    close_tile(html);
}

static void write_rate_tiles(VtHtml *html, const VtProfile *profile)
{
    const VtMetric *exits = profile ? vt_profile_get(profile, "exits") : NULL;
    const VtMetric *hlt = profile ? vt_profile_get(profile, "exit.hlt") : NULL;
    g_autofree char *count = NULL, *text = NULL,
                    *idle = hlt ? vt_text_format_count(hlt->rate) : NULL;
    double busy;
    gboolean known = profile && vt_profile_busy_rate(profile, &busy);

    if (known || exits) {
        count = vt_text_format_count(known ? busy : exits->rate);
        text = g_strdup_printf("%s%s", profile->exits_low ? "≥ " : "", count);
    }
    write_tile(html, known || !exits ? _("Exits but HLT") : _("Exits, HLT among them"), text,
               _("per second and vCPU"));
    write_tile(html, _("HLT: idle, no cost"), idle, _("per second and vCPU"));
}

static void write_time_tile(VtHtml *html, const VtProfile *profile)
{
    double pct;

    if (profile && vt_report_exit_time(profile, &pct)) {
        g_autofree char *text = g_strdup_printf("%.1f %%", pct);

        open_tile(html, _("Time in exits but HLT"), text, _("of the vCPUs' time"));
        vt_report_chart_meter(html, pct / 100, pct / 100);
        close_tile(html);
    } else {
        write_tile(html, _("Time in exits but HLT"), NULL, NULL);
    }
}

static void write_gain_tile(VtHtml *html, const VtReportRank *rank)
{
    g_autofree char *text = NULL, *count = g_strdup_printf("%u", rank->advice);

    if (!rank->has_gain || rank->gain_pct <= 0) {
        write_tile(html, _("Changes advised"), count, "");
        return;
    }
    text = rank->gain_pct < 0.1 ? g_strdup("< 0.1 %") : g_strdup_printf("%.1f %%", rank->gain_pct);
    open_tile(html, _("The most that one change gains"), text, _("of a vCPU, at most"));
    vt_report_chart_meter(html, rank->gain_pct / 100, rank->gain_pct / 100);
    close_tile(html);
}

static void write_tiles(VtHtml *html, const VtProfile *profile, const VtReportRank *rank)
{
    vt_html_open(html, "dl", "class", "tiles", NULL);
    write_rate_tiles(html, profile);
    write_time_tile(html, profile);
    write_gain_tile(html, rank);
    vt_html_close(html);
}

/* What there is to do, in short. */
static void write_brief(VtHtml *html, const GPtrArray *findings, const char *id)
{
    guint number = 0;

    vt_html_open(html, "ol", "class", "brief", NULL);
    for (guint i = 0; i < findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(findings, i);
        g_autofree char *link = NULL;

        if (!vt_report_advice_words_is(finding))
            continue;
        link = g_strdup_printf("#%s-%u", id, ++number);
        vt_html_open(html, "li", NULL);
        vt_html_element(html, "a", finding->title ? finding->title : finding->rule, "href", link,
                        NULL);
        if (finding->device) {
            vt_html_text(html, " ");
            vt_html_element(html, "span", finding->device, "class", "muted", NULL);
        }
        if (finding->has_gain && finding->gain.high_pct >= 0.1) {
            g_autofree char *gain = g_strdup_printf("%.1f %%", finding->gain.high_pct);
            g_autofree char *most = g_strdup_printf(_("up to %s of a vCPU"), gain);

            vt_html_text(html, " ");
            vt_html_element(html, "span", most, "class", "most", NULL);
        }
        vt_html_close(html);
    }
    vt_html_close(html);
}

/* The tiles have the figures; what is special about them needs a sentence. */
static gboolean is_plain(const VtProfile *profile)
{
    double busy;

    return !profile->exits_low && vt_profile_get(profile, "exit.hlt") &&
           vt_profile_busy_rate(profile, &busy);
}

static void write_profile(VtHtml *html, const VtProfile *profile)
{
    g_autofree char *rates = vt_report_words_rates(profile);
    g_autofree char *lost = vt_report_words_lost(profile);

    vt_html_element(html, "h3", _("What was measured"), NULL);
    if (!is_plain(profile))
        vt_html_element(html, "p", rates, NULL);
    for (guint i = 0; i < profile->notes->len; i++)
        vt_html_element(html, "p", g_ptr_array_index(profile->notes, i), "class", "muted", NULL);
    if (lost)
        vt_html_element(html, "p", lost, "class", "warn", NULL);
    vt_report_html_sample_write(html, profile);
}

static void write_advice(VtHtml *html, const VtReportContext *context, const VtReportDomain *domain,
                         const char *id)
{
    guint number = 0;

    vt_html_element(html, "h3", _("Advice"), NULL);
    for (guint i = 0; i < domain->findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(domain->findings, i);
        g_autofree char *own = NULL;

        if (!vt_report_advice_words_is(finding))
            continue;
        number++;
        own = g_strdup_printf("%s-%u", id, number);
        vt_report_html_finding_write(html, context, domain->domain, finding, number, own);
    }
    if (number == 0)
        vt_html_element(html, "p", vt_report_words_no_advice(domain), "class",
                        domain->profile ? "good" : "muted", NULL);
}

static void write_section(VtHtml *html, const VtReportSection *section)
{
    g_autofree char *heading = g_strdup(section->heading);

    /* On the screen a heading is told by its looks. */
    if (g_str_has_suffix(heading, ":"))
        heading[strlen(heading) - 1] = '\0';
    else if (g_str_has_suffix(heading, "："))
        heading[strlen(heading) - strlen("：")] = '\0';
    vt_html_element(html, "h3", heading, NULL);
    vt_html_open(html, "ul", NULL);
    for (guint i = 0; i < section->lines->len; i++)
        vt_html_element(html, "li", g_ptr_array_index(section->lines, i), NULL);
    vt_html_close(html);
}

/* Of one of several. */
static void write_host(VtHtml *html, const VtReportContext *own)
{
    g_autofree char *words = vt_report_words_host(own);

    if (words)
        vt_html_element(html, "p", words, NULL);
    if (!own->host)
        vt_html_element(html, "p", vt_report_words_no_host(), "class", "muted", NULL);
    for (guint i = 0; own->host && i < own->host->notes->len; i++)
        vt_html_element(html, "p", g_ptr_array_index(own->host->notes, i), "class", "muted", NULL);
}

void vt_report_html_domain_write(VtHtml *html, const VtReportContext *context,
                                 const VtReportDomain *domain, const char *id)
{
    const VtReportContext own = vt_report_context_of(context, domain);
    g_autoptr(GPtrArray) sections = vt_report_section_list(domain->findings, context->verbose);
    g_autoptr(VtReportSection) waived =
        vt_report_section_waived(domain->findings, context->show_waived);
    VtReportRank *rank = vt_report_rank_new(domain);
    g_autofree char *heading = g_strdup_printf("%s-name", id);

    vt_html_open(html, "section", "class", "domain", "id", id, "aria-labelledby", heading, NULL);
    write_heading(html, domain, rank, heading);
    if (own.several_hosts)
        write_host(html, &own);
    write_tiles(html, domain->profile, rank);
    if (rank->advice > 0)
        write_brief(html, domain->findings, id);
    if (domain->profile)
        write_profile(html, domain->profile);
    write_advice(html, &own, domain, id);
    for (guint i = 0; i < sections->len; i++)
        write_section(html, g_ptr_array_index(sections, i));
    if (waived)
        write_section(html, waived);
    /* Hidden on a page of this domain alone. */
    vt_html_open(html, "p", "class", "back", NULL);
    vt_html_element(html, "a", _("All domains"), "href", "#top", NULL);
    vt_html_close(html);
    vt_html_close(html);
    vt_report_rank_free(rank);
}
