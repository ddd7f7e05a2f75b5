/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules as values, and sets of them ordered by id. */
#include "config.h"

#include <string.h>

#include "rule/rule.h"

void vt_cond_free(VtCond *cond)
{
    if (!cond)
        return;
    g_ptr_array_unref(cond->children);
    vt_metric_set_free(cond->metric);
    vt_metric_set_free(cond->minus);
    vt_metric_set_free(cond->of);
    vt_xpath_free(cond->test);
    g_free(cond->fact);
    g_free(cond->is);
    g_free(cond->has);
    g_free(cond->supports);
    g_free(cond);
}

static void patch_op_free(gpointer data)
{
    VtPatchOp *op = data;

    g_free(op->sel);
    g_free(op->type);
    g_free(op->pos);
    g_free(op->ws);
    vt_xpath_free(op->when);
    g_free(op);
}

static void command_free(gpointer data)
{
    VtCommand *command = data;

    g_free(command->text);
    g_free(command->undo);
    g_free(command);
}

static void change_free(gpointer data)
{
    VtChange *change = data;

    g_free(change->target);
    g_free(change->effect);
    g_free(change->text);
    g_ptr_array_unref(change->needs);
    g_ptr_array_unref(change->ops);
    g_ptr_array_unref(change->commands);
    g_free(change);
}

static void guard_free(gpointer data)
{
    VtGuard *guard = data;

    g_free(guard->why);
    vt_cond_free(guard->cond);
    g_free(guard);
}

static void gain_free(gpointer data)
{
    VtRuleGain *gain = data;

    vt_xpath_free(gain->when);
    vt_metric_set_free(gain->metric);
    vt_metric_set_free(gain->minus);
    g_free(gain->basis);
    g_free(gain);
}

static void link_free(gpointer data)
{
    VtRuleLink *link = data;

    g_free(link->rule);
    g_free(link->why);
    g_free(link);
}

static void reference_free(gpointer data)
{
    VtReference *reference = data;

    g_free(reference->href);
    g_free(reference->text);
    g_free(reference);
}

VtCond *vt_cond_new(const VtCondKind *kind, guint line)
{
    VtCond *cond = g_new0(VtCond, 1);

    cond->kind = kind;
    cond->line = line;
    cond->children = g_ptr_array_new_with_free_func((GDestroyNotify)vt_cond_free);
    return cond;
}

VtChange *vt_change_new(guint line)
{
    VtChange *change = g_new0(VtChange, 1);

    change->line = line;
    change->needs = g_ptr_array_new_with_free_func((GDestroyNotify)vt_cond_free);
    change->ops = g_ptr_array_new_with_free_func(patch_op_free);
    change->commands = g_ptr_array_new_with_free_func(command_free);
    return change;
}

VtRule *vt_rule_new(void)
{
    VtRule *rule = g_new0(VtRule, 1);

    rule->guards = g_ptr_array_new_with_free_func(guard_free);
    rule->satisfied = g_ptr_array_new_with_free_func((GDestroyNotify)vt_cond_free);
    rule->gains = g_ptr_array_new_with_free_func(gain_free);
    rule->changes = g_ptr_array_new_with_free_func(change_free);
    rule->supersedes = g_ptr_array_new_with_free_func(link_free);
    rule->conflicts = g_ptr_array_new_with_free_func(link_free);
    rule->references = g_ptr_array_new_with_free_func(reference_free);
    rule->asks = g_ptr_array_new();
    return rule;
}

void vt_rule_free(VtRule *rule)
{
    if (!rule)
        return;
    g_free(rule->id);
    g_free(rule->file);
    g_free(rule->since);
    g_free(rule->title);
    g_free(rule->why);
    g_free(rule->risk);
    vt_xpath_free(rule->each);
    g_free(rule->each_in);
    vt_cond_free(rule->symptom);
    vt_cond_free(rule->require);
    g_ptr_array_unref(rule->guards);
    g_ptr_array_unref(rule->satisfied);
    vt_xpath_free(rule->sole);
    g_ptr_array_unref(rule->gains);
    g_ptr_array_unref(rule->changes);
    g_ptr_array_unref(rule->supersedes);
    g_ptr_array_unref(rule->conflicts);
    g_ptr_array_unref(rule->references);
    g_ptr_array_unref(rule->asks);
    xmlFreeDoc(rule->doc);
    g_free(rule);
}

const VtChange *vt_rule_domain_change(const VtRule *rule)
{
    for (guint i = 0; i < rule->changes->len; i++) {
        const VtChange *change = g_ptr_array_index(rule->changes, i);

        if (g_str_equal(change->target, "domain"))
            return change;
    }
    return NULL;
}

VtRuleSet *vt_rule_set_new(void)
{
    VtRuleSet *set = g_new0(VtRuleSet, 1);

    set->rules = g_ptr_array_new_with_free_func((GDestroyNotify)vt_rule_free);
    set->silent = g_ptr_array_new_with_free_func((GDestroyNotify)vt_rule_free);
    return set;
}

void vt_rule_set_free(VtRuleSet *set)
{
    if (!set)
        return;
    g_ptr_array_unref(set->rules);
    g_ptr_array_unref(set->silent);
    g_free(set);
}

/* Where @id is in @rules, or where it would go. */
static gboolean locate(const GPtrArray *rules, const char *id, guint *ret_index)
{
    guint low = 0, high = rules->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;
        const VtRule *rule = g_ptr_array_index(rules, middle);
        int order = strcmp(id, rule->id);

        if (order == 0) {
            *ret_index = middle;
            return TRUE;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    *ret_index = low;
    return FALSE;
}

/* Takes @rule. */
static void insert(GPtrArray *rules, VtRule *rule)
{
    guint i;

    if (locate(rules, rule->id, &i)) {
        vt_rule_free(g_ptr_array_index(rules, i));
        g_ptr_array_index(rules, i) = rule;
    } else {
        g_ptr_array_insert(rules, (gint)i, rule);
    }
}

void vt_rule_set_add(VtRuleSet *set, VtRule *rule)
{
    insert(set->rules, rule);
}

void vt_rule_set_silence(VtRuleSet *set, const char *id)
{
    guint i;

    if (locate(set->rules, id, &i))
        insert(set->silent, g_ptr_array_steal_index(set->rules, i));
}

const VtRule *vt_rule_set_find(const VtRuleSet *set, const char *id)
{
    guint i;

    return locate(set->rules, id, &i) ? g_ptr_array_index(set->rules, i) : NULL;
}

const VtRule *vt_rule_set_find_any(const VtRuleSet *set, const char *id)
{
    guint i;

    if (locate(set->rules, id, &i))
        return g_ptr_array_index(set->rules, i);
    return locate(set->silent, id, &i) ? g_ptr_array_index(set->silent, i) : NULL;
}
