/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which changes were made, and what they did. */
#include "config.h"

#include "plan/cause.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "plan/device-change.h"
#include "rule/rule-match.h"
#include "source/redact.h"

static void cause_free(gpointer data)
{
    VtCause *cause = data;

    g_free(cause->rule);
    g_free(cause->device);
    g_free(cause->reason);
    g_free(cause);
}

static GPtrArray *new_causes(void)
{
    return g_ptr_array_new_with_free_func(cause_free);
}

static VtCause *find_cause(const GPtrArray *causes, const char *rule, const char *device)
{
    for (guint i = 0; i < causes->len; i++) {
        VtCause *cause = g_ptr_array_index(causes, i);

        if (g_str_equal(cause->rule, rule) && g_strcmp0(cause->device, device) == 0)
            return cause;
    }
    return NULL;
}

/* @node: what the rule looked at, in the definition from before the change, or after one that is
 * @against it; NULL: not known. */
static VtCause *new_cause(const VtRuleSet *rules, const char *id, const char *device,
                          gboolean against, xmlNode *node, const VtProfile *before,
                          const VtProfile *after, const char *why_not)
{
    const VtRule *rule = vt_rule_set_find(rules, id);
    VtCause *cause = g_new0(VtCause, 1);

    cause->rule = g_strdup(id);
    cause->device = g_strdup(device);
    cause->against = against;
    cause->verdict = VT_VERIFY_UNKNOWN;
    if (why_not)
        cause->reason = g_strdup(why_not);
    else if (!rule)
        cause->reason = g_strdup(_("There is no such rule any more."));
    else
        cause->verdict = vt_verify_rule(rule, node, against, before, after, &cause->reason);
    return cause;
}

static xmlNode *node_of(xmlDoc *definition, const char *element, const char *device)
{
    if (!definition)
        return NULL;
    return device && element ? vt_domain_find_device(definition, element, device)
                             : xmlDocGetRootElement(definition);
}

static xmlDoc *read_definition(const VtStore *store, guint64 id, const char *file)
{
    g_autofree char *text = vt_store_read(store, id, file, NULL, NULL);

    return text ? vt_xml_parse(text, strlen(text), file, NULL) : NULL;
}

static void add_record(GPtrArray *causes, const VtRuleSet *rules, const VtStore *store,
                       const VtRecord *record, const VtProfile *before, const VtProfile *after,
                       const char *why_not)
{
    g_autoptr(xmlDoc) definition = read_definition(store, record->id, VT_STORE_BEFORE_SHOWN);

    for (guint i = 0; i < record->rules->len; i++) {
        const VtRecordRule *made = g_ptr_array_index(record->rules, i);
        VtCause *cause;

        if (find_cause(causes, made->rule, made->device))
            continue;
        cause = new_cause(rules, made->rule, made->device, FALSE,
                          node_of(definition, made->element, made->device), before, after, why_not);
        cause->change = record->id;
        g_ptr_array_add(causes, cause);
    }
}

/* Of two changes about the same exits nobody can say which it was. */
static void mark_shared(GPtrArray *causes)
{
    g_autofree gboolean *shared = g_new0(gboolean, causes->len + 1);

    for (guint i = 0; i < causes->len; i++)
        for (guint j = 0; j < causes->len; j++) {
            const VtCause *a = g_ptr_array_index(causes, i), *b = g_ptr_array_index(causes, j);

            shared[i] =
                shared[i] || (i != j && a->verdict != VT_VERIFY_UNKNOWN &&
                              a->verdict == b->verdict && g_str_equal(a->reason, b->reason));
        }
    for (guint i = 0; i < causes->len; i++) {
        VtCause *cause = g_ptr_array_index(causes, i);
        char *reason;

        if (!shared[i])
            continue;
        reason =
            g_strdup_printf("%s %s", cause->reason,
                            _("Another change is about the same exits: how much either of them did "
                              "cannot be told."));
        g_free(cause->reason);
        cause->reason = reason;
    }
}

