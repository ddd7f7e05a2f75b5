/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verdicts in their order, the floor, confidences, sets of rules. */
#include "config.h"

#include "vt-test-match.h"

static void test_not_applicable(void **state)
{
    g_auto(Case) c = {.profile = busy()};

    c.rule = test_rule(
        SYMPTOM "<require><domain test=\"@type='qemu'\"/><host fact='overcommit' is='N'/></require>"
                "<satisfied test='name'/><guard why='G'><domain test='name'/></guard>");
    assert_verdict(&c, VT_VERDICT_NOT_APPLICABLE,
                   "A requirement is not met: the XML does not match @type='qemu'.");
}

static void test_satisfied(void **state)
{
    g_auto(Case) c = {.profile = busy()};

    c.rule = test_rule(SYMPTOM "<require><host fact='overcommit' is='N'/></require>"
                               "<satisfied test='nothing'/><satisfied test='name'/>"
                               "<guard why='G'><domain test='name'/></guard>");
    assert_verdict(&c, VT_VERDICT_SATISFIED, "already so");
    assert_false(match(&c)->pending);
}

static void test_blocked(void **state)
{
    g_auto(Case) c = {.profile = test_profile(3, "exit", "exit.io 1 1 1", NULL)};

    c.rule = test_rule(
        SYMPTOM "<require><host fact='overcommit' is='N'/></require><satisfied test='nothing'/>"
                "<guard why='Not this.'><domain test='nothing'/></guard>"
                "<guard why='But this.'><domain test='nothing'/><domain test='name'/></guard>"
                "<guard why='Nor this.'><domain test='name'/></guard>");
    assert_verdict(&c, VT_VERDICT_BLOCKED, "But this.");
    assert_true(match(&c)->no_symptom);
    vt_profile_unref(c.profile);
    c.profile = busy();
    assert_verdict(&c, VT_VERDICT_BLOCKED, "But this.");
    assert_false(match(&c)->no_symptom);
}

static void test_quiet(void **state)
{
    g_auto(Case) c = {.profile = test_profile(3, "exit", "exit.io 9000 9000 9000", NULL)};

    c.rule = test_rule(SYMPTOM "<require><host fact='overcommit' is='N'/></require>"
                               "<guard why='G'><host fact='overcommit' is='Y'/></guard>");
    assert_verdict(&c, VT_VERDICT_QUIET,
                   "There is no symptom: exit.mmio is 0/s per vCPU, not above 1,000.");
}

static void test_unknown_requirement(void **state)
{
    g_auto(Case) c = {.profile = busy(), .host = vt_host_new()};

    c.rule = test_rule(SYMPTOM "<require><host fact='overcommit' is='N'/></require>"
                               "<guard why='G'><host fact='domain.pinning' is='none'/></guard>");
    assert_verdict(&c, VT_VERDICT_UNKNOWN,
                   "overcommit is not known (run virt-tune on the host itself as root).");
}

static void test_unknown_guard(void **state)
{
    g_auto(Case) c = {.profile = busy()};

    c.rule = test_rule(SYMPTOM "<guard why='G'><host fact='domain.pinning' is='none'/></guard>"
                               "<guard why='H'><domain test='nothing'/></guard>");
    assert_verdict(&c, VT_VERDICT_UNKNOWN, "domain.pinning is not known");
}

static void test_unknown_symptom(void **state)
{
    g_auto(Case)
        c = {.profile = test_profile(3, "", "exits 9000 9000 9000", "exit.hlt 0 0 0", NULL)};

    c.rule = test_rule(SYMPTOM);
    assert_verdict(&c, VT_VERDICT_UNKNOWN, "exit.mmio was not measured (");
}

