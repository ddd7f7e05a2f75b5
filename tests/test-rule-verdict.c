/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of verdicts, one step at a time, and the reasons. */
#include "config.h"

#include "rule/rule-verdict.h"
#include "vt-test-rule.h"

/* Every outcome that an earlier step looks at is out of the way, every later one is set. */
static void test_order(void **state)
{
    g_autoptr(VtRule) rule = test_rule("<symptom><rate metric='exits' above='1'/></symptom>");
    const VtGuard guard = {.why = (char *)"For a reason."};
    VtRuleOutcomes outcomes = {.rule = rule,
                               .migrating = TRUE,
                               .measured = FALSE,
                               .below_floor = TRUE,
                               .busy_per_s = 999.7,
                               .symptom = VT_NO,
                               .require = VT_NO,
                               .satisfied = TRUE,
                               .pending = TRUE,
                               .gone = TRUE,
                               .guard_hit = &guard,
                               .guard_unknown = TRUE};
    g_autoptr(VtFinding) finding = vt_finding_new("test");

#define STEP(verdict_, reason_)                                                                    \
    do {                                                                                           \
        vt_rule_verdict_decide(&outcomes, finding);                                                \
        assert_int_equal(finding->verdict, verdict_);                                              \
        assert_string_equal(finding->reason, reason_);                                             \
    } while (0)

    STEP(VT_VERDICT_BLOCKED, "The domain is being migrated, which makes exits of its own.");
    outcomes.migrating = FALSE;
    STEP(VT_VERDICT_NOT_APPLICABLE, "A requirement is not met.");
    outcomes.require = VT_UNKNOWN;
    STEP(VT_VERDICT_SATISFIED, "It is already so.");
    assert_false(finding->pending);
    outcomes.satisfied = FALSE;
    STEP(VT_VERDICT_SATISFIED,
         "The domain's definition has it already; it takes effect at the next power cycle.");
    assert_true(finding->pending);
    outcomes.pending = FALSE;
    STEP(VT_VERDICT_SATISFIED,
         "The domain's definition no longer has this device; it goes at the next power cycle.");
    outcomes.gone = FALSE;
    STEP(VT_VERDICT_BLOCKED, "For a reason.");
    outcomes.guard_hit = NULL;
    STEP(VT_VERDICT_QUIET, "There is no symptom.");
    outcomes.symptom = VT_UNKNOWN;
    STEP(VT_VERDICT_QUIET, "The whole domain makes 999 exits a second besides HLT; below 1,000 "
                           "nothing is worth changing.");
    outcomes.below_floor = FALSE;
    STEP(VT_VERDICT_UNKNOWN, "This cannot be decided: nothing was measured.");
    outcomes.require = VT_YES;
    STEP(VT_VERDICT_UNKNOWN, "This cannot be decided: nothing was measured.");
    outcomes.guard_unknown = FALSE;
    STEP(VT_VERDICT_UNKNOWN, "This cannot be decided: nothing was measured.");
    outcomes.symptom = VT_YES;
    STEP(VT_VERDICT_UNKNOWN, "This cannot be decided: nothing was measured.");
    outcomes.measured = TRUE;
    STEP(VT_VERDICT_ADVISE, "The symptom is there.");
#undef STEP
}

/* What the evidence of the deciding part says is quoted, and only of that part. */
static void test_quotes(void **state)
{
    static const struct {
        VtTri symptom, require;
        const char *reason;
    } cases[] = {
        {VT_YES, VT_NO, "A requirement is not met: require 0."},
        {VT_YES, VT_UNKNOWN, "This cannot be decided: require 2 (remedy of require)."},
        {VT_NO, VT_YES, "There is no symptom: symptom 0."},
        {VT_UNKNOWN, VT_YES, "This cannot be decided: symptom 2 (remedy of symptom)."},
        {VT_YES, VT_YES, "The symptom is there: symptom 1."},
    };
    static const char *const parts[] = {"satisfied", "guard", "symptom", "require"};
    g_autoptr(VtRule) rule = test_rule("<symptom><rate metric='exits' above='1'/></symptom>");
    g_autoptr(VtFinding) finding = vt_finding_new("test");

    for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
        for (guint outcome = VT_NO; outcome <= VT_UNKNOWN; outcome++) {
            VtEvidence *evidence = g_new0(VtEvidence, 1);

            evidence->part = parts[i];
            evidence->outcome = outcome;
            evidence->detail = g_strdup_printf("%s %u", parts[i], outcome);
            evidence->remedy = outcome == VT_UNKNOWN ? g_strdup_printf("remedy of %s", parts[i])
                                                     : NULL;
            g_ptr_array_add(finding->evidence, evidence);
        }
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const VtRuleOutcomes outcomes = {.rule = rule,
                                         .measured = TRUE,
                                         .symptom = cases[i].symptom,
                                         .require = cases[i].require};

        vt_rule_verdict_decide(&outcomes, finding);
        assert_string_equal(finding->reason, cases[i].reason);
    }
}

