/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several changes of one domain: what joins, what is left out, and what they come to together. */
#include "config.h"

#include <string.h>

#include "plan/compose.h"
#include "plan/plan.h"
#include "plan/seed.h"
#include "rule/rule-load.h"
#include "vt-test.h"

#define MAC "52:54:00:00:00:01"
#define UUID "11111111-2222-3333-4444-555555555555"
#define RULE(id, body) RULE_OF(id, "yes", body)
#define RULE_OF(id, structural, body)                                                              \
    "<rule format='1' id='" id "' severity='medium' since='0.1' structural='" structural "'>"      \
    "<title>T</title><why>W</why><risk>R</risk>" body                                              \
    "<reference href='https://example.org/'>R</reference></rule>"
#define CHANGE(ops) "<change target='domain' effect='power-cycle'>" ops "</change>"
#define MARK(element) CHANGE("<add sel='.'><" element "/></add>")
#define LINK(kind, rule) "<" kind " rule='" rule "'>L</" kind ">"
#define EACH(model) "<each select=\"devices/interface[model/@type='" model "']\"/>"

static const char *const texts[] = {
    RULE("nic", "<each select=\"devices/interface\"/><require><domain test=\"model/@type!='virtio'\"/>"
                "</require><symptom><rate metric='exit.mmio' above='1000'/></symptom>"
                CHANGE("<replace sel='model/@type'>virtio</replace>")),
    RULE("vhost", EACH("virtio") "<satisfied test=\"driver/@name='vhost'\"/>"
         CHANGE("<add sel='.' if='not(driver)'><driver/></add>"
                "<remove sel='driver/@name' if='driver/@name'/>"
                "<add sel='driver' type='@name'>vhost</add>")),
    RULE("queues", EACH("virtio") "<require><domain test='/domain/vcpu > 1'/></require>"
         "<guard why='There is no vhost.'><domain test=\"not(driver/@name='vhost')\"/></guard>"
         "<satisfied test='driver/@queues'/>"
         CHANGE("<add sel='driver' type='@queues'>{vcpus}</add>")),
    /* Has a say about every card, and found nothing. */
    RULE("measured", "<each select='devices/interface'/>"
         "<symptom><rate metric='exit.io' above='1000'/></symptom>"
         CHANGE("<add sel='.'><measured/></add>")),
    /* By what the guest gets done, which is the same with another card. */
    RULE_OF("load", "no", EACH("virtio") "<symptom><rate metric='block.requests' per='domain' above='5000'/></symptom>"
         CHANGE("<add sel='.'><load/></add>")),
    /* The same in another way, which does not go with another. */
    RULE("modern", "<each select=\"devices/interface\"/><satisfied test=\"model/@type='virtio'\"/>"
         CHANGE("<replace sel='model/@type'>virtio</replace>") LINK("conflicts", "third")),
    RULE("plain", "<each select=\"devices/interface\"/>"
         "<guard why='It is virtio now.'><domain test=\"model/@type='virtio'\"/></guard>"
         CHANGE("<replace sel='model/@type'>rtl8139</replace>")),
    /* What another card calls for beside it, and what has links to it: none of that goes with it. */
    RULE("old", "<each select='devices/interface'/><satisfied test=\"model/@type='ne2k_pci'\"/>"
         CHANGE("<replace sel='model/@type'>ne2k_pci</replace>")
         LINK("supersedes", "comes-after") LINK("conflicts", "is-excluded")),
    RULE("comes-after", EACH("ne2k_pci") MARK("after")),
    RULE("is-excluded", EACH("ne2k_pci") MARK("excluded")),
    RULE("excludes", EACH("ne2k_pci") MARK("excludes") LINK("conflicts", "old") LINK("conflicts", "third")),
    RULE("goes-before", EACH("ne2k_pci") MARK("before") LINK("supersedes", "old")),
    RULE("by-then", EACH("ne2k_pci") MARK("then")),
    RULE("third", EACH("ne2k_pci") MARK("third")),
    RULE("excludes-third", "<each select='devices/interface'/>" MARK("mark") LINK("conflicts", "third")),
    RULE("first", EACH("ne2k_pci") MARK("first") LINK("supersedes", "by-then")),
    /* After the first the second must not be made, which only the site can tell. */
    RULE("lock", "<each select='devices/disk'/>" CHANGE("<add sel='.'><readonly/></add>")),
    RULE("cache", "<each select='devices/disk'/>"
         CHANGE("<add sel='driver' type='@cache'>none</add>")),
};

