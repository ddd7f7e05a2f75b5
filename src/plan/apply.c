/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Advice on one domain as one change of its definition. */
#include "config.h"

#include "plan/apply.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "plan/define.h"
#include "plan/diff.h"
#include "plan/gate.h"
#include "plan/live.h"
#include "plan/plan.h"
#include "source/redact.h"

static void step_free(gpointer data)
{
    VtApplyStep *step = data;

    g_free(step->diff);
    g_free(step);
}

void vt_apply_plan_free(VtApplyPlan *plan)
{
    if (!plan)
        return;
    g_ptr_array_unref(plan->steps);
    g_clear_pointer(&plan->before, xmlFreeDoc);
    g_clear_pointer(&plan->after, xmlFreeDoc);
    g_free(plan->before_sha256);
    g_free(plan->wanted);
    g_ptr_array_unref(plan->notes);
    g_free(plan);
}

static xmlNode *nth_device(xmlDoc *doc, const char *element, guint n, guint *ret_count)
{
    g_autofree char *select = g_strdup_printf("/domain/devices/%s", element);
    g_autoptr(VtXPath) xpath = vt_xpath_new(select, NULL);
    g_autoptr(GPtrArray) nodes = NULL;

    *ret_count = 0;
    if (!xpath || !vt_xpath_nodes(xpath, (xmlNode *)doc, &nodes, NULL))
        return NULL;
    *ret_count = nodes->len;
    return n < nodes->len ? g_ptr_array_index(nodes, n) : NULL;
}

/* The place of a device among those of its kind; -1 where it is not there. */
static int place_of(xmlDoc *doc, const char *element, const char *key)
{
    guint count;

    for (guint i = 0;; i++) {
        xmlNode *node = nth_device(doc, element, i, &count);
        g_autofree char *found = node ? vt_domain_device_key(node) : NULL;

        if (!node)
            return -1;
        if (g_strcmp0(found, key) == 0)
            return (int)i;
    }
}

static GHashTable *new_renames(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

/* @renames: "element key" of the definition at first -> the key now, for devices that a step gave
 * another. */
static const char *renamed(GHashTable *renames, const VtFinding *finding)
{
    g_autofree char *name = finding->device && finding->device_element
                                ? g_strdup_printf("%s %s", finding->device_element, finding->device)
                                : NULL;

    return name ? g_hash_table_lookup(renames, name) : NULL;
}

/* One step on @doc; a later one finds its device under the key that this one gives it. */
static gboolean patch(const VtApplyStep *step, const VtDomain *domain, const VtHost *host,
                      xmlDoc *doc, GHashTable *renames, GError **error)
{
    const VtFinding *finding = step->finding;
    const char *element = finding->device_element;
    const char *key = renamed(renames, finding);
    int place = -1;
    guint before = 0, after;

    if (!key)
        key = finding->device;
    if (element && key) {
        place = place_of(doc, element, key);
        nth_device(doc, element, 0, &before);
    }
    if (!vt_plan_patch(step->rule, finding, key, domain, host, doc, error))
        return FALSE;
    if (place >= 0) {
        xmlNode *node = nth_device(doc, element, (guint)place, &after);
        char *now = node && before == after ? vt_domain_device_key(node) : NULL;

        if (now)
            g_hash_table_replace(renames, g_strdup_printf("%s %s", element, finding->device), now);
    }
    return TRUE;
}

/* The definition with its secrets as libvirt is to get it; values of text nodes stay as they are. */
static char *wanted_text(const VtApplyPlan *plan, const VtHost *host, const char *secure,
                         GError **error)
{
    g_autoptr(xmlDoc) doc = vt_xml_parse(secure, strlen(secure), plan->domain->name, error);
    g_autoptr(GHashTable) renames = new_renames();

    if (!doc)
        return NULL;
    for (guint i = 0; i < plan->steps->len; i++)
        if (!patch(g_ptr_array_index(plan->steps, i), plan->domain, host, doc, renames, error))
            return NULL;
    return vt_xml_text(doc);
}

/* Patches plan->after and tells what each step did. */
static gboolean make_steps(VtApplyPlan *plan, const VtHost *host, GError **error)
{
    g_autoptr(GHashTable) renames = new_renames();
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    g_autofree VtDiffPair *pairs = g_new0(VtDiffPair, plan->steps->len);
    g_autofree char *label = g_strdup_printf("%s.xml", plan->domain->name);
    g_autofree char *before = NULL, *after = NULL;

    g_ptr_array_add(texts, vt_redact_pretty(plan->after));
    for (guint i = 0; i < plan->steps->len; i++) {
        VtApplyStep *step = g_ptr_array_index(plan->steps, i);
        g_autoptr(GError) why = NULL;

        if (!patch(step, plan->domain, host, plan->after, renames, &why)) {
            g_set_error(error, why->domain, why->code, "%s: %s", step->rule->id, why->message);
            return FALSE;
        }
        g_ptr_array_add(texts, vt_redact_pretty(plan->after));
        pairs[i] = (VtDiffPair){.before = g_ptr_array_index(texts, i),
                                .after = g_ptr_array_index(texts, i + 1),
                                .label = label};
    }
    /* A change of nothing but a secret is one too. */
    before = vt_xml_pretty(plan->before);
    after = vt_xml_pretty(plan->after);
    if (g_str_equal(before, after)) {
        g_set_error_literal(error, VT_ERROR, VT_ERROR_FAILED,
                            _("the domain's definition already reads as this change would leave "
                              "it"));
        return FALSE;
    }
    if (!vt_diff_run(pairs, plan->steps->len, error))
        return FALSE;
    for (guint i = 0; i < plan->steps->len; i++)
        ((VtApplyStep *)g_ptr_array_index(plan->steps, i))->diff = pairs[i].diff;
    return TRUE;
}

static gboolean add_steps(VtApplyPlan *plan, const VtRuleSet *rules, GPtrArray *findings,
                          const VtApplyOptions *options, GError **error)
{
    for (guint i = 0; i < findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(findings, i);
        const VtRule *rule = vt_rule_set_find(rules, finding->rule);
        VtApplyStep *step;

        if (!rule || !vt_rule_domain_change(rule)) {
            g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED,
                        _("%s: this rule changes the host or the guest, which virt-tune leaves to "
                          "you; `virt-tune advise --rule %s` shows the commands"),
                        finding->rule, finding->rule);
            return FALSE;
        }
        if (!vt_gate_finding(plan->domain, finding, options->assume_guest_drivers, error))
            return FALSE;
        step = g_new0(VtApplyStep, 1);
        step->rule = rule;
        step->finding = finding;
        g_ptr_array_add(plan->steps, step);
    }
    return TRUE;
}

