/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparisons as a page. */
#include "config.h"

#include "report/report-compare.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/metric.h"
#include "report/html-page.h"
#include "report/profile-table.h"
#include "report/report-chart.h"
#include "report/report-html-finding.h"
#include "report/report-words.h"

/* Pairs of bars of the chart. */
#define PAIRS_MAX 10

typedef struct {
    VtTerm *term;
    VtHtml *html; /* NULL until the first comparison, whose domain is the title */
    gboolean verbose;
    guint written;
} State;

static gpointer begin(VtTerm *term, gboolean verbose)
{
    State *state = g_new0(State, 1);

    state->term = term;
    state->verbose = verbose;
    return state;
}

static void open_page(State *state, const char *title)
{
    state->html = vt_html_new(vt_term_out(state->term));
    vt_html_page_open(state->html, title, "only");
    vt_html_page_header(state->html, _("What became of the exits"));
    vt_html_close(state->html);
    vt_html_open(state->html, "main", "id", "main", NULL);
}

static void write_about(VtHtml *html, const VtReportCompare *compare)
{
    const VtProfile *const profiles[] = {compare->before, compare->after};
    const char *const names[] = {compare->before_is, compare->after_is};
    const char *const labels[] = {_("Before"), _("After")};

    vt_html_open(html, "dl", "class", "fields", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(profiles); i++) {
        g_autofree char *sample = vt_profile_table_sample(profiles[i]);
        g_autofree char *text = g_strdup_printf("%s · %s", names[i], sample);

        vt_html_element(html, "dt", labels[i], NULL);
        vt_html_element(html, "dd", text, NULL);
    }
    vt_html_close(html);
}

static void write_tile(VtHtml *html, const char *label, const char *value, const char *unit)
{
    vt_html_open(html, "div", "class", "tile", NULL);
    vt_html_element(html, "dt", label, NULL);
    vt_html_open(html, "dd", NULL);
    vt_html_text(html, value);
    vt_html_text(html, " ");
    vt_html_element(html, "span", unit, "class", "unit", NULL);
    vt_html_close(html);
    vt_html_close(html);
}

static char *time_text(const VtProfile *profile)
{
    double pct;

    return vt_report_exit_time(profile, &pct) ? g_strdup_printf("%.1f %%", pct)
                                              : g_strdup(_("not measured"));
}

static void write_tiles(VtHtml *html, const VtReportCompare *compare)
{
    const VtCompareRow *busy = g_ptr_array_index(compare->rows, 0);
    g_autofree char *before = vt_report_compare_value(busy, &busy->before);
    g_autofree char *after = vt_report_compare_value(busy, &busy->after);
    g_autofree char *change = vt_report_compare_change(busy);
    g_autofree char *old_time = time_text(compare->before), *new_time = time_text(compare->after);
    g_autofree char *then = g_strdup_printf(_("per second and vCPU, before: %s"), before);
    g_autofree char *spent = g_strdup_printf(_("of the vCPUs' time, before: %s"), old_time);

    vt_html_open(html, "dl", "class", "tiles", NULL);
    write_tile(html, _("Exits but HLT"), after, then);
    write_tile(html, _("Change"), *change ? change : "–", vt_report_compare_outcome(busy));
    write_tile(html, _("Time in exits but HLT"), new_time, spent);
    vt_html_close(html);
}

static void clear_pair(gpointer data)
{
    VtReportPair *pair = data;

    g_free((gpointer)pair->what);
    g_free((gpointer)pair->value);
}

static gboolean is_moved(const VtCompareRow *row)
{
    return row->outcome == VT_COMPARE_FEWER || row->outcome == VT_COMPARE_MORE;
}

static gboolean any_moved(const VtReportCompare *compare)
{
    for (guint i = 0; i < compare->rows->len; i++) {
        const VtCompareRow *row = g_ptr_array_index(compare->rows, i);

        if (is_moved(row))
            return TRUE;
    }
    return FALSE;
}

/* What moved, of which exits and accesses have a common scale; where nothing did, exits but HLT. */
static gboolean is_in_chart(const VtReportCompare *compare, guint i)
{
    const VtCompareRow *row = g_ptr_array_index(compare->rows, i);
    const VtMetricKind kind = vt_metric_kind(row->metric);

    if (i == 0)
        return is_moved(row) || (row->outcome == VT_COMPARE_SAME && !any_moved(compare));
    return is_moved(row) && (kind == VT_METRIC_EXIT || vt_metric_is_specific(kind));
}

