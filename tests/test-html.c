/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HTML writer: nothing that is written as text becomes markup. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "report/html.h"
#include "vt-test.h"

typedef void (*Write)(VtHtml *html);

static char *written(Write write)
{
    FILE *file = tmpfile();
    VtHtml *html = vt_html_new(file);
    GString *text = g_string_new(NULL);

    write(html);
    assert_true(vt_html_free(html));
    rewind(file);
    for (int c; (c = fgetc(file)) != EOF;)
        g_string_append_c(text, (char)c);
    fclose(file);
    return g_string_free(text, FALSE);
}

static void write_hostile(VtHtml *html)
{
    vt_html_open(html, "p", "title", "\" onmouseover=\"alert(1)", "class", NULL, "id", "'<&>",
                 NULL);
    vt_html_text(html, "<script>alert(1)</script> ]]> --> &lt;");
    vt_html_close(html);
}

static void test_escapes(void **state)
{
    g_autofree char *text = written(write_hostile);

    assert_string_equal(text,
                        "<p title=\"&quot; onmouseover=&quot;alert(1)\" id=\"'&lt;&amp;&gt;\">"
                        "&lt;script&gt;alert(1)&lt;/script&gt; ]]&gt; --&gt; &amp;lt;</p>\n");
}

static void write_controls(VtHtml *html)
{
    vt_html_element(html, "b", "a\x1b[31m\n\xff\xe2\x80\xae", "title", "t\nu", NULL);
    vt_html_open(html, "pre", NULL);
    vt_html_verbatim(html, "x\n\ty\x07 é");
    vt_html_close(html);
}

/* As in the other formats; a direction override would turn what follows it. */
static void test_controls_are_shown(void **state)
{
    g_autofree char *text = written(write_controls);

    assert_string_equal(text, "<b title=\"t\\x0au\">a\\x1b[31m\\x0a\\xff\\u202e</b>"
                              "<pre>x\n\ty\\x07 é</pre>\n");
}

static void write_structure(VtHtml *html)
{
    vt_html_open(html, "table", NULL);
    vt_html_open(html, "tr", NULL);
    vt_html_element(html, "td", "", NULL);
    vt_html_empty(html, "br", NULL);
    vt_html_raw(html, "<i>raw</i>", 10);
    assert_int_equal(vt_html_serial(html), 1);
    assert_int_equal(vt_html_serial(html), 2);
    assert_true(vt_html_flush(html));
}

/* An element without content must have its end tag, and what is left open is closed. */
static void test_structure(void **state)
{
    g_autofree char *text = written(write_structure);

    assert_string_equal(text, "<table><tr><td></td><br/>\n<i>raw</i></tr>\n</table>\n");
}

static void test_full_disk(void **state)
{
    FILE *file = fopen("/dev/full", "w");
    VtHtml *html;

    if (!file) {
        print_message("there is no /dev/full\n");
        skip();
        return;
    }
    html = vt_html_new(file);
    vt_html_element(html, "p", "text", NULL);
    assert_false(vt_html_flush(html));
    assert_false(vt_html_free(html));
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_controls_are_shown),
        cmocka_unit_test(test_structure),
        cmocka_unit_test(test_full_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
