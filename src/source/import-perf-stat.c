/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The counts of "perf stat -e 'kvm:*'", as a whole or of intervals (-I), as print_counter_aggr() and print_footer() of
 * tools/perf/util/stat-display.c in Linux print them:
 *
 *      Performance counter stats for process id '4711':
 *
 *                103,042      kvm:kvm_exit
 *
 *            1.001853296 seconds time elapsed
 *
 * and with -I, the time since the start before each count:
 *
 *          1.001027541            103,042      kvm:kvm_exit
 *
 * Numbers are written as the locale has them. Counts of tracepoints are whole, so that what parts three digits each time
 * is never a decimal point. */
#include "config.h"

#include "source/import.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "source/import-kvm-event.h"

#define HEAD "Performance counter stats for "
#define NAME "kvm:kvm_"
#define SECOND_NS G_GUINT64_CONSTANT(1000000000)

typedef struct {
    VtProfile *profile;
    guint vcpus;
    GRegex *count, *elapsed;
    GHashTable *seen;   /* events of the present window */
    GHashTable *others; /* events that no metric is of */
    gboolean has_window, intervals, known;
    gboolean exits, causes; /* there were exits; events that only an exit brings about */
    guint64 end_ns; /* of the present interval */
    guint events;   /* in each interval */
    guint64 elapsed_ns;
} State;

/* "103042;;kvm:kvm_exit;…", of -x with any separator: the unit between the two is empty. */
static gboolean is_fields(const char *line)
{
    const char *name = strstr(line, NAME);

    return name && name >= line + 2 && name[-1] == name[-2] && name[-1] != ' ';
}

static int recognise(const char *line)
{
    gboolean interval = line[0] == '#' && strstr(line, " counts ") && strstr(line, " events");

    return interval || strstr(line, HEAD) || is_fields(line) ? 2 : 0;
}

static gpointer begin(VtProfile *profile, const VtImportOptions *options)
{
    State *state = g_new0(State, 1);

    state->profile = profile;
    state->vcpus = vt_import_vcpus(profile, options);
    state->seen = vt_import_names();
    state->others = vt_import_names();
    state->count = g_regex_new("^\\s*(?:(\\d+)[.,](\\d{9})\\s+)?"
                               "(<not counted>|<not supported>|\\d+|\\d{1,3}(?:([.,' ]|\xe2\x80\xaf)\\d{3})(?:\\4\\d{3})*)\\s+"
                               NAME "(\\w+)\\s*(?:#.*|\\( \\+- .*)?$",
                               0, 0, NULL);
    state->elapsed = g_regex_new("^\\s*(\\d+)[.,](\\d{1,9})\\s+seconds time elapsed", 0, 0, NULL);
    profile->isa = options->isa;
    return state;
}

/* Seconds and their decimals, at most nine. */
static gboolean parse_time(const char *seconds, const char *decimals, guint64 *ret_ns, GError **error)
{
    g_autofree char *padded = g_strdup_printf("%s%.*s", decimals, (int)(9 - strlen(decimals)), "000000000");
    guint64 whole, part;

    if (!vt_text_parse_u64(seconds, 0, G_MAXINT64 / SECOND_NS - 1, &whole, error) ||
        !vt_text_parse_u64(padded, 0, SECOND_NS, &part, error))
        return FALSE;
    *ret_ns = whole * SECOND_NS + part;
    return TRUE;
}

/* An event that an interval lacks would look like zero there. */
static gboolean check_events(State *state, GError **error)
{
    guint n = g_hash_table_size(state->seen);

    if (state->events == 0)
        state->events = n;
    if (state->events == n)
        return TRUE;
    return vt_import_fail(error, _("an interval has counts of %1$u events, and the first one of %2$u; the recording is "
                                   "cut short or lacks lines"),
                          n, state->events);
}

/* The window of a line that ends at @end_ns; 0: of a table without intervals. */
static gboolean open_window(State *state, guint64 end_ns, GError **error)
{
    if (state->has_window && state->intervals != (end_ns > 0))
        return vt_import_fail(error, _("some lines have a time and some have none"));
    state->intervals = end_ns > 0;
    if (state->has_window && end_ns == state->end_ns)
        return TRUE;
    if (end_ns < state->end_ns)
        return vt_import_fail(error, _("the time went back"));
    if (state->has_window && !check_events(state, error))
        return FALSE;
    vt_profile_add_window(state->profile, end_ns > 0 ? end_ns - state->end_ns : SECOND_NS, state->vcpus);
    g_hash_table_remove_all(state->seen);
    state->has_window = TRUE;
    state->end_ns = end_ns;
    return vt_import_check_size(state->profile, error);
}

