/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of condition kinds, the groups among them, and what a grammar cannot check. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "rule/rule-cond-private.h"

VtEvidence *vt_rule_cond_witness(const VtCond *cond, VtCondContext *context, guint depth,
                                 const char *subject, VtTri outcome)
{
    VtEvidence *evidence;

    if (!context->evidence)
        return NULL;
    evidence = g_new0(VtEvidence, 1);
    evidence->part = context->part;
    evidence->kind = cond->kind->name;
    evidence->subject = g_strdup(subject);
    evidence->outcome = outcome;
    evidence->depth = depth;
    g_ptr_array_add(context->evidence, evidence);
    return evidence;
}

char *vt_rule_cond_number(double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];

    if (fabs(value) >= 10 || value == floor(value))
        return vt_text_format_count(value);
    return g_strdup(g_ascii_formatd(buffer, sizeof buffer, "%.2f", value));
}

char *vt_rule_cond_compare(const VtCond *cond, const char *what, const char *value,
                           const char *above, const char *below, VtTri outcome)
{
    if (cond->has_above && cond->has_below)
        return outcome == VT_YES ? vt_text_fill(_("%1$s is %2$s, between %3$s and %4$s"), what,
                                                   value, above, below)
                                 : vt_text_fill(_("%1$s is %2$s, not between %3$s and %4$s"),
                                                   what, value, above, below);
    if (cond->has_above)
        return outcome == VT_YES
                   ? vt_text_fill(_("%1$s is %2$s, above %3$s"), what, value, above)
                   : vt_text_fill(_("%1$s is %2$s, not above %3$s"), what, value, above);
    return outcome == VT_YES
               ? vt_text_fill(_("%1$s is %2$s, below %3$s"), what, value, below)
               : vt_text_fill(_("%1$s is %2$s, not below %3$s"), what, value, below);
}

void vt_rule_cond_set_threshold(VtEvidence *evidence, const VtCond *cond)
{
    evidence->has_threshold = cond->has_above || cond->has_below;
    evidence->threshold = cond->has_above ? cond->above : cond->below;
}

/* Groups. */

/* What leaves say of the cause counts only where the group that they are in holds. */
typedef struct {
    gboolean measured, specific;
} Hits;

static Hits hits_save(const VtCondContext *context)
{
    return (Hits){context->any_measured_hit, context->any_specific_hit};
}

static void hits_restore(VtCondContext *context, Hits hits)
{
    context->any_measured_hit = hits.measured;
    context->any_specific_hit = hits.specific;
}

/* What one child of a group said, and where its evidence ends. */
typedef struct {
    VtTri outcome;
    guint end;
} Said;

/* A single child can decide a group: one that misses <all>, one that holds <any>. What the others
 * say is moot then. */
static void mark_moot(VtCondContext *context, const Said *said, guint n, guint from, VtTri outcome)
{
    for (guint i = 0; i < n; i++) {
        for (guint j = from; j < said[i].end && said[i].outcome != outcome; j++)
            ((VtEvidence *)g_ptr_array_index(context->evidence, j))->moot = TRUE;
        from = said[i].end;
    }
}

static VtTri eval_children(const VtCond *cond, VtCondContext *context, guint depth, VtTri start,
                           VtTri decisive, VtTri (*join)(VtTri, VtTri))
{
    const guint n = cond->children->len, from = context->evidence ? context->evidence->len : 0;
    g_autofree Said *said = context->evidence ? g_new(Said, n) : NULL;
    const Hits hits = hits_save(context);
    VtTri outcome = start;

    for (guint i = 0; i < n; i++) {
        const VtCond *child = g_ptr_array_index(cond->children, i);
        const VtTri one =
            child->kind->eval(child, context, child->kind->group ? depth + 1 : depth);

        outcome = join(outcome, one);
        if (said)
            said[i] = (Said){one, context->evidence->len};
        else if (outcome == decisive)
            break;
    }
    if (outcome != VT_YES)
        hits_restore(context, hits);
    if (said && outcome == decisive)
        mark_moot(context, said, n, from, outcome);
    return outcome;
}

static VtTri eval_all(const VtCond *cond, VtCondContext *context, guint depth)
{
    return eval_children(cond, context, depth, VT_YES, VT_NO, vt_tri_and);
}

static VtTri eval_any(const VtCond *cond, VtCondContext *context, guint depth)
{
    return eval_children(cond, context, depth, VT_NO, VT_YES, vt_tri_or);
}

/* An unknown guest must not turn into a known lack of support, so nothing is soft in here. What
 * misses in here was measured, but names no cause. */
