/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compares definitions node by node: whether libvirt made of a patched definition what was meant, and
 * what a running domain does not have yet. */
#pragma once

#include <glib.h>

#include "base/xml.h"

/* Whether @after (what libvirt reads back) is what @wanted (the patched @before) says:
 *  - every node of @wanted is in @after with the same value; lists of CPUs and of NUMA nodes are
 *    compared as sets, a text without its surrounding blanks;
 *  - @after has nothing else but, in a device that @wanted has and @before has not, an <address>, and
 *    controllers that libvirt added;
 *  - the order of sections does not matter, nor that of devices of different kinds, nor that of disks
 *    (libvirt sorts them), except that the first hard disk, which the firmware starts from where no
 *    device has a boot order, is the same; whatever else repeats keeps its order.
 * FALSE with @ret_difference: a path and what differs, one line; the caller frees it. */
gboolean vt_readback_check(xmlDoc *before, xmlDoc *wanted, xmlDoc *after, char **ret_difference);

/* TRUE where @live lacks something that @after has and @before has not, or still has what @before has
 * and @after has not, and the definition @inactive is in that as @after: the change from @before to
 * @after waits for a power cycle. Addresses, which the running domain may have from elsewhere, do not
 * count. */
gboolean vt_readback_pending(xmlDoc *before, xmlDoc *after, xmlDoc *inactive, xmlDoc *live);
