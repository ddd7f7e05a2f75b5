/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rules: the database; check lints a user's rule. */
#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/progress.h"
#include "base/text.h"
#include "cmd/acquire-rules.h"
#include "cmd/cmd.h"
#include "plan/plan-lint.h"
#include "plan/value.h"
#include "report/explain.h"
#include "report/table.h"
#include "rule/rule-lint.h"
#include "rule/rule-load.h"

static struct {
    gboolean name;
} opt;

static const GOptionEntry entries[] = {
    {"name", 0, 0, G_OPTION_ARG_NONE, &opt.name, N_("list: only the ids"), NULL},
    G_OPTION_ENTRY_NULL,
};

/* "user, off (replaces: shipped)". The caller frees it. */
static char *origin_of(const VtRule *rule)
{
    if (rule->replaces)
        return g_strdup_printf(rule->off ? _("%1$s, off (replaces: %2$s)") : _("%1$s (replaces: %2$s)"),
                               _(rule->origin), _(rule->replaces));
    return rule->off ? g_strdup_printf(_("%s, off"), _(rule->origin)) : g_strdup(_(rule->origin));
}

static int compare_rules(gconstpointer a, gconstpointer b)
{
    return strcmp((*(const VtRule *const *)a)->id, (*(const VtRule *const *)b)->id);
}

/* Those that speak and, unless some were asked for by name, those that are off. */
static GPtrArray *collect(const VtRuleSet *rules, gboolean named)
{
    GPtrArray *all = g_ptr_array_new();

    for (guint i = 0; i < rules->rules->len; i++)
        g_ptr_array_add(all, g_ptr_array_index(rules->rules, i));
    for (guint i = 0; !named && i < rules->silent->len; i++)
        g_ptr_array_add(all, g_ptr_array_index(rules->silent, i));
    g_ptr_array_sort(all, compare_rules);
    return all;
}

static gboolean list(VtApp *app, char **argv, int *ret_status, GError **error)
{
    g_autoptr(VtRuleSet) rules = vt_acquire_rules(argv, NULL, error);
    g_autoptr(GPtrArray) all = NULL;
    struct libscols_table *table;
    guint before = vt_text_columns(_("SEVERITY")) + 2, longest = 0;
    guint longest_origin = vt_text_columns(_("ORIGIN"));

    if (!rules)
        return FALSE;
    for (guint i = 0; opt.name && i < rules->rules->len; i++)
        fprintf(vt_term_out(app->term), "%s\n", ((const VtRule *) g_ptr_array_index(rules->rules, i))->id);
    if (opt.name)
        return TRUE;
    all = collect(rules, *argv != NULL);
    for (guint i = 0; i < all->len; i++) {
        const VtRule *rule = g_ptr_array_index(all, i);
        g_autofree char *origin = origin_of(rule);

        longest = MAX(longest, (guint)strlen(rule->id));
        longest_origin = MAX(longest_origin, vt_text_columns(origin));
    }
    before += longest + longest_origin + 2;
    table = vt_table_new(app->term);
    scols_table_new_column(table, _("RULE"), 0, 0);
    scols_table_new_column(table, _("SEVERITY"), 0, 0);
    scols_table_new_column(table, _("ORIGIN"), 0, 0);
    vt_table_add_wrapped(table, _("TITLE"));
    for (guint i = 0; i < all->len; i++) {
        const VtRule *rule = g_ptr_array_index(all, i);
        struct libscols_line *line = scols_table_new_line(table, NULL);
        g_autofree char *origin = origin_of(rule);

        scols_line_set_data(line, 0, rule->id);
        scols_line_set_data(line, 1, vt_severity_name(rule->severity));
        scols_line_set_data(line, 2, origin);
        vt_table_set_wrapped(app->term, line, 3, _(rule->title), before);
    }
    vt_table_print(app->term, table);
    return TRUE;
}

static gboolean show(VtApp *app, char **argv, int *ret_status, GError **error)
{
    g_autoptr(VtRuleSet) rules = NULL;

    if (!*argv) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("rules show takes the ids of rules"));
        return FALSE;
    }
    rules = vt_acquire_rules(argv, NULL, error);
    for (guint i = 0; rules && i < rules->rules->len; i++) {
        if (i > 0)
            fputc('\n', vt_term_out(app->term));
        vt_explain_rule(app->term, g_ptr_array_index(rules->rules, i));
    }
    return rules != NULL;
}

/* What files are checked with. */
typedef struct {
    VtXmlSchema *schema;
    VtXmlSchema *libvirt; /* libvirt's schema of domains; NULL: not installed */
    VtRngNames *names;    /* that are in it */
    VtRuleSet *rules;     /* all that there are, those that are checked in the place of others */
} Check;

