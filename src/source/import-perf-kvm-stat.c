/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "perf kvm stat report" (--stdio since Linux 6.4) and "perf kvm stat live" print (print_result()
 * in tools/perf/builtin-kvm.c of Linux): a table of exits, or with --event of addresses, ports or
 * MSRs, closed by its own sum:
 *
 *              VM-EXIT    Samples  Samples%     Time%    Min Time    Max Time         Avg time
 *
 *                  npf      13041    67.27%    61.20%     18.37us   1543.10us     28.10us ( +-
 * 0.60% )
 *
 *     Total Samples:19386, Total events handled time:598870.12us.
 *
 * perf obeys the locale: the decimal sign may be a comma. Of a reason that it does not know it
 * prints "UNKNOWN", and the number in a message before it. On arm64 it measures from kvm_entry to
 * kvm_exit: that is the guest's own time, and no time of exits. */
#include "config.h"

#include "source/import.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/metric.h"
#include "source/import-reason.h"

/* How a command to the terminal begins (ECMA-48): numbers, then one letter. */
#define CSI "\033["
#define NS_PER_DAY (G_GUINT64_CONSTANT(86400) * 1000000000)

typedef enum { TABLE_EXIT, TABLE_MMIO, TABLE_PIO, TABLE_MSR, N_TABLES } TableKind;

/* The first column's heading. */
static const struct {
    const char *heading;
    const char *unit; /* for messages */
} table_kinds[N_TABLES] = {
    [TABLE_EXIT] = {"VM-EXIT", "exit"},
    [TABLE_MMIO] = {"MMIO Access", "mmio"},
    [TABLE_PIO] = {"IO Port Access", "pio"},
    [TABLE_MSR] = {"MSR Access", "msr"},
};

typedef struct {
    VtProfile *profile;
    VtImportOptions options;
    guint vcpus;
    guint n[N_TABLES]; /* tables so far; the n-th is of the window n - 1 */
    gboolean sampled[N_TABLES]; /* a table had a sample */
    gboolean open;
    TableKind kind;
    guint64 sum;         /* of the open table's counts */
    guint64 unknown;     /* of its exits without a name or a number */
    gboolean unknowns;   /* there was one in any table */
    gboolean has_number; /* a message gave the number of the next UNKNOWN */
    guint64 number;
    gboolean has_clock;
    guint64 clock_ns; /* of the day, when the screen was printed */
    GArray *ends;     /* guint64: the clock at the end of each window */
    gboolean everyone;
    gboolean one_vcpu;
} State;

typedef struct {
    char *name;
    guint64 count;
    gboolean has_time;
    guint64 mean_ns;
} Row;

