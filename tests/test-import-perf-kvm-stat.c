/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of perf kvm stat. */
#include "vt-test-import.h"

#define HEAD(first)                                          \
    "\n\nAnalyze events for pid(s) 42, all VCPUs:\n\n" first \
    "    Samples  Samples%     Time%    Min Time    Max Time         Avg time \n\n"
#define EXITS HEAD("             VM-EXIT")
#define ROW(name, count, mean)                                                  \
    "  " name "  " #count "    50.00%     1.00%      1.00us     99.00us  " mean \
    "us ( +-   0.60% )\n"
#define TOTAL(count) "\nTotal Samples:" #count ", Total events handled time:10.00us.\n\n"

static void test_recorded(void **state)
{
    const VtImportOptions options = {.vcpus = 1, .duration_ns = 1000000000};
    g_autoptr(VtProfile) exits = vt_test_import_recording("perf-kvm-stat-vmexit.txt", &options);
    g_autoptr(VtProfile) mmio = vt_test_import_recording("perf-kvm-stat-mmio.txt", &options);
    g_autoptr(VtProfile) pio = vt_test_import_recording("perf-kvm-stat-ioport.txt", &options);

    assert_int_equal(exits->isa, VT_ISA_SVM);
    assert_true(vt_test_count(exits, "exit.pause") == 0);
    assert_null(vt_profile_get(exits, "exit.msr-write"));
    assert_true(vt_test_has_note(exits, "all guests"));
    assert_true(vt_profile_get(exits, "exit.msr")->has_time);
    assert_true(vt_test_count(mmio, "mmio.0xfeb00008") > 0);
    assert_true(vt_profile_covers(mmio, "mmio.0xfee000b0"));
    assert_null(vt_profile_get(mmio, "exits"));
    assert_true(vt_test_count(pio, "pio.0x1f7") > 0);
}

/* As perf writes it to a file, commands to the terminal included. */
static void test_recorded_live(void **state)
{
    const VtImportOptions options = {.vcpus = 1};
    g_autoptr(VtProfile) live = vt_test_import_recording("perf-kvm-stat-live.txt", &options);

    assert_true(live->windows->len >= 3);
    assert_true(live->duration_ns > 2000000000 && live->duration_ns < 5000000000);
    assert_true((vt_profile_get(live, "exits") == NULL) == vt_test_has_note(live, "has no sample"));
    assert_false(vt_test_has_note(live, "--duration"));
}

static void test_vmx(void **state)
{
    const VtImportOptions options = {.vcpus = 2, .duration_ns = 2000000000};
    g_autoptr(VtProfile) profile =
        vt_test_import_good(EXITS ROW("EPT_MISCONFIG", 5, "2.50") ROW("HLT", 3, "1000.00")
                                ROW("IO_INSTRUCTION", 2, "0.07") TOTAL(10),
                            &options);
    const VtMetric *mmio = vt_profile_get(profile, "exit.mmio");

    assert_int_equal(profile->isa, VT_ISA_VMX);
    assert_true(vt_test_count(profile, "exits") == 10);
    assert_false(profile->exits_summed);
    assert_true(mmio->count == 5 && mmio->time_ns == 12500 && mmio->rate == 1.25);
    assert_true(vt_profile_get(profile, "exit.hlt")->time_ns == 3000000);
    assert_true(vt_profile_get(profile, "exit.io")->time_ns == 140);
    assert_string_equal(mmio->source, "perf-kvm-stat");
}

static void test_svm(void **state)
{
    g_autoptr(VtProfile) profile =
        vt_test_import_good(EXITS ROW("npf", 5, "2.50") ROW("DE excp", 3, "1.00")
                                ROW("avic_unaccelerated_", 2, "1.00") TOTAL(10),
                            NULL);

    assert_int_equal(profile->isa, VT_ISA_SVM);
    assert_true(vt_test_count(profile, "exit.exception") == 3);
    assert_true(vt_test_count(profile, "exit.avic-unaccelerated") == 2);
}

