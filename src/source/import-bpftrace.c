/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The maps of counts that a program of bpftrace over the tracepoints of KVM prints when it ends:
 *
 *     @pio[4711, 4720, 503]: 31849
 *
 * The name of the map says what the last key is the number of. Before it may stand the process and
 * the vCPU: its thread, or the name that QEMU gives the thread. How long it counted is nowhere. */
#include "config.h"

#include "source/import.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/exit-reason.h"
#include "model/metric.h"
#include "model/profile-vcpu.h"
#include "source/import-choice.h"
#include "source/import-reason.h"

/* What a map holds unless BPFTRACE_MAP_KEYS_MAX is set; further keys are dropped. */
#define MAP_ROWS 4096
#define ROWS_MAX (1024u * 1024)

static const struct {
    const char *map;
    VtMetricKind kind;
    guint64 max;
} maps[] = {
    {"exit", VT_METRIC_EXIT, G_MAXUINT32},
    {"pio", VT_METRIC_PIO, 0xffff},
    {"mmio", VT_METRIC_MMIO, G_MAXUINT64},
    {"msr_read", VT_METRIC_MSR_READ, G_MAXUINT32},
    {"msr_write", VT_METRIC_MSR_WRITE, G_MAXUINT32},
};
#define N_MAPS G_N_ELEMENTS(maps)

typedef struct {
    guint rows;
    gboolean has_process, has_thread;
    gboolean unnumbered; /* some row has no number of a thread */
} Map;

typedef struct {
    VtProfile *profile;
    VtImportOptions options;
    GRegex *row;
    Map maps[N_MAPS];
    GArray *chosen; /* guint64: processes or threads; empty: all */
    gboolean by_thread; /* rows were chosen whose process was not */
    GHashTable *seen;
    GHashTable *processes; /* all of them */
    GHashTable *threads[2]; /* those that were counted, by their numbers and by their names */
    guint64 total;
    gboolean without_process;
} State;

/* One line: "@map[process, thread, number]: count". */
typedef struct {
    gsize map;
    char *process, *thread; /* "": none */
    guint64 process_number, thread_number; /* 0: none */
    guint64 number, count;
} Row;

static void row_clear(Row *row)
{
    g_free(row->process);
    g_free(row->thread);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Row, row_clear)

static gboolean is_attached(const char *line)
{
    return (g_str_has_prefix(line, "Attaching ") || g_str_has_prefix(line, "Attached ")) &&
           strstr(line, " probe");
}

static int recognise(const char *line)
{
    for (gsize i = 0; i < N_MAPS; i++) {
        gsize length = strlen(maps[i].map);

        if (line[0] == '@' && strncmp(line + 1, maps[i].map, length) == 0 && line[length + 1] == '[')
            return 2;
    }
    return is_attached(line) || (line[0] == '@' && strstr(line, "]: ")) ? 1 : 0;
}

static gpointer begin(VtProfile *profile, const VtImportOptions *options)
{
    State *state = g_new0(State, 1);

    state->profile = profile;
    state->options = *options;
    state->row = g_regex_new("^@(\\w{0,64})\\[(?:(\\d+), )?(?:(\\d+|CPU \\d+/KVM), )?"
                             "(\\d+|0x[0-9a-f]+)\\]: (\\d+)$",
                             0, 0, NULL);
    state->chosen = g_array_new(FALSE, FALSE, sizeof(guint64));
    state->seen = vt_import_names();
    state->processes = vt_import_names();
    state->threads[0] = vt_import_names();
    state->threads[1] = vt_import_names();
    profile->isa = options->isa;
    vt_import_add_window(profile, 1);
    return state;
}

static gboolean find_map(const char *name, gsize *ret_map, GError **error)
{
    for (gsize i = 0; i < N_MAPS; i++) {
        if (strcmp(maps[i].map, name) == 0) {
            *ret_map = i;
            return TRUE;
        }
    }
    return vt_import_fail(error, _("@%s is no map that can be imported; there are: %s"), name,
                          "@exit, @pio, @mmio, @msr_read, @msr_write");
}

