/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "virsh domstats" prints, of one or of many domains:
 *
 *     Domain: 'web01'
 *       state.state=1
 *       vcpu.current=2
 *       vcpu.0.exits.sum=125318
 *
 * These are counters since the domain was started, so that two snapshots, one behind the other,
 * make a window. virsh prints no time: a line of "date +%s.%N" before each snapshot tells it. */
#include "config.h"

#include "source/import.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/profile-vcpu.h"
#include "source/domstats.h"
#include "source/source.h"

#define HEAD "Domain: '"
#define NAMES_MAX 20

typedef struct {
    VtProfile *profile;
    VtImportOptions options;
    char *open;         /* the domain whose fields are being read */
    VtDomstats *stats;  /* its fields so far; NULL where the domain does not matter */
    VtDomstats *before; /* the snapshot before it, of the domain that matters */
    guint64 before_ns;  /* its time; 0: not told */
    GPtrArray *names;   /* of all domains */
    GHashTable *fields; /* names of fields in the open snapshot */
    guint64 clock_ns;   /* the last line of date; 0: none since the last snapshot's */
    guint pairs;
    guint gaps[VT_GAP_LAST];
    gboolean has_io, io, exits; /* there is io_exits; it, or exits, were ever above 0 */
} State;

#define IO_FIELD ".io_exits.sum"
#define EXITS_FIELD ".exits.sum"

static gboolean is_head(const char *line)
{
    return g_str_has_prefix(line, HEAD) && g_str_has_suffix(line, "'") &&
           strlen(line) > strlen(HEAD) + 1;
}

static int recognise(const char *line)
{
    return is_head(line) ? 2 : 0;
}

static gpointer begin(VtProfile *profile, const VtImportOptions *options)
{
    State *state = g_new0(State, 1);

    state->profile = profile;
    state->options = *options;
    state->names = g_ptr_array_new_with_free_func(g_free);
    state->fields = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    profile->isa = options->isa;
    return state;
}

typedef struct {
    State *state;
    guint window;
} Collect;

static void collect(const char *metric, guint vcpu, guint64 delta, gpointer data)
{
    const Collect *to = data;

    vt_profile_add(to->state->profile, to->window, metric, vt_import_domstats.name, delta);
    if (to->state->options.per_vcpu && vcpu != VT_DOMSTATS_NO_VCPU)
        vt_profile_vcpu_add(to->state->profile, to->window, metric, vt_import_domstats.name, vcpu,
                            delta);
}

static gboolean add_window(State *state, const VtDomstats *before, const VtDomstats *after,
                           guint64 length_ns, GError **error)
{
    VtGap gap = vt_domstats_compare(before, after);
    guint vcpus = state->options.vcpus > 0 ? state->options.vcpus : after->vcpus;
    Collect to = {state, state->profile->windows->len};

    state->pairs++;
    if (gap != VT_GAP_NONE) {
        state->gaps[gap]++;
        return TRUE;
    }
    if (vcpus == 0)
        vcpus = vt_import_vcpus(state->profile, &state->options);
    vt_profile_add_window(state->profile, length_ns > 0 ? length_ns : 1, vcpus);
    vt_domstats_delta(before, after, collect, &to);
    if (after->has_block)
        vt_profile_set_covers(state->profile, "block");
    if (after->has_net)
        vt_profile_set_covers(state->profile, "net");
    return vt_import_check_size(state->profile, error);
}

/* The snapshot of one domain is complete. */
static gboolean close_domain(State *state, GError **error)
{
    g_autoptr(VtDomstats) before = NULL;
    guint64 before_ns = state->before_ns;
    gboolean timed;

    g_clear_pointer(&state->open, g_free);
    g_hash_table_remove_all(state->fields);
    if (!state->stats)
        return TRUE;
    before = g_steal_pointer(&state->before);
    state->before = g_steal_pointer(&state->stats);
    state->before_ns = state->clock_ns;
    if (!before)
        return TRUE;
    timed = before_ns > 0 && state->clock_ns > 0;
    if (timed && state->clock_ns <= before_ns)
        return vt_import_fail(error, _("this snapshot is not later than the one before"));
    if (!timed && (before_ns > 0 || state->clock_ns > 0))
        return vt_import_fail(error, _("some snapshots have a time and some have none"));
    return add_window(state, before, state->before, timed ? state->clock_ns - before_ns : 0, error);
}