/* perf's time is the guest's own there. */
static void test_arm64(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        EXITS ROW("WFx", 7, "2.50") ROW("UNKNOWN", 1, "1.00") ROW("DABT_LOW", 2, "1.00") TOTAL(10),
        NULL);

    assert_int_equal(profile->isa, VT_ISA_ARM64);
    assert_true(vt_test_count(profile, "exit.hlt") == 7);
    assert_false(vt_profile_get(profile, "exit.hlt")->has_time);
    assert_true(vt_test_count(profile, "exit.ept-violation") == 2);
    assert_true(vt_test_count(profile, "exit.exception") == 1);
    assert_true(vt_test_has_note(profile, "in the guest"));
}

static void test_unknown(void **state)
{
    g_autoptr(VtProfile) numbered = vt_test_import_good(
        EXITS "unknown kvm exit code:84 on VMX\n" ROW(
            "UNKNOWN", 5, "1.00") "unknown kvm exit code:91 on VMX\n" ROW("UNKNOWN", 4, "1.00")
            ROW("HLT", 1, "1.00") TOTAL(10),
        NULL);
    g_autoptr(VtProfile) bare =
        vt_test_import_good(EXITS ROW("UNKNOWN", 9, "1.00") ROW("HLT", 1, "1.00") TOTAL(10), NULL);
    g_autoptr(VtProfile) invalid = vt_test_import_good(
        EXITS "unknown kvm exit code:-1 on SVM\n" ROW("UNKNOWN", 10, "1.00") TOTAL(10), NULL);

    assert_true(vt_test_count(numbered, "exit.msr-read") == 5);
    assert_true(vt_test_count(numbered, "exit.vmx-91") == 4);
    assert_true(vt_profile_covers(numbered, "exit.cpuid"));
    assert_true(vt_test_count(bare, "exits") == 10);
    assert_false(vt_profile_covers(bare, "exit.cpuid"));
    assert_true(vt_test_has_note(bare, "standard error"));
    assert_true(vt_test_count(invalid, "exit.failed-entry") == 10);
    vt_test_import_bad(EXITS "unknown kvm exit code:84 on VMX\n" ROW("npf", 10, "1.00") TOTAL(10),
                       NULL, "r.txt:8: ", "does not belong to a recording of vmx");
    vt_test_import_bad(EXITS "unknown kvm exit code: on VMX\n", NULL, "r.txt:7: ", "cut short");
}

/* perf calls setlocale(). */
static void test_decimal_comma(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        EXITS "  HLT  10   100,00%   100,00%   1,00us  2,00us   1,25us ( +-   0,60% )\r\n"
              "\r\nTotal Samples:10, Total events handled time:12,50us.\r\n",
        NULL);

    assert_true(vt_profile_get(profile, "exit.hlt")->time_ns == 12500);
}

static void test_old_columns(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        EXITS
        " HLT  10   100.00%   -nan%       0us      2us     0.00us ( +-    -nan% )\n" TOTAL(10),
        NULL);

    assert_true(vt_test_count(profile, "exit.hlt") == 10);
}

static void test_accesses(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        HEAD("MMIO Access") ROW("0xfee000b0:W", 3, "1.00") ROW("0xfee000b0:R", 4, "1.00") TOTAL(7)
            HEAD("IO Port Access") ROW("0x80:POUT", 1, "1.00") TOTAL(1) HEAD("MSR Access")
                ROW("0x80b:W", 8, "1.00") ROW("0x10:R", 2, "1.00") TOTAL(10),
        NULL);

    assert_int_equal(profile->windows->len, 1);
    assert_true(vt_test_count(profile, "mmio.0xfee000b0") == 7);
    assert_true(vt_test_count(profile, "pio.0x80") == 1);
    assert_true(vt_test_count(profile, "msr.write.0x80b") == 8);
    assert_true(vt_test_count(profile, "msr.read.0x10") == 2);
    assert_true(vt_profile_covers(profile, "msr.read.0x11"));
    vt_test_import_bad(HEAD("IO Port Access") ROW("0x80:W", 1, "1.00"), NULL,
                       "r.txt:7: ", "“0x80:W” is not an access");
    vt_test_import_bad(HEAD("IO Port Access") ROW("0x10000:PIN", 1, "1.00"), NULL,
                       "r.txt:7: ", "is not an access");
    vt_test_import_bad(HEAD("MMIO Access") ROW("1 HLT", 1, "1.00"), NULL,
                       "r.txt:7: ", "is not an access");
    vt_test_import_bad(EXITS ROW("HLT", 1, "1.00") TOTAL(1) HEAD("MMIO Access") TOTAL(0)
                           HEAD("MMIO Access") TOTAL(0),
                       NULL, "r.txt: ", "1 tables of exit, but 2");
}