GPtrArray *vt_cause_of_record(const VtRuleSet *rules, const VtStore *store, const VtRecord *record,
                              const VtProfile *before, const VtProfile *after, const char *why_not)
{
    GPtrArray *causes = new_causes();

    add_record(causes, rules, store, record, before, after, why_not);
    mark_shared(causes);
    return causes;
}

/* By the XML and the host alone: a measurement may miss a symptom that the change took away. What
 * is known of the host at one of the times only is no difference. */
static GPtrArray *match(const VtRuleSet *rules, const VtCauseSide *side, const VtCauseSide *other)
{
    VtMatchInput input = {.domain = side->domain,
                          .host = other->host ? side->host : NULL,
                          .assume_guest_drivers = TRUE};

    return vt_rule_match(rules, &input);
}

static gboolean asks(const VtFinding *finding)
{
    return finding->verdict == VT_VERDICT_ADVISE || finding->verdict == VT_VERDICT_UNKNOWN ||
           finding->verdict == VT_VERDICT_BLOCKED || finding->verdict == VT_VERDICT_QUIET;
}

/* TRUE where the device of @finding, which is of @domain, was not replaced in @other but is not
 * there. */
static gboolean is_only_in(const VtFinding *finding, const VtDomain *domain, const VtDomain *other)
{
    const char *element = finding->device_element;
    g_autoptr(GPtrArray) here = NULL;
    g_autoptr(GPtrArray) there = NULL;

    if (!finding->device || !element || vt_domain_find_device(other->live, element, finding->device))
        return FALSE;
    here = vt_domain_devices(domain->live, element);
    there = vt_domain_devices(other->live, element);
    return there->len < here->len;
}

/* What @finding, of @side, asks for, on the other side. */
typedef enum {
    STATE_OTHERWISE, /* not so, or nobody can tell */
    STATE_SO,
    STATE_NO_DEVICE,
} State;

/* @findings: of @other. A device that the rule does not look at there may be of another kind. */
static State state_of(const VtRuleSet *rules, const VtFinding *finding, const VtCauseSide *side,
                      const VtCauseSide *other, const GPtrArray *findings)
{
    const VtRule *rule = vt_rule_set_find(rules, finding->rule);
    gboolean found = FALSE, satisfied = FALSE;

    for (guint i = 0; i < findings->len; i++) {
        const VtFinding *same = g_ptr_array_index(findings, i);

        if (!g_str_equal(same->rule, finding->rule) ||
            g_strcmp0(same->device, finding->device) != 0)
            continue;
        found = TRUE;
        satisfied = same->verdict == VT_VERDICT_SATISFIED;
    }
    if (found)
        return satisfied ? STATE_SO : STATE_OTHERWISE;
    if (is_only_in(finding, side->domain, other->domain))
        return STATE_NO_DEVICE;
    return finding->device && rule &&
                   vt_device_change_is_made(rule, finding, side->domain, side->host, other->domain)
               ? STATE_SO
               : STATE_OTHERWISE;
}

/* What was made that the rules advise. */
static void add_followed(GPtrArray *causes, const VtRuleSet *rules, const VtCauseSide *before,
                         const VtCauseSide *after, const GPtrArray *old, const GPtrArray *new,
                         const char *why_not)
{
    for (guint i = 0; i < old->len; i++) {
        const VtFinding *finding = g_ptr_array_index(old, i);
        const char *why = why_not;
        State state;

        if (!asks(finding) || find_cause(causes, finding->rule, finding->device))
            continue;
        state = state_of(rules, finding, before, after, new);
        if (state == STATE_OTHERWISE)
            continue;
        if (!why && state == STATE_NO_DEVICE)
            why = _("The device is not there any more.");
        g_ptr_array_add(
            causes,
            new_cause(rules, finding->rule, finding->device, FALSE,
                      node_of(before->domain->live, finding->device_element, finding->device),
                      before->profile, after->profile, why));
    }
}

