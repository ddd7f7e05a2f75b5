/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report that people read: a domain at a time, what to do first, then what was not advised and
 * why. */
#include "config.h"

#include "report/report.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/xml.h"
#include "model/exit-reason.h"
#include "model/metric.h"
#include "report/report-advice.h"
#include "report/report-fleet.h"
#include "report/report-page.h"

/* Metrics named in the line of the most frequent ones. */
#define FREQUENT_MAX 4

typedef struct {
    VtReportContext context;
    VtReportPage page;
    VtReportFleet *fleet;
} State;

static void print_host_notes(State *state)
{
    const VtHost *host = state->context.host;

    if (!host)
        vt_report_page_paragraph(
            &state->page, 0, 2, VT_STYLE_DIM,
            _("Nothing is known of the host; rules that ask for it cannot be decided."));
    for (guint i = 0; host && i < host->notes->len; i++)
        vt_report_page_paragraph(&state->page, 0, 2, VT_STYLE_DIM,
                                 g_ptr_array_index(host->notes, i));
    if (!host || host->notes->len > 0)
        vt_report_page_blank(&state->page);
}

static gpointer begin(const VtReportContext *context)
{
    State *state = g_new0(State, 1);

    state->context = *context;
    state->fleet = vt_report_fleet_new();
    vt_report_page_init(&state->page, context->term, vt_report_advice_labels);
    print_host_notes(state);
    return state;
}

static char *join_sources(const VtProfile *profile)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < profile->sources->len; i++)
        g_string_append_printf(text, "%s%s", i ? ", " : "",
                               (const char *)g_ptr_array_index(profile->sources, i));
    return g_strdup(text->str);
}

/* "running, 2 vCPUs"; the state where it is known. */
static char *describe_state(const VtDomain *domain)
{
    g_autofree char *vcpus =
        g_strdup_printf(ngettext("%u vCPU", "%u vCPUs", domain->vcpus), domain->vcpus);

    return domain->state ? g_strdup_printf("%s, %s", domain->state, vcpus)
                         : g_steal_pointer(&vcpus);
}

static char *describe_sample(const VtReportDomain *domain)
{
    const VtProfile *profile = domain->profile;
    g_autofree char *duration = NULL, *sources = NULL;

    if (!profile)
        return domain->note ? g_strdup_printf(_("not measured: %s"), domain->note)
                            : g_strdup(_("not measured"));
    duration = vt_text_format_duration(profile->duration_ns);
    sources = join_sources(profile);
    return g_strdup_printf(ngettext("measured for %1$s in %2$u window by %3$s",
                                    "measured for %1$s in %2$u windows by %3$s",
                                    profile->windows->len),
                           duration, profile->windows->len, sources);
}

static void print_heading(State *state, const VtReportDomain *domain)
{
    g_autofree char *what = describe_state(domain->domain), *sample = describe_sample(domain);
    g_autofree char *text =
        g_strdup_printf(_("%1$s (%2$s): %3$s"), domain->domain->name, what, sample);

    vt_report_page_paragraph(&state->page, 0, 2, VT_STYLE_BOLD, text);
    if (domain->pending > 0) {
        g_autofree char *pending = g_strdup_printf(
            _("Change %" PRIu64 " of its definition takes effect after the domain is "
              "fully powered off and started again; `virt-tune history` shows it."),
            domain->pending);

        vt_report_page_paragraph(&state->page, 2, 0, VT_STYLE_YELLOW, pending);
    }
}

/* The number that vt_text_format_count() shows, as ngettext() wants it. */
static gulong plural_of(double rate)
{
    return rate < 1000000 ? (gulong)(rate + 0.5) : 1000000;
}

