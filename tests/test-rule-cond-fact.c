/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Host facts, rows of interrupts, the domain's XML and its guest OS as conditions. */
#include "config.h"

#include "vt-test-rule.h"

static VtHost *host(void)
{
    VtHost *facts = vt_host_new();
    VtHostDomain *domain = vt_host_add_domain(facts, TEST_UUID, "d", 2);

    vt_host_set(facts, "kvm.backend", "vmx");
    vt_host_set(facts, "kvm.apicv", "N");
    vt_host_set(facts, "kvm.halt_poll_ns", "200000");
    vt_host_set(facts, "cpu.flags", "fpu vmx apicv_x ept");
    vt_host_set(facts, "cpus.isolated", "");
    vt_host_set(facts, "kvm_intel.ple_gap", "-1");
    g_hash_table_insert(domain->facts, g_strdup("vhost-threads"), g_strdup("2"));
    return facts;
}

static const struct {
    const char *leaf;
    VtTri outcome;
    const char *detail;
} facts[] = {
    {"<host fact='kvm.backend' is='vmx'/>", VT_YES, "kvm.backend is vmx"},
    {"<host fact='kvm.backend' is='svm|vmx'/>", VT_YES, "kvm.backend is vmx"},
    {"<host fact='kvm.backend' is='svm|vm'/>", VT_NO, "kvm.backend is vmx, not svm|vm"},
    {"<host fact='kvm.backend' is='v*'/>", VT_YES, "kvm.backend is vmx"},
    {"<host fact='kvm.backend' is='vmxx|*x'/>", VT_NO, "kvm.backend is vmx, not vmxx|*x"},
    {"<host fact='kvm.apicv' is='Y'/>", VT_NO, "kvm.apicv is N, not Y"},
    {"<host fact='cpus.isolated' is=''/>", VT_YES, "cpus.isolated is empty"},
    {"<host fact='cpus.isolated' is='0-3'/>", VT_NO, "cpus.isolated is empty, not 0-3"},
    {"<host fact='kvm.backend' is=''/>", VT_NO, "kvm.backend is vmx, not "},
    {"<host fact='cpu.flags' has='vmx'/>", VT_YES, "cpu.flags has vmx"},
    {"<host fact='cpu.flags' has='apicv'/>", VT_NO, "cpu.flags does not have apicv"},
    {"<host fact='kvm.halt_poll_ns' above='50000'/>", VT_YES,
     "kvm.halt_poll_ns is 200,000, above 50,000"},
    {"<host fact='kvm.halt_poll_ns' above='200000'/>", VT_NO,
     "kvm.halt_poll_ns is 200,000, not above 200,000"},
    {"<host fact='kvm_intel.ple_gap' below='1'/>", VT_YES, "kvm_intel.ple_gap is -1, below 1"},
    {"<host fact='kvm.backend' above='1'/>", VT_UNKNOWN,
     "kvm.backend is \"vmx\", which is not a number"},
    {"<host fact='domain.vhost-threads' above='0'/>", VT_YES, "domain.vhost-threads is 2, above 0"},
    {"<host fact='domain.pinning' is='none'/>", VT_UNKNOWN, "domain.pinning is not known"},
    {"<host fact='overcommit' is='Y'/>", VT_UNKNOWN, "overcommit is not known"},
};

static void test_host(void **state)
{
    g_autoptr(VtHost) known = host();

    for (guint i = 0; i < G_N_ELEMENTS(facts); i++) {
        g_auto(TestEval) eval = {0};
        const VtEvidence *evidence;

        test_eval(&eval, facts[i].leaf, NULL, NULL, known);
        evidence = test_evidence(&eval, 0);
        if (eval.outcome != facts[i].outcome)
            fail_msg("%s: outcome %d", facts[i].leaf, eval.outcome);
        assert_string_equal(evidence->detail, facts[i].detail);
        assert_string_equal(evidence->kind, "host");
    }
}

static void test_host_values(void **state)
{
    g_autoptr(VtHost) known = host();
    g_auto(TestEval) eval = {0};

    test_eval(&eval,
              "<host fact='kvm.halt_poll_ns' above='1' below='300000'/><host fact='kvm.backend' "
              "is='svm'/>"
              "<host fact='cpu.flags' has='vmx'/>",
              NULL, NULL, known);
    assert_true(test_evidence(&eval, 0)->has_value && test_evidence(&eval, 0)->value == 200000);
    assert_true(test_evidence(&eval, 0)->threshold == 1);
    assert_string_equal(test_evidence(&eval, 1)->text_value, "vmx");
    assert_string_equal(test_evidence(&eval, 2)->text_value, "vmx");
    assert_false(eval.context.any_measured_hit);
}

