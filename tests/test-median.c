/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test.h"

#include "model/median.h"

/* Few values and many are sorted in two ways. */
static void test_lengths(void **state)
{
    for (guint n = 1; n <= 80; n++) {
        g_autofree double *values = g_new(double, n);

        for (guint i = 0; i < n; i++)
            values[(i * 83 + 5) % n] = i;
        assert_true(vt_median(values, n) == (n - 1) / 2.0);
        for (guint i = 0; i < n; i++)
            assert_true(values[i] == i);
    }
}

static void test_equal(void **state)
{
    double values[] = {3, -1, 3, 3};

    assert_true(vt_median(values, G_N_ELEMENTS(values)) == 3);
    assert_true(values[0] == -1 && values[3] == 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_equal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
