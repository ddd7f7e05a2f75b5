/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit codes of VMX, SVM and arm64: (isa, code) <-> the kernel's name <-> a vendor-neutral
 * family. */
#pragma once

#include <glib.h>

typedef enum { VT_ISA_UNKNOWN, VT_ISA_VMX, VT_ISA_SVM, VT_ISA_ARM64 } VtIsa;

/* arm64 has two numbers: the exception type (ARM_EXCEPTION_IRQ 0, EL1_SERROR 1, TRAP 2, IL 3) and,
 * for a trap, the exception class of ESR_EL2. Both share one code: types as they are, classes
 * (0..63) from here on. */
#define VT_EXIT_ARM64_CLASS(ec) (0x100u + (ec))

/* "vmx", "svm", "arm64", "unknown". */
const char *vt_isa_name(VtIsa isa);
/* VT_ISA_UNKNOWN for anything else, also NULL. */
VtIsa vt_isa_from_name(const char *name);

/* The kernel's name without prefix ("EPT_MISCONFIG", "npf", "TRAP", "DABT_LOW"), from
 * arch/x86/include/uapi/asm/{vmx,svm}.h and arch/arm64/include/asm/{kvm_asm,esr}.h; names of the
 * processor manuals where Linux has none; NULL for a code that nobody has named. The flags above a
 * VMX basic reason (bits 16 to 31) do not matter. */
const char *vt_exit_reason_name(VtIsa isa, guint64 code);

/* The metric of an exit without regard to direction: "exit.mmio", "exit.hlt"; a code without a name
 * keeps its number ("exit.vmx-91", "exit.svm-0x404", "exit.arm64-7", and of a class of exceptions
 * "exit.arm64-ec-0x3f"). SVM's msr and ioio and
 * arm64's traps give their undirected family ("exit.msr", "exit.io"). SVM's npf is
 * "exit.ept-violation": that it was emulated MMIO (the reserved bit of its error code) is not in
 * the exit code. The result is interned; NULL for VT_ISA_UNKNOWN. */
const char *vt_exit_reason_metric(VtIsa isa, guint64 code);

/* Finds a reason by any spelling seen in tools: "EXIT_REASON_HLT", "HLT", "hlt", "EPT_MISCONFIG",
 * "PENDING_INTERRUPT" (today INTERRUPT_WINDOW), case-insensitive. */
gboolean vt_exit_reason_find(VtIsa isa, const char *name, guint64 *ret_code);

/* What the family means in a few words, for people, untranslated and marked N_(): "exit.mmio" ->
 * "emulated memory-mapped I/O". Every family has one; NULL for anything else. */
const char *vt_exit_reason_describe(const char *metric);
