/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test-import.h"

#include "model/profile-vcpu.h"

#define SECOND G_GUINT64_CONSTANT(1000000000)
#define HEAD "Attaching 3 probes...\n\n\n"

static const VtImportOptions two_seconds = {.duration_ns = 2 * SECOND, .isa = VT_ISA_VMX};

/* Refused, whatever the user gives. */
static void refuse(const char *text, const VtImportOptions *options, const char *where, const char *what)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VtProfile) profile = vt_test_import(text, strlen(text), NULL, options, &error);

    if (profile)
        fail_msg("taken: %s", text);
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
    if (!g_str_has_prefix(error->message, where) || !strstr(error->message, what))
        fail_msg("%s\ngives: %s", text, error->message);
}

static void test_good(void **state)
{
    static const char text[] = HEAD "@exit[4711, 4720, 12]: 100\n"
                                    "@exit[4711, 4721, 12]: 20\n"
                                    "@exit[4711, 4721, 2147483681]: 3\n"
                                    "\n"
                                    "@pio[4711, 4720, 503]: 31849\n"
                                    "@msr_write[4711, 4720, 2059]: 7\n"
                                    "@mmio[4711, 4720, 4272947208]: 0\n";
    g_autoptr(VtProfile) profile = vt_test_import_good(text, &two_seconds);

    assert_string_equal(profile->sources->pdata[0], "bpftrace");
    assert_int_equal(profile->windows->len, 1);
    assert_int_equal(profile->duration_ns, 2 * SECOND);
    assert_int_equal(profile->vcpus, 2);
    assert_true(vt_test_has_note(profile, "--vcpus"));
    assert_false(vt_test_has_note(profile, "all domains"));
    assert_true(vt_test_count(profile, "exit.hlt") == 120);
    assert_true(vt_test_count(profile, "exits") == 123);
    assert_true(vt_test_count(profile, "pio.0x1f7") == 31849);
    assert_true(vt_test_count(profile, "msr.write.0x80b") == 7);
    assert_true(vt_test_count(profile, "mmio.0xfeb00008") == 0);
    assert_float_equal(vt_profile_get(profile, "exit.hlt")->rate, 120 / 4.0, 1e-9);
}

/* What was counted is known whole, and nothing else. */
static void test_covers(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good("@pio[503]: 5\n@msr_read[16]: 1\n", &two_seconds);
    g_autoptr(GString) full = g_string_new(NULL);
    g_autoptr(VtProfile) unknown = NULL;

    assert_true(vt_profile_covers(profile, "pio.0x70"));
    assert_true(vt_profile_covers(profile, "msr.read.0x1b"));
    assert_false(vt_profile_covers(profile, "msr.write.0x1b"));
    assert_false(vt_profile_covers(profile, "exit.hlt"));
    assert_null(vt_profile_get(profile, "exits"));
    assert_true(vt_test_has_note(profile, "all domains"));
    for (guint i = 0; i < 4096; i++)
        g_string_append_printf(full, "@pio[%u]: 5\n", i);
    unknown = vt_test_import_good(full->str, &two_seconds);
    assert_false(vt_profile_covers(unknown, "pio.0xffff"));
    assert_true(vt_test_has_note(unknown, "full"));
}

/* With and without keys before the number, which may be hexadecimal; lines may end as those of DOS. */
static void test_keys(void **state)
{
    static const char *const good[] = {
        "@pio[503]: 9\n",
        "@pio[0x1f7]: 9\n",
        "@pio[4711, 503]: 9\n",
        "@pio[CPU 0/KVM, 503]: 9\n",
        "@pio[CPU 0/KVM, 503]: 4\n@pio[CPU 11/KVM, 503]: 5\n",
        "@pio[4711, CPU 0/KVM, 0x1f7]: 9\n",
        "@pio[4711, 4720, 503]: 4\n@pio[4711, 4721, 0x1f7]: 5\n",
        "Attaching 1 probe...\r\n^C\r\n\r\n@pio[503]: 9\r\n\r\n",
        "Attached 1 probe\n\n@pio[503]: 9\n",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(VtProfile) profile = vt_test_import_good(good[i], &two_seconds);

        assert_true(vt_test_count(profile, "pio.0x1f7") == 9);
        assert_int_equal(g_hash_table_size(profile->metrics), 1);
    }
}

/* Threads that one map has by number and another by name are the same. */
static void test_vcpus(void **state)
{
    g_autoptr(VtProfile) profile =
        vt_test_import_good("@pio[4711, 4720, 503]: 9\n@pio[4711, 4721, 503]: 9\n@mmio[4711, CPU 0/KVM, 5]: 1\n"
                            "@mmio[4711, CPU 1/KVM, 5]: 1\n@mmio[4711, CPU 2/KVM, 5]: 1\n@msr_read[4711, 5]: 1\n",
                            &two_seconds);

    assert_int_equal(profile->vcpus, 3);
}

