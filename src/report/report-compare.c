/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The formats of comparisons, and the words that they share. */
#include "config.h"

#include "report/report-compare.h"

#include <math.h>

#include "base/error.h"
#include "base/text.h"
#include "model/metric.h"
#include "report/report-words.h"
#include "report/table.h"

/* From this many per cent more on a factor is easier to read. */
#define FACTOR_FROM 900

const VtReportCompareFormat *vt_report_compare_format(const char *name)
{
    static const VtReportCompareFormat *const formats[] = {
        &vt_report_compare_text, &vt_report_compare_json, &vt_report_compare_html};

    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
        if (g_str_equal(formats[i]->name, name))
            return formats[i];
    return NULL;
}

void vt_report_compare_measure(VtReportCompare *compare)
{
    compare->rows = vt_compare_rows(compare->before, compare->after);
    compare->notes = vt_compare_notes(compare->before, compare->after);
    compare->mismatch = vt_compare_mismatch(compare->before, compare->after);
}

void vt_report_compare_clear(VtReportCompare *compare)
{
    g_clear_pointer(&compare->rows, g_ptr_array_unref);
    g_clear_pointer(&compare->notes, g_ptr_array_unref);
    g_clear_pointer(&compare->causes, g_ptr_array_unref);
    g_clear_pointer(&compare->facts, g_ptr_array_unref);
    g_clear_pointer(&compare->mismatch, g_free);
    g_clear_pointer(&compare->diff, g_free);
}

const char *vt_report_compare_metric(const VtCompareRow *row)
{
    return g_str_equal(row->metric, VT_COMPARE_BUSY) ? _("exits but HLT") : row->metric;
}

char *vt_report_compare_value(const VtCompareRow *row, const VtCompareSide *side)
{
    g_autofree char *rate = NULL;

    if (!side->known)
        return g_strdup(_("not measured"));
    rate = vt_metric_format_rate(row->metric, side->median);
    return g_strconcat(vt_report_words_bound(side->bound, g_get_charset(NULL)), rate, NULL);
}

char *vt_report_compare_range(const VtCompareRow *row, const VtCompareSide *side)
{
    g_autofree char *min = NULL, *max = NULL;

    if (!side->known)
        return g_strdup("");
    min = vt_metric_format_rate(row->metric, side->min);
    max = vt_metric_format_rate(row->metric, side->max);
    return g_strdup_printf(_("%1$s to %2$s"), min, max);
}

/* What is shown as zero is no measure of anything. */
static gboolean is_shown_as_zero(const char *metric, double rate)
{
    g_autofree char *text = vt_metric_format_rate(metric, rate);
    g_autofree char *zero = vt_metric_format_rate(metric, 0);

    return g_str_equal(text, zero);
}

char *vt_report_compare_change(const VtCompareRow *row)
{
    double pct;

    if (row->outcome == VT_COMPARE_UNKNOWN || !vt_compare_change(row, &pct) ||
        is_shown_as_zero(row->metric, row->before.median))
        return g_strdup("");
    /* What is left is not nothing. */
    if (pct < -99 && row->after.median > 0)
        return g_strdup_printf("%.1f %%", MAX(pct, -99.9));
    if (pct >= FACTOR_FROM) {
        g_autofree char *factor = vt_text_format_count(row->after.median / row->before.median);

        return g_strdup_printf("%s%s", vt_table_glyph("× ", "x "), factor);
    }
    return fabs(pct) < 0.5 ? g_strdup("0 %") : g_strdup_printf("%+.0f %%", pct);
}

char *vt_report_compare_chance(const VtCompareRow *row)
{
    const double pct = 100 * row->chance;

    if (row->chance >= 1)
        return g_strdup("");
    if (pct < 0.01)
        return g_strdup("< 0.01 %");
    return pct < 1 ? g_strdup_printf("%.2f %%", pct) : g_strdup_printf("%.0f %%", pct);
}

const char *vt_report_compare_outcome(const VtCompareRow *row)
{
    switch (row->outcome) {
    case VT_COMPARE_FEWER:
        return _("fewer");
    case VT_COMPARE_MORE:
        return _("more");
    case VT_COMPARE_SAME:
        return _("no difference that counts");
    case VT_COMPARE_UNKNOWN:
        break;
    }
    return row->reason;
}

char *vt_report_compare_rule(const VtCause *cause)
{
    return cause->against ? g_strdup_printf(_("against %s"), cause->rule) : g_strdup(cause->rule);
}

const char *vt_report_compare_verdict(const VtCause *cause)
{
    return cause->against && cause->verdict == VT_VERIFY_WORKED ? _("better")
                                                                : vt_verify_word(cause->verdict);
}

char *vt_report_compare_cause(const VtCause *cause)
{
    g_autofree char *rule = vt_report_compare_rule(cause);
    const char *word = vt_report_compare_verdict(cause);

    return cause->device ? g_strdup_printf(_("%1$s (%2$s): %3$s. %4$s"), rule, cause->device, word,
                                           cause->reason)
                         : g_strdup_printf(_("%1$s: %2$s. %3$s"), rule, word, cause->reason);
}

const char *vt_report_compare_none_moved(const VtReportCompare *compare)
{
    gboolean same = FALSE;

    for (guint i = 0; i < compare->rows->len; i++) {
        const VtCompareRow *row = g_ptr_array_index(compare->rows, i);

        if (row->chance_left)
            return _("No difference is certain: the windows are too few or too varied to rule out "
                     "chance.");
        same |= row->outcome == VT_COMPARE_SAME;
    }
    if (same)
        return _("No metric differs by more than the windows do among themselves.");
    return _("There is no metric of which anything can be told.");
}

char *vt_report_compare_rest(const VtReportCompare *compare)
{
    guint same = 0, unknown = 0;

    for (guint i = 1; i < compare->rows->len; i++) {
        const VtCompareRow *row = g_ptr_array_index(compare->rows, i);

        same += row->outcome == VT_COMPARE_SAME;
        unknown += row->outcome == VT_COMPARE_UNKNOWN;
    }
    if (same == 0 && unknown == 0)
        return NULL;
    return g_strdup_printf(
        _("Left out are metrics that differ by no more than the windows do among "
          "themselves (%1$u), and those of which nothing can be told (%2$u)."),
        same, unknown);
}
