/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A directory of one's own for a test that needs files which Git cannot hold (modes, changing
 * contents, NUL bytes). */
#pragma once

#include <glib/gstdio.h>
#include <string.h>

#include "vt-test.h"

/* An empty directory; vt_test_tree_free() removes it with all that is in it. */
static inline char *vt_test_tree_new(void)
{
    char *dir = g_dir_make_tmp("vt-test-XXXXXX", NULL);

    assert_non_null(dir);
    return dir;
}

static inline void vt_test_tree_remove(const char *path)
{
    GDir *dir = g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *child = g_build_filename(path, name, NULL);

        vt_test_tree_remove(child);
    }
    if (dir)
        g_dir_close(dir);
    assert_int_equal(g_remove(path), 0);
}

static inline void vt_test_tree_free(char *dir)
{
    vt_test_tree_remove(dir);
    g_free(dir);
}

/* Writes @length bytes (-1: up to the NUL) to @path below @dir and makes its directories. */
static inline void vt_test_tree_write(const char *dir, const char *path, const char *data,
                                      gssize length)
{
    g_autofree char *file = g_build_filename(dir, path, NULL);
    g_autofree char *parent = g_path_get_dirname(file);

    assert_int_equal(g_mkdir_with_parents(parent, 0755), 0);
    assert_true(g_file_set_contents(file, data, length, NULL));
}

static inline void vt_test_tree_chmod(const char *dir, const char *path, int mode)
{
    g_autofree char *file = g_build_filename(dir, path, NULL);

    assert_int_equal(g_chmod(file, mode), 0);
}
