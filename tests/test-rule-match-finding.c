/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a finding is of and says: devices, rows, what is pending, gains and changes. */
#include "config.h"

#include <math.h>

#include "vt-test-match.h"

static void test_devices(void **state)
{
    g_auto(Case) c = {.profile = busy()};
    const VtFinding *finding;

    c.rule = test_rule(EACH_E1000 SYMPTOM);
    c.domain = test_domain("<devices>"
                           "<interface type='network'><mac address='52:54:00:00:00:0B'/><model "
                           "type='e1000'/></interface>"
                           "<interface type='network'><mac address='52:54:00:00:00:02'/><model "
                           "type='virtio'/></interface>"
                           "<interface type='network'><mac address='52:54:00:00:00:0a'/><model "
                           "type='e1000'/></interface>"
                           "</devices>",
                           NULL);
    finding = match(&c);
    assert_int_equal(c.findings->len, 2);
    assert_string_equal(finding->device, "52:54:00:00:00:0a");
    assert_string_equal(finding->device_element, "interface");
    assert_string_equal(finding->now,
                        "<interface type=\"network\"><mac address=\"52:54:00:00:00:0a\"/><model "
                        "type=\"e1000\"/></interface>");
    assert_string_equal(((const VtFinding *)g_ptr_array_index(c.findings, 1))->device,
                        "52:54:00:00:00:0b");
}

/* The same question has an answer for each device. */
static void test_devices_apart(void **state)
{
    g_auto(Case) c = {.profile = busy()};

    c.rule = test_rule("<each select='devices/interface'/>" SYMPTOM
                       "<satisfied test=\"model/@type='virtio'\"/>");
    c.domain = test_domain("<devices>"
                           "<interface type='network'><mac address='52:54:00:00:00:01'/><model "
                           "type='e1000'/></interface>"
                           "<interface type='network'><mac address='52:54:00:00:00:02'/><model "
                           "type='virtio'/></interface>"
                           "</devices>",
                           NULL);
    match(&c);
    assert_int_equal(c.findings->len, 2);
    assert_int_equal(finding_of(&c, "52:54:00:00:00:01")->verdict, VT_VERDICT_ADVISE);
    assert_int_equal(finding_of(&c, "52:54:00:00:00:02")->verdict, VT_VERDICT_SATISFIED);
}

static void test_no_device(void **state)
{
    g_auto(Case) c = {.profile = busy(), .rule = test_rule(EACH_E1000 SYMPTOM)};

    assert_verdict(&c, VT_VERDICT_NOT_APPLICABLE, "no such device");
    assert_int_equal(c.findings->len, 1);
}

/* What the definition says is what the next start brings. */
static void test_pending(void **state)
{
    static const char body[] = EACH_E1000 SYMPTOM "<satisfied test=\"model/@type='virtio'\"/>"
                                                  "<guard why='G'><domain test='name'/></guard>";
    g_auto(Case) pending = {.profile = busy(),
                            .rule = test_rule(body),
                            .domain = test_domain(NIC("e1000"), NIC("virtio"))};
    g_auto(Case) same = {.profile = busy(),
                         .rule = test_rule(body),
                         .domain = test_domain(NIC("e1000"), NIC("e1000"))};
    g_auto(Case) gone = {.profile = busy(),
                         .rule = test_rule(body),
                         .domain = test_domain(NIC("e1000"), "<devices/>")};

    assert_verdict(&pending, VT_VERDICT_SATISFIED, "takes effect at the next power cycle");
    assert_true(match(&pending)->pending);
    assert_verdict(&gone, VT_VERDICT_SATISFIED, "no longer has this device");
    assert_true(match(&gone)->pending);
    assert_verdict(&same, VT_VERDICT_ADVISE, "exit.mmio");
    assert_false(match(&same)->pending);
}