static void row_clear(Row *row)
{
    g_free(row->name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Row, row_clear)

static GRegex *row_regex(void)
{
    static GRegex *regex;

    if (g_once_init_enter(&regex)) {
        GRegex *made = g_regex_new("^\\s*(\\S.*?)\\s+(\\d+)\\s+(?:\\d+[.,]\\d\\d)%"
                                   "\\s+(?:\\d+[.,]\\d\\d|-?nan)%"
                                   "\\s+\\d+(?:[.,]\\d\\d)?us\\s+\\d+(?:[.,]\\d\\d)?us"
                                   "\\s+(\\d+)[.,](\\d\\d)us"
                                   "\\s+\\(\\s*\\+-\\s*(?:\\d+[.,]\\d\\d|-?nan|inf)%\\s*\\)\\s*$",
                                   0, 0, NULL);

        g_once_init_leave(&regex, made);
    }
    return regex;
}

static GRegex *total_regex(void)
{
    static GRegex *regex;

    if (g_once_init_enter(&regex)) {
        GRegex *made = g_regex_new("^Total Samples:(\\d+), Total events handled time:"
                                   "\\d+[.,]\\d\\dus\\.$",
                                   0, 0, NULL);

        g_once_init_leave(&regex, made);
    }
    return regex;
}

/* "live" clears the screen before each table. */
static const char *skip_commands(const char *line)
{
    while (g_str_has_prefix(line, CSI)) {
        const char *letter = line + strlen(CSI) + strspn(line + strlen(CSI), "0123456789;?");

        if (!g_ascii_isalpha(*letter))
            break;
        line = letter + 1;
    }
    return line;
}

/* The heading of a table; the other columns are the same in all. */
static gboolean is_heading(const char *line, TableKind *ret_kind)
{
    g_autofree char *folded = vt_text_fold(line);

    for (guint i = 0; i < N_TABLES; i++) {
        const char *heading = table_kinds[i].heading;

        if (g_str_has_prefix(folded, heading) &&
            g_str_has_prefix(folded + strlen(heading), " Samples ")) {
            *ret_kind = i;
            return TRUE;
        }
    }
    return FALSE;
}

static int recognise(const char *line)
{
    TableKind kind;

    line = skip_commands(line);
    if (is_heading(line, &kind))
        return 2;
    return g_str_has_prefix(line, "Analyze events for ") ? 2 : 0;
}

static gpointer begin(VtProfile *profile, const VtImportOptions *options)
{
    State *state = g_new0(State, 1);

    state->profile = profile;
    state->options = *options;
    state->ends = g_array_new(FALSE, FALSE, sizeof(guint64));
    profile->isa = options->isa;
    return state;
}

static gboolean fetch_u64(GMatchInfo *match, int group, guint64 *ret_value)
{
    g_autofree char *text = g_match_info_fetch(match, group);

    return vt_text_parse_u64(text, 0, G_MAXINT64, ret_value, NULL);
}

static gboolean parse_row(const char *line, Row *row, GError **error)
{
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *shown = NULL, *count = NULL;
    guint64 us, cents;

    if (!g_utf8_validate(line, -1, NULL) || !g_regex_match(row_regex(), line, 0, &match)) {
        shown = vt_import_shown(line);
        return vt_import_fail(error, _("“%s” is cut short or no line of perf kvm stat"), shown);
    }
    row->name = g_match_info_fetch(match, 1);
    count = g_match_info_fetch(match, 2);
    if (!vt_import_parse_count(count, &row->count, error))
        return FALSE;
    row->has_time =
        fetch_u64(match, 3, &us) && fetch_u64(match, 4, &cents) && us <= G_MAXINT64 / 1000;
    row->mean_ns = row->has_time ? us * 1000 + cents * 10 : 0;
    return TRUE;
}

/* "unknown kvm exit code:91 on VMX", as perf says before it prints UNKNOWN. */
static gboolean read_unknown(State *state, const char *line, GError **error)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    const char *code = g_strv_length(words) == 6 ? strchr(words[3], ':') : NULL;
    g_autofree char *isa_name = code ? g_ascii_strdown(words[5], -1) : NULL;
    VtIsa isa = vt_isa_from_name(isa_name);
    gint64 number;
    char *end;

    number = code ? g_ascii_strtoll(code + 1, &end, 10) : 0;
    if (!code || end == code + 1 || *end || isa == VT_ISA_UNKNOWN) {
        g_autofree char *shown = vt_import_shown(line);

        return vt_import_fail(error, _("“%s” is cut short or no line of perf kvm stat"), shown);
    }
    if (!vt_import_reason_set_isa(state->profile, isa, error))
        return FALSE;
    state->has_number = TRUE;
    state->number = (guint64)number;
    return TRUE;
}

/* "0xfee000b0:W", "0x1f7:PIN" */
static gboolean access_metric(TableKind kind, const char *name, char **ret_metric)
{
    const char *colon = strchr(name, ':');
    g_autofree char *number = colon ? g_strndup(name, (gsize)(colon - name)) : NULL;
    const char *way = colon ? colon + 1 : "";
    gboolean write = strcmp(way, kind == TABLE_PIO ? "POUT" : "W") == 0;
    VtMetricKind metric = kind == TABLE_MMIO  ? VT_METRIC_MMIO
                          : kind == TABLE_PIO ? VT_METRIC_PIO
                          : write             ? VT_METRIC_MSR_WRITE
                                              : VT_METRIC_MSR_READ;
    guint64 value;

    if (!number || (!write && strcmp(way, kind == TABLE_PIO ? "PIN" : "R") != 0) ||
        !vt_text_parse_u64(number, 0, kind == TABLE_PIO ? 0xffff : G_MAXUINT64, &value, NULL) ||
        (kind == TABLE_MSR && value > G_MAXUINT32))
        return FALSE;
    *ret_metric = vt_metric_name(metric, value);
    return TRUE;
}

