/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of patches and commands: what they give, and why they cannot. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "plan/value.h"
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
    check_fails(&context, "irq", NULL, "host's interrupts");
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

static void test_known(void **state)
{
    static const char *const plain[] = {"vcpus", "housekeeping-cpus", "vcpu-cpus", "name", "uuid",
                                        "irq"};
    gboolean has_argument = FALSE;

    assert_true(vt_value_is_known("free-target", &has_argument));
    assert_true(has_argument);
    for (gsize i = 0; i < G_N_ELEMENTS(plain); i++) {
        assert_true(vt_value_is_known(plain[i], &has_argument));
        assert_false(has_argument);
    }
    assert_false(vt_value_is_known("free-targets", &has_argument));
    assert_false(vt_value_is_known("", &has_argument));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_free_target),
        cmocka_unit_test(test_free_target_in_patched_tree),
        cmocka_unit_test(test_numbers_and_names),
        cmocka_unit_test(test_host_cpus),
        cmocka_unit_test(test_shell_words),
        cmocka_unit_test(test_no_shell_word),
        cmocka_unit_test(test_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
