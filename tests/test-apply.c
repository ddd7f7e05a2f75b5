/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Advice made into one change: several steps, what is shown, what is sent, what is refused, and going
 * back. */
#include "base/error.h"
#include "plan/apply.h"
#include "plan/define.h"
#include "plan/plan.h"
#include "plan/revert.h"
#include "rule/rule-match.h"
#include "vt-test-apply.h"

static const VtApplyOptions trusting = {.assume_guest_drivers = TRUE};

typedef struct {
    TestApply *test;
    VtDomain *domain;
    VtHost *host;
} Fixture;

static void load_domain(Fixture *f)
{
    g_autofree char *shown = NULL;
    g_autoptr(GError) error = NULL;

    g_clear_pointer(&f->domain, vt_domain_unref);
    shown = vt_define_fetch(f->test->virt, TEST_UUID, FALSE, &error);
    assert_no_error(error);
    f->domain = vt_domain_from_xml(shown, strlen(shown), "web1", &error);
    assert_no_error(error);
}

static int set_up(void **state)
{
    Fixture *f = g_new0(Fixture, 1);

    f->test = test_apply_new(test_domain_xml);
    f->host = vt_host_new();
    vt_host_set(f->host, "arch", "x86_64");
    vt_host_set(f->host, "kvm.backend", "vmx");
    vt_host_set(f->host, "kvm.apicv", "N");
    load_domain(f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *f = *state;

    vt_domain_unref(f->domain);
    vt_host_unref(f->host);
    test_apply_free(f->test);
    g_free(f);
    return 0;
}

/* The advice of these rules, in their order; the caller frees it. */
static GPtrArray *advice(Fixture *f, const char *const *rules)
{
    GPtrArray *chosen = g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);
    VtMatchInput input = {.domain = f->domain, .host = f->host};

    for (; *rules; rules++) {
        g_autoptr(GPtrArray) findings =
            vt_rule_match_one(f->test->rules, vt_rule_set_find(f->test->rules, *rules), &input);

        g_ptr_array_set_free_func(findings, NULL);
        for (guint i = 0; i < findings->len; i++) {
            VtFinding *finding = g_ptr_array_index(findings, i);

            if (finding->verdict == VT_VERDICT_ADVISE)
                g_ptr_array_add(chosen, finding);
            else
                vt_finding_free(finding);
        }
    }
    return chosen;
}

static const char *const all_three[] = {"virtio-disk", "virtio-net", "pv-eoi", NULL};

static VtRecord *apply(Fixture *f, const VtApplyPlan *plan)
{
    VtRecord *record = vt_record_new(vt_virt_uri(f->test->virt), "web1", TEST_UUID);
    g_autoptr(GError) error = NULL;

    vt_apply_run(f->test->virt, f->test->store, plan, record, NULL, &error);
    assert_no_error(error);
    return record;
}

static void test_plan(void **state)
{
    Fixture *f = *state;
    g_autoptr(GPtrArray) findings = advice(f, all_three);
    g_autoptr(GError) error = NULL;
    g_autoptr(VtApplyPlan) plan = vt_apply_plan(f->test->virt, f->test->rules, f->domain, f->host,
                                                findings, &trusting, &error);
    const VtApplyStep *disk, *eoi;
    g_autofree char *before = test_definition(f->test), *after = NULL;

    assert_no_error(error);
    assert_int_equal(plan->steps->len, 3);
    disk = plan->steps->pdata[0];
    eoi = plan->steps->pdata[2];
    assert_non_null(strstr(disk->diff, "+      <target dev=\"vda\" bus=\"virtio\"/>"));
    assert_null(strstr(disk->diff, "apic"));
    assert_non_null(strstr(eoi->diff, "+    <apic eoi=\"on\"/>"));
    assert_null(strstr(eoi->diff, "virtio"));
    /* What is shown has no secrets, what is sent has them; nothing is sent by planning. */
    after = vt_xml_pretty(plan->after);
    assert_null(strstr(after, "sesame"));
    assert_non_null(strstr(plan->wanted, "sesame"));
    assert_non_null(strstr(plan->wanted, "vda"));
    assert_non_null(strstr(plan->wanted, "<serial>S1</serial>"));
    assert_non_null(strstr(before, "hda"));
}

