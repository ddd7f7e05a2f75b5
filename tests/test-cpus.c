/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPU lists and sets. */
#include "vt-test.h"

#include "base/cpus.h"
#include "base/error.h"

static void assert_message(GError *error, const char *part)
{
    assert_non_null(error);
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
    if (!strstr(error->message, part))
        fail_msg("\"%s\" does not contain \"%s\"", error->message, part);
    g_error_free(error);
}

static void cpu_lists_round_trip(void **state)
{
    static const struct {
        const char *list, *formatted;
        guint count;
    } cases[] = {
        {"", "", 0},
        {"0", "0", 1},
        {"0-3,8", "0-3,8", 5},
        {"8,0-3", "0-3,8", 5},
        {"1,2,3", "1-3", 3},
        {"5-5", "5", 1},
        {"0-7,^3", "0-2,4-7", 7},
        {"0-7,^0,^7,9", "1-6,9", 7},
        {"^3,0-3", "0-3", 4}, /* an exclusion acts on what stands before it */
        {"3,3,2-4", "2-4", 3},
        {"0-8191", "0-8191", 8192},
        {"63,64,127-128", "63-64,127-128", 4},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(VtCpus) cpus = vt_cpus_parse(cases[i].list, &error);
        g_autofree char *formatted = NULL;

        assert_null(error);
        assert_non_null(cpus);
        formatted = vt_cpus_format(cpus);
        assert_string_equal(formatted, cases[i].formatted);
        assert_int_equal(vt_cpus_count(cpus), cases[i].count);
    }
}

static void cpu_lists_are_strict(void **state)
{
    static const struct {
        const char *list, *message;
    } bad[] = {
        {"3-1", "is not a list of CPUs"},
        {"1,,2", "is not a list of CPUs"},
        {",1", "is not a list of CPUs"},
        {"1,", "is not a list of CPUs"},
        {",", "is not a list of CPUs"},
        {"-1", "is not a list of CPUs"},
        {"1-", "is not a list of CPUs"},
        {"1--2", "is not a list of CPUs"},
        {"1-2-3", "is not a list of CPUs"},
        {"^", "is not a list of CPUs"},
        {"0-7,^2-3", "is not a list of CPUs"},
        {"0-7^3", "is not a list of CPUs"},
        {"^^3", "is not a list of CPUs"},
        {"0 - 3", "is not a list of CPUs"},
        {"0-3\n", "is not a list of CPUs"},
        {"+1", "is not a list of CPUs"},
        {"0x1", "is not a list of CPUs"},
        {"a", "is not a list of CPUs"},
        {"(null)", "is not a list of CPUs"},
        {"0-99999", "too large"},
        {"8192", "too large"},
        {"99999-3", "too large"},
        {"18446744073709551616", "too large"},
        {"0-18446744073709551615", "too large"},
        {"4294967296", "too large"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        GError *error = NULL;

        if (vt_cpus_parse(bad[i].list, &error))
            fail_msg("\"%s\" was taken", bad[i].list);
        assert_message(error, bad[i].message);
    }
}

static void cpu_sets_of_different_sizes(void **state)
{
    g_autoptr(VtCpus) small = vt_cpus_parse("0-3", NULL);
    g_autoptr(VtCpus) large = vt_cpus_parse("2,200,4000", NULL);
    g_autoptr(VtCpus) empty = vt_cpus_new();
    g_autoptr(VtCpus) both = vt_cpus_copy(small);
    g_autofree char *text = NULL;

    assert_true(vt_cpus_has(small, 3));
    assert_false(vt_cpus_has(small, 4));
    assert_false(vt_cpus_has(small, 8000));
    assert_true(vt_cpus_intersects(small, large));
    assert_false(vt_cpus_intersects(small, empty));
    assert_int_equal(vt_cpus_next(large, 0), 2);
    assert_int_equal(vt_cpus_next(large, 2), 2);
    assert_int_equal(vt_cpus_next(large, 3), 200);
    assert_int_equal(vt_cpus_next(large, 201), 4000);
    assert_int_equal(vt_cpus_next(large, 4001), -1);
    assert_int_equal(vt_cpus_next(empty, 0), -1);

    vt_cpus_union(both, large);
    text = vt_cpus_format(both);
    assert_string_equal(text, "0-3,200,4000");
    assert_false(vt_cpus_equal(both, small));
    vt_cpus_subtract(both, large);
    assert_int_equal(vt_cpus_count(both), 3);
    vt_cpus_add(both, 2);
    assert_true(vt_cpus_equal(both, small)); /* the one has words that the other lacks */
    assert_true(vt_cpus_equal(small, both));
    vt_cpus_subtract(both, both);
    assert_true(vt_cpus_equal(both, empty));
    assert_int_equal(vt_cpus_count(small), 4); /* the copy was one */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cpu_lists_round_trip),
        cmocka_unit_test(cpu_lists_are_strict),
        cmocka_unit_test(cpu_sets_of_different_sizes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
