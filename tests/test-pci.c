/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's answers to "query-pci", as it gives them and as it does not. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/virt.h"
#include "source/pci.h"
#include "vt-test.h"

static const char xml[] =
    "<domain type='kvm'><devices>"
    "<emulator>/usr/bin/qemu</emulator>"
    "<disk device='disk'><target dev='vda' bus='virtio'/><alias name='virtio-disk0'/>"
    "<address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></disk>"
    "<controller type='ide' index='0'><alias name='ide'/>"
    "<address type='pci' domain='0x0000' bus='0x00' slot='0x01' function='0x1'/></controller>"
    "<controller type='scsi' model='virtio-scsi'><alias name='scsi0'/></controller>"
    "<interface type='user'><model type='e1000'/><alias name='net0'/>"
    "<address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x0'/></interface>"
    "<hostdev><alias name='hostdev0'/></hostdev>"
    "</devices></domain>";

#define BAR(type, address, size) "{\"bar\": 0, \"type\": \"" type "\", \"address\": " address ", \"size\": " size "}"
#define AT(bus, slot, function) "\"bus\": " #bus ", \"slot\": " #slot ", \"function\": " #function
#define DEVICE(at, id, bars) "{" at ", \"qdev_id\": \"" id "\", \"regions\": [" bars "]}"
#define ANSWER(devices) "{\"return\": [{\"bus\": 0, \"devices\": [" devices "]}], \"id\": \"libvirt-11\"}"

static GPtrArray *parse(const char *answer, GError **error)
{
    g_autoptr(xmlDoc) live = vt_xml_parse(xml, strlen(xml), "d.xml", NULL);

    assert_non_null(live);
    return vt_pci_parse(answer, strlen(answer), live, error);
}

/* One line for each region. */
static void assert_parsed(const char *answer, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) regions = parse(answer, &error);
    g_autoptr(GString) text = g_string_new(NULL);

    assert_no_error(error);
    for (guint i = 0; i < regions->len; i++) {
        const VtRegion *region = g_ptr_array_index(regions, i);
        g_autofree char *label = vt_region_label(region);

        g_string_append_printf(text, "%s %" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER "x %s %s\n",
                               region->io ? "io" : "memory", region->first, region->last, label, region->pci);
    }
    assert_string_equal(text->str, expected);
}

static void test_alias(void **state)
{
    assert_parsed(ANSWER(DEVICE(AT(0, 9, 0), "net0", BAR("memory", "4272947200", "131072") ","
                                BAR("io", "49152", "64"))),
                  "io c000-c03f net0 (e1000) 00:09.0\n"
                  "memory feb00000-feb1ffff net0 (e1000) 00:09.0\n");
    assert_parsed(ANSWER(DEVICE(AT(0, 9, 0), "hostdev0", BAR("memory", "4096", "1")) ","
                         DEVICE(AT(0, 10, 0), "scsi0", BAR("memory", "8192", "4096"))),
                  "memory 1000-1000 hostdev0 (hostdev) 00:09.0\n"
                  "memory 2000-2fff scsi0 (virtio-scsi) 00:0a.0\n");
}

/* What libvirt does not create has no id in QEMU, but may be in the XML. */
static void test_address(void **state)
{
    assert_parsed(ANSWER(DEVICE(AT(0, 1, 1), "", BAR("io", "49152", "16"))), "io c000-c00f ide (ide) 00:01.1\n");
    /* The number of another bus is the guest's. */
    assert_parsed(ANSWER(DEVICE(AT(1, 0, 0), "", BAR("io", "49152", "16"))), "io c000-c00f PCI device (01:00.0) 01:00.0\n");
    /* Nor is an address of the XML one of QEMU's own devices when those have an id. */
    assert_parsed(ANSWER(DEVICE(AT(0, 2, 0), "other", BAR("io", "49152", "16"))),
                  "io c000-c00f PCI device (00:02.0) 00:02.0\n");
}

