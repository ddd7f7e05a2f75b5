/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "kvm_stat -l" logs, with -c as CSV: a line of names, repeated every now and then, and lines
 * of the growth since the line before (log(), StdFormat and CSVFormat in tools/kvm/kvm_stat of
 * Linux):
 *
 *     exits halt_exits io_exits
 *     2026-11-21 10:22:31      2152       757        17
 *
 *     timestamp,exits,halt_exits,io_exits
 *     2026-11-21 10:22:31,2152,757,17
 *
 * Until Linux 5.7 lines had no time, and were of a second each. With -z, lines of nothing but zeros
 * are not printed. */
#include "config.h"

#include "source/import-kvm-stat.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/metric.h"
#include "source/import-kvm-event.h"

#define CSV "timestamp,"
#define YEAR_S (366 * 86400)
#define SECOND_NS G_GUINT64_CONSTANT(1000000000)

typedef struct {
    VtProfile *profile;
    VtImportOptions options;
    guint vcpus;
    GStrv names;     /* NULL before the first line of names */
    GArray *seconds; /* gint64: the time of each window's end; empty where lines have none */
    VtImportKvmEvents *events;
    gboolean exits;
} State;

static const char *separator(const char *line)
{
    return strchr(line, ',') ? "," : " ";
}

static GStrv words_of(const char *line)
{
    g_autofree char *folded = vt_text_fold(line);

    return g_strsplit(folded, separator(folded), -1);
}

static gboolean is_name(const char *word)
{
    return vt_import_kvm_stat_is_name(word) || vt_import_kvm_event_is_name(word);
}

/* The names in a line of names; NULL for another line. */
static GStrv parse_names(const char *line)
{
    g_auto(GStrv) words = words_of(line);
    guint n = g_strv_length(words);
    gboolean csv = g_str_has_prefix(line, CSV);

    if (n < 1u + csv)
        return NULL;
    for (guint i = 0; i < n; i++) {
        if (!is_name(words[i]))
            return NULL;
    }
    return g_strdupv(words + csv);
}

static int recognise(const char *line)
{
    g_auto(GStrv) names = parse_names(line);

    if (!names)
        return 0;
    if (g_str_has_prefix(line, CSV))
        return 2;
    for (guint i = 0; names[i]; i++) {
        if (vt_metric_kvm_stat_family(names[i]) || vt_import_kvm_event_is_name(names[i]))
            return 2;
    }
    return 0;
}

static gpointer begin(VtProfile *profile, const VtImportOptions *options)
{
    State *state = g_new0(State, 1);

    state->profile = profile;
    state->options = *options;
    state->vcpus = vt_import_vcpus(profile, options);
    state->events = vt_import_kvm_event_new();
    state->seconds = g_array_new(FALSE, FALSE, sizeof(gint64));
    profile->isa = options->isa;
    return state;
}

static gboolean set_names(State *state, GStrv names, GError **error)
{
    if (state->names &&
        !g_strv_equal((const char *const *)state->names, (const char *const *)names))
        return vt_import_fail(error, _("the columns are others than before; give one recording of "
                                       "kvm_stat at a time"));
    for (guint i = 0; !state->names && names[i]; i++) {
        const char *name = vt_metric_kvm_stat(names[i]);

        for (guint j = 0; j < i; j++) {
            if (strcmp(vt_metric_kvm_stat(names[j]), name) == 0)
                return vt_import_fail(error, _("%s stands twice"), name);
        }
        state->exits = state->exits || strcmp(name, "exits") == 0;
    }
    g_strfreev(state->names);
    state->names = g_strdupv(names);
    return TRUE;
}

/* "2026-11-21 10:22:31"; the time zone does not matter. */
static gboolean parse_time(const char *text, gint64 *ret_seconds)
{
    static const char form[] = "dddd-dd-dd dd:dd:dd";
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time = NULL;

    if (strlen(text) != strlen(form))
        return FALSE;
    for (guint i = 0; form[i]; i++) {
        if (form[i] == 'd' ? !g_ascii_isdigit(text[i]) : text[i] != form[i])
            return FALSE;
    }
    time = g_date_time_new_from_iso8601(text, utc);
    if (!time)
        return FALSE;
    *ret_seconds = g_date_time_to_unix(time);
    return TRUE;
}

