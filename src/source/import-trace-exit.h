/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kvm_exit as traces print it. */
#pragma once

#include "source/import.h"
#include "source/trace-line.h"

/* The metric of an exit, interned. The first one decides of which architecture the recording is, unless
 * @profile has its isa already. @ret_bare becomes TRUE where AMD's code came without what tells whether it
 * was reading or writing, emulated memory or not; otherwise it is left alone. */
gboolean vt_import_trace_exit_read(VtProfile *profile, const VtTraceLine *line, const char **ret_metric,
                                   gboolean *ret_bare, GError **error);
/* A number as events print it, hexadecimal with or without "0x". */
gboolean vt_import_trace_exit_hex(const char *word, guint64 max, guint64 *ret_value);
/* FALSE with the message that the event is cut short, or none. */
gboolean vt_import_trace_exit_cut_short(const VtTraceLine *line, GError **error);
