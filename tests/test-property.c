/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Over all domains among the tests and demos, and every rule that changes one (each with its own cases and a
 * sixteenth of the others): what libvirt makes of the change is what was meant; what the change does not name stays; the
 * rule is satisfied afterwards, and making the change twice is making it once; and going back gives the definition
 * from before, byte for byte. */
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "plan/apply.h"
#include "plan/define.h"
#include "plan/readback.h"
#include "plan/revert.h"
#include "rule/rule-match.h"
#include "source/host-json.h"
#include "vt-test-apply.h"
#include "vt-test-untouched.h"

static struct {
    GHashTable *texts;
    GHashTable *made; /* rules of which a change was made, and those of which none could be, with the reason */
    guint domains, changes, moot;
} seen;

static VtHost *test_host(void)
{
    VtHost *host = vt_host_new();

    vt_host_set(host, "arch", "x86_64");
    vt_host_set(host, "kvm.backend", "vmx");
    vt_host_set(host, "kvm.apicv", "N");
    vt_host_set(host, "vhost-net", "Y");
    vt_host_set(host, "libvirt.version", "9000000");
    vt_host_set(host, "qemu.version", "7002000");
    vt_host_set(host, "cpus.online", "0-7");
    vt_host_set(host, "cpus.housekeeping", "0-1,4");
    return host;
}

static gboolean changes_domain(const VtRule *rule)
{
    for (guint i = 0; i < rule->changes->len; i++)
        if (g_str_equal(((VtChange *)rule->changes->pdata[i])->target, "domain"))
            return TRUE;
    return FALSE;
}

/* The rule whose fixture @path is, or "". */
static char *of_rule(const char *path)
{
    const char *at = strstr(path, "/tests/rules/");

    at = at ? at + strlen("/tests/rules/") : "";
    return g_strndup(at, strcspn(at, "/"));
}

/* Whether @rule is to be tried on the domain of @path: on all of its own fixtures, and on a sixteenth of all others,
 * which stand in for one another, so that the time grows with the number of rules and not with its square. VT_ALL_PAIRS
 * in the environment: on all. */
static gboolean concerns(const VtRule *rule, const char *path)
{
    g_autofree char *fixture_of = of_rule(path);
    g_autofree char *pair = g_strconcat(rule->id, " ", strstr(path, "/tests/"), NULL);

    return changes_domain(rule) && (g_str_equal(fixture_of, rule->id) || g_getenv("VT_ALL_PAIRS") ||
                                     g_str_hash(pair) % 16 == 0);
}

/* Whether the rule is for such a domain, or such a device of it, at all. */
static gboolean is_applicable(const GPtrArray *matched, const char *device)
{
    for (guint i = 0; i < matched->len; i++) {
        const VtFinding *finding = matched->pdata[i];

        if (g_strcmp0(finding->device, device) == 0)
            return finding->verdict != VT_VERDICT_NOT_APPLICABLE;
    }
    return FALSE;
}

/* An advised finding for each node that the rule looks at, whatever was measured. */
static GPtrArray *findings_of(const VtRuleSet *rules, const VtRule *rule, const VtDomain *domain, const VtHost *host)
{
    VtMatchInput input = {.domain = domain, .host = host, .assume_guest_drivers = TRUE};
    g_autoptr(GPtrArray) matched = vt_rule_match_one(rules, rule, &input);
    GPtrArray *findings = g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);
    g_autoptr(GPtrArray) nodes = NULL;

    if (rule->each)
        assert_true(vt_xpath_nodes(rule->each, xmlDocGetRootElement(domain->inactive), &nodes, NULL));
    for (guint i = 0; i < (rule->each ? nodes->len : 1); i++) {
        VtFinding *finding = vt_finding_new(rule->id);

        finding->verdict = VT_VERDICT_ADVISE;
        if (rule->each) {
            xmlNode *node = nodes->pdata[i];

            finding->device = vt_domain_device_key(node);
            finding->device_element = g_strdup((const char *)node->name);
        }
        if (is_applicable(matched, finding->device))
            g_ptr_array_add(findings, finding);
        else
            vt_finding_free(finding);
    }
    return findings;
}