/* perf's "puts(CONSOLE_CLEAR)", which older ones print without the end of the line. */
#define SCREEN(time, count) "\033[H\033[2J\n" time "\n" EXITS ROW("HLT", count, "1.00") TOTAL(count)
#define OLD_SCREEN(time, count) "\033[H\033[J" time EXITS ROW("HLT", count, "1.00") TOTAL(count)

static void test_live(void **state)
{
    const VtImportOptions told = {.vcpus = 1, .duration_ns = 4000000000};
    const char *text =
        SCREEN("23:59:58.500000", 10) OLD_SCREEN("00:00:00.500000", 20) SCREEN("00:00:01.000000", 30);
    g_autoptr(VtProfile) profile = vt_test_import_good(text, NULL);
    g_autoptr(VtProfile) given = vt_test_import_good(text, &told);
    g_autoptr(VtProfile) one = vt_test_import_good(SCREEN("23:59:58.500000", 10), NULL);

    assert_int_equal(profile->windows->len, 3);
    assert_true(profile->duration_ns == 4500000000);
    assert_true(vt_profile_get(profile, "exit.hlt")->min == 5);
    assert_true(vt_profile_get(profile, "exit.hlt")->max == 60);
    assert_true(vt_profile_get(profile, "exit.hlt")->time_ns == 60000);
    assert_true(given->duration_ns == 4000000000);
    assert_true(vt_test_has_note(one, "--duration"));
    assert_true(g_array_index(given->windows, VtWindow, 0).duration_ns == 1777777778);
    assert_true(g_array_index(given->windows, VtWindow, 2).duration_ns == 444444444);
    vt_test_import_bad(SCREEN("10:00:00.500000", 10) EXITS ROW("HLT", 3, "1.00") TOTAL(3), NULL,
                       "r.txt:", "same time");
    vt_test_import_bad(SCREEN("10:00:00.500000", 10) SCREEN("10:00:00.500000", 20), NULL,
                       "r.txt:14: ", "same time");
    vt_test_import_bad(SCREEN("10:00:00.500000", 10) SCREEN("09:00:00.500000", 20), NULL,
                       "r.txt:14: ", "went back");
}

/* The clock tells how long the second one was. */
static void test_two_screens(void **state)
{
    const VtImportOptions told = {.vcpus = 1, .duration_ns = 40000000000};
    const char *text = SCREEN("08:55:10.353447", 15000) SCREEN("08:55:40.353447", 15000);
    g_autoptr(VtProfile) profile = vt_test_import_good(text, NULL), given = vt_test_import_good(text, &told);

    assert_true(profile->duration_ns == 60000000000);
    assert_true(vt_profile_get(profile, "exit.hlt")->rate == 500);
    assert_true(vt_test_has_note(profile, "two screens"));
    assert_false(vt_test_has_note(profile, "does not say how long"));
    assert_true(vt_profile_get(given, "exit.hlt")->rate == 750);
    assert_false(vt_test_has_note(given, "two screens"));
}

/* Where this KVM reports no kvm_exit, perf's tables are empty whatever the guest does. */
static void test_empty(void **state)
{
    const VtImportOptions options = {.vcpus = 1};
    g_autoptr(VtProfile) report = vt_test_import_good(EXITS TOTAL(0) HEAD("MMIO Access") TOTAL(0), &options);
    g_autoptr(VtProfile) live = vt_test_import_good(
        SCREEN("10:00:00.500000", 10) "10:00:01.500000" EXITS TOTAL(0) SCREEN("10:00:02.500000", 10), &options);

    assert_null(vt_profile_get(report, "exits"));
    assert_false(vt_profile_covers(report, "exit.hlt"));
    assert_false(vt_profile_covers(report, "mmio.0x1"));
    assert_true(vt_test_has_note(report, "“VM-EXIT” has no sample"));
    assert_true(vt_test_has_note(report, "“MMIO Access” has no sample"));
    assert_true(vt_test_count(live, "exits") == 20 && live->windows->len == 3);
    assert_true(vt_profile_covers(live, "exit.cpuid"));
    assert_false(vt_test_has_note(live, "no sample"));
}

