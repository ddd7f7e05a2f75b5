/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/apply-choice.h"

#include <glib/gi18n.h>

#include "base/error.h"
#include "base/text.h"
#include "plan/gate.h"

gboolean vt_apply_choice_means(const VtApplyChoice *choice, const VtFinding *finding, const char *rule)
{
    return g_str_equal(finding->rule, rule) &&
           (!choice->device ||
            (finding->device && g_ascii_strcasecmp(finding->device, choice->device) == 0));
}

const VtFinding *vt_apply_choice_closed(const VtApplyChoice *choice, const GPtrArray *findings, const char *rule)
{
    for (guint i = 0; i < findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(findings, i);

        if (vt_apply_choice_means(choice, finding, rule) && (finding->waived_by || finding->superseded_by))
            return finding;
    }
    return NULL;
}

gboolean vt_apply_choice_refuse(const VtFinding *finding, GError **error)
{
    if (finding->waived_by)
        g_set_error(error, VT_ERROR, VT_ERROR_FAILED,
                    _("%1$s is waived (%2$s: %3$s); end the waiver to make this change"),
                    finding->rule, finding->waived_by, finding->waived_why);
    else
        g_set_error(error, VT_ERROR, VT_ERROR_FAILED,
                    _("%1$s: it excludes %2$s, or comes after it; choose one of them"),
                    finding->rule, finding->superseded_by);
    return FALSE;
}

/* The rule and its device, for messages. */
static char *name_of(const VtFinding *finding)
{
    g_autofree char *device = finding->device ? vt_text_printable(finding->device, FALSE) : NULL;

    return g_strjoin(" ", finding->rule, device, NULL);
}

/* Names the advice of @rule that is left as it is while that about other devices is taken. */
static void tell_closed(const VtApplyChoice *choice, const GPtrArray *findings, const char *rule)
{
    for (guint i = 0; i < findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(findings, i);
        g_autofree char *name = name_of(finding);

        if (!vt_apply_choice_means(choice, finding, rule))
            continue;
        if (finding->waived_by)
            g_printerr(_("virt-tune: left out: %1$s: waived (%2$s: %3$s)\n"), name,
                       finding->waived_by, finding->waived_why);
        else if (finding->superseded_by)
            g_printerr(_("virt-tune: left out: %1$s: it excludes %2$s, or comes after it\n"), name,
                       finding->superseded_by);
    }
}

gboolean vt_apply_choose_rule(const VtApplyChoice *choice, const GPtrArray *findings, const char *rule, GPtrArray *chosen,
                              GError **error)
{
    const VtFinding *satisfied = NULL, *other = NULL, *closed = vt_apply_choice_closed(choice, findings, rule);
    gboolean any = FALSE;

    for (guint i = 0; i < findings->len; i++) {
        VtFinding *finding = g_ptr_array_index(findings, i);

        if (!vt_apply_choice_means(choice, finding, rule))
            continue;
        if (vt_finding_is_open(finding)) {
            g_ptr_array_add(chosen, finding);
            any = TRUE;
        } else if (finding->verdict == VT_VERDICT_SATISFIED) {
            satisfied = finding;
        } else {
            other = finding;
        }
    }
    if (any)
        tell_closed(choice, findings, rule);
    if (any || (satisfied && !other))
        return TRUE;
    if (closed)
        return vt_apply_choice_refuse(closed, error);
    if (other)
        g_set_error(error, VT_ERROR, VT_ERROR_FAILED, _("%s is not advised: %s"), rule,
                    other->reason ? other->reason : vt_verdict_name(other->verdict));
    else
        g_set_error(error, VT_ERROR, VT_ERROR_NOT_FOUND,
                    _("%s has nothing to do with a device '%s'; `virt-tune explain` shows the "
                      "devices it looks at"),
                    rule, choice->device ? choice->device : "");
    return FALSE;
}

/* Says that @finding is not sure enough for --all-rules as it was given. */
static void tell_unsure(const VtFinding *finding)
{
    g_autofree char *name = name_of(finding);

    g_printerr(_("virt-tune: left out: %1$s: only %2$s; --min-confidence %2$s takes it\n"), name,
               vt_confidence_name(finding->confidence));
}

void vt_apply_choose_all(const VtApplyChoice *choice, const VtDomain *domain, const GPtrArray *findings, GPtrArray *chosen)
{
    for (guint i = 0; i < findings->len; i++) {
        VtFinding *finding = g_ptr_array_index(findings, i);
        g_autoptr(GError) why = NULL;

        if (!vt_finding_is_open(finding) || !vt_finding_domain_change(finding))
            continue;
        if (finding->confidence < choice->confidence)
            tell_unsure(finding);
        else if (vt_gate_finding(domain, finding, choice->assume_guest_drivers, &why))
            g_ptr_array_add(chosen, finding);
        else
            g_printerr(_("virt-tune: left out: %s\n"), why->message);
    }
}

gboolean vt_apply_choice_wants(const VtApplyChoice *choice, const VtFinding *finding)
{
    if (choice->all)
        return finding->confidence >= choice->confidence;
    for (char **rule = choice->rules; rule && *rule; rule++)
        if (vt_apply_choice_means(choice, finding, *rule))
            return TRUE;
    return FALSE;
}
