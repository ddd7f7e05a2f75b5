/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test.h"

#include "model/profile-vcpu.h"

#define SECOND 1000000000ull

static void add(VtProfile *profile, guint window, const char *metric, guint vcpu, guint64 count)
{
    vt_profile_add(profile, window, metric, "a", count);
    vt_profile_vcpu_add(profile, window, metric, "a", vcpu, count);
}

static guint64 count_of(const VtProfile *profile, const char *metric, guint vcpu)
{
    const VtMetricVcpu *part = vt_profile_vcpu_get(vt_profile_get(profile, metric), vcpu);

    return part ? part->count : 0;
}

/* Two windows of different length; vCPU 3 is busy in the second one only. */
static VtProfile *make(void)
{
    VtProfile *profile = vt_profile_new();

    vt_profile_add_window(profile, SECOND, 2);
    vt_profile_add_window(profile, SECOND / 2, 2);
    add(profile, 1, "exits", 3, 500);
    add(profile, 0, "exits", 0, 100);
    add(profile, 1, "exits", 0, 300);
    add(profile, 0, "exit.hlt", 0, 60);
    add(profile, 0, "exit.hlt", 3, 0);
    add(profile, 1, "exit.io", 3, 500);
    add(profile, 1, "exit.mmio", 3, 400);
    return profile;
}

static void test_parts(void **state)
{
    g_autoptr(VtProfile) profile = make();
    const VtMetric *exits;
    const VtMetricVcpu *part;

    assert_true(vt_profile_finish(profile, NULL));
    exits = vt_profile_get(profile, "exits");
    assert_int_equal(profile->numbered->len, 2);
    assert_int_equal(g_array_index(profile->numbered, guint, 0), 0);
    assert_int_equal(g_array_index(profile->numbered, guint, 1), 3);
    assert_int_equal(exits->vcpus->len, 2);
    assert_int_equal(((VtMetricVcpu *)exits->vcpus->pdata[0])->vcpu, 0);
    assert_int_equal(exits->count, 900);
    assert_int_equal(count_of(profile, "exits", 0) + count_of(profile, "exits", 3), 900);
    part = vt_profile_vcpu_get(exits, 3);
    assert_int_equal(part->counts->len, 2);
    assert_int_equal(g_array_index(part->counts, guint64, 0), 0);
    assert_int_equal(g_array_index(part->counts, guint64, 1), 500);
    assert_true(part->rate == 500); /* 0/s and 1,000/s */
    assert_null(vt_profile_vcpu_get(exits, 1));
    assert_null(vt_profile_vcpu_get(vt_profile_get(profile, "exit.hlt"), 3));
    assert_non_null(vt_profile_get(profile, "exit.hlt")->vcpus);
}

static void test_busy(void **state)
{
    g_autoptr(VtProfile) profile = make();
    double rate;

    assert_true(vt_profile_finish(profile, NULL));
    assert_true(vt_profile_vcpu_busy_rate(profile, 0, &rate));
    assert_true(rate == 320); /* 40/s and 600/s */
    assert_true(vt_profile_vcpu_busy_rate(profile, 3, &rate));
    assert_true(rate == 500);
    assert_string_equal(vt_profile_vcpu_worst(profile, 3)->name, "exit.io");
    assert_null(vt_profile_vcpu_worst(profile, 0)); /* sleeping is no cost */
}

/* Not all exits are counted: what is known to cause some is the lower bound, of each vCPU. */
static void test_busy_at_least(void **state)
{
    g_autoptr(VtProfile) profile = make();
    double rate;

    profile->exits_low = TRUE;
    add(profile, 0, "pio.0x1f7", 0, 5000);
    add(profile, 1, "pio.0x1f7", 0, 5000);
    assert_true(vt_profile_finish(profile, NULL));
    assert_true(vt_profile_vcpu_busy_rate(profile, 0, &rate));
    assert_true(rate == 7500);
    assert_true(vt_profile_vcpu_busy_rate(profile, 3, &rate));
    assert_true(rate == 500);
}

