/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rank test of Mann and Whitney: whether one sample is less than another, by the pairs of a
 * value of each. A single outlier, however far out, is in few of them. */
#pragma once

#include <glib.h>

/* The number of pairs of one of @n values @a and one of @m values @b in which that of @b is less.
 * Both are sorted, ascending. */
guint64 vt_rank_test_less(const double *a, guint n, const double *b, guint m);

/* How likely two samples of @n and @m values (neither 0) of the same thing have so few pairs against
 * one of the two directions: @contrary or fewer of n * m. Exact up to 400 pairs, else by the normal
 * distribution. Pairs of equal values belong to @contrary: that makes it larger rather than too
 * small. */
double vt_rank_test_chance(guint n, guint m, guint64 contrary);