static void test_advise(void **state)
{
    g_auto(Case) c = {.profile = busy()};
    const VtFinding *finding;

    c.rule = test_rule(SYMPTOM "<require><domain test='name'/></require><satisfied test='nothing'/>"
                               "<guard why='G'><domain test='nothing'/></guard>");
    assert_verdict(&c, VT_VERDICT_ADVISE, "exit.mmio is 30,000/s per vCPU, above 1,000.");
    finding = match(&c);
    assert_string_equal(finding->rule, "test");
    assert_string_equal(finding->title, "T");
    assert_string_equal(finding->why, "W");
    assert_string_equal(finding->risk, "K");
    assert_int_equal(finding->severity, VT_SEVERITY_MEDIUM);
    assert_null(finding->device);
    assert_null(finding->now);
    assert_false(finding->has_gain);
}

static void test_note(void **state)
{
    g_auto(Case) c = {.profile = busy()};

    c.rule = test_rule_full("test", "", SYMPTOM);
    assert_verdict(&c, VT_VERDICT_NOTE, "exit.mmio is 30,000/s");
    assert_null(match(&c)->risk);
    assert_int_equal(match(&c)->changes->len, 0);
}

/* Every condition leaves evidence, whatever the verdict. */
static void test_evidence_always(void **state)
{
    static const char *const parts[] = {"symptom", "require", "require",
                                        "guard",   "guard",   "satisfied"};
    g_auto(Case) c = {.profile = busy()};
    const VtFinding *finding;

    c.rule = test_rule(
        SYMPTOM
        "<require><domain test='nothing'/><host fact='overcommit' is='N'/></require>"
        "<guard why='G'><domain test='name'/></guard><guard why='H'><domain test='name'/></guard>"
        "<satisfied test='name'/>");
    finding = match(&c);
    assert_int_equal(finding->verdict, VT_VERDICT_NOT_APPLICABLE);
    assert_int_equal(finding->evidence->len, G_N_ELEMENTS(parts));
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
        assert_string_equal(((const VtEvidence *)g_ptr_array_index(finding->evidence, i))->part,
                            parts[i]);
}

/* Migration goes before everything. */
static void test_migrating(void **state)
{
    static const char *const bodies[] = {
        SYMPTOM,
        SYMPTOM "<require><domain test='nothing'/></require>",
        SYMPTOM "<satisfied test='name'/>",
        SYMPTOM "<each select='devices/nothing'/>",
        SYMPTOM "<each in='host-irqs-on-vcpus'/>",
    };

    for (guint i = 0; i < G_N_ELEMENTS(bodies); i++) {
        g_auto(Case)
            c = {.profile = busy(), .rule = test_rule(bodies[i]), .domain = test_domain("", NULL)};

        c.domain->migrating = VT_YES;
        assert_verdict(&c, VT_VERDICT_BLOCKED, "being migrated");
        c.domain->migrating = VT_UNKNOWN;
        assert_int_not_equal(match(&c)->verdict, VT_VERDICT_BLOCKED);
    }
}

/* Structural rules. */

static void test_structural(void **state)
{
    g_auto(Case) c = {.rule = test_rule_full("test", "structural='yes'", TEST_CHANGE SYMPTOM)};

    assert_verdict(&c, VT_VERDICT_ADVISE,
                   "Only the domain's XML says so: exit.mmio was not measured.");
    assert_int_equal(match(&c)->confidence, VT_CONFIDENCE_STRUCTURAL);
    /* Measured, but not this. */
    c.profile = test_profile(3, "", "exits 9000 9000 9000", "exit.hlt 0 0 0", NULL);
    assert_verdict(&c, VT_VERDICT_ADVISE, "Only the domain's XML says so");
    assert_int_equal(match(&c)->confidence, VT_CONFIDENCE_STRUCTURAL);
    /* Measured, and absent. */
    vt_profile_unref(c.profile);
    c.profile = test_profile(3, "exit", "exit.io 9000 9000 9000", NULL);
    assert_verdict(&c, VT_VERDICT_QUIET, "no symptom");
    vt_profile_unref(c.profile);
    c.profile = busy();
    assert_verdict(&c, VT_VERDICT_ADVISE, "The symptom is there");
    assert_int_equal(match(&c)->confidence, VT_CONFIDENCE_SUSPECTED);
}

