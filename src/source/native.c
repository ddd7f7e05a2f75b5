/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the native profile format. */
#include "config.h"

#include "source/native.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/outfile.h"
#include "base/text.h"
#include "model/metric.h"
#include "model/region.h"
#include "model/profile-vcpu.h"

#define VCPUS_MAX VT_PROFILE_VCPUS_MAX
/* A day of windows of a second. */
#define WINDOWS_MAX 86400

gboolean vt_native_save(const VtProfile *profile, const char *path, GError **error)
{
    g_autofree char *text = vt_native_format(profile);

    if (strlen(text) > VT_NATIVE_MAX) {
        g_set_error(error, VT_ERROR, VT_ERROR_FAILED,
                    _("%s: the profile is larger than %d MiB and could not be read again; make "
                      "fewer windows (--interval), or sample without --vcpu"),
                    path, VT_NATIVE_MAX / (1024 * 1024));
        return FALSE;
    }
    return vt_outfile_write(path, FALSE, text, error);
}

gboolean vt_native_recognise(const char *text, gsize length)
{
    gsize i = 0;

    while (i < length && g_ascii_isspace(text[i]))
        i++;
    return i < length && text[i] == '{';
}

/* What is read before the profile is built from it. */
typedef struct {
    VtJson *json;
    VtProfile *profile;
    JsonObject *metrics;
    guint vcpus;
    guint64 duration_ns;
    const char *default_source;
    gboolean single; /* one window of the whole length, for want of counts per window */
} Reader;

static gboolean read_domain(Reader *reader, JsonObject *root, GError **error)
{
    static const char *const known[] = {"name", "uuid", NULL};
    JsonObject *domain = NULL;
    const char *name = NULL, *uuid = NULL;

    if (!vt_json_get_object(reader->json, root, "domain", FALSE, &domain, error))
        return FALSE;
    if (!domain)
        return TRUE;
    if (!vt_json_check_members(reader->json, domain, known, error) ||
        !vt_json_get_string(reader->json, domain, "name", FALSE, &name, error) ||
        !vt_json_get_string(reader->json, domain, "uuid", FALSE, &uuid, error))
        return FALSE;
    if (uuid && !g_uuid_string_is_valid(uuid))
        return vt_json_fail(reader->json, domain, "uuid", error, _("“uuid” must be a UUID"));
    reader->profile->name = g_strdup(name);
    reader->profile->uuid = g_strdup(uuid);
    return TRUE;
}

static gboolean read_started(Reader *reader, JsonObject *root, GError **error)
{
    const char *started = NULL;

    if (!vt_json_get_string(reader->json, root, "started", FALSE, &started, error))
        return FALSE;
    if (started && !vt_clock_parse(started, &reader->profile->started_s))
        return vt_json_fail(reader->json, root, "started", error,
                            _("“started” must be a time such as 2026-11-22T10:00:00Z"));
    return TRUE;
}

static gboolean read_isa(Reader *reader, JsonObject *root, GError **error)
{
    const char *name = "unknown";

    if (!vt_json_get_string(reader->json, root, "isa", FALSE, &name, error))
        return FALSE;
    reader->profile->isa = vt_isa_from_name(name);
    if (reader->profile->isa == VT_ISA_UNKNOWN && strcmp(name, "unknown") != 0)
        return vt_json_fail(reader->json, root, "isa", error,
                            _("“isa” must be vmx, svm, arm64 or unknown"));
    return TRUE;
}

static gboolean read_texts(Reader *reader, JsonObject *root, GError **error)
{
    g_autoptr(GPtrArray) sources = NULL, covers = NULL, notes = NULL;

    if (!vt_json_get_strings(reader->json, root, "sources", FALSE, FALSE, &sources, error) ||
        !vt_json_get_strings(reader->json, root, "covers", FALSE, FALSE, &covers, error) ||
        !vt_json_get_strings(reader->json, root, "notes", FALSE, FALSE, &notes, error))
        return FALSE;
    for (guint i = 0; sources && i < sources->len; i++)
        vt_profile_add_source(reader->profile, g_ptr_array_index(sources, i));
    for (guint i = 0; covers && i < covers->len; i++) {
        const char *name_space = g_ptr_array_index(covers, i);

        if (!vt_metric_namespace_is_known(name_space)) {
            g_autofree char *shown = vt_text_printable(name_space, FALSE);

            return vt_json_fail(reader->json, root, "covers", error,
                                _("“%s” is no group of metrics; virt-tune-profile(5) lists them"),
                                shown);
        }
        vt_profile_set_covers(reader->profile, name_space);
    }
    for (guint i = 0; notes && i < notes->len; i++)
        vt_profile_note(reader->profile, "%s", (const char *)g_ptr_array_index(notes, i));
    reader->default_source = sources && sources->len > 0 ? g_ptr_array_index(sources, 0) : "native";
    return TRUE;
}

