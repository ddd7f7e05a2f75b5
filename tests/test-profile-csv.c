/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test.h"

#include <stdio.h>
#include <string.h>

#include "model/profile-vcpu.h"
#include "report/profile-csv.h"

#define SECOND 1000000000ull
#define UUID "c7a5fdbd-edaf-9455-926a-d65c16db1809"
#define HEAD                                                                                       \
    "domain,uuid,vcpu,metric,source,window,duration_ns,count,rate_per_vcpu_s,time_ns,median_ns,"   \
    "p99_ns,user_count,at_least,at_most,mean_ns\r\n"

static char *print(VtProfile *profile, const char *name, const char *uuid)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    assert_true(vt_profile_finish(profile, NULL));
    vt_profile_csv_head(out);
    vt_profile_csv_print(out, name, uuid, profile);
    fclose(out);
    return text;
}

static void test_windows(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autofree char *text = NULL;

    vt_profile_add_window(profile, SECOND, 2);
    vt_profile_add_window(profile, SECOND / 2, 2);
    vt_profile_add(profile, 1, "exit.io", "bpf", 7);
    text = print(profile, "web01", UUID);
    assert_string_equal(text, HEAD "web01," UUID ",,exit.io,bpf,1,1000000000,0,0,,,,,no,no,\r\n"
                                   "web01," UUID ",,exit.io,bpf,2,500000000,7,7,,,,,no,no,\r\n"
                                   "web01," UUID ",,exit.io,bpf,,1500000000,7,3.5,,,,,no,no,\r\n");
}

/* Of an address, who completed it. */
static void test_user(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autofree char *text = NULL;

    vt_profile_add_window(profile, SECOND, 1);
    vt_profile_add(profile, 0, "mmio.0xa0000", "bpf", 8);
    vt_profile_add_user(profile, "mmio.0xa0000", "bpf", 3);
    text = print(profile, "w", NULL);
    assert_string_equal(text, HEAD "w,,,mmio.0xa0000,bpf,1,1000000000,8,8,,,,,no,no,\r\n"
                                   "w,,,mmio.0xa0000,bpf,,1000000000,8,8,,,,3,no,no,\r\n");
}

/* A total of which not all was counted says so, and its parts do not. */
static void test_at_least(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autofree char *text = NULL;

    vt_profile_add_window(profile, SECOND, 1);
    vt_profile_add(profile, 0, "exits", "libvirt", 8);
    vt_profile_add(profile, 0, "exit.hlt", "libvirt", 3);
    profile->exits_low = TRUE;
    text = print(profile, "w", NULL);
    assert_string_equal(text, HEAD "w,,,exit.hlt,libvirt,1,1000000000,3,3,,,,,no,no,\r\n"
                                   "w,,,exit.hlt,libvirt,,1000000000,3,3,,,,,no,no,\r\n"
                                   "w,,,exits,libvirt,1,1000000000,8,8,,,,,yes,no,\r\n"
                                   "w,,,exits,libvirt,,1000000000,8,8,,,,,yes,no,\r\n");
}

/* Interrupts of more CPUs than the vCPUs ran on say so; exits beside them, and where there were none, do not. */
static void test_at_most(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autofree char *text = NULL;

    vt_profile_add_window(profile, SECOND, 2);
    vt_profile_add(profile, 0, "exit.hlt", "libvirt", 3);
    vt_profile_add(profile, 0, "irq.24", "interrupts", 8);
    vt_profile_add(profile, 0, "irq.25", "interrupts", 0);
    profile->irqs_at_most = TRUE;
    text = print(profile, "w", NULL);
    assert_string_equal(text, HEAD "w,,,exit.hlt,libvirt,1,1000000000,3,1.5,,,,,no,no,\r\n"
                                   "w,,,exit.hlt,libvirt,,1000000000,3,1.5,,,,,no,no,\r\n"
                                   "w,,,irq.24,interrupts,1,1000000000,8,4,,,,,no,yes,\r\n"
                                   "w,,,irq.24,interrupts,,1000000000,8,4,,,,,no,yes,\r\n"
                                   "w,,,irq.25,interrupts,1,1000000000,0,0,,,,,no,no,\r\n"
                                   "w,,,irq.25,interrupts,,1000000000,0,0,,,,,no,no,\r\n");
}

/* No window has a count of its own. */
static void test_whole(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autofree char *text = NULL;

    vt_profile_add_window(profile, SECOND, 2);
    vt_profile_add_whole(profile, "block.requests", "libvirt", 8, 2 * SECOND);
    text = print(profile, "w", NULL);
    assert_string_equal(text, HEAD "w,,,block.requests,libvirt,,2000000000,8,2,,,,,no,no,\r\n");
}

