/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test.h"

#include "model/finding.h"

static void test_words(void **state)
{
    VtConfidence confidence = VT_CONFIDENCE_NONE;
    VtSeverity severity = VT_SEVERITY_INFO;

    assert_string_equal(vt_verdict_name(VT_VERDICT_NOT_APPLICABLE), "not-applicable");
    assert_string_equal(vt_verdict_name(VT_VERDICT_NOTE), "note");
    for (int i = VT_CONFIDENCE_NONE; i <= VT_CONFIDENCE_CONFIRMED; i++) {
        assert_true(vt_confidence_parse(vt_confidence_name((VtConfidence)i), &confidence));
        assert_int_equal(confidence, i);
    }
    for (int i = VT_SEVERITY_INFO; i <= VT_SEVERITY_HIGH; i++) {
        assert_true(vt_severity_parse(vt_severity_name((VtSeverity)i), &severity));
        assert_int_equal(severity, i);
    }
    assert_false(vt_severity_parse("High", &severity));
    assert_false(vt_severity_parse("", &severity));
    assert_false(vt_severity_parse(NULL, &severity));
    assert_false(vt_confidence_parse("sure", &confidence));
    assert_int_equal(severity, VT_SEVERITY_HIGH);
    assert_int_equal(confidence, VT_CONFIDENCE_CONFIRMED);
}

static void add(GPtrArray *findings, const char *rule, VtVerdict verdict, double gain,
                VtSeverity severity, VtConfidence confidence, const char *device)
{
    VtFinding *finding = vt_finding_new(rule);

    finding->verdict = verdict;
    finding->severity = severity;
    finding->confidence = confidence;
    finding->device = g_strdup(device);
    finding->has_gain = gain >= 0;
    finding->gain.high_pct = gain;
    g_ptr_array_add(findings, finding);
}

static void test_order(void **state)
{
    static const char *const expected[] = {"1", "2", "3", "4", "5", "6", "7",
                                           "8", "9", "a", "b", "c", "d"};
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);

    add(findings, "d", VT_VERDICT_NOT_APPLICABLE, 90, VT_SEVERITY_HIGH, VT_CONFIDENCE_CONFIRMED,
        NULL);
    add(findings, "c", VT_VERDICT_QUIET, -1, VT_SEVERITY_HIGH, VT_CONFIDENCE_NONE, NULL);
    add(findings, "b", VT_VERDICT_SATISFIED, -1, VT_SEVERITY_HIGH, VT_CONFIDENCE_NONE, NULL);
    add(findings, "a", VT_VERDICT_UNKNOWN, -1, VT_SEVERITY_HIGH, VT_CONFIDENCE_NONE, NULL);
    add(findings, "9", VT_VERDICT_BLOCKED, -1, VT_SEVERITY_HIGH, VT_CONFIDENCE_NONE, NULL);
    add(findings, "8", VT_VERDICT_NOTE, 99, VT_SEVERITY_HIGH, VT_CONFIDENCE_CONFIRMED, NULL);
    add(findings, "7", VT_VERDICT_ADVISE, -1, VT_SEVERITY_LOW, VT_CONFIDENCE_STRUCTURAL, "vdb");
    add(findings, "6", VT_VERDICT_ADVISE, -1, VT_SEVERITY_LOW, VT_CONFIDENCE_STRUCTURAL, "vda");
    add(findings, "5", VT_VERDICT_ADVISE, -1, VT_SEVERITY_LOW, VT_CONFIDENCE_SUSPECTED, NULL);
    add(findings, "4", VT_VERDICT_ADVISE, -1, VT_SEVERITY_HIGH, VT_CONFIDENCE_STRUCTURAL, NULL);
    add(findings, "3", VT_VERDICT_ADVISE, 0, VT_SEVERITY_INFO, VT_CONFIDENCE_SUSPECTED, NULL);
    add(findings, "2", VT_VERDICT_ADVISE, 6.5, VT_SEVERITY_HIGH, VT_CONFIDENCE_CONFIRMED, NULL);
    add(findings, "1", VT_VERDICT_ADVISE, 6.75, VT_SEVERITY_LOW, VT_CONFIDENCE_SUSPECTED, NULL);
    g_ptr_array_sort(findings, vt_finding_compare);
    for (guint i = 0; i < findings->len; i++)
        assert_string_equal(((VtFinding *)findings->pdata[i])->rule, expected[i]);
}

static void test_device_order(void **state)
{
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);

    add(findings, "r", VT_VERDICT_ADVISE, 1, VT_SEVERITY_LOW, VT_CONFIDENCE_SUSPECTED, "vdb");
    add(findings, "r", VT_VERDICT_ADVISE, 1, VT_SEVERITY_LOW, VT_CONFIDENCE_SUSPECTED, "vda");
    add(findings, "r", VT_VERDICT_ADVISE, 1, VT_SEVERITY_LOW, VT_CONFIDENCE_SUSPECTED, NULL);
    g_ptr_array_sort(findings, vt_finding_compare);
    assert_null(((VtFinding *)findings->pdata[0])->device);
    assert_string_equal(((VtFinding *)findings->pdata[2])->device, "vdb");
}

static void test_changes(void **state)
{
    g_autoptr(VtFinding) finding = vt_finding_new("r");
    VtFindingChange *change = vt_finding_add_change(finding, "host", "module-reload");
    VtEvidence *evidence = g_new0(VtEvidence, 1);

    g_ptr_array_add(change->commands, g_strdup("do"));
    g_ptr_array_add(change->undo, NULL);
    evidence->kind = "host";
    g_ptr_array_add(change->needs, evidence);
    assert_int_equal(finding->verdict, VT_VERDICT_UNKNOWN);
    assert_ptr_equal(finding->changes->pdata[0], change);
    assert_string_equal(change->effect, "module-reload");
    vt_evidence_free(NULL);
    vt_finding_free(NULL);
}

static void test_domain_change(void **state)
{
    g_autoptr(VtFinding) finding = vt_finding_new("one");
    const VtFindingChange *first;

    assert_null(vt_finding_domain_change(finding));
    vt_finding_add_change(finding, "host", "live");
    assert_null(vt_finding_domain_change(finding));
    first = vt_finding_add_change(finding, "domain", "live");
    vt_finding_add_change(finding, "domain", "power-cycle");
    assert_ptr_equal(vt_finding_domain_change(finding), first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_device_order),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_domain_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
