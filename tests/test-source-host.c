/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Host facts of captured machines (tests/data/hosts, see tests/capture-host.sh), and of ones that
 * are broken. */
#include "config.h"

#include <gio/gio.h>
#include <string.h>

#include "source/source-host.h"
#include "vt-test-tree.h"

#define WEB "3b1d8f6a-2c54-4e0f-9a57-0c5d1f8a7b11"
#define DB "8f2e6c1d-7a30-4b9e-8d14-5e6f7a8b9c22"

static VtHost *read_host(const char *dir)
{
    g_autoptr(VtRoot) root = vt_root_new(dir);

    return vt_source_host_read(root);
}

static char *captured(const char *name)
{
    g_autofree char *path = g_strconcat("tests/data/hosts/", name, NULL);

    return vt_test_src(path);
}

static void assert_fact(const VtHost *host, const char *fact, const char *expected)
{
    const char *value = vt_host_get(host, fact);

    if (g_strcmp0(value, expected) != 0)
        fail_msg("%s is “%s”, expected “%s”", fact, value ? value : "unknown",
                 expected ? expected : "unknown");
}

static gboolean has_note(const VtHost *host, const char *text)
{
    for (guint i = 0; i < host->notes->len; i++)
        if (strstr(g_ptr_array_index(host->notes, i), text))
            return TRUE;
    return FALSE;
}

/* Every fact must have a name that rules may ask for. */
static void assert_names_known(const VtHost *host)
{
    g_autoptr(GPtrArray) names = vt_host_fact_names(host);

    for (guint i = 0; i < names->len; i++)
        if (!vt_host_fact_is_known(g_ptr_array_index(names, i)))
            fail_msg("no rule may ask for %s", (const char *)g_ptr_array_index(names, i));
}

static void test_intel(void **state)
{
    g_autofree char *dir = captured("intel-apicv");
    g_autoptr(VtHost) host = read_host(dir);
    const VtHostIrq *irq;

    assert_fact(host, "arch", "x86_64");
    assert_fact(host, "cpu.vendor", "intel");
    assert_fact(host, "cpu.flags",
                "fpu vme de pse tsc msr apic sep constant_tsc nonstop_tsc tsc_deadline_timer "
                "x2apic vmx smx rdtscp vnmi preemption_timer posted_intr invvpid ept_x_only "
                "ept_ad ept_1gb flexpriority apicv tsc_offset ple");
    assert_fact(host, "cpus.online", "0-3");
    assert_fact(host, "cpus.count", "4");
    assert_fact(host, "cpus.isolated", "2-3");
    assert_fact(host, "cpus.nohz-full", "2-3");
    assert_fact(host, "smt", "on");
    assert_fact(host, "numa.nodes", "2");
    assert_fact(host, "kernel.release", "6.1.0-18-amd64");
    assert_fact(host, "kernel.version", "6001000");
    assert_fact(host, "kernel.hz", "250");
    assert_fact(host, "kernel.no-hz-full", "Y");
    assert_non_null(strstr(vt_host_get(host, "kernel.cmdline"), "nohz_full=2-3"));
    assert_fact(host, "kvm.backend", "vmx");
    assert_fact(host, "kvm.apicv", "Y");
    assert_fact(host, "kvm.halt_poll_ns", "200000");
    assert_fact(host, "kvm.pi_inject_timer", "-1");
    assert_fact(host, "kvm_intel.enable_apicv", "Y");
    assert_fact(host, "kvm_intel.ple_gap", "128");
    assert_fact(host, "kvm_intel.vmentry_l1d_flush", "not required");
    assert_fact(host, "irqbalance", "running");
    assert_fact(host, "vhost-net", "Y");
    assert_fact(host, "hugepages.free", "515");
    assert_fact(host, "uri.remote", NULL);
    assert_int_equal(host->notes->len, 0);
    assert_names_known(host);

    irq = vt_host_irq(host, "125");
    assert_string_equal(irq->device, "eno1-TxRx-0");
    assert_int_equal(irq->managed, VT_NO);
    irq = vt_host_irq(host, "127");
    assert_int_equal(irq->managed, VT_YES);
    assert_true(vt_cpus_has(irq->affinity, 2));
    assert_int_equal(vt_host_irq(host, "0")->managed, VT_UNKNOWN);
    assert_int_equal(host->irqs->len, 8);
}

