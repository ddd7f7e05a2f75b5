/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a rule file to a VtRule: the grammar, and what it cannot say. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "rule/rule-cond.h"
#include "rule/rule-lint.h"
#include "rule/rule-load-private.h"
#include "rule/rule-load.h"

static void read_title(VtRuleLoad *load, const xmlNode *node)
{
    load->rule->title = vt_rule_load_get_text(load, node, TRUE);
}

static void read_why(VtRuleLoad *load, const xmlNode *node)
{
    load->rule->why = vt_rule_load_get_text(load, node, TRUE);
}

static void read_risk(VtRuleLoad *load, const xmlNode *node)
{
    load->rule->risk = vt_rule_load_get_text(load, node, TRUE);
}

static void read_each(VtRuleLoad *load, const xmlNode *node)
{
    vt_rule_load_check_content(load, node, FALSE, FALSE);
    load->rule->each = vt_rule_load_get_xpath(load, node, "select");
    load->rule->each_in = vt_rule_load_get(node, "in");
    if (load->rule->each_in && strcmp(load->rule->each_in, "host-irqs-on-vcpus") != 0)
        vt_rule_load_complain(load, vt_rule_load_line(node),
                              _("there are no rows “%s”; there are host-irqs-on-vcpus"),
                              load->rule->each_in);
}

static void read_symptom(VtRuleLoad *load, const xmlNode *node)
{
    load->rule->symptom = vt_rule_load_group(load, node, "all");
}

static void read_require(VtRuleLoad *load, const xmlNode *node)
{
    load->rule->require = vt_rule_load_group(load, node, "all");
}

static void read_guard(VtRuleLoad *load, const xmlNode *node)
{
    VtGuard *guard = g_new0(VtGuard, 1);

    g_ptr_array_add(load->rule->guards, guard);
    guard->why = vt_rule_load_get(node, "why");
    guard->cond = vt_rule_load_group(load, node, "any");
}

static void read_satisfied(VtRuleLoad *load, const xmlNode *node)
{
    VtCond *cond, *test;

    if (!xmlHasProp((xmlNode *)node, (const xmlChar *)"test")) {
        g_ptr_array_add(load->rule->satisfied, vt_rule_load_group(load, node, "all"));
        return;
    }
    cond = vt_cond_new(vt_rule_cond_kind("all"), vt_rule_load_line(node));
    test = vt_cond_new(vt_rule_cond_kind("domain"), vt_rule_load_line(node));
    test->test = vt_rule_load_get_xpath(load, node, "test");
    g_ptr_array_add(cond->children, test);
    g_ptr_array_add(load->rule->satisfied, cond);
    if (vt_rule_load_next(node->children))
        vt_rule_load_complain(
            load, vt_rule_load_line(node),
            _("<satisfied> has a test or conditions, not both; use <domain test=\"…\"/>"));
}

static void read_sole(VtRuleLoad *load, const xmlNode *node)
{
    vt_rule_load_check_content(load, node, FALSE, FALSE);
    load->rule->sole = vt_rule_load_get_xpath(load, node, "test");
}

static gboolean is_same_set(const VtMetricSet *a, const VtMetricSet *b)
{
    return a && b ? g_str_equal(vt_metric_set_text(a), vt_metric_set_text(b)) : a == b;
}

/* TRUE where @above counts whenever @gain could. */
static gboolean hides(const VtRuleGain *above, const VtRuleGain *gain)
{
    return !above->when && is_same_set(above->metric, gain->metric) &&
           is_same_set(above->minus, gain->minus);
}

