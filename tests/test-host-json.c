/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "source/host-json.h"
#include "vt-test-schema.h"

#define UUID "c7a5fdbd-edaf-9455-926a-d65c16db1809"
#define OTHER "d7a5fdbd-edaf-9455-926a-d65c16db1809"

static const char full[] =
    "{\n"
    "  \"format\": \"virt-tune-host\",\n"
    "  \"version\": 1,\n"
    "  \"facts\": {\n"
    "    \"arch\": \"x86_64\",\n"
    "    \"cpus.housekeeping\": \"0-1,3\",\n"
    "    \"cpus.online\": \"0-3\",\n"
    "    \"kvm_intel.ple_gap\": \"128\",\n"
    "    \"overcommit\": \"N\",\n"
    "    \"vcpus.running\": \"1\"\n"
    "  },\n"
    "  \"interrupts\": [\n"
    "    {\"irq\": \"9\", \"device\": \"acpi\", \"affinity\": null, \"managed\": null},\n"
    "    {\"irq\": \"24\", \"device\": \"eth0-rx-0\", \"affinity\": \"0-3\", \"managed\": true},\n"
    "    {\"irq\": \"LOC\", \"device\": null, \"affinity\": null, \"managed\": false}\n"
    "  ],\n"
    "  \"domains_complete\": true,\n"
    "  \"domains\": [\n"
    "    {\"uuid\": \"" UUID
    "\", \"name\": \"web\", \"vcpus\": 1, \"vcpu_pins\": [\"2\"], \"emulator_pin\": \"0-1\", "
    "\"facts\": {\"emulator-overlaps\": \"N\", \"emulator-pinned\": \"Y\", \"exceeds-host\": \"N\", "
    "\"pinning\": \"exclusive\", "
    "\"vcpu-cpus\": \"2\", \"vhost-threads\": \"2\"}}\n"
    "  ],\n"
    "  \"notes\": [\"One \\\"thing\\\" is unknown.\"]\n"
    "}\n";

static VtHost *parse(const char *text, GError **error)
{
    return vt_host_json_parse(text, strlen(text), "h.json", error);
}

static void test_round_trip(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VtHost) host = parse(full, &error);
    g_autofree char *text = NULL;

    assert_no_error(error);
    text = vt_host_json_format(host);
    assert_string_equal(text, full);
    assert_string_equal(vt_host_get(host, "kvm_intel.ple_gap"), "128");
    assert_string_equal(vt_host_get_for(host, UUID, "domain.vhost-threads"), "2");
    assert_int_equal(vt_host_irq(host, "24")->managed, VT_YES);
    assert_int_equal(vt_host_irq(host, "LOC")->managed, VT_NO);
    assert_int_equal(vt_host_irq(host, "9")->managed, VT_UNKNOWN);
    assert_null(vt_host_irq(host, "9")->affinity);
    assert_int_equal(vt_cpus_count(vt_host_irq(host, "24")->affinity), 4);
}

static void test_sorted(void **state)
{
    g_autoptr(VtHost) host = vt_host_new();
    g_autofree char *text = NULL;

    vt_host_add_irq(host, "LOC", NULL);
    vt_host_add_irq(host, "ERR", NULL);
    vt_host_add_irq(host, "100", "b");
    vt_host_add_irq(host, "24", "a");
    vt_host_add_domain(host, OTHER, "b", 1);
    vt_host_add_domain(host, UUID, "a", 1);
    text = vt_host_json_format(host);
    assert_true(strstr(text, "\"24\"") < strstr(text, "\"100\""));
    assert_true(strstr(text, "\"100\"") < strstr(text, "\"ERR\""));
    assert_true(strstr(text, "\"ERR\"") < strstr(text, "\"LOC\""));
    assert_true(strstr(text, UUID) < strstr(text, OTHER));
}

/* Pins that nobody knows are no pins that are known to be none. */
static void test_unknown_pins(void **state)
{
    static const char text[] =
        "{\"format\": \"virt-tune-host\", \"version\": 1, \"facts\": {\"cpus.online\": \"0-3\"}, "
        "\"domains_complete\": true, \"domains\": [{\"uuid\": \"" UUID "\", \"vcpus\": 2}, "
        "{\"uuid\": \"" OTHER "\", \"vcpus\": 2, \"vcpu_pins\": [null, \"1\"]}]}";
    g_autoptr(GError) error = NULL;
    g_autoptr(VtHost) host = parse(text, &error);
    g_autofree char *out = NULL;

    assert_no_error(error);
    assert_false(vt_host_domain(host, UUID)->pins_known);
    assert_true(vt_host_domain(host, OTHER)->pins_known);
    assert_null(vt_host_domain(host, OTHER)->vcpu_pins->pdata[0]);
    assert_null(vt_host_get(host, "overcommit"));
    out = vt_host_json_format(host);
    assert_non_null(strstr(out, "\"vcpus\": 2, \"facts\": {\"exceeds-host\": \"N\"}"));
    assert_non_null(strstr(out, "\"vcpu_pins\": [null, \"1\"], \"emulator_pin\": null"));
}

#define HEAD "{\"format\": \"virt-tune-host\", \"version\": 1, "
#define DOMAIN(text) HEAD "\"domains\": [\n{\"uuid\": \"" UUID "\", " text "}]}"

