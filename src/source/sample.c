/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop that takes the snapshots of sources and divides the time between them into windows. */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "source/sample.h"

#define SOURCES_MAX 32
/* The shortest window that counts where there is no other: 1 ms of jitter is 1 % of it. */
#define LONE_WINDOW_US (100 * 1000)
/* Snapshots of different sources that are meant to be of one instant. */
#define SPREAD_NS (10 * 1000 * 1000)

/* Steps of a live sample from one VtSource.complete to the next, and which of them is the first. */
#define COMPLETE_STEPS 10
#define COMPLETE_FIRST 3

/* A source in use. */
typedef struct {
    const VtSource *source;
    gpointer state;
    gboolean started;
    gint64 before_ns; /* when the last two snapshots were taken */
    gint64 after_ns;
} Member;

struct VtSample {
    VtVirt *virt;
    const VtRoot *root;
    VtHost *host;
    GCancellable *cancel;
    gboolean per_vcpu;
    gboolean every_window;
    gboolean keep_rights;
    gboolean live;      /* has no end: vt_sample_open() */
    guint64 steps;      /* of a live sample */
    GPtrArray *domains; /* VtSampleDomain */
    GArray *members;    /* Member */
    guint current;      /* the member whose function is being called */
};

static void sample_domain_free(gpointer data)
{
    VtSampleDomain *domain = data;

    if (domain->handle)
        virDomainFree(domain->handle);
    vt_domain_unref(domain->domain);
    vt_profile_unref(domain->profile);
    g_free(domain);
}

void vt_sample_close(VtSample *sample)
{
    if (!sample)
        return;
    for (guint i = 0; i < sample->members->len; i++) {
        Member *member = &g_array_index(sample->members, Member, i);

        sample->current = i;
        if (member->started)
            member->source->stop(sample, member->state);
    }
    g_array_unref(sample->members);
    g_ptr_array_unref(sample->domains);
    g_free(sample);
}

GPtrArray *vt_sample_domains(VtSample *sample)
{
    return sample->domains;
}

VtVirt *vt_sample_virt(VtSample *sample)
{
    return sample->virt;
}

const VtRoot *vt_sample_root(VtSample *sample)
{
    return sample->root;
}

VtHost *vt_sample_host(VtSample *sample)
{
    return sample->host;
}

gboolean vt_sample_per_vcpu(VtSample *sample)
{
    return sample->per_vcpu;
}

gboolean vt_sample_every_window(VtSample *sample)
{
    return sample->every_window;
}

gboolean vt_sample_keeps_rights(VtSample *sample)
{
    return sample->keep_rights;
}

GCancellable *vt_sample_cancellable(VtSample *sample)
{
    return sample->cancel;
}

void vt_sample_ready(VtSample *sample, VtSampleDomain *domain, guint vcpus)
{
    domain->ready |= 1u << sample->current;
    if (vcpus > 0)
        domain->vcpus = vcpus;
}

void vt_sample_gap(VtSample *sample, VtSampleDomain *domain, VtGap why)
{
    if (domain->gap == VT_GAP_NONE || (why <= VT_GAP_OF_DOMAIN && domain->gap > VT_GAP_OF_DOMAIN))
        domain->gap = why;
}

void vt_sample_hopeless(VtSample *sample, VtSampleDomain *domain, VtGap why)
{
    domain->hopeless |= 1u << sample->current;
    domain->never = why;
}

void vt_sample_lacks(VtSample *sample, VtSampleDomain *domain)
{
    domain->lacking |= 1u << sample->current;
}

gboolean vt_sample_is_needed(const VtSample *sample, const VtSampleDomain *domain)
{
    const Member *current = &g_array_index(sample->members, Member, sample->current);

    for (guint i = 0; i < sample->members->len; i++)
        if (g_array_index(sample->members, Member, i).source == current->source->stands_in_for)
            return domain->lacking >> i & 1;
    return TRUE;
}