static void test_talk(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        "Warning:\nProcessed 100 events and lost 3 chunks!\n\nCheck IO/CPU overload!\n\n" EXITS ROW(
            "HLT", 1, "1.00") TOTAL(1) "\nLost events: 4\n\n"
                                       "12 VM 3, vcpu 0: EPT_VIOLATION event took 900usec\n",
        NULL);

    assert_true(profile->lost == 7);
    assert_true(vt_test_count(profile, "exits") == 1);
}

static void test_bad(void **state)
{
    static const struct {
        const char *text, *where, *message;
    } bad[] = {
        {EXITS ROW("HLT", 3, "1.00"), "r.txt: ", "ends without"},
        {EXITS ROW("HLT", 3, "1.00") EXITS, "r.txt:12: ", "ends without"},
        {EXITS ROW("HLT", 3, "1.00") TOTAL(4), "r.txt:9: ", "give 3 together and not 4"},
        {EXITS ROW("HLT", 3, "1.00") "Total Samples:3, Total ev", "r.txt:8: ", "cut short"},
        {EXITS "  HLT   3   50.00%     1.00%      1.00us     99.00us\n", "r.txt:7: ", "cut short"},
        {EXITS "  HLT   3   50.00%     1.00%  1.00us  99.00us  1.00us (\n",
         "r.txt:7: ", "cut short"},
        {EXITS "+-   0.60% )\n", "r.txt:7: ", "cut short"},
        {EXITS "  HLT  -3   50.00% 1.00% 1.00us 2.00us 1.00us ( +- 0.60% )\n",
         "r.txt:7: ", "cut short"},
        {EXITS "  HLT  1.234   50.00% 1.00% 1.00us 2.00us 1.00us ( +- 0.60% )\n",
         "r.txt:7: ", "cut short"},
        {EXITS "  HLT  3   50.00% 1.00% 1.00us 2.00us 1.000.00us ( +- 0.60% )\n",
         "r.txt:7: ", "cut short"},
        {EXITS ROW("HLTX", 3, "1.00"), "r.txt:7: ", "“HLTX” is not an exit reason"},
        {EXITS ROW("HLT", 3, "1.00") ROW("npf", 3, "1.00"), "r.txt:8: ", "recording of vmx"},
        {EXITS ROW("HLT", 9223372036854775808, "1.00"), "r.txt:7: ", "is not a count"},
        {EXITS ROW("HLT", 9223372036854775807, "9999.00"), "r.txt:7: ", "too large"},
        {EXITS ROW("HLT", 9223372036854775807, "0.00") ROW("CPUID", 1, "0.00"),
         "r.txt:8: ", "too large"},
        {EXITS "\xff\xfe HLT\n", "r.txt:7: ", "cut short"},
        {"Analyze events for all VMs, all VCPUs:\n" ROW("HLT", 3, "1.00"), "r.txt:2: ", "heading"},
        {"Analyze events for all VMs, all VCPUs:\nhello\n", "r.txt:2: ", "cut short"},
        {"Analyze events for all VMs, all VCPUs:\n", "r.txt: ", "no table"},
        {"Analyze events for all VMs, all VCPUs:\nTotal Samples:0, Total events handled time:"
         "0.00us.\n",
         "r.txt:2: ", "cut short"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
        vt_test_import_bad(bad[i].text, NULL, bad[i].where, bad[i].message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded),    cmocka_unit_test(test_recorded_live), cmocka_unit_test(test_vmx),
        cmocka_unit_test(test_svm),         cmocka_unit_test(test_arm64),
        cmocka_unit_test(test_unknown),     cmocka_unit_test(test_decimal_comma),
        cmocka_unit_test(test_old_columns), cmocka_unit_test(test_accesses),
        cmocka_unit_test(test_two_screens),
        cmocka_unit_test(test_live),        cmocka_unit_test(test_talk),
        cmocka_unit_test(test_bad),         cmocka_unit_test(test_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
