/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit codes, their names and their families, in tables. */
#include "config.h"

#include "model/exit-reason.h"

#include <glib/gi18n.h>
#include <string.h>

/* Basic VMX exit reasons are 16 bits; above them stand flags such as FAILED_VMENTRY (bit 31). */
#define VMX_BASIC 0xffffu
/* SVM_EXIT_ERR is -1 in a 64-bit field, and older traces print its lower half. */
#define SVM_ERR G_MAXUINT64
#define ARM64_HYP_GONE 0xbadca11u

typedef struct {
    const char *family; /* with "exit." before it: the metric */
    const char *text;
} Family;

static const Family families[] = {
    {"apic-access", N_("accesses to the local APIC page")},
    {"apic-write", N_("virtual APIC register writes that need the hypervisor")},
    {"avic-incomplete-ipi", N_("inter-processor interrupts that AVIC could not deliver")},
    {"avic-unaccelerated", N_("local APIC accesses that AVIC does not accelerate")},
    {"bus-lock", N_("bus locks taken by the guest")},
    {"cpuid", N_("CPUID instructions")},
    {"cr-access", N_("control register accesses")},
    {"debug", N_("debug events")},
    {"descriptor-table", N_("descriptor table register accesses")},
    {"dr-access", N_("debug register accesses")},
    {"eoi-induced", N_("end-of-interrupt notices for level-triggered interrupts")},
    {"ept-violation", N_("second-level page faults")},
    {"exception", N_("exceptions and non-maskable interrupts")},
    {"external-interrupt", N_("host interrupts that hit a vCPU")},
    {"failed-entry", N_("failed entries into guest mode")},
    {"fpu", N_("first uses of vector or floating-point state")},
    {"hlt", N_("idle vCPU (HLT)")},
    {"hypercall", N_("hypercalls")},
    {"init-sipi", N_("processor start-up signals")},
    {"interrupt-window", N_("waits until the guest accepts an interrupt")},
    {"invd", N_("INVD instructions")},
    {"invlpg", N_("TLB invalidations by the guest")},
    {"io", N_("port I/O")},
    {"iret", N_("IRET instructions intercepted for NMI delivery")},
    {"machine-check", N_("machine checks during entry")},
    {"mmio", N_("emulated memory-mapped I/O")},
    {"mmio-fast", N_("memory-mapped I/O handled by an ioeventfd in the kernel")},
    {"monitor", N_("MONITOR instructions")},
    {"monitor-trap", N_("monitor trap flag")},
    {"msr", N_("model-specific register accesses")},
    {"msr-read", N_("model-specific register reads")},
    {"msr-write", N_("model-specific register writes")},
    {"mwait", N_("MWAIT instructions")},
    {"nested", N_("virtualization instructions of a nested hypervisor")},
    {"nmi", N_("host non-maskable interrupts")},
    {"nmi-window", N_("waits until the guest accepts a non-maskable interrupt")},
    {"notify", N_("guests that did not let interrupts in (notify window)")},
    {"other-instruction", N_("other intercepted instructions")},
    {"pause", N_("spinning vCPU: PAUSE")},
    {"pml-full", N_("full page-modification logs (dirty tracking)")},
    {"preemption-timer", N_("timer expiries by the VMX preemption timer")},
    {"random", N_("RDRAND and RDSEED instructions")},
    {"rdpmc", N_("performance counter reads")},
    {"rdtsc", N_("time-stamp counter reads")},
    {"serror", N_("system errors")},
    {"sgx", N_("SGX enclave instructions")},
    {"smi", N_("system management interrupts")},
    {"sysreg", N_("system register accesses")},
    {"task-switch", N_("hardware task switches")},
    {"tdx", N_("TDX calls")},
    {"tpr", N_("task priority below the threshold")},
    {"trap", N_("traps of an unknown class")},
    {"triple-fault", N_("triple faults and shutdowns")},
    {"user-wait", N_("UMWAIT and TPAUSE instructions")},
    {"vmgexit", N_("calls of an encrypted guest")},
    {"wbinvd", N_("cache write-backs (WBINVD)")},
    {"xsave", N_("extended state saves and restores")},
    {"xsetbv", N_("XSETBV instructions")},
};

