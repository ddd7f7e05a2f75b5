/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The native profile format, version 1. */
#include "config.h"

#include "source/native.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "model/metric.h"

#define FORMAT "virt-tune-profile"
#define FORMAT_VERSION 1
#define VCPUS_MAX 65536
/* A day of windows of a second. */
#define WINDOWS_MAX 86400

/* At most six decimals, no exponent and no locale. Whole numbers have no point, except where a
 * reader would take them for an integer that it cannot hold. */
static void append_double(GString *out, double value)
{
    char
        text[G_ASCII_DTOSTR_BUF_SIZE * 16]; /* the largest number has 309 digits before the point */
    gsize n;

    g_ascii_formatd(text, sizeof(text), "%.6f", value);
    n = strlen(text);
    while (text[n - 1] == '0')
        n--;
    if (text[n - 1] == '.')
        n = value < (double)G_MAXINT64 ? n - 1 : n + 1;
    g_string_append_len(out, text, (gssize)n);
}

/* JSON readers have 63 bits for an integer. */
static void append_u64(GString *out, guint64 value)
{
    g_string_append_printf(out, "%" G_GUINT64_FORMAT, MIN(value, (guint64)G_MAXINT64));
}

static void append_string(GString *out, const char *text)
{
    g_autofree char *quoted = text ? vt_json_quote(text) : NULL;

    g_string_append(out, quoted ? quoted : "null");
}

static void append_strings(GString *out, GPtrArray *strings)
{
    for (guint i = 0; i < strings->len; i++) {
        g_string_append(out, i > 0 ? ", " : "");
        append_string(out, g_ptr_array_index(strings, i));
    }
}

