/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samples window by window. What rules say needs several windows and the XML, so each domain has its turn only
 * once in a while, and of those that do not wait for theirs only the exits are collected. */
#include "config.h"

#include "cmd/top-sampling.h"

#include <glib/gi18n.h>

#include "base/progress.h"
#include "cmd/acquire-again.h"
#include "model/profile-join.h"
#include "model/profile-last.h"
#include "plan/plan.h"
#include "report/profile-table.h"
#include "report/report.h"
#include "rule/rule-match.h"
#include "source/source.h"

/* Windows that rules and pages look at, at least, once there are as many: what is measured comes in profiles of several. */
#define KEEP 10
/* Windows before the rules look at a domain for the first time. */
#define FIRST 3
/* Domains that rules look at in a step. Each takes up to a millisecond, and more of them for the first time only, so that
 * neither the view of many domains takes a noticeable part of a CPU nor keys wait for it. */
#define TURNS 3
#define FIRST_TURNS 100

/* One domain. */
typedef struct {
    VtDomain *domain;
    GPtrArray *profiles; /* VtProfile of windows that were collected whole, the oldest first; the last may still grow */
    guint old;           /* how many of them are of a time before the others; they serve until there are FIRST windows since */
    gboolean brief;      /* windows are not collected whole now */
    gboolean measured;
    VtProfileLast last; /* the last window, where it was measured */
    char *note;         /* why not */
    guint64 windows;     /* since it came, measured or not */
    int advice;          /* findings; -1: not known yet */
    char *digest;        /* of the XML that they are of; NULL */
} Entry;

struct VtTopSampling {
    VtApp *app;
    char **names;
    GPtrArray *named; /* VtDomain, what each of @names was when it was last found; NULL: not yet */
    const VtRuleSet *rules;
    const VtPolicy *policy;
    VtAcquired *acquired; /* the connection and the host; NULL: no connection */
    VtSample *sample;     /* NULL: no domain runs */
    GPtrArray *entries;   /* Entry, in the order of the sample */
    guint turn;           /* the entry whose turn it is next */
    char *followed;       /* UUID; NULL: none */
};

static void unref_profile(gpointer profile)
{
    vt_profile_unref(profile);
}

static void entry_free(gpointer data)
{
    Entry *entry = data;

    vt_domain_unref(entry->domain);
    g_ptr_array_unref(entry->profiles);
    vt_profile_last_clear(&entry->last);
    g_free(entry->note);
    g_free(entry->digest);
    g_free(entry);
}

static Entry *find_entry(GPtrArray *entries, const char *uuid)
{
    for (guint i = 0; i < entries->len; i++)
        if (g_str_equal(((const Entry *)entries->pdata[i])->domain->uuid, uuid))
            return entries->pdata[i];
    return NULL;
}

static void disconnect(VtTopSampling *self)
{
    g_clear_pointer(&self->sample, vt_sample_close);
    g_clear_pointer(&self->acquired, vt_acquired_free);
}

/* The domains of @domains; those that were there before, in the same run, keep what was measured. */
static GPtrArray *enter_domains(GPtrArray *before, GPtrArray *domains)
{
    GPtrArray *entries = g_ptr_array_new_with_free_func(entry_free);
    g_autoptr(GHashTable) by_uuid = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < before->len; i++)
        g_hash_table_insert(by_uuid, ((Entry *)before->pdata[i])->domain->uuid, before->pdata[i]);
    for (guint i = 0; i < domains->len; i++) {
        VtDomain *domain = domains->pdata[i];
        Entry *old = g_hash_table_lookup(by_uuid, domain->uuid);
        Entry *entry = g_new0(Entry, 1);
        gboolean same = old && domain->active && old->domain->id == domain->id;

        entry->domain = vt_domain_ref(same ? old->domain : domain);
        entry->profiles =
            same ? g_ptr_array_ref(old->profiles) : g_ptr_array_new_with_free_func(unref_profile);
        entry->old = entry->profiles->len;
        entry->measured = same && old->measured;
        if (entry->measured) {
            entry->last = old->last;
            entry->last.worst = old->last.worst ? g_ref_string_acquire(old->last.worst) : NULL;
        }
        entry->windows = same ? old->windows : 0;
        entry->advice = same ? old->advice : -1;
        entry->digest = same ? g_strdup(old->digest) : NULL;
        g_ptr_array_add(entries, entry);
    }
    return entries;
}