static VtIsa host_isa(const VtHost *host)
{
    const char *backend = host ? vt_host_get(host, "kvm.backend") : NULL;

    if (g_strcmp0(backend, "vmx") == 0)
        return VT_ISA_VMX;
    if (g_strcmp0(backend, "svm") == 0)
        return VT_ISA_SVM;
    if (host && g_strcmp0(vt_host_get(host, "arch"), "aarch64") == 0)
        return VT_ISA_ARM64;
    return VT_ISA_UNKNOWN;
}

static VtProfile *new_profile(const VtSample *self, const VtDomain *domain)
{
    VtProfile *profile = vt_profile_new();

    profile->name = g_strdup(domain->name);
    profile->uuid = g_strdup(domain->uuid);
    profile->isa = host_isa(self->host);
    return profile;
}

static void add_domain(VtSample *self, VtDomain *domain)
{
    VtSampleDomain *entry = g_new0(VtSampleDomain, 1);

    entry->domain = vt_domain_ref(domain);
    entry->index = self->domains->len;
    entry->handle = vt_virt_lookup(self->virt, domain->uuid, NULL);
    entry->profile = new_profile(self, domain);
    entry->vcpus = domain->vcpus;
    g_ptr_array_add(self->domains, entry);
}

static VtSample *sample_new(VtVirt *virt, const VtRoot *root, GPtrArray *domains, VtHost *host,
                            const VtSampleOptions *options)
{
    VtSample *self = g_new0(VtSample, 1);

    self->virt = virt;
    self->root = root;
    self->host = host;
    self->cancel = options->cancel;
    self->per_vcpu = options->per_vcpu;
    self->every_window = options->every_window;
    self->keep_rights = options->keep_rights;
    self->domains = g_ptr_array_new_with_free_func(sample_domain_free);
    self->members = g_array_new(FALSE, TRUE, sizeof(Member));
    for (guint i = 0; i < domains->len; i++)
        add_domain(self, g_ptr_array_index(domains, i));
    return self;
}

static gboolean take_snapshot(VtSample *self, guint i, GError **error)
{
    Member *member = &g_array_index(self->members, Member, i);
    gint64 when_ns = 0;

    self->current = i;
    if (!member->source->snapshot(self, member->state, &when_ns, error))
        return FALSE;
    member->before_ns = member->after_ns;
    member->after_ns = when_ns;
    return TRUE;
}

static gboolean take_snapshots(VtSample *self, GError **error)
{
    for (guint i = 0; i < self->members->len; i++)
        if (!take_snapshot(self, i, error))
            return FALSE;
    return TRUE;
}

/* TRUE where the bases lie far apart: the first answer of a source can take seconds (libvirt
 * learning what an emulator can do), which a source before it would count into its first window. */
static gboolean is_spread(const VtSample *self)
{
    gint64 first = G_MAXINT64, last = 0;

    for (guint i = 0; i < self->members->len; i++) {
        const Member *member = &g_array_index(self->members, Member, i);

        first = MIN(first, member->after_ns);
        last = MAX(last, member->after_ns);
    }
    return last - first > SPREAD_NS;
}

static gboolean begin_member(VtSample *self, guint i, GError **error)
{
    Member *member = &g_array_index(self->members, Member, i);

    self->current = i;
    member->started = member->source->start(self, &member->state, error);
    return member->started && take_snapshot(self, i, error);
}

/* Whether any domain needs the last member. */
static gboolean is_any_needed(VtSample *self)
{
    self->current = self->members->len - 1;
    for (guint i = 0; i < self->domains->len; i++)
        if (vt_sample_is_needed(self, g_ptr_array_index(self->domains, i)))
            return TRUE;
    return FALSE;
}

/* Starts the sources and takes the base. One that fails is left out as long as another one works;
 * the first reason is @error otherwise. */
