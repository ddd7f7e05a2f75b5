/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rank test of Mann and Whitney. */
#include "config.h"

#include "model/rank-test.h"

#include <math.h>

/* All sums that are added up for so many pairs are whole numbers that a double holds. */
#define EXACT_PAIRS 400

guint64 vt_rank_test_less(const double *a, guint n, const double *b, guint m)
{
    guint64 pairs = 0;
    guint less = 0;

    for (guint i = 0; i < n; i++) {
        while (less < m && b[less] < a[i])
            less++;
        pairs += less;
    }
    return pairs;
}

/* The part of all orders of @n and @m values that have @most pairs or fewer against a direction: the
 * first coefficients of the Gaussian binomial, the product of (1 - x^(m+i)) / (1 - x^i). */
static double exact(guint n, guint m, guint most)
{
    g_autofree double *orders = g_new0(double, most + 1);
    double all = 1, sum = 0;

    orders[0] = 1;
    for (guint i = 1; i <= n; i++) {
        for (guint u = most; u >= m + i; u--)
            orders[u] -= orders[u - m - i];
        for (guint u = i; u <= most; u++)
            orders[u] += orders[u - i];
        all = all * (m + i) / i;
    }
    for (guint u = 0; u <= most; u++)
        sum += orders[u];
    return sum / all;
}

double vt_rank_test_chance(guint n, guint m, guint64 contrary)
{
    const double pairs = (double)n * m;
    double z;

    g_return_val_if_fail(n > 0 && m > 0, 1);

    /* As likely as not. */
    if ((double)contrary >= pairs / 2)
        return 1;
    if (pairs <= EXACT_PAIRS)
        return MIN(2 * exact(n, m, (guint)contrary), 1);
    z = (pairs / 2 - (double)contrary - 0.5) / sqrt(pairs * ((double)n + m + 1) / 12);
    return MIN(erfc(z / G_SQRT2), 1);
}
