/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strings in the order of their bytes, which no locale changes. */
#pragma once

#include <glib.h>

/* For g_ptr_array_sort() of strings. */
int vt_sort_compare(gconstpointer a, gconstpointer b);

/* The keys of a table of strings, sorted. The caller unrefs the array; the strings are the table's. */
GPtrArray *vt_sort_keys(GHashTable *table);
