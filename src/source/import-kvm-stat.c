/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kvm_stat prints: a name, the total since the counter began, and the growth in the last
 * second:
 *
 *     kvm statistics
 *
 *      exits                401230913    2152
 *
 * "kvm_stat -1" prints the same without the heading (batch() in tools/kvm/kvm_stat of Linux). Without
 * -d these are not KVM's statistics but tracepoints, with -d -t both. Only
 * the last column has a time, so only it makes rates; the totals of counters that no longer grow
 * are kept as a note. "-1" gives the name 42 columns, and each number at least ten, without a blank
 * in between: a growth of ten digits stands right behind its total. */
#include "config.h"

#include "source/import-kvm-stat.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/metric.h"
#include "source/import-kvm-event.h"

#define HEADING "kvm statistics"
#define NAME_COLUMNS 42
#define NUMBER_COLUMNS 10

typedef struct {
    VtProfile *profile;
    VtImportOptions options;
    guint vcpus;
    gboolean open;      /* a screen has begun */
    GHashTable *seen;   /* present names on this screen */
    GHashTable *joined; /* present names of counters whose numbers could not be told apart */
    GPtrArray *history; /* "invlpg 2684292": totals that stand still on this screen */
    VtImportKvmEvents *events;
    gboolean exits;     /* the counter "exits" was there */
    gboolean grew;      /* a counter has grown on any screen */
} State;

typedef struct {
    char *name; /* the present one */
    guint64 total;
    guint64 growth;
    gboolean gauge, event;
    gboolean joined; /* its numbers run together */
} Row;

