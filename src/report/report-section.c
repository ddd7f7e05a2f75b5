/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings that are no advice, sorted by what they mean for the reader. */
#include "config.h"

#include "report/report-section.h"

#include "base/error.h"
#include "model/finding.h"
#include "report/report-advice-words.h"

static char *superseded_sentence(const VtFinding *finding)
{
    g_autofree char *name = vt_report_advice_words_name(finding);
    g_autofree char *sentence = g_strdup_printf(
        _("%1$s: only if %2$s is not enough or not possible."), name, finding->superseded_by);

    return finding->superseded_why ? g_strdup_printf("%s %s", sentence, finding->superseded_why)
                                   : g_steal_pointer(&sentence);
}

static char *reason_sentence(const VtFinding *finding)
{
    g_autofree char *name = vt_report_advice_words_name(finding);

    return g_strdup_printf("%s: %s", name,
                           finding->reason ? finding->reason : vt_verdict_name(finding->verdict));
}

static gboolean is_superseded(const VtFinding *finding)
{
    return finding->verdict == VT_VERDICT_ADVISE && finding->superseded_by;
}

static gboolean is_note(const VtFinding *finding)
{
    return finding->verdict == VT_VERDICT_NOTE && !finding->waived_by;
}

static gboolean is_pending(const VtFinding *finding)
{
    return finding->verdict == VT_VERDICT_SATISFIED && finding->pending;
}

static gboolean is_blocked(const VtFinding *finding)
{
    return finding->verdict == VT_VERDICT_BLOCKED && !finding->no_symptom;
}

static gboolean is_satisfied(const VtFinding *finding)
{
    return finding->verdict == VT_VERDICT_SATISFIED && !finding->pending;
}

static gboolean is_quiet(const VtFinding *finding)
{
    return finding->verdict == VT_VERDICT_QUIET ||
           (finding->verdict == VT_VERDICT_BLOCKED && finding->no_symptom);
}

static gboolean is_not_applicable(const VtFinding *finding)
{
    return finding->verdict == VT_VERDICT_NOT_APPLICABLE;
}

static gboolean is_waived(const VtFinding *finding)
{
    return finding->waived_by != NULL;
}

static char *waived_sentence(const VtFinding *finding)
{
    g_autofree char *name = vt_report_advice_words_name(finding);
    const char *title = finding->title ? finding->title : "";

    if (finding->waived_until)
        return g_strdup_printf(_("%1$s: %2$s. Waived until %3$s (%4$s): %5$s"), name, title,
                               finding->waived_until, finding->waived_by, finding->waived_why);
    return g_strdup_printf(_("%1$s: %2$s. Waived (%3$s): %4$s"), name, title, finding->waived_by,
                           finding->waived_why);
}

static char *note_sentence(const VtFinding *finding)
{
    g_autofree char *name = vt_report_advice_words_name(finding);

    return g_strdup_printf(_("%1$s: %2$s. %3$s"), name, finding->title ? finding->title : "",
                           finding->reason ? finding->reason : "");
}

/* A way to know more, and the rules that it would serve. */
typedef struct {
    const char *remedy;
    GPtrArray *names; /* char *, each once */
} Remedy;

static void remedy_free(gpointer data)
{
    Remedy *remedy = data;

    g_ptr_array_unref(remedy->names);
    g_free(remedy);
}

static void add_remedy(GPtrArray *remedies, const char *text, const VtFinding *finding)
{
    g_autofree char *name = vt_report_advice_words_name(finding);
    Remedy *remedy = NULL;

    for (guint i = 0; i < remedies->len && !remedy; i++)
        if (g_str_equal(((Remedy *)g_ptr_array_index(remedies, i))->remedy, text))
            remedy = g_ptr_array_index(remedies, i);
    if (!remedy) {
        remedy = g_new0(Remedy, 1);
        remedy->remedy = text;
        remedy->names = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(remedies, remedy);
    }
    if (!g_ptr_array_find_with_equal_func(remedy->names, name, g_str_equal, NULL))
        g_ptr_array_add(remedy->names, g_steal_pointer(&name));
}

/* One remedy for each part of the rule: the others that it lacks will be named when this one is
 * known. What nobody can remedy has its reason instead. */
