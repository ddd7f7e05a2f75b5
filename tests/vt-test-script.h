/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sources that act as a test says, window by window, on a clock that is simulated. */
#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "source/source.h"
#include "vt-test.h"

#define SECOND G_GUINT64_CONSTANT(1000000000)

/* What a scripted source does at a snapshot, for the first domain. */
typedef enum { READY, SILENT, GAP, FAIL } Act;

typedef struct {
    Act act;
    VtGap gap;
    guint vcpus;
    guint64 count; /* what it has counted in this window */
} Step;

typedef struct {
    const char *metric;
    gboolean start_fails;
    const Step *steps; /* from the second snapshot on; the last one is repeated */
    guint n_steps;
    gint64 interval_ns;
    guint snapshots;
    guint collected;
    guint stopped;
    VtGap second_domain; /* the gap of every other domain; NONE: ready */
    gboolean lacks;      /* has no base of the first domain */
} Script;

static Script scripts[3];

static inline const Step *now(const Script *script)
{
    return &script->steps[MIN(script->snapshots - 2, script->n_steps - 1)];
}

static inline gboolean script_start(Script *script, gpointer *ret_state, GError **error)
{
    if (script->start_fails) {
        g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED, "no %s today", script->metric);
        return FALSE;
    }
    *ret_state = script;
    return TRUE;
}

static inline gboolean start_0(VtSample *sample, gpointer *ret_state, GError **error)
{
    return script_start(&scripts[0], ret_state, error);
}

static inline gboolean start_1(VtSample *sample, gpointer *ret_state, GError **error)
{
    return script_start(&scripts[1], ret_state, error);
}

static inline gboolean start_2(VtSample *sample, gpointer *ret_state, GError **error)
{
    return script_start(&scripts[2], ret_state, error);
}

static inline gboolean snapshot(VtSample *sample, gpointer state, gint64 *ret_when_ns, GError **error)
{
    GPtrArray *domains = vt_sample_domains(sample);
    Script *script = state;

    *ret_when_ns = 5000 + (gint64)script->snapshots * script->interval_ns;
    if (script->snapshots == 0 && script->lacks)
        vt_sample_lacks(sample, g_ptr_array_index(domains, 0));
    if (script->snapshots++ == 0)
        return TRUE;
    if (now(script)->act == FAIL) {
        g_set_error(error, VT_ERROR, VT_ERROR_LIBVIRT, "the connection is gone");
        return FALSE;
    }
    for (guint i = 0; i < domains->len; i++) {
        VtSampleDomain *domain = g_ptr_array_index(domains, i);

        assert_int_equal(domain->index, i);
        if (!vt_sample_is_needed(sample, domain))
            continue;
        if (i > 0 && script->second_domain == VT_GAP_NONE)
            vt_sample_ready(sample, domain, 1);
        else if (i > 0)
            vt_sample_gap(sample, domain, script->second_domain);
        else if (now(script)->act == READY)
            vt_sample_ready(sample, domain, now(script)->vcpus);
        else if (now(script)->act == GAP)
            vt_sample_gap(sample, domain, now(script)->gap);
    }
    return TRUE;
}

static inline void collect(VtSample *sample, gpointer state, VtSampleDomain *domain)
{
    Script *script = state;

    script->collected++;
    vt_profile_add(domain->profile, domain->window, script->metric, script->metric,
                   now(script)->count);
}

static inline void stop(VtSample *sample, gpointer state)
{
    ((Script *)state)->stopped++;
}

static const VtSource first = {
    .name = "first", .start = start_0, .snapshot = snapshot, .collect = collect, .stop = stop};
static const VtSource second = {
    .name = "second", .start = start_1, .snapshot = snapshot, .collect = collect, .stop = stop};
static const VtSource stand_in = {.name = "stand-in",
                                  .stands_in_for = &first,
                                  .start = start_1,
                                  .snapshot = snapshot,
                                  .collect = collect,
                                  .stop = stop};
static const VtSource companion = {.name = "companion",
                                   .companion = TRUE,
                                   .start = start_2,
                                   .snapshot = snapshot,
                                   .collect = collect,
                                   .stop = stop};

static const Step steady[] = {{READY, VT_GAP_NONE, 2, 100}};

