/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Definitions node by node: what libvirt may do to one, and what it must not. */
#include "plan/readback.h"
#include "vt-test-apply.h"

#define DOMAIN(head, devices)                                                                      \
    "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>d</name>"   \
    "<metadata><x:a xmlns:x='urn:x'>keep <x:b/></x:a></metadata>"                                  \
    "<os><type>hvm</type><boot dev='hd'/></os>" head "<devices>" devices                           \
    "</devices><qemu:commandline><qemu:arg value='-a'/><qemu:arg value='-b'/></qemu:commandline>"  \
    "</domain>"
#define HDA "<disk type='file' device='disk'><source file='/a'/><target dev='hda' bus='ide'/></disk>"
#define VDA                                                                                        \
    "<disk type='file' device='disk'><source file='/a'/><target dev='vda' bus='virtio'/>%s</disk>"
#define HDB "<disk type='file' device='disk'><source file='/b'/><target dev='hdb' bus='ide'/></disk>"
#define NIC1 "<interface type='user'><mac address='1'/><model type='e1000'/></interface>"
#define NIC2 "<interface type='user'><mac address='2'/><model type='e1000'/></interface>"
#define PCI "<address type='pci' slot='0x05'/>"

/* NULL where they agree; the caller frees it. */
static char *check(const char *before, const char *wanted, const char *after)
{
    g_autoptr(xmlDoc) a = test_parse(before), b = test_parse(wanted), c = test_parse(after);
    char *difference = NULL;

    assert_true(vt_readback_check(a, b, c, &difference) == !difference);
    return difference;
}

static void agree(const char *before, const char *wanted, const char *after)
{
    g_autofree char *difference = check(before, wanted, after);

    if (difference)
        fail_msg("%s", difference);
}

static void disagree(const char *before, const char *wanted, const char *after, const char *words)
{
    g_autofree char *difference = check(before, wanted, after);

    if (!difference || !strstr(difference, words))
        fail_msg("'%s' is not in: %s", words, difference ? difference : "(no difference)");
    assert_null(strchr(difference, '\n'));
}

static void test_same(void **state)
{
    const char *plain = DOMAIN("<features><acpi/><apic/></features>", HDA NIC1 NIC2);
    g_autofree char *moved = test_replace(plain, "<name>d</name>", "");
    g_autofree char *last = test_replace(moved, "</domain>", "  <name> d\n</name></domain>");

    agree(plain, plain, plain);
    agree(plain, plain, last); /* sections have no order, texts no blanks around them */
}

static void test_sets(void **state)
{
    const char *one = DOMAIN("<cputune><emulatorpin cpuset='0-2,5'/></cputune>", HDA);
    const char *two = DOMAIN("<cputune><emulatorpin cpuset='0,1,2,5'/></cputune>", HDA);
    const char *three = DOMAIN("<cputune><emulatorpin cpuset='0-3,5'/></cputune>", HDA);

    agree(one, one, two);
    disagree(one, one, three, "/domain/cputune/emulatorpin: cpuset is \"0-3,5\"");
    /* Only where a list is meant. */
    disagree(DOMAIN("<x y='0-1'/>", HDA), DOMAIN("<x y='0-1'/>", HDA), DOMAIN("<x y='0,1'/>", HDA),
             "/domain/x: y is");
}

static void test_lost(void **state)
{
    const char *before = DOMAIN("<features><acpi/></features>", HDA NIC1 NIC2);

    disagree(before, DOMAIN("<features><acpi/><apic eoi='on'/></features>", HDA NIC1 NIC2), before,
             "/domain/features: <apic eoi=\"on\"/> is missing");
    disagree(before, before, DOMAIN("<features><acpi/></features>", HDA NIC1), "is missing");
    disagree(before, before, DOMAIN("<features><acpi/><pae/></features>", HDA NIC1 NIC2),
             "<pae/> was added");
    disagree(before, before, DOMAIN("<features><acpi on='1'/></features>", HDA NIC1 NIC2),
             "on=\"1\" was added");
    disagree(before, before, DOMAIN("<features><acpi mode='custom'/></features>", HDA NIC1 NIC2),
             "mode=\"custom\" was added");
    disagree(DOMAIN("<m on='1'/>", ""), DOMAIN("<m on='1'/>", ""), DOMAIN("<m/>", ""),
             "on=\"1\" is missing");
    disagree(DOMAIN("<m>1</m>", ""), DOMAIN("<m>1</m>", ""), DOMAIN("<m>2</m>", ""),
             "/domain/m: the text is \"2\" and not \"1\"");
    /* A node of another namespace is another node. */
    {
        g_autofree char *other = test_replace(before, "urn:x", "urn:y");

        disagree(before, before, other, "/domain/metadata");
    }
}

