/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RFC 5261 operations on an XML document, with the extensions of virt-tune-rule(5):
 *  - a relative sel, and the if= of an operation, start at a given node instead of the document's
 * root;
 *  - an operation whose if= is false on the tree as already patched is skipped;
 *  - the prefix "qemu" is known in sel and if= without a declaration;
 *  - "{value}" in text and attributes of the content is replaced.
 * One thing is more lenient than the RFC: white space around the one node of a <replace> is not
 * counted. */
#pragma once

#include <glib.h>

#include "rule/rule.h"

/* Gives the text of "{name}" or "{name:argument}" (@argument NULL); NULL with @error where it is
 * unknown. */
typedef char *(*VtPatchValue)(const char *name, const char *argument, gpointer data,
                              GError **error);

/* Runs @ops in order on @doc. @node is where relative paths start (NULL: the root element; the
 * document node itself for paths as the RFC writes them). @value NULL leaves "{" alone. An
 * operation that runs must locate exactly one node.
 *
 * On failure @doc reads as before, but its nodes are new ones: pointers to them, @node too, are no
 * longer valid.
 * @error starts with the rule's file and line and names the condition of RFC 5261, section 5.1. */
gboolean vt_patch_apply(xmlDoc *doc, xmlNode *node, const GPtrArray *ops, VtPatchValue value,
                        gpointer data, GError **error);

/* Replaces {values} in @text; "{{" is a brace. The caller frees it. */
char *vt_patch_expand(const char *text, VtPatchValue value, gpointer data, GError **error);
