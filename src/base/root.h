/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every read of /sys, /proc, /dev, /boot and /etc goes through a VtRoot, whose prefix can be a
 * captured directory (--root DIR). With a prefix, symbolic links never lead out of it. */
#pragma once

#include <glib.h>

typedef struct VtRoot VtRoot;

/* @prefix: NULL or "/" for the real machine, else a directory. Free with vt_root_free(). */
VtRoot *vt_root_new(const char *prefix);
void vt_root_free(VtRoot *root);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtRoot, vt_root_free)

/* TRUE where this is the running machine and not a capture. */
gboolean vt_root_is_live(const VtRoot *root);

/* The file system path behind the absolute @path, which need not exist; the caller frees it. NULL
 * where the links of a capture form a loop. */
char *vt_root_path(const VtRoot *root, const char *path);

/* Reads at most @limit bytes (0: 1 MiB); more is an error, as is a NUL byte (a text file has none).
 * Missing files give G_FILE_ERROR_NOENT. Trailing newlines are kept. @ret_length may be NULL. */
gboolean vt_root_read(const VtRoot *root, const char *path, gsize limit, char **ret_text,
                      gsize *ret_length, GError **error);

/* The same for what is no text; the data is followed by a NUL that @ret_length does not count. */
gboolean vt_root_read_bytes(const VtRoot *root, const char *path, gsize limit, char **ret_data,
                            gsize *ret_length, GError **error);

/* As vt_root_read(), without surrounding white space; NULL where it cannot be read (for facts that
 * may be absent). */
char *vt_root_read_line(const VtRoot *root, const char *path);

/* The sorted names in a directory, without "." and ".."; NULL where it cannot be read. */
GStrv vt_root_list(const VtRoot *root, const char *path);

gboolean vt_root_exists(const VtRoot *root, const char *path);
