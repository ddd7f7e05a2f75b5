/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XML that is taken, and the many kinds that are not. */
#include "vt-test.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/xml.h"

static xmlDoc *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    xmlDoc *doc = vt_xml_parse(text, strlen(text), "d.xml", &error);

    if (!doc)
        fail_msg("%s", error->message);
    return doc;
}

static void assert_refused(const char *data, gsize length, const char *start, const char *part)
{
    g_autoptr(GError) error = NULL;
    xmlDoc *doc = vt_xml_parse(data, length, "d.xml", &error);

    assert_null(doc);
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
    if (!g_str_has_prefix(error->message, start) || !strstr(error->message, part))
        fail_msg("\"%s\" is not \"%s…%s…\"", error->message, start, part);
}

static void attributes_and_values(void **state)
{
    g_autoptr(xmlDoc) doc = parse("<domain type='kvm' id=''><name>a &amp; b</name></domain>");
    xmlNode *root = xmlDocGetRootElement(doc);
    g_autofree char *type = vt_xml_attr(root, "type");
    g_autofree char *id = vt_xml_attr(root, "id");
    g_autofree char *none = vt_xml_attr(root, "none");
    g_autofree char *name = vt_xml_get((xmlNode *)doc, "/domain/name");
    g_autofree char *empty = vt_xml_get((xmlNode *)doc, "/domain/@id");
    g_autofree char *missing = vt_xml_get(root, "uuid");

    assert_string_equal(type, "kvm");
    assert_string_equal(id, "");
    assert_null(none);
    assert_string_equal(name, "a & b");
    assert_string_equal(empty, "");
    assert_null(missing);
    assert_true(vt_xml_has(root, "name"));
    assert_false(vt_xml_has(root, "uuid"));
    assert_true(vt_xml_has(root, "not(uuid)"));
}

static void elements_are_found_by_name(void **state)
{
    static const char text[] = "<a>b<!--b--><other b='0'/><x:b xmlns:x='urn:x' id='1'/><b id='2' none=''/><c/></a>";
    g_autoptr(xmlDoc) doc = vt_xml_parse(text, strlen(text), NULL, NULL);
    xmlNode *root = xmlDocGetRootElement(doc), *b = vt_xml_child(root, "b");
    g_autofree char *id = vt_xml_child_attr(root, "b", "id"), *first_only = vt_xml_child_attr(root, "b", "none");
    g_autofree char *absent = vt_xml_child_attr(root, "d", "id"), *nowhere = vt_xml_child_attr(NULL, "b", "id");

    assert_true(vt_xml_is(root, "a"));
    assert_false(vt_xml_is(root, "b"));
    assert_false(vt_xml_is(NULL, "a"));
    /* Texts and comments have names, too, and the document is the root's parent. */
    assert_false(vt_xml_is(root->children, "text"));
    assert_false(vt_xml_is(root->children->next, "comment"));
    assert_false(vt_xml_is(root->parent, "a"));
    assert_true(vt_xml_is(b, "b"));
    assert_string_equal(id, "1");
    assert_null(first_only);
    assert_null(absent);
    assert_null(nowhere);
    assert_null(vt_xml_child(NULL, "b"));
    assert_null(vt_xml_child(b, "b"));
    assert_true(vt_xml_is(vt_xml_child(root, "c"), "c"));
}

static void malformed_documents_name_the_line(void **state)
{
    static const char deep_nul[] = "<domain>\n<name>a\0b</name></domain>";

    assert_refused("", 0, "d.xml:", "");
    assert_refused("   \n", 4, "d.xml:", "");
    assert_refused("not xml", 7, "d.xml:1: ", "");
    assert_refused("<domain>\n<a>\n</domain>", 22, "d.xml:3: ", "a");
    assert_refused("<domain>", 8, "d.xml:1: ", "domain");
    assert_refused("<a/><b/>", 8, "d.xml:1: ", "");
    assert_refused("<a>&nosuch;</a>", 15, "d.xml:1: ", "nosuch");
    assert_refused("<a x='1' x='2'/>", 16, "d.xml:1: ", "x");
    assert_refused("<a>\n<p:b/></a>", 14, "d.xml:2: ", "p");
    assert_refused(deep_nul, sizeof deep_nul - 1, "d.xml:2: ", "");
    assert_refused("\x7f"
                   "ELF\x02\x01\x01\0\0\0",
                   10, "d.xml:1: ", "");
    assert_refused("<a>\xff\xfe</a>", 9, "d.xml:1: ", "");
}

