/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents: json-glib builds the tree, json-lex.c decides beforehand whether it is JSON at all. */
#include "config.h"

#include "base/json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/json-lex.h"
#include "base/text.h"

struct VtJson {
    char *name;
    JsonParser *parser;
    GHashTable *lines; /* JsonObject -> (member -> line) */
    char *context;     /* already safe to show; NULL */
};

/* What the parser's signals gather. */
typedef struct {
    GHashTable *lines;
    GHashTable *starts; /* JsonObject -> line of its "{" */
    GArray *open;       /* lines of the "{" that are not closed yet */
    char *duplicate;    /* the first member that came twice */
    guint duplicate_line;
} Gather;

static void on_object_start(JsonParser *parser, gpointer data)
{
    Gather *gather = data;
    guint line = json_parser_get_current_line(parser);

    g_array_append_val(gather->open, line);
}

static void on_object_end(JsonParser *parser, JsonObject *object, gpointer data)
{
    Gather *gather = data;
    guint line = g_array_index(gather->open, guint, gather->open->len - 1);

    g_array_set_size(gather->open, gather->open->len - 1);
    g_hash_table_insert(gather->starts, object, GUINT_TO_POINTER(line));
}

static void on_object_member(JsonParser *parser, JsonObject *object, const char *member,
                             gpointer data)
{
    Gather *gather = data;
    GHashTable *members = g_hash_table_lookup(gather->lines, object);
    JsonNode *value = json_object_get_member(object, member);
    guint line = json_parser_get_current_line(parser);

    if (value && JSON_NODE_HOLDS_OBJECT(value))
        line = GPOINTER_TO_UINT(g_hash_table_lookup(gather->starts, json_node_get_object(value)));
    if (!members) {
        members = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        g_hash_table_insert(gather->lines, object, members);
    }
    if (!g_hash_table_insert(members, g_strdup(member), GUINT_TO_POINTER(line)) &&
        !gather->duplicate) {
        gather->duplicate = g_strdup(member);
        gather->duplicate_line = line;
    }
}

static void gather_clear(Gather *gather)
{
    g_clear_pointer(&gather->lines, g_hash_table_unref);
    g_clear_pointer(&gather->starts, g_hash_table_unref);
    g_clear_pointer(&gather->open, g_array_unref);
    g_free(gather->duplicate);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Gather, gather_clear)

/* json-glib's own messages start with "<data>:line:column:"; only their end is for people. */
static gboolean fail_parse(GError **error, const char *name, guint line, const GError *reason)
{
    const char *text = reason->message;

    if (g_str_has_prefix(text, "<data>:") && strstr(text, ": "))
        text = strstr(text, ": ") + 2;
    return vt_error_set_input(error, name, line, _("this is not valid JSON: %s"), text);
}

VtJson *vt_json_parse(const char *text, gsize length, const char *name, GError **error)
{
    g_autoptr(VtJson) json = g_new0(VtJson, 1);
    g_auto(Gather) gather = {NULL, NULL, NULL, NULL, 0};
    g_autoptr(GError) local = NULL;

    if (!vt_json_lex(text, length, name, error))
        return NULL;

    json->name = g_strdup(name);
    json->parser = json_parser_new();
    gather.lines = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_hash_table_unref);
    gather.starts = g_hash_table_new(NULL, NULL);
    gather.open = g_array_new(FALSE, FALSE, sizeof(guint));
    g_signal_connect(json->parser, "object-start", G_CALLBACK(on_object_start), &gather);
    g_signal_connect(json->parser, "object-end", G_CALLBACK(on_object_end), &gather);
    g_signal_connect(json->parser, "object-member", G_CALLBACK(on_object_member), &gather);
    if (!json_parser_load_from_data(json->parser, text, (gssize)length, &local)) {
        fail_parse(error, name, json_parser_get_current_line(json->parser), local);
        return NULL;
    }
    if (gather.duplicate) {
        g_autofree char *shown = vt_text_printable(gather.duplicate, FALSE);

        vt_error_set_input(error, name, gather.duplicate_line,
                           _("“%s” stands twice in one object; remove one"), shown);
        return NULL;
    }
    if (!json_parser_get_root(json->parser) ||
        !JSON_NODE_HOLDS_OBJECT(json_parser_get_root(json->parser))) {
        vt_error_set_input(error, name, 1, _("the document is no JSON object"));
        return NULL;
    }
    json->lines = g_steal_pointer(&gather.lines);
    return g_steal_pointer(&json);
}

void vt_json_free(VtJson *json)
{
    if (!json)
        return;
    g_clear_object(&json->parser);
    g_clear_pointer(&json->lines, g_hash_table_unref);
    g_free(json->name);
    g_free(json->context);
    g_free(json);
}

JsonObject *vt_json_root(const VtJson *json)
{
    return json_node_get_object(json_parser_get_root(json->parser));
}

void vt_json_set_context(VtJson *json, const char *context)
{
    g_free(json->context);
    json->context = context ? vt_text_printable(context, FALSE) : NULL;
}

