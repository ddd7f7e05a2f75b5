/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ranks domains by their advice. */
#include "config.h"

#include "report/report-rank.h"

#include "base/text.h"
#include "report/report-advice-words.h"

void vt_report_rank_free(gpointer data)
{
    VtReportRank *rank = data;

    g_free(rank->name);
    g_free(rank->first);
    g_free(rank);
}

VtReportRank *vt_report_rank_new(const VtReportDomain *domain)
{
    VtReportRank *rank = g_new0(VtReportRank, 1);

    rank->name = g_strdup(domain->domain->name);
    for (guint i = 0; i < domain->findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(domain->findings, i);

        if (!vt_report_advice_words_is(finding))
            continue;
        if (rank->advice++ == 0)
            rank->first = g_strdup(finding->rule);
        rank->severity = MAX(rank->severity, finding->severity);
        if (finding->has_gain) {
            rank->gain_pct = MAX(rank->gain_pct, finding->gain.high_pct);
            rank->has_gain = TRUE;
        }
    }
    rank->measured = domain->profile != NULL;
    rank->has_rate = domain->profile && vt_profile_busy_rate(domain->profile, &rank->rate);
    rank->at_least = rank->has_rate && domain->profile->exits_low;
    return rank;
}

char *vt_report_rank_rate(const VtReportRank *rank, const char *at_least, const char *unknown)
{
    g_autofree char *count = rank->has_rate ? vt_text_format_count(rank->rate) : NULL;

    return count ? g_strconcat(rank->at_least ? at_least : "", count, NULL) : g_strdup(unknown);
}

int vt_report_rank_compare(gconstpointer a, gconstpointer b)
{
    const VtReportRank *x = *(const VtReportRank *const *)a, *y = *(const VtReportRank *const *)b;
    double gain_x = x->has_gain ? x->gain_pct : -1, gain_y = y->has_gain ? y->gain_pct : -1;

    if (gain_x != gain_y)
        return gain_x < gain_y ? 1 : -1;
    if (x->severity != y->severity)
        return (int)y->severity - (int)x->severity;
    if (x->rate != y->rate)
        return x->rate < y->rate ? 1 : -1;
    return g_strcmp0(x->name, y->name);
}
