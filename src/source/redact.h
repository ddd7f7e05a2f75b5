/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking out of a bundle what others must not see. */
#pragma once

#include "source/bundle.h"

/* Removes from a domain XML what libvirt shows to nobody without VIR_DOMAIN_XML_SECURE (passwords, cookies), and what may
 * hold a secret though libvirt does not know: fw_cfg contents, and QEMU arguments and environment that name one. Elements
 * and attributes stay where they are; their values become "removed". */
void vt_redact_secrets(xmlDoc *doc);

/* vt_xml_pretty() of @doc as vt_redact_secrets() leaves it; @doc stays as it is. The caller frees it. */
char *vt_redact_pretty(xmlDoc *doc);

/* Replaces in everything names (domains, networks, bridges, pools, volumes, hosts, users, titles, descriptions), UUIDs,
 * MAC addresses and paths, each value by the same one everywhere, in an order that sorts as before; foreign metadata,
 * QEMU arguments, and the kernel command line but for what rules may look at, too. */
void vt_redact_bundle(VtBundle *bundle);
