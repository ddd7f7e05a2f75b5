/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report for programs, data/schemas/report.schema.json: one domain a line, written as it comes.
 */
#include "config.h"

#include "report/report.h"

#include <json-glib/json-glib.h>
#include <math.h>

#include "base/error.h"

typedef struct {
    FILE *out;
    guint count;
} State;

/* json-glib writes what it is given: text that is no UTF-8 would make the whole document invalid.
 */
static void add_text(JsonBuilder *builder, const char *name, const char *text)
{
    g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;

    json_builder_set_member_name(builder, name);
    if (valid)
        json_builder_add_string_value(builder, valid);
    else
        json_builder_add_null_value(builder);
}

static void add_text_if(JsonBuilder *builder, const char *name, const char *text)
{
    if (text)
        add_text(builder, name, text);
}

/* Three digits after the point are more than any source measures, and the same on every machine. */
static void add_value(JsonBuilder *builder, double value)
{
    double rounded = round(value * 1000) / 1000;

    if (!isfinite(rounded))
        json_builder_add_null_value(builder);
    else if (rounded == floor(rounded) && fabs(rounded) < 9007199254740992.0)
        json_builder_add_int_value(builder, (gint64)rounded);
    else
        json_builder_add_double_value(builder, rounded);
}

static void add_number(JsonBuilder *builder, const char *name, double value)
{
    json_builder_set_member_name(builder, name);
    add_value(builder, value);
}

static void add_count(JsonBuilder *builder, const char *name, guint64 value)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_int_value(builder, (gint64)MIN(value, (guint64)G_MAXINT64));
}

static void add_null(JsonBuilder *builder, const char *name)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_null_value(builder);
}

static void add_boolean(JsonBuilder *builder, const char *name, gboolean value)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_boolean_value(builder, value);
}

static void add_texts(JsonBuilder *builder, const char *name, const GPtrArray *texts)
{
    json_builder_set_member_name(builder, name);
    json_builder_begin_array(builder);
    for (guint i = 0; i < texts->len; i++) {
        g_autofree char *valid = g_utf8_make_valid(g_ptr_array_index(texts, i), -1);

        json_builder_add_string_value(builder, valid);
    }
    json_builder_end_array(builder);
}

static char *generate(JsonBuilder *builder)
{
    g_autoptr(JsonGenerator) generator = json_generator_new();
    g_autoptr(JsonNode) root = json_builder_get_root(builder);

    json_generator_set_root(generator, root);
    return json_generator_to_data(generator, NULL);
}

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
    add_text(builder, "uri", uri);
    add_boolean(builder, "known", host != NULL);
    json_builder_set_member_name(builder, "facts");
    json_builder_begin_object(builder);
    for (guint i = 0; i < names->len; i++)
        add_text(builder, g_ptr_array_index(names, i),
                 vt_host_get(host, g_ptr_array_index(names, i)));
    json_builder_end_object(builder);
    if (host)
        add_texts(builder, "notes", host->notes);
    json_builder_end_object(builder);
}

static gpointer begin(const VtReportContext *context)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    State *state = g_new0(State, 1);
    g_autofree char *host = NULL;

    state->out = vt_term_out(context->term);
    add_host(builder, context->uri, context->host);
    host = generate(builder);
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
    add_texts(builder, "sources", profile->sources);
    add_count(builder, "duration_ns", profile->duration_ns);
    add_count(builder, "windows", profile->windows->len);
    add_count(builder, "lost", profile->lost);
    add_texts(builder, "notes", profile->notes);
    json_builder_end_object(builder);
}

/* HLT is idle time and stands apart in every report. */
static void add_rates(JsonBuilder *builder, const VtProfile *profile)
{
    const VtMetric *hlt = profile ? vt_profile_get(profile, "exit.hlt") : NULL;
    double value;

    if (profile && vt_profile_busy_rate(profile, &value))
        add_number(builder, "exits_per_vcpu_s", value);
    else
        add_null(builder, "exits_per_vcpu_s");
    if (profile && profile->exits_low)
        add_boolean(builder, "exits_at_least", TRUE);
    if (hlt)
        add_number(builder, "hlt_per_vcpu_s", hlt->rate);
    else
        add_null(builder, "hlt_per_vcpu_s");
    if (profile && vt_report_exit_time(profile, &value))
        add_number(builder, "exit_time_pct", value);
    else
        add_null(builder, "exit_time_pct");
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
    add_text(builder, "part", evidence->part);
    add_text(builder, "kind", evidence->kind);
    add_text(builder, is_measured(evidence->kind) ? "metric" : "subject", evidence->subject);
    if (evidence->has_value)
        add_number(builder, "value", evidence->value);
    else
        add_text_if(builder, "value", evidence->text_value);
    if (evidence->has_threshold)
        add_number(builder, "threshold", evidence->threshold);
    add_text(builder, "outcome", outcome_name(evidence->outcome));
    if (evidence->moot)
        add_boolean(builder, "moot", TRUE);
    add_text_if(builder, "detail", evidence->detail);
    add_text_if(builder, "source", evidence->source);
    add_text_if(builder, "remedy", evidence->remedy);
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
        add_text(builder, "command", g_ptr_array_index(change->commands, i));
        add_text(builder, "undo",
                 i < change->undo->len ? g_ptr_array_index(change->undo, i) : NULL);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
}

