/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the loader share: reading with complaints instead of stopping, so that a lint
 * shows them all. */
#pragma once

#include "rule/rule.h"

/* One file as it is read. */
typedef struct {
    const char *file;
    GPtrArray *problems; /* char *: "file:line: …" */
    VtRule *rule;
} VtRuleLoad;

void vt_rule_load_complain(VtRuleLoad *load, guint line, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
guint vt_rule_load_line(const xmlNode *node);
const char *vt_rule_load_name(const xmlNode *node);
/* @node or the first element after it. */
const xmlNode *vt_rule_load_next(const xmlNode *node);

/* Complains of attributes that are missing or do not belong there. The words as in VtCondKind. */
void vt_rule_load_check_attributes(VtRuleLoad *load, const xmlNode *node, const char *required,
                                   const char *optional);
/* Complains of child elements where @elements is FALSE, of those in a namespace, and of text where @words is FALSE. */
void vt_rule_load_check_content(VtRuleLoad *load, const xmlNode *node, gboolean elements,
                                gboolean words);
/* The attribute as the grammar sees it, white space folded; NULL where it is absent or empty. The
 * caller frees it. */
char *vt_rule_load_get(const xmlNode *node, const char *name);
gboolean vt_rule_load_get_yes(VtRuleLoad *load, const xmlNode *node, const char *name);
/* Not negative. FALSE where it is absent or wrong. */
gboolean vt_rule_load_get_number(VtRuleLoad *load, const xmlNode *node, const char *name,
                                 double *ret_value);
VtXPath *vt_rule_load_get_xpath(VtRuleLoad *load, const xmlNode *node, const char *name);
VtMetricSet *vt_rule_load_get_metrics(VtRuleLoad *load, const xmlNode *node, const char *name);
/* Passes on what is wrong inside an attribute. */
void vt_rule_load_complain_inside(VtRuleLoad *load, const xmlNode *node, const char *name,
                                  const GError *error);
/* The folded text of an element that holds nothing else. The caller frees it. */
char *vt_rule_load_get_text(VtRuleLoad *load, const xmlNode *node, gboolean required);

/* The conditions in @node, as if they stood in <all> or <any>. */
VtCond *vt_rule_load_group(VtRuleLoad *load, const xmlNode *node, const char *group);
/* <needs host="fact" …/>, a condition of the kind host. */
VtCond *vt_rule_load_needs(VtRuleLoad *load, const xmlNode *node);
/* <change>, added to the rule. */
void vt_rule_load_change(VtRuleLoad *load, const xmlNode *node);

/* Reads a file without regard to its name. NULL where there is not even an id. */
VtRule *vt_rule_load_read(const char *path, VtXmlSchema *schema, GPtrArray *problems);
void vt_rule_load_check_name(const VtRule *rule, GPtrArray *problems);
/* Sets the first complaint as @error; FALSE where there is none. */
gboolean vt_rule_load_fail(const GPtrArray *problems, GError **error);
