/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private files: modes, replacement, and what is done where the disk or a directory refuses. */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/durable.h"
#include "base/error.h"
#include "vt-test.h"

static int set_up(void **state)
{
    *state = g_dir_make_tmp("test-durable-XXXXXX", NULL);
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    const char *argv[] = {"rm", "-rf", "--", *state, NULL};

    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
    g_free(*state);
    return 0;
}

static guint mode_of(const char *path)
{
    struct stat st;

    assert_int_equal(lstat(path, &st), 0);
    return st.st_mode & 07777;
}

static void test_mkdir(void **state)
{
    g_autofree char *parent = g_build_filename(*state, "a", NULL);
    g_autofree char *path = g_build_filename(parent, "b", NULL);
    g_autofree char *file = g_build_filename(*state, "file", NULL);
    g_autofree char *below = g_build_filename(file, "x", NULL);
    g_autofree char *link = g_build_filename(*state, "link", NULL);
    g_autoptr(GError) error = NULL;
    mode_t mask = umask(0);

    assert_true(vt_durable_mkdir(path, &error));
    assert_no_error(error);
    assert_int_equal(mode_of(parent), 0700);
    assert_int_equal(mode_of(path), 0700);
    /* One that lets others in is closed. */
    assert_int_equal(g_chmod(path, 0755), 0);
    assert_true(vt_durable_mkdir(path, &error));
    assert_int_equal(mode_of(path), 0700);
    umask(mask);

    assert_true(g_file_set_contents(file, "x", -1, NULL));
    assert_false(vt_durable_mkdir(file, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_IO));
    assert_non_null(strstr(error->message, file));
    g_clear_error(&error);
    assert_false(vt_durable_mkdir(below, &error));
    g_clear_error(&error);
    /* A link might lead to where others write. */
    assert_int_equal(symlink(path, link), 0);
    assert_false(vt_durable_mkdir(link, &error));
}

static void test_mkdir_foreign(void **state)
{
    g_autofree char *path = g_build_filename(*state, "foreign", NULL);
    g_autoptr(GError) error = NULL;

    if (geteuid() != 0)
        skip();
    assert_int_equal(g_mkdir(path, 0700), 0);
    assert_int_equal(chown(path, 12345, 12345), 0);
    assert_false(vt_durable_mkdir(path, &error));
    assert_non_null(strstr(error->message, "another user"));
}

static void test_write(void **state)
{
    g_autofree char *path = g_build_filename(*state, "f", NULL);
    g_autofree char *beside = g_build_filename(*state, "f.new", NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    mode_t mask = umask(0);

    /* What a killed run left. */
    assert_true(g_file_set_contents(beside, "half", -1, NULL));
    assert_true(vt_durable_write(*state, "f", "one\n", &error));
    assert_no_error(error);
    assert_int_equal(mode_of(path), 0600);
    assert_true(vt_durable_write(*state, "f", "two\n", &error));
    umask(mask);
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_string_equal(text, "two\n");
    assert_false(g_file_test(beside, G_FILE_TEST_EXISTS));
}

static void test_write_fails(void **state)
{
    g_autofree char *path = g_build_filename(*state, "f", NULL);
    g_autofree char *beside = g_build_filename(*state, "f.new", NULL);
    g_autofree char *missing = g_build_filename(*state, "missing", NULL);
    g_autofree char *big = g_strnfill(64 * 1024, 'x');
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    struct rlimit old, small;

    assert_false(vt_durable_write(missing, "f", "x", &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_IO));
    g_clear_error(&error);

    /* A write that stops half way, as on a full disk: the old file stays. */
    assert_true(vt_durable_write(*state, "f", "old", &error));
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){.rlim_cur = 4096, .rlim_max = old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_false(vt_durable_write(*state, "f", big, &error));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_IO));
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_string_equal(text, "old");
    assert_false(g_file_test(beside, G_FILE_TEST_EXISTS));
}

static void test_rename_and_remove(void **state)
{
    g_autofree char *a = g_build_filename(*state, "a", NULL);
    g_autofree char *b = g_build_filename(*state, "b", NULL);
    g_autoptr(GError) error = NULL;

    assert_true(vt_durable_mkdir(a, &error));
    assert_true(vt_durable_write(a, "f", "x", &error));
    assert_true(vt_durable_rename(*state, "a", "b", &error));
    assert_false(g_file_test(a, G_FILE_TEST_EXISTS));
    assert_false(vt_durable_rename(*state, "a", "c", &error));
    g_clear_error(&error);
    assert_true(vt_durable_mkdir(a, &error));
    assert_false(vt_durable_rename(*state, "b", "a", &error));
    g_clear_error(&error);

    assert_true(vt_durable_remove(b, &error));
    assert_false(g_file_test(b, G_FILE_TEST_EXISTS));
    assert_true(vt_durable_remove(b, &error));
    /* What it did not make it does not remove. */
    g_free(b);
    b = g_build_filename(a, "dir", NULL);
    assert_true(vt_durable_mkdir(b, &error));
    assert_false(vt_durable_remove(a, &error));
    assert_true(g_file_test(b, G_FILE_TEST_EXISTS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_mkdir, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_mkdir_foreign, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_write, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_write_fails, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rename_and_remove, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
