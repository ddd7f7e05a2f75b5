/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts VM exits and what they were about, in the kernel, for the chosen thread groups. User space
 * fills in what depends on the running kernel (argument order, offsets) before loading; nothing
 * here refers to a kernel type, so that the programs load whatever KVM modules there are. Argument
 * lists: arch/x86/kvm/trace.h and include/trace/events/kvm.h. */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "source/vmexit.h"

/* bpf_probe_read_kernel() and bpf_ktime_get_ns() are reserved for programs under a licence the
 * kernel knows. */
char LICENSE[] SEC("license") = "GPL";

/* Set before loading. */
const volatile __u32 vmx_reason_offset; /* from struct kvm_vcpu to the exit reason; 0: not known */
const volatile __u32 svm_vmcb_offset;   /* from it to the pointer to the VMCB; 0: not known */
const volatile __u32 record_reason;     /* offsets in the record of the classic tracepoint */
const volatile __u32 record_isa;
const volatile __u32 record_info; /* 0: the record has no exit information */
const volatile __u32 keys_per_thread = 1024;
const volatile __u32 threads_mask; /* number of entries, a power of two, minus one */
const volatile __u32 counters_mask;
const volatile __u32 exits_mask;
const volatile __u64 pid_ns_device; /* of the reader's PID namespace, kernel encoding */
const volatile __u64 pid_ns_inode;  /* 0: the reader is in the initial one */

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct vt_vmexit_target);
} targets SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct vt_vmexit_thread);
} threads SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct vt_vmexit_counter);
} counters SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct vt_vmexit_stat);
} exits SEC(".maps");

/* Which entries are taken: of two who want the same, one succeeds in adding it here. (An atomic
 * exchange would do, but BPF has it only since Linux 5.12.) */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __type(key, __u64);
    __type(value, __u8);
} claims SEC(".maps");

/* Of exit_code in the VMCB: AMD64 Architecture Programmer's Manual, volume 2, appendix B. */
#define SVM_EXIT_CODE 0x70
#define SVM_EXIT_MSR 0x7c
#define SVM_EXIT_NPF 0x400
#define SVM_MSR_WRITE 1    /* of exit_info_1 */
#define SVM_NPF_RESERVED 8 /* likewise: the bit of the page fault error code */

/* The filter. Only reached where a thread or a key is new, or of nobody that was asked for. */
static __always_inline struct vt_vmexit_target *target_of(__u64 thread)
{
    __u32 group = thread >> 32;

    if (pid_ns_inode) {
        struct bpf_pidns_info info = {};

        if (bpf_get_ns_current_pid_tgid(pid_ns_device, pid_ns_inode, &info, sizeof info))
            return 0;
        group = info.tgid;
    }
    return bpf_map_lookup_elem(&targets, &group);
}

static __always_inline void lose(struct vt_vmexit_target *target)
{
    __sync_fetch_and_add(&target->lost, 1);
}

static __always_inline int claim(enum vt_vmexit_table table, __u32 index)
{
    __u64 key = VT_VMEXIT_CLAIM(table, index);
    __u8 value = 1;

    return !bpf_map_update_elem(&claims, &key, &value, BPF_NOEXIST);
}

static __always_inline __u32 place_of(__u64 thread, __u64 what)
{
    return ((thread ^ what * 0x9e3779b97f4a7c15ULL) * 0xff51afd7ed558ccdULL) >> 32;
}

/* Looks further for a thread that is not at its first place, or takes a place for it where it is
 * one of a target. */
static __noinline struct vt_vmexit_thread *find_thread(__u64 thread, __u32 place)
{
    struct vt_vmexit_thread *state = 0;
    struct vt_vmexit_target *target;
    __u32 index = 0;

    for (__u32 i = 0; i < VT_VMEXIT_PROBES; i++) {
        index = (place + i) & threads_mask;
        state = bpf_map_lookup_elem(&threads, &index);
        if (!state || state->key.thread == thread)
            return state;
        if (!state->key.thread)
            break;
    }
    target = target_of(thread);
    if (!target)
        return 0;
    if (state->key.thread || !claim(VT_VMEXIT_THREADS, index)) {
        lose(target);
        return 0;
    }
    state->target = target->index;
    state->key.thread = thread;
    return state;
}

