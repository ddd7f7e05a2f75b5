/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/interrupts as x86, arm64 and Hyper-V guests print it, and what is no such file. */
#include "config.h"

#include "source/interrupts.h"
#include "vt-test-tree.h"

#define TABLE                                                                                \
    "            CPU0       CPU1       CPU3       \n"                                        \
    "   1:          9          0          1   IO-APIC    1-edge      i8042\n"                \
    "  24:        100        200        300  PCI-MSIX-0000:00:03.0 1-edge virtio2-input.0\n" \
    "  25:          0          0          5  Hyper-V PCIe MSI 805306368-edge      nvme0q0\n" \
    "  26:          1          2          3     GICv3  27 Level     arch_timer\n"            \
    "  27:          7          7          7   IO-APIC   16-fasteoi   ehci_hcd:usb1, eth 0\n" \
    "  28:          4          0          0   IO-APIC    8-edge    \n"                       \
    " LOC:       1000       2000       3000   Local timer interrupts\n"                      \
    " ERR:          3\n"                                                                     \
    " MIS:          0\n"

#define TABLE_LATER                                                                          \
    "            CPU0       CPU1       CPU3       \n"                                        \
    "   1:          9          0          1   IO-APIC    1-edge      i8042\n"                \
    "  24:        110        200        360  PCI-MSIX-0000:00:03.0 1-edge virtio2-input.0\n" \
    "  25:          0          0          2  Hyper-V PCIe MSI 805306368-edge      nvme0q0\n" \
    "  26:          1          2          3     GICv3  27 Level     arch_timer\n"            \
    "  27:          7          7          9   IO-APIC   16-fasteoi   ehci_hcd:usb1, eth 0\n" \
    "  28:         40          0          0   IO-APIC    8-edge      rtc0\n"                 \
    "  29:          6          0          0   IO-APIC    9-fasteoi   acpi\n"                 \
    " LOC:       1250       2500       3000   Local timer interrupts\n"                      \
    " ERR:          9\n"                                                                     \
    " MIS:          0\n"

static VtInterrupts *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    VtInterrupts *interrupts = vt_interrupts_parse(text, "interrupts", &error);

    assert_null(error);
    assert_non_null(interrupts);
    return interrupts;
}

static void collect(const char *irq, const char *device, guint64 delta, gpointer data)
{
    g_string_append_printf(data, "%s(%s)+%" G_GUINT64_FORMAT "\n", irq, device ? device : "",
                           delta);
}

static void assert_delta(const char *before, const char *after, const char *list,
                         const char *expected)
{
    g_autoptr(VtInterrupts) a = parse(before);
    g_autoptr(VtInterrupts) b = parse(after);
    g_autoptr(VtCpus) cpus = list ? vt_cpus_parse(list, NULL) : NULL;
    g_autoptr(GString) seen = g_string_new(NULL);

    vt_interrupts_delta(a, b, cpus, collect, seen);
    assert_string_equal(seen->str, expected);
}

static void test_devices(void **state)
{
    assert_delta("  CPU0 CPU1 CPU3\n", TABLE, NULL,
                 "1(i8042)+10\n24(virtio2-input.0)+600\n25(nvme0q0)+5\n26(arch_timer)+6\n"
                 "27(ehci_hcd:usb1, eth 0)+21\n"
                 "28()+4\nLOC()+6000\n");
}

static void test_delta(void **state)
{
    /* 25 began anew and 28 has another handler: neither can be counted. */
    assert_delta(TABLE, TABLE_LATER, NULL,
                 "24(virtio2-input.0)+70\n27(ehci_hcd:usb1, eth 0)+2\n29(acpi)+6\nLOC()+750\n");
    assert_delta(TABLE, TABLE, NULL, "");
}

static void test_delta_on_cpus(void **state)
{
    assert_delta(TABLE, TABLE_LATER, "0", "24(virtio2-input.0)+10\n29(acpi)+6\nLOC()+250\n");
    assert_delta(TABLE, TABLE_LATER, "1-2", "LOC()+500\n");
    assert_delta(TABLE, TABLE_LATER, "2,7", "");
    assert_delta(TABLE, TABLE_LATER, "3", "24(virtio2-input.0)+60\n27(ehci_hcd:usb1, eth 0)+2\n");
}

