/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From findings to changed XML: order among rules, pairing of devices, diffs of several domains, changes that fail. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "plan/plan.h"
#include "rule/rule-load.h"
#include "vt-test.h"

#define HEAD(id) "<rule format='1' id='" id "' severity='medium' since='0.1' structural='yes'><title>T</title><why>W</why>"
#define TAIL "<reference href='https://example.org/'>R</reference></rule>"

static const char nic_rule[] =
    HEAD("nic") "<risk>R</risk><each select=\"devices/interface[model/@type='e1000']\"/>"
    "<change target='domain' effect='power-cycle'><replace sel='model/@type'>virtio</replace></change>"
    "<supersedes rule='disk'>w</supersedes>" TAIL;
static const char disk_rule[] =
    HEAD("disk") "<risk>R</risk><each select=\"devices/disk[target/@bus='ide']\"/>"
    "<change target='domain' effect='power-cycle'><replace sel='target/@dev'>{free-target:vd}</replace>"
    "<replace sel='target/@bus'>virtio</replace><remove sel='address' if='address'/></change>"
    "<supersedes rule='pin'>w</supersedes>" TAIL;
static const char pin_rule[] =
    HEAD("pin") "<risk>R</risk>"
    "<change target='domain' effect='live'><text>Or: virsh emulatorpin {name} {housekeeping-cpus}</text>"
    "<add sel='/domain' if='not(cputune)'><cputune/></add>"
    "<add sel='/domain/cputune'><emulatorpin cpuset='{housekeeping-cpus}'/></add></change>"
    "<change target='domain' effect='live'><add sel='/domain/cputune' type='@second'>{vcpus}</add></change>"
    "<conflicts rule='irq'>w</conflicts>" TAIL;
static const char irq_rule[] =
    HEAD("irq") "<risk>R</risk><each in='host-irqs-on-vcpus'/>"
    "<change target='host' effect='live'>"
    "<command undo='restore {irq}'>move {irq} to {housekeeping-cpus} for {name}</command>"
    "<command>true {{}</command></change>" TAIL;
static const char input_rule[] =
    HEAD("input") "<risk>R</risk><each select=\"devices/input[@type='tablet']\"/>"
    "<change target='domain' effect='live'><remove sel='.'/></change>" TAIL;
static const char ends_rule[] =
    HEAD("noop") "<risk>R</risk>"
    "<change target='domain' effect='live'><replace sel='/domain/@type'>kvm</replace></change>" TAIL;

static const char live_xml[] =
    "<domain type='kvm' id='1'><name>web1</name><uuid>11111111-2222-3333-4444-555555555555</uuid><vcpu>2</vcpu>"
    "<devices><disk device='disk'><target dev='hda' bus='ide'/></disk>"
    "<interface type='network'><mac address='52:54:00:00:00:01'/><model type='e1000'/></interface>"
    "<interface type='network'><mac address='52:54:00:00:00:02'/><model type='e1000'/></interface>"
    "<input type='tablet' bus='usb'/></devices></domain>";
static const char inactive_xml[] =
    "<domain type='kvm'><name>web1</name><uuid>11111111-2222-3333-4444-555555555555</uuid><vcpu>2</vcpu>"
    "<devices><disk device='disk'><target dev='hda' bus='ide'/><address type='drive'/></disk>"
    "<disk device='disk'><target dev='vda' bus='virtio'/></disk>"
    "<interface type='network'><mac address='52:54:00:00:00:01'/><model type='e1000'/></interface>"
    "<input type='tablet' bus='usb'/></devices></domain>";

typedef struct {
    VtRuleSet *rules;
    VtDomain *domain;
    VtHost *host;
} Fixture;

static VtRule *load(const char *text, const char *id, VtXmlSchema *schema)
{
    g_autofree char *name = g_strconcat(id, ".xml", NULL);
    g_autoptr(GError) error = NULL;
    VtRule *rule = vt_rule_load_memory(text, strlen(text), name, schema, &error);

    if (!rule)
        fail_msg("%s", error->message);
    return rule;
}

static xmlDoc *parse(const char *text)
{
    return vt_xml_parse(text, strlen(text), NULL, NULL);
}

