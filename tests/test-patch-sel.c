/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the selectors of a patch locate, with and without namespaces. */
#include "config.h"

#include "vt-test-patch.h"

static void test_selectors(void **state)
{
    check_fails("<doc/>", "<d><remove sel='doc/a'/></d>", "unlocated-node");
    check_fails("<doc><a/><a/></doc>", "<d><remove sel='doc/a'/></d>", "unlocated-node");
    check_fails("<doc/>", "<d><remove sel=''/></d>", "invalid-attribute-value");
    check_fails("<doc/>", "<d><remove/></d>", "invalid-attribute-value");
    check_fails("<doc/>", "<d><remove sel='doc['/></d>", "invalid-attribute-value");
    check_fails("<doc/>", "<d><remove sel='count(doc)'/></d>", "invalid-attribute-value");
    check_fails("<doc/>", "<d><remove sel='doc/p:a'/></d>", "invalid-namespace-prefix");
    check_fails("<doc/>", "<d><remove sel='$x'/></d>", "invalid-attribute-value");
    check("<doc><a/><a/></doc>", "<d><remove sel='doc/a[2]'/></d>", "<doc><a/></doc>");
    check("<doc><a>x</a><a>y</a></doc>", "<d><remove sel=\"*/a[.='y']\"/></d>",
          "<doc><a>x</a></doc>");
    check("<doc><a xml:id='i'/><a/></doc>", "<d><remove sel=\"id('i')\"/></d>", "<doc><a/></doc>");
}

static void test_selector_is_bounded(void **state)
{
    g_autoptr(GString) doc = g_string_new("<doc>");
    g_autoptr(GError) error = NULL;
    g_autofree char *got = NULL;

    for (guint i = 0; i < 500; i++)
        g_string_append(doc, "<a><b/></a>");
    g_string_append(doc, "</doc>");
    got = apply(doc->str, "<d><remove sel='//*[count(//*[count(//*)=1])=count(//*)]'/></d>", NULL,
                NULL, &error);
    assert_non_null(error);
    assert_true(g_str_has_prefix(error->message, "patch.xml:1: invalid-attribute-value: "));
}

/* 4.2.2: an element's name without a prefix is in the default namespace, an attribute's is not, and
 * what looks like a name may be an operator, a function or an axis. */
static void test_selectors_in_default_namespace(void **state)
{
    static const char doc[] =
        "<doc xmlns=\"urn:n\"><or a=\"1\"><div>7</div></or><mod b=\"2\"/></doc>";
    static const char *const same[] = {
        "doc/or/@a",
        "child::doc/child::or/attribute::a",
        "/doc/*[@a and not(@b)]/@a",
        "doc/or[div = 7 or div=8]/@a",
        "doc/or[div div 7 = 1]/@a",
        "doc/or[div mod 4=3 and self::or]/@a",
        "doc/or[contains('x or or', 'or')]/@a",
        "doc/or[div * 2 = 14]/@a",
        "doc/*[1]/div/../@a",
        "doc/or[position() = 1.0]/@a",
        "//*[div]/@a",
        "doc/n:or/@a",
        "*/or/self::n:*/@a",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(same); i++) {
        g_autofree char *diff = g_strdup_printf(
            "<p:d xmlns:p=\"p\" xmlns=\"urn:n\" xmlns:n=\"urn:n\"><p:remove sel=\"%s\"/></p:d>",
            same[i]);

        print_message("# %s\n", same[i]);
        check(doc, diff, "<doc xmlns=\"urn:n\"><or><div>7</div></or><mod b=\"2\"/></doc>");
    }
    check_fails(doc, "<d><remove sel=\"doc/or/@a\"/></d>", "unlocated-node");
    check_fails("<doc a=\"1\"/>", "<p:d xmlns:p='p' xmlns='urn:n'><p:remove sel='doc/@a'/></p:d>",
                "unlocated-node");
}

