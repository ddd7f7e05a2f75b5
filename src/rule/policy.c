/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A site's policy: what virt-tune.conf may say, and what it makes of rules and findings. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/key-file.h"
#include "base/text.h"
#include "rule/policy-waiver.h"
#include "rule/policy.h"
#include "rule/rule-cond.h"

#define GROUP_RULES "rules"
#define GROUP_RULE "rule "
#define GROUP_WAIVER "waiver "

/* A line about one rule. */
typedef struct {
    char *rule;
    char *key;   /* "off", "above.rate.exit.mmio" */
    char *value; /* of a threshold */
    gboolean off;
    char *file;
    guint line;
} Setting;

struct VtPolicy {
    GPtrArray *settings; /* Setting, of each rule and key one */
    GPtrArray *waivers;  /* VtWaiver, by name */
};

static void setting_free(gpointer data)
{
    Setting *setting = data;

    g_free(setting->rule);
    g_free(setting->key);
    g_free(setting->value);
    g_free(setting->file);
    g_free(setting);
}

VtPolicy *vt_policy_new(void)
{
    VtPolicy *policy = g_new0(VtPolicy, 1);

    policy->settings = g_ptr_array_new_with_free_func(setting_free);
    policy->waivers = g_ptr_array_new_with_free_func((GDestroyNotify)vt_policy_waiver_free);
    return policy;
}

void vt_policy_free(VtPolicy *policy)
{
    if (!policy)
        return;
    g_ptr_array_unref(policy->settings);
    g_ptr_array_unref(policy->waivers);
    g_free(policy);
}

/* The setting, made where there is none, as of @entry. */
static Setting *enter(VtPolicy *policy, const char *rule, const char *key, const VtKeyFile *file,
                      const VtKeyFileEntry *entry)
{
    Setting *setting = NULL;

    for (guint i = 0; i < policy->settings->len && !setting; i++) {
        Setting *known = g_ptr_array_index(policy->settings, i);

        if (g_str_equal(known->rule, rule) && g_str_equal(known->key, key))
            setting = known;
    }
    if (!setting) {
        setting = g_new0(Setting, 1);
        setting->rule = g_strdup(rule);
        setting->key = g_strdup(key);
        g_ptr_array_add(policy->settings, setting);
    }
    g_free(setting->file);
    setting->file = g_strdup(file->path);
    setting->line = entry->line;
    return setting;
}

/* [rules]: off=ID;ID */
static gboolean read_rules(VtPolicy *policy, const VtKeyFile *file, const VtKeyFileEntry *entry,
                           GError **error)
{
    g_auto(GStrv) ids = NULL;

    if (!g_str_equal(entry->key, "off"))
        return vt_error_set_input(error, file->path, entry->line,
                                  _("the group [rules] has no key “%s”; it has off"), entry->key);
    ids = g_strsplit(entry->value, ";", -1);
    for (char **id = ids; *id; id++)
        if (*g_strstrip(*id))
            enter(policy, *id, "off", file, entry)->off = TRUE;
    return TRUE;
}

/* [rule ID]: off=yes|no, or BOUND.KIND.SUBJECT=NUMBER */
static gboolean read_rule(VtPolicy *policy, const char *id, const VtKeyFile *file,
                          const VtKeyFileEntry *entry, GError **error)
{
    Setting *setting;

    if (g_str_equal(entry->key, "off")) {
        if (!g_str_equal(entry->value, "yes") && !g_str_equal(entry->value, "no"))
            return vt_error_set_input(error, file->path, entry->line,
                                      _("%1$s is “%2$s”; it must be yes or no"), entry->key,
                                      entry->value);
        enter(policy, id, "off", file, entry)->off = g_str_equal(entry->value, "yes");
        return TRUE;
    }
    if (!g_str_has_prefix(entry->key, "above.") && !g_str_has_prefix(entry->key, "below."))
        return vt_error_set_input(
            error, file->path, entry->line,
            _("“%s” is no setting of a rule; there are off, and thresholds such as "
              "above.rate.exit.mmio"),
            entry->key);
    setting = enter(policy, id, entry->key, file, entry);
    g_free(setting->value);
    setting->value = g_strdup(entry->value);
    return TRUE;
}

