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
    "<qemu:arg value='-object'/><qemu:arg value='filter-dump,file=/srv/dump'/><qemu:env name='API_TOKEN' value='t0k3n'/>"
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
                                       "filter-dump,file=/srv/dump", "secret,id=s0,data=removed", "opt/x",
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

#define DOMAIN(inner)                                                                                                  \
    "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>d</name>" inner "</domain>"
#define HIDDEN "hunter2"

static VtDomain *domain_from(const char *xml)
{
    g_autoptr(GError) error = NULL;
    VtDomain *domain = vt_domain_from_xml(xml, strlen(xml), "d.xml", &error);

    assert_no_error(error);
    return domain;
}

/* What is shown of @arguments, which "|" separates, as these. */
static char *shown_arguments(const char *arguments, gboolean names)
{
    g_auto(GStrv) words = g_strsplit(arguments, "|", -1);
    g_autoptr(GString) xml = g_string_new("<qemu:commandline>"), out = g_string_new(NULL);
    g_autoptr(VtDomain) domain = NULL;
    g_autofree char *text = NULL;
    xmlNode *line;

    for (char **word = words; *word; word++) {
        g_autofree char *escaped = g_markup_escape_text(*word, -1);

        g_string_append_printf(xml, "<qemu:arg value='%s'/>", escaped);
    }
    g_string_append(xml, "</qemu:commandline>");
    text = g_strdup_printf(DOMAIN("%s"), xml->str);
    domain = domain_from(text);
    if (names) {
        g_autoptr(VtBundle) bundle = vt_bundle_new();

        vt_bundle_add(bundle, domain, NULL, NULL);
        vt_redact_bundle(bundle);
    } else {
        vt_redact_secrets(domain->live);
    }
    line = xmlLastElementChild(xmlDocGetRootElement(domain->live));
    for (xmlNode *arg = xmlFirstElementChild(line); arg; arg = xmlNextElementSibling(arg)) {
        g_autofree char *value = vt_xml_attr(arg, "value");

        g_string_append_printf(out, "%s%s", out->len > 0 ? "|" : "", value);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* Every way in which QEMU takes something secret. */
static void test_qemu_secrets(void **state)
{
    static const char *const lines[] = {
        "-fw_cfg|name=opt/com.coreos/config,string=" HIDDEN,
        "--fw_cfg|name=opt/com.coreos/config,string=" HIDDEN,
        "-fw_cfg|opt/x,string=" HIDDEN,
        "-fw_cfg|name=opt/x,string=a,,b=" HIDDEN,
        "-fw_cfg|-" HIDDEN,
        "-fw_cfg name=opt/x,string=" HIDDEN,
        "-fw_cfg=name=opt/x,string=" HIDDEN,
        "-smbios|type=1,serial=" HIDDEN,
        "-smbios|type=11,value=io.systemd.credential:pw=" HIDDEN,
        "-set|device.x.pw=" HIDDEN,
        "-global|x.pw=" HIDDEN,
        "-object|secret,id=s0,data=" HIDDEN,
        "-object|secret,id=s0,data=a," HIDDEN,
        "-object|{\"qom-type\":\"secret\",\"id\":\"s0\",\"data\":\"" HIDDEN "\"}",
        "-object secret,id=s0,data=" HIDDEN,
        "-device|{\"driver\":\"e1000\",\"pw\":\"" HIDDEN "\"}",
        "-device|usb-x,pw=" HIDDEN,
        "-vnc|:1,password=" HIDDEN,
        "-vnc|" HIDDEN,
        "-spice|port=5900,password=" HIDDEN,
        "-chardev|socket,id=c,host=x@" HIDDEN,
        "-drive|file=http://me:" HIDDEN "@host/x,if=none",
        "-drive|file=rbd:pool/image:key=" HIDDEN,
        "-blockdev|{\"driver\":\"http\",\"url\":\"http://" HIDDEN "@h/\"}",
        "-append|console=ttyS0 pw=" HIDDEN,
        "-new-option|" HIDDEN,
        "-new-option|-" HIDDEN,
        "-new-option|a=" HIDDEN,
        HIDDEN,
    };

    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++)
        for (gboolean names = FALSE; names <= TRUE; names++) {
            g_autofree char *shown = shown_arguments(lines[i], names);

            if (strstr(shown, HIDDEN))
                fail_msg("%s is shown as %s", lines[i], shown);
        }
}

static void assert_shown(const char *arguments, const char *ordinary, const char *redacted)
{
    g_autofree char *shown = shown_arguments(arguments, FALSE), *other = shown_arguments(arguments, TRUE);

    assert_string_equal(shown, ordinary);
    assert_string_equal(other, redacted);
}

static void test_qemu_kept(void **state)
{
    assert_shown("-overcommit|mem-lock=on,cpu-pm=on", "-overcommit|mem-lock=on,cpu-pm=on", "-overcommit|mem-lock=on,cpu-pm=on");
    assert_shown("-cpu|host,-hpet,hv-time,hv-vendor-id=abc", "-cpu|host,-hpet,hv-time,hv-vendor-id=removed",
                 "-cpu|host,-hpet,hv-time,hv-vendor-id=removed");
    assert_shown("-device|e1000,id=cash,netdev=n0,addr=0x5", "-device|e1000,id=cash,netdev=n0,addr=0x5",
                 "-device|e1000,id=removed,netdev=removed,addr=0x5");
    assert_shown("-fw_cfg|name=opt/x,file=/srv/x", "-fw_cfg|name=opt/x,file=/srv/x", "-fw_cfg|name=removed,file=removed");
    assert_shown("-object|memory-backend-file,id=m,mem-path=/dev/shm/cash,size=64M,share=yes",
                 "-object|memory-backend-file,id=m,mem-path=/dev/shm/cash,size=64M,share=yes",
                 "-object|memory-backend-file,id=removed,mem-path=removed,size=64M,share=yes");
    assert_shown("-device|x,a=default,b=1,c=2", "-device|x,a=default,b=1,c=removed", "-device|x,a=default,b=1,c=removed");
    assert_shown("-nodefaults|-no-hpet|-smp|4,cores=2", "-nodefaults|-no-hpet|-smp|4,cores=2", "-nodefaults|-no-hpet|-smp|4,cores=2");
    /* What rules look for stays where the rest goes. */
    assert_shown("-device|{\"driver\":\"lsi53c895a\"}", "-device|removed,lsi", "-device|removed,lsi");
    assert_shown("filter-dump,id=f0", "filter-removed", "filter-removed");
    assert_shown("-x|hpet=maybe", "removed|removed,hpet", "removed|removed,hpet");
}

static void test_qemu_property(void **state)
{
    g_autoptr(VtDomain) domain = domain_from(
        DOMAIN("<qemu:override><qemu:device alias='ua-x'><qemu:frontend><qemu:property name='pw' type='string' value='" HIDDEN
               "'/><qemu:property name='n' type='unsigned' value='7'/><qemu:property name='b' type='bool' value='true'/>"
               "</qemu:frontend></qemu:device></qemu:override><qemu:commandline><qemu:env name='HTTP_PROXY' value='" HIDDEN
               "'/></qemu:commandline>"));
    xmlNode *root = xmlDocGetRootElement(domain->live);

    vt_redact_secrets(domain->live);
    assert_true(vt_xml_has(root, "//qemu:property[@name = 'pw']/@value = 'removed'"));
    assert_true(vt_xml_has(root, "//qemu:property[@name = 'n']/@value = '7'"));
    assert_true(vt_xml_has(root, "//qemu:property[@name = 'b']/@value = 'true'"));
    assert_true(vt_xml_has(root, "//qemu:env[@name = 'HTTP_PROXY']/@value = 'removed'"));
}

static void test_xml_secrets(void **state)
{
    g_autoptr(VtDomain) domain = domain_from(
        DOMAIN("<sysinfo type='smbios'><system><entry name='serial'>" HIDDEN "</entry></system><oemStrings><entry>"
               "io.systemd.credential:pw=" HIDDEN "</entry></oemStrings></sysinfo><devices><disk type='network'>"
               "<source protocol='https' name='x' query='sig=" HIDDEN "'/></disk></devices>"));
    g_autofree char *text = NULL;

    vt_redact_secrets(domain->live);
    text = vt_xml_pretty(domain->live);
    assert_null(strstr(text, HIDDEN));
    assert_non_null(strstr(text, "name=\"serial\""));
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
    domain->seed_disks = g_strsplit("vdb", ",", -1);
    vt_bundle_add(bundle, domain, profile, NULL);
    return bundle;
}

static void test_bundle(void **state)
{
    static const char *const gone[] = {"payroll.", "\"payroll", ">payroll", "salaries", UUID, OTHER, "archive", "br-secretnet",
                                       "52:54:00:aa:bb:cc", "52:54:00:11:22:33", "/srv", "ceph", "pool1", "boss",
                                       "hunter2", "letmein", "node7", "/dev/sda", "=abc", "vmlinuz",
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
    assert_string_equal(domain->seed_disks[0], "vdb");
    assert_true(vt_xml_has(node, "//qemu:arg[starts-with(@value, 'filter-dump,')]"));
    assert_true(vt_xml_has(node, "//*[@id='http://debian.org/debian/12']"));
    assert_string_equal(vt_host_get(bundle->host, "kernel.cmdline"),
                        "BOOT_IMAGE=removed root=removed quiet isolcpus=2-3 ip=removed");
    assert_null(bundle->uri);
    assert_non_null(strstr(g_ptr_array_index(profile->notes, 0), "not of payroll-2; see /proc/interrupts."));
}

/* Whatever people give a name to; each of these values begins with "given". */
static const char given_xml[] =
    "<?xml version='1.0'?><!-- given1 --><?given2 x?>"
    "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0' xmlns:given3='urn:given4'>"
    "<name>given5</name><metadata><given3:given6 given7='1'>given8</given3:given6></metadata><!-- given9 -->"
    "<vcpu cpuset='0-3,^2'>4</vcpu><iothreads>2</iothreads><memory unit='KiB'>1048576</memory>"
    "<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><cmdline>idle=poll no-kvmclock given10=given11</cmdline></os>"
    "<cpu mode='custom' match='exact'><model fallback='allow'>Haswell</model><vendor>Intel</vendor>"
    "<feature policy='require' name='invtsc'/></cpu>"
    "<clock offset='utc'><timer name='hpet' present='no'/></clock><on_crash>restart</on_crash>"
    "<devices><emulator>/usr/bin/given12</emulator>"
    "<disk type='network' device='disk'><driver name='qemu' type='raw' cache='none' queues='4'/>"
    "<auth username='given13'><secret type='ceph' usage='given14'/></auth>"
    "<source protocol='rbd' name='given15'><host name='given16' port='6789'/><snapshot name='given17'/>"
    "<initiator><iqn name='given18'/></initiator></source><target dev='vda' bus='virtio'/>"
    "<serial>4711</serial><wwn>5000c50015ea71aa</wwn><vendor>given19</vendor><product>given20</product></disk>"
    "<disk type='block'><source dev='/dev/loop7given21'/><target dev='sdb' bus='scsi'/></disk>"
    "<filesystem type='mount'><source dir='/given22'/><target dir='given23'/></filesystem>"
    "<interface type='ethernet'><mac address='52:54:00:aa:bb:cc'/><target dev='given24'/><model type='e1000e'/>"
    "<source bridge='given25'/><filterref filter='given26'><parameter name='IP' value='10.1.2.3'/></filterref>"
    "<ip address='10.1.2.4' prefix='24'/></interface>"
    "<graphics type='vnc' port='5901' listen='given27.example.org'><listen type='address' address='given28.example.org'/></graphics>"
    "<channel type='unix'><source mode='bind' path='/given29'/><target type='virtio' name='given30'/></channel>"
    "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>"
    "<serial type='tcp'><source mode='connect' host='given31' service='given32'/></serial>"
    "<shmem name='given33'><model type='ivshmem-plain'/></shmem><newdevice newattr='given34'>given35</newdevice>"
    "<controller type='scsi' index='0' model='lsilogic'/>given36<alias name='net0'/></devices>"
    "<seclabel type='static' model='selinux'><label>given37</label></seclabel>"
    "<sysinfo type='smbios'><oemStrings><entry>given38</entry></oemStrings></sysinfo>"
    "<qemu:commandline><qemu:env name='given39' value='given40'/></qemu:commandline></domain>";

static char *without(const char *text, const char *word)
{
    g_auto(GStrv) parts = g_strsplit(text, word, -1);

    return g_strjoinv("", parts);
}

static void test_given(void **state)
{
    static const char *const gone[] = {"given", "4711", "5000c50015ea71aa", "10.1.2.", "52:54:00", NULL};
    static const char *const kept[] = {
        "@type = 'kvm'", "vcpu/@cpuset = '0-3,^2'", "vcpu = 4", "iothreads = 2", "memory[@unit = 'KiB'] = 1048576",
        "os/type[@arch = 'x86_64' and @machine = 'pc-q35-7.2'] = 'hvm'",
        "os/cmdline = 'idle=poll no-kvmclock given10=removed'",
        "cpu[@mode = 'custom']/model = 'Haswell'", "cpu/vendor = 'Intel'", "cpu/feature[@policy = 'require']/@name = 'invtsc'",
        "clock[@offset = 'utc']/timer[@name = 'hpet']/@present = 'no'", "on_crash = 'restart'",
        "devices/disk[1]/driver[@name = 'qemu' and @type = 'raw' and @cache = 'none' and @queues = 4]",
        "devices/disk[1]/source[@protocol = 'rbd']/host/@port = 6789", "devices/disk[1]/target[@dev = 'vda']/@bus = 'virtio'",
        "devices/disk[1]/wwn", "starts-with(devices/disk[2]/source/@dev, '/dev/loop')",
        "devices/interface[@type = 'ethernet']/model/@type = 'e1000e'", "devices/interface/ip/@prefix = 24",
        "devices/interface/filterref/parameter/@name = 'IP'", "devices/graphics[@type = 'vnc']/@port = 5901",
        "devices/channel[2]/target/@name = 'org.qemu.guest_agent.0'", "devices/serial/source/@mode = 'connect'",
        "devices/controller[@type = 'scsi' and @index = 0]/@model = 'lsilogic'", "devices/alias/@name = 'net0'",
        "seclabel[@type = 'static']/@model = 'selinux'"};
    g_autoptr(VtDomain) domain = domain_from(given_xml);
    g_autoptr(VtBundle) bundle = vt_bundle_new();
    g_autofree char *text = NULL, *rest = NULL;
    xmlNode *root;

    vt_bundle_add(bundle, domain, NULL, NULL);
    vt_redact_bundle(bundle);
    root = xmlDocGetRootElement(domain->live);
    for (gsize i = 0; i < G_N_ELEMENTS(kept); i++)
        if (!vt_xml_has(root, kept[i]))
            fail_msg("not so: %s", kept[i]);
    text = vt_bundle_format(bundle);
    rest = without(text, "given10=");
    assert_absent(rest, gone);
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
    assert_cmdline("\"dyndbg=file payroll.c +p\" ro", "removed ro");
    assert_cmdline("x=\"-- a\" nohz=on", "x=removed nohz=on");
    assert_cmdline("isolcpus=1\trd.luks.key=" HIDDEN "\nro", "isolcpus=1 rd.luks.key=removed ro");
    assert_cmdline("nohz=on\n--\n" HIDDEN, "nohz=on -- removed");
    assert_cmdline("name=\"cash\ndesk\"\tro", "name=removed ro");
    assert_cmdline("isolcpus=\"1 " HIDDEN "\" ro", "isolcpus=removed ro");
}

/* A word alone may be a secret, and so may be what only begins like a parameter. */
static void test_cmdline_words(void **state)
{
    static const char *const whole[] = {
        "quiet ro rhgb splash nomodeset",
        "debug ignore_loglevel loglevel=8 noapic nolapic no-kvmclock no-kvmclock-vsyscall no_kvmclock",
        "kvm.nx_huge_pages=off kvm-intel.ept=0 kvm_amd.avic=off kvm_intel.nested",
        "isolcpus=nohz,managed_irq,2-3 rcu_nocbs idle=poll intel-iommu=on",
        "isolcpus=managed_irq,0-31:2/4,40-N irqaffinity=0,1 hugepagesz=1G hugepages=0:16,1:16 io_delay=0x80 mitigations=auto,nosmt",
        "clocksource=kvm-clock kvm.halt_poll_ns=-1 kvm_intel.vmentry_l1d_flush=cond kvm_amd.avic=N nohz_full=all tsc=reliable",
        "clocksource= loglevel= io_delay= io-delay= kgdboc= no-kvmclock=",
    };
    static const char *const words[] = {
        HIDDEN, "no-" HIDDEN, "quiet" HIDDEN, "kvm" HIDDEN, "kvm." HIDDEN "/x", "\"" HIDDEN "\"",
        /* base64 */
        "c2VjcmV0==", "c2VjcmV0=", "c2Vj/mV0=x", "c2Vj+mV0=x", "=" HIDDEN,
    };

    for (gsize i = 0; i < G_N_ELEMENTS(whole); i++)
        assert_cmdline(whole[i], whole[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        g_autofree char *cmdline = g_strdup_printf("quiet %s ro", words[i]);

        assert_cmdline(cmdline, "quiet removed ro");
    }
    assert_cmdline("kvmkey=" HIDDEN " kvm_" HIDDEN "=1 quiet=" HIDDEN, "kvmkey=removed kvm_" HIDDEN "=removed quiet=removed");
    assert_cmdline("kgdboc=ttyS0 no-kvmclock=x no-kvmclock-x", "kgdboc=removed no-kvmclock=removed removed");
    assert_cmdline("clocksource== kvm.x=" HIDDEN "/" HIDDEN " isolcpus=nohz," HIDDEN ",2-3 clocksource=" HIDDEN ",tsc nohz=\"on\"",
                   "clocksource=removed kvm.x=removed isolcpus=nohz,removed,2-3 clocksource=removed,tsc nohz=removed");
    assert_cmdline("ro  " HIDDEN "\n", "ro removed");
}

/* In XML it may have lines, all of which the guest's kernel reads. */
static void test_guest_cmdline(void **state)
{
    g_autoptr(VtDomain) domain = domain_from(DOMAIN("<os><cmdline>root=/dev/vda1 isolcpus=1\nrd.luks.key=" HIDDEN
                                                    "\tnosmt&#13;pw=" HIDDEN "</cmdline></os>"));
    g_autoptr(VtBundle) bundle = vt_bundle_new();
    g_autofree char *shown = NULL;

    vt_bundle_add(bundle, domain, NULL, NULL);
    vt_redact_bundle(bundle);
    shown = vt_xml_get((xmlNode *)domain->live, "string(//cmdline)");
    assert_string_equal(shown, "root=removed isolcpus=1 rd.luks.key=removed nosmt pw=removed");
}

static void assert_note(const GPtrArray *notes, const char *name)
{
    g_autofree char *expected = g_strdup_printf("Of %s: “%s”, not 14711, 9 or name-4711.", name, name);

    assert_string_equal(notes->pdata[notes->len - 1], expected);
}

/* The names of domains go whatever they look like; other values that are mere numbers would match too much. */
static void test_names_in_notes(void **state)
{
    static const char *const names[] = {"数据库", "зарплата", "4711"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *xml = g_strdup_printf("<domain type='kvm'><name>%s</name><uuid>" UUID "</uuid><devices><disk>"
                                               "<serial>9</serial></disk></devices></domain>", names[i]);
        g_autofree char *note = g_strdup_printf("Of %s: “%s”, not 14711, 9 or name-4711.", names[i], names[i]);
        g_autoptr(VtDomain) domain = domain_from(xml);
        g_autoptr(VtProfile) profile = vt_profile_new();
        g_autoptr(VtBundle) bundle = vt_bundle_new();

        profile->name = g_strdup(names[i]);
        profile->uuid = g_strdup(UUID);
        vt_profile_note(profile, "%s", note);
        bundle->host = vt_host_new();
        vt_host_add_domain(bundle->host, UUID, names[i], 1);
        g_ptr_array_add(bundle->host->notes, g_strdup(note));
        vt_bundle_add(bundle, domain, profile, note);
        vt_redact_bundle(bundle);
        assert_true(g_str_has_prefix(domain->name, "name-"));
        assert_note(profile->notes, domain->name);
        assert_note(bundle->host->notes, domain->name);
        assert_note(bundle->notes, domain->name);
    }
}

/* Other words of people that have letters go from sentences, too. */
/* However a UUID is written: libvirt's own reader minds no hyphens, and this program's no blanks around it. */
static void test_uuids(void **state)
{
    static const char *const uuids[] = {UUID, "11111111222243338444555555555555", "2d9d1ac7-0c-5a4f0e-9d0b-6f1f5b8f0a01",
                                        "\n  " UUID "\t"};

    for (gsize i = 0; i < G_N_ELEMENTS(uuids); i++) {
        g_autofree char *xml = g_strdup_printf("<domain type='kvm'><name>a</name><uuid>%s</uuid></domain>", uuids[i]);
        g_autoptr(VtDomain) domain = domain_from(xml);
        g_autoptr(VtBundle) bundle = vt_bundle_new();
        g_autofree char *uuid = NULL;

        vt_bundle_add(bundle, domain, NULL, NULL);
        vt_redact_bundle(bundle);
        uuid = vt_xml_get((xmlNode *)domain->live, "string(/domain/uuid)");
        assert_string_equal(domain->uuid, "00000000-0000-4000-8000-000000000001");
        assert_string_equal(uuid, domain->uuid);
    }
}

static void test_values_in_notes(void **state)
{
    g_autoptr(VtDomain) domain = domain_from(DOMAIN("<title>касса</title>"));
    g_autoptr(VtBundle) bundle = vt_bundle_new();

    vt_bundle_add(bundle, domain, NULL, "It is касса.");
    vt_redact_bundle(bundle);
    assert_null(strstr(bundle->notes->pdata[0], "касса"));
}

/* Elements of other programs go, and may look like the disk that is meant. */
static void test_seed_disk_foreign(void **state)
{
    g_autoptr(VtDomain) domain = domain_from(
        DOMAIN("<devices><x:disk xmlns:x='http://foo/'><target dev='vdq'/></x:disk>"
               "<disk type='file'><source file='/srv/cidata.img'/><target dev='vdq'/></disk></devices>"));
    g_autoptr(VtBundle) bundle = vt_bundle_new();

    domain->seed_disks = g_strsplit("vdq", ",", -1);
    vt_bundle_add(bundle, domain, NULL, NULL);
    vt_redact_bundle(bundle);
    assert_string_equal(domain->seed_disks[0], "vdq");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_qemu_secrets),
        cmocka_unit_test(test_qemu_kept),
        cmocka_unit_test(test_qemu_property),
        cmocka_unit_test(test_xml_secrets),
        cmocka_unit_test(test_bundle),
        cmocka_unit_test(test_given),
        cmocka_unit_test(test_local_uri),
        cmocka_unit_test(test_cmdline),
        cmocka_unit_test(test_cmdline_words),
        cmocka_unit_test(test_guest_cmdline),
        cmocka_unit_test(test_names_in_notes), cmocka_unit_test(test_uuids),
        cmocka_unit_test(test_values_in_notes),
        cmocka_unit_test(test_seed_disk_foreign),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
