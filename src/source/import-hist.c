/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's histogram of exits, the file events/kvm/kvm_exit/hist of tracefs after
 *
 *     echo 'hist:keys=exit_reason,isa' >events/kvm/kvm_exit/trigger
 *
 * (hist_trigger_show() in kernel/trace/trace_events_hist.c of Linux):
 *
 *     # trigger info: hist:keys=exit_reason,isa:vals=hitcount:sort=hitcount:size=2048 [active]
 *
 *     { exit_reason:         96, isa:          2 } hitcount:        155
 *
 *     Totals:
 *         Hits: 6780
 *         Entries: 6
 *         Dropped: 0
 *
 * It counts from when the trigger was set. The totals are taken a moment after the entries, so that
 * there may be more hits than the entries have together. Of two or more histograms, one behind the
 * other, the differences are the windows. Among more keys may be the number of the vCPU,
 * "vcpu_id:          0", and of its thread, "common_pid:       4720", with a modifier
 * "common_pid: CPU 0/KVM       [      4720]". */
#include "config.h"

#include "source/import.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/metric.h"
#include "model/profile-vcpu.h"
#include "source/import-choice.h"
#include "source/import-reason.h"

#define TRIGGER "# trigger info: "
#define REASON_KEY "exit_reason"
#define ISA_KEY "isa"
#define VCPU_KEY "vcpu_id"
#define THREAD_KEY "common_pid"
#define KVM_ISA_VMX 1
#define KVM_ISA_SVM 2

#define NO_VCPU G_MAXUINT

/* A counter: several entries may be of one. */
typedef struct {
    const char *metric; /* interned */
    guint vcpu;         /* NO_VCPU: not told */
} Key;

typedef struct {
    VtProfile *profile;
    VtImportOptions options;
    char *trigger; /* its line, up to " [active]" */
    gboolean hexadecimal;
    gboolean open;     /* a histogram has begun and its totals have not ended */
    GHashTable *now;    /* Key -> guint64, of the open one */
    GHashTable *before; /* of the one before; NULL: none */
    GArray *chosen;      /* guint64: threads; empty: all */
    GHashTable *vcpus;   /* guint, as pointers: their numbers */
    GHashTable *threads; /* guint, as pointers: their numbers */
    GHashTable *owners;  /* guint64: the number of a vCPU -> guint64: its thread */
    guint64 sum, lines;
    gboolean has_hits, has_entries;
    guint histograms;
    guint64 dropped, dropped_first;
} State;

static int recognise(const char *line)
{
    if (g_str_has_prefix(line, TRIGGER "hist:keys=") && strstr(line, REASON_KEY))
        return 2;
    return g_str_has_prefix(line, "# event histogram") ? 1 : 0;
}

static guint key_hash(gconstpointer data)
{
    const Key *key = data;

    return g_direct_hash(key->metric) ^ key->vcpu;
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
    const Key *x = a, *y = b;

    return x->metric == y->metric && x->vcpu == y->vcpu;
}

static GHashTable *counts_new(void)
{
    return g_hash_table_new_full(key_hash, key_equal, g_free, g_free);
}

static gpointer begin(VtProfile *profile, const VtImportOptions *options)
{
    State *state = g_new0(State, 1);

    state->profile = profile;
    state->options = *options;
    state->now = counts_new();
    state->chosen = g_array_new(FALSE, FALSE, sizeof(guint64));
    state->vcpus = g_hash_table_new(NULL, NULL);
    state->threads = g_hash_table_new(NULL, NULL);
    state->owners = vt_import_choice_vcpus();
    profile->isa = options->isa;
    return state;
}

static gboolean cut_short(const char *line, GError **error)
{
    g_autofree char *shown = vt_import_shown(line);

    return vt_import_fail(error, _("“%s” is cut short or no line of a histogram"), shown);
}

static gboolean went_back(GError **error)
{
    return vt_import_fail(error, _("a counter went back since the histogram before: it was cleared"));
}

