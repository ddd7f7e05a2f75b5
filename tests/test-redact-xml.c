/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lists of libvirt's words and numbers against libvirt's own schema, where it is installed. */
#include "vt-test.h"

#include <string.h>

#include "source/redact-xml.h"

#define SCHEMAS "/usr/share/libvirt/schemas"
/* As deep as references go in it. */
#define DEPTH_MAX 32
#define NUMBER "17"

typedef struct {
    GHashTable *docs;    /* file -> xmlDoc */
    GHashTable *defines; /* name -> GPtrArray of xmlNode */
    GHashTable *numbers, *others; /* attributes that are, and those that are not in some place */
    GRegex *digits;
} Schema;

static void load(Schema *schema, const char *file);

static void collect(Schema *schema, xmlNode *node)
{
    g_autofree char *name = vt_xml_attr(node, "name"), *href = vt_xml_attr(node, "href");

    if (vt_xml_is(node, "include"))
        load(schema, href);
    if (vt_xml_is(node, "define")) {
        GPtrArray *same = g_hash_table_lookup(schema->defines, name);

        if (!same) {
            same = g_ptr_array_new();
            g_hash_table_insert(schema->defines, g_strdup(name), same);
        }
        g_ptr_array_add(same, node);
    }
    for (xmlNode *child = xmlFirstElementChild(node); child; child = xmlNextElementSibling(child))
        collect(schema, child);
}

static void load(Schema *schema, const char *file)
{
    g_autofree char *path = g_build_filename(SCHEMAS, file, NULL);
    g_autoptr(GError) error = NULL;
    xmlDoc *doc;

    if (g_hash_table_contains(schema->docs, file))
        return;
    doc = vt_xml_parse_file(path, &error);
    assert_no_error(error);
    g_hash_table_insert(schema->docs, g_strdup(file), doc);
    collect(schema, xmlDocGetRootElement(doc));
}

static gboolean are_numbers(Schema *schema, xmlNode *parent, guint depth);

static gboolean refers_to_numbers(Schema *schema, xmlNode *node, guint depth)
{
    g_autofree char *name = vt_xml_attr(node, "name");
    const GPtrArray *same = g_hash_table_lookup(schema->defines, name);

    for (guint i = 0; same && depth < DEPTH_MAX && i < same->len; i++)
        if (!are_numbers(schema, g_ptr_array_index(same, i), depth + 1))
            return FALSE;
    return same && depth < DEPTH_MAX;
}

/* "[0-9]{1,20}", "(0x)?[0-9a-fA-F]{1,8}"; so many digits as make a name (a WWN) are none. */
static gboolean is_number(Schema *schema, xmlNode *node, guint depth)
{
    static const char *const types[] = {"int", "integer", "long", "nonNegativeInteger", "positiveInteger", "short",
                                        "unsignedByte", "unsignedInt", "unsignedLong", "unsignedShort", NULL};
    g_autofree char *type = vt_xml_attr(node, "type");
    xmlChar *content = xmlNodeGetContent(node);
    g_autofree char *text = g_strstrip(g_strdup((const char *)content));

    xmlFree(content);
    if (vt_xml_is(node, "value"))
        return *text && text[strspn(text, "0123456789")] == '\0';
    if (vt_xml_is(node, "data"))
        return g_strv_contains(types, type) || g_regex_match(schema->digits, text, 0, NULL);
    if (vt_xml_is(node, "ref"))
        return refers_to_numbers(schema, node, depth);
    return !vt_xml_is(node, "text") && are_numbers(schema, node, depth);
}

static gboolean are_numbers(Schema *schema, xmlNode *parent, guint depth)
{
    xmlNode *child = xmlFirstElementChild(parent);

    if (!child)
        return FALSE;
    for (; child; child = xmlNextElementSibling(child))
        if (!is_number(schema, child, depth))
            return FALSE;
    return TRUE;
}