static VtDomain *fetch_domain(VtVirt *virt, const char *uuid)
{
    g_autofree char *text = vt_define_fetch(virt, uuid, FALSE, NULL);
    g_autoptr(GError) error = NULL;
    VtDomain *domain = vt_domain_from_xml(text, strlen(text), "d", &error);

    assert_no_error(error);
    return domain;
}

static GPtrArray *parts_of(xmlDoc *doc)
{
    g_autoptr(VtXPath) xpath = vt_xpath_new("/domain/devices/* | /domain/*[not(self::devices)]", NULL);
    GPtrArray *nodes = NULL;

    assert_true(vt_xpath_nodes(xpath, (xmlNode *)doc, &nodes, NULL));
    return nodes;
}

/* Whatever the change does not name is in @after as it was, node by node. */
static void check_untouched(const VtApplyPlan *plan, const VtRule *rule, const VtFinding *finding,
                            const VtHost *host, xmlDoc *after)
{
    g_autoptr(GHashTable) named = test_named(rule, finding, plan->domain, host, plan->before);
    g_autoptr(GHashTable) none = g_hash_table_new(NULL, NULL), used = g_hash_table_new(NULL, NULL);
    g_autoptr(GPtrArray) parts = parts_of(plan->before);
    guint devices = 0, sections = 0;

    if (!test_has_all(xmlDocGetRootElement(plan->before), xmlDocGetRootElement(after), named)) {
        g_autofree char *old = vt_xml_pretty(plan->before), *new = vt_xml_pretty(after);

        fprintf(stderr, "%s%s", old, new);
        fail_msg("%s changes what it does not name", rule->id);
    }
    for (guint i = 0; i < parts->len; i++) {
        xmlNode *node = parts->pdata[i];
        gboolean device = xmlStrEqual(node->parent->name, (const xmlChar *)"devices");
        xmlNode *in = xmlDocGetRootElement(after);

        for (xmlNode *child = in->children; device && child; child = child->next)
            if (xmlStrEqual(child->name, (const xmlChar *)"devices"))
                in = child;
        if (test_is_kept(node, in, none, used))
            continue;
        if (device)
            devices++;
        else
            sections++;
    }
    /* Each rule changes one device or one section; Hyper-V's timers are in two, features and
     * clock, and an I/O thread for a device is pinned in cputune. */
    if (devices > 1 || sections > 2 - devices)
        fail_msg("%s changes %u devices and %u sections", rule->id, devices, sections);
}

static gboolean is_advised(TestApply *test, const VtRule *rule, const VtDomain *domain,
                           const VtHost *host, const VtFinding *made)
{
    VtMatchInput input = {.domain = domain, .host = host, .assume_guest_drivers = TRUE};
    g_autoptr(GPtrArray) findings = vt_rule_match_one(test->rules, rule, &input);

    for (guint i = 0; i < findings->len; i++) {
        const VtFinding *finding = findings->pdata[i];

        if (finding->verdict == VT_VERDICT_ADVISE && g_strcmp0(finding->device, made->device) == 0)
            return TRUE;
    }
    return FALSE;
}

static void not_made(const VtRule *rule, const GError *error, const char *file)
{
    seen.moot++;
    /* libvirt's test driver has nothing of QEMU's namespace; tests/e2e/e2e-rules.py starts such domains. */
    if (strstr(error->message, "<qemu:"))
        g_hash_table_replace(seen.made, rule->id, NULL);
    else if (!g_hash_table_contains(seen.made, rule->id))
        g_hash_table_insert(seen.made, rule->id, g_strdup_printf("%s: %s", file, error->message));
}

