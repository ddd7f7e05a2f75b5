/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test.h"

#include <locale.h>
#include <string.h>

#include "base/text.h"
#include "report/top-layout.h"

enum { ID, NAME, VCPUS, EXITS, HLT, TIME, MOST, ADVICE };

/* Cells as vt_top_row_cells() has them. */
static void add(GPtrArray *cells, const char *joined)
{
    g_ptr_array_add(cells, g_strsplit(joined, "|", -1));
}

static GPtrArray *some_cells(void)
{
    GPtrArray *cells = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);

    add(cells, "7|web-server-with-a-long-name|16|≥ 1,234,567|12,345|100.0 %|external-interrupt|12");
    add(cells, "12345|db|2|?|?|?|-|?");
    add(cells, "-|客户机|1|-|-|-|(shut off)|-");
    return cells;
}

/* What stands in the @n-th column of @line, without blanks. */
static char *cell_at(const char *line, const guint *widths, guint n)
{
    guint from = 0, column = 0;
    g_autoptr(GString) cell = g_string_new(NULL);

    for (guint i = 0; i < n; i++)
        from += widths[i] > 0 ? widths[i] + 1 : 0;
    for (const char *p = line; *p; p = g_utf8_next_char(p)) {
        g_autofree char *one = g_strndup(p, (gsize)(g_utf8_next_char(p) - p));

        if (column >= from && column < from + widths[n])
            g_string_append(cell, one);
        column += vt_text_columns(one);
    }
    return g_strstrip(g_string_free(g_steal_pointer(&cell), FALSE));
}

/* Whatever the width: lines fit, numbers and their titles are whole, and what is worth most is there. */
static void check_width(const GPtrArray *cells, guint width, guint *ret_widths)
{
    g_autofree char *titles = NULL;

    vt_top_layout_columns(cells, width, ret_widths);
    titles = vt_top_layout_titles(ret_widths);
    assert_true(vt_text_columns(titles) <= width);
    assert_true(ret_widths[NAME] >= 8);
    for (guint i = 0; i < VT_TOP_COLUMNS; i++) {
        g_autofree char *title = cell_at(titles, ret_widths, i);

        if (ret_widths[i] > 0)
            assert_string_equal(title, vt_top_columns()[i].title);
    }
    for (guint row = 0; row < cells->len; row++) {
        char **texts = cells->pdata[row];
        g_autofree char *line = vt_top_layout_row(texts, ret_widths);

        assert_int_equal(vt_text_columns(line), vt_text_columns(titles));
        for (guint i = 0; i < VT_TOP_COLUMNS; i++) {
            g_autofree char *cell = cell_at(line, ret_widths, i);

            if (ret_widths[i] > 0 && (vt_top_columns()[i].right || vt_text_columns(texts[i]) <= ret_widths[i]))
                assert_string_equal(cell, texts[i]);
            else if (ret_widths[i] > 0)
                assert_true(g_str_has_suffix(cell, "…"));
        }
    }
}

static void test_every_width(void **state)
{
    g_autoptr(GPtrArray) cells = some_cells();
    guint before[VT_TOP_COLUMNS] = {0};

    for (guint width = 30; width <= 200; width++) {
        guint widths[VT_TOP_COLUMNS];

        check_width(cells, width, widths);
        assert_true(widths[ADVICE] > 0 && widths[EXITS] > 0);
        assert_true(width < 40 || widths[MOST] > 0);
        for (guint i = 0; i < VT_TOP_COLUMNS; i++)
            if (width < 69)
                assert_true(widths[i] > 0 || i == ID || i == VCPUS || i == HLT || i == TIME || i == MOST);
            else
                assert_true(widths[i] > 0);
        /* A column that is there stays there on a wider terminal. */
        for (guint i = 0; i < VT_TOP_COLUMNS; i++)
            assert_true(before[i] == 0 || widths[i] > 0);
        memcpy(before, widths, sizeof(before));
    }
    assert_int_equal(before[MOST], 18);
}

/* Rates that need more than their column has take it from others. */
static void test_large_numbers(void **state)
{
    g_autoptr(GPtrArray) cells = some_cells();
    guint widths[VT_TOP_COLUMNS];

    add(cells, "1|big|512|≥ 123,456,789,012|123,456,789,012|1000.0 %|msr|12345678");
    for (guint width = 40; width <= 200; width++)
        check_width(cells, width, widths);
}

