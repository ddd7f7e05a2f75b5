/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strict JSON: what is taken, where errors point, and what is refused that json-glib would take or
 * die of. */
#include "vt-test.h"

#include <string.h>

#include "base/error.h"
#include "base/json-lex.h"
#include "base/json.h"

static VtJson *parse(const char *text, GError **error)
{
    return vt_json_parse(text, strlen(text), "f.json", error);
}

static void assert_refused(const char *text, gsize length, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VtJson) json = vt_json_parse(text, length, "f.json", &error);

    if (json)
        fail_msg("\"%s\" is taken", text);
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
    if (!strstr(error->message, message))
        fail_msg("\"%s\": \"%s\" is not in \"%s\"", text, message, error->message);
}

static void takes_json(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VtJson) json =
        parse(" {\n\"a\\u00e9\\ud83d\\ude00\": [1, -2, 0, 3.5e-1, true, false, null, \"x\\n\\/\"],"
              "\"max\": 9223372036854775807}\r\n\t ",
              &error);
    JsonArray *array;

    assert_no_error(error);
    array = json_object_get_array_member(vt_json_root(json), "a\303\251\360\237\230\200");
    assert_int_equal(json_array_get_length(array), 8);
    assert_string_equal(json_array_get_string_element(array, 7), "x\n/");
    assert_true(json_object_get_int_member(vt_json_root(json), "max") == G_MAXINT64);
}

static void refuses_what_is_no_json(void **state)
{
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"", "f.json:1: the file is empty"},
        {" \n\n", "the file is empty"},
        {"[]", "no JSON object"},
        {"3", "no JSON object"},
        {"\"x\"", "no JSON object"},
        {"{", "f.json:1: the file ends before"},
        {"{\"a\":1", "cut short"},
        {"{\"a\": \"b", "f.json:1: the file ends in the middle of a string"},
        {"{\"a\":1}}", "more text follows"},
        {"{\"a\":1}\n{\"b\":1}", "f.json:2: more text follows"},
        {"}", "closing bracket"},
        {"{\"a\":1]", "f.json"},
        {"{\"a\" 1}", "f.json"},
        {"{\"a\":1,}", "f.json"},
        {"{\"a\":[1,]}", "f.json"},
        {"{a:1}", "“a” does not belong into JSON"},
        {"{'a':1}", "does not belong into JSON"},
        {"{\n// comment\n}", "f.json:2: “/”"},
        {"{ /* comment */ }", "does not belong"},
        {"# comment\n{}", "does not belong"},
        {"var x = {};", "does not belong"},
        {"{\"a\": nan}", "does not belong"},
        {"{\"a\": trueish}", "does not belong"},
        {"{\"a\": +1}", "does not belong"},
        {"{\"a\": .5}", "does not belong"},
        {"{\"a\": 01}", "start with zero"},
        {"{\"a\": 0x1f}", "f.json"},
        {"{\"a\": -}", "without digits"},
        {"{\"a\": 1.}", "behind the point"},
        {"{\"a\": 1e}", "exponent"},
        {"{\"a\": 1e999}", "too large"},
        {"{\n\n\"a\": 9223372036854775808}",
         "f.json:3: the number 9223372036854775808 is too large"},
        {"{\"a\": -9223372036854775809}", "too large"},
        {"{\"a\": 18446744073709551617}", "too large"},
        {"{\"a\": \"x\ny\"}", "control character"},
        {"{\"a\": \"\\x41\"}", "escape"},
        {"{\"a\": \"\\u12\"}", "four hexadecimal"},
        {"{\"a\": \"\\u0000\"}", "NUL"},
        {"{\"a\": \"\\ud83d\"}", "surrogate"},
        {"{\"a\": \"\\ud83d\\u0041\"}", "surrogate"},
        {"{\"a\": \"\\ude00\"}", "surrogate"},
        {"{\"a\": \"\xff\"}", "UTF-8"},
        {"\xef\xbb\xbf{}", "does not belong"},
        {"\x7f"
         "ELF",
         "does not belong"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        assert_refused(bad[i].text, strlen(bad[i].text), bad[i].message);
    assert_refused("{}\0{}", 5, "f.json");
    assert_refused("{\"a\0b\":1}", 9, "f.json");
}

static void names_the_line_of_bad_utf8(void **state)
{
    assert_refused("{\n\n\"\xc3(\"", 7, "f.json:3: ");
}

static void refuses_depth(void **state)
{
    g_autofree char *deep = g_strnfill(200000, '[');
    g_autoptr(GString) fits = g_string_new("{\"a\":");

    assert_refused(deep, 200000, "too deep");
    for (int i = 1; i < VT_JSON_DEPTH_MAX; i++)
        g_string_append_c(fits, '[');
    for (int i = 1; i < VT_JSON_DEPTH_MAX; i++)
        g_string_append_c(fits, ']');
    g_string_append_c(fits, '}');
    vt_json_free(parse(fits->str, NULL));
    g_string_insert(fits, 5, "[");
    assert_refused(fits->str, fits->len, "too deep");
}