static void check_change(TestApply *test, const char *uuid, const VtRule *rule,
                         const VtFinding *finding, const VtHost *host, const char *file)
{
    g_autoptr(VtStore) store = vt_store_new(test->state, vt_virt_uri(test->virt), uuid);
    g_autoptr(VtDomain) domain = fetch_domain(test->virt, uuid);
    g_autofree char *before = vt_define_fetch(test->virt, uuid, TRUE, NULL), *after = NULL;
    g_autofree char *back = NULL, *difference = NULL;
    g_autoptr(GPtrArray) one = g_ptr_array_new(), records = NULL;
    g_autoptr(VtRecord) record = vt_record_new(vt_virt_uri(test->virt), domain->name, uuid);
    g_autoptr(VtRecord) undo = vt_record_new(vt_virt_uri(test->virt), domain->name, uuid);
    const VtApplyOptions options = {.assume_guest_drivers = TRUE};
    g_autoptr(GError) error = NULL;
    g_autoptr(VtApplyPlan) plan = NULL, again = NULL;
    g_autoptr(VtDomain) changed = NULL;
    g_autoptr(VtRevertPlan) revert = NULL;

    g_ptr_array_add(one, (gpointer)finding);
    plan = vt_apply_plan(test->virt, test->rules, domain, host, one, &options, &error);
    if (!plan) {
        /* It is so already, or this definition has no place for it. */
        not_made(rule, error, file);
        return;
    }
    if (!vt_apply_run(test->virt, store, plan, record, NULL, &error)) {
        /* What libvirt refuses or reads otherwise must leave no trace. */
        after = vt_define_fetch(test->virt, uuid, TRUE, NULL);
        assert_string_equal(after, before);
        /* The test driver drops what is in QEMU's namespace, and libvirt a single queue, which a rule
         * whose requirements were looked at does not set: both are noticed. */
        if (!strstr(error->message, "libvirt refused") && !strstr(error->message, "<qemu:") &&
            !strstr(error->message, "queues=\"1\""))
            fail_msg("%s: %s: %s", file, rule->id, error->message);
        not_made(rule, error, file);
        return;
    }
    seen.changes++;
    g_hash_table_replace(seen.made, rule->id, NULL);
    after = vt_define_fetch(test->virt, uuid, TRUE, NULL);
    changed = fetch_domain(test->virt, uuid);
    check_untouched(plan, rule, finding, host, changed->inactive);
    if (is_advised(test, rule, changed, host, finding))
        fail_msg("%s: %s is advised again once it was applied", file, rule->id);
    /* Even where somebody insists: nothing is left to change but an order that libvirt has its own of, or
     * the device is another one now. */
    again = vt_apply_plan(test->virt, test->rules, changed, host, one, &options, NULL);
    if (again && !vt_readback_check(again->before, again->after, again->before, &difference))
        fail_msg("%s: %s changes the definition once more: %s", file, rule->id, difference);

    records = vt_store_list(store, NULL);
    revert = vt_revert_plan(test->virt, store, records->pdata[records->len - 1], FALSE, &error);
    assert_no_error(error);
    vt_revert_run(test->virt, store, revert, undo, &error);
    assert_no_error(error);
    back = vt_define_fetch(test->virt, uuid, TRUE, NULL);
    assert_string_equal(back, before);
}

/* @rule: the only one to try; NULL: all that concern the domain. */
static void check_domain(TestApply *test, const char *text, const VtRule *only, const VtHost *host, const char *path)
{
    /* Some domains of the tests are too short for libvirt. */
    g_autoptr(virDomain) handle = virDomainDefineXML(vt_virt_connection(test->virt), text);
    g_autoptr(VtDomain) domain = NULL;
    char uuid[VIR_UUID_STRING_BUFLEN];

    if (!handle)
        return;
    seen.domains++;
    virDomainGetUUIDString(handle, uuid);
    domain = fetch_domain(test->virt, uuid);
    for (guint i = 0; i < test->rules->rules->len; i++) {
        const VtRule *rule = test->rules->rules->pdata[i];
        gboolean tried = only ? rule == only : concerns(rule, path);
        g_autoptr(GPtrArray) findings = tried ? findings_of(test->rules, rule, domain, host) : NULL;

        for (guint j = 0; findings && j < findings->len; j++)
            check_change(test, uuid, rule, findings->pdata[j], host, path);
    }
    assert_int_equal(virDomainUndefine(handle), 0);
}

/* Of how many domains that are the same in much one is tried: $VT_FAST, where "1" stands for four. Every rule is applied to
 * one in any case. */
static guint one_of(void)
{
    const char *fast = g_getenv("VT_FAST");

    return fast ? (guint)MAX(g_ascii_strtoull(fast, NULL, 10), 4) : 1;
}

static void check_file(TestApply *test, const VtHost *host, const char *path)
{
    g_autofree char *text = NULL, *rule_id = of_rule(path), *key = NULL;

    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    /* Many domains differ only in what is measured of them. */
    key = g_strconcat(rule_id, text, NULL);
    if (strstr(text, "<domain") &&
        g_hash_table_add(seen.texts, g_compute_checksum_for_string(G_CHECKSUM_SHA256, key, -1)) &&
        (g_hash_table_size(seen.texts) - 1) % one_of() == 0)
        check_domain(test, text, NULL, host, path);
}

