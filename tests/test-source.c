/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sampling loop with sources that play a script: which windows are opened, who fills them, and
 * what is said of the others. The scripts tell the time, so nothing here depends on how fast the
 * machine is. */
#include "config.h"

#include "vt-test-script.h"

static void test_cancel(void **state)
{
    Fixture *f = *state;

    f->cancel_after = 2;
    assert_true(run(f, 60 * 1000, 20, NULL, &first, NULL));
    assert_int_equal(profile_of(f, 0)->windows->len, 2);
}

/* A second, of which the sample that it ends has the most: a tenth would do. */
static gpointer cancel_soon(gpointer data)
{
    g_usleep(G_USEC_PER_SEC);
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

/* Step by step: a window each, for as long as the same sources measure the domain. */
static void test_steps(void **state)
{
    static const VtSource *const sources[] = {&first, &companion, NULL};
    Fixture *f = *state;
    VtSampleOptions options = {.cancel = f->cancel};
    g_autoptr(GError) error = NULL;
    g_autoptr(VtProfile) before = NULL, full = NULL;
    g_autofree char *note = NULL;
    VtProfile *profile = NULL;
    VtSample *sample;

    SCRIPT(0, {READY, VT_GAP_NONE, 2, 100}, {GAP, VT_GAP_PAUSED}, {READY, VT_GAP_NONE, 4, 400},
           {READY, VT_GAP_NONE, 4, 500}, {READY, VT_GAP_NONE, 4, 600}, {READY, VT_GAP_NONE, 4, 700},
           {READY, VT_GAP_NONE, 4, 800}, {READY, VT_GAP_NONE, 4, 900}, {READY, VT_GAP_NONE, 4, 1000},
           {READY, VT_GAP_NONE, 4, 1100}, {READY, VT_GAP_NONE, 4, 1200}, {READY, VT_GAP_NONE, 4, 1300},
           {READY, VT_GAP_NONE, 4, 7}, {FAIL});
    SCRIPT(2, {READY, VT_GAP_NONE, 0, 100});
    sample = vt_sample_open(sources, f->virt, f->root, f->domains, f->host, &options, &error);
    assert_no_error(error);
    assert_true(vt_sample_step(sample, &error));
    before = vt_profile_ref(vt_sample_profile(sample, 0, &note));
    assert_counts(before, "exits", 1, 100);
    assert_counts(before, "irq.24", 1, 100);
    assert_string_equal(before->name, "test");
    assert_true(vt_sample_step(sample, &error));
    assert_null(vt_sample_profile(sample, 0, &note));
    assert_non_null(strstr(note, "The domain was paused."));
    assert_int_equal(before->windows->len, 1);
    for (guint i = 1; i <= VT_SAMPLE_WINDOWS; i++) {
        g_clear_pointer(&note, g_free);
        assert_true(vt_sample_step(sample, &error));
        profile = vt_sample_profile(sample, 0, &note);
        assert_ptr_not_equal(profile, before);
        assert_int_equal(profile->windows->len, i);
        assert_int_equal(g_array_index(profile->windows, VtWindow, i - 1).vcpus, 4);
        assert_int_equal(g_array_index(vt_profile_get(profile, "exits")->counts, guint64, i - 1), 300 + 100 * i);
        assert_int_equal(profile->notes->len, 0);
    }
    /* It grows no more, though the same sources go on. */
    full = vt_profile_ref(profile);
    assert_true(vt_sample_step(sample, &error));
    assert_int_equal(full->windows->len, VT_SAMPLE_WINDOWS);
    assert_ptr_not_equal(vt_sample_profile(sample, 0, &note), full);
    assert_counts(vt_sample_profile(sample, 0, &note), "exits", 1, 7);
    assert_false(vt_sample_step(sample, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_LIBVIRT));
    vt_sample_close(sample);
    assert_int_equal(scripts[0].stopped, 1);
    assert_int_equal(scripts[2].stopped, 1);
}

/* What exits take, as long as nobody asks for more. */
static void test_steps_in_brief(void **state)
{
    static const VtSource *const sources[] = {&first, &companion, NULL};
    Fixture *f = *state;
    VtSampleOptions options = {0};
    g_autoptr(VtSample) sample = NULL;
    g_autoptr(VtProfile) whole = NULL, brief = NULL;
    VtProfile *again;
    char *note = NULL;

    SCRIPT(0, {READY, VT_GAP_NONE, 1, 10}, {READY, VT_GAP_NONE, 1, 20}, {READY, VT_GAP_NONE, 1, 30},
           {READY, VT_GAP_NONE, 1, 40});
    SCRIPT(2, {READY, VT_GAP_NONE, 0, 5});
    sample = vt_sample_open(sources, f->virt, f->root, f->domains, f->host, &options, NULL);
    assert_true(vt_sample_step(sample, NULL));
    whole = vt_profile_ref(vt_sample_profile(sample, 0, &note));
    assert_counts(whole, "irq.24", 1, 5);
    vt_sample_set_brief(sample, 0, TRUE);
    assert_true(vt_sample_step(sample, NULL));
    brief = vt_profile_ref(vt_sample_profile(sample, 0, &note));
    assert_ptr_not_equal(brief, whole);
    assert_counts(brief, "exits", 1, 20);
    assert_null(vt_profile_get(brief, "irq.24"));
    assert_true(vt_sample_step(sample, NULL));
    assert_ptr_equal(vt_sample_profile(sample, 0, &note), brief);
    assert_counts(brief, "exits", 2, 20, 30);
    vt_sample_set_brief(sample, 0, FALSE);
    assert_true(vt_sample_step(sample, NULL));
    again = vt_sample_profile(sample, 0, &note);
    assert_ptr_not_equal(again, brief);
    assert_counts(again, "exits", 1, 40);
    assert_counts(again, "irq.24", 1, 5);
    assert_int_equal(whole->windows->len, 1);
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
        TEST(test_cancel),
        TEST(test_cancel_only_window),
        TEST(test_cancel_at_once),
        TEST(test_failure_in_the_middle),
        TEST(test_failure_at_once),
        TEST(test_start_fails),
        TEST(test_start_of_one_fails),
        TEST(test_isa),
        TEST(test_steps),
        TEST(test_steps_in_brief),
        TEST(test_steps_cannot_begin),
        TEST(test_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
