/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The BPF programs of the sampler under a measurement's control. "bpf-load PID" has the process PID
 * counted, reads commands of one letter each from standard input and answers each with a line "end":
 *
 *     1 0  attach and detach what a sample attaches to kernels since 5.17
 *     p    attach the pair of kvm_exit and kvm_entry to kvm_pio and kvm_userspace_exit, since not
 *          every KVM fires the former: the arguments of kvm_pio pass for an exit of the old order,
 *          rw as the reason and a size of one byte as VMX
 *     o v w  run the pair of kvm_exit and kvm_entry many times on a made-up vCPU (BPF_PROG_TEST_RUN):
 *          with the reason as an argument, as before Linux 5.17, and in a vCPU of VMX or SVM
 *     e m r  attach two empty programs to kvm_pio, to kvm_mmio, to kvm_msr
 *     t    have the kernel measure how long programs run, which takes time itself: no sample does
 *     s    first "NAME ID RUNS NS" of every BPF program that was loaded since it began
 */
#include "config.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>

#include "source/vmexit.h"
#include "source/vmexit.skel.h"

#define SIZE 4096
#define RUNS 20000
/* Where things are in the made-up vCPU; EXIT_CODE in its VMCB. */
#define REASON_AT 0x80
#define VMCB_AT 0x90
#define VMCB 0x100
#define EXIT_CODE 0x70
#define VMX_IO 30
#define SVM_CPUID 0x72

static GPtrArray *links; /* struct bpf_link */

static void destroy_link(gpointer link)
{
    bpf_link__destroy(link);
}

static gboolean attach(struct bpf_program *program, const char *tracepoint)
{
    struct bpf_link *link = bpf_program__attach_raw_tracepoint(program, tracepoint);

    if (link)
        g_ptr_array_add(links, link);
    return link != NULL;
}

static gboolean attach_sample(struct vt_vmexit *skel)
{
    struct bpf_program *program;

    bpf_object__for_each_program(program, skel->obj) {
        const char *section = bpf_program__section_name(program);

        if (bpf_program__autoload(program) && program != skel->progs.on_exit_reason_first)
            attach(program, strrchr(section, '/') + 1);
    }
    return links->len > 0;
}

static int load_empty(const char *name)
{
    static const struct bpf_insn nothing[] = {
        { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
        { .code = BPF_JMP | BPF_EXIT },
    };

    return bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, name, "GPL", nothing, G_N_ELEMENTS(nothing), NULL);
}

static gboolean attach_empty(const char *tracepoint)
{
    for (guint i = 0; i < 2; i++) {
        g_autofree char *name = g_strdup_printf("empty_%u", i);
        int fd = load_empty(name);

        if (fd < 0 || bpf_raw_tracepoint_open(tracepoint, fd) < 0)
            return FALSE;
    }
    return TRUE;
}

/* The kernel address of a map's value that stands for a vCPU, 0 where there can be none. */
static guint64 make_vcpu(void)
{
    struct bpf_insn tell[] = {
        { .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = BPF_REG_1, .src_reg = BPF_PSEUDO_MAP_VALUE },
        { 0 },
        { .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_1 },
        { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
        { .code = BPF_JMP | BPF_EXIT },
    };
    LIBBPF_OPTS(bpf_test_run_opts, run);
    guint8 bytes[0x400] = { 0 };
    guint32 zero = 0, reason = VMX_IO, code = SVM_CPUID;
    guint64 vcpu = 0, vmcb;
    int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "vcpu", sizeof zero, sizeof bytes, 1, NULL);
    int fd;

    tell[0].imm = map;
    fd = map < 0 ? -1 : bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "address", "GPL", tell, G_N_ELEMENTS(tell), NULL);
    if (fd < 0 || bpf_prog_test_run_opts(fd, &run) != 0 || bpf_map_lookup_elem(map, &zero, bytes) != 0)
        return 0;
    memcpy(&vcpu, bytes, sizeof vcpu);
    vmcb = vcpu + VMCB;
    memcpy(bytes + REASON_AT, &reason, sizeof reason);
    memcpy(bytes + VMCB_AT, &vmcb, sizeof vmcb);
    memcpy(bytes + VMCB + EXIT_CODE, &code, sizeof code);
    return bpf_map_update_elem(map, &zero, bytes, 0) == 0 ? vcpu : 0;
}

static gboolean run_once(int fd, guint64 first, guint64 second, guint64 third)
{
    guint64 args[12] = { first, second, third };
    LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof args);

    return bpf_prog_test_run_opts(fd, &opts) == 0;
}

