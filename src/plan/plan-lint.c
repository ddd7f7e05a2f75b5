/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tries the changes of a rule on a domain. */
#include "config.h"

#include "plan/plan-lint.h"

#include <string.h>

#include "base/error.h"
#include "plan/plan.h"
#include "rule/rule-match.h"

/* Nothing is known of a host or a guest, and nothing was measured: what the XML alone does not rule
 * out is tried. */
static gboolean is_candidate(const VtFinding *finding)
{
    return finding->verdict == VT_VERDICT_ADVISE || finding->verdict == VT_VERDICT_UNKNOWN;
}

/* Values that a host would give. */
static VtHost *some_host(void)
{
    VtHost *host = vt_host_new();

    vt_host_set(host, "cpus.housekeeping", "0");
    vt_host_set(host, "cpus.online", "0-7");
    vt_host_set(host, "cpus.nohz-full", "");
    return host;
}

static void complain(const VtRule *rule, guint line, const char *name, const VtFinding *finding,
                     const char *why, GPtrArray *problems)
{
    g_autoptr(GError) error = NULL;

    vt_error_set_input(&error, rule->file, line,
                       _("the change makes XML that libvirt rejects, tried on %1$s%2$s%3$s: %4$s"),
                       name, finding->device ? " " : "", finding->device ? finding->device : "",
                       why);
    g_ptr_array_add(problems, g_strdup(error->message));
}

/* FALSE where the device tells something that others need not tell again. */
static gboolean try(const VtRule *rule, const VtChange *change, const VtFinding *finding,
                    const VtDomain *domain, const VtHost *host, const char *name,
                    VtXmlSchema *schema, GPtrArray *problems)
{
    g_autoptr(xmlDoc) doc = xmlCopyDoc(domain->inactive, 1);
    g_autoptr(GError) error = NULL;

    /* A change that cannot be made here says so to whoever is to make it. */
    if (!vt_plan_patch(rule, finding, NULL, domain, host, doc, NULL))
        return TRUE;
    if (vt_xml_schema_validate(schema, doc, name, &error))
        return TRUE;
    complain(rule, change->line, name, finding, error->message, problems);
    return FALSE;
}

void vt_plan_lint(const VtRule *rule, xmlDoc *doc, const char *name, VtXmlSchema *schema,
                  GPtrArray *problems)
{
    g_autoptr(VtDomain) domain = vt_domain_new(NULL, NULL);
    g_autoptr(VtHost) host = some_host();
    g_autoptr(GPtrArray) findings = NULL;
    VtMatchInput input = {.domain = domain, .assume_guest_drivers = TRUE};
    const VtChange *change = vt_rule_domain_change(rule);

    if (!change ||
        !vt_domain_set_xml(domain, NULL, xmlCopyDoc(doc, 1), name, NULL))
        return;
    findings = vt_rule_match_one(NULL, rule, &input);
    for (guint i = 0; i < findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(findings, i);

        if (is_candidate(finding) &&
            !try(rule, change, finding, domain, host, name, schema, problems))
            return;
    }
}