static gboolean any_runs(const GPtrArray *domains)
{
    for (guint i = 0; i < domains->len; i++)
        if (((const VtDomain *)domains->pdata[i])->active)
            return TRUE;
    return FALSE;
}

/* What is left of a domain that was undefined, or was transient and stopped. */
static VtDomain *domain_gone(const VtDomain *was)
{
    VtDomain *domain = vt_domain_new(was->name, was->uuid);

    domain->id = -1;
    domain->state = g_strdup("gone");
    return domain;
}

static GPtrArray *acquire_one(VtTopSampling *self, char *name, GError **error)
{
    char *names[] = {name, NULL};

    return vt_acquire_domains(self->acquired->virt, names, FALSE, FALSE, error);
}

/* The domain that the @i-th name means; once it was found, there is always one. An id means the domain that had it then,
 * though it has another one in its next run; a name may be that of another domain by now. */
static VtDomain *find_named(VtTopSampling *self, guint i, GError **error)
{
    VtDomain *was = self->named->pdata[i];
    g_autoptr(GError) local = NULL;
    g_autoptr(GPtrArray) found = acquire_one(self, was ? was->uuid : self->names[i], &local);

    if (was && !found && g_error_matches(local, VT_ERROR, VT_ERROR_NOT_FOUND)) {
        g_clear_error(&local);
        found = acquire_one(self, self->names[i], &local);
        if (found ? !g_str_equal(((const VtDomain *)found->pdata[0])->name, self->names[i])
                  : g_error_matches(local, VT_ERROR, VT_ERROR_NOT_FOUND))
            return domain_gone(was);
    }
    if (!found) {
        g_propagate_error(error, g_steal_pointer(&local));
        return NULL;
    }
    vt_domain_unref(was);
    self->named->pdata[i] = vt_domain_ref(found->pdata[0]);
    return vt_domain_ref(found->pdata[0]);
}

static gboolean is_same_domain(gconstpointer a, gconstpointer b)
{
    return g_str_equal(((const VtDomain *)a)->uuid, ((const VtDomain *)b)->uuid);
}

static GPtrArray *list_domains(VtTopSampling *self, GError **error)
{
    g_autoptr(GPtrArray) domains = g_ptr_array_new_with_free_func((GDestroyNotify)vt_domain_unref);

    if (self->named->len == 0)
        return vt_acquire_domains(self->acquired->virt, self->names, TRUE, TRUE, error);
    for (guint i = 0; i < self->named->len; i++) {
        VtDomain *domain = find_named(self, i, error);

        if (!domain)
            return NULL;
        if (g_ptr_array_find_with_equal_func(domains, domain, is_same_domain, NULL))
            vt_domain_unref(domain);
        else
            g_ptr_array_add(domains, domain);
    }
    return g_steal_pointer(&domains);
}

/* Begins to measure @domains; what was measured before stays. */
static gboolean begin(VtTopSampling *self, GPtrArray *domains, GError **error)
{
    g_autoptr(GPtrArray) entries = enter_domains(self->entries, domains);
    VtSampleOptions options = {
        .source = vt_acquire_options.source, .cancel = self->app->cancel, .per_vcpu = TRUE, .keep_rights = TRUE};
    VtHost *host;

    g_clear_pointer(&self->sample, vt_sample_close);
    host = vt_acquire_host(self->app, self->acquired->virt, error);
    if (!host)
        return FALSE;
    g_clear_pointer(&self->acquired->host, vt_host_unref);
    self->acquired->host = host;
    if (any_runs(domains)) {
        vt_progress_begin(_("beginning to measure"));
        self->sample = vt_source_open(self->acquired->virt, self->app->root, domains, host, &options, error);
        if (!self->sample)
            return FALSE;
    }
    g_ptr_array_unref(self->entries);
    self->entries = g_steal_pointer(&entries);
    return TRUE;
}