static void read_gain(VtRuleLoad *load, const xmlNode *node)
{
    GPtrArray *gains = load->rule->gains;
    VtRuleGain *gain = g_new0(VtRuleGain, 1);
    g_autofree char *to = vt_rule_load_get(node, "to");

    gain->when = vt_rule_load_get_xpath(load, node, "if");
    gain->metric = vt_rule_load_get_metrics(load, node, "metric");
    gain->minus = vt_rule_load_get_metrics(load, node, "minus");
    for (guint i = 0; i < gains->len; i++)
        if (hides(g_ptr_array_index(gains, i), gain))
            vt_rule_load_complain(
                load, vt_rule_load_line(node),
                _("the <gain> above always counts, so this one never does; give that "
                  "one a test with if=\"…\""));
    g_ptr_array_add(gains, gain);
    gain->basis = vt_rule_load_get(node, "basis");
    if (vt_rule_load_get_number(load, node, "share", &gain->share) && gain->share > 1)
        vt_rule_load_complain(load, vt_rule_load_line(node),
                              _("share lies between 0 and 1; write 90 %% as 0.9"));
    if (to && !vt_cost_destination_parse(to, &gain->to))
        vt_rule_load_complain(load, vt_rule_load_line(node),
                              _("to is “%s”; it must be kernel, kernel-io or user"), to);
}

static void read_link(VtRuleLoad *load, const xmlNode *node, GPtrArray *links)
{
    VtRuleLink *link = g_new0(VtRuleLink, 1);
    g_autofree char *why = vt_rule_load_get_text(load, node, FALSE);

    g_ptr_array_add(links, link);
    link->line = vt_rule_load_line(node);
    link->rule = vt_rule_load_get(node, "rule");
    link->why = *why ? g_steal_pointer(&why) : NULL;
    if (link->rule && g_strcmp0(link->rule, load->rule->id) == 0)
        vt_rule_load_complain(load, link->line, _("<%s> names the rule itself; name another one"),
                              vt_rule_load_name(node));
}

static void read_supersedes(VtRuleLoad *load, const xmlNode *node)
{
    read_link(load, node, load->rule->supersedes);
}

static void read_conflicts(VtRuleLoad *load, const xmlNode *node)
{
    read_link(load, node, load->rule->conflicts);
}

static void read_reference(VtRuleLoad *load, const xmlNode *node)
{
    VtReference *reference = g_new0(VtReference, 1);

    g_ptr_array_add(load->rule->references, reference);
    reference->href = vt_rule_load_get(node, "href");
    reference->text = vt_rule_load_get_text(load, node, TRUE);
}

/* In the order of reading: conditions want to know whether there are rows. */
static const struct {
    const char *name;
    const char *attributes; /* as in VtCondKind.required */
    const char *optional;
    gboolean required, many;
    void (*read)(VtRuleLoad *load, const xmlNode *node);
} elements[] = {
    {"title", "", "", TRUE, FALSE, read_title},
    {"why", "", "", TRUE, FALSE, read_why},
    {"risk", "", "", FALSE, FALSE, read_risk},
    {"each", "select|in", "", FALSE, FALSE, read_each},
    {"symptom", "", "", FALSE, FALSE, read_symptom},
    {"require", "", "", FALSE, FALSE, read_require},
    {"guard", "why", "", FALSE, TRUE, read_guard},
    {"satisfied", "", "test", FALSE, TRUE, read_satisfied},
    {"sole", "test", "", FALSE, FALSE, read_sole},
    {"gain", "metric share to basis", "if minus", FALSE, TRUE, read_gain},
    {"change", "target effect", "", FALSE, TRUE, vt_rule_load_change},
    {"supersedes", "rule", "", FALSE, TRUE, read_supersedes},
    {"conflicts", "rule", "", FALSE, TRUE, read_conflicts},
    {"reference", "href", "", TRUE, TRUE, read_reference},
};

