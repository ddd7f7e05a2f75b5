/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The BPF programs of the sampler under a measurement's control. "bpf-load PID" has the process PID
 * counted, reads commands of one letter each from standard input and answers each with a line "end":
 *
 *     1 0  attach and detach what a sample attaches
 *     p    attach the pair of kvm_exit and kvm_entry to kvm_pio and kvm_userspace_exit, since not
 *          every KVM fires the former: the arguments of kvm_pio pass for an exit of the old order,
 *          rw as the reason and a size of one byte as VMX
 *     e m r  attach two empty programs to kvm_pio, to kvm_mmio, to kvm_msr
 *     t    have the kernel measure how long programs run, which takes time itself: no sample does
 *     s    first "NAME ID RUNS NS" of every BPF program that was loaded since it began
 */
#include "config.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <unistd.h>

#include <glib.h>

#include "source/vmexit.h"
#include "source/vmexit.skel.h"

#define SIZE 4096

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

        if (bpf_program__autoload(program) && program != skel->progs.on_exit_reason_first &&
            program != skel->progs.on_entry)
            attach(program, strrchr(section, '/') + 1);
    }
    return links->len > 0;
}

static gboolean attach_empty(const char *tracepoint)
{
    static const struct bpf_insn nothing[] = {
        { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
        { .code = BPF_JMP | BPF_EXIT },
    };

    for (guint i = 0; i < 2; i++) {
        g_autofree char *name = g_strdup_printf("empty_%u", i);
        int fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, name, "GPL", nothing,
                               G_N_ELEMENTS(nothing), NULL);

        if (fd < 0 || bpf_raw_tracepoint_open(tracepoint, fd) < 0)
            return FALSE;
    }
    return TRUE;
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
    bpf_program__set_autoload(skel->progs.on_exit, false);
    bpf_program__set_autoload(skel->progs.on_exit_record, false);
    skel->rodata->threads_mask = skel->rodata->counters_mask = skel->rodata->exits_mask = SIZE - 1;
    bpf_map__set_max_entries(skel->maps.threads, SIZE);
    bpf_map__set_max_entries(skel->maps.counters, SIZE);
    bpf_map__set_max_entries(skel->maps.exits, SIZE);
    bpf_map__set_max_entries(skel->maps.claims, 3 * SIZE);
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
