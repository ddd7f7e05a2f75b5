/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report for programs, data/schemas/report.schema.json: one domain a line, written as it comes.
 */
#include "config.h"

#include "report/report.h"

#include "base/clock.h"
#include "base/error.h"
#include "report/json-write.h"

typedef struct {
    FILE *out;
    gboolean several_hosts;
    guint count;
} State;

static void add_words(JsonBuilder *builder, const char *name, char **words)
{
    json_builder_set_member_name(builder, name);
    json_builder_begin_array(builder);
    for (char **word = words; *word; word++)
        json_builder_add_string_value(builder, *word);
    json_builder_end_array(builder);
}

static void add_host(JsonBuilder *builder, const char *uri, const VtHost *host)
{
    g_autoptr(GPtrArray) names = host ? vt_host_fact_names(host) : g_ptr_array_new();

    json_builder_begin_object(builder);
    vt_json_write_text(builder, "uri", uri);
    vt_json_write_boolean(builder, "known", host != NULL);
    json_builder_set_member_name(builder, "facts");
    json_builder_begin_object(builder);
    for (guint i = 0; i < names->len; i++)
        vt_json_write_text(builder, g_ptr_array_index(names, i),
                 vt_host_get(host, g_ptr_array_index(names, i)));
    json_builder_end_object(builder);
    if (host)
        vt_json_write_texts(builder, "notes", host->notes);
    json_builder_end_object(builder);
}

static gpointer begin(const VtReportContext *context)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    State *state = g_new0(State, 1);
    g_autofree char *host = NULL;

    state->out = vt_term_out(context->term);
    state->several_hosts = context->several_hosts;
    add_host(builder, context->uri, context->host);
    host = vt_json_write_generate(builder);
    fprintf(state->out, "{\"format\":\"virt-tune-report\",\"version\":1,\"host\":%s,\"domains\":[",
            host);
    return state;
}

static void add_sample(JsonBuilder *builder, const VtProfile *profile)
{
    json_builder_set_member_name(builder, "sample");
    if (!profile) {
        json_builder_add_null_value(builder);
        return;
    }
    json_builder_begin_object(builder);
    vt_json_write_texts(builder, "sources", profile->sources);
    if (profile->started_s > 0) {
        g_autofree char *started = vt_clock_format(profile->started_s);

        vt_json_write_text(builder, "started", started);
    }
    vt_json_write_count(builder, "duration_ns", profile->duration_ns);
    vt_json_write_count(builder, "windows", profile->windows->len);
    vt_json_write_count(builder, "lost", profile->lost);
    vt_json_write_texts(builder, "notes", profile->notes);
    json_builder_end_object(builder);
}

/* HLT is idle time and stands apart in every report. */
static void add_rates(JsonBuilder *builder, const VtProfile *profile)
{
    const VtMetric *hlt = profile ? vt_profile_get(profile, "exit.hlt") : NULL;
    double value;

    if (profile && vt_profile_busy_rate(profile, &value))
        vt_json_write_number(builder, "exits_per_vcpu_s", value);
    else
        vt_json_write_null(builder, "exits_per_vcpu_s");
    if (profile && profile->exits_low)
        vt_json_write_boolean(builder, "exits_at_least", TRUE);
    if (hlt)
        vt_json_write_number(builder, "hlt_per_vcpu_s", hlt->rate);
    else
        vt_json_write_null(builder, "hlt_per_vcpu_s");
    if (profile && vt_report_exit_time(profile, &value))
        vt_json_write_number(builder, "exit_time_pct", value);
    else
        vt_json_write_null(builder, "exit_time_pct");
}

static const char *outcome_name(VtTri outcome)
{
    return outcome == VT_YES ? "hit" : outcome == VT_NO ? "miss" : "unknown";
}

static gboolean is_measured(const char *kind)
{
    return g_str_equal(kind, "rate") || g_str_equal(kind, "share") || g_str_equal(kind, "ratio");
}

