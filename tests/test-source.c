/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sampling loop with sources that play a script: which windows are opened, who fills them, and
 * what is said of the others. The scripts tell the time, so nothing here depends on how fast the
 * machine is. */
#include "config.h"

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

static const Step *now(const Script *script)
{
    return &script->steps[MIN(script->snapshots - 2, script->n_steps - 1)];
}

static gboolean script_start(Script *script, gpointer *ret_state, GError **error)
{
    if (script->start_fails) {
        g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED, "no %s today", script->metric);
        return FALSE;
    }
    *ret_state = script;
    return TRUE;
}

static gboolean start_0(VtSample *sample, gpointer *ret_state, GError **error)
{
    return script_start(&scripts[0], ret_state, error);
}

static gboolean start_1(VtSample *sample, gpointer *ret_state, GError **error)
{
    return script_start(&scripts[1], ret_state, error);
}

static gboolean start_2(VtSample *sample, gpointer *ret_state, GError **error)
{
    return script_start(&scripts[2], ret_state, error);
}

static gboolean snapshot(VtSample *sample, gpointer state, gint64 *ret_when_ns, GError **error)
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

static void collect(VtSample *sample, gpointer state, VtSampleDomain *domain)
{
    Script *script = state;

    script->collected++;
    vt_profile_add(domain->profile, domain->window, script->metric, script->metric,
                   now(script)->count);
}

static void stop(VtSample *sample, gpointer state)
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

static int set_up(void **state)
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

static int tear_down(void **state)
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

static void on_progress(guint64 elapsed_ns, guint64 total_ns, gpointer data)
{
    Fixture *f = data;

    f->progress++;
    if (f->progress == f->cancel_after)
        g_cancellable_cancel(f->cancel);
}

static gboolean run(Fixture *f, guint duration_ms, guint interval_ms, GError **error,
                    ...) G_GNUC_NULL_TERMINATED;
static gboolean run(Fixture *f, guint duration_ms, guint interval_ms, GError **error, ...)
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

static const VtProfile *profile_of(const Fixture *f, guint i)
{
    return g_ptr_array_index(f->profiles, i);
}

static void assert_counts(const VtProfile *profile, const char *name, guint n, ...)
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

static gboolean has_note(const VtProfile *profile, const char *text)
{
    for (guint i = 0; i < profile->notes->len; i++)
        if (strstr(g_ptr_array_index(profile->notes, i), text))
            return TRUE;
    return FALSE;
}

static void test_windows(void **state)
{
    Fixture *f = *state;
    const VtProfile *profile;
    const VtMetric *exits;

    SCRIPT(0, {READY, VT_GAP_NONE, 2, 100}, {READY, VT_GAP_NONE, 2, 300},
           {READY, VT_GAP_NONE, 4, 400});
    assert_true(run(f, 60, 20, NULL, &first, NULL));
    assert_int_equal(f->progress, 3);
    assert_int_equal(scripts[0].snapshots, 4);
    assert_int_equal(scripts[0].stopped, 1);
    assert_int_equal(f->profiles->len, 1);
    assert_null(g_ptr_array_index(f->notes, 0));

    profile = profile_of(f, 0);
    assert_string_equal(profile->name, "test");
    assert_string_equal(profile->uuid, "6695eb01-f6a4-8304-79aa-97f2502e193f");
    assert_int_equal(profile->windows->len, 3);
    assert_int_equal(profile->duration_ns, 3 * SECOND);
    assert_int_equal(profile->vcpus, 4);
    assert_string_equal(g_ptr_array_index(profile->sources, 0), "first");
    assert_counts(profile, "exits", 3, 100, 300, 400);
    exits = vt_profile_get(profile, "exits");
    assert_float_equal(exits->min, 50, 1e-9);
    assert_float_equal(exits->rate, 100, 1e-9);
    assert_float_equal(exits->max, 150, 1e-9);
    assert_int_equal(profile->notes->len, 0);
}

static void test_one_window(void **state)
{
    Fixture *f = *state;

    assert_true(run(f, 20, 5000, NULL, &first, NULL));
    assert_int_equal(profile_of(f, 0)->windows->len, 1);
    assert_int_equal(f->progress, 1);
}

