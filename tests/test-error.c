/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit statuses, and how a complaint about a file reads. */
#include "vt-test.h"

#include "base/error.h"

static void statuses(void **state)
{
    static const struct {
        VtErrorCode code;
        int status;
    } cases[] = {
        {VT_ERROR_FAILED, 1},      {VT_ERROR_USAGE, 2},     {VT_ERROR_INPUT, 1},
        {VT_ERROR_IO, 1},          {VT_ERROR_NOT_FOUND, 1}, {VT_ERROR_LIBVIRT, 1},
        {VT_ERROR_UNSUPPORTED, 1}, {VT_ERROR_CANCELLED, 1},
    };
    g_autoptr(GError) option = g_error_new(G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION, "x");
    /* The same number in another domain means something else. */
    g_autoptr(GError) file = g_error_new(G_FILE_ERROR, VT_ERROR_USAGE, "x");

    assert_int_equal(vt_error_exit_status(NULL), 0);
    assert_int_equal(vt_error_exit_status(option), 2);
    assert_int_equal(vt_error_exit_status(file), 1);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = g_error_new(VT_ERROR, (gint)cases[i].code, "x");

        assert_int_equal(vt_error_exit_status(error), cases[i].status);
    }
}

static void input_errors_name_the_place(void **state)
{
    static const struct {
        const char *file;
        guint64 line;
        const char *message;
    } cases[] = {
        {"d.xml", 12, "d.xml:12: two things: 7"},
        {"d.xml", 0, "d.xml: two things: 7"},
        {NULL, 3, "<input>:3: two things: 7"},
        {"a\x1b[2J\n.xml", 1, "a\\x1b[2J\\x0a.xml:1: two things: 7"},
        {"50%s", G_MAXUINT64, "50%s:18446744073709551615: two things: 7"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        assert_false(
            vt_error_set_input(&error, cases[i].file, cases[i].line, "two %s: %d", "things", 7));
        assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
        assert_string_equal(error->message, cases[i].message);
    }
    assert_false(vt_error_set_input(NULL, "d.xml", 1, "nobody listens"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses),
        cmocka_unit_test(input_errors_name_the_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