static void read_elements(VtRuleLoad *load, const xmlNode *root)
{
    vt_rule_load_check_content(load, root, TRUE, FALSE);
    for (guint i = 0; i < G_N_ELEMENTS(elements); i++) {
        guint count = 0;

        for (const xmlNode *node = vt_rule_load_next(root->children); node;
             node = vt_rule_load_next(node->next)) {
            if (strcmp(vt_rule_load_name(node), elements[i].name) != 0)
                continue;
            vt_rule_load_check_attributes(load, node, elements[i].attributes, elements[i].optional);
            if (count++ > 0 && !elements[i].many)
                vt_rule_load_complain(load, vt_rule_load_line(node),
                                      _("<%s> stands here a second time; keep one"),
                                      vt_rule_load_name(node));
            else
                elements[i].read(load, node);
        }
        if (count == 0 && elements[i].required)
            vt_rule_load_complain(load, vt_rule_load_line(root),
                                  _("<%s> is missing; every rule has one"), elements[i].name);
    }
    for (const xmlNode *node = vt_rule_load_next(root->children); node;
         node = vt_rule_load_next(node->next)) {
        guint i = 0;

        while (i < G_N_ELEMENTS(elements) && strcmp(vt_rule_load_name(node), elements[i].name) != 0)
            i++;
        if (i == G_N_ELEMENTS(elements))
            vt_rule_load_complain(load, vt_rule_load_line(node),
                                  _("a rule has no element <%s>; virt-tune-rule(5) lists them"),
                                  vt_rule_load_name(node));
    }
}

/* "0.1", "1.10.2" */
static gboolean is_version(const char *text)
{
    gboolean digit = FALSE;

    for (; *text; text++) {
        if (!g_ascii_isdigit(*text) && !(*text == '.' && digit))
            return FALSE;
        digit = *text != '.';
    }
    return digit;
}

static gboolean is_id(const char *text)
{
    gboolean word = FALSE;

    if (!g_ascii_islower(*text))
        return FALSE;
    for (; *text; text++) {
        if (!g_ascii_islower(*text) && !g_ascii_isdigit(*text) && !(*text == '-' && word))
            return FALSE;
        word = *text != '-';
    }
    return word;
}

static void read_attributes(VtRuleLoad *load, const xmlNode *root)
{
    VtRule *rule = load->rule;
    g_autofree char *format = vt_rule_load_get(root, "format");
    g_autofree char *severity = vt_rule_load_get(root, "severity");

    vt_rule_load_check_attributes(load, root, "format id severity since", "structural");
    if (format && strcmp(format, "1") != 0)
        vt_rule_load_complain(load, vt_rule_load_line(root),
                              _("format is “%s”; this program reads format 1"), format);
    if (severity && !vt_severity_parse(severity, &rule->severity))
        vt_rule_load_complain(load, vt_rule_load_line(root),
                              _("severity is “%s”; it must be info, low, medium or high"),
                              severity);
    rule->id = vt_rule_load_get(root, "id");
    rule->since = vt_rule_load_get(root, "since");
    rule->structural = vt_rule_load_get_yes(load, root, "structural");
    if (rule->id && !is_id(rule->id)) {
        vt_rule_load_complain(load, vt_rule_load_line(root),
                              _("id is “%s”; it must be lower-case words joined by hyphens"),
                              rule->id);
    }
    if (rule->since && !is_version(rule->since))
        vt_rule_load_complain(load, vt_rule_load_line(root),
                              _("since is “%s”; it must be a version of this program, such as 0.1"),
                              rule->since);
}

/* What the elements must make together. */
static void check_rule(VtRuleLoad *load)
{
    VtRule *rule = load->rule;

    rule->note = rule->changes->len == 0;
    if (!rule->note && !rule->risk)
        vt_rule_load_complain(
            load, rule->line,
            _("<risk> is missing; a rule that changes something says what can go wrong"));
    if (rule->note && rule->structural)
        vt_rule_load_complain(
            load, rule->line,
            _("a rule without <change> is a note on what was measured and cannot be structural"));
    if (rule->note && rule->gains->len > 0)
        vt_rule_load_complain(
            load, rule->line,
            _("a rule without <change> is a note and gains nothing; remove <gain>"));
    if (rule->note && rule->risk)
        vt_rule_load_complain(
            load, rule->line,
            _("a rule without <change> is a note and risks nothing; remove <risk>"));
    if (!rule->symptom && !rule->structural)
        vt_rule_load_complain(
            load, rule->line,
            _("<symptom> is missing; only a rule with structural=\"yes\" does without"));
}