static void test_pending_whole_domain(void **state)
{
    g_auto(Case) c = {.profile = busy(),
                      .rule = test_rule(SYMPTOM "<satisfied test=\"features/apic/@eoi='on'\"/>")};

    c.domain = test_domain("<features><apic eoi='off'/></features>",
                           "<features><apic eoi='on'/></features>");
    assert_verdict(&c, VT_VERDICT_SATISFIED, "next power cycle");
    assert_true(match(&c)->pending);
}

/* A guard is looked for in the definition, too, but not where what it asks is of the running domain. */
static void test_guard_of_definition(void **state)
{
    static const struct {
        const char *guard;
        VtVerdict verdict;
    } guards[] = {
        {"<domain test='cputune'/>", VT_VERDICT_BLOCKED},
        {"<all><domain test='cputune'/><host fact='smt' is='on'/></all>", VT_VERDICT_BLOCKED},
        {"<all><domain test='cputune'/><not><version of='qemu' below='7.0'/></not></all>", VT_VERDICT_BLOCKED},
        {"<all><domain test='cputune'/><host fact='domain.pinning' is='none'/></all>", VT_VERDICT_ADVISE},
        {"<all><domain test='cputune'/><not><host fact='domain.pinning' is='shared'/></not></all>", VT_VERDICT_ADVISE},
        {"<all><domain test='cputune'/><host fact='overcommit' is='Y'/></all>", VT_VERDICT_ADVISE},
        {"<all><domain test='cputune'/><rate metric='exit.mmio' above='1000'/></all>", VT_VERDICT_ADVISE},
        {"<all><domain test='cputune'/><measured metric='exit.mmio'/></all>", VT_VERDICT_ADVISE},
        /* One of several suffices. */
        {"<host fact='domain.pinning' is='shared'/><domain test='cputune'/>", VT_VERDICT_BLOCKED},
    };

    for (guint i = 0; i < G_N_ELEMENTS(guards); i++) {
        g_autofree char *body = g_strdup_printf(SYMPTOM "<guard why='G.'>%s</guard>", guards[i].guard);
        g_auto(Case) c = {.profile = busy(),
                          .rule = test_rule(body),
                          .host = vt_host_new(),
                          .domain = test_domain("", "<cputune/>")};

        vt_host_set(c.host, "smt", "on");
        vt_host_set(c.host, "overcommit", "Y");
        vt_host_set(c.host, "qemu.version", "7002000");
        g_hash_table_insert(vt_host_add_domain(c.host, TEST_UUID, "d", 1)->facts, g_strdup("pinning"),
                            g_strdup("none"));
        assert_verdict(&c, guards[i].verdict,
                       guards[i].verdict == VT_VERDICT_BLOCKED ? "G. The domain's definition says so" : "exit.mmio");
    }
}

/* A change of the host does not wait for the domain's definition. */
static void test_gone_matters_to_domain_changes(void **state)
{
    g_auto(Case) c = {.profile = busy(), .domain = test_domain(NIC("e1000"), "<devices/>")};

    c.rule = test_rule_full(
        "test", "",
        "<risk>K</risk><change target='host' effect='live'><command>x</command></change>" EACH_E1000
            SYMPTOM);
    assert_verdict(&c, VT_VERDICT_ADVISE, "exit.mmio");
}

/* Guest drivers. */

static void test_guest(void **state)
{
    g_auto(Case)
        c = {.profile = busy(),
             .rule = test_rule(SYMPTOM "<require><guest supports='virtio-net'/></require>"),
             .domain = test_domain("", NULL)};

    assert_verdict(&c, VT_VERDICT_ADVISE, "exit.mmio");
    assert_true(match(&c)->guest_driver_unknown);
    c.assume = TRUE;
    assert_verdict(&c, VT_VERDICT_ADVISE, "exit.mmio");
    assert_false(match(&c)->guest_driver_unknown);
    c.assume = FALSE;
    c.domain->guest.drivers_known = TRUE;
    assert_verdict(&c, VT_VERDICT_NOT_APPLICABLE, "the guest has no driver for virtio-net");
    g_hash_table_add(c.domain->guest.supports, g_strdup("virtio-net"));
    assert_verdict(&c, VT_VERDICT_ADVISE, "exit.mmio");
    assert_false(match(&c)->guest_driver_unknown);
}

