/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two profiles side by side: what counts as a difference, and that nothing is claimed of what was
 * not measured, by another source, in too few windows, or not whole. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "model/compare.h"
#include "vt-test.h"

/* A second per window and one vCPU; @counts ends in -1. */
static void add(VtProfile *profile, const char *metric, const char *source, const gint64 *counts)
{
    for (guint i = 0; counts[i] >= 0; i++) {
        if (profile->windows->len <= i)
            vt_profile_add_window(profile, 1000000000, 1);
        vt_profile_add(profile, i, metric, source, (guint64)counts[i]);
    }
    vt_profile_add_source(profile, source);
}

#define ADD(profile, metric, ...) add(profile, metric, "libvirt", (const gint64[]){__VA_ARGS__, -1})
#define ADD_BY(profile, source, metric, ...)                                                       \
    add(profile, metric, source, (const gint64[]){__VA_ARGS__, -1})

static VtProfile *done(VtProfile *profile)
{
    assert_true(vt_profile_finish(profile, NULL));
    return profile;
}

static const VtCompareRow *find(const GPtrArray *rows, const char *metric)
{
    for (guint i = 0; i < rows->len; i++)
        if (g_str_equal(((const VtCompareRow *)g_ptr_array_index(rows, i))->metric, metric))
            return g_ptr_array_index(rows, i);
    fail_msg("there is no row of %s", metric);
    return NULL;
}

static void expect(const GPtrArray *rows, const char *metric, VtCompareOutcome outcome,
                   const char *reason)
{
    const VtCompareRow *row = find(rows, metric);

    if (row->outcome != outcome || g_strcmp0(row->reason, reason) != 0)
        fail_msg("%s: %s (%s)", metric, vt_compare_outcome_name(row->outcome),
                 row->reason ? row->reason : "no reason");
}

static void test_rows(void **state)
{
    g_autoptr(VtProfile) before = vt_profile_new(), after = vt_profile_new();
    g_autoptr(GPtrArray) rows = NULL;
    const char *const order[] = {VT_COMPARE_BUSY, "exit.mmio",  "exits",
                                 "exit.hlt",      "exit.cpuid", "kvm.exits"};
    double pct;

    ADD(before, "exit.mmio", 1000, 1000, 1000);
    ADD(before, "exit.hlt", 5, 5, 5);
    ADD(before, "kvm.exits", 2000, 1000, 3000);
    ADD(after, "exit.hlt", 50, 50, 50);
    ADD(after, "exit.cpuid", 7, 7, 7);
    ADD(after, "kvm.exits", 1500, 900, 2500);
    vt_profile_set_covers(before, "exit");
    vt_profile_set_covers(after, "exit");
    done(before);
    done(after);
    rows = vt_compare_rows(before, after);
    /* exits is the sum of the families, and moves with them. */
    assert_int_equal(rows->len, G_N_ELEMENTS(order));
    for (guint i = 0; i < rows->len; i++)
        assert_string_equal(((const VtCompareRow *)rows->pdata[i])->metric, order[i]);
    expect(rows, VT_COMPARE_BUSY, VT_COMPARE_FEWER, NULL);
    expect(rows, "exit.mmio", VT_COMPARE_FEWER,
           NULL); /* gone is zero where all families were seen */
    expect(rows, "exit.hlt", VT_COMPARE_MORE, NULL);
    expect(rows, "exit.cpuid", VT_COMPARE_MORE, NULL); /* and new was zero */
    expect(rows, "kvm.exits", VT_COMPARE_SAME, NULL);  /* its windows differ as much */
    assert_true(find(rows, "exit.mmio")->after.median == 0);
    assert_true(find(rows, VT_COMPARE_BUSY)->before.max == 1000);
    assert_true(find(rows, VT_COMPARE_BUSY)->after.min == 7);
    assert_true(vt_compare_change(find(rows, "exit.mmio"), &pct) && fabs(pct + 100) < 1e-9);
    assert_true(vt_compare_change(find(rows, "exit.hlt"), &pct) && fabs(pct - 900) < 1e-9);
    assert_false(vt_compare_change(find(rows, "exit.cpuid"), &pct)); /* of nothing */
}

