/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Histograms of exits. */
#include "vt-test-import.h"

#include "model/profile-vcpu.h"

#define HEAD(keys)                                          \
    "# event histogram\n#\n# trigger info: hist:keys=" keys \
    ":vals=hitcount:sort=hitcount:size=2048 [active]\n#\n\n"
#define BOTH HEAD("exit_reason,isa")
#define ENTRY(reason, isa, hits) \
    "{ exit_reason:         " #reason ", isa:          " #isa " } hitcount:        " #hits "\n"
#define TOTALS(hits, entries, dropped) \
    "\nTotals:\n    Hits: " #hits "\n    Entries: " #entries "\n    Dropped: " #dropped "\n"

static void test_recorded(void **state)
{
    const VtImportOptions options = {.vcpus = 1, .duration_ns = 1000000000};
    g_autoptr(VtProfile) decimal = vt_test_import_recording("hist.txt", &options);
    g_autoptr(VtProfile) hexadecimal = vt_test_import_recording("hist-hex.txt", &options);
    const VtProfile *const profiles[] = {decimal, hexadecimal};

    for (guint i = 0; i < G_N_ELEMENTS(profiles); i++) {
        assert_int_equal(profiles[i]->isa, VT_ISA_SVM);
        assert_true(vt_test_count(profiles[i], "exit.msr") > 0);
        assert_true(vt_test_count(profiles[i], "exit.io") > 0);
        assert_true(vt_test_count(profiles[i], "exit.external-interrupt") > 0);
        assert_true(vt_test_count(profiles[i], "exit.pause") == 0);
    }
}

static void test_vmx(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        BOTH ENTRY(49, 1, 10) ENTRY(12, 1, 5) ENTRY(91, 1, 2) TOTALS(17, 3, 4), NULL);

    assert_int_equal(profile->isa, VT_ISA_VMX);
    assert_true(vt_test_count(profile, "exit.mmio") == 10);
    assert_true(vt_test_count(profile, "exit.vmx-91") == 2);
    assert_true(vt_test_count(profile, "exits") == 17);
    assert_true(vt_profile_covers(profile, "exit.pause"));
    assert_true(profile->lost == 4);
    assert_true(vt_test_has_note(profile, "--duration"));
    assert_true(vt_test_has_note(profile, "all guests"));
}

#define OF(vcpu, reason, hits) \
    "{ vcpu_id:          " #vcpu ", exit_reason:         " #reason ", isa:          1 } hitcount:   " #hits "\n"
#define VCPUS HEAD("vcpu_id,exit_reason,isa")

static void test_vcpus(void **state)
{
    const VtImportOptions apart = {.duration_ns = 2000000000, .per_vcpu = TRUE}, told = {.vcpus = 4};
    const char *text = VCPUS OF(0, 12, 10) OF(1, 12, 5) TOTALS(15, 2, 0)
        VCPUS OF(0, 12, 10) OF(1, 12, 25) OF(1, 10, 4) TOTALS(39, 3, 0);
    g_autoptr(VtProfile) profile = vt_test_import_good(text, &apart);
    g_autoptr(VtProfile) given = vt_test_import_good(text, &told);

    assert_int_equal(profile->vcpus, 2);
    assert_true(vt_profile_get(profile, "exit.hlt")->rate == 5);
    assert_null(vt_profile_vcpu_get(vt_profile_get(profile, "exit.hlt"), 0));
    assert_true(vt_profile_vcpu_get(vt_profile_get(profile, "exit.hlt"), 1)->count == 20);
    assert_true(vt_profile_vcpu_get(vt_profile_get(profile, "exit.cpuid"), 1)->count == 4);
    assert_false(vt_test_has_note(profile, "--vcpus.") && vt_test_has_note(profile, "one was taken"));
    assert_int_equal(given->vcpus, 4);
    assert_null(given->numbered);
    vt_test_import_bad(VCPUS OF(70000, 12, 10) TOTALS(10, 1, 0), NULL, "r.txt:6: ", "cut short");
    vt_test_import_bad(VCPUS OF(0, 12, 10) OF(1, 12, 5) TOTALS(15, 2, 0) VCPUS OF(0, 12, 30) TOTALS(30, 1, 0), NULL,
                       "r.txt:", "went back");
}

/* It counts since the trigger was set, as the entries do. */
static void test_dropped(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        BOTH ENTRY(12, 1, 5) TOTALS(5, 1, 1000) BOTH ENTRY(12, 1, 6) TOTALS(6, 1, 1000)
            BOTH ENTRY(12, 1, 9) TOTALS(9, 1, 1003),
        NULL);

    assert_true(profile->lost == 3);
    vt_test_import_bad(BOTH ENTRY(12, 1, 5) TOTALS(5, 1, 7) BOTH ENTRY(12, 1, 6) TOTALS(6, 1, 6), NULL,
                       "r.txt:", "went back");
}

