/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The source "bpf": exits and what they were about, counted in the kernel for QEMU's processes. */
#include "config.h"

#include "base/clock.h"
#include "base/error.h"
#include "source/rights.h"
#include "source/source.h"

#ifdef HAVE_BPF
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "model/metric.h"
#include "model/profile-vcpu.h"
#include "source/bpf-meter.h"
#include "source/bpf-metric.h"
#include "source/qemu-process.h"

/* Bits of CapEff (include/uapi/linux/capability.h). The last one comprises the others. */
#define CAP_SYS_ADMIN 21
#define CAP_PERFMON 38
#define CAP_BPF 39

/* How much a counter grew between the last two snapshots. */
typedef struct {
    guint64 what;
    guint64 count;
    guint32 thread;
    guint64 time_ns;
    gboolean has_time; /* then the histogram is one, too */
    guint64 histogram[VT_HISTOGRAM_BUCKETS];
} Growth;
G_STATIC_ASSERT(VT_HISTOGRAM_BUCKETS == VT_VMEXIT_BUCKETS);

/* What is kept of one domain. */
typedef struct {
    guint32 pid;         /* of QEMU; 0: none known */
    int pidfd;           /* becomes readable when it ends; -1: none, before Linux 5.3 */
    gboolean chosen;     /* had a process at the start */
    gboolean whole;      /* counted since the last snapshot or longer */
    gboolean emulated;   /* the domain does not use KVM */
    guint vcpus;         /* 0: not known */
    guint tasks;         /* threads of all kinds when those were counted */
    gboolean exits;      /* kvm_exit fired at least once */
    guint64 lost;        /* updates in the windows so far, those not counted included */
    guint64 told_lost;   /* of them, those that a profile has */
    GArray *growth;      /* Growth */
    GHashTable *threads; /* GUINT_TO_POINTER: those that were heard of */
    gboolean new_thread; /* one more in this window */
    GHashTable *vcpu_of; /* thread -> vCPU, where they are told apart; else NULL */
    GHashTable *told;    /* GUINT_TO_POINTER: reasons against APICv that were noted */
} Entry;

typedef struct {
    VtBtfLayout *layout; /* NULL: the kernel has no type information */
    VtBpfMeter *meter;
    GArray *entries;   /* Entry, by index of the domain */
    GHashTable *names; /* guint64 what -> metric */
    gboolean based;    /* the first snapshot has been taken */
} State;

static void forget_process(Entry *entry)
{
    if (entry->pidfd >= 0)
        close(entry->pidfd);
    entry->pidfd = -1;
    entry->pid = 0;
}

static void entry_clear(gpointer data)
{
    Entry *entry = data;

    forget_process(entry);
    g_array_unref(entry->growth);
    g_hash_table_unref(entry->threads);
    if (entry->vcpu_of)
        g_hash_table_unref(entry->vcpu_of);
    g_hash_table_unref(entry->told);
}

