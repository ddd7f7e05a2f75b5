/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From rules and evidence to findings: which verdict, how sure, what it gains. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "rule/rule-cond.h"
#include "rule/rule-match.h"

/* The longest `now` of a finding, in characters. */
#define NOW_MAX 400

/* What all rules share for one domain. */
typedef struct {
    const VtMatchInput *input;
    xmlNode *root; /* of the live XML */
    VtRuleMeasure *measure;
    gboolean below_floor; /* known to exit too seldom for anything to matter */
    double busy_per_s;    /* exits per second without HLT; set where below_floor */
} Match;

/* One look of a rule at a device, a row, or the whole domain. */
typedef struct {
    const VtRule *rule;
    xmlNode *node;
    const VtHostIrq *irq;
    VtFinding *finding;
    VtTri symptom, require;
    const VtGuard *guard_hit;
    gboolean guard_unknown;
    gboolean satisfied, pending, gone;
    gboolean measured_hit, specific_hit;
} Look;

static VtCondContext context_for(const Match *match, const Look *look, const char *part)
{
    return (VtCondContext){
        .domain = match->input->domain,
        .profile = match->input->profile,
        .measure = match->measure,
        .host = match->input->host,
        .node = look->node,
        .irq = look->irq,
        .assume_guest_drivers = match->input->assume_guest_drivers,
        .part = part,
        .evidence = look->finding->evidence,
    };
}

static void eval_symptom(const Match *match, Look *look)
{
    VtCondContext context = context_for(match, look, "symptom");

    look->symptom = look->rule->symptom ? vt_rule_cond_eval(look->rule->symptom, &context, 0)
                                        : VT_UNKNOWN;
    look->measured_hit = context.any_measured_hit;
    look->specific_hit = context.any_specific_hit;
    look->finding->single_window = context.single_window;
}

static void eval_require(const Match *match, Look *look)
{
    VtCondContext context = context_for(match, look, "require");

    context.soft_guest = TRUE;
    look->require = look->rule->require ? vt_rule_cond_eval(look->rule->require, &context, 0)
                                        : VT_YES;
    look->finding->guest_driver_unknown = context.guest_unknown;
}

static void eval_guards(const Match *match, Look *look)
{
    for (guint i = 0; i < look->rule->guards->len; i++) {
        const VtGuard *guard = g_ptr_array_index(look->rule->guards, i);
        VtCondContext context = context_for(match, look, "guard");
        VtTri outcome = vt_rule_cond_eval(guard->cond, &context, 0);

        if (outcome == VT_YES && !look->guard_hit)
            look->guard_hit = guard;
        look->guard_unknown = look->guard_unknown || outcome == VT_UNKNOWN;
    }
}

static gboolean any_satisfied(const Match *match, const Look *look, xmlNode *node,
                              GPtrArray *evidence)
{
    gboolean satisfied = FALSE;

    for (guint i = 0; i < look->rule->satisfied->len; i++) {
        VtCondContext context = context_for(match, look, "satisfied");

        context.node = node;
        context.evidence = evidence;
        if (vt_rule_cond_eval(g_ptr_array_index(look->rule->satisfied, i), &context, 0) == VT_YES)
            satisfied = TRUE;
    }
    return satisfied;
}

static gboolean changes_domain(const VtRule *rule)
{
    for (guint i = 0; i < rule->changes->len; i++)
        if (strcmp(((const VtChange *)g_ptr_array_index(rule->changes, i))->target, "domain") == 0)
            return TRUE;
    return FALSE;
}

/* What the definition says decides what the next start brings. Evidence is of the live XML only. */
static void eval_satisfied(const Match *match, Look *look)
{
    const VtDomain *domain = match->input->domain;
    xmlNode *paired = NULL;

    look->satisfied = any_satisfied(match, look, look->node, look->finding->evidence);
    if (look->satisfied || !domain->inactive || domain->inactive == domain->live)
        return;
    if (!look->rule->each)
        paired = xmlDocGetRootElement(domain->inactive);
    else if (look->finding->device)
        paired = vt_domain_find_device(domain->inactive, look->finding->device_element,
                                       look->finding->device);
    if (!paired) {
        look->gone = look->finding->device && look->rule->each && changes_domain(look->rule);
        return;
    }
    look->pending = any_satisfied(match, look, paired, NULL);
}

