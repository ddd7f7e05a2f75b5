/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private files that survive a crash: what a function here reported as written is on the disk, whole,
 * under its name. Directories have mode 0700, files 0600. Errors are VT_ERROR_IO and name the file. */
#pragma once

#include <glib.h>

/* Makes @path and the parents that are missing. A @path that exists must be a directory of this user;
 * what others may do in it is taken away. */
gboolean vt_durable_mkdir(const char *path, GError **error);

/* Writes @data (its length: strlen()) to @name in @dir, in place of what was there: beside it first,
 * then renamed. */
gboolean vt_durable_write(const char *dir, const char *name, const char *data, GError **error);

/* Gives an entry of @dir another name that nothing has. */
gboolean vt_durable_rename(const char *dir, const char *from, const char *to, GError **error);

/* Removes a directory and the files in it, which must be all that is in it. What is not there is no
 * error. */
gboolean vt_durable_remove(const char *path, GError **error);
