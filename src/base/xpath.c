/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XPath: compiled expressions and one evaluation context a thread. */
#include "config.h"

#include <libxml/parser.h>
#include <libxml/xpathInternals.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/xpath.h"

#if LIBXML_VERSION >= 21200
typedef const xmlError *XmlErrorPtr;
#else
typedef xmlError *XmlErrorPtr;
#endif

/* Nodes and operators visited in one evaluation. A search of the whole domain takes some 10,000
 * where it has 400 interfaces; the bound is reached after about 10 ms, or a second where every step
 * reads all text of such a domain. */
#define STEPS_MAX 1000000
#define EXPRESSION_MAX 4096
/* A step may copy all text of the document, which nobody counts: with more text than this, fewer
 * steps are allowed, so that the bytes stay about the same. A domain has some 10 KiB. */
#define TEXT_FREE (32 * 1024)
/* What concat() may put together, in bytes. */
#define JOINED_MAX (64 * 1024 * 1024)

struct VtXPath {
    char *text;
    xmlXPathCompExpr *compiled;
    guint hash;
    guint joins; /* arguments of concat(), each of which can be all text of a document */
};

/* What a thread keeps between evaluations: a new context for each costs several times the
 * evaluation. */
typedef struct {
    xmlXPathContext *context;
    GHashTable *fixed; /* expressions of our own -> VtXPath */
    int code;          /* the first error of the present operation, an xmlXPathError; 0 for none */
    char *message;     /* libxml2's words for it, where it gave any */
} Evaluator;

static void evaluator_free(gpointer data)
{
    Evaluator *evaluator = data;

    xmlXPathFreeContext(evaluator->context);
    g_hash_table_unref(evaluator->fixed);
    g_free(evaluator->message);
    g_free(evaluator);
}

static GPrivate evaluator_of_thread = G_PRIVATE_INIT(evaluator_free);

static void on_error(void *data, XmlErrorPtr error)
{
    Evaluator *evaluator = data;

    if (evaluator->code)
        return;
    evaluator->code = error->domain == XML_FROM_XPATH ? error->code - XML_XPATH_EXPRESSION_OK
                                                      : XPATH_MEMORY_ERROR;
    evaluator->message = error->message ? vt_text_fold(error->message) : NULL;
}

static Evaluator *evaluator_get(void)
{
    Evaluator *evaluator = g_private_get(&evaluator_of_thread);

    if (!evaluator) {
        xmlInitParser();
        evaluator = g_new0(Evaluator, 1);
        evaluator->fixed =
            g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)vt_xpath_free);
        evaluator->context = xmlXPathNewContext(NULL);
        if (!evaluator->context)
            g_error("out of memory");
        evaluator->context->error = on_error;
        evaluator->context->userData = evaluator;
        xmlXPathRegisterNs(evaluator->context, (const xmlChar *)"qemu",
                           (const xmlChar *)VT_XPATH_QEMU_NAMESPACE);
        g_private_set(&evaluator_of_thread, evaluator);
    }
    evaluator->code = 0;
    g_clear_pointer(&evaluator->message, g_free);
    return evaluator;
}

static const char *reason(const Evaluator *evaluator)
{
    if (evaluator->code == XPATH_OP_LIMIT_EXCEEDED)
        return _("it takes too many steps");
    if (evaluator->code == XPATH_INVALID_ARITY)
        return _("a function has the wrong number of arguments");
    if (evaluator->code == XPATH_INVALID_TYPE)
        return _("a value has the wrong type");
    if (evaluator->code == XPATH_UNFINISHED_LITERAL_ERROR)
        return _("a string is not closed");
    if (evaluator->code == XPATH_RECURSION_LIMIT_EXCEEDED)
        return _("it is nested too deeply");
    return evaluator->message ? evaluator->message : _("it is not valid XPath 1.0");
}

