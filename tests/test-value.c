/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of patches and commands: what they give, and why they cannot. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "plan/value.h"
#include "rule/rule-load.h"
#include "vt-test.h"

static const char xml[] =
    "<domain type='kvm'><name>web one</name><uuid>11111111-2222-3333-4444-555555555555</uuid><vcpu current='3'>4</vcpu>"
    "<devices><disk><target dev='hda'/></disk><disk><target dev='vda'/></disk><disk><target dev='vdc'/></disk>"
    "<disk/><interface><target dev='vdb'/></interface></devices></domain>";

static VtDomain *new_domain(const char *text)
{
    g_autoptr(GError) error = NULL;
    VtDomain *domain = vt_domain_from_xml(text, strlen(text), "d.xml", &error);

    if (!domain)
        fail_msg("%s", error->message);
    return domain;
}

static void check(const VtValueContext *context, const char *name, const char *argument,
                  const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *got = vt_value_lookup(name, argument, (gpointer)context, &error);

    if (!got)
        fail_msg("{%s}: %s", name, error->message);
    assert_string_equal(got, expected);
}

/* @words stand in the message. */
static void check_fails(const VtValueContext *context, const char *name, const char *argument,
                        const char *words)
{
    g_autoptr(GError) error = NULL;

    assert_null(vt_value_lookup(name, argument, (gpointer)context, &error));
    assert_non_null(error);
    if (!strstr(error->message, words))
        fail_msg("\"%s\" does not say \"%s\"", error->message, words);
}

static void test_free_target(void **state)
{
    g_autoptr(VtDomain) domain = new_domain(xml);
    VtValueContext context = {.domain = domain};
    static const char *const bad[] = {NULL, "", "VD", "vd1", "v d", "../vd", "abcdefghi"};

    /* An interface's name does not count, a gap is used. */
    check(&context, "free-target", "vd", "vdb");
    check(&context, "free-target", "hd", "hdb");
    check(&context, "free-target", "sd", "sda");
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        check_fails(&context, "free-target", bad[i], "{free-target:vd}");
    context.domain = &(VtDomain){.name = (char *)"x"};
    check_fails(&context, "free-target", "vd", "not known");
}

/* The tree as already patched decides, and the letters go on behind z. */
static void test_free_target_in_patched_tree(void **state)
{
    g_autoptr(VtDomain) domain = new_domain(xml);
    g_autoptr(GString) text = g_string_new("<domain><devices>");
    g_autoptr(xmlDoc) doc = NULL;
    VtValueContext context = {.domain = domain};

    for (char c = 'a'; c <= 'z'; c++)
        g_string_append_printf(
            text, "<disk><target dev='vd%c'/></disk><disk><target dev='vda%c'/></disk>", c, c);
    g_string_append(text, "</devices></domain>");
    context.doc = doc = vt_xml_parse(text->str, text->len, NULL, NULL);
    check(&context, "free-target", "vd", "vdba");
    check(&context, "free-target", "sd", "sda");
}

/* A disk may keep the name that it has, and no name of the others. */
static void test_free_target_of_a_disk(void **state)
{
    static const char text[] = "<domain><devices><disk><target dev='vda'/></disk>"
                               "<disk><target dev='vdb'/></disk></devices></domain>";
    g_autoptr(VtDomain) domain = new_domain(xml);
    g_autoptr(xmlDoc) doc = vt_xml_parse(text, strlen(text), NULL, NULL);
    VtValueContext context = {.domain = domain, .doc = doc};
    xmlNode *devices = xmlDocGetRootElement(doc)->children;

    context.device = devices->children;
    check(&context, "free-target", "vd", "vda");
    context.device = devices->children->next;
    check(&context, "free-target", "vd", "vdb");
    context.device = devices;
    check(&context, "free-target", "vd", "vdc");
}

