/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RFC 5261 operations: the worked examples of the RFC's appendix A, the sentences of its sections 4
 * and 5, and the extensions that rules use. */
#include "config.h"

#include "vt-test-patch.h"

/* Appendix A, in the RFC's order. */
static const struct {
    const char *name, *before, *diff, *after;
} rfc[] = {
    {"A.1 adding an element", "<doc>\n  <note>This is a sample document</note>\n</doc>",
     "<diff>\n  <add sel=\"doc\"><foo id=\"ert4773\">This is a new child</foo></add>\n</diff>",
     "<doc>\n  <note>This is a sample document</note>\n<foo id=\"ert4773\">This is a new child</foo></doc>"},
    {"A.2 adding an attribute",
     "<doc>\n  <note>This is a sample document</note>\n  <foo id=\"ert4773\">This is a new child</foo>\n</doc>",
     "<diff>\n  <add sel=\"doc/foo[@id='ert4773']\" type=\"@user\">Bob</add>\n</diff>",
     "<doc>\n  <note>This is a sample document</note>\n"
     "  <foo id=\"ert4773\" user=\"Bob\">This is a new child</foo>\n</doc>"},
    {"A.3 adding a prefixed namespace declaration",
     "<doc>\n  <note>This is a sample document</note>\n  <foo id=\"ert4773\">This is a new child</foo>\n</doc>",
     "<diff>\n  <add sel=\"doc\" type=\"namespace::pref\">urn:ns:xxx</add>\n</diff>",
     "<doc xmlns:pref=\"urn:ns:xxx\">\n  <note>This is a sample document</note>\n"
     "  <foo id=\"ert4773\">This is a new child</foo>\n</doc>"},
    {"A.4 adding a comment node with the pos attribute",
     "<doc>\n  <note>This is a sample document</note>\n  <foo id=\"ert4773\">This is a new child</foo>\n</doc>",
     "<diff>\n  <add sel=\"doc/foo[@id='ert4773']\" pos=\"before\"><!-- comment --></add>\n</diff>",
     "<doc>\n  <note>This is a sample document</note>\n"
     "  <!-- comment --><foo id=\"ert4773\">This is a new child</foo>\n</doc>"},
    {"A.5 adding multiple nodes", "<doc>\n  <note>This is a sample document</note>\n</doc>",
     "<diff>\n  <add sel=\"doc\">\n  <foo id=\"ert4773\">This is a new child</foo></add>\n</diff>",
     "<doc>\n  <note>This is a sample document</note>\n\n  <foo id=\"ert4773\">This is a new child</foo></doc>"},
    {"A.6 replacing an element", "<doc>\n  <foo a=\"1\">This is a sample document</foo>\n</doc>",
     "<diff>\n  <replace sel=\"doc/foo[@a='1']\"><bar a=\"2\"/></replace>\n</diff>",
     "<doc>\n  <bar a=\"2\"/>\n</doc>"},
    {"A.7 replacing an attribute value",
     "<doc a=\"test\">\n  <foo a=\"1\">This is a sample document</foo>\n</doc>",
     "<diff>\n  <replace sel=\"doc/@a\">new value</replace>\n</diff>",
     "<doc a=\"new value\">\n  <foo a=\"1\">This is a sample document</foo>\n</doc>"},
    {"A.8 replacing a namespace declaration URI",
     "<doc xmlns:pref=\"urn:test\">\n  <foo a=\"1\">This is a sample document</foo>\n</doc>",
     "<diff>\n  <replace sel=\"doc/namespace::pref\">urn:new:xxx</replace>\n</diff>",
     "<doc xmlns:pref=\"urn:new:xxx\">\n  <foo a=\"1\">This is a sample document</foo>\n</doc>"},
    {"A.9 replacing a comment node",
     "<doc xmlns:pref=\"urn:test\">\n  <foo a=\"1\">This is a sample document</foo>\n  <!-- comment -->\n</doc>",
     "<diff>\n  <replace sel=\"doc/comment()[1]\"><!-- This is the new content\n  --></replace>\n</diff>",
     "<doc xmlns:pref=\"urn:test\">\n  <foo a=\"1\">This is a sample document</foo>\n"
     "  <!-- This is the new content\n  -->\n</doc>"},
    {"A.10 replacing a processing instruction node",
     "<doc>\n  <foo a=\"1\">This is a sample document</foo>\n  <?test foo=\"bar\"?>\n</doc>",
     "<diff>\n  <replace sel='doc/processing-instruction(\"test\")'\n  ><?test bar=\"foobar\"?></replace>\n</diff>",
     "<doc>\n  <foo a=\"1\">This is a sample document</foo>\n  <?test bar=\"foobar\"?>\n</doc>"},
    {"A.11 replacing a text node", "<doc>\n  <foo a=\"1\">This is a sample document</foo>\n</doc>",
     "<diff>\n  <replace sel=\"doc/foo/text()[1]\"\n  >This is the new text content\n  </replace>\n</diff>",
     "<doc>\n  <foo a=\"1\">This is the new text content\n  </foo>\n</doc>"},
    {"A.12 removing an element", "<doc>\n  <foo a=\"1\">This is a sample document</foo>\n</doc>",
     "<diff>\n  <remove sel=\"doc/foo[@a='1']\" ws=\"after\"/>\n</diff>", "<doc>\n  </doc>"},
    {"A.13 removing an attribute",
     "<doc a=\"foo\">\n  <foo a=\"1\">This is a sample document</foo>\n</doc>",
     "<diff>\n  <remove sel=\"doc/@a\"/>\n</diff>",
     "<doc>\n  <foo a=\"1\">This is a sample document</foo>\n</doc>"},
    {"A.14 removing a prefixed namespace declaration",
     "<doc>\n  <foo a=\"1\" xmlns:pref=\"urn:test\"\n  >This is a sample document</foo>\n  <!-- comment -->\n</doc>",
     "<diff>\n  <remove sel=\"doc/foo/namespace::pref\"/>\n</diff>",
     "<doc>\n  <foo a=\"1\">This is a sample document</foo>\n  <!-- comment -->\n</doc>"},
    {"A.15 removing a comment node",
     "<doc>\n  <foo a=\"1\">This is a sample document</foo>\n  <!-- comment -->\n</doc>",
     "<diff>\n  <remove sel=\"doc/comment()[1]\"/>\n</diff>",
     "<doc>\n  <foo a=\"1\">This is a sample document</foo>\n  \n</doc>"},
    {"A.16 removing a processing instruction node",
     "<doc>\n  <foo a=\"1\">This is a sample document</foo>\n  <?test?>\n</doc>",
     "<diff>\n  <remove sel='doc/processing-instruction(\"test\")'/>\n</diff>",
     "<doc>\n  <foo a=\"1\">This is a sample document</foo>\n  \n</doc>"},
    {"A.17 removing a text node", "<doc>\n  <foo a=\"1\">This is a sample document</foo>\n</doc>",
     "<diff>\n  <remove sel=\"doc/foo/text()[1]\"/>\n</diff>", "<doc>\n  <foo a=\"1\"/>\n</doc>"},
    {"A.18 several patches with namespace mangling",
     "<doc xmlns=\"urn:ietf:params:xml:ns:xxx\"\n     xmlns:z=\"urn:ietf:params:xml:ns:yyy\">\n"
     "  <note>This is a sample document</note>\n  <elem a=\"foo\">\n    <child/>\n  </elem>\n"
     "  <elem a=\"bar\">\n    <z:child/>\n  </elem>\n</doc>",
     "<p:diff xmlns=\"urn:ietf:params:xml:ns:xxx\"\n        xmlns:y=\"urn:ietf:params:xml:ns:yyy\"\n"
     "        xmlns:p=\"urn:ietf:params:xml:ns:diff\">\n\n"
     "  <p:add sel=\"doc/elem[@a='foo']\">  <!-- This is a new child -->\n    <child id=\"ert4773\">\n"
     "      <y:node/>\n    </child>\n  </p:add>\n\n"
     "  <p:replace sel=\"doc/note/text()\">Patched doc</p:replace>\n\n"
     "  <p:remove sel=\"*/elem[@a='bar']/y:child\" ws=\"both\"/>\n\n"
     "  <p:add sel=\"*/elem[@a='bar']\" type=\"@b\">new attr</p:add>\n\n</p:diff>",
     "<doc xmlns=\"urn:ietf:params:xml:ns:xxx\" xmlns:z=\"urn:ietf:params:xml:ns:yyy\">\n"
     "  <note>Patched doc</note>\n  <elem a=\"foo\">\n    <child/>\n    <!-- This is a new child -->\n"
     "    <child id=\"ert4773\">\n      <z:node/>\n    </child>\n  </elem>\n"
     "  <elem a=\"bar\" b=\"new attr\"/>\n</doc>"},
};