static int compare_strings(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *sorted_keys(GHashTable *set)
{
    GPtrArray *keys = g_ptr_array_new();
    GHashTableIter iter;
    gpointer key;

    g_hash_table_iter_init(&iter, set);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        g_ptr_array_add(keys, key);
    g_ptr_array_sort(keys, compare_strings);
    return keys;
}

static const VtWindow *window_at(const VtProfile *profile, guint i)
{
    return &g_array_index(profile->windows, VtWindow, i);
}

static void append_windows(GString *out, const VtProfile *profile)
{
    g_string_append(out, "  \"window_ns\": [");
    for (guint i = 0; i < profile->windows->len; i++) {
        g_string_append(out, i > 0 ? ", " : "");
        append_u64(out, window_at(profile, i)->duration_ns);
    }
    g_string_append(out, "],\n  \"window_vcpus\": [");
    for (guint i = 0; i < profile->windows->len; i++)
        g_string_append_printf(out, "%s%u", i > 0 ? ", " : "", window_at(profile, i)->vcpus);
    g_string_append(out, "],\n");
}

/* Up to the last bucket that is not empty. */
static void append_histogram(GString *out, const guint64 *buckets)
{
    guint n = VT_HISTOGRAM_BUCKETS;

    while (n > 0 && buckets[n - 1] == 0)
        n--;
    g_string_append(out, ", \"histogram\": [");
    for (guint i = 0; i < n; i++) {
        g_string_append(out, i > 0 ? ", " : "");
        append_u64(out, buckets[i]);
    }
    g_string_append_c(out, ']');
}

static void append_metric(GString *out, const VtMetric *metric)
{
    append_string(out, metric->name);
    g_string_append(out, ": {\"count\": ");
    append_u64(out, metric->count);
    g_string_append(out, ", \"rate_per_vcpu_s\": ");
    append_double(out, metric->rate);
    g_string_append(out, ", \"min\": ");
    append_double(out, metric->min);
    g_string_append(out, ", \"max\": ");
    append_double(out, metric->max);
    if (metric->has_time) {
        g_string_append(out, ", \"time_ns\": ");
        append_u64(out, metric->time_ns);
    }
    if (metric->histogram)
        append_histogram(out, metric->histogram);
    g_string_append(out, ", \"source\": ");
    append_string(out, metric->source);
    if (metric->counts->len > 1) {
        g_string_append(out, ", \"per_window\": [");
        for (guint i = 0; i < metric->counts->len; i++) {
            g_string_append(out, i > 0 ? ", " : "");
            append_u64(out, g_array_index(metric->counts, guint64, i));
        }
        g_string_append_c(out, ']');
    }
    g_string_append_c(out, '}');
}

char *vt_native_format(const VtProfile *profile)
{
    g_autoptr(GPtrArray) metrics = vt_profile_sorted(profile);
    g_autoptr(GPtrArray) covers = sorted_keys(profile->covers);
    GString *out = g_string_new("{\n  \"format\": \"" FORMAT "\",\n");

    g_string_append_printf(out, "  \"version\": %d,\n  \"domain\": {\"name\": ", FORMAT_VERSION);
    append_string(out, profile->name);
    g_string_append(out, ", \"uuid\": ");
    append_string(out, profile->uuid);
    g_string_append_printf(out, "},\n  \"isa\": \"%s\",\n  \"vcpus\": %u,\n  \"duration_ns\": ",
                           vt_isa_name(profile->isa), profile->vcpus);
    append_u64(out, profile->duration_ns);
    g_string_append(out, ",\n  \"sources\": [");
    append_strings(out, profile->sources);
    g_string_append_printf(out, "],\n  \"windows\": %u,\n", profile->windows->len);
    if (profile->windows->len > 1)
        append_windows(out, profile);
    g_string_append(out, "  \"covers\": [");
    append_strings(out, covers);
    g_string_append(out, "],\n  \"metrics\": {");
    for (guint i = 0; i < metrics->len; i++) {
        g_string_append(out, i > 0 ? ",\n    " : "\n    ");
        append_metric(out, g_ptr_array_index(metrics, i));
    }
    g_string_append(out, metrics->len > 0 ? "\n  },\n  \"notes\": [" : "},\n  \"notes\": [");
    append_strings(out, profile->notes);
    g_string_append(out, "],\n  \"lost\": ");
    append_u64(out, profile->lost);
    g_string_append(out, profile->exits_low ? ",\n  \"exits_at_least\": true\n}\n" : "\n}\n");
    return g_string_free(out, FALSE);
}

gboolean vt_native_save(const VtProfile *profile, const char *path, GError **error)
{
    g_autofree char *text = vt_native_format(profile);

    return vt_file_write(path, text, error);
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

static gboolean read_header(Reader *reader, JsonObject *root, GError **error)
{
    const char *format = NULL;
    guint64 version;

    if (!vt_json_get_string(reader->json, root, "format", TRUE, &format, error))
        return FALSE;
    if (strcmp(format, FORMAT) != 0) {
        g_autofree char *shown = vt_text_printable(format, FALSE);

        return vt_json_fail(reader->json, root, "format", error,
                            _("this is “%s” and no profile; a profile has the format “%s”"), shown,
                            FORMAT);
    }
    if (!vt_json_get_u64(reader->json, root, "version", TRUE, 1, G_MAXINT64, &version, error))
        return FALSE;
    if (version > FORMAT_VERSION)
        return vt_json_fail(reader->json, root, "version", error,
                            _("profile version %" PRIu64
                              " is newer than this program reads (%d); update "
                              "virt-tune"),
                            version, FORMAT_VERSION);
    return TRUE;
}

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

/* TRUE with @ret_has where the metrics have counts per window: all of them, or none. */
static gboolean check_per_window(Reader *reader, gboolean *ret_has, GError **error)
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
        else
            without = name;
    }
    if (has && without) {
        vt_json_set_context(reader->json, without);
        return vt_json_fail(reader->json, reader->metrics, without, error,
                            _("“per_window” is missing here, but other metrics have it"));
    }
    *ret_has = has;
    return TRUE;
}