static void assert_remedy(const char *fact, const VtDomain *domain, const VtHost *known,
                          const char *part)
{
    g_autofree char *leaf = g_strdup_printf("<host fact='%s' is='Y'/>", fact);
    g_auto(TestEval) eval = {0};

    test_eval(&eval, leaf, domain, NULL, known);
    assert_int_equal(eval.outcome, VT_UNKNOWN);
    if (!strstr(test_evidence(&eval, 0)->remedy, part))
        fail_msg("%s", test_evidence(&eval, 0)->remedy);
}

static void test_host_remedies(void **state)
{
    g_autoptr(VtHost) local = vt_host_new(), remote = vt_host_new();
    g_autoptr(VtDomain) off = vt_domain_new(NULL, NULL);

    assert_true(vt_domain_set_xml(off, NULL, test_xml(""), "d.xml", NULL));
    vt_host_set(remote, "uri.remote", "Y");
    assert_remedy("overcommit", NULL, NULL, "--host");
    assert_remedy("overcommit", NULL, remote, "on the host itself");
    assert_remedy("overcommit", NULL, local, "as root");
    assert_remedy("domain.pinning", NULL, local, "as root");
    assert_remedy("domain.pinning", off, local, "start the domain");
    assert_remedy("overcommit", off, local, "as root");
}

/* Versions. */

static const struct {
    const char *leaf;
    VtTri outcome;
    const char *detail;
} versions[] = {
    {"<version of='libvirt' at-least='8.10'/>", VT_YES, "libvirt is 8.10.0, at least 8.10.0"},
    {"<version of='libvirt' at-least='8.10.1'/>", VT_NO, "libvirt is 8.10.0, not at least 8.10.1"},
    {"<version of='libvirt' at-least='8.9'/>", VT_YES, "libvirt is 8.10.0, at least 8.9.0"},
    {"<version of='libvirt' below='8.10'/>", VT_NO, "libvirt is 8.10.0, not below 8.10.0"},
    {"<version of='libvirt' below='9'/>", VT_YES, "libvirt is 8.10.0, below 9.0.0"},
    {"<version of='kernel' at-least='6.1' below='6.2'/>", VT_YES,
     "kernel is 6.1.99, at least 6.1.0 and below 6.2.0"},
    {"<version of='kernel' at-least='5.1' below='6.1'/>", VT_NO,
     "kernel is 6.1.99, not at least 5.1.0 and below 6.1.0"},
    {"<version of='qemu' at-least='0'/>", VT_UNKNOWN, "the version of qemu is not known"},
};

static void test_version(void **state)
{
    g_autoptr(VtHost) known = vt_host_new();

    vt_host_set(known, "libvirt.version", "8010000");
    vt_host_set(known, "kernel.version", "6001099");
    for (guint i = 0; i < G_N_ELEMENTS(versions); i++) {
        g_auto(TestEval) eval = {0}, blind = {0};
        const VtEvidence *evidence;

        test_eval(&eval, versions[i].leaf, NULL, NULL, known);
        evidence = test_evidence(&eval, 0);
        if (eval.outcome != versions[i].outcome)
            fail_msg("%s: outcome %d", versions[i].leaf, eval.outcome);
        assert_string_equal(evidence->detail, versions[i].detail);
        assert_string_equal(evidence->kind, "version");
        if (eval.outcome == VT_UNKNOWN)
            assert_non_null(evidence->remedy);
        else
            assert_non_null(evidence->text_value);
        test_eval(&blind, versions[i].leaf, NULL, NULL, NULL);
        assert_int_equal(blind.outcome, VT_UNKNOWN);
        assert_non_null(strstr(test_evidence(&blind, 0)->remedy, "--host"));
    }
    vt_host_set(known, "qemu.version", "new");
    {
        g_auto(TestEval) eval = {0};

        test_eval(&eval, "<version of='qemu' at-least='0'/>", NULL, NULL, known);
        assert_int_equal(eval.outcome, VT_UNKNOWN);
    }
}

/* Rows. */

typedef struct {
    const char *leaf;
    VtTri outcome;
    const char *detail;
} RowCase;

static void assert_row(const RowCase *expected, const VtHostIrq *irq, const VtProfile *profile)
{
    g_autofree char *body = g_strdup_printf("<each in='host-irqs-on-vcpus'/><symptom>%s</symptom>",
                                            expected->leaf);
    g_autoptr(VtRule) rule = test_rule(body);
    g_autoptr(VtDomain) domain = test_domain("", NULL);
    g_autoptr(VtRuleMeasure) measure = vt_rule_measure_new(profile);
    g_autoptr(GPtrArray)
        evidence = g_ptr_array_new_with_free_func((GDestroyNotify)vt_evidence_free);
    VtCondContext context = {.domain = domain,
                             .profile = profile,
                             .measure = measure,
                             .irq = irq,
                             .part = "symptom",
                             .evidence = evidence};

    if (vt_rule_cond_eval(rule->symptom, &context, 0) != expected->outcome)
        fail_msg("%s", expected->leaf);
    assert_string_equal(((const VtEvidence *)g_ptr_array_index(evidence, 0))->detail,
                        expected->detail);
    if (strstr(expected->leaf, "rate") && expected->outcome == VT_YES)
        assert_true(context.any_specific_hit);
}

