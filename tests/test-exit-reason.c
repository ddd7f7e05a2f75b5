/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test-leaks.h"
#include "vt-test.h"

#include <string.h>

#include "model/exit-reason.h"
#include "model/metric.h"

static void assert_metric(VtIsa isa, guint64 code, const char *metric)
{
    assert_string_equal(vt_exit_reason_metric(isa, code), metric);
}

static void test_isa_names(void **state)
{
    for (int isa = VT_ISA_UNKNOWN; isa <= VT_ISA_ARM64; isa++)
        assert_int_equal(vt_isa_from_name(vt_isa_name((VtIsa)isa)), isa);
    assert_int_equal(vt_isa_from_name("VMX"), VT_ISA_UNKNOWN);
    assert_int_equal(vt_isa_from_name(NULL), VT_ISA_UNKNOWN);
}

static void test_vmx(void **state)
{
    assert_string_equal(vt_exit_reason_name(VT_ISA_VMX, 0), "EXCEPTION_NMI");
    assert_string_equal(vt_exit_reason_name(VT_ISA_VMX, 49), "EPT_MISCONFIG");
    assert_string_equal(vt_exit_reason_name(VT_ISA_VMX, 77), "TDCALL");
    assert_string_equal(vt_exit_reason_name(VT_ISA_VMX, 85), "MSR_WRITE_IMM");
    assert_metric(VT_ISA_VMX, 1, "exit.external-interrupt");
    assert_metric(VT_ISA_VMX, 7, "exit.interrupt-window");
    assert_metric(VT_ISA_VMX, 10, "exit.cpuid");
    assert_metric(VT_ISA_VMX, 12, "exit.hlt");
    assert_metric(VT_ISA_VMX, 30, "exit.io");
    assert_metric(VT_ISA_VMX, 31, "exit.msr-read");
    assert_metric(VT_ISA_VMX, 32, "exit.msr-write");
    assert_metric(VT_ISA_VMX, 40, "exit.pause");
    assert_metric(VT_ISA_VMX, 48, "exit.ept-violation");
    assert_metric(VT_ISA_VMX, 49, "exit.mmio");
    assert_metric(VT_ISA_VMX, 84, "exit.msr-read");
    assert_metric(VT_ISA_VMX, 85, "exit.msr-write");
}

/* Only the holes of the tables are without a name, and they keep their number. */
static void test_vmx_holes(void **state)
{
    static const guint holes[] = {35, 38, 42, 80, 81, 82, 83, 86, 91};
    guint hole = 0;

    for (guint code = 0; code <= 91; code++) {
        g_autofree char *numbered = g_strdup_printf("exit.vmx-%u", code);

        if (hole < G_N_ELEMENTS(holes) && (code == holes[hole] || code > 86)) {
            assert_null(vt_exit_reason_name(VT_ISA_VMX, code));
            assert_metric(VT_ISA_VMX, code, numbered);
            hole += code == holes[hole];
        } else {
            assert_non_null(vt_exit_reason_name(VT_ISA_VMX, code));
            assert_string_not_equal(vt_exit_reason_metric(VT_ISA_VMX, code), numbered);
        }
    }
    assert_int_equal(hole, G_N_ELEMENTS(holes));
}

static void test_vmx_flags(void **state)
{
    assert_string_equal(vt_exit_reason_name(VT_ISA_VMX, 0x80000021), "INVALID_STATE");
    assert_metric(VT_ISA_VMX, 0x0800000c, "exit.hlt");
    assert_metric(VT_ISA_VMX, 0x8000005b, "exit.vmx-91");
    assert_metric(VT_ISA_VMX, G_MAXUINT64, "exit.vmx-18446744073709551615");
}

static void test_svm(void **state)
{
    assert_string_equal(vt_exit_reason_name(VT_ISA_SVM, 0x400), "npf");
    assert_string_equal(vt_exit_reason_name(VT_ISA_SVM, 0x078), "hlt");
    assert_string_equal(vt_exit_reason_name(VT_ISA_SVM, 0x04e), "PF excp");
    assert_string_equal(vt_exit_reason_name(VT_ISA_SVM, 0x80000012), "vmgexit_ext_guest_request");
    assert_string_equal(vt_exit_reason_name(VT_ISA_SVM, G_MAXUINT64), "invalid_guest_state");
    assert_string_equal(vt_exit_reason_name(VT_ISA_SVM, 0xffffffff), "invalid_guest_state");
    assert_metric(VT_ISA_SVM, 0x000, "exit.cr-access");
    assert_metric(VT_ISA_SVM, 0x060, "exit.external-interrupt");
    assert_metric(VT_ISA_SVM, 0x064, "exit.interrupt-window");
    assert_metric(VT_ISA_SVM, 0x07b, "exit.io");
    assert_metric(VT_ISA_SVM, 0x07c, "exit.msr");
    assert_metric(VT_ISA_SVM, 0x0a5, "exit.bus-lock");
    assert_metric(VT_ISA_SVM, 0x0a6, "exit.hlt");
    assert_metric(VT_ISA_SVM, 0x400, "exit.ept-violation");
    assert_metric(VT_ISA_SVM, 0x401, "exit.avic-incomplete-ipi");
    assert_metric(VT_ISA_SVM, 0x403, "exit.vmgexit");
    assert_metric(VT_ISA_SVM, 0x80000001, "exit.mmio");
    assert_metric(VT_ISA_SVM, 0x404, "exit.svm-0x404");
}

