/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test.h"

#include <string.h>

#include "model/profile-vcpu.h"
#include "model/region.h"
#include "source/redact.h"

#define UUID "11111111-2222-4333-8444-555555555555"
#define OTHER "99999999-2222-4333-8444-555555555555"

static const char private_xml[] =
    "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n"
    "  <name>payroll</name>\n  <uuid>" UUID "</uuid>\n  <title>Salaries &amp; more</title>\n"
    "  <metadata><libosinfo:libosinfo xmlns:libosinfo='http://libosinfo.org/xmlns/libvirt/domain/1.0'>"
    "<libosinfo:os id='http://debian.org/debian/12'/></libosinfo:libosinfo>"
    "<my:owner xmlns:my='urn:x' mail='boss@example.org'>Boss</my:owner></metadata>\n"
    "  <vcpu>2</vcpu>\n"
    "  <os><type machine='pc'>hvm</type><kernel>/srv/vmlinuz</kernel><cmdline>root=/dev/sda token=abc</cmdline></os>\n"
    "  <devices>\n"
    "    <disk type='file'><source file='/srv/payroll.qcow2'/><target dev='vda'/></disk>\n"
    "    <disk type='network'><source name='pool1/image'><host name='ceph.example.org'/></source>"
    "<auth username='cephuser'/><target dev='vdb'/></disk>\n"
    "    <interface type='bridge'><mac address='52:54:00:AA:BB:CC'/><source bridge='br-secretnet'/>"
    "<model type='e1000'/><alias name='ua-cashdesk'/></interface>\n"
    "    <interface type='bridge'><mac address='52:54:00:11:22:33'/><source bridge='br-secretnet'/></interface>\n"
    "    <graphics type='vnc' passwd='hunter2'/>\n"
    "  </devices>\n"
    "  <seclabel><label>libvirt-" UUID "</label></seclabel>\n"
    "  <sysinfo type='fwcfg'><entry name='opt/x'>ignition-data</entry></sysinfo>\n"
    "  <qemu:commandline><qemu:arg value='-object'/><qemu:arg value='secret,id=s0,data=letmein'/>"
    "<qemu:arg value='filter-dump,file=/srv/dump'/><qemu:env name='API_TOKEN' value='t0k3n'/>"
    "<qemu:env name='LANG' value='C'/></qemu:commandline>\n"
    "  <qemu:override><qemu:device alias='ua-cashdesk'/></qemu:override>\n"
    "</domain>";

static VtDomain *domain_new(void)
{
    g_autoptr(GError) error = NULL;
    VtDomain *domain = vt_domain_from_xml(private_xml, strlen(private_xml), "d.xml", &error);

    assert_no_error(error);
    return domain;
}

static void assert_absent(const char *text, const char *const *words)
{
    for (; *words; words++) {
        g_autofree char *lower = g_ascii_strdown(text, -1);
        g_autofree char *word = g_ascii_strdown(*words, -1);

        if (strstr(lower, word))
            fail_msg("“%s” is still in %s", *words, text);
    }
}

static void test_secrets(void **state)
{
    static const char *const gone[] = {"hunter2", "letmein", "t0k3n", "ignition-data", NULL};
    static const char *const kept[] = {"payroll", "br-secretnet", "/srv/payroll.qcow2", "52:54:00:AA:BB:CC",
                                       "filter-dump,file=/srv/dump", "secret,removed", "opt/x",
                                       "value=\"C\"", "Boss", NULL};
    g_autoptr(VtDomain) domain = domain_new();
    g_autofree char *before = vt_xml_pretty(domain->live), *shown = vt_redact_pretty(domain->live);
    g_autofree char *same = vt_xml_pretty(domain->live), *text = NULL;

    assert_string_equal(same, before);
    vt_redact_secrets(domain->live);
    text = vt_xml_pretty(domain->live);
    assert_string_equal(shown, text);
    assert_absent(text, gone);
    for (const char *const *word = kept; *word; word++)
        if (!strstr(text, *word))
            fail_msg("“%s” is gone from %s", *word, text);
}

static VtBundle *bundle_new(void)
{
    g_autoptr(VtDomain) domain = domain_new();
    g_autoptr(VtProfile) profile = vt_profile_new();
    VtBundle *bundle = vt_bundle_new();

    profile->name = g_strdup("payroll");
    profile->uuid = g_strdup(UUID);
    profile->vcpus = 2;
    vt_profile_add_window(profile, 1000000000, 2);
    vt_profile_add(profile, 0, "exits", "x", 5);
    vt_profile_vcpu_add(profile, 0, "exits", "x", 1, 4);
    vt_profile_note(profile, "%s", "The log of payroll is /var/log/payroll.log, not of payroll-2; see /proc/interrupts.");
    vt_profile_finish(profile, NULL);
    profile->regions = g_ptr_array_new_with_free_func((GDestroyNotify)vt_region_free);
    g_ptr_array_add(profile->regions, vt_region_new(FALSE, 0xfeb00000, 0xfeb1ffff, "ua-cashdesk", "e1000", "00:02.0"));
    g_ptr_array_add(profile->regions, vt_region_new(TRUE, 0xc000, 0xc03f, "net1", "e1000", "00:03.0"));
    bundle->uri = g_strdup("qemu+ssh://admin@node7/system");
    bundle->host = vt_host_new();
    vt_host_set(bundle->host, "kernel.cmdline", "BOOT_IMAGE=/vmlinuz root=UUID=abc quiet isolcpus=2-3 ip=10.0.0.7");
    vt_host_add_domain(bundle->host, UUID, "payroll", 2);
    vt_host_add_domain(bundle->host, OTHER, "archive", 1);
    vt_bundle_add(bundle, domain, profile, NULL);
    return bundle;
}