static gboolean connect_and_begin(VtTopSampling *self, GError **error)
{
    g_autoptr(GPtrArray) domains = NULL;

    self->acquired = vt_acquired_new();
    self->acquired->virt = vt_acquire_connection(self->app, error);
    domains = self->acquired->virt ? list_domains(self, error) : NULL;
    if (domains && begin(self, domains, error))
        return TRUE;
    disconnect(self);
    return FALSE;
}

VtTopSampling *vt_top_sampling_new(VtApp *app, char **names, const VtRuleSet *rules,
                                   const VtPolicy *policy, GError **error)
{
    g_autoptr(VtTopSampling) self = g_new0(VtTopSampling, 1);

    self->app = app;
    self->names = names;
    self->named = g_ptr_array_new_with_free_func((GDestroyNotify)vt_domain_unref);
    g_ptr_array_set_size(self->named, (int)g_strv_length(names));
    self->rules = rules;
    self->policy = policy;
    self->entries = g_ptr_array_new_with_free_func(entry_free);
    return connect_and_begin(self, error) ? g_steal_pointer(&self) : NULL;
}

void vt_top_sampling_free(VtTopSampling *self)
{
    if (!self)
        return;
    disconnect(self);
    g_ptr_array_unref(self->entries);
    g_ptr_array_unref(self->named);
    g_free(self->followed);
    g_free(self);
}

void vt_top_sampling_follow(VtTopSampling *self, const char *uuid)
{
    g_free(self->followed);
    self->followed = g_strdup(uuid);
}

const char *vt_top_sampling_uri(VtTopSampling *self)
{
    return self->acquired ? vt_acquired_uri(self->acquired) : NULL;
}

/* Whether what runs is what is measured; FALSE also with an error. */
static gboolean is_current(VtTopSampling *self)
{
    g_autoptr(GArray) ids = *self->names ? NULL : vt_virt_ids(self->acquired->virt, NULL);
    g_autoptr(GHashTable) running = g_hash_table_new(NULL, NULL);

    if (!ids || ids->len != self->entries->len)
        return FALSE;
    for (guint i = 0; i < ids->len; i++)
        g_hash_table_add(running, GINT_TO_POINTER(g_array_index(ids, int, i)));
    for (guint i = 0; i < ids->len; i++)
        if (!g_hash_table_contains(running, GINT_TO_POINTER(((const Entry *)self->entries->pdata[i])->domain->id)))
            return FALSE;
    return TRUE;
}

static gboolean same_domains(const GPtrArray *entries, const GPtrArray *domains)
{
    if (entries->len != domains->len)
        return FALSE;
    for (guint i = 0; i < domains->len; i++) {
        const VtDomain *was = ((const Entry *)entries->pdata[i])->domain, *is = domains->pdata[i];

        if (!g_str_equal(was->uuid, is->uuid) || was->id != is->id)
            return FALSE;
    }
    return TRUE;
}

/* Nothing is measured of a domain that does not run, but it may be defined, undefined, or crash meanwhile. */
static void update_states(GPtrArray *entries, GPtrArray *domains)
{
    for (guint i = 0; i < domains->len; i++) {
        Entry *entry = entries->pdata[i];
        VtDomain *is = domains->pdata[i];

        if (is->active || g_strcmp0(entry->domain->state, is->state) == 0)
            continue;
        vt_domain_unref(entry->domain);
        entry->domain = vt_domain_ref(is);
        entry->advice = -1;
        g_clear_pointer(&entry->digest, g_free);
    }
}

/* How many windows there are from the profile @first on. */
static guint count_windows(const Entry *entry, guint first)
{
    guint windows = 0;

    for (guint i = first; i < entry->profiles->len; i++)
        windows += ((const VtProfile *)entry->profiles->pdata[i])->windows->len;
    return windows;
}

/* Drops those that are too old, or too many. */
static void drop_profiles(Entry *entry)
{
    if (entry->old > 0 && count_windows(entry, entry->old) >= FIRST) {
        g_ptr_array_remove_range(entry->profiles, 0, entry->old);
        entry->old = 0;
    }
    while (count_windows(entry, 1) >= KEEP) {
        g_ptr_array_remove_index(entry->profiles, 0);
        entry->old -= MIN(entry->old, 1);
    }
}