/* A nanosecond is not as much as an exit. */
static void test_times_last(void **state)
{
    g_autoptr(VtProfile) before = vt_profile_new(), after = vt_profile_new();
    g_autoptr(GPtrArray) rows = NULL;
    const char *const order[] = {VT_COMPARE_BUSY, "exit.io", "irq.24", "kvm.halt_wait_ns",
                                 "sched.run-delay-ns", "block.requests", "qemu.busy-ns"};

    ADD(before, "exit.io", 300, 300, 300);
    ADD(before, "irq.24", 20, 20, 20);
    ADD(before, "kvm.halt_wait_ns", 900000000, 900000000, 900000000);
    ADD(before, "sched.run-delay-ns", 1000000, 1000000, 1000000);
    ADD(before, "block.requests", 7, 7, 7);
    ADD(before, "qemu.busy-ns", 100000000, 100000000, 100000000);
    ADD(after, "exit.io", 3, 3, 3);
    ADD(after, "irq.24", 2, 2, 2);
    ADD(after, "kvm.halt_wait_ns", 100000000, 100000000, 100000000);
    ADD(after, "sched.run-delay-ns", 2000, 2000, 2000);
    ADD(after, "block.requests", 7, 7, 7);
    ADD(after, "qemu.busy-ns", 100000000, 100000000, 100000000);
    done(before);
    done(after);
    rows = vt_compare_rows(before, after);
    assert_int_equal(rows->len, G_N_ELEMENTS(order));
    for (guint i = 0; i < rows->len; i++)
        assert_string_equal(((const VtCompareRow *)rows->pdata[i])->metric, order[i]);
}

typedef struct {
    guint n;
    double rates[60];
} Windows;

static VtCompareOutcome outcome_of(const Windows *before, const Windows *after, double *ret_chance)
{
    g_auto(VtCompareSide) then = {0}, now = {0};
    double against;

    vt_compare_side_set(&then, before->rates, before->n);
    vt_compare_side_set(&now, after->rates, after->n);
    /* The other way round it is the contrary, and as likely. */
    switch (vt_compare_sides(&now, &then, &against)) {
    case VT_COMPARE_FEWER:
        assert_int_equal(vt_compare_sides(&then, &now, ret_chance), VT_COMPARE_MORE);
        break;
    case VT_COMPARE_MORE:
        assert_int_equal(vt_compare_sides(&then, &now, ret_chance), VT_COMPARE_FEWER);
        break;
    case VT_COMPARE_SAME:
    case VT_COMPARE_UNKNOWN:
        break;
    }
    VtCompareOutcome outcome = vt_compare_sides(&then, &now, ret_chance);

    assert_true(fabs(against - *ret_chance) < 1e-12);
    return outcome;
}

#define EXPECT(outcome, likely, before, ...)                                                       \
    do {                                                                                           \
        const Windows after_ = {__VA_ARGS__};                                                      \
        double chance_;                                                                            \
        assert_int_equal(outcome_of(before, &after_, &chance_), outcome);                          \
        assert_true(fabs(chance_ - (likely)) < 5e-4);                                              \
    } while (0)

/* A tenth is the least that counts, however narrow the windows are. */
static void test_least_difference(void **state)
{
    static const Windows before = {5, {1000, 999, 1001, 1000, 1000}}, zero = {5, {0}},
                         less = {5, {0.9, 0.9, 0.9, 0.9, 0.9}};
    VtCompareSide unknown = {.windows = 5}, absent = {.known = TRUE, .windows = 5};
    g_auto(VtCompareSide) some = {0};
    double chance;

    EXPECT(VT_COMPARE_SAME, 1, &before, 5, {905, 904, 906, 905, 905});
    EXPECT(VT_COMPARE_FEWER, 0.0079, &before, 5, {899, 899, 899, 899, 899});
    EXPECT(VT_COMPARE_MORE, 0.0079, &before, 5, {1112, 1112, 1112, 1112, 1112});
    EXPECT(VT_COMPARE_SAME, 1, &before, 5, {1000, 999, 1001, 1000, 1000});
    EXPECT(VT_COMPARE_SAME, 1, &zero, 5, {0});
    EXPECT(VT_COMPARE_SAME, 1, &less, 5, {0}); /* next to nothing */
    vt_compare_side_set(&some, before.rates, before.n);
    assert_int_equal(vt_compare_sides(&some, &unknown, NULL), VT_COMPARE_UNKNOWN);
    assert_int_equal(vt_compare_sides(&some, &absent, NULL), VT_COMPARE_FEWER);
    assert_int_equal(vt_compare_sides(&absent, &some, &chance), VT_COMPARE_MORE);
    assert_true(fabs(chance - 0.0079) < 5e-4);
}

