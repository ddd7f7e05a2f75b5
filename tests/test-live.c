/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pins of a running domain: only those that differ are made, and only in the running domain. */
#include "base/error.h"
#include "plan/live.h"
#include "vt-test-apply.h"

#define TUNE(pins) TEST_DOMAIN("<cputune>" pins "</cputune>", TEST_NIC)

static int set_up(void **state)
{
    TestApply *test = test_apply_new(TUNE("<vcpupin vcpu='0' cpuset='0'/>"));
    g_autoptr(virDomain) handle = NULL;

    *state = test;
    handle = virDomainLookupByUUIDString(vt_virt_connection(test->virt), TEST_UUID);
    return virDomainCreate(handle);
}

static int tear_down(void **state)
{
    test_apply_free(*state);
    return 0;
}

static gboolean pin(TestApply *test, const char *before, const char *after, GPtrArray **ret_made,
                    GError **error)
{
    g_autoptr(virDomain) handle =
        virDomainLookupByUUIDString(vt_virt_connection(test->virt), TEST_UUID);
    g_autoptr(xmlDoc) a = test_parse(before), b = test_parse(after);

    return vt_live_pin(handle, a, b, ret_made, error);
}

static void test_vcpu(void **state)
{
    TestApply *test = *state;
    g_autoptr(GPtrArray) made = NULL, undone = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(virDomain) handle =
        virDomainLookupByUUIDString(vt_virt_connection(test->virt), TEST_UUID);
    const char *one = TUNE("<vcpupin vcpu='0' cpuset='0'/>");
    const char *two = TUNE("<vcpupin vcpu='0' cpuset='0'/><vcpupin vcpu='1' cpuset='2'/>");
    unsigned char maps[2 * 16];
    virVcpuInfo info[2];

    /* The test driver's host has 16 CPUs. */
    pin(test, one, two, &made, &error);
    assert_no_error(error);
    assert_int_equal(made->len, 1);
    assert_string_equal(made->pdata[0], "vcpu 1: 2");
    assert_int_equal(virDomainGetVcpus(handle, info, 2, maps, 2), 2);
    assert_int_equal(maps[2], 1 << 2);
    assert_int_equal(maps[3], 0);

    assert_true(pin(test, two, one, &undone, &error));
    assert_string_equal(undone->pdata[0], "vcpu 1: all CPUs");
    assert_int_equal(virDomainGetVcpus(handle, info, 2, maps, 2), 2);
    assert_int_equal(maps[2], 0xff);
}

/* A pin that is gone: libvirt then goes by the cpuset of <vcpu>. */
static void test_default(void **state)
{
    TestApply *test = *state;
    g_autoptr(GPtrArray) made = NULL, undone = NULL, placed = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(virDomain) handle =
        virDomainLookupByUUIDString(vt_virt_connection(test->virt), TEST_UUID);
    g_autofree char *none = test_replace(TUNE(""), "<vcpu>", "<vcpu cpuset='4-7,^6'>");
    g_autofree char *one =
        test_replace(TUNE("<vcpupin vcpu='1' cpuset='2'/>"), "<vcpu>", "<vcpu cpuset='4-7,^6'>");
    g_autofree char *placement =
        test_replace(TUNE(""), "<vcpu>", "<vcpu placement='auto' cpuset='4'>");
    unsigned char maps[2 * 16];
    virVcpuInfo info[2];

    assert_true(pin(test, none, one, &made, &error));
    assert_string_equal(made->pdata[0], "vcpu 1: 2");
    assert_true(pin(test, one, none, &undone, &error));
    assert_int_equal(undone->len, 1);
    assert_string_equal(undone->pdata[0], "vcpu 1: 4-7,^6");
    assert_int_equal(virDomainGetVcpus(handle, info, 2, maps, 2), 2);
    assert_int_equal(maps[2], 0xb0);
    assert_int_equal(maps[3], 0);

    /* Where numad places it, libvirt does not read the attribute. */
    assert_true(pin(test, one, placement, &placed, &error));
    assert_string_equal(placed->pdata[0], "vcpu 1: all CPUs");
}

static void test_same(void **state)
{
    g_autoptr(GPtrArray) made = NULL;
    g_autoptr(GError) error = NULL;
    const char *xml = TUNE("<vcpupin vcpu='0' cpuset='0'/>");
    g_autoptr(xmlDoc) one = test_parse(xml);
    g_autoptr(xmlDoc) other = test_parse(TUNE("<emulatorpin cpuset='1'/>"));

    assert_true(pin(*state, xml, xml, &made, &error));
    assert_int_equal(made->len, 0);
    assert_int_equal(vt_live_count(one, one), 0);
    assert_int_equal(vt_live_count(one, other), 2);
}

static void test_refused(void **state)
{
    g_autoptr(GPtrArray) made = NULL, none = NULL;
    g_autoptr(GError) error = NULL;
    const char *plain = TUNE("");

    /* The driver cannot pin an iothread: what was done before it is told. */
    assert_false(pin(*state, plain,
                     TUNE("<iothreadpin iothread='1' cpuset='1'/><vcpupin vcpu='7' cpuset='1'/>"),
                     &made, &error));
    assert_message(error, "iothread 1");
    assert_int_equal(made->len, 0);
    g_clear_error(&error);
    assert_false(pin(*state, plain, TUNE("<vcpupin vcpu='0' cpuset='x'/>"), &none, &error));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_vcpu), TEST(test_default), TEST(test_same),
                                       TEST(test_refused)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