/* The narrowest terminals: nothing but names. */
static void test_narrow(void **state)
{
    g_autoptr(GPtrArray) cells = some_cells();
    guint widths[VT_TOP_COLUMNS];
    g_autofree char *line = NULL;

    for (guint width = 1; width < 30; width++) {
        vt_top_layout_columns(cells, width, widths);
        assert_true(widths[NAME] > 0);
    }
    vt_top_layout_columns(cells, 14, widths);
    assert_int_equal(widths[ADVICE], 0);
    vt_top_layout_columns(cells, 15, widths);
    assert_int_equal(widths[ADVICE], 6);
    line = vt_top_layout_row(cells->pdata[0], widths);
    assert_string_equal(line, "web-ser…     12");
}

/* Under a locale without the characters of a name, columns stand where they stood. */
static void test_ascii(void **state)
{
    g_autoptr(GPtrArray) cells = some_cells();
    guint widths[VT_TOP_COLUMNS];
    g_autofree char *first = NULL;
    g_autofree char *third = NULL;

    setlocale(LC_ALL, "C");
    add(cells, "3|名|1|1|1|1.0 %|mmio|4");
    vt_top_layout_columns(cells, 80, widths);
    third = vt_top_layout_row(cells->pdata[2], widths);
    assert_string_equal(third, "    - ???              1           -          -       - (shut off)             -");
    vt_top_layout_columns(cells, 40, widths);
    first = vt_top_layout_row(cells->pdata[0], widths);
    setlocale(LC_ALL, "C.UTF-8");
    assert_true(g_str_is_ascii(first));
    assert_true(g_str_has_prefix(first, "web-serve~ "));
}

static void assert_foot(const VtTopView *view, const char *message, guint width, const char *expected)
{
    g_auto(GStrv) lines = vt_top_layout_foot(view, message, "hint", width);
    g_autofree char *all = g_strjoinv("|", lines);

    assert_string_equal(all, expected);
}

static void type(VtTopView *view, const char *text)
{
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        vt_top_view_key(view, g_utf8_get_char(p));
}

/* What is wrong is seen in spite of a filter, but not in place of one that is being typed. */
static void test_foot(void **state)
{
    g_autoptr(VtTopView) view = vt_top_view_new();

    assert_foot(view, NULL, 80, "hint");
    assert_foot(view, "lost\x1b", 80, "lost\\x1b");
    assert_foot(view, "Nothing is measured: cannot connect", 20, "Nothing is measured:|cannot connect");
    assert_foot(view, "a b c d e f g", 1, "a|b|c|d|e|f");
    assert_foot(view, "not to qemu:///system?x=1: refused", 10, "not to|qemu:///sy|stem?x=1:|refused");
    assert_foot(view, "客户", 1, "|");
    type(view, "/we");
    assert_foot(view, NULL, 80, "/we_");
    assert_foot(view, "lost", 80, "/we_");
    vt_top_view_key(view, VT_TOP_KEY_ENTER);
    assert_foot(view, NULL, 80, "/we");
    assert_foot(view, "lost", 80, "lost");
    view->page = VT_TOP_HELP;
    assert_foot(view, NULL, 80, "hint");
}

/* Of a long filter the end is seen, where it is typed. */
static void test_long_filter(void **state)
{
    g_autoptr(VtTopView) view = vt_top_view_new();

    type(view, "/abcdefghij");
    assert_foot(view, NULL, 12, "/abcdefghij_");
    assert_foot(view, NULL, 11, "/bcdefghij_");
    assert_foot(view, NULL, 2, "/_");
    assert_foot(view, NULL, 0, "/_");
    type(view, "客户");
    assert_foot(view, NULL, 8, "/ij客户_");
    assert_foot(view, NULL, 5, "/户_");
    vt_top_view_key(view, VT_TOP_KEY_ENTER);
    assert_foot(view, NULL, 5, "/abcdefghij客户");
}

