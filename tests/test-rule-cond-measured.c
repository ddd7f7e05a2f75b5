/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rates, shares and ratios: their words, values, sources and remedies. */
#include "config.h"

#include "vt-test-rule.h"

/* One leaf on one profile, which it takes. */
static const struct {
    const char *leaf;
    VtTri outcome;
    const char *detail;
} cases[] = {
    {"<rate metric='exit.mmio' above='1000'/>", VT_YES,
     "exit.mmio is 30,959/s per vCPU, above 1,000"},
    {"<rate metric='exit.mmio' per='domain' above='1000'/>", VT_YES,
     "exit.mmio is 30,959/s of the whole domain, above 1,000"},
    {"<rate metric='exit.mmio' per='vcpu' above='30959'/>", VT_NO,
     "exit.mmio is 30,959/s per vCPU, not above 30,959"},
    {"<rate metric='exit.mmio' above='30959'/>", VT_NO,
     "exit.mmio is 30,959/s per vCPU, not above 30,959"},
    {"<rate metric='exit.mmio' below='40000'/>", VT_YES,
     "exit.mmio is 30,959/s per vCPU, below 40,000"},
    {"<rate metric='exit.mmio' below='0.5'/>", VT_NO,
     "exit.mmio is 30,959/s per vCPU, not below 0.50"},
    {"<rate metric='exit.mmio' above='1' below='40000'/>", VT_YES,
     "exit.mmio is 30,959/s per vCPU, between 1 and 40,000"},
    {"<rate metric='exit.mmio' above='1' below='2'/>", VT_NO,
     "exit.mmio is 30,959/s per vCPU, not between 1 and 2"},
    {"<rate metric='msr.write.0x80b' above='1'/>", VT_NO,
     "msr.write.0x80b (x2APIC EOI) is 0/s per vCPU, not above 1"},
    {"<rate metric='exit.mmio exit.io' above='1000'/>", VT_YES,
     "exit.mmio exit.io is at least 30,959/s per vCPU, above 1,000"},
    {"<rate metric='exit.mmio exit.io' above='50000'/>", VT_UNKNOWN,
     "exit.mmio exit.io is at least 30,959/s per vCPU, but exit.io was not measured"},
    {"<rate metric='exit.mmio' minus='exit.io' below='40000'/>", VT_YES,
     "exit.mmio - exit.io is at most 30,959/s per vCPU, below 40,000"},
    {"<rate metric='exit.mmio' minus='exit.io' above='1'/>", VT_UNKNOWN,
     "exit.io was not measured"},
    {"<rate metric='exit.io' above='1'/>", VT_UNKNOWN, "exit.io was not measured"},
    {"<rate metric='msr.read.0x10' above='500'/>", VT_NO,
     "msr.read.0x10 (time-stamp counter) is at most 400/s per vCPU, not above 500"},
    {"<rate metric='msr.read.0x10' above='300'/>", VT_UNKNOWN,
     "msr.read.0x10 (time-stamp counter) was not measured"},
    {"<rate metric='pio.0x1f0-0x1f7' above='1'/>", VT_UNKNOWN, "pio.0x1f0-0x1f7 was not measured"},
    {"<share metric='exit.mmio' above='0.25'/>", VT_YES,
     "exit.mmio is 77.4 % of the exits without HLT, above 25 %"},
    {"<share metric='exit.mmio' below='0.125'/>", VT_NO,
     "exit.mmio is 77.4 % of the exits without HLT, not below 12.5 %"},
    {"<share metric='exit.mmio' of='exits' above='0.9'/>", VT_NO,
     "exit.mmio is 62.0 % of exits, not above 90 %"},
    {"<share metric='exit.mmio' of='exit.io' above='0.9'/>", VT_UNKNOWN,
     "exit.io was not measured"},
    {"<share metric='exit.mmio' of='msr.write.*' below='0.9'/>", VT_NO,
     "exit.mmio is 100.0 % of msr.write.*, not below 90 %"},
    {"<share metric='msr.write.0x80b' of='msr.write.*' below='0.9'/>", VT_NO,
     "msr.write.0x80b (x2APIC EOI) has no share in msr.write.*, which did not happen"},
    {"<ratio metric='exit.hlt' of='exit.mmio' below='0.5'/>", VT_YES,
     "exit.hlt / exit.mmio is 0.32, below 0.50"},
    {"<ratio metric='exit.hlt' of='exit.io' below='0.5'/>", VT_UNKNOWN, "exit.io was not measured"},
    {"<rate metric='sched.run-delay-ns' above='2000000'/>", VT_YES,
     "sched.run-delay-ns is 3.2 ms/s per vCPU, above 2 ms/s"},
    {"<rate metric='sched.run-delay-ns' per='domain' above='1' below='2500000000'/>", VT_YES,
     "sched.run-delay-ns is 3.2 ms/s of the whole domain, between 1 ns/s and 2.5 s/s"},
    {"<ratio metric='kvm.halt_wait_ns' of='exit.hlt' below='200000'/>", VT_YES,
     "kvm.halt_wait_ns / exit.hlt is 45 us, below 200 us"},
    {"<ratio metric='kvm.halt_wait_ns' of='sched.run-delay-ns' above='100'/>", VT_YES,
     "kvm.halt_wait_ns / sched.run-delay-ns is 139, above 100"},
    {"<measured metric='exit.mmio'/>", VT_YES, "exit.mmio was measured"},
    {"<measured metric='msr.write.0x80b'/>", VT_YES, "msr.write.0x80b (x2APIC EOI) was measured"},
    {"<measured metric='exit.mmio exit.io'/>", VT_UNKNOWN, "exit.mmio exit.io was not measured"},
    {"<measured metric='irq.*'/>", VT_UNKNOWN, "irq.* was not measured"},
};

