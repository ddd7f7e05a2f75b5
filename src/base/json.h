/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strict reading of JSON files: RFC 8259 and nothing beside it, no member twice, integers in 63
 * bits, bounded depth, and errors with file:line. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

typedef struct VtJson VtJson;

/* Parses a document whose root is an object; @name stands in messages (NULL: "<input>"). */
VtJson *vt_json_parse(const char *text, gsize length, const char *name, GError **error);
void vt_json_free(VtJson *json);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtJson, vt_json_free)

/* Everything below belongs to @json. */
JsonObject *vt_json_root(const VtJson *json);

/* What stands in messages before their text, to say which of many equal objects is meant; NULL:
 * nothing. */
void vt_json_set_context(VtJson *json, const char *context);

/* A VT_ERROR_INPUT at the line of @member of @object (NULL: of the file). Always FALSE, which
 * compilers and analysers see of a macro. */
#define vt_json_fail(json, object, member, error, ...) \
    (vt_json_set_error((json), (object), (member), (error), __VA_ARGS__), FALSE)
void vt_json_set_error(const VtJson *json, JsonObject *object, const char *member, GError **error,
                       const char *format, ...) G_GNUC_PRINTF(5, 6);

/* Whether the members "format" and "version" of @root are @format and one of the versions up to
 * @newest. */
gboolean vt_json_check_format(const VtJson *json, JsonObject *root, const char *format,
                              guint newest, GError **error);

/* FALSE where @object has a member that is not in the NULL-terminated @known. */
gboolean vt_json_check_members(const VtJson *json, JsonObject *object, const char *const *known,
                               GError **error);

/* Typed members. A missing one, or null, is an error where @required; else TRUE with the result
 * untouched. */
gboolean vt_json_get_string(const VtJson *json, JsonObject *object, const char *member,
                            gboolean required, const char **ret_value, GError **error);
gboolean vt_json_get_u64(const VtJson *json, JsonObject *object, const char *member,
                         gboolean required, guint64 min, guint64 max, guint64 *ret_value,
                         GError **error);
/* An integer counts as a number with a fraction too. */
gboolean vt_json_get_double(const VtJson *json, JsonObject *object, const char *member,
                            gboolean required, double min, double max, double *ret_value,
                            GError **error);
gboolean vt_json_get_bool(const VtJson *json, JsonObject *object, const char *member,
                          gboolean required, gboolean *ret_value, GError **error);
gboolean vt_json_get_object(const VtJson *json, JsonObject *object, const char *member,
                            gboolean required, JsonObject **ret_value, GError **error);
/* Arrays of one type. The caller frees the array; elements are const char *, JsonObject * and
 * guint64. An element of @ret_strings is NULL where the document says null and @nullable allows
 * it. */
gboolean vt_json_get_strings(const VtJson *json, JsonObject *object, const char *member,
                             gboolean required, gboolean nullable, GPtrArray **ret_strings,
                             GError **error);
gboolean vt_json_get_objects(const VtJson *json, JsonObject *object, const char *member,
                             gboolean required, GPtrArray **ret_objects, GError **error);
gboolean vt_json_get_u64s(const VtJson *json, JsonObject *object, const char *member,
                          gboolean required, guint64 min, guint64 max, GArray **ret_values,
                          GError **error);

/* The JSON text of @node, on several lines where @pretty. The caller frees it. Not json_to_string(),
 * which leaves U+001F in strings as it is (json-glib 1.6): no JSON. What vt_text_printable() does not
 * let through is escaped, so that it does not act on a terminal. */
char *vt_json_print(JsonNode *node, gboolean pretty);

/* @text as a JSON string with its quotes; invalid UTF-8 is replaced. The caller frees it. */
char *vt_json_quote(const char *text);
