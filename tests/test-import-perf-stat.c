/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test-import.h"

#define HEAD "\n Performance counter stats for process id '4711':\n\n"
#define FOOT "\n       2,000000000 seconds time elapsed\n\n"
#define TIMES "#           time             counts unit events\n"

static double rate(const VtProfile *profile, const char *metric)
{
    return vt_profile_get(profile, metric)->rate;
}

static void test_table(void **state)
{
    static const char text[] = HEAD "           103,042      kvm:kvm_exit            #    0.05 M/sec   ( +-  0.1% )\n"
                                    "            27,002      kvm:kvm_eoi                 ( +-  1.20% )\n"
                                    "                 0      kvm:kvm_pv_eoi\n"
                                    "                17      kvm:kvm_pio\n"
                                    "       <not counted>    kvm:kvm_pv_tlb_flush_x\n" FOOT
                                    "       0.300000000 seconds user\n";
    static const char good[] = HEAD "           103,042      kvm:kvm_exit            #    0.05 M/sec\n"
                                    "            27,002      kvm:kvm_eoi                 ( +-  1.20% )\n"
                                    "                 0      kvm:kvm_pv_eoi\n"
                                    "                17      kvm:kvm_pio\n"
                                    "     1,000,000,000      cycles\n" FOOT "       0.300000000 seconds user\n";
    const VtImportOptions options = {.vcpus = 2};
    g_autoptr(VtProfile) profile = vt_test_import_good(good, &options);

    assert_string_equal(profile->sources->pdata[0], "perf-stat");
    assert_int_equal(profile->windows->len, 1);
    assert_int_equal(profile->duration_ns, 2000000000);
    assert_float_equal(rate(profile, "exits"), 103042 / 4.0, 1e-9);
    assert_true(vt_test_count(profile, "kvm.eoi") == 27002);
    assert_true(vt_test_count(profile, "kvm.pv_eoi") == 0);
    assert_null(vt_profile_get(profile, "kvm.apic_ipi"));
    assert_int_equal(profile->notes->len, 1);
    assert_non_null(strstr(profile->notes->pdata[0], "kvm_pio."));
    vt_test_import_bad(text, NULL, "r.txt:8: ", "kvm_pv_tlb_flush_x was not counted");
}

/* Whatever stands between three digits; but nothing else is taken for a number. */
static void test_locales(void **state)
{
    static const char *const good[] = {"1234567", "1,234,567", "1.234.567", "1 234 567", "1'234'567",
                                       "1\xc2\xa0" "234\xc2\xa0" "567", "1\xe2\x80\xaf" "234\xe2\x80\xaf" "567"};
    static const char *const bad[] = {"12,34,567", "1,234.567", "1.5", "1,23", "-5", "0x10", "1e6", ",123", "1,,234"};

    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autofree char *text = g_strdup_printf(HEAD "  %s      kvm:kvm_exit\r\n\r\n 1.5 seconds time elapsed\r\n", good[i]);
        g_autoptr(VtProfile) profile = vt_test_import_good(text, NULL);

        assert_true(vt_test_count(profile, "exits") == 1234567);
        assert_int_equal(profile->duration_ns, 1500000000);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text = g_strdup_printf(HEAD "  %s      kvm:kvm_exit\n" FOOT, bad[i]);

        vt_test_import_bad(text, NULL, "r.txt:4: ", "no count of perf stat");
    }
}

static void test_intervals(void **state)
{
    static const char text[] = TIMES "     1.000000000                100      kvm:kvm_exit\n"
                                     "     1.000000000              1.000      kvm:kvm_userspace_exit\n"
                                     "     3,000000000                600      kvm:kvm_exit\n"
                                     "     3,000000000                  0      kvm:kvm_userspace_exit\n"
                                     "     3,500000000              1 100      kvm:kvm_exit\n"
                                     "     3,500000000                  0      kvm:kvm_userspace_exit\n";
    g_autoptr(VtProfile) profile = vt_test_import_good(text, NULL);
    const VtMetric *exits = vt_profile_get(profile, "exits");

    assert_int_equal(profile->windows->len, 3);
    assert_int_equal(profile->duration_ns, 3500000000);
    assert_true(exits->count == 1800 && exits->min == 100 && exits->rate == 300 && exits->max == 2200);
    assert_true(vt_test_count(profile, "kvm.userspace_exits") == 1000);
}

