/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A directory of rules: one file per id, and links between rules that lead somewhere and not in
 * circles. */
#include "config.h"

#include "base/error.h"
#include "base/sort.h"
#include "rule/rule-load-private.h"
#include "rule/rule-load.h"

/* The names of *.xml, sorted; hidden files are an editor's. */
static GPtrArray *list(const char *path, GError **error)
{
    g_autoptr(GError) local = NULL;
    g_autoptr(GDir) dir = g_dir_open(path, 0, &local);
    GPtrArray *names;
    const char *name;

    if (!dir) {
        g_set_error(error, VT_ERROR, VT_ERROR_IO, _("cannot read the rules: %s"), local->message);
        return NULL;
    }
    names = g_ptr_array_new_with_free_func(g_free);
    while ((name = g_dir_read_name(dir)))
        if (name[0] != '.' && g_str_has_suffix(name, ".xml"))
            g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, vt_sort_compare);
    return names;
}

static void check_links(const VtRuleSet *set, const VtRule *rule, const GPtrArray *links,
                        const char *element, GPtrArray *problems)
{
    VtRuleLoad load = {.file = rule->file, .problems = problems};

    for (guint i = 0; i < links->len; i++) {
        const VtRuleLink *link = g_ptr_array_index(links, i);

        if (link->rule && !vt_rule_set_find(set, link->rule))
            vt_rule_load_complain(
                &load, link->line,
                _("<%1$s> names “%2$s”, and there is no such rule; correct the id"), element,
                link->rule);
    }
}

static void check_asks(const VtRuleSet *set, const VtRule *rule, GPtrArray *problems)
{
    VtRuleLoad load = {.file = rule->file, .problems = problems};

    for (guint i = 0; i < rule->asks->len; i++) {
        const VtCond *ask = g_ptr_array_index(rule->asks, i);

        if (!vt_rule_set_find(set, ask->fact))
            vt_rule_load_complain(
                &load, ask->line,
                _("<%1$s> names “%2$s”, and there is no such rule; correct the id"), "rule",
                ask->fact);
    }
}

/* One step from a rule to another. */
typedef struct {
    const char *rule;
    guint line;
} Step;

/* What rules are led to each other by. FALSE behind the last. */
typedef gboolean (*StepFunc)(const VtRule *rule, guint i, Step *ret_step);

static gboolean step_supersedes(const VtRule *rule, guint i, Step *ret_step)
{
    const VtRuleLink *link;

    if (i >= rule->supersedes->len)
        return FALSE;
    link = g_ptr_array_index(rule->supersedes, i);
    *ret_step = (Step){link->rule, link->line};
    return TRUE;
}

static gboolean step_asks(const VtRule *rule, guint i, Step *ret_step)
{
    const VtCond *ask;

    if (i >= rule->asks->len)
        return FALSE;
    ask = g_ptr_array_index(rule->asks, i);
    *ret_step = (Step){ask->fact, ask->line};
    return TRUE;
}

/* A walk along such steps. */
typedef struct {
    const VtRuleSet *set;
    StepFunc step;
    const char *element; /* that makes them */
    GHashTable *done;    /* rules from which every way was seen */
    GPtrArray *way;      /* rules from the start to here */
    GPtrArray *problems;
} Walk;

static void complain_cycle(const Walk *walk, guint start, const Step *step)
{
    const VtRule *last = g_ptr_array_index(walk->way, walk->way->len - 1);
    g_autoptr(GString) names = g_string_new(NULL);
    VtRuleLoad load = {.file = last->file, .problems = walk->problems};

    for (guint i = start; i < walk->way->len; i++)
        g_string_append_printf(names, "%s → ",
                               ((const VtRule *)g_ptr_array_index(walk->way, i))->id);
    g_string_append(names, step->rule);
    vt_rule_load_complain(&load, step->line,
                          _("<%1$s> goes in a circle: %2$s; remove one of them"), walk->element,
                          names->str);
}

