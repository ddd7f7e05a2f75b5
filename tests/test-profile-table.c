/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "report/profile-table.h"
#include "vt-test.h"

#define SECOND 1000000000

static VtProfile *make(void)
{
    VtProfile *profile = vt_profile_new();

    vt_profile_add_source(profile, "bpf");
    vt_profile_add_window(profile, SECOND, 2);
    vt_profile_add(profile, 0, "exits", "bpf", 12000);
    vt_profile_add(profile, 0, "exit.hlt", "bpf", 2000);
    vt_profile_add(profile, 0, "exit.io", "bpf", 10000);
    vt_profile_add(profile, 0, "exit.pause", "bpf", 0);
    vt_profile_add(profile, 0, "pio.0x1f7", "bpf", 10000);
    return profile;
}

static char *print_with(VtProfile *profile, const char *note, const VtProfileTableOptions *options)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    VtTerm *term = vt_term_new(out);

    if (profile)
        assert_true(vt_profile_finish(profile, NULL));
    vt_profile_table_print(term, "web\x1b[31m", profile, note, options);
    vt_term_free(term);
    fclose(out);
    return text;
}

static char *print(VtProfile *profile, const char *note)
{
    const VtProfileTableOptions options = {.limit = 10};

    return print_with(profile, note, &options);
}

static char *line_of(const char *text, const char *metric)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (guint i = 0; lines[i]; i++)
        if (g_str_has_prefix(lines[i], metric))
            return g_strdup(lines[i]);
    return NULL;
}

static void test_counts(void **state)
{
    g_autoptr(VtProfile) profile = make();
    g_autofree char *text = NULL, *io = NULL;

    profile->lost = 17;
    text = print(profile, NULL);
    io = line_of(text, "exit.io ");
    assert_non_null(strstr(text, "web\\x1b[31m: 1 s in 1 window by bpf"));
    assert_non_null(strstr(text, "17 updates were lost"));
    assert_null(strstr(text, "MEDIAN"));
    assert_null(strstr(text, "exit.pause"));
    assert_non_null(strstr(io, "5,000"));
    assert_non_null(strstr(io, "100.0 %"));
}

static void test_times(void **state)
{
    const guint64 buckets[VT_HISTOGRAM_BUCKETS] = {[10] = 9800, [20] = 200};
    g_autoptr(VtProfile) profile = make();
    g_autofree char *text = NULL, *io = NULL, *hlt = NULL, *port = NULL;

    vt_profile_add_time(profile, "exit.io", SECOND / 10);
    vt_profile_add_histogram(profile, "exit.io", buckets);
    vt_profile_add_time(profile, "exit.hlt", SECOND);
    text = print(profile, NULL);
    io = line_of(text, "exit.io ");
    hlt = line_of(text, "exit.hlt ");
    port = line_of(text, "pio.0x1f7 ");
    assert_non_null(strstr(text, "MEDIAN"));
    assert_non_null(strstr(io, "5.0 %"));
    assert_non_null(strstr(io, "1.5 us"));
    assert_non_null(strstr(io, "1.6 ms"));
    assert_non_null(strstr(hlt, "50.0 %"));
    assert_null(strstr(hlt, " us"));
    assert_null(strstr(port, "%"));
    assert_non_null(strstr(port, "IDE"));
}

/* The first of each kind, and how much the others are; families and statistics are all there. */
static void test_limit(void **state)
{
    const VtProfileTableOptions two = {.limit = 2}, all = {.limit = 0};
    g_autoptr(VtProfile) profile = make();
    g_autofree char *text = NULL, *rest = NULL, *whole = NULL;

    for (guint i = 0; i < 5; i++) {
        g_autofree char *port = g_strdup_printf("pio.0x%x", 0x60 + i);
        g_autofree char *msr = g_strdup_printf("msr.read.0x%x", 0x10 + i);
        g_autofree char *stat = g_strdup_printf("kvm.stat_%u", i);

        vt_profile_add(profile, 0, port, "bpf", 200 * (i + 1));
        vt_profile_add(profile, 0, stat, "bpf", 1);
        if (i < 2)
            vt_profile_add(profile, 0, msr, "bpf", 1);
    }
    text = print_with(profile, NULL, &two);
    rest = line_of(text, "pio: 4 more ");
    assert_non_null(rest);
    assert_non_null(strstr(rest, " 1,000")); /* 200 + 400 + 600 + 800 of two vCPUs */
    assert_non_null(strstr(text, "pio.0x1f7"));
    assert_non_null(strstr(text, "pio.0x64"));
    assert_null(strstr(text, "pio.0x63"));
    assert_null(strstr(text, "msr.read: "));
    assert_non_null(strstr(text, "kvm.stat_4"));
    whole = print_with(profile, NULL, &all);
    assert_null(strstr(whole, ": 4 more"));
    assert_non_null(strstr(whole, "pio.0x60"));
}

/* Not a terminal: nothing is cut. */
static void test_full_width(void **state)
{
    g_autoptr(VtProfile) profile = make();
    g_autofree char *text = NULL;

    vt_profile_add(profile, 0, "kvm.a_statistic_whose_name_is_much_longer_than_a_terminal_is_wide_and_then_"
                               "some_more_of_it_so_that_it_would_be_cut",
                   "bpf", 7);
    text = print(profile, NULL);
    assert_non_null(strstr(text, "it_would_be_cut "));
    assert_non_null(strstr(text, "IDE primary status and command\n"));
}

static void test_sleep_is_last(void **state)
{
    g_autoptr(VtProfile) profile = make();
    g_autofree char *text = NULL;

    vt_profile_add(profile, 0, "exits", "bpf", 50000);
    vt_profile_add(profile, 0, "exit.hlt", "bpf", 50000);
    text = print(profile, NULL);
    assert_true(strstr(text, "\nexit.hlt ") > strstr(text, "\nexit.io "));
    assert_non_null(strstr(text, "  5,000 exits per vCPU and second but HLT.\n"));
}

static void test_more(void **state)
{
    const VtProfileTableOptions more = {.vcpus = TRUE, .histograms = TRUE};
    const VtProfileTableOptions less = {0};
    g_autoptr(VtProfile) profile = make();
    g_autofree char *text = print_with(profile, NULL, &more);
    g_autofree char *plain = print_with(profile, NULL, &less);

    assert_non_null(strstr(text, "sample with --vcpu"));
    assert_non_null(strstr(text, "No times of single exits"));
    assert_null(strstr(plain, "--vcpu"));
    assert_null(strstr(plain, "No times"));
}

static void test_nothing(void **state)
{
    g_autofree char *text = print(NULL, "The domain was not running.");

    assert_string_equal(text, "web\\x1b[31m: The domain was not running.\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_full_width),
        cmocka_unit_test(test_sleep_is_last),
        cmocka_unit_test(test_more),
        cmocka_unit_test(test_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