static gboolean open_histogram(State *state, const char *line, GError **error)
{
    const char *end = strrchr(line, '[');
    g_autofree char *trigger = g_strndup(line, end ? (gsize)(end - line) : strlen(line));

    if (state->open)
        return vt_import_fail(error, _("the histogram before ends without its totals"));
    if (!strstr(trigger, "keys=" REASON_KEY) && !strstr(trigger, "," REASON_KEY))
        return vt_import_fail(error, _("the histogram is not of exits by “%s”"), REASON_KEY);
    if (state->trigger && strcmp(state->trigger, trigger) != 0)
        return vt_import_fail(error, _("this histogram is of another trigger than the one before"));
    if (strstr(trigger, REASON_KEY ".log2") || strstr(trigger, REASON_KEY ".buckets"))
        return vt_import_fail(error, _("the histogram has ranges of exits instead of exits"));
    if (strstr(trigger, VCPU_KEY "."))
        return vt_import_fail(error, _("the numbers of vCPUs have a modifier; use the key “%s” alone"), VCPU_KEY);
    g_free(state->trigger);
    state->trigger = g_steal_pointer(&trigger);
    state->hexadecimal = strstr(state->trigger, REASON_KEY ".hex") != NULL;
    state->open = TRUE;
    state->has_hits = state->has_entries = FALSE;
    state->sum = state->lines = 0;
    g_hash_table_remove_all(state->now);
    return TRUE;
}

/* The value of a key in "exit_reason:         96, isa:          2"; NULL where it has none. */
static char *key_value(const char *keys, const char *key)
{
    g_auto(GStrv) parts = g_strsplit(keys, ",", -1);

    for (char **part = parts; *part; part++) {
        char *colon = strchr(*part, ':');

        if (!colon)
            continue;
        *colon = '\0';
        if (strcmp(g_strstrip(*part), key) == 0)
            return g_strstrip(g_strdup(colon + 1));
    }
    return NULL;
}

static gboolean read_isa(State *state, const char *keys, GError **error)
{
    g_autofree char *value = key_value(keys, ISA_KEY);
    guint64 isa;

    if (!value) {
        if (state->profile->isa != VT_ISA_UNKNOWN)
            return TRUE;
        return vt_import_fail(error, _("the histogram does not say whether its exits are those of "
                                       "Intel or AMD; give --isa"));
    }
    if (!vt_text_parse_u64(value, KVM_ISA_VMX, KVM_ISA_SVM, &isa, NULL))
        return cut_short(keys, error);
    return vt_import_reason_set_isa(state->profile, isa == KVM_ISA_VMX ? VT_ISA_VMX : VT_ISA_SVM,
                                    error);
}

static gboolean read_vcpu(State *state, const char *keys, guint *ret_vcpu, GError **error)
{
    g_autofree char *value = key_value(keys, VCPU_KEY);
    guint64 vcpu;

    if (!value) {
        *ret_vcpu = NO_VCPU;
        return TRUE;
    }
    if (!vt_text_parse_u64(value, 0, VT_PROFILE_VCPUS_MAX - 1, &vcpu, NULL))
        return cut_short(keys, error);
    *ret_vcpu = (guint)vcpu;
    return TRUE;
}

/* The number of the thread in "4720", "1270" (.hex) or "CPU 0/KVM       [      4720]" (.execname); 0: it has none. */
static guint64 thread_of(const State *state, const char *keys)
{
    g_autofree char *value = key_value(keys, THREAD_KEY);
    g_autofree char *number = NULL;
    char *bracket = value ? strrchr(value, '[') : NULL;
    guint64 thread = 0;

    if (!value)
        return 0;
    if (bracket && g_str_has_suffix(value, "]")) {
        value[strlen(value) - 1] = '\0';
        memmove(value, bracket + 1, strlen(bracket));
        g_strchug(value);
    }
    number = g_strconcat(strstr(state->trigger, THREAD_KEY ".hex") ? "0x" : "", value, NULL);
    return vt_text_parse_u64(number, 1, G_MAXUINT32, &thread, NULL) ? thread : 0;
}

/* Whose an entry is, and whether it is counted. */
static gboolean read_owner(State *state, const char *keys, guint vcpu, gboolean *ret_chosen, GError **error)
{
    guint64 thread = thread_of(state, keys);

    if (!vt_import_choice_read(&state->options, state->chosen, error))
        return FALSE;
    if (state->chosen->len > 0 && thread == 0)
        return vt_import_fail(error, _("the histogram has no key “%s”, by which to choose the domain"), THREAD_KEY);
    *ret_chosen = vt_import_choice_has(state->chosen, thread, 0);
    if (!*ret_chosen)
        return TRUE;
    if (vcpu != NO_VCPU)
        g_hash_table_add(state->vcpus, GUINT_TO_POINTER(vcpu));
    if (thread > 0)
        g_hash_table_add(state->threads, GUINT_TO_POINTER((guint)thread));
    return thread == 0 || vcpu == NO_VCPU || vt_import_choice_claim(state->owners, vcpu, thread, error);
}