/* 50 ms in windows of about 20 ms: three of equal length, not two and a stump. */
static void test_even_windows(void **state)
{
    Fixture *f = *state;
    gint64 begin = vt_clock_now_us();

    assert_true(run(f, 50, 20, NULL, &first, NULL));
    assert_int_equal(vt_clock_now_us() - begin, 49998);
    assert_int_equal(profile_of(f, 0)->windows->len, 3);
}

static void test_two_sources(void **state)
{
    Fixture *f = *state;
    const VtProfile *profile;

    SCRIPT(0, {READY, VT_GAP_NONE, 2, 10});
    SCRIPT(1, {READY, VT_GAP_NONE, 0, 1}, {READY, VT_GAP_NONE, 0, 2});
    /* Its clock is not that of the windows, but near enough. */
    scripts[1].interval_ns = (gint64)(SECOND - SECOND / 11);
    assert_true(run(f, 40, 20, NULL, &first, &second, &companion, NULL));
    profile = profile_of(f, 0);
    assert_int_equal(profile->duration_ns, 2 * SECOND);
    assert_int_equal(profile->vcpus, 2);
    assert_counts(profile, "exits", 2, 10, 10);
    assert_counts(profile, "pio.0x80", 2, 1, 2);
    assert_counts(profile, "irq.24", 2, 100, 100);
    assert_int_equal(scripts[1].stopped, 1);
    assert_int_equal(scripts[2].stopped, 1);
}

static void test_stand_in_idle(void **state)
{
    Fixture *f = *state;

    assert_true(run(f, 40, 20, NULL, &first, &stand_in, NULL));
    assert_int_equal(scripts[1].snapshots, 0);
    assert_int_equal(profile_of(f, 0)->sources->len, 1);
    assert_int_equal(profile_of(f, 0)->notes->len, 0);
}

static void test_stand_in_alone(void **state)
{
    Fixture *f = *state;

    assert_true(run(f, 40, 20, NULL, &stand_in, NULL));
    assert_counts(profile_of(f, 0), "pio.0x80", 2, 100, 100);
}

/* Only for the domain that needs it. */
static void test_stand_in(void **state)
{
    Fixture *f = *state;
    VtDomain *other = vt_domain_new("other", "6695eb01-f6a4-8304-79aa-97f2502e1940");

    other->vcpus = 1;
    g_ptr_array_add(f->domains, other);
    scripts[0].lacks = TRUE;
    SCRIPT(0, {GAP, VT_GAP_BUSY, 0, 0});
    assert_true(run(f, 40, 20, NULL, &first, &stand_in, NULL));
    assert_counts(profile_of(f, 0), "pio.0x80", 2, 100, 100);
    assert_null(vt_profile_get(profile_of(f, 0), "exits"));
    assert_counts(profile_of(f, 1), "exits", 2, 0, 0);
    assert_null(vt_profile_get(profile_of(f, 1), "pio.0x80"));
    assert_int_equal(profile_of(f, 1)->sources->len, 1);
}

static void test_stand_in_for_a_failed_one(void **state)
{
    Fixture *f = *state;

    scripts[0].start_fails = TRUE;
    assert_true(run(f, 40, 20, NULL, &first, &stand_in, NULL));
    assert_counts(profile_of(f, 0), "pio.0x80", 2, 100, 100);
    assert_true(has_note(profile_of(f, 0), "The source first was left out: no exits today."));
}

/* A source that is late would count what belongs to the next window. */
static void test_uneven(void **state)
{
    Fixture *f = *state;

    scripts[1].interval_ns = (gint64)(SECOND + SECOND / 9);
    assert_true(run(f, 40, 20, NULL, &first, &second, NULL));
    assert_null(g_ptr_array_index(f->profiles, 0));
    assert_string_equal(g_ptr_array_index(f->notes, 0),
                        "Nothing was measured. The sources did not answer at the same time.");
}

/* One source has nothing for the domain: the window is dropped for all of them, or the other would
 * look like zero. */
