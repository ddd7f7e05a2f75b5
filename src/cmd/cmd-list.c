/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list: domains with state, exits and open advice. */
#include "config.h"

#include <glib/gi18n.h>
#include <inttypes.h>

#include "base/csv.h"
#include "base/progress.h"
#include "base/text.h"
#include "cmd/acquire.h"
#include "cmd/acquire-rules.h"
#include "report/report-words.h"
#include "report/table.h"
#include "rule/rule-match.h"

static struct {
    gboolean name;
    char *output;
} opt;

static const GOptionEntry entries[] = {
    {"all", 'a', 0, G_OPTION_ARG_NONE, &vt_acquire_options.all, N_("also domains that do not run"), NULL},
    VT_ACQUIRE_SAMPLE_ENTRIES_OF(N_("how long to sample (1s)"), N_("length of a window (1s)")),
    {"name", 0, 0, G_OPTION_ARG_NONE, &opt.name, N_("only the names, and measure nothing"), NULL},
    {"output", 'o', 0, G_OPTION_ARG_STRING, &opt.output, N_("format of the result"), "text|csv"},
    G_OPTION_ENTRY_NULL,
};

enum { COL_ID, COL_NAME, COL_STATE, COL_VCPUS, COL_EXITS, COL_WORST, COL_ADVICE };

static void add_row(struct libscols_table *table, const VtDomain *domain, const VtProfile *profile, guint advice)
{
    struct libscols_line *line = scols_table_new_line(table, NULL);
    g_autofree char *name = vt_text_printable(domain->name, FALSE);
    g_autofree char *id = domain->active ? g_strdup_printf("%d", domain->id) : g_strdup("-");
    g_autofree char *vcpus = g_strdup_printf("%u", domain->vcpus);
    /* A star: by the XML alone. */
    g_autofree char *advised = advice ? g_strdup_printf("%u%s", advice, profile ? "" : "*") : g_strdup("-");
    const char *worst = profile ? vt_report_worst_family(profile) : NULL;
    double exits;

    scols_line_set_data(line, COL_ID, id);
    scols_line_set_data(line, COL_NAME, name);
    scols_line_set_data(line, COL_STATE, domain->state);
    scols_line_set_data(line, COL_VCPUS, vcpus);
    scols_line_set_data(line, COL_EXITS, domain->active ? "?" : "-");
    scols_line_set_data(line, COL_WORST, worst ? worst : "-");
    if (profile && vt_profile_busy_domain_rate(profile, &exits)) {
        g_autofree char *counted = vt_text_format_count(exits);
        g_autofree char *rate = g_strconcat(profile->exits_low ? vt_table_glyph("≥ ", ">= ") : "", counted, NULL);

        scols_line_set_data(line, COL_EXITS, rate);
    }
    scols_line_set_data(line, COL_ADVICE, advised);
}

