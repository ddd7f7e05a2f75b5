/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apply: makes advised changes of definitions, after showing them and asking. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/progress.h"
#include "base/text.h"
#include "cmd/acquire.h"
#include "cmd/acquire-rules.h"
#include "cmd/apply-choice.h"
#include "cmd/change.h"
#include "model/finding.h"
#include "plan/apply.h"
#include "plan/compose.h"
#include "plan/plan.h"
#include "plan/value.h"
#include "rule/rule-match.h"
#include "source/native.h"
#include "source/redact.h"

static struct {
    char **rules;
    char *device, *min_confidence;
    gboolean all_rules, dry_run, yes, print_xml, live, force;
} opt;

static const GOptionEntry entries[] = {
    VT_ACQUIRE_DOMAIN_ENTRIES,
    VT_ACQUIRE_SAMPLE_ENTRIES,
    VT_ACQUIRE_FILE_ENTRIES,
    VT_ACQUIRE_DRIVERS_ENTRIES,
    {"rule", 0, 0, G_OPTION_ARG_STRING_ARRAY, &opt.rules,
     N_("make the change of this rule (may be repeated)"), "ID"},
    {"device", 0, 0, G_OPTION_ARG_STRING, &opt.device,
     N_("with --rule: only the device with this MAC address or target, for all of the rules"),
     "DEVICE"},
    {"all-rules", 0, 0, G_OPTION_ARG_NONE, &opt.all_rules, N_("make all that is advised"), NULL},
    {"min-confidence", 0, 0, G_OPTION_ARG_STRING, &opt.min_confidence,
     N_("with --all-rules: how sure advice must be (confirmed)"),
     "structural|suspected|confirmed"},
    {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &opt.dry_run, N_("show the changes and make none"), NULL},
    {"yes", 'y', 0, G_OPTION_ARG_NONE, &opt.yes, N_("do not ask"), NULL},
    {"print-xml", 0, 0, G_OPTION_ARG_NONE, &opt.print_xml,
     N_("print the resulting XML and make no change"), NULL},
    {"live", 0, 0, G_OPTION_ARG_NONE, &opt.live, N_("also pin in the running domain"), NULL},
    {"force", 0, 0, G_OPTION_ARG_NONE, &opt.force,
     N_("also a domain that another tool manages"), NULL},
    G_OPTION_ENTRY_NULL,
};

/* One domain and what is to be done with it. */
typedef struct {
    VtDomain *domain;
    const VtProfile *profile;
    GPtrArray *findings, *chosen;
    VtApplyPlan *plan; /* NULL: nothing to do, or it cannot be done */
    gboolean refused;  /* it cannot be planned */
} Item;

typedef struct {
    VtApp *app;
    VtAcquired *acquired;
    VtRuleSet *rules;
    const VtPolicy *policy;
    VtApplyChoice choice;
    GPtrArray *items;
    guint planned, failed;
} Run;

static void item_free(gpointer data)
{
    Item *item = data;

    g_clear_pointer(&item->plan, vt_apply_plan_free);
    g_clear_pointer(&item->chosen, g_ptr_array_unref);
    g_clear_pointer(&item->findings, g_ptr_array_unref);
    vt_domain_unref(item->domain);
    g_free(item);
}

static gboolean usage(GError **error, const char *message)
{
    g_set_error_literal(error, VT_ERROR, VT_ERROR_USAGE, message);
    return FALSE;
}

static gboolean check_options(VtConfidence *ret_confidence, GError **error)
{
    *ret_confidence = VT_CONFIDENCE_CONFIRMED;
    if (!opt.rules == !opt.all_rules)
        return usage(error, _("say which change: --rule ID, or --all-rules"));
    if (opt.device && !opt.rules)
        return usage(error, _("--device goes with --rule"));
    if (opt.min_confidence && opt.rules)
        return usage(error, _("--min-confidence goes with --all-rules"));
    if (opt.min_confidence && (!vt_confidence_parse(opt.min_confidence, ret_confidence) ||
                               *ret_confidence == VT_CONFIDENCE_NONE)) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE,
                    _("--min-confidence %s: use structural, suspected or confirmed"),
                    opt.min_confidence);
        return FALSE;
    }
    if (vt_acquire_options.xml && !opt.print_xml && !opt.dry_run)
        return usage(error, _("a domain XML from a file is not changed: add --print-xml or "
                              "--dry-run"));
    return TRUE;
}

/* Prints what went wrong with one domain; the others go on. */
static void complain(Run *run, const VtDomain *domain, const char *message)
{
    g_autofree char *name = vt_text_printable(domain->name, FALSE);
    g_autofree char *prefix = g_strdup_printf("%s: ", name);

    if (g_str_has_prefix(message, prefix))
        g_printerr("virt-tune: %s\n", message);
    else
        g_printerr("virt-tune: %s: %s\n", name, message);
    run->failed++;
}