static void add_change(JsonBuilder *builder, const VtFindingChange *change)
{
    gboolean domain = g_str_equal(change->target, "domain");

    json_builder_begin_object(builder);
    add_text(builder, "target", change->target);
    add_text(builder, "effect", change->effect);
    if (domain)
        add_text(builder, "diff", change->diff);
    else
        add_commands(builder, change);
    add_text_if(builder, "text", change->text);
    add_text_if(builder, "error", change->error);
    if (change->needs->len > 0)
        add_evidences(builder, "needs", change->needs);
    json_builder_end_object(builder);
}

static void add_gain(JsonBuilder *builder, const VtFinding *finding)
{
    if (!finding->has_gain) {
        add_null(builder, "gain_pct");
        add_null(builder, "gain_basis");
        return;
    }
    add_number(builder, "gain_pct", finding->gain.high_pct);
    add_text(builder, "gain_basis", finding->gain.measured ? "measured" : "estimated");
    add_number(builder, "gain_low_pct", finding->gain.low_pct);
    add_text_if(builder, "gain_note", finding->gain_basis);
}

static void add_marks(JsonBuilder *builder, const VtFinding *finding)
{
    if (finding->guest_driver_unknown)
        add_text(builder, "guest_driver", "unknown");
    if (finding->pending)
        add_boolean(builder, "pending", TRUE);
    if (finding->few_windows > 0)
        add_count(builder, "few_windows", finding->few_windows);
    add_text_if(builder, "superseded_by", finding->superseded_by);
    add_text_if(builder, "superseded_why", finding->superseded_why);
}

static void add_finding(JsonBuilder *builder, const VtFinding *finding)
{
    json_builder_begin_object(builder);
    add_text(builder, "rule", finding->rule);
    add_text_if(builder, "title", finding->title);
    add_text(builder, "verdict", vt_verdict_name(finding->verdict));
    add_text(builder, "confidence", vt_confidence_name(finding->confidence));
    add_text(builder, "severity", vt_severity_name(finding->severity));
    add_text(builder, "device", finding->device);
    add_text_if(builder, "device_element", finding->device_element);
    add_text_if(builder, "now", finding->now);
    add_gain(builder, finding);
    add_text(builder, "reason", finding->reason);
    if (finding->verdict == VT_VERDICT_ADVISE)
        add_text_if(builder, "risk", finding->risk);
    add_marks(builder, finding);
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
    add_text(builder, "os", guest->os_id);
    add_text_if(builder, "name", guest->os_name);
    add_text_if(builder, "family", guest->family);
    add_boolean(builder, "drivers_known", guest->drivers_known);
    json_builder_end_object(builder);
}

static void print_domain(gpointer data, const VtReportDomain *domain)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autofree char *text = NULL;
    State *state = data;

    json_builder_begin_object(builder);
    add_text(builder, "name", domain->domain->name);
    add_text(builder, "uuid", domain->domain->uuid);
    add_text(builder, "state", domain->domain->state);
    add_count(builder, "vcpus", domain->domain->vcpus);
    add_guest(builder, &domain->domain->guest);
    add_sample(builder, domain->profile);
    add_text_if(builder, "note", domain->note);
    if (domain->pending > 0)
        add_count(builder, "pending_change", domain->pending);
    if (domain->domain->pending_other)
        add_words(builder, "pending_other", domain->domain->pending_other);
    if (domain->host) {
        json_builder_set_member_name(builder, "host");
        add_host(builder, NULL, domain->host);
    }
    add_rates(builder, domain->profile);
    json_builder_set_member_name(builder, "findings");
    json_builder_begin_array(builder);
    for (guint i = 0; i < domain->findings->len; i++)
        add_finding(builder, g_ptr_array_index(domain->findings, i));
    json_builder_end_array(builder);
    json_builder_end_object(builder);

    text = generate(builder);
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