typedef struct {
    guint64 code;
    const char *name;
    const char *family;
} Reason;

/* Linux' uapi/asm/vmx.h. Codes 5, 6, 11, 17, 65, 66, 69, 70, 72, 73, 78 and 79 have names in the
 * Intel SDM, volume 3, appendix C only, and 71 in the sources of the TDX module. */
static const Reason vmx[] = {
    {0, "EXCEPTION_NMI", "exception"},
    {1, "EXTERNAL_INTERRUPT", "external-interrupt"},
    {2, "TRIPLE_FAULT", "triple-fault"},
    {3, "INIT_SIGNAL", "init-sipi"},
    {4, "SIPI_SIGNAL", "init-sipi"},
    {5, "IO_SMI", "smi"},
    {6, "OTHER_SMI", "smi"},
    {7, "INTERRUPT_WINDOW", "interrupt-window"},
    {8, "NMI_WINDOW", "nmi-window"},
    {9, "TASK_SWITCH", "task-switch"},
    {10, "CPUID", "cpuid"},
    {11, "GETSEC", "other-instruction"},
    {12, "HLT", "hlt"},
    {13, "INVD", "invd"},
    {14, "INVLPG", "invlpg"},
    {15, "RDPMC", "rdpmc"},
    {16, "RDTSC", "rdtsc"},
    {17, "RSM", "other-instruction"},
    {18, "VMCALL", "hypercall"},
    {19, "VMCLEAR", "nested"},
    {20, "VMLAUNCH", "nested"},
    {21, "VMPTRLD", "nested"},
    {22, "VMPTRST", "nested"},
    {23, "VMREAD", "nested"},
    {24, "VMRESUME", "nested"},
    {25, "VMWRITE", "nested"},
    {26, "VMOFF", "nested"},
    {27, "VMON", "nested"},
    {28, "CR_ACCESS", "cr-access"},
    {29, "DR_ACCESS", "dr-access"},
    {30, "IO_INSTRUCTION", "io"},
    {31, "MSR_READ", "msr-read"},
    {32, "MSR_WRITE", "msr-write"},
    {33, "INVALID_STATE", "failed-entry"},
    {34, "MSR_LOAD_FAIL", "failed-entry"},
    {36, "MWAIT_INSTRUCTION", "mwait"},
    {37, "MONITOR_TRAP_FLAG", "monitor-trap"},
    {39, "MONITOR_INSTRUCTION", "monitor"},
    {40, "PAUSE_INSTRUCTION", "pause"},
    {41, "MCE_DURING_VMENTRY", "machine-check"},
    {43, "TPR_BELOW_THRESHOLD", "tpr"},
    {44, "APIC_ACCESS", "apic-access"},
    {45, "EOI_INDUCED", "eoi-induced"},
    {46, "GDTR_IDTR", "descriptor-table"},
    {47, "LDTR_TR", "descriptor-table"},
    {48, "EPT_VIOLATION", "ept-violation"},
    {49, "EPT_MISCONFIG", "mmio"}, /* KVM misconfigures pages of MMIO on purpose */
    {50, "INVEPT", "nested"},
    {51, "RDTSCP", "rdtsc"},
    {52, "PREEMPTION_TIMER", "preemption-timer"},
    {53, "INVVPID", "nested"},
    {54, "WBINVD", "wbinvd"},
    {55, "XSETBV", "xsetbv"},
    {56, "APIC_WRITE", "apic-write"},
    {57, "RDRAND", "random"},
    {58, "INVPCID", "invlpg"},
    {59, "VMFUNC", "nested"},
    {60, "ENCLS", "sgx"},
    {61, "RDSEED", "random"},
    {62, "PML_FULL", "pml-full"},
    {63, "XSAVES", "xsave"},
    {64, "XRSTORS", "xsave"},
    {65, "PCONFIG", "other-instruction"},
    {66, "SPP_EVENT", "ept-violation"},
    {67, "UMWAIT", "user-wait"},
    {68, "TPAUSE", "user-wait"},
    {69, "LOADIWKEY", "other-instruction"},
    {70, "ENCLV", "sgx"},
    {71, "SGX_CONFLICT", "sgx"},
    {72, "ENQCMD_PASID", "other-instruction"},
    {73, "ENQCMDS_PASID", "other-instruction"},
    {74, "BUS_LOCK", "bus-lock"},
    {75, "NOTIFY", "notify"},
    {76, "SEAMCALL", "tdx"},
    {77, "TDCALL", "tdx"},
    {78, "RDMSRLIST", "msr-read"},
    {79, "WRMSRLIST", "msr-write"},
    {84, "MSR_READ_IMM", "msr-read"},
    {85, "MSR_WRITE_IMM", "msr-write"},
};