/* What was measured lately, in one stretch of time, as one profile; NULL where nothing was. */
static VtProfile *join(const Entry *entry, gboolean per_vcpu)
{
    g_autoptr(GPtrArray) profiles = g_ptr_array_new();

    for (guint i = 0; i < (entry->old > 0 ? entry->old : entry->profiles->len); i++)
        g_ptr_array_add(profiles, entry->profiles->pdata[i]);
    return vt_profile_join(profiles, per_vcpu);
}

/* @profile: what the last window was added to; NULL: it was not measured, and @note (transferred) says why. */
static void take_window(Entry *entry, VtProfile *profile, char *note)
{
    GPtrArray *profiles = entry->profiles;

    entry->windows++;
    vt_profile_last_clear(&entry->last);
    entry->measured = profile != NULL;
    if (profile)
        vt_profile_last(profile, &entry->last);
    g_free(entry->note);
    entry->note = note;
    if (profile && !entry->brief && (profiles->len == 0 || profiles->pdata[profiles->len - 1] != profile))
        g_ptr_array_add(profiles, vt_profile_ref(profile));
    drop_profiles(entry);
}

/* Findings of what was measured lately for the domain as it is now; NULL with @error where the domain has gone. */
static GPtrArray *match(VtTopSampling *self, Entry *entry, const VtProfile *profile, gboolean counted, GError **error)
{
    VtMatchInput input = {
        .domain = entry->domain, .profile = profile, .host = self->acquired->host, .verdicts = counted};
    GPtrArray *findings;

    if (!vt_acquire_again(self->acquired, entry->domain, &entry->digest, error))
        return NULL;
    findings = vt_rule_match(self->rules, &input);
    vt_acquire_settle(self->policy, entry->domain, NULL, findings);
    vt_plan_order(self->rules, findings);
    return findings;
}

static void count_advice_for(VtTopSampling *self, Entry *entry)
{
    /* No rule looks at single vCPUs. */
    g_autoptr(VtProfile) profile = join(entry, FALSE);
    g_autoptr(GPtrArray) findings = match(self, entry, profile, TRUE, NULL);

    entry->advice = findings ? (int)vt_report_count_advice(findings) : -1;
}

/* How many of @n domains have their turn in a step: a tenth of them as long as they are few. */
static guint turns_of(guint n)
{
    return MIN((n + KEEP - 1) / KEEP, TURNS);
}

/* Collects whole what rules or somebody will look at: the domains whose turn comes within as many windows as are kept, those
 * that had none yet, and the one that is followed. */
static void choose_whole(VtTopSampling *self)
{
    guint n = self->entries->len, soon = turns_of(n) * (KEEP + 1);

    for (guint i = 0; i < n; i++) {
        Entry *entry = self->entries->pdata[i];
        gboolean was = entry->brief;

        entry->brief = entry->advice >= 0 && (i + n - self->turn % n) % n >= soon &&
                       g_strcmp0(entry->domain->uuid, self->followed) != 0;
        if (was && !entry->brief)
            entry->old = entry->profiles->len;
        vt_sample_set_brief(self->sample, i, entry->brief);
    }
}

/* Those that have none yet come first; the others take turns. */
static void count_advice(VtTopSampling *self)
{
    guint n = self->entries->len, firsts = 0;

    for (guint i = 0; i < n && firsts < FIRST_TURNS; i++) {
        Entry *entry = self->entries->pdata[i];

        if (entry->windows < FIRST || entry->advice >= 0)
            continue;
        count_advice_for(self, entry);
        firsts++;
    }
    for (guint i = 0; n > 0 && i < turns_of(n); i++) {
        Entry *entry = self->entries->pdata[self->turn++ % n];

        if (entry->advice >= 0)
            count_advice_for(self, entry);
    }
}

