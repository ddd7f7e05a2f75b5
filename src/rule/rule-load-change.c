/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads what a rule changes: patch operations of the domain, commands for the host and the guest.
 */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "rule/rule-cond.h"
#include "rule/rule-load-private.h"

/* "{name}" and "{name:argument}" in @text; "{{" is a brace. What the names mean is not known here.
 */
static void check_braces(VtRuleLoad *load, guint line, const char *text)
{
    for (const char *p = text; *p; p++) {
        size_t length;

        if (*p != '{')
            continue;
        if (p[1] == '{') {
            p++;
            continue;
        }
        length = strcspn(p + 1, "{}\n");
        if (p[1 + length] != '}') {
            vt_rule_load_complain(
                load, line, _("“%s” opens a value that no } closes; write a literal brace as {{"),
                p);
            return;
        }
        if (length == 0) {
            vt_rule_load_complain(load, line, _("{} names no value; write a literal brace as {{"));
            return;
        }
        p += length + 1;
    }
}

static void check_braces_within(VtRuleLoad *load, const xmlNode *node)
{
    for (const xmlNode *child = node->children; child; child = child->next) {
        if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE)
            check_braces(load, vt_rule_load_line(node), (const char *)child->content);
        if (child->type != XML_ELEMENT_NODE)
            continue;
        for (const xmlAttr *attr = child->properties; attr; attr = attr->next)
            if (attr->children && attr->children->content)
                check_braces(load, vt_rule_load_line(child), (const char *)attr->children->content);
        check_braces_within(load, child);
    }
}

static gboolean is_word_of(const char *word, const char *const *words)
{
    return word && g_strv_contains(words, word);
}

static void check_operation(VtRuleLoad *load, const xmlNode *node, const VtPatchOp *op)
{
    static const char *const places[] = {"before", "after", "prepend", NULL};
    static const char *const spaces[] = {"before", "after", "both", NULL};
    g_autoptr(GError) error = NULL;
    VtXPath *sel = op->sel ? vt_xpath_new(op->sel, &error) : NULL;

    if (error)
        vt_rule_load_complain_inside(load, node, "sel", error);
    vt_xpath_free(sel);
    if (op->pos && !is_word_of(op->pos, places))
        vt_rule_load_complain(load, op->line, _("pos is “%s”; it must be before, after or prepend"),
                              op->pos);
    if (op->ws && !is_word_of(op->ws, spaces))
        vt_rule_load_complain(load, op->line, _("ws is “%s”; it must be before, after or both"),
                              op->ws);
    if (op->type && op->type[0] != '@' && !g_str_has_prefix(op->type, "namespace::"))
        vt_rule_load_complain(load, op->line,
                              _("type is “%s”; it must be @NAME or namespace::PREFIX"), op->type);
    if (op->type && vt_rule_load_next(node->children))
        vt_rule_load_complain(load, op->line,
                              _("an attribute or a namespace is text; it cannot hold elements"));
    if (op->type && op->pos)
        vt_rule_load_complain(load, op->line,
                              _("an attribute or a namespace has no position; remove pos"));
    check_braces_within(load, node);
}

static void read_operation(VtRuleLoad *load, const xmlNode *node, VtChange *change,
                           VtPatchKind kind)
{
    static const char *const optional[] = {"if type pos", "if", "if ws"};
    VtPatchOp *op = g_new0(VtPatchOp, 1);

    g_ptr_array_add(change->ops, op);
    vt_rule_load_check_attributes(load, node, "sel", optional[kind]);
    op->kind = kind;
    op->line = vt_rule_load_line(node);
    op->sel = vt_rule_load_get(node, "sel");
    op->type = vt_rule_load_get(node, "type");
    op->pos = vt_rule_load_get(node, "pos");
    op->ws = vt_rule_load_get(node, "ws");
    op->when = vt_rule_load_get_xpath(load, node, "if");
    op->content = (xmlNode *)node;
    if (kind == VT_PATCH_REMOVE)
        vt_rule_load_check_content(load, node, FALSE, FALSE);
    check_operation(load, node, op);
}

