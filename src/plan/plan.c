/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From findings to changed XML. */
#include "config.h"

#include "plan/plan.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "plan/diff.h"
#include "plan/patch.h"
#include "plan/value.h"
#include "source/redact.h"

static gboolean touch(const VtFinding *a, const VtFinding *b)
{
    return a != b && (!a->device || !b->device || g_str_equal(a->device, b->device));
}

static const VtRuleLink *find_link(const GPtrArray *links, const char *rule)
{
    for (guint i = 0; i < links->len; i++) {
        const VtRuleLink *link = g_ptr_array_index(links, i);

        if (g_str_equal(link->rule, rule))
            return link;
    }
    return NULL;
}

static void give_way(VtFinding *finding, const VtFinding *by, const VtRuleLink *link)
{
    finding->superseded_by = g_strdup(by->rule);
    finding->superseded_why = link->why ? g_strdup(_(link->why)) : NULL;
}

static void mark_superseded(const VtRule *rule, const VtFinding *by, GPtrArray *findings)
{
    for (guint i = 0; i < findings->len; i++) {
        VtFinding *finding = g_ptr_array_index(findings, i);
        const VtRuleLink *link = find_link(rule->supersedes, finding->rule);

        if (link && vt_finding_is_open(finding) && touch(finding, by))
            give_way(finding, by, link);
    }
}

static void mark_conflicting(const VtRuleSet *rules, const VtRule *rule, VtFinding *one,
                             GPtrArray *findings)
{
    for (guint i = 0; i < findings->len && vt_finding_is_open(one); i++) {
        VtFinding *other = g_ptr_array_index(findings, i);
        const VtRule *other_rule = vt_rule_set_find(rules, other->rule);
        const VtRuleLink *link = find_link(rule->conflicts, other->rule);

        if (!vt_finding_is_open(other) || !touch(one, other))
            continue;
        if (!link && other_rule)
            link = find_link(other_rule->conflicts, one->rule);
        if (!link)
            continue;
        if (vt_finding_compare(&one, &other) <= 0)
            give_way(other, one, link);
        else
            give_way(one, other, link);
    }
}

void vt_plan_order(const VtRuleSet *rules, GPtrArray *findings)
{
    for (guint i = 0; i < findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(findings, i);
        const VtRule *rule = vt_rule_set_find(rules, finding->rule);

        /* A rule that gives way itself still goes before the ones below it: the links form a
         * ladder. */
        if (rule && finding->verdict == VT_VERDICT_ADVISE && !finding->waived_by)
            mark_superseded(rule, finding, findings);
    }
    for (guint i = 0; i < findings->len; i++) {
        VtFinding *finding = g_ptr_array_index(findings, i);
        const VtRule *rule = vt_rule_set_find(rules, finding->rule);

        if (rule && vt_finding_is_open(finding))
            mark_conflicting(rules, rule, finding, findings);
    }
}

/* How @rule excludes @other or goes before it; NULL where it does neither. */
static const VtRuleLink *link_to(const VtRule *rule, const VtRule *other)
{
    const VtRuleLink *link = find_link(rule->supersedes, other->id);

    return link ? link : find_link(rule->conflicts, other->id);
}

void vt_plan_order_after(const VtRuleSet *rules, VtFinding *finding, const GPtrArray *taken)
{
    const VtRule *rule = vt_rule_set_find(rules, finding->rule);

    for (guint i = 0; rule && i < taken->len && vt_finding_is_open(finding); i++) {
        const VtFinding *by = g_ptr_array_index(taken, i);
        const VtRule *by_rule = vt_rule_set_find(rules, by->rule);
        const VtRuleLink *link;

        if (!by_rule || !touch(finding, by))
            continue;
        link = link_to(by_rule, rule);
        if (!link)
            link = link_to(rule, by_rule);
        if (link)
            give_way(finding, by, link);
    }
}

/* Says why a device without a key cannot be found among the @n that the rule looks at; @n is not 1. */
static void refuse_keyless(const VtFinding *finding, guint n, GError **error)
{
    const char *element = finding->device_element ? finding->device_element : _("device");

    if (n == 0)
        g_set_error(error, VT_ERROR, VT_ERROR_NOT_FOUND,
                    _("the domain's definition has no such %s; it was added to the running domain "
                      "only"),
                    element);
    else if (g_str_equal(element, "interface"))
        g_set_error(error, VT_ERROR, VT_ERROR_NOT_FOUND,
                    _("%u network interfaces could be meant, and one without a MAC address "
                      "cannot be told from the others; give each of them a MAC address"),
                    n);
    else
        g_set_error(error, VT_ERROR, VT_ERROR_NOT_FOUND,
                    _("%u elements <%s> could be meant, and nothing tells which of them; "
                      "make this change by hand"),
                    n, element);
}