/* Linux' uapi/asm/svm.h; names that its SVM_EXIT_REASONS does not print are in the style of those
 * that it does. */
static const Reason svm[] = {
    {0x000, "read_cr0", "cr-access"},
    {0x002, "read_cr2", "cr-access"},
    {0x003, "read_cr3", "cr-access"},
    {0x004, "read_cr4", "cr-access"},
    {0x008, "read_cr8", "cr-access"},
    {0x010, "write_cr0", "cr-access"},
    {0x012, "write_cr2", "cr-access"},
    {0x013, "write_cr3", "cr-access"},
    {0x014, "write_cr4", "cr-access"},
    {0x018, "write_cr8", "cr-access"},
    {0x020, "read_dr0", "dr-access"},
    {0x021, "read_dr1", "dr-access"},
    {0x022, "read_dr2", "dr-access"},
    {0x023, "read_dr3", "dr-access"},
    {0x024, "read_dr4", "dr-access"},
    {0x025, "read_dr5", "dr-access"},
    {0x026, "read_dr6", "dr-access"},
    {0x027, "read_dr7", "dr-access"},
    {0x030, "write_dr0", "dr-access"},
    {0x031, "write_dr1", "dr-access"},
    {0x032, "write_dr2", "dr-access"},
    {0x033, "write_dr3", "dr-access"},
    {0x034, "write_dr4", "dr-access"},
    {0x035, "write_dr5", "dr-access"},
    {0x036, "write_dr6", "dr-access"},
    {0x037, "write_dr7", "dr-access"},
    {0x040, "DE excp", "exception"},
    {0x041, "DB excp", "exception"},
    {0x042, "NMI excp", "exception"}, /* vector 2; SVM reports NMIs as 0x061 */
    {0x043, "BP excp", "exception"},
    {0x044, "OF excp", "exception"},
    {0x045, "BR excp", "exception"},
    {0x046, "UD excp", "exception"},
    {0x047, "NM excp", "exception"},
    {0x048, "DF excp", "exception"},
    {0x04a, "TS excp", "exception"},
    {0x04b, "NP excp", "exception"},
    {0x04c, "SS excp", "exception"},
    {0x04d, "GP excp", "exception"},
    {0x04e, "PF excp", "exception"},
    {0x050, "MF excp", "exception"},
    {0x051, "AC excp", "exception"},
    {0x052, "MC excp", "exception"},
    {0x053, "XF excp", "exception"},
    {0x060, "interrupt", "external-interrupt"},
    {0x061, "nmi", "nmi"},
    {0x062, "smi", "smi"},
    {0x063, "init", "init-sipi"},
    {0x064, "vintr", "interrupt-window"},
    {0x065, "cr0_sel_write", "cr-access"},
    {0x066, "read_idtr", "descriptor-table"},
    {0x067, "read_gdtr", "descriptor-table"},
    {0x068, "read_ldtr", "descriptor-table"},
    {0x069, "read_rt", "descriptor-table"},
    {0x06a, "write_idtr", "descriptor-table"},
    {0x06b, "write_gdtr", "descriptor-table"},
    {0x06c, "write_ldtr", "descriptor-table"},
    {0x06d, "write_rt", "descriptor-table"},
    {0x06e, "rdtsc", "rdtsc"},
    {0x06f, "rdpmc", "rdpmc"},
    {0x070, "pushf", "other-instruction"},
    {0x071, "popf", "other-instruction"},
    {0x072, "cpuid", "cpuid"},
    {0x073, "rsm", "other-instruction"},
    {0x074, "iret", "iret"},
    {0x075, "swint", "other-instruction"},
    {0x076, "invd", "invd"},
    {0x077, "pause", "pause"},
    {0x078, "hlt", "hlt"},
    {0x079, "invlpg", "invlpg"},
    {0x07a, "invlpga", "nested"},
    {0x07b, "io", "io"},
    {0x07c, "msr", "msr"},
    {0x07d, "task_switch", "task-switch"},
    {0x07e, "ferr_freeze", "fpu"},
    {0x07f, "shutdown", "triple-fault"},
    {0x080, "vmrun", "nested"},
    {0x081, "hypercall", "hypercall"},
    {0x082, "vmload", "nested"},
    {0x083, "vmsave", "nested"},
    {0x084, "stgi", "nested"},
    {0x085, "clgi", "nested"},
    {0x086, "skinit", "nested"},
    {0x087, "rdtscp", "rdtsc"},
    {0x088, "icebp", "debug"},
    {0x089, "wbinvd", "wbinvd"},
    {0x08a, "monitor", "monitor"},
    {0x08b, "mwait", "mwait"},
    {0x08c, "mwait_cond", "mwait"},
    {0x08d, "xsetbv", "xsetbv"},
    {0x08e, "rdpru", "other-instruction"},
    {0x08f, "write_efer_trap", "msr-write"},
    {0x090, "write_cr0_trap", "cr-access"},
    {0x091, "write_cr1_trap", "cr-access"},
    {0x092, "write_cr2_trap", "cr-access"},
    {0x093, "write_cr3_trap", "cr-access"},
    {0x094, "write_cr4_trap", "cr-access"},
    {0x095, "write_cr5_trap", "cr-access"},
    {0x096, "write_cr6_trap", "cr-access"},
    {0x097, "write_cr7_trap", "cr-access"},
    {0x098, "write_cr8_trap", "cr-access"},
    {0x099, "write_cr9_trap", "cr-access"},
    {0x09a, "write_cr10_trap", "cr-access"},
    {0x09b, "write_cr11_trap", "cr-access"},
    {0x09c, "write_cr12_trap", "cr-access"},
    {0x09d, "write_cr13_trap", "cr-access"},
    {0x09e, "write_cr14_trap", "cr-access"},
    {0x09f, "write_cr15_trap", "cr-access"},
    {0x0a2, "invpcid", "invlpg"},
    {0x0a5, "bus_lock", "bus-lock"},
    {0x0a6, "idle_hlt", "hlt"},
    {0x400, "npf", "ept-violation"},
    {0x401, "avic_incomplete_ipi", "avic-incomplete-ipi"},
    {0x402, "avic_unaccelerated_access", "avic-unaccelerated"},
    {0x403, "vmgexit", "vmgexit"},
    {0x80000001, "vmgexit_mmio_read", "mmio"},
    {0x80000002, "vmgexit_mmio_write", "mmio"},
    {0x80000003, "vmgexit_nmi_complete", "vmgexit"},
    {0x80000004, "vmgexit_ap_hlt_loop", "vmgexit"},
    {0x80000005, "vmgexit_ap_jump_table", "vmgexit"},
    {0x80000010, "vmgexit_page_state_change", "vmgexit"},
    {0x80000011, "vmgexit_guest_request", "vmgexit"},
    {0x80000012, "vmgexit_ext_guest_request", "vmgexit"},
    {0x80000013, "vmgexit_ap_creation", "vmgexit"},
    {0x8000fffd, "vmgexit_hypervisor_feature", "vmgexit"},
    {0x8000fffe, "vmgexit_termination_request", "vmgexit"},
    {0x8000ffff, "vmgexit_unsupported_event", "vmgexit"},
    {SVM_ERR, "invalid_guest_state", "failed-entry"},
};

