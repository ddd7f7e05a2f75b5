/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verify: measures again after a change, and compares. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "cmd/acquire.h"
#include "cmd/change.h"
#include "plan/define.h"
#include "plan/pending.h"
#include "plan/verify.h"
#include "report/table.h"
#include "source/native.h"

/* Metrics that are shown: those that moved, at most this many. */
#define ROWS 20

static const GOptionEntry entries[] = {
    VT_ACQUIRE_SAMPLE_ENTRIES,
    G_OPTION_ENTRY_NULL,
};

/* The last change by rules that is in effect, or change @id. */
static const VtRecord *choose(const GPtrArray *records, guint64 id, GError **error)
{
    for (guint i = records->len; i-- > 0;) {
        const VtRecord *record = g_ptr_array_index(records, i);

        if (record->rules->len > 0 &&
            (id > 0 ? record->id == id : record->state == VT_RECORD_APPLIED))
            return record;
    }
    if (id > 0)
        g_set_error(error, VT_ERROR, VT_ERROR_NOT_FOUND,
                    _("there is no change %" PRIu64 " by rules; `virt-tune history` shows "
                      "what was done"),
                    id);
    else
        g_set_error_literal(error, VT_ERROR, VT_ERROR_NOT_FOUND,
                            _("no change of this domain is in effect; `virt-tune history` shows "
                              "what was done"));
    return NULL;
}

static VtProfile *load_before(const VtStore *store, const VtRecord *record, GError **error)
{
    g_autofree char *path = vt_store_file(store, record->id, VT_STORE_PROFILE);

    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return vt_native_load(path, error);
    g_set_error(error, VT_ERROR, VT_ERROR_NOT_FOUND,
                _("nothing was measured before change %" PRIu64
                  ", so there is nothing to compare with"),
                record->id);
    return NULL;
}

/* Samples as long and by the same source as before the change, unless the user says otherwise. */
static VtAcquired *sample(VtApp *app, const VtRecord *record, GError **error)
{
    char *names[] = {record->uuid, NULL};

    if (vt_acquire_options.duration_ns == 0)
        vt_acquire_options.duration_ns = record->duration_ns;
    if (vt_acquire_options.interval_ns == 0)
        vt_acquire_options.interval_ns = record->interval_ns;
    if (!vt_acquire_options.source)
        vt_acquire_options.source = g_strdup(record->source);
    return vt_acquire_run(app, names, error);
}

static void print_rows(VtApp *app, const VtProfile *before, const VtProfile *after)
{
    g_autoptr(GPtrArray) rows = vt_verify_rows(before, after);
    struct libscols_table *table = vt_table_new(app->term);
    guint shown = 0;

    scols_table_new_column(table, _("METRIC"), 0, 0);
    scols_table_new_column(table, _("BEFORE"), 0, SCOLS_FL_RIGHT);
    scols_table_new_column(table, _("(MIN TO MAX)"), 0, SCOLS_FL_RIGHT);
    scols_table_new_column(table, _("AFTER"), 0, SCOLS_FL_RIGHT);
    scols_table_new_column(table, _("(MIN TO MAX)"), 0, SCOLS_FL_RIGHT);
    for (guint i = 0; i < rows->len && shown < ROWS; i++) {
        const VtVerifyRow *row = g_ptr_array_index(rows, i);
        const double values[] = {row->before, row->before_min, row->before_max,
                                 row->after,  row->after_min,  row->after_max};
        g_autofree char *text[G_N_ELEMENTS(values)] = {0};
        g_autofree char *old = NULL, *new = NULL;
        struct libscols_line *line;

        if (row->moved == 0)
            continue;
        shown++;
        line = scols_table_new_line(table, NULL);
        for (gsize j = 0; j < G_N_ELEMENTS(values); j++)
            text[j] = vt_text_format_count(values[j]);
        old = g_strdup_printf(_("%1$s to %2$s"), text[1], text[2]);
        new = g_strdup_printf(_("%1$s to %2$s"), text[4], text[5]);
        scols_line_set_data(line, 0, row->metric);
        scols_line_set_data(line, 1, text[0]);
        scols_line_set_data(line, 2, old);
        scols_line_set_data(line, 3, text[3]);
        scols_line_set_data(line, 4, new);
    }
    vt_table_print(app->term, table);
    if (shown == 0)
        fputs(_("No metric differs by more than the windows do among themselves.\n"),
              vt_term_out(app->term));
}

/* What a rule looked at, in the definition from before the change. */
static xmlNode *node_of(xmlDoc *definition, const VtRecordRule *made)
{
    if (!definition)
        return NULL;
    return made->device && made->element
               ? vt_domain_find_device(definition, made->element, made->device)
               : xmlDocGetRootElement(definition);
}

