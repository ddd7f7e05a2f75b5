/* SPDX-License-Identifier: GPL-2.0-or-later */
/* completion: the completion script for bash: a template of the data directory, filled in from the verb table. */
#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/file.h"
#include "cmd/cmd.h"
#include "cmd/short-options.h"
#include "source/import.h"
#include "source/source.h"

/* The largest template that is read. */
#define TEMPLATE_MAX (64 * 1024)

typedef struct {
    GString *verbs, *cases, *globals, *options, *values;
} Parts;

static char *source_names(void)
{
    g_autoptr(GString) names = g_string_new("auto");

    for (const VtSource *const *source = vt_source_table(); *source; source++)
        g_string_append_printf(names, "|%s", (*source)->name);
    return g_string_free(g_steal_pointer(&names), FALSE);
}

static char *format_names(void)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (const VtImportFormat *const *format = vt_import_table(); *format; format++)
        g_string_append_printf(names, "%s%s", names->len ? "|" : "", (*format)->name);
    return g_string_free(g_steal_pointer(&names), FALSE);
}

/* What completes the value of an option: words between bars, as the help shows them, or a kind; NULL for nothing. */
static char *value_kind(const GOptionEntry *entry)
{
    if (g_str_equal(entry->long_name, "rule"))
        return g_strdup("rule");
    if (g_str_equal(entry->long_name, "source"))
        return source_names();
    if (g_str_equal(entry->long_name, "format"))
        return format_names();
    if (g_str_equal(entry->long_name, "debug"))
        return g_strjoinv("|", (char **)vt_cmd_debug_names());
    if (entry->arg == G_OPTION_ARG_FILENAME || entry->arg == G_OPTION_ARG_FILENAME_ARRAY)
        return g_strdup("file");
    /* In capitals it only stands for a value. */
    return entry->arg_description && g_ascii_islower(*entry->arg_description) ? g_strdup(entry->arg_description) : NULL;
}

static void add_words(GString *out, const GOptionEntry *entry)
{
    g_string_append_printf(out, "%s--%s", out->len ? " " : "", entry->long_name);
    if (entry->short_name)
        g_string_append_printf(out, " -%c", entry->short_name);
}

/* As patterns: an option is not the same in every verb. */
static void add_patterns(GString *out, const char *verb, const GOptionEntry *entry)
{
    g_string_append_printf(out, "%s%s:--%s", out->len ? " | " : "", verb, entry->long_name);
    if (entry->short_name)
        g_string_append_printf(out, " | %s:-%c", verb, entry->short_name);
}

static void add_options(Parts *parts, GString *all, const char *verb, const GOptionEntry *entries)
{
    for (const GOptionEntry *entry = entries; entry && entry->long_name; entry++) {
        g_autofree char *kind = NULL;

        if (entry->flags & G_OPTION_FLAG_HIDDEN)
            continue;
        add_words(all, entry);
        if (entry->arg == G_OPTION_ARG_NONE)
            continue;
        /* The value of others stands behind "=" only. */
        if (vt_short_options_takes_value(entry))
            add_patterns(parts->options, verb, entry);
        kind = value_kind(entry);
        if (kind) {
            g_autoptr(GString) patterns = g_string_new(NULL);

            add_patterns(patterns, verb, entry);
            g_string_append_printf(parts->values, "%s        %s) _virt_tune_kind '%s' ;;",
                                   parts->values->len ? "\n" : "", patterns->str, kind);
        }
    }
}

static void fill(Parts *parts)
{
    add_options(parts, parts->globals, "*", vt_cmd_global_options());
    for (const VtCmd *const *verb = vt_cmd_table(); *verb; verb++) {
        g_autoptr(GString) own = g_string_new(NULL);

        add_options(parts, own, (*verb)->name, (*verb)->options);
        g_string_append_printf(parts->verbs, "%s%s", parts->verbs->len ? " " : "", (*verb)->name);
        g_string_append_printf(parts->cases, "%s            %s) own='%s' kinds='%s' ;;",
                               parts->cases->len ? "\n" : "", (*verb)->name, own->str, (*verb)->complete);
    }
}

static gboolean completion(VtApp *app, char **argv, int *ret_status, GError **error)
{
    g_autofree char *path = g_build_filename(vt_cmd_datadir(), "completion.bash.in", NULL);
    g_autoptr(GString) verbs = g_string_new(NULL);
    g_autoptr(GString) cases = g_string_new(NULL);
    g_autoptr(GString) globals = g_string_new(NULL);
    g_autoptr(GString) options = g_string_new(NULL);
    g_autoptr(GString) values = g_string_new(NULL);
    g_autoptr(GString) script = NULL;
    g_autofree char *text = NULL;
    gsize length;
    Parts parts = {verbs, cases, globals, options, values};

    if (*argv && (argv[1] || !g_str_equal(*argv, "bash"))) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("completion knows bash only (zsh loads it too)"));
        return FALSE;
    }
    if (!vt_file_read(path, TEMPLATE_MAX, &text, &length, error))
        return FALSE;
    fill(&parts);
    script = g_string_new(text);
    g_string_replace(script, "@verbs@", verbs->str, 0);
    g_string_replace(script, "@cases@", cases->str, 0);
    g_string_replace(script, "@globals@", globals->str, 0);
    g_string_replace(script, "@options@", options->str, 0);
    g_string_replace(script, "@values@", values->str, 0);
    fputs(script->str, vt_term_out(app->term));
    return TRUE;
}

const VtCmd vt_cmd_completion = {
    .name = "completion",
    .operands = "[bash]",
    .complete = "bash",
    .summary = N_("print the completion script for bash"),
    .run = completion,
};