static void state_free(State *self)
{
    vt_bpf_meter_free(self->meter);
    vt_btf_layout_free(self->layout);
    g_array_unref(self->entries);
    g_hash_table_unref(self->names);
    g_free(self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(State, state_free)

/* The effective capabilities of this process; FALSE where /proc does not tell. */
static gboolean read_capabilities(const VtRoot *root, guint64 *ret_capabilities)
{
    g_autofree char *status = NULL;
    g_autoptr(GRegex) regex =
        g_regex_new("^CapEff:\\s*([0-9a-f]{1,16})$", G_REGEX_MULTILINE, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *digits = NULL;
    g_autofree char *number = NULL;

    if (!vt_root_read(root, "/proc/self/status", 0, &status, NULL, NULL) ||
        !g_regex_match(regex, status, 0, &match))
        return FALSE;
    digits = g_match_info_fetch(match, 1);
    number = g_strconcat("0x", digits, NULL);
    return vt_text_parse_u64(number, 0, G_MAXUINT64, ret_capabilities, NULL);
}

static gboolean probe(VtVirt *virt, const VtRoot *root, char **ret_why)
{
    guint64 capabilities;

    if (!vt_virt_is_local(virt) || !vt_root_is_live(root)) {
        *ret_why =
            g_strdup(_("It counts on the machine that runs the domains; run virt-tune there."));
        return FALSE;
    }
    if (!vt_root_exists(root, "/sys/module/kvm")) {
        *ret_why = g_strdup(_("KVM is not loaded here."));
        return FALSE;
    }
    if (read_capabilities(root, &capabilities) && !(capabilities >> CAP_SYS_ADMIN & 1) &&
        !((capabilities >> CAP_BPF & 1) && (capabilities >> CAP_PERFMON & 1))) {
        *ret_why = g_strdup(_(
            "It needs CAP_BPF and CAP_PERFMON; run virt-tune as root, or give them to the program: "
            "setcap cap_bpf,cap_perfmon+ep."));
        return FALSE;
    }
    return TRUE;
}

/* TRUE where a vCPU may have been plugged in or out: one that was plugged in is heard of with its first event, which may
 * be late, and of one that is gone nothing is heard. */
static gboolean has_other_threads(VtSample *sample, const Entry *entry)
{
    return entry->new_thread ||
           vt_qemu_process_count_threads(vt_sample_root(sample), entry->pid) != entry->tasks;
}

/* Asks for the number of vCPUs; TRUE where it is another than before. */
static gboolean count_vcpus(VtSample *sample, const VtSampleDomain *domain, Entry *entry)
{
    guint before = entry->vcpus;
    gboolean kvm;
    int n;

    entry->new_thread = FALSE;
    entry->tasks = vt_qemu_process_count_threads(vt_sample_root(sample), entry->pid);
    if (vt_sample_per_vcpu(sample)) {
        g_clear_pointer(&entry->vcpu_of, g_hash_table_unref);
        entry->vcpu_of = vt_qemu_process_threads(vt_sample_root(sample), entry->pid);
    }
    if (vt_qemu_process_vcpus(vt_sample_root(sample), entry->pid, &entry->vcpus, &kvm)) {
        entry->emulated = !kvm;
        return entry->vcpus != before;
    }
    n = virDomainGetVcpusFlags(domain->handle, VIR_DOMAIN_VCPU_LIVE);
    if (n > 0)
        entry->vcpus = (guint)n;
    return entry->vcpus != before;
}

static gboolean find_process(VtSample *sample, State *self, const VtSampleDomain *domain,
                             GError **error)
{
    Entry *entry = &g_array_index(self->entries, Entry, domain->index);
    guint32 pid;

    if (!vt_qemu_process_find(vt_sample_root(sample), vt_virt_uri(vt_sample_virt(sample)),
                              domain->domain->name, domain->domain->uuid, &pid, error))
        return FALSE;
    entry->pid = pid;
    entry->pidfd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
    entry->whole = FALSE;
    count_vcpus(sample, domain, entry);
    return TRUE;
}

static gboolean has_ended(const Entry *entry)
{
    GPollFD fd = { .fd = entry->pidfd, .events = G_IO_IN };

    return entry->pidfd >= 0 && g_poll(&fd, 1, 0) > 0;
}

static State *state_new(guint n)
{
    State *self = g_new0(State, 1);

    self->entries = g_array_new(FALSE, TRUE, sizeof(Entry));
    g_array_set_clear_func(self->entries, entry_clear);
    self->names = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    for (guint i = 0; i < n; i++) {
        Entry entry = { .pidfd = -1,
                        .growth = g_array_new(FALSE, FALSE, sizeof(Growth)),
                        .threads = g_hash_table_new(NULL, NULL),
                        .told = g_hash_table_new(NULL, NULL) };

        g_array_append_val(self->entries, entry);
    }
    return self;
}

/* Finds the process of a domain. @ret_why: why it is left to other sources; of a domain that is off,
 * without an @error. */
static void choose_one(VtSample *sample, State *self, const VtSampleDomain *domain, char **ret_why,
                       GError **error)
{
    Entry *entry = &g_array_index(self->entries, Entry, domain->index);
    g_autoptr(GError) local = NULL;

    if (find_process(sample, self, domain, &local)) {
        entry->chosen = !entry->emulated;
    } else if (virDomainIsActive(domain->handle) == 0) {
        *ret_why = g_strdup(_("the domain was not running when the sample began"));
    } else {
        *ret_why = g_strdup(local->message);
        g_propagate_error(error, g_steal_pointer(&local));
    }
}

/* Finds the processes and has them counted. A domain without one is left to other sources; FALSE
 * with the first reason where that is all of them. */
static gboolean choose(VtSample *sample, State *self, GError **error)
{
    GPtrArray *domains = vt_sample_domains(sample);
    g_autoptr(GPtrArray) whys = g_ptr_array_new_with_free_func(g_free); /* beside @domains */
    g_autoptr(GError) first = NULL;
    guint vcpus = 0, found = 0;

    for (guint i = 0; i < domains->len; i++) {
        const VtSampleDomain *domain = g_ptr_array_index(domains, i);
        const Entry *entry = &g_array_index(self->entries, Entry, i);
        char *why = NULL;

        if (domain->handle)
            choose_one(sample, self, domain, &why, first ? NULL : &first);
        g_ptr_array_add(whys, why);
        vcpus += entry->chosen ? entry->vcpus : 0;
    }
    self->meter =
        vt_bpf_meter_new(vt_sample_root(sample), self->layout, domains->len, vcpus, error);
    if (!self->meter)
        return FALSE;
    for (guint i = 0; i < self->entries->len; i++) {
        const Entry *entry = &g_array_index(self->entries, Entry, i);

        if (entry->chosen && !vt_bpf_meter_add(self->meter, i, entry->pid, error))
            return FALSE;
        found += entry->chosen;
    }
    for (guint i = 0; found > 0 && i < domains->len; i++) {
        const VtSampleDomain *domain = g_ptr_array_index(domains, i);

        if (whys->pdata[i])
            vt_profile_note(domain->profile, _("The source %s was left out: %s."),
                            vt_source_bpf.name, (const char *)whys->pdata[i]);
    }
    if (found > 0)
        return TRUE;
    if (first)
        g_propagate_error(error, g_steal_pointer(&first));
    else
        g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED, _("no domain of the sample runs on KVM"));
    return FALSE;
}

static gboolean start(VtSample *sample, gpointer *ret_state, GError **error)
{
    g_autoptr(State) self = state_new(vt_sample_domains(sample)->len);
    g_autoptr(GError) untyped = NULL;

    self->layout = vt_btf_layout_read(vt_sample_root(sample), &untyped);
    if (!self->layout)
        g_debug("%s", untyped->message);
    if (!choose(sample, self, error) || !vt_bpf_meter_start(self->meter, error))
        return FALSE;
    if (!vt_sample_keeps_rights(sample))
        vt_rights_drop();
    *ret_state = g_steal_pointer(&self);
    return TRUE;
}

static void take_growth(guint target, guint32 thread, guint64 what, guint64 count,
                        const struct vt_vmexit_stat *grown, gpointer data)
{
    State *self = data;
    Entry *entry = &g_array_index(self->entries, Entry, target);
    Growth growth = { .what = what, .count = count, .thread = thread };

    entry->new_thread |= g_hash_table_add(entry->threads, GUINT_TO_POINTER(thread));
    if (grown) {
        growth.time_ns = grown->time_ns;
        growth.has_time = grown->timed > 0;
        for (guint i = 0; i < VT_HISTOGRAM_BUCKETS; i++)
            growth.histogram[i] = grown->histogram[i];
        entry->exits = TRUE;
    }
    g_array_append_val(entry->growth, growth);
}

/* Follows one domain over a restart. */
static void look_after(VtSample *sample, State *self, VtSampleDomain *domain)
{
    Entry *entry = &g_array_index(self->entries, Entry, domain->index);

    entry->lost += vt_bpf_meter_take_lost(self->meter, domain->index);
    if (entry->pid != 0 && has_ended(entry)) {
        vt_bpf_meter_remove(self->meter, entry->pid);
        forget_process(entry);
    }
    if (entry->pid == 0) {
        gboolean found = find_process(sample, self, domain, NULL);

        if (found && !vt_bpf_meter_add(self->meter, domain->index, entry->pid, NULL))
            forget_process(entry);
        vt_sample_gap(sample, domain, found ? VT_GAP_RESTARTED : VT_GAP_STOPPED);
        return;
    }
    if (!entry->whole)
        vt_sample_gap(sample, domain, VT_GAP_RESTARTED);
    else if (has_other_threads(sample, entry) && count_vcpus(sample, domain, entry))
        vt_sample_gap(sample, domain, VT_GAP_VCPUS);
    else
        vt_sample_ready(sample, domain, entry->vcpus);
    entry->whole = TRUE;
}

static gboolean snapshot(VtSample *sample, gpointer state, gint64 *ret_when_ns, GError **error)
{
    GPtrArray *domains = vt_sample_domains(sample);
    State *self = state;
    gint64 before = vt_clock_now_us();

    for (guint i = 0; i < self->entries->len; i++)
        g_array_set_size(g_array_index(self->entries, Entry, i).growth, 0);
    vt_bpf_meter_read(self->meter, take_growth, self);
    *ret_when_ns = (before + (vt_clock_now_us() - before) / 2) * 1000;
    for (guint i = 0; i < domains->len; i++) {
        VtSampleDomain *domain = g_ptr_array_index(domains, i);
        Entry *entry = &g_array_index(self->entries, Entry, i);

        if (entry->emulated) {
            vt_sample_gap(sample, domain, VT_GAP_EMULATED);
        } else if (!self->based) {
            entry->whole = entry->chosen;
            entry->new_thread = FALSE;
            vt_bpf_meter_take_lost(self->meter, i);
        } else if (entry->chosen) {
            look_after(sample, self, domain);
        }
    }
    self->based = TRUE;
    return TRUE;
}

static const char *metric_of(State *self, guint64 what)
{
    char *name = g_hash_table_lookup(self->names, &what);

    if (name)
        return name;
    name = vt_bpf_metric_name(what);
    if (name)
        g_hash_table_insert(self->names, g_memdup2(&what, sizeof what), name);
    return name;
}

/* Why KVM turned APICv off or on: the running kernel's name, NULL where it does not tell. */
static const char *inhibit_of(const State *self, guint64 what)
{
    return self->layout ? vt_btf_layout_inhibit(self->layout, (guint)(VT_VMEXIT_NUMBER(what) >> 1)) : NULL;
}

/* Says once a sample which reason turned APICv off meanwhile. */
static void note_inhibit(State *self, Entry *entry, VtProfile *profile, guint64 what)
{
    guint bit = (guint)(VT_VMEXIT_NUMBER(what) >> 1);
    const char *name = inhibit_of(self, what);

    if (!(VT_VMEXIT_NUMBER(what) & 1) || !g_hash_table_add(entry->told, GUINT_TO_POINTER(bit)))
        return;
    if (name)
        vt_profile_note(
            profile, _("KVM turned the virtual APIC's acceleration off meanwhile, because of %s."),
            name);
    else
        vt_profile_note(
            profile,
            _("KVM turned the virtual APIC's acceleration off meanwhile, for its reason %u."), bit);
}

/* What may be taken for zero: of exits only where some were seen, for on some back ends kvm_exit
 * never fires; and nothing once updates were lost. */
static void add_promises(const State *self, const Entry *entry, VtSampleDomain *domain)
{
    gsize n;
    const VtBpfPromise *promises = vt_bpf_metric_promises(&n);

    for (gsize i = 0; i < n; i++) {
        gboolean of_exits = g_str_equal(promises[i].tracepoint, "kvm_exit");

        if ((of_exits ? !entry->exits : domain->is_brief) || !vt_bpf_meter_has(self->meter, promises[i].tracepoint))
            continue;
        for (const char *const *covers = promises[i].covers; *covers; covers++) {
            if (entry->lost == 0)
                vt_profile_set_covers(domain->profile, *covers);
            else
                g_hash_table_remove(domain->profile->covers, *covers);
        }
        for (const char *const *zero = promises[i].zeros; entry->lost == 0 && *zero; zero++)
            vt_profile_add(domain->profile, domain->window, *zero, vt_source_bpf.name, 0);
    }
}

/* Adds to @metric what grew, and whose it is. */
static void add_growth(const State *self, const Entry *entry, VtSampleDomain *domain,
                       const char *metric, const Growth *growth, gboolean timed)
{
    const char *source = vt_source_bpf.name;
    VtProfile *profile = domain->profile;
    gpointer vcpu;
    gboolean own;

    vt_profile_add(profile, domain->window, metric, source, growth->count);
    own = g_str_equal(vt_profile_get(profile, metric)->source, source);
    timed = timed && own && growth->has_time;
    if (timed)
        vt_profile_add_time(profile, metric, growth->time_ns);
    if (domain->is_brief)
        return;
    if (timed)
        vt_profile_add_histogram(profile, metric, growth->histogram);
    if (!own || !entry->vcpu_of || vt_bpf_meter_is_nested(self->meter) ||
        !g_hash_table_lookup_extended(entry->vcpu_of, GUINT_TO_POINTER(growth->thread), NULL, &vcpu))
        return;
    vt_profile_vcpu_add(profile, domain->window, metric, source, GPOINTER_TO_UINT(vcpu),
                        growth->count);
    if (timed) {
        vt_profile_vcpu_add_time(profile, metric, GPOINTER_TO_UINT(vcpu), growth->time_ns);
        vt_profile_vcpu_add_histogram(profile, metric, GPOINTER_TO_UINT(vcpu), growth->histogram);
    }
}

static void add_inhibit(State *self, Entry *entry, VtSampleDomain *domain, const Growth *growth)
{
    g_autofree char *metric = vt_bpf_metric_inhibit(growth->what, inhibit_of(self, growth->what));

    add_growth(self, entry, domain, metric, growth, FALSE);
    note_inhibit(self, entry, domain->profile, growth->what);
}

/* Of the accesses to an address, how many user space completed. */
static void add_user(VtSampleDomain *domain, const char *metric, guint64 count)
{
    vt_profile_add(domain->profile, domain->window, metric, vt_source_bpf.name, 0);
    vt_profile_add_user(domain->profile, metric, vt_source_bpf.name, count);
}

/* Which vCPUs there are, also those that nothing was counted of. */
static void add_vcpus(const State *self, const Entry *entry, VtSampleDomain *domain)
{
    GHashTableIter iter;
    gpointer vcpu;

    if (!entry->vcpu_of)
        return;
    if (vt_bpf_meter_is_nested(self->meter)) {
        if (domain->window == 0)
            vt_profile_note(domain->profile,
                            _("The source %s does not tell the vCPUs apart in a PID namespace of "
                              "its own; run virt-tune on the host."),
                            vt_source_bpf.name);
        return;
    }
    g_hash_table_iter_init(&iter, entry->vcpu_of);
    while (g_hash_table_iter_next(&iter, NULL, &vcpu))
        vt_profile_vcpu_number(domain->profile, GPOINTER_TO_UINT(vcpu));
}

/* What is collected of each window, see VtSource.collect. */
static gboolean is_in_brief(guint64 what)
{
    switch ((enum vt_vmexit_kind)VT_VMEXIT_KIND(what)) {
    case VT_VMEXIT_EXIT:
    case VT_VMEXIT_MSR_READ:
    case VT_VMEXIT_MSR_WRITE:
    case VT_VMEXIT_PIO_READ:
    case VT_VMEXIT_PIO_WRITE:
    case VT_VMEXIT_MMIO_READ:
    case VT_VMEXIT_MMIO_WRITE:
    case VT_VMEXIT_MMIO_FAST:
        return TRUE;
    default:
        return FALSE;
    }
}

static gboolean is_read(guint64 what)
{
    return VT_VMEXIT_KIND(what) == VT_VMEXIT_PIO_READ || VT_VMEXIT_KIND(what) == VT_VMEXIT_MMIO_READ;
}

static gboolean is_write(guint64 what)
{
    return VT_VMEXIT_KIND(what) == VT_VMEXIT_PIO_WRITE || VT_VMEXIT_KIND(what) == VT_VMEXIT_MMIO_WRITE ||
           VT_VMEXIT_KIND(what) == VT_VMEXIT_MMIO_FAST;
}

static void collect(VtSample *sample, gpointer state, VtSampleDomain *domain)
{
    State *self = state;
    Entry *entry = &g_array_index(self->entries, Entry, domain->index);
    const GPtrArray *notes = vt_bpf_meter_notes(self->meter);
    VtProfile *profile = domain->profile;

    for (guint i = 0; i < entry->growth->len; i++) {
        const Growth *growth = &g_array_index(entry->growth, Growth, i);
        const char *metric = metric_of(self, growth->what),
                   *total = vt_bpf_metric_total(growth->what);

        if (!metric || (domain->is_brief && !is_in_brief(growth->what)))
            continue;
        if (VT_VMEXIT_KIND(growth->what) == VT_VMEXIT_MMIO_USER) {
            add_user(domain, metric, growth->count);
            continue;
        }
        add_growth(self, entry, domain, metric, growth, TRUE);
        if (total)
            add_growth(self, entry, domain, total, growth, FALSE);
        if (VT_VMEXIT_KIND(growth->what) == VT_VMEXIT_EXIT)
            profile->isa = vt_bpf_metric_isa(growth->what);
        if (domain->is_brief)
            continue;
        if (vt_metric_kind(metric) == VT_METRIC_MMIO && vt_bpf_meter_has(self->meter, "kvm_userspace_exit"))
            add_user(domain, metric, 0);
        if (VT_VMEXIT_KIND(growth->what) == VT_VMEXIT_APICV_INHIBIT)
            add_inhibit(self, entry, domain, growth);
        if (is_write(growth->what) || is_read(growth->what))
            vt_profile_add_writes(profile, metric, vt_source_bpf.name,
                                  is_write(growth->what) ? growth->count : 0);
    }
    add_promises(self, entry, domain);
    if (!domain->is_brief)
        add_vcpus(self, entry, domain);
    profile->lost = vt_profile_sum(profile->lost, entry->lost - entry->told_lost);
    entry->told_lost = entry->lost;
    for (guint i = 0; domain->window == 0 && i < notes->len; i++)
        vt_profile_note(profile, "%s", (const char *)g_ptr_array_index(notes, i));
}

static void stop(VtSample *sample, gpointer state)
{
    state_free(state);
}
#else
static gboolean probe(VtVirt *virt, const VtRoot *root, char **ret_why)
{
    *ret_why = g_strdup(_("This virt-tune was built without libbpf."));
    return FALSE;
}

static gboolean start(VtSample *sample, gpointer *ret_state, GError **error)
{
    g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED,
                _("this virt-tune was built without libbpf"));
    return FALSE;
}

static gboolean snapshot(VtSample *sample, gpointer state, gint64 *ret_when_ns, GError **error)
{
    g_return_val_if_reached(FALSE);
}

static void collect(VtSample *sample, gpointer state, VtSampleDomain *domain)
{
    g_return_if_reached();
}

static void stop(VtSample *sample, gpointer state)
{
}
#endif

const VtSource vt_source_bpf = {
    .name = "bpf",
    .summary = N_("exits, ports, MSRs and addresses, counted in the kernel: precise, needs CAP_BPF "
                  "and CAP_PERFMON"),
    .probe = probe,
    .start = start,
    .snapshot = snapshot,
    .collect = collect,
    .stop = stop,
};
