/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Groups of conditions: three-valued logic, what a hit says of the cause, and the evidence of every
 * leaf. */
#include "config.h"

#include "vt-test-rule.h"

/* Leaves with a fixed outcome on test_profile_for_leaves(). */
#define YES "<rate metric='exit.io' above='1'/>"
#define NO "<rate metric='exit.io' above='1000'/>"
#define UNKNOWN "<rate metric='exit.mmio' above='1'/>"
#define SPECIFIC_YES "<rate metric='pio.0x1f7' above='1'/>"
#define XML_YES "<domain test='name'/>"
#define XML_NO "<domain test='nothing'/>"

static VtProfile *leaves(void)
{
    return test_profile(3, "", "exit.io 10 10 10", "pio.0x1f7 10 10 10", NULL);
}

static void assert_outcome(const char *conditions, VtTri outcome)
{
    g_autoptr(VtProfile) profile = leaves();
    g_auto(TestEval) eval = {0};

    test_eval(&eval, conditions, NULL, profile, NULL);
    if (eval.outcome != outcome)
        fail_msg("%s gives %d, not %d", conditions, eval.outcome, outcome);
}

static void test_tri_state(void **state)
{
    assert_outcome(YES, VT_YES);
    assert_outcome(NO, VT_NO);
    assert_outcome(UNKNOWN, VT_UNKNOWN);

    assert_outcome("<all>" YES YES "</all>", VT_YES);
    assert_outcome("<all>" YES NO "</all>", VT_NO);
    assert_outcome("<all>" YES UNKNOWN "</all>", VT_UNKNOWN);
    assert_outcome("<all>" UNKNOWN NO "</all>", VT_NO);
    assert_outcome("<all>" NO UNKNOWN "</all>", VT_NO);

    assert_outcome("<any>" YES NO "</any>", VT_YES);
    assert_outcome("<any>" NO NO "</any>", VT_NO);
    assert_outcome("<any>" NO UNKNOWN "</any>", VT_UNKNOWN);
    assert_outcome("<any>" UNKNOWN YES "</any>", VT_YES);

    assert_outcome("<not>" YES "</not>", VT_NO);
    assert_outcome("<not>" NO "</not>", VT_YES);
    assert_outcome("<not>" UNKNOWN "</not>", VT_UNKNOWN);
    assert_outcome("<not><all>" UNKNOWN NO "</all></not>", VT_YES);
    assert_outcome("<any><not><any>" NO UNKNOWN "</any></not>" YES "</any>", VT_YES);
}

/* Children after the one that decides are evaluated too, at their depth. */
static void test_evidence_of_all(void **state)
{
    static const struct {
        const char *subject;
        VtTri outcome;
        guint depth;
    } expected[] = {
        {"exit.io", VT_NO, 0}, {"exit.io", VT_YES, 1}, {"exit.mmio", VT_UNKNOWN, 2},
        {"exit.io", VT_NO, 2}, {"name", VT_YES, 1},    {"exit.io", VT_YES, 0},
    };
    g_autoptr(VtProfile) profile = leaves();
    g_auto(TestEval) eval = {0};

    test_eval(&eval, NO "<any>" YES "<all>" UNKNOWN NO "</all>" XML_YES "</any>" YES, NULL, profile,
              NULL);
    assert_int_equal(eval.outcome, VT_NO);
    assert_int_equal(eval.context.evidence->len, G_N_ELEMENTS(expected));
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
        const VtEvidence *evidence = test_evidence(&eval, i);

        assert_string_equal(evidence->part, "symptom");
        assert_string_equal(evidence->subject, expected[i].subject);
        assert_int_equal(evidence->outcome, expected[i].outcome);
        assert_int_equal(evidence->depth, expected[i].depth);
        assert_non_null(evidence->detail);
    }
}

/* One character a leaf: whether it was moot. */
static void assert_moot(const char *conditions, const char *expected)
{
    g_autoptr(VtProfile) profile = leaves();
    g_auto(TestEval) eval = {0};

    test_eval(&eval, conditions, NULL, profile, NULL);
    assert_int_equal(eval.context.evidence->len, strlen(expected));
    for (guint i = 0; i < eval.context.evidence->len; i++)
        if (test_evidence(&eval, i)->moot != (expected[i] == 'm'))
            fail_msg("%s: leaf %u, expected %s", conditions, i, expected);
}