static void write_chart(VtHtml *html, const VtReportCompare *compare)
{
    g_autoptr(GArray) pairs = g_array_new(FALSE, TRUE, sizeof(VtReportPair));
    g_autofree char *all = NULL, *scale = NULL;
    double full = 1;

    g_array_set_clear_func(pairs, clear_pair);
    for (guint i = 0; i < compare->rows->len && pairs->len < PAIRS_MAX; i++) {
        const VtCompareRow *row = g_ptr_array_index(compare->rows, i);
        g_autofree char *before = vt_report_compare_value(row, &row->before);
        g_autofree char *after = vt_report_compare_value(row, &row->after);
        VtReportPair pair = {.name = vt_report_compare_metric(row),
                             .before = row->before.median,
                             .after = row->after.median};

        if (!is_in_chart(compare, i))
            continue;
        pair.what = vt_report_words_metric(compare->before, row->metric);
        pair.value = g_strdup_printf("%s → %s", before, after);
        full = MAX(full, MAX(pair.before, pair.after));
        g_array_append_val(pairs, pair);
    }
    if (pairs->len == 0)
        return;
    for (guint i = 0; i < pairs->len; i++) {
        g_array_index(pairs, VtReportPair, i).before /= full;
        g_array_index(pairs, VtReportPair, i).after /= full;
    }
    all = vt_text_format_count(full);
    scale = g_strdup_printf(
        _("Per second and vCPU; the upper bar is before, the lower one after, and a full "
          "one is %s."),
        all);
    vt_html_open(html, "div", "class", "charts", NULL);
    vt_report_chart_pairs(html, any_moved(compare) ? _("What moved most") : _("Exits but HLT"), scale,
                          (const VtReportPair *)(gpointer)pairs->data, pairs->len);
    vt_html_close(html);
}

/* Whether fewer is better: of exits, of what causes them and of waiting. Idle time, and the exits that
 * have it among them, work that is done (packets, requests, QEMU's) and statistics of which nobody
 * knows are neither good nor bad. */
static gboolean is_cost(const char *metric)
{
    const VtMetricKind kind = vt_metric_kind(metric);

    switch (kind) {
    case VT_METRIC_EXIT:
        return !vt_metric_is_idle(metric);
    case VT_METRIC_MSR_READ:
    case VT_METRIC_MSR_WRITE:
    case VT_METRIC_PIO:
    case VT_METRIC_MMIO:
    case VT_METRIC_SCHED:
        return TRUE;
    default:
        return g_str_equal(metric, VT_COMPARE_BUSY);
    }
}

/* A word on the difference, in a column of its own or, where there is no room for one, @small below
 * the change. */
static void write_outcome(VtHtml *html, const VtCompareRow *row, gboolean small)
{
    const char *outcome = vt_report_compare_outcome(row);
    const char *class = !is_moved(row)                       ? NULL
                        : !is_cost(row->metric)              ? "badge info"
                        : row->outcome == VT_COMPARE_FEWER   ? "badge none"
                                                             : "badge medium";
    g_autofree char *both = g_strdup_printf("small %s", class ? class : "");

    if (small || class)
        vt_html_element(html, "span", outcome, "class", small ? both : class, NULL);
    else
        vt_html_text(html, outcome);
}

/* The ranges, chance and the words are left out where there is little room. */
static const char *column_class(gsize column)
{
    static const char *const classes[] = {NULL,          "number", "number rest", "number",
                                          "number rest", "number", "number rest", "rest"};

    return classes[column];
}

static void write_row(VtHtml *html, const VtCompareRow *row)
{
    g_autofree char *before = vt_report_compare_value(row, &row->before);
    g_autofree char *after = vt_report_compare_value(row, &row->after);
    g_autofree char *before_range = vt_report_compare_range(row, &row->before);
    g_autofree char *after_range = vt_report_compare_range(row, &row->after);
    g_autofree char *change = vt_report_compare_change(row);
    g_autofree char *chance = vt_report_compare_chance(row);
    const char *const cells[] = {before, before_range, after, after_range};

    vt_html_open(html, "tr", NULL);
    vt_html_open(html, "th", "scope", "row", NULL);
    vt_html_element(html, "code", vt_report_compare_metric(row), NULL);
    vt_html_close(html);
    for (gsize i = 0; i < G_N_ELEMENTS(cells); i++)
        vt_html_element(html, "td", cells[i], "class", column_class(i + 1), NULL);
    vt_html_open(html, "td", "class", column_class(5), NULL);
    vt_html_text(html, change);
    vt_html_text(html, " ");
    write_outcome(html, row, TRUE);
    vt_html_close(html);
    vt_html_element(html, "td", chance, "class", column_class(6), NULL);
    vt_html_open(html, "td", "class", column_class(7), NULL);
    write_outcome(html, row, FALSE);
    vt_html_close(html);
    vt_html_close(html);
}