/* Reads @doc, which is taken. The rule is NULL where there is not even an id. */
static VtRule *read_rule(xmlDoc *doc, const char *file, VtXmlSchema *schema, GPtrArray *problems)
{
    g_autoptr(VtRule) rule = vt_rule_new();
    g_autoptr(GError) error = NULL;
    VtRuleLoad load = {.file = file, .problems = problems, .rule = rule};
    const xmlNode *root = xmlDocGetRootElement(doc);
    const guint before = problems->len;

    rule->doc = doc;
    rule->file = g_strdup(file);
    rule->line = vt_rule_load_line(root);
    if (strcmp(vt_rule_load_name(root), "rule") != 0) {
        vt_rule_load_complain(&load, rule->line, _("this is <%s> and not a <rule>"),
                              vt_rule_load_name(root));
        return NULL;
    }
    read_attributes(&load, root);
    read_elements(&load, root);
    check_rule(&load);
    vt_rule_lint_conditions(rule, problems);
    /* The grammar has the last word, but its complaints are hard to read: only where nothing else
     * was found. */
    if (!vt_xml_schema_validate(schema, doc, file, &error) && problems->len == before)
        g_ptr_array_add(problems, g_strdup(error->message));
    return rule->id ? g_steal_pointer(&rule) : NULL;
}

VtRule *vt_rule_load_read(const char *path, VtXmlSchema *schema, GPtrArray *problems)
{
    g_autoptr(GError) error = NULL;
    xmlDoc *doc = vt_xml_parse_file(path, &error);

    if (!doc) {
        g_ptr_array_add(problems, g_strdup(error->message));
        return NULL;
    }
    return read_rule(doc, path, schema, problems);
}

void vt_rule_load_check_name(const VtRule *rule, GPtrArray *problems)
{
    g_autofree char *base = g_path_get_basename(rule->file);
    g_autofree char *wanted = g_strconcat(rule->id, ".xml", NULL);
    VtRuleLoad load = {.file = rule->file, .problems = problems};

    if (strcmp(base, wanted) != 0)
        vt_rule_load_complain(
            &load, rule->line,
            _("the id “%1$s” is not the file's name; rename the file to %2$s or change the id"),
            rule->id, wanted);
}

gboolean vt_rule_load_fail(const GPtrArray *problems, GError **error)
{
    if (problems->len == 0)
        return FALSE;
    g_set_error_literal(error, VT_ERROR, VT_ERROR_INPUT, g_ptr_array_index(problems, 0));
    return TRUE;
}

VtRule *vt_rule_load_file(const char *path, VtXmlSchema *schema, GError **error)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(VtRule) rule = vt_rule_load_read(path, schema, problems);

    if (rule)
        vt_rule_load_check_name(rule, problems);
    return vt_rule_load_fail(problems, error) ? NULL : g_steal_pointer(&rule);
}

VtRule *vt_rule_load_memory(const char *data, gsize length, const char *name, VtXmlSchema *schema,
                            GError **error)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(VtRule) rule = NULL;
    xmlDoc *doc = vt_xml_parse(data, length, name, error);

    if (!doc)
        return NULL;
    rule = read_rule(doc, name ? name : "<input>", schema, problems);
    return vt_rule_load_fail(problems, error) ? NULL : g_steal_pointer(&rule);
}

GPtrArray *vt_rule_load_lint(const char *path, VtXmlSchema *schema)
{
    GPtrArray *problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(VtRule) rule = vt_rule_load_read(path, schema, problems);

    if (rule)
        vt_rule_load_check_name(rule, problems);
    return problems;
}
