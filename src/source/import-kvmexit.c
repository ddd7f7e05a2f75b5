/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kvmexit of the BPF compiler collection prints when it ends (tools/kvmexit.py of bcc), for
 * Intel only; the columns depend on its options:
 *
 *     Display kvm exit reasons and statistics for PID 1273551 and its all threads after sleeping 6
 * secs. PID      TID      KVM_EXIT_REASON                     COUNT 1273551  1273568
 * EXTERNAL_INTERRUPT                  12
 *
 * Its list of names has a hole: "TPAUSE" and "N/A" grew together, so that what it calls BUS_LOCK
 * and NOTIFY are the exits before these. Those, and codes that it calls N/A, are counted without a
 * name. */
#include "config.h"

#include "source/import.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "source/import-choice.h"
#include "source/import-reason.h"

#define TALK "Display kvm exit reasons and statistics for "
#define SLEPT " after sleeping "
/* The script has room for 1024 threads, of at most 76 reasons. */
#define ROWS_MAX (1024u * 76)
#define REASON "KVM_EXIT_REASON"

enum { COLUMN_PID, COLUMN_TID, N_COLUMNS };

typedef struct {
    VtProfile *profile;
    VtImportOptions options;
    gboolean open;           /* the line of headings was there */
    gboolean has[N_COLUMNS]; /* which columns stand before the reason */
    GArray *chosen;          /* guint64: processes or threads; empty: all */
    GHashTable *seen;        /* "pid tid reason" */
    GHashTable *threads;     /* those that were counted */
    GHashTable *processes;   /* all of them */
    GHashTable *counts;      /* metric -> guint64 */
    guint64 total, unnamed;
    guint64 seconds; /* from the first line; 0: not told */
} State;

typedef struct {
    char *id[N_COLUMNS];
    guint64 number[N_COLUMNS]; /* 0: no such column */
    char *reason;
    guint64 count;
} Row;

static void row_clear(Row *row)
{
    for (guint i = 0; i < N_COLUMNS; i++)
        g_free(row->id[i]);
    g_free(row->reason);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Row, row_clear)

static gboolean is_heading(const char *line, gboolean has[N_COLUMNS])
{
    g_autofree char *folded = vt_text_fold(line);
    static const struct {
        const char *text;
        gboolean pid, tid;
    } headings[] = {
        {REASON " COUNT", FALSE, FALSE},
        {"TID " REASON " COUNT", FALSE, TRUE},
        {"TIDS " REASON " COUNT", FALSE, TRUE},
        {"PID TID " REASON " COUNT", TRUE, TRUE},
    };

    for (guint i = 0; i < G_N_ELEMENTS(headings); i++) {
        if (strcmp(headings[i].text, folded) == 0) {
            has[COLUMN_PID] = headings[i].pid;
            has[COLUMN_TID] = headings[i].tid;
            return TRUE;
        }
    }
    return FALSE;
}

static int recognise(const char *line)
{
    gboolean has[N_COLUMNS];

    return g_str_has_prefix(line, TALK) || is_heading(line, has) ? 2 : 0;
}

static gpointer begin(VtProfile *profile, const VtImportOptions *options)
{
    State *state = g_new0(State, 1);

    state->profile = profile;
    state->options = *options;
    state->chosen = g_array_new(FALSE, FALSE, sizeof(guint64));
    state->seen = vt_import_names();
    state->threads = vt_import_names();
    state->processes = vt_import_names();
    state->counts = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    profile->isa = options->isa;
    return state;
}

static gboolean cut_short(const char *line, GError **error)
{
    g_autofree char *shown = vt_import_shown(line);

    return vt_import_fail(error, _("“%s” is cut short or no line of kvmexit"), shown);
}

static gboolean parse_row(const State *state, const char *line, Row *row, GError **error)
{
    g_autofree char *folded = vt_text_fold(line);
    g_auto(GStrv) words = g_strsplit(folded, " ", -1);
    guint n = 0;

    if (g_strv_length(words) != 2u + state->has[COLUMN_PID] + state->has[COLUMN_TID])
        return cut_short(line, error);
    for (guint i = 0; i < N_COLUMNS; i++) {
        if (!state->has[i])
            continue;
        if (!vt_text_parse_u64(words[n], 1, G_MAXUINT32, &row->number[i], NULL))
            return cut_short(line, error);
        row->id[i] = g_strdup(words[n++]);
    }
    row->reason = g_strdup(words[n]);
    return vt_import_parse_count(words[n + 1], &row->count, error);
}

/* NULL in @ret_metric for an exit of which the tool does not tell what it is. */
static gboolean find_metric(State *state, const char *reason, const char **ret_metric,
                            GError **error)
{
    static const char *const without[] = {"N/A", "BUS_LOCK", "NOTIFY", NULL};
    guint64 code;

    *ret_metric = NULL;
    if (!vt_import_reason_set_isa(state->profile, VT_ISA_VMX, error))
        return FALSE;
    if (g_strv_contains(without, reason))
        return TRUE;
    if (!vt_import_reason_find(state->profile, strcmp(reason, "TPAUSEN/A") == 0 ? "TPAUSE" : reason,
                               &code, error))
        return FALSE;
    *ret_metric = vt_exit_reason_metric(VT_ISA_VMX, code);
    return TRUE;
}

