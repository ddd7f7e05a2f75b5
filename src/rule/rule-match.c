/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From rules and evidence to findings: what each rule looks at, what it sees there, how sure that
 * is, what it gains. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "rule/rule-cond.h"
#include "rule/rule-match.h"
#include "rule/rule-verdict.h"

/* The longest `now` of a finding, in characters. */
#define NOW_MAX 400

/* What all rules share for one domain. */
typedef struct {
    const VtMatchInput *input;
    xmlNode *root; /* of the live XML */
    VtRuleMeasure *measure;
    VtCondTests *tests;
    GHashTable *briefs; /* xmlNode -> char *: several rules look at the same devices */
    const VtRuleSet *rules;   /* what rules can ask for; NULL: nothing */
    VtCondVerdicts *verdicts; /* NULL: no rule asks for another one */
    GPtrArray *silent;        /* VtFinding of rules that were evaluated for others only */
    gboolean all;             /* every rule of @rules is to say something, not only one */
    gboolean below_floor; /* known to exit too seldom for anything to matter */
    double busy_per_s;    /* exits per second without HLT; set where below_floor */
} Match;

/* One look of a rule at a device, a row, or the whole domain. */
typedef struct {
    const VtRule *rule;
    xmlNode *node;
    const VtHostIrq *irq;
    VtFinding *finding;
    GPtrArray *evidence; /* NULL: not wanted */
    VtRuleOutcomes outcomes;
    gboolean measured_hit, specific_hit;
} Look;

static VtCondContext context_for(const Match *match, const Look *look, const char *part)
{
    return (VtCondContext){
        .domain = match->input->domain,
        .profile = match->input->profile,
        .measure = match->measure,
        .tests = match->tests,
        .host = match->input->host,
        .node = look->node,
        .irq = look->irq,
        .device = look->finding->device,
        .verdicts = match->verdicts,
        .assume_guest_drivers = match->input->assume_guest_drivers,
        .part = part,
        .evidence = look->evidence,
    };
}

static void eval_symptom(const Match *match, Look *look)
{
    VtCondContext context = context_for(match, look, "symptom");

    look->outcomes.symptom = look->rule->symptom
                                 ? vt_rule_cond_eval(look->rule->symptom, &context, 0)
                                 : VT_UNKNOWN;
    look->measured_hit = context.any_measured_hit;
    look->specific_hit = context.any_specific_hit;
    if (context.few_windows > 0 &&
        (look->measured_hit || (look->outcomes.symptom == VT_NO && context.measured > 0)))
        look->finding->few_windows = context.few_windows;
}

static void eval_require(const Match *match, Look *look)
{
    VtCondContext context = context_for(match, look, "require");

    context.soft_guest = TRUE;
    look->outcomes.require = look->rule->require
                                 ? vt_rule_cond_eval(look->rule->require, &context, 0)
                                 : VT_YES;
    look->finding->guest_driver_unknown = context.guest_unknown;
}

/* The node of @look in the definition, where that is another than the live XML. */
static xmlNode *paired_node(const Match *match, const Look *look)
{
    const VtDomain *domain = match->input->domain;

    if (!domain->inactive || domain->inactive == domain->live)
        return NULL;
    if (!look->rule->each)
        return xmlDocGetRootElement(domain->inactive);
    return look->finding->device ? vt_domain_find_device(domain->inactive, look->finding->device_element,
                                                         look->finding->device)
                                 : NULL;
}

/* Any of the conditions of @guard suffices. What one also asks of the running domain is not to be held against its
 * definition. */
static gboolean holds_in_definition(const VtGuard *guard, VtCondContext *context)
{
    for (guint i = 0; i < guard->cond->children->len; i++) {
        const VtCond *cond = g_ptr_array_index(guard->cond->children, i);

        if (vt_rule_cond_is_of_definition(cond) && vt_rule_cond_eval(cond, context, 0) == VT_YES)
            return TRUE;
    }
    return FALSE;
}

/* What is written goes into the definition, which may say what the running domain does not show, as a mode that libvirt
 * expands at the start. Evidence is of the live XML only. */