static int setup(void **state)
{
    static const char *const rules[][2] = {{nic_rule, "nic"}, {disk_rule, "disk"},   {pin_rule, "pin"},
                                           {irq_rule, "irq"}, {input_rule, "input"}, {ends_rule, "noop"}};
    Fixture *fixture = g_new0(Fixture, 1);
    g_autofree char *path = vt_test_src("data/rules.rng");
    g_autoptr(VtXmlSchema) schema = vt_xml_schema_load(path, NULL);

    *state = fixture;
    assert_non_null(schema);
    fixture->rules = vt_rule_set_new();
    for (gsize i = 0; i < G_N_ELEMENTS(rules); i++)
        vt_rule_set_add(fixture->rules, load(rules[i][0], rules[i][1], schema));
    fixture->domain = vt_domain_new(NULL, NULL);
    fixture->host = vt_host_new();
    return vt_domain_set_xml(fixture->domain, parse(live_xml), parse(inactive_xml), "d.xml", NULL) ? 0 : -1;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;

    vt_rule_set_free(fixture->rules);
    vt_domain_unref(fixture->domain);
    vt_host_unref(fixture->host);
    g_free(fixture);
    return 0;
}

/* An advised finding with a change for each of the rule's, as the matcher makes it. */
static VtFinding *advise(const Fixture *fixture, const char *id, const char *element, const char *device, double gain)
{
    const VtRule *rule = vt_rule_set_find(fixture->rules, id);
    VtFinding *finding = vt_finding_new(id);

    finding->verdict = VT_VERDICT_ADVISE;
    finding->device = g_strdup(device);
    finding->device_element = g_strdup(element);
    finding->has_gain = gain > 0;
    finding->gain.high_pct = gain;
    for (guint i = 0; i < rule->changes->len; i++) {
        const VtChange *change = g_ptr_array_index(rule->changes, i);

        vt_finding_add_change(finding, change->target, change->effect)->text = g_strdup(change->text);
    }
    return finding;
}

static GPtrArray *new_findings(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);
}

static const VtFindingChange *change_of(const VtFinding *finding, guint i)
{
    return g_ptr_array_index(finding->changes, i);
}

static void test_order_ladder(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GPtrArray) findings = new_findings();
    VtFinding *pin = advise(fixture, "pin", NULL, NULL, 9), *disk = advise(fixture, "disk", NULL, NULL, 5);
    VtFinding *nic = advise(fixture, "nic", NULL, NULL, 1), *irq = advise(fixture, "irq", NULL, "irq 24", 1);

    g_ptr_array_add(findings, pin);
    g_ptr_array_add(findings, disk);
    g_ptr_array_add(findings, nic);
    g_ptr_array_add(findings, irq);
    vt_plan_order(fixture->rules, findings);
    assert_null(nic->superseded_by);
    assert_string_equal(disk->superseded_by, "nic");
    assert_string_equal(pin->superseded_by, "disk");
    /* A rule that gives way does not push another aside. */
    assert_null(irq->superseded_by);
}

static void test_order_only_advice(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GPtrArray) findings = new_findings();
    VtFinding *disk = advise(fixture, "disk", NULL, NULL, 5), *nic = advise(fixture, "nic", NULL, NULL, 1);
    VtFinding *stranger = vt_finding_new("gone");

    nic->verdict = VT_VERDICT_BLOCKED;
    stranger->verdict = VT_VERDICT_ADVISE;
    g_ptr_array_add(findings, disk);
    g_ptr_array_add(findings, nic);
    g_ptr_array_add(findings, stranger);
    vt_plan_order(fixture->rules, findings);
    assert_null(disk->superseded_by);
    assert_null(stranger->superseded_by);
}

static void test_order_devices(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GPtrArray) findings = new_findings();
    VtFinding *nic = advise(fixture, "nic", "interface", "a", 1), *same = advise(fixture, "disk", "disk", "a", 1);
    VtFinding *other = advise(fixture, "disk", "disk", "b", 1);

    g_ptr_array_add(findings, nic);
    g_ptr_array_add(findings, same);
    g_ptr_array_add(findings, other);
    vt_plan_order(fixture->rules, findings);
    assert_string_equal(same->superseded_by, "nic");
    assert_null(other->superseded_by);
}

/* A conflict binds both rules, whichever names it; the one that gains less gives way, once. */
static void test_order_conflict(void **state)
{
    Fixture *fixture = *state;

    for (guint i = 0; i < 2; i++) {
        g_autoptr(GPtrArray) findings = new_findings();
        VtFinding *pin = advise(fixture, "pin", NULL, NULL, i == 0 ? 2 : 8), *irq = advise(fixture, "irq", NULL, NULL, 5);

        g_ptr_array_add(findings, i == 0 ? irq : pin);
        g_ptr_array_add(findings, i == 0 ? pin : irq);
        vt_plan_order(fixture->rules, findings);
        assert_string_equal((i == 0 ? pin : irq)->superseded_by, i == 0 ? "irq" : "pin");
        assert_null((i == 0 ? irq : pin)->superseded_by);
    }
}