/* With @ret_has TRUE where the metrics have counts per window, and with @ret_lacks TRUE where they do not: all of them,
 * or none, but those that were counted over the whole sample only. */
static gboolean check_per_window(Reader *reader, gboolean *ret_has, gboolean *ret_lacks, GError **error)
{
    JsonObjectIter iter;
    const char *name, *without = NULL;
    JsonNode *value;
    gboolean has = FALSE;

    json_object_iter_init(&iter, reader->metrics);
    while (json_object_iter_next(&iter, &name, &value)) {
        if (!JSON_NODE_HOLDS_OBJECT(value))
            continue;
        if (json_object_has_member(json_node_get_object(value), "per_window"))
            has = TRUE;
        else if (!json_object_has_member(json_node_get_object(value), "whole_ns"))
            without = name;
    }
    if (has && without) {
        vt_json_set_context(reader->json, without);
        return vt_json_fail(reader->json, reader->metrics, without, error,
                            _("“per_window” is missing here, but other metrics have it"));
    }
    *ret_has = has;
    *ret_lacks = without != NULL;
    return TRUE;
}

static gboolean read_windows(Reader *reader, JsonObject *root, GError **error)
{
    g_autoptr(GArray) lengths = NULL, vcpus = NULL;
    guint64 count = 1, sum = 0;
    gboolean per_window = FALSE, lacks = FALSE;

    if (!vt_json_get_u64(reader->json, root, "windows", FALSE, 1, WINDOWS_MAX, &count, error) ||
        !vt_json_get_u64s(reader->json, root, "window_ns", FALSE, 1, G_MAXINT64, &lengths, error) ||
        !vt_json_get_u64s(reader->json, root, "window_vcpus", FALSE, 1, VCPUS_MAX, &vcpus, error) ||
        !check_per_window(reader, &per_window, &lacks, error))
        return FALSE;
    if (lengths && lengths->len != count)
        return vt_json_fail(reader->json, root, "window_ns", error,
                            _("“window_ns” has %u elements for %" PRIu64 " windows"),
                            lengths->len, count);
    if (vcpus && vcpus->len != count)
        return vt_json_fail(reader->json, root, "window_vcpus", error,
                            _("“window_vcpus” has %u elements for %" PRIu64 " windows"),
                            vcpus->len, count);
    if (per_window && !lengths && count > 1)
        return vt_json_fail(
            reader->json, root, "windows", error,
            _("“window_ns” is missing: there are counts per window, but not how long each was"));

    reader->single = lacks;
    if (reader->single || !lengths) {
        vt_profile_add_window(reader->profile, reader->duration_ns, reader->vcpus);
        return TRUE;
    }
    for (guint i = 0; i < count; i++) {
        guint64 length = g_array_index(lengths, guint64, i);

        if (length > G_MAXINT64 - sum)
            return vt_json_fail(reader->json, root, "window_ns", error,
                                _("the windows are too long"));
        sum += length;
        vt_profile_add_window(reader->profile, length,
                              vcpus ? (guint)g_array_index(vcpus, guint64, i) : reader->vcpus);
    }
    if (sum != reader->duration_ns)
        return vt_json_fail(reader->json, root, "window_ns", error,
                            _("the windows add up to %" PRIu64
                              " ns, but “duration_ns” is %" PRIu64),
                            sum, reader->duration_ns);
    return TRUE;
}