static void test_structural_without_symptom(void **state)
{
    g_auto(Case) c = {.rule = test_rule_full("test", "structural='yes'", TEST_CHANGE)};

    assert_verdict(&c, VT_VERDICT_ADVISE, "Only the domain's XML says so");
    c.profile = test_profile(3, "exit", "exit.io 10 10 10", NULL);
    assert_verdict(&c, VT_VERDICT_QUIET, "10 exits a second besides HLT");
}

/* A domain that nobody measured gets structural advice only, whatever its XML says. */
static void test_unmeasured(void **state)
{
    g_auto(Case) c = {.rule = test_rule("<symptom><domain test='name'/></symptom>")};
    g_auto(Case) structural = {.rule = test_rule_full("test", "structural='yes'",
                                                      TEST_CHANGE
                                                      "<symptom><domain test='name'/></symptom>")};

    c.domain = vt_domain_new(NULL, NULL);
    assert_true(vt_domain_set_xml(c.domain, NULL, test_xml(""), "d.xml", NULL));
    assert_verdict(&c, VT_VERDICT_UNKNOWN, "nothing was measured");
    c.profile = busy();
    assert_verdict(&c, VT_VERDICT_ADVISE, "the XML matches name");
    assert_int_equal(match(&c)->confidence, VT_CONFIDENCE_STRUCTURAL);
    assert_verdict(&structural, VT_VERDICT_ADVISE, "the XML matches name");
    assert_int_equal(match(&structural)->confidence, VT_CONFIDENCE_STRUCTURAL);
}

static void test_without_xml(void **state)
{
    g_auto(Case) c = {
        .rule = test_rule(SYMPTOM), .profile = busy(), .domain = vt_domain_new("d", TEST_UUID)};

    assert_verdict(&c, VT_VERDICT_UNKNOWN, "XML is not known");
}

/* The floor. */

static void test_floor(void **state)
{
    static const struct {
        const char *mmio;
        VtVerdict verdict;
    } cases[] = {{"exit.mmio 999 999 999", VT_VERDICT_QUIET},
                 {"exit.mmio 1000 1000 1000", VT_VERDICT_ADVISE},
                 {"exit.mmio 1001 1001 1001", VT_VERDICT_ADVISE}};

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Case)
            c = {.rule = test_rule("<symptom><rate metric='exit.mmio' above='500'/></symptom>")};

        /* HLT does not count. */
        c.profile = test_profile(3, "exit", cases[i].mmio, "exit.hlt 90000 90000 90000", NULL);
        assert_verdict(&c, cases[i].verdict,
                       cases[i].verdict == VT_VERDICT_QUIET
                           ? "999 exits a second besides HLT; below 1,000"
                           : "above 500");
    }
}

/* The floor is of the whole domain: 600 a second and vCPU of two are enough. */
static void test_floor_of_domain(void **state)
{
    g_auto(Case)
        c = {.rule = test_rule("<symptom><rate metric='exit.mmio' above='500'/></symptom>")};

    c.profile = vt_profile_new();
    for (guint i = 0; i < 3; i++) {
        vt_profile_add_window(c.profile, 1000000000, 2);
        vt_profile_add(c.profile, i, "exit.mmio", "test", 1200);
    }
    vt_profile_set_covers(c.profile, "exit");
    assert_true(vt_profile_finish(c.profile, NULL));
    assert_verdict(&c, VT_VERDICT_ADVISE, "600/s per vCPU");
}

/* Where the number of exits is unknown, nothing is known to be below it. */
static void test_floor_unknown(void **state)
{
    g_auto(Case)
        c = {.rule = test_rule("<symptom><rate metric='msr.write.0x830' above='500'/></symptom>")};

    c.profile = test_profile(3, "msr.write", "msr.write.0x830 600 600 600", NULL);
    assert_verdict(&c, VT_VERDICT_ADVISE, "600/s per vCPU");
}

