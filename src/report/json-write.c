/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of JSON objects. */
#include "config.h"

#include "report/json-write.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/json.h"

/* json-glib writes what it is given: text that is no UTF-8 would make the whole document invalid.
 */
void vt_json_write_text(JsonBuilder *builder, const char *name, const char *text)
{
    g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;

    json_builder_set_member_name(builder, name);
    if (valid)
        json_builder_add_string_value(builder, valid);
    else
        json_builder_add_null_value(builder);
}

void vt_json_write_text_if(JsonBuilder *builder, const char *name, const char *text)
{
    if (text)
        vt_json_write_text(builder, name, text);
}

/* Three digits after the point are more than any source measures, and the same on every machine. */
static void write_value(JsonBuilder *builder, double value)
{
    double rounded = round(value * 1000) / 1000;

    if (!isfinite(rounded))
        json_builder_add_null_value(builder);
    else if (rounded == floor(rounded) && fabs(rounded) < 9007199254740992.0)
        json_builder_add_int_value(builder, (gint64)rounded);
    else
        json_builder_add_double_value(builder, rounded);
}

void vt_json_write_number(JsonBuilder *builder, const char *name, double value)
{
    json_builder_set_member_name(builder, name);
    write_value(builder, value);
}

/* json-glib (1.6) appends ".0" to what has no point, to 1e-08, too, which is no number then. */
static gboolean has_point(double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    return strchr(g_ascii_dtostr(text, sizeof(text), value), '.') != NULL;
}

void vt_json_write_chance(JsonBuilder *builder, const char *name, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    double rounded;

    g_ascii_formatd(text, sizeof(text), "%.2e", MAX(value, DBL_MIN));
    rounded = g_ascii_strtod(text, NULL);
    while (rounded < 1 && !has_point(rounded))
        rounded = nextafter(rounded, 1);
    json_builder_set_member_name(builder, name);
    json_builder_add_double_value(builder, rounded);
}

void vt_json_write_count(JsonBuilder *builder, const char *name, guint64 value)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_int_value(builder, (gint64)MIN(value, (guint64)G_MAXINT64));
}

void vt_json_write_null(JsonBuilder *builder, const char *name)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_null_value(builder);
}

void vt_json_write_boolean(JsonBuilder *builder, const char *name, gboolean value)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_boolean_value(builder, value);
}

void vt_json_write_texts(JsonBuilder *builder, const char *name, const GPtrArray *texts)
{
    json_builder_set_member_name(builder, name);
    json_builder_begin_array(builder);
    for (guint i = 0; i < texts->len; i++) {
        g_autofree char *valid = g_utf8_make_valid(g_ptr_array_index(texts, i), -1);

        json_builder_add_string_value(builder, valid);
    }
    json_builder_end_array(builder);
}

char *vt_json_write_generate(JsonBuilder *builder)
{
    g_autoptr(JsonNode) root = json_builder_get_root(builder);

    return vt_json_print(root, FALSE);
}
