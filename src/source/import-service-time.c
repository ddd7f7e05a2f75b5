/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the example kvm_service_time.stp of SystemTap prints when it ends: the exits of all guests
 * by number, and their times in microseconds. The heading tells whose numbers they are, in decimal
 * for Intel and in hexadecimal for AMD; where the kernel does not tell the script, both stand
 * there:
 *
 *     # Intel exit reasons are EXIT_REASON_* in linux/arch/x86/include/uapi/asm/vmx.h
 *     # reason: count sum(us) min(us) avg(us) max(us)
 *     12: 182 29145513 58 160140 500054 */
#include "config.h"

#include "source/import.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "source/import-reason.h"

enum { COUNT, SUM, LEAST, MEAN, MOST, N_NUMBERS };

typedef struct {
    VtProfile *profile;
    VtImportOptions options;
    gboolean intel, amd; /* the heading names them */
    gboolean open;
    GHashTable *seen; /* guint64: numbers of exits */
} State;

/* Without the mark of a comment, which copies may lack. */
static const char *skip_mark(const char *line)
{
    line += strspn(line, " \t#");
    return line;
}

static gboolean is_columns(const char *line)
{
    g_autofree char *folded = vt_text_fold(skip_mark(line));

    return g_str_has_prefix(folded, "reason") &&
           g_str_has_suffix(folded, ": count sum(us) min(us) avg(us) max(us)");
}

static int recognise(const char *line)
{
    return is_columns(line) ? 2 : 0;
}

static gpointer begin(VtProfile *profile, const VtImportOptions *options)
{
    State *state = g_new0(State, 1);

    state->profile = profile;
    state->options = *options;
    state->seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    profile->isa = options->isa;
    return state;
}

static gboolean cut_short(const char *line, GError **error)
{
    g_autofree char *shown = vt_import_shown(line);

    return vt_import_fail(error, _("“%s” is cut short or no line of kvm_service_time"), shown);
}

static gboolean set_isa(State *state, GError **error)
{
    if (state->intel != state->amd)
        return vt_import_reason_set_isa(state->profile, state->intel ? VT_ISA_VMX : VT_ISA_SVM,
                                        error);
    if (state->profile->isa != VT_ISA_UNKNOWN)
        return TRUE;
    return vt_import_fail(error, _("the recording does not say whether its exits are those of "
                                   "Intel or AMD; give --isa"));
}

/* "12", "0x078" or both. */
static gboolean parse_reason(const char *text, guint64 *ret_code)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    guint n = g_strv_length(words);
    guint64 again;

    if (n < 1 || n > 2 || !vt_text_parse_u64(words[0], 0, G_MAXUINT64, ret_code, NULL))
        return FALSE;
    return n == 1 ||
           (vt_text_parse_u64(words[1], 0, G_MAXUINT64, &again, NULL) && again == *ret_code);
}

/* The script's mean is rounded down. */
static gboolean is_consistent(const guint64 numbers[N_NUMBERS])
{
    return numbers[COUNT] > 0 && numbers[MEAN] == numbers[SUM] / numbers[COUNT] &&
           numbers[LEAST] <= numbers[MEAN] && numbers[MEAN] <= numbers[MOST];
}

static gboolean read_row(State *state, const char *line, GError **error)
{
    g_autofree char *folded = vt_text_fold(line);
    char *colon = strchr(folded, ':');
    g_auto(GStrv) words = NULL;
    guint64 code, numbers[N_NUMBERS];
    const char *metric;

    if (!colon || colon[1] != ' ')
        return cut_short(line, error);
    *colon = '\0';
    words = g_strsplit(colon + 2, " ", -1);
    if (!parse_reason(folded, &code) || g_strv_length(words) != N_NUMBERS)
        return cut_short(line, error);
    for (guint i = 0; i < N_NUMBERS; i++) {
        if (!vt_import_parse_count(words[i], &numbers[i], error))
            return FALSE;
    }
    if (!is_consistent(numbers) || numbers[SUM] > G_MAXINT64 / 1000)
        return vt_import_fail(error, _("the numbers of exit %s do not fit together"), folded);
    if (!g_hash_table_add(state->seen, g_memdup2(&code, sizeof code)))
        return vt_import_fail(error, _("exit %s stands twice; give one recording at a time"),
                              folded);
    metric = vt_exit_reason_metric(state->profile->isa, code);
    vt_profile_add(state->profile, 0, metric, vt_import_service_time.name, numbers[COUNT]);
    vt_profile_add_time(state->profile, metric, numbers[SUM] * 1000);
    return vt_import_check_size(state->profile, error);
}

static gboolean read_line(gpointer data, const char *line, GError **error)
{
    State *state = data;
    const char *start = skip_mark(line);

    if (*start == '\0')
        return TRUE;
    if (g_str_has_prefix(start, "Intel exit reasons are ")) {
        state->intel = TRUE;
    } else if (g_str_has_prefix(start, "AMD reasons are ")) {
        state->amd = TRUE;
    } else if (is_columns(line)) {
        if (state->open)
            return vt_import_fail(error, _("a second recording begins; import them apart"));
        state->open = TRUE;
        vt_import_add_window(state->profile, vt_import_vcpus(state->profile, &state->options));
        return set_isa(state, error);
    } else if (state->open) {
        return read_row(state, line, error);
    } else {
        return cut_short(line, error);
    }
    return TRUE;
}

static gboolean end(gpointer data, GError **error)
{
    State *state = data;

    if (g_hash_table_size(state->seen) == 0)
        return vt_import_fail(error, _("there is no exit in it"));
    vt_import_reason_set_covers(state->profile, vt_import_service_time.name);
    vt_import_set_lengths(state->profile, &state->options);
    vt_profile_note(state->profile, "%s",
                    _("kvm_service_time counts all guests of a host together."));
    return TRUE;
}

static void state_free(gpointer data)
{
    State *state = data;

    g_hash_table_unref(state->seen);
    g_free(state);
}

const VtImportFormat vt_import_service_time = {
    .name = "kvm-service-time",
    .summary = N_("the output of SystemTap's kvm_service_time"),
    .whole_lines = TRUE,
    .recognise = recognise,
    .begin = begin,
    .line = read_line,
    .end = end,
    .free = state_free,
};