static xmlDoc *definition_before(const VtStore *store, const VtRecord *record)
{
    g_autofree char *text = vt_store_read(store, record->id, VT_STORE_BEFORE_SHOWN, NULL, NULL);

    return text ? vt_xml_parse(text, strlen(text), record->name, NULL) : NULL;
}

static void print_verdicts(VtApp *app, const VtStore *store, const VtRecord *record,
                           const VtRuleSet *rules, const VtProfile *before, const VtProfile *after,
                           const char *why_not)
{
    g_autoptr(xmlDoc) definition = definition_before(store, record);

    for (guint i = 0; i < record->rules->len; i++) {
        const VtRecordRule *made = g_ptr_array_index(record->rules, i);
        const VtRule *rule = vt_rule_set_find(rules, made->rule);
        VtVerifyVerdict verdict = VT_VERIFY_UNKNOWN;
        g_autofree char *reason = g_strdup(why_not), *text = NULL, *printable = NULL;
        g_autofree char *wrapped = NULL;

        if (!reason && !rule)
            reason = g_strdup(_("There is no such rule any more."));
        if (!reason)
            verdict = vt_verify_rule(rule, node_of(definition, made), before, after, &reason);
        text = made->device ? g_strdup_printf(_("%1$s (%2$s): %3$s. %4$s"), made->rule,
                                              made->device, vt_verify_word(verdict), reason)
                            : g_strdup_printf(_("%1$s: %2$s. %3$s"), made->rule,
                                              vt_verify_word(verdict), reason);
        printable = vt_text_printable(text, FALSE);
        wrapped = vt_text_wrap(printable, vt_term_width(app->term), 2);
        fprintf(vt_term_out(app->term), "%s\n", wrapped);
    }
}

/* Why the two profiles say nothing about the change; NULL. */
static char *obstacle(const VtStore *store, const VtRecord *record, const VtDomain *domain,
                      const VtProfile *before, const VtProfile *after)
{
    if (record->state != VT_RECORD_APPLIED)
        return g_strdup_printf(_("The change is not in effect (%s)."),
                               vt_record_state_name(record->state));
    if (vt_pending_is(store, record, domain->inactive, domain->live))
        return g_strdup(_("The domain has not been fully powered off and started again since."));
    return vt_verify_mismatch(before, after);
}

static gboolean compare(VtApp *app, const VtStore *store, const VtRecord *record,
                        const VtProfile *before, GError **error)
{
    g_autoptr(VtRuleSet) rules = vt_acquire_rules(NULL, error);
    g_autoptr(VtAcquired) acquired = rules ? sample(app, record, error) : NULL;
    VtDomain *domain = acquired ? g_ptr_array_index(acquired->domains, 0) : NULL;
    const VtProfile *after = acquired ? g_ptr_array_index(acquired->profiles, 0) : NULL;
    g_autofree char *why_not = NULL;
    g_autofree char *name = NULL;

    if (!domain || !vt_acquire_xml(acquired, domain, error))
        return FALSE;
    if (!after) {
        const char *note = g_ptr_array_index(acquired->notes, 0);

        g_set_error(error, VT_ERROR, VT_ERROR_FAILED, _("nothing could be measured: %s"),
                    note ? note : domain->name);
        return FALSE;
    }
    name = vt_text_printable(domain->name, FALSE);
    fprintf(vt_term_out(app->term),
            _("%1$s: change %2$" PRIu64 " of %3$s, per second and vCPU\n"), name,
            record->id, record->time);
    why_not = obstacle(store, record, domain, before, after);
    print_rows(app, before, after);
    print_verdicts(app, store, record, rules, before, after, why_not);
    return TRUE;
}

static gboolean verify(VtApp *app, char **argv, int *ret_status, GError **error)
{
    g_autoptr(VtStore) store = NULL;
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(VtProfile) before = NULL;
    const VtRecord *record;
    guint64 id;

    if (!vt_change_parse_operands(argv, &id, error))
        return FALSE;
    {
        g_autoptr(VtVirt) virt = vt_acquire_connection(app, error);
        g_autoptr(virDomain) handle = NULL;

        store = virt ? vt_change_store(virt, argv[0], &handle, error) : NULL;
    }
    records = store ? vt_store_list(store, error) : NULL;
    record = records ? choose(records, id, error) : NULL;
    before = record ? load_before(store, record, error) : NULL;
    return before && compare(app, store, record, before, error);
}

const VtCmd vt_cmd_verify = {
    .name = "verify",
    .operands = N_("DOMAIN [ID]"),
    .complete = "domain",
    .summary = N_("measure again after a change, and compare"),
    .options = entries,
    .run = verify,
};