static void read_command(VtRuleLoad *load, const xmlNode *node, VtChange *change)
{
    VtCommand *command = g_new0(VtCommand, 1);

    g_ptr_array_add(change->commands, command);
    vt_rule_load_check_attributes(load, node, "", "undo");
    command->text = vt_rule_load_get_text(load, node, TRUE);
    command->undo = vt_rule_load_get(node, "undo");
    check_braces(load, vt_rule_load_line(node), command->text);
    if (command->undo)
        check_braces(load, vt_rule_load_line(node), command->undo);
}

static void read_text(VtRuleLoad *load, const xmlNode *node, VtChange *change)
{
    change->text = vt_rule_load_get_text(load, node, TRUE);
    check_braces(load, vt_rule_load_line(node), change->text);
}

/* When a change of each target can take effect. */
static const struct {
    const char *target;
    const char *effects[5];
} targets[] = {
    {"domain", {"live", "power-cycle"}},
    {"host", {"live", "power-cycle", "module-reload", "host-reboot"}},
    {"guest", {"live", "power-cycle", "guest-reboot"}},
};

static void check_effect(VtRuleLoad *load, const VtChange *change)
{
    guint i = 0;

    if (!change->target || !change->effect)
        return;
    while (i < G_N_ELEMENTS(targets) && strcmp(targets[i].target, change->target) != 0)
        i++;
    if (i == G_N_ELEMENTS(targets)) {
        vt_rule_load_complain(load, change->line,
                              _("target is “%s”; it must be domain, host or guest"),
                              change->target);
    } else if (!is_word_of(change->effect, targets[i].effects)) {
        g_autofree char *list = g_strjoinv(", ", (char **)targets[i].effects);

        vt_rule_load_complain(
            load, change->line,
            _("effect is “%1$s”; a change of the %2$s takes effect by one of: %3$s"),
            change->effect, change->target, list);
    }
}

static void check_change(VtRuleLoad *load, const VtChange *change)
{
    const gboolean is_domain = g_strcmp0(change->target, "domain") == 0;

    check_effect(load, change);
    if (is_domain && change->commands->len > 0)
        vt_rule_load_complain(load, change->line,
                              _("a change of the domain has patch operations and no <command>"));
    if (is_domain && change->ops->len == 0)
        vt_rule_load_complain(load, change->line,
                              _("the change does nothing; add <add>, <replace> or <remove>"));
    if (!is_domain && change->ops->len > 0)
        vt_rule_load_complain(load, change->line,
                              _("only a change of the domain has <add>, <replace> and <remove>"));
    if (!is_domain && change->commands->len == 0)
        vt_rule_load_complain(load, change->line, _("the change does nothing; add <command>"));
}

void vt_rule_load_change(VtRuleLoad *load, const xmlNode *node)
{
    static const char *const operations[] = {
        [VT_PATCH_ADD] = "add", [VT_PATCH_REPLACE] = "replace", [VT_PATCH_REMOVE] = "remove", NULL};
    VtChange *change = vt_change_new(vt_rule_load_line(node));

    g_ptr_array_add(load->rule->changes, change);
    vt_rule_load_check_content(load, node, TRUE, FALSE);
    change->target = vt_rule_load_get(node, "target");
    change->effect = vt_rule_load_get(node, "effect");
    for (const xmlNode *child = vt_rule_load_next(node->children); child;
         child = vt_rule_load_next(child->next)) {
        const char *name = vt_rule_load_name(child);
        guint kind = 0;

        while (operations[kind] && strcmp(operations[kind], name) != 0)
            kind++;
        if (operations[kind])
            read_operation(load, child, change, kind);
        else if (strcmp(name, "needs") == 0)
            g_ptr_array_add(change->needs, vt_rule_load_needs(load, child));
        else if (strcmp(name, "command") == 0)
            read_command(load, child, change);
        else if (strcmp(name, "text") == 0 && !change->text)
            read_text(load, child, change);
        else
            vt_rule_load_complain(load, vt_rule_load_line(child),
                                  _("<%s> does not belong here, or not twice"), name);
    }
    check_change(load, change);
}
