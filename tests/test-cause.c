/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which changes were made between two states of a domain, and what they did. */
#include "config.h"

#include <string.h>

#include "plan/cause.h"
#include "vt-test-rule.h"
#include "vt-test-tree.h"

#define NIC(model, mac) "<interface type='user'><mac address='" mac "'/><model type='" model "'/></interface>"
#define MAC "52:54:00:00:00:01"
#define DISK(dev, bus) "<disk type='file' device='disk'><target dev='" dev "' bus='" bus "'/></disk>"
#define DEVICES(devices) "<devices>" devices "</devices>"
#define GAIN(metric) "<gain metric='" metric "' share='0.9' to='user' basis='B'/>"

static VtRuleSet *new_rules(void)
{
    VtRuleSet *rules = vt_rule_set_new();

    vt_rule_set_add(
        rules,
        test_rule_full("nic", "structural='yes'",
                       "<risk>K</risk><each select=\"devices/interface[model/@type='e1000']\"/>"
                       "<symptom><rate metric='exit.mmio' above='100'/></symptom>" GAIN(
                           "exit.mmio") "<change target='domain' effect='power-cycle'>"
                                        "<replace sel='model/@type'>virtio</replace></change>"));
    vt_rule_set_add(
        rules,
        test_rule_full("disk", "structural='yes'",
                       "<risk>K</risk><each select=\"devices/disk[target/@bus='ide']\"/>"
                       "<symptom><rate metric='exit.io' above='100'/></symptom>" GAIN(
                           "exit.io") "<change target='domain' effect='power-cycle'>"
                                      "<replace sel='target/@bus'>virtio</replace></change>"));
    vt_rule_set_add(
        rules,
        test_rule_full("eoi", "structural='yes'",
                       "<risk>K</risk><symptom><rate metric='exit.mmio' above='100'/></symptom>"
                       "<satisfied test=\"/domain/features/apic/@eoi = 'on'\"/>" GAIN(
                           "exit.mmio") "<change target='domain' effect='power-cycle'>"
                                        "<remove sel='.'/></change>"));
    return rules;
}

static VtProfile *profile(const char *mmio, const char *io)
{
    return test_profile(3, "", mmio, io, NULL);
}

static GPtrArray *find(const char *before, const char *after, const char *why_not)
{
    g_autoptr(VtRuleSet) rules = new_rules();
    g_autoptr(VtDomain) old = test_domain(before, NULL), new = test_domain(after, NULL);
    g_autoptr(VtProfile) busy = profile("exit.mmio 1000 1001 1002", "exit.io 500 500 500");
    g_autoptr(VtProfile) quiet = profile("exit.mmio 10 11 12", "exit.io 500 501 502");
    const VtCauseSide then = {.domain = old, .profile = busy},
                      now = {.domain = new, .profile = quiet};

    return vt_cause_find(rules, &then, &now, NULL, NULL, why_not);
}

static void expect(const GPtrArray *causes, guint i, const char *rule, const char *device,
                   VtVerifyVerdict verdict, const char *words)
{
    const VtCause *cause;

    assert_true(i < causes->len);
    cause = causes->pdata[i];
    if (!g_str_equal(cause->rule, rule) || g_strcmp0(cause->device, device) != 0 ||
        cause->verdict != verdict || !strstr(cause->reason, words))
        fail_msg("%s (%s) %s: %s", cause->rule, cause->device, vt_verify_name(cause->verdict),
                 cause->reason);
}

static void test_from_definitions(void **state)
{
    static const char before[] = DEVICES(NIC("e1000", MAC) DISK("hda", "ide"));
    g_autoptr(GPtrArray) none = find(before, before, NULL);
    g_autoptr(GPtrArray) nic = find(before, DEVICES(NIC("virtio", MAC) DISK("hda", "ide")), NULL);
    g_autoptr(GPtrArray) disk =
        find(before, DEVICES(NIC("e1000", MAC) DISK("vda", "virtio")), NULL);
    g_autoptr(GPtrArray) no_disk = find(before, DEVICES(NIC("e1000", MAC)), NULL);
    g_autoptr(GPtrArray) why_not =
        find(before, DEVICES(NIC("virtio", MAC) DISK("hda", "ide")), "Another load.");

    assert_int_equal(none->len, 0);
    assert_int_equal(nic->len, 1);
    expect(nic, 0, "nic", MAC, VT_VERIFY_WORKED, "exit.mmio was 1,001");
    assert_int_equal(disk->len, 1);
    expect(disk, 0, "disk", "hda", VT_VERIFY_NO_CHANGE, "exit.io was 500");
    /* Taken away is not replaced. */
    assert_int_equal(no_disk->len, 1);
    expect(no_disk, 0, "disk", "hda", VT_VERIFY_UNKNOWN, "not there any more");
    expect(why_not, 0, "nic", MAC, VT_VERIFY_UNKNOWN, "Another load.");
}