static void test_floor_and_notes(void **state)
{
    g_auto(Case)
        idle = {.rule = test_rule_full(
                    "test", "", "<symptom><any><rate metric='exits' below='900'/></any></symptom>"),
                .profile = test_profile(3, "exit", "exit.io 10 10 10", NULL)};
    g_auto(Case) kicks = {
        .rule = test_rule_full("test", "", "<symptom><rate metric='exit.io' above='5'/></symptom>"),
        .profile = test_profile(3, "exit", "exit.io 10 10 10", NULL)};

    assert_verdict(&idle, VT_VERDICT_NOTE, "exits is 10/s per vCPU, below 900");
    assert_verdict(&kicks, VT_VERDICT_QUIET, "besides HLT");
}

/* Confidence. */

static VtConfidence confidence(const char *rule_body, VtProfile *profile)
{
    g_auto(Case) c = {.rule = test_rule(rule_body), .profile = profile};
    const VtFinding *finding = match(&c);

    if (finding->verdict != VT_VERDICT_ADVISE)
        fail_msg("%s", finding->reason);
    return finding->confidence;
}

static void test_confidence(void **state)
{
    static const char coarse[] = SYMPTOM;
    static const char sole[] = SYMPTOM "<sole test='not(devices/hpet)'/>";
    static const char not_sole[] = SYMPTOM "<sole test='devices/hpet'/>";
    static const char declared[] =
        "<symptom><rate metric='exit.mmio' above='1000' specific='yes'/></symptom>";
    static const char port[] =
        "<symptom><rate metric='mmio.0xfed00000-0xfed003ff' above='1000'/></symptom>";

    assert_int_equal(confidence(coarse, busy()), VT_CONFIDENCE_SUSPECTED);
    assert_int_equal(confidence(sole, busy()), VT_CONFIDENCE_CONFIRMED);
    assert_int_equal(confidence(not_sole, busy()), VT_CONFIDENCE_SUSPECTED);
    assert_int_equal(confidence(declared, busy()), VT_CONFIDENCE_CONFIRMED);
    assert_int_equal(
        confidence(port, test_profile(3, "mmio", "mmio.0xfed000f0 5000 5000 5000", NULL)),
        VT_CONFIDENCE_CONFIRMED);
}

/* How few windows there were is told only where measuring them decided. */
static void test_few_windows(void **state)
{
    static const char mixed[] = "<symptom><any><rate metric='exit.mmio' above='1000'/>"
                                "<rate metric='exit.io' above='1000'/></any></symptom>";
    g_autofree char *body = g_strconcat(TEST_CHANGE, mixed, NULL);
    g_auto(Case) two = {.rule = test_rule(mixed),
                        .profile = test_profile(2, "", "exit.mmio 5000 5000", NULL)};
    g_auto(Case) three = {.rule = test_rule(mixed),
                          .profile = test_profile(3, "", "exit.mmio 5000 5000 5000", NULL)};
    g_auto(Case) quiet = {.rule = test_rule(mixed),
                          .profile = test_profile(1, "exit", "exit.mmio 5", NULL)};
    /* One of the rates is known to be low, the other one decides and is unknown. */
    g_auto(Case) structural = {.rule = test_rule_full("test", "structural='yes'", body),
                               .profile = test_profile(1, "", "exit.mmio 5", NULL)};

    assert_int_equal(match(&two)->few_windows, 2);
    assert_int_equal(match(&three)->few_windows, 0);
    assert_int_equal(match(&quiet)->few_windows, 1);
    assert_int_equal(match(&structural)->verdict, VT_VERDICT_ADVISE);
    assert_int_equal(match(&structural)->few_windows, 0);
}