static const char xml[] =
    "<domain type='kvm'><name>d</name><uuid>" UUID "</uuid>"
    "<vcpu>4</vcpu><devices><interface type='network'><mac address='" MAC "'/>"
    "<model type='e1000'/><driver name='qemu'/></interface>"
    "<interface type='network'><mac address='52:54:00:00:00:02'/><model type='virtio'/>"
    "<driver name='vhost' queues='4'/></interface><disk type='file' device='disk'>"
    "<driver name='qemu' type='raw'/><target dev='vda' bus='virtio'/></disk></devices></domain>";

typedef struct {
    VtRuleSet *rules;
    VtDomain *domain;
    VtProfile *profile;
    VtMatchInput input;
    GPtrArray *findings, *notes, *chosen;
    gboolean whole;              /* work is counted once, over the whole sample */
    const char *only;            /* the one rule that may join; NULL: any */
    const char *waived, *device; /* whose advice the site has waived, and where; NULL: nowhere else */
} Fixture;

static int setup(void **state)
{
    Fixture *f = g_new0(Fixture, 1);
    g_autofree char *path = vt_test_src("data/rules.rng");
    g_autoptr(VtXmlSchema) schema = vt_xml_schema_load(path, NULL);

    f->rules = vt_rule_set_new();
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        VtRule *rule =
            vt_rule_load_memory(texts[i], strlen(texts[i]), "rule.xml", schema, &error);

        if (!rule)
            fail_msg("%s", error->message);
        vt_rule_set_add(f->rules, rule);
    }
    f->domain = vt_domain_from_xml(xml, strlen(xml), "d.xml", NULL);
    f->profile = vt_profile_new();
    for (guint i = 0; i < 3; i++) {
        vt_profile_add_window(f->profile, 1000000000, 1);
        vt_profile_add(f->profile, i, "exit.mmio", "test", 30000);
    }
    vt_profile_set_covers(f->profile, "exit");
    assert_true(vt_profile_finish(f->profile, NULL));
    f->input = (VtMatchInput){.domain = f->domain, .profile = f->profile};
    f->findings = vt_rule_match(f->rules, &f->input);
    f->notes = g_ptr_array_new_with_free_func(g_free);
    f->chosen = g_ptr_array_new();
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    Fixture *f = *state;

    g_ptr_array_unref(f->chosen);
    g_ptr_array_unref(f->notes);
    g_ptr_array_unref(f->findings);
    vt_profile_unref(f->profile);
    vt_domain_unref(f->domain);
    vt_rule_set_free(f->rules);
    g_free(f);
    return 0;
}

static void choose_device(Fixture *f, const char *rule, const char *device)
{
    for (guint i = 0; i < f->findings->len; i++) {
        VtFinding *finding = g_ptr_array_index(f->findings, i);

        if (g_str_equal(finding->rule, rule) && g_strcmp0(finding->device, device) == 0) {
            assert_int_equal(finding->verdict, VT_VERDICT_ADVISE);
            g_ptr_array_add(f->chosen, finding);
            return;
        }
    }
    fail_msg("%s does not speak of %s", rule, device);
}

static void choose(Fixture *f, const char *rule)
{
    choose_device(f, rule, MAC);
}

static gboolean wanted(const VtFinding *finding, gpointer data)
{
    const Fixture *f = data;

    return !f->only || g_str_equal(finding->rule, f->only);
}

static void settle(const VtDomain *domain, GPtrArray *findings, gpointer data)
{
    const Fixture *f = data;

    assert_string_equal(domain->uuid, UUID);
    vt_seed_block(domain, FALSE, findings);
    for (guint i = 0; f->waived && i < findings->len; i++) {
        VtFinding *finding = g_ptr_array_index(findings, i);

        if (finding->verdict == VT_VERDICT_ADVISE && g_str_equal(finding->rule, f->waived) &&
            (!f->device || g_strcmp0(finding->device, f->device) == 0))
            finding->waived_by = g_strdup("site");
    }
}

/* The rules that are taken, in their order. */
static char *compose(Fixture *f, GPtrArray **ret_taken)
{
    const VtComposeSite site = {settle, wanted, f};
    g_autoptr(GPtrArray) taken = vt_compose(f->rules, &f->input, f->chosen, &site, f->findings, f->notes);
    g_autoptr(GString) names = g_string_new(NULL);

    for (guint i = 0; i < taken->len; i++)
        g_string_append_printf(names, " %s", ((const VtFinding *)taken->pdata[i])->rule);
    if (ret_taken)
        *ret_taken = g_steal_pointer(&taken);
    return g_strdup(names->str);
}