/* A note that a domain is idle holds where little happens: it has an upper bound on a rate. */
static gboolean bounds_a_rate(const VtCond *cond)
{
    if (!cond)
        return FALSE;
    if (strcmp(cond->kind->name, "rate") == 0 && cond->has_below && !cond->has_above)
        return TRUE;
    for (guint i = 0; i < cond->children->len; i++)
        if (bounds_a_rate(g_ptr_array_index(cond->children, i)))
            return TRUE;
    return FALSE;
}

/* The evidence of @part with @outcome that says most: what decided it before what is moot, numbers
 * before words, and the first of its kind; NULL where there is none. */
static const VtEvidence *find(const VtFinding *finding, const char *part, VtTri outcome)
{
    const VtEvidence *best = NULL;
    int best_rank = -1;

    for (guint i = 0; i < finding->evidence->len; i++) {
        const VtEvidence *evidence = g_ptr_array_index(finding->evidence, i);
        const int rank = (evidence->moot ? 0 : 2) + (evidence->has_value ? 1 : 0);

        if (evidence->outcome != outcome || strcmp(evidence->part, part) != 0 || rank <= best_rank)
            continue;
        best = evidence;
        best_rank = rank;
    }
    return best;
}

/* Sets the verdict; @reason is taken. */
static void conclude(VtFinding *finding, VtVerdict verdict, char *reason)
{
    finding->verdict = verdict;
    g_free(finding->reason);
    finding->reason = reason;
}

static void conclude_migrating(VtFinding *finding)
{
    conclude(finding, VT_VERDICT_BLOCKED,
             g_strdup(_("The domain is being migrated, which makes exits of its own.")));
}

static const char *detail(const VtEvidence *evidence, const char *otherwise)
{
    return evidence ? evidence->detail : otherwise;
}

static void conclude_unknown(VtFinding *finding, const char *part)
{
    const VtEvidence *evidence = find(finding, part, VT_UNKNOWN);

    if (evidence && evidence->remedy)
        conclude(finding, VT_VERDICT_UNKNOWN,
                 g_strdup_printf(_("This cannot be decided: %1$s (%2$s)."), evidence->detail,
                                 evidence->remedy));
    else
        conclude(finding, VT_VERDICT_UNKNOWN,
                 g_strdup_printf(_("This cannot be decided: %s."),
                                 detail(evidence, _("nothing was measured"))));
}

static VtConfidence confidence_of(const Match *match, const Look *look)
{
    gboolean sole = FALSE;

    if (!look->measured_hit)
        return VT_CONFIDENCE_STRUCTURAL;
    if (look->specific_hit)
        return VT_CONFIDENCE_CONFIRMED;
    if (look->finding->single_window || !look->rule->sole)
        return VT_CONFIDENCE_SUSPECTED;
    return vt_xpath_test(look->rule->sole, look->node, &sole, NULL) && sole
               ? VT_CONFIDENCE_CONFIRMED
               : VT_CONFIDENCE_SUSPECTED;
}

static void conclude_advise(const Match *match, const Look *look)
{
    VtFinding *finding = look->finding;
    const VtVerdict verdict = look->rule->note ? VT_VERDICT_NOTE : VT_VERDICT_ADVISE;

    if (look->symptom == VT_YES) {
        finding->confidence = confidence_of(match, look);
        conclude(finding, verdict,
                 g_strdup_printf(
                     _("The symptom is there: %s."),
                     detail(find(finding, "symptom", VT_YES), _("nothing speaks against it"))));
    } else {
        finding->confidence = VT_CONFIDENCE_STRUCTURAL;
        conclude(finding, verdict,
                 g_strdup_printf(
                     _("Only the domain's XML says so: %s."),
                     detail(find(finding, "symptom", VT_UNKNOWN), _("nothing was measured"))));
    }
}

