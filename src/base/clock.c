/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time and sleep, real or simulated. */
#include "config.h"

#include "base/clock.h"

static gboolean simulated;
static gint64 simulated_us;

gint64 vt_clock_now_us(void)
{
    return simulated ? simulated_us : g_get_monotonic_time();
}

gint64 vt_clock_unix_s(void)
{
    return (simulated ? simulated_us : g_get_real_time()) / G_USEC_PER_SEC;
}

char *vt_clock_format(gint64 unix_s)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(unix_s);

    return time ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ") : g_strdup("");
}

gboolean vt_clock_parse(const char *text, gint64 *ret_unix_s)
{
    g_autoptr(GDateTime) time = NULL;

    /* GLib takes forms that RFC 3339 does not have, such as weeks. */
    if (!g_regex_match_simple("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?"
                              "(Z|[+-][0-9]{2}:[0-9]{2})\\z",
                              text, 0, 0))
        return FALSE;
    time = g_date_time_new_from_iso8601(text, NULL);
    if (!time || g_date_time_to_unix(time) <= 0)
        return FALSE;
    *ret_unix_s = g_date_time_to_unix(time);
    return TRUE;
}

gboolean vt_clock_sleep_until(gint64 until_us, GCancellable *cancel)
{
    GPollFD fd = {.fd = -1};
    gboolean pollable;
    gint64 left_us;

    if (simulated) {
        if (g_cancellable_is_cancelled(cancel))
            return FALSE;
        simulated_us = MAX(simulated_us, until_us);
        return TRUE;
    }
    pollable = cancel && g_cancellable_make_pollfd(cancel, &fd);
    while (!g_cancellable_is_cancelled(cancel) && (left_us = until_us - vt_clock_now_us()) > 0) {
        gint64 left_ms = (left_us + 999) / 1000;

        /* Without a descriptor to poll, cancelling is noticed ten times a second. */
        if (cancel && !pollable)
            left_ms = MIN(left_ms, 100);
        g_poll(pollable ? &fd : NULL, pollable ? 1 : 0, (int)MIN(left_ms, G_MAXINT));
    }
    if (pollable)
        g_cancellable_release_fd(cancel);
    return !g_cancellable_is_cancelled(cancel);
}

void vt_clock_simulate(gboolean enable)
{
    simulated = enable;
    simulated_us = 1000000;
}
