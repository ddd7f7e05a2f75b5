/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/bpf-meter.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/error.h"
#include "base/text.h"
#include "source/vmexit.skel.h"

/* include/linux/proc_ns.h: PROC_PID_INIT_INO */
#define INITIAL_PID_NS 0xeffffffcU
/* A guest that touches every address of a device is stopped here, so that the others' numbers stay
 * right. */
#define KEYS_PER_THREAD 1024

/* Tracepoints with the arguments that the programs rely on, as vt_btf_layout_arguments() has them;
 * more may follow. All but kvm_exit have kept theirs since Linux 3.16, so a kernel that does not
 * tell is trusted. */
static const struct {
    const char *name;
    const char *arguments;
    const char *instead; /* another one that serves as well */
} tracepoints[] = {
    { "kvm_entry", "", NULL },
    { "kvm_pio", "iiii", NULL },
    { "kvm_mmio", "iii", NULL },
    { "kvm_fast_mmio", "i", NULL },
    { "kvm_msr", "iiii", NULL },
    { "kvm_userspace_exit", "ii", NULL },
    { "kvm_eoi", "", NULL },
    { "kvm_pv_eoi", "", NULL },
    { "kvm_apic_ipi", "ii", NULL },
    { "kvm_hypercall", "i", NULL },
    { "kvm_ple_window_update", "iii", "kvm_ple_window" },
    { "kvm_ple_window", "iiii", "kvm_ple_window_update" },
    { "kvm_halt_poll_ns", "iiii", NULL },
    { "kvm_apicv_inhibit_changed", "iii", NULL },
};

typedef struct {
    guint32 index;
    guint32 pid;
    guint64 lost; /* at the last call of vt_bpf_meter_take_lost() */
} Target;

struct VtBpfMeter {
    const VtRoot *root;
    struct vt_vmexit *skel;
    GArray *targets;   /* Target */
    GHashTable *links; /* tracepoint -> struct bpf_link */
    GPtrArray *notes;
    /* The tables as the kernel fills them, and what stood in them when they were last read. */
    const struct vt_vmexit_counter *counters;
    const struct vt_vmexit_stat *exits;
    guint64 *last_counts;
    guint64 *last_users;
    struct vt_vmexit_stat *last_exits;
};

static int log_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
    g_autofree char *text = level == LIBBPF_DEBUG ? NULL : g_strdup_vprintf(format, args);

    if (text)
        g_debug("libbpf: %s", g_strchomp(text));
    return 0;
}

static void destroy_link(gpointer link)
{
    bpf_link__destroy(link);
}

G_GNUC_PRINTF(2, 3)
static void note(VtBpfMeter *meter, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(meter->notes, g_strdup_vprintf(format, args));
    va_end(args);
}

static const char *tracepoint_of(const struct bpf_program *program)
{
    const char *slash = strrchr(bpf_program__section_name(program), '/');

    return slash ? slash + 1 : "";
}