static VtTri eval_not(const VtCond *cond, VtCondContext *context, guint depth)
{
    const Hits hits = hits_save(context);
    const gboolean soft = context->soft_guest;
    const guint measured = context->measured;
    const guint from = context->evidence ? context->evidence->len : 0;
    VtTri outcome;

    context->soft_guest = FALSE;
    outcome = vt_tri_not(eval_all(cond, context, depth));
    for (guint i = from; context->evidence && i < context->evidence->len; i++) {
        VtEvidence *evidence = g_ptr_array_index(context->evidence, i);

        evidence->negated = !evidence->negated;
    }
    context->soft_guest = soft;
    hits_restore(context, hits);
    if (outcome == VT_YES && context->measured > measured)
        context->any_measured_hit = TRUE;
    return outcome;
}

/* Checks. */

static char *check_thresholds(const VtCond *cond)
{
    if (cond->has_above && cond->has_below && cond->above >= cond->below)
        return g_strdup(_("nothing can be above and below these thresholds at once; make above "
                          "smaller than below"));
    return NULL;
}

static char *check_rate(const VtCond *cond)
{
    char *wrong = vt_rule_cond_own_check(cond);

    return wrong ? wrong : check_thresholds(cond);
}

static char *check_share(const VtCond *cond)
{
    char *wrong = vt_rule_cond_own_check(cond);

    if (wrong)
        return wrong;
    if ((cond->has_above && cond->above >= 1) ||
        (cond->has_below && (cond->below <= 0 || cond->below > 1)))
        /* xgettext:no-c-format */
        return g_strdup(_("a share lies between 0 and 1; write 25 % as 0.25"));
    if (!cond->of && cond->metric &&
        (strcmp(vt_metric_set_text(cond->metric), "exits") == 0 ||
         strcmp(vt_metric_set_text(cond->metric), "exit.hlt") == 0))
        return vt_text_fill(
            _("%s is no part of the exits without HLT; say what it is a share of with of=\"…\""),
            vt_metric_set_text(cond->metric));
    return check_thresholds(cond);
}

static char *check_host(const VtCond *cond)
{
    if (cond->fact && !vt_host_fact_is_known(cond->fact))
        return vt_text_fill(_("there is no host fact \"%s\"; virt-tune-rule(5) lists them"),
                               cond->fact);
    if (cond->fact && cond->has && !vt_host_fact_is_set(cond->fact))
        return vt_text_fill(_("%s is a single value; use is, above or below instead of has"),
                               cond->fact);
    if (cond->fact && !cond->has && vt_host_fact_is_set(cond->fact))
        return vt_text_fill(_("%s is a set of words; use has"), cond->fact);
    return check_thresholds(cond);
}

static char *check_row(const VtCond *cond)
{
    static const char *const fields[] = {"irq", "device", "affinity", "managed", "rate", NULL};
    const gboolean is_rate = g_strcmp0(cond->fact, "rate") == 0;
    const gboolean is_number = is_rate || g_strcmp0(cond->fact, "irq") == 0;

    if (cond->fact && !g_strv_contains(fields, cond->fact))
        return vt_text_fill(
            _("a row has no field \"%s\"; its fields are irq, device, affinity, managed and rate"),
            cond->fact);
    if (cond->fact &&
        (is_rate ? cond->is != NULL : !is_number && (cond->has_above || cond->has_below)))
        return vt_text_fill(is_rate ? _("%s is a number; compare it with above or below")
                                       : _("%s is a word; compare it with is"),
                               cond->fact);
    return check_thresholds(cond);
}

/* The loader reads nothing but the numbers, so their order is what is left to check. */
static char *check_version(const VtCond *cond)
{
    static const char *const programs[] = {"libvirt", "qemu", "kernel", NULL};

    if (cond->fact && !g_strv_contains(programs, cond->fact))
        return vt_text_fill(_("there is no version of “%s”; there are those of libvirt, qemu and "
                                 "kernel"),
                               cond->fact);
    if (cond->has_least && cond->has_below && cond->least >= cond->below)
        return g_strdup(_("no version is at least the one and below the other; make at-least "
                          "smaller than below"));
    return NULL;
}

static const VtCondKind kind_all = {
    "all", N_("holds where every condition inside holds"), "", "", TRUE, NULL, eval_all};
static const VtCondKind kind_any = {
    "any", N_("holds where at least one condition inside holds"), "", "", TRUE, NULL, eval_any};
static const VtCondKind kind_not = {
    "not", N_("holds where the one condition inside does not"), "", "", TRUE, NULL, eval_not};