static void test_numbers_and_names(void **state)
{
    g_autoptr(VtDomain) domain = new_domain(xml);
    VtValueContext context = {.domain = domain, .irq = "24"};
    VtDomain empty = {.name = (char *)"x"};

    check(&context, "vcpus", NULL, "3");
    check(&context, "name", NULL, "web one");
    check(&context, "uuid", NULL, "11111111-2222-3333-4444-555555555555");
    check(&context, "irq", NULL, "24");
    check_fails(&context, "vcpus", "1", "takes no argument");
    check_fails(&context, "vcpu", NULL, "there is no value {vcpu}");
    check_fails(&context, "", NULL, "there is no value {}");
    context = (VtValueContext){.domain = &empty};
    check_fails(&context, "vcpus", NULL, "number of vCPUs is not known");
    check_fails(&context, "uuid", NULL, "UUID is not known");
    check_fails(&context, "irq", NULL, "no interrupt of the host");
}

static void test_host_cpus(void **state)
{
    g_autoptr(VtDomain) domain = new_domain(xml);
    g_autoptr(VtHost) host = vt_host_new();
    VtValueContext context = {.domain = domain};
    VtHostDomain *place;

    check_fails(&context, "housekeeping-cpus", NULL, "not known");
    check_fails(&context, "vcpu-cpus", NULL, "not known");
    context.host = host;
    check_fails(&context, "housekeeping-cpus", NULL, "not known");
    check_fails(&context, "vcpu-cpus", NULL, "not known");
    vt_host_set(host, "cpus.housekeeping", "");
    check_fails(&context, "housekeeping-cpus", NULL, "no CPU of the host is left over");
    vt_host_set(host, "cpus.housekeeping", "0-1,8");
    check(&context, "housekeeping-cpus", NULL, "0-1,8");
    place = vt_host_add_domain(host, domain->uuid, domain->name, 3);
    g_hash_table_insert(place->facts, g_strdup("vcpu-cpus"), g_strdup("2-4"));
    check(&context, "vcpu-cpus", NULL, "2-4");
    check_fails(&context, "host-cpus", NULL, "number of CPUs is not known");
    vt_host_set(host, "cpus.count", "8");
    check(&context, "host-cpus", NULL, "8");
    check_fails(&context, "vcpu-node", NULL, "single NUMA node");
    g_hash_table_insert(place->facts, g_strdup("node"), g_strdup("several"));
    check_fails(&context, "vcpu-node", NULL, "single NUMA node");
    g_hash_table_insert(place->facts, g_strdup("node"), g_strdup("1"));
    check(&context, "vcpu-node", NULL, "1");
}

/* The list of other domains is kept, and comes back. */
static void test_nohz_full(void **state)
{
    g_autoptr(VtDomain) domain = new_domain(xml);
    g_autoptr(VtHost) host = vt_host_new();
    VtValueContext context = {.domain = domain};
    VtHostDomain *place;

    check_fails(&context, "nohz-full-cpus", NULL, "not known to be pinned");
    check_fails(&context, "nohz-full-restore", NULL, "nohz_full= already is not known");
    context.host = host;
    check_fails(&context, "nohz-full-cpus", NULL, "not known to be pinned");
    place = vt_host_add_domain(host, domain->uuid, domain->name, 3);
    g_hash_table_insert(place->facts, g_strdup("vcpu-cpus"), g_strdup("2-4"));
    check_fails(&context, "nohz-full-cpus", NULL, "nohz_full= already is not known");
    vt_host_set(host, "cpus.nohz-full", "");
    check(&context, "nohz-full-cpus", NULL, "2-4");
    check(&context, "nohz-full-restore", NULL, "--remove-args=nohz_full");
    vt_host_set(host, "cpus.nohz-full", "4,6-7");
    check(&context, "nohz-full-cpus", NULL, "2-4,6-7");
    check(&context, "nohz-full-restore", NULL, "--args=nohz_full=4,6-7");
    check_fails(&context, "nohz-full-cpus", "2", "takes no argument");
    vt_host_set(host, "cpus.nohz-full", "6-");
    check_fails(&context, "nohz-full-cpus", NULL, "6-");
    check_fails(&context, "nohz-full-restore", NULL, "6-");
}

