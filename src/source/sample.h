/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sampling: what a source of profiles is, and the loop that drives some for all chosen domains, window by
 * window. */
#pragma once

#include <gio/gio.h>

#include "base/root.h"
#include "base/virt.h"
#include "model/domain.h"
#include "model/host.h"
#include "model/profile.h"
#include "source/gap.h"

typedef struct VtSample VtSample;

/* One domain in a sample. */
typedef struct {
    VtDomain *domain;
    guint index;         /* in vt_sample_domains(): for what a source keeps of each */
    virDomainPtr handle; /* NULL where libvirt does not know the domain any more */
    VtProfile *profile;
    guint window; /* for collect(): the window of @profile that is being filled */
    guint vcpus;  /* in this window */
    guint ready;  /* bit set of the sources that have a difference for this window */
    guint joined; /* bit set of the sources whose counts are in the windows of @profile */
    gboolean counted; /* this window was added to @profile */
    gboolean brief;   /* of a live sample: only exits and their causes are to be collected */
    gboolean is_brief; /* and only those are in @profile */
    VtGap gap;    /* of this window; what befell the domain counts before what befell a source */
    guint gaps[VT_GAP_LAST]; /* windows that were not counted, by reason */
    guint hopeless;          /* bit set of the sources that can never measure the domain */
    VtGap never;             /* why one of them cannot */
    guint lacking;           /* bit set of the sources that have no base of the domain */
} VtSampleDomain;

typedef struct {
    guint64 duration_ns;
    guint64 interval_ns;
    const char *source;   /* NULL or "auto": every usable one */
    gboolean per_vcpu;    /* keep which vCPU has how much of each metric */
    gboolean every_window; /* also what costs much: see VtSource.complete */
    gboolean keep_rights; /* others will be opened: see vt_rights_drop() */
    GCancellable *cancel; /* ends the sample early; what there is counts */
    /* Called after every window; NULL allowed. */
    void (*progress)(guint64 elapsed_ns, guint64 total_ns, gpointer data);
    gpointer progress_data;
} VtSampleOptions;

/* A source of profiles. It takes snapshots of all domains at once; the loop opens a window between
 * two snapshots for every domain for which each joined source has a difference, and lets them fill
 * it. The sources of the first window of a domain are those of the whole sample: one that comes
 * later would look like zeros in the windows before. */
typedef struct VtSource VtSource;
struct VtSource {
    const char *name;
    const char *summary; /* N_() */
    /* Of the same figures, but better: where that one is used, too, this one measures only the domains
     * of which it has none. NULL for most. */
    const VtSource *stands_in_for;
    /* A companion adds to windows that others open; it cannot be chosen and is left out where it
     * does not work. */
    gboolean companion;
    /* FALSE with @ret_why: a sentence that says what is missing and how to get it. */
    gboolean (*probe)(VtVirt *virt, const VtRoot *root, char **ret_why);
    /* Before the first snapshot. @ret_state goes to the others. */
    gboolean (*start)(VtSample *sample, gpointer *ret_state, GError **error);
    /* Reads the counters; the first call gives the base. From the second call on it calls, for
     * every domain that it knows, vt_sample_ready() or vt_sample_gap(). @ret_when_ns:
     * CLOCK_MONOTONIC at which the counters were read; the windows are as long as the first joined
     * source of the domain says. */
    gboolean (*snapshot)(VtSample *sample, gpointer state, gint64 *ret_when_ns, GError **error);
    /* Adds the difference of the last two snapshots to @domain->profile, window @domain->window.
     * Called only where the source was ready. Metrics that did not move are added as zero. Where @domain->is_brief, nothing
     * but "exits", the families, and the MSRs, ports and addresses are needed, not by vCPU and without histograms;
     * companions are not called then. */
    void (*collect)(VtSample *sample, gpointer state, VtSampleDomain *domain);
    /* What costs so much to read that it is read seldom: adds what was counted since the base, or since the last call,
     * with vt_profile_add_whole(), of the domains for which vt_sample_is_measured(). Called after the last window of a
     * sample and from time to time in a live one, but not where every window has it. NULL for most. */
    void (*complete)(VtSample *sample, gpointer state);
    /* Frees the state; called after a successful start() in any case. */
    void (*stop)(VtSample *sample, gpointer state);
};

/* What a source sees of the sample. */
GPtrArray *vt_sample_domains(VtSample *sample); /* VtSampleDomain */
VtVirt *vt_sample_virt(VtSample *sample);
const VtRoot *vt_sample_root(VtSample *sample);
VtHost *vt_sample_host(VtSample *sample);              /* may be NULL */
gboolean vt_sample_per_vcpu(VtSample *sample);
gboolean vt_sample_every_window(VtSample *sample);
gboolean vt_sample_keeps_rights(VtSample *sample);
GCancellable *vt_sample_cancellable(VtSample *sample); /* may be NULL */

/* The calling source has a difference for @domain. @vcpus: how many it ran with in this window; 0
 * where the source does not know. */
void vt_sample_ready(VtSample *sample, VtSampleDomain *domain, guint vcpus);
/* The calling source has no difference for @domain in this window. */
void vt_sample_gap(VtSample *sample, VtSampleDomain *domain, VtGap why);
/* The calling source can tell from the base that it will never have a difference for @domain. The
 * sample ends at once where this holds of all domains and sources (but companions). */
void vt_sample_hopeless(VtSample *sample, VtSampleDomain *domain, VtGap why);
/* The calling source has no base of @domain: one that stands in for it is to measure the domain. Called with
 * the base only. */
void vt_sample_lacks(VtSample *sample, VtSampleDomain *domain);
/* FALSE where the calling source has nothing to do for @domain, as the one that it stands in for measures it. */
gboolean vt_sample_is_needed(const VtSample *sample, const VtSampleDomain *domain);

/* TRUE where the calling source has filled a window of @domain. */
gboolean vt_sample_is_measured(const VtSample *sample, const VtSampleDomain *domain);

/* Samples as vt_source_sample() does, by @sources: at most 32, NULL-terminated, the best one first. @options->source
 * has no say and nothing is probed. */
gboolean vt_sample_run(const VtSource *const *sources, VtVirt *virt, const VtRoot *root,
                       GPtrArray *domains, VtHost *host, const VtSampleOptions *options,
                       GPtrArray **ret_profiles, GPtrArray **ret_notes, GError **error);

/* A sample without an end, for a live view, by @sources as above, which take their base now. Of @options only cancel,
 * per_vcpu, every_window and keep_rights are looked at; @root and @host must outlive it. */
VtSample *vt_sample_open(const VtSource *const *sources, VtVirt *virt, const VtRoot *root, GPtrArray *domains,
                         VtHost *host, const VtSampleOptions *options, GError **error);
/* Ends a window of all domains, which began at the last step. */
gboolean vt_sample_step(VtSample *sample, GError **error);
/* The profile of vt_sample_domains()[@index] to which the last step added a window, not finished. The next steps add to it,
 * too, until it has VT_SAMPLE_WINDOWS or other sources measure the domain: then there is another one. NULL with @ret_note,
 * why not, where nothing was added. */
#define VT_SAMPLE_WINDOWS 10
VtProfile *vt_sample_profile(VtSample *sample, guint index, char **ret_note);
/* Says how much is collected of vt_sample_domains()[@index] of a live sample from the next step on: everything, as at first, or
 * what the exits of each window take and nothing else (@brief), which costs a quarter. It is another profile then. */
void vt_sample_set_brief(VtSample *sample, guint index, gboolean brief);
void vt_sample_close(VtSample *sample);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtSample, vt_sample_close)
