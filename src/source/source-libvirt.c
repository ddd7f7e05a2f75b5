/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The source "libvirt": KVM's statistics of every chosen domain by one virDomainListGetStats() call
 * a snapshot. */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "model/profile-vcpu.h"
#include "source/domstats.h"
#include "source/source.h"
#include "source/stats-call.h"

/* KVM statistics of vCPUs: libvirt 8.9.0 with QEMU 7.1 (query-stats). */
#define LIBVIRT_KVM_STATS 8009000
#define QEMU_KVM_STATS 7001000

/* What each window asks for. */
#define GROUPS_WINDOW (VIR_DOMAIN_STATS_STATE | VIR_DOMAIN_STATS_VCPU)
/* The other groups take 1.7 times as long as those (libvirt 9.0, QEMU 7.2: each but the interfaces is one
 * or more questions to the monitor). */
#define GROUPS_OLD \
    (GROUPS_WINDOW | VIR_DOMAIN_STATS_CPU_TOTAL | VIR_DOMAIN_STATS_INTERFACE | VIR_DOMAIN_STATS_BLOCK)
#if LIBVIR_CHECK_VERSION(8, 9, 0)
#define GROUPS_ALL (GROUPS_OLD | VIR_DOMAIN_STATS_VM)
#else
#define GROUPS_ALL GROUPS_OLD
#endif

/* A domain takes 1.2 to 1.4 ms. A call is given up after this time, and another one made for each
 * domain that may hang. */
#define TIMEOUT_US (5 * G_USEC_PER_SEC)
#define TIMEOUT_DOMAIN_US (20 * 1000)
#define ATTEMPTS 4

/* Right after an embedded driver was opened it asks the emulators itself, and NOWAIT answers without
 * what it would have to wait for: the base is taken again for this long at most. */
#define BASE_US G_USEC_PER_SEC
#define BASE_STEP_US (50 * 1000)

/* What is asked for, less with each step where the daemon refuses. Without NOWAIT (libvirt 4.5.0) a
 * domain whose monitor is busy holds up all others. */
static const struct {
    guint groups;
    guint flags;
} steps[] = {
    {GROUPS_ALL, VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT},
    {GROUPS_OLD, VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT},
    {GROUPS_OLD, 0},
    {GROUPS_WINDOW, 0},
    {VIR_DOMAIN_STATS_STATE, 0},
};

typedef struct {
    VtDomstats *stats; /* NULL where the domain was not in the answer */
    int id;
} Snapshot;

/* What is kept of one domain. */
typedef struct {
    unsigned char uuid[VIR_UUID_BUFLEN];
    Snapshot before;
    Snapshot after;
    Snapshot whole; /* of all groups, at the base or at the last complete() */
    gboolean seen;   /* its KVM statistics came at least once */
    VtTri emulated;  /* it does not use KVM; UNKNOWN until its statistics are missed */
} Entry;

typedef struct {
    GArray *entries;       /* Entry, by index of the domain */
    GHashTable *by_uuid;   /* Entry.uuid -> index + 1 */
    GPtrArray *handles;    /* virDomainPtr, the last one NULL */
    gsize step;
    gboolean based; /* the first snapshot has been taken */
    gboolean every_window; /* all groups are asked for each time */
    gint64 whole_ns;       /* when Entry.whole was read; 0: never */
    gboolean counts_io;
} State;

static void entry_clear(gpointer data)
{
    Entry *entry = data;

    vt_domstats_free(entry->before.stats);
    vt_domstats_free(entry->after.stats);
    vt_domstats_free(entry->whole.stats);
}

/* UUIDs are random. */
static guint hash_uuid(gconstpointer uuid)
{
    guint hash;

    memcpy(&hash, uuid, sizeof hash);
    return hash;
}

static gboolean equal_uuids(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, VIR_UUID_BUFLEN) == 0;
}

static void free_handle(gpointer handle)
{
    if (handle)
        virDomainFree(handle);
}

static gboolean probe(VtVirt *virt, const VtRoot *root, char **ret_why)
{
    gulong version = vt_virt_libvirt_version(virt);

    if (version == 0 || version >= LIBVIRT_KVM_STATS)
        return TRUE;
    *ret_why = g_strdup_printf(
        _("The libvirt of this connection is %lu.%lu.%lu; statistics of VM exits need 8.9.0 and "
          "QEMU 7.1."),
        version / 1000000, version / 1000 % 1000, version % 1000);
    return FALSE;
}

