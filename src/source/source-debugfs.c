/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The source "debugfs": KVM's counters as the kernel shows them to root, for where libvirt or QEMU is too
 * old to hand them on. */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "source/domstats.h"
#include "source/kvm-debugfs.h"
#include "source/qemu-process.h"
#include "source/source.h"

typedef struct {
    VtDomstats *stats; /* NULL where the domain had no VM */
    char *vm;          /* whose counters these are */
} Snapshot;

/* What is kept of one domain. */
typedef struct {
    gboolean chosen; /* had a VM at the start */
    guint32 pid;     /* of QEMU */
    Snapshot before;
    Snapshot after;
} Entry;

typedef struct {
    VtKvmDebugfs *debugfs;
    GArray *entries; /* Entry, by index of the domain */
    gboolean based;  /* the first snapshot has been taken */
    gboolean counts_io;
} State;

static void snapshot_clear(Snapshot *snapshot)
{
    g_clear_pointer(&snapshot->stats, vt_domstats_free);
    g_clear_pointer(&snapshot->vm, g_free);
}

static void entry_clear(gpointer data)
{
    Entry *entry = data;

    snapshot_clear(&entry->before);
    snapshot_clear(&entry->after);
}

static void state_free(State *self)
{
    vt_kvm_debugfs_free(self->debugfs);
    g_array_unref(self->entries);
    g_free(self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(State, state_free)

static gboolean probe(VtVirt *virt, const VtRoot *root, char **ret_why)
{
    g_autoptr(VtKvmDebugfs) debugfs = NULL;
    g_autoptr(GError) error = NULL;

    if (!vt_virt_is_local(virt) || !vt_root_is_live(root)) {
        *ret_why =
            g_strdup(_("It counts on the machine that runs the domains; run virt-tune there."));
        return FALSE;
    }
    if (!vt_root_exists(root, "/sys/module/kvm")) {
        *ret_why = g_strdup(_("KVM is not loaded here."));
        return FALSE;
    }
    debugfs = vt_kvm_debugfs_open(root, &error);
    if (!debugfs)
        *ret_why = g_strdup_printf(_("It cannot be used: %s."), error->message);
    return debugfs != NULL;
}

static void set_state(const VtSampleDomain *domain, const VtRoot *root, guint32 pid,
                      VtDomstats *stats)
{
    gboolean kvm;

    /* This call does not ask QEMU. */
    if (virDomainGetState(domain->handle, &stats->state, NULL, 0) < 0)
        stats->state = -1;
    if (!vt_qemu_process_vcpus(root, pid, &stats->vcpus, &kvm))
        stats->vcpus = domain->domain->vcpus;
}

/* Finds the process of the domain, unless the one that is known still runs it. */
static gboolean find_process(VtSample *sample, const VtSampleDomain *domain, Entry *entry,
                             GError **error)
{
    const VtRoot *root = vt_sample_root(sample);
    g_autofree char *pid = g_strdup_printf("%u", entry->pid);
    g_autofree char *uuid = entry->pid == 0 ? NULL : vt_qemu_process_uuid(root, pid);

    if (uuid && g_ascii_strcasecmp(uuid, domain->domain->uuid) == 0)
        return TRUE;
    return vt_qemu_process_find(root, vt_virt_uri(vt_sample_virt(sample)), domain->domain->name,
                                domain->domain->uuid, &entry->pid, error);
}

/* Reads the counters of one domain; what there was becomes the snapshot before. */
static gboolean take(VtSample *sample, State *self, const VtSampleDomain *domain,
                     const char *const *vms, GError **error)
{
    Entry *entry = &g_array_index(self->entries, Entry, domain->index);
    g_auto(GStrv) own = NULL;

    snapshot_clear(&entry->before);
    entry->before = entry->after;
    entry->after = (Snapshot){0};
    if (!find_process(sample, domain, entry, error))
        return FALSE;
    own = vt_kvm_debugfs_select(vms, entry->pid);
    if (own[0])
        entry->after.stats = vt_kvm_debugfs_read(self->debugfs, (const char *const *)own);
    if (!entry->after.stats || !entry->after.stats->has_kvm) {
        snapshot_clear(&entry->after);
        g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED,
                    _("KVM has no counters of process %u in debugfs (they need Linux 4.7)"),
                    entry->pid);
        return FALSE;
    }
    entry->after.vm = g_strjoinv(" ", own);
    set_state(domain, vt_sample_root(sample), entry->pid, entry->after.stats);
    return TRUE;
}

/* Why there is no base of a domain. */
static VtGap explain(VtSample *sample, const VtSampleDomain *domain, const Entry *entry)
{
    gboolean kvm;
    guint vcpus;

    if (virDomainIsActive(domain->handle) == 0)
        return VT_GAP_STOPPED;
    if (entry->pid != 0 &&
        vt_qemu_process_vcpus(vt_sample_root(sample), entry->pid, &vcpus, &kvm) && !kvm)
        return VT_GAP_EMULATED;
    return VT_GAP_UNREADABLE;
}

static void take_base(VtSample *sample, State *self, VtSampleDomain *domain,
                      const char *const *vms)
{
    Entry *entry = &g_array_index(self->entries, Entry, domain->index);
    g_autoptr(GError) error = NULL;
    VtGap gap;

    if (!domain->handle || !vt_sample_is_needed(sample, domain))
        return;
    entry->chosen = take(sample, self, domain, vms, &error);
    if (entry->chosen)
        return;
    gap = explain(sample, domain, entry);
    vt_sample_hopeless(sample, domain, gap);
    if (gap == VT_GAP_UNREADABLE)
        vt_profile_note(domain->profile, _("The source %s was left out: %s."),
                        vt_source_debugfs.name, error->message);
}

static VtGap compare(const Entry *entry)
{
    VtGap gap;

    if (!entry->after.stats)
        return VT_GAP_STOPPED;
    if (!entry->before.stats || strcmp(entry->before.vm, entry->after.vm) != 0)
        return VT_GAP_RESTARTED;
    gap = vt_domstats_compare(entry->before.stats, entry->after.stats);
    /* The names are those of one kernel. */
    return gap == VT_GAP_DEVICES ? VT_GAP_UNREADABLE : gap;
}

static gboolean start(VtSample *sample, gpointer *ret_state, GError **error)
{
    g_autoptr(State) self = g_new0(State, 1);

    self->entries = g_array_new(FALSE, TRUE, sizeof(Entry));
    g_array_set_clear_func(self->entries, entry_clear);
    g_array_set_size(self->entries, vt_sample_domains(sample)->len);
    self->counts_io = vt_domstats_counts_io(sample);
    self->debugfs = vt_kvm_debugfs_open(vt_sample_root(sample), error);
    if (!self->debugfs)
        return FALSE;
    *ret_state = g_steal_pointer(&self);
    return TRUE;
}

static gboolean snapshot(VtSample *sample, gpointer state, gint64 *ret_when_ns, GError **error)
{
    GPtrArray *domains = vt_sample_domains(sample);
    State *self = state;
    gint64 before = vt_clock_now_us();
    g_auto(GStrv) vms = vt_kvm_debugfs_list(self->debugfs);

    for (guint i = 0; i < domains->len; i++) {
        VtSampleDomain *domain = g_ptr_array_index(domains, i);
        const Entry *entry = &g_array_index(self->entries, Entry, i);
        VtGap gap;

        if (!self->based)
            take_base(sample, self, domain, (const char *const *)vms);
        if (!self->based || !entry->chosen)
            continue;
        take(sample, self, domain, (const char *const *)vms, NULL);
        gap = compare(entry);
        if (gap == VT_GAP_NONE)
            vt_sample_ready(sample, domain, entry->after.stats->vcpus);
        else
            vt_sample_gap(sample, domain, gap);
    }
    *ret_when_ns = (before + (vt_clock_now_us() - before) / 2) * 1000;
    self->based = TRUE;
    return TRUE;
}

static void collect(VtSample *sample, gpointer state, VtSampleDomain *domain)
{
    State *self = state;
    const Entry *entry = &g_array_index(self->entries, Entry, domain->index);

    vt_domstats_collect(sample, entry->before.stats, entry->after.stats, domain,
                        vt_source_debugfs.name, self->counts_io);
    if (domain->window == 0 && vt_sample_per_vcpu(sample))
        vt_profile_note(domain->profile, _("debugfs has no counters of single vCPUs."));
}

static void stop(VtSample *sample, gpointer state)
{
    state_free(state);
}

const VtSource vt_source_debugfs = {
    .name = "debugfs",
    .summary = N_("KVM's counters from debugfs: coarse, for a libvirt or QEMU without statistics; "
                  "needs root"),
    .stands_in_for = &vt_source_libvirt,
    .probe = probe,
    .start = start,
    .snapshot = snapshot,
    .collect = collect,
    .stop = stop,
};