/* The node of @doc, a copy of the inactive XML, that the finding is about; the root element for the
 * whole domain. */
static xmlNode *find_node(const VtRule *rule, const VtFinding *finding, const char *device,
                          xmlDoc *doc, GError **error)
{
    xmlNode *root = xmlDocGetRootElement(doc), *node;
    g_autoptr(GPtrArray) nodes = NULL;

    if (!rule->each)
        return root;
    if (device) {
        node = vt_domain_find_device(doc, finding->device_element ? finding->device_element : "",
                                     device);
        if (!node)
            g_set_error(
                error, VT_ERROR, VT_ERROR_NOT_FOUND,
                _("the domain's definition has no %s %s; it was added to the running domain only"),
                finding->device_element ? finding->device_element : _("device"), device);
        return node;
    }
    /* A device without a key is known only by being the one that the rule looks at. */
    if (!vt_xpath_nodes(rule->each, root, &nodes, error))
        return NULL;
    if (nodes->len == 1)
        return g_ptr_array_index(nodes, 0);
    refuse_keyless(finding, nodes->len, error);
    return NULL;
}

static const char *irq_of(const VtRule *rule, const VtFinding *finding)
{
    static const char prefix[] = "irq ";

    if (!rule->each_in || !finding->device || !g_str_has_prefix(finding->device, prefix))
        return NULL;
    return finding->device + strlen(prefix);
}

static xmlDoc *copy_definition(const VtDomain *domain, GError **error)
{
    if (domain->inactive)
        return xmlCopyDoc(domain->inactive, 1);
    g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED,
                _("the domain has no persistent definition that could be changed; make it one with "
                  "\"virsh define\""));
    return NULL;
}

/* Makes one change in @doc. */
static gboolean apply_change(const VtRule *rule, const VtChange *change, const VtFinding *finding,
                             const char *device, const VtDomain *domain, const VtHost *host,
                             xmlDoc *doc, GError **error)
{
    VtValueContext context = {
        .domain = domain, .host = host, .doc = doc, .irq = irq_of(rule, finding)};
    xmlNode *node = find_node(rule, finding, device, doc, error);

    context.device = node;
    return node && vt_patch_apply(doc, node, change->ops, vt_value_lookup, &context, error);
}

gboolean vt_plan_patch(const VtRule *rule, const VtFinding *finding, const char *device,
                       const VtDomain *domain, const VtHost *host, xmlDoc *doc, GError **error)
{
    for (guint i = 0; i < rule->changes->len; i++) {
        const VtChange *change = g_ptr_array_index(rule->changes, i);

        if (g_str_equal(change->target, "domain") &&
            !apply_change(rule, change, finding, device ? device : finding->device, domain, host,
                          doc, error))
            return FALSE;
    }
    return TRUE;
}

xmlDoc *vt_plan_apply(const VtRule *rule, const VtFinding *finding, const VtDomain *domain,
                      const VtHost *host, GError **error)
{
    g_autoptr(xmlDoc) doc = copy_definition(domain, error);

    return doc && vt_plan_patch(rule, finding, NULL, domain, host, doc, error)
               ? g_steal_pointer(&doc)
               : NULL;
}

/* A diff that is still to be made, and where it belongs. */
typedef struct {
    VtFindingChange *change;
    const char *before, *after, *label;
} Pending;

/* What a definition reads as, whole and without secrets. */
typedef struct {
    const char *text, *shown;
} Reading;

typedef struct {
    const VtPlanItem *item;
    Reading inactive;     /* of the item's inactive XML; NULLs until a finding needs it */
    GArray *pending;      /* Pending */
    GPtrArray *texts;     /* char *, what the pending diffs are made of */
} Fill;

static const char *keep(Fill *fill, char *text)
{
    g_ptr_array_add(fill->texts, text);
    return text;
}

static void set_error(VtFindingChange *change, const char *message)
{
    g_free(change->error);
    change->error = g_strdup(message);
    change->done = FALSE;
}

/* A text for people can hold commands. */
static void fill_text(VtFindingChange *filled, VtValueContext *context)
{
    g_autoptr(GError) why = NULL;
    char *text;

    if (!filled->text)
        return;
    text = vt_patch_expand(filled->text, vt_value_lookup, context, &why);
    g_free(filled->text);
    filled->text = text;
    if (!text)
        set_error(filled, why->message);
}