/* Exits and entries of this process, as if it were a vCPU thread, and an empty program between them ("nothing"). */
static gboolean run_pair(struct vt_vmexit *skel, gboolean new_order, guint32 isa)
{
    static guint64 vcpu;
    static int empty = -1;
    const int on_exit = bpf_program__fd(new_order ? skel->progs.on_exit : skel->progs.on_exit_reason_first);
    const int on_entry = bpf_program__fd(skel->progs.on_entry);
    struct vt_vmexit_target target = { 0 };
    guint32 pid = (guint32)getpid();
    gboolean good;

    vcpu = vcpu ? vcpu : make_vcpu();
    empty = empty >= 0 ? empty : load_empty("nothing");
    good = vcpu && empty >= 0 &&
           bpf_map__update_elem(skel->maps.targets, &pid, sizeof pid, &target, sizeof target, 0) == 0;
    for (guint i = 0; good && i < RUNS; i++)
        good = (new_order ? run_once(on_exit, vcpu, isa, 0) : run_once(on_exit, VMX_IO, vcpu, isa)) &&
               run_once(empty, 0, 0, 0) && run_once(on_entry, vcpu, 0, 0);
    return good;
}

/* The programs that were loaded after the one with the number @id, which somebody else may have loaded. */
static gboolean print_stats(guint32 id)
{
    while (bpf_prog_get_next_id(id, &id) == 0) {
        int fd = bpf_prog_get_fd_by_id(id);
        struct bpf_prog_info info = { 0 };
        guint32 size = sizeof info;

        if (fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0)
            printf("%s %u %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n", info.name, id,
                   (guint64)info.run_cnt, (guint64)info.run_time_ns);
        if (fd >= 0)
            close(fd);
    }
    return TRUE;
}

static struct vt_vmexit *load(guint32 pid)
{
    struct vt_vmexit *skel = vt_vmexit__open();
    struct vt_vmexit_target target = { 0 };

    if (!skel)
        return NULL;
    skel->rodata->vmx_reason_offset = REASON_AT;
    skel->rodata->svm_vmcb_offset = VMCB_AT;
    bpf_program__set_autoload(skel->progs.on_exit_record, false);
    skel->rodata->threads_mask = skel->rodata->counters_mask = skel->rodata->exits_mask = SIZE - 1;
    bpf_map__set_max_entries(skel->maps.threads, SIZE);
    bpf_map__set_max_entries(skel->maps.counters, SIZE);
    bpf_map__set_max_entries(skel->maps.exits, SIZE);
    bpf_map__set_max_entries(skel->maps.claims, 3 * SIZE);
    bpf_map__set_max_entries(skel->maps.targets, 2); /* PID, and this process */
    if (vt_vmexit__load(skel) ||
        bpf_map__update_elem(skel->maps.targets, &pid, sizeof pid, &target, sizeof target, 0) < 0)
        return NULL;
    return skel;
}

/* The number of the youngest program in the kernel; numbers only grow. */
static guint32 youngest(void)
{
    guint32 id = 0;

    while (bpf_prog_get_next_id(id, &id) == 0)
        continue;
    return id;
}

int main(int argc, char **argv)
{
    guint32 before = youngest();
    struct vt_vmexit *skel = argc == 2 ? load((guint32)g_ascii_strtoull(argv[1], NULL, 10)) : NULL;
    char command;

    libbpf_set_print(NULL); /* a kernel may lack a tracepoint */
    if (!skel) {
        fprintf(stderr, "bpf-load: the programs cannot be loaded\n");
        return 1;
    }
    links = g_ptr_array_new_with_free_func(destroy_link);
    while (read(STDIN_FILENO, &command, 1) == 1) {
        gboolean done = TRUE;

        if (command == '0')
            g_ptr_array_set_size(links, 0);
        else if (command == '1')
            done = attach_sample(skel);
        else if (command == 'p')
            done = attach(skel->progs.on_exit_reason_first, "kvm_pio") &&
                   attach(skel->progs.on_entry, "kvm_userspace_exit");
        else if (command == 'o')
            done = run_pair(skel, FALSE, VT_VMEXIT_ISA_VMX);
        else if (command == 'v')
            done = run_pair(skel, TRUE, VT_VMEXIT_ISA_VMX);
        else if (command == 'w')
            done = run_pair(skel, TRUE, VT_VMEXIT_ISA_SVM);
        else if (command == 'e')
            done = attach_empty("kvm_pio");
        else if (command == 'm')
            done = attach_empty("kvm_mmio");
        else if (command == 'r')
            done = attach_empty("kvm_msr");
        else if (command == 't')
            done = bpf_enable_stats(BPF_STATS_RUN_TIME) >= 0;
        else if (command == 's')
            done = print_stats(before);
        else
            continue;
        puts(done ? "end" : "failed");
        fflush(stdout);
    }
    g_ptr_array_unref(links);
    vt_vmexit__destroy(skel);
    return 0;
}
