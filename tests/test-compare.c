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
    expect(rows, "kvm.exits", VT_COMPARE_SAME, NULL);  /* the windows overlap */
    assert_true(find(rows, "exit.mmio")->after.median == 0);
    assert_true(find(rows, VT_COMPARE_BUSY)->before.max == 1000);
    assert_true(find(rows, VT_COMPARE_BUSY)->after.min == 7);
    assert_true(vt_compare_change(find(rows, "exit.mmio"), &pct) && fabs(pct + 100) < 1e-9);
    assert_true(vt_compare_change(find(rows, "exit.hlt"), &pct) && fabs(pct - 900) < 1e-9);
    assert_false(vt_compare_change(find(rows, "exit.cpuid"), &pct)); /* of nothing */
}

/* A tenth is the least that counts, however narrow the windows are. */
static void test_least_difference(void **state)
{
    VtCompareSide before = {.known = TRUE, .median = 1000, .min = 999, .max = 1001, .windows = 10};
    VtCompareSide after = {.known = TRUE, .median = 905, .min = 904, .max = 906, .windows = 10};
    VtCompareSide tiny = {.known = TRUE, .windows = 10},
                  less = {.known = TRUE, .median = 0.9, .min = 0.9, .max = 0.9, .windows = 10};

    assert_int_equal(vt_compare_sides(&before, &after), VT_COMPARE_SAME);
    after.median = 899;
    after.min = after.max = 899;
    assert_int_equal(vt_compare_sides(&before, &after), VT_COMPARE_FEWER);
    assert_int_equal(vt_compare_sides(&after, &before), VT_COMPARE_MORE);
    after.max = 999; /* touches */
    assert_int_equal(vt_compare_sides(&before, &after), VT_COMPARE_SAME);
    assert_int_equal(vt_compare_sides(&less, &tiny), VT_COMPARE_SAME);
    after.known = FALSE;
    assert_int_equal(vt_compare_sides(&before, &after), VT_COMPARE_UNKNOWN);
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
        assert_int_equal(notes->len, n < 3 ? 2 : 0);
        if (n < 3)
            assert_non_null(strstr(notes->pdata[1], "fewer than three windows"));
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
    ADD(after, "exits", 1, 1, 1, 1, 1, 1);
    after->lost = 3;
    done(before);
    done(after);
    notes = vt_compare_notes(before, after);
    assert_int_equal(notes->len, 2);
    assert_non_null(strstr(notes->pdata[0], "for 3 s before and for 6 s after"));
    assert_non_null(strstr(notes->pdata[1], "lost"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),          cmocka_unit_test(test_least_difference),
        cmocka_unit_test(test_few_windows),   cmocka_unit_test(test_not_measured),
        cmocka_unit_test(test_other_source),  cmocka_unit_test(test_incomplete_totals),
        cmocka_unit_test(test_whole), cmocka_unit_test(test_mismatch),      cmocka_unit_test(test_notes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
