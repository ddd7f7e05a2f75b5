/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain: a rule, and every condition of it for a domain with its value and outcome. */
#include "config.h"

#include <glib/gi18n.h>

#include "cmd/acquire.h"
#include "cmd/acquire-rules.h"
#include "report/explain.h"
#include "rule/rule-match.h"

static const GOptionEntry entries[] = {
    VT_ACQUIRE_SAMPLE_ENTRIES,
    VT_ACQUIRE_FILE_ENTRIES,
    VT_ACQUIRE_DRIVERS_ENTRIES,
    G_OPTION_ENTRY_NULL,
};

static gboolean explain(VtApp *app, char **argv, int *ret_status, GError **error)
{
    char *ids[] = {argv[0], NULL};
    g_autoptr(VtRuleSet) rules = NULL;
    g_autoptr(VtPolicy) policy = NULL;
    g_autoptr(VtAcquired) acquired = NULL;
    const VtRule *rule;

    if (!argv[0] || (argv[1] && argv[2])) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE,
                    _("explain takes a rule and at most one domain; `virt-tune rules list` shows the rules"));
        return FALSE;
    }
    rules = vt_acquire_rules(ids, &policy, error);
    if (!rules)
        return FALSE;
    rule = vt_rule_set_find(rules, argv[0]);
    if (argv[1] || vt_acquire_options.xml) {
        acquired = vt_acquire_run(app, argv + 1, error);
        if (!acquired)
            return FALSE;
    }
    vt_explain_rule(app->term, rule);
    if (!acquired)
        return TRUE;
    for (guint i = 0; i < acquired->domains->len; i++) {
        VtDomain *domain = g_ptr_array_index(acquired->domains, i);
        g_autoptr(GPtrArray) findings = NULL;
        VtMatchInput input = {
            .domain = domain,
            .profile = g_ptr_array_index(acquired->profiles, i),
            .host = vt_acquired_host(acquired, i),
            .assume_guest_drivers = vt_acquire_options.assume_guest_drivers,
        };

        if (!vt_acquire_xml(acquired, domain, error))
            return FALSE;
        findings = vt_rule_match_one(rules, rule, &input);
        vt_acquire_settle(policy, domain, acquired->virt, findings);
        vt_explain_findings(app->term, domain, g_ptr_array_index(acquired->notes, i), findings);
    }
    return TRUE;
}

const VtCmd vt_cmd_explain = {
    .name = "explain",
    .operands = N_("RULE [DOMAIN|BUNDLE]"),
    .complete = "rule domain,bundle",
    .summary = N_("explain a rule, and why it does or does not apply to a domain"),
    .options = entries,
    .run = explain,
};