static void warnings_are_no_errors(void **state)
{
    g_autoptr(xmlDoc) doc = parse("<a xmlns:q='relative'/>");

    assert_non_null(doc);
}

static void control_characters_of_a_document_are_not_repeated(void **state)
{
    g_autoptr(GError) error = NULL;
    static const char text[] = "<a\xc2\x9b\x1b[2J></a>";

    assert_null(vt_xml_parse(text, sizeof text - 1, "x\x1b.xml", &error));
    for (const char *p = error->message; *p != '\0'; p++)
        assert_true((guchar)*p >= 0x20);
    assert_true(g_str_has_prefix(error->message, "x\\x1b.xml:1: "));
}

static void document_types_are_refused_before_they_are_read(void **state)
{
    g_autoptr(GString) bomb =
        g_string_new("<?xml version='1.0'?>\n<!DOCTYPE d [\n<!ENTITY a0 'xxxxxxxxxx'>\n");
    static const char xxe[] = "<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>\n<d>&x;</d>";
    static const char external[] = "<!DOCTYPE d SYSTEM 'http://127.0.0.1:1/d.dtd'>\n<d/>";
    static const char plain[] = "<!DOCTYPE domain>\n<domain/>";
    static const char parameter[] =
        "<!DOCTYPE d [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]>\n<d/>";

    for (guint i = 1; i < 40; i++)
        g_string_append_printf(bomb, "<!ENTITY a%u '&a%u;&a%u;&a%u;&a%u;&a%u;&a%u;&a%u;&a%u;'>\n",
                               i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    g_string_append(bomb, "]><d>&a39;</d>");

    assert_refused(bomb->str, bomb->len, "d.xml:2: ", "<!DOCTYPE");
    assert_refused(xxe, sizeof xxe - 1, "d.xml:1: ", "<!DOCTYPE");
    assert_refused(external, sizeof external - 1, "d.xml:1: ", "<!DOCTYPE");
    assert_refused(plain, sizeof plain - 1, "d.xml:1: ", "<!DOCTYPE");
    assert_refused(parameter, sizeof parameter - 1, "d.xml:1: ", "<!DOCTYPE");
}

static void depth_and_size_are_limited(void **state)
{
    g_autoptr(GString) deep = g_string_new(NULL);
    g_autofree char *huge = g_strnfill(VT_XML_MAX + 1, ' ');

    for (guint i = 0; i < 200000; i++)
        g_string_append(deep, "<a>");
    assert_refused(deep->str, deep->len, "d.xml:1: ", "depth");
    assert_refused(huge, VT_XML_MAX + 1, "d.xml: ", "8 MiB");
}

static void lines_beyond_65535_are_right(void **state)
{
    g_autoptr(GString) text = g_string_new("<a>");

    for (guint i = 1; i < 70000; i++)
        g_string_append_c(text, '\n');
    g_string_append(text, "<b></c></a>");
    assert_refused(text->str, text->len, "d.xml:70000: ", "b");
    g_string_truncate(text, text->len - strlen("<b></c></a>"));
    g_string_append(text, "<b>x</b></a>");
    {
        g_autoptr(xmlDoc) doc = parse(text->str);
        xmlNode *b = xmlDocGetRootElement(doc)->children->next;

        assert_int_equal(xmlGetLineNo(b), 70000);
    }
}

/* A directory of the test's own. */
static int make_dir(void **state)
{
    *state = g_dir_make_tmp("test-xml-XXXXXX", NULL);
    return *state ? 0 : -1;
}

static int remove_dir(void **state)
{
    static const char *const names[] = {"d.xml", "huge.xml", "fifo", "s.rng", NULL};

    for (guint i = 0; names[i]; i++) {
        g_autofree char *path = g_build_filename(*state, names[i], NULL);

        g_unlink(path);
    }
    g_rmdir(*state);
    g_free(*state);
    return 0;
}

static void assert_file_refused(const char *path, VtErrorCode code, const char *part)
{
    g_autoptr(GError) error = NULL;

    assert_null(vt_xml_parse_file(path, &error));
    assert_true(g_error_matches(error, VT_ERROR, (gint)code));
    if (!strstr(error->message, part) || !strstr(error->message, path))
        fail_msg("\"%s\" does not contain \"%s\" and \"%s\"", error->message, part, path);
}

static void only_regular_files_of_a_sane_size_are_read(void **state)
{
    g_autofree char *good = g_build_filename(*state, "d.xml", NULL);
    g_autofree char *huge = g_build_filename(*state, "huge.xml", NULL);
    g_autofree char *fifo = g_build_filename(*state, "fifo", NULL);
    g_autofree char *missing = g_build_filename(*state, "missing", NULL);
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(xmlDoc) linked = NULL;

    assert_true(g_file_set_contents(good, "<domain/>", -1, NULL));
    doc = vt_xml_parse_file(good, NULL);
    assert_non_null(doc);

    assert_true(g_file_set_contents(huge, "<domain/>", -1, NULL));
    assert_int_equal(truncate(huge, 1024 * 1024 * 1024), 0);
    assert_file_refused(huge, VT_ERROR_INPUT, "larger than 8 MiB");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_file_refused(fifo, VT_ERROR_IO, "not a regular file");
    assert_file_refused(*state, VT_ERROR_IO, "directory");
    assert_file_refused("/dev/zero", VT_ERROR_IO, "not a regular file");
    assert_file_refused(missing, VT_ERROR_IO, g_strerror(ENOENT));

    assert_true(g_file_set_contents(good, "<domain>\n<a></domain>", -1, NULL));
    assert_file_refused(good, VT_ERROR_INPUT, ":2: ");
}

static void standard_input_is_a_file_too(void **state)
{
    int saved = dup(STDIN_FILENO);
    int ends[2];
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(GError) error = NULL;

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "<a/>", 4), 4);
    close(ends[1]);
    assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
    close(ends[0]);
    doc = vt_xml_parse_file("-", NULL);
    assert_null(vt_xml_parse_file("-", &error)); /* at its end now */
    assert_true(dup2(saved, STDIN_FILENO) >= 0);
    close(saved);
    assert_non_null(doc);
    assert_true(g_str_has_prefix(error->message, "standard input:"));
}

