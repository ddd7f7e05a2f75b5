/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What became of the changes of a domain. */
#include "config.h"

#include "plan/history.h"

#include <inttypes.h>
#include <json-glib/json-glib.h>

#include "base/error.h"
#include "base/json.h"
#include "plan/define.h"

#define FORMAT "virt-tune-history"
#define FORMAT_VERSION 1

static const struct {
    const char *word, *text;
} outcomes[] = {
    [VT_HISTORY_APPLIED] = {"applied", N_("applied")},
    [VT_HISTORY_CHANGED_SINCE] = {"changed-since", N_("applied, changed since")},
    [VT_HISTORY_UNDONE_ELSEWHERE] = {"undone-elsewhere", N_("undone elsewhere")},
    [VT_HISTORY_REVERTED] = {"reverted", N_("reverted")},
    [VT_HISTORY_REFUSED] = {"refused", N_("refused")},
    [VT_HISTORY_PUT_BACK] = {"put-back", N_("put back")},
    [VT_HISTORY_FAILED] = {"failed", N_("failed")},
    [VT_HISTORY_INTERRUPTED] = {"interrupted", N_("interrupted")},
    [VT_HISTORY_INTERRUPTED_APPLIED] = {"interrupted-applied", N_("applied, interrupted")},
    [VT_HISTORY_INTERRUPTED_NOT_APPLIED] = {"interrupted-not-applied",
                                            N_("not applied, interrupted")},
    [VT_HISTORY_DAMAGED] = {"damaged", N_("damaged")},
};

const char *vt_history_word(VtHistoryOutcome outcome)
{
    return outcomes[outcome].word;
}

const char *vt_history_text(VtHistoryOutcome outcome)
{
    return _(outcomes[outcome].text);
}

/* The one that the present definition is to be held against. */
static gboolean is_last_applied(const VtHistory *history, const VtRecord *record)
{
    for (guint i = history->records->len; i-- > 0;) {
        const VtRecord *other = g_ptr_array_index(history->records, i);

        if (other->state == VT_RECORD_APPLIED)
            return other == record;
    }
    return FALSE;
}

static VtDefineWhich which(const VtHistory *history, const VtRecord *record)
{
    return vt_define_which(history->store, record, history->current, FALSE);
}

VtHistoryOutcome vt_history_outcome(const VtHistory *history, const VtRecord *record)
{
    switch (record->state) {
    case VT_RECORD_PREPARED:
        if (!history->current)
            return VT_HISTORY_INTERRUPTED;
        switch (which(history, record)) {
        case VT_DEFINE_NEW:
            return VT_HISTORY_INTERRUPTED_APPLIED;
        case VT_DEFINE_OLD:
            return VT_HISTORY_INTERRUPTED_NOT_APPLIED;
        case VT_DEFINE_OTHER:
            break;
        }
        return VT_HISTORY_INTERRUPTED;
    case VT_RECORD_APPLIED:
        if (!history->current || !is_last_applied(history, record))
            return VT_HISTORY_APPLIED;
        if (vt_define_is_undone(history->store, history->records, record, history->current, FALSE))
            return VT_HISTORY_REVERTED;
        switch (which(history, record)) {
        case VT_DEFINE_OLD:
            return VT_HISTORY_UNDONE_ELSEWHERE;
        case VT_DEFINE_OTHER:
            return VT_HISTORY_CHANGED_SINCE;
        case VT_DEFINE_NEW:
            break;
        }
        return VT_HISTORY_APPLIED;
    case VT_RECORD_REFUSED:
        return VT_HISTORY_REFUSED;
    case VT_RECORD_RESTORED:
        return VT_HISTORY_PUT_BACK;
    case VT_RECORD_FAILED:
        return VT_HISTORY_FAILED;
    case VT_RECORD_REVERTED:
        return VT_HISTORY_REVERTED;
    case VT_RECORD_DAMAGED:
        break;
    }
    return VT_HISTORY_DAMAGED;
}