/* Exception types of kvm_asm.h, then exception classes of esr.h. A WFE is trapped only where
 * another task waits for the CPU, so that the class of WFI and WFE is idleness in the main. */
static const Reason arm64[] = {
    {0, "IRQ", "external-interrupt"},
    {1, "SERROR", "serror"},
    {2, "TRAP", "trap"},
    {3, "ILLEGAL", "failed-entry"},
    {VT_EXIT_ARM64_CLASS(0x00), "UNKNOWN", "exception"},
    {VT_EXIT_ARM64_CLASS(0x01), "WFx", "hlt"},
    {VT_EXIT_ARM64_CLASS(0x03), "CP15_32", "sysreg"},
    {VT_EXIT_ARM64_CLASS(0x04), "CP15_64", "sysreg"},
    {VT_EXIT_ARM64_CLASS(0x05), "CP14_MR", "sysreg"},
    {VT_EXIT_ARM64_CLASS(0x06), "CP14_LS", "sysreg"},
    {VT_EXIT_ARM64_CLASS(0x07), "FP_ASIMD", "fpu"},
    {VT_EXIT_ARM64_CLASS(0x08), "CP10_ID", "sysreg"},
    {VT_EXIT_ARM64_CLASS(0x09), "PAC", "other-instruction"},
    {VT_EXIT_ARM64_CLASS(0x0a), "OTHER", "other-instruction"},
    {VT_EXIT_ARM64_CLASS(0x0c), "CP14_64", "sysreg"},
    {VT_EXIT_ARM64_CLASS(0x0d), "BTI", "exception"},
    {VT_EXIT_ARM64_CLASS(0x0e), "ILL", "exception"},
    {VT_EXIT_ARM64_CLASS(0x11), "SVC32", "exception"},
    {VT_EXIT_ARM64_CLASS(0x12), "HVC32", "hypercall"},
    {VT_EXIT_ARM64_CLASS(0x13), "SMC32", "hypercall"},
    {VT_EXIT_ARM64_CLASS(0x15), "SVC64", "exception"},
    {VT_EXIT_ARM64_CLASS(0x16), "HVC64", "hypercall"},
    {VT_EXIT_ARM64_CLASS(0x17), "SMC64", "hypercall"},
    {VT_EXIT_ARM64_CLASS(0x18), "SYS64", "sysreg"},
    {VT_EXIT_ARM64_CLASS(0x19), "SVE", "fpu"},
    {VT_EXIT_ARM64_CLASS(0x1a), "ERET", "nested"},
    {VT_EXIT_ARM64_CLASS(0x1c), "FPAC", "exception"},
    {VT_EXIT_ARM64_CLASS(0x1d), "SME", "fpu"},
    {VT_EXIT_ARM64_CLASS(0x1f), "IMP_DEF", "other-instruction"},
    {VT_EXIT_ARM64_CLASS(0x20), "IABT_LOW", "ept-violation"},
    {VT_EXIT_ARM64_CLASS(0x21), "IABT_CUR", "exception"},
    {VT_EXIT_ARM64_CLASS(0x22), "PC_ALIGN", "exception"},
    {VT_EXIT_ARM64_CLASS(0x24), "DABT_LOW", "ept-violation"},
    {VT_EXIT_ARM64_CLASS(0x25), "DABT_CUR", "exception"},
    {VT_EXIT_ARM64_CLASS(0x26), "SP_ALIGN", "exception"},
    {VT_EXIT_ARM64_CLASS(0x27), "MOPS", "exception"},
    {VT_EXIT_ARM64_CLASS(0x28), "FP_EXC32", "exception"},
    {VT_EXIT_ARM64_CLASS(0x2c), "FP_EXC64", "exception"},
    {VT_EXIT_ARM64_CLASS(0x2d), "GCS", "exception"},
    {VT_EXIT_ARM64_CLASS(0x2f), "SERROR", "serror"},
    {VT_EXIT_ARM64_CLASS(0x30), "BREAKPT_LOW", "debug"},
    {VT_EXIT_ARM64_CLASS(0x31), "BREAKPT_CUR", "debug"},
    {VT_EXIT_ARM64_CLASS(0x32), "SOFTSTP_LOW", "debug"},
    {VT_EXIT_ARM64_CLASS(0x33), "SOFTSTP_CUR", "debug"},
    {VT_EXIT_ARM64_CLASS(0x34), "WATCHPT_LOW", "debug"},
    {VT_EXIT_ARM64_CLASS(0x35), "WATCHPT_CUR", "debug"},
    {VT_EXIT_ARM64_CLASS(0x38), "BKPT32", "debug"},
    {VT_EXIT_ARM64_CLASS(0x3a), "VECTOR32", "debug"},
    {VT_EXIT_ARM64_CLASS(0x3c), "BRK64", "debug"},
    {ARM64_HYP_GONE, "HYP_GONE", "failed-entry"},
};