static void assert_wrapped(const char *text, guint width, const char *expected)
{
    g_autofree char *wrapped = vt_top_layout_wrap(text, width);

    assert_string_equal(wrapped, expected);
}

/* Of a command or a difference nothing is lost, however narrow the terminal is. */
static void test_wrap(void **state)
{
    static const char command[] = "  virt-tune apply web1 --rule virtio-net --rule 客户机客户机 --assume-guest-drivers";
    g_autofree char *all = vt_text_fold(command), *whole = NULL;

    assert_wrapped("", 10, "");
    assert_wrapped("one\n\n two \n", 10, "one\n\n two \n");
    assert_wrapped("1234567890", 10, "1234567890");
    assert_wrapped("123456 890 23", 10, "123456 890\n    23");
    assert_wrapped("12345 7890123\nx", 10, "12345\n    789012\n    3\nx");
    assert_wrapped("123456789012", 10, "1234567890\n    12");
    /* Where the line ends in blanks, nothing follows. */
    assert_wrapped("1234567890   ", 10, "1234567890");
    assert_wrapped("  +   <a b='c'/>  <d/>", 15, "  +   <a\n      b='c'/>\n      <d/>");
    assert_wrapped("  virt-tune apply web1", 20, "  virt-tune apply \\\n      web1");
    assert_wrapped("客户机", 5, "客户\n  机");
    assert_wrapped("客户", 1, "客\n户");
    assert_wrapped("ab", 0, "a\nb");
    assert_wrapped("                    deep", 12, "\n      deep");
    for (guint width = 14; width < 100; width++) {
        g_autofree char *wrapped = vt_top_layout_wrap(command, width);
        g_auto(GStrv) lines = g_strsplit(wrapped, "\n", -1);
        g_auto(GStrv) parts = g_strsplit(wrapped, " \\\n", -1);
        g_autofree char *joined = g_strjoinv(" ", parts), *folded = vt_text_fold(joined);

        for (char **line = lines; *line; line++)
            assert_true(vt_text_columns(*line) <= width);
        if (width >= 30) {
            assert_null(strchr(joined, '\n'));
            assert_string_equal(folded, all);
        }
    }
    whole = vt_top_layout_wrap(command, 200);
    assert_string_equal(whole, command);
}

/* What a shell prints that is given @script. */
static char *run_shell(const char *script)
{
    const char *argv[] = {"sh", "-c", script, NULL};
    char *printed = NULL;
    int status = 0;

    assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &printed, NULL, &status, NULL));
    assert_true(g_spawn_check_wait_status(status, NULL));
    return printed;
}

/* Pasted from a terminal of any width that shows it whole, @command has the arguments that it has. */
static void check_pasted(const char *command, guint least_whole)
{
    g_autoptr(GString) script = g_string_new(NULL);
    g_autoptr(GString) expected = g_string_new(NULL);
    g_autofree char *once = run_shell(command);
    g_autofree char *printed = NULL;

    for (guint width = 20; width <= 120; width++) {
        g_autofree char *wrapped = vt_top_layout_wrap(command, width);
        g_auto(GStrv) lines = g_strsplit(wrapped, "\n", -1);

        for (char **line = lines; *line; line++)
            assert_true(vt_text_columns(*line) <= width);
        assert_int_equal(g_str_has_suffix(wrapped, "…"), width < least_whole);
        if (width < least_whole)
            continue;
        g_string_append_printf(script, "%s\n", wrapped);
        g_string_append(expected, once);
    }
    printed = run_shell(script->str);
    assert_string_equal(printed, expected->str);
}