static void check_clear(Check *check)
{
    g_clear_pointer(&check->schema, vt_xml_schema_free);
    g_clear_pointer(&check->libvirt, vt_xml_schema_free);
    g_clear_pointer(&check->names, vt_rng_names_free);
    g_clear_pointer(&check->rules, vt_rule_set_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Check, check_clear)

static gboolean check_open(Check *check, GError **error)
{
    check->schema = vt_acquire_schema(error);
    check->rules = check->schema ? vt_acquire_rules(NULL, NULL, error) : NULL;
    if (!check->rules)
        return FALSE;
    if (!g_file_test(VT_LIBVIRT_SCHEMA, G_FILE_TEST_EXISTS))
        return TRUE;
    check->libvirt = vt_xml_schema_load(VT_LIBVIRT_SCHEMA, error);
    check->names = check->libvirt ? vt_rng_names_load(VT_LIBVIRT_SCHEMA, error) : NULL;
    return check->names != NULL;
}

static void check_changes(const Check *check, const VtRule *rule, GPtrArray *problems)
{
    static const char *const domains[] = {"everything.xml", "plain.xml"};

    for (gsize i = 0, before = problems->len; i < G_N_ELEMENTS(domains) && problems->len == before; i++) {
        g_autofree char *path = g_build_filename(vt_cmd_datadir(), "check", domains[i], NULL);
        g_autoptr(xmlDoc) doc = vt_xml_parse_file(path, NULL);

        if (doc)
            vt_plan_lint(rule, doc, domains[i], check->libvirt, problems);
    }
}

/* Everything that is wrong with a file itself. A rule that can be read joins the others. */
static GPtrArray *find_problems(Check *check, const char *path)
{
    GPtrArray *problems = vt_rule_load_lint(path, check->schema);
    g_autoptr(VtRule) rule =
        problems->len == 0 ? vt_rule_load_file(path, check->schema, NULL) : NULL;

    if (!rule)
        return problems;
    vt_value_lint(rule, problems);
    if (check->libvirt) {
        vt_rule_lint_names(rule, check->names, problems);
        check_changes(check, rule, problems);
    }
    vt_rule_set_add(check->rules, g_steal_pointer(&rule));
    return problems;
}

static void print_problems(VtApp *app, const GPtrArray *problems)
{
    for (guint i = 0; i < problems->len; i++)
        fprintf(vt_term_out(app->term), "%s\n", (const char *) g_ptr_array_index(problems, i));
}

static gboolean check(VtApp *app, char **argv, int *ret_status, GError **error)
{
    g_autoptr(GPtrArray) between = g_ptr_array_new_with_free_func(g_free);
    g_auto(Check) check = {0};
    guint bad = 0;

    if (!*argv) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("rules check takes files"));
        return FALSE;
    }
    vt_progress_begin(_("reading the schemas"));
    if (!check_open(&check, error))
        return FALSE;
    vt_progress_end();
    for (char **path = argv; *path; path++) {
        g_autoptr(GPtrArray) problems = NULL;

        vt_progress_begin(_("checking %s"), *path);
        problems = find_problems(&check, *path);
        vt_progress_end();
        print_problems(app, problems);
        bad += problems->len > 0;
        if (problems->len == 0 && !app->quiet)
            fprintf(vt_term_out(app->term), _("%s: no problem found\n"), *path);
    }
    /* Links lead to rules of other files. */
    vt_rule_load_check_set(check.rules, between);
    print_problems(app, between);
    *ret_status = bad > 0 || between->len > 0 ? 1 : 0;
    return TRUE;
}

static gboolean rules(VtApp *app, char **argv, int *ret_status, GError **error)
{
    static const struct {
        const char *name;
        gboolean (*run)(VtApp *app, char **argv, int *ret_status, GError **error);
    } actions[] = {{"list", list}, {"show", show}, {"check", check}};

    for (gsize i = 0; *argv && i < G_N_ELEMENTS(actions); i++)
        if (g_str_equal(*argv, actions[i].name))
            return actions[i].run(app, argv + 1, ret_status, error);
    g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("rules takes list, show RULE… or check FILE…"));
    return FALSE;
}

const VtCmd vt_cmd_rules = {
    .name = "rules",
    .operands = N_("list|show|check …"),
    .complete = "list|show|check rule,xml",
    .summary = N_("list the rules, show one, or check a rule file of your own"),
    .options = entries,
    .run = rules,
};
