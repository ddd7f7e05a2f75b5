/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XPath expressions: what they find, what is refused at once, and that none runs away. */
#include "vt-test.h"

#include "base/error.h"
#include "base/xml.h"

static const char domain_text[] =
    "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n"
    " <name>web</name><vcpu current='2'>4</vcpu>\n"
    " <devices>\n"
    "  <disk device='cdrom'><target dev='sda' bus='sata'/></disk>\n"
    "  <interface type='network'><mac address='52:54:00:00:00:01'/><model "
    "type='e1000'/></interface>\n"
    "  <disk device='disk'><target dev='vda' bus='virtio'/></disk>\n"
    "  <interface type='bridge'><mac address='52:54:00:00:00:02'/><model "
    "type='virtio'/></interface>\n"
    " </devices>\n"
    " <qemu:commandline><qemu:arg value='-S'/></qemu:commandline>\n"
    "</domain>";

static int set_up(void **state)
{
    *state = vt_xml_parse(domain_text, sizeof domain_text - 1, NULL, NULL);
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    xmlFreeDoc(*state);
    return 0;
}

static VtXPath *compile(const char *expression)
{
    g_autoptr(GError) error = NULL;
    VtXPath *xpath = vt_xpath_new(expression, &error);

    if (!xpath)
        fail_msg("%s", error->message);
    return xpath;
}

static void tests_of_every_type(void **state)
{
    static const struct {
        const char *expression;
        gboolean value;
    } cases[] = {
        {"/domain/@type='kvm'", TRUE},
        {"/domain/@type='qemu'", FALSE},
        {"domain/devices/interface[model/@type='e1000']", TRUE},
        {"domain/devices/interface[model/@type='rtl8139']", FALSE},
        {"count(//interface) > 1 and not(//hostdev)", TRUE},
        {"count( //hostdev )", FALSE},
        {"string(//name)", TRUE},
        {"''", FALSE},
        {"0 div 0", FALSE},
        {"//qemu:arg[@value='-S']", TRUE},
        {"/domain/qemu:commandline/node()", TRUE},
        {"starts-with(//mac/@address, '52:54:00')", TRUE},
        {"contains('a,(b', ',(')", TRUE},
        {"//disk[position()=last()]/target[@bus='virtio']", TRUE},
        {"//text()[normalize-space()='web']", TRUE},
        {"child::domain/attribute::type", TRUE},
        {"(//and or //or) and (true())", FALSE},
        {"concat('a', \"b\", substring('xyz', 2, 1)) = 'aby'", TRUE},
        {"translate(//name,'w','W')='Web'", TRUE},
        {".", TRUE},
        {" 1 = 1.0 ", TRUE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VtXPath) xpath = compile(cases[i].expression);
        gboolean value = !cases[i].value;

        assert_string_equal(vt_xpath_text(xpath), cases[i].expression);
        assert_true(vt_xpath_test(xpath, *state, &value, NULL));
        if (value != cases[i].value)
            fail_msg("%s is %d", cases[i].expression, value);
    }
}

static void relative_paths_start_at_the_node(void **state)
{
    g_autoptr(VtXPath) each = compile("/domain/devices/interface");
    g_autoptr(VtXPath) type = compile("model/@type");
    g_autoptr(VtXPath) name = compile("concat(/domain/name, ' ', mac/@address)");
    g_autoptr(VtXPath) none = compile("driver/@name");
    g_autoptr(GPtrArray) nodes = NULL;
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;
    g_autofree char *both = NULL;
    g_autofree char *empty = NULL;

    assert_true(vt_xpath_nodes(each, *state, &nodes, NULL));
    assert_int_equal(nodes->len, 2);
    assert_true(vt_xpath_string(type, nodes->pdata[0], &first, NULL));
    assert_true(vt_xpath_string(type, nodes->pdata[1], &second, NULL));
    assert_true(vt_xpath_string(name, nodes->pdata[1], &both, NULL));
    assert_true(vt_xpath_string(none, nodes->pdata[1], &empty, NULL));
    assert_string_equal(first, "e1000");
    assert_string_equal(second, "virtio");
    assert_string_equal(both, "web 52:54:00:00:00:02");
    assert_string_equal(empty, "");
}

/* The words of nodes, joined by spaces. */
static char *select_words(xmlNode *node, const char *expression)
{
    g_autoptr(VtXPath) xpath = compile(expression);
    g_autoptr(GPtrArray) nodes = NULL;
    GString *words = g_string_new(NULL);

    assert_true(vt_xpath_nodes(xpath, node, &nodes, NULL));
    for (guint i = 0; i < nodes->len; i++) {
        xmlChar *content = xmlNodeGetContent(nodes->pdata[i]);

        g_string_append_printf(words, "%s%s", i > 0 ? " " : "", (char *)content);
        xmlFree(content);
    }
    return g_string_free(words, FALSE);
}

