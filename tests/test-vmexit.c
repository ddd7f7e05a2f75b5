/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The BPF programs, run one by one by the kernel (BPF_PROG_TEST_RUN) with made-up arguments: also
 * for VMX exits on a machine without VMX. The vCPU is a map's value, whose kernel address a small
 * program tells. */
#include "config.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "source/vmexit.h"
#include "source/vmexit.skel.h"
#include "vt-test.h"

#define REASON_AT 0x80 /* in the made-up vCPU */
#define VMCB_AT 0x90
#define VMCB 0x100
#define EXIT_CODE 0x70 /* in a VMCB */
#define TARGET 7

typedef struct {
    struct vt_vmexit *skel;
    int vcpu_map;
    guint64 vcpu; /* kernel address */
    guint8 bytes[0x400];
    guint64 thread;
} Fixture;

static int quiet(enum libbpf_print_level level, const char *format, va_list args)
{
    return 0;
}

/* A map whose one value holds @f->bytes, and the address of that value. FALSE without the right to
 * load programs. */
static gboolean make_vcpu(Fixture *f)
{
    struct bpf_insn program[] = {
        { .code = BPF_LD | BPF_DW | BPF_IMM,
          .dst_reg = BPF_REG_1,
          .src_reg = BPF_PSEUDO_MAP_VALUE },
        { 0 },
        { .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_1 },
        { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
        { .code = BPF_JMP | BPF_EXIT },
    };
    LIBBPF_OPTS(bpf_test_run_opts, run);
    guint32 zero = 0;
    int fd;

    f->vcpu_map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "vcpu", sizeof zero, sizeof f->bytes, 1, NULL);
    if (f->vcpu_map < 0)
        return FALSE;
    program[0].imm = f->vcpu_map;
    fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "address", "GPL", program,
                       G_N_ELEMENTS(program), NULL);
    if (fd < 0)
        return FALSE;
    assert_int_equal(bpf_prog_test_run_opts(fd, &run), 0);
    close(fd);
    assert_int_equal(bpf_map_lookup_elem(f->vcpu_map, &zero, f->bytes), 0);
    memcpy(&f->vcpu, f->bytes, sizeof f->vcpu);
    assert_true(f->vcpu >> 47);
    memset(f->bytes, 0, sizeof f->bytes);
    return TRUE;
}

static int set_up(void **state)
{
    Fixture *f = g_new0(Fixture, 1);

    f->vcpu_map = -1;
    libbpf_set_print(quiet);
    f->thread = (guint64)getpid() << 32 | (guint64)syscall(SYS_gettid);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *f = *state;

    vt_vmexit__destroy(f->skel);
    if (f->vcpu_map >= 0)
        close(f->vcpu_map);
    g_free(f);
    return 0;
}

/* Powers of two. */
static void set_sizes(Fixture *f, guint32 threads, guint32 counters, guint32 exits)
{
    f->skel->rodata->threads_mask = threads - 1;
    f->skel->rodata->counters_mask = counters - 1;
    f->skel->rodata->exits_mask = exits - 1;
    bpf_map__set_max_entries(f->skel->maps.threads, threads);
    bpf_map__set_max_entries(f->skel->maps.counters, counters);
    bpf_map__set_max_entries(f->skel->maps.exits, exits);
    bpf_map__set_max_entries(f->skel->maps.claims, threads + counters + exits);
}

/* Opens the programs; the caller may set what is constant to them, then load(). Skips where the
 * test may not. */
static Fixture *open_programs(void **state)
{
    Fixture *f = *state;
    struct bpf_program *program;

    if (!make_vcpu(f)) {
        print_message("# BPF programs cannot be loaded here: %s\n", g_strerror(errno));
        skip();
    }
    f->skel = vt_vmexit__open();
    assert_non_null(f->skel);
    bpf_object__for_each_program(program, f->skel->obj)
        bpf_program__set_autoload(program,
                                  bpf_program__type(program) == BPF_PROG_TYPE_RAW_TRACEPOINT);
    set_sizes(f, 4, 64, 64);
    f->skel->rodata->vmx_reason_offset = REASON_AT;
    f->skel->rodata->svm_vmcb_offset = VMCB_AT;
    return f;
}