/* The count of a metric, or of a vCPU's part of it, and its counts per window. */
static gboolean read_counts(Reader *reader, JsonObject *object, GArray **ret_counts, GError **error)
{
    guint windows = reader->profile->windows->len;
    g_autoptr(GArray) counts = NULL;
    guint64 count, sum = 0;

    if (!vt_json_get_u64(reader->json, object, "count", TRUE, 0, G_MAXINT64, &count, error))
        return FALSE;
    if (reader->single) {
        *ret_counts = g_array_new(FALSE, FALSE, sizeof(guint64));
        g_array_append_val(*ret_counts, count);
        return TRUE;
    }
    if (!vt_json_get_u64s(reader->json, object, "per_window", TRUE, 0, G_MAXINT64, &counts, error))
        return FALSE;
    if (counts->len != windows)
        return vt_json_fail(reader->json, object, "per_window", error,
                            _("“per_window” has %u elements for %u windows"), counts->len, windows);
    for (guint i = 0; i < counts->len; i++) {
        guint64 part = g_array_index(counts, guint64, i);

        sum = part > G_MAXINT64 - sum ? G_MAXINT64 : sum + part;
    }
    if (sum != count)
        return vt_json_fail(
            reader->json, object, "count", error,
            _("“count” is %" PRIu64 ", but “per_window” adds up to %" PRIu64),
            count, sum);
    *ret_counts = g_steal_pointer(&counts);
    return TRUE;
}

/* @ret_has TRUE with @buckets filled, or FALSE where there is none. */
static gboolean read_histogram(Reader *reader, JsonObject *object, guint64 *buckets,
                               gboolean *ret_has, GError **error)
{
    g_autoptr(GArray) given = NULL;

    if (!vt_json_get_u64s(reader->json, object, "histogram", FALSE, 0, G_MAXINT64, &given, error))
        return FALSE;
    if (given && given->len > VT_HISTOGRAM_BUCKETS)
        return vt_json_fail(reader->json, object, "histogram", error,
                            _("“histogram” has %u elements, and at most %d are known"), given->len,
                            VT_HISTOGRAM_BUCKETS);
    for (guint i = 0; i < VT_HISTOGRAM_BUCKETS; i++)
        buckets[i] = given && i < given->len ? g_array_index(given, guint64, i) : 0;
    *ret_has = given != NULL;
    return TRUE;
}

static gboolean is_numbered(const VtProfile *profile, guint vcpu)
{
    for (guint i = 0; profile->numbered && i < profile->numbered->len; i++)
        if (g_array_index(profile->numbered, guint, i) == vcpu)
            return TRUE;
    return FALSE;
}

/* What is known of a metric while its parts are read. */
typedef struct {
    const char *name;
    const char *source;
    guint64 least; /* the next vCPU's number is no smaller one */
    guint64 *sums; /* what the vCPUs so far have, by window */
} Whole;

/* One vCPU's part of a metric. */
static gboolean read_part(Reader *reader, JsonObject *part, Whole *whole, GError **error)
{
    static const char *const known[] = {"vcpu",      "count",      "time_ns",
                                        "histogram", "per_window", NULL};
    const VtMetric *metric = vt_profile_get(reader->profile, whole->name);
    guint64 vcpu, time_ns = G_MAXUINT64, buckets[VT_HISTOGRAM_BUCKETS];
    g_autoptr(GArray) counts = NULL;
    gboolean spread;

    if (!vt_json_check_members(reader->json, part, known, error) ||
        !vt_json_get_u64(reader->json, part, "vcpu", TRUE, 0, VCPUS_MAX - 1, &vcpu, error) ||
        !vt_json_get_u64(reader->json, part, "time_ns", FALSE, 0, G_MAXINT64, &time_ns, error) ||
        !read_counts(reader, part, &counts, error) ||
        !read_histogram(reader, part, buckets, &spread, error))
        return FALSE;
    if (!is_numbered(reader->profile, (guint)vcpu))
        return vt_json_fail(reader->json, part, "vcpu", error,
                            _("vCPU %" PRIu64 " is not in “vcpu_ids”"), vcpu);
    if (vcpu < whole->least)
        return vt_json_fail(reader->json, part, "vcpu", error,
                            _("the vCPUs must ascend, each once"));
    whole->least = vcpu + 1;
    for (guint i = 0; i < counts->len; i++) {
        guint64 one = g_array_index(counts, guint64, i), *sum = &whole->sums[i];

        *sum = one > G_MAXINT64 - *sum ? G_MAXINT64 : *sum + one;
        if (*sum > vt_profile_count_in(metric, i))
            return vt_json_fail(reader->json, part, "count", error,
                                _("the vCPUs have more than the domain"));
        vt_profile_vcpu_add(reader->profile, i, whole->name, whole->source, (guint)vcpu, one);
    }
    /* Nothing is kept of one that counted nothing. */
    if (!vt_profile_vcpu_get(metric, (guint)vcpu))
        return TRUE;
    if (time_ns != G_MAXUINT64)
        vt_profile_vcpu_add_time(reader->profile, whole->name, (guint)vcpu, time_ns);
    if (spread)
        vt_profile_vcpu_add_histogram(reader->profile, whole->name, (guint)vcpu, buckets);
    return TRUE;
}

