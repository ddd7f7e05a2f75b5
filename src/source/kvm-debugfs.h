/* SPDX-License-Identifier: GPL-2.0-or-later */
/* KVM's counters as files in debugfs: kvm/<pid>-<fd>/<statistic> (since Linux 4.7). They are sums over
 * the vCPUs of a VM; the directories vcpu<n> in there hold none (Linux, virt/kvm/kvm_main.c). */
#pragma once

#include "base/root.h"
#include "source/domstats.h"

typedef struct VtKvmDebugfs VtKvmDebugfs;

/* Finds debugfs, wherever it is mounted, and the counters that KVM has there. @root must live as long.
 * VT_ERROR_UNSUPPORTED says what is missing: a mount, a right, or the counters. */
VtKvmDebugfs *vt_kvm_debugfs_open(const VtRoot *root, GError **error);
void vt_kvm_debugfs_free(VtKvmDebugfs *debugfs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtKvmDebugfs, vt_kvm_debugfs_free)

/* The directories of all VMs, sorted; never NULL. */
GStrv vt_kvm_debugfs_list(const VtKvmDebugfs *debugfs);
/* Those of @vms that the process @pid made: one, for QEMU. */
GStrv vt_kvm_debugfs_select(const char *const *vms, guint32 pid);

/* The counters of these VMs, added up; NULL where one of them is gone. A counter that cannot be read, or
 * is no whole number below 2^63, is left out. State and number of vCPUs are the caller's to set. */
VtDomstats *vt_kvm_debugfs_read(const VtKvmDebugfs *debugfs, const char *const *vms);