typedef struct {
    const char *name;
    const Reason *reasons;
    gsize n;
    const char *prefixes[4];
} Isa;

static const Isa isas[] = {
    [VT_ISA_UNKNOWN] = {"unknown", NULL, 0, {NULL}},
    [VT_ISA_VMX] = {"vmx", vmx, G_N_ELEMENTS(vmx), {"EXIT_REASON_", NULL}},
    [VT_ISA_SVM] = {"svm", svm, G_N_ELEMENTS(svm), {"SVM_EXIT_", "SVM_", "EXIT_", NULL}},
    [VT_ISA_ARM64] = {"arm64", arm64, G_N_ELEMENTS(arm64), {"ARM_EXCEPTION_", "ESR_ELx_EC_", NULL}},
};

/* Spellings beside those of the tables: names of older kernels, and of the macros where a trace
 * prints another word. */
static const struct {
    VtIsa isa;
    const char *name;
    guint64 code;
} aliases[] = {
    {VT_ISA_VMX, "PENDING_INTERRUPT", 7}, /* until Linux 5.5 */
    {VT_ISA_VMX, "VIRTUAL_INTR", 7},
    {VT_ISA_VMX, "IO", 30},
    {VT_ISA_VMX, "MWAIT", 36},
    {VT_ISA_VMX, "MONITOR", 39},
    {VT_ISA_VMX, "PAUSE", 40},
    {VT_ISA_VMX, "VMXOFF", 26},
    {VT_ISA_VMX, "VMXON", 27},
    {VT_ISA_SVM, "INTR", 0x060},
    {VT_ISA_SVM, "IDTR_READ", 0x066},
    {VT_ISA_SVM, "GDTR_READ", 0x067},
    {VT_ISA_SVM, "LDTR_READ", 0x068},
    {VT_ISA_SVM, "TR_READ", 0x069},
    {VT_ISA_SVM, "IDTR_WRITE", 0x06a},
    {VT_ISA_SVM, "GDTR_WRITE", 0x06b},
    {VT_ISA_SVM, "LDTR_WRITE", 0x06c},
    {VT_ISA_SVM, "TR_WRITE", 0x06d},
    {VT_ISA_SVM, "IOIO", 0x07b},
    {VT_ISA_SVM, "VMMCALL", 0x081},
    {VT_ISA_SVM, "EFER_WRITE_TRAP", 0x08f},
    {VT_ISA_SVM, "CR0_WRITE_TRAP", 0x090},
    {VT_ISA_SVM, "CR4_WRITE_TRAP", 0x094},
    {VT_ISA_SVM, "CR8_WRITE_TRAP", 0x098},
    {VT_ISA_SVM, "VMGEXIT_PSC", 0x80000010},
    {VT_ISA_SVM, "VMGEXIT_HV_FEATURES", 0x8000fffd},
    {VT_ISA_SVM, "VMGEXIT_TERM_REQUEST", 0x8000fffe},
    {VT_ISA_SVM, "ERR", SVM_ERR},
    {VT_ISA_ARM64, "EL1_SERROR", 1},
    {VT_ISA_ARM64, "IL", 3},
};