/* "field:unsigned int exit_reason;\toffset:8;\tsize:4;…" in the format file of a tracepoint. */
static gboolean record_field(const char *format, const char *name, guint size, guint32 *ret_offset)
{
    g_autofree char *pattern =
        g_strdup_printf("[ \\t*]%s;\\s*offset:([0-9]{1,4});\\s*size:%u;", name, size);
    g_autoptr(GRegex) regex = g_regex_new(pattern, 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *digits = NULL;
    guint64 offset;

    if (!g_regex_match(regex, format, 0, &match))
        return FALSE;
    digits = g_match_info_fetch(match, 1);
    if (!vt_text_parse_u64(digits, 0, G_MAXUINT16, &offset, NULL))
        return FALSE;
    *ret_offset = (guint32)offset;
    return TRUE;
}

static gboolean choose_record(VtBpfMeter *meter)
{
    static const char *const places[] = { "/sys/kernel/tracing/events/kvm/kvm_exit/format",
                                          "/sys/kernel/debug/tracing/events/kvm/kvm_exit/format" };
    g_autofree char *format = NULL;
    guint32 reason, isa, info = 0;

    for (gsize i = 0; !format && i < G_N_ELEMENTS(places); i++)
        vt_root_read(meter->root, places[i], 0, &format, NULL, NULL);
    if (!format || !record_field(format, "exit_reason", 4, &reason) ||
        !record_field(format, "isa", 4, &isa))
        return FALSE;
    record_field(format, "info1", 8, &info);
    meter->skel->rodata->record_reason = reason;
    meter->skel->rodata->record_isa = isa;
    meter->skel->rodata->record_info = info;
    bpf_program__set_autoload(meter->skel->progs.on_exit_record, true);
    note(meter, _("The kernel has no type information about kvm_exit: exits are counted from the "
                  "records of its classic tracepoint, which costs the guest more."));
    return TRUE;
}

static void choose_exit(VtBpfMeter *meter, const VtBtfLayout *layout)
{
    const char *arguments = layout ? vt_btf_layout_arguments(layout, "kvm_exit") : NULL;
    gboolean intel = vt_root_exists(meter->root, "/sys/module/kvm_intel");
    gboolean amd = vt_root_exists(meter->root, "/sys/module/kvm_amd");

    if (!intel && !amd) {
        note(meter, _("Neither kvm_intel nor kvm_amd runs here, so this KVM reports no exits by "
                      "reason (kvm_exit)."));
        return;
    }
    if (layout) {
        meter->skel->rodata->vmx_reason_offset = layout->vmx_reason;
        meter->skel->rodata->svm_vmcb_offset = layout->svm_vmcb;
    }
    if (arguments && g_str_has_prefix(arguments, "ipi"))
        bpf_program__set_autoload(meter->skel->progs.on_exit_reason_first, true);
    else if (arguments && g_str_has_prefix(arguments, "pi") && (!intel || layout->vmx_reason) &&
             (!amd || layout->svm_vmcb))
        bpf_program__set_autoload(meter->skel->progs.on_exit, true);
    else if (!choose_record(meter))
        note(meter, _("Exits by reason cannot be counted: the kernel has no type information about "
                      "kvm_exit (/sys/kernel/btf/kvm, kvm_intel, kvm_amd), and only root can read "
                      "tracefs instead."));
}

static gboolean counts_exits(const VtBpfMeter *meter)
{
    return bpf_program__autoload(meter->skel->progs.on_exit) ||
           bpf_program__autoload(meter->skel->progs.on_exit_reason_first) ||
           bpf_program__autoload(meter->skel->progs.on_exit_record);
}

/* Which programs fit this kernel. */
static void choose(VtBpfMeter *meter, const VtBtfLayout *layout)
{
    gboolean told = layout && g_hash_table_size(layout->tracepoints) > 0;
    struct bpf_program *program;

    bpf_object__for_each_program(program, meter->skel->obj)
        bpf_program__set_autoload(program, false);
    choose_exit(meter, layout);
    bpf_object__for_each_program(program, meter->skel->obj) {
        const char *name = tracepoint_of(program), *arguments;
        gsize i = 0;

        while (i < G_N_ELEMENTS(tracepoints) && !g_str_equal(tracepoints[i].name, name))
            i++;
        if (i == G_N_ELEMENTS(tracepoints))
            continue;
        arguments = told ? vt_btf_layout_arguments(layout, name) : tracepoints[i].arguments;
        if (arguments && g_str_has_prefix(arguments, tracepoints[i].arguments))
            bpf_program__set_autoload(program, true);
        else if (arguments)
            note(meter, _("%s is not counted: its arguments are not the known ones."), name);
        else if (!tracepoints[i].instead ||
                 !vt_btf_layout_arguments(layout, tracepoints[i].instead))
            note(meter, _("%s is not counted: the kernel has no such tracepoint."), name);
    }
    if (!counts_exits(meter))
        bpf_program__set_autoload(meter->skel->progs.on_entry, false);
}

/* Where the caller is in a PID namespace of its own, processes are told apart as that namespace
 * numbers them. */
static void set_pid_ns(VtBpfMeter *meter)
{
    g_autofree char *path = vt_root_path(meter->root, "/proc/self/ns/pid");
    struct stat ns;

    if (!path || stat(path, &ns) < 0 || ns.st_ino == INITIAL_PID_NS)
        return;
    meter->skel->rodata->pid_ns_device = (guint64)major(ns.st_dev) << 20 | minor(ns.st_dev);
    meter->skel->rodata->pid_ns_inode = ns.st_ino;
}

/* A power of two. */
static guint32 table_size(guint wanted, guint least, guint most)
{
    return 1u << g_bit_storage(CLAMP(wanted, least, most) - 1);
}

/* Room for some counters of every vCPU, and for a single one's whole share; at most a quarter is
 * taken then, so that a free place is near. */
static void set_sizes(VtBpfMeter *meter, guint targets, guint vcpus)
{
    guint32 threads = table_size(vcpus * 4 + targets * 32, 64, 1 << 18);
    guint32 counters = table_size(vcpus * 64, KEYS_PER_THREAD * 4, 1 << 16);
    guint32 exits = table_size(vcpus * 64, 512, 1 << 14);

    meter->skel->rodata->keys_per_thread = KEYS_PER_THREAD;
    meter->skel->rodata->threads_mask = threads - 1;
    meter->skel->rodata->counters_mask = counters - 1;
    meter->skel->rodata->exits_mask = exits - 1;
    bpf_map__set_max_entries(meter->skel->maps.targets, MAX(targets, 1));
    bpf_map__set_max_entries(meter->skel->maps.threads, threads);
    bpf_map__set_max_entries(meter->skel->maps.counters, counters);
    bpf_map__set_max_entries(meter->skel->maps.exits, exits);
    bpf_map__set_max_entries(meter->skel->maps.claims, threads + counters + exits);
}

static gsize map_size(const struct bpf_map *map)
{
    return (gsize)bpf_map__max_entries(map) * bpf_map__value_size(map);
}

/* The whole of a map as memory; NULL where the kernel refuses. */
static const void *map_memory(const struct bpf_map *map)
{
    void *memory = mmap(NULL, map_size(map), PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);

    return memory == MAP_FAILED ? NULL : memory;
}

static gboolean load(VtBpfMeter *meter, GError **error)
{
    int failed = vt_vmexit__load(meter->skel);

    if (failed == -EPERM) {
        g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED,
                    _("the kernel does not allow BPF programs: they need the capabilities CAP_BPF "
                      "and CAP_PERFMON"));
        return FALSE;
    }
    if (failed) {
        g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED,
                    _("the kernel does not take the BPF programs: %s"), g_strerror(-failed));
        return FALSE;
    }
    meter->counters = map_memory(meter->skel->maps.counters);
    meter->exits = map_memory(meter->skel->maps.exits);
    if (!meter->counters || !meter->exits) {
        g_set_error(error, VT_ERROR, VT_ERROR_FAILED,
                    _("cannot read the counts of the BPF programs: %s"), g_strerror(errno));
        return FALSE;
    }
    meter->last_counts = g_new0(guint64, bpf_map__max_entries(meter->skel->maps.counters));
    meter->last_users = g_new0(guint64, bpf_map__max_entries(meter->skel->maps.counters));
    meter->last_exits =
        g_new0(struct vt_vmexit_stat, bpf_map__max_entries(meter->skel->maps.exits));
    return TRUE;
}

