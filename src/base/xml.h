/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libxml2 with safe options: no network, no DTD, no entities, size and depth limits; errors with file:line. */
#pragma once

#include <glib.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>

/* GLib 2.74 and libxml2 do not define these. */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlDoc, xmlFreeDoc)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathContext, xmlXPathFreeContext)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathObject, xmlXPathFreeObject)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathCompExpr, xmlXPathFreeCompExpr)

/* The largest XML document that is read (a libvirt domain is below 100 KiB). */
#define VT_XML_MAX (8 * 1024 * 1024)

/* Parses @length bytes; @name stands in messages (NULL: "<input>"). A document with a DTD is refused. */
xmlDoc *vt_xml_parse(const char *data, gsize length, const char *name, GError **error);
/* Reads a regular file ("-": standard input) of at most VT_XML_MAX bytes. */
xmlDoc *vt_xml_parse_file(const char *path, GError **error);

/* A compiled XPath expression, which may be evaluated on any document. */
typedef struct VtXPath VtXPath;
/* @error names the expression and libxml2's reason. The only namespace prefix known is "qemu". */
VtXPath *vt_xpath_new(const char *expression, GError **error);
void vt_xpath_free(VtXPath *xpath);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtXPath, vt_xpath_free)
const char *vt_xpath_text(const VtXPath *xpath);
/* Evaluations at @node (not NULL; the document node for the whole). Each is bounded in steps: an expression that
 * takes more fails. TRUE on success. */
gboolean vt_xpath_test(const VtXPath *xpath, xmlNode *node, gboolean *ret_value, GError **error);
gboolean vt_xpath_string(const VtXPath *xpath, xmlNode *node, char **ret_value, GError **error);
/* Nodes in document order (elements, attributes, text); the array does not own them. An expression that is no
 * node set is an error. */
gboolean vt_xpath_nodes(const VtXPath *xpath, xmlNode *node, GPtrArray **ret_nodes, GError **error);

/* Shorthands for fixed expressions of our own: NULL or FALSE where nothing matches; an invalid expression aborts. */
char *vt_xml_get(xmlNode *node, const char *expression);
gboolean vt_xml_has(xmlNode *node, const char *expression);

/* The attribute's value, NULL when absent. The caller frees it with g_free(). */
char *vt_xml_attr(const xmlNode *node, const char *name);

/* The node alone as one line of XML without child elements' blanks, at most @max characters. The caller frees it. */
char *vt_xml_brief(xmlNode *node, gsize max);
/* The whole document indented by two spaces, without the XML declaration: one serialiser for both sides of a diff. */
char *vt_xml_pretty(xmlDoc *doc);

/* RELAX NG. */
typedef struct VtXmlSchema VtXmlSchema;
VtXmlSchema *vt_xml_schema_load(const char *path, GError **error);
void vt_xml_schema_free(VtXmlSchema *schema);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtXmlSchema, vt_xml_schema_free)
/* FALSE with the first violation as "name:line: …". */
gboolean vt_xml_schema_validate(VtXmlSchema *schema, xmlDoc *doc, const char *name, GError **error);
