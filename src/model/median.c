/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The value in the middle. */
#include "config.h"

#include "model/median.h"

#include <stdlib.h>

static int compare_doubles(gconstpointer a, gconstpointer b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* A sample has some ten windows, for which this is several times faster than qsort(). */
#define FEW_WINDOWS 32

static void sort(double *values, guint n)
{
    if (n > FEW_WINDOWS) {
        qsort(values, n, sizeof(double), compare_doubles);
        return;
    }
    for (guint i = 1; i < n; i++) {
        double value = values[i];
        guint j = i;

        for (; j > 0 && values[j - 1] > value; j--)
            values[j] = values[j - 1];
        values[j] = value;
    }
}

double vt_median(double *values, guint n)
{
    g_return_val_if_fail(n > 0, 0);

    sort(values, n);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}