/* The thread's state; NULL where it is of no target. */
static __always_inline struct vt_vmexit_thread *thread_state(__u64 thread)
{
    __u32 place = place_of(thread, 0), index = place & threads_mask;
    struct vt_vmexit_thread *state = bpf_map_lookup_elem(&threads, &index);

    if (state && state->key.thread == thread)
        return state;
    return find_thread(thread, place);
}

/* Takes an entry of "counters" or "exits" for a thread. A guest that touches every address of a
 * device must not use up the table for all others. */
static __always_inline struct vt_vmexit_thread *take_entry(__u64 thread, enum vt_vmexit_table table,
                                                           __u32 index, int is_free)
{
    struct vt_vmexit_thread *state = thread_state(thread);
    struct vt_vmexit_target *target;

    if (!state)
        return 0;
    if (is_free && state->keys < keys_per_thread && claim(table, index)) {
        state->keys++;
        return state;
    }
    target = target_of(thread);
    if (target)
        lose(target);
    return 0;
}

static __noinline struct vt_vmexit_counter *find_counter(__u64 thread, __u64 what, __u32 place)
{
    struct vt_vmexit_counter *counter = 0;
    struct vt_vmexit_thread *state;
    __u32 index = 0;

    for (__u32 i = 0; i < VT_VMEXIT_PROBES; i++) {
        index = (place + i) & counters_mask;
        counter = bpf_map_lookup_elem(&counters, &index);
        if (!counter || (counter->key.thread == thread && counter->key.what == what))
            return counter;
        if (!counter->key.thread)
            break;
    }
    state = take_entry(thread, VT_VMEXIT_COUNTERS, index, !counter->key.thread);
    if (!state)
        return 0;
    counter->target = state->target;
    counter->key.what = what;
    counter->key.thread = thread;
    return counter;
}

/* In the steady state the entry that is found first is filter and counter at once. */
static __always_inline struct vt_vmexit_counter *counter_of(__u64 thread, __u64 what)
{
    __u32 place = place_of(thread, what), index = place & counters_mask;
    struct vt_vmexit_counter *counter = bpf_map_lookup_elem(&counters, &index);

    if (counter && counter->key.thread == thread && counter->key.what == what)
        return counter;
    return find_counter(thread, what, place);
}

static __always_inline int count(__u64 what)
{
    struct vt_vmexit_counter *counter = counter_of(bpf_get_current_pid_tgid(), what);

    if (counter)
        counter->count++;
    return 0;
}

static __always_inline __u32 bucket_of(__u64 ns)
{
    __u32 rest = ns, log = 0, step;

    if (ns >> 32)
        return VT_VMEXIT_BUCKETS - 1;
    step = (rest > 0xffff) << 4;
    rest >>= step;
    log |= step;
    step = (rest > 0xff) << 3;
    rest >>= step;
    log |= step;
    step = (rest > 0xf) << 2;
    rest >>= step;
    log |= step;
    step = (rest > 3) << 1;
    rest >>= step;
    log |= step;
    log |= rest >> 1;
    /* The compiler knows that this is below 32 and drops a mask; Linux 6.1 does not know it. */
    asm volatile("" : "+r"(log));
    return log & (VT_VMEXIT_BUCKETS - 1);
}