/* The same where not all exits are counted: 50,000 but HLT, and 60,000 causes. */
static void test_low_total(void **state)
{
    static const struct {
        const char *leaf;
        VtTri outcome;
        const char *detail;
    } low[] = {
        {"<rate metric='exits' minus='exit.hlt' below='100000'/>", VT_YES,
         "the rate of exits without HLT is at least 60,000/s per vCPU, below 100,000"},
        {"<rate metric='exits' minus='exit.hlt' below='55000'/>", VT_NO,
         "the rate of exits without HLT is at least 60,000/s per vCPU, not below 55,000"},
        {"<share metric='exit.mmio' above='0.25'/>", VT_UNKNOWN,
         "exit.mmio is at most 50.0 % of the exits without HLT, but not all exits were counted"},
        {"<share metric='exit.mmio' above='0.5'/>", VT_NO,
         "exit.mmio is at most 50.0 % of the exits without HLT, not above 50 %"},
        {"<share metric='exit.pause' above='0.5'/>", VT_NO,
         "exit.pause is 0.0 % of the exits without HLT, not above 50 %"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(low); i++) {
        g_autoptr(VtProfile) profile = test_profile(
            3, "", "exits 60000 60000 60000", "exit.hlt 10000 10000 10000",
            "exit.mmio 30000 30000 30000", "exit.pause 0 0 0", "pio.0x1f7 60000 60000 60000", NULL);
        g_auto(TestEval) eval = {0};

        test_eval(&eval, low[i].leaf, NULL, profile, NULL);
        assert_string_equal(test_evidence(&eval, 0)->detail, low[i].detail);
        assert_int_equal(eval.outcome, low[i].outcome);
        assert_null(test_evidence(&eval, 0)->remedy);
    }
}

static void test_words(void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VtProfile) profile = test_profile(1, "msr.write", "exits 49917", "exit.hlt 9917",
                                                    "exit.mmio 30959", "exit.msr-read 400",
                                                    "sched.run-delay-ns 3200000",
                                                    "kvm.halt_wait_ns 446265000", NULL);
        g_auto(TestEval) eval = {0};
        const VtEvidence *evidence;

        test_eval(&eval, cases[i].leaf, NULL, profile, NULL);
        evidence = test_evidence(&eval, 0);
        if (eval.outcome != cases[i].outcome || evidence->outcome != cases[i].outcome)
            fail_msg("%s: outcome %d", cases[i].leaf, eval.outcome);
        if (strcmp(evidence->detail, cases[i].detail) != 0)
            fail_msg("%s: “%s”, expected “%s”", cases[i].leaf, evidence->detail, cases[i].detail);
        assert_int_equal(evidence->remedy != NULL, cases[i].outcome == VT_UNKNOWN);
        assert_int_equal(evidence->has_threshold, !g_str_has_prefix(cases[i].leaf, "<measured"));
    }
}

