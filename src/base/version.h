/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Versions as libvirt writes them in one number: major * 1,000,000 + minor * 1,000 + patch. */
#pragma once

#include <glib.h>

/* "8", "8.10" or "8.10.1": one to three decimal numbers of at most three digits. An error is
 * VT_ERROR_INPUT and quotes the text, without a place. */
gboolean vt_version_parse(const char *text, guint64 *ret_version, GError **error);

/* The release of a kernel as uname(2) has it: "6.1.0-18-amd64" -> 6001000. A part of four digits
 * (patch levels of stable kernels) counts as 999, since it would run into the part before. */
gboolean vt_version_of_release(const char *release, guint64 *ret_version);

/* "8.10.0". The caller frees it. */
char *vt_version_format(guint64 version);