static void test_rows(void **state)
{
    static const RowCase cases[] = {
        {"<row field='irq' is='24'/>", VT_YES, "irq is 24"},
        {"<row field='irq' above='16'/>", VT_YES, "irq is 24, above 16"},
        {"<row field='device' is='eth*|nvme*'/>", VT_YES, "device is eth0-rx-0"},
        {"<row field='device' is='eth0'/>", VT_NO, "device is eth0-rx-0, not eth0"},
        {"<row field='affinity' is='0-3'/>", VT_YES, "affinity is 0-3"},
        {"<row field='managed' is='Y'/>", VT_NO, "managed is N, not Y"},
        {"<row field='rate' above='200'/>", VT_YES, "irq.24 is 500/s per vCPU, above 200"},
        {"<row field='rate' above='500'/>", VT_NO, "irq.24 is 500/s per vCPU, not above 500"},
    };
    static const RowCase unknown[] = {
        {"<row field='device' is='eth0'/>", VT_UNKNOWN, "device of the interrupt is not known"},
        {"<row field='affinity' is='0'/>", VT_UNKNOWN, "affinity of the interrupt is not known"},
        {"<row field='managed' is='Y'/>", VT_UNKNOWN, "managed of the interrupt is not known"},
        {"<row field='rate' above='200'/>", VT_UNKNOWN, "irq.25 was not measured"},
    };
    g_autoptr(VtProfile) profile = test_profile(3, "", "irq.24 500 400 600", NULL);
    g_autoptr(VtHost) known = vt_host_new();
    VtHostIrq *irq = vt_host_add_irq(known, "24", "eth0-rx-0");
    const VtHostIrq bare = {.irq = (char *)"25", .managed = VT_UNKNOWN};

    irq->affinity = vt_cpus_parse("0-3", NULL);
    irq->managed = VT_NO;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_row(&cases[i], irq, profile);
    for (guint i = 0; i < G_N_ELEMENTS(unknown); i++)
        assert_row(&unknown[i], &bare, profile);
    assert_row(&(const RowCase){"<row field='managed' is='Y'/>", VT_UNKNOWN,
                                "the host's interrupts were not measured"},
               NULL, profile);
    irq->managed = VT_YES;
    assert_row(&(const RowCase){"<row field='managed' is='Y'/>", VT_YES, "managed is Y"}, irq,
               profile);
}

/* The domain's XML. */

static void test_domain_xml(void **state)
{
    g_autoptr(VtDomain) domain = test_domain("<features><apic eoi='off'/></features>", NULL);
    g_auto(TestEval) eval = {0};

    test_eval(&eval,
              "<domain test=\"features/apic/@eoi='off'\"/><domain test=\"/domain/@type='qemu'\"/>",
              domain, NULL, NULL);
    assert_int_equal(eval.outcome, VT_NO);
    assert_int_equal(test_evidence(&eval, 0)->outcome, VT_YES);
    assert_string_equal(test_evidence(&eval, 0)->detail,
                        "the XML matches features/apic/@eoi='off'");
    assert_int_equal(test_evidence(&eval, 1)->outcome, VT_NO);
    assert_string_equal(test_evidence(&eval, 1)->subject, "/domain/@type='qemu'");
}

/* An expression that does not end is no answer. */
static void test_domain_explosive(void **state)
{
    g_autoptr(GString) body = g_string_new(NULL);
    g_autoptr(VtDomain) domain = NULL;
    g_auto(TestEval) eval = {0};

    for (guint i = 0; i < 300; i++)
        g_string_append(body, "<a/>");
    domain = test_domain(body->str, NULL);
    test_eval(&eval,
              "<domain test='count(//*[count(//*[count(//*[count(//*) = 1]) = 1]) = 1]) = 1'/>",
              domain, NULL, NULL);
    assert_int_equal(eval.outcome, VT_UNKNOWN);
    assert_non_null(strstr(test_evidence(&eval, 0)->detail, "too many steps"));
    assert_non_null(test_evidence(&eval, 0)->remedy);
}

/* The guest. */