static GPtrArray *undo(const char *before, const char *after)
{
    g_autoptr(VtRuleSet) rules = new_rules();
    g_autoptr(VtDomain) old = test_domain(before, NULL), new = test_domain(after, NULL);
    g_autoptr(VtProfile) busy = profile("exit.mmio 1000 1001 1002", "exit.io 500 500 500");
    g_autoptr(VtProfile) quiet = profile("exit.mmio 10 11 12", "exit.io 500 501 502");
    const VtCauseSide then = {.domain = old, .profile = quiet},
                      now = {.domain = new, .profile = busy};

    vt_rule_set_add(
        rules,
        test_rule_full("queues", "structural='yes'",
                       "<risk>K</risk><each select=\"devices/interface[model/@type='virtio']\"/>"
                       "<symptom><rate metric='exit.mmio' above='100'/></symptom>" GAIN(
                           "exit.mmio") "<change target='domain' effect='power-cycle'>"
                                        "<add sel='.'><driver queues='4'/></add></change>"));
    return vt_cause_find(rules, &then, &now, NULL, NULL, NULL);
}

/* What the second definition has against the advice, and what only comes into question by it. */
static void test_against(void **state)
{
    static const char good[] = DEVICES(NIC("virtio", MAC)), bad[] = DEVICES(NIC("e1000", MAC));
    g_autoptr(GPtrArray) back = undo(good, bad), made = undo(bad, good), same = undo(bad, bad);
    g_autoptr(GPtrArray) eoi = undo("<features><apic eoi='on'/></features>", "");
    g_autoptr(GPtrArray) added = undo(DEVICES(""), bad);
    g_autoptr(GPtrArray) idle = undo(DEVICES(""), DEVICES(DISK("hda", "ide")));

    assert_int_equal(back->len, 1);
    expect(back, 0, "nic", MAC, VT_VERIFY_WORSE, "exit.mmio was 11");
    assert_true(((VtCause *)back->pdata[0])->against);
    assert_int_equal(made->len, 1);
    expect(made, 0, "nic", MAC, VT_VERIFY_WORSE, "exit.mmio was 11");
    assert_false(((VtCause *)made->pdata[0])->against);
    assert_int_equal(same->len, 0);
    assert_int_equal(eoi->len, 1);
    expect(eoi, 0, "eoi", NULL, VT_VERIFY_WORSE, "exit.mmio was 11");
    assert_int_equal(added->len, 1);
    expect(added, 0, "nic", MAC, VT_VERIFY_WORSE, "The device was not there before. exit.mmio was 11");
    assert_int_equal(idle->len, 0);
}

/* Two changes about the same exits cannot be told apart, and each says so. */
static void test_shared(void **state)
{
    g_autoptr(GPtrArray) both =
        find(DEVICES(NIC("e1000", MAC)),
             "<features><apic eoi='on'/></features>" DEVICES(NIC("virtio", MAC)), NULL);

    assert_int_equal(both->len, 2);
    for (guint i = 0; i < both->len; i++) {
        const VtCause *cause = both->pdata[i];

        assert_int_equal(cause->verdict, VT_VERIFY_WORKED);
        assert_non_null(strstr(cause->reason, "Another change is about the same exits"));
    }
}

static char *text_of(const VtDomain *domain)
{
    return vt_xml_pretty(domain->inactive);
}

static void keep(VtStore *store, const char *uri, const char *rule, const VtDomain *from,
                 const VtDomain *to, VtRecordState record_state)
{
    g_autofree char *before = text_of(from), *after = text_of(to);
    VtStoreBackup backup = {
        .before = before, .wanted = after, .before_shown = before, .wanted_shown = after};
    g_autoptr(VtRecord) record = vt_record_new(uri, "d", TEST_UUID);
    g_autoptr(GError) error = NULL;

    vt_record_add_rule(record, rule, "interface", MAC, "power-cycle");
    assert_true(vt_store_add(store, record, &backup, &error));
    assert_true(vt_store_write(store, record->id, VT_STORE_AFTER_SHOWN, after, &error));
    record->state = record_state;
    assert_true(vt_store_update(store, record, &error));
}

