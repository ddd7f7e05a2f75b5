/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replaces a domain's persistent definition. */
#include "config.h"

#include "plan/define.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/xml.h"
#include "plan/fault.h"
#include "plan/gate.h"
#include "plan/readback.h"
#include "source/redact.h"

/* Of one run. */
typedef struct {
    const VtDefine *define;
    VtRecord *record;
    char *before; /* what a restore defines */
    char *name;   /* for messages */
} Run;

static void run_clear(Run *run)
{
    g_free(run->before);
    g_free(run->name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

char *vt_define_fetch(VtVirt *virt, const char *uuid, gboolean secure, GError **error)
{
    g_autoptr(virDomain) handle = vt_virt_lookup(virt, uuid, error);
    guint flags = VIR_DOMAIN_XML_INACTIVE | (secure ? VIR_DOMAIN_XML_SECURE : 0);

    return handle ? vt_virt_xml(handle, flags, error) : NULL;
}

static char *fetch(const Run *run, GError **error)
{
    return vt_define_fetch(run->define->virt, run->record->uuid, TRUE, error);
}

gboolean vt_define_rename(xmlDoc *doc, const char *name, GError **error)
{
    g_autoptr(VtXPath) xpath = vt_xpath_new("/domain/name", NULL);
    g_autoptr(GPtrArray) nodes = NULL;

    if (!vt_xpath_nodes(xpath, (xmlNode *)doc, &nodes, error))
        return FALSE;
    for (guint i = 0; i < nodes->len; i++) {
        xmlNodeSetContent(g_ptr_array_index(nodes, i), NULL);
        xmlNodeAddContent(g_ptr_array_index(nodes, i), (const xmlChar *)name);
    }
    return TRUE;
}

/* The name is the domain's own business: one that was given another meanwhile is still what it was. */
static void adopt_name(xmlDoc *doc, xmlDoc *from)
{
    g_autofree char *name = vt_xml_get(xmlDocGetRootElement(from), "string(/domain/name)");

    if (name)
        vt_define_rename(doc, name, NULL);
}

/* The first difference that is none of a secret: it goes to messages and into the manifest. */
static char *difference_shown(xmlDoc *before, xmlDoc *wanted, xmlDoc *after)
{
    char *difference = NULL;

    vt_redact_secrets(before);
    vt_redact_secrets(wanted);
    vt_redact_secrets(after);
    return vt_readback_check(before, wanted, after, &difference)
               ? g_strdup(_("a secret, which is not shown, is another one"))
               : difference;
}

/* Whether libvirt's @after is what @wanted says, but for the name; *@ret_difference where not. */
static gboolean reads_as(const char *before, const char *wanted, const char *after,
                         char **ret_difference)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(xmlDoc) old = vt_xml_parse(before, strlen(before), NULL, &why);
    g_autoptr(xmlDoc) new = old ? vt_xml_parse(wanted, strlen(wanted), NULL, &why) : NULL;
    g_autoptr(xmlDoc) now = new ? vt_xml_parse(after, strlen(after), NULL, &why) : NULL;
    g_autofree char *difference = NULL;

    if (!now) {
        *ret_difference = g_strdup(why->message);
        return FALSE;
    }
    adopt_name(old, now);
    adopt_name(new, now);
    if (vt_readback_check(old, new, now, &difference))
        return TRUE;
    *ret_difference = difference_shown(old, new, now);
    return FALSE;
}

VtDefineWhich vt_define_which(const VtStore *store, const VtRecord *record, const char *current,
                              gboolean secure)
{
    g_autofree char *before =
        secure ? vt_store_read(store, record->id, VT_STORE_BEFORE, record->before_sha256, NULL)
               : vt_store_read(store, record->id, VT_STORE_BEFORE_SHOWN, NULL, NULL);
    g_autofree char *wanted =
        secure ? vt_store_read(store, record->id, VT_STORE_WANTED, record->wanted_sha256, NULL)
               : vt_store_read(store, record->id, VT_STORE_WANTED_SHOWN, NULL, NULL);
    g_autofree char *after = NULL, *difference = NULL;

    if (!before || !wanted)
        return VT_DEFINE_OTHER;
    if (record->after_sha256)
        after = secure ? vt_store_read(store, record->id, VT_STORE_AFTER, record->after_sha256, NULL)
                       : vt_store_read(store, record->id, VT_STORE_AFTER_SHOWN, NULL, NULL);
    if (after && g_str_equal(after, current))
        return VT_DEFINE_NEW;
    if (g_str_equal(before, current))
        return VT_DEFINE_OLD;
    if (reads_as(before, wanted, current, &difference))
        return VT_DEFINE_NEW;
    /* A newer libvirt may print the same definition otherwise. */
    g_clear_pointer(&difference, g_free);
    return reads_as(before, before, current, &difference) ? VT_DEFINE_OLD : VT_DEFINE_OTHER;
}

gboolean vt_define_is_undone(const VtStore *store, GPtrArray *records, const VtRecord *record,
                             const char *current, gboolean secure)
{
    const VtRecord *last =
        records->len > 0 ? g_ptr_array_index(records, records->len - 1) : NULL;

    return last && last->state == VT_RECORD_PREPARED && last->revert &&
           last->undid == record->id &&
           vt_define_which(store, last, current, secure) == VT_DEFINE_NEW;
}

static gboolean set_state(const Run *run, VtRecordState state, const char *reason, GError **error)
{
    VtRecord *record = run->record;

    record->state = state;
    g_free(record->reason);
    record->reason = g_strdup(reason);
    return vt_store_update(run->define->store, record, error);
}

/* Sets @error to "nothing was changed: …", and the state too where a record is kept already. FALSE. */
static gboolean unchanged(const Run *run, GError *why, GError **error)
{
    if (g_error_matches(why, VT_ERROR, VT_ERROR_NOT_FOUND)) {
        g_clear_error(&why);
        why = g_error_new_literal(VT_ERROR, VT_ERROR_NOT_FOUND,
                                  _("somebody else undefined the domain meanwhile"));
    }
    if (run->record->id > 0)
        set_state(run, VT_RECORD_REFUSED, why->message, NULL);
    g_propagate_prefixed_error(error, why, _("%s: nothing was changed: "), run->name);
    return FALSE;
}

/* The change that is undone by this one is marked so. */
static gboolean mark_undone(const Run *run, GError **error)
{
    g_autoptr(GPtrArray) records = vt_store_list(run->define->store, error);
    g_autofree char *reason =
        g_strdup_printf(_("Undone by change %" PRIu64 "."), run->record->id);

    for (guint i = 0; records && i < records->len; i++) {
        VtRecord *record = g_ptr_array_index(records, i);

        if (record->id != run->record->undid || record->state == VT_RECORD_DAMAGED)
            continue;
        record->state = VT_RECORD_REVERTED;
        g_free(record->reason);
        record->reason = g_strdup(reason);
        return vt_store_update(run->define->store, record, error);
    }
    return records != NULL;
}

static gboolean save(const Run *run, const char *after, GError **error)
{
    VtStore *store = run->define->store;
    VtRecord *record = run->record;
    g_autofree char *shown = NULL;

    if (!vt_fault_at(VT_FAULT_SAVE_AFTER, error) ||
        !vt_store_write(store, record->id, VT_STORE_AFTER, after, error))
        return FALSE;
    shown = vt_define_fetch(run->define->virt, record->uuid, FALSE, error);
    if (!shown || !vt_store_write(store, record->id, VT_STORE_AFTER_SHOWN, shown, error))
        return FALSE;
    g_free(record->after_sha256);
    record->after_sha256 = vt_store_sum(after);
    /* This one last: as long as it is open, settle() does the rest again. */
    return vt_fault_at(VT_FAULT_SAVE_UNDONE, error) &&
           (!record->revert || mark_undone(run, error)) &&
           vt_fault_at(VT_FAULT_SAVE_MANIFEST, error) &&
           set_state(run, VT_RECORD_APPLIED, NULL, error) && vt_fault_at(VT_FAULT_SAVED, error);
}

/* The definition is changed as wanted: keeps what it is now. */
static gboolean finish(const Run *run, const char *after, GError **error)
{
    g_autoptr(GError) why = NULL;

    if (save(run, after, &why))
        return TRUE;
    g_set_error(error, why->domain, why->code,
                _("%s: the definition was changed as wanted, but that could not be noted (%s); make "
                  "room or repair %s, then `virt-tune history` shows it"),
                run->name, why->message, vt_store_path(run->define->store));
    return FALSE;
}

/* What an earlier run that was killed left open. Nothing is written to the domain. */
static gboolean settle(const VtDefine *define, const char *current, GError **error)
{
    g_autoptr(GPtrArray) records = vt_store_list(define->store, error);
    VtRecord *last = records && records->len > 0
                         ? g_ptr_array_index(records, records->len - 1)
                         : NULL;
    g_auto(Run) run = {.define = define, .record = last};

    if (!records)
        return FALSE;
    if (!last || last->state != VT_RECORD_PREPARED)
        return TRUE;
    run.name = vt_text_printable(last->name, FALSE);
    switch (vt_define_which(define->store, last, current, TRUE)) {
    case VT_DEFINE_NEW:
        return finish(&run, current, error);
    case VT_DEFINE_OLD:
        return set_state(&run, VT_RECORD_REFUSED,
                         _("The program ended before it changed the definition."), error);
    case VT_DEFINE_OTHER:
        break;
    }
    return set_state(&run, VT_RECORD_FAILED,
                     _("The program ended while it changed the definition, which is now neither "
                       "the one before nor the one wanted."),
                     error);
}

/* Everything up to the backup; *@ret_shown: the definition without secrets. */
static gboolean preflight(Run *run, char **ret_shown, GError **error)
{
    const VtDefine *define = run->define;
    g_autoptr(virDomain) handle = NULL;
    g_autofree char *before = NULL, *shown = NULL, *sum = NULL;
    gboolean checked;

    if (!vt_store_lock(define->store, error) || !vt_fault_at(VT_FAULT_FETCH, error))
        return FALSE;
    handle = vt_virt_lookup(define->virt, run->record->uuid, error);
    if (!handle || !vt_gate_domain(handle, error))
        return FALSE;
    before = fetch(run, error);
    shown = before ? vt_define_fetch(define->virt, run->record->uuid, FALSE, error) : NULL;
    if (!shown || !settle(define, before, error))
        return FALSE;
    if (!vt_fault_at(VT_FAULT_VALIDATE, error) ||
        !vt_gate_valid(define->virt, before, run->name, &checked, error))
        return FALSE;
    sum = vt_store_sum(before);
    if (!g_str_equal(sum, define->before_sha256)) {
        g_set_error_literal(error, VT_ERROR, VT_ERROR_FAILED,
                            _("somebody else changed the definition since this change was "
                              "planned; look at it and try again"));
        return FALSE;
    }
    run->before = g_steal_pointer(&before);
    *ret_shown = g_steal_pointer(&shown);
    return TRUE;
}

/* The last look before the define. */
static gboolean refetch(const Run *run, GError **error)
{
    g_autofree char *now = NULL;

    if (!vt_fault_at(VT_FAULT_BACKED_UP, error) || !vt_fault_at(VT_FAULT_REFETCH, error))
        return FALSE;
    now = fetch(run, error);
    if (!now)
        return FALSE;
    if (g_str_equal(now, run->before))
        return TRUE;
    g_set_error_literal(error, VT_ERROR, VT_ERROR_FAILED,
                        _("somebody else changed the definition at this very moment; look at it "
                          "and try again"));
    return FALSE;
}

/* Without VALIDATE libvirt drops an element that it does not know. */
static gboolean define_xml(const Run *run, const char *xml, guint flags, GError **error)
{
    g_autoptr(virDomain) handle =
        virDomainDefineXMLFlags(vt_virt_connection(run->define->virt), xml, flags);

    return handle || vt_virt_set_error(error, _("libvirt refused the definition"));
}

static gboolean define_wanted(const Run *run, GError **error)
{
    return vt_fault_at(VT_FAULT_DEFINE, error) &&
           define_xml(run, run->define->wanted, VIR_DOMAIN_DEFINE_VALIDATE, error) &&
           vt_fault_at(VT_FAULT_DEFINED, error);
}

static char *read_back(const Run *run, GError **error)
{
    return vt_fault_at(VT_FAULT_READ_BACK, error) ? fetch(run, error) : NULL;
}

static gboolean define_before(const Run *run, GError **error)
{
    /* The backup is libvirt's own text: where a schema stands against it, it goes without. */
    return vt_fault_at(VT_FAULT_RESTORE, error) &&
           (define_xml(run, run->before, VIR_DOMAIN_DEFINE_VALIDATE, NULL) ||
            define_xml(run, run->before, 0, error)) &&
           vt_fault_at(VT_FAULT_RESTORED, error);
}

static gboolean restore_definition(const Run *run, GError **error)
{
    g_autoptr(GError) refused = NULL;
    g_autofree char *now = NULL;

    define_before(run, &refused);
    now = fetch(run, refused ? NULL : error);
    /* Only the answer may have been lost. */
    if (now && g_str_equal(now, run->before))
        return TRUE;
    if (refused)
        g_propagate_error(error, g_steal_pointer(&refused));
    else if (now)
        g_set_error_literal(error, VT_ERROR, VT_ERROR_FAILED,
                            _("libvirt made something else of the old definition too"));
    return FALSE;
}

/* libvirt took the new definition and made something else of it. FALSE. */
static gboolean put_back(const Run *run, const char *difference, GError **error)
{
    g_autofree char *backup = vt_store_file(run->define->store, run->record->id, VT_STORE_BEFORE);
    g_autofree char *reason = NULL;
    g_autoptr(GError) why = NULL;

    if (restore_definition(run, &why)) {
        reason = g_strdup_printf(_("libvirt made something else of the new definition (%s)."),
                                 difference);
        set_state(run, VT_RECORD_RESTORED, reason, NULL);
        g_set_error(error, VT_ERROR, VT_ERROR_LIBVIRT,
                    _("%s: libvirt made something else of the new definition (%s); the old one is "
                      "back"),
                    run->name, difference);
        return FALSE;
    }
    g_return_val_if_fail(why, FALSE);
    reason = g_strdup_printf(_("libvirt made something else of the new definition (%s), and the "
                               "old one could not be put back: %s"),
                             difference, why->message);
    set_state(run, VT_RECORD_FAILED, reason, NULL);
    g_set_error(error, VT_ERROR, VT_ERROR_LIBVIRT,
                _("%s: libvirt made something else of the new definition (%s), and the old one "
                  "could not be put back (%s); it is kept in %s: `virsh define` that file"),
                run->name, difference, why->message, backup);
    return FALSE;
}

/* Nothing is known of the definition; the record stays open. FALSE. */
static gboolean in_doubt(const Run *run, const GError *why, GError **error)
{
    g_autofree char *backup = vt_store_file(run->define->store, run->record->id, VT_STORE_BEFORE);

    g_set_error(error, VT_ERROR, VT_ERROR_LIBVIRT,
                _("%s: whether the definition was changed is not known (%s); when libvirt answers "
                  "again, `virt-tune history` tells, and the old one is kept in %s"),
                run->name, why->message, backup);
    return FALSE;
}

/* @refused: what the define said; NULL where it went well. */
static gboolean conclude(const Run *run, GError *refused, GError **error)
{
    g_autoptr(GError) define_error = refused;
    g_autoptr(GError) why = NULL;
    g_autofree char *after = read_back(run, &why);
    g_autofree char *difference = NULL;

    if (!after && !refused && g_error_matches(why, VT_ERROR, VT_ERROR_NOT_FOUND)) {
        set_state(run, VT_RECORD_FAILED, _("Somebody else undefined the domain meanwhile."), NULL);
        g_set_error(error, VT_ERROR, VT_ERROR_NOT_FOUND,
                    _("%s: somebody else undefined the domain meanwhile; its definition is kept in "
                      "%s"),
                    run->name, vt_store_path(run->define->store));
        return FALSE;
    }
    if (!after)
        return in_doubt(run, refused ? refused : why, error);
    if (refused && g_str_equal(after, run->before))
        return unchanged(run, g_steal_pointer(&define_error), error);
    if (vt_fault_at(VT_FAULT_COMPARE, &why)) {
        if (reads_as(run->before, run->define->wanted, after, &difference))
            return finish(run, after, error);
    } else {
        difference = g_strdup(why->message);
    }
    /* After an error the definition that is neither is somebody else's. */
    return refused ? unchanged(run, g_steal_pointer(&define_error), error)
                   : put_back(run, difference, error);
}

gboolean vt_define_run(const VtDefine *define, GError **error)
{
    g_auto(Run) run = {.define = define, .record = define->record};
    g_autofree char *shown = NULL;
    GError *why = NULL;
    VtStoreBackup backup = {.wanted = define->wanted,
                            .wanted_shown = define->wanted_shown,
                            .profile = define->profile};

    run.name = vt_text_printable(define->record->name, FALSE);
    if (!preflight(&run, &shown, &why))
        return unchanged(&run, why, error);
    backup.before = run.before;
    backup.before_shown = shown;
    if (!vt_store_add(define->store, define->record, &backup, &why)) {
        define->record->id = 0;
        return unchanged(&run, why, error);
    }
    if (!refetch(&run, &why))
        return unchanged(&run, why, error);
    define_wanted(&run, &why);
    return conclude(&run, why, error);
}