static VtDomain *guest(const char *family, const char *driver)
{
    VtDomain *domain = test_domain("", NULL);

    domain->guest.family = g_strdup(family);
    domain->guest.os_name = family ? g_strdup("Some OS") : NULL;
    domain->guest.drivers_known = driver != NULL;
    if (driver && *driver)
        g_hash_table_add(domain->guest.supports, g_strdup(driver));
    return domain;
}

/* How <guest supports='virtio-net'/> in a requirement, and its negation, turn out. */
static void assert_supports(VtDomain *domain, gboolean assume, VtTri leaf, VtTri soft,
                            VtTri negated, gboolean marked)
{
    g_autoptr(VtDomain) owned = domain;
    g_auto(TestEval) eval = {0}, not = {0};

    test_eval(&eval, "<guest supports='virtio-net'/>", domain, NULL, NULL);
    eval.context.soft_guest = TRUE;
    eval.context.assume_guest_drivers = assume;
    eval.context.guest_unknown = FALSE;
    assert_int_equal(vt_rule_cond_eval(eval.rule->symptom, &eval.context, 0), soft);
    assert_int_equal(test_evidence(&eval, 1)->outcome, leaf);
    assert_int_equal(test_evidence(&eval, 1)->remedy != NULL, leaf == VT_UNKNOWN);
    assert_int_equal(eval.context.guest_unknown, marked);

    test_eval(&not, "<not><guest supports='virtio-net'/></not>", domain, NULL, NULL);
    not .context.soft_guest = TRUE;
    not .context.assume_guest_drivers = assume;
    assert_int_equal(vt_rule_cond_eval(not .rule->symptom, &not .context, 0), negated);
    assert_true(not .context.soft_guest);
}

static void test_guest_supports(void **state)
{
    assert_supports(guest("linux", "virtio-net"), FALSE, VT_YES, VT_YES, VT_NO, FALSE);
    assert_supports(guest("linux", "virtio1.0-net"), FALSE, VT_YES, VT_YES, VT_NO, FALSE);
    assert_supports(guest("linux", "virtio-block"), FALSE, VT_NO, VT_NO, VT_YES, FALSE);
    assert_supports(guest("linux", ""), FALSE, VT_NO, VT_NO, VT_YES, FALSE);
    /* Unknown: soft, but not when negated. */
    assert_supports(guest(NULL, NULL), FALSE, VT_UNKNOWN, VT_YES, VT_UNKNOWN, TRUE);
    assert_supports(guest("linux", NULL), FALSE, VT_UNKNOWN, VT_YES, VT_UNKNOWN, TRUE);
    assert_supports(guest(NULL, NULL), TRUE, VT_YES, VT_YES, VT_NO, FALSE);
    /* What is known is not assumed away. */
    assert_supports(guest("linux", ""), TRUE, VT_NO, VT_NO, VT_YES, FALSE);
}

static void test_guest_supports_hard(void **state)
{
    g_auto(TestEval) eval = {0};

    test_eval(&eval, "<guest supports='virtio-net'/>", NULL, NULL, NULL);
    assert_int_equal(eval.outcome, VT_UNKNOWN);
    assert_non_null(strstr(test_evidence(&eval, 0)->remedy, "--assume-guest-drivers"));
}

static void assert_os(VtDomain *domain, const char *os, VtTri outcome)
{
    g_autoptr(VtDomain) owned = domain;
    g_autofree char *leaf = g_strdup_printf("<guest os='%s'/>", os);
    g_auto(TestEval) eval = {0};

    test_eval(&eval, leaf, domain, NULL, NULL);
    assert_int_equal(eval.outcome, outcome);
    assert_string_equal(test_evidence(&eval, 0)->subject, os);
}

static void test_guest_os(void **state)
{
    assert_os(guest("linux", NULL), "linux", VT_YES);
    assert_os(guest("linux", NULL), "freebsd|linux", VT_YES);
    assert_os(guest("linux", NULL), "windows", VT_NO);
    assert_os(guest("winnt", NULL), "windows", VT_YES);
    assert_os(guest("win9x", NULL), "linux|windows", VT_YES);
    assert_os(guest("winnt", NULL), "winnt", VT_YES);
    assert_os(guest("winnt", NULL), "linux", VT_NO);
    assert_os(guest(NULL, NULL), "linux", VT_UNKNOWN);
}

static int teardown(void **state)
{
    test_schema_free();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_host),           cmocka_unit_test(test_host_values),
        cmocka_unit_test(test_host_remedies),
        cmocka_unit_test(test_version),  cmocka_unit_test(test_rows),
        cmocka_unit_test(test_domain_xml),     cmocka_unit_test(test_domain_explosive),
        cmocka_unit_test(test_guest_supports), cmocka_unit_test(test_guest_supports_hard),
        cmocka_unit_test(test_guest_os),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