static void add_evidence(JsonBuilder *builder, const VtEvidence *evidence)
{
    json_builder_begin_object(builder);
    vt_json_write_text(builder, "part", evidence->part);
    vt_json_write_text(builder, "kind", evidence->kind);
    vt_json_write_text(builder, is_measured(evidence->kind) ? "metric" : "subject",
                       evidence->subject);
    if (evidence->has_value)
        vt_json_write_number(builder, "value", evidence->value);
    else
        vt_json_write_text_if(builder, "value", evidence->text_value);
    if (evidence->has_threshold)
        vt_json_write_number(builder, "threshold", evidence->threshold);
    vt_json_write_text(builder, "outcome", outcome_name(evidence->outcome));
    if (evidence->negated)
        vt_json_write_boolean(builder, "negated", TRUE);
    if (evidence->moot)
        vt_json_write_boolean(builder, "moot", TRUE);
    vt_json_write_text_if(builder, "detail", evidence->detail);
    vt_json_write_text_if(builder, "source", evidence->source);
    vt_json_write_text_if(builder, "remedy", evidence->remedy);
    json_builder_end_object(builder);
}

static void add_evidences(JsonBuilder *builder, const char *name, const GPtrArray *evidences)
{
    json_builder_set_member_name(builder, name);
    json_builder_begin_array(builder);
    for (guint i = 0; i < evidences->len; i++)
        add_evidence(builder, g_ptr_array_index(evidences, i));
    json_builder_end_array(builder);
}

