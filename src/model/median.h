/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The value in the middle. */
#pragma once

#include <glib.h>

/* Sorts the @n @values (not 0), none of which is NAN, ascending; the mean of the middle two where their number is even. */
double vt_median(double *values, guint n);
