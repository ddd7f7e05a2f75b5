/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The logs of kvm_stat. */
#include "vt-test-import.h"

#define NAMES "exits halt_exits irq_window pages_4k \n"

static void test_log(void **state)
{
    const VtImportOptions options = {.vcpus = 2};
    g_autoptr(VtProfile) profile = vt_test_import_good(
        NAMES "2026-11-21 23:59:57      3000       600         3        -5\n"
              "2026-11-22 00:00:00      6000         0         0         5\n" NAMES
              "2026-11-22 00:00:03      9000       300         0         0\n",
        &options);

    assert_int_equal(profile->windows->len, 3);
    assert_true(profile->duration_ns == 9000000000);
    assert_true(vt_profile_get(profile, "exits")->rate == 1000);
    assert_true(vt_test_count(profile, "kvm.exits") == 18000);
    assert_true(vt_test_count(profile, "exit.hlt") == 900);
    assert_true(vt_test_count(profile, "exit.interrupt-window") == 3);
    assert_null(vt_profile_get(profile, "kvm.pages_4k"));
    assert_string_equal(vt_profile_get(profile, "exits")->source, "kvm-stat-log");
    assert_int_equal(profile->notes->len, 1);
    assert_true(vt_test_has_note(profile, "all guests"));
}

static void test_csv(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good("timestamp,exits,mmio_exits\r\n"
                                                       "2026-11-21 10:00:00,100,7\r\n"
                                                       "2026-11-21 10:00:01,300,0\r\n",
                                                       NULL);

    assert_int_equal(profile->windows->len, 2);
    assert_true(profile->duration_ns == 2000000000);
    assert_true(vt_test_count(profile, "exit.mmio") == 7);
    assert_true(vt_profile_get(profile, "exits")->max == 300);
}

/* Until Linux 5.7. */
static void test_without_times(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        "exits io_exits\n      2152         17 \n      1000          0 \n", NULL);

    assert_int_equal(profile->windows->len, 2);
    assert_true(profile->duration_ns == 2000000000);
    assert_true(vt_test_count(profile, "exit.io") == 17);
}

/* kvm_stat -s 2.5: seconds are rounded. */
static void test_uneven(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good("timestamp,exits\n"
                                                       "2026-11-21 10:00:00,10\n"
                                                       "2026-11-21 10:00:02,10\n"
                                                       "2026-11-21 10:00:05,10\n",
                                                       NULL);

    assert_true(profile->duration_ns == 7500000000);
    assert_true(vt_profile_get(profile, "exits")->min == 4);
    assert_false(vt_test_has_note(profile, "missing"));
}

static void test_left_out_zeros(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good("timestamp,exits\n"
                                                       "2026-11-21 10:00:00,10\n"
                                                       "2026-11-21 10:00:03,10\n"
                                                       "2026-11-21 10:01:00,10\n"
                                                       "2026-11-21 10:01:03,10\n",
                                                       NULL);

    assert_true(profile->duration_ns == 12000000000);
    assert_true(vt_test_has_note(profile, "Lines are missing"));
}

/* Times between two lines, of which some are holes, or shorter as the clock was set back: how long a line is in ns, and
 * how many of both there are. */
static void test_holes(void **state)
{
    static const struct {
        gint seconds[12];
        guint64 length_ns;
        const char *holes, *shorter; /* NULL: no note */
    } logs[] = {
        {{1, 1800, -1}, 1000000000, "others: 1.", NULL},
        {{1800, 1, -1}, 1000000000, "others: 1.", NULL},
        {{1, 60, 1, 60, -1}, 1000000000, "others: 2.", NULL},
        {{60, 60, 61, 3600, 60, -1}, 60250000000, "others: 1.", NULL},
        {{1, 2, 1, 2, -1}, 1500000000, NULL, NULL},
        {{0, 1, 0, 1, -1}, 500000000, NULL, NULL},
        {{0, 1, 0, 1, 60, -1}, 500000000, "others: 1.", NULL},
        {{60, -1}, 60000000000, NULL, NULL},
        {{10, 4, 10, 10, -1}, 10000000000, NULL, "back: 1."},
        {{10, 10, 10, 4, 10, 10, 0, 10, 30, 11, -1}, 10142857142, "others: 1.", "back: 2."},
        {{1, 1, 0, 1, 2, 1, 1, -1}, 1000000000, NULL, NULL},
        {{40, 7, 300, 90, -1}, 40000000000, "others: 2.", "back: 1."},
    };

    for (guint i = 0; i < G_N_ELEMENTS(logs); i++) {
        g_autoptr(GString) text = g_string_new("timestamp,exits\n2026-11-21 10:00:00,2152\n");
        g_autoptr(VtProfile) profile = NULL;
        gint at = 0;

        for (const gint *seconds = logs[i].seconds; *seconds >= 0; seconds++) {
            at += *seconds;
            g_string_append_printf(text, "2026-11-21 %02d:%02d:%02d,2152\n", 10 + at / 3600, at / 60 % 60, at % 60);
        }
        profile = vt_test_import_good(text->str, NULL);
        assert_true(g_array_index(profile->windows, VtWindow, 0).duration_ns == logs[i].length_ns);
        assert_true(vt_profile_get(profile, "exits")->min == vt_profile_get(profile, "exits")->max);
        assert_true(vt_test_has_note(profile, "Lines are missing") == (logs[i].holes != NULL));
        assert_true(!logs[i].holes || vt_test_has_note(profile, logs[i].holes));
        assert_true(vt_test_has_note(profile, "shorter than the others") == (logs[i].shorter != NULL));
        assert_true(!logs[i].shorter || vt_test_has_note(profile, logs[i].shorter));
    }
}

