/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XML documents: parsed without network, DTD or entities, serialised one way, checked with RELAX
 * NG. */
#include "config.h"

#include <libxml/globals.h>
#include <libxml/parserInternals.h>
#include <libxml/relaxng.h>
#include <libxml/xmlsave.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "base/xml.h"

#if LIBXML_VERSION >= 21200
typedef const xmlError *XmlErrorPtr;
#else
typedef xmlError *XmlErrorPtr;
#endif

/* The first error of one libxml2 operation. */
typedef struct {
    char *message;
    guint64 line;
} Complaint;

static void complaint_clear(Complaint *complaint)
{
    g_clear_pointer(&complaint->message, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Complaint, complaint_clear)

static void complaint_take(Complaint *complaint, const char *message, guint64 line)
{
    static const char advice[] = " use XML_PARSE_HUGE option";
    g_autofree char *folded = NULL;

    if (complaint->message)
        return;
    folded = vt_text_fold(message);
    /* libxml2's advice to programmers is none to the user. */
    if (g_str_has_suffix(folded, advice))
        folded[strlen(folded) - strlen(advice)] = '\0';
    complaint->message = vt_text_printable(folded, FALSE);
    complaint->line = line;
}

static void on_error(void *data, XmlErrorPtr error)
{
    Complaint *complaint = data;

    if (error->level >= XML_ERR_ERROR)
        complaint_take(complaint, error->message ? error->message : _("malformed"),
                       (guint64)MAX(error->line, 0));
}

static void on_parser_error(void *data, XmlErrorPtr error)
{
    on_error(((xmlParserCtxt *)data)->_private, error);
}

/* Called before the internal subset is read: no declaration in it is ever seen, so no entity can
 * exist. */
static void on_doctype(void *data, const xmlChar *name, const xmlChar *external_id,
                       const xmlChar *system_id)
{
    xmlParserCtxt *ctxt = data;

    complaint_take(ctxt->_private,
                   _("a document type declaration (<!DOCTYPE …>) is not allowed; remove it"),
                   ctxt->input ? (guint64)MAX(ctxt->input->line, 0) : 0);
    xmlStopParser(ctxt);
}

static void ignore_error(void *data, const char *format, ...)
{
}

void vt_xml_silence(void)
{
    xmlInitParser();
    xmlSetGenericErrorFunc(NULL, ignore_error);
    xmlThrDefSetGenericErrorFunc(NULL, ignore_error);
}

xmlDoc *vt_xml_parse(const char *data, gsize length, const char *name, GError **error)
{
    g_auto(Complaint) complaint = {0};
    g_autoptr(xmlDoc) doc = NULL;
    xmlParserCtxt *ctxt;
    gboolean sound;

    if (length > VT_XML_MAX) {
        vt_error_set_input(error, name, 0, _("the document is larger than %d MiB"),
                           VT_XML_MAX / 1024 / 1024);
        return NULL;
    }

    xmlInitParser();
    ctxt = xmlNewParserCtxt();
    if (!ctxt)
        g_error("out of memory");
    ctxt->_private = &complaint;
    ctxt->sax->serror = on_parser_error;
    ctxt->sax->internalSubset = on_doctype;
    doc = xmlCtxtReadMemory(ctxt, data, (int)length, name, NULL,
                            XML_PARSE_NONET | XML_PARSE_BIG_LINES);
    sound = ctxt->wellFormed && ctxt->nsWellFormed;
    xmlFreeParserCtxt(ctxt);

    if (!doc || !sound || complaint.message || doc->intSubset || !xmlDocGetRootElement(doc)) {
        vt_error_set_input(error, name, complaint.line, "%s",
                           complaint.message ? complaint.message
                                             : _("this is not an XML document"));
        return NULL;
    }
    return g_steal_pointer(&doc);
}

xmlDoc *vt_xml_parse_file(const char *path, GError **error)
{
    g_autofree char *data = NULL;
    gsize length;

    if (!vt_file_read(path, VT_XML_MAX, &data, &length, error))
        return NULL;
    return vt_xml_parse(data, length, vt_file_name(path), error);
}

char *vt_xml_attr(const xmlNode *node, const char *name)
{
    xmlChar *value = xmlGetNoNsProp((xmlNode *)node, (const xmlChar *)name);
    char *copy = g_strdup((const char *)value);

    xmlFree(value);
    return copy;
}

gboolean vt_xml_is(const xmlNode *node, const char *name)
{
    return node && node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

xmlNode *vt_xml_child(const xmlNode *parent, const char *name)
{
    for (xmlNode *child = parent ? parent->children : NULL; child; child = child->next)
        if (vt_xml_is(child, name))
            return child;
    return NULL;
}

char *vt_xml_child_attr(const xmlNode *parent, const char *child, const char *attr)
{
    const xmlNode *node = vt_xml_child(parent, child);

    return node ? vt_xml_attr(node, attr) : NULL;
}

char *vt_xml_brief(xmlNode *node, gsize max)
{
    xmlBuffer *buffer = xmlBufferCreate();
    g_autofree char *folded = NULL;
    g_autofree char *printable = NULL;
    g_auto(GStrv) tags = NULL;
    g_autofree char *line = NULL;

    if (node->type == XML_DOCUMENT_NODE)
        node = xmlDocGetRootElement((xmlDoc *)node);
    if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
        xmlBufferCat(buffer, node->content);
    else
        xmlNodeDump(buffer, node->doc, node, 0, 0);
    folded = vt_text_fold((const char *)xmlBufferContent(buffer));
    xmlBufferFree(buffer);
    printable = vt_text_printable(folded, FALSE);

    /* A literal "<" or ">" is always markup here, so this drops only the blanks between tags. */
    tags = g_strsplit(printable, "> <", -1);
    line = g_strjoinv("><", tags);
    if ((gsize)g_utf8_strlen(line, -1) <= max)
        return g_steal_pointer(&line);
    if (max == 0)
        return g_strdup("");
    *g_utf8_offset_to_pointer(line, (glong)max - 1) = '\0';
    return g_strconcat(line, "…", NULL);
}

static gboolean is_blank_text(const xmlNode *node)
{
    return node->type == XML_TEXT_NODE && xmlIsBlankNode(node);
}

/* Takes away the blanks that only lay out elements; an element with words in it keeps all of its
 * text. */
static void strip_layout(xmlNode *node)
{
    gboolean has_element = FALSE;
    gboolean has_words = FALSE;

    for (xmlNode *child = node->children; child; child = child->next) {
        has_element =
            has_element || child->type == XML_ELEMENT_NODE || child->type == XML_COMMENT_NODE;
        has_words = has_words || child->type == XML_CDATA_SECTION_NODE ||
                    (child->type == XML_TEXT_NODE && !is_blank_text(child));
    }
    for (xmlNode *child = node->children, *next; child; child = next) {
        next = child->next;
        if (has_element && !has_words && is_blank_text(child)) {
            xmlUnlinkNode(child);
            xmlFreeNode(child);
        } else if (child->type == XML_ELEMENT_NODE) {
            strip_layout(child);
        }
    }
}

char *vt_xml_pretty(xmlDoc *doc)
{
    g_autoptr(xmlDoc) copy = xmlCopyDoc(doc, 1);
    xmlBuffer *buffer = xmlBufferCreate();
    xmlSaveCtxt *save = xmlSaveToBuffer(buffer, "UTF-8", XML_SAVE_FORMAT | XML_SAVE_NO_DECL);
    char *text;

    if (!copy || !save)
        g_error("out of memory");
    strip_layout((xmlNode *)copy);
    xmlSaveDoc(save, copy);
    xmlSaveClose(save);
    text = g_strdup((const char *)xmlBufferContent(buffer));
    xmlBufferFree(buffer);
    return text;
}

static void append_reference(GString *out, gunichar c)
{
    g_string_append_printf(out, "&#x%x;", c);
}

char *vt_xml_printable(const char *xml)
{
    return vt_text_escape(xml, append_reference);
}

char *vt_xml_text(xmlDoc *doc)
{
    xmlChar *text = NULL;
    char *copy;
    int length = 0;

    xmlDocDumpMemory(doc, &text, &length);
    if (!text)
        g_error("out of memory");
    copy = g_strndup((const char *)text, (gsize)length);
    xmlFree(text);
    return copy;
}

struct VtXmlSchema {
    xmlRelaxNG *schema;
};

VtXmlSchema *vt_xml_schema_load(const char *path, GError **error)
{
    g_auto(Complaint) complaint = {0};
    g_autoptr(xmlDoc) doc = vt_xml_parse_file(path, error);
    xmlRelaxNGParserCtxt *ctxt;
    xmlRelaxNG *compiled;
    VtXmlSchema *schema;

    if (!doc)
        return NULL;
    ctxt = xmlRelaxNGNewDocParserCtxt(doc);
    if (!ctxt)
        g_error("out of memory");
    xmlRelaxNGSetParserStructuredErrors(ctxt, on_error, &complaint);
    compiled = xmlRelaxNGParse(ctxt);
    xmlRelaxNGFreeParserCtxt(ctxt);
    if (!compiled || complaint.message) {
        vt_error_set_input(error, vt_file_name(path), complaint.line, "%s",
                           complaint.message ? complaint.message
                                             : _("this is not a RELAX NG schema"));
        xmlRelaxNGFree(compiled);
        return NULL;
    }

    schema = g_new0(VtXmlSchema, 1);
    schema->schema = compiled;
    return schema;
}

void vt_xml_schema_free(VtXmlSchema *schema)
{
    if (!schema)
        return;
    xmlRelaxNGFree(schema->schema);
    g_free(schema);
}

gboolean vt_xml_schema_validate(VtXmlSchema *schema, xmlDoc *doc, const char *name, GError **error)
{
    g_auto(Complaint) complaint = {0};
    xmlRelaxNGValidCtxt *ctxt = xmlRelaxNGNewValidCtxt(schema->schema);
    int result;

    if (!ctxt)
        g_error("out of memory");
    xmlRelaxNGSetValidStructuredErrors(ctxt, on_error, &complaint);
    result = xmlRelaxNGValidateDoc(ctxt, doc);
    xmlRelaxNGFreeValidCtxt(ctxt);
    if (result != 0)
        return vt_error_set_input(error, name, complaint.line, "%s",
                                  complaint.message ? complaint.message
                                                    : _("the document does not match its schema"));
    return TRUE;
}
