/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times of exits as kvm_service_time.stp prints them. */
#include "vt-test-import.h"

#define INTEL "\n# Intel exit reasons are EXIT_REASON_* in linux/arch/x86/include/uapi/asm/vmx.h\n"
#define AMD "\n# AMD reasons are SVM_EXIT_* in linux/arch/x86/include/uapi/asm/svm.h\n"
#define COLUMNS(reason) "# " reason ": count sum(us) min(us) avg(us) max(us)\n"

/* The example of the script's documentation. */
static void test_intel(void **state)
{
    const VtImportOptions options = {.vcpus = 2, .duration_ns = 10000000000};
    g_autoptr(VtProfile) profile = vt_test_import_good(
        INTEL COLUMNS("reason") "0: 55 123 0 2 12\n1: 16668 23165 0 1 77\n7: 65 129 0 1 21\n"
                                "12: 182 29145513 58 160140 500054\n28: 1 2 2 2 2\n"
                                "30: 1561 5126 0 3 43\n32: 10728 7748 0 0 32\n"
                                "40: 4966918 1273170 0 0 47\n49: 105 201 0 1 22\n",
        &options);

    assert_int_equal(profile->isa, VT_ISA_VMX);
    assert_true(vt_profile_get(profile, "exit.pause")->rate == 4966918 / 20.0);
    assert_true(vt_profile_get(profile, "exit.hlt")->time_ns == 29145513000);
    assert_true(vt_test_count(profile, "exit.mmio") == 105);
    assert_true(vt_profile_covers(profile, "exit.cpuid"));
    assert_string_equal(vt_profile_get(profile, "exit.hlt")->source, "kvm-service-time");
    assert_true(vt_test_has_note(profile, "all guests"));
}

static void test_amd(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        AMD COLUMNS("reason(hex)") "0x060: 2 4 1 2 3\n0x400: 5 50 1 10 20\n", NULL);

    assert_int_equal(profile->isa, VT_ISA_SVM);
    assert_true(vt_test_count(profile, "exit.ept-violation") == 5);
    assert_true(vt_test_count(profile, "exits") == 7);
    assert_null(vt_profile_get(profile, "exit.mmio"));
    assert_true(vt_test_count(profile, "exit.msr-write") == 0);
}

static void test_either(void **state)
{
    const VtImportOptions amd = {.isa = VT_ISA_SVM};
    const char *text = INTEL AMD COLUMNS("reason reason(hex)") "120 0x078: 2 4 1 2 3\n";
    g_autoptr(VtProfile) profile = vt_test_import_good(text, &amd);

    assert_true(vt_test_count(profile, "exit.hlt") == 2);
    vt_test_import_bad(text, NULL, "r.txt:5: ", "--isa");
}

static void test_bad(void **state)
{
    static const struct {
        const char *text, *where, *message;
    } bad[] = {
        {"12: 1 2 2 2\n", "r.txt:4: ", "cut short"},
        {"12: 1 2 2 2 2 2\n", "r.txt:4: ", "cut short"},
        {"12 1 2 2 2 2\n", "r.txt:4: ", "cut short"},
        {"x: 1 2 2 2 2\n", "r.txt:4: ", "cut short"},
        {"12 0x00d: 1 2 2 2 2\n", "r.txt:4: ", "cut short"},
        {"12: 1 2 2 2 2", "r.txt:4: ", "has no end"},
        {"12: 1,5 2 2 2 2\n", "r.txt:4: ", "“1,5” is not a count"},
        {"12: -1 2 2 2 2\n", "r.txt:4: ", "“-1” is not a count"},
        {"12: 18 29145513 58 160140 500054\n", "r.txt:4: ", "exit 12 do not fit"},
        {"12: 0 0 0 0 0\n", "r.txt:4: ", "do not fit"},
        {"12: 1 2 3 2 2\n", "r.txt:4: ", "do not fit"},
        {"12: 1 9223372036854775807 1 9223372036854775807 9223372036854775807\n",
         "r.txt:4: ", "do not fit"},
        {"12: 1 2 2 2 2\n12: 1 2 2 2 2\n", "r.txt:5: ", "stands twice"},
        {"12: 1 2 2 2 2\n" COLUMNS("reason"), "r.txt:5: ", "second recording"},
        {"", "r.txt: ", "no exit"},
        {"\x1b[2J\n", "r.txt:4: ", "\\x1b"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text = g_strconcat(INTEL COLUMNS("reason"), bad[i].text, NULL);

        vt_test_import_bad(text, NULL, bad[i].where, bad[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_intel),
        cmocka_unit_test(test_amd),
        cmocka_unit_test(test_either),
        cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