static void sort_attributes(Schema *schema, xmlNode *node)
{
    char *name = vt_xml_is(node, "attribute") ? vt_xml_attr(node, "name") : NULL;

    if (name)
        g_hash_table_add(are_numbers(schema, node, 0) ? schema->numbers : schema->others, name);
    for (xmlNode *child = xmlFirstElementChild(node); child; child = xmlNextElementSibling(child))
        sort_attributes(schema, child);
}

static GHashTable *table(GDestroyNotify free_value)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_value);
}

static VtRedactClass class_of(const char *element, const char *attr, const char *value)
{
    g_autoptr(xmlDoc) doc = xmlNewDoc((const xmlChar *)"1.0");
    xmlNode *node = xmlNewDocNode(doc, NULL, (const xmlChar *)element, NULL);

    xmlDocSetRootElement(doc, node);
    return vt_redact_xml_class(node, attr, value);
}

/* In place of a number that nobody gave a word must not stand. */
static void test_numbers_everywhere(void **state)
{
    Schema schema = {0};
    g_autoptr(GString) missing = NULL;
    GHashTableIter iter;
    gpointer name, doc;
    guint n = 0;

    if (!g_file_test(SCHEMAS "/domain.rng", G_FILE_TEST_EXISTS))
        skip();
    missing = g_string_new(NULL);
    schema.docs = table((GDestroyNotify)xmlFreeDoc);
    schema.defines = table((GDestroyNotify)g_ptr_array_unref);
    schema.numbers = table(NULL);
    schema.others = table(NULL);
    schema.digits = g_regex_new("^(\\(0x\\)\\?|0x)?\\[[0-9a-fA-F-]+\\]\\{1,\\d+\\}$", 0, 0, NULL);
    load(&schema, "domain.rng");
    g_hash_table_iter_init(&iter, schema.docs);
    while (g_hash_table_iter_next(&iter, NULL, &doc))
        sort_attributes(&schema, xmlDocGetRootElement(doc));
    g_hash_table_iter_init(&iter, schema.numbers);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        if (g_hash_table_contains(schema.others, name))
            continue;
        n++;
        if (class_of("any", name, NUMBER) != VT_REDACT_KEEP)
            g_string_append_printf(missing, " %s", (const char *)name);
    }
    if (missing->len > 0)
        fail_msg("no number:%s", missing->str);
    assert_true(n > 50);
    g_hash_table_unref(schema.docs);
    g_hash_table_unref(schema.defines);
    g_hash_table_unref(schema.numbers);
    g_hash_table_unref(schema.others);
    g_regex_unref(schema.digits);
}

/* What is a number, or a word, in one element may be anything in others. */
static void test_of_elements(void **state)
{
    static const struct {
        const char *element, *attr, *value, *not_of;
    } kept[] = {
        {"cid", "address", "3", "listen"},        {"sibling", "value", "20", "parameter"}, {"latency", "value", "7", "parameter"},
        {"bandwidth", "value", "204800", "entry"}, {"source", "usage", "1024", "secret"},   {"ibs", "value", "fixed-na", "parameter"},
        {"cfpc", "value", "workaround", "line"},  {"boot", "dev", "hd", "source"},
    };
    /* Of a later libvirt's schema. */
    static const char *const later[] = {"delay", "discard_granularity", "grow", "memReserve", "shrink", "weight"};

    for (gsize i = 0; i < G_N_ELEMENTS(kept); i++) {
        assert_int_equal(class_of(kept[i].element, kept[i].attr, kept[i].value), VT_REDACT_KEEP);
        assert_int_equal(class_of(kept[i].not_of, kept[i].attr, kept[i].value), VT_REDACT_GIVEN);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(later); i++)
        assert_int_equal(class_of("any", later[i], NUMBER), VT_REDACT_KEEP);
    /* Of an attribute that no list has. */
    assert_int_equal(class_of("any", "new", "auto"), VT_REDACT_KEEP);
    assert_int_equal(class_of("any", "new", "1"), VT_REDACT_GIVEN);
    assert_int_equal(class_of("sibling", "value", "cash-desk"), VT_REDACT_GIVEN);
    assert_int_equal(class_of("catchup", "slew", "cash-desk"), VT_REDACT_GIVEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_everywhere),
        cmocka_unit_test(test_of_elements),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