static gboolean knows(const State *state, const char *name)
{
    return g_ptr_array_find_with_equal_func(state->names, name, g_str_equal, NULL);
}

static gboolean matters(const State *state, const char *name)
{
    if (state->options.domain)
        return strcmp(state->options.domain, name) == 0;
    return strcmp(g_ptr_array_index(state->names, 0), name) == 0;
}

static gboolean open_domain(State *state, const char *line, GError **error)
{
    const char *start = line + strlen(HEAD);

    if (!close_domain(state, error))
        return FALSE;
    state->open = g_strndup(start, strlen(start) - 1);
    if (state->names->len <= NAMES_MAX && !knows(state, state->open))
        g_ptr_array_add(state->names, g_strdup(state->open));
    if (matters(state, state->open)) {
        state->stats = vt_domstats_new();
        if (!state->profile->name)
            state->profile->name = g_strdup(state->open);
    }
    return TRUE;
}

/* "1763766611.123456789" */
static gboolean read_date(State *state, const char *line)
{
    g_auto(GStrv) parts = g_strsplit(line, ".", -1);
    guint64 seconds, ns;

    if (g_strv_length(parts) != 2 || strlen(parts[1]) != 9 ||
        parts[1][strspn(parts[1], "0123456789")] ||
        !vt_text_parse_u64(parts[0], 1, G_MAXUINT32, &seconds, NULL))
        return FALSE;
    ns = g_ascii_strtoull(parts[1], NULL, 10);
    state->clock_ns = seconds * 1000000000 + ns;
    return TRUE;
}

static void note_io(State *state, const char *field, guint64 value)
{
    state->has_io = state->has_io || g_str_has_suffix(field, IO_FIELD);
    state->io = state->io || (value > 0 && g_str_has_suffix(field, IO_FIELD));
    state->exits = state->exits || (value > 0 && g_str_has_suffix(field, EXITS_FIELD));
}

/* Strings, truths and negative numbers are no counters. */
static gboolean read_field(State *state, const char *line, GError **error)
{
    const char *start = line + strspn(line, " \t");
    const char *equals = strchr(start, '=');
    g_autofree char *field = equals ? g_strndup(start, (gsize)(equals - start)) : NULL;
    g_autofree char *shown = NULL;
    guint64 value;

    if (!state->open || start == line || !field || !*field || strchr(field, ' ')) {
        shown = vt_import_shown(line);
        return vt_import_fail(error, _("“%s” is cut short or no line of virsh domstats"), shown);
    }
    if (!state->stats)
        return TRUE;
    if (!g_hash_table_add(state->fields, g_strdup(field))) {
        shown = vt_import_shown(field);
        return vt_import_fail(error, _("%s stands twice in one snapshot"), shown);
    }
    if (g_ascii_isdigit(equals[1])) {
        if (vt_import_parse_count(equals + 1, &value, NULL)) {
            vt_domstats_add(state->stats, field, value);
            note_io(state, field, value);
        } else if (g_str_has_suffix(field, ".sum")) {
            return vt_import_parse_count(equals + 1, &value, error);
        }
    }
    return TRUE;
}

static gboolean read_line(gpointer data, const char *line, GError **error)
{
    State *state = data;

    if (line[strspn(line, " \t")] == '\0')
        return close_domain(state, error);
    if (is_head(line))
        return open_domain(state, line, error);
    if (g_ascii_isdigit(*line)) {
        if (!close_domain(state, error))
            return FALSE;
        if (read_date(state, line))
            return TRUE;
    }
    return read_field(state, line, error);
}

static char *list_domains(const State *state)
{
    g_autoptr(GString) list = g_string_new(NULL);

    for (guint i = 0; i < MIN(state->names->len, NAMES_MAX); i++) {
        g_autofree char *shown = vt_text_printable(state->names->pdata[i], FALSE);

        g_string_append_printf(list, "%s%s", i > 0 ? ", " : "", shown);
    }
    if (state->names->len > NAMES_MAX)
        g_string_append(list, ", …");
    return g_string_free(g_steal_pointer(&list), FALSE);
}

