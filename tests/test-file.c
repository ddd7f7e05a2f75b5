/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bounded reading: the limit to the byte, and what is not a regular file. */
#include "vt-test.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

static int make_dir(void **state)
{
    *state = g_dir_make_tmp("test-file-XXXXXX", NULL);
    return *state ? 0 : -1;
}

static int remove_dir(void **state)
{
    static const char *const names[] = {"f", "fifo", "link", NULL};

    for (guint i = 0; names[i]; i++) {
        g_autofree char *path = g_build_filename(*state, names[i], NULL);

        g_unlink(path);
    }
    g_rmdir(*state);
    g_free(*state);
    return 0;
}

static char *write_file(const char *dir, const char *data, gssize length)
{
    char *path = g_build_filename(dir, "f", NULL);

    assert_true(g_file_set_contents(path, data, length, NULL));
    return path;
}

static void the_limit_is_exact(void **state)
{
    g_autofree char *big = g_strnfill(100000, 'b');
    static const struct {
        gsize size, max;
        gboolean fits;
    } cases[] = {
        {0, 0, TRUE},           {1, 0, FALSE},          {4, 4, TRUE},
        {5, 4, FALSE},          {8191, 8191, TRUE},     {8192, 8191, FALSE},
        {8192, 8192, TRUE},     {16384, 16384, TRUE},   {20000, 8192, FALSE},
        {100000, 100000, TRUE}, {100000, 99999, FALSE}, {100000, 1024 * 1024, TRUE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = write_file(*state, big, (gssize)cases[i].size);
        g_autoptr(GError) error = NULL;
        g_autofree char *data = NULL;
        gsize length = 42;

        assert_int_equal(vt_file_read(path, cases[i].max, &data, &length, &error), cases[i].fits);
        if (cases[i].fits) {
            assert_int_equal(length, cases[i].size);
            assert_memory_equal(data, big, length);
            assert_int_equal(data[length], '\0');
        } else {
            assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
            assert_true(g_str_has_prefix(error->message, path));
            assert_null(data);
            assert_int_equal(length, 42);
        }
    }
}

/* A pipe has no size to look at first: what comes is counted. */
static void a_stream_is_bounded_too(void **state)
{
    int saved = dup(STDIN_FILENO);
    g_autofree char *data = NULL;
    g_autoptr(GError) error = NULL;
    gsize length = 42;
    int ends[2];
    gboolean ok;

    for (int i = 0; i < 2; i++) {
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(write(ends[1], "a\0b\n", 4), 4);
        close(ends[1]);
        assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
        close(ends[0]);
        ok = vt_file_read("-", i == 0 ? 4 : 3, &data, &length, &error);
        assert_int_equal(ok, i == 0);
    }
    assert_true(dup2(saved, STDIN_FILENO) >= 0);
    close(saved);
    assert_int_equal(length, 4);
    assert_memory_equal(data, "a\0b\n", 5);
    assert_string_equal(error->message, "standard input: the file is larger than 3 bytes");
}

static void assert_unreadable(const char *path, const char *part)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *data = NULL;
    gsize length;

    assert_false(vt_file_read(path, 1024, &data, &length, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_IO));
    if (!strstr(error->message, part))
        fail_msg("\"%s\" does not contain \"%s\"", error->message, part);
}

static void other_files_are_refused_at_once(void **state)
{
    g_autofree char *fifo = g_build_filename(*state, "fifo", NULL);
    g_autofree char *link = g_build_filename(*state, "link", NULL);
    g_autofree char *below = g_build_filename(fifo, "x", NULL);

    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(symlink(link, link), 0);
    assert_unreadable(fifo, "not a regular file");
    assert_unreadable(*state, "directory");
    assert_unreadable("/dev/zero", "not a regular file");
    assert_unreadable(link, g_strerror(ELOOP));
    assert_unreadable(below, g_strerror(ENOTDIR));
    assert_unreadable("", g_strerror(ENOENT));
    assert_unreadable("no\x1bsuch", "no\\x1bsuch");
}

static void a_huge_file_costs_nothing(void **state)
{
    g_autofree char *path = write_file(*state, "", 0);
    g_autoptr(GError) error = NULL;
    g_autofree char *data = NULL;
    gsize length;

    assert_int_equal(truncate(path, G_GINT64_CONSTANT(1) << 40), 0);
    assert_false(vt_file_read(path, 8 * 1024 * 1024, &data, &length, &error));
    assert_non_null(strstr(error->message, "larger than 8 MiB"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_limit_is_exact, make_dir, remove_dir),
        cmocka_unit_test(a_stream_is_bounded_too),
        cmocka_unit_test_setup_teardown(other_files_are_refused_at_once, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_huge_file_costs_nothing, make_dir, remove_dir),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
