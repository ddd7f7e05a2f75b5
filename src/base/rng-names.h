/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of elements and attributes that a RELAX NG schema knows, wherever they may stand. */
#pragma once

#include <glib.h>

typedef struct VtRngNames VtRngNames;

/* Reads the schema and those that it includes from beside it. */
VtRngNames *vt_rng_names_load(const char *path, GError **error);
void vt_rng_names_free(VtRngNames *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtRngNames, vt_rng_names_free)

/* @name: without a prefix. */
gboolean vt_rng_names_has(const VtRngNames *names, const char *name, gboolean is_attribute);