static void note_gaps(State *state)
{
    for (guint gap = 0; gap < VT_GAP_LAST; gap++) {
        if (state->gaps[gap] > 0)
            vt_profile_note(state->profile, _("Windows that are not counted: %u of %u. %s"),
                            state->gaps[gap], state->pairs, vt_gap_reason(gap));
    }
}

static gboolean explain_nothing(const State *state, GError **error)
{
    if (state->pairs == 0)
        return vt_import_fail(error, _("there is one snapshot only, and counters since the domain "
                                       "was started are no rates; record “virsh domstats” twice, "
                                       "one behind the other"));
    for (guint gap = 0; gap < VT_GAP_LAST; gap++) {
        if (gap != VT_GAP_BUSY && state->gaps[gap] > 0)
            return vt_import_fail(error, _("no two snapshots can be compared: %s"),
                                  vt_gap_reason(gap));
    }
    return vt_import_fail(error, _("there are no KVM statistics in it, as vcpu.0.exits.sum; they "
                                   "need “virsh domstats --vcpu”, libvirt 8.9 and QEMU 7.1"));
}

/* Without times each pair of snapshots has its part of the given length, or a second. */
static void set_lengths(State *state)
{
    guint n = state->profile->windows->len;

    if (state->before_ns > 0 && state->options.duration_ns == 0)
        return;
    if (state->options.duration_ns == 0)
        vt_profile_note(state->profile, "%s",
                        _("The recording does not say how long it took: one second between two "
                          "snapshots was taken. Give --duration."));
    for (guint i = 0; i < n; i++)
        g_array_index(state->profile->windows, VtWindow, i).duration_ns =
            state->options.duration_ns > 0 ? MAX(1, state->options.duration_ns / state->pairs)
                                           : G_GUINT64_CONSTANT(1000000000);
}

/* Counters are since the start, and firmware does not get by without a port: where none was ever counted,
 * this KVM does not count them (vt_domstats_counts_io()). A QEMU that took over a domain which was migrated or
 * restored begins without firmware, and cannot be told from that. */
static void forget_io(State *state)
{
    if (!state->has_io || state->io || !state->exits)
        return;
    g_hash_table_remove(state->profile->metrics, "kvm.io_exits");
    g_hash_table_remove(state->profile->metrics, "exit.io");
    state->profile->exits_low = TRUE;
    vt_profile_note(state->profile, "%s",
                    _("Not one port access was counted since this QEMU began: either the domain was migrated or "
                      "restored and made none, or this is KVM's software back end (kvm_pvm), which does not count "
                      "them. exit.io is unknown."));
}

static gboolean end(gpointer data, GError **error)
{
    g_autofree char *list = NULL;
    State *state = data;

    if (!close_domain(state, error))
        return FALSE;
    list = list_domains(state);
    if (state->options.domain && !state->profile->name)
        return vt_import_fail(error, _("that domain is not in it, but these are: %s"), list);
    if (!state->options.domain && state->names->len > 1)
        return vt_import_fail(
            error,
            _("there are several domains in it; choose one by “virt-tune import --domain”: %s"),
            list);
    if (state->profile->windows->len == 0)
        return explain_nothing(state, error);
    set_lengths(state);
    forget_io(state);
    note_gaps(state);
    return TRUE;
}

static void state_free(gpointer data)
{
    State *state = data;

    g_free(state->open);
    vt_domstats_free(state->stats);
    vt_domstats_free(state->before);
    g_ptr_array_unref(state->names);
    g_hash_table_unref(state->fields);
    g_free(state);
}

const VtImportFormat vt_import_domstats = {
    .name = "domstats",
    .summary = N_("two or more snapshots of virsh domstats"),
    .domains = TRUE,
    .whole_lines = TRUE,
    .recognise = recognise,
    .begin = begin,
    .line = read_line,
    .end = end,
    .free = state_free,
};
