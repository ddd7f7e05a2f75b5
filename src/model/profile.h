/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was measured of one domain: counts per window, time, and what could not be measured.
 * Missing is not zero: a metric that no source gave is absent. */
#pragma once

#include <glib.h>

#include "model/exit-reason.h"
#include "model/histogram.h"
#include "model/metric.h"

typedef struct {
    guint64 duration_ns; /* never 0 */
    guint vcpus;         /* never 0 */
} VtWindow;

/* What one vCPU has of a metric. */
typedef struct {
    guint vcpu;     /* its number in the domain, as QEMU and libvirt count them */
    GArray *counts; /* guint64 per window of the profile */
    guint64 count;  /* their sum */
    gboolean has_time;
    guint64 time_ns;
    guint64 *histogram; /* as that of the metric; NULL where not measured */
    double rate;        /* median over the windows of count per second */
} VtMetricVcpu;

typedef struct {
    GRefString *name;   /* canonical, see metric.h; the profiles of many domains share theirs */
    VtMetricKind kind;
    GRefString *source; /* the source that gave it ("libvirt", "bpf", "kvm-stat-text"); the same */
    char *device;   /* of an interrupt, the names of its handlers; NULL where not known */
    /* guint64 per window of the profile; empty where @whole_ns. Windows at its end that have none may be missing
     * before vt_profile_finish(). */
    GArray *counts;
    guint64 count; /* their sum */
    /* Not 0: counted once, over this time, and not window by window. The time may be longer than the windows are
     * together, as it has those that are not counted in it, too. */
    guint64 whole_ns;
    gboolean has_user;
    guint64 user; /* of an address: accesses that user space completed, which can be ahead of @count by those under way */
    gboolean has_writes;
    guint64 writes; /* of a port or an address: accesses that were no reads */
    gboolean has_time;
    guint64 time_ns;    /* summed over vCPUs, where measured */
    guint timed_window; /* the window that time was last added in, and what of it */
    guint64 window_ns;
    guint64 *histogram; /* VT_HISTOGRAM_BUCKETS over the whole sample; NULL where not measured */
    /* VtMetricVcpu, by number: whose the counts are, where that was asked for and measured. A vCPU
     * of profile->numbered that is not in it has none of them; what no vCPU has, other threads of
     * the process have. NULL where not told apart. */
    GPtrArray *vcpus;
    double rate;     /* median over the windows of count per vCPU-second; the mean where @whole_ns */
    double min, max; /* of the same; all three set by vt_profile_finish() */
} VtMetric;

typedef struct VtRegion VtRegion; /* region.h */

typedef struct VtProfile {
    int refs;
    char *name; /* of the domain; NULL where a recording does not say */
    char *uuid;
    VtIsa isa;
    guint vcpus;           /* at the end of the sample; never 0 after vt_profile_finish() */
    guint64 duration_ns;   /* sum of the windows */
    gint64 started_s;      /* when the first window began, in seconds since 1970; 0: not known */
    GArray *windows;       /* VtWindow */
    GPtrArray *sources;    /* char *, in the order of use */
    GHashTable *metrics;   /* name -> VtMetric */
    GHashTable *covers;    /* namespaces that were measured whole: an absent name is zero */
    GArray *numbered;      /* guint, ascending: vCPUs that are told apart; NULL: none */
    GPtrArray *regions;    /* VtRegion, in their order: whose ports and addresses are; NULL: not asked for */
    GPtrArray *notes;      /* char *, sentences: what happened, what could not be measured */
    guint n_fit_notes;     /* the last of them, which are of how it is used: they go into no file */
    guint64 lost;          /* updates that the source dropped */
    gboolean exits_summed; /* "exits" is the sum of the families and not a counter of its own */
    /* "exits" is too low: its source says so by setting this, or more causes of exits (MSRs, ports,
     * addresses) were counted than exits but HLT, by more than a tenth. */
    gboolean exits_low;
    /* Interrupts are those of more CPUs than the vCPUs ran on: each vCPU had at most as many. */
    gboolean irqs_at_most;
    GArray *causes; /* guint64 per window: exits that have a cause; set by vt_profile_finish() */
} VtProfile;

/* Windows that a metric has room for from its start. */
#define VT_PROFILE_WINDOWS_ROOM 8
/* A median needs at least this many windows. */
#define VT_PROFILE_WINDOWS_MIN 3

VtProfile *vt_profile_new(void);
VtProfile *vt_profile_ref(VtProfile *profile);
void vt_profile_unref(VtProfile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtProfile, vt_profile_unref)

/* Appends a window and returns its index. @duration_ns and @vcpus must not be 0. */
guint vt_profile_add_window(VtProfile *profile, guint64 duration_ns, guint vcpus);

/* Adds @count to a metric in a window; windows in which it never appears hold zero, and a @count of
 * zero makes a metric that is known to be zero. A second source for a metric that another source
 * already gave is ignored (the first, better one keeps it). Sums stop at the largest number. */