static gboolean is_wanted(const VtFinding *finding, gpointer data)
{
    const Run *run = data;

    return vt_apply_choice_wants(&run->choice, finding);
}

static void settle(const VtDomain *domain, GPtrArray *findings, gpointer data)
{
    const Run *run = data;

    vt_acquire_settle(run->policy, domain, run->acquired->virt, findings);
}

/* A rule that was named and is not advised as it is. */
typedef struct {
    const char *rule;
    GError *why;
} Late;

static void late_free(gpointer data)
{
    Late *late = data;

    g_error_free(late->why);
    g_free(late);
}

/* Puts together what was chosen. What is late has to come to apply by another change. */
static gboolean compose(Run *run, Item *item, const VtMatchInput *input, const GPtrArray *late,
                        GError **error)
{
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    const VtComposeSite site = {settle, is_wanted, run};
    GPtrArray *taken =
        vt_compose(run->rules, input, item->chosen, &site, item->findings, notes);

    g_ptr_array_unref(item->chosen);
    item->chosen = taken;
    for (guint i = 0; i < late->len; i++) {
        const Late *one = g_ptr_array_index(late, i);
        const VtFinding *closed = vt_apply_choice_closed(&run->choice, item->findings, one->rule);
        gboolean came = FALSE;

        for (guint j = 0; j < taken->len; j++)
            came = came || vt_apply_choice_means(&run->choice, g_ptr_array_index(taken, j), one->rule);
        if (!came && closed)
            return vt_apply_choice_refuse(closed, error);
        if (!came) {
            g_propagate_error(error, g_error_copy(one->why));
            return FALSE;
        }
    }
    for (guint i = 0; i < notes->len; i++)
        g_printerr("virt-tune: %s\n", (const char *)g_ptr_array_index(notes, i));
    return TRUE;
}

/* All of --rule; those against which there is something are late. */
static GPtrArray *choose_named(const Run *run, const Item *item)
{
    GPtrArray *late = g_ptr_array_new_with_free_func(late_free);
    g_autoptr(GHashTable) named = g_hash_table_new(g_str_hash, g_str_equal);

    for (char **rule = opt.rules; rule && *rule; rule++) {
        g_autoptr(GError) why = NULL;
        Late *one;

        /* A rule that is named twice is meant once. */
        if (!g_hash_table_add(named, *rule) ||
            vt_apply_choose_rule(&run->choice, item->findings, *rule, item->chosen, &why))
            continue;
        one = g_new0(Late, 1);
        one->rule = *rule;
        one->why = g_steal_pointer(&why);
        g_ptr_array_add(late, one);
    }
    return late;
}

static VtApplyPlan *make_plan(const Run *run, const Item *item, GPtrArray *findings, GError **error)
{
    const VtApplyOptions options = {.assume_guest_drivers = vt_acquire_options.assume_guest_drivers,
                                    .force = opt.force};

    return vt_apply_plan(run->acquired->virt, run->rules, item->domain, run->acquired->host,
                         findings, &options, error);
}

/* Where not all that is chosen can be made together: what can be made by itself, and what else is named.
 * @error: why not all, as the caller had it; it stays where nothing is left. */
static gboolean plan_possible(const Run *run, Item *item, GError **error)
{
    g_autoptr(GPtrArray) possible = g_ptr_array_new();
    g_autoptr(GPtrArray) reasons = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < item->chosen->len; i++) {
        g_autoptr(GPtrArray) one = g_ptr_array_new();
        g_autoptr(GError) why = NULL;
        VtApplyPlan *plan;

        g_ptr_array_add(one, g_ptr_array_index(item->chosen, i));
        plan = make_plan(run, item, one, &why);
        if (plan)
            g_ptr_array_add(possible, g_ptr_array_index(item->chosen, i));
        else
            g_ptr_array_add(reasons, g_strdup(why->message));
        vt_apply_plan_free(plan);
    }
    if (possible->len == 0 || possible->len == item->chosen->len)
        return FALSE;
    g_clear_error(error);
    for (guint i = 0; i < reasons->len; i++)
        g_printerr(_("virt-tune: left out: %s\n"), (const char *)g_ptr_array_index(reasons, i));
    g_ptr_array_unref(item->chosen);
    item->chosen = g_steal_pointer(&possible);
    item->plan = make_plan(run, item, item->chosen, error);
    return item->plan != NULL;
}