static void test_gap_of_source(void **state)
{
    Fixture *f = *state;
    const VtProfile *profile;

    SCRIPT(0, {READY, VT_GAP_NONE, 2, 1}, {GAP, VT_GAP_BUSY, 0, 0}, {READY, VT_GAP_NONE, 2, 3},
           {SILENT});
    SCRIPT(1, {READY, VT_GAP_NONE, 0, 10}, {READY, VT_GAP_NONE, 0, 20},
           {READY, VT_GAP_NONE, 0, 30});
    assert_true(run(f, 80, 20, NULL, &first, &second, NULL));
    profile = profile_of(f, 0);
    assert_counts(profile, "exits", 2, 1, 3);
    assert_counts(profile, "pio.0x80", 2, 10, 30);
    assert_true(has_note(profile, "1 of 4. QEMU's monitor did not answer"));
    assert_true(has_note(profile, "1 of 4. A source gave no figures."));
    assert_int_equal(profile->notes->len, 2);
}

/* A source that had nothing in the first window does not come in later. */
static void test_late_source(void **state)
{
    Fixture *f = *state;
    const VtProfile *profile;

    SCRIPT(0, {GAP, VT_GAP_BUSY, 0, 0}, {READY, VT_GAP_NONE, 2, 5});
    SCRIPT(1, {READY, VT_GAP_NONE, 2, 10});
    assert_true(run(f, 60, 20, NULL, &first, &second, NULL));
    profile = profile_of(f, 0);
    assert_counts(profile, "pio.0x80", 3, 10, 10, 10);
    assert_null(vt_profile_get(profile, "exits"));
    assert_int_equal(scripts[0].collected, 0);
    assert_int_equal(profile->sources->len, 1);
}

/* What befell the domain drops the window even where the source that saw it takes no part. */
static void test_gap_of_domain(void **state)
{
    Fixture *f = *state;

    SCRIPT(0, {GAP, VT_GAP_UNSUPPORTED, 0, 0}, {GAP, VT_GAP_RESTARTED, 0, 0},
           {GAP, VT_GAP_UNSUPPORTED, 0, 0});
    SCRIPT(1, {READY, VT_GAP_NONE, 2, 10}, {READY, VT_GAP_NONE, 2, 20},
           {READY, VT_GAP_NONE, 2, 30});
    assert_true(run(f, 60, 20, NULL, &first, &second, NULL));
    assert_counts(profile_of(f, 0), "pio.0x80", 2, 10, 30);
    assert_true(has_note(profile_of(f, 0), "1 of 3. The domain was started anew"));
}

static void test_nothing(void **state)
{
    Fixture *f = *state;

    SCRIPT(0, {GAP, VT_GAP_PAUSED, 0, 0});
    assert_true(run(f, 40, 20, NULL, &first, &companion, NULL));
    assert_null(g_ptr_array_index(f->profiles, 0));
    assert_string_equal(g_ptr_array_index(f->notes, 0),
                        "Nothing was measured. The domain was paused.");
    assert_int_equal(scripts[2].collected, 0);
}

/* A companion alone opens no window. */
static void test_companion_alone(void **state)
{
    Fixture *f = *state;

    SCRIPT(0, {SILENT});
    assert_true(run(f, 20, 20, NULL, &first, &companion, NULL));
    assert_null(g_ptr_array_index(f->profiles, 0));
}

static void test_several_domains(void **state)
{
    Fixture *f = *state;
    VtDomain *gone = vt_domain_new("gone", "11111111-2222-3333-4444-555555555555");

    gone->vcpus = 1;
    g_ptr_array_add(f->domains, gone);
    SCRIPT(0, {READY, VT_GAP_NONE, 2, 7});
    scripts[0].second_domain = VT_GAP_STOPPED;
    assert_true(run(f, 40, 20, NULL, &first, NULL));
    assert_counts(profile_of(f, 0), "exits", 2, 7, 7);
    assert_int_equal(profile_of(f, 0)->notes->len, 0);
    assert_null(g_ptr_array_index(f->notes, 0));
    assert_null(g_ptr_array_index(f->profiles, 1));
    assert_string_equal(g_ptr_array_index(f->notes, 1),
                        "Nothing was measured. libvirt does not know the domain any more.");
}

