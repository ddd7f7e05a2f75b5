/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report as CSV: a record for each finding, whatever its verdict, and one for a domain that has
 * none. */
#include "config.h"

#include "base/csv.h"
#include "base/error.h"
#include "model/finding.h"
#include "report/report.h"

typedef struct {
    FILE *out;
    GString *line;
} State;

static gpointer begin(const VtReportContext *context)
{
    static const char *const names[] = {
        "domain",        "uuid",          "state",         "measured",  "rule",
        "verdict",       "confidence",    "severity",      "device",    "gain_low_pct",
        "gain_high_pct", "gain_measured", "superseded_by", "targets",   "effects",
        "reason",        "title",         "waived_by",     NULL};
    State *state = g_new0(State, 1);

    state->out = vt_term_out(context->term);
    state->line = g_string_new(NULL);
    vt_csv_head(names, state->out);
    return state;
}

static void add_domain(GString *line, const VtReportDomain *domain)
{
    vt_csv_add(line, domain->domain->name);
    vt_csv_add(line, domain->domain->uuid);
    vt_csv_add(line, domain->domain->state);
    vt_csv_add(line, domain->profile ? "yes" : "no");
}

static void add_gain(GString *line, const VtFinding *finding)
{
    if (!finding->has_gain) {
        for (guint field = 0; field < 3; field++)
            vt_csv_add(line, NULL);
        return;
    }
    vt_csv_add_double(line, finding->gain.low_pct);
    vt_csv_add_double(line, finding->gain.high_pct);
    vt_csv_add(line, finding->gain.measured ? "yes" : "no");
}

/* What is to be changed, and what it takes: a word for each change, in the same order. */
static void add_changes(GString *line, const VtFinding *finding)
{
    g_autoptr(GString) targets = g_string_new(NULL);
    g_autoptr(GString) effects = g_string_new(NULL);

    for (guint i = 0; i < finding->changes->len; i++) {
        const VtFindingChange *change = g_ptr_array_index(finding->changes, i);

        g_string_append_printf(targets, "%s%s", i > 0 ? " " : "", change->target);
        g_string_append_printf(effects, "%s%s", i > 0 ? " " : "", change->effect);
    }
    vt_csv_add(line, targets->str);
    vt_csv_add(line, effects->str);
}

static void write_finding(const State *state, const VtReportDomain *domain,
                          const VtFinding *finding)
{
    GString *line = state->line;

    add_domain(line, domain);
    vt_csv_add(line, finding->rule);
    vt_csv_add(line, vt_verdict_name(finding->verdict));
    vt_csv_add(line, finding->confidence == VT_CONFIDENCE_NONE
                         ? NULL
                         : vt_confidence_name(finding->confidence));
    vt_csv_add(line, vt_severity_name(finding->severity));
    vt_csv_add(line, finding->device);
    add_gain(line, finding);
    vt_csv_add(line, finding->superseded_by);
    add_changes(line, finding);
    vt_csv_add(line, finding->reason);
    vt_csv_add(line, finding->title);
    vt_csv_add(line, finding->waived_by);
    vt_csv_end(line, state->out);
}

static void write_domain(gpointer data, const VtReportDomain *domain)
{
    const State *state = data;

    for (guint i = 0; i < domain->findings->len; i++)
        write_finding(state, domain, g_ptr_array_index(domain->findings, i));
    if (domain->findings->len > 0)
        return;
    add_domain(state->line, domain);
    for (guint field = 0; field < 14; field++)
        vt_csv_add(state->line, NULL);
    vt_csv_end(state->line, state->out);
}

static gboolean end(gpointer data, GError **error)
{
    State *state = data;

    g_string_free(state->line, TRUE);
    g_free(state);
    return TRUE;
}

const VtReportFormat vt_report_csv = {
    .name = "csv",
    .summary = N_("a record for each finding"),
    .begin = begin,
    .domain = write_domain,
    .end = end,
};
