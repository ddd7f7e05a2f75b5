/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may be shown of the arguments, environment and properties that a domain passes to QEMU by itself. */
#pragma once

#include "base/xml.h"

/* Whether @node is an element of libvirt's namespace for QEMU. */
gboolean vt_redact_qemu_is(const xmlNode *node);

/* Cleans the values of one such element: of all arguments and variables of a <commandline>, or of a <property>; of
 * others nothing. What is not known to be harmless is taken out; with @names, names and paths are, too. Words that rules
 * look for in arguments stay. */
void vt_redact_qemu_clean(xmlNode *node, gboolean names);
