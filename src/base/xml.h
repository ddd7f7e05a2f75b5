/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libxml2 with safe options: no network, no DTD, no entities, size and depth limits; errors with
 * file:line. */
#pragma once

#include <glib.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

#include "base/xpath.h"

/* Neither GLib nor libxml2 defines it. */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlDoc, xmlFreeDoc)

/* The largest XML document that is read (a libvirt domain is below 100 KiB). */
#define VT_XML_MAX (8 * 1024 * 1024)

/* libxml2 prints what no caller takes from it, such as a write that fails, unless this was called: in the first thread,
 * before there are others. */
void vt_xml_silence(void);

/* Parses @length bytes; @name stands in messages (NULL: "<input>"). A document with a DTD is
 * refused. */
xmlDoc *vt_xml_parse(const char *data, gsize length, const char *name, GError **error);
/* Reads a regular file ("-": standard input) of at most VT_XML_MAX bytes. */
xmlDoc *vt_xml_parse_file(const char *path, GError **error);

/* The attribute's value, NULL when absent. The caller frees it with g_free(). */
char *vt_xml_attr(const xmlNode *node, const char *name);

/* Whether @node, which may be NULL, is an element of that name, in whatever namespace. */
gboolean vt_xml_is(const xmlNode *node, const char *name);
/* The first element of that name in @parent, which may be NULL; NULL where there is none. */
xmlNode *vt_xml_child(const xmlNode *parent, const char *name);
/* The attribute of that element, NULL when either is absent. The caller frees it. */
char *vt_xml_child_attr(const xmlNode *parent, const char *child, const char *attr);

/* The node alone as one line of XML without child elements' blanks, at most @max characters. The
 * caller frees it. */
char *vt_xml_brief(xmlNode *node, gsize max);
/* The whole document indented by two spaces, without the XML declaration: one serialiser for both
 * sides of a diff. */
char *vt_xml_pretty(xmlDoc *doc);

/* XML text for a terminal: control characters, bidirectional overrides and the like become character
 * references, which read the same (but in comments and CDATA). The caller frees it. */
char *vt_xml_printable(const char *xml);

/* The whole document as libxml2 writes it, which is what libvirt is given. The caller frees it. */
char *vt_xml_text(xmlDoc *doc);

/* RELAX NG. */
typedef struct VtXmlSchema VtXmlSchema;
VtXmlSchema *vt_xml_schema_load(const char *path, GError **error);
void vt_xml_schema_free(VtXmlSchema *schema);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtXmlSchema, vt_xml_schema_free)
/* FALSE with the first violation as "name:line: …". */
gboolean vt_xml_schema_validate(VtXmlSchema *schema, xmlDoc *doc, const char *name, GError **error);