/* The order of DESIGN: the first that holds. */
static void decide(const Match *match, const Look *look)
{
    const VtRule *rule = look->rule;
    VtFinding *finding = look->finding;
    const gboolean below_floor =
        match->below_floor && !(rule->note && bounds_a_rate(rule->symptom));

    finding->no_symptom = look->symptom == VT_NO || below_floor;
    if (match->input->domain->migrating == VT_YES) {
        conclude_migrating(finding);
    } else if (look->require == VT_NO) {
        conclude(finding, VT_VERDICT_NOT_APPLICABLE,
                 g_strdup_printf(
                     _("A requirement is not met: %s."),
                     detail(find(finding, "require", VT_NO), _("none of the alternatives holds"))));
    } else if (look->satisfied) {
        conclude(finding, VT_VERDICT_SATISFIED, g_strdup(_("It is already so.")));
    } else if (look->pending || look->gone) {
        finding->pending = TRUE;
        conclude(finding, VT_VERDICT_SATISFIED,
                 g_strdup(look->pending ? _("The domain's definition has it already; it takes "
                                            "effect at the next power cycle.")
                                        : _("The domain's definition no longer has this device; it "
                                            "goes at the next power cycle.")));
    } else if (look->guard_hit) {
        conclude(finding, VT_VERDICT_BLOCKED, g_strdup(_(look->guard_hit->why)));
    } else if (look->symptom == VT_NO) {
        conclude(finding, VT_VERDICT_QUIET,
                 g_strdup_printf(
                     _("There is no symptom: %s."),
                     detail(find(finding, "symptom", VT_NO), _("none of the alternatives holds"))));
    } else if (below_floor) {
        g_autofree char *rate = vt_text_format_count(match->busy_per_s);
        g_autofree char *floor = vt_text_format_count(VT_MATCH_FLOOR_PER_S);

        conclude(finding, VT_VERDICT_QUIET,
                 g_strdup_printf(_("The whole domain makes %1$s exits a second besides HLT; below "
                                   "%2$s nothing is worth "
                                   "changing."),
                                 rate, floor));
    } else if (look->require == VT_UNKNOWN) {
        conclude_unknown(finding, "require");
    } else if (look->guard_unknown) {
        conclude_unknown(finding, "guard");
    } else if (!rule->structural && (look->symptom == VT_UNKNOWN || !match->input->profile)) {
        conclude_unknown(finding, "symptom");
    } else {
        conclude_advise(match, look);
    }
}

static gboolean is_of_irqs(const VtMetricSet *set)
{
    for (guint i = 0; i < vt_metric_set_length(set); i++) {
        const char *name;
        guint64 first, last;

        if (vt_metric_set_part(set, i, &name, &first, &last) != VT_METRIC_IRQ)
            return FALSE;
    }
    return TRUE;
}

static const VtMetric *row_metric(const Match *match, const VtHostIrq *irq)
{
    g_autofree char *name = g_strconcat("irq.", irq->irq, NULL);

    return match->input->profile ? vt_profile_get(match->input->profile, name) : NULL;
}

static const VtRuleGain *find_gain(const Look *look)
{
    for (guint i = 0; i < look->rule->gains->len; i++) {
        const VtRuleGain *gain = g_ptr_array_index(look->rule->gains, i);
        gboolean holds = TRUE;

        if (!gain->when || (vt_xpath_test(gain->when, look->node, &holds, NULL) && holds))
            return gain;
    }
    return NULL;
}

