/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The progress line on a terminal of the test's own. What draws it is a thread, which gets a second more than it needs. */
#include "vt-test.h"

#include "base/progress.h"
#include "vt-test-terminal.h"

#define LONG (2 * G_USEC_PER_SEC)

static int show(void)
{
    vt_progress_open(FALSE, NULL);
    vt_progress_begin("%d of %s", 1, "2\x1b[2J\n");
    g_usleep(LONG);
    vt_progress_end();
    vt_progress_end();
    vt_progress_close();
    return 0;
}

static int show_wide(void)
{
    vt_progress_open(FALSE, NULL);
    vt_progress_begin("123456漢字");
    g_usleep(LONG);
    vt_progress_close();
    vt_progress_begin("never");
    vt_progress_close();
    return 0;
}

static int show_count(void)
{
    vt_progress_open(FALSE, NULL);
    vt_progress_begin("reading");
    vt_progress_count(1234, 10000);
    g_usleep(LONG);
    vt_progress_printerr("something failed\n");
    vt_progress_close();
    return 0;
}

static int show_time(void)
{
    vt_progress_open(FALSE, NULL);
    vt_progress_begin("waiting");
    vt_progress_time(7 * G_USEC_PER_SEC, 8 * G_USEC_PER_SEC);
    g_usleep(2 * LONG);
    vt_progress_close();
    return 0;
}

static int show_quietly(void)
{
    vt_progress_open(TRUE, NULL);
    vt_progress_begin("1 of 2");
    g_usleep(LONG);
    vt_progress_close();
    return 0;
}

static int show_shortly(void)
{
    vt_progress_begin("before it was opened");
    vt_progress_open(FALSE, NULL);
    for (guint i = 0; i < 1000; i++) {
        vt_progress_begin("short work");
        vt_progress_end();
    }
    vt_progress_close();
    return 0;
}

static void it_is_one_line_that_goes(void **state)
{
    assert_string_equal(on_terminal(show, "", 80, "xterm").output,
                        "\r\033[K1 of 2\\x1b[2J\\x0a\r\033[K");
    /* The last column stays free: a cursor there would wrap. */
    assert_string_equal(on_terminal(show_wide, "", 9, "xterm").output, "\r\033[K123456漢\r\033[K");
}

static void it_counts_and_makes_room_for_messages(void **state)
{
    Result result = on_terminal(show_count, "", 80, "xterm");

    assert_true(g_str_has_prefix(result.output,
                                 "\r\033[Kreading: 1,234 of 10,000\r\033[Ksomething failed\n"));
}

/* Nobody has to say how much time has passed. */
static void it_tells_the_time(void **state)
{
    Result result = on_terminal(show_time, "", 80, "xterm");

    assert_true(g_str_has_suffix(result.output, "\r\033[Kwaiting: 8 of 8 s\r\033[K"));
}

static void there_is_none_where_nobody_wants_it(void **state)
{
    assert_string_equal(on_terminal(show_quietly, "", 80, "xterm").output, "");
    assert_string_equal(on_terminal(show, "", 80, "dumb").output, "");
    assert_string_equal(on_terminal(show, "", 80, "").output, "");
    assert_string_equal(on_terminal(show_shortly, "", 80, "xterm").output, "");
}

static gint called;

static void count_call(void)
{
    called++;
}

static int call_in_thread(void)
{
    vt_progress_open(FALSE, count_call);
    vt_progress_begin("one");
    vt_progress_begin("two");
    vt_progress_close();
    return called;
}

static void its_thread_begins_as_told(void **state)
{
    assert_int_equal(on_terminal(call_in_thread, "", 80, "xterm").status, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_one_line_that_goes),
        cmocka_unit_test(it_counts_and_makes_room_for_messages),
        cmocka_unit_test(it_tells_the_time),
        cmocka_unit_test(there_is_none_where_nobody_wants_it),
        cmocka_unit_test(its_thread_begins_as_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