static void test_bundle(void **state)
{
    static const char *const gone[] = {"payroll.", "\"payroll", ">payroll", "salaries", UUID, OTHER, "archive", "br-secretnet",
                                       "52:54:00:aa:bb:cc", "52:54:00:11:22:33", "/srv", "ceph", "pool1", "boss",
                                       "hunter2", "letmein", "node7", "/dev/sda", "token=", "vmlinuz", "UUID=abc",
                                       "10.0.0.7", "/var/log", "cashdesk", NULL};
    g_autoptr(VtBundle) bundle = bundle_new();
    g_autofree char *text = NULL;
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;
    g_autofree char *label = NULL;
    g_autofree char *alias = NULL;
    VtDomain *domain = g_ptr_array_index(bundle->domains, 0);
    const VtProfile *profile = g_ptr_array_index(bundle->profiles, 0);
    xmlNode *node = (xmlNode *)domain->live;
    VtHostDomain *place;

    vt_redact_bundle(bundle);
    assert_true(bundle->redacted);
    text = vt_bundle_format(bundle);
    assert_absent(text, gone);

    /* One value is the same one everywhere. */
    assert_string_equal(profile->uuid, domain->uuid);
    assert_string_equal(profile->name, domain->name);
    assert_int_equal(vt_profile_vcpu_get(vt_profile_get(profile, "exits"), 1)->count, 4);
    place = vt_host_domain(bundle->host, domain->uuid);
    assert_non_null(place);
    assert_string_equal(place->name, domain->name);
    assert_int_equal(place->vcpus, 2);
    label = vt_xml_get(node, "string(//label)");
    assert_string_equal(label + strlen("libvirt-"), domain->uuid);
    assert_true(vt_xml_has(node, "//interface[1]/source/@bridge = //interface[2]/source/@bridge"));

    assert_true(vt_xml_has(node, "//alias/@name = //qemu:device/@alias"));
    alias = vt_xml_get(node, "string(//alias/@name)");
    assert_string_equal(((VtRegion *)g_ptr_array_index(profile->regions, 0))->device, alias);
    assert_string_equal(((VtRegion *)g_ptr_array_index(profile->regions, 1))->device, "net1");

    /* Different ones stay different, and in their order. */
    first = vt_xml_get(node, "string(//interface[1]/mac/@address)");
    second = vt_xml_get(node, "string(//interface[2]/mac/@address)");
    assert_true(strcmp(second, first) < 0);

    /* What advice follows from stays. */
    assert_true(vt_xml_has(node, "//disk[1]/target[@dev='vda']"));
    assert_true(vt_xml_has(node, "//interface[1]/model[@type='e1000']"));
    assert_true(vt_xml_has(node, "//qemu:arg[starts-with(@value, 'filter-dump,')]"));
    assert_true(vt_xml_has(node, "//*[@id='http://debian.org/debian/12']"));
    assert_string_equal(vt_host_get(bundle->host, "kernel.cmdline"),
                        "BOOT_IMAGE=removed root=removed quiet isolcpus=2-3 ip=removed");
    assert_null(bundle->uri);
    assert_non_null(strstr(g_ptr_array_index(profile->notes, 0), "not of payroll-2; see /proc/interrupts."));
}

static void test_local_uri(void **state)
{
    g_autoptr(VtBundle) bundle = bundle_new();

    g_free(bundle->uri);
    bundle->uri = g_strdup("qemu:///system");
    vt_redact_bundle(bundle);
    assert_string_equal(bundle->uri, "qemu:///system");
}

static void assert_cmdline(const char *cmdline, const char *expected)
{
    g_autoptr(VtBundle) bundle = vt_bundle_new();

    bundle->host = vt_host_new();
    vt_host_set(bundle->host, "kernel.cmdline", cmdline);
    vt_redact_bundle(bundle);
    assert_string_equal(vt_host_get(bundle->host, "kernel.cmdline"), expected);
}

/* Arguments of the first program, and values in quotes that have blanks. */
static void test_cmdline(void **state)
{
    assert_cmdline("quiet nosmt -- /srv/x/agent --host db01 isolcpus=1", "quiet nosmt -- removed");
    assert_cmdline("quiet --", "quiet --");
    assert_cmdline("kvm.halt_poll_ns=0 name=\"cash desk 7\" ro", "kvm.halt_poll_ns=0 name=removed ro");
    assert_cmdline("\"dyndbg=file payroll.c +p\" ro", "\"dyndbg=removed ro");
    assert_cmdline("x=\"-- a\" nohz=on", "x=removed nohz=on");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_bundle),
        cmocka_unit_test(test_local_uri),
        cmocka_unit_test(test_cmdline),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