static gboolean start(VtSample *sample, gpointer *ret_state, GError **error)
{
    GPtrArray *domains = vt_sample_domains(sample);
    State *self = g_new0(State, 1);

    self->entries = g_array_new(FALSE, TRUE, sizeof(Entry));
    g_array_set_clear_func(self->entries, entry_clear);
    g_array_set_size(self->entries, domains->len);
    self->by_uuid = g_hash_table_new(hash_uuid, equal_uuids);
    self->handles = g_ptr_array_new_full(domains->len + 1, free_handle);
    self->counts_io = vt_domstats_counts_io(sample);
    self->every_window = vt_sample_every_window(sample);
    for (guint i = 0; i < domains->len; i++) {
        VtSampleDomain *domain = g_ptr_array_index(domains, i);
        Entry *entry = &g_array_index(self->entries, Entry, i);

        entry->emulated = VT_UNKNOWN;
        if (!domain->handle || virDomainGetUUID(domain->handle, entry->uuid) < 0)
            continue;
        virDomainRef(domain->handle);
        g_ptr_array_add(self->handles, domain->handle);
        g_hash_table_insert(self->by_uuid, entry->uuid, GUINT_TO_POINTER(i + 1));
    }
    g_ptr_array_add(self->handles, NULL);
    *ret_state = self;
    return TRUE;
}

static void stop(VtSample *sample, gpointer state)
{
    State *self = state;

    g_hash_table_unref(self->by_uuid);
    g_array_unref(self->entries);
    g_ptr_array_unref(self->handles);
    g_free(self);
}

/* TRUE with the records, or FALSE. A call that does not return leaves the hanging domain with a
 * job, so that the next one with NOWAIT passes it over. */
static gboolean get_stats(VtSample *sample, State *self, guint groups, virDomainStatsRecordPtr **ret_records,
                          int *ret_n, gint64 *ret_when_ns, GError **error)
{
    GCancellable *cancel = vt_sample_cancellable(sample);
    gint64 timeout_us = TIMEOUT_US + self->entries->len * TIMEOUT_DOMAIN_US;
    guint given_up = 0;

    for (;;) {
        gint64 when_us = 0;
        VtStatsOutcome outcome = vt_stats_call(
            virDomainListGetStats, self->handles, steps[self->step].groups & groups,
            steps[self->step].flags, timeout_us, cancel, ret_records, ret_n, &when_us, error);

        switch (outcome) {
        case VT_STATS_DONE:
            *ret_when_ns = when_us * 1000;
            return TRUE;
        case VT_STATS_FAILED:
            return FALSE;
        case VT_STATS_REFUSED:
            if (++self->step < G_N_ELEMENTS(steps))
                break;
            g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED,
                        _("the hypervisor of this connection gives no statistics of its domains"));
            return FALSE;
        case VT_STATS_TIMEOUT:
            if (steps[self->step].flags != 0 && ++given_up < ATTEMPTS &&
                !g_cancellable_is_cancelled(cancel))
                break;
            g_set_error(error, VT_ERROR, VT_ERROR_LIBVIRT,
                        _("libvirt does not answer; the monitor of a domain may hang"));
            return FALSE;
        }
    }
}

static gboolean uses_kvm(xmlDoc *doc)
{
    return vt_xml_has((xmlNode *)doc, "/domain[@type='kvm']");
}

/* Whether the domain does not use KVM, by the XML that libvirt has; FALSE where there is none. */
static gboolean is_emulated(const VtSampleDomain *domain, Entry *entry)
{
    if (entry->emulated == VT_UNKNOWN) {
        g_autofree char *text = vt_virt_xml(domain->handle, 0, NULL);
        g_autoptr(xmlDoc) doc =
            text ? vt_xml_parse(text, strlen(text), domain->domain->name, NULL) : NULL;

        entry->emulated = doc && !uses_kvm(doc) ? VT_YES : VT_NO;
    }
    return entry->emulated == VT_YES;
}

/* Why there are no KVM statistics of a domain in an answer. */
static VtGap explain_missing(VtSample *sample, const VtSampleDomain *domain, Entry *entry)
{
    gulong version = vt_virt_hypervisor_version(vt_sample_virt(sample));

    if (entry->seen)
        return VT_GAP_BUSY;
    if (domain->domain->live && !uses_kvm(domain->domain->live))
        return VT_GAP_EMULATED;
    if (entry->after.stats->vcpus == 0 || (version != 0 && version < QEMU_KVM_STATS))
        return VT_GAP_UNSUPPORTED;
    return !domain->domain->live && is_emulated(domain, entry) ? VT_GAP_EMULATED : VT_GAP_BUSY;
}

static VtGap compare(VtSample *sample, const VtSampleDomain *domain, Entry *entry)
{
    VtGap gap;

    if (!entry->after.stats)
        return VT_GAP_STOPPED;
    if (!entry->before.stats)
        return VT_GAP_RESTARTED;
    gap = vt_domstats_compare(entry->before.stats, entry->after.stats);
    if (gap == VT_GAP_STOPPED || gap == VT_GAP_PAUSED)
        return gap;
    if (entry->before.id != entry->after.id)
        return VT_GAP_RESTARTED;
    return gap == VT_GAP_BUSY ? explain_missing(sample, domain, entry) : gap;
}

