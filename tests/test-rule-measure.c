/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bounds of metric sets over windows: sums, differences, quotients, and what their unknown parts
 * leave open. */
#include "config.h"

#include <math.h>

#include "rule/rule-measure.h"
#include "vt-test-rule.h"

typedef void (*Measured)(VtRuleMeasure *, const VtMetricSet *, const VtMetricSet *, VtRuleBounds *);

/* Asks @measured for @set (and @other, NULL: none) of @profile, which it takes, and checks both
 * medians. */
static void check(Measured measured, VtProfile *profile, const char *set_text,
                  const char *other_text, double low, double high)
{
    g_autoptr(VtProfile) owned = profile;
    g_autoptr(VtMetricSet) set = vt_metric_set_parse(set_text, NULL);
    g_autoptr(VtMetricSet) other = other_text ? vt_metric_set_parse(other_text, NULL) : NULL;
    g_autoptr(VtRuleMeasure) measure = vt_rule_measure_new(profile);
    g_auto(VtRuleBounds) bounds = {0};

    assert_non_null(set);
    measured(measure, set, other, &bounds);
    if (!(bounds.low_median == low || fabs(bounds.low_median - low) < 1e-9 * low ||
          (isnan(low) && isnan(bounds.low_median))))
        fail_msg("%s: low %g, not %g", set_text, bounds.low_median, low);
    if (!(bounds.high_median == high || fabs(bounds.high_median - high) < 1e-9 * high ||
          (isnan(high) && isnan(bounds.high_median))))
        fail_msg("%s: high %g, not %g", set_text, bounds.high_median, high);
}

static void test_rate(void **state)
{
    check(vt_rule_measure_rate, test_profile(3, "", "exit.io 10 30 20", NULL), "exit.io", NULL, 20,
          20);
    check(vt_rule_measure_rate, test_profile(4, "", "exit.io 10 30 20 40", NULL), "exit.io", NULL,
          25, 25);
    /* One or two windows are one: the mean by time. */
    check(vt_rule_measure_rate, test_profile(1, "", "exit.io 10", NULL), "exit.io", NULL, 10, 10);
    check(vt_rule_measure_rate, test_profile(2, "", "exit.io 10 30", NULL), "exit.io", NULL, 20,
          20);
}

/* 300 exits but HLT and 800 causes of exits a second. */
static VtProfile *low_profile(guint windows)
{
    return windows == 3 ? test_profile(3, "", "exits 400 400 400", "exit.hlt 100 100 100",
                                       "exit.mmio 200 200 200", "msr.write.0x80b 600 600 600",
                                       "pio.0x1f7 200 200 200", NULL)
                        : test_profile(2, "", "exits 400 400", "exit.hlt 100 100",
                                       "exit.mmio 200 200", "msr.write.0x80b 600 600",
                                       "pio.0x1f7 200 200", NULL);
}

static void test_low_total(void **state)
{
    for (guint windows = 2; windows <= 3; windows++) {
        check(vt_rule_measure_rate, low_profile(windows), "exits", "exit.hlt", 800, 800);
        check(vt_rule_measure_rate, low_profile(windows), "exits", NULL, 800, 800);
        check(vt_rule_measure_rate, low_profile(windows), "exits", "exit.mmio", 200, 200);
        check(vt_rule_measure_rate, low_profile(windows), "exit.mmio", NULL, 200, 200);
        /* Of an unknown whole that is at least so much. */
        check(vt_rule_measure_share, low_profile(windows), "exit.mmio", NULL, 0, 0.25);
        check(vt_rule_measure_share, low_profile(windows), "exit.mmio", "exits", 0, 0.5);
        check(vt_rule_measure_share, low_profile(windows), "exit.mmio", "exit.hlt", 1, 1);
        check(vt_rule_measure_share, low_profile(windows), "pio.0x1f7", "msr.write.0x80b",
              1.0 / 3, 1.0 / 3);
    }
}

