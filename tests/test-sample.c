/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Windows of a sample: of one source and of several, with gaps, of several domains. */
#include "config.h"

#include "vt-test-script.h"

static void test_windows(void **state)
{
    Fixture *f = *state;
    const VtProfile *profile;
    const VtMetric *exits;

    /* Each window takes a second by the source. */
    assert_true(vt_clock_sleep_until(G_GINT64_CONSTANT(1795341601) * G_USEC_PER_SEC, NULL));
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
    assert_int_equal(profile->started_s, 1795341600);
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

static void test_nothing_of_two(void **state)
{
    Fixture *f = *state;

    scripts[1].start_fails = TRUE;
    SCRIPT(0, {GAP, VT_GAP_PAUSED, 0, 0});
    assert_true(run(f, 40, 20, NULL, &first, &second, NULL));
    assert_string_equal(g_ptr_array_index(f->notes, 0),
                        "Nothing was measured. The domain was paused. The source second was left "
                        "out: no pio.0x80 today.");
}

/* Nothing that a source lacks would help where the domain is off. */
static void test_nothing_of_stopped(void **state)
{
    Fixture *f = *state;

    scripts[1].start_fails = TRUE;
    SCRIPT(0, {GAP, VT_GAP_STOPPED, 0, 0});
    assert_true(run(f, 40, 20, NULL, &first, &second, NULL));
    assert_string_equal(g_ptr_array_index(f->notes, 0),
                        "Nothing was measured. The domain was not running.");
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
        TEST(test_nothing_of_two),
        TEST(test_nothing_of_stopped),
        TEST(test_companion_alone),
        TEST(test_several_domains),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