static void eval_guards_of_definition(const Match *match, Look *look)
{
    xmlNode *paired = vt_rule_domain_change(look->rule) ? paired_node(match, look) : NULL;

    for (guint i = 0; paired && i < look->rule->guards->len && !look->outcomes.guard_hit; i++) {
        const VtGuard *guard = g_ptr_array_index(look->rule->guards, i);
        VtCondContext context = context_for(match, look, "guard");

        context.node = paired;
        context.evidence = NULL;
        if (holds_in_definition(guard, &context)) {
            look->outcomes.guard_hit = guard;
            look->outcomes.guard_defined = TRUE;
        }
    }
}

static void eval_guards(const Match *match, Look *look)
{
    for (guint i = 0; i < look->rule->guards->len; i++) {
        const VtGuard *guard = g_ptr_array_index(look->rule->guards, i);
        VtCondContext context = context_for(match, look, "guard");
        VtTri outcome = vt_rule_cond_eval(guard->cond, &context, 0);

        if (outcome == VT_YES && !look->outcomes.guard_hit)
            look->outcomes.guard_hit = guard;
        look->outcomes.guard_unknown = look->outcomes.guard_unknown || outcome == VT_UNKNOWN;
        if (look->outcomes.guard_hit && !look->evidence)
            return;
    }
    eval_guards_of_definition(match, look);
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

/* What the definition says decides what the next start brings. Evidence is of the live XML only. */
static void eval_satisfied(const Match *match, Look *look)
{
    const VtDomain *domain = match->input->domain;
    xmlNode *paired;

    look->outcomes.satisfied = any_satisfied(match, look, look->node, look->evidence);
    if (look->outcomes.satisfied || !domain->inactive || domain->inactive == domain->live)
        return;
    paired = paired_node(match, look);
    if (!paired) {
        look->outcomes.gone = look->finding->device && look->rule->each &&
                              vt_rule_domain_change(look->rule) != NULL;
        return;
    }
    look->outcomes.pending = any_satisfied(match, look, paired, NULL);
}

static VtConfidence confidence_of(const Match *match, const Look *look)
{
    gboolean sole = FALSE;

    if (look->outcomes.symptom != VT_YES || !look->measured_hit)
        return VT_CONFIDENCE_STRUCTURAL;
    if (look->specific_hit)
        return VT_CONFIDENCE_CONFIRMED;
    if (look->finding->few_windows > 0 || !look->rule->sole)
        return VT_CONFIDENCE_SUSPECTED;
    return vt_xpath_test(look->rule->sole, look->node, &sole, NULL) && sole
               ? VT_CONFIDENCE_CONFIRMED
               : VT_CONFIDENCE_SUSPECTED;
}

/* Everything, with evidence. */
static void examine(const Match *match, Look *look)
{
    VtFinding *finding = look->finding;

    look->evidence = finding->evidence;
    eval_symptom(match, look);
    eval_require(match, look);
    eval_guards(match, look);
    eval_satisfied(match, look);
    vt_rule_verdict_decide(&look->outcomes, finding);
    if (finding->verdict == VT_VERDICT_ADVISE || finding->verdict == VT_VERDICT_NOTE)
        finding->confidence = confidence_of(match, look);
}

/* The parts in the order of verdicts, without evidence, up to the one that decides. */
static void eval_quickly(const Match *match, Look *look)
{
    const VtRuleOutcomes *outcomes = &look->outcomes;

    if (!outcomes->migrating) {
        eval_require(match, look);
        if (outcomes->require == VT_NO)
            return;
        eval_satisfied(match, look);
        if (outcomes->satisfied || outcomes->pending || outcomes->gone)
            return;
        eval_guards(match, look);
    }
    /* A guard decides, but whether there was a symptom is of interest beside it. */
    eval_symptom(match, look);
}

/* FALSE where a person will want to see why. */
static gboolean is_dismissed(const VtFinding *finding)
{
    switch (finding->verdict) {
    case VT_VERDICT_NOT_APPLICABLE:
    case VT_VERDICT_SATISFIED:
    case VT_VERDICT_BLOCKED:
    case VT_VERDICT_QUIET:
        return TRUE;
    case VT_VERDICT_UNKNOWN:
    case VT_VERDICT_ADVISE:
    case VT_VERDICT_NOTE:
        break;
    }
    return FALSE;
}

/* Decides with as little as it takes. */
static gboolean dismiss(const Match *match, Look *look)
{
    eval_quickly(match, look);
    vt_rule_verdict_decide(&look->outcomes, look->finding);
    return match->input->verdicts || is_dismissed(look->finding);
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

/* Measures what @gain is about; FALSE where that is unknown. @ret_metric may carry time. */
static gboolean measure_gain(const Match *match, const Look *look, const VtRuleGain *gain,
                             VtRuleBounds *bounds, const VtMetric **ret_metric)
{
    const VtProfile *profile = match->input->profile;

    if (look->irq && is_of_irqs(gain->metric)) {
        /* Each row gains only what is its own. */
        *ret_metric = row_metric(match, look->irq);
        if (!*ret_metric)
            return FALSE;
        vt_rule_measure_one(match->measure, *ret_metric, bounds);
    } else {
        *ret_metric = vt_metric_set_length(gain->metric) == 1 && !gain->minus
                          ? vt_profile_get(profile, vt_metric_set_text(gain->metric))
                          : NULL;
        vt_rule_measure_rate(match->measure, gain->metric, gain->minus, bounds);
    }
    /* What is left of a difference is known only where all of it is. */
    return bounds->known && !(gain->minus && bounds->missing);
}

/* Of the gains that are meant for this device, the first whose metric was measured. */
static void add_gain(const Match *match, const Look *look)
{
    for (guint i = 0; match->input->profile && i < look->rule->gains->len; i++) {
        const VtRuleGain *gain = g_ptr_array_index(look->rule->gains, i);
        g_auto(VtRuleBounds) bounds = {0};
        const VtMetric *metric;
        gboolean meant = TRUE;

        if (gain->when && (!vt_xpath_test(gain->when, look->node, &meant, NULL) || !meant))
            continue;
        if (!measure_gain(match, look, gain, &bounds, &metric))
            continue;
        look->finding->has_gain = TRUE;
        look->finding->gain = vt_cost_gain(match->input->profile, metric, bounds.low_median,
                                           gain->share, gain->to);
        look->finding->gain_basis = g_strdup(_(gain->basis));
        return;
    }
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
    return finding;
}

static const char *brief_of(const Match *match, xmlNode *node)
{
    char *brief = g_hash_table_lookup(match->briefs, node);

    if (!brief) {
        brief = vt_xml_brief(node, NOW_MAX);
        g_hash_table_insert(match->briefs, node, brief);
    }
    return brief;
}

/* Only where there is something to say: they take a tenth of the time. */
static void add_words(const Match *match, const Look *look)
{
    const VtRule *rule = look->rule;

    if (is_dismissed(look->finding))
        return;
    look->finding->why = g_strdup(_(rule->why));
    look->finding->risk = rule->risk ? g_strdup(_(rule->risk)) : NULL;
    if (rule->each && look->node)
        look->finding->now = g_strdup(brief_of(match, look->node));
    else if (look->irq)
        look->finding->now = describe_row(look->irq);
}

static Look look_new(const Match *match, const VtRule *rule, xmlNode *node, const VtHostIrq *irq,
                     VtFinding *finding)
{
    return (Look){.rule = rule,
                  .node = node,
                  .irq = irq,
                  .finding = finding,
                  .outcomes = {.rule = rule,
                               .migrating = match->input->domain->migrating == VT_YES,
                               .measured = match->input->profile != NULL,
                               .below_floor = match->below_floor,
                               .busy_per_s = match->busy_per_s}};
}

static void look_at(const Match *match, const VtRule *rule, xmlNode *node, const VtHostIrq *irq,
                    GPtrArray *findings)
{
    VtFinding *finding = finding_for(rule);
    Look look = look_new(match, rule, node, irq, finding);

    g_ptr_array_add(findings, finding);
    if (rule->each) {
        finding->device = vt_domain_device_key(node);
        finding->device_element = g_strdup((const char *)node->name);
    } else if (irq) {
        finding->device = g_strdup_printf("irq %s", irq->irq);
    }
    if ((match->input->brief || match->input->verdicts) && dismiss(match, &look))
        return;
    look = look_new(match, rule, node, irq, finding);
    examine(match, &look);
    add_words(match, &look);
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

    vt_rule_verdict_set(finding, verdict, reason);
    if (match->input->domain->migrating == VT_YES)
        vt_rule_verdict_set_migrating(finding);
    if (!match->input->brief && !match->input->verdicts)
        add_words(match, &(const Look){.rule = rule, .finding = finding});
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
        /* The rows are unknown; what does not look at them may still decide. */
        look_at(match, rule, match->root, NULL, findings);
}

static void look_for(const Match *match, const VtRule *rule, GPtrArray *findings)
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

/* Each rule once, after those it asks for; @findings gets what it says. The loader lets no rules
 * through that ask for each other in a circle. */
static void match_rule(const Match *match, const VtRule *rule, GPtrArray *findings)
{
    guint first;

    if (match->verdicts && !vt_rule_cond_verdicts_begin(match->verdicts, rule->id))
        return;
    for (guint i = 0; match->verdicts && i < rule->asks->len; i++) {
        const VtCond *ask = g_ptr_array_index(rule->asks, i);
        const VtRule *other = vt_rule_set_find_any(match->rules, ask->fact);
        const gboolean speaks = match->all && vt_rule_set_find(match->rules, ask->fact);

        if (other)
            match_rule(match, other, speaks ? findings : match->silent);
    }
    first = findings->len;
    look_for(match, rule, findings);
    if (match->verdicts)
        vt_rule_cond_verdicts_enter(match->verdicts, rule->id, findings, first);
}

static gboolean any_asks(const VtRuleSet *rules)
{
    for (guint i = 0; i < rules->rules->len; i++)
        if (((const VtRule *)g_ptr_array_index(rules->rules, i))->asks->len > 0)
            return TRUE;
    return FALSE;
}

static void match_begin(Match *match, const VtRuleSet *rules, const VtMatchInput *input)
{
    double busy;

    *match = (Match){.input = input,
                     .measure = vt_rule_measure_new(input->profile),
                     .tests = vt_rule_cond_tests_new(),
                     .briefs = g_hash_table_new_full(NULL, NULL, NULL, g_free),
                     .rules = rules};
    match->root = input->domain->live ? xmlDocGetRootElement(input->domain->live) : NULL;
    if (input->profile && vt_profile_busy_domain_rate(input->profile, &busy) &&
        busy < VT_MATCH_FLOOR_PER_S) {
        match->below_floor = TRUE;
        match->busy_per_s = busy;
    }
}

static void match_others(Match *match)
{
    match->verdicts = vt_rule_cond_verdicts_new();
    match->silent = g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);
}

static GPtrArray *match_end(Match *match, GPtrArray *findings)
{
    vt_rule_measure_free(match->measure);
    vt_rule_cond_tests_free(match->tests);
    g_hash_table_unref(match->briefs);
    vt_rule_cond_verdicts_free(match->verdicts);
    g_clear_pointer(&match->silent, g_ptr_array_unref);
    g_ptr_array_sort(findings, vt_finding_compare);
    return findings;
}

GPtrArray *vt_rule_match(const VtRuleSet *rules, const VtMatchInput *input)
{
    GPtrArray *findings = g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);
    Match match;

    match_begin(&match, rules, input);
    match.all = TRUE;
    if (any_asks(rules))
        match_others(&match);
    for (guint i = 0; i < rules->rules->len; i++)
        match_rule(&match, g_ptr_array_index(rules->rules, i), findings);
    return match_end(&match, findings);
}

GPtrArray *vt_rule_match_one(const VtRuleSet *rules, const VtRule *rule, const VtMatchInput *input)
{
    GPtrArray *findings = g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);
    Match match;

    match_begin(&match, rules, input);
    if (rules && rule->asks->len > 0)
        match_others(&match);
    match_rule(&match, rule, findings);
    return match_end(&match, findings);
}
