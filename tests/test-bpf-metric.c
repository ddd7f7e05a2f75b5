/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "model/metric.h"
#include "source/bpf-metric.h"
#include "vt-test.h"

static void assert_name(guint64 what, const char *expected, const char *total)
{
    g_autofree char *name = vt_bpf_metric_name(what);

    assert_string_equal(name, expected);
    assert_int_not_equal(vt_metric_kind(name), VT_METRIC_INVALID);
    if (total)
        assert_string_equal(vt_bpf_metric_total(what), total);
    else
        assert_null(vt_bpf_metric_total(what));
}

static guint64 exit_of(guint64 isa, guint64 detail, guint64 code)
{
    return VT_VMEXIT_WHAT(VT_VMEXIT_EXIT, VT_VMEXIT_REASON(isa, detail, code));
}

static void test_vmx_exits(void **state)
{
    assert_name(exit_of(VT_VMEXIT_ISA_VMX, 0, 12), "exit.hlt", "exits");
    assert_name(exit_of(VT_VMEXIT_ISA_VMX, 0, 30), "exit.io", "exits");
    assert_name(exit_of(VT_VMEXIT_ISA_VMX, 0, 32), "exit.msr-write", "exits");
    assert_name(exit_of(VT_VMEXIT_ISA_VMX, 0, 49), "exit.mmio", "exits");
    assert_name(exit_of(VT_VMEXIT_ISA_VMX, VT_VMEXIT_DETAIL_FAST, 49), "exit.mmio-fast", "exits");
    assert_name(exit_of(VT_VMEXIT_ISA_VMX, 0, 0xfffe), "exit.vmx-65534", "exits");
    assert_int_equal(vt_bpf_metric_isa(exit_of(VT_VMEXIT_ISA_VMX, 0, 12)), VT_ISA_VMX);
}

static void test_svm_exits(void **state)
{
    assert_name(exit_of(VT_VMEXIT_ISA_SVM, 0, 0x78), "exit.hlt", "exits");
    assert_name(exit_of(VT_VMEXIT_ISA_SVM, 0, 0x7c), "exit.msr-read", "exits");
    assert_name(exit_of(VT_VMEXIT_ISA_SVM, VT_VMEXIT_DETAIL_WRITE, 0x7c), "exit.msr-write",
                "exits");
    assert_name(exit_of(VT_VMEXIT_ISA_SVM, 0, 0x400), "exit.ept-violation", "exits");
    assert_name(exit_of(VT_VMEXIT_ISA_SVM, VT_VMEXIT_DETAIL_MMIO, 0x400), "exit.mmio", "exits");
    assert_name(exit_of(VT_VMEXIT_ISA_SVM, 0, 0x80000010), "exit.vmgexit", "exits");
    assert_name(exit_of(VT_VMEXIT_ISA_SVM, 0, 0xffffffff), "exit.failed-entry", "exits");
    assert_name(exit_of(VT_VMEXIT_ISA_SVM, 0, 0x7f0), "exit.svm-0x7f0", "exits");
    assert_int_equal(vt_bpf_metric_isa(exit_of(VT_VMEXIT_ISA_SVM, 0, 0x78)), VT_ISA_SVM);
}

static void test_unknown_instruction_set(void **state)
{
    guint64 what = exit_of(3, 0, 12);

    assert_null(vt_bpf_metric_name(what));
    assert_int_equal(vt_bpf_metric_isa(what), VT_ISA_UNKNOWN);
    assert_null(vt_bpf_metric_name(VT_VMEXIT_WHAT(0xff, 0)));
}

