/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report that people read: a domain at a time, what to do first, then what was not advised and
 * why. */
#include "config.h"

#include "report/report.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/metric.h"
#include "report/report-advice-words.h"
#include "report/report-advice.h"
#include "report/report-fleet.h"
#include "report/report-page.h"
#include "report/report-section.h"
#include "report/report-words.h"

/* Metrics named in the line of the most frequent ones. */
#define FREQUENT_MAX 4

typedef struct {
    VtReportContext context;
    VtReportPage page;
    VtReportFleet *fleet;
} State;

static void print_host_notes(State *state, const VtHost *host, guint indent)
{
    if (!host)
        vt_report_page_paragraph(&state->page, indent, 2, VT_STYLE_DIM, vt_report_words_no_host());
    for (guint i = 0; host && i < host->notes->len; i++)
        vt_report_page_paragraph(&state->page, indent, 2, VT_STYLE_DIM,
                                 g_ptr_array_index(host->notes, i));
}

/* Of the one host, before its domains. */
static void print_host(State *state)
{
    const VtHost *host = state->context.host;

    if (state->context.several_hosts || (host && host->notes->len == 0))
        return;
    print_host_notes(state, host, 0);
    vt_report_page_blank(&state->page);
}

static void print_own_host(State *state, const VtReportContext *own)
{
    g_autofree char *words = vt_report_words_host(own);

    if (words)
        vt_report_page_paragraph(&state->page, 2, 2, VT_STYLE_NONE, words);
    print_host_notes(state, own->host, 2);
}

static gpointer begin(const VtReportContext *context)
{
    State *state = g_new0(State, 1);

    state->context = *context;
    state->fleet = vt_report_fleet_new();
    vt_report_page_init(&state->page, context->term, vt_report_advice_labels);
    print_host(state);
    return state;
}

static void print_heading(State *state, const VtReportDomain *domain)
{
    g_autofree char *what = vt_report_words_state(domain->domain);
    g_autofree char *sample = vt_report_words_sample(domain);
    g_autofree char *other = vt_report_words_pending_other(domain->domain);
    g_autofree char *text =
        g_strdup_printf(_("%1$s (%2$s): %3$s"), domain->domain->name, what, sample);

    vt_report_page_paragraph(&state->page, 0, 2, VT_STYLE_BOLD, text);
    if (domain->pending > 0) {
        g_autofree char *pending = vt_report_words_pending(domain->pending);

        vt_report_page_paragraph(&state->page, 2, 0, VT_STYLE_YELLOW, pending);
    }
    if (other)
        vt_report_page_paragraph(&state->page, 2, 0, VT_STYLE_YELLOW, other);
}

static int compare_rates(gconstpointer a, gconstpointer b)
{
    const VtMetric *x = *(const VtMetric *const *)a, *y = *(const VtMetric *const *)b;

    if (x->rate != y->rate)
        return x->rate < y->rate ? 1 : -1;
    return strcmp(x->name, y->name);
}

/* Either exit families or what names a cause. HLT and interrupts of the host are neither. */
static gboolean is_frequent(const VtMetric *metric, gboolean specific)
{
    VtMetricKind kind = vt_metric_kind(metric->name);

    if (metric->rate < 1 || vt_metric_is_idle(metric->name) || kind == VT_METRIC_IRQ)
        return FALSE;
    return specific ? vt_metric_is_specific(kind) : kind == VT_METRIC_EXIT;
}

static void print_frequent(State *state, const VtProfile *profile, gboolean specific)
{
    g_autoptr(GPtrArray) metrics = g_ptr_array_new();
    g_autoptr(GString) text = g_string_new(NULL);
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, profile->metrics);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        if (is_frequent(value, specific))
            g_ptr_array_add(metrics, value);
    g_ptr_array_sort(metrics, compare_rates);

    for (guint i = 0; i < MIN(metrics->len, FREQUENT_MAX); i++) {
        const VtMetric *metric = g_ptr_array_index(metrics, i);
        g_autofree char *words = vt_report_words_metric(profile, metric->name);
        g_autofree char *rate = vt_text_format_count(metric->rate);

        g_string_append_printf(text, "%s%s %s", i ? "; " : "", metric->name, rate);
        if (words)
            g_string_append_printf(text, " (%s)", words);
    }
    if (metrics->len > 0) {
        const double rest = specific ? 0 : vt_report_unnamed_rate(profile);
        g_autofree char *unnamed = vt_text_format_count(rest);
        g_autofree char *line =
            specific   ? g_strdup_printf(_("Most frequent causes: %s."), text->str)
            : rest > 0 ? g_strdup_printf(_("Most frequent exits: %1$s; of %2$s more the reason was "
                                           "not measured."),
                                         text->str, unnamed)
                       : g_strdup_printf(_("Most frequent exits: %s."), text->str);

        vt_report_page_paragraph(&state->page, 2, 2, VT_STYLE_NONE, line);
    }
}

