/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the times of single events were, from how many lie between two powers of two. */
#pragma once

#include <glib.h>

/* Times of single events: bucket i counts those of 2^i to 2^(i+1)-1 ns, the first one 0 too, the
 * last one everything above. */
#define VT_HISTOGRAM_BUCKETS 32

/* The time that the share @q (0 to 1) of the events in VT_HISTOGRAM_BUCKETS @buckets (may be NULL) did not exceed, to
 * within the width of a bucket (0.5: the median), and no more than the sum of their times, @sum_ns, lets it be; NULL: not
 * known. The last bucket has no end: it is the mean of those in it, as far as the sum tells, and 2^31 where there is none.
 * FALSE where there is no event. */
gboolean vt_histogram_quantile(const guint64 *buckets, const guint64 *sum_ns, double q, guint64 *ret_ns);
/* The mean of times with the sum @sum_ns: of the events in @buckets, since not each of @count may be timed; where that
 * is NULL, of @count. FALSE where there are none. */
gboolean vt_histogram_mean(const guint64 *buckets, guint64 sum_ns, guint64 count, guint64 *ret_ns);