static void test_apply_and_revert(void **state)
{
    Fixture *f = *state;
    VtVirt *virt = f->test->virt;
    g_autoptr(GPtrArray) findings = advice(f, all_three), records = NULL, none = NULL;
    g_autofree char *before = test_definition(f->test), *after = NULL, *back = NULL, *rules = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtApplyPlan) plan =
        vt_apply_plan(virt, f->test->rules, f->domain, f->host, findings, &trusting, &error);
    g_autoptr(VtRecord) record = apply(f, plan);
    g_autoptr(VtRecord) undo = vt_record_new(vt_virt_uri(virt), "web1", TEST_UUID);
    g_autoptr(VtRevertPlan) revert = NULL;
    VtRecord *chosen;

    after = test_definition(f->test);
    assert_non_null(strstr(after, "<target dev='vda' bus='virtio'/>"));
    assert_non_null(strstr(after, "<model type='virtio'/>"));
    assert_non_null(strstr(after, "<apic eoi='on'/>"));
    rules = vt_record_rules_text(record);
    assert_string_equal(rules, "virtio-disk (hda), virtio-net (52:54:00:00:00:01), pv-eoi");

    /* Applied twice is applied once. */
    load_domain(f);
    none = advice(f, all_three);
    assert_int_equal(none->len, 0);

    records = vt_store_list(f->test->store, NULL);
    chosen = vt_revert_choose(f->test->store, records, 0, after, &error);
    assert_non_null(chosen);
    assert_int_equal(chosen->id, 1);
    revert = vt_revert_plan(virt, f->test->store, chosen, FALSE, &error);
    assert_no_error(error);
    assert_null(revert->since);
    assert_non_null(strstr(revert->diff, "+      <target dev=\"hda\" bus=\"ide\"/>"));
    assert_null(strstr(revert->diff, "sesame"));
    assert_true(vt_revert_run(virt, f->test->store, revert, undo, &error));
    assert_no_error(error);
    back = test_definition(f->test);
    assert_string_equal(back, before);

    g_ptr_array_unref(records);
    records = vt_store_list(f->test->store, NULL);
    assert_int_equal(((VtRecord *)records->pdata[0])->state, VT_RECORD_REVERTED);
    assert_int_equal(((VtRecord *)records->pdata[1])->state, VT_RECORD_APPLIED);
    assert_int_equal(((VtRecord *)records->pdata[1])->undid, 1);
    assert_null(vt_revert_choose(f->test->store, records, 0, back, &error));
    assert_message(error, "no change of this domain is in effect");
    g_clear_error(&error);
    assert_null(vt_revert_choose(f->test->store, records, 1, back, &error));
    assert_message(error, "is not in effect (reverted)");
    g_clear_error(&error);
    assert_null(vt_revert_choose(f->test->store, records, 9, back, &error));
    assert_message(error, "there is no change 9");
    g_clear_error(&error);
    /* A revert can be undone too, by its number. */
    assert_non_null(vt_revert_choose(f->test->store, records, 2, back, &error));
}

static void test_conflict(void **state)
{
    Fixture *f = *state;
    VtVirt *virt = f->test->virt;
    static const char *const rules[] = {"pv-eoi", NULL};
    g_autoptr(GPtrArray) findings = advice(f, rules), records = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtApplyPlan) plan =
        vt_apply_plan(virt, f->test->rules, f->domain, f->host, findings, &trusting, &error);
    g_autoptr(VtRecord) record = apply(f, plan), undo = NULL;
    g_autoptr(VtRevertPlan) revert = NULL;
    g_autofree char *after = test_definition(f->test), *edited = NULL, *back = NULL;
    g_autoptr(virDomain) handle = NULL;

    edited = test_replace(after, "e1000", "rtl8139");
    test_define(f->test, edited);
    records = vt_store_list(f->test->store, NULL);
    revert = vt_revert_plan(virt, f->test->store, records->pdata[0], FALSE, &error);
    assert_no_error(error);
    assert_non_null(strstr(revert->since, "+      <model type=\"rtl8139\"/>"));
    assert_null(strstr(revert->since, "apic eoi=\"off\""));
    assert_non_null(strstr(revert->ours, "+    <apic eoi=\"on\"/>"));
    assert_null(strstr(revert->ours, "rtl8139"));
    assert_null(strstr(revert->since, "sesame"));

    /* Renamed: no conflict, since the name stays. */
    test_define(f->test, after);
    handle = virDomainLookupByUUIDString(vt_virt_connection(virt), TEST_UUID);
    assert_int_equal(virDomainRename(handle, "web9", 0), 0);
    vt_revert_plan_free(revert);
    revert = vt_revert_plan(virt, f->test->store, records->pdata[0], FALSE, &error);
    assert_no_error(error);
    assert_null(revert->since);
    assert_null(strstr(revert->diff, "<name>web1</name>"));
    undo = vt_record_new(vt_virt_uri(virt), "web9", TEST_UUID);
    assert_true(vt_revert_run(virt, f->test->store, revert, undo, &error));
    assert_no_error(error);
    back = test_definition(f->test);
    assert_non_null(strstr(back, "<name>web9</name>"));
    assert_non_null(strstr(back, "eoi='off'"));
}

