/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record of a change and its JSON form. */
#include "config.h"

#include "plan/record.h"


#include "base/error.h"
#include "base/json.h"

#define FORMAT "virt-tune-change"
#define FORMAT_VERSION 1

static const char *const states[] = {
    [VT_RECORD_PREPARED] = "prepared", [VT_RECORD_APPLIED] = "applied",
    [VT_RECORD_REFUSED] = "refused",   [VT_RECORD_RESTORED] = "restored",
    [VT_RECORD_FAILED] = "failed",     [VT_RECORD_REVERTED] = "reverted",
    [VT_RECORD_DAMAGED] = "damaged",
};

const char *vt_record_state_name(VtRecordState state)
{
    return states[state];
}

static void rule_free(gpointer data)
{
    VtRecordRule *rule = data;

    g_free(rule->rule);
    g_free(rule->device);
    g_free(rule->element);
    g_free(rule->effect);
    g_free(rule);
}

static VtRecord *new_record(void)
{
    VtRecord *record = g_new0(VtRecord, 1);

    record->rules = g_ptr_array_new_with_free_func(rule_free);
    return record;
}

VtRecord *vt_record_new(const char *uri, const char *name, const char *uuid)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    VtRecord *record = new_record();

    record->uri = g_strdup(uri);
    record->name = g_strdup(name);
    record->uuid = g_strdup(uuid);
    record->time = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
    record->user = g_strdup(g_get_user_name());
    return record;
}

void vt_record_free(VtRecord *record)
{
    if (!record)
        return;
    g_free(record->reason);
    g_free(record->uri);
    g_free(record->name);
    g_free(record->uuid);
    g_free(record->time);
    g_free(record->user);
    g_ptr_array_unref(record->rules);
    g_free(record->before_sha256);
    g_free(record->wanted_sha256);
    g_free(record->after_sha256);
    g_free(record->source);
    g_free(record);
}

void vt_record_add_rule(VtRecord *record, const char *rule, const char *element, const char *device,
                        const char *effect)
{
    VtRecordRule *added = g_new0(VtRecordRule, 1);

    added->rule = g_strdup(rule);
    added->element = g_strdup(element);
    added->device = g_strdup(device);
    added->effect = g_strdup(effect);
    g_ptr_array_add(record->rules, added);
}

char *vt_record_rules_text(const VtRecord *record)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < record->rules->len; i++) {
        const VtRecordRule *rule = g_ptr_array_index(record->rules, i);

        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", rule->rule);
        if (rule->device)
            g_string_append_printf(text, " (%s)", rule->device);
    }
    return g_string_free(text, FALSE);
}

static void append_member(GString *out, const char *indent, const char *name, const char *value)
{
    g_autofree char *quoted = value ? vt_json_quote(value) : NULL;

    if (quoted)
        g_string_append_printf(out, ",\n%s\"%s\": %s", indent, name, quoted);
}

static void append_number(GString *out, const char *name, guint64 value)
{
    if (value > 0)
        g_string_append_printf(out, ",\n  \"%s\": %" G_GUINT64_FORMAT, name, value);
}

static void append_rule(GString *out, const VtRecordRule *rule)
{
    g_autofree char *quoted = vt_json_quote(rule->rule);

    g_string_append_printf(out, "\n    {\"rule\": %s", quoted);
    append_member(out, "     ", "element", rule->element);
    append_member(out, "     ", "device", rule->device);
    append_member(out, "     ", "effect", rule->effect);
    g_string_append(out, "}");
}

char *vt_record_format(const VtRecord *record)
{
    GString *out = g_string_new(NULL);

    g_string_append_printf(out, "{\n  \"format\": \"%s\",\n  \"version\": %d", FORMAT,
                           FORMAT_VERSION);
    append_number(out, "id", record->id);
    append_member(out, "  ", "kind", record->revert ? "revert" : "apply");
    append_number(out, "undid", record->undid);
    append_member(out, "  ", "state", states[record->state]);
    append_member(out, "  ", "reason", record->reason);
    append_member(out, "  ", "uri", record->uri);
    append_member(out, "  ", "name", record->name);
    append_member(out, "  ", "uuid", record->uuid);
    append_member(out, "  ", "time", record->time);
    append_member(out, "  ", "user", record->user);
    append_member(out, "  ", "before_sha256", record->before_sha256);
    append_member(out, "  ", "wanted_sha256", record->wanted_sha256);
    append_member(out, "  ", "after_sha256", record->after_sha256);
    append_member(out, "  ", "source", record->source);
    append_number(out, "duration_ns", record->duration_ns);
    append_number(out, "interval_ns", record->interval_ns);
    g_string_append(out, ",\n  \"rules\": [");
    for (guint i = 0; i < record->rules->len; i++) {
        g_string_append(out, i > 0 ? "," : "");
        append_rule(out, g_ptr_array_index(record->rules, i));
    }
    g_string_append(out, record->rules->len > 0 ? "\n  ]\n}\n" : "]\n}\n");
    return g_string_free(out, FALSE);
}