/* The totals are those of all entries, whoever is chosen. */
static gboolean add_total(State *state, guint64 count, GError **error)
{
    state->sum += count;
    state->lines++;
    if (state->sum > G_MAXINT64)
        return vt_import_fail(error, _("the numbers are too large"));
    return TRUE;
}

static void add(State *state, const char *metric, guint vcpu, guint64 count)
{
    const Key key = {g_intern_string(metric), vcpu};
    guint64 *sum = g_hash_table_lookup(state->now, &key);

    if (!sum) {
        sum = g_new0(guint64, 1);
        g_hash_table_insert(state->now, g_memdup2(&key, sizeof key), sum);
    }
    *sum += count;
}

/* "{ exit_reason:         96, isa:          2 } hitcount:        155" */
static gboolean read_entry(State *state, const char *line, GError **error)
{
    const char *close = strchr(line, '}');
    const char *hits = close ? strstr(close, "} hitcount:") : NULL;
    g_autofree char *keys = close ? g_strndup(line + 1, (gsize)(close - line) - 1) : NULL;
    g_autofree char *reason = keys ? key_value(keys, REASON_KEY) : NULL;
    g_autofree char *digits = NULL, *number = NULL;
    guint64 code, count;
    guint vcpu = NO_VCPU;
    gboolean chosen;

    if (!hits || !reason)
        return cut_short(line, error);
    hits += strlen("} hitcount:");
    hits += strspn(hits, " \t");
    digits = g_strndup(hits, strcspn(hits, " \t"));
    number = state->hexadecimal ? g_strconcat("0x", reason, NULL) : g_strdup(reason);
    if (!vt_text_parse_u64(number, 0, G_MAXUINT64, &code, NULL))
        return cut_short(line, error);
    if (!vt_import_parse_count(digits, &count, error) || !read_isa(state, keys, error) ||
        !read_vcpu(state, keys, &vcpu, error) || !read_owner(state, keys, vcpu, &chosen, error) ||
        !add_total(state, count, error))
        return FALSE;
    if (chosen)
        add(state, vt_exit_reason_metric(state->profile->isa, code), vcpu, count);
    return TRUE;
}

static void add_count(State *state, guint window, const Key *key, guint64 count)
{
    vt_profile_add(state->profile, window, key->metric, vt_import_hist.name, count);
    if (state->options.per_vcpu && key->vcpu != NO_VCPU)
        vt_profile_vcpu_add(state->profile, window, key->metric, vt_import_hist.name, key->vcpu, count);
}

/* What the counters grew by since the histogram before, or all of the only one. */
static gboolean add_window(State *state, GHashTable *before, GHashTable *after, GError **error)
{
    guint window = state->profile->windows->len;
    GHashTableIter iter;
    gpointer key, value;

    vt_import_add_window(state->profile, 1);
    if (before) {
        g_hash_table_iter_init(&iter, before);
        while (g_hash_table_iter_next(&iter, &key, NULL)) {
            if (!g_hash_table_contains(after, key))
                return went_back(error);
        }
    }
    g_hash_table_iter_init(&iter, after);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        const guint64 *was = before ? g_hash_table_lookup(before, key) : NULL;
        guint64 is = *(guint64 *)value;

        if (was && *was > is)
            return went_back(error);
        add_count(state, window, key, is - (was ? *was : 0));
    }
    return vt_import_check_size(state->profile, error);
}

static gboolean close_histogram(State *state, GError **error)
{
    if (!state->has_hits || !state->has_entries)
        return vt_import_fail(error, _("the totals lack “Hits” or “Entries”"));
    state->open = FALSE;
    state->histograms++;
    if (state->histograms == 1)
        state->dropped_first = state->dropped;
    if (state->before && !add_window(state, state->before, state->now, error))
        return FALSE;
    g_clear_pointer(&state->before, g_hash_table_unref);
    state->before = g_steal_pointer(&state->now);
    state->now = counts_new();
    return TRUE;
}

