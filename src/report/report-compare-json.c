/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparisons for programs, data/schemas/comparison.schema.json: one a line. */
#include "config.h"

#include "report/report-compare.h"

#include <stdio.h>

#include "report/json-write.h"
#include "report/report.h"

typedef struct {
    FILE *out;
    guint count;
} State;

static gpointer begin(VtTerm *term, gboolean verbose)
{
    State *state = g_new0(State, 1);

    state->out = vt_term_out(term);
    fputs("{\"format\":\"virt-tune-comparison\",\"version\":1,\"comparisons\":[", state->out);
    return state;
}

static void add_profile(JsonBuilder *builder, const char *name, const char *is,
                        const VtProfile *profile)
{
    double pct;

    json_builder_set_member_name(builder, name);
    json_builder_begin_object(builder);
    vt_json_write_text(builder, "is", is);
    vt_json_write_texts(builder, "sources", profile->sources);
    vt_json_write_count(builder, "duration_ns", profile->duration_ns);
    vt_json_write_count(builder, "windows", profile->windows->len);
    vt_json_write_count(builder, "vcpus", profile->vcpus);
    vt_json_write_count(builder, "lost", profile->lost);
    if (vt_report_exit_time(profile, &pct))
        vt_json_write_number(builder, "exit_time_pct", pct);
    else
        vt_json_write_null(builder, "exit_time_pct");
    json_builder_end_object(builder);
}

/* null where it was not measured. */
static void add_side(JsonBuilder *builder, const char *name, const VtCompareSide *side)
{
    if (!side->known) {
        vt_json_write_null(builder, name);
        return;
    }
    json_builder_set_member_name(builder, name);
    json_builder_begin_object(builder);
    vt_json_write_number(builder, "median", side->median);
    vt_json_write_number(builder, "min", side->min);
    vt_json_write_number(builder, "max", side->max);
    if (side->bound != VT_BOUND_NONE)
        vt_json_write_boolean(builder, side->bound == VT_BOUND_AT_LEAST ? "at_least" : "at_most", TRUE);
    vt_json_write_text(builder, "source", side->source);
    json_builder_end_object(builder);
}

static void add_row(JsonBuilder *builder, const VtCompareRow *row)
{
    double pct;

    json_builder_begin_object(builder);
    vt_json_write_text(builder, "metric", row->metric);
    add_side(builder, "before", &row->before);
    add_side(builder, "after", &row->after);
    if (row->outcome != VT_COMPARE_UNKNOWN && vt_compare_change(row, &pct))
        vt_json_write_number(builder, "change_pct", pct);
    else
        vt_json_write_null(builder, "change_pct");
    if (row->chance < 1)
        vt_json_write_chance(builder, "chance", row->chance);
    vt_json_write_text(builder, "outcome", vt_compare_outcome_name(row->outcome));
    vt_json_write_text_if(builder, "reason", row->reason);
    json_builder_end_object(builder);
}

static void add_causes(JsonBuilder *builder, const VtReportCompare *compare)
{
    json_builder_set_member_name(builder, "causes");
    if (!compare->causes) {
        json_builder_add_null_value(builder);
        return;
    }
    json_builder_begin_array(builder);
    for (guint i = 0; i < compare->causes->len; i++) {
        const VtCause *cause = g_ptr_array_index(compare->causes, i);

        json_builder_begin_object(builder);
        vt_json_write_text(builder, "rule", cause->rule);
        vt_json_write_text(builder, "device", cause->device);
        if (cause->change > 0)
            vt_json_write_count(builder, "change", cause->change);
        if (cause->against) {
            json_builder_set_member_name(builder, "against");
            json_builder_add_boolean_value(builder, TRUE);
        }
        vt_json_write_text(builder, "verdict", vt_verify_name(cause->verdict));
        vt_json_write_text(builder, "reason", cause->reason);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
}

static void write_compare(gpointer data, const VtReportCompare *compare)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autofree char *text = NULL;
    State *state = data;

    json_builder_begin_object(builder);
    vt_json_write_text(builder, "domain", compare->domain);
    add_profile(builder, "before", compare->before_is, compare->before);
    add_profile(builder, "after", compare->after_is, compare->after);
    vt_json_write_texts(builder, "notes", compare->notes);
    vt_json_write_text(builder, "mismatch", compare->mismatch);
    json_builder_set_member_name(builder, "metrics");
    json_builder_begin_array(builder);
    for (guint i = 0; i < compare->rows->len; i++)
        add_row(builder, g_ptr_array_index(compare->rows, i));
    json_builder_end_array(builder);
    add_causes(builder, compare);
    vt_json_write_text_if(builder, "causes_note", compare->causes_note);
    if (compare->facts)
        vt_json_write_texts(builder, "host_changes", compare->facts);
    vt_json_write_text(builder, "diff", compare->diff);
    json_builder_end_object(builder);
    text = vt_json_write_generate(builder);
    fprintf(state->out, "%s\n%s", state->count++ ? "," : "", text);
}

static void end(gpointer data)
{
    State *state = data;

    fputs("\n]}\n", state->out);
    g_free(state);
}

const VtReportCompareFormat vt_report_compare_json = {
    .name = "json",
    .begin = begin,
    .write = write_compare,
    .end = end,
};