void vt_json_set_error(const VtJson *json, JsonObject *object, const char *member, GError **error,
                       const char *format, ...)
{
    GHashTable *members = object ? g_hash_table_lookup(json->lines, object) : NULL;
    guint line = members && member ? GPOINTER_TO_UINT(g_hash_table_lookup(members, member)) : 0;
    g_autofree char *message = NULL;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    vt_error_set_input(error, json->name, line, "%s%s%s", json->context ? json->context : "",
                       json->context ? ": " : "", message);
}

gboolean vt_json_check_members(const VtJson *json, JsonObject *object, const char *const *known,
                               GError **error)
{
    JsonObjectIter iter;
    const char *member;
    JsonNode *value = NULL;

    json_object_iter_init(&iter, object);
    while (json_object_iter_next(&iter, &member, &value)) {
        g_autofree char *shown = NULL;

        if (g_strv_contains(known, member))
            continue;
        shown = vt_text_printable(member, FALSE);
        return vt_json_fail(json, object, member, error, _("“%s” is not known here; remove it"),
                            shown);
    }
    return TRUE;
}

/* FALSE with an error: missing though required. @ret_value is NULL where the member is absent or
 * null. */
static gboolean lookup(const VtJson *json, JsonObject *object, const char *member,
                       gboolean required, JsonNode **ret_value, GError **error)
{
    JsonNode *value = json_object_get_member(object, member);

    if (value && json_node_is_null(value))
        value = NULL;
    if (!value && required)
        return vt_json_fail(json, object, member, error, _("“%s” is missing"), member);
    *ret_value = value;
    return TRUE;
}

static gboolean holds(JsonNode *value, GType type)
{
    return JSON_NODE_HOLDS_VALUE(value) && json_node_get_value_type(value) == type;
}

static gboolean read_u64(JsonNode *value, guint64 min, guint64 max, guint64 *ret_value)
{
    gint64 number;

    if (!holds(value, G_TYPE_INT64))
        return FALSE;
    number = json_node_get_int(value);
    if (number < 0 || (guint64)number < min || (guint64)number > max)
        return FALSE;
    *ret_value = (guint64)number;
    return TRUE;
}

static gboolean fail_u64(const VtJson *json, JsonObject *object, const char *member, guint64 min,
                         guint64 max, GError **error)
{
    return vt_json_fail(
        json, object, member, error,
        _("“%s” must be a whole number from %" PRIu64 " to %" PRIu64), member,
        min, max);
}

gboolean vt_json_get_string(const VtJson *json, JsonObject *object, const char *member,
                            gboolean required, const char **ret_value, GError **error)
{
    JsonNode *value = NULL;

    if (!lookup(json, object, member, required, &value, error))
        return FALSE;
    if (!value)
        return TRUE;
    if (!holds(value, G_TYPE_STRING))
        return vt_json_fail(json, object, member, error, _("“%s” must be a string"), member);
    *ret_value = json_node_get_string(value);
    return TRUE;
}

gboolean vt_json_get_u64(const VtJson *json, JsonObject *object, const char *member,
                         gboolean required, guint64 min, guint64 max, guint64 *ret_value,
                         GError **error)
{
    JsonNode *value = NULL;

    if (!lookup(json, object, member, required, &value, error))
        return FALSE;
    if (!value || read_u64(value, min, max, ret_value))
        return TRUE;
    return fail_u64(json, object, member, min, MIN(max, (guint64)G_MAXINT64), error);
}

gboolean vt_json_get_double(const VtJson *json, JsonObject *object, const char *member,
                            gboolean required, double min, double max, double *ret_value,
                            GError **error)
{
    JsonNode *value = NULL;
    double number;

    if (!lookup(json, object, member, required, &value, error))
        return FALSE;
    if (!value)
        return TRUE;
    if (!holds(value, G_TYPE_INT64) && !holds(value, G_TYPE_DOUBLE))
        return vt_json_fail(json, object, member, error, _("“%s” must be a number"), member);
    number = json_node_get_double(value);
    if (!isfinite(number) || number < min || number > max)
        return vt_json_fail(json, object, member, error, _("“%s” must be a number from %g to %g"),
                            member, min, max);
    *ret_value = number;
    return TRUE;
}

gboolean vt_json_get_bool(const VtJson *json, JsonObject *object, const char *member,
                          gboolean required, gboolean *ret_value, GError **error)
{
    JsonNode *value = NULL;

    if (!lookup(json, object, member, required, &value, error))
        return FALSE;
    if (!value)
        return TRUE;
    if (!holds(value, G_TYPE_BOOLEAN))
        return vt_json_fail(json, object, member, error, _("“%s” must be true or false"), member);
    *ret_value = json_node_get_boolean(value);
    return TRUE;
}

