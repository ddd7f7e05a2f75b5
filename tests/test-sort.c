/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test.h"

#include <locale.h>

#include "base/sort.h"

/* Upper case first, as bytes have it, and what locales would leave out counts. */
static void test_keys(void **state)
{
    static const char *const sorted[] = {"", "-a", "10", "9", "B", "a", "aa", "b", "é"};
    g_autoptr(GHashTable) table = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) none = vt_sort_keys(table), keys = NULL;

    setlocale(LC_ALL, "");
    assert_int_equal(none->len, 0);
    for (gsize i = G_N_ELEMENTS(sorted); i > 0; i--)
        g_hash_table_add(table, (gpointer)sorted[i - 1]);
    keys = vt_sort_keys(table);
    assert_int_equal(keys->len, G_N_ELEMENTS(sorted));
    for (gsize i = 0; i < G_N_ELEMENTS(sorted); i++)
        assert_ptr_equal(g_ptr_array_index(keys, i), sorted[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_keys)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