/* @moved: those that moved, else the others. */
static void write_table(VtHtml *html, const VtReportCompare *compare, gboolean moved)
{
    static const char *const headings[] = {N_("Metric"), N_("Before"),     N_("Min to max"),
                                           N_("After"),  N_("Min to max"), N_("Change"),
                                           N_("Chance"), N_("What")};

    vt_html_open(html, "div", "class", "wide fits", "tabindex", "0", "role", "region", "aria-label",
                 !moved               ? _("What did not move, or is not known")
                 : any_moved(compare) ? _("What moved")
                                      : _("Exits but HLT"),
                 NULL);
    vt_html_open(html, "table", NULL);
    vt_html_open(html, "thead", NULL);
    vt_html_open(html, "tr", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(headings); i++)
        vt_html_element(html, "th", _(headings[i]), "scope", "col", "class", column_class(i), NULL);
    vt_html_close(html);
    vt_html_close(html);
    vt_html_open(html, "tbody", NULL);
    for (guint i = 0; i < compare->rows->len; i++) {
        const VtCompareRow *row = g_ptr_array_index(compare->rows, i);
        gboolean first = i == 0 || is_moved(row);

        if (first == moved)
            write_row(html, row);
    }
    for (guint i = 0; i < 3; i++)
        vt_html_close(html);
}

static void write_rows(VtHtml *html, const VtReportCompare *compare, gboolean verbose)
{
    g_autofree char *rest = vt_report_compare_rest(compare);

    vt_html_element(html, "h3", _("Before and after"), NULL);
    write_chart(html, compare);
    write_table(html, compare, TRUE);
    if (!any_moved(compare))
        vt_html_element(html, "p", vt_report_compare_none_moved(compare), NULL);
    if (!rest)
        return;
    vt_html_open(html, "details", "open", verbose ? "open" : NULL, NULL);
    vt_html_element(html, "summary", _("What did not move, or is not known"), NULL);
    write_table(html, compare, FALSE);
    vt_html_close(html);
}

static void write_cause(VtHtml *html, const VtCause *cause)
{
    const char *class = cause->verdict == VT_VERIFY_WORKED  ? "badge none"
                        : cause->verdict == VT_VERIFY_WORSE ? "badge high"
                                                            : "badge info";
    g_autofree char *rule = vt_report_compare_rule(cause);

    vt_html_open(html, "li", NULL);
    vt_html_element(html, cause->against ? "span" : "code", rule, NULL);
    if (cause->device) {
        vt_html_text(html, " ");
        vt_html_element(html, "span", cause->device, "class", "muted", NULL);
    }
    vt_html_text(html, " ");
    vt_html_element(html, "span", vt_report_compare_verdict(cause), "class", class, NULL);
    vt_html_element(html, "p", cause->reason, NULL);
    vt_html_close(html);
}

static void write_causes(VtHtml *html, const VtReportCompare *compare)
{
    vt_html_element(html, "h3", _("What was changed"), NULL);
    if (compare->mismatch)
        vt_html_element(html, "p", compare->mismatch, "class", "warn", NULL);
    if (compare->causes && compare->causes->len > 0) {
        vt_html_open(html, "ul", "class", "plain causes", NULL);
        for (guint i = 0; i < compare->causes->len; i++)
            write_cause(html, g_ptr_array_index(compare->causes, i));
        vt_html_close(html);
    }
    if (compare->causes_note)
        vt_html_element(html, "p", compare->causes_note, NULL);
    if (compare->facts && compare->facts->len > 0) {
        vt_html_open(html, "ul", NULL);
        for (guint i = 0; i < compare->facts->len; i++)
            vt_html_element(html, "li", g_ptr_array_index(compare->facts, i), NULL);
        vt_html_close(html);
    }
    if (compare->diff && *compare->diff)
        vt_report_html_finding_diff(html, _("Difference of the definitions"), compare->diff);
}

static void write_compare(gpointer data, const VtReportCompare *compare)
{
    State *state = data;
    g_autofree char *id = g_strdup_printf("comparison-%u", ++state->written);
    VtHtml *html;

    if (!state->html)
        open_page(state, compare->domain);
    html = state->html;
    vt_html_open(html, "section", "class", "domain", "aria-labelledby", id, NULL);
    vt_html_element(html, "h2", compare->domain, "id", id, NULL);
    write_about(html, compare);
    for (guint i = 0; i < compare->notes->len; i++)
        vt_html_element(html, "p", g_ptr_array_index(compare->notes, i), "class", "warn", NULL);
    write_tiles(html, compare);
    write_rows(html, compare, state->verbose);
    write_causes(html, compare);
    vt_html_close(html);
}

static void end(gpointer data)
{
    State *state = data;

    if (!state->html)
        open_page(state, NULL);
    vt_html_close(state->html);
    vt_html_page_close(state->html, _("Written by virt-tune; making this report changed nothing."));
    /* The caller sees what goes wrong with its file. */
    vt_html_free(state->html);
    g_free(state);
}

const VtReportCompareFormat vt_report_compare_html = {
    .name = "html",
    .begin = begin,
    .write = write_compare,
    .end = end,
};