static void test_duration(void **state)
{
    const VtImportOptions options = {.vcpus = 1, .duration_ns = 1000000000};
    const char *text = "timestamp,exits\n2026-11-21 10:00:00,10\n2026-11-21 10:00:00,30\n";
    g_autoptr(VtProfile) profile = vt_test_import(text, strlen(text), NULL, &options, NULL);
    g_autoptr(VtProfile) one =
        vt_test_import_good("timestamp,exits\n2026-11-21 10:00:00,10\n", NULL);

    assert_true(profile->duration_ns == 1000000000);
    assert_true(vt_profile_get(profile, "exits")->max == 60);
    assert_true(vt_test_has_note(one, "--duration"));
    vt_test_import_bad(text, NULL, "r.txt: ", "less than a second apart");
    vt_test_import_bad("timestamp,exits\n2026-11-21 10:00:00,10\n2026-11-21 10:00:00,10\n2026-11-21 10:00:00,10\n"
                       "2026-11-21 10:01:00,10\n2026-11-21 10:02:00,10\n",
                       NULL, "r.txt: ", "less than a second apart");
}

static void test_bad(void **state)
{
    static const struct {
        const char *line, *message;
    } bad[] = {
        {"2026-11-21 10:00:03 5\n", "cut short or wrapped"},
        {"2026-11-21 10:00:03 5 6 7\n", "cut short or wrapped"},
        {"2026-11-21 10:00:03 5 x\n", "io_exits: “x” is not a count"},
        {"2026-11-21 10:00:03 5 -6\n", "io_exits: “-6” is not a count"},
        {"2026-11-21 10:00:03 5 1.5\n", "is not a count"},
        {"2026-11-21 10:00:03 5 9223372036854775808\n", "is not a count"},
        {"2026-11-21 10:00:03,5,6,7\n", "cut short or wrapped"},
        {"2026-11-21 09:59:59 5 6\n", "the time went back"},
        {"2026-11-31 10:00:03 5 6\n", "some lines have a time"},
        {"5 6\n", "some lines have a time"},
        {"exits halt_exits\n", "the columns are others"},
        {"2026-11-21 10:00:03 5 6", "has no end"},
        {"\x1b[2J 5 6\n", "some lines have a time"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text =
            g_strconcat("exits io_exits\n2026-11-21 10:00:00 1 2\n", bad[i].line, NULL);

        vt_test_import_bad(text, NULL, "r.txt:3: ", bad[i].message);
    }
    vt_test_import_bad("exits\n0001-01-01 00:00:00 1\n9999-01-01 00:00:00 1\n", NULL,
                       "r.txt: ", "more than a year");
    vt_test_import_bad("exits io_exits\n", NULL, "r.txt: ", "no line of counts");
    vt_test_import_bad("1 2\n", "kvm-stat-log", "r.txt:1: ", "no line of names");
    vt_test_import_bad("irq_window exits irq_window_exits\n1 2 3\n", NULL,
                       "r.txt:1: ", "irq_window_exits stands twice");
    vt_test_import_bad("kvm_exit kvm_exit(HLT)\n 1 2\n", NULL, "r.txt: ", "give --isa");
}

static void test_tracepoints(void **state)
{
    g_autoptr(VtProfile) log = vt_test_import_good(
        "timestamp,kvm_entry,kvm_exit,kvm_exit(EXTERNAL_INTERRUPT),kvm_exit(HLT)\n"
        "2026-11-21 10:22:31,17,20,1,7\n2026-11-21 10:22:32,17,30,1,9\n", NULL);
    g_autoptr(VtProfile) both = vt_test_import_good("exits kvm_exit kvm_exit(NPF) \n 5 6 2 \n 7 8 1 \n", NULL);

    assert_true(vt_test_count(log, "exits") == 50);
    assert_true(vt_profile_get(log, "exits")->max == 30);
    assert_true(vt_test_count(log, "exit.hlt") == 16);
    assert_true(vt_test_count(log, "exit.external-interrupt") == 2);
    assert_null(vt_profile_get(log, "kvm.kvm_entry"));
    assert_true(vt_test_count(both, "exits") == 12);
    assert_true(vt_test_count(both, "exit.ept-violation") == 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_without_times),
        cmocka_unit_test(test_uneven),
        cmocka_unit_test(test_left_out_zeros),
        cmocka_unit_test(test_holes),
        cmocka_unit_test(test_duration),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_tracepoints),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
