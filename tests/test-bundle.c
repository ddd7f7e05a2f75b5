/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "model/profile-vcpu.h"
#include "source/bundle.h"
#include "vt-test-schema.h"

#define XML "<domain type='kvm'>\\n  <name>web</name>\\n  <vcpu>2</vcpu>\\n</domain>"
#define HEAD "{\"format\": \"virt-tune-bundle\", \"version\": 1, "

static VtBundle *parse(const char *text, GError **error)
{
    return vt_bundle_parse(text, strlen(text), "b.vtb", error);
}

static VtBundle *sample(void)
{
    static const char live[] = "<domain type='kvm' id='3'>\n  <name>web</name>\n  <vcpu>2</vcpu>\t<a b='1&#10;2'/>é\n</domain>";
    static const char inactive[] = "<domain type='kvm'>\n  <name>web</name>\n  <vcpu>4</vcpu>\n</domain>";
    g_autoptr(VtDomain) runs = vt_domain_new(NULL, NULL);
    g_autoptr(VtDomain) off = NULL;
    g_autoptr(VtProfile) profile = vt_profile_new();
    VtBundle *bundle = vt_bundle_new();

    assert_true(vt_domain_set_xml(runs, vt_xml_parse(live, strlen(live), "l", NULL),
                                  vt_xml_parse(inactive, strlen(inactive), "i", NULL), "d", NULL));
    runs->state = g_strdup("running");
    runs->migrating = VT_NO;
    runs->guest.os_id = g_strdup("http://debian.org/debian/12");
    runs->guest.family = g_strdup("linux");
    runs->guest.drivers_known = TRUE;
    g_hash_table_add(runs->guest.supports, g_strdup("virtio-net"));
    g_hash_table_add(runs->guest.supports, g_strdup("virtio-block"));
    off = vt_domain_from_xml(inactive, strlen(inactive), "i", NULL);
    vt_profile_add_window(profile, 2000000000, 2);
    vt_profile_add(profile, 0, "exits", "libvirt", 4000);
    vt_profile_add_time(profile, "exits", 77);
    vt_profile_vcpu_add(profile, 0, "exits", "libvirt", 1, 3000);
    vt_profile_finish(profile, NULL);
    bundle->uri = g_strdup("qemu:///system");
    bundle->host = vt_host_new();
    vt_host_set(bundle->host, "arch", "x86_64");
    runs->pending_change = 7;
    runs->pending_other = g_strsplit("disk,vcpu", ",", -1);
    runs->seed_disks = g_strsplit("sda,sdb", ",", -1);
    vt_bundle_add(bundle, runs, profile, NULL);
    vt_bundle_add(bundle, off, NULL, "It was \"off\".");
    return bundle;
}

static void test_round_trip(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VtBundle) bundle = sample();
    g_autoptr(VtBundle) again = NULL;
    g_autofree char *text = vt_bundle_format(bundle);
    g_autofree char *second = NULL;
    g_autofree char *want = NULL;
    g_autofree char *have = NULL;
    const VtDomain *domain, *before = g_ptr_array_index(bundle->domains, 0);
    const VtProfile *profile;

    again = parse(text, &error);
    assert_no_error(error);
    second = vt_bundle_format(again);
    assert_string_equal(second, text);
    assert_string_equal(again->uri, "qemu:///system");
    assert_string_equal(vt_host_get(again->host, "arch"), "x86_64");
    assert_false(again->redacted);
    assert_int_equal(again->domains->len, 2);

    domain = g_ptr_array_index(again->domains, 0);
    assert_true(domain->active);
    assert_string_equal(domain->state, "running");
    assert_int_equal(domain->migrating, VT_NO);
    assert_int_equal(domain->vcpus, 2);
    assert_true(domain->guest.drivers_known);
    assert_true(g_hash_table_contains(domain->guest.supports, "virtio-net"));
    assert_int_equal(g_hash_table_size(domain->guest.supports), 2);
    want = vt_xml_pretty(before->live);
    have = vt_xml_pretty(domain->live);
    assert_string_equal(have, want);
    assert_true(vt_xml_has((xmlNode *)domain->inactive, "/domain/vcpu = 4"));
    profile = g_ptr_array_index(again->profiles, 0);
    assert_true(vt_profile_get(profile, "exits")->rate == 1000);
    assert_int_equal(vt_profile_get(profile, "exits")->time_ns, 77);
    assert_int_equal(profile->vcpus, 2);
    assert_int_equal(vt_profile_vcpu_get(vt_profile_get(profile, "exits"), 1)->count, 3000);

    assert_int_equal(domain->pending_change, 7);
    assert_int_equal(g_strv_length(domain->pending_other), 2);
    assert_string_equal(domain->pending_other[1], "vcpu");
    assert_int_equal(g_strv_length(domain->seed_disks), 2);
    assert_string_equal(domain->seed_disks[1], "sdb");

    domain = g_ptr_array_index(again->domains, 1);
    assert_false(domain->active);
    assert_ptr_equal(domain->live, domain->inactive);
    assert_null(domain->state);
    assert_int_equal(domain->pending_change, 0);
    assert_null(domain->pending_other);
    assert_null(domain->seed_disks);
    assert_int_equal(domain->migrating, VT_UNKNOWN);
    assert_null(g_ptr_array_index(again->profiles, 1));
    assert_string_equal(g_ptr_array_index(again->notes, 1), "It was \"off\".");
}

