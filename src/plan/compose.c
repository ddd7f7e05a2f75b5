/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Composes changes by making them one after the other on a copy. */
#include "config.h"

#include "plan/compose.h"

#include <string.h>

#include "base/error.h"
#include "plan/plan.h"

typedef struct {
    const VtRuleSet *rules;
    const VtMatchInput *input;
    const VtComposeSite *site;
    GPtrArray *findings, *notes;
    GPtrArray *taken; /* the result */
    xmlDoc *doc;      /* the definition as it is by now */
    VtProfile *work;  /* what the guest gets done, whatever the device; NULL: not measured */
} Compose;

/* Exits were those of the old device, and so was QEMU's time. */
static VtProfile *work_of(const VtProfile *profile)
{
    static const char *const metrics[] = {"net.packets", "block.requests"};
    g_autoptr(VtProfile) work = vt_profile_new();

    if (!profile)
        return NULL;
    for (guint i = 0; i < profile->windows->len; i++) {
        const VtWindow *window = &g_array_index(profile->windows, VtWindow, i);

        vt_profile_add_window(work, window->duration_ns, window->vcpus);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(metrics); i++) {
        const VtMetric *metric = vt_profile_get(profile, metrics[i]);

        if (metric && metric->whole_ns > 0)
            vt_profile_add_whole(work, metrics[i], metric->source, metric->count, metric->whole_ns);
        else if (metric)
            vt_profile_add_counts(work, 0, metrics[i], metric->source, metric->counts);
    }
    return vt_profile_finish(work, NULL) ? g_steal_pointer(&work) : NULL;
}

static VtDomain *domain_of(const Compose *compose)
{
    const VtDomain *domain = compose->input->domain;
    VtDomain *now = vt_domain_new(domain->name, domain->uuid);
    xmlDoc *copy = xmlCopyDoc(compose->doc, 1);

    now->guest.os_id = g_strdup(domain->guest.os_id);
    now->guest.os_name = g_strdup(domain->guest.os_name);
    now->guest.family = g_strdup(domain->guest.family);
    now->guest.drivers_known = domain->guest.drivers_known;
    g_hash_table_unref(now->guest.supports);
    now->guest.supports = g_hash_table_ref(domain->guest.supports);
    now->seed_disks = g_strdupv(domain->seed_disks);
    if (vt_domain_set_xml(now, copy, copy, domain->name, NULL)) {
        now->active = domain->active;
        return now;
    }
    vt_domain_unref(now);
    return NULL;
}

/* What @rule says of @domain. @profile: what counts as measured. */
static GPtrArray *ask(const Compose *compose, const VtRule *rule, const VtDomain *domain,
                      const VtProfile *profile)
{
    VtMatchInput input = *compose->input;

    input.domain = domain;
    input.profile = profile;
    input.brief = FALSE;
    return vt_rule_match_one(compose->rules, rule, &input);
}

static gboolean is_same_device(const VtFinding *a, const VtFinding *b)
{
    return g_strcmp0(a->device, b->device) == 0 &&
           g_strcmp0(a->device_element, b->device_element) == 0;
}

static char *name_of(const VtFinding *finding)
{
    return finding->device ? g_strdup_printf("%s (%s)", finding->rule, finding->device)
                           : g_strdup(finding->rule);
}

/* The taken change of the same device, else of any, that came last. There must be one. */
static const VtFinding *last_change(const Compose *compose, const VtFinding *finding)
{
    const VtFinding *last = g_ptr_array_index(compose->taken, 0);

    for (guint i = 1; i < compose->taken->len; i++) {
        const VtFinding *other = g_ptr_array_index(compose->taken, i);

        if (is_same_device(other, finding) || !is_same_device(last, finding))
            last = other;
    }
    return last;
}

/* FALSE where @finding has nothing to change any more, or must not. A device that is not found, since
 * an earlier change gave it another name, or is gone, is left to who makes the changes. */
static gboolean still_holds(const Compose *compose, const VtRule *rule, const VtFinding *finding)
{
    g_autoptr(VtDomain) domain = compose->taken->len > 0 ? domain_of(compose) : NULL;
    g_autoptr(GPtrArray) now = NULL;

    if (!domain)
        return TRUE;
    now = ask(compose, rule, domain, compose->input->profile);
    compose->site->settle(domain, now, compose->site->data);
    for (guint i = 0; i < now->len; i++) {
        const VtFinding *one = g_ptr_array_index(now, i);
        g_autofree char *name = NULL, *by = NULL;

        if (!is_same_device(one, finding))
            continue;
        if (one->verdict != VT_VERDICT_SATISFIED && one->verdict != VT_VERDICT_NOT_APPLICABLE &&
            one->verdict != VT_VERDICT_BLOCKED)
            return TRUE;
        name = name_of(finding);
        by = name_of(last_change(compose, finding));
        g_ptr_array_add(compose->notes,
                        one->verdict == VT_VERDICT_BLOCKED
                            ? g_strdup_printf(_("%1$s is left out: after %2$s there is a reason "
                                                "against it. %3$s"),
                                              name, by, one->reason)
                            : g_strdup_printf(_("%1$s is left out: after %2$s there is nothing "
                                                "left for it to change."),
                                              name, by));
        return FALSE;
    }
    return TRUE;
}

