/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Over all domains among the tests and demos, and every rule that changes one: what libvirt makes of the
 * change is what was meant; what the change does not name stays; the rule is satisfied afterwards, and
 * making the change twice is making it once; and going back gives the definition from before, byte for
 * byte. */
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "plan/apply.h"
#include "plan/define.h"
#include "plan/readback.h"
#include "plan/revert.h"
#include "rule/rule-match.h"
#include "vt-test-apply.h"

static struct {
    GHashTable *texts;
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
 * which stand in for one another, so that the time grows with the number of rules and not with its square. */
static gboolean concerns(const VtRule *rule, const char *path)
{
    g_autofree char *fixture_of = of_rule(path);
    g_autofree char *pair = g_strconcat(rule->id, " ", strstr(path, "/tests/"), NULL);

    return changes_domain(rule) && (g_str_equal(fixture_of, rule->id) || g_str_hash(pair) % 16 == 0);
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

/* The devices of @before that are not the one that is changed are in @after as they were. */
static void check_untouched(const char *before, const char *after, const VtFinding *finding)
{
    g_autoptr(xmlDoc) old = test_parse(before), new = test_parse(after);
    g_autoptr(VtXPath) xpath = vt_xpath_new("/domain/devices/* | /domain/*[not(self::devices)]", NULL);
    g_autoptr(GPtrArray) a = NULL, b = NULL;
    guint devices = 0, sections = 0;

    assert_true(vt_xpath_nodes(xpath, (xmlNode *)old, &a, NULL));
    assert_true(vt_xpath_nodes(xpath, (xmlNode *)new, &b, NULL));
    for (guint i = 0; i < a->len; i++) {
        xmlNode *node = a->pdata[i];
        g_autofree char *text = vt_xml_brief(node, 65536);
        gboolean found = FALSE;

        for (guint j = 0; j < b->len && !found; j++) {
            g_autofree char *other = vt_xml_brief(b->pdata[j], 65536);

            found = g_str_equal(text, other);
        }
        if (xmlStrEqual(node->parent->name, (const xmlChar *)"devices"))
            devices += !found;
        else
            sections += !found;
    }
    /* Each rule changes one device or one section; Hyper-V's timers are in two, features and
     * clock, and an I/O thread for a device is pinned in cputune. */
    if (devices > 1 || sections > 2 - devices)
        fail_msg("%s changes %u devices and %u sections of:\n%s\n%s", finding->rule, devices,
                 sections, before, after);
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
        seen.moot++;
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
        seen.moot++;
        return;
    }
    seen.changes++;
    after = vt_define_fetch(test->virt, uuid, TRUE, NULL);
    check_untouched(before, after, finding);
    changed = fetch_domain(test->virt, uuid);
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

static void check_file(TestApply *test, const VtHost *host, const char *path)
{
    g_autofree char *text = NULL;
    g_autoptr(virDomain) handle = NULL;
    g_autoptr(VtDomain) domain = NULL;
    g_autofree char *rule_id = of_rule(path), *key = NULL;
    char uuid[VIR_UUID_STRING_BUFLEN];

    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    /* Many domains differ only in what is measured of them. With VT_FAST a quarter has to do. */
    key = g_strconcat(rule_id, text, NULL);
    if (!strstr(text, "<domain") ||
        !g_hash_table_add(seen.texts, g_compute_checksum_for_string(G_CHECKSUM_SHA256, key, -1)) ||
        (g_getenv("VT_FAST") && g_hash_table_size(seen.texts) % 4 != 1))
        return;
    /* Some domains of the tests are too short for libvirt. */
    handle = virDomainDefineXML(vt_virt_connection(test->virt), text);
    if (!handle)
        return;
    seen.domains++;
    virDomainGetUUIDString(handle, uuid);
    domain = fetch_domain(test->virt, uuid);
    for (guint i = 0; i < test->rules->rules->len; i++) {
        const VtRule *rule = test->rules->rules->pdata[i];
        g_autoptr(GPtrArray) findings = concerns(rule, path) ? findings_of(test->rules, rule, domain, host) : NULL;

        for (guint j = 0; findings && j < findings->len; j++)
            check_change(test, uuid, rule, findings->pdata[j], host, path);
    }
    assert_int_equal(virDomainUndefine(handle), 0);
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

static void test_corpus(void **state)
{
    static const char *const dirs[] = {"tests/rules", "tests/golden", "data/demo/recorded"};
    TestApply *test = test_apply_new(test_domain_xml);
    g_autoptr(VtHost) host = test_host();
    g_autofree char *own = g_build_filename(test->dir, "own.xml", NULL);

    seen.texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    assert_true(g_file_set_contents(own, test_domain_xml, -1, NULL));
    check_file(test, host, own);
    for (gsize i = 0; i < G_N_ELEMENTS(dirs); i++) {
        g_autofree char *path = vt_test_src(dirs[i]);

        check_dir(test, host, path);
    }
    print_message("# %u domains, %u changes applied and reverted, %u that change nothing there\n",
                  seen.domains, seen.changes, seen.moot);
    assert_true(seen.domains >= (g_getenv("VT_FAST") ? 15 : 60));
    assert_true(seen.changes >= (g_getenv("VT_FAST") ? 50 : 200));
    g_hash_table_unref(seen.texts);
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