static void print_rates(State *state, const VtProfile *profile)
{
    const VtMetric *exits = vt_profile_get(profile, "exits"),
                   *hlt = vt_profile_get(profile, "exit.hlt");
    g_autofree char *sentence = NULL, *all = NULL, *idle = NULL;
    double busy, pct;

    if (vt_profile_busy_rate(profile, &busy) && hlt) {
        all = vt_text_format_count(busy);
        idle = vt_text_format_count(hlt->rate);
        sentence = g_strdup_printf(
            profile->exits_low
                ? _("At least %1$s exits per second and vCPU, for not all are counted, and %2$s "
                    "more by HLT (idle time, not cost).")
                : ngettext("%1$s exit per second and vCPU, and %2$s more by HLT (idle time, not "
                           "cost).",
                           "%1$s exits per second and vCPU, and %2$s more by HLT (idle time, not "
                           "cost).",
                           plural_of(busy)),
            all, idle);
    } else if (exits) {
        all = vt_text_format_count(exits->rate);
        sentence = g_strdup_printf(
            profile->exits_low
                ? _("At least %s exits per second and vCPU, for not all are counted; which of them "
                    "are HLT, idle time and no cost, was not measured.")
                : ngettext("%s exit per second and vCPU; which of them are HLT, idle time and no "
                           "cost, was not measured.",
                           "%s exits per second and vCPU; which of them are HLT, idle time and no "
                           "cost, was not measured.",
                           plural_of(exits->rate)),
            all);
    } else {
        sentence = g_strdup(_("The total number of exits was not measured."));
    }
    vt_report_page_paragraph(&state->page, 2, 0, VT_STYLE_NONE, sentence);
    if (vt_report_exit_time(profile, &pct)) {
        g_autofree char *time = g_strdup_printf(
            _("%.1f %% of the vCPUs' time went to exits other than HLT (measured)."), pct);

        vt_report_page_paragraph(&state->page, 2, 0, VT_STYLE_NONE, time);
    }
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

    if (metric->rate < 1 || g_str_equal(metric->name, "exit.hlt") || kind == VT_METRIC_IRQ)
        return FALSE;
    return specific ? vt_metric_is_specific(kind) : kind == VT_METRIC_EXIT;
}

/* The exits but HLT for which no family was measured, where they are many; else 0. */
static double unnamed_rate(const VtProfile *profile, const GPtrArray *named)
{
    double busy, rest;

    if (profile->exits_low || !vt_profile_busy_rate(profile, &busy))
        return 0;
    rest = busy;
    for (guint i = 0; i < named->len; i++)
        rest -= ((const VtMetric *)g_ptr_array_index(named, i))->rate;
    return rest > busy / 10 ? rest : 0;
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
        const char *words =
            specific ? vt_metric_label(metric->name) : vt_exit_reason_describe(metric->name);
        g_autofree char *rate = vt_text_format_count(metric->rate);

        g_string_append_printf(text, "%s%s %s", i ? "; " : "", metric->name, rate);
        if (words)
            g_string_append_printf(text, " (%s)", _(words));
    }
    if (metrics->len > 0) {
        const double rest = specific ? 0 : unnamed_rate(profile, metrics);
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
    print_rates(state, profile);
    print_frequent(state, profile, FALSE);
    print_frequent(state, profile, TRUE);
    for (guint i = 0; i < profile->notes->len; i++)
        vt_report_page_paragraph(&state->page, 2, 2, VT_STYLE_DIM,
                                 g_ptr_array_index(profile->notes, i));
    if (profile->lost > 0) {
        g_autofree char *lost = vt_text_format_count((double)profile->lost);
        g_autofree char *line = g_strdup_printf(
            _("The source lost %s updates, so all numbers are lower bounds."), lost);

        vt_report_page_paragraph(&state->page, 2, 2, VT_STYLE_YELLOW, line);
    }
}

static gboolean is_advice(const VtFinding *finding)
{
    return finding->verdict == VT_VERDICT_ADVISE && !finding->superseded_by;
}

static guint count_verdict(const GPtrArray *findings, VtVerdict verdict)
{
    guint n = 0;

    for (guint i = 0; i < findings->len; i++)
        n += ((const VtFinding *)g_ptr_array_index(findings, i))->verdict == verdict;
    return n;
}

/* TRUE also where the XML is not known. */
static gboolean uses_kvm(const VtDomain *domain)
{
    return !domain->live || vt_xml_has((xmlNode *)domain->live, "/domain[@type = 'kvm']");
}