static void test_vcpu_seconds(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autoptr(VtMetricSet) set = vt_metric_set_parse("exit.io", NULL);
    g_autoptr(VtRuleMeasure) measure = NULL;
    g_auto(VtRuleBounds) bounds = {0};

    /* 2 s of 4 vCPUs and 1 s of 2 vCPUs: 10 vCPU-seconds. */
    vt_profile_add_window(profile, 2000000000, 4);
    vt_profile_add_window(profile, 1000000000, 2);
    vt_profile_add(profile, 0, "exit.io", "test", 70);
    vt_profile_add(profile, 1, "exit.io", "test", 30);
    assert_true(vt_profile_finish(profile, NULL));
    measure = vt_rule_measure_new(profile);
    assert_int_equal(vt_rule_measure_few_windows(measure), 2);
    vt_rule_measure_rate(measure, set, NULL, &bounds);
    assert_true(bounds.n == 1 && bounds.low[0] == 10);
    assert_string_equal(bounds.source, "test");
}

/* Missing is not zero, unless the namespace was measured whole. */
static void test_missing(void **state)
{
    g_autoptr(VtProfile) profile = test_profile(1, "msr.write", "exit.io 10", NULL);
    g_autoptr(VtMetricSet) set = vt_metric_set_parse("exit.io exit.mmio", NULL);
    g_autoptr(VtRuleMeasure) measure = vt_rule_measure_new(profile);
    g_auto(VtRuleBounds) bounds = {0};

    vt_rule_measure_rate(measure, set, NULL, &bounds);
    assert_true(bounds.known && bounds.missing_metric);
    assert_string_equal(bounds.missing, "exit.mmio");
    assert_true(bounds.low_median == 10 && isinf(bounds.high_median));
    check(vt_rule_measure_rate, test_profile(1, "msr.write", "exit.io 10", NULL), "msr.write.0x80b",
          NULL, 0, 0);
    check(vt_rule_measure_rate, test_profile(1, "msr.write", "exit.io 10", NULL), "msr.read.0x80b",
          NULL, 0, INFINITY);
    check(vt_rule_measure_rate, test_profile(1, "exit", "exit.io 10", NULL), "exit.io exit.mmio",
          NULL, 10, 10);
}

/* What was not counted apart is bounded by the exits of its class, if all of those are counted. */
static void test_bounded_by_class(void **state)
{
    check(vt_rule_measure_rate, test_profile(1, "", "exit.io 10", NULL), "pio.0x70-0x71", NULL, 0,
          10);
    check(vt_rule_measure_rate, test_profile(3, "", "exit.io 10 40 20", NULL), "pio.0x70", NULL, 0,
          20);
    check(vt_rule_measure_rate, test_profile(1, "exit", "exit.hlt 10", NULL), "msr.write.0x80b",
          NULL, 0, 0);
    check(vt_rule_measure_rate, test_profile(1, "", "exit.msr-read 10", NULL), "msr.read.0x10",
          NULL, 0, 10);
    check(vt_rule_measure_rate, test_profile(1, "", "exit.msr-read 10", NULL), "msr.write.0x10",
          NULL, 0, INFINITY);
    check(vt_rule_measure_rate, test_profile(1, "", "exit.io 10", "exit.msr-write 5", NULL),
          "pio.0x70-0x71 msr.write.0x80b", NULL, 0, 15);
    check(vt_rule_measure_rate, test_profile(1, "", "exit.io 10", NULL),
          "pio.0x70-0x71 msr.write.0x80b", NULL, 0, INFINITY);
    check(vt_rule_measure_rate, test_profile(1, "", "exit.io 10", "exit.hlt 4", NULL), "pio.0x70",
          "exit.hlt", 0, 6);
    check(vt_rule_measure_rate, test_profile(1, "", "exit.mmio 10", NULL), "mmio.0xfee000b0", NULL,
          0, INFINITY);
    check(vt_rule_measure_share, test_profile(1, "", "exit.io 10", "exits 50", "exit.hlt 10", NULL),
          "pio.0x70", NULL, 0, 0.25);
    check(vt_rule_measure_rate, low_profile(3), "pio.0x70", NULL, 0, INFINITY);
}