static void add_snapshot(Fixture *f)
{
    g_autoptr(virDomain) handle =
        virDomainLookupByUUIDString(vt_virt_connection(f->test->virt), TEST_UUID);
    virDomainSnapshotPtr snapshot = virDomainSnapshotCreateXML(
        handle, "<domainsnapshot><name>s</name></domainsnapshot>", 0);

    assert_non_null(snapshot);
    virDomainSnapshotFree(snapshot);
}

/* What apply refuses, revert does; a disk that would be called otherwise again only while a snapshot
 * knows it. */
static void test_revert_refused(void **state)
{
    Fixture *f = *state;
    VtVirt *virt = f->test->virt;
    static const char *const rules[] = {"virtio-disk", NULL};
    g_autoptr(GPtrArray) findings = advice(f, rules), records = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtApplyPlan) plan =
        vt_apply_plan(virt, f->test->rules, f->domain, f->host, findings, &trusting, &error);
    g_autoptr(VtRecord) record = apply(f, plan);
    g_autofree char *after = test_definition(f->test), *managed = NULL, *now = NULL;
    g_autoptr(VtRevertPlan) revert = NULL;

    managed = test_replace(after, "<memory",
                           "<metadata><v xmlns='http://ovirt.org/vm/1.0'/></metadata><memory");
    test_define(f->test, managed);
    records = vt_store_list(f->test->store, NULL);
    assert_null(vt_revert_plan(virt, f->test->store, records->pdata[0], FALSE, &error));
    assert_message(error, "belongs to oVirt");
    assert_message(error, "--force");
    g_clear_error(&error);
    revert = vt_revert_plan(virt, f->test->store, records->pdata[0], TRUE, &error);
    assert_no_error(error);
    assert_null(revert->note);

    test_define(f->test, after);
    add_snapshot(f);
    for (int force = 0; force < 2; force++) {
        assert_null(vt_revert_plan(virt, f->test->store, records->pdata[0], force, &error));
        assert_message(error, "snapshots or checkpoints that know the disk vda");
        g_clear_error(&error);
    }
    now = test_definition(f->test);
    assert_string_equal(now, after);
}

/* The overlay of an external snapshot would be left out of the definition, with all that is in it. */
static void test_revert_overlay(void **state)
{
    Fixture *f = *state;
    static const char *const rules[] = {"pv-eoi", NULL};
    g_autoptr(GPtrArray) findings = advice(f, rules), records = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtApplyPlan) plan = vt_apply_plan(f->test->virt, f->test->rules, f->domain, f->host,
                                                findings, &trusting, &error);
    g_autoptr(VtRecord) record = apply(f, plan);
    g_autofree char *after = test_definition(f->test), *overlaid = NULL;
    g_autoptr(VtRevertPlan) revert = NULL;

    add_snapshot(f);
    records = vt_store_list(f->test->store, NULL);
    revert = vt_revert_plan(f->test->virt, f->test->store, records->pdata[0], FALSE, &error);
    assert_no_error(error);
    assert_non_null(strstr(revert->note, "has snapshots"));
    overlaid = test_replace(after, "/d/a.img", "/d/a.overlay");
    test_define(f->test, overlaid);
    assert_null(vt_revert_plan(f->test->virt, f->test->store, records->pdata[0], TRUE, &error));
    assert_message(error, "from '/d/a.overlay' to '/d/a.img'");
}

static void test_revert_damaged(void **state)
{
    Fixture *f = *state;
    static const char *const rules[] = {"pv-eoi", NULL};
    g_autoptr(GPtrArray) findings = advice(f, rules), records = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtApplyPlan) plan = vt_apply_plan(f->test->virt, f->test->rules, f->domain, f->host,
                                                findings, &trusting, &error);
    g_autoptr(VtRecord) record = apply(f, plan);
    g_autofree char *path = vt_store_file(f->test->store, 1, VT_STORE_BEFORE);
    g_autofree char *after = test_definition(f->test), *now = NULL, *text = NULL, *bad = NULL;

    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    bad = test_replace(text, "65536", "65537");
    assert_true(g_file_set_contents(path, bad, -1, NULL));
    records = vt_store_list(f->test->store, NULL);
    assert_null(vt_revert_plan(f->test->virt, f->test->store, records->pdata[0], FALSE, &error));
    assert_message(error, "corrupt");
    now = test_definition(f->test);
    assert_string_equal(now, after);
}