static void test_rfc_examples(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rfc); i++) {
        print_message("# %s\n", rfc[i].name);
        check(rfc[i].before, rfc[i].diff, rfc[i].after);
    }
}

static void test_add_positions(void **state)
{
    check("<doc><a/><b/></doc>", "<d><add sel='doc/b' pos='before'>x<n/>y</add></d>",
          "<doc><a/>x<n/>y<b/></doc>");
    check("<doc><a/><b/></doc>", "<d><add sel='doc/a' pos='after'><n/><m/></add></d>",
          "<doc><a/><n/><m/><b/></doc>");
    check("<doc><a/><b/></doc>", "<d><add sel='doc' pos='prepend'><n/><m/></add></d>",
          "<doc><n/><m/><a/><b/></doc>");
    check("<doc/>", "<d><add sel='doc' pos='prepend'><n/></add></d>", "<doc><n/></doc>");
    check("<doc/>", "<d><add sel='doc'/></d>", "<doc/>");
    /* Order survives where the neighbours are texts too. */
    check("<doc>right</doc>", "<d><add sel='doc' pos='prepend'>left<n/>mid</add></d>",
          "<doc>left<n/>midright</doc>");
    check("<doc>left<b/></doc>", "<d><add sel='doc/b' pos='before'>mid<n/></add></d>",
          "<doc>leftmid<n/><b/></doc>");
    /* Beside the root. */
    check("<doc/>", "<d><add sel='doc' pos='before'><!--c--><?p i?></add></d>",
          "<!--c--><?p i?><doc/>");
    check("<doc/>", "<d><add sel='doc' pos='after'><!--c--></add></d>", "<doc/><!--c-->");
    /* Beside other kinds of node. */
    check("<doc><!--c--></doc>", "<d><add sel='doc/comment()' pos='after'><n/></add></d>",
          "<doc><!--c--><n/></doc>");
    check("<doc>t</doc>", "<d><add sel='doc/text()' pos='before'><n/></add></d>",
          "<doc><n/>t</doc>");
}

