/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the JSON reports add to an object: a name and a value that is valid whatever comes from
 * outside. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

/* Invalid UTF-8 is replaced; NULL is null, or with _if no member. */
void vt_json_write_text(JsonBuilder *builder, const char *name, const char *text);
void vt_json_write_text_if(JsonBuilder *builder, const char *name, const char *text);
void vt_json_write_texts(JsonBuilder *builder, const char *name, const GPtrArray *texts);

/* Rounded to three digits; null where it is not finite. */
void vt_json_write_number(JsonBuilder *builder, const char *name, double value);
/* Of @value above 0, as small as a probability may be: three digits that count, and never 0. */
void vt_json_write_chance(JsonBuilder *builder, const char *name, double value);
void vt_json_write_count(JsonBuilder *builder, const char *name, guint64 value);
void vt_json_write_boolean(JsonBuilder *builder, const char *name, gboolean value);
void vt_json_write_null(JsonBuilder *builder, const char *name);

/* The text of what was built, on one line. The caller frees it. */
char *vt_json_write_generate(JsonBuilder *builder);