/* What was made that they advise against. */
static void add_against(GPtrArray *causes, const VtRuleSet *rules, const VtCauseSide *before,
                        const VtCauseSide *after, const GPtrArray *old, const GPtrArray *new,
                        const char *why_not)
{
    for (guint i = 0; i < new->len; i++) {
        const VtFinding *finding = g_ptr_array_index(new, i);
        VtCause *cause;
        State state;

        if (!asks(finding) || find_cause(causes, finding->rule, finding->device))
            continue;
        state = state_of(rules, finding, after, before, old);
        if (state == STATE_OTHERWISE)
            continue;
        cause = new_cause(rules, finding->rule, finding->device, TRUE,
                          node_of(after->domain->live, finding->device_element, finding->device),
                          before->profile, after->profile, why_not);
        if (state == STATE_NO_DEVICE && cause->verdict != VT_VERIFY_WORSE) {
            cause_free(cause);
            continue;
        }
        if (state == STATE_NO_DEVICE) {
            g_autofree char *figures = g_steal_pointer(&cause->reason);

            cause->reason =
                g_strdup_printf("%s %s", _("The device was not there before."), figures);
        }
        g_ptr_array_add(causes, cause);
    }
}

GPtrArray *vt_cause_find(const VtRuleSet *rules, const VtCauseSide *before,
                         const VtCauseSide *after, const VtStore *store, const GPtrArray *records,
                         const char *why_not)
{
    GPtrArray *causes = new_causes();

    for (guint i = 0; records && i < records->len; i++)
        add_record(causes, rules, store, g_ptr_array_index(records, i), before->profile,
                   after->profile, why_not);
    if (before->domain && after->domain) {
        g_autoptr(GPtrArray) old = match(rules, before, after);
        g_autoptr(GPtrArray) new = match(rules, after, before);

        add_followed(causes, rules, before, after, old, new, why_not);
        add_against(causes, rules, before, after, old, new, why_not);
    }
    mark_shared(causes);
    return causes;
}

static gboolean is_definition(const VtStore *store, guint64 id, const char *file, const char *text)
{
    g_autoptr(xmlDoc) doc = read_definition(store, id, file);
    g_autofree char *own = doc ? vt_redact_pretty(doc) : NULL;

    return g_strcmp0(own, text) == 0;
}

GPtrArray *vt_cause_trail(const VtStore *store, const GPtrArray *records, const VtDomain *before,
                          const VtDomain *after)
{
    g_autofree char *old = before->inactive ? vt_redact_pretty(before->inactive) : NULL;
    g_autofree char *new = after->inactive ? vt_redact_pretty(after->inactive) : NULL;
    g_autoptr(GPtrArray) trail = NULL;

    if (!old || !new || g_str_equal(old, new))
        return NULL;
    for (guint i = 0; i < records->len; i++) {
        VtRecord *record = g_ptr_array_index(records, i);

        if (record->state != VT_RECORD_APPLIED && record->state != VT_RECORD_REVERTED)
            continue;
        if (is_definition(store, record->id, VT_STORE_BEFORE_SHOWN, old)) {
            g_clear_pointer(&trail, g_ptr_array_unref);
            trail = g_ptr_array_new();
        }
        if (!trail)
            continue;
        g_ptr_array_add(trail, record);
        if (is_definition(store, record->id, VT_STORE_AFTER_SHOWN, new))
            return g_steal_pointer(&trail);
    }
    return NULL;
}

GPtrArray *vt_cause_facts(const VtHost *before, const VtHost *after)
{
    static const char *const restless[] = {"hugepages.free", "vcpus.running", NULL};
    GPtrArray *facts = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) names = vt_host_fact_names(before);

    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        const char *old = vt_host_get(before, name), *new = vt_host_get(after, name);

        if (!old || !new || g_str_equal(old, new) || g_strv_contains(restless, name))
            continue;
        g_ptr_array_add(facts,
                        vt_host_fact_is_set(name)
                            ? g_strdup_printf(_("%s is another set of words."), name)
                            : g_strdup_printf(_("%1$s was %2$s and is %3$s."), name, old, new));
    }
    return facts;
}