static void test_of_domain(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autoptr(VtMetricSet) set = vt_metric_set_parse("block.requests", NULL);
    g_autoptr(VtRuleMeasure) measure = NULL;
    g_auto(VtRuleBounds) domain = {0}, vcpu = {0};

    for (guint i = 0; i < 3; i++) {
        vt_profile_add_window(profile, 2000000000, 4);
        vt_profile_add(profile, i, "block.requests", "test", 80);
    }
    assert_true(vt_profile_finish(profile, NULL));
    measure = vt_rule_measure_new(profile);
    vt_rule_measure_domain_rate(measure, set, NULL, &domain);
    assert_true(domain.low_median == 40 && domain.high_median == 40);
    vt_rule_measure_rate(measure, set, NULL, &vcpu);
    assert_true(vcpu.low_median == 10);
}

/* A metric that was counted once has its mean in every window, which decides as the windows would. */
static void test_whole(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autoptr(VtMetricSet) set = vt_metric_set_parse("block.requests", NULL);
    g_autoptr(VtMetricSet) exits = vt_metric_set_parse("exits", NULL);
    g_autoptr(VtRuleMeasure) measure = NULL;
    g_auto(VtRuleBounds) domain = {0}, vcpu = {0}, ratio = {0}, windows = {0};

    for (guint i = 0; i < 4; i++) {
        vt_profile_add_window(profile, 1000000000, 2);
        vt_profile_add(profile, i, "exits", "test", 5);
    }
    vt_profile_add_whole(profile, "block.requests", "test", 400, 8000000000);
    assert_true(vt_profile_finish(profile, NULL));
    measure = vt_rule_measure_new(profile);
    vt_rule_measure_domain_rate(measure, set, NULL, &domain);
    assert_true(domain.whole && domain.low_median == 50 && domain.high_median == 50);
    assert_int_equal(vt_rule_measure_above(&domain, 49), VT_YES);
    assert_int_equal(vt_rule_measure_above(&domain, 50), VT_NO);
    assert_int_equal(vt_rule_measure_below(&domain, 51), VT_YES);
    vt_rule_measure_rate(measure, set, NULL, &vcpu);
    assert_true(vcpu.low_median == 25);
    vt_rule_measure_ratio(measure, set, exits, &ratio);
    assert_true(ratio.low_median == 10);
    vt_rule_measure_rate(measure, exits, NULL, &windows);
    assert_false(windows.whole);
}

/* Where the windows count as one, too. */
static void test_whole_pooled(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autoptr(VtMetricSet) set = vt_metric_set_parse("net.packets", NULL);
    g_autoptr(VtRuleMeasure) measure = NULL;
    g_auto(VtRuleBounds) domain = {0};

    vt_profile_add_window(profile, 1000000000, 2);
    vt_profile_add_window(profile, 3000000000, 2);
    vt_profile_add_whole(profile, "net.packets", "test", 80, 4000000000);
    assert_true(vt_profile_finish(profile, NULL));
    measure = vt_rule_measure_new(profile);
    assert_int_equal(vt_rule_measure_few_windows(measure), 2);
    vt_rule_measure_domain_rate(measure, set, NULL, &domain);
    assert_true(domain.low_median == 20);
}

static void test_nothing_measured(void **state)
{
    g_autoptr(VtMetricSet) set = vt_metric_set_parse("exit.io", NULL);
    g_autoptr(VtMetricSet) range = vt_metric_set_parse("pio.0x10-0x20", NULL);
    g_autoptr(VtRuleMeasure) measure = vt_rule_measure_new(NULL);
    g_autoptr(GPtrArray) numbered = vt_rule_measure_numbered(measure, VT_METRIC_IRQ);
    g_auto(VtRuleBounds) rate = {0}, share = {0}, ratio = {0};

    vt_rule_measure_rate(measure, set, NULL, &rate);
    assert_false(rate.known);
    assert_int_equal(vt_rule_measure_above(&rate, 0), VT_UNKNOWN);
    assert_int_equal(vt_rule_measure_below(&rate, 1e12), VT_UNKNOWN);
    vt_rule_measure_share(measure, set, NULL, &share);
    assert_int_equal(vt_rule_measure_above(&share, 0.5), VT_UNKNOWN);
    vt_rule_measure_ratio(measure, range, set, &ratio);
    assert_string_equal(ratio.missing, "pio.0x10");
    assert_int_equal(vt_rule_measure_below(&ratio, 0.5), VT_UNKNOWN);
    assert_int_equal(numbered->len, 0);
}