static gboolean set_error(GError **error, const char *expression, const char *why)
{
    g_autofree char *printable = vt_text_printable(expression, FALSE);

    g_set_error(error, VT_ERROR, VT_ERROR_INPUT, _("XPath expression \"%s\": %s"), printable, why);
    return FALSE;
}

/* The core functions of XPath 1.0 and how many arguments they take. libxml2 would look at both only
 * when an evaluation gets there, which for a rule may be in front of the user. */
static const struct {
    const char *name;
    guint min, max;
} functions[] = {
    {"boolean", 1, 1},
    {"ceiling", 1, 1},
    {"concat", 2, G_MAXUINT},
    {"contains", 2, 2},
    {"count", 1, 1},
    {"false", 0, 0},
    {"floor", 1, 1},
    {"id", 1, 1},
    {"lang", 1, 1},
    {"last", 0, 0},
    {"local-name", 0, 1},
    {"name", 0, 1},
    {"namespace-uri", 0, 1},
    {"normalize-space", 0, 1},
    {"not", 1, 1},
    {"number", 0, 1},
    {"position", 0, 0},
    {"round", 1, 1},
    {"starts-with", 2, 2},
    {"string", 0, 1},
    {"string-length", 0, 1},
    {"substring", 2, 3},
    {"substring-after", 2, 2},
    {"substring-before", 2, 2},
    {"sum", 1, 1},
    {"translate", 3, 3},
    {"true", 0, 0},
};

/* What may stand before "(" without being a function. */
static const char *const not_functions[] = {
    "and", "or", "div", "mod", "comment", "text", "processing-instruction", "node", NULL};

/* An open parenthesis: of functions[function], or of none (-1). */
typedef struct {
    int function;
    guint arguments;
} Parenthesis;

static int find_function(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(functions); i++)
        if (g_str_equal(functions[i].name, name))
            return (int)i;
    return -1;
}

static gboolean check_name(const char *name, const char *after, int *ret_function,
                           const char *expression, GError **error)
{
    g_autofree char *why = NULL;

    *ret_function = -1;
    if (after[0] == ':' && after[1] != ':' && !g_str_equal(name, "qemu")) {
        why = g_strdup_printf(_("the namespace prefix \"%s\" is not known"), name);
    } else if (after[0] == '(' && !g_strv_contains(not_functions, name)) {
        *ret_function = find_function(name);
        if (*ret_function < 0)
            why = g_strdup_printf(_("there is no function \"%s\" in XPath 1.0"), name);
    }
    return why ? set_error(error, expression, why) : TRUE;
}

static gboolean check_arguments(const Parenthesis *open, const char *expression, GError **error)
{
    g_autofree char *why = NULL;

    if (open->function < 0 || (open->arguments >= functions[open->function].min &&
                               open->arguments <= functions[open->function].max))
        return TRUE;
    why = g_strdup_printf(_("the function \"%s\" has the wrong number of arguments"),
                          functions[open->function].name);
    return set_error(error, expression, why);
}