static void test_kind(void **state)
{
    assert_parsed(ANSWER("{" AT(0, 31, 2) ", \"class_info\": {\"class\": 262, \"desc\": \"SATA controller\"}, \"regions\": ["
                         BAR("memory", "4096", "4096") "]}"),
                  "memory 1000-1fff SATA controller (00:1f.2) 00:1f.2\n");
}

static void test_unplaced(void **state)
{
    assert_parsed(ANSWER(DEVICE(AT(0, 2, 0), "net0", BAR("memory", "-1", "131072") "," BAR("io", "-1", "64"))), "");
    assert_parsed("{\"return\": []}", "");
    assert_parsed(ANSWER(""), "");
}

#define BRIDGE(slot, devices) \
    "{" AT(0, slot, 0) ", \"qdev_id\": \"\", \"regions\": [], \"pci_bridge\": {\"bus\": {\"number\": 0}, \"devices\": [" \
    devices "]}}"

static void test_bridges(void **state)
{
    assert_parsed(ANSWER(BRIDGE(1, BRIDGE(2, DEVICE(AT(2, 0, 0), "virtio-disk0", BAR("memory", "4096", "4096"))) ","
                                       DEVICE(AT(1, 1, 0), "net0", BAR("memory", "8192", "4096"))) ","
                         "{" AT(0, 3, 0) ", \"regions\": [" BAR("memory", "65536", "1") "], \"pci_bridge\": {}}"),
                  "memory 1000-1fff virtio-disk0 (virtio) 02:00.0\n"
                  "memory 2000-2fff net0 (e1000) 01:01.0\n"
                  "memory 10000-10000 PCI device (00:03.0) 00:03.0\n");
}