static const Isa *isa_get(VtIsa isa)
{
    return (guint)isa < G_N_ELEMENTS(isas) ? &isas[isa] : &isas[VT_ISA_UNKNOWN];
}

const char *vt_isa_name(VtIsa isa)
{
    return isa_get(isa)->name;
}

VtIsa vt_isa_from_name(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(isas); i++) {
        if (g_strcmp0(name, isas[i].name) == 0)
            return (VtIsa)i;
    }
    return VT_ISA_UNKNOWN;
}

static guint64 code_canonical(VtIsa isa, guint64 code)
{
    if (isa == VT_ISA_VMX && code <= G_MAXUINT32)
        return code & VMX_BASIC;
    if (isa == VT_ISA_SVM && code == G_MAXUINT32)
        return SVM_ERR;
    return code;
}

/* The tables are sorted by code. */
static const Reason *reason_lookup(VtIsa isa, guint64 code)
{
    const Isa *table = isa_get(isa);
    gsize low = 0, high = table->n;

    code = code_canonical(isa, code);
    while (low < high) {
        gsize middle = low + (high - low) / 2;

        if (table->reasons[middle].code == code)
            return &table->reasons[middle];
        if (table->reasons[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const char *vt_exit_reason_name(VtIsa isa, guint64 code)
{
    const Reason *reason = reason_lookup(isa, code);

    return reason ? reason->name : NULL;
}

const char *vt_exit_reason_metric(VtIsa isa, guint64 code)
{
    const Reason *reason = reason_lookup(isa, code);
    g_autofree char *metric = NULL;

    if (isa_get(isa)->n == 0)
        return NULL;
    code = code_canonical(isa, code);
    if (reason)
        metric = g_strconcat("exit.", reason->family, NULL);
    else if (isa == VT_ISA_SVM)
        metric = g_strdup_printf("exit.svm-0x%" G_GINT64_MODIFIER "x", code);
    else if (isa == VT_ISA_ARM64 && code >= VT_EXIT_ARM64_CLASS(0) && code <= VT_EXIT_ARM64_CLASS(63))
        metric = g_strdup_printf("exit.arm64-ec-0x%x", (guint)code - VT_EXIT_ARM64_CLASS(0));
    else
        metric = g_strdup_printf("exit.%s-%" G_GUINT64_FORMAT, vt_isa_name(isa), code);
    return g_intern_string(metric);
}

/* Case, and the difference between blanks, hyphens and underscores, do not matter. */
static gboolean same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        char x = *a == ' ' || *a == '-' ? '_' : g_ascii_tolower(*a);
        char y = *b == ' ' || *b == '-' ? '_' : g_ascii_tolower(*b);

        if (x != y)
            return FALSE;
    }
    return *a == *b;
}

static gboolean find_bare(VtIsa isa, const char *name, guint64 *ret_code)
{
    const Isa *table = isa_get(isa);

    for (gsize i = 0; i < table->n; i++) {
        if (same_name(table->reasons[i].name, name)) {
            *ret_code = table->reasons[i].code;
            return TRUE;
        }
    }
    for (gsize i = 0; i < G_N_ELEMENTS(aliases); i++) {
        if (aliases[i].isa == isa && same_name(aliases[i].name, name)) {
            *ret_code = aliases[i].code;
            return TRUE;
        }
    }
    return FALSE;
}

gboolean vt_exit_reason_find(VtIsa isa, const char *name, guint64 *ret_code)
{
    const Isa *table = isa_get(isa);

    g_return_val_if_fail(name, FALSE);

    if (find_bare(isa, name, ret_code))
        return TRUE;
    for (const char *const *prefix = table->prefixes; *prefix; prefix++) {
        gsize length = strlen(*prefix);

        if (g_ascii_strncasecmp(name, *prefix, length) == 0 &&
            find_bare(isa, name + length, ret_code))
            return TRUE;
    }
    return FALSE;
}

const char *vt_exit_reason_describe(const char *metric)
{
    if (!metric || !g_str_has_prefix(metric, "exit."))
        return NULL;
    for (guint i = 0; i < G_N_ELEMENTS(families); i++) {
        if (strcmp(families[i].family, metric + strlen("exit.")) == 0)
            return families[i].text;
    }
    return NULL;
}
