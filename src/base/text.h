/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strict numbers and units, and text that is safe to show on a terminal.
 * No parser here accepts trailing characters, a sign where none belongs, or an overflow. Their
 * errors are VT_ERROR_INPUT and quote the text, without a place: the caller knows the file and
 * line, or the option. */
#pragma once

#include <glib.h>

#include "base/cpus.h"

/* Decimal or, after "0x", hexadecimal; no sign, no white space. */
gboolean vt_text_parse_u64(const char *text, guint64 min, guint64 max, guint64 *ret_value,
                           GError **error);

/* A finite decimal number with "." whatever the locale; an exponent is taken, a minus only where
 * @min is negative. */
gboolean vt_text_parse_double(const char *text, double min, double max, double *ret_value,
                              GError **error);

/* "10", "10s", "500ms", "250us", "2m", "1h" -> nanoseconds; a bare number is seconds, and each may
 * have a fraction
 * ("1.5s"), of which what is below a nanosecond is dropped. Zero is refused, as is more than 24
 * hours. */
gboolean vt_text_parse_duration(const char *text, guint64 *ret_ns, GError **error);

/* "1.5 s", "200 ms", "2 min": for people, rounded to a tenth of the largest unit that fits. The
 * caller frees it. */
char *vt_text_format_duration(guint64 ns);

/* "~1.5 ms", "~860 us": the same of a time that is not known exactly, to two digits. The caller frees
 * it. */
char *vt_text_format_about(guint64 ns);

/* A whole number with thousands separated by commas ("30,959"): reports are compared byte for byte,
 * so the locale has no say. The caller frees it. */
char *vt_text_format_count(double value);

/* As g_strdup_printf(), but several times faster where @format has nothing but %s, %1$s and %%: for
 * sentences of words. The caller frees it. */
char *vt_text_fill(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* A copy in which control characters, bidirectional overrides and invalid UTF-8 are shown as \x1b
 * or \u202e, so that a name cannot move the cursor. Newlines and tabs too, unless @keep_newlines.
 * The caller frees it. */
char *vt_text_printable(const char *text, gboolean keep_newlines);

/* A copy of UTF-8 with the same characters, but newlines and tabs, as @append writes them. For formats
 * that have a way to write them of their own. The caller frees it. */
char *vt_text_escape(const char *text, void (*append)(GString *out, gunichar c));

/* A text as messages show it: in single quotes, printable, and cut after 60 bytes. The caller frees
 * it. */
char *vt_text_quote(const char *text);

/* UTF-8 in the locale's character set, with "?" for each character that it lacks. The caller frees it. */
char *vt_text_local(const char *text);

/* White space runs folded to one space and the ends trimmed, as xgettext does with rule texts. */
char *vt_text_fold(const char *text);

/* The columns that @text takes on a terminal: East Asian wide characters two, combining ones none. */
guint vt_text_columns(const char *text);

/* How many bytes of @text, whole characters from its beginning, take no more than @columns. */
gsize vt_text_cut(const char *text, guint columns);

/* Wraps at @width columns (UTF-8, East Asian wide characters count two), each line but the first
 * indented by
 * @indent spaces; the first stands behind @indent columns that the caller prints. White space is
 * folded, East Asian text breaks between characters, and a longer word stays whole. The caller
 * frees it. */
char *vt_text_wrap(const char *text, guint width, guint indent);

/* The shell-quoted form only where quoting is needed: '…', or $'…' (bash, ksh, zsh, POSIX 2024)
 * where the text holds what must not be printed. The caller frees it. */
char *vt_text_shell(const char *text);
