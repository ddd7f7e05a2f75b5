/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Differences of many pairs by one diff(1), texts that look like diff's own lines, and a diff(1)
 * that is not there. */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "plan/diff.h"
#include "vt-test.h"

/* Temporary files of this test go to a directory that has to be empty afterwards. GLib looks at
 * TMPDIR once only, so nothing before this may have asked it for one. */
static int setup(void **state)
{
    const char *build = g_getenv("VT_BUILDDIR");
    char *dir = g_build_filename(build ? build : "/tmp", "test-diff-XXXXXX", NULL);

    *state = dir;
    return g_mkdtemp(dir) && g_setenv("TMPDIR", dir, TRUE) ? 0 : -1;
}

static int teardown(void **state)
{
    g_autofree char *dir = *state;

    return g_rmdir(dir); /* fails where something was left behind */
}

static void clear_pairs(VtDiffPair *pairs, gsize n)
{
    for (gsize i = 0; i < n; i++)
        g_clear_pointer(&pairs[i].diff, g_free);
}

static void test_pairs(void **state)
{
    VtDiffPair pairs[] = {
        {.before = "a\nb\nc\nd\ne\nf\ng\n", .after = "a\nb\nc\nD\ne\nf\ng\n", .label = "one.xml"},
        {.before = "same\n", .after = "same\n", .label = "same.xml"},
        {.before = "", .after = "new\n", .label = "esc\x1b[31m\n.xml"},
        {.before = "old\n", .after = "", .label = "gone.xml"},
    };
    g_autoptr(GError) error = NULL;

    assert_true(vt_diff_run(pairs, G_N_ELEMENTS(pairs), &error));
    assert_string_equal(
        pairs[0].diff,
        "--- a/one.xml\n+++ b/one.xml\n@@ -1,7 +1,7 @@\n a\n b\n c\n-d\n+D\n e\n f\n g\n");
    assert_string_equal(pairs[1].diff, "");
    assert_string_equal(
        pairs[2].diff,
        "--- a/esc\\x1b[31m\\x0a.xml\n+++ b/esc\\x1b[31m\\x0a.xml\n@@ -0,0 +1 @@\n+new\n");
    assert_string_equal(pairs[3].diff, "--- a/gone.xml\n+++ b/gone.xml\n@@ -1 +0,0 @@\n-old\n");
    clear_pairs(pairs, G_N_ELEMENTS(pairs));
}

/* Removed and added lines that read as diff's own. */
static void test_misleading_lines(void **state)
{
    VtDiffPair pairs[] = {
        {.before = "-- a/1\t2020\nx\n@@ -1 +1 @@\ndiff -r a b\n",
         .after = "++ b/1\t2020\nx\n",
         .label = "one"},
        {.before = "-- a/0\n", .after = "\xff\xfe not UTF-8\n", .label = "two"},
        {.before = "1\n", .after = "2\n", .label = "three"},
    };
    g_autoptr(GError) error = NULL;

    assert_true(vt_diff_run(pairs, G_N_ELEMENTS(pairs), &error));
    assert_string_equal(pairs[0].diff,
                        "--- a/one\n+++ b/one\n@@ -1,4 +1,2 @@\n--- a/1\t2020\n+++ b/1\t2020\n x\n"
                        "-@@ -1 +1 @@\n-diff -r a b\n");
    assert_string_equal(pairs[1].diff,
                        "--- a/two\n+++ b/two\n@@ -1 +1 @@\n--- a/0\n+\xff\xfe not UTF-8\n");
    assert_string_equal(pairs[2].diff, "--- a/three\n+++ b/three\n@@ -1 +1 @@\n-1\n+2\n");
    clear_pairs(pairs, G_N_ELEMENTS(pairs));
}

static void test_several_hunks_and_no_newline(void **state)
{
    g_autoptr(GString) before = g_string_new(NULL), after = g_string_new(NULL);
    VtDiffPair pair = {.label = "x"};
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i < 30; i++) {
        g_string_append_printf(before, "%u\n", i);
        g_string_append_printf(after, "%u%s\n", i, i == 2 || i == 27 ? "!" : "");
    }
    g_string_append(after, "tail");
    pair.before = before->str;
    pair.after = after->str;
    assert_true(vt_diff_run(&pair, 1, &error));
    assert_string_equal(pair.diff,
                        "--- a/x\n+++ b/x\n@@ -1,6 +1,6 @@\n 0\n 1\n-2\n+2!\n 3\n 4\n 5\n"
                        "@@ -25,6 +25,7 @@\n 24\n 25\n 26\n-27\n+27!\n 28\n 29\n+tail\n"
                        "\\ No newline at end of file\n");
    clear_pairs(&pair, 1);
}

static void test_many(void **state)
{
    enum { N = 300 };
    g_autofree VtDiffPair *pairs = g_new0(VtDiffPair, N);
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i < N; i++) {
        pairs[i].label = pairs[i].before = g_strdup_printf("%u\n", i);
        pairs[i].after = g_strdup_printf("%u!\n", i);
        g_ptr_array_add(texts, (char *)pairs[i].before);
        g_ptr_array_add(texts, (char *)pairs[i].after);
    }
    assert_true(vt_diff_run(pairs, N, &error));
    for (guint i = 0; i < N; i++) {
        g_autofree char *end = g_strdup_printf("@@ -1 +1 @@\n-%u\n+%u!\n", i, i);

        assert_true(g_str_has_suffix(pairs[i].diff, end));
    }
    clear_pairs(pairs, N);
}

static void test_no_program(void **state)
{
    VtDiffPair pairs[] = {{.before = "1\n", .after = "2\n", .label = "x"}};
    g_autoptr(GError) error = NULL;

    assert_false(vt_diff_run_with("/nonexistent/diff", pairs, 1, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_UNSUPPORTED));
    assert_non_null(strstr(error->message, "install diffutils"));
    assert_null(pairs[0].diff);
    g_clear_error(&error);

    /* Without a difference no program is needed. */
    pairs[0].after = pairs[0].before;
    assert_true(vt_diff_run_with("/nonexistent/diff", pairs, 1, &error));
    assert_string_equal(pairs[0].diff, "");
    clear_pairs(pairs, 1);
    assert_true(vt_diff_run_with("/nonexistent/diff", NULL, 0, &error));
}

static void test_program_fails(void **state)
{
    VtDiffPair pairs[] = {{.before = "1\n", .after = "2\n", .label = "x"}};
    g_autoptr(GError) error = NULL;

    /* ls(1) takes the options, finds no file "3" and ends with status 2. */
    assert_false(vt_diff_run_with("ls", pairs, 1, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_FAILED));
    assert_non_null(strstr(error->message, "diff(1) failed: "));
    assert_null(pairs[0].diff);
}

static void test_no_temporary_directory(void **state)
{
    VtDiffPair pairs[] = {{.before = "1\n", .after = "2\n", .label = "x"}};
    const char *dir = *state;
    g_autofree char *aside = g_strconcat(dir, ".aside", NULL);
    g_autoptr(GError) error = NULL;
    gboolean ok;

    assert_int_equal(g_rename(dir, aside), 0);
    ok = vt_diff_run(pairs, 1, &error);
    assert_int_equal(g_rename(aside, dir), 0);
    assert_false(ok);
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_IO));
    assert_null(pairs[0].diff);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_misleading_lines),
        cmocka_unit_test(test_several_hunks_and_no_newline),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_no_program),
        cmocka_unit_test(test_program_fails),
        cmocka_unit_test(test_no_temporary_directory),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