static void test_texts_stay_one_node(void **state)
{
    /* After the first operation the text is one node again, or the second would find two. */
    check("<doc>one<a/>two</doc>",
          "<d><remove sel='doc/a'/><replace sel='doc/text()'>three</replace></d>",
          "<doc>three</doc>");
    check("<doc>one</doc>",
          "<d><add sel='doc'>two</add><replace sel='doc/text()'>three</replace></d>",
          "<doc>three</doc>");
    check("<doc>one<a/>two</doc>", "<d><replace sel='doc/text()[1]'></replace></d>",
          "<doc><a/>two</doc>");
    check("<doc>one</doc>", "<d><replace sel='doc/text()'>t<![CDATA[<]]></replace></d>",
          "<doc>t<![CDATA[<]]></doc>");
}

static void test_replace_kinds(void **state)
{
    check("<doc><a/></doc>", "<d><replace sel='doc'><new><b/></new></replace></d>",
          "<new><b/></new>");
    check("<!--c--><doc/>", "<d><replace sel='comment()'><!--n--></replace></d>", "<!--n--><doc/>");
    check("<doc a='1'/>", "<d><replace sel='doc/@a'/></d>", "<doc a=\"\"/>");
    /* White space around the one node does not count. */
    check("<doc><a/></doc>", "<d><replace sel='doc/a'>\n  <b/>\n</replace></d>", "<doc><b/></doc>");
    /* The URI is replaced for everything that was in the namespace. */
    check(
        "<doc xmlns:p='urn:1'><p:a p:b='c'/></doc>",
        "<d xmlns:q='urn:2'><replace sel='doc/namespace::p'>urn:2</replace><remove sel='doc/q:a/@q:b'/></d>",
        "<doc xmlns:p=\"urn:2\"><p:a/></doc>");

    check_fails("<doc><a/></doc>", "<d><replace sel='doc/a'/></d>", "invalid-node-types");
    check_fails("<doc><a/></doc>", "<d><replace sel='doc/a'>text</replace></d>",
                "invalid-node-types");
    check_fails("<doc><a/></doc>", "<d><replace sel='doc/a'><b/><c/></replace></d>",
                "invalid-node-types");
    check_fails("<doc><a/></doc>", "<d><replace sel='doc/a'><?pi?></replace></d>",
                "invalid-node-types");
    check_fails("<doc>t</doc>", "<d><replace sel='doc/text()'><b/></replace></d>",
                "invalid-node-types");
    check_fails("<doc a='1'/>", "<d><replace sel='doc/@a'><b/></replace></d>",
                "invalid-node-types");
    check_fails("<doc a='1'/>", "<d><replace sel='doc/@a'><![CDATA[b]]></replace></d>",
                "invalid-attribute-value");
    check_fails("<doc a='1'/>", "<d><replace sel='/'><b/></replace></d>",
                "invalid-root-element-operation");
    check_fails("<doc xmlns:p='urn:1'/>", "<d><replace sel='doc/namespace::p'/></d>",
                "invalid-namespace-uri");
}