/* Of a process or a thread: none, or QEMU's name of a thread, is 0. */
static gboolean parse_id(const char *id, const char *map, guint64 *ret_number, GError **error)
{
    g_autofree char *shown = NULL;

    if (!g_ascii_isdigit(*id) || vt_text_parse_u64(id, 0, G_MAXUINT32, ret_number, NULL))
        return TRUE;
    shown = vt_import_shown(id);
    return vt_import_fail(error, _("“%s” is too large for @%s"), shown, map);
}

static gboolean parse_row(const State *state, const char *line, Row *row, GError **error)
{
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *name = NULL, *number = NULL, *count = NULL, *shown = NULL;

    if (!g_regex_match(state->row, line, 0, &match)) {
        shown = vt_import_shown(line);
        return vt_import_fail(error, _("“%s” is cut short or no line of a map; one looks like “%s”"),
                              shown, "@pio[4711, 4720, 503]: 31849");
    }
    name = g_match_info_fetch(match, 1);
    row->process = g_match_info_fetch(match, 2);
    row->thread = g_match_info_fetch(match, 3);
    number = g_match_info_fetch(match, 4);
    count = g_match_info_fetch(match, 5);
    if (!find_map(name, &row->map, error))
        return FALSE;
    if (!vt_text_parse_u64(number, 0, maps[row->map].max, &row->number, NULL)) {
        shown = vt_import_shown(number);
        return vt_import_fail(error, _("“%s” is too large for @%s"), shown, name);
    }
    return parse_id(row->process, name, &row->process_number, error) &&
           parse_id(row->thread, name, &row->thread_number, error) &&
           vt_import_parse_count(count, &row->count, error);
}

/* All lines of a map have the same keys, each once. */
static gboolean check_row(State *state, const Row *row, GError **error)
{
    Map *map = &state->maps[row->map];
    g_autofree char *key = g_strdup_printf("@%s[%s, %s, %" G_GUINT64_FORMAT "]", maps[row->map].map,
                                           row->process, row->thread, row->number);
    gboolean has_process = *row->process != '\0', has_thread = *row->thread != '\0';

    if (map->rows > 0 && (map->has_process != has_process || map->has_thread != has_thread))
        return vt_import_fail(error, _("@%s has other keys here than before"), maps[row->map].map);
    if (state->options.domain && !has_process)
        return vt_import_fail(
            error, _("@%s has no process before the number, by which to choose the domain"),
            maps[row->map].map);
    map->has_process = has_process;
    map->has_thread = has_thread;
    map->unnumbered = map->unnumbered || row->thread_number == 0;
    map->rows++;
    state->without_process = state->without_process || !has_process;
    if (g_hash_table_contains(state->seen, key))
        return vt_import_fail(error, _("%s stands twice"), key);
    if (g_hash_table_size(state->seen) >= ROWS_MAX)
        return vt_import_fail(
            error, _("the recording is too long or has too many metrics; import a part of it"));
    g_hash_table_add(state->seen, g_steal_pointer(&key));
    return TRUE;
}

/* Only QEMU's name of a thread tells which vCPU it is: "CPU 0/KVM". */
static gboolean add_part(State *state, const Row *row, const char *metric, GError **error)
{
    g_autofree char *digits = NULL;
    guint64 vcpu;

    if (*row->thread != 'C')
        return TRUE;
    digits = g_strndup(row->thread + strlen("CPU "), strspn(row->thread + strlen("CPU "), "0123456789"));
    if (!vt_text_parse_u64(digits, 0, VT_PROFILE_VCPUS_MAX - 1, &vcpu, NULL))
        return vt_import_fail(error, _("“%s” is too large for @%s"), row->thread, maps[row->map].map);
    vt_profile_vcpu_add(state->profile, 0, metric, vt_import_bpftrace.name, (guint)vcpu, row->count);
    return TRUE;
}

static gboolean choose(State *state, const Row *row)
{
    gboolean chosen = vt_import_choice_has(state->chosen, row->thread_number, row->process_number);

    if (chosen && !vt_import_choice_has(state->chosen, 0, row->process_number))
        state->by_thread = TRUE;
    return chosen;
}

/* A map without threads may have counts of those that were chosen, which then must not look like none. */
static gboolean check_choice(const State *state, GError **error)
{
    for (gsize i = 0; state->by_thread && i < N_MAPS; i++) {
        if (state->maps[i].unnumbered)
            return vt_import_fail(error,
                                  _("@%s does not have the numbers of all threads; choose the domain by the number of "
                                    "its process"),
                                  maps[i].map);
    }
    return TRUE;
}

