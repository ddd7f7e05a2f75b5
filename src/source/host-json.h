/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Host facts as JSON, schema data/schemas/host.schema.json. */
#pragma once

#include <glib.h>

#include "base/json.h"
#include "model/host.h"

/* The JSON text, ending in a newline, everything sorted. The caller frees it. */
char *vt_host_json_format(const VtHost *host);
/* Unknown facts and members, CPU lists that are none, wrong types, format or version are errors
 * that name the file and the line. What follows from the rest is computed (vt_host_derive). */
VtHost *vt_host_json_parse(const char *text, gsize length, const char *name, GError **error);
/* The same from an object within a document. */
VtHost *vt_host_json_read(VtJson *json, JsonObject *root, GError **error);
VtHost *vt_host_json_load(const char *path, GError **error);
/* Writes it to a new file beside @path and renames it. "-" is standard output. */
gboolean vt_host_json_save(const VtHost *host, const char *path, GError **error);