static void load(Fixture *f, gboolean target)
{
    guint32 group = (guint32)getpid();
    struct vt_vmexit_target value = { .index = TARGET };

    assert_int_equal(vt_vmexit__load(f->skel), 0);
    if (target)
        assert_int_equal(bpf_map__update_elem(f->skel->maps.targets, &group, sizeof group, &value,
                                              sizeof value, 0),
                         0);
}

static void run(struct bpf_program *program, guint64 a, guint64 b, guint64 c, guint64 d)
{
    guint64 args[12] = { a, b, c, d };
    LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof args);

    assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(program), &opts), 0);
}

static void set_vcpu(Fixture *f)
{
    guint32 zero = 0;

    assert_int_equal(bpf_map_update_elem(f->vcpu_map, &zero, f->bytes, 0), 0);
}

static void set_vmx(Fixture *f, guint32 reason)
{
    memcpy(f->bytes + REASON_AT, &reason, sizeof reason);
    set_vcpu(f);
}

static void set_svm(Fixture *f, guint32 code, guint64 info)
{
    guint64 vmcb = f->vcpu + VMCB;

    memcpy(f->bytes + VMCB_AT, &vmcb, sizeof vmcb);
    memcpy(f->bytes + VMCB + EXIT_CODE, &code, sizeof code);
    memcpy(f->bytes + VMCB + EXIT_CODE + 8, &info, sizeof info);
    set_vcpu(f);
}

/* The entry of a table that holds this key; FALSE where there is none. Two would be an error. */
static gboolean get_entry(struct bpf_map *map, guint64 thread, guint64 what, gpointer ret_entry)
{
    gsize size = bpf_map__value_size(map);
    g_autofree guint8 *entry = g_malloc(size);
    guint found = 0;

    for (guint32 i = 0; i < bpf_map__max_entries(map); i++) {
        const struct vt_vmexit_key *key = (const struct vt_vmexit_key *)entry;

        assert_int_equal(bpf_map__lookup_elem(map, &i, sizeof i, entry, size, 0), 0);
        if (key->thread != thread || (what && key->what != what))
            continue;
        memcpy(ret_entry, entry, size);
        found++;
    }
    assert_true(found <= 1);
    return found;
}

static gboolean get_stat(Fixture *f, guint64 reason, struct vt_vmexit_stat *ret_stat)
{
    return get_entry(f->skel->maps.exits, f->thread, VT_VMEXIT_WHAT(VT_VMEXIT_EXIT, reason),
                     ret_stat);
}

static void assert_exits(Fixture *f, guint64 reason, guint64 count, guint64 timed)
{
    struct vt_vmexit_stat stat;
    guint64 sum = 0;

    assert_true(get_stat(f, reason, &stat));
    assert_int_equal(stat.count, count);
    assert_int_equal(stat.timed, timed);
    for (guint i = 0; i < VT_VMEXIT_BUCKETS; i++)
        sum += stat.histogram[i];
    assert_int_equal(sum, timed);
    assert_int_equal(stat.time_ns > 0, timed > 0);
}

static guint count_keys(struct bpf_map *map)
{
    gsize size = bpf_map__value_size(map);
    g_autofree guint8 *entry = g_malloc(size);
    guint n = 0;

    for (guint32 i = 0; i < bpf_map__max_entries(map); i++) {
        assert_int_equal(bpf_map__lookup_elem(map, &i, sizeof i, entry, size, 0), 0);
        n += ((const struct vt_vmexit_key *)entry)->thread != 0;
    }
    return n;
}

static guint64 get_count(Fixture *f, guint64 what)
{
    struct vt_vmexit_counter counter;

    if (!get_entry(f->skel->maps.counters, f->thread, what, &counter))
        return 0;
    assert_int_equal(counter.target, TARGET);
    return counter.count;
}

static guint64 get_lost(Fixture *f)
{
    guint32 group = (guint32)getpid();
    struct vt_vmexit_target value;

    assert_int_equal(
        bpf_map__lookup_elem(f->skel->maps.targets, &group, sizeof group, &value, sizeof value, 0),
        0);
    return value.lost;
}