static void refuses_duplicates(void **state)
{
    g_autoptr(VtJson) json = NULL;
    static const char top[] = "{\"a\": 1,\n \"b\": 2,\n \"a\": 1}";
    static const char below[] = "{\"m\": {\"a\": {\"c\": 1},\n\"a\": {\"c\": 1}}}";

    assert_refused(top, strlen(top), "f.json:3: “a” stands twice");
    assert_refused(below, strlen(below), "f.json:2: “a” stands twice");
    /* The same member of two objects is no duplicate. */
    json = parse("{\"x\": {\"a\": 1}, \"y\": {\"a\": 1}, \"z\": [{\"a\": 1}, {\"a\": 1}]}", NULL);
    assert_non_null(json);
}

static void knows_lines(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VtJson) json =
        parse("{\n\"a\":\n  1,\n\"o\": {\n  \"p\": 2,\n  \"q\": {\n}\n},\n\"z\": true\n}", &error);
    JsonObject *root, *o;
    guint64 value = 7;

    assert_no_error(error);
    root = vt_json_root(json);
    o = json_object_get_object_member(root, "o");
    assert_false(vt_json_get_u64(json, root, "a", TRUE, 5, 9, &value, &error));
    assert_string_equal(error->message, "f.json:3: “a” must be a whole number from 5 to 9");
    g_clear_error(&error);
    assert_false(vt_json_get_u64(json, root, "z", TRUE, 5, 9, &value, &error));
    assert_true(g_str_has_prefix(error->message, "f.json:9: "));
    g_clear_error(&error);
    assert_false(vt_json_fail(json, o, "p", &error, "%s", "x"));
    assert_string_equal(error->message, "f.json:5: x");
    g_clear_error(&error);
    assert_false(vt_json_fail(json, root, "o", &error, "x"));
    assert_string_equal(error->message, "f.json:4: x");
    g_clear_error(&error);
    assert_false(vt_json_fail(json, NULL, NULL, &error, "x"));
    assert_string_equal(error->message, "f.json: x");
    g_clear_error(&error);
    vt_json_set_context(json, "exit.hlt\n");
    assert_false(vt_json_get_u64(json, o, "q", TRUE, 0, 9, &value, &error));
    assert_string_equal(error->message,
                        "f.json:6: exit.hlt\\x0a: “q” must be a whole number from 0 to 9");
    vt_json_set_context(json, NULL);
    g_clear_error(&error);
    assert_false(vt_json_fail(json, o, "q", &error, "x"));
    assert_string_equal(error->message, "f.json:6: x");
    assert_true(value == 7);
}

static void checks_types(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VtJson) json =
        parse("{\"i\": 3, \"n\": -1, \"d\": 1.5, \"s\": \"x\", \"b\": true, \"o\": {}, \"a\": [1],"
              " \"as\": [\"x\", null], \"z\": null}",
              &error);
    JsonObject *root;
    const char *string = NULL;
    guint64 number = 0;
    double real = 0;
    gboolean truth = FALSE;
    JsonObject *object = NULL;
    g_autoptr(GPtrArray) strings = NULL;
    g_autoptr(GArray) numbers = NULL;

    assert_no_error(error);
    root = vt_json_root(json);
    assert_true(vt_json_get_string(json, root, "s", TRUE, &string, NULL));
    assert_string_equal(string, "x");
    assert_false(vt_json_get_string(json, root, "i", TRUE, &string, NULL));
    assert_true(vt_json_get_string(json, root, "missing", FALSE, &string, NULL));
    assert_true(vt_json_get_string(json, root, "z", FALSE, &string, NULL));
    assert_string_equal(string, "x");
    assert_false(vt_json_get_string(json, root, "z", TRUE, &string, NULL));
    assert_false(vt_json_get_string(json, root, "missing", TRUE, &string, &error));
    assert_non_null(strstr(error->message, "“missing” is missing"));

    assert_true(vt_json_get_u64(json, root, "i", TRUE, 0, G_MAXUINT64, &number, NULL));
    assert_true(number == 3);
    assert_false(vt_json_get_u64(json, root, "n", TRUE, 0, G_MAXUINT64, &number, NULL));
    assert_false(vt_json_get_u64(json, root, "d", TRUE, 0, G_MAXUINT64, &number, NULL));
    assert_false(vt_json_get_u64(json, root, "s", TRUE, 0, G_MAXUINT64, &number, NULL));
    assert_false(vt_json_get_u64(json, root, "b", TRUE, 0, G_MAXUINT64, &number, NULL));

    assert_true(vt_json_get_double(json, root, "d", TRUE, 0, 2, &real, NULL));
    assert_true(real == 1.5);
    assert_true(vt_json_get_double(json, root, "i", TRUE, 0, 3, &real, NULL));
    assert_true(real == 3);
    assert_false(vt_json_get_double(json, root, "d", TRUE, 2, 3, &real, NULL));
    assert_false(vt_json_get_double(json, root, "s", TRUE, 2, 3, &real, NULL));

    assert_true(vt_json_get_bool(json, root, "b", TRUE, &truth, NULL));
    assert_true(truth);
    assert_false(vt_json_get_bool(json, root, "i", TRUE, &truth, NULL));
    assert_true(vt_json_get_object(json, root, "o", TRUE, &object, NULL));
    assert_false(vt_json_get_object(json, root, "a", TRUE, &object, NULL));

    assert_false(vt_json_get_strings(json, root, "as", TRUE, FALSE, &strings, NULL));
    assert_true(vt_json_get_strings(json, root, "as", TRUE, TRUE, &strings, NULL));
    assert_int_equal(strings->len, 2);
    assert_null(strings->pdata[1]);
    assert_false(vt_json_get_u64s(json, root, "as", TRUE, 0, 9, &numbers, NULL));
    assert_true(vt_json_get_u64s(json, root, "a", TRUE, 0, 9, &numbers, NULL));
    assert_int_equal(numbers->len, 1);
    assert_false(vt_json_get_objects(json, root, "a", TRUE, &strings, NULL));
}

