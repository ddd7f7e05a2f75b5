/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The native profile: JSON, schema data/schemas/profile.schema.json, strict in both directions. */
#pragma once

#include <glib.h>

#include "base/json.h"
#include "model/profile.h"

#define VT_NATIVE_FORMAT "virt-tune-profile"
#define VT_NATIVE_VERSION 1
/* The largest native profile that is read. */
#define VT_NATIVE_MAX (64 * 1024 * 1024)

/* The JSON text, ending in a newline, keys in a fixed order. The caller frees it. */
char *vt_native_format(const VtProfile *profile);
/* Writes it to a new file beside @path and renames it. "-" is standard output. */
gboolean vt_native_save(const VtProfile *profile, const char *path, GError **error);
/* Unknown metrics, negative or overflowing counts, wrong types, wrong format or version are errors
 * that name the file, the line where the parser knows it, and the metric. */
VtProfile *vt_native_parse(const char *text, gsize length, const char *name, GError **error);
/* The same from an object within a document. */
VtProfile *vt_native_read(VtJson *json, JsonObject *root, GError **error);
VtProfile *vt_native_load(const char *path, GError **error);
/* TRUE where the text looks like JSON of this format (its first non-blank is "{"). */
gboolean vt_native_recognise(const char *text, gsize length);