static void test_cancel(void **state)
{
    Fixture *f = *state;

    f->cancel_after = 2;
    assert_true(run(f, 60 * 1000, 20, NULL, &first, NULL));
    assert_int_equal(profile_of(f, 0)->windows->len, 2);
}

static gpointer cancel_soon(gpointer data)
{
    g_usleep(150 * 1000);
    g_cancellable_cancel(data);
    return NULL;
}

/* The only window counts however short it is, if it is not too short for figures. */
static void test_cancel_only_window(void **state)
{
    Fixture *f = *state;
    GThread *thread = g_thread_new("cancel", cancel_soon, f->cancel);

    vt_clock_simulate(FALSE);
    assert_true(run(f, 60 * 1000, 60 * 1000, NULL, &first, NULL));
    g_thread_join(thread);
    assert_int_equal(profile_of(f, 0)->windows->len, 1);
}

static void test_cancel_at_once(void **state)
{
    Fixture *f = *state;

    g_cancellable_cancel(f->cancel);
    assert_true(run(f, 60 * 1000, 1000, NULL, &first, NULL));
    assert_null(g_ptr_array_index(f->profiles, 0));
    assert_string_equal(g_ptr_array_index(f->notes, 0),
                        "Nothing was measured. The sample ended before its first window.");
}

static void test_failure_in_the_middle(void **state)
{
    Fixture *f = *state;

    SCRIPT(0, {READY, VT_GAP_NONE, 2, 1}, {READY, VT_GAP_NONE, 2, 2}, {FAIL});
    assert_true(run(f, 100, 20, NULL, &first, NULL));
    assert_counts(profile_of(f, 0), "exits", 2, 1, 2);
    assert_true(has_note(profile_of(f, 0), "The sample ended early: the connection is gone."));
    assert_int_equal(scripts[0].stopped, 1);
}

static void test_failure_at_once(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;

    SCRIPT(0, {FAIL});
    assert_false(run(f, 100, 20, &error, &first, NULL));
    assert_string_equal(error->message, "the connection is gone");
    assert_null(f->profiles);
    assert_null(f->notes);
    assert_int_equal(scripts[0].stopped, 1);
}

static void test_start_fails(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;

    scripts[0].start_fails = TRUE;
    assert_false(run(f, 20, 20, &error, &first, &companion, NULL));
    assert_string_equal(error->message, "no exits today");
    assert_int_equal(scripts[0].stopped, 0);
    assert_int_equal(scripts[2].stopped, 1);
}

static void test_start_of_one_fails(void **state)
{
    Fixture *f = *state;

    scripts[0].start_fails = TRUE;
    scripts[2].start_fails = TRUE;
    assert_true(run(f, 40, 20, NULL, &first, &second, &companion, NULL));
    assert_counts(profile_of(f, 0), "pio.0x80", 2, 100, 100);
    assert_true(has_note(profile_of(f, 0), "The source first was left out: no exits today."));
    assert_int_equal(profile_of(f, 0)->notes->len, 1);
}

static void test_isa(void **state)
{
    Fixture *f = *state;

    f->host = vt_host_new();
    vt_host_set(f->host, "kvm.backend", "svm");
    assert_true(run(f, 20, 20, NULL, &first, NULL));
    assert_int_equal(profile_of(f, 0)->isa, VT_ISA_SVM);
}

