/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test.h"

#include <string.h>

#include "base/error.h"
#include "model/domain.h"

#define UUID "c7a5fdbd-edaf-9455-926a-d65c16db1809"

static const char live_xml[] =
    "<domain type='kvm' id='3'><name>web</name><uuid>" UUID
    "</uuid><vcpu placement='static' current='2'>4</vcpu>"
    "<devices>"
    "<disk type='file' device='disk'><source file='/b'/><target dev='vdb' bus='virtio'/><alias "
    "name='virtio-disk1'/></disk>"
    "<disk type='file' device='disk'><target dev='hda' bus='ide'/><alias name='ide0-0-0'/></disk>"
    "<controller type='usb' index='0' model='piix3-uhci'><alias name='usb'/></controller>"
    "<controller type='pci' index='0' model='pci-root'/>"
    "<interface type='network'><mac address='52:54:00:AA:bb:01'/><target dev='vnet7'/><model "
    "type='e1000'/></interface>"
    "<interface type='user'/>"
    "<input type='tablet' bus='usb'><alias name='input0'/></input>"
    "</devices></domain>";

static const char inactive_xml[] =
    "<domain type='kvm'><name>web</name><uuid>" UUID "</uuid><vcpu>4</vcpu><devices>"
    "<disk type='file' device='disk'><target dev='hda' bus='ide'/></disk>"
    "<interface type='network'><mac address='52:54:00:aa:BB:02'/></interface>"
    "<interface type='network'><mac address='52:54:00:aa:bb:01'/><model type='virtio'/></interface>"
    "<controller type='usb' index='0'/>"
    "</devices></domain>";

static xmlDoc *doc(const char *xml)
{
    xmlDoc *parsed = vt_xml_parse(xml, strlen(xml), "d.xml", NULL);

    assert_non_null(parsed);
    return parsed;
}

static void test_from_xml(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VtDomain) domain = vt_domain_from_xml(live_xml, strlen(live_xml), "d.xml", &error);

    assert_no_error(error);
    assert_string_equal(domain->name, "web");
    assert_string_equal(domain->uuid, UUID);
    assert_int_equal(domain->vcpus, 2);
    assert_int_equal(domain->id, -1);
    assert_false(domain->active);
    assert_int_equal(domain->persistent, VT_UNKNOWN);
    assert_int_equal(domain->migrating, VT_UNKNOWN);
    assert_ptr_equal(domain->live, domain->inactive);
    assert_false(domain->guest.drivers_known);
}

static void test_both_documents(void **state)
{
    g_autoptr(VtDomain) domain = vt_domain_new("web", NULL);
    xmlDoc *live = doc(live_xml), *inactive = doc(inactive_xml);

    assert_true(vt_domain_set_xml(domain, live, inactive, "d.xml", NULL));
    assert_ptr_equal(domain->live, live);
    assert_ptr_equal(domain->inactive, inactive);
    assert_true(domain->active);
    assert_int_equal(domain->vcpus, 2);
    assert_string_equal(domain->uuid, UUID);

    /* Again, with a transient one, and a vCPU unplugged: the former documents are freed. */
    live = doc("<domain id='3'><name>web</name><uuid>" UUID "</uuid><vcpu current='1'>4</vcpu></domain>");
    assert_true(vt_domain_set_xml(domain, live, NULL, "d.xml", NULL));
    assert_ptr_equal(domain->inactive, live);
    assert_true(domain->active);
    assert_int_equal(domain->vcpus, 1);
}

static void test_vcpus(void **state)
{
    static const struct {
        const char *vcpu;
        guint vcpus; /* 0: an error */
    } cases[] = {
        {"", 1},
        {"<vcpu/>", 1},
        {"<vcpu>\n 16 </vcpu>", 16},
        {"<vcpu current='3'>16</vcpu>", 3},
        {"<vcpu>0</vcpu>", 0},
        {"<vcpu>-1</vcpu>", 0},
        {"<vcpu>4294967297</vcpu>", 0},
        {"<vcpu>two</vcpu>", 0},
        {"<vcpu current='x'>2</vcpu>", 0},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *xml = g_strdup_printf("<domain><name>d</name>%s</domain>", cases[i].vcpu);
        g_autoptr(GError) error = NULL;
        g_autoptr(VtDomain) domain = vt_domain_from_xml(xml, strlen(xml), "d.xml", &error);

        if (cases[i].vcpus == 0) {
            assert_null(domain);
            assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
            assert_true(g_str_has_prefix(error->message, "d.xml: "));
        } else {
            assert_no_error(error);
            assert_int_equal(domain->vcpus, cases[i].vcpus);
            assert_null(domain->uuid);
        }
    }
}

static void test_uuid(void **state)
{
    static const char *const good[] = {UUID, "c7a5fdbdedaf9455926ad65c16db1809", "C7A5FDBD-edaf9455-926ad65c16db1809"};

    for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autofree char *xml = g_strdup_printf("<domain><name>d</name><uuid>\n  %s </uuid></domain>", good[i]);
        g_autoptr(GError) error = NULL;
        g_autoptr(VtDomain) domain = vt_domain_from_xml(xml, strlen(xml), "d.xml", &error);

        assert_no_error(error);
        assert_string_equal(domain->uuid, good[i]);
    }
}

