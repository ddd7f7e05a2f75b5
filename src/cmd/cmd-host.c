/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host: the facts about this host that rules see. */
#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/progress.h"
#include "base/text.h"
#include "cmd/acquire.h"
#include "cmd/acquire-check.h"
#include "cmd/output.h"
#include "report/table.h"
#include "source/host-json.h"

static struct {
    char *output, *save;
} opt;

static const GOptionEntry entries[] = {
    {"output", 'o', 0, G_OPTION_ARG_STRING, &opt.output, N_("format of the result"), "text|json"},
    {"save", 0, 0, G_OPTION_ARG_FILENAME, &opt.save, N_("also write the facts to a file, for advise --host"), "FILE"},
    {"host", 0, 0, G_OPTION_ARG_FILENAME, &vt_acquire_options.host, N_("show saved facts in place of this host's"),
     "FILE"},
    G_OPTION_ENTRY_NULL,
};

static gboolean print_facts(VtApp *app, const VtHost *host, GError **error)
{
    g_autoptr(GPtrArray) names = vt_host_fact_names(host);
    struct libscols_table *table = vt_table_new(app->term);
    gsize longest = 0;

    scols_table_enable_noheadings(table, TRUE);
    scols_table_new_column(table, "FACT", 0, 0);
    vt_table_add_wrapped(table, "VALUE");
    for (guint i = 0; i < names->len; i++)
        longest = MAX(longest, strlen(g_ptr_array_index(names, i)));
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        g_autofree char *value = vt_text_printable(vt_host_get(host, name), FALSE);
        struct libscols_line *line = scols_table_new_line(table, NULL);

        scols_line_set_data(line, 0, name);
        vt_table_set_wrapped(app->term, line, 1, value, (guint) longest + 1);
    }
    vt_table_print(app->term, table);
    for (guint i = 0; i < host->notes->len; i++) {
        g_autofree char *note = vt_text_printable(g_ptr_array_index(host->notes, i), FALSE);

        fprintf(vt_term_out(app->term), "%s\n", note);
    }
    return TRUE;
}

static VtHost *get_host(VtApp *app, GError **error)
{
    g_autoptr(GError) offline = NULL;
    g_autoptr(VtVirt) virt = NULL;
    VtHost *host;

    if (vt_acquire_options.host) {
        host = vt_host_json_load(vt_acquire_options.host, error);
        if (host)
            vt_host_derive(host);
        return host;
    }
    /* Without libvirt the facts of the file system are still worth seeing, unless a connection was asked for. */
    if (!app->uri && app->root_dir)
        return vt_acquire_host(app, NULL, error);
    virt = vt_acquire_connection(app, &offline);
    if (virt)
        return vt_acquire_host(app, virt, error);
    if (app->uri) {
        g_propagate_error(error, g_steal_pointer(&offline));
        return NULL;
    }
    host = vt_acquire_host(app, NULL, error);
    if (host)
        g_ptr_array_add(host->notes, g_strdup_printf(_("Running domains are not counted in: %s"), offline->message));
    return host;
}

static gboolean show_host(VtApp *app, char **argv, int *ret_status, GError **error)
{
    g_autoptr(VtHost) host = NULL;
    g_autofree char *json = NULL;
    gboolean as_json = opt.output && g_str_equal(opt.output, "json");

    if (*argv) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("host takes no operand: '%s'"), *argv);
        return FALSE;
    }
    if (opt.output && !as_json && !g_str_equal(opt.output, "text")) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("--output %s: there is no such format; use text or json"),
                    opt.output);
        return FALSE;
    }
    if (!vt_output_check_apart("--save", opt.save, NULL, error) ||
        !vt_acquire_check_kept("--save", opt.save, argv, error))
        return FALSE;
    host = get_host(app, error);
    vt_progress_end();
    if (!host || (opt.save && !vt_host_json_save(host, opt.save, error)))
        return FALSE;
    if (!as_json)
        return print_facts(app, host, error);
    json = vt_host_json_format(host);
    return vt_output_text(app, NULL, json, error);
}

const VtCmd vt_cmd_host = {
    .name = "host",
    .operands = "",
    .complete = "",
    .summary = N_("show the facts about the host that rules see"),
    .options = entries,
    .run = show_host,
};
