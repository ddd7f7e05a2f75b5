/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test.h"

#include "model/profile-join.h"
#include "model/profile-vcpu.h"

#define SECOND 1000000000ull

static GPtrArray *new_list(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)vt_profile_unref);
}

/* A window of a second by @source that covers the families, with its own total or the sum of them. */
static VtProfile *window(const char *source, guint vcpus, guint64 mmio, guint64 hlt)
{
    VtProfile *profile = vt_profile_new();
    guint64 histogram[VT_HISTOGRAM_BUCKETS] = {[10] = mmio};
    guint i = vt_profile_add_window(profile, SECOND, vcpus);

    profile->name = g_strdup("web");
    profile->isa = VT_ISA_SVM;
    vt_profile_set_covers(profile, "exit");
    vt_profile_add_source(profile, source);
    if (mmio > 0) {
        vt_profile_add(profile, i, "exit.mmio", source, mmio);
        vt_profile_add_time(profile, "exit.mmio", mmio * 1000);
        vt_profile_add_histogram(profile, "exit.mmio", histogram);
    }
    vt_profile_add(profile, i, "exit.hlt", source, hlt);
    assert_true(vt_profile_finish(profile, NULL));
    return profile;
}

static void assert_counts(const VtProfile *profile, const char *name, guint n, ...)
{
    const VtMetric *metric = vt_profile_get(profile, name);
    va_list args;

    assert_non_null(metric);
    assert_int_equal(metric->counts->len, n);
    va_start(args, n);
    for (guint i = 0; i < n; i++)
        assert_int_equal(g_array_index(metric->counts, guint64, i), va_arg(args, int));
    va_end(args);
}

static void test_windows(void **state)
{
    g_autoptr(GPtrArray) parts = new_list();
    g_autoptr(VtProfile) joined = NULL;
    const VtMetric *mmio;

    g_ptr_array_add(parts, window("bpf", 1, 100, 5));
    g_ptr_array_add(parts, window("bpf", 1, 0, 6));
    g_ptr_array_add(parts, window("bpf", 2, 300, 7));
    for (guint i = 0; i < parts->len; i++)
        ((VtProfile *)parts->pdata[i])->started_s = 1795341600 + i;
    joined = vt_profile_join(parts, TRUE);
    assert_int_equal(joined->started_s, 1795341600);
    assert_int_equal(joined->windows->len, 3);
    assert_int_equal(joined->duration_ns, 3 * SECOND);
    assert_int_equal(joined->vcpus, 2);
    assert_string_equal(joined->name, "web");
    assert_int_equal(joined->isa, VT_ISA_SVM);
    assert_true(vt_profile_covers(joined, "exit.cpuid"));
    /* A family that did not occur in a window of a covered namespace is zero there. */
    assert_counts(joined, "exit.mmio", 3, 100, 0, 300);
    assert_counts(joined, "exit.hlt", 3, 5, 6, 7);
    assert_counts(joined, "exits", 3, 105, 6, 307);
    mmio = vt_profile_get(joined, "exit.mmio");
    assert_int_equal(mmio->time_ns, 400000);
    assert_int_equal(mmio->histogram[10], 400);
    assert_float_equal(mmio->rate, 100, 1e-9);
}

/* What only some parts have was counted over a time of its own. */
static void test_whole(void **state)
{
    g_autoptr(GPtrArray) parts = new_list();
    g_autoptr(VtProfile) joined = NULL;
    const VtMetric *packets;

    for (guint i = 0; i < 3; i++)
        g_ptr_array_add(parts, window("libvirt", 2, 100, 5));
    for (guint i = 1; i < 3; i++) {
        vt_profile_add(parts->pdata[i], 0, "mmio.0xa0000", "libvirt", 8);
        vt_profile_add_user(parts->pdata[i], "mmio.0xa0000", "libvirt", 3);
        vt_profile_add_writes(parts->pdata[i], "mmio.0xa0000", "libvirt", 2);
    }
    vt_profile_add(parts->pdata[2], 0, "irq.24", "interrupts", 3);
    vt_profile_set_device(parts->pdata[2], "irq.24", "eth0");
    vt_profile_add_whole(parts->pdata[1], "net.packets", "libvirt", 120, 3 * SECOND);
    joined = vt_profile_join(parts, TRUE);
    assert_true(vt_profile_get(joined, "mmio.0xa0000")->has_user);
    assert_int_equal(vt_profile_get(joined, "mmio.0xa0000")->user, 6);
    assert_int_equal(vt_profile_get(joined, "mmio.0xa0000")->writes, 4);
    assert_string_equal(vt_profile_get(joined, "irq.24")->device, "eth0");
    packets = vt_profile_get(joined, "net.packets");
    assert_non_null(packets);
    assert_int_equal(packets->counts->len, 0);
    assert_int_equal(packets->whole_ns, 3 * SECOND);
    assert_float_equal(packets->rate, 20, 1e-9);
}