/* What decided is quoted before what is moot, numbers before words, else the first. */
static void test_quotes_best(void **state)
{
    static const struct {
        const char *detail;
        gboolean moot, has_value;
    } said[] = {
        {"a moot word", TRUE, FALSE}, {"a moot number", TRUE, TRUE}, {"a word", FALSE, FALSE},
        {"a number", FALSE, TRUE},    {"another", FALSE, TRUE},
    };
    static const char *const quoted[] = {"a moot word", "a moot number", "a word", "a number",
                                         "a number"};
    g_autoptr(VtRule) rule = test_rule("<symptom><rate metric='exits' above='1'/></symptom>");
    g_autoptr(VtFinding) finding = vt_finding_new("test");
    const VtRuleOutcomes outcomes = {
        .rule = rule, .measured = TRUE, .symptom = VT_YES, .require = VT_YES};

    for (guint i = 0; i < G_N_ELEMENTS(said); i++) {
        VtEvidence *evidence = g_new0(VtEvidence, 1);
        g_autofree char *reason = g_strdup_printf("The symptom is there: %s.", quoted[i]);

        evidence->part = "symptom";
        evidence->outcome = VT_YES;
        evidence->detail = g_strdup(said[i].detail);
        evidence->moot = said[i].moot;
        evidence->has_value = said[i].has_value;
        g_ptr_array_add(finding->evidence, evidence);
        vt_rule_verdict_decide(&outcomes, finding);
        assert_string_equal(finding->reason, reason);
    }
}

static void test_structural(void **state)
{
    g_autoptr(VtRule) rule = test_rule_full("test", "structural='yes'", TEST_CHANGE);
    g_autoptr(VtFinding) finding = vt_finding_new("test");
    const VtRuleOutcomes outcomes = {.rule = rule, .symptom = VT_UNKNOWN, .require = VT_YES};

    vt_rule_verdict_decide(&outcomes, finding);
    assert_int_equal(finding->verdict, VT_VERDICT_ADVISE);
    assert_string_equal(finding->reason, "Only the domain's XML says so; nothing was measured.");
}

/* Only a note with an upper bound on a rate may speak below the floor. */
static void test_floor_of_notes(void **state)
{
    static const struct {
        const char *symptom;
        VtVerdict verdict;
    } cases[] = {
        {"<rate metric='exits' below='9'/></symptom>" TEST_CHANGE, VT_VERDICT_QUIET},
        {"<rate metric='exits' below='9'/></symptom>", VT_VERDICT_NOTE},
        {"<all><any><rate metric='exits' below='9'/></any></all></symptom>", VT_VERDICT_NOTE},
        {"<rate metric='exits' above='9'/></symptom>", VT_VERDICT_QUIET},
        {"<rate metric='exits' above='1' below='9'/></symptom>", VT_VERDICT_QUIET},
        {"<share metric='exit.io' below='0.5'/></symptom>", VT_VERDICT_QUIET},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *body = g_strdup_printf("<symptom>%s", cases[i].symptom);
        g_autoptr(VtRule) rule = test_rule_full("test", "", body);
        g_autoptr(VtFinding) finding = vt_finding_new("test");
        const VtRuleOutcomes outcomes = {.rule = rule,
                                         .measured = TRUE,
                                         .below_floor = TRUE,
                                         .symptom = VT_YES,
                                         .require = VT_YES};

        vt_rule_verdict_decide(&outcomes, finding);
        assert_int_equal(finding->verdict, cases[i].verdict);
        if (finding->verdict == VT_VERDICT_NOTE)
            assert_string_equal(finding->reason, "It was measured.");
    }
}

static int teardown(void **state)
{
    test_schema_free();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),          cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_quotes_best),    cmocka_unit_test(test_structural),
        cmocka_unit_test(test_floor_of_notes),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
