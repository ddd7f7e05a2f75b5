/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sentences about a domain and its sample. */
#include "config.h"

#include "report/report-words.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/xml.h"
#include "model/exit-reason.h"
#include "model/metric.h"
#include "model/region.h"

char *vt_report_words_state(const VtDomain *domain)
{
    g_autofree char *vcpus =
        g_strdup_printf(ngettext("%u vCPU", "%u vCPUs", domain->vcpus), domain->vcpus);

    return domain->state ? g_strdup_printf("%s, %s", domain->state, vcpus)
                         : g_steal_pointer(&vcpus);
}

/* A note may begin by saying the same. */
static char *not_measured(const char *note)
{
    const char *nothing = _("Nothing was measured.");

    if (note && g_str_has_prefix(note, nothing))
        note += strlen(nothing);
    while (note && *note == ' ')
        note++;
    return note && *note ? g_strdup_printf(_("not measured: %s"), note) : g_strdup(_("not measured"));
}

/* "2026-11-22 10:00:00 UTC": a report is kept, and read in another zone. */
static char *started_text(const VtProfile *profile)
{
    g_autoptr(GDateTime) time =
        profile->started_s > 0 ? g_date_time_new_from_unix_utc(profile->started_s) : NULL;

    return time ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S UTC") : NULL;
}

char *vt_report_words_sample(const VtReportDomain *domain)
{
    const VtProfile *profile = domain->profile;
    g_autofree char *duration = NULL, *sources = NULL, *started = NULL;

    if (!profile)
        return not_measured(domain->note);
    duration = vt_text_format_duration(profile->duration_ns);
    sources = vt_profile_sources_text(profile);
    started = started_text(profile);
    if (started)
        return g_strdup_printf(ngettext("measured on %1$s for %2$s in %3$u window by %4$s",
                                        "measured on %1$s for %2$s in %3$u windows by %4$s",
                                        profile->windows->len),
                               started, duration, profile->windows->len, sources);
    return g_strdup_printf(ngettext("measured for %1$s in %2$u window by %3$s",
                                    "measured for %1$s in %2$u windows by %3$s",
                                    profile->windows->len),
                           duration, profile->windows->len, sources);
}

char *vt_report_words_pending(guint64 id)
{
    return g_strdup_printf(_("Change %" PRIu64
                             " of its definition takes effect after the domain is "
                             "fully powered off and started again; `virt-tune history` shows it."),
                           id);
}

char *vt_report_words_pending_other(const VtDomain *domain)
{
    g_autofree char *elements = NULL, *printable = NULL;

    if (!domain->pending_other)
        return NULL;
    elements = g_strjoinv(", ", domain->pending_other);
    printable = vt_text_printable(elements, FALSE);
    return g_strdup_printf(
        _("The running domain differs from its definition (%s), changed by something "
          "else than virt-tune; the definition counts from the next start."),
        printable);
}

/* The number that vt_text_format_count() shows, as ngettext() wants it. */
static gulong plural_of(double rate)
{
    return rate < 1000000 ? (gulong)(rate + 0.5) : 1000000;
}

char *vt_report_words_rates(const VtProfile *profile)
{
    const VtMetric *exits = vt_profile_get(profile, "exits"),
                   *hlt = vt_profile_get(profile, "exit.hlt");
    g_autofree char *all = NULL, *idle = NULL;
    double busy;

    if (vt_profile_busy_rate(profile, &busy) && hlt) {
        all = vt_text_format_count(busy);
        idle = vt_text_format_count(hlt->rate);
        return g_strdup_printf(
            profile->exits_low
                ? _("At least %1$s exits per second and vCPU, for not all are counted, and %2$s "
                    "more by HLT (idle time, not cost).")
                : ngettext("%1$s exit per second and vCPU, and %2$s more by HLT (idle time, not "
                           "cost).",
                           "%1$s exits per second and vCPU, and %2$s more by HLT (idle time, not "
                           "cost).",
                           plural_of(busy)),
            all, idle);
    }
    if (exits) {
        all = vt_text_format_count(exits->rate);
        return g_strdup_printf(
            profile->exits_low
                ? _("At least %s exits per second and vCPU, for not all are counted; which of them "
                    "are HLT, idle time and no cost, was not measured.")
                : ngettext("%s exit per second and vCPU; which of them are HLT, idle time and no "
                           "cost, was not measured.",
                           "%s exits per second and vCPU; which of them are HLT, idle time and no "
                           "cost, was not measured.",
                           plural_of(exits->rate)),
            all);
    }
    return g_strdup(_("The total number of exits was not measured."));
}

