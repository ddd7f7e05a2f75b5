/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test.h"

#include "model/profile-last.h"

#define SECOND G_GUINT64_CONSTANT(1000000000)

static void assert_rates(const VtProfileLast *last, double busy, double hlt)
{
    assert_true(last->has_busy);
    assert_float_equal(last->busy_per_s, busy, 1e-9);
    assert_true(last->has_hlt);
    assert_float_equal(last->hlt_per_s, hlt, 1e-9);
}

static VtProfile *new_profile(void)
{
    VtProfile *profile = vt_profile_new();

    vt_profile_add_window(profile, SECOND, 1);
    vt_profile_add(profile, 0, "exits", "libvirt", 700);
    vt_profile_add(profile, 0, "exit.hlt", "libvirt", 100);
    vt_profile_add(profile, 0, "exit.mmio", "libvirt", 600);
    vt_profile_add_time(profile, "exit.mmio", 5000);
    vt_profile_add_window(profile, 2 * SECOND, 4);
    return profile;
}

/* Nothing moved: known to be zero, as the names are there. */
static void test_idle(void **state)
{
    g_autoptr(VtProfile) profile = new_profile();
    VtProfileLast last;

    vt_profile_last(profile, &last);
    assert_int_equal(last.vcpus, 4);
    assert_rates(&last, 0, 0);
    assert_false(last.at_least);
    assert_false(last.has_time);
    assert_null(last.worst);
    vt_profile_last_clear(&last);
}

static void test_busy(void **state)
{
    g_autoptr(VtProfile) profile = new_profile();
    VtProfileLast last;

    vt_profile_add(profile, 1, "exits", "libvirt", 500);
    vt_profile_add(profile, 1, "exit.hlt", "libvirt", 200);
    vt_profile_add_time(profile, "exit.hlt", SECOND);
    vt_profile_add(profile, 1, "exit.mmio", "libvirt", 100);
    vt_profile_add_time(profile, "exit.mmio", 30000000);
    vt_profile_add_time(profile, "exit.mmio", 50000000);
    vt_profile_add(profile, 1, "exit.cpuid", "libvirt", 100);
    vt_profile_add(profile, 1, "kvm.exits", "libvirt", 500);
    vt_profile_last(profile, &last);
    assert_rates(&last, 150, 100);
    assert_false(last.at_least);
    /* 80 ms of 2 s and 4 vCPUs; HLT is no cost. */
    assert_true(last.has_time);
    assert_float_equal(last.time_pct, 1, 1e-9);
    /* Of two that are as frequent, the first by name. */
    assert_string_equal(last.worst, "exit.cpuid");
    vt_profile_last_clear(&last);
    assert_null(last.worst);
}

/* More accesses than exits: those are not all. */
static void test_low(void **state)
{
    g_autoptr(VtProfile) profile = new_profile();
    VtProfileLast last;

    vt_profile_add(profile, 1, "exits", "libvirt", 500);
    vt_profile_add(profile, 1, "pio.0x1f7", "bpf", 550);
    vt_profile_last(profile, &last);
    assert_rates(&last, 250, 0);
    assert_false(last.at_least);
    vt_profile_last_clear(&last);
    vt_profile_add(profile, 1, "msr.write.0x80b", "bpf", 1450);
    vt_profile_last(profile, &last);
    assert_rates(&last, 1000, 0);
    assert_true(last.at_least);
    vt_profile_last_clear(&last);
}

/* Where a source covers the families, they are summed up; what it does not give is unknown. */
static void test_summed(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    VtProfileLast last;

    vt_profile_add_window(profile, SECOND, 1);
    vt_profile_add(profile, 0, "kvm.exits", "bpf", 3);
    vt_profile_last(profile, &last);
    assert_false(last.has_busy);
    assert_false(last.has_hlt);
    vt_profile_set_covers(profile, "exit");
    vt_profile_add(profile, 0, "exit.mmio", "bpf", 30);
    vt_profile_add(profile, 0, "exit.hlt", "bpf", 4);
    assert_true(vt_profile_finish(profile, NULL));
    vt_profile_last(profile, &last);
    assert_rates(&last, 30, 4);
    vt_profile_last_clear(&last);
    /* What was summed up before is not that of this window. */
    vt_profile_add_window(profile, SECOND, 1);
    vt_profile_add(profile, 1, "exit.mmio", "bpf", 7);
    vt_profile_last(profile, &last);
    assert_rates(&last, 7, 0);
    assert_string_equal(last.worst, "exit.mmio");
    vt_profile_last_clear(&last);
}

/* Whatever is counted, it says the same as a finished profile of that window alone. */
static void test_as_finished(void **state)
{
    static const char *const names[] = {"exits",     "exit.hlt",        "exit.mmio",       "exit.io",
                                        "pio.0x1f7", "msr.write.0x80b", "mmio.0xfee000b0", "kvm.exits"};
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);

    for (guint round = 0; round < 500; round++) {
        g_autoptr(VtProfile) all = vt_profile_new(), one = vt_profile_new();
        guint window = 0;
        double busy = 0;
        VtProfileLast last;

        vt_profile_add_window(all, SECOND, 2);
        window = vt_profile_add_window(all, 3 * SECOND, 2);
        vt_profile_add_window(one, 3 * SECOND, 2);
        for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
            guint64 count = (guint64)g_rand_int_range(rand, 0, 5) * 100;

            if (g_rand_boolean(rand))
                continue;
            vt_profile_add(all, 0, names[i], "a", 12345);
            vt_profile_add(all, window, names[i], "a", count);
            vt_profile_add(one, 0, names[i], "a", count);
        }
        if (g_rand_boolean(rand)) {
            vt_profile_set_covers(all, "exit");
            vt_profile_set_covers(one, "exit");
        }
        all->exits_low = one->exits_low = g_rand_int_range(rand, 0, 4) == 0;
        assert_true(vt_profile_finish(one, NULL));
        vt_profile_last(all, &last);
        assert_int_equal(last.has_busy, vt_profile_busy_domain_rate(one, &busy));
        if (last.has_busy)
            assert_float_equal(last.busy_per_s, busy, 1e-6);
        assert_int_equal(last.at_least, one->exits_low);
        assert_int_equal(last.has_hlt, vt_profile_get(one, "exit.hlt") != NULL);
        if (last.has_hlt)
            assert_float_equal(last.hlt_per_s, vt_profile_get(one, "exit.hlt")->rate * 2, 1e-6);
        vt_profile_last_clear(&last);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_idle),   cmocka_unit_test(test_busy),        cmocka_unit_test(test_low),
        cmocka_unit_test(test_summed), cmocka_unit_test(test_as_finished),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