static VtProfile *ports(const char *covers)
{
    return test_profile(1, covers, "pio.0x1ef 1", "pio.0x1f0 10", "pio.0x1f7 100", "pio.0x1f8 1000",
                        "pio.0x3f6 10000", "msr.read.0x1f2 100000", "irq.7 5", "irq.24 6",
                        "irq.LOC 7", NULL);
}

static void test_ranges(void **state)
{
    check(vt_rule_measure_rate, ports("pio"), "pio.0x1f0-0x1f7", NULL, 110, 110);
    check(vt_rule_measure_rate, ports("pio"), "pio.0x1f0-0x1f7 pio.0x3f6", NULL, 10110, 10110);
    check(vt_rule_measure_rate, ports("pio"), "pio.0x1f1-0x1f6", NULL, 0, 0);
    check(vt_rule_measure_rate, ports("pio"), "pio.*", NULL, 11111, 11111);
    /* Without the whole namespace the known ones are only a lower bound. */
    check(vt_rule_measure_rate, ports(""), "pio.0x1f0-0x1f7", NULL, 110, INFINITY);
    check(vt_rule_measure_rate, ports("irq"), "irq.*", NULL, 11, 11);
    check(vt_rule_measure_rate, ports(""), "irq.LOC", NULL, 7, 7);
}

static void test_numbered(void **state)
{
    g_autoptr(VtProfile) profile = ports("irq");
    g_autoptr(VtRuleMeasure) measure = vt_rule_measure_new(profile);
    g_autoptr(GPtrArray) irqs = vt_rule_measure_numbered(measure, VT_METRIC_IRQ);

    assert_int_equal(irqs->len, 2);
    assert_string_equal(((const VtMetric *)g_ptr_array_index(irqs, 0))->name, "irq.7");
    assert_string_equal(((const VtMetric *)g_ptr_array_index(irqs, 1))->name, "irq.24");
}

static void test_minus(void **state)
{
    check(vt_rule_measure_rate,
          test_profile(1, "", "kvm.insn_emulation 100", "kvm.mmio_exits 30", NULL),
          "kvm.insn_emulation", "kvm.mmio_exits", 70, 70);
    check(vt_rule_measure_rate,
          test_profile(1, "", "kvm.insn_emulation 10", "kvm.mmio_exits 30", NULL),
          "kvm.insn_emulation", "kvm.mmio_exits", 0, 0);
    /* Nobody knows how much goes off: something between nothing and all. */
    check(vt_rule_measure_rate, test_profile(1, "", "kvm.insn_emulation 100", NULL),
          "kvm.insn_emulation", "kvm.mmio_exits", 0, 100);
    check(vt_rule_measure_rate, test_profile(1, "", "kvm.mmio_exits 30", NULL),
          "kvm.insn_emulation", "kvm.mmio_exits", 0, INFINITY);
}