static gboolean read_parts(Reader *reader, JsonObject *metric, const char *name,
                           const char *source, GError **error)
{
    guint windows = reader->profile->windows->len;
    g_autofree guint64 *sums = g_new0(guint64, windows);
    Whole whole = {.name = name, .source = source, .sums = sums};
    g_autoptr(GPtrArray) parts = NULL;

    if (!vt_json_get_objects(reader->json, metric, "per_vcpu", FALSE, &parts, error))
        return FALSE;
    if (!parts)
        return TRUE;
    if (!reader->profile->numbered)
        return vt_json_fail(reader->json, metric, "per_vcpu", error,
                            _("“vcpu_ids” is missing: it says which vCPUs are told apart"));
    vt_profile_vcpu_add(reader->profile, 0, name, source,
                        g_array_index(reader->profile->numbered, guint, 0), 0);
    for (guint i = 0; i < parts->len; i++)
        if (!read_part(reader, g_ptr_array_index(parts, i), &whole, error))
            return FALSE;
    return TRUE;
}

/* A metric that was counted once, over @whole_ns. */
static gboolean read_whole(Reader *reader, JsonObject *metric, const char *name, const char *source,
                           guint64 whole_ns, GError **error)
{
    static const char *const others[] = {"per_window", "per_vcpu", "time_ns", "histogram",
                                         "user_count", "write_count", "device"};
    guint64 count;

    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        if (json_object_has_member(metric, others[i]))
            return vt_json_fail(reader->json, metric, others[i], error,
                                _("a metric with “whole_ns” has only a count"));
    if (!vt_json_get_u64(reader->json, metric, "count", TRUE, 0, G_MAXINT64, &count, error))
        return FALSE;
    vt_profile_add_whole(reader->profile, name, source, count, whole_ns);
    return TRUE;
}

static guint64 sum_of(const GArray *counts)
{
    guint64 sum = 0;

    for (guint i = 0; i < counts->len; i++)
        sum = vt_profile_sum(sum, g_array_index(counts, guint64, i));
    return sum;
}