static void test_add_errors(void **state)
{
    check_fails("<doc/>", "<d><add sel='doc' pos='inside'><n/></add></d>",
                "invalid-attribute-value");
    check_fails("<doc/>", "<d><add sel='doc' type='user'>x</add></d>", "invalid-attribute-value");
    check_fails("<doc/>", "<d><add sel='doc' type='@'>x</add></d>", "invalid-attribute-value");
    check_fails("<doc/>", "<d><add sel='doc' type='@a b'>x</add></d>", "invalid-attribute-value");
    check_fails("<doc/>", "<d><add sel='doc' type='@a'><![CDATA[x]]></add></d>",
                "invalid-attribute-value");
    check_fails("<doc/>", "<d><add sel='doc' type='@a'><b/></add></d>", "invalid-node-types");
    check_fails("<doc/>", "<d><add sel='doc' type='@a' pos='before'>x</add></d>",
                "invalid-patch-directive");
    check_fails("<doc a='1'/>", "<d><add sel='doc' type='@a'>2</add></d>",
                "invalid-patch-directive");
    check_fails("<doc a='1'/>", "<d><add sel='doc/@a'>2</add></d>", "invalid-patch-directive");
    check_fails("<doc a='1'/>", "<d><add sel='doc/@a' pos='after'>2</add></d>",
                "invalid-patch-directive");
    check_fails("<doc>t</doc>", "<d><add sel='doc/text()'><n/></add></d>",
                "invalid-patch-directive");
    check_fails("<doc>t</doc>", "<d><add sel='doc/text()' type='@a'>x</add></d>",
                "invalid-patch-directive");
    check_fails("<doc>t</doc>", "<d><add sel='doc/text()' type='namespace::p'>x</add></d>",
                "invalid-patch-directive");
    check_fails("<doc xmlns:p='urn:1'/>", "<d><add sel='doc/namespace::p'><n/></add></d>",
                "invalid-patch-directive");
    check_fails("<doc/>", "<d><add sel='doc' pos='after'><n/></add></d>",
                "invalid-root-element-operation");
    check_fails("<doc/>", "<d><add sel='doc' pos='before'>x</add></d>",
                "invalid-xml-prolog-operation");
    check_fails("<doc/>", "<d><add sel='/'><n/></add></d>", "invalid-patch-directive");
}