static void test_trail(void **state)
{
    static const char uri[] = "test:///default";
    g_autofree char *dir = vt_test_tree_new();
    g_autoptr(VtStore) store = vt_store_new(dir, uri, TEST_UUID);
    g_autoptr(VtDomain) a = test_domain(DEVICES(NIC("e1000", MAC) DISK("hda", "ide")), NULL);
    g_autoptr(VtDomain) b = test_domain(DEVICES(NIC("virtio", MAC) DISK("hda", "ide")), NULL);
    g_autoptr(VtDomain) c = test_domain(DEVICES(NIC("virtio", MAC) DISK("vda", "virtio")), NULL);
    g_autoptr(VtDomain) other = test_domain(DEVICES(""), NULL);
    g_autoptr(VtRuleSet) rules = new_rules();
    g_autoptr(VtProfile) busy = profile("exit.mmio 1000 1001 1002", "exit.io 500 500 500");
    g_autoptr(VtProfile) quiet = profile("exit.mmio 10 11 12", "exit.io 1 1 1");
    const VtCauseSide then = {.domain = a, .profile = busy}, now = {.domain = c, .profile = quiet};
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(GPtrArray) one = NULL, two = NULL, nowhere = NULL, same = NULL, causes = NULL;

    assert_true(vt_store_lock(store, NULL));
    keep(store, uri, "nic", a, other, VT_RECORD_REFUSED);
    keep(store, uri, "nic", a, b, VT_RECORD_APPLIED);
    keep(store, uri, "gone-rule", b, c, VT_RECORD_APPLIED);
    records = vt_store_list(store, NULL);
    one = vt_cause_trail(store, records, a, b);
    two = vt_cause_trail(store, records, a, c);
    nowhere = vt_cause_trail(store, records, a, other);
    same = vt_cause_trail(store, records, a, a);
    assert_int_equal(one->len, 1);
    assert_int_equal(((VtRecord *)one->pdata[0])->id, 2);
    assert_int_equal(two->len, 2);
    assert_null(nowhere); /* that change was refused */
    assert_null(same);
    /* The history first, then what only the definitions tell; each rule and device once. */
    causes = vt_cause_find(rules, &then, &now, store, two, NULL);
    assert_int_equal(causes->len, 3);
    expect(causes, 0, "nic", MAC, VT_VERIFY_WORKED, "exit.mmio");
    assert_int_equal(((VtCause *)causes->pdata[0])->change, 2);
    expect(causes, 1, "gone-rule", MAC, VT_VERIFY_UNKNOWN, "no such rule any more");
    expect(causes, 2, "disk", "hda", VT_VERIFY_WORKED, "exit.io was 500");
    assert_int_equal(((VtCause *)causes->pdata[2])->change, 0);
    vt_test_tree_remove(dir);
}

static void test_facts(void **state)
{
    g_autoptr(VtHost) before = vt_host_new(), after = vt_host_new();
    g_autoptr(GPtrArray) facts = NULL;

    vt_host_set(before, "kvm.halt_poll_ns", "200000");
    vt_host_set(after, "kvm.halt_poll_ns", "0");
    vt_host_set(before, "cpu.flags", "a b");
    vt_host_set(after, "cpu.flags", "a c");
    vt_host_set(before, "hugepages.free", "1");
    vt_host_set(after, "hugepages.free", "2");
    vt_host_set(before, "arch", "x86_64");
    vt_host_set(after, "arch", "x86_64");
    vt_host_set(before, "smt", "on"); /* not known after: that is no difference */
    facts = vt_cause_facts(before, after);
    assert_int_equal(facts->len, 2);
    assert_string_equal(facts->pdata[0], "cpu.flags is another set of words.");
    assert_string_equal(facts->pdata[1], "kvm.halt_poll_ns was 200000 and is 0.");
}

static int tear_down(void **state)
{
    test_schema_free();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_definitions),
        cmocka_unit_test(test_against),
        cmocka_unit_test(test_shared),
        cmocka_unit_test(test_trail),
        cmocka_unit_test(test_facts),
    };

    return cmocka_run_group_tests(tests, NULL, tear_down);
}
