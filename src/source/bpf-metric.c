/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/bpf-metric.h"

#include "model/metric.h"

#define SVM_EXIT_MSR 0x7c

/* KVM_EXIT_* of include/uapi/linux/kvm.h. The rest only counts in the total. */
static const struct {
    guint64 number;
    const char *metric;
} user_exits[] = {
    { 2, "kvm.userspace_io" },          { 5, "kvm.userspace_hlt" },
    { 6, "kvm.userspace_mmio" },        { 7, "kvm.userspace_irq_window" },
    { 10, "kvm.userspace_intr" },       { 11, "kvm.userspace_set_tpr" },
    { 12, "kvm.userspace_tpr_access" }, { 26, "kvm.userspace_ioapic_eoi" },
    { 27, "kvm.userspace_hyperv" },     { 29, "kvm.userspace_rdmsr" },
    { 30, "kvm.userspace_wrmsr" },
};

/* KVM_HC_* of include/uapi/linux/kvm_para.h. */
static const struct {
    guint64 number;
    const char *metric;
} hypercalls[] = {
    { 1, "kvm.hypercall_vapic_poll_irq" }, { 5, "kvm.hypercall_kick_cpu" },
    { 9, "kvm.hypercall_clock_pairing" },  { 10, "kvm.hypercall_send_ipi" },
    { 11, "kvm.hypercall_sched_yield" },   { 12, "kvm.hypercall_map_gpa_range" },
};

static const VtBpfPromise promises[] = {
    /* By name those that statistics have too, so that all of a profile's exits come from one
       source. */
    { "kvm_exit",
      { "exit", NULL },
      { "exits", "exit.hlt", "exit.io", "exit.mmio", "exit.external-interrupt",
        "exit.interrupt-window", "exit.hypercall", NULL } },
    { "kvm_pio", { "pio", NULL }, { NULL } },
    { "kvm_mmio", { "mmio", NULL }, { NULL } },
    { "kvm_msr", { "msr.read", "msr.write", NULL }, { NULL } },
    { "kvm_userspace_exit",
      { NULL },
      { "kvm.userspace_exits", "kvm.userspace_io", "kvm.userspace_mmio", NULL } },
    { "kvm_eoi", { NULL }, { "kvm.eoi", NULL } },
    { "kvm_pv_eoi", { NULL }, { "kvm.pv_eoi", NULL } },
    { "kvm_apic_ipi", { NULL }, { "kvm.apic_ipi", NULL } },
    { "kvm_ple_window_update", { NULL }, { "kvm.ple_window_grow", "kvm.ple_window_shrink", NULL } },
    { "kvm_ple_window", { NULL }, { "kvm.ple_window_grow", "kvm.ple_window_shrink", NULL } },
    { "kvm_halt_poll_ns", { NULL }, { "kvm.halt_poll_grow", "kvm.halt_poll_shrink", NULL } },
    { "kvm_apicv_inhibit_changed",
      { NULL },
      { "kvm.apicv_inhibit_set", "kvm.apicv_inhibit_cleared", NULL } },
};

VtIsa vt_bpf_metric_isa(guint64 what)
{
    switch (VT_VMEXIT_REASON_ISA(VT_VMEXIT_NUMBER(what))) {
    case VT_VMEXIT_ISA_VMX:
        return VT_ISA_VMX;
    case VT_VMEXIT_ISA_SVM:
        return VT_ISA_SVM;
    default:
        return VT_ISA_UNKNOWN;
    }
}

static char *exit_name(guint64 what)
{
    guint64 number = VT_VMEXIT_NUMBER(what);
    guint32 detail = VT_VMEXIT_REASON_DETAIL(number), code = VT_VMEXIT_REASON_CODE(number);
    VtIsa isa = vt_bpf_metric_isa(what);

    if (detail & VT_VMEXIT_DETAIL_FAST)
        return g_strdup("exit.mmio-fast");
    if (detail & VT_VMEXIT_DETAIL_MMIO)
        return g_strdup("exit.mmio");
    if (isa == VT_ISA_SVM && code == SVM_EXIT_MSR)
        return g_strdup(detail & VT_VMEXIT_DETAIL_WRITE ? "exit.msr-write" : "exit.msr-read");
    return g_strdup(vt_exit_reason_metric(isa, code));
}

