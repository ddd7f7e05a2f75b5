/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line on the terminal of standard error about what takes longer than a second. A thread draws it, so that it also
 * comes where a call of libvirt does not return. There is one standard error, so one line. */
#pragma once

#include <glib.h>

/* Nothing is ever shown before, nor where @quiet, where standard error is no terminal, or where TERM is "dumb".
 * @in_thread (may be NULL) is called first in the thread that draws. */
void vt_progress_open(gboolean quiet, void (*in_thread)(void));
/* No line and no thread any more, for good. */
void vt_progress_close(void);

/* What goes on from now on, in place of what did. It is drawn once the program has run for a second. */
void vt_progress_begin(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* How far that is; @total above 0. Cheap enough for every turn of a loop. */
void vt_progress_count(guint64 done, guint64 total);
/* The same for what takes a time that is known: of @total_us, @elapsed_us have passed. */
void vt_progress_time(guint64 elapsed_us, guint64 total_us);
/* Nothing goes on: the line goes. Whoever writes to the terminal says so first. */
void vt_progress_end(void);

/* For g_set_printerr_handler(): takes the line away before @message. */
void vt_progress_printerr(const char *message);
