/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test.h"

#include <math.h>

#include "base/error.h"
#include "model/metric.h"
#include "model/profile.h"

#define SECOND 1000000000ull

static void assert_near(double a, double b)
{
    if (fabs(a - b) > 1e-6)
        fail_msg("%g is not %g", a, b);
}

/* @counts of "exit.mmio" in windows of a second with two vCPUs. */
static VtProfile *with_counts(const guint64 *counts, guint n)
{
    VtProfile *profile = vt_profile_new();

    for (guint i = 0; i < n; i++)
        vt_profile_add(profile, vt_profile_add_window(profile, SECOND, 2), "exit.mmio", "a",
                       counts[i]);
    assert_true(vt_profile_finish(profile, NULL));
    return profile;
}

static void test_empty(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autoptr(GError) error = NULL;

    assert_false(vt_profile_finish(profile, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_FAILED));
    assert_int_equal(profile->vcpus, 0);
}

static void test_median(void **state)
{
    static const guint64 odd[] = {100, 900, 200}, even[] = {100, 900, 200, 400}, one[] = {31};
    g_autoptr(VtProfile) three = with_counts(odd, 3);
    g_autoptr(VtProfile) four = with_counts(even, 4);
    g_autoptr(VtProfile) single = with_counts(one, 1);
    const VtMetric *metric = vt_profile_get(three, "exit.mmio");

    assert_near(metric->rate, 100);
    assert_near(metric->min, 50);
    assert_near(metric->max, 450);
    assert_true(metric->count == 1200);
    assert_near(vt_profile_get(four, "exit.mmio")->rate, 150);
    assert_near(vt_profile_get(single, "exit.mmio")->rate, 15.5);
    assert_true(three->duration_ns == 3 * SECOND);
    assert_int_equal(three->vcpus, 2);
}

/* Windows differ in length and vCPUs: rates are per vCPU-second all the same. */
static void test_uneven_windows(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    guint first = vt_profile_add_window(profile, SECOND / 2, 1);
    guint second = vt_profile_add_window(profile, 2 * SECOND, 4);

    vt_profile_add(profile, first, "exit.io", "a", 500);
    vt_profile_add(profile, second, "exit.io", "a", 8000);
    assert_true(vt_profile_finish(profile, NULL));
    assert_near(vt_profile_get(profile, "exit.io")->min, 1000);
    assert_near(vt_profile_get(profile, "exit.io")->max, 1000);
    assert_int_equal(profile->vcpus, 4);
    assert_true(profile->duration_ns == SECOND / 2 + 2 * SECOND);
}

/* A metric that appears in some windows is zero in the others, whichever they are. */
static void test_late_and_early(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();

    for (guint i = 0; i < 3; i++)
        vt_profile_add_window(profile, SECOND, 1);
    vt_profile_add(profile, 0, "exit.io", "a", 30);
    vt_profile_add(profile, 2, "exit.pause", "a", 40);
    vt_profile_add(profile, 2, "exit.pause", "a", 2);
    vt_profile_add(profile, 1, "kvm.exits", "a", 0);
    assert_true(vt_profile_finish(profile, NULL));
    assert_int_equal(vt_profile_get(profile, "exit.io")->counts->len, 3);
    assert_near(vt_profile_get(profile, "exit.io")->rate, 0);
    assert_near(vt_profile_get(profile, "exit.io")->max, 30);
    assert_true(g_array_index(vt_profile_get(profile, "exit.pause")->counts, guint64, 0) == 0);
    assert_true(vt_profile_get(profile, "exit.pause")->count == 42);
    assert_non_null(vt_profile_get(profile, "kvm.exits"));
    assert_null(vt_profile_get(profile, "exit.cpuid"));
}