static __noinline struct vt_vmexit_stat *find_stat(__u64 thread, __u64 what, __u32 place)
{
    struct vt_vmexit_stat *stat = 0;
    struct vt_vmexit_thread *state;
    __u32 index = 0;

    for (__u32 i = 0; i < VT_VMEXIT_PROBES; i++) {
        index = (place + i) & exits_mask;
        stat = bpf_map_lookup_elem(&exits, &index);
        if (!stat || (stat->key.thread == thread && stat->key.what == what))
            return stat;
        if (!stat->key.thread)
            break;
    }
    state = take_entry(thread, VT_VMEXIT_EXITS, index, !stat->key.thread);
    if (!state)
        return 0;
    stat->target = state->target;
    stat->key.what = what;
    stat->key.thread = thread;
    return stat;
}

/* Enters the exit that the thread is in. */
static __always_inline struct vt_vmexit_stat *finish(struct vt_vmexit_thread *state, __u64 thread)
{
    __u64 what = state->key.what;
    __u32 place = place_of(thread, what), index = place & exits_mask;
    struct vt_vmexit_stat *stat = bpf_map_lookup_elem(&exits, &index);

    if (!stat || stat->key.thread != thread || stat->key.what != what)
        stat = find_stat(thread, what, place);
    if (stat)
        stat->count++;
    return stat;
}

static __always_inline int left_guest(struct vt_vmexit_thread *state, __u64 thread, __u32 isa,
                                      __u32 code, __u64 info)
{
    __u32 detail = 0;

    /* Back in the guest by a fast path: how long it took is not known. */
    if (state->exit_ns)
        finish(state, thread);
    if (isa == VT_VMEXIT_ISA_VMX)
        code &= 0xffff;
    else if (code == SVM_EXIT_MSR && (info & SVM_MSR_WRITE))
        detail = VT_VMEXIT_DETAIL_WRITE;
    else if (code == SVM_EXIT_NPF && (info & SVM_NPF_RESERVED))
        detail = VT_VMEXIT_DETAIL_MMIO;
    state->key.what = VT_VMEXIT_WHAT(VT_VMEXIT_EXIT, VT_VMEXIT_REASON(isa, detail, code));
    state->exit_ns = bpf_ktime_get_ns();
    return 0;
}

static __always_inline int unreadable(struct vt_vmexit_thread *state, __u64 thread)
{
    struct vt_vmexit_target *target = target_of(thread);

    if (state->exit_ns)
        finish(state, thread);
    state->exit_ns = 0;
    if (target)
        lose(target);
    return 0;
}

/* exit_code, its upper half and exit_info_1 of the VMCB. */
struct control {
    __u32 code;
    __u32 high;
    __u64 info;
};

static __always_inline int read_control(__u64 vcpu, struct control *control)
{
    __u64 vmcb;

    return bpf_probe_read_kernel(&vmcb, sizeof vmcb, (void *)(vcpu + svm_vmcb_offset)) ||
           bpf_probe_read_kernel(control, sizeof *control, (void *)(vmcb + SVM_EXIT_CODE));
}

/* vcpu, isa: since Linux 5.17 */
SEC("raw_tp/kvm_exit")
int on_exit(struct bpf_raw_tracepoint_args *ctx)
{
    __u64 thread = bpf_get_current_pid_tgid(), vcpu = ctx->args[0];
    struct vt_vmexit_thread *state = thread_state(thread);
    struct control control = {};
    __u32 isa = ctx->args[1];

    if (!state)
        return 0;
    if (isa == VT_VMEXIT_ISA_SVM) {
        if (!svm_vmcb_offset || read_control(vcpu, &control))
            return unreadable(state, thread);
    } else if (isa != VT_VMEXIT_ISA_VMX || !vmx_reason_offset ||
               bpf_probe_read_kernel(&control.code, sizeof control.code,
                                     (void *)(vcpu + vmx_reason_offset))) {
        return unreadable(state, thread);
    }
    return left_guest(state, thread, isa, control.code, control.info);
}

/* exit_reason, vcpu, isa: before. What SVM's code does not tell is left out where the offset is not
 * known. */