static void test_share(void **state)
{
    check(vt_rule_measure_share,
          test_profile(1, "", "exits 1000", "exit.hlt 600", "exit.io 100", NULL), "exit.io", NULL,
          0.25, 0.25);
    check(vt_rule_measure_share,
          test_profile(1, "", "exits 1000", "exit.hlt 600", "exit.io 100", NULL), "exit.io",
          "exits", 0.1, 0.1);
    check(vt_rule_measure_share,
          test_profile(3, "exit", "exit.hlt 9 9 9", "exit.io 1 2 3", "exit.mmio 3 2 1", NULL),
          "exit.io", NULL, 0.5, 0.5);
    /* How much of the exits is HLT is unknown: the share can only be larger. */
    check(vt_rule_measure_share, test_profile(1, "", "exits 1000", "exit.io 100", NULL), "exit.io",
          NULL, 0.1, 1);
    check(vt_rule_measure_share, test_profile(1, "", "exit.hlt 5", "exit.io 100", NULL), "exit.io",
          NULL, 0, 1);
    /* Counters of one window are not read in one instant. */
    check(vt_rule_measure_share,
          test_profile(1, "", "exits 100", "exit.hlt 0", "exit.io 101", NULL), "exit.io", NULL, 1,
          1);
    check(vt_rule_measure_share,
          test_profile(1, "", "exits 100", "exit.hlt 101", "exit.io 0", NULL), "exit.io", NULL, NAN,
          NAN);
}

static void test_ratio(void **state)
{
    check(vt_rule_measure_ratio, test_profile(1, "", "kvm.a 30", "kvm.b 10", NULL), "kvm.a",
          "kvm.b", 3, 3);
    check(vt_rule_measure_ratio, test_profile(1, "", "kvm.a 30", "kvm.b 0", NULL), "kvm.a", "kvm.b",
          INFINITY, INFINITY);
    check(vt_rule_measure_ratio, test_profile(1, "", "kvm.a 0", "kvm.b 0", NULL), "kvm.a", "kvm.b",
          NAN, NAN);
    check(vt_rule_measure_ratio, test_profile(1, "", "kvm.a 30", NULL), "kvm.a", "kvm.b", 0,
          INFINITY);
    check(vt_rule_measure_ratio, test_profile(1, "", "kvm.b 10", NULL), "kvm.a", "kvm.b", 0,
          INFINITY);
}

/* The outcome of above and below for exit.io with these counts. */
static void outcomes(guint windows, const char *counts, double threshold, VtTri above, VtTri below)
{
    g_autofree char *line = g_strconcat("exit.io ", counts, NULL);
    g_autoptr(VtProfile) profile = test_profile(windows, "", line, NULL);
    g_autoptr(VtMetricSet) set = vt_metric_set_parse("exit.io", NULL);
    g_autoptr(VtRuleMeasure) measure = vt_rule_measure_new(profile);
    g_auto(VtRuleBounds) bounds = {0};

    vt_rule_measure_rate(measure, set, NULL, &bounds);
    if (vt_rule_measure_above(&bounds, threshold) != above ||
        vt_rule_measure_below(&bounds, threshold) != below)
        fail_msg("%s against %g", counts, threshold);
}

static void test_windows(void **state)
{
    outcomes(1, "101", 100, VT_YES, VT_NO);
    outcomes(1, "100", 100, VT_NO, VT_NO);
    outcomes(1, "99", 100, VT_NO, VT_YES);
    /* Two windows are one: 150 on average, whatever each is. */
    outcomes(2, "0 300", 100, VT_YES, VT_NO);
    outcomes(2, "90 109", 100, VT_NO, VT_YES);
    /* Three: the median, and two of them. */
    outcomes(3, "0 101 101", 100, VT_YES, VT_NO);
    outcomes(3, "0 0 9999", 100, VT_NO, VT_YES);
    /* Five: a median above is not enough, it takes four. */
    outcomes(5, "0 0 200 200 200", 100, VT_NO, VT_NO);
    outcomes(5, "0 200 200 200 200", 100, VT_YES, VT_NO);
    outcomes(5, "200 200 0 0 0", 100, VT_NO, VT_NO);
    outcomes(5, "200 0 0 0 0", 100, VT_NO, VT_YES);
    outcomes(6, "0 0 200 200 200 200", 100, VT_YES, VT_NO);
}

