/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of a line of a trace. */
#include "vt-test.h"

#include <string.h>

#include "source/trace-line.h"

static void test_lines(void **state)
{
    static const struct {
        const char *line;
        guint64 process, thread, time_ns;
        const char *event, *fields;
    } lines[] = {
        {" qemu-system-x86   115 [000]   114.258952:  kvm:kvm_exit: vcpu 0 reason", 0, 115,
         114258952000, "kvm_exit", "vcpu 0 reason"},
        {"CPU 0/KVM   112/115   [000]   114.258952156:  kvm:kvm_exit: x", 112, 115, 114258952156,
         "kvm_exit", "x"},
        {"CPU 0/KVM 115 1.000001: kvm:kvm_entry: x", 0, 115, 1000001000, "kvm_entry", "x"},
        {"CPU 0/KVM 115 [000] 1,000001: kvm:kvm_entry: x", 0, 115, 1000001000, "kvm_entry", "x"},
        {"CPU 0/KVM 115 [000] K 1.000001: kvm:kvm_entry: x", 0, 115, 1000001000, "kvm_entry", "x"},
        {" qemu-system-x86-115   [000]    87.843196: kvm_exit:             reason EXIT_MSR", 0, 115,
         87843196000, "kvm_exit", "reason EXIT_MSR"},
        {" qemu-system-x86-115     [000] d..1.   140.630989: kvm_entry: vcpu 0", 0, 115,
         140630989000, "kvm_entry", "vcpu 0"},
        {" CPU 0/KVM-115   (    112) [015] d..1   140.630989: kvm_entry: vcpu 0", 112, 115,
         140630989000, "kvm_entry", "vcpu 0"},
        {" CPU 0/KVM-115   (4194304) [015] ....   140.630989: kvm_entry: vcpu 0", 4194304, 115,
         140630989000, "kvm_entry", "vcpu 0"},
        {" CPU 0/KVM-115   (-------) [015] ....   140.630989: kvm_entry: ", 0, 115, 140630989000,
         "kvm_entry", ""},
        {"a 115 [000] 0.000000:          1 sched:sched_switch: prev_comm=x", 0, 115, 0,
         "sched:sched_switch", "prev_comm=x"},
        {"<idle>-0 [000] dNh2. 1.000000: foo: 2.000000: bar: x", 0, 0, 1000000000, "foo",
         "2.000000: bar: x"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
        VtTraceLine line;

        if (!vt_trace_line_parse(lines[i].line, &line))
            fail_msg("not parsed: %s", lines[i].line);
        assert_int_equal(line.process, lines[i].process);
        assert_int_equal(line.thread, lines[i].thread);
        assert_true(line.time_ns == lines[i].time_ns);
        assert_true(vt_trace_line_is(&line, lines[i].event));
        assert_false(vt_trace_line_is(&line, "kvm_e"));
        assert_string_equal(line.fields, lines[i].fields);
    }
}

static void test_no_lines(void **state)
{
    static const char *const lines[] = {
        "",
        "1.000000: kvm:kvm_exit: x",
        "qemu [000] 1.000000: kvm:kvm_exit: x",
        "qemu x115 [000] 1.000000: kvm:kvm_exit: x",
        "qemu 115 [000] 1.000000 kvm:kvm_exit: x",
        "qemu 115 [000] 1;000000: kvm:kvm_exit: x",
        "qemu 115 [000] X 1.000000: kvm:kvm_exit: x",
        "qemu 115 [000] 1.0000: kvm:kvm_exit: x",
        "qemu 115 [000] 12345678: kvm:kvm_exit: x",
        "qemu 115 [000] 99999999999999.000000: kvm:kvm_exit: x",
        "qemu 115 [000] 1.00a000: kvm:kvm_exit: x",
        "qemu 115 [000] 1.000000: kvm:kvm_exit",
        "qemu 115 [000] 1.000000: kvm:kvm_ex",
        "qemu 115 [000] 1.000000: kvm:: x",
        "qemu 115 [000] 1.000000:",
        "qemu 115 [000] 1.000000: 12",
        "qemu x/115 [000] 1.000000: a: b",
        "qemu 99999999999 [000] 1.000000: a: b",
        "a b c d e f g h i j k l m n o p q r s t u v w x 115 [000] 1.000000: a: b",
    };

    for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
        VtTraceLine line;

        if (vt_trace_line_parse(lines[i], &line))
            fail_msg("parsed: %s", lines[i]);
    }
}