static void test_amd(void **state)
{
    g_autofree char *dir = captured("amd");
    g_autoptr(VtHost) host = read_host(dir);

    assert_fact(host, "cpu.vendor", "amd");
    assert_fact(host, "cpus.online", "0-7,16-23");
    assert_fact(host, "cpus.count", "16");
    assert_fact(host, "cpus.isolated", "");
    assert_fact(host, "cpus.nohz-full", "");
    assert_fact(host, "smt", "forceoff");
    assert_fact(host, "kernel.version", "6008012");
    assert_fact(host, "kernel.hz", "1000");
    assert_fact(host, "kernel.no-hz-full", "N");
    assert_fact(host, "kvm.backend", "svm");
    assert_fact(host, "kvm.apicv", "N");
    assert_fact(host, "kvm_amd.avic", "0");
    assert_fact(host, "irqbalance", "stopped");
    assert_fact(host, "vhost-net", "N");
    assert_fact(host, "hugepages.free", NULL);
    assert_int_equal(host->notes->len, 0);
    assert_names_known(host);
    assert_string_equal(vt_host_irq(host, "50")->device, "mlx5_comp0@pci:0000:01:00.0");
}

/* What is not there is unknown, and where a person could mend it there is a note. */
static void test_minimal(void **state)
{
    static const char *const known[] = {"cpus.count", "cpus.online", "kernel.release",
                                        "kernel.version"};
    g_autofree char *dir = captured("minimal");
    g_autoptr(VtHost) host = read_host(dir);
    g_autoptr(GPtrArray) names = vt_host_fact_names(host);

    assert_int_equal(names->len, G_N_ELEMENTS(known));
    for (guint i = 0; i < names->len; i++)
        assert_string_equal(g_ptr_array_index(names, i), known[i]);
    assert_fact(host, "kernel.version", "5010000");
    assert_true(has_note(host, "/boot/config-5.10"));
    assert_true(has_note(host, "/proc/interrupts"));
    assert_int_equal(host->notes->len, 2);
}

static void test_empty(void **state)
{
    char *dir = vt_test_tree_new();
    g_autoptr(VtHost) host = read_host(dir);

    assert_int_equal(g_hash_table_size(host->facts), 0);
    assert_int_equal(host->irqs->len, 0);
    vt_test_tree_free(dir);
}

static void test_pvm(void **state)
{
    char *dir = vt_test_tree_new();
    g_autoptr(VtHost) host = NULL;

    vt_test_tree_write(dir, "proc/cpuinfo",
                       "processor : 0\nvendor_id : AuthenticAMD\nflags : fpu svm\n", -1);
    vt_test_tree_write(dir, "sys/module/kvm_pvm/parameters/stats", "N\n", -1);
    vt_test_tree_write(dir, "sys/module/kvm_amd/parameters/avic", "Y\n", -1);
    host = read_host(dir);
    assert_fact(host, "kvm.backend", "pvm");
    assert_fact(host, "kvm.apicv", "N");
    vt_test_tree_free(dir);
}