/* e1000, no vhost, a single queue: one plan. */
static void test_one_plan(void **state)
{
    Fixture *f = *state;
    g_autoptr(GPtrArray) taken = NULL;
    g_autofree char *names = NULL, *text = NULL;
    g_autoptr(xmlDoc) doc = xmlCopyDoc(f->domain->inactive, 1);

    choose(f, "nic");
    names = compose(f, &taken);
    assert_string_equal(names, " nic vhost queues");
    for (guint i = 0; i < taken->len; i++) {
        const VtFinding *finding = g_ptr_array_index(taken, i);

        assert_string_equal(finding->device, MAC);
        assert_true(vt_plan_patch(vt_rule_set_find(f->rules, finding->rule), finding, NULL,
                                  f->domain, NULL, doc, NULL));
    }
    /* By the XML alone: what was measured was another card's. */
    assert_int_equal(((const VtFinding *)taken->pdata[1])->confidence, VT_CONFIDENCE_STRUCTURAL);
    text = vt_xml_pretty(doc);
    assert_non_null(strstr(text, "<mac address=\"" MAC "\"/>\n      <model type=\"virtio\"/>\n"
                                 "      <driver name=\"vhost\" queues=\"4\"/>\n"));
    assert_int_equal(f->notes->len, 2);
    assert_string_equal(f->notes->pdata[0],
                        "vhost (" MAC ") joins: it applies after nic (" MAC ").");
    assert_string_equal(f->notes->pdata[1],
                        "queues (" MAC ") joins: it applies after vhost (" MAC ").");
}

/* Adds what was counted in each of the three windows of a second, or once over all of them. */
static void add_work(VtProfile *profile, const char *metric, guint64 count, gboolean whole)
{
    for (guint i = 0; !whole && i < 3; i++)
        vt_profile_add(profile, i, metric, "test", count);
    if (whole)
        vt_profile_add_whole(profile, metric, "test", 3 * count, 3 * G_GUINT64_CONSTANT(1000000000));
}

/* Advice by the work that was measured, however that was counted, and by nothing else. */
static void test_work(void **state)
{
    Fixture *f = *state;
    g_autofree char *names = NULL;

    f->only = "load";
    add_work(f->profile, "block.requests", 6000, f->whole);
    assert_true(vt_profile_finish(f->profile, NULL));
    choose(f, "nic");
    names = compose(f, NULL);
    assert_string_equal(names, " nic load");
}

static void test_whole_work(void **state)
{
    ((Fixture *)*state)->whole = TRUE;
    test_work(state);
}

/* The shipped rules: a card that moves many packets gets virtio and, with it, a queue for each vCPU;
 * vhost-net comes by itself where the host has it. Without the packets it is the card alone, and so
 * where the host has no vhost-net. */
static void assert_shipped(guint64 packets, gboolean whole, const char *vhost, const char *expected)
{
    g_autofree char *schema_path = vt_test_src("data/rules.rng");
    g_autofree char *dir = vt_test_src("data/rules");
    g_autoptr(VtXmlSchema) schema = vt_xml_schema_load(schema_path, NULL);
    g_autoptr(VtRuleSet) rules = vt_rule_load_dir(dir, schema, NULL);
    g_autoptr(VtDomain) domain = NULL;
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autoptr(VtHost) host = vt_host_new();
    g_autoptr(GPtrArray) findings = NULL, chosen = g_ptr_array_new(), taken = NULL;
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) names = g_string_new(NULL);
    g_autoptr(xmlDoc) doc = NULL;
    g_autofree char *text = NULL;
    Fixture all = {0};
    static const char e1000[] =
        "<domain type='kvm' id='3'><name>d</name><uuid>" UUID "</uuid>"
        "<memory>1048576</memory><vcpu>4</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os>"
        "<devices><interface type='network'><mac address='" MAC "'/><source network='default'/>"
        "<model type='e1000'/></interface></devices></domain>";

    assert_non_null(rules);
    domain = vt_domain_new("d", UUID);
    doc = vt_xml_parse(e1000, strlen(e1000), "d.xml", NULL);
    xmlUnsetProp(xmlDocGetRootElement(doc), BAD_CAST "id"); /* of the running domain only */
    assert_true(vt_domain_set_xml(domain, vt_xml_parse(e1000, strlen(e1000), "d.xml", NULL),
                                  xmlCopyDoc(doc, 1), "d.xml", NULL));
    domain->active = TRUE;
    for (guint i = 0; i < 3; i++) {
        vt_profile_add_window(profile, 1000000000, 4);
        vt_profile_add(profile, i, "exit.mmio", "test", 60000);
    }
    add_work(profile, "net.packets", packets, whole);
    vt_profile_set_covers(profile, "exit");
    assert_true(vt_profile_finish(profile, NULL));
    vt_host_set(host, "vhost-net", vhost);
    vt_host_set(host, "overcommit", "N");
    g_hash_table_insert(vt_host_add_domain(host, domain->uuid, "d", 4)->facts,
                        g_strdup("vhost-threads"), g_strdup("0"));
    findings = vt_rule_match(rules, &(VtMatchInput){.domain = domain, .profile = profile, .host = host});
    for (guint i = 0; i < findings->len; i++)
        if (((VtFinding *)findings->pdata[i])->verdict == VT_VERDICT_ADVISE)
            g_ptr_array_add(chosen, findings->pdata[i]);
    taken = vt_compose(rules, &(VtMatchInput){.domain = domain, .profile = profile, .host = host},
                       chosen, &(VtComposeSite){settle, wanted, &all}, findings, notes);
    for (guint i = 0; i < taken->len; i++) {
        const VtFinding *finding = g_ptr_array_index(taken, i);

        g_string_append_printf(names, " %s", finding->rule);
        assert_true(vt_plan_patch(vt_rule_set_find(rules, finding->rule), finding, NULL, domain,
                                  host, doc, NULL));
    }
    assert_string_equal(names->str, expected);
    text = vt_xml_pretty(doc);
    assert_non_null(strstr(text, "<model type=\"virtio\"/>"));
    assert_int_equal(strstr(text, "<driver queues=\"4\"/>") != NULL,
                     strstr(expected, "net-queues") != NULL);
}