gboolean vt_json_get_object(const VtJson *json, JsonObject *object, const char *member,
                            gboolean required, JsonObject **ret_value, GError **error)
{
    JsonNode *value = NULL;

    if (!lookup(json, object, member, required, &value, error))
        return FALSE;
    if (!value)
        return TRUE;
    if (!JSON_NODE_HOLDS_OBJECT(value))
        return vt_json_fail(json, object, member, error, _("“%s” must be an object"), member);
    *ret_value = json_node_get_object(value);
    return TRUE;
}

static gboolean get_array(const VtJson *json, JsonObject *object, const char *member,
                          gboolean required, JsonArray **ret_value, GError **error)
{
    JsonNode *value = NULL;

    if (!lookup(json, object, member, required, &value, error))
        return FALSE;
    if (value && !JSON_NODE_HOLDS_ARRAY(value))
        return vt_json_fail(json, object, member, error, _("“%s” must be an array"), member);
    *ret_value = value ? json_node_get_array(value) : NULL;
    return TRUE;
}

gboolean vt_json_get_strings(const VtJson *json, JsonObject *object, const char *member,
                             gboolean required, gboolean nullable, GPtrArray **ret_strings,
                             GError **error)
{
    g_autoptr(GPtrArray) strings = NULL;
    JsonArray *array;

    if (!get_array(json, object, member, required, &array, error))
        return FALSE;
    if (!array)
        return TRUE;
    strings = g_ptr_array_new();
    for (guint i = 0; i < json_array_get_length(array); i++) {
        JsonNode *element = json_array_get_element(array, i);

        if (nullable && json_node_is_null(element))
            g_ptr_array_add(strings, NULL);
        else if (holds(element, G_TYPE_STRING))
            g_ptr_array_add(strings, (gpointer)json_node_get_string(element));
        else
            return vt_json_fail(json, object, member, error, _("“%s” must hold strings only"),
                                member);
    }
    *ret_strings = g_steal_pointer(&strings);
    return TRUE;
}

gboolean vt_json_get_objects(const VtJson *json, JsonObject *object, const char *member,
                             gboolean required, GPtrArray **ret_objects, GError **error)
{
    g_autoptr(GPtrArray) objects = NULL;
    JsonArray *array;

    if (!get_array(json, object, member, required, &array, error))
        return FALSE;
    if (!array)
        return TRUE;
    objects = g_ptr_array_new();
    for (guint i = 0; i < json_array_get_length(array); i++) {
        JsonNode *element = json_array_get_element(array, i);

        if (!JSON_NODE_HOLDS_OBJECT(element))
            return vt_json_fail(json, object, member, error, _("“%s” must hold objects only"),
                                member);
        g_ptr_array_add(objects, json_node_get_object(element));
    }
    *ret_objects = g_steal_pointer(&objects);
    return TRUE;
}

gboolean vt_json_get_u64s(const VtJson *json, JsonObject *object, const char *member,
                          gboolean required, guint64 min, guint64 max, GArray **ret_values,
                          GError **error)
{
    g_autoptr(GArray) values = NULL;
    JsonArray *array;

    if (!get_array(json, object, member, required, &array, error))
        return FALSE;
    if (!array)
        return TRUE;
    values = g_array_new(FALSE, FALSE, sizeof(guint64));
    for (guint i = 0; i < json_array_get_length(array); i++) {
        guint64 value;

        if (!read_u64(json_array_get_element(array, i), min, max, &value))
            return fail_u64(json, object, member, min, MIN(max, (guint64)G_MAXINT64), error);
        g_array_append_val(values, value);
    }
    *ret_values = g_steal_pointer(&values);
    return TRUE;
}

gboolean vt_json_check_format(const VtJson *json, JsonObject *root, const char *format,
                              guint newest, GError **error)
{
    const char *given = NULL;
    guint64 version;

    if (!vt_json_get_string(json, root, "format", TRUE, &given, error))
        return FALSE;
    if (!g_str_equal(given, format)) {
        g_autofree char *shown = vt_text_printable(given, FALSE);

        return vt_json_fail(json, root, "format", error,
                            _("the format is “%1$s”, and not “%2$s”, which is read here"), shown,
                            format);
    }
    if (!vt_json_get_u64(json, root, "version", TRUE, 1, G_MAXINT64, &version, error))
        return FALSE;
    if (version > newest)
        return vt_json_fail(json, root, "version", error,
                            _("version %" PRIu64 " is newer than this program reads (%u); update "
                              "virt-tune"),
                            version, newest);
    return TRUE;
}

/* Above U+FFFF as the two halves of UTF-16. */
static void append_escape(GString *out, gunichar c)
{
    if (c <= 0xffff)
        g_string_append_printf(out, "\\u%04x", c);
    else
        g_string_append_printf(out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
                               0xdc00 + ((c - 0x10000) & 0x3ff));
}

/* Outside of strings there is nothing to escape. */
char *vt_json_print(JsonNode *node, gboolean pretty)
{
    g_autofree char *text = json_to_string(node, pretty);

    return vt_text_escape(text, append_escape);
}

char *vt_json_quote(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_autoptr(JsonNode) node = json_node_init_string(json_node_alloc(), valid);

    return vt_json_print(node, FALSE);
}