VtBpfMeter *vt_bpf_meter_new(const VtRoot *root, const VtBtfLayout *layout, guint targets,
                             guint vcpus, GError **error)
{
    g_autoptr(VtBpfMeter) meter = g_new0(VtBpfMeter, 1);

    libbpf_set_print(log_libbpf);
    meter->root = root;
    meter->targets = g_array_new(FALSE, FALSE, sizeof(Target));
    meter->links = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, destroy_link);
    meter->notes = g_ptr_array_new_with_free_func(g_free);
    meter->skel = vt_vmexit__open();
    if (!meter->skel) {
        g_set_error(error, VT_ERROR, VT_ERROR_FAILED, _("cannot open the BPF programs: %s"),
                    g_strerror(errno));
        return NULL;
    }
    choose(meter, layout);
    set_pid_ns(meter);
    set_sizes(meter, targets, vcpus);
    return load(meter, error) ? g_steal_pointer(&meter) : NULL;
}

void vt_bpf_meter_free(VtBpfMeter *meter)
{
    if (!meter)
        return;
    g_hash_table_unref(meter->links);
    g_array_unref(meter->targets);
    g_ptr_array_unref(meter->notes);
    if (meter->counters)
        munmap((void *)meter->counters, map_size(meter->skel->maps.counters));
    if (meter->exits)
        munmap((void *)meter->exits, map_size(meter->skel->maps.exits));
    vt_vmexit__destroy(meter->skel);
    g_free(meter->last_counts);
    g_free(meter->last_users);
    g_free(meter->last_exits);
    g_free(meter);
}