/* What stands in a <not> counts the other way round, in two of them as it is. */
static void test_negated(void **state)
{
    static const VtTri expected[] = {VT_NO, VT_NO, VT_UNKNOWN, VT_YES, VT_YES};
    g_autoptr(VtProfile) profile = leaves();
    g_auto(TestEval) eval = {0};

    test_eval(&eval, "<not>" YES "</not><not><any>" YES "<all>" UNKNOWN "<not>" YES "</not></all></any></not>" YES,
              NULL, profile, NULL);
    assert_int_equal(eval.context.evidence->len, G_N_ELEMENTS(expected));
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
        const VtEvidence *evidence = test_evidence(&eval, i);

        assert_int_equal(evidence->negated, i < 3);
        assert_int_equal(vt_evidence_counts(evidence), expected[i]);
    }
}

/* Where one child decides its group, what the others say does not matter. */
static void test_moot(void **state)
{
    assert_moot(YES YES, "--");
    assert_moot(YES UNKNOWN, "--");
    assert_moot(YES NO UNKNOWN, "m-m");
    assert_moot(NO NO, "--");
    assert_moot("<any>" NO UNKNOWN "</any>", "--");
    assert_moot("<any>" NO YES UNKNOWN YES "</any>", "m-m-");
    assert_moot("<any><all>" NO YES "</all>" YES "</any>", "mm-");
    assert_moot("<any><all>" YES NO "</all>" NO "</any>", "m--");
    assert_moot("<not>" YES "</not>" UNKNOWN, "-m");
}

static void test_without_evidence(void **state)
{
    g_autoptr(VtProfile) profile = leaves();
    g_auto(TestEval) eval = {0};
    GPtrArray *evidence;

    test_eval(&eval, "<any>" YES UNKNOWN XML_NO "</any>", NULL, profile, NULL);
    evidence = eval.context.evidence;
    eval.context.evidence = NULL;
    assert_int_equal(vt_rule_cond_eval(eval.rule->symptom, &eval.context, 0), VT_YES);
    eval.context.evidence = evidence;
    assert_int_equal(evidence->len, 3);
}

static void assert_hits(const char *conditions, gboolean measured, gboolean specific)
{
    g_autoptr(VtProfile) profile = leaves();
    g_auto(TestEval) eval = {0};

    test_eval(&eval, conditions, NULL, profile, NULL);
    if (eval.context.any_measured_hit != measured || eval.context.any_specific_hit != specific)
        fail_msg("%s: measured %d, specific %d", conditions, eval.context.any_measured_hit,
                 eval.context.any_specific_hit);
}

/* A hit counts only where the group around it holds. */
static void test_hits(void **state)
{
    assert_hits(YES, TRUE, FALSE);
    assert_hits(NO, FALSE, FALSE);
    assert_hits(SPECIFIC_YES, TRUE, TRUE);
    assert_hits("<rate metric='pio.0x1f7' above='1' specific='no'/>", TRUE, FALSE);
    assert_hits("<rate metric='exit.io' above='1' specific='yes'/>", TRUE, TRUE);
    assert_hits(XML_YES, FALSE, FALSE);
    assert_hits("<any>" XML_YES NO "</any>", FALSE, FALSE);
    assert_hits("<any>" YES "<all>" SPECIFIC_YES NO "</all></any>", TRUE, FALSE);
    assert_hits("<any>" XML_YES "<all>" SPECIFIC_YES UNKNOWN "</all></any>", FALSE, FALSE);
    assert_hits("<any>" NO "<all>" SPECIFIC_YES YES "</all></any>", TRUE, TRUE);
    /* That something is not so was measured, but names no cause. */
    assert_hits("<not>" NO "</not>", TRUE, FALSE);
    assert_hits("<not><rate metric='pio.0x1f7' above='1000'/></not>", TRUE, FALSE);
    assert_hits("<not>" XML_NO "</not>", FALSE, FALSE);
    assert_hits("<not>" YES "</not>", FALSE, FALSE);
    assert_hits(SPECIFIC_YES NO, FALSE, FALSE);
}

static void test_kinds(void **state)
{
    static const char *const names[] = {"all",   "any",      "not",    "rate", "share", "ratio",
                                        "measured", "domain", "host", "guest", "version", "rule", "row"};
    const VtCondKind *const *kinds = vt_rule_cond_kinds();

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        assert_string_equal(kinds[i]->name, names[i]);
        assert_ptr_equal(vt_rule_cond_kind(names[i]), kinds[i]);
        assert_int_equal(kinds[i]->group, i < 3);
        assert_int_equal(*kinds[i]->required == '\0', i < 3);
    }
    assert_null(kinds[G_N_ELEMENTS(names)]);
    assert_null(vt_rule_cond_kind("needs"));
    assert_null(vt_rule_cond_kind(""));
}

static int teardown(void **state)
{
    test_schema_free();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tri_state),
        cmocka_unit_test(test_evidence_of_all),
        cmocka_unit_test(test_negated), cmocka_unit_test(test_moot),
        cmocka_unit_test(test_without_evidence),
        cmocka_unit_test(test_hits),
        cmocka_unit_test(test_kinds),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