/* Everything in the waiver's group, whose heading is at @at. */
static gboolean read_waiver(VtPolicy *policy, const VtKeyFile *file, guint at, GError **error)
{
    VtWaiver *waiver = vt_policy_waiver_read(file, at, error);
    guint i = 0;

    if (!waiver)
        return FALSE;
    while (i < policy->waivers->len &&
           strcmp(((VtWaiver *)g_ptr_array_index(policy->waivers, i))->name, waiver->name) < 0)
        i++;
    if (i < policy->waivers->len &&
        g_str_equal(((VtWaiver *)g_ptr_array_index(policy->waivers, i))->name, waiver->name))
        g_ptr_array_remove_index(policy->waivers, i);
    g_ptr_array_insert(policy->waivers, (gint)i, waiver);
    return TRUE;
}

static gboolean read_entry(VtPolicy *policy, const VtKeyFile *file, guint at, GError **error)
{
    const VtKeyFileEntry *entry = g_ptr_array_index(file->entries, at);

    if (g_str_has_prefix(entry->group, GROUP_WAIVER))
        return entry->key || read_waiver(policy, file, at, error);
    if (g_str_has_prefix(entry->group, GROUP_RULE))
        return !entry->key ||
               read_rule(policy, entry->group + strlen(GROUP_RULE), file, entry, error);
    if (g_str_equal(entry->group, GROUP_RULES))
        return !entry->key || read_rules(policy, file, entry, error);
    return vt_error_set_input(error, file->path, entry->line,
                              _("there is no group [%s]; there are [rules], [rule ID] and "
                                "[waiver NAME]"),
                              entry->group);
}

gboolean vt_policy_read(VtPolicy *policy, const char *path, GError **error)
{
    g_autoptr(VtKeyFile) file = vt_key_file_load(path, error);

    if (!file)
        return FALSE;
    for (guint i = 0; i < file->entries->len; i++)
        if (!read_entry(policy, file, i, error))
            return FALSE;
    return TRUE;
}

static void each_leaf(VtCond *cond, void (*visit)(VtCond *cond, gpointer data), gpointer data)
{
    for (guint i = 0; cond && i < cond->children->len; i++)
        each_leaf(g_ptr_array_index(cond->children, i), visit, data);
    if (cond && !cond->kind->group)
        visit(cond, data);
}

/* Every condition of the rule that is no group, but for those of its changes: what a change needs is
 * no matter of opinion. */
static void each_condition(const VtRule *rule, void (*visit)(VtCond *cond, gpointer data),
                           gpointer data)
{
    each_leaf(rule->symptom, visit, data);
    each_leaf(rule->require, visit, data);
    for (guint i = 0; i < rule->guards->len; i++)
        each_leaf(((VtGuard *)g_ptr_array_index(rule->guards, i))->cond, visit, data);
    for (guint i = 0; i < rule->satisfied->len; i++)
        each_leaf(g_ptr_array_index(rule->satisfied, i), visit, data);
}

/* "above.rate.exit.mmio"; versions are facts and no thresholds. The caller frees it. */
static char *key_of(const VtCond *cond, gboolean above)
{
    g_autofree char *subject = NULL;

    if (!(above ? cond->has_above : cond->has_below) || g_str_equal(cond->kind->name, "version"))
        return NULL;
    subject = vt_rule_cond_subject(cond);
    return g_strdup_printf("%s.%s.%s", above ? "above" : "below", cond->kind->name, subject);
}

static void list_thresholds(VtCond *cond, gpointer data)
{
    GPtrArray *lines = data;

    for (int above = 1; above >= 0; above--) {
        char buffer[G_ASCII_DTOSTR_BUF_SIZE];
        g_autofree char *key = key_of(cond, above);
        g_autofree char *line = NULL;

        if (!key)
            continue;
        g_ascii_formatd(buffer, sizeof buffer, "%.15g", above ? cond->above : cond->below);
        line = g_strdup_printf("%s=%s", key, buffer);
        if (!g_ptr_array_find_with_equal_func(lines, line, g_str_equal, NULL))
            g_ptr_array_add(lines, g_steal_pointer(&line));
    }
}

GPtrArray *vt_policy_thresholds(const VtRule *rule)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);

    each_condition(rule, list_thresholds, lines);
    return lines;
}