/* vcpu, isa: the reason is in the vCPU, with flags above its low 16 bits. */
static void test_vmx_new_order(void **state)
{
    Fixture *f = open_programs(state);
    struct vt_vmexit_thread thread;

    load(f, TRUE);
    for (guint i = 0; i < 3; i++) {
        set_vmx(f, 49 | 1u << 27);
        run(f->skel->progs.on_exit, f->vcpu, VT_VMEXIT_ISA_VMX, 0, 0);
        run(f->skel->progs.on_entry, f->vcpu, 0, 0, 0);
    }
    set_vmx(f, 12);
    run(f->skel->progs.on_exit, f->vcpu, VT_VMEXIT_ISA_VMX, 0, 0);
    run(f->skel->progs.on_entry, f->vcpu, 0, 0, 0);
    assert_exits(f, VT_VMEXIT_REASON(VT_VMEXIT_ISA_VMX, 0, 49), 3, 3);
    assert_exits(f, VT_VMEXIT_REASON(VT_VMEXIT_ISA_VMX, 0, 12), 1, 1);
    assert_int_equal(count_keys(f->skel->maps.exits), 2);
    assert_int_equal(get_lost(f), 0);
    assert_true(get_entry(f->skel->maps.threads, f->thread, 0, &thread));
    assert_int_equal(thread.target, TARGET);
}

/* exit_reason, vcpu, isa: nothing is read from the vCPU of VMX. */
static void test_vmx_old_order(void **state)
{
    Fixture *f = open_programs(state);

    f->skel->rodata->vmx_reason_offset = 0;
    f->skel->rodata->svm_vmcb_offset = 0;
    load(f, TRUE);
    run(f->skel->progs.on_exit_reason_first, 1u << 31 | 33, 0xdead, VT_VMEXIT_ISA_VMX, 0);
    run(f->skel->progs.on_entry, 0, 0, 0, 0);
    run(f->skel->progs.on_exit_reason_first, 30, 0xdead, VT_VMEXIT_ISA_VMX, 0);
    run(f->skel->progs.on_entry, 0, 0, 0, 0);
    run(f->skel->progs.on_exit_reason_first, 0x7b, 0xdead, VT_VMEXIT_ISA_SVM, 0);
    run(f->skel->progs.on_entry, 0, 0, 0, 0);
    assert_exits(f, VT_VMEXIT_REASON(VT_VMEXIT_ISA_VMX, 0, 33), 1, 1);
    assert_exits(f, VT_VMEXIT_REASON(VT_VMEXIT_ISA_VMX, 0, 30), 1, 1);
    assert_exits(f, VT_VMEXIT_REASON(VT_VMEXIT_ISA_SVM, 0, 0x7b), 1, 1);
    assert_int_equal(get_lost(f), 0);
}

static void svm_round(Fixture *f, gboolean reason_first, guint32 code, guint64 info)
{
    set_svm(f, code, info);
    if (reason_first)
        run(f->skel->progs.on_exit_reason_first, code, f->vcpu, VT_VMEXIT_ISA_SVM, 0);
    else
        run(f->skel->progs.on_exit, f->vcpu, VT_VMEXIT_ISA_SVM, 0, 0);
    run(f->skel->progs.on_entry, f->vcpu, 0, 0, 0);
}

