/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test.h"

#include <math.h>

#include "model/cost.h"

static void assert_near(double a, double b)
{
    if (fabs(a - b) > 1e-6)
        fail_msg("%g is not %g", a, b);
}

static void test_destinations(void **state)
{
    VtDestination to = VT_TO_USER;
    double low, high, last = 0;

    assert_true(vt_cost_destination_parse("kernel", &to));
    assert_int_equal(to, VT_TO_KERNEL);
    assert_true(vt_cost_destination_parse("kernel-io", &to));
    assert_int_equal(to, VT_TO_KERNEL_IO);
    assert_true(vt_cost_destination_parse("user", &to));
    assert_int_equal(to, VT_TO_USER);
    assert_false(vt_cost_destination_parse("User", &to));
    assert_false(vt_cost_destination_parse("", &to));
    assert_false(vt_cost_destination_parse(NULL, &to));
    assert_int_equal(to, VT_TO_USER);

    for (int i = VT_TO_KERNEL; i <= VT_TO_USER; i++) {
        vt_cost_range((VtDestination)i, &low, &high);
        assert_true(low > last && high >= 2 * low);
        last = low;
    }
}

static void test_estimated(void **state)
{
    VtGain gain = vt_cost_gain(NULL, NULL, 10000, 0.5, VT_TO_USER);

    assert_false(gain.measured);
    assert_near(gain.low_pct, 1.035);
    assert_near(gain.high_pct, 3.428);
}

static void test_bounds(void **state)
{
    VtGain much = vt_cost_gain(NULL, NULL, 1e9, 1, VT_TO_KERNEL);
    VtGain none = vt_cost_gain(NULL, NULL, 0, 1, VT_TO_KERNEL);

    assert_near(much.low_pct, 100);
    assert_near(much.high_pct, 100);
    assert_near(none.high_pct, 0);
}

static VtProfile *timed(const char *name, guint64 count, guint64 time_ns)
{
    VtProfile *profile = vt_profile_new();

    vt_profile_add_window(profile, 1000000000, 2);
    vt_profile_add(profile, 0, name, "a", count);
    vt_profile_add_time(profile, name, time_ns);
    assert_true(vt_profile_finish(profile, NULL));
    return profile;
}

/* 4,000 exits of 5 us on two vCPUs in a second are 2,000 per vCPU-second, one per cent of each. */
static void test_measured(void **state)
{
    g_autoptr(VtProfile) profile = timed("exit.mmio", 4000, 20000000);
    const VtMetric *metric = vt_profile_get(profile, "exit.mmio");
    VtGain gain = vt_cost_gain(profile, metric, metric->rate, 1, VT_TO_USER);

    assert_true(gain.measured);
    assert_near(gain.low_pct, 1);
    assert_near(gain.high_pct, 1);
    /* Where only a part of the exits would go, only their part of the time. */
    assert_near(vt_cost_gain(profile, metric, metric->rate / 4, 0.5, VT_TO_USER).high_pct, 0.125);
}

static void test_no_time_no_count(void **state)
{
    g_autoptr(VtProfile) never = timed("exit.mmio", 0, 0);
    g_autoptr(VtProfile) idle = timed("exit.hlt", 1000, 1900000000);

    assert_false(
        vt_cost_gain(never, vt_profile_get(never, "exit.mmio"), 10, 1, VT_TO_USER).measured);
    /* What was slept in HLT is not lost. */
    assert_false(
        vt_cost_gain(idle, vt_profile_get(idle, "exit.hlt"), 500, 1, VT_TO_KERNEL).measured);
    assert_true(
        vt_cost_gain(idle, vt_profile_get(idle, "exit.hlt"), 500, 1, VT_TO_KERNEL).high_pct < 1);
}

/* 20 ms of waiting a second and vCPU are two per cent of it, whatever an exit costs. */
static void test_time_itself(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    const VtMetric *metric;
    VtGain gain;

    vt_profile_add_window(profile, 1000000000, 2);
    vt_profile_add(profile, 0, "sched.run-delay-ns", "a", 40000000);
    assert_true(vt_profile_finish(profile, NULL));
    metric = vt_profile_get(profile, "sched.run-delay-ns");
    gain = vt_cost_gain(profile, metric, metric->rate, 0.5, VT_TO_USER);
    assert_true(gain.measured);
    assert_near(gain.low_pct, 1);
    assert_near(gain.high_pct, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_destinations),     cmocka_unit_test(test_estimated),
        cmocka_unit_test(test_bounds),           cmocka_unit_test(test_measured),
        cmocka_unit_test(test_no_time_no_count), cmocka_unit_test(test_time_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
