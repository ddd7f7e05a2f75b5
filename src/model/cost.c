/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an exit costs: measured, else estimated from where it goes. */
#include "config.h"

#include "model/cost.h"

#include "model/metric.h"

/* Nanoseconds; cycles of the header's source at 3 GHz, and three times the larger one. */
static const struct {
    const char *name;
    double low_ns, high_ns;
} destinations[] = {
    [VT_TO_KERNEL] = {"kernel", 430, 1291},
    [VT_TO_KERNEL_IO] = {"kernel-io", 467, 2435},
    [VT_TO_USER] = {"user", 2070, 6856},
};

gboolean vt_cost_destination_parse(const char *name, VtDestination *ret_to)
{
    for (guint i = 0; i < G_N_ELEMENTS(destinations); i++) {
        if (g_strcmp0(destinations[i].name, name) == 0) {
            *ret_to = (VtDestination)i;
            return TRUE;
        }
    }
    return FALSE;
}

void vt_cost_range(VtDestination to, double *ret_low_ns, double *ret_high_ns)
{
    *ret_low_ns = destinations[to].low_ns;
    *ret_high_ns = destinations[to].high_ns;
}

/* Exits per vCPU-second times ns each is ns per vCPU-second. */
static double to_percent(double rate, double share, double ns)
{
    return CLAMP(rate * share * ns / 1e9 * 100, 0, 100);
}

VtGain vt_cost_gain(const VtProfile *profile, const VtMetric *metric, double rate, double share,
                    VtDestination to)
{
    VtGain gain = {FALSE, 0, 0};
    double low_ns, high_ns;

    /* The time in HLT is sleep: it says nothing of what leaving and entering the guest costs. */
    if (metric && metric->has_time && metric->count > 0 && !vt_metric_is_idle(metric->name)) {
        gain.measured = TRUE;
        gain.low_pct = to_percent(rate, share, (double)metric->time_ns / (double)metric->count);
        gain.high_pct = gain.low_pct;
        return gain;
    }
    if (metric && vt_metric_is_time(metric->name)) {
        gain.measured = TRUE;
        gain.low_pct = to_percent(rate, share, 1);
        gain.high_pct = gain.low_pct;
        return gain;
    }
    vt_cost_range(to, &low_ns, &high_ns);
    gain.low_pct = to_percent(rate, share, low_ns);
    gain.high_pct = to_percent(rate, share, high_ns);
    return gain;
}