static void add_gain(const Match *match, const Look *look)
{
    const VtProfile *profile = match->input->profile;
    const VtRuleGain *gain = find_gain(look);
    g_auto(VtRuleBounds) bounds = {0};
    const VtMetric *metric = NULL;

    if (!gain || !profile)
        return;
    if (look->irq && is_of_irqs(gain->metric)) {
        /* Each row gains only what is its own. */
        metric = row_metric(match, look->irq);
        if (!metric)
            return;
        vt_rule_measure_one(match->measure, metric, &bounds);
    } else {
        if (vt_metric_set_length(gain->metric) == 1)
            metric = vt_profile_get(profile, vt_metric_set_text(gain->metric));
        vt_rule_measure_rate(match->measure, gain->metric, NULL, &bounds);
    }
    if (!bounds.known)
        return;
    look->finding->has_gain = TRUE;
    look->finding->gain = vt_cost_gain(profile, metric, bounds.low_median, gain->share, gain->to);
    look->finding->gain_basis = g_strdup(_(gain->basis));
}

/* Commands as they stand in the rule: values are the plan's to fill in. */
static void add_changes(const Match *match, const Look *look)
{
    for (guint i = 0; i < look->rule->changes->len; i++) {
        const VtChange *change = g_ptr_array_index(look->rule->changes, i);
        VtFindingChange *added = vt_finding_add_change(look->finding, change->target,
                                                       change->effect);
        VtCondContext context = context_for(match, look, "needs");

        context.evidence = added->needs;
        for (guint j = 0; j < change->needs->len; j++)
            vt_rule_cond_eval(g_ptr_array_index(change->needs, j), &context, 0);
        for (guint j = 0; j < change->commands->len; j++) {
            const VtCommand *command = g_ptr_array_index(change->commands, j);

            g_ptr_array_add(added->commands, g_strdup(command->text));
            g_ptr_array_add(added->undo, g_strdup(command->undo));
        }
        added->text = change->text ? g_strdup(_(change->text)) : NULL;
    }
}

static char *describe_row(const VtHostIrq *irq)
{
    g_autofree char *cpus = irq->affinity ? vt_cpus_format(irq->affinity) : NULL;

    if (!irq->device)
        return cpus ? g_strdup_printf(_("CPUs %s"), cpus) : NULL;
    return cpus ? g_strdup_printf(_("%1$s, CPUs %2$s"), irq->device, cpus) : g_strdup(irq->device);
}

static VtFinding *finding_for(const VtRule *rule)
{
    VtFinding *finding = vt_finding_new(rule->id);

    finding->severity = rule->severity;
    finding->title = g_strdup(_(rule->title));
    finding->why = g_strdup(_(rule->why));
    finding->risk = rule->risk ? g_strdup(_(rule->risk)) : NULL;
    return finding;
}

static void look_at(const Match *match, const VtRule *rule, xmlNode *node, const VtHostIrq *irq,
                    GPtrArray *findings)
{
    Look look = {.rule = rule, .node = node, .irq = irq, .finding = finding_for(rule)};
    VtFinding *finding = look.finding;

    g_ptr_array_add(findings, finding);
    if (rule->each) {
        finding->device = vt_domain_device_key(node);
        finding->device_element = g_strdup((const char *)node->name);
        finding->now = vt_xml_brief(node, NOW_MAX);
    } else if (irq) {
        finding->device = g_strdup_printf("irq %s", irq->irq);
        finding->now = describe_row(irq);
    }
    eval_symptom(match, &look);
    eval_require(match, &look);
    eval_guards(match, &look);
    eval_satisfied(match, &look);
    decide(match, &look);
    if (finding->verdict == VT_VERDICT_ADVISE) {
        add_gain(match, &look);
        add_changes(match, &look);
    }
}

/* A rule that found nothing to look at. @reason is taken. */
static void look_nowhere(const Match *match, const VtRule *rule, VtVerdict verdict, char *reason,
                         GPtrArray *findings)
{
    VtFinding *finding = finding_for(rule);

    conclude(finding, verdict, reason);
    if (match->input->domain->migrating == VT_YES)
        conclude_migrating(finding);
    g_ptr_array_add(findings, finding);
}

