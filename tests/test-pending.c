/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which change a running domain waits for. */
#include "plan/define.h"
#include "plan/pending.h"
#include "vt-test-apply.h"

static int set_up(void **state)
{
    *state = test_apply_new(test_domain_xml);
    return 0;
}

static int tear_down(void **state)
{
    test_apply_free(*state);
    return 0;
}

static void change(TestApply *test, const char *from, const char *to)
{
    g_autofree char *before = test_definition(test), *wanted = test_replace(before, from, to);
    g_autofree char *shown = test_replace(wanted, " passwd='sesame'", "");
    g_autofree char *sum = vt_store_sum(before);
    g_autoptr(VtRecord) record = vt_record_new(vt_virt_uri(test->virt), "web1", TEST_UUID);
    g_autoptr(GError) error = NULL;
    VtDefine define = {.virt = test->virt,
                       .store = test->store,
                       .before_sha256 = sum,
                       .wanted = wanted,
                       .wanted_shown = shown,
                       .record = record};

    vt_define_run(&define, &error);
    assert_no_error(error);
}

static void test_last(void **state)
{
    TestApply *test = *state;
    g_autofree char *first = vt_define_fetch(test->virt, TEST_UUID, FALSE, NULL);
    g_autofree char *second = NULL, *third = NULL;
    g_autoptr(xmlDoc) one = test_parse(first);
    g_autoptr(xmlDoc) two = NULL;
    g_autoptr(xmlDoc) three = NULL;
    g_autoptr(GPtrArray) records = NULL;

    assert_int_equal(vt_pending_last(test->store, one), 0);
    change(test, "eoi='off'", "eoi='on'");
    second = vt_define_fetch(test->virt, TEST_UUID, FALSE, NULL);
    two = test_parse(second);
    change(test, "e1000", "virtio");
    third = vt_define_fetch(test->virt, TEST_UUID, FALSE, NULL);
    three = test_parse(third);

    assert_int_equal(vt_pending_last(test->store, one), 2);
    assert_int_equal(vt_pending_last(test->store, two), 2);
    assert_int_equal(vt_pending_last(test->store, three), 0);
    records = vt_store_list(test->store, NULL);
    assert_true(vt_pending_is(test->store, records->pdata[0], one));
    assert_false(vt_pending_is(test->store, records->pdata[0], two));
    /* One that was not made is not waited for. */
    ((VtRecord *)records->pdata[1])->state = VT_RECORD_REFUSED;
    assert_false(vt_pending_is(test->store, records->pdata[1], one));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_last, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
