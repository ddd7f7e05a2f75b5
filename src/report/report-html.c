/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report as one page that needs nothing else: no script, no font, no network. Sections of
 * domains wait in a temporary file until the order of the fleet is known. */
#include "config.h"

#include "report/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "report/html-page.h"
#include "report/html.h"
#include "report/report-chart.h"
#include "report/report-fleet.h"
#include "report/report-html-domain.h"
#include "report/report-html-finding.h"
#include "report/report-rank.h"
#include "report/report-words.h"

/* Sections of a page: more than a browser likes to show, the worst. Each is some 25 KiB. */
#define SECTIONS_MAX 500

/* From here on the browser lays sections out when they are scrolled to. */
#define LAZY_FROM 50

/* A section in the temporary file. */
typedef struct {
    VtReportRank *rank;
    guint serial; /* of its id */
    goffset start, end;
} Section;

typedef struct {
    VtReportContext context;
    VtReportFleet *fleet;
    FILE *sections_file;
    VtHtml *sections_html;
    GPtrArray *sections; /* Section */
    int failure;         /* errno */
} State;

static void section_free(gpointer data)
{
    Section *section = data;

    vt_report_rank_free(section->rank);
    g_free(section);
}

static char *id_of(guint serial)
{
    return g_strdup_printf("domain-%u", serial);
}

static gpointer begin(const VtReportContext *context)
{
    State *state = g_new0(State, 1);

    state->context = *context;
    state->fleet = vt_report_fleet_new();
    state->sections = g_ptr_array_new_with_free_func(section_free);
    state->sections_file = tmpfile();
    if (state->sections_file)
        state->sections_html = vt_html_new(state->sections_file);
    else
        state->failure = errno;
    return state;
}

static void add_domain(gpointer data, const VtReportDomain *domain)
{
    State *state = data;
    Section *section;
    g_autofree char *id = NULL;

    vt_report_fleet_add(state->fleet, domain);
    if (state->failure != 0)
        return;
    section = g_new0(Section, 1);
    section->rank = vt_report_rank_new(domain);
    section->serial = state->sections->len + 1;
    section->start = ftello(state->sections_file);
    id = id_of(section->serial);
    vt_report_html_domain_write(state->sections_html, &state->context, domain, id);
    g_ptr_array_add(state->sections, section);
    errno = 0;
    if (!vt_html_flush(state->sections_html))
        state->failure = errno ? errno : EIO;
    section->end = ftello(state->sections_file);
}

static int compare_sections(gconstpointer a, gconstpointer b)
{
    const Section *x = *(const Section *const *)a, *y = *(const Section *const *)b;
    int order = vt_report_rank_compare(&x->rank, &y->rank);

    return order ? order : (x->serial > y->serial) - (x->serial < y->serial);
}

static void write_header(VtHtml *html, const State *state)
{
    const VtHost *host = state->context.host;
    g_autofree char *sentence = vt_report_fleet_sentence(state->fleet);

    vt_html_page_header(html, _("Why guests leave guest mode, and what to do"));
    if (state->context.uri)
        vt_html_element(html, "p", state->context.uri, "class", "muted", NULL);
    if (state->sections->len != 1)
        vt_html_element(html, "p", sentence, NULL);
    if (!host && !state->context.several_hosts)
        vt_html_element(html, "p", vt_report_words_no_host(), "class", "muted", NULL);
    for (guint i = 0; host && i < host->notes->len; i++)
        vt_html_element(html, "p", g_ptr_array_index(host->notes, i), "class", "muted", NULL);
    vt_html_close(html);
}

/* The column says that it is a severity. */
static void write_severity(VtHtml *html, VtSeverity severity)
{
    static const char *const words[] = {
        [VT_SEVERITY_INFO] = N_("info"),
        [VT_SEVERITY_LOW] = N_("low"),
        [VT_SEVERITY_MEDIUM] = N_("medium"),
        [VT_SEVERITY_HIGH] = N_("high"),
    };
    g_autofree char *class = g_strdup_printf("badge %s", vt_severity_name(severity));

    vt_html_element(html, "span", _(words[severity]), "class", class, NULL);
}