static void print_no_advice(State *state, const VtReportDomain *domain)
{
    const char *sentence;

    if (!uses_kvm(domain->domain))
        sentence = _("The domain does not use KVM, so it makes no VM exits and the rules do not "
                     "apply to it.");
    else if (count_verdict(domain->findings, VT_VERDICT_UNKNOWN) == 0)
        sentence = _("No advice: no rule found anything that is worth a change.");
    else if (domain->profile)
        sentence =
            _("No advice from what was measured; some rules could not be decided, see below.");
    else
        sentence = _("No advice from the XML alone; rules that need a measurement could not be "
                     "decided, see below.");
    vt_report_page_paragraph(&state->page, 2, 2, VT_STYLE_GREEN, sentence);
}

static void print_advice(State *state, const VtReportDomain *domain)
{
    guint number = 0;

    for (guint i = 0; i < domain->findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(domain->findings, i);

        if (!is_advice(finding))
            continue;
        vt_report_page_blank(&state->page);
        vt_report_advice_print(&state->page, &state->context, domain->domain, finding, ++number);
    }
    if (number == 0)
        print_no_advice(state, domain);
}

static char *superseded_sentence(const VtFinding *finding)
{
    g_autofree char *name = vt_report_advice_name(finding);
    g_autofree char *sentence = g_strdup_printf(
        _("%1$s: only if %2$s is not enough or not possible."), name, finding->superseded_by);

    return finding->superseded_why ? g_strdup_printf("%s %s", sentence, finding->superseded_why)
                                   : g_steal_pointer(&sentence);
}

static char *reason_sentence(const VtFinding *finding)
{
    g_autofree char *name = vt_report_advice_name(finding);

    return g_strdup_printf("%s: %s", name,
                           finding->reason ? finding->reason : vt_verdict_name(finding->verdict));
}

static gboolean is_superseded(const VtFinding *finding)
{
    return finding->verdict == VT_VERDICT_ADVISE && finding->superseded_by;
}

static gboolean is_note(const VtFinding *finding)
{
    return finding->verdict == VT_VERDICT_NOTE;
}

static gboolean is_pending(const VtFinding *finding)
{
    return finding->verdict == VT_VERDICT_SATISFIED && finding->pending;
}

static gboolean is_blocked(const VtFinding *finding)
{
    return finding->verdict == VT_VERDICT_BLOCKED && !finding->no_symptom;
}

static gboolean is_satisfied(const VtFinding *finding)
{
    return finding->verdict == VT_VERDICT_SATISFIED && !finding->pending;
}

static gboolean is_quiet(const VtFinding *finding)
{
    return finding->verdict == VT_VERDICT_QUIET ||
           (finding->verdict == VT_VERDICT_BLOCKED && finding->no_symptom);
}

static gboolean is_not_applicable(const VtFinding *finding)
{
    return finding->verdict == VT_VERDICT_NOT_APPLICABLE;
}

static void start_section(State *state, const char *heading)
{
    vt_report_page_blank(&state->page);
    vt_report_page_paragraph(&state->page, 2, 2, VT_STYLE_BOLD, heading);
}

static char *note_sentence(const VtFinding *finding)
{
    g_autofree char *name = vt_report_advice_name(finding);

    return g_strdup_printf(_("%1$s: %2$s. %3$s"), name, finding->title ? finding->title : "",
                           finding->reason ? finding->reason : "");
}

/* The findings of one kind, a paragraph each, below a heading. */
static void print_section(State *state, const GPtrArray *findings, const char *heading,
                          gboolean (*wanted)(const VtFinding *finding),
                          char *(*sentence)(const VtFinding *finding))
{
    gboolean started = FALSE;

    for (guint i = 0; i < findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(findings, i);
        g_autofree char *text = NULL;

        if (!wanted(finding))
            continue;
        if (!started)
            start_section(state, heading);
        started = TRUE;
        text = sentence(finding);
        vt_report_page_paragraph(&state->page, 4, 2, VT_STYLE_NONE, text);
    }
}

/* A way to know more, and the rules that it would serve. */
typedef struct {
    const char *remedy;
    GPtrArray *names; /* char *, each once */
} Remedy;