static void test_errors(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"[]", "b.vtb"},
        {"{\"format\": \"virt-tune-host\", \"version\": 1}", "virt-tune-host"},
        {"{\"version\": 1, \"domains\": []}", "format"},
        {"{\"format\": \"virt-tune-bundle\", \"version\": 2, \"domains\": []}", "b.vtb:1: version 2"},
        {HEAD "\"domains\": [], \"extra\": 1}", "extra"},
        {HEAD "\"uri\": null}", "domains"},
        {HEAD "\"domains\": [1]}", "domains"},
        {HEAD "\"domains\": [{}]}", "live_xml"},
        {HEAD "\n\"domains\": [\n{\"live_xml\": \"<domain>\"}]}", "b.vtb:3: "},
        {HEAD "\"domains\": [{\"live_xml\": \"<network><name>x</name></network>\"}]}", "<network>"},
        {HEAD "\"domains\": [{\"live_xml\": \"<!DOCTYPE x [<!ENTITY y 'z'>]><domain><name>&y;</name></domain>\"}]}",
         "live_xml"},
        {HEAD "\"domains\": [{\"live_xml\": \"" XML "\", \"inactive_xml\": \"<domain><name>db</name></domain>\"}]}", "db"},
        {HEAD "\"domains\": [{\"live_xml\": \"" XML "\", \"guest\": {\"supports\": [1]}}]}", "supports"},
        {HEAD "\"domains\": [{\"live_xml\": \"" XML "\", \"migrating\": \"no\"}]}", "migrating"},
        {HEAD "\"domains\": [{\"live_xml\": \"" XML "\", \"profile\": {\"format\": \"virt-tune-profile\", "
              "\"version\": 1, \"vcpus\": 1, \"duration_ns\": 1, \"metrics\": {\"exits\": {\"count\": -1}}}}]}",
         "count"},
        {HEAD "\"host\": {\"format\": \"virt-tune-host\", \"version\": 1, \"facts\": {\"nonsense\": \"Y\"}}, "
              "\"domains\": []}",
         "nonsense"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        VtBundle *bundle = parse(cases[i].text, &error);

        if (bundle || !error)
            fail_msg("taken: %s", cases[i].text);
        if (!strstr(error->message, cases[i].want) || !g_str_has_prefix(error->message, "b.vtb"))
            fail_msg("“%s” lacks “%s”", error->message, cases[i].want);
        assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
    }
}

/* A file of which every part may be missing must end as an error, never as a crash. */
static void test_truncated(void **state)
{
    g_autoptr(VtBundle) bundle = sample();
    g_autofree char *text = vt_bundle_format(bundle);
    gsize length = strlen(g_strchomp(text));

    for (gsize n = 0; n < length; n += 7) {
        g_autoptr(GError) error = NULL;

        assert_null(vt_bundle_parse(text, n, "b.vtb", &error));
        assert_non_null(error);
    }
}

static void test_files(void **state)
{
    g_autofree char *dir = g_dir_make_tmp("test-bundle-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "web.vtb", NULL);
    g_autofree char *nowhere = g_build_filename(dir, "none", "web.vtb", NULL);
    g_autofree char *text = NULL;
    g_autoptr(VtBundle) bundle = sample();
    g_autoptr(VtBundle) again = NULL;
    g_autoptr(GError) error = NULL;
    struct stat st;

    /* Others could read what was there before. */
    assert_true(g_file_set_contents(path, "old", -1, NULL));
    assert_int_equal(g_chmod(path, 0644), 0);
    assert_false(vt_bundle_is(path));
    assert_true(vt_bundle_save(bundle, path, &error));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(vt_bundle_is(path));
    again = vt_bundle_load(path, &error);
    assert_no_error(error);
    assert_int_equal(again->domains->len, 2);

    assert_false(vt_bundle_is(dir));
    assert_false(vt_bundle_is(nowhere));
    assert_false(vt_bundle_save(bundle, nowhere, &error));
    assert_non_null(strstr(error->message, nowhere));
    g_clear_error(&error);
    assert_null(vt_bundle_load(nowhere, &error));
    assert_non_null(strstr(error->message, nowhere));

    assert_true(g_file_set_contents(path, " {\n\"format\" :\"virt-tune-bundle\"", -1, NULL));
    assert_true(vt_bundle_is(path));
    assert_true(g_file_set_contents(path, "{\"format\": \"virt-tune-bundles\"", -1, NULL));
    assert_false(vt_bundle_is(path));
    g_unlink(path);
    g_rmdir(dir);
}

static void test_schema(void **state)
{
    vt_test_schema_or_skip();
    {
        g_autoptr(VtBundle) bundle = sample();
        g_autofree char *text = vt_bundle_format(bundle);
        g_autofree char *message = NULL;

        vt_test_validate("bundle.schema.json", text);
        assert_false(vt_test_schema_takes("bundle.schema.json", HEAD "\"domains\": [{}]}", &message));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_errors), cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_files),      cmocka_unit_test(test_schema),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