void vt_profile_add(VtProfile *profile, guint window, const char *metric, const char *source,
                    guint64 count);
/* The same for the windows from @first on: @counts (guint64) has one for each, or fewer. */
void vt_profile_add_counts(VtProfile *profile, guint first, const char *metric, const char *source,
                           const GArray *counts);
/* Adds a metric that was counted once, over @whole_ns (not 0); count and time of several calls add up. Ignored where the
 * metric was counted window by window, or by another source. */
void vt_profile_add_whole(VtProfile *profile, const char *metric, const char *source, guint64 count,
                          guint64 whole_ns);
/* Adds to what user space completed of a metric that exists, where @source gave it. */
void vt_profile_add_user(VtProfile *profile, const char *metric, const char *source, guint64 count);
/* The same for those that were writes; a @count of zero says that they are told from reads. */
void vt_profile_add_writes(VtProfile *profile, const char *metric, const char *source, guint64 count);
/* Says whose interrupts a metric that exists counts: "" once two different ones were said. */
void vt_profile_set_device(VtProfile *profile, const char *metric, const char *device);
/* Adds time of the last window to a metric that exists; of HLT it is sleep and not cost. */
void vt_profile_add_time(VtProfile *profile, const char *metric, guint64 time_ns);
/* Adds VT_HISTOGRAM_BUCKETS numbers of events to a metric that exists. */
void vt_profile_add_histogram(VtProfile *profile, const char *metric, const guint64 *buckets);
void vt_profile_add_source(VtProfile *profile, const char *source); /* once each */
gboolean vt_profile_has_source(const VtProfile *profile, const char *source);
void vt_profile_set_covers(VtProfile *profile, const char *name_space);
void vt_profile_note(VtProfile *profile, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* What a metric counted in a window, also before vt_profile_finish(). */
guint64 vt_profile_count_in(const VtMetric *metric, guint window);

/* Computes totals, rates and the sum "exits" from the families where a source covers "exit" but
 * gave no total (families are disjoint: a source gives exit.msr or its two directions, not both).
 * May be called again after more was added. FALSE where there is not a single window. */
gboolean vt_profile_finish(VtProfile *profile, GError **error);

/* "libvirt, bpf". The caller frees it. */
char *vt_profile_sources_text(const VtProfile *profile);

const VtMetric *vt_profile_get(const VtProfile *profile, const char *metric);
gboolean vt_profile_covers(const VtProfile *profile, const char *metric);

/* The time of all vCPUs together, in ns; more than 0 after vt_profile_finish(). */
double vt_profile_vcpu_ns(const VtProfile *profile);

/* A port, address or MSR: each access of it is at least a part of an exit, whoever counts exits. */
gboolean vt_profile_is_cause(const VtMetric *metric);

/* Whether what a profile says of a metric is exact or a bound of what there was. */
typedef enum { VT_BOUND_NONE, VT_BOUND_AT_LEAST, VT_BOUND_AT_MOST } VtBound;
/* AT_LEAST: "exits", where VtProfile.exits_low. AT_MOST: an interrupt of which some were counted, where
 * VtProfile.irqs_at_most. Else NONE; families and causes of exits are exact. */
VtBound vt_profile_bound(const VtProfile *profile, const char *metric);

/* TRUE where so many causes of exits (VtProfile.exits_low) show that @busy exits but HLT are not all: a tenth more, which is
 * what the windows of two sources may differ by. */
gboolean vt_profile_is_low(double busy, double causes);

/* Sums stop at the largest number. */
guint64 vt_profile_sum(guint64 a, guint64 b);
/* Sorts the doubles @values, of which there is at least one; the mean of the middle two where their
 * number is even. */
double vt_profile_median(GArray *values);

/* vt_histogram_quantile() of the histogram and the time of a metric. */
gboolean vt_metric_quantile(const VtMetric *metric, double q, guint64 *ret_ns);
/* Metrics sorted by name; the array does not own them. */
GPtrArray *vt_profile_sorted(const VtProfile *profile);

/* Exits per vCPU-second without HLT: exits - exit.hlt per window, median. FALSE where either is
 * unknown. Where profile->exits_low it is a lower bound, in each window the larger one of that
 * difference and the causes that were counted. */
gboolean vt_profile_busy_rate(const VtProfile *profile, double *ret_rate);
/* The rates of the windows (double, per vCPU-second), of one metric and of that difference; the latter is
 * NULL where it is unknown. The caller frees them. */
GArray *vt_profile_rates(const VtProfile *profile, const VtMetric *metric);
GArray *vt_profile_busy_rates(const VtProfile *profile);
/* That difference as a count over the whole sample and as exits per second of the whole domain. */
gboolean vt_profile_busy_count(const VtProfile *profile, guint64 *ret_count);
gboolean vt_profile_busy_domain_rate(const VtProfile *profile, double *ret_rate);
