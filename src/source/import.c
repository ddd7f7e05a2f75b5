/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading of foreign recordings: lines in, the format that knows them found, a finished profile
 * out. */
#include "config.h"

#include "source/import.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/sort.h"
#include "base/text.h"

/* Bytes of a list of processes in a message. */
#define LIST_MAX 200
#define LINE_MAX_BYTES 65536
/* A format must be certain, or the only candidate, within so many lines. */
#define PROBE_LINES 64
/* A day of tables of a second. */
#define WINDOWS_MAX 86400
#define METRICS_MAX 65536
/* Counts in memory: windows times metrics. */
#define COUNTS_MAX (4 * 1024 * 1024)
#define NBSP "\xc2\xa0"
/* The mark of UTF-8 that programs of Windows begin a file with. */
#define BOM "\xef\xbb\xbf"

static const VtImportFormat *const formats[] = {
    &vt_import_systemtap,
    &vt_import_kvm_stat,
    &vt_import_perf_kvm_stat,
    &vt_import_trace,
    &vt_import_domstats,
    &vt_import_hist,
    &vt_import_kvm_stat_log,
    &vt_import_kvmexit,
    &vt_import_service_time,
    &vt_import_perf_stat,
    &vt_import_bpftrace,
    NULL,
};

const VtImportFormat *const *vt_import_table(void)
{
    return formats;
}

void vt_import_set_error(GError **error, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, VT_ERROR, VT_ERROR_INPUT, message);
}

char *vt_import_shown(const char *line)
{
    g_autofree char *start = g_strndup(line, 80);

    return vt_text_printable(start, FALSE);
}

guint vt_import_vcpus(VtProfile *profile, const VtImportOptions *options)
{
    if (options->vcpus > 0)
        return options->vcpus;
    vt_profile_note(profile, "%s",
                    _("The recording does not say how many vCPUs it is of: one was taken, so that "
                      "rates per vCPU are too high if there were more. Give --vcpus."));
    return 1;
}

void vt_import_set_vcpus(VtProfile *profile, const VtImportOptions *options, guint seen)
{
    gboolean told = options->vcpus > 0 || seen == 0;
    guint n = told ? vt_import_vcpus(profile, options) : seen;

    if (!told)
        vt_profile_note(profile,
                        _("Number of vCPUs that the recording has events of: %u. If the domain has more, "
                          "those that slept, give --vcpus: else rates per vCPU are too high."),
                        n);
    for (guint i = 0; i < profile->windows->len; i++)
        g_array_index(profile->windows, VtWindow, i).vcpus = n;
}