static gboolean begin(VtSample *self, const VtSource *const *sources, GError **error)
{
    g_autoptr(GError) first = NULL;
    guint usable = 0;

    for (; *sources; sources++) {
        Member member = {.source = *sources};
        g_autoptr(GError) local = NULL;
        Member *last;

        g_return_val_if_fail(self->members->len < SOURCES_MAX, FALSE);
        g_array_append_val(self->members, member);
        if (member.source->stands_in_for && !is_any_needed(self)) {
            g_array_set_size(self->members, self->members->len - 1);
            continue;
        }
        if (begin_member(self, self->members->len - 1, &local)) {
            usable += !member.source->companion;
            continue;
        }
        g_debug("source %s is left out: %s", member.source->name, local->message);
        last = &g_array_index(self->members, Member, self->members->len - 1);
        if (last->started)
            last->source->stop(self, last->state);
        g_array_set_size(self->members, self->members->len - 1);
        for (guint i = 0; !member.source->companion && i < self->domains->len; i++) {
            VtSampleDomain *domain = g_ptr_array_index(self->domains, i);

            vt_profile_note(domain->profile, _("The source %s was left out: %s."),
                            member.source->name, local->message);
        }
        if (!first && !member.source->companion)
            first = g_steal_pointer(&local);
    }
    if (usable > 0)
        return !is_spread(self) || take_snapshots(self, error);
    if (first)
        g_propagate_error(error, g_steal_pointer(&first));
    else
        g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED, _("no source of VM exits was given"));
    return FALSE;
}

/* The length of the window by the clock of the domain's first source; 0 where it has none. */
static guint64 window_ns(const VtSample *self, const VtSampleDomain *domain)
{
    for (guint i = 0; i < self->members->len; i++) {
        const Member *member = &g_array_index(self->members, Member, i);

        if (!member->source->companion && (domain->joined & (1u << i)))
            return (guint64)MAX(member->after_ns - member->before_ns, 0);
    }
    return 0;
}

/* TRUE where the snapshots of all sources of the domain are as far apart as the window is long,
 * give or take a tenth: one source that takes long to answer delays those after it. */
static gboolean is_even(const VtSample *self, const VtSampleDomain *domain, guint64 duration_ns)
{
    for (guint i = 0; i < self->members->len; i++) {
        const Member *member = &g_array_index(self->members, Member, i);
        gint64 difference_ns = member->after_ns - member->before_ns - (gint64)duration_ns;

        if ((domain->joined & (1u << i)) && ABS(difference_ns) > (gint64)(duration_ns / 10))
            return FALSE;
    }
    return TRUE;
}

/* A live sample goes on with other sources in another profile, with more or less of each window, and so it does before one
 * grows without an end. */
static void renew_profile(const VtSample *self, VtSampleDomain *domain)
{
    guint windows = domain->profile->windows->len;

    if (!self->live || windows == 0 ||
        (windows < VT_SAMPLE_WINDOWS && domain->joined == domain->ready && domain->brief == domain->is_brief))
        return;
    vt_profile_unref(domain->profile);
    domain->profile = new_profile(self, domain->domain);
}

/* Ends the window of one domain: counts it where every source of the domain has a difference. */
static void close_window(VtSample *self, VtSampleDomain *domain)
{
    guint64 duration_ns;

    renew_profile(self, domain);
    if (domain->profile->windows->len == 0) {
        domain->joined = domain->ready;
        domain->is_brief = domain->brief;
    }
    duration_ns = window_ns(self, domain);
    if (domain->gap == VT_GAP_NONE && !is_even(self, domain, duration_ns)) {
        domain->gaps[VT_GAP_UNEVEN]++;
        return;
    }
    if ((domain->gap != VT_GAP_NONE && domain->gap <= VT_GAP_OF_DOMAIN) || duration_ns == 0 ||
        domain->vcpus == 0 || (domain->ready & domain->joined) != domain->joined) {
        domain->gaps[domain->gap]++;
        return;
    }

    domain->window = vt_profile_add_window(domain->profile, duration_ns, domain->vcpus);
    if (domain->window == 0)
        domain->profile->started_s = vt_clock_unix_s() - (gint64)(duration_ns / 1000000000);
    for (guint i = 0; i < self->members->len; i++) {
        const Member *member = &g_array_index(self->members, Member, i);

        if (!(domain->joined & (1u << i)) || (domain->is_brief && member->source->companion))
            continue;
        self->current = i;
        member->source->collect(self, member->state, domain);
        vt_profile_add_source(domain->profile, member->source->name);
    }
    domain->counted = TRUE;
}

