/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which values of a domain XML are libvirt's own words and numbers, and which ones people gave. */
#pragma once

#include "base/xml.h"

typedef enum {
    VT_REDACT_KEEP,  /* one of libvirt's words, or a number */
    VT_REDACT_GIVEN, /* whatever somebody wrote there */
    VT_REDACT_LABEL, /* of a security driver: libvirt makes it of the UUID or of numbers */
    VT_REDACT_GUEST_CMDLINE, /* the command line of the guest's kernel */
} VtRedactClass;

/* What an attribute of @node has, or its text where @attr is NULL; what no list names is GIVEN. */
VtRedactClass vt_redact_xml_class(const xmlNode *node, const char *attr, const char *value);
