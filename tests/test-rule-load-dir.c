/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules in files and directories: names, order, links between them, lint. */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "vt-test-rule.h"

static char *make_dir(void)
{
    char *dir = g_dir_make_tmp("vt-rule-XXXXXX", NULL);

    assert_non_null(dir);
    return dir;
}

static void put(const char *dir, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);

    assert_true(g_file_set_contents(path, text, -1, NULL));
}

/* A small rule of this id with further elements. */
static void put_rule(const char *dir, const char *name, const char *id, const char *more)
{
    g_autofree char *text = g_strdup_printf(
        "<rule format='1' id='%s' severity='info' since='1'>\n<title>T</title><why>W</why>\n"
        "<symptom><rate metric='exits' above='1'/></symptom>\n%s\n<reference href='x'>R</reference></rule>",
        id, more);

    put(dir, name, text);
}

static void remove_dir(char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(dir))) {
        g_autofree char *file = g_build_filename(path, name, NULL);

        g_unlink(file);
    }
    g_rmdir(path);
    g_free(path);
}

static void test_file_name(void **state)
{
    char *dir = make_dir();
    g_autofree char *path = g_build_filename(dir, "a.xml", NULL);
    g_autofree char *absent = g_build_filename(dir, "absent.xml", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(VtRule) rule = NULL;

    put_rule(dir, "a.xml", "a", "");
    rule = vt_rule_load_file(path, test_schema(), &error);
    assert_null(error);
    assert_string_equal(rule->file, path);

    put_rule(dir, "a.xml", "b", "");
    assert_null(vt_rule_load_file(path, test_schema(), &error));
    assert_non_null(strstr(error->message, "a.xml:1: the id “b” is not the file's name; rename the file to b.xml"));
    g_clear_error(&error);

    assert_null(vt_rule_load_file(absent, test_schema(), &error));
    assert_non_null(strstr(error->message, "absent.xml"));
    remove_dir(dir);
}

static void test_lint_all_problems(void **state)
{
    char *dir = make_dir();
    g_autofree char *path = g_build_filename(dir, "a.xml", NULL);
    g_autoptr(GPtrArray) problems = NULL;

    put_rule(dir, "a.xml", "b", "<gain metric='exist' share='7' to='user' basis='B'/><foo/>");
    problems = vt_rule_load_lint(path, test_schema());
    assert_int_equal(problems->len, 5);
    assert_non_null(strstr(g_ptr_array_index(problems, 0), "a.xml:4: metric of <gain>: "));
    assert_non_null(strstr(g_ptr_array_index(problems, 1), "a.xml:4: share lies between 0 and 1"));
    assert_non_null(strstr(g_ptr_array_index(problems, 2), "a.xml:4: a rule has no element <foo>"));
    assert_non_null(strstr(g_ptr_array_index(problems, 3), "a note and gains nothing"));
    assert_non_null(strstr(g_ptr_array_index(problems, 4), "a.xml:1: the id “b” is not the file's name"));
    remove_dir(dir);
}

static void test_lint_good(void **state)
{
    char *dir = make_dir();
    g_autofree char *path = g_build_filename(dir, "a.xml", NULL);
    g_autoptr(GPtrArray) problems = NULL;

    put_rule(dir, "a.xml", "a", "");
    problems = vt_rule_load_lint(path, test_schema());
    assert_int_equal(problems->len, 0);
    remove_dir(dir);
}

/* Loads @dir, which must fail with @message, and removes it. */
static void assert_dir_fails(char *dir, const char *message)
{
    g_autoptr(GError) error = NULL;

    assert_null(vt_rule_load_dir(dir, test_schema(), &error));
    assert_non_null(error);
    if (!strstr(error->message, message))
        fail_msg("expected “%s”, got “%s”", message, error->message);
    remove_dir(dir);
}

static void test_dir_good(void **state)
{
    char *dir = make_dir();
    g_autoptr(GError) error = NULL;
    g_autoptr(VtRuleSet) set = NULL;

    put_rule(dir, "b.xml", "b", "<supersedes rule='a'/><conflicts rule='c'/>");
    put_rule(dir, "a.xml", "a", "");
    put_rule(dir, "c.xml", "c", "<supersedes rule='a'/><supersedes rule='b'/>");
    put(dir, "README", "no rule");
    put(dir, ".#a.xml", "an editor's");
    set = vt_rule_load_dir(dir, test_schema(), &error);
    assert_null(error);
    assert_int_equal(set->rules->len, 3);
    assert_string_equal(((const VtRule *)g_ptr_array_index(set->rules, 0))->id, "a");
    remove_dir(dir);
}

static void test_dir_absent(void **state)
{
    g_autoptr(GError) error = NULL;

    assert_null(vt_rule_load_dir("/nonexistent/rules", test_schema(), &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_IO));
    assert_non_null(strstr(error->message, "/nonexistent/rules"));
}

static void test_dir_same_id(void **state)
{
    char *dir = make_dir();

    put_rule(dir, "a.xml", "a", "");
    put_rule(dir, "b.xml", "a", "");
    assert_dir_fails(dir, "/b.xml:1: the id “a” is also that of ");
    dir = make_dir();
    put_rule(dir, "a.xml", "b", "");
    put_rule(dir, "b.xml", "b", "");
    assert_dir_fails(dir, "/a.xml:1; every rule has its own");
    dir = make_dir();
    put_rule(dir, "a.xml", "b", "");
    assert_dir_fails(dir, "/a.xml:1: the id “b” is not the file's name");
}

static void test_dir_links(void **state)
{
    char *dir = make_dir();

    put_rule(dir, "a.xml", "a", "<supersedes rule='nobody'/>");
    assert_dir_fails(dir, "/a.xml:4: <supersedes> names “nobody”, and there is no such rule");
    dir = make_dir();
    put_rule(dir, "a.xml", "a", "<conflicts rule='nobody'/>");
    assert_dir_fails(dir, "/a.xml:4: <conflicts> names “nobody”, and there is no such rule");
}

static void test_dir_cycles(void **state)
{
    char *dir = make_dir();

    put_rule(dir, "a.xml", "a", "<supersedes rule='b'/>");
    put_rule(dir, "b.xml", "b", "<supersedes rule='a'/>");
    assert_dir_fails(dir, "/b.xml:4: <supersedes> goes in a circle: a → b → a");
    dir = make_dir();
    put_rule(dir, "a.xml", "a", "<supersedes rule='b'/>");
    put_rule(dir, "b.xml", "b", "<supersedes rule='c'/>");
    put_rule(dir, "c.xml", "c", "<supersedes rule='d'/>");
    put_rule(dir, "d.xml", "d", "<supersedes rule='b'/>");
    assert_dir_fails(dir, "/d.xml:4: <supersedes> goes in a circle: b → c → d → b");
    dir = make_dir();
    put_rule(dir, "a.xml", "a", "<supersedes rule='a'/>");
    assert_dir_fails(dir, "/a.xml:4: <supersedes> names the rule itself");
}

#define ASKS(id) "<require><rule id='" id "' verdict='advise'/></require>"

static void test_dir_asks(void **state)
{
    char *dir = make_dir();

    put_rule(dir, "a.xml", "a", ASKS("nobody"));
    assert_dir_fails(dir, "/a.xml:4: <rule> names “nobody”, and there is no such rule");
    dir = make_dir();
    put_rule(dir, "a.xml", "a", "\n<require><not><rule id='a' verdict='quiet'/></not></require>");
    assert_dir_fails(dir, "/a.xml:5: <rule> goes in a circle: a → a");
    dir = make_dir();
    put_rule(dir, "a.xml", "a", ASKS("b"));
    put_rule(dir, "b.xml", "b", "<satisfied><any><rule id='c' verdict='note'/></any></satisfied>");
    put_rule(dir, "c.xml", "c", "<guard why='W'><rule id='a' verdict='quiet'/></guard>");
    assert_dir_fails(dir, "/c.xml:4: <rule> goes in a circle: a → b → c → a");
}

/* Asking and superseding are two things: one may go up where the other goes down. */
static void test_dir_asks_and_supersedes(void **state)
{
    char *dir = make_dir();
    g_autoptr(GError) error = NULL;
    g_autoptr(VtRuleSet) set = NULL;

    put_rule(dir, "a.xml", "a", ASKS("b"));
    put_rule(dir, "b.xml", "b", "<supersedes rule='a'/>");
    set = vt_rule_load_dir(dir, test_schema(), &error);
    assert_null(error);
    assert_int_equal(((const VtRule *)g_ptr_array_index(set->rules, 0))->asks->len, 1);
    remove_dir(dir);
}

/* Later directories replace rules by id, and links are looked for in all. */
static void test_dirs(void **state)
{
    char *shipped = make_dir(), *user = make_dir();
    const VtRuleDir dirs[] = {{shipped, "shipped", FALSE},
                              {"/nonexistent/rules.d", "site", TRUE},
                              {user, "user", TRUE}};
    g_autoptr(GError) error = NULL;
    g_autoptr(VtRuleSet) set = NULL;

    put_rule(shipped, "a.xml", "a", "<supersedes rule='b'/>");
    put_rule(shipped, "b.xml", "b", "");
    put_rule(user, "a.xml", "a", "<supersedes rule='c'/>");
    put_rule(user, "c.xml", "c", "");
    set = vt_rule_load_dirs(dirs, G_N_ELEMENTS(dirs), test_schema(), &error);
    assert_null(error);
    assert_int_equal(set->rules->len, 3);
    assert_string_equal(vt_rule_set_find(set, "a")->origin, "user");
    assert_string_equal(vt_rule_set_find(set, "a")->replaces, "shipped");
    assert_true(g_str_has_prefix(vt_rule_set_find(set, "a")->file, user));
    assert_string_equal(vt_rule_set_find(set, "b")->origin, "shipped");
    assert_null(vt_rule_set_find(set, "b")->replaces);
    assert_string_equal(vt_rule_set_find(set, "c")->origin, "user");
    /* A circle that only both together make. */
    put_rule(user, "a.xml", "a", "");
    put_rule(user, "b.xml", "b", "<supersedes rule='c'/>");
    put_rule(user, "c.xml", "c", "\n<supersedes rule='b'/>");
    assert_null(vt_rule_load_dirs(dirs, G_N_ELEMENTS(dirs), test_schema(), &error));
    assert_non_null(strstr(error->message, "/c.xml:5: <supersedes> goes in a circle: b → c → b"));
    g_clear_error(&error);
    assert_null(vt_rule_load_dirs(&(VtRuleDir){"/nonexistent/rules.d", "site", FALSE}, 1,
                                  test_schema(), &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_IO));
    remove_dir(shipped);
    remove_dir(user);
}

static int teardown(void **state)
{
    test_schema_free();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file_name),
        cmocka_unit_test(test_lint_all_problems),
        cmocka_unit_test(test_lint_good),
        cmocka_unit_test(test_dir_good),
        cmocka_unit_test(test_dir_absent),
        cmocka_unit_test(test_dir_same_id),
        cmocka_unit_test(test_dir_links),
        cmocka_unit_test(test_dir_cycles),
        cmocka_unit_test(test_dir_asks),
        cmocka_unit_test(test_dir_asks_and_supersedes),
        cmocka_unit_test(test_dirs),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