static void test_remove(void **state)
{
    check("<doc> <a/>\n</doc>", "<d><remove sel='doc/a'/></d>", "<doc> \n</doc>");
    check("<doc> <a/>\n</doc>", "<d><remove sel='doc/a' ws='before'/></d>", "<doc>\n</doc>");
    check("<doc> <a/>\n</doc>", "<d><remove sel='doc/a' ws='after'/></d>", "<doc> </doc>");
    check("<doc> <a/>\n</doc>", "<d><remove sel='doc/a' ws='both'/></d>", "<doc/>");
    check("<doc> <!--c-->\n</doc>", "<d><remove sel='doc/comment()' ws='both'/></d>", "<doc/>");
    check("<doc> <?p?>\n</doc>", "<d><remove sel='doc/processing-instruction()' ws='both'/></d>",
          "<doc/>");
    check("<!--c--><doc/>", "<d><remove sel='comment()'/></d>", "<doc/>");

    check_fails("<doc><a/> </doc>", "<d><remove sel='doc/a' ws='before'/></d>",
                "invalid-whitespace-directive");
    check_fails("<doc> <a/></doc>", "<d><remove sel='doc/a' ws='both'/></d>",
                "invalid-whitespace-directive");
    check_fails("<doc> <a/>x </doc>", "<d><remove sel='doc/a' ws='after'/></d>",
                "invalid-whitespace-directive");
    check_fails("<doc> <a/> </doc>", "<d><remove sel='doc/a' ws='all'/></d>",
                "invalid-attribute-value");
    check_fails("<doc a='1'/>", "<d><remove sel='doc/@a' ws='both'/></d>",
                "invalid-patch-directive");
    check_fails("<doc>t</doc>", "<d><remove sel='doc/text()' ws='both'/></d>",
                "invalid-patch-directive");
    check_fails("<doc xmlns:p='u'/>", "<d><remove sel='doc/namespace::p' ws='both'/></d>",
                "invalid-patch-directive");
    check_fails("<doc/>", "<d><remove sel='doc'/></d>", "invalid-root-element-operation");
    check_fails("<doc/>", "<d><remove sel='/'/></d>", "invalid-root-element-operation");
}

/* As libvirt wants it: the namespace of QEMU's own arguments declared on <domain>, one element that
 * holds them. */