char *vt_report_words_time(const VtProfile *profile)
{
    double pct;

    if (!vt_report_exit_time(profile, &pct))
        return NULL;
    return g_strdup_printf(_("%.1f %% of the vCPUs' time went to exits other than HLT (measured)."),
                           pct);
}

char *vt_report_words_lost(const VtProfile *profile)
{
    g_autofree char *lost = vt_text_format_count((double)profile->lost);

    if (profile->lost == 0)
        return NULL;
    return g_strdup_printf(_("The source lost %s updates, so all numbers are lower bounds."), lost);
}

char *vt_report_words_metric(const VtProfile *profile, const char *metric)
{
    const char *reason = vt_exit_reason_describe(metric);
    const VtMetric *known = profile ? vt_profile_get(profile, metric) : NULL;

    if (vt_metric_kind(metric) == VT_METRIC_SCHED)
        return g_strdup(_("time that vCPUs waited for a CPU: what the guest sees as steal"));
    if (known && known->device && *known->device)
        return vt_text_printable(known->device, FALSE);
    return reason ? g_strdup(_(reason)) : vt_region_describe(profile, metric);
}

/* Translated; NULL where that was not measured. */
static char *completed_by(const VtMetric *metric)
{
    double share = metric->count > 0 ? (double)metric->user / (double)metric->count : 0;

    if (!metric->has_user)
        return NULL;
    if (metric->user == 0)
        return g_strdup(_("completed in the kernel"));
    /* One may be under way at each end of the sample. */
    if (metric->user + 2 >= metric->count || share > 0.995)
        return g_strdup(_("completed in user space"));
    return g_strdup_printf(_("%.0f %% completed in user space"), MAX(100 * share, 1));
}

/* Translated; NULL where the direction was not measured. */
static char *direction_of(const VtMetric *metric)
{
    if (!metric->has_writes || metric->count == 0)
        return NULL;
    if (metric->writes == 0)
        return g_strdup(_("reads only"));
    if (metric->writes >= metric->count)
        return g_strdup(_("writes only"));
    return g_strdup_printf(_("%.0f %% reads"),
                           CLAMP(100 * (1 - (double)metric->writes / (double)metric->count), 1, 99));
}

static void add_words(GPtrArray *parts, char *words)
{
    if (words)
        g_ptr_array_add(parts, words);
}

char *vt_report_words_row(const VtProfile *profile, const VtMetric *metric)
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);

    add_words(parts, vt_report_words_metric(profile, metric->name));
    add_words(parts, direction_of(metric));
    add_words(parts, completed_by(metric));
    if (parts->len == 0)
        return NULL;
    g_ptr_array_add(parts, NULL);
    return g_strjoinv(", ", (char **)parts->pdata);
}

static guint count_verdict(const GPtrArray *findings, VtVerdict verdict)
{
    guint n = 0;

    for (guint i = 0; i < findings->len; i++)
        n += ((const VtFinding *)g_ptr_array_index(findings, i))->verdict == verdict;
    return n;
}

/* TRUE also where the XML is not known. */
static gboolean uses_kvm(const VtDomain *domain)
{
    return !domain->live || vt_xml_has((xmlNode *)domain->live, "/domain[@type = 'kvm']");
}

const char *vt_report_words_bound(VtBound bound, gboolean utf8)
{
    switch (bound) {
    case VT_BOUND_AT_LEAST:
        return utf8 ? "≥ " : ">= ";
    case VT_BOUND_AT_MOST:
        return utf8 ? "≤ " : "<= ";
    case VT_BOUND_NONE:
        break;
    }
    return "";
}

const char *vt_report_words_no_advice(const VtReportDomain *domain)
{
    if (!uses_kvm(domain->domain))
        return _("The domain does not use KVM, so it makes no VM exits and the rules do not "
                 "apply to it.");
    if (count_verdict(domain->findings, VT_VERDICT_UNKNOWN) == 0)
        return _("No advice: no rule found anything that is worth a change.");
    if (domain->profile)
        return _("No advice from what was measured; some rules could not be decided, see below.");
    return _("No advice from the XML alone; rules that need a measurement could not be "
             "decided, see below.");
}

const char *vt_report_words_no_host(void)
{
    return _("Nothing is known of the host; rules that ask for it cannot be decided.");
}

char *vt_report_words_host(const VtReportContext *own)
{
    const char *release = own->host ? vt_host_get(own->host, "kernel.release") : NULL;
    g_autofree char *kernel = release ? g_strdup_printf("Linux %s", release) : NULL;
    const char *words[] = {own->uri ? own->uri : kernel, own->uri ? kernel : NULL, NULL};
    g_autofree char *both = g_strjoinv(", ", (char **)words);

    return *both ? g_strdup_printf(_("Host: %s."), both) : NULL;
}