/* @like: an answer to the same question, of this domain or another one; or NULL. */
static void take_record(virDomainStatsRecordPtr record, const VtDomstats *like, Entry *entry, Snapshot *snapshot)
{
    vt_domstats_free(snapshot->stats);
    snapshot->stats = vt_domstats_from_params(record->params, (gsize)MAX(record->nparams, 0), like);
    snapshot->id = (int)virDomainGetID(record->dom);
    entry->seen |= snapshot->stats->has_kvm;
}

/* Asks for statistics of all domains. @snapshots: one per domain, empty; the caller frees what is in them. */
static gboolean ask(VtSample *sample, State *self, guint groups, Snapshot *snapshots,
                    gint64 *ret_when_ns, GError **error)
{
    virDomainStatsRecordPtr *records = NULL;
    const VtDomstats *last = NULL;
    int n = 0;

    *ret_when_ns = vt_clock_now_us() * 1000;
    /* An empty list would mean every domain there is. */
    if (self->handles->pdata[0] && !get_stats(sample, self, groups, &records, &n, ret_when_ns, error))
        return FALSE;
    for (int i = 0; i < n; i++) {
        unsigned char uuid[VIR_UUID_BUFLEN];
        const VtDomstats *like;
        Entry *entry;
        guint index;

        if (virDomainGetUUID(records[i]->dom, uuid) < 0)
            continue;
        index = GPOINTER_TO_UINT(g_hash_table_lookup(self->by_uuid, uuid));
        if (index == 0)
            continue;
        entry = &g_array_index(self->entries, Entry, index - 1);
        like = self->every_window || groups == GROUPS_WINDOW ? entry->after.stats : entry->whole.stats;
        /* Domains of one make share their names. */
        take_record(records[i], like ? like : last, entry, &snapshots[index - 1]);
        last = snapshots[index - 1].stats;
    }
    if (records)
        virDomainStatsRecordListFree(records);
    return TRUE;
}

/* What there was becomes the snapshot before. */
static gboolean take(VtSample *sample, State *self, gint64 *ret_when_ns, GError **error)
{
    g_autofree Snapshot *snapshots = g_new0(Snapshot, self->entries->len);
    guint groups = self->every_window ? GROUPS_ALL : GROUPS_WINDOW;

    if (!ask(sample, self, groups, snapshots, ret_when_ns, error))
        return FALSE;
    for (guint i = 0; i < self->entries->len; i++) {
        Entry *entry = &g_array_index(self->entries, Entry, i);

        vt_domstats_free(entry->before.stats);
        entry->before = entry->after;
        entry->after = snapshots[i];
    }
    return TRUE;
}

/* What was counted of one domain since the last time, @whole_ns ago. */
static void add_whole(VtSample *sample, const VtSampleDomain *domain, const Snapshot *before,
                      const Snapshot *after, guint64 whole_ns)
{
    VtGap gap = VT_GAP_STOPPED;

    if (before->stats && after->stats)
        gap = vt_domstats_compare(before->stats, after->stats);
    /* One that does not run has no id. */
    if (before->stats && after->stats && gap != VT_GAP_STOPPED && before->id != after->id)
        gap = VT_GAP_RESTARTED;
    if (gap != VT_GAP_NONE) {
        vt_profile_note(domain->profile,
                        _("Disk requests, packets and what else libvirt counts for the domain as a "
                          "whole are unknown. %s"),
                        vt_gap_reason(gap));
        return;
    }
    vt_domstats_add_whole(before->stats, after->stats, domain->profile, vt_source_libvirt.name,
                          whole_ns);
    if (after->stats->has_block)
        vt_profile_set_covers(domain->profile, "block");
    if (after->stats->has_net)
        vt_profile_set_covers(domain->profile, "net");
}

static void note_failure(VtSample *sample, const GError *error)
{
    GPtrArray *domains = vt_sample_domains(sample);

    for (guint i = 0; i < domains->len; i++) {
        const VtSampleDomain *domain = g_ptr_array_index(domains, i);

        vt_profile_note(domain->profile,
                        _("Disk requests, packets and what else libvirt counts for the domain as a "
                          "whole are unknown: %s."),
                        error->message);
    }
}

static gboolean is_any_seen(const State *self)
{
    for (guint i = 0; i < self->entries->len; i++)
        if (g_array_index(self->entries, Entry, i).seen)
            return TRUE;
    return FALSE;
}