static void write_fleet_row(VtHtml *html, const Section *section, gboolean has_section)
{
    const VtReportRank *rank = section->rank;
    g_autofree char *id = id_of(section->serial), *link = g_strconcat("#", id, NULL);
    g_autofree char *advice = g_strdup_printf("%u", rank->advice);
    g_autofree char *gain = g_strdup_printf("%.1f %%", rank->gain_pct);
    g_autofree char *rate = vt_report_rank_rate(rank, "≥ ", "–");

    vt_html_open(html, "tr", NULL);
    vt_html_open(html, "th", "scope", "row", NULL);
    if (has_section)
        vt_html_element(html, "a", rank->name, "href", link, NULL);
    else
        vt_html_text(html, rank->name);
    vt_html_close(html);
    vt_html_open(html, "td", NULL);
    if (rank->advice > 0)
        write_severity(html, rank->severity);
    else if (rank->measured)
        vt_html_element(html, "span", _("none"), "class", "badge none", NULL);
    else
        vt_html_element(html, "span", _("not measured"), "class", "badge info", NULL);
    vt_html_close(html);
    vt_html_open(html, "td", "class", "gain", NULL);
    if (rank->has_gain) {
        vt_html_text(html, gain);
        vt_report_chart_meter(html, rank->gain_pct / 100, rank->gain_pct / 100);
    }
    vt_html_close(html);
    vt_html_element(html, "td", advice, "class", "number rest", NULL);
    vt_html_element(html, "td", rate, "class", "number rest", NULL);
    vt_html_open(html, "td", "class", "rest", NULL);
    vt_html_element(html, "code", rank->first ? rank->first : "", NULL);
    vt_html_close(html);
    vt_html_close(html);
}

static void write_fleet(VtHtml *html, const State *state)
{
    static const struct {
        const char *heading, *class;
    } columns[] = {
        {N_("Domain"), NULL},
        {N_("Severity"), "severity"},
        {N_("Gain, of a vCPU"), "gain"},
        {N_("Changes"), "number rest"},
        {N_("Exits a second and vCPU"), "number rest"},
        {N_("First"), "rest"},
    };

    vt_html_open(html, "nav", "class", "fleet", "aria-labelledby", "fleet", NULL);
    vt_html_element(html, "h2", _("Domains, worst first"), "id", "fleet", NULL);
    if (state->sections->len > SECTIONS_MAX) {
        g_autofree char *cut = g_strdup_printf(
            _("The first %d of them have a section below; a report on the others shows theirs."),
            SECTIONS_MAX);

        vt_html_element(html, "p", cut, "class", "muted", NULL);
    }
    vt_html_open(html, "table", NULL);
    vt_html_open(html, "thead", NULL);
    vt_html_open(html, "tr", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(columns); i++)
        vt_html_element(html, "th", _(columns[i].heading), "scope", "col", "class",
                        columns[i].class, NULL);
    vt_html_close(html);
    vt_html_close(html);
    vt_html_open(html, "tbody", NULL);
    for (guint i = 0; i < state->sections->len; i++)
        write_fleet_row(html, g_ptr_array_index(state->sections, i), i < SECTIONS_MAX);
    vt_html_close(html);
    vt_html_close(html);
    vt_html_close(html);
}

/* Copies a section from the temporary file. */
static void write_section(VtHtml *html, State *state, const Section *section)
{
    goffset left = section->end - section->start;
    char buffer[16 * 1024];

    if (fseeko(state->sections_file, section->start, SEEK_SET) != 0)
        state->failure = errno;
    while (left > 0 && state->failure == 0) {
        size_t n =
            fread(buffer, 1, (size_t)MIN(left, (goffset)sizeof(buffer)), state->sections_file);

        if (n == 0)
            state->failure = ferror(state->sections_file) && errno ? errno : EIO;
        vt_html_raw(html, buffer, n);
        left -= (goffset)n;
    }
}

static void write_page(VtHtml *html, State *state)
{
    const Section *only = state->sections->len == 1 ? g_ptr_array_index(state->sections, 0) : NULL;

    vt_html_page_open(html, only ? only->rank->name : NULL,
                      only                               ? "only"
                      : state->sections->len > LAZY_FROM ? "many"
                                                         : NULL);
    write_header(html, state);
    vt_html_open(html, "main", "id", "main", NULL);
    if (!only && state->sections->len > 0)
        write_fleet(html, state);
    for (guint i = 0; i < MIN(state->sections->len, SECTIONS_MAX) && state->failure == 0; i++)
        write_section(html, state, g_ptr_array_index(state->sections, i));
    vt_html_close(html);
    vt_html_page_close(html, _("Written by virt-tune; making this report changed nothing."));
}

static gboolean end(gpointer data, GError **error)
{
    State *state = data;
    gboolean ok;

    if (state->sections_html && !vt_html_free(state->sections_html) && state->failure == 0)
        state->failure = EIO;
    if (state->failure == 0) {
        VtHtml *html = vt_html_new(vt_term_out(state->context.term));

        g_ptr_array_sort(state->sections, compare_sections);
        write_page(html, state);
        /* The caller sees what goes wrong with its own file. */
        vt_html_free(html);
    }
    ok = state->failure == 0;
    if (!ok)
        g_set_error(error, VT_ERROR, VT_ERROR_IO,
                    _("the report cannot be put together in a temporary file: %s"),
                    g_strerror(state->failure));
    if (state->sections_file)
        fclose(state->sections_file);
    g_ptr_array_unref(state->sections);
    vt_report_fleet_free(state->fleet);
    g_free(state);
    return ok;
}

const VtReportFormat vt_report_html = {
    .name = "html",
    .summary = N_("for people: one page with charts that needs no network and no script"),
    .begin = begin,
    .domain = add_domain,
    .end = end,
};