/* Missing is not zero. */
static void test_not_told_apart(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    double rate = 7;

    vt_profile_add_window(profile, SECOND, 2);
    vt_profile_add(profile, 0, "exits", "a", 100);
    vt_profile_add(profile, 0, "exit.hlt", "a", 10);
    assert_true(vt_profile_finish(profile, NULL));
    assert_null(profile->numbered);
    assert_null(vt_profile_get(profile, "exits")->vcpus);
    assert_false(vt_profile_vcpu_busy_rate(profile, 0, &rate));
    vt_profile_vcpu_add(profile, 0, "exits", "a", 0, 100);
    assert_true(vt_profile_finish(profile, NULL));
    assert_false(vt_profile_vcpu_busy_rate(profile, 0, &rate)); /* HLT is not */
    assert_true(rate == 7);
}

/* A metric that counted nothing is zero on each vCPU, whoever says so. */
static void test_zero_is_told(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    double rate;

    vt_profile_add_window(profile, SECOND, 2);
    add(profile, 0, "exits", 1, 100);
    vt_profile_add(profile, 0, "exit.hlt", "a", 0);
    assert_true(vt_profile_finish(profile, NULL));
    assert_true(vt_profile_vcpu_busy_rate(profile, 1, &rate));
    assert_true(rate == 100);
    assert_true(vt_profile_vcpu_busy_rate(profile, 0, &rate));
    assert_true(rate == 0);
}

static void test_other_source(void **state)
{
    g_autoptr(VtProfile) profile = make();

    vt_profile_vcpu_add(profile, 0, "exits", "b", 0, 7);
    vt_profile_vcpu_add(profile, 0, "exits", "b", 9, 7);
    assert_true(vt_profile_finish(profile, NULL));
    assert_int_equal(count_of(profile, "exits", 0), 400);
    assert_int_equal(profile->numbered->len, 2);
}

static void test_sum_of_families(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();

    vt_profile_add_window(profile, SECOND, 2);
    vt_profile_set_covers(profile, "exit");
    add(profile, 0, "exit.io", 0, 5);
    add(profile, 0, "exit.io", 1, 6);
    add(profile, 0, "exit.cpuid", 1, 7);
    vt_profile_add(profile, 0, "exit.hlt", "a", 0);
    for (guint i = 0; i < 2; i++) { /* may be finished again */
        assert_true(vt_profile_finish(profile, NULL));
        assert_int_equal(count_of(profile, "exits", 0), 5);
        assert_int_equal(count_of(profile, "exits", 1), 13);
        assert_int_equal(vt_profile_get(profile, "exits")->count, 18);
    }
    vt_profile_add(profile, 0, "exit.rdpmc", "a", 1);
    assert_true(vt_profile_finish(profile, NULL));
    assert_null(vt_profile_get(profile, "exits")->vcpus);
}

static void test_times(void **state)
{
    const guint64 buckets[VT_HISTOGRAM_BUCKETS] = {[10] = 3, [31] = 1};
    g_autoptr(VtProfile) profile = make();
    const VtMetricVcpu *part = vt_profile_vcpu_get(vt_profile_get(profile, "exit.io"), 3);
    guint64 ns = 0;

    assert_false(part->has_time);
    assert_null(part->histogram);
    for (guint i = 0; i < 2; i++) {
        vt_profile_vcpu_add_time(profile, "exit.io", 3, 50);
        vt_profile_vcpu_add_histogram(profile, "exit.io", 3, buckets);
    }
    assert_int_equal(part->time_ns, 100);
    assert_int_equal(part->histogram[10], 6);
    assert_true(vt_histogram_quantile(part->histogram, NULL, 0.5, &ns));
    assert_in_range(ns, 1024, 2047);
    assert_false(vt_histogram_quantile(NULL, NULL, 0.5, &ns));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),         cmocka_unit_test(test_busy),
        cmocka_unit_test(test_busy_at_least), cmocka_unit_test(test_not_told_apart),
        cmocka_unit_test(test_zero_is_told),  cmocka_unit_test(test_other_source),
        cmocka_unit_test(test_sum_of_families), cmocka_unit_test(test_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
