/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The monotonic clock of everything that measures, which a test may replace by one of its own, so that no test depends
 * on how fast the machine is. */
#pragma once

#include <gio/gio.h>

/* Microseconds since some point in the past. */
gint64 vt_clock_now_us(void);

/* Seconds since 1970. */
gint64 vt_clock_unix_s(void);

/* "2026-11-22T10:00:00Z", as RFC 3339 has it. The caller frees it. */
char *vt_clock_format(gint64 unix_s);
/* What that writes, and other zones and fractions of a second, which are dropped. FALSE where @text is no such time, or
 * one that is not after 1970. */
gboolean vt_clock_parse(const char *text, gint64 *ret_unix_s);

/* Sleeps until @until_us. FALSE where @cancel (may be NULL) was cancelled, at once. */
gboolean vt_clock_sleep_until(gint64 until_us, GCancellable *cancel);

/* A clock that stands still but while somebody sleeps, and then jumps; @enable FALSE: the real one again. For tests
 * with one thread. */
void vt_clock_simulate(gboolean enable);