/* The time over which it was counted may be longer than the windows. */
static void test_whole(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    const VtMetric *requests, *exits;

    vt_profile_add_window(profile, 1000000000, 2);
    vt_profile_add_window(profile, 1000000000, 2);
    vt_profile_add(profile, 0, "exits", "libvirt", 10);
    vt_profile_add_whole(profile, "block.requests", "libvirt", 300, 1000000000);
    vt_profile_add_whole(profile, "block.requests", "libvirt", 0, 2000000000);
    /* Neither another source's, nor both ways. */
    vt_profile_add_whole(profile, "block.requests", "debugfs", 7, 1);
    vt_profile_add(profile, 0, "block.requests", "libvirt", 7);
    vt_profile_add_whole(profile, "exits", "libvirt", 7, 1);
    assert_true(vt_profile_finish(profile, NULL));
    requests = vt_profile_get(profile, "block.requests");
    assert_int_equal(requests->count, 300);
    assert_int_equal(requests->whole_ns, 3000000000);
    assert_int_equal(requests->counts->len, 0);
    assert_true(requests->rate == 50 && requests->min == 50 && requests->max == 50);
    exits = vt_profile_get(profile, "exits");
    assert_int_equal(exits->whole_ns, 0);
    assert_int_equal(exits->count, 10);
    assert_true(exits->min == 0 && exits->max == 5);
}

static void test_second_source(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();

    vt_profile_add_window(profile, SECOND, 1);
    vt_profile_add(profile, 0, "exit.io", "good", 10);
    vt_profile_add(profile, 0, "exit.io", "worse", 99);
    vt_profile_add_source(profile, "good");
    vt_profile_add_source(profile, "worse");
    vt_profile_add_source(profile, "good");
    assert_true(vt_profile_finish(profile, NULL));
    assert_true(vt_profile_get(profile, "exit.io")->count == 10);
    assert_string_equal(vt_profile_get(profile, "exit.io")->source, "good");
    assert_int_equal(profile->sources->len, 2);
}

static void test_saturation(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();

    vt_profile_add_window(profile, SECOND, 1);
    vt_profile_add(profile, 0, "exit.io", "a", G_MAXUINT64);
    vt_profile_add(profile, 0, "exit.io", "a", 2);
    vt_profile_add_time(profile, "exit.io", G_MAXUINT64);
    vt_profile_add_time(profile, "exit.io", 1);
    assert_true(vt_profile_finish(profile, NULL));
    assert_true(vt_profile_get(profile, "exit.io")->count == G_MAXUINT64);
    assert_true(vt_profile_get(profile, "exit.io")->time_ns == G_MAXUINT64);
    assert_true(isfinite(vt_profile_get(profile, "exit.io")->rate));
}

static void test_histogram(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    const guint64 low[VT_HISTOGRAM_BUCKETS] = {[0] = 1, [10] = 97};
    const guint64 high[VT_HISTOGRAM_BUCKETS] = {[20] = 1, [31] = 1};
    const guint64 empty[VT_HISTOGRAM_BUCKETS] = {0};
    const VtMetric *metric;
    guint64 ns = 5;

    vt_profile_add_window(profile, SECOND, 1);
    vt_profile_add(profile, 0, "exit.io", "a", 100);
    metric = vt_profile_get(profile, "exit.io");
    assert_false(vt_metric_quantile(metric, 0.5, &ns));
    vt_profile_add_histogram(profile, "exit.io", empty);
    assert_false(vt_metric_quantile(metric, 0.5, &ns));
    assert_int_equal(ns, 5);
    vt_profile_add_histogram(profile, "exit.io", low);
    vt_profile_add_histogram(profile, "exit.io", high);
    assert_true(vt_metric_quantile(metric, 0, &ns));
    assert_int_equal(ns, 0);
    assert_true(vt_metric_quantile(metric, 0.01, &ns));
    assert_int_equal(ns, 2);
    assert_true(vt_metric_quantile(metric, 0.5, &ns));
    assert_in_range(ns, 1024 + 500, 1024 + 530);
    assert_true(vt_metric_quantile(metric, 0.985, &ns));
    assert_in_range(ns, (1 << 20) + (1 << 19) - 1, (1 << 20) + (1 << 19) + 1);
    assert_true(vt_metric_quantile(metric, 1, &ns));
    assert_true(ns == G_GUINT64_CONSTANT(1) << 31);
}