/* What AMD's codes do not tell is not zero. */
static void test_svm(void **state)
{
    g_autoptr(VtProfile) both =
        vt_test_import_good(BOTH ENTRY(124, 2, 10) ENTRY(1024, 2, 5) TOTALS(15, 2, 0), NULL);
    g_autoptr(VtProfile) neither =
        vt_test_import_good(BOTH ENTRY(120, 2, 10) TOTALS(10, 1, 0), NULL);

    assert_true(vt_test_count(both, "exits") == 15);
    assert_true(vt_test_count(both, "exit.pause") == 0);
    assert_null(vt_profile_get(both, "exit.msr-write"));
    assert_null(vt_profile_get(both, "exit.mmio"));
    assert_false(vt_profile_covers(both, "exit.mmio"));
    assert_true(vt_test_count(neither, "exit.msr-write") == 0);
    assert_true(vt_test_count(neither, "exit.mmio") == 0);
    assert_true(vt_test_count(neither, "exit.mmio-fast") == 0);
}

/* More keys are summed up, and hits may come in between entries and totals. */
static void test_more_keys(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        HEAD("exit_reason.hex,isa,common_pid") "{ exit_reason: c, isa:  1, common_pid:        115 "
                                               "} hitcount:          4  rip: 12\n"
                                               "{ exit_reason: c, isa:  1, common_pid:        116 "
                                               "} hitcount:          5\n"
                                               "{ exit_reason: 30, isa:  1, common_pid:        116 "
                                               "} hitcount:          1\n" TOTALS(12, 3, 0),
        NULL);

    assert_true(vt_test_count(profile, "exit.hlt") == 9);
    assert_true(vt_test_count(profile, "exit.ept-violation") == 1);
}

/* Threads: a number of the process would be in no key. */
static void test_threads(void **state)
{
    static const struct {
        const char *keys, *entries;
    } texts[] = {
        {"common_pid,exit_reason,isa",
         "{ common_pid:       4720, exit_reason:         30, isa:          1 } hitcount:        155\n"
         "{ common_pid:       4721, exit_reason:         12, isa:          1 } hitcount:          5\n"
         "{ common_pid:       9999, exit_reason:         30, isa:          1 } hitcount:      45000\n"},
        {"common_pid.hex,exit_reason,isa",
         "{ common_pid: 1270, exit_reason:         30, isa:          1 } hitcount:        155\n"
         "{ common_pid: 1271, exit_reason:         12, isa:          1 } hitcount:          5\n"
         "{ common_pid: 270f, exit_reason:         30, isa:          1 } hitcount:      45000\n"},
        {"common_pid.execname,exit_reason,isa",
         "{ common_pid: CPU 0/KVM       [      4720], exit_reason: 30, isa: 1 } hitcount:        155\n"
         "{ common_pid: CPU 1/KVM       [      4721], exit_reason: 12, isa: 1 } hitcount:          5\n"
         "{ common_pid: CPU 0/KVM       [      9999], exit_reason: 30, isa: 1 } hitcount:      45000\n"},
    };
    const VtImportOptions one = {.domain = "4720,4721"}, absent = {.domain = "4711"}, name = {.domain = "web"};
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *text = g_strdup_printf(
            "# event histogram\n# trigger info: hist:keys=%s:vals=hitcount:sort=hitcount:size=2048 [active]\n%s%s",
            texts[i].keys, texts[i].entries, TOTALS(45160, 3, 0));
        g_autoptr(VtProfile) all = vt_test_import_good(text, NULL), chosen = vt_test_import_good(text, &one);

        assert_true(vt_test_count(all, "exit.io") == 45155);
        assert_int_equal(all->vcpus, 3);
        assert_true(vt_test_has_note(all, "common_pid"));
        assert_true(vt_test_count(chosen, "exit.io") == 155);
        assert_true(vt_test_count(chosen, "exit.hlt") == 5);
        assert_int_equal(chosen->vcpus, 2);
        assert_false(vt_test_has_note(chosen, "all guests"));
        assert_null(vt_test_import(text, strlen(text), NULL, &absent, &error));
        assert_non_null(strstr(error->message, "no exit of that domain"));
        g_clear_error(&error);
        assert_null(vt_test_import(text, strlen(text), NULL, &name, &error));
        assert_true(g_str_has_prefix(error->message, "r.txt:3: ") && strstr(error->message, "4711"));
        g_clear_error(&error);
    }
    assert_null(vt_test_import(BOTH ENTRY(12, 1, 5) TOTALS(5, 1, 0), strlen(BOTH ENTRY(12, 1, 5) TOTALS(5, 1, 0)), NULL,
                               &one, &error));
    assert_non_null(strstr(error->message, "no key “common_pid”"));
}

/* Two threads of one number are of two domains. */
static void test_several_domains(void **state)
{
    const VtImportOptions one = {.domain = "4720"};
    const char *text = HEAD("common_pid,vcpu_id,exit_reason,isa")
        "{ common_pid: 4720, vcpu_id: 0, exit_reason: 30, isa: 1 } hitcount: 155\n"
        "{ common_pid: 9999, vcpu_id: 0, exit_reason: 30, isa: 1 } hitcount: 45000\n" TOTALS(45155, 2, 0);
    g_autoptr(VtProfile) chosen = vt_test_import_good(text, &one);

    assert_true(vt_test_count(chosen, "exits") == 155);
    vt_test_import_bad(text, NULL, "r.txt:7: ", "thread 4720 and thread 9999 both are vCPU 0");
}