static void test_pasted(void **state)
{
    check_pasted("       printf '%s\\n' apply 'my web server' --rule hpet --device 'a  b' --dry-run", 20);
    check_pasted("    printf '%s\\n' --args=isolcpus=managed_irq,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 --update-kernel=ALL", 20);
    check_pasted("  printf '%s\\n' -c qemu+ssh://root@a-host-with-a-long-name.example.com:2222/system apply web1", 20);
    check_pasted("  printf '%s\\n' -c 'qemu:///embed?root=/tmp/virt-tune-lab' apply web1 --all-rules --dry-run", 41);
    check_pasted("  printf '%s\\n' --name='it is one name of 28 columns' 'it'\\''s' \"it's\" x\\ y\\ \\ z\\\\ \\' -- \"'\"", 32);
    check_pasted("  printf '%s\\n' \"two  blanks, a \\\" and a \\\\ within a name that is longer than a line is wide\" end", 20);
    check_pasted("  printf '%s\\n' 客户机客户机客户机客户机客户机客户机 '客户 机' \"客户  机客户 机客户 机客户机\" 机", 20);
    check_pasted("  printf '%s\\n' a\\ b\\ c\\ d\\ e\\ f\\ g\\ h\\ i\\ j\\ k\\ l\\ m\\ n\\ o\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\ p", 20);
    check_pasted("  printf '%s\\n' apply web1 --rule virtio-net --device 52:54:00:76:74:01 \\\n      --assume-guest-drivers", 20);
    /* What undoes a change stays a comment. */
    check_pasted("  # to undo: echo 'some thing' > /sys/devices/system/clocksource/clocksource0/current_clocksource", 20);

    /* Nor does any of a comment become a command, whatever quotes are in it. */
    check_pasted("# the guest's own kernel echo has to echo have echo \"its echo argument \\ echo on echo its line", 20);
    check_pasted("  printf '%s\\n' a b # the guest's kernel echo is to echo have \"one echo argument \\ echo more \\", 20);
    check_pasted("  printf '%s\\n' a;# the guest's kernel echo is to echo have one echo argument echo more", 20);
    check_pasted("  printf '%s\\n' a#b '# c' \"# d\" \\# e\\ # f# ${#} $# and what else there is of arguments # g # echo h echo", 20);

    /* Where a comment ends at a `, quotes behind it count, and it is cut. */
    check_pasted("  printf '%s\\n' `echo a # it's` 'b  c' d 'e # f'", 48);
    check_pasted("  printf '%s\\n' \"`echo a \"b # c\"`\" 'd  e' f", 43);
    check_pasted("  printf '%s\\n' `# it's` 'b  c' d `echo e f`", 44);
    check_pasted("  printf '%s\\n' `echo a` '` # b' \\` c d e f g", 20);

    assert_wrapped("# the guest's kernel command line", 24, "# the guest's kernel \\\n#   command line");
    assert_wrapped("sed -i s/a/b/ /etc/x # the own kernel", 30, "sed -i s/a/b/ /etc/x # the \\\n#   own kernel");
    assert_wrapped("sed -i s/a/b/ /etc/x # the own kernel", 23, "sed -i s/a/b/ /etc/x \\\n    # the own kernel");
    assert_wrapped("  apply 'my web server' --rule hpet", 26, "  apply 'my web server' \\\n      --rule hpet");
    assert_wrapped("  apply 'my web server' --rule hpet", 22, "  apply \\\n'my web server' \\\n      --rule hpet");
    assert_wrapped("  run --cpus=1,2,3,4,5,6,7 x", 20, "  run \\\n      --cpus=1,2,3,\\\n4,5,6,7 x");
    assert_wrapped("  apply 'a name that is long' --rule hpet", 20, "  apply \\\n'a name that is lon…");
    assert_wrapped("  apply $'a\\'b cd\\012 e' --rule hpet", 20, "  apply \\\n$'a\\'b cd\\012 e' \\\n      --rule hpet");
    assert_wrapped("  # to undo: echo abc > /sys/x", 20, "  # to undo: echo \\\n#     abc > /sys/x");
    /* A difference is none, nor what only has an apostrophe. */
    assert_wrapped("  +  <a b='it is one' c='d e'/>", 20, "  +  <a b='it is \\\n      one' c='d e'/>");
    assert_wrapped("     <a b='1234567890123456'/>", 20, "     <a \\\n         b='123456 \\\n         789012345 \\\n         6'/>");
    assert_wrapped("  the domain's definition and more", 20, "  the domain's \\\n      definition \\\n      and more");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_width), cmocka_unit_test(test_large_numbers), cmocka_unit_test(test_narrow),
        cmocka_unit_test(test_ascii),       cmocka_unit_test(test_foot),          cmocka_unit_test(test_long_filter),
        cmocka_unit_test(test_wrap),        cmocka_unit_test(test_pasted),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