static void test_shipped(void **state)
{
    for (gboolean whole = FALSE; whole <= TRUE; whole++) {
        assert_shipped(300000, whole, "Y", " virtio-net net-queues");
        assert_shipped(100000, whole, "Y", " virtio-net");
        assert_shipped(300000, whole, "N", " virtio-net");
    }
}

static void test_only_wanted(void **state)
{
    Fixture *f = *state;
    g_autofree char *names = NULL;

    f->only = "vhost";
    choose(f, "nic");
    names = compose(f, NULL);
    assert_string_equal(names, " nic vhost");
}

/* The finding of the card, whether it was taken or not; NULL. */
static const VtFinding *find(const Fixture *f, const char *rule)
{
    for (guint i = 0; i < f->findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(f->findings, i);

        if (g_str_equal(finding->rule, rule) && g_strcmp0(finding->device, MAC) == 0)
            return finding;
    }
    return NULL;
}

/* What the site has waived does not join, nor what it alone would call for; who asks for it hears of the waiver. */
static void test_waived_does_not_join(void **state)
{
    Fixture *f = *state;
    g_autofree char *names = NULL;

    f->waived = "vhost";
    choose(f, "nic");
    names = compose(f, NULL);
    assert_string_equal(names, " nic");
    assert_int_equal(f->notes->len, 0);
    assert_non_null(find(f, "vhost"));
    assert_string_equal(find(f, "vhost")->waived_by, "site");
    assert_null(find(f, "queues"));
}

static void test_waived_behind_another(void **state)
{
    Fixture *f = *state;
    g_autofree char *names = NULL;

    f->waived = "queues";
    f->device = MAC;
    choose(f, "nic");
    names = compose(f, NULL);
    assert_string_equal(names, " nic vhost");
    assert_int_equal(f->notes->len, 1);
    assert_string_equal(find(f, "queues")->waived_by, "site");
}

static void test_waived_of_another_device(void **state)
{
    Fixture *f = *state;
    g_autofree char *names = NULL;

    f->waived = "queues";
    f->device = "52:54:00:00:00:02";
    choose(f, "nic");
    names = compose(f, NULL);
    assert_string_equal(names, " nic vhost queues");
}

/* What nobody wants is not kept, waived or not. */
static void test_waived_and_not_wanted(void **state)
{
    Fixture *f = *state;
    g_autofree char *names = NULL;

    f->waived = "vhost";
    f->only = "nothing";
    choose(f, "nic");
    names = compose(f, NULL);
    assert_string_equal(names, " nic");
    assert_null(find(f, "vhost"));
}

/* Neither what is there already nor what would undo it. */
static void test_left_out(void **state)
{
    Fixture *f = *state;
    g_autofree char *names = NULL;

    f->only = "nothing";
    choose(f, "nic");
    choose(f, "modern");
    choose(f, "plain");
    names = compose(f, NULL);
    assert_string_equal(names, " nic");
    assert_int_equal(f->notes->len, 2);
    assert_string_equal(f->notes->pdata[0], "modern (" MAC ") is left out: after nic (" MAC
                                            ") there is nothing left for it to change.");
    assert_string_equal(f->notes->pdata[1],
                        "plain (" MAC ") is left out: after nic (" MAC
                        ") there is a reason against it. It is virtio now.");
}

