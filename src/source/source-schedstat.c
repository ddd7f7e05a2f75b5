/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The companion source "schedstat": how long vCPU threads that were ready to run waited for a CPU,
 * which guests see as steal. libvirt reads the same file (vcpu.<n>.delay), so this one is for where
 * its statistics are not used. */
#include "config.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "model/profile-vcpu.h"
#include "source/qemu-process.h"
#include "source/source.h"

#define METRIC "sched.run-delay-ns"

typedef struct {
    guint vcpu;
    guint64 delay_ns; /* since the thread began */
} Thread;

/* What is kept of one domain. */
typedef struct {
    guint32 pid;        /* of QEMU; 0: not known, or the kernel does not count */
    guint threads;      /* of all kinds, when the vCPUs' were looked for */
    gboolean seen;      /* was read at least once */
    gboolean another;   /* a process other than that of the reading before */
    GHashTable *before; /* GUINT_TO_POINTER thread -> Thread; NULL: none */
    GHashTable *after;
} Entry;

typedef struct {
    GArray *entries; /* Entry, by index of the domain */
} State;

static void entry_clear(gpointer data)
{
    Entry *entry = data;

    g_clear_pointer(&entry->before, g_hash_table_unref);
    g_clear_pointer(&entry->after, g_hash_table_unref);
}

static gboolean probe(VtVirt *virt, const VtRoot *root, char **ret_why)
{
    if (vt_virt_is_local(virt) && vt_root_exists(root, "/proc/self/schedstat"))
        return TRUE;
    *ret_why = g_strdup(_("How long vCPUs wait for a CPU is known only where virt-tune runs on their host."));
    return FALSE;
}

static void find_process(VtSample *sample, const VtSampleDomain *domain, Entry *entry)
{
    vt_qemu_process_find(vt_sample_root(sample), vt_virt_uri(vt_sample_virt(sample)), domain->domain->name,
                         domain->domain->uuid, &entry->pid, NULL);
}

static gboolean start(VtSample *sample, gpointer *ret_state, GError **error)
{
    GPtrArray *domains = vt_sample_domains(sample);
    State *self = g_new0(State, 1);

    self->entries = g_array_new(FALSE, TRUE, sizeof(Entry));
    g_array_set_clear_func(self->entries, entry_clear);
    g_array_set_size(self->entries, domains->len);
    for (guint i = 0; i < domains->len; i++) {
        const VtSampleDomain *domain = g_ptr_array_index(domains, i);
        Entry *entry = &g_array_index(self->entries, Entry, i);

        if (domain->handle && vt_sample_is_needed(sample, domain))
            find_process(sample, domain, entry);
    }
    *ret_state = self;
    return TRUE;
}

/* Documentation/scheduler/sched-stats.rst: time on a CPU, time of waiting for one, both in ns, and
 * how often. A kernel without CONFIG_SCHED_INFO shows zeros; a thread that never ran does not
 * exist. */
static gboolean parse(const char *text, guint64 *ret_delay_ns)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    guint64 run_ns, delay_ns;

    if (g_strv_length(words) != 3 || !vt_text_parse_u64(words[0], 1, G_MAXUINT64, &run_ns, NULL) ||
        !vt_text_parse_u64(words[1], 0, G_MAXUINT64, &delay_ns, NULL))
        return FALSE;
    *ret_delay_ns = delay_ns;
    return TRUE;
}

static gboolean read_thread(const VtRoot *root, guint32 pid, GHashTable *threads, gpointer thread, guint vcpu)
{
    g_autofree char *path = g_strdup_printf("/proc/%u/task/%u/schedstat", pid, GPOINTER_TO_UINT(thread));
    g_autofree char *text = vt_root_read_line(root, path);
    Thread *one = g_new0(Thread, 1);

    one->vcpu = vcpu;
    g_hash_table_insert(threads, thread, one);
    return text && parse(text, &one->delay_ns);
}

/* The vCPU threads of a process now; NULL where one of them cannot be read. */
static GHashTable *read_threads(const VtRoot *root, guint32 pid)
{
    g_autoptr(GHashTable) numbers = vt_qemu_process_threads(root, pid);
    g_autoptr(GHashTable) threads = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    GHashTableIter iter;
    gpointer thread, vcpu;

    g_hash_table_iter_init(&iter, numbers);
    while (g_hash_table_iter_next(&iter, &thread, &vcpu))
        if (!read_thread(root, pid, threads, thread, GPOINTER_TO_UINT(vcpu)))
            return NULL;
    return g_hash_table_size(threads) > 0 ? g_steal_pointer(&threads) : NULL;
}