static gboolean cut_short(const char *line, GError **error)
{
    g_autofree char *shown = vt_import_shown(line);

    return vt_import_fail(error,
                          _("“%s” is cut short or wrapped, or no line of kvm_stat; there "
                            "must be a number for each name"),
                          shown);
}

/* How many of the words are the time, which is also noted. */
static gboolean take_time(State *state, GStrv words, guint *ret_n, GError **error)
{
    guint n = g_strv_length(words);
    g_autofree char *two = n > 1 ? g_strconcat(words[0], " ", words[1], NULL) : NULL;
    guint windows = state->profile->windows->len;
    gint64 seconds;

    if (n > 0 && parse_time(words[0], &seconds))
        *ret_n = 1;
    else if (two && parse_time(two, &seconds))
        *ret_n = 2;
    else
        *ret_n = 0;
    if ((*ret_n > 0) != (state->seconds->len > 0) && windows > 0)
        return vt_import_fail(error, _("some lines have a time and some have none"));
    if (*ret_n == 0)
        return TRUE;
    if (windows > 0 && seconds < g_array_index(state->seconds, gint64, windows - 1))
        return vt_import_fail(error, _("the time went back"));
    g_array_append_val(state->seconds, seconds);
    return TRUE;
}

static gboolean read_counts(State *state, GStrv words, const char *line, GError **error)
{
    guint window = state->profile->windows->len;

    if (g_strv_length(words) != g_strv_length(state->names))
        return cut_short(line, error);
    vt_import_add_window(state->profile, state->vcpus);
    for (guint i = 0; words[i]; i++) {
        const char *name = state->names[i];
        gboolean gauge = vt_metric_kvm_stat_is_gauge(name);
        guint64 growth;

        if (!vt_import_parse_count(words[i] + (gauge && *words[i] == '-'), &growth, error)) {
            g_prefix_error(error, "%s: ", name);
            return FALSE;
        }
        if (vt_import_kvm_event_is_name(name)) {
            if (!vt_import_kvm_event_add(state->events, window, name, growth, error))
                return FALSE;
        } else if (!gauge) {
            vt_import_kvm_stat_add(state->profile, window, vt_import_kvm_stat_log.name, name,
                                   growth);
        }
    }
    return vt_import_check_size(state->profile, error);
}

static gboolean read_line(gpointer data, const char *line, GError **error)
{
    State *state = data;
    g_auto(GStrv) names = NULL, words = NULL;
    guint skip;

    if (line[strspn(line, " \t")] == '\0')
        return TRUE;
    names = parse_names(line);
    if (names)
        return set_names(state, names, error);
    if (!state->names)
        return vt_import_fail(error, _("there is no line of names before this"));
    words = words_of(line);
    return take_time(state, words, &skip, error) && read_counts(state, words + skip, line, error);
}

static gint compare_times(gconstpointer a, gconstpointer b)
{
    const gint64 *one = a, *other = b;

    return (*one > *other) - (*one < *other);
}

/* The shortest time that a quarter of @sorted have, or a second more, but no single one: where the clock was set back, a
 * time is shorter than the line. Where no time is so common, the median, of two the shorter one. */
static gint64 find_usual(const GArray *sorted)
{
    const gint64 *times = (const gint64 *)sorted->data;
    const guint enough = MAX(2, (sorted->len + 3) / 4);

    for (guint i = 0; i + enough <= sorted->len; i++) {
        if (times[i + enough - 1] <= times[i] + (times[i] > 0))
            return times[i];
    }
    return times[(sorted->len - 1) / 2];
}

typedef struct {
    guint64 length_ns;
    guint longer, shorter; /* how many times between two lines */
} Lengths;