static void nodes_come_in_document_order(void **state)
{
    static const struct {
        const char *expression, *words;
    } cases[] = {
        {"//interface/model/@type | //disk/target/@dev", "sda e1000 vda virtio"},
        {"//interface[2]/preceding-sibling::*/target/@dev", "sda vda"},
        {"//vcpu/text() | //name/text()", "web 4"},
        {"//vcpu/@current | //vcpu/text() | /domain/@type", "kvm 2 4"},
        {"//hostdev", ""},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *words = select_words(*state, cases[i].expression);

        assert_string_equal(words, cases[i].words);
    }
}

static void assert_invalid(GError *error, const char *expression, const char *part)
{
    if (!error)
        fail_msg("%s was taken", expression);
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
    if (!strstr(error->message, expression) || !strstr(error->message, part))
        fail_msg("\"%s\" lacks \"%s\" or \"%s\"", error->message, expression, part);
}

static void only_node_sets_give_nodes(void **state)
{
    static const char *const others[] = {"count(//disk)", "'text'", "true()",
                                         "/domain/namespace::*"};

    for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autoptr(VtXPath) xpath = compile(others[i]);
        g_autoptr(GError) error = NULL;
        GPtrArray *nodes = NULL;

        assert_false(vt_xpath_nodes(xpath, *state, &nodes, &error));
        assert_null(nodes);
        assert_invalid(error, others[i], "select");
    }
}

static void mistakes_are_found_when_compiling(void **state)
{
    static const struct {
        const char *expression, *message;
    } bad[] = {
        {"", "not valid"},
        {"   ", "not valid"},
        {"/domain[", "not valid"},
        {"/domain]", "not valid"},
        {"//", "not valid"},
        {"a b", "not valid"},
        {"a = ", "not valid"},
        {"@", "not valid"},
        {"'open", "not closed"},
        {"count(//a", ""},
        {"/domain/foo:bar", "prefix \"foo\""},
        {"none/foo : bar", ""},
        {"none[foo:*]", "prefix \"foo\""},
        {"$x", "variables"},
        {"none[@a=$x]", "variables"},
        {"exists(a)", "no function \"exists\""},
        {"none[ends-with(a, 'b')]", "no function \"ends-with\""},
        {"document('/etc/passwd')", "no function \"document\""},
        {"none[qemu:f()]", ""},
        {"none[count()]", "number of arguments"},
        {"none[count(a, b)]", "number of arguments"},
        {"none[not()]", "number of arguments"},
        {"none[contains(a)]", "number of arguments"},
        {"none[contains(concat('a', 'b'))]", "number of arguments"},
        {"none[true(1)]", "number of arguments"},
        {"none[concat('a,b')]", "number of arguments"},
        {"substring('a', 1, 2, 3)", "number of arguments"},
        {"last(1)", "number of arguments"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(VtXPath) xpath = vt_xpath_new(bad[i].expression, &error);

        assert_invalid(error, bad[i].expression, bad[i].message);
        assert_null(xpath);
    }
}

static void expressions_are_limited_in_length_and_depth(void **state)
{
    g_autofree char *open = g_strnfill(2000, '(');
    g_autofree char *close = g_strnfill(2000, ')');
    g_autofree char *nested = g_strconcat(open, "1", close, NULL);
    g_autofree char *minus = g_strnfill(4000, '-');
    g_autofree char *negated = g_strconcat(minus, "1", NULL);
    g_autofree char *huge = g_strnfill(1000000, 'a');
    g_autoptr(VtXPath) a = NULL;
    g_autoptr(VtXPath) b = NULL;
    g_autoptr(GError) error = NULL;
    gboolean value = FALSE;

    /* Either is fine; a crash is not. */
    a = vt_xpath_new(nested, NULL);
    if (a)
        vt_xpath_test(a, *state, &value, NULL);
    b = vt_xpath_new(negated, NULL);
    if (b)
        vt_xpath_test(b, *state, &value, NULL);

    assert_null(vt_xpath_new(huge, &error));
    assert_true(strlen(error->message) < 200);
}

static void hostile_expressions_are_shown_safely(void **state)
{
    g_autoptr(GError) error = NULL;

    assert_null(vt_xpath_new("a[\x1b[2J", &error));
    assert_non_null(strstr(error->message, "a[\\x1b[2J"));
    assert_null(strchr(error->message, '\x1b'));
}

static xmlDoc *many_nodes(guint n)
{
    g_autoptr(GString) text = g_string_new("<a>");

    for (guint i = 0; i < n; i++)
        g_string_append(text, "<b><c/></b>");
    g_string_append(text, "</a>");
    return vt_xml_parse(text->str, text->len, NULL, NULL);
}

static void explosive_expressions_stop(void **state)
{
    static const char *const explosive[] = {
        "count(//*[//*[//*[//*]]])",
        "//*[count(//*[count(//*) > 1]) > 1]",
        "//b[preceding::b[preceding::b[preceding::b]]]",
        "//*[. = //*[. = //*]]",
    };
    g_autoptr(xmlDoc) doc = many_nodes(3000);

    for (gsize i = 0; i < G_N_ELEMENTS(explosive); i++) {
        g_autoptr(VtXPath) xpath = compile(explosive[i]);
        g_autoptr(GError) error = NULL;
        gboolean value = 42;

        if (vt_xpath_test(xpath, (xmlNode *)doc, &value, &error))
            fail_msg("%s did not stop", explosive[i]);
        assert_invalid(error, explosive[i], "too many steps");
        assert_int_equal(value, 42);
    }
    /* The bound is for each evaluation, not for all of them. */
    assert_true(vt_xml_has((xmlNode *)doc, "count(//b/c) = 3000"));
    assert_true(vt_xml_has(*state, "/domain/name"));
}

/* @elements with 100 bytes of text each. */
static xmlDoc *much_text(guint elements)
{
    g_autofree char *words = g_strnfill(100, 'x');
    g_autoptr(GString) text = g_string_new("<domain>");

    for (guint i = 0; i < elements; i++)
        g_string_append_printf(text, "<a>%s</a>", words);
    g_string_append(text, "</domain>");
    return vt_xml_parse(text->str, text->len, NULL, NULL);
}

/* Each step here copies all text, of which libxml2 counts nothing. */
static void copies_of_text_count_too(void **state)
{
    g_autoptr(xmlDoc) doc = much_text(50000);
    g_autoptr(VtXPath) copies = compile("//*[contains(string(/), string(.))]");
    g_autoptr(VtXPath) joined = compile("string-length(concat(/, 'a', concat(/, /, /), /, /, /, "
                                        "/, /, /, /, /, /, /, /, /)) > 1");
    g_autoptr(VtXPath) modest = compile("contains(concat(/domain, '-'), 'x')");
    g_autoptr(GError) error = NULL;
    const gint64 start = g_get_monotonic_time();
    gboolean value = FALSE;

    assert_false(vt_xpath_test(copies, (xmlNode *)doc, &value, &error));
    assert_non_null(strstr(error->message, "too many steps"));
    g_clear_error(&error);
    /* It would take hours. */
    assert_true(g_get_monotonic_time() - start < 60 * G_USEC_PER_SEC);
    assert_false(vt_xpath_test(joined, (xmlNode *)doc, &value, &error));
    assert_non_null(strstr(error->message, "too long a string"));
    g_clear_error(&error);
    assert_true(vt_xpath_test(modest, (xmlNode *)doc, &value, &error));
    assert_true(value);
}

static void errors_of_an_evaluation(void **state)
{
    static const char *const bad[] = {"count('a')", "sum(1)", "//disk[count(@device = 'disk')]",
                                      "'a'/b"};

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(VtXPath) xpath = vt_xpath_new(bad[i], &error);
        g_autofree char *text = NULL;

        if (xpath)
            assert_false(vt_xpath_string(xpath, *state, &text, &error));
        assert_null(text);
        assert_invalid(error, bad[i], "");
    }
    /* A failure leaves nothing behind. */
    assert_true(vt_xml_has(*state, "//disk"));
}