/* One window that is out of the way decides nothing, and a longer sample sees no less. */
static void test_outliers(void **state)
{
    for (guint n = 10; n <= 60; n += 50) {
        Windows before = {n, {0}}, after = {n, {0}}, alike = {n, {0}};
        double chance;

        for (guint i = 0; i < n; i++) {
            before.rates[i] = 10000 + 10 * i;
            after.rates[i] = 10 + i % 3;
            alike.rates[i] = 8000 + 10 * i;
        }
        after.rates[n / 2] = 60000;
        assert_int_equal(outcome_of(&before, &after, &chance), VT_COMPARE_FEWER);
        assert_true(chance < 0.002);
        assert_int_equal(outcome_of(&before, &alike, &chance), VT_COMPARE_FEWER);
        before.rates[1] = 3; /* one on each side: of ten windows that is too many to be sure */
        assert_int_equal(outcome_of(&before, &after, &chance),
                         n == 10 ? VT_COMPARE_UNKNOWN : VT_COMPARE_FEWER);
        assert_int_equal(outcome_of(&before, &alike, &chance), VT_COMPARE_FEWER);
        /* Half the windows are no outliers. */
        for (guint i = 0; i < n; i += 2)
            alike.rates[i] += 2500;
        assert_int_equal(outcome_of(&before, &alike, &chance), VT_COMPARE_SAME);
    }
}

/* What few windows show may be chance: they say so, unless it is much. */
static void test_chance(void **state)
{
    static const Windows three = {3, {1000, 900, 1100}}, four = {4, {1000, 900, 1100, 1000}},
                         five = {5, {1000, 900, 1100, 1000, 1000}},
                         ten = {10, {1000, 900, 1100, 1000, 1000, 950, 1050, 980, 1010, 1000}};

    EXPECT(VT_COMPARE_FEWER, 0.1, &three, 3, {10, 12, 8});
    EXPECT(VT_COMPARE_MORE, 0.1, &three, 3, {3000, 2100, 2500});
    EXPECT(VT_COMPARE_UNKNOWN, 0.1, &three, 3, {700, 720, 690});   /* apart, but not much */
    EXPECT(VT_COMPARE_UNKNOWN, 0.2, &three, 3, {500, 100, 950});   /* much, but not apart */
    EXPECT(VT_COMPARE_UNKNOWN, 0.7, &three, 3, {10, 5000, 20});
    EXPECT(VT_COMPARE_SAME, 0.4, &three, 3, {850, 1050, 880});
    EXPECT(VT_COMPARE_UNKNOWN, 0.0286, &four, 4, {700, 720, 690, 710});
    EXPECT(VT_COMPARE_FEWER, 0.0286, &four, 4, {70, 72, 69, 71});
    EXPECT(VT_COMPARE_FEWER, 0.0079, &five, 5, {700, 720, 690, 710, 700});
    EXPECT(VT_COMPARE_UNKNOWN, 0.1508, &five, 5, {10, 12, 8, 9, 5000});
    EXPECT(VT_COMPARE_FEWER, 0.0015, &ten, 10, {10, 12, 8, 9, 5000, 10, 11, 10, 9, 9});
    EXPECT(VT_COMPARE_UNKNOWN, 0.4813, &ten, 10, {10, 12, 8, 9, 10, 11, 5000, 5000, 5000, 5000});
}

static void test_few_windows(void **state)
{
    for (guint n = 1; n <= 3; n++) {
        g_autoptr(VtProfile) before = vt_profile_new(), after = vt_profile_new();
        g_autoptr(GPtrArray) rows = NULL, notes = NULL;

        for (guint i = 0; i < 3; i++) {
            vt_profile_add_window(before, 1000000000, 1);
            vt_profile_add(before, i, "exit.mmio", "libvirt", 1000);
        }
        for (guint i = 0; i < n; i++) {
            vt_profile_add_window(after, 1000000000, 1);
            vt_profile_add(after, i, "exit.mmio", "libvirt", 1);
        }
        done(before);
        done(after);
        rows = vt_compare_rows(before, after);
        notes = vt_compare_notes(before, after);
        expect(rows, "exit.mmio", n < 3 ? VT_COMPARE_UNKNOWN : VT_COMPARE_FEWER,
               n == 1   ? "measured in a single window"
               : n == 2 ? "measured in two windows only"
                        : NULL);
        assert_int_equal(notes->len, n < 3 ? 2 : 1);
        assert_non_null(strstr(notes->pdata[notes->len - 1],
                               n < 3 ? "fewer than three windows"
                                     : "In 3 and 3 windows chance alone sets a metric apart in one of 10 "
                                       "comparisons, so that a change is told only where the smaller median "
                                       "is at most half of the larger one"));
    }
}