/* Step by step: every profile is that of its own window. */
static void test_steps(void **state)
{
    static const VtSource *const sources[] = {&first, &companion, NULL};
    Fixture *f = *state;
    VtSampleOptions options = {.cancel = f->cancel};
    g_autoptr(GError) error = NULL;
    VtSample *sample;

    SCRIPT(0, {READY, VT_GAP_NONE, 2, 100}, {GAP, VT_GAP_PAUSED}, {READY, VT_GAP_NONE, 4, 400}, {FAIL});
    SCRIPT(2, {READY, VT_GAP_NONE, 0, 100});
    sample = vt_sample_open(sources, f->virt, f->root, f->domains, f->host, &options, &error);
    assert_no_error(error);
    assert_true(vt_sample_step(sample, &f->profiles, &f->notes, &error));
    assert_int_equal(profile_of(f, 0)->windows->len, 1);
    assert_counts(profile_of(f, 0), "exits", 1, 100);
    assert_counts(profile_of(f, 0), "irq.24", 1, 100);
    g_ptr_array_unref(f->profiles);
    g_ptr_array_unref(f->notes);
    assert_true(vt_sample_step(sample, &f->profiles, &f->notes, &error));
    assert_null(profile_of(f, 0));
    assert_non_null(strstr(g_ptr_array_index(f->notes, 0), "The domain was paused."));
    g_ptr_array_unref(f->profiles);
    g_ptr_array_unref(f->notes);
    assert_true(vt_sample_step(sample, &f->profiles, &f->notes, &error));
    assert_counts(profile_of(f, 0), "exits", 1, 400);
    assert_int_equal(profile_of(f, 0)->vcpus, 4);
    assert_string_equal(profile_of(f, 0)->name, "test");
    assert_int_equal(profile_of(f, 0)->notes->len, 0);
    g_clear_pointer(&f->profiles, g_ptr_array_unref);
    g_clear_pointer(&f->notes, g_ptr_array_unref);
    assert_false(vt_sample_step(sample, &f->profiles, &f->notes, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_LIBVIRT));
    assert_null(f->profiles);
    vt_sample_close(sample);
    assert_int_equal(scripts[0].stopped, 1);
    assert_int_equal(scripts[2].stopped, 1);
}

static void test_steps_cannot_begin(void **state)
{
    static const VtSource *const sources[] = {&first, NULL};
    Fixture *f = *state;
    VtSampleOptions options = {0};
    g_autoptr(GError) error = NULL;

    scripts[0].start_fails = TRUE;
    assert_null(vt_sample_open(sources, f->virt, f->root, f->domains, f->host, &options, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_UNSUPPORTED));
    g_clear_error(&error);
    options.source = "nonsense";
    assert_null(vt_source_open(f->virt, f->root, f->domains, f->host, &options, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_USAGE));
}

static void test_table(void **state)
{
    Fixture *f = *state;
    VtSampleOptions options = {
        .duration_ns = 20000000, .interval_ns = 20000000, .source = "no\x1bsuch"};
    g_autoptr(GError) error = NULL;

    assert_ptr_equal(vt_source_find("libvirt"), &vt_source_libvirt);
    assert_null(vt_source_find("interrupts"));
    for (const VtSource *const *source = vt_source_table(); *source; source++) {
        assert_false((*source)->companion);
        assert_ptr_equal(vt_source_find((*source)->name), *source);
    }
    assert_false(vt_source_sample(f->virt, f->root, f->domains, NULL, &options, &f->profiles,
                                  &f->notes, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_USAGE));
    assert_non_null(strstr(error->message, "'no\\x1bsuch'; the sources are auto, "));
    assert_non_null(strstr(error->message, "libvirt"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_windows),
        TEST(test_one_window),
        TEST(test_even_windows),
        TEST(test_two_sources),
        TEST(test_stand_in_idle),
        TEST(test_stand_in_alone),
        TEST(test_stand_in),
        TEST(test_stand_in_for_a_failed_one),
        TEST(test_uneven),
        TEST(test_gap_of_source),
        TEST(test_late_source),
        TEST(test_gap_of_domain),
        TEST(test_nothing),
        TEST(test_companion_alone),
        TEST(test_several_domains),
        TEST(test_cancel),
        TEST(test_cancel_only_window),
        TEST(test_cancel_at_once),
        TEST(test_failure_in_the_middle),
        TEST(test_failure_at_once),
        TEST(test_start_fails),
        TEST(test_start_of_one_fails),
        TEST(test_isa),
        TEST(test_steps),
        TEST(test_steps_cannot_begin),
        TEST(test_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
