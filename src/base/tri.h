/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Three-valued truth: what could not be known is not the same as no. */
#pragma once

typedef enum { VT_NO, VT_YES, VT_UNKNOWN } VtTri;

static inline VtTri vt_tri_not(VtTri a)
{
    return a == VT_UNKNOWN ? VT_UNKNOWN : a == VT_YES ? VT_NO : VT_YES;
}

/* Kleene: a decisive operand decides even beside an unknown one. */
static inline VtTri vt_tri_and(VtTri a, VtTri b)
{
    if (a == VT_NO || b == VT_NO)
        return VT_NO;
    return a == VT_UNKNOWN || b == VT_UNKNOWN ? VT_UNKNOWN : VT_YES;
}

static inline VtTri vt_tri_or(VtTri a, VtTri b)
{
    if (a == VT_YES || b == VT_YES)
        return VT_YES;
    return a == VT_UNKNOWN || b == VT_UNKNOWN ? VT_UNKNOWN : VT_NO;
}