static void test_refusals(void **state)
{
    Fixture *f = *state;
    g_autoptr(GPtrArray) findings = advice(f, all_three), host = NULL;
    g_autoptr(GError) error = NULL;
    const VtApplyOptions careful = {0}, force = {.force = TRUE, .assume_guest_drivers = TRUE};
    g_autofree char *now = test_definition(f->test), *managed = NULL;
    VtFinding *ple;
    g_autoptr(VtApplyPlan) plan = NULL;

    assert_null(vt_apply_plan(f->test->virt, f->test->rules, f->domain, f->host, findings, &careful,
                              &error));
    assert_message(error, "--assume-guest-drivers");
    g_clear_error(&error);

    host = g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);
    ple = vt_finding_new("ple-gap");
    g_ptr_array_add(host, ple);
    assert_null(vt_apply_plan(f->test->virt, f->test->rules, f->domain, f->host, host, &trusting,
                              &error));
    assert_message(error, "virt-tune advise --rule ple-gap");
    g_clear_error(&error);

    managed = test_replace(now, "<memory", "<metadata><k xmlns='http://kubevirt.io'/></metadata>"
                                           "<memory");
    test_define(f->test, managed);
    assert_null(vt_apply_plan(f->test->virt, f->test->rules, f->domain, f->host, findings,
                              &trusting, &error));
    assert_message(error, "KubeVirt");
    g_clear_error(&error);
    plan = vt_apply_plan(f->test->virt, f->test->rules, f->domain, f->host, findings, &force,
                         &error);
    assert_no_error(error);
    assert_non_null(strstr(plan->wanted, "http://kubevirt.io"));
}

/* The matcher saw one definition, and libvirt has another by now. */
static void test_stale_findings(void **state)
{
    Fixture *f = *state;
    g_autoptr(GPtrArray) findings = advice(f, all_three);
    g_autofree char *now = test_definition(f->test), *gone = NULL;
    g_autoptr(GError) error = NULL;

    gone = test_replace(now, "52:54:00:00:00:01", "52:54:00:00:00:99");
    test_define(f->test, gone);
    assert_null(vt_apply_plan(f->test->virt, f->test->rules, f->domain, f->host, findings,
                              &trusting, &error));
    assert_message(error, "virtio-net: ");
}

static void test_offline(void **state)
{
    Fixture *f = *state;
    g_autoptr(GPtrArray) findings = advice(f, all_three);
    g_autoptr(GError) error = NULL;
    g_autoptr(VtApplyPlan) plan =
        vt_apply_plan(NULL, f->test->rules, f->domain, f->host, findings, &trusting, &error);

    assert_no_error(error);
    assert_null(plan->wanted);
    assert_true(vt_xml_has(xmlDocGetRootElement(plan->after), "devices/disk/target[@dev='vda']"));
    assert_true(vt_xml_has(xmlDocGetRootElement(f->domain->inactive),
                           "devices/disk/target[@dev='hda']"));
}

/* Two findings about one disk, of which the first gives it another name. */
static void test_renamed_device(void **state)
{
    Fixture *f = *state;
    static const char *const rules[] = {"virtio-disk", NULL};
    g_autoptr(GPtrArray) findings = advice(f, rules);
    g_autofree char *rng = vt_test_src("data/rules.rng");
    g_autoptr(VtXmlSchema) schema = vt_xml_schema_load(rng, NULL);
    g_autoptr(GError) error = NULL;
    static const char text[] =
        "<rule format='1' id='cache' severity='low' since='0.1' structural='yes'><title>T</title>"
        "<why>W</why><risk>R</risk><each select=\"devices/disk[@device='disk']\"/>"
        "<change target='domain' effect='power-cycle'><add sel='driver' type='@io'>native</add>"
        "</change><reference href='https://example.org/'>R</reference></rule>";
    VtFinding *second = vt_finding_new("cache");
    g_autoptr(VtApplyPlan) plan = NULL;
    VtRule *rule = vt_rule_load_memory(text, strlen(text), "cache.xml", schema, &error);

    assert_no_error(error);
    vt_rule_set_add(f->test->rules, rule);
    second->device = g_strdup("hda");
    second->device_element = g_strdup("disk");
    second->verdict = VT_VERDICT_ADVISE;
    g_ptr_array_add(findings, second);
    plan = vt_apply_plan(f->test->virt, f->test->rules, f->domain, f->host, findings, &trusting,
                         &error);
    assert_no_error(error);
    assert_true(vt_xml_has(xmlDocGetRootElement(plan->after),
                           "devices/disk[target/@dev='vda']/driver[@io='native']"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_plan),           TEST(test_apply_and_revert), TEST(test_conflict),
        TEST(test_revert_refused), TEST(test_revert_overlay),
        TEST(test_revert_damaged), TEST(test_refusals),         TEST(test_stale_findings),
        TEST(test_offline),        TEST(test_renamed_device),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