static void walk_from(Walk *walk, const VtRule *rule)
{
    Step step;

    if (g_hash_table_contains(walk->done, rule))
        return;
    g_ptr_array_add(walk->way, (gpointer)rule);
    for (guint i = 0; walk->step(rule, i, &step); i++) {
        const VtRule *next = vt_rule_set_find(walk->set, step.rule);
        guint seen;

        if (next && g_ptr_array_find(walk->way, next, &seen))
            complain_cycle(walk, seen, &step);
        else if (next)
            walk_from(walk, next);
    }
    g_ptr_array_set_size(walk->way, (gint)walk->way->len - 1);
    g_hash_table_add(walk->done, (gpointer)rule);
}

static void check_cycles(const VtRuleSet *set, StepFunc step, const char *element,
                         GPtrArray *problems)
{
    g_autoptr(GHashTable) done = g_hash_table_new(NULL, NULL);
    g_autoptr(GPtrArray) way = g_ptr_array_new();
    Walk walk = {set, step, element, done, way, problems};

    for (guint i = 0; i < set->rules->len; i++)
        walk_from(&walk, g_ptr_array_index(set->rules, i));
}

void vt_rule_load_check_set(const VtRuleSet *set, GPtrArray *problems)
{
    for (guint i = 0; i < set->rules->len; i++) {
        const VtRule *rule = g_ptr_array_index(set->rules, i);

        check_links(set, rule, rule->supersedes, "supersedes", problems);
        check_links(set, rule, rule->conflicts, "conflicts", problems);
        check_asks(set, rule, problems);
    }
    check_cycles(set, step_supersedes, "supersedes", problems);
    check_cycles(set, step_asks, "rule", problems);
}

/* Takes @rule. */
static void enter(VtRuleSet *set, VtRule *rule, GPtrArray *problems)
{
    const VtRule *other = vt_rule_set_find(set, rule->id);
    VtRuleLoad load = {.file = rule->file, .problems = problems};

    if (other) {
        vt_rule_load_complain(&load, rule->line,
                              _("the id “%1$s” is also that of %2$s:%3$u; every rule has its own, "
                                "and so its file's name"),
                              rule->id, other->file, other->line);
        vt_rule_free(rule);
        return;
    }
    vt_rule_set_add(set, rule);
}

/* The rules of one directory, without regard to others. */
static VtRuleSet *load_one(const VtRuleDir *dir, const GPtrArray *names, VtXmlSchema *schema,
                           GPtrArray *problems)
{
    VtRuleSet *set = vt_rule_set_new();

    for (guint i = 0; i < names->len && problems->len == 0; i++) {
        g_autofree char *path = g_build_filename(dir->path, g_ptr_array_index(names, i), NULL);
        VtRule *rule = vt_rule_load_read(path, schema, problems);

        if (!rule)
            continue;
        rule->origin = dir->origin;
        enter(set, rule, problems);
    }
    for (guint i = 0; i < set->rules->len && problems->len == 0; i++)
        vt_rule_load_check_name(g_ptr_array_index(set->rules, i), problems);
    return set;
}

/* Moves the rules of @from to @set. */
static void merge(VtRuleSet *set, VtRuleSet *from)
{
    while (from->rules->len > 0) {
        VtRule *rule = g_ptr_array_steal_index(from->rules, from->rules->len - 1);
        const VtRule *other = vt_rule_set_find(set, rule->id);

        if (other)
            rule->replaces = other->origin;
        vt_rule_set_add(set, rule);
    }
}

VtRuleSet *vt_rule_load_dirs(const VtRuleDir *dirs, gsize n, VtXmlSchema *schema, GError **error)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(VtRuleSet) set = vt_rule_set_new();

    for (gsize i = 0; i < n && problems->len == 0; i++) {
        g_autoptr(GPtrArray) names = NULL;
        g_autoptr(VtRuleSet) one = NULL;

        if (dirs[i].optional && !g_file_test(dirs[i].path, G_FILE_TEST_EXISTS))
            continue;
        names = list(dirs[i].path, error);
        if (!names)
            return NULL;
        one = load_one(&dirs[i], names, schema, problems);
        merge(set, one);
    }
    if (problems->len == 0)
        vt_rule_load_check_set(set, problems);
    return vt_rule_load_fail(problems, error) ? NULL : g_steal_pointer(&set);
}

VtRuleSet *vt_rule_load_dir(const char *dir, VtXmlSchema *schema, GError **error)
{
    const VtRuleDir one = {.path = dir, .origin = "shipped"};

    return vt_rule_load_dirs(&one, 1, schema, error);
}