static void test_arm64(void **state)
{
    assert_string_equal(vt_exit_reason_name(VT_ISA_ARM64, 0), "IRQ");
    assert_string_equal(vt_exit_reason_name(VT_ISA_ARM64, 2), "TRAP");
    assert_string_equal(vt_exit_reason_name(VT_ISA_ARM64, VT_EXIT_ARM64_CLASS(0x24)), "DABT_LOW");
    assert_metric(VT_ISA_ARM64, 0, "exit.external-interrupt");
    assert_metric(VT_ISA_ARM64, 2, "exit.trap");
    assert_metric(VT_ISA_ARM64, VT_EXIT_ARM64_CLASS(0x01), "exit.hlt");
    assert_metric(VT_ISA_ARM64, VT_EXIT_ARM64_CLASS(0x16), "exit.hypercall");
    assert_metric(VT_ISA_ARM64, VT_EXIT_ARM64_CLASS(0x18), "exit.sysreg");
    assert_metric(VT_ISA_ARM64, VT_EXIT_ARM64_CLASS(0x24), "exit.ept-violation");
    assert_metric(VT_ISA_ARM64, 7, "exit.arm64-7");
    assert_metric(VT_ISA_ARM64, VT_EXIT_ARM64_CLASS(0x3f), "exit.arm64-ec-0x3f");
    assert_metric(VT_ISA_ARM64, VT_EXIT_ARM64_CLASS(64), "exit.arm64-320");
}

static void test_unknown_isa(void **state)
{
    guint64 code = 5;

    assert_null(vt_exit_reason_name(VT_ISA_UNKNOWN, 12));
    assert_null(vt_exit_reason_metric(VT_ISA_UNKNOWN, 12));
    assert_false(vt_exit_reason_find(VT_ISA_UNKNOWN, "HLT", &code));
    assert_int_equal(code, 5);
}

static void test_find(void **state)
{
    static const struct {
        VtIsa isa;
        const char *name;
        guint64 code;
    } known[] = {
        {VT_ISA_VMX, "EXIT_REASON_HLT", 12},
        {VT_ISA_VMX, "hlt", 12},
        {VT_ISA_VMX, "Ept_Misconfig", 49},
        {VT_ISA_VMX, "EXIT_REASON_PENDING_INTERRUPT", 7},
        {VT_ISA_VMX, "INTERRUPT_WINDOW", 7},
        {VT_ISA_VMX, "exit_reason_pause_instruction", 40},
        {VT_ISA_VMX, "PAUSE", 40},
        {VT_ISA_SVM, "SVM_EXIT_IOIO", 0x7b},
        {VT_ISA_SVM, "io", 0x7b},
        {VT_ISA_SVM, "SVM_VMGEXIT_PSC", 0x80000010},
        {VT_ISA_SVM, "pf_excp", 0x4e},
        {VT_ISA_SVM, "PF excp", 0x4e},
        {VT_ISA_SVM, "SVM_EXIT_ERR", G_MAXUINT64},
        {VT_ISA_ARM64, "ARM_EXCEPTION_EL1_SERROR", 1},
        {VT_ISA_ARM64, "ARM_EXCEPTION_IL", 3},
        {VT_ISA_ARM64, "ESR_ELx_EC_DABT_LOW", VT_EXIT_ARM64_CLASS(0x24)},
    };
    static const char *const unknown[] = {
        "", "EXIT_REASON_", "EXIT_REASON_HLTX", "HL", "UNKNOWN", "npf", "12"};

    for (guint i = 0; i < G_N_ELEMENTS(known); i++) {
        guint64 code = 0;

        assert_true(vt_exit_reason_find(known[i].isa, known[i].name, &code));
        assert_true(code == known[i].code);
    }
    for (guint i = 0; i < G_N_ELEMENTS(unknown); i++) {
        guint64 code = 99;

        assert_false(vt_exit_reason_find(VT_ISA_VMX, unknown[i], &code));
        assert_true(code == 99);
    }
}

/* Each named code is found by its own name, and its family is a metric that is described. */
static void test_tables_agree(void **state)
{
    guint named = 0;

    for (int isa = VT_ISA_VMX; isa <= VT_ISA_ARM64; isa++) {
        for (guint64 code = 0; code <= 0x410; code++) {
            const char *name = vt_exit_reason_name((VtIsa)isa, code);
            const char *metric = vt_exit_reason_metric((VtIsa)isa, code);
            guint64 found;

            assert_int_equal(vt_metric_kind(metric), VT_METRIC_EXIT);
            if (!name) {
                assert_null(vt_exit_reason_describe(metric));
                continue;
            }
            named++;
            assert_non_null(vt_exit_reason_describe(metric));
            assert_true(vt_exit_reason_find((VtIsa)isa, name, &found));
            /* arm64's SERROR is both a type and a class; the type comes first. */
            assert_true(found == code || strcmp(name, "SERROR") == 0);
        }
    }
    assert_true(named > 200);
}

static void test_describe(void **state)
{
    assert_string_equal(vt_exit_reason_describe("exit.mmio"), "emulated memory-mapped I/O");
    assert_null(vt_exit_reason_describe("exit.mmi"));
    assert_null(vt_exit_reason_describe("mmio"));
    assert_null(vt_exit_reason_describe("exit.vmx-91"));
    assert_null(vt_exit_reason_describe(NULL));
}

static void test_interned(void **state)
{
    assert_ptr_equal(vt_exit_reason_metric(VT_ISA_VMX, 91), vt_exit_reason_metric(VT_ISA_VMX, 91));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_isa_names),    cmocka_unit_test(test_vmx),
        cmocka_unit_test(test_vmx_holes),    cmocka_unit_test(test_vmx_flags),
        cmocka_unit_test(test_svm),          cmocka_unit_test(test_arm64),
        cmocka_unit_test(test_unknown_isa),  cmocka_unit_test(test_find),
        cmocka_unit_test(test_tables_agree), cmocka_unit_test(test_describe),
        cmocka_unit_test(test_interned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
