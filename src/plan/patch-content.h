/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a patch operation brings along: text, or nodes that are made at home in the patched
 * document. */
#pragma once

#include <glib.h>

#include "plan/patch.h"

/* The text between the operation's tags, values filled in; "" where there is none. Anything but
 * text is an error, and so is a CDATA section (RFC 5261, 5.1: invalid-attribute-value). The caller
 * frees it. */
char *vt_patch_content_text(const VtPatchOp *op, VtPatchValue value, gpointer data, GError **error);

/* Copies of the nodes between the operation's tags as a list that belongs to @doc but is not linked
 * into it, values filled in; the caller frees it with xmlFreeNodeList(). NULL without @error where
 * there are none. */
xmlNode *vt_patch_content_nodes(const VtPatchOp *op, xmlDoc *doc, VtPatchValue value, gpointer data,
                                GError **error);

/* After @node of vt_patch_content_nodes() was linked in: namespaces that the content only uses are
 * taken from the patched document where it declares the same URI, under its prefix (RFC
 * 5261, 4.2.3); others are declared at @node. */
void vt_patch_content_settle(xmlNode *node, const VtPatchOp *op);

/* The namespace for an attribute at @element that the operation calls @prefix; declared at @element
 * where the document has none in scope. NULL with @error where the operation does not declare the
 * prefix. */
xmlNs *vt_patch_content_attribute_ns(xmlNode *element, const VtPatchOp *op, const char *prefix,
                                     GError **error);
