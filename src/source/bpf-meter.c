/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/bpf-meter.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/error.h"
#include "base/text.h"
#include "source/vmexit.skel.h"

#define BATCH 512
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
    GArray *targets;     /* Target */
    GHashTable *links;   /* tracepoint -> struct bpf_link */
    GHashTable *threads; /* guint64 -> target index + 1 */
    GHashTable *last; /* struct vt_vmexit_key -> struct vt_vmexit_stat, or guint64 for "counts" */
    GPtrArray *notes;
    struct vt_vmexit_key keys[BATCH];
    union {
        struct vt_vmexit_stat stats[BATCH];
        guint64 counts[BATCH];
    } values;
};

static int log_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
    g_autofree char *text = level == LIBBPF_DEBUG ? NULL : g_strdup_vprintf(format, args);

    if (text)
        g_debug("libbpf: %s", g_strchomp(text));
    return 0;
}

static guint key_hash(gconstpointer data)
{
    const struct vt_vmexit_key *key = data;
    guint64 mix = (key->thread ^ key->what * 0x9e3779b97f4a7c15ULL) * 0xff51afd7ed558ccdULL;

    return (guint)(mix >> 32);
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(struct vt_vmexit_key)) == 0;
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

VtBpfMeter *vt_bpf_meter_new(const VtRoot *root, const VtBtfLayout *layout, guint targets,
                             guint vcpus, GError **error)
{
    g_autoptr(VtBpfMeter) meter = g_new0(VtBpfMeter, 1);
    int failed;

    libbpf_set_print(log_libbpf);
    meter->root = root;
    meter->targets = g_array_new(FALSE, FALSE, sizeof(Target));
    meter->links = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, destroy_link);
    meter->threads = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    meter->last = g_hash_table_new_full(key_hash, key_equal, g_free, g_free);
    meter->notes = g_ptr_array_new_with_free_func(g_free);
    meter->skel = vt_vmexit__open();
    if (!meter->skel) {
        g_set_error(error, VT_ERROR, VT_ERROR_FAILED, _("cannot open the BPF programs: %s"),
                    g_strerror(errno));
        return NULL;
    }
    choose(meter, layout);
    set_pid_ns(meter);
    meter->skel->rodata->keys_per_thread = KEYS_PER_THREAD;
    bpf_map__set_max_entries(meter->skel->maps.targets, MAX(targets, 1));
    bpf_map__set_max_entries(meter->skel->maps.threads,
                             CLAMP(vcpus, 1, 65536) * 2 + CLAMP(targets, 1, 4096) * 16);
    bpf_map__set_max_entries(meter->skel->maps.exits, CLAMP(vcpus * 64, 1024, 65536));
    bpf_map__set_max_entries(meter->skel->maps.counts, CLAMP(vcpus * 256, 4096, 131072));
    failed = vt_vmexit__load(meter->skel);
    if (failed == -EPERM)
        g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED,
                    _("the kernel does not allow BPF programs: they need the capabilities CAP_BPF "
                      "and CAP_PERFMON"));
    else if (failed)
        g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED,
                    _("the kernel does not take the BPF programs: %s"), g_strerror(-failed));
    return failed ? NULL : g_steal_pointer(&meter);
}

void vt_bpf_meter_free(VtBpfMeter *meter)
{
    if (!meter)
        return;
    g_hash_table_unref(meter->links);
    g_hash_table_unref(meter->threads);
    g_hash_table_unref(meter->last);
    g_array_unref(meter->targets);
    g_ptr_array_unref(meter->notes);
    vt_vmexit__destroy(meter->skel);
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
        if (errno == ENOENT) {
            note(meter, _("%s is not counted: the kernel has no such tracepoint."), name);
            continue;
        }
        g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED,
                    _("cannot attach to the tracepoint %s: %s"), name, g_strerror(errno));
        return FALSE;
    }
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

const GPtrArray *vt_bpf_meter_notes(const VtBpfMeter *meter)
{
    return meter->notes;
}

/* FALSE where the thread is not known, which a key's thread always is. */
static gboolean target_of(VtBpfMeter *meter, guint64 thread, guint *ret_index)
{
    guint known = GPOINTER_TO_UINT(g_hash_table_lookup(meter->threads, &thread));
    struct vt_vmexit_thread state;

    if (!known) {
        if (bpf_map__lookup_elem(meter->skel->maps.threads, &thread, sizeof thread, &state,
                                 sizeof state, 0) < 0)
            return FALSE;
        known = state.target + 1;
        g_hash_table_insert(meter->threads, g_memdup2(&thread, sizeof thread),
                            GUINT_TO_POINTER(known));
    }
    *ret_index = known - 1;
    return TRUE;
}

static gpointer last_of(VtBpfMeter *meter, const struct vt_vmexit_key *key, gsize size)
{
    gpointer last = g_hash_table_lookup(meter->last, key);

    if (!last) {
        last = g_malloc0(size);
        g_hash_table_insert(meter->last, g_memdup2(key, sizeof *key), last);
    }
    return last;
}

static void each_count(VtBpfMeter *meter, guint i, VtBpfMeterEach each, gpointer data)
{
    const struct vt_vmexit_key *key = &meter->keys[i];
    guint64 *last = last_of(meter, key, sizeof *last);
    guint64 grown = meter->values.counts[i] - *last;
    guint target;

    if (grown == 0 || !target_of(meter, key->thread, &target))
        return;
    *last += grown;
    each(target, (guint32)key->thread, key->what, grown, NULL, data);
}

static void each_stat(VtBpfMeter *meter, guint i, VtBpfMeterEach each, gpointer data)
{
    const struct vt_vmexit_key *key = &meter->keys[i];
    const struct vt_vmexit_stat *now = &meter->values.stats[i];
    struct vt_vmexit_stat *last = last_of(meter, key, sizeof *last), grown;
    guint target;

    if (now->count == last->count || !target_of(meter, key->thread, &target))
        return;
    grown.count = now->count - last->count;
    grown.timed = now->timed - last->timed;
    grown.time_ns = now->time_ns - last->time_ns;
    for (guint bucket = 0; bucket < VT_VMEXIT_BUCKETS; bucket++)
        grown.histogram[bucket] = now->histogram[bucket] - last->histogram[bucket];
    *last = *now;
    each(target, (guint32)key->thread, key->what, grown.count, &grown, data);
}

static gboolean read_map(VtBpfMeter *meter, struct bpf_map *map,
                         void (*take)(VtBpfMeter *, guint, VtBpfMeterEach, gpointer),
                         VtBpfMeterEach each, gpointer data, GError **error)
{
    guint32 position, next, got;
    gboolean first = TRUE, more = TRUE;

    while (more) {
        got = BATCH;
        if (bpf_map_lookup_batch(bpf_map__fd(map), first ? NULL : &position, &next, meter->keys,
                                 &meter->values, &got, NULL) < 0) {
            if (errno != ENOENT) {
                g_set_error(error, VT_ERROR, VT_ERROR_FAILED,
                            _("cannot read the counts of the BPF programs: %s"), g_strerror(errno));
                return FALSE;
            }
            more = FALSE;
        }
        for (guint i = 0; i < got; i++)
            take(meter, i, each, data);
        position = next;
        first = FALSE;
    }
    return TRUE;
}

gboolean vt_bpf_meter_read(VtBpfMeter *meter, VtBpfMeterEach each, gpointer data, GError **error)
{
    return (!vt_bpf_meter_has(meter, "kvm_exit") ||
            read_map(meter, meter->skel->maps.exits, each_stat, each, data, error)) &&
           read_map(meter, meter->skel->maps.counts, each_count, each, data, error);
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
