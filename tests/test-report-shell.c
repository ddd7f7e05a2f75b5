/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The script, word for word: what runs, what does not and why, and that nothing acts on a terminal. */
#include "report-fixture.h"
#include "vt-test.h"

static void test_one_domain(void **state)
{
    g_autofree char *script =
        vt_report_fixture_write(&vt_report_shell, 1, FALSE, "qemu:///system", TRUE);

    assert_null(strchr(script, '\x1b'));
    assert_null(strstr(script, "\ntrue"));
    vt_report_fixture_compare(script, "one.sh");
}

static void test_nothing(void **state)
{
    g_autofree char *script = vt_report_fixture_write(&vt_report_shell, 0, FALSE, NULL, FALSE);

    assert_true(g_str_has_prefix(script, "#!/bin/sh\n#"));
    assert_true(g_str_has_suffix(script, "\n# Nothing is advised.\n"));
    assert_null(strstr(script, "failed"));
}

/* A URI cannot end the comment that it stands in. */
static void test_uri(void **state)
{
    g_autofree char *script =
        vt_report_fixture_write(&vt_report_shell, 0, FALSE, "test:///a\nreboot\r\n", FALSE);
    g_auto(GStrv) lines = g_strsplit(script, "\n", -1);

    for (char **line = lines; *line; line++)
        assert_true(**line == '#' || **line == '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_domain),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_uri),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
