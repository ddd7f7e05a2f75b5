/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verdicts in their order, the floor, confidences, pairing of devices, rows, gains and changes. */
#include "config.h"

#include <math.h>

#include "rule/rule-match.h"
#include "vt-test-rule.h"

#define NIC(model)                                                                                 \
    "<devices><interface type='network'><mac address='52:54:00:00:00:01'/><model type='" model     \
    "'/></interface></devices>"
#define EACH_E1000 "<each select=\"devices/interface[model/@type='e1000']\"/>"
#define SYMPTOM "<symptom><rate metric='exit.mmio' above='1000'/></symptom>"

/* The input and the findings of one rule. */
typedef struct {
    VtRule *rule;
    VtDomain *domain;
    VtProfile *profile;
    VtHost *host;
    gboolean assume;
    GPtrArray *findings;
} Case;

static void case_clear(Case *c)
{
    vt_rule_free(c->rule);
    vt_domain_unref(c->domain);
    vt_profile_unref(c->profile);
    vt_host_unref(c->host);
    g_clear_pointer(&c->findings, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Case, case_clear)

/* Busy, and far above the symptom's threshold. */
static VtProfile *busy(void)
{
    return test_profile(3, "exit", "exit.mmio 30000 30000 30000", "exit.hlt 500 500 500", NULL);
}

/* A brief match says the same of every device, only with fewer words. */
static void assert_brief_agrees(const Case *c, VtMatchInput input)
{
    g_autoptr(GPtrArray) brief = NULL;

    input.brief = TRUE;
    brief = vt_rule_match_one(NULL, c->rule, &input);
    assert_int_equal(brief->len, c->findings->len);
    for (guint i = 0; i < brief->len; i++) {
        const VtFinding *a = g_ptr_array_index(brief, i);
        const VtFinding *b = g_ptr_array_index(c->findings, i);
        const gboolean shown = a->verdict == VT_VERDICT_ADVISE || a->verdict == VT_VERDICT_NOTE ||
                               a->verdict == VT_VERDICT_UNKNOWN;

        assert_int_equal(a->verdict, b->verdict);
        assert_int_equal(a->confidence, b->confidence);
        assert_int_equal(a->pending, b->pending);
        if (b->verdict == VT_VERDICT_BLOCKED)
            assert_int_equal(a->no_symptom, b->no_symptom);
        assert_int_equal(a->changes->len, b->changes->len);
        assert_int_equal(a->evidence->len, shown ? b->evidence->len : 0);
        assert_true(g_strcmp0(a->device, b->device) == 0);
        assert_string_equal(a->title, b->title);
        assert_non_null(a->reason);
        if (shown)
            assert_string_equal(a->reason, b->reason);
    }
}

/* And one for its verdicts alone, with none. */
static void assert_verdicts_agree(const Case *c, VtMatchInput input)
{
    g_autoptr(GPtrArray) verdicts = NULL;

    input.verdicts = TRUE;
    verdicts = vt_rule_match_one(NULL, c->rule, &input);
    assert_int_equal(verdicts->len, c->findings->len);
    for (guint i = 0; i < verdicts->len; i++) {
        const VtFinding *a = g_ptr_array_index(verdicts, i);
        const VtFinding *b = g_ptr_array_index(c->findings, i);

        assert_int_equal(a->verdict, b->verdict);
        assert_true(g_strcmp0(a->device, b->device) == 0);
        assert_int_equal(a->evidence->len + a->changes->len, 0);
        assert_null(a->why);
        assert_non_null(a->reason);
    }
}

static VtFinding *match(Case *c)
{
    VtMatchInput input = {
        .profile = c->profile, .host = c->host, .assume_guest_drivers = c->assume};

    if (!c->domain)
        c->domain = test_domain("", NULL);
    input.domain = c->domain;
    g_clear_pointer(&c->findings, g_ptr_array_unref);
    c->findings = vt_rule_match_one(NULL, c->rule, &input);
    assert_true(c->findings->len > 0);
    assert_brief_agrees(c, input);
    assert_verdicts_agree(c, input);
    return g_ptr_array_index(c->findings, 0);
}

static void assert_verdict(Case *c, VtVerdict verdict, const char *reason)
{
    const VtFinding *finding = match(c);

    if (finding->verdict != verdict)
        fail_msg("%s, not %s: %s", vt_verdict_name(finding->verdict), vt_verdict_name(verdict),
                 finding->reason);
    if (!strstr(finding->reason, reason))
        fail_msg("expected “%s”, got “%s”", reason, finding->reason);
}

static const VtFinding *finding_of(const Case *c, const char *device)
{
    for (guint i = 0; i < c->findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(c->findings, i);

        if (g_strcmp0(finding->device, device) == 0)
            return finding;
    }
    fail_msg("no finding of %s", device);
    return NULL;
}

/* The order: each verdict with everything that comes later in it also true. */

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
        cmocka_unit_test(test_devices),
        cmocka_unit_test(test_devices_apart),
        cmocka_unit_test(test_no_device),
        cmocka_unit_test(test_pending),
        cmocka_unit_test(test_pending_whole_domain),
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
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_empty_set),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