static gboolean read_total(State *state, const char *name, guint64 value, GError **error)
{
    if (strcmp(name, "Hits") == 0) {
        state->has_hits = TRUE;
        if (value < state->sum)
            return vt_import_fail(
                error, _("the entries have %" PRIu64 " hits and not %" PRIu64 ": some are wrong"),
                state->sum, value);
    } else if (strcmp(name, "Entries") == 0) {
        state->has_entries = TRUE;
        if (value != state->lines)
            return vt_import_fail(
                error, _("there are %" PRIu64 " entries and not %" PRIu64 ": some are missing"),
                state->lines, value);
    } else {
        if (value < state->dropped)
            return went_back(error);
        state->dropped = value;
        return close_histogram(state, error);
    }
    return TRUE;
}

static gboolean is_total(const char *line, char **ret_name, guint64 *ret_value)
{
    static const char *const names[] = {"Hits", "Entries", "Dropped", NULL};
    const char *colon = strchr(line, ':');
    g_autofree char *name = colon ? g_strndup(line, (gsize)(colon - line)) : NULL;

    if (!name || !g_strv_contains(names, name) ||
        !vt_text_parse_u64(colon + 1 + strspn(colon + 1, " "), 0, G_MAXINT64, ret_value, NULL))
        return FALSE;
    *ret_name = g_steal_pointer(&name);
    return TRUE;
}

static gboolean read_line(gpointer data, const char *line, GError **error)
{
    State *state = data;
    const char *start = line + strspn(line, " \t");
    g_autofree char *name = NULL;
    guint64 value;

    if (g_str_has_prefix(start, TRIGGER))
        return open_histogram(state, start, error);
    if (*start == '\0' || *start == '#' || strcmp(start, "Totals:") == 0)
        return TRUE;
    if (!state->open)
        return vt_import_fail(error, _("the line “%s…” of the histogram is missing before this"),
                              TRIGGER);
    if (*start == '{')
        return read_entry(state, start, error);
    if (is_total(start, &name, &value))
        return read_total(state, name, value, error);
    return cut_short(line, error);
}

static gboolean end(gpointer data, GError **error)
{
    State *state = data;

    if (state->open)
        return vt_import_fail(error, _("the last histogram ends without its totals"));
    if (!state->before)
        return vt_import_fail(error, _("there is no histogram in it"));
    if (state->histograms == 1 && !add_window(state, NULL, state->before, error))
        return FALSE;
    state->profile->lost = state->dropped - (state->histograms == 1 ? 0 : state->dropped_first);
    if (state->chosen->len > 0 && g_hash_table_size(state->threads) == 0)
        return vt_import_fail(error, _("there is no exit of that domain in it"));
    /* Without one of the keys nobody tells how many there are. */
    vt_import_set_vcpus(state->profile, &state->options,
                        MAX(g_hash_table_size(state->vcpus), g_hash_table_size(state->threads)));
    vt_import_reason_set_covers(state->profile, vt_import_hist.name);
    vt_import_set_lengths(state->profile, &state->options);
    if (state->chosen->len > 0)
        return TRUE;
    vt_profile_note(state->profile, "%s",
                    _("The kernel's histogram counts all guests of a host together, unless its "
                      "trigger has a filter."));
    if (g_hash_table_size(state->threads) > 1 && g_hash_table_size(state->vcpus) == 0)
        vt_profile_note(state->profile, "%s",
                        _("It does not tell which threads (common_pid) are of one domain: choose those of one by "
                          "--domain, or add the key vcpu_id."));
    return TRUE;
}

static void state_free(gpointer data)
{
    State *state = data;

    g_free(state->trigger);
    g_hash_table_unref(state->now);
    g_array_unref(state->chosen);
    g_hash_table_unref(state->vcpus);
    g_hash_table_unref(state->threads);
    g_hash_table_unref(state->owners);
    g_clear_pointer(&state->before, g_hash_table_unref);
    g_free(state);
}

const VtImportFormat vt_import_hist = {
    .name = "hist",
    .summary = N_("the kernel's histogram of exits"),
    .domains = TRUE,
    .whole_lines = TRUE,
    .recognise = recognise,
    .begin = begin,
    .line = read_line,
    .end = end,
    .free = state_free,
};