static void complete(VtSample *sample, gpointer state)
{
    GPtrArray *domains = vt_sample_domains(sample);
    State *self = state;
    g_autofree Snapshot *snapshots = g_new0(Snapshot, self->entries->len);
    g_autoptr(GError) error = NULL;
    gint64 when_ns = 0;

    if (!is_any_seen(self) || !(steps[self->step].groups & ~(guint)GROUPS_WINDOW))
        return;
    if (!ask(sample, self, GROUPS_ALL, snapshots, &when_ns, &error)) {
        self->whole_ns = 0;
        note_failure(sample, error);
        return;
    }
    for (guint i = 0; i < domains->len; i++) {
        const VtSampleDomain *domain = g_ptr_array_index(domains, i);
        Entry *entry = &g_array_index(self->entries, Entry, i);

        if (self->whole_ns > 0 && when_ns > self->whole_ns && vt_sample_is_measured(sample, domain) && !domain->is_brief)
            add_whole(sample, domain, &entry->whole, &snapshots[i], (guint64)(when_ns - self->whole_ns));
        vt_domstats_free(entry->whole.stats);
        entry->whole = snapshots[i];
    }
    self->whole_ns = when_ns;
}

/* What the base tells of a domain: NONE where it is one, BUSY where another try may give it. */
static VtGap judge_base(VtSample *sample, const VtSampleDomain *domain, Entry *entry)
{
    VtGap gap;

    if (!domain->handle)
        return VT_GAP_UNSUPPORTED;
    if (!entry->after.stats)
        return VT_GAP_STOPPED;
    gap = vt_domstats_compare(entry->after.stats, entry->after.stats);
    return gap == VT_GAP_BUSY ? explain_missing(sample, domain, entry) : gap;
}

static gboolean is_base_complete(VtSample *sample, State *self)
{
    GPtrArray *domains = vt_sample_domains(sample);

    for (guint i = 0; i < domains->len; i++)
        if (judge_base(sample, g_ptr_array_index(domains, i),
                       &g_array_index(self->entries, Entry, i)) == VT_GAP_BUSY)
            return FALSE;
    return TRUE;
}

static gboolean take_base(VtSample *sample, State *self, gint64 *ret_when_ns, GError **error)
{
    GPtrArray *domains = vt_sample_domains(sample);
    gint64 until_us = vt_clock_now_us() + BASE_US;

    if (!take(sample, self, ret_when_ns, error))
        return FALSE;
    while (!is_base_complete(sample, self) && vt_clock_now_us() < until_us &&
           vt_clock_sleep_until(vt_clock_now_us() + BASE_STEP_US, vt_sample_cancellable(sample)))
        if (!take(sample, self, ret_when_ns, error))
            return FALSE;
    if (!self->every_window)
        complete(sample, self);
    for (guint i = 0; i < domains->len; i++) {
        VtSampleDomain *domain = g_ptr_array_index(domains, i);
        VtGap gap = judge_base(sample, domain, &g_array_index(self->entries, Entry, i));

        if (gap == VT_GAP_EMULATED || gap == VT_GAP_UNSUPPORTED)
            vt_sample_hopeless(sample, domain, gap);
        if (gap == VT_GAP_BUSY || gap == VT_GAP_UNSUPPORTED)
            vt_sample_lacks(sample, domain);
    }
    return TRUE;
}

static gboolean snapshot(VtSample *sample, gpointer state, gint64 *ret_when_ns, GError **error)
{
    GPtrArray *domains = vt_sample_domains(sample);
    State *self = state;

    if (!self->based) {
        self->based = TRUE;
        return take_base(sample, self, ret_when_ns, error);
    }
    if (!take(sample, self, ret_when_ns, error))
        return FALSE;
    for (guint i = 0; i < domains->len; i++) {
        VtSampleDomain *domain = g_ptr_array_index(domains, i);
        Entry *entry = &g_array_index(self->entries, Entry, i);
        VtGap gap = compare(sample, domain, entry);

        if (gap == VT_GAP_NONE)
            vt_sample_ready(sample, domain, entry->after.stats->vcpus);
        else
            vt_sample_gap(sample, domain, gap);
    }
    return TRUE;
}

static void collect(VtSample *sample, gpointer state, VtSampleDomain *domain)
{
    State *self = state;
    const Entry *entry = &g_array_index(self->entries, Entry, domain->index);

    vt_domstats_collect(sample, entry->before.stats, entry->after.stats, domain,
                        vt_source_libvirt.name, self->counts_io);
    if (entry->after.stats->has_block)
        vt_profile_set_covers(domain->profile, "block");
    if (entry->after.stats->has_net)
        vt_profile_set_covers(domain->profile, "net");
}

const VtSource vt_source_libvirt = {
    .name = "libvirt",
    .summary = N_("KVM statistics from libvirt: coarse, needs no privileges on the host"),
    .probe = probe,
    .start = start,
    .snapshot = snapshot,
    .collect = collect,
    .complete = complete,
    .stop = stop,
};