static void check_svm(Fixture *f, gboolean reason_first)
{
    svm_round(f, reason_first, 0x7c, 0);
    svm_round(f, reason_first, 0x7c, 1);
    svm_round(f, reason_first, 0x7c, 1);
    svm_round(f, reason_first, 0x400, 0x100000004ULL);
    svm_round(f, reason_first, 0x400, 0x10000000dULL);
    svm_round(f, reason_first, 0x81, 0xffffffffffffffffULL);
    svm_round(f, reason_first, 0x80000010, 0);
    assert_exits(f, VT_VMEXIT_REASON(VT_VMEXIT_ISA_SVM, 0, 0x7c), 1, 1);
    assert_exits(f, VT_VMEXIT_REASON(VT_VMEXIT_ISA_SVM, VT_VMEXIT_DETAIL_WRITE, 0x7c), 2, 2);
    assert_exits(f, VT_VMEXIT_REASON(VT_VMEXIT_ISA_SVM, 0, 0x400), 1, 1);
    assert_exits(f, VT_VMEXIT_REASON(VT_VMEXIT_ISA_SVM, VT_VMEXIT_DETAIL_MMIO, 0x400), 1, 1);
    assert_exits(f, VT_VMEXIT_REASON(VT_VMEXIT_ISA_SVM, 0, 0x81), 1, 1);
    assert_exits(f, VT_VMEXIT_REASON(VT_VMEXIT_ISA_SVM, 0, 0x80000010), 1, 1);
    assert_int_equal(count_keys(f->skel->maps.exits), 6);
    assert_int_equal(get_lost(f), 0);
}

static void test_svm_new_order(void **state)
{
    Fixture *f = open_programs(state);

    load(f, TRUE);
    check_svm(f, FALSE);
}

static void test_svm_old_order(void **state)
{
    Fixture *f = open_programs(state);

    load(f, TRUE);
    check_svm(f, TRUE);
}

/* Each time falls into the bucket of its logarithm. */
static void test_histogram(void **state)
{
    static const gulong sleeps_us[] = { 0, 1, 30, 1000, 20000 };
    Fixture *f = open_programs(state);

    load(f, TRUE);
    for (guint i = 0; i < G_N_ELEMENTS(sleeps_us); i++) {
        struct vt_vmexit_stat stat;
        guint bucket = 0;

        set_vmx(f, i);
        run(f->skel->progs.on_exit, f->vcpu, VT_VMEXIT_ISA_VMX, 0, 0);
        if (sleeps_us[i] > 0)
            g_usleep(sleeps_us[i]);
        run(f->skel->progs.on_entry, f->vcpu, 0, 0, 0);
        assert_true(get_stat(f, VT_VMEXIT_REASON(VT_VMEXIT_ISA_VMX, 0, i), &stat));
        assert_true(stat.time_ns >= sleeps_us[i] * 1000);
        while (stat.time_ns >> (bucket + 1))
            bucket++;
        assert_int_equal(stat.histogram[bucket], 1);
    }
}

/* Handled and entered again without kvm_entry: the guest's own time must not count as time out of
 * it. */
static void test_fast_path(void **state)
{
    Fixture *f = open_programs(state);
    struct vt_vmexit_stat stat;
    gint64 begin_us, end_us;

    load(f, TRUE);
    set_vmx(f, 32);
    run(f->skel->progs.on_entry, f->vcpu, 0, 0, 0);
    run(f->skel->progs.on_exit, f->vcpu, VT_VMEXIT_ISA_VMX, 0, 0);
    g_usleep(30000);
    begin_us = g_get_monotonic_time();
    run(f->skel->progs.on_exit, f->vcpu, VT_VMEXIT_ISA_VMX, 0, 0);
    run(f->skel->progs.on_entry, f->vcpu, 0, 0, 0);
    end_us = g_get_monotonic_time() + 1;
    run(f->skel->progs.on_entry, f->vcpu, 0, 0, 0);
    assert_exits(f, VT_VMEXIT_REASON(VT_VMEXIT_ISA_VMX, 0, 32), 2, 1);
    assert_true(get_stat(f, VT_VMEXIT_REASON(VT_VMEXIT_ISA_VMX, 0, 32), &stat));
    assert_true((gint64)stat.time_ns <= (end_us - begin_us) * 1000);
}

