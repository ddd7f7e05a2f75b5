/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names out of schemas that include each other. */
#include "config.h"

#include <glib/gstdio.h>

#include "base/error.h"
#include "base/rng-names.h"
#include "vt-test.h"

#define GRAMMAR(body) "<grammar xmlns='http://relaxng.org/ns/structure/1.0'>" body "</grammar>"

static char *dir;

static char *put(const char *name, const char *text)
{
    char *path = g_build_filename(dir, name, NULL);

    assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

static int setup(void **state)
{
    dir = g_dir_make_tmp("vt-rng-XXXXXX", NULL);
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"a.rng", "b.rng"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(dir, names[i], NULL);

        g_unlink(path);
    }
    g_rmdir(dir);
    g_clear_pointer(&dir, g_free);
    return 0;
}

static void test_names(void **state)
{
    g_autofree char *b =
        put("b.rng", GRAMMAR("<include href='a.rng'/><define name='x'><element name='q:inner'>"
                             "<attribute><choice><name>one</name><name> two </name></choice>"
                             "</attribute></element><element><anyName/></element></define>"));
    g_autofree char *a = put("a.rng", GRAMMAR("<include href='b.rng'/><start><element name='outer'>"
                                              "<attribute name='id'/></element></start>"));
    g_autoptr(GError) error = NULL;
    g_autoptr(VtRngNames) names = vt_rng_names_load(a, &error);

    assert_null(error);
    assert_true(vt_rng_names_has(names, "outer", FALSE));
    assert_true(vt_rng_names_has(names, "inner", FALSE));
    assert_true(vt_rng_names_has(names, "id", TRUE));
    assert_true(vt_rng_names_has(names, "one", TRUE));
    assert_true(vt_rng_names_has(names, "two", TRUE));
    assert_false(vt_rng_names_has(names, "id", FALSE));
    assert_false(vt_rng_names_has(names, "outer", TRUE));
    assert_false(vt_rng_names_has(names, "x", FALSE));
}

static void test_bad(void **state)
{
    g_autofree char *a = put("a.rng", GRAMMAR("<include href='b.rng'/>"));
    g_autofree char *b = NULL;
    g_autoptr(GError) error = NULL;

    assert_null(vt_rng_names_load(a, &error));
    assert_non_null(strstr(error->message, "b.rng"));
    g_clear_error(&error);
    b = put("b.rng", "<grammar>");
    assert_null(vt_rng_names_load(a, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