static gboolean step(VtTopSampling *self, GError **error)
{
    g_autoptr(GPtrArray) domains = NULL;

    if (self->sample) {
        choose_whole(self);
        if (!vt_sample_step(self->sample, error))
            return FALSE;
        for (guint i = 0; i < self->entries->len; i++) {
            char *note = NULL;
            VtProfile *profile = vt_sample_profile(self->sample, i, &note);

            take_window(self->entries->pdata[i], profile, note);
        }
        count_advice(self);
    }
    if (is_current(self))
        return TRUE;
    domains = list_domains(self, error);
    if (!domains || !same_domains(self->entries, domains))
        return domains && begin(self, domains, error);
    update_states(self->entries, domains);
    return TRUE;
}

gboolean vt_top_sampling_step(VtTopSampling *self, GError **error)
{
    if (!self->acquired)
        return connect_and_begin(self, error);
    if (step(self, error))
        return TRUE;
    for (guint i = 0; i < self->entries->len; i++)
        take_window(self->entries->pdata[i], NULL, g_strdup(_("The connection was lost.")));
    disconnect(self);
    return FALSE;
}

GPtrArray *vt_top_sampling_rows(VtTopSampling *self)
{
    GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)vt_top_row_free);

    for (guint i = 0; i < self->entries->len; i++) {
        const Entry *entry = self->entries->pdata[i];

        g_ptr_array_add(rows, vt_top_row_new(entry->domain, entry->measured ? &entry->last : NULL, entry->advice));
    }
    return rows;
}

/* A page written as to a file. */
typedef struct {
    char *text;
    size_t size;
    FILE *stream;
    VtTerm *term;
} Page;

static void page_open(Page *page, guint width)
{
    page->stream = open_memstream(&page->text, &page->size);
    if (!page->stream)
        g_error("out of memory");
    page->term = vt_term_new(page->stream);
    vt_term_set_width(page->term, width);
}

static char *page_close(Page *page)
{
    g_autofree char *text = NULL;

    vt_term_free(page->term);
    fclose(page->stream);
    text = g_strdup(page->text);
    free(page->text);
    return g_steal_pointer(&text);
}

char *vt_top_sampling_profile(VtTopSampling *self, const char *uuid, guint width)
{
    const VtProfileTableOptions options = {.limit = 10, .vcpus = TRUE, .histograms = TRUE};
    Entry *entry = find_entry(self->entries, uuid);
    g_autoptr(VtProfile) profile = NULL;
    Page page;

    if (!entry)
        return g_strdup(_("The domain is not running any more."));
    profile = join(entry, TRUE);
    page_open(&page, width);
    vt_profile_table_print(page.term, entry->domain->name, profile, entry->note, &options);
    return page_close(&page);
}

static void write_report(VtTopSampling *self, Entry *entry, const VtProfile *profile, GPtrArray *findings, VtTerm *term)
{
    VtReportContext context = {.uri = vt_acquired_uri(self->acquired), .host = self->acquired->host, .term = term};
    VtReportDomain domain = {
        .domain = entry->domain,
        .profile = profile,
        .note = entry->note,
        .findings = findings,
        .pending = entry->domain->pending_change,
    };
    gpointer report = vt_report_text.begin(&context);

    vt_report_text.domain(report, &domain);
    vt_report_text.end(report, NULL);
}

char *vt_top_sampling_advice(VtTopSampling *self, const char *uuid, guint width)
{
    Entry *entry = find_entry(self->entries, uuid);
    g_autoptr(VtProfile) profile = NULL;
    g_autoptr(GPtrArray) findings = NULL;
    g_autoptr(GError) error = NULL;
    Page page;

    if (!entry)
        return g_strdup(_("The domain is not running any more."));
    if (!self->acquired)
        return g_strdup(_("There is no connection, which is tried again; advice is of the definition, which cannot be read."));
    profile = join(entry, TRUE);
    findings = match(self, entry, profile, FALSE, &error);
    if (findings) {
        VtPlanItem item = {.domain = entry->domain, .host = self->acquired->host, .findings = findings};

        if (vt_plan_fill(self->rules, &item, 1, &error)) {
            page_open(&page, width);
            write_report(self, entry, profile, findings, page.term);
            return page_close(&page);
        }
    }
    return g_strdup(error->message);
}