GHashTable *vt_import_names(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

gboolean vt_import_check_processes(GHashTable *processes, GError **error)
{
    g_autoptr(GPtrArray) names = vt_sort_keys(processes);
    g_autoptr(GString) list = g_string_new(NULL);

    if (names->len < 2)
        return TRUE;
    for (guint i = 0; i < names->len && list->len < LIST_MAX; i++)
        g_string_append_printf(list, "%s%s", i > 0 ? ", " : "", (const char *)names->pdata[i]);
    return vt_import_fail(error,
                          _("there are several domains in it; choose the process of one by "
                            "“virt-tune import --domain”: %s"),
                          list->str);
}

gboolean vt_import_parse_count(const char *text, guint64 *ret_count, GError **error)
{
    g_autofree char *shown = NULL;

    if (text[strspn(text, "0123456789")] == '\0' &&
        vt_text_parse_u64(text, 0, G_MAXINT64, ret_count, NULL))
        return TRUE;
    shown = vt_text_printable(text, FALSE);
    g_set_error(error, VT_ERROR, VT_ERROR_INPUT,
                _("“%s” is not a count (0 to %" PRId64 ")"), shown, G_MAXINT64);
    return FALSE;
}

gboolean vt_import_check_size(const VtProfile *profile, GError **error)
{
    guint64 windows = profile->windows->len;
    guint64 metrics = g_hash_table_size(profile->metrics);

    if (windows <= WINDOWS_MAX && metrics <= METRICS_MAX && windows * metrics <= COUNTS_MAX)
        return TRUE;
    g_set_error_literal(
        error, VT_ERROR, VT_ERROR_INPUT,
        _("the recording is too long or has too many metrics; import a part of it"));
    return FALSE;
}

void vt_import_add_window(VtProfile *profile, guint vcpus)
{
    vt_profile_add_window(profile, G_USEC_PER_SEC * 1000, vcpus);
}

void vt_import_set_lengths(VtProfile *profile, const VtImportOptions *options)
{
    guint n = profile->windows->len;
    double sum = 0, so_far = 0;
    guint64 begin = 0;

    if (options->duration_ns == 0) {
        vt_profile_note(profile, "%s",
                        _("The recording does not say how long it took: one second for each table "
                          "was taken. Give --duration if it was another time."));
        return;
    }
    for (guint i = 0; i < n; i++)
        sum += (double)g_array_index(profile->windows, VtWindow, i).duration_ns;
    for (guint i = 0; i < n; i++) {
        VtWindow *window = &g_array_index(profile->windows, VtWindow, i);
        guint64 end;

        so_far += (double)window->duration_ns;
        end = i + 1 < n ? (guint64)((double)options->duration_ns * (so_far / sum) + 0.5) : options->duration_ns;
        window->duration_ns = end > begin ? end - begin : 1;
        begin = MAX(begin, end);
    }
}

typedef struct {
    FILE *stream;
    const char *name;
    guint64 line; /* the number of the line that was read last */
    GString *text;
    gboolean cut; /* the last line has no newline */
} LineReader;

static gboolean fail(const LineReader *reader, GError **error, const char *message)
{
    return vt_error_set_input(error, reader->name, reader->line, "%s", message);
}

/* A table that was copied from a web page has no-break spaces for columns. */
static void replace_nbsp(GString *text)
{
    char *from = strstr(text->str, NBSP), *to = from;

    if (!from)
        return;
    while (*from) {
        gboolean nbsp = g_str_has_prefix(from, NBSP);

        *to++ = nbsp ? ' ' : *from;
        from += nbsp ? strlen(NBSP) : 1;
    }
    g_string_truncate(text, (gsize)(to - text->str));
}

/* FALSE without an error at the end of the input. The end of the line, also of one from DOS, is cut
 * off. */
static gboolean read_line(LineReader *reader, GError **error)
{
    int c;

    g_string_truncate(reader->text, 0);
    reader->line++;
    while ((c = getc_unlocked(reader->stream)) != EOF && c != '\n') {
        if (c == '\0')
            return fail(reader, error, _("a NUL byte: this is no text file"));
        if (reader->text->len >= LINE_MAX_BYTES)
            return fail(reader, error, _("the line is longer than 64 KiB: this is no recording"));
        g_string_append_c(reader->text, (char)c);
    }
    if (c == EOF && ferror(reader->stream)) {
        g_autofree char *shown = vt_text_printable(reader->name, FALSE);

        g_set_error(error, VT_ERROR, VT_ERROR_IO, _("cannot read %s: %s"), shown,
                    g_strerror(errno));
        return FALSE;
    }
    if (c == EOF && reader->text->len == 0)
        return FALSE;
    reader->cut = c == EOF;
    if (reader->line == 1 && g_str_has_prefix(reader->text->str, BOM))
        g_string_erase(reader->text, 0, strlen(BOM));
    if (g_str_has_suffix(reader->text->str, "\r"))
        g_string_truncate(reader->text, reader->text->len - 1);
    replace_nbsp(reader->text);
    return TRUE;
}

static char *list_formats(void)
{
    GString *list = g_string_new(NULL);

    for (guint i = 0; formats[i]; i++)
        g_string_append_printf(list, "%s%s (%s)", i > 0 ? ", " : "", formats[i]->name,
                               _(formats[i]->summary));
    return g_string_free(list, FALSE);
}

static const VtImportFormat *find_format(const char *name, GError **error)
{
    g_autofree char *list = NULL, *shown = NULL;

    for (guint i = 0; formats[i]; i++) {
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    }
    list = list_formats();
    shown = vt_text_printable(name, FALSE);
    g_set_error(error, VT_ERROR, VT_ERROR_USAGE,
                _("“%s” is not a format that can be imported; there are: %s"), shown, list);
    return NULL;
}

/* Reads lines into @lines until a format is certain. NULL with @error. */
static const VtImportFormat *recognise(LineReader *reader, GPtrArray *lines, GError **error)
{
    const VtImportFormat *best = NULL;
    g_autofree char *list = NULL;
    int best_score = 0;
    GError *local = NULL;
    gsize bytes = 0;

    while (best_score < 2 && lines->len < PROBE_LINES && bytes <= LINE_MAX_BYTES &&
           read_line(reader, &local)) {
        g_ptr_array_add(lines, g_strndup(reader->text->str, reader->text->len));
        bytes += reader->text->len;
        for (guint i = 0; formats[i]; i++) {
            int score = formats[i]->recognise(reader->text->str);

            if (score > best_score) {
                best = formats[i];
                best_score = score;
            }
        }
    }
    if (local) {
        g_propagate_error(error, local);
        return NULL;
    }
    if (best)
        return best;
    list = list_formats();
    if (lines->len == 0)
        vt_error_set_input(error, reader->name, 0, _("the input is empty"));
    else
        vt_error_set_input(error, reader->name, 0, _("no known format; these can be imported: %s"),
                           list);
    return NULL;
}

/* What an option asks for in vain must not look as if it were there. */
static gboolean check_options(const LineReader *reader, const VtImportFormat *format,
                              const VtImportOptions *options, GError **error)
{
    if (!options->domain || format->domains)
        return TRUE;
    return vt_error_set_input(error, reader->name, 0,
                              _("--domain: “%s” does not tell of which domain its figures are; record one domain "
                                "alone, and import that without --domain"),
                              format->name);
}

static gboolean feed(const LineReader *reader, const VtImportFormat *format, gpointer state,
                     const char *line, guint64 number, GError **error)
{
    g_autoptr(GError) local = NULL;

    if (format->line(state, line, &local))
        return TRUE;
    return vt_error_set_input(error, reader->name, number, "%s", local->message);
}

static gboolean feed_all(LineReader *reader, const VtImportFormat *format, gpointer state,
                         GPtrArray *lines, GError **error)
{
    GError *local = NULL;

    for (guint i = 0; i < lines->len; i++) {
        if (!feed(reader, format, state, g_ptr_array_index(lines, i), i + 1, error))
            return FALSE;
    }
    while (read_line(reader, &local)) {
        if (!feed(reader, format, state, reader->text->str, reader->line, error))
            return FALSE;
    }
    if (local) {
        g_propagate_error(error, local);
        return FALSE;
    }
    if (reader->cut && format->whole_lines)
        return vt_error_set_input(error, reader->name, reader->line - 1, "%s",
                                  _("the line has no end: the recording is cut short"));
    if (format->end(state, &local))
        return TRUE;
    vt_error_set_input(error, reader->name, 0, "%s", local->message);
    g_error_free(local);
    return FALSE;
}

VtProfile *vt_import_stream(FILE *stream, const char *name, const char *format_name,
                            const VtImportOptions *options, GError **error)
{
    static const VtImportOptions nothing = {0};
    g_autoptr(GString) text = g_string_sized_new(256);
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(VtProfile) profile = NULL;
    LineReader reader = {stream, name, 0, text, FALSE};
    const VtImportFormat *format =
        format_name ? find_format(format_name, error) : recognise(&reader, lines, error);
    gpointer state;
    gboolean ok;

    if (!options)
        options = &nothing;
    if (!format || !check_options(&reader, format, options, error))
        return NULL;
    profile = vt_profile_new();
    vt_profile_add_source(profile, format->name);
    state = format->begin(profile, options);
    ok = feed_all(&reader, format, state, lines, error);
    format->free(state);
    if (ok && options->per_vcpu && !profile->numbered)
        vt_profile_note(profile, "%s",
                        _("The recording does not tell which vCPU has how much, which was asked for "
                          "(--vcpu)."));
    return ok && vt_profile_finish(profile, error) ? g_steal_pointer(&profile) : NULL;
}

/* A FIFO is welcome: "<(ssh host kvm_stat -1)". */
VtProfile *vt_import_file(const char *path, const char *format, const VtImportOptions *options,
                          GError **error)
{
    gboolean standard = strcmp(path, "-") == 0;
    FILE *stream = standard ? stdin : fopen(path, "re");
    g_autofree char *shown = vt_text_printable(vt_file_name(path), FALSE);
    VtProfile *profile = NULL;
    struct stat st;

    if (!stream) {
        g_set_error(error, VT_ERROR, VT_ERROR_IO, _("cannot read %s: %s"), shown,
                    g_strerror(errno));
        return NULL;
    }
    if (fstat(fileno(stream), &st) == 0 && S_ISDIR(st.st_mode))
        g_set_error(error, VT_ERROR, VT_ERROR_IO, _("cannot read %s: it is a directory"), shown);
    else
        profile = vt_import_stream(stream, vt_file_name(path), format, options, error);
    if (!standard)
        fclose(stream);
    return profile;
}