/* Numbers of threads are not those of vCPUs. */
static void test_per_vcpu(void **state)
{
    const VtImportOptions apart = {.duration_ns = SECOND, .isa = VT_ISA_VMX, .per_vcpu = TRUE};
    const char *numbers = "@pio[4711, 4720, 503]: 9\n";
    const char *large = "@pio[CPU 70000/KVM, 5]: 1\n";
    g_autoptr(VtProfile) profile = vt_test_import_good("@exit[13878, CPU 0/KVM, 12]: 100\n"
                                                       "@exit[13878, CPU 11/KVM, 48]: 7\n"
                                                       "@pio[13878, 13880, 0x1f7]: 72970\n", &apart);
    g_autoptr(VtProfile) without = vt_test_import_good(numbers, &apart);
    g_autoptr(GError) error = NULL;
    const VtMetric *exits = vt_profile_get(profile, "exits");

    assert_true(vt_profile_vcpu_get(exits, 0)->count == 100);
    assert_true(vt_profile_vcpu_get(exits, 11)->count == 7);
    assert_null(vt_profile_vcpu_get(vt_profile_get(profile, "exit.hlt"), 11));
    assert_null(vt_profile_get(profile, "pio.0x1f7")->vcpus);
    assert_null(without->numbered);
    assert_true(vt_test_has_note(without, "does not tell which vCPU"));
    assert_null(vt_test_import(large, strlen(large), NULL, &apart, &error));
    assert_true(g_str_has_prefix(error->message, "r.txt:1: “CPU 70000/KVM” is too large"));
}

static void test_domain(void **state)
{
    static const char text[] = "@pio[4711, 4720, 503]: 9\n@pio[4712, 4730, 503]: 1000\n@pio[4712, 4731, 496]: 1\n";
    const VtImportOptions first = {.duration_ns = SECOND, .domain = "4711"};
    const VtImportOptions none = {.duration_ns = SECOND, .domain = "47"};
    g_autoptr(VtProfile) profile = vt_test_import_good(text, &first);

    assert_true(vt_test_count(profile, "pio.0x1f7") == 9);
    assert_null(vt_profile_get(profile, "pio.0x1f0"));
    assert_int_equal(profile->vcpus, 1);
    refuse(text, &two_seconds, "r.txt: ", "--domain”: 4711, 4712");
    refuse(text, &none, "r.txt: ", "no count of that domain");
    refuse("@pio[503]: 9\n", &first, "r.txt:1: ", "no process");
}

/* As in recordings of other tools: numbers, of processes or of threads. */
static void test_domain_by_threads(void **state)
{
    static const char text[] = "@pio[4711, 4720, 503]: 9\n@pio[4711, 4721, 503]: 20\n@pio[4712, 4730, 503]: 1000\n";
    static const struct {
        const char *domain;
        guint64 count;
        guint vcpus;
    } good[] = {{"4711", 29, 2}, {"04711", 29, 2}, {"4711,13999", 29, 2}, {"4720", 9, 1},
                {"4720,4721", 29, 2}, {"4720,4711", 29, 2}};
    static const struct {
        const char *text, *domain, *where, *what;
    } bad[] = {
        {text, "", "r.txt:1: ", "--domain is empty"},
        {text, "foo", "r.txt:1: ", "numbers of their processes or threads"},
        {text, "4711,", "r.txt:1: ", "numbers of their processes or threads"},
        {text, "4711,4712", "r.txt: ", "--domain”: 4711, 4712"},
        {text, "4720,4730", "r.txt: ", "--domain”: 4711, 4712"},
        {text, "503", "r.txt: ", "no count of that domain"},
        /* They may have counts of that thread. */
        {"@pio[4711, 4720, 503]: 9\n@mmio[4711, 5]: 1\n", "4720", "r.txt: ", "@mmio does not have the numbers"},
        {"@pio[4711, 4720, 503]: 9\n@pio[4711, CPU 1/KVM, 503]: 1\n", "4720", "r.txt: ", "@pio does not have the numbers"},
        {"@pio[4294967296, 4720, 503]: 9\n", "4720", "r.txt:1: ", "“4294967296” is too large for @pio"},
        {"@pio[4711, 4294967296, 503]: 9\n", "4711", "r.txt:1: ", "“4294967296” is too large for @pio"},
    };
    const VtImportOptions process = {.duration_ns = SECOND, .domain = "4711"};
    g_autoptr(VtProfile) mixed =
        vt_test_import_good("@pio[4711, CPU 0/KVM, 503]: 9\n@mmio[4711, 5]: 1\n@mmio[4712, 5]: 7\n", &process);

    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        const VtImportOptions options = {.duration_ns = SECOND, .domain = good[i].domain};
        g_autoptr(VtProfile) profile = vt_test_import_good(text, &options);

        assert_true(vt_test_count(profile, "pio.0x1f7") == good[i].count);
        assert_int_equal(profile->vcpus, good[i].vcpus);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        const VtImportOptions options = {.duration_ns = SECOND, .domain = bad[i].domain};

        refuse(bad[i].text, &options, bad[i].where, bad[i].what);
    }
    assert_true(vt_test_count(mixed, "pio.0x1f7") == 9);
    assert_true(vt_test_count(mixed, "mmio.0x5") == 1);
}