static void test_qemu_commandline(void **state)
{
    static const char diff[] =
        "<change xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"
        "<add sel='/domain' type='namespace::qemu' if='not(namespace::qemu)'>"
        "http://libvirt.org/schemas/domain/qemu/1.0</add>"
        "<add sel='/domain' if='not(qemu:commandline)'><qemu:commandline/></add>"
        "<add sel='/domain/qemu:commandline'><qemu:arg value='-overcommit'/><qemu:arg value='cpu-pm=on'/></add>"
        "</change>";
    g_autoptr(GError) error = NULL;
    g_autofree char *fresh =
        apply("<domain><name>d</name></domain>", diff, "/domain", NULL, &error);
    g_autofree char *present = NULL, *removed = NULL;

    assert_null(error);
    assert_string_equal(
        fresh, "<domain xmlns:qemu=\"http://libvirt.org/schemas/domain/qemu/1.0\"><name>d</name>"
               "<qemu:commandline><qemu:arg value=\"-overcommit\"/><qemu:arg value=\"cpu-pm=on\"/>"
               "</qemu:commandline></domain>");
    present = apply(
        "<domain xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><q:commandline><q:arg value='-s'/>"
        "</q:commandline></domain>",
        "<change xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"
        "<add sel='/domain/qemu:commandline'><qemu:arg value='-S'/></add></change>",
        "/domain", NULL, &error);
    assert_null(error);
    assert_string_equal(
        present, "<domain xmlns:q=\"http://libvirt.org/schemas/domain/qemu/1.0\"><q:commandline>"
                 "<q:arg value=\"-s\"/><q:arg value=\"-S\"/></q:commandline></domain>");
    removed = apply(present, "<change><remove sel='qemu:commandline/qemu:arg[1]'/></change>",
                    "/domain", NULL, &error);
    assert_null(error);
    assert_string_equal(
        removed, "<domain xmlns:q=\"http://libvirt.org/schemas/domain/qemu/1.0\"><q:commandline>"
                 "<q:arg value=\"-S\"/></q:commandline></domain>");
}

static void test_extensions(void **state)
{
    static const char domain[] =
        "<domain><devices><disk id='1'><target/></disk><disk id='2'><target/></disk>"
        "</devices></domain>";
    static const char ladder[] =
        "<c><add sel='/domain' if='not(features)'><features/></add>"
        "<add sel='/domain/features' if='not(features/apic)'><apic/></add>"
        "<remove sel='/domain/features/apic/@eoi' if='/domain/features/apic/@eoi'/>"
        "<add sel='/domain/features/apic' type='@eoi'>on</add></c>";
    static const char *const before[] = {
        "<domain/>",
        "<domain><features/></domain>",
        "<domain><features><apic/></features></domain>",
        "<domain><features><apic eoi=\"off\"/></features></domain>",
    };
    g_autoptr(GError) error = NULL;
    g_autofree char *relative = NULL, *values = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(before); i++) {
        g_autofree char *after = apply(before[i], ladder, "/domain", test_value, &error);

        assert_null(error);
        assert_string_equal(after, "<domain><features><apic eoi=\"on\"/></features></domain>");
    }

    relative = apply(domain,
                     "<c><add sel='target' type='@bus' if=\"@id='2'\">virtio</add>"
                     "<add sel='target' type='@bus' if=\"@id='1'\">ide</add>"
                     "<add sel='.' type='@x'>y</add><add sel='/domain' type='@z'>0</add></c>",
                     "//disk[@id='2']", NULL, &error);
    assert_null(error);
    assert_string_equal(
        relative, "<domain z=\"0\"><devices><disk id=\"1\"><target/></disk>"
                  "<disk id=\"2\" x=\"y\"><target bus=\"virtio\"/></disk></devices></domain>");

    values = apply(
        "<d a='0'><t>0</t></d>",
        "<c><add sel='.'><n v='{arg:1}'>{{{who}}<!--{who}--></n></add><add sel='.' type='@b'>{arg}</add>"
        "<replace sel='@a'>{who}</replace><replace sel='t/text()'>{arg:a:b}</replace></c>",
        "/d", test_value, &error);
    assert_null(error);
    assert_string_equal(values, "<d a=\"a&lt;b &amp; &quot;c&quot;\" b=\"[none]\"><t>[a:b]</t>"
                                "<n v=\"[1]\">{a&lt;b &amp; \"c\"}<!--{who}--></n></d>");
}

