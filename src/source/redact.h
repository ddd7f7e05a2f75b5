/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking out of a bundle what others must not see. */
#pragma once

#include "source/bundle.h"

/* Removes from a domain XML what libvirt shows to nobody without VIR_DOMAIN_XML_SECURE (passwords, cookies), and what may
 * hold a secret though libvirt does not know: entries of <sysinfo>, queries of URLs, and of QEMU arguments, environment
 * and properties whatever vt_redact_qemu_clean() does not know. Elements and attributes stay where they are; their values
 * become "removed". */
void vt_redact_secrets(xmlDoc *doc);

/* vt_xml_pretty() of @doc as vt_redact_secrets() leaves it; @doc stays as it is. The caller frees it. */
char *vt_redact_pretty(xmlDoc *doc);

/* Keeps of the XML what vt_redact_xml_class() knows as libvirt's own. Everything else is replaced, in sentences, host and
 * profile too: names, UUIDs, MAC addresses and paths, each value by the same one everywhere, in an order that sorts as
 * before. Foreign metadata and comments are removed, and the kernels' command lines but for what rules may look at. */
void vt_redact_bundle(VtBundle *bundle);