/* In a command a name is one word that cannot be anything else. */
static void test_shell_words(void **state)
{
    static const struct {
        const char *name, *word;
    } cases[] = {
        {"web1", "web1"},
        {"web one", "'web one'"},
        {"$(reboot)", "'$(reboot)'"},
        {"a;b", "'a;b'"},
        {"it's", "'it'\\''s'"},
        {"-rf", "UUID"},
        {"17", "UUID"},
        {"17a", "17a"},
        {"esc\x1b[2J", "UUID"},
        {"new\nline", "UUID"},
        {"rtl\xe2\x80\xaetxt", "UUID"},
        {"bad\xff", "UUID"},
        {"", "UUID"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        VtDomain domain = {.name = (char *)cases[i].name, .uuid = (char *)"UUID"};
        VtValueContext context = {.domain = &domain, .shell = TRUE};
        g_autofree char *word = vt_value_domain_word(&domain);

        assert_string_equal(word, cases[i].word);
        check(&context, "name", NULL, cases[i].word);
        context.shell = FALSE;
        check(&context, "name", NULL, cases[i].name);
    }
}

static void test_no_shell_word(void **state)
{
    VtDomain domain = {.name = (char *)"-x"};
    VtValueContext context = {.domain = &domain, .shell = TRUE};

    assert_null(vt_value_domain_word(&domain));
    check_fails(&context, "name", NULL, "UUID is not known");
}

/* All problems of a rule with this change, a line each. */
static char *lint(const char *change)
{
    g_autofree char *text = g_strconcat(
        "<rule format='1' id='r' severity='low' since='0.1' structural='yes'><title>T</title><why>W</why>\n"
        "<risk>R</risk>\n",
        change, "<reference href='https://example.org/'>R</reference></rule>", NULL);
    g_autofree char *path = vt_test_src("data/rules.rng");
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(VtXmlSchema) schema = vt_xml_schema_load(path, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(VtRule) rule = vt_rule_load_memory(text, strlen(text), "r.xml", schema, &error);

    if (!rule)
        fail_msg("%s", error->message);
    vt_value_lint(rule, problems);
    g_ptr_array_add(problems, NULL);
    return g_strjoinv("\n", (char **)problems->pdata);
}

static void test_lint(void **state)
{
    static const struct {
        const char *change, *problems;
    } cases[] = {
        {"<change target='domain' effect='live'><add sel='/domain'><a b='{vcpus}'><c>{free-target:vd}</c>\n"
         "<!-- {none} --></a></add></change>",
         ""},
        {"<change target='domain' effect='live'>\n<add sel='/domain'>\n<a b='{one}'><c d='{free-target}'/>\n"
         "<e>{vcpus:2}</e></a></add></change>",
         "r.xml:5: there is no value {one}; virt-tune-rule(5) lists them\n"
         "r.xml:5: {free-target} needs the letters that the names start with, as in {free-target:vd}\n"
         "r.xml:6: {vcpus} takes no argument"},
        {"<change target='host' effect='live'><text>{two}</text><command undo='{irq}'>{name} {{x</command></change>",
         "r.xml:3: there is no value {two}; virt-tune-rule(5) lists them\n"
         "r.xml:3: {irq} has a meaning only in a rule that looks at the host's interrupts"},
        {"<each in='host-irqs-on-vcpus'/><change target='host' effect='live'><command>{irq}</command></change>",
         ""},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *problems = lint(cases[i].change);

        assert_string_equal(problems, cases[i].problems);
    }
}

static void test_our_rules(void **state)
{
    g_autofree char *path = vt_test_src("data/rules.rng"), *dir = vt_test_src("data/rules");
    g_autoptr(VtXmlSchema) schema = vt_xml_schema_load(path, NULL);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    g_autoptr(VtRuleSet) rules = vt_rule_load_dir(dir, schema, &error);

    if (!rules)
        fail_msg("%s", error->message);
    for (guint i = 0; i < rules->rules->len; i++)
        vt_value_lint(g_ptr_array_index(rules->rules, i), problems);
    if (problems->len > 0)
        fail_msg("%s", (const char *)g_ptr_array_index(problems, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_free_target),
        cmocka_unit_test(test_free_target_in_patched_tree),
        cmocka_unit_test(test_free_target_of_a_disk),
        cmocka_unit_test(test_numbers_and_names),
        cmocka_unit_test(test_host_cpus),
        cmocka_unit_test(test_nohz_full),
        cmocka_unit_test(test_shell_words),
        cmocka_unit_test(test_no_shell_word),
        cmocka_unit_test(test_lint),
        cmocka_unit_test(test_our_rules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
