/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test.h"

#include <stdio.h>

#include "base/csv.h"

/* The records that @fill writes. */
static char *written(void (*fill)(GString *line, FILE *out))
{
    g_autoptr(GString) line = g_string_new(NULL);
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    fill(line, out);
    fclose(out);
    assert_int_equal(line->len, 0);
    return text;
}

static void assert_field(const char *text, const char *expected)
{
    g_autoptr(GString) line = g_string_new("x");
    g_autofree char *whole = g_strconcat("x,", expected, NULL);

    vt_csv_add(line, text);
    assert_string_equal(line->str, whole);
}

static void test_fields(void **state)
{
    assert_field("web01", "web01");
    assert_field("web 01", "web 01");
    assert_field("", "");
    assert_field(NULL, "");
    assert_field("a,b", "\"a,b\"");
    assert_field("a\"b", "\"a\"\"b\"");
    assert_field("\"", "\"\"\"\"");
    assert_field("a\nb", "\"a\nb\"");
    assert_field("é", "é");
}

/* What a spreadsheet would calculate it shows; what a terminal would obey is spelt out. */
static void test_hostile_fields(void **state)
{
    assert_field("=1+2", "'=1+2");
    assert_field("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
    assert_field("+1", "'+1");
    assert_field("-1", "'-1");
    assert_field("@x", "'@x");
    assert_field("\t=1", "'\t=1");
    assert_field("\r=1", "'\\x0d=1");
    assert_field("a=1", "a=1");
    assert_field("\x1b[31m", "\\x1b[31m");
    assert_field("\xff", "\\xff");
}

static void fill_records(GString *line, FILE *out)
{
    static const char *const names[] = {"a", "b", NULL};

    vt_csv_head(names, out);
    vt_csv_add(line, NULL);
    vt_csv_add(line, NULL);
    vt_csv_end(line, out);
    vt_csv_add(line, "x");
    vt_csv_add(line, NULL);
    vt_csv_end(line, out);
}

static void test_records(void **state)
{
    g_autofree char *text = written(fill_records);

    assert_string_equal(text, "a,b\r\n\"\",\r\nx,\r\n");
}

static void fill_numbers(GString *line, FILE *out)
{
    vt_csv_add_u64(line, G_MAXUINT64);
    vt_csv_add_u64(line, 0);
    vt_csv_add_double(line, 1234567.5);
    vt_csv_add_double(line, 0.0004);
    vt_csv_add_double(line, 100);
    vt_csv_add_double(line, 1e20);
    vt_csv_end(line, out);
}

static void test_numbers(void **state)
{
    g_autofree char *text = written(fill_numbers);

    assert_string_equal(text, "18446744073709551615,0,1234567.5,0,100,100000000000000000000\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_hostile_fields),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