static void print_profile(State *state, const VtProfile *profile)
{
    g_autofree char *rates = vt_report_words_rates(profile), *time = vt_report_words_time(profile);
    g_autofree char *lost = vt_report_words_lost(profile);

    vt_report_page_paragraph(&state->page, 2, 0, VT_STYLE_NONE, rates);
    if (time)
        vt_report_page_paragraph(&state->page, 2, 0, VT_STYLE_NONE, time);
    print_frequent(state, profile, FALSE);
    print_frequent(state, profile, TRUE);
    for (guint i = 0; i < profile->notes->len; i++)
        vt_report_page_paragraph(&state->page, 2, 2, VT_STYLE_DIM,
                                 g_ptr_array_index(profile->notes, i));
    if (lost)
        vt_report_page_paragraph(&state->page, 2, 2, VT_STYLE_YELLOW, lost);
}

static void print_together(State *state, const VtReportContext *own, const VtReportDomain *domain)
{
    g_autofree char *command =
        vt_report_advice_words_together(own, domain->domain, domain->findings);

    if (!command)
        return;
    vt_report_page_blank(&state->page);
    vt_report_page_paragraph(&state->page, 2, 2, VT_STYLE_NONE,
                             _("What the changes of the domain come to together, with each rule "
                               "asked again after each change, shows:"));
    vt_report_page_verbatim(&state->page, 4, VT_STYLE_BOLD, command);
}

static void print_advice(State *state, const VtReportContext *own, const VtReportDomain *domain)
{
    guint number = 0;

    for (guint i = 0; i < domain->findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(domain->findings, i);

        if (!vt_report_advice_words_is(finding))
            continue;
        vt_report_page_blank(&state->page);
        vt_report_advice_print(&state->page, own, domain->domain, finding, ++number);
    }
    print_together(state, own, domain);
    if (number == 0)
        vt_report_page_paragraph(&state->page, 2, 2, VT_STYLE_GREEN,
                                 vt_report_words_no_advice(domain));
}

static void print_section(State *state, const VtReportSection *section)
{
    vt_report_page_blank(&state->page);
    vt_report_page_paragraph(&state->page, 2, 2, VT_STYLE_BOLD, section->heading);
    for (guint i = 0; i < section->lines->len; i++)
        vt_report_page_paragraph(&state->page, 4, 2, VT_STYLE_NONE,
                                 g_ptr_array_index(section->lines, i));
}

static void print_domain(gpointer data, const VtReportDomain *domain)
{
    g_autoptr(GPtrArray) sections = NULL;
    g_autoptr(VtReportSection) waived = NULL;
    State *state = data;
    const VtReportContext own = vt_report_context_of(&state->context, domain);

    if (vt_report_fleet_count(state->fleet) > 0)
        vt_report_page_blank(&state->page);
    print_heading(state, domain);
    if (own.several_hosts)
        print_own_host(state, &own);
    if (domain->profile)
        print_profile(state, domain->profile);
    print_advice(state, &own, domain);
    sections = vt_report_section_list(domain->findings, state->context.verbose);
    for (guint i = 0; i < sections->len; i++)
        print_section(state, g_ptr_array_index(sections, i));
    waived = vt_report_section_waived(domain->findings, state->context.show_waived);
    if (waived)
        print_section(state, waived);
    vt_report_fleet_add(state->fleet, domain);
}

static void print_fleet(State *state)
{
    g_autofree char *sentence = vt_report_fleet_sentence(state->fleet);
    g_autofree char *table = vt_report_fleet_table(state->fleet, state->page.width);

    if (vt_report_fleet_count(state->fleet) > 0)
        vt_report_page_blank(&state->page);
    vt_report_page_paragraph(&state->page, 0, 0, VT_STYLE_BOLD, sentence);
    if (!table)
        return;
    vt_report_page_blank(&state->page);
    fputs(table, state->page.out);
}

static gboolean end(gpointer data, GError **error)
{
    State *state = data;

    if (vt_report_fleet_count(state->fleet) != 1)
        print_fleet(state);
    vt_report_fleet_free(state->fleet);
    g_free(state);
    return TRUE;
}

const VtReportFormat vt_report_text = {
    .name = "text",
    .summary = N_("for people: advice first, then what was not advised and why"),
    .begin = begin,
    .domain = print_domain,
    .end = end,
};
