/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Versions as libvirt writes them in one number: major * 1,000,000 + minor * 1,000 + patch. */
#pragma once

#include <glib.h>

/* "8", "8.10" or "8.10.1": one to three decimal numbers of at most three digits. An error is
 * VT_ERROR_INPUT and quotes the text, without a place. */
gboolean vt_version_parse(const char *text, guint64 *ret_version, GError **error);

/* "8.10.0". The caller frees it. */
char *vt_version_format(guint64 version);
