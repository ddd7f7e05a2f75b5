/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The monotonic clock of everything that measures, which a test may replace by one of its own, so that no test depends
 * on how fast the machine is. */
#pragma once

#include <gio/gio.h>

/* Microseconds since some point in the past. */
gint64 vt_clock_now_us(void);

/* Seconds since 1970. */
gint64 vt_clock_unix_s(void);

/* Sleeps until @until_us. FALSE where @cancel (may be NULL) was cancelled, at once. */
gboolean vt_clock_sleep_until(gint64 until_us, GCancellable *cancel);

/* A clock that stands still but while somebody sleeps, and then jumps; @enable FALSE: the real one again. For tests
 * with one thread. */
void vt_clock_simulate(gboolean enable);