/* More windows than are sorted in place. */
static void test_many_windows(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autoptr(VtMetricSet) set = vt_metric_set_parse("exit.io", NULL);
    g_autoptr(VtRuleMeasure) measure = NULL;
    g_auto(VtRuleBounds) bounds = {0};

    for (guint i = 0; i < 101; i++) {
        vt_profile_add_window(profile, 1000000000, 1);
        vt_profile_add(profile, i, "exit.io", "test", i * 37 % 101);
    }
    assert_true(vt_profile_finish(profile, NULL));
    measure = vt_rule_measure_new(profile);
    vt_rule_measure_rate(measure, set, NULL, &bounds);
    assert_true(bounds.low_median == 50);
}

/* A part of the sum is unknown: the rest can show that it is above, and that it is not below, no
 * more. */
static void test_lower_bound(void **state)
{
    g_autoptr(VtProfile) profile = test_profile(1, "", "exit.io 100", NULL);
    g_autoptr(VtMetricSet) set = vt_metric_set_parse("exit.io exit.mmio", NULL);
    g_autoptr(VtRuleMeasure) measure = vt_rule_measure_new(profile);
    g_auto(VtRuleBounds) bounds = {0};

    vt_rule_measure_rate(measure, set, NULL, &bounds);
    assert_int_equal(vt_rule_measure_above(&bounds, 99), VT_YES);
    assert_int_equal(vt_rule_measure_above(&bounds, 100), VT_UNKNOWN);
    assert_int_equal(vt_rule_measure_below(&bounds, 1000), VT_UNKNOWN);
    assert_int_equal(vt_rule_measure_below(&bounds, 100), VT_NO);
}

/* Subtracting an unknown: it can show that a rate is not above, and that it is below. */
static void test_upper_bound(void **state)
{
    g_autoptr(VtProfile) profile = test_profile(1, "", "exit.io 100", NULL);
    g_autoptr(VtMetricSet) set = vt_metric_set_parse("exit.io", NULL);
    g_autoptr(VtMetricSet) minus = vt_metric_set_parse("exit.mmio", NULL);
    g_autoptr(VtRuleMeasure) measure = vt_rule_measure_new(profile);
    g_auto(VtRuleBounds) bounds = {0};

    vt_rule_measure_rate(measure, set, minus, &bounds);
    assert_int_equal(vt_rule_measure_above(&bounds, 100), VT_NO);
    assert_int_equal(vt_rule_measure_above(&bounds, 99), VT_UNKNOWN);
    assert_int_equal(vt_rule_measure_below(&bounds, 101), VT_YES);
    assert_false(bounds.missing_metric);
    assert_string_equal(bounds.missing, "exit.mmio");
}

/* A share of nothing is neither above nor below anything. */
static void test_undefined(void **state)
{
    g_autoptr(VtProfile)
        profile = test_profile(3, "exit", "exit.io 0 0 5", "exit.mmio 0 0 5", NULL);
    g_autoptr(VtMetricSet) set = vt_metric_set_parse("exit.io", NULL);
    g_autoptr(VtRuleMeasure) measure = vt_rule_measure_new(profile);
    g_auto(VtRuleBounds) bounds = {0};

    vt_rule_measure_share(measure, set, NULL, &bounds);
    assert_true(isnan(bounds.low[0]) && bounds.low[2] == 0.5 && bounds.low_median == 0.5);
    assert_int_equal(vt_rule_measure_above(&bounds, 0.1), VT_NO);
    assert_int_equal(vt_rule_measure_below(&bounds, 0.9), VT_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rate),         cmocka_unit_test(test_low_total),
        cmocka_unit_test(test_vcpu_seconds),
        cmocka_unit_test(test_missing),      cmocka_unit_test(test_nothing_measured),
        cmocka_unit_test(test_bounded_by_class), cmocka_unit_test(test_of_domain), cmocka_unit_test(test_whole), cmocka_unit_test(test_whole_pooled),
        cmocka_unit_test(test_ranges),       cmocka_unit_test(test_numbered),
        cmocka_unit_test(test_minus),        cmocka_unit_test(test_share),
        cmocka_unit_test(test_ratio),        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_many_windows), cmocka_unit_test(test_lower_bound),
        cmocka_unit_test(test_upper_bound),  cmocka_unit_test(test_undefined),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