static void remedy_free(gpointer data)
{
    Remedy *remedy = data;

    g_ptr_array_unref(remedy->names);
    g_free(remedy);
}

static void add_remedy(GPtrArray *remedies, const char *text, const VtFinding *finding)
{
    g_autofree char *name = vt_report_advice_name(finding);
    Remedy *remedy = NULL;

    for (guint i = 0; i < remedies->len && !remedy; i++)
        if (g_str_equal(((Remedy *)g_ptr_array_index(remedies, i))->remedy, text))
            remedy = g_ptr_array_index(remedies, i);
    if (!remedy) {
        remedy = g_new0(Remedy, 1);
        remedy->remedy = text;
        remedy->names = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(remedies, remedy);
    }
    if (!g_ptr_array_find_with_equal_func(remedy->names, name, g_str_equal, NULL))
        g_ptr_array_add(remedy->names, g_steal_pointer(&name));
}

/* One remedy for each part of the rule: the others that it lacks will be named when this one is
 * known. What nobody can remedy has its reason instead. */
static void collect_remedies(GPtrArray *remedies, const VtFinding *finding)
{
    const char *part = NULL;

    for (guint i = 0; i < finding->evidence->len; i++) {
        const VtEvidence *evidence = g_ptr_array_index(finding->evidence, i);

        if (evidence->outcome != VT_UNKNOWN || evidence->moot || !evidence->remedy ||
            g_str_equal(evidence->part, "satisfied") || g_strcmp0(evidence->part, part) == 0)
            continue;
        add_remedy(remedies, evidence->remedy, finding);
        part = evidence->part;
    }
    if (!part && finding->reason)
        add_remedy(remedies, finding->reason, finding);
}

static void print_unknown(State *state, const GPtrArray *findings)
{
    g_autoptr(GPtrArray) remedies = g_ptr_array_new_with_free_func(remedy_free);

    for (guint i = 0; i < findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(findings, i);

        if (finding->verdict == VT_VERDICT_UNKNOWN)
            collect_remedies(remedies, finding);
    }
    if (remedies->len == 0)
        return;
    start_section(state, _("Not decided, and what would decide it:"));
    for (guint i = 0; i < remedies->len; i++) {
        const Remedy *remedy = g_ptr_array_index(remedies, i);
        g_autofree char *names = NULL, *text = NULL;

        g_ptr_array_add(remedy->names, NULL);
        names = g_strjoinv(", ", (char **)remedy->names->pdata);
        text = g_strdup_printf("%s: %s", names, remedy->remedy);
        vt_report_page_paragraph(&state->page, 4, 2, VT_STYLE_NONE, text);
    }
}

static void print_domain(gpointer data, const VtReportDomain *domain)
{
    State *state = data;

    if (vt_report_fleet_count(state->fleet) > 0)
        vt_report_page_blank(&state->page);
    print_heading(state, domain);
    if (domain->profile)
        print_profile(state, domain->profile);
    print_advice(state, domain);
    print_section(state, domain->findings, _("Later:"), is_superseded, superseded_sentence);
    print_section(state, domain->findings, _("Notes:"), is_note, note_sentence);
    print_section(state, domain->findings, _("Changed already, but waiting for a power cycle:"),
                  is_pending, reason_sentence);
    print_section(state, domain->findings, _("Not advised, for a reason:"), is_blocked,
                  reason_sentence);
    print_unknown(state, domain->findings);
    if (state->context.verbose) {
        print_section(state, domain->findings, _("Already so:"), is_satisfied, reason_sentence);
        print_section(state, domain->findings, _("No symptom:"), is_quiet, reason_sentence);
        print_section(state, domain->findings, _("Not for this domain:"), is_not_applicable,
                      reason_sentence);
    }
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

static void end(gpointer data)
{
    State *state = data;

    if (vt_report_fleet_count(state->fleet) != 1)
        print_fleet(state);
    vt_report_fleet_free(state->fleet);
    g_free(state);
}

const VtReportFormat vt_report_text = {
    .name = "text",
    .summary = N_("for people: advice first, then what was not advised and why"),
    .begin = begin,
    .domain = print_domain,
    .end = end,
};