static void knows_members(void **state)
{
    static const char *const known[] = {"a", "b", NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(VtJson) json = parse("{\"a\": 1,\n\"c\\u001b[2J\": 2}", &error);

    assert_no_error(error);
    assert_false(vt_json_check_members(json, vt_json_root(json), known, &error));
    assert_true(g_str_has_prefix(error->message, "f.json:2: "));
    assert_null(strchr(error->message, '\x1b'));
}

static void quotes(void **state)
{
    g_autofree char *quoted = vt_json_quote("a\"b\\\n\x1b\xc3\xa9");
    g_autofree char *broken = vt_json_quote("\xff");

    assert_string_equal(quoted, "\"a\\\"b\\\\\\n\\u001b\xc3\xa9\"");
    assert_string_equal(broken, "\"\xef\xbf\xbd\"");
}

/* Each is read back as it was. */
static void quotes_control_characters(void **state)
{
    for (char c = 1; c < 0x20; c++) {
        const char text[] = {'a', c, 'b', c, '\0'};
        g_autofree char *quoted = vt_json_quote(text);
        g_autofree char *whole = g_strdup_printf("{\"a\": %s}", quoted);
        g_autoptr(GError) error = NULL;
        g_autoptr(VtJson) json = vt_json_parse(whole, strlen(whole), "f", &error);
        const char *again = NULL;

        assert_no_error(error);
        assert_true(vt_json_get_string(json, vt_json_root(json), "a", TRUE, &again, &error));
        assert_string_equal(again, text);
    }
}

/* ASCII only, and read back as they were; what people write stays as it is. */
static void quotes_what_acts_on_a_terminal(void **state)
{
    static const char *const acting[][2] = {
        {"\x7f", "\\u007f"},          {"\302\205", "\\u0085"},          {"\302\233", "\\u009b"},
        {"\342\200\256", "\\u202e"}, {"\363\240\200\201", "\\udb40\\udc01"},
    };
    g_autofree char *plain = vt_json_quote("\344\270\255\303\251\342\200\215~ \302\240");

    assert_string_equal(plain, "\"\344\270\255\303\251\342\200\215~ \302\240\"");
    for (gsize i = 0; i < G_N_ELEMENTS(acting); i++) {
        g_autofree char *text = g_strdup_printf("a%sb", acting[i][0]);
        g_autofree char *quoted = vt_json_quote(text);
        g_autofree char *wanted = g_strdup_printf("\"a%sb\"", acting[i][1]);
        g_autofree char *whole = g_strdup_printf("{\"a\": %s}", quoted);
        g_autoptr(GError) error = NULL;
        g_autoptr(VtJson) json = vt_json_parse(whole, strlen(whole), "f", &error);
        const char *again = NULL;

        assert_string_equal(quoted, wanted);
        assert_no_error(error);
        assert_true(vt_json_get_string(json, vt_json_root(json), "a", TRUE, &again, &error));
        assert_string_equal(again, text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_json),    cmocka_unit_test(refuses_what_is_no_json),
        cmocka_unit_test(refuses_depth), cmocka_unit_test(names_the_line_of_bad_utf8),
        cmocka_unit_test(knows_lines),   cmocka_unit_test(refuses_duplicates),
        cmocka_unit_test(checks_types),  cmocka_unit_test(knows_members),
        cmocka_unit_test(quotes),        cmocka_unit_test(quotes_control_characters),
        cmocka_unit_test(quotes_what_acts_on_a_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
