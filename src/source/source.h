/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of profile sources and the sampling loop that drives them: all chosen domains, window by window. */
#pragma once

#include <gio/gio.h>

#include "base/root.h"
#include "base/virt.h"
#include "model/domain.h"
#include "model/host.h"
#include "model/profile.h"

typedef struct VtSample VtSample;

/* One domain in a sample. A source adds to @profile for the window @window when @window_open. */
typedef struct {
    VtDomain *domain;
    virDomainPtr handle;   /* owned by the sample */
    VtProfile *profile;
    gboolean window_open;  /* FALSE: this window is not counted (first snapshot, restart, vCPU change) */
    guint window;
    GHashTable *source_state; /* source name -> what the source keeps for this domain */
} VtSampleDomain;

typedef struct {
    guint64 duration_ns;
    guint64 interval_ns;
    const char *source;   /* NULL or "auto": every usable one */
    GCancellable *cancel; /* ends the sample early; what there is counts */
    /* Called after every window; NULL allowed. */
    void (*progress)(guint64 elapsed_ns, guint64 total_ns, gpointer data);
    gpointer progress_data;
} VtSampleOptions;

/* A source of profiles. Snapshots are taken for all domains at once. */
typedef struct {
    const char *name;
    const char *summary; /* N_() */
    /* FALSE with @ret_why: a sentence that says what is missing and how to get it. */
    gboolean (*probe)(VtVirt *virt, const VtRoot *root, char **ret_why);
    /* Before the first window. @ret_state goes to the others. */
    gboolean (*start)(VtSample *sample, gpointer *ret_state, GError **error);
    /* Takes a snapshot and keeps the difference to the last one until vt_sample_commit; first call: only the base. */
    gboolean (*snapshot)(VtSample *sample, gpointer state, GError **error);
    void (*stop)(VtSample *sample, gpointer state);
} VtSource;

/* NULL-terminated, best first. */
const VtSource *const *vt_source_table(void);
const VtSource *vt_source_find(const char *name);

/* What a source sees of the sample. */
GPtrArray *vt_sample_domains(VtSample *sample); /* VtSampleDomain */
VtVirt *vt_sample_virt(VtSample *sample);
const VtRoot *vt_sample_root(VtSample *sample);

/* Samples all @domains (VtDomain) together. @ret_profiles: VtProfile per domain in the same order; NULL elements where
 * nothing could be measured (the reason is in the notes of @ret_notes, one char* per domain or NULL). A domain that
 * stops, starts, or changes its number of vCPUs meanwhile is noted in its profile and the touched window dropped.
 * @host (may be NULL) receives the attributes of the interrupts that were seen. */
gboolean vt_source_sample(VtVirt *virt, const VtRoot *root, GPtrArray *domains, VtHost *host,
                          const VtSampleOptions *options, GPtrArray **ret_profiles, GPtrArray **ret_notes,
                          GError **error);
