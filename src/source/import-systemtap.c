/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of exits and of MSRs as SystemTap scripts print them, one a second, each behind a line of
 * dashes:
 *
 *     [ EXIT_REASON_HLT] [12] count = 9617
 *     [ MSR_IA32_TSC_DEADLINE] [0x6e0] count = 346
 *     [ ] [0x830] count = 23313
 *
 * Exits have decimal numbers (SVM's may be hexadecimal behind their names), MSRs hexadecimal ones.
 * A table of MSRs is of writes unless a line "msr read" stands before it. */
#include "config.h"

#include "source/import.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/metric.h"
#include "source/import-reason.h"

#define VMX_PREFIX "EXIT_REASON_"
#define SVM_PREFIX "SVM_EXIT_"
#define DASHES_MIN 4

typedef enum { TABLE_EXIT, TABLE_MSR_WRITE, TABLE_MSR_READ, N_TABLES } TableKind;

static const struct {
    const char *name_space;
    VtMetricKind metric;
} table_kinds[N_TABLES] = {
    [TABLE_EXIT] = {"exit", VT_METRIC_EXIT},
    [TABLE_MSR_WRITE] = {"msr.write", VT_METRIC_MSR_WRITE},
    [TABLE_MSR_READ] = {"msr.read", VT_METRIC_MSR_READ},
};

/* The tables of one kind. */
typedef struct {
    guint n;          /* so far; the n-th is of the window n - 1 */
    gboolean open;    /* the one since the last line of dashes */
    GHashTable *seen; /* numbers (guint64) in the open one */
} Tables;

typedef struct {
    VtProfile *profile;
    VtImportOptions options;
    guint vcpus;
    gboolean reads; /* behind "msr read" */
    Tables tables[N_TABLES];
} State;

/* One line. */
typedef struct {
    char *name; /* "" where the brackets are empty */
    char *number;
    char *count;
} Entry;

static void entry_clear(Entry *entry)
{
    g_free(entry->name);
    g_free(entry->number);
    g_free(entry->count);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Entry, entry_clear)

static const char *skip_blanks(const char *p)
{
    while (*p == ' ' || *p == '\t')
        p++;
    return p;
}

/* "[ text ]": the text without blanks around it; NULL where there is none. */
static char *take_brackets(const char **p)
{
    const char *open = skip_blanks(*p);
    const char *close = *open == '[' ? strchr(open, ']') : NULL;

    if (!close)
        return NULL;
    *p = close + 1;
    return g_strstrip(g_strndup(open + 1, (gsize)(close - open - 1)));
}

static gboolean take_word(const char **p, const char *word)
{
    const char *start = skip_blanks(*p);

    if (!g_str_has_prefix(start, word))
        return FALSE;
    *p = start + strlen(word);
    return TRUE;
}

static gboolean split(const char *line, Entry *entry)
{
    const char *p = line;

    entry->name = take_brackets(&p);
    entry->number = entry->name ? take_brackets(&p) : NULL;
    if (!entry->number || !take_word(&p, "count") || !take_word(&p, "="))
        return FALSE;
    entry->count = g_strstrip(g_strdup(p));
    return *entry->count;
}

static gboolean is_dashes(const char *line)
{
    gsize n = strspn(line, "-");

    return n >= DASHES_MIN && *skip_blanks(line + n) == '\0';
}

/* TRUE for a line that says what the next table of MSRs is of. */
static gboolean is_heading(const char *line, gboolean *ret_reads)
{
    static const struct {
        const char *text;
        gboolean reads;
    } headings[] = {{"msr read", TRUE}, {"rdmsr", TRUE}, {"msr write", FALSE}, {"wrmsr", FALSE}};
    g_autofree char *text = g_strstrip(g_ascii_strdown(line, -1));

    if (g_str_has_suffix(text, ":"))
        text[strlen(text) - 1] = '\0';
    for (guint i = 0; i < G_N_ELEMENTS(headings); i++) {
        if (strcmp(headings[i].text, text) == 0) {
            *ret_reads = headings[i].reads;
            return TRUE;
        }
    }
    return FALSE;
}

static int recognise(const char *line)
{
    const char *start = skip_blanks(line);
    g_auto(Entry) entry = {0};
    gboolean reads;

    if (split(line, &entry) || g_str_has_prefix(start, "[ " VMX_PREFIX) ||
        g_str_has_prefix(start, "[" VMX_PREFIX))
        return 2;
    return is_dashes(line) || is_heading(line, &reads) ? 1 : 0;
}

static gpointer begin(VtProfile *profile, const VtImportOptions *options)
{
    State *state = g_new0(State, 1);

    state->profile = profile;
    state->options = *options;
    state->vcpus = vt_import_vcpus(profile, options);
    profile->isa = options->isa;
    for (guint i = 0; i < N_TABLES; i++)
        state->tables[i].seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    return state;
}

/* The first name decides what the numbers are of. */
static gboolean check_isa(State *state, const char *name, GError **error)
{
    VtIsa isa = g_str_has_prefix(name, VMX_PREFIX)   ? VT_ISA_VMX
                : g_str_has_prefix(name, SVM_PREFIX) ? VT_ISA_SVM
                                                     : state->profile->isa;

    if (isa == VT_ISA_UNKNOWN)
        return vt_import_fail(
            error, _("an exit without a name is known to be neither of Intel nor of AMD"));
    if (state->profile->isa != VT_ISA_UNKNOWN && isa != state->profile->isa)
        return vt_import_fail(error, _("“%s” does not belong to a recording of %s"), name,
                              vt_isa_name(state->profile->isa));
    state->profile->isa = isa;
    return TRUE;
}

static gboolean read_exit(State *state, const Entry *entry, guint64 code, char **ret_metric,
                          GError **error)
{
    g_autofree char *name = vt_text_printable(entry->name, FALSE);
    guint64 named;

    if (!check_isa(state, name, error))
        return FALSE;
    if (vt_exit_reason_find(state->profile->isa, name, &named)) {
        if (g_strcmp0(vt_exit_reason_name(state->profile->isa, code),
                      vt_exit_reason_name(state->profile->isa, named)) != 0)
            return vt_import_fail(error, _("“%s” has the number %s here and not %" PRIu64), name,
                                  entry->number, named);
    } else if (*name && !g_str_has_prefix(name, VMX_PREFIX) &&
               !g_str_has_prefix(name, SVM_PREFIX)) {
        return vt_import_fail(error, _("“%s” is not an exit reason"), name);
    }
    *ret_metric = g_strdup(vt_exit_reason_metric(state->profile->isa, code));
    return TRUE;
}

static gboolean read_entry(State *state, const Entry *entry, TableKind *ret_kind,
                           guint64 *ret_number, char **ret_metric, guint64 *ret_count,
                           GError **error)
{
    gboolean hexadecimal = g_ascii_strncasecmp(entry->number, "0x", 2) == 0;
    guint64 number;

    if (!vt_text_parse_u64(entry->number, 0, G_MAXUINT64, &number, NULL)) {
        g_autofree char *shown = vt_text_printable(entry->number, FALSE);

        return vt_import_fail(error, _("“%s” is not the number of an exit or of an MSR"), shown);
    }
    if (!vt_import_parse_count(entry->count, ret_count, error))
        return FALSE;
    *ret_number = number;
    if (!hexadecimal || g_str_has_prefix(entry->name, SVM_PREFIX)) {
        *ret_kind = TABLE_EXIT;
        return read_exit(state, entry, number, ret_metric, error);
    }
    if (g_str_has_prefix(entry->name, VMX_PREFIX))
        return vt_import_fail(
            error, _("“%s” is an exit, but %s looks like an MSR; exits have decimal numbers"),
            VMX_PREFIX, entry->number);
    if (number > G_MAXUINT32)
        return vt_import_fail(error, _("%s is not the number of an MSR"), entry->number);
    *ret_kind = state->reads ? TABLE_MSR_READ : TABLE_MSR_WRITE;
    *ret_metric = vt_metric_name(table_kinds[*ret_kind].metric, number);
    return TRUE;
}

/* Kinds have windows of their own, so that tables of exits and of MSRs, printed in turn, are of the
 * same seconds. */
static void open_table(State *state, TableKind kind)
{
    Tables *tables = &state->tables[kind];

    if (tables->open)
        return;
    if (tables->n == state->profile->windows->len)
        vt_import_add_window(state->profile, state->vcpus);
    tables->n++;
    tables->open = TRUE;
    g_hash_table_remove_all(tables->seen);
    if (kind != TABLE_EXIT)
        vt_profile_set_covers(state->profile, table_kinds[kind].name_space);
}

/* Several codes may be of one family, but each stands in a table once. */
static gboolean mark_seen(Tables *tables, guint64 number, GError **error)
{
    gint64 *key = g_new(gint64, 1);

    *key = (gint64)number;
    if (g_hash_table_add(tables->seen, key))
        return TRUE;
    return vt_import_fail(
        error,
        _("number %" PRIu64 " stands twice in one table; a line of dashes must divide tables"),
        number);
}

static gboolean read_line(gpointer data, const char *line, GError **error)
{
    State *state = data;
    g_auto(Entry) entry = {0};
    g_autofree char *metric = NULL;
    TableKind kind;
    guint64 number = 0, count = 0;

    if (*skip_blanks(line) == '\0' || is_heading(line, &state->reads))
        return TRUE;
    /* A second without a line is left out: whether nothing happened in it, or dashes are only an
     * ornament, cannot be told. */
    if (is_dashes(line)) {
        for (guint i = 0; i < N_TABLES; i++)
            state->tables[i].open = FALSE;
        return TRUE;
    }
    if (!split(line, &entry)) {
        g_autofree char *shown = vt_import_shown(line);

        return vt_import_fail(error,
                              _("“%s” is cut short or no line of a table; one looks like “%s”"),
                              shown, "[ EXIT_REASON_HLT] [12] count = 9617");
    }
    if (!read_entry(state, &entry, &kind, &number, &metric, &count, error))
        return FALSE;
    open_table(state, kind);
    if (!mark_seen(&state->tables[kind], number, error))
        return FALSE;
    vt_profile_add(state->profile, state->tables[kind].n - 1, metric, vt_import_systemtap.name,
                   count);
    return vt_import_check_size(state->profile, error);
}

static gboolean end(gpointer data, GError **error)
{
    State *state = data;
    guint n = state->profile->windows->len;

    if (n == 0)
        return vt_import_fail(error, _("there is no table in it"));
    for (guint i = 0; i < N_TABLES; i++) {
        if (state->tables[i].n > 0 && state->tables[i].n != n)
            return vt_import_fail(
                error,
                _("there are %u tables of %s, but %u of another kind; import them apart, "
                  "or record both in "
                  "the same seconds"),
                state->tables[i].n, table_kinds[i].name_space, n);
    }
    if (state->tables[TABLE_EXIT].n > 0)
        vt_import_reason_set_covers(state->profile, vt_import_systemtap.name);
    vt_import_set_lengths(state->profile, &state->options);
    return TRUE;
}

static void state_free(gpointer data)
{
    State *state = data;

    for (guint i = 0; i < N_TABLES; i++)
        g_hash_table_unref(state->tables[i].seen);
    g_free(state);
}

const VtImportFormat vt_import_systemtap = {
    .name = "systemtap",
    .summary = N_("tables of exits or MSRs"),
    .whole_lines = TRUE,
    .recognise = recognise,
    .begin = begin,
    .line = read_line,
    .end = end,
    .free = state_free,
};