SEC("raw_tp/kvm_exit")
int on_exit_reason_first(struct bpf_raw_tracepoint_args *ctx)
{
    __u64 thread = bpf_get_current_pid_tgid(), vcpu = ctx->args[1];
    struct vt_vmexit_thread *state = thread_state(thread);
    __u32 reason = ctx->args[0], isa = ctx->args[2];
    struct control control = {};

    if (!state)
        return 0;
    if (isa == VT_VMEXIT_ISA_SVM && svm_vmcb_offset && read_control(vcpu, &control))
        return unreadable(state, thread);
    return left_guest(state, thread, isa, reason, control.info);
}

/* For a kernel without type information: the reason from the record that perf gets. Needs root, for
 * tracefs. */
SEC("tp/kvm/kvm_exit")
int on_exit_record(void *ctx)
{
    __u64 thread = bpf_get_current_pid_tgid(), info = 0;
    struct vt_vmexit_thread *state = thread_state(thread);
    __u32 reason, isa;

    if (!state)
        return 0;
    if (bpf_probe_read_kernel(&reason, sizeof reason, ctx + record_reason) ||
        bpf_probe_read_kernel(&isa, sizeof isa, ctx + record_isa) ||
        (record_info && bpf_probe_read_kernel(&info, sizeof info, ctx + record_info)))
        return unreadable(state, thread);
    return left_guest(state, thread, isa, reason, info);
}

SEC("raw_tp/kvm_entry")
int on_entry(void *ctx)
{
    __u64 thread = bpf_get_current_pid_tgid(), ns;
    struct vt_vmexit_thread *state = thread_state(thread);
    struct vt_vmexit_stat *stat;

    if (!state || !state->exit_ns)
        return 0;
    ns = bpf_ktime_get_ns() - state->exit_ns;
    state->exit_ns = 0;
    stat = finish(state, thread);
    if (!stat)
        return 0;
    stat->timed++;
    stat->time_ns += ns;
    stat->histogram[bucket_of(ns)]++;
    return 0;
}

/* rw (0 in, 1 out), port, size, count */
SEC("raw_tp/kvm_pio")
int on_pio(struct bpf_raw_tracepoint_args *ctx)
{
    __u32 kind = (__u32)ctx->args[0] ? VT_VMEXIT_PIO_WRITE : VT_VMEXIT_PIO_READ;

    return count(VT_VMEXIT_WHAT(kind, (__u32)ctx->args[1]));
}

/* Of kvm_mmio: include/trace/events/kvm.h. */
#define MMIO_READ_UNSATISFIED 0
#define MMIO_READ 1
#define MMIO_WRITE 2

/* type, length, address. A read that user space answers comes twice: unsatisfied before, as a read after it. A write
 * comes once, before anybody looks for a device, so that only the exit to user space after it tells whose it was. */
SEC("raw_tp/kvm_mmio")
int on_mmio(struct bpf_raw_tracepoint_args *ctx)
{
    __u64 thread = bpf_get_current_pid_tgid(), what;
    struct vt_vmexit_counter *counter;
    struct vt_vmexit_thread *state;
    __u32 type = ctx->args[0];

    what = VT_VMEXIT_WHAT(type == MMIO_WRITE ? VT_VMEXIT_MMIO_WRITE : VT_VMEXIT_MMIO_READ, ctx->args[2]);
    counter = counter_of(thread, what);
    if (!counter)
        return 0;
    if (type == MMIO_READ_UNSATISFIED)
        counter->user++;
    else
        counter->count++;
    if (type == MMIO_READ)
        return 0;
    state = thread_state(thread);
    if (state)
        state->write = type == MMIO_WRITE ? what : 0;
    return 0;
}

/* address */
SEC("raw_tp/kvm_fast_mmio")
int on_fast_mmio(struct bpf_raw_tracepoint_args *ctx)
{
    struct vt_vmexit_thread *state = thread_state(bpf_get_current_pid_tgid());

    if (state && state->exit_ns)
        state->key.what |= (__u64)VT_VMEXIT_DETAIL_FAST << 32;
    return count(VT_VMEXIT_WHAT(VT_VMEXIT_MMIO_FAST, ctx->args[0]));
}

