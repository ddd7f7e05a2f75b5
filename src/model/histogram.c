/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quantiles and the mean of times that were counted by powers of two. */
#include "config.h"

#include "model/histogram.h"

#include <math.h>

static double bucket_low(guint i)
{
    return i == 0 ? 0 : (double)(G_GUINT64_CONSTANT(1) << i);
}

static double bucket_high(guint i)
{
    return (double)(G_GUINT64_CONSTANT(2) << i);
}

static double count_timed(const guint64 *buckets)
{
    double n = 0;

    for (guint i = 0; i < VT_HISTOGRAM_BUCKETS; i++)
        n += (double)buckets[i];
    return n;
}

/* The mean in the last bucket: what the others, taken to be in their middle, leave of the sum; not known, the least
 * that they can be. */
static double mean_in_last(const guint64 *buckets, const guint64 *sum_ns)
{
    const guint last = VT_HISTOGRAM_BUCKETS - 1;
    double rest = sum_ns ? (double)*sum_ns : 0;

    for (guint i = 0; i < last; i++)
        rest -= (double)buckets[i] * (bucket_low(i) + bucket_high(i)) / 2;
    return MAX(rest / (double)buckets[last], bucket_low(last));
}

/* The events from the @rank-th of @n on are together no longer than all of them, and a single one is
 * their sum. @low and @high are those of the bucket, beyond which nothing is believed. */
static double limit_by_sum(double ns, double low, double high, double rank, double n, double sum_ns)
{
    const double most = sum_ns / (n - rank + 1);

    return CLAMP(n == 1 ? most : MIN(ns, most), low, high);
}

gboolean vt_histogram_quantile(const guint64 *buckets, const guint64 *sum_ns, double q, guint64 *ret_ns)
{
    double n, below = 0;

    if (!buckets)
        return FALSE;
    n = count_timed(buckets);
    for (guint i = 0; n > 0 && i < VT_HISTOGRAM_BUCKETS; i++) {
        const double here = (double)buckets[i], low = bucket_low(i), high = bucket_high(i);
        double ns;

        if (here == 0 || below + here < q * n) {
            below += here;
            continue;
        }
        ns = low + (high - low) * CLAMP((q * n - below) / here, 0, 1);
        if (i == VT_HISTOGRAM_BUCKETS - 1)
            ns = mean_in_last(buckets, sum_ns);
        else if (sum_ns)
            ns = limit_by_sum(ns, low, high, MAX(ceil(q * n), 1), n, (double)*sum_ns);
        *ret_ns = (guint64)ns;
        return TRUE;
    }
    return FALSE;
}

gboolean vt_histogram_mean(const guint64 *buckets, guint64 sum_ns, guint64 count, guint64 *ret_ns)
{
    const double n = buckets ? count_timed(buckets) : (double)count;

    if (n == 0)
        return FALSE;
    *ret_ns = (guint64)rint((double)sum_ns / n);
    return TRUE;
}