static void brief_is_one_short_line(void **state)
{
    g_autoptr(xmlDoc) doc =
        parse("<devices>\n  <interface type='network'>\n    <mac address='52:54:00:aa:bb:cc'/>\n"
              "    <model type='e1000'/>\n  </interface>\n <t>a  b &gt; &lt;漢字</t></devices>");
    xmlNode *root = xmlDocGetRootElement(doc);
    g_autofree char *whole = vt_xml_brief(root->children->next, 200);
    g_autofree char *cut = vt_xml_brief(root->children->next, 20);
    g_autofree char *none = vt_xml_brief(root, 0);
    g_autofree char *text = vt_xml_brief(root->last, 13);
    g_autofree char *of_doc = vt_xml_brief((xmlNode *)doc, 9);
    g_autofree char *attribute = vt_xml_brief((xmlNode *)root->children->next->properties, 99);

    assert_string_equal(
        whole,
        "<interface type=\"network\"><mac address=\"52:54:00:aa:bb:cc\"/><model type=\"e1000\"/>"
        "</interface>");
    assert_string_equal(cut, "<interface type=\"ne…");
    assert_string_equal(none, "");
    assert_string_equal(text, "<t>a b &gt; …");
    assert_string_equal(of_doc, "<devices…");
    assert_string_equal(attribute, "type=\"network\"");
}

static void pretty_does_not_depend_on_the_layout(void **state)
{
    g_autoptr(xmlDoc) flat =
        parse("<?xml version='1.0'?><!-- c --><domain type='kvm'><name>a</name><os><type "
              "arch=\"x86_64\">hvm"
              "</type></os><description> </description><m>one <b/> two</m><e></e></domain>");
    g_autoptr(xmlDoc) laid_out = parse(
        "<!-- c -->\n<domain\n  type='kvm'>\n\t<name>a</name>\n\n   <os>\n<type arch='x86_64'>hvm"
        "</type></os><description> </description>\n <m>one <b/> two</m><e/>\n</domain>\n");
    g_autofree char *a = vt_xml_pretty(flat);
    g_autofree char *b = vt_xml_pretty(laid_out);
    g_autofree char *again = vt_xml_pretty(flat);

    assert_string_equal(a, "<!-- c -->\n"
                           "<domain type=\"kvm\">\n"
                           "  <name>a</name>\n"
                           "  <os>\n"
                           "    <type arch=\"x86_64\">hvm</type>\n"
                           "  </os>\n"
                           "  <description> </description>\n"
                           "  <m>one <b/> two</m>\n"
                           "  <e/>\n"
                           "</domain>\n");
    assert_string_equal(b, a);
    assert_string_equal(again, a); /* the document itself is not touched */
}

