/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "model/region.h"
#include "vt-test.h"

static VtProfile *make(void)
{
    VtProfile *profile = vt_profile_new();

    profile->regions = g_ptr_array_new_with_free_func((GDestroyNotify)vt_region_free);
    g_ptr_array_add(profile->regions, vt_region_new(TRUE, 0xc000, 0xc03f, "net1", "e1000", "00:03.0"));
    g_ptr_array_add(profile->regions, vt_region_new(FALSE, 0xfeb00000, 0xfeb1ffff, "net0", "e1000", "00:02.0"));
    g_ptr_array_add(profile->regions, vt_region_new(FALSE, 0xfeb1f000, 0xfeb1ffff, NULL, "Bridge", "00:04.0"));
    return profile;
}

static void assert_described(const VtProfile *profile, const char *metric, const char *expected)
{
    g_autofree char *label = vt_region_describe(profile, metric);

    if (g_strcmp0(label, expected) != 0)
        fail_msg("%s is “%s”, not “%s”", metric, label ? label : "(null)", expected ? expected : "(null)");
}

static void test_describe(void **state)
{
    g_autoptr(VtProfile) profile = make();

    assert_described(profile, "mmio.0xfeb00000", "net0 (e1000)");
    assert_described(profile, "mmio.0xfeb1efff", "net0 (e1000)");
    assert_described(profile, "mmio.0xfeafffff", NULL);
    assert_described(profile, "mmio.0xfeb20000", NULL);
    assert_described(profile, "pio.0xc03f", "net1 (e1000)");
    assert_described(profile, "pio.0xc040", NULL);
    assert_described(profile, "mmio.0xc000", NULL);
    assert_described(profile, "msr.write.0xc000", NULL);
    assert_described(profile, "irq.49152", NULL);
    assert_described(profile, "exit.mmio", NULL);
}

static void test_fixed(void **state)
{
    g_autoptr(VtProfile) profile = make();
    g_autoptr(VtProfile) other = vt_profile_new();

    assert_described(profile, "pio.0x1f7", "IDE primary status and command");
    assert_described(other, "mmio.0xfed000f0", "HPET");
    assert_described(other, "mmio.0xfeb00000", NULL);
    assert_described(NULL, "msr.write.0x80b", "x2APIC EOI");
}

/* The guest may let regions overlap: the smaller one is what it means. */
static void test_overlap(void **state)
{
    g_autoptr(VtProfile) profile = make();

    assert_described(profile, "mmio.0xfeb1f000", "Bridge (00:04.0)");
}

static void test_unprintable(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();

    profile->regions = g_ptr_array_new_with_free_func((GDestroyNotify)vt_region_free);
    g_ptr_array_add(profile->regions, vt_region_new(FALSE, 0, G_MAXUINT64, "a\033[31m", "b\n", "c"));
    assert_described(profile, "mmio.0xffffffffffffffff", "a\\x1b[31m (b\\x0a)");
}

static void test_compare(void **state)
{
    g_autoptr(VtProfile) profile = make();
    VtRegion **regions = (VtRegion **)profile->regions->pdata;

    assert_true(vt_region_compare(regions[0], regions[1]) < 0);
    assert_true(vt_region_compare(regions[2], regions[1]) > 0);
    assert_int_equal(vt_region_compare(regions[1], regions[1]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_describe),    cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_overlap),     cmocka_unit_test(test_unprintable),
        cmocka_unit_test(test_compare),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