/* The same threads once more; NULL where one of them has ended. */
static GHashTable *read_again(const VtRoot *root, guint32 pid, GHashTable *before)
{
    g_autoptr(GHashTable) threads = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    GHashTableIter iter;
    gpointer thread, value;

    g_hash_table_iter_init(&iter, before);
    while (g_hash_table_iter_next(&iter, &thread, &value))
        if (!read_thread(root, pid, threads, thread, ((const Thread *)value)->vcpu))
            return NULL;
    return g_steal_pointer(&threads);
}

/* To find the vCPUs among the threads takes a file of each: that is done anew only where threads came or went, or the
 * sources before this one know another number of vCPUs, for one may come as another thread goes. */
static void take(VtSample *sample, const VtSampleDomain *domain, Entry *entry)
{
    const VtRoot *root = vt_sample_root(sample);
    guint32 pid = entry->pid;
    guint threads = vt_qemu_process_count_threads(root, pid);

    g_clear_pointer(&entry->before, g_hash_table_unref);
    entry->before = g_steal_pointer(&entry->after);
    if (entry->before && threads == entry->threads && domain->gap != VT_GAP_VCPUS &&
        domain->vcpus == g_hash_table_size(entry->before))
        entry->after = read_again(root, entry->pid, entry->before);
    if (!entry->after)
        entry->after = read_threads(root, entry->pid);
    if (!entry->after && entry->seen) {
        find_process(sample, domain, entry);
        entry->after = read_threads(root, entry->pid);
    }
    entry->seen |= entry->after != NULL;
    entry->another = entry->pid != pid;
    entry->threads = threads;
}

/* NONE where both readings are of the same threads, and none went back. */
static VtGap compare(const Entry *entry)
{
    GHashTableIter iter;
    gpointer thread, value;

    if (!entry->before || !entry->after)
        return VT_GAP_UNREADABLE;
    if (entry->another)
        return VT_GAP_RESTARTED;
    if (g_hash_table_size(entry->before) != g_hash_table_size(entry->after))
        return VT_GAP_VCPUS;
    g_hash_table_iter_init(&iter, entry->after);
    while (g_hash_table_iter_next(&iter, &thread, &value)) {
        const Thread *is = value, *was = g_hash_table_lookup(entry->before, thread);

        if (!was || was->vcpu != is->vcpu)
            return VT_GAP_VCPUS;
        if (is->delay_ns < was->delay_ns)
            return VT_GAP_BACK;
    }
    return VT_GAP_NONE;
}

static gboolean snapshot(VtSample *sample, gpointer state, gint64 *ret_when_ns, GError **error)
{
    GPtrArray *domains = vt_sample_domains(sample);
    State *self = state;

    *ret_when_ns = vt_clock_now_us() * 1000;
    for (guint i = 0; i < domains->len; i++) {
        VtSampleDomain *domain = g_ptr_array_index(domains, i);
        Entry *entry = &g_array_index(self->entries, Entry, i);
        VtGap gap;

        if (entry->pid == 0)
            continue;
        take(sample, domain, entry);
        gap = compare(entry);
        if (gap == VT_GAP_NONE)
            vt_sample_ready(sample, domain, g_hash_table_size(entry->after));
        else if (entry->seen)
            vt_sample_gap(sample, domain, gap);
    }
    return TRUE;
}

static void collect(VtSample *sample, gpointer state, VtSampleDomain *domain)
{
    State *self = state;
    const Entry *entry = &g_array_index(self->entries, Entry, domain->index);
    const char *source = vt_source_schedstat.name;
    GHashTableIter iter;
    gpointer thread, value;

    g_hash_table_iter_init(&iter, entry->after);
    while (g_hash_table_iter_next(&iter, &thread, &value)) {
        const Thread *is = value, *was = g_hash_table_lookup(entry->before, thread);
        guint64 delay_ns = is->delay_ns - was->delay_ns;

        vt_profile_add(domain->profile, domain->window, METRIC, source, delay_ns);
        if (vt_sample_per_vcpu(sample))
            vt_profile_vcpu_add(domain->profile, domain->window, METRIC, source, is->vcpu, delay_ns);
    }
}

static void stop(VtSample *sample, gpointer state)
{
    State *self = state;

    g_array_unref(self->entries);
    g_free(self);
}

const VtSource vt_source_schedstat = {
    .name = "schedstat",
    .summary = N_("how long vCPUs wait for a CPU, without libvirt's statistics"),
    .companion = TRUE,
    .stands_in_for = &vt_source_libvirt,
    .probe = probe,
    .start = start,
    .snapshot = snapshot,
    .collect = collect,
    .stop = stop,
};
