/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The JSON report: word for word, valid against its schema, valid JSON whatever names there are. */
#include "config.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "report-fixture.h"
#include "vt-test-schema.h"
#include "vt-test.h"

static char *write_json(guint domains, const char *uri, gboolean with_host)
{
    return vt_report_fixture_write(&vt_report_json, domains, FALSE, uri, with_host);
}

static JsonNode *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    JsonNode *node = json_from_string(text, &error);

    if (!node)
        fail_msg("%s", error->message);
    return node;
}

static void test_report(void **state)
{
    g_autofree char *text = write_json(3, "qemu:///system", TRUE);

    vt_report_fixture_compare(text, "report.json");
}

static void test_several_hosts(void **state)
{
    g_autofree char *text = vt_report_fixture_write_hosts(&vt_report_json);

    assert_non_null(strstr(text, "\"host\":{\"uri\":\"qemu+ssh://a/system\",\"known\":true,"));
    assert_non_null(strstr(text, "\"host\":{\"uri\":\"qemu+ssh://b/system\",\"known\":false,\"facts\":{}}"));
    assert_non_null(strstr(text, "\"host\":{\"uri\":null,\"known\":true,"));
}

static void test_no_domain_is_valid(void **state)
{
    g_autofree char *text = write_json(0, NULL, FALSE);

    assert_string_equal(
        text,
        "{\"format\":\"virt-tune-report\",\"version\":1,\"host\":{\"uri\":null,\"known\":false,"
        "\"facts\":{}},\"domains\":[\n]}\n");
}

static void test_each_domain_is_a_line(void **state)
{
    g_autofree char *text = write_json(3, NULL, TRUE);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    assert_int_equal(g_strv_length(lines), 6);
    assert_string_equal(lines[4], "]}");
    for (guint i = 1; i <= 3; i++) {
        g_autofree char *line = g_strndup(lines[i], strlen(lines[i]) - (i < 3)); /* the comma */
        g_autoptr(JsonNode) node = parse(line);

        assert_true(JSON_NODE_HOLDS_OBJECT(node));
    }
}

static void test_values(void **state)
{
    g_autofree char *text = write_json(3, NULL, TRUE);
    g_autoptr(JsonNode) root = parse(text);
    JsonArray *domains = json_object_get_array_member(json_node_get_object(root), "domains");
    JsonObject *web1 = json_array_get_object_element(domains, 0),
               *evil = json_array_get_object_element(domains, 1);
    JsonObject *nic =
        json_array_get_object_element(json_object_get_array_member(web1, "findings"), 0);
    JsonObject *rate =
        json_array_get_object_element(json_object_get_array_member(nic, "evidence"), 0);

    assert_string_equal(json_object_get_string_member(evil, "name"), "ev\x1b[31mil\n\xef\xbf\xbd");
    assert_true(json_object_get_null_member(evil, "sample"));
    assert_true(json_object_get_null_member(evil, "exits_per_vcpu_s"));
    assert_string_equal(json_object_get_string_member(evil, "note"), "the domain is shut off");
    assert_true(fabs(json_object_get_double_member(web1, "exits_per_vcpu_s") - 46712.5) < 1e-9);
    assert_true(fabs(json_object_get_double_member(web1, "hlt_per_vcpu_s") - 4808.5) < 1e-9);
    assert_true(fabs(json_object_get_double_member(web1, "exit_time_pct") - 12) < 1e-9);
    /* Three digits, and whole numbers without a point. */
    assert_int_equal(json_object_get_int_member(rate, "value"), 30959);
    assert_true(fabs(json_object_get_double_member(nic, "gain_low_pct") - 6.05) < 1e-12);
    assert_string_equal(json_object_get_string_member(nic, "gain_basis"), "estimated");
    assert_string_equal(json_object_get_string_member(nic, "guest_driver"), "unknown");
}

static void test_numbers_that_json_has_not(void **state)
{
    FILE *file = tmpfile();
    g_autoptr(VtTerm) term = vt_term_new(file);
    g_autoptr(VtDomain) domain = vt_domain_new("d", NULL);
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);
    VtReportContext context = {.term = term};
    VtFinding *finding = vt_finding_new("r");
    gpointer report = vt_report_json.begin(&context);
    char text[4096] = "";

    finding->has_gain = TRUE;
    finding->gain.high_pct = INFINITY;
    finding->gain.low_pct = NAN;
    g_ptr_array_add(findings, finding);
    vt_report_json.domain(report, &(VtReportDomain){.domain = domain, .findings = findings});
    assert_true(vt_report_json.end(report, NULL));
    rewind(file);
    assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
    fclose(file);
    json_node_unref(parse(text));
    assert_non_null(strstr(text, "\"gain_pct\":null"));
}

/* A total that is too low is marked; one that is not has no mark. */
static void test_exits_at_least(void **state)
{
    for (guint low = 0; low <= 1; low++) {
        FILE *file = tmpfile();
        g_autoptr(VtTerm) term = vt_term_new(file);
        g_autoptr(VtDomain) domain = vt_domain_new("d", NULL);
        g_autoptr(VtProfile) profile = vt_profile_new();
        g_autoptr(GPtrArray) findings = g_ptr_array_new();
        gpointer report = vt_report_json.begin(&(VtReportContext){.term = term});
        char text[4096] = "";

        vt_profile_add_window(profile, 1000000000, 1);
        vt_profile_set_covers(profile, "exit");
        vt_profile_add(profile, 0, "exit.io", "libvirt", 100);
        vt_profile_add(profile, 0, "pio.0x1f7", "bpf", low ? 700 : 100);
        assert_true(vt_profile_finish(profile, NULL));
        vt_report_json.domain(
            report,
            &(VtReportDomain){.domain = domain, .profile = profile, .findings = findings});
        assert_true(vt_report_json.end(report, NULL));
        rewind(file);
        assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
        fclose(file);
        if (low)
            assert_non_null(strstr(text, "\"exits_per_vcpu_s\":700,\"exits_at_least\":true,"));
        else
            assert_non_null(strstr(text, "\"exits_per_vcpu_s\":100,\"hlt_per_vcpu_s\":"));
    }
}

static void test_schema(void **state)
{
    vt_test_schema_or_skip();
    for (guint i = 0; i <= 3; i++) {
        g_autofree char *text = write_json(i, i % 2 ? "qemu:///system" : NULL, i > 1);

        vt_test_validate("report.schema.json", text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report),
        cmocka_unit_test(test_several_hosts),
        cmocka_unit_test(test_no_domain_is_valid),
        cmocka_unit_test(test_each_domain_is_a_line),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_numbers_that_json_has_not),
        cmocka_unit_test(test_exits_at_least),
        cmocka_unit_test(test_schema),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
