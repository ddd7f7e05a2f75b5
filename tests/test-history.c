/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What became of changes, held against the definition of now; and its JSON form. */
#include "plan/history.h"
#include "vt-test-apply.h"
#include "vt-test-schema.h"

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

static void change(TestApply *test, const char *from, const char *to, guint64 undid)
{
    g_autoptr(VtRecord) record = vt_record_new(vt_virt_uri(test->virt), "web1", TEST_UUID);

    record->revert = undid > 0;
    record->undid = undid;
    if (undid == 0) {
        vt_record_add_rule(record, "virtio-net", "interface", "52:54:00:00:00:01", "power-cycle");
        record->source = g_strdup("libvirt");
        record->duration_ns = 5;
        record->interval_ns = 1;
    }
    test_change(test, record, from, to);
}

/* The domain's, with the definition that it has. */
static VtHistory history_of(TestApply *test)
{
    VtHistory history = {.store = test->store, .records = vt_store_list(test->store, NULL)};

    history.current = vt_define_fetch(test->virt, TEST_UUID, FALSE, NULL);
    return history;
}

static void history_clear(VtHistory *history)
{
    g_ptr_array_unref(history->records);
    g_free(history->current);
}

static void check(TestApply *test, guint i, const char *word, const char *advice)
{
    VtHistory history = history_of(test);
    const VtRecord *record = history.records->pdata[i];
    g_autofree char *said = vt_history_advice(&history, record);

    assert_string_equal(vt_history_word(vt_history_outcome(&history, record)), word);
    if (!advice)
        assert_null(said);
    else if (!said || !strstr(said, advice))
        fail_msg("'%s' is not in: %s", advice, said);
    history_clear(&history);
}

static void edit(TestApply *test, const char *from, const char *to)
{
    g_autofree char *now = test_definition(test), *edited = test_replace(now, from, to);

    test_define(test, edited);
}

static void set_state(TestApply *test, guint i, VtRecordState state)
{
    g_autoptr(GPtrArray) records = vt_store_list(test->store, NULL);
    VtRecord *record = records->pdata[i];

    record->state = state;
    g_free(record->reason);
    record->reason = g_strdup("Because.");
    assert_true(vt_store_update(test->store, record, NULL));
}

static void test_applied(void **state)
{
    TestApply *test = *state;

    change(test, "eoi='off'", "eoi='on'", 0);
    check(test, 0, "applied", NULL);
    edit(test, "e1000", "rtl8139");
    check(test, 0, "changed-since", NULL);
    edit(test, "rtl8139", "e1000");
    check(test, 0, "applied", NULL);
    edit(test, "eoi='on'", "eoi='off'");
    check(test, 0, "undone-elsewhere", NULL);
    edit(test, "eoi='off'", "eoi='on'");
    change(test, "e1000", "virtio", 0);
    /* Only the last one says what the definition is. */
    check(test, 0, "applied", NULL);
    check(test, 1, "applied", NULL);
    change(test, "virtio", "e1000", 2);
    check(test, 1, "reverted", "Undone by change 3.");
    check(test, 2, "applied", NULL);
}

static void test_other(void **state)
{
    TestApply *test = *state;
    g_autofree char *manifest = NULL;

    change(test, "eoi='off'", "eoi='on'", 0);
    set_state(test, 0, VT_RECORD_PREPARED);
    check(test, 0, "interrupted-applied", "`virt-tune revert` undoes it");
    edit(test, "eoi='on'", "eoi='off'");
    check(test, 0, "interrupted-not-applied", "apply it again");
    edit(test, "e1000", "rtl8139");
    check(test, 0, "interrupted", "revert --force");
    set_state(test, 0, VT_RECORD_REFUSED);
    check(test, 0, "refused", "Because.");
    set_state(test, 0, VT_RECORD_RESTORED);
    check(test, 0, "put-back", "Because.");
    set_state(test, 0, VT_RECORD_FAILED);
    check(test, 0, "failed", "Because. The definition from before it is in ");
    manifest = vt_store_file(test->store, 1, "manifest.json");
    assert_true(g_file_set_contents(manifest, "{", -1, NULL));
    check(test, 0, "damaged", manifest);
}

static void test_gone(void **state)
{
    TestApply *test = *state;
    g_autoptr(virDomain) domain = NULL;

    change(test, "eoi='off'", "eoi='on'", 0);
    domain = virDomainLookupByUUIDString(vt_virt_connection(test->virt), TEST_UUID);
    assert_int_equal(virDomainUndefine(domain), 0);
    check(test, 0, "applied", NULL);
    set_state(test, 0, VT_RECORD_PREPARED);
    check(test, 0, "interrupted", "the domain is gone");
    set_state(test, 0, VT_RECORD_FAILED);
    check(test, 0, "failed", "`virsh define` that file");
}

static void test_texts(void **state)
{
    for (VtHistoryOutcome i = 0; i <= VT_HISTORY_DAMAGED; i++) {
        assert_non_null(vt_history_word(i));
        assert_non_null(vt_history_text(i));
    }
}

static void test_json(void **state)
{
    TestApply *test = *state;
    VtHistory history;
    g_autofree char *text = NULL, *manifest = NULL, *worse = NULL, *none = NULL;

    vt_test_schema_or_skip();
    history = history_of(test);
    none = vt_history_format(&history, "test:///x", "web1", TEST_UUID);
    history_clear(&history);
    vt_test_validate("history.schema.json", none);

    change(test, "eoi='off'", "eoi='on'", 0);
    change(test, "eoi='on'", "eoi='off'", 1);
    edit(test, "eoi='off'", "eoi='on'");
    history = history_of(test);
    text = vt_history_format(&history, "test:///x", "web\"\x1b[2J1", TEST_UUID);
    history_clear(&history);
    vt_test_validate("history.schema.json", text);
    assert_non_null(strstr(text, "\"outcome\" : \"reverted\""));
    assert_non_null(strstr(text, "\"outcome\" : \"undone-elsewhere\""));
    assert_non_null(strstr(text, "\"device\" : \"52:54:00:00:00:01\""));
    assert_non_null(strstr(text, "\"undid\" : 1"));
    assert_null(strchr(text, '\x1b'));

    manifest = vt_store_file(test->store, 2, "manifest.json");
    assert_true(g_file_set_contents(manifest, "[]", -1, NULL));
    history = history_of(test);
    g_clear_pointer(&history.current, g_free);
    worse = vt_history_format(&history, "test:///x", NULL, NULL);
    history_clear(&history);
    vt_test_validate("history.schema.json", worse);
    assert_non_null(strstr(worse, "\"outcome\" : \"damaged\""));
    assert_non_null(strstr(worse, "\"defined\" : false"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_applied), TEST(test_other),           TEST(test_gone),
        TEST(test_json),    cmocka_unit_test(test_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
