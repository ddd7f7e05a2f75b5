/* SPDX-License-Identifier: GPL-2.0-or-later */
/* history: what was changed, by whom, and what became of it. */
#include "config.h"

#include <inttypes.h>

#include "base/text.h"
#include "cmd/acquire.h"
#include "cmd/change.h"
#include "cmd/output.h"
#include "plan/history.h"
#include "report/table.h"

static struct {
    char *output;
    gboolean id;
} opt;

static const GOptionEntry entries[] = {
    {"id", 0, 0, G_OPTION_ARG_NONE, &opt.id, N_("only the numbers of the changes"), NULL},
    {"output", 'o', 0, G_OPTION_ARG_STRING, &opt.output, N_("format of the result"), "text|json"},
    G_OPTION_ENTRY_NULL,
};

enum { COL_ID, COL_TIME, COL_USER, COL_STATE, COL_CHANGE };

static char *change_of(const VtRecord *record)
{
    if (record->state == VT_RECORD_DAMAGED)
        return g_strdup("-");
    if (record->revert)
        return g_strdup_printf(_("undo of %" PRIu64), record->undid);
    return vt_record_rules_text(record);
}

static void add_row(struct libscols_table *table, const VtHistory *history, const VtRecord *record)
{
    struct libscols_line *line = scols_table_new_line(table, NULL);
    g_autofree char *id = g_strdup_printf("%" G_GUINT64_FORMAT, record->id);
    g_autofree char *change = change_of(record), *printable = vt_text_printable(change, FALSE);
    g_autofree char *user = vt_text_printable(record->user ? record->user : "-", FALSE);

    scols_line_set_data(line, COL_ID, id);
    scols_line_set_data(line, COL_TIME, record->time ? record->time : "-");
    scols_line_set_data(line, COL_USER, user);
    scols_line_set_data(line, COL_STATE, vt_history_text(vt_history_outcome(history, record)));
    scols_line_set_data(line, COL_CHANGE, printable);
}

static void print_table(VtApp *app, const VtHistory *history)
{
    struct libscols_table *table = vt_table_new(app->term);

    scols_table_new_column(table, _("ID"), 0, SCOLS_FL_RIGHT);
    scols_table_new_column(table, _("TIME"), 0, 0);
    scols_table_new_column(table, _("USER"), 0, 0);
    scols_table_new_column(table, _("STATE"), 0, 0);
    scols_table_new_column(table, _("CHANGE"), 0, SCOLS_FL_WRAP);
    for (guint i = 0; i < history->records->len; i++)
        add_row(table, history, g_ptr_array_index(history->records, i));
    vt_table_print(app->term, table);
}

static void print_advice(VtApp *app, const VtHistory *history)
{
    for (guint i = 0; i < history->records->len; i++) {
        const VtRecord *record = g_ptr_array_index(history->records, i);
        g_autofree char *advice = vt_history_advice(history, record);
        g_autofree char *text = NULL, *printable = NULL, *wrapped = NULL;

        if (!advice)
            continue;
        text = g_strdup_printf(_("Change %" PRIu64 ": %s"), record->id, advice);
        printable = vt_text_printable(text, TRUE);
        wrapped = vt_text_wrap(printable, vt_term_width(app->term), 2);
        fprintf(vt_term_out(app->term), "%s\n", wrapped);
    }
    if (!history->current)
        fputs(_("The domain is gone; what is in the directory below can be defined again with "
                "`virsh define`.\n"),
              vt_term_out(app->term));
    fprintf(vt_term_out(app->term), _("Kept in %s\n"), vt_store_path(history->store));
}

/* The name and UUID of a domain that is gone, as its last change has them. */
static const VtRecord *last_known(const VtHistory *history)
{
    for (guint i = history->records->len; i-- > 0;) {
        const VtRecord *record = g_ptr_array_index(history->records, i);

        if (record->state != VT_RECORD_DAMAGED)
            return record;
    }
    return NULL;
}

static gboolean print_json(VtApp *app, VtVirt *virt, const VtHistory *found, virDomainPtr handle,
                           GError **error)
{
    const VtRecord *last = handle ? NULL : last_known(found);
    char uuid[VIR_UUID_STRING_BUFLEN] = "";
    g_autofree char *text = NULL;

    if (handle)
        virDomainGetUUIDString(handle, uuid);
    text = vt_history_format(found, vt_virt_uri(virt),
                             handle ? virDomainGetName(handle) : last ? last->name : NULL,
                             handle ? uuid : last ? last->uuid : NULL);
    return vt_output_text(app, NULL, text, error);
}

static void print_ids(VtApp *app, const VtHistory *found)
{
    for (guint i = 0; i < found->records->len; i++) {
        const VtRecord *record = g_ptr_array_index(found->records, i);

        fprintf(vt_term_out(app->term), "%" PRIu64 "\n", record->id);
    }
}

static gboolean print(VtApp *app, VtVirt *virt, const VtHistory *found, virDomainPtr handle,
                      GError **error)
{
    if (opt.id) {
        print_ids(app, found);
        return TRUE;
    }
    if (opt.output && g_str_equal(opt.output, "json"))
        return print_json(app, virt, found, handle, error);
    if (found->records->len == 0) {
        fputs(_("Nothing was changed in this domain.\n"), vt_term_out(app->term));
        return TRUE;
    }
    print_table(app, found);
    print_advice(app, found);
    return TRUE;
}

static gboolean history(VtApp *app, char **argv, int *ret_status, GError **error)
{
    g_autoptr(VtVirt) virt = NULL;
    g_autoptr(virDomain) handle = NULL;
    g_autoptr(VtStore) store = NULL;
    g_autoptr(GPtrArray) records = NULL;
    g_autofree char *current = NULL;
    VtHistory found;

    if (!argv[0] || argv[1]) {
        g_set_error_literal(error, VT_ERROR, VT_ERROR_USAGE, _("name one domain"));
        return FALSE;
    }
    if (opt.output && !g_str_equal(opt.output, "text") && !g_str_equal(opt.output, "json")) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE,
                    _("--output %s: there is no such format; use text or json"), opt.output);
        return FALSE;
    }
    if (opt.id && opt.output) {
        g_set_error_literal(error, VT_ERROR, VT_ERROR_USAGE, _("--id and --output do not go together"));
        return FALSE;
    }
    virt = vt_acquire_connection(app, error);
    store = virt ? vt_change_store(virt, argv[0], &handle, error) : NULL;
    records = store ? vt_store_list(store, error) : NULL;
    if (!records)
        return FALSE;
    if (handle)
        current = vt_virt_xml(handle, VIR_DOMAIN_XML_INACTIVE, error);
    if (handle && !current)
        return FALSE;
    found = (VtHistory){.store = store, .records = records, .current = current};
    return print(app, virt, &found, handle, error);
}

const VtCmd vt_cmd_history = {
    .name = "history",
    .operands = N_("DOMAIN"),
    .complete = "domain",
    .summary = N_("show what was changed in a domain"),
    .options = entries,
    .run = history,
};
