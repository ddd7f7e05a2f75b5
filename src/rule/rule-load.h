/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads rule files: RELAX NG first, then what a schema cannot say. Every error is "file:line: …".
 */
#pragma once

#include "rule/rule.h"

/* One file. @schema may be shared between calls. The id must equal the file's name without ".xml".
 */
VtRule *vt_rule_load_file(const char *path, VtXmlSchema *schema, GError **error);
VtRule *vt_rule_load_memory(const char *data, gsize length, const char *name, VtXmlSchema *schema,
                            GError **error);

/* Every *.xml of @dir in the order of names, then the checks across rules (supersedes and conflicts
 * name existing rules, no cycles). */
VtRuleSet *vt_rule_load_dir(const char *dir, VtXmlSchema *schema, GError **error);

typedef struct {
    const char *path;
    const char *origin; /* static, for VtRule.origin */
    gboolean optional;  /* need not exist */
} VtRuleDir;
/* The same of several directories, of which a later one replaces rules of earlier ones by id. */
VtRuleSet *vt_rule_load_dirs(const VtRuleDir *dirs, gsize n, VtXmlSchema *schema, GError **error);

/* The checks across rules alone: appends "file:line: …" (char *) to @problems. */
void vt_rule_load_check_set(const VtRuleSet *set, GPtrArray *problems);

/* All problems of one file as messages, for `rules check`; an empty array is a good rule. */
GPtrArray *vt_rule_load_lint(const char *path, VtXmlSchema *schema);