/* What the site, and not a rule, has against it after an earlier change. */
static void test_site_is_against_it(void **state)
{
    Fixture *f = *state;
    g_autofree char *names = NULL;

    choose_device(f, "lock", "vda");
    choose_device(f, "cache", "vda");
    names = compose(f, NULL);
    assert_string_equal(names, " lock");
    assert_int_equal(f->notes->len, 1);
    assert_true(g_str_has_prefix(f->notes->pdata[0],
                                 "cache (vda) is left out: after lock (vda) there is a reason "
                                 "against it. The disk is read-only"));
}

static void test_site_has_nothing_against_it(void **state)
{
    Fixture *f = *state;
    g_autofree char *names = NULL;

    choose_device(f, "cache", "vda");
    choose_device(f, "lock", "vda");
    names = compose(f, NULL);
    assert_string_equal(names, " cache lock");
}

static void assert_gives_way(const Fixture *f, const char *rule, const char *by)
{
    assert_non_null(find(f, rule));
    assert_non_null(find(f, rule)->superseded_by);
    assert_string_equal(find(f, rule)->superseded_by, by);
}

/* What excludes the change that calls for it, or is to be tried before or after it, does not join; of
 * two that follow one can go first, unless that does not join. */
static void test_links(void **state)
{
    Fixture *f = *state;
    g_autofree char *names = NULL;

    choose(f, "old");
    names = compose(f, NULL);
    assert_string_equal(names, " old first third");
    assert_int_equal(f->notes->len, 2);
    assert_gives_way(f, "comes-after", "old");
    assert_gives_way(f, "is-excluded", "old");
    assert_gives_way(f, "excludes", "old");
    assert_gives_way(f, "goes-before", "old");
    assert_gives_way(f, "by-then", "first");
    assert_null(find(f, "old")->superseded_by);
}

/* With one that is still to be taken. */
static void test_links_to_later(void **state)
{
    Fixture *f = *state;
    g_autofree char *names = NULL;

    f->only = "third";
    choose(f, "old");
    choose(f, "excludes-third");
    names = compose(f, NULL);
    assert_string_equal(names, " old excludes-third");
    assert_gives_way(f, "third", "excludes-third");
}

static void test_links_to_earlier(void **state)
{
    Fixture *f = *state;
    g_autofree char *names = NULL;

    f->only = "third";
    choose(f, "modern");
    choose(f, "old");
    names = compose(f, NULL);
    assert_string_equal(names, " modern old");
    assert_gives_way(f, "third", "modern");
}

static void test_links_of_another_device(void **state)
{
    Fixture *f = *state;
    g_autofree char *names = NULL;

    f->only = "third";
    choose_device(f, "excludes-third", "52:54:00:00:00:02");
    choose(f, "old");
    names = compose(f, NULL);
    assert_string_equal(names, " excludes-third old third");
}

/* What was left out is in nobody's way. */
static void test_links_to_left_out(void **state)
{
    Fixture *f = *state;
    g_autofree char *names = NULL;

    f->only = "third";
    choose(f, "nic");
    choose(f, "modern");
    choose(f, "old");
    names = compose(f, NULL);
    assert_string_equal(names, " nic old third");
}

static void test_order_matters(void **state)
{
    Fixture *f = *state;
    g_autofree char *names = NULL;

    f->only = "nothing";
    choose(f, "modern");
    choose(f, "nic");
    names = compose(f, NULL);
    assert_string_equal(names, " modern");
}

static void test_alone_and_none(void **state)
{
    Fixture *f = *state;
    g_autofree char *none = compose(f, NULL), *one = NULL;

    assert_string_equal(none, "");
    choose(f, "plain");
    one = compose(f, NULL);
    assert_string_equal(one, " plain");
    assert_int_equal(f->notes->len, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one_plan),     TEST(test_only_wanted),     TEST(test_left_out),
        TEST(test_order_matters), TEST(test_alone_and_none), cmocka_unit_test(test_shipped),
        TEST(test_waived_does_not_join), TEST(test_waived_behind_another), TEST(test_waived_of_another_device),
        TEST(test_waived_and_not_wanted), TEST(test_work), TEST(test_whole_work),
        TEST(test_site_is_against_it), TEST(test_site_has_nothing_against_it),
        TEST(test_links), TEST(test_links_to_later), TEST(test_links_to_earlier),
        TEST(test_links_of_another_device), TEST(test_links_to_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
