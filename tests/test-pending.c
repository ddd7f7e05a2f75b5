/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which change a running domain waits for. */
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
    g_autoptr(VtRecord) record = vt_record_new(vt_virt_uri(test->virt), "web1", TEST_UUID);

    test_change(test, record, from, to);
}

typedef struct {
    guint64 change;
    char *other; /* the elements, with blanks between them */
} Found;

static Found find(TestApply *test, xmlDoc *inactive, xmlDoc *live)
{
    g_auto(GStrv) other = NULL;
    Found found = {0};

    vt_pending_find(test->store, inactive, live, &found.change, &other);
    found.other = other ? g_strjoinv(" ", other) : g_strdup("");
    return found;
}

#define assert_found(test, inactive, live, number, elements)                                       \
    do {                                                                                           \
        Found found = find(test, inactive, live);                                                  \
        assert_int_equal(found.change, number);                                                    \
        assert_string_equal(found.other, elements);                                                \
        g_free(found.other);                                                                       \
    } while (0)

static xmlDoc *shown(TestApply *test)
{
    g_autofree char *text = vt_define_fetch(test->virt, TEST_UUID, FALSE, NULL);

    return test_parse(text);
}

static void test_last(void **state)
{
    TestApply *test = *state;
    g_autoptr(xmlDoc) one = shown(test);
    g_autoptr(xmlDoc) two = NULL;
    g_autoptr(xmlDoc) three = NULL;
    g_autoptr(GPtrArray) records = NULL;

    assert_found(test, one, one, 0, "");
    change(test, "eoi='off'", "eoi='on'");
    two = shown(test);
    change(test, "e1000", "virtio");
    three = shown(test);

    assert_found(test, three, one, 2, "");
    assert_found(test, three, two, 2, "");
    assert_found(test, three, three, 0, "");
    records = vt_store_list(test->store, NULL);
    assert_true(vt_pending_is(test->store, records->pdata[0], three, one));
    assert_false(vt_pending_is(test->store, records->pdata[0], three, two));
    /* One that was not made is not waited for. */
    ((VtRecord *)records->pdata[1])->state = VT_RECORD_REFUSED;
    assert_false(vt_pending_is(test->store, records->pdata[1], three, one));
}

/* Made, undone, and made once more: when the domain has it, nothing waits. */
static void test_again(void **state)
{
    TestApply *test = *state;
    g_autoptr(xmlDoc) off = shown(test);
    g_autoptr(xmlDoc) on = NULL;

    change(test, "eoi='off'", "eoi='on'");
    on = shown(test);
    change(test, "eoi='on'", "eoi='off'");
    assert_found(test, off, off, 0, "");
    assert_found(test, off, on, 2, "");
    change(test, "eoi='off'", "eoi='on'");
    assert_found(test, on, on, 0, "");
    assert_found(test, on, off, 3, "");
}

/* What somebody else changed is named apart. */
static void test_other(void **state)
{
    TestApply *test = *state;
    g_autofree char *text = vt_define_fetch(test->virt, TEST_UUID, FALSE, NULL);
    g_autofree char *fewer = test_replace(text, "placement='static'>2", "placement='static'>1");
    g_autofree char *both = NULL;
    g_autoptr(xmlDoc) one = test_parse(text);
    g_autoptr(xmlDoc) other = test_parse(fewer);
    g_autoptr(xmlDoc) two = NULL;
    g_autoptr(xmlDoc) mixed = NULL;

    assert_found(test, one, other, 0, "vcpu");
    change(test, "e1000", "virtio");
    two = shown(test);
    assert_found(test, two, one, 1, "");
    assert_found(test, two, other, 1, "vcpu");
    both = test_replace(fewer, "<interface ", "<interface type='user'><mac address="
                                              "'52:54:00:00:00:02'/></interface><interface ");
    mixed = test_parse(both);
    assert_found(test, two, mixed, 1, "vcpu interface");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_last, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
