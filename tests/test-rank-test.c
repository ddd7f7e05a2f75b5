/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rank test, against the numbers of all orders and against the tables of critical values. */
#include "config.h"

#include <math.h>

#include "model/rank-test.h"
#include "vt-test.h"

static void test_less(void **state)
{
    const double a[] = {1, 2, 2, 9}, b[] = {0, 2, 3};

    assert_int_equal(vt_rank_test_less(a, 4, b, 3), 1 + 1 + 1 + 3);
    assert_int_equal(vt_rank_test_less(b, 3, a, 4), 0 + 1 + 3);
    assert_int_equal(vt_rank_test_less(a, 4, a, 4), 0 + 1 + 1 + 3); /* equal is not less */
    assert_int_equal(vt_rank_test_less(a, 0, b, 3), 0);
}

/* The part of the orders of @n and @m values with no more than @contrary, by trying them all. */
static double tried(guint n, guint m, guint contrary)
{
    guint all = 0, hits = 0;

    for (guint set = 0; set < 1u << (n + m); set++) {
        guint members = 0, pairs = 0;

        for (guint i = 0; i < n + m; i++) {
            if (set & 1u << i)
                members++;
            else
                pairs += members;
        }
        if (members != n)
            continue;
        all++;
        hits += pairs <= contrary;
    }
    return MIN(2.0 * hits / all, 1);
}

static void test_exact(void **state)
{
    for (guint n = 1; n <= 6; n++)
        for (guint m = 1; m <= 6; m++)
            for (guint u = 0; 2 * u < n * m; u++)
                assert_true(fabs(vt_rank_test_chance(n, m, u) - tried(n, m, u)) < 1e-12);
    assert_true(fabs(vt_rank_test_chance(3, 3, 0) - 0.1) < 1e-12);
    assert_true(vt_rank_test_chance(3, 3, 5) == 1);
    assert_true(vt_rank_test_chance(1, 1, 0) == 1);
}

/* Of the usual tables: the most that is significant at that level, both ways. */
static void test_critical(void **state)
{
    static const struct {
        guint n, m, most;
        double level;
    } rows[] = {
        {10, 10, 23, 0.05}, {10, 10, 16, 0.01}, {20, 20, 127, 0.05}, {20, 20, 105, 0.01},
        {5, 5, 2, 0.05},    {5, 5, 0, 0.01},    {8, 15, 29, 0.05},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        assert_true(vt_rank_test_chance(rows[i].n, rows[i].m, rows[i].most) <= rows[i].level);
        assert_true(vt_rank_test_chance(rows[i].n, rows[i].m, rows[i].most + 1) > rows[i].level);
    }
}

/* Where the one way of counting gives place to the other there is no step, and large numbers do not
 * overflow. */
static void test_many(void **state)
{
    double few = vt_rank_test_chance(20, 20, 120), many = vt_rank_test_chance(20, 21, 126);

    assert_true(few > 0.01 && many > 0.01 && fabs(few - many) < 0.005);
    assert_true(vt_rank_test_chance(60, 60, 60) < 1e-12);
    assert_true(vt_rank_test_chance(86400, 86400, 0) >= 0);
    assert_true(vt_rank_test_chance(86400, 86400, G_GUINT64_CONSTANT(86400) * 43200) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_less),
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_critical),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
