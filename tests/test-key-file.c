/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key files: lines, escapes, and what is refused. */
#include "config.h"

#include <glib/gstdio.h>

#include "base/error.h"
#include "base/key-file.h"
#include "vt-test.h"

static char *path;

static int setup(void **state)
{
    g_autofree char *dir = g_dir_make_tmp("vt-key-XXXXXX", NULL);

    path = g_build_filename(dir, "a.conf", NULL);
    return 0;
}

static int teardown(void **state)
{
    g_autofree char *dir = g_path_get_dirname(path);

    g_unlink(path);
    g_rmdir(dir);
    g_clear_pointer(&path, g_free);
    return 0;
}

static VtKeyFile *load(const char *text, gssize length, GError **error)
{
    assert_true(g_file_set_contents(path, text, length, NULL));
    return vt_key_file_load(path, error);
}

static void test_good(void **state)
{
    static const struct {
        const char *group, *key, *value;
        guint line;
    } expected[] = {
        {"one", NULL, NULL, 2},       {"one", "a b", "x = [y]", 3}, {"one", "empty", "", 5},
        {"two words", NULL, NULL, 6}, {"two words", "a b", "two\nlines;#", 7},
        {"one again", NULL, NULL, 8},
    };
    g_autoptr(GError) error = NULL;
    g_autoptr(VtKeyFile) file = load("# c\n[one]\r\n a b = x = [y] \n\nempty=\n[two words]\n"
                                     "a b=two\\nlines;#\n[one again]",
                                     -1, &error);

    assert_null(error);
    assert_string_equal(file->path, path);
    assert_int_equal(file->entries->len, G_N_ELEMENTS(expected));
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
        const VtKeyFileEntry *entry = g_ptr_array_index(file->entries, i);

        assert_string_equal(entry->group, expected[i].group);
        assert_int_equal(g_strcmp0(entry->key, expected[i].key), 0);
        assert_int_equal(g_strcmp0(entry->value, expected[i].value), 0);
        assert_int_equal(entry->line, expected[i].line);
    }
}

static void test_bad(void **state)
{
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"a=1\n", ":1: a stands before any [GROUP]"},
        {"[g]\n\nwords\n", ":3: this is neither [GROUP] nor KEY=VALUE nor a # comment"},
        {"[g]\n=1\n", ":2: this is neither"},
        {"[g\n", ":1: a group is a name in brackets"},
        {"[]\n", ":1: a group is a name in brackets"},
        {"[g]\na=1\n[h]\na=1\n[g]\n", ":5: the group [g] also begins on line 1"},
        {"[g]\na=1\nb=2\na = 3\n", ":4: a is also on line 2"},
        {"[g]\nb=1\na=x\\\n", ":3: "},
        {"[g]\na=\\x\n", ":2: "},
        {"[g]h]\n", ": "},
        {"[g]\n\xff\n", ": this is no text in UTF-8"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *message = g_strconcat(path, bad[i].message, NULL);

        if (load(bad[i].text, -1, &error))
            fail_msg("“%s” was accepted", bad[i].text);
        assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
        if (!g_str_has_prefix(error->message, message))
            fail_msg("“%s”: expected “%s”, got “%s”", bad[i].text, message, error->message);
    }
}

static void test_nul_absent_and_huge(void **state)
{
    g_autofree char *huge = g_strnfill(1024 * 1024 + 1, '#');
    g_autoptr(GError) error = NULL;

    assert_null(load("[g]\n\0a=1\n", 9, &error));
    assert_non_null(strstr(error->message, "no text"));
    g_clear_error(&error);
    assert_null(load(huge, -1, &error));
    assert_non_null(error);
    g_clear_error(&error);
    g_unlink(path);
    assert_null(vt_key_file_load(path, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_IO));
}

/* A key a line, up to the largest file: reading it stays linear. */
static void test_many(void **state)
{
    g_autoptr(GString) text = g_string_new("[g]\n");
    g_autoptr(VtKeyFile) file = NULL;

    for (guint i = 0; i < 60000; i++)
        g_string_append_printf(text, "k%u=%u\n", i, i);
    file = load(text->str, (gssize)text->len, NULL);
    assert_int_equal(file->entries->len, 60001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_good, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nul_absent_and_huge, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