static void look_at_devices(const Match *match, const VtRule *rule, GPtrArray *findings)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) nodes = NULL;

    if (!vt_xpath_nodes(rule->each, match->root, &nodes, &error)) {
        look_nowhere(match, rule, VT_VERDICT_UNKNOWN,
                     g_strdup_printf(_("This cannot be decided: %s."), error->message), findings);
        return;
    }
    for (guint i = 0; i < nodes->len; i++)
        look_at(match, rule, g_ptr_array_index(nodes, i), NULL, findings);
    if (nodes->len == 0)
        look_nowhere(match, rule, VT_VERDICT_NOT_APPLICABLE,
                     g_strdup(_("The domain has no such device.")), findings);
}

static void look_at_irqs(const Match *match, const VtRule *rule, GPtrArray *findings)
{
    g_autoptr(GPtrArray) metrics = vt_rule_measure_numbered(match->measure, VT_METRIC_IRQ);
    gboolean any = FALSE;

    for (guint i = 0; i < metrics->len; i++) {
        const VtMetric *metric = g_ptr_array_index(metrics, i);
        char *number = metric->name + strlen("irq.");
        const VtHostIrq *irq = match->input->host ? vt_host_irq(match->input->host, number) : NULL;
        const VtHostIrq unknown = {.irq = number, .managed = VT_UNKNOWN};

        if (metric->count == 0)
            continue;
        any = TRUE;
        look_at(match, rule, match->root, irq ? irq : &unknown, findings);
    }
    if (any)
        return;
    if (match->input->profile && g_hash_table_contains(match->input->profile->covers, "irq"))
        look_nowhere(match, rule, VT_VERDICT_NOT_APPLICABLE,
                     g_strdup(_("No interrupt of a host device came to the vCPUs' CPUs.")),
                     findings);
    else
        look_nowhere(
            match, rule, VT_VERDICT_UNKNOWN,
            g_strdup_printf(_("This cannot be decided: %1$s (%2$s)."),
                            _("the host's interrupts were not measured"),
                            _("sample on the host itself; the domain's vCPUs must be pinned")),
            findings);
}

static void match_rule(const Match *match, const VtRule *rule, GPtrArray *findings)
{
    if (!match->root)
        look_nowhere(match, rule, VT_VERDICT_UNKNOWN, g_strdup(_("The domain's XML is not known.")),
                     findings);
    else if (rule->each)
        look_at_devices(match, rule, findings);
    else if (rule->each_in)
        look_at_irqs(match, rule, findings);
    else
        look_at(match, rule, match->root, NULL, findings);
}

static void match_begin(Match *match, const VtMatchInput *input)
{
    double busy;

    *match = (Match){.input = input, .measure = vt_rule_measure_new(input->profile)};
    match->root = input->domain->live ? xmlDocGetRootElement(input->domain->live) : NULL;
    if (input->profile && vt_profile_busy_domain_rate(input->profile, &busy) &&
        busy < VT_MATCH_FLOOR_PER_S) {
        match->below_floor = TRUE;
        match->busy_per_s = busy;
    }
}

GPtrArray *vt_rule_match(const VtRuleSet *rules, const VtMatchInput *input)
{
    GPtrArray *findings = g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);
    Match match;

    match_begin(&match, input);
    for (guint i = 0; i < rules->rules->len; i++)
        match_rule(&match, g_ptr_array_index(rules->rules, i), findings);
    vt_rule_measure_free(match.measure);
    g_ptr_array_sort(findings, vt_finding_compare);
    return findings;
}

GPtrArray *vt_rule_match_one(const VtRule *rule, const VtMatchInput *input)
{
    GPtrArray *findings = g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);
    Match match;

    match_begin(&match, input);
    match_rule(&match, rule, findings);
    vt_rule_measure_free(match.measure);
    g_ptr_array_sort(findings, vt_finding_compare);
    return findings;
}
