/* SPDX-License-Identifier: GPL-2.0-or-later */
/* advise: the dry-run report. */
#include "config.h"

#include <glib/gi18n.h>

#include "base/progress.h"
#include "cmd/acquire-bundle.h"
#include "cmd/acquire-check.h"
#include "cmd/acquire-rules.h"
#include "cmd/output.h"
#include "plan/plan.h"
#include "report/report.h"
#include "rule/rule-match.h"

/* Domains that are matched before their changes are shown by one run of diff(1): many, since starting it copies the page
 * tables of libvirt's 10,000 domains, and few enough that a fleet needs no memory of its own. */
#define CHUNK 512

static struct {
    char *output, *emit, *output_file, *fail_on;
    char **rules;
    gboolean verbose, show_waived;
} opt;

static const GOptionEntry entries[] = {
    VT_ACQUIRE_DOMAIN_ENTRIES,
    VT_ACQUIRE_SAMPLE_ENTRIES,
    VT_ACQUIRE_DEVICES_ENTRIES,
    VT_ACQUIRE_FILE_ENTRIES,
    VT_ACQUIRE_DRIVERS_ENTRIES,
    VT_ACQUIRE_BUNDLE_ENTRIES,
    {"vcpu", 0, 0, G_OPTION_ARG_NONE, &vt_acquire_options.per_vcpu,
     N_("also measure what each vCPU has: a chart of html, and in the bundle"), NULL},
    {"rule", 0, 0, G_OPTION_ARG_STRING_ARRAY, &opt.rules, N_("only this rule (may be repeated)"), "ID"},
    {"output", 'o', 0, G_OPTION_ARG_STRING, &opt.output, N_("format of the result"), "text|json|csv|html"},
    {"emit", 0, 0, G_OPTION_ARG_STRING, &opt.emit, N_("print a script of what is advised for the host"), "shell"},
    {"output-file", 0, 0, G_OPTION_ARG_FILENAME, &opt.output_file, N_("write the report to a file"), "FILE"},
    {"fail-on", 0, 0, G_OPTION_ARG_STRING, &opt.fail_on,
     N_("exit with 3 if there is advice of this severity or above"), "info|low|medium|high"},
    {"show-waived", 0, 0, G_OPTION_ARG_NONE, &opt.show_waived, N_("also show what the site has waived"), NULL},
    {"verbose", 'v', 0, G_OPTION_ARG_NONE, &opt.verbose, N_("also show the rules that say nothing"), NULL},
    G_OPTION_ENTRY_NULL,
};

typedef struct {
    VtAcquired *acquired;
    const VtRuleSet *rules;
    const VtPolicy *policy;
    const VtReportFormat *format;
    gpointer report;
    VtSeverity fail_on;
    gboolean brief; /* the report shows evidence of few findings only */
    gboolean on_terminal; /* where the progress line is */
    gboolean fails, lost;
} Run;

static void check_severity(Run *run, const GPtrArray *findings)
{
    for (guint i = 0; i < findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(findings, i);

        if (finding->verdict == VT_VERDICT_ADVISE && !finding->waived_by && finding->severity >= run->fail_on)
            run->fails = TRUE;
    }
}

/* Domains @first to @end - 1. */
static gboolean advise_chunk(Run *run, guint first, guint end, GError **error)
{
    VtAcquired *acquired = run->acquired;
    g_autoptr(GPtrArray) domains = g_ptr_array_new_with_free_func((GDestroyNotify) vt_domain_unref);
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify) g_ptr_array_unref);
    g_autoptr(GArray) items = g_array_new(FALSE, TRUE, sizeof(VtPlanItem));
    g_autoptr(GArray) places = g_array_new(FALSE, TRUE, sizeof(guint));

    if (first == 0 || run->on_terminal)
        vt_progress_begin(_("looking at the domains"));
    for (guint i = first; i < end; i++) {
        g_autoptr(VtDomain) domain = g_steal_pointer(&acquired->domains->pdata[i]);
        g_autoptr(GError) gone = NULL;
        VtMatchInput input = {
            .domain = domain,
            .profile = g_ptr_array_index(acquired->profiles, i),
            .host = vt_acquired_host(acquired, i),
            .assume_guest_drivers = vt_acquire_options.assume_guest_drivers,
            .brief = run->brief,
        };
        VtPlanItem item = {.domain = domain, .host = vt_acquired_host(acquired, i)};

        vt_progress_count(i, acquired->domains->len);
        if (!vt_acquire_xml(acquired, domain, &gone)) {
            g_printerr("virt-tune: %s\n", gone->message);
            run->lost = TRUE;
            continue;
        }
        item.findings = vt_rule_match(run->rules, &input);
        vt_acquire_settle(run->policy, domain, acquired->virt, item.findings);
        vt_plan_order(run->rules, item.findings);
        check_severity(run, item.findings);
        g_ptr_array_add(findings, item.findings);
        g_ptr_array_add(domains, g_steal_pointer(&domain));
        g_array_append_val(items, item);
        g_array_append_val(places, i);
    }
    if (!vt_plan_fill(run->rules, (VtPlanItem *) (gpointer) items->data, items->len, error))
        return FALSE;
    if (run->on_terminal)
        vt_progress_end();
    for (guint i = 0; i < items->len; i++) {
        guint place = g_array_index(places, guint, i);
        VtReportDomain entry = {
            .domain = g_ptr_array_index(domains, i),
            .profile = g_ptr_array_index(acquired->profiles, place),
            .note = g_ptr_array_index(acquired->notes, place),
            .uri = acquired->several_hosts ? g_ptr_array_index(acquired->uris, place) : NULL,
            .host = acquired->several_hosts ? vt_acquired_host(acquired, place) : NULL,
            .findings = g_ptr_array_index(findings, i),
            .pending = ((const VtDomain *) g_ptr_array_index(domains, i))->pending_change,
        };

        run->format->domain(run->report, &entry);
    }
    return TRUE;
}