static void test_exits_from_families(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();

    vt_profile_add_window(profile, SECOND, 1);
    vt_profile_add_window(profile, SECOND, 1);
    vt_profile_add(profile, 0, "exit.io", "table", 10);
    vt_profile_add(profile, 1, "exit.hlt", "table", 5);
    vt_profile_add(profile, 1, "msr.write.0x80b", "table", 1000);
    assert_true(vt_profile_finish(profile, NULL));
    assert_null(vt_profile_get(profile, "exits"));

    vt_profile_set_covers(profile, "exit");
    assert_true(vt_profile_finish(profile, NULL));
    assert_true(vt_profile_get(profile, "exits")->count == 15);
    assert_string_equal(vt_profile_get(profile, "exits")->source, "table");
    assert_true(g_array_index(vt_profile_get(profile, "exits")->counts, guint64, 1) == 5);

    /* A later window is summed too. */
    vt_profile_add(profile, vt_profile_add_window(profile, SECOND, 1), "exit.io", "table", 100);
    assert_true(vt_profile_finish(profile, NULL));
    assert_true(vt_profile_get(profile, "exits")->count == 115);
}

static void test_exits_of_their_own(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();

    vt_profile_add_window(profile, SECOND, 1);
    vt_profile_set_covers(profile, "exit");
    vt_profile_add(profile, 0, "exits", "libvirt", 70);
    vt_profile_add(profile, 0, "exit.io", "table", 10);
    assert_true(vt_profile_finish(profile, NULL));
    assert_true(vt_profile_get(profile, "exits")->count == 70);
}

static void test_covers(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();

    vt_profile_set_covers(profile, "msr.write");
    assert_true(vt_profile_covers(profile, "msr.write.0x80b"));
    assert_false(vt_profile_covers(profile, "msr.read.0x80b"));
    assert_false(vt_profile_covers(profile, "msr.write.80b"));
    assert_false(vt_profile_covers(profile, "exit.io"));
}

static void test_busy(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    double rate = -1;
    guint64 count = 7;

    for (guint i = 0; i < 3; i++)
        vt_profile_add_window(profile, SECOND, 2);
    assert_true(vt_profile_finish(profile, NULL));
    assert_false(vt_profile_busy_rate(profile, &rate));
    for (guint i = 0; i < 3; i++)
        vt_profile_add(profile, i, "exits", "a", 1000 * (i + 1));
    assert_true(vt_profile_finish(profile, NULL));
    /* Without a word about HLT all of it may be idleness. */
    assert_false(vt_profile_busy_rate(profile, &rate));
    assert_false(vt_profile_busy_count(profile, &count));
    assert_false(vt_profile_busy_domain_rate(profile, &rate));
    assert_near(rate, -1);
    assert_true(count == 7);

    vt_profile_add(profile, 0, "exit.hlt", "a", 100);
    vt_profile_add(profile, 1, "exit.hlt", "a", 200);
    vt_profile_add(profile, 2, "exit.hlt", "a", 3001);
    assert_true(vt_profile_finish(profile, NULL));
    assert_true(vt_profile_busy_rate(profile, &rate));
    assert_near(rate, 450);
    assert_true(vt_profile_busy_count(profile, &count));
    assert_true(count == 900 + 1800);
    assert_true(vt_profile_busy_domain_rate(profile, &rate));
    assert_near(rate, 900);
}

/* MSRs, ports and addresses beyond the exits but HLT tell that the counter misses some. */
static void test_too_few_exits(void **state)
{
    static const struct {
        guint64 causes[3];
        gboolean low;
        double rate;
    } cases[] = {
        {{900, 900, 900}, FALSE, 900},
        {{989, 990, 990}, FALSE, 900},
        {{990, 990, 991}, TRUE, 990},
        {{0, 0, 3000}, TRUE, 900},
        {{2000, 2000, 2000}, TRUE, 2000},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VtProfile) profile = vt_profile_new();
        double rate = -1;

        for (guint j = 0; j < 3; j++) {
            vt_profile_add_window(profile, SECOND, 1);
            vt_profile_add(profile, j, "exits", "a", 1000);
            vt_profile_add(profile, j, "exit.hlt", "a", 100);
            vt_profile_add(profile, j, "msr.write.0x80b", "b", cases[i].causes[j] / 2);
            vt_profile_add(profile, j, "pio.0x1f7", "b",
                           cases[i].causes[j] - cases[i].causes[j] / 2);
            vt_profile_add(profile, j, "irq.24", "c", 1000000);
        }
        assert_true(vt_profile_finish(profile, NULL));
        assert_int_equal(profile->exits_low, cases[i].low);
        assert_true(vt_profile_busy_rate(profile, &rate));
        assert_near(rate, cases[i].rate);
    }
}

