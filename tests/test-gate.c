/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must not be changed, and why. */
#include "config.h"

#include "base/error.h"
#include "plan/gate.h"
#include "vt-test-apply.h"

static int set_up(void **state)
{
    *state = test_apply_new(test_domain_xml);
    return 0;
}

static int tear_down(void **state)
{
    test_apply_free(*state);
    return 0;
}

static virDomainPtr handle_of(TestApply *test)
{
    return virDomainLookupByUUIDString(vt_virt_connection(test->virt), TEST_UUID);
}

static void test_persistent(void **state)
{
    TestApply *test = *state;
    g_autoptr(virDomain) handle = handle_of(test), transient = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *other = test_replace(test_domain_xml, "555555555555", "666666666666");
    g_autofree char *xml = test_replace(other, "web1", "web2");

    assert_true(vt_gate_domain(handle, &error));
    assert_no_error(error);
    transient = virDomainCreateXML(vt_virt_connection(test->virt), xml, 0);
    assert_non_null(transient);
    assert_false(vt_gate_domain(transient, &error));
    assert_message(error, "'web2' is transient");
    virDomainDestroy(transient);
}

static void test_managed_save(void **state)
{
    TestApply *test = *state;
    g_autoptr(virDomain) handle = handle_of(test);
    g_autoptr(GError) error = NULL;

    assert_int_equal(virDomainCreate(handle), 0);
    assert_true(vt_gate_domain(handle, &error));
    assert_int_equal(virDomainManagedSave(handle, 0), 0);
    assert_false(vt_gate_domain(handle, &error));
    assert_message(error, "managedsave-remove");
}

