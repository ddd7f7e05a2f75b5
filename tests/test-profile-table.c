/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "report/profile-table.h"
#include "vt-test.h"
#include "vt-test-terminal.h"

#include <locale.h>

#include "base/text.h"

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

    vt_profile_add_time(profile, "exit.io", SECOND / 10 * 4);
    vt_profile_add_histogram(profile, "exit.io", buckets);
    vt_profile_add_time(profile, "exit.hlt", SECOND);
    text = print(profile, NULL);
    io = line_of(text, "exit.io ");
    hlt = line_of(text, "exit.hlt ");
    port = line_of(text, "pio.0x1f7 ");
    assert_non_null(strstr(text, "MEDIAN"));
    assert_non_null(strstr(io, "20.0 %"));
    assert_non_null(strstr(io, " ~1.5 us "));
    assert_non_null(strstr(io, " ~1.6 ms "));
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

/* Names that begin alike, wide ranges, long words, and one of each kind. */
static const char *const names[] = {
    "exits", "exit.io", "exit.external-interrupt", "msr.write.0x80b", "msr.write.0x808", "pio.0x1f7",
    "mmio.0xfeb00008", "irq.LOC", "kvm.userspace_exits", "kvm.userspace_io", "kvm.userspace_mmio",
    "sched.run-delay-ns",
};
static gboolean timed;

static int print_on_terminal(void)
{
    const guint64 buckets[VT_HISTOGRAM_BUCKETS] = {[10] = 9800, [20] = 200};
    const VtProfileTableOptions options = {.limit = 10};
    g_autoptr(VtProfile) profile = make();
    VtTerm *term;

    setlocale(LC_ALL, "C.UTF-8");
    vt_profile_add_window(profile, SECOND, 2);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        vt_profile_add(profile, 0, names[i], "bpf", 123456789 + i);
        vt_profile_add(profile, 1, names[i], "bpf", 987654321);
    }
    vt_profile_add_time(profile, "exit.io", SECOND / 10);
    if (timed)
        vt_profile_add_histogram(profile, "exit.io", buckets);
    if (!vt_profile_finish(profile, NULL))
        return 1;
    term = vt_term_new(stdout);
    vt_profile_table_print(term, "web", profile, NULL, &options);
    vt_term_free(term);
    return 0;
}

/* The first words of the lines below METRIC. */
static void assert_fits(guint columns, const char *output)
{
    g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; lines[i]; i++) {
        if (vt_text_columns(lines[i]) > columns)
            fail_msg("at %u columns: %s", columns, lines[i]);
        g_hash_table_add(seen, g_strndup(lines[i], strcspn(lines[i], " ")));
    }
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (!g_hash_table_contains(seen, names[i]))
            fail_msg("at %u columns %s is not whole:\n%s", columns, names[i], output);
}

static void test_fits(void **state)
{
    for (guint columns = 40; columns <= 160; columns++) {
        Result result;

        timed = columns % 2;
        result = on_terminal(print_on_terminal, "", columns, "dumb");
        assert_int_equal(result.status, 0);
        assert_fits(columns, result.output);
    }
}

/* What goes first, and the mark of words that were cut. */
static void test_left_out(void **state)
{
    Result result;

    timed = FALSE;
    result = on_terminal(print_on_terminal, "", 120, "dumb");
    assert_non_null(strstr(result.output, "WINDOWS"));
    assert_non_null(strstr(result.output, "IDE primary status and command"));
    assert_null(strstr(result.output, "MEDIAN"));
    timed = TRUE;
    result = on_terminal(print_on_terminal, "", 120, "dumb");
    assert_null(strstr(result.output, "WINDOWS"));
    assert_non_null(strstr(result.output, "MEDIAN"));
    assert_non_null(strstr(result.output, "…\n"));
    result = on_terminal(print_on_terminal, "", 80, "dumb");
    assert_null(strstr(result.output, "MEDIAN"));
    assert_non_null(strstr(result.output, "OF A VCPU"));
    assert_non_null(strstr(result.output, "IDE primary"));
    result = on_terminal(print_on_terminal, "", 50, "dumb");
    assert_null(strstr(result.output, "WHAT"));
    assert_non_null(strstr(result.output, "OF NON-HLT"));
}

