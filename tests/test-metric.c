/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test.h"

#include <string.h>

#include "base/error.h"
#include "model/metric.h"

static void test_kinds(void **state)
{
    static const struct {
        const char *name;
        VtMetricKind kind;
    } names[] = {
        {"exits", VT_METRIC_EXITS},
        {"exit.hlt", VT_METRIC_EXIT},
        {"exit.mmio-fast", VT_METRIC_EXIT},
        {"exit.vmx-91", VT_METRIC_EXIT},
        {"exit.svm-0x404", VT_METRIC_EXIT},
        {"exit.arm64-7", VT_METRIC_EXIT},
        {"exit.arm64-ec-0x3f", VT_METRIC_EXIT},
        {"msr.read.0x10", VT_METRIC_MSR_READ},
        {"msr.write.0x80b", VT_METRIC_MSR_WRITE},
        {"msr.write.0xffffffff", VT_METRIC_MSR_WRITE},
        {"pio.0x0", VT_METRIC_PIO},
        {"pio.0xffff", VT_METRIC_PIO},
        {"mmio.0xffffffffffffffff", VT_METRIC_MMIO},
        {"irq.0", VT_METRIC_IRQ},
        {"irq.24", VT_METRIC_IRQ},
        {"irq.LOC", VT_METRIC_IRQ},
        {"kvm.insn_emulation", VT_METRIC_KVM},
        {"kvm.pages_2m", VT_METRIC_KVM},
        {"block.requests", VT_METRIC_BLOCK},
        {"net.packets", VT_METRIC_NET},
        {"sched.run-delay-ns", VT_METRIC_SCHED},
        {"qemu.busy-ns", VT_METRIC_QEMU},
    };
    static const char *const invalid[] = {
        "",
        "exit",
        "exits.",
        "exit.",
        "exit.HLT",
        "exit.unknown",
        "exit.vmx-",
        "exit.vmx-0x5b",
        "exit.vmx-091",
        "exit.vmx--1",
        "exit.svm-1028",
        "exit.arm64-ec-63",
        "exit.arm64-ec-0x40",
        "exit.svm-0x0404",
        "msr.0x80b",
        "msr.write.80b",
        "msr.write.0x",
        "msr.write.0X1",
        "msr.write.0x80B",
        "msr.write.0x080b",
        "pio.0x10000",
        "pio.503",
        "mmio.0x10000000000000000",
        "msr.read.0x100000000",
        "irq.",
        "irq.007",
        "irq.99999999999",
        "irq.a b",
        "irq.../x",
        "kvm.",
        "kvm.a-b",
        "kvm.a\x1b",
        "block",
        "block.requestsx",
        " exits",
        "exits ",
        "net.bytes",
    };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        assert_int_equal(vt_metric_kind(names[i].name), names[i].kind);
    for (guint i = 0; i < G_N_ELEMENTS(invalid); i++) {
        if (vt_metric_kind(invalid[i]) != VT_METRIC_INVALID)
            fail_msg("\"%s\" is taken for a metric", invalid[i]);
    }
    assert_int_equal(vt_metric_kind(NULL), VT_METRIC_INVALID);
}

static void test_namespaces(void **state)
{
    assert_string_equal(vt_metric_namespace(VT_METRIC_EXITS), "exits");
    assert_string_equal(vt_metric_namespace(VT_METRIC_MSR_WRITE), "msr.write");
    assert_null(vt_metric_namespace(VT_METRIC_INVALID));
    assert_true(vt_metric_namespace_is_known("msr.read"));
    assert_true(vt_metric_namespace_is_known("sched"));
    assert_false(vt_metric_namespace_is_known("msr"));
    assert_false(vt_metric_namespace_is_known(NULL));
}