static char *apply(const Fixture *fixture, const VtFinding *finding, const VtDomain *domain, GError **error)
{
    g_autoptr(xmlDoc) doc =
        vt_plan_apply(vt_rule_set_find(fixture->rules, finding->rule), finding, domain, fixture->host, error);

    return doc ? vt_xml_pretty(doc) : NULL;
}

static void test_apply(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(VtFinding) finding = advise(fixture, "disk", "disk", "hda", 1);
    g_autofree char *before = vt_xml_pretty(fixture->domain->inactive), *after = NULL, *same = NULL;
    g_autoptr(GError) error = NULL;

    after = apply(fixture, finding, fixture->domain, &error);
    assert_null(error);
    /* vda is taken in the inactive XML, though not in the live one. */
    assert_non_null(strstr(after, "<target dev=\"vdb\" bus=\"virtio\"/>"));
    assert_null(strstr(after, "<address"));
    same = vt_xml_pretty(fixture->domain->inactive);
    assert_string_equal(same, before);
}

static void test_apply_all_changes_of_a_rule(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(VtFinding) finding = advise(fixture, "pin", NULL, NULL, 1);
    g_autoptr(GError) error = NULL;
    g_autofree char *after = NULL;

    vt_host_set(fixture->host, "cpus.housekeeping", "0");
    after = apply(fixture, finding, fixture->domain, &error);
    assert_null(error);
    assert_non_null(strstr(after, "<cputune second=\"2\">\n    <emulatorpin cpuset=\"0\"/>"));
}

static void check_apply_fails(const Fixture *fixture, VtFinding *taken, const VtDomain *domain, const char *words)
{
    g_autoptr(VtFinding) finding = taken;
    g_autoptr(GError) error = NULL;

    assert_null(apply(fixture, finding, domain, &error));
    assert_non_null(error);
    if (!strstr(error->message, words))
        fail_msg("\"%s\" does not say \"%s\"", error->message, words);
}

static void test_apply_fails(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(VtDomain) transient = vt_domain_new("t", NULL);
    static const char two[] = "<domain type='kvm'><name>two</name><devices><input type='tablet'/>"
                              "<input type='tablet' bus='usb'/></devices></domain>";
    static const char none[] = "<domain type='kvm'><name>none</name><devices/></domain>";
    g_autoptr(VtDomain) ambiguous = vt_domain_from_xml(two, strlen(two), "d.xml", NULL);
    g_autoptr(VtDomain) bare = vt_domain_from_xml(none, strlen(none), "d.xml", NULL);

    /* Plugged in while it ran. */
    check_apply_fails(fixture, advise(fixture, "nic", "interface", "52:54:00:00:00:02", 1), fixture->domain,
                      "no interface 52:54:00:00:00:02");
    check_apply_fails(fixture, advise(fixture, "pin", NULL, NULL, 1), fixture->domain, "left over is not known");
    check_apply_fails(fixture, advise(fixture, "nic", "interface", "52:54:00:00:00:01", 1), transient,
                      "no persistent definition");
    check_apply_fails(fixture, advise(fixture, "input", "input", NULL, 1), ambiguous, "2 elements <input>");
    check_apply_fails(fixture, advise(fixture, "input", "input", NULL, 1), bare, "no such input");
    /* The paired device is not what the rule expects. */
    check_apply_fails(fixture, advise(fixture, "nic", "disk", "vda", 1), fixture->domain, "unlocated-node");
}

/* A device without a key is found by being the only one that the rule looks at. */
static void test_apply_without_key(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(VtFinding) finding = advise(fixture, "input", "input", NULL, 1);
    g_autoptr(GError) error = NULL;
    g_autofree char *after = apply(fixture, finding, fixture->domain, &error);

    assert_null(error);
    assert_null(strstr(after, "<input"));
}

