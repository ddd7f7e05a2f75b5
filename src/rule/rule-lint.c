/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions that cannot hold together, and names that libvirt does not know. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "rule/rule-cond.h"
#include "rule/rule-lint.h"
#include "rule/rule-load-private.h"

/* Contradictions. */

/* TRUE where both ask for the same figure or word. */
static gboolean is_same_question(const VtCond *a, const VtCond *b)
{
    g_autofree char *one = NULL, *other = NULL;

    if (a->kind != b->kind || a->per_domain != b->per_domain)
        return FALSE;
    if (a->of && b->of && !g_str_equal(vt_metric_set_text(a->of), vt_metric_set_text(b->of)))
        return FALSE;
    if (!a->of != !b->of)
        return FALSE;
    one = vt_rule_cond_subject(a);
    other = vt_rule_cond_subject(b);
    return one && g_strcmp0(one, other) == 0;
}

/* Alternatives without a word in common; those with "*" may have one. */
static gboolean is_disjoint(const char *a, const char *b)
{
    g_auto(GStrv) one = g_strsplit(a, "|", -1), other = g_strsplit(b, "|", -1);

    if (strchr(a, '*') || strchr(b, '*'))
        return FALSE;
    for (char **word = one; *word; word++)
        if (g_strv_contains((const char *const *)other, *word))
            return FALSE;
    return TRUE;
}

/* What rules say of several devices can be several things, so verdicts exclude nothing. */
static gboolean is_single_valued(const VtCond *cond)
{
    return !g_str_equal(cond->kind->name, "rule");
}

/* TRUE where nothing passes both. */
static gboolean excludes(const VtCond *a, const VtCond *b)
{
    if (!is_same_question(a, b))
        return FALSE;
    if ((a->has_above && b->has_below && a->above >= b->below) ||
        (b->has_above && a->has_below && b->above >= a->below) ||
        (a->has_least && b->has_below && a->least >= b->below) ||
        (b->has_least && a->has_below && b->least >= a->below))
        return TRUE;
    return a->is && b->is && is_single_valued(a) && is_disjoint(a->is, b->is);
}

/* The leaves that all have to hold where @cond does. */
static void collect_joint(const VtCond *cond, GPtrArray *leaves)
{
    if (!cond->kind->group) {
        g_ptr_array_add(leaves, (gpointer)cond);
        return;
    }
    if (!g_str_equal(cond->kind->name, "all") &&
        !(g_str_equal(cond->kind->name, "any") && cond->children->len == 1))
        return;
    for (guint i = 0; i < cond->children->len; i++)
        collect_joint(g_ptr_array_index(cond->children, i), leaves);
}

static void lint_joint(VtRuleLoad *load, const GPtrArray *leaves)
{
    for (guint i = 0; i < leaves->len; i++)
        for (guint j = 0; j < i; j++) {
            const VtCond *cond = g_ptr_array_index(leaves, i);
            const VtCond *other = g_ptr_array_index(leaves, j);
            g_autofree char *subject = NULL;

            if (!excludes(other, cond))
                continue;
            subject = vt_rule_cond_subject(cond);
            vt_rule_load_complain(load, cond->line,
                                  _("%1$s cannot be so and as on line %2$u at once, so this never "
                                    "holds; correct one of them or put both into <any>"),
                                  subject, other->line);
        }
}

/* @top: nothing around @cond joins it with others. */
static void lint_group(VtRuleLoad *load, const VtCond *cond, gboolean top)
{
    const gboolean joins = g_str_equal(cond->kind->name, "all");

    if (joins && top) {
        g_autoptr(GPtrArray) leaves = g_ptr_array_new();

        collect_joint(cond, leaves);
        lint_joint(load, leaves);
    }
    for (guint i = 0; i < cond->children->len; i++)
        lint_group(load, g_ptr_array_index(cond->children, i), !joins);
}

void vt_rule_lint_conditions(const VtRule *rule, GPtrArray *problems)
{
    VtRuleLoad load = {.file = rule->file, .problems = problems};
    g_autoptr(GPtrArray) joint = g_ptr_array_new();

    /* What is required and the symptom have to hold together. */
    if (rule->require)
        collect_joint(rule->require, joint);
    if (rule->symptom)
        collect_joint(rule->symptom, joint);
    lint_joint(&load, joint);
    for (guint i = 0; rule->require && i < rule->require->children->len; i++)
        lint_group(&load, g_ptr_array_index(rule->require->children, i), FALSE);
    for (guint i = 0; rule->symptom && i < rule->symptom->children->len; i++)
        lint_group(&load, g_ptr_array_index(rule->symptom->children, i), FALSE);
    for (guint i = 0; i < rule->guards->len; i++)
        lint_group(&load, ((const VtGuard *)g_ptr_array_index(rule->guards, i))->cond, TRUE);
    for (guint i = 0; i < rule->satisfied->len; i++)
        lint_group(&load, g_ptr_array_index(rule->satisfied, i), TRUE);
}

/* Names. */

/* Which attributes of a rule's own elements are XPaths on a domain. */
static const struct {
    const char *element, *attributes[3];
} xpaths[] = {
    {"each", {"select"}}, {"domain", {"test"}},     {"satisfied", {"test"}},   {"sole", {"test"}},
    {"gain", {"if"}},     {"add", {"sel", "if"}}, {"replace", {"sel", "if"}}, {"remove", {"sel", "if"}},
};

/* Where libvirt lets anything stand, nothing is known of names. */
static gboolean is_open(const char *expression)
{
    return strstr(expression, "metadata") != NULL;
}

typedef struct {
    VtRuleLoad load;
    const xmlNode *node;
    const char *attribute;
    const VtRngNames *names;
} Naming;

static void check_name(const VtXPathName *found, gpointer data)
{
    Naming *naming = data;
    g_autofree char *name = g_strndup(found->start, found->length);

    if (!found->needed || vt_rng_names_has(naming->names, name, !found->is_element))
        return;
    vt_rule_load_complain(&naming->load, vt_rule_load_line(naming->node),
                          found->is_element ? _("%1$s of <%2$s>: libvirt's schema here knows no "
                                                "element <%3$s>, so this never matches")
                                            : _("%1$s of <%2$s>: libvirt's schema here knows no "
                                                "attribute %3$s, so this never matches"),
                          naming->attribute, vt_rule_load_name(naming->node), name);
}

static void lint_names_of(const VtRule *rule, const xmlNode *node, const VtRngNames *names,
                          GPtrArray *problems)
{
    guint i = 0;

    while (i < G_N_ELEMENTS(xpaths) && strcmp(xpaths[i].element, vt_rule_load_name(node)) != 0)
        i++;
    for (guint j = 0; i < G_N_ELEMENTS(xpaths) && xpaths[i].attributes[j]; j++) {
        Naming naming = {{.file = rule->file, .problems = problems}, node,
                         xpaths[i].attributes[j], names};
        g_autofree char *expression = vt_rule_load_get(node, xpaths[i].attributes[j]);

        if (expression && !is_open(expression))
            vt_xpath_each_name(expression, check_name, &naming);
    }
    /* The content of an operation is the domain's own. */
    if (i < G_N_ELEMENTS(xpaths) && g_strcmp0(xpaths[i].attributes[0], "sel") == 0)
        return;
    for (const xmlNode *child = vt_rule_load_next(node->children); child;
         child = vt_rule_load_next(child->next))
        lint_names_of(rule, child, names, problems);
}

void vt_rule_lint_names(const VtRule *rule, const VtRngNames *names, GPtrArray *problems)
{
    lint_names_of(rule, xmlDocGetRootElement(rule->doc), names, problems);
}