static void note_pending(GString *pending, const VtDomain *domain)
{
    g_autofree char *name = vt_text_printable(domain->name, FALSE);
    g_autofree char *other = vt_report_words_pending_other(domain);

    if (domain->pending_change > 0)
        g_string_append_printf(pending,
                               _("%1$s: change %2$" PRIu64
                                 " takes effect after the domain is fully powered off and started "
                                 "again\n"),
                               name, domain->pending_change);
    if (other)
        g_string_append_printf(pending, "%s: %s\n", name, other);
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

static void print_csv_head(VtApp *app)
{
    static const char *const names[] = {
        "id",     "domain", "uuid",           "state", "vcpus", "exits_per_s", "exits_at_least", "most",
        "advice", "measured", "pending_change", "note",  NULL};

    vt_csv_head(names, vt_term_out(app->term));
}

/* The same of one domain as a record. */
static void print_csv(VtApp *app, const VtDomain *domain, const VtProfile *profile, guint advice,
                      const char *note)
{
    double exits;
    gboolean counted = profile && vt_profile_busy_domain_rate(profile, &exits);
    g_autofree char *id = domain->active ? g_strdup_printf("%d", domain->id) : NULL;
    g_autofree char *change = domain->pending_change > 0 ? g_strdup_printf("%" PRIu64, domain->pending_change) : NULL;
    g_autoptr(GString) line = g_string_new(NULL);

    vt_csv_add(line, id);
    vt_csv_add(line, domain->name);
    vt_csv_add(line, domain->uuid);
    vt_csv_add(line, domain->state);
    vt_csv_add_u64(line, domain->vcpus);
    if (counted)
        vt_csv_add_double(line, exits);
    else
        vt_csv_add(line, NULL);
    vt_csv_add(line, !profile || !counted ? NULL : profile->exits_low ? "yes" : "no");
    vt_csv_add(line, profile ? vt_report_worst_family(profile) : NULL);
    vt_csv_add_u64(line, advice);
    vt_csv_add(line, profile ? "yes" : "no");
    vt_csv_add(line, change);
    vt_csv_add(line, note);
    vt_csv_end(line, vt_term_out(app->term));
}

static gboolean list_names(VtApp *app, char **argv, gboolean all, GError **error)
{
    g_autoptr(VtVirt) virt = vt_acquire_connection(app, error);
    g_autoptr(GPtrArray) domains = virt ? vt_acquire_domains(virt, argv, !*argv, !all, error) : NULL;

    vt_progress_end();
    if (!domains)
        return FALSE;
    for (guint i = 0; i < domains->len; i++) {
        const VtDomain *domain = g_ptr_array_index(domains, i);
        g_autofree char *name = vt_text_printable(domain->name, FALSE);

        fprintf(vt_term_out(app->term), "%s\n", name);
    }
    return TRUE;
}

/* How many domains a reason names; the others are only counted. */
#define NAMED 3

/* Why domains have no number. */
typedef struct {
    char *text;
    GString *names;
    guint count;
} Reason;

static void reason_free(gpointer data)
{
    Reason *reason = data;

    g_free(reason->text);
    g_string_free(reason->names, TRUE);
    g_free(reason);
}

static void add_reason(GPtrArray *reasons, const VtDomain *domain, const char *note)
{
    g_autofree char *name = vt_text_printable(domain->name, FALSE);
    g_autofree char *text = vt_text_printable(note ? note : _("Nothing was measured."), FALSE);
    Reason *reason = NULL;

    for (guint i = 0; i < reasons->len && !reason; i++)
        if (g_str_equal(((const Reason *) g_ptr_array_index(reasons, i))->text, text))
            reason = g_ptr_array_index(reasons, i);
    if (!reason) {
        reason = g_new0(Reason, 1);
        reason->text = g_steal_pointer(&text);
        reason->names = g_string_new(NULL);
        g_ptr_array_add(reasons, reason);
    }
    if (reason->count < NAMED)
        g_string_append_printf(reason->names, "%s%s", reason->count > 0 ? ", " : "", name);
    reason->count++;
}

static void print_reason(FILE *out, const Reason *reason)
{
    if (reason->count > NAMED)
        fprintf(out, _("%1$s and %2$u more: %3$s\n"), reason->names->str, reason->count - NAMED, reason->text);
    else
        fprintf(out, "%s: %s\n", reason->names->str, reason->text);
}

/* Why a running domain has no number, and what a star is. */
static void print_legend(VtApp *app, const GPtrArray *reasons, gboolean starred)
{
    FILE *out = vt_term_out(app->term);

    if (reasons->len == 0 && !starred)
        return;
    fputc('\n', out);
    for (guint i = 0; i < reasons->len; i++)
        print_reason(out, g_ptr_array_index(reasons, i));
    if (starred)
        fprintf(out, "%s\n", _("* by the XML alone: nothing was measured of these domains"));
}

static gboolean list(VtApp *app, char **argv, int *ret_status, GError **error)
{
    g_autoptr(VtRuleSet) rules = NULL;
    g_autoptr(VtPolicy) policy = NULL;
    g_autoptr(VtAcquired) acquired = NULL;
    g_autoptr(GString) pending = g_string_new(NULL);
    g_autoptr(GPtrArray) reasons = g_ptr_array_new_with_free_func(reason_free);
    gboolean all = vt_acquire_options.all, starred = FALSE;
    gboolean csv = g_strcmp0(opt.output, "csv") == 0;
    struct libscols_table *table;
    guint advice;

    if (opt.output && !csv && !g_str_equal(opt.output, "text")) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("--output %s: there is no such format; use text or csv"),
                    opt.output);
        return FALSE;
    }
    if (opt.name)
        return list_names(app, argv, all, error);
    rules = vt_acquire_rules(NULL, &policy, error);
    if (!rules)
        return FALSE;
    if (vt_acquire_options.duration_ns == 0)
        vt_acquire_options.duration_ns = G_GUINT64_CONSTANT(1000000000);
    vt_acquire_options.all = !*argv;
    vt_acquire_options.running_only = !*argv && !all;
    acquired = vt_acquire_run(app, argv, error);
    if (!acquired)
        return FALSE;
    table = csv ? NULL : new_table(app);
    /* Lines that are printed meanwhile show how far it is. */
    if (!csv || !vt_term_is_tty(app->term))
        vt_progress_begin(_("looking at the domains"));
    if (csv)
        print_csv_head(app);
    for (guint i = 0; i < acquired->domains->len; i++) {
        g_autoptr(VtDomain) domain = g_steal_pointer(&acquired->domains->pdata[i]);
        const VtProfile *profile = g_ptr_array_index(acquired->profiles, i);
        g_autoptr(GPtrArray) findings = NULL;
        g_autoptr(GError) gone = NULL;
        VtMatchInput input = {
            .domain = domain, .profile = profile, .host = vt_acquired_host(acquired, i), .verdicts = TRUE};

        vt_progress_count(i, acquired->domains->len);
        if (!vt_acquire_xml(acquired, domain, &gone)) {
            g_printerr("virt-tune: %s\n", gone->message);
            *ret_status = 1;
            continue;
        }
        findings = vt_rule_match(rules, &input);
        vt_acquire_settle(policy, domain, NULL, findings);
        advice = vt_report_count_advice(findings);
        if (csv) {
            print_csv(app, domain, profile, advice, profile ? NULL : g_ptr_array_index(acquired->notes, i));
            continue;
        }
        add_row(table, domain, profile, advice);
        starred = starred || (advice > 0 && !profile);
        if (domain->active && !profile)
            add_reason(reasons, domain, g_ptr_array_index(acquired->notes, i));
        note_pending(pending, domain);
    }
    vt_progress_end();
    if (csv)
        return TRUE;
    vt_table_print(app->term, table);
    print_legend(app, reasons, starred);
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
