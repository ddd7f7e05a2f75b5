/* SPDX-License-Identifier: GPL-2.0-or-later */
/* revert: goes back to the definition from before a change. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "cmd/acquire.h"
#include "cmd/change.h"
#include "plan/define.h"
#include "plan/revert.h"

static struct {
    gboolean yes, dry_run, force, live;
} opt;

static const GOptionEntry entries[] = {
    {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &opt.dry_run, N_("show the change and do not make it"),
     NULL},
    {"yes", 'y', 0, G_OPTION_ARG_NONE, &opt.yes, N_("do not ask"), NULL},
    {"force", 0, 0, G_OPTION_ARG_NONE, &opt.force,
     N_("also where somebody else changed the definition since, which is lost, and a domain that "
        "another tool manages"),
     NULL},
    {"live", 0, 0, G_OPTION_ARG_NONE, &opt.live, N_("also pin in the running domain"), NULL},
    G_OPTION_ENTRY_NULL,
};

static void print_plan(VtApp *app, const VtRevertPlan *plan)
{
    FILE *out = vt_term_out(app->term);
    g_autofree char *name = vt_text_printable(plan->undone->name, FALSE);
    g_autofree char *rules = vt_record_rules_text(plan->undone);

    fprintf(out, _("%1$s: undo of change %2$" PRIu64 " of %3$s%4$s%5$s\n"), name,
            plan->undone->id, plan->undone->time, *rules ? ": " : "", rules);
    if (plan->since) {
        fputs(_("  The definition was changed since:\n"), out);
        vt_change_print_diff(app, plan->since);
        fputs(*plan->ours ? _("  The change itself was:\n")
                          : _("  The change itself seems not to have been made.\n"),
              out);
        vt_change_print_diff(app, plan->ours);
        fputs(_("  To go back loses what was changed since:\n"), out);
    }
    vt_change_print_diff(app, plan->diff);
    if (!*plan->diff)
        fputs(_("  The definition already reads as it did before the change.\n"), out);
    if (plan->note)
        vt_change_print_field(app, _("Note:"), plan->note);
}

static gboolean carry_out(VtApp *app, VtVirt *virt, VtStore *store, virDomainPtr handle,
                          const VtRevertPlan *plan, int *ret_status, GError **error)
{
    g_autoptr(VtRecord) record =
        vt_record_new(vt_virt_uri(virt), virDomainGetName(handle), plan->undone->uuid);
    g_autofree char *shown = vt_define_fetch(virt, plan->undone->uuid, FALSE, error);
    g_autofree char *name = vt_text_printable(virDomainGetName(handle), FALSE);
    g_autoptr(xmlDoc) before = NULL;
    g_autoptr(xmlDoc) after = NULL;

    before = shown ? vt_xml_parse(shown, strlen(shown), name, error) : NULL;
    after = before ? vt_xml_parse(plan->wanted_shown, strlen(plan->wanted_shown), name, error) : NULL;
    if (!after || !vt_revert_run(virt, store, plan, record, error))
        return FALSE;
    fprintf(vt_term_out(app->term),
            _("%1$s: change %2$" PRIu64 " is undone (by change %3$" PRIu64
              ")\n"),
            name, plan->undone->id, record->id);
    if (!vt_change_finish(app, virt, plan->undone->uuid, before, after, opt.live))
        *ret_status = 1;
    return TRUE;
}

static gboolean refuse_conflict(const GPtrArray *records, const VtRecord *undone, GError **error)
{
    const VtRecord *last = NULL;

    for (guint i = 0; i < records->len; i++) {
        const VtRecord *record = g_ptr_array_index(records, i);

        if (record->state == VT_RECORD_APPLIED && !record->revert && record->id > undone->id)
            last = record;
    }
    if (last)
        g_set_error(error, VT_ERROR, VT_ERROR_FAILED,
                    _("nothing was changed: change %" PRIu64 " was made on top of it; revert that "
                      "one first, or lose what was changed since with --force"),
                    last->id);
    else
        g_set_error_literal(error, VT_ERROR, VT_ERROR_FAILED,
                            _("nothing was changed: somebody else changed the definition since; "
                              "change it by hand, or lose what was changed since with --force"));
    return FALSE;
}

static gboolean revert(VtApp *app, char **argv, int *ret_status, GError **error)
{
    g_autoptr(VtVirt) virt = NULL;
    g_autoptr(virDomain) handle = NULL;
    g_autoptr(VtStore) store = NULL;
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(VtRevertPlan) plan = NULL;
    g_autofree char *current = NULL, *name = NULL;
    VtRecord *undone;
    guint64 id;

    if (!vt_change_parse_operands(argv, &id, error) ||
        (!opt.dry_run && !vt_change_may_ask(opt.yes, error)))
        return FALSE;
    vt_cmd_catch_signals(app);
    vt_acquire_options.writable = TRUE;
    virt = vt_acquire_connection(app, error);
    store = virt ? vt_change_store(virt, argv[0], &handle, error) : NULL;
    if (!store || !vt_change_is_there(handle, store, error))
        return FALSE;
    name = vt_text_printable(virDomainGetName(handle), FALSE);
    records = vt_store_list(store, error);
    current = records ? vt_virt_xml(handle, VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE, error)
                      : NULL;
    undone = current ? vt_revert_choose(store, records, id, current, error) : NULL;
    plan = undone ? vt_revert_plan(virt, store, undone, opt.force, error) : NULL;
    if (!plan) {
        if (undone)
            g_prefix_error(error, "%s: ", name);
        return FALSE;
    }
    print_plan(app, plan);
    if (opt.dry_run)
        return TRUE;
    if (plan->since && !opt.force)
        return refuse_conflict(records, undone, error);
    return vt_change_confirm(app, _("Go back to this definition?"), opt.yes, error) &&
           carry_out(app, virt, store, handle, plan, ret_status, error);
}

const VtCmd vt_cmd_revert = {
    .name = "revert",
    .operands = N_("DOMAIN [ID]"),
    .complete = "domain change",
    .summary = N_("go back to the definition from before a change"),
    .options = entries,
    .run = revert,
};
