/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verify: measures again after a change, and compares. */
#include "config.h"

#include <inttypes.h>
#include "cmd/acquire.h"
#include "cmd/acquire-rules.h"
#include "cmd/change.h"
#include "cmd/output.h"
#include "plan/pending.h"
#include "report/report-compare.h"
#include "source/native.h"

static struct {
    char *output, *output_file;
} opt;

static const GOptionEntry entries[] = {
    VT_ACQUIRE_SAMPLE_ENTRIES_OF(N_("how long to sample (as before the change)"),
                                 N_("length of a window (as before the change)")),
    {"output", 'o', 0, G_OPTION_ARG_STRING, &opt.output, N_("format of the result"),
     "text|json|html"},
    {"output-file", 0, 0, G_OPTION_ARG_FILENAME, &opt.output_file, N_("write the report to a file"),
     "FILE"},
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
        vt_acquire_options.interval_ns =
            MIN(record->interval_ns, vt_acquire_options.duration_ns);
    if (!vt_acquire_options.source)
        vt_acquire_options.source = g_strdup(record->source);
    return vt_acquire_run(app, names, error);
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
    return vt_compare_mismatch(before, after);
}

static gboolean write_report(VtApp *app, const VtReportCompareFormat *format,
                             const VtReportCompare *comparison, GError **error)
{
    g_autoptr(VtOutput) output = vt_output_open(app, opt.output_file, error);
    gpointer report;

    if (!output)
        return FALSE;
    report = format->begin(vt_output_term(output), FALSE);
    format->write(report, comparison);
    format->end(report);
    return vt_output_close(g_steal_pointer(&output), error);
}

static gboolean compare(VtApp *app, const VtStore *store, const VtRecord *record,
                        const VtProfile *before, const VtReportCompareFormat *format,
                        GError **error)
{
    g_autoptr(VtRuleSet) rules = vt_acquire_rules(NULL, NULL, error);
    g_autoptr(VtAcquired) acquired = rules ? sample(app, record, error) : NULL;
    VtDomain *domain = acquired ? g_ptr_array_index(acquired->domains, 0) : NULL;
    const VtProfile *after = acquired ? g_ptr_array_index(acquired->profiles, 0) : NULL;
    g_autofree char *why_not = NULL, *then = NULL;
    g_auto(VtReportCompare) comparison = {0};

    if (!domain || !vt_acquire_xml(acquired, domain, error))
        return FALSE;
    if (!after) {
        const char *note = g_ptr_array_index(acquired->notes, 0);

        g_set_error(error, VT_ERROR, VT_ERROR_FAILED, _("nothing could be measured: %s"),
                    note ? note : domain->name);
        return FALSE;
    }
    then = g_strdup_printf(_("before change %1$" PRIu64 " of %2$s"), record->id, record->time);
    comparison.domain = domain->name;
    comparison.before_is = then;
    comparison.after_is = _("now");
    comparison.before = before;
    comparison.after = after;
    vt_report_compare_measure(&comparison);
    why_not = obstacle(store, record, domain, before, after);
    comparison.causes = vt_cause_of_record(rules, store, record, before, after, why_not);
    return write_report(app, format, &comparison, error);
}

static gboolean verify(VtApp *app, char **argv, int *ret_status, GError **error)
{
    g_autoptr(VtStore) store = NULL;
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(VtProfile) before = NULL;
    const VtReportCompareFormat *format =
        vt_report_compare_format(opt.output ? opt.output : "text");
    const VtRecord *record;
    guint64 id;

    if (!vt_change_parse_operands(argv, &id, error))
        return FALSE;
    if (!format) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE,
                    _("--output %s: there is no such format; use text, json or html"), opt.output);
        return FALSE;
    }
    {
        g_autoptr(VtVirt) virt = vt_acquire_connection(app, error);
        g_autoptr(virDomain) handle = NULL;

        store = virt ? vt_change_store(virt, argv[0], &handle, error) : NULL;
        if (!store || !vt_change_is_there(handle, store, error))
            return FALSE;
    }
    records = vt_store_list(store, error);
    record = records ? choose(records, id, error) : NULL;
    before = record ? load_before(store, record, error) : NULL;
    vt_acquire_options.every_window = TRUE;
    return before && compare(app, store, record, before, format, error);
}

const VtCmd vt_cmd_verify = {
    .name = "verify",
    .operands = N_("DOMAIN [ID]"),
    .complete = "domain change",
    .summary = N_("measure again after a change, and compare"),
    .options = entries,
    .run = verify,
};