static gboolean take_window(VtSample *self, GError **error)
{
    for (guint i = 0; i < self->domains->len; i++) {
        VtSampleDomain *domain = g_ptr_array_index(self->domains, i);

        domain->ready = 0;
        domain->gap = VT_GAP_NONE;
        domain->counted = FALSE;
    }
    if (!take_snapshots(self, error))
        return FALSE;
    for (guint i = 0; i < self->domains->len; i++)
        close_window(self, g_ptr_array_index(self->domains, i));
    return TRUE;
}

gboolean vt_sample_is_measured(const VtSample *sample, const VtSampleDomain *domain)
{
    return domain->profile->windows->len > 0 && (domain->joined & (1u << sample->current));
}

static void complete(VtSample *self)
{
    for (guint i = 0; !self->every_window && i < self->members->len; i++) {
        const Member *member = &g_array_index(self->members, Member, i);

        self->current = i;
        if (member->source->complete)
            member->source->complete(self, member->state);
    }
}

/* TRUE where no source will ever measure any of the domains. */
static gboolean is_hopeless(const VtSample *self)
{
    for (guint i = 0; i < self->members->len; i++) {
        if (g_array_index(self->members, Member, i).source->companion)
            continue;
        for (guint j = 0; j < self->domains->len; j++)
            if (!(((VtSampleDomain *)g_ptr_array_index(self->domains, j))->hopeless & (1u << i)))
                return FALSE;
    }
    return TRUE;
}

/* The windows until the sample ends or is cancelled. FALSE where a source failed. */
static gboolean run_windows(VtSample *self, const VtSampleOptions *options, GError **error)
{
    guint64 interval_ns = MAX(options->interval_ns, 1);
    guint64 n = MAX((options->duration_ns + interval_ns / 2) / interval_ns, 1);
    gint64 length_us = (gint64)(options->duration_ns / n / 1000);
    gint64 start_us = vt_clock_now_us();
    gint64 last_us = start_us;

    for (guint64 i = 1; i <= n; i++) {
        gboolean ended = !vt_clock_sleep_until(start_us + (gint64)i * length_us, options->cancel);
        gint64 now_us = vt_clock_now_us();
        gint64 least_us = last_us > start_us ? length_us / 2 : MIN(length_us / 2, LONE_WINDOW_US);

        if (ended && now_us - last_us < least_us)
            return TRUE;
        if (!take_window(self, error))
            return FALSE;
        if (options->progress)
            options->progress((guint64)(now_us - start_us) * 1000, options->duration_ns,
                              options->progress_data);
        if (ended)
            return TRUE;
        last_us = now_us;
        /* Snapshots that take longer than a window make fewer windows, not a longer sample. */
        while (i < n && vt_clock_now_us() >= start_us + (gint64)(i + 1) * length_us)
            i++;
    }
    return TRUE;
}

