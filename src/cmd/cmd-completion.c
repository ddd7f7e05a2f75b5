/* SPDX-License-Identifier: GPL-2.0-or-later */
/* completion: the completion script for bash, made from the verb table. */
#include "config.h"

#include <glib/gi18n.h>

#include "cmd/cmd.h"

/* Long options that take a value end in "=". */
static void add_options(GString *out, const GOptionEntry *entries)
{
    for (const GOptionEntry *entry = entries; entry && entry->long_name; entry++) {
        if (entry->flags & G_OPTION_FLAG_HIDDEN)
            continue;
        g_string_append_printf(out, " --%s", entry->long_name);
        if (entry->short_name)
            g_string_append_printf(out, " -%c", entry->short_name);
    }
}

/* A case pattern of all options of @entries that take a file name. */
static void add_pattern(GString *out, const GOptionEntry *entries, gboolean files)
{
    for (const GOptionEntry *entry = entries; entry && entry->long_name; entry++) {
        gboolean takes_file = entry->arg == G_OPTION_ARG_FILENAME || entry->arg == G_OPTION_ARG_FILENAME_ARRAY;

        if (entry->arg == G_OPTION_ARG_NONE || (entry->flags & G_OPTION_FLAG_OPTIONAL_ARG) || takes_file != files)
            continue;
        if (g_str_equal(entry->long_name, "rule"))
            continue; /* completed by name */
        g_string_append_printf(out, "%s--%s", out->len ? "|" : "", entry->long_name);
        if (entry->short_name)
            g_string_append_printf(out, "|-%c", entry->short_name);
    }
}

static void add_verb(GString *out, const VtCmd *verb)
{
    g_autoptr(GString) options = g_string_new(NULL);

    add_options(options, verb->options);
    g_string_append_printf(out, "    %s) options=\"%s\" operand=\"%s\" ;;\n", verb->name,
                           options->len ? options->str + 1 : "", verb->complete);
}

static gboolean completion(VtApp *app, char **argv, int *ret_status, GError **error)
{
    g_autoptr(GString) verbs = g_string_new(NULL);
    g_autoptr(GString) cases = g_string_new(NULL);
    g_autoptr(GString) globals = g_string_new(NULL);
    g_autoptr(GString) files = g_string_new(NULL);
    g_autoptr(GString) values = g_string_new(NULL);

    if (*argv && (argv[1] || !g_str_equal(*argv, "bash"))) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("completion knows bash only (zsh loads it too)"));
        return FALSE;
    }
    add_options(globals, vt_cmd_global_options());
    add_pattern(files, vt_cmd_global_options(), TRUE);
    add_pattern(values, vt_cmd_global_options(), FALSE);
    for (const VtCmd *const *verb = vt_cmd_table(); *verb; verb++) {
        g_string_append_printf(verbs, "%s%s", verbs->len ? " " : "", (*verb)->name);
        add_verb(cases, *verb);
        add_pattern(files, (*verb)->options, TRUE);
        add_pattern(values, (*verb)->options, FALSE);
    }
    fprintf(vt_term_out(app->term),
            "# bash completion for virt-tune; made by `virt-tune completion`\n"
            "_virt_tune() {\n"
            "  local cur=${COMP_WORDS[COMP_CWORD]} prev= verb= connect= options= operand= word i skip=0\n"
            "  local globals=\"%s --help\"\n"
            "  COMPREPLY=()\n"
            "  ((COMP_CWORD > 0)) && prev=${COMP_WORDS[COMP_CWORD-1]}\n"
            "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
            "    word=${COMP_WORDS[i]}\n"
            "    if ((skip)); then skip=0; continue; fi\n"
            "    case $word in\n"
            "      -c|--connect) connect=${COMP_WORDS[i+1]}; skip=1 ;;\n"
            "      --root) skip=1 ;;\n"
            "      -*) ;;\n"
            "      *) [[ -n $verb ]] || verb=$word ;;\n"
            "    esac\n"
            "  done\n"
            "  case $prev in\n"
            "    --rule) COMPREPLY=($(compgen -W \"$(virt-tune rules list 2>/dev/null | awk 'NR > 1 { print $1 }')\" -- \"$cur\")); return ;;\n"
            "    %s) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n"
            "    %s) return ;;\n"
            "  esac\n"
            "  if [[ -z $verb ]]; then\n"
            "    if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W \"$globals\" -- \"$cur\"))\n"
            "    else COMPREPLY=($(compgen -W \"%s\" -- \"$cur\")); fi\n"
            "    return\n"
            "  fi\n"
            "  case $verb in\n"
            "%s"
            "  esac\n"
            "  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W \"$options $globals\" -- \"$cur\")); return; fi\n"
            "  case $operand in\n"
            "    domain) local IFS=$'\\n'; COMPREPLY=($(compgen -W \"$(virsh ${connect:+-c \"$connect\"} -r -q list --all --name 2>/dev/null)\" -- \"$cur\")) ;;\n"
            "    rule) COMPREPLY=($(compgen -W \"$(virt-tune rules list 2>/dev/null | awk 'NR > 1 { print $1 }')\" -- \"$cur\")) ;;\n"
            "    file) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n"
            "    *) COMPREPLY=($(compgen -W \"$operand\" -- \"$cur\")) ;;\n"
            "  esac\n"
            "}\n"
            "complete -o filenames -F _virt_tune virt-tune\n",
            globals->len ? globals->str + 1 : "", files->str, values->str, verbs->str, cases->str);
    return TRUE;
}

const VtCmd vt_cmd_completion = {
    .name = "completion",
    .operands = "[bash]",
    .complete = "bash",
    .summary = N_("print the completion script for bash"),
    .run = completion,
};
