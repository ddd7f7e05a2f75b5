/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a device is what a change would have made of it. */
#include "config.h"

#include <string.h>

#include "plan/device-change.h"
#include "vt-test-rule.h"

#define NIC(model, more)                                                                           \
    "<devices><interface type='user'><mac address='52:54:00:00:00:01'/>"                           \
    "<model type='" model "'/>" more "</interface></devices>"
#define DISK(dev, bus, more)                                                                       \
    "<devices><disk type='file' device='disk'><target dev='" dev "' bus='" bus "'/>" more           \
    "</disk></devices>"

static gboolean is_made(const char *select, const char *ops, const char *device, const char *before,
                        const char *after)
{
    g_autofree char *body = g_strdup_printf(
        "<risk>K</risk><each select=\"devices/%s\"/><change target='domain' "
        "effect='power-cycle'>%s</change>",
        select, ops);
    g_autoptr(VtRule) rule = test_rule_full("r", "structural='yes'", body);
    g_autoptr(VtDomain) old = test_domain(before, NULL), new = test_domain(after, NULL);
    VtFinding finding = {.rule = rule->id,
                         .device = (char *)device,
                         .device_element = g_str_has_prefix(select, "disk") ? "disk" : "interface"};

    return vt_device_change_is_made(rule, &finding, old, NULL, new);
}

static gboolean nic(const char *ops, const char *before, const char *after)
{
    return is_made("interface", ops, "52:54:00:00:00:01", before, after);
}

static void test_nic(void **state)
{
    static const char virtio[] = "<replace sel='model/@type'>virtio</replace>";
    static const char queues[] = "<add sel='.'><driver queues='4'/></add>";

    assert_true(nic(virtio, NIC("e1000", ""), NIC("virtio", "")));
    assert_true(nic(virtio, NIC("e1000", ""), NIC("virtio", "<driver name='qemu'/>")));
    assert_false(nic(virtio, NIC("e1000", ""), NIC("rtl8139", "")));
    assert_false(nic(virtio, NIC("e1000", ""), "<devices/>"));
    /* Nothing to do, and nothing to do it on. */
    assert_false(nic(virtio, NIC("virtio", ""), NIC("virtio", "")));
    assert_false(nic(virtio, "<devices/>", NIC("virtio", "")));
    /* The device is another, but not by this change. */
    assert_false(nic(queues, NIC("virtio", ""), NIC("e1000", "")));
    assert_true(nic(queues, NIC("virtio", ""), NIC("e1000", "<driver queues='4'/>")));
}

/* What was such already before was not changed. */
static void test_another(void **state)
{
#define OTHER "<interface type='user'><mac address='52:54:00:00:00:02'/><model type='virtio'/></interface>"
#define CARD(mac, model) "<interface type='user'><mac address='" mac "'/><model type='" model "'/></interface>"
    static const char virtio[] = "<replace sel='model/@type'>virtio</replace>";
    static const char before[] = "<devices>" CARD("52:54:00:00:00:01", "e1000") OTHER "</devices>";

    assert_false(nic(virtio, before,
                     "<devices>" CARD("52:54:00:00:00:03", "e1000") OTHER "</devices>"));
    assert_false(nic(virtio, before, "<devices>" OTHER "</devices>"));
    assert_true(nic(virtio, before,
                    "<devices>" CARD("52:54:00:00:00:03", "virtio") OTHER "</devices>"));
}

/* Its name changes with its bus, and libvirt gives it another address. */
static void test_disk(void **state)
{
    static const char ops[] = "<replace sel='target/@bus'>virtio</replace>"
                              "<replace sel='target/@dev'>vda</replace>"
                              "<remove sel='address'/>";
    static const char ide[] = DISK("hda", "ide", "<address type='drive' bus='0' unit='0'/>");

    assert_true(is_made("disk", ops, "hda", ide,
                        DISK("vda", "virtio", "<address type='pci' bus='0' slot='0x04'/>")));
    assert_false(is_made("disk", ops, "hda", ide, DISK("sda", "sata", "")));
    /* A change that cannot be made there. */
    assert_false(is_made("disk", "<remove sel='nothing'/>", "hda", ide, DISK("vda", "virtio", "")));
}

static int tear_down(void **state)
{
    test_schema_free();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nic),
        cmocka_unit_test(test_another),
        cmocka_unit_test(test_disk),
    };

    return cmocka_run_group_tests(tests, NULL, tear_down);
}