static void test_vcpus(void **state)
{
    g_autoptr(GPtrArray) parts = new_list();
    g_autoptr(VtProfile) joined = NULL;
    guint64 histogram[VT_HISTOGRAM_BUCKETS] = {[5] = 30};
    g_autoptr(VtProfile) whole = NULL;
    const VtMetricVcpu *second;
    VtProfile *part;

    for (guint i = 0; i < 2; i++) {
        part = window("bpf", 2, 100, 5);
        vt_profile_vcpu_add(part, 0, "exit.hlt", "bpf", 0, 0);
        vt_profile_vcpu_add(part, 0, "exit.mmio", "bpf", 0, 70);
        if (i == 1) {
            vt_profile_vcpu_add(part, 0, "exit.mmio", "bpf", 1, 30);
            vt_profile_vcpu_add_time(part, "exit.mmio", 1, 3000);
            vt_profile_vcpu_add_histogram(part, "exit.mmio", 1, histogram);
        }
        g_ptr_array_add(parts, part);
    }
    joined = vt_profile_join(parts, TRUE);
    assert_int_equal(joined->numbered->len, 2);
    assert_int_equal(vt_profile_vcpu_get(vt_profile_get(joined, "exit.mmio"), 0)->count, 140);
    second = vt_profile_vcpu_get(vt_profile_get(joined, "exit.mmio"), 1);
    assert_int_equal(second->count, 30);
    assert_int_equal(g_array_index(second->counts, guint64, 0), 0);
    assert_int_equal(second->time_ns, 3000);
    assert_int_equal(second->histogram[5], 30);
    /* Told apart, and none. */
    assert_non_null(vt_profile_get(joined, "exit.hlt")->vcpus);
    assert_null(vt_profile_vcpu_get(vt_profile_get(joined, "exit.hlt"), 0));

    whole = vt_profile_join(parts, FALSE);
    assert_counts(whole, "exit.mmio", 2, 100, 100);
    assert_counts(whole, "exits", 2, 105, 105);
    assert_null(whole->numbered);
    assert_null(vt_profile_get(whole, "exit.mmio")->vcpus);
}

/* What one source did not measure would look like zero in the windows of the other. */
static void test_other_sources(void **state)
{
    g_autoptr(GPtrArray) parts = new_list();
    g_autoptr(VtProfile) joined = NULL;

    g_ptr_array_add(parts, window("bpf", 1, 100, 5));
    g_ptr_array_add(parts, window("libvirt", 1, 1, 5));
    g_ptr_array_add(parts, window("bpf", 1, 200, 5));
    g_ptr_array_add(parts, window("bpf", 1, 300, 5));
    joined = vt_profile_join(parts, TRUE);
    assert_int_equal(joined->windows->len, 2);
    assert_counts(joined, "exit.mmio", 2, 200, 300);
    assert_int_equal(joined->sources->len, 1);
}

static void test_notes_and_losses(void **state)
{
    g_autoptr(GPtrArray) parts = new_list();
    g_autoptr(VtProfile) joined = NULL;

    for (guint i = 0; i < 3; i++) {
        VtProfile *part = window("bpf", 1, 100, 5);

        vt_profile_note(part, "%s", i == 1 ? "another" : "the same");
        part->lost = i == 0 ? G_MAXUINT64 : 1;
        part->exits_low = i == 1;
        part->irqs_at_most = i == 0;
        g_ptr_array_add(parts, part);
    }
    joined = vt_profile_join(parts, TRUE);
    assert_int_equal(joined->notes->len, 2);
    assert_true(joined->lost == G_MAXUINT64);
    assert_true(joined->exits_low);
    assert_true(joined->irqs_at_most);
}

static void test_nothing(void **state)
{
    g_autoptr(GPtrArray) parts = new_list();

    assert_null(vt_profile_join(parts, TRUE));
}

/* Two profiles that grow: what did not move has no counts in some windows. */
static void test_unfinished(void **state)
{
    g_autoptr(GPtrArray) parts = new_list();
    g_autoptr(VtProfile) joined = NULL;

    for (guint i = 0; i < 2; i++) {
        VtProfile *part = vt_profile_new();

        g_ptr_array_add(parts, part);
        for (guint j = 0; j < 3; j++)
            vt_profile_add(part, vt_profile_add_window(part, SECOND, 1), "exits", "libvirt", 10 * i + j);
        vt_profile_add(part, 1, "exit.io", "libvirt", 5);
    }
    joined = vt_profile_join(parts, TRUE);
    assert_counts(joined, "exits", 6, 0, 1, 2, 10, 11, 12);
    assert_counts(joined, "exit.io", 6, 0, 5, 0, 0, 5, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unfinished),
        cmocka_unit_test(test_windows), cmocka_unit_test(test_whole),
        cmocka_unit_test(test_vcpus),
        cmocka_unit_test(test_other_sources),
        cmocka_unit_test(test_notes_and_losses),
        cmocka_unit_test(test_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