/* Nanoseconds are time in each second. */
static void test_times_per_second(void **state)
{
    g_autoptr(VtProfile) profile = make();
    g_autofree char *text = NULL, *delay = NULL, *wait = NULL;

    vt_profile_add_window(profile, SECOND, 2);
    vt_profile_add(profile, 0, "sched.run-delay-ns", "interrupts", 1733249178);
    vt_profile_add(profile, 1, "sched.run-delay-ns", "interrupts", 1733249178);
    vt_profile_add(profile, 0, "kvm.halt_wait_ns", "libvirt", 200000000);
    vt_profile_add(profile, 1, "kvm.halt_wait_ns", "libvirt", 400000000);
    text = print(profile, NULL);
    delay = line_of(text, "sched.run-delay-ns ");
    wait = line_of(text, "kvm.halt_wait_ns ");
    assert_non_null(strstr(delay, " 866.6 ms "));
    assert_null(strstr(delay, "866,6"));
    assert_non_null(strstr(wait, " 150 ms "));
    assert_non_null(strstr(wait, "100 ms-200 ms"));
}

/* Whose interrupts they are, and that they are an upper bound where the vCPUs may run on more CPUs. */
static void test_interrupts(void **state)
{
    g_autoptr(VtProfile) profile = make();
    g_autofree char *exact = NULL, *most = NULL, *line = NULL, *timer = NULL;

    vt_profile_add(profile, 0, "irq.36", "interrupts", 5000);
    vt_profile_add(profile, 0, "irq.LOC", "interrupts", 10000);
    vt_profile_set_device(profile, "irq.36", "virtio1-\x1breq.0");
    exact = print(profile, NULL);
    assert_null(strstr(exact, "<="));
    assert_null(strstr(exact, "at most"));
    profile->irqs_at_most = TRUE;
    most = print(profile, NULL);
    line = line_of(most, "irq.36 ");
    timer = line_of(most, "irq.LOC ");
    assert_non_null(strstr(line, " <= 2,500 "));
    assert_non_null(strstr(line, "virtio1-\\x1breq.0"));
    assert_non_null(strstr(timer, " <= 5,000 "));
    assert_non_null(strstr(timer, "local timer interrupts"));
    assert_non_null(strstr(most, "a vCPU had at most"));
}

/* A total of which not all was counted: no less than the causes that were, and without a range, in which that is not. */
static void test_lower_bound(void **state)
{
    g_autoptr(VtProfile) profile = make();
    g_autofree char *exact = NULL, *all = NULL, *low = NULL, *exits = NULL, *io = NULL;

    exact = print(profile, NULL);
    all = line_of(exact, "exits ");
    assert_null(strstr(all, ">="));
    assert_non_null(strstr(all, " 6,000 "));
    assert_non_null(strstr(all, "6,000-6,000"));
    vt_profile_add(profile, 0, "pio.0x1f7", "bpf", 20000);
    low = print(profile, NULL);
    exits = line_of(low, "exits ");
    io = line_of(low, "exit.io ");
    assert_non_null(strstr(low, "  At least 15,000 exits per vCPU and second but HLT.\n"));
    assert_non_null(strstr(exits, " >= 16,000 ")); /* and 1,000 of HLT */
    assert_null(strstr(exits, "6,000-6,000"));
    assert_null(strstr(io, ">="));
    assert_non_null(strstr(io, "5,000-5,000"));
}

static void assert_direction(guint64 writes, const char *expected)
{
    g_autoptr(VtProfile) profile = make();
    g_autofree char *text = NULL, *line = NULL;

    vt_profile_add_writes(profile, "pio.0x1f7", "bpf", writes);
    text = print(profile, NULL);
    line = line_of(text, "pio.0x1f7 ");
    assert_true(g_str_has_suffix(line, expected));
}

/* Of 10,000 accesses. */
static void test_direction(void **state)
{
    assert_direction(0, " IDE primary status and command, reads only");
    assert_direction(200, " IDE primary status and command, 98 % reads");
    assert_direction(1, ", 99 % reads");
    assert_direction(9999, ", 1 % reads");
    assert_direction(10000, ", writes only");
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
        cmocka_unit_test(test_fits),
        cmocka_unit_test(test_left_out),
        cmocka_unit_test(test_times_per_second),
        cmocka_unit_test(test_interrupts), cmocka_unit_test(test_lower_bound),
        cmocka_unit_test(test_direction),
        cmocka_unit_test(test_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
