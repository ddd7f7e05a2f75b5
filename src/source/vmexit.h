/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the in-kernel programs (vmexit.bpf.c) and their reader share: keys and values of the maps.
 * Included by both compilers, so it holds fixed-width types only and includes nothing. */
#pragma once

/* What was counted: the upper eight bits of vt_vmexit_key.what. */
enum vt_vmexit_kind {
    VT_VMEXIT_EXIT,          /* VT_VMEXIT_REASON(); in "exits", all others in "counters" */
    VT_VMEXIT_PIO_READ,      /* port */
    VT_VMEXIT_PIO_WRITE,     /* port */
    VT_VMEXIT_MMIO_READ,     /* guest-physical address; once a read, whoever answers it */
    VT_VMEXIT_MMIO_WRITE,    /* address */
    VT_VMEXIT_MMIO_FAST,     /* address; an ioeventfd that VMX finds without decoding */
    VT_VMEXIT_MSR_READ,      /* register */
    VT_VMEXIT_MSR_WRITE,     /* register */
    VT_VMEXIT_USER,          /* KVM_EXIT_* of linux/kvm.h */
    VT_VMEXIT_USER_ERROR,    /* 0: a return with an error, a signal most often */
    VT_VMEXIT_EOI,           /* 0 */
    VT_VMEXIT_PV_EOI,        /* 0 */
    VT_VMEXIT_IPI,           /* 0 */
    VT_VMEXIT_HYPERCALL,     /* number of the call */
    VT_VMEXIT_PLE_WINDOW,    /* 0: the window shrank, 1: it grew */
    VT_VMEXIT_HALT_POLL,     /* 0: the polling time shrank, 1: it grew */
    /* Address: those of MMIO_READ and MMIO_WRITE that user space completed; no key, but what the reader
     * makes of vt_vmexit_counter.user. */
    VT_VMEXIT_MMIO_USER,
    VT_VMEXIT_APICV_INHIBIT, /* reason << 1 | 1 when it was set, 0 when it was cleared */
};

#define VT_VMEXIT_NUMBER_BITS 56
#define VT_VMEXIT_NUMBER_MASK ((1ULL << VT_VMEXIT_NUMBER_BITS) - 1)
#define VT_VMEXIT_WHAT(kind, number)                                                               \
    ((__u64)(kind) << VT_VMEXIT_NUMBER_BITS | ((number) & VT_VMEXIT_NUMBER_MASK))
#define VT_VMEXIT_KIND(what) ((__u32)((what) >> VT_VMEXIT_NUMBER_BITS))
#define VT_VMEXIT_NUMBER(what) ((what) & VT_VMEXIT_NUMBER_MASK)

/* Number of an exit: the code below, the instruction set (the tracepoint's isa: 1 VMX, 2 SVM) in
 * bits 40-47, and in bits 32-39 what the code alone does not tell. */
#define VT_VMEXIT_ISA_VMX 1
#define VT_VMEXIT_ISA_SVM 2
#define VT_VMEXIT_DETAIL_WRITE 1 /* SVM msr: a write */
#define VT_VMEXIT_DETAIL_MMIO 2  /* SVM npf: the reserved bit, KVM's mark for emulated MMIO */
#define VT_VMEXIT_DETAIL_FAST 4  /* an MMIO exit that ended at an ioeventfd without decoding */
#define VT_VMEXIT_REASON(isa, detail, code)                                                        \
    ((__u64)(isa) << 40 | (__u64)(detail) << 32 | (__u32)(code))
#define VT_VMEXIT_REASON_ISA(number) ((__u32)((number) >> 40) & 0xff)
#define VT_VMEXIT_REASON_DETAIL(number) ((__u32)((number) >> 32) & 0xff)
#define VT_VMEXIT_REASON_CODE(number) ((__u32)(number))

/* Histogram of times: bucket i counts 2^i to 2^(i+1)-1 ns, the first one 0 too, the last one
 * everything above. */
#define VT_VMEXIT_BUCKETS 32

/* The counters are tables with open addressing in arrays that user space maps into its memory: no
 * look-up costs more than a few instructions and one cache line, and reading costs no system call.
 * An entry is taken once and for all, for one thread. Only that thread writes to it (the
 * tracepoints fire in the context of the thread that left the guest), so plain values need neither
 * atomics nor a copy per CPU, and a reader's work does not grow with the number of CPUs. An entry
 * fills whole cache lines, so that threads on different CPUs do not share one. */
#define VT_VMEXIT_PROBES 16 /* places that are tried; when all are taken, the update is lost */

/* What stands at the head of every entry. "thread" is written last. */
struct vt_vmexit_key {
    __u64 thread; /* group << 32 | thread, both in the initial PID namespace; 0: nobody's yet */
    __u64 what;
};

/* Entry of "counters": everything but exits. */
struct vt_vmexit_counter {
    struct vt_vmexit_key key;
    __u64 count;
    __u64 user;   /* of MMIO_READ and MMIO_WRITE: how many went on to user space */
    __u32 target; /* vt_vmexit_target.index */
    __u32 pad[7];
};

/* Entry of "exits". */
struct vt_vmexit_stat {
    struct vt_vmexit_key key;
    __u64 count;
    __u64 timed;   /* those whose end was seen: a fast path may go back without kvm_entry */
    __u64 time_ns; /* out of the guest, kvm_exit to kvm_entry */
    __u32 target;
    __u32 pad[5];
    __u64 histogram[VT_VMEXIT_BUCKETS];
};

/* Entry of "threads". */
struct vt_vmexit_thread {
    struct vt_vmexit_key key; /* what: of the exit under way */
    __u64 exit_ns;            /* CLOCK_MONOTONIC of the exit under way; 0 while in the guest */
    __u32 target;
    __u32 keys; /* how many entries of "counters" and "exits" it holds */
    __u64 write; /* "what" of its last MMIO, where that was a write that has not gone on to user space; else 0 */
    __u64 pad[3];
};

/* Value of "targets", by thread group as the reader sees it (its own PID namespace). */
struct vt_vmexit_target {
    __u64 lost; /* updates dropped: no free place, the thread's share, unreadable kernel memory */
    __u32 index;
    __u32 pad;
};

/* The tables, as "claims" tells their entries apart: VT_VMEXIT_CLAIM(). */
enum vt_vmexit_table {
    VT_VMEXIT_THREADS,
    VT_VMEXIT_COUNTERS,
    VT_VMEXIT_EXITS,
};
#define VT_VMEXIT_CLAIM(table, index) ((__u64)(table) << 32 | (index))