static char *user_name(guint64 number)
{
    for (gsize i = 0; i < G_N_ELEMENTS(user_exits); i++)
        if (user_exits[i].number == number)
            return g_strdup(user_exits[i].metric);
    return g_strdup_printf("kvm.userspace_%" G_GUINT64_FORMAT, number);
}

static char *hypercall_name(guint64 number)
{
    for (gsize i = 0; i < G_N_ELEMENTS(hypercalls); i++)
        if (hypercalls[i].number == number)
            return g_strdup(hypercalls[i].metric);
    return g_strdup_printf("kvm.hypercall_%" G_GUINT64_FORMAT, number);
}

char *vt_bpf_metric_name(guint64 what)
{
    guint64 number = VT_VMEXIT_NUMBER(what);

    switch ((enum vt_vmexit_kind)VT_VMEXIT_KIND(what)) {
    case VT_VMEXIT_EXIT:
        return exit_name(what);
    case VT_VMEXIT_PIO_READ:
    case VT_VMEXIT_PIO_WRITE:
        return vt_metric_name(VT_METRIC_PIO, number);
    case VT_VMEXIT_MMIO_READ:
    case VT_VMEXIT_MMIO_WRITE:
    case VT_VMEXIT_MMIO_FAST:
    case VT_VMEXIT_MMIO_USER:
        return vt_metric_name(VT_METRIC_MMIO, number);
    case VT_VMEXIT_MSR_READ:
        return vt_metric_name(VT_METRIC_MSR_READ, number);
    case VT_VMEXIT_MSR_WRITE:
        return vt_metric_name(VT_METRIC_MSR_WRITE, number);
    case VT_VMEXIT_USER:
        return user_name(number);
    case VT_VMEXIT_USER_ERROR:
        return g_strdup("kvm.userspace_error");
    case VT_VMEXIT_EOI:
        return g_strdup("kvm.eoi");
    case VT_VMEXIT_PV_EOI:
        return g_strdup("kvm.pv_eoi");
    case VT_VMEXIT_IPI:
        return g_strdup("kvm.apic_ipi");
    case VT_VMEXIT_HYPERCALL:
        return hypercall_name(number);
    case VT_VMEXIT_PLE_WINDOW:
        return g_strdup(number ? "kvm.ple_window_grow" : "kvm.ple_window_shrink");
    case VT_VMEXIT_HALT_POLL:
        return g_strdup(number ? "kvm.halt_poll_grow" : "kvm.halt_poll_shrink");
    case VT_VMEXIT_APICV_INHIBIT:
        return g_strdup(number & 1 ? "kvm.apicv_inhibit_set" : "kvm.apicv_inhibit_cleared");
    }
    return NULL;
}

const char *vt_bpf_metric_total(guint64 what)
{
    switch ((enum vt_vmexit_kind)VT_VMEXIT_KIND(what)) {
    case VT_VMEXIT_EXIT:
        return "exits";
    case VT_VMEXIT_USER:
    case VT_VMEXIT_USER_ERROR:
        return "kvm.userspace_exits";
    default:
        return NULL;
    }
}

char *vt_bpf_metric_inhibit(guint64 what, const char *reason)
{
    guint64 number = VT_VMEXIT_NUMBER(what);
    const char *change = number & 1 ? "set" : "cleared";
    g_autofree char *lower = NULL, *name = NULL;

    if (VT_VMEXIT_KIND(what) != VT_VMEXIT_APICV_INHIBIT)
        return NULL;
    lower = g_ascii_strdown(reason ? reason : "", -1);
    name = g_strdup_printf("kvm.apicv_inhibit_%s_%s", change, lower);
    if (*lower && vt_metric_kind(name) == VT_METRIC_KVM)
        return g_steal_pointer(&name);
    return g_strdup_printf("kvm.apicv_inhibit_%s_%" G_GUINT64_FORMAT, change, number >> 1);
}

const VtBpfPromise *vt_bpf_metric_promises(gsize *ret_n)
{
    *ret_n = G_N_ELEMENTS(promises);
    return promises;
}
