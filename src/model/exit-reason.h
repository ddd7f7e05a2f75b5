/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit codes of VMX, SVM and arm64: (isa, code) <-> the kernel's name <-> a vendor-neutral family. */
#pragma once

#include <glib.h>

typedef enum { VT_ISA_UNKNOWN, VT_ISA_VMX, VT_ISA_SVM, VT_ISA_ARM64 } VtIsa;

/* "vmx", "svm", "arm64", "unknown". */
const char *vt_isa_name(VtIsa isa);
VtIsa vt_isa_from_name(const char *name);

/* The kernel's name without prefix ("EPT_MISCONFIG", "npf", "TRAP"), from arch/x86/include/uapi/asm/{vmx,svm}.h and
 * arch/arm64/include/asm/kvm_arm.h; NULL for a code that nobody has named. */
const char *vt_exit_reason_name(VtIsa isa, guint64 code);

/* The metric of an exit without regard to direction: "exit.mmio", "exit.hlt"; a code without a name keeps its number
 * ("exit.vmx-91"). SVM's msr and ioio and arm64's traps give their undirected family ("exit.msr", "exit.io").
 * The result is interned. */
const char *vt_exit_reason_metric(VtIsa isa, guint64 code);

/* Finds a reason by any spelling seen in tools: "EXIT_REASON_HLT", "HLT", "hlt", "EPT_MISCONFIG",
 * "PENDING_INTERRUPT" (today INTERRUPT_WINDOW), case-insensitive. */
gboolean vt_exit_reason_find(VtIsa isa, const char *name, guint64 *ret_code);

/* What the family means in a few words, for people, untranslated and marked N_(): "exit.mmio" ->
 * "emulated memory-mapped I/O"; NULL where there is none. */
const char *vt_exit_reason_describe(const char *metric);
