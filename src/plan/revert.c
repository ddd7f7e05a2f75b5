/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Undoes a change. */
#include "config.h"

#include "plan/revert.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/xml.h"
#include "plan/define.h"
#include "plan/diff.h"
#include "plan/gate.h"
#include "source/redact.h"

void vt_revert_plan_free(VtRevertPlan *plan)
{
    if (!plan)
        return;
    g_free(plan->before_sha256);
    g_free(plan->wanted);
    g_free(plan->wanted_shown);
    g_free(plan->diff);
    g_free(plan->since);
    g_free(plan->ours);
    g_free(plan->note);
    g_free(plan);
}

/* One that ended without a note counts by what the definition is, as vt_define_run() will note it. */
static gboolean is_applied(const VtStore *store, GPtrArray *records, const VtRecord *record,
                           const char *current)
{
    if (vt_define_is_undone(store, records, record, current, TRUE))
        return FALSE;
    if (record->state == VT_RECORD_APPLIED || record->state == VT_RECORD_FAILED)
        return TRUE;
    return record->state == VT_RECORD_PREPARED &&
           vt_define_which(store, record, current, TRUE) != VT_DEFINE_OLD;
}

VtRecord *vt_revert_choose(const VtStore *store, GPtrArray *records, guint64 id,
                           const char *current, GError **error)
{
    for (guint i = records->len; i-- > 0;) {
        VtRecord *record = g_ptr_array_index(records, i);
        VtRecordState state;

        if (id == 0 && !record->revert && is_applied(store, records, record, current))
            return record;
        if (id == 0 || record->id != id)
            continue;
        if (record->state == VT_RECORD_DAMAGED) {
            g_set_error(error, VT_ERROR, VT_ERROR_INPUT, "%s", record->reason);
            return NULL;
        }
        if (is_applied(store, records, record, current))
            return record;
        state = vt_define_is_undone(store, records, record, current, TRUE) ? VT_RECORD_REVERTED
                                                                           : record->state;
        g_set_error(error, VT_ERROR, VT_ERROR_FAILED,
                    _("change %" PRIu64 " is not in effect (%s), so there is nothing to "
                      "undo"),
                    id, vt_record_state_name(state));
        return NULL;
    }
    if (id == 0)
        g_set_error_literal(error, VT_ERROR, VT_ERROR_NOT_FOUND,
                            _("no change of this domain is in effect; `virt-tune history` shows "
                              "what was done"));
    else
        g_set_error(error, VT_ERROR, VT_ERROR_NOT_FOUND,
                    _("there is no change %" PRIu64
                      " of this domain; `virt-tune history` shows those that exist"),
                    id);
    return NULL;
}

/* Both through one serialiser, and without secrets. */
static char *difference(const char *from, const char *to, const char *name, GError **error)
{
    g_autoptr(xmlDoc) a = vt_xml_parse(from, strlen(from), name, error);
    g_autoptr(xmlDoc) b = a ? vt_xml_parse(to, strlen(to), name, error) : NULL;
    g_autofree char *before = b ? vt_redact_pretty(a) : NULL, *after = b ? vt_redact_pretty(b) : NULL;
    g_autofree char *label = g_strdup_printf("%s.xml", name);
    VtDiffPair pair = {.before = before, .after = after, .label = label};

    return b && vt_diff_run(&pair, 1, error) ? pair.diff : NULL;
}

/* The name is the domain's own business: a definition under the old one would be refused. */
static char *with_name(const char *definition, const char *name, GError **error)
{
    g_autoptr(xmlDoc) doc = vt_xml_parse(definition, strlen(definition), name, error);

    if (!doc || !vt_define_rename(doc, name, error))
        return NULL;
    return vt_xml_text(doc);
}

/* What the change made, where it ended before that was noted, or before it was made: whichever of the two
 * is nearer to the definition now. */
static char *guess_after(const VtStore *store, const VtRecord *record, const char *shown,
                         const char *before_shown, GError **error)
{
    g_autofree char *wanted =
        vt_store_read(store, record->id, VT_STORE_WANTED_SHOWN, NULL, error);
    g_autofree char *if_made = wanted ? difference(wanted, shown, record->name, error) : NULL;
    g_autofree char *if_not = if_made ? difference(before_shown, shown, record->name, error) : NULL;

    if (!if_not)
        return NULL;
    return strlen(if_made) <= strlen(if_not) ? g_steal_pointer(&wanted) : g_strdup(before_shown);
}

/* What was changed since, where the definition is not the one that the change made. FALSE where it is
 * the one from before it. */