static gboolean take_count(State *state, const char *event, const char *number, GError **error)
{
    g_autoptr(GString) digits = g_string_new(NULL);
    g_autofree char *full = g_strconcat("kvm_", event, NULL);
    const char *metric = vt_import_kvm_event_metric(full);
    guint64 count;

    for (const char *p = number; *p; p++)
        if (g_ascii_isdigit(*p))
            g_string_append_c(digits, *p);
    if (!g_hash_table_add(state->seen, g_strdup(event)))
        return vt_import_fail(error, _("%s stands twice"), event);
    if (digits->len == 0)
        return vt_import_fail(error, _("kvm_%s was not counted"), event);
    if (!vt_import_parse_count(digits->str, &count, error))
        return FALSE;
    if (!metric) {
        g_hash_table_add(state->others, g_steal_pointer(&full));
        return TRUE;
    }
    vt_profile_add(state->profile, state->profile->windows->len - 1, metric, vt_import_perf_stat.name, count);
    state->known = TRUE;
    if (g_str_equal(metric, "exits"))
        state->exits = state->exits || count > 0;
    else
        state->causes = state->causes || count > 0;
    return TRUE;
}

static gboolean read_count(State *state, GMatchInfo *match, GError **error)
{
    g_autofree char *seconds = g_match_info_fetch(match, 1), *decimals = g_match_info_fetch(match, 2);
    g_autofree char *number = g_match_info_fetch(match, 3), *event = g_match_info_fetch(match, 5);
    guint64 end_ns = 0;

    if (*seconds && !parse_time(seconds, decimals, &end_ns, error))
        return FALSE;
    if (*seconds && end_ns == 0)
        return vt_import_fail(error, _("an interval of no length"));
    return open_window(state, end_ns, error) && take_count(state, event, number, error);
}

static gboolean read_line(gpointer data, const char *line, GError **error)
{
    State *state = data;
    g_autoptr(GMatchInfo) count = NULL, elapsed = NULL;
    g_autofree char *shown = NULL;

    if (strstr(line, HEAD)) {
        if (state->has_window)
            return vt_import_fail(error, _("a second table; give one recording of perf stat at a time"));
        if (g_str_has_suffix(line, " runs):"))
            return vt_import_fail(error, _("the counts are means of several runs; record without -r"));
        if (strstr(line, "'system wide'"))
            vt_profile_note(state->profile, "%s", _("perf stat counted all domains of the host together."));
        return TRUE;
    }
    if (g_regex_match(state->count, line, 0, &count))
        return read_count(state, count, error);
    if (g_regex_match(state->elapsed, line, 0, &elapsed)) {
        g_autofree char *seconds = g_match_info_fetch(elapsed, 1), *decimals = g_match_info_fetch(elapsed, 2);

        return parse_time(seconds, decimals, &state->elapsed_ns, error);
    }
    if (!strstr(line, "kvm:") || line[0] == '#')
        return TRUE;
    if (is_fields(line))
        return vt_import_fail(error, _("these are fields of perf stat -x, which do not say how long it counted; record "
                                       "without -x"));
    shown = vt_import_shown(line);
    return vt_import_fail(error,
                          _("“%s” is no count of perf stat, or is cut short; record without --per-thread, -A, -x and "
                            "modifiers"),
                          shown);
}

static gboolean end(gpointer data, GError **error)
{
    State *state = data;

    if (!state->known)
        return vt_import_fail(error, _("there is no count of kvm_exit or another event that has a metric in it"));
    if (!check_events(state, error))
        return FALSE;
    if (state->intervals && state->profile->windows->len < 2)
        return vt_import_fail(error, _("there is only one interval, which nothing tells to be whole; record for longer"));
    if (!state->intervals && state->elapsed_ns == 0)
        return vt_import_fail(error, _("there is no “seconds time elapsed” in it, or it is 0: the recording is cut short"));
    if (!state->intervals)
        g_array_index(state->profile->windows, VtWindow, 0).duration_ns = state->elapsed_ns;
    vt_import_kvm_event_note_others(state->profile, state->others);
    if (state->causes && !state->exits && g_hash_table_remove(state->profile->metrics, "exits"))
        vt_profile_note(state->profile, "%s",
                        _("This KVM does not report kvm_exit, though there were exits: how many is unknown."));
    return TRUE;
}

static void state_free(gpointer data)
{
    State *state = data;

    g_hash_table_unref(state->seen);
    g_hash_table_unref(state->others);
    g_regex_unref(state->count);
    g_regex_unref(state->elapsed);
    g_free(state);
}

const VtImportFormat vt_import_perf_stat = {
    .name = "perf-stat",
    .summary = N_("counts of kvm events by perf stat"),
    .whole_lines = TRUE,
    .recognise = recognise,
    .begin = begin,
    .line = read_line,
    .end = end,
    .free = state_free,
};
