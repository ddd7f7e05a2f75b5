/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading files that a user names: regular ones of a bounded size, so that no device, FIFO or huge
 * file hangs or exhausts the program. */
#pragma once

#include <glib.h>

/* Reads the regular file @path ("-": standard input, of any kind) of at most @max bytes. A larger
 * file is refused before it is read. The data is followed by a NUL that @ret_length does not count.
 * Errors: VT_ERROR_IO, and VT_ERROR_INPUT for a size above @max; the message names the file. */
gboolean vt_file_read(const char *path, gsize max, char **ret_data, gsize *ret_length,
                      GError **error);

/* What messages call @path: itself, or words for standard input. Owned by @path or static. */
const char *vt_file_name(const char *path);

/* Reads @fd to its end, at most @max bytes. *@ret_too_large tells why it failed; otherwise errno
 * does. */
gboolean vt_file_read_fd(int fd, gsize max, char **ret_data, gsize *ret_length,
                         gboolean *ret_too_large);