/* Every vCPU that is told apart has its records, also where it counted nothing; of a metric that is
 * not told apart none has any. */
static void test_vcpus(void **state)
{
    const guint64 buckets[VT_HISTOGRAM_BUCKETS] = {[10] = 7};
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autofree char *text = NULL;

    vt_profile_add_window(profile, SECOND, 2);
    vt_profile_add(profile, 0, "exit.io", "bpf", 7);
    vt_profile_vcpu_add(profile, 0, "exit.io", "bpf", 1, 7);
    vt_profile_vcpu_number(profile, 0);
    vt_profile_add_time(profile, "exit.io", 9000);
    vt_profile_add_histogram(profile, "exit.io", buckets);
    vt_profile_vcpu_add_time(profile, "exit.io", 1, 9000);
    vt_profile_vcpu_add_histogram(profile, "exit.io", 1, buckets);
    vt_profile_add(profile, 0, "irq.24", "interrupts", 3);
    text = print(profile, "w", NULL);
    assert_string_equal(text, HEAD "w,,,exit.io,bpf,1,1000000000,7,3.5,,,,,no,no,\r\n"
                                   "w,,,exit.io,bpf,,1000000000,7,3.5,9000,1536,2037,,no,no,1286\r\n"
                                   "w,,0,exit.io,bpf,1,1000000000,0,0,,,,,no,no,\r\n"
                                   "w,,0,exit.io,bpf,,1000000000,0,0,0,,,,no,no,\r\n"
                                   "w,,1,exit.io,bpf,1,1000000000,7,7,,,,,no,no,\r\n"
                                   "w,,1,exit.io,bpf,,1000000000,7,7,9000,1536,2037,,no,no,1286\r\n"
                                   "w,,,irq.24,interrupts,1,1000000000,3,1.5,,,,,no,no,\r\n"
                                   "w,,,irq.24,interrupts,,1000000000,3,1.5,,,,,no,no,\r\n");
}

/* The mean is of the exits that were timed, where that is known; of none it is not. */
static void test_mean(void **state)
{
    const guint64 half[VT_HISTOGRAM_BUCKETS] = {[16] = 30}, none[VT_HISTOGRAM_BUCKETS] = {0};
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autofree char *text = NULL;

    vt_profile_add_window(profile, SECOND, 1);
    vt_profile_add(profile, 0, "exit.hlt", "trace", 60);
    vt_profile_add_time(profile, "exit.hlt", 3000000);
    vt_profile_add_histogram(profile, "exit.hlt", half);
    vt_profile_add(profile, 0, "exit.io", "kvm-stat", 60);
    vt_profile_add_time(profile, "exit.io", 3000000);
    vt_profile_add(profile, 0, "exit.msr", "trace", 60);
    vt_profile_add_time(profile, "exit.msr", 0);
    vt_profile_add_histogram(profile, "exit.msr", none);
    text = print(profile, "w", NULL);
    assert_string_equal(text, HEAD "w,,,exit.hlt,trace,1,1000000000,60,60,,,,,no,no,\r\n"
                                   "w,,,exit.hlt,trace,,1000000000,60,60,3000000,98304,130416,,no,no,100000\r\n"
                                   "w,,,exit.io,kvm-stat,1,1000000000,60,60,,,,,no,no,\r\n"
                                   "w,,,exit.io,kvm-stat,,1000000000,60,60,3000000,,,,no,no,50000\r\n"
                                   "w,,,exit.msr,trace,1,1000000000,60,60,,,,,no,no,\r\n"
                                   "w,,,exit.msr,trace,,1000000000,60,60,0,,,,no,no,\r\n");
}

static void test_names(void **state)
{
    static const struct {
        const char *name, *field;
    } cases[] = {
        {"a,b", "\"a,b\","},
        {"say \"hi\"", "\"say \"\"hi\"\"\","},
        {"two\nlines", "\"two\nlines\","},
        {"=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0,"},
        {"", "\"\","},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VtProfile) profile = vt_profile_new();
        g_autofree char *text = NULL;

        vt_profile_add_window(profile, SECOND, 1);
        vt_profile_add(profile, 0, "exits", "bpf", 1);
        text = print(profile, cases[i].name, UUID);
        if (!g_str_has_prefix(text + strlen(HEAD), cases[i].field))
            fail_msg("%s", text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows), cmocka_unit_test(test_whole), cmocka_unit_test(test_user),
        cmocka_unit_test(test_at_least), cmocka_unit_test(test_at_most),
        cmocka_unit_test(test_vcpus),
        cmocka_unit_test(test_mean),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