static void test_numbers(void **state)
{
    guint64 number = 1;

    assert_true(vt_metric_number("pio.0x1f7", &number));
    assert_true(number == 0x1f7);
    assert_true(vt_metric_number("irq.24", &number));
    assert_true(number == 24);
    assert_false(vt_metric_number("irq.LOC", &number));
    assert_false(vt_metric_number("exit.vmx-91", &number));
    assert_false(vt_metric_number("pio.0x1F7", &number));
    assert_true(number == 24);

    assert_true(vt_metric_is_idle("exit.hlt"));
    assert_false(vt_metric_is_idle("exit.hlt-poll") || vt_metric_is_idle("exits") || vt_metric_is_idle("kvm.halt_exits"));

    assert_true(vt_metric_is_specific(VT_METRIC_IRQ));
    assert_true(vt_metric_is_specific(VT_METRIC_MMIO));
    assert_false(vt_metric_is_specific(VT_METRIC_EXIT));
    assert_false(vt_metric_is_specific(VT_METRIC_KVM));
    assert_false(vt_metric_is_specific(VT_METRIC_INVALID));
}

static void test_name_round_trip(void **state)
{
    static const struct {
        VtMetricKind kind;
        guint64 number;
        const char *name;
    } names[] = {
        {VT_METRIC_PIO, 0x1f7, "pio.0x1f7"},
        {VT_METRIC_MSR_READ, 0, "msr.read.0x0"},
        {VT_METRIC_MMIO, G_MAXUINT64, "mmio.0xffffffffffffffff"},
        {VT_METRIC_IRQ, 24, "irq.24"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *name = vt_metric_name(names[i].kind, names[i].number);
        guint64 number;

        assert_string_equal(name, names[i].name);
        assert_int_equal(vt_metric_kind(name), names[i].kind);
        assert_true(vt_metric_number(name, &number));
        assert_true(number == names[i].number);
    }
}

static void test_set(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VtMetricSet) set = vt_metric_set_parse(
        "\n  pio.0x1f0-0x1f7 pio.0x3f6\t irq.* exit.mmio irq.24-31 irq.LOC ", &error);
    const char *name;
    guint64 first, last;

    assert_no_error(error);
    assert_int_equal(vt_metric_set_length(set), 6);
    assert_string_equal(vt_metric_set_text(set),
                        "pio.0x1f0-0x1f7 pio.0x3f6 irq.* exit.mmio irq.24-31 irq.LOC");

    assert_int_equal(vt_metric_set_part(set, 0, &name, &first, &last), VT_METRIC_PIO);
    assert_null(name);
    assert_true(first == 0x1f0 && last == 0x1f7);
    assert_int_equal(vt_metric_set_part(set, 1, &name, &first, &last), VT_METRIC_PIO);
    assert_string_equal(name, "pio.0x3f6");
    assert_true(first == 0x3f6 && last == 0x3f6);
    assert_int_equal(vt_metric_set_part(set, 2, &name, &first, &last), VT_METRIC_IRQ);
    assert_null(name);
    assert_true(first == 0 && last == G_MAXUINT32);
    assert_int_equal(vt_metric_set_part(set, 3, &name, &first, &last), VT_METRIC_EXIT);
    assert_string_equal(name, "exit.mmio");
    assert_int_equal(vt_metric_set_part(set, 4, &name, &first, &last), VT_METRIC_IRQ);
    assert_true(first == 24 && last == 31);
    assert_int_equal(vt_metric_set_part(set, 5, &name, &first, &last), VT_METRIC_IRQ);
    assert_string_equal(name, "irq.LOC");
    assert_false(vt_metric_set_is_specific(set));
}

static void test_set_specific(void **state)
{
    g_autoptr(VtMetricSet) ports = vt_metric_set_parse("pio.0x1f0-0x1f7 msr.write.0x80b", NULL);
    g_autoptr(VtMetricSet) family = vt_metric_set_parse("pio.0x1f0 kvm.exits", NULL);

    assert_true(vt_metric_set_is_specific(ports));
    assert_false(vt_metric_set_is_specific(family));
}