/* A threshold that is being set. */
typedef struct {
    const char *key;
    gboolean above;
    double value;
    guint found;
    char *problem; /* the first that it makes; NULL */
} Threshold;

static void set_threshold(VtCond *cond, gpointer data)
{
    Threshold *threshold = data;
    g_autofree char *key = key_of(cond, threshold->above);

    if (g_strcmp0(key, threshold->key) != 0)
        return;
    threshold->found++;
    if (threshold->above)
        cond->above = threshold->value;
    else
        cond->below = threshold->value;
    if (!threshold->problem && cond->kind->check)
        threshold->problem = cond->kind->check(cond);
}

static gboolean set_thresholds(const VtRule *rule, const Setting *setting, GError **error)
{
    Threshold threshold = {.key = setting->key,
                           .above = g_str_has_prefix(setting->key, "above.")};
    g_autofree char *problem = NULL;

    if (!vt_text_parse_double(setting->value, 0, G_MAXDOUBLE, &threshold.value, NULL))
        return vt_error_set_input(error, setting->file, setting->line,
                                  _("%1$s is “%2$s”; it must be a number, zero or greater"),
                                  setting->key, setting->value);
    each_condition(rule, set_threshold, &threshold);
    problem = threshold.problem;
    if (threshold.found == 0)
        return vt_error_set_input(error, setting->file, setting->line,
                                  _("%1$s has no threshold %2$s; `virt-tune rules show %1$s` lists "
                                    "those it has"),
                                  rule->id, setting->key);
    return !problem ||
           vt_error_set_input(error, setting->file, setting->line, "%s", problem);
}

/* The rule that a line of @file names. */
static VtRule *find_rule(const VtRuleSet *rules, const char *id, const char *file, guint line,
                         GError **error)
{
    const VtRule *rule = vt_rule_set_find(rules, id);

    if (!rule)
        vt_error_set_input(error, file, line,
                           _("there is no rule “%s”; `virt-tune rules list` shows those that exist"),
                           id);
    return (VtRule *)rule;
}

gboolean vt_policy_apply(const VtPolicy *policy, VtRuleSet *rules, GError **error)
{
    for (guint i = 0; i < policy->settings->len; i++) {
        const Setting *setting = g_ptr_array_index(policy->settings, i);
        VtRule *rule = find_rule(rules, setting->rule, setting->file, setting->line, error);

        if (!rule)
            return FALSE;
        if (!setting->value)
            rule->off = setting->off;
        else if (!set_thresholds(rule, setting, error))
            return FALSE;
    }
    for (guint i = 0; i < policy->waivers->len; i++) {
        const VtWaiver *waiver = g_ptr_array_index(policy->waivers, i);

        if (!find_rule(rules, waiver->rule, waiver->file, waiver->line, error))
            return FALSE;
    }
    return TRUE;
}

void vt_policy_waive(const VtPolicy *policy, const VtDomain *domain, GPtrArray *findings,
                     gint64 now_s)
{
    for (guint i = 0; i < policy->waivers->len; i++) {
        const VtWaiver *waiver = g_ptr_array_index(policy->waivers, i);

        for (guint j = 0; j < findings->len; j++) {
            VtFinding *finding = g_ptr_array_index(findings, j);

            if (!finding->waived_by &&
                vt_policy_waiver_covers(waiver, domain, finding, now_s)) {
                finding->waived_by = g_strdup(waiver->name);
                finding->waived_why = g_strdup(waiver->reason);
                finding->waived_until = g_strdup(waiver->expires);
            }
        }
    }
}

GPtrArray *vt_policy_expired(const VtPolicy *policy, gint64 now_s)
{
    GPtrArray *sentences = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < policy->waivers->len; i++) {
        const VtWaiver *waiver = g_ptr_array_index(policy->waivers, i);

        if (waiver->expires && now_s >= waiver->end_s)
            g_ptr_array_add(sentences,
                            g_strdup_printf(_("%1$s:%2$u: the waiver “%3$s” expired (%4$s) and "
                                              "covers nothing any more; renew or remove it"),
                                            waiver->file, waiver->line, waiver->name,
                                            waiver->expires));
    }
    return sentences;
}