static void collect_remedies(GPtrArray *remedies, const VtFinding *finding)
{
    const char *part = NULL;

    for (guint i = 0; i < finding->evidence->len; i++) {
        const VtEvidence *evidence = g_ptr_array_index(finding->evidence, i);

        if (evidence->outcome != VT_UNKNOWN || evidence->moot || !evidence->remedy ||
            g_str_equal(evidence->part, "satisfied") || g_strcmp0(evidence->part, part) == 0)
            continue;
        add_remedy(remedies, evidence->remedy, finding);
        part = evidence->part;
    }
    if (!part && finding->reason)
        add_remedy(remedies, finding->reason, finding);
}

static GPtrArray *lines_of(const GPtrArray *findings, gboolean (*wanted)(const VtFinding *finding),
                           char *(*sentence)(const VtFinding *finding))
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(findings, i);

        if (wanted(finding))
            g_ptr_array_add(lines, sentence(finding));
    }
    return lines;
}

/* Not by finding but by what would decide it. */
static GPtrArray *lines_of_unknown(const GPtrArray *findings)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) remedies = g_ptr_array_new_with_free_func(remedy_free);

    for (guint i = 0; i < findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(findings, i);

        if (finding->verdict == VT_VERDICT_UNKNOWN)
            collect_remedies(remedies, finding);
    }
    for (guint i = 0; i < remedies->len; i++) {
        const Remedy *remedy = g_ptr_array_index(remedies, i);
        g_autofree char *names = NULL;

        g_ptr_array_add(remedy->names, NULL);
        names = g_strjoinv(", ", (char **)remedy->names->pdata);
        g_ptr_array_add(lines, g_strdup_printf("%s: %s", names, remedy->remedy));
    }
    return lines;
}

void vt_report_section_free(VtReportSection *section)
{
    if (!section)
        return;
    g_ptr_array_unref(section->lines);
    g_free(section);
}

GPtrArray *vt_report_section_list(const GPtrArray *findings, gboolean verbose)
{
    static const struct {
        const char *heading;
        gboolean verbose;
        gboolean (*wanted)(const VtFinding *finding); /* NULL: those that are not decided */
        char *(*sentence)(const VtFinding *finding);
    } kinds[] = {
        {N_("Later:"), FALSE, is_superseded, superseded_sentence},
        {N_("Notes:"), FALSE, is_note, note_sentence},
        {N_("Changed already, but waiting for a power cycle:"), FALSE, is_pending, reason_sentence},
        {N_("Not advised, for a reason:"), FALSE, is_blocked, reason_sentence},
        {N_("Not decided, and what would decide it:"), FALSE, NULL, NULL},
        {N_("Already so:"), TRUE, is_satisfied, reason_sentence},
        {N_("No symptom:"), TRUE, is_quiet, reason_sentence},
        {N_("Not for this domain:"), TRUE, is_not_applicable, reason_sentence},
    };
    GPtrArray *sections = 
        g_ptr_array_new_with_free_func((GDestroyNotify)vt_report_section_free);

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        VtReportSection *section;

        if (kinds[i].verbose && !verbose)
            continue;
        section = g_new0(VtReportSection, 1);
        section->heading = _(kinds[i].heading);
        section->lines = kinds[i].wanted ? lines_of(findings, kinds[i].wanted, kinds[i].sentence)
                                         : lines_of_unknown(findings);
        if (section->lines->len > 0)
            g_ptr_array_add(sections, section);
        else
            vt_report_section_free(section);
    }
    return sections;
}

VtReportSection *vt_report_section_waived(const GPtrArray *findings, gboolean show)
{
    g_autoptr(VtReportSection) section = g_new0(VtReportSection, 1);
    guint n;

    section->heading = _("Waived:");
    section->lines = lines_of(findings, is_waived, waived_sentence);
    n = section->lines->len;
    if (n == 0)
        return NULL;
    if (!show) {
        g_ptr_array_set_size(section->lines, 0);
        g_ptr_array_add(section->lines,
                        g_strdup_printf(_("Findings: %u (--show-waived shows them)"), n));
    }
    return g_steal_pointer(&section);
}
