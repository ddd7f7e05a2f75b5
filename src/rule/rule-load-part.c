/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts that rule files are made of: attributes, texts and conditions. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/version.h"
#include "rule/rule-cond.h"
#include "rule/rule-load-private.h"

void vt_rule_load_complain(VtRuleLoad *load, guint line, const char *format, ...)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *message = NULL;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    vt_error_set_input(&error, load->file, line, "%s", message);
    g_ptr_array_add(load->problems, g_strdup(error->message));
}

guint vt_rule_load_line(const xmlNode *node)
{
    return (guint)MAX(xmlGetLineNo(node), 0);
}

const char *vt_rule_load_name(const xmlNode *node)
{
    return (const char *)node->name;
}

/* Splits off the next word of @words; NULL at the end. */
static char *next_word(const char **words)
{
    size_t length;
    char *word;

    *words += strspn(*words, " ");
    length = strcspn(*words, " ");
    if (length == 0)
        return NULL;
    word = g_strndup(*words, length);
    *words += length;
    return word;
}

static gboolean in_words(const char *words, const char *name)
{
    const size_t length = strlen(name);

    while (*words) {
        size_t span = strcspn(words, " |");

        if (span == length && memcmp(words, name, length) == 0)
            return TRUE;
        words += span;
        words += strspn(words, " |");
    }
    return FALSE;
}

static gboolean has_any(const xmlNode *node, char **names)
{
    for (; *names; names++)
        if (xmlHasNsProp((xmlNode *)node, (const xmlChar *)*names, NULL))
            return TRUE;
    return FALSE;
}

static gboolean is_blank(const xmlAttr *attr)
{
    const char *value = attr->children ? (const char *)attr->children->content : "";

    return !attr->children || (!attr->children->next && strspn(value, " \t\n\r") == strlen(value));
}

void vt_rule_load_check_attributes(VtRuleLoad *load, const xmlNode *node, const char *required,
                                   const char *optional)
{
    const char *rest = required;
    char *word;

    while ((word = next_word(&rest))) {
        g_auto(GStrv) names = g_strsplit(word, "|", -1);

        if (!has_any(node, names)) {
            g_autofree char *list = g_strjoinv(_(" or "), names);

            vt_rule_load_complain(load, vt_rule_load_line(node),
                                  _("<%1$s> needs the attribute %2$s"), vt_rule_load_name(node),
                                  list);
        }
        g_free(word);
    }
    for (const xmlAttr *attr = node->properties; attr; attr = attr->next) {
        const char *name = (const char *)attr->name;

        if (attr->ns || (!in_words(required, name) && !in_words(optional, name)))
            vt_rule_load_complain(load, vt_rule_load_line(node),
                                  _("<%1$s> has no attribute %2$s; remove it"),
                                  vt_rule_load_name(node), name);
        else if (is_blank(attr) && strcmp(name, "is") != 0)
            vt_rule_load_complain(load, vt_rule_load_line(node),
                                  _("the attribute %1$s of <%2$s> is empty"), name,
                                  vt_rule_load_name(node));
    }
}

void vt_rule_load_check_content(VtRuleLoad *load, const xmlNode *node, gboolean elements,
                                gboolean words)
{
    for (const xmlNode *child = node->children; child; child = child->next) {
        if (child->type == XML_ELEMENT_NODE && !elements)
            vt_rule_load_complain(load, vt_rule_load_line(child),
                                  _("<%1$s> does not belong into <%2$s>; remove it"),
                                  vt_rule_load_name(child), vt_rule_load_name(node));
        else if (child->type == XML_ELEMENT_NODE && child->ns)
            vt_rule_load_complain(load, vt_rule_load_line(child),
                                  _("<%s> is in a namespace, and rules have none; remove xmlns"),
                                  vt_rule_load_name(child));
        else if ((child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) &&
                 !words && !xmlIsBlankNode(child))
            vt_rule_load_complain(load, vt_rule_load_line(node),
                                  _("<%s> holds words where it may only hold elements; make them a "
                                    "comment"),
                                  vt_rule_load_name(node));
    }
}

/* The attribute as the grammar sees it: white space folded. NULL where it is absent or empty. */
char *vt_rule_load_get(const xmlNode *node, const char *name)
{
    g_autofree char *value = vt_xml_attr(node, name);
    g_autofree char *folded = value ? vt_text_fold(value) : NULL;

    return folded && *folded ? g_steal_pointer(&folded) : NULL;
}