static const VtCondKind kind_rate = {"rate",
                                     N_("compares a metric's events per second and vCPU"),
                                     "metric above|below",
                                     "minus own per specific",
                                     FALSE,
                                     check_rate,
                                     vt_rule_cond_measured_rate};
static const VtCondKind kind_share = {
    "share",
    N_("compares the part that a metric has in others, else in all exits but HLT"),
    "metric above|below",
    "of own specific",
    FALSE,
    check_share,
    vt_rule_cond_measured_share};
static const VtCondKind kind_ratio = {"ratio",
                                      N_("compares a metric divided by another"),
                                      "metric of above|below",
                                      "",
                                      FALSE,
                                      check_thresholds,
                                      vt_rule_cond_measured_ratio};
static const VtCondKind kind_measured = {"measured",
                                         N_("holds where a metric was measured, and is unknown else"),
                                         "metric",
                                         "",
                                         FALSE,
                                         NULL,
                                         vt_rule_cond_measured_at_all};
static const VtCondKind kind_domain = {"domain",
                                       N_("tests the domain's XML by an XPath expression"),
                                       "test",
                                       "",
                                       FALSE,
                                       NULL,
                                       vt_rule_cond_fact_domain};
static const VtCondKind kind_host = {"host",
                                     N_("compares a fact about the host"),
                                     "fact is|has|above|below",
                                     "",
                                     FALSE,
                                     check_host,
                                     vt_rule_cond_fact_host};
static const VtCondKind kind_guest = {"guest",
                                      N_("asks which drivers the guest's OS has, or its family"),
                                      "supports|os",
                                      "",
                                      FALSE,
                                      NULL,
                                      vt_rule_cond_fact_guest};
static const VtCondKind kind_version = {"version",
                                        N_("compares the version of libvirt, QEMU or the kernel"),
                                        "of at-least|below",
                                        "",
                                        FALSE,
                                        check_version,
                                        vt_rule_cond_fact_version};
static const VtCondKind kind_rule = {"rule",
                                     N_("asks what another rule says of the same domain"),
                                     "id verdict",
                                     "",
                                     FALSE,
                                     vt_rule_cond_rule_check,
                                     vt_rule_cond_rule_eval};
static const VtCondKind kind_row = {"row",
                                    N_("compares a field of the row that the rule looks at"),
                                    "field is|above|below",
                                    "",
                                    FALSE,
                                    check_row,
                                    vt_rule_cond_fact_row};

const VtCondKind *const *vt_rule_cond_kinds(void)
{
    static const VtCondKind *const kinds[] = {&kind_all,   &kind_any,   &kind_not,      &kind_rate,
                                              &kind_share, &kind_ratio, &kind_measured, &kind_domain,
                                              &kind_host,  &kind_guest, &kind_version,  &kind_rule,   &kind_row,
                                              NULL};

    return kinds;
}

const VtCondKind *vt_rule_cond_kind(const char *element)
{
    for (const VtCondKind *const *kind = vt_rule_cond_kinds(); *kind; kind++)
        if (strcmp((*kind)->name, element) == 0)
            return *kind;
    return NULL;
}

char *vt_rule_cond_subject(const VtCond *cond)
{
    if (!cond->metric)
        return g_strdup(cond->fact);
    if (cond->minus)
        return g_strconcat(vt_metric_set_text(cond->metric), " - ", vt_metric_set_text(cond->minus),
                           NULL);
    if (cond->of && strcmp(cond->kind->name, "ratio") == 0)
        return g_strconcat(vt_metric_set_text(cond->metric), " / ", vt_metric_set_text(cond->of),
                           NULL);
    return g_strdup(vt_metric_set_text(cond->metric));
}

/* By the pins of the running domains: vt_host_derive(). */
static gboolean is_fact_of_domains(const char *fact)
{
    static const char *const derived[] = {"cpus.housekeeping", "overcommit", "vcpus.running", NULL};

    return g_str_has_prefix(fact, "domain.") || g_strv_contains(derived, fact);
}

gboolean vt_rule_cond_is_of_definition(const VtCond *cond)
{
    static const char *const kinds[] = {"all", "any", "not", "domain", "guest", "host", "version", NULL};

    if (!g_strv_contains(kinds, cond->kind->name) ||
        (strcmp(cond->kind->name, "host") == 0 && is_fact_of_domains(cond->fact)))
        return FALSE;
    for (guint i = 0; i < cond->children->len; i++)
        if (!vt_rule_cond_is_of_definition(g_ptr_array_index(cond->children, i)))
            return FALSE;
    return TRUE;
}

VtTri vt_rule_cond_eval(const VtCond *cond, VtCondContext *context, guint depth)
{
    return cond->kind->eval(cond, context, depth);
}