/* A process of a PID namespace below has a second number there (proc_pid_status(5), NSpid). */
static gboolean is_below(const VtRoot *root, guint32 pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%u/status", pid);
    g_autofree char *status = NULL;

    return vt_root_read(root, path, 0, &status, NULL, NULL) &&
           g_regex_match_simple("^NSpid:\\s*\\d+[ \\t]+\\d", status, G_REGEX_MULTILINE, 0);
}

gboolean vt_bpf_meter_add(VtBpfMeter *meter, guint index, guint32 pid, GError **error)
{
    struct vt_vmexit_target value = { .index = index };
    Target target = { .index = index, .pid = pid };

    if (meter->skel->rodata->pid_ns_inode && is_below(meter->root, pid)) {
        g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED,
                    _("process %u runs in another PID namespace than virt-tune, and neither in the "
                      "host's; run virt-tune on the host"),
                    pid);
        return FALSE;
    }

    if (bpf_map__update_elem(meter->skel->maps.targets, &pid, sizeof pid, &value, sizeof value,
                             BPF_NOEXIST) < 0) {
        g_set_error(error, VT_ERROR, VT_ERROR_FAILED, _("cannot count process %u: %s"), pid,
                    g_strerror(errno));
        return FALSE;
    }
    g_array_append_val(meter->targets, target);
    return TRUE;
}

void vt_bpf_meter_remove(VtBpfMeter *meter, guint32 pid)
{
    bpf_map__delete_elem(meter->skel->maps.targets, &pid, sizeof pid, 0);
    for (guint i = 0; i < meter->targets->len; i++) {
        if (g_array_index(meter->targets, Target, i).pid != pid)
            continue;
        g_array_remove_index_fast(meter->targets, i);
        return;
    }
}

/* What was loaded and found no tracepoint: without type information that shows only now. */
static void note_missing(VtBpfMeter *meter)
{
    struct bpf_program *program;

    bpf_object__for_each_program(program, meter->skel->obj) {
        const char *name = tracepoint_of(program), *instead = NULL;

        for (gsize i = 0; i < G_N_ELEMENTS(tracepoints); i++)
            if (g_str_equal(tracepoints[i].name, name))
                instead = tracepoints[i].instead;
        if (bpf_program__autoload(program) && !vt_bpf_meter_has(meter, name) &&
            !(instead && vt_bpf_meter_has(meter, instead)))
            note(meter, _("%s is not counted: the kernel has no such tracepoint."), name);
    }
}

gboolean vt_bpf_meter_start(VtBpfMeter *meter, GError **error)
{
    struct bpf_program *program;

    bpf_object__for_each_program(program, meter->skel->obj) {
        const char *name = tracepoint_of(program);
        struct bpf_link *link;

        if (!bpf_program__autoload(program))
            continue;
        link = bpf_program__attach(program);
        if (link) {
            g_hash_table_insert(meter->links, (gpointer)name, link);
            continue;
        }
        if (errno == ENOENT)
            continue;
        g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED,
                    _("cannot attach to the tracepoint %s: %s"), name, g_strerror(errno));
        return FALSE;
    }
    note_missing(meter);
    if (g_hash_table_size(meter->links) == 0) {
        g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED,
                    _("the kernel has none of KVM's tracepoints; is kvm loaded?"));
        return FALSE;
    }
    return TRUE;
}