/* The test driver's domain and a second one, and what came of a run. */
typedef struct {
    VtVirt *virt;
    VtRoot *root;
    VtHost *host;
    GPtrArray *domains;
    GPtrArray *profiles;
    GPtrArray *notes;
    guint progress;
    GCancellable *cancel;
    guint cancel_after;
} Fixture;

static inline int set_up(void **state)
{
    Fixture *f = g_new0(Fixture, 1);
    VtDomain *domain;

    vt_clock_simulate(TRUE);
    f->virt = vt_virt_open("test:///default", FALSE, FALSE, NULL);
    assert_non_null(f->virt);
    f->root = vt_root_new("/nonexistent");
    f->domains = g_ptr_array_new_with_free_func((GDestroyNotify)vt_domain_unref);
    domain = vt_domain_new("test", "6695eb01-f6a4-8304-79aa-97f2502e193f");
    domain->vcpus = 2;
    g_ptr_array_add(f->domains, domain);
    f->cancel = g_cancellable_new();
    memset(scripts, 0, sizeof(scripts));
    for (guint i = 0; i < G_N_ELEMENTS(scripts); i++) {
        scripts[i].metric = i == 0 ? "exits" : i == 1 ? "pio.0x80" : "irq.24";
        scripts[i].steps = steady;
        scripts[i].n_steps = 1;
        scripts[i].interval_ns = (gint64)SECOND;
    }
    *state = f;
    return 0;
}

static inline int tear_down(void **state)
{
    Fixture *f = *state;

    g_clear_pointer(&f->profiles, g_ptr_array_unref);
    g_clear_pointer(&f->notes, g_ptr_array_unref);
    g_ptr_array_unref(f->domains);
    vt_host_unref(f->host);
    vt_root_free(f->root);
    vt_virt_close(f->virt);
    g_object_unref(f->cancel);
    g_free(f);
    return 0;
}

static inline void on_progress(guint64 elapsed_ns, guint64 total_ns, gpointer data)
{
    Fixture *f = data;

    f->progress++;
    if (f->progress == f->cancel_after)
        g_cancellable_cancel(f->cancel);
}

static inline gboolean run(Fixture *f, guint duration_ms, guint interval_ms, GError **error,
                    ...) G_GNUC_NULL_TERMINATED;
static inline gboolean run(Fixture *f, guint duration_ms, guint interval_ms, GError **error, ...)
{
    VtSampleOptions options = {
        .duration_ns = duration_ms * G_GUINT64_CONSTANT(1000000),
        .interval_ns = interval_ms * G_GUINT64_CONSTANT(1000000),
        .cancel = f->cancel,
        .progress = on_progress,
        .progress_data = f,
    };
    g_autoptr(GPtrArray) sources = g_ptr_array_new();
    VtSource *source;
    va_list args;

    va_start(args, error);
    do {
        source = va_arg(args, VtSource *);
        g_ptr_array_add(sources, source);
    } while (source);
    va_end(args);
    return vt_sample_run((const VtSource *const *)sources->pdata, f->virt, f->root, f->domains,
                         f->host, &options, &f->profiles, &f->notes, error);
}

#define SCRIPT(i, ...)                              \
    static const Step script_##i[] = {__VA_ARGS__}; \
    scripts[i].steps = script_##i;                  \
    scripts[i].n_steps = G_N_ELEMENTS(script_##i)

static inline const VtProfile *profile_of(const Fixture *f, guint i)
{
    return g_ptr_array_index(f->profiles, i);
}

static inline void assert_counts(const VtProfile *profile, const char *name, guint n, ...)
{
    const VtMetric *metric = vt_profile_get(profile, name);
    va_list args;

    assert_non_null(metric);
    assert_int_equal(metric->counts->len, n);
    va_start(args, n);
    for (guint i = 0; i < n; i++)
        assert_int_equal(g_array_index(metric->counts, guint64, i), va_arg(args, int));
    va_end(args);
}

static inline gboolean has_note(const VtProfile *profile, const char *text)
{
    for (guint i = 0; i < profile->notes->len; i++)
        if (strstr(g_ptr_array_index(profile->notes, i), text))
            return TRUE;
    return FALSE;
}