static void test_confidence_of_one_window(void **state)
{
    static const char sole[] = SYMPTOM "<sole test='not(devices/hpet)'/>";
    static const char port[] = "<symptom><rate metric='pio.0x1f7' above='1000'/></symptom>";
    g_auto(Case)
        c = {.rule = test_rule(sole), .profile = test_profile(1, "exit", "exit.mmio 30000", NULL)};

    assert_int_equal(match(&c)->few_windows, 1);
    assert_int_equal(confidence(sole, test_profile(1, "exit", "exit.mmio 30000", NULL)),
                     VT_CONFIDENCE_SUSPECTED);
    assert_int_equal(confidence(sole, test_profile(2, "exit", "exit.mmio 30000 30000", NULL)),
                     VT_CONFIDENCE_SUSPECTED);
    assert_int_equal(confidence(sole, test_profile(3, "exit", "exit.mmio 30000 30000 30000", NULL)),
                     VT_CONFIDENCE_CONFIRMED);
    assert_int_equal(confidence(port, test_profile(1, "pio", "pio.0x1f7 30000", NULL)),
                     VT_CONFIDENCE_CONFIRMED);
}

/* Devices. */

/* A set: every rule answers, in the order of the report. */
static void test_set(void **state)
{
    g_autoptr(VtRuleSet) set = vt_rule_set_new();
    g_autoptr(VtDomain) domain = test_domain(NIC("e1000"), NULL);
    g_autoptr(VtProfile) profile = busy();
    VtMatchInput input = {.domain = domain, .profile = profile};
    g_autoptr(GPtrArray) findings = NULL;
    static const char *const order[] = {"c-advise", "b-note", "d-unknown", "a-quiet", "e-none"};

    vt_rule_set_add(set, test_rule_full("a-quiet", "",
                                        TEST_CHANGE
                                        "<symptom><rate metric='exit.io' above='1'/></symptom>"));
    vt_rule_set_add(set, test_rule_full("b-note", "", SYMPTOM));
    vt_rule_set_add(set, test_rule_full("c-advise", "", TEST_CHANGE EACH_E1000 SYMPTOM));
    vt_rule_set_add(set, test_rule_full("d-unknown", "",
                                        TEST_CHANGE
                                        "<symptom><rate metric='mmio.0x60' above='1'/></symptom>"));
    vt_rule_set_add(
        set, test_rule_full("e-none", "", TEST_CHANGE "<each select='devices/disk'/>" SYMPTOM));
    findings = vt_rule_match(set, &input);
    assert_int_equal(findings->len, G_N_ELEMENTS(order));
    for (guint i = 0; i < G_N_ELEMENTS(order); i++)
        assert_string_equal(((const VtFinding *)g_ptr_array_index(findings, i))->rule, order[i]);
}

static void test_empty_set(void **state)
{
    g_autoptr(VtRuleSet) set = vt_rule_set_new();
    g_autoptr(VtDomain) domain = test_domain("", NULL);
    VtMatchInput input = {.domain = domain};
    g_autoptr(GPtrArray) findings = vt_rule_match(set, &input);

    assert_int_equal(findings->len, 0);
}

static int teardown(void **state)
{
    test_schema_free();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_not_applicable),
        cmocka_unit_test(test_satisfied),
        cmocka_unit_test(test_blocked),
        cmocka_unit_test(test_quiet),
        cmocka_unit_test(test_unknown_requirement),
        cmocka_unit_test(test_unknown_guard),
        cmocka_unit_test(test_unknown_symptom),
        cmocka_unit_test(test_advise),
        cmocka_unit_test(test_note),
        cmocka_unit_test(test_evidence_always),
        cmocka_unit_test(test_migrating),
        cmocka_unit_test(test_structural),
        cmocka_unit_test(test_structural_without_symptom),
        cmocka_unit_test(test_unmeasured),
        cmocka_unit_test(test_without_xml),
        cmocka_unit_test(test_floor),
        cmocka_unit_test(test_floor_of_domain),
        cmocka_unit_test(test_floor_unknown),
        cmocka_unit_test(test_floor_and_notes),
        cmocka_unit_test(test_confidence),
        cmocka_unit_test(test_few_windows),
        cmocka_unit_test(test_confidence_of_one_window),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_empty_set),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