static void test_endless_bridges(void **state)
{
    g_autoptr(GString) devices = g_string_new(DEVICE(AT(0, 0, 0), "", ""));
    g_autoptr(GError) error = NULL;
    g_autofree char *answer = NULL;

    for (guint i = 0; i < 1000; i++) {
        g_autofree char *inner = g_strdup(devices->str);

        g_string_printf(devices, BRIDGE(1, "%s"), inner);
    }
    answer = g_strdup_printf(ANSWER("%s"), devices->str);
    assert_null(parse(answer, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
}

static void test_greatest(void **state)
{
    assert_parsed(ANSWER(DEVICE(AT(0, 2, 0), "net0", BAR("memory", "9223372036854771712", "4096"))),
                  "memory 7ffffffffffff000-7fffffffffffffff net0 (e1000) 00:02.0\n");
    assert_parsed(ANSWER(DEVICE(AT(255, 31, 7), "net0", BAR("io", "65535", "1"))), "io ffff-ffff net0 (e1000) ff:1f.7\n");
}

static void test_no_xml(void **state)
{
    static const char answer[] = ANSWER(DEVICE(AT(0, 2, 0), "net0", BAR("memory", "4096", "4096")));
    g_autoptr(GPtrArray) regions = vt_pci_parse(answer, strlen(answer), NULL, NULL);

    assert_int_equal(regions->len, 1);
    assert_null(((VtRegion *)g_ptr_array_index(regions, 0))->device);
}

static void test_errors(void **state)
{
    static const struct {
        const char *answer;
        const char *message;
    } bad[] = {
        {"", "empty"},
        {"pci", "query-pci:1"},
        {"[]", "query-pci"},
        {"{}", "“return” is missing"},
        {"{\"return\": {}}", "“return” must be an array"},
        {"{\"return\": [5]}", "“return”"},
        {"{\"return\": [{}]}", "“devices” is missing"},
        {ANSWER("{}"), "“bus” is missing"},
        {ANSWER(DEVICE(AT(256, 0, 0), "", "")), "“bus” must be"},
        {ANSWER(DEVICE(AT(0, 32, 0), "", "")), "“slot” must be"},
        {ANSWER(DEVICE(AT(0, 0, -1), "", "")), "“function” must be"},
        {ANSWER("{" AT(0, 0, 0) "}"), "“regions” is missing"},
        {ANSWER("{" AT(0, 0, 0) ", \"qdev_id\": 5, \"regions\": []}"), "“qdev_id” must be a string"},
        {ANSWER("{" AT(0, 0, 0) ", \"class_info\": \"SATA\", \"regions\": []}"), "“class_info” must be an object"},
        {ANSWER("{" AT(0, 0, 0) ", \"regions\": [], \"pci_bridge\": [1]}"), "“pci_bridge” must be an object"},
        {ANSWER("{" AT(0, 0, 0) ", \"regions\": [], \"pci_bridge\": {\"devices\": [{}]}}"), "“bus” is missing"},
        {ANSWER(DEVICE(AT(0, 0, 0), "", "{}")), "“type” is missing"},
        {ANSWER(DEVICE(AT(0, 0, 0), "", "{\"type\": \"io\", \"size\": 5}")), "“address” of a BAR"},
        {ANSWER(DEVICE(AT(0, 0, 0), "", BAR("io", "\"49152\"", "16"))), "“address” of a BAR"},
        {ANSWER(DEVICE(AT(0, 0, 0), "", BAR("io", "1.5", "16"))), "“address” of a BAR"},
        {ANSWER(DEVICE(AT(0, 0, 0), "", BAR("io", "65535", "2"))), "ends behind the last"},
        {ANSWER(DEVICE(AT(0, 0, 0), "", BAR("io", "1", "-5"))), "“size” must be"},
        {ANSWER(DEVICE(AT(0, 0, 0), "", BAR("memory", "1", "0"))), "“size” must be"},
        {ANSWER(DEVICE(AT(0, 0, 0), "", BAR("memory", "2", "9223372036854775807"))), "ends behind the last"},
        {ANSWER(DEVICE(AT(0, 0, 0), "", BAR("memory", "18446744073709551615", "1"))), "18446744073709551615"},
        {ANSWER(DEVICE(AT(0, 0, 0), "", BAR("rom", "1", "1"))), "“io” or “memory”"},
        {"{\"error\": {\"class\": \"GenericError\", \"desc\": \"no \\u001b[31mPCI\"}}", "PCI devices: no \\x1b[31mPCI"},
        {"{\"error\": {}}", "“desc” is missing"},
        {"{\"error\": 5}", "“error” must be an object"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        assert_null(parse(bad[i].answer, &error));
        if (!strstr(error->message, bad[i].message))
            fail_msg("“%s” does not say “%s”", error->message, bad[i].message);
    }
}

/* Whatever is cut off or changed is an error or an answer, and never more. */
static void test_mutilated(void **state)
{
    static const char whole[] = ANSWER(BRIDGE(1, DEVICE(AT(0, 2, 0), "net0", BAR("memory", "4272947200", "131072"))));

    for (gsize i = 0; i < sizeof whole - 1; i++) {
        g_autofree char *changed = g_strdup(whole);
        g_autofree char *cut = g_strndup(whole, i);
        g_autoptr(GPtrArray) some = NULL;

        assert_null(parse(cut, NULL));
        changed[i] ^= 1;
        some = parse(changed, NULL);
    }
}

/* A hypervisor without this monitor. */
static void test_other_driver(void **state)
{
    g_autoptr(VtVirt) virt = vt_virt_open("test:///default", TRUE, FALSE, NULL);
    g_autoptr(virDomain) domain = vt_virt_lookup(virt, "test", NULL);
    g_autoptr(GError) error = NULL;

    assert_non_null(domain);
    assert_null(vt_pci_query(domain, NULL, &error));
    assert_non_null(strstr(error->message, "QEMU cannot be asked"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alias),     cmocka_unit_test(test_address),
        cmocka_unit_test(test_kind),      cmocka_unit_test(test_unplaced),
        cmocka_unit_test(test_bridges),   cmocka_unit_test(test_endless_bridges),
        cmocka_unit_test(test_greatest),  cmocka_unit_test(test_no_xml),
        cmocka_unit_test(test_errors),    cmocka_unit_test(test_mutilated),
        cmocka_unit_test(test_other_driver),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