static gboolean plan_item(Run *run, Item *item, GError **error)
{
    VtMatchInput input = {.domain = item->domain,
                          .profile = item->profile,
                          .host = run->acquired->host,
                          .assume_guest_drivers = vt_acquire_options.assume_guest_drivers};
    g_autoptr(GPtrArray) late = NULL;

    if (!vt_acquire_xml(run->acquired, item->domain, error))
        return FALSE;
    item->findings = vt_rule_match(run->rules, &input);
    settle(item->domain, item->findings, run);
    vt_plan_order(run->rules, item->findings);
    item->chosen = g_ptr_array_new();
    if (opt.all_rules)
        vt_apply_choose_all(&run->choice, item->domain, item->findings, item->chosen);
    late = choose_named(run, item);
    if (!compose(run, item, &input, late, error))
        return FALSE;
    if (item->chosen->len == 0)
        return TRUE;
    item->plan = make_plan(run, item, item->chosen, error);
    if (item->plan || !opt.all_rules || item->chosen->len == 1)
        return item->plan != NULL;
    return plan_possible(run, item, error);
}

static void plan_all(Run *run)
{
    vt_progress_begin(_("planning the changes"));
    for (guint i = 0; i < run->acquired->domains->len; i++) {
        Item *item = g_new0(Item, 1);
        g_autoptr(GError) why = NULL;

        item->domain = vt_domain_ref(g_ptr_array_index(run->acquired->domains, i));
        item->profile = g_ptr_array_index(run->acquired->profiles, i);
        g_ptr_array_add(run->items, item);
        vt_progress_count(i, run->acquired->domains->len);
        item->refused = !plan_item(run, item, &why);
        if (item->refused)
            complain(run, item->domain, why->message);
        else if (item->plan)
            run->planned++;
    }
    vt_progress_end();
}

static void print_step(const Run *run, const VtApplyStep *step)
{
    const VtFinding *finding = step->finding;
    FILE *out = vt_term_out(run->app->term);
    g_autofree char *device = finding->device ? vt_text_printable(finding->device, FALSE) : NULL;

    fprintf(out, "  %s%s%s%s%s (%s)\n", vt_term_style(run->app->term, VT_STYLE_BOLD),
            finding->title, vt_term_style(run->app->term, VT_STYLE_NONE), device ? " " : "",
            device ? device : "", finding->rule);
    vt_change_print_diff(run->app, step->diff);
    if (!*step->diff)
        fputs(_("    The definition already reads as this change would leave it.\n"), out);
    if (finding->risk)
        vt_change_print_field(run->app, _("Risk:"), finding->risk);
    for (guint i = 0; i < finding->changes->len; i++) {
        const VtFindingChange *change = g_ptr_array_index(finding->changes, i);

        if (g_str_equal(change->target, "guest"))
            vt_change_print_field(run->app, _("To do in the guest as well:"),
                                  change->text ? change->text : finding->rule);
    }
}

static void print_item(const Run *run, const Item *item)
{
    FILE *out = vt_term_out(run->app->term);
    g_autofree char *name = vt_text_printable(item->domain->name, FALSE);

    if (!item->plan) {
        fprintf(out, _("%s: there is nothing to change.\n"), name);
        return;
    }
    fprintf(out, "%s\n", name);
    for (guint i = 0; i < item->plan->steps->len; i++)
        print_step(run, g_ptr_array_index(item->plan->steps, i));
    for (guint i = 0; i < item->plan->notes->len; i++)
        vt_change_print_field(run->app, _("Note:"), g_ptr_array_index(item->plan->notes, i));
    vt_change_print_field(run->app, _("When:"),
                          item->domain->active
                              ? _("After the domain is fully powered off and started again; a "
                                  "reboot from inside is not enough.")
                              : _("When the domain is started."));
}

static VtRecord *new_record(const Run *run, const Item *item)
{
    VtRecord *record =
        vt_record_new(vt_virt_uri(run->acquired->virt), item->domain->name, item->domain->uuid);

    if (!item->profile || item->profile->windows->len == 0)
        return record;
    record->source = g_strdup(vt_acquire_options.source ? vt_acquire_options.source : "auto");
    record->duration_ns = item->profile->duration_ns;
    record->interval_ns = item->profile->duration_ns / item->profile->windows->len;
    return record;
}