/* The rates follow from the counts, so that only their form is checked. */
static gboolean read_metric(Reader *reader, JsonObject *metric, const char *name, GError **error)
{
    static const char *const known[] = {"count",  "rate_per_vcpu_s", "min",        "max",      "time_ns", "histogram",
                                        "source", "whole_ns",        "per_window", "per_vcpu", "user_count",
                                        "device", "write_count", NULL};
    static const char *const derived[] = {"rate_per_vcpu_s", "min", "max"};
    const char *source = reader->default_source, *device = NULL;
    guint64 time_ns = G_MAXUINT64, user = G_MAXUINT64, writes = G_MAXUINT64, whole_ns = 0, buckets[VT_HISTOGRAM_BUCKETS];
    g_autoptr(GArray) counts = NULL;
    gboolean spread;
    double ignored;

    if (!vt_json_check_members(reader->json, metric, known, error) ||
        !vt_json_get_string(reader->json, metric, "source", FALSE, &source, error) ||
        !vt_json_get_string(reader->json, metric, "device", FALSE, &device, error) ||
        !vt_json_get_u64(reader->json, metric, "whole_ns", FALSE, 1, G_MAXINT64, &whole_ns, error))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(derived); i++) {
        if (!vt_json_get_double(reader->json, metric, derived[i], FALSE, 0, G_MAXDOUBLE, &ignored,
                                error))
            return FALSE;
    }
    if (whole_ns > 0)
        return read_whole(reader, metric, name, source, whole_ns, error);
    if (!read_counts(reader, metric, &counts, error) ||
        !vt_json_get_u64(reader->json, metric, "time_ns", FALSE, 0, G_MAXINT64, &time_ns, error) ||
        !vt_json_get_u64(reader->json, metric, "user_count", FALSE, 0, G_MAXINT64, &user, error) ||
        !vt_json_get_u64(reader->json, metric, "write_count", FALSE, 0, G_MAXINT64, &writes, error) ||
        !read_histogram(reader, metric, buckets, &spread, error))
        return FALSE;
    if (user != G_MAXUINT64 && vt_metric_kind(name) != VT_METRIC_MMIO)
        return vt_json_fail(reader->json, metric, "user_count", error,
                            _("only addresses (mmio.…) have “user_count”"));
    if (writes != G_MAXUINT64 && vt_metric_kind(name) != VT_METRIC_PIO && vt_metric_kind(name) != VT_METRIC_MMIO)
        return vt_json_fail(reader->json, metric, "write_count", error,
                            _("only ports (pio.…) and addresses (mmio.…) have “write_count”"));
    if (writes != G_MAXUINT64 && writes > sum_of(counts))
        return vt_json_fail(reader->json, metric, "write_count", error,
                            _("there are more writes (“write_count”) than accesses (“count”)"));
    if (device && vt_metric_kind(name) != VT_METRIC_IRQ)
        return vt_json_fail(reader->json, metric, "device", error,
                            _("only interrupts (irq.…) have “device”"));
    for (guint i = 0; i < counts->len; i++)
        vt_profile_add(reader->profile, i, name, source, g_array_index(counts, guint64, i));
    if (writes != G_MAXUINT64)
        vt_profile_add_writes(reader->profile, name, source, writes);
    if (device)
        vt_profile_set_device(reader->profile, name, device);
    if (user != G_MAXUINT64)
        vt_profile_add_user(reader->profile, name, source, user);
    if (time_ns != G_MAXUINT64)
        vt_profile_add_time(reader->profile, name, time_ns);
    if (spread)
        vt_profile_add_histogram(reader->profile, name, buckets);
    return read_parts(reader, metric, name, source, error);
}

static gboolean read_metrics(Reader *reader, GError **error)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    json_object_iter_init(&iter, reader->metrics);
    while (json_object_iter_next(&iter, &name, &value)) {
        JsonObject *metric = NULL;

        if (vt_metric_kind(name) == VT_METRIC_INVALID) {
            g_autofree char *shown = vt_text_printable(name, FALSE);

            return vt_json_fail(reader->json, reader->metrics, name, error,
                                _("“%s” is not a metric; virt-tune-profile(5) lists the names"),
                                shown);
        }
        if (!vt_json_get_object(reader->json, reader->metrics, name, TRUE, &metric, error))
            return FALSE;
        vt_json_set_context(reader->json, name);
        if (!read_metric(reader, metric, name, error))
            return FALSE;
        vt_json_set_context(reader->json, NULL);
    }
    return TRUE;
}

/* The vCPUs that are told apart. */
static gboolean read_numbered(Reader *reader, JsonObject *root, GError **error)
{
    g_autoptr(GArray) numbers = NULL;

    if (!vt_json_get_u64s(reader->json, root, "vcpu_ids", FALSE, 0, VCPUS_MAX - 1, &numbers, error))
        return FALSE;
    for (guint i = 0; numbers && i < numbers->len; i++) {
        guint64 number = g_array_index(numbers, guint64, i);

        if (i > 0 && number <= g_array_index(numbers, guint64, i - 1))
            return vt_json_fail(reader->json, root, "vcpu_ids", error,
                                _("“vcpu_ids” must ascend"));
        vt_profile_vcpu_number(reader->profile, (guint)number);
    }
    return TRUE;
}