gboolean vt_bpf_meter_has(const VtBpfMeter *meter, const char *tracepoint)
{
    return g_hash_table_contains(meter->links, tracepoint);
}

gboolean vt_bpf_meter_is_nested(const VtBpfMeter *meter)
{
    return meter->skel->rodata->pid_ns_inode != 0;
}

const GPtrArray *vt_bpf_meter_notes(const VtBpfMeter *meter)
{
    return meter->notes;
}

/* The kernel writes meanwhile. A number is always whole; of an exit its count can be one ahead of
 * its time, which the next reading makes good. */
#define now(field) __atomic_load_n(&(field), __ATOMIC_RELAXED)

/* The thread whose entry it is; 0: nobody's. What stands behind it in the entry is then there, too.
 */
static guint64 owner(const struct vt_vmexit_key *key)
{
    return __atomic_load_n(&key->thread, __ATOMIC_ACQUIRE);
}

static void read_counters(VtBpfMeter *meter, VtBpfMeterEach each, gpointer data)
{
    for (guint32 i = 0; i <= meter->skel->rodata->counters_mask; i++) {
        const struct vt_vmexit_counter *counter = &meter->counters[i];
        guint64 thread = owner(&counter->key);
        guint64 grown;

        if (!thread)
            continue;
        grown = now(counter->count) - meter->last_counts[i];
        meter->last_counts[i] += grown;
        if (grown)
            each(counter->target, (guint32)thread, counter->key.what, grown, NULL, data);
        grown = now(counter->user) - meter->last_users[i];
        meter->last_users[i] += grown;
        if (grown)
            each(counter->target, (guint32)thread,
                 VT_VMEXIT_WHAT(VT_VMEXIT_MMIO_USER, VT_VMEXIT_NUMBER(counter->key.what)), grown, NULL, data);
    }
}

static void read_exits(VtBpfMeter *meter, VtBpfMeterEach each, gpointer data)
{
    for (guint32 i = 0; i <= meter->skel->rodata->exits_mask; i++) {
        const struct vt_vmexit_stat *stat = &meter->exits[i];
        struct vt_vmexit_stat *last = &meter->last_exits[i], grown;
        guint64 thread = owner(&stat->key);

        if (!thread || now(stat->count) == last->count)
            continue;
        grown = *last;
        last->timed = now(stat->timed);
        last->time_ns = now(stat->time_ns);
        for (guint bucket = 0; bucket < VT_VMEXIT_BUCKETS; bucket++) {
            last->histogram[bucket] = now(stat->histogram[bucket]);
            grown.histogram[bucket] = last->histogram[bucket] - grown.histogram[bucket];
        }
        last->count = now(stat->count);
        grown.count = last->count - grown.count;
        grown.timed = last->timed - grown.timed;
        grown.time_ns = last->time_ns - grown.time_ns;
        each(stat->target, (guint32)thread, stat->key.what, grown.count, &grown, data);
    }
}

void vt_bpf_meter_read(VtBpfMeter *meter, VtBpfMeterEach each, gpointer data)
{
    if (vt_bpf_meter_has(meter, "kvm_exit"))
        read_exits(meter, each, data);
    read_counters(meter, each, data);
}

guint64 vt_bpf_meter_take_lost(VtBpfMeter *meter, guint index)
{
    guint64 lost = 0;

    for (guint i = 0; i < meter->targets->len; i++) {
        Target *target = &g_array_index(meter->targets, Target, i);
        struct vt_vmexit_target value;

        if (target->index != index ||
            bpf_map__lookup_elem(meter->skel->maps.targets, &target->pid, sizeof target->pid,
                                 &value, sizeof value, 0) < 0)
            continue;
        lost += value.lost - target->lost;
        target->lost = value.lost;
    }
    return lost;
}