/* How long a line is, from the times between two, which are of whole seconds: the usual one, or a second more. The mean
 * of those is better than each; longer ones have a hole. FALSE where lines are less than a second apart. */
static gboolean find_length(const gint64 *seconds, guint n, Lengths *ret_lengths)
{
    g_autoptr(GArray) times = g_array_sized_new(FALSE, FALSE, sizeof(gint64), n - 1);
    Lengths lengths = {0, 0, 0};
    gint64 usual, sum = 0;
    guint summed = 0;

    for (guint i = 1; i < n; i++) {
        gint64 length = seconds[i] - seconds[i - 1];

        g_array_append_val(times, length);
    }
    g_array_sort(times, compare_times);
    if (g_array_index(times, gint64, times->len / 2) == 0)
        return FALSE;
    usual = find_usual(times);
    for (guint i = 0; i < times->len; i++) {
        gint64 length = g_array_index(times, gint64, i);

        if (length > usual + 1)
            lengths.longer++;
        else if (length < usual && usual > 1)
            lengths.shorter++;
        else {
            sum += length;
            summed++;
        }
    }
    if (sum == 0 || summed == 0)
        return FALSE;
    lengths.length_ns = (guint64)sum * SECOND_NS / summed;
    *ret_lengths = lengths;
    return TRUE;
}

static gboolean set_lengths(State *state, GError **error)
{
    guint n = state->seconds->len;
    const gint64 *seconds = (const gint64 *)state->seconds->data;
    char shown[G_ASCII_DTOSTR_BUF_SIZE];
    Lengths lengths;

    if (state->options.duration_ns > 0 || n < 2) {
        vt_import_set_lengths(state->profile, &state->options);
        return TRUE;
    }
    if (seconds[n - 1] - seconds[0] > YEAR_S)
        return vt_import_fail(error, _("there is more than a year between the first and the last "
                                       "line; import a part of it"));
    if (!find_length(seconds, n, &lengths))
        return vt_import_fail(error, _("the lines are less than a second apart, and their times do "
                                       "not tell how long; give --duration"));
    g_ascii_formatd(shown, sizeof shown, "%.6g", (double)lengths.length_ns / SECOND_NS);
    if (lengths.longer > 0)
        vt_profile_note(state->profile,
                        _("Lines are missing, as kvm_stat -z leaves out those with nothing but zeros, or the log was "
                          "interrupted. Times between two lines that are longer than the others: %1$u. Each line was "
                          "taken to be of %2$s s; where that is wrong, give --duration."),
                        lengths.longer, shown);
    /* kvm_stat sleeps as long before each line, whatever the clock says. */
    if (lengths.shorter > 0)
        vt_profile_note(state->profile,
                        _("Times between two lines that are shorter than the others, as where the clock was set back: "
                          "%1$u. Those lines, too, were taken to be of %2$s s; where that is wrong, give --duration."),
                        lengths.shorter, shown);
    for (guint i = 0; i < n; i++)
        g_array_index(state->profile->windows, VtWindow, i).duration_ns = lengths.length_ns;
    return TRUE;
}

static gboolean end(gpointer data, GError **error)
{
    State *state = data;

    if (state->profile->windows->len == 0)
        return vt_import_fail(error, _("there is no line of counts in it"));
    if (!set_lengths(state, error) ||
        !vt_import_kvm_event_finish(state->events, state->profile, vt_import_kvm_stat_log.name, error))
        return FALSE;
    vt_import_kvm_stat_add_notes(state->profile, state->exits || vt_import_kvm_event_has_exits(state->events));
    return TRUE;
}

static void state_free(gpointer data)
{
    State *state = data;

    g_strfreev(state->names);
    g_array_unref(state->seconds);
    vt_import_kvm_event_free(state->events);
    g_free(state);
}

const VtImportFormat vt_import_kvm_stat_log = {
    .name = "kvm-stat-log",
    .summary = N_("the log of kvm_stat -l, also as CSV"),
    .whole_lines = TRUE,
    .recognise = recognise,
    .begin = begin,
    .line = read_line,
    .end = end,
    .free = state_free,
};