/* Rows. */

static VtRule *irq_rule(void)
{
    return test_rule_full("test", "",
                          "<risk>K</risk><change target='host' effect='live'><command undo='u "
                          "{irq}'>c {irq}</command>"
                          "</change><each in='host-irqs-on-vcpus'/>"
                          "<symptom><row field='rate' above='200'/></symptom>"
                          "<guard why='Managed.'><row field='managed' is='Y'/></guard>"
                          "<gain metric='irq.*' share='1' to='kernel' basis='B'/>");
}

static void test_rows(void **state)
{
    g_auto(Case) c = {.rule = irq_rule(), .host = vt_host_new()};
    const VtFinding *finding;
    VtHostIrq *irq;

    c.profile = test_profile(3, "irq", "irq.24 500 500 500", "irq.9 10 10 10", "irq.30 900 900 900",
                             "irq.31 0 0 0", "irq.40 300 300 300", "irq.LOC 9999 9999 9999", NULL);
    irq = vt_host_add_irq(c.host, "24", "eth0-rx-0");
    irq->affinity = vt_cpus_parse("0-3", NULL);
    irq->managed = VT_NO;
    vt_host_add_irq(c.host, "9", "acpi")->managed = VT_NO;
    vt_host_add_irq(c.host, "30", "nvme0q1")->managed = VT_YES;

    finding = match(&c);
    assert_int_equal(c.findings->len, 4);
    assert_int_equal(finding->verdict, VT_VERDICT_ADVISE);
    assert_string_equal(finding->device, "irq 24");
    assert_null(finding->device_element);
    assert_string_equal(finding->now, "eth0-rx-0, CPUs 0-3");
    assert_int_equal(finding->confidence, VT_CONFIDENCE_CONFIRMED);
    /* Its own 500, not the sum of all: 500 * 430 ns at least. */
    assert_true(finding->has_gain && fabs(finding->gain.low_pct - 0.0215) < 1e-9);
    assert_int_equal(finding_of(&c, "irq 9")->verdict, VT_VERDICT_QUIET);
    assert_int_equal(finding_of(&c, "irq 30")->verdict, VT_VERDICT_BLOCKED);
    assert_string_equal(finding_of(&c, "irq 30")->reason, "Managed.");
    assert_int_equal(finding_of(&c, "irq 40")->verdict, VT_VERDICT_UNKNOWN);
}

static void test_no_rows(void **state)
{
    g_auto(Case)
        none = {.rule = irq_rule(), .profile = test_profile(3, "irq", "irq.24 0 0 0", NULL)};
    g_auto(Case) unmeasured = {.rule = irq_rule(), .profile = busy()};
    g_auto(Case) unsampled = {.rule = irq_rule()};

    assert_verdict(&none, VT_VERDICT_NOT_APPLICABLE, "No interrupt of a host device");
    assert_verdict(&unmeasured, VT_VERDICT_UNKNOWN, "the host's interrupts were not measured");
    assert_verdict(&unsampled, VT_VERDICT_UNKNOWN, "the host's interrupts were not measured");
    /* What does not look at rows may decide without them. */
    vt_rule_free(unmeasured.rule);
    unmeasured.rule = test_rule_full(
        "test", "",
        "<risk>K</risk><change target='host' effect='live'><command>c</command></change>"
        "<each in='host-irqs-on-vcpus'/><symptom><row field='rate' above='200'/></symptom>"
        "<require><domain test='nothing'/></require>");
    assert_verdict(&unmeasured, VT_VERDICT_NOT_APPLICABLE, "A requirement is not met");
    assert_null(match(&unmeasured)->device);
}

/* Gains. */