static void check_dir(TestApply *test, const VtHost *host, const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *child = g_build_filename(path, name, NULL);

        if (g_file_test(child, G_FILE_TEST_IS_DIR))
            check_dir(test, host, child);
        else if (g_str_has_suffix(name, ".xml"))
            check_file(test, host, child);
    }
}

static gboolean is_made(const VtRule *rule)
{
    gpointer why = NULL;

    return g_hash_table_lookup_extended(seen.made, rule->id, NULL, &why) && !why;
}

/* The text of the @file that a case of a rule has, by itself or with others (see test-rules). */
static char *nearest(const char *dir, const char *file, char **ret_path)
{
    for (const char *const *up = (const char *const[]){"", "..", "../..", NULL}; *up; up++) {
        g_autofree char *path = g_build_filename(dir, *up, file, NULL);
        char *text = NULL;

        if (g_file_get_contents(path, &text, NULL, NULL)) {
            *ret_path = g_steal_pointer(&path);
            return text;
        }
    }
    return NULL;
}

/* A rule for another host than the one above, on the hosts of its own cases. */
static void check_cases(TestApply *test, const VtRule *rule)
{
    g_autofree char *root = vt_test_src("tests/rules");
    g_autofree char *of_rule = g_build_filename(root, rule->id, NULL);
    g_autoptr(GDir) dir = g_dir_open(of_rule, 0, NULL);
    const char *name;

    while (dir && !is_made(rule) && (name = g_dir_read_name(dir))) {
        g_autofree char *one = g_build_filename(of_rule, name, NULL);
        g_autofree char *host_path = NULL, *path = NULL;
        g_autofree char *facts = nearest(one, "host.json", &host_path);
        g_autofree char *text = nearest(one, "domain.xml", &path);
        g_autoptr(VtHost) host =
            facts && *facts ? vt_host_json_parse(facts, strlen(facts), host_path, NULL) : NULL;

        if (!host || !text)
            continue;
        vt_host_derive(host);
        check_domain(test, text, rule, host, path);
    }
}

/* Whoever counts what cannot be made as moot must not count all of a rule so. */
static void check_every_rule(TestApply *test)
{
    const GPtrArray *rules = test->rules->rules;
    guint missing = 0;

    for (guint i = 0; i < rules->len; i++) {
        const VtRule *rule = rules->pdata[i];
        const char *why;

        if (!changes_domain(rule) || is_made(rule))
            continue;
        check_cases(test, rule);
        if (is_made(rule))
            continue;
        why = g_hash_table_lookup(seen.made, rule->id);
        print_message("# %s is never applied: %s\n", rule->id, why ? why : "no domain is one for it");
        missing++;
    }
    assert_int_equal(missing, 0);
}

static void test_corpus(void **state)
{
    static const char *const dirs[] = {"tests/rules", "tests/golden", "data/demo/recorded"};
    TestApply *test = test_apply_new(test_domain_xml);
    g_autoptr(VtHost) host = test_host();
    g_autofree char *own = g_build_filename(test->dir, "own.xml", NULL);

    seen.texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    seen.made = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    assert_true(g_file_set_contents(own, test_domain_xml, -1, NULL));
    check_file(test, host, own);
    for (gsize i = 0; i < G_N_ELEMENTS(dirs); i++) {
        g_autofree char *path = vt_test_src(dirs[i]);

        check_dir(test, host, path);
    }
    check_every_rule(test);
    print_message("# %u domains, %u changes applied and reverted, %u that change nothing there\n",
                  seen.domains, seen.changes, seen.moot);
    assert_true(seen.domains >= 60 / one_of());
    assert_true(seen.changes >= 200 / one_of());
    g_hash_table_unref(seen.texts);
    g_hash_table_unref(seen.made);
    test_apply_free(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_corpus)};

    /* Hundreds of changes, each of which waits for the disk a dozen times: in memory that takes none. */
    if (g_access("/dev/shm", W_OK) == 0)
        g_setenv("TMPDIR", "/dev/shm", TRUE);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