static gboolean add(State *state, const char *metric, guint64 count, GError **error)
{
    guint64 *sum;

    if (!g_uint64_checked_add(&state->total, state->total, count) || state->total > G_MAXINT64)
        return vt_import_fail(error, _("the numbers are too large"));
    if (!metric) {
        state->unnamed += count;
        return TRUE;
    }
    sum = g_hash_table_lookup(state->counts, metric);
    if (!sum) {
        sum = g_new0(guint64, 1);
        g_hash_table_insert(state->counts, (gpointer)metric, sum);
    }
    *sum += count;
    return TRUE;
}

static gboolean is_chosen(const State *state, const Row *row)
{
    return vt_import_choice_has(state->chosen, row->number[COLUMN_TID], row->number[COLUMN_PID]);
}

static gboolean read_row(State *state, const char *line, GError **error)
{
    g_auto(Row) row = {0};
    g_autofree char *key = NULL;
    const char *metric;

    if (!parse_row(state, line, &row, error) || !find_metric(state, row.reason, &metric, error))
        return FALSE;
    if (g_hash_table_size(state->seen) > ROWS_MAX)
        return vt_import_fail(error, _("there are more than %u lines in it"), ROWS_MAX);
    /* N/A stands for several codes. */
    key = g_strdup_printf("%s %s %s", row.id[COLUMN_PID], row.id[COLUMN_TID], row.reason);
    if (metric && !g_hash_table_add(state->seen, g_steal_pointer(&key)))
        return vt_import_fail(error, _("%s stands twice; give one recording of kvmexit at a time"),
                              row.reason);
    if (!vt_import_choice_read(&state->options, state->chosen, error))
        return FALSE;
    if (state->options.domain && !row.id[COLUMN_PID] && !row.id[COLUMN_TID])
        return vt_import_fail(error, _("there is no column of processes or threads, by which to choose the domain"));
    if (!is_chosen(state, &row))
        return TRUE;
    if (row.id[COLUMN_PID])
        g_hash_table_add(state->processes, g_strdup(row.id[COLUMN_PID]));
    if (row.id[COLUMN_TID])
        g_hash_table_add(state->threads, g_strdup(row.id[COLUMN_TID]));
    return add(state, metric, row.count, error);
}

/* "… after sleeping 6 secs." */
static gboolean read_talk(State *state, const char *line, GError **error)
{
    const char *slept = strstr(line, SLEPT);
    g_autofree char *digits = NULL;

    if (!slept)
        return TRUE;
    slept += strlen(SLEPT);
    digits = g_strndup(slept, strspn(slept, "0123456789"));
    if (strcmp(slept + strlen(digits), " secs.") != 0 ||
        !vt_text_parse_u64(digits, 0, 86400, &state->seconds, NULL))
        return cut_short(line, error);
    if (state->seconds == 0)
        return vt_import_fail(error, _("the recording took no time, so that there are no rates"));
    return TRUE;
}

static gboolean read_line(gpointer data, const char *line, GError **error)
{
    State *state = data;
    gboolean has[N_COLUMNS];

    if (line[strspn(line, " \t")] == '\0' || strcmp(line, "^C") == 0)
        return TRUE;
    if (g_str_has_prefix(line, TALK) || is_heading(line, has)) {
        if (state->open)
            return vt_import_fail(error, _("a second recording begins; import them apart"));
        state->open = !g_str_has_prefix(line, TALK) && is_heading(line, state->has);
        return state->open || read_talk(state, line, error);
    }
    if (!state->open)
        return vt_import_fail(error, _("the line of headings, with “%s”, is missing"), REASON);
    return read_row(state, line, error);
}

static gboolean end(gpointer data, GError **error)
{
    State *state = data;
    GHashTableIter iter;
    gpointer metric, count;

    if (!vt_import_check_processes(state->processes, error))
        return FALSE;
    if (state->total == 0)
        return vt_import_fail(error, state->options.domain
                                         ? _("there is no exit of that domain in it")
                                         : _("there is no exit in it"));
    vt_import_add_window(state->profile, 1);
    vt_import_set_vcpus(state->profile, &state->options, g_hash_table_size(state->threads));
    g_hash_table_iter_init(&iter, state->counts);
    while (g_hash_table_iter_next(&iter, &metric, &count))
        vt_profile_add(state->profile, 0, metric, vt_import_kvmexit.name, *(guint64 *)count);
    vt_profile_add(state->profile, 0, "exits", vt_import_kvmexit.name, state->total);
    if (state->unnamed == 0)
        vt_profile_set_covers(state->profile, "exit");
    else
        vt_profile_note(state->profile,
                        _("kvmexit does not tell what %" PRIu64 " of the exits are: they are in "
                          "the sum only."),
                        state->unnamed);
    if (state->options.duration_ns == 0 && state->seconds > 0)
        state->options.duration_ns = state->seconds * 1000000000;
    vt_import_set_lengths(state->profile, &state->options);
    return TRUE;
}

static void state_free(gpointer data)
{
    State *state = data;

    g_array_unref(state->chosen);
    g_hash_table_unref(state->seen);
    g_hash_table_unref(state->threads);
    g_hash_table_unref(state->processes);
    g_hash_table_unref(state->counts);
    g_free(state);
}

const VtImportFormat vt_import_kvmexit = {
    .name = "kvmexit",
    .summary = N_("the output of kvmexit of bcc"),
    .domains = TRUE,
    .whole_lines = TRUE,
    .recognise = recognise,
    .begin = begin,
    .line = read_line,
    .end = end,
    .free = state_free,
};
