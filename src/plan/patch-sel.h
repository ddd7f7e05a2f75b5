/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the one node that a patch operation is about: XPath 1.0 as RFC 5261 section 4.1 and 4.2
 * read it. */
#pragma once

#include <glib.h>

#include "rule/rule.h"

/* Where an operation acts. */
typedef struct {
    xmlNode *node; /* element, attribute, text, comment or processing instruction; the declaring
                      element of @ns */
    xmlNs *ns;     /* a namespace declaration of @node; NULL where no namespace was selected */
} VtPatchTarget;

/* Evaluates op->sel at @start. Prefixes mean what they mean at the operation ("qemu" also
 * where it is not declared), and an element name without one is in
 * the operation's default namespace (RFC 5261, 4.2.2). @error starts with the rule's file and line
 * and names the error condition of RFC 5261, section 5.1: "unlocated-node" for none and for several
 * nodes. */
gboolean vt_patch_sel_locate(xmlNode *start, const VtPatchOp *op, VtPatchTarget *ret_target,
                             GError **error);

/* Sets @error to "file:line: condition: message" for @op. Always FALSE. */
gboolean vt_patch_sel_fail(GError **error, const VtPatchOp *op, const char *condition,
                           const char *format, ...) G_GNUC_PRINTF(4, 5);
