/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "model/profile-last.h"

#include <string.h>

#include "model/metric.h"

/* What the window has of all metrics together. */
typedef struct {
    const VtMetric *exits; /* counted by themselves; NULL: not */
    const VtMetric *hlt;
    const VtMetric *worst; /* but HLT */
    guint64 most;          /* its count */
    guint64 families;      /* of all of them, with HLT */
    guint64 causes;
    double time_ns;
    gboolean has_time;
} Window;

static guint64 last_count(const VtProfile *profile, const VtMetric *metric)
{
    return vt_profile_count_in(metric, profile->windows->len - 1);
}

static void add_family(Window *window, const VtProfile *profile, const VtMetric *metric)
{
    guint64 count = last_count(profile, metric);

    window->families = vt_profile_sum(window->families, count);
    if (vt_metric_is_idle(metric->name)) {
        window->hlt = metric;
        return;
    }
    if (count == 0)
        return;
    if (!window->worst || count > window->most ||
        (count == window->most && strcmp(metric->name, window->worst->name) < 0)) {
        window->worst = metric;
        window->most = count;
    }
    if (metric->has_time && metric->timed_window == profile->windows->len - 1) {
        window->has_time = TRUE;
        window->time_ns += (double)metric->window_ns;
    }
}

static Window add_up(const VtProfile *profile)
{
    Window window = {0};
    GHashTableIter iter;
    const VtMetric *metric;

    g_hash_table_iter_init(&iter, profile->metrics);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&metric)) {
        if (metric->kind == VT_METRIC_EXIT)
            add_family(&window, profile, metric);
        else if (metric->kind == VT_METRIC_EXITS && !profile->exits_summed)
            window.exits = metric;
        else if (vt_profile_is_cause(metric))
            window.causes = vt_profile_sum(window.causes, last_count(profile, metric));
    }
    return window;
}

void vt_profile_last(const VtProfile *profile, VtProfileLast *ret_last)
{
    const VtWindow *length = &g_array_index(profile->windows, VtWindow, profile->windows->len - 1);
    const double seconds = (double)length->duration_ns / 1e9;
    Window window = add_up(profile);
    gboolean covered = vt_profile_covers(profile, "exit.hlt"), known = window.exits || covered;
    guint64 all = window.exits ? last_count(profile, window.exits) : window.families;
    guint64 idle = window.hlt ? last_count(profile, window.hlt) : 0, busy = all > idle ? all - idle : 0;
    gboolean low = profile->exits_low || (known && vt_profile_is_low(busy, window.causes));

    *ret_last = (VtProfileLast){
        .vcpus = length->vcpus,
        .has_busy = known && (window.hlt || covered),
        .busy_per_s = (double)(low ? MAX(busy, window.causes) : busy) / seconds,
        .at_least = low,
        .has_hlt = window.hlt != NULL,
        .hlt_per_s = (double)idle / seconds,
        .has_time = window.has_time,
        .time_pct = MIN(100 * window.time_ns / ((double)length->duration_ns * length->vcpus), 100),
        .worst = window.worst ? g_ref_string_acquire(window.worst->name) : NULL,
    };
}

void vt_profile_last_clear(VtProfileLast *last)
{
    g_clear_pointer(&last->worst, g_ref_string_release);
}