static void row_clear(Row *row)
{
    g_free(row->name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Row, row_clear)

gboolean vt_import_kvm_stat_is_name(const char *word)
{
    if (!g_ascii_isalpha(*word))
        return FALSE;
    return word[strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static GStrv words_of(const char *line)
{
    g_autofree char *folded = vt_text_fold(line);

    return g_strsplit(folded, " ", -1);
}

static gboolean is_heading(const char *line)
{
    g_autofree char *folded = vt_text_fold(line);
    gsize n = strlen(HEADING);

    return g_str_has_prefix(folded, HEADING) && (folded[n] == '\0' || folded[n] == ' ');
}

static int recognise(const char *line)
{
    g_auto(GStrv) words = NULL;
    guint64 total, growth;

    if (is_heading(line))
        return 2;
    words = words_of(line);
    if (g_strv_length(words) != 3 ||
        (!vt_import_kvm_stat_is_name(words[0]) && !vt_import_kvm_event_is_name(words[0])) ||
        !vt_text_parse_u64(words[1], 0, G_MAXINT64, &total, NULL) ||
        !vt_text_parse_u64(words[2], 0, G_MAXINT64, &growth, NULL))
        return 0;
    return vt_metric_kvm_stat_family(words[0]) || vt_import_kvm_event_is_name(words[0]) ? 2 : 1;
}

static gpointer begin(VtProfile *profile, const VtImportOptions *options)
{
    State *state = g_new0(State, 1);

    state->profile = profile;
    state->options = *options;
    state->vcpus = vt_import_vcpus(profile, options);
    state->seen = vt_import_names();
    state->joined = vt_import_names();
    state->history = g_ptr_array_new_with_free_func(g_free);
    state->events = vt_import_kvm_event_new();
    profile->isa = options->isa;
    return state;
}

static gboolean read_number(const char *word, const char *stat, gboolean gauge, guint64 *ret_value,
                            GError **error)
{
    if (vt_import_parse_count(gauge && *word == '-' ? word + 1 : word, ret_value, error))
        return TRUE;
    g_prefix_error(error, "%s: ", stat);
    return FALSE;
}

/* The two numbers of a line of kvm_stat -1 whose growth has ten digits or more; NULL where there is
 * a blank in between, or the columns are others. */
static const char *joined_numbers(const char *line)
{
    const char *digits = line + NAME_COLUMNS;

    if (strlen(line) < NAME_COLUMNS + 2 * NUMBER_COLUMNS || line[NAME_COLUMNS - 1] != ' ' ||
        digits[strspn(digits, "0123456789")] != '\0')
        return NULL;
    return digits;
}

/* In how many places the total may end and the growth begin in @digits: neither begins with a zero,
 * and the growth is not above the total. @ret_length: how many digits the total then has. */
static guint find_growth(const char *digits, gsize *ret_length)
{
    gsize length = strlen(digits);
    guint found = 0;

    for (gsize n = NUMBER_COLUMNS; n + NUMBER_COLUMNS <= length; n++) {
        gsize rest = length - n;

        if (digits[0] == '0' || digits[n] == '0' || rest > n || (rest == n && strncmp(digits + n, digits, n) > 0))
            continue;
        *ret_length = n;
        found++;
    }
    return found;
}

/* Makes three words of the two of a line whose numbers run together. FALSE where they cannot be told apart. */
static gboolean part_numbers(const char *line, GStrv *words)
{
    const char *digits = g_strv_length(*words) == 2 ? joined_numbers(line) : NULL;
    gsize length = 0;
    guint places = digits ? find_growth(digits, &length) : 0;
    GStrv parted;

    if (places != 1)
        return places == 0;
    parted = g_new0(char *, 4);
    parted[0] = g_strdup((*words)[0]);
    parted[1] = g_strndup(digits, length);
    parted[2] = g_strdup(digits + length);
    g_strfreev(*words);
    *words = parted;
    return TRUE;
}

static gboolean read_row(const char *line, Row *row, GError **error)
{
    g_auto(GStrv) words = words_of(line);
    g_autofree char *shown = vt_import_shown(line);

    row->joined = !part_numbers(line, &words);
    row->event = words[0] && vt_import_kvm_event_is_name(words[0]);
    if (g_strv_length(words) != (row->joined ? 2 : 3) ||
        !(row->joined ? vt_import_kvm_stat_is_name(words[0])
                      : row->event || vt_import_kvm_stat_is_name(words[0])))
        return vt_import_fail(
            error,
            _("“%s” is cut short or no line of kvm_stat; one has a name, a total and a rate"),
            shown);
    row->name = g_strdup(vt_metric_kvm_stat(words[0]));
    row->gauge = vt_metric_kvm_stat_is_gauge(row->name);
    if (row->joined)
        return TRUE;
    if (!read_number(words[1], words[0], row->gauge, &row->total, error) ||
        !read_number(words[2], words[0], row->gauge, &row->growth, error))
        return FALSE;
    if (!row->gauge && row->growth > row->total)
        return vt_import_fail(
            error, _("%s has grown by more than its total; the columns are name, total and rate"),
            row->name);
    return TRUE;
}

/* The first row, or a heading, begins a screen; each is a window. */
static void open_screen(State *state)
{
    if (state->open)
        return;
    state->open = TRUE;
    g_hash_table_remove_all(state->seen);
    g_ptr_array_set_size(state->history, 0);
    vt_import_add_window(state->profile, state->vcpus);
}

void vt_import_kvm_stat_add(VtProfile *profile, guint window, const char *source, const char *stat,
                            guint64 growth)
{
    const char *name = vt_metric_kvm_stat(stat);
    const char *family = vt_metric_kvm_stat_family(name);
    g_autofree char *metric = g_strconcat("kvm.", name, NULL);

    vt_profile_add(profile, window, metric, source, growth);
    if (family)
        vt_profile_add(profile, window, family, source, growth);
}

static gboolean add_row(State *state, const Row *row, GError **error)
{
    state->grew = state->grew || row->growth > 0 || row->joined;
    if (row->joined) {
        g_hash_table_add(state->joined, g_strdup(row->name));
        return TRUE;
    }
    if (row->event)
        return vt_import_kvm_event_add(state->events, state->profile->windows->len - 1, row->name,
                                       row->growth, error);
    vt_import_kvm_stat_add(state->profile, state->profile->windows->len - 1,
                           vt_import_kvm_stat.name, row->name, row->growth);
    if (row->growth == 0 && row->total > 0)
        g_ptr_array_add(state->history,
                        g_strdup_printf("%s %" G_GUINT64_FORMAT, row->name, row->total));
    state->exits = state->exits || strcmp(row->name, "exits") == 0;
    return TRUE;
}

static gboolean read_line(gpointer data, const char *line, GError **error)
{
    State *state = data;
    g_auto(Row) row = {0};

    if (is_heading(line)) {
        state->open = FALSE;
        return TRUE;
    }
    if (line[strspn(line, " \t")] == '\0')
        return TRUE;
    if (!read_row(line, &row, error))
        return FALSE;
    open_screen(state);
    if (!g_hash_table_add(state->seen, g_strdup(row.name)))
        return vt_import_fail(error, _("%s stands twice; give one recording of kvm_stat at a time"),
                              row.name);
    return (row.gauge || add_row(state, &row, error)) && vt_import_check_size(state->profile, error);
}

void vt_import_kvm_stat_add_notes(VtProfile *profile, gboolean has_exits)
{
    vt_profile_note(
        profile, "%s",
        _("kvm_stat counts all guests of a host together, unless it was given -p or -g."));
    if (!has_exits)
        vt_profile_note(
            profile, "%s",
            _("The number of exits is not in the recording; record KVM's own statistics with "
              "“kvm_stat -1 -d”."));
}

/* What is unknown on one screen would be zero there, were it kept of the others. */
static void forget_joined(State *state)
{
    g_autofree gpointer *names = NULL;
    g_autofree char *list = NULL;
    guint n;

    names = g_hash_table_get_keys_as_array(state->joined, &n);
    if (n == 0)
        return;
    for (guint i = 0; i < n; i++) {
        const char *family = vt_metric_kvm_stat_family(names[i]);
        g_autofree char *metric = g_strconcat("kvm.", names[i], NULL);

        g_hash_table_remove(state->profile->metrics, metric);
        if (family)
            g_hash_table_remove(state->profile->metrics, family);
        state->exits = state->exits && strcmp(names[i], "exits") != 0;
    }
    list = g_strjoinv(", ", (char **)names);
    vt_profile_note(state->profile,
                    _("The total and the growth of these counters run together in the recording, so that they are "
                      "unknown: %s."),
                    list);
}

static gboolean end(gpointer data, GError **error)
{
    State *state = data;

    if (state->profile->windows->len == 0)
        return vt_import_fail(error, _("there is no counter in it"));
    vt_import_set_lengths(state->profile, &state->options);
    forget_joined(state);
    if (!state->grew) {
        /* Zeros of a living host would be a measurement; a recording in which nothing ever moves is
         * one of totals alone. */
        g_hash_table_remove_all(state->profile->metrics);
        vt_profile_note(state->profile, "%s",
                        _("No counter grew, so the recording has totals only and measured "
                          "nothing."));
    } else if (!vt_import_kvm_event_finish(state->events, state->profile, vt_import_kvm_stat.name, error)) {
        return FALSE;
    }
    vt_import_kvm_stat_add_notes(state->profile, state->exits || vt_import_kvm_event_has_exits(state->events));
    if (state->history->len > 0) {
        g_autofree char *list = NULL;

        g_ptr_array_add(state->history, NULL);
        list = g_strjoinv(", ", (char **)state->history->pdata);
        vt_profile_note(state->profile,
                        _("These counters stood still; what they count is history, over a time "
                          "that nobody knows, "
                          "and decides no rule: %s."),
                        list);
    }
    return TRUE;
}

static void state_free(gpointer data)
{
    State *state = data;

    g_hash_table_unref(state->seen);
    g_hash_table_unref(state->joined);
    g_ptr_array_unref(state->history);
    vt_import_kvm_event_free(state->events);
    g_free(state);
}

const VtImportFormat vt_import_kvm_stat = {
    .name = "kvm-stat-text",
    .summary = N_("the output of kvm_stat"),
    .whole_lines = TRUE,
    .recognise = recognise,
    .begin = begin,
    .line = read_line,
    .end = end,
    .free = state_free,
};