static void test_set_time(void **state)
{
    static const struct {
        const char *text;
        gboolean time;
    } sets[] = {
        {"sched.run-delay-ns", TRUE}, {"kvm.halt_wait_ns kvm.halt_poll_fail_ns", TRUE}, {"qemu.busy-ns exits", FALSE},
        {"exit.hlt", FALSE},          {"irq.*", FALSE},                                 {"block.requests", FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(sets); i++) {
        g_autoptr(VtMetricSet) set = vt_metric_set_parse(sets[i].text, NULL);

        assert_int_equal(vt_metric_set_is_time(set), sets[i].time);
    }
}

static void test_set_errors(void **state)
{
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"", "missing"},
        {"  \n", "missing"},
        {"exit.foo", "exit.foo"},
        {"exit.mmio,exit.io", "exit.mmio,exit.io"},
        {"exit.*", "exit.*"},
        {"kvm.*", "kvm.*"},
        {"pio.0x1f7-0x1f0", "smaller number first"},
        {"pio.0x1f7-0x1f7", "smaller number first"},
        {"pio.0x1f0-", "pio.0x1f0-"},
        {"pio.0x1f0-0x1f7-0x1ff", "pio.0x1f0-0x1f7-0x1ff"},
        {"pio.0x1f0-0x10000", "pio.0x1f0-0x10000"},
        {"pio.0x1f0 pio.0x1F7", "pio.0x1F7"},
        {"irq.LOC-RES", "irq.LOC-RES"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        assert_null(vt_metric_set_parse(bad[i].text, &error));
        assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
        if (!strstr(error->message, bad[i].message))
            fail_msg("\"%s\": %s", bad[i].text, error->message);
    }
}

static void test_kvm_stats(void **state)
{
    assert_string_equal(vt_metric_kvm_stat("irq_window"), "irq_window_exits");
    assert_string_equal(vt_metric_kvm_stat("nmi_window"), "nmi_window_exits");
    assert_string_equal(vt_metric_kvm_stat("request_irq"), "request_irq_exits");
    assert_string_equal(vt_metric_kvm_stat("largepages"), "pages_2m");
    assert_string_equal(vt_metric_kvm_stat("mmu_pte_write"), "mmu_pte_write");
    assert_string_equal(vt_metric_kvm_stat_family("exits"), "exits");
    assert_string_equal(vt_metric_kvm_stat_family("halt_exits"), "exit.hlt");
    assert_string_equal(vt_metric_kvm_stat_family("irq_window"), "exit.interrupt-window");
    assert_string_equal(vt_metric_kvm_stat_family("mmio_exits"), "exit.mmio");
    assert_null(vt_metric_kvm_stat_family("insn_emulation"));
    assert_null(vt_metric_kvm_stat_family("signal_exits"));
}

static void test_kvm_stat_is_gauge(void **state)
{
    static const char *const gauges[] = {
        "pages_4k", "largepages", "nx_largepages_splitted", "max_mmu_page_hash_collisions",
        "mmu_unsync", "halt_wait_hist",
    };
    static const char *const counters[] = {"exits", "halt_wait_ns", "irq_window", "pf_taken", "new"};

    for (gsize i = 0; i < G_N_ELEMENTS(gauges); i++)
        assert_true(vt_metric_kvm_stat_is_gauge(gauges[i]));
    for (gsize i = 0; i < G_N_ELEMENTS(counters); i++)
        assert_false(vt_metric_kvm_stat_is_gauge(counters[i]));
}

static void test_labels(void **state)
{
    assert_string_equal(vt_metric_label("msr.write.0x80b"), "x2APIC EOI");
    assert_string_equal(vt_metric_label("msr.write.0x830"), "x2APIC interrupt command (IPI)");
    assert_string_equal(vt_metric_label("msr.read.0x831"), "x2APIC");
    assert_string_equal(vt_metric_label("pio.0x1f7"), "IDE primary status and command");
    assert_string_equal(vt_metric_label("mmio.0xfee000b0"), "local APIC EOI");
    assert_string_equal(vt_metric_label("mmio.0xfee00ffc"), "local APIC");
    assert_string_equal(vt_metric_label("mmio.0xfed000f0"), "HPET");
    assert_string_equal(vt_metric_label("pio.0x608"), "ACPI PM timer");
    assert_string_equal(vt_metric_label("pio.0x600"), "ACPI power management");
    assert_string_equal(vt_metric_label("pio.0xcd8"), "ACPI CPU hot-plug");
    assert_string_equal(vt_metric_label("mmio.0xfed90034"), "IOMMU (VT-d)");
    assert_string_equal(vt_metric_label("mmio.0xffffffff"), "firmware flash");
    assert_null(vt_metric_label("mmio.0x100000000"));
    assert_null(vt_metric_label("mmio.0xfebc0000"));
    assert_null(vt_metric_label("pio.0xc000"));
    assert_null(vt_metric_label("irq.24"));
    assert_null(vt_metric_label("exit.hlt"));
    assert_null(vt_metric_label("nonsense"));
}

