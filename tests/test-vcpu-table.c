/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test.h"

#include <stdio.h>
#include <string.h>

#include "model/profile-vcpu.h"
#include "report/vcpu-table.h"

#define SECOND 1000000000ull

static char *print(VtProfile *profile, guint limit)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    VtTerm *term = vt_term_new(out);

    assert_true(vt_profile_finish(profile, NULL));
    vt_vcpu_table_print(term, profile, limit);
    vt_term_free(term);
    fclose(out);
    return text;
}

static void add(VtProfile *profile, const char *metric, guint vcpu, guint64 count)
{
    vt_profile_add(profile, 0, metric, "bpf", count);
    vt_profile_vcpu_add(profile, 0, metric, "bpf", vcpu, count);
}

/* vCPU 0 sleeps; vCPU 2 leaves the guest for ports. */
static VtProfile *make(void)
{
    VtProfile *profile = vt_profile_new();

    vt_profile_add_window(profile, SECOND, 2);
    add(profile, "exits", 0, 100);
    add(profile, "exits", 2, 9000);
    add(profile, "exit.hlt", 0, 90);
    add(profile, "exit.io", 2, 8000);
    add(profile, "exit.cpuid", 2, 1000);
    add(profile, "pio.0x1f7", 2, 5000);
    add(profile, "pio.0x3f6", 2, 3000);
    vt_profile_add(profile, 0, "irq.24", "interrupts", 7);
    return profile;
}

/* The words of the line that begins so. */
static char *words(const char *text, const char *start)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (guint i = 0; lines[i]; i++) {
        g_autoptr(GRegex) blanks = g_regex_new(" +", 0, 0, NULL);
        g_autofree char *line = g_regex_replace_literal(blanks, g_strstrip(lines[i]), -1, 0, " ", 0, NULL);

        if (g_str_has_prefix(line, start))
            return g_steal_pointer(&line);
    }
    fail_msg("no line %s in\n%s", start, text);
    return NULL;
}

static void assert_words(const char *text, const char *start, const char *expected)
{
    g_autofree char *line = words(text, start);

    assert_string_equal(line, expected);
}

static void test_tables(void **state)
{
    g_autoptr(VtProfile) profile = make();
    g_autofree char *text = print(profile, 0);

    assert_words(text, "VCPU NON", "VCPU NON-HLT/S HLT/S MOST OF IT/S");
    assert_words(text, "0 ", "0 10 90");
    assert_words(text, "2 ", "2 9,000 0 exit.io 8,000");
    assert_words(text, "PER SECOND", "PER SECOND VCPU 0 VCPU 2");
    assert_words(text, "exits", "exits 100 9,000");
    assert_words(text, "exit.hlt", "exit.hlt 90 0");
    assert_words(text, "pio.0x1f7", "pio.0x1f7 0 5,000");
    assert_null(strstr(text, "irq.24"));
    assert_null(strstr(text, "OTHERS"));
}

/* Time out of the guest without HLT, and waiting for a CPU, in per cent of the sample. */
static void test_times(void **state)
{
    g_autoptr(VtProfile) profile = make();
    g_autofree char *text = NULL;

    vt_profile_add_time(profile, "exit.io", SECOND / 4);
    vt_profile_vcpu_add_time(profile, "exit.io", 2, SECOND / 4);
    vt_profile_add_time(profile, "exit.hlt", SECOND / 2);
    vt_profile_vcpu_add_time(profile, "exit.hlt", 0, SECOND / 2);
    add(profile, "sched.run-delay-ns", 0, SECOND / 10);
    text = print(profile, 0);
    assert_words(text, "VCPU NON", "VCPU NON-HLT/S HLT/S TIME RUN DELAY MOST OF IT/S");
    assert_words(text, "0 ", "0 10 90 0.0 % 10.0 %");
    assert_words(text, "2 ", "2 9,000 0 25.0 % 0.0 % exit.io 8,000");
}

/* Where exits are missing, what was seen is the lower bound, and may be what is most. */
static void test_at_least(void **state)
{
    g_autoptr(VtProfile) profile = make();
    g_autofree char *text = NULL;

    profile->exits_low = TRUE;
    add(profile, "pio.0x80", 0, 40000);
    text = print(profile, 0);
    assert_words(text, "0 ", "0 >= 40,000 90 pio.0x80 40,000");
}

static void test_limit(void **state)
{
    g_autoptr(VtProfile) profile = make();
    g_autofree char *text = NULL;

    add(profile, "pio.0x80", 0, 1);
    add(profile, "pio.0x80", 2, 2);
    text = print(profile, 1);
    assert_words(text, "pio.0x1f7", "pio.0x1f7 0 5,000");
    assert_words(text, "pio: ", "pio: 2 more 1 3,002");
    assert_null(strstr(text, "pio.0x3f6"));
}

/* What the vCPUs do not have is somebody's, too. */
static void test_others(void **state)
{
    g_autoptr(VtProfile) profile = make();
    g_autofree char *text = NULL;

    vt_profile_add(profile, 0, "kvm.eoi", "bpf", 50);
    vt_profile_vcpu_add(profile, 0, "kvm.eoi", "bpf", 2, 30);
    text = print(profile, 0);
    assert_words(text, "PER SECOND", "PER SECOND VCPU 0 VCPU 2 OTHERS");
    assert_words(text, "kvm.eoi", "kvm.eoi 0 30 20");
    assert_words(text, "exits", "exits 100 9,000 0");
}

static void test_not_told_apart(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autofree char *text = NULL;

    vt_profile_add_window(profile, SECOND, 2);
    vt_profile_add(profile, 0, "exits", "bpf", 10);
    text = print(profile, 0);
    assert_non_null(strstr(text, "--vcpu"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables), cmocka_unit_test(test_times),
        cmocka_unit_test(test_at_least), cmocka_unit_test(test_limit),
        cmocka_unit_test(test_others), cmocka_unit_test(test_not_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