static void test_gain(void **state)
{
    static const char body[] = SYMPTOM
        "<gain metric='exit.mmio' share='0.5' to='user' basis='Because.'/>";
    g_auto(Case) c = {.rule = test_rule(body), .profile = busy()};
    VtGain expected = vt_cost_gain(c.profile, NULL, 30000, 0.5, VT_TO_USER);
    const VtFinding *finding = match(&c);

    assert_true(finding->has_gain);
    assert_false(finding->gain.measured);
    assert_true(finding->gain.low_pct == expected.low_pct &&
                finding->gain.high_pct == expected.high_pct);
    assert_string_equal(finding->gain_basis, "Because.");

    vt_profile_add_time(c.profile, "exit.mmio",
                        90000 * 1000); /* 1 us each: 3 % of the vCPU, half of it gained */
    finding = match(&c);
    assert_true(finding->gain.measured && fabs(finding->gain.high_pct - 1.5) < 1e-9);
}

static void test_gain_of_sum(void **state)
{
    static const char body[] = SYMPTOM
        "<gain metric='exit.mmio exit.io' share='1' to='kernel' basis='B'/>";
    g_auto(Case) c = {.rule = test_rule(body)};
    VtGain expected;

    c.profile = test_profile(3, "exit", "exit.mmio 30000 30000 30000", "exit.io 10000 10000 10000",
                             NULL);
    expected = vt_cost_gain(c.profile, NULL, 40000, 1, VT_TO_KERNEL);
    assert_true(match(&c)->has_gain && match(&c)->gain.high_pct == expected.high_pct);
}

/* Of several the first that is meant for this domain. */
static void test_gain_of_kind(void **state)
{
    static const char body[] = SYMPTOM
        "<gain if='/domain/devices/disk' metric='exit.mmio' share='1' to='user' basis='A'/>"
        "<gain if='/domain/name' metric='exit.mmio' share='0.5' to='kernel' basis='B'/>"
        "<gain metric='exit.mmio' share='1' to='user' basis='C'/>";
    static const char none[] = SYMPTOM
        "<gain if='/domain/devices/disk' metric='exit.mmio' share='1' to='user' basis='A'/>";
    g_auto(Case) c = {.rule = test_rule(body), .profile = busy()};
    g_auto(Case) without = {.rule = test_rule(none), .profile = busy()};
    VtGain expected = vt_cost_gain(c.profile, NULL, 30000, 0.5, VT_TO_KERNEL);

    assert_string_equal(match(&c)->gain_basis, "B");
    assert_true(match(&c)->gain.high_pct == expected.high_pct);
    assert_int_equal(match(&without)->verdict, VT_VERDICT_ADVISE);
    assert_false(match(&without)->has_gain);
}

/* Of several that are meant for it the first that was measured. */
static void test_gain_of_measured(void **state)
{
    static const char body[] =
        SYMPTOM "<gain if='/domain/name' metric='pio.0x1f7' share='1' to='user' basis='A'/>"
                "<gain metric='exit.mmio' share='0.5' to='user' basis='B'/>";
    g_auto(Case) c = {.rule = test_rule(body), .profile = busy()};

    assert_string_equal(match(&c)->gain_basis, "B");
    vt_profile_set_covers(c.profile, "pio");
    assert_string_equal(match(&c)->gain_basis, "A");
}

