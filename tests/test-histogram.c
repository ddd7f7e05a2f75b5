/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test.h"

#include "model/histogram.h"

/* What the sum of all times says is not passed over: one event took it all, and a hundredth of many no
 * more than that. A sum that does not fit the histogram moves nothing out of its bucket. The last one has
 * no end, so that what is in it took its part of the sum. */
static void test_quantile_by_sum(void **state)
{
    static const guint64 one[VT_HISTOGRAM_BUCKETS] = {[17] = 1}, two[VT_HISTOGRAM_BUCKETS] = {[17] = 2},
                         last[VT_HISTOGRAM_BUCKETS] = {[31] = 1},
                         sleeps[VT_HISTOGRAM_BUCKETS] = {[31] = 10},
                         mixed[VT_HISTOGRAM_BUCKETS] = {[10] = 3, [31] = 2},
                         most[VT_HISTOGRAM_BUCKETS] = {[10] = 99, [17] = 1};
    static const struct {
        const guint64 *buckets;
        guint64 sum;
        double q;
        guint64 ns;
    } rows[] = {
        {one, 146378, 0.5, 146378},      {one, 146378, 0.99, 146378},
        {one, 1, 0.5, 1 << 17},          {one, G_GUINT64_CONSTANT(1) << 60, 0.5, 1 << 18},
        {two, 270000, 0.5, 135000},      {two, 270000, 0.99, 260833},
        {most, 250000, 0.999, 249036},   {most, 250000, 0.5, 1541},
        {last, 9000000000, 0.5, 9000000000},
        {sleeps, 200000000000, 0.5, 20000000000}, {sleeps, 200000000000, 0.99, 20000000000},
        {sleeps, 1, 0.99, G_GUINT64_CONSTANT(1) << 31},
        {mixed, 200000004608, 0.5, 1877},         {mixed, 200000004608, 0.99, 100000000000},
        {mixed, 1, 0.99, G_GUINT64_CONSTANT(1) << 31},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        guint64 ns = 0;

        assert_true(vt_histogram_quantile(rows[i].buckets, &rows[i].sum, rows[i].q, &ns));
        if (ns != rows[i].ns)
            fail_msg("%" G_GSIZE_FORMAT ": %" G_GUINT64_FORMAT, i, ns);
    }
}

static void test_none(void **state)
{
    static const guint64 empty[VT_HISTOGRAM_BUCKETS] = {0};
    guint64 ns;

    assert_false(vt_histogram_quantile(NULL, NULL, 0.5, &ns));
    assert_false(vt_histogram_quantile(empty, NULL, 0.5, &ns));
    assert_false(vt_histogram_mean(empty, 100, 3, &ns));
    assert_false(vt_histogram_mean(NULL, 100, 0, &ns));
}

/* By those that were timed; without a histogram, by all. */
static void test_mean(void **state)
{
    static const guint64 timed[VT_HISTOGRAM_BUCKETS] = {[16] = 30};
    guint64 ns;

    assert_true(vt_histogram_mean(timed, 3000000, 60, &ns));
    assert_int_equal(ns, 100000);
    assert_true(vt_histogram_mean(NULL, 3000000, 60, &ns));
    assert_int_equal(ns, 50000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantile_by_sum),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_mean),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
