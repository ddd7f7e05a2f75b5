/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the running kernel's type information says about KVM's tracepoints and vCPU structures: the
 * layout that the BPF programs are told before they are loaded. */
#pragma once

#include <glib.h>

#include "base/root.h"

typedef struct {
    GHashTable *tracepoints; /* name ("kvm_exit") -> its arguments, one letter each: 'p' pointer,
                                'i' anything else */
    guint32 vmx_reason; /* from struct kvm_vcpu inside struct vcpu_vmx to the exit reason, bytes; 0:
                           not known */
    guint32 svm_vmcb; /* from struct kvm_vcpu inside struct vcpu_svm to the VMCB pointer, bytes; 0:
                         not known */
    GHashTable *
        inhibits; /* GUINT_TO_POINTER(bit) -> reason why APICv is off, kernel name without prefix */
} VtBtfLayout;

void vt_btf_layout_free(VtBtfLayout *layout);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtBtfLayout, vt_btf_layout_free)

/* Reads /sys/kernel/btf/vmlinux and, where KVM is modules, kvm, kvm_intel and kvm_amd beside it
 * (module type information: CONFIG_DEBUG_INFO_BTF_MODULES, Linux 5.11). Members that a kernel does
 * not have stay 0 or empty. NULL with @error where the kernel itself has none or it is damaged; a
 * damaged module file counts as missing. */
VtBtfLayout *vt_btf_layout_read(const VtRoot *root, GError **error);

/* The arguments of a tracepoint ("pi"), NULL where the kernel does not have it. */
const char *vt_btf_layout_arguments(const VtBtfLayout *layout, const char *tracepoint);
/* "PIT_REINJ", or NULL. */
const char *vt_btf_layout_inhibit(const VtBtfLayout *layout, guint bit);
