/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test.h"

#include <stdio.h>
#include <string.h>

#include "model/profile-vcpu.h"
#include "report/bars.h"

#define SECOND 1000000000ull

static char *print(VtProfile *profile, guint limit, gboolean vcpus, gboolean utf8)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    VtTerm *term = vt_term_new(out);

    assert_true(vt_profile_finish(profile, NULL));
    vt_bars_print(term, profile, limit, vcpus, utf8);
    vt_term_free(term);
    fclose(out);
    return text;
}

static void add(VtProfile *profile, const char *metric, guint64 count, const guint64 *buckets)
{
    vt_profile_add(profile, 0, metric, "bpf", count);
    vt_profile_add_time(profile, metric, 1300 * count);
    vt_profile_add_histogram(profile, metric, buckets);
}

static VtProfile *make(void)
{
    const guint64 io[VT_HISTOGRAM_BUCKETS] = {[9] = 26, [10] = 52, [12] = 1};
    VtProfile *profile = vt_profile_new();

    vt_profile_add_window(profile, SECOND, 1);
    add(profile, "exit.io", 79, io);
    return profile;
}

static void test_ascii(void **state)
{
    g_autoptr(VtProfile) profile = make();
    g_autofree char *text = print(profile, 0, FALSE, FALSE);

    assert_string_equal(
        text, "\nexit.io: ns out of the guest (mean 1.3 us, median ~1.3 us, 99 % within ~5 us)\n"
              "[512, 1K)                26 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |\n"
              "[1K, 2K)                 52 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
              "[2K, 4K)                  0 |                                                    |\n"
              "[4K, 8K)                  1 |@                                                   |\n");
}

static void test_blocks(void **state)
{
    const guint64 buckets[VT_HISTOGRAM_BUCKETS] = {[0] = 1000, [1] = 1, [31] = 500};
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    vt_profile_add_window(profile, SECOND, 1);
    add(profile, "exit.hlt", 1501, buckets);
    text = print(profile, 0, FALSE, TRUE);
    lines = g_strsplit(text, "\n", -1);
    assert_true(g_str_has_prefix(lines[2], "[0, 2) "));
    assert_non_null(strstr(lines[2], "1,000 |████"));
    assert_non_null(strstr(lines[3], "1 |▏ "));
    assert_true(g_str_has_prefix(lines[33], "[2G, …) "));
    assert_int_equal(g_utf8_strlen(lines[2], -1), g_utf8_strlen(lines[3], -1));
    assert_int_equal(g_utf8_strlen(lines[2], -1), g_utf8_strlen(lines[33], -1));
    assert_int_equal(g_strv_length(lines), 35);
    assert_null(strchr(text, '@'));
}

static void test_vcpus(void **state)
{
    const guint64 second[VT_HISTOGRAM_BUCKETS] = {[12] = 1};
    g_autoptr(VtProfile) profile = make();
    g_autofree char *plain = NULL, *apart = NULL;

    vt_profile_vcpu_number(profile, 0);
    vt_profile_vcpu_add(profile, 0, "exit.io", "bpf", 1, 1);
    vt_profile_vcpu_add_histogram(profile, "exit.io", 1, second);
    plain = print(profile, 0, FALSE, FALSE);
    apart = print(profile, 0, TRUE, FALSE);
    assert_null(strstr(plain, "vCPU"));
    assert_non_null(strstr(apart, "exit.io of vCPU 1: ns out"));
    assert_null(strstr(apart, "vCPU 0"));
}

static void test_limit(void **state)
{
    const guint64 one[VT_HISTOGRAM_BUCKETS] = {[3] = 1};
    g_autoptr(VtProfile) profile = make();
    g_autofree char *two = NULL, *all = NULL;
    const char *mmio, *io, *hlt;

    add(profile, "exit.hlt", 5000, one);
    add(profile, "exit.mmio", 100, one);
    two = print(profile, 2, FALSE, FALSE);
    all = print(profile, 0, FALSE, FALSE);
    mmio = strstr(all, "exit.mmio:");
    io = strstr(all, "exit.io:");
    hlt = strstr(all, "exit.hlt:");
    assert_true(mmio && mmio < io && io < hlt); /* sleep last */
    assert_null(strstr(all, "left out"));
    assert_null(strstr(two, "exit.hlt:"));
    assert_non_null(strstr(two, "left out: 1 "));
}

static void test_nothing(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autofree char *text = NULL;

    vt_profile_add_window(profile, SECOND, 1);
    vt_profile_add(profile, 0, "exit.io", "libvirt", 9);
    text = print(profile, 0, FALSE, FALSE);
    assert_non_null(strstr(text, "bpf"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ascii), cmocka_unit_test(test_blocks),  cmocka_unit_test(test_vcpus),
        cmocka_unit_test(test_limit), cmocka_unit_test(test_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