/* The kernel's counters are 32 bits wide, each CPU's for itself. */
static void test_wrap(void **state)
{
    assert_delta(" CPU0 CPU1\n 24: 4294967290 5000 chip 1-edge eth0\nLOC: 4294967295 4294967295 Local\n",
                 " CPU0 CPU1\n 24: 10 5100 chip 1-edge eth0\nLOC: 0 1 Local\n", NULL,
                 "24(eth0)+116\nLOC()+3\n");
    assert_delta(" CPU0 CPU1\n 24: 4294967290 5000 chip 1-edge eth0\n",
                 " CPU0 CPU1\n 24: 10 5100 chip 1-edge eth0\n", "0", "24(eth0)+16\n");
}

static void assert_back(const char *before, const char *after, const char *list, gboolean expected)
{
    g_autoptr(VtInterrupts) a = parse(before);
    g_autoptr(VtInterrupts) b = parse(after);
    g_autoptr(VtCpus) cpus = list ? vt_cpus_parse(list, NULL) : NULL;

    assert_int_equal(vt_interrupts_went_back(a, b, cpus), expected);
}

/* What began anew is told from what wrapped; lines that came, went or changed hands did neither. */
static void test_went_back(void **state)
{
    assert_back(TABLE, TABLE, NULL, FALSE);
    assert_back(TABLE, TABLE_LATER, NULL, TRUE); /* 25, on CPU 3 */
    assert_back(TABLE, TABLE_LATER, "3", TRUE);
    assert_back(TABLE, TABLE_LATER, "0-1", FALSE);
    assert_back(" CPU0\n 24: 4294967290 chip 1-edge eth0\n", " CPU0\n 24: 10 chip 1-edge eth0\n", NULL, FALSE);
    assert_back(" CPU0\n 24: 900 chip 1-edge eth0\n", " CPU0\n 24: 10 chip 1-edge eth1\n", NULL, FALSE);
    assert_back(" CPU0\n 24: 900 chip 1-edge eth0\n", " CPU0\n 25: 10 chip 1-edge eth0\n", NULL, FALSE);
    assert_back(" CPU0 CPU1\n 24: 900 5 chip 1-edge eth0\n", " CPU1\n 24: 10 chip 1-edge eth0\n", NULL, FALSE);
}

/* The column of a CPU that came meanwhile begins with what it had counted before it went. */
static void test_cpu_comes_and_goes(void **state)
{
    assert_delta(" CPU0 CPU2\n 5: 1 10 chip 1-edge dev\n",
                 " CPU0 CPU1 CPU2\n 5: 2 5000 13 chip 1-edge dev\n", NULL, "5(dev)+4\n");
    assert_delta(" CPU0 CPU1 CPU2\n 5: 2 5000 13 chip 1-edge dev\n",
                 " CPU0 CPU2\n 5: 7 13 chip 1-edge dev\n", NULL, "5(dev)+5\n");
}

static void assert_malformed(const char *text, const char *message)
{
    g_autoptr(GError) error = NULL;

    assert_null(vt_interrupts_parse(text, "interrupts", &error));
    assert_non_null(error);
    assert_non_null(strstr(error->message, message));
}

static void test_malformed(void **state)
{
    assert_malformed("", "interrupts:1: ");
    assert_malformed(" 1: 2 3\n", "'1:' is not the name of a CPU");
    assert_malformed(" CPU0 CPUx\n", "'CPUx' is not the name of a CPU");
    assert_malformed(" CPU99999999999999999999\n", "is not the name of a CPU");
    assert_malformed(" CPU1 CPU0\n", "ascending");
    assert_malformed(" CPU0 CPU0\n", "ascending");
    assert_malformed(" CPU0 CPU1\n 24: 5\n", "interrupts:2: interrupt 24 has fewer counts");
    assert_malformed(" CPU0 CPU1\n 24: 5 -1 chip 1-edge x\n", "interrupt 24 has fewer counts");
    assert_malformed(" CPU0\n 24: 99999999999999999999 chip 1-edge x\n",
                     "interrupt 24 has fewer counts");
    assert_malformed(" CPU0\n\n 24 5\n", "interrupts:3: the line does not begin");
    assert_malformed(" CPU0\n : 5\n", "does not begin");
    assert_malformed(" CPU0\n 7: 5\n 7: 6\n", "interrupts:3: interrupt 7 is there twice");
}

