/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of a trace as perf script, trace-cmd report and the kernel's own trace file print it. */
#pragma once

#include <glib.h>

#define VT_TRACE_UNTOLD G_MAXUINT64

/* Points into the line; nothing to free. */
typedef struct {
    guint64 process; /* 0 where only the thread is told */
    guint64 thread;
    guint64 cpu;       /* of the host; VT_TRACE_UNTOLD */
    guint64 vcpu;      /* by QEMU's name of its thread; VT_TRACE_UNTOLD */
    guint64 time_ns;   /* of a clock whose zero does not matter */
    const char *event; /* the name without "kvm:", not terminated */
    gsize event_length;
    const char *fields; /* what stands behind the name, to the end of the line */
} VtTraceLine;

/* FALSE where it is no line of an event with its time in seconds. */
gboolean vt_trace_line_parse(const char *line, VtTraceLine *ret_line);
/* TRUE for a line that has the name of an event of KVM where a trace has it, whatever else it lacks. */
gboolean vt_trace_line_is_like(const char *line);
gboolean vt_trace_line_is(const VtTraceLine *line, const char *event);

/* The word behind @key in "key value key value", both ends by blanks (a comma or colon at the end
 * of the value is not part of it). FALSE where the key is not there or nothing follows. */
gboolean vt_trace_line_field(const char *fields, const char *key, char *value, gsize size);

typedef enum {
    VT_TRACE_NOTHING, /* an ordinary line */
    VT_TRACE_SKIP,    /* a heading, a stack, a remark */
    VT_TRACE_LOST,    /* events were lost here */
    VT_TRACE_STARTED, /* only from here on there are events of all CPUs */
} VtTraceRemark;

/* What a line is that is no event. @ret_lost, for VT_TRACE_LOST: how many, at least 1. */
VtTraceRemark vt_trace_line_remark(const char *line, guint64 *ret_lost);