static void test_bad(void **state)
{
    static const struct {
        const char *text;
        const char *where, *what;
    } bad[] = {
        {HEAD FOOT, "r.txt: ", "no count of kvm_exit"},
        {HEAD "   17      kvm:kvm_pio\n" FOOT, "r.txt: ", "no count of kvm_exit"},
        {HEAD "   17      kvm:kvm_exit\n", "r.txt: ", "cut short"},
        {HEAD "   17      kvm:kvm_exit\n   0.000000000 seconds time elapsed\n", "r.txt: ", "cut short"},
        {HEAD "   17      kvm:kv\n", "r.txt:4: ", "cut short"},
        {HEAD "   17   \n  kvm:kvm_exit\n" FOOT, "r.txt:5: ", "cut short"},
        {HEAD "   17      kvm:kvm_exit\n   18      kvm:kvm_exit\n" FOOT, "r.txt:5: ", "stands twice"},
        {HEAD "   qemu-4711    17      kvm:kvm_exit\n" FOOT, "r.txt:4: ", "--per-thread"},
        {HEAD "   17      kvm:kvm_exit:u\n" FOOT, "r.txt:4: ", "modifiers"},
        {HEAD "   <not counted>      kvm:kvm_exit\n" FOOT, "r.txt:4: ", "kvm_exit was not counted"},
        {HEAD "   99999999999999999999      kvm:kvm_exit\n" FOOT, "r.txt:4: ", "is not a count"},
        {HEAD "   17      kvm:kvm_exit\n" FOOT HEAD, "r.txt:9: ", "second table"},
        {TIMES "  2.000000000  5  kvm:kvm_exit\n  1.000000000  5  kvm:kvm_exit\n", "r.txt:3: ", "time went back"},
        {TIMES "  2.000000000  5  kvm:kvm_exit\n  2.000000000  5  kvm:kvm_exit\n", "r.txt:3: ", "stands twice"},
        {TIMES "  2.000000000  5  kvm:kvm_exit\n", "r.txt: ", "only one interval"},
        {HEAD "   17      kvm:kvm_exi", "r.txt:4: ", ""},
        {TIMES "  0.000000000  5  kvm:kvm_exit\n", "r.txt:2: ", "no length"},
        {TIMES "  2.000000000  5  kvm:kvm_exit\n  5  kvm:kvm_exit\n", "r.txt:3: ", "some have none"},
        {TIMES "  1.000000000  5  kvm:kvm_exit\n  1.000000000  5  kvm:kvm_eoi\n  2.000000000  5  kvm:kvm_exit\n", "r.txt: ",
         "cut short"},
        {TIMES "  1.000000000  5  kvm:kvm_exit\n  1.000000000  5  kvm:kvm_eoi\n  2.000000000  5  kvm:kvm_exit\n"
               "  3.000000000  5  kvm:kvm_exit\n", "r.txt:5: ", "lacks lines"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        vt_test_import_bad(bad[i].text, NULL, bad[i].where, bad[i].what);
}

static void test_options(void **state)
{
    const VtImportOptions options = {.vcpus = 1, .duration_ns = 4000000000}; /* which perf knows better */
    g_autoptr(VtProfile) idle = vt_test_import_good(HEAD "   0      kvm:kvm_exit\n" FOOT, &options);
    g_autoptr(VtProfile) whole = vt_test_import_good(HEAD "   20      kvm:kvm_exit\n" FOOT, &options);
    g_autoptr(VtProfile) host =
        vt_test_import_good(" Performance counter stats for 'system wide':\n\n 20  kvm:kvm_exit\n" FOOT, &options);

    assert_true(vt_test_count(idle, "exits") == 0);
    assert_float_equal(rate(whole, "exits"), 10, 1e-9);
    assert_non_null(strstr(host->notes->pdata[0], "all domains"));
}

static void test_recordings(void **state)
{
    const VtImportOptions options = {.vcpus = 1};
    g_autoptr(VtProfile) table = vt_test_import_recording("perf-stat.txt", &options);
    g_autoptr(VtProfile) windows = vt_test_import_recording("perf-stat-interval.txt", &options);

    /* The KVM of the recordings has no kvm_exit, which does not mean that there were none. */
    assert_null(vt_profile_get(table, "exits"));
    assert_non_null(strstr(table->notes->pdata[1], "does not report kvm_exit"));
    assert_true(vt_test_count(table, "kvm.userspace_exits") == 7948);
    assert_true(vt_test_count(table, "kvm.eoi") == 3974);
    assert_int_equal(table->duration_ns, 1011584950);
    assert_int_equal(windows->windows->len, 5);
    assert_int_equal(windows->duration_ns, 1011267769);
    assert_true(vt_test_count(windows, "kvm.eoi") == 937 + 862 + 911 + 1023 + 31);
}

/* Options whose output is not a recording of one run and its time. */
static void test_other_output(void **state)
{
    vt_test_import_bad(" Performance counter stats for 'sleep 1' (3 runs):\n\n   10   kvm:kvm_exit   ( +-  1.00% )\n",
                       NULL, "r.txt:1: ", "without -r");
    vt_test_import_bad("103042,,kvm:kvm_exit,1001853296,100.00,,\n", NULL, "r.txt:1: ", "without -x");
    vt_test_import_bad("103042;;kvm:kvm_exit;1001853296;100.00;;\n", NULL, "r.txt:1: ", "without -x");
    vt_test_import_bad("103042\t\tkvm:kvm_exit\t1001853296\t100.00\t\t\n", NULL, "r.txt:1: ", "without -x");
    vt_test_import_bad("     1.001027541,103042,,kvm:kvm_exit,1001853296,100.00,,\n", NULL, "r.txt:1: ", "without -x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),   cmocka_unit_test(test_locales), cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_bad),     cmocka_unit_test(test_options), cmocka_unit_test(test_recordings),
        cmocka_unit_test(test_other_output),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