static gboolean read_region(Reader *reader, JsonObject *object, GError **error)
{
    static const char *const known[] = {"space", "first", "last", "device", "model", "pci", NULL};
    const char *space, *device = NULL, *model, *pci;
    guint64 first, last;
    gboolean io;

    if (!vt_json_check_members(reader->json, object, known, error) ||
        !vt_json_get_string(reader->json, object, "space", TRUE, &space, error))
        return FALSE;
    io = strcmp(space, "io") == 0;
    if (!io && strcmp(space, "memory") != 0)
        return vt_json_fail(reader->json, object, "space", error,
                            _("“space” must be “io” or “memory”"));
    if (!vt_json_get_u64(reader->json, object, "first", TRUE, 0, io ? G_MAXUINT16 : G_MAXINT64,
                         &first, error) ||
        !vt_json_get_u64(reader->json, object, "last", TRUE, first, io ? G_MAXUINT16 : G_MAXINT64,
                         &last, error) ||
        !vt_json_get_string(reader->json, object, "device", FALSE, &device, error) ||
        !vt_json_get_string(reader->json, object, "model", TRUE, &model, error) ||
        !vt_json_get_string(reader->json, object, "pci", TRUE, &pci, error))
        return FALSE;
    g_ptr_array_add(reader->profile->regions, vt_region_new(io, first, last, device, model, pci));
    return TRUE;
}

static gboolean read_regions(Reader *reader, JsonObject *root, GError **error)
{
    g_autoptr(GPtrArray) objects = NULL;

    if (!vt_json_get_objects(reader->json, root, "regions", FALSE, &objects, error))
        return FALSE;
    if (!objects)
        return TRUE;
    reader->profile->regions = g_ptr_array_new_with_free_func((GDestroyNotify)vt_region_free);
    for (guint i = 0; i < objects->len; i++)
        if (!read_region(reader, g_ptr_array_index(objects, i), error))
            return FALSE;
    return TRUE;
}

static gboolean read_profile(Reader *reader, JsonObject *root, GError **error)
{
    static const char *const known[] = {"format",    "version",      "domain",  "isa",
                                        "vcpus",     "duration_ns",  "sources", "windows",
                                        "window_ns", "window_vcpus", "covers",  "metrics",
                                        "vcpu_ids",  "regions",
                                        "notes",     "lost",         "exits_at_least",
                                        "irqs_at_most", "started",
                                        NULL};
    guint64 vcpus;

    if (!vt_json_check_format(reader->json, root, VT_NATIVE_FORMAT, VT_NATIVE_VERSION, error) ||
        !vt_json_check_members(reader->json, root, known, error) ||
        !read_domain(reader, root, error) || !read_started(reader, root, error) || !read_isa(reader, root, error) ||
        !read_texts(reader, root, error) ||
        !vt_json_get_u64(reader->json, root, "vcpus", TRUE, 1, VCPUS_MAX, &vcpus, error) ||
        !vt_json_get_u64(reader->json, root, "duration_ns", TRUE, 1, G_MAXINT64,
                         &reader->duration_ns, error) ||
        !vt_json_get_u64(reader->json, root, "lost", FALSE, 0, G_MAXINT64, &reader->profile->lost,
                         error) ||
        !vt_json_get_bool(reader->json, root, "exits_at_least", FALSE,
                             &reader->profile->exits_low, error) ||
        !vt_json_get_bool(reader->json, root, "irqs_at_most", FALSE,
                             &reader->profile->irqs_at_most, error) ||
        !vt_json_get_object(reader->json, root, "metrics", TRUE, &reader->metrics, error))
        return FALSE;
    reader->vcpus = (guint)vcpus;
    return read_windows(reader, root, error) && read_numbered(reader, root, error) &&
           read_regions(reader, root, error) &&
           read_metrics(reader, error) &&
           vt_profile_finish(reader->profile, error);
}

VtProfile *vt_native_read(VtJson *json, JsonObject *root, GError **error)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    Reader reader = {.json = json, .profile = profile};

    return read_profile(&reader, root, error) ? g_steal_pointer(&profile) : NULL;
}

VtProfile *vt_native_parse(const char *text, gsize length, const char *name, GError **error)
{
    g_autoptr(VtJson) json = NULL;

    if (length > VT_NATIVE_MAX) {
        vt_error_set_input(error, name, 0, _("the profile is larger than %d MiB"),
                           VT_NATIVE_MAX / (1024 * 1024));
        return NULL;
    }
    json = vt_json_parse(text, length, name, error);
    return json ? vt_native_read(json, vt_json_root(json), error) : NULL;
}

VtProfile *vt_native_load(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize length;

    if (!vt_file_read(path, VT_NATIVE_MAX, &text, &length, error))
        return NULL;
    return vt_native_parse(text, length, vt_file_name(path), error);
}