static void test_errors(void **state)
{
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"[]", "no JSON object"},
        {"{\"format\": \"virt-tune-profile\", \"version\": 1}", "virt-tune-host"},
        {"{\"format\": \"virt-tune-host\", \"version\": 2}", "update"},
        {HEAD "\"fact\": {}}", "“fact” is not known"},
        {HEAD "\"facts\": {\n\"colour\": \"red\"}}", "h.json:2: “colour” is not a host fact"},
        {HEAD "\"facts\": {\"domain.pinning\": \"none\"}}", "“domain.pinning” is not a host fact"},
        {HEAD "\"facts\": {\"smt\": 1}}", "“smt” must be a string"},
        {HEAD "\"facts\": {\"smt\": null}}", "“smt” is missing"},
        {HEAD "\"facts\": {\"cpus.online\": \"0-\"}}", "h.json:1: "},
        {HEAD "\"facts\": {\"cpus.online\": \"3-1\"}}", "h.json:1: "},
        {HEAD "\"domains_complete\": 1}", "must be true or false"},
        {HEAD "\"interrupts\": {}}", "must be an array"},
        {HEAD "\"interrupts\": [1]}", "objects only"},
        {HEAD "\"interrupts\": [{\"device\": \"x\"}]}", "“irq” is missing"},
        {HEAD "\"interrupts\": [{\"irq\": \"1\"}, {\"irq\": \"1\"}]}",
         "interrupt “1” stands twice"},
        {HEAD "\"interrupts\": [{\"irq\": \"1\", \"affinity\": \"x\"}]}", "h.json:1: "},
        {HEAD "\"interrupts\": [{\"irq\": \"1\", \"managed\": \"no\"}]}", "“managed”"},
        {HEAD "\"domains\": [{\"uuid\": \"../etc\", \"vcpus\": 1}]}", "must be a UUID"},
        {HEAD "\"domains\": [{\"vcpus\": 1}]}", "“uuid” is missing"},
        {DOMAIN("\"vcpus\": 0"), "h.json:2: “vcpus” must be"},
        {DOMAIN("\"vcpus\": 65537"), "“vcpus” must be"},
        {DOMAIN("\"vcpus\": 2, \"vcpu_pins\": [\"1\"]"), "1 elements for 2 vCPUs"},
        {DOMAIN("\"vcpus\": 1, \"vcpu_pins\": [1]"), "strings only"},
        {DOMAIN("\"vcpus\": 1, \"vcpu_pins\": [\"a\"]"), "h.json:2: "},
        {DOMAIN("\"vcpus\": 1, \"emulator_pin\": \"1\""), "“vcpu_pins” is missing"},
        {DOMAIN("\"vcpus\": 1, \"facts\": {\"arch\": \"x\"}"), "“arch” is not a host fact"},
        {HEAD "\"domains\": [{\"uuid\": \"" UUID "\", \"vcpus\": 1}, {\"uuid\": \"" UUID
              "\", \"vcpus\": 1}]}",
         "stands twice"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(VtHost) host = parse(bad[i].text, &error);

        if (host)
            fail_msg("taken: %s", bad[i].text);
        assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
        if (!strstr(error->message, bad[i].message))
            fail_msg("%s\ngives: %s", bad[i].text, error->message);
    }
}

static void test_files(void **state)
{
    g_autofree char *dir = g_dir_make_tmp("vt-host-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "h.json", NULL);
    g_autofree char *nowhere = g_build_filename(dir, "none", "h.json", NULL);
    g_autoptr(VtHost) host = parse(full, NULL);
    g_autoptr(VtHost) again = NULL;
    g_autoptr(GError) error = NULL;

    assert_true(vt_host_json_save(host, path, &error));
    again = vt_host_json_load(path, &error);
    assert_no_error(error);
    assert_string_equal(vt_host_get(again, "arch"), "x86_64");
    assert_false(vt_host_json_save(host, nowhere, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_IO));
    g_clear_error(&error);
    assert_null(vt_host_json_load(nowhere, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_IO));
    g_unlink(path);
    g_rmdir(dir);
}

static void test_schema(void **state)
{
    static const char *const bad[] = {
        "{}",
        HEAD "\"fact\": {}}",
        HEAD "\"facts\": {\"smt\": 1}}",
        HEAD "\"domains\": [{\"vcpus\": 1}]}",
        HEAD "\"interrupts\": [{\"irq\": \"1\", \"managed\": \"no\"}]}",
        DOMAIN("\"vcpus\": 1, \"emulator_pin\": \"1\""),
    };
    g_autoptr(VtHost) host = NULL, empty = NULL;
    g_autofree char *text = NULL, *nothing = NULL;

    vt_test_schema_or_skip();
    host = parse(full, NULL);
    empty = vt_host_new();
    text = vt_host_json_format(host);
    nothing = vt_host_json_format(empty);
    vt_test_validate("host.schema.json", text);
    vt_test_validate("host.schema.json", nothing);
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *message = NULL;

        assert_null(parse(bad[i], NULL));
        if (vt_test_schema_takes("host.schema.json", bad[i], &message) || !strstr(message, ": /"))
            fail_msg("the schema takes %s", bad[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),   cmocka_unit_test(test_sorted),
        cmocka_unit_test(test_unknown_pins), cmocka_unit_test(test_errors),
        cmocka_unit_test(test_files),        cmocka_unit_test(test_schema),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