/* What only libvirt knows; @ret_secure: the definition with secrets. The one without is fetched behind
 * it: if the first is still the same when it is defined, they belong together. */
static gboolean ask_libvirt(VtVirt *virt, VtApplyPlan *plan, virDomainPtr handle,
                            char **ret_secure, GError **error)
{
    const char *uuid = plan->domain->uuid;
    g_autofree char *secure = NULL, *shown = NULL, *note = NULL;
    gboolean checked;

    if (!vt_gate_domain(handle, error))
        return FALSE;
    secure = vt_define_fetch(virt, uuid, TRUE, error);
    shown = secure ? vt_define_fetch(virt, uuid, FALSE, error) : NULL;
    plan->before = shown ? vt_xml_parse(shown, strlen(shown), plan->domain->name, error) : NULL;
    if (!plan->before || !vt_gate_valid(virt, secure, plan->domain->name, &checked, error))
        return FALSE;
    if (!checked)
        g_ptr_array_add(plan->notes,
                        g_strdup(_("Whether the present definition fits libvirt's schema could not "
                                   "be checked: there is no schema here that is as new as the "
                                   "hypervisor's libvirt.")));
    note = vt_gate_snapshot_note(handle);
    if (note)
        g_ptr_array_add(plan->notes, g_steal_pointer(&note));
    *ret_secure = g_steal_pointer(&secure);
    return TRUE;
}

static gboolean fill(VtApplyPlan *plan, VtVirt *virt, const VtRuleSet *rules, const VtHost *host,
                     GPtrArray *findings, const VtApplyOptions *options, GError **error)
{
    g_autoptr(virDomain) handle = NULL;
    g_autofree char *secure = NULL;

    if (virt) {
        handle = vt_virt_lookup(virt, plan->domain->uuid, error);
        if (!handle || !ask_libvirt(virt, plan, handle, &secure, error))
            return FALSE;
    } else {
        plan->before = xmlCopyDoc(plan->domain->inactive, 1);
    }
    plan->after = xmlCopyDoc(plan->before, 1);
    if ((!options->force && !vt_gate_managed(plan->before, error)) ||
        !add_steps(plan, rules, findings, options, error) || !make_steps(plan, host, error) ||
        !vt_gate_disks(handle, plan->before, plan->after, error) ||
        (handle && !vt_gate_snapshots(handle, plan->before, plan->after, error)) ||
        !vt_gate_boot(plan->before, plan->after, error))
        return FALSE;
    if (!virt)
        return TRUE;
    plan->before_sha256 = vt_store_sum(secure);
    plan->wanted = wanted_text(plan, host, secure, error);
    return plan->wanted != NULL;
}

VtApplyPlan *vt_apply_plan(VtVirt *virt, const VtRuleSet *rules, const VtDomain *domain,
                           const VtHost *host, GPtrArray *findings, const VtApplyOptions *options,
                           GError **error)
{
    g_autoptr(VtApplyPlan) plan = g_new0(VtApplyPlan, 1);

    plan->domain = domain;
    plan->steps = g_ptr_array_new_with_free_func(step_free);
    plan->notes = g_ptr_array_new_with_free_func(g_free);
    return fill(plan, virt, rules, host, findings, options, error) ? g_steal_pointer(&plan) : NULL;
}

gboolean vt_apply_run(VtVirt *virt, VtStore *store, const VtApplyPlan *plan, VtRecord *record,
                      const char *profile, GError **error)
{
    g_autofree char *shown = vt_xml_pretty(plan->after);
    VtDefine define = {.virt = virt,
                       .store = store,
                       .before_sha256 = plan->before_sha256,
                       .wanted = plan->wanted,
                       .wanted_shown = shown,
                       .profile = profile,
                       .record = record};

    for (guint i = 0; i < plan->steps->len; i++) {
        const VtApplyStep *step = g_ptr_array_index(plan->steps, i);
        const VtFindingChange *change = vt_finding_domain_change(step->finding);

        vt_record_add_rule(record, step->rule->id, step->finding->device_element,
                           step->finding->device, change ? change->effect : NULL);
    }
    return vt_define_run(&define, error);
}