static void add_commands(JsonBuilder *builder, const VtFindingChange *change)
{
    json_builder_set_member_name(builder, "commands");
    json_builder_begin_array(builder);
    for (guint i = 0; i < change->commands->len; i++) {
        json_builder_begin_object(builder);
        vt_json_write_text(builder, "command", g_ptr_array_index(change->commands, i));
        vt_json_write_text(builder, "undo",
                 i < change->undo->len ? g_ptr_array_index(change->undo, i) : NULL);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
}

static void add_change(JsonBuilder *builder, const VtFindingChange *change)
{
    gboolean domain = g_str_equal(change->target, "domain");

    json_builder_begin_object(builder);
    vt_json_write_text(builder, "target", change->target);
    vt_json_write_text(builder, "effect", change->effect);
    if (domain)
        vt_json_write_text(builder, "diff", change->diff);
    else
        add_commands(builder, change);
    vt_json_write_text_if(builder, "text", change->text);
    vt_json_write_text_if(builder, "error", change->error);
    if (change->needs->len > 0)
        add_evidences(builder, "needs", change->needs);
    json_builder_end_object(builder);
}

static void add_gain(JsonBuilder *builder, const VtFinding *finding)
{
    if (!finding->has_gain) {
        vt_json_write_null(builder, "gain_pct");
        vt_json_write_null(builder, "gain_basis");
        return;
    }
    vt_json_write_number(builder, "gain_pct", finding->gain.high_pct);
    vt_json_write_text(builder, "gain_basis", finding->gain.measured ? "measured" : "estimated");
    vt_json_write_number(builder, "gain_low_pct", finding->gain.low_pct);
    vt_json_write_text_if(builder, "gain_note", finding->gain_basis);
}

static void add_marks(JsonBuilder *builder, const VtFinding *finding)
{
    if (finding->guest_driver_unknown)
        vt_json_write_text(builder, "guest_driver", "unknown");
    if (finding->pending)
        vt_json_write_boolean(builder, "pending", TRUE);
    if (finding->few_windows > 0)
        vt_json_write_count(builder, "few_windows", finding->few_windows);
    vt_json_write_text_if(builder, "superseded_by", finding->superseded_by);
    vt_json_write_text_if(builder, "superseded_why", finding->superseded_why);
}

static void add_waiver(JsonBuilder *builder, const VtFinding *finding)
{
    if (!finding->waived_by)
        return;
    json_builder_set_member_name(builder, "waived");
    json_builder_begin_object(builder);
    vt_json_write_text(builder, "by", finding->waived_by);
    vt_json_write_text(builder, "reason", finding->waived_why);
    vt_json_write_text(builder, "until", finding->waived_until);
    json_builder_end_object(builder);
}

static void add_finding(JsonBuilder *builder, const VtFinding *finding)
{
    json_builder_begin_object(builder);
    vt_json_write_text(builder, "rule", finding->rule);
    vt_json_write_text_if(builder, "title", finding->title);
    vt_json_write_text(builder, "verdict", vt_verdict_name(finding->verdict));
    vt_json_write_text(builder, "confidence", vt_confidence_name(finding->confidence));
    vt_json_write_text(builder, "severity", vt_severity_name(finding->severity));
    vt_json_write_text(builder, "device", finding->device);
    vt_json_write_text_if(builder, "device_element", finding->device_element);
    vt_json_write_text_if(builder, "now", finding->now);
    add_gain(builder, finding);
    vt_json_write_text(builder, "reason", finding->reason);
    if (finding->verdict == VT_VERDICT_ADVISE)
        vt_json_write_text_if(builder, "risk", finding->risk);
    add_marks(builder, finding);
    add_waiver(builder, finding);
    add_evidences(builder, "evidence", finding->evidence);
    json_builder_set_member_name(builder, "changes");
    json_builder_begin_array(builder);
    for (guint i = 0; i < finding->changes->len; i++)
        add_change(builder, g_ptr_array_index(finding->changes, i));
    json_builder_end_array(builder);
    json_builder_end_object(builder);
}

static void add_guest(JsonBuilder *builder, const VtGuest *guest)
{
    json_builder_set_member_name(builder, "guest");
    json_builder_begin_object(builder);
    vt_json_write_text(builder, "os", guest->os_id);
    vt_json_write_text_if(builder, "name", guest->os_name);
    vt_json_write_text_if(builder, "family", guest->family);
    vt_json_write_boolean(builder, "drivers_known", guest->drivers_known);
    json_builder_end_object(builder);
}

static void print_domain(gpointer data, const VtReportDomain *domain)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autofree char *text = NULL;
    State *state = data;

    json_builder_begin_object(builder);
    vt_json_write_text(builder, "name", domain->domain->name);
    vt_json_write_text(builder, "uuid", domain->domain->uuid);
    vt_json_write_text(builder, "state", domain->domain->state);
    vt_json_write_count(builder, "vcpus", domain->domain->vcpus);
    add_guest(builder, &domain->domain->guest);
    add_sample(builder, domain->profile);
    vt_json_write_text_if(builder, "note", domain->note);
    if (domain->pending > 0)
        vt_json_write_count(builder, "pending_change", domain->pending);
    if (domain->domain->pending_other)
        add_words(builder, "pending_other", domain->domain->pending_other);
    if (state->several_hosts) {
        json_builder_set_member_name(builder, "host");
        add_host(builder, domain->uri, domain->host);
    }
    add_rates(builder, domain->profile);
    json_builder_set_member_name(builder, "findings");
    json_builder_begin_array(builder);
    for (guint i = 0; i < domain->findings->len; i++)
        add_finding(builder, g_ptr_array_index(domain->findings, i));
    json_builder_end_array(builder);
    json_builder_end_object(builder);

    text = vt_json_write_generate(builder);
    fprintf(state->out, "%s\n%s", state->count++ ? "," : "", text);
}

static gboolean end(gpointer data, GError **error)
{
    State *state = data;

    fputs("\n]}\n", state->out);
    g_free(state);
    return TRUE;
}

const VtReportFormat vt_report_json = {
    .name = "json",
    .summary = N_("for programs: every rule's verdict with its evidence, one domain a line"),
    .begin = begin,
    .domain = print_domain,
    .end = end,
};