static void test_no_domain(void **state)
{
    static const struct {
        const char *xml, *message;
    } bad[] = {
        {"<network><name>x</name></network>", "<network>"},
        {"<domainsnapshot><name>x</name></domainsnapshot>", "<domainsnapshot>"},
        {"<domain/>", "no <name>"},
        {"<domain><name/></domain>", "no <name>"},
        {"<domain><name>x</name><uuid>../x</uuid></domain>", "no UUID"},
        {"<domain><name>x</name><uuid>/etc/passwd</uuid></domain>", "no UUID"},
        {"<domain><name>x</name><uuid>c7a5fdbd-edaf-9455-926a-d65c16db180</uuid></domain>", "no UUID"},
        {"<domain><name>x</name><uuid>c7a5fdbd-edaf-9455-926a-d65c16db18090</uuid></domain>", "no UUID"},
        {"<domain><name>x</name><uuid>c7a5fdbd-edaf-9455-926a-d65c16db180g</uuid></domain>", "no UUID"},
        {"<domain><name>x</name><uuid>../c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid></domain>", "no UUID"},
        {"<domain><name>x</name>", "d.xml"},
        {"", "d.xml"},
        {"\x7f"
         "ELF",
         "d.xml"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        assert_null(vt_domain_from_xml(bad[i].xml, strlen(bad[i].xml), "d.xml", &error));
        assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
        if (!strstr(error->message, bad[i].message))
            fail_msg("%s", error->message);
    }
}

static void test_two_domains(void **state)
{
    g_autoptr(VtDomain) domain = vt_domain_new(NULL, NULL);
    g_autoptr(GError) error = NULL;

    assert_false(vt_domain_set_xml(domain, doc(live_xml),
                                   doc("<domain><name>other</name></domain>"), "d.xml", &error));
    assert_non_null(strstr(error->message, "“web”"));
    assert_non_null(strstr(error->message, "“other”"));
    assert_null(domain->live);
    assert_null(domain->name);
    g_clear_error(&error);
    assert_false(vt_domain_set_xml(domain, doc(live_xml), doc("<net/>"), "d.xml", &error));
    assert_false(domain->active);
}

static void assert_key(const char *device, const char *key)
{
    g_autoptr(xmlDoc) parsed = doc(device);
    g_autofree char *found = vt_domain_device_key(xmlDocGetRootElement(parsed));

    if (g_strcmp0(found, key) != 0)
        fail_msg("the key of %s is %s", device, found ? found : "NULL");
}

static void test_keys(void **state)
{
    assert_key("<interface><mac address='52:54:00:AA:BB:01'/></interface>", "52:54:00:aa:bb:01");
    assert_key("<interface><target dev='vnet0'/><alias name='net0'/></interface>", NULL);
    assert_key("<disk><target dev='sda'/></disk>", "sda");
    assert_key("<disk><alias name='x'/></disk>", NULL);
    assert_key("<disk><target dev=''/></disk>", NULL);
    assert_key("<controller type='usb' index='1'/>", "usb 1");
    assert_key("<controller type='usb'/>", NULL);
    assert_key("<input type='tablet'><alias name='input0'/></input>", NULL);
}

static void test_pairing(void **state)
{
    g_autoptr(xmlDoc) live = doc(live_xml);
    g_autoptr(xmlDoc) inactive = doc(inactive_xml);
    g_autoptr(GPtrArray) nics = NULL;
    g_autoptr(GPtrArray) none = NULL;
    xmlNode *nic = vt_domain_find_device(live, "interface", "52:54:00:aa:bb:01");
    g_autofree char *key = NULL, *model = NULL;

    assert_non_null(nic);
    key = vt_domain_device_key(nic);
    nic = vt_domain_find_device(inactive, "interface", key);
    assert_non_null(nic);
    model = vt_xml_get(nic, "string(model/@type)");
    assert_string_equal(model, "virtio");
    assert_non_null(vt_domain_find_device(inactive, "disk", "hda"));
    assert_non_null(vt_domain_find_device(inactive, "controller", "usb 0"));
    assert_null(vt_domain_find_device(inactive, "disk", "vdb"));
    nics = vt_domain_devices(inactive, "interface");
    assert_int_equal(nics->len, 2);
    assert_ptr_equal(nics->pdata[1], nic);
    none = vt_domain_devices(inactive, "tpm");
    assert_int_equal(none->len, 0);
    assert_null(vt_domain_find_device(inactive, "interface", "hda"));
    assert_null(vt_domain_find_device(inactive, "interface", NULL));
    assert_null(vt_domain_find_device(live, "interface", NULL));
}

static void test_no_devices(void **state)
{
    g_autoptr(xmlDoc) bare = doc("<domain><name>x</name></domain>");

    assert_null(vt_domain_find_device(bare, "disk", "hda"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_xml),    cmocka_unit_test(test_both_documents),
        cmocka_unit_test(test_vcpus),       cmocka_unit_test(test_no_domain),
        cmocka_unit_test(test_two_domains), cmocka_unit_test(test_keys),
        cmocka_unit_test(test_pairing),     cmocka_unit_test(test_no_devices),
        cmocka_unit_test(test_uuid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