static void test_untouched_device(void **state)
{
    const char *before = DOMAIN("", HDA NIC1 NIC2);
    g_autofree char *vda = g_strdup_printf(VDA, ""), *placed = g_strdup_printf(VDA, PCI);
    g_autofree char *wanted = g_strdup_printf(DOMAIN("", "%s" NIC1 NIC2), vda);
    g_autofree char *after =
        g_strdup_printf(DOMAIN("", "%s<controller type='pci' index='1'/>" NIC1 NIC2), placed);
    g_autofree char *nic = test_replace(before, "<model type='e1000'/>", "<model type='e1000'/>" PCI);
    g_autofree char *rom =
        test_replace(after, "bus='virtio'/>", "bus='virtio'/><rom/>");

    agree(before, DOMAIN("<hyperv><vapic state='on'/></hyperv>", HDA NIC1 NIC2),
          DOMAIN("<hyperv mode='custom'><vapic state='on'/></hyperv>", HDA NIC1 NIC2));
    disagree(before, DOMAIN("<hyperv><vapic state='on'/></hyperv>", HDA NIC1 NIC2),
             DOMAIN("<hyperv mode='passthrough'><vapic state='on'/></hyperv>", HDA NIC1 NIC2),
             "mode=\"passthrough\" was added");
    agree(before, wanted, after);                      /* libvirt finds a place for the new disk */
    disagree(before, before, nic, "<address");         /* but moves nothing else */
    disagree(before, wanted, rom, "<rom/> was added"); /* and adds nothing else */
}

static void test_order(void **state)
{
    const char *before = DOMAIN("", NIC1 NIC2);
    g_autofree char *vda = g_strdup_printf(VDA, PCI);
    g_autofree char *sorted = g_strdup_printf(DOMAIN("", HDB "%s"), vda);
    g_autofree char *wanted = g_strdup_printf(DOMAIN("", "%s" HDB), vda);
    g_autofree char *booted = test_replace(wanted, "<boot dev='hd'/>", "");
    g_autofree char *resorted = test_replace(sorted, "<boot dev='hd'/>", "");
    g_autofree char *arguments =
        test_replace(before, "'-a'/><qemu:arg value='-b'/>", "'-b'/><qemu:arg value='-a'/>");

    disagree(before, before, DOMAIN("", NIC2 NIC1), "/domain/devices/interface/mac");
    disagree(before, before, arguments, "value is \"-b\"");
    /* Disks are sorted, unless the firmware would then start another one. */
    disagree(DOMAIN("", HDA HDB), wanted, sorted, "start from another disk");
    agree(booted, booted, resorted);
    /* The same disks twice are not one disk. */
    disagree(DOMAIN("", HDB HDB), DOMAIN("", HDB HDB), DOMAIN("", HDB), "is missing");
}

static gboolean pending_in(const char *before, const char *after, const char *inactive,
                           const char *live)
{
    g_autoptr(xmlDoc) a = test_parse(before), b = test_parse(after), c = test_parse(inactive);
    g_autoptr(xmlDoc) d = test_parse(live);

    return vt_readback_pending(a, b, c, d);
}

static gboolean pending(const char *before, const char *after, const char *live)
{
    return pending_in(before, after, after, live);
}

static void test_pending(void **state)
{
    const char *e1000 = DOMAIN("<features><apic eoi='off'/></features>", HDA NIC1 NIC2);
    g_autofree char *virtio = test_replace(e1000, "e1000", "virtio");
    g_autofree char *running = test_replace(virtio, "<model type='virtio'/>",
                                            "<target dev='vnet0'/><model type='virtio'/>"
                                            "<alias name='net0'/>" PCI);
    g_autofree char *old = test_replace(e1000, "</interface>", "<alias name='net0'/></interface>");
    g_autofree char *gone = test_replace(e1000, NIC1, "");

    assert_true(pending(e1000, virtio, old));
    assert_false(pending(e1000, virtio, running));
    {
        g_autofree char *numbered = test_replace(running, "<domain ", "<domain id='7' ");
        g_autofree char *indexed = test_replace(numbered, "<source ", "<source index='1' ");

        assert_false(pending(e1000, virtio, indexed));
    }
    assert_false(pending(e1000, e1000, old));
    assert_true(pending(e1000, gone, old)); /* removed, and still there */
    assert_false(pending(e1000, gone, gone));
    /* What a later change took back is not waited for. */
    assert_false(pending_in(e1000, virtio, e1000, old));
    assert_false(pending_in(virtio, e1000, virtio, running));
    assert_false(pending(DOMAIN("<cputune><emulatorpin cpuset='0'/></cputune>", ""),
                         DOMAIN("<cputune><emulatorpin cpuset='0-1'/></cputune>", ""),
                         DOMAIN("<cputune><emulatorpin cpuset='0,1'/></cputune>", "")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same),  cmocka_unit_test(test_sets),
        cmocka_unit_test(test_lost),  cmocka_unit_test(test_untouched_device),
        cmocka_unit_test(test_order), cmocka_unit_test(test_pending),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
