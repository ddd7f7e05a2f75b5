/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The output of kvmexit. */
#include "vt-test-import.h"

#define TALK "Display kvm exit reasons and statistics for "
#define ALL \
    TALK "all threads after sleeping 6 secs.\nPID      TID      KVM_EXIT_REASON      COUNT\n"

static const char two_vcpus[] =
    ALL "1273551  1273568  MSR_WRITE                           6       \n"
        "1273551  1273568  HLT                                 12      \n"
        "1273551  1273569  HLT                                 30      \n";

static void test_threads(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(two_vcpus, NULL);

    assert_int_equal(profile->isa, VT_ISA_VMX);
    assert_int_equal(profile->vcpus, 2);
    assert_true(profile->duration_ns == 6000000000);
    assert_true(vt_profile_get(profile, "exit.hlt")->rate == 3.5);
    assert_true(vt_test_count(profile, "exits") == 48);
    assert_true(vt_profile_covers(profile, "exit.mmio"));
    assert_false(vt_test_has_note(profile, "one was taken"));
}

static void test_one(void **state)
{
    const VtImportOptions options = {.vcpus = 1, .duration_ns = 2000000000};
    g_autoptr(VtProfile) profile = vt_test_import_good(
        TALK "PID 3195281... Hit Ctrl-C to end.\n^C\nKVM_EXIT_REASON        COUNT\n"
             "EPT_MISCONFIG                       1000    \n"
             "EXTERNAL_INTERRUPT                  2       \n",
        &options);

    assert_true(vt_profile_get(profile, "exit.mmio")->rate == 500);
}

static void test_several_domains(void **state)
{
    const char *text = ALL "20  21  HLT  5\n10  11  HLT  7\n10  12  CPUID  7\n";
    const VtImportOptions chosen = {.domain = "10"}, thread = {.domain = "12"}, threads = {.domain = "12,21"},
                          absent = {.domain = "1"};
    g_autoptr(VtProfile) profile = vt_test_import_good(text, &chosen);
    g_autoptr(VtProfile) one = vt_test_import_good(text, &thread);
    g_autoptr(GError) error = NULL;
    const char *without = TALK "all threads after sleeping 1 secs.\nKVM_EXIT_REASON COUNT\nHLT  5\n";

    assert_true(vt_test_count(profile, "exits") == 14);
    assert_int_equal(profile->vcpus, 2);
    assert_true(vt_test_has_note(profile, "events of: 2."));
    assert_true(vt_test_count(one, "exits") == 7);
    vt_test_import_bad(text, NULL, "r.txt: ", "import --domain”: 10, 20");
    assert_null(vt_test_import(text, strlen(text), NULL, &absent, &error));
    assert_string_equal(error->message, "r.txt: there is no exit of that domain in it");
    g_clear_error(&error);
    assert_null(vt_test_import(without, strlen(without), NULL, &chosen, &error));
    assert_non_null(strstr(error->message, "no column of processes or threads"));
    g_clear_error(&error);
    assert_null(vt_test_import(text, strlen(text), NULL, &threads, &error));
    assert_non_null(strstr(error->message, "import --domain”: 10, 20"));
}

/* Codes that the tool has no name, or a wrong one, for. */
static void test_without_name(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        TALK "TIDS 11,12 after sleeping 1 secs.\nTIDS     KVM_EXIT_REASON    COUNT\n"
             "11       N/A    5\n11       N/A    5\n12  TPAUSEN/A  3\n12  NOTIFY  2\n12  HLT  1\n",
        NULL);

    assert_true(vt_test_count(profile, "exits") == 16);
    assert_true(vt_test_count(profile, "exit.user-wait") == 3);
    assert_null(vt_profile_get(profile, "exit.notify"));
    assert_false(vt_profile_covers(profile, "exit.bus-lock"));
    assert_true(vt_test_has_note(profile, "what 12 of the exits are"));
}

static void test_bad(void **state)
{
    static const struct {
        const char *text, *where, *message;
    } bad[] = {
        {ALL "1  2  HLT\n", "r.txt:3: ", "cut short"},
        {ALL "1  HLT  5\n", "r.txt:3: ", "cut short"},
        {ALL "1  2  HLT  5", "r.txt:3: ", "has no end"},
        {ALL "1  2  HLT  5  6\n", "r.txt:3: ", "cut short"},
        {ALL "x  2  HLT  5\n", "r.txt:3: ", "cut short"},
        {ALL "1  2  HLT  -5\n", "r.txt:3: ", "“-5” is not a count"},
        {ALL "1  2  HLT  1.000\n", "r.txt:3: ", "is not a count"},
        {ALL "1  2  HLTX  5\n", "r.txt:3: ", "“HLTX” is not an exit reason"},
        {ALL "1  2  npf  5\n", "r.txt:3: ", "recording of vmx"},
        {ALL "1  2  HLT  5\n1  2  HLT  5\n", "r.txt:4: ", "HLT stands twice"},
        {ALL "1  2  HLT  9223372036854775807\n1  3  HLT  1\n", "r.txt:4: ", "too large"},
        {ALL ALL, "r.txt:3: ", "second recording"},
        {ALL, "r.txt: ", "no exit in it"},
        {TALK "all threads after sleeping 0 secs.\n", "r.txt:1: ", "took no time"},
        {TALK "all threads after sleeping 6 se", "r.txt:1: ", "cut short"},
        {TALK "all threads after sleeping 6 secs.\n1  2  HLT  5\n", "r.txt:2: ", "headings"},
        {ALL "\x1b[2J\n", "r.txt:3: ", "\\x1b"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
        vt_test_import_bad(bad[i].text, NULL, bad[i].where, bad[i].message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_one),
        cmocka_unit_test(test_several_domains),
        cmocka_unit_test(test_without_name),
        cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