/* @ret_metric is NULL for an exit that perf does not name. */
static gboolean row_metric(State *state, const char *name, char **ret_metric, GError **error)
{
    guint64 code;

    if (state->kind != TABLE_EXIT) {
        g_autofree char *shown = NULL;

        if (access_metric(state->kind, name, ret_metric))
            return TRUE;
        shown = vt_import_shown(name);
        return vt_import_fail(error, _("“%s” is not an access as “%s” has them"), shown,
                              table_kinds[state->kind].heading);
    }
    if (strcmp(name, "UNKNOWN") == 0) {
        if (state->has_number && state->profile->isa == VT_ISA_ARM64)
            state->number = VT_EXIT_ARM64_CLASS(state->number);
        *ret_metric = state->has_number
                          ? g_strdup(vt_exit_reason_metric(state->profile->isa, state->number))
                          : NULL;
        return TRUE;
    }
    if (!vt_import_reason_find(state->profile, name, &code, error))
        return FALSE;
    *ret_metric = g_strdup(vt_exit_reason_metric(state->profile->isa, code));
    return TRUE;
}

static void add(State *state, const char *metric, guint64 count)
{
    vt_profile_add(state->profile, state->n[state->kind] - 1, metric, vt_import_perf_kvm_stat.name,
                   count);
}

static gboolean read_row(State *state, const char *line, GError **error)
{
    g_auto(Row) row = {0};
    g_autofree char *metric = NULL;
    guint64 time_ns;

    if (!parse_row(line, &row, error) || !row_metric(state, row.name, &metric, error))
        return FALSE;
    state->has_number = FALSE;
    if (!g_uint64_checked_add(&state->sum, state->sum, row.count) || state->sum > G_MAXINT64 ||
        !g_uint64_checked_mul(&time_ns, row.count, row.mean_ns))
        return vt_import_fail(error, _("the numbers are too large"));
    if (!metric) {
        state->unknown += row.count;
        return TRUE;
    }
    add(state, metric, row.count);
    if (row.has_time && state->profile->isa != VT_ISA_ARM64)
        vt_profile_add_time(state->profile, metric, time_ns);
    return vt_import_check_size(state->profile, error);
}

/* Tables of several kinds may be of one screen, two of one kind are not. */
static gboolean add_end(State *state, GError **error)
{
    GArray *ends = state->ends;

    if (!state->has_clock)
        return TRUE;
    if (ends->len > 0 && g_array_index(ends, guint64, ends->len - 1) == state->clock_ns)
        return vt_import_fail(error, _("two tables were printed at the same time"));
    g_array_append_val(ends, state->clock_ns);
    return TRUE;
}

static gboolean open_table(State *state, TableKind kind, GError **error)
{
    if (state->open)
        return vt_import_fail(error, _("the table before ends without “Total Samples”"));
    state->open = TRUE;
    state->kind = kind;
    state->sum = state->unknown = 0;
    state->n[kind]++;
    if (state->n[kind] <= state->profile->windows->len)
        return TRUE;
    vt_import_add_window(state->profile, state->vcpus);
    return add_end(state, error);
}

/* arm64 calls a class of exceptions "Unknown reason", and so does perf. */
static void settle_unknown(State *state)
{
    if (state->unknown == 0)
        return;
    if (state->profile->isa == VT_ISA_ARM64)
        add(state, vt_exit_reason_metric(VT_ISA_ARM64, VT_EXIT_ARM64_CLASS(0)), state->unknown);
    else
        state->unknowns = TRUE;
}

static gboolean close_table(State *state, const char *line, GError **error)
{
    g_autoptr(GMatchInfo) match = NULL;
    guint64 total;

    if (!state->open || !g_regex_match(total_regex(), line, 0, &match) ||
        !fetch_u64(match, 1, &total)) {
        g_autofree char *shown = vt_import_shown(line);

        return vt_import_fail(error, _("“%s” is cut short or no line of perf kvm stat"), shown);
    }
    if (total != state->sum)
        return vt_import_fail(error,
                              _("the lines of the table give %" PRIu64 " together and not %" PRIu64
                                ": some are missing or wrong"),
                              state->sum, total);
    state->open = FALSE;
    state->sampled[state->kind] = state->sampled[state->kind] || total > 0;
    if (state->kind != TABLE_EXIT)
        return TRUE;
    settle_unknown(state);
    add(state, "exits", total);
    return TRUE;
}