static gboolean find_conflict(VtRevertPlan *plan, const VtStore *store, const char *current,
                              const char *shown, const char *before_shown, GError **error)
{
    const VtRecord *record = plan->undone;
    VtDefineWhich which = vt_define_which(store, record, current, TRUE);
    g_autofree char *after = NULL;

    if (which == VT_DEFINE_OLD) {
        g_set_error(error, VT_ERROR, VT_ERROR_FAILED,
                    _("there is nothing to undo: the definition is again the one from before change "
                      "%" PRIu64 ", by something else than virt-tune (a snapshot?)"),
                    record->id);
        return FALSE;
    }
    if (which == VT_DEFINE_NEW)
        return TRUE;
    after = record->after_sha256
                ? vt_store_read(store, record->id, VT_STORE_AFTER_SHOWN, NULL, error)
                : guess_after(store, record, shown, before_shown, error);
    if (!after)
        return FALSE;
    plan->since = difference(after, shown, record->name, error);
    plan->ours = plan->since ? difference(before_shown, after, record->name, error) : NULL;
    return plan->ours != NULL;
}

/* As apply, but for what only a change can break: disks that are never changed had this definition
 * already, and vt_gate_boot() stays out since this one is what the domain started from. */
static gboolean check_gates(virDomainPtr handle, const char *shown, const char *wanted,
                            gboolean force, GError **error)
{
    const char *name = virDomainGetName(handle);
    g_autoptr(xmlDoc) now = vt_xml_parse(shown, strlen(shown), name, error);
    g_autoptr(xmlDoc) then = now ? vt_xml_parse(wanted, strlen(wanted), name, error) : NULL;

    return then && (force || vt_gate_managed(now, error)) &&
           vt_gate_snapshots(handle, now, then, error);
}

static gboolean fill(VtRevertPlan *plan, VtVirt *virt, const VtStore *store, gboolean force,
                     GError **error)
{
    const VtRecord *record = plan->undone;
    g_autoptr(virDomain) handle = vt_virt_lookup(virt, record->uuid, error);
    g_autofree char *current = NULL, *shown = NULL, *before_shown = NULL;

    if (!handle || !vt_gate_domain(handle, error))
        return FALSE;
    plan->wanted =
        vt_store_read(store, record->id, VT_STORE_BEFORE, record->before_sha256, error);
    before_shown = plan->wanted
                       ? vt_store_read(store, record->id, VT_STORE_BEFORE_SHOWN, NULL, error)
                       : NULL;
    current = before_shown ? vt_define_fetch(virt, record->uuid, TRUE, error) : NULL;
    shown = current ? vt_define_fetch(virt, record->uuid, FALSE, error) : NULL;
    if (!shown || !find_conflict(plan, store, current, shown, before_shown, error) ||
        !check_gates(handle, shown, before_shown, force, error))
        return FALSE;
    plan->note = vt_gate_snapshot_note(handle);
    plan->before_sha256 = vt_store_sum(current);
    plan->wanted_shown = g_strdup(before_shown);
    if (!g_str_equal(virDomainGetName(handle), record->name)) {
        char *wanted = with_name(plan->wanted, virDomainGetName(handle), error);

        if (!wanted)
            return FALSE;
        g_free(plan->wanted);
        plan->wanted = wanted;
        g_free(plan->wanted_shown);
        plan->wanted_shown = with_name(before_shown, virDomainGetName(handle), error);
        if (!plan->wanted_shown)
            return FALSE;
    }
    plan->diff = difference(shown, plan->wanted_shown, virDomainGetName(handle), error);
    return plan->diff != NULL;
}

VtRevertPlan *vt_revert_plan(VtVirt *virt, const VtStore *store, VtRecord *undone, gboolean force,
                             GError **error)
{
    g_autoptr(VtRevertPlan) plan = g_new0(VtRevertPlan, 1);

    plan->undone = undone;
    return fill(plan, virt, store, force, error) ? g_steal_pointer(&plan) : NULL;
}

gboolean vt_revert_run(VtVirt *virt, VtStore *store, const VtRevertPlan *plan, VtRecord *record,
                       GError **error)
{
    VtDefine define = {.virt = virt,
                       .store = store,
                       .before_sha256 = plan->before_sha256,
                       .wanted = plan->wanted,
                       .wanted_shown = plan->wanted_shown,
                       .record = record};

    record->revert = TRUE;
    record->undid = plan->undone->id;
    return vt_define_run(&define, error);
}