static void test_isa(void **state)
{
    static const char text[] = "@exit[124]: 10\n@exit[1024]: 3\n@exit[120]: 5\n";
    const VtImportOptions amd = {.vcpus = 3, .duration_ns = SECOND, .isa = VT_ISA_SVM};
    const VtImportOptions none = {.duration_ns = SECOND};
    g_autoptr(VtProfile) profile = vt_test_import_good(text, &amd);

    assert_int_equal(profile->vcpus, 3);
    assert_true(vt_test_count(profile, "exit.msr") == 10);
    assert_true(vt_test_count(profile, "exit.hlt") == 5);
    assert_true(vt_test_count(profile, "exits") == 18);
    assert_true(vt_test_count(profile, "exit.pause") == 0);
    assert_false(vt_profile_covers(profile, "exit.mmio"));
    refuse(text, &none, "r.txt:1: ", "--isa");
}

static void test_bad(void **state)
{
    static const struct {
        const char *text, *where, *what;
    } bad[] = {
        {HEAD, "r.txt: ", "no map of counts"},
        {HEAD "@pio[503]: 31849", "r.txt:4: ", "has no end"},
        {HEAD "@pio[503]: 1\n@pio[4711, 50\n", "r.txt:5: ", "cut short"},
        {HEAD "@pio[503]:\n", "r.txt:4: ", "cut short"},
        {HEAD "@pio[503]: \n[2, 4)  5 |@@@|\n", "r.txt:4: ", "cut short"},
        {HEAD "@pio[503]: -1\n", "r.txt:4: ", "cut short"},
        {HEAD "@pio[503]: 1.5\n", "r.txt:4: ", "cut short"},
        {HEAD "@pio[-503]: 1\n", "r.txt:4: ", "cut short"},
        {HEAD "@pio[qemu, 503]: 1\n", "r.txt:4: ", "cut short"},
        {HEAD "@pio[1, 2, 3, 503]: 1\n", "r.txt:4: ", "cut short"},
        {HEAD "@pio: 1\n", "r.txt:4: ", "cut short"},
        {HEAD "@pio[503]: 1\nLost 5 events\n", "r.txt:5: ", "cut short"},
        {HEAD "@pio[503]: 9223372036854775808\n", "r.txt:4: ", "is not a count"},
        {HEAD "@pio[503]: 9223372036854775807\n@pio[504]: 1\n", "r.txt:5: ", "too large"},
        {HEAD "@pio[65536]: 1\n", "r.txt:4: ", "“65536” is too large for @pio"},
        {HEAD "@msr_write[4294967296]: 1\n", "r.txt:4: ", "too large for @msr_write"},
        {HEAD "@mmio[18446744073709551616]: 1\n", "r.txt:4: ", "too large for @mmio"},
        {HEAD "@ports[503]: 1\n", "r.txt:4: ", "@ports is no map"},
        {"@exits[503]: 1\n", "r.txt:1: ", "@exits is no map"},
        {HEAD "@[503]: 1\n", "r.txt:4: ", "@ is no map"},
        {HEAD "@pio[503]: 1\n@pio[503]: 1\n", "r.txt:5: ", "stands twice"},
        {HEAD "@pio[503]: 1\n@pio[0x1f7]: 1\n", "r.txt:5: ", "stands twice"},
        {HEAD "@pio[503]: 1\n@pio[4711, 503]: 1\n", "r.txt:5: ", "other keys"},
        {HEAD "@pio[4711, 503]: 1\n@pio[4711, CPU 0/KVM, 503]: 1\n", "r.txt:5: ", "other keys"},
        {HEAD "@pio[503]: 1\nAttaching 1 probe...\n@mmio[5]: 1\n", "r.txt:5: ", "second recording"},
        {HEAD "@pio[503]: 1\n\x1b[2J\n", "r.txt:5: ", "\\x1b"},
    };
    const VtImportOptions no_time = {.vcpus = 1};

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        refuse(bad[i].text, &two_seconds, bad[i].where, bad[i].what);
    refuse(HEAD "@pio[503]: 1\n", &no_time, "r.txt: ", "--duration");
}

static void test_recording(void **state)
{
    const VtImportOptions options = {.duration_ns = 3 * SECOND};
    g_autoptr(VtProfile) profile = vt_test_import_recording("bpftrace.txt", &options);

    assert_int_equal(profile->vcpus, 1);
    assert_int_equal(g_hash_table_size(profile->metrics), 3);
    assert_true(vt_test_count(profile, "pio.0x1f7") == 72970);
    assert_true(vt_test_count(profile, "msr.write.0x80b") == 77961);
    assert_true(vt_test_count(profile, "mmio.0xfeb00008") == 74786);
    /* The KVM of the recording has no kvm_exit, which does not mean that there were none. */
    assert_false(vt_profile_covers(profile, "exit.hlt"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),  cmocka_unit_test(test_covers), cmocka_unit_test(test_keys),
        cmocka_unit_test(test_vcpus), cmocka_unit_test(test_domain),
        cmocka_unit_test(test_domain_by_threads), cmocka_unit_test(test_per_vcpu), cmocka_unit_test(test_isa),
        cmocka_unit_test(test_bad),   cmocka_unit_test(test_recording),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