/* "10:22:31.123456"; FALSE for anything else. */
static gboolean parse_clock(const char *line, guint64 *ret_ns)
{
    guint64 h, m, s, us;

    if (strlen(line) != strlen("00:00:00.000000") || line[2] != ':' || line[5] != ':' ||
        line[8] != '.')
        return FALSE;
    for (const char *p = line; *p; p++) {
        if (!g_ascii_isdigit(*p) && p != line + 2 && p != line + 5 && p != line + 8)
            return FALSE;
    }
    h = g_ascii_strtoull(line, NULL, 10);
    m = g_ascii_strtoull(line + 3, NULL, 10);
    s = g_ascii_strtoull(line + 6, NULL, 10);
    us = g_ascii_strtoull(line + 9, NULL, 10);
    if (h > 23 || m > 59 || s > 60)
        return FALSE;
    *ret_ns = ((h * 60 + m) * 60 + s) * 1000000000 + us * 1000;
    return TRUE;
}

static gboolean set_clock(State *state, guint64 clock_ns, GError **error)
{
    guint64 before = state->clock_ns % NS_PER_DAY;

    if (state->has_clock) {
        guint64 days = state->clock_ns / NS_PER_DAY;

        if (clock_ns == before)
            return vt_import_fail(error, _("two tables were printed at the same time"));
        if (clock_ns < before && before - clock_ns < NS_PER_DAY / 2)
            return vt_import_fail(error, _("the time of day went back"));
        clock_ns += (days + (clock_ns < before)) * NS_PER_DAY;
    }
    state->has_clock = TRUE;
    state->clock_ns = clock_ns;
    return TRUE;
}

/* "12 lost chunks": what perf says when its reader was too slow. */
static gboolean take_lost(State *state, const char *line)
{
    static const struct {
        const char *before, *from;
    } says[] = {{"Lost events: ", "Lost events: "}, {"Processed ", " events and lost "}};

    for (guint i = 0; i < G_N_ELEMENTS(says); i++) {
        const char *at = g_str_has_prefix(line, says[i].before) ? strstr(line, says[i].from) : NULL;

        if (at) {
            guint64 lost = g_ascii_strtoull(at + strlen(says[i].from), NULL, 10);

            state->profile->lost = MIN(G_MAXINT64, state->profile->lost + MIN(lost, G_MAXINT64));
            return TRUE;
        }
    }
    return FALSE;
}

/* What perf says beside its tables. The last one is an event above the limit of --duration. */
static gboolean is_talk(const char *line)
{
    return g_str_has_prefix(line, "Warning:") || g_str_has_prefix(line, "Check IO/CPU overload") ||
           g_str_has_prefix(line, "[ perf ") || *line == '#' ||
           (strstr(line, " VM ") && strstr(line, ", vcpu ") && strstr(line, " event took "));
}

static gboolean read_line(gpointer data, const char *line, GError **error)
{
    State *state = data;
    g_auto(Row) row = {0};
    TableKind kind;
    guint64 clock_ns;

    line = skip_commands(line);
    if (line[strspn(line, " \t")] == '\0' || take_lost(state, line) || is_talk(line))
        return TRUE;
    if (state->vcpus == 0)
        state->vcpus = vt_import_vcpus(state->profile, &state->options);
    if (parse_clock(line, &clock_ns))
        return set_clock(state, clock_ns, error);
    if (g_str_has_prefix(line, "Analyze events for ")) {
        state->everyone = state->everyone || strstr(line, "all VMs") != NULL;
        state->one_vcpu = state->one_vcpu || strstr(line, " VCPU ") != NULL;
        return TRUE;
    }
    if (g_str_has_prefix(line, "unknown kvm exit code"))
        return read_unknown(state, line, error);
    if (is_heading(line, &kind))
        return open_table(state, kind, error);
    if (g_str_has_prefix(line, "Total Samples:"))
        return close_table(state, line, error);
    if (state->open)
        return read_row(state, line, error);
    return parse_row(line, &row, error) &&
           vt_import_fail(error, _("the heading of the table is missing"));
}

