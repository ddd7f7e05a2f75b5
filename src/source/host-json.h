/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Host facts as JSON, schema data/schemas/host.schema.json. */
#pragma once

#include <glib.h>

#include "model/host.h"

char *vt_host_json_format(const VtHost *host);
VtHost *vt_host_json_parse(const char *text, gsize length, const char *name, GError **error);
VtHost *vt_host_json_load(const char *path, GError **error);
gboolean vt_host_json_save(const VtHost *host, const char *path, GError **error);