/* Later operations follow the start node where it was replaced and say so where it is gone. */
static void test_start_node_changes(void **state)
{
    static const char domain[] = "<domain><disk><a/></disk></domain>";
    g_autoptr(GError) error = NULL;
    g_autofree char *replaced =
        apply(domain, "<c><replace sel='.'><disk new='1'/></replace><add sel='.'><b/></add></c>",
              "//disk", NULL, &error);
    g_autofree char *gone = NULL, *absolute = NULL;

    assert_null(error);
    assert_string_equal(replaced, "<domain><disk new=\"1\"><b/></disk></domain>");
    absolute =
        apply(domain, "<c><remove sel='.'/><add sel='/domain' if='not(//disk)'><b/></add></c>",
              "//disk/a", NULL, &error);
    assert_null(error);
    assert_string_equal(absolute, "<domain><disk/></domain>");
    gone =
        apply(domain, "<c><remove sel='..'/><add sel='.'><b/></add></c>", "//disk/a", NULL, &error);
    assert_non_null(error);
    assert_non_null(strstr(error->message, "unlocated-node"));
    assert_string_equal(gone, "<domain><disk><a/></disk></domain>");
}

/* An operation that fails takes back those before it, whatever they did. */
static void test_atomic(void **state)
{
    static const char doc[] =
        "<!--top--><doc xmlns:p=\"urn:1\" a=\"1\" xml:lang=\"en\">t<a/>u<p:b/></doc><?end?>";
    static const char diff[] =
        "<d><add sel='doc'><n/></add><remove sel='doc/a'/><replace sel='doc/@a'>2</replace>"
        "<add sel='doc' type='@b'>3</add><add sel='doc' type='namespace::q'>urn:2</add>"
        "<replace sel='doc/namespace::p'>urn:3</replace><remove sel='comment()'/>"
        "<remove sel='doc/nothing'/></d>";

    check_fails(doc, diff, "unlocated-node");
    check_fails("<doc/>", "<d><replace sel='doc'><new/></replace><remove sel='doc'/></d>",
                "unlocated-node");
}

static void test_bad_values(void **state)
{
    static const char *const contents[] = {"<n a='{none}'/>", "<n>{none}</n>", "{none}",
                                           "<n a='{who'/>", "x{"};
    static const char *const ops[] = {
        "<add sel='doc'>%s</add>", "<replace sel='doc/text()'>%s</replace>",
        "<add sel='doc' type='@a'>%s</add>", "<replace sel='doc/e'>%s</replace>"};

    for (gsize i = 0; i < G_N_ELEMENTS(contents); i++)
        for (gsize j = 0; j < G_N_ELEMENTS(ops); j++) {
            g_auto(GStrv) parts = g_strsplit(ops[j], "%s", 2);
            g_autofree char *diff =
                g_strconcat("<d>", parts[0], contents[i], parts[1], "</d>", NULL);
            g_autoptr(GError) error = NULL;
            g_autofree char *got = apply("<doc>t<e/></doc>", diff, NULL, test_value, &error);

            assert_non_null(error);
            assert_string_equal(got, "<doc>t<e/></doc>");
        }
}

static void test_expand(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *plain = vt_patch_expand("awk '{{print $1}' {arg:x}", test_value, NULL, &error);
    g_autofree char *verbatim = vt_patch_expand("{arg:x} {{", NULL, NULL, &error);
    g_autofree char *empty = vt_patch_expand("", test_value, NULL, &error);

    assert_null(error);
    assert_string_equal(plain, "awk '{print $1}' [x]");
    assert_string_equal(verbatim, "{arg:x} {{");
    assert_string_equal(empty, "");
    assert_null(vt_patch_expand("a {who", test_value, NULL, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
    g_clear_error(&error);
    assert_null(vt_patch_expand("{}", test_value, NULL, &error));
    assert_string_equal(error->message, "no value ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc_examples),
        cmocka_unit_test(test_add_positions),
        cmocka_unit_test(test_texts_stay_one_node),
        cmocka_unit_test(test_replace_kinds),
        cmocka_unit_test(test_add_errors),
        cmocka_unit_test(test_remove),
        cmocka_unit_test(test_qemu_commandline),
        cmocka_unit_test(test_extensions),
        cmocka_unit_test(test_start_node_changes),
        cmocka_unit_test(test_atomic),
        cmocka_unit_test(test_bad_values),
        cmocka_unit_test(test_expand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
