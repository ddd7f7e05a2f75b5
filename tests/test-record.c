/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manifest: there and back, and what is refused. */
#include "base/error.h"
#include "plan/record.h"
#include "vt-test.h"

#include <string.h>

static VtRecord *sample(void)
{
    VtRecord *record = vt_record_new("qemu:///system", "we\"b\n1", "u-u-i-d");

    record->id = 7;
    record->before_sha256 = g_strdup("b");
    record->wanted_sha256 = g_strdup("w");
    record->source = g_strdup("libvirt");
    record->duration_ns = 10;
    record->interval_ns = 1;
    vt_record_add_rule(record, "virtio-net", "interface", "52:54:00:00:00:01", "power-cycle");
    vt_record_add_rule(record, "pv-eoi", NULL, NULL, "power-cycle");
    return record;
}

static void test_round_trip(void **state)
{
    g_autoptr(VtRecord) record = sample();
    g_autofree char *text = vt_record_format(record), *again = NULL, *rules = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtRecord) read = vt_record_parse(text, strlen(text), "m", &error);

    assert_no_error(error);
    assert_int_equal(read->id, 7);
    assert_string_equal(read->name, "we\"b\n1");
    assert_int_equal(read->state, VT_RECORD_PREPARED);
    assert_null(read->after_sha256);
    assert_null(read->reason);
    assert_false(read->revert);
    assert_int_equal(read->rules->len, 2);
    again = vt_record_format(read);
    assert_string_equal(text, again);
    rules = vt_record_rules_text(read);
    assert_string_equal(rules, "virtio-net (52:54:00:00:00:01), pv-eoi");
}

static void test_revert(void **state)
{
    g_autoptr(VtRecord) record = sample();
    g_autoptr(GError) error = NULL;
    g_autoptr(VtRecord) read = NULL;
    g_autofree char *text = NULL;

    g_ptr_array_set_size(record->rules, 0);
    record->revert = TRUE;
    record->undid = 3;
    record->state = VT_RECORD_APPLIED;
    record->reason = g_strdup("why");
    text = vt_record_format(record);
    read = vt_record_parse(text, strlen(text), "m", &error);
    assert_no_error(error);
    assert_true(read->revert);
    assert_int_equal(read->undid, 3);
    assert_int_equal(read->state, VT_RECORD_APPLIED);
    assert_string_equal(read->reason, "why");
    assert_int_equal(read->rules->len, 0);
}

static void test_refused(void **state)
{
    static const struct {
        const char *from, *to;
    } cases[] = {
        {"virt-tune-change", "virt-tune-profile"},
        {"\"version\": 1", "\"version\": 2"},
        {"\"id\": 7", "\"id\": 0"},
        {"\"id\": 7", "\"id\": -7"},
        {"\"kind\": \"apply\"", "\"kind\": \"undo\""},
        {"\"kind\": \"apply\"", "\"kind\": \"revert\""}, /* it undid nothing */
        {"\"prepared\"", "\"damaged\""},
        {"\"prepared\"", "\"done\""},
        {"\"uuid\"", "\"uid\""},
        {"\"rules\": [", "\"rules\": [7, "},
        {"\"effect\": \"power", "\"affect\": \"power"},
        {"}\n", ""},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VtRecord) record = sample();
        g_autofree char *text = vt_record_format(record);
        char *at = strstr(text, cases[i].from);
        g_autofree char *bad = NULL;
        g_autoptr(GError) error = NULL;

        assert_non_null(at);
        bad = g_strdup_printf("%.*s%s%s", (int)(at - text), text, cases[i].to,
                              at + strlen(cases[i].from));
        if (i == G_N_ELEMENTS(cases) - 1)
            bad[strlen(bad) / 2] = '\0';
        assert_null(vt_record_parse(bad, strlen(bad), "m.json", &error));
        if (!g_error_matches(error, VT_ERROR, VT_ERROR_INPUT) ||
            !g_str_has_prefix(error->message, "m.json:"))
            fail_msg("case %d: %s", (int)i, error ? error->message : "no error");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_revert),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
