/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cells that do not fit: cut at whole characters, and marked. */
#include "vt-test.h"

#include <locale.h>

#include "report/table.h"

static void assert_cut(const char *text, guint columns, const char *expected)
{
    g_autofree char *cut = vt_table_cut(text, columns);

    assert_string_equal(cut, expected);
}

static void a_cut_is_marked(void **state)
{
    assert_cut("web-server", 10, "web-server");
    assert_cut("web-server", 9, "web-serv…");
    assert_cut("web server", 5, "web…");
    assert_cut("web", 1, "…");
    assert_cut("web", 0, "");
    assert_cut("", 0, "");
    /* Two columns each. */
    assert_cut("名前名前", 8, "名前名前");
    assert_cut("名前名前", 7, "名前名…");
    assert_cut("名前名前", 6, "名前…");
}

static void the_mark_is_one_that_the_locale_has(void **state)
{
    setlocale(LC_ALL, "C");
    assert_cut("web-server", 9, "web-serv~");
    assert_cut("web", 1, "~");
    setlocale(LC_ALL, "C.UTF-8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_is_marked),
        cmocka_unit_test(the_mark_is_one_that_the_locale_has),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