static void test_managed(void **state)
{
    static const struct {
        const char *metadata, *manager;
    } cases[] = {
        {"<nova:instance xmlns:nova='http://openstack.org/xmlns/libvirt/nova/1.1'/>",
         "OpenStack Nova"},
        {"<ovirt-vm:vm xmlns:ovirt-vm='http://ovirt.org/vm/1.0'/>", "oVirt"},
        {"<kubevirt xmlns='http://kubevirt.io'><uid/></kubevirt>", "KubeVirt"},
        {"<l:libosinfo xmlns:l='http://libosinfo.org/xmlns/libvirt/domain/1.0'/>", NULL},
        {"<x xmlns='urn:other'><nova/></x>", NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *xml = g_strdup_printf(
            "<domain><name>d</name><metadata>%s</metadata></domain>", cases[i].metadata);
        g_autoptr(xmlDoc) doc = test_parse(xml);
        g_autoptr(GError) error = NULL;
        gboolean passed = vt_gate_managed(doc, &error);

        assert_int_equal(passed, cases[i].manager == NULL);
        if (cases[i].manager)
            assert_message(error, cases[i].manager);
    }
}

static void test_valid(void **state)
{
    TestApply *test = *state;
    g_autofree char *good = test_definition(test);
    g_autofree char *bad = test_replace(good, "<os>", "<nonsense/><os>");
    g_autoptr(GError) error = NULL;
    gboolean checked;

    if (!g_file_test(VT_LIBVIRT_SCHEMA, G_FILE_TEST_EXISTS))
        skip();
    assert_true(vt_gate_valid(test->virt, good, "web1", &checked, &error));
    assert_no_error(error);
    assert_true(checked);
    assert_false(vt_gate_valid(test->virt, bad, "web1", &checked, &error));
    assert_message(error, "does not fit libvirt's schema");
    assert_message(error, "nonsense");
}

typedef gboolean (*DiskGate)(virDomainPtr handle, xmlDoc *before, xmlDoc *wanted, GError **error);

static void check_disks(DiskGate gate, virDomainPtr handle, const char *from, const char *to,
                        const char *words)
{
    g_autofree char *changed = test_replace(test_domain_xml, from, to);
    g_autoptr(xmlDoc) before = test_parse(test_domain_xml), wanted = test_parse(changed);
    g_autoptr(GError) error = NULL;

    assert_int_equal(gate(handle, before, wanted, &error), words == NULL);
    if (words)
        assert_message(error, words);
}

static void test_disks(void **state)
{
    TestApply *test = *state;
    g_autoptr(virDomain) handle = handle_of(test);
    static const char *const untouchable[] = {"device='floppy'><target dev='fda'/>",
                                              "device='disk'><target dev='sda'/><readonly/>",
                                              "device='disk'><source file='/x/Cloud-Init.img'/>"
                                              "<target dev='sda'/>",
                                              "device='disk'><source dev='/dev/vg/vm-cidata'/>"
                                              "<target dev='sda'/>",
                                              "device='disk'><source dev='/dev/vg/vm'/>"
                                              "<target dev='sda'/><serial>cidata</serial>"};

    check_disks(vt_gate_disks, handle, "dev='hda' bus='ide'", "dev='vda' bus='virtio'", NULL);
    check_disks(vt_gate_disks, NULL, "dev='hdc' ", "dev='vdb' ", "never changed");
    for (gsize i = 0; i < G_N_ELEMENTS(untouchable); i++) {
        g_autofree char *one =
            g_strdup_printf("<domain><devices><disk %s</disk></devices></domain>", untouchable[i]);
        g_autofree char *two = test_replace(one, "dev='", "dev='x");
        g_autoptr(xmlDoc) before = test_parse(one), wanted = test_parse(two);
        g_autoptr(GError) error = NULL;

        assert_false(vt_gate_disks(NULL, before, wanted, &error));
        assert_message(error, "never changed");
        assert_true(vt_gate_disks(NULL, before, before, NULL));
    }
}

#define DISK(source, target, bus)                                                                  \
    "<disk device='disk'><source file='" source "'/><target dev='" target "' bus='" bus "'/></disk>"
#define RBD(name, target, bus)                                                                     \
    "<disk type='network' device='disk'><source protocol='rbd' name='" name "'/><target dev='"     \
    target "' bus='" bus "'/></disk>"
#define BOOTED(disks) "<domain><os><boot dev='hd'/></os><devices>" disks "</devices></domain>"

static void check_boot(const char *before, const char *wanted, gboolean passes)
{
    g_autoptr(xmlDoc) a = test_parse(before), b = test_parse(wanted);
    g_autoptr(GError) error = NULL;

    assert_int_equal(vt_gate_boot(a, b, &error), passes);
    if (!passes)
        assert_message(error, "another disk");
}

static void test_boot(void **state)
{
    const char *two = BOOTED(DISK("/a", "hda", "ide") DISK("/b", "hdb", "ide"));
    const char *mixed = BOOTED(DISK("/a", "hda", "ide") DISK("/b", "vda", "virtio"));
    g_autofree char *ordered = test_replace(mixed, "</disk>", "<boot order='1'/></disk>");
    g_autofree char *moved = test_replace(ordered, "'hda' bus='ide'", "'vdb' bus='virtio'");

    check_boot(two, BOOTED(DISK("/a", "vda", "virtio") DISK("/b", "hdb", "ide")), TRUE);
    check_boot(two, BOOTED(DISK("/a", "hda", "ide") DISK("/b", "vda", "virtio")), TRUE);
    /* vda comes before vdb wherever it stands. */
    check_boot(mixed, BOOTED(DISK("/a", "vdb", "virtio") DISK("/b", "vda", "virtio")), FALSE);
    check_boot(ordered, moved, TRUE);
    check_boot(BOOTED(RBD("p/a", "hda", "ide") RBD("p/b", "vda", "virtio")),
               BOOTED(RBD("p/a", "vdb", "virtio") RBD("p/b", "vda", "virtio")), FALSE);
    check_boot(BOOTED(DISK("/a", "vdz", "virtio") DISK("/b", "vdaa", "virtio")),
               BOOTED(DISK("/b", "vdaa", "virtio") DISK("/a", "vdz", "virtio")), TRUE);
}

static void test_snapshots(void **state)
{
    TestApply *test = *state;
    g_autoptr(virDomain) handle = handle_of(test);
    g_autofree char *none = vt_gate_snapshot_note(handle), *note = NULL;
    virDomainSnapshotPtr snapshot;

    assert_null(none);
    check_disks(vt_gate_snapshots, handle, "dev='hda' bus='ide'", "dev='vda' bus='virtio'", NULL);
    snapshot = virDomainSnapshotCreateXML(
        handle, "<domainsnapshot><name>s</name></domainsnapshot>", 0);
    assert_non_null(snapshot);
    virDomainSnapshotFree(snapshot);
    note = vt_gate_snapshot_note(handle);
    assert_non_null(note);
    check_disks(vt_gate_snapshots, handle, "dev='hda' bus='ide'", "dev='vda' bus='virtio'",
                "know the disk hda by this name");
    check_disks(vt_gate_snapshots, handle, "/d/a.img", "/d/b.img",
                "the disk hda would go from '/d/a.img' to '/d/b.img'");
    check_disks(vt_gate_snapshots, handle, "<source file='/d/a.img'/>", "", "from '/d/a.img' to ''");
    /* What keeps its name does not matter to them. */
    check_disks(vt_gate_snapshots, handle, "<serial>S1</serial>", "", NULL);
    check_disks(vt_gate_snapshots, handle, "type='raw'", "type='raw' io='native'", NULL);
}

static VtFinding *finding_with(VtTri need, const char *target)
{
    VtFinding *finding = vt_finding_new("vhost-net");
    VtFindingChange *change = vt_finding_add_change(finding, target, "power-cycle");
    VtEvidence *evidence = g_new0(VtEvidence, 1);

    evidence->outcome = need;
    evidence->detail = g_strdup("vhost-net is N");
    evidence->remedy = g_strdup("run it on the host");
    g_ptr_array_add(change->needs, evidence);
    return finding;
}

static void test_needs(void **state)
{
    g_autoptr(VtDomain) domain = vt_domain_new("d", NULL);
    g_autoptr(VtFinding) yes = finding_with(VT_YES, "domain"), no = finding_with(VT_NO, "domain");
    g_autoptr(VtFinding) unknown = finding_with(VT_UNKNOWN, "domain");
    g_autoptr(VtFinding) host = finding_with(VT_NO, "host");
    g_autoptr(GError) error = NULL;

    assert_true(vt_gate_finding(domain, yes, FALSE, &error));
    assert_true(vt_gate_finding(domain, host, FALSE, &error)); /* it is the host's, not made here */
    assert_no_error(error);
    assert_false(vt_gate_finding(domain, no, TRUE, &error));
    assert_message(error, "would not start");
    g_clear_error(&error);
    assert_false(vt_gate_finding(domain, unknown, TRUE, &error));
    assert_message(error, "is not known: vhost-net is N; run it on the host");
}

static void test_drivers(void **state)
{
    g_autoptr(VtDomain) domain = vt_domain_new("d", NULL);
    g_autoptr(VtFinding) finding = finding_with(VT_YES, "domain");
    g_autoptr(GError) error = NULL;

    finding->guest_driver_unknown = TRUE;
    assert_true(vt_gate_finding(domain, finding, TRUE, &error));
    assert_false(vt_gate_finding(domain, finding, FALSE, &error));
    assert_message(error, "--assume-guest-drivers");
    g_clear_error(&error);
    domain->guest.family = g_strdup("winnt");
    assert_false(vt_gate_finding(domain, finding, FALSE, &error));
    assert_message(error, "small virtio disk");
    g_clear_error(&error);
    finding->device_element = g_strdup("interface");
    assert_false(vt_gate_finding(domain, finding, FALSE, &error));
    assert_message(error, "NetKVM");
    assert_true(vt_gate_finding(domain, finding, TRUE, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_persistent),        TEST(test_managed_save),    cmocka_unit_test(test_managed),
        TEST(test_valid),             TEST(test_disks),           TEST(test_snapshots),
        cmocka_unit_test(test_boot),
        cmocka_unit_test(test_needs), cmocka_unit_test(test_drivers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