/* Expressions outlive documents, and so does what is cached between evaluations. */
static void one_expression_for_many_documents(void **state)
{
    g_autoptr(VtXPath) xpath = compile("/domain/name | /domain/@id");

    for (guint i = 0; i < 50; i++) {
        g_autofree char *text = g_strdup_printf("<domain id='%u'><name>n%u</name></domain>", i, i);
        g_autoptr(xmlDoc) doc = vt_xml_parse(text, strlen(text), NULL, NULL);
        g_autoptr(GPtrArray) nodes = NULL;
        g_autofree char *id = NULL;
        g_autofree char *expected = g_strdup_printf("%u", i);

        assert_true(vt_xpath_nodes(xpath, (xmlNode *)doc, &nodes, NULL));
        assert_int_equal(nodes->len, 2);
        assert_true(vt_xpath_string(xpath, (xmlNode *)doc, &id, NULL));
        assert_string_equal(id, expected);
    }
}

static gpointer evaluate_in_thread(gpointer doc)
{
    guint hits = 0;

    for (guint i = 0; i < 500; i++)
        hits += vt_xml_has(doc, "/domain/devices/interface[model/@type='e1000']") ? 1 : 0;
    return GUINT_TO_POINTER(hits);
}

static void threads_have_contexts_of_their_own(void **state)
{
    GThread *threads[4];

    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("xpath", evaluate_in_thread, *state);
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        assert_int_equal(GPOINTER_TO_UINT(g_thread_join(threads[i])), 500);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tests_of_every_type),
        TEST(relative_paths_start_at_the_node),
        TEST(nodes_come_in_document_order),
        TEST(only_node_sets_give_nodes),
        TEST(mistakes_are_found_when_compiling),
        TEST(expressions_are_limited_in_length_and_depth),
        TEST(hostile_expressions_are_shown_safely),
        TEST(explosive_expressions_stop),
        TEST(copies_of_text_count_too),
        TEST(errors_of_an_evaluation),
        TEST(one_expression_for_many_documents),
        TEST(threads_have_contexts_of_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
