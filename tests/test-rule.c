/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of rules: order, look-up, replacement. */
#include "config.h"

#include "rule/rule-cond.h"
#include "rule/rule.h"
#include "vt-test.h"

static VtRule *rule_named(const char *id, const char *title)
{
    VtRule *rule = vt_rule_new();

    rule->id = g_strdup(id);
    rule->title = g_strdup(title);
    return rule;
}

static void test_order(void **state)
{
    static const char *const ids[] = {"m", "a", "z", "b", "y", "n"};
    g_autoptr(VtRuleSet) set = vt_rule_set_new();

    assert_null(vt_rule_set_find(set, "a"));
    for (guint i = 0; i < G_N_ELEMENTS(ids); i++)
        vt_rule_set_add(set, rule_named(ids[i], "x"));
    assert_int_equal(set->rules->len, G_N_ELEMENTS(ids));
    for (guint i = 1; i < set->rules->len; i++)
        assert_true(strcmp(((const VtRule *)g_ptr_array_index(set->rules, i - 1))->id,
                           ((const VtRule *)g_ptr_array_index(set->rules, i))->id) < 0);
    for (guint i = 0; i < G_N_ELEMENTS(ids); i++)
        assert_string_equal(vt_rule_set_find(set, ids[i])->id, ids[i]);
    assert_null(vt_rule_set_find(set, ""));
    assert_null(vt_rule_set_find(set, "c"));
    assert_null(vt_rule_set_find(set, "zz"));
}

static void test_replace(void **state)
{
    g_autoptr(VtRuleSet) set = vt_rule_set_new();

    vt_rule_set_add(set, rule_named("a", "old"));
    vt_rule_set_add(set, rule_named("b", "kept"));
    vt_rule_set_add(set, rule_named("a", "new"));
    assert_int_equal(set->rules->len, 2);
    assert_string_equal(vt_rule_set_find(set, "a")->title, "new");
    assert_string_equal(vt_rule_set_find(set, "b")->title, "kept");
}

static void test_free_null(void **state)
{
    vt_rule_free(NULL);
    vt_rule_set_free(NULL);
    vt_cond_free(NULL);
}

static void test_empty_parts(void **state)
{
    g_autoptr(VtCond) cond = vt_cond_new(vt_rule_cond_kind("all"), 7);
    g_autoptr(VtRule) rule = vt_rule_new();

    assert_int_equal(cond->line, 7);
    assert_int_equal(cond->children->len, 0);
    g_ptr_array_add(rule->changes, vt_change_new(9));
    assert_int_equal(((const VtChange *)g_ptr_array_index(rule->changes, 0))->needs->len, 0);
}

static void test_domain_change(void **state)
{
    g_autoptr(VtRule) rule = vt_rule_new();
    VtChange *host = vt_change_new(1), *first = vt_change_new(2), *second = vt_change_new(3);

    assert_null(vt_rule_domain_change(rule));
    host->target = g_strdup("host");
    g_ptr_array_add(rule->changes, host);
    assert_null(vt_rule_domain_change(rule));
    first->target = g_strdup("domain");
    second->target = g_strdup("domain");
    g_ptr_array_add(rule->changes, first);
    g_ptr_array_add(rule->changes, second);
    assert_ptr_equal(vt_rule_domain_change(rule), first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_replace),
        cmocka_unit_test(test_free_null),
        cmocka_unit_test(test_empty_parts),
        cmocka_unit_test(test_domain_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