/* A difference is known where both of its sides are, and never below zero. */
static void test_gain_minus(void **state)
{
    static const char body[] =
        SYMPTOM "<gain metric='kvm.insn_emulation' minus='kvm.mmio_exits' share='0.5' "
                "to='kernel' basis='B'/>";
    g_auto(Case) c = {.rule = test_rule(body)}, half = {.rule = test_rule(body)};
    g_auto(Case) below = {.rule = test_rule(body)};
    VtGain expected;

    c.profile = test_profile(3, "exit", "exit.mmio 30000 30000 30000",
                             "kvm.insn_emulation 9000 9000 9000", "kvm.mmio_exits 2000 2000 2000",
                             NULL);
    expected = vt_cost_gain(c.profile, NULL, 7000, 0.5, VT_TO_KERNEL);
    assert_true(match(&c)->has_gain && match(&c)->gain.high_pct == expected.high_pct);
    half.profile = test_profile(3, "exit", "exit.mmio 30000 30000 30000",
                                "kvm.insn_emulation 9000 9000 9000", NULL);
    assert_int_equal(match(&half)->verdict, VT_VERDICT_ADVISE);
    assert_false(match(&half)->has_gain);
    below.profile = test_profile(3, "exit", "exit.mmio 30000 30000 30000",
                                 "kvm.insn_emulation 10 10 10", "kvm.mmio_exits 20 20 20", NULL);
    assert_true(match(&below)->has_gain && match(&below)->gain.high_pct == 0);
}

static void test_gain_unknown(void **state)
{
    static const char body[] = SYMPTOM
        "<gain metric='msr.write.0x80b' share='1' to='kernel' basis='B'/>";
    g_auto(Case) c = {.rule = test_rule(body), .profile = busy()};

    assert_int_equal(match(&c)->verdict, VT_VERDICT_ADVISE);
    assert_false(match(&c)->has_gain);
}

/* Changes. */

static void test_changes(void **state)
{
    g_auto(Case) c = {.profile = busy(), .host = vt_host_new()};
    const VtFinding *finding;
    const VtFindingChange *change;
    const VtEvidence *need;

    vt_host_set(c.host, "vhost-net", "N");
    c.rule = test_rule_full(
        "test", "",
        "<risk>K</risk><change target='domain' effect='power-cycle'><needs host='vhost-net' "
        "is='Y'/>"
        "<needs host='hugepages.free' above='0'/><remove sel='.'/></change>"
        "<change target='host' effect='module-reload'><text>Do it.</text>"
        "<command undo='undo'>do</command><command>again</command></change>" SYMPTOM);
    finding = match(&c);
    assert_int_equal(finding->verdict, VT_VERDICT_ADVISE);
    assert_int_equal(finding->changes->len, 2);
    change = g_ptr_array_index(finding->changes, 0);
    assert_string_equal(change->target, "domain");
    assert_string_equal(change->effect, "power-cycle");
    assert_null(change->diff);
    assert_int_equal(change->needs->len, 2);
    need = g_ptr_array_index(change->needs, 0);
    assert_string_equal(need->part, "needs");
    assert_int_equal(need->outcome, VT_NO);
    assert_int_equal(((const VtEvidence *)g_ptr_array_index(change->needs, 1))->outcome,
                     VT_UNKNOWN);
    change = g_ptr_array_index(finding->changes, 1);
    assert_string_equal(change->text, "Do it.");
    assert_string_equal(g_ptr_array_index(change->commands, 0), "do");
    assert_string_equal(g_ptr_array_index(change->undo, 0), "undo");
    assert_string_equal(g_ptr_array_index(change->commands, 1), "again");
    assert_null(g_ptr_array_index(change->undo, 1));
}

static int teardown(void **state)
{
    test_schema_free();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_devices),
        cmocka_unit_test(test_devices_apart),
        cmocka_unit_test(test_no_device),
        cmocka_unit_test(test_pending),
        cmocka_unit_test(test_pending_whole_domain),
        cmocka_unit_test(test_guard_of_definition),
        cmocka_unit_test(test_gone_matters_to_domain_changes),
        cmocka_unit_test(test_guest),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_no_rows),
        cmocka_unit_test(test_gain),
        cmocka_unit_test(test_gain_of_sum),
        cmocka_unit_test(test_gain_of_kind),
        cmocka_unit_test(test_gain_of_measured),
        cmocka_unit_test(test_gain_minus),
        cmocka_unit_test(test_gain_unknown),
        cmocka_unit_test(test_changes),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
