/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names in an XPath expression, and which of them it cannot do without. */
#include "config.h"

#include "base/xpath.h"
#include "vt-test.h"

static void add(const VtXPathName *name, gpointer data)
{
    g_string_append_printf(data, " %s%s%.*s%s", name->is_element ? "" : "@",
                           name->has_prefix ? ":" : "", (int)name->length, name->start,
                           name->needed ? "" : "?");
}

static void test_names(void **state)
{
    static const struct {
        const char *expression, *names;
    } cases[] = {
        {"/domain/devices/interface[model/@type='e1000']", " domain devices interface model @type"},
        {"driver", " driver"},
        {"//and/or[div mod mod]", " and or div mod"},
        {"a and b", " a b"},
        {"a or b", " a? b?"},
        {"a|b", " a? b?"},
        {"a[b or c]/d", " a? b? c? d?"},
        {"not(a/@b) and c", " a? @b? c"},
        {"count(a[b]) * 2 = d * e", " a? b? d e"},
        {"* * *", ""},
        {"@* and ../@x", " @x"},
        {"child::a/attribute::b/c", " a @b c"},
        {"a[1.5 div 2]/text()", " a"},
        {"'a or b' = \"c\"", ""},
        {"qemu:commandline/qemu:arg/@value", " :commandline :arg @value"},
        {"qemu:* = x", " x"},
        {"q:a/b[@q:c = d]", " :a b @:c d"},
        {"a/namespace::b/c", " a @b c"},
        {"a/namespaces::b", " a b"},
        {"a[$b = c]", " a c"},
        {"(a)/b[(c)]", " a b c"},
        {"memory-backing/a.b", " memory-backing a.b"},
        {"string(a) = concat(b, 'x')[c]", " a? b? c"},
        {"self::node()[ancestor::a]", " a"},
        {"", ""},
        {"'open", ""},
        {"a[", " a"},
        {"a))b", " a b"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) names = g_string_new(NULL);

        vt_xpath_each_name(cases[i].expression, add, names);
        if (!g_str_equal(names->str, cases[i].names))
            fail_msg("%s:%s, not%s", cases[i].expression, names->str, cases[i].names);
    }
}

/* Deeper than is remembered: nothing is claimed of what is in there, and nothing is lost after it. */
static void test_deep(void **state)
{
    g_autofree char *open = g_strnfill(200, '('), *close = g_strnfill(200, ')');
    g_autofree char *expression = g_strconcat("a = ", open, "b", close, " and c", NULL);
    g_autoptr(GString) names = g_string_new(NULL);

    vt_xpath_each_name(expression, add, names);
    assert_string_equal(names->str, " a b? c");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_deep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