/* A copy of a string member; *@ret_text stays as it is where it is absent. */
static gboolean get_text(const VtJson *json, JsonObject *object, const char *member,
                         gboolean required, char **ret_text, GError **error)
{
    const char *text = NULL;

    if (!vt_json_get_string(json, object, member, required, &text, error))
        return FALSE;
    if (text)
        *ret_text = g_strdup(text);
    return TRUE;
}

static gboolean parse_rules(const VtJson *json, JsonObject *root, VtRecord *record, GError **error)
{
    static const char *const known[] = {"rule", "element", "device", "effect", NULL};
    g_autoptr(GPtrArray) objects = NULL;

    if (!vt_json_get_objects(json, root, "rules", TRUE, &objects, error))
        return FALSE;
    for (guint i = 0; i < objects->len; i++) {
        JsonObject *object = g_ptr_array_index(objects, i);
        VtRecordRule *rule = g_new0(VtRecordRule, 1);

        g_ptr_array_add(record->rules, rule);
        if (!vt_json_check_members(json, object, known, error) ||
            !get_text(json, object, "rule", TRUE, &rule->rule, error) ||
            !get_text(json, object, "element", FALSE, &rule->element, error) ||
            !get_text(json, object, "device", FALSE, &rule->device, error) ||
            !get_text(json, object, "effect", FALSE, &rule->effect, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean parse_words(const VtJson *json, JsonObject *root, VtRecord *record, GError **error)
{
    const char *kind = NULL, *state = NULL;

    if (!vt_json_check_format(json, root, FORMAT, FORMAT_VERSION, error) ||
        !vt_json_get_string(json, root, "kind", TRUE, &kind, error) ||
        !vt_json_get_string(json, root, "state", TRUE, &state, error))
        return FALSE;
    if (!g_str_equal(kind, "apply") && !g_str_equal(kind, "revert"))
        return vt_json_fail(json, root, "kind", error, _("this is neither apply nor revert"));
    record->revert = g_str_equal(kind, "revert");
    for (gsize i = 0; i < VT_RECORD_DAMAGED; i++)
        if (g_str_equal(state, states[i])) {
            record->state = (VtRecordState)i;
            return TRUE;
        }
    return vt_json_fail(json, root, "state", error, _("there is no such state"));
}

static gboolean parse(const VtJson *json, VtRecord *record, GError **error)
{
    static const char *const known[] = {
        "format", "version",       "id",            "kind",         "undid",  "state",       "reason",
        "uri",    "name",          "uuid",          "time",         "user",   "rules",       "source",
        "before_sha256", "wanted_sha256", "after_sha256", "duration_ns", "interval_ns", NULL};
    JsonObject *root = vt_json_root(json);

    return vt_json_check_members(json, root, known, error) &&
           parse_words(json, root, record, error) &&
           vt_json_get_u64(json, root, "id", TRUE, 1, G_MAXINT64, &record->id, error) &&
           vt_json_get_u64(json, root, "undid", record->revert, 1, G_MAXINT64, &record->undid,
                           error) &&
           get_text(json, root, "reason", FALSE, &record->reason, error) &&
           get_text(json, root, "uri", TRUE, &record->uri, error) &&
           get_text(json, root, "name", TRUE, &record->name, error) &&
           get_text(json, root, "uuid", TRUE, &record->uuid, error) &&
           get_text(json, root, "time", TRUE, &record->time, error) &&
           get_text(json, root, "user", TRUE, &record->user, error) &&
           get_text(json, root, "before_sha256", TRUE, &record->before_sha256, error) &&
           get_text(json, root, "wanted_sha256", TRUE, &record->wanted_sha256, error) &&
           get_text(json, root, "after_sha256", FALSE, &record->after_sha256, error) &&
           get_text(json, root, "source", FALSE, &record->source, error) &&
           vt_json_get_u64(json, root, "duration_ns", FALSE, 1, G_MAXINT64, &record->duration_ns,
                           error) &&
           vt_json_get_u64(json, root, "interval_ns", FALSE, 1, G_MAXINT64, &record->interval_ns,
                           error) &&
           parse_rules(json, root, record, error);
}

VtRecord *vt_record_parse(const char *text, gsize length, const char *name, GError **error)
{
    g_autoptr(VtJson) json = vt_json_parse(text, length, name, error);
    g_autoptr(VtRecord) record = NULL;

    if (!json)
        return NULL;
    record = new_record();
    return parse(json, record, error) ? g_steal_pointer(&record) : NULL;
}
