/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that a user names for a result: one that is replaced appears or changes only when it is whole, and what cannot
 * be replaced (devices, FIFOs, descriptors as /dev/stdout) is written straight through. */
#pragma once

#include <glib.h>
#include <stdio.h>

typedef struct VtOutfile VtOutfile;

/* @path: "-" is standard output, which is neither flushed nor checked here. Symbolic links are followed, and stay: what they lead to is replaced. As the kernel
 * does with fs.protected_symlinks, links of other users in directories that everyone may write to are refused. A file of
 * this process's own descriptors (/dev/stdout, /dev/fd/N, /proc/self/fd/N) goes on where the descriptor stands.
 * @private keeps others out of what is made; else a replaced file keeps its permissions. Errors are VT_ERROR_IO. */
VtOutfile *vt_outfile_open(const char *path, gboolean private, GError **error);
/* Owned by @outfile. */
FILE *vt_outfile_stream(VtOutfile *outfile);
/* Frees @outfile also on failure; then a file that would have been replaced is as it was. */
gboolean vt_outfile_close(VtOutfile *outfile, GError **error);
/* Gives the file up. */
void vt_outfile_abort(VtOutfile *outfile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtOutfile, vt_outfile_abort)

/* @text to @path as above. */
gboolean vt_outfile_write(const char *path, gboolean private, const char *text, GError **error);