/* Looks for names that nothing defines in an @expression that libxml2 found well-formed. */
static gboolean check_names(const char *expression, guint *ret_joins, GError **error)
{
    g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(Parenthesis));
    int function = -1; /* whose "(" comes next */

    for (const char *p = vt_xpath_skip_blanks(expression); *p != '\0'; p = vt_xpath_skip_blanks(p)) {
        Parenthesis *open =
            stack->len > 0 ? &g_array_index(stack, Parenthesis, stack->len - 1) : NULL;

        if (*p == '$')
            return set_error(error, expression, _("there are no variables here"));
        if (open && open->arguments == 0 && *p != ')')
            open->arguments = 1;

        if (*p == '(') {
            g_array_append_val(stack, ((Parenthesis){.function = function}));
            p++;
        } else if (*p == ')') {
            if (open && !check_arguments(open, expression, error))
                return FALSE;
            if (open && open->function >= 0 &&
                g_str_equal(functions[open->function].name, "concat"))
                *ret_joins += open->arguments;
            if (open)
                g_array_set_size(stack, stack->len - 1);
            p++;
        } else if (*p == ',') {
            if (open)
                open->arguments++;
            p++;
        } else if (*p == '"' || *p == '\'') {
            const char *end = strchr(p + 1, *p);

            p = end ? end + 1 : p + strlen(p);
        } else if (g_ascii_isdigit(*p)) {
            while (g_ascii_isdigit(*p) || *p == '.')
                p++;
        } else if (vt_xpath_is_name_start(*p)) {
            const char *end = vt_xpath_skip_name(p);
            g_autofree char *name = g_strndup(p, (gsize)(end - p));

            p = vt_xpath_skip_blanks(end);
            if (!check_name(name, p, &function, expression, error))
                return FALSE;
            continue;
        } else {
            p++;
        }
        function = -1;
    }
    /* libxml2 takes "not(" for a call without arguments. */
    return stack->len == 0 || set_error(error, expression, _("a parenthesis is not closed"));
}

VtXPath *vt_xpath_new(const char *expression, GError **error)
{
    Evaluator *evaluator = evaluator_get();
    xmlXPathCompExpr *compiled;
    VtXPath *xpath;
    guint joins = 0;

    if (strlen(expression) > EXPRESSION_MAX) {
        g_set_error(error, VT_ERROR, VT_ERROR_INPUT,
                    _("an XPath expression is longer than %d bytes"), EXPRESSION_MAX);
        return NULL;
    }
    compiled = xmlXPathCtxtCompile(evaluator->context, (const xmlChar *)expression);
    if (!compiled || evaluator->code) {
        set_error(error, expression, reason(evaluator));
        xmlXPathFreeCompExpr(compiled);
        return NULL;
    }
    if (!check_names(expression, &joins, error)) {
        xmlXPathFreeCompExpr(compiled);
        return NULL;
    }

    xpath = g_new0(VtXPath, 1);
    xpath->text = g_strdup(expression);
    xpath->compiled = compiled;
    xpath->joins = joins;
    xpath->hash = g_str_hash(expression);
    return xpath;
}

void vt_xpath_free(VtXPath *xpath)
{
    if (!xpath)
        return;
    xmlXPathFreeCompExpr(xpath->compiled);
    g_free(xpath->text);
    g_free(xpath);
}

const char *vt_xpath_text(const VtXPath *xpath)
{
    return xpath->text;
}

/* Bytes of the text and the attributes below @node. */
static gsize count_text(const xmlNode *node)
{
    gsize length = 0;

    for (const xmlNode *at = node; at; at = at->next) {
        if (at->type == XML_TEXT_NODE || at->type == XML_CDATA_SECTION_NODE ||
            at->type == XML_COMMENT_NODE)
            length += at->content ? strlen((const char *)at->content) : 0;
        if (at->type != XML_ELEMENT_NODE)
            continue;
        for (const xmlAttr *attr = at->properties; attr; attr = attr->next)
            length += count_text(attr->children);
        length += count_text(at->children);
    }
    return length;
}

/* Counted once for each document: what patches add to it later is little. */
static gsize text_of(xmlDoc *doc)
{
    if (!doc->_private)
        doc->_private = GSIZE_TO_POINTER(count_text(doc->children) + 1);
    return GPOINTER_TO_SIZE(doc->_private) - 1;
}

guint vt_xpath_hash(const VtXPath *xpath)
{
    return xpath->hash;
}