static void test_fast_mmio(void **state)
{
    Fixture *f = open_programs(state);

    load(f, TRUE);
    set_vmx(f, 49);
    run(f->skel->progs.on_fast_mmio, 0xfe000000, 0, 0, 0); /* not inside an exit: only counted */
    run(f->skel->progs.on_exit, f->vcpu, VT_VMEXIT_ISA_VMX, 0, 0);
    run(f->skel->progs.on_fast_mmio, 0xfe000000, 0, 0, 0);
    run(f->skel->progs.on_entry, f->vcpu, 0, 0, 0);
    run(f->skel->progs.on_exit, f->vcpu, VT_VMEXIT_ISA_VMX, 0, 0);
    run(f->skel->progs.on_entry, f->vcpu, 0, 0, 0);
    assert_exits(f, VT_VMEXIT_REASON(VT_VMEXIT_ISA_VMX, VT_VMEXIT_DETAIL_FAST, 49), 1, 1);
    assert_exits(f, VT_VMEXIT_REASON(VT_VMEXIT_ISA_VMX, 0, 49), 1, 1);
    assert_int_equal(get_count(f, VT_VMEXIT_WHAT(VT_VMEXIT_MMIO_FAST, 0xfe000000)), 2);
}

static void test_unreadable(void **state)
{
    Fixture *f = open_programs(state);

    load(f, TRUE);
    set_vmx(f, 12);
    run(f->skel->progs.on_exit, f->vcpu, VT_VMEXIT_ISA_VMX, 0, 0);
    run(f->skel->progs.on_exit, 0x10, VT_VMEXIT_ISA_VMX, 0, 0);
    run(f->skel->progs.on_exit, 0x10, VT_VMEXIT_ISA_SVM, 0, 0);
    run(f->skel->progs.on_exit, f->vcpu, 3, 0, 0);
    set_vcpu(f); /* a VMCB pointer of NULL */
    run(f->skel->progs.on_exit, f->vcpu, VT_VMEXIT_ISA_SVM, 0, 0);
    run(f->skel->progs.on_entry, f->vcpu, 0, 0, 0);
    assert_int_equal(get_lost(f), 4);
    assert_exits(f, VT_VMEXIT_REASON(VT_VMEXIT_ISA_VMX, 0, 12), 1, 0);
    assert_int_equal(count_keys(f->skel->maps.exits), 1);
}

static void run_everything(Fixture *f)
{
    set_vmx(f, 12);
    run(f->skel->progs.on_exit, f->vcpu, VT_VMEXIT_ISA_VMX, 0, 0);
    run(f->skel->progs.on_entry, f->vcpu, 0, 0, 0);
    run(f->skel->progs.on_pio, 1, 0x80, 1, 1);
    run(f->skel->progs.on_pio, 0, 0x1f7, 1, 1);
    run(f->skel->progs.on_pio, 1, 0x80, 1, 1);
    run(f->skel->progs.on_mmio, 0, 4, 0xfed000f0, 0);
    run(f->skel->progs.on_mmio, 1, 4, 0xfed000f0, 0);
    run(f->skel->progs.on_mmio, 2, 4, 0xfffffffffff000ULL, 0);
    run(f->skel->progs.on_msr, 1, 0x80b, 0, 0);
    run(f->skel->progs.on_msr, 0, 0xc0000080, 0, 1);
    run(f->skel->progs.on_userspace_exit, 6, 0, 0, 0);
    run(f->skel->progs.on_userspace_exit, 2, 0, 0, 0);
    run(f->skel->progs.on_userspace_exit, 2, (guint64)(gint64)-EINTR, 0, 0);
    run(f->skel->progs.on_eoi, 0, 0x40, 0, 0);
    run(f->skel->progs.on_pv_eoi, 0, 0x40, 0, 0);
    run(f->skel->progs.on_apic_ipi, 0x40041, 1, 0, 0);
    run(f->skel->progs.on_hypercall, 5, 0, 1, 0);
    run(f->skel->progs.on_ple_window_update, 0, 8192, 4096, 0);
    run(f->skel->progs.on_ple_window_update, 0, 4096, 8192, 0);
    run(f->skel->progs.on_ple_window, 1, 0, 8192, 4096);
    run(f->skel->progs.on_ple_window, 0, 0, 4096, 4096);
    run(f->skel->progs.on_halt_poll, 1, 0, 20000, 10000);
    run(f->skel->progs.on_halt_poll, 0, 0, 0, 10000);
    run(f->skel->progs.on_apicv_inhibit, 8, 1, 0x100, 0);
    run(f->skel->progs.on_apicv_inhibit, 8, 0, 0, 0);
}