static void test_where(void **state)
{
    static const struct {
        const char *line;
        guint64 cpu, vcpu;
    } lines[] = {
        {"CPU 0/KVM   112/115   [007]   114.258952156:  kvm:kvm_exit: x", 7, 0},
        {" CPU 13/KVM-115   (    112) [015] d..1   140.630989: kvm_entry: vcpu 0", 15, 13},
        {" CPU 1/KVM 115 1.000001: kvm:kvm_entry: x", VT_TRACE_UNTOLD, 1},
        {" CPU x/KVM-115   [015] d..1   140.630989: kvm_entry: vcpu 0", 15, VT_TRACE_UNTOLD},
        {" CPU 2/TCG-115   [015] d..1   140.630989: kvm_entry: vcpu 0", 15, VT_TRACE_UNTOLD},
        {" qemu-system-x86-115     [000] d..1.   140.630989: kvm_entry: vcpu 0", 0, VT_TRACE_UNTOLD},
    };

    for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
        VtTraceLine line;

        assert_true(vt_trace_line_parse(lines[i].line, &line));
        assert_true(line.cpu == lines[i].cpu);
        assert_true(line.vcpu == lines[i].vcpu);
    }
}

static void test_like(void **state)
{
    assert_true(vt_trace_line_is_like("CPU 0/KVM [000] 1.000000: kvm:kvm_exit: x"));
    assert_true(vt_trace_line_is_like("CPU 0/KVM 115 [000] kvm:kvm_pio: x"));
    assert_true(vt_trace_line_is_like(" CPU 0/KVM-115 kvm_entry: x"));
    assert_false(vt_trace_line_is_like("            103,042      kvm:kvm_exit"));
    assert_false(vt_trace_line_is_like("kvm_exit(HLT)    1    2"));
    assert_false(vt_trace_line_is_like("@kvm_exit: 5"));
}

static void test_fields(void **state)
{
    char value[8];

    assert_true(vt_trace_line_field("vcpu 0, rip 0xf0", "vcpu", value, sizeof value));
    assert_string_equal(value, "0");
    assert_true(vt_trace_line_field("vcpu 0, rip 0xf0", "rip", value, sizeof value));
    assert_string_equal(value, "0xf0");
    assert_false(vt_trace_line_field("vcpu 0, rip", "rip", value, sizeof value));
    assert_false(vt_trace_line_field("vcpu 0, rip ,", "rip", value, sizeof value));
    assert_false(vt_trace_line_field("vcpu 0, rip 0x123456", "rip", value, sizeof value));
    assert_false(vt_trace_line_field("xrip 1", "rip", value, sizeof value));
    assert_false(vt_trace_line_field("", "rip", value, sizeof value));
}

static void test_remarks(void **state)
{
    static const struct {
        const char *line;
        VtTraceRemark remark;
        guint64 lost;
    } lines[] = {
        {"", VT_TRACE_SKIP, 0},
        {"# tracer: nop", VT_TRACE_SKIP, 0},
        {"cpus=2", VT_TRACE_SKIP, 0},
        {"CPU 1 is empty", VT_TRACE_SKIP, 0},
        {"\tffffffffc0b2a5c1 kvm_arch_vcpu_ioctl_run+0x5a1 ([kvm])", VT_TRACE_SKIP, 0},
        {" => kvm_vcpu_ioctl", VT_TRACE_SKIP, 0},
        {"qemu 115 [000] 1.000000: PERF_RECORD_COMM: qemu:115", VT_TRACE_SKIP, 0},
        {"##### CPU 1 buffer started ####", VT_TRACE_STARTED, 0},
        {"CPU:2 [LOST 123 EVENTS]", VT_TRACE_LOST, 123},
        {"CPU:2 [LOST EVENTS]", VT_TRACE_LOST, 1},
        {"CPU:0 [17 EVENTS DROPPED]", VT_TRACE_LOST, 17},
        {"CPU:0 [EVENTS DROPPED]", VT_TRACE_LOST, 1},
        {"qemu 115 [000] 1.000000: PERF_RECORD_LOST lost 9", VT_TRACE_LOST, 9},
        {"Processed 1000 events and lost 3 chunks!", VT_TRACE_LOST, 3},
        {"qemu 115 [000] 1.0000", VT_TRACE_NOTHING, 0},
        {"ffffffffc0b2a5c1 at the margin", VT_TRACE_NOTHING, 0},
        {"CPU:2 is fine", VT_TRACE_NOTHING, 0},
    };

    for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
        guint64 lost = 0;

        if (vt_trace_line_remark(lines[i].line, &lost) != lines[i].remark)
            fail_msg("%s", lines[i].line);
        assert_true(lost == lines[i].lost);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_no_lines),
        cmocka_unit_test(test_where), cmocka_unit_test(test_like), cmocka_unit_test(test_fields),
        cmocka_unit_test(test_remarks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