static void test_not_measured(void **state)
{
    g_autoptr(VtProfile) before = vt_profile_new(), after = vt_profile_new();
    g_autoptr(GPtrArray) rows = NULL;

    ADD(before, "exit.mmio", 1000, 1000, 1000);
    ADD(before, "msr.write.0x80b", 9, 9, 9);
    ADD(after, "pio.0x1f7", 5, 5, 5);
    done(before);
    done(after);
    rows = vt_compare_rows(before, after);
    expect(rows, "exit.mmio", VT_COMPARE_UNKNOWN, "not measured after");
    expect(rows, "pio.0x1f7", VT_COMPARE_UNKNOWN, "not measured before");
    assert_false(find(rows, "exit.mmio")->after.known);
    assert_false(vt_compare_change(find(rows, "pio.0x1f7"), &(double){0}));
    expect(rows, VT_COMPARE_BUSY, VT_COMPARE_UNKNOWN, "not measured before");
}

static void test_other_source(void **state)
{
    g_autoptr(VtProfile) before = vt_profile_new(), after = vt_profile_new();
    g_autoptr(GPtrArray) rows = NULL;

    ADD_BY(before, "bpf", "exit.mmio", 1000, 1000, 1000);
    ADD_BY(before, "bpf", "exit.io", 1000, 1000, 1000);
    ADD_BY(after, "libvirt", "exit.io", 1, 1, 1);
    vt_profile_set_covers(before, "exit");
    vt_profile_set_covers(after, "exit");
    done(before);
    done(after);
    rows = vt_compare_rows(before, after);
    expect(rows, "exit.io", VT_COMPARE_UNKNOWN, "measured by bpf before and by libvirt after");
    /* The zero is that of another source, too. */
    expect(rows, "exit.mmio", VT_COMPARE_UNKNOWN, "measured by bpf before and by libvirt after");
}

/* A total of which not all is counted says nothing; a family of it does. */
static void test_incomplete_totals(void **state)
{
    g_autoptr(VtProfile) before = vt_profile_new(), after = vt_profile_new();
    g_autoptr(GPtrArray) rows = NULL;

    ADD(before, "exits", 1000, 1000, 1000);
    ADD(before, "exit.hlt", 100, 100, 100);
    ADD(after, "exits", 10, 10, 10);
    ADD(after, "exit.hlt", 1, 1, 1);
    after->exits_low = TRUE;
    done(before);
    done(after);
    rows = vt_compare_rows(before, after);
    expect(rows, "exits", VT_COMPARE_UNKNOWN, "not all exits were counted");
    expect(rows, VT_COMPARE_BUSY, VT_COMPARE_UNKNOWN, "not all exits were counted");
    expect(rows, "exit.hlt", VT_COMPARE_FEWER, NULL);
}

/* Interrupts of more CPUs than the vCPUs ran on may be of anybody, unless there were none. */
static void test_interrupts_at_most(void **state)
{
    for (guint i = 0; i < 4; i++) {
        g_autoptr(VtProfile) before = vt_profile_new(), after = vt_profile_new();
        g_autoptr(GPtrArray) rows = NULL;

        ADD(before, "irq.24", 400, 410, 420);
        ADD(after, "irq.24", 40000, 41000, 42000);
        ADD(before, "irq.25", 400, 410, 420);
        ADD(after, "irq.25", 0, 0, 0);
        ADD(before, "exit.io", 400, 410, 420);
        ADD(after, "exit.io", 40000, 41000, 42000);
        before->irqs_at_most = i & 1;
        after->irqs_at_most = i >> 1;
        done(before);
        done(after);
        rows = vt_compare_rows(before, after);
        expect(rows, "irq.24", i ? VT_COMPARE_UNKNOWN : VT_COMPARE_MORE,
               i ? "counted on all CPUs on which the vCPUs may run" : NULL);
        expect(rows, "irq.25", i & 1 ? VT_COMPARE_UNKNOWN : VT_COMPARE_FEWER,
               i & 1 ? "counted on all CPUs on which the vCPUs may run" : NULL);
        expect(rows, "exit.io", VT_COMPARE_MORE, NULL);
    }
}