static void pretty_keeps_what_is_not_ascii(void **state)
{
    g_autoptr(xmlDoc) doc =
        parse("<?xml version='1.0' encoding='ISO-8859-1'?><a x='gr\xf6\xdf'>\xe9</a>");
    g_autofree char *text = vt_xml_pretty(doc);

    assert_string_equal(text, "<a x=\"größ\">é</a>\n");
}

static const char schema_text[] =
    "<element name='rule' xmlns='http://relaxng.org/ns/structure/1.0'\n"
    " datatypeLibrary='http://www.w3.org/2001/XMLSchema-datatypes'>\n"
    " <attribute name='id'><data type='NCName'/></attribute>\n"
    " <interleave><element name='title'><text/></element>\n"
    " <optional><element name='why'><text/></element></optional></interleave>\n"
    "</element>\n";

static VtXmlSchema *load_schema(const char *dir, const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(dir, "s.rng", NULL);

    assert_true(g_file_set_contents(path, text, -1, NULL));
    return vt_xml_schema_load(path, error);
}

static void schemas_name_the_first_violation(void **state)
{
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"<rule>\n<title/></rule>", "r.xml:1: "},
        {"<rule id='1 2'>\n<title/></rule>", "r.xml:1: "},
        {"<rule id='a'>\n<title/>\n<extra/></rule>", "r.xml:3: "},
        {"<rule id='a'>\n<title/>\n<title/></rule>", "r.xml:"},
        {"<rule id='a'/>", "r.xml:1: "},
        {"<other/>", "r.xml:1: "},
    };
    g_autoptr(VtXmlSchema) schema = load_schema(*state, schema_text, NULL);
    g_autoptr(xmlDoc) good = parse("<rule id='a'><why/><title>t</title></rule>");

    assert_non_null(schema);
    assert_true(vt_xml_schema_validate(schema, good, "r.xml", NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(xmlDoc) doc = parse(bad[i].text);

        assert_false(vt_xml_schema_validate(schema, doc, "r.xml", &error));
        assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
        if (!g_str_has_prefix(error->message, bad[i].message))
            fail_msg("\"%s\" does not start with \"%s\"", error->message, bad[i].message);
    }
    /* The schema is as it was. */
    assert_true(vt_xml_schema_validate(schema, good, "r.xml", NULL));
}

static void broken_schemas_are_refused(void **state)
{
    static const char *const bad[] = {
        "<element name='a'/>",
        "<element xmlns='http://relaxng.org/ns/structure/1.0'><text/></element>",
        "<grammar xmlns='http://relaxng.org/ns/structure/1.0'><start><ref "
        "name='none'/></start></grammar>",
        "<element",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        assert_null(load_schema(*state, bad[i], &error));
        assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
        if (!strstr(error->message, i == 0 ? "s.rng: " : "s.rng:1: "))
            fail_msg("\"%s\" does not name the place", error->message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_and_values),
        cmocka_unit_test(elements_are_found_by_name),
        cmocka_unit_test(malformed_documents_name_the_line),
        cmocka_unit_test(warnings_are_no_errors),
        cmocka_unit_test(control_characters_of_a_document_are_not_repeated),
        cmocka_unit_test(document_types_are_refused_before_they_are_read),
        cmocka_unit_test(depth_and_size_are_limited),
        cmocka_unit_test(lines_beyond_65535_are_right),
        cmocka_unit_test_setup_teardown(only_regular_files_of_a_sane_size_are_read, make_dir,
                                        remove_dir),
        cmocka_unit_test(standard_input_is_a_file_too),
        cmocka_unit_test(brief_is_one_short_line),
        cmocka_unit_test(pretty_does_not_depend_on_the_layout),
        cmocka_unit_test(pretty_keeps_what_is_not_ascii),
        cmocka_unit_test_setup_teardown(schemas_name_the_first_violation, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(broken_schemas_are_refused, make_dir, remove_dir),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
