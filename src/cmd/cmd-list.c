/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list: domains with state, exits and open advice. */
#include "config.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "cmd/acquire.h"
#include "cmd/change.h"
#include "model/metric.h"
#include "report/table.h"
#include "rule/rule-match.h"

static struct {
    gboolean name;
} opt;

static const GOptionEntry entries[] = {
    {"all", 'a', 0, G_OPTION_ARG_NONE, &vt_acquire_options.all, N_("also domains that do not run"), NULL},
    VT_ACQUIRE_SAMPLE_ENTRIES,
    {"name", 0, 0, G_OPTION_ARG_NONE, &opt.name, N_("only the names, and measure nothing"), NULL},
    G_OPTION_ENTRY_NULL,
};

enum { COL_ID, COL_NAME, COL_STATE, COL_VCPUS, COL_EXITS, COL_WORST, COL_ADVICE };

/* The family with most exits but HLT; "-" where no family is known or none moved. */
static const char *worst_family(const VtProfile *profile)
{
    g_autoptr(GPtrArray) metrics = vt_profile_sorted(profile);
    const VtMetric *worst = NULL;

    for (guint i = 0; i < metrics->len; i++) {
        const VtMetric *metric = g_ptr_array_index(metrics, i);

        if (vt_metric_kind(metric->name) == VT_METRIC_EXIT && !g_str_equal(metric->name, "exit.hlt") &&
            metric->count > 0 && (!worst || metric->rate > worst->rate))
            worst = metric;
    }
    return worst ? worst->name + strlen("exit.") : "-";
}

static guint count_advice(const GPtrArray *findings)
{
    guint n = 0;

    for (guint i = 0; i < findings->len; i++)
        n += ((const VtFinding *) g_ptr_array_index(findings, i))->verdict == VT_VERDICT_ADVISE;
    return n;
}

static void add_row(struct libscols_table *table, const VtDomain *domain, const VtProfile *profile, guint advice)
{
    struct libscols_line *line = scols_table_new_line(table, NULL);
    g_autofree char *name = vt_text_printable(domain->name, FALSE);
    g_autofree char *id = domain->active ? g_strdup_printf("%d", domain->id) : g_strdup("-");
    g_autofree char *vcpus = g_strdup_printf("%u", domain->vcpus);
    g_autofree char *advised = advice ? g_strdup_printf("%u", advice) : g_strdup("-");
    const VtMetric *exits = profile ? vt_profile_get(profile, "exits") : NULL;

    scols_line_set_data(line, COL_ID, id);
    scols_line_set_data(line, COL_NAME, name);
    scols_line_set_data(line, COL_STATE, domain->state);
    scols_line_set_data(line, COL_VCPUS, vcpus);
    scols_line_set_data(line, COL_EXITS, "-");
    scols_line_set_data(line, COL_WORST, profile ? worst_family(profile) : "-");
    if (exits) {
        g_autofree char *counted = vt_text_format_count(exits->rate * domain->vcpus);
        g_autofree char *rate = g_strconcat(profile->exits_low ? "≥ " : "", counted, NULL);

        scols_line_set_data(line, COL_EXITS, rate);
    }
    scols_line_set_data(line, COL_ADVICE, advised);
}

static void note_pending(GString *pending, VtVirt *virt, const VtDomain *domain)
{
    guint64 change = vt_change_pending(virt, domain);
    g_autofree char *name = change > 0 ? vt_text_printable(domain->name, FALSE) : NULL;

    if (name)
        g_string_append_printf(pending,
                               _("%1$s: change %2$" PRIu64
                                 " takes effect after the domain is fully powered off and started "
                                 "again\n"),
                               name, change);
}

static struct libscols_table *new_table(VtApp *app)
{
    struct libscols_table *table = vt_table_new(app->term);

    scols_table_new_column(table, _("ID"), 0, SCOLS_FL_RIGHT);
    scols_table_new_column(table, _("NAME"), 0.4, 0);
    scols_table_new_column(table, _("STATE"), 0, 0);
    scols_table_new_column(table, _("VCPUS"), 0, SCOLS_FL_RIGHT);
    scols_table_new_column(table, _("EXITS/S"), 0, SCOLS_FL_RIGHT);
    scols_table_new_column(table, _("MOST"), 0, 0);
    scols_table_new_column(table, _("ADVICE"), 0, SCOLS_FL_RIGHT);
    return table;
}

static gboolean list_names(VtApp *app, char **argv, gboolean all, GError **error)
{
    g_autoptr(VtVirt) virt = vt_acquire_connection(app, error);
    g_autoptr(GPtrArray) domains = virt ? vt_acquire_domains(virt, argv, !*argv, !all, error) : NULL;

    if (!domains)
        return FALSE;
    for (guint i = 0; i < domains->len; i++) {
        const VtDomain *domain = g_ptr_array_index(domains, i);
        g_autofree char *name = vt_text_printable(domain->name, FALSE);

        fprintf(vt_term_out(app->term), "%s\n", name);
    }
    return TRUE;
}

static gboolean list(VtApp *app, char **argv, int *ret_status, GError **error)
{
    g_autoptr(VtRuleSet) rules = NULL;
    g_autoptr(VtAcquired) acquired = NULL;
    g_autoptr(GString) pending = g_string_new(NULL);
    gboolean all = vt_acquire_options.all;
    struct libscols_table *table;

    if (opt.name)
        return list_names(app, argv, all, error);
    rules = vt_acquire_rules(NULL, error);
    if (!rules)
        return FALSE;
    if (vt_acquire_options.duration_ns == 0)
        vt_acquire_options.duration_ns = G_GUINT64_CONSTANT(1000000000);
    vt_acquire_options.all = !*argv;
    vt_acquire_options.running_only = !*argv && !all;
    acquired = vt_acquire_run(app, argv, error);
    if (!acquired)
        return FALSE;
    table = new_table(app);
    for (guint i = 0; i < acquired->domains->len; i++) {
        g_autoptr(VtDomain) domain = g_steal_pointer(&acquired->domains->pdata[i]);
        const VtProfile *profile = g_ptr_array_index(acquired->profiles, i);
        g_autoptr(GPtrArray) findings = NULL;
        g_autoptr(GError) gone = NULL;
        VtMatchInput input = {
            .domain = domain, .profile = profile, .host = vt_acquired_host(acquired, i), .brief = TRUE};

        if (!vt_acquire_xml(acquired, domain, &gone)) {
            g_debug("%s", gone->message);
            continue;
        }
        findings = vt_rule_match(rules, &input);
        add_row(table, domain, profile, count_advice(findings));
        note_pending(pending, acquired->virt, domain);
    }
    vt_table_print(app->term, table);
    fputs(pending->str, vt_term_out(app->term));
    vt_acquire_hint_session(app, acquired);
    return TRUE;
}

const VtCmd vt_cmd_list = {
    .name = "list",
    .operands = N_("[DOMAIN…]"),
    .complete = "domain",
    .summary = N_("list domains with their exits and open advice"),
    .options = entries,
    .run = list,
};