static void test_who_measures(void **state)
{
    assert_non_null(strstr(vt_metric_who_measures("exit.hlt"), "libvirt"));
    assert_null(strstr(vt_metric_who_measures("exit.pause"), "libvirt"));
    assert_null(strstr(vt_metric_who_measures("msr.write.0x80b"), "libvirt"));
    assert_non_null(strstr(vt_metric_who_measures("msr.write.0x80b"), "SystemTap"));
    assert_null(strstr(vt_metric_who_measures("kvm.eoi"), "libvirt"));
    assert_non_null(strstr(vt_metric_who_measures("kvm.halt_poll_fail_ns"), "libvirt"));
    assert_non_null(strstr(vt_metric_who_measures("exits"), "libvirt"));
    /* Each import that has it is named, and none that has not. */
    assert_non_null(strstr(vt_metric_who_measures("pio.0x1f7"), "bpf, or an import of perf kvm stat or of a trace"));
    assert_non_null(strstr(vt_metric_who_measures("mmio.0xfed000f0"), "trace"));
    assert_non_null(strstr(vt_metric_who_measures("msr.read.0x10"), "trace"));
    assert_non_null(strstr(vt_metric_who_measures("exit.pause"), "trace"));
    assert_non_null(strstr(vt_metric_who_measures("kvm.pv_eoi"), "trace"));
    assert_non_null(strstr(vt_metric_who_measures("kvm.userspace_exits"), "trace"));
    assert_null(strstr(vt_metric_who_measures("kvm.userspace_io"), "trace"));
    assert_null(strstr(vt_metric_who_measures("kvm.hypercall_kick_cpu"), "import"));
    assert_null(strstr(vt_metric_who_measures("pio.0x1f7"), "SystemTap"));
    assert_non_null(strstr(vt_metric_who_measures("sched.run-delay-ns"), "on the host itself"));
    assert_null(vt_metric_who_measures("nonsense"));
}

static void test_format_rate(void **state)
{
    static const struct {
        const char *name;
        double rate;
        const char *text;
    } rows[] = {
        {"exit.io", 30958.6, "30,959"},
        {"exits-hlt", 0.5, "0"},
        {"sched.run-delay-ns", 250e6, "250 ms"},
        {"sched.run-delay-ns", 100e3, "100 us"},
        {"kvm.halt_wait_ns", 866624589, "866.6 ms"},
        {"kvm.halt_wait_ns", 0, "0 ns"},
        {"kvm.halt_wait_ns", 0.4, "0 ns"},
        {"qemu.busy-ns", 2.5e9, "2.5 s"},
        {"qemu.busy-ns", 1e19, "10,000,000,000,000,000,000"}, /* of no machine */
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = vt_metric_format_rate(rows[i].name, rows[i].rate);

        assert_string_equal(text, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),        cmocka_unit_test(test_namespaces),
        cmocka_unit_test(test_numbers),      cmocka_unit_test(test_set),
        cmocka_unit_test(test_set_specific), cmocka_unit_test(test_set_time),
        cmocka_unit_test(test_set_errors),
        cmocka_unit_test(test_kvm_stats),    cmocka_unit_test(test_labels),
        cmocka_unit_test(test_who_measures), cmocka_unit_test(test_name_round_trip),
        cmocka_unit_test(test_kvm_stat_is_gauge),
        cmocka_unit_test(test_format_rate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