static gboolean read_windows(Reader *reader, JsonObject *root, GError **error)
{
    g_autoptr(GArray) lengths = NULL, vcpus = NULL;
    guint64 count = 1, sum = 0;
    gboolean per_window = FALSE;

    if (!vt_json_get_u64(reader->json, root, "windows", FALSE, 1, WINDOWS_MAX, &count, error) ||
        !vt_json_get_u64s(reader->json, root, "window_ns", FALSE, 1, G_MAXINT64, &lengths, error) ||
        !vt_json_get_u64s(reader->json, root, "window_vcpus", FALSE, 1, VCPUS_MAX, &vcpus, error) ||
        !check_per_window(reader, &per_window, error))
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

    reader->single = !per_window && json_object_get_size(reader->metrics) > 0;
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

static gboolean read_counts(Reader *reader, JsonObject *metric, const char *name,
                            const char *source, guint64 count, GError **error)
{
    g_autoptr(GArray) counts = NULL;
    guint64 sum = 0;

    if (reader->single) {
        vt_profile_add(reader->profile, 0, name, source, count);
        return TRUE;
    }
    if (!vt_json_get_u64s(reader->json, metric, "per_window", TRUE, 0, G_MAXINT64, &counts, error))
        return FALSE;
    if (counts->len != reader->profile->windows->len)
        return vt_json_fail(reader->json, metric, "per_window", error,
                            _("“per_window” has %u elements for %u windows"), counts->len,
                            reader->profile->windows->len);
    for (guint i = 0; i < counts->len; i++) {
        guint64 part = g_array_index(counts, guint64, i);

        sum = part > G_MAXINT64 - sum ? G_MAXINT64 : sum + part;
        vt_profile_add(reader->profile, i, name, source, part);
    }
    if (sum != count)
        return vt_json_fail(
            reader->json, metric, "count", error,
            _("“count” is %" PRIu64 ", but “per_window” adds up to %" PRIu64),
            count, sum);
    return TRUE;
}

static gboolean read_histogram(Reader *reader, JsonObject *metric, const char *name, GError **error)
{
    guint64 buckets[VT_HISTOGRAM_BUCKETS] = {0};
    g_autoptr(GArray) given = NULL;

    if (!vt_json_get_u64s(reader->json, metric, "histogram", FALSE, 0, G_MAXINT64, &given, error))
        return FALSE;
    if (!given)
        return TRUE;
    if (given->len > VT_HISTOGRAM_BUCKETS)
        return vt_json_fail(reader->json, metric, "histogram", error,
                            _("“histogram” has %u elements, and at most %d are known"), given->len,
                            VT_HISTOGRAM_BUCKETS);
    for (guint i = 0; i < given->len; i++)
        buckets[i] = g_array_index(given, guint64, i);
    vt_profile_add_histogram(reader->profile, name, buckets);
    return TRUE;
}

/* The rates follow from the counts, so that only their form is checked. */
static gboolean read_metric(Reader *reader, JsonObject *metric, const char *name, GError **error)
{
    static const char *const known[] = {"count",     "rate_per_vcpu_s", "min",        "max", "time_ns",
                                        "histogram", "source",          "per_window", NULL};
    static const char *const derived[] = {"rate_per_vcpu_s", "min", "max"};
    const char *source = reader->default_source;
    guint64 count, time_ns = G_MAXUINT64;
    double ignored;

    if (!vt_json_check_members(reader->json, metric, known, error) ||
        !vt_json_get_u64(reader->json, metric, "count", TRUE, 0, G_MAXINT64, &count, error) ||
        !vt_json_get_u64(reader->json, metric, "time_ns", FALSE, 0, G_MAXINT64, &time_ns, error) ||
        !vt_json_get_string(reader->json, metric, "source", FALSE, &source, error))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(derived); i++) {
        if (!vt_json_get_double(reader->json, metric, derived[i], FALSE, 0, G_MAXDOUBLE, &ignored,
                                error))
            return FALSE;
    }
    if (!read_counts(reader, metric, name, source, count, error))
        return FALSE;
    if (time_ns != G_MAXUINT64)
        vt_profile_add_time(reader->profile, name, time_ns);
    return read_histogram(reader, metric, name, error);
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

static gboolean read_profile(Reader *reader, JsonObject *root, GError **error)
{
    static const char *const known[] = {"format",    "version",      "domain",  "isa",
                                        "vcpus",     "duration_ns",  "sources", "windows",
                                        "window_ns", "window_vcpus", "covers",  "metrics",
                                        "notes",     "lost",         "exits_at_least",
                                        NULL};
    guint64 vcpus;

    if (!read_header(reader, root, error) ||
        !vt_json_check_members(reader->json, root, known, error) ||
        !read_domain(reader, root, error) || !read_isa(reader, root, error) ||
        !read_texts(reader, root, error) ||
        !vt_json_get_u64(reader->json, root, "vcpus", TRUE, 1, VCPUS_MAX, &vcpus, error) ||
        !vt_json_get_u64(reader->json, root, "duration_ns", TRUE, 1, G_MAXINT64,
                         &reader->duration_ns, error) ||
        !vt_json_get_u64(reader->json, root, "lost", FALSE, 0, G_MAXINT64, &reader->profile->lost,
                         error) ||
        !vt_json_get_bool(reader->json, root, "exits_at_least", FALSE,
                             &reader->profile->exits_low, error) ||
        !vt_json_get_object(reader->json, root, "metrics", TRUE, &reader->metrics, error))
        return FALSE;
    reader->vcpus = (guint)vcpus;
    return read_windows(reader, root, error) && read_metrics(reader, error) &&
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