static void apply_item(Run *run, Item *item)
{
    VtVirt *virt = run->acquired->virt;
    g_autoptr(VtStore) store = vt_store_new(NULL, vt_virt_uri(virt), item->domain->uuid);
    g_autoptr(VtRecord) record = new_record(run, item);
    g_autofree char *profile = item->profile ? vt_native_format(item->profile) : NULL;
    g_autofree char *name = vt_text_printable(item->domain->name, FALSE);
    g_autofree char *word = vt_value_domain_word(item->domain);
    g_autoptr(GError) why = NULL;

    if (!vt_apply_run(virt, store, item->plan, record, profile, &why)) {
        complain(run, item->domain, why->message);
        return;
    }
    fprintf(vt_term_out(run->app->term),
            _("%1$s: changed (change %2$" PRIu64 "; to undo: virt-tune revert %3$s)\n"),
            name, record->id, word ? word : item->domain->uuid);
    if (!vt_change_finish(run->app, virt, item->domain->uuid, item->plan->before, item->plan->after,
                          opt.live))
        run->failed++;
}

static gboolean confirm(const Run *run, GError **error)
{
    g_autofree char *question =
        run->planned == 1
            ? g_strdup(_("Make this change?"))
            : g_strdup_printf(_("Make these changes in %u domains?"), run->planned);

    return vt_change_confirm(run->app, question, opt.yes, error);
}

static void print_summary(const Run *run)
{
    guint nothing = 0;

    for (guint i = 0; i < run->items->len; i++) {
        const Item *item = g_ptr_array_index(run->items, i);

        nothing += !item->plan && !item->refused;
    }
    if (run->items->len > 1)
        fprintf(vt_term_out(run->app->term),
                _("%1$u domains: %2$u planned, %3$u failed, %4$u without anything to change\n"),
                run->items->len, run->planned, run->failed, nothing);
}

static gboolean print_xml(const Run *run, GError **error)
{
    const Item *item = run->items->len == 1 ? g_ptr_array_index(run->items, 0) : NULL;
    g_autofree char *text = NULL, *printable = NULL;

    if (!item)
        return usage(error, _("--print-xml takes one domain"));
    if (run->failed > 0)
        return TRUE;
    text = vt_redact_pretty(item->plan ? item->plan->after : item->domain->inactive);
    printable = vt_xml_printable(text);
    fputs(printable, vt_term_out(run->app->term));
    return TRUE;
}

static gboolean carry_out(Run *run, GError **error)
{
    plan_all(run);
    if (opt.print_xml)
        return print_xml(run, error);
    for (guint i = 0; i < run->items->len; i++) {
        const Item *item = g_ptr_array_index(run->items, i);

        if (!item->refused)
            print_item(run, item);
    }
    if (opt.dry_run || run->planned == 0) {
        print_summary(run);
        return TRUE;
    }
    if (!confirm(run, error))
        return FALSE;
    if (!vt_term_is_tty(run->app->term))
        vt_progress_begin(_("changing the domains"));
    for (guint i = 0; i < run->items->len; i++) {
        Item *item = g_ptr_array_index(run->items, i);

        vt_progress_count(i, run->items->len);
        /* A change that has begun comes to its end. */
        if (item->plan && g_cancellable_is_cancelled(run->app->cancel))
            complain(run, item->domain, _("nothing was changed: you stopped it before"));
        else if (item->plan)
            apply_item(run, item);
    }
    vt_progress_end();
    print_summary(run);
    return TRUE;
}

static gboolean apply(VtApp *app, char **argv, int *ret_status, GError **error)
{
    Run run = {.app = app};
    g_autoptr(VtRuleSet) rules = NULL;
    g_autoptr(VtPolicy) policy = NULL;
    g_autoptr(VtAcquired) acquired = NULL;
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func(item_free);
    gboolean writes = !opt.dry_run && !opt.print_xml;

    if (!check_options(&run.choice.confidence, error) ||
        (writes && !vt_change_may_ask(opt.yes, error)))
        return FALSE;
    rules = vt_acquire_rules(opt.rules, &policy, error);
    if (!rules)
        return FALSE;
    vt_cmd_catch_signals(app);
    /* The definition with its secrets, which is what is changed, is not for readers. */
    vt_acquire_options.writable = TRUE;
    vt_acquire_options.every_window = TRUE;
    acquired = vt_acquire_run(app, argv, error);
    if (!acquired)
        return FALSE;
    run.rules = rules;
    run.policy = policy;
    run.acquired = acquired;
    run.items = items;
    run.choice.rules = opt.rules;
    run.choice.device = opt.device;
    run.choice.all = opt.all_rules;
    run.choice.assume_guest_drivers = vt_acquire_options.assume_guest_drivers;
    if (!carry_out(&run, error))
        return FALSE;
    vt_acquire_hint_session(app, acquired);
    *ret_status = run.failed > 0 ? 1 : 0;
    return TRUE;
}

const VtCmd vt_cmd_apply = {
    .name = "apply",
    .operands = N_("[DOMAIN…]"),
    .complete = "domain",
    .summary = N_("make advised changes of definitions, after showing them and asking"),
    .options = entries,
    .run = apply,
};
