/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which process runs a domain: libvirt's API does not tell. */
#pragma once

#include <glib.h>

#include "base/root.h"

/* The UUID of the domain that the process @pid ("1234") runs: the word behind "-uuid" on its
 * command line. NULL where it has none, or cannot be read. The caller frees it. */
char *vt_qemu_process_uuid(const VtRoot *root, const char *pid);

/* The process of a running domain of the QEMU driver at @uri: from the PID file in the driver's run
 * directory, where the caller may read it (root's, most often), else the one in /proc that has
 * "-uuid @uuid". VT_ERROR_NOT_FOUND otherwise; /proc may hide the processes of others (hidepid).
 * @ret_pid is a number of the PID namespace of /proc. */
gboolean vt_qemu_process_find(const VtRoot *root, const char *uri, const char *name,
                              const char *uuid, guint32 *ret_pid, GError **error);

/* The vCPU threads of the process: GUINT_TO_POINTER thread -> GUINT_TO_POINTER number of the vCPU,
 * by the names below; empty where it has none under these, or is gone. Thread numbers are those of
 * the PID namespace of /proc. The caller unrefs it. */
GHashTable *vt_qemu_process_threads(const VtRoot *root, guint32 pid);

/* How many threads of all kinds the process has, by one call whatever their number; 0 where it is gone. */
guint vt_qemu_process_count_threads(const VtRoot *root, guint32 pid);

/* How many vCPU threads the process has: QEMU names them "CPU 0/KVM", where it emulates "CPU
 * 0/TCG". FALSE where it has none under these names (before libvirt 1.2 or QEMU 2.1), or is gone.
 */
gboolean vt_qemu_process_vcpus(const VtRoot *root, guint32 pid, guint *ret_vcpus,
                               gboolean *ret_kvm);

/* TRUE where the caller is in a PID namespace of its own: the kernel names processes by other numbers
 * than /proc does. */
gboolean vt_qemu_process_is_namespaced(const VtRoot *root);