static xmlXPathObject *evaluate(const VtXPath *xpath, xmlNode *node, GError **error)
{
    Evaluator *evaluator = evaluator_get();
    xmlXPathContext *context = evaluator->context;
    g_autoptr(xmlXPathObject) object = NULL;
    const gsize text = text_of(node->doc);

    if (xpath->joins > 0 && text > JOINED_MAX / xpath->joins) {
        set_error(error, xpath->text, _("it makes too long a string"));
        return NULL;
    }
    context->doc = node->doc;
    context->node = node;
    context->contextSize = -1;
    context->proximityPosition = -1;
    context->opLimit = text <= TEXT_FREE ? STEPS_MAX : (gulong)((double)STEPS_MAX * TEXT_FREE / (double)text);
    context->opCount = 0;
    context->depth = 0;
    object = xmlXPathCompiledEval(xpath->compiled, context);
    /* The document may be gone before the next evaluation. */
    context->doc = NULL;
    context->node = NULL;

    if (!object || evaluator->code) {
        set_error(error, xpath->text, reason(evaluator));
        return NULL;
    }
    return g_steal_pointer(&object);
}

gboolean vt_xpath_test(const VtXPath *xpath, xmlNode *node, gboolean *ret_value, GError **error)
{
    g_autoptr(xmlXPathObject) object = evaluate(xpath, node, error);

    if (!object)
        return FALSE;
    *ret_value = xmlXPathCastToBoolean(object) != 0;
    return TRUE;
}

static char *object_string(xmlXPathObject *object)
{
    xmlChar *value = xmlXPathCastToString(object);
    char *copy = g_strdup((const char *)value);

    xmlFree(value);
    return copy;
}

gboolean vt_xpath_string(const VtXPath *xpath, xmlNode *node, char **ret_value, GError **error)
{
    g_autoptr(xmlXPathObject) object = evaluate(xpath, node, error);

    if (!object)
        return FALSE;
    *ret_value = object_string(object);
    return TRUE;
}

gboolean vt_xpath_nodes(const VtXPath *xpath, xmlNode *node, GPtrArray **ret_nodes, GError **error)
{
    g_autoptr(xmlXPathObject) object = evaluate(xpath, node, error);
    g_autoptr(GPtrArray) nodes = NULL;

    if (!object)
        return FALSE;
    if (object->type != XPATH_NODESET)
        return set_error(error, xpath->text, _("it does not select nodes"));

    nodes = g_ptr_array_new();
    if (object->nodesetval)
        xmlXPathNodeSetSort(object->nodesetval);
    for (int i = 0; object->nodesetval && i < object->nodesetval->nodeNr; i++) {
        /* libxml2 makes such nodes for the result alone: they end with it. */
        if (object->nodesetval->nodeTab[i]->type == XML_NAMESPACE_DECL)
            return set_error(error, xpath->text, _("it selects namespaces"));
        g_ptr_array_add(nodes, object->nodesetval->nodeTab[i]);
    }
    *ret_nodes = g_steal_pointer(&nodes);
    return TRUE;
}

/* The value of an expression of our own; the expressions are few, so each is compiled once a thread
 * and kept. */
static xmlXPathObject *evaluate_fixed(xmlNode *node, const char *expression)
{
    g_autoptr(GError) error = NULL;
    GHashTable *fixed = evaluator_get()->fixed;
    VtXPath *xpath = g_hash_table_lookup(fixed, expression);
    xmlXPathObject *object;

    if (!xpath) {
        xpath = vt_xpath_new(expression, &error);
        if (!xpath)
            g_error("%s", error->message);
        g_hash_table_insert(fixed, xpath->text, xpath);
    }
    object = evaluate(xpath, node, &error);
    if (!object)
        g_error("%s", error->message);
    return object;
}

char *vt_xml_get(xmlNode *node, const char *expression)
{
    g_autoptr(xmlXPathObject) object = evaluate_fixed(node, expression);

    if (object->type == XPATH_NODESET && xmlXPathNodeSetIsEmpty(object->nodesetval))
        return NULL;
    return object_string(object);
}

gboolean vt_xml_has(xmlNode *node, const char *expression)
{
    g_autoptr(xmlXPathObject) object = evaluate_fixed(node, expression);

    return xmlXPathCastToBoolean(object) != 0;
}