static void test_fill(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GPtrArray) first = new_findings(), second = new_findings();
    VtFinding *nic = advise(fixture, "nic", "interface", "52:54:00:00:00:01", 1);
    VtFinding *gone = advise(fixture, "nic", "interface", "52:54:00:00:00:02", 1);
    VtFinding *quiet = advise(fixture, "nic", "interface", "52:54:00:00:00:01", 1);
    VtFinding *pin = advise(fixture, "pin", NULL, NULL, 1), *disk = advise(fixture, "disk", "disk", "hda", 1);
    VtPlanItem items[] = {{fixture->domain, fixture->host, first}, {fixture->domain, fixture->host, second}};
    g_autoptr(GError) error = NULL;

    vt_host_set(fixture->host, "cpus.housekeeping", "0");
    quiet->verdict = VT_VERDICT_QUIET;
    g_ptr_array_add(first, nic);
    g_ptr_array_add(first, gone);
    g_ptr_array_add(first, quiet);
    g_ptr_array_add(second, pin);
    g_ptr_array_add(second, disk);
    assert_true(vt_plan_fill(fixture->rules, items, G_N_ELEMENTS(items), &error));

    assert_true(g_str_has_prefix(change_of(nic, 0)->diff, "--- a/web1.xml\n+++ b/web1.xml\n@@ "));
    assert_non_null(strstr(change_of(nic, 0)->diff, "\n-      <model type=\"e1000\"/>\n+      <model type=\"virtio\"/>\n"));
    assert_null(change_of(nic, 0)->error);
    assert_null(change_of(gone, 0)->diff);
    assert_non_null(strstr(change_of(gone, 0)->error, "no interface 52:54:00:00:00:02"));
    assert_int_equal(gone->verdict, VT_VERDICT_ADVISE);
    assert_null(change_of(quiet, 0)->diff);
    assert_null(change_of(quiet, 0)->error);

    assert_string_equal(change_of(pin, 0)->text, "Or: virsh emulatorpin web1 0");
    assert_non_null(strstr(change_of(pin, 0)->diff, "\n+  <cputune>\n+    <emulatorpin cpuset=\"0\"/>\n+  </cputune>\n"));
    /* The second change is shown on top of the first. */
    assert_non_null(strstr(change_of(pin, 1)->diff, "\n-  <cputune>\n+  <cputune second=\"2\">\n"));
    assert_non_null(strstr(change_of(disk, 0)->diff, "+      <target dev=\"vdb\" bus=\"virtio\"/>\n"));
}

static void test_fill_commands(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GPtrArray) findings = new_findings();
    VtFinding *irq = advise(fixture, "irq", NULL, "irq 24", 1);
    VtPlanItem item = {fixture->domain, fixture->host, findings};
    g_autoptr(GError) error = NULL;

    g_ptr_array_add(findings, irq);
    g_ptr_array_add(change_of(irq, 0)->commands, g_strdup("as it stood in the rule"));
    assert_true(vt_plan_fill(fixture->rules, &item, 1, &error));
    /* Half a set of commands is worse than none. */
    assert_int_equal(change_of(irq, 0)->commands->len, 0);
    assert_int_equal(change_of(irq, 0)->undo->len, 0);
    assert_non_null(strstr(change_of(irq, 0)->error, "left over is not known"));

    g_clear_pointer(&((VtFindingChange *)change_of(irq, 0))->error, g_free);
    vt_host_set(fixture->host, "cpus.housekeeping", "0-1");
    g_free(fixture->domain->name);
    fixture->domain->name = g_strdup("a b");
    assert_true(vt_plan_fill(fixture->rules, &item, 1, &error));
    assert_null(change_of(irq, 0)->error);
    assert_int_equal(change_of(irq, 0)->commands->len, 2);
    assert_string_equal(g_ptr_array_index(change_of(irq, 0)->commands, 0), "move 24 to 0-1 for 'a b'");
    assert_string_equal(g_ptr_array_index(change_of(irq, 0)->undo, 0), "restore 24");
    assert_string_equal(g_ptr_array_index(change_of(irq, 0)->commands, 1), "true {}");
    assert_null(g_ptr_array_index(change_of(irq, 0)->undo, 1));
}

static void test_fill_nothing_to_do(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GPtrArray) findings = new_findings();
    VtFinding *noop = advise(fixture, "noop", NULL, NULL, 1);
    VtPlanItem item = {fixture->domain, fixture->host, findings};
    g_autoptr(VtDomain) transient = vt_domain_new("t", NULL);
    g_autoptr(GError) error = NULL;

    g_ptr_array_add(findings, noop);
    assert_true(vt_plan_fill(fixture->rules, &item, 1, &error));
    assert_null(change_of(noop, 0)->diff);
    assert_non_null(strstr(change_of(noop, 0)->error, "already reads"));
    assert_true(change_of(noop, 0)->done);

    item.domain = transient;
    assert_true(vt_plan_fill(fixture->rules, &item, 1, &error));
    assert_non_null(strstr(change_of(noop, 0)->error, "no persistent definition"));
    assert_false(change_of(noop, 0)->done);
    assert_true(vt_plan_fill(fixture->rules, NULL, 0, &error));
}

#define PLAN_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAN_TEST(test_order_ladder),
        PLAN_TEST(test_order_only_advice),
        PLAN_TEST(test_order_devices),
        PLAN_TEST(test_order_conflict),
        PLAN_TEST(test_apply),
        PLAN_TEST(test_apply_all_changes_of_a_rule),
        PLAN_TEST(test_apply_fails),
        PLAN_TEST(test_apply_without_key),
        PLAN_TEST(test_fill),
        PLAN_TEST(test_fill_commands),
        PLAN_TEST(test_fill_nothing_to_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