/* A mean has no windows that could show whether a difference is one. */
static void test_whole(void **state)
{
    g_autoptr(VtProfile) before = vt_profile_new(), after = vt_profile_new();
    g_autoptr(GPtrArray) rows = NULL;

    ADD(before, "exit.hlt", 100, 100, 100);
    ADD(after, "exit.hlt", 100, 100, 100);
    vt_profile_add_whole(before, "qemu.busy-ns", "test", 9000, 1000000000);
    vt_profile_add_whole(after, "qemu.busy-ns", "test", 100, 1000000000);
    done(before);
    done(after);
    rows = vt_compare_rows(before, after);
    expect(rows, "qemu.busy-ns", VT_COMPARE_UNKNOWN, "measured over the whole sample only, not window by window");
}

static void test_mismatch(void **state)
{
    g_autoptr(VtProfile) before = vt_profile_new(), same = vt_profile_new();
    g_autoptr(VtProfile) other = vt_profile_new(), bigger = vt_profile_new();
    g_autofree char *none = NULL, *load = NULL, *vcpus = NULL, *isa = NULL;

    ADD(before, "net.packets", 100, 100, 100);
    ADD(before, "block.requests", 1, 1, 1);
    ADD(same, "net.packets", 140, 140, 140);
    ADD(same, "block.requests", 9, 9, 9); /* too few to say anything */
    ADD(other, "net.packets", 160, 160, 160);
    done(before);
    done(same);
    done(other);
    vt_profile_add_window(bigger, 1000000000, 2);
    done(bigger);
    none = vt_compare_mismatch(before, same);
    assert_null(none);
    load = vt_compare_mismatch(before, other);
    assert_non_null(strstr(load, "net.packets was 100 a second and vCPU, and is 160"));
    vcpus = vt_compare_mismatch(before, bigger);
    assert_non_null(strstr(vcpus, "1 vCPUs then and has 2"));
    before->isa = VT_ISA_VMX;
    none = vt_compare_mismatch(before, same); /* that of the other is not known */
    assert_null(none);
    same->isa = VT_ISA_SVM;
    isa = vt_compare_mismatch(before, same);
    assert_non_null(strstr(isa, "vmx then, svm now"));
}

static void test_notes(void **state)
{
    g_autoptr(VtProfile) before = vt_profile_new(), after = vt_profile_new();
    g_autoptr(GPtrArray) notes = NULL;

    ADD(before, "exits", 1, 1, 1);
    ADD(after, "exits", 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    after->lost = 3;
    done(before);
    done(after);
    notes = vt_compare_notes(before, after);
    assert_int_equal(notes->len, 2);
    assert_non_null(strstr(notes->pdata[0], "for 3 s before and for 10 s after"));
    assert_non_null(strstr(notes->pdata[1], "lost"));
}

/* A clock is never read on the nanosecond. */
static void test_lengths(void **state)
{
    static const struct {
        guint64 ns;
        gboolean noted;
    } rows[] = {
        {1000000000, FALSE}, {1000123456, FALSE}, {999000001, FALSE},
        {1090000000, FALSE}, {1200000000, TRUE},  {500000000, TRUE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(VtProfile) before = vt_profile_new(), after = vt_profile_new();
        g_autoptr(GPtrArray) notes = NULL, reverse = NULL;

        for (guint j = 0; j < 10; j++) {
            vt_profile_add_window(before, 1000000000, 1);
            vt_profile_add_window(after, rows[i].ns, 1);
        }
        done(before);
        done(after);
        notes = vt_compare_notes(before, after);
        reverse = vt_compare_notes(after, before);
        assert_int_equal(notes->len, rows[i].noted);
        assert_int_equal(reverse->len, rows[i].noted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows), cmocka_unit_test(test_times_last),          cmocka_unit_test(test_least_difference),
        cmocka_unit_test(test_outliers),      cmocka_unit_test(test_chance),
        cmocka_unit_test(test_few_windows),   cmocka_unit_test(test_not_measured),
        cmocka_unit_test(test_other_source),  cmocka_unit_test(test_incomplete_totals), cmocka_unit_test(test_interrupts_at_most),
        cmocka_unit_test(test_whole), cmocka_unit_test(test_mismatch),      cmocka_unit_test(test_notes),
        cmocka_unit_test(test_lengths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
