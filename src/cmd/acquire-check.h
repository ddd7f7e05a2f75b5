/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which options and operands of a verb that looks at domains go together, and what may be written. */
#pragma once

#include <glib.h>

/* FALSE with a usage error where vt_acquire_options and the operands @names exclude each other, or name no domain.
 * @duration_ns: of the whole sample. */
gboolean vt_acquire_check(char **names, guint64 duration_ns, GError **error);

/* FALSE with a usage error where what @option writes to @path (NULL, "-": standard output) would take the place of a file
 * that the options or the operands @names have read, such as a UUID.json in the directory that --profile names. */
gboolean vt_acquire_check_kept(const char *option, const char *path, char **names, GError **error);