gboolean vt_rule_load_get_yes(VtRuleLoad *load, const xmlNode *node, const char *name)
{
    g_autofree char *value = vt_rule_load_get(node, name);

    if (value && strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
        vt_rule_load_complain(load, vt_rule_load_line(node),
                              _("%1$s is “%2$s”; it must be yes or no"), name, value);
    return g_strcmp0(value, "yes") == 0;
}

gboolean vt_rule_load_get_number(VtRuleLoad *load, const xmlNode *node, const char *name,
                                 double *ret_value)
{
    g_autofree char *value = vt_rule_load_get(node, name);

    if (!value)
        return FALSE;
    if (!vt_text_parse_double(value, 0, G_MAXDOUBLE, ret_value, NULL)) {
        vt_rule_load_complain(load, vt_rule_load_line(node),
                              _("%1$s is “%2$s”; it must be a number, zero or greater"), name,
                              value);
        return FALSE;
    }
    return TRUE;
}

/* What is wrong inside an attribute, with the attribute's name. */
void vt_rule_load_complain_inside(VtRuleLoad *load, const xmlNode *node, const char *name,
                                  const GError *error)
{
    vt_rule_load_complain(load, vt_rule_load_line(node), _("%1$s of <%2$s>: %3$s"), name,
                          vt_rule_load_name(node), error->message);
}

VtXPath *vt_rule_load_get_xpath(VtRuleLoad *load, const xmlNode *node, const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *value = vt_rule_load_get(node, name);
    VtXPath *xpath = value ? vt_xpath_new(value, &error) : NULL;

    if (error)
        vt_rule_load_complain_inside(load, node, name, error);
    return xpath;
}

VtMetricSet *vt_rule_load_get_metrics(VtRuleLoad *load, const xmlNode *node, const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *value = vt_rule_load_get(node, name);
    VtMetricSet *set = value ? vt_metric_set_parse(value, &error) : NULL;

    if (error)
        vt_rule_load_complain_inside(load, node, name, error);
    return set;
}

/* The text of an element that holds nothing else. */
char *vt_rule_load_get_text(VtRuleLoad *load, const xmlNode *node, gboolean required)
{
    xmlChar *content = xmlNodeGetContent(node);
    char *text = vt_text_fold((const char *)content);

    vt_rule_load_check_content(load, node, FALSE, TRUE);
    xmlFree(content);
    if (required && !*text)
        vt_rule_load_complain(load, vt_rule_load_line(node),
                              _("<%s> is empty; write what it is to say"), vt_rule_load_name(node));
    return text;
}

const xmlNode *vt_rule_load_next(const xmlNode *node)
{
    while (node && node->type != XML_ELEMENT_NODE)
        node = node->next;
    return node;
}

static gboolean read_per_domain(VtRuleLoad *load, const xmlNode *node)
{
    g_autofree char *per = vt_rule_load_get(node, "per");

    if (per && strcmp(per, "vcpu") != 0 && strcmp(per, "domain") != 0)
        vt_rule_load_complain(load, vt_rule_load_line(node),
                              _("%1$s is “%2$s”; it must be vcpu or domain"), "per", per);
    return g_strcmp0(per, "domain") == 0;
}

static void read_threshold(VtRuleLoad *load, const xmlNode *node, VtCond *cond)
{
    cond->has_above = vt_rule_load_get_number(load, node, "above", &cond->above);
    cond->has_below = vt_rule_load_get_number(load, node, "below", &cond->below);
}

static gboolean get_version(VtRuleLoad *load, const xmlNode *node, const char *name,
                            double *ret_value)
{
    g_autofree char *value = vt_rule_load_get(node, name);
    g_autoptr(GError) error = NULL;
    guint64 version;

    if (!value)
        return FALSE;
    if (!vt_version_parse(value, &version, &error)) {
        vt_rule_load_complain_inside(load, node, name, error);
        return FALSE;
    }
    *ret_value = (double)version;
    return TRUE;
}

static void read_version(VtRuleLoad *load, const xmlNode *node, VtCond *cond)
{
    cond->has_least = get_version(load, node, "at-least", &cond->least);
    cond->has_below = get_version(load, node, "below", &cond->below);
}

/* What is left to check when the attributes are read. */
static void check_condition(VtRuleLoad *load, const xmlNode *node, const VtCond *cond)
{
    g_autofree char *problem = cond->kind->check ? cond->kind->check(cond) : NULL;

    if (problem)
        vt_rule_load_complain(load, vt_rule_load_line(node), "%s", problem);
}

static void read_conditions(VtRuleLoad *load, const xmlNode *node, VtCond *group);

/* The first of @names that is there; NULL where none is. */
static char *get_any(const xmlNode *node, const char *const *names)
{
    char *value = NULL;

    for (; *names && !value; names++)
        value = vt_rule_load_get(node, *names);
    return value;
}

/* NULL where the element is no condition. */
static VtCond *read_condition(VtRuleLoad *load, const xmlNode *node)
{
    const VtCondKind *kind = vt_rule_cond_kind(vt_rule_load_name(node));
    g_autoptr(VtCond) cond = NULL;

    if (!kind) {
        g_autoptr(GString) names = g_string_new(NULL);

        for (const VtCondKind *const *known = vt_rule_cond_kinds(); *known; known++)
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", (*known)->name);
        vt_rule_load_complain(load, vt_rule_load_line(node),
                              _("there is no condition <%1$s>; the conditions are %2$s"),
                              vt_rule_load_name(node), names->str);
        return NULL;
    }
    cond = vt_cond_new(kind, vt_rule_load_line(node));
    vt_rule_load_check_attributes(load, node, kind->required, kind->optional);
    if (kind->group) {
        read_conditions(load, node, cond);
        if (strcmp(kind->name, "not") == 0 && cond->children->len > 1)
            vt_rule_load_complain(load, vt_rule_load_line(node),
                                  _("<not> holds one condition; put several into <all> or <any>"));
        return g_steal_pointer(&cond);
    }
    vt_rule_load_check_content(load, node, FALSE, FALSE);
    cond->metric = vt_rule_load_get_metrics(load, node, "metric");
    cond->minus = vt_rule_load_get_metrics(load, node, "minus");
    if (strcmp(kind->name, "version") != 0)
        cond->of = vt_rule_load_get_metrics(load, node, "of");
    cond->test = vt_rule_load_get_xpath(load, node, "test");
    cond->fact = get_any(node, (const char *const[]){"fact", "field", "id", NULL});
    cond->is = vt_xml_attr(node, "is");
    if (!cond->is)
        cond->is = get_any(node, (const char *const[]){"os", "verdict", NULL});
    cond->has = vt_rule_load_get(node, "has");
    cond->supports = vt_rule_load_get(node, "supports");
    cond->per_domain = read_per_domain(load, node);
    cond->own = vt_rule_load_get_yes(load, node, "own");
    cond->specific = xmlHasProp((xmlNode *)node, (const xmlChar *)"specific")
                         ? vt_rule_load_get_yes(load, node, "specific")
                         : cond->metric && strcmp(kind->name, "ratio") != 0 &&
                               vt_metric_set_is_specific(cond->metric);
    if (strcmp(kind->name, "version") == 0) {
        cond->fact = vt_rule_load_get(node, "of");
        read_version(load, node, cond);
    } else {
        read_threshold(load, node, cond);
    }
    check_condition(load, node, cond);
    if (strcmp(kind->name, "rule") == 0 && cond->fact)
        g_ptr_array_add(load->rule->asks, cond);
    if (strcmp(kind->name, "row") == 0 && !load->rule->each_in)
        vt_rule_load_complain(
            load, vt_rule_load_line(node),
            _("<row> has no row to look at; the rule needs <each in=\"host-irqs-on-vcpus\"/>"));
    return g_steal_pointer(&cond);
}

static void read_conditions(VtRuleLoad *load, const xmlNode *node, VtCond *group)
{
    vt_rule_load_check_content(load, node, TRUE, FALSE);
    for (const xmlNode *child = vt_rule_load_next(node->children); child;
         child = vt_rule_load_next(child->next)) {
        VtCond *cond = read_condition(load, child);

        if (cond)
            g_ptr_array_add(group->children, cond);
    }
    if (!vt_rule_load_next(node->children))
        vt_rule_load_complain(load, vt_rule_load_line(node), _("<%s> holds no condition"),
                              vt_rule_load_name(node));
}

/* The conditions of @node, as if they stood in <all> or <any>. */
VtCond *vt_rule_load_group(VtRuleLoad *load, const xmlNode *node, const char *group)
{
    VtCond *cond = vt_cond_new(vt_rule_cond_kind(group), vt_rule_load_line(node));

    read_conditions(load, node, cond);
    return cond;
}

/* <needs host="fact" …/> is a condition of the kind host, <needs version="qemu" …/> one of the kind
 * version. */
VtCond *vt_rule_load_needs(VtRuleLoad *load, const xmlNode *node)
{
    const gboolean version = xmlHasProp((xmlNode *)node, (const xmlChar *)"version") != NULL;
    VtCond *cond =
        vt_cond_new(vt_rule_cond_kind(version ? "version" : "host"), vt_rule_load_line(node));

    vt_rule_load_check_attributes(
        load, node, version ? "version at-least|below" : "host is|has|above|below", "");
    vt_rule_load_check_content(load, node, FALSE, FALSE);
    cond->fact = vt_rule_load_get(node, version ? "version" : "host");
    cond->is = vt_xml_attr(node, "is");
    cond->has = vt_rule_load_get(node, "has");
    if (version)
        read_version(load, node, cond);
    else
        read_threshold(load, node, cond);
    check_condition(load, node, cond);
    return cond;
}
