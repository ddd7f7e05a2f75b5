/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The live view on a terminal. */
#pragma once

#include <gio/gio.h>

#include "report/top-view.h"

typedef struct VtTopScreen VtTopScreen;

/* Takes the terminal over; vt_top_screen_free() gives it back. FALSE with @error where standard input or
 * output is none, where TERM is unknown, or where the program was built without ncurses. */
VtTopScreen *vt_top_screen_new(GError **error);
void vt_top_screen_free(VtTopScreen *screen);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtTopScreen, vt_top_screen_free)

/* @head: the first line. @message: in place of the hint to keys; NULL. */
void vt_top_screen_draw(VtTopScreen *screen, VtTopView *view, const char *head, const char *message);

/* Columns of the terminal. */
guint vt_top_screen_width(const VtTopScreen *screen);

/* Waits for a key until @until_us of the monotonic clock. FALSE where there was none, also at the end of
 * input and where @cancel was cancelled. @ret_key is 0 where only the size of the terminal has changed. */
gboolean vt_top_screen_key(VtTopScreen *screen, gint64 until_us, GCancellable *cancel, guint *ret_key);