static void test_details(void **state)
{
    static const struct {
        guint64 what;
        guint64 count;
    } expected[] = {
        { VT_VMEXIT_WHAT(VT_VMEXIT_PIO_WRITE, 0x80), 2 },
        { VT_VMEXIT_WHAT(VT_VMEXIT_PIO_READ, 0x1f7), 1 },
        { VT_VMEXIT_WHAT(VT_VMEXIT_MMIO_READ, 0xfed000f0), 1 },
        { VT_VMEXIT_WHAT(VT_VMEXIT_MMIO_WRITE, 0xfffffffffff000ULL), 1 },
        { VT_VMEXIT_WHAT(VT_VMEXIT_MSR_WRITE, 0x80b), 1 },
        { VT_VMEXIT_WHAT(VT_VMEXIT_MSR_READ, 0xc0000080), 1 },
        { VT_VMEXIT_WHAT(VT_VMEXIT_USER, 6), 1 },
        { VT_VMEXIT_WHAT(VT_VMEXIT_USER, 2), 1 },
        { VT_VMEXIT_WHAT(VT_VMEXIT_USER_ERROR, 0), 1 },
        { VT_VMEXIT_WHAT(VT_VMEXIT_EOI, 0), 1 },
        { VT_VMEXIT_WHAT(VT_VMEXIT_PV_EOI, 0), 1 },
        { VT_VMEXIT_WHAT(VT_VMEXIT_IPI, 0), 1 },
        { VT_VMEXIT_WHAT(VT_VMEXIT_HYPERCALL, 5), 1 },
        { VT_VMEXIT_WHAT(VT_VMEXIT_PLE_WINDOW, 1), 2 },
        { VT_VMEXIT_WHAT(VT_VMEXIT_PLE_WINDOW, 0), 1 },
        { VT_VMEXIT_WHAT(VT_VMEXIT_HALT_POLL, 1), 1 },
        { VT_VMEXIT_WHAT(VT_VMEXIT_HALT_POLL, 0), 1 },
        { VT_VMEXIT_WHAT(VT_VMEXIT_APICV_INHIBIT, 8 << 1 | 1), 1 },
        { VT_VMEXIT_WHAT(VT_VMEXIT_APICV_INHIBIT, 8 << 1), 1 },
    };
    Fixture *f = open_programs(state);

    load(f, TRUE);
    run_everything(f);
    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++)
        assert_int_equal(get_count(f, expected[i].what), expected[i].count);
    assert_int_equal(count_keys(f->skel->maps.counters), G_N_ELEMENTS(expected));
    assert_int_equal(get_lost(f), 0);
}

static guint64 get_user(Fixture *f, guint64 what)
{
    struct vt_vmexit_counter counter;

    assert_true(get_entry(f->skel->maps.counters, f->thread, what, &counter));
    return counter.user;
}

/* Who completed an access: of a read the one that KVM could not satisfy tells, of a write the exit to user space that
 * follows. */
