/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "report/profile-csv.h"

#include "base/csv.h"
#include "model/profile-vcpu.h"

void vt_profile_csv_head(FILE *out)
{
    static const char *const names[] = {"domain",          "uuid",    "vcpu",        "metric",
                                        "source",          "window",  "duration_ns", "count",
                                        "rate_per_vcpu_s", "time_ns", "median_ns",   "p99_ns",
                                        "user_count",      "at_least", "at_most",    "mean_ns",
                                        NULL};

    vt_csv_head(names, out);
}

/* What the records of one metric have in common, and where they go. */
typedef struct {
    FILE *out;
    GString *line;
    const char *name, *uuid;
    const VtProfile *profile;
    const VtMetric *metric;
} Writer;

/* A metric of the domain, or of one vCPU. */
typedef struct {
    const guint *vcpu;  /* NULL: the domain as a whole */
    const GArray *counts; /* NULL: all zero */
    guint64 count;
    guint64 length_ns;
    double rate;
    gboolean has_time;
    guint64 time_ns;
    const guint64 *histogram;
} Part;

static void begin_record(const Writer *writer, const Part *part)
{
    vt_csv_add(writer->line, writer->name);
    vt_csv_add(writer->line, writer->uuid);
    if (part->vcpu)
        vt_csv_add_u64(writer->line, *part->vcpu);
    else
        vt_csv_add(writer->line, NULL);
    vt_csv_add(writer->line, writer->metric->name);
    vt_csv_add(writer->line, writer->metric->source);
}

/* Whether the figures are bounds, and @part's mean time (NULL: not known). */
static void end_record(const Writer *writer, const Part *part)
{
    const VtBound bound = vt_profile_bound(writer->profile, writer->metric->name);
    guint64 mean_ns;

    vt_csv_add(writer->line, bound == VT_BOUND_AT_LEAST ? "yes" : "no");
    vt_csv_add(writer->line, bound == VT_BOUND_AT_MOST ? "yes" : "no");
    if (part && part->has_time &&
        vt_histogram_mean(part->histogram, part->time_ns, part->count, &mean_ns))
        vt_csv_add_u64(writer->line, mean_ns);
    else
        vt_csv_add(writer->line, NULL);
    vt_csv_end(writer->line, writer->out);
}

static void write_window(const Writer *writer, const Part *part, guint i)
{
    const VtWindow *window = &g_array_index(writer->profile->windows, VtWindow, i);
    guint64 count = part->counts ? g_array_index(part->counts, guint64, i) : 0;
    guint vcpus = part->vcpu ? 1 : window->vcpus;

    begin_record(writer, part);
    vt_csv_add_u64(writer->line, i + 1);
    vt_csv_add_u64(writer->line, window->duration_ns);
    vt_csv_add_u64(writer->line, count);
    vt_csv_add_double(writer->line,
                      (double)count * 1e9 / ((double)window->duration_ns * vcpus));
    /* The rest is kept of the whole sample only. */
    for (guint field = 0; field < 4; field++)
        vt_csv_add(writer->line, NULL);
    end_record(writer, NULL);
}

static void add_quantile(GString *line, const Part *part, double q)
{
    guint64 ns;

    if (vt_histogram_quantile(part->histogram, part->has_time ? &part->time_ns : NULL, q, &ns))
        vt_csv_add_u64(line, ns);
    else
        vt_csv_add(line, NULL);
}

static void write_whole(const Writer *writer, const Part *part)
{
    begin_record(writer, part);
    vt_csv_add(writer->line, NULL);
    vt_csv_add_u64(writer->line, part->length_ns);
    vt_csv_add_u64(writer->line, part->count);
    vt_csv_add_double(writer->line, part->rate);
    if (part->has_time)
        vt_csv_add_u64(writer->line, part->time_ns);
    else
        vt_csv_add(writer->line, NULL);
    add_quantile(writer->line, part, 0.5);
    add_quantile(writer->line, part, 0.99);
    if (!part->vcpu && writer->metric->has_user)
        vt_csv_add_u64(writer->line, writer->metric->user);
    else
        vt_csv_add(writer->line, NULL);
    end_record(writer, part);
}

static void write_part(const Writer *writer, const Part *part)
{
    for (guint i = 0; writer->metric->whole_ns == 0 && i < writer->profile->windows->len; i++)
        write_window(writer, part, i);
    write_whole(writer, part);
}

static void write_metric(const Writer *writer)
{
    const VtMetric *metric = writer->metric;
    const VtProfile *profile = writer->profile;
    Part whole = {
        .counts = metric->counts,
        .count = metric->count,
        .length_ns = metric->whole_ns > 0 ? metric->whole_ns : profile->duration_ns,
        .rate = metric->rate,
        .has_time = metric->has_time,
        .time_ns = metric->time_ns,
        .histogram = metric->histogram,
    };

    write_part(writer, &whole);
    for (guint i = 0; metric->vcpus && i < profile->numbered->len; i++) {
        const guint *vcpu = &g_array_index(profile->numbered, guint, i);
        const VtMetricVcpu *found = vt_profile_vcpu_get(metric, *vcpu);
        Part part = {.vcpu = vcpu, .length_ns = profile->duration_ns, .has_time = metric->has_time};

        if (found)
            part = (Part){
                .vcpu = vcpu,
                .counts = found->counts,
                .count = found->count,
                .length_ns = profile->duration_ns,
                .rate = found->rate,
                .has_time = found->has_time,
                .time_ns = found->time_ns,
                .histogram = found->histogram,
            };
        write_part(writer, &part);
    }
}

void vt_profile_csv_print(FILE *out, const char *name, const char *uuid, const VtProfile *profile)
{
    g_autoptr(GPtrArray) metrics = vt_profile_sorted(profile);
    g_autoptr(GString) line = g_string_new(NULL);

    for (guint i = 0; i < metrics->len; i++) {
        Writer writer = {out, line, name, uuid, profile, g_ptr_array_index(metrics, i)};

        write_metric(&writer);
    }
}
