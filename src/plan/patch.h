/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RFC 5261 operations on an XML document, with the extensions of virt-tune-rule(5). */
#pragma once

#include <glib.h>

#include "rule/rule.h"

/* Gives the text of "{name}" or "{name:argument}"; NULL with @error where it is unknown. */
typedef char *(*VtPatchValue)(const char *name, const char *argument, gpointer data, GError **error);

/* Runs @ops in order on @doc. @node is where a relative sel starts (NULL: the root element). On failure @doc is as it
 * was. An operation that runs must locate exactly one node. */
gboolean vt_patch_apply(xmlDoc *doc, xmlNode *node, const GPtrArray *ops, VtPatchValue value, gpointer data,
                        GError **error);

/* Replaces {values} in @text; "{{" is a brace. The caller frees it. */
char *vt_patch_expand(const char *text, VtPatchValue value, gpointer data, GError **error);