static void test_read(void **state)
{
    char *dir = vt_test_tree_new();
    g_autoptr(VtRoot) root = vt_root_new(dir);
    g_autoptr(VtInterrupts) interrupts = NULL;
    g_autoptr(GError) error = NULL;

    assert_null(vt_interrupts_read(root, &error));
    assert_non_null(strstr(error->message, "/proc/interrupts"));
    vt_test_tree_write(dir, "proc/interrupts", TABLE, -1);
    interrupts = vt_interrupts_read(root, NULL);
    assert_non_null(interrupts);
    vt_test_tree_free(dir);
}

static void assert_irq(const VtHost *host, const char *irq, const char *device,
                       const char *affinity, VtTri managed)
{
    const VtHostIrq *line = vt_host_irq(host, irq);
    g_autofree char *cpus = NULL;

    assert_non_null(line);
    cpus = line->affinity ? vt_cpus_format(line->affinity) : g_strdup("unknown");
    assert_string_equal(line->device ? line->device : "", device);
    assert_string_equal(cpus, affinity);
    assert_int_equal(line->managed, managed);
}

static void test_describe(void **state)
{
    char *dir = vt_test_tree_new();
    g_autoptr(VtRoot) root = vt_root_new(dir);
    g_autoptr(VtInterrupts) interrupts = parse(TABLE);
    g_autoptr(VtHost) old = vt_host_new();
    g_autoptr(VtHost) new = vt_host_new();

    vt_test_tree_write(dir, "proc/irq/1/smp_affinity_list", "0-3\n", -1);
    vt_test_tree_write(dir, "proc/irq/24/smp_affinity_list", "0-3\n", -1);
    vt_test_tree_write(dir, "proc/irq/24/effective_affinity_list", "3\n", -1);
    vt_test_tree_chmod(dir, "proc/irq/1/smp_affinity_list", 0444);
    vt_test_tree_write(dir, "proc/irq/25/smp_affinity_list", "nonsense\n", -1);
    vt_test_tree_write(dir, "proc/irq/26/effective_affinity_list", "\n", -1);
    vt_test_tree_write(dir, "proc/irq/26/smp_affinity_list", "1\n", -1);
    vt_test_tree_chmod(dir, "proc/irq/26/smp_affinity_list", 0444);
    /* debugfs decides, whatever the mode says. */
    vt_test_tree_write(dir, "sys/kernel/debug/irq/irqs/25",
                       "dstate: 1\n  IRQD_ACTIVATED\n  IRQD_AFFINITY_MANAGED\n", -1);
    vt_test_tree_write(dir, "sys/kernel/debug/irq/irqs/26",
                       "dstate: 1\n  IRQD_ACTIVATED\n  IRQD_IRQ_STARTED\n", -1);

    vt_host_set(new, "kernel.version", "6012000");
    vt_interrupts_describe(interrupts, root, new);
    assert_irq(new, "1", "i8042", "0-3", VT_YES);
    assert_irq(new, "24", "virtio2-input.0", "3", VT_NO);
    assert_irq(new, "25", "nvme0q0", "unknown", VT_YES);
    assert_irq(new, "26", "arch_timer", "1", VT_NO);
    assert_irq(new, "27", "ehci_hcd:usb1, eth 0", "unknown", VT_UNKNOWN);
    assert_irq(new, "LOC", "", "unknown", VT_UNKNOWN);
    assert_null(vt_host_irq(new, "ERR"));

    /* Before Linux 6.12 the mode says nothing. */
    vt_host_set(old, "kernel.version", "6011011");
    vt_interrupts_describe(interrupts, root, old);
    assert_irq(old, "1", "i8042", "0-3", VT_UNKNOWN);
    assert_irq(old, "24", "virtio2-input.0", "3", VT_UNKNOWN);
    assert_irq(old, "25", "nvme0q0", "unknown", VT_YES);
    vt_test_tree_free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_devices),       cmocka_unit_test(test_delta),
        cmocka_unit_test(test_delta_on_cpus), cmocka_unit_test(test_cpu_comes_and_goes),
        cmocka_unit_test(test_malformed),     cmocka_unit_test(test_read),
        cmocka_unit_test(test_describe),      cmocka_unit_test(test_wrap),
        cmocka_unit_test(test_went_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