static gboolean read_row(State *state, const char *line, GError **error)
{
    g_auto(Row) row = {0};
    g_autofree char *metric = NULL;
    VtMetricKind kind;

    if (!parse_row(state, line, &row, error) || !vt_import_choice_read(&state->options, state->chosen, error) ||
        !check_row(state, &row, error))
        return FALSE;
    kind = maps[row.map].kind;
    if (kind == VT_METRIC_EXIT && state->profile->isa == VT_ISA_UNKNOWN)
        return vt_import_fail(error, _("bpftrace does not say whose exit codes these are; give "
                                       "“virt-tune import --isa”"));
    if (!choose(state, &row))
        return TRUE;
    if (*row.process)
        g_hash_table_add(state->processes, g_strdup(row.process));
    if (*row.thread)
        g_hash_table_add(state->threads[*row.thread == 'C'], g_strdup(row.thread));
    state->total += row.count;
    if (state->total > G_MAXINT64)
        return vt_import_fail(error, _("the numbers are too large"));
    metric = kind == VT_METRIC_EXIT
                 ? g_strdup(vt_exit_reason_metric(state->profile->isa, row.number))
                 : vt_metric_name(kind, row.number);
    vt_profile_add(state->profile, 0, metric, vt_import_bpftrace.name, row.count);
    if (state->options.per_vcpu && !add_part(state, &row, metric, error))
        return FALSE;
    return vt_import_check_size(state->profile, error);
}

static gboolean read_line(gpointer data, const char *line, GError **error)
{
    State *state = data;

    /* An empty line is an empty map. */
    if (*line == '\0' || strcmp(line, "^C") == 0)
        return TRUE;
    if (!is_attached(line))
        return read_row(state, line, error);
    if (g_hash_table_size(state->seen) > 0)
        return vt_import_fail(error, _("a second recording begins; import them apart"));
    return TRUE;
}

static void set_covers(State *state)
{
    for (gsize i = 0; i < N_MAPS; i++) {
        if (state->maps[i].rows >= MAP_ROWS)
            vt_profile_note(state->profile,
                            _("@%s may have been full: what is not in it is unknown."), maps[i].map);
        else if (state->maps[i].rows > 0 && maps[i].kind == VT_METRIC_EXIT)
            vt_import_reason_set_covers(state->profile, vt_import_bpftrace.name);
        else if (state->maps[i].rows > 0)
            vt_profile_set_covers(state->profile, vt_metric_namespace(maps[i].kind));
    }
}

static gboolean end(gpointer data, GError **error)
{
    State *state = data;

    if (!vt_import_check_processes(state->processes, error) || !check_choice(state, error))
        return FALSE;
    if (g_hash_table_size(state->profile->metrics) == 0)
        return vt_import_fail(error, state->options.domain
                                         ? _("there is no count of that domain in it")
                                         : _("there is no map of counts in it"));
    if (state->options.duration_ns == 0)
        return vt_import_fail(error, _("bpftrace does not say how long it counted; give “virt-tune "
                                       "import --duration”"));
    vt_import_set_vcpus(state->profile, &state->options,
                        MAX(g_hash_table_size(state->threads[0]), g_hash_table_size(state->threads[1])));
    set_covers(state);
    vt_import_set_lengths(state->profile, &state->options);
    if (state->without_process)
        vt_profile_note(state->profile, "%s",
                        _("bpftrace counted all domains of the host together, unless its program "
                          "has a filter."));
    return TRUE;
}

static void state_free(gpointer data)
{
    State *state = data;

    g_array_unref(state->chosen);
    g_hash_table_unref(state->seen);
    g_hash_table_unref(state->processes);
    g_hash_table_unref(state->threads[0]);
    g_hash_table_unref(state->threads[1]);
    g_regex_unref(state->row);
    g_free(state);
}

const VtImportFormat vt_import_bpftrace = {
    .name = "bpftrace",
    .summary = N_("maps of counts of kvm events by bpftrace"),
    .domains = TRUE,
    .whole_lines = TRUE,
    .recognise = recognise,
    .begin = begin,
    .line = read_line,
    .end = end,
    .free = state_free,
};
