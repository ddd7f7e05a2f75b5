/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock runs, sleeps, can be cancelled and can be simulated. */
#include "config.h"

#include "vt-test.h"

#include "base/clock.h"

#define DAY_US (G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC)

static void test_real(void **state)
{
    gint64 before = vt_clock_now_us();
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();

    assert_true(vt_clock_sleep_until(before + 2000, NULL));
    assert_true(vt_clock_now_us() >= before + 2000);
    assert_true(vt_clock_sleep_until(before, NULL));
    assert_true(vt_clock_unix_s() >= g_date_time_to_unix(now));
}

static void test_cancelled(void **state)
{
    g_autoptr(GCancellable) cancel = g_cancellable_new();

    assert_true(vt_clock_sleep_until(vt_clock_now_us() + 1000, cancel));
    g_cancellable_cancel(cancel);
    /* A day: the test would not end. */
    assert_false(vt_clock_sleep_until(vt_clock_now_us() + DAY_US, cancel));
}

static void test_simulated(void **state)
{
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    gint64 start;

    vt_clock_simulate(TRUE);
    start = vt_clock_now_us();
    assert_int_equal(vt_clock_unix_s(), start / G_USEC_PER_SEC);
    assert_true(vt_clock_sleep_until(start + DAY_US, cancel));
    assert_int_equal(vt_clock_unix_s(), start / G_USEC_PER_SEC + 86400);
    assert_int_equal(vt_clock_now_us(), start + DAY_US);
    assert_true(vt_clock_sleep_until(start, cancel));
    assert_int_equal(vt_clock_now_us(), start + DAY_US);
    g_cancellable_cancel(cancel);
    assert_false(vt_clock_sleep_until(start, cancel));
    vt_clock_simulate(FALSE);
    assert_true(vt_clock_now_us() != start + DAY_US);
}

static void test_format(void **state)
{
    static const char *const wrong[] = {"", "2026-11-22", "2026-11-22T10:00:00", "2026-11-22 10:00:00Z",
                                        "2026-13-22T10:00:00Z", "2026-11-22T25:00:00Z", "2026-W47-7T10:00:00Z",
                                        "2026-11-22T10:00:00Z\n", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z",
                                        "2026-11-22T10:00:00.Z", "2026-11-22T10:00:00+0100"};
    g_autofree char *text = vt_clock_format(1795341600);
    gint64 unix_s = 7;

    assert_string_equal(text, "2026-11-22T10:00:00Z");
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++)
        if (vt_clock_parse(wrong[i], &unix_s))
            fail_msg("%s", wrong[i]);
    assert_int_equal(unix_s, 7);
    assert_true(vt_clock_parse(text, &unix_s));
    assert_int_equal(unix_s, 1795341600);
    assert_true(vt_clock_parse("2026-11-22T11:30:00.75+01:30", &unix_s));
    assert_int_equal(unix_s, 1795341600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real),
        cmocka_unit_test(test_cancelled),
        cmocka_unit_test(test_simulated),
        cmocka_unit_test(test_format),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
