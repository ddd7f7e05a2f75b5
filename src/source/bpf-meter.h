/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The BPF programs of vmexit.bpf.c at work: loaded as this kernel needs them, told which processes
 * to count, and read. */
#pragma once

#include <glib.h>
#include <linux/types.h>

#include "base/root.h"
#include "source/btf-layout.h"
#include "source/vmexit.h"

typedef struct VtBpfMeter VtBpfMeter;

/* Prepares the programs for at most @targets processes with @vcpus virtual CPUs together. @layout
 * NULL: the kernel has no type information; then exits are only counted where tracefs tells the
 * layout of their record, as it does to root.
 * @root: /sys/module, tracefs, /proc; outlives the meter. VT_ERROR_UNSUPPORTED with what is missing
 * where the kernel refuses them. */
VtBpfMeter *vt_bpf_meter_new(const VtRoot *root, const VtBtfLayout *layout, guint targets,
                             guint vcpus, GError **error);
/* Detaches and unloads. */
void vt_bpf_meter_free(VtBpfMeter *meter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtBpfMeter, vt_bpf_meter_free)

/* Counts the process @pid, a number of the caller's PID namespace, as target @index. May be called
 * while it runs. */
gboolean vt_bpf_meter_add(VtBpfMeter *meter, guint index, guint32 pid, GError **error);

/* Its process has ended. */
void vt_bpf_meter_remove(VtBpfMeter *meter, guint32 pid);

/* Attaches the programs. The ones whose tracepoint the kernel does not have are left out. */
gboolean vt_bpf_meter_start(VtBpfMeter *meter, GError **error);

/* TRUE where the threads that vt_bpf_meter_read() tells have other numbers in the caller's /proc: it
 * is in a PID namespace of its own. */
gboolean vt_bpf_meter_is_nested(const VtBpfMeter *meter);
/* TRUE where the tracepoint ("kvm_exit") is being counted. */
gboolean vt_bpf_meter_has(const VtBpfMeter *meter, const char *tracepoint);
/* What is not counted and why: sentences, translated. */
const GPtrArray *vt_bpf_meter_notes(const VtBpfMeter *meter);

/* @thread: number of the thread in the initial PID namespace. @what: VT_VMEXIT_KIND() and
 * VT_VMEXIT_NUMBER().
 * @count: how much it grew, never 0. @grown: for VT_VMEXIT_EXIT how the rest grew, else NULL. */
typedef void (*VtBpfMeterEach)(guint target, guint32 thread, guint64 what, guint64 count,
                               const struct vt_vmexit_stat *grown, gpointer data);

/* Calls @each for everything that grew since the last call, or since the start. Makes no system
 * call. */
void vt_bpf_meter_read(VtBpfMeter *meter, VtBpfMeterEach each, gpointer data);

/* Updates of target @index that were lost since the last call. */
guint64 vt_bpf_meter_take_lost(VtBpfMeter *meter, guint index);