static void test_values(void **state)
{
    g_autoptr(VtProfile)
        profile = test_profile(3, "exit", "exit.hlt 0 0 0", "exit.io 100 300 200", NULL);
    g_auto(TestEval) eval = {0};
    const VtEvidence *evidence;

    test_eval(&eval,
              "<rate metric='exit.io' above='50' below='900'/><share metric='exit.io' below='0.9'/>"
              "<rate metric='exit.mmio' above='1'/><rate metric='kvm.x' above='1'/>",
              NULL, profile, NULL);
    evidence = test_evidence(&eval, 0);
    assert_string_equal(evidence->kind, "rate");
    assert_string_equal(evidence->source, "test");
    assert_true(evidence->has_value && evidence->value == 200 && evidence->threshold == 50);
    evidence = test_evidence(&eval, 1);
    assert_string_equal(evidence->kind, "share");
    assert_true(evidence->has_value && evidence->value == 1 && evidence->threshold == 0.9);
    /* Measured as zero, by nobody in particular. */
    evidence = test_evidence(&eval, 2);
    assert_true(evidence->has_value && evidence->value == 0);
    assert_null(evidence->source);
    evidence = test_evidence(&eval, 3);
    assert_false(evidence->has_value);
    assert_null(evidence->source);
}

/* The remedy names a source that would tell; without any profile it is to sample. */
static void test_remedies(void **state)
{
    g_autoptr(VtProfile) profile = test_profile(1, "", "exit.io 1", NULL);
    g_auto(TestEval) measured = {0}, unmeasured = {0};
    g_autofree char *expected = g_strdup_printf("%s would tell",
                                                vt_metric_who_measures("msr.write.0x80b"));

    test_eval(&measured, "<rate metric='msr.write.0x80b' above='1'/>", NULL, profile, NULL);
    assert_string_equal(test_evidence(&measured, 0)->remedy, expected);
    test_eval(&unmeasured, "<rate metric='msr.write.0x80b' above='1'/>", NULL, NULL, NULL);
    assert_int_equal(unmeasured.outcome, VT_UNKNOWN);
    assert_non_null(strstr(test_evidence(&unmeasured, 0)->remedy, "--profile"));
}

static void test_two_thirds(void **state)
{
    g_autoptr(VtProfile) profile = test_profile(5, "", "exit.io 0 0 200 200 200", NULL);
    g_auto(TestEval) eval = {0};

    test_eval(&eval, "<rate metric='exit.io' above='100'/>", NULL, profile, NULL);
    assert_int_equal(eval.outcome, VT_NO);
    assert_string_equal(
        test_evidence(&eval, 0)->detail,
        "exit.io is 200/s per vCPU in the median, but not in two thirds of the windows");
    assert_int_equal(eval.context.few_windows, 0);
}

/* Fewer than three windows are marked where they decide something. */
static void test_few_windows(void **state)
{
    for (guint windows = 1; windows <= 3; windows++) {
        g_autoptr(VtProfile) profile = windows == 1   ? test_profile(1, "", "exit.io 5", NULL)
                                       : windows == 2 ? test_profile(2, "", "exit.io 5 5", NULL)
                                                      : test_profile(3, "", "exit.io 5 5 5", NULL);
        g_auto(TestEval) decided = {0}, open = {0};

        test_eval(&decided, "<rate metric='exit.io' above='1'/>", NULL, profile, NULL);
        assert_int_equal(decided.context.few_windows, windows < 3 ? windows : 0);
        test_eval(&open, "<rate metric='exit.mmio' above='1'/>", NULL, profile, NULL);
        assert_int_equal(open.context.few_windows, 0);
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
        cmocka_unit_test(test_low_total),
        cmocka_unit_test(test_words),         cmocka_unit_test(test_values),
        cmocka_unit_test(test_remedies),      cmocka_unit_test(test_two_thirds),
        cmocka_unit_test(test_few_windows),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