/* Both modules built in: only one suits the processor. And a host with neither. */
static void test_backend(void **state)
{
    static const struct {
        const char *vendor;
        const char *module;
        const char *value;
        const char *backend;
        const char *apicv;
    } cases[] = {
        {"GenuineIntel", "kvm_intel/parameters/enable_apicv", "N", "vmx", "N"},
        {"GenuineIntel", "kvm_amd/parameters/avic", "Y", "none", NULL},
        {"AuthenticAMD", "kvm_amd/parameters/avic", "1", "svm", "Y"},
        {"HygonGenuine", "kvm_amd/parameters/avic", "auto", "svm", NULL},
        {"AuthenticAMD", "kvm_intel/parameters/enable_apicv", "Y", "none", NULL},
        {"CentaurHauls", "kvm_intel/parameters/ept", "Y", "vmx", NULL},
        {"CentaurHauls", "loop/parameters/max_loop", "0", NULL, NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *dir = vt_test_tree_new();
        g_autofree char *cpuinfo = g_strdup_printf("vendor_id\t: %s\n", cases[i].vendor);
        g_autofree char *path = g_strconcat("sys/module/", cases[i].module, NULL);
        g_autoptr(VtHost) host = NULL;

        vt_test_tree_write(dir, "proc/cpuinfo", cpuinfo, -1);
        vt_test_tree_write(dir, path, cases[i].value, -1);
        host = read_host(dir);
        assert_fact(host, "kvm.backend", cases[i].backend);
        assert_fact(host, "kvm.apicv", cases[i].apicv);
        vt_test_tree_free(dir);
    }
}

static void test_arm(void **state)
{
    char *dir = vt_test_tree_new();
    g_autoptr(VtHost) host = NULL;

    vt_test_tree_write(
        dir, "proc/cpuinfo",
        "processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd aes\nCPU implementer\t: 0x41\n",
        -1);
    vt_test_tree_write(dir, "proc/sys/kernel/arch", "aarch64\n", -1);
    vt_test_tree_write(dir, "sys/module/kvm/parameters/halt_poll_ns", "500000\n", -1);
    host = read_host(dir);
    assert_fact(host, "arch", "aarch64");
    assert_fact(host, "cpu.vendor", "arm");
    assert_fact(host, "cpu.flags", "fp asimd aes");
    assert_fact(host, "kvm.backend", NULL);
    assert_fact(host, "kvm.halt_poll_ns", "500000");
    vt_test_tree_free(dir);
}

static void test_kernel_version(void **state)
{
    static const struct {
        const char *release;
        const char *version;
    } cases[] = {
        {"6.18.44-fc-v669", "6018044"},
        {"4.14.1234", "4014999"},
        {"6.12-rc3", "6012000"},
        {"5", "5000000"},
        {"linux", NULL},
        {"5.x", NULL},
        {"99999.1.1", NULL},
        {"../../etc/passwd", NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *dir = vt_test_tree_new();
        g_autoptr(VtHost) host = NULL;

        vt_test_tree_write(dir, "proc/sys/kernel/osrelease", cases[i].release, -1);
        host = read_host(dir);
        assert_fact(host, "kernel.version", cases[i].version);
        vt_test_tree_free(dir);
    }
}

static void write_gz(const char *dir, const char *path, const char *text, gsize length)
{
    g_autoptr(GZlibCompressor) gzip = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
    g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable();
    g_autoptr(GOutputStream) stream = g_converter_output_stream_new(memory, G_CONVERTER(gzip));

    assert_true(g_output_stream_write_all(stream, text, length, NULL, NULL, NULL));
    assert_true(g_output_stream_close(stream, NULL, NULL));
    vt_test_tree_write(
        dir, path, g_memory_output_stream_get_data(G_MEMORY_OUTPUT_STREAM(memory)),
        (gssize)g_memory_output_stream_get_data_size(G_MEMORY_OUTPUT_STREAM(memory)));
}

static void test_config_gz(void **state)
{
    static const char config[] = "# comment\nCONFIG_HZ_100=y\nCONFIG_HZ=100\nCONFIG_NO_HZ_FULL=y\n";
    char *dir = vt_test_tree_new();
    g_autoptr(VtHost) host = NULL;

    vt_test_tree_write(dir, "proc/sys/kernel/osrelease", "6.1.0", -1);
    write_gz(dir, "proc/config.gz", config, strlen(config));
    host = read_host(dir);
    assert_fact(host, "kernel.hz", "100");
    assert_fact(host, "kernel.no-hz-full", "Y");
    vt_test_tree_free(dir);
}

/* Not a gzip file, a truncated one, and 64 MiB of blanks in 64 KiB: nothing is known, nothing
 * breaks. */
static void test_bad_config_gz(void **state)
{
    char *dir = vt_test_tree_new();
    g_autofree char *blanks = g_malloc(64 * 1024 * 1024);
    g_autofree char *path = g_build_filename(dir, "proc/config.gz", NULL);
    g_autofree char *packed = NULL;
    gsize length;

    memset(blanks, '\n', 64 * 1024 * 1024);
    vt_test_tree_write(dir, "proc/config.gz", "CONFIG_HZ=100\n", -1);
    for (guint i = 0; i < 3; i++) {
        g_autoptr(VtHost) host = read_host(dir);

        assert_fact(host, "kernel.hz", NULL);
        assert_fact(host, "kernel.no-hz-full", NULL);
        if (i == 0) {
            write_gz(dir, "proc/config.gz", blanks, 64 * 1024 * 1024);
        } else {
            assert_true(g_file_get_contents(path, &packed, &length, NULL));
            vt_test_tree_write(dir, "proc/config.gz", packed, (gssize)length / 2);
            g_clear_pointer(&packed, g_free);
        }
    }
    vt_test_tree_free(dir);
}

static void test_smt(void **state)
{
    char *dir = vt_test_tree_new();
    g_autoptr(VtHost) host = NULL;

    vt_test_tree_write(dir, "sys/devices/system/cpu/smt/active", "1\n", -1);
    vt_test_tree_write(dir, "sys/devices/system/cpu/online", "0-3,x\n", -1);
    vt_test_tree_write(dir, "sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "-1\n", -1);
    vt_test_tree_write(dir, "sys/module/kvm/parameters/strange", "two\nlines\n", -1);
    host = read_host(dir);
    assert_fact(host, "smt", "on");
    assert_fact(host, "cpus.online", NULL);
    assert_fact(host, "cpus.count", NULL);
    assert_fact(host, "hugepages.free", NULL);
    assert_fact(host, "kvm.strange", NULL);
    vt_test_tree_free(dir);
}

static void assert_cores(const char *dir, const char *expected)
{
    g_autoptr(VtHost) host = read_host(dir);

    assert_fact(host, "smt.cores", expected);
}

static void test_cores(void **state)
{
    char *dir = vt_test_tree_new();

    vt_test_tree_write(dir, "sys/devices/system/cpu/smt/control", "on\n", -1);
    vt_test_tree_write(dir, "sys/devices/system/cpu/online", "0-3\n", -1);
    assert_cores(dir, NULL);
    vt_test_tree_write(dir, "sys/devices/system/cpu/cpu0/topology/thread_siblings_list", "0,2\n", -1);
    assert_cores(dir, NULL); /* a half of it would be wrong */
    vt_test_tree_write(dir, "sys/devices/system/cpu/cpu1/topology/thread_siblings_list", "1,3\n", -1);
    assert_cores(dir, "0,2 1,3");
    vt_test_tree_write(dir, "sys/devices/system/cpu/cpu1/topology/thread_siblings_list", "3\n", -1);
    assert_cores(dir, NULL);
    vt_test_tree_write(dir, "sys/devices/system/cpu/smt/control", "off\n", -1);
    assert_cores(dir, NULL);
    vt_test_tree_free(dir);
}

static void test_remote(void **state)
{
    g_autoptr(VtHost) host = vt_source_host_remote("qemu+ssh://ho\x1b[2Jst/system");

    assert_fact(host, "uri.remote", "Y");
    assert_int_equal(g_hash_table_size(host->facts), 1);
    assert_true(has_note(host, "qemu+ssh://ho\\x1b[2Jst/system"));
}

/* Only where there is another machine the advice is to go there. */
static void test_simulated(void **state)
{
    g_autoptr(VtHost) there = vt_source_host_remote("qemu+ssh://host/system");
    g_autoptr(VtHost) simulated = vt_source_host_remote("test:///default");

    assert_true(has_note(there, "Run virt-tune there"));
    assert_false(has_note(there, "do not run on this machine"));
    assert_false(has_note(simulated, "Run virt-tune there"));
    assert_true(has_note(simulated, "test:///default do not run on this machine"));
}

static void test_virt(void **state)
{
    g_autoptr(VtVirt) virt = vt_virt_open("test:///default", FALSE, FALSE, NULL);
    g_autoptr(VtHost) host = vt_host_new();

    vt_source_host_add_virt(host, virt);
    assert_non_null(vt_host_get(host, "libvirt.version"));
    assert_true(g_ascii_strtoull(vt_host_get(host, "libvirt.version"), NULL, 10) >= 6010000);
    /* The test driver has a version of its own, which is not QEMU's. */
    assert_fact(host, "qemu.version", NULL);
    assert_names_known(host);
}

static VtHostDomain *place_of(VtHost *host, const char *inner, guint vcpus)
{
    g_autofree char *xml = g_strdup_printf(
        "<domain type='kvm'><name>web</name><uuid>" WEB "</uuid>%s</domain>", inner);
    g_autoptr(VtDomain) domain = vt_domain_from_xml(xml, strlen(xml), "web.xml", NULL);

    assert_non_null(domain);
    domain->vcpus = vcpus;
    vt_source_host_add_domain(host, domain);
    return vt_host_domain(host, WEB);
}

static void assert_pins(const char *inner, guint vcpus, const char *expected)
{
    g_autoptr(VtHost) host = vt_host_new();
    const VtHostDomain *place = place_of(host, inner, vcpus);
    g_autoptr(GString) pins = g_string_new(place->pins_known ? "" : "unknown");

    assert_int_equal(place->vcpus, vcpus);
    assert_int_equal(place->vcpu_pins->len, vcpus);
    for (guint i = 0; place->pins_known && i <= vcpus; i++) {
        const VtCpus *cpus = i < vcpus ? g_ptr_array_index(place->vcpu_pins, i)
                                       : place->emulator_pin;
        g_autofree char *text = cpus ? vt_cpus_format(cpus) : g_strdup("-");

        g_string_append_printf(pins, "%s%s", i == 0 ? "" : " ", text);
    }
    assert_string_equal(pins->str, expected);
}

static void test_pins(void **state)
{
    assert_pins("<vcpu>2</vcpu>", 2, "- - -");
    assert_pins(
        "<vcpu>2</vcpu><cputune><vcpupin vcpu='0' cpuset='2'/><vcpupin vcpu='1' cpuset='3'/>"
        "<emulatorpin cpuset='0-1'/></cputune>",
        2, "2 3 0-1");
    assert_pins(
        "<vcpu>2</vcpu><cputune><shares>5</shares><vcpupin vcpu='1' cpuset='0-7,^3'/></cputune>", 2,
        "- 0-2,4-7 -");
    assert_pins("<vcpu cpuset='4-5'>2</vcpu><cputune><vcpupin vcpu='1' cpuset='6'/></cputune>", 2,
                "4-5 6 4-5");
    /* libvirt keeps the pins of vCPUs that are not plugged in. */
    assert_pins("<vcpu current='1'>2</vcpu><cputune><vcpupin vcpu='0' cpuset='1'/>"
                "<vcpupin vcpu='1' cpuset='2'/></cputune>",
                1, "1 -");
    assert_pins("<vcpu placement='auto'>2</vcpu>", 2, "unknown");
    assert_pins("<vcpu cpuset='zero'>2</vcpu>", 2, "unknown");
    assert_pins("<vcpu>1</vcpu><cputune><vcpupin vcpu='0' cpuset='0-'/></cputune>", 1, "unknown");
    assert_pins("<vcpu>1</vcpu><cputune><vcpupin vcpu='-1' cpuset='0'/></cputune>", 1, "unknown");
    assert_pins("<vcpu>1</vcpu><cputune><emulatorpin cpuset='x'/></cputune>", 1, "unknown");
}

static void test_domain_without_xml(void **state)
{
    g_autoptr(VtHost) host = vt_host_new();
    g_autoptr(VtDomain) domain = vt_domain_new("web", WEB);

    domain->vcpus = 2;
    vt_source_host_add_domain(host, domain);
    assert_false(vt_host_domain(host, WEB)->pins_known);
}

static const char *vhost_threads(const char *dir, const char *uuid)
{
    static char *value;
    g_autoptr(VtRoot) root = vt_root_new(dir);
    g_autoptr(VtHost) host = vt_host_new();

    vt_host_add_domain(host, WEB, "web", 1);
    vt_host_add_domain(host, DB, "db", 1);
    vt_source_host_add_vhost(host, root);
    g_free(value);
    value = g_strdup(vt_host_get_for(host, uuid, "domain.vhost-threads"));
    return value;
}

static void test_vhost(void **state)
{
    g_autofree char *old = captured("intel-apicv");
    g_autofree char *new = captured("amd");
    g_autofree char *none = captured("minimal");

    /* Kernel threads before Linux 6.4, threads of QEMU since. */
    assert_string_equal(vhost_threads(old, WEB), "2");
    assert_string_equal(vhost_threads(old, DB), "0");
    assert_string_equal(vhost_threads(new, WEB), "3");
    /* Its process is not visible, so nothing is known. */
    assert_null(vhost_threads(new, DB));
    assert_null(vhost_threads(none, WEB));
}

/* A "-uuid" at the end, one without a NUL behind it, and a huge command line. */
static void test_vhost_bad_cmdline(void **state)
{
    char *dir = vt_test_tree_new();
    g_autofree char *huge = g_strnfill(2 * 1024 * 1024, 'x');

    vt_test_tree_write(dir, "proc/10/cmdline", "qemu\0-uuid", 10);
    vt_test_tree_write(dir, "proc/11/cmdline", "qemu\0-uuid\0", 11);
    vt_test_tree_write(dir, "proc/12/cmdline", huge, -1);
    vt_test_tree_write(dir, "proc/13/cmdline", "", 0);
    vt_test_tree_write(dir, "proc/13/comm", "vhost-\n", -1);
    vt_test_tree_write(dir, "proc/14/cmdline", "qemu\0-uuid\0" WEB, 11 + (gssize)strlen(WEB));
    vt_test_tree_write(dir, "proc/14/task/14/comm", "qemu\n", -1);
    assert_string_equal(vhost_threads(dir, WEB), "0");
    assert_null(vhost_threads(dir, DB));
    vt_test_tree_free(dir);
}

/* The capture of a capture gives the same facts. */
static void test_capture(void **state)
{
    g_autofree char *script = vt_test_src("tests/capture-host.sh");
    g_autofree char *from = captured("intel-apicv");
    char *dir = vt_test_tree_new();
    g_autofree char *to = g_build_filename(dir, "capture", NULL);
    const char *argv[] = {"sh", script, "-r", from, to, NULL};
    g_autoptr(VtHost) original = read_host(from);
    g_autoptr(VtHost) copy = NULL;
    g_autoptr(GPtrArray) names = vt_host_fact_names(original);
    g_autofree char *complaint = NULL;
    int status;

    assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                             &complaint, &status, NULL));
    assert_string_equal(complaint, "");
    assert_int_equal(status, 0);
    copy = read_host(to);
    assert_int_equal(g_hash_table_size(copy->facts), names->len);
    for (guint i = 0; i < names->len; i++)
        assert_fact(copy, g_ptr_array_index(names, i),
                    vt_host_get(original, g_ptr_array_index(names, i)));
    assert_int_equal(copy->irqs->len, original->irqs->len);
    assert_int_equal(vt_host_irq(copy, "126")->managed, VT_YES);
    assert_string_equal(vhost_threads(to, WEB), "2");
    vt_test_tree_free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_intel),
        cmocka_unit_test(test_amd),
        cmocka_unit_test(test_minimal),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_pvm),
        cmocka_unit_test(test_backend),
        cmocka_unit_test(test_arm),
        cmocka_unit_test(test_kernel_version),
        cmocka_unit_test(test_config_gz),
        cmocka_unit_test(test_bad_config_gz),
        cmocka_unit_test(test_smt),
        cmocka_unit_test(test_cores),
        cmocka_unit_test(test_simulated),
        cmocka_unit_test(test_remote),
        cmocka_unit_test(test_virt),
        cmocka_unit_test(test_pins),
        cmocka_unit_test(test_domain_without_xml),
        cmocka_unit_test(test_vhost),
        cmocka_unit_test(test_vhost_bad_cmdline),
        cmocka_unit_test(test_capture),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