static void fill_commands(const VtChange *change, VtValueContext *context, VtFindingChange *filled)
{
    g_ptr_array_set_size(filled->commands, 0);
    g_ptr_array_set_size(filled->undo, 0);
    for (guint i = 0; i < change->commands->len; i++) {
        const VtCommand *command = g_ptr_array_index(change->commands, i);
        g_autoptr(GError) why = NULL;
        g_autofree char *text = vt_patch_expand(command->text, vt_value_lookup, context, &why);
        g_autofree char *undo = NULL;

        if (text && command->undo)
            undo = vt_patch_expand(command->undo, vt_value_lookup, context, &why);
        if (why) {
            set_error(filled, why->message);
            g_ptr_array_set_size(filled->commands, 0);
            g_ptr_array_set_size(filled->undo, 0);
            return;
        }
        g_ptr_array_add(filled->commands, g_steal_pointer(&text));
        g_ptr_array_add(filled->undo, g_steal_pointer(&undo));
    }
}

/* @reading is that of @doc, before and after the call. */
static void fill_domain_change(const VtRule *rule, const VtChange *change, const VtFinding *finding,
                               Fill *fill, xmlDoc *doc, Reading *reading, VtFindingChange *filled)
{
    const VtDomain *domain = fill->item->domain;
    g_autoptr(GError) why = NULL;
    Pending entry = {.change = filled, .before = reading->shown};
    const char *before = reading->text;

    if (!apply_change(rule, change, finding, finding->device, domain, fill->item->host, doc,
                      &why)) {
        set_error(filled, why->message);
        return;
    }
    reading->text = keep(fill, vt_xml_pretty(doc));
    if (g_str_equal(before, reading->text)) {
        set_error(filled, _("the domain's definition already reads as this change would leave it"));
        filled->done = TRUE;
        return;
    }
    reading->shown = keep(fill, vt_redact_pretty(doc));
    entry.after = reading->shown;
    entry.label = keep(fill, g_strdup_printf("%s.xml", domain->name));
    g_array_append_val(fill->pending, entry);
}

/* The matcher made one finding change for each change of the rule, in the same order. */
static void fill_finding(const VtRule *rule, VtFinding *finding, Fill *fill)
{
    const VtPlanItem *item = fill->item;
    VtValueContext context = {
        .domain = item->domain, .host = item->host, .irq = irq_of(rule, finding), .shell = TRUE};
    g_autoptr(GError) why = NULL;
    g_autoptr(xmlDoc) doc = NULL;
    Reading reading = {0};

    for (guint i = 0; i < MIN(rule->changes->len, finding->changes->len); i++) {
        const VtChange *change = g_ptr_array_index(rule->changes, i);
        VtFindingChange *filled = g_ptr_array_index(finding->changes, i);

        fill_text(filled, &context);
        if (!g_str_equal(change->target, "domain")) {
            fill_commands(change, &context, filled);
            continue;
        }
        if (!doc && !why)
            doc = copy_definition(item->domain, &why);
        if (why) {
            set_error(filled, why->message);
            continue;
        }
        if (!fill->inactive.text) {
            fill->inactive.text = keep(fill, vt_xml_pretty(item->domain->inactive));
            fill->inactive.shown = keep(fill, vt_redact_pretty(item->domain->inactive));
        }
        if (!reading.text)
            reading = fill->inactive;
        fill_domain_change(rule, change, finding, fill, doc, &reading, filled);
    }
}

static void fill_item(const VtRuleSet *rules, Fill *fill)
{
    for (guint i = 0; i < fill->item->findings->len; i++) {
        VtFinding *finding = g_ptr_array_index(fill->item->findings, i);
        const VtRule *rule = vt_rule_set_find(rules, finding->rule);

        if (rule && finding->verdict == VT_VERDICT_ADVISE)
            fill_finding(rule, finding, fill);
    }
}

gboolean vt_plan_fill(const VtRuleSet *rules, VtPlanItem *items, gsize n, GError **error)
{
    g_autoptr(GArray) pending = g_array_new(FALSE, FALSE, sizeof(Pending));
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    g_autofree VtDiffPair *pairs = NULL;
    gboolean ok;

    for (gsize i = 0; i < n; i++)
        fill_item(rules, &(Fill){.item = &items[i], .pending = pending, .texts = texts});

    pairs = g_new0(VtDiffPair, MAX(pending->len, 1));
    for (guint i = 0; i < pending->len; i++) {
        const Pending *entry = &g_array_index(pending, Pending, i);

        pairs[i] =
            (VtDiffPair){.before = entry->before, .after = entry->after, .label = entry->label};
    }
    ok = vt_diff_run(pairs, pending->len, error);
    for (guint i = 0; ok && i < pending->len; i++) {
        VtFindingChange *change = g_array_index(pending, Pending, i).change;

        g_free(change->diff);
        change->diff = pairs[i].diff;
    }
    return ok;
}
