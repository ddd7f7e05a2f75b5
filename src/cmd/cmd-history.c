/* SPDX-License-Identifier: GPL-2.0-or-later */
/* history: what was changed, by whom, and what became of it. */
#include "config.h"

#include <inttypes.h>
#include "base/text.h"
#include "cmd/acquire.h"
#include "cmd/change.h"
#include "plan/define.h"
#include "report/table.h"

enum { COL_ID, COL_TIME, COL_USER, COL_STATE, COL_CHANGE };

/* A domain's changes with the definition to hold against them. */
typedef struct {
    VtStore *store;
    GPtrArray *records;
    char *current; /* without secrets; NULL: the domain is gone */
} History;

static void history_clear(History *history)
{
    g_clear_pointer(&history->store, vt_store_free);
    g_clear_pointer(&history->records, g_ptr_array_unref);
    g_free(history->current);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(History, history_clear)

/* The one that the present definition is to be held against. */
static gboolean is_last_applied(const History *history, const VtRecord *record)
{
    for (guint i = history->records->len; i-- > 0;) {
        const VtRecord *other = g_ptr_array_index(history->records, i);

        if (other->state == VT_RECORD_APPLIED)
            return other == record;
    }
    return FALSE;
}

static const char *state_of(const History *history, const VtRecord *record)
{
    switch (record->state) {
    case VT_RECORD_PREPARED:
        if (!history->current)
            return _("interrupted");
        switch (vt_define_which(history->store, record, history->current, FALSE)) {
        case VT_DEFINE_NEW:
            return _("applied, interrupted");
        case VT_DEFINE_OLD:
            return _("not applied, interrupted");
        case VT_DEFINE_OTHER:
            break;
        }
        return _("interrupted");
    case VT_RECORD_APPLIED:
        if (!is_last_applied(history, record) || !history->current)
            return _("applied");
        switch (vt_define_which(history->store, record, history->current, FALSE)) {
        case VT_DEFINE_OLD:
            return _("undone elsewhere");
        case VT_DEFINE_OTHER:
            return _("applied, changed since");
        case VT_DEFINE_NEW:
            break;
        }
        return _("applied");
    case VT_RECORD_REFUSED:
        return _("refused");
    case VT_RECORD_RESTORED:
        return _("put back");
    case VT_RECORD_FAILED:
        return _("failed");
    case VT_RECORD_REVERTED:
        return _("reverted");
    case VT_RECORD_DAMAGED:
        break;
    }
    return _("damaged");
}

static char *change_of(const VtRecord *record)
{
    if (record->state == VT_RECORD_DAMAGED)
        return g_strdup("-");
    if (record->revert)
        return g_strdup_printf(_("undo of %" PRIu64), record->undid);
    return vt_record_rules_text(record);
}

static void add_row(struct libscols_table *table, const History *history, const VtRecord *record)
{
    struct libscols_line *line = scols_table_new_line(table, NULL);
    g_autofree char *id = g_strdup_printf("%" G_GUINT64_FORMAT, record->id);
    g_autofree char *change = change_of(record), *printable = vt_text_printable(change, FALSE);
    g_autofree char *user = vt_text_printable(record->user ? record->user : "-", FALSE);

    scols_line_set_data(line, COL_ID, id);
    scols_line_set_data(line, COL_TIME, record->time ? record->time : "-");
    scols_line_set_data(line, COL_USER, user);
    scols_line_set_data(line, COL_STATE, state_of(history, record));
    scols_line_set_data(line, COL_CHANGE, printable);
}

static void print_table(VtApp *app, const History *history)
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

/* What an entry that did not go to its end asks for. */
static char *advice_for(const History *history, const VtRecord *record)
{
    g_autofree char *backup = vt_store_file(history->store, record->id, VT_STORE_BEFORE);

    if (record->state == VT_RECORD_PREPARED && !history->current)
        return g_strdup_printf(_("It was interrupted, and the domain is gone; the definition from "
                                 "before it is in %s."),
                               backup);
    if (record->state == VT_RECORD_PREPARED)
        switch (vt_define_which(history->store, record, history->current, FALSE)) {
        case VT_DEFINE_NEW:
            return g_strdup(_("It was interrupted after the definition was changed as wanted; "
                              "`virt-tune revert` undoes it."));
        case VT_DEFINE_OLD:
            return g_strdup(_("It was interrupted before the definition was changed; apply it "
                              "again."));
        case VT_DEFINE_OTHER:
            return g_strdup_printf(_("It was interrupted, and the definition is now neither the one "
                                     "before nor the one wanted; the one before is in %s, and "
                                     "`virt-tune revert --force` goes back to it."),
                                   backup);
        }
    if (record->state == VT_RECORD_FAILED && record->reason && !history->current)
        return g_strdup_printf(_("%s The definition from before it is in %s: `virsh define` that "
                                 "file."),
                               record->reason, backup);
    if (record->state == VT_RECORD_FAILED && record->reason)
        return g_strdup_printf(_("%s The definition from before it is in %s; `virt-tune revert "
                                 "--force` goes back to it."),
                               record->reason, backup);
    return record->state == VT_RECORD_APPLIED ? NULL : g_strdup(record->reason);
}

static void print_advice(VtApp *app, const History *history)
{
    for (guint i = 0; i < history->records->len; i++) {
        const VtRecord *record = g_ptr_array_index(history->records, i);
        g_autofree char *advice = advice_for(history, record);
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

static gboolean history(VtApp *app, char **argv, int *ret_status, GError **error)
{
    g_autoptr(VtVirt) virt = NULL;
    g_autoptr(virDomain) handle = NULL;
    g_auto(History) found = {0};

    if (!argv[0] || argv[1]) {
        g_set_error_literal(error, VT_ERROR, VT_ERROR_USAGE, _("name one domain"));
        return FALSE;
    }
    virt = vt_acquire_connection(app, error);
    found.store = virt ? vt_change_store(virt, argv[0], &handle, error) : NULL;
    found.records = found.store ? vt_store_list(found.store, error) : NULL;
    if (!found.records)
        return FALSE;
    if (handle)
        found.current = vt_virt_xml(handle, VIR_DOMAIN_XML_INACTIVE, error);
    if (handle && !found.current)
        return FALSE;
    if (found.records->len == 0) {
        fputs(_("Nothing was changed in this domain.\n"), vt_term_out(app->term));
        return TRUE;
    }
    print_table(app, &found);
    print_advice(app, &found);
    return TRUE;
}

const VtCmd vt_cmd_history = {
    .name = "history",
    .operands = N_("DOMAIN"),
    .complete = "domain",
    .summary = N_("show what was changed in a domain"),
    .run = history,
};