/* The first screen comes a whole interval after the start, the last one whenever it was ended. */
static void read_clocks(State *state)
{
    guint n = state->profile->windows->len;
    guint64 longest = 0;

    for (guint i = 1; i < n; i++) {
        guint64 length =
            g_array_index(state->ends, guint64, i) - g_array_index(state->ends, guint64, i - 1);

        g_array_index(state->profile->windows, VtWindow, i).duration_ns = length;
        longest = MAX(longest, length);
    }
    g_array_index(state->profile->windows, VtWindow, 0).duration_ns = longest;
}

static void set_lengths(State *state)
{
    guint n = state->profile->windows->len;
    gboolean clocks = state->ends->len == n && n > 1;

    if (clocks)
        read_clocks(state);
    if (!clocks || state->options.duration_ns > 0)
        vt_import_set_lengths(state->profile, &state->options);
    else if (n == 2)
        vt_profile_note(state->profile, "%s",
                        _("There are two screens only: the first one was taken to be as long as the "
                          "second. If perf was ended before that was over, give --duration or record for longer."));
}

static void add_notes(State *state)
{
    if (state->everyone)
        vt_profile_note(state->profile, "%s",
                        _("perf counted all guests of the host together; -p of a QEMU process "
                          "counts one."));
    if (state->one_vcpu)
        vt_profile_note(state->profile, "%s", _("perf counted one vCPU only."));
    if (state->unknowns)
        vt_profile_note(state->profile, "%s",
                        _("perf does not name some exits, and its message with their number is "
                          "not in the recording: they are in the sum only. Record its standard "
                          "error, too."));
    if (state->profile->isa == VT_ISA_ARM64)
        vt_profile_note(state->profile, "%s",
                        _("On arm64, perf's times are those in the guest; they were left out."));
}

/* perf sees an access between kvm_exit and kvm_entry only. Where this KVM reports neither, as kvm_pvm
 * does, its tables are empty whatever the guest does. */
static void set_covers(State *state)
{
    if (state->sampled[TABLE_EXIT] && !state->unknowns)
        vt_import_reason_set_covers(state->profile, vt_import_perf_kvm_stat.name);
    if (!state->sampled[TABLE_EXIT])
        g_hash_table_remove(state->profile->metrics, "exits");
    if (state->sampled[TABLE_MMIO])
        vt_profile_set_covers(state->profile, "mmio");
    if (state->sampled[TABLE_PIO])
        vt_profile_set_covers(state->profile, "pio");
    if (state->sampled[TABLE_MSR]) {
        vt_profile_set_covers(state->profile, "msr.read");
        vt_profile_set_covers(state->profile, "msr.write");
    }
    for (guint i = 0; i < N_TABLES; i++) {
        if (state->n[i] > 0 && !state->sampled[i])
            vt_profile_note(state->profile,
                            _("The table “%s” has no sample, which tells nothing: not every KVM reports "
                              "its exits to perf."),
                            table_kinds[i].heading);
    }
}

static gboolean end(gpointer data, GError **error)
{
    State *state = data;
    guint n = state->profile->windows->len;

    if (n == 0)
        return vt_import_fail(error, _("there is no table in it"));
    if (state->open)
        return vt_import_fail(error, _("the last table ends without “Total Samples”"));
    for (guint i = 0; i < N_TABLES; i++) {
        if (state->n[i] > 0 && state->n[i] != n)
            return vt_import_fail(error,
                                  _("there are %u tables of %s, but %u of another kind; import "
                                    "them apart, or record both in the same seconds"),
                                  state->n[i], table_kinds[i].unit, n);
    }
    set_covers(state);
    set_lengths(state);
    add_notes(state);
    return TRUE;
}

static void state_free(gpointer data)
{
    State *state = data;

    g_array_unref(state->ends);
    g_free(state);
}

const VtImportFormat vt_import_perf_kvm_stat = {
    .name = "perf-kvm-stat",
    .summary = N_("the tables of perf kvm stat report and live"),
    .recognise = recognise,
    .begin = begin,
    .line = read_line,
    .end = end,
    .free = state_free,
};
