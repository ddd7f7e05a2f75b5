/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of exits and MSRs. */
#include "vt-test-import.h"

#define DASHES "-------------------------------------------------------------\n"

/* A second of a guest with an e1000. */
static const char e1000[] = DASHES "[ EXIT_REASON_EXTERNAL_INTERRUPT] [01] count = 2198\n"
                                   "[ EXIT_REASON_PENDING_INTERRUPT] [07] count = 339\n"
                                   "[ EXIT_REASON_CPUID] [10] count = 18\n"
                                   "[ EXIT_REASON_HLT] [12] count = 9617\n"
                                   "[ EXIT_REASON_IO_INSTRUCTION] [30] count = 6763\n"
                                   "[ EXIT_REASON_MSR_READ] [31] count = 6763\n"
                                   "[ EXIT_REASON_MSR_WRITE] [32] count = 13325\n"
                                   "[ EXIT_REASON_PAUSE_INSTRUCTION] [40] count = 2056\n"
                                   "[ EXIT_REASON_EPT_VIOLATION] [48] count = 45\n"
                                   "[ EXIT_REASON_EPT_MISCONFIG] [49] count = 61918\n";

static const char msrs[] = "[ MSR_IA32_TSC_DEADLINE] [0x6e0] count = 346\n"
                           "[ ] [0x830] count = 23313\n"
                           "[ ] [0x80b] count = 2134\n";

static void test_exits(void **state)
{
    const VtImportOptions options = {2, 0, VT_ISA_UNKNOWN};
    g_autoptr(VtProfile) profile = vt_test_import_good(e1000, &options);
    guint64 busy;

    assert_int_equal(profile->isa, VT_ISA_VMX);
    assert_int_equal(profile->windows->len, 1);
    assert_true(vt_test_count(profile, "exits") == 103042);
    assert_true(vt_test_count(profile, "exit.external-interrupt") == 2198);
    assert_true(vt_test_count(profile, "exit.interrupt-window") == 339);
    assert_true(vt_test_count(profile, "exit.hlt") == 9617);
    assert_true(vt_test_count(profile, "exit.io") == 6763);
    assert_true(vt_test_count(profile, "exit.ept-violation") == 45);
    assert_true(vt_test_count(profile, "exit.mmio") == 61918);
    assert_true(vt_profile_get(profile, "exit.mmio")->rate == 30959);
    assert_string_equal(vt_profile_get(profile, "exit.mmio")->source, "systemtap");
    assert_true(vt_profile_busy_count(profile, &busy));
    assert_true(busy == 103042 - 9617);
    assert_true(vt_profile_covers(profile, "exit.hypercall"));
    assert_false(vt_profile_covers(profile, "msr.write.0x80b"));
}

static void test_msrs(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(msrs, NULL);

    assert_true(vt_test_count(profile, "msr.write.0x6e0") == 346);
    assert_true(vt_test_count(profile, "msr.write.0x830") == 23313);
    assert_true(vt_test_count(profile, "msr.write.0x80b") == 2134);
    assert_true(vt_profile_covers(profile, "msr.write.0x838"));
    assert_false(vt_profile_covers(profile, "msr.read.0x838"));
    assert_null(vt_profile_get(profile, "exits"));
    assert_int_equal(profile->isa, VT_ISA_UNKNOWN);
}

static void test_reads(void **state)
{
    g_autoptr(VtProfile) profile =
        vt_test_import_good("MSR read:\n[ ] [0x10] count = 4\nwrmsr\n[ ] [0x10] count = 5\n", NULL);

    assert_true(vt_test_count(profile, "msr.read.0x10") == 4);
    assert_true(vt_test_count(profile, "msr.write.0x10") == 5);
    assert_int_equal(profile->windows->len, 1);
}

static void test_several_tables(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        DASHES "[ EXIT_REASON_HLT] [12] count = 10\n" DASHES "[ EXIT_REASON_HLT] [12] count = 20\n"
               "[ EXIT_REASON_CPUID] [10] count = 1\n" DASHES
               "[ EXIT_REASON_HLT] [12] count = 60\n" DASHES,
        NULL);
    const VtMetric *hlt = vt_profile_get(profile, "exit.hlt");

    assert_int_equal(profile->windows->len, 3);
    assert_true(hlt->count == 90);
    assert_true(hlt->rate == 20 && hlt->min == 10 && hlt->max == 60);
    assert_true(vt_profile_get(profile, "exit.cpuid")->rate == 0);
    assert_true(vt_test_count(profile, "exits") == 91);
}

/* Exits and MSRs of the same seconds, whether a line of dashes is between them or not. */
static void test_both_kinds(void **state)
{
    g_autofree char *together = g_strconcat(e1000, msrs, e1000, msrs, NULL);
    g_autofree char *apart = g_strconcat(e1000, DASHES, msrs, e1000, DASHES, msrs, NULL);
    const char *const texts[] = {together, apart};

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(VtProfile) profile = vt_test_import_good(texts[i], NULL);

        assert_int_equal(profile->windows->len, 2);
        assert_true(vt_profile_get(profile, "msr.write.0x830")->min == 23313);
        assert_true(vt_profile_get(profile, "exit.mmio")->min == 61918);
    }
}

static void test_kinds_that_do_not_pair(void **state)
{
    g_autofree char *text = g_strconcat(e1000, msrs, e1000, NULL);

    vt_test_import_bad(text, NULL, "r.txt: ", "1 tables of msr.write, but 2");
}