static void test_namespaces(void **state)
{
    /* A URI that the document knows keeps the document's prefix, for attributes too. */
    check("<doc xmlns:b='urn:t'/>",
          "<d xmlns:a='urn:t'><add sel='doc'><a:x a:y='1'><a:z/></a:x></add></d>",
          "<doc xmlns:b=\"urn:t\"><b:x b:y=\"1\"><b:z/></b:x></doc>");
    check("<doc xmlns:b='urn:t'/>", "<d xmlns:a='urn:t'><add sel='doc' type='@a:y'>1</add></d>",
          "<doc xmlns:b=\"urn:t\" b:y=\"1\"/>");
    /* An attribute cannot use a default namespace, so the prefix comes along. */
    check("<doc xmlns='urn:t'/>", "<d xmlns:a='urn:t'><add sel='a:doc'><a:x a:y='1'/></add></d>",
          "<doc xmlns=\"urn:t\"><x xmlns:a=\"urn:t\" a:y=\"1\"/></doc>");
    /* The nearer declaration of a prefix hides the farther one. */
    check("<doc xmlns:b='urn:t'><in xmlns:b='urn:other'/></doc>",
          "<d xmlns:b='urn:t'><add sel='doc/in'><b:x/></add></d>",
          "<doc xmlns:b=\"urn:t\"><in xmlns:b=\"urn:other\"><b:x xmlns:b=\"urn:t\"/></in></doc>");
    /* What the document does not know is declared where it is used; declarations in the content
     * stay as they are. */
    check("<doc/>", "<d xmlns:a='urn:t' xmlns:u='urn:unused'><add sel='doc'><a:x/></add></d>",
          "<doc><a:x xmlns:a=\"urn:t\"/></doc>");
    check("<doc xmlns:b='urn:t'/>", "<d><add sel='doc'><a:x xmlns:a='urn:t'/></add></d>",
          "<doc xmlns:b=\"urn:t\"><a:x xmlns:a=\"urn:t\"/></doc>");
    check("<doc xmlns='urn:n'/>",
          "<d xmlns:n='urn:n'><add sel='n:doc'><plain><too/></plain></add></d>",
          "<doc xmlns=\"urn:n\"><plain xmlns=\"\"><too/></plain></doc>");
    check("<doc/>", "<d><add sel='doc'><a xml:lang='en'/></add></d>",
          "<doc><a xml:lang=\"en\"/></doc>");

    check_fails("<doc xmlns:p='urn:1'/>", "<d><add sel='doc' type='namespace::p'>urn:2</add></d>",
                "invalid-namespace-prefix");
    check_fails("<doc xmlns:p='urn:1'><in><p:a/></in></doc>",
                "<d><add sel='doc/in' type='namespace::p'>urn:2</add></d>",
                "invalid-namespace-prefix");
    check_fails("<doc/>", "<d><add sel='doc' type='namespace::xml'>urn:2</add></d>",
                "invalid-namespace-prefix");
    check_fails("<doc/>", "<d><add sel='doc' type='namespace::'>urn:2</add></d>",
                "invalid-attribute-value");
    check_fails("<doc/>", "<d><add sel='doc' type='namespace::p'/></d>", "invalid-namespace-uri");
    check_fails("<doc/>", "<d><add sel='doc' type='@p:a'>1</add></d>", "invalid-namespace-prefix");
    check_fails("<doc xmlns:p='urn:1'><p:a/></doc>", "<d><remove sel='doc/namespace::p'/></d>",
                "invalid-namespace-prefix");
    check_fails("<doc xmlns:p='urn:1'><a p:b='c'/></doc>",
                "<d><remove sel='doc/namespace::p'/></d>", "invalid-namespace-prefix");
    check_fails("<doc xmlns:p='urn:1'><a/></doc>", "<d><remove sel='doc/a/namespace::p'/></d>",
                "unlocated-node");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_selectors),
        cmocka_unit_test(test_selector_is_bounded),
        cmocka_unit_test(test_selectors_in_default_namespace),
        cmocka_unit_test(test_namespaces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