/* Why nothing was measured of a domain. The caller frees it. */
static char *explain_nothing(const VtSampleDomain *domain)
{
    g_autoptr(GString) text = g_string_new(_("Nothing was measured."));
    VtGap most = VT_GAP_NONE;

    for (guint gap = 0; gap < VT_GAP_LAST; gap++)
        if (domain->gaps[gap] > domain->gaps[most])
            most = gap;
    if (domain->gaps[most] == 0)
        most = domain->never;
    g_string_append_c(text, ' ');
    if (!domain->handle)
        g_string_append(text, _("libvirt does not know the domain any more."));
    else if (domain->gaps[most] == 0 && most == VT_GAP_NONE)
        g_string_append(text, _("The sample ended before its first window."));
    else
        g_string_append(text, vt_gap_reason(most));
    /* No source would have measured a domain that is off. */
    if (most == VT_GAP_STOPPED)
        return g_string_free(g_steal_pointer(&text), FALSE);
    for (guint i = 0; domain->profile->windows->len == 0 && i < domain->profile->notes->len; i++)
        g_string_append_printf(text, " %s",
                               (const char *)g_ptr_array_index(domain->profile->notes, i));
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* The profile of a domain, or NULL with @ret_note. */
static VtProfile *finish(VtSampleDomain *domain, const GError *failure, char **ret_note)
{
    VtProfile *profile = domain->profile;
    guint total = profile->windows->len;

    if (total == 0) {
        *ret_note = explain_nothing(domain);
        return NULL;
    }
    for (guint gap = 0; gap < VT_GAP_LAST; gap++)
        total += domain->gaps[gap];
    for (guint gap = 0; gap < VT_GAP_LAST; gap++)
        if (domain->gaps[gap] > 0)
            vt_profile_note(profile, _("Windows that are not counted: %u of %u. %s"),
                            domain->gaps[gap], total, vt_gap_reason(gap));
    if (failure)
        vt_profile_note(profile, _("The sample ended early: %s."), failure->message);
    profile->vcpus = domain->vcpus;
    vt_profile_finish(profile, NULL);
    return vt_profile_ref(profile);
}

static void profile_unref(gpointer profile)
{
    vt_profile_unref(profile);
}

/* Returns how many domains were measured. */
static guint finish_all(VtSample *self, const GError *failure, GPtrArray **ret_profiles, GPtrArray **ret_notes)
{
    guint measured = 0;

    *ret_profiles = g_ptr_array_new_with_free_func(profile_unref);
    *ret_notes = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < self->domains->len; i++) {
        char *note = NULL;
        VtProfile *profile = finish(g_ptr_array_index(self->domains, i), failure, &note);

        measured += profile != NULL;
        g_ptr_array_add(*ret_profiles, profile);
        g_ptr_array_add(*ret_notes, note);
    }
    return measured;
}

gboolean vt_sample_run(const VtSource *const *sources, VtVirt *virt, const VtRoot *root,
                       GPtrArray *domains, VtHost *host, const VtSampleOptions *options,
                       GPtrArray **ret_profiles, GPtrArray **ret_notes, GError **error)
{
    g_autoptr(VtSample) self = sample_new(virt, root, domains, host, options);
    g_autoptr(GPtrArray) profiles = NULL;
    g_autoptr(GPtrArray) notes = NULL;
    g_autoptr(GError) failure = NULL;
    guint measured;

    if (!begin(self, sources, error))
        return FALSE;
    if (!is_hopeless(self))
        run_windows(self, options, &failure);
    if (!failure)
        complete(self);

    measured = finish_all(self, failure, &profiles, &notes);
    if (failure && measured == 0) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    *ret_profiles = g_steal_pointer(&profiles);
    *ret_notes = g_steal_pointer(&notes);
    return TRUE;
}

VtSample *vt_sample_open(const VtSource *const *sources, VtVirt *virt, const VtRoot *root, GPtrArray *domains,
                              VtHost *host, const VtSampleOptions *options, GError **error)
{
    g_autoptr(VtSample) self = sample_new(virt, root, domains, host, options);

    self->live = TRUE;
    return begin(self, sources, error) ? g_steal_pointer(&self) : NULL;
}

gboolean vt_sample_step(VtSample *sample, GError **error)
{
    for (guint i = 0; i < sample->domains->len; i++) {
        VtSampleDomain *domain = g_ptr_array_index(sample->domains, i);

        memset(domain->gaps, 0, sizeof domain->gaps);
    }
    if (!take_window(sample, error))
        return FALSE;
    if (++sample->steps % COMPLETE_STEPS == COMPLETE_FIRST)
        complete(sample);
    return TRUE;
}

VtProfile *vt_sample_profile(VtSample *sample, guint index, char **ret_note)
{
    const VtSampleDomain *domain = g_ptr_array_index(sample->domains, index);

    if (domain->counted)
        return domain->profile;
    *ret_note = explain_nothing(domain);
    return NULL;
}

void vt_sample_set_brief(VtSample *sample, guint index, gboolean brief)
{
    ((VtSampleDomain *)g_ptr_array_index(sample->domains, index))->brief = brief;
}