/* Whether @rule looked at the device of @changed before anything was changed: then it has said what
 * there is to say. */
static gboolean has_spoken(const Compose *compose, const VtRule *rule, const VtFinding *changed)
{
    for (guint i = 0; i < compose->findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(compose->findings, i);

        if (g_str_equal(finding->rule, rule->id) && finding->device &&
            is_same_device(finding, changed))
            return TRUE;
    }
    return FALSE;
}

/* Moves to @following what @rule advises on the device of @domain that @changed has changed. */
static void find_following(const Compose *compose, const VtRule *rule, const VtDomain *domain,
                           const VtFinding *changed, GPtrArray *following)
{
    const VtComposeSite *site = compose->site;
    g_autoptr(GPtrArray) now = ask(compose, rule, domain, compose->work);

    site->settle(domain, now, site->data);
    for (guint i = now->len; i-- > 0;) {
        const VtFinding *finding = g_ptr_array_index(now, i);

        if (finding->verdict == VT_VERDICT_ADVISE && is_same_device(finding, changed) &&
            site->wanted(finding, site->data))
            g_ptr_array_add(following, g_ptr_array_steal_index(now, i));
    }
}

/* Takes @finding, which @changed calls for, behind the @queue. */
static void join(Compose *compose, VtFinding *finding, const VtFinding *changed, GPtrArray *queue)
{
    g_autofree char *name = name_of(finding), *by = name_of(changed);

    g_ptr_array_add(compose->notes,
                    g_strdup_printf(_("%1$s joins: it applies after %2$s."), name, by));
    g_ptr_array_add(queue, finding);
}

static void add_following(Compose *compose, const VtFinding *changed, GPtrArray *queue)
{
    g_autoptr(VtDomain) domain = changed->device ? domain_of(compose) : NULL;
    g_autoptr(GPtrArray) following = g_ptr_array_new();

    for (guint i = 0; domain && i < compose->rules->rules->len; i++) {
        const VtRule *rule = g_ptr_array_index(compose->rules->rules, i);

        if (rule->each && vt_rule_domain_change(rule) && !has_spoken(compose, rule, changed))
            find_following(compose, rule, domain, changed, following);
    }
    for (guint i = 0; i < following->len; i++)
        vt_plan_order_after(compose->rules, g_ptr_array_index(following, i), queue);
    vt_plan_order(compose->rules, following);
    for (guint i = 0; i < following->len; i++) {
        VtFinding *finding = g_ptr_array_index(following, i);

        g_ptr_array_add(compose->findings, finding);
        if (vt_finding_is_open(finding))
            join(compose, finding, changed, queue);
    }
}

GPtrArray *vt_compose(const VtRuleSet *rules, const VtMatchInput *input, const GPtrArray *chosen,
                      const VtComposeSite *site, GPtrArray *findings, GPtrArray *notes)
{
    g_autoptr(GPtrArray) queue = g_ptr_array_new();
    g_autoptr(xmlDoc) doc =
        input->domain->inactive ? xmlCopyDoc(input->domain->inactive, 1) : NULL;
    g_autoptr(VtProfile) work = work_of(input->profile);
    Compose compose = {rules, input, site, findings, notes, g_ptr_array_new(), doc, work};

    for (guint i = 0; i < chosen->len; i++)
        g_ptr_array_add(queue, g_ptr_array_index(chosen, i));
    while (compose.taken->len < queue->len) {
        VtFinding *finding = g_ptr_array_index(queue, compose.taken->len);
        const VtRule *rule = vt_rule_set_find(rules, finding->rule);

        if (doc && rule && !still_holds(&compose, rule, finding)) {
            g_ptr_array_remove_index(queue, compose.taken->len);
            continue;
        }
        g_ptr_array_add(compose.taken, finding);
        /* What cannot be made tells why when the plan is made. */
        if (doc && rule &&
            vt_plan_patch(rule, finding, NULL, input->domain, input->host, doc, NULL))
            add_following(&compose, finding, queue);
    }
    return compose.taken;
}