static void test_details(void **state)
{
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_PIO_READ, 0x1f7), "pio.0x1f7", NULL);
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_PIO_WRITE, 0), "pio.0x0", NULL);
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_MMIO_READ, 0xfee000b0), "mmio.0xfee000b0", NULL);
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_MMIO_WRITE, 0xfee000b0), "mmio.0xfee000b0", NULL);
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_MMIO_USER, 0xfee000b0), "mmio.0xfee000b0", NULL);
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_MMIO_FAST, 0xfffffffffffffULL), "mmio.0xfffffffffffff",
                NULL);
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_MSR_READ, 0xc0000080), "msr.read.0xc0000080", NULL);
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_MSR_WRITE, 0x80b), "msr.write.0x80b", NULL);
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_USER, 6), "kvm.userspace_mmio", "kvm.userspace_exits");
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_USER, 99), "kvm.userspace_99", "kvm.userspace_exits");
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_USER_ERROR, 0), "kvm.userspace_error",
                "kvm.userspace_exits");
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_EOI, 0), "kvm.eoi", NULL);
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_PV_EOI, 0), "kvm.pv_eoi", NULL);
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_IPI, 0), "kvm.apic_ipi", NULL);
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_HYPERCALL, 10), "kvm.hypercall_send_ipi", NULL);
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_HYPERCALL, 77), "kvm.hypercall_77", NULL);
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_PLE_WINDOW, 0), "kvm.ple_window_shrink", NULL);
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_PLE_WINDOW, 1), "kvm.ple_window_grow", NULL);
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_HALT_POLL, 0), "kvm.halt_poll_shrink", NULL);
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_HALT_POLL, 1), "kvm.halt_poll_grow", NULL);
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_APICV_INHIBIT, 8 << 1), "kvm.apicv_inhibit_cleared", NULL);
    assert_name(VT_VMEXIT_WHAT(VT_VMEXIT_APICV_INHIBIT, 8 << 1 | 1), "kvm.apicv_inhibit_set", NULL);
}

static void assert_inhibit(guint64 number, const char *reason, const char *expected)
{
    g_autofree char *name =
        vt_bpf_metric_inhibit(VT_VMEXIT_WHAT(VT_VMEXIT_APICV_INHIBIT, number), reason);

    assert_string_equal(name, expected);
    assert_int_equal(vt_metric_kind(name), VT_METRIC_KVM);
}

/* By the running kernel's name of the reason; by its number where there is none that a metric can have. */
static void test_inhibits(void **state)
{
    g_autofree char *none = vt_bpf_metric_inhibit(VT_VMEXIT_WHAT(VT_VMEXIT_EOI, 1), "PIT_REINJ");

    assert_inhibit(8 << 1 | 1, "PIT_REINJ", "kvm.apicv_inhibit_set_pit_reinj");
    assert_inhibit(8 << 1, "PIT_REINJ", "kvm.apicv_inhibit_cleared_pit_reinj");
    assert_inhibit(12 << 1 | 1, NULL, "kvm.apicv_inhibit_set_12");
    assert_inhibit(12 << 1 | 1, "", "kvm.apicv_inhibit_set_12");
    assert_inhibit(12 << 1 | 1, "a b", "kvm.apicv_inhibit_set_12");
    assert_null(none);
}

/* What is promised must be names that a profile may hold. */
static void test_promises(void **state)
{
    gsize n;
    const VtBpfPromise *promises = vt_bpf_metric_promises(&n);
    gboolean msr = FALSE;

    for (gsize i = 0; i < n; i++) {
        for (const char *const *covers = promises[i].covers; *covers; covers++)
            assert_true(vt_metric_namespace_is_known(*covers));
        for (const char *const *zero = promises[i].zeros; *zero; zero++)
            assert_int_not_equal(vt_metric_kind(*zero), VT_METRIC_INVALID);
        msr |= strcmp(promises[i].tracepoint, "kvm_msr") == 0 && promises[i].covers[0] &&
               promises[i].covers[1];
    }
    assert_true(msr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vmx_exits),
        cmocka_unit_test(test_svm_exits),
        cmocka_unit_test(test_unknown_instruction_set),
        cmocka_unit_test(test_details),
        cmocka_unit_test(test_inhibits),
        cmocka_unit_test(test_promises),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