static void test_svm(void **state)
{
    const VtImportOptions amd = {1, 0, VT_ISA_SVM};
    g_autoptr(VtProfile) named =
        vt_test_import_good("[ SVM_EXIT_NPF] [0x400] count = 5\n[ SVM_EXIT_HLT] [120] count = 6\n[ "
                            "SVM_EXIT_MSR] [0x7c] count = 7\n",
                            NULL);
    g_autoptr(VtProfile) told =
        vt_test_import_good("[ ] [120] count = 6\n[ npf] [1024] count = 1\n", &amd);

    assert_int_equal(named->isa, VT_ISA_SVM);
    assert_true(vt_test_count(named, "exit.ept-violation") == 5);
    assert_true(vt_test_count(named, "exit.hlt") == 6);
    assert_true(vt_test_count(named, "exit.msr") == 7);
    assert_true(vt_test_count(told, "exit.hlt") == 6);
}

static void test_unknown_reason_keeps_its_number(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good("[ EXIT_REASON_NEW] [91] count = 5\n"
                                                       "[ ] [92] count = 6\n"
                                                       "[EXIT_REASON_EPT_MISCONFIG][49]count=7\n",
                                                       NULL);

    assert_true(vt_test_count(profile, "exit.vmx-91") == 5);
    assert_true(vt_test_count(profile, "exit.vmx-92") == 6);
    assert_true(vt_test_count(profile, "exit.mmio") == 7);
    assert_true(vt_test_count(profile, "exits") == 18);
}

/* Two numbers of one family are two lines, not one twice. */
static void test_families_add_up(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        "[ EXIT_REASON_RDTSC] [16] count = 5\n[ EXIT_REASON_RDTSCP] [51] count = 6\n", NULL);

    assert_true(vt_test_count(profile, "exit.rdtsc") == 11);
}

static void test_zero(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good("[ EXIT_REASON_HLT] [12] count = 0\n", NULL);

    assert_true(vt_test_count(profile, "exit.hlt") == 0);
    assert_true(vt_test_count(profile, "exits") == 0);
}

static void test_bad_lines(void **state)
{
    static const struct {
        const char *line, *message;
    } bad[] = {
        {"[ EXIT_REASON_HLT] [12] cou", "cut short"},
        {"[ EXIT_REASON_HLT] [12] count =", "cut short"},
        {"[ EXIT_REASON_HLT] [12", "cut short"},
        {"[ EXIT_REASON_HL", "cut short"},
        {"[ EXIT_REASON_HLT] count = 5", "cut short"},
        {"EXIT_REASON_HLT 12 5", "cut short"},
        {"some words", "“some words”"},
        {"--- x", "cut short"},
        {"\x1b[31mred", "\\x1b[31mred"},
        {"[ EXIT_REASON_HLT] [12] count = -5", "“-5” is not a count"},
        {"[ EXIT_REASON_HLT] [12] count = 9223372036854775808", "is not a count"},
        {"[ EXIT_REASON_HLT] [12] count = 99999999999999999999999", "is not a count"},
        {"[ EXIT_REASON_HLT] [12] count = 0x5", "is not a count"},
        {"[ EXIT_REASON_HLT] [12] count = 5 6", "is not a count"},
        {"[ EXIT_REASON_HLT] [12] count = 5.5", "is not a count"},
        {"[ EXIT_REASON_HLT] [-12] count = 5", "“-12” is not the number"},
        {"[ EXIT_REASON_HLT] [] count = 5", "is not the number"},
        {"[ EXIT_REASON_HLT] [30] count = 5",
         "“EXIT_REASON_HLT” has the number 30 here and not 12"},
        {"[ EXIT_REASON_HLT] [0x30] count = 5", "decimal"},
        {"[ SVM_EXIT_HLT] [0x78] count = 5", "does not belong to a recording of vmx"},
        {"[ nonsense] [12] count = 5", "“nonsense” is not an exit reason"},
        {"[ ] [0x100000000] count = 5", "not the number of an MSR"},
        {"[ EXIT_REASON_CPUID] [10] count = 5", "number 10 stands twice"},
        {"[ EXIT_REASON_CPUID] [010] count = 5", "number 10 stands twice"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text =
            g_strconcat(DASHES "[ EXIT_REASON_CPUID] [10] count = 1\n", bad[i].line, "\n", NULL);

        vt_test_import_bad(text, NULL, "r.txt:3: ", bad[i].message);
    }
}

static void test_no_table(void **state)
{
    vt_test_import_bad(DASHES DASHES, NULL, "r.txt: ", "no table");
    vt_test_import_bad("[ ] [12] count = 5\n", NULL, "r.txt:1: ", "neither");
    vt_test_import_bad("[ EXIT_REASON_HLT] [12\n", NULL, "r.txt:1: ", "cut short");
    /* Of 9617. */
    vt_test_import_bad("[ EXIT_REASON_HLT] [12] count = 96", NULL, "r.txt:1: ", "has no end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exits),
        cmocka_unit_test(test_msrs),
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_several_tables),
        cmocka_unit_test(test_both_kinds),
        cmocka_unit_test(test_kinds_that_do_not_pair),
        cmocka_unit_test(test_svm),
        cmocka_unit_test(test_unknown_reason_keeps_its_number),
        cmocka_unit_test(test_families_add_up),
        cmocka_unit_test(test_zero),
        cmocka_unit_test(test_bad_lines),
        cmocka_unit_test(test_no_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
