/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a running domain is not as its definition says, and what libvirt makes of it by itself. */
#include "plan/drift.h"
#include "vt-test-apply.h"

#define DISK "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/a'/>"
#define CD                                                                                         \
    "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><target dev='sda' bus='sata'/>" \
    "<readonly/></disk>"

/* As libvirt 9 prints them of one domain, without what says nothing here. */
static const char defined[] =
    "<domain type='kvm'><name>d</name><currentMemory unit='KiB'>65536</currentMemory>"
    "<vcpu placement='static' current='2'>4</vcpu><iothreads>1</iothreads>"
    "<os firmware='efi'><type arch='x86_64'>hvm</type><boot dev='hd'/></os>"
    "<features><acpi/><hyperv mode='passthrough'/></features>"
    "<cpu mode='host-model' check='partial'><topology sockets='1' cores='4'/></cpu>"
    "<clock offset='variable' adjustment='3'/><metadata><a/></metadata>"
    "<devices>" DISK "<target dev='vda' bus='virtio'/></disk>" CD
    "<interface type='network'><mac address='52:54:00:00:00:01'/><source network='default'/>"
    "<model type='virtio'/></interface>"
    "<hostdev mode='subsystem' type='pci' managed='yes'><source><address bus='0x3'/></source></hostdev>"
    "<graphics type='vnc' port='-1' autoport='yes'/></devices></domain>";
static const char running[] =
    "<domain type='kvm' id='3'><name>d</name><currentMemory unit='KiB'>32768</currentMemory>"
    "<vcpu placement='static' current='3'>4</vcpu><iothreads>1</iothreads>"
    "<resource><partition>/machine</partition></resource>"
    "<os><type arch='x86_64'>hvm</type><loader>/ovmf</loader><boot dev='hd'/></os>"
    "<features><acpi/><hyperv mode='custom'><relaxed state='on'/></hyperv></features>"
    "<cpu mode='custom' check='full'><model>Haswell</model><topology sockets='1' cores='4'/></cpu>"
    "<clock offset='variable' adjustment='5'/>"
    "<devices>" DISK "<backingStore/><target dev='vda' bus='virtio'/><alias name='d0'/></disk>"
    "<disk type='block' device='cdrom'><driver name='qemu'/><source dev='/iso'/>"
    "<target dev='sda' bus='sata' tray='open'/>"
    "<readonly/></disk>"
    "<interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='virbr0'/>"
    "<target dev='vnet0'/><model type='virtio'/></interface>"
    "<hostdev mode='subsystem' type='pci' managed='yes'><driver name='vfio'/>"
    "<source><address bus='0x3'/></source></hostdev>"
    "<graphics type='vnc' port='5900' autoport='yes'><listen/></graphics></devices>"
    "<seclabel type='dynamic'/></domain>";

static void check(const char *inactive, const char *live, const char *expected)
{
    g_autoptr(xmlDoc) a = test_parse(inactive), b = test_parse(live);
    g_autoptr(GPtrArray) items = vt_drift_find(a, b);
    g_autofree char *text = NULL;

    g_ptr_array_add(items, NULL);
    text = g_strjoinv(", ", (char **)items->pdata);
    assert_string_equal(text, expected);
}

static void test_started(void **state)
{
    check(defined, running, "");
    check(defined, defined, "");
}

static void test_changed(void **state)
{
    static const struct {
        const char *from, *to, *item;
    } cases[] = {
        {">4</vcpu>", ">6</vcpu>", "vcpu"},
        {"<acpi/>", "<acpi/><apic eoi='on'/>", "features"},
        {"<iothreads>1</iothreads>", "<iothreads>2</iothreads>", "iothreads"},
        {"cores='4'", "cores='2'", "cpu"},
        {"mode='host-model'", "mode='host-passthrough'", "cpu"},
        {"file='/a'", "file='/b'", "disk vda"},
        {"<model type='virtio'/>", "<model type='e1000'/>", "interface 52:54:00:00:00:01"},
        {"<metadata>", "<cputune><vcpupin vcpu='0' cpuset='1'/></cputune><metadata>", "cputune"},
        {"<graphics", "<rng model='virtio'/><graphics", "rng"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *changed = test_replace(defined, cases[i].from, cases[i].to);

        check(changed, running, cases[i].item);
    }
}

static void test_attached(void **state)
{
    static const char disk[] = DISK "<target dev='vdb' bus='virtio'/></disk>";
    g_autofree char *with = g_strconcat(disk, "<graphics", NULL);
    g_autofree char *live = test_replace(running, "<graphics", with);
    g_autofree char *both = test_replace(defined, "<graphics", with);
    g_autofree char *moved = test_replace(defined, "dev='vda'", "dev='vdc'");
    g_autofree char *hostdev = test_replace(defined, "bus='0x3'", "bus='0x4'");
    g_autofree char *other = test_replace(defined, "hostdev mode='subsystem' type='pci'",
                                          "hostdev mode='subsystem' type='usb'");

    check(defined, live, "disk vdb");
    check(both, live, "");
    check(both, running, "disk vdb");
    check(moved, running, "disk vdc, disk vda");
    check(hostdev, running, ""); /* addresses do not count */
    check(other, running, "hostdev, hostdev");
}

static void test_element(void **state)
{
    g_autofree char *keyed = vt_drift_element("disk vda"), *plain = vt_drift_element("vcpu");

    assert_string_equal(keyed, "disk");
    assert_string_equal(plain, "vcpu");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_started),
        cmocka_unit_test(test_changed),
        cmocka_unit_test(test_attached),
        cmocka_unit_test(test_element),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