static void test_too_few_by_the_source(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    double rate = -1;

    profile->exits_low = TRUE;
    vt_profile_add_window(profile, SECOND, 1);
    vt_profile_add(profile, 0, "exits", "a", 1000);
    vt_profile_add(profile, 0, "exit.hlt", "a", 100);
    assert_true(vt_profile_finish(profile, NULL));
    assert_true(profile->exits_low);
    assert_true(vt_profile_busy_rate(profile, &rate));
    assert_near(rate, 900);
}

/* What is a bound, and that none of its parts is; nothing is at most nothing. */
static void test_bounds(void **state)
{
    static const char *const names[] = {"exits", "exit.hlt", "msr.write.0x80b", "irq.24", "irq.LOC", "irq.25"};
    static const VtBound bounds[4][G_N_ELEMENTS(names)] = {
        {VT_BOUND_NONE},
        {VT_BOUND_AT_LEAST},
        {[3] = VT_BOUND_AT_MOST, [4] = VT_BOUND_AT_MOST},
        {VT_BOUND_AT_LEAST, [3] = VT_BOUND_AT_MOST, [4] = VT_BOUND_AT_MOST},
    };

    for (guint i = 0; i < 4; i++) {
        g_autoptr(VtProfile) profile = vt_profile_new();

        vt_profile_add_window(profile, SECOND, 1);
        for (guint j = 0; j < G_N_ELEMENTS(names); j++)
            vt_profile_add(profile, 0, names[j], "a", j == 0 ? 1000 : j < 5 ? 100 : 0);
        profile->exits_low = i & 1;
        profile->irqs_at_most = i >> 1;
        assert_true(vt_profile_finish(profile, NULL));
        for (guint j = 0; j < G_N_ELEMENTS(names); j++)
            assert_int_equal(vt_profile_bound(profile, names[j]), bounds[i][j]);
        assert_int_equal(vt_profile_bound(profile, "irq.26"), VT_BOUND_NONE);
    }
}

static void test_busy_without_hlt(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    guint64 count;

    vt_profile_add_window(profile, SECOND, 1);
    vt_profile_set_covers(profile, "exit");
    vt_profile_add(profile, 0, "exit.io", "a", 40);
    assert_true(vt_profile_finish(profile, NULL));
    assert_true(vt_profile_busy_count(profile, &count));
    assert_true(count == 40);
}

static void test_sorted_and_notes(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autoptr(GPtrArray) sorted = NULL;

    vt_profile_add_window(profile, SECOND, 1);
    vt_profile_add(profile, 0, "pio.0x1f7", "a", 1);
    vt_profile_add(profile, 0, "exit.io", "a", 1);
    vt_profile_add(profile, 0, "kvm.exits", "a", 1);
    vt_profile_note(profile, "%s had %d", "it", 3);
    sorted = vt_profile_sorted(profile);
    assert_int_equal(sorted->len, 3);
    assert_string_equal(((VtMetric *)sorted->pdata[0])->name, "exit.io");
    assert_string_equal(((VtMetric *)sorted->pdata[2])->name, "pio.0x1f7");
    assert_string_equal(profile->notes->pdata[0], "it had 3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_median),
        cmocka_unit_test(test_uneven_windows),
        cmocka_unit_test(test_late_and_early),
        cmocka_unit_test(test_whole), cmocka_unit_test(test_second_source),
        cmocka_unit_test(test_saturation),
        cmocka_unit_test(test_histogram),
        cmocka_unit_test(test_exits_from_families),
        cmocka_unit_test(test_exits_of_their_own),
        cmocka_unit_test(test_covers),
        cmocka_unit_test(test_busy),
        cmocka_unit_test(test_too_few_exits),
        cmocka_unit_test(test_too_few_by_the_source),
        cmocka_unit_test(test_bounds), cmocka_unit_test(test_busy_without_hlt),
        cmocka_unit_test(test_sorted_and_notes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