static const VtReportFormat *choose_format(GError **error)
{
    const VtReportFormat *format = opt.emit ? &vt_report_shell : vt_report_format_find(opt.output ? opt.output : "text");

    if (opt.emit && opt.output) {
        g_set_error_literal(error, VT_ERROR, VT_ERROR_USAGE, _("--emit and --output exclude each other"));
        return NULL;
    }
    if (opt.emit && !g_str_equal(opt.emit, "shell")) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("--emit %s: use shell"), opt.emit);
        return NULL;
    }
    if (!format)
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("--output %s: there is no such format; use text, json, csv or html"),
                    opt.output);
    return format;
}

static gboolean advise(VtApp *app, char **argv, int *ret_status, GError **error)
{
    Run run = {.fail_on = G_MAXINT};
    g_autoptr(VtRuleSet) rules = NULL;
    g_autoptr(VtPolicy) policy = NULL;
    g_autoptr(VtAcquired) acquired = NULL;
    g_autoptr(VtOutput) output = NULL;
    VtReportContext context = {.verbose = opt.verbose, .show_waived = opt.show_waived};
    gboolean ok = TRUE;

    run.format = choose_format(error);
    if (!run.format)
        return FALSE;
    if (opt.fail_on && !vt_severity_parse(opt.fail_on, &run.fail_on)) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("--fail-on %s: use info, low, medium or high"), opt.fail_on);
        return FALSE;
    }
    if (!vt_acquire_check_kept("--output-file", opt.output_file, argv, error) ||
        !vt_acquire_bundle_check(argv, opt.output_file, error))
        return FALSE;
    rules = vt_acquire_rules(opt.rules, &policy, error);
    acquired = rules ? vt_acquire_run(app, argv, error) : NULL;
    if (acquired && opt.emit && acquired->several_hosts) {
        g_set_error_literal(error, VT_ERROR, VT_ERROR_USAGE,
                            _("--emit shell: a script is for one host, and these are of several"));
        return FALSE;
    }
    if (acquired && !vt_acquire_bundle_save(acquired, error))
        return FALSE;
    output = acquired ? vt_output_open(app, opt.output_file, error) : NULL;
    if (!output)
        return FALSE;
    run.acquired = acquired;
    run.rules = rules;
    run.policy = policy;
    run.brief = run.format != &vt_report_json && run.format != &vt_report_csv && !opt.verbose;
    context.uri = vt_acquired_uri(acquired);
    context.host = acquired->host;
    context.several_hosts = acquired->several_hosts;
    context.term = vt_output_term(output);
    run.on_terminal = vt_term_is_tty(context.term);
    run.report = run.format->begin(&context);
    for (guint i = 0; ok && i < acquired->domains->len; i += CHUNK)
        ok = advise_chunk(&run, i, MIN(i + CHUNK, acquired->domains->len), error);
    vt_progress_end();
    ok = run.format->end(run.report, ok ? error : NULL) && ok;
    vt_acquire_hint_session(app, acquired);
    if (!ok || !vt_output_close(g_steal_pointer(&output), error))
        return FALSE;
    *ret_status = run.lost ? 1 : run.fails ? 3 : 0;
    return TRUE;
}

const VtCmd vt_cmd_advise = {
    .name = "advise",
    .operands = N_("[DOMAIN…|BUNDLE…]"),
    .complete = "domain,bundle",
    .summary = N_("report what would make the guest leave guest mode less (changes nothing)"),
    .options = entries,
    .run = advise,
};