/* write, register, value, exception */
SEC("raw_tp/kvm_msr")
int on_msr(struct bpf_raw_tracepoint_args *ctx)
{
    __u32 kind = (__u32)ctx->args[0] ? VT_VMEXIT_MSR_WRITE : VT_VMEXIT_MSR_READ;

    return count(VT_VMEXIT_WHAT(kind, (__u32)ctx->args[1]));
}

/* KVM_EXIT_MMIO of linux/kvm.h */
#define USER_MMIO 6

/* reason, errno: beside an error the reason is stale */
SEC("raw_tp/kvm_userspace_exit")
int on_userspace_exit(struct bpf_raw_tracepoint_args *ctx)
{
    __u64 thread = bpf_get_current_pid_tgid();
    struct vt_vmexit_counter *counter;
    struct vt_vmexit_thread *state;

    if ((__s32)ctx->args[1] < 0)
        return count(VT_VMEXIT_WHAT(VT_VMEXIT_USER_ERROR, 0));
    counter = counter_of(thread, VT_VMEXIT_WHAT(VT_VMEXIT_USER, (__u32)ctx->args[0]));
    if (!counter)
        return 0;
    counter->count++;
    if ((__u32)ctx->args[0] != USER_MMIO)
        return 0;
    state = thread_state(thread);
    if (!state || !state->write)
        return 0;
    counter = counter_of(thread, state->write);
    state->write = 0;
    if (counter)
        counter->user++;
    return 0;
}

SEC("raw_tp/kvm_eoi")
int on_eoi(void *ctx)
{
    return count(VT_VMEXIT_WHAT(VT_VMEXIT_EOI, 0));
}

SEC("raw_tp/kvm_pv_eoi")
int on_pv_eoi(void *ctx)
{
    return count(VT_VMEXIT_WHAT(VT_VMEXIT_PV_EOI, 0));
}

SEC("raw_tp/kvm_apic_ipi")
int on_apic_ipi(void *ctx)
{
    return count(VT_VMEXIT_WHAT(VT_VMEXIT_IPI, 0));
}

/* number, four arguments */
SEC("raw_tp/kvm_hypercall")
int on_hypercall(struct bpf_raw_tracepoint_args *ctx)
{
    return count(VT_VMEXIT_WHAT(VT_VMEXIT_HYPERCALL, ctx->args[0]));
}

/* vcpu_id, new, old */
SEC("raw_tp/kvm_ple_window_update")
int on_ple_window_update(struct bpf_raw_tracepoint_args *ctx)
{
    return count(VT_VMEXIT_WHAT(VT_VMEXIT_PLE_WINDOW, (__u32)ctx->args[1] > (__u32)ctx->args[2]));
}

/* grow, vcpu_id, new, old: until Linux 5.4. Fires where the window stays as it is, too. */
SEC("raw_tp/kvm_ple_window")
int on_ple_window(struct bpf_raw_tracepoint_args *ctx)
{
    if ((__u32)ctx->args[2] == (__u32)ctx->args[3])
        return 0;
    return count(VT_VMEXIT_WHAT(VT_VMEXIT_PLE_WINDOW, (__u32)ctx->args[2] > (__u32)ctx->args[3]));
}

/* grow, vcpu_id, new, old */
SEC("raw_tp/kvm_halt_poll_ns")
int on_halt_poll(struct bpf_raw_tracepoint_args *ctx)
{
    return count(VT_VMEXIT_WHAT(VT_VMEXIT_HALT_POLL, (__u8)ctx->args[0] != 0));
}

/* reason, set, all reasons */
SEC("raw_tp/kvm_apicv_inhibit_changed")
int on_apicv_inhibit(struct bpf_raw_tracepoint_args *ctx)
{
    return count(VT_VMEXIT_WHAT(VT_VMEXIT_APICV_INHIBIT,
                                (__u64)(__u32)ctx->args[0] << 1 | ((__u8)ctx->args[1] != 0)));
}