char *vt_history_advice(const VtHistory *history, const VtRecord *record)
{
    g_autofree char *backup = vt_store_file(history->store, record->id, VT_STORE_BEFORE);

    if (record->state == VT_RECORD_PREPARED && !history->current)
        return g_strdup_printf(_("It was interrupted, and the domain is gone; the definition from "
                                 "before it is in %s."),
                               backup);
    if (record->state == VT_RECORD_PREPARED)
        switch (vt_define_which(history->store, record, history->current, FALSE)) {
        case VT_DEFINE_NEW:
            if (record->revert)
                return g_strdup_printf(_("It was interrupted after the definition was changed as "
                                         "wanted; `virt-tune revert DOMAIN %" PRIu64 "` undoes it."),
                                       record->id);
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

static void add_text(JsonBuilder *builder, const char *member, const char *text)
{
    json_builder_set_member_name(builder, member);
    if (text)
        json_builder_add_string_value(builder, text);
    else
        json_builder_add_null_value(builder);
}

static void add_text_if(JsonBuilder *builder, const char *member, const char *text)
{
    if (text)
        add_text(builder, member, text);
}

static void add_number(JsonBuilder *builder, const char *member, guint64 number)
{
    json_builder_set_member_name(builder, member);
    json_builder_add_int_value(builder, (gint64)number);
}

static void add_rule(JsonBuilder *builder, const VtRecordRule *rule)
{
    json_builder_begin_object(builder);
    add_text(builder, "rule", rule->rule);
    add_text_if(builder, "element", rule->element);
    add_text_if(builder, "device", rule->device);
    add_text_if(builder, "effect", rule->effect);
    json_builder_end_object(builder);
}

static void add_change(JsonBuilder *builder, const VtHistory *history, const VtRecord *record)
{
    g_autofree char *advice = vt_history_advice(history, record);

    json_builder_begin_object(builder);
    add_number(builder, "id", record->id);
    add_text(builder, "outcome", vt_history_word(vt_history_outcome(history, record)));
    add_text_if(builder, "advice", advice);
    if (record->state != VT_RECORD_DAMAGED) {
        add_text(builder, "kind", record->revert ? "revert" : "apply");
        add_text(builder, "time", record->time);
        add_text(builder, "user", record->user);
        if (record->revert)
            add_number(builder, "undid", record->undid);
        add_text_if(builder, "source", record->source);
        if (record->duration_ns > 0)
            add_number(builder, "duration_ns", record->duration_ns);
        json_builder_set_member_name(builder, "rules");
        json_builder_begin_array(builder);
        for (guint i = 0; i < record->rules->len; i++)
            add_rule(builder, g_ptr_array_index(record->rules, i));
        json_builder_end_array(builder);
    }
    json_builder_end_object(builder);
}

static void add_domain(JsonBuilder *builder, const VtHistory *history, const char *name,
                       const char *uuid)
{
    json_builder_set_member_name(builder, "domain");
    json_builder_begin_object(builder);
    add_text(builder, "name", name);
    add_text(builder, "uuid", uuid);
    json_builder_set_member_name(builder, "defined");
    json_builder_add_boolean_value(builder, history->current != NULL);
    json_builder_end_object(builder);
}

char *vt_history_format(const VtHistory *history, const char *uri, const char *name,
                        const char *uuid)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *text = NULL;

    json_builder_begin_object(builder);
    add_text(builder, "format", FORMAT);
    add_number(builder, "version", FORMAT_VERSION);
    add_text(builder, "uri", uri);
    add_domain(builder, history, name, uuid);
    add_text(builder, "directory", vt_store_path(history->store));
    json_builder_set_member_name(builder, "changes");
    json_builder_begin_array(builder);
    for (guint i = 0; i < history->records->len; i++)
        add_change(builder, history, g_ptr_array_index(history->records, i));
    json_builder_end_array(builder);
    json_builder_end_object(builder);
    root = json_builder_get_root(builder);
    text = vt_json_print(root, TRUE);
    return g_strconcat(text, "\n", NULL);
}