static void test_mmio_user(void **state)
{
    enum { HPET = 0xfed000f0, E1000 = 0xfeb00008, APIC = 0xfee000b0, BOTH = 0xfec00000 };
    Fixture *f = open_programs(state);
    struct bpf_program *mmio, *user;

    load(f, TRUE);
    mmio = f->skel->progs.on_mmio;
    user = f->skel->progs.on_userspace_exit;
    for (guint i = 0; i < 3; i++) {
        run(mmio, 0, 4, HPET, 0); /* a read by user space */
        run(user, 6, 0, 0, 0);
        run(mmio, 1, 4, HPET, 0);
        run(mmio, 2, 4, E1000, 0); /* a write by user space */
        run(user, 6, 0, 0, 0);
        run(mmio, 2, 4, APIC, 0); /* one in the kernel, before an exit for something else, */
        run(user, 2, 0, 0, 0);
        run(mmio, 2, 4, APIC, 0); /* before one that was interrupted, */
        run(user, 6, (guint64)(gint64)-EINTR, 0, 0);
        run(mmio, 2, 4, APIC, 0); /* and before a read by user space */
        run(mmio, 0, 4, BOTH, 0);
        run(user, 6, 0, 0, 0);
        run(mmio, 1, 4, BOTH, 0);
        run(mmio, 1, 4, BOTH, 0); /* a read in the kernel */
    }
    /* An exit that follows no access is nobody's. */
    run(user, 6, 0, 0, 0);
    assert_int_equal(get_count(f, VT_VMEXIT_WHAT(VT_VMEXIT_MMIO_READ, HPET)), 3);
    assert_int_equal(get_user(f, VT_VMEXIT_WHAT(VT_VMEXIT_MMIO_READ, HPET)), 3);
    assert_int_equal(get_count(f, VT_VMEXIT_WHAT(VT_VMEXIT_MMIO_WRITE, E1000)), 3);
    assert_int_equal(get_user(f, VT_VMEXIT_WHAT(VT_VMEXIT_MMIO_WRITE, E1000)), 3);
    assert_int_equal(get_count(f, VT_VMEXIT_WHAT(VT_VMEXIT_MMIO_WRITE, APIC)), 9);
    assert_int_equal(get_user(f, VT_VMEXIT_WHAT(VT_VMEXIT_MMIO_WRITE, APIC)), 0);
    assert_int_equal(get_count(f, VT_VMEXIT_WHAT(VT_VMEXIT_MMIO_READ, BOTH)), 6);
    assert_int_equal(get_user(f, VT_VMEXIT_WHAT(VT_VMEXIT_MMIO_READ, BOTH)), 3);
    assert_int_equal(get_lost(f), 0);
}

static void test_other_process(void **state)
{
    Fixture *f = open_programs(state);

    load(f, FALSE);
    run_everything(f);
    assert_int_equal(count_keys(f->skel->maps.counters), 0);
    assert_int_equal(count_keys(f->skel->maps.exits), 0);
    assert_int_equal(count_keys(f->skel->maps.threads), 0);
}

/* What does not fit is counted, and what fits stays right. */
static void test_full_maps(void **state)
{
    Fixture *f = open_programs(state);

    set_sizes(f, 4, 8, 2);
    load(f, TRUE);
    for (guint i = 0; i < 20; i++)
        run(f->skel->progs.on_pio, 1, i % 10, 1, 1);
    assert_int_equal(get_lost(f), 4);
    for (guint i = 0; i < 10; i++)
        assert_int_equal(get_count(f, VT_VMEXIT_WHAT(VT_VMEXIT_PIO_WRITE, i)), i < 8 ? 2 : 0);
    assert_int_equal(count_keys(f->skel->maps.counters), 8);
    for (guint i = 0; i < 3; i++) {
        set_vmx(f, i);
        run(f->skel->progs.on_exit, f->vcpu, VT_VMEXIT_ISA_VMX, 0, 0);
        run(f->skel->progs.on_entry, f->vcpu, 0, 0, 0);
    }
    assert_int_equal(get_lost(f), 5);
    assert_int_equal(count_keys(f->skel->maps.exits), 2);
}

static void test_share_of_a_thread(void **state)
{
    Fixture *f = open_programs(state);

    f->skel->rodata->keys_per_thread = 3;
    load(f, TRUE);
    set_vmx(f, 12);
    run(f->skel->progs.on_exit, f->vcpu, VT_VMEXIT_ISA_VMX, 0, 0);
    run(f->skel->progs.on_entry, f->vcpu, 0, 0, 0);
    for (guint i = 0; i < 5; i++)
        run(f->skel->progs.on_mmio, 2, 1, 0xa0000 + i, 0);
    set_vmx(f, 30);
    run(f->skel->progs.on_exit, f->vcpu, VT_VMEXIT_ISA_VMX, 0, 0);
    run(f->skel->progs.on_entry, f->vcpu, 0, 0, 0);
    assert_int_equal(count_keys(f->skel->maps.counters), 2);
    assert_int_equal(count_keys(f->skel->maps.exits), 1);
    assert_int_equal(get_lost(f), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_vmx_new_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_vmx_old_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_svm_new_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_svm_old_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_histogram, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_fast_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_fast_mmio, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unreadable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_details, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_mmio_user, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other_process, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_full_maps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_share_of_a_thread, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