static void test_no_isa(void **state)
{
    const VtImportOptions amd = {.isa = VT_ISA_SVM};
    const char *text = HEAD("exit_reason") "{ exit_reason: 120 } hitcount: 4\n" TOTALS(4, 1, 0);
    g_autoptr(VtProfile) profile = vt_test_import_good(text, &amd);

    assert_true(vt_test_count(profile, "exit.hlt") == 4);
    vt_test_import_bad(text, NULL, "r.txt:6: ", "--isa");
}

static void test_differences(void **state)
{
    const VtImportOptions options = {.vcpus = 1, .duration_ns = 4000000000};
    g_autoptr(VtProfile) profile = vt_test_import_good(
        BOTH ENTRY(12, 1, 100) TOTALS(100, 1, 0) BOTH ENTRY(12, 1, 110) ENTRY(10, 1, 6)
            TOTALS(116, 2, 0) BOTH ENTRY(12, 1, 140) ENTRY(10, 1, 6) TOTALS(146, 2, 0),
        &options);

    assert_int_equal(profile->windows->len, 2);
    assert_true(vt_profile_get(profile, "exit.hlt")->min == 5);
    assert_true(vt_profile_get(profile, "exit.hlt")->max == 15);
    assert_true(vt_test_count(profile, "exit.cpuid") == 6);
    vt_test_import_bad(BOTH ENTRY(12, 1, 100) TOTALS(100, 1, 0) BOTH ENTRY(12, 1, 50)
                           TOTALS(50, 1, 0),
                       NULL, "r.txt:22: ", "went back");
    vt_test_import_bad(BOTH ENTRY(12, 1, 100) TOTALS(100, 1, 0) BOTH ENTRY(10, 1, 500)
                           TOTALS(500, 1, 0),
                       NULL, "r.txt:22: ", "went back");
}

static void test_bad(void **state)
{
    static const struct {
        const char *text, *where, *message;
    } bad[] = {
        {BOTH ENTRY(12, 1, 5), "r.txt: ", "ends without its totals"},
        {BOTH ENTRY(12, 1, 5) BOTH, "r.txt:9: ", "ends without its totals"},
        {BOTH ENTRY(12, 1, 5) TOTALS(4, 1, 0), "r.txt:9: ", "5 hits and not 4"},
        {BOTH ENTRY(12, 1, 5) TOTALS(5, 2, 0), "r.txt:10: ", "1 entries and not 2"},
        {BOTH ENTRY(12, 1, 5) "Dropped: 0\n", "r.txt:7: ", "lack"},
        {BOTH ENTRY(12, 1, 5) "    Hits: 5\n    Ent", "r.txt:8: ", "cut short"},
        {BOTH ENTRY(12, 1, 5) "    Hits: 5\n    Entries: 1\n    Dropped: 0",
         "r.txt:9: ", "has no end"},
        {BOTH "{ exit_reason:  12, isa:  1 } hitco\n", "r.txt:6: ", "cut short"},
        {BOTH "{ exit_reason:  12, isa\n", "r.txt:6: ", "cut short"},
        {BOTH "{ isa: 1 } hitcount: 5\n", "r.txt:6: ", "cut short"},
        {BOTH "{ exit_reason: c, isa: 1 } hitcount: 5\n", "r.txt:6: ", "cut short"},
        {BOTH ENTRY(12, 3, 5), "r.txt:6: ", "cut short"},
        {BOTH ENTRY(12, 1, 1.5), "r.txt:6: ", "“1.5” is not a count"},
        {BOTH ENTRY(12, 1, 9223372036854775807) ENTRY(12, 1, 1), "r.txt:7: ", "too large"},
        {BOTH ENTRY(12, 1, 5) ENTRY(12, 2, 5), "r.txt:7: ", "recording of vmx"},
        {BOTH ENTRY(12, 1, 5) TOTALS(5, 1, 0) HEAD("exit_reason.hex,isa"),
         "r.txt:14: ", "another trigger"},
        {HEAD("exit_reason.log2"), "r.txt:3: ", "ranges"},
        {"# event histogram\n# trigger info: hist:keys=port [active]\n",
         "r.txt:2: ", "not of exits"},
        {"# event histogram\n" ENTRY(12, 1, 5), "r.txt:2: ", "is missing before"},
        {"# event histogram\n", "r.txt: ", "no histogram"},
        {BOTH "\x1b[2J\n", "r.txt:6: ", "\\x1b"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
        vt_test_import_bad(bad[i].text, NULL, bad[i].where, bad[i].message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded), cmocka_unit_test(test_vmx), cmocka_unit_test(test_vcpus),
        cmocka_unit_test(test_dropped),
        cmocka_unit_test(test_svm),      cmocka_unit_test(test_more_keys),
        cmocka_unit_test(test_threads),  cmocka_unit_test(test_several_domains),
        cmocka_unit_test(test_no_isa),   cmocka_unit_test(test_differences),
        cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
