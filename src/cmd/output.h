/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a verb's result goes: standard output, or a file that appears only when it is whole. */
#pragma once

#include "cmd/cmd.h"

typedef struct VtOutput VtOutput;

/* @path NULL or "-": standard output. */
VtOutput *vt_output_open(VtApp *app, const char *path, GError **error);
VtTerm *vt_output_term(VtOutput *output);
/* Flushes and, for a file, renames it to its name. Frees @output also on failure; then no file is left. */
gboolean vt_output_close(VtOutput *output, GError **error);
/* Gives the file up. */
void vt_output_abort(VtOutput *output);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtOutput, vt_output_abort)

/* FALSE, with a usage error, where @path, which is what @option ("--save") was given (NULL: it was not), and @report, where
 * the report goes (NULL: standard output), are both standard output, where nobody could take the two apart, or one file,
 * where one would take the place of the other. */
gboolean vt_output_check_apart(const char *option, const char *path, const char *report, GError **error);

/* FALSE, with a usage error, where what @option writes to @path (NULL, "-": standard output) would take the place of one of
 * @files, which are read (NULL-terminated). */
gboolean vt_output_check_kept(const char *option, const char *path, const char *const *files, GError **error);

/* @text to @path as above. */
gboolean vt_output_text(VtApp *app, const char *path, const char *text, GError **error);
